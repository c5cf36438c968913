"""When trouble of one line counts as an outage that is told."""

import pytest

from mailflow import outages
from mailflow.outages import Failures


class Clock:
    """Seconds that the test lets pass."""

    now = 0.0

    def monotonic(self) -> float:
        """Give the seconds so far."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Give the clock that failures are counted by."""
    made = Clock()
    monkeypatch.setattr(outages, "time", made)
    return made


def told_after(failures: Failures, clock: Clock, moments: list[float]) -> list[bool]:
    """Fail at these moments; give after which the cause was told by then."""
    result = []
    for each in moments:
        clock.now = each
        failures.add("mailbox")
        failures.tell("mailbox", lambda: True)
        result.append("mailbox" in failures.told)
    return result


def test_a_server_that_is_started_anew_is_no_outage(clock: Clock) -> None:
    """Three failures within three seconds are told nobody; the fourth, five seconds later, is."""
    assert told_after(Failures(), clock, [0.0, 1, 3, 8]) == [False, False, False, True]


def test_two_slow_failures_are_no_outage_yet(clock: Clock) -> None:
    """A line that waits a minute for each failure is given a third try."""
    assert told_after(Failures(), clock, [0.0, 61, 123]) == [False, False, True]


def test_what_works_in_between_begins_anew(clock: Clock) -> None:
    """Short trouble twice a day is not one long outage."""
    failures = Failures()
    assert told_after(failures, clock, [0.0, 1, 3]) == [False, False, False]
    failures.end()
    assert told_after(failures, clock, [3600.0, 3601, 3603]) == [False, False, False]
