"""A letter's parts that say nothing: greeting, closing, what stands under it, what is quoted."""

import re

__all__ = ["below_closing", "closes", "closes_with_name", "content", "greets"]

_MAX_READ = 12_000
_MAX_LINE = 120

_HELLO = (
    r"(?:sehr geehrte|guten (?:tag|morgen|abend)|hallo|liebe|moin|servus|hi\b|hello|dear|werte"
    r"|good (?:morning|afternoon)|tach|mahlzeit|goedendag|merhaba|bonjour)[^.?!:;,]{0,80}"
)
_GREETING = re.compile(rf"{_HELLO}(?:,\s?{_HELLO}){{0,2}}[,.!]?", re.IGNORECASE)
_KIND = (
    r"(?:vielen?|den|sehr|ganz|besten?|lieben?|schönen?|herzliche[nm]?|freundliche[nm]?"
    r"|kollegialen?|sonnigen?|und)"
)
_GREETS = r"gr(?:u|ü|ue)(?:ß|ss)"
_ON_BEHALF = r"(?:i\.\s?[av]\.|gez\.|im auftrag\b|in vertretung\b)"
# A name may follow, no more: "Im Auftrag des Nachbarn klagt ..." is no closing.
_CLOSING = re.compile(
    rf"(?:(?:(?:mit )?(?:{_KIND}[ \t]+){{1,5}}{_GREETS}(?:e?n?|\w{{0,3}})|{_GREETS}e?"
    r"|mfg|vg|lg|hochachtungsvoll|glück auf|cheers|best(?=,)"
    r"|(?:(?:with )?(?:kind|best|warm|many) )?(?:regards|wishes)"
    r"|yours (?:sincerely|faithfully|truly)|sincerely)\b"
    r"(?:[ \t]+(?:aus|vom|from)[ \t][^.!?,;:]{1,40})?"
    rf"[,.!]?(?:\s?{_ON_BEHALF})?|{_ON_BEHALF})"
    r"(?P<name>(?:\s(?-i:[A-ZÄÖÜ])[^\s.,]{0,20}\.?){0,3})[ \t]*[,.!]?",
    re.IGNORECASE,
)
_SHORT_CLOSING = 4


def greets(line: str) -> bool:
    """Tell whether a line only greets."""
    return bool(_GREETING.fullmatch(line.strip()[:_MAX_LINE]))


def closes(line: str) -> bool:
    """Tell whether a line is a letter's closing."""
    return bool(_CLOSING.fullmatch(line.strip()[:_MAX_LINE]))


def closes_with_name(line: str) -> bool:
    """Tell whether a line is a closing that names its author: "VG P. Maier", but "VG Berlin"."""
    found = _CLOSING.fullmatch(line.strip()[:_MAX_LINE])
    return bool(found and found["name"])


def content(text: str) -> str:
    """Give the lines of a text between greeting and closing, without quoted and blank ones.

    Only the first 12,000 characters are looked at.
    """
    return "\n".join(_parts(text)[0])


def below_closing(text: str) -> list[str]:
    """Give the lines below a text's closing, names and all, without quoted and blank ones."""
    return _parts(text)[1]


def _parts(text: str) -> tuple[list[str], list[str]]:
    kept: list[str] = []
    lines = [line.strip() for line in text[:_MAX_READ].split("\n")]
    lines = [line for line in lines if line and not line.startswith(">")]
    for index, line in enumerate(lines):
        if closes(line) and (kept or len(line.split()) <= _SHORT_CLOSING):
            return kept, lines[index + 1 :]
        if not greets(line):
            kept.append(line)
    return kept, []
