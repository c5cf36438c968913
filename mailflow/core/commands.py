"""The manager's command language: one line, one matter, one thing to do.

``KAM-7K3Q-9F2M an bauaufsicht, umwelt`` in a reply to the digest, or in ``mailflow do``. German
and English words mean the same. Parsing is here; what a command does is in
``mailflow.core.manager``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

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

_GREETING = re.compile(
    r"(?:guten (?:tag|morgen|abend)|hallo|moin|hi|hello|dear|sehr geehrte|liebe)\b.{0,60}$",
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

    Reading ends at the first line that is neither a command nor empty: a signature, a quote that
    the mail program did not mark. So nothing quoted below can ever act. One greeting line may
    stand above.
    """
    found: list[Command] = []
    pattern = reference_pattern(prefix)
    for number, raw in enumerate(_lines(text)):
        line = " ".join(raw.split())
        match = pattern.match(line)
        if match:
            found.append(_command(line, match.group(0).upper(), line[match.end() :]))
        elif line and not (number == 0 and _GREETING.match(line)):
            break
    return tuple(found)


def _lines(text: str) -> list[str]:
    return [line for line in text[:50_000].splitlines() if line.strip()][:200]


def _command(line: str, reference: str, rest: str) -> Command:
    word, _, argument = rest.strip(" :,.-").partition(" ")
    verb = VERBS.get(word.casefold().strip(":,.;"))
    if verb in (Verb.ANSWER, Verb.NOTE):  # sentences keep their ends
        argument = rest.lstrip(" :,.-").partition(" ")[2]
    if not _FILLED_IN.search(argument):
        argument = ""
    return Command(line, reference, verb, argument.strip())
