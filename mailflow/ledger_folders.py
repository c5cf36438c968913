"""The ledger's folders: up to where their mails are known, and what lies beyond.

Every mail ends in ``Processed`` or ``Quarantine``. A status row remembers for each of them the UID
up to which this database knows its mails; what lies beyond that edge it has missed, or somebody has
filed there by hand.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailflow.fingerprint import fingerprint
from mailflow.inbox import CONNECTION_ERRORS
from mailflow.mailbox import Arrived, Mailbox, WithheldError
from mailflow.refusals import Refusals
from mailflow.store import Sighting, Store

__all__ = ["Gap", "LedgerFolders"]

_PROCESSED, _QUARANTINE = "ledger_edge", "quarantine_edge"
"""The status rows that say up to where the processed folder, and the quarantine, are known."""

_STALLS = 3
"""A mail on which the server stalled so often, in the end alone, counts as one it does not give."""

_REST = timedelta(hours=1)
"""How long such a mail is left alone: each try lasts until the timeout, and costs a new login."""


@dataclass(frozen=True, slots=True)
class Gap:
    """UIDs of a folder of the ledger that are not known yet: from ``first`` to before ``end``.

    ``set_back``: the folder ends before the edge remembered, as it did once; nothing says where it
    was since, so it is unknown from its start.
    """

    folder: str
    uidvalidity: int
    first: int
    end: int
    set_back: bool = False


class LedgerFolders:
    """What this database knows of the folders in which mails end."""

    def __init__(
        self,
        store: Store,
        processed: str,
        quarantine: str,
        refusals: Refusals,
        clock: Callable[[], datetime],
    ) -> None:
        self.processed = processed
        self.quarantine = quarantine
        self._store = store
        self._refusals = refusals
        self._clock = clock
        self._edges = {processed: _PROCESSED, quarantine: _QUARANTINE}
        self._unsure: dict[int, str] = {}  # what may lie there already, by its fingerprint
        self._stalls: Counter[tuple[str, int, int]] = Counter()
        self._rests_since: dict[tuple[str, int, int], datetime] = {}

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
        gap = self._gap(inbox, self.processed)
        return {fingerprint(mail.raw) for mail, _ in self._within(inbox, gap)} if gap else set()

    def gaps(self, inbox: Mailbox) -> list[Gap]:
        """Give what lies in the ledger's folders beyond the edges remembered."""
        found = (self._gap(inbox, folder) for folder in self._edges)
        return [gap for gap in found if gap]

    def _gap(self, inbox: Mailbox, folder: str) -> Gap | None:
        """Give what lies in a folder beyond its edge; one made anew is unknown from its start."""
        uidvalidity, end = inbox.edge(quarantine=folder == self.quarantine)
        edge = self._store.status(self._edges[folder])
        known_validity, _, known_end = edge[1].partition(":") if edge else ("", "", "")
        first = int(known_end) if known_validity == str(uidvalidity) else 1
        set_back = first > end
        gap = Gap(folder, uidvalidity, 1 if set_back else first, end, set_back)
        return gap if first != end else None

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
            if not self._store.knows(mark, mail.raw):
                yield mail, seen
            elif are_pushed:
                if mark not in self._unsure.values():
                    before_found(mark)
                self._store.mark_found(mark)

    def _within(self, inbox: Mailbox, gap: Gap) -> Iterator[tuple[Arrived, Sighting]]:
        uidvalidity = inbox.select(gap.folder)
        try:
            missing = {uid for uid in inbox.uids(gap.first) if uid < gap.end}
            for uids in self._in_turn(gap.folder, uidvalidity, sorted(missing)):
                try:
                    for mail in inbox.fetch(uids):
                        missing.discard(mail.uid)
                        yield mail, Sighting(gap.folder, uidvalidity, mail.uid)
                except CONNECTION_ERRORS:
                    at_hand = missing.intersection(uids)
                    self._stalled({(gap.folder, uidvalidity, uid) for uid in at_hand})
                    raise
            missing.intersection_update(inbox.uids(gap.first) if missing else ())
            if missing:
                raise WithheldError(missing)
        finally:
            inbox.select_inbox()

    def _stalled(self, mails: set[tuple[str, int, int]]) -> None:
        """Remember the mails at hand when the line broke."""
        self._stalls.update(mails)
        now = self._clock()
        self._rests_since |= {each: now for each in mails if self._stalls[each] >= _STALLS}

    def _in_turn(self, folder: str, uidvalidity: int, uids: list[int]) -> list[list[int]]:
        """Give which mails are asked for together; those at hand when a look broke come one by one.

        They come last: a mail on which the server stalls keeps no other waiting, and is asked for
        once an hour when it has stalled often enough.
        """
        stalls = {uid: self._stalls[folder, uidvalidity, uid] for uid in uids}
        singly = sorted((uid for uid in uids if stalls[uid]), key=stalls.__getitem__)
        together = [uid for uid in uids if not stalls[uid]]
        rests = {uid for uid in singly if self._rests((folder, uidvalidity, uid))}
        return [together, *([uid] for uid in singly if uid not in rests)]

    def _rests(self, mail: tuple[str, int, int]) -> bool:
        """Whether a mail stalled so lately that it is left alone; a clock set back ends that."""
        since = self._rests_since.get(mail)
        return since is not None and timedelta() <= self._clock() - since < _REST

    def close_gap(self, gap: Gap) -> None:
        """Remember that a folder is known up to here: what lies beyond, this database missed."""
        edge = f"{gap.uidvalidity}:{gap.end}"
        self._store.set_status(self._edges[gap.folder], self._clock(), edge)

    def close_own_gap(self, inbox: Mailbox, folder: str, count: int) -> None:
        """Move a folder's edge over the mails just put there, if nobody else put one there too.

        Each mail takes a UID of its own, so as many as ours are ours alone.
        """
        gap = self._gap(inbox, folder) if count else None
        if gap and gap.end - gap.first == count:
            self.close_gap(gap)
