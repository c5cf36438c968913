"""What the inbox holds that a lost database had read: the marks on the mails tell."""

from contextlib import suppress
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from mailflow.ledger import reconcile, thaw
from mailflow.ledger_folders import MissedError
from mailflow.store.backup import back_up, put_back
from mailflow.upgrade import knows
from tests.flow.city import (
    COMPANY,
    ONE_OFFICE,
    body_of,
    city,
    digest_of,
    letter,
    of_kind,
    reply_to,
    to_of,
)
from tests.flow.losses import (
    BAU,
    GAS,
    LATER,
    NEW,
    TWO,
    Breaking,
    Stuck,
    after_a_loss,
    deliver_unmoved,
    killed_after,
    kinds,
    made_anew,
    made_good,
    raising,
    sent,
    store_and_break,
)


def test_the_forward_of_an_unmoved_inquiry_is_held_without_any_copy(tmp_path: Path) -> None:
    """A day's second inquiry has no acknowledgement, and its forward leaves no copy."""
    with city(tmp_path, mailbox=Stuck()) as town:
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
        town.wait(hours=1)
        out = deliver_unmoved(town, letter("Zwei", ONE_OFFICE))
        assert kinds(out) == [("forward", BAU)]
        town.wait(minutes=1)
        town.mailbox.folders["INBOX"].add(NEW, town.now)
    with made_anew(tmp_path, town) as again:
        assert ("forward", BAU) in {(kind, to) for kind, _, to in again.store.held_back()}
        thaw(again.store, again.now, send=False)
        out = again.work()
        assert kinds(out) == [("acknowledgement", "chef@neu.example"), ("forward", BAU)]
        assert "Neu" in str(of_kind(out, "forward")[0]["Subject"])
        assert again.mailbox.folders["INBOX"].mails == {}


def test_what_an_unmoved_order_of_the_managers_brought_about_is_held(tmp_path: Path) -> None:
    """The office was asked and the manager told so, before the order left the inbox."""
    with city(tmp_path, mailbox=Stuck()) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        town.take_receipts()
        digest, reference = digest_of(town), town.ticket().reference
        out = deliver_unmoved(town, reply_to(digest, f"{reference} an tiefbau"))
        assert [kind for kind, _ in kinds(out)] == ["forward", "notice"]
    with made_anew(tmp_path, town) as again:
        thaw(again.store, again.now, send=False)
        assert again.work() == []


@pytest.mark.parametrize("keywords", [True, False])
def test_a_restored_backup_holds_what_an_unmoved_mail_brought_about(
    tmp_path: Path, *, keywords: bool
) -> None:
    """The newer database had forwarded it, and the office has answered that forward since.

    Where a server keeps no keywords, its mark is that of an answer.
    """
    mailbox = Stuck()
    mailbox.keeps_keywords = keywords
    with city(tmp_path, mailbox=mailbox) as town:
        reconcile(town.store, town.mailbox, town.intake)
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
        back_up(f"sqlite:///{tmp_path}/mailflow.db", tmp_path / "copy.db")
        town.wait(hours=1)
        (forward,) = deliver_unmoved(town, letter("Zwei", ONE_OFFICE))
        town.wait(minutes=5)
        town.mailbox.file(reply_to(forward, "Die Genehmigung kommt."), town.now)
    put_back(f"sqlite:///{tmp_path}/mailflow.db", tmp_path / "copy.db", town.now, knows)
    with city(tmp_path, mailbox=town.mailbox) as again:
        again.now = town.now + timedelta(minutes=20)
        assert reconcile(again.store, again.mailbox, again.intake)
        again.mailbox.select_inbox()
        thaw(again.store, again.now, send=True)
        out = again.work()
        assert kinds(out) == [("combined-answer", COMPANY)]
        assert again.mailbox.folders["INBOX"].mails == {}


def test_in_a_mailbox_that_was_put_back_a_missing_mark_says_nothing(tmp_path: Path) -> None:
    """Its marks are those of its day: the lost database may have read the mail since."""
    with city(tmp_path) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        town.take_receipts()
        town.mailbox.folders["INBOX"].add(NEW, town.now + timedelta(hours=1))
    with made_anew(tmp_path, town, mailbox_restored=True) as again:
        thaw(again.store, again.now, send=False)
        assert again.work() == []


def test_what_a_rebuild_read_of_the_inbox_is_marked_for_the_next(tmp_path: Path) -> None:
    """It is thawed, and goes out while the first look breaks; then all is lost once more."""
    with city(tmp_path) as town:
        town.dispatch._receipts = "none"
        town.deliver(letter("Stand", ONE_OFFICE))
        town.mailbox.folders["INBOX"].add(NEW, town.now + timedelta(hours=1))
    with made_anew(tmp_path, town) as again:
        again.dispatch._receipts = "none"
        thaw(again.store, again.now, send=True)
        again.dispatch.send_due()
        assert ("forward", BAU) in kinds(sent(again))
    with made_anew(tmp_path, again) as third:
        thaw(third.store, third.now, send=False)
        assert third.work() == []


def test_an_old_mail_that_a_clerk_has_answered_by_hand_freezes_nothing(tmp_path: Path) -> None:
    """On a server without keywords his mark is like ours: long after a loss it says nothing."""
    with after_a_loss(tmp_path) as again:
        again.wait(days=30)
        again.mailbox.keeps_keywords = False
        again.mailbox.folders["INBOX"].add(NEW, again.now, marked=True)
        assert of_kind(again.work(), "acknowledgement")


def test_a_marked_mail_that_is_put_back_into_the_inbox_after_a_loss_is_no_new_one(
    tmp_path: Path,
) -> None:
    """A mail server's backup keeps the marks; the forward went out, and no copy tells."""
    second = letter("Zwei", ONE_OFFICE)
    with city(tmp_path) as town:
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
        assert kinds(town.deliver(second)) == [("forward", BAU)]
        mails = town.mailbox.folders["Processed"].mails
        (uid,) = [uid for uid, (raw, _) in mails.items() if raw == second]
        mail = mails.pop(uid)
    with made_anew(tmp_path, town) as again:
        thaw(again.store, again.now, send=False)
        again.work()
        again.mailbox.folders["INBOX"].add(NEW, again.now)
        again.mailbox.folders["INBOX"].add(*mail, marked=True)
        with pytest.raises(MissedError):
            again.intake.take_in(again.mailbox)
        there = again.mailbox.uids()
        assert again.mailbox.marked(there) == {*there}  # the new one is decided as any other
        assert reconcile(again.store, again.mailbox, again.intake)
        again.mailbox.select_inbox()
        thaw(again.store, again.now, send=False)
        assert kinds(again.work()) == [("acknowledgement", "chef@neu.example"), ("forward", BAU)]


def test_a_new_mail_that_somebody_has_marked_is_read_where_nothing_is_lost(tmp_path: Path) -> None:
    """Where a server keeps no keywords, an answer by hand is what a mark is."""
    with city(tmp_path) as town:
        town.mailbox.folders["INBOX"].add(NEW, town.now, marked=True)
        assert of_kind(town.work(), "acknowledgement")


def test_a_mail_that_came_and_was_marked_after_a_loss_is_read(tmp_path: Path) -> None:
    """A clerk answered it by hand on a server where that is the mark: no other database read it."""
    with after_a_loss(tmp_path) as again:
        again.mailbox.keeps_keywords = False
        again.wait(days=1)
        new = NEW.replace(b"Tue, 24 Nov 2026", b"Wed, 25 Nov 2026")
        again.mailbox.folders["INBOX"].add(new, again.now, marked=True)
        assert reconcile(again.store, again.mailbox, again.intake) is None
        again.mailbox.select_inbox()
        assert of_kind(again.work(), "acknowledgement")


def test_nothing_follows_from_a_mail_before_it_is_marked(tmp_path: Path) -> None:
    """The line breaks amid a look; what was pushed is decided meanwhile, and what is marked."""
    with city(tmp_path, mailbox=Breaking()) as town:
        mailbox = store_and_break(town, *TWO)
        town.intake.store(letter("Gas", ONE_OFFICE, sender="chef@gas.example"), town.now, None)
        town.deciding.decide_all()
        town.dispatch.send_due()
        assert {to_of(each) for each in sent(town)} == {"chef@gas.example", BAU}
        mailbox.breaks = False
        out = town.work()
        assert len(of_kind(out, "acknowledgement")) == 2


def test_a_mail_that_vanishes_before_it_is_marked_is_decided(tmp_path: Path) -> None:
    """Somebody files it by hand after the line broke: it was stored, and nobody forgets it."""
    with city(tmp_path, mailbox=Breaking()) as town:
        inbox = town.mailbox.folders["INBOX"]
        mailbox = store_and_break(town, *TWO)
        inbox.mails.pop(1)
        mailbox.breaks = False
        assert len(of_kind(town.work(), "acknowledgement")) == 2


def test_no_other_mail_is_marked_under_a_number_that_was_given_anew(tmp_path: Path) -> None:
    """The server made the inbox anew before the stored mail had its mark."""
    with city(tmp_path, mailbox=Breaking()) as town:
        mailbox = store_and_break(town, *TWO)
        mailbox.folders["INBOX"].mails.pop(1)
        mailbox.new_uidvalidity()
        mailbox.gives = False
        with pytest.raises(ConnectionResetError):
            town.intake.take_in(mailbox)
        assert mailbox.marked([1]) == set()


def test_a_mail_that_is_not_given_a_second_time_is_marked_and_decided(tmp_path: Path) -> None:
    """One look stores it and breaks at the next mail; from then on the line breaks at this one."""
    with city(tmp_path, mailbox=Breaking()) as town:
        mailbox = store_and_break(town, *TWO)
        mailbox.gives = False
        for _ in range(3):
            with pytest.raises(ConnectionResetError):
                town.intake.take_in(town.mailbox)
            town.deciding.decide_all()
        town.dispatch.send_due()
        assert {to_of(each) for each in sent(town)} == {"chef@firma0.example", BAU}
        assert town.mailbox.marked([1, 2]) == {1}


def test_an_emergency_does_not_wait_for_its_mark_for_ever(tmp_path: Path) -> None:
    """The line broke just before it, and the mailbox stays away: after minutes it is told."""
    with city(tmp_path, mailbox=Breaking()) as town:
        store_and_break(town, GAS)
        assert town.deciding.decide_all() == 0
        town.wait(minutes=6)
        assert town.deciding.decide_all() == 1
        town.dispatch.send_due()
        assert any("nach Gas" in body_of(each) for each in of_kind(sent(town), "alert"))


def test_a_backlog_is_read_where_every_line_breaks_at_a_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `run --once` a process takes two looks: the second reads all parts without a mark."""
    monkeypatch.setattr("mailflow.intake._AT_ONCE", 2)
    with city(tmp_path) as town:
        monkeypatch.setattr(town.mailbox, "mark", raising(ConnectionResetError("EOF")))
        for number in range(7):
            raw = letter("Stand", ONE_OFFICE, sender=f"chef@firma{number}.example")
            town.mailbox.folders["INBOX"].add(raw, town.now)
        with pytest.raises(ConnectionResetError):
            town.work()
        assert len(of_kind(town.work(), "acknowledgement")) == 7


def test_a_clock_that_is_set_back_keeps_no_mail_waiting_for_its_mark(tmp_path: Path) -> None:
    """The emergency was stored by a clock that went wrong by hours."""
    with city(tmp_path, mailbox=Breaking()) as town:
        store_and_break(town, GAS)
        town.wait(hours=-6)
        assert town.deciding.decide_all() == 1


@pytest.mark.parametrize("mails", [99, 101])
def test_what_awaits_its_mark_keeps_nothing_else_from_being_decided(
    tmp_path: Path, mails: int
) -> None:
    """However many were stored before the line broke, what was pushed meanwhile is decided."""
    with city(tmp_path) as town:
        inbox, mark = town.mailbox.folders["INBOX"], town.mailbox.mark
        for number in range(mails):
            raw = letter("Stand", ONE_OFFICE, sender=f"chef@firma{number}.example")
            inbox.add(raw, town.now)
        town.mailbox.mark = raising(ConnectionResetError("EOF"))  # type: ignore[method-assign]
        with pytest.raises(ConnectionResetError):
            town.intake.take_in(town.mailbox)
        town.mailbox.mark = mark  # type: ignore[method-assign]
        town.intake.store(GAS, town.now, None)
        assert town.deciding.decide_all() == 1


def test_a_database_that_takes_no_mail_marks_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is how many a database is lost: after that, what came since is new."""
    with city(tmp_path) as town:
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
        town.wait(hours=1)
        full = OperationalError("INSERT", {}, Exception("database or disk is full"))
        with monkeypatch.context() as patch:
            patch.setattr(town.store, "store_raw", raising(full))
            town.mailbox.folders["INBOX"].add(NEW, town.now)
            with pytest.raises(OperationalError):
                town.work()
    with made_anew(tmp_path, town) as again:
        thaw(again.store, again.now, send=False)
        assert of_kind(again.work(), "forward")


def test_what_stays_in_the_inbox_is_marked_once(tmp_path: Path) -> None:
    """A server that tells of the change ends the wait for new mail by it: look, mark, look."""
    with city(tmp_path, mailbox=Stuck()) as town:
        assert isinstance(town.mailbox, Stuck)
        deliver_unmoved(town, NEW)
        town.mailbox.full = True
        for _ in range(5):
            with suppress(ConnectionResetError):
                town.intake.take_in(town.mailbox)
        assert town.mailbox.marks_put == 1


def test_mails_are_read_where_every_line_breaks_at_a_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A server or proxy that cannot bear the word keeps no mail from its ticket; the log tells."""
    with city(tmp_path) as town:
        monkeypatch.setattr(town.mailbox, "mark", raising(ConnectionResetError("EOF")))
        town.mailbox.folders["INBOX"].add(NEW, town.now)
        with pytest.raises(ConnectionResetError):
            town.work()
        town.deciding.decide_all()
        assert not town.store.references()
        assert of_kind(town.work(), "acknowledgement")
        assert "the line broke as 1 mails were to be marked" in caplog.text


@pytest.mark.parametrize("by", ["rebuild", "restore"])
def test_what_nobody_had_decided_of_a_backlog_is_answered_whatever_the_manager_says(
    tmp_path: Path, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mailbox was back after a night, and the disk died amid the backlog: few were marked."""
    monkeypatch.setattr("mailflow.intake._AT_ONCE", 2)
    with city(tmp_path) as town:
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
        back_up(f"sqlite:///{tmp_path}/mailflow.db", tmp_path / "copy.db")
        senders = [f"chef@firma{number}.example" for number in range(8)]
        for each in senders:
            town.wait(minutes=10)
            raw = letter("Stand", ONE_OFFICE, sender=each)
            town.mailbox.folders["INBOX"].add(raw, town.now)
        town.deciding.after_each = killed_after(4)
        before = len(town.wire.accepted)
        with pytest.raises(KeyboardInterrupt):
            town.intake.take_in(town.mailbox)
        town.dispatch.send_due()
        assert _acknowledged(sent(town, before)) == senders[:4]
        for receipt in town.wire.receipts:
            town.mailbox.folders["INBOX"].add(receipt, town.now)
    with made_good(tmp_path, town, by) as again:
        thaw(again.store, again.now, send=False)
        assert _acknowledged(again.work()) == senders[4:]


def _acknowledged(mails: list[EmailMessage]) -> list[str]:
    return [to_of(each) for each in of_kind(mails, "acknowledgement")]


def test_no_more_of_a_backlog_is_marked_once_the_service_is_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it stores then it does not decide, and a loss would hold it."""
    monkeypatch.setattr("mailflow.intake._AT_ONCE", 2)
    with city(tmp_path) as town:
        for number in range(6):
            raw = letter("Stand", ONE_OFFICE, sender=f"chef@firma{number}.example")
            town.mailbox.folders["INBOX"].add(raw, town.now)
        town.deciding.stopping = lambda: True
        town.intake.take_in(town.mailbox)
        assert town.mailbox.marked(town.mailbox.uids()) == set()
        assert not town.store.undecided()


def test_a_move_at_which_each_line_breaks_keeps_no_backlog_from_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server cannot move one of the first hundred; the others are read all the same."""
    monkeypatch.setattr("mailflow.intake._AT_ONCE", 2)
    with city(tmp_path, mailbox=Stuck()) as town:
        senders = [f"chef@firma{number}.example" for number in range(5)]
        for each in senders[1:]:
            raw = letter("Stand", ONE_OFFICE, sender=each)
            town.mailbox.folders["INBOX"].add(raw, town.now)
        out = deliver_unmoved(town, letter("Stand", ONE_OFFICE, sender=senders[0]))
        assert sorted(_acknowledged(out)) == senders


def test_an_emergency_beside_a_missed_mail_is_told_though_the_process_ends(tmp_path: Path) -> None:
    """A missed mail has all compared anew; the alarm that lay before it waits for nothing."""
    with after_a_loss(tmp_path) as town:
        inbox = town.mailbox.folders["INBOX"]
        inbox.add(GAS, town.now)
        inbox.add(
            letter("Alt", ONE_OFFICE, sender="chef@alt.example"), town.now - LATER, marked=True
        )
        with pytest.raises(MissedError):
            town.intake.take_in(town.mailbox)
    with city(tmp_path, mailbox=town.mailbox) as again:
        again.now = town.now + timedelta(minutes=5)
        assert reconcile(again.store, again.mailbox, again.intake)
        again.mailbox.select_inbox()
        assert any("nach Gas" in body_of(each) for each in of_kind(again.work(), "alert"))
