"""The manager's command language: one line, one matter, one thing to do.

``KAM-7K3Q-9F2M an bauaufsicht, umwelt`` in a reply to the digest, or in ``mailflow do``. German
and English words mean the same. Parsing is here; what a command does is in
``mailflow.core.manager``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

from mailflow.core.letter import closes, greeting_words, greets
from mailflow.core.tracking import reference_pattern

__all__ = ["VERBS", "Command", "Verb", "commands_in", "not_understood"]


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
# a few words may follow: "Hallo, bitte wie folgt:" above the orders is no order itself
_OPENING = re.compile(rf"{greeting_words('de', 'en')}.{{0,60}}$", re.IGNORECASE)
_BULLET = re.compile(r"^(?:[-*•·–\"'„“»«(\[\s]|\d{1,2}[.)])+\s*")
_FOREIGN = re.compile(
    r">|[-_=#*]{2}|(?:von|from|gesendet|sent|datum|date|an|to|betreff|subject)\s?:"
    r"|.{0,200}\b(?:schrieb|wrote)\b.{0,200}:$",
    re.IGNORECASE,
)
_SIGNED = re.compile(
    r"(?i:(?:danke|vielen dank|besten dank|thanks|thank you)\b.{0,40}"
    r"|(?:gesendet von|sent from|i\. ?[av]\.) .{0,60}"
    r"|bis (?:dann|bald|später)[,.!]?(?: \w+)?"
    r"|[^.?!]{0,30}\b(?:gr(?:u|ü|ue)(?:ß|ss)|wünsche|regards|wishes)\w{0,3}\b.{0,40})"
    r"|.{1,100} [·|] .{1,100}"
    r"|(?:(?:Dr|Prof|Dipl)\.(?:-\w+\.?)* ){0,3}"
    r"(?:(?:(?:von|van|der|de|zu|zur) ){0,2}(?:[A-ZÄÖÜ]\.|[A-ZÄÖÜ][\w'-]{1,30},?)(?: |$)){1,4}"
)
"""A line that signs a mail: a word of thanks, a wish, a device, a name, an imprint."""
_QUOTED = 300
"""So many letters of what was not read are quoted."""

_FILLED_IN = re.compile(r"[^\W_]")
"""What stands for "..." in a digest's example and was left so is no argument."""


@dataclass(frozen=True, slots=True)
class Command:
    """One line as written, and what it says; ``verb`` is None for a word that is none of ours.

    Without a reference it is what stood below the orders, as if to be done, and was not read.
    """

    line: str
    reference: str
    verb: Verb | None
    argument: str


def commands_in(text: str, prefix: str) -> tuple[Command, ...]:
    """Read the commands at the top of a manager's mail.

    Reading ends at the first line that is neither a command, nor the rest of one, nor empty: a
    signature, a quote that the mail program did not mark. So nothing quoted below can ever act.
    One greeting line may stand above. Where it ended before another order, or before the rest of
    the words to be sent, these are the last one: whoever wrote them must read that they were not
    carried out.
    """
    pattern = reference_pattern(prefix)
    orders, below = _orders(text, pattern)
    commands = [_command(line, pattern) for line in orders]
    unread = _unread(commands, below, pattern)
    return (*commands, Command(unread, "", None, "")) if unread else tuple(commands)


def not_understood(command: Command) -> str:
    """Say why a command without one of our words is not carried out."""
    if not command.reference:
        return (
            "Das steht unter einer Zeile, die kein Auftrag ist, und wurde nicht gelesen. Aufträge "
            "stehen ohne andere Worte dazwischen; was zu senden ist, in einem Absatz."
        )
    return f"Dieses Wort kennen wir nicht. Möglich: {', '.join(Verb)}."


def _orders(text: str, pattern: re.Pattern[str]) -> tuple[list[str], list[str]]:
    """Give each order in one line, as it was before a mail program wrapped it, and what is below.

    What is below begins with the first line that was not read.
    """
    orders: list[str] = []
    above = ""
    lines = text[:50_000].splitlines()[:400]
    for at, raw in enumerate(lines):
        line = " ".join(raw.split())
        order = _BULLET.sub("", line)
        if pattern.match(order.translate(_DASHES)):
            orders.append(order)
        elif orders and above and _goes_on(_command(orders[-1], pattern), above, line):
            orders[-1] += f" {line}"
        elif line and (orders or not (greets(line) or _OPENING.match(line))):
            return orders, lines[at:]
        above = raw.rstrip()
    return orders, []


def _unread(commands: Sequence[Command], below: Sequence[str], pattern: re.Pattern[str]) -> str:
    """Give the words below the orders that were meant as one, or as the rest of the last one.

    A signature, a quote and what is below them are neither, nor is a remark on its own.
    """
    lines = (" ".join(raw.split()) for raw in below)
    own = list(takewhile(lambda line: not (_FOREIGN.match(line) or closes(line)), lines))
    orders = any(pattern.match(_BULLET.sub("", line).translate(_DASHES)) for line in own)
    to_send = bool(commands) and commands[-1].verb in _FREE_TEXT and bool(commands[-1].argument)
    if not commands or not own or not (orders or (to_send and not _SIGNED.fullmatch(own[0]))):
        return ""
    words = " ".join(line for line in own if line)
    return words if len(words) <= _QUOTED else f"{words[:_QUOTED]} …"


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
