"""Rows of the fault matrix about the service as a whole: what it tells, and when it rests."""

import itertools
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from bench.crashes.plan import NEVER_SAID, Plan, Tally, not_killed, not_wrapped, share, tried
from bench.failpoints import KNOWN
from mailflow import service as service_module
from mailflow.core.retry import Deferred
from mailflow.outages import DATABASE_AWAY, PastOutbox
from mailflow.parts import ways_out
from mailflow.service import Service
from mailflow.settings.sections import Alerts, Central, Smtp
from mailflow.store.engine import wal_is_safe
from mailflow.submission import Submission
from tests.faults.running import parts_of
from tests.faults.sink import Sink
from tests.faults.trial import Trial
from tests.flow.city import CENTRAL, MANAGER, ONE_OFFICE, body_of, of_kind, parse

ROOT = Path(__file__).parents[2]


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Give the submission server."""
    with Sink() as made:
        yield made


@pytest.fixture
def service(
    town: Trial, tmp_path: Path, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Service]:
    """Give the service of a city; it never really rests, so that a test need not wait.

    In the end, when nothing is in trouble any more, a company writes, and the town is judged.
    """
    monkeypatch.setattr(Service, "_rest", lambda _: None)
    parts = parts_of(town, tmp_path, smtp=Smtp(port=sink.port, security="none"))
    made = Service(parts, lambda: None)
    made._compared.set()
    yield made
    made._intake_bell.close()
    made._dispatch_bell.close()
    made._stopping.close()
    monkeypatch.undo()
    town.judge_after()


def test_row_14_a_refused_login_is_told_the_manager(town: Trial, service: Service) -> None:
    """osTicket#6455 was silent for ten days. Here the third failure is told, once a day."""
    for _ in range(50):
        service._mailbox_failed("AUTHENTICATIONFAILED")
    (alert,) = town.city.work()
    assert alert["X-Mailflow-Kind"] == "alert"
    assert "Postfach" in body_of(alert)


def test_row_37_a_database_that_is_away_is_told_past_the_outbox(
    service: Service, sink: Sink
) -> None:
    """The outbox lies in the database: an alert in it would never leave. This one does, once."""
    for _ in range(50):
        service._database_failed("OperationalError")
    ((_, reader, raw),) = sink.accepted
    assert reader == MANAGER
    assert "Platte" in body_of(parse(raw))


def test_row_37_a_server_away_as_well_stops_nothing(service: Service, sink: Sink) -> None:
    """Where the alert cannot leave either, the service goes on trying."""
    sink.refused = {MANAGER: "550 no"}
    for _ in range(10):
        service._database_failed("OperationalError")
    assert sink.accepted == []
    sink.refused = {}
    service._database_failed("OperationalError")
    assert [reader for _, reader, _ in sink.accepted] == [MANAGER]


def _second_way(town: Trial, port: int) -> PastOutbox:
    second = Alerts(host="127.0.0.1", port=port, security="none").submission
    assert second
    return PastOutbox(town.city.reporting.alert_mails, [lambda: Submission(second, "")])


def test_row_14_a_password_that_ran_out_for_both_servers_is_told(
    town: Trial, service: Service, sink: Sink
) -> None:
    """osTicket#6455, worse: nothing leaves by the usual way. The second server tells, once."""
    city, wire = town.city, town.city.wire
    city.dispatch._second_way = _second_way(town, sink.port)
    city.dispatch._submission = wire
    refused = Deferred("535 5.7.8 authentication failed", server=True)
    for _ in range(3):
        service._mailbox_failed("AUTHENTICATIONFAILED")
    for _ in range(15):
        wire.outcomes = [refused]
        city.dispatch.send_due()
        city.wait(minutes=1)
    ((_, reader, raw),) = sink.accepted
    assert reader == MANAGER
    assert "535 5.7.8" in body_of(parse(raw))
    (alert,) = city.work()
    assert alert["X-Mailflow-Kind"] == "alert"
    assert "Postfach" in body_of(alert)


def test_row_14_while_the_second_server_is_away_too_it_is_tried_on(town: Trial, sink: Sink) -> None:
    """What no server took is not told yet: the next try tells it."""
    city, wire = town.city, town.city.wire
    city.dispatch._second_way = _second_way(town, sink.port)
    city.dispatch._submission = wire
    sink.refused = {MANAGER: "451 later"}
    wire.outcomes = [Deferred("no line", server=True)]
    town.write("Stand", ONE_OFFICE)
    for refusals in ({MANAGER: "451 later"}, {}, {}):
        sink.refused = refusals
        city.wait(minutes=11)
        wire.outcomes = [Deferred("no line", server=True)]
        city.dispatch.send_due()
    assert [reader for _, reader, _ in sink.accepted] == [MANAGER]
    city.wait(minutes=11)
    city.work()
    town.judge()


@pytest.mark.parametrize("second_server", [False, True])
def test_row_14_a_second_outage_of_a_day_is_told_once_the_day_is_over(
    town: Trial, sink: Sink, *, second_server: bool
) -> None:
    """The morning's outage was told; one from noon on that lasts for days is told the next day."""
    city, wire, passed = town.city, town.city.wire, [0.0]
    if second_server:
        city.dispatch._second_way = _second_way(town, sink.port)
        city.dispatch._second_way._clock = lambda: passed[0]
    city.dispatch._submission = wire
    told = []
    for number, hours in enumerate((1, 50)):
        wire.outcomes = [Deferred("421 closing", server=True)]
        town.write(f"Stand {number}", ONE_OFFICE, f"post@firma{number}.example")
        for _ in range(2 * hours):
            city.wait(minutes=30)
            passed[0] += 1800
            wire.outcomes = [Deferred("421 closing", server=True)]
            city.dispatch.send_due()
        city.wait(minutes=5)
        told.append(len(of_kind(city.work(), "alert")) + len(sink.accepted))
    assert told == ([1, 2] if second_server else [1, 1])
    town.judge()


def test_row_37_an_alert_past_the_outbox_takes_the_second_way_where_the_first_is_shut(
    town: Trial, sink: Sink
) -> None:
    """Database and submission server away together: the manager hears of it all the same."""
    second = Alerts(host="127.0.0.1", port=sink.port, security="none")
    settings: Any = SimpleNamespace(
        central=Central(address=CENTRAL), smtp=Smtp(port=1, security="none"), alerts=second
    )
    past_outbox = PastOutbox(town.city.reporting.alert_mails, ways_out(settings))
    assert past_outbox.tell(DATABASE_AWAY)
    assert [reader for _, reader, _ in sink.accepted] == [MANAGER]


def test_row_07_frozen_mails_do_not_keep_the_service_spinning(
    town: Trial, service: Service
) -> None:
    """What is due and may not go out is looked at again in a second, not at once and for ever."""
    town.city.store.freeze("test", town.city.now)
    town.city.now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    town.write("Stand", ONE_OFFICE)
    assert town.city.store.outbox_waiting() == 2
    assert service._pause() >= service_module._LEAST_PAUSE
    town.city.store.thaw(town.city.now, send=True)
    assert len(town.city.work()) == 2
    town.judge()


def test_row_27_a_backlog_is_no_reason_to_be_called_dead(town: Trial, service: Service) -> None:
    """Ten thousand mails take minutes: each that is decided tells the watchdog that all is well."""
    begun = time.monotonic()
    town.write("Stand", ONE_OFFICE)
    assert service._progress["intake"] > begun
    town.judge()


def test_row_16_a_slow_server_is_no_reason_to_be_called_dead(
    town: Trial, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixty mails at half a minute each take longer than the watchdog waits: each is a sign."""
    clock = [1000.0]
    monkeypatch.setattr("mailflow.service.time.monotonic", lambda: clock[0])
    for line in service._progress:
        service._moves(line)
    send = town.city.wire.send

    def slowly(*mail: Any, **how: Any) -> Any:
        service._moves("intake")  # other threads
        service._moves("scheduler")
        assert service._all_move()
        clock[0] += service_module._STALL_SECONDS - 1
        return send(*mail, **how)

    monkeypatch.setattr(town.city.wire, "send", slowly)
    assert len(town.write("Stand", ONE_OFFICE)) > 1
    assert clock[0] - service._progress["dispatch"] < service_module._STALL_SECONDS
    town.judge()


def test_row_06_every_commit_waits_for_the_disk(town: Trial) -> None:
    """WAL with NORMAL loses commits in a power cut, DELETE by an unlink: FULL, and neither."""
    with town.city.store.engine.connect() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        journal = connection.execute(text("PRAGMA journal_mode")).scalar()
    assert journal == ("wal" if wal_is_safe(sqlite3.sqlite_version_info) else "persist")


def _crashes(*words: str) -> str:
    command = [sys.executable, "-m", "bench.crashes", "--database", "sqlite", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_row_02_a_few_kills_at_logical_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """Zammad flags after its work (zammad#78): a crash doubles. `make crashes` kills at all."""
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    told = _crashes("--kinds", "logical", "--points", "2", "--jobs", "1")
    assert "2 killed of 2 runs; mails lost 0, doubled 0" in told


@pytest.mark.nightly
def test_row_01_a_few_kills_at_system_calls() -> None:
    """The toy outbox of the first study doubled 16 of 29. Here none; `make crashes` does all."""
    kinds = "fdatasync,pwrite64,unlink,sendto,recvfrom"
    told = _crashes("--kinds", kinds, "--points", "3")
    for kind in kinds.split(","):
        assert re.search(rf"{kind} .*: [123] killed of [123] runs.*; mails lost 0, doubled 0", told)
    assert not re.search(r"[2-9] ended before their call came", told)


@pytest.mark.parametrize(
    ("kind", "tally", "fault"),
    [
        ("logical", Tally(runs=864, killed=864), ""),
        ("logical", Tally(runs=2, killed=0), "logical: 2 of 2 runs were not killed"),
        ("logical", Tally(runs=864, killed=863), "logical: 1 of 864 runs were not killed"),
        ("logical", Tally(), "logical: nothing was seen to be killed at"),
        ("fsync", Tally(), "fsync: nothing was seen to be killed at"),
        ("rename", Tally(), ""),
        ("sendto", Tally(runs=3), "sendto: 3 of 3 runs were not killed"),
        ("sendto", Tally(runs=3, killed=2, early=1), ""),
        ("sendto", Tally(runs=2226, killed=2215, early=11), ""),
        ("sendto", Tally(runs=40, killed=37, early=3), "sendto: 3 of 40 runs ended before"),
    ],
)
def test_row_02_runs_in_which_nobody_is_killed_fail(kind: str, tally: Tally, fault: str) -> None:
    """A kill that never comes loses nothing: it would look like success."""
    found = not_killed("sqlite", kind, tally)
    assert len(found) == bool(fault)
    assert "".join(found).startswith(fault)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([5], Tally(runs=1, killed=1)),
        ([4, 6], Tally(runs=1, killed=1, lost=1)),
        ([4, 3, 3], Tally(runs=1, killed=1, lost=2)),
        ([4, 3, 2, 9], Tally(runs=1, early=1, lost=3)),
    ],
)
def test_row_01_a_run_with_fewer_calls_is_killed_at_its_last(
    made: list[int], expected: Tally
) -> None:
    """A read comes in more pieces or fewer: three tries are one run, and each is judged."""
    left = iter(made)

    def play(plan: Plan) -> tuple[Tally, int]:
        calls = next(left)
        early = calls < plan.when
        return Tally(runs=1, killed=not early, early=early, lost=early), calls

    assert tried(play, Plan(syscall="recvfrom", round=1, when=5)) == expected


@pytest.mark.parametrize("parts", [1, 3, 4])
def test_row_01_every_call_is_some_workers_own(parts: int) -> None:
    """Each of a bench's workers counts for itself: one saw two calls more, and passed others by."""
    seen = [
        [
            Plan(syscall="recvfrom", round=number, when=when)
            for number, more in ((1, part % 3), (2, part % 2), (3, 0))
            for when in range(1, 21 + more)
        ]
        for part in range(parts)
    ]
    killed = {each for part in range(parts) for each in share(seen[part], 0, part, parts)}
    assert killed >= set.intersection(*map(set, seen))


@pytest.mark.parametrize("most", [1, 3, 7, 50])
def test_row_02_a_few_points_are_spread_over_all(most: int) -> None:
    """Whoever asks for some gets so many, each once, from the first on and nowhere far apart."""
    plans = [Plan(point=number) for number in range(1, 41)]
    killed = [each.point for part in range(4) for each in share(plans, most, part, 4)]
    assert len(killed) == len(set(killed)) == min(most, 40)
    gaps = [after - before for before, after in itertools.pairwise([*sorted(killed), 41])]
    assert min(killed) == 1
    assert max(gaps) - min(gaps) <= 1


@pytest.mark.parametrize("move", [True, False])
def test_row_02_a_point_that_is_passed_no_more_fails_the_run(*, move: bool) -> None:
    """Where commits are wrapped no more, each of the other points may be killed at all the same."""
    left = {*NEVER_SAID, *({"imap COPY", "imap EXPUNGE"} if move else {"imap MOVE"})}
    passed = {each for each in KNOWN if not each.startswith(tuple(left))}
    assert not_wrapped(passed, move=move) == []
    (fault,) = not_wrapped(passed - {"database commit before"}, move=move)
    assert "database commit" in fault
    (fault,) = not_wrapped(passed | {"smtp AUTH before", "smtp AUTH after"}, move=move)
    assert "smtp AUTH" in fault
