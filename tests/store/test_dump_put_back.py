"""A PostgreSQL dump that was put back, as the manual says."""

import re
from pathlib import Path

import pytest

from mailflow.ledger import Difference, reconcile
from mailflow.store.backup import RESTORED
from tests.flow.city import ONE_OFFICE, city, letter
from tests.real.postgres import PostgresServer

MANUAL = Path(__file__).parents[2] / "docs" / "operating.md"
FLAGS = re.MULTILINE | re.DOTALL


@pytest.mark.server
def test_the_statement_of_the_manual_freezes_as_a_restore_does(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    """Nothing newer lies in the mailbox; what waits is held, and goes only after a thaw."""
    found = re.search(r"^```sql\n(INSERT INTO status.*?)^```", MANUAL.read_text(), FLAGS)
    assert found
    with postgres.database() as url, city(tmp_path, database=url) as town:
        reconcile(town.store, town.mailbox, town.intake)
        town.mailbox.folders["INBOX"].add(letter("Stand", ONE_OFFICE), town.now)
        town.intake.take_in(town.mailbox)
        with town.store.engine.begin() as connection:
            connection.exec_driver_sql(found[1])
        assert reconcile(town.store, town.mailbox, town.intake) == Difference(0, 2)
        assert town.store.frozen() == RESTORED
        assert town.work() == []
