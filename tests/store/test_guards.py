"""The database itself refuses what the tables of core.ticket do not have."""

from collections.abc import Mapping
from enum import StrEnum
from itertools import product
from typing import TypeVar

import pytest
from sqlalchemy import Engine, Table, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from mailflow.core.changes import MoveConsultation, MoveTicket
from mailflow.core.ticket import (
    CONSULTATION_MOVES,
    TICKET_MOVES,
    ConsultationState,
    TicketState,
)
from mailflow.schema import consultation, letter, mail, metadata, ticket, transition
from mailflow.store import Store
from tests.store.matter import NOW, RAW, REFERENCE, asking, decided, opening, stored

State = TypeVar("State", bound=StrEnum)


@pytest.fixture
def opened(store: Store) -> Store:
    """A store with one ticket and one office asked."""
    store.apply(decided(opening(), asking("bauaufsicht")), [], NOW)
    return store


def put(engine: Engine, table: Table, state: StrEnum) -> None:
    """Put the only row of a table into a state, whatever the guards say of the way there."""
    with engine.begin() as connection:
        row = dict(connection.execute(select(table)).mappings().one())
        for child in (letter, consultation) if table is ticket else ():
            connection.execute(child.delete())
        connection.execute(table.delete())
        connection.execute(insert(table).values(**{**row, "state": state}))


def try_all(engine: Engine, table: Table, table_of_moves: Mapping[State, frozenset[State]]) -> None:
    """Try every pair of states; the database must take exactly those of the table."""
    for source, target in product(table_of_moves, repeat=2):
        put(engine, table, source)
        allowed = source == target or target in table_of_moves[source]
        if allowed:
            with engine.begin() as connection:
                connection.execute(update(table).values(state=target))
            continue
        with pytest.raises(DBAPIError, match="forbidden move"), engine.begin() as connection:
            connection.execute(update(table).values(state=target))


def test_every_move_of_a_ticket(opened: Store, engine: Engine) -> None:
    """All 49 pairs: those of TICKET_MOVES are taken, all others refused."""
    assert opened.tickets([REFERENCE])
    try_all(engine, ticket, TICKET_MOVES)


def test_every_move_of_a_consultation(opened: Store, engine: Engine) -> None:
    """All 49 pairs: those of CONSULTATION_MOVES are taken, all others refused."""
    assert opened.tickets([REFERENCE])
    try_all(engine, consultation, CONSULTATION_MOVES)


def test_the_database_holds_the_tables_of_the_core(engine: Engine) -> None:
    """What the migrations wrote is what core.ticket says today."""
    with engine.begin() as connection:
        rows = {tuple(row) for row in connection.execute(select(transition))}
    machines = (("ticket", TICKET_MOVES), ("consultation", CONSULTATION_MOVES))
    assert rows == {
        (machine, source, target)
        for machine, moves in machines
        for source, targets in moves.items()
        for target in targets
    }


def test_a_forbidden_move_undoes_the_whole_decision(opened: Store) -> None:
    """A decision with one impossible step changes nothing at all."""
    before = opened.tickets([REFERENCE])[REFERENCE]
    impossible = decided(
        MoveConsultation(
            REFERENCE, "bauaufsicht", 1, ConsultationState.ASKED, ConsultationState.ANSWERED
        ),
        MoveTicket(REFERENCE, TicketState.NEW, TicketState.REVIEW),
    )
    history = opened.history(REFERENCE)
    with pytest.raises(DBAPIError, match="forbidden move"):
        opened.apply(impossible, [], NOW)
    assert opened.tickets([REFERENCE])[REFERENCE] == before
    assert opened.history(REFERENCE) == history
    assert opened.integrity_fault() == ""


def test_no_row_without_its_parent(opened: Store, engine: Engine) -> None:
    """Foreign keys are on: no orphan comes in, and no parent leaves its children behind."""
    row = stored(opened, RAW, None)
    assert row.new
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(letter).values(ticket_id=4711, mail_id=row.id))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(mail.delete())
    assert opened.raw_of(row.id) == RAW


def test_every_table_belongs_to_a_mailbox() -> None:
    """Each row names its mailbox, directly or through its parent: there may be several."""
    direct = {table.name for table in metadata.tables.values() if "mailbox_id" in table.c}
    shared = {"mailbox", "transition"}
    through = {
        table.name
        for table in metadata.tables.values()
        if any(key.column.table.name in direct for key in table.foreign_keys)
    }
    grandchildren = {
        table.name
        for table in metadata.tables.values()
        if any(key.column.table.name in through for key in table.foreign_keys)
    }
    assert set(metadata.tables) == direct | shared | through | grandchildren
