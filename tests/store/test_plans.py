"""A database of many years answers as fast as a new one: no mail's way leads through all rows."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from tests.flow.city import TWO_OFFICES, City, city, digest_of, forward_to, letter, reply_to

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"
_ALL_ROWS = re.compile(
    r"^SCAN (?!CONSTANT)|^USE TEMP B-TREE"
    # of these the one is read from its end, and the other holds only what has still to go out
    r"|INDEX (?!ix_event_chain |ix_outbox_due )\w+ \(mailbox_id=\?\)$"
)
_FEW_ROWS = ("letter", "consultation", "reply", "hold", "bound_sender", "mailbox", "status")
"""Tables of which a statement takes only one ticket's rows, or which never hold many."""


@contextmanager
def heard() -> Iterator[dict[str, Any]]:
    """Give the statements that are executed meanwhile, each once, with parameters to explain it."""
    said: dict[str, Any] = {}

    def hear(_c: Any, _cursor: Any, words: str, given: Any, _context: Any, many: bool) -> None:
        if not many and words.startswith(("SELECT", "UPDATE", "DELETE")):
            said.setdefault(" ".join(words.split()), given)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def story(town: City) -> None:
    """Play what happens every day: inquiry, replies, answer, a stray reply, a false token."""
    out = town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
    first, second = forward_to(out, BAU), forward_to(out, UMWELT)
    town.deliver(reply_to(first, "Ja, ein Antrag ist nötig. Sechs Wochen."))
    town.deliver(reply_to(second, "Nachts gelten 45 dB(A)."))
    town.deliver(letter("Wir haben noch etwas", "Zur Halle 4.", sender=BAU))
    town.take_receipts()
    town.store.pushed()
    town.store.next_due()


def through_all_rows(town: City, said: dict[str, Any]) -> list[str]:
    """Give the statements whose plan reads a whole growing table, with the step that does."""
    found = []
    with town.store.engine.connect() as connection:
        for words, given in said.items():
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", given)
            steps = [row[3] for row in plan if _ALL_ROWS.search(row[3])]
            table = re.search(r"(?:FROM|UPDATE) (\w+)", words)
            if steps and table and table[1] not in _FEW_ROWS:
                found.append(f"{steps}: {words[:200]}")
    return found


def test_no_mails_way_leads_through_all_rows(tmp_path: Path) -> None:
    """Every statement that a mail's way needs finds its rows by an index made for it."""
    with city(tmp_path) as town, heard() as said:
        story(town)
        ways = dict(said)
        assert len(ways) > 30
        assert through_all_rows(town, ways) == []


def test_a_statement_through_all_rows_would_be_noticed(tmp_path: Path) -> None:
    """The digest, once a day, may look at everything; the plan's words for that are known."""
    with city(tmp_path) as town:
        story(town)
        with heard() as said:
            digest_of(town)
        assert through_all_rows(town, dict(said))


def test_a_receipt_costs_no_look_at_its_ticket(tmp_path: Path) -> None:
    """Every second mail is one of ours come back: only its entry in the outbox is asked for."""
    with city(tmp_path) as town:
        town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
        with heard() as said:
            town.take_receipts()
    read = {table[1] for words in said if (table := re.match(r"SELECT .* FROM (\w+)", words))}
    assert "outbox" in read
    assert not read & {"ticket", "consultation", "letter", "hold", "reply", "contact", "leg"}
