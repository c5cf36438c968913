"""A mailbox in memory that behaves as ``mailflow.inbox.Inbox`` does."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes

from mailflow.copies import Shape
from mailflow.mailbox import Arrived


@dataclass
class Folder:
    """Mails by UID; UIDs only grow."""

    uidvalidity: int
    uidnext: int = 1
    mails: dict[int, tuple[bytes, datetime]] = field(default_factory=dict)
    marked: set[int] = field(default_factory=set)

    def add(self, raw: bytes, received_at: datetime, *, marked: bool = False) -> None:
        """Append a mail."""
        self.mails[self.uidnext] = (raw, received_at)
        if marked:
            self.marked.add(self.uidnext)
        self.uidnext += 1


class MemoryInbox:
    """The three folders of the central mailbox."""

    keeps_keywords = True

    def __init__(self) -> None:
        self.folders = {name: Folder(7) for name in ("INBOX", "Processed", "Quarantine")}
        self._selected = "INBOX"

    @property
    def uidvalidity(self) -> int:
        """The inbox's incarnation."""
        return self.folders["INBOX"].uidvalidity

    def select(self, folder: str) -> int:
        """Look into another folder."""
        self._selected = folder
        return self.folders[folder].uidvalidity

    def select_inbox(self) -> None:
        """Look into the inbox."""
        self.select("INBOX")

    def edge(self, *, quarantine: bool = False) -> tuple[int, int]:
        """Give where a folder of the ledger ends."""
        folder = self.folders["Quarantine" if quarantine else "Processed"]
        return folder.uidvalidity, folder.uidnext

    def uids(self, first: int = 1) -> list[int]:
        """Give all UIDs of the folder at hand, or those from one on."""
        return sorted(uid for uid in self.folders[self._selected].mails if uid >= first)

    def arrivals(self, uids: Iterable[int] | None = None) -> Iterator[tuple[int, datetime]]:
        """Give UID and arrival of every mail of the folder at hand, or of these."""
        mails = self.folders[self._selected].mails
        for uid in sorted(mails if uids is None else {*uids} & {*mails}):
            yield uid, mails[uid][1]

    def shapes(self, uids: Iterable[int]) -> dict[int, Shape]:
        """Give size and Message-ID of mails of the folder at hand."""
        mails = self.folders[self._selected].mails
        raws = {uid: mails[uid][0] for uid in uids if uid in mails}
        return {
            uid: (len(raw), str(message_from_bytes(raw)["Message-ID"]).encode())
            for uid, raw in raws.items()
        }

    def sizes(self, uids: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Give UID and length of mails of the folder at hand."""
        mails = self.folders[self._selected].mails
        yield from ((uid, len(mails[uid][0])) for uid in uids if uid in mails)

    def fetch(self, uids: Iterable[int]) -> Iterator[Arrived]:
        """Give mails with their bytes."""
        for uid in uids:
            folder = self.folders[self._selected]
            raw, received_at = folder.mails[uid]
            yield Arrived(uid, raw, received_at, self.keeps_keywords and uid in folder.marked)

    def header(self, uid: int) -> bytes:
        """Give a mail's header."""
        raw, _ = self.folders[self._selected].mails.get(uid, (b"", None))
        return raw.partition(b"\r\n\r\n")[0]

    def message_ids(self, uids: Iterable[int]) -> Iterator[str]:
        """Give the Message-IDs of mails."""
        for uid in uids:
            raw, _ = self.folders[self._selected].mails[uid]
            yield from message_from_bytes(raw).get_all("Message-ID", [])

    def move(self, uids: Iterable[int], *, quarantine: bool = False) -> int:
        """Move mails out of the folder at hand."""
        target = self.folders["Quarantine" if quarantine else "Processed"]
        source = self.folders[self._selected]
        moved = [(source.mails.pop(uid), uid in source.marked) for uid in uids]
        for mail, marked in moved:
            target.add(*mail, marked=marked)
        return len(moved)

    def mark(self, uids: Iterable[int]) -> None:
        """Mark mails of the folder at hand."""
        self.folders[self._selected].marked.update(uids)

    def marked(self, uids: Iterable[int], *, surely: bool = False) -> set[int]:
        """Give the marked mails of the folder at hand."""
        if surely and not self.keeps_keywords:
            return set()
        folder = self.folders[self._selected]
        return folder.marked.intersection(uids, folder.mails)

    def file(self, raw: bytes, received_at: datetime) -> None:
        """Put a mail into the processed folder."""
        self.folders["Processed"].add(raw, received_at)

    def new_uidvalidity(self) -> None:
        """Make the inbox anew, as a server does that has lost its index."""
        old = self.folders["INBOX"]
        self.folders["INBOX"] = Folder(old.uidvalidity + 1)
        for uid, mail in old.mails.items():
            self.folders["INBOX"].add(*mail, marked=uid in old.marked)
