"""What surely never went out goes out after a loss, whatever becomes of what is unsure."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from mailflow.core.retry import Deferred, Outcome, Unsure
from mailflow.ledger import rebuild, reconcile, thaw
from mailflow.ledger_folders import MissedError
from tests.flow.city import (
    COMPANY,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    body_of,
    city,
    forward_to,
    letter,
    of_kind,
    parse,
    reply_to,
    to_of,
)
from tests.flow.test_withheld import Withholding

BAU = "bauaufsicht@stadt.example.org"
HOLE = letter("Umnutzung Halle 4", TWO_OFFICES, sender="chef@halle.example")
FOLDERS = ["Processed", "Quarantine", "INBOX"]


def _sent(town: City, before: int) -> list[EmailMessage]:
    return [parse(raw) for _, _, raw in town.wire.accepted[before:]]


@contextmanager
def _beside_a_hole(folder: Path) -> Iterator[tuple[City, EmailMessage]]:
    """Give a database made anew that was not given one mail, and the forward of another."""
    mailbox = Withholding()
    mailbox.words = b"nothing"
    with city(folder, mailbox=mailbox) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.deliver(HOLE)
        town.take_receipts()
    (folder / "mailflow.db").unlink()
    mailbox.words = b"From: chef@halle.example"
    with city(folder, mailbox=mailbox) as town:
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        mailbox.select_inbox()
        thaw(town.store, town.now, send=False)
        for _ in range(5):
            _look(town)
        yield town, forward


def _look(town: City) -> None:
    with suppress(OSError):
        town.intake.take_in(town.mailbox)
    town.wait(minutes=1)


def _given_at_last(town: City) -> None:
    """Let the server give the mail that was missed: the service compares once more, and freezes."""
    town.wait(minutes=61)
    assert isinstance(town.mailbox, Withholding)
    town.mailbox.words = b"nothing"
    with pytest.raises(MissedError):
        town.intake.take_in(town.mailbox)
    assert reconcile(town.store, town.mailbox, town.intake)
    town.mailbox.select_inbox()
    assert town.store.frozen()


@pytest.mark.parametrize("send", [True, False])
def test_what_came_after_the_loss_is_answered_whatever_the_manager_says(
    tmp_path: Path, *, send: bool
) -> None:
    """An office replied and a company wrote while the database was lost: nobody has read either.

    With what is unsure it was held, and dropped: the company never got its answer, and its ticket
    closed.
    """
    with city(tmp_path) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.take_receipts()
        town.wait(hours=1)
        unread, mailbox, now = reply_to(forward, "Die Genehmigung kommt."), town.mailbox, town.now
    (tmp_path / "mailflow.db").unlink()
    mailbox.folders["INBOX"].add(unread, now)
    mailbox.folders["INBOX"].add(letter("Neu", ONE_OFFICE, sender="chef@neu.example"), now)
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now
        town.wait(hours=3)
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        mailbox.select_inbox()
        assert {kind for kind, *_ in town.store.held_back()} <= {"forward"}
        thaw(town.store, town.now, send=send)
        out = town.work()
        assert [to_of(each) for each in of_kind(out, "combined-answer")] == [COMPANY]
        assert [to_of(each) for each in of_kind(out, "acknowledgement")] == ["chef@neu.example"]
        assert len(of_kind(out, "forward")) == 1


def test_what_the_lost_database_may_have_sent_of_an_unmoved_mail_is_held(tmp_path: Path) -> None:
    """It died between sending and moving: the inbox holds the inquiry and its copies."""
    with city(tmp_path) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        mailbox, now = town.mailbox, town.now
        (copy,) = town.wire.receipts
    (tmp_path / "mailflow.db").unlink()
    mailbox.folders["INBOX"].mails[1] = mailbox.folders["Processed"].mails.pop(1)
    mailbox.folders["INBOX"].add(copy, now)
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now
        town.wait(hours=3)
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        mailbox.select_inbox()
        assert [kind for kind, *_ in town.store.held_back()] == ["forward"]
        thaw(town.store, town.now, send=False)
        assert not of_kind(town.work(), "forward")


@pytest.mark.parametrize("send", [True, False])
def test_what_is_being_sent_when_a_missed_mail_freezes_is_sent_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, send: bool
) -> None:
    """The server's reply counts, though it came after the freeze."""
    with _beside_a_hole(tmp_path) as (town, _):
        real = town.wire.send

        def while_the_mailbox_is_read(*arguments: Any, **more: Any) -> Outcome:
            monkeypatch.setattr(town.wire, "send", real)
            _given_at_last(town)
            return real(*arguments, **more)

        town.mailbox.folders["INBOX"].add(
            letter("Neu", ONE_OFFICE, sender="chef@neu.example"), town.now
        )
        _look(town)
        before = len(town.wire.accepted)
        monkeypatch.setattr(town.wire, "send", while_the_mailbox_is_read)
        town.dispatch.send_due()
        thaw(town.store, town.now, send=send)
        town.work()
        mails = [each for each in _sent(town, before) if to_of(each) == "chef@neu.example"]
        assert [str(each["X-Mailflow-Kind"]) for each in mails] == ["acknowledgement"]


def test_what_was_queued_when_a_missed_mail_freezes_is_not_dropped_with_the_rest(
    tmp_path: Path,
) -> None:
    """The submission server was away: a company's answer and an alert waited for nothing else."""
    with _beside_a_hole(tmp_path) as (town, forward):
        town.wire.outcomes = [Deferred("away", server=True)] * 4
        gas = letter(
            "Hilfe", "In unserer Halle riecht es stark nach Gas!", sender="chef@gas.example"
        )
        town.mailbox.folders["INBOX"].add(gas, town.now)
        town.mailbox.folders["INBOX"].add(reply_to(forward, "Die Genehmigung kommt."), town.now)
        _look(town)
        town.dispatch.send_due()
        town.wire.outcomes = [Deferred("away", server=True)] * 4
        _given_at_last(town)
        town.wire.outcomes = []
        before = len(town.wire.accepted)
        town.wait(hours=1)
        town.dispatch.send_due()
        alerts = of_kind(_sent(town, before), "alert")
        assert any("riecht es stark nach Gas" in body_of(each) for each in alerts)
        thaw(town.store, town.now, send=False)
        town.wait(hours=5)
        town.work()
        assert of_kind(_sent(town, before), "combined-answer")


def test_an_alert_of_unknown_end_brings_no_other(tmp_path: Path) -> None:
    """Each brought the next, and all again, while a server took mails and did not say so."""
    with city(tmp_path) as town:
        town.wire.outcomes = [Unsure("timed out after the final dot")] * 500
        town.deliver(letter("Stand", ONE_OFFICE))
        for _ in range(24):
            town.wait(minutes=31)
            town.work()
        alerts = of_kind([parse(raw) for raw in town.wire.unsure], "alert")
        assert len({str(each["Message-ID"]) for each in alerts}) == 4  # unsure, unknown
