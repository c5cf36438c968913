"""The key file: what tokens, references and Message-IDs are made with.

Each line holds a key's one-letter id and 64 hexadecimal digits: ``a 3f...``. The last line's key
signs, all of them verify; the first names what must never change. Whoever loses the file makes
every open thread unrecognisable, whoever reads it can forge all of them.
"""

import os
import re
import secrets
import stat
from pathlib import Path

from mailflow.core.tracking import Keyring
from mailflow.errors import KeyFileError

__all__ = ["create", "load", "load_or_create"]

_LINE = re.compile(r"([a-z]) ([0-9a-f]{64})")
_KEY_BYTES = 32
_LARGEST = 65_536  # bytes


def load_or_create(path: Path) -> Keyring:
    """Read the key file, making it first where it is missing; raises ``KeyFileError``."""
    if not path.exists():
        create(path)
    return load(path)


def create(path: Path) -> None:
    """Write a new key file with mode 0600; one that exists already is left alone.

    It appears complete or not at all, also when two processes create it at once.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"a {secrets.token_hex(_KEY_BYTES)}\n")
            file.flush()
            os.fsync(file.fileno())
        _publish(draft, path)
    except OSError as error:
        raise KeyFileError(
            file=path,
            key="central.key_file",
            problem=f"cannot be made: {error.strerror}",
            remedy="correct the folder's rights, or name another place",
        ) from error


def _publish(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)  # unlike a rename, this never replaces a key that is in use
    except FileExistsError:
        return
    finally:
        draft.unlink()
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
            key="central.key_file",
            problem=f"cannot be read: {error.strerror}",
            remedy="run `mailflow check`, which makes it where it is missing, or correct its owner",
        ) from error
    keys: dict[str, bytes] = {}
    for number, line in enumerate(lines, 1):
        match = _LINE.fullmatch(line.strip())
        if not match or match[1] in keys:
            raise _damaged(path, f"line {number} is not a new letter and 64 hexadecimal digits")
        keys[match[1]] = bytes.fromhex(match[2])
    if not keys:
        raise _damaged(path, "it holds no key")
    return Keyring(keys=keys, current=list(keys)[-1])


def _refuse_open(path: Path) -> None:
    """Refuse a key that others may read; systemd guards its credentials itself."""
    mode = path.stat().st_mode
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if mode & (stat.S_IRWXG | stat.S_IRWXO) and not (
        credentials and path.is_relative_to(credentials)
    ):
        raise KeyFileError(
            file=path,
            key="central.key_file",
            problem=f"is open to others (mode {stat.S_IMODE(mode):04o})",
            remedy=f"chmod 600 {path}",
        )


def _damaged(path: Path, problem: str) -> KeyFileError:
    return KeyFileError(
        file=path,
        key="central.key_file",
        problem=f"is damaged: {problem}",
        remedy="restore it from the backup; a new key would not recognise the open threads",
    )
