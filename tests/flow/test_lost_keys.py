"""A database made anew beside a key file that lacks a key: nothing goes out twice unasked."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mailflow.core.tracking import Keyring
from mailflow.errors import KeyFileError
from mailflow.ledger import Difference, LedgerError, LostKeyError, rebuild, reconcile, thaw
from mailflow.one_pass import compare_ledger, tell_who_signs
from tests.flow.city import ONE_OFFICE, City, city, forward_to, letter, reply_to
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


@pytest.fixture
def older(tmp_path: Path) -> Callable[[Keyring], Any]:
    """Give a city on its database from before a rotation, with the keys it is opened with."""
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
            town.take_receipts()
        ended = town.now
    shutil.copy(tmp_path / "backup.db", tmp_path / "mailflow.db")

    def opened(keyring: Keyring) -> Any:
        @contextmanager
        def at_its_end() -> Iterator[City]:
            with city(tmp_path, mailbox=mailbox, keyring=keyring) as town:
                town.now = ended
                yield town

        return at_its_end()

    return opened


def test_a_database_and_a_key_file_from_before_a_rotation_are_refused(
    older: Callable[[Keyring], Any],
) -> None:
    """Neither knows of the rotation; the mailbox does, and nothing of it is read as a stranger's.

    All it missed was held as not sent, and ``thaw --send`` repeated it.
    """
    with older(ONLY_A) as town:
        with pytest.raises(LostKeyError, match="key b signed"):
            reconcile(town.store, town.mailbox, town.intake)
        assert len(town.store.references()) == 1
        assert not town.store.frozen()
    with older(BOTH) as town:
        found = reconcile(town.store, town.mailbox, town.intake)
        assert found is not None
        assert found.mails == 4
        thaw(town.store, town.now, send=True)
        assert not [each for each in town.work() if each["X-Mailflow-Kind"] == "acknowledgement"]


def test_that_the_key_is_missing_is_remembered(older: Callable[[Keyring], Any]) -> None:
    """The next start says so before it looks, as ``check`` does, until the file is put back."""
    with older(ONLY_A) as town:
        parts: Any = SimpleNamespace(
            store=town.store,
            clock=lambda: town.now,
            intake=town.intake,
            policy=town.policy,
            settings=SimpleNamespace(central=SimpleNamespace(key_file=Path("secret.key"))),
        )
        tell_who_signs(parts)
        with pytest.raises(KeyFileError, match="lacks key b"):
            compare_ledger(parts, town.mailbox)
        with pytest.raises(KeyFileError, match="lacks key b"):
            tell_who_signs(parts)


def test_who_has_lost_the_key_for_good_starts_with_one_of_its_letter(
    older: Callable[[Keyring], Any],
) -> None:
    """As the refusal says: then everything is held, until somebody has looked at it."""
    with older(Keyring({**ONLY_A.keys, "b": b"n" * 32}, "b")) as town:
        found = reconcile(town.store, town.mailbox, town.intake)
        assert found is not None
        assert found.held
        assert town.work() == []


def test_a_strangers_message_id_stops_no_start(tmp_path: Path) -> None:
    """It names a key that nobody has, and the process ended before it knew where that mail lies."""
    mailbox = MemoryInbox()
    with city(tmp_path, mailbox=mailbox, keyring=ONLY_A) as town:
        strange = ONLY_B.message_id("stadt.example.org", "forward", ("x",))
        town.deliver(_named(letter("Stand", ONE_OFFICE, sender="kam@kreis.example"), strange))
        town.store.set_status("ledger_edge", town.now, "7:1")
        assert reconcile(town.store, mailbox, town.intake) is None


def test_a_server_that_does_not_name_what_was_missed_stops_three_starts(
    older: Callable[[Keyring], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the start goes on: frozen, and the manager is told that nothing was compared by name."""
    with older(ONLY_A) as town:

        def stalls(*_: object) -> None:
            raise TimeoutError("the read operation timed out")

        monkeypatch.setattr(town.mailbox, "message_ids", stalls)
        for _ in range(3):
            with pytest.raises(TimeoutError):
                reconcile(town.store, town.mailbox, town.intake)
        assert reconcile(town.store, town.mailbox, town.intake) is not None
        assert town.store.frozen()
