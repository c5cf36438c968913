"""The manager's daily mail: facts in, one screen out."""

from dataclasses import dataclass
from datetime import date, datetime

__all__ = ["Choice", "Counts", "Digest", "Due", "OfficeLine", "Pending", "Traffic"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A one-reply command: what the link says, and the line that acts."""

    label: str
    command: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A decision waiting for the manager: what it is about, why it waits, what can be said."""

    reference: str
    company: str
    subject: str
    reason: str
    excerpt: str
    waiting_since: datetime
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """One office's part that is overdue or due soon; ``workdays`` late, or left until due."""

    reference: str
    company: str
    subject: str
    office_name: str
    due_on: date
    workdays: int
    remark: str  # absent until, reminded twice, promised ... our own words


@dataclass(frozen=True, slots=True)
class Traffic:
    """Tickets since the last digest, and the backlog now."""

    opened: int
    answered: int
    closed: int
    backlog: int


@dataclass(frozen=True, slots=True)
class OfficeLine:
    """One office: open parts, how many of them overdue, workdays since the oldest was asked."""

    office_name: str
    open: int
    overdue: int
    oldest: int
    department: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """The system line. It balances: every mail in is in exactly one of the other six."""

    mails_in: int
    tickets: int
    joined: int
    events: int
    held: int
    quarantined: int
    unread: int = 0  # stored, not yet decided: 0 unless something is stuck

    @property
    def balanced(self) -> bool:
        """Whether every mail is accounted for."""
        parts = self.tickets + self.joined + self.events + self.held + self.quarantined
        return self.mails_in == parts + self.unread


@dataclass(frozen=True, slots=True)
class Digest:
    """What the manager sees in the morning of ``day``; ``since`` is the last digest's time.

    ``past``: the day has gone by, and only what came and went is told.
    """

    day: date
    since: datetime
    pending: tuple[Pending, ...]
    overdue: tuple[Due, ...]
    due_soon: tuple[Due, ...]
    traffic: Traffic
    offices: tuple[OfficeLine, ...]
    settling: tuple[str, ...]  # companies about to settle that wrote for the first time
    counts: Counts
    counts_total: Counts
    failures: tuple[str, ...]  # mails that could not be sent or read, our own words
    last_poll: datetime | None
    outbox_waiting: int
    named_mails: tuple[int, ...] = ()  # rows of those in quarantine among the failures
    named_entries: tuple[int, ...] = ()  # rows of those not sent
    past: bool = False
    referred: tuple[str, ...] = ()  # letters that a refusal moved on by itself, our own words
    naming: tuple[str, ...] = ()  # new tickets whose mails name another one, our own words
