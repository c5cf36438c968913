"""When the mail was made that a manager answers: his orders mean nothing that came later."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, func, select

from mailflow.core.address import ascii_domain
from mailflow.core.drafts import DraftKind
from mailflow.core.known import Leg, Policy
from mailflow.core.message import Message
from mailflow.core.tracking import leg_of, named
from mailflow.schema import outbox

__all__ = ["LOOKED_BACK", "seen_until"]

LOOKED_BACK = timedelta(days=60)
"""How far back is looked: longer than the ten workdays for which a manager's key works."""

_SECOND = timedelta(seconds=1)


def seen_until(
    connection: Connection,
    mailbox_id: int,
    message: Message,
    leg: Leg,
    policy: Policy,
    now: datetime,
) -> datetime:
    """Give the moment of the mail whose key a manager's mail bears.

    It is found by the Message-ID that is answered, else by the key. No copy of a digest lies in the
    mailbox: where the database was made anew, the Message-ID's name tells, since it names the
    second; where a mail program has dropped it, the beginning of the day is taken.
    """
    name = leg_of(leg.token)
    answered = [message.in_reply_to, *reversed(message.references)]
    ids = [each for each in map(named, answered) if each.startswith(f"{name}.")]
    made = select(func.min(outbox.c.created_at)).where(
        outbox.c.mailbox_id == mailbox_id,
        outbox.c.recipient == ascii_domain(leg.recipient),
        outbox.c.created_at > now - LOOKED_BACK,
    )
    by_key = made.where(outbox.c.name.startswith(f"{name}.", autoescape=True))
    day = _day(name, leg.recipient, policy, now)
    return (
        connection.execute(made.where(outbox.c.name.in_(ids))).scalar()
        or (_named_in(set(ids), name, leg.recipient, day, policy) if ids and day else None)
        or connection.execute(by_key).scalar()
        or (_seconds(day, policy)[0] if day else now - LOOKED_BACK)
    )


def _day(name: str, manager: str, policy: Policy, now: datetime) -> date | None:
    """Give the day of the digest whose key this is, None for other mails' keys."""
    today = policy.today(now)
    days = (today - timedelta(days=back) for back in range(LOOKED_BACK.days))
    return next((each for each in days if policy.digest_leg(manager, each) == name), None)


def _named_in(ids: set[str], name: str, manager: str, day: date, policy: Policy) -> datetime | None:
    """Give the second of a day that one of these names names; None where none does."""
    ring = policy.keyring
    for at in _seconds(day, policy):
        digest = ("", *policy.digest_names(manager, day, at))
        waiting = ("", *policy.waiting_names(manager, at))
        names = {
            ring.name(DraftKind.DIGEST, name, digest),
            ring.name(DraftKind.ALERT, name, waiting),
        }
        if names & ids:
            return at + _SECOND
    return None


def _seconds(day: date, policy: Policy) -> list[datetime]:
    first = datetime.combine(day, time(), tzinfo=policy.zone).astimezone(UTC)
    return [first + each * _SECOND for each in range(24 * 60 * 60)]
