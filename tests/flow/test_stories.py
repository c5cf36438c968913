"""Stories that chance writes, with a loss of the database in their midst."""

from pathlib import Path

import pytest

from tests.flow.made_anew import after_a_loss


@pytest.mark.parametrize("seed", range(1, 7))
def test_a_story_told_by_mail_is_the_same_after_a_loss(tmp_path: Path, seed: int) -> None:
    """Tickets, tokens, mails and what waits are made anew; then it goes on, and nothing doubles."""
    loss = after_a_loss(tmp_path, seed, 12)
    assert loss.faults == (), "\n".join(loss.told)


@pytest.mark.parametrize("seed", range(101, 105))
def test_a_story_of_which_the_mailbox_tells_half_loses_and_doubles_nothing(
    tmp_path: Path, seed: int
) -> None:
    """Orders at the desk and a server's refusals are lost with the database, and no mail is."""
    loss = after_a_loss(tmp_path, seed, 12, desk=True)
    assert loss.faults == (), "\n".join(loss.told)
