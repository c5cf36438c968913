"""Where among the mails that are read again an order comes, and the clock's work until then."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from mailflow.core.desk_order import DO, order_header
from mailflow.core.known import Scan
from mailflow.core.ticket import TicketState
from mailflow.desk import order_mail
from mailflow.fingerprint import fingerprint
from tests.flow.city import (
    NO_OFFICE,
    ONE_KEY,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    again,
    at_the_desk,
    city,
    forward_to,
    letter,
    parts_of,
    reply_to,
)
from tests.flow.made_anew import lost_after, made_anew

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"
STRANGER = "post@fremd.example"


def _let_days_pass(town: City, days: int) -> None:
    for _ in range(days):
        town.wait(days=1)
        _let_the_clock_work(town)


def _let_the_clock_work(town: City) -> None:
    town.work()
    town.chasing.remind()
    town.chasing.close()
    town.work()
    town.take_receipts()


def _as_an_order(raw: bytes, after: str) -> bytes:
    """Give a stranger's mail the header of an order; no key of ours made its Message-ID."""
    named = raw.replace(b"Noch eine Frage", f"Noch eine Frage, nach {after}".encode())
    return named.replace(b"<letter.", b"<mailflow.order.")


def _with_a_strangers_order(town: City) -> None:
    first = letter("Hallo", NO_OFFICE, sender=STRANGER)
    town.deliver(first)
    town.wait(hours=1)
    asked = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.take_receipts()
    town.wait(hours=5)
    (answer,) = town.deliver(reply_to(asked, "Die Genehmigung kommt im Juni."))
    town.take_receipts()
    _let_days_pass(town, 50)
    asked = forward_to(town.deliver(reply_to(answer, ONE_OFFICE)), BAU)
    town.take_receipts()
    town.wait(hours=3)
    town.deliver(reply_to(asked, "Ja, im August kommt auch die zweite Genehmigung."))
    town.take_receipts()
    town.wait(days=1)
    second = letter("Noch eine Frage", NO_OFFICE, sender=STRANGER)
    town.deliver(_as_an_order(second, f"{fingerprint(first)}.0"))


def _given_in_an_outage(town: City) -> None:
    """Let an office's word lie unread for nine days, and a ticket be steered then."""
    asked = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.take_receipts()
    town.deliver(letter("Andere", NO_OFFICE, sender=STRANGER))
    town.take_receipts()
    (other,) = (
        reference
        for reference, ticket in town.store.tickets(town.store.references()).items()
        if ticket.state is TicketState.TRIAGE
    )
    _let_days_pass(town, 1)
    town.wait(hours=2)
    words = "Zwischennachricht: Wir brauchen noch bis zum 18.12.2026, es fehlt ein Gutachten."
    town.mailbox.folders["INBOX"].add(reply_to(asked, words), town.now)
    town.wait(days=9)
    assert at_the_desk(town, f"{other} notiz angerufen")[0].done
    town.wait(hours=1)


def _read_after_an_outage(town: City) -> None:
    _given_in_an_outage(town)
    _let_the_clock_work(town)


def _behind_a_mail_from_the_future(town: City) -> None:
    """Let a mailbox server date one mail three days ahead, right before an order."""
    town.deliver(letter("Frage", NO_OFFICE))
    town.take_receipts()
    reference = town.ticket().reference
    town.wait(hours=1)
    ahead = letter("Andere", NO_OFFICE, sender=STRANGER)
    town.mailbox.folders["INBOX"].add(ahead, town.now + timedelta(days=3))
    town.work()
    town.wait(minutes=10)
    assert at_the_desk(town, f"{reference} an umwelt")[0].done
    asked = forward_to(town.work(), UMWELT)
    town.wait(hours=3)
    town.deliver(reply_to(asked, "Nachts gelten 45 Dezibel."))
    town.take_receipts()
    town.wait(days=6)


def _between_two_mails_of_a_second(town: City) -> None:
    """Leave an office out after a mail that came in the very second of its reply, unread so far."""
    out = town.deliver(letter("Frage", TWO_OFFICES))
    town.take_receipts()
    reference = town.ticket().reference
    town.wait(hours=1)
    inbox, done = town.mailbox.folders["INBOX"], list[bool]()
    inbox.add(letter("Andere", NO_OFFICE, sender=STRANGER), town.now)
    inbox.add(reply_to(forward_to(out, UMWELT), "Nachts gelten 45 Dezibel."), town.now)

    def once() -> None:
        if not done:
            done.append(at_the_desk(town, f"{reference} ohne umwelt")[0].done)

    town.wait(seconds=1)
    with patch.object(town.deciding, "after_each", once):
        town.work()
    assert done == [True]
    town.wait(hours=1)


def _let_out_over_unread(town: City) -> None:
    """Let an office's reply out while a later one of the same office lies unread."""
    asked = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.take_receipts()
    town.wait(hours=1)
    with patch.object(town.deciding, "_scan", return_value=Scan.INFECTED):
        town.deliver(reply_to(asked, "Die Genehmigung kommt im Juni."))
    town.wait(hours=1)
    later = reply_to(asked, "Die Genehmigung kommt doch erst im August.")
    town.mailbox.folders["INBOX"].add(later, town.now)
    town.wait(hours=1)
    assert again(town) == 1
    town.deciding.decide_all()
    town.wait(hours=1)


@pytest.mark.parametrize(
    "story",
    [
        _with_a_strangers_order,
        _read_after_an_outage,
        _behind_a_mail_from_the_future,
        _between_two_mails_of_a_second,
        _let_out_over_unread,
    ],
)
def test_each_order_comes_after_what_its_giver_knew_and_takes_nothing_along(
    tmp_path: Path, story: Callable[[City], None]
) -> None:
    """After a loss everything is as it was, whatever lay unread when an order was given."""
    with lost_after(tmp_path, story) as (_, differs):
        assert differs == []


def test_an_order_chases_nobody_whose_word_still_lies_in_the_inbox(tmp_path: Path) -> None:
    """The clock goes no further for an order than to the first mail that nobody has read."""
    with city(tmp_path) as town:
        _given_in_an_outage(town)
        town.intake.folders.file_pushed(town.mailbox)
        mailbox, now = town.mailbox, town.now
    (tmp_path / "mailflow.db").unlink()
    with made_anew(tmp_path, mailbox, now) as town:
        town.work()
        assert town.store.held_back() == []
        assert [kind for kind, _, _ in town.store.queued_since()] == ["interim"]


def test_a_strangers_mail_is_no_order_whatever_its_header_says(tmp_path: Path) -> None:
    """It has no place but its own, and nothing of it is kept in memory."""
    with city(tmp_path) as town:
        raw = _as_an_order(letter("Noch eine Frage", NO_OFFICE, sender=STRANGER), f"{0:064x}.0")
        town.intake.store(raw, town.now, None)
        assert town.store.unread_orders() == []
        order, _ = order_mail(parts_of(town), DO, "KAM-7K3Q-9F2M schliessen", town.now)
        town.intake.store(order, town.now, None)
        assert len(town.store.unread_orders()) == 1


def test_an_order_that_somebody_quotes_is_none(tmp_path: Path) -> None:
    """Only the header counts, not what stands below it."""
    with city(tmp_path) as town:
        order, _ = order_mail(parts_of(town), DO, "KAM-7K3Q-9F2M schliessen", town.now)
    assert order_header(order, ONE_KEY)
    assert order_header(b"Subject: WG: Auftrag\r\n\r\n" + order, ONE_KEY) is None
