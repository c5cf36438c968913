"""A mail of a company: it joins its ticket, opens one, or waits for the manager."""

from datetime import datetime, timedelta

from mailflow.core.alerts import alert_emergency
from mailflow.core.changes import Decision, MailOutcome
from mailflow.core.echo import echoes
from mailflow.core.further_mail import join_ticket
from mailflow.core.guards import tell_of_forgery
from mailflow.core.inquiry import open_ticket, route_mail
from mailflow.core.intents import Action
from mailflow.core.known import Authentication, Known, Mail, Policy
from mailflow.core.proposal import Proposal
from mailflow.core.ticket import HoldReason, Ticket, TicketState
from mailflow.core.tracking import Role, find_references

__all__ = ["company_mail"]


def company_mail(known: Known, policy: Policy, now: datetime) -> Decision:
    """Decide a person's mail that comes from no office and no manager."""
    proposal = Proposal(known.tickets, now)
    leg = next((leg for leg in known.legs if leg.valid and leg.role is Role.COMPANY), None)
    if leg and leg.reference in known.tickets:
        ticket = known.tickets[leg.reference]
        if known.mail.authentication is Authentication.FAIL:
            return _forged(proposal, policy, known.mail, ticket)
        if not _belongs(known.mail, ticket, policy):
            return _stranger(proposal, policy, known.mail, ticket)
        if _is_echo(known, ticket):
            why = "unsere eigene Mail, unverändert zurückgekommen"
            return proposal.decision(MailOutcome.EVENT, why, ticket.reference)
        if not _is_proven(known.mail, policy):
            return _unproven(proposal, policy, known.mail, ticket)
        if _may_reopen(ticket, policy, now):
            return join_ticket(proposal, known, policy, ticket.reference)
        return open_ticket(proposal, known.mail, policy, named=ticket.reference)
    named = _named(known, policy)
    ticket_named = known.tickets.get(named)
    contact = known.mail.contact
    if (
        ticket_named
        and contact
        and contact.account_id == ticket_named.account.id
        and _is_proven(known.mail, policy)
        and _may_reopen(ticket_named, policy, now)
    ):
        return join_ticket(proposal, known, policy, named)
    return open_ticket(proposal, known.mail, policy, named=named)


def _named(known: Known, policy: Policy) -> str:
    """Give the reference the subject names, "" for none: a number anyone may know."""
    return next(iter(find_references(known.mail.message.subject, policy.prefix)), "")


def _belongs(mail: Mail, ticket: Ticket, policy: Policy) -> bool:
    """Whether the sender is the ticket's contact, or someone of the same company."""
    if mail.sender == ticket.contact.address.lower():
        return True
    if mail.contact and mail.contact.account_id == ticket.account.id:
        return True
    domain = mail.sender.rpartition("@")[2]
    return bool(domain) and domain == ticket.account.domain and domain not in policy.free_mail


def _is_proven(mail: Mail, policy: Policy) -> bool:
    """Whether the trusted servers, where any are named, say that the sender is true."""
    if mail.authentication is Authentication.NONE:
        return policy.unauthenticated_companies
    return mail.authentication is not Authentication.FAIL


def _is_echo(known: Known, ticket: Ticket) -> bool:
    """Whether an address that forwards to us sends back what we wrote, files included."""
    replies = (reply for part in ticket.consultations for reply in part.replies)
    ours = {each.sha256 for reply in replies for each in reply.attachments}
    message = known.mail.message
    strange = any(each.sha256 not in ours and not each.inline for each in message.attachments)
    return not strange and echoes(message.text, known.our_words)


def _may_reopen(ticket: Ticket, policy: Policy, now: datetime) -> bool:
    if ticket.state is not TicketState.CLOSED or ticket.closed_at is None:
        return True
    return now - ticket.closed_at <= timedelta(days=policy.reopen_days)


def _forged(proposal: Proposal, policy: Policy, mail: Mail, ticket: Ticket) -> Decision:
    tell_of_forgery(proposal, policy, mail)
    text = f"Mit der Kennung von {ticket.account.name}, aber nicht von {mail.sender} geschickt."
    return _hold(proposal, policy, mail, ticket, HoldReason.AUTHENTICATION, text)


def _stranger(proposal: Proposal, policy: Policy, mail: Mail, ticket: Ticket) -> Decision:
    text = (
        f"{mail.sender} schreibt mit der Kennung von {ticket.account.name}, "
        "ist dort aber nicht bekannt."
    )
    return _hold(proposal, policy, mail, ticket, HoldReason.SENDER, text)


def _unproven(proposal: Proposal, policy: Policy, mail: Mail, ticket: Ticket) -> Decision:
    text = f"Die Echtheit von {mail.sender} ist nicht belegt."
    return _hold(proposal, policy, mail, ticket, HoldReason.AUTHENTICATION, text)


def _hold(
    proposal: Proposal, policy: Policy, mail: Mail, ticket: Ticket, reason: HoldReason, text: str
) -> Decision:
    """Let the mail wait for the manager, who is told at once where somebody seems in danger."""
    proposal.hold(mail.reference, reason, text, mail_id=mail.id, suggestion=ticket.reference)
    if route_mail(mail, ticket.language, policy).action is Action.EMERGENCY:
        alert_emergency(proposal, policy, mail, ticket.reference)
    return proposal.decision(MailOutcome.HELD, text)
