"""What proves that a mail arrived, and what waits, after a loss, until the manager says go."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, TextClause, and_, func, or_, select, text, update

from mailflow.core.drafts import DraftKind
from mailflow.core.retry import Cause, EntryState
from mailflow.schema import STILL_TO_GO, outbox
from mailflow.store import recall
from mailflow.store.outbox import EVEN_FROZEN, is_frozen
from mailflow.store.sent import by_message_ids

__all__ = [
    "frozen",
    "hold_unproven",
    "kept_waiting",
    "prove",
    "prove_forwards",
    "release_frozen",
]

_UNPROVEN = (EntryState.QUEUED, EntryState.DEFERRED, EntryState.SENDING)
_DROPPED = and_(outbox.c.state == EntryState.FAILED, outbox.c.cause == Cause.DROPPED)


def prove(
    connection: Connection, mailbox_id: int, message_ids: Iterable[str], now: datetime
) -> None:
    """Settle what was unsure, dropped or is held after a loss: who replies to a mail has it.

    At any other time a held mail waits for its release: nobody can have received it.
    """
    asked = tuple(each for each in message_ids if each)
    ids = [each.id for each in by_message_ids(connection, mailbox_id, asked)]
    if ids:
        held = (EntryState.HELD,) if is_frozen(connection, mailbox_id) else ()
        connection.execute(
            update(outbox)
            .where(
                outbox.c.id.in_(ids),
                or_(outbox.c.state.in_((*_UNPROVEN, *held)), _DROPPED),
            )
            .values(_answered(now))
        )


def prove_forwards(
    connection: Connection,
    mailbox_id: int,
    reference: str,
    office_id: str,
    message_ids: Iterable[str],
    now: datetime,
) -> None:
    """Settle the forward that an office's reply names, and those before it.

    A reply that names none proves the first: its token has travelled with nothing else before.
    While the database is made good what was made anew is not held yet, and may be out as well.
    """
    own = (
        outbox.c.mailbox_id == mailbox_id,
        outbox.c.reference == reference,
        outbox.c.office_id == office_id,
        outbox.c.kind == DraftKind.FORWARD,
    )
    ids = list(connection.execute(select(outbox.c.id).where(*own).order_by(outbox.c.id)).scalars())
    asked = tuple(each for each in message_ids if each)
    named = {each.id for each in by_message_ids(connection, mailbox_id, asked)}
    last = max(named.intersection(ids), default=min(ids, default=0))
    made_anew = _UNPROVEN if is_frozen(connection, mailbox_id) else ()
    unproven = outbox.c.state.in_((EntryState.HELD, *made_anew))
    connection.execute(
        update(outbox)
        .where(*own, outbox.c.id <= last, or_(unproven, _DROPPED))
        .values(_answered(now))
    )


def _answered(now: datetime) -> dict[str, Any]:
    return {
        "state": EntryState.ACCEPTED,
        "accepted_at": func.coalesce(outbox.c.accepted_at, now),
        "response": "eine Antwort darauf ist gekommen",
        "cause": Cause.NONE,
    }


def hold_unproven(connection: Connection, mailbox_id: int, reason: str, *, told: bool) -> int:
    """Hold everything that would go out; give how many mails that are.

    What tells the manager goes out all the same, unless that may have been ``told`` before.
    """
    spared = () if told else (outbox.c.kind.not_in(EVEN_FROZEN),)
    held = connection.execute(
        update(outbox)
        .where(outbox.c.mailbox_id == mailbox_id, text(STILL_TO_GO), *spared)
        .values(state=EntryState.HELD, response=reason, cause=Cause.FROZEN)
    )
    return held.rowcount


_FROZEN = (outbox.c.state == EntryState.HELD, outbox.c.cause == Cause.FROZEN)


def frozen(connection: Connection, mailbox_id: int) -> list[tuple[str, str, str]]:
    """Give kind, reference and recipient of what a thaw sends or drops, oldest first."""
    return _listed(connection, mailbox_id, *_FROZEN, ~recall.NOT_ASKED)


def kept_waiting(connection: Connection, mailbox_id: int) -> list[tuple[str, str, str]]:
    """Give kind, reference and recipient of what a freeze keeps waiting without holding it."""
    still_to_go = (text(STILL_TO_GO), outbox.c.kind.not_in(EVEN_FROZEN), ~recall.NOT_ASKED)
    return _listed(connection, mailbox_id, *still_to_go)


def _listed(
    connection: Connection, mailbox_id: int, *which: ColumnElement[bool] | TextClause
) -> list[tuple[str, str, str]]:
    query = (
        select(outbox.c.kind, outbox.c.reference, outbox.c.recipient)
        .where(outbox.c.mailbox_id == mailbox_id, *which)
        .order_by(outbox.c.id)
    )
    return [(row.kind, row.reference, row.recipient) for row in connection.execute(query)]


def release_frozen(connection: Connection, mailbox_id: int, now: datetime, *, send: bool) -> int:
    """Send what a freeze holds, or drop it; give how many mails that are.

    What offices were to get that are not asked any more is dropped either way, and not counted.
    """
    recall.take_back(connection, and_(outbox.c.mailbox_id == mailbox_id, *_FROZEN), now)
    ended = {
        "state": EntryState.FAILED,
        "cause": Cause.DROPPED,
        "response": "nach einer Wiederherstellung verworfen, gilt als gesendet",
    }
    target = {"state": EntryState.QUEUED, "cause": Cause.NONE} if send else ended
    released = connection.execute(
        update(outbox)
        .where(outbox.c.mailbox_id == mailbox_id, *_FROZEN)
        .values(**target, next_attempt_at=now, resent_at=None)  # a sending of its own
    )
    return released.rowcount
