"""What the rest of mailflow asks of a mailbox; ``mailflow.inbox.Inbox`` gives it over IMAP."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

__all__ = ["NEARLY_FULL", "Arrived", "Lively", "Mailbox", "WithheldError"]

NEARLY_FULL = 80
"""From so many percent of its quota on a mailbox is told of: it keeps every mail."""


class WithheldError(OSError):
    """The mailbox lists mails and does not give them: ``mails``, each by its folder and UID."""

    def __init__(self, mails: Iterable[tuple[str, int]]) -> None:
        self.mails = sorted(mails)
        named = ", ".join(f"{folder} {uid}" for folder, uid in self.mails[:10])
        super().__init__(f"the server lists mails and does not give them: {named}")


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail as it lies in the mailbox; ``received_at`` is the server's time (UTC).

    ``marked``: it bears mailflow's mark, and one that nobody else sets.
    """

    uid: int
    raw: bytes
    received_at: datetime
    marked: bool = False


class Mailbox(Protocol):
    """The central mailbox: an inbox, and the folders that are its ledger."""

    @property
    def uidvalidity(self) -> int:
        """The inbox's incarnation (RFC 3501 §2.3.1.1)."""

    def select(self, folder: str) -> int:
        """Look into another folder from now on; give its UIDVALIDITY."""

    def select_inbox(self) -> None:
        """Look into the inbox."""

    def edge(self, *, quarantine: bool = False) -> tuple[int, int]:
        """Give UIDVALIDITY and UIDNEXT of the processed folder, or of the quarantine."""

    def uids(self, first: int = 1) -> list[int]:
        """Give the UIDs of all mails in the folder at hand, or those from one on; oldest first."""

    def mark(self, uids: Iterable[int]) -> None:
        """Mark mails of the inbox as stored: what follows from them may go out from now on."""

    def marked(self, uids: Iterable[int], *, surely: bool = False) -> set[int]:
        """Give which of these mails of the folder at hand bear that mark.

        ``surely``: one that nobody else sets.
        """

    def arrivals(self, uids: Iterable[int] | None = None) -> Iterator[tuple[int, datetime]]:
        """Give UID and arrival (UTC) of every mail in the folder at hand, or of these."""

    def sizes(self, uids: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Give UID and length in bytes, as the server tells it, of mails of the folder at hand."""

    def fetch(self, uids: Iterable[int]) -> Iterator[Arrived]:
        """Give mails with all their bytes; a vanished one is absent."""

    def header(self, uid: int) -> bytes:
        """Give a mail's header without the rest of it; nothing of a vanished one."""

    def message_ids(self, uids: Iterable[int]) -> Iterator[str]:
        """Give the Message-IDs of mails without fetching the mails; some mails have none."""

    def move(self, uids: Iterable[int], *, quarantine: bool = False) -> int:
        """Move mails out of the inbox; give how many the other folder did not hold before."""

    def file(self, raw: bytes, received_at: datetime) -> None:
        """Put a mail into the processed folder."""


_PART = 500
"""How many mails are moved between two signs of life."""


class Lively:
    """A mailbox that calls back with each mail it gives or takes: a long look at it is no hang."""

    def __init__(self, mailbox: Mailbox, alive: Callable[[], None]) -> None:
        self._mailbox = mailbox
        self._alive = alive

    @property
    def uidvalidity(self) -> int:
        """The inbox's incarnation."""
        return self._mailbox.uidvalidity

    def select(self, folder: str) -> int:
        """Look into another folder from now on; give its UIDVALIDITY."""
        return self._mailbox.select(folder)

    def select_inbox(self) -> None:
        """Look into the inbox."""
        self._mailbox.select_inbox()

    def edge(self, *, quarantine: bool = False) -> tuple[int, int]:
        """Give UIDVALIDITY and UIDNEXT of the processed folder, or of the quarantine."""
        return self._mailbox.edge(quarantine=quarantine)

    def uids(self, first: int = 1) -> list[int]:
        """Give the UIDs of all mails in the folder at hand, or those from one on; oldest first."""
        return self._mailbox.uids(first)

    def mark(self, uids: Iterable[int]) -> None:
        """Mark mails of the inbox as stored: what follows from them may go out from now on."""
        self._mailbox.mark(uids)
        self._alive()

    def marked(self, uids: Iterable[int], *, surely: bool = False) -> set[int]:
        """Give which of these mails of the folder at hand bear that mark."""
        return self._mailbox.marked(uids, surely=surely)

    def arrivals(self, uids: Iterable[int] | None = None) -> Iterator[tuple[int, datetime]]:
        """Give UID and arrival (UTC) of every mail in the folder at hand, or of these."""
        for arrival in self._mailbox.arrivals(uids):
            self._alive()
            yield arrival

    def sizes(self, uids: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Give UID and length in bytes of mails of the folder at hand."""
        return self._mailbox.sizes(uids)

    def fetch(self, uids: Iterable[int]) -> Iterator[Arrived]:
        """Give mails with all their bytes; a vanished one is absent."""
        for mail in self._mailbox.fetch(uids):
            self._alive()
            yield mail

    def header(self, uid: int) -> bytes:
        """Give a mail's header without the rest of it; nothing of a vanished one."""
        return self._mailbox.header(uid)

    def message_ids(self, uids: Iterable[int]) -> Iterator[str]:
        """Give the Message-IDs of mails without fetching the mails; some mails have none."""
        for each in self._mailbox.message_ids(uids):
            self._alive()
            yield each

    def move(self, uids: Iterable[int], *, quarantine: bool = False) -> int:
        """Move mails out of the inbox; give how many the other folder did not hold before."""
        rest, count = list(uids), 0
        for start in range(0, len(rest), _PART):
            count += self._mailbox.move(rest[start : start + _PART], quarantine=quarantine)
            self._alive()
        return count

    def file(self, raw: bytes, received_at: datetime) -> None:
        """Put a mail into the processed folder."""
        self._mailbox.file(raw, received_at)
        self._alive()
