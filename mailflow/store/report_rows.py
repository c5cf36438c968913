"""What the interim report needs to know of each ticket and each office's part."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Subquery, func, select

from mailflow.core.drafts import DraftKind
from mailflow.core.message import Kind
from mailflow.core.reply import ReplyKind
from mailflow.core.ticket import ConsultationState
from mailflow.schema import account, consultation, mail, outbox, reply, ticket

__all__ = ["PartRow", "TicketRow", "mails_in", "mails_out", "parts", "tickets"]

_OF_SUBSTANCE = (DraftKind.QUESTION, DraftKind.INTERIM, DraftKind.COMBINED_ANSWER)


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One ticket; the times are those of the mail server's acceptance, None while there is none."""

    account_id: int
    account_status: str
    language: str
    office_ids: tuple[str, ...]
    reopened: bool
    opened_at: datetime
    answered_at: datetime | None
    closed_at: datetime | None
    acknowledged_at: datetime | None
    first_word_at: datetime | None


@dataclass(frozen=True, slots=True)
class PartRow:
    """One round of one office's part in one ticket."""

    reference: str
    account_id: int
    office_id: str
    state: ConsultationState
    asked_on: date
    due_on: date
    settled_at: datetime | None
    questioned: bool


def tickets(
    connection: Connection, mailbox_id: int, since: datetime, until: datetime
) -> dict[str, TicketRow]:
    """Give, by reference, the tickets that were open at any time of a period (UTC)."""
    acknowledged = _accepted(mailbox_id, (DraftKind.ACKNOWLEDGEMENT,))
    first_word = _accepted(mailbox_id, _OF_SUBSTANCE)
    query = (
        select(
            ticket,
            account.c.status.label("account_status"),
            acknowledged.c.at.label("acknowledged_at"),
            first_word.c.at.label("first_word_at"),
        )
        .join(account, account.c.id == ticket.c.account_id)
        .outerjoin(acknowledged, acknowledged.c.reference == ticket.c.reference)
        .outerjoin(first_word, first_word.c.reference == ticket.c.reference)
        .where(
            ticket.c.mailbox_id == mailbox_id,
            ticket.c.opened_at < until,
            ticket.c.closed_at.is_(None) | (ticket.c.closed_at >= since),
        )
        .order_by(ticket.c.id)
    )
    return {
        row.reference: TicketRow(
            row.account_id,
            row.account_status,
            row.language,
            tuple(row.topics),
            row.reopened > 0,
            row.opened_at,
            row.answered_at,
            row.closed_at,
            row.acknowledged_at,
            row.first_word_at,
        )
        for row in connection.execute(query)
    }


def _accepted(mailbox_id: int, kinds: tuple[DraftKind, ...]) -> Subquery:
    """Select when the first mail of these kinds was accepted, per ticket."""
    return (
        select(outbox.c.reference, func.min(outbox.c.accepted_at).label("at"))
        .where(outbox.c.mailbox_id == mailbox_id, outbox.c.kind.in_(kinds))
        .group_by(outbox.c.reference)
        .subquery()
    )


def parts(connection: Connection, mailbox_id: int, first: date, last: date) -> tuple[PartRow, ...]:
    """Give what offices were asked between two days of the city's zone, both included."""
    questioned = (
        select(reply.c.consultation_id)
        .where(reply.c.consultation_id == consultation.c.id, reply.c.kind == ReplyKind.QUESTION)
        .exists()
    )
    query = (
        select(
            consultation,
            ticket.c.reference,
            ticket.c.account_id,
            questioned.label("questioned"),
        )
        .join(ticket, ticket.c.id == consultation.c.ticket_id)
        .where(
            ticket.c.mailbox_id == mailbox_id,
            consultation.c.asked_on >= first,
            consultation.c.asked_on <= last,
        )
        .order_by(consultation.c.id)
    )
    return tuple(
        PartRow(
            row.reference,
            row.account_id,
            row.office_id,
            ConsultationState(row.state),
            row.asked_on,
            row.due_on,
            row.settled_at,
            bool(row.questioned),
        )
        for row in connection.execute(query)
    )


def mails_in(connection: Connection, mailbox_id: int, since: datetime, until: datetime) -> int:
    """Count the mails that arrived in a period, copies of our own left out."""
    query = select(func.count()).where(
        mail.c.mailbox_id == mailbox_id,
        mail.c.kind != Kind.OWN,
        mail.c.received_at >= since,
        mail.c.received_at < until,
    )
    return connection.execute(query).scalar_one()


def mails_out(connection: Connection, mailbox_id: int, since: datetime, until: datetime) -> int:
    """Count our mails that were accepted in a period."""
    query = select(func.count()).where(
        outbox.c.mailbox_id == mailbox_id,
        outbox.c.accepted_at >= since,
        outbox.c.accepted_at < until,
    )
    return connection.execute(query).scalar_one()
