"""Bring the database's schema to this version, after a backup copy: the only user of Alembic."""

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from mailflow import migrations
from mailflow.errors import MailflowError
from mailflow.secrecy import shown_url
from mailflow.store.backup import copy_whole
from mailflow.store.engine import is_sqlite, limit_locks, reading, words_beside

__all__ = ["NewerDatabaseError", "knows", "newest", "upgrade", "version_of"]

_copies: dict[tuple[str, str], tuple[object, Path]] = {}
"""The copy this process has made of a database in a version, and of which state of its files."""


class NewerDatabaseError(MailflowError):
    """{database}: was written by a newer mailflow (schema {version}); install that version again, or restore the backup it made beside the database."""  # noqa: E501 - the docstring is the message, and one line


def _config() -> Config:
    config = Config()
    folder = str(Path(migrations.__file__).parent)
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config


def newest() -> str:
    """Give the newest schema version this program knows."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def version_of(engine: Engine) -> str:
    """Give the schema version of a database, "" for an empty one."""
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def knows(version: str) -> bool:
    """Tell whether this program knows a schema version; "", the empty database, it always does."""
    steps = ScriptDirectory.from_config(_config()).walk_revisions()
    return not version or any(step.revision == version for step in steps)


def upgrade(
    engine: Engine, alone: Callable[[], AbstractContextManager[object]] = nullcontext
) -> Path | None:
    """Apply the missing steps; give the backup made before, None where nothing was to be saved.

    ``alone`` is held while steps are taken in a database that others may work on: what it raises
    leaves the schema as it was. Raises NewerDatabaseError when the database knows steps that this
    program does not.
    """
    current = version_of(engine)
    if not knows(current):
        raise NewerDatabaseError(database=shown_url(str(engine.url)), version=current)
    if current == newest():
        return None
    if not current:
        _migrate(engine)
        return None
    with alone():
        backup = _back_up(engine, current)
        _migrate(engine)
    return backup


def _migrate(engine: Engine) -> None:
    # foreign keys stay off: a batch move of a parent table would delete its children
    words = {} if is_sqlite(engine) else words_beside(engine.url)
    plain = create_engine(engine.url, poolclass=NullPool, hide_parameters=True, connect_args=words)
    if is_sqlite(plain):
        event.listen(plain, "connect", _leave_begin_to_us)
        event.listen(plain, "begin", _begin)
    else:
        event.listen(plain, "connect", limit_locks)
    config = _config()
    with plain.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    plain.dispose()


def _leave_begin_to_us(connection: sqlite3.Connection, _record: Any) -> None:
    """Keep sqlite3 from committing before every change of a table: all steps are one commit."""
    connection.isolation_level = None


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _back_up(engine: Engine, version: str) -> Path | None:
    """Copy a SQLite database beside itself; other engines are backed up by their operator.

    A start that waits comes here again and again: one copy stands, of the database as it is.
    """
    database = engine.url.database
    if not is_sqlite(engine) or not database or not inspect(engine).get_table_names():
        return None
    state, older = _copies.get((database, version), (None, None))
    if older and older.exists() and state == _state(database):
        return older
    state = _state(database)  # before it is read: what is written meanwhile makes it another one
    copy = _copy(database, version)
    _copies[database, version] = state, copy
    if older and older != copy:
        older.unlink(missing_ok=True)
    return copy


def _state(database: str) -> object:
    """Give what changes when the database is written to."""
    files = [Path(database), Path(f"{database}-wal")]
    found = [file.stat() for file in files if file.exists()]
    return [(each.st_size, each.st_mtime_ns) for each in found]


def _copy(database: str, version: str) -> Path:
    """Make a whole copy or none; a full disk is raised as any error of a database that is away."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    target = Path(f"{database}.{version}.{stamp}.backup")
    try:
        copy_whole(Path(database), target)
    except (sqlite3.OperationalError, OSError) as error:
        raise OperationalError("copy before the upgrade", {}, error) from error
    return target
