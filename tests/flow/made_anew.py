"""What the loss of the database changes in a story that chance wrote: nothing, if all is well."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select

from mailflow.core.ticket import TicketState
from mailflow.ledger import rebuild, thaw
from mailflow.schema import hold
from mailflow.store.engine import reading
from tests.faults.attended import waits_for_nobody
from tests.faults.verdict import Witness, witness_of
from tests.flow.city import City, city
from tests.flow.mailbox import MemoryInbox
from tests.flow.picture import Picture, differences, picture_of
from tests.flow.stories import Story

__all__ = ["Loss", "after_a_loss", "lost_after", "made_anew", "waiting_in"]

_FOLDERS = ["Processed", "Quarantine", "INBOX"]
_SAID_TWICE = ("interim", "question")
"""What an office may say, or ask, in the same words again."""
_LATER = datetime(2036, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Loss:
    """What does not hold, and what was told until then."""

    faults: tuple[str, ...]
    told: tuple[str, ...]


class _Waiting(NamedTuple):
    """What waits for the manager."""

    reference: str
    reason: str
    office_id: str


def after_a_loss(
    folder: Path, seed: int, steps: int, *, desk: bool = False, refused: bool = False
) -> Loss:
    """Tell a story, lose the database, make it anew from the mailbox, and let the story go on.

    The same tickets, tokens, mails and waiting items must be there again, unless a server
    ``refused`` some at once, of which no mail tells. However it was told, nobody gets one answer
    twice, no ticket waits for nobody, and the database is sound.
    """
    released = desk or seed % 3 == 0
    kind = partial(city, folder, manager_releases=released, as_they_come=seed % 5 == 0)
    receipts, send = "all" if seed % 2 else "company", seed % 4 < 2
    with kind() as town:
        town.dispatch._receipts = receipts
        story = Story(town, seed, desk=desk, refused=refused)
        story.tell(steps)
        before, waiting = _picture(town), waiting_in(town)
        mailbox, now, sent = town.mailbox, town.now, town.wire.accepted
    (folder / "mailflow.db").unlink()
    with kind(mailbox=mailbox) as town:
        town.now, town.dispatch._receipts = now, receipts
        rebuild(town.store, mailbox, town.intake, _FOLDERS)
        faults = [*_unsound(town)]
        if not refused:
            faults += differences(before, _picture(town))
            faults += _different(waiting, waiting_in(town))
        thaw(town.store, town.now, send=send)
        more = Story(town, seed + 10**6, desk=desk, refused=refused, before=story)
        more.tell(steps // 2)
        witness = witness_of([*sent, *town.wire.accepted])
        faults += [*_unsound(town), *_doubled(witness, more.bounced, sent_again=send)]
    return Loss(tuple(faults), (*story.told, "the database is lost, and made anew", *more.told))


@contextmanager
def lost_after(
    folder: Path, story: Callable[[City], object], receipts: str = "company"
) -> Iterator[tuple[City, list[str]]]:
    """Give a town whose database was lost after a story and made anew, and what differs in it."""
    with city(folder) as town:
        town.dispatch._receipts = receipts
        story(town)
        town.take_receipts()
        before, waiting = picture_of(town.store), waiting_in(town)
        mailbox, now = town.mailbox, town.now
    (folder / "mailflow.db").unlink()
    with made_anew(folder, mailbox, now, receipts) as town:
        differs = [*differences(before, picture_of(town.store))]
        yield town, [*differs, *_different(waiting, waiting_in(town))]


@contextmanager
def made_anew(
    folder: Path, mailbox: MemoryInbox, now: datetime, receipts: str = "company"
) -> Iterator[City]:
    """Give a town whose lost database is made anew from its mailbox."""
    with city(folder, mailbox=mailbox) as town:
        town.dispatch._receipts = receipts
        town.now = now
        rebuild(town.store, mailbox, town.intake, _FOLDERS)
        yield town


def _picture(town: City) -> Picture:
    """Give what must be there again; when an office's days began only its server knew."""
    picture = picture_of(town.store)
    tickets: dict[str, Any] = picture.tickets
    without_days: dict[str, object] = {
        reference: (*facts[:4], [each[:3] for each in facts[4]], *facts[5:])
        for reference, facts in tickets.items()
    }
    return replace(picture, tickets=without_days)


def waiting_in(town: City) -> Counter[_Waiting]:
    """Count what waits for the manager, by ticket, reason and office."""
    columns = (hold.c.reference, hold.c.reason, hold.c.office_id)
    with reading(town.store.engine) as connection:
        rows = connection.execute(select(*columns).where(hold.c.resolved_at.is_(None)))
        return Counter(_Waiting(*row) for row in rows)


def _different(before: Counter[_Waiting], after: Counter[_Waiting]) -> Iterator[str]:
    yield from (f"waits no more: {each}" for each in before - after)
    yield from (f"waits, and did not: {each}" for each in after - before)


def _unsound(town: City) -> Iterator[str]:
    if fault := town.store.integrity_fault():
        yield fault
    counts = town.store.digest_facts(_LATER, _LATER).counts_total
    if not counts.balanced or counts.unread:
        yield f"the digest does not balance: {counts}"
    tickets = town.store.tickets(town.store.references(tuple(TicketState)))
    for ticket in tickets.values():
        if waits_for_nobody(ticket):
            yield f"{ticket.reference} is {ticket.state}, and waits for nobody"


def _doubled(witness: Witness, bounced: set[str], *, sent_again: bool) -> Iterator[str]:
    """Say what reached anybody twice; ``sent_again``: a thaw sent what nothing proved."""
    for (who, what, _), names in witness.texts.items():
        if len(names - bounced) > 1 and not what.startswith(_SAID_TWICE):
            yield f"{what} reached {who} under {sorted(names)}"
    if not sent_again:
        yield from (f"{each} twice" for each, count in witness.ids.items() if count > 1)
