"""What the interim report needs to know, as it was known at the end of its period.

States and due days come from the event log, not from the rows of today: the report on last quarter
says the same in a year as it says tomorrow. Of today are whether a company is settling, what kind
of reply the manager took a mail for, and whether a mail of ours came back.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Subquery, func, select

from mailflow.core.changes import EventKind
from mailflow.core.drafts import TO_COMPANY, DraftKind
from mailflow.core.message import Kind
from mailflow.core.reply import ReplyKind
from mailflow.core.report_cases import Move, PartFacts, ReportFacts, TicketFacts
from mailflow.core.retry import EntryState
from mailflow.core.ticket import OVER_STATES, AccountStatus, ConsultationState, TicketState
from mailflow.schema import account, consultation, event, mail, outbox, reply, ticket

__all__ = ["report_facts"]

_SUBSTANCE = (ReplyKind.ANSWER, ReplyKind.QUESTION)


def report_facts(
    connection: Connection, mailbox_id: int, since: datetime, until: datetime
) -> ReportFacts:
    """Give what was known at ``until`` of the time from ``since`` on; ``until`` is not included."""
    touched = _touched(mailbox_id, since, until)
    return ReportFacts(
        tickets=_tickets(connection, touched, until),
        parts=_parts(connection, mailbox_id, since, until),
        mails_in=_mails_in(connection, mailbox_id, since, until),
        mails_out=_mails_out(connection, mailbox_id, since, until),
    )


def _touched(mailbox_id: int, since: datetime, until: datetime) -> ColumnElement[bool]:
    """Choose the tickets opened before the end, unless they were done before the beginning.

    One that was closed, and is answered since, keeps the day on which it was closed.
    """
    ended_later = (ticket.c.closed_at >= since) | (ticket.c.answered_at >= since)
    return (
        (ticket.c.mailbox_id == mailbox_id)
        & (ticket.c.opened_at < until)
        & (ticket.c.state.not_in(OVER_STATES) | ended_later | (ticket.c.opened_at >= since))
    )


def _tickets(
    connection: Connection, touched: ColumnElement[bool], until: datetime
) -> tuple[TicketFacts, ...]:
    moves, accepted = _moves(connection, touched, until), _accepted(connection, touched, until)
    query = (
        select(ticket, account.c.status)
        .join(account, account.c.id == ticket.c.account_id)
        .where(touched)
        .order_by(ticket.c.id)
    )
    return tuple(
        TicketFacts(
            reference=row.reference,
            account_id=row.account_id,
            settling=row.status == AccountStatus.SETTLING,
            language=row.language,
            office_ids=tuple(row.topics),
            opened_at=row.opened_at,
            moves=tuple(moves[row.reference]),
            accepted=tuple(accepted[row.reference]),
        )
        for row in connection.execute(query)
    )


def _moves(
    connection: Connection, touched: ColumnElement[bool], until: datetime
) -> Mapping[str, list[Move]]:
    query = (
        select(event.c.reference, event.c.at, event.c.state)
        .join(
            ticket,
            (ticket.c.reference == event.c.reference) & (ticket.c.mailbox_id == event.c.mailbox_id),
        )
        .where(touched, event.c.kind == EventKind.TICKET, event.c.at < until)
        .order_by(event.c.id)
    )
    found: dict[str, list[Move]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.reference].append((row.at, TicketState(row.state)))
    return found


def _accepted(
    connection: Connection, touched: ColumnElement[bool], until: datetime
) -> Mapping[str, list[tuple[DraftKind, datetime]]]:
    """Give when the company's server side first accepted each kind; what came back is left out."""
    query = (
        select(ticket.c.reference, outbox.c.kind, func.min(outbox.c.accepted_at).label("at"))
        .join(
            ticket,
            (ticket.c.reference == outbox.c.reference)
            & (ticket.c.mailbox_id == outbox.c.mailbox_id),
        )
        .where(
            touched,
            outbox.c.kind.in_(TO_COMPANY),
            outbox.c.state == EntryState.ACCEPTED,
            outbox.c.accepted_at < until,
        )
        .group_by(ticket.c.reference, outbox.c.kind)
    )
    found: dict[str, list[tuple[DraftKind, datetime]]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.reference].append((DraftKind(row.kind), row.at))
    return found


def _first_replies(until: datetime) -> Subquery:
    """Give when each office first said something of substance, and whether it ever asked back."""
    return (
        select(
            reply.c.consultation_id,
            func.min(reply.c.received_at).label("at"),
            func.max(reply.c.kind).label("last_kind"),  # "question" sorts after "answer"
        )
        .where(reply.c.kind.in_(_SUBSTANCE), reply.c.received_at < until)
        .group_by(reply.c.consultation_id)
        .subquery()
    )


def _parts(
    connection: Connection, mailbox_id: int, since: datetime, until: datetime
) -> tuple[PartFacts, ...]:
    first = _first_replies(until)
    query = (
        select(consultation, ticket.c.reference, ticket.c.account_id, first.c.at, first.c.last_kind)
        .join(ticket, ticket.c.id == consultation.c.ticket_id)
        .outerjoin(first, first.c.consultation_id == consultation.c.id)
        .where(
            ticket.c.mailbox_id == mailbox_id,
            consultation.c.asked_at >= since,
            consultation.c.asked_at < until,
        )
        .order_by(consultation.c.id)
    )
    stood = _stood(connection, mailbox_id, since, until)
    return tuple(
        PartFacts(
            reference=row.reference,
            account_id=row.account_id,
            office_id=row.office_id,
            asked_on=row.asked_on,
            asked_at=row.asked_at,
            due_on=then.due_on,
            replied_at=row.at,
            settled_at=None if then.state.is_open else then.at,
            declined=then.state is ConsultationState.DECLINED,
            questioned=row.last_kind == ReplyKind.QUESTION,
            waiting=then.state is ConsultationState.QUESTIONED,
        )
        for row in connection.execute(query)
        for then in [stood[row.reference, row.office_id, row.round]]
    )


@dataclass(frozen=True, slots=True)
class _Stood:
    """Where a part stood at the end of the period, since when, and until when it was due."""

    state: ConsultationState
    at: datetime
    due_on: date


def _stood(
    connection: Connection, mailbox_id: int, since: datetime, until: datetime
) -> Mapping[tuple[str, str, int], _Stood]:
    """Give how each round of an office's part stood, of the tickets asked about in the period."""
    asked = select(consultation.c.ticket_id).where(
        consultation.c.asked_at >= since, consultation.c.asked_at < until
    )
    query = (
        select(event)
        .join(
            ticket,
            (ticket.c.reference == event.c.reference) & (ticket.c.mailbox_id == event.c.mailbox_id),
        )
        .where(
            ticket.c.mailbox_id == mailbox_id,
            ticket.c.id.in_(asked),
            event.c.kind.in_((EventKind.ASKED, EventKind.CONSULTATION)),
            event.c.at < until,
        )
        .order_by(event.c.id)
    )
    found: dict[tuple[str, str, int], _Stood] = {}
    for row in connection.execute(query):
        key = (row.reference, row.office_id, row.round)
        found[key] = _after(found.get(key), row)
    return found


def _after(stood: _Stood | None, row: Row[Any]) -> _Stood:
    """Give where a part stands after an event; the first one says that it was asked, until when."""
    if stood is None:
        return _Stood(ConsultationState(row.state), row.at, row.due_on)
    return _Stood(
        state=ConsultationState(row.state or stood.state),
        at=row.at if row.state else stood.at,
        due_on=row.due_on or stood.due_on,
    )


def _mails_in(connection: Connection, mailbox_id: int, since: datetime, until: datetime) -> int:
    """Count the mails that reached the mailbox; the copies of our own are no mail from anybody."""
    query = select(func.count()).where(
        mail.c.mailbox_id == mailbox_id,
        mail.c.kind != Kind.OWN,
        mail.c.received_at >= since,
        mail.c.received_at < until,
    )
    return connection.execute(query).scalar_one()


def _mails_out(connection: Connection, mailbox_id: int, since: datetime, until: datetime) -> int:
    query = select(func.count()).where(
        outbox.c.mailbox_id == mailbox_id,
        outbox.c.accepted_at >= since,
        outbox.c.accepted_at < until,
    )
    return connection.execute(query).scalar_one()
