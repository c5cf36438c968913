"""Real servers for the tests here: started once per worker, as new for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.postgres import PostgresServer
from tests.real.servers import MailWorld


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder, so that `-m "not server"` leaves it out."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.server)


@pytest.fixture(scope="session")
def mail_servers() -> Iterator[MailWorld]:
    """Dovecot and Postfix, running until the last test."""
    with MailWorld() as world:
        yield world


@pytest.fixture
def mail_world(mail_servers: MailWorld) -> MailWorld:
    """Dovecot and Postfix without a mail in them."""
    mail_servers.reset()
    return mail_servers


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL, running until the last test."""
    with PostgresServer() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The URL of an empty PostgreSQL database of the test's own."""
    with postgres.database() as url:
        yield url
