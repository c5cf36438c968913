"""Marks on the mails of the inbox: whoever makes a lost database anew sees which of them it knew.

A mail is marked once it is stored, and before anything follows from it. So a mark that a database
cannot explain was set by another, which is lost or newer.
"""

import logging
from collections.abc import Iterable, Mapping

from mailflow.inbox import CONNECTION_ERRORS
from mailflow.mailbox import Mailbox
from mailflow.store import Sighting

__all__ = ["Marks"]

log = logging.getLogger(__name__)

_TRIES = 3
"""So often in a row a line may break at a mark before mails are read without one."""


class Marks:
    """Set marks, each once in the life of a process; ``awaited`` are rows whose mail lacks its."""

    def __init__(self) -> None:
        self.awaited = set[int]()
        self._done = set[Sighting]()
        self._broken = 0

    def forget_vanished(self, there: Iterable[Sighting]) -> None:
        """Forget the mails that are not in the inbox any more."""
        self._done.intersection_update(there)

    def await_for(self, place: Sighting, mail_id: int) -> None:
        """Let a mail that was just stored wait for its mark."""
        if place not in self._done:
            self.awaited.add(mail_id)

    def put(self, inbox: Mailbox, mails: Mapping[Sighting, int]) -> None:
        """Mark these mails of the inbox, rows by their place; raises what breaks the line.

        Where each line breaks at that, mails are read all the same, and after a loss the day of
        their arrival alone tells whether they had been.
        """
        missing = [place for place in mails if place not in self._done]
        if missing and self._broken < _TRIES:
            try:
                inbox.mark([place.uid for place in missing])
            except CONNECTION_ERRORS:
                self._broken += 1
                if self._broken == _TRIES:
                    log.error("each line to the mailbox breaks at a mark; mails are read without")  # noqa: TRY400 - no traceback: expected
                raise
            self._broken = 0
        self._done.update(missing)
        self.awaited.difference_update(mails.values())
