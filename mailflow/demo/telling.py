"""The demo on a terminal: the only user of rich. In a pipe it is plain text."""

import os
import sys
from collections.abc import Iterator, Sequence
from time import monotonic
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from mailflow.demo.reckoning import Finding
from mailflow.demo.stage import Scene, Shown, addresses_of, attachments_of

__all__ = ["Telling", "console_for"]

_WIDTH = 96
_COLOURS = {
    "acknowledgement": "green",
    "forward": "blue",
    "combined-answer": "bright_green",
    "question": "yellow",
    "digest": "magenta",
    "notice": "magenta",
}
_PERSON = "cyan"


def console_for(stream: TextIO) -> Console:
    """Give a console: colours only on a terminal, and only where NO_COLOR is not set."""
    colours = stream.isatty() and not os.environ.get("NO_COLOR")
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")  # an old terminal without umlauts still shows the rest
    console = Console(
        file=stream,
        color_system="auto" if colours else None,
        highlight=False,
        soft_wrap=False,
        emoji=False,
        markup=False,
    )
    console.width = min(console.width, _WIDTH) if stream.isatty() else _WIDTH
    return console


class Telling:
    """Says what happens, mail by mail, as it happens."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or console_for(sys.stdout)
        self._started = monotonic()

    def opening(self) -> None:
        """Say what is to be seen."""
        title = Text.assemble(("mailflow", "bold"), " · one mail in, one combined answer out")
        about = Text(
            "Everything is real: the mails, the servers (SMTP and IMAP, in this process), the "
            "service and its database. Only the people are made up.",
            style="dim",
        )
        self._console.print()
        self._console.print(title)
        self._console.print(about)

    def scene(self, scene: Scene) -> None:
        """Announce a story."""
        self._console.print()
        self._console.print(Rule(Text(f" {scene.number}  {scene.title} ", "bold"), align="left"))
        self._console.print(Text(scene.about, "dim"))
        self._console.print()

    def mail(self, shown: Shown) -> None:
        """Show one mail."""
        colour = _COLOURS.get(shown.kind, _PERSON)
        self._console.print(self._headline(shown, colour))
        self._console.print(Padding(_body(shown, colour), (0, 0, 1, 5), expand=False))

    def _headline(self, shown: Shown, colour: str) -> RenderableType:
        line = Table.grid(expand=True)
        line.add_column(width=5)
        line.add_column(ratio=1)
        line.add_column(justify="right")
        line.add_row(
            Text(f"{shown.number:>3}", f"bold {colour}"),
            Text(shown.what, f"bold {colour}"),
            Text(f"{monotonic() - self._started:.1f} s", "dim"),
        )
        return line

    def findings(self, findings: Sequence[Finding]) -> None:
        """Show what was checked, and how it ended."""
        self._console.print(Rule(Text(" Checked ", "bold"), align="left"))
        for finding in findings:
            mark, style = ("✓", "green") if finding.right else ("✗", "bold red")
            line = Text.assemble((f" {mark} ", style), finding.sentence)
            if not finding.right:
                line.append(f": {finding.detail}", "red")
            self._console.print(line)

    def closing(self, lines: Sequence[tuple[str, str]]) -> None:
        """Say where everything lies, and how long it took."""
        table = Table.grid(padding=(0, 2))
        for name, value in lines:
            table.add_row(Text(name, "dim"), Text(value, overflow="fold"))
        self._console.print()
        self._console.print(Rule(Text(" To look at ", "bold"), align="left"))
        self._console.print(table)
        self._console.print(Text(f"\nDone in {monotonic() - self._started:.1f} s.", "dim"))


def _body(shown: Shown, colour: str) -> RenderableType:
    lines = [_address_line(shown, "From"), _address_line(shown, "To"), _subject_line(shown)]
    lines += _attachment_lines(shown)
    words = Text(_printable(shown.words))
    if shown.whole:
        return Group(*lines, Panel(words, border_style=colour, padding=(0, 1)))
    return Group(*lines, Text.assemble("“", words, "”", style="italic"))


def _address_line(shown: Shown, header: str) -> Text:
    line = Text(f"{header:8}", "dim")
    for name, address in addresses_of(shown.mail, header):
        line.append(_printable(f"{name} " if name else ""), "not dim")
        line.append(_printable(f"<{address}>" if name else address), "dim" if name else "not dim")
    return line


def _subject_line(shown: Shown) -> Text:
    line = Text("Subject ", "dim")
    line.append(_printable(str(shown.mail["Subject"])), "not dim")
    return line


def _attachment_lines(shown: Shown) -> Iterator[Text]:
    for name in attachments_of(shown.mail):
        yield Text.assemble(("With    ", "dim"), (_printable(name), "bold"))


def _printable(text: str) -> str:
    """Leave out what could steer a terminal."""
    return "".join(letter for letter in text if letter.isprintable() or letter == "\n")
