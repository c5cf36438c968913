"""The arrows point one way, and each library has one owner."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "mailflow"
PURE = {
    "base64",
    "bisect",
    "calendar",
    "collections",
    "dataclasses",
    "datetime",
    "difflib",
    "enum",
    "functools",
    "hashlib",
    "hmac",
    "ipaddress",
    "itertools",
    "json",
    "math",
    "operator",
    "re",
    "types",
    "typing",
    "unicodedata",
    "zoneinfo",
}
"""What the core may use of the standard library. A new name here must do no input or output."""
OWNERS = {
    "imapclient": {"inbox.py"},
    "aiosmtpd": {"lmtp.py", "demo"},
    "asyncio": {"lmtp.py", "demo"},
    "smtplib": {"submission.py", "demo"},
    "jinja2": {"compose"},
    "babel": {"compose"},
    "sqlalchemy": {
        "store",
        "schema.py",
        "migrations",
        "upgrade.py",
        "lease.py",
        # they catch its exceptions, or hold an engine they do not speak to
        "one_pass.py",
        "service.py",
        "lmtp.py",
        "cli.py",
        "parts.py",
        "check",
    },
    "alembic": {"upgrade.py", "migrations"},
    "apscheduler": {"service.py"},
    "authres": {"trust.py"},
    "click": {"cli.py"},
    "holidays": {"holidays.py"},
    "pydantic": {"settings"},
    "flufl": {"reading"},
    "lxml": {"reading"},
    "icalendar": {"reading"},
    "rich": {"demo"},
    "pymap": {"demo"},
}
# parts gives everything its clock; the others stamp a command, a mail on its way in, or a copy
CLOCKS = {"parts.py", "cli.py", "inbox.py", "lmtp.py", "upgrade.py", "check", "demo"}
SCHEDULERS = {"service.py"}  # APScheduler goes by the machine's own clock


def _modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


_NAMES = {_name(path) for path in _modules()}


def _imports(path: Path) -> Iterator[str]:
    """Give what a module imports: of `from mailflow.store import tickets` both of its modules."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}:{node.lineno} names no module from the top"
            assert node.module
            yield node.module
            within = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name for name in within if name in _NAMES)


@pytest.mark.parametrize("path", sorted((PACKAGE / "core").rglob("*.py")), ids=lambda p: p.name)
def test_the_core_is_pure(path: Path) -> None:
    """The core imports itself and what computes only: nothing that talks to the world."""
    for name in _imports(path):
        top = name.partition(".")[0]
        if top == "mailflow":
            assert name.startswith("mailflow.core"), f"{path.name} imports {name}"
        else:
            assert top in PURE, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "core").rglob("*.py")), ids=lambda p: p.name)
def test_the_core_reads_no_clock(path: Path) -> None:
    """Time is an argument: no call of now(), today() or utcnow()."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in {"now", "utcnow"}, f"{path.name}:{node.lineno}"
            if node.func.attr == "today":
                owner = node.func.value
                assert not (isinstance(owner, ast.Name) and owner.id in {"date", "datetime"})


def test_no_clock_is_read_beside_the_one_that_is_passed() -> None:
    """Who is given a clock reads no other: in a test, or a mailbox read again, it is another."""
    for path in _modules():
        room = path.relative_to(PACKAGE).parts[0]
        if room not in CLOCKS | SCHEDULERS:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow"}:
                    owner = ast.unparse(node.value)
                    assert owner != "datetime", f"{path.name}:{node.lineno}"


def test_each_library_has_one_owner() -> None:
    """A library is spoken to by its owner alone, so that it can be exchanged in one place."""
    for path in _modules():
        room = path.relative_to(PACKAGE).parts[0]
        for name in _imports(path):
            owners = OWNERS.get(name.partition(".")[0])
            assert owners is None or room in owners, f"{path.relative_to(PACKAGE)} imports {name}"


def test_no_import_cycles() -> None:
    """Following the imports of any module never leads back to it."""
    graph = {_name(path): set(_imports(path)) for path in _modules()}
    done: set[str] = set()
    for start in graph:
        _walk(start, graph, (), done)


def test_the_arrows_are_those_of_the_document() -> None:
    """Every module stands in one line of docs/architecture.md, and imports from lines above it."""
    document = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    arrows = document.partition("The arrows between modules")[2].split("```")[1].strip()
    lines = [[name.strip() for name in line.split(",")] for line in arrows.split("<-")]
    level = {name: at for at, names in enumerate(lines) for name in names}
    rooms = {_room(name) for name in _NAMES} - {"", "__main__"}
    assert sorted(rooms) == sorted(name for names in lines for name in names)
    for path in _modules():
        room = _room(_name(path))
        for other in {_room(name) for name in _imports(path) if name in _NAMES} - {room, ""}:
            assert level[other] < level.get(room, len(lines)), f"{room} imports {other}"


def _room(name: str) -> str:
    """Give the part of mailflow a module belongs to; "" for what imports them all, or none."""
    return name.partition(".")[2].partition(".")[0]


def _walk(name: str, graph: dict[str, set[str]], trail: tuple[str, ...], done: set[str]) -> None:
    assert name not in trail, " -> ".join((*trail, name))
    if name in done:
        return
    for each in sorted(graph.get(name, ())):
        # a package's face imports its rooms; a room that imports a neighbour is no cycle
        if each in graph and each != name and not name.startswith(f"{each}."):
            _walk(each, graph, (*trail, name), done)
    done.add(name)
