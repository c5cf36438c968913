"""The topmost quoted mail: what its head says, and what stands under it, up to the next one."""

from collections.abc import Sequence
from dataclasses import dataclass

from mailflow.reading.quotes.announcements import Start
from mailflow.reading.quotes.lines import Line
from mailflow.reading.quotes.starts import find_start

__all__ = ["NOTHING_QUOTED", "QuotedMail", "top_quote"]

_MOST_LINES = 400
_MOST_BLANK = 3


@dataclass(frozen=True, slots=True)
class QuotedMail:
    """A quoted mail without marks of quotation; ``head`` is what announces it."""

    head: str = ""
    body: str = ""


NOTHING_QUOTED = QuotedMail()


def top_quote(lines: Sequence[Line], starts: Sequence[Start]) -> QuotedMail:
    """Give the first mail quoted in a text; ``starts`` are its announcements in their order."""
    first = starts[0].first if starts else len(lines)
    marked = next((at for at, line in enumerate(lines[:first]) if line.depth), None)
    at = first if marked is None else marked
    head: list[str] = []
    if starts and at == first:
        head = [line.text for line in lines[at : starts[0].end] if line.text]
        at = starts[0].end
    inside = _lifted(lines[at : at + _MOST_LINES])
    at = 0
    while (end := _announced_until(inside, at)) > at:
        head += [line.text for line in inside[at:end] if line.text]
        at = end
    return QuotedMail("\n".join(head), _body(inside[at:]))


def _lifted(lines: Sequence[Line]) -> list[Line]:
    """Give lines without the depth of the first of them, up to where the quote ends."""
    depth = next((line.depth for line in lines if line.text), 0)
    end = next((at for at, line in enumerate(lines) if line.text and line.depth < depth), None)
    return [Line(line.text, line.text, max(0, line.depth - depth)) for line in lines[:end]]


def _announced_until(lines: Sequence[Line], at: int) -> int:
    """Give where an announcement ends that begins here or below blank lines, else ``at``."""
    first = next((n for n in range(at, min(at + _MOST_BLANK, len(lines))) if lines[n].text), None)
    start = find_start(lines, first) if first is not None and not lines[first].depth else None
    return start.end if start else at


def _body(lines: Sequence[Line]) -> str:
    """Give what stands above the next quoted mail."""
    end = next((at for at in range(len(lines)) if lines[at].depth or find_start(lines, at)), None)
    return "\n".join(line.text for line in lines[:end]).strip("\n")
