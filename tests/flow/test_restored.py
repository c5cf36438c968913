"""A backup put back with `mailflow restore`, where nothing in the mailbox is newer than it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mailflow.core.retry import Accepted, Deferred
from mailflow.ledger import Difference, LedgerError, reconcile, thaw
from mailflow.one_pass import compare_ledger, do_clocks_work
from mailflow.store.backup import RESTORED, back_up, put_back
from mailflow.upgrade import knows
from tests.flow.city import (
    MANAGER,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    body_of,
    city,
    digest_of,
    letter,
    of_kind,
    parts_of,
    to_of,
)

HEADS = ["bauaufsicht-leitung@stadt.example.org", "umweltamt-leitung@stadt.example.org"]
SUNDAY_NIGHT = datetime(2026, 12, 6, 22, 40, tzinfo=UTC)
MONDAY = datetime(2026, 12, 6, 23, 1, tzinfo=UTC)
MORNING = datetime(2026, 12, 7, 7, 5, tzinfo=UTC)


def _clock(town: City) -> list[EmailMessage]:
    """Let the clock do its work; give what goes out but for what is the manager's alone."""
    parts: Any = SimpleNamespace(reporting=town.reporting, chasing=town.chasing)
    do_clocks_work(parts)
    return [mail for mail in town.work() if to_of(mail) != MANAGER]


def _back_up(folder: Path) -> None:
    back_up(f"sqlite:///{folder}/mailflow.db", folder / "copy.db")


@contextmanager
def _restored(folder: Path, before: City, now: datetime) -> Iterator[City]:
    """Give the city on its backup, put back as the command does, with its mailbox."""
    put_back(f"sqlite:///{folder}/mailflow.db", folder / "copy.db", now, knows)
    with city(folder, mailbox=before.mailbox) as town:
        town.now = now
        yield town


def _night(folder: Path) -> City:
    """Live through a night in which only the clock works, and both heads get their escalation."""
    with city(folder) as town:
        reconcile(town.store, town.mailbox, town.intake)
        town.deliver(letter("Umnutzung", TWO_OFFICES))
        town.take_receipts()
        town.now = SUNDAY_NIGHT
        _back_up(folder)
        town.now = MONDAY
        assert sorted(map(to_of, of_kind(_clock(town), "escalation"))) == HEADS
    return town


def test_what_the_clock_sent_since_the_backup_goes_to_nobody_again(tmp_path: Path) -> None:
    """The mailbox shows nothing of it: that the copy was put back is in the copy itself."""
    with _restored(tmp_path, _night(tmp_path), MORNING) as town:
        found = reconcile(town.store, town.mailbox, town.intake)
        assert found is not None
        assert found.mails == 0
        assert town.store.frozen() == RESTORED
        assert _clock(town) == []
        held = [(kind, to) for kind, _, to in town.store.held_back() if kind == "escalation"]
        assert sorted(to for _, to in held) == HEADS
        assert len(town.store.held_back()) == found.held
        thaw(town.store, town.now, send=False)
        assert _clock(town) == []


def test_a_forward_refused_for_now_when_the_backup_was_taken_goes_to_no_office_again(
    tmp_path: Path,
) -> None:
    """It went out a moment later, and leaves no copy in the mailbox."""
    with city(tmp_path) as town:
        reconcile(town.store, town.mailbox, town.intake)
        town.wire.outcomes = [Deferred("451 greylisted"), Accepted("250 ok")]
        town.deliver(letter("Stand", ONE_OFFICE))
        town.take_receipts()
        _back_up(tmp_path)
        town.wait(minutes=10)
        assert [str(mail["X-Mailflow-Kind"]) for mail in town.work()] == ["forward"]
    with _restored(tmp_path, town, town.now + timedelta(minutes=20)) as again:
        assert reconcile(again.store, again.mailbox, again.intake) == Difference(0, 1)
        assert again.work() == []
        thaw(again.store, again.now, send=True)
        assert [str(mail["X-Mailflow-Kind"]) for mail in again.work()] == ["forward"]


def test_the_manager_is_told_once_that_a_backup_was_put_back(tmp_path: Path) -> None:
    """An alert at the first start, and each digest until the thaw; no second start says it anew."""
    with _restored(tmp_path, _night(tmp_path), MORNING) as town:
        parts = parts_of(town)
        compare_ledger(parts, town.mailbox)
        (alert,) = of_kind(town.work(), "alert")
        said = " ".join(body_of(alert).split())
        assert "Eine Sicherung der Datenbank wurde zurückgespielt" in said
        assert "mailflow thaw --show" in said
        assert "Es geht nichts hinaus" in body_of(digest_of(town))
        compare_ledger(parts, town.mailbox)
        assert town.work() == []
        thaw(town.store, town.now, send=True)
        compare_ledger(parts, town.mailbox)
        assert town.store.frozen() == ""
        assert of_kind(town.work(), "alert") == []
        town.wait(days=1)
        assert "Es geht nichts hinaus" not in body_of(digest_of(town))


def test_a_restored_copy_is_not_thawed_before_a_start_has_looked(tmp_path: Path) -> None:
    """What the clock sent since is not held yet, and would go out behind the thaw."""
    with _restored(tmp_path, _night(tmp_path), MORNING) as town:
        with pytest.raises(LedgerError, match="then thaw"):
            thaw(town.store, town.now, send=False)
        assert town.store.frozen() == RESTORED


def test_a_start_killed_before_the_copy_is_caught_up_with_leaves_it_to_the_next(
    tmp_path: Path,
) -> None:
    """The mark is gone only in the commit that holds everything."""
    with _restored(tmp_path, _night(tmp_path), MORNING) as town:
        town.deciding.meanwhile = _killed
        with pytest.raises(KeyboardInterrupt):
            reconcile(town.store, town.mailbox, town.intake)
    with city(tmp_path, mailbox=town.mailbox) as again:
        again.now = MORNING
        assert reconcile(again.store, again.mailbox, again.intake) is not None
        assert _clock(again) == []


def _killed(_moment: datetime) -> None:
    raise KeyboardInterrupt
