"""The mailbox is the ledger: what it holds and the database does not know is read again.

Every mail in, and every copy of our own mails out, stays in the mailbox. So a database restored
from yesterday's backup is noticed, and a lost one is made anew. While that goes on nothing is
sent: what the mailbox proves was sent stays sent, what is unsure is held until the manager has
seen the difference.
"""

import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from mailflow.errors import MailflowError
from mailflow.inbox import CONNECTION_ERRORS
from mailflow.intake import Intake
from mailflow.ledger_folders import MISSED_UNTIL, Gap
from mailflow.mailbox import Mailbox, WithheldError
from mailflow.store import BEHIND, Sighting, Store

__all__ = ["ORDER_FOUND", "Difference", "LedgerError", "rebuild", "reconcile", "thaw"]

log = logging.getLogger(__name__)

_NAMELESS = "inbox_nameless"  # how often in a row the inbox did not say what lies in it
_LOOKS = 3
_REASON = "nach einem Rückstand der Datenbank ungewiss"
ORDER_FOUND = "nach einem Auftrag ungewiss, der schon im Postfach lag"
"""Why nothing goes out where the mailbox held no mail more than the database, but an order."""


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


def reconcile(store: Store, inbox: Mailbox, intake: Intake) -> Difference | None:
    """Compare the mailbox with the database at start; None when the database is up to date.

    Otherwise nothing goes out any more, and the mails it missed are read again in their order.
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
    if not store.frozen() and (unsent := _unsent(store, inbox, intake)):
        _fall_behind(store, intake.clock(), unsent)
    if not gaps and _behind(store) is None:
        return None
    found_missed, behind = intake.folders.found_missed, _behind(store) is not None
    if found_missed and not behind:  # else it broke off after that
        _know_own(store, intake)
    known = [_store_missed(store, inbox, intake, gap) for gap in gaps]
    missed, gaps = sum(count for count, _ in known), [gap for _, gap in known]
    if _behind(store) is None:
        for gap in gaps:
            intake.folders.close_compared(gap)
        return None
    if not found_missed:
        missed += _store_read(inbox, intake)
    log.warning("the database lags behind the mailbox by %d mails; nothing is sent", missed)
    return _catch_up(store, inbox, intake, gaps, lost=behind and not found_missed)


def _know_own(store: Store, intake: Intake) -> None:
    """Before a mail is read that this database had missed, remember what is surely its own.

    That is what waits in its outbox now, and what follows from the mails that were pushed.
    """
    intake.deciding.decide_all()
    intake.folders.sure = store.still_to_go()


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

    What follows from mails of the inbox that no mailflow has marked as read is not held, unless
    ``mailbox_restored``: in a mailbox that was put back, too, the marks are those of its day.
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
    _fall_behind(store, intake.clock())
    gaps = intake.folders.gaps(inbox)
    read = intake.read_before(inbox)
    ledger = intake.folders.names()

    def was_read(folder: str, uid: int) -> bool:
        return folder in ledger or (folder == intake.inbox and uid in (read or ()))

    count, withheld = _store_all(inbox, intake, folders, was_read)
    compared = [gap.compared(withheld) for gap in gaps]
    known = _catch_up(store, inbox, intake, compared, lost=True)
    if known is None:
        return Difference(count, 0, len(withheld), unproven)
    others = [each for each in folders if each not in ledger]
    more, unread = _store_all(inbox, intake, others, lambda *place: not was_read(*place))
    count, withheld = count + more, withheld + unread
    intake.deciding.decide_all(as_of_arrival=True)
    intake.deciding.meanwhile(intake.clock())
    are_new = read is not None and not mailbox_restored
    # of what lay unread nobody has been told: such alerts go out
    held = known.held + store.freeze(_REASON, intake.clock(), clocks_only=are_new)
    return Difference(count, held, len(withheld), unproven, len(store.queued_since()))


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
    if _behind(store) is not None:
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


def _store_all(
    inbox: Mailbox, intake: Intake, folders: list[str], chosen: Callable[[str, int], bool]
) -> tuple[int, list[tuple[str, int]]]:
    """Store the mails of these folders that are chosen, in the order of their arrival.

    Gives how many, and folder and UID of those that the server lists and does not give.
    """
    count, withheld = 0, []
    arrived = sorted(
        (received_at, folder, uid)
        for folder in folders
        for uid, received_at in _arrivals(inbox, folder)
        if chosen(folder, uid)
    )
    for number, (_, folder, uid) in enumerate(arrived, start=1):
        uidvalidity = inbox.select(folder)
        given = list(inbox.fetch([uid]))
        for mail in given:
            intake.store(mail.raw, mail.received_at, Sighting(folder, uidvalidity, uid))
        count += len(given)
        if not given and uid in inbox.uids(uid):  # else it has vanished
            log.error("rebuild: %s lists mail %d and does not give it", folder, uid)
            withheld.append((folder, uid))
        if number % 200 == 0:
            log.info("rebuild: %d of %d mails stored", number, len(arrived))
    return count, withheld


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
    store: Store, inbox: Mailbox, intake: Intake, gaps: list[Gap], *, lost: bool
) -> Difference | None:
    """Decide what was missed as of its arrival; None if told to stop before that was done.

    Copies of our mails that come to light tell of a loss, too: by hand nobody files them.
    """
    folders, copies = intake.folders, store.copies()
    _place_orders(store, intake)
    unread_since = _unread_since(store, inbox)
    decided = intake.deciding.decide_all(as_of_arrival=True, unread_since=unread_since)
    if intake.deciding.stopping():
        return None
    intake.deciding.meanwhile(_unread_since(store, inbox) or intake.clock())
    missed, now = max(_behind(store) or 0, decided), intake.clock()
    for gap in gaps:
        folders.close_compared(gap)
    lost = lost or (not folders.found_missed and store.copies() != copies)
    ended = {BEHIND: "", MISSED_UNTIL: ""} if lost else {BEHIND: ""}
    reason = store.frozen() or _REASON
    held = store.freeze(reason, now, ended, told=True, sure=folders.sure)
    folders.found_missed, folders.sure = False, frozenset()
    return Difference(missed, held)


def _fall_behind(
    store: Store,
    now: datetime,
    mails: int = 0,
    reason: str = _REASON,
    sure: Collection[int] = (),
) -> None:
    """Remember, until it is caught up, that mails were missed; from now on nothing goes out.

    It is remembered before the first of them is stored: otherwise a process killed in between would
    leave a database that knows every mail and is still behind.
    """
    store.freeze(reason, now, {BEHIND: str((_behind(store) or 0) + mails)}, sure=sure)


def _behind(store: Store) -> int | None:
    """Give how many mails this database missed and has not caught up with; None if none."""
    found = store.status(BEHIND)
    return int(found[1]) if found and found[1] else None


def _holds_mail(inbox: Mailbox, folder: str) -> bool:
    inbox.select(folder)
    try:
        return bool(inbox.uids())
    finally:
        inbox.select_inbox()


def _arrivals(inbox: Mailbox, folder: str) -> Iterator[tuple[int, datetime]]:
    """Give UID and arrival of each mail in a folder; what is given no arrival comes last."""
    inbox.select(folder)
    undated = set(inbox.uids())
    for uid, received_at in inbox.arrivals():
        undated.discard(uid)
        yield uid, received_at
    yield from ((uid, datetime.max.replace(tzinfo=UTC)) for uid in undated)


def _store_read(inbox: Mailbox, intake: Intake) -> int:
    """Store what the inbox holds that a newer database has read; give how many were unknown."""
    mails = inbox.fetch(sorted(intake.read_before(inbox) or ()))
    places = ((each, Sighting(intake.inbox, inbox.uidvalidity, each.uid)) for each in mails)
    return sum(intake.store(each.raw, each.received_at, seen).new for each, seen in places)


def _store_missed(store: Store, inbox: Mailbox, intake: Intake, gap: Gap) -> tuple[int, Gap]:
    """Store the mails beyond a folder's edge that the database does not know.

    Gives how many, and what of the folder is known now: all but the mails that are not given.
    """

    def before_found(mark: str) -> None:
        """Fall behind over an order that was filed since, and may have sent what waits for it."""
        if store.keeps_waiting(mark, intake.clock()):
            reason = store.frozen() or ORDER_FOUND
            _fall_behind(store, intake.clock(), reason=reason, sure=intake.folders.sure)

    missed = 0
    try:
        for mail, seen in intake.folders.unknown(inbox, gap, before_found):
            _fall_behind(store, intake.clock(), 1, sure=intake.folders.sure)
            missed += intake.store(mail.raw, mail.received_at, seen).new
    except WithheldError as error:
        log.error("%s", error)  # noqa: TRY400 - no traceback: expected
        return missed, gap.compared(error.mails)
    return missed, gap.compared()
