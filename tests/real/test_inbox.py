"""The mailbox on a real Dovecot: what a look sees, and that the one in memory behaves the same."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from mailflow import inbox as inbox_module
from mailflow.inbox import Inbox
from mailflow.mailbox import Mailbox
from mailflow.settings.sections import Imap
from mailflow.wake import Wake
from tests.flow.city import CENTRAL, letter
from tests.flow.mailbox import MemoryInbox
from tests.real.servers import MailWorld

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def _imap(world: MailWorld, *, idle: bool = True) -> Imap:
    return Imap(
        host="127.0.0.1",
        port=world.ports.imap,
        security="none",
        user=CENTRAL,
        password=SecretStr(world.password),
        idle=idle,
    )


@pytest.fixture
def bell() -> Iterator[Wake]:
    """Give what nobody rings."""
    made = Wake()
    yield made
    made.close()


def test_a_look_sees_what_came_before_it(mail_world: MailWorld, bell: Wake) -> None:
    """Without IDLE, too: a SEARCH alone would show what arrived only one look later."""
    with Inbox(_imap(mail_world, idle=False)) as inbox:
        assert inbox.uids() == []
        mail_world.deliver(letter("Stand", "Hallo"), CENTRAL)
        mail_world.wait_for(CENTRAL)
        inbox.wait(bell.socket, 0.2)
        assert inbox.uids() == [1]


def test_a_large_backlog_is_moved_in_parts(mail_world: MailWorld) -> None:
    """No server takes a line that names 14,000 mails; in parts all of them arrive."""
    mail_world.fill(CENTRAL, "INBOX", letter("Stand", "Hallo"), 14_000)
    with Inbox(_imap(mail_world)) as inbox:
        inbox.move(inbox.uids())
        assert inbox.uids() == []
        assert inbox.edge()[1] == 14_002


@pytest.mark.parametrize("first", [1, 3, 6, 7])
def test_a_large_folder_is_searched_in_windows(
    mail_world: MailWorld, monkeypatch: pytest.MonkeyPatch, first: int
) -> None:
    """Wherever the windows begin and end, and though UIDs are missing: each mail once."""
    monkeypatch.setattr(inbox_module, "_WINDOW", 2)
    for number in range(6):
        mail_world.deliver(letter(f"Nummer {number}", "Hallo"), CENTRAL)
    with Inbox(_imap(mail_world)) as inbox:
        inbox.move([2, 5])
        inbox.select_inbox()
        mail_world.deliver(letter("Danach", "Hallo"), CENTRAL)
        assert inbox.uids(first) == [uid for uid in (1, 3, 4, 6, 7) if uid >= first]


def _seen(inbox: Mailbox) -> list[object]:
    """Give everything that the inbox, holding two mails, answers to the questions there are."""
    fetched = [(each.uid, each.raw[-20:]) for each in inbox.fetch([1, 2])]
    headers = [inbox.header(uid) for uid in (1, 2, 99)]
    names = [b"Subject: A" in headers[0], b"Subject: B" in headers[1], b"Hallo" in headers[0]]
    edges = [inbox.edge()[1], inbox.edge(quarantine=True)[1]]
    ids = [len(each) > 5 for each in inbox.message_ids([1, 2])]
    seen = [inbox.uids(), inbox.uids(2), inbox.uids(3), fetched, names, ids, headers[2], edges]
    marks = [inbox.marked([1, 2, 99])]
    inbox.mark([1, 99])
    marks += [inbox.marked([1, 2, 99]), inbox.marked([2])]
    inbox.move([1, 2])
    inbox.select("Processed")
    return [*seen, marks, inbox.marked([1, 2])]


def test_the_mailbox_in_memory_answers_as_dovecot_does(mail_world: MailWorld) -> None:
    """Whatever a test shows on the one is true of the other."""
    memory = MemoryInbox()
    for name in "AB":
        raw = letter(name, "Hallo")
        memory.folders["INBOX"].add(raw, NOW)
        mail_world.deliver(raw, CENTRAL)
    with Inbox(_imap(mail_world)) as inbox:
        assert _seen(inbox) == _seen(memory)


def test_a_mail_that_is_read_meanwhile_breaks_nothing(mail_world: MailWorld) -> None:
    """The server tells of somebody's change amid another answer: no list of names ends with it."""
    for name in "AB":
        mail_world.deliver(letter(name, "Hallo"), CENTRAL)
    with Inbox(_imap(mail_world)) as inbox, mail_world.client(CENTRAL) as reader:
        reader.select_folder("INBOX")
        uids = inbox.uids()
        reader.add_flags([2], [rb"\Seen"])
        assert len(list(inbox.message_ids(uids))) == 2
        reader.add_flags([1], [rb"\Seen"])
        assert inbox.marked(uids) == set()
