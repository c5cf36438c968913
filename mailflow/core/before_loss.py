"""A mail of ours that went out before the database was lost, and of which only the receipt is left.

Its row is made anew from the receipt, so that the same mail is never sent a second time. An answer
to the company also settles what nobody could replay, such as an order given beside the mailbox.
"""

from datetime import datetime

from mailflow.core.changes import AddSent, Decision, MailOutcome
from mailflow.core.combining import has_unsent
from mailflow.core.drafts import NULL_PATH, TO_COMPANY, TO_OFFICES, DraftKind
from mailflow.core.known import Known, Leg, Mail, Policy
from mailflow.core.message import Message
from mailflow.core.proposal import Proposal
from mailflow.core.ticket import Hold, HoldReason, Resolution, Ticket, TicketState
from mailflow.core.tracking import kind_named

__all__ = ["sent_before_loss"]

_KINDS = TO_COMPANY | TO_OFFICES
_WHY = "Beleg für eine Mail von vor dem Verlust der Datenbank"


def sent_before_loss(known: Known, policy: Policy, now: datetime) -> Decision:
    """Decide a receipt that no entry of the outbox awaits, while the database is made good.

    What goes to the manager is left as it is: digests and alerts are made by the clock.
    """
    proposal = Proposal(known.tickets, now)
    mail = known.mail
    kind = kind_named(mail.message.message_id)
    leg = known.legs[0] if known.legs else None
    reference = leg.reference if leg else ""
    if kind in _KINDS:
        proposal.record(_sent(DraftKind(kind), mail, leg, policy))
    ticket = proposal.tickets.get(reference)
    if ticket and kind == DraftKind.COMBINED_ANSWER and not ticket.is_over:
        _count(proposal, ticket, f"{mail.received_at.astimezone(policy.zone):%d.%m.%Y, %H:%M} Uhr")
    return proposal.decision(MailOutcome.EVENT, _WHY, reference)


def _sent(kind: DraftKind, mail: Mail, leg: Leg | None, policy: Policy) -> AddSent:
    read_by = [to.address for to in mail.message.to]
    return AddSent(
        kind=kind,
        reference=leg.reference if leg else "",
        office_id=leg.office_id if leg else "",
        recipient=leg.recipient if leg else next(iter(read_by), ""),
        message_id=mail.message.message_id,
        subject=mail.message.subject,
        envelope_from=_envelope_from(kind, mail.message, policy),
        mail_id=mail.id,
        at=mail.received_at,
    )


def _envelope_from(kind: DraftKind, message: Message, policy: Policy) -> str:
    """Give where a report on it goes: as the receipt says, unless a server put in its own."""
    path = message.return_path or ""
    if kind in NULL_PATH:
        return ""
    return path if policy.is_central(path) else policy.central_address


def _count(proposal: Proposal, ticket: Ticket, when: str) -> None:
    """Count an answer that the company has, and say so where a reply waits that may be in it."""
    reference = ticket.reference
    proposal.note(reference, f"Am {when}, ging eine Antwort hinaus, wie ihr Beleg zeigt.")
    proposal.count_answer(reference, ticket.answers + 1)
    for hold in ticket.holds:
        if hold.reply_id or hold.reason is HoldReason.REVIEW:
            _tell(proposal, hold, when)
        elif hold.reason in (HoldReason.UNROUTED, HoldReason.DECLINED):
            proposal.resolve(reference, hold, Resolution.ANSWERED)
    left = proposal.tickets[reference]
    if not has_unsent(left) and not left.still_working() and left.state is not TicketState.REVIEW:
        proposal.move(reference, TicketState.ANSWERED)


def _tell(proposal: Proposal, hold: Hold, when: str) -> None:
    """Let a reply wait with the answer named that may have passed it on already."""
    proposal.resolve(hold.reference, hold, Resolution.REPLACED)
    proposal.hold(
        hold.reference,
        hold.reason,
        f"{hold.text} Am {when}, ging schon eine Antwort hinaus, vielleicht mit diesen Worten.",
        mail_id=hold.mail_id,
        office_id=hold.office_id,
        suggestion=hold.suggestion,
        of_reply=bool(hold.reply_id),
        keeps_back=hold.keeps_back,
    )
