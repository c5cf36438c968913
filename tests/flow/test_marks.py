"""What the inbox holds that a lost database had read: the marks on the mails tell."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailflow.ledger import rebuild, reconcile, thaw
from mailflow.mailbox import Arrived
from mailflow.store.backup import back_up, put_back
from mailflow.upgrade import knows
from tests.flow.city import (
    COMPANY,
    ONE_OFFICE,
    City,
    city,
    digest_of,
    letter,
    of_kind,
    parse,
    reply_to,
    to_of,
)
from tests.flow.mailbox import MemoryInbox

BAU = "bauaufsicht@stadt.example.org"
FOLDERS = ["Processed", "Quarantine", "INBOX"]
_NEW = letter("Neu", ONE_OFFICE, sender="chef@neu.example")


class Stuck(MemoryInbox):
    """A mailbox whose server lets no mail out of the inbox any more, once it is ``full``."""

    full = False

    def move(self, uids: Iterable[int], *, quarantine: bool = False) -> int:
        """Move mails, or break the line."""
        if self.full:
            raise ConnectionResetError("the line broke before the mail was moved")
        return super().move(uids, quarantine=quarantine)


class Breaking(MemoryInbox):
    """A mailbox whose line breaks between two mails of one look."""

    def fetch(self, uids: Iterable[int]) -> Iterator[Arrived]:
        """Give the first mail."""
        for each in super().fetch(uids):
            yield each
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


def test_a_mail_that_came_before_the_lost_databases_last_sign_and_was_not_read_is_new(
    tmp_path: Path,
) -> None:
    """The server gave it late, or gave it another day: what counts is that nobody has read it."""
    with city(tmp_path) as town:
        came_at = town.now
        town.wait(hours=1)
        town.deliver(letter("Stand", ONE_OFFICE))
        town.take_receipts()
        town.mailbox.folders["INBOX"].add(_NEW, came_at)
    with _made_anew(tmp_path, town) as again:
        thaw(again.store, again.now, send=False)
        assert _kinds(again.work()) == [("acknowledgement", "chef@neu.example"), ("forward", BAU)]


def test_where_no_mail_of_the_ledger_bears_a_mark_all_is_held(tmp_path: Path) -> None:
    """The server keeps none, or the lost database was of a version that set none."""
    with city(tmp_path, mailbox=Stuck()) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        town.take_receipts()
        _deliver_unmoved(town, letter("Zwei", ONE_OFFICE))
        for folder in town.mailbox.folders.values():
            folder.marked.clear()
    with _made_anew(tmp_path, town) as again:
        assert len(again.store.held_back()) == 2
        thaw(again.store, again.now, send=False)
        assert again.work() == []


def test_in_a_mailbox_that_was_put_back_a_missing_mark_says_nothing(tmp_path: Path) -> None:
    """Its marks are those of its day: the lost database may have read the mail since."""
    with city(tmp_path) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        town.take_receipts()
        town.mailbox.folders["INBOX"].add(_NEW, town.now)
    with _made_anew(tmp_path, town, mailbox_restored=True) as again:
        thaw(again.store, again.now, send=False)
        assert again.work() == []


def test_a_mail_is_marked_before_anything_can_follow_from_it(tmp_path: Path) -> None:
    """The line breaks amid a look: what was fetched by then is decided while nobody can look."""
    with city(tmp_path, mailbox=Breaking()) as town:
        for number in range(2):
            mail = letter("Stand", ONE_OFFICE, sender=f"chef@firma{number}.example")
            town.mailbox.folders["INBOX"].add(mail, town.now)
        with pytest.raises(ConnectionResetError):
            town.intake.take_in(town.mailbox)
        town.deciding.decide_all()
        town.dispatch.send_due()
        assert of_kind(_sent(town), "forward")
        assert 1 in town.mailbox.marked()


def test_of_a_backlog_only_what_is_fetched_next_is_marked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else, after a loss, a company's mail that nobody had opened yet would wait as unsure."""
    monkeypatch.setattr("mailflow.intake._MARKED_AT_ONCE", 2)
    with city(tmp_path, mailbox=Breaking()) as town:
        for _ in range(5):
            town.mailbox.folders["INBOX"].add(letter("Stand", ONE_OFFICE), town.now)
        with pytest.raises(ConnectionResetError):
            town.intake.take_in(town.mailbox)
        assert town.mailbox.marked() == {1, 2}


def test_what_came_by_no_mailbox_bears_a_mark_in_the_ledger(tmp_path: Path) -> None:
    """Where all mail is pushed, only what mailflow files itself shows that marks are kept."""
    with city(tmp_path) as town:
        town.intake.store(letter("Stand", ONE_OFFICE), town.now, None)
        town.work()
        town.mailbox.folders["Processed"].add(_NEW, town.now)
        assert town.intake.read_before(town.mailbox) == frozenset()
