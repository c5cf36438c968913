"""Losses: mailboxes that let nothing out or break, and databases made good from them."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from mailflow import one_pass
from mailflow.ledger import rebuild, reconcile, thaw
from mailflow.ledger_folders import MissedError
from mailflow.mailbox import Arrived
from mailflow.store.backup import put_back
from mailflow.upgrade import knows
from tests.flow.city import (
    ONE_OFFICE,
    City,
    city,
    letter,
    parse,
    to_of,
)
from tests.flow.mailbox import MemoryInbox
from tests.flow.test_withheld import Withholding

BAU = "bauaufsicht@stadt.example.org"
LATER = timedelta(hours=3)
FOLDERS = ["Processed", "Quarantine", "INBOX"]
GAS_WORDS = "In unserer Halle riecht es stark nach Gas!"
GAS = letter("Hilfe", GAS_WORDS, sender="chef@gas.example")
NEW = letter("Neu", ONE_OFFICE, sender="chef@neu.example")
TWO = [letter("Stand", ONE_OFFICE, sender=f"chef@firma{number}.example") for number in range(2)]


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


def sent(town: City, before: int = 0) -> list[EmailMessage]:
    """Give what a server took, from some mail on."""
    return [parse(raw) for _, _, raw in town.wire.accepted[before:]]


def deliver_unmoved(town: City, raw: bytes) -> list[EmailMessage]:
    """Let a mail arrive, and all follow but that it leaves the inbox; give what went out."""
    before = len(town.wire.accepted)
    assert isinstance(town.mailbox, Stuck)
    town.mailbox.full = True
    town.mailbox.folders["INBOX"].add(raw, town.now)
    with suppress(ConnectionResetError):
        town.intake.take_in(town.mailbox)
    town.dispatch.send_due()
    town.mailbox.full = False
    return sent(town, before)


def kinds(mails: list[EmailMessage]) -> list[tuple[str, str]]:
    """Give kind and reader of mails, in order of the alphabet."""
    return sorted((str(each["X-Mailflow-Kind"]), to_of(each)) for each in mails)


@contextmanager
def made_anew(folder: Path, before: City, *, mailbox_restored: bool = False) -> Iterator[City]:
    """Give the city on a database made anew from its mailbox, some hours later."""
    (folder / "mailflow.db").unlink()
    with city(folder, mailbox=before.mailbox) as town:
        town.now = before.now + LATER
        rebuild(town.store, town.mailbox, town.intake, FOLDERS, mailbox_restored=mailbox_restored)
        town.mailbox.select_inbox()
        yield town


@contextmanager
def made_good(folder: Path, before: City, by: str) -> Iterator[City]:
    """Give the city on a database made anew, or on its backup, some hours later."""
    if by == "rebuild":
        with made_anew(folder, before) as town:
            yield town
        return
    put_back(f"sqlite:///{folder}/mailflow.db", folder / "copy.db", before.now, knows)
    with city(folder, mailbox=before.mailbox) as town:
        town.now = before.now + LATER
        assert reconcile(town.store, town.mailbox, town.intake)
        town.mailbox.select_inbox()
        yield town


def compared_once_more(town: City) -> None:
    """Let the service find what a lost database had read, and compare once more."""
    with pytest.raises(MissedError):
        town.intake.take_in(town.mailbox)
    assert reconcile(town.store, town.mailbox, town.intake)
    town.mailbox.select_inbox()


def let_passes_use(monkeypatch: pytest.MonkeyPatch, line: Callable[..., Any]) -> None:
    """Let `run --once` look over these lines into the mailbox, without pauses or a lock."""
    monkeypatch.setattr(one_pass, "Inbox", line)
    monkeypatch.setattr(one_pass, "leased", lambda *_: nullcontext())
    monkeypatch.setattr(one_pass, "tell_who_signs", lambda *_: None)
    monkeypatch.setattr(one_pass, "tell_if_full", lambda *_: None)
    monkeypatch.setattr(one_pass, "_PAUSE", 0)


def raising(error: Exception) -> Callable[..., None]:
    """Give what raises this, whatever it is asked."""

    def raising(*_: object, **__: object) -> None:
        raise error

    return raising


def killed_after(calls: int) -> Callable[..., Any]:
    """Give what ends the process when it is called for this time."""
    left = [calls]

    def called(*_: object, **__: object) -> Any:
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt

    return called


@contextmanager
def after_a_loss(folder: Path) -> Iterator[City]:
    """Give a city on a database made anew and thawed, ``LATER`` than when the last one lived."""
    with city(folder) as town:
        town.deliver(letter("Eins", ONE_OFFICE))
        town.take_receipts()
    with made_anew(folder, town) as again:
        thaw(again.store, again.now, send=False)
        again.work()
        yield again


def store_and_break(town: City, *mails: bytes) -> Breaking:
    """Let mails arrive, the first be stored, and the line break at the next; give the mailbox."""
    mailbox = town.mailbox
    assert isinstance(mailbox, Breaking)
    for each in mails:
        mailbox.folders["INBOX"].add(each, town.now)
    with pytest.raises(ConnectionResetError):
        town.intake.take_in(mailbox)
    return mailbox
