"""How fast a backlog is drained, beside the bare cost of what cannot be left out.

Run ``python bench/backlog.py [COUNT ...]`` (1,000 and 5,000 when none is named). The mailbox holds
COUNT mixed mails; the real service takes them in, acknowledges each and forwards it to two
offices, with durable commits. Then the same mails, one after the other and by nothing else:
parsed; committed as often as safety asks (once with its bytes, once with the three mails it
causes, once before each of these is sent); and sent over one SMTP connection.
"""

import os
import smtplib
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bench.ground.city import Sink, children_of, city, machine, memory_of
from bench.ground.mails import CENTRAL, mixed
from mailflow.reading import read
from mailflow.store.engine import make_engine
from tests.real.servers import MailWorld
from tests.real.town import Town

_MAILS_OF_ONE = 3


def _fill(world: MailWorld, count: int) -> None:
    with world.client(CENTRAL) as client:
        client.select_folder("INBOX")  # Dovecot makes the folders
    new = world.mail_folder(CENTRAL) / "new"
    owner = new.stat()
    for number, raw in enumerate(mixed(count)):
        target = new / f"{1_700_000_000 + number}.M{number}.bench"
        target.write_bytes(raw)
        if os.geteuid() == 0:
            os.chown(target, owner.st_uid, owner.st_gid)


def _drain(town: Town, sink: Sink, count: int) -> tuple[float, float, float]:
    """Give seconds from the start of the process to the last mail sent, and both memories."""
    start = time.time()
    town.start_only()
    service = parser = 0.0
    while True:
        taken, last = sink.taken()
        service = memory_of(town.pid)
        parser = max([parser, *(memory_of(child) for child in children_of(town.pid))])
        if taken >= _MAILS_OF_ONE * count:
            return last - start, service, parser
        time.sleep(0.2)


def _bytes_of(database: Path, table: str) -> Iterator[bytes]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        for row in connection.execute(f"SELECT raw FROM {table}"):  # noqa: S608 - one of two names
            yield row[0]


def _parse(database: Path) -> float:
    seconds = 0.0
    for raw in _bytes_of(database, "raw_mail"):
        start = time.perf_counter()
        read(raw)
        seconds += time.perf_counter() - start
    return seconds


def _commit(database: Path) -> float:
    """Commit what was stored, as durably as the service does, to a database of its own."""
    target = database.with_name("bare.db")
    engine = make_engine(f"sqlite:///{target}")  # for its pragmas: as durable as the service
    seconds = 0.0
    outgoing = _bytes_of(database, "outbox_bytes")
    with closing(engine.raw_connection()) as line:
        line.cursor().execute("CREATE TABLE mail (id INTEGER PRIMARY KEY, raw BLOB, sent INTEGER)")
        for raw in _bytes_of(database, "raw_mail"):
            sent = [next(outgoing) for _ in range(_MAILS_OF_ONE)]
            start = time.perf_counter()
            _transactions(line.cursor(), raw, sent)
            seconds += time.perf_counter() - start
    engine.dispose()
    target.unlink()
    return seconds


def _transactions(line: object, raw: bytes, outgoing: list[bytes]) -> None:
    assert hasattr(line, "execute")
    insert = "INSERT INTO mail (raw, sent) VALUES (?, 0)"
    line.execute("BEGIN IMMEDIATE")
    line.execute(insert, (raw,))
    line.execute("COMMIT")
    line.execute("BEGIN IMMEDIATE")
    ids = [line.execute(insert, (each,)).lastrowid for each in outgoing]
    line.execute("COMMIT")
    for each in ids:
        line.execute("BEGIN IMMEDIATE")
        line.execute("UPDATE mail SET sent = 1 WHERE id = ?", (each,))
        line.execute("COMMIT")


def _send(database: Path, sink: Sink) -> float:
    seconds = 0.0
    with smtplib.SMTP("127.0.0.1", sink.port) as line:
        for raw in _bytes_of(database, "outbox_bytes"):
            start = time.perf_counter()
            line.sendmail(CENTRAL, ["amt@stadt.example.org"], raw)
            seconds += time.perf_counter() - start
    return seconds


def _measure(count: int) -> None:
    with city() as (world, sink, town):
        _fill(world, count)
        seconds, service, parser = _drain(town, sink, count)
        assert town.stop() == 0
        assert town.outcomes() == {"ticket": count}, town.outcomes()
        assert town.fault() == ""
        database = Path(town.database.removeprefix("sqlite:///"))
        parse, commit, send = _parse(database), _commit(database), _send(database, sink)
    bare = parse + commit + send
    print(f"\n{count} mails: {seconds:.1f} s, {count / seconds:.1f} tickets a second")
    each = ", ".join(
        f"{name} {1000 * part / count:.1f}"
        for name, part in (("parse", parse), ("5 commits", commit), ("3 mails over SMTP", send))
    )
    print(f"bare, in sequence: {bare:.1f} s, {count / bare:.1f} a second (ms each: {each})")
    print(f"ratio: {bare / seconds:.2f} of what the bare steps would give")
    print(f"peak memory: service {service:.0f} MB, parser {parser:.0f} MB")


if __name__ == "__main__":
    print(machine())
    for each in sys.argv[1:] or ["1000", "5000"]:
        _measure(int(each))
