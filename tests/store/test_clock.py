"""The clock's work is done once, by whoever comes first."""

from datetime import date, timedelta

from mailflow.store import Store
from tests.store.matter import NOW, at_once, decided, sealed

DAY = date(2026, 11, 24)


def test_once_a_day_is_once(store: Store) -> None:
    """Eight threads want to send the digest at the same moment; one does, and one mail goes."""
    done = at_once(
        8, lambda number: store.once_a_day("digest", DAY, decided(), [sealed(number)], NOW)
    )
    assert sum(done) == 1
    assert store.outbox_waiting() == 1
    assert store.was_done("digest", DAY)
    assert not store.was_done("digest", DAY + timedelta(days=1))


def test_the_next_day_and_another_cause_are_free(store: Store) -> None:
    """What was done today bars neither tomorrow nor anything else."""
    for name, day in (("digest", DAY), ("digest", DAY + timedelta(days=1)), ("alert", DAY)):
        assert store.once_a_day(name, day, decided(), [], NOW)
    assert not store.once_a_day("alert", DAY, decided(), [], NOW)
    assert store.last_done("digest", DAY) is None
    assert store.last_done("digest", DAY + timedelta(days=1)) == NOW


def test_what_fails_is_not_done(store: Store) -> None:
    """A digest that could not be queued is still due."""
    try:
        store.once_a_day("digest", DAY, decided(object()), [], NOW)
    except TypeError:
        assert not store.was_done("digest", DAY)
    else:
        raise AssertionError("an impossible change was carried out")


def test_a_status_is_the_last_one_set(store: Store) -> None:
    """A status is replaced, never piled up, by many at once as well."""
    at_once(6, lambda number: store.set_status("last_poll", NOW, str(number)))
    found = store.status("last_poll")
    assert found is not None
    assert found[0] == NOW
    assert found[1] in set("012345")


def test_two_nodes_that_start_at_once_name_one_mailbox(store: Store) -> None:
    """The mailbox's row is made once."""
    address = "hafen@stadt.example.org"
    ids = at_once(6, lambda _: Store(store.engine, address).mailbox_id)
    assert len(set(ids)) == 1
