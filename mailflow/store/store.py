"""The database as the rest of mailflow sees it: each method is one transaction."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from types import MappingProxyType

from sqlalchemy import Connection, Engine, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from mailflow.compose import Sealed
from mailflow.core.changes import AddReply, Decision, EventKind, MailOutcome
from mailflow.core.known import Known, Mail, Policy
from mailflow.core.message import Kind, Message
from mailflow.core.overview import DigestFacts
from mailflow.core.report_cases import ReportFacts
from mailflow.core.retry import Cause, EntryState
from mailflow.core.ticket import OPEN_STATES, HoldReason, Ticket
from mailflow.schema import daily, mailbox, status
from mailflow.store import (
    deciding_again,
    events,
    facts,
    figures,
    former,
    mails,
    moments,
    orders,
    outbox,
    proof,
    report_figures,
    senders,
    sent,
    tickets,
)
from mailflow.store.apply import StaleDecisionError, apply
from mailflow.store.engine import insert_for, reading, writing
from mailflow.store.events import Event
from mailflow.store.facts import Read
from mailflow.store.integrity import integrity_fault
from mailflow.store.mails import Sighting, Stored, Undecided
from mailflow.store.outbox import Claimed
from mailflow.store.senders import Incoming

__all__ = ["Store"]


class Store:
    """One central mailbox's rows in the database."""

    def __init__(self, engine: Engine, address: str) -> None:
        self.engine = engine
        self.mailbox_id = self._mailbox(address.lower())

    def _mailbox(self, address: str) -> int:
        query = select(mailbox.c.id).where(mailbox.c.address == address)
        with reading(self.engine) as connection:
            known: int | None = connection.execute(query).scalar()
        if known:
            return known
        with suppress(IntegrityError), writing(self.engine) as connection:
            connection.execute(insert(mailbox).values(address=address))
        with reading(self.engine) as connection:  # ours, or that of a node that was quicker
            row: int = connection.execute(query).scalar_one()
            return row

    # mails in

    def store_raw(
        self,
        raw: bytes,
        fingerprint: str,
        received_at: datetime,
        now: datetime,
        seen: Sighting | None,
        *,
        is_order: bool = False,
    ) -> Stored:
        """Store a mail's bytes and row in one commit; safe to call again for the same mail."""
        with writing(self.engine) as connection:
            box = self.mailbox_id
            return mails.store_raw(
                connection, box, raw, fingerprint, received_at, now, seen, is_order=is_order
            )

    def unread_orders(self) -> list[tuple[int, datetime]]:
        """Give the orders that are not decided yet, with their arrival."""
        with reading(self.engine) as connection:
            return orders.unread_orders(connection, self.mailbox_id)

    def unread_in(self, folder: str) -> list[tuple[int, datetime]]:
        """Give what is not decided yet and lies in a folder, with its arrival."""
        with reading(self.engine) as connection:
            return orders.unread_in(connection, self.mailbox_id, folder)

    def decide_behind(self, mail_id: int, name: str) -> None:
        """Let an order that is not decided yet take its place behind another mail, where known."""
        with writing(self.engine) as connection:
            orders.decide_behind(connection, self.mailbox_id, mail_id, name)

    def next_arrival(self) -> datetime | None:
        """Give the arrival of the next mail to be decided in its turn, None if none waits."""
        with reading(self.engine) as connection:
            return mails.arrivals_waiting(connection, self.mailbox_id)[0]

    def known_until(self) -> datetime | None:
        """Give up to when mails are known, whether they are decided or still wait for it."""
        with reading(self.engine) as connection:
            last = mails.arrivals_waiting(connection, self.mailbox_id)[1]
        return max((each for each in (last, self.worked_until()) if each), default=None)

    def last_arrival(self, before: datetime) -> datetime | None:
        """Give when the last mail came that came before a moment."""
        with reading(self.engine) as connection:
            return mails.last_arrival(connection, self.mailbox_id, before)

    def is_behind(self) -> bool:
        """Whether mails are being read again that this database has missed."""
        with reading(self.engine) as connection:
            return former.is_read_again(connection, self.mailbox_id)

    def outcomes_seen(
        self, folder: str, uidvalidity: int, uids: list[int]
    ) -> dict[int, tuple[int, MailOutcome | None]]:
        """Give, of these UIDs of one incarnation of a folder, those stored: row and outcome."""
        with reading(self.engine) as connection:
            return mails.outcomes_seen(connection, self.mailbox_id, folder, uidvalidity, uids)

    def sizes_seen(self, folder: str, uidvalidity: int, uids: list[int]) -> dict[int, int]:
        """Give, of these UIDs of one incarnation of a folder, the length of those stored."""
        with reading(self.engine) as connection:
            return mails.sizes_seen(connection, self.mailbox_id, folder, uidvalidity, uids)

    def undecided(self, limit: int = 100, *, by_arrival: bool = False) -> list[Undecided]:
        """Give stored mails that wait for their decision, oldest first."""
        with reading(self.engine) as connection:
            return mails.undecided(connection, self.mailbox_id, limit, by_arrival=by_arrival)

    def begin_reading(self, mail_ids: list[int]) -> None:
        """Register an attempt at each of some mails, at most 500, and commit."""
        with writing(self.engine) as connection:
            mails.attempt(connection, mail_ids)

    def raw_of(self, mail_id: int) -> bytes:
        """Give a mail's bytes as they came."""
        with reading(self.engine) as connection:
            return mails.raw_of(connection, mail_id)

    def has_mail(self) -> bool:
        """Whether any mail was ever stored for this mailbox."""
        with reading(self.engine) as connection:
            return mails.any_mail(connection, self.mailbox_id)

    def worked_until(self) -> datetime | None:
        """Give the last moment at which this database was in use, None for a new one.

        That is its last look at the mailbox, or its last decided mail while it is rebuilt.
        """
        with reading(self.engine) as connection:
            decided = mails.last_decided(connection, self.mailbox_id)
        looked = self.status(outbox.LAST_POLL)
        return max((each for each in (decided, looked and looked[0]) if each), default=None)

    def mark_found(self, fingerprint: str) -> None:
        """Remember that a mail that came by LMTP was found in the mailbox: it was filed before."""
        with writing(self.engine) as connection:
            mails.mark_found(connection, self.mailbox_id, fingerprint)

    def keeps_waiting(self, fingerprint: str, now: datetime) -> bool:
        """Whether a mail is an old order not known to be filed, for which what it sends waits here.

        While it is as new as mails wait for it, a process was killed amid its filing: nobody puts a
        backup back within minutes.
        """
        with reading(self.engine) as connection:
            ordered_at = orders.unfiled_since(connection, self.mailbox_id, fingerprint)
            if ordered_at is None or now - ordered_at <= outbox.UNTIL_FILED:
                return False
            return outbox.wait_for_order(connection, self.mailbox_id, ordered_at)

    def pushed(self, limit: int = 50, *, after: int = 0) -> list[tuple[int, datetime]]:
        """Give mails stored after one that lie in no folder yet, with their arrival."""
        with reading(self.engine) as connection:
            return mails.pushed(connection, self.mailbox_id, limit, after)

    def heading_of(self, mail_id: int) -> tuple[str, str, datetime]:
        """Give a mail's sender and subject, as far as they were read, and when it was stored."""
        with reading(self.engine) as connection:
            return mails.heading_of(connection, mail_id)

    def mark_filed(self, mail_id: int) -> None:
        """Remember that a pushed mail lies in the mailbox now."""
        with writing(self.engine) as connection:
            mails.mark_filed(connection, mail_id)

    def knows(self, fingerprint: str, raw: bytes, seen: Sighting) -> bool:
        """Whether a mail that lies there is stored; see ``mails.is_known``."""
        with reading(self.engine) as connection:
            return mails.is_known(connection, self.mailbox_id, fingerprint, raw, seen)

    def quarantine(self, mail_id: int, why: str, message: Message | None, now: datetime) -> None:
        """Set a mail aside that cannot be processed; it is kept, counted and shown."""
        with writing(self.engine) as connection:
            outcome = MailOutcome.QUARANTINED
            mails.record_outcome(connection, mail_id, outcome, why, "", message, now)
            row = Event("", EventKind.QUARANTINED, f"Mail {mail_id}: {why}")
            events.append(connection, self.mailbox_id, now, [row])

    def unreadable(self, since: datetime, until: datetime) -> int:
        """Count the mails of this time that were set aside because nobody could read them."""
        with reading(self.engine) as connection:
            return senders.unreadable(connection, self.mailbox_id, since, until)

    def to_decide_again(self, sender: str) -> int:
        """Count the mails in quarantine, or a sender's there and in a flood."""
        with writing(self.engine) as connection:
            return deciding_again.count(connection, self.mailbox_id, sender)

    # decisions

    def gather(self, incoming: Incoming, policy: Policy, now: datetime, read: Read) -> Known:
        """Give what is known about a mail."""
        with reading(self.engine) as connection:
            return facts.gather(connection, self.mailbox_id, incoming, policy, now, read)

    def mail_of(self, incoming: Incoming, policy: Policy, now: datetime) -> Mail:
        """Give a mail with what is known of its sender alone."""
        with reading(self.engine) as connection:
            return senders.mail_of(connection, self.mailbox_id, incoming, policy, now)

    def apply_to_mail(
        self, incoming: Incoming, decision: Decision, sealed: Iterable[Sealed], now: datetime
    ) -> None:
        """Record what became of a mail and carry it out, all in one commit.

        Raises StaleDecisionError when a ticket has moved on meanwhile.
        """
        with writing(self.engine) as connection:
            mails.record_outcome(
                connection,
                incoming.id,
                decision.outcome,
                decision.why,
                decision.reference,
                incoming.message,
                now,
                incoming.authentication,
                unread=decision.unread,
            )
            apply(connection, self.mailbox_id, decision, sealed, now)
            answered = (incoming.message.in_reply_to, *incoming.message.references)
            for each in decision.changes:
                if isinstance(each, AddReply):
                    leg = each.reference, each.office_id
                    proof.prove_forwards(connection, self.mailbox_id, *leg, answered, now)
            if incoming.message.kind in {Kind.PERSONAL, Kind.AUTO_REPLY}:
                proof.prove(connection, self.mailbox_id, answered, now)

    def apply_order(
        self,
        raw: bytes,
        order: Incoming,
        decision: Decision,
        sealed: Iterable[Sealed],
        now: datetime,
    ) -> None:
        """Store the mail of an order at the command line and carry the order out, in one commit.

        The mail is put into the mailbox afterwards. Raises StaleDecisionError, also where the same
        words were ordered in the same moment.
        """
        with writing(self.engine) as connection:
            box, mark = self.mailbox_id, order.fingerprint
            stored = mails.store_raw(connection, box, raw, mark, order.received_at, now, None)
            if not stored.new:
                raise StaleDecisionError(decision.reference)
            mails.record_outcome(
                connection,
                stored.id,
                decision.outcome,
                decision.why,
                decision.reference,
                order.message,
                now,
            )
            apply(connection, box, decision, sealed, now)

    def apply(self, decision: Decision, sealed: Iterable[Sealed], now: datetime) -> None:
        """Carry out a decision behind which no mail stands. Raises StaleDecisionError."""
        with writing(self.engine) as connection:
            apply(connection, self.mailbox_id, decision, sealed, now)

    # tickets

    def tickets(self, references: Iterable[str]) -> Mapping[str, Ticket]:
        """Give the tickets with these references; those that do not exist are left out."""
        with reading(self.engine) as connection:
            return tickets.load(connection, self.mailbox_id, references)

    def references(self, states: Iterable[str] = OPEN_STATES) -> list[str]:
        """Give the references of tickets in these states, oldest first."""
        with reading(self.engine) as connection:
            return tickets.open_references(connection, self.mailbox_id, states)

    def not_sent(self, message_ids: list[str]) -> int:
        """Count, of these Message-IDs of ours, those of mails that this database has not sent."""
        with reading(self.engine) as connection:
            return sent.not_sent(connection, self.mailbox_id, message_ids)

    def open_for(self, address: str) -> list[str]:
        """Give the open tickets whose answer goes to this address, oldest first."""
        with reading(self.engine) as connection:
            return tickets.open_for(connection, self.mailbox_id, [address], OPEN_STATES)

    def working(self, asked_before: date) -> list[str]:
        """Give the tickets in which an office asked before that day still works, oldest first."""
        with reading(self.engine) as connection:
            return tickets.working(connection, self.mailbox_id, asked_before)

    def answered(self, before: datetime) -> list[str]:
        """Give the tickets that wait for nothing since an answer sent before then, oldest first."""
        with reading(self.engine) as connection:
            return tickets.answered(connection, self.mailbox_id, before)

    def history(self, reference: str) -> list[tuple[datetime, str, str]]:
        """Give a ticket's events as (time, kind, text), oldest first."""
        with reading(self.engine) as connection:
            return events.of_ticket(connection, self.mailbox_id, reference)

    # outbox

    def claim(self, now: datetime) -> Claimed | None:
        """Take the entry due longest and register the attempt; commit before dialling."""
        more = True
        while more:
            with writing(self.engine) as connection:
                claimed, more = self._claim(connection, now)
        return claimed

    def _claim(self, connection: Connection, now: datetime) -> tuple[Claimed | None, bool]:
        """Take the entry due longest; where some stood in its way, another commit may find it."""
        claimed = outbox.claim(connection, self.mailbox_id, now)
        return claimed, not claimed and outbox.take_back_due(connection, self.mailbox_id, now)

    def record(
        self,
        entry_id: int,
        state: EntryState,
        next_attempt_at: datetime,
        response: str,
        now: datetime,
        *,
        claim_next: bool,
        cause: Cause = Cause.NONE,
        counts: bool = True,
        unsure: bool = False,
    ) -> Claimed | None:
        """Record how an attempt ended; in the same commit claim the next entry, if wanted.

        ``unsure`` when the end of an earlier attempt is unknown.
        """
        with writing(self.engine) as connection:
            outbox.record(
                connection,
                entry_id,
                state,
                next_attempt_at,
                response,
                now,
                cause=cause,
                counts=counts,
                unsure=unsure,
            )
            claimed, more = self._claim(connection, now) if claim_next else (None, False)
        return self.claim(now) if more else claimed

    def is_being_sent(self, entry_id: int) -> bool:
        """Whether an entry's attempt is registered and its end not recorded yet."""
        with reading(self.engine) as connection:
            return outbox.is_being_sent(connection, entry_id)

    def mark_resent(self, entry_id: int, now: datetime) -> None:
        """Remember, and commit, that an entry's second sending may be accepted from now on."""
        with writing(self.engine) as connection:
            outbox.mark_resent(connection, entry_id, now)

    def freeze(
        self,
        reason: str,
        now: datetime,
        remember: Mapping[str, str] = MappingProxyType({}),
        *,
        told: bool = False,
        sure: Collection[int] = (),
        until: datetime | None = None,
    ) -> int:
        """Let nothing go out until ``thaw``, and hold what would; give how many mails that are.

        ``remember`` are further statuses, with their words, that are set in the same commit.
        Alerts and digests go out, unless what is queued may have been ``told`` before. Entries
        that are ``sure``, and what was due after ``until`` (but for the clock's mails), wait for
        the thaw and go out whatever becomes of the rest.
        """
        with writing(self.engine) as connection:
            for name, words in ((outbox.FROZEN, reason), *remember.items()):
                self._set_status(connection, name, now, words)
            return proof.hold_unproven(
                connection, self.mailbox_id, reason, told=told, sure=sure, until=until
            )

    def still_to_go(
        self, kinds: Collection[str] = (), since: datetime | None = None
    ) -> frozenset[int]:
        """Give the entries that have still to go out, for ``freeze``.

        All, or those of these kinds, or only those made ``since`` (as of the mail's arrival).
        """
        with reading(self.engine) as connection:
            return proof.still_to_go(connection, self.mailbox_id, kinds, since)

    def copies(self) -> tuple[int, datetime | None]:
        """Give of how many of our mails a copy came, and when the last of these was due."""
        with reading(self.engine) as connection:
            return proof.copies(connection, self.mailbox_id)

    def frozen(self) -> str:
        """Give why nothing goes out, "" when all is free."""
        found = self.status(outbox.FROZEN)
        return found[1] if found else ""

    def thaw(self, now: datetime, *, send: bool) -> int:
        """Let mails go out again; send what the freeze holds, or drop it. Give how many.

        What was queued since goes either way. While nothing is frozen it touches nothing: what is
        held then waits for somebody's release.
        """
        with writing(self.engine) as connection:
            if not outbox.lift_freeze(connection, self.mailbox_id):
                return 0
            count = proof.release_frozen(connection, self.mailbox_id, now, send=send)
            words = "gesendet" if send else "verworfen"
            row = Event("", EventKind.THAWED, f"{count} zurückgehaltene Mails {words}")
            events.append(connection, self.mailbox_id, now, [row])
        return count

    def held_back(self) -> list[tuple[str, str, str]]:
        """Give what the freeze holds, and a thaw sends or drops: kind, reference and recipient."""
        with reading(self.engine) as connection:
            return proof.frozen(connection, self.mailbox_id)

    def copied(self) -> list[tuple[str, str, str]]:
        """Give what of that is never sent: of which a copy lies there that no key here proves."""
        with reading(self.engine) as connection:
            return proof.copied(connection, self.mailbox_id)

    def queued_since(self) -> list[tuple[str, str, str]]:
        """Give what waits only for the thaw, and goes out either way; as in ``held_back``."""
        with reading(self.engine) as connection:
            return proof.kept_waiting(connection, self.mailbox_id)

    def next_due(self) -> datetime | None:
        """Give the time at which the next entry is due, None when nothing waits."""
        with reading(self.engine) as connection:
            return outbox.next_due(connection, self.mailbox_id)

    def outbox_waiting(self) -> int:
        """Count the entries that still have to go out."""
        with reading(self.engine) as connection:
            return outbox.waiting(connection, self.mailbox_id)

    # the clock

    def once_a_day(
        self,
        name: str,
        day: date,
        decision: Decision,
        sealed: Iterable[Sealed],
        now: datetime,
    ) -> bool:
        """Carry out a decision unless one of this name was carried out on this day; say whether.

        The claim and what it sends are one commit: no crash sends a second or forgets the first.
        """
        values = {"mailbox_id": self.mailbox_id, "name": name, "day": day, "at": now}
        row = insert_for(self.engine.dialect.name, daily).values(**values).on_conflict_do_nothing()
        with writing(self.engine) as connection:
            if connection.execute(row.returning(daily.c.day)).scalar() is None:
                return False
            apply(connection, self.mailbox_id, decision, sealed, now)
            return True

    def was_done(self, name: str, day: date) -> bool:
        """Whether something of this name was done on this day."""
        query = select(daily.c.day).where(
            daily.c.mailbox_id == self.mailbox_id, daily.c.name == name, daily.c.day == day
        )
        with reading(self.engine) as connection:
            return connection.execute(query).scalar() is not None

    def last_done(self, name: str, before: date) -> datetime | None:
        """Give the time something of this name was last done before a day."""
        query = (
            select(daily.c.at)
            .where(
                daily.c.mailbox_id == self.mailbox_id, daily.c.name == name, daily.c.day < before
            )
            .order_by(daily.c.day.desc())
            .limit(1)
        )
        with reading(self.engine) as connection:
            return connection.execute(query).scalar()

    def last_done_of(self, *names: str, until: datetime) -> datetime | None:
        """Give the last time anything of these names was done.

        Times after ``until`` are ignored: they come from a clock that ran ahead.
        """
        query = select(func.max(daily.c.at)).where(
            daily.c.mailbox_id == self.mailbox_id, daily.c.name.in_(names), daily.c.at <= until
        )
        with reading(self.engine) as connection:
            return connection.execute(query).scalar()

    def last_mail(self, now: datetime) -> str:
        """Name the last mail decided so far, by which a mail to the manager tells what it knew."""
        with reading(self.engine) as connection:
            return moments.last_mail(connection, self.mailbox_id, now)

    def waiting_since(self, reasons: Collection[HoldReason], after: datetime) -> datetime | None:
        """Give when the first of what still waits, and began to after a moment, did so."""
        with reading(self.engine) as connection:
            return figures.waiting_since(connection, self.mailbox_id, reasons, after)

    def digest_facts(self, since: datetime, until: datetime) -> DigestFacts:
        """Give the figures of the digest for the time since the last one."""
        with reading(self.engine) as connection:
            return figures.digest_facts(connection, self.mailbox_id, since, until)

    def report_facts(self, since: datetime, until: datetime) -> ReportFacts:
        """Give what the interim report needs of a period, as it was known at its end."""
        with reading(self.engine) as connection:
            return report_figures.report_facts(connection, self.mailbox_id, since, until)

    def set_status(self, name: str, now: datetime, words: str = "") -> None:
        """Remember when something last went well, or what is wrong with it."""
        with writing(self.engine) as connection:
            self._set_status(connection, name, now, words)

    def remember_look(
        self, at: datetime, *, receipts: bool, withheld_until: datetime | None = None
    ) -> None:
        """Remember that the mailbox has been read, and whether every receipt lay in it by then.

        ``withheld_until``: but for receipts that came until then and are not given. What was made
        before that, and is unsure, waits for them.
        """
        names = (outbox.LAST_POLL, outbox.RECEIPTS_READ) if receipts else (outbox.LAST_POLL,)
        with writing(self.engine) as connection:
            for name in names:
                self._set_status(connection, name, at, "")
            if withheld_until:
                self._set_status(connection, outbox.RECEIPTS_WITHHELD, withheld_until, "")
            else:
                self._drop_status(connection, outbox.RECEIPTS_WITHHELD)

    def _set_status(self, connection: Connection, name: str, now: datetime, words: str) -> None:
        values = {"mailbox_id": self.mailbox_id, "name": name, "at": now, "text": words}
        row = insert_for(self.engine.dialect.name, status).values(**values)
        latest = row.on_conflict_do_update(
            index_elements=["mailbox_id", "name"], set_={"at": now, "text": words}
        )
        connection.execute(latest)

    def _drop_status(self, connection: Connection, name: str) -> None:
        of_name = (status.c.mailbox_id == self.mailbox_id, status.c.name == name)
        connection.execute(delete(status).where(*of_name))

    def status(self, name: str) -> tuple[datetime, str] | None:
        """Give time and words last set under a name."""
        query = select(status.c.at, status.c.text).where(
            status.c.mailbox_id == self.mailbox_id, status.c.name == name
        )
        with reading(self.engine) as connection:
            row = connection.execute(query).first()
            return (row.at, row.text) if row else None

    # upkeep

    def integrity_fault(self) -> str:
        """Check that the database is whole and the event chain holds; "" when all is well."""
        return integrity_fault(self.engine, self.mailbox_id)
