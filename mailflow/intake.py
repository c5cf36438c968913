"""The way in: from the mailbox into the database, then out of the inbox.

A mail is stored, raw bytes and row in one commit, and only then leaves the inbox; each step is
safe to repeat.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from mailflow.core.changes import MailOutcome
from mailflow.core.desk_order import DESK_ORDER, OrderHeader, order_header
from mailflow.core.signers import Signers, signers
from mailflow.core.tracking import Keyring, kind_named
from mailflow.deciding import Deciding
from mailflow.fingerprint import fingerprint
from mailflow.inbox import CONNECTION_ERRORS
from mailflow.ledger_folders import Gap, LedgerFolders, MissedError
from mailflow.mailbox import Arrived, Mailbox, WithheldError
from mailflow.marks import Marks
from mailflow.refusals import Refusals
from mailflow.store import EVEN_FROZEN, Sighting, Store, Stored
from mailflow.withheld import Withheld

__all__ = ["Intake"]

log = logging.getLogger(__name__)

_AT_ONCE = 100
"""How many mails of the inbox are stored, and then marked: if a line breaks amid a backlog, no more
have to wait for their mark, or count as not given."""

_TRIES = 5
"""So many lines may break at a mail before a comparison does without it: a server that is started
anew breaks some."""

_LONGEST_BACKOFF = timedelta(minutes=70)
"""How long an MTA may keep a mail before it tries again (Postfix: 4000 seconds)."""

_EVER = datetime.min.replace(tzinfo=UTC)

_SET_BACK = (
    "Das Postfach ist auf einen älteren Stand zurückgesetzt worden, wie aus einer Sicherung."
)
_SET_BACK_REMEDY = (
    "Neue Mails werden gelesen wie sonst. Was seit jenem Stand gekommen war, ist in mailflow "
    "weiter bekannt, fehlt aber im Postfach. Bitte heben Sie die Sicherungen der Datenbank auf: "
    "Aus dem Postfach allein ließe sie sich nicht mehr ganz wiederherstellen."
)

_NAMELESS = (
    "Was im Posteingang liegt, konnte beim Start nicht mit der Datenbank verglichen werden: Der "
    "Mailserver hat es dreimal nicht genannt."
)
_NAMELESS_REMEDY = (
    "mailflow arbeitet weiter. Ist gerade eine Sicherung der Datenbank eingespielt worden, dann "
    "bitte mailflow anhalten und neu starten, sobald der Mailserver wieder antwortet: Sonst kann "
    "eine Antwort ein zweites Mal hinausgehen."
)


class Intake:
    """Take mails in and have them decided. One thread at a time may; any may ``store``.

    ``reachable_since`` says since when an MTA can deliver straight to us, None while it cannot:
    until its longest wait since then is over, a receipt may lie in its queue.
    """

    def __init__(
        self,
        store: Store,
        deciding: Deciding,
        keyring: Keyring,
        *,
        domain: str,
        folder: str,
        clock: Callable[[], datetime],
        processed: str = "Processed",
        quarantine: str = "Quarantine",
        alert: Callable[[str, str, str], object] = lambda _cause, _text, _remedy: None,
    ) -> None:
        self.deciding = deciding
        self.clock = clock
        self.reachable_since: datetime | None = _EVER
        self._refusals = Refusals(store, alert, clock)
        self._withheld = Withheld(alert, clock, deciding.heading_of)
        self.folders = LedgerFolders(
            store, processed, quarantine, self._refusals, self._withheld, clock
        )
        self._store = store
        self._keyring = keyring
        self._domain = domain
        self.folder = folder
        self._marks = Marks(clock)
        self._broken_at = Counter[Sighting]()  # lines, at mails that a comparison asked for
        deciding.awaits_mark = self._marks.awaited
        self._alert = alert
        self.after_each: Callable[[], None] = lambda: None  # a mail that was stored
        self._files_first = True

    def store(self, raw: bytes, received_at: datetime, seen: Sighting | None) -> Stored:
        """Store a mail in one commit; when this returns, mailflow is responsible for it.

        What says that it arrived in the future (a server's wrong clock, a moved mailbox) arrived
        now: read again as of then, it would let the clock remind and close ahead of time.
        """
        now = self.clock()
        came_at = min(received_at, now)
        order = self.order_header(raw) is not None
        mark = fingerprint(raw)
        stored = self._store.store_raw(raw, mark, came_at, now, seen, is_order=order)
        self.after_each()
        return stored

    def order_header(self, raw: bytes) -> OrderHeader | None:
        """Give what the header of an order at the command line tells; None of any other mail."""
        return order_header(raw, self._keyring)

    def unsent_receipts(self, inbox: Mailbox) -> int:
        """Count the copies in the inbox of mails of ours that this database has never sent.

        Alerts and digests are left out: some go past the outbox. So are orders at the command line,
        which nobody is sent.
        """
        now = self.clock()
        ids = [each for each in inbox.message_ids(inbox.uids()) if self._keyring.is_ours(each, now)]
        never_sent = (*EVEN_FROZEN, DESK_ORDER)
        return self._store.not_sent([each for each in ids if kind_named(each) not in never_sent])

    def mark_stored(self, inbox: Mailbox) -> None:
        """Mark what lies in the inbox and was stored by other ways than a look, if that works."""
        inbox.select_inbox()
        stored = self._store.outcomes_seen(self.folder, inbox.uidvalidity, inbox.uids())
        try:
            inbox.mark(sorted(stored))
        except CONNECTION_ERRORS as error:  # it is read, and that is what counts
            log.warning("the line broke as mails were to be marked: %s", error)

    def broken_lines(self) -> int:
        """Give how many lines have broken at mails that a comparison asked for."""
        return self._broken_at.total()

    def given(self, inbox: Mailbox, place: Sighting) -> list[Arrived]:
        """Give a mail of the folder at hand, in a list; none if it is not given.

        Nor is it asked for any more where lines broke at it: no comparison ends there.
        """
        if self._broken_at[place] >= _TRIES:
            return []
        try:
            return list(inbox.fetch([place.uid]))
        except CONNECTION_ERRORS:
            self._broken_at[place] += 1
            raise

    def signers(self, inbox: Mailbox) -> Signers:
        """Find out whether the keys at hand signed our mails in this folder."""
        return signers(inbox.message_ids(inbox.uids()), self._keyring, self._domain)

    def tell_of_set_back(self) -> None:
        """Tell the manager that the mailbox is older than what is known of it."""
        self._alert("mailbox-set-back", _SET_BACK, _SET_BACK_REMEDY)

    def tell_of_nameless(self) -> None:
        """Tell the manager that a start went on without looking at the inbox."""
        self._alert("inbox-nameless", _NAMELESS, _NAMELESS_REMEDY)

    def tell_of_withheld(self) -> None:
        """Tell the manager at once what the last look was not given: there will be no other."""
        self._withheld.tell(at_once=True)

    def take_in(self, inbox: Mailbox) -> int:
        """Store and decide everything in the inbox, and move it out; give how many were new.

        Raises WithheldError, once all else is done, where mails are listed and not given, and
        MissedError where the comparison with the mailbox is to be made again.

        Each mail is fetched, also one that an earlier look has stored and could not move: where a
        mailbox is set back to an older state, its UID may be another mail's since. An answer
        without a receipt counts as unproven only when no mail is left that may be its receipt.
        """
        try:
            return self._look(inbox)
        except CONNECTION_ERRORS:
            self._withheld.tell()
            raise

    def _look(self, inbox: Mailbox) -> int:
        begun = self.clock()
        there = [Sighting(self.folder, inbox.uidvalidity, uid) for uid in inbox.uids()]
        self._withheld.forget_vanished(self.folder, there)
        self._marks.catch_up(inbox, set(there))
        fresh = [each for each in there if not self._withheld.tries(each)]
        new = self._take_in_some(inbox, fresh)
        filed, left = self._take_in_filed(inbox)
        again = sorted(filter(self._withheld.tries, there), key=self._withheld.tries)
        for number, mail in enumerate(again):
            self._remember_look(inbox, begun, [*left, *again[number:]])
            new += self._take_in_some(inbox, [mail])
        left += filter(self._withheld.tries, again)
        self._remember_look(inbox, begun, left)
        if left:
            self._withheld.look_at(inbox, left)
            raise WithheldError((mail.folder, mail.uid) for mail in left)
        return new + filed

    def _take_in_some(self, inbox: Mailbox, mails: Sequence[Sighting]) -> int:
        """Store, mark, decide and move these mails of the inbox; give how many were new.

        So few are marked before they are decided that a loss amid a backlog holds few of which
        nobody has heard. Nor is more marked once the process is to end. The moves come last: one
        at which the line breaks keeps no mail from being read. What was not given stays, also
        where its UID was once another mail's.
        """
        new, read = 0, list[Sighting]()
        for start in range(0, len(mails), _AT_ONCE):
            if self.deciding.stopping():
                break
            part = mails[start : start + _AT_ONCE]
            new += self._fetch_part(inbox, part)
            self.deciding.decide_all()
            read += part
        self._work_off(inbox, [mail.uid for mail in read if not self._withheld.tries(mail)])
        return new

    def _work_off(self, inbox: Mailbox, uids: list[int]) -> None:
        """Decide what is stored, and move it out of the inbox.

        An order lies in the folder before the mails that came in the same second, as it was given
        before they were decided. Where filing breaks the line, moving comes first the next time.
        """
        self.deciding.decide_all()
        first, self._files_first = self._files_first, False
        if first:
            self._file_pushed(inbox)
        for folder, count in self._move_out(inbox, uids).items():
            self.folders.close_own_gap(inbox, folder, count)
        self._file_pushed(inbox)
        self._files_first = True
        self._refusals.tell()

    def _file_pushed(self, inbox: Mailbox) -> None:
        """Put into the mailbox what came by LMTP, or is an order at the command line."""
        count = self.folders.file_pushed(inbox)
        self.folders.close_own_gap(inbox, self.folders.processed, count)

    def _remember_look(self, inbox: Mailbox, begun: datetime, left: Sequence[Sighting]) -> None:
        """Remember that whatever lay in the mailbox at this moment has been read.

        Mails that are ``left`` matter only where one may be a receipt, as far as its header tells,
        and only to what may have gone out before it came.
        """
        withheld_until = self._withheld.receipts_until(inbox, left)
        reached = self.reachable_since
        receipts = reached is not None and begun - reached > _LONGEST_BACKOFF
        if not self.deciding.stopping():  # else something may be left undecided, such as a receipt
            self._store.remember_look(begun, receipts=receipts, withheld_until=withheld_until)

    def _fetch_part(self, inbox: Mailbox, mails: Sequence[Sighting]) -> int:
        """Store some mails of the inbox, and mark them; give how many were new.

        What could not be fetched comes last the next time, one by one: a mail on which the server
        stalls keeps no other mail waiting. The same holds for a mail that it lists and does not
        give, which is not forgotten either.
        """
        missing, new = {mail.uid: mail for mail in mails}, 0
        there = dict[Sighting, int]()
        read = self._read_before(inbox, missing)
        try:
            for arrived in inbox.fetch(list(missing)):
                seen = missing[arrived.uid]
                if arrived.uid in read and self._is_missed(arrived, seen):
                    self._marks.put(inbox, there)
                    self.folders.found_missed = True
                    del self._broken_at[seen]  # it is given now
                    self.deciding.decide_all()  # an alert waits for no comparison
                    raise MissedError(folder=seen.folder, uid=seen.uid)
                stored = self.store(arrived.raw, arrived.received_at, seen)
                self._marks.await_for(seen, stored.id)
                there[missing.pop(arrived.uid)] = stored.id
                if stored.displaces:
                    self.tell_of_set_back()
                new += stored.new
            listed = set(inbox.uids() if missing else ())  # the rest has vanished
        except CONNECTION_ERRORS:
            self._withheld.add(missing.values())
            raise
        withheld = {mail for uid, mail in missing.items() if uid in listed}
        self._withheld.forget({*mails} - withheld)
        self._withheld.add(withheld)
        self._marks.put(inbox, there)
        return new

    def _read_before(self, inbox: Mailbox, uids: Iterable[int]) -> set[int]:
        """Give which of these mails of the inbox were read before a loss; none without one."""
        return self.read_elsewhere(inbox, uids) if self.folders.missed_until() else set()

    def read_elsewhere(
        self, inbox: Mailbox, uids: Iterable[int], *, surely: bool = True
    ) -> set[int]:
        """Give which of these mails of the inbox bear a mark, and may never have been stored.

        Those are not known by their place, or are not as long as the mail that once lay there, in a
        mailbox that was set back since. No known mail is fetched for that: it may be the one at
        which a line breaks. ``surely``: as for ``Inbox.marked``.
        """
        marked = inbox.marked(uids, surely=surely)
        known = self._store.sizes_seen(self.folder, inbox.uidvalidity, sorted(marked))
        there = dict(inbox.sizes(sorted(known)))
        return marked - {uid for uid, size in known.items() if there.get(uid, size) == size}

    def _is_missed(self, mail: Arrived, seen: Sighting) -> bool:
        """Whether a marked mail is one from before a loss that this database does not know.

        The mail server had not given it, or somebody has put it back into the inbox.
        """
        known = self._store.knows(fingerprint(mail.raw), mail.raw, seen)
        return not known and self.came_before_loss(mail)

    def _take_in_filed(self, inbox: Mailbox) -> tuple[int, list[Sighting]]:
        """Take in what somebody filed by hand before it was read.

        Gives how many were new, and what was not given. The database is not behind for that, so
        nothing is held: such a mail is late, no more. One that a comparison was not given is read
        by a comparison: a lost database may have sent what follows from it.
        """
        new, left = 0, list[Sighting]()
        for gap in self.folders.gaps(inbox):
            if gap.set_back:
                self.tell_of_set_back()
            count, read = self._take_in_gap(inbox, gap)
            self.folders.close_gap(read)
            new += count
            left += map(read.place, sorted(read.withheld))
        if new:
            log.warning("%d mails were filed by hand before they had been read; taken in", new)
            self.deciding.decide_all()
        return new, left

    def _take_in_gap(self, inbox: Mailbox, gap: Gap) -> tuple[int, Gap]:
        """Take in what lies in a gap; give how many were new, and the gap as it is known now."""
        new = 0
        try:
            for mail, seen in self.folders.unknown(inbox, gap):
                if self._was_missed(gap, mail):
                    break
                new += self.store(mail.raw, mail.received_at, seen).new
            else:
                return new, gap.without()
        except WithheldError as error:
            return new, gap.without(error.mails)
        self.folders.found_missed = True
        raise MissedError(folder=gap.folder, uid=seen.uid)

    def _was_missed(self, gap: Gap, mail: Arrived) -> bool:
        """Whether a lost database may have read this mail, here or where it lay before.

        A rebuild, or the comparison at a start, was not given it, or did not see it. Put back from
        the mail server's backup it lies under another UID, or in a folder made anew, and has come
        when it came, or was written. One that daily work was not given is only late.
        """
        if mail.uid in gap.withheld:
            return mail.uid in gap.missed
        return self.came_before_loss(mail)

    def came_before_loss(self, mail: Arrived) -> bool:
        """Whether a mail came, or was written, before the last loss that this database knows of."""
        until = self.folders.missed_until()
        if until is None:
            return False
        written_at = self.deciding.written_at(mail.raw) or mail.received_at
        return min(mail.received_at, written_at) <= until

    def _move_out(self, inbox: Mailbox, uids: list[int]) -> Counter[str]:
        """Move those mails of this look that are stored; the others are seen again.

        Gives how many went into which folder.
        """
        stored = self._store.outcomes_seen(self.folder, inbox.uidvalidity, uids)
        kept: dict[int, int] = {}
        aside: dict[int, int] = {}
        for uid, (mail_id, outcome) in stored.items():
            (aside if outcome is MailOutcome.QUARANTINED else kept)[uid] = mail_id
        return Counter(
            {
                self.folders.processed: self._moved(inbox, kept),
                self.folders.quarantine: self._moved(inbox, aside, quarantine=True),
            }
        )

    def _moved(self, inbox: Mailbox, mails: dict[int, int], *, quarantine: bool = False) -> int:
        """Move mails, rows by UID, out of the inbox; give how many the folder got by that.

        What the server refuses together is tried one by one. A mail that it does not let go is
        read, and keeps no other waiting.
        """
        uids = [uid for uid, mail_id in mails.items() if not self._refusals.rests(mail_id)]
        put: list[int] = []

        def move(some: list[int]) -> bool:
            return self._refusals.allows(
                [mails[uid] for uid in some],
                lambda: put.append(inbox.move(some, quarantine=quarantine)),
            )

        if not move(uids) and len(uids) > 1:
            for uid in uids:
                move([uid])
        return sum(put)
