"""Whether the database is whole: tables and indexes, what refers to what, bytes, audit trail.

Each check is many short transactions: as long as one reads, no other process can commit.
"""

from sqlalchemy import Engine, Table, func, inspect, select

from mailflow.schema import mail, outbox, outbox_bytes, raw_mail
from mailflow.store import events
from mailflow.store.engine import is_sqlite, reading

__all__ = ["integrity_fault"]

_PAGE = 50_000
_HEADING = "*** in database main ***"
_BYTES = ((mail, raw_mail), (outbox, outbox_bytes))


def integrity_fault(engine: Engine, mailbox_id: int) -> str:
    """Give the first fault, worded for whoever runs mailflow; "" when all is well."""
    found = _fault_in_tables(engine) if is_sqlite(engine) else ""
    if found:
        return found
    for rows, contents in _BYTES:
        if found := _without_bytes(engine, rows, contents):
            return found
    broken = events.broken_link(engine, mailbox_id)
    if broken is None:
        return ""
    return (
        f"event {broken} of the audit trail does not follow from the one before: "
        "one of them was altered, or one between them is gone"
    )


def _fault_in_tables(engine: Engine) -> str:
    """Give the first fault that SQLite finds; PostgreSQL's pages are PostgreSQL's to check."""
    with reading(engine) as connection:
        names = inspect(connection).get_table_names()
    for name in names:
        if found := _fault_in(engine, name):
            return found
    return ""


def _fault_in(engine: Engine, table: str) -> str:
    """Ask SQLite about a table, its indexes, and the rows that its rows name."""
    with reading(engine) as connection:
        damage = connection.exec_driver_sql(f'PRAGMA integrity_check("{table}")').scalars().all()
        if damage != ["ok"]:
            first = " ".join(str(damage[0]).removeprefix(_HEADING).split())
            more = f" (and {len(damage) - 1} more)" if damage[1:] else ""
            return f"in the table or an index of {table}: {first}{more}"
        orphan = connection.exec_driver_sql(f'PRAGMA foreign_key_check("{table}")').first()
    if orphan:
        return f"row {orphan[1]} of {table} names a row of {orphan[2]} that is not there"
    return ""


def _without_bytes(engine: Engine, rows: Table, contents: Table) -> str:
    """Say which mails have no bytes any more: whoever is to read or to send one finds nothing."""
    kept = contents.primary_key.columns[0]
    lost = select(func.count(), func.min(rows.c.id)).outerjoin_from(rows, contents)
    lost = lost.where(kept.is_(None))
    with reading(engine) as connection:
        last = connection.execute(select(func.max(rows.c.id))).scalar() or 0
    for start in range(0, last, _PAGE):
        within = rows.c.id.between(start + 1, start + _PAGE)
        with reading(engine) as connection:
            count, first = connection.execute(lost.where(within)).one()
        if count:
            what = "row of {} without its" if count == 1 else "rows of {} without their"
            return f"{count} {what.format(rows.name)} bytes: row {first}"
    return ""
