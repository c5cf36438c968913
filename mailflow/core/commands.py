"""The manager's command language: one line, one matter, one thing to do.

``KAM-7K3Q-9F2M an bauaufsicht, umwelt`` in a reply to the digest, or in ``mailflow do``. German
and English words mean the same. Parsing is here; what a command does is in
``mailflow.core.manager``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mailflow.core.letter import closes
from mailflow.core.tracking import reference_pattern

__all__ = ["VERBS", "Command", "Verb", "commands_in"]


class Verb(StrEnum):
    """What the manager can say about a matter."""

    ASK = "an"
    RELEASE = "freigeben"
    TRUST = "aufnehmen"
    CLOSE = "schliessen"
    NOTE = "notiz"
    ASSIGN = "zu"
    OPEN = "neu"
    DISCARD = "verwerfen"
    DUE = "frist"
    WITHOUT = "ohne"
    ANSWER = "antwort"
    REMIND = "erinnern"
    SETTLING = "ansiedlung"
    EXISTING = "bestand"


VERBS: Mapping[str, Verb] = {
    "an": Verb.ASK,
    "to": Verb.ASK,
    "freigeben": Verb.RELEASE,
    "freigabe": Verb.RELEASE,
    "ok": Verb.RELEASE,
    "release": Verb.RELEASE,
    "aufnehmen": Verb.TRUST,
    "accept": Verb.TRUST,
    "schliessen": Verb.CLOSE,
    "schließen": Verb.CLOSE,
    "close": Verb.CLOSE,
    "notiz": Verb.NOTE,
    "note": Verb.NOTE,
    "zu": Verb.ASSIGN,
    "join": Verb.ASSIGN,
    "neu": Verb.OPEN,
    "new": Verb.OPEN,
    "verwerfen": Verb.DISCARD,
    "discard": Verb.DISCARD,
    "frist": Verb.DUE,
    "due": Verb.DUE,
    "ohne": Verb.WITHOUT,
    "without": Verb.WITHOUT,
    "antwort": Verb.ANSWER,
    "answer": Verb.ANSWER,
    "erinnern": Verb.REMIND,
    "remind": Verb.REMIND,
    "ansiedlung": Verb.SETTLING,
    "settling": Verb.SETTLING,
    "bestand": Verb.EXISTING,
    "existing": Verb.EXISTING,
}

_FREE_TEXT = frozenset({Verb.ANSWER, Verb.NOTE})
_MARKS = " :,.;!-*\"'“”„«»()[]"
_WIDTH = 68
"""A word that would have fitted below this column was not wrapped by a mail program."""

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_GREETING = re.compile(
    r"(?:guten (?:tag|morgen|abend)|hallo|moin|hi|hello|dear|sehr geehrte[rs]?|liebe[rs]?)"
    r"\b.{0,60}$",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^(?:[-*•·–\"'„“»«(\[\s]|\d{1,2}[.)])+\s*")
_FOREIGN = re.compile(
    r">|[-_=#*]{2}|(?:von|from|gesendet|sent|datum|date|an|to|betreff|subject)\s?:"
    r"|.{0,200}\b(?:schrieb|wrote)\b.{0,200}:$",
    re.IGNORECASE,
)
_FILLED_IN = re.compile(r"[^\W_]")
"""What stands for "..." in a digest's example and was left so is no argument."""


@dataclass(frozen=True, slots=True)
class Command:
    """One line as written, and what it says; ``verb`` is None for a word that is none of ours."""

    line: str
    reference: str
    verb: Verb | None
    argument: str


def commands_in(text: str, prefix: str) -> tuple[Command, ...]:
    """Read the commands at the top of a manager's mail.

    Reading ends at the first line that is neither a command, nor the rest of one, nor empty: a
    signature, a quote that the mail program did not mark. So nothing quoted below can ever act.
    One greeting line may stand above.
    """
    pattern = reference_pattern(prefix)
    return tuple(_command(line, pattern) for line in _orders(text, pattern))


def _orders(text: str, pattern: re.Pattern[str]) -> list[str]:
    """Give each order in one line, as it was before a mail program wrapped it."""
    orders: list[str] = []
    above = ""
    for raw in text[:50_000].splitlines()[:400]:
        line = " ".join(raw.split())
        order = _BULLET.sub("", line)
        if pattern.match(order.translate(_DASHES)):
            orders.append(order)
        elif orders and above and _goes_on(_command(orders[-1], pattern), above, line):
            orders[-1] += f" {line}"
        elif line and (orders or not _GREETING.match(line)):
            break
        above = raw.rstrip()
    return orders


def _goes_on(command: Command, above: str, line: str) -> bool:
    """Whether a line is the rest of the order above it: words to be sent, or a wrapped line."""
    if not line or _FOREIGN.match(line) or closes(line):
        return False
    if command.verb in _FREE_TEXT or above.endswith((",", ";")):
        return True
    return len(above) + 1 + len(line.split(" ", 1)[0]) > _WIDTH


def _command(line: str, pattern: re.Pattern[str]) -> Command:
    match = pattern.match(line.translate(_DASHES))
    reference = match.group(0).upper() if match else ""
    word, _, argument = line[len(reference) :].lstrip(_MARKS).partition(" ")
    verb = VERBS.get(word.casefold().strip(_MARKS))
    argument = argument.strip() if verb in _FREE_TEXT else argument.strip(_MARKS)
    if not _FILLED_IN.search(argument):
        argument = ""
    return Command(line, reference, verb, argument)
