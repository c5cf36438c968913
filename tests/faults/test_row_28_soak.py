"""Row 28: mail for hours with faults in between. Here some seconds; ``make soak`` does the rest."""

import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.memory import HALF_AN_HOUR, WARM_UP, leaks, slope_of, unit_environment, unjudged
from bench.soak import Soak
from tests.real.servers import MailWorld


@pytest.mark.nightly
@pytest.mark.server
def test_row_28_some_seconds_of_the_soak_lose_and_double_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The soak's load, a fault every two seconds and a new start: all adds up, and is told."""
    words = argparse.Namespace(minutes=0.2, seed=1, every=2, no_kills=False)
    with MailWorld(mta="relay") as world:
        soak = Soak(world, tmp_path, words)
        # no SIGKILL: what it leaves unsure would wait a minute for the mailbox to be read again
        faults: list[Callable[[], None]] = [soak.mails_again, soak.sessions_die, soak.poison]
        faults += [soak.uidvalidity_changes, soak.stopped]
        monkeypatch.setattr(soak, "_fault", lambda: faults.pop(0)() if faults else None)
        try:
            soak.run()
            soak.drain()
            found, figures = soak.judge()
        finally:
            soak.town.kill()
            soak.post.close()
    assert found == []
    assert faults == []
    assert int(str(figures["mails in"])) > 20
    assert int(str(figures["mails out"])) > 20
    assert [figures[name] for name in ("lost", "doubled", "ledger difference")] == [0, 0, 0]
    assert int(str(figures["memory, MB at most"])) > 20
    assert "memory, MB an hour" in figures
    assert 0 <= float(str(figures["longest life, min"])) < 5
    assert figures["memory slope judged"] is False
    assert "not judged" in soak.unjudged()


def test_row_28_growing_memory_is_seen() -> None:
    """Two megabytes an hour are two in the figures; a service that grows no more has none."""
    times = [WARM_UP + 10.0 * n for n in range(-12, 360)]
    assert slope_of([(each, 100 + each / 1800) for each in times]) == 2.0
    assert slope_of([(each, min(120.0, 100 + each)) for each in times]) == 0.0
    assert slope_of([(each, 100.0) for each in times[:20]]) is None


def test_row_28_the_soak_runs_with_what_the_unit_sets_for_the_allocator() -> None:
    """One arena and fixed thresholds, as systemd gives them to the service."""
    names = ["MALLOC_ARENA_MAX", "MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"]
    assert list(unit_environment()) == names


def test_row_28_a_leak_fails_the_soak() -> None:
    """More than 1 MB an hour is a fault, once half an hour after the warm-up can tell."""
    times = [float(each) for each in range(0, int(WARM_UP + HALF_AN_HOUR) + 100, 10)]
    assert leaks([(each, 100 + 2 * each / 3600) for each in times])
    assert not leaks([(each, 100 + each / 3600 / 2) for each in times])
    assert not leaks([(each, 100 + 2 * each / 3600) for each in times[: len(times) // 2]])


@pytest.mark.parametrize(
    ("kills", "minutes", "told"),
    [
        (True, (10, 44), "no life of the service lasted 45 minutes; run with --no-kills"),
        (False, (44,), "no life of the service lasted 45 minutes; run longer, with --minutes"),
        (True, (10, 46), ""),
    ],
)
def test_row_28_memory_that_was_not_judged_is_told(
    kills: bool, minutes: tuple[int, ...], told: str
) -> None:
    """The longest life of the service decides; a soak in which none was long enough says so."""
    lives = [[(each * 10.0, 100.0) for each in range(m * 6)] for m in minutes]
    assert unjudged(lives, kills=kills) == (f"memory slope: not judged, {told}" if told else "")
