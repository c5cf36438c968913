"""What stands below an answer: who wrote it, and how he is reached. It tells the company nothing.

A signature is known by what it holds, not by where it stands: a name, an office, a title, an
address. A condition stands below a name, too ("Unter Auflagen"), and so does a remark ("Intern"):
what is none of these is part of the answer, and is judged with it.
"""

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from mailflow.core.aside_words import (
    BLAMES,
    COUNTED,
    MAY_BLAME,
    OF_HOUSE,
    OF_INSIDERS,
    OF_MATTER,
    OF_SOMEBODY,
)
from mailflow.core.letter import DEVICE, closes
from mailflow.core.signature_words import (
    ENGLISH_OFFICE,
    HEADS,
    LIMITS,
    MOTTO,
    OF_NAMES,
    OF_OTHERS,
    OFFICE,
    PART,
    PLACE,
    REACHED,
    STANDING,
    SUBJECT,
    WHICH,
)

__all__ = [
    "begins_condition",
    "below_name",
    "is_motto",
    "is_of_signature",
    "names_author",
    "places",
    "says_something",
    "without_device_line",
    "without_signature",
]

_MOST_SIGNATURE_LINES: Final = 4
_LONGEST_NAME: Final = 60  # characters
_LONGEST_MOTTO: Final = 100
_LOWER_AT_MOST: Final = 4  # one word in so many may be small and none of a name's
_SENTENCE: Final = re.compile(r"[.?!:;][ \t]*$")
_NAME_END: Final = re.compile(
    r"(?:\b(?:i\. ?[av]|e\. ?[vkg]|gez|dr|dipl|tel|str|nr)\.)[ \t]*$", re.IGNORECASE
)
_AMOUNT_OR_DATE: Final = re.compile(
    r"\d\s?(?:€|euro\b|eur\b)|(?:€|\beur\b)\s?\d"
    r"|(?<![\d.])(?:0?[1-9]|[12]\d|3[01])\.\s?(?:(?:0?[1-9]|1[0-2])\.(?:\s?\d{4}|\d{2})?(?![\d.])"
    r"|(?:januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember)\b)",
    re.IGNORECASE,
)
_ACCOUNT: Final = re.compile(r"\b[A-Z]{2}\d{2}(?: ?\d{4}){3}")
_POSTSCRIPT: Final = re.compile(
    r"(?:p\.? ?s\b|nachtrag|anlage|hinweis|im übrigen|bitte\b|zu \d)", re.IGNORECASE
)
_SAID: Final = re.compile(
    r"\b(?:nicht|nur|aber|bis|außer|ausgenommen|jedoch|sofern|gilt|gelten|gültig|fällig|folgt"
    r"|ist|sind|wird|werden|kann|können|muss|müssen|darf|dürfen|sollen|keine?[nr]?|nachts|tags"
    r"|werktags|sonntags|täglich|dass)\b",
    re.IGNORECASE,
)
"""Verbs, adverbs and conditions, which stand in no name and in no address."""

_CONDITION: Final = re.compile(
    r"(?:(?:unter|auf|in|nach|vor) (?!de[nmr]\b)|im (?!auftrag)|ohne |vorbehaltlich |vorbehalt "
    r"|gegen |trotz |statt |mit |ab |falls |wenn |sofern |bis |nur |außer |ausgenommen "
    r"|vorausgesetzt "
    r"|(?:un)?befristet |fällig |subject to |except |without |unless |only )"
    r"|(?:ausnahme|auflage|bedingung|frist|voraussetzung|vorbehalt|hinweis)\w{0,3}: ?\w"
    r"|[^\W\d_][^:@]{1,40}: ?(?:ja|nein|yes|no)\b"
    r"|(?!(?:un)?freundlich)[^\W\d_]{4,30}(?:lich|bar|weise|los|frei|fristet)$",
    re.IGNORECASE,
)
"""What begins as a condition does, is headed as one, or is one word of how something is."""

_MANNER: Final = re.compile(
    r"[^\W\d_]{2,30}(?:ig|lich|bar|los|frei|weise|sam|haft|fach|isch|er|t|s|ell)"
)
"""One word, not surely a noun: how, how often or for whom."""

_HEADED: Final = re.compile(r"[^\W\d_][^:@]{1,40}: ?\w")
"""What no name is, whatever stands below the heading: "Verteiler: Frau Kowalski"."""

_HOUR: Final = re.compile(r"(?<![-–\d.:])\b\d{1,2}(?:[:.]\d{2})?\s?uhr\b", re.IGNORECASE)
_ON_BEHALF: Final = re.compile(
    r"(?:i\. ?[av]\.|gez\.|ppa\.|im auftrag\b|in vertretung\b)", re.IGNORECASE
)
_HOUSE_NUMBER: Final = re.compile(
    r"(?:Am|An de[rmn]|Im|Zu[mr]) [A-ZÄÖÜ][\w-]{2,30} \d{1,3} ?[a-z]?"
)
_PRONOUNS: Final = re.compile(
    r"\((?:pronomen:? )?(?:sie|er|es|dey|they|she|he|keine?)[ /][^()\n]{1,20}\)"
    r"|^(?:pronomen:? )?(?:sie|er|es|dey|they|she|he) ?/ ?(?:ihr|ihm|ihn|deren|them|her|him)$",
    re.IGNORECASE,
)
_HASHTAGS: Final = re.compile(r"(?:#\w{3,40} ?){1,4}")
_OF_MORE: Final = (OF_MATTER, COUNTED, OF_SOMEBODY, OF_INSIDERS, OF_HOUSE, BLAMES, MAY_BLAME)
_WORDS: Final = re.compile(r"[^\W\d_](?:[\w-]*\w)?")
_TITLES: Final = frozenset(("dr", "prof", "dipl", "ing", "herr", "frau", "gez", "i", "a", "v"))
_RULE: Final = re.compile(r"_{3,200}|-{3,200}|={3,200}|\*{3,200}")
_ENDED: Final = re.compile(r"[.!?][)\"“”’']?$|^(?:[-*•–]|\d{1,2}[.)])\s")
"""A sentence that is over, or an item of a list: what stands below it does not go on with it."""


def without_signature(text: str, author: str) -> str:
    """Give a text without the name at its end, and what stands below it, where nothing closes.

    The name is its author's, as the mail's From header says it, below a blank line and a sentence
    that is over: "Ihre Ansprechpartnerin ist" goes on with a name.
    """
    lines = without_device_line(text.split("\n"))
    if any(map(closes, lines)):
        return text
    lines = _without_imprint(lines)
    begin = next((at for at in range(len(lines), 0, -1) if not lines[at - 1].strip()), 0)
    above, block = lines[:begin], [each.strip() for each in lines[begin:]]
    if _is_over(above) and _is_signature(block, author):
        lines = above
    return "\n".join(lines).rstrip()


def _without_imprint(lines: list[str]) -> list[str]:
    """Give lines without an imprint at their end, which says below a rule who writes, and where."""
    rules = (at for at in range(len(lines) - 1, 0, -1) if _RULE.fullmatch(lines[at].strip()))
    rule = next(rules, 0)
    below = [each.strip() for each in lines[rule + 1 :] if each.strip()]
    is_imprint = all(map(is_of_signature, below)) and any(map(REACHED.search, below))
    return without_device_line(lines[:rule]) if rule and is_imprint else lines


def _is_over(lines: Sequence[str]) -> bool:
    last = next((each.strip() for each in reversed(lines) if each.strip()), "")
    return bool(_ENDED.search(last))


def _is_signature(block: Sequence[str], author: str) -> bool:
    """Tell whether a few lines begin with their author's name, and only say who and where he is.

    Of other offices only a person names one, his own: several are a list.
    """
    if not 0 < len(block) <= _MOST_SIGNATURE_LINES or not names_author(block[0]):
        return False
    name, *below = (*block[0].split(", ", 1), *block[1:])
    known = _words_of(author)
    known |= {word[0] for word in known}  # "P. Lindner"
    named = _words_of(name) - _TITLES
    others = [each for each in below if _offices(each) - known]
    is_person = not any(OFFICE.fullmatch(each) or PART.fullmatch(each) for each in known)
    return (
        any(len(word) > 1 for word in named)
        and named <= known
        and len(others) <= is_person
        and all(is_of_signature(each) or _words_of(each) <= known for each in below)
    )


def _words_of(text: str) -> set[str]:
    return {word.casefold() for word in _WORDS.findall(text)}


def _offices(line: str) -> set[str]:
    return {word for word in _words_of(line) if OFFICE.fullmatch(word)}


def without_device_line(lines: Sequence[str]) -> list[str]:
    """Give lines without the blank ones, and those that no person wrote, at their end."""
    end = len(lines)
    while end and (not (last := lines[end - 1].strip()) or DEVICE.fullmatch(last)):
        end -= 1
    return list(lines[:end])


def below_name(tail: Sequence[str]) -> list[str]:
    """Give what follows the lines that say who the author is: all of it when none does.

    The first line below a closing may be any name; another only says who somebody is where it
    positively does so, or where it stands within an address.
    """
    is_named, of_city = False, places(tail)
    for index, line in enumerate(tail):
        said = line.strip()
        if not said or _RULE.fullmatch(said) or is_of_signature(said) or is_motto(said, of_city):
            continue
        is_name = not is_named and _may_name(said)
        if not (is_name or (_may_name(said) and _is_amid_address(tail, index))):
            return ["", *tail[index:]]
        is_named = True
    return []


def _is_amid_address(lines: Sequence[str], index: int) -> bool:
    """Tell whether a line of an unknown part stands above what is surely of a signature.

    Below it, it must be more than a word, and speak of nothing else. One word that tells how
    something is may be a limit ("Halbseitig"), wherever it stands.
    """
    line = lines[index].strip()
    if LIMITS.search(line) or _MANNER.fullmatch(line):
        return False
    below = takewhile(bool, (each.strip() for each in lines[index + 1 :]))
    if any(map(is_of_signature, below)):
        return True
    above = takewhile(bool, (each.strip() for each in reversed(lines[:index])))
    is_idle = " " in line and not any(each.search(line) for each in _OF_MORE)
    return is_idle and any(map(REACHED.search, above))


def _may_name(line: str) -> bool:
    """Tell whether a line may be a name."""
    return not (begins_condition(line) or _HEADED.match(line)) and names_author(line)


def is_motto(line: str, of_city: frozenset[str] = frozenset()) -> bool:
    """Tell whether a line is what a city prints of itself, and limits nothing.

    ``of_city``: what the city is called, as its address says it.
    """
    if begins_condition(line) or LIMITS.search(line) or OF_OTHERS.search(line):
        return False
    named = _WORDS.sub(lambda word: "Stadt" if word[0].casefold() in of_city else word[0], line)
    return len(line) <= _LONGEST_MOTTO and bool(MOTTO.fullmatch(named))


def places(lines: Sequence[str]) -> frozenset[str]:
    """Give what a signature's address calls the city, in small letters."""
    found = (each for line in lines for each in PLACE.finditer(line[:_LONGEST_MOTTO]))
    return frozenset(each["place"].casefold() for each in found)


def is_of_signature(line: str) -> bool:
    """Tell whether a line says of what office or rank somebody is, or how he is reached."""
    if any(each.fullmatch(line) for each in (_HASHTAGS, STANDING, _PRONOUNS)):
        return True
    if not names_author(line) or _ACCOUNT.search(line) or begins_condition(line):
        return False
    if REACHED.search(line) or _ON_BEHALF.match(line) or _HOUSE_NUMBER.fullmatch(line):
        return True
    return _names_office(line)


def _names_office(line: str) -> bool:
    """Tell whether a line names a part of an administration, a rank, or what an office is for."""
    words = _WORDS.findall(line)
    told = [each for each in words if not OF_NAMES.fullmatch(each.lower())]
    if LIMITS.search(line) or not words:
        return False
    first = {words[0], *told[:1]}
    if any(each.fullmatch(word) for word in first for each in (OFFICE, PART, HEADS)):
        return True
    if _HEADED.match(line) or any(map(str.isdigit, line)):
        return False
    known = [each for each in words if _is_known(each)]
    return bool(
        ENGLISH_OFFICE.fullmatch(words[-1])
        or (known and all(each in known or WHICH.fullmatch(each) for each in told))
    )


def _is_known(word: str) -> bool:
    return any(each.fullmatch(word.rstrip("-")) for each in (OFFICE, PART, HEADS, SUBJECT))


def begins_condition(line: str) -> bool:
    """Tell whether a line says under which condition the answer above holds."""
    return bool(_CONDITION.match(line))


def names_author(line: str) -> bool:
    """Tell whether a line below a closing may be a name or an address: it says nothing."""
    if len(line) > _LONGEST_NAME or _POSTSCRIPT.match(line):
        return False
    if _SENTENCE.search(line) and not _NAME_END.search(line):
        return False
    return not says_something(line) and bool(REACHED.search(line) or _is_capitalised(line))


def says_something(line: str) -> bool:
    """Tell whether a short line without a full stop has what no signature has."""
    if _AMOUNT_OR_DATE.search(line):
        return True
    if REACHED.search(line):
        return False
    return bool(_SAID.search(line) or _HOUR.search(line))


def _is_capitalised(line: str) -> bool:
    """Tell whether nearly all words are large, or such as stand in names and titles."""
    words = _WORDS.findall(_PRONOUNS.sub("", line))
    small = [word for word in words if word[0].islower() and not OF_NAMES.fullmatch(word)]
    return len(small) * _LOWER_AT_MOST <= len(words)
