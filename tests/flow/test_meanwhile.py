"""What another process settles between the reading of a mail's facts and the commit on them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from mailflow.core.digest import Pending
from mailflow.core.drafts import DraftKind, NoticeLine
from mailflow.core.retry import EntryState, Rejected, Unsure
from mailflow.schema import outbox
from mailflow.store.engine import reading
from tests.flow.city import (
    NO_OFFICE,
    ONE_OFFICE,
    City,
    again,
    at_the_desk,
    body_of,
    digest_of,
    forward_to,
    letter,
    of_kind,
    reply_to,
)

BAU = "bauaufsicht@stadt.example.org"
FLOODER = "eva@andere.example"
TOKEN = "unternehmen+aaaaaaaaaaaa.bbbbbbbbbbbbbbbb@stadt.example.org"


@contextmanager
def _meanwhile(town: City, name: str, step: Callable[[], object]) -> Iterator[None]:
    """Take a step, once, right after the next reading of facts by this method of the store."""
    real, steps = getattr(town.store, name), [step]

    def then(*args: Any) -> Any:
        facts = real(*args)
        while steps:
            steps.pop()()
        return facts

    setattr(town.store, name, then)
    try:
        yield
    finally:
        setattr(town.store, name, real)


def _flood(town: City, count: int) -> None:
    inbox = town.mailbox.folders["INBOX"]
    for _ in range(count):
        inbox.add(letter(f"Frage {inbox.uidnext}", NO_OFFICE, sender=FLOODER), town.now)
    town.intake.take_in(town.mailbox)


def _floods(town: City) -> list[Pending]:
    pending = town.reporting.digest().pending
    return [each for each in pending if "ungewöhnlich viele" in each.reason]


@pytest.mark.parametrize("how", ["again", "verwerfen"])
def test_no_mail_joins_a_flood_that_was_settled_meanwhile(town: City, how: str) -> None:
    """It is decided again, on what is true by then, and begins a flood that the digest names."""
    town.deciding._policy = replace(town.policy, storm_of_sender=5)
    _flood(town, 8)
    (item,) = _floods(town)
    settle: Callable[[], object] = (
        (lambda: again(town, FLOODER))
        if how == "again"
        else (lambda: at_the_desk(town, f"{item.reference} verwerfen"))
    )
    with _meanwhile(town, "gather", settle):
        _flood(town, 1)
    (item,) = _floods(town)
    assert item.reason.endswith("Bisher ist es eine.")


@pytest.mark.parametrize("orders", [("neu", "neu"), ("verwerfen", "neu"), ("neu", "verwerfen")])
def test_a_waiting_mail_is_decided_once(town: City, orders: tuple[str, str]) -> None:
    """Of two orders at once the first is done, and the second reads that nothing waits there."""
    town.deliver(letter("Frage", ONE_OFFICE, sender=FLOODER, to=TOKEN))
    (item,) = town.reporting.digest().pending
    town.wait(days=1)
    digest = digest_of(town)
    first, second = orders
    told: list[NoticeLine] = []
    with _meanwhile(
        town, "gather", lambda: told.extend(at_the_desk(town, f"{item.reference} {first}"))
    ):
        out = town.deliver(reply_to(digest, f"{item.reference} {second}"))
    (notice,) = of_kind(out, "notice")
    assert [each.done for each in told] == [True]
    assert "NICHT ausgeführt" in body_of(notice)
    known = town.store.tickets([item.reference])
    assert bool(known) == (first == "neu")


def test_a_receipt_that_comes_while_a_refusal_is_worked_off_stands(town: City) -> None:
    """The mail arrived: that its second copy was refused says nothing any more."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.take_receipts()
    town.wire.outcomes = [Unsure("the line broke")]
    town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
    copy = town.wire.unsure[-1]
    town.wait(minutes=31)
    town.intake.take_in(town.mailbox)

    def comes() -> None:
        town.mailbox.folders["INBOX"].add(copy, town.now)
        town.intake.take_in(town.mailbox)

    town.wire.outcomes = [Rejected("554 5.7.1 refused")]
    with _meanwhile(town, "is_being_sent", comes):
        town.dispatch.send_due()
    answers = select(outbox.c.state).where(outbox.c.kind == DraftKind.COMBINED_ANSWER)
    with reading(town.store.engine) as connection:
        assert list(connection.execute(answers).scalars()) == [EntryState.ACCEPTED]
