"""The configuration as one frozen value; whatever is wrong stops the start with one line.

Values come, the later winning, from ``mailflow.toml`` (or its defaults), systemd credentials named
``section.key``, and environment variables named ``MAILFLOW_SECTION__KEY``.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from mailflow.core.calendar import Workdays
from mailflow.core.offices import Offices, RoutingPolicy
from mailflow.errors import MASK, ConfigurationError
from mailflow.holidays import workdays
from mailflow.settings.offices_file import OfficesFile
from mailflow.settings.sections import (
    Alerts,
    Answers,
    Central,
    Database,
    Imap,
    Lmtp,
    Manager,
    Paths,
    Reading,
    Routing,
    Scan,
    Section,
    Smtp,
    TargetDays,
    Trust,
)
from mailflow.settings.sources import (
    Overrides,
    credential,
    find_directory,
    overrides,
    read_secret,
    read_toml,
)
from mailflow.settings.wording import as_configuration_error

__all__ = ["Settings", "load", "load_offices"]

AnySection = TypeVar("AnySection", bound=Section)
AnyHost = TypeVar("AnyHost", Imap, Smtp, Alerts)
AnyServer = TypeVar("AnyServer", Imap, Smtp)


class _File(Section):
    """``mailflow.toml``, table by table."""

    central: Central
    imap: Imap = Imap()
    smtp: Smtp = Smtp()
    alerts: Alerts = Alerts()
    lmtp: Lmtp = Lmtp()
    database: Database = Database()
    paths: Paths = Paths()
    manager: Manager
    answers: Answers = Answers()
    targets: TargetDays = TargetDays()
    trust: Trust = Trust()
    reading: Reading = Reading()
    routing: Routing = Routing()
    scan: Scan = Scan()


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator decides. All paths are absolute; passwords are ``SecretStr``."""

    directory: Path
    central: Central
    imap: Imap
    smtp: Smtp
    alerts: Alerts
    lmtp: Lmtp
    database: Database
    paths: Paths
    manager: Manager
    answers: Answers
    targets: TargetDays
    trust: Trust
    reading: Reading
    routing: Routing
    scan: Scan
    offices: Offices

    def make_state_folder(self) -> None:
        """Make the folder of the database where it is missing; raises ``ConfigurationError``."""
        state = self.paths.state
        try:
            state.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                file=self.directory / "mailflow.toml",
                key="paths.state",
                value=str(state),
                problem=f"cannot be made a folder: {error.strerror}",
                remedy="correct the path, or the rights above it",
            ) from error

    @property
    def workdays(self) -> Workdays:
        """The calendar of the city."""
        return workdays(self.central.state, self.central.closed_days)

    @property
    def policy(self) -> RoutingPolicy:
        """When an office is asked without the manager."""
        return self.routing.as_policy(self.central.language)


def load(directory: Path | None, environ: Mapping[str, str], *, secrets: bool = True) -> Settings:
    """Read, check and freeze the configuration; raises ``ConfigurationError`` at the first fault.

    ``directory`` is what --config named. Without ``secrets`` no password is looked for: enough for
    commands that talk to no server.
    """
    folder = find_directory(directory, environ)
    path = folder / "mailflow.toml"
    passed = overrides(_sections(), environ)
    file = _validated(path, passed)
    offices = load_offices(folder / "offices.toml")
    _refuse_own_address(path, file)
    _refuse_return_path(path, file)
    _refuse_mixed_addresses(folder / "offices.toml", file, offices)
    paths = _located(file.paths, folder)
    if state := environ.get("STATE_DIRECTORY", "").partition(":")[0]:
        paths = paths.model_copy(update={"state": Path(state)})
    if ("database", "url") not in passed:
        _refuse_open_url(path, file.database)
    imap = file.imap.model_copy(update={"user": file.imap.user or file.central.address})
    facts: dict[str, Any] = {name: getattr(file, name) for name in _File.model_fields}
    facts |= {
        "central": _with_key(_located(file.central, folder), environ),
        "imap": _server(path, imap, folder, "imap", secrets=secrets),
        "smtp": _server(path, file.smtp, folder, "smtp", secrets=secrets),
        "alerts": _certified(path, file.alerts, folder, "alerts"),
        "database": file.database.model_copy(
            update={"url": _in_state(file.database.url, paths.state)}
        ),
        "paths": paths,
    }
    _refuse_missing(path, "paths.templates", paths.templates)
    return Settings(directory=folder, offices=offices, **facts)


def load_offices(path: Path) -> Offices:
    """Read ``offices.toml``; raises ``ConfigurationError``."""
    raw = read_toml(path)
    try:
        offices = OfficesFile.model_validate(raw).as_offices()
    except ValidationError as error:
        raise as_configuration_error(error, OfficesFile, path, raw, {}) from None
    _refuse_doubles(path, offices)
    return offices


def _sections() -> dict[str, type[BaseModel]]:
    fields = _File.model_fields.items()
    return {name: kind for name, field in fields if isinstance(kind := field.annotation, type)}


def _validated(path: Path, layers: Overrides) -> _File:
    raw = read_toml(path)
    for section, key in (("imap", "password"), ("smtp", "password")):
        if isinstance(table := raw.get(section), dict) and key in table:
            raise ConfigurationError(
                file=path,
                key=f"{section}.{key}",
                problem="must not stand in this file",
                remedy=f"write it into the file named by {section}.password_file",
            )
    for (section, key), (value, _) in layers.items():
        table = raw.setdefault(section, {})
        if isinstance(table, dict):
            table[key] = value
    origins = {place: origin for place, (_, origin) in layers.items()}
    try:
        return _File.model_validate(raw)
    except ValidationError as error:
        raise as_configuration_error(error, _File, path, raw, origins) from None


def _located(section: AnySection, folder: Path) -> AnySection:
    """Make a section's paths absolute: they are relative to the file that names them."""
    located = {
        key: folder / value
        for key in type(section).model_fields
        if isinstance(value := getattr(section, key), Path)
    }
    return section.model_copy(update=located)


def _with_key(central: Central, environ: Mapping[str, str]) -> Central:
    """Take the key from systemd's credentials where it is passed there."""
    passed = credential(central.key_file.name, environ)
    return central.model_copy(update={"key_file": passed}) if passed else central


def _certified(path: Path, section: AnyHost, folder: Path, name: str) -> AnyHost:
    """Locate the files of a mail server's section, and look at its certificate authority."""
    server = _located(section, folder)
    _refuse_missing(path, f"{name}.ca_file", server.ca_file)
    _refuse_no_certificate(path, f"{name}.ca_file", server.ca_file)
    return server


def _server(path: Path, section: AnyServer, folder: Path, name: str, *, secrets: bool) -> AnyServer:
    """Locate the files of a mail server's section, and read its password."""
    server = _certified(path, section, folder, name)
    user = server.user
    if secrets and user and not server.password.get_secret_value():
        if server.password_file is None:
            raise ConfigurationError(
                file=path,
                key=f"{name}.password_file",
                problem="is empty although there is a user",
                remedy="name a file that holds the password",
            )
        password = read_secret(server.password_file, f"{name}.password_file")
        return server.model_copy(update={"password": password})
    return server


def _in_state(url: str, state: Path) -> str:
    """Place a relative SQLite file in the state folder."""
    scheme, _, rest = url.partition("://")
    name = rest.removeprefix("/")
    if scheme != "sqlite" or name.startswith(("/", ":memory:")):
        return url
    return f"sqlite:///{state / name}"


def _refuse_missing(file: Path, key: str, path: Path | None) -> None:
    if path is not None and not path.exists():
        raise ConfigurationError(
            file=file,
            key=key,
            value=str(path),
            problem="does not exist",
            remedy="create it, or correct the path (relative to the file that names it)",
        )


def _refuse_no_certificate(file: Path, key: str, path: Path | None) -> None:
    if path is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=str(path))
    except ssl.SSLError:
        problem, remedy = "holds no certificate", "name a file of certificates in PEM"
    except OSError as error:
        problem, remedy = f"cannot be read: {error.strerror}", "correct its owner and rights"
    else:
        return
    raise ConfigurationError(file=file, key=key, value=str(path), problem=problem, remedy=remedy)


def _refuse_open_url(path: Path, database: Database) -> None:
    """Refuse a database password in a file that others may read."""
    if database.has_password and path.stat().st_mode & 0o077:
        raise ConfigurationError(
            file=path,
            key="database.url",
            value=MASK,
            problem="holds a password that others can read",
            remedy=f"chmod 600 {path}, or pass it as the systemd credential database.url",
        )


def _refuse_doubles(path: Path, offices: Offices) -> None:
    """Refuse two offices with one id, name or address: a reply must have exactly one author."""
    seen: dict[str, str] = {}
    for office in offices:
        facts = [("id", office.id), ("name", office.name.casefold()), ("address", office.address)]
        facts += [("members", member) for member in office.members]
        for key, value in facts:
            kind = "address" if "@" in value else key
            if (earlier := seen.setdefault(f"{kind} {value}", office.id)) != office.id or (
                key == "id" and offices.by_id(value) is not office
            ):
                raise ConfigurationError(
                    file=path,
                    key=f"office.{office.id}.{key}",
                    value=value,
                    problem=f"is used by the office {earlier} already",
                    remedy="give every office its own",
                )


def _refuse_own_address(path: Path, file: _File) -> None:
    """Refuse the central address as a manager's: digests would come back as new mail."""
    if file.central.address in file.manager.addresses:
        raise ConfigurationError(
            file=path,
            key="manager.addresses",
            value=file.manager.addresses,
            problem="holds central.address",
            remedy="name the mailbox that the manager reads",
        )


def _refuse_return_path(path: Path, file: _File) -> None:
    """Refuse a return path with a token where reports to such an address would not reach us."""
    if file.smtp.return_path == "token" and not file.central.plus_addressing:
        raise ConfigurationError(
            file=path,
            key="smtp.return_path",
            value=file.smtp.return_path,
            problem="needs central.plus_addressing",
            remedy='set it to "central", or central.plus_addressing = true',
        )


def _refuse_mixed_addresses(path: Path, file: _File, offices: Offices) -> None:
    """Refuse an office that is reached at the central address or a manager's."""
    own = {file.central.address: "central.address"}
    own |= dict.fromkeys(file.manager.addresses, "manager.addresses")
    for office in offices:
        for key, address in (
            ("address", office.address),
            *(("members", a) for a in office.members),
            *(("deputy", a) for a in (office.deputy,) if a == file.central.address),
            *(("head", a) for a in (office.head,) if a == file.central.address),
        ):
            if address in own:
                raise ConfigurationError(
                    file=path,
                    key=f"office.{office.id}.{key}",
                    value=address,
                    problem=f"is {own[address]} of mailflow.toml, too",
                    remedy="an office needs an address of its own",
                )
