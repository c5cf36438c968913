"""The mails of which one is a double, and whether anybody has read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, FromClause, and_, exists, func, or_, select

from mailflow.core.changes import MailOutcome
from mailflow.schema import mail

__all__ = [
    "Original",
    "are_let_out",
    "are_unread",
    "nobody_has_read",
    "originals_of",
    "was_taken_for_a_machines",
]


@dataclass(frozen=True, slots=True)
class Original:
    """An earlier mail of the same fingerprint; ``unread``: it reached neither ticket nor desk."""

    outcome: str | None
    received_at: datetime
    unread: bool


def originals_of(
    connection: Connection, mailbox_id: int, fingerprint: str, copy: int
) -> list[Original]:
    """Give the mails of which this copy is a double."""
    if not copy:
        return []
    query = select(mail.c.outcome, mail.c.received_at, _is_unread(mail).label("unread")).where(
        mail.c.mailbox_id == mailbox_id,
        mail.c.fingerprint == fingerprint,
        mail.c.copy < copy,
    )
    return [Original(row.outcome, row.received_at, row.unread) for row in connection.execute(query)]


def are_unread(originals: Sequence[Original]) -> bool:
    """Whether there are any, and nobody has read one of them: then their double is the first."""
    return bool(originals) and all(each.unread for each in originals)


def are_let_out(originals: Sequence[Original]) -> bool:
    """Whether nobody has read them, and one is in quarantine: by their double it was let out."""
    set_aside = any(each.outcome == MailOutcome.QUARANTINED for each in originals)
    return set_aside and are_unread(originals)


def nobody_has_read() -> ColumnElement[bool]:
    """Say of a mail that none of its later doubles was read, or is about to be.

    One that was read before it came does not count: the same words may be written once more.
    """
    double = mail.alias()
    read = exists().where(
        double.c.mailbox_id == mail.c.mailbox_id,
        double.c.fingerprint == mail.c.fingerprint,
        double.c.copy > mail.c.copy,
        ~_is_unread(double),
    )
    return ~read


def was_taken_for_a_machines(table: FromClause) -> ColumnElement[bool]:
    """Say of a mail that it was filed as a machine's, or as a double: no word of it counted."""
    outcome = func.coalesce(table.c.outcome, "")  # one not decided yet is not left unread
    return and_(outcome == MailOutcome.EVENT, table.c.unread)


def _is_unread(table: FromClause) -> ColumnElement[bool]:
    outcome = func.coalesce(table.c.outcome, "")
    return or_(outcome == MailOutcome.QUARANTINED, was_taken_for_a_machines(table))
