"""Everything a decision about one mail may need, read before it is made."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from mailflow.core.between import (
    may_hold_answers,
    with_answers_added,
    with_answers_between,
    without_our_mails,
)
from mailflow.core.changes import EventKind, MailOutcome, Readmission
from mailflow.core.commands import commands_in
from mailflow.core.desk_order import is_desk_order
from mailflow.core.drafts import DraftKind
from mailflow.core.echo import may_echo
from mailflow.core.guesses import NAME_LENGTH, named_guesses
from mailflow.core.known import (
    ACTS_FOR_WORKDAYS,
    Authentication,
    Entry,
    Held,
    Known,
    Leg,
    Mail,
    Policy,
    Scan,
)
from mailflow.core.message import Kind, Message
from mailflow.core.offices import Office
from mailflow.core.passed_on import may_pass_on, with_quote_added, with_quote_kept
from mailflow.core.quoted import holds_our_words
from mailflow.core.retry import EntryState
from mailflow.core.ticket import OPEN_STATES, Hold, HoldReason, TicketState
from mailflow.core.tracking import Role, find, find_references, in_address, leg_of, named
from mailflow.schema import consultation, event, hold, leg, ticket
from mailflow.schema import mail as mail_table
from mailflow.store import former, mails, outbox, sent, tickets
from mailflow.store.answered_before import is_answered_before
from mailflow.store.moments import LOOKED_BACK, seen_by
from mailflow.store.orders import is_ordered
from mailflow.store.originals import Original, are_let_out, are_unread, originals_of
from mailflow.store.senders import Incoming, bound_senders, mail_of

__all__ = ["gather"]

Read = Callable[[bytes, datetime], tuple[Message, Authentication, Scan] | None]
"""Reads a stored mail again, as of a moment; gives what it says, what the trusted servers say of
its sender, and what the virus scanner says of it now. None where it cannot be read any more."""

_UNREADABLE = (Message(), Authentication.UNCHECKED, Scan.OFF)
_CANDIDATES = 5
_TWIN_WITHIN = timedelta(days=3)
_AT_ONCE = 500
_COMPANIES = 2_000
"""Of more tickets at once than a big city has, some companies would not be looked for."""


def gather(
    connection: Connection,
    mailbox_id: int,
    incoming: Incoming,
    policy: Policy,
    now: datetime,
    read: Read,
) -> Known:
    """Give what is known about a mail. ``read`` reads a stored mail again."""
    if is_desk_order(incoming.message):  # whose key has been looked at
        return _of_order(connection, mailbox_id, incoming, policy, now, read)
    if incoming.message.kind is Kind.OWN:
        return _of_receipt(connection, mailbox_id, incoming, policy)
    came_at = min(incoming.received_at, now)
    read_again = former.is_read_again(connection, mailbox_id)
    tokens = _tokens(connection, mailbox_id, incoming.message, policy, now, came_at, read_again)
    legs, unknown, today = tokens
    as_told = former.failed_today(incoming.message, today)
    message = _read_between(connection, mailbox_id, as_told, legs, policy)
    incoming = replace(incoming, message=message)
    caused_by = _caused_by(connection, mailbox_id, message, legs, policy)
    caused_by = former.sent_today(caused_by, today)
    his = next((each for each in legs if each.role is Role.MANAGER and each.valid), None)
    orders = _named(message.reply_text, policy) if his else []
    held = _held(connection, mailbox_id, orders, policy, now, read) if orders else {}
    about = _may_be_about(connection, mailbox_id, message, legs, caused_by, policy)
    mail = mail_of(connection, mailbox_id, incoming, policy, now)
    originals = originals_of(connection, mailbox_id, incoming.fingerprint, incoming.copy)
    let_out = are_let_out(originals)
    seen = seen_by(connection, mailbox_id, message, his, policy, came_at) if his else None
    known = Known(
        mail=mail,
        legs=legs,
        unknown_tokens=unknown,
        tickets=tickets.load(connection, mailbox_id, (*about, *orders)),
        held=held,
        seen=seen,
        caused_by=caused_by,
        asked_by=_asked_by(connection, mailbox_id, message),
        companies=_companies(connection, mailbox_id, legs, held),
        candidates=_candidates(connection, mailbox_id, policy.offices.by_address(mail.sender)),
        bound_senders=bound_senders(connection, mailbox_id, (mail, *_mails_of(held))),
        duplicate=incoming.copy > 0,
        unread=are_unread(originals),
        let_out=let_out,
        doubted=_doubted(connection, mailbox_id, incoming, originals),
        written_again=_is_written_again(mail, originals),
        twin=not let_out and _is_twin(connection, mailbox_id, mail, policy),
        answered_before=is_answered_before(connection, mailbox_id, mail, policy),
        our_words=_our_words(connection, mailbox_id, message, legs, now, read),
        other_guesses=_other_guesses(connection, mailbox_id, named_guesses(legs, unknown), now),
    )
    return former.as_of_its_day(connection, mailbox_id, known, policy) if read_again else known


def _tokens(
    connection: Connection,
    mailbox_id: int,
    message: Message,
    policy: Policy,
    now: datetime,
    came_at: datetime,
    read_again: bool,
) -> tuple[tuple[Leg, ...], tuple[str, ...], Mapping[str, str]]:
    """Give a mail's tokens, those of no leg, and today's addresses of former ones.

    After a loss some were made for addresses that the configuration names no more.
    """
    looked_up, unknown = _legs(connection, mailbox_id, message, policy, now, came_at)
    legs = former.with_former_addresses(connection, mailbox_id, message, looked_up, policy, now)
    keys = former.manager_keys(message, policy, now, came_at) if read_again else ()
    return *former.with_keys(legs, unknown, keys), former.moved(looked_up, legs)


def _of_receipt(
    connection: Connection, mailbox_id: int, incoming: Incoming, policy: Policy
) -> Known:
    """Give what a decision on our own mail come back needs: its entry, and no more.

    With receipts for all, every second mail is one. Its ticket matters only while a database is
    made good: what waits for its release there may have been released before the loss.
    """
    mail = Mail(incoming.id, incoming.message, incoming.received_at, "", incoming.fingerprint)
    mine = sent.by_message_ids(connection, mailbox_id, (incoming.message.message_id,))
    restoring = outbox.is_frozen(connection, mailbox_id)
    originals = originals_of(connection, mailbox_id, incoming.fingerprint, incoming.copy)
    lost = restoring and not mine
    legs = _legs_of_lost(connection, mailbox_id, mail.message) if lost else ()
    about = [*(each.reference for each in mine), *(each.reference for each in legs)]
    about += find_references(mail.message.subject, policy.prefix) if lost else ()
    receipt_of = next(iter(mine), None)
    strange = lost or (restoring and any(each.state is EntryState.FAILED for each in mine))
    return Known(
        mail=mail,
        legs=legs,
        tickets=tickets.load(connection, mailbox_id, about if restoring else []),
        receipt_of=receipt_of,
        of_another=sent.is_of_another(connection, receipt_of, mail.message.date),
        restoring=restoring,
        to_company=sent.to_company(connection, mailbox_id, about) if strange else (),
        duplicate=incoming.copy > 0,
        unread=are_unread(originals),
        let_out=are_let_out(originals),
    )


def _legs_of_lost(connection: Connection, mailbox_id: int, message: Message) -> tuple[Leg, ...]:
    """Give for whom a mail of ours was whose row is lost: its Message-ID, which is ours, tells."""
    rows = _rows_of(connection, mailbox_id, find(message.message_id))
    return tuple(
        Leg(name, Role(row.role), row.reference, row.office_id, row.recipient, valid=True)
        for name, row in rows.items()
    )


def _of_order(
    connection: Connection,
    mailbox_id: int,
    incoming: Incoming,
    policy: Policy,
    now: datetime,
    read: Read,
) -> Known:
    """Give what an order at the command line may need: what it names, and what waits there.

    What it makes is named by its own name: a server may write its mail anew, in other bytes.
    """
    message = incoming.message
    about = _named(message.text, policy)
    held = _held(connection, mailbox_id, about, policy, now, read)
    return Known(
        mail=Mail(incoming.id, message, incoming.received_at, "", named(message.message_id)),
        tickets=tickets.load(connection, mailbox_id, about),
        held=held,
        companies=_companies(connection, mailbox_id, (), held),
        bound_senders=bound_senders(connection, mailbox_id, _mails_of(held)),
        restoring=former.is_read_again(connection, mailbox_id),
        readmitted=incoming.readmission is not Readmission.NONE,
        duplicate=incoming.copy > 0 or _is_ordered(connection, mailbox_id, incoming),
    )


def _is_ordered(connection: Connection, mailbox_id: int, incoming: Incoming) -> bool:
    """Whether a stored order came before; one that is just given is of this very moment."""
    return bool(incoming.id) and is_ordered(connection, mailbox_id, incoming.message.message_id)


def _caused_by(
    connection: Connection, mailbox_id: int, message: Message, legs: tuple[Leg, ...], policy: Policy
) -> tuple[Entry, ...]:
    """Give our mails that a machine's mail is about."""
    named = sent.by_message_ids(connection, mailbox_id, message.original_ids)
    return named or _returned(connection, mailbox_id, message, legs, policy)


def _may_be_about(
    connection: Connection,
    mailbox_id: int,
    message: Message,
    legs: tuple[Leg, ...],
    caused_by: tuple[Entry, ...],
    policy: Policy,
) -> tuple[str, ...]:
    """Give the references that a mail names, itself or by a token or by one of our mails."""
    return (
        *(each.reference for each in legs),
        *find_references(message.subject, policy.prefix),
        *(each.reference for each in caused_by),
        *_of_its_readers(connection, mailbox_id, message, caused_by),
    )


def _of_its_readers(
    connection: Connection, mailbox_id: int, message: Message, caused_by: tuple[Entry, ...]
) -> list[str]:
    """Give the open tickets of whom a mail of ours did not reach."""
    if message.kind is not Kind.BOUNCE:
        return []
    readers = {each.recipient for each in caused_by}
    return tickets.open_for(connection, mailbox_id, readers, OPEN_STATES)


def _named(text: str, policy: Policy) -> list[str]:
    """Give the references that the manager's commands begin with or name."""
    commands = commands_in(text, policy.prefix)
    arguments = " ".join(each.argument for each in commands)
    return [*(each.reference for each in commands), *find_references(arguments, policy.prefix)]


def _mails_of(held: dict[str, Held]) -> tuple[Mail, ...]:
    return tuple(each.mail for each in held.values())


def _other_guesses(
    connection: Connection, mailbox_id: int, guesses: tuple[str, ...], now: datetime
) -> int:
    """Count the different false tokens of the last hour, beside those that this mail bears."""
    if not guesses:
        return 0
    name = func.substr(event.c.text, 1, NAME_LENGTH)
    query = select(func.count(name.distinct())).where(
        event.c.mailbox_id == mailbox_id,
        event.c.kind == EventKind.BAD_TOKEN,
        event.c.at > now - timedelta(hours=1),
        name.notin_(guesses),
    )
    return connection.execute(query).scalar_one()


_SETTLED_NOTHING = {MailOutcome.HELD, MailOutcome.EVENT}
_SETTLED_BY_A_COPY = {HoldReason.AUTHENTICATION, HoldReason.CIRCULAR}


def _doubted(
    connection: Connection,
    mailbox_id: int,
    incoming: Incoming,
    originals: list[Original],
) -> tuple[Hold, ...]:
    """Give the items under which this mail's doubles wait, where a better copy settles them.

    None where one of them has had an effect, or waits for another reason.
    """
    if not originals or not {each.outcome for each in originals} <= _SETTLED_NOTHING:
        return ()
    query = (
        select(hold)
        .join(mail_table, mail_table.c.id == hold.c.mail_id)
        .where(
            hold.c.mailbox_id == mailbox_id,
            hold.c.resolved_at.is_(None),
            mail_table.c.mailbox_id == mailbox_id,
            mail_table.c.fingerprint == incoming.fingerprint,
            mail_table.c.copy < incoming.copy,
        )
        .order_by(hold.c.id)
    )
    holds = tuple(map(tickets.hold_of, connection.execute(query)))
    return holds if all(each.reason in _SETTLED_BY_A_COPY for each in holds) else ()


def _is_written_again(mail: Mail, originals: list[Original]) -> bool:
    """Whether a double may be a mail of its own: it names no day and no id, and came days later."""
    message = mail.message
    if message.message_id or message.date or message.kind is not Kind.PERSONAL:
        return False
    read = [each.received_at for each in originals if not each.unread]
    return bool(read) and max(read) < mail.received_at - _TWIN_WITHIN


def _is_twin(connection: Connection, mailbox_id: int, mail: Mail, policy: Policy) -> bool:
    """Whether the same sender wrote a mail with this Message-ID in the days before, in other words.

    In a flood this is not asked: its mails are kept whatever they are, and each would be compared
    with all the others.
    """
    if not mail.message.message_id or mail.message.kind is not Kind.PERSONAL:
        return False
    if policy.is_storm(mail.recent_of_sender, mail.recent_of_domain):
        return False
    query = select(mail_table.c.id).where(
        mail_table.c.mailbox_id == mailbox_id,
        mail_table.c.sender == mail.sender,
        mail_table.c.received_at > mail.received_at - _TWIN_WITHIN,
        mail_table.c.received_at <= mail.received_at,
        mail_table.c.message_id == mail.message.message_id,
        mail_table.c.fingerprint != mail.fingerprint,
    )
    return connection.execute(query.limit(1)).first() is not None


def _legs(
    connection: Connection,
    mailbox_id: int,
    message: Message,
    policy: Policy,
    now: datetime,
    came_at: datetime,
) -> tuple[tuple[Leg, ...], tuple[str, ...]]:
    """Look up every token found; those of an unknown leg count only if sent to our address.

    Whether a manager's key still acts is asked of the day on which the mail came: one that has
    lain unread is read the same way again after a loss, which knows no other day.
    """
    ours = filter(policy.is_central, message.recipients)
    addressed = {in_address(each) for each in ours} - {""}
    found = []
    unknown = [each for each in sorted(addressed) if not find(each)]
    tokens = tuple(dict.fromkeys(mark.token for mark in message.marks))
    rows = _rows_of(connection, mailbox_id, tokens)
    digests = {} if len(rows) == len(tokens) else _digests(policy, came_at)
    for token in tokens:
        name = leg_of(token)
        row = rows.get(name)
        if row is None and name in digests:
            found.append(_leg_of_digest(token, *digests[name], policy, now, came_at))
            continue
        if row is None:
            if token in addressed:
                unknown.append(token)
            continue
        role = Role(row.role)
        found.append(
            Leg(
                token=token,
                role=role,
                reference=row.reference,
                office_id=row.office_id,
                recipient=row.recipient,
                valid=policy.keyring.verify(token, role, row.recipient, now),
                expired=bool(row.expires_on and policy.today(came_at) > row.expires_on),
            )
        )
    return tuple(found), tuple(unknown)


def _rows_of(
    connection: Connection, mailbox_id: int, tokens: Sequence[str]
) -> dict[str, Row[tuple[object, ...]]]:
    """Give the known legs that tokens name: all of them, for the last may contradict the first."""
    found = {}
    for start in range(0, len(tokens), _AT_ONCE):
        names = [leg_of(token) for token in tokens[start : start + _AT_ONCE]]
        query = select(leg).where(leg.c.mailbox_id == mailbox_id, leg.c.leg.in_(names))
        found.update({row.leg: row for row in connection.execute(query)})
    return found


def _digests(policy: Policy, came_at: datetime) -> dict[str, tuple[str, date]]:
    """Give manager and day by the leg of each digest; no row has to survive for it."""
    today = policy.today(came_at)
    days = [today - timedelta(days=back) for back in range(LOOKED_BACK.days)]
    return {policy.digest_leg(who, day): (who, day) for day in days for who in policy.managers}


def _leg_of_digest(
    token: str, manager: str, day: date, policy: Policy, now: datetime, came_at: datetime
) -> Leg:
    """Give the leg of a digest by its key."""
    valid = policy.keyring.verify(token, Role.MANAGER, manager, now)
    expired = policy.workdays.add(day, ACTS_FOR_WORKDAYS) < policy.today(came_at)
    return Leg(token, Role.MANAGER, "", "", manager, valid=valid, expired=expired)


def _returned(
    connection: Connection, mailbox_id: int, message: Message, legs: tuple[Leg, ...], policy: Policy
) -> tuple[Entry, ...]:
    """Give what a report is about that came back by our return path and quotes no Message-ID.

    The token in its address names the leg, the failed recipient the mail: our last one to him.
    """
    if message.kind not in {Kind.BOUNCE, Kind.DELAY}:
        return ()
    ours = {in_address(each) for each in message.recipients if policy.is_central(each)}
    failed = [each.lower() for each in message.failed_recipients]
    found = (
        sent.last_sent(connection, mailbox_id, each, failed)
        for each in legs
        if each.valid and each.token in ours and each.reference
    )
    return tuple(entry for entry in found if entry)


def _asked_by(connection: Connection, mailbox_id: int, message: Message) -> tuple[str, ...]:
    """Give the office whose question back this mail replies to."""
    ids = tuple(each for each in (message.in_reply_to, *reversed(message.references)) if each)
    for entry in sent.by_message_ids(connection, mailbox_id, ids):
        if entry.kind is DraftKind.QUESTION:
            return (entry.office_id,)
    return ()


def _our_words(
    connection: Connection,
    mailbox_id: int,
    message: Message,
    legs: tuple[Leg, ...],
    now: datetime,
    read: Read,
) -> tuple[str, ...]:
    """Give what our last mails to the company said, if this one looks like one of them."""
    company = [each.reference for each in legs if each.valid and each.role is Role.COMPANY]
    if not company or not may_echo(message.text):
        return ()
    ours = sent.last_to(connection, mailbox_id, company[0], message.sender.address.lower())
    return tuple(again[0].text for each in ours if (again := read(each.raw, now)))


def _read_between(
    connection: Connection, mailbox_id: int, message: Message, legs: tuple[Leg, ...], policy: Policy
) -> Message:
    """Give the mail as it reads when compared with our own mails to its sender."""
    readers = [each for each in legs if each.valid and each.role is not Role.MANAGER]
    inside = may_hold_answers(message)
    kept = message.quotes_kept or holds_our_words(message.reply_text)
    if not readers or not (inside or kept or may_pass_on(message)):
        return message
    leg = readers[0]
    if leg.role is Role.OFFICE:  # its deputy and its head read what is written under its token
        composed = sent.last_to_office(connection, mailbox_id, leg.reference, leg.office_id)
    else:
        composed = sent.last_to(connection, mailbox_id, leg.reference, leg.recipient)
    ours = tuple(map(sent.words_of, composed))
    central = policy.central_address
    if leg.role is Role.OFFICE:
        if kept and with_quote_kept(message, ours, central) is message:
            return without_our_mails(message, ours, central)
        between = with_answers_between(message, ours, central) if inside else message
        return with_quote_kept(between, ours, central)
    between = with_answers_added(message, ours, central) if inside else message
    return with_quote_added(between, ours, central)


def _companies(
    connection: Connection, mailbox_id: int, legs: tuple[Leg, ...], held: dict[str, Held]
) -> tuple[str, ...]:
    """Give the companies that an office's mail, this one or one that waits, might speak of."""
    is_offices = any(each.valid and each.role is Role.OFFICE for each in legs)
    if not (is_offices or held):
        return ()
    return tickets.companies(connection, mailbox_id, _COMPANIES)


def _candidates(connection: Connection, mailbox_id: int, office: Office | None) -> tuple[str, ...]:
    """Give the tickets in which an office still owes an answer, newest first."""
    if office is None:
        return ()
    query = (
        select(ticket.c.reference)
        .join(consultation, consultation.c.ticket_id == ticket.c.id)
        .where(
            ticket.c.mailbox_id == mailbox_id,
            consultation.c.office_id == office.id,
            consultation.c.settled_at.is_(None),
            ticket.c.state != TicketState.CLOSED,
        )
        .order_by(consultation.c.id.desc())
        .limit(_CANDIDATES)
    )
    return tuple(connection.execute(query).scalars())


def _held(
    connection: Connection,
    mailbox_id: int,
    references: Iterable[str],
    policy: Policy,
    now: datetime,
    read: Read,
) -> dict[str, Held]:
    """Give the mails that wait outside every ticket under these references, read again."""
    held = {}
    for row in _waiting(connection, mailbox_id, list(dict.fromkeys(references))):
        again = read(mails.raw_of(connection, row.mail_id), now)
        message, authentication, scanned = again or _UNREADABLE
        incoming = Incoming(
            id=row.mail_id,
            fingerprint=row.fingerprint,
            copy=row.copy,
            received_at=row.received_at,
            message=message,
            authentication=authentication,
            scan=scanned,
        )
        mail = mail_of(connection, mailbox_id, incoming, policy, now)
        mail = replace(mail, reference=row.reference)
        asked_by = _asked_by(connection, mailbox_id, message)
        readable = again is not None and not message.headers_only
        held[row.reference] = Held(tickets.hold_of(row), mail, asked_by, readable=readable)
    return held


def _waiting(
    connection: Connection, mailbox_id: int, references: Sequence[str]
) -> Iterator[Row[Any]]:
    """Give the open items of these mails, however many one order names."""
    for start in range(0, len(references), _AT_ONCE):
        query = (
            select(hold, mail_table.c.fingerprint, mail_table.c.copy, mail_table.c.received_at)
            .join(mail_table, mail_table.c.id == hold.c.mail_id)
            .where(
                hold.c.mailbox_id == mailbox_id,
                hold.c.reference.in_(references[start : start + _AT_ONCE]),
                hold.c.ticket_id.is_(None),
                hold.c.resolved_at.is_(None),
            )
        )
        yield from connection.execute(query).all()
