"""Rows of the fault matrix about the service as a whole: what it tells, and when it rests."""

import ast
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from bench.failpoints import KNOWN, Points, UnknownPointError
from mailflow import service as service_module
from mailflow.core.retry import Deferred
from mailflow.outages import DATABASE_AWAY, PastOutbox
from mailflow.parts import ways_out
from mailflow.service import Service
from mailflow.settings.sections import Alerts, Central, Smtp
from mailflow.store.engine import wal_is_safe
from mailflow.submission import Submission
from tests.faults.running import parts_of
from tests.faults.sink import Sink
from tests.faults.trial import Trial
from tests.flow.city import CENTRAL, MANAGER, ONE_OFFICE, body_of, of_kind, parse

ROOT = Path(__file__).parents[2]


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Give the submission server."""
    with Sink() as made:
        yield made


@pytest.fixture
def service(
    town: Trial, tmp_path: Path, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Service]:
    """Give the service of a city; it never really rests, so that a test need not wait.

    In the end, when nothing is in trouble any more, a company writes, and the town is judged.
    """
    monkeypatch.setattr(Service, "_rest", lambda _: None)
    parts = parts_of(town, tmp_path, smtp=Smtp(port=sink.port, security="none"))
    made = Service(parts, lambda: None)
    made._compared.set()
    yield made
    made._intake_bell.close()
    made._dispatch_bell.close()
    monkeypatch.undo()
    town.judge_after()


def test_row_14_a_refused_login_is_told_the_manager(town: Trial, service: Service) -> None:
    """osTicket#6455 was silent for ten days. Here the third failure is told, once a day."""
    for _ in range(50):
        service._mailbox_failed("AUTHENTICATIONFAILED")
    (alert,) = town.city.work()
    assert alert["X-Mailflow-Kind"] == "alert"
    assert "Postfach" in body_of(alert)


def test_row_37_a_database_that_is_away_is_told_past_the_outbox(
    service: Service, sink: Sink
) -> None:
    """The outbox lies in the database: an alert in it would never leave. This one does, once."""
    for _ in range(50):
        service._database_failed("OperationalError")
    ((_, reader, raw),) = sink.accepted
    assert reader == MANAGER
    assert "Platte" in body_of(parse(raw))


def test_row_37_a_server_away_as_well_stops_nothing(service: Service, sink: Sink) -> None:
    """Where the alert cannot leave either, the service goes on trying."""
    sink.refused = {MANAGER: "550 no"}
    for _ in range(10):
        service._database_failed("OperationalError")
    assert sink.accepted == []
    sink.refused = {}
    service._database_failed("OperationalError")
    assert [reader for _, reader, _ in sink.accepted] == [MANAGER]


def _second_way(town: Trial, port: int) -> PastOutbox:
    second = Alerts(host="127.0.0.1", port=port, security="none").submission
    assert second
    return PastOutbox(town.city.reporting.alert_mails, [lambda: Submission(second, "")])


def test_row_14_a_password_that_ran_out_for_both_servers_is_told(
    town: Trial, service: Service, sink: Sink
) -> None:
    """osTicket#6455, worse: nothing leaves by the usual way. The second server tells, once."""
    city, wire = town.city, town.city.wire
    city.dispatch._second_way = _second_way(town, sink.port)
    city.dispatch._submission = wire
    refused = Deferred("535 5.7.8 authentication failed", server=True)
    for _ in range(3):
        service._mailbox_failed("AUTHENTICATIONFAILED")
    for _ in range(15):
        wire.outcomes = [refused]
        city.dispatch.send_due()
        city.wait(minutes=1)
    ((_, reader, raw),) = sink.accepted
    assert reader == MANAGER
    assert "535 5.7.8" in body_of(parse(raw))
    (alert,) = city.work()
    assert alert["X-Mailflow-Kind"] == "alert"
    assert "Postfach" in body_of(alert)


def test_row_14_while_the_second_server_is_away_too_it_is_tried_on(town: Trial, sink: Sink) -> None:
    """What no server took is not told yet: the next try tells it."""
    city, wire = town.city, town.city.wire
    city.dispatch._second_way = _second_way(town, sink.port)
    city.dispatch._submission = wire
    sink.refused = {MANAGER: "451 later"}
    wire.outcomes = [Deferred("no line", server=True)]
    town.write("Stand", ONE_OFFICE)
    for refusals in ({MANAGER: "451 later"}, {}, {}):
        sink.refused = refusals
        city.wait(minutes=11)
        wire.outcomes = [Deferred("no line", server=True)]
        city.dispatch.send_due()
    assert [reader for _, reader, _ in sink.accepted] == [MANAGER]
    city.wait(minutes=11)
    city.work()
    town.judge()


@pytest.mark.parametrize("second_server", [False, True])
def test_row_14_a_second_outage_of_a_day_is_told_once_the_day_is_over(
    town: Trial, sink: Sink, *, second_server: bool
) -> None:
    """The morning's outage was told; one from noon on that lasts for days is told the next day."""
    city, wire, passed = town.city, town.city.wire, [0.0]
    if second_server:
        city.dispatch._second_way = _second_way(town, sink.port)
        city.dispatch._second_way._clock = lambda: passed[0]
    city.dispatch._submission = wire
    told = []
    for number, hours in enumerate((1, 50)):
        wire.outcomes = [Deferred("421 closing", server=True)]
        town.write(f"Stand {number}", ONE_OFFICE, f"post@firma{number}.example")
        for _ in range(2 * hours):
            city.wait(minutes=30)
            passed[0] += 1800
            wire.outcomes = [Deferred("421 closing", server=True)]
            city.dispatch.send_due()
        city.wait(minutes=5)
        told.append(len(of_kind(city.work(), "alert")) + len(sink.accepted))
    assert told == ([1, 2] if second_server else [1, 1])
    town.judge()


def test_row_37_an_alert_past_the_outbox_takes_the_second_way_where_the_first_is_shut(
    town: Trial, sink: Sink
) -> None:
    """Database and submission server away together: the manager hears of it all the same."""
    second = Alerts(host="127.0.0.1", port=sink.port, security="none")
    settings: Any = SimpleNamespace(
        central=Central(address=CENTRAL), smtp=Smtp(port=1, security="none"), alerts=second
    )
    past_outbox = PastOutbox(town.city.reporting.alert_mails, ways_out(settings))
    assert past_outbox.tell(DATABASE_AWAY)
    assert [reader for _, reader, _ in sink.accepted] == [MANAGER]


def test_row_07_frozen_mails_do_not_keep_the_service_spinning(
    town: Trial, service: Service
) -> None:
    """What is due and may not go out is looked at again in a second, not at once and for ever."""
    town.city.store.freeze("test", town.city.now)
    town.city.now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    town.write("Stand", ONE_OFFICE)
    assert town.city.store.outbox_waiting() == 2
    assert service._pause() >= service_module._LEAST_PAUSE
    town.city.store.thaw(town.city.now, send=True)
    assert len(town.city.work()) == 2
    town.judge()


def test_row_27_a_backlog_is_no_reason_to_be_called_dead(town: Trial, service: Service) -> None:
    """Ten thousand mails take minutes: each that is decided tells the watchdog that all is well."""
    begun = time.monotonic()
    town.write("Stand", ONE_OFFICE)
    assert service._progress["intake"] > begun
    town.judge()


def test_row_16_a_slow_server_is_no_reason_to_be_called_dead(
    town: Trial, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixty mails at half a minute each take longer than the watchdog waits: each is a sign."""
    clock = [1000.0]
    monkeypatch.setattr("mailflow.service.time.monotonic", lambda: clock[0])
    for line in service._progress:
        service._moves(line)
    send = town.city.wire.send

    def slowly(*mail: Any, **how: Any) -> Any:
        service._moves("intake")  # other threads
        service._moves("scheduler")
        assert service._all_move()
        clock[0] += service_module._STALL_SECONDS - 1
        return send(*mail, **how)

    monkeypatch.setattr(town.city.wire, "send", slowly)
    assert len(town.write("Stand", ONE_OFFICE)) > 1
    assert clock[0] - service._progress["dispatch"] < service_module._STALL_SECONDS
    town.judge()


def test_row_06_every_commit_waits_for_the_disk(town: Trial) -> None:
    """WAL with NORMAL loses commits in a power cut, DELETE by an unlink: FULL, and neither."""
    with town.city.store.engine.connect() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        journal = connection.execute(text("PRAGMA journal_mode")).scalar()
    assert journal == ("wal" if wal_is_safe(sqlite3.sqlite_version_info) else "persist")


OWNERS = {
    "socket": {"inbox", "scan", "submission", "notify", "wake"},
    "select": {"inbox", "wake"},
    # the settings only read a file, and the store asks where one lies
    "ssl": {"inbox", "oauth", "settings.__init__", "store.engine", "submission"},
    "smtplib": {"submission"},
    "imaplib": {"inbox"},
    "imapclient": {"inbox"},
    "aiosmtpd": {"lmtp"},
    "asyncio": {"lmtp"},  # to hand a mail from aiosmtpd to a thread
    "sqlite3": {"store.backup", "store.engine", "upgrade"},
    "subprocess": {"reading.worker"},
    "fcntl": {"lease"},
    "urllib.request": {"oauth"},
    "http": {"oauth"},  # for its exceptions
}
"""Who may talk to the world, and by what; whoever carries mail is wrapped by a point of
``bench.failpoints``. A token that is asked for changes nothing, wherever that ends."""

_NAMES = """
    atexit base64 binascii bisect calendar codecs collections concurrent.futures contextlib csv
    dataclasses datetime difflib email enum functools hashlib hmac html io ipaddress itertools json
    logging math mimetypes operator os pathlib pwd re resource secrets signal stat struct sys
    tempfile textwrap threading time tomllib types typing unicodedata urllib.error urllib.parse
    zoneinfo alembic apscheduler authres babel click flufl holidays icalendar jinja2 lxml markupsafe
    mailflow pydantic pydantic_core sqlalchemy
"""
SILENT = frozenset(_NAMES.split())
"""What else the package imports: nothing that talks to the world, but by the owners' points.

Of `os` and SQLAlchemy this holds only without the calls that the tests below look for."""

_STARTS = re.compile(r"system|popen|(?:exec|spawn)[lv]\w*|posix_spawnp?|fork|forkpty|startfile")
"""What of `os` starts a program, under whatever name that was imported."""
_SOCKETS_OWN = {"sendall", "sendto", "sendmsg", "sendfile"}
_BY_SOCKET = {"notify", "scan"}
_OF_THE_LINE = {"settimeout", "setsockopt"}
"""What may be asked of a line's socket; what is said goes by the line, where the points are."""
_ENDING = re.compile(r"\s*(?:COMMIT|ROLLBACK|END|SAVEPOINT|RELEASE)\b[\w\s;]*")

UNPACKERS: dict[str, set[str]] = {
    "zipfile": set(),
    "zipimport": set(),
    "tarfile": set(),
    "zlib": set(),
    "gzip": set(),
    "bz2": set(),
    "lzma": set(),
    "compression": set(),  # where Python 3.14 keeps them
    "shutil": {"check.installation"},  # the room on the disk; it has unpack_archive, too
}
"""Who may unpack, and by what: nobody. TNEF is read by ``reading.tnef``, without any of these."""


@cache
def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def _users(library: str) -> set[str]:
    """Give the modules that import a library, or a part of it."""
    return {
        module
        for module, path in _modules()
        if any(name == library or name.startswith(f"{library}.") for name in _imports(path))
    }


@pytest.mark.parametrize("library", OWNERS)
def test_row_02_only_its_owner_talks_to_the_world(library: str) -> None:
    """Input and output outside the owner modules has no point to be killed at: there is none."""
    assert _users(library) == OWNERS[library]


def _modules() -> Iterator[tuple[str, Path]]:
    """Give the modules in whose place a process is killed: all but the demo and the migrations."""
    package = ROOT / "mailflow"
    for path in package.rglob("*.py"):
        if path.parts[len(package.parts)] not in {"demo", "migrations"}:
            yield ".".join(path.relative_to(package).with_suffix("").parts), path


def test_row_02_what_is_imported_has_an_owner_or_is_silent() -> None:
    """A library that nobody has judged may talk to the world without a point to be killed at."""
    known = SILENT | set(OWNERS) | set(UNPACKERS)
    for module, path in _modules():
        for name in _imports(path):
            parts = name.split(".")
            prefixes = {".".join(parts[:size]) for size in range(1, len(parts) + 1)}
            assert prefixes & known, f"{module} imports {name}"


def _talks_past_its_owner(module: str, node: ast.AST) -> bool:
    """Whether a piece of code starts a program, uses a line's socket or ends a transaction."""
    match node:
        case ast.Attribute(value=ast.Attribute(attr="sock" | "_sock"), attr=name):
            return name not in _OF_THE_LINE
        case ast.Attribute(attr=name) | ast.Name(id=name) | ast.alias(name=name):
            if name in _SOCKETS_OWN:
                return module not in _BY_SOCKET
            return bool(_STARTS.fullmatch(name)) or name in {"__import__", "exec", "eval"}
        case ast.Constant(value=str(text)):
            return bool(_ENDING.fullmatch(text))
    return False


def test_row_02_nothing_talks_past_its_owner() -> None:
    """`os.system`, a line's bare socket and a literal COMMIT would pass every point unseen."""
    for module, path in _modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            where = f"{module}:{getattr(node, 'lineno', 0)}"
            assert not _talks_past_its_owner(module, node), where


@pytest.mark.parametrize("library", UNPACKERS)
def test_row_49_no_module_imports_what_unpacks(library: str) -> None:
    """A zip bomb is a file like any other: there is nothing here that could open it."""
    assert _users(library) == UNPACKERS[library]


def test_row_49_who_may_import_shutil_unpacks_nothing_with_it() -> None:
    """It tells the room on the disk, and is asked for nothing else."""
    module = ROOT / "mailflow" / "check" / "installation.py"
    tree = ast.walk(ast.parse(module.read_text(encoding="utf-8")))
    asked = [ast.unparse(node) for node in tree if isinstance(node, ast.Attribute | ast.ImportFrom)]
    assert {each for each in asked if re.fullmatch(r"shutil\.\w+|from shutil.*", each)} == {
        "shutil.disk_usage"
    }


def test_row_02_a_point_without_a_name_ends_the_run(tmp_path: Path) -> None:
    """A new kind of input or output cannot slip in: it has no name, and that is a failure."""
    counter = tmp_path / "counter"
    counter.write_bytes(bytes(8))
    points = Points(counter, 0)
    points.reach(min(KNOWN))
    with pytest.raises(UnknownPointError):
        points.reach("imap TELEPORT before")


_SAID = {
    "mailflow/inbox.py": {
        "self._client.login": "imap LOGIN",
        "self._client.plain_login": "imap AUTHENTICATE",
        "self._client.oauth2_login": "imap AUTHENTICATE",
        "self._client.capabilities": "imap CAPABILITY",
        "self._client.has_capability": "imap CAPABILITY",
        "self._client.list_folders": "imap LIST",
        "self._client.folder_exists": "imap LIST",
        "self._client.create_folder": "imap CREATE",
        "self._client.folder_status": "imap STATUS",
        "self._client.select_folder": "imap SELECT",
        "self._client.search": "imap SEARCH",
        "self._client.fetch": "imap FETCH",
        "self._client.move": "imap MOVE",
        "self._client.copy": "imap COPY",
        "self._client.add_flags": "imap STORE",
        "self._client.remove_flags": "imap STORE",
        "self._client.uid_expunge": "imap EXPUNGE",
        "self._client.append": "imap APPEND",
        "self._client.noop": "imap NOOP",
        "self._client.idle": "imap IDLE",
        "self._client.idle_done": "imap DONE",
        "self._client.get_quota": "imap GETQUOTAROOT",
        "self._client.logout": "imap LOGOUT",
        "client.starttls": "imap STARTTLS",
        "self._client.shutdown": "",
        "self._client.socket": "",
        "self._client._imap.response": "",
        "client.shutdown": "",
    },
    "mailflow/submission.py": {
        "line.ehlo": "smtp EHLO",
        "line.starttls": "smtp STARTTLS",
        "line.login": "smtp AUTH",
        "line.auth": "smtp AUTH",
        "line.mail": "smtp MAIL",
        "line.rcpt": "smtp RCPT",
        "line.docmd": "smtp DATA",
        "line.send": "smtp content",
        "line.rset": "smtp RSET",
        "line.quit": "smtp QUIT",
        "line.getreply": "",
        "line.has_extn": "",
        "line.esmtp_features.get": "",
        "line.close": "",
        "line.sock.setsockopt": "",
    },
}
"""What the two owners ask of their libraries, and by which word that is said; "" says none."""


@pytest.mark.parametrize("owner", _SAID)
def test_row_02_every_word_to_a_mail_server_has_a_point(owner: str) -> None:
    """Also those that no scenario comes by: logins, the quota, a server's other dialects."""
    calls = [
        node
        for node in ast.walk(ast.parse((ROOT / owner).read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    asked = {ast.unparse(each.func) for each in calls}
    lines = {each for each in asked if re.fullmatch(r"(self\._)?(client|line)(\.\w+)+", each)}
    assert lines == set(_SAID[owner])
    words = {ast.unparse(each.args[0]) for each in calls if ast.unparse(each.func) == "line.docmd"}
    assert words <= {"'DATA'", "'AUTH'"}
    assert {f"{said} before" for said in _SAID[owner].values() if said} <= KNOWN


def _crashes(*words: str) -> str:
    command = [sys.executable, "-m", "bench.crashes", "--database", "sqlite", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_row_02_a_few_kills_at_logical_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """Zammad flags after its work (zammad#78): a crash doubles. `make crashes` kills at all."""
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    assert "lost 0, doubled 0" in _crashes("--kinds", "logical", "--points", "2", "--jobs", "1")


@pytest.mark.slow
def test_row_01_a_few_kills_at_system_calls() -> None:
    """The toy outbox of the first study doubled 16 of 29. Here none; `make crashes` does all."""
    kinds = "fdatasync,pwrite64,unlink,sendto,recvfrom"
    assert "lost 0, doubled 0" in _crashes("--kinds", kinds, "--points", "3")
