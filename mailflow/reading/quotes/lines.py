"""A mail's text as lines, each with its depth of quotation."""

import re
from dataclasses import dataclass

__all__ = ["MAX_LINES", "Line", "Sentinel", "read_lines"]

# What is longer is read to here; the rest goes where the last line before it went.
MAX_LINES = 5_000
_MAX_CHARACTERS = 400_000
# A longer line is prose, whatever it looks like; this also bounds every pattern's work.
_MAX_HEADER_LINE = 600

_PREFIX = re.compile(r"[ \t]{0,3}(?:>[ \t]?){1,200}")
_UNSEEN = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u202a\u202c"
_SPACES = "\u00a0\u2007\u202f\u3000"
_INVISIBLE: dict[int, str | None] = {
    **dict.fromkeys(map(ord, _UNSEEN)),
    **dict.fromkeys(map(ord, _SPACES), " "),
}
# GroupWise heads a quote with ">>> sender date >>>"; mbox escapes "From " with ">".
_NOT_QUOTED = re.compile(r">>> ?[^>\s].{0,300}\d|>From ")


class Sentinel:
    """Private characters by which ``structure`` tells where HTML begins and ends a quote."""

    QUOTE = "\ue0f0"
    END = "\ue0f1"
    START = "\ue0f2"
    ATTRIBUTION = "\ue0f3"
    FORWARD = "\ue0f4"
    SIGNATURE = "\ue0f5"
    ALL = frozenset({QUOTE, END, START, ATTRIBUTION, FORWARD, SIGNATURE})


@dataclass(frozen=True, slots=True)
class Line:
    """One line: ``raw`` as written, ``text`` without prefix, bold stars and invisible characters.

    ``depth`` counts the ``>`` before it; ``mark`` is a sentinel HTML left on it. ``text`` is empty
    for blank lines and for lines too long to be anything but prose (``raw`` tells them apart).
    """

    raw: str
    text: str
    depth: int
    mark: str = ""

    @property
    def is_blank(self) -> bool:
        """Tell whether there is nothing on the line but ``>``."""
        return not self.text and len(self.raw) <= _MAX_HEADER_LINE


def _line(raw: str, *, marked: bool) -> Line:
    mark = ""
    if marked and raw[:1] in Sentinel.ALL:
        mark, raw = raw[0], raw[1:]
    if not raw:
        return Line(raw, "", 0, mark)
    depth, content = 0, raw
    if raw.lstrip(" \t")[:1] == ">" and not _NOT_QUOTED.match(raw):
        prefix = _PREFIX.match(raw)
        if prefix:
            depth, content = prefix.group().count(">"), raw[prefix.end() :]
    if len(raw) > _MAX_HEADER_LINE:
        return Line(raw, "", depth, mark)
    return Line(raw, content.translate(_INVISIBLE).strip().strip("*").strip(), depth, mark)


def read_lines(text: str, *, marked: bool = False) -> tuple[list[Line], list[str]]:
    """Split a text into lines, and the raw lines beyond what is looked at one by one.

    ``marked`` says that the text was annotated by ``structure`` and may hold sentinels.
    """
    raw = text.split("\n")
    head: list[Line] = []
    size = 0
    for line in raw[:MAX_LINES]:
        size += len(line) + 1
        if size > _MAX_CHARACTERS and head:
            break
        head.append(_line(line.rstrip(), marked=marked))
    return head, raw[len(head) :]
