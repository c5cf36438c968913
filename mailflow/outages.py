"""Outages: counting them, waiting for their end, and telling the managers past the outbox."""

import logging
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mailflow.compose import Sealed
from mailflow.core.retry import Accepted, Unsure, spares_the_mail
from mailflow.notify import ask_for_time
from mailflow.store import AWAY_ERRORS
from mailflow.submission import Submission

__all__ = [
    "DATABASE_AWAY",
    "LEDGER_LOST",
    "MAILBOX_AWAY",
    "OLDER_KEYS",
    "PAUSES",
    "Alarm",
    "Failures",
    "PastOutbox",
    "cause_of",
    "lmtp_shut",
    "opened_patiently",
    "pause_after",
    "unforeseen",
]

log = logging.getLogger(__name__)

PAUSES = (1, 2, 5, 10, 30, 60)
"""For how many seconds something that failed is left alone, the last one from then on."""

_QUIET_FAILURES = 3
_QUIET_SECONDS = 7
"""A server that is started anew is away about so long, which is worth no alert."""
_DAY_SECONDS = 86_400
_STEP_SECONDS = 1200
"""What one step of a start may take: more than telling one manager, which a server may draw out."""

Opened = TypeVar("Opened")


def pause_after(failures: int) -> float:
    """Give how long to rest after so many failures in a row."""
    return float(PAUSES[min(max(failures, 1), len(PAUSES)) - 1])


class Failures:
    """How often one line has failed since it last worked, by cause, and which causes are told."""

    def __init__(self) -> None:
        self.told: set[str] = set()
        self._count: Counter[str] = Counter()
        self._since: dict[str, float] = {}

    def add(self, cause: str) -> None:
        """Count a failure."""
        self._count[cause] += 1
        self._since.setdefault(cause, time.monotonic())

    def total(self) -> int:
        """Give how many failures there were, of whatever cause."""
        return self._count.total()

    def tell(self, cause: str, tell: Callable[[], bool]) -> None:
        """Have a cause told once it is more than a moment's trouble; try until that is done.

        That is tried at each failure, as often as the line itself tries: once a minute in the end.
        ``tell`` says whether it told: what was told in an earlier outage is asked for again.
        """
        lasted = time.monotonic() - self._since.get(cause, math.inf)
        if self._count[cause] < _QUIET_FAILURES or lasted < _QUIET_SECONDS:
            return
        if cause not in self.told and tell():
            self.told.add(cause)

    def end(self) -> None:
        """Forget them: the line works."""
        self._count.clear()
        self._since.clear()
        self.told.clear()


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is wrong, a word for its cause, and what helps."""

    cause: str
    text: str
    remedy: str


MAILBOX_AWAY = Alarm(
    "mailbox",
    "Das Postfach lässt sich nicht lesen.",
    "mailflow versucht es weiter. Was hilft, sagt: mailflow check",
)
LEDGER_LOST = Alarm(
    "ledger-lost",
    "Die Datenbank ist leer, das Postfach aber nicht: mailflow arbeitet nicht mehr.",
    "Vielleicht ist ein Laufwerk nicht eingehängt. Ist die Datenbank verloren, stellt sie wieder "
    "her: mailflow rebuild. Neue Mails bleiben bis dahin im Postfach",
)
OLDER_KEYS = Alarm(
    "older-keys",
    "In der Schlüsseldatei fehlt der Schlüssel, mit dem mailflow zuletzt unterschrieben hat: "
    "mailflow arbeitet nicht mehr.",
    "Legen Sie die neueste Schlüsseldatei zurück; welcher Schlüssel fehlt, sagt: mailflow check. "
    "Neue Mails bleiben bis dahin im Postfach",
)
DATABASE_AWAY = Alarm(
    "database",
    "Die Datenbank lässt sich nicht benutzen: Vielleicht ist die Platte voll.",
    "Neue Mails bleiben im Postfach; mailflow versucht es weiter. Was hilft, sagt: mailflow check",
)


def lmtp_shut(where: str) -> Alarm:
    """Give the alarm of a port that cannot be listened on."""
    return Alarm(
        "lmtp",
        f"Über LMTP kommt keine Mail herein: {where} lässt sich nicht öffnen.",
        "Der Mailserver behält, was er dorthin liefern will, und mailflow versucht es jede Minute "
        "wieder; das Postfach wird gelesen. Welches Programm den Anschluss hat, sagt: ss -ltnp",
    )


_LOG = "Die Ursache steht im Protokoll: journalctl -u mailflow"
_UNFORESEEN = {
    "intake": ("Eingehende Mails werden nicht bearbeitet", "Sie bleiben im Postfach"),
    "dispatch": ("Ausgehende Mails werden nicht gesendet", "Sie bleiben im Postausgang"),
    "scheduler": (
        "Tagesübersicht, Erinnerungen und der Abschluss von Vorgängen bleiben aus",
        "Sie werden nachgeholt",
    ),
}


def unforeseen(line: str, error: Exception) -> Alarm:
    """Give the alarm of a line that stands still for a cause nobody thought of.

    It names the error's kind only: its words may be a mail's.
    """
    what, meanwhile = _UNFORESEEN[line]
    return Alarm(
        f"unforeseen-{line}",
        f"{what}: Es tritt immer wieder ein unerwarteter Fehler auf ({type(error).__name__}).",
        f"{meanwhile}; mailflow versucht es weiter. {_LOG}",
    )


class PastOutbox:
    """Tells the managers what the outbox cannot: it lies in the database, or waits.

    Each cause once a day in the life of a process, whichever line of the service meets it. ``ways``
    are connections, tried in turn until one takes it. ``clock`` counts seconds and is never
    adjusted; the machine's clock may be, by years.
    """

    def __init__(
        self,
        compose: Callable[[str, str, str], Iterable[Sealed]],
        ways: Sequence[Callable[[], Submission]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._compose = compose
        self._ways = ways
        self._clock = clock
        self._told: dict[str, float] = {}
        self._turn = threading.Lock()

    def tell(self, alarm: Alarm, alive: Callable[[], None] = lambda: None) -> bool:
        """Tell it unless that was done; say whether a server took it for a manager by this call.

        Never raises: who tells is in trouble already. ``alive`` is called after each mail, which
        may take long.
        """
        if not self._turn.acquire(blocking=False):
            return False  # another line is at it
        try:
            now = self._clock()
            if now - self._told.get(alarm.cause, -math.inf) < _DAY_SECONDS:
                return False
            if not any(self._is_taken(alarm, way, alive) for way in self._ways):
                return False
            self._told[alarm.cause] = now
        finally:
            self._turn.release()
        return True

    def _is_taken(
        self, alarm: Alarm, way: Callable[[], Submission], alive: Callable[[], None]
    ) -> bool:
        try:
            return self._send(alarm, way, alive)
        except Exception:
            log.exception("the managers cannot be told of: %s", alarm.cause)
            return False

    def _send(self, alarm: Alarm, way: Callable[[], Submission], alive: Callable[[], None]) -> bool:
        """Send it to each manager.

        An unsure end counts as told; otherwise a manager could get it twice.
        """
        log.error("alert %s: %s", alarm.cause, alarm.text)
        mails = self._compose(alarm.cause, alarm.text, alarm.remedy)
        taken = False
        with way() as line:
            for each in mails:
                outcome = line.send(each.envelope_from, each.recipient, each.raw, receipt=False)
                alive()
                if isinstance(outcome, Accepted | Unsure):
                    taken = True
                else:
                    log.warning("the managers cannot be told: %s", outcome.response)
                if spares_the_mail(outcome):
                    break
        return taken


def cause_of(error: Exception) -> str:
    """Word why a database is away; of any other error its kind only: its words may be a mail's."""
    if not isinstance(error, AWAY_ERRORS):
        return type(error).__name__
    return " ".join(str(getattr(error, "orig", None) or error).split())


def opened_patiently(past_outbox: PastOutbox, opened: Callable[[], Opened]) -> Opened:
    """Open the database; wait while it is away, and tell the manager and systemd.

    What time does not heal, such as a database of a newer version, raises at once.
    """
    failures = Failures()
    while True:
        try:
            return opened()
        except AWAY_ERRORS as error:
            failures.add("database")
            log.error("the database is away, the start waits for it: %s", cause_of(error))  # noqa: TRY400 - no traceback: expected
        _is_alive()
        failures.tell("database", lambda: past_outbox.tell(DATABASE_AWAY, _is_alive))
        time.sleep(pause_after(failures.total()))


def _is_alive() -> None:
    ask_for_time(_STEP_SECONDS)
