"""The way in: from the mailbox into the database, then out of the inbox.

A mail is stored, raw bytes and row in one commit, and only then leaves the inbox; each step is
safe to repeat.
"""

import logging
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mailflow.core.changes import MailOutcome
from mailflow.core.desk_order import DESK_ORDER, OrderHeader, order_header
from mailflow.core.signers import Signers, signers
from mailflow.core.tracking import Keyring, kind_named
from mailflow.deciding import Deciding
from mailflow.fingerprint import fingerprint
from mailflow.inbox import CONNECTION_ERRORS
from mailflow.ledger_folders import LedgerFolders
from mailflow.mailbox import Mailbox, WithheldError
from mailflow.refusals import Refusals
from mailflow.store import EVEN_FROZEN, Sighting, Store, Stored

__all__ = ["Intake"]

log = logging.getLogger(__name__)

_ALONE = 2
"""A mail that has stalled so often stalls by itself, and not only because of another one."""

_LONGEST_BACKOFF = timedelta(minutes=70)
"""How long an MTA may keep a mail before it tries again (Postfix: 4000 seconds)."""

_EVER = datetime.min.replace(tzinfo=UTC)

_OURS = b"mailflow"
"""Stands in the header of each copy of our mails, and of each reply that names one."""

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
        self.folders = LedgerFolders(store, processed, quarantine, self._refusals, clock)
        self._store = store
        self._keyring = keyring
        self._domain = domain
        self._folder = folder
        self._alert = alert
        self.after_each: Callable[[], None] = lambda: None  # a mail that was stored
        self._stalled: Counter[int] = Counter()
        self._files_first = True
        self._foreign: set[tuple[int, int]] = set()

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

    def signers(self, inbox: Mailbox) -> Signers:
        """Find out whether the keys at hand signed our mails in this folder."""
        return signers(inbox.message_ids(inbox.uids()), self._keyring, self._domain)

    def tell_of_set_back(self) -> None:
        """Tell the manager that the mailbox is older than what is known of it."""
        self._alert("mailbox-set-back", _SET_BACK, _SET_BACK_REMEDY)

    def tell_of_nameless(self) -> None:
        """Tell the manager that a start went on without looking at the inbox."""
        self._alert("inbox-nameless", _NAMELESS, _NAMELESS_REMEDY)

    def take_in(self, inbox: Mailbox) -> int:
        """Store and decide everything in the inbox, and move it out; give how many were new.

        Raises WithheldError, once all else is done, where mails are listed and not given.

        Each mail is fetched, also one that an earlier look has stored and could not move: where a
        mailbox is set back to an older state, its UID may be another mail's since. The mailbox
        counts as read, and an answer without a receipt as unproven, only when no mail of this look
        is left that may be the receipt.
        """
        begun = self.clock()
        uids = inbox.uids()
        there = [uid for uid in uids if uid not in self._stalled]
        new = 0
        with suppress(WithheldError):  # each of those is asked for alone, behind all others
            new += self._fetch(inbox, there)
        self._work_off(inbox, there)
        stalled = sorted(self._stalled.keys() & set(uids), key=self._stalled.__getitem__)
        new += self._take_in_filed(inbox, None if stalled else begun)
        for number, uid in enumerate(stalled):
            self._look_at_header(inbox, uid)
            if self._foreign.issuperset((inbox.uidvalidity, each) for each in stalled[number:]):
                self._remember_look(begun)
            new += self._fetch(inbox, [uid])
            self._work_off(inbox, [uid])
        self._remember_look(begun)
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

    def _remember_look(self, begun: datetime) -> None:
        """Remember that whatever lay in the mailbox at this moment has been read."""
        reached = self.reachable_since
        receipts = reached is not None and begun - reached > _LONGEST_BACKOFF
        if not self.deciding.stopping():  # else something may be left undecided, such as a receipt
            self._store.remember_look(begun, receipts=receipts)

    def _fetch(self, inbox: Mailbox, uids: list[int]) -> int:
        """Store these mails; give how many were new.

        What could not be fetched comes last the next time, one by one: a mail on which the server
        stalls keeps no other mail waiting. The same holds for a mail that it lists and does not
        give, which is not forgotten either.
        """
        missing, new, set_back = set(uids), 0, False
        try:
            for arrived in inbox.fetch(uids):
                seen = Sighting(self._folder, inbox.uidvalidity, arrived.uid)
                stored = self.store(arrived.raw, arrived.received_at, seen)
                if stored.displaces and not set_back:
                    self.tell_of_set_back()
                    set_back = True
                new += stored.new
                missing.discard(arrived.uid)
            missing.intersection_update(inbox.uids() if missing else ())  # the rest has vanished
            if missing:
                raise WithheldError(missing)
        except CONNECTION_ERRORS:
            self._stalled.update(missing)
            raise
        for uid in uids:
            self._stalled.pop(uid, None)
        return new

    def _look_at_header(self, inbox: Mailbox, uid: int) -> None:
        """Find out whether a mail that stalled even alone can be a receipt.

        If it cannot, no unproven answer has to wait for it. A receipt, and whatever else proves
        that a mail of ours arrived, names it in its header.
        """
        if self._stalled[uid] < _ALONE or (inbox.uidvalidity, uid) in self._foreign:
            return
        try:
            header = inbox.header(uid)
        except CONNECTION_ERRORS:
            self._stalled[uid] += 1
            raise
        if header and _OURS not in header.lower():
            self._foreign.add((inbox.uidvalidity, uid))

    def _take_in_filed(self, inbox: Mailbox, begun: datetime | None) -> int:
        """Take in what somebody filed by hand before it was read; give how many were new.

        The database is not behind for that, so nothing is held: the mail is late, no more. What is
        not given stays beyond the edge, and raises WithheldError. If only withheld mails are
        missing and none can be a receipt, the look ``begun`` at a moment still counts as complete.
        """
        new, withheld, proofs = 0, None, False
        for gap in self.folders.gaps(inbox):
            if gap.set_back:
                self.tell_of_set_back()
            try:
                for mail, seen in self.folders.unknown(inbox, gap):
                    new += self.store(mail.raw, mail.received_at, seen).new
            except WithheldError as error:
                withheld = error
                proofs = proofs or _may_be_ours(inbox, gap.folder, error.uids)
                self.folders.close_gap(replace(gap, end=error.first))
            else:
                self.folders.close_gap(gap)
        if new:
            log.warning("%d mails were filed by hand before they had been read; taken in", new)
            self.deciding.decide_all()
        if withheld:
            if begun and not proofs:
                self._remember_look(begun)
            raise withheld
        return new

    def _move_out(self, inbox: Mailbox, uids: list[int]) -> Counter[str]:
        """Move those mails of this look that are stored; the others are seen again.

        Gives how many went into which folder.
        """
        stored = self._store.outcomes_seen(self._folder, inbox.uidvalidity, uids)
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


def _may_be_ours(inbox: Mailbox, folder: str, uids: list[int]) -> bool:
    """Whether one of these mails names a mail of ours in its header, or shows no header either."""
    inbox.select(folder)
    try:
        headers = map(inbox.header, uids)
        return any(not header or _OURS in header.lower() for header in headers)
    finally:
        inbox.select_inbox()
