"""Addresses that the configuration names no more: a genuine token proves to whom we gave it.

A lost database is made good by the configuration of today. Of its days nothing is left but the
tokens in the mails: each is an HMAC over the address it was made for, and cannot be guessed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, func, select

from mailflow.core.address import readable
from mailflow.core.combining import preview_legs
from mailflow.core.consulting import bound_addresses
from mailflow.core.known import ACTS_FOR_WORKDAYS, Entry, Known, Leg, Policy
from mailflow.core.manager import ORDERED
from mailflow.core.message import Message
from mailflow.core.offices import Office
from mailflow.core.seen import Seen
from mailflow.core.ticket import Hold, HoldReason, ReplyState, Ticket
from mailflow.core.tracking import Role, leg_of
from mailflow.schema import consultation, mail, outbox, reply, status, ticket
from mailflow.store.moments import LOOKED_BACK

__all__ = [
    "BEHIND",
    "as_of_its_day",
    "failed_today",
    "is_read_again",
    "manager_keys",
    "moved",
    "sent_today",
    "with_former_addresses",
    "with_keys",
]

BEHIND = "behind"
"""The status row that says when the database was last made good, and whether it still is being."""

_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'`*|=]{1,64}@[^\s<>()\[\],;:\"'`*|=@]{1,255}")
_READ = 100_000
_ADDRESSES = 50
_TOKENS = 20
"""So many addresses and tokens of one mail are tried with each other."""


def is_read_again(connection: Connection, mailbox_id: int) -> bool:
    """Whether the lost database had decided the mails that are decided now."""
    loss = _last_loss(connection, mailbox_id)
    return loss is not None and bool(loss.text)


def _last_loss(connection: Connection, mailbox_id: int) -> Row[Any] | None:
    """Give when this database was last behind its mailbox, None where it never was."""
    this = select(status).where(status.c.mailbox_id == mailbox_id, status.c.name == BEHIND)
    return connection.execute(this).first()


def with_former_addresses(
    connection: Connection,
    mailbox_id: int,
    message: Message,
    legs: tuple[Leg, ...],
    policy: Policy,
    now: datetime,
) -> tuple[Leg, ...]:
    """Give the legs, an office's with the address that its token was made for, as far as proven.

    Only where it was asked before a loss: then its row was made by the configuration of another
    day. Else an office's token counts for the address that its row names, and for no other.
    """
    false = [each for each in legs if each.role is Role.OFFICE and not each.valid][:_TOKENS]
    proven = {}
    for each in false:
        if _asked_before_loss(connection, mailbox_id, each):
            office = policy.office(each.office_id)
            tried = _addresses(connection, mailbox_id, message, office)
            if made_for := _made_for(each, tried, policy, now):
                proven[each] = replace(each, recipient=made_for, valid=True)
    return tuple(proven.get(each, each) for each in legs)


def _asked_before_loss(connection: Connection, mailbox_id: int, leg: Leg) -> bool:
    loss = _last_loss(connection, mailbox_id)
    if loss is None or loss.text:
        return loss is not None
    asked = (
        select(func.min(consultation.c.asked_at))
        .join(ticket, ticket.c.id == consultation.c.ticket_id)
        .where(ticket.c.mailbox_id == mailbox_id, consultation.c.leg == leg_of(leg.token))
    )
    asked_at = connection.execute(asked).scalar()
    return bool(asked_at and asked_at <= loss.at)


def _made_for(leg: Leg, addresses: Iterable[str], policy: Policy, now: datetime) -> str:
    verify = policy.keyring.verify
    return next((each for each in addresses if verify(leg.token, leg.role, each, now)), "")


def _addresses(
    connection: Connection, mailbox_id: int, message: Message, office: Office
) -> Iterator[str]:
    """Give the addresses that a token of an office may have been made for.

    First those that its mail names, then those that are the office's today, and those that read or
    wrote mails of this office.
    """
    yield from islice(dict.fromkeys(_named(message)), _ADDRESSES)
    yield from bound_addresses(office)
    mails = (outbox.c.mailbox_id == mailbox_id, outbox.c.office_id == office.id)
    readers = select(outbox.c.recipient).where(*mails).distinct().limit(_ADDRESSES)
    yield from map(readable, connection.execute(readers).scalars())
    replies = (
        select(mail.c.sender)
        .join(reply, reply.c.mail_id == mail.c.id)
        .join(consultation, consultation.c.id == reply.c.consultation_id)
        .where(mail.c.mailbox_id == mailbox_id, consultation.c.office_id == office.id)
    )
    yield from connection.execute(replies.distinct().limit(_ADDRESSES)).scalars()


def _named(message: Message) -> Iterator[str]:
    headed = (message.sender, *message.to, *message.cc, *message.reply_to)
    in_heads = (each.address for each in headed)
    in_text = (each[0].rstrip(".") for each in _ADDRESS.finditer(message.text[:_READ]))
    for each in (*in_heads, *message.recipients, *message.failed_recipients, *in_text):
        yield each.lower()
        yield readable(each.lower())


def moved(rows: Iterable[Leg], proven: Iterable[Leg]) -> dict[str, str]:
    """Give, by their former addresses, those that the rows of these legs name."""
    today = {leg.token: leg.recipient for leg in rows}
    return {
        leg.recipient.lower(): today[leg.token]
        for leg in proven
        if today.get(leg.token, leg.recipient) != leg.recipient
    }


def failed_today(message: Message, today: Mapping[str, str]) -> Message:
    """Give a report on mails to a former address as one on mails to that of today, too.

    To that one they went, where they were made anew and no receipt tells better.
    """
    failed = message.failed_recipients
    also = (today[each.lower()] for each in failed if each.lower() in today)
    return replace(message, failed_recipients=(*failed, *also))


def sent_today(entries: Iterable[Entry], today: Mapping[str, str]) -> tuple[Entry, ...]:
    """Give our mails to a former address as mails to that of today, likewise."""
    return tuple(
        replace(each, recipient=today.get(each.recipient.lower(), each.recipient))
        for each in entries
    )


def manager_keys(
    message: Message, policy: Policy, now: datetime, came_at: datetime
) -> tuple[Leg, ...]:
    """Give the legs of a manager's keys that were made for a sender who is none any more.

    No row is left of them. Until when one acts is told of a digest's, by its day.
    """
    sender = message.sender.address.lower()
    if policy.is_manager(sender):
        return ()
    tokens = dict.fromkeys(each.token for each in message.marks)
    verify = policy.keyring.verify
    keys = [each for each in tokens if verify(each, Role.MANAGER, sender, now)]
    old = _expired_digests(sender, policy, came_at) if keys else frozenset()
    return tuple(
        Leg(key, Role.MANAGER, "", "", sender, valid=True, expired=leg_of(key) in old)
        for key in keys
    )


def _expired_digests(manager: str, policy: Policy, came_at: datetime) -> frozenset[str]:
    today = policy.today(came_at)
    days = [today - timedelta(days=back) for back in range(LOOKED_BACK.days)]
    over = (each for each in days if policy.workdays.add(each, ACTS_FOR_WORKDAYS) < today)
    return frozenset(policy.digest_leg(manager, each) for each in over)


def with_keys(
    legs: tuple[Leg, ...], unknown: tuple[str, ...], keys: tuple[Leg, ...]
) -> tuple[tuple[Leg, ...], tuple[str, ...]]:
    """Give the legs and the unknown tokens of a mail in which these keys were proven."""
    tokens = {each.token for each in keys}
    others = tuple(each for each in legs if each.token not in tokens)
    return (*others, *keys), tuple(each for each in unknown if each not in tokens)


def as_of_its_day(connection: Connection, mailbox_id: int, known: Known, policy: Policy) -> Known:
    """Give what is known about a mail as it was when the mail was decided before the loss.

    Who bears a token made for his address wrote for that office, or was a manager.
    """
    sender = known.mail.sender
    if not policy.is_manager(sender) and _gave_orders(connection, mailbox_id, known):
        return _of_former_manager(known, policy)
    offices = {leg.recipient.lower(): leg.office_id for leg in known.legs if leg.valid}
    if not known.legs and (office_id := _wrote_for(connection, mailbox_id, sender)):
        offices[sender] = office_id
    return replace(known, bound_senders={**offices, **known.bound_senders})


def _wrote_for(connection: Connection, mailbox_id: int, sender: str) -> str:
    """Give the office for which somebody has written, with words that took effect; "" for none."""
    query = (
        select(consultation.c.office_id)
        .join(reply, reply.c.consultation_id == consultation.c.id)
        .join(mail, mail.c.id == reply.c.mail_id)
        .where(
            mail.c.mailbox_id == mailbox_id,
            mail.c.sender == sender,
            reply.c.state.in_((ReplyState.ACCEPTED, ReplyState.SENT)),
        )
    )
    return connection.execute(query.limit(1)).scalar() or ""


def _gave_orders(connection: Connection, mailbox_id: int, known: Known) -> bool:
    """Whether somebody writes with a manager's key, or has before."""
    sender = known.mail.sender
    if any(leg.role is Role.MANAGER and leg.recipient.lower() == sender for leg in known.legs):
        return True
    query = select(mail.c.id).where(
        mail.c.mailbox_id == mailbox_id,
        mail.c.sender == sender,
        mail.c.why.startswith(ORDERED, autoescape=True),
    )
    return connection.execute(query.limit(1)).first() is not None


def _of_former_manager(known: Known, policy: Policy) -> Known:
    """Give a manager's mail with the preview that its key is of, where one waits in a ticket.

    The ticket's item then names that key, too; how far he had seen is when it was made.
    """
    known = replace(known, of_former_manager=True)
    for key in known.legs:
        for each in known.tickets.values():
            review = next((hold for hold in each.holds if hold.reason is HoldReason.REVIEW), None)
            if review and leg_of(key.token) in preview_legs(each, policy, key.recipient):
                return _of_preview(known, key, each, review, policy)
    return known


def _of_preview(known: Known, key: Leg, of: Ticket, review: Hold, policy: Policy) -> Known:
    over = policy.workdays.add(policy.today(review.created_at), ACTS_FOR_WORKDAYS)
    expired = over < policy.today(known.mail.received_at)
    shown = replace(key, reference=of.reference, expired=expired)
    named = replace(review, suggestion=f"{review.suggestion} {leg_of(key.token)}")
    holds = tuple(named if each is review else each for each in of.holds)
    return replace(
        known,
        legs=tuple(shown if each is key else each for each in known.legs),
        tickets={**known.tickets, of.reference: replace(of, holds=holds)},
        seen=Seen(review.created_at),
    )
