"""The first schema."""

import sqlalchemy as sa
from alembic import op

from mailflow.schema import Utc

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOVES = {
    "ticket": {
        "new": ("closed", "consulting", "triage"),
        "triage": ("answered", "closed", "consulting"),
        "consulting": ("answered", "closed", "review", "waiting"),
        "waiting": ("answered", "closed", "consulting", "review"),
        "review": ("answered", "closed", "consulting"),
        "answered": ("closed", "consulting"),
        "closed": ("consulting",),
    },
    "consultation": {
        "asked": ("answered", "declined", "failed", "interim", "questioned", "withdrawn"),
        "interim": ("answered", "declined", "failed", "interim", "questioned", "withdrawn"),
        "questioned": (
            "answered",
            "asked",
            "declined",
            "failed",
            "interim",
            "questioned",
            "withdrawn",
        ),
        "failed": ("answered", "declined", "interim", "questioned"),
        "declined": ("answered",),
        "answered": (),
        "withdrawn": (),
    },
}
"""The moves of this schema's day, written out: what the program knows later is a later step's."""

_REASONS = (
    "'unrouted', 'external', 'declined', 'sender', 'suspected', 'internal-part', 'late',"
    " 'conflict', 'unmatched', 'authentication', 'unreachable', 'unsent', 'review', 'encrypted',"
    " 'empty', 'quotes', 'attachment', 'storm', 'scan', 'code'"
)
_RESOLUTIONS = (
    "'answered', 'as-ordered', 'closed', 'decided-anew', 'discarded', 'mail-decided',"
    " 'office-left-out', 'passed-on', 'released', 'reminded', 'replaced', 'sent-again', 'sent-with-inquiry'"
)


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "mailbox",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("address", sa.String(length=320), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox")),
        sa.UniqueConstraint("address", name=op.f("uq_mailbox_address")),
    )
    transition = op.create_table(
        "transition",
        sa.Column("machine", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("target", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("machine", "source", "target", name=op.f("pk_transition")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.CheckConstraint("status IN ('existing', 'settling')", name=op.f("ck_account_status")),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_account_mailbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(
            "uq_account_domain",
            ["mailbox_id", "domain"],
            unique=True,
            sqlite_where=sa.text("domain != ''"),
            postgresql_where=sa.text("domain != ''"),
        )

    op.create_table(
        "bound_sender",
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("office_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name=op.f("fk_bound_sender_mailbox_id")
        ),
        sa.PrimaryKeyConstraint("mailbox_id", "address", name=op.f("pk_bound_sender")),
    )
    op.create_table(
        "daily",
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_daily_mailbox_id")),
        sa.PrimaryKeyConstraint("mailbox_id", "name", "day", name=op.f("pk_daily")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("office_id", sa.String(length=64), nullable=False),
        sa.Column("round", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_event_mailbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("mailbox_id", "previous", name=op.f("uq_event_mailbox_id_previous")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_chain", ["mailbox_id", "id"], unique=False)
        batch_op.create_index("ix_event_kind", ["mailbox_id", "kind", "at"], unique=False)
        batch_op.create_index("ix_event_reference", ["mailbox_id", "reference"], unique=False)

    op.create_table(
        "leg",
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("leg", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("office_id", sa.String(length=64), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.CheckConstraint("role IN ('office', 'company', 'manager')", name=op.f("ck_leg_role")),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_leg_mailbox_id")),
        sa.PrimaryKeyConstraint("mailbox_id", "leg", name=op.f("pk_leg")),
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("received_at", Utc(), nullable=False),
        sa.Column("stored_at", Utc(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("filed", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("readmission", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("decided_at", Utc(), nullable=True),
        sa.Column("told_at", Utc(), nullable=True),
        sa.Column("flood_id", sa.Integer(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("sender_mailbox", sa.String(length=320), nullable=False),
        sa.Column("sender_domain", sa.String(length=255), nullable=False),
        sa.Column("authentication", sa.String(length=16), nullable=False),
        sa.Column("sender_name", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('ticket', 'joined', 'event', 'held', 'quarantined')",
            name=op.f("ck_mail_outcome"),
        ),
        sa.CheckConstraint(
            "readmission IN ('', 'passed', 'let-out')", name=op.f("ck_mail_readmission")
        ),
        sa.ForeignKeyConstraint(["flood_id"], ["mail.id"], name=op.f("fk_mail_flood_id")),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_mail_mailbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint(
            "mailbox_id", "fingerprint", "copy", name=op.f("uq_mail_mailbox_id_fingerprint_copy")
        ),
    )
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.create_index("ix_mail_flood_id", ["flood_id"], unique=False)
        batch_op.create_index("ix_mail_filed", ["mailbox_id", "filed", "id"], unique=False)
        batch_op.create_index("ix_mail_received_at", ["mailbox_id", "received_at"], unique=False)
        batch_op.create_index(
            "ix_mail_sender", ["mailbox_id", "sender", "received_at"], unique=False
        )
        batch_op.create_index(
            "ix_mail_sender_mailbox", ["mailbox_id", "sender_mailbox", "received_at"], unique=False
        )
        batch_op.create_index(
            "ix_mail_sender_domain", ["mailbox_id", "sender_domain", "received_at"], unique=False
        )
        batch_op.create_index("ix_mail_undecided", ["mailbox_id", "outcome", "id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("office_id", sa.String(length=64), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("recipient_mailbox", sa.String(length=320), nullable=False),
        sa.Column("message_id", sa.String(length=512), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("envelope_from", sa.String(length=320), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", Utc(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("accepted_at", Utc(), nullable=True),
        sa.Column("receipt_at", Utc(), nullable=True),
        sa.Column("resent_at", Utc(), nullable=True),
        sa.Column("told_at", Utc(), nullable=True),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("letters", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "cause IN ('', 'frozen', 'withdrawn', 'dropped', 'unknown')",
            name=op.f("ck_outbox_cause"),
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'accepted', 'deferred', 'failed', 'held')",
            name=op.f("ck_outbox_state"),
        ),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_outbox_mailbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("mailbox_id", "name", name=op.f("uq_outbox_mailbox_id_name")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_due",
            ["mailbox_id", "next_attempt_at", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('queued', 'deferred', 'sending')"),
            postgresql_where=sa.text("state IN ('queued', 'deferred', 'sending')"),
        )
        batch_op.create_index(
            "ix_outbox_failed",
            ["mailbox_id", "next_attempt_at"],
            unique=False,
            sqlite_where=sa.text("state = 'failed'"),
            postgresql_where=sa.text("state = 'failed'"),
        )
        batch_op.create_index(
            "ix_outbox_recipient", ["mailbox_id", "recipient", "created_at"], unique=False
        )
        batch_op.create_index(
            "ix_outbox_recipient_mailbox",
            ["mailbox_id", "recipient_mailbox", "created_at"],
            unique=False,
        )
        batch_op.create_index("ix_outbox_reference", ["mailbox_id", "reference"], unique=False)

    op.create_table(
        "status",
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_status_mailbox_id")),
        sa.PrimaryKeyConstraint("mailbox_id", "name", name=op.f("pk_status")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("first_seen", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_contact_account_id")),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_contact_mailbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("mailbox_id", "address", name=op.f("uq_contact_mailbox_id_address")),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_account_id"), ["account_id"], unique=False)

    op.create_table(
        "outbox_bytes",
        sa.Column("outbox_id", sa.Integer(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_outbox_bytes_outbox_id")
        ),
        sa.PrimaryKeyConstraint("outbox_id", name=op.f("pk_outbox_bytes")),
    )
    op.create_table(
        "raw_mail",
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_raw_mail_mail_id")),
        sa.PrimaryKeyConstraint("mail_id", name=op.f("pk_raw_mail")),
    )
    op.create_table(
        "sighting",
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("folder", sa.String(length=255), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_sighting_mail_id")),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name=op.f("fk_sighting_mailbox_id")
        ),
        sa.PrimaryKeyConstraint(
            "mailbox_id", "folder", "uidvalidity", "uid", name=op.f("pk_sighting")
        ),
    )
    with op.batch_alter_table("sighting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sighting_mail_id"), ["mail_id"], unique=False)

    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("leg", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("opened_at", Utc(), nullable=False),
        sa.Column("answered_at", Utc(), nullable=True),
        sa.Column("closed_at", Utc(), nullable=True),
        sa.CheckConstraint(
            "state IN ('new', 'triage', 'consulting', 'waiting', 'review', 'answered', 'closed')",
            name=op.f("ck_ticket_state"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_ticket_account_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_ticket_contact_id")),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_ticket_mailbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("mailbox_id", "reference", name=op.f("uq_ticket_mailbox_id_reference")),
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_ticket_state", ["mailbox_id", "state"], unique=False)

    op.create_table(
        "consultation",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.String(length=64), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("leg", sa.String(length=16), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("absent_until", sa.Date(), nullable=True),
        sa.Column("reminded", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("settled_at", Utc(), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'interim', 'questioned', 'answered', 'declined', 'failed', 'withdrawn')",
            name=op.f("ck_consultation_state"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_consultation_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation")),
        sa.UniqueConstraint(
            "ticket_id",
            "office_id",
            "round",
            name=op.f("uq_consultation_ticket_id_office_id_round"),
        ),
    )
    with op.batch_alter_table("consultation", schema=None) as batch_op:
        batch_op.create_index("ix_consultation_office", ["office_id", "settled_at"], unique=False)

    op.create_table(
        "letter",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_letter_mail_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_letter_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "mail_id", name=op.f("pk_letter")),
    )
    op.create_table(
        "reply",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("internal_text", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("received_at", Utc(), nullable=False),
        sa.Column("answer", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('answer', 'interim', 'question', 'decline', 'internal')",
            name=op.f("ck_reply_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('accepted', 'held', 'sent', 'kept')", name=op.f("ck_reply_state")
        ),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_reply_consultation_id")
        ),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_reply_mail_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
        sa.UniqueConstraint(
            "consultation_id", "mail_id", name=op.f("uq_reply_consultation_id_mail_id")
        ),
    )
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reply_consultation_id"), ["consultation_id"], unique=False
        )

    op.create_table(
        "hold",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.Column("reply_id", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("office_id", sa.String(length=64), nullable=False),
        sa.Column("suggestion", sa.Text(), nullable=False),
        sa.Column("keeps_back", sa.Boolean(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("resolved_at", Utc(), nullable=True),
        sa.Column("resolution", sa.String(length=24), nullable=True),
        sa.CheckConstraint(f"reason IN ({_REASONS})", name=op.f("ck_hold_reason")),
        sa.CheckConstraint(f"resolution IN ({_RESOLUTIONS})", name=op.f("ck_hold_resolution")),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_hold_mail_id")),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_hold_mailbox_id")),
        sa.ForeignKeyConstraint(["reply_id"], ["reply.id"], name=op.f("fk_hold_reply_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_hold_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.create_index(
            "ix_hold_open", ["mailbox_id", "resolved_at", "reference"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_hold_ticket_id"), ["ticket_id"], unique=False)

    op.bulk_insert(transition, _rows())
    build = _postgresql_guard if op.get_bind().dialect.name == "postgresql" else _sqlite_guard
    for machine in MOVES:
        for statement in build(machine):
            op.execute(statement)


def downgrade() -> None:
    """There is no way back but the backup made before the upgrade."""
    raise NotImplementedError


def _rows() -> list[dict[str, str]]:
    return [
        {"machine": machine, "source": source, "target": target}
        for machine, table in MOVES.items()
        for source, targets in table.items()
        for target in targets
    ]


def _sqlite_guard(machine: str) -> list[str]:
    return [
        f"""CREATE TRIGGER guard_{machine} BEFORE UPDATE OF state ON {machine}
        WHEN OLD.state <> NEW.state AND NOT EXISTS (
            SELECT 1 FROM transition
            WHERE machine = '{machine}' AND source = OLD.state AND target = NEW.state)
        BEGIN SELECT RAISE(ABORT, 'forbidden move of a {machine}'); END"""  # noqa: S608 - our two table names
    ]


def _postgresql_guard(machine: str) -> list[str]:
    return [
        f"""CREATE FUNCTION guard_{machine}() RETURNS trigger AS $$
        BEGIN
            IF NOT EXISTS (SELECT 1 FROM transition WHERE machine = '{machine}'
                           AND source = OLD.state AND target = NEW.state) THEN
                RAISE EXCEPTION 'forbidden move of a {machine}: % -> %', OLD.state, NEW.state;
            END IF;
            RETURN NEW;
        END $$ LANGUAGE plpgsql""",  # noqa: S608 - our two table names
        f"""CREATE TRIGGER guard_{machine} BEFORE UPDATE OF state ON {machine}
        FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
        EXECUTE FUNCTION guard_{machine}()""",
    ]
