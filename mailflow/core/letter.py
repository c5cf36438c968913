"""A letter's parts that say nothing: greeting, closing, what stands under it, what is quoted."""

import re

__all__ = ["closes", "closes_with_name", "content", "greets"]

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
    kept: list[str] = []
    for line in text[:_MAX_READ].split("\n"):
        stripped = line.strip()
        if closes(stripped) and (kept or len(stripped.split()) <= _SHORT_CLOSING):
            break
        if stripped and not stripped.startswith(">") and not greets(stripped):
            kept.append(stripped)
    return "\n".join(kept)
