"""Rows 2 and 49: whatever talks to the world, or writes, has a point to be killed at, or an owner.

What passed all of that unseen would be proven by no kill.
"""

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from bench.failpoints import KNOWN, Points, UnknownPointError

ROOT = Path(__file__).parents[2]

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

WRITERS: dict[str, tuple[str, set[str]]] = {
    "core.inquiry": ("it opens tickets, no files", {"open"}),
    "cli": ("the second signal ends it at once", {"os._exit"}),
    "interim_report": ("the report's files, made anew by each run", {"mkdir", "write_bytes"}),
    "keys": (
        "the key: whole or not there, and synced before it signs (test_keys)",
        {"mkdir", "os.open", "os.fdopen", "os.fsync", "os.close", "unlink", "hardlink_to"}
        | {"replace"},
    ),
    "lease": (
        "the lock: it holds no word, and ends with its process",
        {"open", "os.open", "commit"},
    ),
    "settings.__init__": ("the state's folder, where there is none", {"mkdir"}),
    "store.backup": (
        "copies: under a name of their own until they are whole (test_backup)",
        {"mkstemp", "os.close", "replace", "unlink", "rename"},
    ),
    "store.engine": ("what a new connection says of itself", {"driver_connection", "commit"}),
    "store.ownership": (
        "whom a file belongs to that root made",
        {"os.open", "os.close", "os.fchown", "os.fchmod"},
    ),
    "upgrade": ("older copies of before an upgrade", {"unlink"}),
}
"""Who acts on files, or on the database's own connection, beside the points: why, and by what."""

_PAST_THE_POINTS = {"raw_connection", "driver_connection", "dbapi_connection", "commit"}
_ON_FILES = {
    *("write_text", "write_bytes", "rename", "unlink", "mkdir", "rmdir", "touch", "chmod"),
    *("hardlink_to", "symlink_to", "mkstemp", "mkdtemp", "TemporaryFile", "NamedTemporaryFile"),
    *("SpooledTemporaryFile", "TemporaryDirectory", "FileIO"),
}
_HANDLER = re.compile(r"[A-Z]\w+Handler")  # the log goes to standard error, and nowhere else
_SILENT_OF_OS = {
    *("environ", "getpid", "geteuid", "getgrouplist", "fstat", "stat_result", "access", "walk"),
    "path",
    *("listxattr", "R_OK", "W_OK", "X_OK", "O_RDONLY", "O_WRONLY", "O_RDWR", "O_CREAT", "O_EXCL"),
    *("O_NOFOLLOW", "O_APPEND"),
}

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


def _acts(node: ast.AST) -> Iterator[str]:
    """Give what a piece of code does to files, or to a connection past SQLAlchemy's commit."""
    match node:
        case ast.Attribute(value=ast.Name(id="os"), attr=name):
            yield from set() if name in _SILENT_OF_OS else {f"os.{name}"}
        case ast.ImportFrom(module="os", names=names):
            yield from {f"os.{each.name}" for each in names} - {f"os.{x}" for x in _SILENT_OF_OS}
        case ast.alias(name="os", asname=str(other)):
            yield f"os as {other}"
        case ast.Call(func=ast.Attribute(attr="open", value=what)) if ast.unparse(what) != "os":
            yield from {"open"} if _may_write(node.args[:1], node.keywords) else set()
        case ast.Call(func=ast.Name(id="open")):
            yield from {"open"} if _may_write(node.args[1:2], node.keywords) else set()
        case ast.Call(func=ast.Attribute(attr="replace"), args=[_], keywords=[]):
            yield "replace"  # a path's: a text's takes two words, a date's and a value's names
        case ast.Constant(value="AUTOCOMMIT"):
            yield "AUTOCOMMIT"
        case ast.Attribute(attr=name) | ast.Name(id=name) | ast.alias(name=name):
            yield from {name} & (_ON_FILES | _PAST_THE_POINTS)
            yield from {name} - {"StreamHandler"} if _HANDLER.fullmatch(name) else set()


def _may_write(mode: list[ast.expr], keywords: list[ast.keyword]) -> bool:
    """Whether a file is opened otherwise than to be read, or nobody can tell."""
    modes = [*mode, *(each.value for each in keywords if each.arg == "mode")]
    read_only = (isinstance(each, ast.Constant) and each.value in {"r", "rb"} for each in modes)
    return not all(read_only)


def test_row_02_nothing_is_written_past_its_owner() -> None:
    """A file written, or a commit by the driver's own connection, would pass every point unseen."""
    found: dict[str, set[str]] = {}
    for module, path in _modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for act in _acts(node):
                found.setdefault(module, set()).add(act)
    assert found == {module: acts for module, (_, acts) in WRITERS.items()}


@pytest.mark.parametrize(
    "line",
    [
        'engine.raw_connection().driver_connection.execute("DELETE FROM outbox")',
        "connection.connection.dbapi_connection.execute(words)",
        "connection.commit()",
        '(folder / "sent").write_text("x")',
        '(folder / "sent").rename(folder / "gone")',
        '(folder / "sent").replace(gone)',
        '(folder / "sent").open("w")',
        'open(folder / "sent", mode="ab")',
        "open(folder, how)",
        'os.remove("sent")',
        "from os import remove",
        "import os as system",
        "logging.FileHandler(path)",
        "SysLogHandler(address)",
        "from logging.handlers import SMTPHandler",
        'io.FileIO(path, "w")',
        'connection.execution_options(isolation_level="AUTOCOMMIT")',
    ],
)
def test_row_02_what_would_be_written_unseen_is_found(line: str) -> None:
    """Each of these lines in a module that owns nothing fails the test above."""
    assert [act for node in ast.walk(ast.parse(line)) for act in _acts(node)]


@pytest.mark.parametrize(
    "line",
    [
        'path.open("rb")',
        'open(path, encoding="utf-8")',
        'text.replace("a", "b")',
        "now.replace(hour=0)",
        "replace(change, kind=kind)",
        'os.environ.get("HOME")',
    ],
)
def test_row_02_what_only_reads_has_no_owner(line: str) -> None:
    """The table would else be a list of everything."""
    assert not [act for node in ast.walk(ast.parse(line)) for act in _acts(node)]


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
    with pytest.raises(UnknownPointError), suppress(Exception):  # as where mail is sent
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


def test_row_02_every_point_is_said_by_somebody() -> None:
    """A name for a word that mailflow never says would hide one that a run should have passed."""
    said = {word for words in _SAID.values() for word in words.values() if word}
    named = {each.rpartition(" ")[0] for each in KNOWN if each.startswith(("imap", "smtp"))}
    assert named == said | {"imap literal", "smtp reply", "smtp content"}
