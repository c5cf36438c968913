"""From the bytes of a stored mail to a decision carried out: the middle of the line.

A stored mail is read, decided and carried out in one commit. Whatever goes wrong with one mail is
that mail's matter; the next one goes on.
"""

import logging
from collections.abc import Callable, Collection, Iterator
from collections.abc import Set as AbstractSet
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import zip_longest
from typing import Protocol

from mailflow.compose import Composer, TemplateError
from mailflow.core.changes import DecideAgain, Decision, SetEntry
from mailflow.core.decide import decide, told_of_danger, told_of_failure, unmasked
from mailflow.core.drafts import DraftKind, Enclosure
from mailflow.core.floods import unreadable_flood
from mailflow.core.known import Authentication, Known, Policy, Scan
from mailflow.core.message import Kind, Message
from mailflow.core.retry import EntryState
from mailflow.errors import MailflowError
from mailflow.reading import ReadingFailed
from mailflow.scan import scan
from mailflow.store import (
    AWAY_ERRORS,
    STORM_WINDOW,
    AlreadyDecidedError,
    Incoming,
    Store,
    Undecided,
    on_fresh_facts,
)
from mailflow.trust import authentication

__all__ = ["Deciding", "ReaderAwayError", "Reads"]

log = logging.getLogger(__name__)

_LAY_ASIDE = "lag schon vor einer Wiederherstellung in Quarantäne; warum, war nicht mehr bekannt"

_AT_ONCE = 100
"""So many mails are asked for at a time."""

_TRIES = 3
"""How often a mail is begun before it is set aside: one that kills the process is found out."""


class ReaderAwayError(MailflowError):
    """No process can be started to read mails: {problem}."""


class Reads(Protocol):
    """What turns bytes into a message, in a process of its own."""

    def read(self, raw: bytes) -> Message:
        """Give the message; raises ReadingFailed."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """A mail's bytes, and its message as soon as it has been read."""

    raw: bytes
    message: Future[Message]


class Deciding:
    """Decide what is stored. One thread at a time may decide.

    ``after_each`` is called after every decision: what it sends can go out at once. ``stopping``
    is asked before each: a large backlog must not keep a service from ending. ``meanwhile`` does
    what the clock had done by the moment at which an old mail is decided again. ``bounced`` is
    told kind and reader of a mail of ours that reached nobody, and what shows a sign of life.
    ``awaits_mark`` gives mails that the mailbox does not show as known yet; they are left alone.
    """

    def __init__(
        self,
        store: Store,
        reader: Reads,
        composer: Composer,
        policy: Policy,
        *,
        clock: Callable[[], datetime],
        authserv_ids: tuple[str, ...] = (),
        scanner: str = "",
    ) -> None:
        self.after_each: Callable[[], None] = lambda: None
        self.stopping: Callable[[], bool] = lambda: False
        self.meanwhile: Callable[[datetime], None] = lambda _: None
        self.bounced: Callable[[DraftKind, str, Callable[[], None]], None] = lambda *_: None
        self.awaits_mark: Callable[[], Collection[int]] = frozenset
        self._store = store
        self._reader = reader
        self._composer = composer
        self._policy = policy
        self._authserv_ids = authserv_ids
        self._scanner = scanner
        self._clock = clock
        self._begun: set[int] = set()
        self._aside: AbstractSet[int] = frozenset()
        self._opened: tuple[int, Message] | None = None

    def lay_aside(self, mails: AbstractSet[int]) -> None:
        """Let these mails be read and then quarantined, whatever would be decided of them now."""
        self._aside = mails

    def heading_of(self, header: bytes) -> tuple[str, str]:
        """Give sender and subject of a mail by its header alone, "" as far as it is unreadable."""
        try:
            message = self._reader.read(header)
        except (MailflowError, OSError):  # no more is at stake than what an alert calls it
            return "", ""
        return message.sender.address, message.subject

    def written_at(self, raw: bytes) -> datetime | None:
        """Give when a mail was written, by its own word; None as far as it is unreadable."""
        try:
            return self._reader.read(raw).date
        except (MailflowError, OSError):
            return None

    def begin_anew(self) -> None:
        """Forget which mails were begun: some are to be decided anew."""
        self._begun.clear()

    def decide_all(
        self, *, as_of_arrival: bool = False, unread_since: datetime | None = None
    ) -> int:
        """Decide every stored mail that has no outcome yet, oldest first; give how many.

        ``as_of_arrival`` decides each as if it were the moment it reached the mailbox, in that
        order: for mails read again after a loss, folder by folder, so that the same days and names
        come out. None arrives later than now, whatever an older row says. ``unread_since``: since
        when mails have come that are not stored yet.
        """
        count = 0
        with ThreadPoolExecutor(1, "reading") as thread:
            while waiting := self._waiting(by_arrival=as_of_arrival):
                self._begin([mail for mail in waiting if mail.is_fresh])
                for mail, reading in self._readings(waiting, thread):
                    if self.stopping():
                        return count
                    as_of = mail.due_at if as_of_arrival else None
                    if as_of:
                        self.meanwhile(self._moment(self._clock_until(mail, unread_since)))
                    lets_out = self._decide(mail, reading, as_of)
                    self.after_each()
                    count += 1
                    if lets_out:
                        break  # what is decided anew comes before what came since
        return count

    def _waiting(self, *, by_arrival: bool) -> list[Undecided]:
        """Give mails that wait for their decision, but for those that await their mark."""
        left_alone = self.awaits_mark()
        waiting = self._store.undecided(_AT_ONCE + len(left_alone), by_arrival=by_arrival)
        return [mail for mail in waiting if mail.id not in left_alone]

    def _clock_until(self, mail: Undecided, unread_since: datetime | None) -> datetime:
        """Give until when the clock's work is done before a mail that is read again.

        Never beyond the arrival of one that comes after it, as it may say that a reminder was not
        due: an order was given before mails were read that had come before it.
        """
        if mail.in_turn:
            return mail.due_at
        moments = (mail.due_at, self._store.next_arrival(), unread_since)
        return min(each for each in moments if each)

    def _readings(
        self, waiting: list[Undecided], thread: Executor
    ) -> Iterator[tuple[Undecided, _Reading | None]]:
        """Give mails with their readings: each is read while the one before is decided.

        None for a mail that is not to be read any more. One that has ended a process before is
        read when its turn has come, and no other beside it, so that none is blamed for another.
        """
        ahead: _Reading | None = None
        for mail, following in zip_longest(waiting, waiting[1:]):
            reading = ahead or self._read(mail, thread)
            begun = following is not None and following.id in self._begun
            ahead = self._read(following, thread) if begun else None
            yield mail, reading

    def _read(self, mail: Undecided, thread: Executor) -> _Reading | None:
        if mail.attempts >= _TRIES:
            return None
        self._begin([mail])
        raw = self._store.raw_of(mail.id)
        return _Reading(raw, thread.submit(self._understood, raw))

    def _understood(self, raw: bytes) -> Message:
        """Read a mail; where no process can be started for it, the mailbox is not to blame."""
        try:
            return self._reader.read(raw)
        except OSError as error:
            raise ReaderAwayError(problem=error.strerror or type(error).__name__) from error

    def _decide(self, mail: Undecided, reading: _Reading | None, as_of: datetime | None) -> bool:
        """Decide a mail; say whether that lets others be decided anew."""
        message, why = _awaited(reading)
        now = self._moment(as_of)
        if reading is None or message is None:
            self._set_aside(mail, why, None, now)
            return False
        message = unmasked(message, self._policy.keyring, now)
        if mail.id in self._aside and not mail.readmission:
            self._set_aside(mail, _LAY_ASIDE, message, now)
            return False
        scanned = self._scan(reading.raw, message)
        return self._decide_message(mail, message, scanned, as_of)

    def _moment(self, as_of: datetime | None) -> datetime:
        """Give the moment at which a mail is decided: now, or as of one that never lies ahead."""
        now = self._clock()
        return min(as_of, now) if as_of else now

    def _begin(self, mails: list[Undecided]) -> None:
        """Register attempts, once in the life of a process.

        So only a mail that ends the process uses up its tries; a database that is away does not.
        Mails never tried before may be begun together: when one of them ends the process, each has
        lost one try, and in the next life they are begun one by one.
        """
        fresh = [mail.id for mail in mails if mail.id not in self._begun]
        if fresh:
            self._store.begin_reading(fresh)
            self._begun.update(fresh)

    def _scan(self, raw: bytes, message: Message) -> Scan:
        """Have a mail scanned whose attachments may be passed on: any that may wait or go."""
        if message.kind is Kind.OWN or not message.attachments:
            return Scan.OFF
        return scan(self._scanner, raw)

    def _decide_message(
        self, mail: Undecided, message: Message, scanned: Scan, as_of: datetime | None
    ) -> bool:
        incoming = Incoming(
            id=mail.id,
            fingerprint=mail.fingerprint,
            copy=mail.copy,
            received_at=mail.received_at,
            message=message,
            authentication=authentication(message, self._authserv_ids),
            scan=scanned,
            readmission=mail.readmission,
        )
        policy = self._policy.readmitting(mail.readmission)
        carry_out = partial(self._carry_out, incoming, policy, as_of)
        try:
            decision = on_fresh_facts(carry_out)
        except AlreadyDecidedError:
            log.info("mail %d was decided by another process", mail.id)
        except (*AWAY_ERRORS, ReaderAwayError):
            raise  # the database, or memory, is away: the mail waits, nothing is wrong with it
        except TemplateError as error:
            cause = str(error).partition(": ")[0]  # the template's name, not the mail's words
            why = f"Eine Vorlage ist fehlerhaft: {error}"
            self._give_up(mail, incoming, why, cause, as_of)
        except Exception as error:
            log.exception("mail %d could not be decided", mail.id)
            kind = type(error).__name__
            why = f"Bei der Bearbeitung trat ein unerwarteter Fehler auf ({kind})."
            self._give_up(mail, incoming, why, kind, as_of)
        else:
            self._begun.discard(mail.id)
            log.info("mail %d: %s (%s)", mail.id, decision.outcome, decision.reference or "-")
            return any(isinstance(each, DecideAgain) for each in decision.changes)
        return False

    def reread(self, raw: bytes, now: datetime) -> tuple[Message, Authentication, Scan] | None:
        """Read a stored mail again: what it says, and what servers and scanner say of it now.

        None where it cannot be read any more: that is no fault of the mail that is decided.
        """
        try:
            message = unmasked(self._understood(raw), self._policy.keyring, now)
        except ReadingFailed as failure:
            log.warning("a stored mail could not be read again: %s", failure)
            return None
        return message, authentication(message, self._authserv_ids), self._scan(raw, message)

    def _carry_out(self, incoming: Incoming, policy: Policy, as_of: datetime | None) -> Decision:
        """Gather, decide, apply."""
        now = self._moment(as_of)
        known = self._store.gather(incoming, policy, now, self.reread)
        is_read_again = bool(as_of) and self._store.is_behind()
        if is_read_again:  # a lost database answered it, of course, and what follows is held
            known = replace(known, answered_before=False)
        decision = decide(known, policy, now)
        enclosed = partial(self._enclosed_now, incoming)
        sealed = self._composer.compose_all(decision.drafts, now, enclosed)
        self._store.apply_to_mail(incoming, decision, sealed, now)
        if not is_read_again:  # else that has been told
            self._tell_of_bounces(known, decision)
        return decision

    def _tell_of_bounces(self, known: Known, decision: Decision) -> None:
        """Name the mails that reached nobody by this decision, which is carried out already."""
        changed = [each for each in decision.changes if isinstance(each, SetEntry)]
        failed = {each.entry_id for each in changed if each.target is EntryState.FAILED}
        if not failed:
            return
        try:
            for entry in known.caused_by:
                if entry.id in failed:
                    self.bounced(entry.kind, entry.recipient, self.after_each)
        except Exception:
            log.exception("a mail that came back cannot be told")

    def _give_up(
        self, mail: Undecided, incoming: Incoming, why: str, cause: str, as_of: datetime | None
    ) -> None:
        now = self._moment(as_of)
        self._tell_of_failure(incoming, why, cause, now)
        self._set_aside(mail, why, incoming.message, now)

    def _tell_of_failure(self, incoming: Incoming, why: str, cause: str, now: datetime) -> None:
        """Tell the manager of a mail that could be read and is about to be set aside.

        It is told before that, so that what a crash or a lost database leaves undone is done again.
        What failed on the mail may fail on the alert, too: then the log has it.
        """
        policy = self._policy

        def danger() -> Decision | None:
            return told_of_danger(self._store.mail_of(incoming, policy, now), why, policy, now)

        for tell in (partial(told_of_failure, incoming.message, why, cause, policy, now), danger):
            try:
                if decision := tell():
                    sealed = self._composer.compose_all(decision.drafts, now, self.enclosed)
                    self._store.apply(decision, sealed, now)
            except AWAY_ERRORS:
                raise
            except Exception:
                log.exception("the manager cannot be told of mail %d", incoming.id)

    def _set_aside(self, mail: Undecided, why: str, message: Message | None, now: datetime) -> None:
        log.warning("mail %d is quarantined: %s", mail.id, why)
        self._store.quarantine(mail.id, why, message, now)
        if message is None:
            self._tell_of_unreadable(mail.received_at, now)

    def _tell_of_unreadable(self, received_at: datetime, now: datetime) -> None:
        """Tell the manager where so many mails could not be read that it is a flood."""
        count = self._store.unreadable(received_at - STORM_WINDOW, received_at)
        decision = unreadable_flood(count, self._policy, now)
        if decision is None:
            return
        try:
            sealed = self._composer.compose_all(decision.drafts, now, self.enclosed)
        except TemplateError:
            log.exception("many mails cannot be read, and the alert's template is faulty")
            return
        self._store.apply(decision, sealed, now)

    def _enclosed_now(self, incoming: Incoming, enclosure: Enclosure) -> tuple[str, bytes]:
        """Give an attachment; those of the mail at hand have just been read."""
        if enclosure.mail_id == incoming.id:
            return _attached(incoming.message, enclosure)
        return self.enclosed(enclosure)

    def enclosed(self, enclosure: Enclosure) -> tuple[str, bytes]:
        """Give content type and bytes of an attachment of a stored mail, read again.

        The last mail opened stays open: one with a thousand files is not read a thousand times.
        """
        opened = self._opened
        if opened is None or opened[0] != enclosure.mail_id:
            raw = self._store.raw_of(enclosure.mail_id)
            opened = self._opened = enclosure.mail_id, self._understood(raw)
        return _attached(opened[1], enclosure)


def _awaited(reading: _Reading | None) -> tuple[Message | None, str]:
    """Wait until a mail is read; give its message, or None and why it cannot be read."""
    if reading is None:
        return None, "Diese Mail hat das Programm mehrmals beendet."
    try:
        return reading.message.result(), ""
    except ReadingFailed as failure:
        return None, f"Die Mail ließ sich nicht lesen: {failure}"


def _attached(message: Message, enclosure: Enclosure) -> tuple[str, bytes]:
    for attachment in message.attachments:
        if attachment.sha256 == enclosure.sha256:
            return attachment.content_type, attachment.content
    raise LookupError(f"mail {enclosure.mail_id} has no attachment {enclosure.name!r} any more")
