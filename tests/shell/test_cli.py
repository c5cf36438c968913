"""Every command does what the contract says, on a mail world inside this process."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from mailflow import __version__, keys
from mailflow.cli import _rebuilt, main
from mailflow.demo.programs import Person, letter, mail_of, thunderbird_reply
from mailflow.demo.world import World
from mailflow.lease import Lease
from mailflow.ledger import Difference
from mailflow.parts import open_store
from mailflow.settings import load
from mailflow.shipped import example_config, shipped
from mailflow.store import BEHIND

CENTRAL = "unternehmen@stadt.example.org"
MANAGER = "kam-leitung@stadt.example.org"
BUILDING = "bauaufsicht@stadt.example.org"
COMPANY = Person("Miriam Kessler", "m.kessler@kessler-metallbau.example", "Kessler Metallbau GmbH")
PASSWORD = "demo"
ZONE = ZoneInfo("Europe/Berlin")
STOP_SECONDS = 10  # the contract's: a clean stop takes less


@dataclass
class Installation:
    """An operator's folder and environment, and the world it talks to."""

    config: Path
    world: World
    environ: dict[str, str] = field(default_factory=dict)

    def mailflow(self, *arguments: str, typed: bytes = b"") -> Result:
        """Run a command in this process."""
        every = ["--config", str(self.config), *arguments]
        return CliRunner().invoke(main, every, input=typed, env=self.environ)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a command as a process of its own."""
        every = [sys.executable, "-m", "mailflow", "--config", str(self.config), *arguments]
        return subprocess.Popen(
            every,
            env={**os.environ, **self.environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def write(self, subject: str, text: str) -> bytes:
        """Let the company's mail arrive."""
        raw = letter(COMPANY, CENTRAL, subject, f"Guten Tag,\n\n{text}\n\nViele Grüße", now())
        self.world.deliver(raw, CENTRAL)
        return raw

    def received(self, address: str) -> list[str]:
        """Give the kinds of the mails somebody got."""
        return [str(mail_of(raw)["X-Mailflow-Kind"]) for raw in self.world.arrived(address)]

    def tickets(self) -> set[str]:
        """Give the references of the open tickets."""
        return {row["reference"] for row in json.loads(self.mailflow("tickets", "--json").stdout)}

    def reference(self) -> str:
        """Give the only ticket's reference."""
        (reference,) = self.tickets()
        return reference


def now() -> datetime:
    """Give the time in the city."""
    return datetime.now(ZONE)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Installation]:
    """The example city, adapted to a world of its own by the environment."""
    config = tmp_path / "config"
    shutil.copytree(example_config(), config)
    users = dict.fromkeys((CENTRAL, MANAGER, BUILDING, COMPANY.address), PASSWORD)
    closed = {f"{now() + timedelta(minutes=minutes):%Y-%m-%d}" for minutes in (0, 10)}
    with World(users) as world:
        environ = {
            "MAILFLOW_CENTRAL__CLOSED_DAYS": ",".join(sorted(closed)),  # no digest by itself
            "MAILFLOW_IMAP__PORT": str(world.imap_port),
            "MAILFLOW_IMAP__SECURITY": "none",
            "MAILFLOW_IMAP__PASSWORD": PASSWORD,
            "MAILFLOW_SMTP__PORT": str(world.smtp_port),
            "MAILFLOW_SMTP__SECURITY": "none",
        }
        yield Installation(config, world, environ)


def failed_with(result: Result, words: str) -> None:
    """Assert the contract's failure: exit 1, one clear line on stderr."""
    assert result.exit_code == 1, result.output
    (line,) = result.stderr.splitlines()
    assert line.startswith("mailflow: ")
    assert words in line


# --- run ---------------------------------------------------------------------------------------

QUESTION = "brauchen wir für die Umnutzung unserer Halle eine Nutzungsänderung?"


def test_one_pass_reads_decides_and_sends(city: Installation) -> None:
    """`run --once` turns a company's mail into acknowledgement and forward, and ends with 0."""
    city.write("Umnutzung", QUESTION)
    result = city.mailflow("run", "--once")
    assert (result.exit_code, result.output) == (0, "")
    assert city.received(COMPANY.address) == ["acknowledgement"]
    assert city.received(BUILDING) == ["forward"]


def test_a_second_pass_sends_nothing_again(city: Installation) -> None:
    """What was done is done; the own copies that came back are events."""
    city.write("Umnutzung", QUESTION)
    for _ in range(3):
        assert city.mailflow("run", "--once").exit_code == 0
    assert city.received(COMPANY.address) == ["acknowledgement"]
    assert city.received(BUILDING) == ["forward"]
    assert city.world.mails(CENTRAL) == []
    assert len(city.world.mails(CENTRAL, "Processed")) == 2


def test_passes_alone_carry_a_matter_to_its_answer(city: Installation) -> None:
    """An installation that only ever runs `--once`, from cron, answers companies too."""
    city.write("Umnutzung", QUESTION)
    city.mailflow("run", "--once")
    (forward,) = city.world.arrived(BUILDING)
    clerk = Person("Jürgen Falk", BUILDING)
    reply = thunderbird_reply(clerk, mail_of(forward), "Ja, das dauert sechs Wochen.", now())
    city.world.deliver(reply, CENTRAL)
    city.mailflow("run", "--once")
    assert city.received(COMPANY.address) == ["acknowledgement", "combined-answer"]


def test_a_wrong_password_is_one_clear_line(city: Installation) -> None:
    """A refused login names user and remedy, without the password and without a traceback."""
    city.environ["MAILFLOW_IMAP__PASSWORD"] = "falsch-geraten"
    result = city.mailflow("run", "--once")
    failed_with(result, CENTRAL)
    assert "imap.password_file" in result.stderr
    assert "falsch-geraten" not in result.output


@pytest.mark.parametrize("section", ["IMAP", "SMTP"])
def test_a_server_that_is_down_is_one_clear_line(city: Installation, section: str) -> None:
    """Without its mailbox or its submission server a pass fails, naming the host."""
    city.write("Umnutzung", QUESTION)
    city.environ[f"MAILFLOW_{section}__PORT"] = "1"
    failed_with(city.mailflow("run", "--once"), "127.0.0.1")


def test_what_could_not_be_sent_goes_out_later(city: Installation) -> None:
    """While the submission server is down nothing is lost: the mail is kept, the rest follows."""
    city.write("Umnutzung", QUESTION)
    port = city.environ["MAILFLOW_SMTP__PORT"]
    city.environ["MAILFLOW_SMTP__PORT"] = "1"
    assert city.mailflow("run", "--once").exit_code == 1
    assert len(json.loads(city.mailflow("tickets", "--json").stdout)) == 1
    city.environ["MAILFLOW_SMTP__PORT"] = port
    with closing(sqlite3.connect(city.config / "state" / "mailflow.db")) as database:
        database.execute("UPDATE outbox SET next_attempt_at = '2020-01-01 00:00:00.000000'")
        database.commit()
    assert city.mailflow("run", "--once").exit_code == 0
    assert city.received(COMPANY.address) == ["acknowledgement"]
    assert city.received(BUILDING) == ["forward"]


@pytest.fixture
def away(city: Installation) -> Path:
    """Give where the database should be, and cannot be opened: what lies there is a folder.

    The key is there: without one nobody could say whether it may be made.
    """
    database = city.config / "state" / "mailflow.db"
    database.mkdir(parents=True)
    keys.create(city.config / "secret.key")  # whether mail is known cannot be asked
    return database


def test_a_start_waits_for_its_database(city: Installation, away: Path) -> None:
    """Meanwhile the manager is told past the outbox, and systemd; once it is back all works."""
    city.environ["NOTIFY_SOCKET"] = str(away.with_name("notify"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd, city.start("run") as service:
        systemd.bind(city.environ["NOTIFY_SOCKET"])
        assert service.stderr
        try:
            told = city.world.wait_for(MANAGER, lambda raw: b"alert" in raw, 30)
            assert "Datenbank" in str(mail_of(told).get_body())
            assert service.poll() is None
            assert systemd.recv(100).startswith(b"EXTEND_TIMEOUT_USEC=")
            away.rmdir()
            lines = iter(service.stderr.readline, "mailflow ready\n")
            assert all("the database is away" in line or "alert" in line for line in lines)
            service.send_signal(signal.SIGTERM)
            assert service.wait(STOP_SECONDS) == 0
        finally:
            service.kill()
    assert city.received(MANAGER) == ["alert"]


@pytest.mark.usefixtures("away")
def test_a_start_that_waits_can_be_ended(city: Installation) -> None:
    """SIGTERM is obeyed at once, and is no failure, also before anything could be begun."""
    with city.start("run") as service:
        assert service.stderr
        try:
            assert "the database is away" in service.stderr.readline()
            service.send_signal(signal.SIGTERM)
            assert service.wait(STOP_SECONDS) == 0
        finally:
            service.kill()


@pytest.mark.usefixtures("away")
@pytest.mark.timeout(60)  # a command that waits must fail
@pytest.mark.parametrize("command", [("run", "--once"), ("tickets",), ("again",)])
def test_only_the_service_waits_for_its_database(
    city: Installation, command: tuple[str, ...]
) -> None:
    """Whoever types a command, or lets cron do it, learns at once that the database is away."""
    failed_with(city.mailflow(*command), "the database cannot be used")


@pytest.fixture(params=["away", "there"])
def away_or_not(request: pytest.FixtureRequest) -> None:
    """Let the database be away, or not."""
    if request.param == "away":
        request.getfixturevalue("away")


@pytest.mark.usefixtures("away_or_not")
@pytest.mark.timeout(60)  # a service that waits, or works, must fail
def test_a_broken_template_ends_a_service_at_once(city: Installation, tmp_path: Path) -> None:
    """Whether its database is away or not, it neither waits nor begins."""
    (tmp_path / "own").mkdir()
    broken = (shipped("templates") / "notice.de.txt").read_text().replace("endfor", "ende")
    (tmp_path / "own" / "notice.de.txt").write_text(broken)
    city.environ["MAILFLOW_PATHS__TEMPLATES"] = str(tmp_path / "own")
    failed_with(city.mailflow("run"), "notice.de.txt")


@pytest.mark.usefixtures("away_or_not")
@pytest.mark.timeout(60)  # a service that waits, or works, must fail
def test_a_broken_key_file_ends_a_service_at_once(city: Installation) -> None:
    """Whether its database is away or not, it neither waits nor begins."""
    (city.config / "secret.key").write_text("no key")
    failed_with(city.mailflow("run"), "secret.key")


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_service_gets_ready_works_and_stops_cleanly(
    city: Installation, stop: signal.Signals
) -> None:
    """`run` says so when it works, answers a mail that comes then, and ends with 0 on a signal."""
    service = city.start("run")
    try:
        assert service.stderr
        assert service.stderr.readline() == "mailflow ready\n"
        city.write("Umnutzung", QUESTION)
        city.world.wait_for(BUILDING, lambda raw: b"X-Mailflow-Kind: forward" in raw)
        service.send_signal(stop)
        _, complaints = service.communicate(timeout=STOP_SECONDS)
    finally:
        service.kill()
        service.wait()
    assert (service.returncode, complaints) == (0, "")


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """Give a server that takes a connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)
        yield server


@pytest.mark.slow
@pytest.mark.parametrize("section", ["IMAP", "SMTP"])
def test_a_silent_server_keeps_no_service_from_ending(
    city: Installation, silent: socket.socket, section: str
) -> None:
    """SIGTERM ends it in time and with 0, and the mail at hand goes out once after all."""
    keys.create(city.config / "secret.key")
    city.write("Umnutzung", QUESTION)
    port = city.environ[f"MAILFLOW_{section}__PORT"]
    city.environ[f"MAILFLOW_{section}__PORT"] = str(silent.getsockname()[1])
    with city.start("run") as service:
        try:
            line, _ = silent.accept()
            service.send_signal(signal.SIGTERM)
            _, complaints = service.communicate(timeout=STOP_SECONDS)
        finally:
            service.kill()
    assert service.returncode == 0
    assert "without waiting for a server" in complaints
    line.close()
    city.environ[f"MAILFLOW_{section}__PORT"] = port
    assert city.mailflow("run", "--once").exit_code == 0
    assert city.received(COMPANY.address) == ["acknowledgement"]


SLOW_ENDING = """
import time
from mailflow import cli

class Slow:
    def __del__(self):
        time.sleep(2)

slow = Slow()
cli._END_SECONDS = 1
cli._end_in_time(lambda: None)
"""


def test_a_service_that_has_ended_is_not_killed_for_its_last_second() -> None:
    """Python takes no signal any more while it clears away; the alarm would be a failure then."""
    ended = subprocess.run([sys.executable, "-c", SLOW_ENDING], timeout=30, check=False)
    assert ended.returncode == 0


@pytest.mark.slow
def test_two_services_do_not_share_a_mailbox(city: Installation) -> None:
    """The second one says that another works already, and ends."""
    service = city.start("run")
    try:
        assert service.stderr
        service.stderr.readline()
        failed_with(city.mailflow("run", "--once"), "Another mailflow")
    finally:
        service.terminate()
        service.communicate(timeout=STOP_SECONDS)


# --- restore -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_copy_is_not_put_under_a_service_that_runs(city: Installation, tmp_path: Path) -> None:
    """Two histories in one file would be none; the database stays what it is."""
    copy = tmp_path / "copy.db"
    city.mailflow("run", "--once")
    assert city.mailflow("backup", str(copy)).exit_code == 0
    service = city.start("run")
    try:
        assert service.stderr
        service.stderr.readline()
        failed_with(city.mailflow("restore", str(copy)), "Another mailflow")
    finally:
        service.terminate()
        service.communicate(timeout=STOP_SECONDS)


def test_an_empty_database_beside_a_used_mailbox_is_not_copied(
    city: Installation, tmp_path: Path
) -> None:
    """Where the service has its database by systemd, root's backups would be of another one."""
    city.mailflow("tickets")
    assert city.mailflow("backup", str(tmp_path / "first.db")).exit_code == 0
    city.write("Umnutzung", QUESTION)
    city.mailflow("run", "--once")
    city.environ["MAILFLOW_PATHS__STATE"] = str(tmp_path / "other")
    city.mailflow("tickets")
    failed_with(city.mailflow("backup", str(tmp_path / "second.db")), "has never taken in a mail")
    assert not (tmp_path / "second.db").exists()


def test_a_restored_copy_is_compared_with_the_mailbox(city: Installation, tmp_path: Path) -> None:
    """`restore` says where the old database lies; the next pass finds what the copy misses."""
    copy = tmp_path / "copy.db"
    city.write("Umnutzung", QUESTION)
    city.mailflow("run", "--once")
    city.mailflow("backup", str(copy))
    city.write("Umnutzung der zweiten Halle", QUESTION)
    city.mailflow("run", "--once")
    before, sent = city.tickets(), city.received(BUILDING)
    result = city.mailflow("restore", str(copy))
    assert result.exit_code == 0, result.output
    (aside,) = (city.config / "state").glob("*.replaced")
    assert str(aside) in result.stdout
    assert city.tickets() < before
    assert city.mailflow("run", "--once").exit_code == 0
    assert city.tickets() == before
    assert city.received(BUILDING) == sent


# --- check -------------------------------------------------------------------------------------


def levels(result: Result) -> dict[str, str]:
    """Give level by subject."""
    lines = (line.partition(":")[0].split(maxsplit=1) for line in result.stdout.splitlines())
    return {subject: level for level, subject in lines}


def test_a_fresh_installation_is_checked_and_gets_its_key(city: Installation) -> None:
    """The first check makes the key file, readable by its owner only, and fails nothing."""
    result = city.mailflow("check")
    assert result.exit_code == 0, result.output
    assert "FAIL" not in result.stdout
    key = city.config / "secret.key"
    assert (key.stat().st_mode & 0o777, levels(result)["key file"]) == (0o600, "WARN")


@pytest.mark.parametrize(
    "command",
    [
        ["run", "--once"],
        ["digest"],
        ["do", "KAM-2222-3333 schliessen"],
        ["report", "--from", "2026-01-01", "--to", "2026-01-31", "--out", "report"],
    ],
)
def test_no_second_key_is_made_once_mail_is_known(city: Installation, command: list[str]) -> None:
    """With a mistyped key file every command, and the check, stop with file, key and remedy."""
    city.write("Umnutzung", QUESTION)
    city.mailflow("run", "--once")
    city.environ["MAILFLOW_CENTRAL__KEY_FILE"] = str(city.config / "secret2.key")
    failed_with(city.mailflow(*command), "restore it from the backup")
    checked = city.mailflow("check")
    assert (checked.exit_code, levels(checked)["key file"]) == (1, "FAIL")
    assert "secret2.key: central.key_file is missing" in checked.stdout
    assert not (city.config / "secret2.key").exists()


def test_a_rebuild_says_what_it_could_not_read() -> None:
    """Mails not given, and copies that prove nothing, are named apart; nothing where none is."""
    said = _rebuilt(Difference(2, 1))
    assert said.startswith("2 Mails gelesen. Ungewiss und zurückgehalten: 1 Mail im ")
    said = _rebuilt(Difference(2, 1, withheld=1))
    assert "gelesen. 1 Mail gibt der Mailserver nicht heraus; jeder Start" in said
    said = _rebuilt(Difference(2, 1, unproven=1))
    assert "gelesen. Zu 1 Mail mit einer Message-ID wie von uns passt kein Schlüssel; was" in said
    said = _rebuilt(Difference(2, 1, waiting=3))
    assert "1 Mail im Postausgang. Sicher neu: 3 Mails. Siehe mailflow thaw" in said


def test_a_rebuild_makes_no_key(city: Installation) -> None:
    """The mails it reads again were sent with the old one; its empty database knows none yet."""
    failed_with(city.mailflow("rebuild"), "restore it from the backup")
    assert not (city.config / "secret.key").exists()


@pytest.mark.parametrize(
    "command",
    [
        ["check"],
        ["run", "--once"],
        ["digest"],
        ["again"],
        ["do", "KAM-2222-3333 schliessen"],
        ["report", "--from", "2026-01-01", "--to", "2026-01-31", "--out", "report"],
    ],
)
def test_no_key_is_made_beside_a_mailbox_that_knows_our_mail(
    city: Installation, command: list[str]
) -> None:
    """With database and key lost none makes a new key, by which a rebuild would go on."""
    city.write("Umnutzung", QUESTION)
    city.mailflow("run", "--once")
    shutil.rmtree(city.config / "state")
    (city.config / "secret.key").unlink()
    result = city.mailflow(*command)
    assert result.exit_code == 1
    assert "secret.key: central.key_file is missing" in result.output
    assert not (city.config / "secret.key").exists()
    failed_with(city.mailflow("rebuild"), "restore it from the backup")


def test_a_rebuild_refuses_a_key_made_while_the_mailbox_was_away(city: Installation) -> None:
    """Database and key were lost, and nobody could say so: nothing is sent once more with it."""
    city.write("Umnutzung", QUESTION)
    city.mailflow("run", "--once")
    city.mailflow("run", "--once")  # takes the receipts in
    shutil.rmtree(city.config / "state")
    (city.config / "secret.key").rename(city.config / "old.key")
    port = city.environ.pop("MAILFLOW_IMAP__PORT", None)
    city.environ["MAILFLOW_IMAP__PORT"] = "1"
    assert levels(city.mailflow("check"))["key file"] == "WARN"
    assert stat.S_IMODE((city.config / "secret.key").stat().st_mode) == 0o600
    del city.environ["MAILFLOW_IMAP__PORT"]
    if port:
        city.environ["MAILFLOW_IMAP__PORT"] = port
    city.mailflow("key", "rotate")
    failed_with(city.mailflow("rebuild"), "lacks the key (a) that signed")
    (city.config / "old.key").replace(city.config / "secret.key")
    assert city.mailflow("rebuild").exit_code == 0
    assert city.mailflow("run", "--once").exit_code == 0, "no key of the other file is missed"


def test_who_has_lost_the_key_for_good_can_rebuild(city: Installation) -> None:
    """The option says that he knows; the last line, of how many copies nothing is proven by."""
    city.write("Umnutzung", QUESTION)
    city.mailflow("run", "--once")
    city.mailflow("run", "--once")  # takes the receipts in
    shutil.rmtree(city.config / "state")
    (city.config / "secret.key").unlink()
    keys.create(city.config / "secret.key")
    failed_with(city.mailflow("rebuild"), "mailflow rebuild --keys-lost")
    rebuilt = city.mailflow("rebuild", "--keys-lost")
    assert rebuilt.exit_code == 0
    assert "mit einer Message-ID wie von uns passt kein Schlüssel" in rebuilt.stdout


def test_a_service_that_asks_for_its_key_can_be_ended(
    city: Installation, silent: socket.socket
) -> None:
    """A mailbox that answers nothing when asked whether a key may be made holds up no SIGTERM."""
    city.environ["MAILFLOW_IMAP__PORT"] = str(silent.getsockname()[1])
    with city.start("run") as service:
        try:
            line, _ = silent.accept()
            service.send_signal(signal.SIGTERM)
            service.communicate(timeout=STOP_SECONDS)
        finally:
            service.kill()
    assert service.returncode == 0
    line.close()


def test_no_key_is_made_while_the_disk_of_the_database_is_away(
    city: Installation, tmp_path: Path
) -> None:
    """What the database knows lies elsewhere; the check names the folder."""
    city.environ["MAILFLOW_DATABASE__URL"] = f"sqlite:///{tmp_path}/disk/mailflow.db"
    checked = city.mailflow("check")
    assert (checked.exit_code, levels(checked)["database"]) == (1, "FAIL")
    assert f"{tmp_path}/disk is missing" in checked.stdout
    failed_with(city.mailflow("run", "--once"), f"{tmp_path}/disk is missing")
    assert not (city.config / "secret.key").exists()


def test_a_key_is_not_made_blindly(city: Installation, away: Path) -> None:
    """While the database cannot say whether mail is known, the check names both and makes none."""
    (city.config / "secret.key").unlink()
    checked = city.mailflow("check")
    assert levels(checked)["key file"] == "FAIL"
    assert "is missing, and the database cannot be asked" in checked.stdout
    assert not (city.config / "secret.key").exists()
    assert away.is_dir()


def test_a_working_installation_is_ok_throughout(city: Installation) -> None:
    """After the first pass every line is OK, and checking has sent and changed nothing."""
    city.mailflow("run", "--once")
    before = sorted(path for path in city.config.rglob("*"))
    result = city.mailflow("check")
    assert set(levels(result).values()) == {"OK"}, result.stdout
    subjects = {"configuration", "key file", "state folder", "templates", "database", "disk"}
    assert set(levels(result)) == subjects | {"mailbox", "submission", "clock"}
    assert sorted(path for path in city.config.rglob("*")) == before
    assert city.received(MANAGER) == []


def test_a_refused_login_and_a_missing_server_fail_with_remedies(city: Installation) -> None:
    """Each fault is its own FAIL line with what to do; the other lines are still there."""
    city.environ["MAILFLOW_IMAP__PASSWORD"] = "falsch-geraten"
    city.environ["MAILFLOW_SMTP__PORT"] = "1"
    result = city.mailflow("check")
    assert result.exit_code == 1
    failing = [line for line in result.stdout.splitlines() if line.startswith("FAIL")]
    assert [line.split(":")[0].split()[1] for line in failing] == ["mailbox", "submission"]
    assert all("; " in line for line in failing)
    assert levels(result)["clock"] == "OK"
    assert "falsch-geraten" not in result.output


def test_a_wrong_configuration_is_one_line_with_file_key_value_and_remedy(
    city: Installation,
) -> None:
    """Nothing else is checked until the configuration can be read."""
    file = city.config / "mailflow.toml"
    file.write_text(file.read_text().replace('state = "NW"', 'state = "XX"'))
    result = city.mailflow("check")
    assert result.exit_code == 1
    (line,) = result.stdout.splitlines()
    assert line.startswith("FAIL")
    for word in (str(file), "central.state", '"XX"', "; "):
        assert word in line


def test_a_broken_template_fails_the_check(city: Installation, tmp_path: Path) -> None:
    """An operator's own template is tried before a mail needs it."""
    own = tmp_path / "words"
    own.mkdir()
    words = (shipped("templates") / "notice.de.txt").read_text().replace("endfor", "ende")
    (own / "notice.de.txt").write_text(words)
    city.environ["MAILFLOW_PATHS__TEMPLATES"] = str(own)
    result = city.mailflow("check")
    assert (result.exit_code, levels(result)["templates"]) == (1, "FAIL")
    assert "notice.de.txt" in result.stdout


def test_a_newer_database_is_not_touched(city: Installation) -> None:
    """After a downgrade `check` and `run` stop with the remedy instead of guessing the schema."""
    city.mailflow("run", "--once")
    with closing(sqlite3.connect(city.config / "state" / "mailflow.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    result = city.mailflow("check")
    assert (result.exit_code, levels(result)["database"]) == (1, "FAIL")
    failed_with(city.mailflow("run", "--once"), "newer mailflow")


def test_a_file_that_is_no_database_fails_the_check(city: Installation) -> None:
    """A damaged file is named as such, by `check` and by `run`."""
    city.mailflow("check")
    (city.config / "state" / "mailflow.db").write_bytes(b"no database at all" * 100)
    result = city.mailflow("check")
    assert (result.exit_code, levels(result)["database"]) == (1, "FAIL")
    failed_with(city.mailflow("run", "--once"), "database")


def _index_overwritten(file: Path) -> None:
    """Lose what an index knows of its rows, as a bad disk does."""
    with closing(sqlite3.connect(file)) as database:
        (size,) = database.execute("PRAGMA page_size").fetchone()
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'ix_mail_sender'"
        (page,) = database.execute(query).fetchone()
    with file.open("r+b") as stream:
        stream.seek(page * size - 200)
        stream.write(bytes(200))


def _said(statement: str) -> Callable[[Path], None]:
    """Give somebody who writes into the database past mailflow."""

    def damage(file: Path) -> None:
        with closing(sqlite3.connect(file)) as database:
            database.execute(statement)
            database.commit()

    return damage


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_index_overwritten, "in the table or an index of mail: "),
        (_said("UPDATE event SET text = 'anders' WHERE id = 2"), "event 2 of the audit trail"),
        (_said("UPDATE event SET hash = CAST(x'ff41' AS TEXT)"), "Could not decode to UTF-8"),
        (_said("DELETE FROM event WHERE id = 2"), "event 3 of the audit trail"),
        (_said("DELETE FROM raw_mail WHERE mail_id = 1"), "1 row of mail without its bytes: row 1"),
        (_said("DELETE FROM outbox_bytes"), "2 rows of outbox without their bytes: row 1"),
        (_said("DELETE FROM mail WHERE id = 1"), "names a row of mail that is not there"),
    ],
)
def test_the_check_finds_what_is_damaged_and_says_what_to_do(
    city: Installation, damage: Callable[[Path], None], words: str
) -> None:
    """A damaged index, an altered or missing event and bytes that are gone fail the check."""
    city.write("Umnutzung", QUESTION)
    city.mailflow("run", "--once")
    assert levels(city.mailflow("check"))["database"] == "OK"
    damage(city.config / "state" / "mailflow.db")
    result = city.mailflow("check")
    assert (result.exit_code, levels(result)["database"]) == (1, "FAIL")
    (line,) = (each for each in result.stdout.splitlines() if "database" in each)
    assert words in line
    assert "restore the backup" in line


# --- reading without a service -----------------------------------------------------------------


def test_inspect_needs_no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`inspect` prints one JSON object per mail of a folder, in path order, from anywhere."""
    monkeypatch.chdir(tmp_path)
    mails = tmp_path / "mails"
    mails.mkdir()
    for name, subject in (("b.eml", "zweite"), ("a.eml", "erste")):
        (mails / name).write_bytes(letter(COMPANY, CENTRAL, subject, "Guten Tag", now()))
    (mails / "c.eml").write_bytes(b"\xff\x00 no mail at all")
    result = CliRunner().invoke(main, ["inspect", str(mails)])
    assert result.exit_code == 0, result.output
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [each["subject"] for each in found[:2]] == ["erste", "zweite"]
    assert len(found) == 3


def test_a_reader_that_leaves_ends_inspect_quietly(tmp_path: Path) -> None:
    """`mailflow inspect ... | head` shows no complaint when head has seen enough."""
    for number in range(200):
        mail = letter(COMPANY, CENTRAL, f"Mail {number}", "Guten Tag " * 2000, now())
        (tmp_path / f"{number:03}.eml").write_bytes(mail)
    line = f"{sys.executable} -m mailflow inspect {tmp_path} | head -n 1"
    done = subprocess.run(["sh", "-c", line], capture_output=True, timeout=60, check=False)
    assert json.loads(done.stdout)["subject"] == "Mail 0"
    assert done.stderr == b""


def test_route_says_where_a_mail_would_go_and_why(city: Installation, tmp_path: Path) -> None:
    """From a file or from standard input, for people or as JSON; no password is needed."""
    del city.environ["MAILFLOW_IMAP__PASSWORD"]
    raw = letter(COMPANY, CENTRAL, "Umnutzung", QUESTION, now())
    (tmp_path / "brief.eml").write_bytes(raw)
    told = city.mailflow("route", str(tmp_path / "brief.eml"))
    assert (told.exit_code, "Nutzungsänderung" in told.stdout) == (0, True)
    facts = json.loads(city.mailflow("route", "--json", "-", typed=raw).stdout)
    assert (facts["action"], facts["offices"]) == ("route", ["bauaufsicht"])


def test_a_full_disk_and_a_closed_input_are_one_clear_line() -> None:
    """Neither help that cannot be written nor input that is closed shows a traceback."""
    mailflow = [sys.executable, "-m", "mailflow", "--config", str(example_config())]
    with Path("/dev/full").open("w") as full:
        helped = subprocess.run(
            [*mailflow, "--help"], check=False, stdout=full, stderr=subprocess.PIPE
        )
    assert (helped.returncode, helped.stderr) == (1, b"mailflow: No space left on device\n")
    closed = ["/bin/sh", "-c", 'exec "$@" <&-', "sh", *mailflow, "route", "-"]
    routed = subprocess.run(closed, check=False, capture_output=True)
    assert routed.returncode == 1
    assert routed.stderr.startswith(b"mailflow: Standard input is closed")


def test_a_report_on_days_no_calendar_has_is_one_clear_line(
    city: Installation, tmp_path: Path
) -> None:
    """A period beyond all years is refused in words, not with the name of an exception."""
    days = ["--from", "0001-01-01", "--to", "9999-12-31", "--out", str(tmp_path)]
    result = city.mailflow("report", *days)
    assert result.exit_code == 1
    assert result.stderr.startswith("mailflow: No report reaches from 0001-01-01 to 9999-12-31;")


def test_route_names_a_file_that_is_missing(city: Installation, tmp_path: Path) -> None:
    """A wrong path is a failure with the path in it."""
    failed_with(city.mailflow("route", str(tmp_path / "weg.eml")), "weg.eml")


# --- tickets -----------------------------------------------------------------------------------


def test_tickets_are_listed_and_shown(city: Installation) -> None:
    """Lists and details, for people and as JSON; a reference may be typed in small letters."""
    assert city.mailflow("tickets").stdout == "Keine Vorgänge.\n"
    city.write("Umnutzung", QUESTION)
    city.mailflow("run", "--once")
    reference = city.reference()
    (line,) = city.mailflow("tickets").stdout.splitlines()
    assert line.startswith(f"{reference}  consulting")
    assert line.endswith("bauaufsicht")
    assert "Kessler Metallbau GmbH" in city.mailflow("show", reference.lower()).stdout
    row = json.loads(city.mailflow("show", reference, "--json").stdout)
    assert row["consultations"][0]["office"] == "bauaufsicht"
    assert [event["kind"] for event in row["history"]]


def test_no_subject_steers_the_terminal(city: Installation) -> None:
    """A character that turns letters around is shown as none; JSON keeps it as an escape."""
    city.write("Rechnung\u202etxt.exe\x9b31m", "können Sie uns in einer Sache weiterhelfen?")
    city.mailflow("run", "--once")
    reference = city.reference()
    for command in (["tickets"], ["tickets", "--json"], ["show", reference], ["digest"]):
        shown = city.mailflow(*command).stdout
        assert "Rechnung" in shown
        assert all(letter.isprintable() or letter == "\n" for letter in shown)
    (row,) = json.loads(city.mailflow("tickets", "--json").stdout)
    assert "\u202e" in row["subject"]


def test_an_unknown_reference_is_a_failure(city: Installation) -> None:
    """The line names the reference, and where to find the right one."""
    failed_with(city.mailflow("show", "KAM-2222-3333"), "KAM-2222-3333")


def test_do_acts_like_a_reply_to_the_digest(city: Installation) -> None:
    """A command that can be done exits 0 and its forward goes out with the next pass."""
    city.write("Eine Frage", "können Sie uns in einer Sache weiterhelfen?")
    city.mailflow("run", "--once")
    reference = city.reference()
    result = city.mailflow("do", f"{reference} an bauaufsicht")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("ok")
    city.mailflow("run", "--once")
    assert city.received(BUILDING) == ["forward"]


def test_do_says_why_not(city: Installation) -> None:
    """What cannot be done is said on stderr, in one line, and exits 1; what can be is done."""
    city.write("Eine Frage", "können Sie uns in einer Sache weiterhelfen?")
    city.mailflow("run", "--once")
    reference = city.reference()
    result = city.mailflow("do", f"{reference} an raumfahrt", f"{reference} notiz Geduld")
    assert result.exit_code == 1
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["ok"]
    failed_with(result, f"{reference} an raumfahrt: Kein Amt heißt")
    both = city.mailflow("do", f"{reference} an raumfahrt", f"{reference} frist gestern")
    failed_with(both, "frist gestern")
    assert "an raumfahrt" in both.stderr
    assert both.stdout == ""
    failed_with(city.mailflow("do", "bitte alles gut machen"), "holds no command")


@pytest.mark.parametrize("word", ["schliessen", "tanzen"])
def test_do_names_a_number_that_is_none(city: Installation, word: str) -> None:
    """A mistyped number is called so, whatever word stands behind it."""
    failed_with(city.mailflow("do", f"KAM-0000-0000 {word}"), "KAM-0000-0000 is no reference; ")


_REPORT = ("report", "--from", "2026-11-01", "--to", "2026-11-30", "--out", "{out}")


@pytest.mark.parametrize("command", [("again",), ("digest", "--send"), (*_REPORT, "--send")])
def test_nothing_is_told_or_decided_of_a_half_made_database(
    city: Installation, command: tuple[str, ...]
) -> None:
    """Until a rebuild is over its figures are wrong, and no mail in it is of today."""
    city.mailflow("run", "--once")
    settings = load(city.config, {**os.environ, **city.environ}, secrets=False)
    with open_store(settings) as (_, store):
        store.set_status(BEHIND, datetime.now(UTC), "3")
    words = [each.format(out=city.config / "bericht") for each in command]
    failed_with(city.mailflow(*words), "is being made good from the mailbox")


def test_again_says_in_one_language_who_decides(city: Installation) -> None:
    """While a service holds the mailbox, the two lines of `again` are German, as its figure is."""
    city.mailflow("run", "--once")
    settings = load(city.config, {**os.environ, **city.environ}, secrets=False)
    with open_store(settings) as (engine, _):
        lease = Lease(engine, CENTRAL, settings.paths.state)
        assert lease.take()
        told = city.mailflow("again").stdout.splitlines()
        lease.release()
    assert told == [
        "Der laufende Dienst entscheidet sie, sobald er wieder nachsieht.",
        "0 Mails werden neu entschieden.",
    ]


def test_again_says_that_nothing_is_there_of_a_sender(city: Installation) -> None:
    """A slip in the address is told from a quarantine that holds nothing."""
    told = city.mailflow("again", "--sender", "post@frima.example").stdout
    assert "In Quarantäne liegt nichts von post@frima.example" in told
    assert "liegt nichts" not in city.mailflow("again").stdout


# --- long work ---------------------------------------------------------------------------------


def test_a_rebuild_without_a_mailbox_names_host_and_remedy(city: Installation) -> None:
    """As `run --once` does: which server is away, and what says why."""
    city.environ["MAILFLOW_IMAP__PORT"] = "1"
    keys.create(city.config / "secret.key")
    words = "The mailbox at 127.0.0.1:1 cannot be used: Connection refused; what is wrong, says"
    failed_with(city.mailflow("rebuild"), words)


@pytest.mark.parametrize("command", [("run", "--once"), ("rebuild",)])
def test_long_work_counts_on_a_terminal(city: Installation, command: tuple[str, ...]) -> None:
    """Who waits for a backlog sees that it moves; in a pipe nothing is said (proven above)."""
    city.mailflow("check")
    city.write("Umnutzung", QUESTION)
    terminal, end = os.openpty()
    every = [sys.executable, "-m", "mailflow", "--config", str(city.config), *command]
    with os.fdopen(terminal, "rb", buffering=0) as screen:
        subprocess.run(every, env={**os.environ, **city.environ}, stderr=end, check=True)
        shown = screen.read(4096).decode()
        os.close(end)
    assert "1 mails read, 1 decided" in shown
    assert shown.endswith("\n")


# --- key ---------------------------------------------------------------------------------------


def _signer(city: Installation) -> str:
    """Give the letter of the key that signed the newest outgoing mail's Message-ID."""
    with closing(sqlite3.connect(city.config / "state" / "mailflow.db")) as database:
        newest = "SELECT message_id FROM outbox ORDER BY id DESC LIMIT 1"
        (message_id,) = database.execute(newest).fetchone()
    return str(message_id).rpartition("@")[0].rpartition(".")[2][0]


def test_a_new_key_signs_once_what_reads_the_mailbox_knows_it(city: Installation) -> None:
    """Until the service is started anew nobody signs what it would take for a forgery."""
    city.write("Eine Frage", "können Sie uns in einer Sache weiterhelfen?")
    city.mailflow("run", "--once")
    reference = city.reference()
    assert "b signs from the next start" in city.mailflow("key", "rotate").stdout
    assert city.mailflow("do", f"{reference} an bauaufsicht").exit_code == 0
    assert _signer(city) == "a"
    assert "im Postausgang" in city.mailflow("digest", "--send").stdout
    assert _signer(city) == "a"
    city.mailflow("run", "--once")
    assert city.mailflow("do", f"{reference} an umwelt").exit_code == 0
    assert _signer(city) == "b"


def test_nothing_is_signed_while_the_running_service_signs_with_a_revoked_key(
    city: Installation,
) -> None:
    """What key a signs is void after the restart, what b signs before it: both have to wait."""
    city.write("Eine Frage", "können Sie uns in einer Sache weiterhelfen?")
    city.mailflow("run", "--once")
    reference = city.reference()
    city.mailflow("key", "revoke", "a")
    order = ("do", f"{reference} an bauaufsicht")
    failed_with(city.mailflow(*order), "has key a revoked, with which the running mailflow still")
    city.mailflow("run", "--once")
    assert city.mailflow(*order).exit_code == 0
    assert _signer(city) == "b"


def test_a_key_file_from_before_the_rotation_stops_the_start(city: Installation) -> None:
    """Beside the database that knows better, check says so first; a file with the key goes on."""
    city.mailflow("run", "--once")
    older = (city.config / "secret.key").read_bytes()
    city.mailflow("key", "rotate")
    city.mailflow("run", "--once")
    newer = (city.config / "secret.key").read_bytes()
    (city.config / "secret.key").write_bytes(older)
    lines = city.mailflow("check").stdout.splitlines()
    assert any("lacks key b" in line and line.startswith("FAIL") for line in lines)
    failed_with(city.mailflow("run", "--once"), "lacks key b, with which mailflow signed last")
    (city.config / "secret.key").write_bytes(newer)
    assert city.mailflow("run", "--once").exit_code == 0


# --- digest ------------------------------------------------------------------------------------


def test_the_digest_is_printed_and_not_sent(city: Installation) -> None:
    """Looking at it, today's or another day's, leaves it to be sent."""
    city.write("Eine Frage", "können Sie uns in einer Sache weiterhelfen?")
    city.mailflow("run", "--once")
    assert city.reference() in city.mailflow("digest").stdout
    assert city.mailflow("digest", "--date", "2026-01-07").exit_code == 0
    city.mailflow("run", "--once")
    assert city.received(MANAGER) == []


def test_the_digest_is_sent_once_a_day(city: Installation) -> None:
    """The first `--send` queues it for the next pass, the second says that it has gone."""
    assert "im Postausgang" in city.mailflow("digest", "--send").stdout
    assert "schon" in city.mailflow("digest", "--send").stdout
    city.mailflow("run", "--once")
    assert city.received(MANAGER) == ["digest"]


@pytest.mark.parametrize("send", [(), ("--send",)])
def test_there_is_no_digest_of_a_day_to_come(city: Installation, send: tuple[str, ...]) -> None:
    """A later day is refused in one line, and that day's digest is not taken for sent."""
    later = f"{now() + timedelta(days=3):%Y-%m-%d}"
    failed_with(city.mailflow("digest", "--date", later, *send), later)
    assert "im Postausgang" in city.mailflow("digest", "--send").stdout
    city.mailflow("run", "--once")
    assert city.received(MANAGER) == ["digest"]


# --- thaw --------------------------------------------------------------------------------------


@pytest.mark.parametrize("choice", ["--show", "--send", "--drop"])
def test_a_thaw_says_that_nothing_is_frozen(city: Installation, choice: str) -> None:
    """Typed once more than needed it changes nothing: what was queued goes out as it would."""
    city.mailflow("digest", "--send")
    result = city.mailflow("thaw", choice)
    assert (result.exit_code, result.stdout) == (0, "Es wird nichts zurückgehalten.\n")
    city.mailflow("run", "--once")
    assert city.received(MANAGER) == ["digest"]


def test_a_thaw_names_what_it_does_not_send_again(city: Installation) -> None:
    """A copy in the mailbox bears a held mail's name: it has gone out, whichever key signed it."""
    city.write("Umnutzung", QUESTION)
    working = city.environ["MAILFLOW_SMTP__PORT"]
    city.environ["MAILFLOW_SMTP__PORT"] = "1"
    city.mailflow("run", "--once")
    city.environ["MAILFLOW_SMTP__PORT"] = working
    with closing(sqlite3.connect(city.config / "state" / "mailflow.db")) as database, database:
        database.execute("UPDATE outbox SET state = 'held', cause = 'frozen'")
        database.execute("INSERT INTO status VALUES (1, 'frozen', '2026-11-24 08:00', 'ungewiss')")
        database.execute(
            "UPDATE mail SET message_id = "
            "(SELECT message_id FROM outbox WHERE kind = 'acknowledgement')"
        )
    copy = "liegt eine Kopie im Postfach, deren Schlüssel hier fehlt; gilt als gesendet:"
    shown = city.mailflow("thaw", "--show").stdout.splitlines()
    assert shown[shown.index(f"Davon {copy}") + 1].startswith("acknowledgement ")
    first, mail, last = city.mailflow("thaw", "--send").stdout.splitlines()
    assert first == f"Nicht gesendet, denn davon {copy}"
    assert mail.startswith("acknowledgement ")
    assert last == "1 Mail geht hinaus."
    city.mailflow("run", "--once")
    assert city.received(COMPANY.address) == []
    assert city.received(BUILDING) == ["forward"]


def test_a_thaw_shows_apart_what_it_decides_about(city: Installation) -> None:
    """What the freeze holds is listed, and so is what was queued since and goes in any case."""
    city.write("Umnutzung", QUESTION)
    working = city.environ["MAILFLOW_SMTP__PORT"]
    city.environ["MAILFLOW_SMTP__PORT"] = "1"
    city.mailflow("run", "--once")
    city.environ["MAILFLOW_SMTP__PORT"] = working
    with closing(sqlite3.connect(city.config / "state" / "mailflow.db")) as database, database:
        database.execute(
            "UPDATE outbox SET state = 'held', cause = 'frozen' WHERE kind = 'forward'"
        )
        database.execute("INSERT INTO status VALUES (1, 'frozen', '2026-11-24 08:00', 'ungewiss')")
    shown = city.mailflow("thaw", "--show").stdout.splitlines()
    assert [line.split("  ")[0] for line in shown] == [
        "Zurückgehalten, ungewiss:",
        "forward",
        "Sicher neu, geht in jedem Fall:",
        "acknowledgement",
    ]
    assert city.mailflow("thaw", "--drop").stdout == "1 Mail ist verworfen.\n"
    city.mailflow("run", "--once")
    assert city.received(COMPANY.address) == ["acknowledgement"]
    assert city.received(BUILDING) == []


# --- manners -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["tanzen"],
        ["--config"],
        ["run", "--twice"],
        ["inspect"],
        ["inspect", "/there/is/no/such/mail.eml"],
        ["route"],
        ["show"],
        ["do"],
        ["digest", "--date", "gestern"],
        ["report", "--from", "2026-01-01"],
        ["thaw"],
        ["thaw", "--show", "--drop"],
        ["thaw", "--send", "--drop"],
    ],
)
def test_usage_errors_exit_2(arguments: list[str]) -> None:
    """What was typed wrongly is told apart from what went wrong."""
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""


@pytest.mark.parametrize("command", ["run", "check", "inspect", "route", "tickets", "show", "do"])
def test_every_command_explains_itself(command: str) -> None:
    """`--help` exits 0 without a configuration."""
    result = CliRunner().invoke(main, [command, "--help"])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("Usage: ")


def test_the_version_is_told() -> None:
    """`--version` names it."""
    assert CliRunner().invoke(main, ["--version"]).stdout == f"mailflow, version {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [["run"], ["run", "--once"], ["tickets"], ["show", "KAM-2222-3333"], ["do", "x"], ["digest"]],
)
def test_a_missing_configuration_is_one_clear_line(tmp_path: Path, arguments: list[str]) -> None:
    """Every command that needs one names the file it looked for, and the remedy."""
    result = CliRunner().invoke(main, ["--config", str(tmp_path), *arguments])
    failed_with(result, str(tmp_path / "mailflow.toml"))
    assert "--config DIR" in result.stderr
