"""When an outgoing mail is tried again: one schedule, one place; everything else derives from it.

RFC 5321 §4.5.4.1 asks for a retry interval of at least 30 minutes after the first tries and for
giving up after 4-5 days.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

__all__ = [
    "GIVE_UP",
    "OUTAGE_AFTER",
    "SERVER_PAUSE",
    "UNKNOWN_END",
    "UNSURE_AFTER",
    "WAITS",
    "Accepted",
    "Cause",
    "Deferred",
    "EntryState",
    "Outcome",
    "Rejected",
    "Unsure",
    "after_attempt",
    "is_too_large",
    "refused_again",
    "spares_the_mail",
]

WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
)
"""How long to wait after each temporary failure; the last one repeats until ``GIVE_UP``."""

GIVE_UP = timedelta(days=5)
"""For how long a mail is tried before being refused for now counts as being refused for good.

Counted in waits between its own refusals, not in age: a mail that could not be tried, because the
server or mailflow was away, still gets all its tries.
"""

SERVER_PAUSE = timedelta(minutes=1)
"""How long to leave a server alone that cannot be used at all; no mail is to blame for that."""

OUTAGE_AFTER = timedelta(minutes=4)
"""How long a server may be unusable before the manager is told: five minutes, with the next try."""

UNSURE_AFTER = timedelta(minutes=30)
"""How long a mail whose acceptance is unknown waits for its receipt before it goes out again."""


class EntryState(StrEnum):
    """Where an outbox entry stands. Never "delivered": 2yz means accepted."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    FAILED = "failed"
    HELD = "held"


class Cause(StrEnum):
    """Why an entry is held, or has failed, where that is no server's word."""

    NONE = ""  # held for its release, or refused for good
    FROZEN = "frozen"  # held by a freeze: it may be out already
    WITHDRAWN = "withdrawn"  # taken back before any server took it
    DROPPED = "dropped"  # given up while it may be out already: sent, until its round ends
    UNKNOWN = "unknown"  # sent, and nobody knows whether it arrived; a receipt may still tell


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server took responsibility: 2yz after the final dot."""

    response: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Refused for now (4xx, no connection, login refused): nothing was accepted.

    ``server`` is True when the whole server could not be used, not just this recipient. Such an
    attempt is no attempt: the mail waits as long as the server is away, and is never given up.
    """

    response: str
    server: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """Refused for good (5xx)."""

    response: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """After the final dot the line broke, or what came was no reply: it may have been accepted."""

    response: str


Outcome = Accepted | Deferred | Rejected | Unsure


def spares_the_mail(outcome: Outcome) -> bool:
    """Whether an attempt says nothing of the mail, only of the server."""
    return isinstance(outcome, Deferred) and outcome.server


UNKNOWN_END = "zweimal gesendet, ohne Antwort und ohne Beleg: ob die Mail ankam, ist ungewiss"
"""How a mail ends that may have arrived twice, or never."""


def refused_again(response: str) -> str:
    """Say how a mail ends whose first copy may have arrived, and whose second was refused."""
    return (
        "einmal gesendet, ohne Antwort und ohne Beleg, dann abgelehnt: "
        f"ob die Mail ankam, ist ungewiss ({response})"
    )


_SIZE_CODE = re.compile(r"\b55\d[ -]#?5\.(?:3\.4|2\.3)\b|#5\.2\.3\b")
_SIZE_WORDS = re.compile(r"(?is)^552\b.*\b(?:size|large|big|gr(?:o|ö|oe)(?:ß|ss)\w*)\b")


def is_too_large(response: str) -> bool:
    """Whether a mail was refused for its size (RFC 3463: 5.3.4, 5.2.3): its fault, no reader's."""
    return bool(_SIZE_CODE.search(response) or _SIZE_WORDS.search(response))


def after_attempt(outcome: Outcome, attempts: int, now: datetime) -> tuple[EntryState, datetime]:
    """Give an entry's next state, and when to look at it again, after its n-th attempt (from 1).

    Attempts that spare the mail are not among the n.
    """
    match outcome:
        case Accepted():
            return EntryState.ACCEPTED, now
        case Rejected():
            return EntryState.FAILED, now
        case Unsure():
            return EntryState.SENDING, now + UNSURE_AFTER
        case Deferred(server=True):
            return EntryState.DEFERRED, now + SERVER_PAUSE
        case Deferred() if _waited(attempts) >= GIVE_UP:
            return EntryState.FAILED, now
        case Deferred():
            return EntryState.DEFERRED, now + _wait(attempts)


def _wait(attempts: int) -> timedelta:
    return WAITS[min(attempts, len(WAITS)) - 1]


def _waited(attempts: int) -> timedelta:
    """Give how long the waits before the n-th attempt were together."""
    return sum((_wait(each) for each in range(1, attempts)), timedelta())
