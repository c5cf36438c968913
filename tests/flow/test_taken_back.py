"""No mail goes to an office that is not asked any more, and an old order takes back no old mail."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mailflow.core.drafts import NoticeLine
from mailflow.core.retry import Cause, Deferred, EntryState, Outcome, Unsure
from mailflow.core.ticket import TicketState
from mailflow.ledger import rebuild, thaw
from mailflow.schema import outbox
from mailflow.store.engine import reading
from tests.flow.city import (
    NO_OFFICE,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    at_the_desk,
    body_of,
    city,
    digest_of,
    forward_to,
    letter,
    of_kind,
    reply_to,
    to_of,
)
from tests.flow.made_anew import lost_after

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"
AWAY = Deferred("451 4.3.2 try again later")


def _words(text: str) -> str:
    return " ".join(text.split())


def _stands(town: City, kind: str) -> list[tuple[str, str]]:
    """Give state and cause of each entry of a kind, oldest first."""
    query = select(outbox.c.state, outbox.c.cause).where(outbox.c.kind == kind)
    with reading(town.store.engine) as connection:
        rows = connection.execute(query.order_by(outbox.c.id))
        return [(row.state, row.cause) for row in rows]


def _ordered(town: City, *orders: str) -> str:
    """Let the manager answer today's digest, an hour later; give the notice in one line."""
    digest = digest_of(town)
    town.wait(hours=1)
    lines = "\n".join(f"{town.ticket().reference} {order}" for order in orders)
    (notice,) = of_kind(town.deliver(reply_to(digest, lines, quote=False)), "notice")
    return _words(body_of(notice))


def _sent_and_closed(town: City) -> None:
    town.deliver(letter("Stand", ONE_OFFICE))
    town.take_receipts()
    town.wait(hours=1)
    _ordered(town, "schliessen")
    town.wait(hours=1)


def test_an_order_to_close_read_again_takes_back_nothing_that_went_out(tmp_path: Path) -> None:
    """After a rebuild the office's letter, without a receipt, is unsure, and not unsent."""
    with lost_after(tmp_path, _sent_and_closed) as (town, differs):
        assert differs == []
        assert _stands(town, "forward") == [(EntryState.HELD, Cause.FROZEN)]
        assert town.ticket().state is TicketState.CLOSED


@pytest.mark.parametrize("send", [True, False])
def test_a_closed_tickets_letter_is_dropped_by_a_thaw_either_way(
    tmp_path: Path, *, send: bool
) -> None:
    """It is not shown as held; asked anew, the office reads it again, as nothing proves it came."""
    with lost_after(tmp_path, _sent_and_closed) as (town, _):
        assert [kind for kind, _, _ in town.store.held_back()] == ["notice"]
        assert thaw(town.store, town.now, send=send) == 1
        town.work()
        assert _stands(town, "forward") == [(EntryState.FAILED, Cause.DROPPED)]
        reference = town.ticket().reference
        town.wait(days=1)
        town.deliver(letter(f"AW: [{reference}]", "Und die Nutzungsänderung von Halle 9?"))
        at_the_desk(town, f"{reference} an bauaufsicht")
        (forward,) = of_kind(town.work(), "forward")
        words = _words(body_of(forward))
        assert "Halle 9" in words
        assert "Stand unseres Antrags" in words
        assert "noch einmal geschrieben" not in words


def test_a_closed_tickets_letter_that_has_arrived_is_not_brought_again(tmp_path: Path) -> None:
    """Its receipt proves it after a rebuild, too: asked anew, the office reads what is new."""
    with lost_after(tmp_path, _sent_and_closed, "all") as (town, _):
        thaw(town.store, town.now, send=True)
        reference = town.ticket().reference
        town.wait(days=1)
        town.deliver(letter(f"AW: [{reference}]", "Und die Nutzungsänderung von Halle 9?"))
        at_the_desk(town, f"{reference} an bauaufsicht")
        (forward,) = of_kind(town.work(), "forward")
        words = _words(body_of(forward))
        assert "Halle 9" in words
        assert "Stand unseres Antrags" not in words
        assert "noch einmal geschrieben" in words


def test_a_receipt_that_came_after_the_order_to_close_still_counts(tmp_path: Path) -> None:
    """A mail whose copy lies in the mailbox has not failed, whatever was ordered before."""

    def story(town: City) -> None:
        town.deliver(letter("Stand", ONE_OFFICE))
        town.wait(hours=1)
        _ordered(town, "schliessen")
        town.wait(minutes=1)

    with lost_after(tmp_path, story, "all") as (town, differs):
        assert differs == []
        assert _stands(town, "forward") == [(EntryState.ACCEPTED, Cause.NONE)]


def test_a_receipt_of_what_was_taken_back_says_that_it_went_out(tmp_path: Path) -> None:
    """An answer released at the desk has not failed, though orders read again withdraw it."""
    with city(tmp_path, manager_releases=True) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
        reference = town.ticket().reference
        at_the_desk(town, f"{reference} freigeben")
        assert of_kind(town.work(), "combined-answer")
        town.wait(hours=1)
        assert "Weitergeleitet an Umweltamt" in _ordered(town, "an umwelt")
        town.wait(minutes=1)
        town.take_receipts()
        mailbox, now = town.mailbox, town.now
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, manager_releases=True, mailbox=mailbox) as town:
        town.now = now
        rebuild(town.store, mailbox, town.intake, ["Processed", "Quarantine", "INBOX"])
        thaw(town.store, town.now, send=False)
        assert _stands(town, "combined-answer")[0] == (EntryState.ACCEPTED, Cause.NONE)
        town.wait(days=1)
        assert "Beleg im Postfach" not in body_of(digest_of(town))


def test_what_a_freeze_holds_does_not_go_to_the_offices_of_a_closed_ticket(tmp_path: Path) -> None:
    """Not even where the thaw sends what was held, nor what was asked since."""
    with city(tmp_path) as town:
        town.store.freeze("x", town.now)
        town.deliver(letter("Umnutzung", TWO_OFFICES))
        town.store.freeze("x", town.now)
        at_the_desk(town, f"{town.ticket().reference} an tiefbau")
        at_the_desk(town, f"{town.ticket().reference} schliessen")
        assert town.store.queued_since() == []
        thaw(town.store, town.now, send=True)
        out = town.work()
        assert of_kind(out, "acknowledgement")
        assert of_kind(out, "forward") == []


def test_one_mail_does_not_ask_an_office_and_close(tmp_path: Path) -> None:
    """The office is asked, and the manager reads why the ticket is open; alone, closing closes."""
    with city(tmp_path) as town:
        town.deliver(letter("Frage", NO_OFFICE))
        said = _ordered(town, "an umwelt", "schliessen")
        assert "Weitergeleitet an Umweltamt" in said
        assert "Nicht geschlossen, denn eine Anweisung davor schreibt dazu an ein Amt." in said
        assert town.ticket().state is TicketState.CONSULTING
        at_the_desk(town, f"{town.ticket().reference} schliessen")
        assert town.ticket().state is TicketState.CLOSED


def _closed_amid(town: City, outcome: Outcome) -> str:
    """Close a ticket while its forward is being sent, and let that attempt end so."""
    town.deliver(letter("Frage", NO_OFFICE))
    reference = town.ticket().reference
    at_the_desk(town, f"{reference} an umwelt")
    send = town.wire.send
    said: list[NoticeLine] = []

    def amid(*_: object, **__: object) -> Outcome:
        town.wire.send = send  # type: ignore[method-assign]
        said.extend(at_the_desk(town, f"{reference} schliessen"))
        return outcome

    town.wire.send = amid  # type: ignore[method-assign]
    town.work()
    return said[0].result


@pytest.mark.parametrize(
    ("outcome", "cause"), [(AWAY, Cause.WITHDRAWN), (Unsure("lost"), Cause.DROPPED)]
)
def test_what_is_being_sent_while_its_ticket_is_closed_is_not_tried_again(
    tmp_path: Path, outcome: Outcome, cause: Cause
) -> None:
    """The notice says that it may be out; what surely is not stays here, what may be, too."""
    with city(tmp_path) as town:
        said = _closed_amid(town, outcome)
        assert "Eine Mail an Umweltamt ist vielleicht schon unterwegs" in said
        assert "keine weitere Mail" not in said
        for _ in range(3):
            town.wait(hours=5)
            town.store.remember_look(town.now, receipts=True)
            assert of_kind(town.work(), "forward") == []
        assert _stands(town, "forward") == [(EntryState.FAILED, cause)]


def test_offices_are_left_out_one_after_the_other_while_their_mails_may_be_out(
    tmp_path: Path,
) -> None:
    """What is known to be under way already makes no later order wait for it."""
    with city(tmp_path) as town:
        town.wire.outcomes = [Unsure("lost"), Unsure("lost")]
        town.deliver(letter("Umnutzung", TWO_OFFICES))
        for office in ("bauaufsicht", "umwelt"):
            (line,) = at_the_desk(town, f"{town.ticket().reference} ohne {office}")
            assert "ist vielleicht schon unterwegs" in line.result
        (line,) = at_the_desk(town, f"{town.ticket().reference} schliessen")
        assert line.done


def test_a_notice_never_misses_a_mail_that_has_just_set_out(tmp_path: Path) -> None:
    """What was claimed after the facts were read makes the decision anew."""
    with city(tmp_path) as town:
        town.deliver(letter("Frage", NO_OFFICE))
        reference = town.ticket().reference
        at_the_desk(town, f"{reference} an umwelt")
        town.intake.take_in(town.mailbox)
        gather, looks = town.store.gather, []

        def late(*facts: Any) -> object:
            looks.append(known := gather(*facts))
            town.store.claim(town.now)
            return known

        town.store.gather = late  # type: ignore[method-assign,assignment]
        (line,) = at_the_desk(town, f"{reference} schliessen")
        assert "Umweltamt ist vielleicht schon unterwegs" in line.result
        assert len(looks) == 2


def test_an_office_that_is_left_out_gets_nothing_that_still_lay_here(tmp_path: Path) -> None:
    """The others get theirs; asked after all, it gets the letter once, as its first."""
    with city(tmp_path) as town:
        town.wire.outcomes = [AWAY] * 3
        town.deliver(letter("Umnutzung", TWO_OFFICES))
        reference = town.ticket().reference
        at_the_desk(town, f"{reference} ohne bauaufsicht")
        assert (EntryState.FAILED, Cause.WITHDRAWN) in _stands(town, "forward")
        at_the_desk(town, f"{reference} an bauaufsicht")
        town.wait(hours=5)
        out = of_kind(town.work(), "forward")
        assert sorted(map(to_of, out)) == [BAU, UMWELT]
        assert "noch einmal geschrieben" not in _words(body_of(forward_to(out, BAU)))
