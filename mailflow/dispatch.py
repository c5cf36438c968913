"""The way out: claim an entry, commit, dial, record what came of it. One mail holds up no other."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from mailflow.core.drafts import DraftKind
from mailflow.core.retry import (
    Deferred,
    EntryState,
    Outcome,
    Rejected,
    Unsure,
    after_attempt,
)
from mailflow.store import Claimed, Store

__all__ = ["Dispatch", "Sends"]

log = logging.getLogger(__name__)

_TO_COMPANY = {
    DraftKind.ACKNOWLEDGEMENT,
    DraftKind.COMBINED_ANSWER,
    DraftKind.QUESTION,
    DraftKind.INTERIM,
}

_TO_MANAGER = {DraftKind.ALERT, DraftKind.DIGEST, DraftKind.NOTICE, DraftKind.REVIEW}


class Sends(Protocol):
    """What sends one mail to one recipient."""

    def send(self, envelope_from: str, recipient: str, raw: bytes, *, receipt: bool) -> Outcome:
        """Try once; every end is an Outcome."""


def _now() -> datetime:
    return datetime.now(UTC)


class Dispatch:
    """Send what is due. One thread; several nodes on one PostgreSQL do not disturb each other."""

    def __init__(
        self,
        store: Store,
        submission: Sends,
        *,
        receipts: str,
        alert: Callable[[str, str], bool],
        failed: Callable[[Claimed, str], None],
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._store = store
        self._submission = submission
        self._receipts = receipts
        self._alert = alert
        self._failed = failed
        self._clock = clock

    def send_due(self, stop: Callable[[], bool] = lambda: False) -> bool:
        """Send everything that is due now; False when the server as a whole cannot be used.

        Then the entry at hand waits by the schedule, the others stay as they are, and the caller
        leaves the server alone for ``SERVER_PAUSE``.
        """
        usable = True
        claimed = self._store.claim(self._clock())
        while claimed is not None:
            outcome = self._attempt(claimed)
            usable = not (isinstance(outcome, Deferred) and outcome.server)
            claimed = self._record(claimed, outcome, claim_next=usable and not stop())
        return usable

    def _attempt(self, claimed: Claimed) -> Outcome:
        if claimed.unsure and claimed.resent:
            return Rejected("zweimal gesendet, beide Male ohne klare Antwort des Servers")
        if claimed.unsure:
            self._alert(
                f"unsure-{claimed.id}",
                f"{claimed.kind} {claimed.reference} an {claimed.recipient} blieb ohne Beleg "
                "und geht mit derselben Message-ID noch einmal hinaus.",
            )
        return self._submission.send(
            claimed.envelope_from,
            claimed.recipient,
            claimed.raw,
            receipt=self._wants_receipt(claimed),
        )

    def _wants_receipt(self, claimed: Claimed) -> bool:
        if self._receipts == "company":
            return claimed.kind in _TO_COMPANY
        return self._receipts == "all"

    def _record(self, claimed: Claimed, outcome: Outcome, *, claim_next: bool) -> Claimed | None:
        now = self._clock()
        state, next_attempt_at = after_attempt(outcome, claimed.attempts, claimed.created_at, now)
        self._log(claimed, outcome)
        if state is EntryState.FAILED:
            # first what follows, in one commit with the failure: a crash in between forgets neither
            self._tell(claimed, outcome)
            self._failed(claimed, outcome.response)
        return self._store.record(
            claimed.id, state, next_attempt_at, outcome.response, now, claim_next=claim_next
        )

    def _tell(self, claimed: Claimed, outcome: Outcome) -> None:
        """Tell the manager of a mail that reaches nobody, unless he is who it cannot reach."""
        if claimed.kind not in _TO_MANAGER:
            self._alert(
                f"undeliverable-{claimed.recipient}",
                f"{claimed.kind} {claimed.reference} an {claimed.recipient} ist nicht zustellbar: "
                f"{outcome.response}",
            )

    def _log(self, claimed: Claimed, outcome: Outcome) -> None:
        level = logging.INFO if not isinstance(outcome, Rejected | Unsure) else logging.WARNING
        what = type(outcome).__name__.lower()
        log.log(level, "entry %d %s: %s", claimed.id, claimed.kind, what)
