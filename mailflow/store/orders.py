"""Orders at the command line among the mails, and their place in the order of reading again."""

from datetime import datetime

from sqlalchemy import Connection, and_, select, update

from mailflow.core.changes import MailOutcome, Readmission
from mailflow.core.desk_order import DESK_ORDERS
from mailflow.core.message import Kind
from mailflow.schema import mail, sighting

__all__ = ["IS_ORDER", "decide_behind", "is_ordered", "unread_in", "unread_orders"]

IS_ORDER = and_(
    mail.c.kind == Kind.OWN,
    mail.c.outcome == MailOutcome.EVENT,
    mail.c.message_id.startswith(DESK_ORDERS),
)
"""Whether a mail is an order at the command line, carried out or refused; its key was looked at."""


def is_ordered(connection: Connection, mailbox_id: int, message_id: str) -> bool:
    """Whether an order came before, in whatever bytes."""
    query = select(mail.c.id).where(
        mail.c.mailbox_id == mailbox_id, mail.c.message_id == message_id, IS_ORDER
    )
    return connection.execute(query.limit(1)).first() is not None


def decide_behind(connection: Connection, mailbox_id: int, mail_id: int, name: str) -> None:
    """Let an order that is not decided yet take its place behind the mail of this name.

    Where that is not known any more, it keeps the place of its own arrival.
    """
    if came_at := _arrival_of(connection, mailbox_id, name):
        waiting = update(mail).where(mail.c.id == mail_id, mail.c.outcome.is_(None))
        connection.execute(waiting.values(decided_at=came_at))


def _arrival_of(connection: Connection, mailbox_id: int, name: str) -> datetime | None:
    fingerprint, _, copy = name.partition(".")
    if not copy.isdecimal():
        return None
    query = select(mail.c.received_at).where(
        mail.c.mailbox_id == mailbox_id,
        mail.c.fingerprint == fingerprint,
        mail.c.copy == int(copy),
    )
    return connection.execute(query).scalar()


def unread_orders(connection: Connection, mailbox_id: int) -> list[tuple[int, datetime]]:
    """Give what is not decided yet and calls itself an order, with its arrival."""
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
