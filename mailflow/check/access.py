"""What the service's user may do with files that root has put there: root itself may do all."""

import os
import pwd
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mailflow.check.findings import CheckLine, Level
from mailflow.parts import database_file
from mailflow.settings import Settings

__all__ = ["ServiceUser", "check_access", "may"]

_ENTER, _READ, _READ_AND_WRITE = 1, 4, 6
_ACCESS_LIST = "system.posix_acl_access"


@dataclass(frozen=True, slots=True)
class ServiceUser:
    """Whose the service is."""

    name: str
    uid: int
    groups: frozenset[int]


def check_access(settings: Settings) -> Iterator[CheckLine]:
    """Look, where root asks, what the service cannot read or write though root can."""
    user = _service_user(settings)
    if user is None:
        return
    found = (_shut_to(user, path) for path in _configuration(settings))
    for shut in dict.fromkeys(path for path in found if path):
        bit = "x" if shut.is_dir() else "r"
        message = f"{shut} is shut to {user.name}, as whom the service runs"
        yield CheckLine(Level.FAIL, "permissions", message, f"chmod o+{bit} {shut}")
    for path in _database(settings):
        if not _allows(path, user, _READ_AND_WRITE):
            message = f"{path} cannot be written by {user.name}, as whom the service runs"
            yield CheckLine(Level.FAIL, "permissions", message, f"chown {user.name} {path}")


def may(found: os.stat_result, user: ServiceUser, wanted: int) -> bool:
    """Whether owner and mode of a file let a user do this (the bits of one digit of the mode)."""
    group = 3 if found.st_gid in user.groups else 0
    shift = 6 if found.st_uid == user.uid else group
    return found.st_mode >> shift & wanted == wanted


def _allows(path: Path, user: ServiceUser, wanted: int) -> bool:
    """Whether a user may do this; one with an access list of its own has the benefit of doubt."""
    with suppress(OSError):
        if _ACCESS_LIST in os.listxattr(path):
            return True
    return may(path.stat(), user, wanted)


def _service_user(settings: Settings) -> ServiceUser | None:
    """Give the owner of the database's folder, or of the state folder; None where that is root."""
    if os.geteuid() != 0:
        return None
    database = database_file(settings)
    for folder in (database.parent if database else settings.paths.state, settings.paths.state):
        if folder.exists() and (found := folder.stat()).st_uid != 0:
            return _user(found.st_uid, found.st_gid)
    return None


def _user(uid: int, gid: int) -> ServiceUser:
    try:
        known = pwd.getpwuid(uid)
    except KeyError:  # systemd's DynamicUser=, while it does not run
        return ServiceUser(str(uid), uid, frozenset({gid}))
    groups = os.getgrouplist(known.pw_name, known.pw_gid)
    return ServiceUser(known.pw_name, uid, frozenset(groups))


def _configuration(settings: Settings) -> Iterator[Path]:
    """Give the files that the service reads itself; secrets systemd may read for it."""
    yield settings.directory / "mailflow.toml"
    yield settings.directory / "offices.toml"
    authorities = (settings.imap.ca_file, settings.smtp.ca_file, settings.alerts.ca_file)
    yield from (each for each in authorities if each)
    if settings.paths.templates:
        yield from sorted(settings.paths.templates.glob("*.*"))


def _shut_to(user: ServiceUser, path: Path) -> Path | None:
    """Give what keeps a user from a file: a folder above it, or itself; None where nothing does."""
    folders = (each for each in reversed(path.parents) if not _allows(each, user, _ENTER))
    return next(folders, None if _allows(path, user, _READ) else path)


def _database(settings: Settings) -> Iterator[Path]:
    file = database_file(settings)
    names = (f"{file}{own}" for own in ("", "-journal", "-wal", "-shm")) if file else ()
    yield from (each for each in map(Path, names) if each.exists())
