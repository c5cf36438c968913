"""What stands beside an order in its line: courtesies change nothing, a sign may say no."""

import re

from mailflow.core.courtesies import thanks_or_wishes
from mailflow.core.own_signature import Author
from mailflow.core.reasons import CONSENTS, PURPOSES, REASONS
from mailflow.core.visible import visible

__all__ = [
    "NOTHING",
    "doubt_in",
    "too_many",
    "without_courtesy",
    "without_please",
]

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_MARKS = " :,.;!-*\"'“”„«»()[]"
_MARKS_ONLY = re.compile(r"[-\s.,:;!*\"'“”„«»()\[\]{}…_=~/\\|+<>#&·•]*")
"""Plain marks, and "..." of a digest's example that was left so."""
_ARROWS = "=>–—→➔➜➤►▶⇒"
_PLEASE = re.compile(
    r"(?:(?:ja|yes)[\s,.!]+(?=(?:bitte |please )?(?:freigeben|freigabe|release)\b))?"
    r"(?:(?:bitte|please)\b[\s:,.;!*-]*)?"
    r"(?:(?:noch ?(?:ein)?mal|nochmals|erneut|wieder) (?=erinnern\b))?",
    re.IGNORECASE,
)
"""A courtesy before the word of an order, or what only says it again."""
_BITTE = re.compile(r"(?:bitte|danke|please)(?: (?:schön|sehr|ihnen))?", re.IGNORECASE)

NOTHING = re.compile(r"(?!)")
_EVERYTHING = frozenset({"alles", "all", "everything"})
_SEVERAL = re.compile(r"[,;:/&+|]|\b(?:und|and|sowie|oder|or)\b|\bu\.", re.IGNORECASE)
_MARKED = re.compile(r"(?:[,;.!:/()]|\s-)\s*$")
_GLADLY = re.compile(r"gerne?", re.IGNORECASE)
"""A consent that says of no office that there is nothing to do."""
_START = re.compile(r"[\s,;.!:/(-]+")
_PART = re.compile(r"[,;.!:/()]{1,5}(?:\s|$)|\s-\s|[()/]|\s(?:und|and|&)\s", re.IGNORECASE)
_LONGEST = 120

# ticks, thumbs up, smiles, with the colour of a hand and the marks that choose a sign's form
_FRIENDLY = re.compile(
    "[\u2611\u263a\u2705\u2713\u2714\u2764\ufe0e\ufe0f\u200d\U0001f389\U0001f3fb-\U0001f3ff\U0001f44b-\U0001f44d\U0001f44f"
    "\U0001f4aa\U0001f5f8\U0001f600-\U0001f60a\U0001f642\U0001f64f\U0001f680]"
)
_DOUBTFUL = re.compile(
    "[?¿\u061f\uff1f\u2047-\u2049\u2300-\u2bff\U0001f000-\U0001faff]|[:;]-?[(/|]{1,9}$"
)
_LETTER = re.compile(r"[^\W_]")
_IN_DOUBT = (
    "Dahinter steht „{}“. Das kann eine Frage sein oder ein Nein; deshalb ist nichts geschehen. "
    "Soll der Auftrag gelten, schicken Sie ihn bitte noch einmal ohne dieses Zeichen."
)
_OF_WHICH = (
    "Dahinter steht „{}“. „{}“ kann heißen, dass dort nichts zu tun ist; deshalb ist nichts "
    "geschehen. Schreiben Sie hinter den Auftrag nur, was er meint."
)
_QUOTED = 300


def too_many(words: str, order: str) -> str:
    """Say which words behind an order were not understood, and how it is written without them."""
    told = f"Dahinter stehen zu viele Worte: „{words[:_QUOTED]}“; so ist nichts geschehen."
    return f"{told} Schreiben Sie nur: {order}"


def without_please(words: str) -> str:
    """Give what stands behind a number without the marks and the courtesy before its word."""
    words = words.lstrip(f"{_MARKS}{_ARROWS}")
    return _PLEASE.sub("", words, count=1)


def without_courtesy(words: str, author: Author, beside: re.Pattern[str] = NOTHING) -> str:
    """Give what is left of the words behind an order, "" where they change nothing of it.

    ``beside`` are words of this order that change nothing, where they are not said of an office.
    Of words in doubt nothing is left out.
    """
    said = visible(words).translate(_DASHES).strip()
    words = _FRIENDLY.sub("", said).strip()
    if _DOUBTFUL.search(words):
        return words
    polite = (
        at
        for at in _starts(words)
        if _is_polite(words[at:], author, beside if _may_explain(words[:at], beside) else NOTHING)
    )
    left = words[: next(polite, len(words))].strip(_MARKS)
    if beside in (CONSENTS, REASONS) and words != said and _SEVERAL.search(left):
        return said  # a tick behind "umwelt, tiefbau" may say of the last that it is done
    return "" if _MARKS_ONLY.fullmatch(left) else left


def _starts(words: str) -> list[int]:
    """Give where the words of a line begin, of a long one near its end only."""
    first = max(0, len(words) - _LONGEST)
    return [*([] if first else [0]), *(each.end() for each in _START.finditer(words, first))]


def _may_explain(before: str, beside: re.Pattern[str]) -> bool:
    """Whether a reason behind these words is the whole order's: "umwelt, tiefbau ok" is not."""
    named = before.strip(_MARKS)
    if not named:
        return True
    is_one = not _SEVERAL.search(named) and named.casefold() not in _EVERYTHING
    return is_one and (beside is PURPOSES or bool(_MARKED.search(before)))


def _is_polite(words: str, author: Author, beside: re.Pattern[str]) -> bool:
    """Whether words only thank, wish, close, or are listed beside; a name may stand behind."""
    if author.closes(words.strip(_MARKS)):
        return True
    polite = closed = False
    for part in filter(None, (each.strip(_MARKS) for each in _PART.split(words))):
        if author.closes(part):
            polite = closed = True
        elif _thanks_whom(part, author) or beside.fullmatch(part):
            polite = True
        elif not polite or not (author.is_named(part) or (closed and author.may_sign(part))):
            return False
    return polite


def _thanks_whom(words: str, author: Author) -> bool:
    """Whether words thank or wish, with the author's name behind, as in "Danke Petra"."""
    if _BITTE.fullmatch(words) or thanks_or_wishes(words):
        return True
    thanks, _, name = words.rpartition(" ")
    return thanks_or_wishes(thanks) and author.is_named(name)


def doubt_in(words: str, *, names: bool) -> str:
    """Say why an order is not done for what stands behind it, else "".

    A question mark or such a sign; where offices are named (``names``), what is said of one.
    """
    if words and (_DOUBTFUL.search(words) or not _LETTER.search(words)):
        return _IN_DOUBT.format(words[:_QUOTED])
    said = _said_of_one(words) if names else ""
    return _OF_WHICH.format(words[:_QUOTED], said) if said else ""


def _said_of_one(words: str) -> str:
    """Give the consent or reason that stands behind one name, where it was not left out.

    To leave it out would do the order to what it is said of: "verwerfen umwelt, tiefbau ok".
    """
    first, *others = (each.strip(_MARKS) for each in _SEVERAL.split(words))
    tails = [first[at:] for at in _starts(first) if at]
    tails += [each[at:] for each in others for at in _starts(each)]
    said = (each for each in tails if CONSENTS.fullmatch(each) or REASONS.fullmatch(each))
    return next((each for each in said if not _GLADLY.fullmatch(each)), "")
