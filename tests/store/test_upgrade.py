"""The schema comes from migrations alone, and an upgrade never costs a row."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Engine, String, inspect, text
from sqlalchemy.exc import OperationalError

from mailflow import upgrade as upgrading
from mailflow.schema import metadata
from mailflow.store import AWAY_ERRORS, Store
from mailflow.store.engine import make_engine
from mailflow.upgrade import NewerDatabaseError, newest, upgrade, version_of
from tests.flow.city import CENTRAL
from tests.real.postgres import PostgresServer
from tests.store.matter import NOW, RAW, REFERENCE, asking, decided, opening, stored


def test_the_migrations_make_the_schema_that_the_code_uses(engine: Engine) -> None:
    """Alembic finds no difference between a migrated database and the tables of the code."""
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_an_upgraded_database_is_left_alone(engine: Engine) -> None:
    """A second start changes nothing and makes no backup."""
    assert version_of(engine) == newest()
    assert upgrade(engine) is None


def test_a_newer_database_stops_the_start(engine: Engine) -> None:
    """A schema this program does not know is refused, in one line, and not touched."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerDatabaseError) as refused:
        upgrade(engine)
    assert "9999" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert version_of(engine) == "9999"


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A filled SQLite database for which there is a step to take, which rebuilds a parent."""

    def rebuild(config: Config, _: str) -> None:
        operations = Operations(MigrationContext.configure(config.attributes["connection"]))
        with operations.batch_alter_table("mail", recreate="always") as batch:
            batch.add_column(Column("novel", String(8)))

    engine = make_engine(f"sqlite:///{tmp_path}/mailflow.db")
    upgrade(engine)
    store = Store(engine, CENTRAL)
    stored(store, RAW, None)
    store.apply(decided(opening(), asking("bauaufsicht")), [], NOW)
    monkeypatch.setattr(upgrading, "newest", lambda: "9999")
    monkeypatch.setattr(command, "upgrade", rebuild)
    yield engine
    engine.dispose()


def test_an_upgrade_saves_the_database_first(older: Engine, tmp_path: Path) -> None:
    """A backup, readable by its owner only, holds all rows as they were."""
    backup = upgrade(older)
    assert backup is not None
    assert backup.parent == tmp_path
    assert backup.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(backup)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT raw FROM raw_mail").fetchall() == [(RAW,)]
        assert "novel" not in {row[1] for row in copy.execute("PRAGMA table_info(mail)")}


def test_a_step_that_rebuilds_a_parent_keeps_its_children(older: Engine) -> None:
    """Foreign keys rest during a migration: the bytes of every mail are still there after it."""
    upgrade(older)
    store = Store(older, CENTRAL)
    assert "novel" in {column["name"] for column in inspect(older).get_columns("mail")}
    assert store.raw_of(1) == RAW
    assert store.tickets([REFERENCE])[REFERENCE].consultations
    with older.begin() as connection:
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_a_failed_step_leaves_the_database_as_it_was(
    older: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A migration is one transaction: it is done, or it never happened."""

    def break_off(config: Config, _: str) -> None:
        config.attributes["connection"].execute(text("ALTER TABLE mail ADD COLUMN novel TEXT"))
        raise RuntimeError("power cut")

    monkeypatch.setattr(command, "upgrade", break_off)
    with pytest.raises(RuntimeError):
        upgrade(older)
    assert "novel" not in {column["name"] for column in inspect(older).get_columns("mail")}


def _copies(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.backup"))


def test_a_disk_that_fills_up_under_the_copy_is_an_outage(
    older: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be mended while the start waits: an error of a database away, and no half copy."""

    class Full(sqlite3.Connection):
        def backup(self, target: sqlite3.Connection, **_: object) -> None:
            target.execute("CREATE TABLE half (x)")
            raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Full))
        with pytest.raises(AWAY_ERRORS, match="disk is full"):
            upgrade(older)
    assert _copies(tmp_path) == []
    assert upgrade(older) in _copies(tmp_path)


def test_an_upgrade_that_waits_makes_one_copy(
    older: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tried again while the database is locked, the copy of it as it is stands already."""

    def locked(_: Engine) -> None:
        raise OperationalError("BEGIN IMMEDIATE", {}, sqlite3.OperationalError("locked"))

    with monkeypatch.context() as patch:
        patch.setattr(upgrading, "_migrate", locked)
        for _ in range(3):
            with pytest.raises(AWAY_ERRORS):
                upgrade(older)
    (copy,) = _copies(tmp_path)
    assert upgrade(older) == copy


def test_a_database_written_to_meanwhile_is_copied_anew(
    older: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may have used it between two tries: the copy holds its last row."""

    def locked(_: Engine) -> None:
        raise OperationalError("BEGIN IMMEDIATE", {}, sqlite3.OperationalError("locked"))

    with monkeypatch.context() as patch:
        patch.setattr(upgrading, "_migrate", locked)
        with pytest.raises(AWAY_ERRORS):
            upgrade(older)
    stored(Store(older, CENTRAL), RAW + b"more", None)
    upgrade(older)
    (copy,) = _copies(tmp_path)
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("SELECT count(*) FROM mail").fetchone() == (2,)


@pytest.mark.server
def test_an_upgrade_waits_for_no_lock_without_end(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader of PostgreSQL, such as a dump, makes it an outage, which is told and tried again."""
    waits: list[object] = []

    def step(config: Config, _: str) -> None:
        found = config.attributes["connection"].execute(text("SHOW lock_timeout"))
        waits.append(found.scalar())

    monkeypatch.setattr(command, "upgrade", step)
    with postgres.database() as url:
        engine = make_engine(url)
        upgrade(engine)
        engine.dispose()
    assert waits == ["20s"]
