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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import dropwhile, islice

__all__ = ["Passage", "Span", "fold"]

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ı": "i", "\u00ad": None})
_DOTLESS = str.maketrans({"ı": "i", "\u00ad": None})
_LONGEST_TEXT = 20_000  # what an inquiry is about stands at its beginning
_LONGEST_WORD = 80
_MOST_HITS = 4  # of one term in one passage; more of the same prove nothing more
_BROKEN_WORD = re.compile(r"-(?<=\w-)[ \t]{0,4}\r?\n[ \t]{0,4}(?=[a-zäöüß])")
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
    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str, language: str = "de") -> "Passage":
        """Prepare the first 20,000 characters of a text."""
        return _prepared(text[:_LONGEST_TEXT], language)

    @classmethod
    def made_of(cls, text: str, language: str) -> "Passage":
        """Prepare the whole of a text, without the cache."""
        joined = _BROKEN_WORD.sub("", text)
        words = tuple([word[:_LONGEST_WORD] for word in joined.split()])
        return cls(" ".join([_folded(word, language) for word in words]), words)

    def likely(self, terms: Sequence[str], language: str = "de") -> list[str]:
        """Give those of many terms that may stand here: a quick look before ``find``."""
        grams, index = _grams(self.folded), _index(tuple(terms), language)
        found = [
            (place, term)
            for gram in grams & index.keys()
            for place, term, needle in index[gram]
            if _grams_of(needle) <= grams and needle in self.folded
        ]
        return [term for _, term in sorted(found)]

    def find(self, term: str, language: str = "de") -> Iterator[Span]:
        """Yield where the term stands, in order, at most four times."""
        for match in islice(self._matches(term, language), _MOST_HITS):
            yield Span(match.start(), match.end(), self._as_written(match.start(), match.end()))

    def _matches(self, term: str, language: str) -> Iterator[re.Match[str]]:
        head = _head(term, language)
        at = self.folded.find(head)
        while at >= 0:  # a literal is far faster found than a pattern matched
            match = _pattern(term, language).match(self.folded, at)
            if match:
                yield match
            at = self.folded.find(head, max(at + 1, match.end() if match else 0))

    def has(self, term: str, language: str = "de") -> bool:
        """Tell whether the term stands in this passage."""
        return _needle(term, language) in self.folded and any(self._matches(term, language))

    def word_end(self, offset: int) -> int:
        """Give the offset at which the word around ``offset`` ends."""
        end = self.folded.find(" ", offset)
        return len(self.folded) if end < 0 else end

    def _as_written(self, start: int, end: int) -> str:
        first, last = self.folded.count(" ", 0, start), self.folded.count(" ", 0, end)
        return " ".join(self.words[first : last + 1]).strip(".,;:!?()[]{}\"'„“”»«–-")


@lru_cache(maxsize=4096)
def _folded(word: str, language: str) -> str:
    """Fold a word once: a language's commonest words make up most of any letter.

    Names and numbers, which are new in each, must not fill the memory for hours.

    An accent that stands alone becomes a space, which would look like the end of a word.
    """
    return fold(word, language).replace(" ", "")


@lru_cache(maxsize=16)
def _prepared(text: str, language: str) -> Passage:
    """Prepare a text once for all who look at it: routing asks many questions of one mail."""
    return Passage.made_of(text, language)


@lru_cache(maxsize=4096)
def _index(terms: tuple[str, ...], language: str) -> Mapping[str, tuple[tuple[int, str, str], ...]]:
    """Give, by the last letters of the literal that every hit contains: place, term, literal."""
    index: dict[str, list[tuple[int, str, str]]] = {}
    for place, term in enumerate(terms):
        needle = _needle(term, language)
        gram = needle[-_GRAM:] if len(needle) >= _GRAM else ""
        index.setdefault(gram, []).append((place, term, needle))
    return {gram: tuple(entries) for gram, entries in index.items()}


@lru_cache(maxsize=16)
def _grams(folded: str) -> frozenset[str]:
    """Give every few letters that stand side by side in a word, and ""."""
    return frozenset({""}).union(*map(_grams_of, set(folded.split(" "))))


@lru_cache(maxsize=4096)
def _grams_of(word: str) -> frozenset[str]:
    return frozenset(word[at : at + _GRAM] for at in range(len(word) - _GRAM + 1))


@lru_cache(maxsize=32_768)
def _words(term: str, language: str) -> tuple[str, ...]:
    """Give a term's words, folded; a gap before the first one would say nothing."""
    words = fold(term.strip("|"), language).split()
    return tuple(dropwhile("*".__eq__, words)) or ("",)


@lru_cache(maxsize=32_768)
def _needle(term: str, language: str) -> str:
    """Give a literal that every hit contains."""
    words = _words(term, language)
    return words[0] if len(words) == 1 else max(map(_stem, words), key=len)


@lru_cache(maxsize=32_768)
def _head(term: str, language: str) -> str:
    """Give the literal with which every hit begins."""
    words = _words(term, language)
    return words[0] if len(words) == 1 else _stem(words[0])


@lru_cache(maxsize=32_768)
def _pattern(term: str, language: str) -> re.Pattern[str]:
    """Give what matches a term, linear in the passage; few terms are ever looked for so closely."""
    words = _words(term, language)
    parts, gap = "", ""
    for word in words[:-1]:
        if word == "*":
            gap = rf"(?:(?:{_WITHIN}{{1,80}}|\d{{1,2}}[.]) ){{0,5}}?"
        else:
            parts += f"{gap}{re.escape(_stem(word))}{_WITHIN}{{0,3}} "
            gap = ""
    parts += gap + re.escape(words[-1])
    return re.compile(_before(term, words, language) + parts + _after(term, words))


def _stem(word: str) -> str:
    return _ENDING.sub("", word) if len(word) > _SHORT else word


def _before(term: str, words: tuple[str, ...], language: str) -> str:
    first = words[0]
    if not first.isascii():
        return ""
    anchored = len(first) <= _SHORT or language not in _COMPOUNDING or term.startswith("|")
    return r"(?<![a-z0-9])" if anchored or "-" in first else ""


def _after(term: str, words: tuple[str, ...]) -> str:
    single = len(words) == 1 and len(words[0]) <= _VERY_SHORT and words[0].isascii()
    return r"(?![a-z0-9])" if single or term.endswith("|") else ""
