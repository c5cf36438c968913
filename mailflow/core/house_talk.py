"""How people of one house talk to each other about a matter, without telling anybody outside of it.

What somebody thinks, would rather do, has handed on or asks of a colleague may name any thing
("Der B-Plan ist noch nicht durch, da sollten wir warten"); that thing is then no answer.
"""

import re

from mailflow.core.letter import TO_READER
from mailflow.core.wording import without_own_acts

__all__ = ["asks_colleague", "main_clauses", "stated", "talks"]

_INSIDER = (
    r"(?:kolleg\w{0,5}|chef(?:in|s)?|amtsleit\w{1,4}|vorgänger\w{0,4}|sachbearbeiter\w{0,4}"
    r"|dezernent\w{0,3}|leitung|frau|herrn?)"
)
_HANDED_ON = (
    r"(?:(?:ange|unter)?schrieben|(?:an|nach)?gefragt|gebeten|(?:an|be)?gesprochen|angerufen"
    r"|erinnert|informiert|kontaktiert|(?:weiter|vor|zu)ge(?:reicht|leitet|geben|legt)|gegeben"
    r"|übergeben|vorgelegt|zugeleitet)"
)
_ALONE = rf"^(?!.*{TO_READER}).*"
# The first word of several is looked for once: from each of them to the end is a square.
_TALK = re.compile(
    # what one person says of himself to a colleague: to the company he would say "Sie" or "Ihnen"
    rf"{_ALONE}\bich\b|^(?:hab|habe|bin|werde|war)\b"
    # what "we" should or should not do, and what somebody thinks of it
    rf"|{_ALONE}\b(?:sollten|müssten|könnten|würden|dürften|wollen) wir\b(?! uns freuen)"
    rf"|{_ALONE}\bwir (?:sollten|müssten|würden|wollen)\b"
    r"|\bmeines erachtens\b|\bunter uns\b|\b(?:müsste|sollte|könnte) man\b|(?<!\d )\bmal\b"
    # "die" and "der" for a person: "die haben den Plan gemacht"
    r"|^(?:die|der) (?:haben|hat|hatten?|müssten?|wollen|will|kennen|kennt|weiß|wissen|führen"
    r"|machen|kriegen|sollen)\b"
    rf"|^(?>.*?\b(?:wir|ich|habe)\b).*\b{_HANDED_ON}$"
    rf"|^(?>.*?\bwurden?\b)(?>.*?\b{_INSIDER}).*\b{_HANDED_ON}$"
    rf"|^(?:(?:der|die|das|unsere?|mein|meine) )?{_INSIDER} (?:[A-ZÄÖÜ]\w+ )?(?:will|möchte"
    r"|hatte|müsste|weiß|meint|sagt|muss|hat dazu)\b"
    r"|^(?>.*?\b(?:kann|können) (?:ich|wir)\b)"
    r"(?>.*?\b(?:noch|derzeit|bisher) (?:keine?[nmrs]?|nicht)\b)"
    r".*\b(?:nennen|sagen|mitteilen|angeben|einschätzen|zusagen)\b"
    r"|^da (?!die\b|der\b|das\b|den\b|dem\b|es\b|dort\b|hier\b)[a-zäöüß]{2,12}t(?:e|en)?\b"
    r"|\bnicht (?:auffindbar|aufzufinden|zu finden)$|\b(?:unauffindbar|verschwunden)$"
    r"|\b(?:archiv|akten?) (?:sucht|kommt|kommen|fehlt|fehlen)\b",
    re.IGNORECASE,
)
_ONE = (
    r"(?:ruf|nimm|frag|schau|schick|gib|mach|lass|streich|sag|schreib|guck|sieh|leg|nehmt|gebt"
    r"|lasst|seht|sprecht)"
)
_ALSO_OTHERS = r"(?:ruft|fragt|schaut|schickt|macht|schreibt|legt|haltet|sagt)"
_IMPERATIVE = re.compile(
    rf"(?:^\W{{0,3}}|[,;:–(] ?)(?:bitte |und |dann ){{0,2}}{_ONE} (?!sie\b)"
    rf"|^\W{{0,3}}(?:bitte )?{_ALSO_OTHERS} (?:mich|mir|uns|das|den|die|denen|bitte|mal|ihm|ihr)\b",
    re.IGNORECASE,
)
# What hangs on a clause says nothing without it; "die Zufahrt ist breit genug" stands by itself.
_HANGS = re.compile(
    r"(?:dass|ob|weil|wenn|falls|da|sobald|solange|bis|bevor|nachdem|um|damit|sodass|obwohl|wie|wo"
    r"|was|wer|wann|welche[rsnm]?|(?:der|die|das|den|dem|deren|dessen) (?-i:[a-zäöüß])"
    r"|(?:nach|mit|von|zu|bei|in|auf|für|über|ohne)\b.{0,200} zu \w{1,40}en$"
    r"|dauert|kommt|ist|wird|liegt|soll|schon)\b",
    re.IGNORECASE,
)
_SAYS_NOTHING = re.compile(
    r"\b(?:ich|wir)\b[^.!?\n]{0,30}\bnichts (?:sagen|schreiben|dazu)\b"
    r"|\b(?:ich|wir) dazu (?:noch |derzeit |aber |vorher )?nichts\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[^,;:–]+")
_EDGES = ' \t.!?"„“()'


def asks_colleague(sentence: str) -> bool:
    """Tell whether a sentence asks something of somebody whom its writer calls "du" or "ihr"."""
    return bool(_IMPERATIVE.search(sentence))


def talks(sentence: str) -> bool:
    """Tell whether a clause of a sentence is talk of the house."""
    return any(map(_is_talk, _clauses(sentence)))


def stated(sentence: str) -> list[str]:
    """Give what a sentence states: all of it, or its main clauses beside the talk of the house."""
    if _SAYS_NOTHING.search(sentence):
        return []
    if not talks(sentence):
        return [sentence]
    return [each for each in main_clauses(sentence) if not _is_talk(each)]


def main_clauses(sentence: str) -> list[str]:
    """Give the clauses of a sentence that hang on no other."""
    return [each for each in _clauses(sentence) if not _HANGS.match(each)]


def _is_talk(clause: str) -> bool:
    return bool(_TALK.search(clause)) or without_own_acts(clause) != clause


def _clauses(sentence: str) -> list[str]:
    return [words for each in _CLAUSE.finditer(sentence) if (words := each[0].strip(_EDGES))]
