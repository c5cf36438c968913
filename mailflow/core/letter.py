"""A letter's parts that say nothing: greeting, closing, what stands under it, what is quoted."""

import re

__all__ = ["closes", "content", "greets"]

_MAX_READ = 12_000
_MAX_LINE = 120

_GREETING = re.compile(
    r"(?:sehr geehrte|guten (?:tag|morgen|abend)|hallo|liebe|moin|servus|hi\b|hello|dear"
    r"|good (?:morning|afternoon)"
    r"|werte|tach|mahlzeit|goedendag|merhaba|bonjour)[^.?:;]{0,80}[,.!]?",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:mit (?:freundlich|best|herzlich|kollegial)\w{0,4} gr(?:u|ü|ue)(?:ß|ss)\w{0,3}"
    r"|(?:freundliche|viele|beste|herzliche|schöne|liebe)[nr]?"
    r" gr(?:u|ü)(?:ß|ss)\w{0,2}|gr(?:u|ü)(?:ß|ss)e?|mfg|vg|lg|hochachtungsvoll|im auftrag"
    r"|i\.\s?a\.|i\.\s?v\."
    r"|(?:kind|best|warm)\s?regards|regards|yours (?:sincerely|faithfully)|sincerely|thanks"
    r"|cheers)\b(?:[,.!]|\s.{0,60})?",
    re.IGNORECASE,
)


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
        if kept and closes(line):
            break
        if stripped and not stripped.startswith(">") and not greets(stripped):
            kept.append(stripped)
    return "\n".join(kept)
