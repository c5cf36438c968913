"""Carry out a decision: every change and every mail it sends, in the caller's one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache, singledispatch
from typing import Any

from sqlalchemy import Connection, Insert, Table, bindparam, insert, select, update

from mailflow.compose import Sealed
from mailflow.core.changes import (
    AddConsultation,
    AddHold,
    AddLeg,
    AddLetter,
    AddNote,
    AddReply,
    AddSent,
    BindSender,
    CountAnswer,
    DecideAgain,
    Decision,
    EventKind,
    JoinFlood,
    MoveConsultation,
    MoveTicket,
    OpenTicket,
    ResolveHold,
    SendAgain,
    SetAccountStatus,
    SetEntry,
    SetFlags,
    SetMail,
    SetReply,
    SettleFlood,
    SetTold,
    TakeBack,
    UpdateConsultation,
    UseReplies,
)
from mailflow.core.ticket import (
    OVER_STATES,
    Account,
    ConsultationState,
    Contact,
    ReplyState,
    TicketState,
)
from mailflow.core.tracking import Role
from mailflow.schema import (
    account,
    bound_sender,
    consultation,
    contact,
    hold,
    leg,
    letter,
    mail,
    reply,
    ticket,
)
from mailflow.schema import outbox as outbox_table
from mailflow.store import events, floods, outbox, recall, tickets
from mailflow.store.deciding_again import decide_again
from mailflow.store.engine import insert_for
from mailflow.store.events import Event

__all__ = ["StaleDecisionError", "apply"]


class StaleDecisionError(Exception):
    """A ticket or an item has moved on since the facts were read: decide again on fresh ones."""


_TICKET_ID = select(ticket.c.id).where(
    ticket.c.mailbox_id == bindparam("mailbox_id"), ticket.c.reference == bindparam("reference")
)
_CONTACT_ID = select(contact.c.id).where(
    contact.c.mailbox_id == bindparam("mailbox_id"), contact.c.address == bindparam("address")
)
_TICKET = update(ticket).where(ticket.c.id == bindparam("row"))


@dataclass(frozen=True, slots=True)
class _Work:
    """What every change needs to be carried out."""

    connection: Connection
    mailbox_id: int
    now: datetime
    log: list[Event]
    ids: dict[str, int] = field(default_factory=dict)

    def ticket_id(self, reference: str) -> int | None:
        """Give the row of a ticket; asked for by almost every change, so remembered."""
        known = self.ids.get(reference) or self._ticket_id(reference)
        if known:
            self.ids[reference] = known
        return known

    def _ticket_id(self, reference: str) -> int | None:
        given = {"mailbox_id": self.mailbox_id, "reference": reference}
        return self.connection.execute(_TICKET_ID, given).scalar()

    def consultation_id(self, reference: str, office_id: str, round_: int) -> int:
        query = select(consultation.c.id).where(
            consultation.c.ticket_id == self.ticket_id(reference),
            consultation.c.office_id == office_id,
            consultation.c.round == round_,
        )
        found: int = self.connection.execute(query).scalar_one()
        return found

    def upsert(self, table: Table, keys: tuple[str, ...], **values: Any) -> None:
        row = _upsert(table, keys, self.connection.dialect.name)
        self.connection.execute(row, values)


@lru_cache
def _upsert(table: Table, keys: tuple[str, ...], dialect: str) -> Insert:
    row = insert_for(dialect, table)
    changed = {each.name: row.excluded[each.name] for each in table.c if each.name not in keys}
    return row.on_conflict_do_update(index_elements=keys, set_=changed)


def apply(
    connection: Connection,
    mailbox_id: int,
    decision: Decision,
    sealed: Iterable[Sealed],
    now: datetime,
) -> None:
    """Carry out a decision. Raises StaleDecisionError when it rests on outdated facts."""
    for reference, version in decision.versions:
        _claim_version(connection, mailbox_id, reference, version)
    work = _Work(connection, mailbox_id, now, [])
    for change in decision.changes:
        _carry_out(change, work)
    for each in sealed:
        if outbox.add(connection, mailbox_id, each, now):
            text = f"{each.draft.kind} an {each.recipient}"
            office_id = each.draft.office_id
            work.log.append(Event(each.draft.reference, EventKind.OUTGOING, text, office_id))
    events.append(connection, mailbox_id, now, work.log)


def _claim_version(connection: Connection, mailbox_id: int, reference: str, version: int) -> None:
    claimed = connection.execute(
        update(ticket)
        .where(
            ticket.c.mailbox_id == mailbox_id,
            ticket.c.reference == reference,
            ticket.c.version == version,
        )
        .values(version=version + 1)
    )
    if claimed.rowcount != 1:
        raise StaleDecisionError(reference)


@singledispatch
def _carry_out(change: Any, work: _Work) -> None:
    raise TypeError(f"no way to carry out {type(change).__name__} at {work.now}")


@_carry_out.register
def _(change: OpenTicket, work: _Work) -> None:
    account_id = _account_id(change.account, work)
    contact_id = _contact_id(change.contact, account_id, work)
    values = {
        "mailbox_id": work.mailbox_id,
        "reference": change.reference,
        "account_id": account_id,
        "contact_id": contact_id,
        "leg": change.leg,
        "subject": change.subject,
        "language": change.language,
        "state": TicketState.NEW,
        "flags": list(change.flags),
        "topics": list(change.topics),
        "opened_at": change.opened_at,
    }
    row = insert_for(work.connection.dialect.name, ticket).on_conflict_do_nothing()
    if not work.connection.execute(row, values).rowcount:
        raise StaleDecisionError(change.reference)
    _leg(work, change.leg, Role.COMPANY, change.reference, "", change.contact.address)
    opened = Event(change.reference, EventKind.OPENED, change.account.name, state=TicketState.NEW)
    work.log.append(opened)


def _account_id(wanted: Account, work: _Work) -> int:
    if wanted.id:
        return wanted.id
    if wanted.domain:
        known = tickets.of_domain(work.connection, work.mailbox_id, wanted.domain)
        if known:
            return known.id
    values = {
        "mailbox_id": work.mailbox_id,
        "name": wanted.name,
        "domain": wanted.domain,
        "status": wanted.status,
        "created_at": work.now,
    }
    created: int = work.connection.execute(
        insert(account).returning(account.c.id), values
    ).scalar_one()
    return created


def _contact_id(wanted: Contact, account_id: int, work: _Work) -> int:
    given = {"mailbox_id": work.mailbox_id, "address": wanted.address}
    known: int | None = work.connection.execute(_CONTACT_ID, given).scalar()
    if known:
        return known
    values = {
        "mailbox_id": work.mailbox_id,
        "account_id": account_id,
        "address": wanted.address,
        "name": wanted.name,
        "first_seen": wanted.first_seen,
    }
    created: int = work.connection.execute(
        insert(contact).returning(contact.c.id), values
    ).scalar_one()
    return created


def _leg(
    work: _Work,
    name: str,
    role: Role,
    reference: str,
    office_id: str,
    recipient: str,
    expires_on: Any = None,
) -> None:
    work.upsert(
        leg,
        ("mailbox_id", "leg"),
        mailbox_id=work.mailbox_id,
        leg=name,
        role=role,
        reference=reference,
        office_id=office_id,
        recipient=recipient,
        expires_on=expires_on,
    )


@_carry_out.register
def _(change: AddLetter, work: _Work) -> None:
    values = {"ticket_id": work.ticket_id(change.reference), "mail_id": change.mail_id}
    work.connection.execute(insert(letter), values)
    work.log.append(Event(change.reference, EventKind.LETTER, f"Mail {change.mail_id}"))


@_carry_out.register
def _(change: MoveTicket, work: _Work) -> None:
    ticket_id = work.ticket_id(change.reference)
    values: dict[str, Any] = {"row": ticket_id, "state": change.target}
    if change.target is TicketState.ANSWERED:
        values["answered_at"] = work.now
    if change.target is TicketState.CLOSED:
        values["closed_at"] = work.now
    if change.source in OVER_STATES and change.target is TicketState.CONSULTING:
        again = {"reopened": ticket.c.reopened + 1}
        work.connection.execute(update(ticket).where(ticket.c.id == ticket_id).values(**again))
    work.connection.execute(_TICKET, values)
    text = f"{change.source} -> {change.target}"
    work.log.append(Event(change.reference, EventKind.TICKET, text, state=change.target))


@_carry_out.register
def _(change: SetFlags, work: _Work) -> None:
    values = {"flags": list(change.flags)}
    row = ticket.c.id == work.ticket_id(change.reference)
    work.connection.execute(update(ticket).where(row).values(**values))
    work.log.append(Event(change.reference, EventKind.NOTE, f"Hinweise: {', '.join(change.flags)}"))


@_carry_out.register
def _(change: AddConsultation, work: _Work) -> None:
    values = {
        "ticket_id": work.ticket_id(change.reference),
        "office_id": change.office_id,
        "round": change.round,
        "leg": change.leg,
        "recipient": change.recipient,
        "state": ConsultationState.ASKED,
        "asked_on": change.asked_on,
        "due_on": change.due_on,
        "note": change.note,
        "asked_at": work.now,
    }
    work.connection.execute(insert(consultation), values)
    _leg(work, change.leg, Role.OFFICE, change.reference, change.office_id, change.recipient)
    text, state = f"{change.office_id} bis {change.due_on}", ConsultationState.ASKED
    work.log.append(_of_part(change, EventKind.ASKED, text, state, change.due_on))


def _of_part(
    change: AddConsultation | MoveConsultation | UpdateConsultation | AddReply,
    kind: EventKind,
    text: str,
    state: str = "",
    due_on: date | None = None,
) -> Event:
    return Event(change.reference, kind, text, change.office_id, change.round, state, due_on)


@_carry_out.register
def _(change: MoveConsultation, work: _Work) -> None:
    part = work.consultation_id(change.reference, change.office_id, change.round)
    values: dict[str, Any] = {"state": change.target}
    if not change.target.is_open:
        values["settled_at"] = work.now
    work.connection.execute(update(consultation).where(consultation.c.id == part).values(**values))
    text = f"{change.office_id}: {change.source} -> {change.target}"
    work.log.append(_of_part(change, EventKind.CONSULTATION, text, change.target))


@_carry_out.register
def _(change: UpdateConsultation, work: _Work) -> None:
    part = work.consultation_id(change.reference, change.office_id, change.round)
    values: dict[str, Any] = {}
    if change.due_on:
        values["due_on"] = change.due_on
    if change.absent_until:
        values["absent_until"] = change.absent_until
    if change.reminded is not None:
        values["reminded"] = list(change.reminded)
    if values:
        work.connection.execute(
            update(consultation).where(consultation.c.id == part).values(**values)
        )
        words = ", ".join(f"{name} = {value}" for name, value in values.items())
        text = f"{change.office_id}: {words}"
        told = _of_part(change, EventKind.CONSULTATION, text, due_on=change.due_on)
        work.log.append(told)


@_carry_out.register
def _(change: AddReply, work: _Work) -> None:
    received = select(mail.c.received_at).where(mail.c.id == change.mail_id)
    values = {
        "consultation_id": work.consultation_id(change.reference, change.office_id, change.round),
        "mail_id": change.mail_id,
        "kind": change.kind,
        "state": change.state,
        "text": change.text,
        "internal_text": change.internal_text,
        "until": change.until,
        "received_at": work.connection.execute(received).scalar_one(),
    }
    work.connection.execute(insert(reply), values)
    text = f"{change.office_id}: {change.kind}, {change.state}"
    work.log.append(_of_part(change, EventKind.REPLY, text))


@_carry_out.register
def _(change: SetReply, work: _Work) -> None:
    values: dict[str, Any] = {"kind": change.kind, "state": change.state}
    if change.whole:
        values |= {"text": reply.c.internal_text, "internal_text": ""}
    work.connection.execute(update(reply).where(reply.c.id == change.reply_id).values(**values))
    text = f"entschieden: {change.kind}, {change.state}"
    work.log.append(Event(change.reference, EventKind.REPLY, text))


@_carry_out.register
def _(change: UseReplies, work: _Work) -> None:
    ticket_id = work.ticket_id(change.reference)
    parts = select(consultation.c.id).where(consultation.c.ticket_id == ticket_id)
    work.connection.execute(
        update(reply)
        .where(reply.c.consultation_id.in_(parts), reply.c.state == ReplyState.ACCEPTED)
        .values(state=ReplyState.SENT, answer=change.answer)
    )
    work.connection.execute(
        update(ticket).where(ticket.c.id == ticket_id).values(answers=change.answer)
    )


@_carry_out.register
def _(change: CountAnswer, work: _Work) -> None:
    ticket_id = work.ticket_id(change.reference)
    values = {"answers": change.answer}
    work.connection.execute(update(ticket).where(ticket.c.id == ticket_id).values(**values))


@_carry_out.register
def _(change: AddHold, work: _Work) -> None:
    ticket_id = work.ticket_id(change.reference)
    reply_id = None
    if change.of_reply:
        query = (
            select(reply.c.id)
            .join(consultation, consultation.c.id == reply.c.consultation_id)
            .where(consultation.c.ticket_id == ticket_id, reply.c.mail_id == change.mail_id)
        )
        reply_id = work.connection.execute(query).scalar_one()
    values = {
        "mailbox_id": work.mailbox_id,
        "ticket_id": ticket_id,
        "mail_id": change.mail_id or None,
        "reply_id": reply_id,
        "reference": change.reference,
        "reason": change.reason,
        "text": change.text,
        "office_id": change.office_id,
        "suggestion": change.suggestion,
        "keeps_back": change.keeps_back,
        "created_at": change.created_at or work.now,
    }
    work.connection.execute(insert(hold), values)
    text = f"{change.reason}: {change.text}"
    work.log.append(Event(change.reference, EventKind.HOLD, text, change.office_id))


@_carry_out.register
def _(change: ResolveHold, work: _Work) -> None:
    settled = work.connection.execute(
        update(hold)
        .where(hold.c.id == change.hold_id, hold.c.resolved_at.is_(None))
        .values(resolved_at=work.now, resolution=change.resolution)
    )
    if not settled.rowcount:
        raise StaleDecisionError(change.reference or f"item {change.hold_id}")
    work.log.append(Event("", EventKind.RESOLVED, f"{change.hold_id}: {change.resolution}"))


@_carry_out.register
def _(change: AddNote, work: _Work) -> None:
    work.log.append(Event(change.reference, change.kind, change.text, change.office_id))


@_carry_out.register
def _(change: AddLeg, work: _Work) -> None:
    _leg(
        work,
        change.leg,
        change.role,
        change.reference,
        "",
        change.recipient,
        change.expires_on,
    )


@_carry_out.register
def _(change: BindSender, work: _Work) -> None:
    work.upsert(
        bound_sender,
        ("mailbox_id", "address"),
        mailbox_id=work.mailbox_id,
        address=change.address.lower(),
        office_id=change.office_id,
    )
    text = f"{change.address} -> {change.office_id}"
    work.log.append(Event("", EventKind.BOUND, text, change.office_id))


@_carry_out.register
def _(change: SetEntry, work: _Work) -> None:
    if change.receipt and outbox.is_frozen(work.connection, work.mailbox_id):
        outbox.keep_what_went_out(work.connection, change.entry_id, change.receipt)
    is_set = outbox.set_entry(
        work.connection,
        change.entry_id,
        change.target,
        change.response,
        work.now,
        cause=change.cause,
        receipt=change.receipt > 0,
        message_id=change.message_id,
        recipient=change.recipient,
        only_from=change.only_from,
    )
    if change.only_from and not is_set:
        raise StaleDecisionError(f"outbox entry {change.entry_id}")
    text = f"{change.entry_id}: {change.target}, {change.response}"
    work.log.append(Event("", EventKind.OUTBOX, text))


@_carry_out.register
def _(change: TakeBack, work: _Work) -> None:
    if outbox.is_frozen(work.connection, work.mailbox_id):
        return  # an old order read again may come before the receipt; the thaw looks again
    those = recall.of_ticket(work.mailbox_id, change.reference)
    count = recall.take_back(work.connection, those, work.now)
    # only now: taking back has waited for whoever was just claiming one
    if recall.being_sent(work.connection, work.mailbox_id, change.reference) - change.being_sent:
        raise StaleDecisionError(change.reference)
    if count:
        text = f"{count} Mails an Ämter zurückgenommen"
        work.log.append(Event(change.reference, EventKind.OUTBOX, text))


@_carry_out.register
def _(change: AddSent, work: _Work) -> None:
    outbox.add_sent(work.connection, work.mailbox_id, change)
    text = f"Beleg in Mail {change.mail_id}, sonst nichts mehr"
    work.log.append(Event(change.reference, EventKind.OUTBOX, text))


@_carry_out.register
def _(change: SendAgain, work: _Work) -> None:
    outbox.add_again(work.connection, change.entry_id, change.message_id, work.now)
    work.log.append(Event(change.reference, EventKind.OUTGOING, f"{change.entry_id} noch einmal"))


@_carry_out.register
def _(change: SetMail, work: _Work) -> None:
    values = {"outcome": change.outcome, "reference": change.reference}
    work.connection.execute(update(mail).where(mail.c.id == change.mail_id).values(**values))
    work.log.append(Event(change.reference, EventKind.MAIL, f"{change.mail_id}: {change.outcome}"))


@_carry_out.register
def _(change: JoinFlood, work: _Work) -> None:
    if not floods.join(work.connection, change.mail_id, change.hold_id):
        raise StaleDecisionError(f"item {change.hold_id}")


@_carry_out.register
def _(change: DecideAgain, work: _Work) -> None:
    count = decide_again(work.connection, work.mailbox_id, change.sender, work.now)
    work.log.append(Event("", EventKind.MAIL, f"{count} Mails werden neu entschieden"))


@_carry_out.register
def _(change: SettleFlood, work: _Work) -> None:
    count = floods.settle(work.connection, change.hold_id, change.outcome)
    work.log.append(Event("", EventKind.MAIL, f"{count} Mails einer Flut: {change.outcome}"))


@_carry_out.register
def _(change: SetTold, work: _Work) -> None:
    for table, ids in ((mail, change.mails), (outbox_table, change.entries)):
        told = update(table).where(table.c.id.in_(ids)).values(told_at=work.now)
        work.connection.execute(told)


@_carry_out.register
def _(change: SetAccountStatus, work: _Work) -> None:
    owner = select(ticket.c.account_id).where(ticket.c.id == work.ticket_id(change.reference))
    work.connection.execute(
        update(account).where(account.c.id == owner.scalar_subquery()).values(status=change.status)
    )
    work.log.append(Event(change.reference, EventKind.ACCOUNT, change.status))
