"""The documents say what is there: all of it, and nothing that is not.

That every key of the configuration has its line is proven in ``test_configuration_page``.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import click
import pytest

from mailflow.cli import main
from mailflow.core.commands import VERBS, commands_in
from mailflow.core.drafts import DraftKind
from mailflow.core.known import Policy
from mailflow.core.reply import ReplyKind
from mailflow.core.reply_reading import read_reply
from mailflow.core.retry import WAITS
from mailflow.core.ticket import CONSULTATION_MOVES, TICKET_MOVES, HoldReason
from mailflow.settings import load_offices

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "mailflow"
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
OPERATING = (ROOT / "docs" / "operating.md").read_text()
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()


def section(page: str, title: str) -> str:
    """Give a page's text from a heading to the next of the same depth."""
    found = re.search(rf"^(#+) {re.escape(title)}$", page, re.MULTILINE)
    assert found, f"no heading {title!r}"
    rest = page[found.end() :]
    following = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: following.start()] if following else rest


def blocks(page: str, language: str) -> list[str]:
    """Give the code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Give every command that does something, with its full name."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


COMMANDS = dict(commands(main))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_described(name: str) -> None:
    """A command without its line in the table of commands would not be found."""
    table = section(OPERATING, "Commands")
    (line,) = [line for line in table.splitlines() if f"`mailflow {name}" in line]
    for parameter in COMMANDS[name].params:
        if isinstance(parameter, click.Option):
            assert parameter.opts[0] in line, f"{name} {parameter.opts[0]}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_names_a_command_that_is_not_there(page: Path) -> None:
    """What a reader types must work."""
    for name in re.findall(r"`(?:sudo )?mailflow ([a-z]+)", page.read_text()):
        assert name in main.commands, f"{page.name}: mailflow {name}"
    for block in blocks(page.read_text(), "sh"):
        for name in re.findall(r"^(?:sudo )?mailflow ([a-z]+)", block, re.MULTILINE):
            assert name in main.commands, f"{page.name}: mailflow {name}"


@pytest.mark.parametrize("kind", DraftKind)
def test_every_kind_of_mail_has_its_line(kind: DraftKind) -> None:
    """Who edits templates finds each in the table of mails."""
    assert f"| `{kind}` |" in (ROOT / "docs" / "mails.md").read_text()


@pytest.mark.parametrize("word", VERBS)
def test_every_command_word_is_told_to_the_manager(word: str) -> None:
    """German or English, first choice or synonym."""
    table = section(OPERATING, "The manager's command language")
    assert re.search(rf"`{re.escape(word)}[ `]", table)


def test_every_order_on_the_managers_page_is_understood() -> None:
    """The page in German tells each word of the language that says something of its own."""
    page = (ROOT / "docs" / "steuern.md").read_text()
    rows = [line.split("|")[2] for line in page.splitlines() if line.startswith("| ")][1:]
    orders = [each for row in rows for each in re.findall(r"`([^`]+)`", row)]
    verbs = set()
    for order in orders:
        if order.startswith("als "):
            continue
        (command,) = commands_in(f"KAM-7K3Q-9F2M {order}", "KAM")
        verbs.add(command.verb)
    assert verbs == set(VERBS.values())


def test_every_example_command_is_understood() -> None:
    """The lines that the pages show do something."""
    shown = [
        line.strip()
        for page in PAGES
        for line in re.findall(r"^ *KAM-.*$", page.read_text(), re.MULTILINE)
    ]
    assert len(shown) > 3
    for line in shown:
        (command,) = commands_in(line, "KAM")
        assert command.verb, line


@pytest.mark.parametrize("reason", HoldReason)
def test_every_reason_to_wait_is_explained(reason: HoldReason) -> None:
    """The manager finds what an item means and what is usually said to it."""
    assert f"| `{reason}` |" in section(OPERATING, "What waits for a decision")


def alerts() -> Iterator[str]:
    """Give the longest fixed words of each alert in the code."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _name(node.func).strip("_") == "alert":
                titles = [each.value for each in node.keywords if each.arg == "title"]
                yield from _words(titles[0] if titles else node.args[1])


def _name(function: ast.expr) -> str:
    return getattr(function, "attr", "") or getattr(function, "id", "")


def _words(text: ast.expr) -> Iterator[str]:
    parts = [each.value for each in ast.walk(text) if isinstance(each, ast.Constant)]
    words = [each.strip() for each in parts if isinstance(each, str)]
    if words:
        yield max(words, key=len)


def test_every_alert_says_what_to_do() -> None:
    """Its words stand in the table of alerts, beside what they mean."""
    found = set(alerts())
    assert len(found) > 4
    for words in found:
        assert words in section(OPERATING, "Alerts"), words


@pytest.mark.parametrize(
    "line", re.findall(r"^\| (`.*?) \|", section(OPERATING, "What an office can say"), re.MULTILINE)
)
def test_what_an_office_can_say_is_read_so(line: str) -> None:
    """The German and the English word of the table mean the same kind of reply."""
    words = re.findall(r"`(.*?)`", line)
    kinds = {
        read_reply(f"{each}\n\nMehr dazu morgen.", "", date(2026, 5, 22)).kind for each in words
    }
    assert len(kinds) == 1
    assert kinds < set(ReplyKind) - {ReplyKind.ANSWER}


def test_the_schedule_of_attempts_is_the_one_in_force() -> None:
    """Minutes and hours are those of ``core.retry``."""
    hour = timedelta(hours=1)
    minutes = [str(wait // timedelta(minutes=1)) for wait in WAITS if wait < hour]
    hours = [str(wait // hour) for wait in WAITS if wait >= hour]
    told = f"{_listed(minutes)} minutes, {_listed(hours)} hours, then every {hours[-1]} hours"
    assert told in section(OPERATING, "Sending")


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


def test_the_size_of_a_flood_is_the_one_in_force() -> None:
    """So many of one sender, so many of one domain."""
    fields = {name: field.default for name, field in Policy.__dataclass_fields__.items()}
    told = f"{fields['storm_of_sender']} mails of one sender, or {fields['storm_of_domain']} of one"
    assert told in section(OPERATING, "Alerts")


def test_the_readmes_office_is_a_right_one(tmp_path: Path) -> None:
    """Who copies the example gets an office that works."""
    (example,) = blocks((ROOT / "README.md").read_text(), "toml")
    (tmp_path / "offices.toml").write_text(example)
    (office,) = load_offices(tmp_path / "offices.toml")
    assert office.id in example
    assert tomllib.loads(example)["office"][0]["terms"]["de"]["strong"]


@cache
def imported() -> dict[str, set[str]]:
    """Give, for each library from outside, the modules that import it."""
    found: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for name in names:
                top = name.partition(".")[0]
                if top not in {*sys.stdlib_module_names, "mailflow"}:
                    found.setdefault(top, set()).add(str(path.relative_to(PACKAGE)))
    return found


@pytest.mark.parametrize("library", sorted(imported()))
def test_each_library_has_the_owner_the_page_names(library: str) -> None:
    """Who wants to exchange a library finds every place that knows it."""
    table = section(ARCHITECTURE, "One library, one owner")
    (line,) = [
        each for each in table.splitlines() if re.search(rf"^\|.*?`{library}[.`].*?\|", each)
    ]
    owners = re.findall(r"`([\w/.]+)`", line.split("|")[2])
    strangers = {
        each for each in imported()[library] if not any(_owns(owner, each) for owner in owners)
    }
    assert strangers == set()


def _owns(owner: str, module: str) -> bool:
    return module.startswith(owner) if owner.endswith("/") else module == owner


def test_every_library_has_its_reason_and_licence() -> None:
    """Whoever wonders why a library is there reads it."""
    table = section((ROOT / "docs" / "why.md").read_text(), "Libraries").lower()
    told = {"flufl": "flufl.bounce", "pydantic_core": "pydantic", "proxyprotocol": "pymap"}
    for library in imported():
        assert told.get(library, library).replace("pysasl", "pymap") in table, library


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.name)
def test_every_module_is_on_the_map(path: Path) -> None:
    """A newcomer finds each module of the core, and each room around it, with one line."""
    name = path.relative_to(PACKAGE)
    if path.name.startswith("__"):
        return
    room = name.parts[0]
    shown = path.name if room == "core" or len(name.parts) == 1 else f"{room}/"
    assert f"`{shown}`" in section(ARCHITECTURE, "Where to find what")


def test_the_states_are_those_of_the_tables() -> None:
    """The page's arrows are the moves that the code and the database allow."""
    (drawn,) = blocks(section(ARCHITECTURE, "States"), "")
    ticket, consultation = drawn.split("consultation ")
    moves = {
        source: set(targets.split(" | "))
        for source, targets in re.findall(r"(\w+) +-> (.*)", ticket.removeprefix("ticket"))
    }
    assert moves == {str(source): set(map(str, each)) for source, each in TICKET_MOVES.items()}
    arrows = {
        source.strip(): targets
        for source, targets in re.findall(r"([\w, ]+?) +-> (.*)", consultation)
    }
    common = set(arrows.pop("asked, interim").split(" | "))
    found = {"asked": common, "interim": common}
    for source, targets in arrows.items():
        told = set(targets.split(" | "))
        found[source] = (told - {"the same"}) | (common if "the same" in told else set())
    allowed = {
        str(source): set(map(str, each)) for source, each in CONSULTATION_MOVES.items() if each
    }
    assert found == allowed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    """Files exist, and so do the headings that links point to."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if target.startswith("http"):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path) if path else page
        assert file.exists(), f"{page.name}: {target}"
        if anchor:
            assert anchor in set(_anchors(file.read_text())), f"{page.name}: {target}"


def _anchors(text: str) -> Iterator[str]:
    for title in re.findall(r"^#+ (.*)$", text, re.MULTILINE):
        yield re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def test_every_make_target_named_is_there() -> None:
    """The commands of README and CONTRIBUTING exist."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        name
        for page in PAGES
        for name in re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(), re.MULTILINE)
    }
    assert {"demo", "test"} <= named <= targets


def test_the_glossary_names_what_the_code_has() -> None:
    """The words of the last column are found in the code."""
    code = "\n".join(path.read_text() for path in PACKAGE.rglob("*.py"))
    table = (ROOT / "docs" / "glossary.md").read_text()
    rows = re.findall(r"^\| .* \|$", table, re.MULTILINE)[1:]
    names = [
        name
        for row in rows
        for name in re.findall(r"`([A-Z]\w+)(?:\.(\w+))?`", row.rsplit("|", 2)[1])
    ]
    assert len(names) > len(rows) // 2
    for name, member in names:
        assert re.search(rf"^(?:class )?{name}\b", code, re.MULTILINE), name
        assert re.search(rf"\b{member}\b", code), f"{name}.{member}"
