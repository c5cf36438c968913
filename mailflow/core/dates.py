"""Dates as people write them in mails: ``30. Mai``, ``KW 32``, ``Ende nächster Woche``.

Languages are rows of ``_MONTHS`` and ``_WEEKDAYS`` and words of ``_RELATIVE``; German, English,
Dutch, Turkish, French and Polish are there. Nothing here reads a clock: everything is relative to
the day a mail was written.
"""

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TypeAlias

__all__ = ["Mention", "mentions"]

_LOOK_BACK = timedelta(days=60)
_MAX_TEXT = 20_000
_LATEST_MONTH = 12
_SHORT_YEAR = 100
_SUNDAY = 7
_YEARS = range(1900, 9000)
_SHORT_WORD = 3

_MONTHS = (
    "januar|jänner|jan|january|januari|ocak|janvier|janv|stycznia|styczeń",
    "februar|feber|feb|february|februari|şubat|février|févr|fevrier|lutego|luty",
    "märz|maerz|mär|mrz|march|mar|maart|mrt|mart|mars|marca|marzec",
    "april|apr|nisan|avril|avr|kwietnia|kwiecień",
    "mai|may|mei|mayıs|maja|maj",
    "juni|jun|june|haziran|juin|czerwca|czerwiec",
    "juli|jul|july|temmuz|juillet|juil|lipca|lipiec",
    "august|aug|augustus|ağustos|août|aout|sierpnia|sierpień",
    "september|sept|sep|eylül|septembre|września|wrzesień",
    "oktober|okt|october|oct|ekim|octobre|października|październik",
    "november|nov|kasım|novembre|listopada|listopad",
    "dezember|dez|december|dec|aralık|décembre|déc|decembre|grudnia|grudzień",
)
_WEEKDAYS = (
    "montag|mo|monday|mon|maandag|pazartesi|lundi|poniedziałek|poniedziałku",
    "dienstag|di|tuesday|tue|dinsdag|salı|mardi|wtorek|wtorku",
    "mittwoch|mi|wednesday|wed|woensdag|çarşamba|mercredi|środa|środę|środy",
    "donnerstag|do|thursday|thu|donderdag|perşembe|jeudi|czwartek|czwartku",
    "freitag|fr|friday|fri|vrijdag|cuma|vendredi|piątek|piątku",
    "samstag|sonnabend|sa|saturday|sat|zaterdag|cumartesi|samedi|sobota|sobotę|soboty",
    "sonntag|so|sunday|sun|zondag|pazar|dimanche|niedziela|niedzielę|niedzieli",
)
_NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "einem einer one een un une jednym bir",
            "zwei two twee deux dwa dwóch iki",
            "drei three drie trois trzy trzech üç",
            "vier four quatre cztery dört",
        ),
        start=1,
    )
    for word in words.split()
}


@dataclass(frozen=True, slots=True)
class Mention:
    """A date or period named in a text: where (``start``, ``end``) and which days it covers."""

    start: int
    end: int
    first: date
    last: date


def _numbered(rows: tuple[str, ...]) -> dict[str, int]:
    return {word: number for number, row in enumerate(rows, start=1) for word in row.split("|")}


_MONTH_NUMBER = _numbered(_MONTHS)
_WEEKDAY_NUMBER = _numbered(_WEEKDAYS)


def _alternatives(words: Iterator[str] | dict[str, int]) -> str:
    return "|".join(sorted((re.escape(word) for word in words), key=len, reverse=True))


_MONTH = rf"(?P<month>{_alternatives(_MONTH_NUMBER)})\b\.?"
_LONG_DAYS = _alternatives(word for word in _WEEKDAY_NUMBER if len(word) > _SHORT_WORD)
_SHORT_DAYS = _alternatives(word for word in _WEEKDAY_NUMBER if len(word) <= _SHORT_WORD)
_WEEKDAY = rf"(?P<weekday>{_LONG_DAYS})"
# "do" is Thursday and "until", "so" is Sunday and "so": short forms need their stop or comma.
_LEAD = (
    rf"(?:\b(?:(?:{_LONG_DAYS})\b[.,]{{0,2}}|(?:{_SHORT_DAYS})[.,]{{1,2}})"
    r"\s{0,2}(?:den |dem |the |le )?)?"
)
_WHOLE_MONTH = _alternatives(
    word for word in _MONTH_NUMBER if len(word) > _SHORT_WORD or word in {"mai", "may", "mei"}
)
_YEAR = r"(?P<year>(?:19|20)\d{2})"


def _in_year(day: int, month: int, today: date) -> date | None:
    """Complete a date without a year: the first such day that is not clearly over."""
    for year in (today.year - 1, today.year, today.year + 1):
        found = _date(year, month, day)
        if found and found >= today - _LOOK_BACK:
            return found
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _full_year(text: str) -> int:
    year = int(text)
    return year + 2000 if year < _SHORT_YEAR else year


_Span: TypeAlias = tuple[date, date] | None
_Reader: TypeAlias = Callable[[re.Match[str], date], _Span]


def _one(day: date | None) -> _Span:
    return (day, day) if day else None


_AMERICAN = re.compile(r"(?<![\d./])(?:0?[1-9]|1[0-2])/(?:1[3-9]|2\d|3[01])/(?:20)?\d\d(?![\d/])")


@lru_cache(maxsize=8)
def _is_american(text: str) -> bool:
    """Tell whether one date in a text can only be American: then they all are."""
    return bool(_AMERICAN.search(text))


def _numeric(match: re.Match[str], today: date) -> _Span:
    day, month, year = int(match["day"]), int(match["monthnumber"]), match["year"]
    american = match["mark"] == "/" and _is_american(match.string)
    if month > _LATEST_MONTH or american:  # 5/29/2026, the American order
        day, month = month, day
    return _one(_date(_full_year(year), month, day) if year else _in_year(day, month, today))


def _iso(match: re.Match[str], _today: date) -> _Span:
    return _one(_date(int(match["year"]), int(match["monthnumber"]), int(match["day"])))


def _named(match: re.Match[str], today: date) -> _Span:
    day, month = int(match["day"]), _MONTH_NUMBER[match["month"].casefold()]
    year = match["year"]
    return _one(_date(int(year), month, day) if year else _in_year(day, month, today))


def _week(match: re.Match[str], today: date) -> _Span:
    """Read "KW 32" and "KW 32 und 33"."""
    week, year = int(match["week"] or match["week2"]), match["year"]
    last = int(match["lastweek"] or week) if "lastweek" in match.re.groupindex else week
    years = [int(year)] if year else [today.year - 1, today.year, today.year + 1]
    for candidate in years:
        try:
            monday = date.fromisocalendar(candidate, week, 1)
            sunday = date.fromisocalendar(candidate, last, _SUNDAY)
        except ValueError:
            continue
        if monday <= sunday and (year or sunday >= today - _LOOK_BACK):
            return monday, sunday
    return None


def _part_of_month(match: re.Match[str], today: date) -> _Span:
    month = _MONTH_NUMBER[match["month"].casefold()]
    if match["year"]:
        first = date(int(match["year"]), month, 1)
    else:
        # A month without a year is over when its last day is: "bis Ende Mai", written on 21 May.
        length = 28
        end = _in_year(length, month, today)
        if end is None:
            return None
        first = end.replace(day=1)
    return _thirds(first, (match["part"] or "").casefold())


_BEGIN = ("anfang", "begin", "early", "start", "beginning", "début", "debut", "na początku")
_MIDDLE = ("mitte", "mid", "middle", "mi-", "halverwege", "medio", "w połowie")


def _thirds(first: date, part: str) -> _Span:
    end = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    if part.startswith(_BEGIN):
        return first, first.replace(day=10)
    if part.startswith(_MIDDLE):
        return first.replace(day=11), first.replace(day=20)
    return (end, end) if part else (first, end)


def _next_weekday(match: re.Match[str], today: date) -> _Span:
    ahead = (_WEEKDAY_NUMBER[match["weekday"].casefold()] - today.isoweekday()) % _SUNDAY
    return _one(today + timedelta(days=ahead or _SUNDAY))


def _distance(match: re.Match[str], today: date) -> _Span:
    word = match["count"].casefold()
    count = _NUMBERS[word] if word in _NUMBERS else int(word)
    days = count * (7 if match["unit"].casefold().startswith(("wo", "we", "se", "ty", "ha")) else 1)
    return _one(today + timedelta(days=days))


def _monday(today: date, weeks: int) -> date:
    return today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)


def _whole_week(weeks: int) -> _Reader:
    def read(_match: re.Match[str], today: date) -> _Span:
        monday = _monday(today, weeks)
        return monday, monday + timedelta(days=6)

    return read


def _friday(weeks: int) -> _Reader:
    """Read the end of a week, which in an office is its Friday."""
    return lambda _match, today: _one(_monday(today, weeks) + timedelta(days=4))


def _days_ahead(days: int) -> _Reader:
    return lambda _match, today: _one(today + timedelta(days=days))


def _year_end(_match: re.Match[str], today: date) -> _Span:
    return _one(today.replace(month=12, day=31))


def _month_end(_match: re.Match[str], today: date) -> _Span:
    return _one(today.replace(day=calendar.monthrange(today.year, today.month)[1]))


_THIS = "dieser|der|der laufenden|diese|this|the|deze|bu|cette|la|tego"
_NEXT = (
    "nächster|nächste|naechster|naechste|nächsten|kommender|kommende|kommenden|der nächsten|"
    "der kommenden|next|the next|volgende|gelecek|haftaya|prochaine|la semaine prochaine|"
    "przyszłego|przyszłym|następnego"
)
_WEEK_WORD = r"(?:woche|week|hafta|semaine|tygodnia|tygodniu)"
_ORDINAL = r"(?:\.|st|nd|rd|th|er|e)?"

_RELATIVE: tuple[tuple[str, _Reader], ...] = (
    (r"\b(?:ende des jahres|jahresende|end of the year|eind van het jaar)\b", _year_end),
    (rf"\b(?:ende|end of|eind|fin)\s(?:{_NEXT})\s{_WEEK_WORD}", _friday(1)),
    (
        (
            r"\bfin de la semaine prochaine|\bgelecek hafta sonu"
            r"|\bkońca przyszłego tygodnia"
        ),
        _friday(1),
    ),
    (rf"\b(?:ende|end of|eind|eind van)\s(?:{_THIS})\s{_WEEK_WORD}", _friday(0)),
    (r"\bwochenende\b|\bend of week\b|\bfin de semaine\b|\bkońca tygodnia", _friday(0)),
    (r"\bübernächste[rn]?\s+woche\b|\bweek after next\b", _whole_week(2)),
    (rf"\b(?:{_NEXT})\s{_WEEK_WORD}\b|\bsemaine prochaine\b", _whole_week(1)),
    (rf"\b(?:{_THIS})\s{_WEEK_WORD}\b", _whole_week(0)),
    (
        (
            r"\b(?:ende des monats|monatsende|end of the month|end of month"
            r"|eind van de maand)\b"
        ),
        _month_end,
    ),
    (r"\b(?:übermorgen|day after tomorrow|overmorgen|après-demain|pojutrze)\b", _days_ahead(2)),
    (r"(?<!guten )(?<!am )\b(?:morgen|tomorrow|yarın|demain|jutro)\b", _days_ahead(1)),
    (r"\b(?:heute|today|vandaag|bugün|aujourd['’]hui|dziś|dzisiaj)\b", _days_ahead(0)),
    (
        (
            rf"\b(?:in|innerhalb von|binnen|within|over|dans|za)\s(?P<count>\d{{1,2}}"
            rf"|{_alternatives(_NUMBERS)})"
            r"\s(?P<unit>tagen?|wochen?|days?|weeks?|dagen|weken|jours|semaines?|dni"
            r"|tygodni\w{0,2})\b"
        ),
        _distance,
    ),
)

_READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), reader)
    for pattern, reader in (
        (_LEAD + rf"\b{_YEAR}-(?P<monthnumber>\d{{2}})-(?P<day>\d{{2}})\b", _iso),
        (
            _LEAD + r"(?<![\d.])(?P<day>\d{1,2})(?P<mark>[./-])\s?(?P<monthnumber>\d{1,2})"
            r"(?:(?P=mark)\s?(?P<year>(?:20)?\d{2})(?![\d:])|\.)(?!\d)(?!\s?uhr)",
            _numeric,
        ),
        (
            (
                r"(?<=\b(?:bis|zum|dem|vom|til)\s)(?P<day>\d{1,2})(?P<mark>[./])(?P<monthnumber>\d{1,2})"
                r"(?P<year>)(?![\d.:])(?!\s?uhr)"
            ),
            _numeric,
        ),
        (
            _LEAD + rf"\b(?P<day>\d{{1,2}}){_ORDINAL}\s?(?:of "
            rf"|de )?{_MONTH}(?:,?\s{_YEAR})?(?!\w)",
            _named,
        ),
        (
            _LEAD
            + rf"\b{_MONTH}\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:]|\.\d)(?:,?\s{_YEAR})?",
            _named,
        ),
        (
            (
                r"\b(?:(?:ende|end of)\s(?:der\s)?)?"
                r"(?:kw|kalenderwoche|calendar week|cw|week|wk|semaine|hafta|tydzień)\.?\s?"
                r"(?P<week>\d{1,2})(?!\d)"
                r"(?:\s?(?:und|bis|and|to|-|–|\+|/)\s?(?:kw\s?)?(?P<lastweek>\d{1,2})(?![\d.]))?"
                r"(?:\s?/\s?(?P<year>20\d{2}))?"
            ),
            _week,
        ),
        (
            (
                r"\b(?P<week2>\d{1,2})\.\s?(?:kw|kalenderwoche|hafta)\b"
                r"(?P<week>)(?:\s?/?\s?(?P<year>20\d{2}))?"
            ),
            _week,
        ),
        (
            (
                r"\b(?:(?P<part>ende|end of|the end of|eind|fin|końca|anfang"
                r"|beginning of|early|begin|"
                rf"début|mitte|mid|middle of|mi-)[\s-]?){_MONTH}(?:\s{_YEAR})?(?!\w)"
            ),
            _part_of_month,
        ),
        (
            rf"\b(?P<part>)(?-i:(?=[A-ZŞÉÜ]))(?P<month>{_WHOLE_MONTH})\b(?:\s{_YEAR})?",
            _part_of_month,
        ),
        *_RELATIVE,
        (rf"\b{_WEEKDAY}\b", _next_weekday),
    )
)


def mentions(text: str, today: date) -> tuple[Mention, ...]:
    """Find the dates named in a text, in order; ``today`` is the day it was written.

    A date without a year is the first one not more than 60 days past. Where several readings
    overlap the more exact one counts. Only the first 20,000 characters are looked at, and nothing
    is found for a day no mail was written on (before 1900).
    """
    if today.year not in _YEARS:
        return ()
    text = text[:_MAX_TEXT]
    taken: list[Mention] = []
    covered = bytearray(len(text))
    for pattern, reader in _READERS:
        for match in pattern.finditer(text):
            if any(covered[match.start() : match.end()]):
                continue
            span = reader(match, today)
            if span:
                taken.append(Mention(match.start(), match.end(), *span))
                covered[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
    return tuple(sorted(taken, key=lambda mention: mention.start))
