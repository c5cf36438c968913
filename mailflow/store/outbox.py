"""Outgoing mails: bytes on their way, each attempt registered before it is made."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from mailflow.compose import Sealed, as_composed, renewed
from mailflow.core.address import mailbox_of
from mailflow.core.changes import AddSent
from mailflow.core.drafts import TO_MANAGER, TO_OFFICES, DraftKind
from mailflow.core.retry import SERVER_PAUSE, UNSURE_AFTER, WAITS, Cause, EntryState
from mailflow.core.tracking import named
from mailflow.schema import STILL_TO_GO, mail, outbox, outbox_bytes, raw_mail, status
from mailflow.store import recall
from mailflow.store.engine import insert_for
from mailflow.store.orders import IS_ORDER

__all__ = [
    "EVEN_FROZEN",
    "FROZEN",
    "LAST_POLL",
    "RECEIPTS_READ",
    "RECEIPTS_WITHHELD",
    "UNSEEN_TRIES",
    "UNTIL_FILED",
    "Claimed",
    "add",
    "add_again",
    "add_sent",
    "bytes_of",
    "claim",
    "is_being_sent",
    "is_frozen",
    "keep_what_went_out",
    "lift_freeze",
    "mark_resent",
    "next_due",
    "record",
    "set_entry",
    "take_back_due",
    "waiting",
]

FROZEN = "frozen"
"""The status row under which nothing goes out."""

LAST_POLL, RECEIPTS_READ = "last_poll", "receipts_read"
"""The status rows that say since when the mailbox holds nothing unread, and no receipt is anywhere
else, but for ``RECEIPTS_WITHHELD``: a poll's beginning. Where an MTA delivers by LMTP the second
comes later."""

RECEIPTS_WITHHELD = "receipts_withheld"
"""The status row that says up to when mails came that may be receipts and are not given."""

_LONGEST_WAIT = max(*WAITS, UNSURE_AFTER, SERVER_PAUSE)
"""Nothing that still has to go out is ever told to wait for longer."""

_NEVER = datetime.max.replace(tzinfo=UTC)
UNTIL_FILED = timedelta(minutes=10)
"""So long what an order at the command line brought about waits for the mailbox to hold it."""

UNSEEN_TRIES = 2
"""So often an alert of unknown end is tried before the mailbox has been read."""

EVEN_FROZEN = (DraftKind.ALERT, DraftKind.DIGEST)
"""What tells the manager that nothing else goes out."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An entry this process may now send.

    ``unsure`` after an attempt with unknown end; ``resent`` when it has been sent once more for
    that reason, and the end of that is unknown, too.
    """

    id: int
    kind: DraftKind
    reference: str
    office_id: str
    recipient: str
    envelope_from: str
    message_id: str
    attempts: int
    unsure: bool
    resent: bool
    raw: bytes


def add(connection: Connection, mailbox_id: int, sealed: Sealed, now: datetime) -> bool:
    """Queue a composed mail; False when the same mail is there, by whatever key it was named."""
    draft = sealed.draft
    values = {
        "mailbox_id": mailbox_id,
        "kind": draft.kind,
        "reference": draft.reference,
        "office_id": draft.office_id,
        "recipient": sealed.recipient,
        "recipient_mailbox": mailbox_of(sealed.recipient),
        "message_id": sealed.message_id,
        "name": named(sealed.message_id),
        "subject": sealed.subject,
        "envelope_from": sealed.envelope_from,
        "state": EntryState.HELD if draft.held else EntryState.QUEUED,
        "next_attempt_at": now,
        "created_at": now,
        "letters": list(draft.letters),
        "round": draft.round,
    }
    row = insert_for(connection.dialect.name, outbox).on_conflict_do_nothing()
    entry_id = connection.execute(row.returning(outbox.c.id), values).scalar()
    if entry_id is None:
        _complete(connection, values)
        return _revive(connection, values, sealed.raw)
    connection.execute(insert(outbox_bytes), {"outbox_id": entry_id, "raw": sealed.raw})
    return True


def _complete(connection: Connection, values: dict[str, Any]) -> None:
    """Let an entry made of a receipt tell whose it is, and what it brought, as its draft does."""
    this = (outbox.c.mailbox_id == values["mailbox_id"], outbox.c.name == values["name"])
    row = connection.execute(select(outbox).where(*this)).one()
    if row.reference == values["reference"] and (row.letters or not values["letters"]):
        return
    known = {column: values[column] for column in ("reference", "office_id", "letters", "round")}
    connection.execute(update(outbox).where(outbox.c.id == row.id).values(**known))


def _revive(connection: Connection, values: dict[str, Any], raw: bytes) -> bool:
    """Queue a mail again that was taken back before it was ever tried; nothing else."""
    same = (
        outbox.c.mailbox_id == values["mailbox_id"],
        outbox.c.name == values["name"],
        outbox.c.state == EntryState.FAILED,
        outbox.c.cause == Cause.WITHDRAWN,
    )
    entry_id = connection.execute(select(outbox.c.id).where(*same)).scalar()
    if entry_id is None:
        return False
    again = {
        "message_id": values["message_id"],
        "state": values["state"],
        "cause": Cause.NONE,
        "response": "",
        "next_attempt_at": values["created_at"],
    }
    connection.execute(update(outbox).where(outbox.c.id == entry_id).values(**again))
    connection.execute(
        update(outbox_bytes).where(outbox_bytes.c.outbox_id == entry_id).values(raw=raw)
    )
    return True


def add_sent(connection: Connection, mailbox_id: int, sent: AddSent) -> None:
    """Make the entry of a mail anew of which only the receipt is left, with the mail's bytes."""
    values = {
        "mailbox_id": mailbox_id,
        "kind": sent.kind,
        "reference": sent.reference,
        "office_id": sent.office_id,
        "recipient": sent.recipient,
        "recipient_mailbox": mailbox_of(sent.recipient),
        "message_id": sent.message_id,
        "name": named(sent.message_id),
        "subject": sent.subject,
        "envelope_from": sent.envelope_from,
        "state": EntryState.ACCEPTED,
        "attempts": 1,
        "next_attempt_at": sent.at,
        "created_at": sent.at,
        "accepted_at": sent.at,
        "receipt_at": sent.at,
        "letters": list(sent.letters),
        "round": sent.round,
    }
    entry_id: int = connection.execute(insert(outbox).returning(outbox.c.id), values).scalar_one()
    raw = _as_sent(connection, sent.mail_id)
    connection.execute(insert(outbox_bytes), {"outbox_id": entry_id, "raw": raw})


def keep_what_went_out(connection: Connection, entry_id: int, mail_id: int) -> None:
    """Let an entry have the bytes of its receipt: made anew, it may name other days than it did.

    What is compared with it, and what is sent once more, is what went out. The first receipt
    tells: whoever got the mail knows its name, and could send another one.
    """
    proven = select(outbox.c.receipt_at).where(outbox.c.id == entry_id)
    if connection.execute(proven).scalar() is None:
        this = update(outbox_bytes).where(outbox_bytes.c.outbox_id == entry_id)
        connection.execute(this.values(raw=_as_sent(connection, mail_id)))


def _as_sent(connection: Connection, mail_id: int) -> bytes:
    """Give a mail of ours as it left the house, by its copy."""
    receipt = select(raw_mail.c.raw).where(raw_mail.c.mail_id == mail_id)
    return as_composed(connection.execute(receipt).scalar_one())


_COPIED = (
    "mailbox_id",
    "kind",
    "reference",
    "office_id",
    "recipient",
    "recipient_mailbox",
    "subject",
    "envelope_from",
    "round",
)


def add_again(connection: Connection, entry_id: int, message_id: str, now: datetime) -> None:
    """Queue a mail that was given up as a new one, the same but for Message-ID and date."""
    row = connection.execute(select(outbox).where(outbox.c.id == entry_id)).one()
    values = {column: getattr(row, column) for column in _COPIED} | {
        "message_id": message_id,
        "name": named(message_id),
        "state": EntryState.QUEUED,
        "next_attempt_at": now,
        "created_at": now,
    }
    new = insert_for(connection.dialect.name, outbox)
    added = new.on_conflict_do_nothing().returning(outbox.c.id)
    new_id = connection.execute(added, values).scalar()
    if new_id is not None:
        raw = renewed(bytes_of(connection, entry_id), row.message_id, message_id, now)
        connection.execute(insert(outbox_bytes), {"outbox_id": new_id, "raw": raw})


_ENTRY = update(outbox).where(outbox.c.id == bindparam("row"))


_FROZEN = select(status.c.name).where(
    status.c.mailbox_id == bindparam("mailbox_id"), status.c.name == FROZEN
)


_LOOKED_FOR_RECEIPTS = select(status.c.name).where(
    status.c.mailbox_id == bindparam("mailbox_id"),
    status.c.name == RECEIPTS_READ,
    status.c.at >= outbox.c.next_attempt_at,
    status.c.at <= bindparam("now"),  # a clock that was ahead has looked for nothing
)
"""Whether the mailbox has been read since a mail's end became unknown.

An alert goes out a second time without that: it may tell of danger, and the mailbox be away.
"""

_MAY_BE_WITHHELD = select(status.c.name).where(
    status.c.mailbox_id == bindparam("mailbox_id"),
    status.c.name == RECEIPTS_WITHHELD,
    or_(status.c.at >= outbox.c.created_at, outbox.c.created_at > bindparam("now")),
)
"""Whether a mail's receipt may be one that is not given: it came after the mail was made.

What tells the manager of danger and trouble waits for none: rather twice than late.
"""


_NOT_FILED = select(func.min(mail.c.received_at)).where(
    mail.c.mailbox_id == bindparam("mailbox_id"),
    mail.c.filed.is_(False),
    IS_ORDER,
    mail.c.received_at > bindparam("waited_since", type_=mail.c.received_at.type),
)
"""When the first order at the command line was given that is in no mailbox yet."""

_ORDERED_AT = bindparam("ordered_at", type_=outbox.c.created_at.type)
_MADE_BEFORE = outbox.c.created_at < _ORDERED_AT
_LET_GO_BEFORE = or_(outbox.c.attempts > 0, outbox.c.next_attempt_at < _ORDERED_AT)
"""What was composed before and waited for a release became due with that."""
_NEVER_ORDERED = sorted(TO_MANAGER - {DraftKind.REVIEW})

_DUE = (
    select(outbox)
    .where(
        outbox.c.mailbox_id == bindparam("mailbox_id"),
        or_(outbox.c.kind.in_(_NEVER_ORDERED), and_(_MADE_BEFORE, _LET_GO_BEFORE)),
        or_(outbox.c.kind.in_(EVEN_FROZEN), ~_FROZEN.exists()),
        or_(
            outbox.c.state != EntryState.SENDING,
            and_(outbox.c.kind == DraftKind.ALERT, outbox.c.resent_at.is_(None)),
            and_(
                _LOOKED_FOR_RECEIPTS.exists(),
                or_(outbox.c.kind.in_(EVEN_FROZEN), ~_MAY_BE_WITHHELD.exists()),
            ),
        ),
        text(STILL_TO_GO),
        outbox.c.next_attempt_at <= bindparam("now"),
    )
    .order_by(outbox.c.next_attempt_at, outbox.c.id)
    .with_for_update(skip_locked=True)
)
_MAY_GO = _DUE.limit(1)
_AT_ONCE = 100
_FIRST_DUE = _DUE.with_only_columns(outbox.c.id).limit(_AT_ONCE)


def wait_for_order(connection: Connection, mailbox_id: int, ordered_at: datetime) -> bool:
    """Whether mails wait that an order given then has made or let go, and may have sent."""
    waiting = select(outbox.c.id).where(
        outbox.c.mailbox_id == mailbox_id,
        outbox.c.kind.not_in(_NEVER_ORDERED),
        ~and_(_MADE_BEFORE, _LET_GO_BEFORE),
        text(STILL_TO_GO),
    )
    return connection.execute(waiting.limit(1), {"ordered_at": ordered_at}).first() is not None


_TIME = outbox.c.next_attempt_at.type
_STRANDED = (
    update(outbox)
    .where(
        outbox.c.mailbox_id == bindparam("mailbox"),
        text(STILL_TO_GO),
        outbox.c.next_attempt_at > bindparam("latest"),
    )
    .values(
        next_attempt_at=case(
            (outbox.c.state == EntryState.SENDING, bindparam("unsure_at", type_=_TIME)),
            else_=bindparam("now", type_=_TIME),
        )
    )
)


def _for_due(connection: Connection, mailbox_id: int, now: datetime) -> dict[str, Any]:
    """Give what the question for due entries asks."""
    unfiled = {"mailbox_id": mailbox_id, "waited_since": now - UNTIL_FILED}
    ordered_at = connection.execute(_NOT_FILED, unfiled).scalar() or _NEVER
    return {"mailbox_id": mailbox_id, "now": now, "ordered_at": ordered_at}


def _due(connection: Connection, mailbox_id: int, now: datetime) -> Row[Any] | None:
    """Give the entry that is due longest, if any is.

    Who waits longer than anybody is told to was given his time by a clock that was ahead, and has
    been set right since: he is due now, what is unsure after the wait for its receipt.
    """
    asked = _for_due(connection, mailbox_id, now)
    row = connection.execute(_MAY_GO, asked).first()
    if row is not None:
        return row
    times = {"latest": now + _LONGEST_WAIT, "unsure_at": now + UNSURE_AFTER, "now": now}
    stranded = connection.execute(_STRANDED, {"mailbox": mailbox_id, **times})
    return connection.execute(_MAY_GO, asked).first() if stranded.rowcount else None


def claim(connection: Connection, mailbox_id: int, now: datetime) -> Claimed | None:
    """Take the entry that is due longest, and register the attempt in the same transaction.

    Its next attempt already lies in the future, so that a crash from here on costs a wait and
    never a storm. An entry found ``sending`` past that time has an unknown end; it stays until the
    mailbox has been read since, for its receipt may lie there. What goes to an office that is not
    asked any more is never taken: it stands in the way until ``take_back_due``.
    """
    row = _due(connection, mailbox_id, now)
    if row is None or (row.kind in TO_OFFICES and not recall.is_asked(connection, row.id)):
        return None
    values = {
        "row": row.id,
        "state": EntryState.SENDING,
        "attempts": row.attempts + 1,
        "next_attempt_at": now + UNSURE_AFTER,
    }
    connection.execute(_ENTRY, values)
    return Claimed(
        id=row.id,
        kind=DraftKind(row.kind),
        reference=row.reference,
        office_id=row.office_id,
        recipient=row.recipient,
        envelope_from=row.envelope_from,
        message_id=row.message_id,
        attempts=row.attempts + 1,
        unsure=row.state == EntryState.SENDING,
        resent=row.resent_at is not None,
        raw=bytes_of(connection, row.id),
    )


def take_back_due(connection: Connection, mailbox_id: int, now: datetime) -> bool:
    """End, of the entries due longest, what offices get that are not asked any more; say if any.

    They are so few that nobody waits long for this commit; there may be more.
    """
    asked = _for_due(connection, mailbox_id, now)
    ids = list(connection.execute(_FIRST_DUE, asked).scalars())
    return bool(ids) and recall.take_back(connection, outbox.c.id.in_(ids), now) > 0


def is_frozen(connection: Connection, mailbox_id: int) -> bool:
    """Whether nothing may go out until the manager has looked."""
    return connection.execute(_FROZEN, {"mailbox_id": mailbox_id}).first() is not None


def lift_freeze(connection: Connection, mailbox_id: int) -> bool:
    """Let mails go out again; say whether they did not."""
    frozen = delete(status).where(status.c.mailbox_id == mailbox_id, status.c.name == FROZEN)
    return connection.execute(frozen).rowcount > 0


_BYTES = select(outbox_bytes.c.raw).where(outbox_bytes.c.outbox_id == bindparam("row"))


def bytes_of(connection: Connection, entry_id: int) -> bytes:
    """Give an entry's bytes, exactly as composed."""
    raw: bytes = connection.execute(_BYTES, {"row": entry_id}).scalar_one()
    return raw


_BEING_SENT = _ENTRY.where(outbox.c.state == EntryState.SENDING)
_NOT_TRIED = _BEING_SENT.values(attempts=outbox.c.attempts - 1)


def record(
    connection: Connection,
    entry_id: int,
    state: EntryState,
    next_attempt_at: datetime,
    response: str,
    now: datetime,
    *,
    cause: Cause = Cause.NONE,
    counts: bool = True,
    unsure: bool = False,
) -> None:
    """Record how an attempt ended, unless a receipt or a bounce has settled it meanwhile.

    One that does not count is taken back: the mail itself was not tried. Where the end of an
    earlier one is unknown (``unsure``), it stays so when this one was refused for now.
    """
    values: dict[str, object] = {
        "row": entry_id,
        "state": state,
        "next_attempt_at": next_attempt_at,
        "cause": cause,
        "response": response[:1000],
    }
    if state is EntryState.ACCEPTED:
        values["accepted_at"] = now
    if state is EntryState.DEFERRED and unsure:
        values |= {"state": EntryState.SENDING, "resent_at": None}
    connection.execute(_BEING_SENT if counts else _NOT_TRIED, values)
    if state is EntryState.FAILED:
        _name_again(connection, entry_id)


def _name_again(connection: Connection, entry_id: int) -> None:
    """Let the next digest name what this one named, if it is one that no manager got."""
    this = select(outbox.c.mailbox_id, outbox.c.created_at).where(
        outbox.c.id == entry_id,
        outbox.c.kind == DraftKind.DIGEST,
        outbox.c.state == EntryState.FAILED,
    )
    row = connection.execute(this).first()
    if row is None:
        return
    others = select(outbox.c.id).where(
        outbox.c.mailbox_id == row.mailbox_id,
        outbox.c.kind == DraftKind.DIGEST,
        outbox.c.created_at == row.created_at,
        outbox.c.state != EntryState.FAILED,
    )
    if connection.execute(others).first():
        return
    for table in (mail, outbox):
        named = (table.c.mailbox_id == row.mailbox_id, table.c.told_at == row.created_at)
        connection.execute(update(table).where(*named).values(told_at=None))


def is_being_sent(connection: Connection, entry_id: int) -> bool:
    """Whether an entry's attempt is registered and its end not recorded yet."""
    query = select(outbox.c.state).where(outbox.c.id == entry_id)
    return connection.execute(query).scalar() == EntryState.SENDING


def mark_resent(connection: Connection, entry_id: int, now: datetime) -> None:
    """Remember that an entry's second sending is made, and may be accepted from now on."""
    connection.execute(_BEING_SENT, {"row": entry_id, "resent_at": now})


def set_entry(
    connection: Connection,
    entry_id: int,
    target: EntryState,
    response: str,
    now: datetime,
    *,
    cause: Cause = Cause.NONE,
    receipt: bool = False,
    message_id: str = "",
    recipient: str = "",
    only_from: EntryState | None = None,
) -> bool:
    """Settle an entry from outside the sending line: receipt, bounce, release, withdrawal.

    ``message_id`` is the one it was really sent under, and ``recipient`` to whom, where that is
    another. Gives False where the entry does not stand as asked for (``only_from``; what is
    released waited for it).
    """
    values: dict[str, object] = {"state": target, "cause": cause, "response": response[:1000]}
    if message_id:
        values["message_id"] = message_id
    if recipient:
        values |= {"recipient": recipient, "recipient_mailbox": mailbox_of(recipient)}
    if receipt:
        values["receipt_at"] = now
    if target is EntryState.ACCEPTED:
        values["accepted_at"] = func.coalesce(outbox.c.accepted_at, now)
    if target is EntryState.QUEUED or (target is EntryState.FAILED and not receipt):
        values["next_attempt_at"] = now  # of what has failed: since when
    statement = update(outbox).where(outbox.c.id == entry_id)
    before = EntryState.HELD if target is EntryState.QUEUED else only_from
    if before:
        statement = statement.where(outbox.c.state == before)
    is_set = connection.execute(statement.values(**values)).rowcount > 0
    if is_set and target is EntryState.FAILED:
        _name_again(connection, entry_id)
    return is_set


def next_due(connection: Connection, mailbox_id: int) -> datetime | None:
    """Give the time at which the next entry is due, None when nothing waits."""
    query = select(func.min(outbox.c.next_attempt_at)).where(
        outbox.c.mailbox_id == mailbox_id,
        text(STILL_TO_GO),
    )
    return connection.execute(query).scalar()


def waiting(connection: Connection, mailbox_id: int) -> int:
    """Count the entries that still have to go out."""
    query = select(func.count()).where(outbox.c.mailbox_id == mailbox_id, text(STILL_TO_GO))
    return connection.execute(query).scalar_one()
