"""The interim report: what the database knows of a period, as files for the council."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from mailflow.compose import report_files
from mailflow.core.drafts import DraftKind
from mailflow.core.known import Policy
from mailflow.core.report import PROMISED, Duration, PartCase, Report, TicketCase, interim_report
from mailflow.core.ticket import TicketState
from mailflow.errors import MailflowError
from mailflow.parts import Parts
from mailflow.store import Store
from mailflow.store.report_figures import PartFacts, TicketFacts

__all__ = ["EmptyPeriodError", "ImpossiblePeriodError", "make_report", "write_report"]

_YEARS = range(2000, 2101)


class EmptyPeriodError(MailflowError):
    """The report's last day {last} lies before its first day {first}; exchange --from and --to."""


class ImpossiblePeriodError(MailflowError):
    """No report reaches from {first} to {last}; name days of the years 2000 to 2100."""


def write_report(
    parts: Parts,
    first: date,
    last: date,
    out: Path,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Sequence[Path]:
    """Write the report on two days and all between them into a folder; give the files.

    Makes the folder. Raises EmptyPeriodError, ImpossiblePeriodError, TemplateError and OSError.
    """
    report = make_report(parts.store, parts.policy, first, last, clock())
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
    measure = _Measure(policy, min(last, policy.today(now)))
    asked: dict[str, list[PartFacts]] = defaultdict(list)
    for part in facts.parts:
        asked[part.reference].append(part)
    return interim_report(
        first,
        last,
        tickets=[measure.ticket(each, asked[each.reference]) for each in facts.tickets],
        parts=[measure.part(each) for each in facts.parts],
        targets=(*PROMISED, policy.targets.office_reply),
        mails_in=facts.mails_in,
        mails_out=facts.mails_out,
    )


def _midnight(day: date, policy: Policy) -> datetime:
    return datetime.combine(day, time(), tzinfo=policy.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class _End:
    """How a ticket stood at the end of the period: when answered for good, when closed."""

    answered_at: datetime | None
    closed_at: datetime | None
    reopened: bool


def _end(facts: TicketFacts) -> _End:
    """Follow a ticket's moves: an answer counts until the company asks again."""
    answered = closed = None
    reopened = False
    for at, state in facts.moves:
        if state is TicketState.ANSWERED:
            answered = at
        elif state is TicketState.CLOSED:
            closed = at
        elif answered or closed:
            answered, closed, reopened = None, None, True
    return _End(answered, closed, reopened)


@dataclass(frozen=True, slots=True)
class _Measure:
    """Turns moments into workdays of the city; ``end`` is the day up to which open ones last."""

    policy: Policy
    end: date

    def ticket(self, facts: TicketFacts, parts: Sequence[PartFacts]) -> TicketCase:
        """Give a ticket as the report sees it; its topics are the offices whose matter it was."""
        end, opened = _end(facts), self.policy.today(facts.opened_at)
        heard = dict(facts.accepted)
        received = heard.pop(DraftKind.ACKNOWLEDGEMENT, None)
        # an office that wrote to the company itself leaves no mail of ours, only the state
        substance = min([*heard.values(), *filter(None, [end.answered_at])], default=None)
        arrived = min(filter(None, [received, substance]), default=None)
        return TicketCase(
            account=facts.account_id,
            settling=facts.settling,
            language=facts.language,
            topics=tuple(self.policy.office(each).short_name for each in _concerned(facts, parts)),
            opened_on=opened,
            answered_on=self._day(end.answered_at),
            closed_on=self._day(end.closed_at),
            acknowledged=self._taken(opened, arrived, end.closed_at),
            first_word=self._taken(opened, substance, end.closed_at),
            answered=self._taken(opened, end.answered_at or end.closed_at, None),
            reopened=end.reopened,
            rerouted=_rerouted(parts),
        )

    def part(self, facts: PartFacts) -> PartCase:
        """Give an office's part as the report sees it; its clock rests while the company writes."""
        spoke = facts.replied_at or facts.settled_at
        return PartCase(
            office_name=self.policy.office(facts.office_id).short_name,
            account=facts.account_id,
            asked_on=facts.asked_on,
            duration=self._taken(facts.asked_on, facts.replied_at, facts.settled_at),
            overdue=not facts.waiting and (self._day(spoke) or self.end) > facts.due_on,
            declined=facts.declined,
            questioned=facts.questioned,
        )

    def _day(self, at: datetime | None) -> date | None:
        return self.policy.today(at) if at else None

    def _taken(self, begin: date, done: datetime | None, ended: datetime | None) -> Duration:
        """Give how long it took, or, not done, how long it lasted until it ended or until now."""
        last = self._day(done) or self._day(ended) or self.end
        return Duration(max(0, self.policy.workdays.between(begin, last)), done is not None)


def _concerned(facts: TicketFacts, parts: Sequence[PartFacts]) -> Sequence[str]:
    named = dict.fromkeys((*facts.office_ids, *(part.office_id for part in parts)))
    declined = {part.office_id for part in parts if part.declined}
    return [office_id for office_id in named if office_id not in declined]


def _rerouted(parts: Sequence[PartFacts]) -> bool:
    """Tell whether an office was asked because another one had declined."""
    declined = [each for each in parts if each.declined and each.settled_at]
    return any(
        other.asked_at >= each.settled_at
        for each in declined
        for other in parts
        if each.settled_at and other.office_id != each.office_id
    )
