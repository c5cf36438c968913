"""Working days, targets and the ladder of reminders."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.core.calendar import Step, Targets, Workdays, step_due

EASTER = Workdays(frozenset({date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 1)}))
THURSDAY, FRIDAY, MONDAY = date(2026, 4, 2), date(2026, 4, 10), date(2026, 4, 13)
days = st.dates(min_value=date(2024, 1, 1), max_value=date(2030, 12, 31))
closed = st.frozensets(st.dates(min_value=date(2024, 1, 1), max_value=date(2030, 12, 31)))


def test_weekends_and_closed_days_are_no_workdays() -> None:
    """Good Friday, Saturday, Sunday and Easter Monday are closed, the days around them open."""
    week = [THURSDAY + timedelta(days=offset) for offset in range(6)]
    assert [EASTER.is_workday(day) for day in week] == [True, False, False, False, False, True]


def test_the_day_of_receipt_does_not_count() -> None:
    """The first workday after a Thursday before Easter is the Tuesday after it."""
    assert date(2026, 4, 7) == EASTER.add(THURSDAY, 1)


def test_a_count_of_zero_gives_the_day_or_the_next_workday() -> None:
    """Nothing is added to a workday; a Saturday moves on to Monday."""
    assert (EASTER.add(FRIDAY, 0), EASTER.add(date(2026, 4, 11), 0)) == (FRIDAY, MONDAY)


def test_counting_back_skips_closed_days_too() -> None:
    """One workday before the Tuesday after Easter is the Thursday before it."""
    assert EASTER.add(date(2026, 4, 7), -1) == THURSDAY


@given(day=days, count=st.integers(min_value=1, max_value=80), holidays=closed)
def test_between_undoes_add(day: date, count: int, holidays: frozenset[date]) -> None:
    """The n-th workday after a day is n workdays away, whatever is closed; it is itself one."""
    workdays = Workdays(holidays)
    target = workdays.add(day, count)
    assert workdays.is_workday(target)
    assert (count, -count) == (workdays.between(day, target), workdays.between(target, day))


@given(day=days, first=st.integers(1, 30), second=st.integers(1, 30), holidays=closed)
def test_adding_in_two_steps_is_adding_once(
    day: date, first: int, second: int, holidays: frozenset[date]
) -> None:
    """Five workdays and then three are eight workdays."""
    workdays = Workdays(holidays)
    assert workdays.add(day, first + second) == workdays.add(workdays.add(day, first), second)


def _steps(asked: date, due: date, length: int) -> dict[int, Step]:
    """Walk through the workdays after asking, taking every step that is due."""
    workdays, targets = Workdays(), Targets()
    taken: list[Step] = []
    found: dict[int, Step] = {}
    for count in range(length):
        today = workdays.add(asked, count) if count else asked
        step = step_due(asked, due, today, targets, taken, workdays)
        if step:
            taken.append(step)
            found[count] = step
    return found


def test_the_ladder_has_three_rungs_each_taken_once() -> None:
    """Reminders after 3 and 5 workdays, escalation after 8, nothing before, between or after."""
    asked = date(2026, 4, 13)
    expected = {3: Step.REMINDER1, 5: Step.REMINDER2, 8: Step.ESCALATION}
    assert expected == _steps(asked, Workdays().add(asked, 5), 30)


def test_an_extension_moves_the_whole_ladder() -> None:
    """An office that promised a later day is reminded relative to that day."""
    asked = date(2026, 4, 13)
    expected = {8: Step.REMINDER1, 10: Step.REMINDER2, 13: Step.ESCALATION}
    assert expected == _steps(asked, Workdays().add(asked, 10), 30)


@pytest.mark.parametrize(
    ("days_later", "already", "expected"),
    [
        pytest.param(60, [], Step.ESCALATION, id="after a standstill only the highest step"),
        pytest.param(60, [Step.ESCALATION], None, id="nothing follows the escalation"),
        pytest.param(7, [Step.REMINDER2], None, id="the first reminder never follows the second"),
        pytest.param(7, [Step.REMINDER1], Step.REMINDER2, id="the second follows the first"),
        pytest.param(1, [], None, id="not before the first rung"),
        pytest.param(5, [], None, id="not on a Saturday"),
    ],
)
def test_which_step_is_due(days_later: int, already: list[Step], expected: Step | None) -> None:
    """The table of the ladder, for an office asked on Monday the 13th of April 2026."""
    asked = date(2026, 4, 13)
    due, today = Workdays().add(asked, 5), asked + timedelta(days=days_later)
    assert expected == step_due(asked, due, today, Targets(), already, Workdays())


def test_nothing_happens_on_the_day_of_asking() -> None:
    """Even where the due day lies in the past, an office has its first workday in peace."""
    asked = date(2026, 4, 13)
    long_ago = date(2026, 3, 2)
    assert step_due(asked, long_ago, asked, Targets(), [], Workdays()) is None
    tomorrow = asked + timedelta(days=1)
    assert step_due(asked, long_ago, tomorrow, Targets(), [], Workdays()) is Step.ESCALATION


def test_fewer_reminders_are_possible() -> None:
    """With one reminder configured the ladder has two rungs, with none only the escalation."""
    assert tuple(step for step, _ in Targets(reminders=(5,)).ladder()) == (
        Step.REMINDER1,
        Step.ESCALATION,
    )
    assert Targets(reminders=()).ladder() == ((Step.ESCALATION, 3),)


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ((2026, 4, 2, 7, 31), (2026, 4, 2, 12, 0), 4),
        ((2026, 4, 2, 14, 0), (2026, 4, 7, 10, 0), 4),
        ((2026, 4, 4, 9, 0), (2026, 4, 4, 15, 0), 0),
        ((2026, 4, 2, 12, 0), (2026, 4, 2, 9, 0), 0),
    ],
)
def test_working_time_is_eight_to_four_on_workdays(
    since: tuple[int, ...], until: tuple[int, ...], hours: int
) -> None:
    """Nights, Easter and a Saturday are no time in which anybody could have decided."""
    first, last = (datetime(*each, tzinfo=BERLIN) for each in (since, until))  # type: ignore[arg-type, misc]
    assert timedelta(hours=hours) == EASTER.working_time(first.astimezone(UTC), last, BERLIN)
