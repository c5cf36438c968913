"""The audit trail: a row for everything that happened, each bound to the one before by hash."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, insert, select

from mailflow.core.changes import EventKind
from mailflow.schema import event, mailbox, storable
from mailflow.store.engine import reading

__all__ = ["Event", "append", "broken_link", "of_ticket"]

_FIRST = "0" * 64
_PAGE = 2000


@dataclass(frozen=True, slots=True)
class Event:
    """What happened: ``text`` for people, the rest for programs; its names are the columns'.

    ``state`` is the new one of the ticket, or of the office's part in it in this ``round``.
    """

    reference: str
    kind: EventKind
    text: str
    office_id: str = ""
    round: int | None = None
    state: str = ""
    due_on: date | None = None


_CONTENT = tuple(each.name for each in fields(Event))
"""What the hash binds beside the time: whatever an event says."""


def append(connection: Connection, mailbox_id: int, now: datetime, told: Iterable[Event]) -> None:
    """Add what happened to the end of the chain."""
    rows = [asdict(each) | {"mailbox_id": mailbox_id, "at": now} for each in told]
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(_TURN, {"mailbox_id": mailbox_id})
    _chain(rows, _last(connection, mailbox_id))
    connection.execute(insert(event), rows)


def _chain(rows: Iterable[dict[str, Any]], previous: str) -> None:
    """Bind each row to the one before, as it will stand in the database."""
    for row in rows:
        row["text"] = storable(row["text"])
        row["previous"], row["hash"] = previous, _hash(previous, row)
        previous = row["hash"]


_TURN = (
    select(mailbox.c.id)
    .where(mailbox.c.id == bindparam("mailbox_id"))
    .with_for_update(key_share=True)
)
"""Two nodes must not forge two successors of a row. The stronger lock, for deleting it, would wait
for whoever has written a row of this mailbox, and he for us."""

_LAST = (
    select(event.c.hash)
    .where(event.c.mailbox_id == bindparam("mailbox_id"))
    .order_by(event.c.id.desc())
    .limit(1)
)


def _last(connection: Connection, mailbox_id: int) -> str:
    return connection.execute(_LAST, {"mailbox_id": mailbox_id}).scalar() or _FIRST


def _hash(previous: str, row: Mapping[str, Any]) -> str:
    content = [previous, row["at"].timestamp(), *(row[name] for name in _CONTENT)]
    written = json.dumps(content, ensure_ascii=True, default=date.isoformat)
    return hashlib.sha256(written.encode()).hexdigest()


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


def broken_link(engine: Engine, mailbox_id: int) -> int | None:
    """Give the first row that does not follow from the one before, None if the chain holds.

    It is read page by page, each in a transaction of its own: a chain of years must keep no
    commit waiting, and not be in memory at once.
    """
    previous, last = _FIRST, 0
    while rows := _page(engine, mailbox_id, last):
        for row in rows:
            if row.previous != previous or row.hash != _hash(previous, row._asdict()):
                return int(row.id)
            previous, last = row.hash, row.id
    return None


def _page(engine: Engine, mailbox_id: int, after: int) -> Sequence[Row[Any]]:
    query = select(event).where(event.c.mailbox_id == mailbox_id, event.c.id > after)
    with reading(engine) as connection:
        return connection.execute(query.order_by(event.c.id).limit(_PAGE)).all()
