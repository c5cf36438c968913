"""What a receipt tells of the mail it is a copy of, where the mail's own row was lost.

Names are keyed hashes of what they name: whoever knows what it can have been finds out what it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from mailflow.core.address import ascii_domain
from mailflow.core.changes import AddSent
from mailflow.core.consulting import forward_names
from mailflow.core.drafts import NULL_PATH, DraftKind, Occasion
from mailflow.core.known import Known, Leg, Policy
from mailflow.core.message import Message
from mailflow.core.ticket import Letter, Ticket
from mailflow.core.tracking import Role, find_references, named

__all__ = ["LostForward", "forward_of", "leg_of_lost", "lost_row"]

_ROUNDS = 3
"""So many rounds of an office, beyond those known, may have been ordered beside the mailbox."""


@dataclass(frozen=True, slots=True)
class LostForward:
    """In which round a forward went to its office, and the letters it brought (fingerprints)."""

    round: int
    letters: tuple[str, ...]


def leg_of_lost(known: Known, policy: Policy) -> Leg | None:
    """Give for whom the mail was; an office not asked yet is known by the name of its leg."""
    if known.legs:
        return known.legs[0]
    message = known.mail.message
    name = named(message.message_id).partition(".")[0]
    for reference in find_references(message.subject, policy.prefix):
        for office in policy.offices:
            if policy.keyring.leg(Role.OFFICE, reference, office.id) == name:
                return Leg(name, Role.OFFICE, reference, office.id, office.address, valid=True)
    return None


def lost_row(kind: DraftKind, known: Known, leg: Leg | None, policy: Policy) -> AddSent:
    """Give the row as it was, as far as the receipt tells."""
    message = known.mail.message
    ticket = known.tickets.get(leg.reference) if leg else None
    sent = forward_of(ticket, leg, message.message_id, policy) if ticket and leg else None
    return AddSent(
        kind=kind,
        reference=leg.reference if leg else "",
        office_id=leg.office_id if leg else "",
        recipient=_reader(message, leg),
        message_id=message.message_id,
        subject=message.subject,
        envelope_from=_envelope_from(kind, message, policy),
        mail_id=known.mail.id,
        at=known.mail.received_at,
        letters=sent.letters if sent else (),
        round=sent.round if sent else 0,
    )


def _reader(message: Message, leg: Leg | None) -> str:
    """Give to whom it went: what is an office's goes to its deputy and its head, too."""
    read_by = next((each.address for each in message.to), "")
    if leg and (leg.role is Role.COMPANY or not read_by):
        return ascii_domain(leg.recipient)
    return read_by


def _envelope_from(kind: DraftKind, message: Message, policy: Policy) -> str:
    """Give where a report on it goes: as the receipt says, unless a server put in its own."""
    path = message.return_path or ""
    if kind in NULL_PATH:
        return ""
    return path if policy.is_central(path) else policy.central_address


def forward_of(ticket: Ticket, leg: Leg, message_id: str, policy: Policy) -> LostForward | None:
    """Give what the forward of this name was, None for any other mail.

    What was kept back went only by an order of its own, and so as the last letter.
    """
    name = named(message_id)
    for round_, occasion, last in _forwards(ticket, leg.office_id):
        names = forward_names(leg.office_id, round_, occasion, last.fingerprint)
        names = (ticket.reference, *names)
        if policy.keyring.name(DraftKind.FORWARD, name.partition(".")[0], names) != name:
            continue
        upto = ticket.letters[: ticket.letters.index(last)]
        before = [each for each in upto if each.mail_id not in ticket.kept_back]
        brought = (last,) if occasion is Occasion.QUESTION else (*before, last)
        return LostForward(round_, tuple(each.fingerprint for each in brought))
    return None


def _forwards(ticket: Ticket, office_id: str) -> Iterator[tuple[int, Occasion, Letter]]:
    """Give each forward of a ticket that an office can have got: round, occasion, last letter."""
    part = ticket.consultation(office_id)
    rounds = range(1, (part.round if part else 0) + _ROUNDS + 1)
    return product(rounds, Occasion, ticket.letters)
