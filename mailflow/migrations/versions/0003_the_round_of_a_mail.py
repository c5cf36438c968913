"""A column for the round of its office in which a mail was written."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OFFICES = ("forward", "reminder", "escalation")


def upgrade() -> None:
    """Apply this step; a mail there is belongs to the last round asked by when it was written."""
    op.add_column("outbox", sa.Column("round", sa.Integer(), nullable=False, server_default="0"))
    columns = ("kind", "mailbox_id", "reference", "office_id", "created_at", "round")
    outbox = sa.table("outbox", *map(sa.column, columns))
    ticket = sa.table("ticket", *map(sa.column, ("id", "mailbox_id", "reference")))
    asked = ("ticket_id", "office_id", "round", "asked_at")
    part = sa.table("consultation", *map(sa.column, asked))
    last = (
        sa.select(sa.func.max(part.c.round))
        .select_from(part.join(ticket, ticket.c.id == part.c.ticket_id))
        .where(
            ticket.c.mailbox_id == outbox.c.mailbox_id,
            ticket.c.reference == outbox.c.reference,
            part.c.office_id == outbox.c.office_id,
            part.c.asked_at <= outbox.c.created_at,
        )
    )
    known = sa.func.coalesce(last.scalar_subquery(), 1)
    to_offices = outbox.c.kind.in_(_OFFICES), outbox.c.office_id != ""
    op.execute(sa.update(outbox).where(*to_offices).values(round=known))


def downgrade() -> None:
    """There is no way back but the backup made before the upgrade."""
    raise NotImplementedError
