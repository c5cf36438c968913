"""What a decision changes: frozen values that ``mailflow.store`` applies in one transaction."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from mailflow.core.drafts import Draft, DraftKind
from mailflow.core.reply import ReplyKind
from mailflow.core.retry import Cause, EntryState
from mailflow.core.ticket import (
    Account,
    AccountStatus,
    ConsultationState,
    Contact,
    HoldReason,
    ReplyState,
    Resolution,
    TicketState,
)
from mailflow.core.tracking import Role

__all__ = [
    "AddConsultation",
    "AddHold",
    "AddLeg",
    "AddLetter",
    "AddNote",
    "AddReply",
    "BindSender",
    "Change",
    "CountAnswer",
    "DecideAgain",
    "Decision",
    "EventKind",
    "JoinFlood",
    "MailOutcome",
    "MoveConsultation",
    "MoveTicket",
    "OpenTicket",
    "Readmission",
    "ResolveHold",
    "SendAgain",
    "SetAccountStatus",
    "SetEntry",
    "SetFlags",
    "SetMail",
    "SetReply",
    "SetTold",
    "SettleFlood",
    "TakeBack",
    "UpdateConsultation",
    "UseReplies",
]


class EventKind(StrEnum):
    """What a row of the audit trail tells of."""

    ACCOUNT = "account"
    ASKED = "asked"
    BAD_TOKEN = "bad-token"  # noqa: S105 - the name of an event; by it guesses are counted
    BOUND = "bound"
    CONSULTATION = "consultation"
    DANGER = "danger"  # in a stranger's mail; by it alarms are counted
    HOLD = "hold"
    LETTER = "letter"
    MAIL = "mail"
    NOTE = "note"
    OPENED = "opened"
    OUTBOX = "outbox"
    OUTGOING = "outgoing"
    QUARANTINED = "quarantined"
    NAMED = "named"  # a new ticket's mail names another ticket, to which it may not belong
    RECEIVED = "received"  # an office only says that our mail arrived
    REFERRED = "referred"  # a letter that an office's refusal moved on by itself
    REPLY = "reply"
    RESOLVED = "resolved"
    THAWED = "thawed"
    TICKET = "ticket"


class MailOutcome(StrEnum):
    """The one visible state in which every mail ends; the digest's counts add up over them."""

    TICKET = "ticket"
    JOINED = "joined"
    EVENT = "event"
    HELD = "held"
    QUARANTINED = "quarantined"


class Readmission(StrEnum):
    """Why a mail that had an outcome is decided anew, which says what may become of it."""

    NONE = ""
    PASSED = "passed"  # as any other, but whatever flood it came in
    LET_OUT = "let-out"  # of quarantine, by its sender's name: a foreign code waits


@dataclass(frozen=True, slots=True)
class DecideAgain:
    """Mails in quarantine are decided anew; of a ``sender`` (or a domain) those of a flood, too."""

    sender: str


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """A new ticket, with its account and contact where they are new (``id`` 0).

    ``opened_at`` is when its first mail reached the mailbox.
    """

    reference: str
    account: Account
    contact: Contact
    leg: str
    subject: str
    language: str
    flags: tuple[str, ...]
    topics: tuple[str, ...]
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class AddLetter:
    """A mail of the company belongs to this ticket."""

    reference: str
    mail_id: int


@dataclass(frozen=True, slots=True)
class MoveTicket:
    """A ticket changes its state."""

    reference: str
    source: TicketState
    target: TicketState


@dataclass(frozen=True, slots=True)
class SetFlags:
    """What the manager must notice in a ticket: all its flags, a further letter's included."""

    reference: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddConsultation:
    """An office is asked."""

    reference: str
    office_id: str
    leg: str
    recipient: str
    round: int
    asked_on: date
    due_on: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class MoveConsultation:
    """An office's part changes its state."""

    reference: str
    office_id: str
    round: int
    source: ConsultationState
    target: ConsultationState


@dataclass(frozen=True, slots=True)
class UpdateConsultation:
    """New days or ladder steps of an office's part; None leaves a field as it is."""

    reference: str
    office_id: str
    round: int
    due_on: date | None = None
    absent_until: date | None = None
    reminded: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class AddReply:
    """A mail of an office, understood."""

    reference: str
    office_id: str
    round: int
    mail_id: int
    kind: ReplyKind
    state: ReplyState
    text: str
    internal_text: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class SetReply:
    """The manager has decided what a held reply is; ``whole``: nothing of it is internal."""

    reference: str
    reply_id: int
    kind: ReplyKind
    state: ReplyState
    whole: bool = False


@dataclass(frozen=True, slots=True)
class UseReplies:
    """All accepted replies of a ticket have gone into combined answer number ``answer``."""

    reference: str
    answer: int


@dataclass(frozen=True, slots=True)
class CountAnswer:
    """One more answer to the company, in which no office's reply was used."""

    reference: str
    answer: int


@dataclass(frozen=True, slots=True)
class AddHold:
    """Something waits for the manager. ``reference`` may name no ticket yet.

    ``created_at`` is since when, None where that is only now.
    """

    reference: str
    reason: HoldReason
    text: str
    mail_id: int = 0
    office_id: str = ""
    suggestion: str = ""
    of_reply: bool = False
    keeps_back: bool = False
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ResolveHold:
    """The manager, or what happened since, has settled an item; of a ticket, or of none ("")."""

    hold_id: int
    resolution: Resolution
    reference: str = ""


@dataclass(frozen=True, slots=True)
class AddNote:
    """An internal note or event of a ticket; never leaves the house."""

    reference: str
    text: str
    kind: EventKind = EventKind.NOTE
    office_id: str = ""


@dataclass(frozen=True, slots=True)
class AddLeg:
    """A token's leg that belongs to no ticket (digest, review): whose, and until when it acts."""

    leg: str
    role: Role
    recipient: str
    reference: str
    expires_on: date


@dataclass(frozen=True, slots=True)
class BindSender:
    """An address may speak for an office from now on."""

    office_id: str
    address: str


@dataclass(frozen=True, slots=True)
class SetEntry:
    """An outbox entry's state as learned from a mail (receipt, bounce) or a command.

    ``receipt`` is the mail that is its copy come back, 0 where another one tells, or none.
    ``message_id`` is the one it was really sent under, and ``recipient`` to whom; "" where that is
    the entry's own. The decision is outdated where the entry no longer stands as in ``only_from``.
    """

    entry_id: int
    target: EntryState
    response: str
    cause: Cause = Cause.NONE
    receipt: int = 0
    message_id: str = ""
    recipient: str = ""
    only_from: EntryState | None = None


@dataclass(frozen=True, slots=True)
class TakeBack:
    """No mail that still waits goes to the offices of a ticket that are not asked any more.

    The decision is outdated where one is on its way that is not among those ``being_sent``.
    """

    reference: str
    being_sent: frozenset[int]


@dataclass(frozen=True, slots=True)
class AddSent:
    """A mail of ours went out before the database was lost: ``mail_id`` is its receipt's row.

    ``letters`` are those it brought to an office, ``round`` is in which round of it, as far as its
    name tells.
    """

    kind: DraftKind
    reference: str
    office_id: str
    recipient: str
    message_id: str
    subject: str
    envelope_from: str
    mail_id: int
    at: datetime
    letters: tuple[str, ...] = ()
    round: int = 0


@dataclass(frozen=True, slots=True)
class SendAgain:
    """A mail that was given up is queued once more, as another mail: under this Message-ID."""

    reference: str
    entry_id: int
    message_id: str


@dataclass(frozen=True, slots=True)
class SetMail:
    """The outcome of another mail than the one at hand changes (a held mail was assigned)."""

    mail_id: int
    outcome: MailOutcome
    reference: str


@dataclass(frozen=True, slots=True)
class JoinFlood:
    """A mail is kept under the item of the flood it came in, as long as that waits."""

    mail_id: int
    hold_id: int


@dataclass(frozen=True, slots=True)
class SettleFlood:
    """All mails of a flood that wait under one item get the same outcome."""

    hold_id: int
    outcome: MailOutcome


@dataclass(frozen=True, slots=True)
class SetTold:
    """A digest has named these mails in quarantine, and these entries that could not be sent."""

    mails: tuple[int, ...]
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SetAccountStatus:
    """The manager says whether a company is settling or here."""

    reference: str
    status: AccountStatus


Change = (
    OpenTicket
    | AddLetter
    | MoveTicket
    | SetFlags
    | AddConsultation
    | MoveConsultation
    | UpdateConsultation
    | AddReply
    | SetReply
    | UseReplies
    | CountAnswer
    | AddHold
    | ResolveHold
    | AddNote
    | AddLeg
    | BindSender
    | SetEntry
    | TakeBack
    | AddSent
    | SendAgain
    | SetMail
    | JoinFlood
    | SettleFlood
    | DecideAgain
    | SetTold
    | SetAccountStatus
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one mail (or one tick of the clock), and why.

    ``versions`` are the ticket versions the decision was made on; the store refuses it when one
    of them has moved on meanwhile, or an item it settles is settled already, and the caller
    decides again on fresh facts. ``unread``: the mail was taken for a machine's, or is a double, so
    that no word of it counted, and a double of it may be the first that anybody reads.
    """

    outcome: MailOutcome
    why: str
    reference: str = ""
    changes: tuple[Change, ...] = ()
    drafts: tuple[Draft, ...] = ()
    versions: tuple[tuple[str, int], ...] = field(default=())
    unread: bool = False
