"""Columns for what only words told: that nobody has read a mail, and that one may be a circular."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_UNREAD = (
    "automatische Antwort",
    "Unzustellbarkeitsmeldung",
    "Zustellung verzögert",
    "Lesebestätigung oder Bericht",
    "Rundschreiben",
    "eigene Mail",
    "Doppel einer schon gelesenen Mail",
)
"""As what the first schema's program filed a machine's mail, and a double."""

_REASONS = (
    "'unrouted', 'external', 'declined', 'sender', 'suspected', 'internal-part', 'late',"
    " 'conflict', 'circular', 'unmatched', 'authentication', 'unreachable', 'unsent', 'review',"
    " 'encrypted', 'empty', 'quotes', 'attachment', 'storm', 'scan', 'code'"
)


def upgrade() -> None:
    """Apply this step."""
    op.add_column(
        "mail", sa.Column("unread", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    mail = sa.table(
        "mail", sa.column("unread", sa.Boolean()), sa.column("outcome"), sa.column("why")
    )
    filed = mail.c.outcome == "event", mail.c.why.in_(_UNREAD)
    op.execute(sa.update(mail).where(*filed).values(unread=True))

    _allow_circular()
    hold = sa.table("hold", sa.column("reason"), sa.column("text"))
    circular = hold.c.reason == "conflict", hold.c.text.like("Laut Kopfzeile (%")
    op.execute(sa.update(hold).where(*circular).values(reason="circular"))


def _allow_circular() -> None:
    """Widen the check of the reasons; SQLite makes the table anew for it."""
    name = op.f("ck_hold_reason")
    with op.batch_alter_table("hold") as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, f"reason IN ({_REASONS})")


def downgrade() -> None:
    """There is no way back but the backup made before the upgrade."""
    raise NotImplementedError
