"""What may be done while a database is being made good, and nothing is read to its end yet."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest

from mailflow.core.ticket import TicketState
from mailflow.desk import MadeGoodError
from mailflow.ledger import rebuild, reconcile
from tests.flow.city import ONE_OFFICE, City, again, city, forward_to, letter, reply_to

BAU = "bauaufsicht@stadt.example.org"


class _Killed(BaseException):
    """Ends the process."""


@contextmanager
def _amid_a_rebuild(folder: Path) -> Iterator[City]:
    """Give a town whose rebuild was killed when all mails were stored and none was decided."""
    with city(folder) as town:
        asked = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.wait(hours=5)
        town.deliver(reply_to(asked, "Die Genehmigung kommt im Juni."))
        town.wait(days=30)
        town.chasing.close()
        mailbox, now = town.mailbox, town.now
    (folder / "mailflow.db").unlink()
    with city(folder, mailbox=mailbox) as town:
        town.now = now
        with patch.object(town.deciding, "decide_all", side_effect=_Killed), pytest.raises(_Killed):
            rebuild(town.store, mailbox, town.intake, ["Processed", "Quarantine", "INBOX"])
        yield town


def test_nothing_is_decided_as_of_today_amid_a_rebuild(tmp_path: Path) -> None:
    """Also where nothing lies in quarantine yet: what is left is decided as of its arrival."""
    with _amid_a_rebuild(tmp_path) as town:
        with pytest.raises(MadeGoodError):
            again(town)
        reconcile(town.store, town.mailbox, town.intake)
        assert town.ticket().state is TicketState.CLOSED
        again(town)
