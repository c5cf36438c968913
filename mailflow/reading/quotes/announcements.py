"""What announcements of quotes have in common: what they become, and the words they are made of."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from mailflow.reading.quotes.languages import LANGUAGES

__all__ = [
    "ADDRESS",
    "DATE",
    "MAX_ANNOUNCEMENT",
    "NOTES_DATE",
    "TIME",
    "WROTE",
    "WROTE_WORDS",
    "Start",
    "StartKind",
    "alternatives",
    "words",
]

MAX_ANNOUNCEMENT = 400
"""Letters; what is longer announces nothing."""


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


def words(field: str) -> frozenset[str]:
    """Give what every language says in this field of its table."""
    return frozenset(word for language in LANGUAGES for word in getattr(language, field))


def alternatives(these: Iterable[str]) -> str:
    """Give words as the alternatives of a pattern, longer ones first."""
    return "|".join(re.escape(word) for word in sorted(these, key=len, reverse=True))


ADDRESS = re.compile(r"[^\s<>()\[\],;:\"]{1,100}@[^\s<>()\[\],;:\"]{1,200}")
DATE = re.compile(
    r"(?:19|20)\d\d|\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{2}"
    r"|\d{1,2}[-. ]{1,2}\w{3,10}[-. ]{1,2}\d{2}|\w{3,9}-\d{1,2}-\d{2}|\d{1,2}월"
)
TIME = re.compile(
    r"\d{1,2}:\d{2}|(?<![\d.])\d{1,2}[.h]\d{2}(?![.\d])|\d{1,2}\s?(?:[ap]\.?m\b"
    r"|uhr)",
    re.IGNORECASE,
)
# Lotus Notes: "Karl Meier---23.11.2026 10:11:12---Hallo Berta, ..." above a quoted mail's head,
# or the name, the date and the names of the header, each on a line of its own.
NOTES_DATE = r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\s{1,3}\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?m\.?)?"
WROTE_WORDS = alternatives(words("wrote"))
WROTE = re.compile(rf"(?<!\w)(?:{WROTE_WORDS})(?!\w)", re.IGNORECASE)
