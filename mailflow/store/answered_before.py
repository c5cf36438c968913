"""Whether a mail that looks new was answered before, by a database that is lost."""

from sqlalchemy import Connection, or_, select

from mailflow.core.drafts import TO_COMPANY, DraftKind
from mailflow.core.known import Mail, Policy
from mailflow.core.tracking import Role
from mailflow.schema import outbox

__all__ = ["is_answered_before"]


def is_answered_before(connection: Connection, mailbox_id: int, mail: Mail, policy: Policy) -> bool:
    """Whether a mail that opens a ticket was answered or forwarded before this database knew of it.

    A row was made then of each copy of ours, for a ticket that is not there: of what went to a
    company only the leg is known, of what went to an office its subject tells the reference.
    """
    leg = policy.keyring.leg(Role.COMPANY, mail.reference)
    query = select(outbox.c.id).where(
        outbox.c.mailbox_id == mailbox_id,
        outbox.c.kind.in_((*TO_COMPANY, DraftKind.FORWARD)),
        outbox.c.reference.in_((mail.reference, "")),
        or_(outbox.c.reference != "", outbox.c.name.startswith(f"{leg}.")),
    )
    return connection.execute(query.limit(1)).first() is not None
