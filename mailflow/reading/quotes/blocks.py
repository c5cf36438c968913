"""Quotes set off by ``>``: which of them go, and which stay because an answer stands under them."""

from collections.abc import Sequence
from dataclasses import dataclass

from mailflow.core.tracking import find
from mailflow.reading.quotes.announcements import Start, StartKind
from mailflow.reading.quotes.lines import Line
from mailflow.reading.quotes.starts import find_start, is_marker, is_rule
from mailflow.reading.quotes.tails import is_closing, without_tail

__all__ = ["shared_line", "unquoted"]

_LONGEST_QUESTION = 15


def shared_line(start: Start) -> list[Line]:
    """Give the author's words that share a line with an announcement, if there are any."""
    return [Line(start.own, start.own, 0)] if start.own else []


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines ``first`` to ``end`` (exclusive): quoted ones or own ones between quotes.

    ``announced`` says that an announcement heads a quote, ``introduced`` that its author's own
    words do ("The steps are:"), ``answers`` that own lines may answer what stands above them (a
    closing does not).
    """

    first: int
    end: int
    quoted: bool
    announced: bool = False
    introduced: bool = False
    answers: bool = False


def unquoted(lines: list[Line], starts: Sequence[Start]) -> list[Line]:
    """Drop quotes set off by ``>``, except those an answer stands under."""
    announced = {at for start in starts for at in range(start.first, start.end)}
    blocks = _blocks(lines, starts)
    if not any(block.quoted for block in blocks):
        return [line for at, line in enumerate(lines) if at not in announced]
    own = [index for index, block in enumerate(blocks) if not block.quoted]
    if not own:
        return []
    kept: list[Line] = []
    shared = {start.first: start for start in starts if start.own}
    for index, block in enumerate(blocks):
        if block.quoted:
            if _is_answered(blocks, index):
                kept.extend(_question(lines[block.first : block.end], first=index <= 1))
            continue
        for at in range(block.first, block.end):
            if at in shared:
                kept.extend(shared_line(shared[at]))
            elif at not in announced:
                kept.append(lines[at])
    return kept


def _is_answered(blocks: Sequence[_Block], index: int) -> bool:
    """Tell whether own words answer this very quote: then it stays with them.

    They do where they stand between quotes, or under a quote its author left no announcement of.
    A whole quoted mail above or amid an answer does not have to stay.
    """
    block = blocks[index]
    if not any(other.answers for other in blocks[index + 1 :]):
        return not block.announced and (
            block.introduced
            or any(other.quoted and other.announced for other in blocks[index + 1 :])
        )
    if not block.announced:
        return True
    return any(other.quoted and not other.announced for other in blocks[index + 1 :])


def _question(quoted: Sequence[Line], *, first: bool) -> list[Line]:
    """Give the quoted lines an answer stands under; of a long first quote its last paragraph.

    Our own marker and the token beside it are never repeated.
    """
    lines = list(quoted)
    for at in range(len(lines)):
        covered = is_marker(lines, at) if "#" in lines[at].text else 0
        if covered:
            lines = lines[at + covered :]
            break
    shown = [line for line in lines if not (_is_announcing(line) or find(line.text))]
    lines = _without_blank_ends(shown)
    if not first or sum(bool(line.text) for line in lines) <= _LONGEST_QUESTION:
        return lines
    at = len(lines)
    while at and not lines[at - 1].is_blank:
        at -= 1
    return lines[at:]


def _without_blank_ends(lines: list[Line]) -> list[Line]:
    filled = [at for at, line in enumerate(lines) if not line.is_blank]
    return lines[filled[0] : filled[-1] + 1] if filled else []


def _is_announcing(line: Line) -> bool:
    start = find_start([line], 0) if line.text else None
    return start is not None and start.kind is StartKind.ATTRIBUTION and not start.own


def _blocks(lines: list[Line], starts: Sequence[Start]) -> list[_Block]:
    """Part a text into quoted and own blocks; own ones hold words, not only what hangs below."""
    ends = {start.end for start in starts}
    shared = {start.first for start in starts if start.own}
    announced = {at for start in starts for at in range(start.first, start.end)}
    wrapped = _wrapped(lines)
    blocks: list[_Block] = []
    at = 0
    while at < len(lines):
        quoted = bool(lines[at].depth)
        end = at + 1
        while end < len(lines) and (quoted if end in wrapped else bool(lines[end].depth) == quoted):
            end += 1
        if quoted:
            is_announced = _is_announced(lines, at, end, ends)
            introduced = not is_announced and _is_introduced(lines, at)
            blocks.append(_Block(at, end, True, is_announced, introduced))
        elif not shared.isdisjoint(range(at, end)) or _has_words(lines, at, end, announced):
            first = next((line.text for line in lines[at:end] if line.text), "")
            blocks.append(_Block(at, end, quoted=False, answers=not is_closing(first)))
        at = end
    return _merged(blocks)


def _has_words(lines: Sequence[Line], first: int, end: int, announced: set[int]) -> bool:
    own = [lines[at] for at in range(first, end) if at not in announced]
    return any(line.raw.strip() and not is_rule(line) for line in without_tail(own))


def _merged(blocks: Sequence[_Block]) -> list[_Block]:
    """Join quoted blocks with nothing but blank lines between them."""
    merged: list[_Block] = []
    for block in blocks:
        last = merged[-1] if merged else None
        if last and last.quoted and block.quoted and not block.announced:
            merged[-1] = _Block(last.first, block.end, True, last.announced, last.introduced)
        else:
            merged.append(block)
    return merged


def _is_announced(lines: Sequence[Line], first: int, end: int, ends: set[int]) -> bool:
    """Tell whether an announcement stands right above a quoted block or as its first lines."""
    above = first
    while above and lines[above - 1].is_blank and not lines[above - 1].depth and above not in ends:
        above -= 1
    if above in ends:
        return True
    inside = [Line(line.text, line.text, 0) for line in lines[first : min(end, first + 8)]]
    return any(
        (start := find_start(inside, at)) is not None and start.kind is not StartKind.FORWARD
        for at in range(min(4, len(inside)))
    )


def _is_introduced(lines: Sequence[Line], first: int) -> bool:
    """Tell whether a line of prose right above ends in a colon; dates, names are a program's."""
    above = first - 1
    if above > 0 and lines[above].is_blank:
        above -= 1
    text = lines[above].text if above >= 0 else ""
    is_prose = text[:-1].replace(" ", "").replace(",", "").isalpha()
    return text.endswith(":") and is_prose and not is_closing(text)


_WRAP_WIDTH = 58


def _wrapped(lines: Sequence[Line]) -> set[int]:
    """Find the unquoted lines that are the overhang of quoted ones some program rewrapped.

    Where that happened once, an overhang may also follow a sentence's end.
    """
    found: set[int] = set()
    for at in range(1, len(lines) - 1):
        before, line, after = lines[at - 1], lines[at], lines[at + 1]
        between = before.depth and line.text and not line.depth and after.depth
        if between and _hangs_over(before, line, again=bool(found)):
            found.add(at)
    return found


def _hangs_over(before: Line, line: Line, *, again: bool) -> bool:
    is_long = len(before.raw) > _WRAP_WIDTH and line.text[0].islower()
    if is_long and (again or not before.text.endswith((".", "!", "?", ":"))):
        return True
    inside_link = "http" in before.text.rsplit(" ", 1)[-1] and " " not in line.text
    only_link = line.text.startswith(("(http", "<http")) and line.text.rstrip(" >").endswith(
        (")", ">")
    )
    return inside_link or only_link
