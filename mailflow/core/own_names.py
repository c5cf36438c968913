"""The names by which a company and its people are known: a stranger's is none of them.

Its letters tell names too, but only in words written large, and only as they stand there: nearly
every other word resembles somebody's name, and one letter may be as long as a book.
"""

import re
from dataclasses import dataclass

__all__ = ["OwnNames", "knows", "own_names"]

_WORD = re.compile(r"[^\W_]{2,40}")
_SHORT_NAME = 4
_LONGER_BY = 2
_MOST_CALLED = 40
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_ENDINGS = ("s", "es", "n", "en", "e")


@dataclass(frozen=True, slots=True)
class OwnNames:
    """What a company is called, and the words its letters write large; all of it folded."""

    called: frozenset[str]
    written: frozenset[str]


def own_names(called: str, written: str = "") -> OwnNames:
    """Read the names out of what a company and its contact are called, and out of its letters."""
    names = [_folded(each) for each in _WORD.findall(called)]
    large = (_folded(each) for each in _WORD.findall(written) if each[0].isupper())
    return OwnNames(frozenset(names[:_MOST_CALLED]), frozenset((*names, *large)))


def knows(own: OwnNames, names: list[str]) -> bool:
    """Tell whether one of these names is the company's, in another case or misspelt."""
    folded = [_folded(each) for each in names]
    return any(_is_written(name, own.written) for name in folded) or any(
        _resemble(name, word) for name in folded for word in own.called
    )


def _folded(name: str) -> str:
    """Give a name in small letters, "Müller" as "mueller", however its umlauts are written."""
    return name.casefold().translate(_UMLAUTS)


def _is_written(name: str, words: frozenset[str]) -> bool:
    if name in words:
        return True
    stems = (name.removesuffix(each) for each in _ENDINGS if name.endswith(each))
    others = (*(f"{name}{each}" for each in _ENDINGS), *stems)
    return len(name) > _SHORT_NAME and any(each in words for each in others)


def _resemble(name: str, word: str) -> bool:
    """Tell whether a name is this word, its beginning, little more than it, or a slip away."""
    shorter, longer = sorted((len(name), len(word)))
    if shorter <= _SHORT_NAME:
        return name == word
    if word.startswith(name) or (longer - shorter <= _LONGER_BY and name.startswith(word)):
        return True
    if longer - shorter > _LONGER_BY or not (name[0] == word[0] or name[-1] == word[-1]):
        return False
    return sorted(name) == sorted(word) or _changes(name, word) <= len(name) // 4


def _changes(one: str, other: str) -> int:
    """Count the letters to change, add or leave out between two words."""
    row = list(range(len(other) + 1))
    for above, letter in enumerate(one, 1):
        last, row[0] = row[0], above
        for at, each in enumerate(other, 1):
            last, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, last + (letter != each))
    return row[-1]
