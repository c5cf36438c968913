"""The kinds of outgoing mail, each with the facts its template may use.

A draft is intent: whom to tell what. ``mailflow.compose`` turns it into bytes with the template
``templates/<kind>.<language>.txt`` (and ``.html`` where there is one) of the same context.
All texts come from outside unless said otherwise: templates escape, compose strips controls.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from mailflow.core.digest import Digest
from mailflow.core.report import Report
from mailflow.core.tracking import Role

__all__ = [
    "NULL_PATH",
    "TO_COMPANY",
    "TO_MANAGER",
    "TO_OFFICES",
    "Acknowledgement",
    "Alert",
    "CombinedAnswer",
    "Context",
    "Draft",
    "DraftKind",
    "Enclosure",
    "Escalation",
    "Forward",
    "Interim",
    "Notice",
    "NoticeLine",
    "Occasion",
    "Question",
    "Reminder",
    "ReportMail",
    "Review",
    "Section",
]


class DraftKind(StrEnum):
    """The value of ``X-Mailflow-Kind`` and the name of the template."""

    ACKNOWLEDGEMENT = "acknowledgement"
    FORWARD = "forward"
    COMBINED_ANSWER = "combined-answer"
    QUESTION = "question"
    INTERIM = "interim"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    REVIEW = "review"
    DIGEST = "digest"
    ALERT = "alert"
    NOTICE = "notice"
    REPORT = "report"


_K = DraftKind
TO_COMPANY = frozenset({_K.ACKNOWLEDGEMENT, _K.COMBINED_ANSWER, _K.QUESTION, _K.INTERIM})
TO_OFFICES = frozenset({_K.FORWARD, _K.REMINDER, _K.ESCALATION})
TO_MANAGER = frozenset({_K.REVIEW, _K.DIGEST, _K.ALERT, _K.NOTICE, _K.REPORT})
NULL_PATH = frozenset({_K.ACKNOWLEDGEMENT})
"""What goes out with an empty envelope sender, so that nothing answers it (RFC 3834 §3.3)."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """To the company: arrived, what happens next and by when; no promise of substance.

    ``offices`` are the names of those already asked; empty while the manager still decides.
    ``emergency`` is set where somebody may be in danger: then it names whom to call instead.
    """

    contact_name: str
    subject: str
    received_at: datetime
    offices: tuple[str, ...]
    answer_by: date
    first_contact: bool
    emergency: bool = False


class Occasion(StrEnum):
    """Why an office is written to: its forward's words, and part of its Message-ID."""

    OPENING = "opening"
    FURTHER = "further"  # the company wrote again
    QUESTION = "question"  # the company answers this office's question back
    DEPUTY = "deputy"  # the office itself could not be reached


@dataclass(frozen=True, slots=True)
class Forward:
    """To an office: who asks, the company's words, what is asked of it, by when, how to answer.

    ``known_since`` is the day of the contact's first mail, None when this is the first.
    ``asked`` are the company's sentences that speak of this office's matters.
    ``topics`` are the office's own topic words or the terms that led here; ``note`` is the
    manager's request to this office, may be empty.
    """

    office_name: str
    company: str
    contact_name: str
    contact_address: str
    known_since: date | None
    earlier_tickets: int
    settling: bool
    subject: str
    words: str
    attachments: tuple[str, ...]
    topics: tuple[str, ...]
    note: str
    others: tuple[str, ...]
    due_on: date
    occasion: Occasion = Occasion.OPENING
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One office's part of a combined answer."""

    office_name: str
    text: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CombinedAnswer:
    """To the company: one section per office in the configured order, its own words below.

    ``pending`` names offices whose part follows: with ``combine = "as-they-come"``, or where the
    manager answers before they do. A section without an office's name is the manager's own answer
    and has no heading.
    """

    contact_name: str
    subject: str
    sections: tuple[Section, ...]
    pending: tuple[str, ...]
    quoted: str
    quoted_at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """To the company: one office needs something before it can answer; files may be enclosed."""

    contact_name: str
    subject: str
    office_name: str
    text: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Interim:
    """To the company: an office needs longer; ``until`` is the day it promised, or None.

    ``open_questions`` are the offices whose questions back the company has not answered yet.
    """

    contact_name: str
    subject: str
    office_name: str
    text: str
    until: date | None
    attachments: tuple[str, ...] = ()
    open_questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reminder:
    """To an office (and its deputy): due on ``due_on``, or ``overdue`` workdays late."""

    office_name: str
    company: str
    subject: str
    words: str
    asked_on: date
    due_on: date
    overdue: int
    step: int


@dataclass(frozen=True, slots=True)
class Escalation:
    """To the head of an office: still no answer, ``overdue`` workdays after the day it was due."""

    office_name: str
    company: str
    subject: str
    words: str
    asked_on: date
    due_on: date
    overdue: int


@dataclass(frozen=True, slots=True)
class Review:
    """To the manager: the very mail that will go to the company on release (also enclosed)."""

    company: str
    contact_name: str
    subject: str
    why: str
    preview: str = ""  # filled in by compose with the enclosed mail's text


@dataclass(frozen=True, slots=True)
class Alert:
    """To the manager: something is wrong that cannot wait for the digest. Our own words."""

    title: str
    lines: tuple[str, ...]
    remedy: str


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """What became of one line of a manager's mail."""

    line: str
    done: bool
    result: str


@dataclass(frozen=True, slots=True)
class Notice:
    """To the manager: line by line what was done, and why not."""

    lines: tuple[NoticeLine, ...]


@dataclass(frozen=True, slots=True)
class ReportMail:
    """To the manager: the interim report is ready."""

    report: Report


Context = (
    Acknowledgement
    | Forward
    | CombinedAnswer
    | Question
    | Interim
    | Reminder
    | Escalation
    | Review
    | Digest
    | Alert
    | Notice
    | ReportMail
)


@dataclass(frozen=True, slots=True)
class Enclosure:
    """An attachment of a stored mail to pass on, named by that mail's row and the content's hash.

    ``prefix`` is put before the name (the office's name in a combined answer).
    """

    mail_id: int
    sha256: str
    name: str
    prefix: str = ""

    @property
    def shown_name(self) -> str:
        """The name under which the file travels."""
        return f"{self.prefix} - {self.name}" if self.prefix else self.name


@dataclass(frozen=True, slots=True)
class Draft:
    """One outgoing mail as intent.

    ``names`` is what the mail is (office, round, revision ...): with kind, reference and leg it
    makes the Message-ID, so that composing it again gives the same id. ``role`` and ``leg``
    give the Reply-To token, "" for mails nobody answers. ``held`` drafts are composed and shown,
    and wait for the manager's release. ``review_of`` is the ``names`` of the held draft that a
    review encloses. ``letters`` are the fingerprints of the company's letters that it carries,
    ``round`` is the round of the office that it belongs to, 0 for all that goes to no office.
    ``number`` is one that its Message-ID tells whoever reads it.
    """

    kind: DraftKind
    recipient: str
    recipient_name: str
    language: str
    context: Context
    names: tuple[str, ...]
    reference: str = ""
    role: Role | None = None
    leg: str = ""
    office_id: str = ""
    subject: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = field(default=())
    held: bool = False
    review_of: tuple[str, ...] = ()
    bound_to: str = ""
    letters: tuple[str, ...] = ()
    round: int = 0
    number: int | None = None
