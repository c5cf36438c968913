"""Stories that chance writes, with a loss of the database in their midst."""

from pathlib import Path

from tests.flow.made_anew import after_a_loss
from tests.nightly import each_of


@each_of("seed", [1, 2, 10, 30, 38], by_day=[10, 38])
def test_a_story_told_by_mail_is_the_same_after_a_loss(tmp_path: Path, seed: int) -> None:
    """Tickets, tokens, mails and what waits are made anew; then it goes on, and nothing doubles.

    10, 30 and 38 fail where an order to close, read again, withdraws what had gone out.
    """
    loss = after_a_loss(tmp_path, seed, 16)
    assert loss.faults == (), "\n".join(loss.told)


@each_of("seed", [6, 7, 11], by_day=[11])
def test_a_story_told_at_the_desk_is_the_same_after_a_loss(tmp_path: Path, seed: int) -> None:
    """Half of the orders are given at the command line. All fail where those are not read again."""
    loss = after_a_loss(tmp_path, seed, 16, desk=True)
    assert loss.faults == (), "\n".join(loss.told)
