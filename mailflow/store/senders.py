"""What is known of a sender: company, earlier mails, floods, acknowledgements, offices."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, bindparam, func, not_, or_, select

from mailflow.core.address import domain_of, mailbox_of
from mailflow.core.changes import EventKind, MailOutcome, Readmission
from mailflow.core.drafts import DraftKind
from mailflow.core.known import STRANGERS, Authentication, Flood, Mail, Policy, Scan
from mailflow.core.message import Kind, Message
from mailflow.core.ticket import Account, Contact, HoldReason
from mailflow.schema import account, bound_sender, contact, event, hold, outbox, ticket
from mailflow.schema import mail as mail_table
from mailflow.store import tickets
from mailflow.store.mails import of_domain
from mailflow.store.originals import are_unread, originals_of

__all__ = ["STORM_WINDOW", "Incoming", "bound_senders", "mail_of", "unreadable"]

STORM_WINDOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A stored mail, read: what ``gather`` starts from."""

    id: int
    fingerprint: str
    copy: int
    received_at: datetime
    message: Message
    authentication: Authentication
    scan: Scan = Scan.OFF
    readmission: Readmission = Readmission.NONE


def mail_of(
    connection: Connection, mailbox_id: int, incoming: Incoming, policy: Policy, now: datetime
) -> Mail:
    """Give a mail with what is known of its sender when it is decided, ``now`` in UTC."""
    sender = incoming.message.sender.address.lower()
    form_of = policy.on_behalf_of(incoming.message)
    answered = form_of.address.lower() if form_of else sender
    who, company = _contact(connection, mailbox_id, answered)
    if company is None:
        company = _account_by_domain(connection, mailbox_id, answered, policy)
    acknowledged = _acknowledged(connection, mailbox_id, answered, policy, now)
    recent = _recent(connection, mailbox_id, sender, incoming, policy)
    unknown = who is None and company is None and policy.is_stranger(sender)
    stranger = unknown and incoming.authentication is not Authentication.PASS
    among_many = stranger and _is_among_many(connection, mailbox_id, incoming, policy)
    flood = among_many or policy.is_storm(recent.sender, recent.domain)
    return Mail(
        id=incoming.id,
        message=incoming.message,
        received_at=incoming.received_at,
        reference=_free_reference(connection, mailbox_id, incoming, policy),
        fingerprint=incoming.fingerprint,
        contact=who,
        account=company,
        account_tickets=_tickets_of(connection, company) if company else 0,
        acknowledged_today=acknowledged,
        proven=bool(acknowledged) and _is_proven(connection, mailbox_id, answered),
        on_behalf_of=form_of,
        authentication=incoming.authentication,
        scan=incoming.scan,
        recent_of_sender=recent.sender,
        recent_of_domain=recent.domain,
        is_stranger=stranger,
        among_many_strangers=among_many,
        recent_dangers=_recent_dangers(connection, mailbox_id, now) if stranger else 0,
        known_floods=_known_floods(connection, mailbox_id, sender, policy, now) if flood else (),
    )


_TAKEN = select(func.count()).where(
    ticket.c.mailbox_id == bindparam("mailbox_id"), ticket.c.reference == bindparam("reference")
)


def _free_reference(
    connection: Connection, mailbox_id: int, incoming: Incoming, policy: Policy
) -> str:
    """Give the reference of a mail's own ticket: the same again when it has one already.

    A double of what nobody has read is named as the first: a database made anew may find it alone.
    """
    fingerprint = incoming.fingerprint
    originals = originals_of(connection, mailbox_id, fingerprint, incoming.copy)
    if originals and not are_unread(originals):
        fingerprint = f"{fingerprint}/{incoming.copy}"
    for attempt in range(100):
        reference = policy.keyring.reference(policy.prefix, fingerprint, attempt)
        given = {"mailbox_id": mailbox_id, "reference": reference}
        if not connection.execute(_TAKEN, given).scalar():
            return reference
    raise RuntimeError("one hundred references in a row are taken: the key file is not random")


@dataclass(frozen=True, slots=True)
class _Recent:
    """Mails of the ten minutes before this one that persons wrote, or may have written."""

    sender: int
    domain: int


_SENT = select(func.count()).where(
    mail_table.c.mailbox_id == bindparam("mailbox_id"),
    or_(
        mail_table.c.kind.in_([Kind.PERSONAL, Kind.BULK]),
        mail_table.c.outcome == MailOutcome.HELD,
    ),
    mail_table.c.received_at > bindparam("since"),
    mail_table.c.id < bindparam("before"),
    mail_table.c.authentication == bindparam("authentication"),
)
_SENT_BY = _SENT.where(mail_table.c.sender_mailbox == bindparam("mailbox"))


def _recent(
    connection: Connection, mailbox_id: int, sender: str, incoming: Incoming, policy: Policy
) -> _Recent:
    """Count a mailbox's mails, whatever its address; all without a clear sender count as one's.

    Only mails with the same verdict are counted together: a hundred forged mails must not silence
    the real sender.
    """
    given = {
        "mailbox_id": mailbox_id,
        "since": incoming.received_at - STORM_WINDOW,
        "before": incoming.id,
        "authentication": incoming.authentication,
    }
    mailbox = mailbox_of(sender)
    of_sender = connection.execute(_SENT_BY, given | {"mailbox": mailbox}).scalar_one()
    domain = policy.counted_domain(sender) if mailbox else ""
    if not domain:
        return _Recent(of_sender, 0)
    one = of_domain(domain, alone=policy.is_of_city(sender))
    together = connection.execute(_SENT.where(one), given).scalar_one()
    return _Recent(of_sender, together)


_KNOWN_BEFORE = (
    select(contact.c.id)
    .where(
        contact.c.mailbox_id == bindparam("mailbox_id"),
        contact.c.address == mail_table.c.sender,
        contact.c.first_seen <= bindparam("since"),
    )
    .exists()
)
_OF_STRANGERS = (
    select(mail_table.c.id)
    .where(
        mail_table.c.mailbox_id == bindparam("mailbox_id"),
        mail_table.c.received_at > bindparam("since"),
        mail_table.c.received_at <= bindparam("until"),
        mail_table.c.id != bindparam("itself"),
        mail_table.c.kind.in_([Kind.PERSONAL, Kind.BULK]),
        mail_table.c.authentication != Authentication.PASS,
        mail_table.c.outcome != MailOutcome.JOINED,
        mail_table.c.unread.is_(False),
        ~_KNOWN_BEFORE,
    )
    .limit(1)
    .offset(bindparam("fewer"))
)
_DANGERS = select(func.count()).where(
    event.c.mailbox_id == bindparam("mailbox_id"),
    event.c.kind == EventKind.DANGER,
    event.c.at.between(bindparam("since"), bindparam("now")),
)


def _is_among_many(
    connection: Connection, mailbox_id: int, incoming: Incoming, policy: Policy
) -> bool:
    """Tell whether ten minutes brought so many mails of whom nobody knows that it is a flood.

    By arrival, whatever was read when: a backlog is no flood, and a rebuild finds the same. No
    more of them are looked at than matter.
    """
    given = {
        "mailbox_id": mailbox_id,
        "since": incoming.received_at - STORM_WINDOW,
        "until": incoming.received_at,
        "itself": incoming.id,
        "fewer": policy.storm_of_strangers - 1,
    }
    query = _OF_STRANGERS.where(not_(_is_of_city(policy)))
    return connection.execute(query, given).first() is not None


def _is_of_city(policy: Policy) -> ColumnElement[bool]:
    """Whether somebody of the city wrote a mail, as ``Policy.is_stranger`` tells it of one."""
    sender = mail_table.c.sender
    domains = sorted(policy.own_domains())
    at_home = (sender.endswith(f"@{each}", autoescape=True) for each in domains)
    return or_(sender.in_(sorted(policy.own_addresses())), *at_home)


def _recent_dangers(connection: Connection, mailbox_id: int, now: datetime) -> int:
    given = {"mailbox_id": mailbox_id, "since": now - STORM_WINDOW, "now": now}
    return connection.execute(_DANGERS, given).scalar_one()


def unreadable(connection: Connection, mailbox_id: int, since: datetime, until: datetime) -> int:
    """Count the mails of this time that were set aside unread: no kind is known of them."""
    query = select(func.count()).where(
        mail_table.c.mailbox_id == mailbox_id,
        mail_table.c.received_at > since,
        mail_table.c.received_at <= until,
        mail_table.c.kind == "",
        mail_table.c.outcome == MailOutcome.QUARANTINED,
    )
    return connection.execute(query).scalar_one()


def _known_floods(
    connection: Connection, mailbox_id: int, sender: str, policy: Policy, now: datetime
) -> tuple[Flood, ...]:
    """Give the floods of a sender or his domain that wait, not longer than a day.

    One that was decided, or is of yesterday, says nothing of what comes now.
    """
    mailbox = mailbox_of(sender)
    query = (
        select(hold.c.id, hold.c.suggestion, mail_table.c.authentication)
        .join(mail_table, mail_table.c.id == hold.c.mail_id)
        .where(
            hold.c.mailbox_id == mailbox_id,
            hold.c.resolved_at.is_(None),
            hold.c.reason == HoldReason.STORM,
            hold.c.suggestion.in_([mailbox, policy.counted_domain(sender), STRANGERS]),
            hold.c.created_at > now - timedelta(days=1),
        )
        .order_by(hold.c.id)
    )
    return tuple(
        Flood(row.id, row.suggestion, not Authentication(row.authentication).suffices())
        for row in connection.execute(query)
    )


_CONTACT = (
    select(contact, account)
    .join(account, account.c.id == contact.c.account_id)
    .where(
        contact.c.mailbox_id == bindparam("mailbox_id"), contact.c.address == bindparam("address")
    )
)


def _contact(
    connection: Connection, mailbox_id: int, sender: str
) -> tuple[Contact | None, Account | None]:
    given = {"mailbox_id": mailbox_id, "address": sender}
    row = connection.execute(_CONTACT, given).mappings().first()
    if row is None:
        return None, None
    return tickets.contact_of(row), tickets.account_of(row)


def _account_by_domain(
    connection: Connection, mailbox_id: int, address: str, policy: Policy
) -> Account | None:
    domain = domain_of(address)
    if not domain or policy.is_shared(address):
        return None
    return tickets.of_domain(connection, mailbox_id, domain)


def _tickets_of(connection: Connection, company: Account) -> int:
    query = select(func.count()).where(ticket.c.account_id == company.id)
    return connection.execute(query).scalar_one()


_ACKNOWLEDGED = select(func.count()).where(
    outbox.c.mailbox_id == bindparam("mailbox_id"),
    outbox.c.recipient_mailbox == bindparam("recipient"),
    outbox.c.kind == DraftKind.ACKNOWLEDGEMENT,
    outbox.c.created_at.between(bindparam("since"), bindparam("now")),  # clocks have been ahead
)


def _acknowledged(
    connection: Connection, mailbox_id: int, sender: str, policy: Policy, now: datetime
) -> int:
    """Count what went into this sender's mailbox today, under whatever of its addresses."""
    midnight = now.astimezone(policy.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    given = {"mailbox_id": mailbox_id, "recipient": mailbox_of(sender), "since": midnight}
    given |= {"now": now}
    return connection.execute(_ACKNOWLEDGED, given).scalar_one()


def _is_proven(connection: Connection, mailbox_id: int, sender: str) -> bool:
    """Tell whether a mail of this sender joined a ticket: then he reads what we send him."""
    query = (
        select(mail_table.c.id)
        .where(
            mail_table.c.mailbox_id == mailbox_id,
            mail_table.c.sender == sender,
            mail_table.c.outcome == MailOutcome.JOINED,
        )
        .limit(1)
    )
    return connection.execute(query).first() is not None


_BOUND = select(bound_sender).where(
    bound_sender.c.mailbox_id == bindparam("mailbox_id"),
    bound_sender.c.address.in_(bindparam("senders", expanding=True)),
)


def bound_senders(connection: Connection, mailbox_id: int, of: Iterable[Mail]) -> dict[str, str]:
    """Give which senders the manager has let write for an office: address to office id."""
    given = {"mailbox_id": mailbox_id, "senders": [each.sender for each in of]}
    return {row.address: row.office_id for row in connection.execute(_BOUND, given)}
