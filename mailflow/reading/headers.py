"""A header block as mail programs really write it: fields, encoded words, parameters, dates.

Every function takes whatever the world sends and gives its best reading; none raises, each is
linear in its input.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from mailflow.reading.charsets import clean, decode

__all__ = [
    "Headers",
    "date",
    "decoded",
    "message_ids",
    "parse",
    "unfolded",
]

_FIELD = re.compile(rb"([!-9;-~]{1,200})([ \t]*):")
_RESULTS = "authentication-results"
_AUTHORS = ("from", "sender")
_FOLDED = (b" ", b"\t", b"\r")
_LINE_END = re.compile(r"\r\n|\r|\n")
_FOLD_IN_WORD = re.compile(r"(?:\r\n|\r|\n)[ \t]*")
# a raw "?" inside an encoded word is wrong and common; three of them are borne
_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?([^?]*(?:\?(?!=)[^?]*){0,3})\?=")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]+")
_ID = re.compile(r"<([^<>\s]{1,990})>")
_BARE_ID = re.compile(r"[^\s<>,;]{1,990}@[^\s<>,;]{1,255}")
# No honest mail has more; a million would take a second to hold.
_FIELDS = 20_000
_ZONE = re.compile(r"[+-]\d{2}:?\d{2}\b|:\d{2}\s{0,3}(?:Z|[A-Z]{1,5})\b", re.IGNORECASE)
_YEARS = range(1970, 2200)


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of one header block in order: lower-case name and raw value (folded text)."""

    fields: tuple[tuple[str, str], ...] = ()

    def all(self, name: str) -> tuple[str, ...]:
        """Give the raw values of every field of this (lower-case) name, in order."""
        return tuple(value for key, value in self.fields if key == name)

    def get(self, name: str) -> str:
        """Give the raw value of the first such field that says something, or ""."""
        return next((value for key, value in self.fields if key == name and value.strip()), "")

    def joined(self, name: str) -> str:
        """Give the raw values of every such address field as one list."""
        return ", ".join(filter(None, self.all(name)))

    def text(self, name: str) -> str:
        """Give the first such field decoded, on one line."""
        return decoded(self.get(name))

    def __contains__(self, name: object) -> bool:
        return any(key == name for key, _ in self.fields)


def parse(block: bytes) -> Headers:
    """Read a header block (no blank line in it); lines that are no field are passed over.

    A bare carriage return is a blank: mail servers see no line end in it (RFC 5322 §2.2), and what
    follows it was none of their fields. With a blank before its colon, Authentication-Results is
    another field: who strips forged ones may not see it.
    """
    fields: list[tuple[str, list[bytes]]] = []
    for ended in block.split(b"\n"):
        line = ended.rstrip(b"\r")
        if line.startswith(_FOLDED):
            if fields:
                fields[-1][1].append(line)
            continue
        match = _FIELD.match(line)
        if match and len(fields) < _FIELDS:
            name = match.group(1).decode("ascii").lower()
            if name == _RESULTS and match.group(2):
                name = f"{name} "
            fields.append((name, [line[match.end() :]]))
    return Headers(tuple((name, _raw(name, lines)) for name, lines in fields))


def _raw(name: str, lines: list[bytes]) -> str:
    """Give a field's value as it is read: folded, but Authentication-Results to the letter.

    That one is for machines, in ASCII; a control that was taken out of it could make a word of
    our server's that no server has seen. Nor does a NUL less make another's address of an author's.
    """
    if name == _RESULTS:
        return b"".join(lines).decode("ascii", "replace").strip(" \t")
    value = b"\n".join(lines).replace(b"\r", b" ")
    text = decode(value)[0].strip()
    return text if name in _AUTHORS else text.replace("\0", "")


def unfolded(value: str) -> str:
    """Give a raw value on one line, controls removed."""
    return clean(_joined(value)).replace("\n", " ").strip()


def _joined(value: str) -> str:
    """Take the folds out of a value; by lines, since a pattern would crawl over long blanks."""
    first, *others = _LINE_END.split(value)
    pieces = [first]
    for line in others:
        if line.startswith((" ", "\t")):
            pieces[-1] = pieces[-1].rstrip(" \t")
        else:
            pieces.append("\n")
        pieces.append(line)
    return "".join(pieces)


def decoded(value: str) -> str:
    """Give a raw value with its encoded words read (RFC 2047), on one line, controls removed.

    Words broken across lines, characters split between two words, spaces and stray question
    marks inside words, unknown charsets: all read as what was meant.
    """
    if "=?" not in value:
        return unfolded(value)
    return unfolded(_joined("".join(_pieces(value))))


def _pieces(value: str) -> Iterator[str]:
    """Yield plain text and read words; neighbours of one charset are joined as bytes first."""
    position, waiting, charset = 0, b"", ""
    for match in _WORD.finditer(value):
        between = value[position : match.start()]
        label = match.group(1).partition("*")[0]
        if waiting and (between.strip() or label.lower() != charset.lower()):
            yield decode(waiting, charset)[0]
            waiting = b""
        if between.strip() or not position:
            yield between
        waiting, charset = waiting + _word_bytes(match), label
        position = match.end()
    if waiting:
        yield decode(waiting, charset)[0]
    yield value[position:]


def _word_bytes(match: re.Match[str]) -> bytes:
    content = _FOLD_IN_WORD.sub("", match.group(3))
    if match.group(2) in "bB":
        return base64_bytes(content)
    return binascii.a2b_qp(content.encode("utf-8", "replace"), header=True)


def base64_bytes(content: str) -> bytes:
    """Decode base64 of any shape: foreign characters and wrong padding do no harm."""
    letters = _NOT_BASE64.sub("", content)
    letters = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
    return binascii.a2b_base64(letters + "=" * (-len(letters) % 4))


def message_ids(value: str) -> tuple[str, ...]:
    """Give the ids of a Message-ID, In-Reply-To or References field, in angle brackets.

    Ids without brackets are taken when there is none with them. Programs that encode long ids as
    if they were text (Python's, from some 70 letters on) are understood too.
    """
    value = decoded(value) if "=?" in value else unfolded(value)
    found = [f"<{match}>" for match in _ID.findall(value)]
    if not found:
        found = [f"<{match}>" for match in _BARE_ID.findall(value)]
    return tuple(dict.fromkeys(found))


def date(value: str) -> tuple[datetime | None, str]:
    """Give the aware time of a Date field and what was wrong with it; no zone counts as UTC."""
    value = decoded(value)[:200]
    if not value:
        return None, "no date"
    try:
        found = parsedate_tz(value)
    except (ValueError, IndexError, TypeError, OverflowError, AttributeError):
        found = None
    if found is None or found[0] not in _YEARS:
        return _iso_date(value)
    try:
        offset = timedelta(seconds=found[9] or 0)
        zone = timezone(offset) if offset else UTC
        when = datetime(*found[:5], min(found[5], 59), tzinfo=zone)
    except (ValueError, OverflowError):
        return None, f"unreadable date {value[:60]!r}"
    return when, "" if _ZONE.search(value) else "date without a time zone"


def _iso_date(value: str) -> tuple[datetime | None, str]:
    try:
        when = datetime.fromisoformat(value.strip())
    except ValueError:
        return None, f"unreadable date {value[:60]!r}"
    return (when, "") if when.tzinfo else (when.replace(tzinfo=UTC), "date without a time zone")
