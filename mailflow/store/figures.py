"""Figures for the digest: counts that must balance, and what the manager has to see."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select, text

from mailflow.core.changes import EventKind, MailOutcome
from mailflow.core.digest import Counts
from mailflow.core.drafts import DraftKind
from mailflow.core.overview import DigestFacts, HeldMail, Quarantined, Unsent
from mailflow.core.retry import Cause
from mailflow.core.ticket import NOT_CLOSED, HoldReason
from mailflow.schema import GIVEN_UP, event, hold, mail, outbox, status, ticket
from mailflow.store import floods, tickets
from mailflow.store import outbox as entries
from mailflow.store.former import BEHIND
from mailflow.store.orders import IS_UNDONE

__all__ = ["counts", "digest_facts", "waiting_since"]

_SHOWN = 20


def digest_facts(
    connection: Connection, mailbox_id: int, since: datetime, until: datetime
) -> DigestFacts:
    """Give what the database knows for the digest of the time from ``since`` to ``until``."""
    references = tickets.open_references(connection, mailbox_id, NOT_CLOSED)
    references += _closed_with_holds(connection, mailbox_id, references)
    unsent, unsent_more = _unsent(connection, mailbox_id, since, until)
    quarantined, quarantined_more = _quarantined(connection, mailbox_id, since, until)
    return DigestFacts(
        tickets=tuple(tickets.load(connection, mailbox_id, references).values()),
        held=_held(connection, mailbox_id),
        opened=_opened(connection, mailbox_id, since, until),
        answered=_moved(connection, mailbox_id, "answered_at", since, until),
        closed=_moved(connection, mailbox_id, "closed_at", since, until),
        counts=counts(connection, mailbox_id, since, until),
        counts_total=counts(connection, mailbox_id, None, until),
        unsent=unsent,
        unsent_more=unsent_more,
        quarantined=quarantined,
        quarantined_more=quarantined_more,
        frozen=entries.is_frozen(connection, mailbox_id),
        last_poll=_last_poll(connection, mailbox_id),
        outbox_waiting=entries.waiting(connection, mailbox_id),
        referred=_told(connection, mailbox_id, EventKind.REFERRED, since, until),
        naming=_told(connection, mailbox_id, EventKind.NAMED, since, until),
        received=_received(connection, mailbox_id, references),
    )


def _received(
    connection: Connection, mailbox_id: int, references: Collection[str]
) -> dict[tuple[str, str], datetime]:
    """Give when each office last said of a ticket of these only that our mail arrived."""
    query = (
        select(event.c.reference, event.c.office_id, func.max(event.c.at).label("at"))
        .where(event.c.mailbox_id == mailbox_id, event.c.kind == EventKind.RECEIVED)
        .group_by(event.c.reference, event.c.office_id)
    )
    asked = set(references)
    return {
        (row.reference, row.office_id): row.at
        for row in connection.execute(query)
        if row.reference in asked
    }


def _told(
    connection: Connection, mailbox_id: int, kind: EventKind, since: datetime, until: datetime
) -> tuple[str, ...]:
    """Give what the events of one kind tell, each with its ticket's number."""
    query = (
        select(event.c.reference, event.c.text)
        .where(event.c.mailbox_id == mailbox_id, event.c.kind == kind)
        .where(_told_first(mailbox_id, since), event.c.at <= until)
        .order_by(event.c.id)
    )
    return tuple(f"{row.reference}: {row.text}" for row in connection.execute(query))


def _told_first(mailbox_id: int, since: datetime) -> ColumnElement[bool]:
    """Whether the digest after that of ``since`` is the first that can tell of an event.

    What is read again after a loss is decided as of its arrival, but stands behind the last digest.
    """
    written = event.alias()
    last = select(func.max(written.c.id)).where(
        written.c.mailbox_id == mailbox_id,
        written.c.kind == EventKind.OUTGOING,
        written.c.at == since,
        written.c.reference == "",
    )
    return or_(event.c.at > since, event.c.id > last.scalar_subquery())


def _closed_with_holds(connection: Connection, mailbox_id: int, known: list[str]) -> list[str]:
    """Give closed tickets on which something waits: a late mail is shown all the same."""
    query = select(hold.c.reference).where(
        hold.c.mailbox_id == mailbox_id,
        hold.c.ticket_id.is_not(None),
        hold.c.resolved_at.is_(None),
    )
    waiting = set(connection.execute(query).scalars())
    return sorted(waiting - set(known))


def _held(connection: Connection, mailbox_id: int) -> tuple[HeldMail, ...]:
    query = (
        select(hold, mail.c.sender, mail.c.subject, mail.c.text.label("words"))
        .join(mail, mail.c.id == hold.c.mail_id)
        .where(
            hold.c.mailbox_id == mailbox_id,
            hold.c.ticket_id.is_(None),
            hold.c.resolved_at.is_(None),
        )
        .order_by(hold.c.id)
    )
    return tuple(
        HeldMail(
            hold=tickets.hold_of(row),
            sender=row.sender,
            subject=row.subject,
            text=row.words,
            flood=floods.count(connection, row.mail_id) if row.reason == HoldReason.STORM else 0,
        )
        for row in connection.execute(query).all()
    )


def waiting_since(
    connection: Connection, mailbox_id: int, reasons: Collection[HoldReason], after: datetime
) -> datetime | None:
    """Give when the first of what still waits, and began to after a moment, did so."""
    query = select(func.min(hold.c.created_at)).where(
        hold.c.mailbox_id == mailbox_id,
        hold.c.resolved_at.is_(None),
        hold.c.reason.in_(reasons),
        hold.c.created_at > after,
    )
    return connection.execute(query).scalar()


def _moved(
    connection: Connection, mailbox_id: int, column: str, since: datetime, until: datetime
) -> int:
    query = select(func.count()).where(
        ticket.c.mailbox_id == mailbox_id, ticket.c[column] > since, ticket.c[column] <= until
    )
    return connection.execute(query).scalar_one()


def _opened(
    connection: Connection, mailbox_id: int, since: datetime, until: datetime
) -> frozenset[str]:
    """Give the tickets opened since then, however long their mails had waited to be read."""
    query = select(event.c.reference).where(
        event.c.mailbox_id == mailbox_id,
        event.c.kind == EventKind.OPENED,
        _told_first(mailbox_id, since),
        event.c.at <= until,
    )
    return frozenset(connection.execute(query).scalars())


def counts(
    connection: Connection, mailbox_id: int, since: datetime | None, until: datetime
) -> Counts:
    """Count the mails stored in a period by their one visible state."""
    query = (
        select(mail.c.outcome, func.count())
        .where(mail.c.mailbox_id == mailbox_id, mail.c.stored_at <= until)
        .group_by(mail.c.outcome)
    )
    if since:
        query = query.where(mail.c.stored_at > since)
    found = {row[0]: row[1] for row in connection.execute(query)}
    return Counts(
        mails_in=sum(found.values()),
        tickets=found.get(MailOutcome.TICKET, 0),
        joined=found.get(MailOutcome.JOINED, 0),
        events=found.get(MailOutcome.EVENT, 0),
        held=found.get(MailOutcome.HELD, 0),
        quarantined=found.get(MailOutcome.QUARANTINED, 0),
        unread=found.get(None, 0),
    )


def _unsent(
    connection: Connection, mailbox_id: int, since: datetime, until: datetime
) -> tuple[tuple[Unsent, ...], int]:
    """Give the newest that were given up and no digest before has named, and how many more."""
    table = outbox.c
    wanted = (
        table.mailbox_id == mailbox_id,
        text(GIVEN_UP),
        table.cause.not_in((Cause.WITHDRAWN, Cause.DROPPED)),
        table.next_attempt_at <= until,
        or_(table.told_at.is_(None), table.told_at > since, table.told_at < table.next_attempt_at),
    )
    columns = (table.id, table.kind, table.reference, table.recipient, table.response)
    query = select(*columns).where(*wanted)
    newest = query.order_by(table.next_attempt_at.desc(), table.id.desc()).limit(_SHOWN)
    shown = tuple(
        Unsent(
            id=row.id,
            kind=DraftKind(row.kind),
            reference=row.reference,
            recipient=row.recipient,
            response=row.response,
        )
        for row in connection.execute(newest)
    )
    return shown, _count(connection, query) - len(shown)


def _quarantined(
    connection: Connection, mailbox_id: int, since: datetime, until: datetime
) -> tuple[tuple[Quarantined, ...], int]:
    """Give the newest in quarantine that no digest before has named, and how many more.

    So are orders at the command line of which a rebuild left something undone.
    """
    table = mail.c
    wanted = (
        table.mailbox_id == mailbox_id,
        _is_set_aside(connection, mailbox_id),
        table.decided_at <= until,
        or_(table.told_at.is_(None), table.told_at > since, table.told_at < table.decided_at),
    )
    columns = (table.id, table.sender, table.subject, table.why, table.outcome)
    query = select(*columns).where(*wanted)
    newest = query.order_by(table.decided_at.desc(), table.id.desc()).limit(_SHOWN)
    shown = tuple(
        Quarantined(
            id=row.id,
            sender=row.sender,
            subject=row.subject,
            why=row.why,
            is_order=row.outcome != MailOutcome.QUARANTINED,
        )
        for row in connection.execute(newest)
    )
    return shown, _count(connection, query) - len(shown)


def _is_set_aside(connection: Connection, mailbox_id: int) -> ColumnElement[bool]:
    """Whether a mail is in quarantine, or an order undone; only a loss can have left one so."""
    quarantined = mail.c.outcome == MailOutcome.QUARANTINED
    was_lost = select(status.c.at).where(status.c.mailbox_id == mailbox_id, status.c.name == BEHIND)
    return or_(quarantined, IS_UNDONE) if connection.execute(was_lost).first() else quarantined


def _count(connection: Connection, query: Select[Any]) -> int:
    return connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()


def _last_poll(connection: Connection, mailbox_id: int) -> datetime | None:
    query = select(status.c.at).where(
        status.c.mailbox_id == mailbox_id, status.c.name == entries.LAST_POLL
    )
    return connection.execute(query).scalar()
