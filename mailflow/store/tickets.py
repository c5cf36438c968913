"""Tickets with everything that belongs to them, read as the frozen values of ``core.ticket``."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, text

from mailflow.core.brought import Brought
from mailflow.core.drafts import TO_COMPANY, TO_OFFICES, DraftKind
from mailflow.core.meant import numbered
from mailflow.core.reply import ReplyKind
from mailflow.core.retry import Cause, EntryState
from mailflow.core.ticket import (
    NOT_CLOSED,
    Account,
    AccountStatus,
    BeingSent,
    Consultation,
    ConsultationState,
    Contact,
    Failed,
    Hold,
    HoldReason,
    Letter,
    OfficeReply,
    PassedOn,
    ReplyState,
    Resolution,
    Ticket,
    TicketState,
)
from mailflow.schema import (
    account,
    bound_sender,
    consultation,
    contact,
    hold,
    letter,
    mail,
    outbox,
    reply,
    ticket,
)

__all__ = [
    "account_of",
    "answered",
    "companies",
    "contact_of",
    "hold_of",
    "load",
    "of_domain",
    "open_for",
    "open_references",
    "working",
]


_AT_ONCE = 200


def load(
    connection: Connection, mailbox_id: int, references: Iterable[str]
) -> Mapping[str, Ticket]:
    """Give the tickets with these references; those that do not exist are left out."""
    wanted = [each for each in dict.fromkeys(references) if each]
    found: dict[str, Ticket] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        found |= _load(connection, mailbox_id, wanted[start : start + _AT_ONCE])
    return found


def _load(connection: Connection, mailbox_id: int, wanted: list[str]) -> dict[str, Ticket]:
    query = (
        select(ticket, account, contact)
        .join(account, account.c.id == ticket.c.account_id)
        .join(contact, contact.c.id == ticket.c.contact_id)
        .where(ticket.c.mailbox_id == mailbox_id, ticket.c.reference.in_(wanted))
    )
    rows = list(connection.execute(query).mappings())
    parts = _Parts(connection, mailbox_id, [row[ticket.c.id] for row in rows], wanted)
    return {row[ticket.c.reference]: _ticket(row, parts) for row in rows}


class _Parts:
    """What belongs to a set of tickets, fetched with one query each."""

    def __init__(
        self, connection: Connection, mailbox_id: int, ids: list[int], references: list[str]
    ) -> None:
        self.letters: dict[int, list[Letter]] = defaultdict(list)
        self.consultations: dict[int, list[Consultation]] = defaultdict(list)
        self.holds: dict[int, list[Hold]] = defaultdict(list)
        self.sent: dict[str, list[Any]] = defaultdict(list)
        self.counts: dict[int, int] = {}
        self.released: dict[int, datetime] = {}
        self.kept_back: dict[int, set[int]] = defaultdict(set)
        self.colleagues = _colleagues(connection, mailbox_id)
        self._outbox(connection, mailbox_id, references)
        self._letters(connection, ids)
        self._holds(connection, ids)
        self._consultations(connection, ids)
        self._account_tickets(connection, ids)

    def _outbox(self, connection: Connection, mailbox_id: int, references: list[str]) -> None:
        query = (
            select(
                outbox.c.id,
                outbox.c.kind,
                outbox.c.reference,
                outbox.c.office_id,
                outbox.c.message_id,
                outbox.c.state,
                outbox.c.cause,
                outbox.c.recipient,
                outbox.c.letters,
                outbox.c.round,
                outbox.c.created_at,
                outbox.c.accepted_at,
            )
            .where(outbox.c.mailbox_id == mailbox_id, outbox.c.reference.in_(references))
            .order_by(outbox.c.id)
        )
        for row in connection.execute(query):
            self.sent[row.reference].append(row)

    def _letters(self, connection: Connection, ids: list[int]) -> None:
        query = (
            select(
                letter.c.ticket_id,
                mail.c.id,
                mail.c.fingerprint,
                mail.c.message_id,
                mail.c.received_at,
                mail.c.text,
                mail.c.attachments,
                mail.c.sender,
                mail.c.decided_at,
            )
            .join(mail, mail.c.id == letter.c.mail_id)
            .where(letter.c.ticket_id.in_(ids))
            .order_by(mail.c.received_at, mail.c.id)
        )
        for row in connection.execute(query):
            self.letters[row.ticket_id].append(
                Letter(
                    row.id,
                    row.fingerprint,
                    row.message_id,
                    row.received_at,
                    row.text,
                    passed_on(row.attachments),
                    row.sender,
                    row.decided_at,
                )
            )

    def _holds(self, connection: Connection, ids: list[int]) -> None:
        query = (
            select(hold, mail.c.fingerprint)
            .outerjoin(mail, mail.c.id == hold.c.mail_id)
            .where(hold.c.ticket_id.in_(ids))
            .order_by(hold.c.id)
        )
        before: dict[int, list[Hold]] = defaultdict(list)
        replaced: dict[int, list[Hold]] = defaultdict(list)
        for row in connection.execute(query):
            told, gone = before[row.ticket_id], replaced[row.ticket_id]
            item = numbered(hold_of(row), row.fingerprint or "", told, gone)
            told.append(item)
            if row.resolution == Resolution.REPLACED:
                gone.append(item)
            if item.reason is HoldReason.REVIEW and row.resolution == Resolution.RELEASED:
                self.released[row.ticket_id] = row.resolved_at
            if item.keeps_back and row.resolution != Resolution.PASSED_ON:
                self.kept_back[row.ticket_id].add(item.mail_id)
            if row.resolved_at is None:
                self.holds[row.ticket_id].append(item)

    def _consultations(self, connection: Connection, ids: list[int]) -> None:
        query = (
            select(consultation, ticket.c.reference)
            .join(ticket, ticket.c.id == consultation.c.ticket_id)
            .where(consultation.c.ticket_id.in_(ids))
            .order_by(consultation.c.id)
        )
        rows = list(connection.execute(query))
        replies = _replies(connection, [row.id for row in rows])
        for row in rows:
            forwards = [
                sent
                for sent in self.sent[row.reference]
                if sent.office_id == row.office_id and sent.kind == DraftKind.FORWARD
            ]
            self.consultations[row.ticket_id].append(_consultation(row, forwards, replies[row.id]))

    def _account_tickets(self, connection: Connection, ids: list[int]) -> None:
        others = ticket.alias()
        query = (
            select(ticket.c.id, func.count(others.c.id))
            .join(others, others.c.account_id == ticket.c.account_id)
            .where(ticket.c.id.in_(ids), others.c.id < ticket.c.id)
            .group_by(ticket.c.id)
        )
        self.counts = {row[0]: row[1] for row in connection.execute(query)}


def _replies(connection: Connection, ids: list[int]) -> Mapping[int, list[OfficeReply]]:
    found: dict[int, list[OfficeReply]] = defaultdict(list)
    query = (
        select(reply, mail.c.attachments, mail.c.fingerprint, mail.c.sender, mail.c.decided_at)
        .join(mail, mail.c.id == reply.c.mail_id)
        .where(reply.c.consultation_id.in_(ids))
        .order_by(reply.c.id)
    )
    for row in connection.execute(query):
        found[row.consultation_id].append(
            OfficeReply(
                id=row.id,
                mail_id=row.mail_id,
                fingerprint=row.fingerprint,
                kind=ReplyKind(row.kind),
                state=ReplyState(row.state),
                text=row.text,
                internal_text=row.internal_text,
                received_at=row.received_at,
                until=row.until,
                attachments=passed_on(row.attachments),
                sender=row.sender,
                decided_at=row.decided_at,
            )
        )
    return found


def passed_on(rows: Iterable[Mapping[str, Any]]) -> tuple[PassedOn, ...]:
    """Give a mail's attachments as its row records them."""
    return tuple(PassedOn(**row) for row in rows)


def _consultation(
    row: Row[Any], forwards: list[Row[Any]], replies: list[OfficeReply]
) -> Consultation:
    of_this_round = [each for each in forwards if each.created_at >= row.asked_at]
    taken = [each.accepted_at for each in of_this_round if each.state == EntryState.ACCEPTED]
    standing = [each for each in of_this_round if each.state != EntryState.FAILED]
    return Consultation(
        id=row.id,
        office_id=row.office_id,
        leg=row.leg,
        recipient=row.recipient,
        round=row.round,
        state=ConsultationState(row.state),
        asked_on=row.asked_on,
        due_on=row.due_on,
        reminded=tuple(row.reminded),
        absent_until=row.absent_until,
        note=row.note,
        forward_ids=tuple(each.message_id for each in forwards),
        replies=tuple(replies),
        taken_at=min(filter(None, taken), default=None),
        written_at=min((each.created_at for each in standing), default=None),
        is_unsent=not any(map(_may_have_come, of_this_round)) and any(map(_waits, of_this_round)),
    )


def _may_have_come(sent: Row[Any]) -> bool:
    """Whether a mail of ours has arrived, or nobody knows that it has not."""
    unknown = sent.cause in (Cause.DROPPED, Cause.UNKNOWN)
    return bool(sent.state == EntryState.ACCEPTED or unknown)


def _waits(sent: Row[Any]) -> bool:
    return sent.state not in {EntryState.ACCEPTED, EntryState.FAILED}


def hold_of(row: Row[Any]) -> Hold:
    """Give an item waiting for the manager."""
    return Hold(
        id=row.id,
        reference=row.reference,
        reason=HoldReason(row.reason),
        text=row.text,
        created_at=row.created_at,
        mail_id=row.mail_id or 0,
        reply_id=row.reply_id or 0,
        office_id=row.office_id,
        suggestion=row.suggestion,
        keeps_back=row.keeps_back,
    )


def _colleagues(connection: Connection, mailbox_id: int) -> frozenset[str]:
    """Give whom the manager has let write for offices, at whatever address."""
    query = select(bound_sender.c.address).where(bound_sender.c.mailbox_id == mailbox_id)
    return frozenset(connection.execute(query).scalars())


def _ticket(row: Mapping[Any, Any], parts: _Parts) -> Ticket:
    ticket_id, reference = row[ticket.c.id], row[ticket.c.reference]
    sent = parts.sent[reference]
    return Ticket(
        id=ticket_id,
        reference=reference,
        account=account_of(row),
        contact=contact_of(row),
        leg=row[ticket.c.leg],
        subject=row[ticket.c.subject],
        language=row[ticket.c.language],
        state=TicketState(row[ticket.c.state]),
        version=row[ticket.c.version],
        opened_at=row[ticket.c.opened_at],
        letters=tuple(parts.letters[ticket_id]),
        consultations=tuple(parts.consultations[ticket_id]),
        holds=tuple(parts.holds[ticket_id]),
        flags=tuple(row[ticket.c.flags]),
        answers=row[ticket.c.answers],
        earlier_tickets=parts.counts.get(ticket_id, 0),
        answered_at=row[ticket.c.answered_at],
        closed_at=row[ticket.c.closed_at],
        held_entries=tuple(_held_answers(sent)),
        being_sent=tuple(_being_sent(sent)),
        brought=frozenset(_brought(sent)),
        failed=tuple(_failed(sent)),
        kept_back=frozenset(parts.kept_back[ticket_id]),
        colleagues=parts.colleagues,
        last_answer_at=max(_answers_queued(sent, parts.released.get(ticket_id)), default=None),
    )


def _held_answers(sent: Iterable[Any]) -> Iterator[int]:
    """Give the combined answers that wait for their release."""
    for each in sent:
        # what a freeze holds may be out already
        is_held = each.state == EntryState.HELD and each.cause != Cause.FROZEN
        if is_held and each.kind == DraftKind.COMBINED_ANSWER:
            yield each.id


def _being_sent(sent: Iterable[Any]) -> Iterator[BeingSent]:
    """Give the mails to offices whose attempt has begun, and ended nobody knows how."""
    for each in sent:
        if each.kind in TO_OFFICES and each.state == EntryState.SENDING:
            yield BeingSent(each.id, each.office_id)


def _brought(sent: Iterable[Any]) -> Iterator[Brought]:
    """Give which letter went to which office, and to which of its readers."""
    for each in sent:
        dropped = each.cause == Cause.DROPPED
        if each.state != EntryState.FAILED or dropped:
            to = each.office_id, each.recipient.lower()
            arrived = each.state == EntryState.ACCEPTED
            for letter_ in each.letters:
                yield Brought(*to, letter_, each.round, arrived, dropped)


def _failed(sent: Iterable[Any]) -> Iterator[Failed]:
    """Give the mails to the company that went out and reached nobody."""
    for each in sent:
        counts = each.cause not in (Cause.WITHDRAWN, Cause.DROPPED)
        if each.kind in TO_COMPANY and each.state == EntryState.FAILED and counts:
            yield Failed(each.id, each.message_id)


def _answers_queued(sent: Iterable[Any], released: datetime | None) -> Iterator[datetime]:
    """Give when answers went on their way; one taken back before it was tried never did."""
    if released:
        yield released
    for each in sent:
        waits = each.state == EntryState.HELD or each.cause == Cause.WITHDRAWN
        if each.kind == DraftKind.COMBINED_ANSWER and not waits:
            yield each.created_at


_OF_DOMAIN = select(account).where(
    account.c.mailbox_id == bindparam("mailbox_id"),
    account.c.domain == bindparam("domain"),
    text("domain != ''"),  # the words that its partial index knows
)


def of_domain(connection: Connection, mailbox_id: int, domain: str) -> Account | None:
    """Give the account of a mail domain, None where there is none yet."""
    given = {"mailbox_id": mailbox_id, "domain": domain}
    row = connection.execute(_OF_DOMAIN, given).mappings().first()
    return account_of(row) if row else None


def account_of(row: Mapping[Any, Any]) -> Account:
    """Give the account of a row that has its columns."""
    return Account(
        row[account.c.id],
        row[account.c.name],
        row[account.c.domain],
        AccountStatus(row[account.c.status]),
    )


def contact_of(row: Mapping[Any, Any]) -> Contact:
    """Give the contact of a row that has its columns."""
    return Contact(
        row[contact.c.id],
        row[contact.c.account_id],
        row[contact.c.address],
        row[contact.c.name],
        row[contact.c.first_seen],
    )


def open_references(connection: Connection, mailbox_id: int, states: Iterable[str]) -> list[str]:
    """Give the references of tickets in these states, oldest first."""
    query = (
        select(ticket.c.reference)
        .where(ticket.c.mailbox_id == mailbox_id, ticket.c.state.in_(list(states)))
        .order_by(ticket.c.id)
    )
    return list(connection.execute(query).scalars())


def open_for(
    connection: Connection, mailbox_id: int, addresses: Iterable[str], states: Iterable[str]
) -> list[str]:
    """Give the tickets in these states whose answer goes to one of these addresses."""
    query = (
        select(ticket.c.reference)
        .join(contact, contact.c.id == ticket.c.contact_id)
        .where(
            contact.c.mailbox_id == mailbox_id,
            contact.c.address.in_(list(addresses)),
            ticket.c.account_id == contact.c.account_id,
            ticket.c.state.in_(list(states)),
        )
        .order_by(ticket.c.id)
    )
    return list(connection.execute(query).scalars())


def companies(connection: Connection, mailbox_id: int, at_most: int) -> tuple[str, ...]:
    """Give the names of the companies whose tickets are not closed, each once."""
    query = (
        select(account.c.name)
        .select_from(ticket)
        .join(account, account.c.id == ticket.c.account_id)
        .where(
            ticket.c.mailbox_id == mailbox_id,
            ticket.c.state.in_(NOT_CLOSED),
        )
        .limit(at_most)
    )
    return tuple(dict.fromkeys(connection.execute(query).scalars()))


def working(connection: Connection, mailbox_id: int, asked_before: date) -> list[str]:
    """Give the tickets in which an office asked before that day still works, oldest first."""
    query = (
        select(ticket.c.reference)
        .join(consultation, consultation.c.ticket_id == ticket.c.id)
        .where(
            ticket.c.mailbox_id == mailbox_id,
            ticket.c.state.in_([TicketState.CONSULTING, TicketState.WAITING]),
            consultation.c.settled_at.is_(None),
            consultation.c.asked_on < asked_before,
        )
        .order_by(ticket.c.id)
    )
    return list(dict.fromkeys(connection.execute(query).scalars()))


def answered(connection: Connection, mailbox_id: int, before: datetime) -> list[str]:
    """Give the tickets that wait for nothing since an answer sent before then, oldest first."""
    query = (
        select(ticket.c.reference)
        .where(
            ticket.c.mailbox_id == mailbox_id,
            ticket.c.state == TicketState.ANSWERED,
            ticket.c.answered_at < before,
        )
        .order_by(ticket.c.id)
    )
    return list(connection.execute(query).scalars())
