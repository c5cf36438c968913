"""Tickets and what belongs to them: frozen values, and their states as tables.

A move that is not in a table is an error; the database holds the same tables and guards again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from mailflow.core.brought import Brought
from mailflow.core.reply import ReplyKind

__all__ = [
    "CONSULTATION_MOVES",
    "NOT_CLOSED",
    "OPEN_STATES",
    "OVER_STATES",
    "TICKET_MOVES",
    "Account",
    "AccountStatus",
    "BeingSent",
    "Consultation",
    "ConsultationState",
    "Contact",
    "Failed",
    "Hold",
    "HoldReason",
    "Letter",
    "OfficeReply",
    "PassedOn",
    "ReplyState",
    "Resolution",
    "Ticket",
    "TicketState",
]


class AccountStatus(StrEnum):
    """A company that is here, or one that is about to come."""

    EXISTING = "existing"
    SETTLING = "settling"


class TicketState(StrEnum):
    """Where one matter of one company stands."""

    NEW = "new"
    TRIAGE = "triage"
    CONSULTING = "consulting"
    WAITING = "waiting"
    REVIEW = "review"
    ANSWERED = "answered"
    CLOSED = "closed"


_T = TicketState
OPEN_STATES: tuple[TicketState, ...] = (_T.CONSULTING, _T.WAITING, _T.REVIEW, _T.TRIAGE)
OVER_STATES: tuple[TicketState, ...] = (_T.ANSWERED, _T.CLOSED)
NOT_CLOSED: tuple[TicketState, ...] = tuple(each for each in _T if each is not _T.CLOSED)
TICKET_MOVES: Mapping[TicketState, frozenset[TicketState]] = {
    _T.NEW: frozenset({_T.TRIAGE, _T.CONSULTING, _T.CLOSED}),
    _T.TRIAGE: frozenset({_T.CONSULTING, _T.ANSWERED, _T.CLOSED}),
    _T.CONSULTING: frozenset({_T.REVIEW, _T.WAITING, _T.ANSWERED, _T.CLOSED}),
    _T.WAITING: frozenset({_T.CONSULTING, _T.REVIEW, _T.ANSWERED, _T.CLOSED}),
    _T.REVIEW: frozenset({_T.ANSWERED, _T.CONSULTING, _T.CLOSED}),
    _T.ANSWERED: frozenset({_T.CONSULTING, _T.CLOSED}),
    _T.CLOSED: frozenset({_T.CONSULTING}),
}


class ConsultationState(StrEnum):
    """Where one office's part in one ticket stands."""

    ASKED = "asked"
    INTERIM = "interim"
    QUESTIONED = "questioned"
    ANSWERED = "answered"
    DECLINED = "declined"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"

    @property
    def is_open(self) -> bool:
        """Whether the office still owes something."""
        return self in _OPEN


_C = ConsultationState
_OPEN = frozenset({_C.ASKED, _C.INTERIM, _C.QUESTIONED})
_FROM_OPEN = frozenset(
    {_C.INTERIM, _C.ANSWERED, _C.DECLINED, _C.QUESTIONED, _C.FAILED, _C.WITHDRAWN}
)
CONSULTATION_MOVES: Mapping[ConsultationState, frozenset[ConsultationState]] = {
    _C.ASKED: _FROM_OPEN,
    _C.INTERIM: _FROM_OPEN,
    _C.QUESTIONED: _FROM_OPEN | {_C.ASKED},  # the company has answered the question back
    # what arrives after all, although we had given the office up
    _C.FAILED: frozenset({_C.ANSWERED, _C.INTERIM, _C.QUESTIONED, _C.DECLINED}),
    _C.DECLINED: frozenset({_C.ANSWERED}),
    _C.ANSWERED: frozenset(),
    _C.WITHDRAWN: frozenset(),
}


class ReplyState(StrEnum):
    """Whether an office's mail may be used for the company."""

    ACCEPTED = "accepted"
    HELD = "held"
    SENT = "sent"  # has gone into a combined answer
    KEPT = "kept"  # internal, or answered the company directly: known, never sent


class HoldReason(StrEnum):
    """Why something waits for the manager.

    ``core.choices`` offers what can be done about it, ``core.manager`` does it.
    """

    UNROUTED = "unrouted"
    EXTERNAL = "external"
    DECLINED = "declined"
    SENDER = "sender"
    SUSPECTED = "suspected"
    INTERNAL_PART = "internal-part"
    LATE = "late"
    CONFLICT = "conflict"
    CIRCULAR = "circular"
    UNMATCHED = "unmatched"
    AUTHENTICATION = "authentication"
    UNREACHABLE = "unreachable"
    UNSENT = "unsent"
    REVIEW = "review"
    ENCRYPTED = "encrypted"
    EMPTY = "empty"
    QUOTES = "quotes"
    ATTACHMENT = "attachment"
    STORM = "storm"
    SCAN = "scan"
    CODE = "code"


class Resolution(StrEnum):
    """How an item was settled; the log of events names it."""

    ANSWERED = "answered"  # by the manager himself
    AS_ORDERED = "as-ordered"
    CLOSED = "closed"
    DECIDED_ANEW = "decided-anew"
    DISCARDED = "discarded"
    MAIL_DECIDED = "mail-decided"  # its outcome says how
    OFFICE_LEFT_OUT = "office-left-out"
    PASSED_ON = "passed-on"
    RELEASED = "released"
    REMINDED = "reminded"
    REPLACED = "replaced"  # by a newer version of the same
    SENT_AGAIN = "sent-again"
    SENT_WITH_INQUIRY = "sent-with-inquiry"


_THINGS = {
    HoldReason.ATTACHMENT: "anlage",
    HoldReason.UNREACHABLE: "zustellung",
    HoldReason.UNSENT: "zustellung",
}
_WHOSE_IS_IT = frozenset(
    {
        HoldReason.SENDER,
        HoldReason.CONFLICT,
        HoldReason.CIRCULAR,
        HoldReason.AUTHENTICATION,
    }
)


@dataclass(frozen=True, slots=True)
class Account:
    """A company. ``id`` is 0 until it is stored; ``domain`` is "" for free-mail senders."""

    id: int
    name: str
    domain: str
    status: AccountStatus


@dataclass(frozen=True, slots=True)
class Contact:
    """A person writing for an account; ``first_seen`` is the time of the first mail (UTC)."""

    id: int
    account_id: int
    address: str
    name: str
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class PassedOn:
    """An attachment as recorded with its mail: enough to show it and to find its bytes again."""

    name: str
    content_type: str
    size: int
    sha256: str
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail of the company in its ticket. ``text`` is what ``sender`` newly wrote.

    ``mail_id`` is the row of today's database; names that must outlive it use ``fingerprint``.
    ``decided_at`` is since when it is known, None where that is only now.
    """

    mail_id: int
    fingerprint: str
    message_id: str
    received_at: datetime
    text: str
    attachments: tuple[PassedOn, ...] = ()
    sender: str = ""
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OfficeReply:
    """A mail of ``sender`` in an office's part; ``text`` is what may go to the company.

    ``decided_at`` is since when it is known, None where that is only now.
    """

    id: int
    mail_id: int
    fingerprint: str
    kind: ReplyKind
    state: ReplyState
    text: str
    internal_text: str
    received_at: datetime
    until: date | None = None
    attachments: tuple[PassedOn, ...] = ()
    sender: str = ""
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Consultation:
    """One office's part in one ticket; ``round`` counts follow-ups, from 1.

    ``recipient`` is the address its token is bound to. ``reminded`` lists the ladder's steps
    already taken. ``due_on`` and ``asked_on`` are days in the city's zone. ``taken_at`` is when the
    server took the first forward of this round, ``written_at`` when the first that has not failed
    was written; ``is_unsent`` while none has gone to it.
    """

    id: int
    office_id: str
    leg: str
    recipient: str
    round: int
    state: ConsultationState
    asked_on: date
    due_on: date
    reminded: tuple[str, ...] = ()
    absent_until: date | None = None
    note: str = ""
    forward_ids: tuple[str, ...] = ()
    replies: tuple[OfficeReply, ...] = ()
    taken_at: datetime | None = None
    written_at: datetime | None = None
    is_unsent: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """An item waiting for the manager.

    ``mail_id`` is 0 where no mail is its cause, ``reply_id`` likewise. ``reference`` is the
    ticket's, or, for a mail that is in no ticket yet, the one that mail would open.
    ``suggestion`` is what the manager is offered (office ids, a reply kind ...). ``keeps_back``:
    its mail is a letter that no office may see by itself. ``number`` tells the items of one
    ``thing`` apart: a hash of what caused each, so that it never changes, also where a lost
    database is made anew without some of them; "" for an item of this very decision.
    """

    id: int
    reference: str
    reason: HoldReason
    text: str
    created_at: datetime
    mail_id: int = 0
    reply_id: int = 0
    office_id: str = ""
    suggestion: str = ""
    keeps_back: bool = False
    number: str = ""

    @property
    def thing(self) -> str:
        """The word that names what waits in an order: an office, or what it is about."""
        if self.office_id:
            return self.office_id
        if self.reason is HoldReason.EXTERNAL:
            return self.suggestion
        return _THINGS.get(self.reason, "anfrage")


@dataclass(frozen=True, slots=True)
class Failed:
    """A mail to the company that was given up: its outbox row and its Message-ID."""

    id: int
    message_id: str


@dataclass(frozen=True, slots=True)
class BeingSent:
    """A mail to an office whose attempt has begun, and ended nobody knows how: its outbox row."""

    id: int
    office_id: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """One matter of one company, with everything a decision about it may need.

    ``answers`` counts the combined answers so far (accepted, queued or held); ``held_entries`` are
    the outbox rows that wait for the manager's release, and ``being_sent`` are mails to offices of
    which nobody can say just now whether a server has them. ``brought`` is what offices were sent.
    ``kept_back`` are mails of letters that no office sees by itself, as far as the manager has not
    passed them on. ``colleagues`` are the addresses that he let write for offices.
    ``last_answer_at`` is when the last combined answer was queued or released; ``failed`` are our
    mails to the company that reached nobody.
    """

    id: int
    reference: str
    account: Account
    contact: Contact
    leg: str
    subject: str
    language: str
    state: TicketState
    version: int
    opened_at: datetime
    letters: tuple[Letter, ...] = ()
    consultations: tuple[Consultation, ...] = ()
    holds: tuple[Hold, ...] = ()
    flags: tuple[str, ...] = ()
    answers: int = 0
    earlier_tickets: int = 0
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    held_entries: tuple[int, ...] = ()
    being_sent: tuple[BeingSent, ...] = ()
    brought: frozenset[Brought] = frozenset()
    kept_back: frozenset[int] = frozenset()
    colleagues: frozenset[str] = frozenset()
    failed: tuple[Failed, ...] = ()
    last_answer_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether nobody owes anything any more; the company may still write again."""
        return self.state in OVER_STATES

    @property
    def forwarded(self) -> frozenset[tuple[str, str, str]]:
        """Which office was sent which letter, and to what address; arrived or not."""
        return frozenset((each.office_id, each.address, each.letter) for each in self.brought)

    def current(self) -> tuple[Consultation, ...]:
        """Give each office's latest round, in the order asked."""
        latest: dict[str, Consultation] = {}
        for consultation in sorted(self.consultations, key=lambda each: each.round):
            latest[consultation.office_id] = consultation
        return tuple(latest.values())

    def still_working(self) -> tuple[Consultation, ...]:
        """Give the parts that are still owed."""
        return tuple(each for each in self.current() if each.state.is_open)

    def unanswered(self) -> tuple[Letter, ...]:
        """Give the letters since the last combined answer; all of them if none followed it."""
        since = self.answered_at
        later = tuple(each for each in self.letters if since is None or each.received_at > since)
        return later or self.letters

    def replies_of(self, office_id: str) -> tuple[OfficeReply, ...]:
        """Give all that an office has written here, in whichever round."""
        parts = (each for each in self.consultations if each.office_id == office_id)
        return tuple(reply for part in parts for reply in part.replies)

    def has_answered_since(self, office_id: str, reply: OfficeReply) -> bool:
        """Whether a later reply is the office's answer, and does not wait itself."""
        return any(
            each.received_at > reply.received_at and each.state is not ReplyState.HELD
            for each in self.replies_of(office_id)
            if each.kind is ReplyKind.ANSWER
        )

    def has_letter_since(self, reply: OfficeReply) -> bool:
        """Whether the company's words came in here since an office's reply, which knew them not."""
        known = reply.decided_at or reply.received_at
        return any(each.decided_at is None or each.decided_at > known for each in self.letters)

    def held_reply_of(self, part: Consultation) -> Hold | None:
        """Give what waits for the manager of this part's replies, None where nothing does.

        What may not be the office's at all is none of its replies.
        """
        replies = {reply.id for reply in part.replies}
        waiting = (hold for hold in self.holds if hold.reply_id in replies)
        return next((hold for hold in waiting if hold.reason not in _WHOSE_IS_IT), None)

    def consultation(self, office_id: str) -> Consultation | None:
        """Give an office's latest round, if it was ever asked."""
        return next((each for each in self.current() if each.office_id == office_id), None)
