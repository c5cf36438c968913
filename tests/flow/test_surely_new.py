"""What surely never went out goes out after a loss, whatever becomes of what is unsure."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mailflow import ledger
from mailflow.core.drafts import DraftKind
from mailflow.core.retry import Accepted, Deferred, Outcome, Rejected, Unsure
from mailflow.ledger import Difference, rebuild, reconcile, thaw
from mailflow.ledger_folders import MissedError
from mailflow.mailbox import Arrived
from mailflow.one_pass import compare_ledger
from tests.flow.city import (
    COMPANY,
    ONE_OFFICE,
    City,
    body_of,
    city,
    forward_to,
    letter,
    of_kind,
    parse,
    parts_of,
    reply_to,
    to_of,
)
from tests.flow.test_holes import BAU, HOLE
from tests.flow.test_withheld import Withholding

_GAS = letter("Hilfe", "In unserer Halle riecht es stark nach Gas!", sender="chef@gas.example")
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
        town.mailbox.folders["INBOX"].add(_GAS, town.now)
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


@pytest.mark.parametrize("deferred", [0, 2])
def test_an_alert_goes_a_second_time_unseen_however_often_it_was_put_off(
    tmp_path: Path, deferred: int
) -> None:
    """Greylisted first, then of unknown end: no try of those may have reached anybody."""
    with city(tmp_path) as town:
        town.intake.store(_GAS, town.now, None)  # pushed by LMTP
        town.deciding.decide_all()
        town.wire.outcomes = [Deferred("451 greylisted")] * 12 if deferred else []
        for _ in range(deferred):
            town.dispatch.send_due()
            town.wait(minutes=31)
        town.wire.outcomes = [Unsure("timed out after the final dot")] * 12
        for _ in range(6):
            town.dispatch.send_due()
            town.wait(minutes=31)
        tried = of_kind([parse(raw) for raw in town.wire.unsure], "alert")
        assert sum("Gas" in body_of(each) for each in tried) == 2


def test_an_alert_is_not_given_up_while_nobody_can_read_the_mailbox(tmp_path: Path) -> None:
    """One machine serves both, and hangs: after two tries it waits for a look, and goes again."""
    with city(tmp_path) as town:
        town.intake.store(_GAS, town.now, None)  # pushed by LMTP
        town.deciding.decide_all()
        before = len(town.wire.accepted)
        town.wire.outcomes = [Unsure("timed out after the final dot")] * 12
        for _ in range(4):
            town.dispatch.send_due()
            town.wait(minutes=31)
        tried = [parse(raw) for raw in town.wire.unsure]
        assert sum("Gas" in body_of(each) for each in of_kind(tried, "alert")) == 2
        town.wire.outcomes = []
        town.work()
        assert any("Gas" in body_of(each) for each in of_kind(_sent(town, before), "alert"))


@pytest.mark.parametrize("restored", [True, False])
def test_the_manager_is_told_how_much_waits_and_may_say_that_the_mailbox_is_old_as_well(
    tmp_path: Path, *, restored: bool
) -> None:
    """What is surely new is counted apart; in a mailbox that was put back nothing is sure."""
    with city(tmp_path) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        town.take_receipts()
        mailbox, now = town.mailbox, town.now + timedelta(hours=1)
    (tmp_path / "mailflow.db").unlink()
    mailbox.folders["INBOX"].add(letter("Neu", ONE_OFFICE, sender="chef@neu.example"), now)
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now
        found = rebuild(town.store, mailbox, town.intake, FOLDERS, mailbox_restored=restored)
        mailbox.select_inbox()
        assert (found.held, found.waiting) == ((3, 0) if restored else (1, 2))
        compare_ledger(parts_of(town), mailbox)
        (alert,) = of_kind(town.work(), "alert")
        words = "3 ausgehende Mails warten auf Ihre Freigabe."
        if not restored:
            words = "1 ausgehende Mails warten auf Ihre Freigabe, und 2 sicher neue gehen mit ihr"
        assert words in " ".join(body_of(alert).split())


def test_a_release_that_lay_unread_at_a_loss_lets_the_answer_out(tmp_path: Path) -> None:
    """The answer was written before the loss, but nobody had let it go."""
    with city(tmp_path, manager_releases=True) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.take_receipts()
        reference = town.ticket().reference
        (review,) = of_kind(town.deliver(reply_to(forward, "Die Genehmigung kommt.")), "review")
        town.wait(minutes=30)
        town.deliver(letter("Stand", ONE_OFFICE, sender="chef@neu.example"))
        town.take_receipts()
        town.wait(hours=1)
        mailbox, now = town.mailbox, town.now
    (tmp_path / "mailflow.db").unlink()
    mailbox.folders["INBOX"].add(reply_to(review, f"{reference} freigeben"), now)
    with city(tmp_path, manager_releases=True, mailbox=mailbox) as town:
        town.now = now + timedelta(hours=3)
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        mailbox.select_inbox()
        thaw(town.store, town.now, send=False)
        assert of_kind(town.work(), "combined-answer")


def test_a_copy_that_comes_late_makes_no_new_mail_an_old_one(tmp_path: Path) -> None:
    """The mail host was away as well: its queue brings the copy after a company's new mail."""
    with city(tmp_path) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        mailbox, now, copies = town.mailbox, town.now, town.wire.receipts
    (tmp_path / "mailflow.db").unlink()
    inbox = mailbox.folders["INBOX"]
    inbox.add(letter("Neu", ONE_OFFICE, sender="chef@neu.example"), now + timedelta(hours=6))
    for each in copies:
        inbox.add(each, now + timedelta(hours=6, seconds=5))
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now + timedelta(hours=7)
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        mailbox.select_inbox()
        thaw(town.store, town.now, send=False)
        out = town.work()
        assert [to_of(each) for each in of_kind(out, "acknowledgement")] == ["chef@neu.example"]
        assert len(of_kind(out, "forward")) == 1


def test_without_copies_all_that_the_inbox_brings_about_is_held(tmp_path: Path) -> None:
    """Nothing says when the lost database was last alive: it may have died before moving a mail."""
    with city(tmp_path) as town:
        town.dispatch._receipts = "none"
        town.deliver(letter("Stand", ONE_OFFICE))
        town.wait(hours=1)
        town.deliver(letter("Neue Frage", ONE_OFFICE, sender="chef@neu.example"))
        mailbox, now = town.mailbox, town.now
    (tmp_path / "mailflow.db").unlink()
    done = mailbox.folders["Processed"].mails
    mailbox.folders["INBOX"].mails[9] = done.pop(max(done))
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now + timedelta(hours=3)
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        mailbox.select_inbox()
        thaw(town.store, town.now, send=False)
        assert town.work() == []


def test_an_emergency_pushed_as_a_missed_mail_is_fetched_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LMTP took it just before the comparison shut it: nobody has decided it yet."""
    with _beside_a_hole(tmp_path) as (town, _):
        fetch = town.mailbox.fetch

        def pushed_meanwhile(uids: Iterable[int]) -> Iterator[Arrived]:
            for each in fetch(uids):
                town.intake.store(_GAS, town.now, None)
                yield each

        before = len(town.wire.accepted)
        monkeypatch.setattr(town.mailbox, "fetch", pushed_meanwhile)
        _given_at_last(town)
        town.dispatch.send_due()
        assert any("Gas" in body_of(each) for each in of_kind(_sent(town, before), "alert"))
        thaw(town.store, town.now, send=False)
        town.work()
        assert any(to_of(each) == "chef@gas.example" for each in _sent(town, before))


@pytest.mark.parametrize("send", [True, False])
def test_a_comparison_that_breaks_off_knows_what_was_queued_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, send: bool
) -> None:
    """Of two holes one is stored, at the other the line breaks; the service tries again."""
    with _beside_a_hole(tmp_path) as (town, forward):
        town.mailbox.folders["INBOX"].add(reply_to(forward, "Die Genehmigung kommt."), town.now)
        _look(town)
        catch_up, before = ledger._catch_up, len(town.wire.accepted)

        def once(*_: Any, **__: Any) -> Difference | None:
            monkeypatch.setattr(ledger, "_catch_up", catch_up)
            raise ConnectionResetError("the line broke")

        monkeypatch.setattr(ledger, "_catch_up", once)
        with pytest.raises(ConnectionResetError):
            _given_at_last(town)
        assert reconcile(town.store, town.mailbox, town.intake)
        town.mailbox.select_inbox()
        thaw(town.store, town.now, send=send)
        town.work()
        assert len(of_kind(_sent(town, before), "combined-answer")) == 1


@pytest.mark.parametrize("at", ["fetch", "decide"])
def test_what_is_made_while_a_missed_mail_is_compared_is_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """The reply to a dial of before: no such office. Its deputy's letter is this database's own."""
    with _beside_a_hole(tmp_path) as (town, _):
        new = letter("Neu", ONE_OFFICE, sender="chef@neu.example")
        town.mailbox.folders["INBOX"].add(new, town.now)
        _look(town)
        claimed = town.store.claim(town.now)
        while claimed is not None and claimed.kind is not DraftKind.FORWARD:
            claimed = town.dispatch._record(claimed, Accepted("250 ok"), claim_next=True)
        assert claimed
        before, gone = len(town.wire.accepted), Rejected("550 no such user")
        record = partial(town.dispatch._record, claimed, gone, claim_next=False)
        name = "store_missed" if at == "fetch" else "_catch_up"
        monkeypatch.setattr(ledger, name, _before(getattr(ledger, name), record))
        _given_at_last(town)
        thaw(town.store, town.now, send=False)
        town.work()
        readers = [to_of(each) for each in of_kind(_sent(town, before), "forward")]
        assert "bauaufsicht-vertretung@stadt.example.org" in readers


def _before(real: Callable[..., Any], first: Callable[[], object]) -> Callable[..., Any]:
    def both(*words: Any, **more: Any) -> Any:
        first()
        return real(*words, **more)

    return both


def test_a_late_copy_of_the_lost_databases_holds_nothing_of_this_ones(tmp_path: Path) -> None:
    """It is given together with the missed mail, and shows that something is lost; that was known.

    An answer waited for the submission server, which was away.
    """
    mailbox = Withholding()
    mailbox.words = b"nothing"
    with city(tmp_path, mailbox=mailbox) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.take_receipts()
        town.deliver(HOLE)
        late = list(town.wire.receipts)
    (tmp_path / "mailflow.db").unlink()
    mailbox.words = b"From: chef@halle.example"
    with city(tmp_path, mailbox=mailbox) as town:
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        mailbox.select_inbox()
        thaw(town.store, town.now, send=False)
        for _ in range(5):
            _look(town)
        town.wire.outcomes = [Deferred("away", server=True)] * 4
        mailbox.folders["INBOX"].add(reply_to(forward, "Die Genehmigung kommt."), town.now)
        _look(town)
        town.dispatch.send_due()
        town.wire.outcomes = []
        before = len(town.wire.accepted)
        town.wait(minutes=61)
        mailbox.words = b"nothing"
        with pytest.raises(MissedError):
            town.intake.take_in(mailbox)
        for each in late:
            mailbox.folders["INBOX"].add(each, town.now)
        assert reconcile(town.store, mailbox, town.intake)
        mailbox.select_inbox()
        thaw(town.store, town.now, send=False)
        town.wait(hours=5)
        town.work()
        assert of_kind(_sent(town, before), "combined-answer")


def test_what_a_missed_release_lets_go_is_held(tmp_path: Path) -> None:
    """The lost database had carried it out; no copy tells that the answer went."""
    mailbox = Withholding()
    mailbox.words = b"nothing"
    with city(tmp_path, manager_releases=True, mailbox=mailbox) as town:
        town.dispatch._receipts = "none"
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        (review,) = of_kind(town.deliver(reply_to(forward, "Die Genehmigung kommt.")), "review")
        town.wait(hours=1)
        order = f"{town.ticket().reference} freigeben"
        out = town.deliver(reply_to(review, order, subject="AW: Freigabe Halle"))
        assert of_kind(out, "combined-answer")
        now = town.now
    (tmp_path / "mailflow.db").unlink()
    mailbox.words = b"Subject: AW: Freigabe Halle"
    with city(tmp_path, manager_releases=True, mailbox=mailbox) as town:
        town.now = now
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        mailbox.select_inbox()
        thaw(town.store, town.now, send=False)
        for _ in range(5):
            _look(town)
        _given_at_last(town)
        thaw(town.store, town.now, send=False)
        assert not of_kind(town.work(), "combined-answer")


def test_a_mail_filed_by_hand_before_a_start_is_no_loss(tmp_path: Path) -> None:
    """That start freezes, as it cannot tell; older mails filed later are late, and no more."""
    with city(tmp_path) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        town.take_receipts()
        reconcile(town.store, town.mailbox, town.intake)
        mailbox, old = town.mailbox, town.now
        mailbox.file(letter("Eins", ONE_OFFICE, sender="chef@eins.example"), town.now)
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = old + timedelta(hours=1)
        assert reconcile(town.store, mailbox, town.intake)
        thaw(town.store, town.now, send=True)
        mailbox.select_inbox()
        town.work()
        town.wait(days=2)
        mailbox.file(letter("Alt", ONE_OFFICE, sender="chef@alt.example"), old)
        mailbox.select_inbox()
        assert of_kind(town.work(), "forward")


def test_a_hole_that_a_start_is_given_is_no_new_loss(tmp_path: Path) -> None:
    """The moment up to which filed mails count as a lost database's stays the rebuild's."""
    with _beside_a_hole(tmp_path) as (town, _):
        mailbox, now = town.mailbox, town.now
        until = town.intake.folders.missed_until()
    assert isinstance(mailbox, Withholding)
    mailbox.words = b"nothing"
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now + timedelta(days=7)
        assert reconcile(town.store, mailbox, town.intake)
        assert town.intake.folders.missed_until() == until
