"""A mail that came twice: its first copy was read by nobody, or its sender was in doubt.

A list or a filter that adds a header makes a person's mail a machine's, without effect; the same
mail that then comes directly is the first that anybody reads.

A forwarder breaks SPF and DKIM; the same bytes that come directly are proven. What waits only for
that proof is settled, and the better copy is decided as if it were the first.
"""

from dataclasses import replace
from datetime import datetime

from mailflow.core.changes import Decision, MailOutcome, ResolveHold, SetMail
from mailflow.core.known import Authentication, Known
from mailflow.core.message import Kind
from mailflow.core.proposal import Proposal
from mailflow.core.reply import ReplyKind
from mailflow.core.ticket import Hold, HoldReason, ReplyState, Resolution, Ticket

__all__ = ["double", "doubt_is_over", "joined", "settled"]

_SETTLED = "Dieselbe Mail kam noch einmal, ohne was an ihr zweifeln ließ."


def double() -> Decision:
    """File a mail that was read before."""
    return Decision(MailOutcome.EVENT, "Doppel einer schon gelesenen Mail", unread=True)


def doubt_is_over(known: Known) -> bool:
    """Whether a double settles what the mails before it wait for, and they wait for nothing else.

    That is the proof of their sender, or that a person wrote what a header calls a circular or
    another machine's.
    """
    mail = known.mail
    proven = mail.authentication is Authentication.PASS
    persons = mail.message.kind is Kind.PERSONAL and not mail.message.perhaps_machine
    circular = HoldReason.CIRCULAR
    over = (persons if each.reason is circular else proven for each in known.doubted)
    return bool(known.doubted) and all(over)


def settled(known: Known, now: datetime) -> tuple[Proposal, Known]:
    """Settle what the copies in doubt wait under; give this, and what is known afterwards.

    Their replies stay on record, and count as never said.
    """
    proposal = Proposal(known.tickets, now)
    for hold in known.doubted:
        ticket = known.tickets.get(hold.reference)
        if ticket is None:
            proposal.record(ResolveHold(hold.id, Resolution.REPLACED))
        else:
            _drop(proposal, ticket, hold)
        reference = ticket.reference if ticket else ""
        proposal.record(SetMail(hold.mail_id, MailOutcome.EVENT, reference))
    return proposal, replace(known, tickets=proposal.tickets, doubted=(), duplicate=False)


def _drop(proposal: Proposal, ticket: Ticket, hold: Hold) -> None:
    """Settle an item of a ticket, with the reply that waits under it."""
    waiting = next((each for each in ticket.holds if each.id == hold.id), hold)
    replies = (reply for part in ticket.consultations for reply in part.replies)
    reply = next((each for each in replies if each.id == hold.reply_id), None)
    if reply:
        proposal.set_reply(ticket.reference, reply, ReplyKind.INTERNAL, ReplyState.KEPT)
    proposal.resolve(ticket.reference, waiting, Resolution.REPLACED)
    proposal.note(ticket.reference, _SETTLED)


def joined(settling: Proposal, then: Decision) -> Decision:
    """Give what was settled and the decision that followed as one, whose outcome is the second's.

    What the second has touched it has also looked after; a ticket in which it did nothing may be
    left without anybody.
    """
    looked_after = {reference for reference, _ in then.versions}
    first = settling.decision(MailOutcome.EVENT, _SETTLED, looked_after=looked_after)
    return replace(
        then,
        changes=(*first.changes, *then.changes),
        drafts=(*first.drafts, *then.drafts),
        versions=tuple(dict((*first.versions, *then.versions)).items()),
    )
