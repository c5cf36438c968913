"""Whether a line is its author's name or closing: known by the sender, not by capital letters."""

import re
from dataclasses import dataclass

from mailflow.core.letter import closing_says
from mailflow.core.limits import warns

__all__ = ["Author", "author_of"]

_WORD = re.compile(r"[^\W\d_]+")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_TITLES = frozenset(
    {"dr", "prof", "dipl", "ing", "mag", "med", "frau", "herr", "von", "van", "der"}
)
_SHORT_GREETINGS = frozenset(
    {"mfg", "vg", "lg", "bg", "gruss", "danke", "ihr", "ihre", "euer", "eure", "dein", "deine"}
)
_BEHALF = re.compile(
    r"(?:i\. ?[av]\.|gez\.|ppa\.|im auftrag\b|in vertretung\b)[ :]?", re.IGNORECASE
)
_NO_CLOSING = re.compile(r"(?:ohne|kein\w{0,2}|nur|statt|without|no)\b", re.IGNORECASE)
"""What says of a closing that it is to be none: "ohne Gruß"."""
_ASIDE = re.compile(r" ?\([^()]{1,20}\)$")  # "Petra Weber (mobil)"
# of a mailbox that several read: "kam-leitung", "Key-Account-Management"
_OF_OFFICE = re.compile(
    r"kam|key|account|leit(?:ung|er|erin)|management|manager|stadt|team|info|service|buero|post\w*"
    r"|wirtschaft\w*|ansiedlung\w*|unternehmen\w*|betreuung|kontakt|amt|dezernat|fachbereich|mail"
)
_LARGE = r"(?:[A-ZÄÖÜ]\.|[A-ZÄÖÜ][\w'-]{1,30})"
_TITLE = r"(?:(?:Dr|Prof|Dipl)\.(?:-\w+\.?)* ){0,3}"
_NAME = re.compile(rf"{_TITLE}(?:(?:(?:von|van|der|de|zu|zur) ){{0,2}}{_LARGE}(?: |$)){{1,3}}")
_SURELY_NAME = re.compile(
    r"(?:(?:(?:Dr|Prof|Dipl)\.(?:-\w+\.?)* ){1,3}|[A-ZÄÖÜ]\. ?)(?:[A-ZÄÖÜ][\w'-]{2,30}(?: |$)){1,2}"
)
_LONG = 4
_FIRST_AND_LAST = 2
_INITIALS = 2


@dataclass(frozen=True, slots=True)
class Author:
    """The words by which an author is known, folded; none where an office's mailbox writes."""

    words: frozenset[str]

    def is_named(self, line: str) -> bool:
        """Whether a line is his name: all of it, one of them, its first letters."""
        behalf = _BEHALF.match(line)
        if behalf and _may_name(line[behalf.end() :].strip()):
            return True  # who signs for another bears a name of his own
        bare = (
            line if not (aside := _ASIDE.search(line)) or warns(aside[0]) else line[: aside.start()]
        )
        words = map(_folded, _WORD.findall(bare))
        said = [each for each in words if each not in _TITLES | _SHORT_GREETINGS]
        if re.search(r"\d", bare) or not said or (len(said) == 1 and warns(bare)):
            return False  # "Montag" below an order is no name, though somebody bears it
        if self._knows(said):
            return True
        return not self._is_person() and bool(_SURELY_NAME.fullmatch(bare)) and not warns(bare)

    def may_sign(self, line: str) -> bool:
        """Whether a line signs right below a closing; a nameless mailbox's author has any name."""
        return self.is_named(line) or (not self._is_person() and _may_name(line))

    def closes(self, line: str) -> bool:
        """Whether a line is a closing, and no other's name or a limit stands in it."""
        said = closing_says(line)
        if said is None or _NO_CLOSING.match(line):
            return False
        name, place = said
        known = not name or self.may_sign(name) or (_BEHALF.search(line) and _may_name(name))
        return bool(known) and not warns(place)

    def signs(self, line: str) -> bool:
        """Whether a line is a closing of his, or his name."""
        return self.closes(line) or self.may_sign(line)

    def _is_person(self) -> bool:
        return len(self.words) >= _FIRST_AND_LAST

    def _knows(self, said: list[str]) -> bool:
        initials = {word[0] for word in self.words}
        if len(said) == 1 and len(said[0]) in (2, 3) and initials.issuperset(said[0]):
            return True  # "pw"
        return all(self._is_part(each) for each in said)

    def _is_part(self, word: str) -> bool:
        if word in self.words or (len(word) == 1 and any(each[0] == word for each in self.words)):
            return True
        if any(len(each) == 1 and word[0] == each for each in self.words) and not warns(word):
            return True  # "Petra" of "Weber, P."
        return (
            len(word) >= _LONG
            and not warns(word)
            and any(
                word in each and len(each) - len(word) <= _INITIALS
                for each in self.words  # "pweber"
            )
        )


def author_of(known: str) -> Author:
    """Read an author's names out of how his mail calls him and its address's local part."""
    words = {_folded(each) for each in _WORD.findall(known)} - _TITLES
    people = {each for each in words if not _OF_OFFICE.fullmatch(each)}
    longer = {each[0] for each in people if len(each) > 1}
    return Author(frozenset(each for each in people if len(each) > 1 or each not in longer))


def _folded(word: str) -> str:
    return word.casefold().translate(_UMLAUTS)


def _may_name(line: str) -> bool:
    bare = line if not (aside := _ASIDE.search(line)) else line[: aside.start()]
    return bool(_NAME.fullmatch(bare)) and not warns(line)
