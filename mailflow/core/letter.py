"""A letter's parts that say nothing: greeting, closing, what stands under it, what is quoted."""

import re

__all__ = ["closes", "content", "greets"]

_MAX_READ = 12_000
_MAX_LINE = 120

_HELLO = (
    r"(?:sehr geehrte|guten (?:tag|morgen|abend)|hallo|liebe|moin|servus|hi\b|hello|dear|werte"
    r"|good (?:morning|afternoon)|tach|mahlzeit|goedendag|merhaba|bonjour)[^.?!:;,]{0,80}"
)
_GREETING = re.compile(rf"{_HELLO}(?:,\s?{_HELLO}){{0,2}}[,.!]?", re.IGNORECASE)
# A name may follow, no more: "Im Auftrag des Nachbarn klagt ..." is no closing.
_CLOSING = re.compile(
    r"(?:(?:mit (?:freundlich|best|herzlich|kollegial|viel)\w{0,4} gr(?:u|ü|ue)(?:ß|ss)\w{0,3}"
    r"|(?:freundliche|viele|beste|herzliche|schöne|liebe)[nr]? gr(?:u|ü|ue)(?:ß|ss)\w{0,2}"
    r"|gr(?:u|ü|ue)(?:ß|ss)e?|mfg|vg|lg|hochachtungsvoll|im auftrag|in vertretung"
    r"|(?:(?:kind|best|warm) )?regards|yours (?:sincerely|faithfully)|sincerely)\b|i\.\s?[av]\.)"
    r"[,.!]?(?:\s(?-i:[A-ZÄÖÜ])[^\s.,]{0,20}\.?){0,3}",
    re.IGNORECASE,
)
_SHORT_CLOSING = 4


def greets(line: str) -> bool:
    """Tell whether a line only greets."""
    return bool(_GREETING.fullmatch(line.strip()[:_MAX_LINE]))


def closes(line: str) -> bool:
    """Tell whether a line is a letter's closing."""
    return bool(_CLOSING.fullmatch(line.strip()[:_MAX_LINE]))


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
