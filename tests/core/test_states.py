"""States are tables: what they promise, and that nobody is stuck."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.core.retry import (
    SERVER_PAUSE,
    UNSURE_AFTER,
    WAITS,
    Accepted,
    Deferred,
    EntryState,
    Rejected,
    Unsure,
    after_attempt,
)
from mailflow.core.ticket import (
    CONSULTATION_MOVES,
    TICKET_MOVES,
    ConsultationState,
    TicketState,
)

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def test_every_state_has_its_row() -> None:
    """An absent row would be an error at the worst moment."""
    assert set(TICKET_MOVES) == set(TicketState)
    assert set(CONSULTATION_MOVES) == set(ConsultationState)


@pytest.mark.parametrize("state", [s for s in TicketState if s is not TicketState.CLOSED])
def test_every_ticket_can_be_closed(state: TicketState) -> None:
    """The manager can close whatever is open."""
    assert TicketState.CLOSED in TICKET_MOVES[state]


@pytest.mark.parametrize("state", [s for s in ConsultationState if s.is_open])
def test_every_open_part_can_be_withdrawn_or_answered(state: ConsultationState) -> None:
    """No office's part can hang for ever."""
    assert {ConsultationState.ANSWERED, ConsultationState.WITHDRAWN} <= CONSULTATION_MOVES[state]


@given(st.integers(1, 36))
def test_a_deferred_mail_always_has_a_later_time(attempts: int) -> None:
    """Every temporary failure waits, by the schedule and then by its last step."""
    state, at = after_attempt(Deferred("451"), attempts, NOW)
    assert state is EntryState.DEFERRED
    assert at - NOW in WAITS


def test_a_mail_is_given_up_after_five_days_of_tries() -> None:
    """Five days of 4xx end it, and neither a day less nor an outage of the server does."""
    state, at, attempts = EntryState.DEFERRED, NOW, 0
    while state is EntryState.DEFERRED:
        attempts += 1
        state, at = after_attempt(Deferred("451"), attempts, at)
    assert state is EntryState.FAILED
    assert timedelta(hours=120) <= at - NOW < timedelta(hours=124)
    down = after_attempt(Deferred("535", server=True), attempts, NOW)
    assert down == (EntryState.DEFERRED, NOW + SERVER_PAUSE)


def test_the_other_ends() -> None:
    """Accepted and rejected are final; an unknown end waits for its receipt."""
    assert after_attempt(Accepted("250"), 1, NOW)[0] is EntryState.ACCEPTED
    assert after_attempt(Rejected("550"), 1, NOW)[0] is EntryState.FAILED
    assert after_attempt(Unsure(""), 1, NOW) == (EntryState.SENDING, NOW + UNSURE_AFTER)
