"""When the offices are closed: the state's public holidays and the city's own closing days."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

from holidays.countries.germany import Germany

from mailflow.core.calendar import Workdays

__all__ = ["MOVABLE", "holiday_names", "workdays"]

# Days counted from Easter Sunday, on which many a town hall of the Rhineland stays closed.
MOVABLE: Mapping[str, int] = MappingProxyType(
    {
        "weiberfastnacht": -52,
        "rosenmontag": -48,
        "faschingsdienstag": -47,
        "aschermittwoch": -46,
        "gruendonnerstag": -3,
    }
)
_YEARS = range(2020, 2061)


@lru_cache(maxsize=16)
def workdays(state: str, closed_days: tuple[str, ...] = ()) -> Workdays:
    """Give the calendar of a state ("NW") for 2020 to 2060.

    ``closed_days`` are the local ones: "12-24" each year, "2026-06-05" once, or a name in
    ``MOVABLE``. Raises ValueError for anything else.
    """
    closed = set(holiday_names(state))
    for text in closed_days:
        closed.update(_local(text))
    return Workdays(frozenset(closed))


@lru_cache(maxsize=16)
def holiday_names(state: str) -> Mapping[date, str]:
    """Give the public holidays of a state with their German names."""
    return MappingProxyType(dict(Germany(subdiv=state, language="de", years=_YEARS)))


def _local(text: str) -> Iterable[date]:
    name = text.strip().lower().replace("ü", "ue")
    if name in MOVABLE:
        return [easter + timedelta(days=MOVABLE[name]) for easter in _easter_sundays()]
    if len(name) == len("12-24"):
        return [day for year in _YEARS if (day := _day(year, name))]
    return [date.fromisoformat(name)]


def _day(year: int, month_and_day: str) -> date | None:
    """Give the day in this year; the 29th of February is not in every one."""
    try:
        return date.fromisoformat(f"{year}-{month_and_day}")
    except ValueError:
        if month_and_day == "02-29":
            return None
        raise


@lru_cache(maxsize=1)
def _easter_sundays() -> tuple[date, ...]:
    good_fridays = Germany(language="de", years=_YEARS).get_named("Karfreitag")
    return tuple(day + timedelta(days=2) for day in good_fridays)
