"""The key file: what tokens, references and Message-IDs are made with.

Each line holds a key's one-letter id and 64 hexadecimal digits: ``a 3f...``. The last line's key
signs; the others verify what they once signed, to the end of the day their line names, in UTC
(``a 3f... until 2027-12-31``), or up to the moment they were revoked (``a 3f... revoked
2026-11-28T05:40:00+00:00``; without the moment: never). The first names what must never change.
Whoever loses the file makes every open thread unrecognisable, whoever reads it can forge all.
"""

import os
import re
import secrets
import stat
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from mailflow.core.tracking import Keyring
from mailflow.errors import KeyFileError

__all__ = ["create", "load", "load_or_create", "revoke", "rotate"]

_LINE = re.compile(r"([a-z]) ([0-9a-f]{64})(?: (?:until (\d{4}-\d\d-\d\d)|(revoked)(?: (\S+))?))?")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_VERIFIES_FOR = timedelta(days=400)
_NEVER = datetime.min.replace(tzinfo=UTC)
_KEY_BYTES = 32
_LARGEST = 65_536  # bytes


def load_or_create(path: Path, knows_mail: Callable[[], bool]) -> Keyring:
    """Read the key file; raises ``KeyFileError``.

    Where it is missing it is made, but only for a fresh installation: ``knows_mail`` tells whether
    mail has been taken in, by the database or by the mailbox, which outlives it. With another key
    its replies would count as forged, and a rebuild would write to everybody once more.
    """
    if not path.exists():
        if knows_mail():
            raise KeyFileError(
                file=path,
                problem="is missing, and a new key would not recognise the open threads",
                remedy="restore it from the backup, or correct the name; only beside empty folders "
                "imap.processed and imap.quarantine a new one is made",
            )
        create(path)
    return load(path)


def create(path: Path) -> None:
    """Write a new key file with mode 0600; one that exists already is left alone.

    It appears complete or not at all, also when two processes create it at once.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _publish(_draft(path, f"a {secrets.token_hex(_KEY_BYTES)}\n"), path)
    except OSError as error:
        raise KeyFileError(
            file=path,
            problem=f"cannot be made: {error.strerror}",
            remedy="correct the folder's rights, or name another place",
        ) from error


def _draft(path: Path, text: str) -> Path:
    """Write a file of mode 0600 beside the key file, down to the disk; give where it lies."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return draft


def _publish(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)  # unlike a rename, this never replaces a key that is in use
    except FileExistsError:
        return
    finally:
        draft.unlink()
    _sync_folder(path)


def _sync_folder(path: Path) -> None:
    """Make the name of a file survive a power cut: it lies in its folder, not in the file."""
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def load(path: Path) -> Keyring:
    """Read the key file; raises ``KeyFileError`` when it is missing, damaged or open to others."""
    try:
        _refuse_open(path)
        with path.open("rb") as file:
            lines = file.read(_LARGEST).decode("ascii", "replace").splitlines()
    except OSError as error:
        raise KeyFileError(
            file=path,
            problem=f"cannot be read: {error.strerror}",
            remedy="restore it from the backup, or correct its owner",
        ) from error
    return _keyring(path, lines)


def _keyring(path: Path, lines: list[str]) -> Keyring:
    keys: dict[str, bytes] = {}
    ends: dict[str, datetime] = {}
    for number, line in enumerate(lines, 1):
        match = _LINE.fullmatch(line.strip())
        if not match or match[1] in keys:
            raise _damaged(path, f"line {number} is not a new letter and 64 hexadecimal digits")
        keys[match[1]] = bytes.fromhex(match[2])
        try:
            if match[3] or match[4]:
                ends[match[1]] = _end(match[3], match[5])
        except (ValueError, OverflowError):
            raise _damaged(path, f"line {number} names no moment that exists") from None
    if not keys:
        raise _damaged(path, "it holds no key")
    current = list(keys)[-1]
    if current in ends:
        raise _damaged(path, "its last key is revoked or has an end: it cannot sign")
    return Keyring(keys=keys, current=current, ends=ends)


def _end(until: str | None, revoked: str | None) -> datetime:
    """Give the moment from which on a key verifies nothing, in UTC."""
    if until:
        return datetime.combine(date.fromisoformat(until) + timedelta(days=1), time(), UTC)
    return datetime.fromisoformat(revoked).astimezone(UTC) if revoked else _NEVER


def rotate(path: Path, today: date) -> str:
    """Add a new key that signs from the next start on; give its letter.

    The one before goes on verifying for 400 days. Raises ``KeyFileError``.
    """
    ring = load(path)
    letter = next((each for each in _LETTERS if each not in ring.keys), "")
    if not letter:
        raise _damaged(path, "all 26 letters are used")
    until = f" until {(today + _VERIFIES_FOR).isoformat()}"
    lines = [line + until if line.startswith(f"{ring.current} ") else line for line in _lines(path)]
    _replace(path, [*lines, f"{letter} {secrets.token_hex(_KEY_BYTES)}"])
    return letter


def revoke(path: Path, letter: str, now: datetime) -> str:
    """Let a key verify nothing decided from ``now`` (aware) on; give the letter that signs then.

    The current one is replaced first. It holds from the next start on. A key revoked before stays
    revoked since then. Raises ``KeyFileError`` for a letter that is no key of the file.
    """
    ring = load(path)
    if letter not in ring.keys:
        raise KeyFileError(
            file=path,
            value=letter,
            problem="is no key of this file",
            remedy=f"it holds: {', '.join(ring.keys)}",
        )
    signs = rotate(path, now.date()) if letter == ring.current else ring.current
    moment = now.astimezone(UTC).isoformat(timespec="seconds")
    lines = [
        f"{line.partition(' until ')[0]} revoked {moment}"
        if line.startswith(f"{letter} ") and " revoked" not in line
        else line
        for line in _lines(path)
    ]
    _replace(path, lines)
    return signs


def _lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(encoding="ascii").splitlines()]


def _replace(path: Path, lines: list[str]) -> None:
    """Write the file anew, complete or not at all; no second file with keys stays behind."""
    try:
        draft = _draft(path, "".join(f"{line}\n" for line in lines))
        try:
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        _sync_folder(path)
    except OSError as error:
        raise KeyFileError(
            file=path,
            problem=f"cannot be written: {error.strerror}",
            remedy="run this where the file itself lies, not on systemd's copy of it",
        ) from error


def _refuse_open(path: Path) -> None:
    """Refuse a key that others may read; systemd guards its credentials itself."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise KeyFileError(
            file=path,
            problem="is a folder",
            remedy="name the file in it",
        )
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if mode & (stat.S_IRWXG | stat.S_IRWXO) and not (
        credentials and path.is_relative_to(credentials)
    ):
        raise KeyFileError(
            file=path,
            problem=f"is open to others (mode {stat.S_IMODE(mode):04o})",
            remedy=f"chmod 600 {path}",
        )


def _damaged(path: Path, problem: str) -> KeyFileError:
    return KeyFileError(
        file=path,
        problem=f"is damaged: {problem}",
        remedy="restore it from the backup; a new key would not recognise the open threads",
    )
