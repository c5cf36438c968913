"""Our own mails, found again: by their names, or by whom they went to."""

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from mailflow.core.changes import EventKind
from mailflow.core.drafts import TO_COMPANY, TO_OFFICES, DraftKind
from mailflow.core.known import Entry, Leg
from mailflow.core.retry import Cause, EntryState
from mailflow.core.same_words import with_days_open
from mailflow.core.tracking import Role, named
from mailflow.reading import headers
from mailflow.schema import event, outbox, outbox_bytes, status
from mailflow.store.outbox import FROZEN

__all__ = [
    "Composed",
    "by_message_ids",
    "is_of_another",
    "last_sent",
    "last_to",
    "last_to_office",
    "not_sent",
    "to_company",
    "words_of",
]

_NEVER_SENT = (EntryState.HELD, EntryState.QUEUED)

_MAY_HAVE_COME = (Cause.UNKNOWN, Cause.DROPPED, Cause.WITHDRAWN)
"""Of what was given up so, a receipt or a report may still tell that it went out: an order that is
read again after a loss takes back what went out before it."""

_TAG = re.compile(r"<[^<>]{0,2000}>")
_LAST = 10
"""How many of our last mails one that comes back is compared with."""

_HEAD = 65_536
"""So many bytes of a mail of ours hold its Date, also where a server wrote its header anew."""

_SINCE_A_LOSS = (
    select(status.c.name)
    .where(status.c.mailbox_id == outbox.c.mailbox_id, status.c.name == FROZEN)
    .exists()
) | (
    select(event.c.id)
    .where(
        event.c.mailbox_id == outbox.c.mailbox_id,
        event.c.kind == EventKind.THAWED,
        event.c.at >= outbox.c.created_at,
    )
    .exists()
)
"""Whether an entry may have been made anew: nothing has gone out yet since, or a thaw let it."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail of ours as composed, which may be ``anew``: then no receipt tells what went out."""

    raw: bytes
    anew: bool


def by_message_ids(
    connection: Connection, mailbox_id: int, message_ids: tuple[str, ...]
) -> tuple[Entry, ...]:
    """Give our entries with these Message-IDs, made by whatever key, in the order asked.

    They are found by the names in them; whether a key of ours made the ids is asked before.
    """
    names = dict.fromkeys(filter(None, map(named, message_ids[:50])))
    if not names:
        return ()
    query = select(outbox).where(outbox.c.mailbox_id == mailbox_id, outbox.c.name.in_(names))
    found = {row.name: _entry(row) for row in connection.execute(query)}
    return tuple(found[name] for name in names if name in found)


def is_of_another(connection: Connection, entry: Entry | None, date: datetime | None) -> bool:
    """Tell whether a copy that bears an entry's name was composed elsewhere: its Date is another's.

    A second mailflow with a copy of the database gives its mails the same names. What may have been
    made anew since a loss says nothing of it.
    """
    if entry is None or date is None:
        return False
    query = (
        select(func.substr(outbox_bytes.c.raw, 1, _HEAD))
        .join(outbox, outbox.c.id == outbox_bytes.c.outbox_id)
        .where(outbox.c.id == entry.id, ~_SINCE_A_LOSS)
    )
    head = connection.execute(query).scalar()
    ours = _date_in(bytes(head)) if head else None
    return ours is not None and ours != date


def _date_in(head: bytes) -> datetime | None:
    """Give the moment that a mail's first bytes bear, as any mail is read; None for none."""
    field = email.message_from_bytes(head.rpartition(b"\n")[0])["Date"]
    moment, _ = headers.date(str(field or ""))
    return moment


def not_sent(connection: Connection, mailbox_id: int, message_ids: list[str]) -> int:
    """Count, of these Message-IDs of ours, those that are unknown here, or still to be sent."""
    total = 0
    for message_id in message_ids:
        entries = by_message_ids(connection, mailbox_id, (message_id,))
        total += not entries or entries[0].state in _NEVER_SENT
    return total


def to_company(connection: Connection, mailbox_id: int, references: list[str]) -> tuple[Entry, ...]:
    """Give what tickets have for their companies, sent or not, oldest first."""
    query = (
        select(outbox)
        .where(
            outbox.c.mailbox_id == mailbox_id,
            outbox.c.reference.in_(references),
            outbox.c.kind.in_(TO_COMPANY),
        )
        .order_by(outbox.c.id)
    )
    return tuple(map(_entry, connection.execute(query)))


def last_to(
    connection: Connection, mailbox_id: int, reference: str, recipient: str
) -> list[Composed]:
    """Give the last mails of a ticket to one reader, as composed, newest first."""
    return _last(connection, mailbox_id, reference, outbox.c.recipient == recipient)


def last_to_office(
    connection: Connection, mailbox_id: int, reference: str, office_id: str
) -> list[Composed]:
    """Give the last mails of a ticket about one office's part, whoever of it they went to."""
    return _last(connection, mailbox_id, reference, outbox.c.office_id == office_id)


def _last(
    connection: Connection, mailbox_id: int, reference: str, which: ColumnElement[bool]
) -> list[Composed]:
    query = (
        select(outbox_bytes.c.raw, outbox.c.receipt_at.is_(None) & _SINCE_A_LOSS)
        .join(outbox, outbox.c.id == outbox_bytes.c.outbox_id)
        .where(outbox.c.mailbox_id == mailbox_id, outbox.c.reference == reference, which)
        .order_by(outbox.c.id.desc())
        .limit(_LAST)
    )
    return [Composed(raw, bool(anew)) for raw, anew in connection.execute(query)]


def words_of(ours: Composed) -> str:
    """Give a mail of ours as its readers may quote it: its text, and its HTML without the tags."""
    message = email.message_from_bytes(ours.raw, policy=email.policy.default)
    texts = [
        str(part.get_content())
        for part in message.walk()
        if part.get_content_type() in ("text/plain", "text/html") and not part.get_filename()
    ]
    words = "\n".join([*texts, *(unescape(_TAG.sub(" ", text)) for text in texts)])
    return with_days_open(words) if ours.anew else words


def last_sent(
    connection: Connection, mailbox_id: int, leg: Leg, recipients: list[str]
) -> Entry | None:
    """Give the last mail of a leg, to its office or its company, that went to one of these.

    None where nothing has been sent to any of them. A company's token speaks for no office, nor an
    office's for the company, even where both have one address.
    """
    kinds = TO_OFFICES if leg.role is Role.OFFICE else TO_COMPANY
    query = (
        select(outbox)
        .where(
            outbox.c.mailbox_id == mailbox_id,
            outbox.c.reference == leg.reference,
            outbox.c.kind.in_(kinds),
            outbox.c.recipient.in_(recipients),
            or_(
                outbox.c.state.in_((EntryState.ACCEPTED, EntryState.SENDING)),
                and_(outbox.c.state == EntryState.FAILED, outbox.c.cause != Cause.WITHDRAWN),
            ),
        )
        .order_by(outbox.c.id.desc())
        .limit(1)
    )
    if leg.role is Role.OFFICE:
        query = query.where(outbox.c.office_id == leg.office_id)
    row = connection.execute(query).first()
    return _entry(row) if row else None


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        kind=DraftKind(row.kind),
        reference=row.reference,
        office_id=row.office_id,
        recipient=row.recipient,
        message_id=row.message_id,
        state=EntryState(row.state),
        unknown=row.cause in _MAY_HAVE_COME,
    )
