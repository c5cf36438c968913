"""A mail of a company: it joins its ticket, opens one, or waits for the manager."""

from datetime import datetime, timedelta

from mailflow.core.account import belongs
from mailflow.core.changes import Decision, MailOutcome
from mailflow.core.echo import echoes
from mailflow.core.further_mail import join_ticket
from mailflow.core.guards import sender_doubt, tell_of_forgery
from mailflow.core.inquiry import open_ticket
from mailflow.core.known import Authentication, Known, Mail, Policy
from mailflow.core.proposal import Proposal
from mailflow.core.ticket import HoldReason, Ticket, TicketState
from mailflow.core.tracking import Role, find_references

__all__ = ["company_mail"]

_REOPENS_WITHIN = timedelta(days=30)
"""A later letter about a closed ticket opens a new one."""


def company_mail(known: Known, policy: Policy, now: datetime) -> Decision:
    """Decide a person's mail that comes from no office and no manager."""
    proposal = Proposal(known.tickets, now)
    leg = next((leg for leg in known.legs if leg.valid and leg.role is Role.COMPANY), None)
    if leg and leg.reference in known.tickets:
        ticket = known.tickets[leg.reference]
        if known.mail.authentication is Authentication.FAIL:
            return _doubtful(proposal, policy, known.mail, ticket)
        if not belongs(known.mail, ticket, policy):
            return _stranger(proposal, known.mail, ticket)
        if _is_echo(known, ticket):
            why = "unsere eigene Mail, unverändert zurückgekommen"
            return proposal.decision(MailOutcome.EVENT, why, ticket.reference)
        if not _may_reopen(ticket, known.mail):
            return open_ticket(proposal, known.mail, policy, named=ticket.reference)
        believed = known.mail.authentication.suffices(
            unauthenticated=policy.unauthenticated_companies
        )
        if not believed:
            return _doubtful(proposal, policy, known.mail, ticket)
        return join_ticket(proposal, known, policy, ticket.reference)
    named = _named(known, policy)
    ticket_named = known.tickets.get(named)
    contact = known.mail.contact
    if (
        ticket_named
        and contact
        and contact.account_id == ticket_named.account.id
        and known.mail.authentication.suffices()
        and _may_reopen(ticket_named, known.mail)
    ):
        return join_ticket(proposal, known, policy, named)
    if known.mail.authentication is Authentication.FAIL:
        return _forged(proposal, known.mail, named if ticket_named else "")
    return open_ticket(proposal, known.mail, policy, named=named)


def _named(known: Known, policy: Policy) -> str:
    """Give the reference the subject names, "" for none: a number anyone may know."""
    return next(iter(find_references(known.mail.message.subject, policy.prefix)), "")


def _is_echo(known: Known, ticket: Ticket) -> bool:
    """Whether an address that forwards to us sends back what we wrote, files included.

    A file that is not ours, and not in the ticket already as the company's letterhead is, is new,
    even a pasted picture: it may be the whole answer.
    """
    replies = (reply for part in ticket.consultations for reply in part.replies)
    ours = {each.sha256 for reply in replies for each in reply.attachments}
    ours |= {each.sha256 for letter in ticket.letters for each in letter.attachments}
    message = known.mail.message
    strange = any(each.sha256 not in ours for each in message.attachments)
    return not strange and echoes(message.text, known.our_words)


def _may_reopen(ticket: Ticket, mail: Mail) -> bool:
    """Whether the company wrote in time, whenever its mail is read: late, or after a loss."""
    if ticket.state is not TicketState.CLOSED or ticket.closed_at is None:
        return True
    return mail.received_at - ticket.closed_at <= _REOPENS_WITHIN


def _doubtful(proposal: Proposal, policy: Policy, mail: Mail, ticket: Ticket) -> Decision:
    if mail.authentication is Authentication.FAIL:
        tell_of_forgery(proposal, policy, mail)
    text = f"Eine Mail mit der Kennung von {ticket.account.name}. {sender_doubt(mail)}"
    return _hold(proposal, mail, ticket, HoldReason.AUTHENTICATION, text)


def _forged(proposal: Proposal, mail: Mail, named: str) -> Decision:
    """Hold an inquiry under a borrowed name: no office works for it, nobody gets the answer."""
    text = sender_doubt(mail)
    proposal.hold(
        mail.reference, HoldReason.AUTHENTICATION, text, mail_id=mail.id, suggestion=named
    )
    return proposal.decision(MailOutcome.HELD, text)


def _stranger(proposal: Proposal, mail: Mail, ticket: Ticket) -> Decision:
    text = (
        f"{mail.sender} schreibt mit der Kennung von {ticket.account.name}, "
        f"ist dort aber nicht bekannt. {sender_doubt(mail)}"
    )
    return _hold(proposal, mail, ticket, HoldReason.SENDER, text.strip())


def _hold(
    proposal: Proposal, mail: Mail, ticket: Ticket, reason: HoldReason, text: str
) -> Decision:
    proposal.hold(mail.reference, reason, text, mail_id=mail.id, suggestion=ticket.reference)
    return proposal.decision(MailOutcome.HELD, text)
