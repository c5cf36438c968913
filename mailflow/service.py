"""The running service: threads for intake and dispatch, a scheduler for the clock's work."""

import logging
import math
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError

from mailflow.core.retry import SERVER_PAUSE
from mailflow.errors import KeyFileError, MailflowError
from mailflow.inbox import CONNECTION_ERRORS, Inbox, InboxError
from mailflow.lease import AlreadyRunningError, leased
from mailflow.ledger import LedgerError
from mailflow.ledger_folders import MissedError
from mailflow.lmtp import LmtpServer, NotYetError
from mailflow.mailbox import Lively, Mailbox, WithheldError
from mailflow.notify import ask_for_time, notify, watchdog_seconds
from mailflow.one_pass import (
    compare_ledger,
    do_clocks_work,
    tell_if_full,
    tell_who_signs,
)
from mailflow.outages import (
    DATABASE_AWAY,
    LEDGER_LOST,
    MAILBOX_AWAY,
    OLDER_KEYS,
    Alarm,
    Failures,
    PastOutbox,
    cause_of,
    lmtp_shut,
    pause_after,
    unforeseen,
)
from mailflow.parts import Parts, ways_out
from mailflow.secrecy import shown_url
from mailflow.store import SetBackError
from mailflow.wake import Stop, Wake

__all__ = ["DatabaseSetBackError", "Service"]

log = logging.getLogger(__name__)

_IDLE_DISPATCH_SECONDS = 30.0
_LEAST_PAUSE = 1.0
_DATABASE_PAUSE = 5.0
_MINUTE = 60
_FULLNESS_SECONDS = 300  # one large mail fills a mailbox, and each that follows is refused
_LOGIN_SECONDS = 3600
"""What the server does not give in one session, it may in another: so long lasts one then."""
_DAY = timedelta(days=1)
_STALL_SECONDS = 900
_WATCH_SECONDS = 5
_FIRST_LOOK_SECONDS = 300
_START_SECONDS = 5
_READY_SECONDS = 0.1
_MORE_SECONDS = 120
_LINES = ("intake", "dispatch", "scheduler")


class DatabaseSetBackError(MailflowError):
    """{database}: is not the database it was a moment ago: restored, made anew, its file exchanged, or a standby has taken over; mailflow ends, and its next start compares it with the mailbox before anything goes out."""  # noqa: E501 - the docstring is the message


class Service:
    """Everything that runs until it is told to stop."""

    def __init__(self, parts: Parts, ready: Callable[[], None]) -> None:
        self._parts = parts
        self._ready = ready
        self._stopping = Stop()
        self._intake_bell = Wake()
        self._dispatch_bell = Wake()
        self._compared = threading.Event()
        self._looked = threading.Event()
        self._progress = dict.fromkeys(_LINES, time.monotonic())  # missed, if it never moves
        self._clock_works = threading.Event()
        self._leave_server_until = -math.inf
        self._filed_for = 0
        self._ahead = time.time() - time.monotonic()
        self._failures = {line: Failures() for line in _LINES}
        self._past_outbox = PastOutbox(parts.reporting.alert_mails, ways_out(parts.settings))
        self._lmtp: LmtpServer | None = None
        self._lmtp_failures = Failures()
        self._fatal: MailflowError | None = None
        self._keep_lease: Callable[[], bool] = lambda: True
        parts.deciding.after_each = self._decided
        parts.deciding.stopping = self._stopping.is_set
        parts.dispatch.after_each = self._sent

    def stop(self) -> None:
        """Ask everything to end; safe in a signal handler."""
        self._stopping.set()
        self._intake_bell.ring()
        self._dispatch_bell.ring()

    def run(self) -> None:
        """Work until ``stop``; raises AlreadyRunningError, or LedgerError for a lost database."""
        with leased(self._parts.engine, self._parts.settings) as lease, ExitStack() as stack:
            self._keep_lease = lease.take
            stack.callback(self._stopping.close)
            stack.callback(self._dispatch_bell.close)
            stack.callback(self._intake_bell.close)
            stack.callback(self._stop_lmtp)
            scheduler = self._scheduler()
            stack.callback(lambda: scheduler.shutdown(wait=True))
            stack.callback(self.stop)  # before that: what waits for the comparison waits no more
            self._listen()
            threads = [
                threading.Thread(target=self._intake_line, name="intake"),
                threading.Thread(target=self._dispatch_line, name="dispatch"),
            ]
            for thread in threads:
                thread.start()
            self._watch(threads, scheduler)
            notify("STOPPING=1")
            self.stop()
            for thread in threads:
                thread.join()
        if self._fatal:
            raise self._fatal

    def _listen(self) -> None:
        """Listen for what an MTA delivers. A port that is taken keeps nothing else from working.

        It is tried again each minute, and told past the outbox: no mail tells of it.
        """
        address = self._parts.settings.lmtp.address
        if not address or self._lmtp or self._stopping.is_set():
            return
        try:
            self._lmtp = self._start_lmtp(*address)
            self._may_be_reached()
        except OSError as error:
            log.error("LMTP cannot listen on %s:%d: %s", *address, error)  # noqa: TRY400 - no traceback: expected
            self._tell_of_lmtp("{}:{}".format(*address))

    def _start_lmtp(self, host: str, port: int) -> LmtpServer:
        server = LmtpServer(
            host,
            port,
            self._parts.settings.central.address,
            self._store_pushed,
            max_bytes=self._parts.settings.reading.max_bytes,
        )
        server.start()
        return server

    def _may_be_reached(self) -> None:
        """Note since when an MTA can deliver: once the port is open and the mailbox compared."""
        if self._lmtp and self._compared.is_set():
            self._parts.intake.reachable_since = self._parts.clock()

    def _tell_of_lmtp(self, where: str) -> None:
        failures, alarm = self._lmtp_failures, lmtp_shut(where)
        failures.add("lmtp")
        try:
            failures.tell("lmtp", lambda: self._tell_once_a_day(alarm, "scheduler"))
        except SQLAlchemyError as away:
            self._finds_no_database("scheduler", cause_of(away))

    def _stop_lmtp(self) -> None:
        if self._lmtp:
            self._lmtp.stop()

    def _store_pushed(self, raw: bytes, received_at: datetime) -> None:
        """Store a mail that an MTA hands over; raises NotYetError before the comparison.

        An empty database would no longer be found empty, and one that is behind would decide the
        mail beside those it has missed: hold an alarm, and know no office's token.
        """
        if not self._compared.is_set():
            raise NotYetError
        try:
            self._parts.intake.store(raw, received_at, None)
        except BaseException:  # the MTA keeps it, and tries again by its own schedule
            self._parts.intake.reachable_since = self._parts.clock()
            raise
        self._intake_bell.ring()

    # the clock

    def _scheduler(self) -> BackgroundScheduler:
        """Start the periodic work. What was done is in the database, never in the scheduler."""
        scheduler = BackgroundScheduler(
            timezone=UTC,
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        scheduler.add_listener(self._job_failed, EVENT_JOB_ERROR)
        scheduler.add_job(
            self._tick, "interval", seconds=_MINUTE, next_run_time=self._parts.clock()
        )
        scheduler.add_job(self._listen, "interval", seconds=_MINUTE)
        scheduler.start()
        return scheduler

    def _tick(self) -> None:
        if not self._wait_for_comparison("scheduler") or not self._wait_for_first_look():
            return
        try:
            do_clocks_work(self._parts)
        except SetBackError as error:
            self._end_set_back(error)
        except SQLAlchemyError as error:
            self._finds_no_database("scheduler", cause_of(error))
        else:
            self._failures["scheduler"].end()
            self._moves("scheduler")
            self._clock_works.set()
        self._dispatch_bell.ring()  # what failed half way may have queued something, too

    def _job_failed(self, event: JobExecutionEvent) -> None:
        log.error("periodic work failed: %s", event.exception)
        self._fails_unforeseen("scheduler", event.exception)

    def _wait_for_comparison(self, line: str) -> bool:
        """Wait until the mailbox has shown that this database is no older copy; False at the end.

        Before that no reminder and no mail may go out: the lost database may have sent it.
        """
        while not self._stopping.is_set():
            self._moves(line)
            if self._compared.wait(_WATCH_SECONDS):
                return True
        return False

    def _wait_for_first_look(self) -> bool:
        """Wait until the mailbox has been read once, but not for long; False at the end.

        After an outage the digest would tell nothing of what lies there. Where the look lasts, or
        breaks off, there must be digests and reminders all the same. The start does not wait with
        it: to read a backlog is work, too.
        """
        waits_until = time.monotonic() + _FIRST_LOOK_SECONDS
        starts_until = time.monotonic() + _START_SECONDS
        while not self._looked.is_set() and time.monotonic() < waits_until:
            if self._stopping.is_set():
                return False
            self._moves("scheduler")
            self._looked.wait(_READY_SECONDS)
            if time.monotonic() >= starts_until:
                self._clock_works.set()
        self._looked.set()  # once in the life of a process
        return not self._stopping.is_set()

    # intake

    def _intake_line(self) -> None:
        while not self._stopping.is_set():
            try:
                self._read_on()
            except Exception as error:
                log.exception("intake failed; it starts again")
                self._fails_unforeseen("intake", error)
                self._rest()

    def _read_on(self) -> None:
        """Read the mailbox until something ends that, and do what is foreseen for this end."""
        try:
            self._read_mailbox()
        except LedgerError as error:
            self._end_for(error, LEDGER_LOST)
        except KeyFileError as error:
            self._end_for(error, OLDER_KEYS)
        except MissedError as error:
            log.warning("%s", error)
            self._compared.clear()
            self._rest()
        except (*CONNECTION_ERRORS, InboxError) as error:
            self._mailbox_failed(str(error))
        except AlreadyRunningError as error:  # the lease was lost with its connection
            log.warning("another node reads the mailbox: %s", error)
            self._failures["intake"].add("lease")
            self._moves("intake")
            self._rest()
        except SetBackError as error:
            self._end_set_back(error)
        except SQLAlchemyError as error:
            self._database_failed(cause_of(error))

    def _end_set_back(self, error: SetBackError) -> None:
        """End the service: its next start compares what it finds with the mailbox, and freezes."""
        log.error("the database is not what it was: %s", error.orig)
        self._fatal = DatabaseSetBackError(database=shown_url(str(self._parts.engine.url)))
        self.stop()

    def _end_for(self, error: MailflowError, alarm: Alarm) -> None:
        """End the service, and tell why: systemd only starts it again, and nobody would know."""
        try:
            self._tell_once_a_day(alarm)
        except SQLAlchemyError as away:
            log.error("the database is away: %s", cause_of(away))  # noqa: TRY400 - no traceback: expected
        self._fatal = error
        self.stop()

    def _read_mailbox(self) -> None:
        self._confirm_lease()
        tell_who_signs(self._parts)
        with Inbox(self._parts.settings.imap) as inbox:
            lively = Lively(inbox, partial(self._moves, "intake"))
            if not self._compared.is_set():
                compare_ledger(self._parts, lively)
                self._opens()  # a backlog may take long, and is no reason to be called dead
            looked_at = -math.inf
            new_login_at = time.monotonic() + _LOGIN_SECONDS
            while not self._stopping.is_set():
                self._confirm_lease()
                is_given_all = self._look_round(lively)
                self._looked.set()
                if time.monotonic() - looked_at >= _FULLNESS_SECONDS:
                    tell_if_full(self._parts, inbox)
                    looked_at = time.monotonic()
                self._mailbox_works()
                if not is_given_all and time.monotonic() >= new_login_at:
                    return
                inbox.wait(self._intake_bell.socket, self._parts.settings.imap.poll_seconds)
                self._intake_bell.quiet()

    def _look_round(self, inbox: Mailbox) -> bool:
        """Take in what the mailbox gives; say whether that is all. The intake tells of the rest."""
        try:
            self._parts.intake.take_in(inbox)
        except WithheldError as error:
            log.info("%s", error)
            return False
        return True

    def _confirm_lease(self) -> None:
        """Raise AlreadyRunningError where another node holds the lease by now."""
        if not self._keep_lease():
            raise AlreadyRunningError(database=shown_url(str(self._parts.engine.url)))

    def _opens(self) -> None:
        """Let everything begin that waits for the comparison, unless a stop has cut that short."""
        if self._stopping.is_set():
            return
        self._compared.set()
        self._may_be_reached()

    def _mailbox_works(self) -> None:
        self._failures["intake"].end()
        self._decided()

    def _decided(self) -> None:
        self._moves("intake")
        self._dispatch_bell.ring()

    def _mailbox_failed(self, problem: str) -> None:
        if self._stopping.is_set():
            return
        failures = self._failures["intake"]
        failures.add("mailbox")
        log.warning("the mailbox cannot be read: %s", problem)
        try:
            failures.tell("mailbox", self._tell_of_mailbox)
        except SQLAlchemyError as error:
            self._database_failed(cause_of(error))
            return
        self._decide_pushed()
        self._decided()  # an alert goes at once
        self._rest()

    def _tell_of_mailbox(self) -> bool:
        alarm = MAILBOX_AWAY
        if self._compared.is_set():
            return self._parts.reporting.alert(alarm.cause, alarm.text, alarm.remedy)
        return self._tell_once_a_day(alarm)  # the outbox waits for the mailbox

    def _tell_once_a_day(self, alarm: Alarm, line: str = "intake") -> bool:
        """Tell past the outbox, and remember it, however often systemd starts us anew.

        Say whether this call told it. Raises SQLAlchemyError when it cannot be remembered.
        """
        store, now = self._parts.store, self._parts.clock()
        told = store.status(f"told-{alarm.cause}")
        if told is not None and timedelta() <= now - told[0] < _DAY:
            return False
        if not self._past_outbox.tell(alarm, partial(self._moves, line)):
            return False
        store.set_status(f"told-{alarm.cause}", now)
        return True

    def _database_failed(self, problem: str) -> None:
        self._finds_no_database("intake", problem)
        self._rest()

    def _rest(self) -> None:
        """Leave alone what failed, whoever rings; what is pushed meanwhile is decided."""
        end = time.monotonic() + pause_after(self._failures["intake"].total())
        while not self._stopping.is_set() and (left := end - time.monotonic()) > 0:
            self._intake_bell.wait(left)
            self._decide_pushed()

    def _decide_pushed(self) -> None:
        """Decide what came by LMTP, which does not wait for IMAP, unless another node decides."""
        if not self._compared.is_set():
            return
        try:
            if self._keep_lease():
                self._parts.deciding.decide_all()
        except SQLAlchemyError as error:
            self._finds_no_database("intake", cause_of(error))
        except Exception as error:
            log.exception("pushed mail cannot be decided")
            self._fails_unforeseen("intake", error)

    # dispatch

    def _dispatch_line(self) -> None:
        self._wait_for_comparison("dispatch")
        while not self._stopping.is_set():
            self._dispatch_bell.wait(self._send())
            self._stopping.wait(max(0.0, self._leave_server_until - time.monotonic()))
        try:
            self._parts.dispatch.write_down()
        except SQLAlchemyError as error:
            log.error("the end of a sending is forgotten: %s", cause_of(error))  # noqa: TRY400 - no traceback: expected

    def _send(self) -> float:
        """Send what is due; give for how many seconds to rest."""
        try:
            usable = self._parts.dispatch.send_due(self._stopping.is_set)
            self._sent()
            self._let_orders_be_filed()
            pause = self._pause() if usable else 0.0
            if not usable:  # a login refused for each new mail would lock our account
                self._parts.submission.close()
                self._leave_server_until = time.monotonic() + SERVER_PAUSE.total_seconds()
            self._failures["dispatch"].end()
        except SetBackError as error:
            self._end_set_back(error)
            return 0.0
        except SQLAlchemyError as error:
            self._finds_no_database("dispatch", cause_of(error))
            return _DATABASE_PAUSE
        except Exception as error:
            log.exception("dispatch failed; it starts again")
            self._fails_unforeseen("dispatch", error)
            return pause_after(self._failures["dispatch"].total())
        return pause

    def _sent(self) -> None:
        self._moves("dispatch")

    def _let_orders_be_filed(self) -> None:
        """Wake the intake, once, for an order at the command line that is in no mailbox yet.

        What it brought about waits for that.
        """
        if unfiled := self._parts.store.pushed(1, after=self._filed_for):
            self._filed_for = unfiled[0][0]
            self._intake_bell.ring()

    def _pause(self) -> float:
        due = self._parts.store.next_due()
        if due is None:
            return _IDLE_DISPATCH_SECONDS
        seconds = (due - self._parts.clock()).total_seconds()
        # what is due and stays, as while nothing may go out, must not keep this line spinning
        return min(_IDLE_DISPATCH_SECONDS, max(_LEAST_PAUSE, seconds))

    # all lines

    def _moves(self, line: str) -> None:
        """Note a sign of life of a line."""
        self._progress[line] = time.monotonic()

    def _finds_no_database(self, line: str, problem: str) -> None:
        """Note that a line waits for the database, which is no hang; tell of its third failure.

        Each line tells of its own: what one cannot use, another may find in order.
        """
        self._looked.set()  # there may be no look, and the clock must find out, too
        failures = self._failures[line]
        failures.add("database")
        log.error("the database is away, %s rests: %s", line, problem)
        alive = partial(self._moves, line)
        failures.tell("database", lambda: self._past_outbox.tell(DATABASE_AWAY, alive))
        self._moves(line)

    def _fails_unforeseen(self, line: str, error: Exception) -> None:
        """Note a failure that nobody thought of; tell of the third in a row, whatever it is.

        It is no sign of life: where it lasts, the watchdog's new start is all that may help.
        """
        failures = self._failures[line]
        failures.add("unforeseen")
        alarm = unforeseen(line, error)
        try:
            failures.tell("unforeseen", lambda: self._tell_once_a_day(alarm, line))
        except SQLAlchemyError as away:
            self._finds_no_database(line, cause_of(away))

    # the main thread

    def _watch(self, threads: list[threading.Thread], scheduler: BackgroundScheduler) -> None:
        """Say when all works for the first time, then tell systemd as long as all lines move."""
        if not self._watch_start(threads):
            return
        self._ready()
        notify("READY=1\nSTATUS=reads the mailbox and sends what is due")
        interval = watchdog_seconds() / 3 or _WATCH_SECONDS
        while not self._stopping.wait(interval):
            self._mind_the_clock(scheduler)
            if self._is_alive(threads):
                notify("WATCHDOG=1")

    def _mind_the_clock(self, scheduler: BackgroundScheduler) -> None:
        """Go on with the periodic work where the clock was set back.

        The scheduler, which knows the clock on the wall only, would wait until it is as late again.
        """
        ahead = time.time() - time.monotonic()
        if ahead < self._ahead - _MINUTE:
            log.warning("the clock was set back by %.0f seconds", self._ahead - ahead)
            for job in scheduler.get_jobs():
                job.modify(next_run_time=datetime.now(UTC))
        self._ahead = ahead

    def _watch_start(self, threads: list[threading.Thread]) -> bool:
        """Ask for time until all works, as long as all lines move; False when told to stop.

        The watchdog does not bark yet, but a start has its own limit, and the comparison with the
        mailbox may take longer, as may a mail server's outage.
        """
        asked = -math.inf
        while not self._stopping.wait(_READY_SECONDS):
            if self._compared.is_set() and self._clock_works.is_set() and self._reads():
                return True
            if time.monotonic() - asked >= _WATCH_SECONDS and self._is_alive(threads):
                ask_for_time(_MORE_SECONDS)
                asked = time.monotonic()
        return False

    def _reads(self) -> bool:
        """Whether the mailbox is read; mails that it does not give are no failure of that."""
        return not self._failures["intake"].total()

    def _is_alive(self, threads: list[threading.Thread]) -> bool:
        return all(thread.is_alive() for thread in threads) and self._all_move()

    def _all_move(self) -> bool:
        now = time.monotonic()
        return all(now - moved < _STALL_SECONDS for moved in tuple(self._progress.values()))
