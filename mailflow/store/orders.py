"""Orders at the command line among the mails, and their place in the order of reading again."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, select, update

from mailflow.core.changes import MailOutcome, Readmission
from mailflow.core.desk_order import DESK_ORDERS, UNDONE
from mailflow.core.message import Kind
from mailflow.schema import mail, sighting

__all__ = [
    "AHEAD",
    "IS_ORDER",
    "IS_UNDONE",
    "decide_behind",
    "is_ordered",
    "unfiled_since",
    "unread_in",
    "unread_orders",
]

IS_ORDER = and_(
    mail.c.kind == Kind.OWN,
    mail.c.outcome == MailOutcome.EVENT,
    mail.c.message_id.startswith(DESK_ORDERS),
)
"""Whether a mail is an order at the command line, carried out or refused; its key was looked at."""

IS_UNDONE = and_(IS_ORDER, mail.c.why.startswith(UNDONE))
"""Whether a rebuild left something undone of an order that it read again."""


AHEAD = timedelta(hours=1)
"""So far a mailbox server's clock may be ahead; a later date is wrong, and no order to go by."""


def unfiled_since(connection: Connection, mailbox_id: int, fingerprint: str) -> datetime | None:
    """Give when an order was given that is not known to lie in the mailbox, None for any other."""
    query = select(mail.c.received_at).where(
        mail.c.mailbox_id == mailbox_id,
        mail.c.fingerprint == fingerprint,
        mail.c.filed.is_(False),
        IS_ORDER,
    )
    return connection.execute(query).scalar()


def is_ordered(connection: Connection, mailbox_id: int, message_id: str) -> bool:
    """Whether an order came before, in whatever bytes."""
    query = select(mail.c.id).where(
        mail.c.mailbox_id == mailbox_id, mail.c.message_id == message_id, IS_ORDER
    )
    return connection.execute(query.limit(1)).first() is not None


def decide_behind(connection: Connection, mailbox_id: int, mail_id: int, name: str) -> None:
    """Let an order that is not decided yet take its place behind the mail of this name.

    Where that is not known any more, or bears a date at which the order had long been given, it
    keeps the place of its own arrival.
    """
    last = _named(connection, mailbox_id, name)
    if last is None:
        return
    waiting = update(mail).where(
        mail.c.id == mail_id,
        mail.c.outcome.is_(None),
        mail.c.received_at >= last.received_at - AHEAD,
    )
    connection.execute(waiting.values(decided_at=last.received_at, behind_id=last.id))


def _named(connection: Connection, mailbox_id: int, name: str) -> Row[Any, Any] | None:
    fingerprint, _, copy = name.partition(".")
    if not copy:
        return None
    query = select(mail.c.id, mail.c.received_at).where(
        mail.c.mailbox_id == mailbox_id,
        mail.c.fingerprint == fingerprint,
        mail.c.copy == int(copy),
    )
    return connection.execute(query).first()


def unread_orders(connection: Connection, mailbox_id: int) -> list[tuple[int, datetime]]:
    """Give the orders that are not decided yet, with their arrival."""
    query = select(mail.c.id, mail.c.received_at).where(
        mail.c.mailbox_id == mailbox_id,
        mail.c.outcome.is_(None),
        mail.c.decided_at.is_not(None),
        mail.c.readmission == Readmission.NONE,
    )
    return [(row.id, row.received_at) for row in connection.execute(query)]


def unread_in(connection: Connection, mailbox_id: int, folder: str) -> list[tuple[int, datetime]]:
    """Give what is not decided yet and lies in a folder, with its arrival."""
    query = (
        select(mail.c.id, mail.c.received_at)
        .join(sighting, sighting.c.mail_id == mail.c.id)
        .where(
            mail.c.mailbox_id == mailbox_id,
            mail.c.outcome.is_(None),
            sighting.c.folder == folder,
        )
        .distinct()
    )
    return [(row.id, row.received_at) for row in connection.execute(query)]
