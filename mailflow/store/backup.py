"""A copy of a SQLite database while others use it, and its way back: whole, or none."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from itertools import chain, count
from pathlib import Path
from tempfile import mkstemp

from sqlalchemy import NullPool, create_engine, insert, literal, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from mailflow.errors import MailflowError
from mailflow.schema import Utc, mailbox, status
from mailflow.secrecy import shown_url
from mailflow.store.former import BEHIND
from mailflow.store.outbox import FROZEN
from mailflow.store.ownership import belong_to_service, is_anothers

__all__ = ["RESTORED", "BackupError", "RestoreError", "back_up", "copy_whole", "put_back"]

RESTORED = "nach einer Wiederherstellung der Datenbank ungewiss"
"""Why nothing goes out where a copy was put back: what went out since, it does not know."""

_OWN_FILES = ("", "-journal", "-wal", "-shm")
"""What SQLite keeps of a database: the file itself, and beside it what is not in there yet."""


_TABLES = {"mailbox", "mail", "outbox", "status", "alembic_version"}
_STATE = """
SELECT coalesce((SELECT version_num FROM alembic_version), ''), EXISTS (SELECT 1 FROM mail)
"""
_ANOTHER = "take another copy"


class BackupError(MailflowError):
    """{database} was not copied: {problem}; {remedy}."""


class RestoreError(MailflowError):
    """{copy} was not put in place: {problem}; {remedy}."""


def back_up(url: str, target: Path) -> int:
    """Copy the database of a configuration into a new file that only its owner reads.

    Give the copy's size in bytes; raises BackupError, and leaves no file then.
    """
    parsed = make_url(url)
    shown, source = shown_url(url), Path(parsed.database or "")
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
    with _copied(source, target) as part:
        part.replace(target)


@contextmanager
def _copied(source: Path, target: Path) -> Iterator[Path]:
    """Give a copy beside its target, under a name of its own, to be moved there."""
    handle, name = mkstemp(".part", f"{target.name}.", target.parent)
    part = Path(name)
    try:
        os.close(handle)
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(part)) as new:
            old.backup(new)
        yield part
    finally:
        part.unlink(missing_ok=True)
        Path(f"{part}-journal").unlink(missing_ok=True)


def put_back(url: str, copy: Path, now: datetime, knows: Callable[[str], bool]) -> Path | None:
    """Put a copy where the configuration has its database; nobody may be using that.

    Give where the database lies now that was there, None where none was. With it goes what SQLite
    keeps beside it: a journal that a kill left behind would be played into the copy. The copy says
    itself that it was put back, before it lies there. Its owner is that of the old one, or of the
    folder, as root may do this for the service. ``knows`` says of a schema's version whether this
    program does. Raises RestoreError, and changes nothing then.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise RestoreError(copy=copy, problem="the database is PostgreSQL", remedy="use pg_restore")
    if not copy.exists():
        raise RestoreError(copy=copy, problem="there is no such file", remedy="name a copy")
    target = _behind_link(Path(str(parsed.database)), copy)
    try:
        with _copied(copy, target) as part:
            _refuse_damaged(part, copy)
            _refuse_useless(part, copy, knows)
            _mark_restored(part, now)
            belong_to_service(part, target)
            aside = _moved_aside(target, now)
            part.replace(target)
    except (sqlite3.Error, SQLAlchemyError, OSError) as error:
        remedy = f"{_ANOTHER}, or see to the folder"
        raise RestoreError(copy=copy, problem=str(error), remedy=remedy) from error
    return aside


def _behind_link(database: Path, copy: Path) -> Path:
    """Give where a database lies that a link names: there it is replaced, and the link stays.

    Root follows none of the service's to a file that is not the service's: it would be moved away.
    """
    if database.is_symlink() and not database.exists():
        problem, remedy = f"the link {database} leads nowhere", "mount its disk, or remove the link"
        raise RestoreError(copy=copy, problem=problem, remedy=remedy)
    target = database.resolve()
    if database.is_symlink() and is_anothers(database, target):
        problem, remedy = f"the link {database} leads to another user's", "remove the link"
        raise RestoreError(copy=copy, problem=f"{problem} {target}", remedy=remedy)
    return target


def _refuse_damaged(part: Path, copy: Path) -> None:
    with closing(sqlite3.connect(part)) as opened:
        (found,) = opened.execute("PRAGMA integrity_check(1)").fetchone()
        tables = {name for (name,) in opened.execute("SELECT name FROM sqlite_schema")}
    if found != "ok":
        raise RestoreError(copy=copy, problem=f"it is damaged ({found})", remedy=_ANOTHER)
    if not tables >= _TABLES:
        raise RestoreError(copy=copy, problem="it is no database of mailflow", remedy=_ANOTHER)


def _refuse_useless(part: Path, copy: Path, knows: Callable[[str], bool]) -> None:
    """Refuse what is whole, and with which no start would go on."""
    with closing(sqlite3.connect(part)) as opened:
        version, has_mail = opened.execute(_STATE).fetchone()
    if not knows(version):
        problem = f"it was written by a newer mailflow (schema {version})"
        raise RestoreError(
            copy=copy, problem=problem, remedy=f"install that version first, or {_ANOTHER}"
        )
    if not has_mail:
        remedy = f"{_ANOTHER}, or make the database anew from the mailbox: mailflow rebuild"
        raise RestoreError(copy=copy, problem="there is no mail in it", remedy=remedy)


def _mark_restored(part: Path, now: datetime) -> None:
    """Let the next start freeze, also where the mailbox holds nothing that the copy lacks.

    The two rows are those of a database that has missed mails: until it is caught up with nothing
    goes out, whichever version starts on it, and then all that would go out is held.
    """
    plain = create_engine("sqlite://", creator=partial(sqlite3.connect, part), poolclass=NullPool)
    with plain.begin() as connection:
        for name, words in ((FROZEN, RESTORED), (BEHIND, "0")):
            marks = select(mailbox.c.id, literal(name), literal(now, Utc), literal(words))
            row = insert(status).prefix_with("OR REPLACE")
            connection.execute(row.from_select(["mailbox_id", "name", "at", "text"], marks))


def _moved_aside(target: Path, now: datetime) -> Path | None:
    """Move a database away with all its files, the database first: what is left is none then."""
    aside = _free_name(target, now)
    was_there = target.exists()
    for own in _OWN_FILES:
        if (file := Path(f"{target}{own}")).exists():
            file.rename(f"{aside}{own}")
    return aside if was_there else None


def _free_name(target: Path, now: datetime) -> Path:
    """Name what is moved away by its second, and by a number where something bears that name."""
    stamped = f"{target.name}.{now:%Y%m%dT%H%M%SZ}"
    numbers = chain([""], map(".{}".format, count(2)))
    names = (target.with_name(f"{stamped}{number}.replaced") for number in numbers)
    return next(
        name for name in names if not any(os.path.lexists(f"{name}{own}") for own in _OWN_FILES)
    )
