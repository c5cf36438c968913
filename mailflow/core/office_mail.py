"""A mail of an office: it is matched, understood, and becomes the office's part, or waits."""

from dataclasses import replace
from datetime import datetime

from mailflow.core.attachments import is_dangerous, is_mail
from mailflow.core.changes import Decision, MailOutcome
from mailflow.core.combining import answer_if_complete, for_company
from mailflow.core.consulting import ask, bound_addresses, forward, to_company
from mailflow.core.drafts import Draft, DraftKind, Interim, Question
from mailflow.core.guards import tell_of_forgery
from mailflow.core.known import Authentication, Known, Leg, Mail, Policy
from mailflow.core.letter import content
from mailflow.core.message import Attachment
from mailflow.core.offices import Office
from mailflow.core.proposal import Proposal
from mailflow.core.quoted import holds_thread
from mailflow.core.reply import ReplyKind, ReplyReading, read_reply
from mailflow.core.ticket import (
    CONSULTATION_MOVES,
    Consultation,
    ConsultationState,
    HoldReason,
    ReplyState,
    Ticket,
    TicketState,
)
from mailflow.core.tracking import Role, find_references
from mailflow.core.visible import folded, visible

__all__ = [
    "accept",
    "as_reply",
    "bound_office",
    "content_doubt",
    "hold_reply",
    "leave_waiting",
    "may_still",
    "office_leg",
    "office_mail",
    "read_mail",
    "unmatched",
    "use_deputy",
]

_KIND_WORDS = {
    ReplyKind.ANSWER: "Antwort",
    ReplyKind.INTERIM: "Zwischennachricht",
    ReplyKind.QUESTION: "Rückfrage",
    ReplyKind.DECLINE: "Unzuständigkeit",
    ReplyKind.INTERNAL: "interne Notiz",
}


def office_mail(known: Known, leg: Leg, policy: Policy, now: datetime) -> Decision:
    """Decide a person's mail that bears a valid token of an office."""
    proposal = Proposal(known.tickets, now)
    ticket, mail = known.tickets[leg.reference], known.mail
    if not policy.knows(leg.office_id):
        text = f"Das Amt „{leg.office_id}“ steht nicht mehr in offices.toml."
        return _hold_mail(
            proposal, mail, HoldReason.CONFLICT, text, ticket.reference, leg.office_id
        )
    office = policy.office(leg.office_id)
    reading = read_mail(mail, policy)
    doubt = _doubt(known, ticket, office, reading, policy)
    if doubt:
        reason, text = doubt
        hold_reply(proposal, mail, ticket, office, reading, reason, text)
        if mail.authentication is Authentication.FAIL:
            tell_of_forgery(proposal, policy, mail)
        return proposal.decision(MailOutcome.HELD, text, ticket.reference)
    why = accept(proposal, policy, ticket.reference, office, mail, reading)
    return proposal.decision(MailOutcome.JOINED, why, ticket.reference)


def read_mail(mail: Mail, policy: Policy) -> ReplyReading:
    """Read what an office's mail is, from what its author newly wrote."""
    message = mail.message
    words = visible(message.reply_text)
    return read_reply(words, message.subject, policy.today(mail.received_at))


def _doubt(
    known: Known, ticket: Ticket, office: Office, reading: ReplyReading, policy: Policy
) -> tuple[HoldReason, str] | None:
    """Give why this reply must wait for the manager, None if there is no reason.

    Who writes and when comes first; what it says is named beside it, so that nobody who releases
    a stranger's mail overlooks the quotes in it.
    """
    content = content_doubt(ticket, office, known.mail, reading, policy)
    doubt = _sender_doubt(known, ticket, office, reading)
    if doubt and content:
        return doubt[0], f"{doubt[1]} Außerdem: {content[1]}"
    return doubt or content or _reader_doubt(ticket, reading)


def _reader_doubt(ticket: Ticket, reading: ReplyReading) -> tuple[HoldReason, str] | None:
    """Give why what would go to the company at once goes nowhere: its last mail came back."""
    came_back = any(
        hold.reason is HoldReason.UNREACHABLE and not hold.office_id for hold in ticket.holds
    )
    if came_back and reading.kind in {ReplyKind.INTERIM, ReplyKind.QUESTION}:
        what = f"{_KIND_WORDS[reading.kind]} für {ticket.contact.address}"
        return HoldReason.UNREACHABLE, f"{what}, wo unsere letzte Mail nicht ankam."
    return None


def _sender_doubt(
    known: Known, ticket: Ticket, office: Office, reading: ReplyReading
) -> tuple[HoldReason, str] | None:
    mail = known.mail
    part = ticket.consultation(office.id)
    if _is_doubtful(mail.authentication, office):
        return HoldReason.AUTHENTICATION, f"Die Echtheit von {mail.sender} ist nicht belegt."
    if not _is_bound(mail.sender, office, known):
        text = f"{mail.sender} antwortet für „{office.short_name}“, ist dort aber nicht hinterlegt."
        return HoldReason.SENDER, text
    closed = ticket.state in {TicketState.ANSWERED, TicketState.CLOSED}
    if part is None or closed or not may_still(part, reading.kind):
        return HoldReason.LATE, f"{office.short_name} schreibt nach Abschluss seines Teils."
    return None


def content_doubt(
    ticket: Ticket, office: Office, mail: Mail, reading: ReplyReading, policy: Policy
) -> tuple[HoldReason, str] | None:
    """Give the first reason in what an office's mail says why the manager must see it."""
    name, message = office.short_name, mail.message
    withheld = ", ".join(each.name for each in message.attachments if _is_withheld(each))[:300]
    empty = not (content(reading.text) or reading.internal_text or message.attachments)
    if message.encrypted:
        return HoldReason.ENCRYPTED, f"Die Mail von {name} ist verschlüsselt."
    if empty and reading.kind not in {ReplyKind.DECLINE, ReplyKind.INTERIM}:
        return HoldReason.EMPTY, f"In der Mail von {name} steht nichts Neues."
    if message.quotes_kept or holds_thread(reading.text, _words_of(ticket)):
        return (
            HoldReason.QUOTES,
            f"In der Mail von {name} ist Neues nicht sicher vom Zitat zu trennen.",
        )
    if _tells_token(ticket, mail, reading, policy):
        return HoldReason.QUOTES, f"Die Mail von {name} enthält eine Kennung eines Amtes."
    if withheld:
        return HoldReason.ATTACHMENT, f"{name} schickt Anlagen, die nicht hinausgehen: {withheld}"
    if reading.suspicion and not reading.explicit:
        text = f"Vermutlich {_KIND_WORDS[reading.kind]}: {reading.suspicion}"
        return HoldReason.SUSPECTED, text
    if reading.internal_text and reading.kind is not ReplyKind.INTERNAL:
        return HoldReason.INTERNAL_PART, f"Die Mail von {name} enthält einen internen Teil."
    return None


def _is_doubtful(authentication: Authentication, office: Office) -> bool:
    """Whether a sender must be doubted; internal mail may come without results, where so set."""
    if authentication is Authentication.NONE:
        return not office.unauthenticated
    return authentication is Authentication.FAIL


def _is_withheld(file: Attachment) -> bool:
    return is_dangerous(file.name, file.content_type) or is_mail(file.name, file.content_type)


def _tells_token(ticket: Ticket, mail: Mail, reading: ReplyReading, policy: Policy) -> bool:
    """Whether an office's token is left where it could not be taken out: cut up, or in a file."""
    ring = policy.keyring
    secrets = [
        ring.token(Role.OFFICE, part.leg, part.recipient, kid)[-16:]
        for part in ticket.consultations
        for kid in ring.keys
    ]
    words = folded(for_company(reading.text, policy))
    files = [each.content.lower() for each in mail.message.attachments]
    return any(
        secret in words or any(secret.encode() in content for content in files)
        for secret in secrets
    )


def _words_of(ticket: Ticket) -> str:
    return "\n".join(letter.text for letter in ticket.letters)


_TARGETS = {
    ReplyKind.ANSWER: ConsultationState.ANSWERED,
    ReplyKind.INTERIM: ConsultationState.INTERIM,
    ReplyKind.QUESTION: ConsultationState.QUESTIONED,
    ReplyKind.DECLINE: ConsultationState.DECLINED,
}


def may_still(part: Consultation, kind: ReplyKind) -> bool:
    """Whether a mail of this kind fits where the office's part stands."""
    target = _TARGETS.get(kind, part.state)
    if part.state is ConsultationState.WITHDRAWN:
        return False
    return target is part.state or target in CONSULTATION_MOVES[part.state]


def _is_bound(sender: str, office: Office, known: Known) -> bool:
    return sender in bound_addresses(office) or known.bound_senders.get(sender) == office.id


def hold_reply(
    proposal: Proposal,
    mail: Mail,
    ticket: Ticket,
    office: Office,
    reading: ReplyReading,
    reason: HoldReason,
    text: str,
) -> None:
    """Keep an office's mail with its ticket until the manager has decided it."""
    has_part = ticket.consultation(office.id) is not None
    if has_part:
        proposal.reply(ticket.reference, office.id, mail, reading, ReplyState.HELD)
    proposal.hold(
        ticket.reference,
        reason,
        text,
        mail_id=mail.id,
        office_id=office.id,
        suggestion=reading.kind.value,
        of_reply=has_part,
    )


def accept(
    proposal: Proposal,
    policy: Policy,
    reference: str,
    office: Office,
    mail: Mail,
    reading: ReplyReading,
) -> str:
    """Let a reply take effect; give what became of it, in the manager's words."""
    if _went_to_company(proposal.tickets[reference], mail):
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
    return f"{_KIND_WORDS[reading.kind]} von {office.short_name}"


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
    part = ticket.consultation(office.id)
    proposal.move_part(reference, office.id, ConsultationState.INTERIM)
    if part and reading.until and reading.until > part.due_on:
        proposal.update_part(reference, office.id, due_on=reading.until)
    context = Interim(
        ticket.contact.name,
        ticket.subject,
        office.short_name,
        for_company(reading.text, policy),
        reading.until,
    )
    names = ("interim", office.id, source)
    proposal.send(to_company(ticket, DraftKind.INTERIM, context, names))


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
    context = Question(
        ticket.contact.name, ticket.subject, office.short_name, for_company(reading.text, policy)
    )
    names = ("question", office.id, source)
    draft = to_company(ticket, DraftKind.QUESTION, context, names)
    proposal.send(_of_office(draft, office))
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


def _went_to_company(ticket: Ticket, mail: Mail) -> bool:
    addresses = {each.address.lower() for each in (*mail.message.to, *mail.message.cc)}
    return ticket.contact.address.lower() in addresses


def _direct(
    proposal: Proposal,
    policy: Policy,
    reference: str,
    office: Office,
    mail: Mail,
    reading: ReplyReading,
) -> str:
    """Log an answer that the office sent to the company itself; nothing is sent twice."""
    proposal.reply(reference, office.id, mail, reading, ReplyState.KEPT)
    proposal.note(reference, f"{office.short_name} hat dem Unternehmen direkt geschrieben.")
    if reading.kind is ReplyKind.ANSWER:
        _answer(proposal, policy, reference, office, reading, mail.fingerprint)
    elif reading.kind is ReplyKind.QUESTION:
        proposal.move_part(reference, office.id, ConsultationState.QUESTIONED)
        if proposal.tickets[reference].state is TicketState.CONSULTING:
            proposal.move(reference, TicketState.WAITING)
    return f"{office.short_name} hat dem Unternehmen direkt geantwortet"


def unmatched(known: Known, office: Office, policy: Policy, now: datetime) -> Decision:
    """Hold an office's mail without a token: candidates are offered, nothing is guessed."""
    proposal = Proposal(known.tickets, now)
    message = known.mail.message
    named = find_references(f"{message.subject}\n{message.text[:20_000]}", policy.prefix)
    candidates = tuple(dict.fromkeys((*named, *known.candidates)))
    text = f"{office.short_name} schreibt ohne Kennung."
    if candidates:
        text += f" Infrage kommt: {', '.join(candidates[:3])}."
    return _hold_mail(
        proposal, known.mail, HoldReason.UNMATCHED, text, next(iter(candidates), ""), office.id
    )


def _hold_mail(
    proposal: Proposal,
    mail: Mail,
    reason: HoldReason,
    text: str,
    suggestion: str = "",
    office_id: str = "",
) -> Decision:
    proposal.hold(
        mail.reference, reason, text, mail_id=mail.id, office_id=office_id, suggestion=suggestion
    )
    return proposal.decision(MailOutcome.HELD, text)


def use_deputy(proposal: Proposal, policy: Policy, reference: str, office: Office) -> bool:
    """Send an office's forward to its deputy; False where there is none to send it to."""
    part = proposal.tickets[reference].consultation(office.id)
    if not part or not office.deputy or office.deputy.lower() == part.recipient.lower():
        return False
    forward(proposal, policy, reference, office, part, occasion="deputy", recipient=office.deputy)
    return True


def _of_office(draft: Draft, office: Office) -> Draft:
    return replace(draft, office_id=office.id)


def bound_office(mail: Mail, known: Known, policy: Policy) -> Office | None:
    """Give the office that this sender writes for, if it is known to write for one."""
    learned = known.bound_senders.get(mail.sender)
    if learned and policy.knows(learned):
        return policy.office(learned)
    return policy.offices.by_address(mail.sender)


def office_leg(known: Known) -> Leg | None:
    """Give the one valid office leg that the mail bears."""
    legs = [leg for leg in known.legs if leg.valid and leg.role is Role.OFFICE]
    return legs[0] if legs else None
