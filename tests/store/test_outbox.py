"""The outbox: every mail is claimed by one sender, and the attempt is registered before it."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import Engine, event, insert, select

from mailflow.compose import Sealed
from mailflow.core.changes import SetEntry
from mailflow.core.drafts import DraftKind
from mailflow.core.retry import UNSURE_AFTER, WAITS, Deferred, EntryState, Unsure
from mailflow.schema import outbox, outbox_bytes
from mailflow.store import RECEIPTS_READ, Store
from mailflow.store.engine import reading, writing
from mailflow.store.fresh import on_fresh_facts
from mailflow.store.outbox import claim
from tests.flow.city import (
    NO_OFFICE,
    TWO_OFFICES,
    City,
    at_the_desk,
    in_no_mailbox,
    letter,
    of_kind,
)
from tests.store.matter import KEYRING, NOW, at_once, decided, sealed, stored


def queue(store: Store, count: int) -> None:
    """Put mails into the outbox."""
    store.apply(decided(), [sealed(number) for number in range(count)], NOW)


def _acknowledgement(number: int) -> Sealed:
    """Give a mail to a company, which has a receipt."""
    told = sealed(number)
    kind, names = DraftKind.ACKNOWLEDGEMENT, ("received", str(number))
    message_id = KEYRING.message_id("stadt.example.org", kind, names)
    return replace(told, draft=replace(told.draft, kind=kind, names=names), message_id=message_id)


def states(engine: Engine) -> Counter[str]:
    """Count the entries by state."""
    with engine.begin() as connection:
        return Counter(connection.execute(select(outbox.c.state)).scalars())


def test_workers_claim_each_entry_once(store: Store, engine: Engine) -> None:
    """Four senders at once share 200 entries: each goes to one of them, none is left."""
    queue(store, 200)

    def work(_: int) -> list[int]:
        mine = []
        claimed = store.claim(NOW)
        while claimed:
            mine.append(claimed.id)
            claimed = store.record(
                claimed.id, EntryState.ACCEPTED, NOW, "250 ok", NOW, claim_next=True
            )
        return mine

    shares = at_once(4, work)
    everything = [each for share in shares for each in share]
    assert len(everything) == len(set(everything)) == 200
    assert states(engine) == {"accepted": 200}


def test_a_claim_is_committed_before_anybody_dials(store: Store, engine: Engine) -> None:
    """A crash right after the claim costs a wait: the entry is not due again at once."""
    queue(store, 1)
    claimed = store.claim(NOW)
    assert claimed is not None
    assert (claimed.attempts, claimed.unsure) == (1, False)
    assert states(engine) == {"sending": 1}
    assert store.claim(NOW + UNSURE_AFTER - timedelta(seconds=1)) is None
    assert store.next_due() == NOW + UNSURE_AFTER


def test_an_entry_without_a_known_end_comes_up_once_more(store: Store) -> None:
    """After the wait for its receipt it is claimed as unsure, and once sent again as resent."""
    queue(store, 1)
    store.claim(NOW)
    store.set_status(RECEIPTS_READ, NOW + UNSURE_AFTER)
    second = store.claim(NOW + UNSURE_AFTER)  # killed before anything was sent
    store.set_status(RECEIPTS_READ, NOW + 2 * UNSURE_AFTER)
    third = store.claim(NOW + 2 * UNSURE_AFTER)
    assert second is not None
    assert third is not None
    assert (second.unsure, second.resent) == (third.unsure, third.resent) == (True, False)
    store.mark_resent(third.id, NOW + 2 * UNSURE_AFTER)  # killed after that
    store.set_status(RECEIPTS_READ, NOW + 3 * UNSURE_AFTER)
    fourth = store.claim(NOW + 3 * UNSURE_AFTER)
    assert fourth is not None
    assert (fourth.unsure, fourth.resent) == (True, True)
    assert second.raw == third.raw == fourth.raw


def test_a_refusal_for_now_leaves_an_earlier_end_unknown(store: Store, engine: Engine) -> None:
    """Refused at its second sending it may still have arrived by the first, and stays unsure."""
    queue(store, 1)
    store.claim(NOW)
    later = NOW + UNSURE_AFTER
    store.set_status(RECEIPTS_READ, later)
    second = store.claim(later)
    assert second is not None
    store.mark_resent(second.id, later)
    store.record(
        second.id, EntryState.DEFERRED, later, "451 busy", later, claim_next=False, unsure=True
    )
    assert states(engine) == {"sending": 1}
    third = store.claim(later)
    assert third is not None
    assert (third.unsure, third.resent) == (True, False)


def test_no_unsure_entry_goes_again_before_the_mailbox_was_read(store: Store) -> None:
    """Its receipt may lie there: only a poll begun after the wait says that none has come."""
    store.apply(decided(), [_acknowledgement(1)], NOW)
    store.claim(NOW)
    late = NOW + timedelta(days=1)
    assert store.claim(late) is None
    store.set_status(RECEIPTS_READ, NOW + UNSURE_AFTER - timedelta(seconds=1))
    assert store.claim(late) is None
    store.set_status(RECEIPTS_READ, NOW + UNSURE_AFTER)
    again = store.claim(late)
    assert again is not None
    assert again.unsure


def test_an_unsure_entry_waits_for_what_may_be_its_receipt_and_is_not_given(store: Store) -> None:
    """What came before the entry was made is none, unless a clock that was ahead says so."""
    store.apply(decided(), [_acknowledgement(1)], NOW)
    store.claim(NOW)
    late = NOW + timedelta(days=1)
    store.remember_look(late, receipts=True, withheld_until=NOW)
    assert store.claim(late) is None
    store.remember_look(late, receipts=True, withheld_until=NOW - timedelta(seconds=1))
    again = store.claim(late)
    assert again is not None
    ahead = NOW + timedelta(days=365)
    store.apply(decided(), [_acknowledgement(2)], ahead)
    store.claim(ahead)
    assert store.claim(late) is None  # strands nothing: it waits once more from now on
    later = late + UNSURE_AFTER
    store.remember_look(later, receipts=True, withheld_until=NOW)
    assert store.claim(later) is None
    store.remember_look(later, receipts=True)
    assert store.claim(later) is not None


def test_a_clock_that_was_ahead_strands_nothing(store: Store) -> None:
    """Queued, deferred or unsure by a clock a year ahead: due as soon as it has been set right."""
    ahead = NOW + timedelta(days=365)
    store.apply(decided(), [_acknowledgement(number) for number in range(3)], ahead)
    unsure, deferred = store.claim(ahead), store.claim(ahead)
    assert unsure is not None
    assert deferred is not None
    later = ahead + timedelta(hours=4)
    store.record(deferred.id, EntryState.DEFERRED, later, "451 later", ahead, claim_next=False)
    store.set_status(RECEIPTS_READ, ahead)
    first, second = store.claim(NOW), store.claim(NOW)
    assert first is not None
    assert second is not None
    assert not {first.id, second.id} & {unsure.id}
    assert store.claim(NOW + UNSURE_AFTER) is None  # the poll was by the clock that was ahead
    store.set_status(RECEIPTS_READ, NOW + UNSURE_AFTER)
    again = store.claim(NOW + UNSURE_AFTER)
    assert again is not None
    assert (again.id, again.unsure) == (unsure.id, True)


def test_nobody_who_waits_by_the_schedule_is_hurried(store: Store) -> None:
    """The longest wait there is is no sign of a clock that was ahead."""
    queue(store, 1)
    claimed = store.claim(NOW)
    assert claimed is not None
    later = NOW + WAITS[-1]
    store.record(claimed.id, EntryState.DEFERRED, later, "451 later", NOW, claim_next=False)
    assert store.claim(NOW) is None
    assert store.next_due() == later


def test_a_receipt_settles_what_the_attempt_left_open(store: Store, engine: Engine) -> None:
    """Our own copy came back: accepted, whatever the sender records afterwards."""
    queue(store, 1)
    claimed = store.claim(NOW)
    assert claimed is not None
    receipt = SetEntry(claimed.id, EntryState.ACCEPTED, "Beleg", receipt=1)
    store.apply(decided(receipt), [], NOW)
    store.record(claimed.id, EntryState.SENDING, NOW, "abgebrochen", NOW, claim_next=False)
    assert states(engine) == {"accepted": 1}
    assert store.claim(NOW + timedelta(days=1)) is None
    assert store.outbox_waiting() == 0


def test_a_receipt_gives_back_the_bytes_that_went_out_while_a_database_is_made_good(
    store: Store, engine: Engine
) -> None:
    """The first one does: a second of this name was sent by somebody who had got the mail."""
    queue(store, 2)
    store.freeze("Rückstand", NOW)
    sent, forged = b"Subject: Achtung\r\n\r\nam 3.\r\n", b"Subject: Achtung\r\n\r\nfalsch\r\n"
    rows = [stored(store, b"Received: x\r\n" + each, None).id for each in (sent, forged)]
    first, other = _bytes(engine)
    for row in rows:
        store.apply(decided(SetEntry(first, EntryState.ACCEPTED, "Beleg", receipt=row)), [], NOW)
    assert _bytes(engine) == {first: sent, other: sealed(1).raw}


def test_a_receipt_in_daily_work_changes_no_bytes(store: Store, engine: Engine) -> None:
    """What this database composed and sent is known to the letter."""
    queue(store, 1)
    row = stored(store, b"Subject: Achtung\r\n\r\nanders\r\n", None).id
    (entry,) = _bytes(engine)
    store.apply(decided(SetEntry(entry, EntryState.ACCEPTED, "Beleg", receipt=row)), [], NOW)
    assert _bytes(engine) == {entry: sealed(0).raw}


def _bytes(engine: Engine) -> dict[int, bytes]:
    with reading(engine) as connection:
        query = select(outbox_bytes.c.outbox_id, outbox_bytes.c.raw)
        return {row.outbox_id: row.raw for row in connection.execute(query.order_by("outbox_id"))}


def test_the_same_mail_is_queued_once(store: Store, engine: Engine) -> None:
    """A decision made again after a restored backup names the same Message-ID, and adds nothing."""
    queue(store, 3)
    queue(store, 3)
    assert states(engine) == {"queued": 3}


def test_those_due_longest_go_first(store: Store) -> None:
    """A deferred mail does not overtake those that were never tried."""
    queue(store, 3)
    first = store.claim(NOW)
    assert first is not None
    later = NOW + timedelta(minutes=1)
    second = store.record(first.id, EntryState.DEFERRED, later, "451 later", NOW, claim_next=True)
    assert second is not None
    assert second.id != first.id
    third = store.claim(later)
    assert third is not None
    assert third.id not in {first.id, second.id}
    again = store.claim(later)
    assert again is not None
    assert again.id == first.id


def test_a_freeze_holds_whatever_it_is_called(store: Store) -> None:
    """Frozen again for another reason, all that was held before goes with the thaw."""
    queue(store, 2)
    assert store.freeze("the database is behind", NOW, told=True) == 2
    assert store.freeze("the database was lost", NOW, told=True) == 0
    assert len(store.held_back()) == 2
    assert store.thaw(NOW, send=True) == 2
    assert store.claim(NOW) is not None


def test_what_was_dropped_is_never_queued_again(store: Store) -> None:
    """It counts as sent: the same mail, decided once more, stays where it is."""
    queue(store, 1)
    store.freeze("the database is behind", NOW, told=True)
    assert store.thaw(NOW, send=False) == 1
    queue(store, 1)
    assert store.claim(NOW) is None


def test_nothing_is_taken_for_an_office_that_is_not_asked_any_more(town: City) -> None:
    """One left out, and all of a closed ticket, wherever the mail stood; another's goes out."""
    town.wire.outcomes = [Deferred("451 busy"), Unsure("line lost")]
    town.deliver(letter("Umnutzung", TWO_OFFICES))
    reference = town.ticket().reference
    at_the_desk(town, f"{reference} ohne bauaufsicht")
    at_the_desk(town, f"{reference} an tiefbau")
    (line,) = at_the_desk(town, f"{reference} schliessen")
    assert "Umweltamt ist vielleicht schon unterwegs" in line.result
    town.wait(hours=5)
    town.store.remember_look(town.now, receipts=True)
    assert of_kind(town.work(), "forward") == []
    with reading(town.store.engine) as connection:
        query = select(outbox.c.office_id, outbox.c.cause).where(outbox.c.kind == "forward")
        causes = {row.office_id: row.cause for row in connection.execute(query)}
    assert causes == {"bauaufsicht": "withdrawn", "umwelt": "dropped", "tiefbau": "withdrawn"}


_OUT_OF_DATE = 250


def _out_of_date(town: City) -> None:
    """Let many mails wait to an office left out meanwhile, and one, due last, to another."""
    town.deliver(letter("Umnutzung", TWO_OFFICES))
    in_no_mailbox(town, f"{town.ticket().reference} ohne umwelt")
    with writing(town.store.engine) as connection:
        sent = select(outbox).where(outbox.c.kind == "forward")
        old = {row.office_id: dict(row._mapping) for row in connection.execute(sent)}
        waits = {"id": None, "state": EntryState.QUEUED, "cause": "", "created_at": town.now}
        rows = [old["umwelt"] | waits | {"name": f"x{each}"} for each in range(_OUT_OF_DATE)]
        last = {"name": "y", "next_attempt_at": town.now + timedelta(seconds=1)}
        for row in (*rows, old["bauaufsicht"] | waits | last):
            del row["id"]
            new = connection.execute(insert(outbox).values(**row).returning(outbox.c.id)).scalar()
            connection.execute(insert(outbox_bytes), {"outbox_id": new, "raw": b"x"})


def test_what_is_not_asked_any_more_is_ended_in_small_commits(town: City) -> None:
    """However many such mails there are, no commit is long, and what is due behind them goes."""
    _out_of_date(town)
    town.wait(minutes=1)
    in_one, ended = [0], []

    def hear(_c: object, cursor: Any, words: str, *_: object) -> None:
        if words.startswith("UPDATE outbox") and "CASE" in words:
            in_one[0] += cursor.rowcount

    def commits(_: object) -> None:
        ended.append(in_one[0])
        in_one[0] = 0

    event.listen(town.store.engine, "after_cursor_execute", hear)
    event.listen(town.store.engine, "commit", commits)
    claimed = town.store.claim(town.now)
    assert claimed is not None
    assert claimed.office_id == "bauaufsicht"
    assert sum(ended) == _OUT_OF_DATE
    assert max(ended) <= 100
    assert town.store.claim(town.now) is None


def test_a_mail_sent_before_them_does_not_wait_for_what_is_not_asked(town: City) -> None:
    """What a sender records, and what it claims next, goes on behind all that is taken back."""
    town.store.apply(decided(), [sealed(1)], town.now)
    first = town.store.claim(town.now)
    assert first is not None
    _out_of_date(town)
    town.wait(minutes=1)
    ended = town.store.record(
        first.id, EntryState.ACCEPTED, town.now, "250 ok", town.now, claim_next=True
    )
    assert ended is not None
    assert ended.office_id == "bauaufsicht"


def test_a_mail_that_is_just_being_claimed_makes_the_closing_wait(town: City) -> None:
    """A claim that is not committed yet is seen once it is, and the decision is made anew."""
    town.deliver(letter("Frage", NO_OFFICE))
    reference = town.ticket().reference
    at_the_desk(town, f"{reference} an umwelt")
    town.intake.take_in(town.mailbox)
    close = partial(at_the_desk, town, f"{reference} schliessen")
    with ThreadPoolExecutor(1) as other:
        with writing(town.store.engine) as connection:
            assert claim(connection, town.store.mailbox_id, town.now)
            closing = other.submit(on_fresh_facts, close)
            with suppress(TimeoutError):
                closing.result(1)
        (line,) = closing.result(20)
    assert "Umweltamt ist vielleicht schon unterwegs" in line.result
