"""Which lines of a letter say what it is about: not the salutation, the closing or the signature.

"Mustermann Recycling GmbH" under a letter must not send it to the waste department, nor must
"Wir sind ein Entsorgungsbetrieb" in it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from mailflow.core.legal_forms import LEGAL_FORM_ANYHOW
from mailflow.core.letter import greeting_words

__all__ = ["Gist"]

_CLOSING = re.compile(
    r"(?:mit (?:sehr |vielen |den )?(?:besten |herzlich\w* |freundlich\w* |kolleg\w* |sonnig\w* "
    r"|verärgert\w* |höflich\w* |lieb\w* |schön\w* )*(?:und \w+ )?gr(?:u|ü|ue)(?:ß|ss)|mfg\b|vg\b"
    r"|lg\b|(?:\w{2,20} ){0,3}gr(?:u|ü|ue)(?:ß|ss)e?n?(?: aus .{1,40})?[,!.]?$|gruß|gruss\b"
    r"|hochachtungsvoll|(?:kind|best|warm|many|with) (?:best |kind |warm )?(?:regards|wishes)"
    r"|regards\b|sincerely|yours "
    r"|cheers[,!]?$|met vriendelijke|vriendelijke groet|hartelijke groet|groeten?[,!]?$"
    r"|sayg[ıi]lar|iyi çal[ıi]şmalar|此致|--\s?$|von meinem \w+ gesendet|sent from my)",
    re.IGNORECASE,
)
# The words before the first comma, whatever follows them: what a company wants often stands in the
# same line. Of the languages that offices have terms in, for other words may mean something there.
_SALUTATION = re.compile(greeting_words("de", "en", "nl", "tr", "zh"), re.IGNORECASE)
_SELF = re.compile(
    r"\b(?:wir sind|ich bin|we are|i am|wij zijn) (?:eine?|an?|een) "
    r"(?:(?!(?:und|and|en|mit|with|die|der|das|who|that|suchen|aus|from|uit)\b)"
    r"[^\s,.;:!?]{1,40} ?){1,6}",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(r"p\.? ?s\.?:?\s", re.IGNORECASE)
_LONGEST_GREETING = 100  # characters
_LONGEST_NAME = 90
_MOST_NAME_WORDS = 8
_LAST_LINES = 3


@dataclass(frozen=True, slots=True)
class Gist:
    """What the author says, that without who he says he is, and the signature under it."""

    body: str
    matter: str
    signature: str

    @classmethod
    def of(cls, text: str) -> "Gist":
        """Split a plain-text letter; quoted lines and the salutation are left out of both."""
        return _gist(text)

    @classmethod
    def made_of(cls, text: str) -> "Gist":
        """Split a letter as ``of`` does, whose cache calls this."""
        lines = [line.strip() for line in text.splitlines()]
        lines = [line for line in lines if not line.startswith(">")]
        end = _closing_line(lines)
        said, tail = lines[:end], lines[end:]
        postscript = next((i for i, line in enumerate(tail) if _POSTSCRIPT.match(line)), len(tail))
        kept, name = _without_name(_without_salutation(said))
        signature = [*name, *tail[:postscript]]
        body = "\n".join(kept + tail[postscript:]).strip()
        return cls(body, _SELF.sub(" ", body), "\n".join(signature).strip())


@lru_cache(maxsize=4)
def _gist(text: str) -> Gist:
    """Split a letter once for all who ask about it: routing, and each office's part."""
    return Gist.made_of(text)


def _closing_line(lines: list[str]) -> int:
    """Give the first closing line that has something said above it."""
    said = False
    for index, line in enumerate(lines):
        if said and len(line) <= _LONGEST_GREETING and _CLOSING.match(line):
            return index
        said = said or bool(line and not _SALUTATION.match(line))
    return len(lines)


def _without_salutation(lines: list[str]) -> list[str]:
    first = next((i for i, line in enumerate(lines) if line), len(lines))
    if first == len(lines) or not _SALUTATION.match(lines[first]):
        return lines
    greeting = lines[first]
    if len(greeting) <= _LONGEST_GREETING and "?" not in greeting:
        head, comma, rest = greeting.partition(",")
        kept = rest if comma and _SALUTATION.match(head) else ""
        return [kept.strip(), *lines[first + 1 :]]
    return lines


def _without_name(lines: list[str]) -> tuple[list[str], list[str]]:
    """Take up to three last lines off that only name the author or the company."""
    kept, taken = list(lines), list[str]()
    while kept and len(taken) < _LAST_LINES:
        while kept and not kept[-1]:
            kept.pop()
        if not kept or not _is_name(kept) or not any(kept[:-1]):
            break
        taken.insert(0, kept.pop())
    return kept, taken


def _is_name(lines: list[str]) -> bool:
    line = lines[-1]
    if (
        len(line) > _LONGEST_NAME
        or len(line.split()) > _MOST_NAME_WORDS
        or line[:1] in "-*•–0123456789"
    ):
        return False
    if line[-1] in "?!:;" or (line.endswith(".") and not LEGAL_FORM_ANYHOW.search(line)):
        return False
    alone = len(lines) > 1 and not lines[-2]
    return bool(LEGAL_FORM_ANYHOW.search(line)) or alone
