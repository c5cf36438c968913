"""A column for the mail behind which an order at the command line is read again."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step; the next reading again finds out each order's place anew."""
    op.add_column("mail", sa.Column("behind_id", sa.Integer()))


def downgrade() -> None:
    """There is no way back but the backup made before the upgrade."""
    raise NotImplementedError
