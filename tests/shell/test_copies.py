"""What a broken line has copied is known again, and nothing else is taken for it."""

from datetime import UTC, datetime

import pytest

from mailflow.copies import Copies, InboxMadeAnewError
from tests.flow.city import letter
from tests.flow.mailbox import MemoryInbox

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def _mailbox(inbox: list[bytes], processed: list[bytes]) -> MemoryInbox:
    mailbox = MemoryInbox()
    for folder, mails in {"INBOX": inbox, "Processed": processed}.items():
        for raw in mails:
            mailbox.folders[folder].add(raw, NOW)
    return mailbox


def test_what_lies_in_both_folders_was_copied() -> None:
    """The mail that lies in the ledger, too, is the one that is named."""
    copied, new = letter("Stand", "Hallo"), letter("Hof", "Guten Tag")
    mailbox = _mailbox([new, copied], [letter("Tor", "Hallo"), copied])
    assert Copies(first_new=3).among(mailbox, [1, 2], "Processed") == {2}
    assert mailbox.uids() == [1, 2], "the inbox is at hand again"


def test_the_same_size_and_message_id_is_not_the_same_mail() -> None:
    """Bytes decide: what says something else is copied, however alike it looks."""
    one = letter("Stand", "Hallo 1")
    mailbox = _mailbox([one.replace(b"Hallo 1", b"Hallo 2")], [one])
    shapes = mailbox.shapes([1])
    mailbox.select("Processed")
    assert mailbox.shapes([1]) == shapes
    mailbox.select_inbox()
    assert Copies(first_new=2).among(mailbox, [1], "Processed") == set()


def test_what_came_after_the_line_began_is_doubted_once_a_command_failed() -> None:
    """Nothing is looked up for a mail that no earlier line can have seen, until this one fails."""
    raw = letter("Stand", "Hallo")
    mailbox = _mailbox([raw], [raw])
    copies = Copies(first_new=1)
    assert copies.among(mailbox, [1], "Processed") == set()
    copies.doubt()
    assert copies.among(mailbox, [1], "Processed") == {1}


def test_a_failure_is_looked_up_anew() -> None:
    """What the folder held before a command failed says nothing of what that command put there."""
    raw = letter("Stand", "Hallo")
    mailbox = _mailbox([raw], [])
    copies = Copies(first_new=2)
    assert copies.among(mailbox, [1], "Processed") == set()
    mailbox.folders["Processed"].add(raw, NOW)
    copies.doubt()
    assert copies.among(mailbox, [1], "Processed") == {1}


def test_an_inbox_made_anew_meanwhile_ends_the_line() -> None:
    """Its UIDs are other mails' now: none of them may be taken away for a copy of another."""

    class MadeAnew(MemoryInbox):
        def select_inbox(self) -> None:
            super().select_inbox()
            self.folders["INBOX"].uidvalidity += 1

    raw = letter("Stand", "Hallo")
    mailbox = MadeAnew()
    mailbox.folders["INBOX"].add(raw, NOW)
    with pytest.raises(InboxMadeAnewError):
        Copies(first_new=2).among(mailbox, [1], "Processed")


def test_what_could_not_leave_the_inbox_after_its_copy_is_known_without_a_look() -> None:
    """Until the inbox is made anew: then its number is another mail's."""
    mailbox = _mailbox([letter("Stand", "Hallo")], [])
    copies = Copies(first_new=1)
    copies.remember(mailbox, [1], "Processed")
    assert copies.among(mailbox, [1], "Processed") == {1}
    assert copies.among(mailbox, [1], "Quarantine") == set()
    mailbox.new_uidvalidity()
    assert copies.among(mailbox, [1], "Processed") == set()
