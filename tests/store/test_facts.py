"""What is read before a decision: all that an order names, however long it is."""

from mailflow.core.changes import AddHold
from mailflow.core.ticket import HoldReason
from mailflow.store import Store
from tests.flow.city import City, known_for
from tests.store.matter import KEYRING, NOW, RAW, decided, opening, stored


def _references(count: int, kind: str) -> list[str]:
    return [KEYRING.reference("KAM", f"{kind} {number}", 0) for number in range(count)]


def test_an_order_of_four_hundred_lines_knows_each_number(town: City) -> None:
    """Tickets and waiting mails are found whatever their number: none is said not to exist."""
    tickets, waiting = _references(250, "ticket"), _references(150, "mail")
    mail = stored(town.store, RAW, None).id
    holds = (AddHold(each, HoldReason.UNMATCHED, "wartet", mail_id=mail) for each in waiting)
    town.store.apply(decided(*map(opening, tickets), *holds), [], NOW)
    lines = "\n".join(f"{each} notiz gesehen" for each in (*tickets, *waiting))
    known = known_for(town, lines)
    assert set(known.tickets) == set(tickets)
    assert set(known.held) == set(waiting)


def test_more_tickets_than_one_query_takes_are_read_in_portions(store: Store) -> None:
    """Every ticket asked for is given."""
    tickets = _references(501, "ticket")
    store.apply(decided(*map(opening, tickets)), [], NOW)
    assert set(store.tickets([*tickets, "KAM-NONE-NONE"])) == set(tickets)
