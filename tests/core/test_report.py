"""The statistics of the interim report, against hand-made and published figures."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.core.report import (
    OTHERS,
    PROMISED,
    Duration,
    PartCase,
    Report,
    TicketCase,
    interim_report,
    promise,
    quantile,
    survival,
    wilson,
)

FIRST, LAST = date(2026, 1, 1), date(2026, 2, 28)
DONE = Duration(1, True)
TICKET = TicketCase(
    account=1,
    settling=False,
    language="de",
    topics=("Bauen",),
    opened_on=date(2026, 1, 10),
    answered_on=date(2026, 1, 14),
    closed_on=None,
    acknowledged=DONE,
    first_word=DONE,
    answered=DONE,
)
PART = PartCase("Bauaufsicht", 1, date(2026, 1, 10), Duration(2, True))


def _report(
    first: date,
    last: date,
    *,
    tickets: Sequence[TicketCase],
    parts: Sequence[PartCase],
    office_reply: int = 5,
) -> Report:
    targets = (*PROMISED, office_reply)
    return interim_report(
        first, last, tickets=tickets, parts=parts, targets=targets, mails_in=0, mails_out=0
    )


def done(*workdays: float) -> list[Duration]:
    """Give finished durations."""
    return [Duration(each, True) for each in workdays]


@pytest.mark.parametrize(
    ("met", "total", "low", "high"),
    [
        (8, 10, 0.4902, 0.9433),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_wilson_gives_the_published_intervals(
    met: int, total: int, low: float, high: float
) -> None:
    """Newcombe (1998) and textbook values, also at both ends."""
    assert wilson(met, total) == pytest.approx((low, high), abs=5e-5)


def test_wilson_of_no_case_is_nothing() -> None:
    """A share of nothing is not shown as 0 %."""
    assert wilson(0, 0) is None


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_contains_the_share_and_stays_between_0_and_1(case: tuple[int, int]) -> None:
    """Whatever the counts, the interval is one and holds what was seen."""
    interval = wilson(*case)
    assert interval is not None
    assert 0 <= interval[0] <= case[0] / case[1] <= interval[1] <= 1


def test_kaplan_meier_gives_the_published_curve() -> None:
    """The 6-MP arm of Freireich et al. (1963), the standard example."""
    events = (6, 6, 6, 7, 10, 13, 16, 22, 23)
    open_ = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
    cases = done(*events) + [Duration(each, False) for each in open_]
    curve = dict(survival(cases))
    expected = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    assert curve == pytest.approx(expected, abs=5e-4)
    assert quantile(cases, 0.5) == 23
    assert quantile(cases, 0.9) is None


def test_open_cases_lengthen_the_median() -> None:
    """Leaving the slow ones out would flatter; here they count."""
    closed = done(1, 2, 3)
    assert quantile(closed, 0.5) == 2
    assert quantile(closed + [Duration(9, False)] * 2, 0.5) == 3
    assert quantile([Duration(9, False)], 0.5) is None
    assert quantile([], 0.5) is None


@given(st.lists(st.integers(0, 30), min_size=1), st.sampled_from([0.5, 0.9]))
def test_without_open_cases_the_quantile_is_the_ordinary_one(
    lengths: list[int], share: float
) -> None:
    """Kaplan-Meier of complete data is the empirical distribution."""
    needed = next(n for n in range(1, len(lengths) + 1) if n / len(lengths) >= share - 1e-9)
    assert quantile(done(*lengths), share) == sorted(lengths)[needed - 1]


@given(st.lists(st.builds(Duration, st.integers(0, 20), st.booleans())))
def test_the_curve_only_falls(durations: Sequence[Duration]) -> None:
    """A survival curve is a falling staircase between 1 and 0."""
    heights = [1.0, *(height for _, height in survival(durations))]
    assert heights == sorted(heights, reverse=True)
    assert heights[-1] >= -1e-12


def test_a_promise_counts_kept_broken_and_overdue_but_not_what_is_still_in_time() -> None:
    """The share is met / (met + missed + open and overdue)."""
    cases = [*done(1, 3, 4), Duration(2, False), Duration(5, False)]
    kept = promise("answered", 3, cases)
    assert (kept.met, kept.total) == (2, 4)
    assert kept.interval == wilson(2, 4)
    assert kept.target == 3


def test_the_report_covers_its_days_and_no_others() -> None:
    """Both ends belong to the period; older tickets count in the backlog only."""
    days = [date(2025, 12, 31), FIRST, LAST, date(2026, 3, 1)]
    tickets = [
        replace(TICKET, account=n, opened_on=day, answered_on=None) for n, day in enumerate(days)
    ]
    report = _report(FIRST, LAST, tickets=tickets, parts=())
    assert (report.tickets, report.companies) == (2, 2)
    assert [(line.month, line.opened, line.backlog) for line in report.months] == [
        (date(2026, 1, 1), 1, 2),
        (date(2026, 2, 1), 1, 3),
    ]


def test_months_count_what_happened_in_them() -> None:
    """A ticket answered or closed in the month leaves the backlog on that day."""
    tickets = [
        replace(TICKET, answered_on=date(2026, 2, 2), closed_on=date(2026, 2, 9)),
        replace(TICKET, answered_on=None, closed_on=date(2026, 1, 31)),
    ]
    january, february = _report(FIRST, LAST, tickets=tickets, parts=()).months
    assert (january.opened, january.answered, january.closed, january.backlog) == (2, 0, 1, 1)
    assert (february.opened, february.answered, february.closed, february.backlog) == (0, 1, 1, 0)


def test_a_period_inside_a_month_counts_its_own_days_only() -> None:
    """The first and last months may be cut."""
    tickets = [replace(TICKET, opened_on=date(2026, 1, day)) for day in (5, 15, 25)]
    report = _report(date(2026, 1, 10), date(2026, 1, 20), tickets=tickets, parts=())
    assert [line.opened for line in report.months] == [1]


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    """``--from`` and ``--to`` the wrong way round give no empty report."""
    with pytest.raises(ValueError, match="before its first day"):
        _report(LAST, FIRST, tickets=(), parts=())


def test_companies_are_counted_once() -> None:
    """Companies, settling ones and regulars are firms, not tickets."""
    tickets = [
        replace(TICKET, account=account, settling=account == 2) for account in (1, 1, 2, 2, 3)
    ]
    report = _report(FIRST, LAST, tickets=tickets, parts=())
    assert (report.tickets, report.companies, report.settling, report.regulars) == (5, 3, 1, 2)


def test_small_cells_are_hidden_together() -> None:
    """A topic of four companies would name them; several such make one row."""
    many = [replace(TICKET, account=n, topics=("Bauen", "Parken")) for n in range(6)]
    few = [replace(TICKET, account=n, topics=("Hafen",)) for n in range(4)]
    fewer = [replace(TICKET, account=10 + n, topics=("Bahn",)) for n in range(2)]
    report = _report(FIRST, LAST, tickets=many + few + fewer, parts=())
    assert report.topics == (("Bauen", 6), ("Parken", 6), (OTHERS, 6))


def test_a_ticket_of_several_small_topics_counts_once_among_the_others() -> None:
    """The row of others counts tickets as the rows above it do, never more than there are."""
    tickets = [replace(TICKET, account=n, topics=("Hafen", "Lärm", "Markt")) for n in range(4)]
    tickets += [replace(TICKET, account=n, topics=("Parken",)) for n in range(4, 6)]
    report = _report(FIRST, LAST, tickets=tickets, parts=())
    assert report.topics == ((OTHERS, 6),)


def test_a_single_small_cell_is_not_shown_under_another_name() -> None:
    """A row of others that holds one topic would be that topic."""
    many = [replace(TICKET, account=n) for n in range(6)]
    few = [replace(TICKET, account=n, topics=("Hafen",)) for n in range(4)]
    report = _report(FIRST, LAST, tickets=many + few, parts=())
    assert report.topics == (("Bauen", 6),)


def test_many_tickets_of_few_companies_are_still_a_small_cell() -> None:
    """Suppression counts companies, as the persons behind them are what it protects."""
    tickets = [replace(TICKET, account=n % 2, language="tr") for n in range(20)]
    assert _report(FIRST, LAST, tickets=tickets, parts=()).languages == ()


def test_offices_show_figures_from_five_companies_on() -> None:
    """Below that only the number of consultations is given."""
    shown = [replace(PART, account=n, overdue=n == 1, questioned=n > 3) for n in range(5)]
    hidden = [replace(PART, office_name="Standesamt", account=n % 4) for n in range(4)]
    first, second = _report(FIRST, LAST, tickets=(), parts=shown + hidden).offices
    assert (first.name, first.consultations, first.median_workdays) == ("Bauaufsicht", 5, 2)
    assert (first.overdue, first.declined, first.questions) == (1, 0, 1)
    assert (second.name, second.consultations) == ("Standesamt", 4)
    assert {second.median_workdays, second.overdue, second.declined, second.questions} == {None}


def test_the_promises_are_the_four_of_the_page() -> None:
    """Acknowledgement, first word, answer and an office's part, each with its target."""
    report = _report(FIRST, LAST, tickets=[TICKET], parts=[PART], office_reply=1)
    told = [(each.name, each.target, each.met, each.total) for each in report.promises]
    assert told == [
        ("acknowledged", 3, 1, 1),
        ("first-word", 7, 1, 1),
        ("answered", 10, 1, 1),
        ("office", 1, 0, 1),
    ]


def test_an_empty_period_is_a_report_of_nothing() -> None:
    """The first report of a new installation does not divide by zero."""
    report = _report(FIRST, LAST, tickets=(), parts=())
    assert (report.tickets, report.offices, report.topics) == (0, (), ())
    assert all(each.interval is None for each in report.promises)
