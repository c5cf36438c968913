"""After a loss the receipts say what has gone out, also where nobody can replay why."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

from mailflow.core.offices import Offices
from mailflow.core.retry import Rejected
from mailflow.core.ticket import TicketState
from mailflow.ledger import rebuild, thaw
from tests.flow.city import (
    CENTRAL,
    COMPANY,
    NO_OFFICE,
    OFFICES,
    ONE_OFFICE,
    City,
    at_the_desk,
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
from tests.flow.test_machines import _bounce

UMWELT = "umweltamt@stadt.example.org"
FOLDERS = ["Processed", "Quarantine", "INBOX"]


@contextmanager
def _lost_after(
    story: Callable[[City], None], folder: Path, offices: Offices = OFFICES
) -> Iterator[City]:
    """Give a town whose database was lost after a story and made anew, with these offices."""
    with city(folder) as town:
        town.dispatch._receipts = "all"
        story(town)
        town.take_receipts()
        mailbox, now = town.mailbox, town.now
    (folder / "mailflow.db").unlink()
    with city(folder, mailbox=mailbox, offices=offices) as town:
        town.now = now
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        thaw(town.store, town.now, send=False)
        assert town.work() == []
        yield town


def _answered_by_a_colleague(town: City) -> None:
    out = town.deliver(letter("Lärm", "Welche Grenzwerte für Lärm gelten nachts an der Halle?"))
    town.take_receipts()
    town.wait(hours=1)
    reply = reply_to(forward_to(out, UMWELT), "40 Dezibel.", sender="p.gruen@stadt.example.org")
    assert of_kind(town.deliver(reply), "combined-answer")


def test_an_answer_whose_reply_waits_now_is_not_sent_once_more(tmp_path: Path) -> None:
    """Its author is no longer of the office: the manager reads that it went out, and releases."""
    strict = Offices(tuple(replace(each, members=()) for each in OFFICES))
    with _lost_after(_answered_by_a_colleague, tmp_path, strict) as town:
        digest = digest_of(town)
        assert "ging schon eine Antwort hinaus" in " ".join(body_of(digest).split())
        town.wait(minutes=5)
        order = reply_to(digest, f"{town.ticket().reference} freigeben", quote=False)
        assert of_kind(town.deliver(order), "combined-answer") == []
        assert town.ticket().state is TicketState.ANSWERED


def _answered_by_the_deputy(town: City) -> None:
    town.wire.outcomes = [Rejected("550 5.1.1 nobody")]
    out = town.deliver(letter("Halle", ONE_OFFICE)) + town.work()
    (forward,) = [each for each in of_kind(out, "forward") if "vertretung" in to_of(each)]
    town.take_receipts()
    town.wait(hours=1)
    reply = reply_to(forward, "Die Genehmigung kommt im Juni.")
    assert of_kind(town.deliver(reply), "combined-answer")


def test_a_deputy_asked_after_a_refusal_is_known_by_the_receipt(tmp_path: Path) -> None:
    """The refusal stands in no mail; its reply counts."""
    with _lost_after(_answered_by_the_deputy, tmp_path) as town:
        assert town.ticket().state is TicketState.ANSWERED
        assert town.ticket().holds == ()


def _answered_at_the_desk(town: City) -> None:
    town.deliver(letter("Frage", NO_OFFICE))
    town.take_receipts()
    town.wait(hours=1)
    at_the_desk(town, f"{town.ticket().reference} antwort: Bitte fragen Sie das Finanzamt.")
    assert of_kind(town.work(), "combined-answer")


def test_a_ticket_answered_at_the_desk_is_answered_after_a_loss(tmp_path: Path) -> None:
    """The order was in no mail, but the company has its answer: nobody is told to answer again."""
    with _lost_after(_answered_at_the_desk, tmp_path) as town:
        ticket = town.ticket()
        assert (ticket.state, ticket.answers, ticket.holds) == (TicketState.ANSWERED, 1, ())


def _order(town: City, words: str) -> list[EmailMessage]:
    """Let the manager answer today's digest, an hour later."""
    digest = digest_of(town)
    town.wait(hours=1)
    return town.deliver(reply_to(digest, words, quote=False))


def _acknowledged(town: City, **headers: str) -> EmailMessage:
    """Let a company write what no office is found for."""
    out = town.deliver(letter("Frage", NO_OFFICE, **headers))
    town.take_receipts()
    town.wait(hours=1)
    return of_kind(out, "acknowledgement")[0]


_TRACE = (
    b"Return-Path: <x@relay.intern.stadt.example.org>\r\n"
    b"Delivered-To: unternehmen+receipt@stadt.example.org\r\n"
    b"Received: from app7.intern.stadt.example.org (10.3.4.5) by mx;\r\n"
    b"\tTue, 24 Nov 2026 09:00:01 +0000\r\n"
)


def test_what_is_sent_again_bears_nothing_of_the_receipts_way(tmp_path: Path) -> None:
    """The company gets the mail as it was made, and a report on it comes to us."""
    kept = []

    def story(town: City) -> None:
        _acknowledged(town)
        at_the_desk(town, f"{town.ticket().reference} antwort: Bitte fragen Sie das Finanzamt.")
        kept.extend(of_kind(town.work(), "combined-answer"))
        town.wire.receipts = [_TRACE + each for each in town.wire.receipts]

    with _lost_after(story, tmp_path) as town:
        town.wait(minutes=30)
        town.deliver(_bounce(COMPANY, kept[0]["Message-ID"]))
        before = len(town.wire.accepted)
        _order(town, f"{town.ticket().reference} freigeben")
        (sent,) = [each for each in town.wire.accepted[before:] if each[1] == COMPANY]
        envelope_from, _, raw = sent
        assert envelope_from == CENTRAL
        assert {*parse(raw).keys()} == {*kept[0].keys()}
        assert body_of(parse(raw)) == body_of(kept[0])
