"""Mails that the mail server lists and does not give: each costs itself alone, and is told."""

import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from mailflow.mailbox import Mailbox
from mailflow.store import Sighting

__all__ = ["Withheld"]

log = logging.getLogger(__name__)

_ALONE = 2
"""A mail not given so often is withheld by itself, and not only because of another one."""

_TRIES = 3
"""So often one of the ledger is asked for before it rests, and any before it is told."""

_REST = timedelta(hours=1)
"""How long it rests: where the server stalls, a try lasts until the timeout, and costs a login."""

_MOMENT = timedelta(minutes=1)
"""A mail that was not given for so long is worth an alert."""

_CLOCKS_APART = timedelta(days=1)
"""By more the clock that says when a mail came, the server's or ours, will not be wrong."""

_OURS = b"mailflow"
"""Stands in the header of each copy of our mails, and of each reply that names one."""

_NAMED = 5
_LONGEST = 120

_REMEDY = (
    "mailflow kann es nicht lesen und fragt weiter danach; alle anderen Mails laufen weiter. Nur "
    "unsere Mails, die vorher entstanden und von denen ungewiss ist, ob sie ankamen, warten so "
    "lange: Es könnte ihr Beleg sein. Was "
    "den Mailserver stört, sagt sein Protokoll. Zeigt auch ein Mailprogramm es nicht an, kommt es "
    "aus der Sicherung des Mailservers, oder der Absender schickt es noch einmal; was sich nicht "
    "retten lässt, löschen Sie bitte im Postfach."
)


@dataclass(slots=True)
class _Record:
    """How often a mail was not given, since when and when last, and what the server gave of it."""

    since: datetime
    last: datetime
    tries: int = 0
    arrived: datetime | None = None
    header: bytes = b""
    looked_at: datetime | None = None

    def lasts(self, now: datetime, *, at_once: bool) -> bool:
        """Whether it is more than a mood of the server, as far as that can be known by now."""
        if at_once:
            return self.tries >= _ALONE
        return self.tries >= _TRIES and now - self.since >= _MOMENT


class Withheld:
    """Remember what was asked for in vain, in the life of a process, and tell the manager.

    That the server stalled on a mail, or broke the line, is the same as that it gave none.
    """

    def __init__(
        self,
        alert: Callable[[str, str, str], object],
        clock: Callable[[], datetime],
        heading_of: Callable[[bytes], tuple[str, str]],
    ) -> None:
        self._alert = alert
        self._clock = clock
        self._heading_of = heading_of
        self._records: dict[Sighting, _Record] = {}
        self._told_at: datetime | None = None

    def add(self, mails: Iterable[Sighting]) -> None:
        """Count a try in vain for each of these mails."""
        now = self._clock()
        for each in mails:
            record = self._records.setdefault(each, _Record(now, now))
            record.last = now
            record.tries += 1

    def forget(self, mails: Iterable[Sighting]) -> None:
        """Forget mails that were given, or have vanished."""
        for each in mails:
            self._records.pop(each, None)

    def forget_vanished(self, folder: str, there: Iterable[Sighting]) -> None:
        """Forget the mails of a folder that are not there any more."""
        known = {each for each in self._records if each.folder == folder}
        self.forget(known.difference(there))

    def tries(self, mail: Sighting) -> int:
        """Give how often a mail was asked for in vain."""
        found = self._records.get(mail)
        return found.tries if found else 0

    def rests(self, mail: Sighting) -> bool:
        """Whether a mail of the ledger is left alone for now; a clock set back ends that."""
        found = self._records.get(mail)
        return found is not None and found.tries >= _TRIES and self._is_lately(found.last)

    def _is_lately(self, moment: datetime | None) -> bool:
        return moment is not None and timedelta() <= self._clock() - moment < _REST

    def receipts_until(self, inbox: Mailbox, mails: Iterable[Sighting]) -> datetime | None:
        """Give when the last of these mails had come that may be a receipt; None if none may.

        A receipt, or what else proves something, names ours in its header; so may one whose header
        is not known yet, or not given either. It has come when it was first asked for in vain, and
        by the mail server's clock perhaps earlier; a day is added, as either may be wrong.
        """
        ours = [each for each in mails if self._may_be_ours(inbox, each)]
        return max(map(self._came_by, ours), default=None)

    def _may_be_ours(self, inbox: Mailbox, mail: Sighting) -> bool:
        header = self._header(inbox, mail)
        return not header or _OURS in header.lower()

    def _came_by(self, mail: Sighting) -> datetime:
        record = self._records.get(mail)
        if record is None:
            return self._clock() + _CLOCKS_APART
        return min(record.since, record.arrived or record.since) + _CLOCKS_APART

    def look_at(self, inbox: Mailbox, mails: Iterable[Sighting]) -> None:
        """Find out what their headers tell of these mails."""
        for each in mails:
            self._header(inbox, each)

    def _header(self, inbox: Mailbox, mail: Sighting) -> bytes:
        """Give a mail's header; where it is not given, it is asked for no more than once an hour.

        So is its arrival. That is noted before: where the server stalls on it, too, the next look
        goes on without.
        """
        record = self._records.get(mail)
        if record is None:
            return b""
        if not record.header and record.tries >= _ALONE and not self._is_lately(record.looked_at):
            record.looked_at = self._clock()
            inbox.select(mail.folder)
            try:
                record.header = inbox.header(mail.uid)
                record.arrived = next((at for _, at in inbox.arrivals([mail.uid])), None)
            finally:
                inbox.select_inbox()
        return record.header

    def tell(self, *, at_once: bool = False) -> None:
        """Tell the manager what is withheld: once a day, and within the hour where that changes.

        At first it may be a mood, unless a look has been taken twice and there will be no third.
        What has not been asked for again after its rest lies there no more.
        """
        now = self._clock()
        self._records = {
            mail: record
            for mail, record in self._records.items()
            if timedelta() <= now - record.last < 2 * _REST
        }
        lasting = sorted(
            (mail for mail, record in self._records.items() if record.lasts(now, at_once=at_once)),
            key=astuple,
        )
        if not lasting or self._is_lately(self._told_at):
            return
        if self._alert(_cause(lasting), self._words(lasting), _REMEDY):
            self._told_at = now

    def _words(self, mails: list[Sighting]) -> str:
        """Name the latest first: those were never told of."""
        latest = sorted(mails, key=lambda mail: self._records[mail].since, reverse=True)
        more = f"; und {len(mails) - _NAMED} weitere" if len(mails) > _NAMED else ""
        named = "; ".join(map(self._name, latest[:_NAMED]))
        return f"Der Mailserver gibt nicht heraus, was im Postfach liegt: {named}{more}"

    def _name(self, mail: Sighting) -> str:
        """Name a mail by its place, and by what its header tells."""
        record = self._records[mail]
        sender, subject = self._heading_of(record.header) if record.header else ("", "")
        known = f"{sender or 'ohne Absender'}, „{subject[:_LONGEST]}“"
        return f"{mail.folder}, UID {mail.uid} ({known if record.header else 'auch keinen Kopf'})"


def _cause(mails: list[Sighting]) -> str:
    """Give a word of its own for these mails together: another one beside them is another cause."""
    places = repr([astuple(each) for each in mails])
    return f"withheld {hashlib.sha256(places.encode()).hexdigest()[:16]}"
