"""Mails that the database missed: that it did is remembered, and they are stored as they came."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from mailflow.fingerprint import fingerprint
from mailflow.intake import Intake
from mailflow.ledger_folders import Gap, Own
from mailflow.mailbox import Arrived, Mailbox, WithheldError
from mailflow.store import BEHIND, Sighting, Store

__all__ = [
    "ORDER_FOUND",
    "REASON",
    "fall_behind",
    "missed_so_far",
    "store_all",
    "store_missed",
    "store_read",
]

log = logging.getLogger(__name__)

REASON = "nach einem Rückstand der Datenbank ungewiss"
ORDER_FOUND = "nach einem Auftrag ungewiss, der schon im Postfach lag"
"""Why nothing goes out where the mailbox held no mail more than the database, but an order."""


def missed_so_far(store: Store) -> int | None:
    """Give how many mails this database missed and has not caught up with; None if none."""
    found = store.status(BEHIND)
    return int(found[1]) if found and found[1] else None


def fall_behind(store: Store, intake: Intake, mails: int = 0, reason: str = REASON) -> None:
    """Remember, until it is caught up, that mails were missed; from now on nothing goes out.

    It is remembered before the first of them is stored: otherwise a process killed in between would
    leave a database that knows every mail and is still behind.
    """
    own, known = intake.folders.own or Own(), missed_so_far(store) or 0
    behind = {BEHIND: str(known + mails)}
    store.freeze(reason, intake.clock(), behind, sure=own.entries, until=own.since)


def store_missed(store: Store, inbox: Mailbox, intake: Intake, gap: Gap) -> tuple[int, Gap]:
    """Store the mails beyond a folder's edge that the database does not know.

    Gives how many, and what of the folder is known now: all but the mails that are not given.
    """

    def before_found(mark: str) -> None:
        """Fall behind over an order that was filed since, and may have sent what waits for it."""
        if store.keeps_waiting(mark, intake.clock()):
            reason = store.frozen() or ORDER_FOUND
            fall_behind(store, intake, reason=reason)

    missed = 0
    try:
        for mail, seen in intake.folders.unknown(inbox, gap, before_found):
            fall_behind(store, intake, 1)
            if mail.marked:
                intake.folders.remember_loss(mail.received_at)
            missed += intake.store(mail.raw, _not_own(intake, mail), seen).new
    except WithheldError as error:
        log.error("%s", error)  # noqa: TRY400 - no traceback: expected
        return missed, gap.compared(error.mails)
    return missed, gap.compared()


def store_read(store: Store, inbox: Mailbox, intake: Intake) -> int:
    """Store what the inbox holds that another database has read; give how many were unknown.

    A database that is not behind has read all marked mails itself. One that was set back without
    a word, by a standby that had lagged, or with the whole machine, learns of it here. What is not
    given may be such a mail, too, and is compared once it is.
    """
    missed, surely = 0, missed_so_far(store) is None
    inbox.select_inbox()
    read = sorted(intake.read_elsewhere(inbox, inbox.uids(), surely=surely))
    arrivals = dict(inbox.arrivals(read))
    for uid in read:
        seen = Sighting(intake.folder, inbox.uidvalidity, uid)
        found = intake.given(inbox, seen)
        new = [each for each in found if not store.knows(fingerprint(each.raw), each.raw, seen)]
        if new or not found:
            intake.folders.remember_loss(arrivals.get(uid, intake.clock()))
        for mail in new:
            fall_behind(store, intake, 1)
            missed += intake.store(mail.raw, _not_own(intake, mail), seen).new
    return missed


def _not_own(intake: Intake, mail: Arrived) -> datetime:
    """Give when a missed mail came; one with a false day came before this database's own work."""
    own = intake.folders.own
    return min(mail.received_at, own.since) if own and own.since else mail.received_at


def store_all(
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
        place = Sighting(folder, inbox.select(folder), uid)
        given = intake.given(inbox, place)
        count += sum(intake.store(each.raw, each.received_at, place).new for each in given)
        if not given and uid in inbox.uids(uid):  # else it has vanished
            log.error("%s lists mail %d and does not give it", folder, uid)
            withheld.append((folder, uid))
        if number % 200 == 0:
            log.info("%d of %d mails stored", number, len(arrived))
    return count, withheld


def _arrivals(inbox: Mailbox, folder: str) -> Iterator[tuple[int, datetime]]:
    """Give UID and arrival of each mail in a folder; what is given no arrival comes last."""
    inbox.select(folder)
    undated = set(inbox.uids())
    for uid, received_at in inbox.arrivals():
        undated.discard(uid)
        yield uid, received_at
    yield from ((uid, datetime.max.replace(tzinfo=UTC)) for uid in undated)
