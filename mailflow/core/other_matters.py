"""What an office's mail says of another matter, which may be another company's affair."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from mailflow.core.known import Policy
from mailflow.core.legal_forms import LEGAL_FORM, LEGAL_FORM_WORDS
from mailflow.core.message import Message
from mailflow.core.own_names import own_names
from mailflow.core.reply import ReplyKind, ReplyReading
from mailflow.core.third_parties import third_parties
from mailflow.core.ticket import Ticket
from mailflow.core.tracking import find_references
from mailflow.core.visible import visible

__all__ = ["other_matters"]

_HYPHENS = dict.fromkeys((*range(0x2010, 0x2016), 0x2212), "-")
"""What word processors make of a number's hyphens."""

_WORD = re.compile(r"[^\W_]{2,40}")
_LARGE = r"[A-ZÄÖÜ][\w&-]{1,40}"
# "Ihr anderer Antrag" is the company's own; "im anderen Fall" alone is "otherwise".
_OTHER = re.compile(
    r"\b(?:zu[mr]|vo[nm]|bei(?:m| der)|im|in der|de[mnrs]|die|das) (?:andere[nr]?"
    r" (?:vorgangs?|antrags?|sache|anfrage|angelegenheit|firma|unternehmen)\b"
    rf"|anderen falle?s?\b(?=,? ?[(:]|,? (?-i:{_LARGE})))(?: ?\([^()]{{1,60}}\))?",
    re.IGNORECASE,
)
_CASE = re.compile(
    r"\b(?:[Ff]all|[Vv]organg|[Ss]ache|[Aa]ngelegenheit)s?e?n? (?:(?:de[rs]|von) )?"
    r"(?P<party>(?:Firma|Fa\.|Herrn?|Frau) )?"
    rf"(?P<name>(?!Ihr|Sie\b){_LARGE}(?: {_LARGE}){{0,3}})"
)
_OF_MATTERS = re.compile(
    r".{0,30}(?:ung|heit|keit|last|plan|antrag|anzeige|erlaubnis|gebiet|gelände"
    r"|straße|weg|platz|plätze|halle|haus|lager|flur|flurstück|grundstück|parzelle|nummer)",
    re.IGNORECASE,
)
"""Words by which a matter is called rather than a company."""

_MOST_NAMED = 10
_INFLECTED = re.compile(r"\w{2,40}e[mnrs]?")
_SMALL = frozenset(
    "für im in an am auf aus bei mit von vom zu zum zur der die das dem den des ein eine einer"
    " eines einem und oder ist sind war es er sie wir ihr ihre ihrer unser unsere auftrag namen"
    " freundlichen freundliche besten beste vielen viele herzlichen herzliche grüßen grüße gruß"
    " dank uns the of for and with kind best regards your our team".casefold().split()
)
"""What leads up to a company's name in its signature, or stands within it: no part of a name."""


def other_matters(
    ticket: Ticket,
    message: Message,
    reading: ReplyReading,
    policy: Policy,
    companies: Iterable[str] = (),
) -> tuple[str, ...]:
    """Give what a mail to be passed on names of other matters, also in a file's name.

    First the numbers of other tickets, then words for another case, then which of these other
    ``companies``, then whom else it names. What is said of them may be their affair, unless this
    one has named them itself.
    """
    if reading.kind in {ReplyKind.DECLINE, ReplyKind.INTERNAL}:
        return ()
    files = (each.name for each in message.attachments)
    words = "\n".join((message.subject, *files, visible(reading.text))).translate(_HYPHENS)
    theirs = "\n".join((ticket.subject, *(letter.text for letter in ticket.letters)))
    asked = {ticket.reference, *find_references(theirs.translate(_HYPHENS), policy.prefix)}
    numbers = (each for each in find_references(words, policy.prefix) if each not in asked)
    said = visible(reading.text)
    called = f"{ticket.account.name}\n{ticket.contact.name}\n{ticket.contact.address}"
    offices = "\n".join(each.name for each in policy.offices)
    own = frozenset(_words(f"{theirs}\n{called}"))
    named = _named(companies, "\n".join((*files, said)), own | frozenset(_words(offices)))
    found = dict.fromkeys((*numbers, *_other_cases(said, own), *named))
    if found:
        return tuple(found)
    known = own_names(called, f"{theirs}\n{offices}")
    others = islice(third_parties(said, known), _MOST_NAMED)
    return tuple(dict.fromkeys(f"„{each}“" for each in others))


def _words(text: str) -> list[str]:
    return [each.casefold() for each in _WORD.findall(text)]


def _other_cases(text: str, own: frozenset[str]) -> Iterator[str]:
    """Find words for another case: "zum anderen Vorgang", "im Fall Bäckerei Morgenrot"."""
    flat = " ".join(text.split())
    for found in _OTHER.finditer(flat):
        yield f"„{found[0].strip()}“"
    for found in _CASE.finditer(flat):
        names = _WORD.findall(found["name"])
        strange = [each for each in names if each.casefold() not in own]
        is_name = found["party"] or (len(names) > 1 and not _OF_MATTERS.fullmatch(names[0]))
        if strange and is_name:
            yield f"„{found[0]}“"


def _named(companies: Iterable[str], text: str, own: frozenset[str]) -> Iterator[str]:
    """Find those companies' names of which the ticket's own company has not written a word."""
    said = f" {' '.join(map(_marked, _WORD.findall(text)))} "
    folded = said.replace("^", "")
    for name in companies:
        words = _WORD.findall(LEGAL_FORM.sub(" ", name))
        telling = _telling(words, own)
        if telling and f" {telling[0].casefold()} " in folded and _spelling(telling).search(said):
            yield name


def _marked(word: str) -> str:
    """Fold a word's case, but not whether it begins with a large letter: nouns and names do."""
    folded = word.casefold()
    return folded if word[0].islower() else f"^{folded}"


def _telling(words: list[str], own: frozenset[str]) -> list[str]:
    """Give the words by which a company is surely called, and what stands between them.

    A word of this company's letters says nothing, nor does what only leads up to a name, as in
    "Mit freundlichen Grüßen Ihre Müller GmbH"; with two small words before a large one, "Sie können
    uns vertrauen Müller GmbH", it is a sentence.
    """
    telling = [at for at, each in enumerate(words) if each.casefold() not in _SMALL][:2]
    if not telling or own.issuperset(words[at].casefold() for at in telling):
        return []
    is_small = all(words[at][0].islower() for at in telling)
    behind = words[telling[-1] + 1 :]
    if len(telling) > 1 and is_small and any(each[0].isupper() for each in behind):
        return []
    return words[telling[0] : telling[-1] + 1]


def _spelling(words: list[str]) -> re.Pattern[str]:
    """Give how a company is named: by two words, or by one with "Firma" or its legal form.

    One word alone may be a common noun. A large letter counts only where the name has it: of one
    word, and of what may be an adjective, as in "Neue Wege GmbH".
    """
    first, *others = (re.escape(each.casefold()) for each in words)
    is_large = words[0][0].isupper()
    if others:
        mark = r"\^" if is_large and _INFLECTED.fullmatch(words[0]) else r"\^?"
        whole = r" \^?".join((first, *others))
        return re.compile(f" {mark}{whole} ")
    name = rf"\^{first}" if is_large else rf"\^?{first}"
    return re.compile(rf" \^?(?:firma|fa) {name} | {name} \^?(?:{'|'.join(LEGAL_FORM_WORDS)}) ")
