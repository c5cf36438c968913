"""Mails whose outcome is taken back, so that they are decided anew."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select, update

from mailflow.core.address import mailbox_of
from mailflow.core.changes import MailOutcome, Readmission
from mailflow.core.known import STRANGERS
from mailflow.core.ticket import Resolution
from mailflow.schema import hold, mail
from mailflow.store import floods
from mailflow.store.mails import of_domain
from mailflow.store.originals import nobody_has_read

__all__ = ["count", "decide_again"]


def decide_again(connection: Connection, mailbox_id: int, sender: str, now: datetime) -> int:
    """Let mails be decided anew; give how many.

    Without a sender those in quarantine. With a sender, or a domain, those of his held as a storm,
    and of his in quarantine, which then wait for the manager where they look like a foreign code.
    A mail under whose number a flood of others waits too goes on standing for them. One in
    quarantine that came once more, and was read then, stays there: it would act twice.
    """
    readmission = Readmission.LET_OUT if sender else Readmission.PASSED
    count = _undecide(connection, _quarantined(mailbox_id, sender), readmission, now)
    ids = _of_flood(connection, mailbox_id, sender) if sender else []
    _undecide_flood(connection, ids, now)
    return count + len(ids)


def count(connection: Connection, mailbox_id: int, sender: str) -> int:
    """Count the mails that would be decided anew."""
    quarantined = _quarantined(mailbox_id, sender).subquery()
    found = connection.execute(select(func.count()).select_from(quarantined)).scalar_one()
    return found + (len(_of_flood(connection, mailbox_id, sender)) if sender else 0)


def _quarantined(mailbox_id: int, sender: str) -> Select[tuple[int]]:
    query = select(mail.c.id).where(
        mail.c.mailbox_id == mailbox_id,
        mail.c.outcome == MailOutcome.QUARANTINED,
        nobody_has_read(),
    )
    return query.where(_is_of(sender)) if sender else query


def _is_of(sender: str) -> ColumnElement[bool]:
    if "@" in sender:
        return mail.c.sender_mailbox == mailbox_of(sender)
    return of_domain(sender.lower())


def _of_flood(connection: Connection, mailbox_id: int, sender: str) -> list[int]:
    """Give a sender's mails that are held as a flood, but for one that stands for others, too."""
    if sender == STRANGERS:
        return floods.of_source(connection, mailbox_id, sender)
    firsts = floods.waiting(connection, mailbox_id)
    flood = select(mail.c.id).where(
        mail.c.mailbox_id == mailbox_id,
        mail.c.outcome == MailOutcome.HELD,
        _is_of(sender),
        or_(mail.c.flood_id.is_not(None), mail.c.id.in_(firsts)),
    )
    ids = list(connection.execute(flood).scalars())
    kept = floods.standing_for_others(connection, firsts, ids)
    return [each for each in ids if each not in kept]


def _undecide_flood(connection: Connection, ids: list[int], now: datetime) -> None:
    """Take the outcome of a flood's mails back, and settle the item under which they waited."""
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        connection.execute(
            update(hold)
            .where(hold.c.mail_id.in_(part), hold.c.resolved_at.is_(None))
            .values(resolved_at=now, resolution=Resolution.DECIDED_ANEW)
        )
        _undecide(connection, part, Readmission.PASSED, now)


def _undecide(
    connection: Connection,
    mails: Select[tuple[int]] | list[int],
    readmission: Readmission,
    now: datetime,
) -> int:
    """Take these mails' outcome back, and forget how often they were begun; give how many.

    They are decided as of now at the earliest, also where that is read again after a loss.
    """
    values = {
        "outcome": None,
        "attempts": 0,
        "flood_id": None,
        "readmission": readmission,
        "decided_at": now,
    }
    return connection.execute(update(mail).where(mail.c.id.in_(mails)).values(values)).rowcount
