"""Which mail is which: nothing is lost, and nothing is taken twice."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, text

from mailflow.core.message import Message
from mailflow.fingerprint import fingerprint
from mailflow.schema import raw_mail
from mailflow.store import Sighting, Store, Stored
from tests.store.matter import NOW, RAW, at_once, decided, incoming, stored


def test_the_same_uid_is_the_same_mail(store: Store) -> None:
    """Looking again at a mail that could not be moved yet stores nothing new."""
    first = stored(store, RAW, Sighting("INBOX", 1, 7))
    again = stored(store, RAW, Sighting("INBOX", 1, 7))
    assert (first.new, again.new, again.id) == (True, False, first.id)


def test_another_mail_under_the_same_uid_takes_its_place(store: Store) -> None:
    """A mailbox set back to a snapshot gives a UID twice: the second mail is stored, too."""
    first = stored(store, RAW, Sighting("INBOX", 1, 7))
    other = stored(store, RAW + b"other\r\n", Sighting("INBOX", 1, 7))
    assert (other.new, other.displaces) == (True, True)
    assert stored(store, RAW + b"other\r\n", Sighting("INBOX", 1, 7)) == Stored(other.id, new=False)
    again = stored(store, RAW, Sighting("INBOX", 1, 8))
    assert (again.id, again.new) == (first.id, False)


def test_another_mail_under_a_known_uid_is_not_taken_for_it(store: Store) -> None:
    """Identity is mailbox, UIDVALIDITY and UID; under another UIDVALIDITY the UID says nothing."""
    first = stored(store, RAW, Sighting("INBOX", 1, 7))
    other = stored(store, RAW + b"other\r\n", Sighting("INBOX", 2, 7))
    assert other.new
    assert other.id != first.id


def test_a_new_uidvalidity_is_a_second_look(store: Store) -> None:
    """The whole mailbox seen again under new UIDs yields no new mail."""
    raws = [RAW + b"%d\r\n" % number for number in range(5)]
    rows = [stored(store, raw, Sighting("INBOX", 1, 1 + n)).id for n, raw in enumerate(raws)]
    again = [stored(store, raw, Sighting("INBOX", 2, 100 + n)) for n, raw in enumerate(raws)]
    assert [each.id for each in again] == rows
    assert not any(each.new for each in again)
    known = store.outcomes_seen("INBOX", 2, list(range(100, 110)))
    assert sorted(known) == [100, 101, 102, 103, 104]


def test_a_copy_beside_the_first_is_a_mail_of_its_own(store: Store) -> None:
    """Two equal mails in one incarnation of the inbox are two rows, the second marked a copy."""
    first = stored(store, RAW, Sighting("INBOX", 1, 7))
    second = stored(store, RAW, Sighting("INBOX", 1, 8))
    assert second.new
    assert second.id != first.id
    assert [each.copy for each in store.undecided()] == [0, 1]


def test_copies_seen_again_stay_as_many(store: Store) -> None:
    """After a new UIDVALIDITY a mail and its copy are still two, not three or four."""
    for uid in (7, 8):
        stored(store, RAW, Sighting("INBOX", 1, uid))
    for uid in (1, 2):
        stored(store, RAW, Sighting("INBOX", 2, uid))
    assert len(store.undecided()) == 2
    assert sorted(store.outcomes_seen("INBOX", 2, [1, 2])) == [1, 2]


def test_a_pushed_mail_sent_again_is_one(store: Store) -> None:
    """An MTA that missed our 250 delivers again, with another Received: the same mail."""
    first = stored(store, RAW, None)
    again = stored(store, b"Received: from mx by us; later\r\n" + RAW, None)
    assert (again.id, again.new) == (first.id, False)


@pytest.mark.parametrize(
    "added",
    [
        b"X-Rspamd-Queue-Id: 4F1\r\nX-Rspamd-Server: mx1\r\n",
        b"X-MS-Exchange-Organization-SCL: 1\r\n",
        b"DKIM-Signature: v=1; d=firma.example;\r\n\tb=abc\r\n",
        b"List-Id: <amt.stadt.example>\r\nX-Filter-Nobody-Knows: yes\r\n",
    ],
)
def test_what_a_filter_adds_makes_no_second_mail(store: Store, added: bytes) -> None:
    """Two ways into one mailbox, each with filters of its own: an order would be obeyed twice."""
    first = stored(store, RAW, None)
    assert stored(store, added + RAW, None).id == first.id


def test_a_header_folded_anew_makes_no_second_mail(store: Store) -> None:
    """Relays fold long headers as they like."""
    long, folded = b"References: <a@x> <b@x>\r\n", b"References: <a@x>\r\n <b@x>\r\n"
    assert stored(store, folded + RAW, None).id == stored(store, long + RAW, None).id


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_mails_without_headers_are_told_apart(one: bytes, other: bytes) -> None:
    """Garbage that holds no header at all is known by all its bytes."""
    garbage = [b"no header: " + each for each in (one, other)]
    plain = [each.replace(b"\r\n", b"\n").rstrip(b"\n") for each in garbage]
    assert (fingerprint(garbage[0]) == fingerprint(garbage[1])) == (plain[0] == plain[1])


@pytest.mark.parametrize("header", ["From", "Subject", "Date", "Message-ID", "References", "Cc"])
def test_what_the_sender_wrote_tells_mails_apart(header: str) -> None:
    """The same words under another subject, or to others, are another mail."""
    one, other = (f"{header}: {words}\r\n\r\nText\r\n".encode() for words in ("a", "b"))
    assert fingerprint(one) != fingerprint(other)


def _arrived(store: Store, days: float, seen: Sighting | None) -> Stored:
    """Store the same words once more, so many days after the first time."""
    later = NOW + timedelta(days=days)
    return store.store_raw(RAW, fingerprint(RAW), later, later, seen)


@pytest.mark.parametrize(("days", "new"), [(0.1, False), (5, False), (30, True), (-30, True)])
def test_pushed_again_is_the_same_mail_while_an_mta_may_retry(
    store: Store, days: float, new: bool
) -> None:
    """Who writes the same words from a form a month later has written once more."""
    _arrived(store, 0, None)
    again = _arrived(store, days, None)
    assert again.new == new
    assert _arrived(store, days, None) == Stored(again.id, new=False)
    assert [each.copy for each in store.undecided()] == ([0, 1] if new else [0])


@pytest.mark.parametrize("folder", ["Processed", "INBOX"])
@pytest.mark.parametrize(("days", "new"), [(0, False), (0.01, False), (4, True), (30, True)])
def test_the_same_words_at_another_time_are_no_second_look(
    store: Store, folder: str, days: float, new: bool
) -> None:
    """After a rebuild, or under a new UIDVALIDITY, a mail is known by when it arrived."""
    first = _arrived(store, 0, Sighting(folder, 1, 7))
    again = _arrived(store, days, Sighting("INBOX", 2, 1))
    assert (again.new, again.id != first.id) == (new, new)


def test_each_of_the_same_words_is_found_again_by_its_arrival(store: Store) -> None:
    """Read anew in any order, a mail and the one a month later are the two rows they were."""
    rows = [_arrived(store, days, Sighting("INBOX", 1, 1 + days)).id for days in (0, 30)]
    again = [_arrived(store, days, Sighting("INBOX", 2, 1 + days)).id for days in (30, 0)]
    assert again == rows[::-1]


def test_a_pushed_mail_that_also_lies_in_the_inbox_is_one(store: Store) -> None:
    """LMTP and IMAP may both bring a mail; it is decided once."""
    first = stored(store, RAW, None)
    seen = stored(store, RAW, Sighting("INBOX", 1, 7))
    assert (seen.id, seen.new) == (first.id, False)


def test_the_same_message_id_with_another_text_is_another_mail(store: Store) -> None:
    """A Message-ID used twice loses no mail."""
    head = b"Message-ID: <1@firma.example>\r\n"
    first, second = (
        stored(store, head + RAW + text_, Sighting("INBOX", 1, uid))
        for uid, text_ in ((1, b"A\r\n"), (2, b"B\r\n"))
    )
    assert first.id != second.id


def test_bytes_come_back_as_they_were(store: Store) -> None:
    """Not one byte of a mail is changed, whatever it holds."""
    raw = bytes(range(256)) * 300
    assert store.raw_of(stored(store, raw, None).id) == raw


def test_a_mail_whose_bytes_are_gone_is_found(store: Store, engine: Engine) -> None:
    """On both databases: nobody could read it again, or prove what was said."""
    lost = stored(store, RAW, None).id
    stored(store, RAW + b"other\r\n", None)
    assert store.integrity_fault() == ""
    with engine.begin() as connection:
        connection.execute(delete(raw_mail).where(raw_mail.c.mail_id == lost))
    assert store.integrity_fault() == f"1 row of mail without its bytes: row {lost}"


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 2), st.integers(1, 6), st.integers(0, 2)), max_size=12))
def test_no_sequence_of_looks_loses_a_mail(
    store: Store, engine: Engine, looks: list[tuple[int, int, int]]
) -> None:
    """However often the mailbox is looked at, each identity leads to a mail with its own bytes."""
    with engine.begin() as connection:
        for table in ("sighting", "raw_mail", "mail"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - our three tables
    lying: dict[tuple[int, int], bytes] = {}
    for uidvalidity, uid, which in looks:
        raw = lying.setdefault((uidvalidity, uid), RAW + b"%d\r\n" % which)
        row = stored(store, raw, Sighting("INBOX", uidvalidity, uid))
        assert store.raw_of(row.id) == raw
    rows = store.undecided()
    assert {each.fingerprint for each in rows} == {fingerprint(raw) for raw in lying.values()}


def test_one_mail_stored_by_many_at_once_is_one_row(store: Store) -> None:
    """Threads that bring the same mail at the same moment end with one row; losers may fail."""

    def bring(_: int) -> bool:
        try:
            stored(store, RAW, None)
        except Exception:  # noqa: BLE001 - the MTA hears 451 and tries again
            return False
        return True

    assert any(at_once(6, bring))
    assert len(store.undecided()) == 1


def test_a_mail_ends_in_exactly_one_state(store: Store, engine: Engine) -> None:
    """The outcome is one of five words; the database takes no other."""
    row = stored(store, RAW, None)
    store.apply_to_mail(incoming(row, Message()), decided(), [], NOW)
    assert store.undecided() == []
    counts = store.digest_facts(NOW, NOW).counts_total
    assert (counts.mails_in, counts.tickets, counts.unread) == (1, 1, 0)
    with pytest.raises(Exception, match=r"ck_mail_outcome|CHECK"), engine.begin() as connection:
        connection.execute(text("UPDATE mail SET outcome = 'lost'"))


def test_a_decision_that_fails_leaves_the_mail_undecided(store: Store) -> None:
    """State and outcome are one commit: half a decision is none."""
    row = stored(store, RAW, None)
    with pytest.raises(TypeError):
        store.apply_to_mail(incoming(row, Message()), decided(object()), [], NOW)
    assert [each.id for each in store.undecided()] == [row.id]


def test_a_mail_begun_too_often_is_known(store: Store) -> None:
    """Every attempt is counted before it is made."""
    row = stored(store, RAW, None)
    for _ in range(3):
        store.begin_reading([row.id])
    (mail,) = store.undecided()
    assert mail.attempts == 3
    store.quarantine(row.id, "dreimal", None, NOW)
    assert store.digest_facts(NOW, NOW).counts_total.quarantined == 1
    assert store.undecided() == []
