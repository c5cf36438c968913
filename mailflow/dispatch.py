"""The way out: claim an entry, commit, dial, record what came of it. One mail holds up no other."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from mailflow.core.drafts import TO_COMPANY, TO_MANAGER, DraftKind
from mailflow.core.retry import (
    OUTAGE_AFTER,
    UNKNOWN_END,
    Cause,
    Deferred,
    EntryState,
    Outcome,
    Rejected,
    Unsure,
    after_attempt,
    refused_again,
    spares_the_mail,
)
from mailflow.outages import Alarm, PastOutbox
from mailflow.store import AWAY_ERRORS, UNSEEN_TRIES, Claimed, StaleDecisionError, Store

__all__ = ["Alerts", "Dispatch", "Sends"]

log = logging.getLogger(__name__)


def _spent(claimed: Claimed) -> bool:
    """Whether a mail may have been accepted twice already, and nobody knows.

    An alert may have gone out a second time while nobody could look for the first: it has a third.
    """
    tries_more = claimed.kind is DraftKind.ALERT and claimed.attempts <= UNSEEN_TRIES + 1
    return claimed.unsure and claimed.resent and not tries_more


class Sends(Protocol):
    """What sends one mail to one recipient."""

    def send(
        self,
        envelope_from: str,
        recipient: str,
        raw: bytes,
        *,
        receipt: bool,
        before_dot: Callable[[], None] = ...,
    ) -> Outcome:
        """Try once; every end is an Outcome. From ``before_dot`` on it may have been accepted."""


class Alerts(Protocol):
    """What tells the manager at once, once a day and cause."""

    def __call__(self, cause: str, text: str, remedy: str = "", /, *, but: str = "") -> bool:
        """Say whether this call did it; ``but`` is a manager who cannot be told."""


@dataclass
class _Outage:
    """Since when the server cannot be used, if it cannot.

    The log says it once, and not at the first try, whose failure may be a moment's.
    """

    since: datetime | None = None
    said: bool = False
    told: bool = False

    def begins(self, now: datetime, response: str) -> datetime:
        """Give since when it lasts."""
        if self.since is None:
            self.since = now
        elif not self.said:
            log.warning("the submission server cannot be used, mails wait: %s", response)
            self.said = True
        return self.since

    def ends(self) -> None:
        """Forget it."""
        if self.said:
            log.info("the submission server can be used again")
        self.since, self.said, self.told = None, False, False


class Dispatch:
    """Send what is due. One thread; several nodes on one PostgreSQL do not disturb each other.

    ``after_each`` is called before each attempt and after each outcome: a sign of life.
    ``second_way`` tells the manager of the server's outage at once, past it and the outbox.
    """

    def __init__(
        self,
        store: Store,
        submission: Sends,
        *,
        receipts: str,
        alert: Alerts,
        failed: Callable[[Claimed, str, Cause], None],
        clock: Callable[[], datetime],
        second_way: PastOutbox | None = None,
    ) -> None:
        self._store = store
        self._submission = submission
        self._receipts = receipts
        self._alert = alert
        self._failed = failed
        self._clock = clock
        self._second_way = second_way
        self._outage = _Outage()
        self._heard: tuple[Claimed, Outcome] | None = None
        self.after_each: Callable[[], None] = lambda: None

    def send_due(self, stop: Callable[[], bool] = lambda: False) -> bool:
        """Send everything that is due now; False when the server as a whole cannot be used.

        Then the entry at hand waits by the schedule, the others stay as they are, and the caller
        leaves the server alone for ``SERVER_PAUSE``. What the last call heard and could not write
        down, as the database was away, is written down before anything is claimed.
        """
        usable = True
        heard, self._heard = self._heard, None
        claimed = heard[0] if heard else self._store.claim(self._clock())
        while claimed is not None:
            self.after_each()
            tried = heard is None and not _spent(claimed)
            outcome = heard[1] if heard else self._attempt(claimed)
            heard = None
            usable = not spares_the_mail(outcome)
            claimed = self._record(claimed, outcome, claim_next=usable and not stop())
            self.after_each()
            if tried:
                self._watch_server(outcome)
        return usable

    def write_down(self) -> None:
        """Write down what was heard and could not be yet; raises SQLAlchemyError."""
        if self._heard:
            (claimed, outcome), self._heard = self._heard, None
            self._record(claimed, outcome, claim_next=False)

    def _watch_server(self, outcome: Outcome) -> None:
        """Notice when the server goes and comes; tell the manager of an outage that lasts.

        By the second way out; where there is none, by the outbox: then the alert goes once the
        server is back, and until then the log has it, as an error.
        """
        if not spares_the_mail(outcome):
            self._outage.ends()
            return
        now = self._clock()
        since = self._outage.begins(now, outcome.response)
        if self._outage.told or now - since < OUTAGE_AFTER:
            return
        alarm = Alarm(
            "submission",
            f"Der Mailserver hat mehr als {OUTAGE_AFTER // timedelta(minutes=1)} Minuten lang "
            f"keine ausgehenden Mails angenommen: {outcome.response}",
            "Verloren ist nichts: Was wartet, geht von selbst hinaus, sobald der Server wieder "
            "annimmt. Was hilft, sagt: mailflow check",
        )
        if self._second_way is None:
            self._outage.told = self._tell_manager(alarm.cause, alarm.text, alarm.remedy)
        else:
            self._outage.told = self._second_way.tell(alarm, self.after_each)

    def _attempt(self, claimed: Claimed) -> Outcome:
        """Try once, unless it may have arrived twice. An unforeseen error is no sending."""
        if _spent(claimed):
            return Rejected(UNKNOWN_END)
        if claimed.unsure and claimed.kind is DraftKind.ALERT:  # to tell it would need one more
            log.warning("entry %d, an alert, goes out once more", claimed.id)
        elif claimed.unsure:
            self._tell_manager(
                f"unsure-{claimed.id}",
                f"{claimed.kind} {claimed.reference} an {claimed.recipient} blieb ohne Beleg "
                "und geht mit derselben Message-ID noch einmal hinaus.",
            )
        try:
            return self._send(claimed)
        except Exception as error:
            log.exception("entry %d could not be tried", claimed.id)
            return Deferred(f"unforeseen {type(error).__name__}")

    def _send(self, claimed: Claimed) -> Outcome:
        """Dial; a second sending is remembered just before it can be accepted.

        So a process that is killed earlier has used up nothing, and one that is killed later has.
        """
        send = partial(
            self._submission.send,
            claimed.envelope_from,
            claimed.recipient,
            claimed.raw,
            receipt=self._wants_receipt(claimed),
        )
        if not claimed.unsure:
            return send()
        return send(before_dot=lambda: self._store.mark_resent(claimed.id, self._clock()))

    def _wants_receipt(self, claimed: Claimed) -> bool:
        if self._receipts == "company":
            return claimed.kind in TO_COMPANY
        return self._receipts == "all"

    def _record(self, claimed: Claimed, outcome: Outcome, *, claim_next: bool) -> Claimed | None:
        """Write down how an attempt ended, or keep it in mind until the database is back.

        After any other trouble nothing is kept in mind: one mail must not stop this line.
        """
        try:
            return self._write_down(claimed, outcome, claim_next=claim_next)
        except (*AWAY_ERRORS, StaleDecisionError):
            self._heard = claimed, outcome
            raise

    def _write_down(
        self, claimed: Claimed, outcome: Outcome, *, claim_next: bool
    ) -> Claimed | None:
        now = self._clock()
        state, next_attempt_at = after_attempt(outcome, claimed.attempts, now)
        self._log(claimed, outcome)
        response, cause = outcome.response, Cause.NONE
        if state is EntryState.FAILED:
            if claimed.unsure:
                cause = Cause.UNKNOWN
                response = response if _spent(claimed) else refused_again(response)
            # first what follows, in one commit with the failure: a crash in between forgets neither
            self._tell(claimed, outcome)
            self._follow(claimed, response, cause)
        return self._store.record(
            claimed.id,
            state,
            next_attempt_at,
            response,
            now,
            claim_next=claim_next,
            cause=cause,
            counts=not spares_the_mail(outcome),
            unsure=claimed.unsure,
        )

    def _follow(self, claimed: Claimed, response: str, cause: Cause) -> None:
        """Do what follows from a refusal; where that fails, the refusal is recorded by itself.

        Forgotten, it would be an unknown end, and the mail would go out again.
        """
        try:
            self._failed(claimed, response, cause)
        except (*AWAY_ERRORS, StaleDecisionError):
            raise
        except Exception:
            log.exception("entry %d was refused, and nothing follows from it", claimed.id)

    def _tell(self, claimed: Claimed, outcome: Outcome) -> None:
        """Tell the manager of a mail that reaches nobody, unless it was meant for him."""
        if claimed.kind in TO_MANAGER:
            if _spent(claimed):  # it may have arrived, twice
                log.error("%s to %s: %s", claimed.kind, claimed.recipient, outcome.response)
                return
            self._manager_unreachable(
                claimed.kind, claimed.recipient, outcome.response, self.after_each
            )
            return
        what = f"{claimed.kind} {claimed.reference} an {claimed.recipient}"
        if _spent(claimed):
            self._tell_manager(
                f"unknown-{claimed.id}",
                f"{what} ging zweimal an den Mailserver, beide Male ohne Antwort und ohne Beleg. "
                "Ob die Mail ankam, ist ungewiss; noch einmal geht sie nicht hinaus.",
                "Bitte fragen Sie nach, ob sie angekommen ist.",
            )
            return
        if claimed.unsure:
            self._tell_manager(
                f"unknown-{claimed.id}",
                f"{what} blieb beim ersten Mal ohne Antwort und ohne Beleg und wurde beim zweiten "
                f"abgelehnt: {outcome.response}. Ob die Mail ankam, ist ungewiss; noch einmal geht "
                "sie nicht hinaus.",
                "Bitte fragen Sie nach, ob sie angekommen ist.",
            )
            return
        self._tell_manager(
            f"undeliverable-{claimed.recipient}",
            f"{what} ist nicht zustellbar: {outcome.response}",
        )

    def _tell_manager(self, cause: str, text: str, remedy: str = "", *, but: str = "") -> bool:
        """Tell the manager; where that fails, by a broken template perhaps, the log has it.

        Say whether this call told him. The mail that gave the reason must not wait for the one
        that tells of it.
        """
        try:
            return self._alert(cause, text, remedy, but=but)
        except AWAY_ERRORS:
            raise
        except Exception:
            log.exception("the manager cannot be told: %s", cause)
            return False

    def bounced(self, kind: DraftKind, recipient: str, alive: Callable[[], None]) -> None:
        """Take note of a report that a mail reached nobody, where its reader is a manager.

        ``alive`` is called after each mail that tells of it past the outbox.
        """
        if kind in TO_MANAGER:
            self._manager_unreachable(kind, recipient, "Sie kam als unzustellbar zurück", alive)

    def _manager_unreachable(
        self, kind: DraftKind, recipient: str, response: str, alive: Callable[[], None]
    ) -> None:
        """Say that a manager could not be told: to the log, to the others, by the second way."""
        log.error("%s to %s reached nobody: %s", kind, recipient, response)
        alarm = Alarm(
            f"manager-{recipient}",
            f"Eine Mail an {recipient} ist nicht zustellbar: {response}",
            "mailflow kann diese Adresse nicht unterrichten. Bitte lassen Sie das prüfen",
        )
        self._tell_manager(alarm.cause, alarm.text, alarm.remedy, but=recipient)
        if self._second_way:
            self._second_way.tell(alarm, alive)

    def _log(self, claimed: Claimed, outcome: Outcome) -> None:
        level = logging.INFO if not isinstance(outcome, Rejected | Unsure) else logging.WARNING
        what = type(outcome).__name__.lower()
        log.log(level, "entry %d %s: %s", claimed.id, claimed.kind, what)
