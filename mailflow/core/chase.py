"""Keeping after the slow ones: the ladder of reminders, and closing what is done."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from mailflow.core.calendar import Step, step_due
from mailflow.core.changes import Decision, MailOutcome
from mailflow.core.consulting import words_of
from mailflow.core.drafts import Draft, DraftKind, Escalation, Reminder
from mailflow.core.known import Policy
from mailflow.core.offices import Office
from mailflow.core.proposal import Proposal
from mailflow.core.ticket import Consultation, ConsultationState, Letter, Ticket, TicketState
from mailflow.core.tracking import Role

__all__ = ["CLOSE_AFTER", "chase", "close_answered", "closes_at", "remind"]

CLOSE_AFTER = timedelta(days=14)
"""How long an answered ticket stays open for a further question before it is closed."""

_WORDS = 1500


def chase(ticket: Ticket, policy: Policy, now: datetime, *, again: bool = False) -> Decision | None:
    """Take every step of the ladder that is due today; None when nothing is.

    Whoever waits for the company, whose reply waits for the manager, or who has not been sent his
    forward yet, is not late. ``again``: a past is gone through again, of which the outbox does not
    tell when a server took what; then the day counts on which it was written.
    """
    proposal = Proposal({ticket.reference: ticket}, now)
    today = policy.today(now)
    changed = False
    for each in ticket.still_working():
        if not _may_be_late(ticket, each, policy, today) or (each.is_unsent and not again):
            continue
        known = replace(each, taken_at=each.written_at) if again else each
        part = _asked_once_sent(proposal, policy, ticket.reference, known)
        step = _step_due(part, policy, today)
        changed = changed or part is not known or step is not None
        if step:
            remind(proposal, policy, ticket.reference, part, step=step)
    if not changed:
        return None
    return proposal.decision(MailOutcome.EVENT, "Erinnerung", ticket.reference)


def _may_be_late(ticket: Ticket, part: Consultation, policy: Policy, today: date) -> bool:
    if part.state is ConsultationState.QUESTIONED or not policy.knows(part.office_id):
        return False
    return not ticket.held_reply_of(part) and not _is_back_in_time(part, today)


def _is_back_in_time(part: Consultation, today: date) -> bool:
    """Whether the office is away now and back before its due day: nobody is in delay for that.

    Who is away longer is stood in for by the deputy, or missed by the head.
    """
    return (
        _is_away(part, today) and part.absent_until is not None and part.absent_until < part.due_on
    )


def _asked_once_sent(
    proposal: Proposal, policy: Policy, reference: str, part: Consultation
) -> Consultation:
    """Let an office's days begin when the server took its forward, as after an outage.

    A day that somebody has named stays, and whoever has written has had the matter.
    """
    if part.taken_at is None or part.replies:
        return part
    office = policy.office(part.office_id)
    due_on = policy.due(office, part.taken_at)
    if part.due_on != policy.due_after(office, part.asked_on) or due_on <= part.due_on:
        return part
    proposal.update_part(reference, office.id, due_on=due_on, reminded=())
    return replace(part, due_on=due_on, reminded=())


def _step_due(part: Consultation, policy: Policy, today: date) -> Step | None:
    taken_on = policy.today(part.taken_at) if part.taken_at and not part.replies else part.asked_on
    return step_due(
        max(part.asked_on, taken_on),
        part.due_on,
        today,
        policy.targets,
        [Step(each) for each in part.reminded],
        policy.workdays,
    )


def _is_away(part: Consultation, today: date) -> bool:
    return part.absent_until is not None and part.absent_until >= today


def _deputy_has_it(part: Consultation, policy: Policy) -> bool:
    """Whether the deputy was asked because the office is away until its due day or longer."""
    late = part.absent_until is not None and part.absent_until >= part.due_on
    return late and bool(policy.office(part.office_id).deputy)


def close_answered(ticket: Ticket, now: datetime) -> Decision | None:
    """Close a ticket that was answered a while ago and to which nobody has replied."""
    if ticket.state is not TicketState.ANSWERED or ticket.holds or ticket.answered_at is None:
        return None
    if now < closes_at(ticket):
        return None
    proposal = Proposal({ticket.reference: ticket}, now)
    proposal.move(ticket.reference, TicketState.CLOSED)
    return proposal.decision(MailOutcome.EVENT, "beantwortet, geschlossen", ticket.reference)


def closes_at(ticket: Ticket) -> datetime:
    """Give when an answered ticket is done, unless somebody writes again."""
    last = ticket.letters[-1].received_at
    return max(ticket.answered_at or last, last) + CLOSE_AFTER


@dataclass(frozen=True, slots=True)
class _Late:
    """One office's part as a reminder tells it."""

    ticket: Ticket
    part: Consultation
    office: Office
    overdue: int
    step: str


def remind(
    proposal: Proposal,
    policy: Policy,
    reference: str,
    part: Consultation,
    *,
    step: Step | None = None,
    order: str = "",
) -> None:
    """Send one step of the ladder, or a reminder that the manager ordered, named by its ``order``.

    A step's mail is named by the due day, so that a new due day begins a new ladder.
    """
    ticket, office = proposal.tickets[reference], policy.office(part.office_id)
    today = policy.today(proposal.now)
    overdue = max(0, policy.workdays.between(part.due_on, today)) if today > part.due_on else 0
    name = f"{step}-{part.due_on}" if step else order
    late = _Late(ticket, part, office, overdue, name)
    if step is Step.ESCALATION:
        proposal.send(_draft(late, policy, DraftKind.ESCALATION, office.head or office.address))
    else:
        away = _is_away(part, today) and _deputy_has_it(part, policy)
        address = office.deputy if away else office.address
        proposal.send(_draft(late, policy, DraftKind.REMINDER, address))
        if not away and (overdue or today == part.due_on):
            _also_deputy(proposal, policy, late)
    if step:
        proposal.update_part(reference, office.id, reminded=(*part.reminded, step.value))


def _also_deputy(proposal: Proposal, policy: Policy, late: _Late) -> None:
    deputy = late.office.deputy
    if deputy and deputy.lower() != late.office.address.lower():
        proposal.send(_draft(late, policy, DraftKind.REMINDER, deputy))


def _known_to(office_id: str, ticket: Ticket) -> tuple[Letter, ...]:
    """Give what is owed of the letters an office was sent: a reminder tells it nothing new.

    It would bring it a claim against its own clerk, or what answers another office's question.
    """
    sent = {letter for office, _, letter in ticket.forwarded if office == office_id}
    known = tuple(
        each
        for each in ticket.letters
        if each.fingerprint in sent and each.mail_id not in ticket.kept_back
    )
    return tuple(each for each in known if each in ticket.unanswered()) or known


def _draft(late: _Late, policy: Policy, kind: DraftKind, recipient: str) -> Draft:
    ticket, part, office = late.ticket, late.part, late.office
    words = words_of(_known_to(office.id, ticket))[:_WORDS]
    context: Reminder | Escalation
    facts = (office.short_name, ticket.account.name, ticket.subject, words)
    if kind is DraftKind.ESCALATION:
        context = Escalation(*facts, part.asked_on, part.due_on, late.overdue)
    else:
        step = len(part.reminded) + 1
        context = Reminder(*facts, part.asked_on, part.due_on, late.overdue, step)
    return Draft(
        kind=kind,
        recipient=recipient,
        recipient_name=office.name,
        language=policy.language,
        context=context,
        names=(office.id, str(part.round), late.step, recipient.lower()),
        reference=ticket.reference,
        role=Role.OFFICE,
        leg=part.leg,
        office_id=office.id,
        subject=ticket.subject,
        in_reply_to=part.forward_ids[-1] if part.forward_ids else "",
        references=part.forward_ids,
        bound_to=part.recipient,
        round=part.round,
    )
