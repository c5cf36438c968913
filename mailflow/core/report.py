"""The interim report to the council: facts in, figures out.

Open matters count: medians and 90 % values are Kaplan-Meier estimates, in which a ticket still
open says "at least so long". Shares are given with numerator and denominator and the Wilson
interval. What fewer than five companies stand behind is not shown, for it would name them.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

__all__ = [
    "FEWEST",
    "OTHERS",
    "PROMISED",
    "Duration",
    "MonthLine",
    "OfficeFigures",
    "PartCase",
    "Promise",
    "Report",
    "TicketCase",
    "interim_report",
    "promise",
    "quantile",
    "survival",
    "wilson",
]

FEWEST: Final = 5  # a cell with fewer cases is not shown
OTHERS: Final = ""  # the name of the row into which small cells are put together
PROMISED: Final = (3, 7, 10)
"""Workdays to the acknowledgement and the first word (RAL-GZ 981 a and b), and to the answer."""

_Z_95: Final = 1.959963984540054  # normal quantile of a two-sided 95 % interval
_MEDIAN: Final = 0.5
_NINETY: Final = 0.9


@dataclass(frozen=True, slots=True)
class Duration:
    """How long something took, in workdays; ``finished`` False: it has lasted so long by now."""

    workdays: float
    finished: bool


@dataclass(frozen=True, slots=True)
class TicketCase:
    """One ticket as the report sees it; days are those of the city's zone.

    ``acknowledged`` runs from receipt to the acknowledgement, ``first_word`` to the first mail of
    substance (question, interim notice or answer), ``answered`` to the last answer or closure
    (Regulation (EU) 2020/1121 Art. 4). ``account`` tells companies apart and is not shown.
    """

    account: int
    settling: bool
    language: str
    topics: tuple[str, ...]
    opened_on: date
    answered_on: date | None
    closed_on: date | None
    acknowledged: Duration
    first_word: Duration
    answered: Duration
    reopened: bool = False
    rerouted: bool = False


@dataclass(frozen=True, slots=True)
class PartCase:
    """One office's part in one ticket; ``account`` is the ticket's."""

    office_name: str
    account: int
    asked_on: date
    duration: Duration
    overdue: bool = False
    declined: bool = False
    questioned: bool = False


@dataclass(frozen=True, slots=True)
class Promise:
    """One service promise: how many kept of how many, both shown; durations in workdays.

    ``name`` is one of ``acknowledged``, ``first-word``, ``answered``, ``office`` (templates word
    them); ``target`` the number of workdays promised.
    """

    name: str
    target: int
    met: int
    total: int
    interval: tuple[float, float] | None  # Wilson 95 %, shares between 0 and 1
    median: float | None
    percentile_90: float | None


@dataclass(frozen=True, slots=True)
class OfficeFigures:
    """One office's part in the period; None where fewer than five cases would name persons."""

    name: str
    consultations: int
    median_workdays: float | None
    overdue: int | None
    declined: int | None
    questions: int | None


@dataclass(frozen=True, slots=True)
class MonthLine:
    """Tickets of one month; ``backlog`` are those open on its last day."""

    month: date
    opened: int
    answered: int
    closed: int
    backlog: int


@dataclass(frozen=True, slots=True)
class Report:
    """What the central contact achieved between two days, both included.

    ``regulars`` are companies with more than one ticket in the period. ``topics`` and
    ``languages`` (codes) count tickets, most first, a ticket of several topics with each of them;
    the row ``OTHERS`` holds the small cells.
    """

    first: date
    last: date
    tickets: int
    companies: int
    settling: int
    regulars: int
    months: tuple[MonthLine, ...]
    promises: tuple[Promise, ...]
    offices: tuple[OfficeFigures, ...]
    topics: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]
    reopened: int
    rerouted: int
    mails_in: int
    mails_out: int


def interim_report(
    first: date,
    last: date,
    *,
    tickets: Iterable[TicketCase],
    parts: Iterable[PartCase],
    targets: tuple[int, int, int, int],
    mails_in: int,
    mails_out: int,
) -> Report:
    """Give the report on the tickets opened between two days, both included.

    ``tickets`` are all that were open at any time of the period, also those opened before it;
    ``targets`` are the workdays promised for acknowledgement, first word, answer and an office's
    part: ``PROMISED`` and the city's own. Raises ValueError for an empty period.
    """
    if last < first:
        raise ValueError(f"the report's last day {last} lies before its first day {first}")
    known = tuple(tickets)
    cases = [case for case in known if first <= case.opened_on <= last]
    asked = [case for case in parts if first <= case.asked_on <= last]
    frequency = Counter(case.account for case in cases)
    return Report(
        first=first,
        last=last,
        tickets=len(cases),
        companies=len(frequency),
        settling=len({case.account for case in cases if case.settling}),
        regulars=sum(count > 1 for count in frequency.values()),
        months=_months(known, first, last),
        promises=_promises(cases, asked, targets),
        offices=_offices(asked),
        topics=_cells([(frozenset(case.topics), case.account) for case in cases]),
        languages=_cells([(frozenset({case.language}), case.account) for case in cases]),
        reopened=sum(case.reopened for case in cases),
        rerouted=sum(case.rerouted for case in cases),
        mails_in=mails_in,
        mails_out=mails_out,
    )


def _promises(
    cases: Sequence[TicketCase], asked: Sequence[PartCase], targets: tuple[int, int, int, int]
) -> tuple[Promise, ...]:
    acknowledgement, first_word, answer, office = targets
    return (
        promise("acknowledged", acknowledgement, [case.acknowledged for case in cases]),
        promise("first-word", first_word, [case.first_word for case in cases]),
        promise("answered", answer, [case.answered for case in cases]),
        promise("office", office, [case.duration for case in asked]),
    )


def wilson(met: int, total: int) -> tuple[float, float] | None:
    """Give the 95 % interval of a share (Wilson 1927), None without cases."""
    if total <= 0:
        return None
    share, square = met / total, _Z_95 * _Z_95
    centre = share + square / (2 * total)
    spread = _Z_95 * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    scale = 1 + square / total
    low = 0.0 if met == 0 else (centre - spread) / scale
    high = 1.0 if met == total else (centre + spread) / scale
    return max(0.0, low), min(1.0, high)


def survival(durations: Sequence[Duration]) -> tuple[tuple[float, float], ...]:
    """Give the Kaplan-Meier curve: at each length, the share that took longer than it."""
    ended = Counter(each.workdays for each in durations if each.finished)
    lengths = sorted(each.workdays for each in durations)
    curve, share, position = [], 1.0, 0
    for length in sorted(ended):
        while lengths[position] < length:
            position += 1
        at_risk = len(lengths) - position
        share *= 1 - ended[length] / at_risk
        curve.append((length, share))
    return tuple(curve)


def quantile(durations: Sequence[Duration], share: float) -> float | None:
    """Give the length within which ``share`` of all cases end, None while too many are open."""
    remaining = 1 - share + 1e-12  # the curve is a product of fractions
    return next((length for length, left in survival(durations) if left <= remaining), None)


def promise(name: str, limit: int, durations: Sequence[Duration]) -> Promise:
    """Give what became of a promise of ``limit`` workdays.

    Kept: ended within it. Broken: took longer, or is open and has already lasted longer. What is
    open and still in time counts for neither.
    """
    met = sum(each.finished and each.workdays <= limit for each in durations)
    total = met + sum(each.workdays > limit for each in durations)
    return Promise(
        name,
        limit,
        met,
        total,
        wilson(met, total),
        quantile(durations, _MEDIAN),
        quantile(durations, _NINETY),
    )


def _months(tickets: Sequence[TicketCase], first: date, last: date) -> tuple[MonthLine, ...]:
    return tuple(_month(tickets, max(start, first), end) for start, end in _spans(first, last))


def _spans(first: date, last: date) -> Iterable[tuple[date, date]]:
    start = first.replace(day=1)
    while start <= last:
        following = (start + timedelta(days=31)).replace(day=1)
        yield start, min(following - timedelta(days=1), last)
        start = following


def _month(tickets: Sequence[TicketCase], start: date, end: date) -> MonthLine:
    def within(day_of: Callable[[TicketCase], date | None]) -> int:
        days = (day_of(case) for case in tickets)
        return sum(day is not None and start <= day <= end for day in days)

    backlog = sum(
        case.opened_on <= end
        and not any(day and day <= end for day in (case.answered_on, case.closed_on))
        for case in tickets
    )
    return MonthLine(
        start.replace(day=1),
        within(lambda case: case.opened_on),
        within(lambda case: case.answered_on),
        within(lambda case: case.closed_on),
        backlog,
    )


def _offices(parts: Sequence[PartCase]) -> tuple[OfficeFigures, ...]:
    names = Counter(part.office_name for part in parts)
    return tuple(_office(name, parts) for name, _ in _most_first(names))


def _office(name: str, parts: Sequence[PartCase]) -> OfficeFigures:
    own = [part for part in parts if part.office_name == name]
    if len({part.account for part in own}) < FEWEST:
        return OfficeFigures(name, len(own), None, None, None, None)
    return OfficeFigures(
        name,
        len(own),
        quantile([part.duration for part in own], _MEDIAN),
        sum(part.overdue for part in own),
        sum(part.declined for part in own),
        sum(part.questioned for part in own),
    )


def _cells(cases: Sequence[tuple[frozenset[str], int]]) -> tuple[tuple[str, int], ...]:
    """Count tickets per name; names of fewer than five companies go into one row together.

    ``cases`` are a ticket's names and its account each. That row counts a ticket once, however many
    small names it has, and needs five companies as well, so it never stands for one hidden name.
    """
    counts = Counter(name for names, _ in cases for name in names)
    hidden = {
        name
        for name in counts
        if len({account for names, account in cases if name in names}) < FEWEST
    }
    shown = [(name, count) for name, count in _most_first(counts) if name not in hidden]
    together = [account for names, account in cases if names & hidden]
    if len(set(together)) >= FEWEST:
        shown.append((OTHERS, len(together)))
    return tuple(shown)


def _most_first(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))
