"""Mail pushed by an MTA over LMTP: mailflow answers for it only once it is stored."""

import smtplib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flow.city import CENTRAL, COMPANY, TWO_OFFICES, letter, parse
from tests.real.postgres import PostgresServer
from tests.real.processes import free_port
from tests.real.servers import MailWorld
from tests.real.sink import Sink
from tests.real.town import Sections, Town, town_of

RECEIPTS = CENTRAL.replace("@", "+receipt@")


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Give a submission server that takes everything."""
    with Sink() as made:
        yield made


@pytest.fixture
def port() -> int:
    """Give the port to push mail to."""
    return free_port()


def pushing(sink: Sink, port: int, **more: dict[str, str]) -> Sections:
    """Give the configuration for mail that comes by LMTP and leaves to the sink."""
    return {
        "lmtp": {"listen": f"127.0.0.1:{port}"},
        "smtp": {"port": sink.port, "security": "none", "user": "", "receipts": "none"},
        **more,
    }


@pytest.fixture
def town(mail_world: MailWorld, tmp_path: Path, sink: Sink, port: int) -> Iterator[Town]:
    """Give a running town that takes pushed mail."""
    with town_of(mail_world, tmp_path, pushing(sink, port)) as made:
        made.start()
        yield made


def push(port: int, raw: bytes, *recipients: str) -> dict[str, tuple[int, bytes]]:
    """Hand a mail over as an MTA does; gives the recipients it was refused for."""
    with smtplib.LMTP("127.0.0.1", port, "localhost", timeout=30) as line:
        return line.sendmail(COMPANY, recipients or (CENTRAL,), raw)


def kinds(sink: Sink) -> list[str]:
    """Give the kinds of the mails that left."""
    return sorted(str(parse(raw)["X-Mailflow-Kind"]) for _, raw, _ in sink.taken)


def test_pushed_mail_is_decided_without_the_mailbox(town: Town, sink: Sink, port: int) -> None:
    """With IMAP dead, a pushed mail is acknowledged and forwarded; the ledger gets it later."""
    town.world.kill_dovecot()
    push(port, letter("Umnutzung Halle 4", TWO_OFFICES))
    sink.wait_for(3, 30)
    assert kinds(sink) == ["acknowledgement", "forward", "forward"]
    town.world.start_dovecot()
    town.wait_until(lambda: town.lying_in("Processed") == 1, "the mail in the ledger")
    assert town.lying_in("INBOX") == 0


def test_a_mail_pushed_twice_is_one_mail(town: Town, sink: Sink, port: int) -> None:
    """An MTA that missed our 250 sends again: nothing happens twice, not even after a crash."""
    raw = letter("Umnutzung Halle 4", TWO_OFFICES)
    push(port, raw)
    sink.wait_for(3, 30)
    town.kill()
    town.start()
    push(port, raw)
    push(port, letter("Zweite Sache", TWO_OFFICES, sender="post@andere.example"))
    sink.wait_for(6, 30)
    assert town.outcomes() == {"ticket": 2}


def test_every_recipient_gets_an_answer_and_the_mail_is_one(
    town: Town, sink: Sink, port: int
) -> None:
    """A mail to us under two addresses is stored once and answered for twice (RFC 2033 §4.2)."""
    raw = letter("Umnutzung Halle 4", TWO_OFFICES)
    with smtplib.LMTP("127.0.0.1", port, "localhost", timeout=10) as line:
        line.ehlo()
        assert line.mail(COMPANY)[0] == 250
        assert [line.rcpt(each)[0] for each in (CENTRAL, RECEIPTS)] == [250, 250]
        assert line.data(raw)[0] == 250  # smtplib takes one reply only
        assert line.getreply()[0] == 250
        assert line.noop()[0] == 250
    sink.wait_for(3, 30)
    assert town.outcomes() == {"ticket": 1}


def test_a_stranger_is_refused_at_once(town: Town, port: int) -> None:
    """Only the central contact lives here."""
    assert town.pid
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        push(port, letter("Hallo", TWO_OFFICES), "jemand@stadt.example.org")
    assert [reply[0] for reply in refused.value.recipients.values()] == [550]


def test_long_lines_are_no_reason_to_refuse(town: Town, sink: Sink, port: int) -> None:
    """A mail whose text is one line of 20 kB arrives whole."""
    raw = letter("Umnutzung", "x").replace(b"\r\nx\r\n", b"\r\n" + b"Laerm " * 3500 + b"\r\n")
    push(port, raw)
    sink.wait_for(1, 30)
    assert town.outcomes().total() == 1


@pytest.mark.slow
def test_a_locked_database_leaves_the_mail_with_the_mta(town: Town, sink: Sink, port: int) -> None:
    """While SQLite is locked the MTA hears 451; its next try is stored and decided once."""
    raw = letter("Umnutzung Halle 4", TWO_OFFICES)
    path = town.database.removeprefix("sqlite:///")
    lock = sqlite3.connect(path, isolation_level=None)
    try:
        lock.execute("BEGIN IMMEDIATE")
        with pytest.raises(smtplib.SMTPDataError) as refused:
            push(port, raw)
        assert refused.value.smtp_code == 451
    finally:
        lock.close()
    assert push(port, raw) == {}
    sink.wait_for(3, 30)
    assert town.outcomes() == {"ticket": 1}


def test_a_dead_postgresql_leaves_the_mail_with_the_mta(
    mail_world: MailWorld,
    tmp_path: Path,
    sink: Sink,
    port: int,
    postgres: PostgresServer,
    postgres_url: str,
) -> None:
    """While PostgreSQL is away the MTA hears 451; mailflow lives on and stores the next try."""
    changes = pushing(sink, port, database={"url": postgres_url})
    with town_of(mail_world, tmp_path, changes) as town:
        town.start()
        raw = letter("Umnutzung Halle 4", TWO_OFFICES)
        postgres.kill()
        with pytest.raises(smtplib.SMTPDataError) as refused:
            push(port, raw)
        assert refused.value.smtp_code == 451
        postgres.start()
        assert push(port, raw) == {}
        sink.wait_for(3, 30)
        assert town.outcomes() == {"ticket": 1}
        assert town.stop() == 0
