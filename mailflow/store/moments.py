"""What a mail that a manager answers could tell: his orders mean nothing that came later."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, not_, or_, select

from mailflow.core.address import ascii_domain
from mailflow.core.drafts import DraftKind
from mailflow.core.known import Leg, Policy
from mailflow.core.message import Message
from mailflow.core.seen import Seen
from mailflow.core.tracking import kind_named, leg_of, named, number_in
from mailflow.schema import mail, outbox
from mailflow.store.orders import AHEAD, IS_ORDER

__all__ = ["LOOKED_BACK", "last_mail", "seen_by"]

LOOKED_BACK = timedelta(days=60)
"""How far back is looked: longer than the ten workdays for which a manager's key works."""

_SECOND = timedelta(seconds=1)
_WITHIN = timedelta(microseconds=999_999)  # of the second that is named; arrivals are whole ones
_TRIED = 5_000
"""So many mails before a digest are tried as the last that it knew: nearly always, it is among the
first of them."""

_Arrival = tuple[datetime, int]
_NONE: _Arrival = datetime(1970, 1, 1, tzinfo=UTC), 0


def last_mail(connection: Connection, mailbox_id: int, now: datetime) -> str:
    """Name the last mail decided so far, in the order of a database made anew: of their arrival."""
    row = _last(connection, mailbox_id, now)
    return _name_of(row.fingerprint, row.copy) if row else ""


def _last(connection: Connection, mailbox_id: int, now: datetime) -> Row[Any, Any] | None:
    query = (
        select(mail.c.fingerprint, mail.c.copy)
        .where(_is_by_arrival(mailbox_id), mail.c.decided_at <= now)
        .where(mail.c.received_at <= now + AHEAD)
        .order_by(mail.c.received_at.desc(), mail.c.id.desc())
        .limit(1)
    )
    return connection.execute(query).first()


def _name_of(fingerprint: str, copy: int) -> str:
    return f"{fingerprint}.{copy}"


def _is_by_arrival(mailbox_id: int) -> ColumnElement[bool]:
    """Whether a mail is decided, and a rebuild would do so as of its arrival.

    Orders at the command line, and what they let out, are dated by our own clock in either case.
    """
    return and_(
        mail.c.mailbox_id == mailbox_id,
        mail.c.outcome.is_not(None),
        mail.c.readmission == "",
        not_(IS_ORDER),
    )


def seen_by(
    connection: Connection,
    mailbox_id: int,
    message: Message,
    leg: Leg,
    policy: Policy,
    now: datetime,
) -> Seen:
    """Give what the mail could tell whose key a manager's mail bears.

    It is found by the Message-ID that is answered, else by the key. No copy of a digest lies in the
    mailbox: where the database was made anew, the Message-ID's name tells, since it names the
    second and the last mail decided before; where a mail program has dropped it, the beginning of
    the day is taken.
    """
    name = leg_of(leg.token)
    answered = [message.in_reply_to, *reversed(message.references)]
    ids = [each for each in answered if named(each).startswith(f"{name}.")]
    made = select(func.min(outbox.c.created_at)).where(
        outbox.c.mailbox_id == mailbox_id,
        outbox.c.recipient == ascii_domain(leg.recipient),
        outbox.c.created_at > now - LOOKED_BACK,
    )
    row = connection.execute(made.where(outbox.c.name.in_([named(each) for each in ids]))).scalar()
    day = _day(name, leg.recipient, policy, now)
    told = {each: policy.begin(day) + number_in(each) * _SECOND for each in ids if day}
    for each, at in told.items():
        last = day and _last_named(connection, mailbox_id, each, at, leg.recipient, day, policy)
        if last:
            return _decided_by(connection, mailbox_id, row or at + _WITHIN, last)
    by_key = made.where(outbox.c.name.startswith(f"{name}.", autoescape=True))
    return Seen(
        row
        or (_second_named(set(map(named, ids)), name, leg.recipient, day, policy) if day else None)
        or _second_told(told, policy, now)
        or connection.execute(by_key).scalar()
        or (policy.begin(day) if day else now - LOOKED_BACK)
    )


def _day(name: str, manager: str, policy: Policy, now: datetime) -> date | None:
    """Give the day of the digest whose key this is, None for other mails' keys."""
    today = policy.today(now)
    days = (today - timedelta(days=back) for back in range(LOOKED_BACK.days))
    return next((each for each in days if policy.digest_leg(manager, each) == name), None)


def _last_named(
    connection: Connection,
    mailbox_id: int,
    message_id: str,
    at: datetime,
    manager: str,
    day: date,
    policy: Policy,
) -> _Arrival | None:
    """Give the arrival of the mail that a digest of this second names as the last it knew."""
    name, number, kind = named(message_id), number_in(message_id), kind_named(message_id)
    leg = name.partition(".")[0]
    for arrival, last in _known_at(connection, mailbox_id, at):
        names = (
            policy.digest_names(manager, day, at, last)
            if kind == DraftKind.DIGEST
            else policy.waiting_names(manager, at, last)
        )
        if policy.keyring.name(kind, leg, ("", *names), number) == name:
            return arrival
    return None


def _known_at(
    connection: Connection, mailbox_id: int, at: datetime
) -> Iterator[tuple[_Arrival, str]]:
    """Give the mails that may have been the last one at a moment, and that there was none."""
    yield _NONE, ""
    query = (
        select(mail.c.received_at, mail.c.id, mail.c.fingerprint, mail.c.copy)
        .where(mail.c.mailbox_id == mailbox_id, mail.c.outcome.is_not(None))
        .where(mail.c.received_at <= at + _SECOND + AHEAD)
        .order_by(mail.c.received_at.desc(), mail.c.id.desc())
        .limit(_TRIED)
    )
    for row in connection.execute(query):
        yield (row.received_at, row.id), _name_of(row.fingerprint, row.copy)


def _decided_by(connection: Connection, mailbox_id: int, until: datetime, last: _Arrival) -> Seen:
    """Give what a digest could tell that was made then, and knew the mails up to this last one."""
    at, mail_id = last
    came, same = mail.c.received_at, mail.c.received_at == at
    query = select(mail.c.id, mail.c.received_at, mail.c.decided_at)
    query = query.where(_is_by_arrival(mailbox_id))
    after = query.where(or_(came > at, and_(same, mail.c.id > mail_id)))
    before = query.where(or_(came < at, and_(same, mail.c.id <= mail_id)), came > until)
    unknown = list(connection.execute(after.where(mail.c.decided_at <= max(until, at))))
    early = list(connection.execute(before.where(mail.c.decided_at > until)))
    late = [each for each in unknown if max(each.received_at, each.decided_at) <= until]
    return Seen(
        until,
        late=frozenset(each.id for each in late),
        early=frozenset(each.id for each in early),
        late_moments=frozenset(each.decided_at for each in late) - {at},  # which is the last one's
        early_moments=frozenset(each.decided_at for each in early)
        - {each.decided_at for each in unknown},
    )


def _second_told(told: Mapping[str, datetime], policy: Policy, now: datetime) -> datetime | None:
    """Give the second that our Message-IDs tell, where the last mail named is there no more."""
    ours = [at for each, at in told.items() if at <= now and policy.keyring.was_ours(each)]
    return max(ours) + _WITHIN if ours else None


def _second_named(
    ids: set[str], name: str, manager: str, day: date, policy: Policy
) -> datetime | None:
    """Give the second of a day that one of these names names, as older versions named it."""
    if not ids:
        return None
    ring, first = policy.keyring, policy.begin(day)
    for at in (first + each * _SECOND for each in range(24 * 60 * 60)):
        digest = ("", *policy.digest_names(manager, day, at))
        waiting = ("", *policy.waiting_names(manager, at))
        names = {
            ring.name(DraftKind.DIGEST, name, digest),
            ring.name(DraftKind.ALERT, name, waiting),
        }
        if names & ids:
            return at + _SECOND
    return None
