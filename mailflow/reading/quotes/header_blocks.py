"""The header lines that mail programs put above a quoted mail."""

import re
from collections.abc import Sequence

from mailflow.reading.quotes.announcements import ADDRESS, DATE, NOTES_DATE, TIME, Start, StartKind
from mailflow.reading.quotes.languages import LANGUAGES
from mailflow.reading.quotes.lines import Line

__all__ = ["header_block", "notes_head"]


def _names(*fields: str) -> dict[str, str]:
    """Map each header name of every language to what it says (the field's name)."""
    return {
        name: field
        for field in fields
        for language in LANGUAGES
        for name in getattr(language, field)
    }


_HEADER_NAMES = _names("recipient", "date", "subject", "sender", "sent")
_NOTES_SENT = re.compile(NOTES_DATE, re.IGNORECASE)
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


def notes_head(lines: Sequence[Line], at: int) -> Start | None:
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
    sent = next((value for value in named if DATE.search(value)), "")
    dated = bool(DATE.search(sent)) and bool(TIME.search(sent))
    addressed = any(ADDRESS.search(values.get(kind, "")) for kind in ("sender", "recipient"))
    if "sender" in values and len(values) >= 3:  # noqa: PLR2004 -- the least a program writes
        return (addressed and bool(DATE.search(sent))) or (
            dated and ("sent" in values or "subject" in values)
        )
    return addressed and dated and len(values) >= 2  # noqa: PLR2004 -- sender or recipient, and date
