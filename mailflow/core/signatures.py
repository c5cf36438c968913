"""What stands below an answer: who wrote it, and how he is reached. It tells the company nothing.

A signature is known by what it holds, not by where it stands: a name, an office, a title, an
address. A condition stands below a name, too ("Unter Auflagen"), and so does a remark ("Intern"):
what is none of these is part of the answer, and is judged with it.
"""

import re
from collections.abc import Sequence
from typing import Final

from mailflow.core.letter import DEVICE, closes

__all__ = [
    "begins_condition",
    "below_name",
    "is_of_signature",
    "names_author",
    "says_something",
    "without_device_line",
    "without_signature",
]

_MOST_NAME_LINES: Final = 6
_MOST_SIGNATURE_LINES: Final = 4
_LONGEST_NAME: Final = 60  # characters
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
    r"(?:unter (?!de[nmr]\b)|ohne |vorbehaltlich |gegen |trotz |statt |ab |falls |wenn |bis |nur "
    r"|(?:un)?befristet |fällig |subject to |except |without |unless |only )"
    r"|(?:ausnahme|auflage|bedingung|frist|voraussetzung|vorbehalt|hinweis)\w{0,3}: ?\w"
    r"|[^\W\d_][^:@]{1,40}: ?(?:ja|nein|yes|no)\b"
    r"|(?!(?:un)?freundlich)[^\W\d_]{4,30}(?:lich|bar|weise|los|frei|fristet)$",
    re.IGNORECASE,
)
"""What begins as a condition does, is headed as one, or is one word of how something is."""

_HEADED: Final = re.compile(r"[^\W\d_][^:@]{1,40}: ?\w")
"""What no name is, whatever stands below the heading: "Verteiler: Frau Kowalski"."""

_HOUR: Final = re.compile(r"(?<![-–\d.:])\b\d{1,2}(?:[:.]\d{2})?\s?uhr\b", re.IGNORECASE)
_REACHED: Final = re.compile(
    r"@|\bwww\.|https?://|\b(?:tel|telefon|fon|fax|mobil|durchwahl|zimmer|postfach|e-?mail)\b"
    r"|\b(?:sprech|öffnungs|service|geschäfts|büro)zeit(?:en)?\b|^(?:raum|gebäude|etage) \w{1,6}$"
    r"|^(?:erreichbar|besuch\w{0,20}|anschrift|(?:dienst)?sitz|dienstgebäude|standort): "
    r"|\b\d{5} [A-ZÄÖÜ]|\b0\d{2,5}[ /-]\d"
    r"|(?:straße|strasse|str\.|(?<!stell)(?<!park)platz|allee|weg) \d|^(?:mo|di|mi|do|fr)\b",
    re.IGNORECASE,
)
"""How, when and where somebody is reached."""

_OF_NAMES: Final = re.compile(
    r"(?:vo[nmr]|van|de[rmns]?|die|das|zu[rm]?|für|und|im|in|am|an|auf|bei|aus|of|and|for|the|at"
    r"|i|a|v|e|m|w|d|gez|ppa|stellv|geb|dipl|med|jur|phil|h|c"
    r"|\w{2,20}(?:isch|lich|end|al|ell|ig|er)e[rnsm]?)"
)
_OFFICE: Final = re.compile(
    r"[\w-]{0,40}(?:amt(?:es)?|ämter|behörde|aufsicht|verwaltung)|[\w-]{3,40}(?:förderung|planung)"
    r"|feuerwehr|polizei|bau(?:ordnung|betriebshof|hof)|[\w-]{0,20}dienste"
    r"|(?:fach|gesundheits|sozial)dienst|(?:melde|geschäfts|leit|zulassungs|vergabe)stelle",
    re.IGNORECASE,
)
_PART: Final = re.compile(
    r"abteilung|abt|sachgebiet|sg|[\w-]{0,10}bereich|fb|dezernat|referat|team|fachgruppe"
    r"|[\w-]{0,30}stadt|gemeinde|(?:land)?kreis|[\w-]{0,10}haus"
    r"|sekretariat|vorzimmer|[\w-]{0,30}(?:leiter|bearbeiter|meister|inspektor|ingenieur|wirt"
    r"|direktor|dezernent|referent|planer|assistent|sekretär|architekt|prüfer|kontrolleur|jurist"
    r"|r[aä]t)(?:in|innen)?|(?:amts|abteilungs|team|sachgebiets|bereichs|büro|projekt)leitung"
    r"|[\w-]{0,20}beauftragte[r]?|beigeordnete[r]?|dipl(?:om)?[\w-]{0,40}|stv|stellv",
    re.IGNORECASE,
)
"""Parts of an administration, and what those who work there are called."""

_ENGLISH_OFFICE: Final = re.compile(
    r"office|department|division|unit|authority|officer|manager", re.IGNORECASE
)
_ON_BEHALF: Final = re.compile(
    r"(?:i\. ?[av]\.|gez\.|ppa\.|im auftrag\b|in vertretung\b)", re.IGNORECASE
)
_HOUSE_NUMBER: Final = re.compile(
    r"(?:Am|An de[rmn]|Im|Zu[mr]) [A-ZÄÖÜ][\w-]{2,30} \d{1,3} ?[a-z]?"
)
_PRONOUNS: Final = re.compile(
    r"\((?:pronomen:? )?(?:sie|er|es|dey|they|she|he|keine?)[ /][^()\n]{1,20}\)", re.IGNORECASE
)
_HASHTAGS: Final = re.compile(r"(?:#\w{3,40} ?){1,4}")
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
    is_imprint = all(map(is_of_signature, below)) and any(map(_REACHED.search, below))
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
    is_person = not any(_OFFICE.fullmatch(each) or _PART.fullmatch(each) for each in known)
    return (
        any(len(word) > 1 for word in named)
        and named <= known
        and len(others) <= is_person
        and all(is_of_signature(each) or _words_of(each) <= known for each in below)
    )


def _words_of(text: str) -> set[str]:
    return {word.casefold() for word in _WORDS.findall(text)}


def _offices(line: str) -> set[str]:
    return {word for word in _words_of(line) if _OFFICE.fullmatch(word)}


def without_device_line(lines: Sequence[str]) -> list[str]:
    """Give lines without the blank ones, and those that no person wrote, at their end."""
    end = len(lines)
    while end and (not (last := lines[end - 1].strip()) or DEVICE.fullmatch(last)):
        end -= 1
    return list(lines[:end])


def below_name(tail: Sequence[str]) -> list[str]:
    """Give what follows the lines that name the author: all of it when they are none.

    Across a blank line below the name only who and where he is still belongs to it: a line of two
    words may be a condition.
    """
    names, is_apart = 0, False
    for index, line in enumerate(tail):
        said = line.strip()
        if not said or _RULE.fullmatch(said):
            is_apart = names > 0
        elif is_of_signature(said):
            continue
        elif (is_apart and not _heads_address(tail, index)) or not _may_name(said, names):
            return ["", *tail[index:]]
        else:
            names += 1
    return []


def _heads_address(lines: Sequence[str], index: int) -> bool:
    """Tell whether a line stands on top of an address, or amid it, as an unknown office's does."""
    around = [lines[index - 1].strip(), *(each.strip() for each in lines[index + 1 : index + 2])]
    return len(around) > 1 and all(
        is_of_signature(each) for each in (around if around[0] else around[1:])
    )


def _may_name(line: str, names: int) -> bool:
    """Tell whether a line may be a name, or a title right below one."""
    if names == _MOST_NAME_LINES or begins_condition(line) or not names_author(line):
        return False
    if _HEADED.match(line):
        return False
    return not (names and any(map(str.isdigit, line)))


def is_of_signature(line: str) -> bool:
    """Tell whether a line says of what office or rank somebody is, or how he is reached."""
    if _HASHTAGS.fullmatch(line):
        return True
    if not names_author(line) or _ACCOUNT.search(line):
        return False
    if _REACHED.search(line) or _ON_BEHALF.match(line) or _HOUSE_NUMBER.fullmatch(line):
        return True
    words = [each for each in _WORDS.findall(line) if not _OF_NAMES.fullmatch(each.lower())]
    if not words or begins_condition(line):
        return False
    heads = _OFFICE.fullmatch(words[0]) or _PART.fullmatch(words[0])
    return bool(heads or _ENGLISH_OFFICE.fullmatch(words[-1]))


def begins_condition(line: str) -> bool:
    """Tell whether a line says under which condition the answer above holds."""
    return bool(_CONDITION.match(line))


def names_author(line: str) -> bool:
    """Tell whether a line below a closing may be a name or an address: it says nothing."""
    if len(line) > _LONGEST_NAME or _POSTSCRIPT.match(line):
        return False
    if _SENTENCE.search(line) and not _NAME_END.search(line):
        return False
    return not says_something(line) and bool(_REACHED.search(line) or _is_capitalised(line))


def says_something(line: str) -> bool:
    """Tell whether a short line without a full stop has what no signature has."""
    if _AMOUNT_OR_DATE.search(line):
        return True
    if _REACHED.search(line):
        return False
    return bool(_SAID.search(line) or _HOUR.search(line))


def _is_capitalised(line: str) -> bool:
    """Tell whether nearly all words are large, or such as stand in names and titles."""
    words = _WORDS.findall(_PRONOUNS.sub("", line))
    small = [word for word in words if word[0].islower() and not _OF_NAMES.fullmatch(word)]
    return len(small) * _LOWER_AT_MOST <= len(words)
