"""The mailbox is the ledger: what it holds and the database does not know is read again.

Every mail in, and every copy of our own mails out, stays in the mailbox. So a database restored
from yesterday's backup is noticed, and a lost one is made anew. While that goes on nothing is
sent: what the mailbox proves was sent stays sent, what is unsure is held until the manager has
seen the difference.
"""

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from mailflow.errors import MailflowError
from mailflow.inbox import CONNECTION_ERRORS
from mailflow.intake import Intake
from mailflow.ledger_folders import MISSED_UNTIL, Gap, Own
from mailflow.mailbox import Mailbox
from mailflow.missed_mails import (
    REASON,
    fall_behind,
    missed_so_far,
    store_all,
    store_missed,
    store_read,
)
from mailflow.store import BEHIND, EVEN_FROZEN, Store

__all__ = ["Difference", "LedgerError", "rebuild", "reconcile", "thaw"]

log = logging.getLogger(__name__)

_UNREAD, _PUT_BACK, _BEGUN = "inbox_unread", "put back", "begun"
"""The status row that says that a rebuild has still to read the inbox, and until when the other
folders' mails came; what it says where the mailbox was put back, too, and until that is known."""

_EVER = datetime.min.replace(tzinfo=UTC)

_NAMELESS = "inbox_nameless"  # how often in a row the inbox did not say what lies in it
_LOOKS = 3


class LedgerError(MailflowError):
    """The mailbox and the database do not fit: {problem}; {remedy}."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What the mailbox knew and the database did not; ``held`` mails wait to be released.

    ``waiting``: so many go out with the thaw, whatever becomes of those that are held.
    ``withheld``: so many more the server lists and did not give. ``unproven``: so many bear a name
    like our own mails, and no key at hand says that they are.
    """

    mails: int
    held: int
    withheld: int = 0
    unproven: int = 0
    waiting: int = 0

    def and_then(self, more: "Difference") -> "Difference":
        """Give this difference with what the inbox brought about; its mails were not missed."""
        return replace(self, held=self.held + more.held, waiting=more.waiting)


def reconcile(store: Store, inbox: Mailbox, intake: Intake) -> Difference | None:
    """Compare the mailbox with the database at start; None when the database is up to date.

    Otherwise nothing goes out any more, and the mails it missed are read again in their order; a
    rebuild that was killed is ended.
    Raises LedgerError for an empty database beside a mailbox that has been worked on.
    """
    processed = intake.folders.processed
    if not store.has_mail() and inbox.edge()[1] > 1 and _holds_mail(inbox, processed):
        raise LedgerError(
            problem=f"the folder {processed} holds mails and the database is empty",
            remedy='run "mailflow rebuild" to make it anew, or name an empty folder',
        )
    gaps = intake.folders.gaps(inbox)
    if any(gap.set_back for gap in gaps):
        intake.tell_of_set_back()
    if intake.folders.own is None:
        intake.folders.own = _own(store, intake)
    if not store.frozen() and (unsent := _unsent(store, inbox, intake)):
        fall_behind(store, intake, unsent)
    difference = _compare(store, inbox, intake, gaps)
    if intake.deciding.stopping():
        return difference
    intake.folders.found_missed, intake.folders.own = False, None
    if not _unread(store):
        return difference
    unread, withheld = _read_inbox(store, inbox, intake, [intake.folder])
    return difference.and_then(unread) if difference else replace(unread, withheld=len(withheld))


def _compare(store: Store, inbox: Mailbox, intake: Intake, gaps: list[Gap]) -> Difference | None:
    """Read the mails that the database missed; None where it missed none, or was told to stop."""
    found_missed, behind = intake.folders.found_missed, missed_so_far(store) is not None
    known = [store_missed(store, inbox, intake, gap) for gap in gaps]
    missed, gaps = sum(count for count, _ in known), [gap for _, gap in known]
    read = store_read(store, inbox, intake)
    if missed_so_far(store) is None:
        for gap in gaps:
            intake.folders.close_compared(gap)
        return None
    log.warning("the database lags behind the mailbox by %d mails; nothing is sent", missed + read)
    return _catch_up(store, inbox, intake, gaps, lost=behind and not found_missed)


def _own(store: Store, intake: Intake) -> Own:
    """Give what this database has surely made itself, before a mail is read that it missed.

    That is what waits in its outbox now, also of mails that were pushed, and what it makes from now
    on. A database that may be another's copy has made only its alerts: who is told of danger or
    trouble twice has lost nothing. One that is being made anew has made those of today alone: what
    a rebuild that was killed has read again are the alarms of years.
    """
    if not intake.folders.found_missed or missed_so_far(store) is not None:
        since = _begun(store, intake) if _unread(store) else None
        return Own(store.still_to_go(EVEN_FROZEN, since))
    intake.deciding.decide_all()
    return Own(store.still_to_go(), intake.clock() - timedelta.resolution)


def rebuild(
    store: Store,
    inbox: Mailbox,
    intake: Intake,
    folders: list[str],
    *,
    keys_lost: bool = False,
    mailbox_restored: bool = False,
) -> Difference:
    """Make an empty database anew from these folders; nothing is sent.

    What follows from mails of the inbox that bear no mark, and came after the lost database's last
    sign of life, is not held, unless ``mailbox_restored``: a mailbox that was put back, too, shows
    the marks and signs of its day.

    Raises LedgerError when the database is not empty, or, unless ``keys_lost``, a key is missing
    that signed our mails there: their receipts would prove nothing, and what was sent be held as
    if it had not been.
    """
    if store.has_mail():
        raise LedgerError(
            problem="the database is not empty",
            remedy="move it away first; rebuild only fills a new one",
        )
    unproven = _unproven(inbox, intake, keys_lost=keys_lost)
    store.set_status(_UNREAD, intake.clock(), _PUT_BACK if mailbox_restored else _BEGUN)
    fall_behind(store, intake)
    gaps = intake.folders.gaps(inbox)
    inbox.select_inbox()
    read, ledger = inbox.marked(inbox.uids()), intake.folders.names()

    def was_read(folder: str, uid: int) -> bool:
        return folder in ledger or (folder == intake.folder and uid in read)

    count, withheld = store_all(inbox, intake, folders, was_read)
    compared = [gap.compared(withheld) for gap in gaps]
    known = _catch_up(store, inbox, intake, compared, lost=True)
    if known is None:
        return Difference(count, 0, len(withheld), unproven)
    others = [each for each in folders if each not in ledger]
    unread, more = _read_inbox(store, inbox, intake, others)
    all_withheld = len({*withheld, *more})
    return Difference(
        count + unread.mails, known.held + unread.held, all_withheld, unproven, unread.waiting
    )


def _last_sign(store: Store, known_until: str) -> datetime | None:
    """Give when the lost database was last known to live; what came later it has not read.

    That is its last filed mail, or its last mail of which a copy came. There is none without
    copies, nor where the mailbox was put back, too.
    """
    _, copied_until = store.copies()
    if copied_until is None or known_until == _PUT_BACK:
        return None
    return max(copied_until, datetime.fromisoformat(known_until))


def _unread(store: Store) -> str:
    """Give what a rebuild that has still to read the inbox knows of the loss, "" if none has."""
    found = store.status(_UNREAD)
    return found[1] if found else ""


def _read_inbox(
    store: Store, inbox: Mailbox, intake: Intake, folders: list[str]
) -> tuple[Difference, list[tuple[str, int]]]:
    """End a rebuild: read what lay unread at the loss, do what the clock has not done since.

    Held is what came before the lost database's last sign of life, and what the clock sends, which
    works on while no mail can be read. Of the rest nobody has been told, so alerts go out. Gives
    what is not given, too.
    """
    known_until = _unread(store)
    inbox.select_inbox()
    read = intake.read_elsewhere(inbox, inbox.uids())

    def is_unread(folder: str, uid: int) -> bool:
        """Whether nobody has read a mail; what was read is compared by the next look."""
        return folder != intake.folder or uid not in read

    count, withheld = store_all(inbox, intake, folders, is_unread)
    intake.deciding.decide_all(as_of_arrival=True)
    if intake.deciding.stopping():
        return Difference(count, 0), withheld
    intake.deciding.meanwhile(intake.clock())
    reason = store.frozen() or REASON
    until = _last_sign(store, known_until)
    held = store.freeze(reason, intake.clock(), {_UNREAD: ""}, until=until)
    intake.mark_stored(inbox)  # should all be lost once more, this may have gone out
    return Difference(count, held, waiting=len(store.queued_since())), withheld


def _unproven(inbox: Mailbox, intake: Intake, *, keys_lost: bool) -> int:
    """Count the copies of our mails that prove nothing; refuse where their key is missing."""
    inbox.select(intake.folders.processed)
    found = intake.signers(inbox)
    inbox.select_inbox()
    if found.missing and not keys_lost:
        raise LedgerError(
            problem=f"the key file lacks the key ({found.lost}) that signed {len(found.missing)} "
            f"of {found.total} copies of our mails in {intake.folders.processed}",
            remedy="put the file back that has it; if it is lost for good or was never yours: "
            "mailflow rebuild --keys-lost, which holds as not sent what only those copies prove",
        )
    return found.unproven


def thaw(store: Store, now: datetime, *, send: bool) -> int:
    """Let mails go out again; send what the freeze holds, or drop it. Give how many.

    Raises LedgerError while mails that the database missed are still being read: a receipt among
    them would come too late for the mail that it proves.
    """
    if missed_so_far(store) is not None or _unread(store):
        raise LedgerError(
            problem="the mails that the database missed have not all been read yet",
            remedy="let the rebuild or the service that reads them end that, then thaw",
        )
    return store.thaw(now, send=send)


def _place_orders(store: Store, intake: Intake) -> None:
    """Put each order behind the last mail known when it was given.

    What lay in quarantine until one let it out is laid aside until then, as it will again: why it
    lay there may be gone, as a scanner's mistake is put right, or a template mended.
    """
    last = None
    for mail_id, given_at in store.unread_orders():
        order = intake.order_header(store.raw_of(mail_id))
        if order:
            store.decide_behind(mail_id, order.after)
        if order and order.lets_out:
            last = max(given_at, last or given_at)
    if last:
        there = store.unread_in(intake.folders.quarantine)
        intake.deciding.lay_aside({each for each, came_at in there if came_at <= last})


def _unread_since(store: Store, inbox: Mailbox) -> datetime | None:
    """Give since when mails have lain in the inbox that nobody has read, None where none does.

    From then on the lost database has reminded nobody, and what lies there may say that nobody
    need be. What came before the last mail in the ledger's folders was only never moved.
    """
    inbox.select_inbox()
    last = store.known_until()
    unread = (at for _, at in inbox.arrivals() if last is None or at > last)
    return min(unread, default=None)


def _unsent(store: Store, inbox: Mailbox, intake: Intake) -> int:
    """Count the receipts still in the inbox of mails that this database has not sent.

    They are read like any mail once nothing goes out. Where the server does not name what lies
    there, the look ends, but only three times: to wait for it for ever would be worse. The manager
    hears of it, and the next start looks again.
    """
    failures = int((store.status(_NAMELESS) or (None, "0"))[1])
    if failures >= _LOOKS:
        store.set_status(_NAMELESS, intake.clock(), "0")
        intake.tell_of_nameless()
        return 0
    try:
        found = intake.unsent_receipts(inbox)
    except CONNECTION_ERRORS:
        store.set_status(_NAMELESS, intake.clock(), str(failures + 1))
        raise
    if failures:
        store.set_status(_NAMELESS, intake.clock(), "0")
    return found


def _catch_up(
    store: Store,
    inbox: Mailbox,
    intake: Intake,
    gaps: list[Gap],
    *,
    lost: bool,
) -> Difference | None:
    """Decide what was missed as of its arrival; None if told to stop before that was done.

    Copies of our mails that come to light tell of a loss, too: hardly anybody files them by hand.
    """
    folders, (copies, _), begun = intake.folders, store.copies(), _begun(store, intake)
    _place_orders(store, intake)
    unread_since = _unread_since(store, inbox)
    decided = intake.deciding.decide_all(as_of_arrival=True, unread_since=unread_since)
    if intake.deciding.stopping():
        return None
    intake.deciding.meanwhile(_unread_since(store, inbox) or intake.clock())
    missed, now = max(missed_so_far(store) or 0, decided), intake.clock()
    for gap in gaps:
        folders.close_compared(gap)
    lost = lost or (not folders.found_missed and store.copies()[0] > copies)
    ended = {BEHIND: ""}
    if lost:
        ended |= {MISSED_UNTIL: ""}
    if _unread(store) == _BEGUN:
        ended |= {_UNREAD: (store.last_arrival(begun) or _EVER).isoformat()}
    own, reason = folders.own or Own(), store.frozen() or REASON
    held = store.freeze(reason, now, ended, told=True, sure=own.entries, until=own.since)
    return Difference(missed, held)


def _begun(store: Store, intake: Intake) -> datetime:
    """Give when a rebuild began, however often it was killed; a later arrival is a false day."""
    found = store.status(_UNREAD)
    return found[0] if found else intake.clock()


def _holds_mail(inbox: Mailbox, folder: str) -> bool:
    inbox.select(folder)
    try:
        return bool(inbox.uids())
    finally:
        inbox.select_inbox()
