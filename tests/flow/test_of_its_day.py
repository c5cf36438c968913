"""What was right on its day stays right: a key that acted then, an office's address, a manager."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from mailflow.core.offices import Offices
from mailflow.core.ticket import HoldReason, Ticket, TicketState
from mailflow.ledger import rebuild, thaw
from tests.flow.city import (
    MANAGER,
    NO_OFFICE,
    OFFICES,
    ONE_OFFICE,
    City,
    body_of,
    city,
    digest_of,
    forward_to,
    letter,
    of_kind,
    parse,
    reply_to,
    to_of,
)
from tests.flow.test_machines import _bounce as bounce

BAU, NEW = "bauaufsicht@stadt.example.org", "post@bauordnung.example.org"
DEPUTY = "bauaufsicht-vertretung@stadt.example.org"
OTHER = "Paul Peters <p.peters@stahlbau.example>"
SUCCESSOR = "neue-leitung@stadt.example.org"
JUNE = "Die Genehmigung kommt im Juni."

FOLDERS = ["Processed", "Quarantine", "INBOX"]


@contextmanager
def _made_anew(town: City, folder: Path, **policy: Any) -> Iterator[City]:
    """Give the same city with another database, made from the same mailbox."""
    anew = folder / "anew"
    anew.mkdir()
    with city(anew, mailbox=deepcopy(town.mailbox), **policy) as made:
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


def _moved(*members: str) -> Offices:
    """Give the offices of a later day: one has another address, as the manual advises."""
    return Offices(
        tuple(
            replace(each, address=NEW, members=members) if each.id == "bauaufsicht" else each
            for each in OFFICES
        )
    )


def _forwarded(town: City, number: int = 1) -> EmailMessage:
    return forward_to(town.deliver(letter(f"Stand {number}", ONE_OFFICE)), BAU)


def _days(town: City, days: int) -> list[EmailMessage]:
    """Let days pass; give what went out."""
    before = len(town.wire.accepted)
    for _ in range(days):
        town.wait(days=1)
        town.work()
        town.chasing.remind()
        town.work()
    return [parse(raw) for _, _, raw in town.wire.accepted[before:]]


@pytest.mark.parametrize("members", [(), (BAU,)])
@pytest.mark.parametrize("receipts", ["company", "all"])
def test_what_an_office_answered_under_its_former_address_is_answered(
    town: City, tmp_path: Path, receipts: str, members: tuple[str, ...]
) -> None:
    """A token is genuine for the address it was made for; nobody is chased who had answered."""
    town.dispatch._receipts = receipts
    forward = _forwarded(town)
    town.take_receipts()
    town.wait(hours=2)
    assert of_kind(town.deliver(reply_to(forward, JUNE)), "combined-answer")
    town.take_receipts()
    with _made_anew(town, tmp_path, offices=_moved(*members)) as made:
        assert _look(made.ticket()) == _look(town.ticket())
        assert made.reporting.digest().pending == ()
        thaw(made.store, made.now, send=False)
        assert _days(made, 16) == []


def test_a_colleague_under_a_former_address_is_heard(town: City, tmp_path: Path) -> None:
    """Once an office's former address is known, others' mails need not name it."""
    town.deliver(reply_to(_forwarded(town), JUNE))
    town.take_receipts()
    forward = forward_to(town.deliver(letter("Noch etwas", ONE_OFFICE, sender=OTHER)), BAU)
    assert town.deliver(reply_to(forward, JUNE, sender=DEPUTY, quote=False))
    town.take_receipts()
    references = town.store.references(tuple(TicketState))
    was = {each: _look(ticket) for each, ticket in town.store.tickets(references).items()}
    with _made_anew(town, tmp_path, offices=_moved()) as made:
        again = made.store.tickets(references)
        assert {each: _look(ticket) for each, ticket in again.items()} == was


def test_a_mail_without_a_token_from_a_former_address_opens_no_ticket(
    town: City, tmp_path: Path
) -> None:
    """It waits as an office's, as it did before the loss."""
    town.deliver(reply_to(_forwarded(town), JUNE))
    town.take_receipts()
    town.deliver(letter("Nachfrage", "Wir brauchen noch etwas.", sender=BAU))
    with _made_anew(town, tmp_path, offices=_moved()) as made:
        assert len(made.store.references(tuple(TicketState))) == 1
        assert [each.reason for each in made.reporting.digest().pending] == [
            each.reason for each in town.reporting.digest().pending
        ]


@pytest.mark.parametrize("heard_before", [True, False])
def test_a_later_reply_from_a_former_address_is_judged_as_without_the_loss(
    town: City, tmp_path: Path, heard_before: bool
) -> None:
    """Its token is genuine, and its sender is none of the office's any more."""
    forward = _forwarded(town)
    if heard_before:
        town.deliver(reply_to(forward, "Zwischennachricht\nWir prüfen das bis zum 22. Dezember."))
    town.take_receipts()
    for later in (_made_anew(town, tmp_path, offices=_moved()), _same(tmp_path, town)):
        with later as place:
            thaw(place.store, place.now, send=False)
            place.deliver(reply_to(forward, JUNE))
            (hold,) = place.ticket().holds
            assert (hold.reason, hold.office_id) == (HoldReason.SENDER, "bauaufsicht")


@contextmanager
def _same(folder: Path, town: City) -> Iterator[City]:
    """Give the city with its own database, on a day on which an office has another address."""
    with city(folder, mailbox=deepcopy(town.mailbox), offices=_moved()) as same:
        same.now = town.now
        yield same


def test_without_a_loss_a_token_counts_for_the_address_it_names_alone(
    town: City, tmp_path: Path
) -> None:
    """In daily work a token that was made for another address than its row names is none."""
    forward = _forwarded(town)
    with _same(tmp_path, town) as later:
        digest = digest_of(later)
        reference = later.ticket().reference
        later.wait(hours=1)
        later.deliver(reply_to(digest, f"{reference} ohne bauaufsicht"))
        later.wait(days=1)
        out = later.deliver(reply_to(digest_of(later), f"{reference} an bauaufsicht"))
        assert forward_to(out, NEW)
        later.deliver(reply_to(forward, JUNE))
        assert later.ticket().answers == 0
        assert "nicht echt" in " ".join(each.reason for each in later.reporting.digest().pending)


@pytest.mark.parametrize("receipts", ["company", "all"])
def test_a_former_address_that_was_not_reached_is_known_as_the_offices(
    town: City, tmp_path: Path, receipts: str
) -> None:
    """Its report concerns the office's mail, however different the two addresses are."""
    town.dispatch._receipts = receipts
    forward = _forwarded(town)
    town.take_receipts()
    town.deliver(bounce(BAU, str(forward["Message-ID"])))
    town.take_receipts()
    with _made_anew(town, tmp_path, offices=_moved()) as made:
        assert _look(made.ticket()) == _look(town.ticket())
        assert DEPUTY in {address for _, address, _ in made.ticket().forwarded}


def test_a_receipt_tells_to_which_address_a_mail_went(town: City, tmp_path: Path) -> None:
    """What went to a former address was brought to that one, and to no other."""
    town.dispatch._receipts = "all"
    _forwarded(town)
    town.take_receipts()
    with _made_anew(town, tmp_path, offices=_moved()) as made:
        assert made.ticket().forwarded == town.ticket().forwarded


def test_what_a_former_manager_ordered_stays_done(town: City, tmp_path: Path) -> None:
    """His digest's key was made for him, and proves that he was the manager on its day."""
    town.deliver(letter("Stand", NO_OFFICE))
    reference, digest = town.ticket().reference, digest_of(town)
    town.wait(hours=1)
    forward = forward_to(town.deliver(reply_to(digest, f"{reference} an bauaufsicht")), BAU)
    town.wait(hours=1)
    assert of_kind(town.deliver(reply_to(forward, JUNE)), "combined-answer")
    town.take_receipts()
    with _made_anew(town, tmp_path, manager=SUCCESSOR) as made:
        assert _look(made.ticket()) == _look(town.ticket())
        assert made.reporting.digest().pending == ()
        assert MANAGER not in {recipient for _, _, recipient in made.store.held_back()}
        thaw(made.store, made.now, send=True)
        assert MANAGER not in map(to_of, made.work())


def test_what_a_former_manager_released_stays_released(tmp_path: Path) -> None:
    """A preview's key is known again by what it showed."""
    before = tmp_path / "before"
    before.mkdir()
    with city(before, manager_releases=True) as town:
        forward = _forwarded(town)
        town.wait(hours=1)
        (review,) = of_kind(town.deliver(reply_to(forward, JUNE)), "review")
        town.wait(hours=1)
        order = reply_to(review, f"{town.ticket().reference} freigeben")
        assert of_kind(town.deliver(order), "combined-answer")
        kind = {"manager_releases": True, "manager": SUCCESSOR}
        with _made_anew(town, tmp_path, **kind) as made:
            assert _look(made.ticket()) == _look(town.ticket())


@pytest.mark.parametrize("frozen", [True, False])
def test_a_former_manager_orders_nothing_any_more(town: City, tmp_path: Path, frozen: bool) -> None:
    """What comes after the loss is judged by the managers of today."""
    town.deliver(letter("Stand", NO_OFFICE))
    reference, digest = town.ticket().reference, digest_of(town)
    town.wait(hours=1)
    with _made_anew(town, tmp_path, manager=SUCCESSOR) as made:
        if not frozen:
            thaw(made.store, made.now, send=False)
        made.deliver(reply_to(digest, f"{reference} an bauaufsicht"))
        assert made.ticket().consultations == ()
        assert "nicht echt" in " ".join(each.reason for each in made.reporting.digest().pending)


def test_an_order_that_a_former_manager_gave_too_late_is_refused_again(
    town: City, tmp_path: Path
) -> None:
    """The day of his digest tells until when its key acted."""
    town.deliver(letter("Stand", NO_OFFICE))
    reference, digest = town.ticket().reference, digest_of(town)
    town.wait(days=20)
    town.deliver(reply_to(digest, f"{reference} an bauaufsicht"))
    with _made_anew(town, tmp_path, manager=SUCCESSOR) as made:
        assert made.ticket().consultations == ()
        assert _look(made.ticket()) == _look(town.ticket())
