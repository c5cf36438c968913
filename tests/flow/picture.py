"""What a database made good from the mailbox must hold again, and what may differ in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select

from mailflow.core.retry import EntryState
from mailflow.core.ticket import TicketState
from mailflow.schema import bound_sender, leg, outbox
from mailflow.store import Store
from mailflow.store.engine import reading

__all__ = ["Entry", "Picture", "differences", "picture_of"]

_OF_THE_CLOCK = {"alert", "digest", "report"}
"""Mails to the manager that no mail causes: a database made anew neither misses nor has them."""

_UNPROVEN = {
    EntryState.ACCEPTED: {EntryState.ACCEPTED, EntryState.HELD},
    EntryState.QUEUED: {EntryState.HELD},
    EntryState.DEFERRED: {EntryState.HELD},
    EntryState.SENDING: {EntryState.HELD},
    EntryState.HELD: {EntryState.HELD},
    EntryState.FAILED: {EntryState.FAILED, EntryState.HELD},
}
"""What may become of a mail whose receipt is not in the mailbox.

What a server took is accepted again if a reply names it, and held otherwise: the mailbox holds
nothing else that tells. What had not gone out is held. What failed has failed if a report on it
came by mail, and is held if the server refused it at once.
"""


class Entry(NamedTuple):
    """An outgoing mail; ``receipt``: its copy came back, so that the mailbox proves it."""

    kind: str
    reference: str
    reader: str
    message_id: str
    state: EntryState
    receipt: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """Tickets by reference, tokens, learned senders, and outgoing mails by name.

    The name is the Message-ID without the key that made it: where keys were changed since, a mail
    whose receipt does not tell gets its Message-ID from the newer one.
    """

    tickets: dict[str, object]
    legs: frozenset[tuple[object, ...]]
    senders: frozenset[tuple[str, str]]
    outbox: dict[str, Entry]

    def held(self) -> list[tuple[str, str]]:
        """Give kind and reader of what is held."""
        return [(e.kind, e.reader) for e in self.outbox.values() if e.state is EntryState.HELD]


def picture_of(store: Store) -> Picture:
    """Look at everything that must survive."""
    tickets = store.tickets(store.references(tuple(TicketState)))
    legs = select(leg.c.leg, leg.c.role, leg.c.reference, leg.c.office_id, leg.c.recipient)
    senders = select(bound_sender.c.address, bound_sender.c.office_id)
    entries = select(outbox).order_by(outbox.c.id)
    with reading(store.engine) as connection:
        return Picture(
            {
                reference: (
                    ticket.state,
                    ticket.leg,
                    ticket.subject,
                    ticket.account.name,
                    [(e.office_id, e.state, e.leg, e.due_on) for e in ticket.consultations],
                    [letter.text for letter in ticket.letters],
                )
                for reference, ticket in tickets.items()
            },
            frozenset(tuple(row) for row in connection.execute(legs)),
            frozenset((row.address, row.office_id) for row in connection.execute(senders)),
            {
                row.name: Entry(
                    row.kind,
                    row.reference,
                    row.recipient,
                    row.message_id,
                    EntryState(row.state),
                    row.receipt_at is not None,
                )
                for row in connection.execute(entries)
                if row.kind not in _OF_THE_CLOCK
            },
        )


def differences(before: Picture, after: Picture) -> list[str]:
    """Say what is not again as it was; nothing when all is well."""
    found = [f"{name} differs" for name in _differing(before, after)]
    lost, new = before.outbox.keys() - after.outbox.keys(), after.outbox.keys() - before.outbox
    found += [f"lost: {name}, {before.outbox[name]}" for name in lost]
    found += [f"new: {name}, {after.outbox[name]}" for name in new]
    for name in before.outbox.keys() & after.outbox.keys():
        was, became = before.outbox[name], after.outbox[name]
        if was[:3] != became[:3] or not _may_become(was, became):
            found.append(f"{name} was {was}, is {became}")
    return found


def _differing(before: Picture, after: Picture) -> Iterator[str]:
    for reference in before.tickets.keys() | after.tickets.keys():
        one, other = before.tickets.get(reference), after.tickets.get(reference)
        if one != other:
            yield f"{reference}: {one} -> {other}"
    if before.legs != after.legs:
        yield f"tokens: {before.legs ^ after.legs}"
    if before.senders != after.senders:
        yield f"learned senders: {before.senders ^ after.senders}"


def _may_become(was: Entry, became: Entry) -> bool:
    if was.receipt:
        same_name = became.message_id == was.message_id
        return became.state is was.state and became.receipt and same_name
    return became.state in _UNPROVEN[was.state]
