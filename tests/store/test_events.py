"""The audit trail: every change leaves a row, and no row can be changed unnoticed."""

from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, delete, func, select, update

from mailflow.core.changes import AddNote
from mailflow.schema import event
from mailflow.store import Store, events
from tests.store.matter import NOW, REFERENCE, at_once, decided, opening

FALSE: dict[str, Any] = {
    "text": "anders",
    "kind": "anders",
    "reference": "KAM-0000-0000",
    "previous": "f" * 64,
    "hash": "f" * 64,
    "at": NOW.replace(year=2025),
    "office_id": "hafen",
    "round": 7,
    "state": "closed",
    "due_on": NOW.date(),
}


@pytest.fixture
def told(store: Store) -> Store:
    """A store in which something has happened."""
    store.apply(decided(opening()), [], NOW)
    for number in range(5):
        store.apply(decided(AddNote(REFERENCE, f"Notiz {number}")), [], NOW)
    assert store.integrity_fault() == ""
    return store


def third(engine: Engine) -> int:
    """Give the id of the third event."""
    with engine.begin() as connection:
        ids = connection.execute(select(event.c.id).order_by(event.c.id)).scalars()
        return int(list(ids)[2])


@pytest.mark.parametrize("column", sorted(FALSE))
def test_a_changed_event_is_found(told: Store, engine: Engine, column: str) -> None:
    """Whatever is changed in an event, the chain says which one does not follow."""
    changed = third(engine)
    with engine.begin() as connection:
        values = {column: FALSE[column]}
        connection.execute(update(event).where(event.c.id == changed).values(values))
    assert f"event {changed}" in told.integrity_fault()


def test_a_removed_event_is_found(told: Store, engine: Engine) -> None:
    """A gap in the chain shows at the event after it."""
    removed = third(engine)
    with engine.begin() as connection:
        connection.execute(delete(event).where(event.c.id == removed))
    assert told.integrity_fault().startswith(f"event {removed + 1} of the audit trail")


def test_writers_at_once_forge_one_chain(told: Store, engine: Engine) -> None:
    """Threads that write events at the same moment do not break the chain, and none is lost."""

    def note(number: int) -> None:
        told.apply(decided(AddNote(REFERENCE, f"zugleich {number}")), [], NOW)

    at_once(6, note)
    assert told.integrity_fault() == ""
    query = select(func.count()).where(event.c.text.like("zugleich %"))
    with engine.begin() as connection:
        assert connection.execute(query).scalar_one() == 6


@pytest.mark.parametrize(
    "database", [pytest.param("postgresql", marks=pytest.mark.server)], indirect=True
)
def test_two_nodes_that_have_each_written_rows_do_not_wait_for_each_other(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has opened a ticket and comes to the chain: one waits, and neither is refused."""
    append, both = events.append, Barrier(2)

    def meeting(*given: Any) -> None:
        both.wait(30)
        append(*given)

    monkeypatch.setattr(events, "append", meeting)
    at_once(2, lambda number: store.apply(decided(opening(f"KAM-{number}")), [], NOW))
    assert all(store.history(f"KAM-{number}") for number in range(2))
    assert store.integrity_fault() == ""


def test_each_mailbox_has_a_chain_of_its_own(told: Store, engine: Engine) -> None:
    """A second central mailbox in the same database neither sees nor breaks the first's events."""
    other = Store(engine, "hafen@stadt.example.org")
    other.apply(decided(opening("HAF-7K3Q-9F2M")), [], NOW)
    assert (other.integrity_fault(), told.integrity_fault()) == ("", "")
    assert other.history(REFERENCE) == []
    assert other.references() == []
