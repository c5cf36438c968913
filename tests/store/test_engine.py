"""How the database is spoken to."""

from typing import Any

import pytest
from sqlalchemy import event

from mailflow.store.engine import make_engine, wal_is_safe


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


def test_a_table_that_somebody_locks_is_waited_for_as_long_as_a_locked_file() -> None:
    """PostgreSQL would wait without end, and the service would count as hung."""
    said = _said_to("postgresql+psycopg://mailflow@db.example/mailflow")
    assert said["options"] == "-c lock_timeout=20000"


def test_the_url_has_the_last_word_on_how_long_to_wait() -> None:
    """Who names a time in database.url knows the network better."""
    said = _said_to("postgresql+psycopg://mailflow@db.example/mailflow?connect_timeout=45")
    assert said["connect_timeout"] == "45"
    assert said["tcp_user_timeout"] == 60_000


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
