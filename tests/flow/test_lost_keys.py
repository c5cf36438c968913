"""A database made anew beside a key file that lacks a key: nothing goes out twice unasked."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailflow.core.tracking import Keyring
from mailflow.ledger import Difference, LedgerError, rebuild, thaw
from mailflow.one_pass import compare_ledger
from tests.flow.city import (
    ONE_OFFICE,
    City,
    body_of,
    city,
    forward_to,
    letter,
    of_kind,
    parts_of,
    reply_to,
)
from tests.flow.mailbox import MemoryInbox

KEYS = {"a": b"k" * 32, "b": b"r" * 32}
BOTH = Keyring(KEYS, "b")
ONLY_A, ONLY_B = Keyring({"a": KEYS["a"]}, "a"), Keyring({"b": KEYS["b"]}, "b")
BAU = "bauaufsicht@stadt.example.org"
FOLDERS = ["Processed", "Quarantine", "INBOX"]


def _rebuilt(town: City, *, keys_lost: bool = False) -> Difference:
    town.now = town.now.replace(hour=20)
    return rebuild(town.store, town.mailbox, town.intake, FOLDERS, keys_lost=keys_lost)


@pytest.fixture
def mailbox(tmp_path: Path) -> MemoryInbox:
    """Give the mailbox of a city that has answered a company, changed its key, and answered more.

    Its database is lost.
    """
    mailbox = MemoryInbox()
    with city(tmp_path, mailbox=mailbox, keyring=ONLY_A) as town:
        town.deliver(letter("Stand", ONE_OFFICE, sender="chef@eins.example"))
        town.take_receipts()
    with city(tmp_path, mailbox=mailbox, keyring=BOTH) as town:
        for number in range(3):
            town.wait(hours=1)
            out = town.deliver(letter("Stand", ONE_OFFICE, sender=f"chef@f{number}.example"))
            forward = forward_to(out, BAU)
            town.deliver(reply_to(forward, f"Die Genehmigung kommt im Juni, Nummer {number}."))
            town.take_receipts()
    (tmp_path / "mailflow.db").unlink()
    return mailbox


@pytest.mark.parametrize(("left", "lost"), [(ONLY_A, "b"), (ONLY_B, "a")])
def test_a_rebuild_refuses_a_key_file_that_lacks_a_key(
    tmp_path: Path, mailbox: MemoryInbox, left: Keyring, lost: str
) -> None:
    """A copy of the file from before a rotation, or one without its first line, proves too little.

    What had gone out went out again by ``thaw --send``.
    """
    with city(tmp_path, mailbox=mailbox, keyring=left) as town:
        with pytest.raises(LedgerError, match=rf"lacks the key \({lost}\)"):
            _rebuilt(town)
        assert not town.store.has_mail()
        assert not town.store.frozen()


@pytest.mark.parametrize("ends", [{}, {"a": datetime(2026, 11, 24, 10, tzinfo=UTC)}])
def test_a_rebuild_takes_all_keys_also_ended_ones(
    tmp_path: Path, mailbox: MemoryInbox, ends: dict[str, datetime]
) -> None:
    """With every key in the file, one revoked since too, nobody is written to twice."""
    with city(tmp_path, mailbox=mailbox, keyring=Keyring(KEYS, "b", ends)) as town:
        assert _rebuilt(town).unproven == 0
        thaw(town.store, town.now, send=True)
        town.dispatch.send_due()
        assert {recipients for _, recipients, _ in town.wire.accepted} <= {BAU}


@pytest.mark.parametrize("left", [ONLY_A, ONLY_B])
def test_who_has_lost_a_key_goes_on_and_drops(
    tmp_path: Path, mailbox: MemoryInbox, left: Keyring
) -> None:
    """All that no copy proves is held, how many copies those are is said, and a drop sends none."""
    with city(tmp_path, mailbox=mailbox, keyring=left) as town:
        found = _rebuilt(town, keys_lost=True)
        assert found.unproven
        assert len(town.store.held_back()) == found.held
        town.dispatch.send_due()
        thaw(town.store, town.now, send=False)
        town.dispatch.send_due()
        kinds = {mail["X-Mailflow-Kind"] for mail in town.work()}
        assert kinds <= {"alert"}
        assert not [to for _, to, _ in town.wire.accepted if ".example" in to and "stadt" not in to]


def _named(raw: bytes, message_id: str) -> bytes:
    """Give a mail another Message-ID."""
    lines = [line for line in raw.split(b"\r\n") if not line.startswith(b"Message-ID")]
    return b"\r\n".join([b"Message-ID: " + message_id.encode(), *lines])


@pytest.mark.parametrize("domain", ["kreis.example", "stadt.example.org"])
def test_a_strangers_message_id_refuses_no_key(tmp_path: Path, domain: str) -> None:
    """Another city's mailflow, or whoever writes a name like ours: the right key is right."""
    mailbox = MemoryInbox()
    with city(tmp_path, mailbox=mailbox, keyring=ONLY_A) as town:
        town.deliver(letter("Stand", ONE_OFFICE, sender="chef@eins.example"))
        if domain == "stadt.example.org":
            town.take_receipts()
        strange = ONLY_B.message_id(domain, "forward", ("x",))
        town.deliver(_named(letter("Stand", ONE_OFFICE, sender="kam@kreis.example"), strange))
        if domain == "stadt.example.org":
            town.take_receipts()
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, mailbox=mailbox, keyring=ONLY_A) as town:
        assert _rebuilt(town).unproven == (domain == "stadt.example.org")


Opening = Callable[[Keyring], AbstractContextManager[City]]


@pytest.fixture(params=["read", "in the inbox"])
def older(tmp_path: Path, request: pytest.FixtureRequest) -> Opening:
    """Give a city on its database from before a rotation, with the keys it is opened with.

    Two companies were acknowledged since, and the copies were read, or lie in the inbox still.
    """
    mailbox = MemoryInbox()
    with city(tmp_path, mailbox=mailbox, keyring=ONLY_A) as town:
        town.deliver(letter("Stand", ONE_OFFICE, sender="chef@eins.example"))
        town.take_receipts()
        began = town.now
    shutil.copy(tmp_path / "mailflow.db", tmp_path / "backup.db")
    with city(tmp_path, mailbox=mailbox, keyring=BOTH) as town:
        town.now = began
        for number in range(2):
            town.wait(hours=1)
            town.deliver(letter("Stand", ONE_OFFICE, sender=f"chef@f{number}.example"))
        for receipt in town.wire.receipts:
            mailbox.folders["INBOX"].add(receipt, town.now)
        if request.param == "read":
            town.work()
        ended = town.now
    shutil.copy(tmp_path / "backup.db", tmp_path / "mailflow.db")

    @contextmanager
    def opened(keyring: Keyring) -> Iterator[City]:
        with city(tmp_path, mailbox=mailbox, keyring=keyring) as town:
            town.now = ended
            yield town

    return opened


def _compared(town: City) -> None:
    compare_ledger(parts_of(town), town.mailbox)
    town.intake.take_in(town.mailbox)


@pytest.mark.parametrize("keyring", [ONLY_A, Keyring({"a": KEYS["a"], "b": b"n" * 32}, "b"), BOTH])
def test_what_only_a_lost_key_signed_goes_to_nobody_again(older: Opening, keyring: Keyring) -> None:
    """Database and key file are both from before a rotation: a copy's name tells what went out.

    It is made with the oldest key, which every file holds. All was sent again by ``thaw --send``.
    """
    with older(keyring) as town:
        _compared(town)
        copied = [] if keyring is BOTH else ["chef@f0.example", "chef@f1.example"]
        assert [recipient for _, _, recipient in town.store.copied()] == copied
        before = len(town.wire.accepted)
        thaw(town.store, town.now, send=True)
        town.work()
        sent = [to for _, to, _ in town.wire.accepted[before:]]
        assert not [to for to in sent if to.endswith(".example")]
        assert BAU in sent
        assert town.store.copied() == []


@pytest.mark.parametrize("older", ["read"], indirect=True)
def test_the_manager_is_told_that_the_key_file_may_be_an_older_one(older: Opening) -> None:
    """Else each office's reply under the newer key would wait, and nobody would know why."""
    with older(ONLY_A) as town:
        _compared(town)
        (alert,) = of_kind(town.work(), "alert")
        assert "Von 2 davon liegt eine Kopie" in " ".join(body_of(alert).split())


def test_a_strangers_message_id_stops_and_drops_nothing(older: Opening) -> None:
    """Anybody may give his mail a name like ours: it is no name of a mail that waits."""
    with older(BOTH) as town:
        strange = Keyring({"z": b"z" * 32}, "z").message_id("stadt.example.org", "forward", ("x",))
        for number in range(3):
            raw = letter("Stand", ONE_OFFICE, sender=f"kam@kreis{number}.example")
            town.mailbox.file(
                _named(raw, strange.replace(".forward.", f".forward{number}.")), town.now
            )
        _compared(town)
        assert town.store.frozen()
        assert town.store.copied() == []
        thaw(town.store, town.now, send=True)
        assert len(town.store.references()) == 6
