"""A mail of an office: it is matched and understood, and takes effect or waits."""

from dataclasses import replace
from datetime import datetime

from mailflow.core.attachments import may_be_content
from mailflow.core.changes import Decision, EventKind, MailOutcome
from mailflow.core.doubts import doubt_of
from mailflow.core.guards import sender_doubt, tell_of_forgery
from mailflow.core.known import Authentication, Known, Leg, Mail, Policy
from mailflow.core.message import Kind
from mailflow.core.office_reply import accept
from mailflow.core.offices import Office
from mailflow.core.perhaps_answered import perhaps_answered
from mailflow.core.proposal import Proposal
from mailflow.core.quoted import without_heads
from mailflow.core.receipts import only_receives
from mailflow.core.reply import ReplyKind, ReplyReading
from mailflow.core.reply_reading import read_reply
from mailflow.core.signatures import without_signature
from mailflow.core.ticket import HoldReason, ReplyState, Ticket
from mailflow.core.tracking import Role, find_references
from mailflow.core.visible import visible

__all__ = [
    "bound_office",
    "hold_reply",
    "is_vouched_reply",
    "office_mail",
    "read_mail",
    "unmatched",
]


_SAID = frozenset({HoldReason.SUSPECTED, HoldReason.CIRCULAR, HoldReason.LATE})
"""What may be doubted of a mail of which it is known who sent it."""


_PERHAPS_ANSWERED = (
    "Vielleicht nur eine Eingangsbestätigung, vielleicht die Antwort; das Unternehmen schrieb:"
)


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
    doubt = doubt_of(known, ticket, office, reading, policy)
    if doubt and doubt[0] in _SAID and _is_receipt(mail, reading):
        asked = _perhaps_answered(mail, ticket, reading, policy)
        if not asked:
            text = f"{office.short_name} bestätigt nur den Eingang."
            proposal.note(ticket.reference, text, EventKind.RECEIVED, office.id)
            return proposal.decision(MailOutcome.EVENT, text, ticket.reference)
        doubt = doubt[0], f"{_PERHAPS_ANSWERED} „{asked}“ Außerdem: {doubt[1]}"
    if doubt:
        reason, text = doubt
        hold_reply(proposal, mail, ticket, office, reading, reason, text)
        if mail.authentication is Authentication.FAIL:
            tell_of_forgery(proposal, policy, mail)
        return proposal.decision(MailOutcome.HELD, text, ticket.reference)
    why = accept(proposal, policy, ticket.reference, office, known, reading)
    return proposal.decision(MailOutcome.JOINED, why, ticket.reference)


def _is_receipt(mail: Mail, reading: ReplyReading) -> bool:
    """Whether an office's mail only says that ours arrived; a notice that it calls one is none.

    It is still waited for, as if it had not written: that reminds it, should it mean to have
    answered.
    """
    is_notice = reading.kind is ReplyKind.INTERIM and not reading.explicit
    return is_notice and not reading.internal_text and only_receives(mail.message)


def _perhaps_answered(mail: Mail, ticket: Ticket, reading: ReplyReading, policy: Policy) -> str:
    """Quote what of a letter a receipt may answer; what a header calls a machine's answers none."""
    if mail.message.kind is Kind.BULK:
        return ""
    return perhaps_answered(reading.text, ticket, policy.today(mail.received_at))


def is_vouched_reply(known: Known, policy: Policy) -> bool:
    """Whether a mail is surely an office's, with its own valid token; it is heard in a flood, too.

    A sender who writes as much as a whole domain may write is no office at work any more.
    """
    office = bound_office(known.mail, known, policy)
    return (
        office is not None
        and known.mail.authentication is Authentication.PASS
        and known.mail.recent_of_sender < policy.storm_of_domain
        and not known.unknown_tokens
        and bool(known.legs)
        and all(_is_of(leg, office) for leg in known.legs)
    )


def _is_of(leg: Leg, office: Office) -> bool:
    return leg.valid and leg.role is Role.OFFICE and leg.office_id == office.id


def read_mail(mail: Mail, policy: Policy) -> ReplyReading:
    """Read what an office's mail is, from what its author newly wrote."""
    message = mail.message
    words = without_signature(visible(message.reply_text), visible(message.sender.name))
    files = any(
        not each.inline and may_be_content(each.name, each.content_type, each.size, words)
        for each in message.attachments
    )
    today = policy.today(mail.received_at)
    return read_reply(words, message.subject, today, has_files=files)


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
        # what he will read of it is what his order sends: no header, no forward of ours
        own, internal = map(without_heads, (reading.text, reading.internal_text))
        reading = replace(reading, text=own.strip("\n"), internal_text=internal.strip("\n"))
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


def unmatched(known: Known, office: Office, policy: Policy, now: datetime) -> Decision:
    """Hold an office's mail without a token: candidates are offered, nothing is guessed."""
    proposal = Proposal(known.tickets, now)
    message = known.mail.message
    named = find_references(f"{message.subject}\n{message.text[:20_000]}", policy.prefix)
    candidates = tuple(dict.fromkeys((*named, *known.candidates)))
    text = f"{office.short_name} schreibt ohne Kennung."
    if candidates:
        text += f" Infrage kommt: {', '.join(candidates[:3])}."
    if doubt := sender_doubt(known.mail, unauthenticated=office.unauthenticated):
        text += f" {doubt}"
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


def bound_office(mail: Mail, known: Known, policy: Policy) -> Office | None:
    """Give the office that this sender writes for, if it is known to write for one."""
    learned = known.bound_senders.get(mail.sender)
    if learned and policy.knows(learned):
        return policy.office(learned)
    return policy.offices.by_address(mail.sender)
