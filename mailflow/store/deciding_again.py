"""Mails whose outcome is taken back, so that they are decided anew."""

from datetime import datetime

from sqlalchemy import Connection, Select, or_, select, update

from mailflow.core.address import mailbox_of
from mailflow.core.changes import MailOutcome, Readmission
from mailflow.core.ticket import Resolution
from mailflow.schema import hold, mail
from mailflow.store import floods
from mailflow.store.mails import of_domain
from mailflow.store.originals import nobody_has_read

__all__ = ["decide_again"]


def decide_again(connection: Connection, mailbox_id: int, sender: str, now: datetime) -> int:
    """Let mails be decided anew; give how many.

    Without a sender those in quarantine. With a sender, or a domain, those of his held as a storm,
    and of his in quarantine, which then wait for the manager where they look like a foreign code.
    A mail under whose number a flood of others waits too goes on standing for them. One in
    quarantine that came once more, and was read then, stays there: it would act twice.
    """
    quarantined = select(mail.c.id).where(
        mail.c.mailbox_id == mailbox_id,
        mail.c.outcome == MailOutcome.QUARANTINED,
        nobody_has_read(),
    )
    if not sender:
        return _undecide(connection, quarantined, Readmission.PASSED)
    of_one = mail.c.sender_mailbox == mailbox_of(sender)
    his = of_one if "@" in sender else of_domain(sender.lower())
    count = _undecide(connection, quarantined.where(his), Readmission.LET_OUT)
    firsts = floods.waiting(connection, mailbox_id)
    flood = select(mail.c.id).where(
        mail.c.mailbox_id == mailbox_id,
        mail.c.outcome == MailOutcome.HELD,
        his,
        or_(mail.c.flood_id.is_not(None), mail.c.id.in_(firsts)),
    )
    ids = list(connection.execute(flood).scalars())
    return count + _undecide_flood(connection, firsts, ids, now)


def _undecide_flood(
    connection: Connection, firsts: list[int], mails: list[int], now: datetime
) -> int:
    """Take the outcome of a flood's mails back, and settle the item under which they waited."""
    kept = floods.standing_for_others(connection, firsts, mails)
    ids = [each for each in mails if each not in kept]
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        connection.execute(
            update(hold)
            .where(hold.c.mail_id.in_(part), hold.c.resolved_at.is_(None))
            .values(resolved_at=now, resolution=Resolution.DECIDED_ANEW)
        )
        _undecide(connection, part, Readmission.PASSED)
    return len(ids)


def _undecide(
    connection: Connection, mails: Select[tuple[int]] | list[int], readmission: Readmission
) -> int:
    """Take these mails' outcome back, and forget how often they were begun; give how many."""
    values = {"outcome": None, "attempts": 0, "flood_id": None, "readmission": readmission}
    return connection.execute(update(mail).where(mail.c.id.in_(mails)).values(values)).rowcount
