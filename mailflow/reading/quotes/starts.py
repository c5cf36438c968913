"""Where a quote begins: our marker, separators, "On ... wrote:", header blocks.

Every function takes lines and a position and looks at a bounded number of lines around it, so that
one pass over a mail is linear in its length.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mailflow.reading.quotes.languages import LANGUAGES
from mailflow.reading.quotes.lines import Line, Sentinel

__all__ = ["Start", "StartKind", "find_start", "header_block", "is_marker", "is_rule"]


class StartKind(StrEnum):
    """What announces a quote."""

    MARKER = "marker"
    STRUCTURE = "structure"
    SEPARATOR = "separator"
    HEADERS = "headers"
    ATTRIBUTION = "attribution"
    FORWARD = "forward"


@dataclass(frozen=True, slots=True)
class Start:
    """An announcement of a quote over the lines ``first`` to ``end`` (exclusive).

    ``own`` is what the author wrote on the first of these lines, before the announcement;
    ``flat`` says that the quote is not set off by ``>`` and therefore reaches to the end;
    ``subject`` is the quoted mail's subject where it is named.
    """

    kind: StartKind
    first: int
    end: int
    own: str = ""
    flat: bool = True
    subject: str | None = None


def _words(field: str) -> frozenset[str]:
    return frozenset(word for language in LANGUAGES for word in getattr(language, field))


def _pattern(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _names(*fields: str) -> dict[str, str]:
    """Map each header name of every language to what it says (the field's name)."""
    return {
        name: field
        for field in fields
        for language in LANGUAGES
        for name in getattr(language, field)
    }


_HEADER_NAMES = _names("recipient", "date", "subject", "sender", "sent")
_ORIGINAL = _words("original")
_FORWARDED = _words("forwarded")

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
# Lotus Notes: "Karl Meier---23.11.2026 10:11:12---Hallo Berta, ..." above a quoted mail's head,
# or the name, the date and the names of the header, each on a line of its own.
_NOTES_DATE = r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\s{1,3}\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?m\.?)?"
_NOTES_PREVIEW = re.compile(rf".{{2,150}}?-{{3}}{_NOTES_DATE}-{{3}}", re.IGNORECASE)
_NOTES_SENT = re.compile(_NOTES_DATE, re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"]{1,100}@[^\s<>()\[\],;:\"]{1,200}")
_DATE = re.compile(
    r"(?:19|20)\d\d|\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{2}"
    r"|\d{1,2}[-. ]{1,2}\w{3,10}[-. ]{1,2}\d{2}|\w{3,9}-\d{1,2}-\d{2}|\d{1,2}월"
)
_TIME = re.compile(
    r"\d{1,2}:\d{2}|(?<![\d.])\d{1,2}[.h]\d{2}(?![.\d])|\d{1,2}\s?(?:[ap]\.?m\b"
    r"|uhr)",
    re.IGNORECASE,
)
_WROTE_WORDS = _pattern(_words("wrote"))
_WROTE = re.compile(rf"(?<!\w)(?:{_WROTE_WORDS})(?!\w)", re.IGNORECASE)
_ALL_WROTE = tuple(sorted(word.casefold().replace("ı", "i") for word in _words("wrote")))
_LONGEST_OWN = 300
_LONGEST_WROTE = 60  # letters; the end of a text is all that can hold its last words
_ENDS = re.compile(rf"(?:[:：]|\b(?:{_WROTE_WORDS})|>|\bwrote-{{2,}})\s*$", re.IGNORECASE)
_DAYS = _pattern(_words("weekdays"))
_ON = _pattern(_words("on"))
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
    rf"(?:{_ON})\s[^\n]{{8,200}}<[^<>\s@]{{1,100}}@[^<>\s@]{{1,200}}>\s?(?:{_WROTE_WORDS})\s?:\s{{2,9}}\S",
    re.IGNORECASE,
)
# A wrapped "<a@b.de\n> wrote:" is no quote.
_CLOSES_ONLY = re.compile(rf"(?:{_WROTE_WORDS})?\s?:", re.IGNORECASE)
_MAX_ANNOUNCEMENT = 400
_MAX_PARTS = 5


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
        if at + count >= len(lines) or len(joined) > _MAX_ANNOUNCEMENT:
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
        return _marked_attribution(lines, at)
    count = is_marker(lines, at)
    if count:
        return Start(StartKind.MARKER, at, at + count)
    found = _separator(lines, at) or header_block(lines, at) or _notes_head(lines, at)
    found = found or _running_on(lines, at) or _attribution(lines, at)
    return found or _inner_marker(line, at)


def _inner_marker(line: Line, at: int) -> Start | None:
    match = _MARKER_INSIDE.search(line.raw) if "##" in line.raw else None
    own = line.raw[: match.start()].strip(" |>*_\\\t") if match else ""
    return Start(StartKind.MARKER, at, at + 1, own) if match else None


def _separator(lines: Sequence[Line], at: int) -> Start | None:
    text = lines[at].text
    if text[0] == ">":
        match = _GROUPWISE.fullmatch(text)
        found = match and _DATE.search(match["inside"])
        return Start(StartKind.SEPARATOR, at, at + 1) if found else None
    if "---" in text and _NOTES_PREVIEW.match(text):
        return Start(StartKind.SEPARATOR, at, at + 1)
    match = _DASHED.fullmatch(lines[at].raw.strip())
    inside = (match["inside"] if match else text).strip(" :*").casefold()
    if inside in _FORWARDED or (inside.startswith(tuple(_FORWARDED)) and match):
        return Start(StartKind.FORWARD, at, at + 1)
    if match and inside in _ORIGINAL:
        return Start(StartKind.SEPARATOR, at, at + 1)
    if match and _WROTE.search(inside):  # ---- John Smith wrote ----
        return Start(StartKind.SEPARATOR, at, at + 1)
    if inside in _ORIGINAL and at + 1 < len(lines) and header_block(lines, at + 1):
        return Start(StartKind.SEPARATOR, at, at + 1)
    return None


# --- header blocks ---------------------------------------------------------------------------

_MAX_BLOCK = 16
_MAX_CONTINUATION = 3
_LONGEST_NAME = 100


_JOINED_NAMES = re.compile(
    r"\s(?=(?:"
    + "|".join(re.escape(name.title()) for name in _HEADER_NAMES if len(name) > 1)
    + r")\s?:)"
)


def _fields(line: Line) -> list[tuple[str, str]]:
    """Read ``Von: ...`` as what it names and its value; [] for any other line.

    HTML without line breaks leaves several of them on one line.
    """
    first = _field(line.text)
    if first is None:
        return []
    parts = _JOINED_NAMES.split(line.text)
    fields = [_field(part) for part in parts] if len(parts) > 1 else [first]
    return [field for field in fields if field]


def _field(text: str) -> tuple[str, str] | None:
    name, colon, value = text.replace("：", ":", 1).partition(":")
    if not colon or len(name) > 40:  # noqa: PLR2004 -- no header name is longer
        return None
    kind = _HEADER_NAMES.get(name.strip(" *\t").casefold())
    return (kind, value.strip(" *\t")) if kind else None


def header_block(lines: Sequence[Line], at: int) -> Start | None:
    """Read a block of header lines as mail programs put above a quoted mail.

    Three names with sender and date, or fewer with values only a mail has; the date must be one.
    """
    fields = _fields(lines[at])
    if not fields:
        return None
    end = at + 1
    foreign = blank = 0
    for position in range(at + 1, min(at + _MAX_BLOCK, len(lines))):
        line = lines[position]
        found = _fields(line) if line.text and line.depth == lines[at].depth else []
        if found:
            fields.extend(found)
            end, foreign, blank = position + 1, 0, 0
        elif line.is_blank:
            blank += 1
        else:
            foreign += 1
        if blank > 1 or foreign > _MAX_CONTINUATION or (blank and foreign):
            break
    if not _is_mail_head(fields) or _begins_in_prose(fields):
        return None
    subject = next((value for kind, value in fields if kind == "subject"), None)
    return Start(StartKind.HEADERS, at, end, subject=subject)


def _notes_head(lines: Sequence[Line], at: int) -> Start | None:
    """Read the head Lotus Notes puts above a quoted mail: a name, its date, "An", "Thema"."""
    sent = at + 1 + (at + 1 < len(lines) and lines[at + 1].is_blank)
    if len(lines[at].text) > _LONGEST_NAME or sent >= len(lines):
        return None
    if not _NOTES_SENT.fullmatch(lines[sent].text):
        return None
    found: set[str] = set()
    for position in range(sent + 1, min(sent + _MAX_BLOCK, len(lines))):
        name, _, subject = lines[position].text.partition(":")
        kind = _HEADER_NAMES.get(name.strip().casefold(), "")
        found.add(kind)
        if kind == "subject" and "recipient" in found:
            alone = not subject.strip() and position + 1 < len(lines)
            subject = lines[position + 1].text if alone else subject
            return Start(StartKind.HEADERS, at, position + 1 + alone, subject=subject.strip())
    return None


def _begins_in_prose(fields: Sequence[tuple[str, str]]) -> bool:
    """Tell whether the first fields are the author's own ("Datum: ...") above a complete head."""
    for begin in range(1, len(fields) - 1):
        before, after = fields[:begin], fields[begin:]
        repeated = {_SAME.get(kind, kind) for kind, _ in before} <= {
            _SAME.get(kind, kind) for kind, _ in after
        }
        if repeated and _is_mail_head(after):
            return True
    return False


_SAME = {"sent": "date"}


def _is_mail_head(fields: Sequence[tuple[str, str]]) -> bool:
    values: dict[str, str] = {}
    for kind, value in fields:
        values.setdefault(kind, value)
    named = [value for kind, value in fields if kind in {"sent", "date"}]
    sent = next((value for value in named if _DATE.search(value)), "")
    dated = bool(_DATE.search(sent)) and bool(_TIME.search(sent))
    addressed = any(_ADDRESS.search(values.get(kind, "")) for kind in ("sender", "recipient"))
    if "sender" in values and len(values) >= 3:  # noqa: PLR2004 -- the least a program writes
        return (addressed and bool(_DATE.search(sent))) or (
            dated and ("sent" in values or "subject" in values)
        )
    return addressed and dated and len(values) >= 2  # noqa: PLR2004 -- sender or recipient, and date


# --- "On ... wrote:" -------------------------------------------------------------------------


def _attribution(lines: Sequence[Line], at: int) -> Start | None:
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


def _running_on(lines: Sequence[Line], at: int) -> Start | None:
    """Read an announcement with a date, an address and the first quoted words behind it."""
    match = _RUNS_ON.match(lines[at].text)
    dated = match and _DATE.search(match.group()) and _TIME.search(match.group())
    return Start(StartKind.ATTRIBUTION, at, at + 1) if dated else None


def _marked_attribution(lines: Sequence[Line], at: int) -> Start | None:
    """Take a mail program's word for it, whatever the language, where its quote follows."""
    for end in range(at + 1, min(at + _MAX_PARTS, len(lines)) + 1):
        if _quote_follows(lines, end):
            return Start(StartKind.ATTRIBUTION, at, end, flat=False)
    return _attribution(lines, at)


def _growing(lines: Sequence[Line], at: int) -> Iterator[list[int]]:
    """Yield the positions of one, two, ... lines that may be one wrapped announcement."""
    parts, size = [at], len(lines[at].text)
    while size <= _MAX_ANNOUNCEMENT:
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
        if _OPENS.match(tail) and _DATE.search(tail) and _announces(tail, quoted=quoted) == "":
            return bool(_DATE.search(head)) or not _ADDRESS.search(head)
    return False


def _bare_attribution(lines: Sequence[Line], at: int) -> Start | None:
    """Read "Max Muster schrieb:" where a quote follows, or "Max <a@b.de> schrieb:" anywhere."""
    text = lines[at].text
    if len(text) > _MAX_ANNOUNCEMENT or not _ends(text):
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
    return any(word in folded for word in _ALL_WROTE) and bool(_WROTE.search(text))


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
    wrote, addressed = _says_wrote(body), bool(_ADDRESS.search(body))
    if not wrote and not addressed:  # most lines end here, before the dearer questions
        return None
    end = body.rstrip().rstrip(" -")
    closed = end.endswith((":", "：")) or _caseless(end[-_LONGEST_WROTE:]).endswith(_ALL_WROTE)
    if wrote and addressed and closed:
        return own
    if not closed and not quoted:
        return None
    dated, timed = bool(_DATE.search(body)), bool(_TIME.search(body))
    if wrote and dated and closed and (quoted or timed) and not (_TOLD.search(body) and not quoted):
        return own
    if dated and addressed and ((timed and closed) or quoted):
        return own
    return own if wrote and quoted and (closed or (dated and timed)) else None
