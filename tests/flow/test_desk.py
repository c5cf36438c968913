"""``mailflow do``: what is ordered at the command line of the machine."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from mailflow.core.retry import Deferred
from mailflow.core.ticket import TicketState
from mailflow.desk import TicketBusyError, do_lines
from mailflow.store import StaleDecisionError
from tests.flow.city import (
    NO_OFFICE,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    at_the_desk,
    city,
    forward_to,
    letter,
    of_kind,
    parse,
    parts_of,
    reply_to,
)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[City]:
    """A city with an empty mailbox."""
    with city(tmp_path) as one:
        yield one


def test_an_order_at_the_desk_outlives_a_ticket_that_moves_on(
    town: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What met a moved ticket is decided again; if that never ends, one line says so."""
    town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
    reference = town.ticket().reference
    parts = parts_of(town)
    apply, stale = town.store.apply_order, iter([StaleDecisionError(reference)])

    def busy(*decision: Any) -> None:
        if error := next(stale, None):
            raise error
        apply(*decision)

    monkeypatch.setattr(town.store, "apply_order", busy)
    assert do_lines(parts, f"{reference} notiz angerufen")[0].done
    monkeypatch.setattr(town.store, "apply_order", Mock(side_effect=StaleDecisionError(reference)))
    with pytest.raises(TicketBusyError, match=f"{reference} changes all the time"):
        do_lines(parts, f"{reference} notiz angerufen")


def test_the_same_words_in_the_same_moment_are_two_orders_only_in_two_moments(town: City) -> None:
    """A clock that stands still gives no order twice; one that goes on gives the second its own."""
    town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
    line = f"{town.ticket().reference} notiz angerufen"
    parts, moments = parts_of(town), iter([0, 0, 0, 0, 1, 1])  # two looks at each try
    parts.clock = lambda: town.now + timedelta(microseconds=next(moments))
    assert do_lines(parts, line)[0].done
    assert do_lines(parts, line)[0].done
    parts.clock = lambda: town.now
    with pytest.raises(TicketBusyError, match="changes all the time"):
        do_lines(parts, line)
    town.work()
    kept = [raw for raw, _ in town.mailbox.folders["Processed"].mails.values()]
    assert len(of_kind([parse(raw) for raw in kept], "order")) == 2


@pytest.mark.parametrize("order", ["schliessen", "antwort: Ja, das geht."])
def test_an_answer_that_nobody_has_read_is_not_ended(careful_town: City, order: str) -> None:
    """A reply released into an answer that itself waits is not lost to the next order's line."""
    town = careful_town
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), "bauaufsicht@stadt.example.org")
    town.deliver(reply_to(forward, "Ich bin mir nicht sicher, vermutlich wird es Juni."))
    reference = town.ticket().reference
    lines = do_lines(parts_of(town), f"{reference} freigeben\n{reference} {order}")
    assert [each.done for each in lines] == [True, False]
    assert "bitte erst die Vorschau" in lines[1].result
    assert town.ticket().state == "review"
    assert of_kind(town.work(), "combined-answer") == []


def test_a_closed_ticket_sends_no_office_what_still_lay_in_the_outbox(town: City) -> None:
    """Neither what was never tried nor what a server was away for."""
    town.deliver(letter("Halle", NO_OFFICE))
    reference = town.ticket().reference
    town.wire.outcomes = [Deferred("451 4.3.2 try again later")]
    at_the_desk(town, f"{reference} an umwelt")
    assert of_kind(town.work(), "forward") == []
    at_the_desk(town, f"{reference} an tiefbau")
    at_the_desk(town, f"{reference} schliessen")
    town.wait(hours=5)
    assert town.work() == []
    assert town.ticket().state is TicketState.CLOSED
