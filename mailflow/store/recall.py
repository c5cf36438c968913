"""Mails to offices that are not asked any more: none of them goes out."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, or_, select, update

from mailflow.core.drafts import TO_OFFICES, DraftKind
from mailflow.core.retry import Cause, EntryState
from mailflow.core.ticket import ConsultationState, TicketState
from mailflow.schema import consultation, outbox, ticket

__all__ = ["NOT_ASKED", "being_sent", "is_asked", "of_ticket", "take_back"]

_TICKET = (
    ticket.c.mailbox_id == outbox.c.mailbox_id,
    ticket.c.reference == outbox.c.reference,
)
_IS_CLOSED = select(ticket.c.id).where(*_TICKET, ticket.c.state == TicketState.CLOSED).exists()
_IS_LEFT_OUT = (
    select(consultation.c.id)
    .join(ticket, ticket.c.id == consultation.c.ticket_id)
    .where(
        *_TICKET,
        consultation.c.office_id == outbox.c.office_id,
        consultation.c.round >= outbox.c.round,
        consultation.c.state == ConsultationState.WITHDRAWN,
    )
    .exists()
)
_CHASES = outbox.c.kind.in_((DraftKind.REMINDER, DraftKind.ESCALATION))
_OWES_NOTHING = (
    select(consultation.c.id)
    .join(ticket, ticket.c.id == consultation.c.ticket_id)
    .where(
        *_TICKET,
        consultation.c.office_id == outbox.c.office_id,
        consultation.c.round == outbox.c.round,
        consultation.c.state.not_in((ConsultationState.ASKED, ConsultationState.INTERIM)),
    )
    .exists()
)
NOT_ASKED = and_(
    outbox.c.kind.in_(sorted(TO_OFFICES)),
    or_(_IS_CLOSED, _IS_LEFT_OUT, and_(_CHASES, _OWES_NOTHING)),
)
"""Whether an entry goes to an office whose ticket is closed, or that was left out of it since, or
chases one that has answered meanwhile.

Asked again, the office gets all that it has not in the new round's own mail.
"""

_SURELY_HERE = outbox.c.state.in_((EntryState.QUEUED, EntryState.DEFERRED))
_TAKEN_BACK = update(outbox).values(
    state=EntryState.FAILED,
    # what may be out already counts as sent: it would be the same letter twice
    cause=case((_SURELY_HERE, Cause.WITHDRAWN), else_=Cause.DROPPED),
    response=case(
        (_SURELY_HERE, "das Amt ist nicht mehr gefragt"),
        else_="das Amt ist nicht mehr gefragt; ob die Mail vorher ankam, ist ungewiss",
    ),
)


def take_back(connection: Connection, which: ColumnElement[bool], now: datetime) -> int:
    """End what goes to offices that are not asked any more, of these entries; give how many."""
    ended = _TAKEN_BACK.where(which, NOT_ASKED).values(next_attempt_at=now)
    return connection.execute(ended).rowcount


def is_asked(connection: Connection, entry_id: int) -> bool:
    """Whether an entry goes to nobody, or to an office that is still asked."""
    query = select(outbox.c.id).where(outbox.c.id == entry_id, NOT_ASKED)
    return connection.execute(query).first() is None


def of_ticket(mailbox_id: int, reference: str) -> ColumnElement[bool]:
    """Pick the entries of a ticket that no server has, nor perhaps has."""
    own = (outbox.c.mailbox_id == mailbox_id, outbox.c.reference == reference)
    return and_(*own, _SURELY_HERE)


def being_sent(connection: Connection, mailbox_id: int, reference: str) -> set[int]:
    """Give the entries to offices not asked any more whose attempt has begun and not ended."""
    query = select(outbox.c.id).where(
        outbox.c.mailbox_id == mailbox_id,
        outbox.c.reference == reference,
        outbox.c.state == EntryState.SENDING,
        NOT_ASKED,
    )
    return set(connection.execute(query).scalars())
