"""Marks on the mails of the inbox: whoever makes a lost database anew sees which of them it knew.

A mail is marked once it is stored, and before anything follows from it, unless the line breaks at
that twice or for long. So a mark that a database cannot explain was set by another, which is lost
or newer, or, where a server keeps no keywords, by a person who has answered.
"""

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from mailflow.inbox import CONNECTION_ERRORS
from mailflow.mailbox import Mailbox
from mailflow.store import Sighting

__all__ = ["Marks"]

log = logging.getLogger(__name__)


_PATIENCE = timedelta(minutes=5)
"""So long a mail waits for its mark while nobody can look, as it may be an alarm; and so long none
is marked after a line broke at that, so that a backlog is read."""


class Marks:
    """Set marks, each once in the life of a process."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._awaited = dict[int, tuple[Sighting, datetime]]()
        self._done = set[Sighting]()
        self._broke_at: datetime | None = None

    def awaited(self) -> frozenset[int]:
        """Give the rows whose mails lack their mark, and wait for it."""
        rows = self._awaited.items()
        return frozenset(row for row, (_, stored_at) in rows if self._is_lately(stored_at))

    def catch_up(self, inbox: Mailbox, there: Collection[Sighting]) -> None:
        """Mark what an earlier look has stored, and could not mark; what has vanished needs none.

        Raises what breaks the line.
        """
        self._done.intersection_update(there)
        self._awaited = {row: each for row, each in self._awaited.items() if each[0] in there}
        self.put(inbox, {place: row for row, (place, _) in self._awaited.items()})

    def await_for(self, place: Sighting, mail_id: int) -> None:
        """Let a mail that was just stored wait for its mark."""
        if place not in self._done:
            self._awaited[mail_id] = place, self._clock()

    def put(self, inbox: Mailbox, mails: Mapping[Sighting, int]) -> None:
        """Mark these mails of the inbox, rows by their place; raises what breaks the line.

        A line that broke at a mark may break at each, so no mail waits for its mark twice. After a
        loss the day of its arrival alone tells then whether it was read.
        """
        missing = [place for place in mails if place not in self._done]
        self._done.update(missing)
        if missing and not self._broke_lately():
            try:
                inbox.mark([place.uid for place in missing])
            except CONNECTION_ERRORS:
                self._broke_at = self._clock()
                log.warning("the line broke as %d mails were to be marked", len(missing))
                raise
        for mail_id in mails.values():
            self._awaited.pop(mail_id, None)

    def _broke_lately(self) -> bool:
        return self._broke_at is not None and self._is_lately(self._broke_at)

    def _is_lately(self, moment: datetime) -> bool:
        """Whether a moment is not long past; a clock set back ends that."""
        return timedelta() <= self._clock() - moment < _PATIENCE
