"""What G asks of all that is open: somebody is shown it, was written to, or is waited for."""

from collections.abc import Iterator

from sqlalchemy import Column, Connection, Exists, and_, exists, or_, select

from mailflow.core.changes import MailOutcome
from mailflow.core.drafts import DraftKind
from mailflow.core.overview import DigestFacts
from mailflow.core.retry import Cause, EntryState
from mailflow.core.ticket import OVER_STATES, Ticket, TicketState
from mailflow.schema import consultation, hold, mail, outbox, status, ticket
from mailflow.store import Store
from mailflow.store.engine import reading
from mailflow.store.outbox import EVEN_FROZEN, FROZEN

__all__ = ["taken_by_a_server", "unattended", "waits_for_nobody"]

_ON_ITS_WAY = (EntryState.QUEUED, EntryState.DEFERRED, EntryState.SENDING)


def waits_for_nobody(ticket: Ticket) -> bool:
    """Whether a ticket is open, and neither an office nor the manager has anything to do in it."""
    return ticket.state not in OVER_STATES and not ticket.holds and not ticket.still_working()


def unattended(store: Store, facts: DigestFacts, *, way_out_shut: bool) -> Iterator[str]:
    """Say what nobody sees to; ``facts`` are those of the digest, as it would be written now."""
    with reading(store.engine) as connection:
        yield from _shown_to_nobody(connection, store.mailbox_id, facts)
        yield from _told_to_nobody(connection, store.mailbox_id)
        yield from _stuck(connection, store.mailbox_id, way_out_shut=way_out_shut)
    for each in facts.tickets:
        if waits_for_nobody(each):
            yield f"{each.reference} is {each.state}, and waits for nobody"


def taken_by_a_server(store: Store) -> Iterator[tuple[str, str]]:
    """Give reader and Message-ID of all that a server is said to have taken over."""
    query = select(outbox.c.recipient, outbox.c.message_id).where(
        outbox.c.mailbox_id == store.mailbox_id, outbox.c.state == EntryState.ACCEPTED
    )
    with reading(store.engine) as connection:
        for row in connection.execute(query):
            yield row.recipient.lower(), row.message_id


def _shown_to_nobody(connection: Connection, mailbox_id: int, facts: DigestFacts) -> Iterator[str]:
    """A held mail has an item, of its own or of the flood it came in; each that waits is shown."""
    its_item = or_(hold.c.mail_id == mail.c.id, hold.c.mail_id == mail.c.flood_id)
    query = select(mail.c.id, mail.c.why).where(
        mail.c.mailbox_id == mailbox_id,
        mail.c.outcome == MailOutcome.HELD,
        ~exists().where(its_item),
    )
    for row in connection.execute(query):
        yield f"mail {row.id} is held, and no item tells of it: {row.why}"
    shown = {each.id for one in facts.tickets for each in one.holds}
    shown |= {each.hold.id for each in facts.held}
    waiting = select(hold.c.id, hold.c.reason).where(
        hold.c.mailbox_id == mailbox_id, hold.c.resolved_at.is_(None)
    )
    for row in connection.execute(waiting):
        if row.id not in shown:
            yield f"item {row.id} ({row.reason}) is in no digest"


def _told_to_nobody(connection: Connection, mailbox_id: int) -> Iterator[str]:
    """What opened a ticket brought about a mail or an item; who is asked or answered, got one."""
    opened = select(mail.c.id, mail.c.reference).where(
        mail.c.mailbox_id == mailbox_id,
        mail.c.outcome == MailOutcome.TICKET,
        ~_written(mailbox_id, mail.c.reference),
        ~exists().where(hold.c.mailbox_id == mailbox_id, hold.c.reference == mail.c.reference),
    )
    for row in connection.execute(opened):
        yield f"mail {row.id} opened {row.reference}, and nobody was written to"
    yield from _never_asked(connection, mailbox_id)
    answered = select(ticket.c.reference).where(
        ticket.c.mailbox_id == mailbox_id,
        ticket.c.state == TicketState.ANSWERED,
        ~_written(mailbox_id, ticket.c.reference, DraftKind.COMBINED_ANSWER),
    )
    for reference in connection.execute(answered).scalars():
        yield f"{reference} is answered, and there is no answer"


def _never_asked(connection: Connection, mailbox_id: int) -> Iterator[str]:
    part = consultation.c
    forward = _written(mailbox_id, ticket.c.reference, DraftKind.FORWARD)
    query = (
        select(ticket.c.reference, part.office_id)
        .join(ticket, ticket.c.id == part.ticket_id)
        .where(ticket.c.mailbox_id == mailbox_id)
        .where(~forward.where(outbox.c.office_id == part.office_id))
    )
    for row in connection.execute(query):
        yield f"{row.office_id} is asked in {row.reference}, and was never written to"


def _written(mailbox_id: int, reference: Column[str], *kinds: DraftKind) -> Exists:
    """Whether a ticket has an outbox entry; of one of these kinds, where any are named."""
    of_kind = [outbox.c.kind.in_(kinds)] if kinds else []
    same = (outbox.c.mailbox_id == mailbox_id, outbox.c.reference == reference)
    return exists().where(*same, *of_kind)


def _stuck(connection: Connection, mailbox_id: int, *, way_out_shut: bool) -> Iterator[str]:
    """An entry has ended, or waits for who knows of it: a freeze's release, an item, a way out."""
    entry = outbox.c
    frozen = exists().where(status.c.mailbox_id == mailbox_id, status.c.name == FROZEN)
    item = (hold.c.mailbox_id == mailbox_id, hold.c.reference == entry.reference)
    by_item = exists().where(*item, hold.c.resolved_at.is_(None))
    held_for_nobody = and_(
        entry.state == EntryState.HELD, or_(entry.cause != Cause.FROZEN, ~frozen), ~by_item
    )
    not_sent = and_(
        entry.state.in_(() if way_out_shut else _ON_ITS_WAY),
        or_(~frozen, entry.kind.in_(EVEN_FROZEN)),
    )
    query = select(entry.kind, entry.recipient, entry.state).where(
        entry.mailbox_id == mailbox_id, or_(held_for_nobody, not_sent)
    )
    for row in connection.execute(query):
        yield f"{row.kind} to {row.recipient} is {row.state}, and nobody waits for it"
