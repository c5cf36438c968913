"""What an office writes for the city only, apart from what may go on to the company."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain

from mailflow.core.cells import Cell, cells, tells
from mailflow.core.desk_words import TO_DESK
from mailflow.core.letter import closes, greets
from mailflow.core.remark_words import (
    FOR_COMPANY,
    HEADING,
    INTERNAL,
    PERHAPS_FOR_COMPANY,
    PLAIN,
    SUSPECT,
)
from mailflow.core.sentences import sentences
from mailflow.core.told_to_desk import told_to_desk

__all__ = ["apart", "internal_words", "perhaps_internal", "sounds_internal"]

_LONGEST_LINE = 2_000
_LONGEST_WRAPPED = 200

_POINTS_UP = re.compile(
    r"\b(?:vorstehend|obig|oben (?:stehend|genannt)|vorherig|das obere|der absatz davor"
    r"|gesamte mail|ganze mail|diese mail|diese e-mail|diese nachricht"
    r"|dieses schreiben|above|this (?:mail|e-?mail|message)|whole (?:mail|message))",
    re.IGNORECASE,
)
_LETTER = re.compile(r"\w")
_WORD = re.compile(r"[^\W\d_]{2,}")
_LABEL = re.compile(r"\W{0,20}\w+(?:[^\w.!?,;]{1,4}\w+){0,4}[^\w.!?,;]{0,20}")
_SPACED_OUT = re.compile(r"(?<!\w)(?:\w[ ._·-]){3,}\w(?!\w)")
_GAP = re.compile(r"[ ._·-]")
_EMPHASIS = re.compile(r"(?<!\w)[*_]{1,3}(?=\w)|(?<=\w)[*_]{1,3}(?!\w)")
_HEADS = re.compile(r"[:–—]|\s-\s|^\W{0,20}\w{1,20}(?:\s\w{1,20}){0,4}\W{0,20}$")

# Not "Nur für Frau Muster:": what is for one alone may be for a colleague of that name.
_ADDRESSED = re.compile(
    r"\s{0,20}(?:(?:hinweis|nachricht|info) )?(?:an|für) (?:frau|herrn) "
    r"(?P<name>[^.!?:]{0,10}\.?[^.!?:]{1,40}):",
    re.IGNORECASE,
)
_TITLES = frozenset({"dr.", "prof.", "dr", "prof"})


def apart(lines: list[str]) -> tuple[list[str], list[str]]:
    """Part the lines that may go on from the internal ones.

    An internal part begins with the remark, or with the paragraph that holds it, and reaches to
    the closing: when in doubt more is internal. Where the remark points at what stands above it,
    all of it is.
    """
    own: list[str] = []
    internal: list[str] = []
    at = 0
    while (marked := _next_remark(lines, at)) is not None:
        begin = 0 if _POINTS_UP.search(lines[marked]) else _remark_begin(lines, marked, at)
        if begin < at:  # the remark speaks of all above it, what was parted before included
            own, internal, at = [], [], 0
        own += lines[at:begin]
        end = next((n for n in range(marked + 1, len(lines)) if closes(lines[n])), len(lines))
        internal += lines[begin:end]
        at = end
    return [*own, *lines[at:]], internal


def internal_words(text: str) -> str:
    """Quote the first words by which an author keeps a text in the house, ``""`` for none."""
    lines = text.split("\n")
    marked = _next_remark(lines, 0)
    found = None if marked is None else _says(lines, marked)
    return found[0].strip() if found else ""


def sounds_internal(text: str, contact: str = "") -> str:
    """Quote the first words that may be meant for the city only, ``""`` where there are none."""
    return next(perhaps_internal(text, contact), "")


def perhaps_internal(text: str, contact: str = "") -> Iterator[str]:
    """Quote all words that may be meant for the city only, some of them more than once.

    What is headed with the name of the company's contact is for the company.
    """
    lines = [_unaddressed(line, contact) for line in text.split("\n")]
    own = [line if _is_own(line) else "" for line in lines]
    told = map(told_to_desk, sentences("\n".join(filter(None, map(_plain, own)))))
    in_words = chain(_in_lines(lines, contact), filter(None, told))
    in_tables = (each.words for each in cells(own) if _heads_internal(each, contact))
    return chain((found[0].strip() for found in in_words), in_tables)


def _in_lines(lines: Sequence[str], contact: str) -> Iterator[re.Match[str]]:
    """Find what each line may say of itself, and each sentence behind its first."""
    for at in filter(lambda at: _is_own(lines[at]), range(len(lines))):
        yield from filter(None, map(_suspect, _read_as(lines, at)))
        for words in _sentences_within(lines[at], contact):
            if found := _suspect(words) or _internal(words):
                yield found


def _sentences_within(line: str, contact: str) -> Iterator[str]:
    """Give the sentences behind a line's first: a remark's heading may stand before each."""
    said = sentences(_EMPHASIS.sub("", _plain(line)))
    return (_unaddressed(each, contact) for each in said[1:])


def _heads_internal(cell: Cell, contact: str) -> bool:
    """Tell whether a table's cell is a heading of something internal, and not a word of its own.

    "Intern" is one wherever anything may be headed by it; what may as well be a plain word is one
    only where whole words follow: "nicht öffentlich" is said of meetings and of parking spaces.
    """
    words = _EMPHASIS.sub("", _plain(_unaddressed(cell.words, contact)))
    if _is_heading(words):
        return cell.is_above or cell.tells_beside or (cell.is_first and cell.is_beside)
    found = _internal(f"{words}:" if _LABEL.fullmatch(words) else words) or _suspect(words)
    heads = cell.tells_below or (cell.is_first and cell.tells_beside)
    return found is not None and (heads or tells(found.string[found.end() :]))


def _is_heading(words: str) -> bool:
    """Tell whether all that a cell says is that something is internal."""
    if HEADING.search(words):
        return True
    found = None if PLAIN.search(words) else _internal(words) or _suspect(words)
    return found is not None and not _WORD.search(found.string[found.end() :])


def _suspect(words: str) -> re.Match[str] | None:
    found = SUSPECT.search(words) and SUSPECT.search(FOR_COMPANY.sub("", words))
    return found or TO_DESK.search(words)


def _unaddressed(line: str, contact: str) -> str:
    """Give a line without "Für Frau Muster:" at its beginning, where that is the contact."""
    found = _ADDRESSED.match(line)
    if not found:
        return line
    named, known = (name.casefold().split() for name in (found["name"], contact.replace(",", " ")))
    titles_apart = [word for word in named if word not in _TITLES]
    is_contact = bool(titles_apart) and set(titles_apart) <= set(known)
    return line[found.end() :] if is_contact else line


def _next_remark(lines: Sequence[str], at: int) -> int | None:
    """Find the next line that says something is internal; a quoted line does not count."""
    return next((n for n in range(at, len(lines)) if _is_own(lines[n]) and _says(lines, n)), None)


def _is_own(line: str) -> bool:
    return bool(line.strip()) and line.lstrip()[:1] != ">"


def _says(lines: Sequence[str], at: int) -> re.Match[str] | None:
    found = (_internal(words) for words in _read_as(lines, at))
    return next((match for match in found if match), None)


def _internal(words: str) -> re.Match[str] | None:
    """Find what is internal beyond doubt, apart from what speaks to the company or may do so."""
    if not INTERNAL.search(words):
        return None
    return INTERNAL.search(PERHAPS_FOR_COMPANY.sub("", FOR_COMPANY.sub("", words)))


def _read_as(lines: Sequence[str], at: int) -> Iterator[str]:
    """Give the ways to read a line: as it stands, without marks of emphasis, with the next one.

    Mail programs wrap a sentence anywhere, and write bold letters between asterisks.
    """
    plain = _plain(lines[at])
    yield plain
    bare = _EMPHASIS.sub("", plain)
    if bare != plain:
        yield bare
    following = lines[at + 1] if at + 1 < len(lines) else ""
    wrapped = len(bare) <= _LONGEST_WRAPPED and _is_own(following)
    if wrapped and not (closes(following) or greets(lines[at])):
        yield f"{bare} {_EMPHASIS.sub('', _plain(following))}"


def _plain(line: str) -> str:
    """Give a line with one space between words, and "I N T E R N" as one word."""
    text = unicodedata.normalize("NFKC", line[:_LONGEST_LINE])[: 2 * _LONGEST_LINE]
    return " ".join(_SPACED_OUT.sub(lambda found: _GAP.sub("", found[0]), text).split())


def _remark_begin(lines: Sequence[str], marked: int, at: int) -> int:
    """Find where a remark's part begins: at a heading itself, else with its paragraph."""
    match = _says(lines, marked)
    if match and not _LETTER.search(match.string[: match.start()]) and _HEADS.search(match.string):
        return marked
    begin = marked
    while begin > at and lines[begin - 1].strip() and lines[begin - 1].lstrip()[:1] != ">":
        begin -= 1
    while begin < marked and greets(lines[begin]):
        begin += 1
    return begin
