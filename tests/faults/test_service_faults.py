"""The whole service on a city in memory: what it may do before it knows its own database."""

import errno
import itertools
import shutil
import signal
import smtplib
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from select import select
from types import FrameType, SimpleNamespace, TracebackType
from typing import Any, Self

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from mailflow import parts as parts_module
from mailflow import service as service_module
from mailflow.chasing import UnfinishedError
from mailflow.compose import Composer, Sealed
from mailflow.core.drafts import Draft
from mailflow.deciding import Deciding
from mailflow.errors import KeyFileError
from mailflow.inbox import RefusedLoginError
from mailflow.lease import Lease
from mailflow.ledger import LedgerError, rebuild, reconcile
from mailflow.mailbox import Arrived
from mailflow.one_pass import compare_ledger, do_clocks_work
from mailflow.outages import PAUSES, PastOutbox, opened_patiently
from mailflow.parts import SIGNS, open_store
from mailflow.service import DatabaseSetBackError, Service
from mailflow.settings.sections import Central, Imap, Smtp
from mailflow.store import Store
from mailflow.store.engine import _TURN, wal_is_safe
from mailflow.upgrade import upgrade
from tests.faults.databases import Database, on_both
from tests.faults.running import parts_of, running, sent, until
from tests.faults.sink import DROP_ACCEPTED, Sink
from tests.faults.test_rows_mailbox import Withholding
from tests.faults.trial import BAU, Trial, letter, trial
from tests.flow.city import (
    CENTRAL,
    MANAGER,
    NO_OFFICE,
    ONE_OFFICE,
    at_the_desk,
    body_of,
    forward_to,
    of_kind,
    parse,
    reply_to,
)
from tests.flow.mailbox import MemoryInbox
from tests.real.processes import free_port


class SlowLogin:
    """The mailbox, behind a login that takes a moment, as every real one does."""

    def __init__(self, mailbox: MemoryInbox) -> None:
        self._mailbox = mailbox

    def __call__(self, _: Imap) -> Self:
        """Give the connection."""
        return self

    def __enter__(self) -> Self:
        time.sleep(0.5)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Hang up."""

    def wait(self, *_: object) -> None:
        """Hear nothing new for a moment."""
        time.sleep(0.2)

    def fullness(self) -> int | None:
        """Tell nothing of a quota."""
        return None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._mailbox, name)


@pytest.fixture
def restored(tmp_path: Path, database: Database) -> Iterator[Trial]:
    """Give a city on a copy of its database from before an answer went out."""
    with trial(tmp_path, database=database.url) as town:
        forward = forward_to(town.write("Stand", ONE_OFFICE), BAU)
        town.city.take_receipts()
        town.post(town.manifest.mark(reply_to(forward, "Die Genehmigung kommt im Juni.")))
        town.city.intake.take_in(town.city.mailbox)
        town.city.store.engine.dispose()
        database.back_up()
        assert of_kind(town.city.work(), "combined-answer")
        town.city.take_receipts()
        before = town
    database.put_back()
    with again_on(tmp_path, before, database) as town:
        yield town


@contextmanager
def again_on(folder: Path, before: Trial, database: Database) -> Iterator[Trial]:
    """Give the city of another on the database as it is, with all that happened."""
    mailbox, manifest = before.city.mailbox, before.manifest
    with trial(folder, mailbox=mailbox, manifest=manifest, database=database.url) as town:
        town.earlier = [*before.earlier, *before.city.wire.accepted]
        yield town


@on_both
def test_row_07_a_restored_database_sends_nothing_before_the_mailbox_is_read(
    restored: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer was queued when the copy was made: the company has it, and gets it once."""
    monkeypatch.setattr(service_module, "Inbox", SlowLogin(restored.city.mailbox))
    with running(parts_of(restored, tmp_path)):
        until(lambda: bool(restored.city.store.frozen()))
        until(lambda: "alert" in sent(restored))
    assert "combined-answer" not in sent(restored)
    restored.judge()


@on_both
def test_row_07_while_the_mailbox_is_away_an_old_database_sends_and_reminds_nothing(
    restored: Trial, tmp_path: Path
) -> None:
    """It cannot know what was sent since; the manager is told past the outbox, which waits."""
    restored.city.wait(days=7)
    with Sink() as sink:
        smtp = Smtp(port=sink.port, security="none")
        with running(parts_of(restored, tmp_path, smtp=smtp)):
            until(lambda: bool(sink.accepted))
    assert sent(restored) == []
    ((_, reader, raw),) = sink.accepted
    assert (reader, parse(raw)["X-Mailflow-Kind"]) == (MANAGER, "alert")
    assert restored.city.store.outbox_waiting() == 1
    restored.judge(way_out_shut=True)


@contextmanager
def _ended_by_exchange(
    town: Trial, tmp_path: Path, ready: Callable[[Service], bool]
) -> Iterator[None]:
    """Run the service until ``ready``, let the file be exchanged, and see that it ends for that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service_module, "Inbox", SlowLogin(town.city.mailbox))
        service = Service(parts_of(town, tmp_path, smtp=Smtp()), lambda: None)
        with ThreadPoolExecutor(1) as thread, ExitStack() as stack:
            stack.callback(service.stop)
            ended = thread.submit(service.run)
            until(lambda: ready(service))
            yield
            service._decided()
            assert isinstance(ended.exception(20), DatabaseSetBackError)


def _judge_next_start(before: Trial, tmp_path: Path, *, way_out_shut: bool = False) -> None:
    with trial(tmp_path, mailbox=before.city.mailbox, manifest=before.manifest) as town:
        town.earlier = list(before.city.wire.accepted)
        reconcile(town.city.store, town.city.mailbox, town.city.intake)
        town.city.work()
        town.judge(way_out_shut=way_out_shut)


def test_row_07_a_database_file_exchanged_under_the_running_service_ends_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """`mv` and `cp` of a copy: systemd starts it anew, and nothing is lost or goes twice."""
    file = tmp_path / "mailflow.db"

    def digest_is_out(_: Service) -> bool:
        return "digest" in sent(town) and not town.city.store.outbox_waiting()

    with trial(tmp_path) as town:
        town.write("Stand", ONE_OFFICE)
        town.city.take_receipts()
        with _ended_by_exchange(town, tmp_path, digest_is_out):
            shutil.copy(file, tmp_path / "copy.db")
            file.rename(tmp_path / "bad.db")
            shutil.copy(tmp_path / "copy.db", file)
            town.post(town.inquiry("Umbau", ONE_OFFICE, "post@zweite.example"))
    assert "another database than before" in caplog.text
    _judge_next_start(town, tmp_path)


@pytest.mark.skipif(
    wal_is_safe(sqlite3.sqlite_version_info), reason="what is in the WAL stands above any copy"
)
def test_row_07_a_copy_written_into_the_database_of_the_running_service_ends_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """`cp` over it leaves the same file: what went out since the copy goes to nobody again."""
    file = tmp_path / "mailflow.db"
    with trial(tmp_path) as town:
        town.post(town.inquiry("Stand", ONE_OFFICE))
        town.city.intake.take_in(town.city.mailbox)
        shutil.copy(file, tmp_path / "copy.db")
        town.city.dispatch.send_due()
        town.city.take_receipts()
        with _ended_by_exchange(town, tmp_path, lambda service: service._looked.is_set()), _TURN:
            shutil.copyfile(tmp_path / "copy.db", file)  # amid a transaction it would spoil it
    assert "another database than before" in caplog.text
    _judge_next_start(town, tmp_path, way_out_shut=True)


@pytest.mark.server
@pytest.mark.parametrize("database", ["postgresql", "postgresql-files"], indirect=True)
def test_row_07_a_database_set_back_under_the_running_service_ends_it_before_anything_goes(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restore, or the disk's snapshot: the next start compares, and nothing goes twice."""
    with trial(tmp_path, database=database.url) as town:
        forward = forward_to(town.write("Stand", ONE_OFFICE), BAU)
        town.city.take_receipts()
        town.post(town.manifest.mark(reply_to(forward, "Die Genehmigung kommt im Juni.")))
        town.city.intake.take_in(town.city.mailbox)
        town.city.store.engine.dispose()
        database.back_up()
        monkeypatch.setattr(service_module, "Inbox", SlowLogin(town.city.mailbox))
        service = Service(parts_of(town, tmp_path, smtp=Smtp()), lambda: None)
        ends: list[BaseException] = []

        def run() -> None:
            try:
                service.run()
            except DatabaseSetBackError as error:
                ends.append(error)

        line = threading.Thread(target=run)
        line.start()
        until(lambda: "combined-answer" in sent(town))
        database.put_back()
        town.city.store.engine.dispose()  # what the pool would find out by itself at its next use
        service._decided()
        line.join(20)
        service.stop()
        line.join()
        assert ends
        assert sent(town).count("combined-answer") == 1
        for raw in town.city.wire.receipts:
            town.city.mailbox.folders["INBOX"].add(raw, town.city.now)
        before = town
    with again_on(tmp_path, before, database) as again:
        compare_ledger(parts_of(again, tmp_path), again.city.mailbox)
        assert again.city.store.frozen()
        assert of_kind(again.city.work(), "combined-answer") == []
        again.judge()


@pytest.mark.server
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_row_07_a_start_that_waits_takes_the_database_that_is_restored_meanwhile(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was worked on yet, so there is nothing that it could have forgotten."""
    settings: Any = SimpleNamespace(
        make_state_folder=lambda: None,
        database=SimpleNamespace(url=database.url),
        central=Central(address=CENTRAL),
    )
    with trial(tmp_path, database=database.url) as town:
        first = town.city.store.mailbox_id
    database.back_up()

    def full_disk(engine: Engine, _: object) -> None:
        upgrade(engine)
        monkeypatch.setattr(parts_module, "upgrade", upgrade)
        raise OperationalError("VACUUM", {}, RuntimeError("no space left"))

    def restore(seconds: float) -> None:
        assert seconds == PAUSES[0], "it waits on beside a database that is there"
        database.put_back()

    monkeypatch.setattr(parts_module, "upgrade", full_disk)
    monkeypatch.setattr(time, "sleep", restore)
    opening = partial(opened_patiently, PastOutbox(lambda *_: (), ()))
    with open_store(settings, opening) as (_, store):
        assert store.mailbox_id == first


def test_row_14_a_start_that_systemd_repeats_tells_of_the_mailbox_once(
    town: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever ends the service while the mailbox is away, its next start does not tell again."""
    monkeypatch.setattr(Service, "_rest", lambda _: time.sleep(0.01))
    with Sink() as sink:
        smtp = Smtp(port=sink.port, security="none")
        for _ in range(2):
            with running(parts_of(town, tmp_path, smtp=smtp)) as service:
                until(lambda: service._failures["intake"].total() > 5)
    assert [reader for _, reader, _ in sink.accepted] == [MANAGER]
    town.judge_after()


@on_both
def test_row_07_a_kill_while_the_difference_is_read_forgets_nothing_of_it(
    restored: Trial, tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next start reads on as of the mails' arrival, and tells the manager of all of them."""
    mailbox = restored.city.mailbox

    def killed(_: Deciding, **__: bool) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Deciding, "decide_all", killed)
        with pytest.raises(KeyboardInterrupt):
            reconcile(restored.city.store, mailbox, restored.city.intake)
    assert restored.city.store.frozen()
    with again_on(tmp_path, restored, database) as again:
        found = reconcile(again.city.store, mailbox, again.city.intake)
        assert found is not None
        assert found.mails == 1
        assert reconcile(again.city.store, mailbox, again.city.intake) is None
        assert of_kind(again.city.work(), "combined-answer") == []
        again.judge()


@on_both
def test_row_07_a_kill_as_the_edge_is_remembered_is_no_later_alarm(
    restored: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is caught up with at the next start, not months later when the edge differs again."""
    mailbox, store = restored.city.mailbox, restored.city.store
    freeze = store.freeze

    def killed_before(reason: str, now: datetime, remember: Mapping[str, str], **more: Any) -> int:
        if not remember["behind"]:
            raise KeyboardInterrupt
        return freeze(reason, now, remember, **more)

    with monkeypatch.context() as patch:
        patch.setattr(store, "freeze", killed_before)
        with pytest.raises(KeyboardInterrupt):
            reconcile(store, mailbox, restored.city.intake)
    assert reconcile(store, mailbox, restored.city.intake) is not None
    assert reconcile(store, mailbox, restored.city.intake) is None
    restored.judge()


class Picky:
    """A composer that fails on one ticket's mails, as a broken template or lost file does."""

    def __init__(self, composer: Composer, reference: str) -> None:
        self._composer = composer
        self._reference = reference

    def compose_all(self, drafts: tuple[Draft, ...], *rest: Any) -> list[Sealed]:
        """Compose, or fail; a digest bears no reference."""
        if any(draft.reference == self._reference for draft in drafts):
            raise LookupError("mail 1 has no attachment any more")
        return self._composer.compose_all(drafts, *rest)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._composer, name)


def test_row_38_one_ticket_that_fails_keeps_no_other_from_being_reminded(town: Trial) -> None:
    """zulip#780: one bad item stopped the queue. Here the others get their reminders."""
    first = town.write("Stand", ONE_OFFICE, "post@eins.example")
    town.write("Stand", ONE_OFFICE, "post@zwei.example")
    broken = str(first[0]["X-Mailflow-Ticket"])
    town.city.wait(days=7)
    chasing = town.city.chasing
    chasing._composer = Picky(chasing._composer, broken)  # type: ignore[assignment]
    with pytest.raises(UnfinishedError, match=broken):
        chasing.remind()
    reminded = of_kind(town.city.work(), "reminder")
    assert reminded
    assert broken not in {str(mail["X-Mailflow-Ticket"]) for mail in reminded}
    town.judge()


def test_row_38_a_digest_that_fails_keeps_no_reminder_from_going_out(
    town: Trial, tmp_path: Path
) -> None:
    """A city's own broken digest is told, and everything else of the clock's work is done."""
    town.write("Stand", ONE_OFFICE)
    town.city.wait(days=7)
    reporting = town.city.reporting
    good = reporting._draft

    def broken(*_: object) -> Draft:
        raise LookupError("nothing_of_that_name")

    reporting._draft = broken  # type: ignore[method-assign, assignment]
    for _ in range(3):
        do_clocks_work(parts_of(town, tmp_path))
    out = town.city.work()
    assert of_kind(out, "reminder")
    assert len(of_kind(out, "alert")) == 1
    reporting._draft = good  # type: ignore[method-assign]
    do_clocks_work(parts_of(town, tmp_path))
    assert of_kind(town.city.work(), "digest")
    town.judge()


def _away(_: Store, *__: object) -> int:
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415 - as the driver raises it

    raise OperationalError("select", {}, Exception("away"))


def _hour_ago(service: Service) -> None:
    """Let every line have given its last sign of life an hour ago."""
    for line in ("intake", "dispatch", "scheduler"):
        service._progress[line] = time.monotonic() - 3600


@contextmanager
def closing_bells(service: Service) -> Iterator[Service]:
    """Give a service that is never run, and close what it opened."""
    try:
        yield service
    finally:
        service._intake_bell.close()
        service._dispatch_bell.close()
        service._stopping.close()


@pytest.fixture
def tireless(
    town: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Service, Sink]]:
    """Give a service that never rests, and the server its alerts reach past the outbox.

    In the end, when nothing is in trouble any more, a company writes, and the town is judged.
    """
    monkeypatch.setattr(Service, "_rest", lambda _: None)
    with Sink() as sink:
        smtp = Smtp(port=sink.port, security="none")
        with closing_bells(Service(parts_of(town, tmp_path, smtp=smtp), lambda: None)) as service:
            service._compared.set()
            yield service, sink
    monkeypatch.undo()
    town.judge_after()


def test_row_14_a_login_that_is_refused_is_not_tried_for_each_new_mail(
    town: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever rings while the submission server is left alone, it is dialled once a minute."""
    town.write("Stand", ONE_OFFICE)
    tries: list[float] = []

    def refused(*_: object) -> bool:
        tries.append(time.monotonic())
        return False

    with closing_bells(Service(parts_of(town, tmp_path, smtp=Smtp()), lambda: None)) as service:
        monkeypatch.setattr(service._parts.dispatch, "send_due", refused)
        monkeypatch.setattr(service_module, "SERVER_PAUSE", timedelta(seconds=0.3))
        service._compared.set()
        line = threading.Thread(target=service._dispatch_line)
        line.start()
        end = time.monotonic() + 1
        while time.monotonic() < end:
            service._decided()
            time.sleep(0.01)
        service.stop()
        line.join()
    assert 2 <= len(tries) <= 5
    town.judge()


def test_row_07_an_order_at_the_command_line_is_filed_at_once(town: Trial, tmp_path: Path) -> None:
    """The line that sends wakes the one that files, once: what was ordered waits for that."""
    town.write("Frage", NO_OFFICE)
    at_the_desk(town.city, f"{town.city.ticket().reference} an umwelt")
    with closing_bells(Service(parts_of(town, tmp_path, smtp=Smtp()), lambda: None)) as service:
        bell = service._intake_bell
        service._send()
        assert select([bell.socket], [], [], 0)[0]
        assert "forward" not in sent(town)
        bell.quiet()
        service._send()
        assert not select([bell.socket], [], [], 0)[0]
    town.city.work()
    assert "forward" in sent(town)
    town.judge()


def test_row_14_a_mailbox_left_alone_is_not_dialled_for_each_pushed_mail(
    town: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an MTA hands over meanwhile is decided at once all the same."""
    dialled: list[float] = []

    class Refusing:
        """A mailbox whose server refuses the login."""

        def __init__(self, _: Imap) -> None:
            dialled.append(time.monotonic())
            raise RefusedLoginError(host="imap", user=CENTRAL, problem="no", remedy="ask")

    monkeypatch.setattr(service_module, "Inbox", Refusing)
    with closing_bells(Service(parts_of(town, tmp_path, smtp=Smtp()), lambda: None)) as service:
        service._compared.set()
        line = threading.Thread(target=service._intake_line)
        line.start()
        until(lambda: len(dialled) == 2)  # the third comes two seconds later
        for number in range(5):
            raw = town.inquiry(f"Stand {number}", ONE_OFFICE, f"post@firma{number}.example")
            service._store_pushed(raw, town.city.now)
        until(lambda: len(town.city.store.references()) == 5)
        assert len(dialled) == 2
        service.stop()
        line.join()
    town.city.dispatch.send_due()
    town.judge()


@pytest.mark.parametrize("compared", [True, False])
@pytest.mark.parametrize("away", [False, True])
def test_row_05_a_node_that_lost_the_lease_decides_nothing(
    town: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compared: bool, away: bool
) -> None:
    """Whether it reaches the mailbox or not, compares it or has done so: another node decides."""
    mailbox = SlowLogin(town.city.mailbox)

    def dial(imap: Imap) -> SlowLogin:
        if away:
            raise RefusedLoginError(host="imap", user=CENTRAL, problem="no", remedy="ask")
        return mailbox(imap)

    monkeypatch.setattr(service_module, "Inbox", dial)
    other, ours = (Lease(town.city.store.engine, CENTRAL, tmp_path) for _ in range(2))
    assert other.take()
    raw = town.inquiry("Stand", ONE_OFFICE, "post@firma.example")
    with closing_bells(Service(parts_of(town, tmp_path, smtp=Smtp()), lambda: None)) as service:
        service._keep_lease = ours.take
        if compared:
            service._compared.set()
        town.city.intake.store(raw, town.city.now, None)
        service._read_on()
        assert town.city.store.references() == []
        other.release()
        service._compared.set()
        service._rest()
    assert len(town.city.store.references()) == 1
    ours.release()
    town.city.dispatch.send_due()
    town.judge()


def test_row_39_a_clock_that_is_set_back_stops_no_periodic_work(
    town: Trial, tmp_path: Path
) -> None:
    """The scheduler waits for an hour of the clock that comes again only in two hours."""
    with closing_bells(Service(parts_of(town, tmp_path, smtp=Smtp()), lambda: None)) as service:
        done = threading.Event()
        scheduler = BackgroundScheduler(timezone=UTC)
        ahead = datetime.now(UTC) + timedelta(hours=2)
        scheduler.add_job(done.set, "interval", seconds=60, next_run_time=ahead)
        scheduler.start()
        service._mind_the_clock(scheduler)
        assert not done.wait(0.2)
        service._ahead += 7200
        service._mind_the_clock(scheduler)
        assert done.wait(5)
        scheduler.shutdown()
    town.write("Stand", ONE_OFFICE)
    town.judge()


def test_row_37_mailbox_and_database_away_together_are_both_told(
    town: Trial, tireless: tuple[Service, Sink], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past the outbox while the database is away; by it, of the mailbox, once it is back."""
    service, sink = tireless
    with monkeypatch.context() as patch:
        patch.setattr(Store, "undecided", _away)
        patch.setattr(type(town.city.reporting), "alert", _away)
        for _ in range(10):
            service._mailbox_failed("connection refused")
    assert [reader for _, reader, _ in sink.accepted] == [MANAGER]
    for _ in range(10):
        service._mailbox_failed("connection refused")
    assert len(of_kind(town.city.work(), "alert")) == 1


def test_row_37_a_database_that_goes_away_after_the_mailbox_is_told(
    tireless: tuple[Service, Sink],
) -> None:
    """Each trouble has its own count: three failures of one do not use up the other's alert."""
    service, sink = tireless
    for _ in range(3):
        service._mailbox_failed("connection refused")
    for _ in range(10):
        service._database_failed("OperationalError")
    assert [reader for _, reader, _ in sink.accepted] == [MANAGER]


def test_row_37_a_line_that_waits_for_its_database_is_no_dead_one(
    tireless: tuple[Service, Sink], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look at a database that is away is a sign of life, or the watchdog ends the waiting."""
    service, _ = tireless
    for name in ("claim", "was_done", "working", "answered"):
        monkeypatch.setattr(Store, name, _away)
    _hour_ago(service)
    assert not service._all_move()
    service._database_failed("OperationalError")
    service._send()
    service._tick()
    assert service._all_move()


def test_row_37_what_one_line_alone_cannot_use_is_told(
    tireless: tuple[Service, Sink], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database in which only the outbox is broken is told, though reading mails goes well."""
    service, sink = tireless
    monkeypatch.setattr(Store, "claim", _away)
    for _ in range(10):
        service._send()
        service._mailbox_works()
    assert [reader for _, reader, _ in sink.accepted] == [MANAGER]


def test_row_37_an_outage_that_every_line_meets_is_told_once(
    tireless: tuple[Service, Sink], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Intake, dispatch and the clock find the database away, and the manager gets one mail."""
    service, sink = tireless
    for name in ("claim", "was_done", "working", "answered"):
        monkeypatch.setattr(Store, name, _away)
    for _ in range(5):
        service._database_failed("OperationalError")
        service._send()
        service._tick()
    assert [reader for _, reader, _ in sink.accepted] == [MANAGER]


def _two_days_later(town: Trial, service: Service) -> None:
    """Let time pass for each memory of what was told: the town's, the process's, the database's."""
    town.city.wait(days=2)
    monotonic = time.monotonic() + 2 * 86_400
    service._past_outbox._clock = lambda: monotonic
    store = town.city.store
    for alarm in ("mailbox", "unforeseen-intake"):
        if told := store.status(f"told-{alarm}"):
            store.set_status(f"told-{alarm}", told[0] - timedelta(days=2))


@pytest.mark.parametrize("trouble", ["mailbox", "mailbox at start", "database", "unforeseen"])
def test_row_37_a_second_outage_of_a_day_is_told_once_the_day_is_over(
    town: Trial, tireless: tuple[Service, Sink], trouble: str
) -> None:
    """A moment's outage was told in the morning: it silences no longer one that lasts for days."""
    service, sink = tireless
    if trouble == "mailbox at start":
        service._compared.clear()

    def fails() -> int:
        for _ in range(5):
            if trouble.startswith("mailbox"):
                service._mailbox_failed("connection refused")
            elif trouble == "database":
                service._database_failed("OperationalError")
            else:
                service._fails_unforeseen("intake", LookupError())
        town.city.dispatch.send_due()
        return len(sink.accepted) + len(town.city.wire.accepted)

    told = [fails()]
    service._mailbox_works()
    told += [fails(), fails()]
    _two_days_later(town, service)
    told += [fails(), fails()]
    assert told == [1, 1, 1, 2, 2]


@pytest.mark.parametrize("trouble", ["_mailbox_failed", "_database_failed"])
def test_row_15_an_alert_that_no_server_took_is_tried_again(
    town: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    """The submission server is away as well, and comes back first: told is only who was told."""
    monkeypatch.setattr(Service, "_rest", lambda _: None)
    sink = Sink()
    smtp = Smtp(port=sink.port, security="none")
    with closing_bells(Service(parts_of(town, tmp_path, smtp=smtp), lambda: None)) as service:
        for _ in range(5):
            getattr(service, trouble)("network is unreachable")
        with sink:
            for _ in range(10):
                getattr(service, trouble)("network is unreachable")
    assert [reader for _, reader, _ in sink.accepted] == [MANAGER]
    town.judge_after()


def test_row_15_an_alert_whose_end_is_unsure_is_not_sent_again(
    tireless: tuple[Service, Sink],
) -> None:
    """A server that takes the alert and hangs up has most likely taken it: once is enough."""
    service, sink = tireless
    sink.replies = [DROP_ACCEPTED]
    for _ in range(10):
        service._database_failed("OperationalError")
    assert [reader for _, reader, _ in sink.accepted] == [MANAGER]


def test_row_38_an_alert_that_cannot_be_composed_ends_no_line(
    town: Trial, tireless: tuple[Service, Sink], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who tells is in trouble already: a city's broken alert is logged, and the line goes on."""
    service, _ = tireless
    monkeypatch.setattr(town.city.reporting._composer, "compose", _broken)
    for _ in range(5):
        service._database_failed("OperationalError")
    assert not service._failures["intake"].told


def test_row_15_a_taken_lmtp_port_keeps_no_mailbox_waiting(
    town: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told past the outbox; the mailbox is read, and mail comes by LMTP once it is free."""
    monkeypatch.setattr(service_module, "Inbox", SlowLogin(town.city.mailbox))
    monkeypatch.setattr(service_module, "_MINUTE", 1)
    monkeypatch.setenv("AIOSMTPD_CONTROLLER_TIMEOUT", "0.2")
    town.post(town.inquiry("Stand", ONE_OFFICE))
    with Sink() as sink, socket.create_server(("127.0.0.1", 0)) as other:
        parts = parts_of(town, tmp_path, smtp=Smtp(port=sink.port, security="none"))
        parts.settings.lmtp.address = address = other.getsockname()
        parts.settings.reading = SimpleNamespace(max_bytes=100_000)
        parts.intake.reachable_since = None  # as where LMTP is set
        with running(parts):
            until(lambda: len(town.city.store.references()) == 1 and bool(sink.accepted))
            other.close()
            until(lambda: parts.intake.reachable_since is not None)
            with smtplib.LMTP(*address) as line:
                line.sendmail("x@y.example", CENTRAL, town.inquiry("Noch eine", ONE_OFFICE))
            until(lambda: len(town.city.store.references()) == 2)
    ((_, reader, raw),) = sink.accepted
    assert reader == MANAGER
    where = f"Über LMTP kommt keine Mail herein: 127.0.0.1:{address[1]}"
    assert where in " ".join(body_of(parse(raw)).split())
    town.judge()


class OddLogin(SlowLogin):
    """A mail server that works once, and from then on says what no client foresaw."""

    logins = 0

    def __enter__(self) -> Self:
        self.logins += 1
        if self.logins > 1:
            raise ValueError("an odd response")
        return self

    def wait(self, *_: object) -> None:
        """Lose the line."""
        raise ConnectionResetError


def test_row_14_a_standstill_is_told_whatever_its_cause(
    town: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No kind of failure was thought of for it: it is counted, rested after, and told once."""
    odd = OddLogin(town.city.mailbox)
    monkeypatch.setattr(service_module, "Inbox", odd)
    monkeypatch.setattr(Service, "_rest", lambda _: time.sleep(0.01))
    with Sink() as sink:
        smtp = Smtp(port=sink.port, security="none")
        with running(parts_of(town, tmp_path, smtp=smtp)) as service:
            until(lambda: odd.logins > 10)
            assert service._failures["intake"].total() > 5
    ((_, reader, raw),) = sink.accepted
    assert reader == MANAGER
    assert "Eingehende Mails" in body_of(parse(raw))
    assert "odd response" not in body_of(parse(raw))
    town.judge_after()


class Full(SlowLogin):
    """A mailbox that is nearly full, and counts the logins."""

    logins, gives_from = 0, 0

    def __enter__(self) -> Self:
        self.logins += 1
        if self.gives_from and self.logins >= self.gives_from:
            self._mailbox.working = True  # type: ignore[attr-defined]
        return super().__enter__()

    def fullness(self) -> int:
        """Tell it."""
        return 97


def test_row_13_one_withheld_mail_keeps_no_start_from_being_ready_and_no_quota_from_being_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All else is worked off: the mailbox is read, by one login, and the mail told as not given."""
    mailbox = Withholding()
    full = Full(mailbox)
    with trial(tmp_path, mailbox=mailbox) as town:
        for number in range(3):
            town.post(town.inquiry("Stand", ONE_OFFICE, f"post@firma{number}.example"))
        monkeypatch.setattr(service_module, "Inbox", full)
        ready = threading.Event()
        with running(parts_of(town, tmp_path, smtp=Smtp()), ready.set) as service:
            assert ready.wait(20)
            until(lambda: len(_alerts(town)) == 1)
            town.city.wait(minutes=2)
            until(lambda: len(_alerts(town)) == 2)
            assert not service._failures["intake"].total()
            assert full.logins == 1
            mailbox.working = True
            until(lambda: len(town.city.store.references()) == 3)
        assert "zu 97 Prozent voll" in _alerts(town)[0]
        assert "INBOX, UID 1 (post@firma0.example" in " ".join(_alerts(town)[1].split())
        town.judge_after()


def test_row_13_a_mail_that_one_session_does_not_give_is_asked_for_in_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a withheld mail the service logs in anew now and then: a server may need that."""
    mailbox = Withholding()
    full = Full(mailbox)
    full.gives_from = 2
    with trial(tmp_path, mailbox=mailbox) as town:
        town.post(town.inquiry("Stand", ONE_OFFICE, "post@firma.example"))
        monkeypatch.setattr(service_module, "Inbox", full)
        monkeypatch.setattr(service_module, "_LOGIN_SECONDS", 1)
        with running(parts_of(town, tmp_path, smtp=Smtp())):
            until(lambda: len(town.city.store.references()) == 1)
        town.judge_after()


def test_row_13_with_7_a_hole_of_a_lost_database_has_the_mailbox_compared_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given at last, it is read as what a backup lacks: its office is not asked a second time."""
    mailbox = Withholding()
    mailbox.working = True
    with trial(tmp_path, mailbox=mailbox) as before:
        before.write("Stand", ONE_OFFICE)
        before.city.take_receipts()
    (tmp_path / "mailflow.db").unlink()
    mailbox.working = False
    with trial(tmp_path, mailbox=mailbox, manifest=before.manifest) as town:
        town.earlier = before.city.wire.accepted
        rebuild(town.city.store, mailbox, town.city.intake, ["Processed", "Quarantine"])
        town.city.store.thaw(town.city.now, send=False)
        monkeypatch.setattr(service_module, "Inbox", SlowLogin(mailbox))
        ready = threading.Event()
        with running(parts_of(town, tmp_path, smtp=Smtp()), ready.set) as service:
            assert ready.wait(20)
            town.city.wait(hours=2)
            mailbox.working = True
            until(lambda: bool(town.city.store.frozen()))
            until(service._compared.is_set)
            assert len(town.city.store.references()) == 1
        town.city.store.thaw(town.city.now, send=False)
        sent = [parse(raw) for _, _, raw in town.city.wire.accepted]
        assert not of_kind(sent, "forward")
        assert not of_kind(sent, "acknowledgement")
        town.judge_after()


def _alerts(town: Trial) -> list[str]:
    mails = (parse(raw) for _, _, raw in town.city.wire.accepted)
    return [body_of(mail) for mail in mails if mail["X-Mailflow-Kind"] == "alert"]


def _broken(*_: object, **__: object) -> bool:
    raise LookupError("nothing_of_that_name")


def test_row_38_a_reader_that_cannot_start_is_not_told_as_the_mailbox(
    town: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No memory for a process: the mails wait, and the manager is not sent to the mail server."""
    reader: Any = town.city.deciding._reader
    read = reader.read
    tried = []

    def no_memory(_: bytes) -> Any:
        tried.append(1)
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    reader.read = no_memory
    town.post(town.inquiry("Stand", ONE_OFFICE))
    monkeypatch.setattr(service_module, "Inbox", SlowLogin(town.city.mailbox))
    monkeypatch.setattr(Service, "_rest", lambda _: time.sleep(0.01))
    with Sink() as sink:
        smtp = Smtp(port=sink.port, security="none")
        with running(parts_of(town, tmp_path, smtp=smtp)):
            until(lambda: len(tried) > 5 and bool(sink.accepted))
    ((_, reader_, raw),) = sink.accepted
    assert reader_ == MANAGER
    assert "Eingehende Mails werden nicht bearbeitet" in body_of(parse(raw))
    reader.read = read
    town.take_back()
    town.city.work()
    town.judge()


@pytest.mark.parametrize("line", ["dispatch", "scheduler"])
def test_row_38_no_line_stands_still_in_silence(
    town: Trial, tireless: tuple[Service, Sink], monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    """What keeps mails from being sent, or the clock's work from being done, is told once."""
    service, sink = tireless
    monkeypatch.setattr(type(town.city.dispatch), "send_due", _broken)
    failed: Any = SimpleNamespace(exception=LookupError("nothing_of_that_name"))
    pauses = []
    for _ in range(6):
        if line == "dispatch":
            pauses.append(service._send())
        else:
            service._job_failed(failed)
    assert [reader for _, reader, _ in sink.accepted] == [MANAGER]
    assert pauses == (list(PAUSES) if line == "dispatch" else [])


def test_row_38_what_fails_while_trouble_is_dealt_with_ends_no_line(
    town: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mailbox is away, and deciding what came by LMTP fails, too: the intake tries on.

    A mail that was pushed meanwhile is worked on as soon as deciding succeeds again.
    """
    tried = []

    def failing(_: Deciding) -> int:
        tried.append(1)
        raise LookupError

    monkeypatch.setattr(Service, "_rest", lambda _: time.sleep(0.01))
    with running(parts_of(town, tmp_path, smtp=Smtp(port=1, security="none"))) as service:
        with monkeypatch.context() as patch:
            patch.setattr(Deciding, "decide_all", failing)
            service._compared.set()
            service._store_pushed(town.inquiry("Stand", ONE_OFFICE), town.city.now)
            until(lambda: len(tried) > 5)
            assert town.city.store.references() == []
        until(lambda: "forward" in sent(town))
    town.judge()


def test_row_07_a_lost_database_is_told_once_before_the_service_ends(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A volume was not mounted: systemd starts the service again and again; one mail says so.

    Once it was made anew, the office's reply to what went out before reaches the company.
    """
    with trial(tmp_path) as before:
        forward = forward_to(before.write("Stand", ONE_OFFICE), BAU)
        before.city.take_receipts()
        mailbox = before.city.mailbox
    (tmp_path / "mailflow.db").unlink()
    monkeypatch.setattr(service_module, "Inbox", SlowLogin(mailbox))
    with again_on(tmp_path, before, database) as town, Sink() as sink:
        smtp = Smtp(port=sink.port, security="none")
        for _ in range(2):
            with pytest.raises(LedgerError):
                Service(parts_of(town, tmp_path, smtp=smtp), lambda: None).run()
        ((_, reader, raw),) = sink.accepted
        assert reader == MANAGER
        assert "mailflow rebuild" in body_of(parse(raw))
        town.take_back()
        rebuild(town.city.store, mailbox, town.city.intake, ["Processed", "INBOX"])
        assert town.city.work() == []
        town.city.store.thaw(town.city.now, send=False)
        out = town.answer(forward, "Die Genehmigung kommt im Juni.")
        assert [each["X-Mailflow-Kind"] for each in out] == ["combined-answer"]
        town.judge()


def test_row_07_an_older_key_file_is_told_once_before_the_service_ends(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file from before a rotation was put back: nothing is read by it, and one mail says so."""
    with trial(tmp_path, database=database.url) as town:
        forward = forward_to(town.write("Stand", ONE_OFFICE), BAU)
        town.city.store.set_status(SIGNS, town.city.now, "b")
        monkeypatch.setattr(service_module, "Inbox", SlowLogin(town.city.mailbox))
        with Sink() as sink:
            smtp = Smtp(port=sink.port, security="none")
            for _ in range(2):
                with pytest.raises(KeyFileError, match="lacks key b"):
                    Service(parts_of(town, tmp_path, smtp=smtp), lambda: None).run()
        ((_, reader, raw),) = sink.accepted
        assert reader == MANAGER
        assert "Schlüsseldatei" in body_of(parse(raw))
        town.city.store.set_status(SIGNS, town.city.now, "a")
        town.take_back()
        out = town.answer(forward, "Die Genehmigung kommt im Juni.")
        assert [each["X-Mailflow-Kind"] for each in out] == ["combined-answer"]
        town.judge()


def test_row_27_a_line_that_hangs_in_its_first_look_is_missed(
    tireless: tuple[Service, Sink], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has never given a sign of life is not counted out: an hour later the watchdog barks."""
    service, _ = tireless
    assert service._all_move()
    begun = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: begun + 3600)
    for line in ("dispatch", "scheduler"):
        service._moves(line)
    assert not service._all_move()
    service._moves("intake")
    assert service._all_move()


class LongComparison(SlowLogin):
    """A mailbox whose every mail comes an hour after the one before; notes if that was a hang."""

    service: Service

    def __init__(self, mailbox: MemoryInbox) -> None:
        super().__init__(mailbox)
        self.alive: list[bool] = []

    def fetch(self, uids: list[int]) -> Iterator[Arrived]:
        """Give mails, each after a long time."""
        for mail in self._mailbox.fetch(uids):
            _hour_ago(self.service)
            yield mail
            self.alive.append(time.monotonic() - self.service._progress["intake"] < 60)


def test_row_27_a_long_comparison_is_no_reason_to_be_called_dead(
    restored: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restored database is far behind: each mail that is read again is a sign of life."""
    mailbox = LongComparison(restored.city.mailbox)
    monkeypatch.setattr(service_module, "Inbox", mailbox)
    with running(parts_of(restored, tmp_path)) as mailbox.service:
        until(lambda: bool(restored.city.store.frozen()) and "alert" in sent(restored))
    assert mailbox.alive
    assert all(mailbox.alive)
    restored.judge()


class SlowLook(SlowLogin):
    """A mailbox that takes a moment for each mail."""

    def fetch(self, uids: list[int]) -> Iterator[Arrived]:
        """Give mails, each after a moment."""
        for mail in self._mailbox.fetch(uids):
            time.sleep(0.5)
            yield mail


def test_row_27_the_digest_after_an_outage_waits_for_what_lies_in_the_mailbox(
    town: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service starts after digest time: the mail of the night is read first, and told."""
    town.post(town.manifest.mark(letter("Frage", NO_OFFICE)))
    monkeypatch.setattr(service_module, "Inbox", SlowLook(town.city.mailbox))
    with running(parts_of(town, tmp_path)):
        until(lambda: "digest" in sent(town))
    told = [parse(raw) for _, _, raw in town.city.wire.accepted]
    assert town.city.ticket().reference in body_of(*of_kind(told, "digest"))
    town.judge()


def test_row_27_the_clock_does_not_wait_long_for_a_first_look(
    town: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the mailbox is away again after the comparison, the digest goes out all the same."""
    monkeypatch.setattr(service_module, "_FIRST_LOOK_SECONDS", 0.3)
    with closing_bells(Service(parts_of(town, tmp_path), lambda: None)) as service:
        service._compared.set()
        service._tick()
        service._send()
    assert sent(town) == ["digest"]
    town.judge_after()


def test_row_27_a_service_that_reads_a_backlog_is_ready(
    town: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its start waits for no end of the first look, though the digest does."""
    for number in range(6):
        town.post(town.manifest.mark(letter(f"Frage {number}", NO_OFFICE)))
    ready: list[int] = []
    monkeypatch.setattr(service_module, "Inbox", SlowLook(town.city.mailbox))
    monkeypatch.setattr(service_module, "_START_SECONDS", 0.5)
    parts = parts_of(town, tmp_path)
    service = Service(parts, lambda: ready.append(len(town.city.mailbox.folders["INBOX"].mails)))
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        until(lambda: bool(ready))
        assert "digest" not in sent(town)
        until(lambda: "digest" in sent(town))
    finally:
        service.stop()
        thread.join()
    assert ready[0] > 0
    town.judge()


def test_row_37_a_start_on_a_full_disk_is_not_ready(
    town: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What finds the database in order may work meanwhile; ready is said once mail is stored."""
    town.post(town.manifest.mark(letter("Stand", ONE_OFFICE)))
    full, ready, tried, store_raw = [True], threading.Event(), [0], town.city.store.store_raw

    def stored(*words: Any, **more: Any) -> Any:
        tried[0] += 1
        if full[0]:
            raise OperationalError("INSERT", {}, Exception("database or disk is full"))
        return store_raw(*words, **more)

    monkeypatch.setattr(town.city.store, "store_raw", stored)
    monkeypatch.setattr(service_module, "Inbox", SlowLogin(town.city.mailbox))
    monkeypatch.setattr(service_module, "_START_SECONDS", 0.1)
    monkeypatch.setattr(service_module, "pause_after", lambda _: 0.2)
    parts = parts_of(town, tmp_path, smtp=Smtp(port=1, security="none"))
    service = Service(parts, ready.set)
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        until(lambda: "digest" in sent(town) and tried[0] > 2)
        assert not ready.wait(1)
        full[0] = False
        assert ready.wait(20)
    finally:
        service.stop()
        thread.join()
    town.judge()


class StuckLogin(SlowLogin):
    """A mailbox on which the login never ends."""

    def __init__(self, mailbox: MemoryInbox) -> None:
        super().__init__(mailbox)
        self._end = threading.Event()

    def close(self) -> None:
        """Let it fail at last."""
        self._end.set()

    def __enter__(self) -> Self:
        self._end.wait()
        raise ConnectionResetError


def test_row_27_a_start_gets_time_only_while_all_lines_move(
    town: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits for the comparison moves; the start of a service that hangs is ended."""
    stuck = StuckLogin(town.city.mailbox)
    asked: list[int] = []
    monkeypatch.setattr(service_module, "Inbox", stuck)
    monkeypatch.setattr(service_module, "_WATCH_SECONDS", 0.1)
    monkeypatch.setattr(service_module, "ask_for_time", asked.append)
    parts = parts_of(town, tmp_path, smtp=Smtp(port=1, security="none"))
    with running(parts) as service, closing(stuck):
        until(lambda: len(asked) > 2)
        _hour_ago(service)
        until(lambda: service._progress["dispatch"] > time.monotonic() - 60)
        until(lambda: service._progress["scheduler"] > time.monotonic() - 60)
        assert not service._all_move()
        asked.clear()
        time.sleep(0.5)
        assert asked == []
        stuck.close()
        until(lambda: len(asked) > 2)
    town.judge_after()


def _told_of_the_freeze(town: Trial) -> int:
    alerts = of_kind(town.city.work(), "alert")
    return sum("hinter dem Postfach zurück" in " ".join(body_of(each).split()) for each in alerts)


@on_both
def test_row_07_a_kill_before_the_freeze_is_told_leaves_it_to_the_next_start(
    restored: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The difference is caught up with, and nothing goes out: the next start says so, and once."""
    parts, mailbox = parts_of(restored, tmp_path), restored.city.mailbox

    def killed(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(parts.reporting), "alert", killed)
        with pytest.raises(KeyboardInterrupt):
            compare_ledger(parts, mailbox)
    told = []
    for _ in range(3):
        compare_ledger(parts, mailbox)
        told.append(_told_of_the_freeze(restored))
        restored.city.wait(days=1)
    assert told == [1, 0, 0]
    restored.judge()


@on_both
def test_row_07_each_freeze_is_told(restored: Trial, tmp_path: Path) -> None:
    """Two restored copies on one day are two differences to look at: the second is told, too."""
    parts, store = parts_of(restored, tmp_path), restored.city.store
    told = []
    for _ in range(2):
        compare_ledger(parts, restored.city.mailbox)
        told.append(_told_of_the_freeze(restored))
        store.thaw(restored.city.now, send=False)
        compare_ledger(parts, restored.city.mailbox)
        told.append(_told_of_the_freeze(restored))
        store.freeze("nach einem Rückstand der Datenbank ungewiss", datetime.now(UTC))
    assert told == [1, 0, 1, 0]
    restored.judge()


@on_both
def test_row_39_a_freeze_told_by_a_clock_ahead_silences_no_later_one(
    restored: Trial, tmp_path: Path
) -> None:
    """The alert of a year ahead is of that freeze: one after the clock is set right is told."""
    parts, store = parts_of(restored, tmp_path), restored.city.store
    compare_ledger(parts, restored.city.mailbox)
    assert _told_of_the_freeze(restored) == 1
    words = (store.status("told-frozen") or (None, ""))[1]
    store.set_status("told-frozen", datetime.now(UTC) + timedelta(days=365), words)
    store.thaw(restored.city.now, send=False)
    store.freeze("nach einem Rückstand der Datenbank ungewiss", datetime.now(UTC))
    compare_ledger(parts, restored.city.mailbox)
    assert _told_of_the_freeze(restored) == 1
    restored.judge()


@on_both
def test_row_07_a_stop_before_the_end_of_the_comparison_tells_nothing_yet(
    restored: Trial, tmp_path: Path
) -> None:
    """What is not caught up with cannot be released: the start that ends it tells of it."""
    parts = parts_of(restored, tmp_path)
    parts.deciding.stopping = lambda: True
    compare_ledger(parts, restored.city.mailbox)
    parts.deciding.stopping = lambda: False
    assert restored.city.store.frozen()
    assert _told_of_the_freeze(restored) == 0
    compare_ledger(parts, restored.city.mailbox)
    assert _told_of_the_freeze(restored) == 1
    restored.judge()


def _pushed(port: int, raw: bytes) -> str:
    """Hand a mail over as an MTA does; give the codes it hears."""
    with smtplib.LMTP("127.0.0.1", port, "localhost", timeout=30) as line:
        line.ehlo()
        line.mail("post@firma.example")
        line.rcpt(CENTRAL)
        code, words = line.data(raw)
    return f"{code} {words.split()[0].decode()}"


class HeldLogin(StuckLogin):
    """A mailbox on which the login lasts until the test lets it end."""

    def __enter__(self) -> Self:
        self._end.wait()
        return self


@contextmanager
def _pushing_to(
    town: Trial, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Service, int, HeldLogin]]:
    """Let a service listen that has not seen its mailbox yet; give its port, and the login."""
    login, port = HeldLogin(town.city.mailbox), free_port()
    monkeypatch.setattr(service_module, "Inbox", login)
    parts = parts_of(town, folder, lmtp=SimpleNamespace(address=("127.0.0.1", port)))
    parts.intake.reachable_since = None
    with running(parts) as service, closing(login):
        until(lambda: _listens(port))
        yield service, port, login


def _listens(port: int) -> bool:
    try:
        smtplib.LMTP("127.0.0.1", port, "localhost", timeout=30).close()
    except ConnectionRefusedError:
        return False
    return True


@on_both
def test_row_07_what_is_pushed_before_the_comparison_stays_with_the_mta(
    restored: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decided with what the database had missed, an alarm was held: it is taken when it is new."""
    alarm = letter("Gasgeruch!", "In unserer Halle riecht es stark nach Gas.\n\nEva Muster")
    alarm = restored.manifest.mark(alarm)
    with _pushing_to(restored, tmp_path, monkeypatch) as (service, port, login):
        assert _pushed(port, alarm) == "451 4.3.2"
        login.close()
        until(service._compared.is_set)
        assert _pushed(port, alarm) == "250 2.0.0"
        until(lambda: sent(restored).count("alert") == 2)  # of the freeze, and of the danger
    restored.judge()


def _signalled_at(moment: int) -> Callable[..., Any]:
    """Give a trace that sends SIGUSR1 at so many a step of the functions it follows."""
    steps = itertools.count()

    def follow(frame: FrameType, *_: object) -> Callable[..., Any]:
        if frame.f_code.co_name in {"wait", "__enter__", "__exit__"} and next(steps) == moment:
            signal.raise_signal(signal.SIGUSR1)
        return follow

    return follow


def test_row_01_sigterm_at_any_step_of_a_wait_ends_the_service(town: Trial, tmp_path: Path) -> None:
    """The thread that is interrupted may hold what ending takes: then nothing ended it but SIGKILL.

    systemd does that after its limit, so to the operator a restart hung, once in many.
    """

    def hangs(*_: object) -> None:
        raise TimeoutError("the signal's handler waits for the thread that it interrupts")

    before = signal.signal(signal.SIGALRM, hangs)
    try:
        for moment in range(30):
            with closing_bells(Service(parts_of(town, tmp_path), lambda: None)) as service:
                signal.signal(signal.SIGUSR1, lambda *_, service=service: service.stop())
                signal.setitimer(signal.ITIMER_REAL, 5)
                sys.settrace(_signalled_at(moment))
                service._stopping.wait(0.001)
                sys.settrace(None)
                signal.raise_signal(signal.SIGUSR1)
                assert service._stopping.wait(0)
    finally:
        sys.settrace(None)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        signal.signal(signal.SIGUSR1, signal.SIG_DFL)
    town.judge_after()


def test_row_07_what_is_pushed_first_fills_no_second_database(
    town: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a mailbox that was worked on, an empty database ends the service, whatever comes."""
    town.city.mailbox.file(letter("Alt", NO_OFFICE), town.city.now)
    monkeypatch.setattr(Service, "_end_for", lambda self, *_: self.stop())
    with _pushing_to(town, tmp_path, monkeypatch) as (service, port, login):
        assert _pushed(port, letter("Neu", NO_OFFICE)) == "451 4.3.2"
        login.close()
        until(service._stopping.is_set)
    assert not town.city.store.has_mail()


def test_row_03_an_mta_can_reach_mailflow_from_the_comparison_on(
    town: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A receipt that was refused before it may lie in the MTA's queue as long as any other."""
    with _pushing_to(town, tmp_path, monkeypatch) as (service, _, login):
        assert town.city.intake.reachable_since is None
        town.city.wait(minutes=5)
        login.close()
        until(service._compared.is_set)
        until(lambda: town.city.intake.reachable_since == town.city.now)
    town.judge_after()
