"""Mails as they came in: raw bytes, where they were seen, and what became of them."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    not_,
    select,
    update,
)

from mailflow.core.address import domain_of, mailbox_of, registrable_domain
from mailflow.core.changes import MailOutcome, Readmission
from mailflow.core.known import Authentication
from mailflow.core.message import Message
from mailflow.core.retry import GIVE_UP
from mailflow.fingerprint import added_on_the_way
from mailflow.schema import mail, raw_mail, sighting, storable
from mailflow.store.orders import IS_ORDER
from mailflow.store.originals import was_taken_for_a_machines

__all__ = [
    "AlreadyDecidedError",
    "Sighting",
    "Stored",
    "Undecided",
    "any_mail",
    "arrivals_waiting",
    "attempt",
    "heading_of",
    "is_known",
    "last_arrival",
    "last_decided",
    "mark_filed",
    "mark_found",
    "of_domain",
    "outcomes_seen",
    "pushed",
    "raw_of",
    "record_outcome",
    "store_raw",
    "undecided",
]


class AlreadyDecidedError(Exception):
    """Another process has decided this mail meanwhile."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A mail's identity in the mailbox (RFC 3501 §2.3.1.1)."""

    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A mail's row; ``new`` is False when it had been stored before.

    ``displaces``: another mail was once seen under this identity, and is there no more.
    """

    id: int
    new: bool
    displaces: bool = False


@dataclass(frozen=True, slots=True)
class Undecided:
    """A stored mail that waits for its decision; ``attempts`` is how often it was begun.

    ``due_at`` is when it came, or was let out to be decided anew. One that is ``in_turn`` comes
    where it arrived; an order, or what one lets out, before mails that arrived earlier, too.
    """

    id: int
    fingerprint: str
    copy: int
    received_at: datetime
    attempts: int
    readmission: Readmission
    due_at: datetime
    in_turn: bool

    @property
    def is_fresh(self) -> bool:
        """Whether nobody has tried to read it yet."""
        return not self.attempts and not self.readmission


_IDENTITY = (
    sighting.c.mailbox_id == bindparam("mailbox_id"),
    sighting.c.folder == bindparam("folder"),
    sighting.c.uidvalidity == bindparam("uidvalidity"),
    sighting.c.uid == bindparam("uid"),
)
_SEEN = (
    select(mail.c.id, mail.c.fingerprint)
    .join(sighting, sighting.c.mail_id == mail.c.id)
    .where(*_IDENTITY)
)
_FORGET = delete(sighting).where(*_IDENTITY)


def outcomes_seen(
    connection: Connection, mailbox_id: int, folder: str, uidvalidity: int, uids: list[int]
) -> dict[int, tuple[int, MailOutcome | None]]:
    """Give, of these UIDs of one incarnation of a folder, those stored: row and outcome."""
    return {
        row.uid: (row.id, MailOutcome(row.outcome) if row.outcome else None)
        for row in _stored_at(connection, mailbox_id, folder, uidvalidity, uids)
    }


def sizes_seen(
    connection: Connection, mailbox_id: int, folder: str, uidvalidity: int, uids: list[int]
) -> dict[int, int]:
    """Give, of these UIDs of one incarnation of a folder, the length in bytes of those stored."""
    rows = _stored_at(connection, mailbox_id, folder, uidvalidity, uids)
    return {row.uid: row.size for row in rows}


def _stored_at(
    connection: Connection, mailbox_id: int, folder: str, uidvalidity: int, uids: list[int]
) -> Iterator[Row[int, int, str | None, int]]:
    for start in range(0, len(uids), 500):
        yield from connection.execute(
            select(sighting.c.uid, mail.c.id, mail.c.outcome, mail.c.size)
            .join(mail, mail.c.id == sighting.c.mail_id)
            .where(
                sighting.c.mailbox_id == mailbox_id,
                sighting.c.folder == folder,
                sighting.c.uidvalidity == uidvalidity,
                sighting.c.uid.in_(uids[start : start + 500]),
            )
        )


def store_raw(
    connection: Connection,
    mailbox_id: int,
    raw: bytes,
    fingerprint: str,
    received_at: datetime,
    now: datetime,
    seen: Sighting | None,
    *,
    is_order: bool = False,
) -> Stored:
    """Store a mail's bytes and row, or recognise it.

    An order at the command line has a place in the order of arrival, which is not always its own.

    Another mail under an identity that was given before (the mailbox was set back to an older
    state) takes the place of the one that is there no more.
    """
    known = _seen_as(connection, mailbox_id, seen) if seen else None
    if known is not None and known.fingerprint == fingerprint:
        return Stored(known.id, new=False)
    same = _same(connection, mailbox_id, fingerprint)
    may_be = [each for each in same if _stands_for(connection, each, raw)]
    mail_id = _recognised(connection, mailbox_id, may_be, received_at, seen)
    new = not mail_id
    if new:
        values = {
            "mailbox_id": mailbox_id,
            "fingerprint": fingerprint,
            "copy": len(same),
            "received_at": received_at,
            "stored_at": now,
            "size": len(raw),
            "filed": seen is not None,
            "decided_at": received_at if is_order else None,
        }
        mail_id = _insert(connection, values, raw)
    if seen:
        if known is not None:
            _forget(connection, mailbox_id, seen)
        _record_seen(connection, mailbox_id, seen, mail_id)
        if not new:
            mark_filed(connection, mail_id)
    return Stored(mail_id, new, displaces=known is not None)


def _seen_as(connection: Connection, mailbox_id: int, seen: Sighting) -> Row[int, str] | None:
    """Give id and fingerprint of the mail that was seen under this identity."""
    return connection.execute(_SEEN, {"mailbox_id": mailbox_id, **asdict(seen)}).first()


def _forget(connection: Connection, mailbox_id: int, seen: Sighting) -> None:
    connection.execute(_FORGET, {"mailbox_id": mailbox_id, **asdict(seen)})


def _recognised(
    connection: Connection,
    mailbox_id: int,
    same: list[Row[Any]],
    received_at: datetime,
    seen: Sighting | None,
) -> int:
    """Give which of the mails with the same words this one is; 0 if it is another one.

    The same bytes under another UIDVALIDITY, or delivered again without a UID (an LMTP client
    that missed our 250), are the same mail seen twice, if they arrived when it did: the same words
    written once more in a form with neither Date nor Message-ID are equal for ever. The same bytes
    at another time, or beside the first in the same incarnation of the folder, are a second mail, a
    copy: it is counted, and decided as one. Seen again under another UIDVALIDITY, a mail and its
    copies are as many as before.
    """
    near = _arrived_then(same, received_at, _ONE_ARRIVAL if seen else _TRIED_AGAIN)
    beside = _seen_beside(connection, mailbox_id, near, seen) if near and seen else set()
    return next((each for each in near if each not in beside), 0)


_TRIED_AGAIN = GIVE_UP + timedelta(days=1)
"""So long an MTA that missed our 250 may push a mail again (RFC 5321 §4.5.4.1), and a day more."""

_ONE_ARRIVAL = timedelta(days=1)
"""So far apart are two arrivals of one mail in the mailbox at most. Its date there stays with it
wherever it is moved; a day allows for a clock that is wrong, for a zone that is misread, and for a
mail that LMTP brings as well."""

_SAME = (
    select(
        mail.c.id,
        mail.c.received_at,
        mail.c.outcome,
        was_taken_for_a_machines(mail).label("machines"),
    )
    .where(
        mail.c.mailbox_id == bindparam("mailbox_id"),
        mail.c.fingerprint == bindparam("fingerprint"),
    )
    .order_by(mail.c.copy)
)


def _same(connection: Connection, mailbox_id: int, fingerprint: str) -> list[Row[Any]]:
    given = {"mailbox_id": mailbox_id, "fingerprint": fingerprint}
    return list(connection.execute(_SAME, given))


def _arrived_then(mails: list[Row[Any]], received_at: datetime, within: timedelta) -> list[int]:
    """Give, of these mails, those that arrived about then; the nearest first."""
    apart = sorted((abs(each.received_at - received_at), each.id) for each in mails)
    return [mail_id for distance, mail_id in apart if distance <= within]


def _seen_beside(
    connection: Connection, mailbox_id: int, mails: list[int], seen: Sighting
) -> set[int]:
    """Give which of these mails lie in this incarnation of the folder already."""
    query = select(sighting.c.mail_id).where(
        sighting.c.mailbox_id == mailbox_id,
        sighting.c.folder == seen.folder,
        sighting.c.uidvalidity == seen.uidvalidity,
        sighting.c.mail_id.in_(mails),
    )
    return set(connection.execute(query).scalars())


def _insert(connection: Connection, values: Mapping[str, object], raw: bytes) -> int:
    mail_id: int = connection.execute(insert(mail).returning(mail.c.id), values).scalar_one()
    connection.execute(insert(raw_mail), {"mail_id": mail_id, "raw": raw})
    return mail_id


def _record_seen(connection: Connection, mailbox_id: int, seen: Sighting, mail_id: int) -> None:
    """Remember under which identity a mail lies in the mailbox."""
    connection.execute(
        insert(sighting),
        {
            "mailbox_id": mailbox_id,
            "folder": seen.folder,
            "uidvalidity": seen.uidvalidity,
            "uid": seen.uid,
            "mail_id": mail_id,
        },
    )


def mark_filed(connection: Connection, mail_id: int) -> None:
    """Remember that a mail lies in the mailbox, whichever way it came."""
    connection.execute(update(mail).where(mail.c.id == mail_id).values(filed=True))


def mark_found(connection: Connection, mailbox_id: int, fingerprint: str) -> None:
    """Mark a pushed mail as filed: its copy is there, the process was killed before it said so."""
    pushed_one = (
        select(mail.c.id)
        .where(
            mail.c.mailbox_id == mailbox_id,
            mail.c.fingerprint == fingerprint,
            mail.c.filed.is_(False),
        )
        .order_by(mail.c.id)
        .limit(1)
        .scalar_subquery()
    )
    connection.execute(update(mail).where(mail.c.id == pushed_one).values(filed=True))


def any_mail(connection: Connection, mailbox_id: int) -> bool:
    """Whether any mail was ever stored for this mailbox."""
    query = select(mail.c.id).where(mail.c.mailbox_id == mailbox_id).limit(1)
    return connection.execute(query).scalar() is not None


def is_known(
    connection: Connection, mailbox_id: int, fingerprint: str, raw: bytes, seen: Sighting
) -> bool:
    """Whether a mail is stored: as it lies there, in its sender's words, or as the machine's it is.

    What one header makes a machine's mail may lie there once more without it, as a person's. With
    that header it is the same one, which came by another way and has no bytes of its own here.
    """
    there = _seen_as(connection, mailbox_id, seen)
    if there is not None and there.fingerprint == fingerprint:
        return True
    same, names = _same(connection, mailbox_id, fingerprint), added_on_the_way(raw)
    return any(
        _was_read(each)
        or (stored := raw_of(connection, each.id)) == raw
        or (each.outcome is not None and added_on_the_way(stored) <= names)
        for each in same
    )


def _was_read(row: Row[Any]) -> bool:
    return row.outcome is not None and not row.machines


def _stands_for(connection: Connection, row: Row[Any], raw: bytes) -> bool:
    """Whether the same words need no row of their own beside a stored mail.

    One not decided yet may still be taken for a machine's, by a header that the other lacks.
    """
    if _was_read(row):
        return True
    stored = raw_of(connection, row.id)
    is_open = row.outcome is None
    return stored == raw or (is_open and added_on_the_way(stored) <= added_on_the_way(raw))


def last_decided(connection: Connection, mailbox_id: int) -> datetime | None:
    """Give when the last mail that was decided had arrived; None if none was.

    That is no later than when it was decided, whatever a wrong date says. An order at the command
    line tells nothing of how far the mailbox was read.
    """
    query = (
        select(mail.c.received_at, mail.c.decided_at)
        .where(mail.c.mailbox_id == mailbox_id, mail.c.outcome.is_not(None), not_(IS_ORDER))
        .order_by(mail.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return min(row.received_at, row.decided_at) if row else None


def pushed(
    connection: Connection, mailbox_id: int, limit: int, after: int
) -> list[tuple[int, datetime]]:
    """Give mails after one that lie in no folder yet (they came by LMTP), with their arrival."""
    query = (
        select(mail.c.id, mail.c.received_at)
        .where(mail.c.mailbox_id == mailbox_id, mail.c.filed.is_(False), mail.c.id > after)
        .order_by(mail.c.id)
        .limit(limit)
    )
    return [(row.id, row.received_at) for row in connection.execute(query)]


def heading_of(connection: Connection, mail_id: int) -> tuple[str, str, datetime]:
    """Give a mail's sender and subject, as far as they were read, and when it was stored."""
    query = select(mail.c.sender, mail.c.subject, mail.c.stored_at).where(mail.c.id == mail_id)
    row = connection.execute(query).one()
    return row.sender, row.subject, row.stored_at


def undecided(
    connection: Connection, mailbox_id: int, limit: int, *, by_arrival: bool
) -> list[Undecided]:
    """Give stored mails without an outcome in the order of their storing, or of their arrival.

    An order at the command line comes right behind the last mail known when it was given, and what
    it lets out before anything else.
    """
    let_out = mail.c.readmission != Readmission.NONE
    by_place = (
        case((let_out, 0), else_=1),
        func.coalesce(mail.c.decided_at, mail.c.received_at),
        func.coalesce(mail.c.behind_id, mail.c.id),
        case((mail.c.behind_id.is_(None), 0), else_=1),
    )
    query = (
        select(
            case((let_out, mail.c.decided_at), else_=mail.c.received_at).label("due_at"),
            mail.c.decided_at.is_(None).label("in_turn"),
            mail.c.id,
            mail.c.fingerprint,
            mail.c.copy,
            mail.c.received_at,
            mail.c.attempts,
            mail.c.readmission,
        )
        .where(mail.c.mailbox_id == mailbox_id, mail.c.outcome.is_(None))
        .order_by(*(by_place if by_arrival else ()), mail.c.id)
        .limit(limit)
    )
    return [
        Undecided(
            id=row.id,
            fingerprint=row.fingerprint,
            copy=row.copy,
            received_at=row.received_at,
            attempts=row.attempts,
            readmission=Readmission(row.readmission),
            due_at=row.due_at,
            in_turn=row.in_turn,
        )
        for row in connection.execute(query)
    ]


def arrivals_waiting(
    connection: Connection, mailbox_id: int
) -> tuple[datetime | None, datetime | None]:
    """Give the first and the last arrival among the mails that wait for their turn."""
    query = select(func.min(mail.c.received_at), func.max(mail.c.received_at)).where(
        mail.c.mailbox_id == mailbox_id, mail.c.outcome.is_(None), mail.c.decided_at.is_(None)
    )
    first, last = connection.execute(query).one()
    return first, last


def last_arrival(connection: Connection, mailbox_id: int, before: datetime) -> datetime | None:
    """Give when the last mail came that came before a moment.

    An order at the command line tells nothing of how far the mailbox was read.
    """
    query = select(func.max(mail.c.received_at)).where(
        mail.c.mailbox_id == mailbox_id, mail.c.received_at < before, not_(IS_ORDER)
    )
    last: datetime | None = connection.execute(query).scalar()
    return last


_RAW = select(raw_mail.c.raw).where(raw_mail.c.mail_id == bindparam("mail_id"))


def raw_of(connection: Connection, mail_id: int) -> bytes:
    """Give a mail's bytes as they came."""
    raw: bytes = connection.execute(_RAW, {"mail_id": mail_id}).scalar_one()
    return raw


def attempt(connection: Connection, mail_ids: list[int]) -> None:
    """Register that mails are about to be read: one that kills us each time is found out."""
    connection.execute(
        update(mail).where(mail.c.id.in_(mail_ids)).values(attempts=mail.c.attempts + 1)
    )


_STILL_OPEN = update(mail).where(mail.c.id == bindparam("row"), mail.c.outcome.is_(None))


def record_outcome(
    connection: Connection,
    mail_id: int,
    outcome: MailOutcome,
    why: str,
    reference: str,
    message: Message | None,
    now: datetime,
    authentication: Authentication = Authentication.UNCHECKED,
    *,
    unread: bool = False,
) -> None:
    """Record a mail's one visible state, with what was understood of it and of its sender.

    Raises AlreadyDecidedError when another process was quicker.
    """
    values: dict[str, object] = {
        "row": mail_id,
        "outcome": outcome,
        "why": why,
        "unread": unread,
        "reference": reference,
        "decided_at": now,
    }
    if message:
        values |= _understood(message, authentication)
    if connection.execute(_STILL_OPEN, values).rowcount != 1:
        raise AlreadyDecidedError(mail_id)


def of_domain(domain: str, *, alone: bool = False) -> ColumnElement[bool]:
    """Whether a mail is of this domain: with a registrable one go all below it, with another none.

    ``alone`` leaves out what is below a registrable one too. Rows of the first versions keep their
    whole domain.
    """
    registrable = registrable_domain(domain)
    kept = mail.c.sender_domain.in_({registrable, domain})
    if domain == registrable and not alone:
        return kept
    return and_(kept, mail.c.sender_mailbox.endswith(f"@{domain}", autoescape=True))


def _understood(message: Message, authentication: Authentication) -> dict[str, object]:
    """Give the columns that say what a mail says, and who vouches for its sender."""
    address = message.sender.address
    return {
        "kind": message.kind,
        "message_id": message.message_id,
        "sender": address.lower(),
        "sender_mailbox": mailbox_of(address),
        "sender_domain": registrable_domain(domain_of(address)),
        "authentication": authentication,
        "sender_name": message.sender.name,
        "subject": message.subject,
        "language": message.language,
        "text": message.new_text,
        "attachments": [
            {
                "name": storable(each.name),
                "content_type": storable(each.content_type),
                "size": each.size,
                "sha256": each.sha256,
                "inline": each.inline,
            }
            for each in message.attachments
        ],
        "problems": [storable(each) for each in message.problems],
    }
