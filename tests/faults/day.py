"""A little day of a city, played by a process whose power will be cut.

``python -m tests.faults.day FOLDER``: after each commit it says on standard output what the
database then holds, so that afterwards it can be told whether anything committed is missing.
"""

import os
import sys
from pathlib import Path
from typing import Any

from sqlalchemy.engine.default import DefaultDialect

from mailflow.store.engine import make_engine
from mailflow.upgrade import upgrade
from tests.flow.city import TWO_OFFICES, city, forward_to, letter, reply_to

MARK = "committed"
HELD = (
    "SELECT (SELECT count(*) FROM mail), (SELECT count(*) FROM mail WHERE outcome IS NOT NULL),"
    " (SELECT count(*) FROM event), (SELECT coalesce(sum(attempts), 0) FROM outbox),"
    " (SELECT count(*) FROM outbox WHERE state = 'accepted')"
)
"""What a database holds, as numbers that every commit of the day changes."""


def tell_commits() -> None:
    """Say after each commit what the database holds."""
    commit: Any = DefaultDialect.do_commit

    def committing(self: DefaultDialect, connection: Any) -> None:
        commit(self, connection)
        names = connection.execute("SELECT name FROM sqlite_master WHERE name = 'outbox'")
        if names.fetchone():
            row = connection.execute(HELD).fetchone()
            os.write(1, f"{MARK} {row}\n".encode())

    DefaultDialect.do_commit = committing  # type: ignore[method-assign]


def _make_database(folder: Path) -> None:
    """Make it as a start does: the copy with which other towns begin was never synced."""
    engine = make_engine(f"sqlite:///{folder}/mailflow.db")
    upgrade(engine)
    engine.dispose()


def main(folder: Path) -> None:
    """Let a company write, both offices answer, and one combined answer go out."""
    tell_commits()
    _make_database(folder)
    with city(folder) as town:
        out = town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
        for office in ("bauaufsicht", "umweltamt"):
            mail = forward_to(out, f"{office}@stadt.example.org")
            town.deliver(reply_to(mail, f"Ja, sagt {office}."))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
