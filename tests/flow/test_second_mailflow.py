"""A second mailflow on the mailbox is known by the Date of its copies, and no server is one."""

from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from mailflow.ledger import rebuild, thaw
from mailflow.schema import outbox_bytes
from mailflow.store.engine import writing
from tests.faults.test_rows_sending import dsn
from tests.flow.city import (
    COMPANY,
    ONE_OFFICE,
    City,
    city,
    digest_of,
    forward_to,
    letter,
    of_kind,
    parse,
    reply_to,
)
from tests.flow.mailbox import MemoryInbox

BAU = "bauaufsicht@stadt.example.org"


def _with_long_references(raw: bytes) -> bytes:
    """Give a copy as a server writes it that puts many References before the Date."""
    ids = b"\r\n ".join(b"<%d.%s@mail.example>" % (number, b"x" * 100) for number in range(50))
    return b"References: " + ids + b"\r\n" + raw


def _without_zone(raw: bytes) -> bytes:
    """Give a copy as a server writes it that says no zone: the same moment in UTC."""
    field = parse(raw)["Date"]
    utc = field.datetime.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S -0000")
    return raw.replace(f"Date: {field}".encode(), f"Date: {utc}".encode())


def _without_date(raw: bytes) -> bytes:
    """Give a copy as no server should write it."""
    return b"\r\n".join(line for line in raw.split(b"\r\n") if not line.startswith(b"Date: "))


def test_what_is_sent_again_after_a_loss_gets_its_receipt(tmp_path: Path) -> None:
    """It has the bytes of the first copy, which the server wrote with its Date far below."""
    mailbox = MemoryInbox()
    with city(tmp_path, mailbox=mailbox) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        (answer,) = town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
        town.wire.receipts[:] = map(_with_long_references, town.wire.receipts)
        town.take_receipts()
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, mailbox=mailbox) as town:
        town.wait(hours=1)
        rebuild(town.store, mailbox, town.intake, ["Processed", "Quarantine", "INBOX"])
        thaw(town.store, town.now, send=False)
        town.deliver(dsn(COMPANY, str(answer["Message-ID"])))
        town.wait(days=1)
        order = f"{town.ticket().reference} freigeben zustellung"
        out = town.deliver(reply_to(digest_of(town), order))
        assert of_kind(out, "combined-answer")
        town.take_receipts()
        assert not mailbox.folders["Quarantine"].mails


def _seconds_later(raw: bytes) -> bytes:
    """Give a copy of what another mailflow composed a second later."""
    field = parse(raw)["Date"]
    later = (field.datetime + timedelta(seconds=1)).strftime("%a, %d %b %Y %H:%M:%S %z")
    return raw.replace(f"Date: {field}".encode(), f"Date: {later}".encode())


WRITTEN = [_with_long_references, _without_zone, _without_date]


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("of_another", [True, False])
def test_whatever_a_server_writes_the_moment_counts(
    town: City, written: Callable[[bytes], bytes], *, of_another: bool
) -> None:
    """Where the bytes of our mail are those of a copy, another Date is told, and no other way."""
    town.deliver(letter("Stand", ONE_OFFICE))
    copy = town.wire.receipts[0]
    with writing(town.store.engine) as connection:
        connection.execute(update(outbox_bytes).values(raw=written(copy)))
    told = of_kind(town.deliver(_seconds_later(copy) if of_another else copy), "alert")
    assert len(told) == (of_another and written is not _without_date)
    assert not town.mailbox.folders["Quarantine"].mails
