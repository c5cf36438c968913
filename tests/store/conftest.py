"""Every test of the store runs on SQLite and on PostgreSQL, each on a fresh database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from mailflow.store import Store
from tests.flow.city import CENTRAL, City, city
from tests.fresh_database import opened
from tests.real.postgres import PostgresServer

ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.server)]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL, running until the last test."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/mailflow.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """An engine on a database of today's schema."""
    made = opened(database)
    yield made
    made.dispose()


@pytest.fixture
def store(engine: Engine) -> Store:
    """The store of the central mailbox."""
    return Store(engine, CENTRAL)


@pytest.fixture
def town(store: Store, tmp_path: Path) -> Iterator[City]:
    """A city on this database, on a Tuesday morning."""
    pattern_folder = tmp_path / "pattern"
    pattern_folder.mkdir()
    with city(pattern_folder) as pattern:
        yield City(store, pattern.policy, pattern.now)
