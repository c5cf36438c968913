"""What was right on its day stays right: a key that acted then, an office's address, a manager."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from mailflow.core.ticket import Ticket
from mailflow.ledger import rebuild, thaw
from tests.flow.city import (
    NO_OFFICE,
    City,
    body_of,
    city,
    digest_of,
    letter,
    of_kind,
    reply_to,
)

FOLDERS = ["Processed", "Quarantine", "INBOX"]


@contextmanager
def _made_anew(town: City, folder: Path, **policy: Any) -> Iterator[City]:
    """Give the same city with another database, made from the same mailbox."""
    anew = folder / "anew"
    anew.mkdir()
    with city(anew, mailbox=town.mailbox, **policy) as made:
        made.now = town.now
        made.dispatch._receipts = town.dispatch._receipts
        rebuild(made.store, made.mailbox, made.intake, FOLDERS)
        yield made


def _look(ticket: Ticket) -> tuple[object, ...]:
    """Give what must be the same again."""
    parts = [(part.office_id, part.state) for part in ticket.consultations]
    replies = [(each.text, each.state) for part in ticket.consultations for each in part.replies]
    holds = [(hold.reason, hold.office_id) for hold in ticket.holds]
    return ticket.state, ticket.answers, parts, replies, holds


def _unread_for_days(town: City) -> EmailMessage:
    """Let an order lie unread until its key acts no more; give the answer that went out then.

    The mailbox was away, or the installation stood still.
    """
    town.deliver(letter("Stand", NO_OFFICE))
    town.take_receipts()
    order = f"{town.ticket().reference} antwort: Bitte wenden Sie sich an das Finanzamt."
    digest = digest_of(town)
    town.wait(days=12)
    town.mailbox.folders["INBOX"].add(reply_to(digest, order), town.now)
    town.wait(days=5)
    (answer,) = of_kind(town.work(), "combined-answer")
    return answer


def test_an_order_that_came_in_time_acts_however_late_it_is_read(town: City) -> None:
    """Whether a manager's key still acts is asked of the day on which his mail came."""
    assert "Finanzamt" in body_of(_unread_for_days(town))


def test_an_order_read_late_is_the_same_after_a_loss(town: City, tmp_path: Path) -> None:
    """The rebuild carries out what daily work carried out, and no answer goes out again."""
    _unread_for_days(town)
    town.take_receipts()
    with _made_anew(town, tmp_path) as made:
        assert _look(made.ticket()) == _look(town.ticket())
        thaw(made.store, made.now, send=True)
        assert of_kind(made.work(), "combined-answer") == []
