"""What a mark tells of a loss: at a place that was another mail's, of a mail not given, filed."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from mailflow.ledger import Difference, reconcile, thaw
from mailflow.ledger_folders import MissedError
from mailflow.store.backup import back_up, put_back
from mailflow.upgrade import knows
from tests.flow.city import ONE_OFFICE, City, city, letter
from tests.flow.losses import BAU, Stuck, deliver_unmoved, killed_after, kinds
from tests.flow.mailbox import Folder, MemoryInbox
from tests.flow.test_unexplained_marks import MACHINE, PERSON

_NONE = b"of no mail"


def _started(town: City) -> Difference | None:
    """Compare as a start does, and look into the inbox."""
    found = reconcile(town.store, town.mailbox, town.intake)
    town.mailbox.select_inbox()
    return found


def _worked_on(town: City) -> City:
    """Let a company have asked, and the copies have come back."""
    _started(town)
    town.deliver(letter("Eins", ONE_OFFICE))
    town.take_receipts()
    return town


@contextmanager
def _set_back(folder: Path, before: City, how: str = "cp") -> Iterator[City]:
    """Give the city on its copy, put back without a word or as it should be, an hour later."""
    database, copy = folder / "mailflow.db", folder / "copy.db"
    if how == "cp":
        copy.replace(database)
    else:
        put_back(f"sqlite:///{database}", copy, before.now, knows)
    with city(folder, mailbox=before.mailbox) as town:
        town.now = before.now + timedelta(hours=1)
        yield town


def _copied(folder: Path) -> None:
    back_up(f"sqlite:///{folder}/mailflow.db", folder / "copy.db")


def _gives_all_but(town: City, words: bytes) -> None:
    """Let the server give no mail with these words."""
    assert isinstance(town.mailbox, Stuck)
    town.mailbox.words = words


def _looked_once_more(town: City) -> None:
    """Let the service look again, and whatever waits go out."""
    town.wait(minutes=1)
    with suppress(MissedError):
        town.work()
    town.dispatch.send_due()


@pytest.mark.parametrize("how", ["cp", "restore"])
@pytest.mark.parametrize("why", ["set back", "moved"])
def test_a_marked_mail_lies_where_another_lay_in_a_mailbox_since_set_back(
    tmp_path: Path, why: str, how: str
) -> None:
    """Such places were taken for known: what had gone out for the mail went out once more."""
    with city(tmp_path, mailbox=Stuck()) as town:
        _worked_on(town)
        for number in range(4):
            town.deliver(letter("Frage", ONE_OFFICE, sender=f"x@firma{number}.example"))
        town.take_receipts()
        if why == "moved":
            town.mailbox = Stuck()
        inbox = town.mailbox.folders["INBOX"]
        inbox.uidnext = max(inbox.uidnext - 2, 1)
        inbox.marked.clear()
        town.wait(hours=1)
        _started(town)
        town.deliver(letter("Seither", ONE_OFFICE, sender="a@seither.example"))
        town.wire.receipts.clear()
        town.wait(hours=1)
        town.work()
        _copied(tmp_path)
        assert kinds(deliver_unmoved(town, letter("Zwei", ONE_OFFICE))) == [("forward", BAU)]
    with _set_back(tmp_path, town, how) as again:
        _started(again)
        thaw(again.store, again.now, send=False)
        _looked_once_more(again)
        assert again.wire.accepted == []


def test_the_one_marked_mail_is_not_given_at_the_start(tmp_path: Path) -> None:
    """Given later it was new: its acknowledgement and its forward went out once more."""
    with city(tmp_path, mailbox=Stuck()) as town:
        _gives_all_but(town, _NONE)
        _worked_on(town)
        _copied(tmp_path)
        deliver_unmoved(town, letter("Zwei", ONE_OFFICE, sender="chef@zwei.example"))
        assert len(town.wire.accepted) == 4
    with _set_back(tmp_path, town) as again:
        _gives_all_but(again, b"Subject: Zwei")
        assert _started(again) is None
        _later_given(again)
        assert again.store.frozen() == ""  # the comparison is the service's next word
        assert _started(again)
        assert again.wire.accepted == []


def _later_given(town: City) -> None:
    """Let a look be given what the start was not."""
    with suppress(OSError):
        town.work()
    _gives_all_but(town, _NONE)
    town.wait(minutes=1)
    with pytest.raises(MissedError):
        town.work()
    town.dispatch.send_due()


@pytest.mark.parametrize("by", ["server", "clerk"])
def test_a_filed_mail_alone_tells_of_the_loss(tmp_path: Path, by: str) -> None:
    """A second mail of that day was not given, or lay with a clerk: it was sent for again."""
    with city(tmp_path, mailbox=Stuck()) as town:
        _gives_all_but(town, _NONE)
        _worked_on(town)
        _copied(tmp_path)
        assert kinds(town.deliver(letter("Zwei", ONE_OFFICE))) == [("forward", BAU)]
        town.wait(minutes=10)
        third = letter("Drei", ONE_OFFICE)
        if by == "clerk":
            assert kinds(town.deliver(third)) == [("forward", BAU)]
            _, taken_away = town.mailbox.folders["Processed"].mails.popitem()
        else:
            assert kinds(deliver_unmoved(town, third)) == [("forward", BAU)]
    with _set_back(tmp_path, town) as again:
        _gives_all_but(again, b"Subject: Drei")
        assert _started(again)
        thaw(again.store, again.now, send=False)
        if by == "clerk":
            again.mailbox.folders["INBOX"].add(*taken_away, marked=True)
        _later_given(again)
        assert again.wire.accepted == []


def test_a_marked_mail_that_is_never_given_is_one_loss_and_not_one_a_start(tmp_path: Path) -> None:
    """Each start moved the moment on; what a clerk files unread before it would be held."""
    with city(tmp_path, mailbox=Stuck()) as town:
        _gives_all_but(town, _NONE)
        _worked_on(town)
        town.mailbox.folders["INBOX"].add(PERSON, town.now, marked=True)
        _gives_all_but(town, b"Subject: Eins")
        found = []
        for _ in range(2):
            town.wait(hours=1)
            _started(town)
            found.append(town.intake.folders.missed_until())
        assert found[0]
        assert found[0] == found[1]


@pytest.mark.parametrize("raw", [PERSON, MACHINE], ids=["person", "machine"])
@pytest.mark.parametrize("then", ["killed", "made anew"])
def test_a_mail_that_came_by_two_ways_is_no_loss(tmp_path: Path, raw: bytes, then: str) -> None:
    """Filed, the second way of a machine's mail was unknown, and nothing went out until a thaw."""
    with city(tmp_path) as town:
        _worked_on(town)
        town.intake.store(b"Received: from mx with LMTP; 1\r\n" + raw, town.now, None)
        second = b"Received: from mx by dovecot; 2\r\n" + raw
        town.mailbox.folders["INBOX"].add(second, town.now)
        if then == "killed":
            town.intake.folders.close_own_gap = killed_after(2)  # type: ignore[method-assign]
            with pytest.raises(KeyboardInterrupt):
                town.intake.take_in(town.mailbox)
            assert town.mailbox.folders["INBOX"].mails == {}
        else:
            town.work()
            _make_anew(town.mailbox)
    with city(tmp_path, mailbox=town.mailbox) as again:
        again.now = town.now + timedelta(minutes=5)
        assert _started(again) is None
        assert not again.store.frozen()


def _make_anew(mailbox: MemoryInbox) -> None:
    old = mailbox.folders["Processed"]
    new = mailbox.folders["Processed"] = Folder(99)
    for uid, mail in old.mails.items():
        new.add(*mail, marked=uid in old.marked)
