"""Public holidays and local closing days."""

from datetime import date
from typing import get_args

import pytest
from holidays.countries.germany import Germany

from mailflow.holidays import holiday_names, workdays
from mailflow.settings.sections import State

LOCAL = ("12-24", "12-31", "rosenmontag", "2026-06-05")


def test_north_rhine_westphalia_has_its_eleven_holidays_of_2026() -> None:
    """The statutory holidays of the example city's state are all there, in German."""
    names = {day: name for day, name in holiday_names("NW").items() if day.year == 2026}
    assert len(names) == 11
    assert names[date(2026, 6, 4)] == "Fronleichnam"


def test_other_states_have_other_holidays() -> None:
    """Corpus Christi is a workday in Berlin, Women's Day is none."""
    assert workdays("BE").is_workday(date(2027, 5, 27))
    assert not workdays("BE").is_workday(date(2027, 3, 8))


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(date(2026, 2, 16), id="Rosenmontag 2026"),
        pytest.param(date(2030, 3, 4), id="Rosenmontag 2030"),
        pytest.param(date(2026, 12, 24), id="Christmas Eve"),
        pytest.param(date(2026, 12, 31), id="New Year's Eve"),
        pytest.param(date(2026, 6, 5), id="one bridge day"),
    ],
)
def test_local_closing_days_are_no_workdays(day: date) -> None:
    """Every year's days, movable ones and single ones are closed, and only with the setting."""
    assert not workdays("NW", LOCAL).is_workday(day)
    assert workdays("NW").is_workday(day)


def test_a_leap_day_is_closed_where_there_is_one() -> None:
    """The day 02-29 closes the leap years' day and troubles no other year."""
    assert not workdays("NW", ("02-29",)).is_workday(date(2028, 2, 29))


@pytest.mark.parametrize("text", ["13-01", "2026-02-30", "karneval", "", "12/24", "00-00"])
def test_no_day_is_refused(text: str) -> None:
    """What names no day raises ValueError instead of being ignored."""
    with pytest.raises(ValueError, match=r".*"):
        workdays("NW", (text,))


def test_the_settings_know_all_states() -> None:
    """The sixteen states of the settings are those of the library; its other codes are parts."""
    assert set(get_args(State)) <= set(Germany.subdivisions)
    assert len(get_args(State)) == 16
