"""The manager's command language: one line, one matter, one thing to do.

``KAM-7K3Q-9F2M an bauaufsicht, umwelt`` in a reply to the digest, or in ``mailflow do``. German
and English words mean the same. Parsing is here; what a command does is in
``mailflow.core.manager``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise, takewhile

from mailflow.core.above_orders import begins_with_greeting, said_above
from mailflow.core.behind_order import NOTHING, doubt_in, without_courtesy, without_please
from mailflow.core.below_orders import SIGNED, said_below
from mailflow.core.letter import closes
from mailflow.core.numbers import begins_with_number, numbers_in
from mailflow.core.own_signature import Author, author_of
from mailflow.core.reasons import CONSENTS, MADE, ONCE_MORE, PURPOSES, REASONS
from mailflow.core.tracking import reference_pattern
from mailflow.core.visible import visible

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
    **dict.fromkeys(("freigeben", "freigabe", "freigegeben", "release"), Verb.RELEASE),
    **dict.fromkeys(("ok", "o.k"), Verb.RELEASE),
    "aufnehmen": Verb.TRUST,
    "accept": Verb.TRUST,
    **dict.fromkeys(("schliessen", "schließen", "close"), Verb.CLOSE),
    **dict.fromkeys(("abschliessen", "abschließen"), Verb.CLOSE),
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
    **dict.fromkeys(("erinnern", "erinnerung", "remind"), Verb.REMIND),
    "ansiedlung": Verb.SETTLING,
    "settling": Verb.SETTLING,
    "bestand": Verb.EXISTING,
    "existing": Verb.EXISTING,
}

_ALONE = frozenset({Verb.RELEASE, Verb.TRUST, Verb.CLOSE, Verb.DISCARD, Verb.REMIND})
"""What can be carried out without another word."""

_FINAL = frozenset({Verb.RELEASE, Verb.TRUST, Verb.CLOSE, Verb.DISCARD})
"""What nobody can undo: it is not done where words below may limit it."""

_BESIDE: Mapping[Verb | None, re.Pattern[str]] = {
    **dict.fromkeys((Verb.RELEASE, Verb.TRUST), CONSENTS),
    **dict.fromkeys((Verb.DISCARD, Verb.CLOSE), REASONS),
    Verb.REMIND: ONCE_MORE,
    Verb.ASK: PURPOSES,
    Verb.OPEN: MADE,
}
"""What may stand behind an order and changes nothing of it."""

_NOBODY = author_of("")
_FREE_TEXT = frozenset({Verb.ANSWER, Verb.NOTE})
_READ_WHOLE = frozenset({Verb.CLOSE, Verb.DUE})
_WITH_COLON: Mapping[str, Verb] = {"antworten": Verb.ANSWER}
"""Without a colon they are no words of ours: "unter dieser Nummer antworten"."""

_HEAD = 40
"""So many letters of a line are read without signs nobody sees: more than number and word have."""

_MARKS = " :,.;!-*\"'“”„«»()[]"
_WIDTH = 68
"""A word that would have fitted below this column was not wrapped by a mail program."""

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_BULLET = re.compile(
    r"^(?:[-=]{1,2}>|[→➔➜➤►▶⇒✓✔]|[-*•·–\"'„“»«(\[\s]|(?:\d{1,2}|[a-z])[.)]{1,2})+\s*", re.IGNORECASE
)
_LEAD = re.compile(
    r"^(?:(?:zu[mr]?|beim?|für|und|sowie|auch|dann|danach|also|bitte|vorgang(?:snummer)?|nummer|nr"
    r"|ticket|fall|and|then|please|for|case|number|no)\b[\s:.,(\[]*){1,5}",
    re.IGNORECASE,
)
"""Little words before a number, as between the first order of a mail and the second."""

_LITTLE = frozenset({"an", "to", "zu", "ok", "neu", "new", "ohne", "without", "due"})
"""Words of ours that stand behind a number in any sentence: "unter KAM-7K3Q-9F2M an uns"."""

_SENTENCE_ENDS = (".", "!", "?", "…", ":", ";", ")", '"', "“", "”")
_HEADED = r"(?:von|from|gesendet|sent|datum|date|an|to|betreff|subject)\s?:"
_HEADER = re.compile(_HEADED, re.IGNORECASE)
_FOREIGN = re.compile(
    rf">|[-_=#*]{{2}}|{_HEADED}"
    r"|.{0,200}\b(?:schrieb|wrote)\b.{0,200}:$",
    re.IGNORECASE,
)
_QUOTED_MAIL = re.compile(
    r">|[-_=#*]{2,80} ?\w.{0,60}[-_=]{2,80}$|(?:von|from)\s?:"
    r"|.{0,200}\b(?:schrieb|wrote)\b.{0,200}:$",
    re.IGNORECASE,
)
"""Where another mail begins, below what was written; "An:" begins one only above other headers."""

_THANKS = re.compile(r"(?:danke|vielen dank|besten dank|thanks|thank you)\b", re.IGNORECASE)
_CUT = (
    "Darunter steht etwas, das kein Auftrag ist und dazugehören kann; das hier wäre vielleicht nur "
    "ein Anfang. Bitte schreiben Sie alles in einem Absatz, ohne Leerzeile und ohne eine andere "
    "Vorgangsnummer, und Ihren Namen unter einen Gruß."
)
_LIMITED = (
    "Darunter steht: „{}“. Das kann eine Bedingung sein, und der Auftrag ließe sich nicht "
    "zurücknehmen. Bitte schicken Sie ihn ohne weitere Worte, Ihren Namen unter einem Gruß."
)
_LIMITED_ABOVE = (
    "Darüber steht: „{}“. Das kann eine Bedingung sein; deshalb ist nichts geschehen. Bitte "
    "schicken Sie den Auftrag ohne weitere Worte; ein Gruß darf darüber stehen."
)
_QUOTED = 300
"""So many letters of what was not read are quoted."""

_FILLED_IN = re.compile(r"[^\W_]")
"""What stands for "..." in a digest's example and was left so is no argument."""


@dataclass(frozen=True, slots=True)
class Command:
    """One line as written, and what it says; ``verb`` is None for a word that is none of ours.

    Without a reference it is what stood below the orders, as if to be done, and was not read.
    ``refusal`` says why an order is not carried out whose words may go on in what was not read.
    ``colon``: one stands between the verb and its argument.
    """

    line: str
    reference: str
    verb: Verb | None
    argument: str
    refusal: str = ""
    colon: bool = False


def commands_in(text: str, prefix: str, author: str = "") -> tuple[Command, ...]:
    """Read the commands at the top of a manager's mail.

    Reading ends at the first line that is neither a command, nor the rest of one, nor empty: a
    signature, a quote that the mail program did not mark. So nothing quoted below can ever act.
    A greeting may stand above. Other words beside it may limit every order, and none is carried
    out; below prose there are none.
    Where reading ended before another order, or before the rest of
    the words to be sent, these are the last one: whoever wrote them must read that they were not
    carried out. Words whose rest may stand in what was not read are refused as a whole.
    """
    above, orders, below = _orders(text, prefix)
    pattern, his = reference_pattern(prefix), author_of(author)
    commands = [_command(line, pattern, his) for line in orders]
    if limits_all := said_above(above, author):
        refusal = _LIMITED_ABOVE.format(_unread(limits_all))
        is_prose = not all(map(begins_with_greeting, limits_all))
        return () if is_prose else tuple(replace(each, refusal=refusal) for each in commands)
    own = _own(below)
    said = _limits(below, prefix, author)
    is_final = any(each.verb in _FINAL for each in commands)
    limits = _unread([each for each in said if is_final or not SIGNED.fullmatch(each)])
    cut = bool(commands) and _goes_on_below(commands[-1], own, prefix)
    told = own if cut or any(_names(each, prefix) for each in own) else ()
    unread = (_unread(told) or limits) if commands else ""
    unknown = [each.verb is None for each in commands[1:]]
    refused = [
        replace(each, refusal=_refusal(each, is_cut=is_cut, limits=limits or below_it))
        for each, is_cut, below_it in zip(
            commands, [*unknown, cut], [*_garbled(commands), ""], strict=False
        )
    ]
    return (*refused, Command(unread, "", None, "")) if unread else tuple(refused)


def _refusal(command: Command, *, is_cut: bool, limits: str) -> str:
    """Say why an order is not carried out: words below may go on or limit, a sign may say no."""
    if _has_words(command):
        return _CUT if is_cut else ""
    if command.verb not in _FREE_TEXT:
        names = command.verb not in _READ_WHOLE
        if doubt := doubt_in(command.argument, names=names):
            return doubt
    return _LIMITED.format(limits) if limits and command.verb in _FINAL else ""


def _garbled(commands: Sequence[Command]) -> list[str]:
    """Give, for each order but the last, the next line where it only speaks of the same matter."""
    return [
        below.line if below.verb is None and below.reference == above.reference else ""
        for above, below in pairwise(commands)
    ]


def _limits(below: Sequence[str], prefix: str, author: str) -> list[str]:
    """Give the manager's own words below the orders, without what is quoted or another order."""
    lines = [" ".join(raw.split()) for raw in below]
    ends = (at for at in range(len(lines)) if _is_quoted(lines, at))
    said = said_below(lines[: next(ends, len(lines))], author)
    return [line for line in said if not _is_headed(_bare(line), prefix)]


def _is_quoted(lines: Sequence[str], at: int) -> bool:
    """Whether another mail begins with this line, with its headers or as programs introduce it."""
    if _QUOTED_MAIL.match(lines[at]):
        return True
    return all(map(_HEADER.match, lines[at : at + 2])) and at + 1 < len(lines)


def _is_headed(line: str, prefix: str) -> bool:
    return begins_with_number(line) or line.upper().startswith(prefix.upper())


def not_understood(command: Command) -> str:
    """Say why a command without one of our words is not carried out."""
    if not command.reference:
        return (
            "Das steht unter einer Zeile, die kein Auftrag ist, und wurde nicht gelesen. Aufträge "
            "stehen ohne andere Worte dazwischen; was zu senden ist, in einem Absatz."
        )
    return f"Dieses Wort kennen wir nicht. Möglich: {', '.join(Verb)}."


def _orders(text: str, prefix: str) -> tuple[list[str], list[str], list[str]]:
    """Give the words above the orders, each order in one line, and what is below.

    An order is as it was before a mail program wrapped it. What is below begins with the first line
    that was not read.
    """
    pattern = reference_pattern(prefix)
    opening: list[str] = []
    orders: list[str] = []
    above = ""
    lines = text[:50_000].splitlines()[:400]
    for at, raw in enumerate(lines):
        line = " ".join(raw.split()) if visible(raw).strip() else ""
        last = _command(orders[-1], pattern) if orders else None
        order = _order_in(line, pattern)
        if order and last and _is_amid(last, above, order):
            if _is_unclear(_command(order, pattern), above, line):
                return opening, orders, lines[at:]
            order = "" if _LEAD.match(line) else order
        if order:
            orders.append(order)
        elif last and above and _goes_on(last, above, line, prefix):
            orders[-1] += f" {line}"
        elif line and (orders or not _may_open(line)):
            return opening, orders, lines[at:]
        elif line:
            opening.append(line)
        above = raw.rstrip()
    return opening, orders, []


def _may_open(line: str) -> bool:
    """Whether a line may stand above the orders, and nothing signed or quoted begins with it."""
    return begins_with_greeting(line) or not (_FOREIGN.match(line) or closes(line))


def _order_in(line: str, pattern: re.Pattern[str]) -> str:
    """Give the order in a line without a bullet or a little word before it, "" for none."""
    bare = _BULLET.sub("", f"{visible(line[:_HEAD])}{line[_HEAD:]}")
    starts = (bare, _BULLET.sub("", _LEAD.sub("", bare)))
    return next((each for each in starts if pattern.match(each.translate(_DASHES))), "")


def _is_amid(command: Command, above: str, order: str) -> bool:
    """Whether a line that begins with this ticket's number may be the wrapped rest of an answer."""
    if command.verb is not Verb.ANSWER or not above or above.endswith(_SENTENCE_ENDS):
        return False
    return order.translate(_DASHES).upper().startswith(command.reference)


def _is_unclear(command: Command, above: str, line: str) -> bool:
    """Whether an order below unfinished words of the same matter may as well be their rest.

    With a little word before the number it is their rest ("Nummer KAM-7K3Q-9F2M an."), but for
    what can be carried out; without one it may be where the line above was full.
    """
    if not _LEAD.match(line):
        return _is_full(above, line)
    return command.verb in _ALONE or (command.verb is not None and bool(command.argument))


def _own(below: Sequence[str]) -> list[str]:
    """Give the lines below the orders that are neither quoted nor a closing and what follows."""
    lines = (" ".join(raw.split()) for raw in below)
    own = takewhile(lambda line: not (_FOREIGN.match(line) or closes(line)), lines)
    return [line for line in own if line]


def _unread(own: Sequence[str]) -> str:
    words = " ".join(own)
    return words if len(words) <= _QUOTED else f"{words[:_QUOTED]} …"


def _names(line: str, prefix: str) -> bool:
    """Whether a line holds a ticket's number, or begins as if with one."""
    return bool(numbers_in(line, prefix)) or begins_with_number(_bare(line))


def _bare(line: str) -> str:
    return _LEAD.sub("", _BULLET.sub("", line))


def _has_words(command: Command) -> bool:
    return command.verb in _FREE_TEXT and bool(command.argument)


def _goes_on_below(command: Command, own: Sequence[str], prefix: str) -> bool:
    """Whether an order's words may go on in lines that were not read; in a signature they do not.

    A word of thanks may stand amid them, so it alone signs nothing.
    """
    if not own or not _has_words(command):
        return False
    if _names(own[0], prefix) or not SIGNED.fullmatch(own[0]):
        return True
    rest = next((line for line in own if not _THANKS.match(line)), "")
    return not SIGNED.fullmatch(rest) and rest.endswith((".", "!", "?"))


def _goes_on(command: Command, above: str, line: str, prefix: str) -> bool:
    """Whether a line is the rest of the order above it: words to be sent, or a wrapped line.

    What names another matter is not: it would reach the company of this one.
    """
    if not line or _FOREIGN.match(line) or closes(line):
        return False
    if _names_another(line, command.reference, prefix):
        return False
    return command.verb in _FREE_TEXT or above.endswith((",", ";")) or _is_full(above, line)


def _is_full(above: str, line: str) -> bool:
    return len(above) + 1 + len(line.split(" ", 1)[0]) > _WIDTH


def _names_another(line: str, reference: str, prefix: str) -> bool:
    """Whether a line holds a number other than this one, or says what to do with this one."""
    if not _names(line, prefix):
        return False
    pattern = reference_pattern(prefix)
    spoken = (line[each.end() :] for each in pattern.finditer(line.translate(_DASHES)))
    words = {each.lstrip(_MARKS).partition(" ")[0].casefold().strip(_MARKS) for each in spoken}
    return set(numbers_in(line, prefix)) != {reference} or bool(words & (VERBS.keys() - _LITTLE))


def _command(line: str, pattern: re.Pattern[str], author: Author = _NOBODY) -> Command:
    match = pattern.match(line.translate(_DASHES))
    reference = match.group(0).upper() if match else ""
    word, _, argument = without_please(line[len(reference) :]).partition(" ")
    name, argument = word.casefold().strip(_MARKS), argument.strip()
    colon = ":" in word or argument.startswith(":")
    verb = VERBS.get(name) or (_WITH_COLON.get(name) if colon else None)
    if verb not in _FREE_TEXT:
        argument = without_courtesy(argument, author, _BESIDE.get(verb, NOTHING))
    elif not _FILLED_IN.search(argument := argument.lstrip(": ")):
        argument = ""
    return Command(line, reference, verb, argument, colon=colon)
