"""Our own mails, found again: by their names, or by whom they went to."""

from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select

from mailflow.core.known import Entry
from mailflow.core.retry import EntryState
from mailflow.core.tracking import named
from mailflow.schema import leg, outbox, outbox_bytes

__all__ = ["by_message_ids", "last_sent", "last_to"]

_LAST = 5
"""How many of our last mails one that comes back is compared with."""


def by_message_ids(
    connection: Connection, mailbox_id: int, message_ids: tuple[str, ...]
) -> tuple[Entry, ...]:
    """Give our entries with these Message-IDs, in the order asked."""
    if not message_ids:
        return ()
    query = select(outbox).where(
        outbox.c.mailbox_id == mailbox_id, outbox.c.message_id.in_(message_ids[:50])
    )
    found = {row.message_id: _entry(row) for row in connection.execute(query)}
    for each in message_ids[:50]:
        other = None if each in found else _under_another_key(connection, mailbox_id, each)
        if other:
            found[each] = other
    entries = {found[each].id: found[each] for each in message_ids[:50] if each in found}
    return tuple(entries.values())


def _under_another_key(connection: Connection, mailbox_id: int, message_id: str) -> Entry | None:
    """Find a mail that was sent with a token of an older key and is made again with a newer one."""
    name = named(message_id)
    if name is None:
        return None
    query = (
        select(outbox)
        .join(
            leg,
            and_(
                leg.c.mailbox_id == outbox.c.mailbox_id,
                leg.c.reference == outbox.c.reference,
            ),
        )
        .where(
            leg.c.mailbox_id == mailbox_id,
            leg.c.leg == name[0],
            leg.c.reference != "",
            outbox.c.kind == name[1],
        )
    )
    rows = (row for row in connection.execute(query) if named(row.message_id) == name)
    return next((_entry(row) for row in rows), None)


def last_to(connection: Connection, mailbox_id: int, reference: str, recipient: str) -> list[bytes]:
    """Give the last mails of a ticket to one reader, as composed, newest first."""
    query = (
        select(outbox_bytes.c.raw)
        .join(outbox, outbox.c.id == outbox_bytes.c.outbox_id)
        .where(
            outbox.c.mailbox_id == mailbox_id,
            outbox.c.reference == reference,
            outbox.c.recipient == recipient,
        )
        .order_by(outbox.c.id.desc())
        .limit(_LAST)
    )
    return list(connection.execute(query).scalars())


def last_sent(
    connection: Connection, mailbox_id: int, reference: str, office_id: str, recipients: list[str]
) -> Entry | None:
    """Give the last mail of a ticket, to an office or else the company, that went to one of these.

    None where nothing has been sent to any of them.
    """
    query = (
        select(outbox)
        .where(
            outbox.c.mailbox_id == mailbox_id,
            outbox.c.reference == reference,
            outbox.c.recipient.in_(recipients),
            or_(
                outbox.c.state.in_((EntryState.ACCEPTED, EntryState.SENDING)),
                and_(outbox.c.state == EntryState.FAILED, outbox.c.attempts > 0),
            ),
        )
        .order_by(outbox.c.id.desc())
        .limit(1)
    )
    if office_id:
        query = query.where(outbox.c.office_id == office_id)
    row = connection.execute(query).first()
    return _entry(row) if row else None


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        kind=row.kind,
        reference=row.reference,
        office_id=row.office_id,
        recipient=row.recipient,
        message_id=row.message_id,
        state=EntryState(row.state),
    )
