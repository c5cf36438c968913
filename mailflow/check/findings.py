"""What a check finds: its lines, and the facts and conversations they are made from."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from mailflow.settings import Settings

__all__ = [
    "CheckLine",
    "DatabaseFacts",
    "Level",
    "MailboxFacts",
    "Probes",
    "SubmissionFacts",
    "words_of",
]


class Level(StrEnum):
    """How a line ends: only ``FAIL`` keeps the service from working."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One line: what was looked at, what was found, and what to do unless it is OK."""

    level: Level
    subject: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{self.level:<4}  {self.subject}: {self.message}{remedy}"


@dataclass(frozen=True, slots=True)
class MailboxFacts:
    """What a login to the mailbox showed.

    ``newest`` is when its newest mail arrived, by the server's clock; None where there is none.
    ``fullness`` is in percent of the quota, None where the server tells of none. ``results_by``
    are the servers that wrote the Authentication-Results of the newest mails. ``filed`` names the
    folders of the ledger that hold mails. ``marks``: whether the inbox keeps a mark of what was
    read.
    """

    folders: Sequence[str]
    capabilities: Sequence[str] = ()
    newest: datetime | None = None
    fullness: int | None = None
    results_by: Sequence[str] = ()
    filed: Sequence[str] = ()
    marks: bool = True


@dataclass(frozen=True, slots=True)
class SubmissionFacts:
    """What a login to the submission server showed; ``max_bytes`` is its SIZE, 0 if not told.

    ``refused`` is how it refused a mail from us to ourselves, "" where it would take one;
    ``receipt_refused`` the same of a copy to the address of our receipts, where they are wanted.
    """

    capabilities: Sequence[str] = ()
    max_bytes: int = 0
    refused: str = ""
    receipt_refused: str = ""


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """What opening the database showed: schema versions, and complaints of its integrity check."""

    engine: str
    version: str
    expected: str
    newer: bool = False
    complaints: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Probes:
    """The conversations with the outside; each raises ``OSError`` or ``MailflowError`` on failure.

    ``templates`` renders every template once and gives a complaint per broken one; ``scanner``
    asks the virus scanner at an address whether it is there; ``alerts`` gives how the second server
    refused an alert to the manager, "" where it would take one; ``knows_mail`` whether any mail has
    been taken in; ``signed`` which key signed last, "" where none did.
    """

    imap: Callable[[Settings], MailboxFacts]
    smtp: Callable[[Settings], SubmissionFacts]
    database: Callable[[Settings], DatabaseFacts]
    templates: Callable[[Settings], Iterable[str]]
    scanner: Callable[[str], bool] = field(default=lambda _: True)
    alerts: Callable[[Settings], str] = field(default=lambda _: "")
    knows_mail: Callable[[Settings], bool] = field(default=lambda _: False)
    signed: Callable[[Settings], str] = field(default=lambda _: "")
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))


def words_of(error: Exception) -> str:
    """Give a failure's words on one line."""
    strerror = getattr(error, "strerror", None)
    return " ".join(str(strerror or error or type(error).__name__).split())
