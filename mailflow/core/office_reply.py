"""What an office's reply does once nothing speaks against it."""

from dataclasses import replace

from mailflow.core.combining import answer_if_complete, for_company
from mailflow.core.consulting import ask, to_company
from mailflow.core.doubts import went_to_company
from mailflow.core.drafts import DraftKind, Interim, Question
from mailflow.core.enclosing import enclosures_of
from mailflow.core.known import Mail, Policy
from mailflow.core.offices import Office
from mailflow.core.proposal import Proposal
from mailflow.core.reply import KIND_WORDS, ReplyKind, ReplyReading
from mailflow.core.ticket import ConsultationState, HoldReason, ReplyState, TicketState

__all__ = ["accept", "as_reply", "leave_waiting"]


def accept(
    proposal: Proposal,
    policy: Policy,
    reference: str,
    office: Office,
    mail: Mail,
    reading: ReplyReading,
) -> str:
    """Let a reply take effect; give what became of it, in the manager's words."""
    if went_to_company(proposal.tickets[reference], mail, policy):
        return _direct(proposal, policy, reference, office, mail, reading)
    keep = {ReplyKind.INTERNAL, ReplyKind.DECLINE}
    state = ReplyState.KEPT if reading.kind in keep else ReplyState.ACCEPTED
    proposal.reply(reference, office.id, mail, reading, state)
    return as_reply(proposal, policy, reference, office, reading, mail.fingerprint)


def as_reply(
    proposal: Proposal,
    policy: Policy,
    reference: str,
    office: Office,
    reading: ReplyReading,
    source: str,
) -> str:
    """Do what a reply of this kind does, once it is recorded; ``source`` names its mail."""
    step = {
        ReplyKind.ANSWER: _answer,
        ReplyKind.INTERIM: _interim,
        ReplyKind.QUESTION: _question,
        ReplyKind.DECLINE: _decline,
        ReplyKind.INTERNAL: _internal,
    }[reading.kind]
    step(proposal, policy, reference, office, reading, source)
    return f"{KIND_WORDS[reading.kind]} von {office.short_name}"


def _answer(
    proposal: Proposal,
    policy: Policy,
    reference: str,
    office: Office,
    _: ReplyReading,
    _source: str,
) -> None:
    part = proposal.tickets[reference].consultation(office.id)
    if part and part.state is not ConsultationState.ANSWERED:
        proposal.move_part(reference, office.id, ConsultationState.ANSWERED)
    leave_waiting(proposal, reference)
    answer_if_complete(proposal, policy, reference)


def leave_waiting(proposal: Proposal, reference: str) -> None:
    """End the wait for the company once no office's question is open any more."""
    ticket = proposal.tickets[reference]
    states = {part.state for part in ticket.still_working()}
    if ticket.state is TicketState.WAITING and ConsultationState.QUESTIONED not in states:
        proposal.move(reference, TicketState.CONSULTING)


def _interim(
    proposal: Proposal,
    policy: Policy,
    reference: str,
    office: Office,
    reading: ReplyReading,
    source: str,
) -> None:
    ticket = proposal.tickets[reference]
    files = enclosures_of(ticket, office.id, source, policy)
    _takes_longer(proposal, reference, office, reading)
    context = Interim(
        ticket.contact.name,
        ticket.subject,
        office.short_name,
        for_company(reading.text, policy),
        reading.until,
        tuple(each.shown_name for each in files),
    )
    names = ("interim", office.id, source)
    draft = to_company(ticket, DraftKind.INTERIM, context, names)
    proposal.send(replace(draft, enclosures=files))


def _takes_longer(
    proposal: Proposal, reference: str, office: Office, reading: ReplyReading
) -> None:
    part = proposal.tickets[reference].consultation(office.id)
    proposal.move_part(reference, office.id, ConsultationState.INTERIM)
    if part and reading.until and reading.until > part.due_on:
        # a new day begins the ladder anew: reminded before it says nothing of it
        proposal.update_part(reference, office.id, due_on=reading.until, reminded=())


def _question(
    proposal: Proposal,
    policy: Policy,
    reference: str,
    office: Office,
    reading: ReplyReading,
    source: str,
) -> None:
    """Send a question back at once: the clock of this office stops until the company answers."""
    ticket = proposal.tickets[reference]
    proposal.move_part(reference, office.id, ConsultationState.QUESTIONED)
    files = enclosures_of(ticket, office.id, source, policy)
    context = Question(
        ticket.contact.name,
        ticket.subject,
        office.short_name,
        for_company(reading.text, policy),
        tuple(each.shown_name for each in files),
    )
    names = ("question", office.id, source)
    draft = to_company(ticket, DraftKind.QUESTION, context, names)
    proposal.send(replace(draft, office_id=office.id, enclosures=files))
    if ticket.state is TicketState.CONSULTING:
        proposal.move(reference, TicketState.WAITING)


def _decline(
    proposal: Proposal,
    policy: Policy,
    reference: str,
    office: Office,
    reading: ReplyReading,
    _source: str,
) -> None:
    """Move on to the office named, when it is one of the city's own; else the manager decides."""
    proposal.move_part(reference, office.id, ConsultationState.DECLINED)
    other = policy.offices.named(reading.office_words) if reading.office_words else None
    ticket = proposal.tickets[reference]
    asked = {part.office_id for part in ticket.current()}
    if other and not other.external and other.id not in asked:
        proposal.note(
            reference, f"{office.short_name} ist nicht zuständig und nennt {other.short_name}."
        )
        ask(proposal, policy, reference, [other])
        leave_waiting(proposal, reference)
        answer_if_complete(proposal, policy, reference)
        return
    names = f" und nennt: {reading.office_words}" if reading.office_words else ""
    text = f"{office.short_name} ist nicht zuständig{names}."
    proposal.hold(
        reference,
        HoldReason.DECLINED,
        text,
        office_id=office.id,
        suggestion=other.id if other else "",
    )
    leave_waiting(proposal, reference)


def _internal(
    proposal: Proposal,
    policy: Policy,
    reference: str,
    office: Office,
    reading: ReplyReading,
    _source: str,
) -> None:
    text = reading.internal_text or reading.text
    proposal.note(reference, f"{office.short_name} (intern): {text[:2000]}")
    answer_if_complete(proposal, policy, reference)


def _direct(
    proposal: Proposal,
    policy: Policy,
    reference: str,
    office: Office,
    mail: Mail,
    reading: ReplyReading,
) -> str:
    """Let a mail that the office sent to the company itself take effect; nothing is sent twice."""
    proposal.reply(reference, office.id, mail, reading, ReplyState.KEPT)
    proposal.note(reference, f"{office.short_name} hat dem Unternehmen direkt geschrieben.")
    if reading.kind is ReplyKind.ANSWER:
        _answer(proposal, policy, reference, office, reading, mail.fingerprint)
    elif reading.kind is ReplyKind.INTERIM:
        _takes_longer(proposal, reference, office, reading)
    elif reading.kind is ReplyKind.QUESTION:
        proposal.move_part(reference, office.id, ConsultationState.QUESTIONED)
        if proposal.tickets[reference].state is TicketState.CONSULTING:
            proposal.move(reference, TicketState.WAITING)
    elif reading.kind is ReplyKind.DECLINE:
        _decline(proposal, policy, reference, office, reading, mail.fingerprint)
    return f"{KIND_WORDS[reading.kind]} von {office.short_name}, direkt an das Unternehmen"
