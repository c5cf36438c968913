"""What each step of the schema makes of the rows it finds, on both databases."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData, Table, insert, text

from mailflow.lease import Lease
from mailflow.parts import OlderServiceError, open_store
from mailflow.store.engine import make_engine
from mailflow.upgrade import newest, upgrade, version_of
from tests.flow.city import CENTRAL
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
        if not column.nullable and column.name != "id" and column.name not in given:
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


def test_a_mail_to_an_office_belongs_to_a_round(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0003: to the last one asked by the time it was written, the first where none was by then."""
    engine = _of_version(database, "0002", monkeypatch)
    now = NOW.replace(tzinfo=None)
    written = [
        ("forward", "umwelt", now + timedelta(hours=1), 1),
        ("forward", "umwelt", now + timedelta(hours=2), 2),
        ("reminder", "umwelt", now + timedelta(hours=3), 2),
        ("forward", "tiefbau", now + timedelta(hours=3), 1),
        ("forward", "umwelt", now - timedelta(hours=1), 1),
        ("question", "", now, 0),
    ]
    with engine.begin() as connection:
        _put(connection, "mailbox", id=1, address="wirtschaft@stadt.example.org")
        _put(connection, "account", id=1, mailbox_id=1, status="existing")
        _put(connection, "contact", id=1, mailbox_id=1, account_id=1, first_seen=now)
        ticket: dict[str, Any] = {"account_id": 1, "contact_id": 1, "flags": [], "topics": []}
        _put(connection, "ticket", id=1, mailbox_id=1, reference="K", state="new", **ticket)
        for round_ in (1, 2):
            asked: dict[str, Any] = {"asked_on": NOW.date(), "due_on": NOW.date(), "reminded": []}
            asked |= {"asked_at": now + timedelta(hours=round_), "state": "asked"}
            part = {"ticket_id": 1, "office_id": "umwelt", "round": round_}
            _put(connection, "consultation", **part, **asked)
        for number, (kind, office_id, at, _) in enumerate(written):
            given: dict[str, Any] = {"name": str(number), "state": "queued", "letters": []}
            given |= {"kind": kind, "office_id": office_id, "created_at": at, "reference": "K"}
            _put(connection, "outbox", mailbox_id=1, **given)
    upgrade(engine)
    with engine.connect() as connection:
        rounds = connection.execute(text("SELECT round FROM outbox ORDER BY id")).scalars()
        assert list(rounds) == [expected for *_, expected in written]
    engine.dispose()


def test_an_order_left_over_from_before_is_put_behind_no_mail(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0004: every mail is kept as it was; the next start finds out anew where an order belongs."""
    engine = _of_version(database, "0003", monkeypatch)
    given: dict[str, Any] = {"mailbox_id": 1, "attachments": [], "problems": []}
    with engine.begin() as connection:
        _put(connection, "mailbox", id=1, address="wirtschaft@stadt.example.org")
        _put(connection, "mail", fingerprint="a", outcome="event", **given)
        _put(connection, "mail", fingerprint="b", decided_at=NOW.replace(tzinfo=None), **given)
    upgrade(engine)
    with engine.connect() as connection:
        query = "SELECT fingerprint, decided_at IS NULL, behind_id FROM mail ORDER BY id"
        rows = [(each[0], bool(each[1]), each[2]) for each in connection.execute(text(query))]
    assert rows == [("a", True, None), ("b", False, None)]
    engine.dispose()


def test_no_step_is_taken_under_a_service_that_does_not_know_it(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that only lists leaves the schema to the restart, and says so."""
    engine = _of_version(database, "0002", monkeypatch)
    settings: Any = SimpleNamespace(
        make_state_folder=lambda: None,
        paths=SimpleNamespace(state=tmp_path),
        database=SimpleNamespace(url=database),
        central=SimpleNamespace(address=CENTRAL),
    )
    lease = Lease(engine, CENTRAL, tmp_path)
    assert lease.take()
    with pytest.raises(OlderServiceError, match="restart the service"), open_store(settings):
        pass
    assert version_of(engine) == "0002"
    lease.release()
    with open_store(settings):
        assert version_of(engine) == newest()
    assert lease.take(), "nobody keeps what the steps held"
    lease.release()
    engine.dispose()
