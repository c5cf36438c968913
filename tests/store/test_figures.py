"""What failed is told: the newest first, and nothing that was never named is forgotten."""

from datetime import timedelta

from sqlalchemy import Engine, insert, select

from mailflow.core.changes import SetTold
from mailflow.core.overview import DigestFacts
from mailflow.core.retry import EntryState
from mailflow.schema import outbox
from mailflow.store import Store
from tests.store.matter import NOW, decided

DAY = timedelta(days=1)


def _given_up(engine: Engine, store: Store, count: int) -> None:
    """Put outgoing mails into the database that were given up, one a minute."""
    rows = [
        {
            "mailbox_id": store.mailbox_id,
            "kind": "forward",
            "recipient": f"amt{n}@stadt.example.org",
            "message_id": f"<{n}@stadt.example.org>",
            "name": f"{n}",
            "state": EntryState.FAILED,
            "attempts": 1,
            "next_attempt_at": NOW + timedelta(minutes=n),
            "created_at": NOW,
        }
        for n in range(count)
    ]
    with engine.begin() as connection:
        connection.execute(insert(outbox), rows)


def _unsent(facts: DigestFacts) -> list[str]:
    return [each.recipient.partition("@")[0] for each in facts.unsent]


def test_what_was_given_up_is_named_in_this_digest_or_a_later_one(
    engine: Engine, store: Store
) -> None:
    """Twenty of 22, newest first; the other two a day later; and then none."""
    _given_up(engine, store, 22)
    facts = store.digest_facts(NOW - DAY, NOW + DAY)
    assert _unsent(facts) == [f"amt{n}" for n in range(21, 1, -1)]
    assert facts.unsent_more == 2
    store.apply(decided(SetTold((), tuple(each.id for each in facts.unsent))), [], NOW + DAY)
    facts = store.digest_facts(NOW + DAY, NOW + 2 * DAY)
    assert (_unsent(facts), facts.unsent_more) == (["amt1", "amt0"], 0)
    store.apply(decided(SetTold((), tuple(each.id for each in facts.unsent))), [], NOW + 2 * DAY)
    assert store.digest_facts(NOW + 2 * DAY, NOW + 3 * DAY).unsent == ()


def test_what_a_digest_names_is_remembered_of_nothing_else(engine: Engine, store: Store) -> None:
    """Only the rows it names bear the moment."""
    _given_up(engine, store, 3)
    facts = store.digest_facts(NOW - DAY, NOW + DAY)
    store.apply(decided(SetTold((), (facts.unsent[0].id,))), [], NOW + DAY)
    with engine.begin() as connection:
        told = connection.execute(select(outbox.c.name, outbox.c.told_at)).all()
    assert {row.name for row in told if row.told_at} == {"2"}
