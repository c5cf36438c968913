"""When an outgoing mail is tried again: one schedule, one place; everything else derives from it.

RFC 5321 §4.5.4.1 asks for a retry interval of at least 30 minutes after the first tries and for
giving up after 4-5 days.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

__all__ = [
    "GIVE_UP",
    "SERVER_PAUSE",
    "UNSURE_AFTER",
    "WAITS",
    "Accepted",
    "Deferred",
    "EntryState",
    "Outcome",
    "Rejected",
    "Unsure",
    "after_attempt",
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
"""How old a mail may become before a temporary failure counts as final."""

_FAIR_TRIES = 3

SERVER_PAUSE = timedelta(minutes=1)
"""How long to leave a server alone that cannot be used at all; no mail is to blame for that."""

UNSURE_AFTER = timedelta(minutes=30)
"""How long a mail whose acceptance is unknown waits for its receipt before it goes out again."""


class EntryState(StrEnum):
    """Where an outbox entry stands. Never "delivered": 250 means accepted."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    FAILED = "failed"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server took responsibility: 250 after the final dot."""

    response: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Refused for now (4xx, no connection, login refused): nothing was accepted.

    ``server`` is True when the whole server could not be used, not just this recipient.
    """

    response: str
    server: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """Refused for good (5xx)."""

    response: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """The connection broke after the data was sent: it may or may not have been accepted."""

    response: str


Outcome = Accepted | Deferred | Rejected | Unsure


def after_attempt(
    outcome: Outcome, attempts: int, created_at: datetime, now: datetime
) -> tuple[EntryState, datetime]:
    """Give an entry's next state, and when to look at it again, after its n-th attempt (from 1)."""
    match outcome:
        case Accepted():
            return EntryState.ACCEPTED, now
        case Rejected():
            return EntryState.FAILED, now
        case Unsure():
            return EntryState.SENDING, now + UNSURE_AFTER
        case Deferred() if attempts >= _FAIR_TRIES and now - created_at > GIVE_UP:
            return EntryState.FAILED, now
        case Deferred(server=True):
            return EntryState.DEFERRED, now + SERVER_PAUSE
        case Deferred():
            return EntryState.DEFERRED, now + WAITS[min(attempts, len(WAITS)) - 1]
