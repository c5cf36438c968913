"""What each step of the schema makes of the rows it finds, on both databases."""

from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData, Table, insert, text

from mailflow.store.engine import make_engine
from mailflow.upgrade import upgrade
from tests.store.matter import NOW

_CIRCULAR = "Laut Kopfzeile (list-id) ein Rundschreiben, vielleicht eine Anfrage."


def _of_version(database: str, version: str, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Give a database as the program of an older schema left it."""
    step = command.upgrade

    def not_further(config: Config, _: str) -> None:
        step(config, version)

    engine = make_engine(database)
    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", not_further)
        upgrade(engine)
    return engine


def _put(connection: Connection, table: str, **given: Any) -> None:
    """Insert a row into a table as it is, with "", 0 or now in what is not given."""
    columns = Table(table, MetaData(), autoload_with=connection).columns
    row: dict[str, Any] = {}
    for column in columns:
        if not column.nullable and column.name != "id":
            kind = column.type.python_type
            row[column.name] = NOW.replace(tzinfo=None) if "_at" in column.name else kind()
    connection.execute(insert(columns["id"].table), row | given)


def test_what_words_told_stands_in_columns(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """0002: a machine's mail and a double are unread, one that waits as a circular says so."""
    engine = _of_version(database, "0001", monkeypatch)
    nothing: dict[str, Any] = {"attachments": [], "problems": []}
    filed = [
        ("event", "Rundschreiben", True),
        ("event", "Doppel einer schon gelesenen Mail", True),
        ("event", "Anordnung der Leitung", False),
        ("held", "Rundschreiben", False),
    ]
    with engine.begin() as connection:
        _put(connection, "mailbox", id=1, address="wirtschaft@stadt.example.org")
        for id_, (outcome, why, _) in enumerate(filed, 1):
            given = {"id": id_, "mailbox_id": 1, "fingerprint": str(id_)} | nothing
            _put(connection, "mail", outcome=outcome, why=why, **given)
        for reason, words in [("conflict", _CIRCULAR), ("conflict", "x"), ("storm", _CIRCULAR)]:
            _put(connection, "hold", mailbox_id=1, mail_id=4, reason=reason, text=words)
    upgrade(engine)
    with engine.connect() as connection:
        unread = connection.execute(text("SELECT unread FROM mail ORDER BY id")).scalars()
        assert [bool(each) for each in unread] == [expected for *_, expected in filed]
        reasons = connection.execute(text("SELECT reason FROM hold ORDER BY id")).scalars()
        assert list(reasons) == ["circular", "conflict", "storm"]
    engine.dispose()
