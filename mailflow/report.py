"""The manager's mails that no incoming mail causes: the digest, and alerts."""

import logging
from collections.abc import Callable
from datetime import UTC, date, datetime, time

from mailflow.compose import Composer, Sealed
from mailflow.core.changes import Decision, MailOutcome, SetTold
from mailflow.core.digest import Digest
from mailflow.core.drafts import Alert, Draft, DraftKind, ReportMail
from mailflow.core.known import Policy
from mailflow.core.overview import DOUBTED, doubted, make_digest, of_the_past
from mailflow.core.report import Report
from mailflow.core.tracking import Role, without_tokens
from mailflow.core.waiting_alert import waited_too_long, waiting_alert
from mailflow.errors import MailflowError
from mailflow.store import Store

__all__ = ["FutureDigestError", "Reporting", "alert_mails"]

log = logging.getLogger(__name__)

_DIGEST, _WAITING = "digest", "waiting"
_PAST = "digest of a day past"  # names nothing that waits now, and so stands for no digest of now
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class FutureDigestError(MailflowError):
    """there is no digest of {day} yet: name today, {today}, or a day before it."""


class Reporting:
    """Make and queue the digest once a day, and alerts once a day and cause."""

    def __init__(
        self,
        store: Store,
        composer: Composer,
        policy: Policy,
        digest_at: time,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._composer = composer
        self._policy = policy
        self._digest_at = digest_at
        self._clock = clock

    def digest(self, day: date | None = None) -> Digest:
        """Give the digest of a day (today when None), since the one before it.

        A past day's tells what came and went. Raises FutureDigestError for a day to come.
        """
        now = self._clock()
        today = self._policy.today(now)
        day = day or today
        if day > today:
            raise FutureDigestError(day=day, today=today)
        until = now if day == today else self._moment(day)
        since = self._store.last_done(_DIGEST, day) or self._moment(
            self._policy.workdays.add(day, -1)
        )
        facts = self._store.digest_facts(since, until)
        digest = make_digest(facts, self._policy, since, until)
        return digest if day == today else of_the_past(digest)

    def _moment(self, day: date) -> datetime:
        return datetime.combine(day, self._digest_at, tzinfo=self._policy.zone).astimezone(UTC)

    def send_if_due(self) -> bool:
        """Queue today's digest once the hour has come, on workdays, exactly once a day."""
        now = self._clock()
        today = self._policy.today(now)
        due = self._policy.workdays.is_workday(today) and now >= self._moment(today)
        if not due or self._store.was_done(_DIGEST, today):
            return False
        return self.send(today)

    def send(self, day: date | None = None) -> bool:
        """Queue the digest of a day, unless it has been; say whether this call did it.

        Raises FutureDigestError for a day to come.
        """
        now = self._clock()
        last = self._store.last_mail(now)  # before it is made: what it shows beside is more
        digest = self.digest(day)
        drafts = [self._draft(each, digest, now, last) for each in self._policy.managers]
        decision = Decision(
            MailOutcome.EVENT,
            "Tagesübersicht",
            changes=(SetTold(digest.named_mails, digest.named_entries),),
            drafts=tuple(drafts),
        )
        sealed = [self._compose(draft, now) for draft in drafts]
        if digest.past and self._store.was_done(_DIGEST, digest.day):
            return False
        name = _PAST if digest.past else _DIGEST
        return self._store.once_a_day(name, digest.day, decision, sealed, now)

    def draft(self, digest: Digest) -> Sealed:
        """Give the digest as the first manager would get it, without queueing it."""
        now = self._clock()
        last = self._store.last_mail(now)
        return self._compose(self._draft(self._policy.managers[0], digest, now, last), now)

    def _draft(self, manager: str, digest: Digest, now: datetime, last: str) -> Draft:
        return Draft(
            kind=DraftKind.DIGEST,
            recipient=manager,
            recipient_name="",
            language=self._policy.language,
            context=digest,
            names=self._policy.digest_names(manager, digest.day, now, last),
            role=Role.MANAGER,
            leg=self._policy.digest_leg(manager, digest.day),
            number=self._policy.seconds_into(digest.day, now),
        )

    def _compose(self, draft: Draft, now: datetime) -> Sealed:
        return _compose(self._composer, draft, now)

    def send_report(self, report: Report) -> None:
        """Queue the interim report to the managers; the same period once a day."""
        now = self._clock()
        period = (report.first.isoformat(), report.last.isoformat())
        drafts = [
            Draft(
                kind=DraftKind.REPORT,
                recipient=manager,
                recipient_name="",
                language=self._policy.language,
                context=ReportMail(report),
                names=(manager, *period, self._policy.today(now).isoformat()),
            )
            for manager in self._policy.managers
        ]
        decision = Decision(MailOutcome.EVENT, "Zwischenbilanz")
        self._store.apply(decision, [self._compose(draft, now) for draft in drafts], now)

    def tell_of_waiting(self) -> bool:
        """Queue an alert when a mail in doubt has waited for four working hours without a word.

        It names all that no digest and no such alert has named; say whether there was one. As a
        day has eight working hours, there is one a day at most.
        """
        now = self._clock()
        named = self._store.last_done_of(_DIGEST, _WAITING, until=now) or _EVER
        oldest = self._store.waiting_since(DOUBTED, named)
        if oldest is None or not waited_too_long(oldest, now, self._policy):
            return False
        last, today = self._store.last_mail(now), self._policy.today(now)
        waiting = doubted(self._store.digest_facts(named, now), self._policy, named)
        drafts = [
            Draft(
                kind=DraftKind.ALERT,
                recipient=manager,
                recipient_name="",
                language=self._policy.language,
                context=waiting_alert(waiting),
                names=self._policy.waiting_names(manager, now, last),
                role=Role.MANAGER,
                leg=self._policy.digest_leg(manager, today),
                number=self._policy.seconds_into(today, now),
            )
            for manager in self._policy.managers
        ]
        decision = Decision(MailOutcome.EVENT, "wartet seit vier Stunden")
        sealed = [self._compose(draft, now) for draft in drafts]
        return self._store.once_a_day(_WAITING, today, decision, sealed, now)

    def alert(self, cause: str, text: str, remedy: str = "", *, but: str = "") -> bool:
        """Queue an alert to the managers, once a day and cause; say whether this call did it.

        ``but`` is a manager who cannot be told. No token of another's leaves the words, which may
        quote a subject: his answer would bear it, and speak for that one.
        """
        text = without_tokens(text)
        now = self._clock()
        today, name = self._policy.today(now), f"alert {cause}"[:120]
        if self._store.was_done(name, today):
            return False  # whoever is in trouble asks again at each failure
        log.error("alert %s: %s", cause, text)
        sealed = self.alert_mails(cause, text, remedy)
        sealed = [each for each in sealed if each.recipient.lower() != but.lower()]
        return self._store.once_a_day(name, today, Decision(MailOutcome.EVENT, text), sealed, now)

    def alert_mails(self, cause: str, text: str, remedy: str = "") -> list[Sealed]:
        """Give an alert to the managers as mails, for whoever sends them without the outbox."""
        return alert_mails(self._composer, self._policy, self._clock(), cause, text, remedy)


def alert_mails(
    composer: Composer, policy: Policy, now: datetime, cause: str, text: str, remedy: str
) -> list[Sealed]:
    """Give an alert to the managers as mails; it takes no database."""
    text = without_tokens(text)
    drafts = [
        Draft(
            kind=DraftKind.ALERT,
            recipient=manager,
            recipient_name="",
            language=policy.language,
            context=Alert(text, (), remedy),
            names=("alert", cause, policy.today(now).isoformat(), manager),
        )
        for manager in policy.managers
    ]
    return [_compose(composer, draft, now) for draft in drafts]


def _compose(composer: Composer, draft: Draft, now: datetime) -> Sealed:
    def none(enclosure: object) -> tuple[str, bytes]:
        raise LookupError(f"{draft.kind} encloses nothing, yet wants {enclosure}")

    return composer.compose(draft, now, none, {})
