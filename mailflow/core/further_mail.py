"""A company writes again: its mail joins the ticket and reaches the offices that work on it."""

from datetime import date, datetime

from mailflow.core.alerts import alert_emergency
from mailflow.core.changes import Decision, MailOutcome
from mailflow.core.consulting import UNREADABLE, ask, forward, withhold
from mailflow.core.drafts import Occasion
from mailflow.core.intents import Action
from mailflow.core.known import Known, Mail, Policy
from mailflow.core.office_reply import leave_waiting
from mailflow.core.offices import Routing
from mailflow.core.proposal import Proposal
from mailflow.core.repetition import says_nothing_new, times_written
from mailflow.core.reply import ReplyKind
from mailflow.core.routing import route_mail
from mailflow.core.thanks import asks_for_consent, consents, consents_only, thanks_only
from mailflow.core.ticket import (
    Consultation,
    ConsultationState,
    HoldReason,
    ReplyState,
    Ticket,
    TicketState,
)
from mailflow.core.withdrawal import withdraws

__all__ = ["join_ticket"]

_ROUNDS_A_DAY = 2
_SHOWN = 200
_THE_SAME = "Es ist derselbe Text wie zuvor; vielleicht antwortet dort ein Automat."
_TOLD = frozenset({ReplyKind.ANSWER, ReplyKind.INTERIM})
_NEVER_PASSED_ON = frozenset({Action.EMERGENCY, Action.GDPR, Action.IFG, Action.PRESS})


def join_ticket(proposal: Proposal, known: Known, policy: Policy, reference: str) -> Decision:
    """Add a company's mail to its ticket, and pass it to the offices that are still working."""
    mail = known.mail
    before = proposal.tickets[reference]
    proposal.join(reference, mail)
    asked = bool(known.asked_by) or before.state is TicketState.WAITING
    routing = route_mail(mail, before.language, policy)
    if routing.action is Action.EMERGENCY:
        alert_emergency(proposal, policy, mail, reference, passed_on=asked)
    withhold(proposal, mail, reference)
    taken_back = withdraws(mail.message.new_text, asked=asked)
    thanks = not asked and _says_thanks(mail, before)
    if not thanks:
        proposal.flag(reference, routing.flags)
    if mail.message.encrypted:
        why = _keep_back(proposal, before, mail, UNREADABLE)
    elif thanks and (before.is_over or not taken_back):
        why = "Dank, kein neues Anliegen"
    elif not asked and routing.action in _NEVER_PASSED_ON:
        why = _keep_back(proposal, before, mail, routing.why)
    elif taken_back:
        why = _keep_back(proposal, before, mail, _taken_back(taken_back))
    elif before.state is TicketState.TRIAGE:
        why = "ergänzt einen Vorgang, der auf eine Entscheidung wartet"
    elif before.state is TicketState.REVIEW and not _awaited(before, known.asked_by):
        why = "schreibt erneut, während die Gesamtantwort zur Freigabe liegt"
        proposal.hold(reference, HoldReason.UNROUTED, f"Das Unternehmen {why}.", mail_id=mail.id)
    elif before.still_working():
        why = _to_working(proposal, known, policy, before)
    else:
        why = _follow_up(proposal, policy, before, mail, routing)
    return proposal.decision(MailOutcome.JOINED, why, reference)


def _taken_back(words: str) -> str:
    """Suggest that the manager closes the ticket: that nobody goes on is his to decide."""
    return (
        f"Es zieht sein Anliegen wohl zurück („{words[:_SHOWN]}“); kein Amt hat das gelesen."
        " Soll der Vorgang enden, sagen Sie: schliessen"
    )


def _says_thanks(mail: Mail, ticket: Ticket) -> bool:
    """Whether a mail only says thank you, or that all is well, and nothing hangs on it.

    Consent to what the last answer asked or proposed is a reply that the office waits for.
    """
    text = mail.message.reply_text
    if mail.message.attachments or not (thanks_only(text) or consents_only(text)):
        return False
    return not (consents(text) and any(map(asks_for_consent, _last_answers(ticket))))


def _last_answers(ticket: Ticket) -> list[str]:
    """Give what each office has told the company in its latest round."""
    return [
        reply.text
        for part in ticket.current()
        for reply in part.replies
        if reply.kind in _TOLD and reply.state is not ReplyState.HELD
    ]


def _awaited(ticket: Ticket, asked_by: tuple[str, ...]) -> bool:
    """Whether an office still waits for this reply to its question."""
    return any(_is_questioned(part) and part.office_id in asked_by for part in ticket.current())


def _keep_back(proposal: Proposal, ticket: Ticket, mail: Mail, why: str) -> str:
    """Show the manager a further mail that no office may see by itself, as if it were a first."""
    if ticket.is_over:
        proposal.move(ticket.reference, TicketState.CONSULTING)
    offices = ", ".join(part.office_id for part in ticket.current())
    proposal.hold(
        ticket.reference,
        HoldReason.UNROUTED,
        f"Das Unternehmen schreibt erneut. {why}",
        mail_id=mail.id,
        suggestion=offices,
        keeps_back=True,
    )
    return why


def _to_working(proposal: Proposal, known: Known, policy: Policy, ticket: Ticket) -> str:
    """Pass a mail on to who is working, unless it says once more what they know already."""
    message = known.mail.message
    text, files = message.new_text, message.attachments
    if known.asked_by or ticket.state is TicketState.WAITING:
        # the same words may answer the questions of two offices, but not those of a third
        if times_written(text, files, ticket) > 1:
            return _keep_back(proposal, ticket, known.mail, _THE_SAME)
    elif says_nothing_new(text, files, ticket, proposal.now):
        why = "wiederholt Wort für Wort, was den Ämtern schon vorliegt"
        proposal.note(ticket.reference, f"Das Unternehmen {why}.")
        return why
    return _pass_on(proposal, policy, ticket, known.asked_by)


def _pass_on(proposal: Proposal, policy: Policy, ticket: Ticket, asked_by: tuple[str, ...]) -> str:
    questioned = [part for part in ticket.still_working() if _is_questioned(part)]
    answered = [part for part in questioned if part.office_id in asked_by]
    for part in answered or ticket.still_working():
        office = policy.office(part.office_id)
        was_asked = _is_questioned(part)
        if was_asked:
            proposal.move_part(ticket.reference, part.office_id, ConsultationState.ASKED)
            proposal.update_part(
                ticket.reference,
                part.office_id,
                due_on=_new_due(proposal, policy, ticket, part),
                reminded=(),
            )
        current = proposal.tickets[ticket.reference].consultation(part.office_id) or part
        occasion = Occasion.QUESTION if was_asked else Occasion.FURTHER
        forward(proposal, policy, ticket.reference, office, current, occasion=occasion)
    leave_waiting(proposal, ticket.reference)
    return "beantwortet eine Rückfrage" if answered else "ergänzt einen laufenden Vorgang"


def _is_questioned(part: Consultation) -> bool:
    return part.state is ConsultationState.QUESTIONED


def _new_due(proposal: Proposal, policy: Policy, ticket: Ticket, part: Consultation) -> date:
    """Give the office back the days it had when it asked, two at least."""
    asked_on = policy.today(_asked_at(ticket, part) or proposal.now)
    left = policy.workdays.between(asked_on, part.due_on)
    return policy.workdays.add(policy.today(proposal.now), max(2, left))


def _asked_at(ticket: Ticket, part: Consultation) -> datetime | None:
    """Give when its open question came: of several the first that no letter has answered since."""
    questions = [each.received_at for each in part.replies if each.kind is ReplyKind.QUESTION]
    still_open = [at for at in questions if all(at >= each.received_at for each in ticket.letters)]
    return min(still_open, default=max(questions, default=None))


def _circling(ticket: Ticket, mail: Mail, today: date) -> str:
    """Say why a mail after the answer may be a machine's reply to it, "" where nothing says so."""
    message = mail.message
    text = message.new_text
    if times_written(text, message.attachments, ticket):
        return _THE_SAME
    rounds = {part.round for part in ticket.consultations if part.asked_on == today}
    if len(rounds - {1}) >= _ROUNDS_A_DAY:
        return "Heute wurde deshalb schon zweimal neu gefragt und geantwortet."
    return ""


def _follow_up(
    proposal: Proposal, policy: Policy, ticket: Ticket, mail: Mail, routing: Routing
) -> str:
    """Open a new round with the offices that answered before; nobody else sees anything new.

    Where it is surely another office's matter, the manager decides; so he does where two machines
    may be answering each other.
    """
    if circling := _circling(ticket, mail, policy.today(proposal.now)):
        return _keep_back(proposal, ticket, mail, circling)
    before = [
        part.office_id for part in ticket.current() if part.state is ConsultationState.ANSWERED
    ]
    found = [office.id for office in routing.suggestions]
    wanted = [each for each in before if each in found] or before
    offices = [policy.office(each) for each in wanted if policy.knows(each)]
    elsewhere = [office.id for office in (*routing.offices, *routing.confirm)]
    if elsewhere and not set(found) & set(before):
        proposal.move(ticket.reference, TicketState.CONSULTING)
        text = f"Das Unternehmen fragt nach, wohl etwas anderes. {routing.why}"
        proposal.hold(
            ticket.reference,
            HoldReason.UNROUTED,
            text,
            mail_id=mail.id,
            suggestion=", ".join((*elsewhere, *before)),
        )
        return text
    if offices:
        ask(proposal, policy, ticket.reference, offices)
        return "Nachfrage zu einer Antwort"
    proposal.move(ticket.reference, TicketState.CONSULTING)
    text = "Das Unternehmen fragt nach; kein Amt hatte geantwortet."
    asked = ", ".join(part.office_id for part in ticket.current())
    proposal.hold(ticket.reference, HoldReason.UNROUTED, text, mail_id=mail.id, suggestion=asked)
    return text
