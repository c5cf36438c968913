"""One mailflow at a time reads the mailbox. The lease ends with the process that holds it."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from mailflow.errors import MailflowError
from mailflow.secrecy import shown_url
from mailflow.settings import Settings
from mailflow.store.engine import is_sqlite
from mailflow.store.ownership import leads_home, make_for_service

__all__ = ["AlreadyRunningError", "Lease", "leased"]


class AlreadyRunningError(MailflowError):
    """Another mailflow already works on {database}; stop it first, or use another database."""


class Lease:
    """The right to read the mailbox: a lock that no crash can leave behind.

    With SQLite a lock on a file beside the database; with PostgreSQL an advisory lock, held by a
    connection of its own, so that of several nodes one reads and the others send.
    """

    def __init__(self, engine: Engine, address: str, state: Path) -> None:
        self._engine = engine
        self._key = int.from_bytes(hashlib.sha256(address.lower().encode()).digest()[:7])
        self._state = state
        self._file: IO[str] | None = None
        self._connection: Connection | None = None

    def take(self) -> bool:
        """Take the lease, or keep it; False when another process holds it."""
        if is_sqlite(self._engine):
            return self._file is not None or self._lock_file()
        return self._holds_lock() or self._lock_row()

    def _lock_file(self) -> bool:
        file = _open(self._engine.url, self._state)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def _lock_row(self) -> bool:
        connection = self._engine.connect()
        query = text("SELECT pg_try_advisory_lock(:key)")
        try:
            if connection.execute(query, {"key": self._key}).scalar():
                connection.commit()
                self._connection = connection
        finally:
            if self._connection is None:
                connection.close()
        return self._connection is not None

    def _holds_lock(self) -> bool:
        """Whether the connection that holds the lock still lives, and the lock with it."""
        if self._connection is None:
            return False
        try:
            self._connection.execute(text("SELECT 1"))
            self._connection.commit()
        except SQLAlchemyError:  # whatever broke the line has also ended the lock
            self._drop()
            return False
        return True

    def release(self) -> None:
        """Give the lease back."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._connection is not None:
            with suppress(SQLAlchemyError):  # a lost line has released it already
                query = text("SELECT pg_advisory_unlock(:key)")
                self._connection.execute(query, {"key": self._key})
            self._drop()

    def _drop(self) -> None:
        """Close the connection for good: no pool may hand out one that still holds the lock."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def _lock_of(url: URL, state: Path) -> Path:
    """Give the lock's file: beside the database, whatever folder a process calls its state."""
    if url.database in (None, "", ":memory:"):
        return state / "mailflow.lock"
    return _where_it_lies(Path(str(url.database))).with_suffix(".lock")


def _where_it_lies(database: Path) -> Path:
    """Give one name of a database, by whatever links a process knows it.

    A link that names another user's file is followed by nobody: root would make the lock there.
    """
    if not database.is_symlink() or not database.exists():
        return database
    target = database.resolve()
    return target if leads_home(database, target) else database


def _open(url: URL, state: Path) -> IO[str]:
    """Open the lock's file; one that root left there may only be read, and that does."""
    lock, database = _lock_of(url, state), Path(str(url.database))
    make_for_service(lock, database if database.exists() else lock)
    try:
        return open(lock, "a", encoding="ascii", opener=_no_link)
    except PermissionError:
        return open(lock, encoding="ascii", opener=_no_link)


def _no_link(path: str, flags: int) -> int:
    """Open no file but the one that lies here: a link may name any, and root would make it."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o666)


@contextmanager
def leased(engine: Engine, settings: Settings) -> Iterator[Lease]:
    """Hold the right to read the mailbox; raises AlreadyRunningError when another has it."""
    lease = Lease(engine, settings.central.address, settings.paths.state)
    if not lease.take():
        raise AlreadyRunningError(database=shown_url(settings.database.url))
    try:
        yield lease
    finally:
        lease.release()
