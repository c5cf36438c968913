"""The clock's own work on tickets: reminders that are due, tickets that are done."""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta

from mailflow.compose import Composer, Sealed
from mailflow.core.changes import Decision
from mailflow.core.chase import CLOSE_AFTER, chase, close_answered, closes_at
from mailflow.core.drafts import Enclosure
from mailflow.core.known import Entry, Policy
from mailflow.core.machine import undeliverable
from mailflow.core.retry import Cause, EntryState
from mailflow.core.ticket import Ticket
from mailflow.errors import MailflowError
from mailflow.store import AWAY_ERRORS, Claimed, StaleDecisionError, Store, on_fresh_facts

__all__ = ["Chasing", "UnfinishedError"]

log = logging.getLogger(__name__)


class UnfinishedError(MailflowError):
    """the next step of {references} failed; the log says why."""


class Chasing:
    """Look at every open ticket and take the step that is due."""

    def __init__(
        self,
        store: Store,
        composer: Composer,
        policy: Policy,
        enclosed: Callable[[Enclosure], tuple[str, bytes]],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._composer = composer
        self._policy = policy
        self._enclosed = enclosed
        self._clock = clock
        self._caught_up: datetime | None = None

    def remind(self) -> int:
        """Send the reminders that are due; give how many tickets had one."""
        return self._remind(self._clock())

    def _remind_again(self, moment: datetime) -> int:
        return self._remind(moment, again=True)

    def close(self) -> int:
        """Close what was answered long enough ago; give how many."""
        now = self._clock()
        done = self._store.answered(now - CLOSE_AFTER)
        return self._each(done, lambda ticket: close_answered(ticket, now), lambda _: now)

    def catch_up(self, until: datetime) -> None:
        """Do again, day by day, the reminders and closings due before ``until``.

        While old mails are read again, each meets its ticket as it was then: a ticket that the
        clock had closed is closed. It begins where the work of this database ended, even if that
        was such a reading that was killed; nothing is done ahead of now, whatever a date says.
        """
        until = min(until, self._clock())
        moment = self._caught_up or self._store.worked_until() or until
        while moment < until:
            moment = min(until, self._next_day(moment))
            for work in (self._remind_again, self._close_as_of):
                with suppress(UnfinishedError):  # it is in the log; the rest goes on
                    work(moment)
        self._caught_up = max(until, self._caught_up or until)

    def _next_day(self, moment: datetime) -> datetime:
        day = self._policy.today(moment) + timedelta(days=1)
        return datetime.combine(day, time(), self._policy.zone).astimezone(UTC)

    def _remind(self, now: datetime, *, again: bool = False) -> int:
        late = self._store.working(self._policy.today(now))

        def step(ticket: Ticket) -> Decision | None:
            return chase(ticket, self._policy, now, again=again)

        return self._each(late, step, lambda _: now)

    def _close_as_of(self, moment: datetime) -> int:
        done = self._store.answered(moment - CLOSE_AFTER)
        return self._each(done, lambda ticket: close_answered(ticket, moment), closes_at)

    def unreachable(self, claimed: Claimed, response: str, cause: Cause) -> None:
        """Do what follows from a mail that was refused for good: the deputy, or the manager.

        The entry's failure is part of the same commit. Raises StaleDecisionError when the ticket
        moved on again and again.
        """
        now = self._clock()
        entry = Entry(
            id=claimed.id,
            kind=claimed.kind,
            reference=claimed.reference,
            office_id=claimed.office_id,
            recipient=claimed.recipient,
            message_id=claimed.message_id,
            state=EntryState.FAILED,
            unknown=cause is Cause.UNKNOWN,
        )
        on_fresh_facts(lambda: self._follow(entry, response, now))

    def _follow(self, failed: Entry, response: str, now: datetime) -> None:
        if not self._store.is_being_sent(failed.id):
            return  # a receipt has settled it meanwhile, or this was done before
        same_reader = self._store.open_for(failed.recipient)
        tickets = self._store.tickets([failed.reference, *same_reader])
        if failed.reference not in tickets:
            return
        what = (tickets, failed, response, self._policy, now)
        decision = undeliverable(*what)
        try:
            sealed = self._composer.compose_all(decision.drafts, now, self._enclosed)
        except AWAY_ERRORS:
            raise
        except Exception:  # the refusal stands all the same, or the mail would go out again
            log.exception("%s: what follows from a refusal cannot be written", failed.reference)
            decision, sealed = undeliverable(*what, may_write=False), []
        self._store.apply(decision, sealed, now)

    def _each(
        self,
        references: list[str],
        decide: Callable[[Ticket], Decision | None],
        when: Callable[[Ticket], datetime],
    ) -> int:
        """Take the step on each of these tickets; give how many had one.

        A step that fails does not stop the others; UnfinishedError is raised at the end.
        """
        done, failed = 0, []
        for reference in references:
            ticket = self._store.tickets([reference]).get(reference)
            if ticket is None:
                continue
            try:
                step = self._step(ticket, decide, when)
            except Exception:
                log.exception("%s: its next step failed", reference)
                failed.append(reference)
            else:
                done += step is not None and self._take(reference, *step)
        if failed:
            raise UnfinishedError(references=", ".join(failed[:5]))
        return done

    def _step(
        self,
        ticket: Ticket,
        decide: Callable[[Ticket], Decision | None],
        when: Callable[[Ticket], datetime],
    ) -> tuple[Decision, list[Sealed], datetime] | None:
        decision = decide(ticket)
        if decision is None:
            return None
        now = when(ticket)
        return decision, self._composer.compose_all(decision.drafts, now, self._enclosed), now

    def _take(
        self, reference: str, decision: Decision, sealed: list[Sealed], now: datetime
    ) -> bool:
        try:
            self._store.apply(decision, sealed, now)
        except StaleDecisionError:  # somebody has just written: the next round sees it
            return False
        log.info("%s: %s", reference, decision.why)
        return True
