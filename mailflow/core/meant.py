"""Which of the items that wait in a ticket an order means: one, and never a second beside it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import chain, count

from mailflow.core.matter import Matter, RefusedError
from mailflow.core.ticket import Hold

__all__ = ["EVERYTHING", "NO_OFFICE", "meant", "name_of", "number_among", "numbered"]

_THINGS = {
    "anlage": "anlage",
    "anlagen": "anlage",
    "attachment": "anlage",
    "attachments": "anlage",
    "zustellung": "zustellung",
    "delivery": "zustellung",
    "anfrage": "anfrage",
    "inquiry": "anfrage",
}
EVERYTHING = frozenset({"alles", "all", "everything"})
NO_OFFICE = frozenset(_THINGS) | EVERYTHING
"""Words that name in an order what is no office: none can have one for its id."""

_DIGITS, _SHORTEST = 12, 5
"""So many digits an item's number has, and so many of them an order names at least."""
_NUMBERED = re.compile(
    rf"(\S.*?)\s+(?:(?:nr|nummer|no|number)\.?\s*)?(\d{{1,{_DIGITS}}})(?:\s+(?:bitte|danke|please))?",
    re.IGNORECASE,
)
_LINKED = re.compile(r"\s{0,5}<(?:tel|callto|sip):[^>]{0,60}>", re.IGNORECASE)
_AROUND = re.compile(r"[()\[\]#]")
_SHOWN = 80


def numbered(
    hold: Hold, fingerprint: str, before: Sequence[Hold], replaced: Iterable[Hold] = ()
) -> Hold:
    """Give an item its number, by the mail that caused it.

    So it is the same whatever else waits. Without a mail it is what failed that numbers it; behind
    another item of the same thing and mail, its reason, too, and how many alike there were. What
    is settled counts as well, or settling one would give its number to the next. What is put in
    the place of one ``replaced``, with words added, has that one's number.
    """
    former = next((each for each in replaced if _cause(each) == _cause(hold)), None)
    if former:
        return replace(hold, number=former.number)
    taken = {each.number for each in before if each.thing == hold.thing}
    failed = f"{hold.reason} {hold.suggestion}"
    causes = chain(
        (fingerprint or failed, f"{fingerprint} {failed}"),
        (f"{fingerprint} {failed} {further}" for further in count(2)),
    )
    return replace(hold, number=next(each for each in map(_number_of, causes) if each not in taken))


def _cause(hold: Hold) -> tuple[object, ...]:
    """Give what an item has in common with the one in whose place it was put."""
    return hold.thing, hold.reason, hold.suggestion, hold.mail_id, hold.created_at


def _number_of(cause: str) -> str:
    first = 10 ** (_DIGITS - 1)
    return str(first + int(sha256(cause.encode()).hexdigest(), 16) % (9 * first))


def number_among(hold: Hold, holds: Iterable[Hold]) -> str:
    """Give an item's number where others of the same thing wait beside it, else "".

    Of its digits there are as many as tell it apart.
    """
    others = [each.number for each in holds if each.thing == hold.thing and each != hold]
    if not others:
        return ""
    shorter = (hold.number[:length] for length in range(_SHORTEST, _DIGITS))
    alone = (each for each in shorter if not any(other.startswith(each) for other in others))
    return next(alone, hold.number)


def name_of(hold: Hold) -> str:
    """Give the words by which an order names an item."""
    return f"{hold.thing} {hold.number}" if hold.number else hold.thing


def meant(
    matter: Matter, holds: Sequence[Hold], verb: str, words: str, every: str = ""
) -> list[Hold]:
    """Give the items that an order names, one for each word, or the only one there is.

    Items that came after the mail that is answered are never meant.

    Raises RefusedError where several may be meant, naming them in orders that begin with ``verb``,
    and ``every``, the order for all of them, where there is one.
    """
    names = [each.strip() for each in re.split(r"[,;]|\s+und\s+|\s+and\s+", words) if each.strip()]
    told = [hold for hold in holds if matter.has_shown(hold)]
    if not told:
        matter.refuse_over(holds)
    found = [_named(matter, holds, verb, name) for name in names] if names else [told]
    several = next((each for each in found if len(each) > 1), None)
    if several:
        named = f"{_listed(several, matter.ticket.holds, verb)}{every and f'; {every}'}"
        raise RefusedError(f"Hier wartet mehreres. Sagen Sie, was: {named}.")
    return list(dict.fromkeys(hold for each in found for hold in each))


def _named(matter: Matter, holds: Sequence[Hold], verb: str, name: str) -> list[Hold]:
    thing, number = _thing_and_number(matter, name)
    of_it = [hold for hold in holds if hold.thing == thing]
    found = [hold for hold in of_it if _is_numbered(hold, number)]
    told = [hold for hold in found if matter.has_shown(hold)]
    if told:
        return told
    matter.refuse_over(found)
    rest = f" Hier wartet: {_listed(of_it, of_it, verb)}." if of_it else ""
    raise RefusedError(f"Von „{name}“ wartet hier nichts.{rest}")


def _is_numbered(hold: Hold, number: str) -> bool:
    """Whether an item may be the one of this number; fewer digits than we name are no number."""
    return not number or (len(number) >= _SHORTEST and hold.number.startswith(number))


def _thing_and_number(matter: Matter, name: str) -> tuple[str, str]:
    """Read a thing's name and, beside it, a number, unless that is part of an office's name.

    What else stands there may limit the order, or be a number misread: it is refused.
    """
    word, number = (name, "") if _is_an_offices(matter, name) else _split(name)
    if thing := _THINGS.get(word.casefold()):
        return thing, number
    office = matter.office_named(word)
    if office is None:
        raise matter.no_office(name)
    matter.refuse_beside(word, office)
    return office.id, number


def _split(name: str) -> tuple[str, str]:
    """Split a thing's name and its number, which mail programs make a link to a telephone."""
    plain = " ".join(_AROUND.sub(" ", _LINKED.sub("", name)).split())
    match = _NUMBERED.fullmatch(plain)
    return (match[1], match[2]) if match else (plain, "")


def _is_an_offices(matter: Matter, name: str) -> bool:
    """Whether these very words are an office's name, as of "Amt 61"."""
    names = ({each.name.casefold(), each.short_name.casefold()} for each in matter.policy.offices)
    return any(name.casefold() in each for each in names)


def _listed(holds: Iterable[Hold], waiting: Sequence[Hold], verb: str) -> str:
    """Give the order for each item, with what the item is."""
    return "; ".join(
        f"{verb} {name_of(replace(hold, number=number_among(hold, waiting)))} ({_short(hold.text)})"
        for hold in holds
    )


def _short(text: str) -> str:
    text = text.rstrip(".")
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
