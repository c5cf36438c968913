"""A loss is made good whatever the mailbox does meanwhile, and holds what may have gone out."""

import itertools
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from mailflow import one_pass
from mailflow.core.retry import Deferred
from mailflow.errors import MailflowError
from mailflow.inbox import InboxError
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
    forward_to,
    letter,
    of_kind,
    reply_to,
    to_of,
)
from tests.flow.losses import (
    BAU,
    FOLDERS,
    GAS,
    GAS_WORDS,
    LATER,
    NEW,
    Breaking,
    Stuck,
    after_a_loss,
    compared_once_more,
    deliver_unmoved,
    killed_after,
    kinds,
    let_passes_use,
    made_anew,
    made_good,
    raising,
    sent,
)
from tests.flow.test_machines import _bounce
from tests.flow.test_withheld import parts_of_a_pass


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
        deliver_unmoved(town, letter("Zwei", ONE_OFFICE))
    mailbox.words = b"Subject: Zwei"
    with made_good(tmp_path, town, by) as again:
        thaw(again.store, again.now, send=False)
        for _ in range(4):
            with suppress(WithheldError):
                again.intake.take_in(mailbox)
            again.wait(minutes=1)
        mailbox.words = b"nothing"
        compared_once_more(again)
        thaw(again.store, again.now, send=False)
        assert not of_kind(again.work(), "forward")


@pytest.mark.parametrize("by", ["rebuild", "restore"])
def test_a_comparison_ends_though_a_line_breaks_at_each_try_to_read_a_mail(
    tmp_path: Path, by: str
) -> None:
    """A damaged mail that was marked: five lines break at it, and the rest is compared without."""
    mailbox = Breaking()
    mailbox.breaks = False
    with city(tmp_path, mailbox=mailbox) as town:
        reconcile(town.store, town.mailbox, town.intake)
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
        back_up(f"sqlite:///{tmp_path}/mailflow.db", tmp_path / "copy.db")
        town.mailbox.folders["INBOX"].add(NEW, town.now, marked=True)
    if by == "rebuild":
        (tmp_path / "mailflow.db").unlink()
    else:
        put_back(f"sqlite:///{tmp_path}/mailflow.db", tmp_path / "copy.db", town.now, knows)
    with city(tmp_path, mailbox=town.mailbox) as again:
        again.now = town.now + timedelta(hours=1)
        if by == "rebuild":
            rebuild(again.store, again.mailbox, again.intake, ["Processed", "Quarantine"])
            again.store.set_status("inbox_unread", again.now, again.now.isoformat())
        mailbox.breaks, mailbox.gives = True, False
        mailbox.select_inbox()
        for _ in range(5):
            with pytest.raises(ConnectionResetError):
                reconcile(again.store, again.mailbox, again.intake)
            again.mailbox.select_inbox()
        assert reconcile(again.store, again.mailbox, again.intake) is not None
        thaw(again.store, again.now, send=False)


def test_a_mail_given_only_alone_is_compared(tmp_path: Path) -> None:
    """A server that gives a mail only where no other is asked for brings no comparison for ever."""
    with after_a_loss(tmp_path) as again:
        for number in range(2):
            old = letter("Alt", ONE_OFFICE, sender=f"chef@alt{number}.example")
            again.mailbox.folders["INBOX"].add(old, again.now - LATER, marked=True)
        real = again.mailbox.fetch
        again.mailbox.fetch = lambda uids: real(uids) if len([*uids]) == 1 else iter(())  # type: ignore[method-assign]
        for _ in range(2):
            with suppress(WithheldError, MissedError):
                again.intake.take_in(again.mailbox)
        assert reconcile(again.store, again.mailbox, again.intake)
        assert len(again.store.references()) == 3


def test_one_pass_ends_the_comparison_that_another_asked_for(tmp_path: Path) -> None:
    """With `run --once` each pass is a process of its own, and remembers nothing of the last."""
    with after_a_loss(tmp_path) as again:
        again.mailbox.folders["INBOX"].add(NEW, again.now - LATER, marked=True)
        with pytest.raises(MissedError):
            again.intake.take_in(again.mailbox)
    with city(tmp_path, mailbox=again.mailbox) as third:
        third.now = again.now + timedelta(hours=1)
        assert reconcile(third.store, third.mailbox, third.intake)
        third.mailbox.select_inbox()
        third.intake.take_in(third.mailbox)
        assert third.mailbox.folders["INBOX"].mails == {}


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
    with made_anew(tmp_path, town) as again:
        thaw(again.store, again.now, send=False)
        for _ in range(4):
            with suppress(WithheldError):
                again.intake.take_in(mailbox)
            again.wait(minutes=1)
        mailbox.words = b"nothing"
        again.wait(minutes=61)
        compared_once_more(again)
        thaw(again.store, again.now, send=False)
        assert {kind for kind, _ in kinds(again.work())} <= {"alert"}


def test_a_report_on_a_mail_that_came_back_is_no_sign_of_life(tmp_path: Path) -> None:
    """A company's server gave up days after the loss; what came before that was not read."""
    with city(tmp_path) as town:
        (acknowledgement,) = of_kind(town.deliver(letter("Eins", ONE_OFFICE)), "acknowledgement")
        town.take_receipts()
        town.wait(hours=1)
        inbox = town.mailbox.folders["INBOX"]
        inbox.add(NEW, town.now)
        inbox.add(_bounce(COMPANY, acknowledgement["Message-ID"]), town.now + timedelta(hours=1))
    with made_anew(tmp_path, town) as again:
        thaw(again.store, again.now, send=False)
        assert of_kind(again.work(), "acknowledgement")


def test_a_filed_mail_from_the_future_is_no_sign_of_life(tmp_path: Path) -> None:
    """Its server's clock was wrong once; it counts as come at the rebuild, as nothing else did."""
    with city(tmp_path) as town:
        odd = letter("Alt", ONE_OFFICE, sender="chef@alt.example")
        town.mailbox.folders["INBOX"].add(odd, town.now + timedelta(days=400))
        town.work()
        town.take_receipts()
        town.mailbox.folders["INBOX"].add(NEW, town.now + timedelta(hours=1))
    with made_anew(tmp_path, town) as again:
        thaw(again.store, again.now, send=False)
        assert [to_of(each) for each in of_kind(again.work(), "acknowledgement")] == [
            "chef@neu.example"
        ]


def test_a_mail_from_the_future_is_no_sign_of_life_for_a_rebuild_that_was_killed_either(
    tmp_path: Path,
) -> None:
    """The start that ends it stores that mail later than the rebuild was begun."""
    with city(tmp_path) as town:
        odd = letter("Alt", ONE_OFFICE, sender="chef@alt.example")
        town.mailbox.folders["INBOX"].add(odd, town.now + timedelta(days=400))
        town.work()
        town.take_receipts()
        town.deliver(letter("Zwei", ONE_OFFICE))
        town.take_receipts()
        town.mailbox.folders["INBOX"].add(NEW, town.now + timedelta(hours=1))
    (tmp_path / "mailflow.db").unlink()

    with city(tmp_path, mailbox=town.mailbox) as killed:
        killed.now = town.now + LATER
        killed.intake.after_each = killed_after(1)
        with pytest.raises(KeyboardInterrupt):
            rebuild(killed.store, killed.mailbox, killed.intake, FOLDERS)
    with city(tmp_path, mailbox=town.mailbox) as again:
        again.now = killed.now
        minutes = itertools.count()
        again.intake.clock = lambda: killed.now + timedelta(minutes=next(minutes))
        assert reconcile(again.store, again.mailbox, again.intake)
        again.mailbox.select_inbox()
        thaw(again.store, again.now, send=False)
        assert of_kind(again.work(), "acknowledgement")


def test_a_rebuild_ends_though_the_line_breaks_at_its_last_marks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All is read and held by then: what it found is told."""
    with city(tmp_path) as town:
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
        monkeypatch.setattr(town.mailbox, "mark", raising(ConnectionResetError("EOF")))
        town.mailbox.folders["INBOX"].add(NEW, town.now + timedelta(hours=1))
    with made_anew(tmp_path, town) as again:
        assert again.store.queued_since()


def test_one_pass_ends_though_each_line_breaks_at_a_marked_mail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that takes one pass tries until it may go on without that mail, and then reads."""
    mailbox = Breaking()
    mailbox.breaks = False
    let_passes_use(monkeypatch, lambda _: nullcontext(mailbox))
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
        back_up(f"sqlite:///{tmp_path}/mailflow.db", tmp_path / "copy.db")
        mailbox.folders["INBOX"].add(NEW, town.now, marked=True)
    put_back(f"sqlite:///{tmp_path}/mailflow.db", tmp_path / "copy.db", town.now, knows)
    with city(tmp_path, mailbox=mailbox) as again:
        again.now = town.now + timedelta(hours=1)
        mailbox.breaks, mailbox.gives = True, False
        with suppress(MailflowError):
            one_pass.run_once(parts_of_a_pass(again))
        thaw(again.store, again.now, send=False)


def test_one_pass_gives_up_where_a_line_breaks_at_all_that_was_marked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A storage that is away for a while: the pass says so, and does not hammer the server."""
    mailbox, lines = Breaking(), list[None]()

    def line(_: object) -> AbstractContextManager[Breaking]:
        lines.append(None)
        mailbox.select_inbox()
        return nullcontext(mailbox)

    mailbox.breaks = False
    let_passes_use(monkeypatch, line)
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
        back_up(f"sqlite:///{tmp_path}/mailflow.db", tmp_path / "copy.db")
        for number in range(12):
            raw = letter("Stand", ONE_OFFICE, sender=f"chef@firma{number}.example")
            mailbox.folders["INBOX"].add(raw, town.now, marked=True)
    put_back(f"sqlite:///{tmp_path}/mailflow.db", tmp_path / "copy.db", town.now, knows)
    with city(tmp_path, mailbox=mailbox) as again:
        again.now = town.now + timedelta(hours=1)
        mailbox.breaks, mailbox.gives = True, False
        with pytest.raises(InboxError):
            one_pass.run_once(parts_of_a_pass(again))
        assert len(lines) == 21


class _Moody(Stuck):
    """A mailbox whose server does not give the second inquiry when it is asked for it first."""

    is_moody = False

    def fetch(self, uids: Iterable[int]) -> Iterator[Arrived]:
        """Give mails, but for the second inquiry once."""
        for each in super().fetch(uids):
            if self.is_moody and b"Subject: Zwei" in each.raw:
                self.is_moody = False
            else:
                yield each


def test_a_marked_mail_that_is_not_given_for_a_moment_is_no_new_one(tmp_path: Path) -> None:
    """A rebuild asks for it twice, and is given it only as it reads what lay unread."""
    mailbox = _Moody()
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
        town.wait(hours=1)
        assert kinds(deliver_unmoved(town, letter("Zwei", ONE_OFFICE))) == [("forward", BAU)]
    mailbox.is_moody = True
    with made_anew(tmp_path, town) as again:
        thaw(again.store, again.now, send=False)
        compared_once_more(again)
        thaw(again.store, again.now, send=False)
        assert again.work() == []


def test_a_mail_dragged_into_the_inbox_amid_a_rebuild_is_no_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person moves it between the listings of two folders; its mark tells that it was read."""
    with city(tmp_path) as town:
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
        town.wait(hours=1)
        assert kinds(town.deliver(letter("Zwei", ONE_OFFICE))) == [("forward", BAU)]
    done, inbox = (town.mailbox.folders[each] for each in ("Processed", "INBOX"))
    dragged = max(done.mails)
    assert b"Subject: Zwei" in done.mails[dragged][0]
    held_back = done.mails.pop(dragged)  # nobody lists it where it lay
    real = town.mailbox.marked

    def drag(uids: Iterable[int], *, surely: bool = False) -> set[int]:
        if not surely:  # the rebuild has asked for the marks, and goes on to the folders
            marked = real(uids)
            inbox.add(*held_back, marked=True)
            return marked
        return real(uids, surely=surely)

    monkeypatch.setattr(town.mailbox, "marked", drag)
    with made_anew(tmp_path, town) as again:
        monkeypatch.setattr(town.mailbox, "marked", real)
        thaw(again.store, again.now, send=False)
        compared_once_more(again)
        thaw(again.store, again.now, send=False)
        assert again.work() == []


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
    with made_anew(tmp_path, town) as again:
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
        town.mailbox.folders["INBOX"].add(NEW, town.now)
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
    with made_anew(tmp_path, town) as again:
        _chases_nobody_again(again, chased)


def _next_day(town: City) -> list[tuple[str, str]]:
    town.wait(days=1)
    before = len(town.wire.accepted)
    town.chasing.remind()
    town.dispatch.send_due()
    return kinds(sent(town, before))


def _chases_nobody_again(town: City, chased: list[tuple[str, str]]) -> None:
    town.work()
    town.chasing.remind()
    thaw(town.store, town.now, send=False)
    town.chasing.remind()
    assert not {*chased}.intersection(kinds(town.work()))


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
        town.mailbox.folders["INBOX"].add(NEW, town.now + timedelta(hours=1))
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
        town.deliver(GAS)
        town.mailbox.file(NEW, town.now)
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
    with made_good(tmp_path, town, "restore") as again:
        told = [" ".join(body_of(each).split()) for each in of_kind(again.work(), "alert")]
        assert any("auf einen älteren Stand zurückgesetzt" in each for each in told)


@pytest.mark.parametrize("killed", ["amid it", "once all is decided", "never"])
def test_a_rebuild_that_is_killed_tells_no_alarm_of_old_again(tmp_path: Path, killed: str) -> None:
    """Nor does the start that ends it; it tells what is wrong today."""
    with city(tmp_path) as town:
        for number in range(3):
            town.deliver(letter(f"Hilfe {number}", GAS_WORDS, sender=f"chef@gas{number}.example"))
            town.take_receipts()
            town.wait(days=3)
        assert len(_alarms(sent(town))) == 3
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, mailbox=town.mailbox) as again:
        again.now = town.now
        if killed == "amid it":
            again.deciding.after_each = killed_after(3)
        elif killed != "never":
            again.intake.folders.close_compared = killed_after(1)  # type: ignore[method-assign]
        with nullcontext() if killed == "never" else pytest.raises(KeyboardInterrupt):
            rebuild(again.store, again.mailbox, again.intake, FOLDERS)
    with city(tmp_path, mailbox=town.mailbox) as third:
        third.now = town.now + timedelta(minutes=5)
        third.mailbox.select_inbox()
        third.intake.tell_of_set_back()
        reconcile(third.store, third.mailbox, third.intake)
        third.mailbox.select_inbox()
        alerts = of_kind(third.work(), "alert")
        assert not _alarms(alerts)
        assert any("Postfach" in str(each["Subject"]) for each in alerts)


def _alarms(mails: list[EmailMessage]) -> list[EmailMessage]:
    return [each for each in of_kind(mails, "alert") if GAS_WORDS[:20] in body_of(each)]
