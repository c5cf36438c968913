"""Where a quote begins: our marker, separators, "On ... wrote:", header blocks.

Every function takes lines and a position and looks at a bounded number of lines around it, so that
one pass over a mail is linear in its length.
"""

import re
from collections.abc import Sequence

from mailflow.reading.quotes.announcements import (
    DATE,
    MAX_ANNOUNCEMENT,
    NOTES_DATE,
    WROTE,
    Start,
    StartKind,
    words,
)
from mailflow.reading.quotes.attributions import attribution, marked_attribution, running_on
from mailflow.reading.quotes.header_blocks import header_block, notes_head
from mailflow.reading.quotes.lines import Line, Sentinel

__all__ = ["find_start", "is_marker", "is_rule"]


_ORIGINAL = words("original")
_FORWARDED = words("forwarded")

_MARKER = re.compile(
    r"(?:[\W_]|&#35;){0,16}(?:bitte\s{0,3}ober?halb\s{0,3}dieser\s{0,3}zeile\s{0,3}antworten"
    r"|please\s{0,3}reply\s{0,3}above\s{0,3}this\s{0,3}line)\b",
    re.IGNORECASE,
)
# A program that makes one line of a whole mail leaves the marker, hashes and all, inside it.
_MARKER_INSIDE = re.compile(
    r"##\s{0,3}(?:bitte\s{1,3}oberhalb\s{1,3}dieser\s{1,3}zeile\s{1,3}antworten"
    r"|please\s{1,3}reply\s{1,3}above\s{1,3}this\s{1,3}line)\s{0,3}##",
    re.IGNORECASE,
)
# What stands below the marker, where a mail program lost the marker itself.
_REFERENCE_AND_TOKEN = re.compile(
    r"[\W_]{0,9}[A-Z]{2,12}-[A-Z2-9]{4}-[A-Z2-9]{4}.{1,9}[a-z2-7]{12}\.[a-z2-7]{16}[\W_]{0,9}",
    re.IGNORECASE,
)
_RULE = re.compile(r"[-_=*—–─]{4,}|-{1,3}\s-{1,3}(?:\s-{1,3}){2,40}")
_DASHED = re.compile(r"[-_=*—–]{2,40}\s{0,4}(?P<inside>[^\s].{0,200}?)\s{0,4}[-_=*—–]{2,40}:?")
_GROUPWISE = re.compile(r">>>\s?(?P<inside>.{3,300}\d{1,2}[:.]\d{2}.{0,30}?)\s?(?:>>>)?")
_NOTES_PREVIEW = re.compile(rf".{{2,150}}?-{{3}}{NOTES_DATE}-{{3}}", re.IGNORECASE)


def is_marker(lines: Sequence[Line], at: int) -> int:
    """Count the lines our own marker covers here, however it was rewrapped; 0 where it is not."""
    text = lines[at].text
    if not text:
        return 0
    if _REFERENCE_AND_TOKEN.fullmatch(text):
        return 1
    if not ("#" in text or text[:1].casefold() in "bp"):
        return 0
    joined = text
    for count in range(1, 4):
        match = _MARKER.match(joined)
        if match and ("#" in joined or not joined[match.end() :].strip(" .:*#")):
            return count + _marker_tail(lines, at + count, joined)
        if at + count >= len(lines) or len(joined) > MAX_ANNOUNCEMENT:
            return 0
        joined += " " + lines[at + count].text
    return 0


def _marker_tail(lines: Sequence[Line], at: int, joined: str) -> int:
    """Count the following line too where the marker's closing hashes were wrapped onto it."""
    opened = joined.lstrip().startswith("#") and not joined.rstrip().endswith("#")
    return int(opened and at < len(lines) and lines[at].text.endswith("##"))


def is_rule(line: Line) -> bool:
    """Tell whether a line is nothing but a drawn rule."""
    return (bool(line.text) and bool(_RULE.fullmatch(line.text))) or _is_starred(line)


def _is_starred(line: Line) -> bool:
    stripped = line.raw.strip()
    return len(stripped) > 3 and not stripped.strip("*_-= ")  # noqa: PLR2004 -- "***" is a word


def find_start(lines: Sequence[Line], at: int) -> Start | None:
    """Tell whether a quote is announced by the lines beginning at ``at``."""
    line = lines[at]
    if line.mark == Sentinel.START:
        return Start(StartKind.STRUCTURE, at, at + 1)
    if line.mark == Sentinel.FORWARD:
        return Start(StartKind.FORWARD, at, at + 1)
    if not line.text:
        return _inner_marker(line, at)
    if line.mark == Sentinel.ATTRIBUTION:
        return marked_attribution(lines, at)
    count = is_marker(lines, at)
    if count:
        return Start(StartKind.MARKER, at, at + count)
    found = _separator(lines, at) or header_block(lines, at) or notes_head(lines, at)
    found = found or running_on(lines, at) or attribution(lines, at)
    return found or _inner_marker(line, at)


def _inner_marker(line: Line, at: int) -> Start | None:
    match = _MARKER_INSIDE.search(line.raw) if "##" in line.raw else None
    own = line.raw[: match.start()].strip(" |>*_\\\t") if match else ""
    return Start(StartKind.MARKER, at, at + 1, own) if match else None


def _separator(lines: Sequence[Line], at: int) -> Start | None:
    text = lines[at].text
    if text[0] == ">":
        match = _GROUPWISE.fullmatch(text)
        found = match and DATE.search(match["inside"])
        return Start(StartKind.SEPARATOR, at, at + 1) if found else None
    if "---" in text and _NOTES_PREVIEW.match(text):
        return Start(StartKind.SEPARATOR, at, at + 1)
    match = _DASHED.fullmatch(lines[at].raw.strip())
    inside = (match["inside"] if match else text).strip(" :*").casefold()
    if inside in _FORWARDED or (inside.startswith(tuple(_FORWARDED)) and match):
        return Start(StartKind.FORWARD, at, at + 1)
    if match and inside in _ORIGINAL:
        return Start(StartKind.SEPARATOR, at, at + 1)
    if match and WROTE.search(inside):  # ---- John Smith wrote ----
        return Start(StartKind.SEPARATOR, at, at + 1)
    if inside in _ORIGINAL and at + 1 < len(lines) and header_block(lines, at + 1):
        return Start(StartKind.SEPARATOR, at, at + 1)
    return None
