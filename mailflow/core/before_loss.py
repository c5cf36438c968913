"""A mail of ours that went out before the database was lost, and of which only the receipt is left.

Its row is made anew from the receipt, so that the same mail is never sent a second time. An answer
to the company also settles what nobody could replay, such as an order given beside the mailbox.
"""

from datetime import datetime

from mailflow.core.changes import Decision, MailOutcome
from mailflow.core.combining import has_unsent
from mailflow.core.consulting import pass_on, reopen
from mailflow.core.drafts import TO_COMPANY, TO_OFFICES, DraftKind
from mailflow.core.known import Known, Leg, Mail, Policy
from mailflow.core.lost_rows import LostForward, forward_of, leg_of_lost, lost_row
from mailflow.core.proposal import Proposal
from mailflow.core.ticket import Hold, HoldReason, Resolution, Ticket, TicketState
from mailflow.core.tracking import kind_named

__all__ = ["sent_before_loss"]

_WHY = "Beleg für eine Mail von vor dem Verlust der Datenbank"
_ANSWERED = frozenset({HoldReason.UNROUTED, HoldReason.DECLINED})


def sent_before_loss(known: Known, policy: Policy, now: datetime) -> Decision:
    """Decide a receipt that no entry of the outbox awaits, while the database is made good.

    What goes to the manager is left as it is: digests and alerts are made by the clock.
    """
    proposal = Proposal(known.tickets, now)
    kind = kind_named(known.mail.message.message_id)
    leg = leg_of_lost(known, policy)
    reference = leg.reference if leg else ""
    if kind in TO_COMPANY | TO_OFFICES:
        proposal.add_sent(lost_row(DraftKind(kind), known, leg, policy))
    ticket = proposal.tickets.get(reference)
    if ticket and kind == DraftKind.COMBINED_ANSWER and not ticket.is_over:
        _count(proposal, ticket, _when(known.mail, policy))
    elif ticket and leg and kind == DraftKind.FORWARD:
        _office_has(proposal, ticket, leg, known.mail, policy)
    return proposal.decision(MailOutcome.EVENT, _WHY, reference)


def _office_has(proposal: Proposal, ticket: Ticket, leg: Leg, mail: Mail, policy: Policy) -> None:
    """Let an office owe its part that was asked beside the mailbox, as its forward shows.

    What waited then goes on waiting: others may have been asked with it.
    """
    sent = forward_of(ticket, leg, mail.message.message_id, policy)
    if sent is None or not _is_next(sent, ticket, leg) or not policy.knows(leg.office_id):
        return
    office = policy.office(leg.office_id)
    reopen(proposal, policy, ticket.reference, office)
    if ticket.letters[-1].fingerprint not in sent.letters:  # it came since then
        pass_on(proposal, policy, ticket.reference, office)
    words = f"Am {_when(mail, policy)}, ging die Anfrage an {office.short_name} hinaus."
    proposal.note(ticket.reference, f"{words} Das zeigt ihr Beleg.")
    for hold in ticket.holds:
        if hold.reason in _ANSWERED:
            _tell(proposal, hold, words)
        elif hold.reason is HoldReason.EXTERNAL and hold.suggestion == office.id:
            proposal.resolve(ticket.reference, hold, Resolution.PASSED_ON)


def _is_next(sent: LostForward, ticket: Ticket, leg: Leg) -> bool:
    """Whether a forward opened the round that follows the last one known of its office."""
    part = ticket.consultation(leg.office_id)
    if ticket.state is TicketState.CLOSED or (part and part.state.is_open):
        return False
    return sent.round == (part.round if part else 0) + 1


def _count(proposal: Proposal, ticket: Ticket, when: str) -> None:
    """Count an answer that the company has, and say so where a reply waits that may be in it."""
    reference = ticket.reference
    proposal.note(reference, f"Am {when}, ging eine Antwort hinaus, wie ihr Beleg zeigt.")
    proposal.count_answer(reference, ticket.answers + 1)
    for hold in ticket.holds:
        if hold.reply_id or hold.reason is HoldReason.REVIEW:
            words = f"Am {when}, ging schon eine Antwort hinaus, vielleicht mit diesen Worten."
            _tell(proposal, hold, words)
        elif hold.reason in _ANSWERED:
            proposal.resolve(reference, hold, Resolution.ANSWERED)
    left = proposal.tickets[reference]
    if not has_unsent(left) and not left.still_working() and left.state is not TicketState.REVIEW:
        proposal.move(reference, TicketState.ANSWERED)


def _when(mail: Mail, policy: Policy) -> str:
    return f"{mail.received_at.astimezone(policy.zone):%d.%m.%Y, %H:%M} Uhr"


def _tell(proposal: Proposal, hold: Hold, words: str) -> None:
    """Let something wait with these words beside it."""
    proposal.resolve(hold.reference, hold, Resolution.REPLACED)
    proposal.hold(
        hold.reference,
        hold.reason,
        f"{hold.text} {words}",
        mail_id=hold.mail_id,
        office_id=hold.office_id,
        suggestion=hold.suggestion,
        of_reply=bool(hold.reply_id),
        keeps_back=hold.keeps_back,
    )
