"""What proves that a mail arrived, and what waits, after a loss, until the manager says go."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    TextClause,
    and_,
    case,
    func,
    or_,
    select,
    text,
    true,
    update,
)

from mailflow.core.drafts import DraftKind
from mailflow.core.retry import Cause, EntryState
from mailflow.core.tracking import named
from mailflow.schema import STILL_TO_GO, mail, outbox
from mailflow.store import recall
from mailflow.store.outbox import EVEN_FROZEN, is_frozen
from mailflow.store.sent import by_message_ids

__all__ = [
    "copied",
    "copies",
    "frozen",
    "hold_unproven",
    "kept_waiting",
    "prove",
    "prove_forwards",
    "release_frozen",
    "still_to_go",
]

_LIKE_OURS = "<mailflow."
_MANY = 10_000
_BY_THE_CLOCK = (DraftKind.REMINDER, DraftKind.ESCALATION)
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


def hold_unproven(
    connection: Connection,
    mailbox_id: int,
    reason: str,
    *,
    told: bool,
    sure: Collection[int] = (),
    until: datetime | None = None,
) -> int:
    """Hold everything that would go out; give how many mails that are.

    What tells the manager goes out all the same, unless that may have been ``told`` before. Entries
    that are ``sure`` have gone out from nowhere else. Nor has what was due after ``until``, but for
    what the clock sends, which works on while no mail can be read.
    """
    spared = () if told else (outbox.c.kind.not_in(EVEN_FROZEN),)
    due = outbox.c.next_attempt_at
    unsure = or_(due <= until, outbox.c.kind.in_(_BY_THE_CLOCK)) if until else true()
    held = connection.execute(
        update(outbox)
        .where(
            outbox.c.mailbox_id == mailbox_id,
            text(STILL_TO_GO),
            outbox.c.id.not_in(sorted(sure)),
            unsure,
            *spared,
        )
        .values(state=EntryState.HELD, response=reason, cause=Cause.FROZEN)
    )
    return held.rowcount


def still_to_go(
    connection: Connection,
    mailbox_id: int,
    kinds: Collection[str] = (),
    since: datetime | None = None,
) -> frozenset[int]:
    """Give what has still to go out, all or of these kinds: the oldest, where it is very much."""
    of_kinds = (outbox.c.kind.in_(kinds),) if kinds else ()
    made_since = (outbox.c.created_at >= since,) if since else ()
    query = (
        select(outbox.c.id)
        .where(outbox.c.mailbox_id == mailbox_id, text(STILL_TO_GO), *of_kinds, *made_since)
        .order_by(outbox.c.id)
        .limit(_MANY)
    )
    return frozenset(connection.execute(query).scalars())


def copies(connection: Connection, mailbox_id: int) -> tuple[int, datetime | None]:
    """Give of how many of our mails a copy came, and when the last of these was due.

    Of one that has come back it is not known when it was due, so when it was made counts.
    """
    due = case(
        (outbox.c.state == EntryState.FAILED, outbox.c.created_at), else_=outbox.c.next_attempt_at
    )
    query = select(func.count(), func.max(due)).where(
        outbox.c.mailbox_id == mailbox_id, outbox.c.receipt_at.is_not(None)
    )
    count, last = connection.execute(query).one()
    return count, last


_FROZEN = (outbox.c.state == EntryState.HELD, outbox.c.cause == Cause.FROZEN)


def frozen(connection: Connection, mailbox_id: int) -> list[tuple[str, str, str]]:
    """Give kind, reference and recipient of what a thaw sends or drops, oldest first."""
    return _listed(connection, mailbox_id, *_FROZEN, ~recall.NOT_ASKED)


def copied(connection: Connection, mailbox_id: int) -> list[tuple[str, str, str]]:
    """Give the same of those of which a copy lies in the mailbox, whichever key signed it.

    What bears a mail's name, a hash by the oldest key, was written by who has that key or got the
    mail. So it went out, signed with a key that is missing, as where database and key file were
    both put back from before a rotation.
    """
    ids = _copied_ids(connection, mailbox_id)
    return _listed(connection, mailbox_id, outbox.c.id.in_(ids)) if ids else []


def _copied_ids(connection: Connection, mailbox_id: int) -> list[int]:
    held = select(outbox.c.id, outbox.c.name).where(outbox.c.mailbox_id == mailbox_id, *_FROZEN)
    rows = connection.execute(held).all()
    if not rows:
        return []
    claims = select(mail.c.message_id).where(
        mail.c.mailbox_id == mailbox_id,
        mail.c.message_id.startswith(_LIKE_OURS, autoescape=True),
    )
    names = {named(each) for each in connection.execute(claims).scalars()}
    return [row.id for row in rows if row.name in names]


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

    What offices were to get that are not asked any more is dropped either way, and not counted; nor
    is what is ``copied`` ever sent.
    """
    recall.take_back(connection, and_(outbox.c.mailbox_id == mailbox_id, *_FROZEN), now)
    if not send:
        return _end_hold(connection, mailbox_id, _ENDED, now)
    _end_hold(connection, mailbox_id, _ENDED, now, _copied_ids(connection, mailbox_id))
    return _end_hold(connection, mailbox_id, _GOES, now)


_GOES = {"state": EntryState.QUEUED, "cause": Cause.NONE}
_ENDED = {
    "state": EntryState.FAILED,
    "cause": Cause.DROPPED,
    "response": "nach einer Wiederherstellung verworfen, gilt als gesendet",
}


def _end_hold(
    connection: Connection,
    mailbox_id: int,
    target: Mapping[str, str],
    now: datetime,
    only: list[int] | None = None,
) -> int:
    """Let what a freeze holds, or only some of it, become something else; give how many."""
    which = () if only is None else (outbox.c.id.in_(only),)
    released = connection.execute(
        update(outbox)
        .where(outbox.c.mailbox_id == mailbox_id, *_FROZEN, *which)
        .values(**target, next_attempt_at=now, resent_at=None)  # a sending of its own
    )
    return released.rowcount
