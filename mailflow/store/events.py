"""The audit trail: a row for everything that happened, each bound to the one before by hash."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from mailflow.schema import event, mailbox, storable

__all__ = ["append", "broken_link", "of_ticket"]

_FIRST = "0" * 64


def append(
    connection: Connection,
    mailbox_id: int,
    now: datetime,
    rows: Iterable[tuple[str, str, str]],
) -> None:
    """Add (reference, kind, text) rows to the end of the chain."""
    rows = [(reference, kind, storable(text)) for reference, kind, text in rows]
    if not rows:
        return
    if connection.dialect.name == "postgresql":  # two nodes must not forge two successors of a row
        connection.execute(select(mailbox.c.id).where(mailbox.c.id == mailbox_id).with_for_update())
    previous = _last(connection, mailbox_id)
    values = []
    for reference, kind, text in rows:
        digest = _hash(previous, now, reference, kind, text)
        values.append(
            {
                "mailbox_id": mailbox_id,
                "at": now,
                "reference": reference,
                "kind": kind,
                "text": text,
                "previous": previous,
                "hash": digest,
            }
        )
        previous = digest
    connection.execute(insert(event), values)


_LAST = (
    select(event.c.hash)
    .where(event.c.mailbox_id == bindparam("mailbox_id"))
    .order_by(event.c.id.desc())
    .limit(1)
)


def _last(connection: Connection, mailbox_id: int) -> str:
    return connection.execute(_LAST, {"mailbox_id": mailbox_id}).scalar() or _FIRST


def _hash(previous: str, at: datetime, reference: str, kind: str, text: str) -> str:
    content = json.dumps([previous, at.timestamp(), reference, kind, text], ensure_ascii=True)
    return hashlib.sha256(content.encode()).hexdigest()


def of_ticket(
    connection: Connection, mailbox_id: int, reference: str
) -> list[tuple[datetime, str, str]]:
    """Give a ticket's events as (time, kind, text), oldest first."""
    query = (
        select(event.c.at, event.c.kind, event.c.text)
        .where(event.c.mailbox_id == mailbox_id, event.c.reference == reference)
        .order_by(event.c.id)
    )
    return [(row.at, row.kind, row.text) for row in connection.execute(query)]


def broken_link(connection: Connection, mailbox_id: int) -> int | None:
    """Give the first row that does not follow from the one before, None if the chain holds."""
    previous = _FIRST
    query = select(event).where(event.c.mailbox_id == mailbox_id).order_by(event.c.id)
    for row in connection.execute(query):
        expected = _hash(previous, row.at, row.reference, row.kind, row.text)
        if row.previous != previous or row.hash != expected:
            return int(row.id)
        previous = row.hash
    return None
