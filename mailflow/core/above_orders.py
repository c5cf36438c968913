"""What a manager writes above his orders: how a mail begins, or words that may limit all of them.

Only what is positively a greeting, a word that leads in, or a courtesy is passed over, each from a
closed list: "Hallo, noch nicht freigeben:" greets as well.
"""

import re
from collections.abc import Sequence
from itertools import takewhile

from mailflow.core.below_orders import bare, is_footer
from mailflow.core.courtesies import is_courtesy, is_farewell
from mailflow.core.letter import closes, greeting_words
from mailflow.core.limits import warns
from mailflow.core.own_signature import Author, author_of
from mailflow.core.tracking import without_tokens

__all__ = ["begins_with_greeting", "said_above", "why_no_order"]


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_GREETING = re.compile(
    rf"{greeting_words('de', 'en')}|(?:hallöchen|sehr geehrtes)(?![a-zß-ÿ\d-])", re.IGNORECASE
)
_AND_GREETING = re.compile(rf"(?:(?:und|and) )?(?:{_GREETING.pattern})", re.IGNORECASE)
"""Behind a greeting another: "Hallo und guten Morgen", "Moin moin"."""
_TITLE = re.compile(r"\b(?:Dr|Prof|Dipl|Ing|Mag)\.(?:-\w{1,20}\.)? ?")
_BETWEEN = re.compile(r"[,;.!:](?:\s|$)| [–-] ")
_MARKS = " .,!:;–-()*_"
_MANY = 7
_TO_SOMEBODY = re.compile(r"(?:frau|herrn?|mrs?|ms|familie)\b", re.IGNORECASE)
_DEAR = re.compile(r"(?:liebe[rs]?|werte[rn]?) ", re.IGNORECASE)
_LARGE = re.compile(r"[A-ZÄÖÜ][\w'-]{0,40}\.?")
_READERS = _words(
    "zusammen alle allerseits miteinander ihr lieben liebe lieber liebes werte werter geehrte"
    " geehrter sehr und in die runde an das vom von van der de zu zur frau herr herrn damen herren"
    " kollegen kolleginnen team all there everyone everybody both sir madam or and mr mrs ms"
    " nochmal nochmals"
)
"""Words of those who are greeted; whatever else stands there begins with a capital letter."""

_NO_NAME = re.compile(
    r"(?:widerruf|storno|stornierung|storniert|vertagt|vorsicht|verboten|ablehnung"
    r"|sperr(?:e|frist|ung)|abbruch|einspruch|veto|probe|test|vorschlag|muster|fragen?"
    r"|problem|rückzug|januar|februar|märz|april|mai|juni|juli|september|oktober|november"
    r"|dezember|revocation|draft|questions?|abort|trial)\W{0,3}",
    re.IGNORECASE,
)
"""What begins with a capital letter behind a greeting, and names nobody: "Hallo, Widerruf,"."""

_NO_ORDER = "Oben in der Mail stand kein Auftrag, der mit einer Vorgangsnummer beginnt."
_LOOKED_AT = 20
_SHOWN = 80

_DONE = (
    r"(?:verfahren|vorgehen|erledigen|ausführen|bearbeiten|umsetzen|veranlassen|entscheiden"
    r"|proceed|do|process|handle)"
)
_THINGS = (
    r"(?:entscheidung(?:en)?|antwort(?:en)?|rückmeldung(?:en)?|anweisung(?:en)?|aufträge?"
    r"|freigaben?|punkte?|vorgänge?|decisions?|answers?|orders?|instructions?|replies|reply)"
)
_OF_TODAY = (
    r"(?: (?:(?:für|von|zu[mr]?|auf|aus) (?:(?:der|die|den|ihrer?|eurer?|heutigen?|gestrigen?) )"
    r"{0,2}(?:heute|gestern|übersicht|tagesübersicht|liste|vorgängen|mail|punkten)|dazu|hierzu"
    r"|heute|wie folgt|(?:for|of|on|to) (?:today|the (?:digest|list|overview))))?"
)
_MANY_THINGS = (
    r"(?:entscheidungen|aufträge|anweisungen|rückmeldungen|antworten|decisions|orders|instructions)"
)
_LEADS_IN = re.compile(
    rf"(?:{_MANY_THINGS}{_OF_TODAY}"
    r"|(?:hier )?zu den (?:(?:offenen|heutigen|gestrigen|einzelnen) ){0,2}(?:punkten|vorgängen)"
    rf"|(?:und )?(?:anbei|hier|hiermit|nachfolgend|nachstehend|im folgenden|unten|darunter)"
    rf"(?: (?:sind|ist|kommen|kommt|folgen|folgt|stehen|finden sie|schicke ich|sende ich))?"
    rf"(?: (?:ihnen|euch|dir|noch|nun|jetzt|auch))?"
    rf"(?: (?:die|meine|unsere))? {_THINGS}{_OF_TODAY}"
    rf"|(?:und )?(?:meine|unsere|die|folgende) {_THINGS}{_OF_TODAY}"
    rf"|(?:es )?(?:folgt|folgen)(?: (?:die|meine|unsere))? {_THINGS}{_OF_TODAY}"
    rf"|(?:dann )?(?:bitte )?(?:wie folgt|folgendes|so)(?: (?:bitte )?{_DONE})?|bitte(?: {_DONE})?"
    rf"|(?:(?:bitte )?(?:die )?folgenden? (?:{_THINGS}))(?: bitte)?(?: {_DONE})?"
    r"|zu[mr]?(?: (?:ihrer|eurer|der|heutigen|gestrigen)){0,2} (?:übersicht|tagesübersicht|liste)"
    r"(?: (?:von heute|heute))?"
    rf"|(?:here (?:are|is|come)|below are|these are|please find below) (?:my |the )?{_THINGS}"
    rf"{_OF_TODAY}|my {_THINGS}{_OF_TODAY}"
    rf"|(?:please )?(?:{_DONE} )?(?:(?:it|this|them) )?(?:as follows|the following)"
    rf"(?: {_THINGS})?(?: please)?|please(?: {_DONE})?)",
    re.IGNORECASE,
)


def said_above(lines: Sequence[str], author: str = "") -> list[str]:
    """Give the lines above the orders that are no greeting, lead-in or courtesy of ``author``."""
    his = author_of(author)
    return [line for line in lines if not _opens(bare(line), his)]


def why_no_order(text: str, author: str) -> str:
    """Say why a mail holds no order, with the first of its words that open no mail."""
    lines = (" ".join(each.split()) for each in text.splitlines()[:_LOOKED_AT])
    own = takewhile(lambda line: begins_with_greeting(line) or not closes(line), lines)
    said = next(iter(said_above(list(own), author)), "")
    words = without_tokens(said)[:_SHOWN]
    there = f" Dort steht: „{words}“; was darunter steht, wurde nicht gelesen."
    return f"{_NO_ORDER}{there if said else ''}"


def begins_with_greeting(line: str) -> bool:
    """Tell whether a line greets, whatever else it says."""
    return bool(_GREETING.match(line))


def _opens(line: str, author: Author) -> bool:
    if is_footer(line):
        return True
    line = _TITLE.sub("", line)
    marks = list(_BETWEEN.finditer(line))
    starts = [0, *(each.end() for each in marks)]
    ends = [*(each.start() for each in marks), len(line)]
    return all(_is_plain(line, start, end, author) for start, end in zip(starts, ends, strict=True))


def _is_plain(line: str, start: int, end: int, author: Author) -> bool:
    """Whether a part of a line only opens a mail; a greeting is known by what stands behind it."""
    part = line[start:end].strip(_MARKS)
    greeting = _GREETING.match(line, start)
    if greeting:
        rest = line[greeting.end() : end].strip(_MARKS)
        if again := _AND_GREETING.match(rest):
            rest = rest[again.end() :].strip(_MARKS)
        return _greets_readers(rest, by_name=not line.endswith(":"))
    if not part or _LEADS_IN.fullmatch(part):
        return True
    if is_courtesy(part, author.signs):
        return not is_farewell(part)  # "Bis Montag:" is a day to wait for
    greeted = line.endswith(",") and begins_with_greeting(line)
    may_name = greeted if start else _DEAR.match(part)
    return _greets_readers(part, by_name=bool(may_name))


def _greets_readers(words: str, *, by_name: bool) -> bool:
    """Whether words only name who is greeted: readers, "Frau Roth" or, where it may be, a name."""
    said = words.split()
    others = [each for each in said if each.casefold() not in _READERS]
    if len(said) > _MANY or not all(map(_LARGE.fullmatch, others)):
        return False
    if not others or any(map(_TO_SOMEBODY.match, said)):
        return True
    return by_name and not any(warns(each) or _NO_NAME.fullmatch(each) for each in others)
