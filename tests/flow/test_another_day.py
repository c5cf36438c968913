"""After a loss our mails are made anew as of their letters' arrival, and name other days."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from mailflow.core.retry import Deferred
from mailflow.core.ticket import TicketState
from mailflow.ledger import rebuild, thaw
from tests.flow.city import (
    COMPANY,
    ONE_OFFICE,
    City,
    at_the_desk,
    body_of,
    city,
    forward_to,
    letter,
    of_kind,
    parse,
    reply_to,
    to_of,
)

BAU = "bauaufsicht@stadt.example.org"
FOLDERS = ["Processed", "Quarantine", "INBOX"]
ANSWER = "Die Genehmigung kommt im Juni."
INTERIM = "Wir prüfen das bis zum 22. Dezember."


@contextmanager
def _lost_after(
    story: Callable[[City], EmailMessage], folder: Path, receipts: str
) -> Iterator[tuple[City, dict[str, Any], EmailMessage]]:
    """Give a town whose database was lost after a story, what it held, and the story's last mail.

    Answers wait for the manager.
    """
    with city(folder, manager_releases=True) as town:
        town.dispatch._receipts = receipts
        last = story(town)
        town.take_receipts()
        mailbox, now, was = town.mailbox, town.now, _held(town)
    (folder / "mailflow.db").unlink()
    with city(folder, manager_releases=True, mailbox=mailbox) as town:
        town.dispatch._receipts, town.now = receipts, now
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        yield town, was, last


def _held(town: City) -> dict[str, Any]:
    ticket = town.ticket()
    return {
        "state": ticket.state,
        "parts": [(part.office_id, part.state) for part in ticket.consultations],
        "holds": [each.text for each in ticket.holds],
        "replies": [(each.text, each.state) for each in ticket.consultations[0].replies],
    }


def _read_the_next_morning(town: City) -> list[EmailMessage]:
    town.wait(hours=12)
    town.mailbox.folders["INBOX"].add(letter("Stand", ONE_OFFICE), town.now)
    town.wait(hours=12)
    out = town.work()
    town.take_receipts()
    town.wait(hours=2)
    return out


def _answered_in_full_quote(town: City) -> EmailMessage:
    """An office answers above our mail, quoted whole; its answer waits for its release."""
    forward = forward_to(_read_the_next_morning(town), BAU)
    (preview,) = of_kind(town.deliver(reply_to(forward, ANSWER)), "review")
    return preview


def _asked_a_day_late(town: City) -> EmailMessage:
    """The server is away for a day, so the office's days begin then; it answers the reminder."""
    town.wire.outcomes += [Deferred("451 busy")] * 40
    town.deliver(letter("Stand", ONE_OFFICE))
    for _ in range(16):
        town.wait(hours=3)
        town.work()
    town.wire.outcomes.clear()
    reminder = None
    while reminder is None:
        town.wait(hours=3)
        town.chasing.remind()
        town.work()
        town.take_receipts()
        reminder = next(iter(of_kind(_accepted(town), "reminder")), None)
    town.wait(hours=1)
    town.deliver(reply_to(reminder, f"Zwischennachricht\n{INTERIM}"))
    return reminder


def _accepted(town: City) -> list[EmailMessage]:
    return [parse(raw) for _, _, raw in town.wire.accepted]


@pytest.mark.parametrize("receipts", ["company", "all"])
@pytest.mark.parametrize("story", [_answered_in_full_quote, _asked_a_day_late])
def test_a_quote_of_our_mail_is_ours_though_it_was_made_anew_of_another_day(
    tmp_path: Path, receipts: str, story: Callable[[City], EmailMessage]
) -> None:
    """The due day in the quote is not the one of the mail made anew: nothing waits for that."""
    with _lost_after(story, tmp_path, receipts) as (town, was, _):
        assert _held(town) == was


@pytest.mark.parametrize("receipts", ["company", "all"])
def test_no_word_of_our_mail_to_an_office_reaches_the_company_after_a_loss(
    tmp_path: Path, receipts: str
) -> None:
    """Whatever the manager releases then, it is the office's words, and goes to the company."""
    with _lost_after(_answered_in_full_quote, tmp_path, receipts) as (town, _, preview):
        thaw(town.store, town.now, send=False)
        town.wait(hours=1)
        reference = town.ticket().reference
        town.deliver(reply_to(preview, f"{reference} freigeben"))
        told = [body_of(each) for each in _accepted(town) if to_of(each) == COMPANY]
        assert any(ANSWER in each for each in told)
        assert not any("bitten Sie" in each or "um Antwort" in each for each in told)
        assert town.ticket().state is TicketState.ANSWERED


def _answered_between_the_lines(town: City) -> EmailMessage:
    forward = forward_to(_read_the_next_morning(town), BAU)
    head = f"\nVon: KAM <{forward['Reply-To']}>\nGesendet: heute\nAn: {BAU}\nBetreff: Stand\n\n"
    asked = "auf Nutzungsänderung?"
    quoted = body_of(forward).replace(asked, f"{asked}\n{ANSWER}")
    polite = "Guten Tag,\n\ngern beantworten wir die Fragen.\n\nMit freundlichen Grüßen\nB. Bau\n"
    town.deliver(reply_to(forward, polite + head + quoted, quote=False))
    return forward


@pytest.mark.parametrize("receipts", ["company", "all"])
def test_an_answer_between_our_lines_waits_after_a_loss_as_before(
    tmp_path: Path, receipts: str
) -> None:
    """The same words of the office wait, and none of ours beside them."""
    with _lost_after(_answered_between_the_lines, tmp_path, receipts) as (town, was, _):
        assert _held(town) == was
        assert len(was["replies"]) == 1


@pytest.mark.parametrize("receipts", ["company", "all"])
def test_a_release_of_what_waited_over_a_loss_sends_no_word_of_our_mail(
    tmp_path: Path, receipts: str
) -> None:
    """What is offered to the manager holds no line of ours that names another day, nor goes out."""
    with _lost_after(_answered_between_the_lines, tmp_path, receipts) as (town, _, _forward):
        thaw(town.store, town.now, send=False)
        for _ in range(2):  # the reply, then the answer made of it
            town.wait(minutes=1)
            at_the_desk(town, f"{town.ticket().reference} freigeben")
            town.work()
        told = [body_of(each) for each in _accepted(town) if to_of(each) == COMPANY]
        assert any(ANSWER in each for each in told)
        assert not any("bitten Sie" in each or "um Antwort" in each for each in told)


def test_a_day_changed_within_our_line_waits_in_daily_work(town: City) -> None:
    """What we composed ourselves is known to the letter: there it is the office that wrote it."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    (day,) = {line for line in body_of(forward).splitlines() if "2026" in line}
    quoted = body_of(forward).replace(day, day.replace("2026", "2027"))
    head = f"\nVon: KAM <{forward['Reply-To']}>\nGesendet: heute\nAn: {BAU}\nBetreff: Stand\n\n"
    assert town.deliver(reply_to(forward, "Gern." + head + quoted, quote=False)) == []
    ((reply,),) = (part.replies for part in town.ticket().consultations)
    assert "2027" in reply.text


@pytest.mark.parametrize("send", [False, True])
def test_a_reply_after_the_thaw_to_what_went_out_before_the_loss_is_known(
    tmp_path: Path, *, send: bool
) -> None:
    """Its office quotes the first copy, whether a thaw sends the mail made anew or drops it."""

    def asked(town: City) -> EmailMessage:
        return forward_to(_read_the_next_morning(town), BAU)

    with _lost_after(asked, tmp_path, "company") as (town, _, forward):
        thaw(town.store, town.now, send=send)
        town.work()
        town.wait(hours=1)
        assert of_kind(town.deliver(reply_to(forward, ANSWER)), "review")
        assert town.ticket().consultations[0].replies[0].text == ANSWER
