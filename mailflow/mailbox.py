"""What the rest of mailflow asks of a mailbox; ``mailflow.inbox.Inbox`` gives it over IMAP."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

__all__ = ["Arrived", "Mailbox"]


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail as it lies in the mailbox; ``received_at`` is the server's time (UTC)."""

    uid: int
    raw: bytes
    received_at: datetime


class Mailbox(Protocol):
    """The central mailbox: an inbox, and the folders that are its ledger."""

    @property
    def uidvalidity(self) -> int:
        """The inbox's incarnation (RFC 3501 §2.3.1.1)."""

    def select(self, folder: str) -> int:
        """Look into another folder from now on; give its UIDVALIDITY."""

    def select_inbox(self) -> None:
        """Look into the inbox."""

    def edge(self) -> tuple[int, int]:
        """Give UIDVALIDITY and UIDNEXT of the processed folder."""

    def uids(self) -> list[int]:
        """Give the UIDs of all mails in the folder at hand, oldest first."""

    def arrivals(self) -> Iterator[tuple[int, datetime]]:
        """Give UID and arrival (UTC) of every mail in the folder at hand."""

    def fetch(self, uids: Iterable[int]) -> Iterator[Arrived]:
        """Give mails with all their bytes; a vanished one is absent."""

    def move(self, uids: Iterable[int], *, quarantine: bool = False) -> None:
        """Move mails out of the inbox."""

    def file(self, raw: bytes, received_at: datetime) -> None:
        """Put a mail into the processed folder."""
