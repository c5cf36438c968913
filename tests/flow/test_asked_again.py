"""An office that was left out and is asked again reads each letter: once, where that is sure."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mailflow.core.drafts import DraftKind
from mailflow.core.retry import Cause, Deferred, EntryState, Outcome, Unsure
from mailflow.ledger import thaw
from mailflow.schema import outbox
from mailflow.store.engine import reading
from tests.flow.city import (
    TWO_OFFICES,
    City,
    at_the_desk,
    body_of,
    city,
    digest_of,
    forward_to,
    in_no_mailbox,
    letter,
    of_kind,
    parse,
    reply_to,
    to_of,
)
from tests.flow.made_anew import lost_after, made_anew

UMWELT, DEPUTY = "umweltamt@stadt.example.org", "umweltamt-vertretung@stadt.example.org"
AWAY = Deferred("451 4.3.2 try again later")
FIRST, SECOND = "Lärmgrenzwerte", "Kühltürme"
FOLDERS = ["Processed", "Quarantine", "INBOX"]
Order = Callable[[City, str], list[EmailMessage]]


def _digest(town: City) -> EmailMessage:
    """Give the last digest, today's if there was none."""
    sent = of_kind([parse(raw) for _, _, raw in town.wire.accepted], "digest")
    return sent[-1] if sent else digest_of(town)


@pytest.mark.parametrize("end", [Unsure("?"), AWAY])
def test_an_office_whose_late_question_is_released_reads_what_never_reached_it(
    tmp_path: Path, end: Outcome
) -> None:
    """Its question opens a round of its own, without a forward: what is missing goes, once."""
    with city(tmp_path) as town:
        out = town.deliver(letter("Stand", TWO_OFFICES))
        forward, ack = forward_to(out, UMWELT), of_kind(out, "acknowledgement")[0]
        town.take_receipts()
        town.wait(hours=1)
        town.wire.outcomes = [end, end]
        town.deliver(reply_to(ack, f"Dazu noch: Es gibt {SECOND}.", quote=False))
        assert at_the_desk(town, f"{town.ticket().reference} ohne umwelt")[0].done
        town.work()
        town.wait(minutes=3)
        town.deliver(reply_to(forward, "Rückfrage\nBitte senden Sie uns den Lageplan."))
        assert at_the_desk(town, f"{town.ticket().reference} freigeben umwelt")[0].done
        out = town.work()
        for _ in range(6):
            town.wait(minutes=20)
            out += town.work()
        (missing,) = [each for each in of_kind(out, "forward") if to_of(each) == UMWELT]
        assert SECOND in body_of(missing)


def _by_mail(town: City, order: str) -> list[EmailMessage]:
    digest = _digest(town)
    town.wait(hours=1)
    return town.deliver(reply_to(digest, f"{town.ticket().reference} {order}", quote=False))


def _at_the_desk(town: City, order: str) -> list[EmailMessage]:
    town.wait(hours=1)
    (line,) = at_the_desk(town, f"{town.ticket().reference} {order}")
    assert line.done
    return town.work()


def _in_no_mailbox(town: City, order: str) -> list[EmailMessage]:
    """Order it at the desk, and let no rebuild know of it."""
    town.wait(hours=1)
    (line,) = in_no_mailbox(town, f"{town.ticket().reference} {order}")
    assert line.done
    return town.work()


EACH_WAY = pytest.mark.parametrize("order", [_by_mail, _at_the_desk, _in_no_mailbox])


@contextmanager
def _ending(town: City, outcome: Outcome, *recipients: str) -> Iterator[None]:
    """Let each attempt to write to these end so."""
    send = town.wire.send

    def ends(envelope: str, recipient: str, raw: bytes, **given: Any) -> Outcome:
        if recipient in recipients:
            return outcome
        return send(envelope, recipient, raw, **given)

    town.wire.send = ends  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        town.wire.send = send  # type: ignore[method-assign]


def _to_umwelt(mails: list[EmailMessage], kind: str = "forward") -> list[EmailMessage]:
    return [each for each in of_kind(mails, kind) if to_of(each) in (UMWELT, DEPUTY)]


def _read(mails: list[EmailMessage]) -> list[str]:
    """Give which of the two letters these mails bring to the office, in order."""
    words = [body_of(each) for each in _to_umwelt(mails)]
    return [each for text in words for each in (FIRST, SECOND) if each in text]


def _stands(town: City, kind: str = "forward") -> list[tuple[str, str]]:
    query = select(outbox.c.state, outbox.c.cause).where(
        outbox.c.office_id == "umwelt", outbox.c.kind == kind
    )
    with reading(town.store.engine) as connection:
        rows = connection.execute(query.order_by(outbox.c.created_at))
        return [(row.state, row.cause) for row in rows]


def _writes_twice(town: City) -> None:
    """Let the company write two letters, an hour apart."""
    town.deliver(letter("Umnutzung", TWO_OFFICES))
    town.take_receipts()
    town.wait(hours=1)
    reference = town.ticket().reference
    town.deliver(letter(f"AW: [{reference}]", f"Auf das Dach sollen {SECOND}."))
    town.take_receipts()
    town.wait(hours=1)


def _left_out_unread(town: City, order: Order) -> None:
    with _ending(town, AWAY, UMWELT):
        _writes_twice(town)
        order(town, "ohne umwelt")
    town.take_receipts()
    town.wait(hours=1)


def _asked_again(town: City, order: Order) -> None:
    _left_out_unread(town, order)
    assert _read(order(town, "an umwelt")) == [FIRST, SECOND]
    town.take_receipts()
    town.wait(hours=1)


@EACH_WAY
@pytest.mark.parametrize("send", [True, False])
def test_no_thaw_sends_what_never_left_of_an_old_round(
    tmp_path: Path, order: Order, *, send: bool
) -> None:
    """The new round's forward has brought it all, whose receipt proves it; orders in each way."""
    with lost_after(tmp_path, lambda town: _asked_again(town, order), "all") as (town, _):
        assert UMWELT not in [recipient for _, _, recipient in town.store.held_back()]
        thaw(town.store, town.now, send=send)
        assert _to_umwelt(town.work()) == []
        assert _stands(town).count((EntryState.ACCEPTED, Cause.NONE)) == 1
        assert _read(_by_mail(town, "ohne umwelt") + _by_mail(town, "an umwelt")) == [SECOND]


def _asked_a_third_time(town: City) -> None:
    _left_out_unread(town, _in_no_mailbox)
    with _ending(town, AWAY, UMWELT):
        _in_no_mailbox(town, "an umwelt")
        _in_no_mailbox(town, "ohne umwelt")
    assert _read(_in_no_mailbox(town, "an umwelt")) == [FIRST, SECOND]


def test_the_receipt_of_the_third_round_ends_those_before_it(tmp_path: Path) -> None:
    """None of the orders is known any more, and the second round's mail has left no trace."""
    with lost_after(tmp_path, _asked_a_third_time, "all") as (town, _):
        assert [each.round for each in town.ticket().consultations][-1] == 3
        thaw(town.store, town.now, send=True)
        assert _to_umwelt(town.work()) == []


def test_of_two_rounds_that_nothing_proves_the_new_one_is_sent(tmp_path: Path) -> None:
    """Where forwards leave no receipt, --show names one mail, and it brings all letters once."""
    story = lambda town: _asked_again(town, _by_mail)  # noqa: E731
    with lost_after(tmp_path, story, "company") as (town, differs):
        assert [each for each in differs if "umwelt" not in each] == []
        held = [(kind, to) for kind, _, to in town.store.held_back() if to == UMWELT]
        assert held == [("forward", UMWELT)]
        thaw(town.store, town.now, send=True)
        assert _read(town.work()) == [FIRST, SECOND]


def test_of_two_rounds_that_nothing_proves_none_is_sent_when_dropped(tmp_path: Path) -> None:
    """Both count as sent, until the manager asks once more: then they are read again."""
    story = lambda town: _asked_again(town, _by_mail)  # noqa: E731
    with lost_after(tmp_path, story, "company") as (town, _):
        thaw(town.store, town.now, send=False)
        assert _to_umwelt(town.work()) == []
        reference = town.ticket().reference
        more = town.deliver(letter(f"AW: [{reference}]", "Noch etwas zur Halle 4."))
        assert _read(more) == []
        _by_mail(town, "ohne umwelt")
        assert _read(_by_mail(town, "an umwelt")) == [FIRST, SECOND]


@EACH_WAY
def test_what_was_dropped_unproven_is_brought_by_a_new_round(tmp_path: Path, order: Order) -> None:
    """It never left before the office was left out; asked after all, it reads both letters."""
    with lost_after(tmp_path, partial(_left_out_unread, order=_by_mail), "all") as (
        town,
        differs,
    ):
        assert differs == []
        thaw(town.store, town.now, send=True)
        assert _to_umwelt(town.work()) == []
        (forward,) = _to_umwelt(order(town, "an umwelt"))
        assert _read([forward]) == [FIRST, SECOND]
        assert "noch einmal geschrieben" not in " ".join(body_of(forward).split())


def test_the_new_rounds_mail_is_the_same_after_another_loss(tmp_path: Path) -> None:
    """Made anew once more, it bears the name that its receipt bears: nothing goes out again."""
    with lost_after(tmp_path, partial(_left_out_unread, order=_by_mail), "all") as (town, _):
        thaw(town.store, town.now, send=True)
        _by_mail(town, "an umwelt")
        town.take_receipts()
        mailbox, now = town.mailbox, town.now
    (tmp_path / "mailflow.db").unlink()
    with made_anew(tmp_path, mailbox, now, "all") as town:
        thaw(town.store, town.now, send=True)
        assert _to_umwelt(town.work()) == []
        accepted = (EntryState.ACCEPTED, Cause.NONE)
        dropped = (EntryState.FAILED, Cause.DROPPED)
        assert _stands(town) == [dropped, dropped, accepted]


def _second_not_sent(town: City) -> None:
    town.deliver(letter("Umnutzung", TWO_OFFICES))
    town.take_receipts()
    with _ending(town, AWAY, UMWELT):
        town.wait(hours=1)
        reference = town.ticket().reference
        town.deliver(letter(f"AW: [{reference}]", f"Auf das Dach sollen {SECOND}."))
        _by_mail(town, "ohne umwelt")


def test_a_letter_that_has_arrived_is_not_brought_again(tmp_path: Path) -> None:
    """Its receipt proves it; the letter behind it, which never left, is brought."""
    with lost_after(tmp_path, _second_not_sent, "all") as (town, _):
        thaw(town.store, town.now, send=True)
        assert _to_umwelt(town.work()) == []
        assert _read(_by_mail(town, "an umwelt")) == [SECOND]


def test_a_reply_proves_what_a_thaw_dropped(tmp_path: Path) -> None:
    """Who answers a mail has read it, and is not sent its letter again in another round."""
    sent: list[EmailMessage] = []

    def story(town: City) -> None:
        sent.extend(town.deliver(letter("Lärm", f"Welche {FIRST} gelten für die Halle?")))
        town.take_receipts()
        town.wait(hours=1)

    with lost_after(tmp_path, story, "company") as (town, _):
        thaw(town.store, town.now, send=False)
        town.work()
        assert _stands(town) == [(EntryState.FAILED, Cause.DROPPED)]
        town.deliver(reply_to(forward_to(sent, UMWELT), "Nachts gelten 40 Dezibel."))
        assert _stands(town) == [(EntryState.ACCEPTED, Cause.NONE)]
        town.wait(hours=1)
        reference = town.ticket().reference
        more = town.deliver(letter(f"AW: [{reference}]", f"Auf das Dach sollen {SECOND}."))
        assert _read(more) == [SECOND]


def test_left_out_and_asked_in_one_mail(tmp_path: Path) -> None:
    """What is taken back by the first line is brought by the second one's mail."""
    with city(tmp_path) as town:
        with _ending(town, AWAY, UMWELT):
            _writes_twice(town)
            out = _by_mail(town, f"ohne umwelt\n{town.ticket().reference} an umwelt")
        town.wait(hours=6)
        assert _read(out + town.work()) == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("outcome", "cause"), [(AWAY, Cause.WITHDRAWN), (Unsure("lost"), Cause.DROPPED)]
)
def test_what_was_being_sent_when_its_office_was_left_out(
    tmp_path: Path, outcome: Outcome, cause: Cause
) -> None:
    """However that attempt ends, it is not tried again: the new round's mail brings it all."""
    with city(tmp_path) as town:
        with _ending(town, AWAY, UMWELT):
            _writes_twice(town)
            town.wait(hours=6)
        asked: list[bool] = []

        def amid(*_: object, **__: object) -> Outcome:
            town.wire.send = send  # type: ignore[method-assign]
            lines = (f"{town.ticket().reference} {line}" for line in ("ohne umwelt", "an umwelt"))
            asked.extend(at_the_desk(town, line)[0].done for line in lines)
            return outcome

        send, town.wire.send = town.wire.send, amid  # type: ignore[method-assign]
        out = town.work()
        for _ in range(3):
            town.wait(hours=5)
            town.store.remember_look(town.now, receipts=True)
            out += town.work()
        assert asked == [True, True]
        assert _read(out) == [FIRST, SECOND]
        assert (EntryState.FAILED, cause) in _stands(town)


def _reminded(town: City) -> None:
    town.deliver(letter("Umnutzung", TWO_OFFICES))
    with _ending(town, AWAY, UMWELT, DEPUTY):
        for _ in range(30):
            town.wait(days=1)
            town.chasing.remind()
            town.work()
        assert town.ticket().consultation("umwelt").reminded  # type: ignore[union-attr]
        _by_mail(town, "ohne umwelt")
    _by_mail(town, "an umwelt")


def test_no_thaw_sends_an_old_rounds_reminders(tmp_path: Path) -> None:
    """They speak of a day that counts no more: the office has been asked anew since."""
    with lost_after(tmp_path, _reminded, "all") as (town, _):
        thaw(town.store, town.now, send=True)
        out = town.work()
        assert _to_umwelt(out, "reminder") == []
        assert of_kind(out, "escalation") == []
        states = [state for kind in DraftKind for state, _ in _stands(town, kind)]
        assert EntryState.HELD not in states


def _deputy_not_asked(town: City) -> None:
    out = town.deliver(letter("Lärm", f"Welche {FIRST} gelten für die Halle?"))
    absent = letter(
        "Abwesend: Lärm",
        "Ich bin bis zum 30.12.2026 nicht im Haus.",
        sender=UMWELT,
        to=str(forward_to(out, UMWELT)["Reply-To"]),
        Auto_Submitted="auto-replied",
        In_Reply_To=str(forward_to(out, UMWELT)["Message-ID"]),
    )
    with _ending(town, AWAY, DEPUTY):
        town.wait(hours=1)
        town.deliver(absent)
        assert len(_stands(town)) == 2
        _by_mail(town, "ohne umwelt")
    _by_mail(town, "an umwelt")


def test_no_thaw_asks_an_old_rounds_deputy(tmp_path: Path) -> None:
    """The deputy's forward never left; the office itself is asked anew, and nobody else."""
    with lost_after(tmp_path, _deputy_not_asked, "all") as (town, _):
        thaw(town.store, town.now, send=True)
        assert _to_umwelt(town.work()) == []


def test_the_office_reminded_after_it_was_left_out_gets_nothing_old(tmp_path: Path) -> None:
    """`erinnern` writes to those still asked; what is due of the one left out stays here."""
    with city(tmp_path) as town:
        with _ending(town, AWAY, UMWELT):
            _writes_twice(town)
            _by_mail(town, "ohne umwelt")
        out = _by_mail(town, "erinnern")
        town.wait(hours=6)
        out += town.work()
        assert [to_of(each) for each in of_kind(out, "reminder")] == [
            "bauaufsicht@stadt.example.org"
        ]
        assert _to_umwelt(out) == []
