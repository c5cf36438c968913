"""Rows of the fault matrix on the service as its operator runs it, on real mail servers."""

import os
import re
import smtplib
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.policy import SMTP
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from mailflow.core.retry import Accepted
from mailflow.settings.sections import Smtp
from mailflow.store import Store
from mailflow.submission import Submission
from tests.faults.databases import Database
from tests.faults.sink import RECEIPT
from tests.faults.sink import Sink as SlowServer
from tests.faults.test_rows_storage import small_disk
from tests.faults.trial import BAU, UMWELT, letter
from tests.faults.verdict import Manifest, Taken, Witness, assert_holds
from tests.flow.city import CENTRAL, MANAGER, ONE_OFFICE, TWO_OFFICES, body_of, parse
from tests.real.postgres import PostgresServer
from tests.real.processes import free_port
from tests.real.servers import MailWorld
from tests.real.sink import Sink
from tests.real.town import Town, town_of

UNIT = Path(__file__).parents[2] / "systemd" / "mailflow.service"
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: for Postfix, or to mount")

pytestmark = [pytest.mark.nightly, pytest.mark.server]


@pytest.fixture
def world() -> Iterator[MailWorld]:
    """Give Dovecot behind the relay, which delivers while mailflow waits."""
    with MailWorld(mta="relay") as made:
        yield made


def _through(port: int, receipts: str) -> dict[str, Any]:
    """Configure a plain submission server on this port."""
    plain = {"host": "127.0.0.1", "port": port, "security": "none", "user": ""}
    return plain | {"receipts": receipts}


def _judge(town: Town, manifest: Manifest, taken: list[Taken], **more: Any) -> None:
    assert town.stop() == 0
    with town.engine() as engine:
        assert_holds(Store(engine, CENTRAL), manifest, Witness(taken), **more)


def _arrived(raw: bytes) -> datetime:
    """Give when the last server says that it took a mail, by whole seconds."""
    return parsedate_to_datetime(str(parse(raw)["Received"]).rpartition(";")[2])


def _reached(world: MailWorld, *readers: str) -> list[Taken]:
    """Give what the MTA took for these."""
    return [Taken(who, raw, _arrived(raw)) for who in readers for raw in world.taken(who)]


def test_row_05_started_twice_the_second_refuses(world: MailWorld, tmp_path: Path) -> None:
    """Beside a service no other, no single pass and no rebuild: each says so, and ends with 1."""
    manifest, company = Manifest(), "post@firma.example"
    with town_of(world, tmp_path, {"smtp": _through(world.ports.smtp, "all")}) as town:
        town.start()
        for words in (["run"], ["run", "--once"], ["rebuild"]):
            second = town.command(*words)
            assert second.returncode == 1, words
            assert "already" in second.stderr, words
        raw = letter("Umnutzung", ONE_OFFICE, sender=company)
        world.deliver(manifest.mark(raw, company=company), CENTRAL)
        town.await_mail(BAU, "forward")
        town.wait_until(lambda: not town.unfinished(), "rest", lambda: str(town.unfinished()))
        assert town.delivered() == {(company, "acknowledgement"): 1, (BAU, "forward"): 1}
        _judge(town, manifest, _reached(world, company, BAU))


@pytest.mark.timeout(400)
def test_row_16_half_a_minute_a_reply_costs_time_and_nothing_else(
    world: MailWorld, tmp_path: Path
) -> None:
    """The matrix's thirty seconds, unshortened: a mail takes a minute, and intake waits not."""
    manifest = Manifest()
    with (
        SlowServer(slow=30) as server,
        town_of(world, tmp_path, {"smtp": _through(server.port, "none")}) as town,
    ):
        town.start()
        for number in (1, 2):
            company = f"post@firma{number}.example"
            raw = letter("Umnutzung", ONE_OFFICE, sender=company)
            world.deliver(manifest.mark(raw, company=company), CENTRAL)
            town.wait_until(lambda: town.counts().tickets == number, "taken", seconds=10)  # noqa: B023 - called at once
            time.sleep(1)  # the first is being sent by now
        assert server.accepted == []
        town.wait_until(lambda: len(server.accepted) == 2, "two minutes' mails", seconds=200)
        server.slow = 0
        town.wait_until(lambda: len(server.accepted) == 4, "all mails", seconds=100)
        taken = [Taken(who, raw) for _, who, raw in server.accepted]
        kinds = sorted(str(parse(each.raw)["X-Mailflow-Kind"]) for each in taken)
        assert kinds == ["acknowledgement"] * 2 + ["forward"] * 2
        _judge(town, manifest, taken)


@AS_ROOT
def test_row_22_a_mailbox_that_is_full_is_told_and_makes_no_loop(tmp_path: Path) -> None:
    """Full for real: the service tells it, the city's own server bounces once, and that is all.

    Postfix sends who writes then his mail back. The receipt of our forward comes back as well, and
    where that bounce finds no room either Postfix gives it up: its queue is empty in the end.
    """
    manifest, company = Manifest(), "post@firma.example"
    late = [f"post@firma{number}.example" for number in range(7)]
    long = ONE_OFFICE + "Es folgt die Liste der Flurstücke.\n" * 1400
    with MailWorld(mta="postfix", quota="400k") as world:
        report = b"Auto-Submitted: auto-generated\r\n" + letter("Protokoll", "Zeile\n" * 50_000)
        raw = letter("Umnutzung", long, sender=company)
        for mail in (manifest.mark(report), manifest.mark(raw, company=company)):
            world.deliver(mail, CENTRAL)  # seven eighths; the receipt of the forward has no room
        with town_of(world, tmp_path, {"smtp": {"receipts": "all"}}) as town:
            town.start()
            assert "Das Postfach ist zu" in body_of(parse(world.wait_for(MANAGER, timeout=30)))
            town.await_mail(company, "acknowledgement")
            town.await_mail(BAU, "forward")
            for each in late:
                world.submit(letter("Umnutzung", long * 2, sender=each), CENTRAL, each)
                world.wait_for(each)
            town.wait_until(lambda: not _queue(world), "an empty queue")
            town.wait_until(lambda: not town.lying_in("INBOX"), "an empty inbox")
            bounces = [mail for each in late for mail in world.mails(each)]
            assert {parse(each).get_content_type() for each in bounces} == {"multipart/report"}
            expected = {(each, "None"): 1 for each in late}
            expected |= {
                (company, "acknowledgement"): 1,
                (BAU, "forward"): 1,
                (MANAGER, "alert"): 1,
            }
            assert town.delivered() == expected
            assert re.search(rf"to=<{re.escape(RECEIPT)}>.* status=bounced", world.log())
            _judge(town, manifest, _reached(world, company, *late, BAU, MANAGER), alert="Postfach")


def _queue(world: MailWorld) -> list[Path]:
    """Give what Postfix still has to deliver."""
    folders = ("maildrop", "incoming", "active", "deferred")
    found = (each for name in folders for each in (world.home / "queue" / name).rglob("*"))
    return [each for each in found if each.is_file()]


def test_row_30_sixty_megabytes_through_dovecot_fit_into_the_units_memory(
    world: MailWorld, tmp_path: Path
) -> None:
    """Zammad skipped it and reported an error each run. Here it is taken, and told once."""
    companies, manifest = ("post@gross.example", "post@klein.example"), Manifest()
    huge = parse(letter("Umnutzung", ONE_OFFICE, sender=companies[0]))
    huge.add_attachment(os.urandom(44_000_000), "application", "pdf", filename="plan.pdf")
    raws = huge.as_bytes(policy=SMTP), letter("Umnutzung", ONE_OFFICE, sender=companies[1])
    with (
        Sink() as sink,
        town_of(world, tmp_path, {"smtp": _through(sink.port, "none")}) as town,
    ):
        town.start()
        for company, raw in zip(companies, raws, strict=True):
            world.deliver(manifest.mark(raw, company=company), CENTRAL)
        town.wait_until(lambda: town.outcomes() == {"held": 1, "ticket": 1}, "both decided")
        sink.wait_for(3, 30)
        assert sum(map(_peak_of, (town.pid, *_children_of(town.pid)))) < _memory_max()
        town.wait_until(lambda: town.lying_in("Processed") == 2, "both in the ledger")
        taken = [Taken(who[0], raw) for who, raw, _ in sink.taken]
        assert sorted(each.recipient for each in taken) == sorted([BAU, MANAGER, companies[1]])
        _judge(town, manifest, taken)


def _children_of(pid: int) -> list[int]:
    names = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for each in names for child in each.read_text().split()]


def _peak_of(pid: int) -> int:
    """Give the most bytes that a process has ever held in memory."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) * 1024


def _memory_max() -> int:
    found = re.search(r"^MemoryMax=(\d+)M$", UNIT.read_text(), re.MULTILINE)
    assert found
    return int(found[1]) << 20


@pytest.mark.timeout(600)
@pytest.mark.parametrize("started_anew", [False, True], ids=["same-process", "next-start"])
@AS_ROOT
def test_row_37_a_service_on_a_full_disk_tells_it_once_and_goes_on_by_itself(
    world: MailWorld, tmp_path: Path, *, started_anew: bool
) -> None:
    """FreeScout#4899, with the service: its disk fills, and gets room, while it runs or starts.

    Nobody is acknowledged whose mail is not stored, and the manager hears of it in five minutes.
    """
    manifest, first = Manifest(), "post@erste.example"
    later = [f"post@firma{number}.example" for number in range(20)]

    def write(company: str) -> None:
        raw = letter("Umnutzung", ONE_OFFICE * 60, sender=company)
        world.deliver(manifest.mark(raw, company=company), CENTRAL)

    tmp_path.joinpath("town").mkdir()
    changes = {"smtp": _through(world.ports.smtp, "all")}
    with (
        small_disk(tmp_path / "town" / "state") as leave_free,
        town_of(world, tmp_path / "town", changes) as town,
    ):
        town.start()
        write(first)
        town.await_mail(first, "acknowledgement")
        town.wait_until(lambda: not town.lying_in("INBOX"), "the receipt taken in")
        leave_free(60_000)
        full = datetime.now(UTC).replace(microsecond=0)
        for company in later:
            write(company)
        town.wait_until(lambda: bool(town.mails(MANAGER, "alert")), "the alert", seconds=300)
        assert town.lying_in("INBOX") > 10
        assert sum(len(world.mails(each)) for each in later) < 10
        begin = town.log.stat().st_size
        if started_anew:
            town.stop()
            begin = town.start_only()
        tried = lambda: b"the database is away" in town.log.read_bytes()[begin:]  # noqa: E731 - a name for one look
        town.wait_until(tried, "the next try meets the full disk", seconds=60)
        leave_free(50_000_000)
        town.wait_until(lambda: not town.unfinished(), "rest", lambda: str(town.unfinished()), 120)
        expected = {(company, "acknowledgement"): 1 for company in (first, *later)}
        assert town.delivered() == expected | {(BAU, "forward"): 21, (MANAGER, "alert"): 1}
        readers = (first, *later, BAU, MANAGER)
        _judge(town, manifest, _reached(world, *readers), alert="Datenbank", since=full)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("end", [PostgresServer.stop, PostgresServer.kill])
def test_row_37_a_service_whose_postgresql_is_away_tells_it_once_and_goes_on_by_itself(
    world: MailWorld,
    tmp_path: Path,
    postgres: PostgresServer,
    database: Database,
    end: Callable[[PostgresServer], None],
) -> None:
    """Stopped or crashed, and back: the same process goes on, and each mail of meanwhile is served.

    Until then they all lie in the inbox, and nobody but the manager reads a word, and he one mail.
    """
    manifest, before = Manifest(), "post@vorher.example"
    meanwhile = [f"post@firma{number}.example" for number in range(3)]

    def write(company: str) -> None:
        raw = letter("Umnutzung", TWO_OFFICES, sender=company)
        world.deliver(manifest.mark(raw, company=company), CENTRAL)

    def served(*companies: str) -> dict[tuple[str, str], int]:
        forwards = {(office, "forward"): len(companies) for office in (BAU, UMWELT)}
        return forwards | {(company, "acknowledgement"): 1 for company in companies}

    changes = {"smtp": _through(world.ports.smtp, "all"), "database": {"url": database.url}}
    with town_of(world, tmp_path, changes) as town:
        town.start()
        write(before)
        town.await_mail(before, "acknowledgement")
        town.wait_until(lambda: not town.unfinished(), "rest", lambda: str(town.unfinished()))
        end(postgres)
        away = datetime.now(UTC).replace(microsecond=0)
        for company in meanwhile:
            write(company)
        town.wait_until(lambda: bool(town.mails(MANAGER, "alert")), "the alert", seconds=300)
        for line in (b"intake", b"dispatch"):
            rests = b"the database is away, " + line
            tried = lambda: town.log.read_bytes().count(rests) > 5  # noqa: B023, E731 - called at once
            town.wait_until(tried, f"{line!r} tells, if any may", seconds=120)
        assert town.lying_in("INBOX") == len(meanwhile)
        assert town.delivered() == served(before) | {(MANAGER, "alert"): 1}
        postgres.start()
        town.wait_until(lambda: not town.unfinished(), "rest", lambda: str(town.unfinished()), 120)
        assert town.delivered() == served(before, *meanwhile) | {(MANAGER, "alert"): 1}
        assert town.counts().tickets == 1 + len(meanwhile)
        readers = (before, *meanwhile, BAU, UMWELT, MANAGER)
        told = "Die Datenbank lässt sich nicht benutzen"
        _judge(town, manifest, _reached(world, *readers), alert=told, since=away)


ENDS = [b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n", b"\r.\r\n", b"\r\n\0.\r\n", b"\n.\r"]
"""What somebody's server may take for the end of a mail, and is none (RFC 5321 §4.1.1.4)."""
FORGED = b"MAIL FROM:<x@evil.example>\r\nRCPT TO:<%s>\r\nDATA\r\nSubject: forged\r\n\r\nx\r\n"


def test_row_53_what_is_smuggled_in_by_lmtp_is_one_mail(world: MailWorld, tmp_path: Path) -> None:
    """CVE-2023-51764 on our own server: only CR LF . CR LF ends a mail, whatever stands before."""
    port, manifest = free_port(), Manifest()
    changes = {
        "lmtp": {"listen": f"127.0.0.1:{port}"},
        "smtp": _through(world.ports.smtp, "all"),
    }
    companies = [f"post@firma{number}.example" for number in range(len(ENDS))]
    with town_of(world, tmp_path, changes) as town:
        town.start()
        with smtplib.LMTP("127.0.0.1", port, "localhost", timeout=30) as line:
            for company, end in zip(companies, ENDS, strict=True):
                raw = manifest.mark(
                    letter("Umnutzung", ONE_OFFICE, sender=company), company=company
                )
                _say_data(line, company, raw + end + FORGED % CENTRAL.encode())
        town.wait_until(lambda: town.counts().tickets == len(ENDS), "all tickets")
        town.wait_until(lambda: not town.unfinished(), "rest", lambda: str(town.unfinished()))
        assert town.outcomes() == {"ticket": len(ENDS), "event": 2 * len(ENDS)}  # the receipts
        expected = {(company, "acknowledgement"): 1 for company in companies}
        assert town.delivered() == expected | {(BAU, "forward"): len(ENDS)}
        _judge(town, manifest, _reached(world, *companies, BAU))


def _say_data(line: smtplib.LMTP, sender: str, raw: bytes) -> None:
    """Send a mail's bytes as they are, which smtplib itself would put right."""
    line.ehlo_or_helo_if_needed()
    for said, code in (
        (f"MAIL FROM:<{sender}>", 250),
        (f"RCPT TO:<{CENTRAL}>", 250),
        ("DATA", 354),
    ):
        assert line.docmd(said)[0] == code
    line.send(raw + b"\r\n.\r\n")
    assert line.getreply()[0] == 250
    assert line.noop()[0] == 250  # the reply to this, and not to a mail that was forged


@AS_ROOT
def test_row_53_what_is_smuggled_out_through_postfix_is_one_mail() -> None:
    """Our line writes each of these ends so that a real MTA sees one mail, and forges none."""
    readers, forged = [f"r{number}@firma.example" for number in range(len(ENDS))], "z@evil.example"
    with MailWorld(mta="postfix") as world:
        settings = Smtp(host="127.0.0.1", port=world.ports.smtp, security="none")
        with Submission(settings, RECEIPT) as line:
            for reader, end in zip(readers, ENDS, strict=True):
                raw = b"Subject: x\r\n\r\nDie Antwort." + end + FORGED % forged.encode() + end
                outcome = line.send(CENTRAL, reader, raw + b"Ende\r\n", receipt=True)
                assert isinstance(outcome, Accepted), (end, outcome)
        for reader in readers:
            assert world.wait_for(reader).rstrip().endswith(b"Ende")
        world.wait_for(CENTRAL, lambda _: len(world.mails(CENTRAL)) == len(ENDS))
        assert [len(world.mails(each)) for each in readers] == [1] * len(ENDS)
        assert world.mails(forged) == []
