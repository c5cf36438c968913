"""Connections to the database, safely configured for what it is."""

import os
import sqlite3
import ssl
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from threading import Lock, RLock
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, exc
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

from mailflow.core.encryption import proving_words, weak_mode

__all__ = [
    "AWAY_ERRORS",
    "SetBackError",
    "insert_for",
    "is_sqlite",
    "limit_locks",
    "make_engine",
    "reading",
    "wal_is_safe",
    "weak_mode_of",
    "words_beside",
    "writing",
]

AWAY_ERRORS = (exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError)
"""What a database raises that is locked, full, read-only or gone, whatever it is asked."""

BUSY_MILLISECONDS = 20_000
"""How long a database locked by others is waited for, as by a table that `mailflow check` reads."""

_PATIENCE = {
    "connect_timeout": 10,  # seconds
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,  # milliseconds
}
"""How long PostgreSQL may be silent before it counts as away (libpq's words; the URL may say
otherwise). A network that swallows packets would take the kernel's quarter of an hour."""

_OWN_AUTHORITIES = "~/.postgresql/root.crt"

_LOCK_PATIENCE = f"""
SELECT set_config('lock_timeout', '{BUSY_MILLISECONDS}', false)
WHERE current_setting('lock_timeout') = '0'
"""
"""How long a table may be locked by others, unless somebody has said it: URL, role, or server.

Said once connected: a pooler refuses it as a word of the connection, where it would also take the
place of the operator's own (PGOPTIONS)."""

_WAL_RESET_FIXED = (3, 51, 3)
_WAL_RESET_BACKPORTS = {(3, 44): 6, (3, 50): 7}
_JOURNAL_BYTES = 4_000_000

_TURN = RLock()
"""Held by the thread of this process that uses the database. Other processes wait in SQLite."""


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite is free of the WAL-reset fault that can corrupt a database.

    Present from 3.7.0 on, fixed in 3.51.3 and in the backports 3.44.6 and 3.50.7.
    """
    major, minor, patch = version
    backport = _WAL_RESET_BACKPORTS.get((major, minor))
    return version >= _WAL_RESET_FIXED or (backport is not None and patch >= backport)


_WAL = wal_is_safe(sqlite3.sqlite_version_info)


def is_sqlite(engine: Engine) -> bool:
    """Whether the engine is SQLite, where one process holds the database."""
    return engine.dialect.name == "sqlite"


def insert_for(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Give an insert that can say what to do where the row is there, as this database words it."""
    row: postgresql.Insert | sqlite.Insert
    row = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    return row


def make_engine(url: str) -> Engine:
    """Make an engine for ``sqlite:///path`` or ``postgresql://...``; connects to nothing yet.

    Its errors name no values: they are logged, and the values are mails and tokens.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(
            url,
            pool_pre_ping=True,
            pool_size=5,
            hide_parameters=True,
            connect_args=words_beside(parsed),
        )
        event.listen(engine, "connect", limit_locks)
        event.listen(engine, "connect", _History().hold_to)
        return engine
    timeout = {"timeout": BUSY_MILLISECONDS / 1000}
    engine = create_engine(url, connect_args=timeout, hide_parameters=True)
    file = _OneFile(parsed.database)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "connect", file.is_kept_with)
    event.listen(engine, "begin", file.hold_to)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "begin", file.compare)
    return engine


def words_beside(url: URL) -> dict[str, Any]:
    """Give what PostgreSQL's driver is told beside the URL: to be patient, and whom to believe."""
    patience = {name: value for name, value in _PATIENCE.items() if name not in url.query}
    return patience | proving_words(_said_by(url), os.environ, _authorities())


def weak_mode_of(url: str, environ: Mapping[str, str]) -> str:
    """Give the mode by which a database on another machine need not prove itself, "" for none."""
    parsed = make_url(url)
    return "" if parsed.get_backend_name() == "sqlite" else weak_mode(_said_by(parsed), environ)


def _said_by(url: URL) -> Mapping[str, Any]:
    """Give the words that SQLAlchemy makes of a URL, whichever way its hosts are written."""
    _, words = url.get_dialect()().create_connect_args(url)
    return words


def _authorities() -> str:
    """Give the machine's file of certificates, "" where the user has one that libpq finds.

    It is the one by which mail servers are proven, too. libpq's own word for it ("system") finds
    nothing where it was built elsewhere, as in the wheels of its driver.
    """
    if Path(os.path.expanduser(_OWN_AUTHORITIES)).exists():  # noqa: PTH111 - no error without a home
        return ""
    return ssl.get_default_verify_paths().cafile or "system"


class SetBackError(exc.OperationalError):
    """The database tells another history than the one this process has worked on.

    It was restored or made anew, its file was exchanged, or a standby has taken over. What it has
    forgotten would be done again: it has to be compared with the mailbox first, as at each start.
    """

    def __init__(self) -> None:
        super().__init__("BEGIN", None, RuntimeError("another database than before"))


class _OneFile:
    """The file that a process has opened, and that every transaction must find in its place.

    Where it was moved away and another put there, the connections that are open go on reading the
    old one, SQLite lets them write to neither, and each new one opens the other. Where none lies
    there it may come back, and a start would only make an empty one.

    Where `cp` wrote a copy into it, it is the same file. So each commit counts in its header, in a
    number that SQLite leaves to the program (``user_version``), and none may find it smaller than
    before. SQLite's own change counter would be read by opening the file, and closing that would
    drop the locks of this process.
    """

    def __init__(self, database: str | None) -> None:
        self._path = Path(database or "")
        self._known: tuple[int, int] | None = None
        self._committed = 0
        self._turn = Lock()

    def is_kept_with(self, _connection: Any, record: Any) -> None:
        """Let a new connection know to what it is held."""
        record.info[_HISTORY] = self

    def hold_to(self, _connection: Connection) -> None:
        """Look at the file before a transaction; raises SetBackError."""
        try:
            found = self._path.stat()
        except OSError:
            return
        self._known = self._known or (found.st_dev, found.st_ino)
        if self._known != (found.st_dev, found.st_ino):
            raise SetBackError

    def compare(self, connection: Connection) -> None:
        """Look at the number once a transaction has begun; raises SetBackError."""
        committed = self._committed  # before asking: another thread commits meanwhile
        found = _counted(connection)
        if found < committed:
            raise SetBackError
        self.note(found)
        connection.info[_CHANGES] = _changes(connection)

    def number(self, connection: Connection) -> int | None:
        """Count a transaction that is about to be committed; none where it has written nothing."""
        if _changes(connection) == connection.info[_CHANGES]:
            return None
        number = _counted(connection) + 1
        connection.exec_driver_sql(f"PRAGMA user_version = {number}")
        return number

    def note(self, number: int) -> None:
        """Remember what is committed: no crash takes it back."""
        with self._turn:
            self._committed = max(self._committed, number)


_CHANGES = "changes"
"""Where a connection keeps how many rows it had changed when its transaction began."""


def _counted(connection: Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())


def _changes(connection: Connection) -> int:
    changes: int = connection.connection.driver_connection.total_changes  # type: ignore[union-attr]
    return changes


_DATABASE = """
SELECT txid_snapshot_xmax(txid_current_snapshot()), oid
FROM pg_database WHERE datname = current_database()
"""
"""The number of the next transaction, and the database."""
_CLUSTER = """
SELECT (SELECT system_identifier FROM pg_control_system()),
       left(pg_walfile_name(pg_current_wal_lsn()), 8)
"""
"""The cluster, and the timeline: another one after each promotion or recovery."""
_OWN_NUMBER = "SELECT txid_current_if_assigned()"
"""The number of this transaction; none where it has written nothing."""

_REFUSED = ("42501", "42883", "0A000")
"""How a server says that it never tells: no right to ask, no such function, not supported."""


class _History:
    """What a process has found and committed, and all its new connections must find."""

    def __init__(self) -> None:
        self._known: tuple[Any, ...] = (None, None, None)
        self._committed = 0
        self._turn = Lock()

    def hold_to(self, connection: Any, record: Any) -> None:
        """Look at a new connection of PostgreSQL's driver; raises SetBackError."""
        committed = self._committed  # before asking: another thread commits meanwhile
        try:
            number, *found = _told(connection)
            self._compare(committed < number, tuple(found))
        except SetBackError:
            connection.close()
            raise
        except Exception as error:  # as of a standby, which takes no mail
            connection.close()
            raise exc.OperationalError(_CLUSTER, None, error) from error
        record.info[_HISTORY] = self

    def number(self, connection: Connection) -> int | None:
        """Give the number of a transaction that is about to be committed."""
        number: int | None = connection.exec_driver_sql(_OWN_NUMBER).scalar()
        return number

    def note(self, number: int) -> None:
        """Remember a transaction that this process has committed: no crash takes it back."""
        with self._turn:
            self._committed = max(self._committed, number)

    def _compare(self, goes_on: bool, found: tuple[Any, ...]) -> None:
        """Compare what both connections were told; what is told for the first time is kept."""
        with self._turn:
            pairs = list(zip(self._known, found, strict=True))
            if not goes_on or any(None not in pair and pair[0] != pair[1] for pair in pairs):
                raise SetBackError
            self._known = tuple(new if known is None else known for known, new in pairs)


_HISTORY = "history"
"""Where a connection keeps the one it was held to."""


def _told(connection: Any) -> tuple[Any, ...]:
    """Ask for number, database, cluster and timeline; None is what this server refuses to tell."""
    database = connection.execute(_DATABASE).fetchone()
    try:
        cluster = connection.execute(_CLUSTER).fetchone()
    except Exception as error:
        if getattr(error, "sqlstate", "") not in _REFUSED:
            raise
        cluster = (None, None)
    connection.rollback()
    return (*database, *cluster)


def limit_locks(connection: Any, _record: Any) -> None:
    """Let a new connection of PostgreSQL's driver wait for no lock without end."""
    connection.execute(_LOCK_PATIENCE)
    connection.commit()


def _configure(connection: sqlite3.Connection, _record: Any) -> None:
    """Set what makes a commit durable: it must survive a power cut, not only a crash."""
    connection.isolation_level = None  # we say BEGIN ourselves
    # DELETE would commit by an unlink that a power cut can undo: the folder is not synced.
    # PERSIST commits by overwriting the journal's head, which is.
    journal = "WAL" if _WAL else "PERSIST"
    for pragma in (
        f"busy_timeout={BUSY_MILLISECONDS}",
        f"journal_mode={journal}",
        f"journal_size_limit={_JOURNAL_BYTES}",
        "synchronous=FULL",
        "foreign_keys=ON",
        "trusted_schema=OFF",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Take the write lock at the start, not half way: two writers would lose each other's work."""
    mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {mode}")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that will write; commits at the end, rolls back on any exception."""
    with _turn(engine), engine.begin() as connection:
        yield connection
        history: _History | _OneFile = connection.info[_HISTORY]
        number = history.number(connection)
    if number:
        history.note(number)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads and holds up no writer longer than it must."""
    turn = nullcontext() if _WAL else _turn(engine)
    with turn, _reader(engine).begin() as connection:
        yield connection


@lru_cache(maxsize=4)
def _reader(engine: Engine) -> Engine:
    return engine.execution_options(sqlite_begin="DEFERRED")


def _turn(engine: Engine) -> AbstractContextManager[object]:
    """Wait for our turn at SQLite, which itself only sleeps and looks again after up to 0.1 s."""
    return _TURN if is_sqlite(engine) else nullcontext()
