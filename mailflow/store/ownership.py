"""Whose are the files that root makes beside a database: the service's, which must open them."""

import os
from contextlib import suppress
from pathlib import Path

__all__ = ["belong_to_service", "make_for_service"]


def belong_to_service(new: Path, database: Path) -> None:
    """Give a file that root has just made to whom the database belongs, or else its folder."""
    if os.geteuid() == 0:
        os.chown(new, *_owner(database), follow_symlinks=False)


def make_for_service(file: Path, database: Path) -> None:
    """Make an empty file where root finds none; what fails here, its opening tells.

    One that is there is left alone: the folder's owner may have made it a link to any other.
    """
    if os.geteuid() != 0:
        return
    with suppress(OSError):
        owner = _owner(database)
        made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.chown(made, *owner)
        finally:
            os.close(made)


def _owner(database: Path) -> tuple[int, int]:
    found = (database if database.exists() else database.parent).stat()
    return found.st_uid, found.st_gid
