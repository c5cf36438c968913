"""The number that tells an item from the others of its office."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mailflow.core.meant import number_among, numbered
from mailflow.core.ticket import Hold, HoldReason

REPLY = Hold(
    id=1,
    reason=HoldReason.SENDER,
    reference="KAM-2222-2222",
    text="",
    created_at=datetime(2026, 5, 22, tzinfo=UTC),
    office_id="umwelt",
)
LATER = REPLY.created_at + timedelta(days=1)


def test_an_items_number_depends_on_its_mail_alone() -> None:
    """Neither what waits beside it nor how it is held: a rebuild may know less of both."""
    alone = numbered(REPLY, "a" * 64, [])
    other = numbered(replace(REPLY, id=2), "b" * 64, [alone])
    again = numbered(replace(REPLY, id=9, reason=HoldReason.LATE), "a" * 64, [other])
    assert again.number == alone.number != other.number


def test_two_items_of_one_mail_and_office_have_two_numbers() -> None:
    """Else an order could name neither of them."""
    first = numbered(REPLY, "a" * 64, [])
    second = numbered(replace(REPLY, id=2, reason=HoldReason.LATE), "a" * 64, [first])
    assert number_among(first, [first, second]) != number_among(second, [first, second])


def test_items_of_no_mail_have_numbers_of_their_own() -> None:
    """However many mails reached nobody, each of them can be named."""
    failed = replace(REPLY, reason=HoldReason.UNREACHABLE, office_id="")
    told: list[Hold] = []
    for each in range(1, 5):
        told.append(numbered(replace(failed, id=each), "", told))
    assert len({each.number for each in told}) == len(told)


def test_an_item_in_anothers_place_has_its_number() -> None:
    """Words added to one beside another of no mail make no other item of either."""
    failed = replace(REPLY, reason=HoldReason.UNREACHABLE, office_id="")
    first = numbered(failed, "", [])
    second = numbered(replace(failed, id=2, created_at=LATER), "", [first])
    again = numbered(replace(failed, id=3, text="more"), "", [first, second], [first])
    assert numbered(replace(failed, id=2, created_at=LATER), "", [first], [first]) == second
    assert again.number == first.number != second.number
