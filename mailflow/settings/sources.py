"""Where settings are written: TOML files, the environment, systemd credentials, secret files."""

import json
import re
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_origin

from pydantic import BaseModel, SecretStr

from mailflow.errors import ConfigurationError
from mailflow.settings.wording import did_you_mean

__all__ = ["Overrides", "credential", "find_directory", "overrides", "read_secret", "read_toml"]

_PREFIX = "MAILFLOW_"
_NESTED = "__"
_CREDENTIALS = "CREDENTIALS_DIRECTORY"
_LARGEST_SECRET = 65_536  # bytes
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

Overrides = dict[tuple[str, str], tuple[Any, Path | str]]  # (section, key) -> (value, where from)


def find_directory(given: Path | None, environ: Mapping[str, str]) -> Path:
    """Give the configuration folder, absolute: --config, $MAILFLOW_CONFIG, ./config, /etc/mailflow.

    What is named explicitly must hold ``mailflow.toml``; raises ``ConfigurationError``.
    """
    named = given or (
        Path(environ[f"{_PREFIX}CONFIG"]) if environ.get(f"{_PREFIX}CONFIG") else None
    )
    candidates = [named] if named else [Path("config"), Path("/etc/mailflow")]
    for directory in candidates:
        if (directory / "mailflow.toml").is_file():
            return directory.absolute()
    raise ConfigurationError(
        file=candidates[0] / "mailflow.toml",
        key="file",
        problem="not found" + ("" if named else ", nor in /etc/mailflow"),
        remedy="name the folder with --config DIR or $MAILFLOW_CONFIG, "
        "or copy the example folder config/ there",
    )


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file; raises ``ConfigurationError`` when it is missing, unreadable or broken."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        problem, remedy = f"is not TOML: {error}", "correct this line"
    except UnicodeDecodeError as error:
        problem, remedy = f"is not UTF-8 at byte {error.start}", "save it as UTF-8"
    except OSError as error:
        problem, remedy = (
            f"cannot be read: {error.strerror}",
            "create it, or correct its owner and rights",
        )
    raise ConfigurationError(file=path, key="file", problem=problem, remedy=remedy)


def overrides(sections: Mapping[str, type[BaseModel]], environ: Mapping[str, str]) -> Overrides:
    """Gather what the environment and systemd's credentials say instead of the file.

    ``MAILFLOW_IMAP__PORT=1143`` wins over a credential ``imap.port``, which wins over the file.
    """
    found = _credentials(sections, environ)
    for name, text in environ.items():
        section, nested, key = name.removeprefix(_PREFIX).lower().partition(_NESTED)
        if not name.startswith(_PREFIX) or not nested:
            continue
        if section not in sections:
            raise ConfigurationError(
                file="environment",
                key=name,
                problem="names no section mailflow knows",
                remedy=did_you_mean(section, list(sections)),
            )
        found[section, key] = (_typed(sections[section], key, text), f"environment {name}")
    return found


def _credentials(sections: Mapping[str, type[BaseModel]], environ: Mapping[str, str]) -> Overrides:
    found: Overrides = {}
    for section, model in sections.items():
        for key in model.model_fields:
            path = credential(f"{section}.{key}", environ)
            if path:
                found[section, key] = (_typed(model, key, _read(path, f"{section}.{key}")), path)
    return found


def credential(name: str, environ: Mapping[str, str]) -> Path | None:
    """Give the file of a systemd credential (LoadCredential=), or None."""
    directory = environ.get(_CREDENTIALS)
    path = Path(directory) / name if directory else None
    return path if path and path.is_file() else None


def _typed(model: type[BaseModel], key: str, text: str) -> Any:
    """Make of a text what the key holds; what does not fit stays text and is refused later."""
    field = model.model_fields.get(key)
    wanted = field.annotation if field else str
    if wanted is int:
        return int(text) if re.fullmatch(r"-?\d{1,18}", text) else text
    if wanted is bool:
        return _BOOLEANS.get(text.strip().lower(), text)
    if get_origin(wanted) is tuple:
        return _listed(text)
    if wanted in (Path, Path | None) and text:
        return str(Path(text).absolute())
    return text


def _listed(text: str) -> Any:
    if text.lstrip().startswith("["):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return [part.strip() for part in text.split(",") if part.strip()]


def read_secret(path: Path, key: str) -> SecretStr:
    """Read a file only its owner may read; raises ``ConfigurationError``."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise ConfigurationError(
            file=path,
            key=key,
            problem=f"cannot be read: {error.strerror}",
            remedy="write the password into this file and chmod 600 it",
        ) from error
    if stat.S_ISDIR(mode):
        raise ConfigurationError(
            file=path, key=key, problem="names a folder", remedy="name the file in it"
        )
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(
            file=path,
            key=key,
            problem=f"is open to others (mode {stat.S_IMODE(mode):04o})",
            remedy=f"chmod 600 {path}",
        )
    return SecretStr(_read(path, key))


def _read(path: Path, key: str) -> str:
    """Read a short text without its line end."""
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST_SECRET).decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            file=path, key=key, problem="is not UTF-8 text", remedy="save it as UTF-8"
        ) from error
    except OSError as error:
        raise ConfigurationError(
            file=path,
            key=key,
            problem=f"cannot be read: {error.strerror}",
            remedy="correct its owner and rights",
        ) from error
    if not text:
        raise ConfigurationError(
            file=path, key=key, problem="is empty", remedy="write the secret into it"
        )
    return text
