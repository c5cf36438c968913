"""The digest's own arithmetic."""

from hypothesis import given
from hypothesis import strategies as st

from mailflow.core.digest import Counts

PARTS = st.lists(st.integers(0, 1000), min_size=6, max_size=6)


@given(PARTS)
def test_counts_balance_when_every_mail_is_somewhere(parts: list[int]) -> None:
    """The system line is well exactly when the six states add up to the mails."""
    assert Counts(sum(parts), *parts).balanced


@given(PARTS, st.integers(1, 50))
def test_one_mail_too_many_or_too_few_is_seen(parts: list[int], missing: int) -> None:
    """A lost mail shows on the next morning."""
    assert not Counts(sum(parts) + missing, *parts).balanced
    assert not Counts(sum(parts) - missing, *parts).balanced
