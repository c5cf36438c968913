"""Whose are the files that root makes beside a database: the service's, which must open them."""

import os
from contextlib import suppress
from pathlib import Path
from stat import S_IWGRP

__all__ = ["belong_to_service", "is_anothers", "leads_home", "make_for_service"]


def belong_to_service(new: Path, database: Path) -> None:
    """Give a file that root has just made to whom the database belongs, or else its folder."""
    if os.geteuid() == 0:
        made = os.open(new, os.O_RDONLY | os.O_NOFOLLOW)
        try:
            _give(made, _pattern(database))
        finally:
            os.close(made)


def make_for_service(file: Path, database: Path) -> None:
    """Make an empty file where root finds none; what fails here, its opening tells.

    One that is there is left alone: the folder's owner may have made it a link to any other.
    """
    if os.geteuid() != 0:
        return
    with suppress(OSError):
        pattern = _pattern(database)
        made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _give(made, pattern)
        finally:
            os.close(made)


def is_anothers(link: Path, target: Path) -> bool:
    """Whether a link, unless root made it, leads root to a file of somebody else's than its own."""
    return os.geteuid() == 0 and not leads_home(link, target)


def leads_home(link: Path, target: Path) -> bool:
    """Whether root made a link, or it leads to a file of its maker's own: no other's is named."""
    return link.lstat().st_uid in (0, target.lstat().st_uid)


def _pattern(database: Path) -> os.stat_result:
    return (database if database.exists() else database.parent).stat()


def _give(made: int, pattern: os.stat_result) -> None:
    """Let an open file belong to whom the pattern does; where that is root, to a group that writes.

    In a folder of root's the service works by its group.
    """
    os.fchown(made, pattern.st_uid, pattern.st_gid)
    if not pattern.st_uid and pattern.st_mode & S_IWGRP:
        os.fchmod(made, 0o660)
