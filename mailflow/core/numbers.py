"""What somebody wrote as a ticket's number, also where a hand has slipped."""

import re

from mailflow.core.tracking import find_references

__all__ = ["begins_with_number", "numbers_in"]

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_PART = 4
_GLUED = 7
"""Without any sign between them, prefix and number are one word, as "Kammer" is."""

_BARE = re.compile(r"([A-Z0-9]{4})[-._ ]?([A-Z0-9]{4})(?!\w)", re.IGNORECASE)
_ANOTHER_PREFIX = re.compile(r"[A-Z]{1,6}[-._]\s?", re.IGNORECASE)


def numbers_in(text: str, prefix: str) -> tuple[str, ...]:
    """Give each number in a text in the form of a reference, in order, each once.

    A blank for a hyphen, a letter too few or one that no number has make it no less a number.
    """
    text = text.translate(_DASHES)
    like = re.compile(
        rf"(?<![A-Z0-9])(?P<prefix>{re.escape(prefix)})(?P<sign>[-\s._/:#]{{0,3}})"
        r"(?P<first>[A-Z0-9]{3,5})(?:(?P<gap>[-\s._/]{0,3})(?P<second>[A-Z0-9]{1,5}))?(?!\w)",
        re.IGNORECASE,
    )
    found = [_written(each) for each in like.finditer(text) if _is_meant(each, prefix)]
    return tuple(dict.fromkeys([*found, *find_references(text, prefix)]))


def begins_with_number(line: str) -> bool:
    """Whether a line begins with a number that lacks its prefix, or has another one."""
    line = line.translate(_DASHES)
    at = _ANOTHER_PREFIX.match(line)
    starts = (0, at.end()) if at else (0,)
    bare = (_BARE.match(line, start) for start in starts)
    return any(each and any(map(_is_mixed, each.groups())) for each in bare)


def _written(match: re.Match[str]) -> str:
    body = f"{match['first']}{match['second'] or ''}".upper()
    return f"{match['prefix'].upper()}-{body[:_PART]}-{body[_PART:]}"


def _is_mixed(word: str) -> bool:
    return any(map(str.isdigit, word)) and any(map(str.isalpha, word))


def _is_meant(match: re.Match[str], prefix: str) -> bool:
    """Tell a number from words behind a prefix that is one: "kam vor 2019", "KAM-Team"."""
    first, second = match["first"], match["second"] or ""
    body, apart = first + second, bool(match["gap"])
    if not match["sign"]:
        return len(body) >= _GLUED and _is_mixed(first)
    if not re.search(r"\s", match[0]):
        return apart or _is_mixed(body)
    if match["prefix"] == prefix and body == body.upper():  # as we print it
        return _is_mixed(body) or (apart and len(first) == _PART and not body.isdigit())
    return apart and len(first) == _PART and _is_mixed(first)
