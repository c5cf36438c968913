"""A copy of a SQLite database while others use it: whole, or none."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import mkstemp

from sqlalchemy.engine import make_url

from mailflow.errors import MailflowError

__all__ = ["BackupError", "back_up", "copy_whole"]


class BackupError(MailflowError):
    """{database} was not copied: {problem}; {remedy}."""


def back_up(url: str, target: Path) -> int:
    """Copy the database of a configuration into a new file that only its owner reads.

    Give the copy's size in bytes; raises BackupError, and leaves no file then.
    """
    parsed = make_url(url)
    shown, source = parsed.render_as_string(hide_password=True), Path(parsed.database or "")
    if parsed.get_backend_name() != "sqlite":
        raise BackupError(database=shown, problem="it is not SQLite", remedy="use pg_dump")
    if not source.exists():
        raise BackupError(database=shown, problem="there is none", remedy="see database.url")
    if target.exists():
        raise BackupError(
            database=shown, problem=f"{target} is there already", remedy="name another file"
        )
    if not target.parent.is_dir():
        raise BackupError(
            database=shown, problem=f"there is no folder {target.parent}", remedy="make it first"
        )
    try:
        copy_whole(source, target)
    except PermissionError as error:
        problem = f"{error.strerror}: {target.parent}"
        remedy = "name a folder that this user may write to"
        raise BackupError(database=shown, problem=problem, remedy=remedy) from error
    except (sqlite3.Error, OSError) as error:
        raise BackupError(database=shown, problem=str(error), remedy="try again later") from error
    return target.stat().st_size


def copy_whole(source: Path, target: Path) -> None:
    """Copy a database in one step; raises sqlite3.Error or OSError, and leaves no file then.

    Copied page by page, every commit of the service would begin the copy anew. In one step each
    commit waits for it; one that has waited too long is tried again, as while any lock lasts.
    What is not whole yet lies beside it, under a name that nobody else has.
    """
    handle, name = mkstemp(".part", f"{target.name}.", target.parent)
    part = Path(name)
    try:
        os.close(handle)
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(part)) as new:
            old.backup(new)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
        Path(f"{part}-journal").unlink(missing_ok=True)
