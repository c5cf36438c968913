"""The mails of a flood: all that were kept under one item, because too many came at once."""

from sqlalchemy import Connection, Select, func, or_, select, update

from mailflow.core.changes import MailOutcome
from mailflow.core.ticket import HoldReason
from mailflow.schema import hold, mail

__all__ = ["count", "settle", "standing_for_others"]


def _kept(mailbox_id: int, text: str, first: int) -> Select[tuple[int]]:
    """Give the mails kept for an item's words since its first one, up to the next such item's."""
    following = (
        select(func.min(hold.c.mail_id))
        .where(
            hold.c.mailbox_id == mailbox_id,
            hold.c.reason == HoldReason.STORM,
            hold.c.text == text,
            hold.c.mail_id > first,
        )
        .scalar_subquery()
    )
    return select(mail.c.id).where(
        mail.c.mailbox_id == mailbox_id,
        mail.c.outcome == MailOutcome.HELD,
        mail.c.why == text,
        mail.c.id >= first,
        or_(following.is_(None), mail.c.id < following),
    )


def count(connection: Connection, mailbox_id: int, text: str, first: int) -> int:
    """Count the mails that wait under a flood's item."""
    query = select(func.count()).select_from(_kept(mailbox_id, text, first).subquery())
    return connection.execute(query).scalar_one()


def settle(connection: Connection, mailbox_id: int, hold_id: int, outcome: MailOutcome) -> int:
    """Let all mails that wait under a flood's item end the same way; give how many."""
    item = connection.execute(select(hold).where(hold.c.id == hold_id)).one()
    kept = _kept(mailbox_id, item.text, item.mail_id)
    settled = connection.execute(
        update(mail).where(mail.c.id.in_(kept)).values(outcome=outcome, reference="")
    )
    return settled.rowcount


def standing_for_others(connection: Connection, mailbox_id: int, mails: list[int]) -> set[int]:
    """Give which of these mails bear the item of a flood whose other mails are not among them."""
    items = select(hold.c.text, hold.c.mail_id).where(
        hold.c.mailbox_id == mailbox_id,
        hold.c.reason == HoldReason.STORM,
        hold.c.resolved_at.is_(None),
    )
    here = set(mails)
    return {
        item.mail_id
        for item in connection.execute(items)
        if item.mail_id in here
        and not here.issuperset(
            connection.execute(_kept(mailbox_id, item.text, item.mail_id)).scalars()
        )
    }
