"""Announcements in a sentence: "On ... wrote:", in many languages, wrapped or not."""

import re
from collections.abc import Iterator, Sequence

from mailflow.reading.quotes.announcements import (
    ADDRESS,
    DATE,
    MAX_ANNOUNCEMENT,
    TIME,
    WROTE,
    WROTE_WORDS,
    Start,
    StartKind,
    alternatives,
    words,
)
from mailflow.reading.quotes.lines import Line

__all__ = ["attribution", "marked_attribution", "running_on"]

_ALL_WROTE = tuple(sorted(word.casefold().replace("ı", "i") for word in words("wrote")))
_LONGEST_OWN = 300
_LONGEST_WROTE = 60  # letters; the end of a text is all that can hold its last words
_ENDS = re.compile(rf"(?:[:：]|\b(?:{WROTE_WORDS})|>|\bwrote-{{2,}})\s*$", re.IGNORECASE)
_DAYS = alternatives(words("weekdays"))
_ON = alternatives(words("on"))
_OPENS = re.compile(
    rf"[-–—*\s\"'„]*(?:(?:{_ON})\b|(?:{_DAYS})\b|\d"
    rf"|[^<>]{{0,80}}<[^<>\s@]{{1,100}}@)",
    re.IGNORECASE,
)
# "reply On Wed, Apr 4, 2012 ... wrote:": the announcement shares its line with the answer.
_SHARED = re.compile(
    r"(?:\s|-{2,6}\s?)"
    rf"(?=(?:On|Am|Le|Op|Den|Il|El|Em|Dnia|W dniu)\s(?:(?i:{_DAYS})[a-zäöü]{{0,6}}[.,]"
    rf"|\d{{1,4}}[./-]))"
)
# A person tells of a letter: "schrieb der Gutachter:", "schrieb uns". A program puts a name there.
_TOLD = re.compile(
    r"\b(?:schrieb|wrote|schreef)\s(?:der|die|das|uns|mir|ihnen|ihm|unser|unsere|frau|herr|er"
    r"|sie|es"
    r"|ich|wir|man|ein|eine|to|us|me|him|them|that|de|het|een|ons|mij)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[a-zäöüß)]{3,}[.!?]$")
# Yahoo's apps put the quoted mail behind its announcement, on the same line.
_RUNS_ON = re.compile(
    rf"(?:{_ON})\s[^\n]{{8,200}}<[^<>\s@]{{1,100}}@[^<>\s@]{{1,200}}>\s?(?:{WROTE_WORDS})\s?:\s{{2,9}}\S",
    re.IGNORECASE,
)
# A wrapped "<a@b.de\n> wrote:" is no quote.
_CLOSES_ONLY = re.compile(rf"(?:{WROTE_WORDS})?\s?:", re.IGNORECASE)
_MAX_PARTS = 5


def attribution(lines: Sequence[Line], at: int) -> Start | None:
    """Read an announcement that begins here and takes up to five lines."""
    if not _OPENS.match(lines[at].text) and not _shared(lines[at].text):
        return _bare_attribution(lines, at)
    for parts in _growing(lines, at):
        last = parts[-1]
        quoted = _quote_follows(lines, last + 1)
        if not quoted and not _ends(lines[last].text):
            continue
        found = _announces(_joined(lines, parts), quoted=quoted)
        if found is not None and not _begins_later(lines, parts, quoted=quoted):
            return Start(StartKind.ATTRIBUTION, at, last + 1, found, not quoted)
    return None


def running_on(lines: Sequence[Line], at: int) -> Start | None:
    """Read an announcement with a date, an address and the first quoted words behind it."""
    match = _RUNS_ON.match(lines[at].text)
    dated = match and DATE.search(match.group()) and TIME.search(match.group())
    return Start(StartKind.ATTRIBUTION, at, at + 1) if dated else None


def marked_attribution(lines: Sequence[Line], at: int) -> Start | None:
    """Take a mail program's word for it, whatever the language, where its quote follows."""
    for end in range(at + 1, min(at + _MAX_PARTS, len(lines)) + 1):
        if _quote_follows(lines, end):
            return Start(StartKind.ATTRIBUTION, at, end, flat=False)
    return attribution(lines, at)


def _growing(lines: Sequence[Line], at: int) -> Iterator[list[int]]:
    """Yield the positions of one, two, ... lines that may be one wrapped announcement."""
    parts, size = [at], len(lines[at].text)
    while size <= MAX_ANNOUNCEMENT:
        yield parts
        following = _next_part(lines, parts[-1])
        if following is None or len(parts) == _MAX_PARTS:
            return
        parts = [*parts, following]
        size += len(lines[following].text) + 1


def _next_part(lines: Sequence[Line], last: int) -> int | None:
    """Find the line that may continue an announcement; one blank line may lie between."""
    if _SENTENCE_END.search(lines[last].text):
        return None
    at = last + 1
    gap = at < len(lines) and lines[at].is_blank and not lines[at].depth
    at += gap
    if at >= len(lines) or not lines[at].text:
        return None
    wrapped = lines[at].raw.lstrip().startswith(("<", ">", "mailto:"))
    if (gap and not wrapped) or (lines[at].depth and not _ends(lines[at].text)):
        return None
    return at


def _joined(lines: Sequence[Line], parts: Sequence[int]) -> str:
    return " ".join(lines[part].text for part in parts)


def _begins_later(lines: Sequence[Line], parts: Sequence[int], *, quoted: bool) -> bool:
    """Tell whether the announcement is complete without its first line, which is prose then."""
    for begin in range(1, len(parts)):
        head, tail = _joined(lines, parts[:begin]), _joined(lines, parts[begin:])
        if _OPENS.match(tail) and DATE.search(tail) and _announces(tail, quoted=quoted) == "":
            return bool(DATE.search(head)) or not ADDRESS.search(head)
    return False


def _bare_attribution(lines: Sequence[Line], at: int) -> Start | None:
    """Read "Max Muster schrieb:" where a quote follows, or "Max <a@b.de> schrieb:" anywhere."""
    text = lines[at].text
    if len(text) > MAX_ANNOUNCEMENT or not _ends(text):
        return None
    quoted = _quote_follows(lines, at + 1)
    found = _announces(text, quoted=quoted)
    return None if found is None else Start(StartKind.ATTRIBUTION, at, at + 1, found, not quoted)


def _shared(text: str) -> re.Match[str] | None:
    """Find what divides the author's words from an announcement behind them on the same line."""
    found = _SHARED.search(text, 1)
    return found if found and found.start() <= _LONGEST_OWN else None


def _ends(text: str) -> bool:
    end = text.rstrip()
    return end.endswith((":", "：", ">")) or bool(_ENDS.search(end[-_LONGEST_WROTE:]))


def _says_wrote(text: str) -> bool:
    """Look for the words first: that is far quicker than the pattern, and most texts have none."""
    folded = _caseless(text)
    return any(word in folded for word in _ALL_WROTE) and bool(WROTE.search(text))


def _caseless(text: str) -> str:
    """Fold a text as patterns do that ignore case: to them, ı is an i."""
    return text.casefold().replace("ı", "i")


def _quote_follows(lines: Sequence[Line], at: int) -> bool:
    for line in lines[at : at + 6]:
        if line.depth:
            return not _CLOSES_ONLY.fullmatch(line.text)
        if not line.is_blank:
            return False
    return False


def _announces(text: str, *, quoted: bool) -> str | None:
    """Decide whether ``text`` announces a quote: the author's words before it, or None."""
    shared = None if _OPENS.match(text) else _shared(text)
    own = text[: shared.start()].rstrip(" -") if shared else ""
    body = text[shared.end() :] if own and shared else text
    wrote, addressed = _says_wrote(body), bool(ADDRESS.search(body))
    if not wrote and not addressed:  # most lines end here, before the dearer questions
        return None
    end = body.rstrip().rstrip(" -")
    closed = end.endswith((":", "：")) or _caseless(end[-_LONGEST_WROTE:]).endswith(_ALL_WROTE)
    if wrote and addressed and closed:
        return own
    if not closed and not quoted:
        return None
    dated, timed = bool(DATE.search(body)), bool(TIME.search(body))
    if wrote and dated and closed and (quoted or timed) and not (_TOLD.search(body) and not quoted):
        return own
    if dated and addressed and ((timed and closed) or quoted):
        return own
    return own if wrote and quoted and (closed or (dated and timed)) else None
