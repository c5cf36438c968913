"""A company's first mail of a matter: it opens a ticket, is acknowledged and asks the offices."""

from mailflow.core.account import account_of
from mailflow.core.alerts import alert_emergency
from mailflow.core.changes import Decision, EventKind, MailOutcome, OpenTicket
from mailflow.core.combining import answer_if_complete
from mailflow.core.consulting import UNREADABLE, ask, to_company, withhold
from mailflow.core.drafts import Acknowledgement, DraftKind
from mailflow.core.guards import sender_doubt
from mailflow.core.intents import Action
from mailflow.core.known import Authentication, Mail, Policy
from mailflow.core.offices import Routing
from mailflow.core.proposal import Proposal
from mailflow.core.routing import route_mail
from mailflow.core.subject import plain_subject
from mailflow.core.ticket import HoldReason, TicketState
from mailflow.core.tracking import Role

__all__ = ["open_ticket"]

_RECEIVED = ("received",)


def open_ticket(
    proposal: Proposal, mail: Mail, policy: Policy, *, named: str = "", decided: bool = False
) -> Decision:
    """Open a ticket for a company's mail, acknowledge it and ask the offices that are sure.

    ``named`` is a ticket the mail names but may not join. ``decided`` means the manager wants
    the ticket, so that doubts about the mail's nature do not hold it again.
    """
    message = mail.message
    language = _language(message.language, policy)
    routing = route_mail(mail, message.language or language, policy)
    if routing.action in {Action.SPAM, Action.THANKS} and not decided:
        why = f"{routing.why} {sender_doubt(mail)}".rstrip()
        proposal.hold(mail.reference, HoldReason.UNROUTED, why, mail_id=mail.id)
        return proposal.decision(MailOutcome.HELD, why)
    account, contact = account_of(mail, policy)
    opened = OpenTicket(
        reference=mail.reference,
        account=account,
        contact=contact,
        leg=policy.keyring.leg(Role.COMPANY, mail.reference),
        subject=plain_subject(message.subject, policy.prefix),
        language=language,
        flags=tuple(sorted(routing.flags)),
        topics=tuple(office.id for office in (*routing.offices, *routing.confirm)),
        opened_at=mail.received_at,
    )
    proposal.open(opened, mail, mail.account_tickets)
    _consult(proposal, policy, mail, routing)
    withhold(proposal, mail, mail.reference)
    if named and named != mail.reference:
        text = f"Die Mail nennt {named}, ohne dort dazuzugehören."
        proposal.note(mail.reference, text, EventKind.NAMED)
    if mail.authentication is Authentication.FAIL:
        proposal.note(mail.reference, sender_doubt(mail))
    emergency = routing.action is Action.EMERGENCY
    if emergency:
        alert_emergency(proposal, policy, mail, mail.reference)
    by_order = decided and mail.on_behalf_of is not None
    _acknowledge(proposal, policy, mail, emergency=emergency, by_order=by_order)
    return proposal.decision(MailOutcome.TICKET, routing.why, mail.reference)


def _consult(proposal: Proposal, policy: Policy, mail: Mail, routing: Routing) -> None:
    reference = mail.reference
    suggestion = ", ".join(office.id for office in routing.confirm or routing.suggestions)
    if mail.message.encrypted:
        proposal.hold(reference, HoldReason.ENCRYPTED, UNREADABLE, mail_id=mail.id)
    elif routing.action is not Action.ROUTE:
        proposal.hold(
            reference, HoldReason.UNROUTED, routing.why, mail_id=mail.id, suggestion=suggestion
        )
    else:
        ask(proposal, policy, reference, routing.offices)
        for office in routing.confirm:
            text = (
                f"{office.short_name} ist eine externe Stelle; bitte bestätigen Sie die Weitergabe."
            )
            proposal.hold(
                reference, HoldReason.EXTERNAL, text, mail_id=mail.id, suggestion=office.id
            )
    if not proposal.tickets[reference].consultations:
        proposal.move(reference, TicketState.TRIAGE)
    answer_if_complete(proposal, policy, reference)


def _acknowledge(
    proposal: Proposal, policy: Policy, mail: Mail, *, emergency: bool, by_order: bool
) -> None:
    """Acknowledge to persons only, once or twice a day, never where a sender is proven false.

    Nothing goes out upon the null path or to lists (RFC 3834 §2), whatever else the mail is; but
    ``by_order`` of the manager to whom a form names, who is not the program that sent it.
    """
    message = mail.message
    if mail.acknowledged_today >= _acknowledgements(mail, emergency=emergency):
        return
    if mail.authentication is Authentication.FAIL or not mail.sender:
        return
    if (message.return_path == "" or message.no_echo) and not by_order:
        return
    ticket = proposal.tickets[mail.reference]
    context = Acknowledgement(
        contact_name=ticket.contact.name,
        subject=ticket.subject,
        received_at=mail.received_at.astimezone(policy.zone),
        offices=tuple(policy.office(each.office_id).short_name for each in ticket.current()),
        answer_by=max(
            [part.due_on for part in ticket.current()]
            or [policy.workdays.add(policy.today(proposal.now), policy.targets.office_reply)]
        ),
        first_contact=mail.contact is None,
        emergency=emergency,
    )
    draft = to_company(ticket, DraftKind.ACKNOWLEDGEMENT, context, _RECEIVED)
    proposal.send(draft)


def _acknowledgements(mail: Mail, *, emergency: bool) -> int:
    """Give how many a day this sender may get: one, unless somebody vouches for him.

    Who is in danger must read whom to call, whatever he was told before.
    """
    if mail.authentication is Authentication.PASS or mail.proven or emergency:
        return 2
    return 1


def _language(read: str, policy: Policy) -> str:
    """Answer in German or English: German to Germans, English to the rest of the world."""
    if read in {"de", "en"}:
        return read
    return "en" if read else policy.language
