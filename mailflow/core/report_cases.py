"""The cases of the interim report: what is known of tickets and parts, measured in workdays."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from mailflow.core.drafts import DraftKind
from mailflow.core.known import Policy
from mailflow.core.report import Duration, PartCase, TicketCase
from mailflow.core.ticket import TicketState

__all__ = ["Move", "PartFacts", "ReportFacts", "TicketFacts", "cases_of"]

Move = tuple[datetime, TicketState]
"""When a ticket entered a state."""


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """One ticket; ``moves`` in order, ``accepted`` the first mail of each kind to the company."""

    reference: str
    account_id: int
    settling: bool
    language: str
    office_ids: tuple[str, ...]
    opened_at: datetime
    moves: tuple[Move, ...] = ()
    accepted: tuple[tuple[DraftKind, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class PartFacts:
    """One round of one office's part.

    ``replied_at`` is its first answer or question back; ``settled_at`` when it ended in another
    way. ``waiting``: the company, not the office, has the next word.
    """

    reference: str
    account_id: int
    office_id: str
    asked_on: date
    asked_at: datetime
    due_on: date
    replied_at: datetime | None = None
    settled_at: datetime | None = None
    declined: bool = False
    questioned: bool = False
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """Tickets that were open at some time of a period, the parts asked for in it, and mails."""

    tickets: tuple[TicketFacts, ...]
    parts: tuple[PartFacts, ...]
    mails_in: int
    mails_out: int


def cases_of(
    facts: ReportFacts, policy: Policy, end: date
) -> tuple[Sequence[TicketCase], Sequence[PartCase]]:
    """Give tickets and parts as the report sees them; what is open has lasted until ``end``."""
    measure = _Measure(policy, end)
    asked: dict[str, list[PartFacts]] = defaultdict(list)
    for part in facts.parts:
        asked[part.reference].append(part)
    tickets = [measure.ticket(each, asked[each.reference]) for each in facts.tickets]
    return tickets, [measure.part(each) for each in facts.parts]


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
