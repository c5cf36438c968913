"""Our own mail come back as somebody's: an address that forwards everything to where it came from.

It says nothing, so nothing may follow from it: a letter made of it would ask the offices again,
and their answer would come back the same way.
"""

import re

from mailflow.core.visible import folded

__all__ = ["echoes", "marker_in", "may_echo"]

_MARKER = re.compile(
    r"^[>|* \t]{0,20}#{2,6} ?"
    r"(?:Bitte oberhalb dieser Zeile antworten|Please reply above this line)",
    re.IGNORECASE | re.MULTILINE,
)
_FRAME = re.compile(
    r"[>|* \t]{0,20}(?:[-_]{2,}[^\n]{0,80}|begin forwarded message:?"
    r"|(?:von|from|gesendet|sent|datum|date|an|to|cc|betreff|subject|antwort an|reply-to)"
    r"[* \t]{0,3}:[^\n]{0,500})?[ \t]*",
    re.IGNORECASE,
)
_LOOKED_AT = 20_000


def marker_in(text: str) -> int:
    """Give where the first marker of a mail of ours stands in a text, -1 where there is none."""
    found = _MARKER.search(text)
    return found.start() if found else -1


def may_echo(text: str) -> bool:
    """Tell whether a text begins with a mail of ours, above which nobody wrote anything."""
    found = _MARKER.search(text[:_LOOKED_AT])
    if found is None:
        return False
    return all(_FRAME.fullmatch(line) for line in text[: found.start()].split("\n"))


def echoes(text: str, ours: tuple[str, ...]) -> bool:
    """Tell whether a text holds nothing but one of these mails of ours, or its beginning."""
    if not may_echo(text):
        return False
    words = folded(text[marker_in(text) :])
    return any(words in folded(each) for each in ours)
