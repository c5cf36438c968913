"""The interim report: what the database knows of a period, as files for the council."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from mailflow.compose import report_files
from mailflow.core.known import Policy
from mailflow.core.report import PROMISED, Report, interim_report
from mailflow.core.report_cases import cases_of
from mailflow.errors import MailflowError
from mailflow.parts import Parts
from mailflow.store import Store

__all__ = ["EmptyPeriodError", "ImpossiblePeriodError", "make_report", "write_report"]

_YEARS = range(2000, 2101)


class EmptyPeriodError(MailflowError):
    """The report's last day {last} lies before its first day {first}; exchange --from and --to."""


class ImpossiblePeriodError(MailflowError):
    """No report reaches from {first} to {last}; name days of the years 2000 to 2100."""


def write_report(parts: Parts, first: date, last: date, out: Path) -> Sequence[Path]:
    """Write the report on two days and all between them into a folder; give the files.

    Makes the folder. Raises EmptyPeriodError, ImpossiblePeriodError, TemplateError and OSError.
    """
    report = make_report(parts.store, parts.policy, first, last, parts.clock())
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in report_files(parts.composer, report, parts.policy.language).items():
        (out / name).write_bytes(content)
        written.append(out / name)
    return written


def make_report(store: Store, policy: Policy, first: date, last: date, now: datetime) -> Report:
    """Give the figures of a period in the city's zone, as they stood at its end, or ``now``.

    Raises EmptyPeriodError and ImpossiblePeriodError.
    """
    if last < first:
        raise EmptyPeriodError(first=first, last=last)
    if first.year not in _YEARS or last.year not in _YEARS:
        raise ImpossiblePeriodError(first=first, last=last)
    since, until = _midnight(first, policy), _midnight(last + timedelta(days=1), policy)
    facts = store.report_facts(since, until)
    tickets, parts = cases_of(facts, policy, min(last, policy.today(now)))
    return interim_report(
        first,
        last,
        tickets=tickets,
        parts=parts,
        targets=(*PROMISED, policy.targets.office_reply),
        mails_in=facts.mails_in,
        mails_out=facts.mails_out,
    )


def _midnight(day: date, policy: Policy) -> datetime:
    return datetime.combine(day, time(), tzinfo=policy.zone).astimezone(UTC)
