"""Long texts made to be slow: one mail must not stop the others, whatever it says."""

import pytest

from tests.flow.city import ONE_OFFICE, City, forward_to, letter, of_kind, reply_to

BAU = "bauaufsicht@stadt.example.org"
LENGTH = 200_000


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "filling", ["\n", " \n", "> a\n", "laerm", "KAM-2222-2222 ", "wir sind ein "]
)
def test_a_long_text_is_decided_in_no_time(town: City, filling: str) -> None:
    """A company's mail of 200 kB that says next to nothing is acknowledged like any other."""
    text = f"{ONE_OFFICE}\n{filling * (LENGTH // len(filling))}\nEnde\n"
    assert of_kind(town.deliver(letter("Stand", text)), "acknowledgement")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("filling", ["\n", "intern: a\nMfG\n", "I N T E R N ", "bis zum 1.1. "])
def test_a_long_reply_is_read_in_no_time(town: City, filling: str) -> None:
    """An office's mail of 200 kB takes effect or waits; the next mail is decided all the same."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    text = f"Im Juni.\n{filling * (LENGTH // len(filling))}\nEnde\n"
    town.deliver(reply_to(forward, text, quote=False))
    (part,) = town.ticket().current()
    assert part.replies
