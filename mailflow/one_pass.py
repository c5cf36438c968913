"""One full pass: read the mailbox, do the clock's work, send. The service repeats its parts."""

import logging
import time

from sqlalchemy.exc import SQLAlchemyError

from mailflow.compose import TemplateError
from mailflow.errors import MailflowError
from mailflow.inbox import CONNECTION_ERRORS, Inbox, InboxError
from mailflow.lease import leased
from mailflow.ledger import Difference, reconcile
from mailflow.mailbox import NEARLY_FULL, Mailbox
from mailflow.missed_mails import ORDER_FOUND
from mailflow.parts import SIGNS, Parts, refuse_older_keys
from mailflow.settings.sections import Imap
from mailflow.store.backup import RESTORED
from mailflow.store.outbox import FROZEN

__all__ = [
    "compare_ledger",
    "do_clocks_work",
    "mailbox_away",
    "run_once",
    "tell_if_full",
    "tell_who_signs",
]

log = logging.getLogger(__name__)

_TOLD_FROZEN = "told-frozen"

_LINES, _PAUSE = 20, 1.0
"""So many lines may break at mails before a pass gives up, and so long it waits for the next."""

_BEHIND = "hinter dem Postfach zurück. Was fehlte, ist nachgelesen;"
_BEHIND_REMEDY = (
    "Ansehen mit: mailflow thaw --show. Freigeben mit: mailflow thaw --send, verwerfen mit: "
    "mailflow thaw --drop"
)
_RESTORED = (
    "Eine Sicherung der Datenbank wurde zurückgespielt. Was seit ihr hinausging, weiß sie nicht;"
)
_ORDER_FOUND = (
    "Ein Auftrag von der Kommandozeile lag schon im Postfach, und die Datenbank wusste es nicht. "
    "Was er auslöste, kann schon hinausgegangen sein;"
)
_ORDER_FOUND_REMEDY = (
    "Wurde gerade eine Sicherung der Datenbank zurückgespielt: Ansehen mit mailflow thaw --show, "
    "dann --send oder --drop. Wenn nicht, brach mailflow beim Ablegen ab, und nichts davon ging "
    "hinaus: mailflow thaw --send"
)
_COPIED = (
    "Von {} davon liegt eine Kopie im Postfach, deren Schlüssel hier fehlt; sie gehen nicht noch "
    "einmal hinaus. Wahrscheinlich stammt auch die Schlüsseldatei aus einer Sicherung: Bitte "
    "mailflow anhalten, die neueste Schlüsseldatei zurücklegen und dieselbe Sicherung der "
    "Datenbank noch einmal einspielen. Sonst gelten Antworten der Ämter seitdem als fremd."
)
_UNSURE = {ORDER_FOUND: _ORDER_FOUND, RESTORED: _RESTORED}
"""What is told where the mailbox held no mail more than the database, by why nothing goes out."""


class SubmissionUnusableError(MailflowError):
    """The submission server at {host} cannot be used; what has to go out waits in the outbox."""


def run_once(parts: Parts) -> None:
    """Make one full pass: read, decide, remind, digest, send.

    A look that breaks off is taken a second time, which leaves to the end what the first one broke
    at; one mail that the server does not give keeps nothing else from being done. Raises
    AlreadyRunningError, InboxError or SubmissionUnusableError.
    """
    with leased(parts.engine, parts.settings):
        trouble = _take_in(parts) and _take_in(parts)
        if trouble:
            parts.intake.tell_of_withheld()
        do_clocks_work(parts)
        usable = parts.dispatch.send_due()
        if trouble:
            raise trouble
        if not usable:
            raise SubmissionUnusableError(host=parts.settings.smtp.host)


def _take_in(parts: Parts) -> InboxError | None:
    """Look into the mailbox; give what broke the look off, None if nothing did.

    Raises InboxError when not even the comparison was made: before it nothing may go out.
    """
    tell_who_signs(parts)
    broken = parts.intake.broken_lines()
    for _ in range(_LINES):
        try:
            return _look(parts)
        except InboxError:
            if parts.intake.broken_lines() == broken:
                raise
            broken = parts.intake.broken_lines()
            time.sleep(_PAUSE)  # at a mail, which is not asked for again and again
    return _look(parts)


def _look(parts: Parts) -> InboxError | None:
    """Compare the mailbox with the database, and take in what is there, over one line."""
    imap, compared = parts.settings.imap, False
    try:
        with Inbox(imap) as inbox:
            compare_ledger(parts, inbox)
            compared = True
            tell_if_full(parts, inbox)
            parts.intake.take_in(inbox)
    except CONNECTION_ERRORS as error:
        trouble = mailbox_away(imap, error)
        if not compared:
            raise trouble from error
        return trouble
    return None


def mailbox_away(imap: Imap, error: Exception) -> InboxError:
    """Word what ended a connection to the mailbox for whoever stands before the terminal."""
    return InboxError(
        host=f"{imap.host}:{imap.port}",
        problem=getattr(error, "strerror", None) or error,
        remedy="what is wrong, says: mailflow check",
    )


def do_clocks_work(parts: Parts) -> None:
    """Send the digest, the word on what waits and the reminders that are due; close what is done.

    None of them keeps the others from being done: a digest that cannot be composed is told, and
    so is a ticket that cannot be looked at. Raises SQLAlchemyError while the database is away.
    """
    reporting, chasing = parts.reporting, parts.chasing
    for work in (
        reporting.send_if_due,
        reporting.tell_of_waiting,
        chasing.remind,
        chasing.close,
    ):
        try:
            work()
        except SQLAlchemyError:
            raise
        except Exception as error:
            log.exception("a part of the clock's work failed")
            parts.reporting.alert(
                "clock",
                "Eine Tagesübersicht, eine Erinnerung oder der Abschluss eines Vorgangs ist nicht "
                f"gelungen: {error if isinstance(error, TemplateError) else type(error).__name__}",
                "Alles andere läuft weiter, und dies wird jede Minute wieder versucht. Ob eine "
                "Vorlage fehlerhaft ist, sagt: mailflow check",
            )


def tell_who_signs(parts: Parts) -> None:
    """Remember with which key the reader of the mailbox signs: every other command then does, too.

    For it is the reader that judges what comes back, by the keys there were when it started.
    Raises ``KeyFileError`` where the file lacks the one that signed before.
    """
    keyring, found = parts.policy.keyring, parts.store.status(SIGNS)
    refuse_older_keys(parts.settings.central.key_file, keyring, found[1] if found else "")
    parts.store.set_status(SIGNS, parts.clock(), keyring.current)


def compare_ledger(parts: Parts, inbox: Mailbox) -> None:
    """Notice a database that lags behind the mailbox, and tell the manager. Raises LedgerError."""
    difference = reconcile(parts.store, inbox, parts.intake)
    if not parts.deciding.stopping():  # else it may not be caught up with; the next start goes on
        _tell_if_frozen(parts, difference)


def _tell_if_frozen(parts: Parts, difference: Difference | None) -> None:
    """Tell the manager that nothing goes out, unless he has been told already.

    A start that was killed between catching up and telling leaves it to the next one, which does
    not know the difference any more.
    """
    frozen, told = parts.store.status(FROZEN), parts.store.status(_TOLD_FROZEN)
    if frozen is None:
        return
    since = frozen[0].isoformat()
    if told is not None and told[1] == since:  # no time to compare with: a clock may be ahead
        return
    mails = f"{difference.mails} Mails " if difference and difference.mails else ""
    waiting = len(parts.store.queued_since())
    more = f", und {waiting} sicher neue gehen mit ihr hinaus" if waiting else ""
    held = f"{len(parts.store.held_back())} ausgehende Mails warten auf Ihre Freigabe{more}."
    if copied := len(parts.store.copied()):
        held = f"{held} {_COPIED.format(copied)}"
    parts.reporting.alert(
        f"ledger {since}",  # each time it is so, also twice a day
        f"{_UNSURE.get(frozen[1], f'Die Datenbank war {mails}{_BEHIND}')} {held}",
        _ORDER_FOUND_REMEDY if frozen[1] == ORDER_FOUND else _BEHIND_REMEDY,
    )
    parts.store.set_status(_TOLD_FROZEN, parts.clock(), since)


def tell_if_full(parts: Parts, inbox: Inbox) -> None:
    """Tell the manager, once a day, of a mailbox that will soon refuse the companies' mail."""
    percent = inbox.fullness()
    if percent is not None and percent >= NEARLY_FULL:
        parts.reporting.alert(
            "quota",
            f"Das Postfach ist zu {percent} Prozent voll. Ist es ganz voll, nimmt der Mailserver "
            "keine Mails von Unternehmen und Ämtern mehr an.",
            "Bitte lassen Sie es vergrößern. mailflow löscht nichts: Das Postfach ist die Ablage.",
        )
