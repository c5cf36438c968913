"""What a manager had seen: by the order of decisions for mails, by our clock for all else."""

from datetime import UTC, datetime, timedelta

from mailflow.core.seen import Seen

AT = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SEEN = Seen(AT, frozenset({7}), frozenset({8}), frozenset({AT - SECOND}), frozenset({AT + SECOND}))


def test_the_order_of_mails_goes_before_their_dates() -> None:
    """A mail decided later is news whatever its date says, and one decided before is none."""
    assert not SEEN.knows_mail(7, AT - SECOND)
    assert SEEN.knows_mail(8, AT + SECOND)
    assert SEEN.knows_mail(9, AT)
    assert not SEEN.knows_mail(9, AT + SECOND)


def test_what_a_mail_brought_about_is_as_new_as_the_mail() -> None:
    """An item is known by the moment of its mail; what no mail brought about by our own clock."""
    assert not SEEN.knows(AT - SECOND)
    assert not SEEN.knows(AT - 2 * SECOND, 7)
    assert SEEN.knows(AT + SECOND)
    assert SEEN.knows(AT - 2 * SECOND)
    assert not SEEN.knows(AT + 2 * SECOND, 8)
