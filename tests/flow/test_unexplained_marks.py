"""Losses of which only a mark tells, and marks that tell of none."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from mailflow import one_pass
from mailflow.errors import MailflowError
from mailflow.ledger import reconcile, thaw
from mailflow.ledger_folders import MissedError
from mailflow.mailbox import Arrived, WithheldError
from mailflow.store.backup import back_up
from tests.flow.city import COMPANY, ONE_OFFICE, City, city, letter, of_kind, parts_of
from tests.flow.losses import (
    BAU,
    NEW,
    Stuck,
    deliver_unmoved,
    killed_after,
    kinds,
    let_passes_use,
    made_anew,
    sent,
)
from tests.flow.test_withheld import parts_of_a_pass

PERSON = letter("Eins", ONE_OFFICE, sender="chef@neu.example")
MACHINE = letter(
    "Abwesend",
    "Ich bin bis Montag nicht im Haus.",
    sender="x@neu.example",
    Auto_Submitted="auto-replied",
)


@pytest.mark.parametrize("inquiry", ["first", "second"])
def test_a_database_set_back_without_a_word_learns_of_it_by_the_mark(
    tmp_path: Path, inquiry: str
) -> None:
    """A standby that had lagged took over, just after a mail was worked on and not yet moved."""
    sender = "chef@neu.example" if inquiry == "first" else COMPANY
    database = tmp_path / "mailflow.db"
    with city(tmp_path, mailbox=Stuck()) as town:
        reconcile(town.store, town.mailbox, town.intake)
        town.mailbox.select_inbox()
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
        back_up(f"sqlite:///{database}", tmp_path / "copy.db")
        out = deliver_unmoved(town, letter("Zwei", ONE_OFFICE, sender=sender))
        assert ("forward", BAU) in kinds(out)
    (tmp_path / "copy.db").replace(database)
    with city(tmp_path, mailbox=town.mailbox) as again:
        again.now = town.now + timedelta(minutes=1)
        assert reconcile(again.store, again.mailbox, again.intake)
        again.mailbox.select_inbox()
        thaw(again.store, again.now, send=False)
        assert again.work() == []


def test_a_mail_that_is_given_later_than_the_mark_that_told_of_a_loss_is_no_new_one(
    tmp_path: Path,
) -> None:
    """Two lay unmoved as a lagging standby took over; the server withholds one of them a while."""
    database, mailbox = tmp_path / "mailflow.db", Stuck()
    mailbox.words = b"nothing"
    with city(tmp_path, mailbox=mailbox) as town:
        _start(town)
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
        back_up(f"sqlite:///{database}", tmp_path / "copy.db")
        deliver_unmoved(town, letter("Zwei", ONE_OFFICE, sender="chef@zwei.example"))
        out = deliver_unmoved(town, letter("Drei", ONE_OFFICE, sender="chef@drei.example"))
        assert ("forward", BAU) in kinds(out)
    (tmp_path / "copy.db").replace(database)
    mailbox.words = b"Subject: Drei"
    with city(tmp_path, mailbox=mailbox) as again:
        again.now = town.now + timedelta(minutes=1)
        _start(again)
        thaw(again.store, again.now, send=False)
        with suppress(WithheldError):
            again.work()
        mailbox.words = b"nothing"
        again.wait(minutes=1)
        with pytest.raises(MissedError):
            again.work()
        again.dispatch.send_due()
        assert not again.wire.accepted


@pytest.mark.parametrize("killed", ["before it is decided", "before it is moved"])
@pytest.mark.parametrize("raw", [PERSON, MACHINE], ids=["person", "machine"])
def test_a_mail_that_came_two_ways_is_no_loss_after_a_kill(
    tmp_path: Path, raw: bytes, killed: str
) -> None:
    """By LMTP and into the inbox: the second way has no bytes of its own, and bears the mark."""
    with city(tmp_path, mailbox=Stuck()) as town:
        _start(town)
        town.deliver(letter("Null", ONE_OFFICE))
        town.take_receipts()
        town.intake.store(b"Received: from mx with LMTP; 1\r\n" + raw, town.now, None)
        filed = b"Received: from mx by dovecot; 2\r\n" + raw
        town.mailbox.folders["INBOX"].add(filed, town.now)
        if killed == "before it is decided":
            town.deciding.decide_all = killed_after(1)  # type: ignore[method-assign]
        else:
            town.mailbox.move = killed_after(1)  # type: ignore[method-assign]
        with pytest.raises(KeyboardInterrupt):
            town.intake.take_in(town.mailbox)
        vars(town.mailbox).pop("move", None)
    with city(tmp_path, mailbox=town.mailbox) as again:
        again.now = town.now
        assert reconcile(again.store, again.mailbox, again.intake) is None
        assert not again.store.frozen()


def test_a_machines_mail_that_came_twice_is_compared_once(tmp_path: Path) -> None:
    """One lay in Processed, the other marked in the inbox, as all was lost: one alert, one thaw."""
    with city(tmp_path, mailbox=Stuck()) as town:
        town.deliver(letter("Null", ONE_OFFICE))
        town.take_receipts()
        town.deliver(b"Delivered-To: unternehmen@stadt.example.org\r\n" + MACHINE)
        town.wait(minutes=1)
        deliver_unmoved(town, b"Delivered-To: wirtschaft@stadt.example.org\r\n" + MACHINE)
    with made_anew(tmp_path, town) as again:
        parts = parts_of(again)
        one_pass.compare_ledger(parts, again.mailbox)
        thaw(again.store, again.now, send=False)
        again.mailbox.select_inbox()
        again.mailbox.folders["INBOX"].add(NEW, again.now)
        assert of_kind(again.work(), "acknowledgement")
        again.wait(seconds=2)
        one_pass.compare_ledger(parts, again.mailbox)
        assert not again.store.frozen()


class _Damaged(Stuck):
    """A mailbox whose server breaks the line at some mails, once it is ``broken``."""

    words = b""
    broken = False

    def fetch(self, uids: Iterable[int]) -> Iterator[Arrived]:
        """Give mails, or break the line."""
        for each in super().fetch(uids):
            if self.broken and b"Subject: Schaden" in each.raw:
                raise ConnectionResetError("the line broke")
            yield each


def test_mails_of_which_all_is_known_keep_no_pass_from_sending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They lie unmoved, and a line breaks at each of them: a start knows them by their place."""
    mailbox = _Damaged()

    def line(_: object) -> AbstractContextManager[Stuck]:
        mailbox.select_inbox()
        return nullcontext(mailbox)

    let_passes_use(monkeypatch, line)
    with city(tmp_path, mailbox=mailbox) as town:
        _start(town)
        for number in range(5):
            raw = letter("Schaden", ONE_OFFICE, sender=f"chef@firma{number}.example")
            mailbox.folders["INBOX"].add(raw, town.now)
        mailbox.full = True
        with suppress(ConnectionResetError):
            town.intake.take_in(mailbox)
    mailbox.broken = True
    with city(tmp_path, mailbox=mailbox) as again:
        again.now = town.now + timedelta(minutes=5)
        with suppress(MailflowError):
            one_pass.run_once(parts_of_a_pass(again))
        assert len(of_kind(sent(again), "forward")) == 5


def _start(town: City) -> None:
    reconcile(town.store, town.mailbox, town.intake)
    town.mailbox.select_inbox()
