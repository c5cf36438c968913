"""What the inbox holds that a lost database had read: the marks on the mails tell."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from mailflow import one_pass
from mailflow.core.retry import Deferred
from mailflow.errors import MailflowError
from mailflow.ledger import LedgerError, rebuild, reconcile, thaw
from mailflow.ledger_folders import MissedError
from mailflow.mailbox import Arrived, WithheldError
from mailflow.store.backup import back_up, put_back
from mailflow.upgrade import knows
from tests.flow.city import (
    COMPANY,
    MANAGER,
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
from tests.flow.mailbox import MemoryInbox
from tests.flow.test_machines import _bounce
from tests.flow.test_withheld import Withholding, parts_of_a_pass

BAU = "bauaufsicht@stadt.example.org"
FOLDERS = ["Processed", "Quarantine", "INBOX"]
_GAS = letter("Hilfe", "In unserer Halle riecht es stark nach Gas!", sender="chef@gas.example")
_NEW = letter("Neu", ONE_OFFICE, sender="chef@neu.example")


class Stuck(Withholding):
    """A mailbox whose server lets no mail out of the inbox any more, once it is ``full``."""

    words = b""
    full = False
    marks_put = 0

    def mark(self, uids: Iterable[int]) -> None:
        """Mark mails, and count how often."""
        self.marks_put += 1
        super().mark(uids)

    def move(self, uids: Iterable[int], *, quarantine: bool = False) -> int:
        """Move mails, or break the line."""
        if self.full:
            raise ConnectionResetError("the line broke before the mail was moved")
        return super().move(uids, quarantine=quarantine)


class Breaking(MemoryInbox):
    """A mailbox whose line ``breaks`` between two mails of one look."""

    breaks = gives = True

    def fetch(self, uids: Iterable[int]) -> Iterator[Arrived]:
        """Give all mails, or the first."""
        for each in super().fetch(uids):
            if self.gives:
                yield each
            if self.breaks:
                raise ConnectionResetError("the line broke")


def _sent(town: City, before: int = 0) -> list[EmailMessage]:
    return [parse(raw) for _, _, raw in town.wire.accepted[before:]]


def _deliver_unmoved(town: City, raw: bytes) -> list[EmailMessage]:
    """Let a mail arrive, and all follow but that it leaves the inbox; give what went out."""
    before = len(town.wire.accepted)
    assert isinstance(town.mailbox, Stuck)
    town.mailbox.full = True
    town.mailbox.folders["INBOX"].add(raw, town.now)
    with suppress(ConnectionResetError):
        town.intake.take_in(town.mailbox)
    town.dispatch.send_due()
    town.mailbox.full = False
    return _sent(town, before)


@contextmanager
def _made_anew(folder: Path, before: City, *, mailbox_restored: bool = False) -> Iterator[City]:
    """Give the city on a database made anew from its mailbox, some hours later."""
    (folder / "mailflow.db").unlink()
    with city(folder, mailbox=before.mailbox) as town:
        town.now = before.now + timedelta(hours=3)
        rebuild(town.store, town.mailbox, town.intake, FOLDERS, mailbox_restored=mailbox_restored)
        town.mailbox.select_inbox()
        yield town


def _kinds(mails: list[EmailMessage]) -> list[tuple[str, str]]:
    return sorted((str(each["X-Mailflow-Kind"]), to_of(each)) for each in mails)


def test_the_forward_of_an_unmoved_inquiry_is_held_without_any_copy(tmp_path: Path) -> None:
    """A day's second inquiry has no acknowledgement, and its forward leaves no copy."""
    with city(tmp_path, mailbox=Stuck()) as town:
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
        town.wait(hours=1)
        out = _deliver_unmoved(town, letter("Zwei", ONE_OFFICE))
        assert _kinds(out) == [("forward", BAU)]
        town.wait(minutes=1)
        town.mailbox.folders["INBOX"].add(_NEW, town.now)
    with _made_anew(tmp_path, town) as again:
        assert ("forward", BAU) in {(kind, to) for kind, _, to in again.store.held_back()}
        thaw(again.store, again.now, send=False)
        out = again.work()
        assert _kinds(out) == [("acknowledgement", "chef@neu.example"), ("forward", BAU)]
        assert "Neu" in str(of_kind(out, "forward")[0]["Subject"])
        assert again.mailbox.folders["INBOX"].mails == {}


def test_what_an_unmoved_order_of_the_managers_brought_about_is_held(tmp_path: Path) -> None:
    """The office was asked and the manager told so, before the order left the inbox."""
    with city(tmp_path, mailbox=Stuck()) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        town.take_receipts()
        digest, reference = digest_of(town), town.ticket().reference
        out = _deliver_unmoved(town, reply_to(digest, f"{reference} an tiefbau"))
        assert [kind for kind, _ in _kinds(out)] == ["forward", "notice"]
    with _made_anew(tmp_path, town) as again:
        thaw(again.store, again.now, send=False)
        assert again.work() == []


def test_a_restored_backup_holds_what_an_unmoved_mail_brought_about(tmp_path: Path) -> None:
    """The newer database had forwarded it, and the office has answered that forward since."""
    with city(tmp_path, mailbox=Stuck()) as town:
        reconcile(town.store, town.mailbox, town.intake)
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
        back_up(f"sqlite:///{tmp_path}/mailflow.db", tmp_path / "copy.db")
        town.wait(hours=1)
        (forward,) = _deliver_unmoved(town, letter("Zwei", ONE_OFFICE))
        town.wait(minutes=5)
        town.mailbox.file(reply_to(forward, "Die Genehmigung kommt."), town.now)
    put_back(f"sqlite:///{tmp_path}/mailflow.db", tmp_path / "copy.db", town.now, knows)
    with city(tmp_path, mailbox=town.mailbox) as again:
        again.now = town.now + timedelta(minutes=20)
        assert reconcile(again.store, again.mailbox, again.intake)
        again.mailbox.select_inbox()
        thaw(again.store, again.now, send=True)
        out = again.work()
        assert _kinds(out) == [("combined-answer", COMPANY)]
        assert again.mailbox.folders["INBOX"].mails == {}


def test_in_a_mailbox_that_was_put_back_a_missing_mark_says_nothing(tmp_path: Path) -> None:
    """Its marks are those of its day: the lost database may have read the mail since."""
    with city(tmp_path) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        town.take_receipts()
        town.mailbox.folders["INBOX"].add(_NEW, town.now + timedelta(hours=1))
    with _made_anew(tmp_path, town, mailbox_restored=True) as again:
        thaw(again.store, again.now, send=False)
        assert again.work() == []


def test_what_a_rebuild_read_of_the_inbox_is_marked_for_the_next(tmp_path: Path) -> None:
    """It is thawed, and goes out while the first look breaks; then all is lost once more."""
    with city(tmp_path) as town:
        town.dispatch._receipts = "none"
        town.deliver(letter("Stand", ONE_OFFICE))
        town.mailbox.folders["INBOX"].add(_NEW, town.now + timedelta(hours=1))
    with _made_anew(tmp_path, town) as again:
        again.dispatch._receipts = "none"
        thaw(again.store, again.now, send=True)
        again.dispatch.send_due()
        assert ("forward", BAU) in _kinds(_sent(again))
    with _made_anew(tmp_path, again) as third:
        thaw(third.store, third.now, send=False)
        assert third.work() == []


@pytest.mark.parametrize("by", ["rebuild", "restore"])
def test_a_marked_mail_that_a_comparison_was_not_given_is_compared_when_it_is_given(
    tmp_path: Path, by: str
) -> None:
    """A damaged mail is what a server neither moves nor, for a while, gives."""
    mailbox = Stuck()
    mailbox.words = b"nothing"
    with city(tmp_path, mailbox=mailbox) as town:
        reconcile(town.store, mailbox, town.intake)
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
        back_up(f"sqlite:///{tmp_path}/mailflow.db", tmp_path / "copy.db")
        town.wait(hours=1)
        _deliver_unmoved(town, letter("Zwei", ONE_OFFICE))
    mailbox.words = b"Subject: Zwei"
    with _made_good(tmp_path, town, by) as again:
        thaw(again.store, again.now, send=False)
        for _ in range(4):
            with suppress(WithheldError):
                again.intake.take_in(mailbox)
            again.wait(minutes=1)
        mailbox.words = b"nothing"
        _compared_once_more(again)
        thaw(again.store, again.now, send=False)
        assert not of_kind(again.work(), "forward")


@pytest.mark.parametrize("by", ["rebuild", "restore"])
def test_a_comparison_ends_though_a_line_breaks_at_each_try_to_read_a_mail(
    tmp_path: Path, by: str
) -> None:
    """A damaged mail that was marked: five lines break at it, and the rest is compared without."""
    with city(tmp_path, mailbox=Breaking()) as town:
        assert isinstance(town.mailbox, Breaking)
        town.mailbox.breaks = False
        reconcile(town.store, town.mailbox, town.intake)
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
        back_up(f"sqlite:///{tmp_path}/mailflow.db", tmp_path / "copy.db")
        town.mailbox.folders["INBOX"].add(_NEW, town.now, marked=True)
    if by == "rebuild":
        (tmp_path / "mailflow.db").unlink()
    else:
        put_back(f"sqlite:///{tmp_path}/mailflow.db", tmp_path / "copy.db", town.now, knows)
    with city(tmp_path, mailbox=town.mailbox) as again:
        again.now = town.now + timedelta(hours=1)
        if by == "rebuild":
            rebuild(again.store, again.mailbox, again.intake, ["Processed", "Quarantine"])
            again.store.set_status("inbox_unread", again.now, again.now.isoformat())
        assert isinstance(again.mailbox, Breaking)
        again.mailbox.breaks = True
        again.mailbox.gives = False
        again.mailbox.select_inbox()
        for _ in range(5):
            with pytest.raises(ConnectionResetError):
                reconcile(again.store, again.mailbox, again.intake)
            again.mailbox.select_inbox()
        assert reconcile(again.store, again.mailbox, again.intake) is not None
        thaw(again.store, again.now, send=False)


def test_a_mail_given_only_alone_is_compared(tmp_path: Path) -> None:
    """A server that gives a mail only where no other is asked for brings no comparison for ever."""
    with city(tmp_path) as town:
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
    with _made_anew(tmp_path, town) as again:
        thaw(again.store, again.now, send=False)
        again.work()
        for number in range(2):
            old = letter("Alt", ONE_OFFICE, sender=f"chef@alt{number}.example")
            again.mailbox.folders["INBOX"].add(old, town.now, marked=True)
        real = again.mailbox.fetch
        again.mailbox.fetch = lambda uids: real(uids) if len([*uids]) == 1 else iter(())  # type: ignore[method-assign]
        for _ in range(2):
            with suppress(WithheldError, MissedError):
                again.intake.take_in(again.mailbox)
        assert reconcile(again.store, again.mailbox, again.intake)
        assert len(again.store.references()) == 3


def test_one_pass_ends_the_comparison_that_another_asked_for(tmp_path: Path) -> None:
    """With `run --once` each pass is a process of its own, and remembers nothing of the last."""
    with city(tmp_path) as town:
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
    with _made_anew(tmp_path, town) as again:
        thaw(again.store, again.now, send=False)
        again.work()
        again.mailbox.folders["INBOX"].add(_NEW, town.now, marked=True)
        with pytest.raises(MissedError):
            again.intake.take_in(again.mailbox)
    with city(tmp_path, mailbox=town.mailbox) as third:
        third.now = town.now + timedelta(hours=4)
        assert reconcile(third.store, third.mailbox, third.intake)
        third.mailbox.select_inbox()
        third.intake.take_in(third.mailbox)
        assert third.mailbox.folders["INBOX"].mails == {}


def test_an_old_mail_that_a_clerk_has_answered_by_hand_freezes_nothing(tmp_path: Path) -> None:
    """On a server without keywords his mark is like ours: long after a loss it says nothing."""
    with city(tmp_path) as town:
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
    with _made_anew(tmp_path, town) as again:
        thaw(again.store, again.now, send=False)
        again.work()
        again.wait(days=30)
        again.mailbox.keeps_keywords = False
        again.mailbox.folders["INBOX"].add(_NEW, again.now, marked=True)
        assert of_kind(again.work(), "acknowledgement")


@pytest.mark.parametrize("days", [0, 30])
def test_a_missed_mail_without_a_day_of_its_own_is_nothing_new(tmp_path: Path, days: int) -> None:
    """It counts as come now, beside what this database makes while it is compared."""
    mailbox = Stuck()
    mailbox.words = b"nothing"
    with city(tmp_path, mailbox=mailbox) as town:
        town.dispatch._receipts = "none"
        town.deliver(letter("Eins", ONE_OFFICE))
        odd = letter("Halle 4", ONE_OFFICE, sender="chef@halle.example")
        mailbox.folders["INBOX"].add(odd, town.now + timedelta(days=days))
        assert len(town.work()) == 2
    mailbox.words = b"Subject: Halle 4"
    with _made_anew(tmp_path, town) as again:
        thaw(again.store, again.now, send=False)
        for _ in range(4):
            with suppress(WithheldError):
                again.intake.take_in(mailbox)
            again.wait(minutes=1)
        mailbox.words = b"nothing"
        again.wait(minutes=61)
        _compared_once_more(again)
        thaw(again.store, again.now, send=False)
        assert {kind for kind, _ in _kinds(again.work())} <= {"alert"}


def test_a_report_on_a_mail_that_came_back_is_no_sign_of_life(tmp_path: Path) -> None:
    """A company's server gave up days after the loss; what came before that was not read."""
    with city(tmp_path) as town:
        (acknowledgement,) = of_kind(town.deliver(letter("Eins", ONE_OFFICE)), "acknowledgement")
        town.take_receipts()
        town.wait(hours=1)
        inbox = town.mailbox.folders["INBOX"]
        inbox.add(_NEW, town.now)
        inbox.add(_bounce(COMPANY, acknowledgement["Message-ID"]), town.now + timedelta(hours=1))
    with _made_anew(tmp_path, town) as again:
        thaw(again.store, again.now, send=False)
        assert of_kind(again.work(), "acknowledgement")


def test_a_filed_mail_from_the_future_is_no_sign_of_life(tmp_path: Path) -> None:
    """Its server's clock was wrong once; it counts as come at the rebuild, as nothing else did."""
    with city(tmp_path) as town:
        odd = letter("Alt", ONE_OFFICE, sender="chef@alt.example")
        town.mailbox.folders["INBOX"].add(odd, town.now + timedelta(days=400))
        town.work()
        town.take_receipts()
        town.mailbox.folders["INBOX"].add(_NEW, town.now + timedelta(hours=1))
    with _made_anew(tmp_path, town) as again:
        thaw(again.store, again.now, send=False)
        assert [to_of(each) for each in of_kind(again.work(), "acknowledgement")] == [
            "chef@neu.example"
        ]


def test_a_rebuild_ends_though_the_line_breaks_at_its_last_marks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All is read and held by then: what it found is told."""
    with city(tmp_path) as town:
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
        monkeypatch.setattr(town.mailbox, "mark", _raising(ConnectionResetError("EOF")))
        town.mailbox.folders["INBOX"].add(_NEW, town.now + timedelta(hours=1))
    with _made_anew(tmp_path, town) as again:
        assert again.store.queued_since()


def test_a_marked_mail_that_is_put_back_into_the_inbox_after_a_loss_is_no_new_one(
    tmp_path: Path,
) -> None:
    """A mail server's backup keeps the marks; the forward went out, and no copy tells."""
    second = letter("Zwei", ONE_OFFICE)
    with city(tmp_path) as town:
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
        assert _kinds(town.deliver(second)) == [("forward", BAU)]
        mails = town.mailbox.folders["Processed"].mails
        (uid,) = [uid for uid, (raw, _) in mails.items() if raw == second]
        mail = mails.pop(uid)
    with _made_anew(tmp_path, town) as again:
        thaw(again.store, again.now, send=False)
        again.work()
        again.mailbox.folders["INBOX"].add(*mail, marked=True)
        _compared_once_more(again)
        thaw(again.store, again.now, send=False)
        assert not of_kind(again.work(), "forward")


def test_a_new_mail_that_somebody_has_marked_is_read_where_nothing_is_lost(tmp_path: Path) -> None:
    """Where a server keeps no keywords, an answer by hand is what a mark is."""
    with city(tmp_path) as town:
        town.mailbox.folders["INBOX"].add(_NEW, town.now, marked=True)
        assert of_kind(town.work(), "acknowledgement")


def test_a_mail_that_came_and_was_marked_after_a_loss_is_read(tmp_path: Path) -> None:
    """A clerk answered it by hand on a server where that is the mark: no other database read it."""
    with city(tmp_path) as town:
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
    with _made_anew(tmp_path, town) as again:
        thaw(again.store, again.now, send=False)
        again.wait(days=1)
        new = _NEW.replace(b"Tue, 24 Nov 2026", b"Wed, 25 Nov 2026")
        again.mailbox.folders["INBOX"].add(new, again.now, marked=True)
        assert of_kind(again.work(), "acknowledgement")


def test_nothing_follows_from_a_mail_before_it_is_marked(tmp_path: Path) -> None:
    """The line breaks amid a look; what was pushed is decided meanwhile, and what is marked."""
    with city(tmp_path, mailbox=Breaking()) as town:
        for number in range(2):
            mail = letter("Stand", ONE_OFFICE, sender=f"chef@firma{number}.example")
            town.mailbox.folders["INBOX"].add(mail, town.now)
        with pytest.raises(ConnectionResetError):
            town.intake.take_in(town.mailbox)
        town.intake.store(letter("Gas", ONE_OFFICE, sender="chef@gas.example"), town.now, None)
        town.deciding.decide_all()
        town.dispatch.send_due()
        assert {to_of(each) for each in _sent(town)} == {"chef@gas.example", BAU}
        assert isinstance(town.mailbox, Breaking)
        town.mailbox.breaks = False
        out = town.work()
        assert len(of_kind(out, "acknowledgement")) == 2


def test_a_mail_that_vanishes_before_it_is_marked_is_decided(tmp_path: Path) -> None:
    """Somebody files it by hand after the line broke: it was stored, and nobody forgets it."""
    with city(tmp_path, mailbox=Breaking()) as town:
        inbox = town.mailbox.folders["INBOX"]
        for number in range(2):
            mail = letter("Stand", ONE_OFFICE, sender=f"chef@firma{number}.example")
            inbox.add(mail, town.now)
        with pytest.raises(ConnectionResetError):
            town.intake.take_in(town.mailbox)
        inbox.mails.pop(1)
        assert isinstance(town.mailbox, Breaking)
        town.mailbox.breaks = False
        assert len(of_kind(town.work(), "acknowledgement")) == 2


def test_a_mail_that_is_not_given_a_second_time_is_marked_and_decided(tmp_path: Path) -> None:
    """One look stores it and breaks at the next mail; from then on the line breaks at this one."""
    with city(tmp_path, mailbox=Breaking()) as town:
        for number in range(2):
            mail = letter("Stand", ONE_OFFICE, sender=f"chef@firma{number}.example")
            town.mailbox.folders["INBOX"].add(mail, town.now)
        with pytest.raises(ConnectionResetError):
            town.intake.take_in(town.mailbox)
        assert isinstance(town.mailbox, Breaking)
        town.mailbox.gives = False
        for _ in range(3):
            with pytest.raises(ConnectionResetError):
                town.intake.take_in(town.mailbox)
            town.deciding.decide_all()
        town.dispatch.send_due()
        assert {to_of(each) for each in _sent(town)} == {"chef@firma0.example", BAU}
        assert town.mailbox.marked([1, 2]) == {1}


def test_an_emergency_does_not_wait_for_its_mark_for_ever(tmp_path: Path) -> None:
    """The line broke just before it, and the mailbox stays away: after minutes it is told."""
    with city(tmp_path, mailbox=Breaking()) as town:
        town.mailbox.folders["INBOX"].add(_GAS, town.now)
        with pytest.raises(ConnectionResetError):
            town.intake.take_in(town.mailbox)
        assert town.deciding.decide_all() == 0
        town.wait(minutes=6)
        assert town.deciding.decide_all() == 1
        town.dispatch.send_due()
        assert any("nach Gas" in body_of(each) for each in of_kind(_sent(town), "alert"))


def test_a_backlog_is_read_where_every_line_breaks_at_a_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `run --once` a process takes two looks: the second reads all parts without a mark."""
    monkeypatch.setattr("mailflow.intake._AT_ONCE", 2)
    with city(tmp_path) as town:
        monkeypatch.setattr(town.mailbox, "mark", _raising(ConnectionResetError("EOF")))
        for number in range(7):
            raw = letter("Stand", ONE_OFFICE, sender=f"chef@firma{number}.example")
            town.mailbox.folders["INBOX"].add(raw, town.now)
        with pytest.raises(ConnectionResetError):
            town.work()
        assert len(of_kind(town.work(), "acknowledgement")) == 7


def test_a_clock_that_is_set_back_keeps_no_mail_waiting_for_its_mark(tmp_path: Path) -> None:
    """The emergency was stored by a clock that went wrong by hours."""
    with city(tmp_path, mailbox=Breaking()) as town:
        town.mailbox.folders["INBOX"].add(_GAS, town.now)
        with pytest.raises(ConnectionResetError):
            town.intake.take_in(town.mailbox)
        town.wait(hours=-6)
        assert town.deciding.decide_all() == 1


def test_one_pass_ends_though_each_line_breaks_at_a_marked_mail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that takes one pass tries until it may go on without that mail, and then reads."""
    mailbox = Breaking()
    mailbox.breaks = False
    monkeypatch.setattr(one_pass, "Inbox", lambda _: nullcontext(mailbox))
    monkeypatch.setattr(one_pass, "leased", lambda *_: nullcontext())
    monkeypatch.setattr(one_pass, "tell_who_signs", lambda *_: None)
    monkeypatch.setattr(one_pass, "tell_if_full", lambda *_: None)
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
        back_up(f"sqlite:///{tmp_path}/mailflow.db", tmp_path / "copy.db")
        mailbox.folders["INBOX"].add(_NEW, town.now, marked=True)
    put_back(f"sqlite:///{tmp_path}/mailflow.db", tmp_path / "copy.db", town.now, knows)
    with city(tmp_path, mailbox=mailbox) as again:
        again.now = town.now + timedelta(hours=1)
        mailbox.breaks, mailbox.gives = True, False
        with suppress(MailflowError):
            one_pass.run_once(parts_of_a_pass(again))
        thaw(again.store, again.now, send=False)


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
        town.mailbox.mark = _raising(ConnectionResetError("EOF"))  # type: ignore[method-assign]
        with pytest.raises(ConnectionResetError):
            town.intake.take_in(town.mailbox)
        town.mailbox.mark = mark  # type: ignore[method-assign]
        town.intake.store(_GAS, town.now, None)
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
            patch.setattr(town.store, "store_raw", _raising(full))
            town.mailbox.folders["INBOX"].add(_NEW, town.now)
            with pytest.raises(OperationalError):
                town.work()
    with _made_anew(tmp_path, town) as again:
        thaw(again.store, again.now, send=False)
        assert of_kind(again.work(), "forward")


def test_what_stays_in_the_inbox_is_marked_once(tmp_path: Path) -> None:
    """A server that tells of the change ends the wait for new mail by it: look, mark, look."""
    with city(tmp_path, mailbox=Stuck()) as town:
        assert isinstance(town.mailbox, Stuck)
        _deliver_unmoved(town, _NEW)
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
        monkeypatch.setattr(town.mailbox, "mark", _raising(ConnectionResetError("EOF")))
        town.mailbox.folders["INBOX"].add(_NEW, town.now)
        with pytest.raises(ConnectionResetError):
            town.work()
        town.deciding.decide_all()
        assert not town.store.references()
        assert of_kind(town.work(), "acknowledgement")
        assert "the line broke as 1 mails were to be marked" in caplog.text


@pytest.mark.parametrize("answered", [True, False])
def test_an_inquiry_whose_copies_are_there_waits_where_it_lies_unmarked(
    tmp_path: Path, *, answered: bool
) -> None:
    """Somebody found it elsewhere and put it into the inbox before the rebuild."""
    inquiry = letter("Stand", ONE_OFFICE)
    with city(tmp_path) as town:
        forward = forward_to(town.deliver(inquiry), BAU)
        if answered:
            town.deliver(reply_to(forward, "Die Genehmigung kommt."))
        town.take_receipts()
        mails = town.mailbox.folders["Processed"].mails
        (uid,) = [uid for uid, (raw, _) in mails.items() if raw == inquiry]
        raw, _ = mails.pop(uid)
        town.mailbox.folders["INBOX"].add(raw, town.now + timedelta(hours=1))
    with _made_anew(tmp_path, town) as again:
        thaw(again.store, again.now, send=False)
        assert again.work() == []


@pytest.mark.parametrize("how", ["rebuild", "killed early", "killed late"])
def test_what_the_clock_sent_while_a_mail_lay_unread_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """The mailbox was away for two weeks, and offices were reminded; then all was lost."""
    with city(tmp_path) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        town.take_receipts()
        town.wait(days=1)
        town.mailbox.folders["INBOX"].add(_NEW, town.now)
        chased = [each for _ in range(14) for each in _next_day(town)]
        assert chased
    if how.startswith("killed"):
        (tmp_path / "mailflow.db").unlink()
        _kill_rebuild(tmp_path, town, 2 if how == "killed early" else 3, monkeypatch)
        with city(tmp_path, mailbox=town.mailbox) as again:
            again.now = town.now + timedelta(hours=3)
            assert reconcile(again.store, again.mailbox, again.intake)
            again.mailbox.select_inbox()
            _chases_nobody_again(again, chased)
        return
    with _made_anew(tmp_path, town) as again:
        _chases_nobody_again(again, chased)


def _next_day(town: City) -> list[tuple[str, str]]:
    town.wait(days=1)
    before = len(town.wire.accepted)
    town.chasing.remind()
    town.dispatch.send_due()
    return _kinds(_sent(town, before))


def _chases_nobody_again(town: City, chased: list[tuple[str, str]]) -> None:
    town.work()
    town.chasing.remind()
    thaw(town.store, town.now, send=False)
    town.chasing.remind()
    assert not {*chased}.intersection(_kinds(town.work()))


def _kill_rebuild(
    folder: Path, before: City, freeze: int, monkeypatch: pytest.MonkeyPatch, **how: bool
) -> None:
    """Make the database anew, and be killed at one of the commits that freeze."""
    with city(folder, mailbox=before.mailbox) as town:
        town.now = before.now + timedelta(hours=2)
        real, calls = town.store.freeze, list[None]()

        def killed(*words: Any, **more: Any) -> int:
            calls.append(None)
            if len(calls) == freeze:
                raise KeyboardInterrupt
            return real(*words, **more)

        with monkeypatch.context() as patch:
            patch.setattr(town.store, "freeze", killed)
            with pytest.raises(KeyboardInterrupt):
                rebuild(town.store, town.mailbox, town.intake, FOLDERS, **how)


@pytest.mark.parametrize("freeze", [2, 3])
def test_a_rebuild_of_an_old_mailbox_that_is_killed_is_ended_as_it_was_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, freeze: int
) -> None:
    """The next start reads the rest, and still knows that the mailbox shows no signs."""
    with city(tmp_path) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        town.take_receipts()
        town.mailbox.folders["INBOX"].add(_NEW, town.now + timedelta(hours=1))
    (tmp_path / "mailflow.db").unlink()
    _kill_rebuild(tmp_path, town, freeze, monkeypatch, mailbox_restored=True)
    with city(tmp_path, mailbox=town.mailbox) as again:
        again.now = town.now + timedelta(hours=3)
        with pytest.raises(LedgerError, match="have not all been read"):
            thaw(again.store, again.now, send=False)
        reconcile(again.store, again.mailbox, again.intake)
        again.mailbox.select_inbox()
        thaw(again.store, again.now, send=False)
        assert again.work() == []


def test_a_report_on_a_managers_mail_that_lay_unread_at_a_loss_is_told(tmp_path: Path) -> None:
    """His preview reached nobody, and nobody had read that yet."""
    heard = []
    with city(tmp_path, manager_releases=True) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.take_receipts()
        (review,) = of_kind(town.deliver(reply_to(forward, "Die Genehmigung kommt.")), "review")
        town.wait(minutes=30)
        town.mailbox.folders["INBOX"].add(_bounce(MANAGER, review["Message-ID"]), town.now)
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, manager_releases=True, mailbox=town.mailbox) as again:
        again.now = town.now + timedelta(hours=1)
        again.deciding.bounced = lambda kind, reader, _: heard.append((str(kind), reader))
        rebuild(again.store, again.mailbox, again.intake, FOLDERS)
    assert heard == [("review", MANAGER)]


def test_an_alert_that_waited_when_somebody_filed_a_mail_by_hand_is_told(tmp_path: Path) -> None:
    """That start freezes, as it cannot tell; who is told twice of danger has lost nothing."""
    with city(tmp_path) as town:
        reconcile(town.store, town.mailbox, town.intake)
        town.mailbox.select_inbox()
        town.wire.outcomes = [Deferred("away", server=True)] * 9
        town.deliver(_GAS)
        town.mailbox.file(_NEW, town.now)
    with city(tmp_path, mailbox=town.mailbox) as again:
        again.now = town.now + timedelta(hours=5)
        assert reconcile(again.store, again.mailbox, again.intake)
        again.mailbox.select_inbox()
        assert any("nach Gas" in body_of(each) for each in of_kind(again.work(), "alert"))


def test_that_the_mailbox_was_put_back_with_the_database_is_told(tmp_path: Path) -> None:
    """The mailbox is the older of the two: the manager is asked to keep the database's backups."""
    with city(tmp_path) as town:
        reconcile(town.store, town.mailbox, town.intake)
        town.deliver(letter("Stand", ONE_OFFICE))
        folder = town.mailbox.folders["Processed"]
        mails, uidnext = dict(folder.mails), folder.uidnext
        town.take_receipts()
        back_up(f"sqlite:///{tmp_path}/mailflow.db", tmp_path / "copy.db")
        folder.mails, folder.uidnext = mails, uidnext
    with _made_good(tmp_path, town, "restore") as again:
        told = [" ".join(body_of(each).split()) for each in of_kind(again.work(), "alert")]
        assert any("auf einen älteren Stand zurückgesetzt" in each for each in told)


def _raising(error: Exception) -> Callable[..., None]:
    def raising(*_: object, **__: object) -> None:
        raise error

    return raising


@contextmanager
def _made_good(folder: Path, before: City, by: str) -> Iterator[City]:
    """Give the city on a database made anew, or on its backup, some hours later."""
    if by == "rebuild":
        with _made_anew(folder, before) as town:
            yield town
        return
    put_back(f"sqlite:///{folder}/mailflow.db", folder / "copy.db", before.now, knows)
    with city(folder, mailbox=before.mailbox) as town:
        town.now = before.now + timedelta(hours=3)
        assert reconcile(town.store, town.mailbox, town.intake)
        town.mailbox.select_inbox()
        yield town


def _compared_once_more(town: City) -> None:
    """Let the service find what a lost database had read, and compare once more."""
    with pytest.raises(MissedError):
        town.intake.take_in(town.mailbox)
    assert reconcile(town.store, town.mailbox, town.intake)
    town.mailbox.select_inbox()
