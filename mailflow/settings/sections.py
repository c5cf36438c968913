"""The sections of ``mailflow.toml``: their keys, defaults and rules, as values."""

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StrictBool,
    StrictInt,
    ValidationInfo,
    field_validator,
)

from mailflow.core.address import ascii_domain
from mailflow.core.calendar import Targets
from mailflow.core.encryption import is_loopback
from mailflow.core.offices import RoutingPolicy
from mailflow.holidays import workdays
from mailflow.secrecy import holds_secret

__all__ = [
    "Address",
    "Alerts",
    "Answers",
    "Central",
    "Database",
    "Imap",
    "Line",
    "Lmtp",
    "Manager",
    "OptionalAddress",
    "Paths",
    "Positive",
    "Reading",
    "Remedy",
    "Routing",
    "Section",
    "Security",
    "Smtp",
    "State",
    "TargetDays",
    "Trust",
    "as_tuple",
    "email_address",
]

State = Literal[
    "BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH"
]  # fmt: skip
Security = Literal["tls", "starttls", "none"]
_ADDRESS = re.compile(r"[a-z0-9!#$%&'*+/=?^_{|}~.-]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,45}")
_PREFIX = re.compile(r"[A-Z][A-Z0-9]{1,7}")
_LOST_HOUR = 2  # in Europe the clocks go from 2 to 3 in March
_DATABASES = ("sqlite", "postgresql", "postgresql+psycopg")
_ADDRESS_OF_DATABASE = re.compile(
    r"(?:[^:/]*(?::[^@]*)?@)?(?:\[[^/?\]]+\]|[^/:?\[\]@]+)?(?::[0-9]*)?(?:/[^?@]*)?(?:\?.*)?"
)
"""User and password, host, port, and the rest, as SQLAlchemy divides them; but no @ may follow the
first, as it would where one stands in a password, whose end would be taken for the host."""


class Remedy(ValueError):  # noqa: N818 - it is the cure that is raised to pydantic, with the complaint
    """A wrong value, and what to write instead."""

    def __init__(self, problem: str, remedy: str) -> None:
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{problem}; {remedy}")


def email_address(text: str) -> str:
    """Check a bare address and give it in lower case; raises ``Remedy``."""
    address = ascii_domain(text.strip().lower())
    if not _ADDRESS.fullmatch(address) or ".." in address:
        raise Remedy("is not an e-mail address", "write it bare, such as amt@stadt.example.org")
    return address


def _optional_address(text: str) -> str:
    return email_address(text) if text.strip() else ""


def _one_line(text: str) -> str:
    if not text.strip():
        raise Remedy("must not be empty", "write a name")
    if any(not letter.isprintable() for letter in text):
        raise Remedy("must be one line of text", "write a name without line breaks")
    return text.strip()


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise Remedy(
            "is not a host name or IP address",
            "write the bare name, such as mail.stadt.example.org",
        )
    return text


def _optional_host(text: str) -> str:
    return _host(text) if text else ""


def _optional_path(value: Any) -> Any:
    return None if value == "" else value


def as_tuple(value: Any) -> Any:
    """Give a TOML array as the tuple that frozen settings hold; anything else as it is."""
    return tuple(value) if isinstance(value, list) else value


Address = Annotated[str, AfterValidator(email_address)]
OptionalAddress = Annotated[str, AfterValidator(_optional_address)]
Line = Annotated[str, AfterValidator(_one_line)]
Host = Annotated[str, AfterValidator(_host)]
OptionalHost = Annotated[str, AfterValidator(_optional_host)]
Port = Annotated[StrictInt, Field(ge=1, le=65535)]
Positive = Annotated[StrictInt, Field(ge=1)]
OptionalPath = Annotated[Path | None, BeforeValidator(_optional_path)]


class Section(BaseModel):
    """One table of the file: frozen, and no key in it that mailflow does not know."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True
    )


class Central(Section):
    """``[central]``: the one address, and where it stands."""

    address: Address
    name: Line = "Key-Account-Management Wirtschaft"
    language: Literal["de", "en"] = "de"
    timezone: str = "Europe/Berlin"
    state: State = "NW"
    reference_prefix: str = "KAM"
    plus_addressing: StrictBool = True
    key_file: Path = Path("secret.key")
    closed_days: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone."""
        return ZoneInfo(self.timezone)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise Remedy(
                "is not a time zone", "write an IANA name such as Europe/Berlin"
            ) from error
        return name

    @field_validator("reference_prefix")
    @classmethod
    def _plain_prefix(cls, prefix: str) -> str:
        if not _PREFIX.fullmatch(prefix):
            raise Remedy("is no prefix", "use 2 to 8 capital letters and digits, such as KAM")
        return prefix

    @field_validator("plus_addressing")
    @classmethod
    def _one_plus(cls, plus: bool, info: ValidationInfo) -> bool:
        if plus and "+" in info.data.get("address", "").partition("@")[0]:
            raise Remedy(
                "cannot work with a + in central.address",
                "use an address without +, or plus_addressing = false",
            )
        return plus

    @field_validator("closed_days")
    @classmethod
    def _closed(cls, days: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for day in days:
            try:
                workdays(info.data.get("state", "NW"), (day,))
            except ValueError as error:
                raise Remedy(
                    f'holds no day in "{day}"',
                    'write "12-24" for every year, "2026-06-05" for one day, or "rosenmontag"',
                ) from error
        return days


class _Host(Section):
    host: Host = "127.0.0.1"
    security: Security = "tls"

    @field_validator("security")
    @classmethod
    def _no_plain_text(cls, security: Security, info: ValidationInfo) -> Security:
        host = info.data.get("host", "")
        if security == "none" and host and not is_loopback(host):
            raise Remedy(
                f"would send mail and password unencrypted to {host}",
                'write "tls" or "starttls"; "none" is only for 127.0.0.1, ::1 and localhost',
            )
        return security


class _Server(_Host):
    client_id: str = ""
    scope: str = ""
    token_url: str = ""

    @field_validator("token_url")
    @classmethod
    def _encrypted_and_named(cls, url: str, info: ValidationInfo) -> str:
        if not url:
            return url
        parts = _split(url)
        if parts.scheme != "https" and not (
            parts.scheme == "http" and is_loopback(parts.hostname or "")
        ):
            raise Remedy(
                "would send the client's secret unencrypted", 'write an address with "https://"'
            )
        if "@" in parts.netloc:
            raise Remedy(
                "names a user",
                "leave user and password out: the client's secret stands in the password file",
            )
        if not info.data.get("client_id"):
            raise Remedy("needs a client_id", "write the id under which mailflow is registered")
        return url


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:
        raise Remedy("is not a web address", 'write it like "https://host/path"') from error


class Imap(_Server):
    """``[imap]``: the mailbox behind the central address."""

    port: Port = 993
    ca_file: OptionalPath = None
    user: str = ""
    password_file: OptionalPath = Path("imap.password")
    password: SecretStr = SecretStr("")
    inbox: Line = "INBOX"
    processed: Line = "Processed"
    quarantine: Line = "Quarantine"
    poll_seconds: Annotated[StrictInt, Field(ge=5, le=600)] = 60
    idle: StrictBool = True

    @field_validator("processed", "quarantine")
    @classmethod
    def _another_folder(cls, folder: str, info: ValidationInfo) -> str:
        earlier = {str(info.data.get(key, "")).casefold() for key in ("inbox", "processed")}
        if folder.casefold() in earlier:
            raise Remedy(
                "is used for another folder already", "give each of the three folders its own name"
            )
        return folder


class Smtp(_Server):
    """``[smtp]``: the submission server; an empty user means no login."""

    port: Port = 587
    security: Security = "starttls"
    ca_file: OptionalPath = None
    user: str = ""
    password_file: OptionalPath = Path("smtp.password")
    password: SecretStr = SecretStr("")
    receipts: Literal["company", "all", "none"] = "company"
    return_path: Literal["central", "token"] = "central"

    @field_validator("user")
    @classmethod
    def _named_for_token(cls, user: str, info: ValidationInfo) -> str:
        if info.data.get("token_url") and not user:
            raise Remedy("is needed beside smtp.token_url", "write the mailbox's own address")
        return user


class Alerts(_Host):
    """``[alerts]``: a second server for alerts, without login, while ``[smtp]`` takes nothing."""

    host: OptionalHost = ""
    port: Port = 25
    security: Security = "starttls"
    ca_file: OptionalPath = None

    @property
    def submission(self) -> Smtp | None:
        """The server as one that sends, None where none is named."""
        if not self.host:
            return None
        return Smtp(host=self.host, port=self.port, security=self.security, ca_file=self.ca_file)


class Lmtp(Section):
    """``[lmtp]``: where an MTA may deliver straight into mailflow; empty means nowhere."""

    listen: str = ""

    @property
    def address(self) -> tuple[str, int] | None:
        """Host and port to listen on, or None."""
        host, _, port = self.listen.rpartition(":")
        return (host.strip("[]"), int(port)) if self.listen else None

    @field_validator("listen")
    @classmethod
    def _host_and_port(cls, listen: str) -> str:
        host, colon, port = listen.rpartition(":")
        right = colon and port.isascii() and port.isdigit() and 0 < int(port) < 65536  # noqa: PLR2004
        if listen and not (right and _HOST.fullmatch(host.strip("[]"))):
            raise Remedy(
                "is not an address to listen on", 'write host and port, such as "127.0.0.1:8024"'
            )
        return listen


class Database(Section):
    """``[database]``: SQLite or PostgreSQL; the URL may hold a password and is not shown."""

    url: Annotated[str, Field(repr=False)] = "sqlite:///mailflow.db"

    @field_validator("url")
    @classmethod
    def _known_engine(cls, url: str) -> str:
        scheme, found, rest = url.partition("://")
        if not found or scheme not in _DATABASES or not rest.strip("/"):
            raise Remedy(
                "is not a database mailflow knows",
                'write "sqlite:///mailflow.db" or "postgresql://user@host/name"',
            )
        if scheme != "sqlite" and not _ADDRESS_OF_DATABASE.fullmatch(rest):
            raise Remedy(
                "is not host, port and name of a database",
                'write "postgresql://user@host:5432/name", an IPv6 address in brackets, and an @ '
                'within a name or password as "%40"',
            )
        return url

    @property
    def has_password(self) -> bool:
        """Whether the URL itself holds a secret."""
        return holds_secret(self.url)


class Paths(Section):
    """``[paths]``: the state folder, and the operator's own templates."""

    state: Path = Path("state")
    templates: OptionalPath = None


class Manager(Section):
    """``[manager]``: whose commands count, and when the digest is sent."""

    addresses: Annotated[tuple[Address, ...], BeforeValidator(as_tuple), Field(min_length=1)]
    digest_at: time = time(7, 30)

    @field_validator("digest_at", mode="before")
    @classmethod
    def _clock(cls, value: Any) -> Any:
        if isinstance(value, str) and re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", value):
            value = time.fromisoformat(value)
        if not isinstance(value, time) or value.tzinfo:
            raise Remedy("is not a time of day", 'write "07:30", with the quotes')
        if value.hour == _LOST_HOUR:
            raise Remedy("is in the hour the clock change takes away", "choose another hour")
        return value.replace(second=0, microsecond=0)


class Answers(Section):
    """``[answers]``: when the combined answer leaves, and whether by itself."""

    combine: Literal["all", "as-they-come"] = "all"
    release: Literal["auto", "manager"] = "auto"


class TargetDays(Section):
    """``[targets]``: workdays after an office was asked."""

    office_reply: Positive = 5
    reminders: Annotated[tuple[Positive, ...], BeforeValidator(as_tuple), Field(max_length=2)] = (
        3,
        5,
    )
    escalate: Positive = 8

    @field_validator("reminders")
    @classmethod
    def _rising(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if list(days) != sorted(set(days)):
            raise Remedy("must rise", "write them like [3, 5]")
        return days

    @field_validator("escalate")
    @classmethod
    def _last(cls, days: int, info: ValidationInfo) -> int:
        if days <= max(info.data.get("reminders", ()), default=0):
            raise Remedy("must come after the reminders", "write a larger number of workdays")
        return days

    def as_targets(self) -> Targets:
        """Give the targets as the calendar takes them."""
        return Targets(self.office_reply, self.reminders, self.escalate)


class Trust(Section):
    """``[trust]``: whose Authentication-Results are believed (RFC 8601 §7.1); first nobody's.

    ``unauthenticated_companies``: a company's mail joins its ticket without a result of theirs.
    ``strangers``: how many mails of unknown senders, for whom they do not vouch, are a flood.
    """

    authserv_ids: Annotated[tuple[Line, ...], BeforeValidator(as_tuple)] = ()
    unauthenticated_companies: StrictBool = False
    strangers: Positive = 300


class Scan(Section):
    """``[scan]``: clamd's socket, a path or host:port; empty means no scanner is asked."""

    socket: str = ""

    @field_validator("socket")
    @classmethod
    def _path_or_host(cls, address: str) -> str:
        host, colon, port = address.rpartition(":")
        right = colon and port.isascii() and port.isdigit() and _HOST.fullmatch(host.strip("[]"))
        if address and not address.startswith("/") and not right:
            raise Remedy(
                "is no socket", 'write its path, such as "/run/clamav/clamd.ctl", or host:port'
            )
        return address


class Reading(Section):
    """``[reading]``: limits of the process that parses mails."""

    max_bytes: Annotated[StrictInt, Field(ge=100_000)] = 50_000_000
    seconds: Annotated[StrictInt, Field(ge=1, le=600)] = 10


class Routing(Section):
    """``[routing]``: when an office is sure enough to be asked without the manager."""

    max_offices: Positive = 3
    min_score: Positive = 3

    def as_policy(self, language: str) -> RoutingPolicy:
        """Give the policy as routing takes it; ``language`` is the city's own."""
        return RoutingPolicy(self.min_score, self.max_offices, (language,))
