"""How the database is spoken to."""

import shutil
import socket
import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from mailflow.store import Sighting, Store
from mailflow.store.engine import SetBackError, _History, make_engine, reading, wal_is_safe, writing
from mailflow.upgrade import _migrate, upgrade
from tests.flow.city import CENTRAL
from tests.fresh_database import opened
from tests.real.postgres import PostgresServer
from tests.store.matter import RAW, stored

NOW = datetime(2026, 5, 19, 9, tzinfo=UTC)


class _AskedError(Exception):
    """What would be said to the server, instead of saying it."""


def _said_to(url: str) -> dict[str, Any]:
    """Give with what words a connection to this server would be asked for."""
    engine = make_engine(url)
    said: dict[str, Any] = {}

    def stop(_dialect: object, _record: object, _arguments: object, words: dict[str, Any]) -> None:
        said.update(words)
        raise _AskedError

    event.listen(engine, "do_connect", stop)
    with pytest.raises(_AskedError):
        engine.connect()
    return said


def test_a_network_that_swallows_packets_is_given_up_within_a_minute() -> None:
    """Neither a connection nor a statement waits for the kernel's quarter of an hour."""
    said = _said_to("postgresql+psycopg://mailflow@db.example/mailflow")
    assert said["connect_timeout"] <= 10
    assert said["tcp_user_timeout"] <= 60_000
    assert said["keepalives_idle"] + said["keepalives_interval"] * said["keepalives_count"] <= 60


def test_the_operators_own_words_reach_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is said that takes the place of PGOPTIONS, or that a pooler would refuse."""
    monkeypatch.setenv("PGOPTIONS", "-c search_path=mailflow")
    assert "options" not in _said_to("postgresql+psycopg://mailflow@db.example/mailflow")


@pytest.mark.server
@pytest.mark.parametrize(
    ("said", "waits"), [("", "20s"), ("?options=-c%20lock_timeout%3D5s", "5s")]
)
def test_a_table_that_somebody_locks_is_waited_for_as_long_as_a_locked_file(
    postgres: PostgresServer, said: str, waits: str
) -> None:
    """PostgreSQL would wait without end, and the service hang; who has said a time knows better."""
    with postgres.database() as url:
        engine = make_engine(f"{url}{said}")
        try:
            for _ in range(2):  # also in the transactions after the first
                with engine.connect() as connection:
                    assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == waits
        finally:
            engine.dispose()


def test_the_url_has_the_last_word_on_how_long_to_wait() -> None:
    """Who names a time in database.url knows the network better."""
    said = _said_to("postgresql+psycopg://mailflow@db.example/mailflow?connect_timeout=45")
    assert said["connect_timeout"] == "45"
    assert said["tcp_user_timeout"] == 60_000


ELSEWHERE = "postgresql+psycopg://mailflow:Geheim@db.example"
"""A host that is not this machine, as far as its name shows."""


def test_a_server_elsewhere_must_prove_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the certificates that mail servers are proven by, or by an authority of one's own."""
    monkeypatch.setenv("SSL_CERT_FILE", __file__)  # any file that is there
    said = _said_to(f"{ELSEWHERE}/mailflow")
    assert (said["sslmode"], said["sslrootcert"]) == ("verify-full", __file__)
    said = _said_to(f"{ELSEWHERE}/mailflow?sslrootcert=/etc/mailflow/ca.pem")
    assert (said["sslmode"], said["sslrootcert"]) == ("verify-full", "/etc/mailflow/ca.pem")


def test_the_users_own_authorities_are_where_libpq_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has laid them there meant them for PostgreSQL."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".postgresql").mkdir()
    (tmp_path / ".postgresql" / "root.crt").touch()
    said = _said_to(f"{ELSEWHERE}/mailflow")
    assert said["sslmode"] == "verify-full"
    assert "sslrootcert" not in said


def test_what_is_written_of_encryption_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The URL's mode and the environment's go to the driver as they are."""
    assert _said_to(f"{ELSEWHERE}/mailflow?sslmode=require")["sslmode"] == "require"
    monkeypatch.setenv("PGSSLMODE", "prefer")
    assert "sslmode" not in _said_to(f"{ELSEWHERE}/mailflow")


def test_this_machine_is_spoken_to_as_before() -> None:
    """A server on a loopback address or a socket has no certificate, and needs none."""
    assert "sslmode" not in _said_to("postgresql://mailflow@127.0.0.1/mailflow")
    assert "sslmode" not in _said_to("postgresql:///mailflow?host=/run/postgresql")


class _Listener:
    """A server that has no encryption, and asks for the password in clear."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(10)
        self.port = self._socket.getsockname()[1]
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with self._socket, self._socket.accept()[0] as line, line.makefile("rb") as words:
            while (asked := _packet(words)) == struct.pack("!I", 80877103):  # for encryption
                line.sendall(b"N")
            if asked:
                line.sendall(b"R" + struct.pack("!II", 8, 3))
                words.read(1)
                self.heard.append(_packet(words))


def _packet(words: BinaryIO) -> bytes:
    """Read what a client says, by the length before it; nothing where it has gone."""
    length = words.read(4)
    return words.read(struct.unpack("!I", length)[0] - 4) if length else b""


@pytest.mark.parametrize("opens", [Engine.connect, _migrate])
def test_a_server_elsewhere_without_encryption_hears_no_password(
    opens: Callable[[Engine], object],
) -> None:
    """Whoever stands between and refuses encryption is told nothing, by an upgrade neither."""
    listener = _Listener()
    engine = make_engine(f"{ELSEWHERE}:{listener.port}/mailflow?hostaddr=127.0.0.1")
    with pytest.raises(OperationalError) as caught:
        opens(engine)
    assert listener.heard == []
    assert "does not support SSL" in str(caught.value)


@pytest.mark.server
def test_a_server_elsewhere_is_proven_by_the_operators_own_authority(tmp_path: Path) -> None:
    """Its certificate is taken by his sslrootcert, and by nothing else; the line is encrypted."""
    authority = tmp_path / "ca.pem"
    with PostgresServer() as server:
        server.encrypt("db.example", authority)
        url = f"postgresql://postgres@db.example:{server.port}/postgres?hostaddr=127.0.0.1"
        with pytest.raises(OperationalError, match="certificate verify failed"):
            make_engine(url).connect()
        engine = make_engine(f"{url}&sslrootcert={authority}")
        with engine.connect() as connection:
            encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            assert connection.exec_driver_sql(encrypted).scalar()
        engine.dispose()
        another = url.replace("db.example", "another.example")
        with pytest.raises(OperationalError, match="does not match"):
            make_engine(f"{another}&sslrootcert={authority}").connect()


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), False),
        ((3, 40, 1), False),
        ((3, 43, 9), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 44, 7), True),
        ((3, 45, 0), False),
        ((3, 49, 9), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 50, 8), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_wal_is_used_only_where_its_reset_cannot_corrupt(
    version: tuple[int, int, int], safe: bool
) -> None:
    """The fault is in every release from 3.7.0 to 3.51.2 but the backports 3.44.6 and 3.50.7."""
    assert wal_is_safe(version) is safe


def _may_write(other: sqlite3.Connection) -> bool:
    """Whether a second process could take the write lock now; it does not keep it."""
    try:
        other.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:  # "database is locked"
        return False
    other.execute("ROLLBACK")
    return True


def _other(store: Store) -> closing[sqlite3.Connection]:
    """Give a second process's connection to the same file; it waits for nobody."""
    return closing(sqlite3.connect(str(store.engine.url.database), 0, isolation_level=None))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_will_write_has_the_lock_before_the_first_word(store: Store) -> None:
    """BEGIN DEFERRED would let a second process write between what is read and what is written."""
    said: list[tuple[str, bool]] = []

    def asked(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            said.append((statement.split(maxsplit=1)[0], _may_write(other)))

    with _other(store) as other:
        event.listen(store.engine, "before_cursor_execute", asked)
        stored(store, RAW, Sighting("INBOX", 1, 7))
        event.remove(store.engine, "before_cursor_execute", asked)
        assert _may_write(other)
    assert said[0] == ("SELECT", False)
    assert ("INSERT", False) in said


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_only_reads_keeps_no_writer_waiting(store: Store) -> None:
    """The lock is a writer's: a digest that is being counted lets a second process take it."""
    with _other(store) as other, reading(store.engine) as connection:
        connection.exec_driver_sql("SELECT count(*) FROM mail").scalar_one()
        assert _may_write(other)


class _RefusedError(Exception):
    """What PostgreSQL answers instead of a row, with its code."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


class _Line:
    """A new connection to a server of one database, whose cluster may refuse to be named."""

    def __init__(self, cluster: tuple[int, str] | str, history: _History | None = None) -> None:
        self.info: dict[str, object] = {}
        self._cluster = cluster
        self._history = history
        self._row: tuple[object, ...] = ()

    def execute(self, query: str) -> "_Line":
        """Answer a query, or fail with the code; another line commits right behind the number."""
        if "pg_control_system" not in query:
            self._row = (100, 16384)
            if self._history:
                self._history.note(100)
        elif isinstance(self._cluster, str):
            raise _RefusedError(self._cluster)
        else:
            self._row = self._cluster
        return self

    def fetchone(self) -> tuple[object, ...]:
        """Give the answer."""
        return self._row

    def rollback(self) -> None:
        """End what was asked."""

    def close(self) -> None:
        """Hang up."""


def _connect(history: _History, line: _Line) -> None:
    """Let a new connection be looked at, which is its own record here."""
    history.hold_to(line, line)


_THIS = (7300000000000000001, "00000001")
_PROMOTED = (7300000000000000001, "00000002")


@pytest.mark.parametrize("code", ["57014", "53200", "XX000", "55000", ""])
def test_a_moments_trouble_is_no_other_database(code: str) -> None:
    """What a server fails to tell once makes it one that is away, on any connection."""
    history = _History()
    for cluster in (code, _THIS, code, _THIS):
        if isinstance(cluster, str):
            with pytest.raises(OperationalError) as error:
                _connect(history, _Line(cluster))
            assert not isinstance(error.value, SetBackError)
        else:
            _connect(history, _Line(cluster))


@pytest.mark.parametrize("code", ["42501", "42883", "0A000"])
def test_what_a_server_never_tells_is_not_compared(code: str) -> None:
    """A right given or taken is no other database; what both connections told still counts."""
    history = _History()
    for cluster in (code, _THIS, code, _THIS):
        _connect(history, _Line(cluster))
    with pytest.raises(SetBackError):
        _connect(history, _Line(_PROMOTED))


def test_what_another_thread_commits_meanwhile_is_not_missed() -> None:
    """A connection that is made beside a busy line is not behind what that line has just done."""
    history = _History()
    _connect(history, _Line(_THIS, history))
    with pytest.raises(SetBackError):
        _connect(history, _Line(_THIS))


@pytest.fixture
def kept(postgres: PostgresServer) -> Iterator[Store]:
    """Give a store on PostgreSQL that has lived through a crash since its files were kept."""
    with postgres.database() as url:
        engine = make_engine(url)
        try:
            upgrade(engine)
            store = Store(engine, CENTRAL)
            store.set_status("before", NOW)
            postgres.keep_files()
            yield store
        finally:
            engine.dispose()


@pytest.mark.server
def test_a_server_set_back_to_a_snapshot_of_its_disk_is_noticed(
    kept: Store, postgres: PostgresServer
) -> None:
    """One commit is lost, and much of the log has been written since: no work is done on that."""
    kept.set_status("after", NOW)
    postgres.put_files_back()
    for _ in range(3):
        postgres.execute("SELECT pg_switch_wal()")
        postgres.execute("CHECKPOINT")
    for _ in range(2):
        with pytest.raises(SetBackError):
            kept.status("before")
        with pytest.raises(SetBackError):
            kept.set_status("more", NOW)


@pytest.mark.server
@pytest.mark.parametrize("end", [PostgresServer.kill, PostgresServer.crash])
def test_a_crash_of_the_server_is_no_other_history(
    kept: Store, postgres: PostgresServer, end: Callable[[PostgresServer], None]
) -> None:
    """What was committed is there after the recovery; what was not counts as nothing lost."""
    for _ in range(2):
        kept.set_status("after", NOW)
        with kept.engine.connect() as other:
            for _ in range(5):
                other.exec_driver_sql("SELECT txid_current()")
                other.rollback()
            other.exec_driver_sql("CREATE TABLE never (id integer)")
            end(postgres)
            other.invalidate()
        postgres.start()
        assert kept.status("after")
        kept.set_status("after", NOW)


def _exchanged(database: Path) -> None:
    """Put another file in a database's place, as `mv` and `cp` do."""
    copy = database.with_suffix(".copy")
    shutil.copy(database, copy)
    database.rename(database.with_suffix(".bad"))
    shutil.copy(copy, database)


def test_a_sqlite_file_exchanged_while_it_is_used_is_another_database(tmp_path: Path) -> None:
    """Its open connections would go on reading the old file, and could write to neither."""
    database = tmp_path / "mailflow.db"
    engine = opened(f"sqlite:///{database}")
    store = Store(engine, CENTRAL)
    _exchanged(database)
    with pytest.raises(SetBackError):
        store.has_mail()
    with pytest.raises(SetBackError):
        store.set_status("x", NOW)
    engine.dispose()


@pytest.mark.skipif(
    wal_is_safe(sqlite3.sqlite_version_info), reason="what is in the WAL stands above any copy"
)
def test_a_sqlite_file_that_a_copy_was_written_into_is_another_database(tmp_path: Path) -> None:
    """`cp` over it keeps the file, and what was sent since would be sent once more."""
    database = tmp_path / "mailflow.db"
    engine = opened(f"sqlite:///{database}")
    store = Store(engine, CENTRAL)
    store.set_status("before", NOW)
    shutil.copy(database, tmp_path / "copy.db")
    store.set_status("after", NOW)
    shutil.copyfile(tmp_path / "copy.db", database)
    for _ in range(2):  # it stays another one
        with pytest.raises(SetBackError):
            store.has_mail()
        with pytest.raises(SetBackError):
            store.set_status("x", NOW)
    engine.dispose()
    started_anew = Store(make_engine(f"sqlite:///{database}"), CENTRAL)
    assert started_anew.status("before")
    assert not started_anew.status("after")
    started_anew.engine.dispose()


def test_a_sqlite_file_that_other_processes_write_to_is_the_same(tmp_path: Path) -> None:
    """A command beside the service counts on from what it finds, and so does the service."""
    url = f"sqlite:///{tmp_path}/mailflow.db"
    stores = [Store(opened(url), CENTRAL), Store(make_engine(url), CENTRAL)]
    for count in range(4):
        stores[count % 2].set_status(f"{count}", NOW)
        assert all(store.status(f"{count}") for store in stores)
    for store in stores:
        store.engine.dispose()


def test_a_transaction_that_writes_nothing_counts_nothing(tmp_path: Path) -> None:
    """It would otherwise be written to the disk, each time that somebody only looks."""
    engine = opened(f"sqlite:///{tmp_path}/mailflow.db")
    before = (tmp_path / "mailflow.db").read_bytes()
    with writing(engine) as connection:
        connection.exec_driver_sql("DELETE FROM status WHERE name = 'never'")
    assert (tmp_path / "mailflow.db").read_bytes() == before
    with pytest.raises(_AskedError), writing(engine):
        raise _AskedError
    assert (tmp_path / "mailflow.db").read_bytes() == before
    engine.dispose()


def test_a_sqlite_file_that_is_gone_is_only_away(tmp_path: Path) -> None:
    """Between `mv` and `cp` a start would make an empty one, and `cp` write into that."""
    database = tmp_path / "mailflow.db"
    engine = opened(f"sqlite:///{database}")
    store = Store(engine, CENTRAL)
    database.rename(tmp_path / "elsewhere.db")
    with pytest.raises(OperationalError) as error:
        store.set_status("x", NOW)
    assert not isinstance(error.value, SetBackError)
    (tmp_path / "elsewhere.db").rename(database)
    store.set_status("x", NOW)
    engine.dispose()
