"""A town under trial for every fault."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailflow import outages
from tests.faults.databases import Database, PostgresDatabase, PostgresFiles, SqliteDatabase
from tests.faults.trial import Trial, trial
from tests.real.postgres import PostgresServer


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Give PostgreSQL, until the last test."""
    with PostgresServer() as made:
        yield made


@pytest.fixture(autouse=True)
def _trouble_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let trouble count as lasting at once: that it must last is a test of its own."""
    monkeypatch.setattr(outages, "_QUIET_SECONDS", 0)


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give an empty database: SQLite's, or of the kind that ``on_both`` asks for."""
    kind = getattr(request, "param", "sqlite")
    if kind == "sqlite":
        yield SqliteDatabase(tmp_path)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database() as url:
        made = PostgresFiles if kind == "postgresql-files" else PostgresDatabase
        yield made(server, url)


@pytest.fixture
def town(tmp_path: Path, database: Database) -> Iterator[Trial]:
    """Give an empty city on a Tuesday morning, with a manifest of what is written to it."""
    with trial(tmp_path, database=database.url) as made:
        yield made
