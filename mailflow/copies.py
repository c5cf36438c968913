"""Mails that lie in two folders, because a line or a process ended between COPY and EXPUNGE.

Only a server that cannot MOVE (RFC 6851) leaves such. What was copied is not copied once more.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import Protocol

from mailflow.mailbox import Arrived

__all__ = ["Copies", "InboxMadeAnewError", "Shape"]

Shape = tuple[int, bytes]
"""A mail's size in bytes and its Message-ID, as the server gives them: copies have the same."""

_IN_DOUBT = 1000
"""How many of a folder's newest mails may be copies that a line left behind when it broke, and as
many again as lie in the inbox: none of those may have been allowed to leave it."""


class _Folders(Protocol):
    """What is asked of the mailbox here."""

    @property
    def uidvalidity(self) -> int: ...

    def select(self, folder: str) -> int: ...

    def select_inbox(self) -> None: ...

    def uids(self) -> list[int]: ...

    def shapes(self, uids: Iterable[int]) -> dict[int, Shape]: ...

    def fetch(self, uids: Iterable[int]) -> Iterator[Arrived]: ...


class InboxMadeAnewError(ConnectionError):
    """The inbox was made anew while a look at another folder lasted: its UIDs are other mails'."""


class Copies:
    """What earlier lines may have copied: any mail below ``first_new``, the inbox's UIDNEXT."""

    def __init__(self, first_new: int) -> None:
        self._first_new = first_new
        self._newest: dict[str, dict[int, Shape]] = {}
        self._made: set[tuple[str, int, int]] = set()

    def remember(self, mailbox: _Folders, uids: Iterable[int], folder: str) -> None:
        """Remember what was copied on this line and could not leave the inbox."""
        self._made.update((folder, mailbox.uidvalidity, uid) for uid in uids)

    def doubt(self) -> None:
        """Take it that every mail of the inbox may have been copied: a COPY has failed."""
        self._first_new = sys.maxsize
        self._newest.clear()

    def among(self, mailbox: _Folders, uids: list[int], folder: str) -> set[int]:
        """Give which of these mails of the inbox lie in that folder, too, byte for byte.

        Raises InboxMadeAnewError where the inbox is no longer the same afterwards.
        """
        place = folder, mailbox.uidvalidity
        made = {uid for uid in uids if (*place, uid) in self._made}
        doubted = [uid for uid in uids if uid not in made and uid < self._first_new]
        return made | (self._compared(mailbox, doubted, folder) if doubted else set())

    def _compared(self, mailbox: _Folders, uids: list[int], folder: str) -> set[int]:
        shapes = mailbox.shapes(uids)
        newest = self._newest_of(mailbox, folder)
        alike = set(shapes.values()) & set(newest.values())
        if not alike:
            return set()
        with _elsewhere(mailbox, folder):
            lie_there = set(_digests(mailbox, newest, alike).values())
        ours = _digests(mailbox, shapes, alike)
        return {uid for uid, digest in ours.items() if digest in lie_there}

    def _newest_of(self, mailbox: _Folders, folder: str) -> dict[int, Shape]:
        if folder not in self._newest:
            count = _IN_DOUBT + len(mailbox.uids())
            with _elsewhere(mailbox, folder):
                self._newest[folder] = mailbox.shapes(mailbox.uids()[-count:])
        return self._newest[folder]


def _digests(mailbox: _Folders, shapes: Mapping[int, Shape], alike: set[Shape]) -> dict[int, bytes]:
    """Give what tells the bytes of those mails apart that have one of these shapes."""
    uids = [uid for uid, shape in shapes.items() if shape in alike]
    return {mail.uid: sha256(mail.raw).digest() for mail in mailbox.fetch(uids)}


@contextmanager
def _elsewhere(mailbox: _Folders, folder: str) -> Iterator[None]:
    """Look into another folder, and be back in the same inbox."""
    before = mailbox.uidvalidity
    mailbox.select(folder)
    try:
        yield
    finally:
        mailbox.select_inbox()
    if mailbox.uidvalidity != before:
        raise InboxMadeAnewError(f"the inbox was {before}, is {mailbox.uidvalidity}")
