"""The tables: what may be stored, and which state may follow which. UTC throughout.

Every row names the mailbox it belongs to, directly or through its parent, so that several
central mailboxes can later share one installation.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect

from mailflow.core.changes import MailOutcome, Readmission
from mailflow.core.reply import ReplyKind
from mailflow.core.retry import Cause, EntryState
from mailflow.core.ticket import (
    AccountStatus,
    ConsultationState,
    HoldReason,
    ReplyState,
    Resolution,
    TicketState,
)
from mailflow.core.tracking import Role

__all__ = [
    "GIVEN_UP",
    "STILL_TO_GO",
    "Utc",
    "account",
    "bound_sender",
    "consultation",
    "contact",
    "daily",
    "event",
    "hold",
    "leg",
    "letter",
    "mail",
    "mailbox",
    "metadata",
    "outbox",
    "outbox_bytes",
    "raw_mail",
    "reply",
    "sighting",
    "status",
    "storable",
    "ticket",
    "transition",
]

STILL_TO_GO = "state IN ('queued', 'deferred', 'sending')"
"""Which outbox entries the sending line looks at: few, and so the only ones in its index."""

GIVEN_UP = "state = 'failed'"
"""Which outbox entries the digest tells of; they have an index of their own, too."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Utc(TypeDecorator[datetime]):
    """An aware time; SQLite keeps no zone and would drop an offset without converting."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Convert an aware time to UTC; a naive one is a fault of ours."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value!r} on its way into the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Give an aware time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def storable(text: str) -> str:
    """Give text that every database takes: PostgreSQL refuses NUL, neither takes surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


class Words(TypeDecorator[str]):
    """Text from outside, of any length, made storable on its way in."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Drop what a database would refuse."""
        return None if value is None else storable(value)


class ShortWords(TypeDecorator[str]):
    """Text from outside that is cut to a length (PostgreSQL would refuse it, SQLite not care)."""

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self._length = length

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Drop what a database would refuse."""
        return None if value is None else storable(value)[: self._length]


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=column)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=True)


def _of(table: str, *, nullable: bool = False, **options: Any) -> Column[int]:
    return Column(f"{table}_id", Integer, ForeignKey(f"{table}.id"), nullable=nullable, **options)


def _text(name: str, length: int | None = None) -> Column[str]:
    kind = ShortWords(length) if length else Words()
    return Column(name, kind, nullable=False, default="")


mailbox = Table("mailbox", metadata, _id(), Column("address", ShortWords(320), unique=True))

mail = Table(
    "mail",
    metadata,
    _id(),
    _of("mailbox"),
    Column("fingerprint", String(64), nullable=False),
    Column("copy", Integer, nullable=False, default=0),
    Column("received_at", Utc, nullable=False),
    Column("stored_at", Utc, nullable=False),
    Column("size", Integer, nullable=False),
    Column("filed", Boolean, nullable=False, default=True),
    Column("attempts", Integer, nullable=False, default=0),
    _text("readmission", 16),
    Column("outcome", String(16)),
    Column("decided_at", Utc),  # of an order, or what one lets out, not decided yet: its place
    Column("behind_id", Integer),  # the mail right behind which that is
    Column("told_at", Utc),
    Column("flood_id", Integer, ForeignKey("mail.id"), index=True),  # its first mail
    _text("why"),
    Column("unread", Boolean, nullable=False, default=False),
    _text("reference", 40),
    _text("kind", 16),
    _text("message_id"),
    _text("sender", 320),
    _text("sender_mailbox", 320),
    _text("sender_domain", 255),
    _text("authentication", 16),
    _text("sender_name"),
    _text("subject"),
    _text("language", 8),
    _text("text"),
    Column("attachments", JSON, nullable=False, default=list),
    Column("problems", JSON, nullable=False, default=list),
    UniqueConstraint("mailbox_id", "fingerprint", "copy"),
    _one_of("outcome", MailOutcome),
    _one_of("readmission", Readmission),
    Index("ix_mail_undecided", "mailbox_id", "outcome", "id"),
    Index("ix_mail_filed", "mailbox_id", "filed", "id"),
    Index("ix_mail_sender", "mailbox_id", "sender", "received_at"),
    Index("ix_mail_sender_mailbox", "mailbox_id", "sender_mailbox", "received_at"),
    Index("ix_mail_sender_domain", "mailbox_id", "sender_domain", "received_at"),
    Index("ix_mail_received_at", "mailbox_id", "received_at"),
)

raw_mail = Table(
    "raw_mail",
    metadata,
    _of("mail", primary_key=True),
    Column("raw", LargeBinary, nullable=False),
)

sighting = Table(
    "sighting",
    metadata,
    _of("mailbox", primary_key=True),
    Column("folder", String(255), primary_key=True),
    Column("uidvalidity", BigInteger, primary_key=True),
    Column("uid", BigInteger, primary_key=True),
    _of("mail", index=True),
)

account = Table(
    "account",
    metadata,
    _id(),
    _of("mailbox"),
    _text("name"),
    _text("domain", 255),
    Column("status", String(16), nullable=False),
    Column("created_at", Utc, nullable=False),
    _one_of("status", AccountStatus),
    Index(
        "uq_account_domain",
        "mailbox_id",
        "domain",
        unique=True,
        sqlite_where=text("domain != ''"),
        postgresql_where=text("domain != ''"),
    ),
)

contact = Table(
    "contact",
    metadata,
    _id(),
    _of("mailbox"),
    _of("account", index=True),
    Column("address", ShortWords(320), nullable=False),
    _text("name"),
    Column("first_seen", Utc, nullable=False),
    UniqueConstraint("mailbox_id", "address"),
)

ticket = Table(
    "ticket",
    metadata,
    _id(),
    _of("mailbox"),
    Column("reference", String(40), nullable=False),
    _of("account", index=True),
    _of("contact"),
    Column("leg", String(16), nullable=False),
    _text("subject"),
    _text("language", 8),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False, default=0),
    Column("flags", JSON, nullable=False, default=list),
    Column("topics", JSON, nullable=False, default=list),
    Column("answers", Integer, nullable=False, default=0),
    Column("reopened", Integer, nullable=False, default=0),
    Column("opened_at", Utc, nullable=False),
    Column("answered_at", Utc),
    Column("closed_at", Utc),
    UniqueConstraint("mailbox_id", "reference"),
    _one_of("state", TicketState),
    Index("ix_ticket_state", "mailbox_id", "state"),
)

letter = Table(
    "letter",
    metadata,
    _of("ticket", primary_key=True),
    _of("mail", primary_key=True),
)

consultation = Table(
    "consultation",
    metadata,
    _id(),
    _of("ticket"),
    Column("office_id", String(64), nullable=False),
    Column("round", Integer, nullable=False),
    Column("leg", String(16), nullable=False),
    Column("recipient", ShortWords(320), nullable=False),
    Column("state", String(16), nullable=False),
    Column("asked_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("absent_until", Date),
    Column("reminded", JSON, nullable=False, default=list),
    _text("note"),
    Column("asked_at", Utc, nullable=False),
    Column("settled_at", Utc),
    UniqueConstraint("ticket_id", "office_id", "round"),
    _one_of("state", ConsultationState),
    Index("ix_consultation_office", "office_id", "settled_at"),
)

reply = Table(
    "reply",
    metadata,
    _id(),
    _of("consultation", index=True),
    _of("mail"),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    _text("text"),
    _text("internal_text"),
    Column("until", Date),
    Column("received_at", Utc, nullable=False),
    Column("answer", Integer),
    UniqueConstraint("consultation_id", "mail_id"),
    _one_of("kind", ReplyKind),
    _one_of("state", ReplyState),
)

hold = Table(
    "hold",
    metadata,
    _id(),
    _of("mailbox"),
    _of("ticket", nullable=True, index=True),
    _of("mail", nullable=True),
    _of("reply", nullable=True),
    Column("reference", String(40), nullable=False),
    Column("reason", String(24), nullable=False),
    _text("text"),
    _text("office_id", 64),
    _text("suggestion"),
    Column("keeps_back", Boolean, nullable=False, default=False),
    Column("created_at", Utc, nullable=False),
    Column("resolved_at", Utc),
    Column("resolution", String(24)),
    _one_of("reason", HoldReason),
    _one_of("resolution", Resolution),
    Index("ix_hold_open", "mailbox_id", "resolved_at", "reference"),
)

leg = Table(
    "leg",
    metadata,
    _of("mailbox", primary_key=True),
    Column("leg", String(16), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("reference", String(40), nullable=False, default=""),
    Column("office_id", String(64), nullable=False, default=""),
    Column("recipient", ShortWords(320), nullable=False),
    Column("expires_on", Date),
    _one_of("role", Role),
)

bound_sender = Table(
    "bound_sender",
    metadata,
    _of("mailbox", primary_key=True),
    Column("address", ShortWords(320), primary_key=True),
    Column("office_id", String(64), nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    _of("mailbox"),
    Column("kind", String(24), nullable=False),
    _text("reference", 40),
    _text("office_id", 64),
    Column("recipient", ShortWords(320), nullable=False),
    _text("recipient_mailbox", 320),
    Column("message_id", ShortWords(512), nullable=False),
    Column("name", String(64), nullable=False),
    _text("subject"),
    _text("envelope_from", 320),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_attempt_at", Utc, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("accepted_at", Utc),
    Column("receipt_at", Utc),
    Column("resent_at", Utc),
    Column("told_at", Utc),
    _text("cause", 16),
    _text("response"),
    Column("letters", JSON, nullable=False, default=list),
    Column("round", Integer, nullable=False, default=0),  # of its office; 0: of none, or unknown
    UniqueConstraint("mailbox_id", "name"),
    _one_of("state", EntryState),
    _one_of("cause", Cause),
    Index(
        "ix_outbox_due",
        "mailbox_id",
        "next_attempt_at",
        "id",
        sqlite_where=text(STILL_TO_GO),
        postgresql_where=text(STILL_TO_GO),
    ),
    Index(
        "ix_outbox_failed",
        "mailbox_id",
        "next_attempt_at",
        sqlite_where=text(GIVEN_UP),
        postgresql_where=text(GIVEN_UP),
    ),
    Index("ix_outbox_reference", "mailbox_id", "reference"),
    Index("ix_outbox_recipient", "mailbox_id", "recipient", "created_at"),
    Index("ix_outbox_recipient_mailbox", "mailbox_id", "recipient_mailbox", "created_at"),
)

outbox_bytes = Table(
    "outbox_bytes",
    metadata,
    _of("outbox", primary_key=True),
    Column("raw", LargeBinary, nullable=False),
)

event = Table(
    "event",
    metadata,
    _id(),
    _of("mailbox"),
    Column("at", Utc, nullable=False),
    _text("reference", 40),
    _text("kind", 32),
    _text("text"),
    Column("office_id", String(64), nullable=False, default=""),
    Column("round", Integer),
    Column("state", String(16), nullable=False, default=""),
    Column("due_on", Date),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("mailbox_id", "previous"),
    Index("ix_event_chain", "mailbox_id", "id"),
    Index("ix_event_reference", "mailbox_id", "reference"),
    Index("ix_event_kind", "mailbox_id", "kind", "at"),
)

daily = Table(
    "daily",
    metadata,
    _of("mailbox", primary_key=True),
    Column("name", String(120), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("at", Utc, nullable=False),
)

status = Table(
    "status",
    metadata,
    _of("mailbox", primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("at", Utc, nullable=False),
    _text("text"),
)

transition = Table(
    "transition",
    metadata,
    Column("machine", String(16), primary_key=True),
    Column("source", String(16), primary_key=True),
    Column("target", String(16), primary_key=True),
)
