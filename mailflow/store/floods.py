"""The mails of a flood: all that were kept under one item, because too many came at once."""

from sqlalchemy import Connection, Select, func, or_, select, update

from mailflow.core.changes import MailOutcome
from mailflow.core.ticket import HoldReason
from mailflow.schema import hold, mail

__all__ = ["count", "join", "of_source", "settle", "standing_for_others", "waiting"]


def _kept(first: int) -> Select[int]:
    """Give the mails that wait under a flood's item: its first one, and those that joined it."""
    return select(mail.c.id).where(
        mail.c.outcome == MailOutcome.HELD, or_(mail.c.id == first, mail.c.flood_id == first)
    )


def join(connection: Connection, mail_id: int, hold_id: int) -> bool:
    """Keep a mail under a flood's item; say whether that still waits.

    The item is locked until the commit, so that whoever settles it settles this mail, too.
    """
    item = select(hold.c.mail_id).where(hold.c.id == hold_id, hold.c.resolved_at.is_(None))
    first = connection.execute(item.with_for_update()).scalar()
    if first is None:
        return False
    connection.execute(update(mail).where(mail.c.id == mail_id).values(flood_id=first))
    return True


def count(connection: Connection, first: int) -> int:
    """Count the mails that wait under the item of a flood with this first mail."""
    query = select(func.count()).select_from(_kept(first).subquery())
    return connection.execute(query).scalar_one()


def settle(connection: Connection, hold_id: int, outcome: MailOutcome) -> int:
    """Let all mails that wait under a flood's item end the same way; give how many."""
    first = connection.execute(select(hold.c.mail_id).where(hold.c.id == hold_id)).scalar_one()
    ended = update(mail).where(mail.c.id.in_(_kept(first)))
    return connection.execute(ended.values(outcome=outcome, reference="")).rowcount


def waiting(connection: Connection, mailbox_id: int) -> list[int]:
    """Give the first mails of the floods that wait, and let nobody join them until the commit."""
    items = _items(mailbox_id).order_by(hold.c.id).with_for_update()
    return list(connection.execute(items).scalars())


def _items(mailbox_id: int) -> Select[int]:
    """Select the first mails of the floods that wait."""
    return select(hold.c.mail_id).where(
        hold.c.mailbox_id == mailbox_id,
        hold.c.reason == HoldReason.STORM,
        hold.c.resolved_at.is_(None),
    )


def of_source(connection: Connection, mailbox_id: int, source: str) -> list[int]:
    """Give the mails that wait under this source, and let nobody join them until the commit."""
    items = _items(mailbox_id).where(hold.c.suggestion == source).with_for_update()
    firsts = connection.execute(items).scalars().all()
    return [each for first in firsts for each in connection.execute(_kept(first)).scalars()]


def standing_for_others(connection: Connection, floods: list[int], mails: list[int]) -> set[int]:
    """Give which of these mails bear the item of a flood whose other mails are not among them."""
    here = set(mails)
    return {
        first
        for first in floods
        if first in here and not here.issuperset(connection.execute(_kept(first)).scalars())
    }
