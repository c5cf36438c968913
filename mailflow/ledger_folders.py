"""The ledger's folders: up to where their mails are known, and what lies beyond.

Every mail ends in ``Processed`` or ``Quarantine``. A status row remembers for each of them the UID
up to which this database knows its mails; what lies beyond that edge it has missed, or somebody has
filed there by hand. Beside the edge the row names the mails before it that the server lists and has
not given yet: they are asked for again, and nothing else is for their sake.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from mailflow.errors import MailflowError
from mailflow.fingerprint import fingerprint
from mailflow.inbox import CONNECTION_ERRORS
from mailflow.mailbox import Arrived, Mailbox, WithheldError
from mailflow.refusals import Refusals
from mailflow.store import Sighting, Store
from mailflow.withheld import Withheld

__all__ = ["MISSED_UNTIL", "Gap", "LedgerFolders", "MissedError", "Own"]

_PROCESSED, _QUARANTINE = "ledger_edge", "quarantine_edge"
"""The status rows that say up to where the processed folder, and the quarantine, are known."""

MISSED_UNTIL = "missed_until"
"""The status row of the last loss, or comparison that was not given all it asked for. What came
before that and is unknown, the database that was lost may have read."""


class MissedError(MailflowError):
    """The folder {folder} gives a mail at last, UID {uid}, that this database had missed; the next comparison reads it, and nothing goes out that may have gone out before."""  # noqa: E501 - the docstring is the message


@dataclass(frozen=True, slots=True)
class Own:
    """What this database has made: some entries of the outbox, and all due after a moment."""

    entries: frozenset[int] = frozenset()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """UIDs of a folder of the ledger that are not known yet: from ``first`` to before ``end``.

    ``withheld`` are those before ``first`` that the server had not given when they were asked for,
    ``missed`` those of them that a comparison had asked for: a database now lost, or a newer copy
    of this one, may have read them.
    ``misses_more``: of these the last comparison was the first not to be given some.
    ``set_back``: the folder ends before the edge remembered, as it did once; nothing says where it
    was since, so it is unknown from its start.
    """

    folder: str
    uidvalidity: int
    first: int
    end: int
    withheld: frozenset[int] = frozenset()
    missed: frozenset[int] = frozenset()
    set_back: bool = False
    misses_more: bool = False

    def place(self, uid: int) -> Sighting:
        """Give where a mail of this folder lies."""
        return Sighting(self.folder, self.uidvalidity, uid)

    def without(self, withheld: Iterable[tuple[str, int]] = ()) -> "Gap":
        """Give this gap as it has been read, but for what is withheld of any folder."""
        mine = (uid for folder, uid in withheld if folder == self.folder and uid < self.end)
        left = frozenset(mine)
        return replace(self, withheld=left, missed=self.missed & left)

    def compared(self, withheld: Iterable[tuple[str, int]] = ()) -> "Gap":
        """Give the same as read by a comparison: what is withheld, daily work may have read."""
        read = self.without(withheld)
        late = self.withheld - self.missed
        missed = read.withheld - late
        return replace(read, missed=missed, misses_more=not missed <= self.missed)


class LedgerFolders:
    """What this database knows of the folders in which mails end."""

    def __init__(
        self,
        store: Store,
        processed: str,
        quarantine: str,
        refusals: Refusals,
        withheld: Withheld,
        clock: Callable[[], datetime],
    ) -> None:
        self.processed = processed
        self.quarantine = quarantine
        self._store = store
        self._refusals = refusals
        self._withheld = withheld
        self._clock = clock
        self._edges = {processed: _PROCESSED, quarantine: _QUARANTINE}
        self.found_missed = False
        """Whether a mail is to be compared that an earlier comparison missed: no new loss."""
        self.own: Own | None = None
        """What no lost database has made, while a comparison lasts, also where it broke off."""
        self._unsure: dict[int, str] = {}  # what may lie there already, by its fingerprint

    def names(self) -> frozenset[str]:
        """Give the folders' names."""
        return frozenset(self._edges)

    def file_pushed(self, inbox: Mailbox) -> int:
        """Put what came by no mailbox into it too: it is the ledger of every mail.

        Where the end of an earlier try is unknown, the folder tells whether the mail lies there.
        One that the server refuses stays in the database alone, and keeps no other waiting.
        """
        count = last = 0
        there = self._put_since(inbox) if self._unsure else set()
        while pushed := self._store.pushed(after=last):
            for mail_id, received_at in pushed:
                if not self._refusals.rests(mail_id):
                    count += self._file(inbox, mail_id, received_at, there)
            last = pushed[-1][0]
        return count

    def _file(self, inbox: Mailbox, mail_id: int, received_at: datetime, there: set[str]) -> bool:
        """Put one mail into the mailbox, unless it lies there; False if the server refuses it."""
        raw = self._store.raw_of(mail_id)
        if self._unsure.get(mail_id) not in there:
            self._unsure[mail_id] = fingerprint(raw)
            if not self._refusals.allows([mail_id], lambda: inbox.file(raw, received_at)):
                del self._unsure[mail_id]
                return False
        self._store.mark_filed(mail_id)
        del self._unsure[mail_id]
        return True

    def _put_since(self, inbox: Mailbox) -> set[str]:
        """Give the fingerprints of what the processed folder holds beyond its edge."""
        gap, there = self._gap(inbox, self.processed), set[str]()
        with suppress(WithheldError):  # at worst it lies there twice, with the same bytes
            for mail, _ in self._within(inbox, gap) if gap else ():
                there.add(fingerprint(mail.raw))
        return there

    def gaps(self, inbox: Mailbox) -> list[Gap]:
        """Give what lies in the ledger's folders beyond the edges remembered."""
        found = (self._gap(inbox, folder) for folder in self._edges)
        return [gap for gap in found if gap]

    def _gap(self, inbox: Mailbox, folder: str) -> Gap | None:
        """Give what lies in a folder beyond its edge; one made anew is unknown from its start."""
        uidvalidity, end = inbox.edge(quarantine=folder == self.quarantine)
        found = self._store.status(self._edges[folder])
        validity, *known = found[1].split(":") if found else ("",)
        if validity != str(uidvalidity):
            known = ["1"]
        first = int(known[0])
        if first > end:
            return Gap(folder, uidvalidity, 1, end, set_back=True)
        withheld, missed, *_ = [*map(_uids, known[1:]), frozenset[int](), frozenset[int]()]
        gap = Gap(folder, uidvalidity, first, end, withheld, missed)
        return gap if first != end or gap.withheld else None

    def unknown(
        self, inbox: Mailbox, gap: Gap, before_found: Callable[[str], object] = lambda _mark: None
    ) -> Iterator[tuple[Arrived, Sighting]]:
        """Give the mails in a gap that this database does not know, and where they lie.

        Of those it knows it is remembered that they lie there; ``before_found`` is told before,
        unless this process put them there and only did not hear so. Raises WithheldError, at the
        end.
        """
        are_pushed = bool(self._store.pushed(1))
        for mail, seen in self._within(inbox, gap):
            mark = fingerprint(mail.raw)
            if not self._store.knows(mark, mail.raw, seen):
                yield mail, seen
            elif are_pushed:
                if mark not in self._unsure.values():
                    before_found(mark)
                self._store.mark_found(mark)

    def _within(self, inbox: Mailbox, gap: Gap) -> Iterator[tuple[Arrived, Sighting]]:
        """Give the mails in a gap; raises WithheldError, at the end, where some are not given."""
        resting = {uid for uid in gap.withheld if self._withheld.rests(gap.place(uid))}
        missing = gap.withheld - resting
        if missing or gap.first < gap.end:
            inbox.select(gap.folder)
            try:
                missing = yield from self._given(inbox, gap, missing)
            finally:
                inbox.select_inbox()
        if missing or resting:
            raise WithheldError((gap.folder, uid) for uid in missing | resting)

    def _given(
        self, inbox: Mailbox, gap: Gap, again: frozenset[int]
    ) -> Generator[tuple[Arrived, Sighting], None, frozenset[int]]:
        """Give mails of a gap: those beyond the edge, and some that are asked for ``again``.

        In the end: those that are listed and were not given. The rest has vanished.
        """
        start = min((gap.first, *again))
        asked = {uid for uid in inbox.uids(start) if gap.first <= uid < gap.end or uid in again}
        missing = set(asked)
        for uids in self._in_turn(gap, sorted(asked)):
            try:
                for mail in inbox.fetch(uids):
                    missing.discard(mail.uid)
                    yield mail, gap.place(mail.uid)
            except CONNECTION_ERRORS:
                self._withheld.add(map(gap.place, missing.intersection(uids)))
                raise
        missing.intersection_update(inbox.uids(start) if missing else ())
        in_vain = map(gap.place, missing)
        self._withheld.add(each for each in in_vain if not self._withheld.rests(each))
        self._withheld.forget(map(gap.place, (asked | again) - missing))
        return frozenset(missing)

    def _in_turn(self, gap: Gap, uids: list[int]) -> list[list[int]]:
        """Give which mails are asked for together; those once asked for in vain come one by one.

        They come last: a mail on which the server stalls keeps no other waiting, and is asked for
        once an hour when it has stalled often enough.
        """
        tries = {uid: self._withheld.tries(gap.place(uid)) for uid in uids}
        singly = sorted((uid for uid in uids if tries[uid]), key=tries.__getitem__)
        together = [uid for uid in uids if not tries[uid]]
        rests = {uid for uid in singly if self._withheld.rests(gap.place(uid))}
        return [together, *([uid] for uid in singly if uid not in rests)]

    def close_gap(self, gap: Gap) -> None:
        """Remember that a folder is known up to here, but for what is withheld.

        What lies beyond, this database missed.
        """
        holes = [",".join(map(str, sorted(each))) for each in (gap.withheld, gap.missed) if each]
        words = ":".join([f"{gap.uidvalidity}:{gap.end}", *holes])
        name = self._edges[gap.folder]
        known = self._store.status(name)
        if known is None or known[1] != words:
            self._store.set_status(name, self._clock(), words)

    def close_compared(self, gap: Gap) -> None:
        """Remember the same after a comparison, and when that was if it was not given all."""
        if gap.misses_more:
            self._store.set_status(MISSED_UNTIL, self._clock())
        self.close_gap(gap)

    def missed_until(self) -> datetime | None:
        """Give until when mails came of which a lost database may know more; None if none may."""
        found = self._store.status(MISSED_UNTIL)
        return found[0] if found else None

    def remember_loss(self, came_at: datetime) -> None:
        """Remember now that another database has read a mail, unless that is known of its day."""
        until = self.missed_until()
        if not self.found_missed and (until is None or came_at > until):
            self._store.set_status(MISSED_UNTIL, self._clock())

    def close_own_gap(self, inbox: Mailbox, folder: str, count: int) -> None:
        """Move a folder's edge over the mails just put there, if nobody else put one there too.

        Each mail takes a UID of its own, so as many as ours are ours alone.
        """
        gap = self._gap(inbox, folder) if count else None
        if gap and gap.end - gap.first == count:
            self.close_gap(gap)


def _uids(words: str) -> frozenset[int]:
    """Give the UIDs that a row names, separated by commas."""
    return frozenset(map(int, words.split(",")))
