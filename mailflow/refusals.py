"""Mails that the mail server refuses to take or to move: they keep no other mail waiting."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from mailflow.inbox import CONNECTION_ERRORS, is_refusal
from mailflow.store import Store

__all__ = ["Refusals"]

log = logging.getLogger(__name__)

_PAUSE = timedelta(minutes=10)
"""So long a mail is left alone that was refused: the next try costs all its bytes again."""

_NAMED = 5
_LONGEST = 120

_REMEDY = (
    "Gelesen und bearbeitet wird sie wie jede andere, und alle anderen Mails laufen weiter; es "
    "wird alle zehn Minuten wieder versucht. Was den Mailserver stört, sagt sein Protokoll. Eine "
    "Mail, die nie im Postfach lag, fehlt, wenn die Datenbank aus ihm neu aufgebaut wird: Bitte "
    "heben Sie Sicherungen der Datenbank auf."
)


class Refusals:
    """Remember what was refused, and tell the manager. A broken line is no refusal."""

    def __init__(
        self, store: Store, alert: Callable[[str, str, str], object], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._alert = alert
        self._clock = clock
        self._refused: dict[int, tuple[datetime, str]] = {}

    def rests(self, mail_id: int) -> bool:
        """Whether a mail was refused so lately that it is not tried again yet."""
        found = self._refused.get(mail_id)
        return found is not None and timedelta() <= self._clock() - found[0] < _PAUSE

    def allows(self, mail_ids: Sequence[int], work: Callable[[], None]) -> bool:
        """Do something with these mails in the mailbox; False if the server refuses it.

        Which of several it refuses nobody knows: they are to be tried one by one.
        """
        try:
            work()
        except CONNECTION_ERRORS as error:
            if not is_refusal(error):
                raise
            if len(mail_ids) == 1:
                self._refuse(mail_ids[0], " ".join(str(error).split())[:_LONGEST])
            return False
        for each in mail_ids:
            self._refused.pop(each, None)
        return True

    def _refuse(self, mail_id: int, words: str) -> None:
        log.warning("the mail server refuses mail %d: %s", mail_id, words)
        self._refused[mail_id] = self._clock(), words

    def tell(self) -> None:
        """Tell the manager, once a day, which mails are refused long after they came.

        At first it may be a mood. What has not been tried again after its rest lies there no more.
        """
        self._refused = {each: self._refused[each] for each in self._refused if self.rests(each)}
        named = [words for each in self._refused if (words := self._lasting(each))]
        if not named:
            return
        more = f"; und {len(named) - _NAMED} weitere" if len(named) > _NAMED else ""
        lines = "; ".join(named[:_NAMED]) + more
        text = f"Der Mailserver nimmt eine Mail nicht in ihren Ordner: {lines}"
        self._alert("mail-refused", text, _REMEDY)

    def _lasting(self, mail_id: int) -> str:
        """Name a mail that was stored a while ago, "" for a newer one."""
        sender, subject, stored_at = self._store.heading_of(mail_id)
        at, words = self._refused[mail_id]
        if at - stored_at < _PAUSE:
            return ""
        return f"{sender or 'ohne Absender'}, „{subject[:_LONGEST]}“ ({words})"
