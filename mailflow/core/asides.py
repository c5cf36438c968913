"""What an office says beside its answer, to a colleague or of the company: no row names the words.

A remark is known here by where it stands and by how it is said: a sentence below the closing, a
greeting to somebody whom nothing of the company's names, the way people speak and do not write to
a company. None of it is proof; the mail waits, and the manager reads the words.
"""

import re
from collections.abc import Iterator
from itertools import chain

from mailflow.core.answer import is_closing
from mailflow.core.aside_words import (
    ADVISES,
    BEARS,
    BLAMES,
    CLAUSE,
    COUNTED,
    ENCLOSURES,
    FOOTER,
    FORMAL,
    HANGS_ON,
    MAY_BLAME,
    NO_NAMES,
    NUMBERED,
    OF_COMPANY,
    OF_HOUSE,
    OF_INSIDERS,
    OF_MATTER,
    OF_PEOPLE,
    OF_SOMEBODY,
    OPINES,
    OWES,
    OWN_VIEW,
    POSTSCRIPT,
    QUANTITY,
    SAID_OF_ANYTHING,
    SPEAKS_TO,
    SPEAKS_TO_FRIEND,
    SPOKEN,
    STANDS,
    WILL_COME,
)
from mailflow.core.letter import closes, content, greeting_words, greets
from mailflow.core.own_names import OwnNames, knows
from mailflow.core.sentences import sentences, unwrapped, without_device
from mailflow.core.short_replies import decides
from mailflow.core.signature_words import LIMITS
from mailflow.core.signatures import (
    begins_condition,
    below_name,
    is_motto,
    is_of_signature,
    names_author,
    places,
)
from mailflow.core.wording import ASKS_HOUSE, COURTESIES

__all__ = ["aside", "asides"]

_MAX_READ = 100_000
_FEWEST = 5  # words of a sentence below the closing: fewer may be a title or a motto
_LONGEST_SHORT = 500  # characters of a line below the name by which it is judged
_ENDS = re.compile(
    r"\b(?!(?:tel|str|nr|dr|ca|abt|dipl|ing|med|prof)\.)[^\W\d_]{2,40}[.!?](?=\s|$)", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]{2,40}")
_CLAUSE_END = re.compile(
    r"[,;:](?=\s)|\s–\s"
    r"|(?<=\w) (?:und|aber|doch) (?=(?!nicht|damit|mit|seit|dort|jetzt|sofort|erst|laut)"
    r"(?:[a-zäöüß]{2,20}t|war|muss|will|soll|darf|kann)\b)"
)
_ONLY_NAMES = re.compile(
    r"\W{0,3}(?:(?:[A-ZÄÖÜ\d][\w./-]{0,40}|der|die|das|den|dem|des|eine?[nmrs]?|und|oder|sowie|mit|von"
    r"|vom|zum?|zur|in|im|an|am|auf|aus|beim?|für|nach|vor|über|ab|bis|je|auch|[a-zäöüß]{2,20}e[mrs]?"
    r"(?= [A-ZÄÖÜ]))\W{1,3}){1,30}"
)
_LIMITED = re.compile(
    r"\W{0,3}(?:(?:[A-ZÄÖÜ\d][\w./-]{0,40}|der|die|das|den|dem|des|eine?[nmrs]?|und|oder|sowie|mit|von"
    r"|vom|zum?|zur|in|im|an|am|auf|aus|beim?|für|nach|vor|über|ab|bis|je|auch|erst|nur|nicht|noch"
    r"|durch|unter|ohne|gegen|zwischen|t|m|qm|km|kg|dann|dort|hier|sofort"
    r"|(?:werk|\w{2,9})tags|nachts|mittwochs|abends|täglich|ganzjährig|heute|morgen"
    r"|[a-zäöüß]{2,20}e[nmrs]?(?= [A-ZÄÖÜ])"
    r"|[a-zäöüß]{2,20}(?:lich|bar|ig|los|frei|fähig|pflichtig)|gesperrt|gestattet|erlaubt|beschränkt"
    r"|begrenzt|geöffnet|mindestens|höchstens|maximal)\W{1,3}){1,40}"
)
_OF_US = re.compile(r"\b(?:wir|uns|unser\w{0,2})\b", re.IGNORECASE)
_GREETED = re.compile(
    rf"\W{{0,3}}(?i:{greeting_words('de', 'en')})[ \t]+(?P<whom>[^,!.?:;\n]{{1,80}}(?:\.[ \t]"
    r"[^,!.?:;\n]{1,60})?)"
)
_CALLED = re.compile(
    r"\W{0,3}(?:(?:Frau|Herr) (?P<person>(?:[A-ZÄÖÜ][\w.-]{1,40} ?){1,3})[,!:][ \t]+"
    rf"{SPEAKS_TO}|(?P<friend>[A-ZÄÖÜ][\w-]{{1,40}})[,!][ \t]+{SPEAKS_TO_FRIEND})"
)


def aside(text: str, known: OwnNames) -> str:
    """Quote the first words that may be said beside the answer, ``""`` where there are none."""
    return next(asides(text, known), "")


def asides(text: str, known: OwnNames) -> Iterator[str]:
    """Quote all words that may be said beside the answer.

    ``known`` are the names of the company and of its contact.
    """
    lines = [each.strip() for each in text.split("\n")]
    own = [each for each in lines if each and not each.startswith(">")]
    called = (_called(each, known) for each in own)
    said = sentences(content(text))
    greeted = bool(own) and _is_stranger(own[0], known)
    beside = (_beside(each, greeted=greeted) for each in [*said, *_below(text)])
    return filter(None, chain(called, beside, _stands_below(text) if said else ()))


def _beside(sentence: str, *, greeted: bool) -> str:
    """Quote what is said in a colleague's tone; in a sentence to the company it is courtesy."""
    found = ADVISES.search(sentence) or OF_PEOPLE.search(sentence)
    if greeted or not FORMAL.search(sentence):
        found = found or SPOKEN.search(sentence)
    if greeted:
        found = found or OWN_VIEW.search(sentence) or _thought(sentence)
    return found[0].strip() if found else ""


def _thought(sentence: str) -> re.Match[str] | None:
    """Find a view, or what is said of the company, under a colleague's name.

    It is an answer only where each of its clauses is one, or hangs on one: beside a decision too
    stands what is for the colleague.
    """
    found = OPINES.search(sentence) or OF_COMPANY.search(sentence)
    if found is None:
        return None
    clauses = [each for each in _CLAUSE_END.split(OPINES.sub("", sentence)) if _WORD.search(each)]
    told = [*map(_is_answer, clauses)]
    beside = (each for each, is_told in zip(clauses, told, strict=True) if not is_told)
    is_answer = any(told) and not BLAMES.search(sentence) and all(map(_is_harmless, beside))
    return None if is_answer else found


def _is_answer(clause: str) -> bool:
    """Tell whether a clause decides, gives a rule, or merely tells how a matter stands."""
    if decides(clause) or OWES.search(clause):
        return True
    stands = STANDS.search(clause) or (OF_MATTER.search(clause) and BEARS.search(clause))
    return bool(stands) and not MAY_BLAME.search(clause)


def _is_harmless(clause: str) -> bool:
    """Tell whether a clause only names something, or hangs on another and tells of no people."""
    if _ONLY_NAMES.fullmatch(f"{clause} "):
        return True
    of_people = OF_INSIDERS.search(clause) or (
        _OF_US.search(clause) and not OF_MATTER.search(clause)
    )
    return bool(HANGS_ON.match(clause)) and not of_people


def _below(text: str) -> list[str]:
    """Give the sentences below the closing that are no name, address or footer."""
    return [each for line in _told_below(text) for each in sentences(line)]


def _stands_below(text: str) -> Iterator[str]:
    """Quote the words below the closing that are not a postscript to the company."""
    yield from (line for line in _told_below(text) if not _is_for_company(line))
    yield from (line for line in _left_below(text) if not _goes_on(line))


def _left_below(text: str) -> Iterator[str]:
    """Give the short lines that are left of what stands below the name: they would go out."""
    lines = [each for each in text[:_MAX_READ].split("\n") if not each.lstrip().startswith(">")]
    closing = next((at for at in range(len(lines) - 1, 0, -1) if is_closing(lines, at)), len(lines))
    below = without_device("\n".join(map(str.strip, lines[closing + 1 :]))).split("\n")
    of_city, is_list = places(below), False
    for whole in unwrapped("\n".join(below_name(below))).split("\n"):
        line = whole[:_LONGEST_SHORT]
        is_list = bool(line and is_list) or bool(ENCLOSURES.match(line))
        if not (is_list or _is_printed(line, of_city)) and any(map(str.isalpha, line)):
            yield line


def _is_printed(line: str, of_city: frozenset[str]) -> bool:
    """Tell whether a line stands below every mail of an office."""
    is_notice = FOOTER.search(line) and not OF_HOUSE.search(line)
    return is_of_signature(line) or is_motto(line, of_city) or bool(is_notice)


def _goes_on(line: str) -> bool:
    """Tell whether a short line below the name decides, limits what is decided, or is told."""
    if ASKS_HOUSE.search(line) or OF_HOUSE.search(line):
        return False
    return _limits(line) or _is_told(line) or _is_answer(line)


def _limits(line: str) -> bool:
    """Tell whether a line only names what limits an answer, and nobody.

    Behind a condition's first word a verb or a predicate tells a story ("Ab Montag krank").
    """
    if any(each.search(line) for each in (OF_SOMEBODY, OF_INSIDERS, BLAMES, MAY_BLAME)):
        return False
    first, _, rest = line.partition(" ")
    is_named = not rest or bool(_LIMITED.fullmatch(f"{rest} "))
    of_matter = any(each.search(line) for each in (OF_MATTER, LIMITS, COUNTED))
    if QUANTITY.match(line) or SAID_OF_ANYTHING.match(line):
        return bool(of_matter and is_named)
    return begins_condition(line) and bool(is_named or CLAUSE.fullmatch(first))


def _is_told(line: str) -> bool:
    """Tell whether a line speaks to the company, says what will come, or how to go on."""
    if OF_SOMEBODY.search(line):
        return False
    is_formal = FORMAL.search(line) and (OF_MATTER.search(line) or COURTESIES.search(line))
    return bool(is_formal or WILL_COME.search(line) or NUMBERED.match(line))


def _told_below(text: str) -> Iterator[str]:
    """Give what is said below the closing in whole sentences, beside what an office prints."""
    lines = [each for each in text[:_MAX_READ].split("\n") if not each.lstrip().startswith(">")]
    first = next((at for at in range(1, len(lines)) if is_closing(lines, at)), len(lines))
    whole = unwrapped(without_device("\n".join(map(str.strip, lines[first + 1 :])))).split("\n")
    of_city = places(whole)
    for line in whole:
        told = len(line.split()) >= _FEWEST and _ENDS.search(line) and not names_author(line)
        if told and not _is_printed(line, of_city):
            yield line


def _is_for_company(line: str) -> bool:
    """Tell whether a postscript speaks to the company, decides, or says what will come."""
    begins = POSTSCRIPT.match(line)
    if begins is None or ASKS_HOUSE.search(line[begins.end() :].lstrip(".: ")):
        return False
    return bool(FORMAL.search(line) or WILL_COME.search(line)) or decides(line)


def _called(line: str, known: OwnNames) -> str:
    """Quote a line's beginning that speaks to somebody whom nothing of the company's names."""
    found = None if greets(line) or closes(line) else _CALLED.match(line)
    names = _names(found["person"] or found["friend"]) if found else []
    return found[0].strip() if found and names and not knows(known, names) else ""


def _is_stranger(line: str, known: OwnNames) -> bool:
    """Tell whether a greeting names a colleague, or somebody who is not known as the company's."""
    found = _GREETED.match(line)
    names = _names(found["whom"]) if found else []
    return bool(names) and not knows(known, names)


def _names(whom: str) -> list[str]:
    words = (each for each in _WORD.findall(whom) if each[0].isupper())
    return [each for each in words if not NO_NAMES.fullmatch(each)]
