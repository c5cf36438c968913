"""The mailbox is the ledger: a lost or outdated database is made good from it."""

import copy
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Self
from unittest.mock import Mock

import pytest
from sqlalchemy import select

from mailflow import deciding
from mailflow.compose import Composer, TemplateError
from mailflow.core.changes import MailOutcome
from mailflow.core.commands import commands_in
from mailflow.core.manager import act
from mailflow.core.proposal import Proposal
from mailflow.core.retry import Deferred, EntryState, Unsure
from mailflow.core.ticket import TicketState
from mailflow.core.tracking import Keyring
from mailflow.fingerprint import fingerprint
from mailflow.ledger import LedgerError, rebuild, reconcile, thaw
from mailflow.mailbox import Arrived
from mailflow.schema import outbox
from tests.flow.city import (
    CENTRAL,
    COMPANY,
    MANAGER,
    ONE_KEY,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    again,
    at_the_desk,
    body_of,
    city,
    digest_of,
    fails,
    forward_to,
    known_for,
    letter,
    of_kind,
    reply_to,
)
from tests.flow.mailbox import MemoryInbox
from tests.flow.picture import Picture, differences, picture_of
from tests.flow.test_machines import _bounce

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"
FOLDERS = ["Processed", "Quarantine", "INBOX"]


def _two_stories(town: City) -> None:
    out = town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
    town.wait(hours=1)
    for office in (BAU, UMWELT):
        town.deliver(
            reply_to(
                forward_to(out, office),
                f"Die Genehmigung liegt vor, sagt {office.partition('@')[0]}.",
            )
        )
        town.wait(hours=1)
    out = town.deliver(letter("Halle 5", TWO_OFFICES))
    town.wait(hours=1)
    town.deliver(reply_to(forward_to(out, BAU), "Rückfrage\nBitte senden Sie einen Lageplan."))
    town.take_receipts()


def test_a_lost_database_is_made_anew_from_the_mailbox(tmp_path: Path) -> None:
    """Same references, tokens, states and Message-IDs; nothing is sent, and nothing twice."""
    with city(tmp_path) as town:
        _two_stories(town)
        before, mailbox, now = picture_of(town.store), town.mailbox, town.now
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now
        difference = rebuild(town.store, mailbox, town.intake, FOLDERS)
        assert difference.mails == 8
        assert differences(before, picture_of(town.store)) == []
        assert town.work() == []
        kinds = {kind for kind, _, _ in town.store.held_back()}
        assert "combined-answer" not in kinds
        assert "acknowledgement" not in kinds


def _more_stories(town: City) -> None:
    """Let a colleague be taken up, a forward come back, a server be gone in mid-sentence."""
    colleague, company = "k.neu@stadt.example.org", "chef@zweite.example"
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE, sender=company)), BAU)
    town.wait(hours=1)
    town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni.", sender=colleague))
    town.wait(hours=1)
    out = town.deliver(reply_to(digest_of(town), f"{forward['X-Mailflow-Ticket']} aufnehmen"))
    assert len(of_kind(out, "combined-answer")) == 1
    forward = forward_to(
        town.deliver(letter("Anfrage", ONE_OFFICE, sender="post@dritte.example")), BAU
    )
    town.wait(hours=1)
    assert of_kind(town.deliver(_bounce(BAU, forward["Message-ID"])), "forward")
    town.take_receipts()
    town.wire.outcomes = [Unsure("gone after the dot"), Deferred("451 busy")]
    assert town.deliver(letter("Stand", ONE_OFFICE, sender="post@vierte.example")) == []


_NOT_OUT = [("forward", BAU), ("acknowledgement", "post@vierte.example")]
_WITHOUT_RECEIPT = [
    ("forward", UMWELT),  # asked, and no answer yet
    ("forward", "bauaufsicht-vertretung@stadt.example.org"),
    ("notice", MANAGER),
]


@pytest.mark.parametrize(("receipts", "unproven"), [("company", _WITHOUT_RECEIPT), ("all", [])])
def test_every_outgoing_mail_token_and_learned_sender_is_made_anew(
    tmp_path: Path, receipts: str, unproven: list[tuple[str, str]]
) -> None:
    """What a receipt, a reply or a report proves stands as it did; all else is held, and shown."""
    with city(tmp_path) as town:
        town.dispatch._receipts = receipts
        _two_stories(town)
        _more_stories(town)
        before, mailbox, now = picture_of(town.store), town.mailbox, town.now
    assert before.senders == {("k.neu@stadt.example.org", "bauaufsicht")}
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        after = picture_of(town.store)
        assert differences(before, after) == []
        assert sorted(after.held()) == sorted([*_NOT_OUT, *unproven])
        assert town.work() == []


def test_a_rebuild_refuses_a_database_that_is_not_empty(town: City) -> None:
    """What is there is never mixed with what is read again."""
    town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
    with pytest.raises(LedgerError, match="not empty"):
        rebuild(town.store, town.mailbox, town.intake, FOLDERS)


def test_a_restored_backup_is_noticed_and_nothing_goes_out_twice(tmp_path: Path) -> None:
    """The missed mails are read again; the answer proven by its receipt is not sent again."""
    database, backup = tmp_path / "mailflow.db", tmp_path / "yesterday.db"
    with city(tmp_path) as town:
        out = town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
        town.take_receipts()
        shutil.copy(database, backup)
        for office in (BAU, UMWELT):
            town.wait(hours=1)
            town.deliver(
                reply_to(forward_to(out, office), f"Die Genehmigung liegt vor, sagt {office}.")
            )
        town.take_receipts()
        before, mailbox = picture_of(town.store), town.mailbox
    shutil.copy(backup, database)
    with city(tmp_path, mailbox=mailbox) as town:
        difference = reconcile(town.store, mailbox, town.intake)
        assert difference is not None
        assert difference.mails == 3
        assert differences(before, picture_of(town.store)) == []
        assert of_kind(town.work(), "combined-answer") == []
        assert town.store.frozen()
        town.store.thaw(town.now, send=True)
        assert of_kind(town.work(), "combined-answer") == []


def test_an_unproven_answer_waits_and_goes_out_when_released(tmp_path: Path) -> None:
    """Without a receipt nobody knows whether it was sent: the manager decides."""
    database, backup = tmp_path / "mailflow.db", tmp_path / "yesterday.db"
    with city(tmp_path) as town:
        out = town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
        town.take_receipts()
        shutil.copy(database, backup)
        for office in (BAU, UMWELT):
            town.deliver(
                reply_to(forward_to(out, office), f"Die Genehmigung liegt vor, sagt {office}.")
            )
        mailbox = town.mailbox
    shutil.copy(backup, database)
    with city(tmp_path, mailbox=mailbox) as town:
        reconcile(town.store, mailbox, town.intake)
        assert of_kind(town.work(), "combined-answer") == []
        assert town.store.thaw(town.now, send=True) == 1
        assert len(of_kind(town.work(), "combined-answer")) == 1


def test_an_empty_database_beside_a_used_mailbox_stops_the_start(tmp_path: Path) -> None:
    """A lost database is never mistaken for a first start."""
    with city(tmp_path) as town:
        _two_stories(town)
        mailbox = town.mailbox
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, mailbox=mailbox) as town, pytest.raises(LedgerError, match="rebuild"):
        reconcile(town.store, mailbox, town.intake)


def test_a_crash_between_move_and_memory_is_no_difference(town: City) -> None:
    """Mails moved but not yet remembered are known: nothing freezes."""
    town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
    town.store.set_status("ledger_edge", town.now, "7:1")
    assert reconcile(town.store, town.mailbox, town.intake) is None
    assert not town.store.frozen()


def test_a_managers_orders_are_carried_out_again(tmp_path: Path) -> None:
    """What the manager decided by mail is decided the same way when the mailbox is read again."""
    with city(tmp_path) as town:
        town.deliver(letter("Frage", "Hallo, können Sie mir helfen?\n\nSabine Muster"))
        town.wait(hours=1)
        order = f"{town.ticket().reference} an bauaufsicht"
        town.deliver(reply_to(digest_of(town), order))
        before, mailbox = picture_of(town.store), town.mailbox
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, mailbox=mailbox) as town:
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        assert differences(before, picture_of(town.store)) == []
        assert [part.office_id for part in town.ticket().current()] == ["bauaufsicht"]


def _days(town: City, count: int) -> None:
    """Let days pass, each with what the clock does."""
    for _ in range(count):
        town.wait(days=1)
        town.chasing.remind()
        town.chasing.close()
        town.work()


def _rebuilt(folder: Path, mailbox: MemoryInbox, now: datetime) -> Picture:
    (folder / "mailflow.db").unlink()
    with city(folder, mailbox=mailbox) as town:
        town.now = now
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        assert town.work() == []
        return picture_of(town.store)


@contextmanager
def _made_good(
    folder: Path, mailbox: MemoryInbox, now: datetime, backup: Path | None
) -> Iterator[City]:
    """Give a town whose database was lost: made anew, or restored from a backup and compared."""
    (folder / "mailflow.db").unlink()
    if backup:
        shutil.copy(backup, folder / "mailflow.db")
    with city(folder, mailbox=mailbox) as town:
        town.now = now
        if backup:
            assert reconcile(town.store, mailbox, town.intake)
        else:
            rebuild(town.store, mailbox, town.intake, FOLDERS)
        yield town


@pytest.mark.parametrize("days", [3, 20, 40])
def test_what_the_clock_had_closed_is_closed_again(tmp_path: Path, days: int) -> None:
    """A mail after the closing joins, reopens or opens a new ticket, as it did the first time."""
    with city(tmp_path) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.take_receipts()
        _days(town, 1)
        (answer,) = town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
        town.take_receipts()
        _days(town, 10 + days)
        town.deliver(reply_to(answer, "Und wann genau kommt die Nutzungsänderung?"))
        town.take_receipts()
        before, mailbox, now = picture_of(town.store), town.mailbox, town.now
    assert len(before.tickets) == (2 if days == 40 else 1)
    assert differences(before, _rebuilt(tmp_path, mailbox, now)) == []


@pytest.mark.parametrize("receipts", ["company", "all"])
def test_a_deputy_asked_later_is_reminded_as_late_after_a_loss(
    tmp_path: Path, receipts: str
) -> None:
    """Its days began when it was asked: no reminder goes out sooner, and none more."""
    with city(tmp_path) as town:
        town.dispatch._receipts = receipts
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.take_receipts()
        _days(town, 6)
        town.deliver(_bounce(BAU, forward["Message-ID"]))
        _days(town, 8)
        town.take_receipts()
        town.deliver(letter("Anderes", ONE_OFFICE, sender="post@zweite.example"))
        before, mailbox, now = picture_of(town.store), town.mailbox, town.now
    assert [entry.kind for entry in before.outbox.values()].count("reminder") == 4
    assert differences(before, _rebuilt(tmp_path, mailbox, now)) == []


@pytest.mark.parametrize("lost", ["all", "what came since the backup"])
def test_nobody_is_chased_before_what_lies_unread_is_read(tmp_path: Path, lost: str) -> None:
    """Both offices had answered when the database was lost, and it was made good twelve days later.

    Whom the lost database reminded before their answers came may have been reminded.
    """
    backup = tmp_path / "yesterday.db"
    with city(tmp_path) as town:
        out = town.deliver(letter("Umnutzung", TWO_OFFICES))
        reconcile(town.store, town.mailbox, town.intake)
        shutil.copy(tmp_path / "mailflow.db", backup)
        town.take_receipts()
        town.wait(days=1)
        for office, words in ((BAU, "Die Genehmigung kommt im Juni."), (UMWELT, "40 Dezibel.")):
            raw = reply_to(forward_to(out, office), words)
            town.mailbox.folders["INBOX"].add(raw, town.now)
        town.wait(days=12)
        mailbox, now = town.mailbox, town.now
    with _made_good(tmp_path, mailbox, now, None if lost == "all" else backup) as town:
        town.work()
        assert {kind for kind, _, _ in town.store.held_back()} <= {"forward", "combined-answer"}
        thaw(town.store, town.now, send=True)
        assert of_kind(town.work(), "combined-answer")
        assert [part.reminded for part in town.ticket().consultations] == [(), ()]


def _answered_and_asked_again(town: City, backup: Path) -> None:
    """Let a ticket be answered, and asked about long after the clock has closed it."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.take_receipts()
    _days(town, 1)
    (answer,) = town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
    town.take_receipts()
    shutil.copy(backup.with_name("mailflow.db"), backup)
    _days(town, 50)
    town.deliver(reply_to(answer, "Und wann genau kommt die Nutzungsänderung?"))
    town.take_receipts()


@pytest.mark.parametrize("lost", ["all, and the rebuild is killed", "what came since the backup"])
def test_the_clock_goes_on_where_the_database_ended(tmp_path: Path, lost: str) -> None:
    """What fell due before the first mail that is read again is done before it, too."""
    backup = tmp_path / "yesterday.db"
    with city(tmp_path) as town:
        _answered_and_asked_again(town, backup)
        before, mailbox, now = picture_of(town.store), town.mailbox, town.now
    (tmp_path / "mailflow.db").unlink()
    if lost == "what came since the backup":
        shutil.copy(backup, tmp_path / "mailflow.db")
    else:
        with city(tmp_path, mailbox=mailbox) as town:
            town.now = now
            meanwhile, moments = town.deciding.meanwhile, iter(range(4))

            def killed(until: datetime) -> None:
                if next(moments, None) is None:
                    raise KeyboardInterrupt
                meanwhile(until)

            town.deciding.meanwhile = killed
            with pytest.raises(KeyboardInterrupt):
                rebuild(town.store, mailbox, town.intake, FOLDERS)
        mailbox.select_inbox()
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now
        reconcile(town.store, mailbox, town.intake)
        town.work()
        assert differences(before, picture_of(town.store)) == []


def test_reminders_are_not_due_a_second_time_after_a_rebuild(tmp_path: Path) -> None:
    """What the clock had sent is held with what is unsure; no step of the ladder comes twice."""
    with city(tmp_path) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        town.take_receipts()
        _days(town, 12)
        reminded = town.ticket().current()[0].reminded
        mailbox, now = town.mailbox, town.now
    assert reminded
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        assert town.ticket().current()[0].reminded == reminded
        assert "reminder" in {kind for kind, _, _ in town.store.held_back()}
        town.store.thaw(town.now, send=False)
        town.chasing.remind()
        assert town.work() == []


@pytest.mark.parametrize("lost", ["all", "what came since the backup"])
def test_a_date_in_the_future_makes_nothing_due(tmp_path: Path, lost: str) -> None:
    """A mail whose INTERNALDATE is wrong is one of today's: no reminder of in two months goes."""
    backup = tmp_path / "yesterday.db"
    with city(tmp_path) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        town.take_receipts()
        shutil.copy(tmp_path / "mailflow.db", backup)
        town.wait(hours=2)
        advertisement = letter("Angebote", "Greifen Sie zu!", Precedence="bulk")
        later = town.now + timedelta(days=60)
        town.mailbox.folders["INBOX"].add(advertisement, later)
        town.work()
        before, mailbox, now = picture_of(town.store), town.mailbox, town.now
    with _made_good(tmp_path, mailbox, now, None if lost == "all" else backup) as town:
        assert differences(before, picture_of(town.store)) == []
        assert "reminder" not in {kind for kind, _, _ in town.store.held_back()}
        town.store.thaw(now, send=False)
        town.wait(days=8)
        assert town.chasing.remind() == 1


def test_a_row_from_the_future_makes_nothing_due(tmp_path: Path) -> None:
    """An older mailflow stored such dates: the clock goes no further than today for them."""
    with city(tmp_path) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        town.take_receipts()
        for days in (60, 90):  # the first as of today, in daily work; the second as missed
            raw = letter("Angebote", str(days), Precedence="bulk")
            later = town.now + timedelta(days=days)
            town.store.store_raw(raw, fingerprint(raw), later, later, None)
            town.deciding.decide_all(as_of_arrival=days == 90)
        assert town.ticket().current()[0].reminded == ()
        now = town.now + timedelta(days=8)
    with city(tmp_path) as town:
        town.now = now
        raw = letter("Angebote", "heute", Precedence="bulk")
        town.intake.store(raw, town.now, None)
        town.deciding.decide_all(as_of_arrival=True)
        assert town.ticket().current()[0].reminded


def test_receipts_under_the_older_key_prove_what_was_sent(tmp_path: Path) -> None:
    """The key was rotated in mid-matter: the same ids, and nothing is held as unsure."""
    rotated = Keyring({**ONE_KEY.keys, "b": b"l" * 32}, "b")
    with city(tmp_path) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.take_receipts()
        (question,) = town.deliver(reply_to(forward, "Rückfrage\nWelche Halle?"))
        town.take_receipts()
        mailbox = town.mailbox
    with city(tmp_path, mailbox=mailbox, keyring=rotated) as town:
        town.wait(hours=1)
        again = forward_to(town.deliver(reply_to(question, "Halle 4.")), BAU)
        town.wait(hours=1)
        town.deliver(reply_to(again, "Die Genehmigung kommt im Juni."))
        town.take_receipts()
        before = picture_of(town.store)
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, mailbox=mailbox, keyring=rotated) as town:
        assert rebuild(town.store, mailbox, town.intake, FOLDERS).held == 0
        assert differences(before, picture_of(town.store)) == []


def test_an_answer_released_at_the_desk_is_known_by_its_order(tmp_path: Path) -> None:
    """The order lies in the mailbox, and is carried out anew."""
    with city(tmp_path, manager_releases=True) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.take_receipts()
        town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
        at_the_desk(town, f"{town.ticket().reference} freigeben")
        assert of_kind(town.work(), "combined-answer")
        town.take_receipts()
        before, mailbox = picture_of(town.store), town.mailbox
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, manager_releases=True, mailbox=mailbox) as town:
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        assert town.ticket().state == "answered"
        assert differences(before, picture_of(town.store)) == []
        assert "combined-answer" not in {kind for kind, _, _ in town.store.held_back()}


@pytest.mark.parametrize("backup", ["before the reply", "before the release"])
def test_a_receipt_still_in_the_inbox_says_that_the_database_is_old(
    tmp_path: Path, backup: str
) -> None:
    """The release was given at the desk, and the mailbox would not take the order's mail."""
    database, copy = tmp_path / "mailflow.db", tmp_path / "yesterday.db"
    with city(tmp_path, manager_releases=True) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.take_receipts()
        reconcile(town.store, town.mailbox, town.intake)
        if backup == "before the reply":
            shutil.copy(database, copy)
        town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
        reconcile(town.store, town.mailbox, town.intake)
        if backup == "before the release":
            shutil.copy(database, copy)
        order = f"{town.ticket().reference} freigeben"
        known = known_for(town, order)
        proposal = Proposal(known.tickets, town.now)
        act(commands_in(order, "KAM"), proposal, known, town.policy)
        town.store.apply(proposal.decision(MailOutcome.EVENT, "x"), [], town.now)
        town.dispatch.send_due()
        mailbox, (receipt,) = town.mailbox, town.wire.receipts
    shutil.copy(copy, database)
    mailbox.folders["INBOX"].add(receipt, town.now)
    with city(tmp_path, manager_releases=True, mailbox=mailbox) as town:
        town.wait(hours=1)
        assert reconcile(town.store, mailbox, town.intake)
        assert town.store.frozen()
        assert of_kind(town.work(), "alert") == []
        assert town.ticket().state == "answered"
        assert "combined-answer" not in {kind for kind, _, _ in town.store.held_back()}
        assert reconcile(town.store, mailbox, town.intake) is None


def test_a_receipt_of_a_mail_that_nobody_knows_is_told(tmp_path: Path) -> None:
    """Either the database is an older one, or somebody has a key: once a day the manager hears."""
    with city(tmp_path) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        receipts = town.wire.receipts[:]
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path) as town:
        (told,) = town.deliver(receipts[0])
        assert "die mailflow nicht kennt" in str(told["Subject"])
        town.wait(hours=1)
        assert town.deliver(receipts[0] + b"\r\n") == []
        past_outbox = next(iter(town.reporting.alert_mails("x", "y", "z"))).raw
        town.wait(days=1)
        assert town.deliver(past_outbox) == []


@pytest.mark.parametrize("beside", ["a copy of the database", "a database of its own"])
def test_a_second_mailflow_is_told_by_its_first_receipt(tmp_path: Path, beside: str) -> None:
    """After a move the old one still ran, and both wrote to everybody, under the same names."""
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    with city(old) as town:
        if beside == "a copy of the database":
            town.deliver(letter("Stand", ONE_OFFICE))
            town.take_receipts()
            shutil.copytree(old, new)
        mailbox = copy.deepcopy(town.mailbox)
        noise = letter("Lärm", ONE_OFFICE, sender="post@werft.example.net")
        town.deliver(noise)
        of_the_old = town.wire.receipts[:]
    new.mkdir(exist_ok=True)
    with city(new, mailbox=mailbox) as town:
        town.wait(seconds=1)
        town.deliver(noise)
        town.take_receipts()
        told = [mail for each in of_the_old for mail in town.deliver(each)]
        (alert,) = of_kind(told, "alert")
        assert "Ein zweites mailflow schreibt" in str(alert["Subject"])


class _Nameless(MemoryInbox):
    """A mailbox that names no mail in its inbox."""

    def message_ids(self, uids: Iterable[int]) -> Iterator[str]:
        """Break the line."""
        raise ConnectionError(str(uids))


def test_an_inbox_that_names_nothing_keeps_no_start_waiting_for_ever(tmp_path: Path) -> None:
    """Three looks are broken off; then the folders alone are compared, and the manager is told."""
    with city(tmp_path, mailbox=_Nameless()) as town:
        for _ in range(2):  # the next start tries again
            for _ in range(3):
                with pytest.raises(ConnectionError):
                    reconcile(town.store, town.mailbox, town.intake)
            assert reconcile(town.store, town.mailbox, town.intake) is None
        (alert,) = of_kind(town.work(), "alert")
        assert "nicht mit der Datenbank verglichen" in " ".join(body_of(alert).split())


def test_an_inbox_that_named_nothing_once_is_compared_at_the_next_start(tmp_path: Path) -> None:
    """Three broken looks of long ago hide no restored backup: its answer would go out twice."""
    nameless = _Nameless()
    with city(tmp_path, mailbox=nameless) as town:
        for _ in range(3):
            with pytest.raises(ConnectionError):
                reconcile(town.store, nameless, town.intake)
        reconcile(town.store, nameless, town.intake)
        town.deliver(letter("Stand", ONE_OFFICE))
        shutil.copy(tmp_path / "mailflow.db", tmp_path / "yesterday.db")
        town.deliver(letter("Halle 5", ONE_OFFICE, sender="chef@zwei.example"))
        (*_, receipt) = town.wire.receipts
    shutil.copy(tmp_path / "yesterday.db", tmp_path / "mailflow.db")
    whole = MemoryInbox()  # in which nothing but the receipt tells that something is missing
    whole.folders["Processed"].mails = dict([*nameless.folders["Processed"].mails.items()][:1])
    whole.folders["Processed"].uidnext = 2
    whole.folders["INBOX"].add(receipt, town.now)
    with city(tmp_path, mailbox=whole) as town:
        assert reconcile(town.store, whole, town.intake)
        assert town.store.frozen()


@pytest.mark.parametrize("way", ["receipt", "reply"])
def test_nothing_settles_an_answer_that_waits_for_release(tmp_path: Path, way: str) -> None:
    """Who has a key of ours forges a receipt, or a reply to it: it goes on waiting."""
    with city(tmp_path, manager_releases=True) as town:
        out = town.deliver(letter("Stand", ONE_OFFICE))
        (ack,) = of_kind(out, "acknowledgement")
        town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
        with town.store.engine.connect() as connection:
            query = select(outbox.c.message_id).where(outbox.c.state == EntryState.HELD)
            held = connection.execute(query).scalar_one()
        if way == "receipt":
            forged = letter("x", "x", sender=CENTRAL, X_Mailflow_Kind="combined-answer")
            ours = b"Message-ID: " + held.encode() + b"\r"
            forged = re.sub(rb"(?m)^Message-ID: .*?\r$", ours, forged)
            (told,) = town.deliver(forged)
            assert "nicht hinausgegangen" in str(told["Subject"])
        else:
            reply = reply_to(ack, "Noch etwas.", quote=False)
            ours = f"References: {held} ".encode()
            town.deliver(reply.replace(b"References: ", ours))
        with town.store.engine.connect() as connection:
            query = select(outbox.c.state).where(outbox.c.message_id == held)
            assert connection.execute(query).scalar_one() != EntryState.ACCEPTED
        assert town.ticket().state != "answered"


def test_quarantined_mails_are_read_again_after_a_restore(tmp_path: Path) -> None:
    """They are counted and shown as before; what is in quarantine stays there."""
    database, backup = tmp_path / "mailflow.db", tmp_path / "yesterday.db"
    with city(tmp_path) as town:
        town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
        shutil.copy(database, backup)
        code = letter("Your verification code", "It is 483920", sender="no-reply@chat.example")
        town.deliver(code)
        town.deliver(letter("Stand", ONE_OFFICE))
        before, mailbox = town.reporting.digest().counts_total, town.mailbox
    shutil.copy(backup, database)
    with city(tmp_path, mailbox=mailbox) as town:
        difference = reconcile(town.store, mailbox, town.intake)
        assert difference is not None
        assert difference.mails == 2
        assert town.reporting.digest().counts_total == before


def _behind_by_a_quarantined_mail(
    folder: Path, *, more: bool
) -> tuple[dict[str, object], MemoryInbox]:
    """Restore a backup that lacks a quarantined mail, and another if ``more``; give the counts."""
    database, backup = folder / "mailflow.db", folder / "yesterday.db"
    with city(folder) as town:
        town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
        shutil.copy(database, backup)
        code = letter("Your verification code", "It is 483920", sender="no-reply@chat.example")
        town.deliver(code)
        if more:
            town.deliver(letter("Stand", ONE_OFFICE))
        counts, mailbox = town.reporting.digest().counts_total, town.mailbox
    assert mailbox.folders["Quarantine"].mails
    shutil.copy(backup, database)
    return asdict(counts), mailbox


def test_what_is_read_again_after_a_restore_is_new_in_the_next_digest(tmp_path: Path) -> None:
    """Its mail came before the last digest there is, and no digest has told of it."""
    wish = f"wir möchten uns in Ihrer Stadt ansiedeln und suchen ein Grundstück. {ONE_OFFICE}"
    with city(tmp_path) as town:
        town.deliver(letter("Alt", ONE_OFFICE, sender="post@alt.example"))
        town.take_receipts()
        town.wait(hours=1)
        town.mailbox.folders["INBOX"].add(letter("Ansiedlung", wish), town.now)
        town.wait(minutes=5)
        assert "1 neu," in body_of(digest_of(town))
        shutil.copy(tmp_path / "mailflow.db", tmp_path / "backup.db")
        town.wait(minutes=2)
        town.work()
        town.take_receipts()
        mailbox, now = town.mailbox, town.now
    shutil.copy(tmp_path / "backup.db", tmp_path / "mailflow.db")
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now
        assert reconcile(town.store, mailbox, town.intake)
        thaw(town.store, town.now, send=False)
        town.wait(days=1)
        told = " ".join(body_of(digest_of(town)).split())
        assert "1 neu," in told
        assert "möchte sich ansiedeln: Mustermann Montagetechnik" in told
        town.wait(days=1)
        assert "0 neu," in body_of(digest_of(town))


def _reconciled(folder: Path, mailbox: MemoryInbox) -> dict[str, object]:
    """Start on this database and mailbox; give the counts."""
    with city(folder, mailbox=mailbox) as town:
        reconcile(town.store, mailbox, town.intake)
        town.work()
        return asdict(town.reporting.digest().counts_total)


class _Killed(MemoryInbox):
    """A mailbox at whose quarantine the process is killed."""

    @classmethod
    def of(cls, mailbox: MemoryInbox) -> Self:
        """Take over a mailbox's folders."""
        made = cls()
        made.folders = mailbox.folders
        return made

    def fetch(self, uids: Iterable[int]) -> Iterator[Arrived]:
        """Give mails, or die."""
        if self._selected == "Quarantine":
            raise KeyboardInterrupt
        yield from super().fetch(uids)


@pytest.mark.parametrize("first", ["quarantined", "through a list"])
def test_a_mail_read_at_its_second_coming_has_the_same_number_after_a_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """The mailbox may hold it once by then: number, token and receipts are the first mail's."""
    raw = letter("Stand", ONE_OFFICE)
    with city(tmp_path) as town:
        if first == "quarantined":
            with monkeypatch.context() as faulty:
                error = TemplateError("forward.txt is faulty")
                faulty.setattr(Composer, "compose_all", Mock(side_effect=error))
                town.deliver(raw)
            town.mailbox.folders["Quarantine"].mails.clear()
        else:
            town.deliver(b"Precedence: bulk\r\nX-Autoreply: yes\r\n" + raw)
            town.mailbox.folders["Processed"].mails.clear()
        forward = forward_to(town.deliver(raw), BAU)
        town.take_receipts()
        before, mailbox = town.ticket().reference, town.mailbox
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, mailbox=mailbox) as town:
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        town.store.thaw(town.now, send=False)
        assert town.ticket().reference == before
        out = town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
        assert of_kind(out, "combined-answer")


def test_a_kill_before_the_quarantine_is_read_forgets_nothing(tmp_path: Path) -> None:
    """Each folder has an edge of its own: what the first start did not come to, the second does."""
    counts, mailbox = _behind_by_a_quarantined_mail(tmp_path, more=True)
    with pytest.raises(KeyboardInterrupt):
        _reconciled(tmp_path, _Killed.of(mailbox))
    assert _reconciled(tmp_path, mailbox) == counts


def test_a_quarantined_mail_alone_is_a_difference(tmp_path: Path) -> None:
    """The quarantine is read although the processed folder holds nothing new."""
    counts, mailbox = _behind_by_a_quarantined_mail(tmp_path, more=False)
    assert _reconciled(tmp_path, mailbox) == counts


def test_a_rebuild_killed_before_the_quarantine_goes_on_with_it(tmp_path: Path) -> None:
    """The service that is started next reads the folders that the rebuild did not come to."""
    counts, mailbox = _behind_by_a_quarantined_mail(tmp_path, more=False)
    (tmp_path / "mailflow.db").unlink()
    killed = _Killed.of(mailbox)
    with city(tmp_path, mailbox=killed) as town, pytest.raises(KeyboardInterrupt):
        rebuild(town.store, killed, town.intake, FOLDERS)
    assert _reconciled(tmp_path, mailbox) == counts


@pytest.mark.parametrize("folder", ["Processed", "Quarantine"])
def test_a_mail_filed_by_hand_before_it_was_read_is_taken_in(town: City, folder: str) -> None:
    """A colleague was quicker than the look: the mail opens its ticket, and nothing is frozen."""
    town.deliver(letter("Stand", ONE_OFFICE))
    raw = letter("Halle 5", ONE_OFFICE, sender="chef@zweite.example")
    town.mailbox.folders[folder].add(raw, town.now)
    out = town.deliver(letter("Noch etwas", ONE_OFFICE, sender="x@dritte.example"))
    assert len(town.store.references()) == 3
    assert len(of_kind(out, "acknowledgement")) == 2
    assert not town.store.frozen()
    assert reconcile(town.store, town.mailbox, town.intake) is None


def test_a_receipt_filed_by_hand_is_read_before_an_answer_goes_once_more(town: City) -> None:
    """It proves the answer wherever it lies in the ledger."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.take_receipts()
    town.wire.outcomes = [Unsure("killed after the dot")]
    town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
    (unsure,) = town.wire.unsure
    town.mailbox.folders["Processed"].add(unsure, town.now)
    town.wait(hours=1)
    assert town.work() == []


def test_what_mailflow_moved_itself_is_not_fetched_again(town: City) -> None:
    """As many UIDs were used up in the folder as it moved mails: nobody else was there."""
    asked: list[str] = []
    fetch = town.mailbox.fetch

    def watched(uids: Iterable[int]) -> Iterator[Arrived]:
        asked.append(town.mailbox._selected)
        return fetch(uids)

    town.mailbox.fetch = watched  # type: ignore[method-assign]
    for number in range(3):
        town.deliver(letter("Stand", ONE_OFFICE, sender=f"post@firma{number}.example"))
    assert "INBOX" in asked
    assert "Processed" not in asked


def test_a_pushed_mail_lies_in_the_mailbox_too(town: City) -> None:
    """What came by LMTP is filed once, so that the mailbox holds every mail."""
    town.intake.store(letter("Umnutzung Halle 4", TWO_OFFICES), town.now, None)
    assert len(town.work()) == 3
    town.work()
    assert len(town.mailbox.folders["Processed"].mails) == 1


def test_a_persons_mail_pushed_after_a_machines_copy_is_a_mail_of_its_own(town: City) -> None:
    """A list pushed it first, an event; what is pushed directly is read, once, and filed too."""
    raw = letter("Stand", ONE_OFFICE)
    kinds = []
    for pushed in (b"Precedence: bulk\r\nX-Autoreply: yes\r\n" + raw, raw, raw):
        town.intake.store(pushed, town.now, None)
        kinds.append(sorted(str(mail["X-Mailflow-Kind"]) for mail in town.work()))
        town.wait(minutes=1)
    assert kinds == [[], ["acknowledgement", "forward"], []]
    assert len(town.mailbox.folders["Processed"].mails) == 2


_OF_A_LIST = b"Precedence: bulk\r\nList-Unsubscribe: <mailto:a@b.example>\r\n"


def test_a_persons_mail_right_behind_a_machines_copy_is_read(town: City) -> None:
    """Nothing is decided of a list's copy yet when the direct one is pushed, and once more."""
    raw = letter("Stand", ONE_OFFICE)
    for pushed in (_OF_A_LIST + raw, raw, b"Received: from mx by us\r\n" + raw):
        town.intake.store(pushed, town.now, None)
    kinds = sorted(str(mail["X-Mailflow-Kind"]) for mail in town.work())
    assert kinds == ["acknowledgement", "forward"]
    town.work()
    assert len(town.mailbox.folders["Processed"].mails) == 2


def test_a_persons_mail_beside_a_machines_copy_is_read_after_a_loss(tmp_path: Path) -> None:
    """The list's copy lies in Processed, the direct one could not be read and lies elsewhere."""
    raw = letter("Stand", ONE_OFFICE)
    with city(tmp_path) as town:
        town.deliver(_OF_A_LIST + raw)
        town.wait(minutes=5)
        with pytest.MonkeyPatch.context() as faulty:
            faulty.setattr(deciding, "decide", fails)
            town.deliver(raw)
        mailbox = town.mailbox
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, mailbox=mailbox) as town:
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        thaw(town.store, town.now, send=True)
        assert forward_to(town.work(), BAU)


def test_a_form_filled_in_once_more_waits_also_behind_a_lists_copy(town: City) -> None:
    """Without day and number nobody can say whether it is the mail that was answered long ago."""
    lines = letter("Stand", ONE_OFFICE).split(b"\r\n")
    raw = b"\r\n".join(each for each in lines if not each.startswith((b"Date:", b"Message-ID:")))
    town.deliver(raw)
    town.wait(days=60)
    town.deliver(_OF_A_LIST + raw)
    town.wait(minutes=5)
    assert town.deliver(raw) == []
    assert "Ohne Datum und Message-ID" in " ".join(body_of(digest_of(town)).split())


@pytest.mark.parametrize("send", [True, False])
def test_what_was_queued_while_frozen_goes_however_the_rest_ends(
    tmp_path: Path, send: bool
) -> None:
    """A thaw sends or drops what the freeze held and showed; a new company's mails are not of it.

    An alert on its way meanwhile is not sent a second time.
    """
    with city(tmp_path) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        mailbox = town.mailbox
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, mailbox=mailbox) as town:
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        mailbox.select_inbox()
        held = town.store.held_back()
        town.reporting.alert("test", "Achtung")
        town.wire.outcomes = [Unsure("gone after the dot")]
        assert town.deliver(letter("Neue Sache", ONE_OFFICE, sender="chef@neu.example")) == []
        assert town.store.held_back() == held
        since = [(kind, who) for kind, _, who in town.store.queued_since()]
        assert since == [("forward", BAU), ("acknowledgement", "chef@neu.example")]
        assert town.store.thaw(town.now, send=send) == len(held) == 2
        out = [str(mail["X-Mailflow-Kind"]) for mail in town.work()]
        assert sorted(out) == sorted(["acknowledgement", "forward"] * (2 if send else 1))


@pytest.mark.parametrize("send", [True, False])
def test_a_thaw_releases_no_answer_that_waits_for_the_manager(tmp_path: Path, send: bool) -> None:
    """Typed while nothing is frozen it neither sends such an answer nor drops it."""
    with city(tmp_path, manager_releases=True) as town:
        out = town.deliver(letter("Stand", ONE_OFFICE))
        town.take_receipts()
        (review,) = town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
        assert town.store.held_back() == []
        assert town.store.thaw(town.now, send=send) == 0
        assert town.work() == []
        out = town.deliver(reply_to(review, f"{town.ticket().reference} freigeben"))
        assert len(of_kind(out, "combined-answer")) == 1


@pytest.mark.parametrize("send", [True, False])
def test_a_thaw_leaves_what_is_on_its_way_alone(tmp_path: Path, send: bool) -> None:
    """Typed while nothing is frozen it sends nothing unsure again, and drops nothing queued."""
    with city(tmp_path) as town:
        out = town.deliver(letter("Stand", ONE_OFFICE))
        town.take_receipts()
        town.wire.outcomes = [Unsure("gone after the dot"), Deferred("451 busy")]
        town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
        town.deliver(letter("Halle 5", ONE_OFFICE))
        town.take_receipts()
        assert town.store.outbox_waiting() == 2
        assert town.store.thaw(town.now, send=send) == 0
        assert town.work() == []
        town.mailbox.folders["INBOX"].add(town.wire.unsure[0], town.now)  # its receipt
        town.wait(hours=1)
        assert [mail["X-Mailflow-Kind"] for mail in town.work()] == ["forward"]


class _Silent(MemoryInbox):
    """A mailbox that files a mail, and whose word that it has is lost."""

    def file(self, raw: bytes, received_at: datetime) -> None:
        """File it, and say nothing."""
        super().file(raw, received_at)
        raise TimeoutError("timed out")


def test_a_pushed_mail_whose_filing_was_not_confirmed_is_filed_once(tmp_path: Path) -> None:
    """The next look finds it in the folder; it does not put one more copy there each time."""
    with city(tmp_path, mailbox=_Silent()) as town:
        town.intake.store(letter("Umnutzung Halle 4", TWO_OFFICES), town.now, None)
        for _ in range(20):
            with suppress(TimeoutError):
                town.intake.take_in(town.mailbox)
        assert len(town.mailbox.folders["Processed"].mails) == 1
        assert town.store.pushed() == []
        assert len(town.store.references()) == 1


def _set_back(town: City) -> None:
    """Let a company write, keep the mailbox, let another write, and set the mailbox back."""
    town.deliver(letter("Eins", ONE_OFFICE))
    town.take_receipts()
    yesterday = copy.deepcopy(town.mailbox.folders)
    town.wait(hours=20)
    town.deliver(letter("Zwei", ONE_OFFICE, sender="b@zwei.example"))
    town.take_receipts()
    town.mailbox.folders = yesterday


@pytest.mark.parametrize("started", [True, False])
def test_a_mailbox_set_back_to_a_snapshot_hides_no_new_mail(town: City, started: bool) -> None:
    """A new mail under a UID that was used before is read; the manager is told of the snapshot."""
    _set_back(town)
    if started:
        assert reconcile(town.store, town.mailbox, town.intake) is None
    out = town.deliver(letter("Drei", ONE_OFFICE, sender="c@drei.example"))
    assert len(of_kind(out, "forward")) == 1
    assert len(town.store.references()) == 3
    (alert,) = of_kind(out, "alert")
    assert "älteren Stand" in body_of(alert)
    town.wait(hours=1)
    assert town.deliver(letter("Vier", ONE_OFFICE, sender="d@vier.example"))
    assert reconcile(town.store, town.mailbox, town.intake) is None


def test_a_folder_set_back_is_looked_at_from_its_start(town: City) -> None:
    """A mail filed by hand below the old edge, once the folder is shorter, is taken in."""
    _set_back(town)
    by_hand = letter("Von Hand", ONE_OFFICE, sender="e@fuenf.example")
    town.mailbox.folders["Processed"].add(by_hand, town.now)
    town.work()
    assert len(town.store.references()) == 3


class _Counting(MemoryInbox):
    """A mailbox that counts what it gives."""

    given = 0

    def fetch(self, uids: Iterable[int]) -> Iterator[Arrived]:
        """Give mails, and count them."""
        for each in super().fetch(uids):
            self.given += 1
            yield each


def test_each_mail_is_fetched_once(tmp_path: Path) -> None:
    """Making sure of a mail that was left in the inbox costs nothing where none was."""
    with city(tmp_path, mailbox=_Counting()) as town:
        for number in range(20):
            raw = letter("Stand", ONE_OFFICE, sender=f"post@firma{number}.example")
            town.mailbox.folders["INBOX"].add(raw, town.now)
        town.work()
        town.work()
        assert isinstance(town.mailbox, _Counting)
        assert town.mailbox.given == 20


def _released_and_frozen(town: City) -> tuple[EmailMessage, EmailMessage]:
    """Let an answer be released, and held by a freeze; give the forward and the acknowledgement."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    forward, (acknowledgement,) = forward_to(out, BAU), of_kind(out, "acknowledgement")
    (review,) = town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
    order = reply_to(review, f"{town.ticket().reference} freigeben")
    town.mailbox.folders["INBOX"].add(order, town.now)
    town.intake.take_in(town.mailbox)
    assert town.store.freeze("nach einem Rückstand der Datenbank ungewiss", town.now) == 2
    town.wait(hours=1)
    return forward, acknowledgement


@pytest.mark.parametrize("then", ["a new preview", "its release", "the ticket is closed"])
def test_an_answer_held_by_a_freeze_is_no_preview(careful_town: City, then: str) -> None:
    """Released before, it waits for the thaw, whatever becomes of the ticket meanwhile."""
    town = careful_town
    forward, acknowledgement = _released_and_frozen(town)
    reference = town.ticket().reference
    if then == "the ticket is closed":
        town.deliver(reply_to(digest_of(town), f"{reference} schliessen"))
    else:
        again = "Noch eine Frage: Gilt die Nutzungsänderung auch für das Lager?"
        town.deliver(reply_to(acknowledgement, again, sender=COMPANY))
        town.deliver(reply_to(forward, "Zum Lager: ja, sie gilt auch dort."))
    if then == "its release":
        town.deliver(reply_to(digest_of(town), f"{reference} freigeben"))
    assert ("combined-answer", reference, COMPANY) in town.store.held_back()
    town.store.thaw(town.now, send=True)
    answers = [body_of(mail) for mail in of_kind(town.work(), "combined-answer")]
    assert sum("im Juni" in each for each in answers) == 1
    assert sum("Zum Lager" in each for each in answers) == (then == "its release")


@pytest.mark.parametrize("names", ["the first forward", "the correction", "nothing"])
def test_a_reply_proves_the_forward_it_answers_and_older_ones(town: City, names: str) -> None:
    """A correction held by a freeze has not arrived because the office answers an earlier mail."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    forward, (acknowledgement,) = forward_to(out, BAU), of_kind(out, "acknowledgement")
    town.take_receipts()
    correction = reply_to(acknowledgement, "Korrektur: Es geht um Halle SIEBEN.", sender=COMPANY)
    town.mailbox.folders["INBOX"].add(correction, town.now)
    town.intake.take_in(town.mailbox)
    town.store.freeze("nach einem Rückstand der Datenbank ungewiss", town.now)
    with town.store.engine.connect() as connection:
        (held,) = connection.execute(
            select(outbox.c.message_id).where(outbox.c.state == EntryState.HELD)
        ).scalars()
    text = "Zwischennachricht: Wir prüfen das bis 04.12."
    answered = {
        "the first forward": reply_to(forward, text),
        "the correction": reply_to(forward, text).replace(
            forward["Message-ID"].encode(), held.encode()
        ),
        "nothing": letter("Stand", text, sender=BAU, to=str(forward["Reply-To"])),
    }[names]
    town.deliver(answered)
    town.store.thaw(town.now, send=True)
    arrives = any("SIEBEN" in body_of(mail) for mail in of_kind(town.work(), "forward"))
    assert arrives == (names != "the correction")


def test_a_rebuild_tells_of_an_emergency_that_nobody_had_read(tmp_path: Path) -> None:
    """What lay in the inbox is told at once; of what had been worked on nobody is told again."""
    with city(tmp_path) as town:
        danger = "In unserer Halle riecht es stark nach Gas, bitte kommen Sie sofort!"
        old = letter("Gasgeruch gestern", danger, sender="a.b@frueher.example")
        assert of_kind(town.deliver(old), "alert")
        town.take_receipts()
        mailbox, now = town.mailbox, town.now
    (tmp_path / "mailflow.db").unlink()
    new = letter("Gasgeruch heute", danger, sender="a.b@andere.example")
    mailbox.folders["INBOX"].add(new, now)
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now + timedelta(hours=1)
        assert rebuild(town.store, mailbox, town.intake, FOLDERS).mails == 3
        mailbox.select_inbox()
        (alert,) = of_kind(town.work(), "alert")
        assert "Gasgeruch heute" in body_of(alert)
        assert "alert" in {kind for kind, _, _ in town.store.held_back()}


def test_a_freeze_holds_no_alert_that_was_queued_before(town: City) -> None:
    """What tells the manager goes out whatever is held, also where it was there first."""
    town.reporting.alert("quota", "Das Postfach ist fast voll.")
    town.reporting.send()
    assert town.store.freeze("nach einem Rückstand der Datenbank ungewiss", town.now) == 0
    assert sorted(str(mail["X-Mailflow-Kind"]) for mail in town.work()) == ["alert", "digest"]


def test_no_two_answers_bear_one_name(tmp_path: Path) -> None:
    """An answer ordered at the desk is unknown to a rebuild; the offices' one is named the same."""
    with city(tmp_path) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        at_the_desk(town, f"{town.ticket().reference} antwort Der Termin ist am 3. Dezember.")
        (own,) = town.work()
        town.take_receipts()
        reply = reply_to(forward, "Die Genehmigung kommt im Juni.")
        yesterday, now = copy.deepcopy(town.mailbox), town.now
        (answer,) = of_kind(town.deliver(reply), "combined-answer")
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, mailbox=yesterday) as town:
        town.now = now
        rebuild(town.store, yesterday, town.intake, FOLDERS)
        yesterday.select_inbox()
        town.store.thaw(town.now, send=False)
        (again,) = of_kind(town.deliver(reply), "combined-answer")
    assert own["Message-ID"] != again["Message-ID"] == answer["Message-ID"]


def test_the_same_words_ordered_twice_go_twice(town: City) -> None:
    """Each order of the manager is an answer of its own."""
    town.deliver(letter("Stand", ONE_OFFICE))
    order = f"{town.ticket().reference} antwort Der Termin steht noch nicht fest."
    for _ in range(2):
        town.wait(days=1)
        out = town.deliver(reply_to(digest_of(town), order))
        assert len(of_kind(out, "combined-answer")) == 1


@contextmanager
def _made_anew(folder: Path, mailbox: MemoryInbox, now: datetime) -> Iterator[City]:
    """Give a town whose lost database was rebuilt, and whose manager dropped what was held."""
    (folder / "mailflow.db").unlink()
    with city(folder, mailbox=mailbox) as town:
        town.now = now
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        town.store.thaw(now, send=False)
        yield town


def test_what_a_thaw_drops_counts_as_gone_out(tmp_path: Path) -> None:
    """They had gone out, says the manager: no office is sent the old letters once more."""
    with city(tmp_path) as town:
        (receipt,) = of_kind(town.deliver(letter("Stand", ONE_OFFICE)), "acknowledgement")
        town.wait(hours=1)
        town.deliver(reply_to(receipt, "Nachtrag zwei: Es geht um Halle 4.", sender=COMPANY))
        mailbox, now = town.mailbox, town.now
    with _made_anew(tmp_path, mailbox, now) as town:
        town.wait(hours=1)
        third = reply_to(receipt, "Nachtrag drei: Und um Halle 5.", sender=COMPANY)
        told = body_of(forward_to(town.deliver(third), BAU))
        assert "Nachtrag drei" in told
        assert "Nachtrag zwei" not in told
        assert told.count("– – –") == 0  # the line between two letters


def test_a_forward_that_came_back_before_a_rebuild_brought_nothing(tmp_path: Path) -> None:
    """The new database never tried to send it, and knows of the failure from the mailbox alone."""
    with city(tmp_path) as town:
        out = town.deliver(letter("Stand", ONE_OFFICE))
        town.take_receipts()
        town.wait(minutes=1)
        town.deliver(_bounce(BAU, forward_to(out, BAU)["Message-ID"]))
        town.wait(hours=1)
        mailbox, now = town.mailbox, town.now
    with _made_anew(tmp_path, mailbox, now) as town:
        assert not [to for _, to, _ in town.ticket().forwarded if to == BAU]


def test_an_answer_that_came_back_before_a_rebuild_can_be_sent_again(tmp_path: Path) -> None:
    """The new database never tried it, and still the digest's line for it does what it says."""
    with city(tmp_path) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.take_receipts()
        town.wait(hours=1)
        answer = of_kind(
            town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni.")), "combined-answer"
        )[0]
        town.take_receipts()
        town.deliver(_bounce(COMPANY, answer["Message-ID"]))
        town.wait(hours=1)
        mailbox, now = town.mailbox, town.now
    with _made_anew(tmp_path, mailbox, now) as town:
        town.wait(days=1)
        order = f"{town.ticket().reference} freigeben zustellung"
        out = of_kind(town.deliver(reply_to(digest_of(town), order)), "combined-answer")
        assert ["im Juni" in body_of(each) for each in out] == [True]


def test_a_bounce_of_what_a_thaw_dropped_is_heard(tmp_path: Path) -> None:
    """It had gone out, and reached nobody: the office's deputy is asked."""
    with city(tmp_path) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.wait(hours=1)
        mailbox, now = town.mailbox, town.now
    with _made_anew(tmp_path, mailbox, now) as town:
        town.wait(minutes=5)
        out = town.deliver(_bounce(BAU, forward["Message-ID"]))
        assert [str(mail["X-Mailflow-Kind"]) for mail in out] == ["forward"]


def test_a_restore_reads_what_was_let_out_of_quarantine_before_what_followed_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The inquiry lies in another folder than its receipts and the office's answer; its day counts.

    Read folder by folder, the office's true answer would be held as a forgery.
    """
    backup = tmp_path / "yesterday.db"
    with city(tmp_path) as town:
        town.deliver(letter("Vorher", ONE_OFFICE, sender="post@vorher.example"))
        town.take_receipts()
        reconcile(town.store, town.mailbox, town.intake)
        shutil.copy(tmp_path / "mailflow.db", backup)
        town.wait(hours=3)
        with monkeypatch.context() as patch:
            patch.setattr(deciding, "decide", fails)
            town.deliver(letter("Stand", ONE_OFFICE))
        town.wait(hours=1)
        again(town)
        forward = forward_to(town.work(), BAU)
        town.take_receipts()
        town.wait(hours=1)
        answer = reply_to(forward, "Die Genehmigung kommt im Juni.")
        assert of_kind(town.deliver(answer), "combined-answer")
        town.take_receipts()
        before, mailbox, now = picture_of(town.store), town.mailbox, town.now
    assert len(mailbox.folders["Quarantine"].mails) == 1
    shutil.copy(backup, tmp_path / "mailflow.db")
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now
        reconcile(town.store, mailbox, town.intake)
        found = differences(before, picture_of(town.store))
        assert [each.partition(":")[0] for each in found] == ["tokens"]  # of the alert of the fault
        thaw(town.store, town.now, send=True)
        assert not of_kind(town.work(), "combined-answer")


@pytest.mark.parametrize("send", [True, False])
def test_nothing_is_thawed_before_all_that_was_missed_is_read(tmp_path: Path, send: bool) -> None:
    """After a rebuild that was killed half way an answer that has gone out long ago shows no more.

    Thawed before its receipt is read, it would wait for its release a second time.
    """

    class KilledError(BaseException):
        pass

    def dies() -> None:
        raise KilledError

    with city(tmp_path, manager_releases=True) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.take_receipts()
        town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
        at_the_desk(town, f"{town.ticket().reference} freigeben")
        assert of_kind(town.work(), "combined-answer")
        town.take_receipts()
        mailbox, now = town.mailbox, town.now
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, manager_releases=True, mailbox=mailbox) as town:
        town.now, town.deciding.after_each = now, dies
        with pytest.raises(KilledError):
            rebuild(town.store, mailbox, town.intake, FOLDERS)
    with city(tmp_path, manager_releases=True, mailbox=mailbox) as town:
        town.now = now
        mailbox.select_inbox()
        with pytest.raises(LedgerError, match="not all been read yet"):
            thaw(town.store, now, send=send)
        reconcile(town.store, mailbox, town.intake)
        thaw(town.store, now, send=send)
        assert town.ticket().state is TicketState.ANSWERED
        assert not of_kind(town.work(), "combined-answer")


@pytest.mark.parametrize("backup", ["before the list's copy", "after it"])
def test_a_restore_knows_a_persons_mail_from_a_lists_copy_of_it(
    tmp_path: Path, backup: str
) -> None:
    """What came directly is read again, though a machine's mail of the same words is known.

    Else its ticket is lost, its receipt proves nothing, and the office's answer counts as forged.
    """
    saved, raw = tmp_path / "yesterday.db", letter("Stand", ONE_OFFICE)
    listed = b"Precedence: bulk\r\nList-Unsubscribe: <mailto:a@b.example>\r\n" + raw
    with city(tmp_path) as town:
        town.deliver(letter("Vorher", ONE_OFFICE, sender="post@vorher.example"))
        town.take_receipts()
        reconcile(town.store, town.mailbox, town.intake)
        if backup == "after it":
            assert town.deliver(listed) == []
        town.store.engine.dispose()
        shutil.copy(tmp_path / "mailflow.db", saved)
        if backup != "after it":
            assert town.deliver(listed) == []
        town.wait(minutes=10)
        forward = forward_to(town.deliver(raw), BAU)
        town.take_receipts()
        before, mailbox, now = picture_of(town.store), town.mailbox, town.now
    shutil.copy(saved, tmp_path / "mailflow.db")
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now
        reconcile(town.store, mailbox, town.intake)
        assert differences(before, picture_of(town.store)) == []
        thaw(town.store, now, send=False)
        answer = reply_to(forward, "Die Genehmigung kommt im Juni.")
        assert of_kind(town.deliver(answer), "combined-answer")
