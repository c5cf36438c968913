"""Dates as people write them, relative to the day they wrote."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.core.dates import mentions

WRITTEN = date(2026, 5, 21)  # a Thursday


def _days(text: str, today: date = WRITTEN) -> list[tuple[str, str]]:
    return [(str(found.first), str(found.last)) for found in mentions(text, today)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("bis einschließlich 30. Mai", "2026-05-30"),
        ("ab 05.01. wieder", "2027-01-05"),
        ("vom 3.–14.8. im Urlaub", "2026-08-14"),
        ("ab Montag, 1. Juni, wieder", "2026-06-01"),
        ("until Friday, 29 May 2026", "2026-05-29"),
        ("May 29th, 2026", "2026-05-29"),
        ("5/29/2026", "2026-05-29"),
        ("2026-05-29", "2026-05-29"),
        ("bis zum 31.12.26", "2026-12-31"),
        ("bis 30.5 abwesend", "2026-05-30"),
        ("30 Mayıs'a kadar", "2026-05-30"),
        ("do 30 maja", "2026-05-30"),
        ("jusqu'au 30 mai inclus", "2026-05-30"),
        ("tot en met 29 mei", "2026-05-29"),
        ("bis Ende Juni", "2026-06-30"),
        ("by the end of June", "2026-06-30"),
        ("bis Ende nächster Woche", "2026-05-29"),
        ("bis Ende der Woche", "2026-05-22"),
        ("by the end of next week", "2026-05-29"),
        ("in zwei Wochen", "2026-06-04"),
        ("in 14 Tagen", "2026-06-04"),
        ("übermorgen", "2026-05-23"),
        ("tomorrow", "2026-05-22"),
        ("bis Freitag", "2026-05-22"),
        ("bis Donnerstag", "2026-05-28"),
        ("29. Februar 2028", "2028-02-29"),
    ],
)
def test_days(text: str, day: str) -> None:
    """A day is read in each language, the year near the day of writing."""
    assert _days(text) == [(day, day)]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("bis KW 32", "2026-08-03", "2026-08-09"),
        ("in der 21. KW", "2026-05-18", "2026-05-24"),
        ("KW 2", "2027-01-11", "2027-01-17"),
        ("nächste Woche", "2026-05-25", "2026-05-31"),
        ("bis September", "2026-09-01", "2026-09-30"),
        ("Anfang Juni", "2026-06-01", "2026-06-10"),
        ("Mitte Juni", "2026-06-11", "2026-06-20"),
    ],
)
def test_periods(text: str, first: str, last: str) -> None:
    """A week or a month is the days it has."""
    assert _days(text) == [(first, last)]


@pytest.mark.parametrize(
    "text",
    [
        "um 10.15 Uhr",
        "Zimmer 3.14",
        "2.000 Besucher",
        "im Maßstab 1:500",
        "Guten Morgen",
        "may I ask",
        "30.02.2026",
        "99.99.",
        "KW 60",
        "Tel. 0203 12-34",
    ],
)
def test_what_only_looks_like_a_date(text: str) -> None:
    """Times, rooms, scales and impossible days are no dates."""
    assert _days(text) == []


def test_several_in_order() -> None:
    """All dates of a text come in the order they stand in, none twice."""
    found = mentions("vom 1. Juni bis 14.06.2026, Rückkehr am Montag", WRITTEN)
    assert [str(mention.first) for mention in found] == ["2026-06-01", "2026-06-14", "2026-05-25"]
    assert [mention.start for mention in found] == sorted(mention.start for mention in found)


@given(st.text(alphabet="0123456789./-: KWMaiJunbsdertgoxhc", max_size=80), st.dates())
def test_any_text_can_be_read(text: str, today: date) -> None:
    """No text and no day raise, and no mention ends before it begins."""
    for mention in mentions(text, today):
        assert mention.first <= mention.last
        assert 0 <= mention.start < mention.end <= len(text)
