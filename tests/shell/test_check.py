"""`mailflow check`: each line can be OK, WARN or FAIL, and every FAIL has a remedy."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mailflow.check import Level, Probes, checks, failed
from mailflow.check.access import ServiceUser, check_access, may
from mailflow.check.findings import CheckLine, DatabaseFacts, MailboxFacts, SubmissionFacts
from mailflow.check.installation import (
    check_clock,
    check_configuration,
    check_database,
    check_disk,
    check_files,
    check_key_file,
    check_lmtp,
    check_scanner,
    check_template_names,
    check_templates,
)
from mailflow.check.servers import check_alerts, check_imap, check_ledger, check_smtp
from mailflow.errors import MailflowError
from mailflow.settings import Settings, load
from mailflow.settings.sections import Alerts
from mailflow.shipped import example_config, shipped

NOW = datetime(2026, 5, 22, 12, 5, tzinfo=UTC)
ABLE = ("IDLE", "MOVE")
MAILBOX = MailboxFacts(folders=("INBOX", "Processed", "Quarantine"), capabilities=ABLE)
SUBMISSION = SubmissionFacts(max_bytes=60_000_000)
DATABASE = DatabaseFacts(engine="SQLite", version="0001", expected="0001")


class RefusedLoginError(MailflowError):
    """The server refused the login."""


class City(NamedTuple):
    """A right configuration on disk, and as settings."""

    folder: Path
    settings: Settings


@pytest.fixture
def city(tmp_path: Path) -> City:
    """The example city with its password."""
    for name in ("mailflow.toml", "offices.toml"):
        (tmp_path / name).write_bytes((example_config() / name).read_bytes())
    (tmp_path / "imap.password").write_text("geheim")
    (tmp_path / "imap.password").chmod(0o600)
    return City(tmp_path, load(tmp_path, {}))


def _probes() -> Probes:
    return Probes(
        imap=lambda _: MAILBOX,
        smtp=lambda _: SUBMISSION,
        database=lambda _: DATABASE,
        templates=lambda _: (),
        now=lambda: NOW,
    )


def _raises(error: Exception) -> Callable[[], Any]:
    def probe() -> Any:
        raise error

    return probe


def test_a_right_installation_is_ok_throughout(city: City) -> None:
    """After the key was made, every line is OK, in the order of the contract's list."""
    list(checks(city.folder, {}, _probes()))
    lines = list(checks(city.folder, {}, _probes()))
    expected = (
        "configuration|key file|state folder|templates|database|disk|mailbox|submission|clock"
    )
    assert expected == "|".join(line.subject for line in lines)
    assert {Level.OK} == {line.level for line in lines}
    assert not failed(lines)


def test_a_wrong_configuration_is_the_only_line(tmp_path: Path) -> None:
    """Without a configuration nothing else is tried, and the line says what is missing."""
    (line,) = checks(tmp_path, {}, _probes())
    assert line.level is Level.FAIL
    assert "mailflow.toml" in str(line)
    assert failed([line])


def test_a_line_reads_as_one_sentence() -> None:
    """Level, subject, message and remedy stand on one line."""
    line = CheckLine(Level.WARN, "disk", "0.5 GB free", "make room soon")
    assert str(line) == "WARN  disk: 0.5 GB free; make room soon"
    assert str(CheckLine(Level.OK, "disk", "9 GB free")) == "OK    disk: 9 GB free"


def test_the_configuration_line_names_folder_and_offices(city: City) -> None:
    """The operator sees which configuration was read."""
    line, settings = check_configuration(city.folder, {})
    assert settings is not None
    assert f"{city.folder}, 23 offices" == line.message


def test_a_missing_key_is_made_and_told(city: City) -> None:
    """The first check makes the key and asks for a copy, the second finds it."""
    first, second = (
        check_key_file(city.settings, lambda: False, lambda: MAILBOX),
        check_key_file(city.settings, lambda: False, lambda: MAILBOX),
    )
    assert (first.level, second.level) == (Level.WARN, Level.OK)
    assert "keep a copy" in first.remedy


def test_no_key_is_made_beside_a_used_mailbox(city: City) -> None:
    """A database knows no mail when it is new and when it is lost: the mailbox tells which."""
    mailbox = replace(MAILBOX, filed=("Quarantine",))
    line = check_key_file(city.settings, lambda: False, lambda: mailbox)
    assert line.level is Level.FAIL
    assert "restore it from the backup" in str(line)
    assert not city.settings.central.key_file.exists()


def test_the_mailbox_is_asked_once(city: City) -> None:
    """A key that is missing and a mailbox that is slow do not make a check take twice as long."""
    asked = []

    def mailbox(_: Settings) -> MailboxFacts:
        asked.append(1)
        raise TimeoutError

    lines = list(checks(city.folder, {}, replace(_probes(), imap=mailbox)))
    told = {line.subject: line.level for line in lines}
    assert (told["key file"], told["mailbox"]) == (Level.WARN, Level.FAIL)
    assert asked == [1]


def test_a_key_open_to_others_fails(city: City) -> None:
    """A readable key is named with the command that cures it."""
    check_key_file(city.settings, lambda: False, lambda: MAILBOX)
    city.settings.central.key_file.chmod(0o644)
    line = check_key_file(city.settings, lambda: False, lambda: MAILBOX)
    assert line.level is Level.FAIL
    assert "chmod 600" in line.message


def test_a_configuration_that_anyone_may_change_fails(city: City) -> None:
    """Who can write offices.toml can have all mail sent to himself."""
    (city.folder / "offices.toml").chmod(0o646)
    line, *_ = check_files(city.settings)
    assert (line.level, line.subject) == (Level.FAIL, "permissions")


def test_the_state_folder_is_made_for_its_owner(city: City) -> None:
    """A missing state folder is made; one that is open to everybody is a warning."""
    (made,) = check_files(city.settings)
    city.settings.paths.state.chmod(0o755)
    (opened,) = check_files(city.settings)
    assert (made.level, opened.level) == (Level.OK, Level.WARN)


def test_a_state_folder_that_cannot_be_made_fails(city: City) -> None:
    """A file in its place is told, not raised."""
    city.settings.paths.state.write_text("")
    (line,) = check_files(city.settings)
    assert line.level is Level.FAIL


def test_a_template_nothing_is_made_from_is_a_warning(tmp_path: Path) -> None:
    """A misspelt file is named with the right name; languages and included files are no mistake."""
    for name in ("acknowledgment.de.txt", "forward.nl.txt", "our-hours.txt", "notes.md"):
        (tmp_path / name).write_text("x")
    (tmp_path / "question.de.txt").write_text('{% include "our-hours.txt" %}')
    (line,) = check_template_names(tmp_path, shipped("templates"))
    assert line.level is Level.WARN
    assert line.message == f"no mail is made from {tmp_path / 'acknowledgment.de.txt'}"
    assert line.remedy == 'did you mean "acknowledgement.de.txt"?'
    assert not list(check_template_names(None, shipped("templates")))


def test_a_scanner_that_does_not_answer_is_a_warning() -> None:
    """Where a scanner is named it is asked, for without it attachments wait."""
    (there,) = check_scanner("/run/clamd", lambda _: True)
    (away,) = check_scanner("/run/clamd", lambda _: False)
    assert (there.level, away.level) == (Level.OK, Level.WARN)
    assert "scan.socket" in away.remedy
    assert not list(check_scanner("", lambda _: False))


@pytest.mark.parametrize(
    ("listen", "levels"),
    [("", []), ("127.0.0.1:8024", [Level.OK]), ("0.0.0.0:8024", [Level.WARN])],
)
def test_lmtp_that_anybody_reaches_is_a_warning(
    city: City, listen: str, levels: list[Level]
) -> None:
    """LMTP asks for no password, so a port open to others is named."""
    lmtp = city.settings.lmtp.model_copy(update={"listen": listen})
    lines = check_lmtp(replace(city.settings, lmtp=lmtp))
    assert [line.level for line in lines] == levels


@pytest.mark.parametrize(
    ("said", "named", "silent"),
    [
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "imap.ca_file", "password"),
        ("[AUTHENTICATIONFAILED] Authentication failed.", "imap.password_file", "imap.port"),
        ("535 5.7.8 Error: authentication failed", "imap.user", "imap.port"),
        ("[Errno 111] Connection refused", "imap.port", "password"),
        ("[Errno -2] Name or service not known", "imap.host", "password"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number", "imap.security", "password"),
        ("timed out", "imap.security", "password"),
        ("the server said NO", "[imap]", "firewall"),
    ],
)
def test_a_server_that_cannot_be_used_names_what_to_look_at(
    city: City, said: str, named: str, silent: str
) -> None:
    """Each failure names the keys that can mend it, and none that has nothing to do with it."""

    def probe() -> MailboxFacts:
        raise OSError(said)

    (line,) = check_imap(city.settings, probe)
    assert named in line.remedy
    assert silent not in line.remedy


def test_a_broken_template_fails_with_its_name() -> None:
    """The first complaint is shown, the others are counted; a failing probe is a complaint."""
    line = check_templates(lambda: ("forward.de.txt: 'companny' is undefined", "b", "c"))
    assert line.level is Level.FAIL
    assert "forward.de.txt" in line.message
    assert "(and 2 more)" in line.message
    assert check_templates(lambda: ()).level is Level.OK


@pytest.mark.parametrize(
    ("facts", "level", "words"),
    [
        pytest.param(DATABASE, Level.OK, "intact", id="right"),
        pytest.param(replace(DATABASE, version=""), Level.WARN, "makes its tables", id="new"),
        pytest.param(replace(DATABASE, version="0000"), Level.WARN, "upgrades it", id="older"),
        pytest.param(
            replace(DATABASE, version="0009", newer=True), Level.FAIL, "newer", id="of the future"
        ),
        pytest.param(
            replace(DATABASE, complaints=("row 5 missing from index",)),
            Level.FAIL,
            "restore the backup",
            id="damaged",
        ),
    ],
)
def test_what_a_database_shows(facts: DatabaseFacts, level: Level, words: str) -> None:
    """Versions and integrity decide the line, and each doubt has its remedy."""
    line = check_database(lambda: facts)
    assert level is line.level
    assert words in str(line)


def test_a_password_that_cannot_be_sent_has_its_own_remedy(city: City) -> None:
    """Whoever chose a password with an umlaut is told what to choose instead."""
    error = OSError("user or password hold letters beyond ASCII")
    (line,) = check_smtp(city.settings, _raises(error))
    assert "plain letters" in str(line.remedy)


@pytest.mark.parametrize(
    "error",
    [RefusedLoginError(), ConnectionRefusedError(111, "Connection refused"), TimeoutError()],
)
def test_whatever_a_server_does_is_a_line(city: City, error: Exception) -> None:
    """Refusal, silence and wrong passwords are FAIL lines with a remedy, never exceptions."""
    (mailbox,) = check_imap(city.settings, _raises(error))
    (submission,) = check_smtp(city.settings, _raises(error))
    database = check_database(_raises(error))
    for line in (mailbox, submission, database):
        assert line.level is Level.FAIL
        assert line.remedy
        assert "\n" not in str(line)
        assert "geheim" not in str(line)


def test_a_missing_inbox_fails_and_lists_what_is_there(city: City) -> None:
    """A wrong imap.inbox is cured by reading the line."""
    (line,) = check_imap(city.settings, lambda: MailboxFacts(folders=("Posteingang",)))
    assert line.level is Level.FAIL
    assert "there are: Posteingang" in line.remedy


def test_our_own_folders_may_be_missing_yet(city: City) -> None:
    """The first run makes Processed and Quarantine: a warning, no failure."""
    facts = MailboxFacts(folders=("INBOX",), capabilities=ABLE)
    (line,) = check_imap(city.settings, lambda: facts)
    assert line.level is Level.WARN
    assert "Processed, Quarantine" in line.message


def test_a_mailbox_without_idle_is_a_warning(city: City) -> None:
    """Without IDLE mail is polled; the operator is told how often."""
    _, line = check_imap(city.settings, lambda: replace(MAILBOX, capabilities=("UIDPLUS",)))
    assert line.level is Level.WARN
    assert "every 60 s" in line.message


def test_a_mailbox_that_mails_cannot_leave_is_a_warning(city: City) -> None:
    """Without MOVE and UIDPLUS the inbox grows; the operator is told what is to be done by hand."""
    _, line = check_imap(city.settings, lambda: replace(MAILBOX, capabilities=("IDLE",)))
    assert line.level is Level.WARN
    assert "neither MOVE nor UIDPLUS" in line.message
    assert "expunge" in line.remedy


def test_a_mailbox_that_keeps_no_marks_is_a_warning(city: City) -> None:
    """Without them a rebuild tells what was read by dates alone; the operator hears it in time."""
    _, line = check_imap(city.settings, lambda: replace(MAILBOX, marks=False))
    assert line.level is Level.WARN
    assert "keeps no mark" in line.message
    assert "keywords" in line.remedy


@pytest.mark.parametrize(
    ("fullness", "level"), [(None, Level.OK), (79, Level.OK), (80, Level.WARN), (99, Level.FAIL)]
)
def test_a_mailbox_that_fills_up_is_told(city: City, fullness: int | None, level: Level) -> None:
    """The mailbox keeps every mail: who runs it is told before it refuses new ones."""
    *_, line = check_imap(city.settings, lambda: replace(MAILBOX, fullness=fullness))
    assert line.level is level


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ((), []),
        (("mx.stadt.example.org", "mx.other.example"), []),
        (("mail.stadt.org",), [Level.WARN]),
    ],
)
def test_a_trusted_server_that_writes_nothing_here_is_told(
    city: City, seen: tuple[str, ...], expected: list[str]
) -> None:
    """A mistyped name would hold every office's reply, and every order of the manager."""
    trust = city.settings.trust.model_copy(update={"authserv_ids": ("MX.stadt.example.org",)})
    settings = replace(city.settings, trust=trust)
    _, *lines = check_imap(settings, lambda: replace(MAILBOX, results_by=seen))
    assert [line.level for line in lines] == expected
    assert all("mail.stadt.org" in line.message for line in lines)


def test_a_server_that_takes_no_mail_from_us_is_a_failure(city: City) -> None:
    """A login that may not send as the central address is found before the first mail is."""
    refused = SubmissionFacts(refused="553 5.7.1 not owned by user")
    line, *_ = check_smtp(city.settings, lambda: refused)
    assert line.level is Level.FAIL
    assert "553 5.7.1" in line.message


def _with_alerts(city: City) -> Settings:
    return replace(city.settings, alerts=Alerts(host="relay.example.org"))


def test_the_second_server_is_asked_whether_it_takes_alerts(city: City) -> None:
    """Nothing is said where none is named; where one is, it must work before it is needed."""
    assert list(check_alerts(city.settings, lambda: "")) == []
    (line,) = check_alerts(_with_alerts(city), lambda: "")
    assert (line.level, line.message) == (Level.OK, "relay.example.org:25 without login")
    (line,) = check_alerts(_with_alerts(city), lambda: "554 5.7.1 relay access denied")
    assert line.level is Level.WARN
    assert "554 5.7.1" in line.message
    assert city.settings.manager.addresses[0] in line.remedy


def test_a_second_server_that_is_not_there_is_told(city: City) -> None:
    """The line says where it was looked for and by which key."""
    (line,) = check_alerts(_with_alerts(city), _raises(OSError(111, "Connection refused")))
    assert line.level is Level.WARN
    assert "alerts.host" in line.remedy


def test_a_server_that_takes_no_receipts_is_told(city: City) -> None:
    """Without receipts nothing proves an answer accepted, and nobody would notice until a crash."""
    refused = SubmissionFacts(receipt_refused="550 5.1.1 unknown user")
    _, line = check_smtp(city.settings, lambda: refused)
    assert line.level is Level.WARN
    assert "+receipt@" in line.remedy
    assert "550 5.1.1" in line.message


def test_a_server_that_takes_less_than_we_read_is_a_warning(city: City) -> None:
    """Attachments that come in but cannot go out are told beforehand."""
    _, line = check_smtp(city.settings, lambda: SubmissionFacts(max_bytes=10_240_000))
    assert line.level is Level.WARN
    assert "10,240,000" in line.message


@pytest.mark.parametrize(
    ("now", "arrivals", "level"),
    [
        pytest.param(NOW, [NOW - timedelta(days=90)], Level.OK, id="an old mail"),
        pytest.param(NOW, [NOW + timedelta(seconds=90)], Level.OK, id="close"),
        pytest.param(NOW, [NOW + timedelta(minutes=5)], Level.WARN, id="five minutes"),
        pytest.param(NOW, [], Level.OK, id="nothing to compare with"),
        pytest.param(NOW.replace(year=1970), [], Level.FAIL, id="no battery"),
    ],
)
def test_what_the_clock_shows(now: datetime, arrivals: list[datetime], level: Level) -> None:
    """A mail from the future is a warning, an impossible year a failure."""
    assert level is check_clock(now, arrivals).level


@pytest.mark.parametrize(
    ("filed", "known", "levels"),
    [
        ((), False, []),
        (("Quarantine",), False, []),
        (("Processed",), True, []),
        (("Processed",), False, [Level.FAIL]),
    ],
)
def test_an_empty_database_beside_a_used_mailbox_fails(
    city: City, filed: tuple[str, ...], known: bool, levels: list[Level]
) -> None:
    """The service refuses to work so; the check says it beforehand, with the service's remedy."""
    facts = replace(MAILBOX, filed=filed)
    lines = list(check_ledger(city.settings, lambda: known, lambda: facts))
    assert [line.level for line in lines] == levels
    assert all("mailflow rebuild" in line.remedy for line in lines)


def test_the_disk_of_the_database_is_looked_at(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the database lies on a disk of its own, that one's room counts, not the state's."""
    usage, disk = shutil.disk_usage(tmp_path), tmp_path / "disk"
    disk.mkdir()
    monkeypatch.setattr(
        shutil, "disk_usage", lambda place: usage._replace(free=0 if place == disk else 10**10)
    )
    environ = {"MAILFLOW_DATABASE__URL": f"sqlite:///{disk}/mailflow.db"}
    told = {line.subject: line.level for line in checks(city.folder, environ, _probes())}
    assert told["disk"] is Level.FAIL


@pytest.mark.parametrize(
    ("url", "environ", "words"),
    [
        ("postgresql://db.example/m?sslmode=prefer", {}, "sslmode=prefer"),
        ("postgresql://db.example/m?sslmode=require", {}, "whoever answers is believed"),
        ("postgresql://db.example/m", {"PGSSLMODE": "disable"}, "unencrypted"),
        ("postgresql://db.example/m", {}, ""),
        ("postgresql://db.example/m?sslmode=verify-full", {}, ""),
        ("postgresql://127.0.0.1/m?sslmode=disable", {}, ""),
        ("sqlite:///mailflow.db", {"PGSSLMODE": "disable"}, ""),
    ],
)
def test_a_database_that_need_not_prove_itself_is_a_warning(
    city: City, url: str, environ: dict[str, str], words: str
) -> None:
    """Who has written a weaker mode for another machine reads what it risks, and what to write."""
    file = city.folder / "mailflow.toml"
    file.write_text(file.read_text().replace("sqlite:///mailflow.db", url, 1))
    told = [line for line in checks(city.folder, environ, _probes()) if "sslmode" in str(line)]
    assert [line.level for line in told] == [Level.WARN] * bool(words)
    assert all(words in line.message and "verify-full" in line.remedy for line in told)


def _stat(mode: int, uid: int, gid: int) -> os.stat_result:
    return os.stat_result((mode, 0, 0, 1, uid, gid, 0, 0, 0, 0))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (_stat(0o600, 990, 0), True),
        (_stat(0o600, 0, 0), False),
        (_stat(0o640, 0, 990), True),
        (_stat(0o640, 0, 0), False),
        (_stat(0o644, 0, 0), True),
        (_stat(0o044, 990, 0), False),
    ],
)
def test_who_may_read_a_file(found: os.stat_result, expected: bool) -> None:
    """Owner, group and the others are told apart as the kernel does."""
    assert may(found, ServiceUser("mailflow", 990, frozenset({990})), 4) is expected


def _as_root(city: City, monkeypatch: pytest.MonkeyPatch, shut: Path) -> list[CheckLine]:
    """Check as root would whose service runs as the owner of the state folder, uid 990.

    Root's are the files that are ``shut``; all others are open to the service.
    """
    real = Path.stat

    def stat(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        found = real(path, follow_symlinks=follow_symlinks)
        mode = (found.st_mode & ~0o777) | (0o600 if path == shut else 0o777)
        return _stat(mode, 990 if path == city.folder / "state" else 0, 0)

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(Path, "stat", stat)
    return list(check_access(city.settings))


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("offices.toml", "chmod o+r"),
        ("", "chmod o+x"),
        ("state/mailflow.db", "chown 990"),
        ("state/mailflow.db-journal", "chown 990"),
    ],
)
def test_what_root_can_and_the_service_cannot_fails(
    city: City, monkeypatch: pytest.MonkeyPatch, name: str, remedy: str
) -> None:
    """Installed under umask 027, or put there with cp: root's check names file and command."""
    (city.folder / "state").mkdir()
    for each in ("mailflow.db", "mailflow.db-journal"):
        (city.folder / "state" / each).touch()
    lines = _as_root(city, monkeypatch, city.folder / name)
    assert [line.level for line in lines] == [Level.FAIL]
    assert lines[0].remedy == f"{remedy} {city.folder / name}"
    assert not _as_root(city, monkeypatch, city.folder / "nothing")


def test_the_clock_is_compared_with_the_newest_mail(city: City) -> None:
    """When the server says that it arrived reaches the clock's line."""
    late = replace(MAILBOX, newest=NOW + timedelta(hours=1))
    probes = replace(_probes(), imap=lambda _: late)
    *_, clock = checks(city.folder, {}, probes)
    assert (clock.level, clock.subject) == (Level.WARN, "clock")
    assert "3600 s" in clock.message


@pytest.mark.parametrize(
    ("free", "level"),
    [(50_000_000, Level.FAIL), (500_000_000, Level.WARN), (5_000_000_000, Level.OK)],
)
def test_how_much_disk_is_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: Level
) -> None:
    """Below 100 MB nothing can be taken in, below 1 GB it is time to act."""
    usage = shutil.disk_usage(tmp_path)._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert level is check_disk(tmp_path / "not" / "made" / "yet").level
