"""Finding an office's words in a mail, tolerant of case, umlauts, endings and line breaks.

A term matches as a substring, since German writes compounds in one word. Three refinements:

* terms of up to four letters match only where a word begins, of up to three only as whole words,
  and a bar marks the edge of a word: ``|frist`` is not found in "kurzfristig";
* in languages without such compounds every term begins where a word begins;
* in a term of several words each word but the last may have another ending, and a ``*`` stands
  for up to five words in between, within one clause: ``gewerbe * anmeld`` finds "das Gewerbe in
  Ihrer Stadt anmelden".
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

__all__ = ["Passage", "Span", "fold"]

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ı": "i", "\u00ad": None})
_DOTLESS = str.maketrans({"ı": "i", "\u00ad": None})
_LONGEST_TEXT = 20_000  # what an inquiry is about stands at its beginning
_LONGEST_WORD = 80
_MOST_HITS = 4  # of one term in one passage; more of the same prove nothing more
_BROKEN_WORD = re.compile(r"(?<=\w)-[ \t]{0,4}\r?\n[ \t]{0,4}(?=[a-zäöüß])")
_ENDING = re.compile(r"(?:es|en|er|em|e|s)$")
_SHORT, _VERY_SHORT = 4, 3  # letters
_GRAM = 3  # letters
_WITHIN = "[^ .,;:!?]"  # a gap stays within one clause
_COMPOUNDING = frozenset({"de", "nl", "zh"})


def fold(text: str, language: str = "de") -> str:
    """Case-fold and remove accents; German writes ä as ae, other languages as a."""
    if text.isascii():
        return text.lower()
    composed = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    table = _UMLAUTS if language == "de" else _DOTLESS
    decomposed = unicodedata.normalize("NFKD", composed.translate(table))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return plain.casefold()


@dataclass(frozen=True, slots=True)
class Span:
    """Where a term was found: offsets in the folded passage, and the words as the author wrote."""

    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A text made ready for one language's terms: folded words with single spaces between."""

    folded: str
    starts: tuple[int, ...]
    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str, language: str = "de") -> "Passage":
        """Prepare the first 20,000 characters of a text."""
        return _prepared(text[:_LONGEST_TEXT], language)

    @classmethod
    def made_of(cls, text: str, language: str) -> "Passage":
        """Prepare a text."""
        joined = _BROKEN_WORD.sub("", text)
        words = tuple(word[:_LONGEST_WORD] for word in joined.split())
        starts, folded, offset = [], [], 0
        for word in words:
            starts.append(offset)
            folded.append(_folded(word, language))
            offset += len(folded[-1]) + 1
        return cls(" ".join(folded), tuple(starts), words)

    def likely(self, terms: Sequence[str], language: str = "de") -> list[str]:
        """Give those of many terms that may stand here: a quick look before ``find``."""
        folded, grams = self.folded, _grams(self.folded)
        return [
            term
            for term, gram, needle in _needles(tuple(terms), language)
            if gram in grams and needle in folded
        ]

    def find(self, term: str, language: str = "de") -> Iterator[Span]:
        """Yield where the term stands, in order, at most four times."""
        for match in islice(self._matches(term, language), _MOST_HITS):
            yield Span(match.start(), match.end(), self._as_written(match.start(), match.end()))

    def _matches(self, term: str, language: str) -> Iterator[re.Match[str]]:
        needle = _needle(term, language)
        at = self.folded.find(needle)
        if at < 0:
            return
        pattern = _pattern(term, language)
        if " " in term:
            yield from pattern.finditer(self.folded)
            return
        while at >= 0:  # a single word is its own literal: far faster found than matched
            if match := pattern.match(self.folded, at):
                yield match
            at = self.folded.find(needle, at + max(1, len(needle) if match else 1))

    def has(self, term: str, language: str = "de") -> bool:
        """Tell whether the term stands in this passage."""
        return next(self.find(term, language), None) is not None

    def word_end(self, offset: int) -> int:
        """Give the offset at which the word around ``offset`` ends."""
        end = self.folded.find(" ", offset)
        return len(self.folded) if end < 0 else end

    def _as_written(self, start: int, end: int) -> str:
        first = bisect_right(self.starts, start) - 1
        last = bisect_right(self.starts, end - 1)
        return " ".join(self.words[first:last]).strip(".,;:!?()[]{}\"'„“”»«–-")


@lru_cache(maxsize=16_384)
def _folded(word: str, language: str) -> str:
    """Fold a word once: a language's commonest words make up most of any letter."""
    return fold(word, language)


@lru_cache(maxsize=16)
def _prepared(text: str, language: str) -> Passage:
    """Prepare a text once for all who look at it: routing asks many questions of one mail."""
    return Passage.made_of(text, language)


@lru_cache(maxsize=4096)
def _needles(terms: tuple[str, ...], language: str) -> tuple[tuple[str, str, str], ...]:
    """Give each term with the literal that every hit contains, and that one's last letters."""
    found = ((term, _needle(term, language)) for term in terms)
    return tuple(
        (term, needle[-_GRAM:] if len(needle) >= _GRAM else "", needle) for term, needle in found
    )


@lru_cache(maxsize=16)
def _grams(folded: str) -> frozenset[str]:
    """Give every three letters that stand side by side, and "": looked up faster than searched."""
    grams = {folded[at : at + _GRAM] for at in range(len(folded) - _GRAM + 1)}
    return frozenset(grams | {""})


@lru_cache(maxsize=32_768)
def _needle(term: str, language: str) -> str:
    """Give a literal that every hit contains."""
    words = fold(term.strip("|"), language).split()
    if len(words) == 1:
        return words[0]
    return max((_stem(word) for word in words if word != "*"), key=len, default="")


@lru_cache(maxsize=32_768)
def _pattern(term: str, language: str) -> re.Pattern[str]:
    """Give what matches a term, linear in the passage; few terms are ever looked for so closely."""
    words = fold(term.strip("|"), language).split()
    parts, gap = "", ""
    for word in words[:-1]:
        if word == "*":
            gap = rf"(?:(?:{_WITHIN}{{1,80}}|\d{{1,2}}[.]) ){{0,5}}?"
        else:
            parts += f"{gap}{re.escape(_stem(word))}{_WITHIN}{{0,3}} "
            gap = ""
    parts += gap + re.escape(words[-1] if words else "")
    return re.compile(_before(term, words, language) + parts + _after(term, words))


def _stem(word: str) -> str:
    return _ENDING.sub("", word) if len(word) > _SHORT else word


def _before(term: str, words: list[str], language: str) -> str:
    first = words[0] if words else ""
    if not first.isascii():
        return ""
    anchored = len(first) <= _SHORT or language not in _COMPOUNDING or term.startswith("|")
    return r"(?<![a-z0-9])" if anchored or "-" in first else ""


def _after(term: str, words: list[str]) -> str:
    single = len(words) == 1 and len(words[0]) <= _VERY_SHORT and words[0].isascii()
    return r"(?![a-z0-9])" if single or term.endswith("|") else ""
