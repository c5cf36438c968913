"""Rows of the fault matrix about the database: away, full, locked; and about the clock."""

import ctypes
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import psycopg
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import InternalError, OperationalError

from mailflow.check import probes
from mailflow.core.retry import Rejected
from mailflow.settings.sections import Central
from mailflow.store import StaleDecisionError
from mailflow.store import engine as engine_module
from mailflow.store.engine import AWAY_ERRORS
from tests.faults.databases import Database, on_both
from tests.faults.trial import BAU, Trial, trial
from tests.flow.city import CENTRAL, COMPANY, ONE_OFFICE, forward_to, of_kind
from tests.real.postgres import PostgresServer

ZONE = ZoneInfo("Europe/Berlin")


def file_of(town: Trial) -> Path:
    """Give the city's database file."""
    return Path(str(town.city.store.engine.url.database))


def outlives_a_lock(town: Trial, other: Any, lock: str) -> None:
    """Let another connection lock the database for longer than we wait, and judge the town."""
    town.post(town.inquiry("Stand", ONE_OFFICE))
    other.execute(lock)
    for _ in range(3):
        with pytest.raises(AWAY_ERRORS, match=r"locked|lock timeout"):
            town.city.work()
    assert len(town.city.mailbox.folders["INBOX"].mails) == 1
    assert town.city.wire.accepted == []
    other.rollback()
    assert of_kind(town.city.work(), "forward")
    town.judge()


def test_row_36_a_locked_database_costs_a_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locked for longer than we wait: nothing is taken, answered or moved; later all is."""
    monkeypatch.setattr(engine_module, "BUSY_MILLISECONDS", 100)
    with trial(tmp_path) as town, closing(sqlite3.connect(file_of(town))) as other:
        town.city.store.engine.dispose()
        outlives_a_lock(town, other, "BEGIN IMMEDIATE")


def test_row_36_a_check_takes_no_lock_that_a_writer_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It proves the database while another process holds the only lock for writing."""
    monkeypatch.setattr(engine_module, "BUSY_MILLISECONDS", 100)
    with trial(tmp_path) as town, closing(sqlite3.connect(file_of(town))) as other:
        town.write("Stand", ONE_OFFICE)
        settings: Any = SimpleNamespace(
            database=SimpleNamespace(url=f"sqlite:///{file_of(town)}"),
            central=Central(address=CENTRAL),
        )
        other.execute("BEGIN IMMEDIATE")
        assert probes._knows_mail(settings)
        assert probes._database(settings).complaints == ()
        other.rollback()


@pytest.mark.server
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_row_36_a_table_that_somebody_locks_in_postgresql_costs_a_wait(
    tmp_path: Path, database: Database
) -> None:
    """Locked for longer than we wait, as by a restore: nothing hangs, and later all is taken."""
    impatient = f"{database.url}?options=-c%20lock_timeout%3D100"
    with trial(tmp_path, database=impatient) as town, psycopg.connect(database.url) as other:
        outlives_a_lock(town, other, "LOCK TABLE mail IN ACCESS EXCLUSIVE MODE")


def test_row_36_locked_between_deciding_and_sending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locked while a mail is on the wire: what was accepted is settled by its receipt."""
    monkeypatch.setattr(engine_module, "BUSY_MILLISECONDS", 100)
    with trial(tmp_path) as town, closing(sqlite3.connect(file_of(town))) as other:
        town.city.store.engine.dispose()
        out = town.write("Stand", ONE_OFFICE)
        send = town.city.wire.send

        def locking(*words: object, **more: object) -> object:
            outcome = send(*words, **more)  # type: ignore[arg-type]
            other.execute("BEGIN IMMEDIATE")
            return outcome

        town.city.wire.send = locking  # type: ignore[assignment]
        with pytest.raises(OperationalError, match="locked"):
            town.answer(forward_to(out, BAU), "Ist erteilt.")
        other.rollback()
        town.city.wire.send = send  # type: ignore[method-assign]
        town.city.take_receipts()
        town.city.wait(hours=2)
        town.city.work()
        town.judge()


@pytest.mark.parametrize("minutes", [1, 120])
def test_row_36_a_reply_that_was_heard_outlives_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    """250, and no receipt to prove it: it is recorded before anything goes, and nothing doubles."""
    monkeypatch.setattr(engine_module, "BUSY_MILLISECONDS", 100)
    with trial(tmp_path) as town, closing(sqlite3.connect(file_of(town))) as other:
        town.city.store.engine.dispose()
        send = town.city.wire.send

        def locking(*words: object, **more: object) -> object:
            outcome = send(*words, **more)  # type: ignore[arg-type]
            if b"X-Mailflow-Kind: forward" in words[2]:  # type: ignore[operator]
                other.execute("BEGIN IMMEDIATE")
            return outcome

        town.city.wire.send = locking  # type: ignore[assignment]
        with pytest.raises(OperationalError, match="locked"):
            town.write("Stand", ONE_OFFICE)
        town.city.wire.send = send  # type: ignore[method-assign]
        for _ in range(2):
            town.city.wait(minutes=minutes)
            with pytest.raises(OperationalError, match="locked"):
                town.city.dispatch.send_due()
        other.rollback()
        for _ in range(3):
            town.city.take_receipts()
            town.city.wait(minutes=31)
        assert town.city.store.outbox_waiting() == 0
        town.judge()


def test_row_36_a_refusal_that_was_heard_outlives_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """550, and what follows cannot be written: later it is, and the mail is not sent again."""
    monkeypatch.setattr(engine_module, "BUSY_MILLISECONDS", 100)
    with trial(tmp_path) as town, closing(sqlite3.connect(file_of(town))) as other:
        town.city.store.engine.dispose()
        dialled: list[str] = []
        send = town.city.wire.send

        def locking(*words: str, **more: object) -> object:
            dialled.append(words[1])
            if words[1] == BAU:
                other.execute("BEGIN IMMEDIATE")
                return Rejected("550 5.1.1 no such user")
            return send(*words, **more)  # type: ignore[arg-type]

        town.city.wire.send = locking  # type: ignore[assignment]
        with pytest.raises(OperationalError, match="locked"):
            town.write("Stand", ONE_OFFICE)
        other.rollback()
        town.city.wait(hours=1)
        town.city.work()
        assert dialled.count(BAU) == 1
        assert dialled.count("bauaufsicht-vertretung@stadt.example.org") == 1
        town.judge(alert=BAU)


def test_row_36_a_refusal_is_followed_up_though_the_ticket_moves_on_and_on(
    town: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """550 while somebody writes again and again: the deputy is asked afterwards, and once."""
    apply, stale = town.city.store.apply, iter([StaleDecisionError("KAM-1")] * 5)

    def busy(*decision: Any) -> None:
        if error := next(stale, None):
            raise error
        apply(*decision)

    town.city.wire.outcomes = [Rejected("550 5.1.1 no such user")]
    monkeypatch.setattr(town.city.store, "apply", busy)
    with pytest.raises(StaleDecisionError):
        town.write("Stand", ONE_OFFICE)
    readers = [str(each["To"]) for each in town.city.work()]
    assert sum("bauaufsicht-vertretung@" in each for each in readers) == 1
    town.judge(alert=BAU)


def test_row_36_a_database_that_only_reads_is_not_the_mails_fault(
    town: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL after a change-over refuses to write for a while: the mail waits, and goes on."""
    read_only = InternalError("INSERT", None, Exception("read-only transaction"))
    with monkeypatch.context() as patch:
        patch.setattr(town.city.store, "gather", Mock(side_effect=read_only))
        with pytest.raises(InternalError):
            town.write("Stand", ONE_OFFICE)
    assert of_kind(town.city.work(), "forward")
    town.judge()


def _limit(engine: Engine, pages: int) -> None:
    """Let the database grow to so many pages, as on a disk that is full beyond them."""
    engine.dispose()

    @event.listens_for(engine, "connect")
    def _full(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")


def test_row_37_a_full_disk_stops_the_intake_and_loses_nothing(town: Trial) -> None:
    """FreeScout#4899: on a full disk mails were taken and gone. Here they stay in the mailbox."""
    engine = town.city.store.engine
    _limit(engine, file_of(town).stat().st_size // 4096 + 4)
    for number in range(20):
        town.post(town.inquiry("Stand", ONE_OFFICE * 40, f"post@firma{number}.example"))
    for _ in range(3):
        with pytest.raises(OperationalError, match="full"):
            town.city.work()
    assert len(town.city.mailbox.folders["INBOX"].mails) >= 15
    _limit(engine, 1_000_000)
    town.city.work()
    assert len(town.city.store.references()) == 20
    town.judge()


@contextmanager
def small_disk(folder: Path, owner: int = 0) -> Iterator[Callable[[int], None]]:
    """Give a file system of fifty megabytes, and how to leave so many bytes free on it."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size=50m,mode=700,uid={owner}"]
    if subprocess.run(["mount", *options, "tmpfs", folder], check=False).returncode:
        pytest.skip("mounting is not allowed here")

    def leave_free(more: int) -> None:
        used = os.statvfs(folder)
        size = (used.f_blocks - used.f_bfree) * used.f_frsize + more
        subprocess.run(["mount", "-o", f"remount,size={size}", folder], check=True)

    try:
        yield leave_free
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill_the_disk(town: Trial, leave_free: Callable[[int], None]) -> None:
    """Let more mail arrive than the disk holds; later there is room for all of it."""
    town.city.work()
    leave_free(500_000)
    for number in range(60):
        town.post(town.inquiry("Stand", ONE_OFFICE * 60, f"post@firma{number}.example"))
    for _ in range(3):
        with pytest.raises(AWAY_ERRORS, match=r"(?i)full|no space left"):
            town.city.work()
    leave_free(50_000_000)
    town.city.work()
    assert len(town.city.store.references()) == 60
    town.judge()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small file system")
@pytest.mark.nightly
def test_row_37_a_really_full_disk(tmp_path: Path) -> None:
    """The same on a file system that is full: ENOSPC in the middle of commits."""
    disk = tmp_path / "disk"
    with small_disk(disk) as leave_free, trial(disk) as town:
        fill_the_disk(town, leave_free)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small file system")
@pytest.mark.nightly
@pytest.mark.server
def test_row_37_a_really_full_disk_under_postgresql(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    """The same where PostgreSQL keeps the tables: it refuses each mail, and takes it later."""
    disk = postgres.home / "disk"
    with small_disk(disk, postgres.home.stat().st_uid) as leave_free:
        postgres.execute(f"CREATE TABLESPACE disk LOCATION '{disk}'")
        postgres.execute("CREATE DATABASE small TEMPLATE template0 TABLESPACE disk")
        try:
            with trial(tmp_path, database=postgres.url_of("small")) as town:
                fill_the_disk(town, leave_free)
        finally:
            postgres.execute("DROP DATABASE small WITH (FORCE)")
            postgres.execute("DROP TABLESPACE disk")


@on_both
@pytest.mark.parametrize(
    "start",
    [datetime(2027, 3, 26, 0, 0, tzinfo=ZONE), datetime(2026, 10, 23, 0, 0, tzinfo=ZONE)],
    ids=["spring", "autumn"],
)
def test_row_39_one_digest_a_workday_whatever_the_clock_does(town: Trial, start: datetime) -> None:
    """APScheduler#606 skipped a day, #120 fired twice. Here: each workday once, in both changes."""
    utc = start.astimezone(ZoneInfo("UTC"))
    days: list[str] = []
    town.city.now = utc
    town.write("Stand", ONE_OFFICE)
    for minute in range(0, 6 * 24 * 60, 10):
        town.city.now = utc + timedelta(minutes=minute)
        if town.city.reporting.send_if_due():
            days.append(town.city.now.astimezone(ZONE).isoformat()[:16])
    workdays = [
        day.date().isoformat()
        for day in (start + timedelta(days=number) for number in range(6))
        if town.city.policy.workdays.is_workday(day.date())
    ]
    assert days == [f"{day}T07:30" for day in workdays]
    town.city.work()
    town.judge()


@on_both
def test_row_39_a_clock_that_was_a_year_ahead_strands_no_mail(town: Trial) -> None:
    """A machine without a clock of its own decides before it is set right: the mails go then."""
    town.post(town.inquiry("Stand", ONE_OFFICE))
    town.city.wait(days=365)
    town.city.intake.take_in(town.city.mailbox)
    town.city.wait(days=-365)
    assert sorted(str(mail["X-Mailflow-Kind"]) for mail in town.city.work()) == [
        "acknowledgement",
        "forward",
    ]
    town.judge()


@on_both
def test_row_39_a_clock_that_jumps_back_sends_no_second_digest(town: Trial) -> None:
    """Set back by hours, days, and forth again: one digest for each day, at most."""
    sent = 0
    town.write("Stand", ONE_OFFICE)
    for hours in (0, -2, 1, -26, 24, 3, -1, 24):
        town.city.wait(hours=hours)
        sent += town.city.reporting.send_if_due()
        town.city.work()
    digests = [who for _, who, raw in town.city.wire.accepted if b"Kind: digest" in raw]
    assert len(digests) == sent <= 3
    town.judge()


@on_both
def test_row_25_a_mail_bomb_is_stored_and_told_once(town: Trial) -> None:
    """FreeScout and zammad cap the echo. Here a bomb is only stored, with one alert."""
    bomb(town, 300)
    town.judge()


@pytest.mark.nightly
def test_row_25_five_thousand_mails_in_ten_minutes(town: Trial) -> None:
    """The row's own figure: five thousand mails of one sender."""
    bomb(town, 5000)
    town.judge()


def bomb(town: Trial, mails: int) -> None:
    """Let one sender write so many mails in ten minutes."""
    for number in range(mails):
        if number % (mails // 60) == 0:
            town.city.wait(seconds=10)
        town.post(town.inquiry(f"Stand {number}", ONE_OFFICE))
    town.city.work()
    kinds = [str(raw).partition("X-Mailflow-Kind: ")[2] for _, _, raw in town.city.wire.accepted]
    assert sum(kind.startswith("acknowledgement") for kind in kinds) == 1
    assert sum(kind.startswith("forward") for kind in kinds) <= 30
    assert sum(kind.startswith("alert") for kind in kinds) == 1
    assert town.city.reporting.digest().counts_total.mails_in == mails
    town.judge(alert=COMPANY)


@pytest.mark.nightly
def test_row_27_a_backlog_of_ten_thousand_is_worked_off_in_order(town: Trial) -> None:
    """Zammad caps 5,000 a run. Here 10,000 are taken first in, first out, in bounded memory."""
    for number in range(10_000):
        town.city.wait(seconds=5)  # as it gathers in a day; at once it would be a flood
        town.post(town.inquiry(f"Stand {number}", ONE_OFFICE, f"post@firma{number}.example"))
    before = _resident()
    town.city.work()
    kept = sum(len(raw) for _, _, raw in town.city.wire.accepted)  # by the test, not by mailflow
    grown = _resident() - before - kept
    forwards = [raw for _, who, raw in town.city.wire.accepted if who == BAU]
    assert len(forwards) == 10_000
    first = [raw.partition(b"Stand ")[2].partition(b" ")[0] for raw in forwards[:50]]
    assert [int(number) for number in first] == list(range(50))
    assert grown < 200_000_000
    town.judge()


def _resident() -> int:
    """Give the memory this process holds, without what it has freed and not given back yet."""
    ctypes.CDLL(None).malloc_trim(0)
    words = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(words[1]) * os.sysconf("SC_PAGE_SIZE")
