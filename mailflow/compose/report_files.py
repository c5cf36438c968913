"""The interim report as files: a page to read, the same as text, the figures as a table."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Final

from mailflow.compose.composer import Composer
from mailflow.compose.rendering import wrap
from mailflow.core.drafts import DraftKind
from mailflow.core.report import Report

__all__ = ["report_files"]

_NAME: Final = {"de": "zwischenbilanz", "en": "interim-report"}
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would calculate
_Row = tuple[str, str, str, float | None]


def report_files(composer: Composer, report: Report, language: str) -> Mapping[str, bytes]:
    """Give name -> content of the files ``mailflow report`` writes: HTML, text and CSV, UTF-8.

    The table has one figure a row: part, row, figure, value; empty where a figure is suppressed.
    German spreadsheets get semicolons and decimal commas. Raises TemplateError.
    """
    facts = {
        "report": report,
        "reference": "",
        "token": "",
        "subject": "",
        "central_name": composer.central_name,
        "central_address": composer.central_address,
    }
    page = composer.rendering.render(DraftKind.REPORT, language, facts)
    name = f"{_NAME.get(page.language, 'report')}-{report.first}-{report.last}"
    return {
        f"{name}.html": page.html.encode("utf-8"),
        f"{name}.txt": wrap(page.text).encode("utf-8"),
        f"{name}.csv": _table(report, page.language),
    }


def _table(report: Report, language: str) -> bytes:
    german = language == "de"
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if german else ",", lineterminator="\r\n")
    writer.writerow(("part", "row", "figure", "value"))
    for part, row, figure, value in _rows(report):
        shown = "" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")
        writer.writerow(
            (part, _harmless(row), figure, shown.replace(".", ",") if german else shown)
        )
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def _harmless(words: str) -> str:
    return f"'{words}" if words.startswith(_FORMULA) else words


def _rows(report: Report) -> Iterator[_Row]:
    for name in (
        "tickets",
        "companies",
        "settling",
        "regulars",
        "reopened",
        "rerouted",
        "mails_in",
        "mails_out",
    ):
        yield "total", "", name, getattr(report, name)
    for month in report.months:
        for name in ("opened", "answered", "closed", "backlog"):
            yield "month", f"{month.month:%Y-%m}", name, getattr(month, name)
    for promise in report.promises:
        low, high = promise.interval or (None, None)
        for name, value in (
            ("met", promise.met),
            ("total", promise.total),
            ("wilson_low", low),
            ("wilson_high", high),
            ("median_workdays", promise.median),
            ("percentile_90_workdays", promise.percentile_90),
        ):
            yield "promise", promise.name, name, value
    for office in report.offices:
        for name in ("consultations", "median_workdays", "overdue", "declined", "questions"):
            yield "office", office.name, name, getattr(office, name)
    for part, cells in (("topic", report.topics), ("language", report.languages)):
        for row, count in cells:
            yield part, row, "tickets", count
