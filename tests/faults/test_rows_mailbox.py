"""Rows of the fault matrix about the mailbox: its identity, its moods, and its past."""

import imaplib
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from imapclient.exceptions import IMAPClientError, ProtocolError

from mailflow import copies
from mailflow.copies import Copies
from mailflow.core.retry import Outcome, Unsure
from mailflow.inbox import CONNECTION_ERRORS, Inbox, is_refusal
from mailflow.lease import Lease
from mailflow.ledger import reconcile
from mailflow.mailbox import Arrived
from mailflow.settings.sections import Imap
from mailflow.store.engine import make_engine
from tests.faults.databases import Database, on_both
from tests.faults.trial import BAU, UMWELT, Trial, letter, trial
from tests.flow.city import (
    CENTRAL,
    ONE_OFFICE,
    TWO_OFFICES,
    body_of,
    forward_to,
    of_kind,
    parse,
)
from tests.flow.mailbox import MemoryInbox


def test_row_05_a_second_worker_is_refused(tmp_path: Path) -> None:
    """evc-team-relay#115: two workers sent everything twice. The lease lets one in, ever."""
    engine = make_engine(f"sqlite:///{tmp_path}/mailflow.db")
    first, second = (Lease(engine, CENTRAL, tmp_path) for _ in range(2))
    assert first.take()
    assert not second.take()
    assert first.take()
    first.release()
    assert second.take()
    second.release()
    engine.dispose()


def test_row_05_a_worker_that_died_leaves_no_lease_behind(tmp_path: Path) -> None:
    """A process that is killed holds nothing: the next one starts at once."""
    engine = make_engine(f"sqlite:///{tmp_path}/mailflow.db")
    child = os.fork()
    if child == 0:
        taken = Lease(engine, CENTRAL, tmp_path).take()
        os._exit(0 if taken else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    lease = Lease(engine, CENTRAL, tmp_path)
    assert lease.take()
    lease.release()
    engine.dispose()


@on_both
def test_row_07_a_database_of_yesterday_sends_nothing_twice(
    tmp_path: Path, database: Database
) -> None:
    """Restored from a backup: outbound freezes, the mailbox is read again, no answer twice."""
    with trial(tmp_path, database=database.url) as town:
        out = town.write("Umnutzung", TWO_OFFICES)
        town.city.take_receipts()
        town.city.store.engine.dispose()
        database.back_up()
        for office in (BAU, UMWELT):
            town.city.wait(hours=1)
            town.answer(
                forward_to(out, office),
                f"Die Genehmigung liegt vor, sagt {office.partition('@')[0]}.",
            )
        town.city.take_receipts()
        town.write("Und noch etwas", ONE_OFFICE, "post@zweite.example")
        town.city.take_receipts()
        mailbox, manifest = town.city.mailbox, town.manifest
        before = list(town.city.wire.accepted)
    database.put_back()
    with trial(tmp_path, mailbox=mailbox, manifest=manifest, database=database.url) as town:
        town.city.wire.accepted += before
        found = reconcile(town.city.store, mailbox, town.city.intake)
        assert found is not None
        assert town.city.store.frozen()
        town.city.work()
        town.city.store.thaw(town.city.now, send=False)
        town.city.work()
        town.judge()


@on_both
@pytest.mark.parametrize("moment", ["before it is read", "after it was moved"])
def test_row_08_uidvalidity_reset(town: Trial, moment: str) -> None:
    """paperless#8944, iTop#253: after a reset everything came again, or never. Here neither."""
    first = town.inquiry("Stand", ONE_OFFICE)
    town.post(first)
    if moment == "after it was moved":
        town.city.work()
        town.post(first)  # the server puts the mail, known by its bytes, back into the inbox
    town.city.mailbox.new_uidvalidity()
    town.post(town.inquiry("Halle", ONE_OFFICE, "post@zweite.example"))
    town.city.work()
    assert len(town.city.store.references()) == 2
    town.judge()


class Expunging(MemoryInbox):
    """A mailbox in which another program deletes a mail between the search and the fetch."""

    def fetch(self, uids: Iterable[int]) -> Iterator[Arrived]:
        """Give what is still there."""
        self.folders["INBOX"].mails.pop(1, None)
        yield from super().fetch([uid for uid in uids if uid in self.folders["INBOX"].mails])


def test_row_09_a_mail_deleted_in_between_shifts_no_other(tmp_path: Path) -> None:
    """osTicket#6979 lost every second mail to shifted sequence numbers; here UIDs only."""
    with trial(tmp_path, mailbox=Expunging()) as town:
        town.city.mailbox.folders["INBOX"].add(b"From: x@y.example\r\n\r\nweg", town.city.now)
        for number in range(6):
            town.post(town.inquiry(f"Stand {number}", ONE_OFFICE, f"post@firma{number}.example"))
        town.city.work()
        assert len(town.city.store.references()) == 6
        town.judge()


class OldServer:
    """An IMAP server without MOVE that lets nobody delete: COPY works, STORE says NO."""

    def __init__(self) -> None:
        self.copies = 0

    def has_capability(self, _: str) -> bool:
        """Know nothing newer than RFC 3501."""
        return False

    def copy(self, uids: list[int], _: str) -> None:
        """Copy, and it works."""
        self.copies += len(uids)

    def add_flags(self, *_: Any, **__: Any) -> None:
        """Refuse to delete."""
        raise IMAPClientError("store failed: [NOPERM]")


def test_row_10_move_fails_halfway_no_copy_storm() -> None:
    """osTicket#5645: 14,400 copies a day, because COPY went well and the delete never did."""
    inbox, server = Inbox.__new__(Inbox), OldServer()
    inbox._client = server
    inbox._settings = Imap()
    inbox._copies, inbox.uidvalidity = Copies(first_new=1), 7
    for _ in range(100):
        with pytest.raises(IMAPClientError):
            inbox.move([1, 2, 3])
    assert server.copies == 0


class Plain:
    """An IMAP server of RFC 3501: COPY and STORE work, and no single mail can be taken away."""

    def __init__(self) -> None:
        self.copies = 0
        self.flags: dict[int, set[bytes]] = {1: set(), 2: {rb"\Deleted"}}  # by a colleague
        self._imap = self

    def response(self, _: str) -> tuple[str, list[None]]:
        """Have nothing more to tell."""
        return "EXISTS", [None]

    def noop(self) -> None:
        """Do nothing."""

    def has_capability(self, _: str) -> bool:
        """Know nothing newer than RFC 3501."""
        return False

    def copy(self, uids: list[int], _: str) -> None:
        """Copy, and it works."""
        self.copies += len(uids)

    def add_flags(self, uids: list[int], flags: list[bytes], **_: bool) -> None:
        """Mark mails."""
        for uid in uids:
            self.flags[uid].update(flags)

    def remove_flags(self, uids: list[int], flags: list[bytes], **_: bool) -> None:
        """Take marks away."""
        for uid in uids:
            self.flags[uid].difference_update(flags)

    def search(self, criteria: list[str]) -> list[int]:
        """Give what lacks one of the two marks."""
        assert criteria == ["OR", "UNDELETED", "UNANSWERED", "UID", "1:*"]
        return [
            uid for uid, flags in self.flags.items() if not {rb"\Deleted", rb"\Answered"} <= flags
        ]


def test_row_10_a_look_does_not_copy_what_could_not_leave_the_inbox() -> None:
    """Each of a hundred looks copied every mail once more. Here each is copied once, and read."""
    inbox, server = Inbox.__new__(Inbox), Plain()
    inbox._client = server
    inbox._settings = Imap()
    inbox._copies, inbox.uidvalidity = Copies(first_new=1), 7
    inbox._ends = 0
    for _ in range(100):
        inbox.move(inbox.uids())
    assert server.copies == 2


class Keeping:
    """An IMAP server that copies and marks, and expunges nothing (an ACL with t and without e)."""

    def __init__(self, mails: int) -> None:
        raws = {
            uid: b"Message-ID: <%d@x.example>\r\n\r\nHallo" % uid for uid in range(1, mails + 1)
        }
        self.folders = {"INBOX": raws, "Processed": dict[int, bytes]()}
        self._selected = "INBOX"
        self._imap = self

    def response(self, _: str) -> tuple[str, list[None]]:
        """Have nothing more to tell."""
        return "EXISTS", [None]

    def noop(self) -> None:
        """Do nothing."""

    def has_capability(self, name: str) -> bool:
        """Know UIDPLUS, and no MOVE."""
        return name == "UIDPLUS"

    def select_folder(self, name: str) -> dict[bytes, int]:
        """Look into a folder."""
        self._selected = name
        return {b"EXISTS": len(self.folders[name]), b"UIDVALIDITY": 7}

    def search(self, _: list[str]) -> list[int]:
        """Give all there is."""
        return list(self.folders[self._selected])

    def fetch(self, uids: list[int], _: list[str]) -> dict[int, dict[bytes, Any]]:
        """Give what is asked for, and more."""
        mails = self.folders[self._selected]
        return {
            uid: {b"RFC822.SIZE": len(mails[uid]), b"ID": mails[uid][:30], b"BODY[]": mails[uid]}
            for uid in uids
        }

    def copy(self, uids: list[int], target: str) -> None:
        """Copy, and it works."""
        for uid in uids:
            self.folders[target][len(self.folders[target]) + 1] = self.folders["INBOX"][uid]

    def add_flags(self, *_: Any, **__: Any) -> None:
        """Mark, and it works."""

    def remove_flags(self, *_: Any, **__: Any) -> None:
        """Take marks away."""

    def uid_expunge(self, _: list[int]) -> None:
        """Refuse."""
        raise IMAPClientError("EXPUNGE failed: [NOPERM] Permission denied")


def test_row_10_what_may_not_be_expunged_is_copied_once_however_much_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """osTicket#5645 once more: more mails are stuck in the inbox than are looked for by rule.

    On one line and on the next each has one copy.
    """
    monkeypatch.setattr(copies, "_IN_DOUBT", 1)
    server = Keeping(5)
    for _ in range(3):
        inbox = Inbox.__new__(Inbox)
        inbox._client, inbox._settings, inbox._ends, inbox.uidvalidity = server, Imap(), 0, 7
        inbox._copies = Copies(first_new=6)
        for uids in ([1, 2, 3, 4, 5], [1], [2], [3], [4], [5]):
            with pytest.raises(IMAPClientError):
                inbox.move(uids)
    assert sorted(server.folders["Processed"].values()) == sorted(server.folders["INBOX"].values())


class Refusing(MemoryInbox):
    """A mailbox that neither moves nor takes what has these words in it; counts how often."""

    words = b""
    refused = 0

    def move(self, uids: Iterable[int], *, quarantine: bool = False) -> int:
        """Refuse all for one of them."""
        uids = list(uids)
        for uid in uids:
            self._refuse(self.folders["INBOX"].mails[uid][0])
        return super().move(uids, quarantine=quarantine)

    def file(self, raw: bytes, received_at: datetime) -> None:
        """Take a mail, or not."""
        self._refuse(raw)
        super().file(raw, received_at)

    def _refuse(self, raw: bytes) -> None:
        if self.words in raw:
            self.refused += 1
            raise IMAPClientError("command failed: NO [SERVERBUG]")


def test_row_10_a_mail_that_cannot_be_moved_is_processed_once(tmp_path: Path) -> None:
    """Looked at a hundred times in the same place, it stays one mail with one ticket."""
    mailbox = Refusing()
    with trial(tmp_path, mailbox=mailbox) as town:
        town.post(town.inquiry("Stand", ONE_OFFICE))
        for _ in range(100):
            town.city.wait(minutes=1)
            town.city.work()
        assert mailbox.refused == 10
        mailbox.words = b"of no mail"
        town.city.wait(minutes=10)
        town.city.work()
        assert len(mailbox.folders["Processed"].mails) == 1
        town.judge(alert="nicht in ihren Ordner")


@pytest.mark.parametrize("way", ["INBOX", "LMTP"])
def test_row_10_a_mail_that_the_server_refuses_keeps_no_other_waiting(
    tmp_path: Path, way: str
) -> None:
    """The others are filed, each look counts, an unproven mail goes on; the manager hears which."""
    mailbox = Refusing()
    mailbox.words = b"verdorben"
    with trial(tmp_path, mailbox=mailbox) as town:
        city = town.city
        for number, words in enumerate(("Stand", "verdorben", "Stand")):
            raw = town.inquiry(words, ONE_OFFICE, f"post@firma{number}.example")
            if way == "LMTP":
                city.intake.store(raw, city.now, None)
            else:
                town.post(raw)
        city.wire.outcomes = [Unsure("gone")]
        city.work()
        assert len(mailbox.folders["Processed"].mails) == 2
        city.wait(minutes=40)
        told = city.work()
        assert of_kind(told, "forward")
        assert any("post@firma1.example" in body_of(each) for each in of_kind(told, "alert"))
        assert city.work() == []
        mailbox.words = b"of no mail"
        city.wait(minutes=40)
        city.work()
        assert len(mailbox.folders["Processed"].mails) == 3
        assert reconcile(city.store, mailbox, city.intake) is None
        town.judge(alert="nicht in ihren Ordner", resent=1)


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        (IMAPClientError("UID MOVE failed: NO"), True),
        (imaplib.IMAP4.error("APPEND command error: BAD"), True),
        (imaplib.IMAP4.abort("socket error: EOF"), False),
        (imaplib.IMAP4.readonly("mailbox selected READ-ONLY"), False),
        (ProtocolError("unexpected"), False),
        (TimeoutError("timed out"), False),
    ],
)
def test_row_10_a_broken_line_is_no_refusal(error: Exception, refusal: bool) -> None:
    """What the server answers is about one mail; after anything else nothing is known."""
    assert is_refusal(error) == refusal


class Stalling(MemoryInbox):
    """A mailbox that stalls on one mail: the connection times out, each time."""

    def __init__(self, uid: int) -> None:
        super().__init__()
        self._uid = uid

    def fetch(self, uids: Iterable[int]) -> Iterator[Arrived]:
        """Give mails until the one that never comes."""
        for uid in uids:
            if uid == self._uid and self._selected == "INBOX":
                raise TimeoutError("timed out")
            yield from super().fetch([uid])


def test_row_13_a_mail_the_server_stalls_on_keeps_no_other_waiting(tmp_path: Path) -> None:
    """zammad#2321: one mail that could not be fetched stopped all behind it. Here the rest goes."""
    mailbox = Stalling(2)
    with trial(tmp_path, mailbox=mailbox) as town:
        stuck = town.inquiry("Stand 1", ONE_OFFICE, "post@firma1.example")
        for number in range(6):
            company = f"post@firma{number}.example"
            town.post(stuck if number == 1 else town.inquiry("Stand", ONE_OFFICE, company))
        for _ in range(3):
            with pytest.raises(TimeoutError):
                town.city.intake.take_in(mailbox)
            town.city.dispatch.send_due()
        assert list(mailbox.folders["INBOX"].mails) == [2]
        assert len(town.city.store.references()) == 5
        mailbox._uid = 0
        town.city.work()
        town.judge()


class Picky(MemoryInbox):
    """A mailbox that stalls on whatever holds some words, and in the header on others."""

    stalls_on, header_stalls_on = b"\0", b"\0"

    def fetch(self, uids: Iterable[int]) -> Iterator[Arrived]:
        """Give mails until the one that never comes."""
        for uid in uids:
            if self.stalls_on in self.folders[self._selected].mails[uid][0]:
                raise TimeoutError("timed out")
            yield from super().fetch([uid])

    def header(self, uid: int) -> bytes:
        """Give a header, unless that never comes either."""
        if self.header_stalls_on in super().header(uid):
            raise TimeoutError("timed out")
        return super().header(uid)


def _answers_after(town: Trial, mailbox: Picky, stuck: bytes, *, receipt: bool) -> int:
    """Let an answer's end be unknown and a mail stall, and look thrice; how often it went out."""
    city = town.city
    out = town.write("Stand", ONE_OFFICE)
    city.take_receipts()
    send = city.wire.send

    def taken_and_silent(sender: str, reader: str, raw: bytes, *, receipt: bool) -> Outcome:
        send(sender, reader, raw, receipt=receipt)
        return Unsure("killed after the dot")

    city.wire.send = taken_and_silent  # type: ignore[method-assign, assignment]
    town.answer(forward_to(out, BAU), "Im Juni.")
    city.wire.send = send  # type: ignore[method-assign]
    if stuck:
        town.post(stuck)
    mailbox.stalls_on = stuck[-40:] if stuck else b"combined-answer"
    if receipt:
        while city.wire.receipts:
            mailbox.folders["INBOX"].add(city.wire.receipts.pop(0), city.now)
    city.wait(hours=1)
    for _ in range(4):
        with pytest.raises(TimeoutError):
            city.intake.take_in(mailbox)
        city.dispatch.send_due()
    sent = [parse(raw) for _, _, raw in city.wire.accepted]
    return len(of_kind(sent, "combined-answer"))


def _judged_once_it_gives(town: Trial, mailbox: Picky, *, alert: str = "", resent: int = 0) -> None:
    """Let the server give every mail, and pass the verdict."""
    mailbox.stalls_on = mailbox.header_stalls_on = b"\0"
    town.city.work()
    town.judge(alert=alert, resent=resent)


@pytest.mark.parametrize("header", ["readable", "stalls too"])
def test_row_13_with_3_a_receipt_behind_a_stalled_mail_proves_its_answer(
    tmp_path: Path, header: str
) -> None:
    """The look broke before the receipt was fetched: it is no look, and nothing goes twice."""
    mailbox = Picky()
    if header != "readable":
        mailbox.header_stalls_on = b"Subject: stuck"
    with trial(tmp_path, mailbox=mailbox) as town:
        stuck = letter("stuck", "Auf dieser Mail bleibt der Server stehen, immer und immer wieder.")
        assert _answers_after(town, mailbox, stuck, receipt=True) == 1
        _judged_once_it_gives(town, mailbox)


def test_row_13_with_3_a_receipt_that_itself_stalls_is_waited_for(tmp_path: Path) -> None:
    """Its header says that it may prove the answer: that waits, and the manager hears of it."""
    mailbox = Picky()
    with trial(tmp_path, mailbox=mailbox) as town:
        assert _answers_after(town, mailbox, b"", receipt=True) == 1
        _judged_once_it_gives(town, mailbox)


def test_row_13_with_3_a_mail_that_never_comes_holds_up_no_answer(tmp_path: Path) -> None:
    """Its header says that it proves nothing: an answer without a receipt goes once more."""
    mailbox = Picky()
    with trial(tmp_path, mailbox=mailbox) as town:
        stuck = letter("stuck", "Auf dieser Mail bleibt der Server stehen, immer und immer wieder.")
        assert _answers_after(town, mailbox, stuck, receipt=False) == 2
        _judged_once_it_gives(town, mailbox, alert="ohne Beleg", resent=1)


class Withholding(MemoryInbox):
    """A mailbox that lists a mail and answers as if it were gone when asked for it."""

    working = False

    def fetch(self, uids: Iterable[int]) -> Iterator[Arrived]:
        """Give all but the first."""
        yield from super().fetch([uid for uid in uids if self.working or uid != 1])


def test_row_13_a_mail_that_is_listed_and_not_given_is_not_lost_sight_of(tmp_path: Path) -> None:
    """Each look ends with an error, which is told; the other mails go, and it is taken later."""
    mailbox = Withholding()
    with trial(tmp_path, mailbox=mailbox) as town:
        for number in range(3):
            town.post(town.inquiry("Stand", ONE_OFFICE, f"post@firma{number}.example"))
        for _ in range(2):
            with pytest.raises(CONNECTION_ERRORS):
                town.city.intake.take_in(mailbox)
        assert list(mailbox.folders["INBOX"].mails) == [1]
        mailbox.working = True
        town.city.work()
        assert len(town.city.store.references()) == 3
        town.judge()


def test_row_22_a_full_mailbox_makes_no_loop(town: Trial) -> None:
    """zammad#4941, #5428: reports about a full mailbox were answered. Here they are events."""
    out = town.write("Stand", ONE_OFFICE)
    full = (
        b"From: MAILER-DAEMON@mx.example.org\r\nTo: unternehmen@stadt.example.org\r\n"
        b"Return-Path: <>\r\nSubject: Undeliverable: mailbox full\r\n"
        b"Message-ID: <full@mx.example.org>\r\n\r\n552 5.2.2 mailbox full: "
        b"unternehmen+receipt@stadt.example.org\r\n"
    )
    assert of_kind(out, "forward")
    assert town.deliver(full) == []
    assert len(town.city.store.references()) == 1
    town.judge()
