"""An office's reply becomes a section of the combined answer: one voice, nothing internal.

What goes to the company is built from accepted reply text only. Here that text loses what it must
not carry: tokens, our own reply marker, addresses of the house; and what several offices would
each say again: salutation and closing. Everything else stays, word for word.
"""

import re
from collections.abc import Sequence
from typing import Final

from mailflow.core.house import House
from mailflow.core.letter import closes, closes_with_name, greeting_words
from mailflow.core.signatures import below_name, without_device_line
from mailflow.core.tracking import without_tokens

__all__ = [
    "clean",
    "is_closing",
    "of_one_paragraph",
    "section_text",
    "without_courtesies",
]

_MARKER: Final = re.compile(
    r"[> \t]*#{2,} ?(?:Bitte oberhalb dieser Zeile antworten|Please reply above this line)\b.*",
    re.IGNORECASE,
)
_LEFTOVER: Final = re.compile(
    r"[\s>\[\](){}<>·|:,;#*_-]*(?:[A-Z]{1,12}-\w{4}-\w{4})?[\s>\[\](){}<>·|:,;#*_-]*", re.ASCII
)
_LONGEST_LEFTOVER: Final = 100  # characters; the pattern is quadratic
_LEFTOVER_TAG: Final = re.compile(r" ?(?:\[[ \t]*\]|<[ \t]*>|\([ \t]*\))")

# Stricter than ``greets``, as what is taken for a salutation here is lost to the company: only
# words that can belong to a name may follow, so that no sentence is taken for one.
_NAMES: Final = (
    r"(?:[ \t]+(?:(?i:frau|herrn?|damen|und|and|herren|zusammen|miteinander|dr\.?|prof\.?|von|van"
    r"|der|den|de|mr\.?|mrs\.?|ms\.?|sir|madam|or|all|kolleginnen|kollegen)|[A-ZÄÖÜ][\w’'-]{0,40}\.?"
    r")){0,8}"
)
_SALUTATION: Final = re.compile(
    rf"(?i:{greeting_words('de', 'en')})" + _NAMES + r"[ \t]*(?P<end>[,!]|$)"
)
_SENTENCES: Final = re.compile(r"(?<=[.!?])\s+")
_LONGEST_CLOSING: Final = 120  # characters
_PERHAPS_COURT: Final = re.compile(r"\s*[VL]G\s")


def section_text(text: str, house: House) -> str:
    """Give what an office wrote, fit for the company: see the module's words.

    ``text`` is the reply's new text (no quoted history). Returns "" when nothing but courtesies was
    written.
    """
    return without_courtesies(clean(text, house))


def clean(text: str, house: House) -> str:
    """Give a text without tokens, our marker and addresses of the house; the rest as it stands.

    Such an address becomes the central one, so that the sentence it stands in still helps.
    """
    kept = []
    for line in text.replace("\r\n", "\n").split("\n"):
        cleaned = _clean_line(line, house)
        if cleaned == line.rstrip() or not _is_leftover(cleaned):
            kept.append(cleaned)
    return _joined(kept)


def _is_leftover(line: str) -> bool:
    return len(line) <= _LONGEST_LEFTOVER and bool(_LEFTOVER.fullmatch(line))


def _clean_line(line: str, house: House) -> str:
    line = line.rstrip()
    if _MARKER.fullmatch(line):
        return ""
    line = house.without_internal(line)
    without = without_tokens(line, "")
    return line if without == line else _LEFTOVER_TAG.sub("", without).rstrip()


def without_courtesies(text: str) -> str:
    """Give a text without its salutation, and without its closing and the name under it.

    What stands below a name, such as a postscript, is kept.
    """
    lines = _joined(without_device_line(text.split("\n"))).split("\n")
    rest = _without_salutation(lines)
    if rest and rest != lines:  # a German letter goes on in lower case after the salutation
        rest[0] = rest[0][:1].upper() + rest[0][1:]
    return _joined(_without_closing(rest))


def _without_salutation(lines: Sequence[str]) -> list[str]:
    rest = list(lines)
    while rest:
        match = _SALUTATION.match(rest[0].strip())
        if match is None:
            break
        said = rest[0].strip()[match.end() :].strip()
        if said:
            rest[0] = said
            continue
        rest = rest[1:]
        while rest and not rest[0].strip():
            rest = rest[1:]
    return rest


def of_one_paragraph(text: str) -> str:
    """Give a text written in one line without its salutation and without its closing."""
    text = without_courtesies(text)
    for end in _SENTENCES.finditer(text, max(0, len(text) - _LONGEST_CLOSING)):
        if closes(text[end.end() :]):
            return text[: end.start()].rstrip()
    return text


def _without_closing(lines: list[str]) -> list[str]:
    for index in range(len(lines) - 1, -1, -1):
        if is_closing(lines, index):
            begin = index
            while begin and (not lines[begin - 1].strip() or is_closing(lines, begin - 1)):
                begin -= 1
            return lines[:begin] + below_name(lines[index + 1 :])
    return lines


def is_closing(lines: Sequence[str], index: int) -> bool:
    """Tell whether a line closes; with a name in it only below a sentence's end or a blank.

    What may be a court ("VG Düsseldorf") stands below a sentence's end also across a blank line.
    """
    line = lines[index]
    if not closes(line):
        return False
    above = lines[index - 1].strip() if index else ""
    if not above and _PERHAPS_COURT.match(line):
        above = next((each.strip() for each in reversed(lines[:index]) if each.strip()), "")
    return not above or above[-1] in ".!?" or not closes_with_name(line) or closes(above)


def _joined(lines: Sequence[str]) -> str:
    """Join lines; no blank ones at either end, never two in a row."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip("\n")
