"""What a mail to the central contact must not be routed for, and what the manager must notice.

Some mails must never reach an office by themselves, however many of its words they hold: a press
question, a request under the GDPR or a freedom of information act, a citizen's private matter,
advertising. They are recognised by the tables of ``core.signals``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailflow.core.signals import (
    BUSINESS,
    DATED,
    FLAGS,
    GENERATED,
    HOME,
    HOME_SIGNS,
    NO_CONFIDENCE_ASKED,
    PLURAL,
    PRAISE,
    PRESS_SIGNS,
    REQUESTS,
    SINGULAR,
    TABLE,
    THANKS,
    TITLES,
    Action,
    Flag,
    Signals,
)
from mailflow.core.terms import Passage

__all__ = ["Action", "Flag", "Intent", "flags_of", "intent_of", "may_be_private"]

_SENTENCE_END = re.compile(r"[.!?]$", re.MULTILINE)
_LONGEST_THANKS = 600  # characters; whoever writes more usually asks something, too


@dataclass(frozen=True, slots=True)
class Intent:
    """Why a mail is not an ordinary inquiry: the action, and the author's words that say so."""

    action: Action
    words: tuple[str, ...]


def intent_of(
    subject: str, text: str, signature: str = "", *, generated: bool = False
) -> Intent | None:
    """Recognise a mail that is no ordinary inquiry, or None.

    ``text`` is what the author newly wrote, without the signature; the first matching row decides.
    Of the signature it only counts whether the press signs. ``generated``: it is known that a
    program made the mail, and counts for nothing that it says so.
    """
    passages = _passages(f"{subject}\n{text}")
    for row in TABLE if generated else (*TABLE, GENERATED):
        words = _speaking(row, passages)
        if words:
            return Intent(row.action, words)
    signed = _hits(PRESS_SIGNS, _passages(signature))
    return Intent(Action.PRESS, signed) if signed else _thanks(passages, subject, text)


def may_be_private(text: str, signature: str = "") -> bool:
    """Tell whether someone writes for himself or from home, and nothing shows a company."""
    passages = _passages(text)
    plain = passages[0].folded
    alone = bool(SINGULAR.search(plain)) and not PLURAL.search(plain)
    family = _hits(HOME, passages) or _hits(HOME_SIGNS, _passages(signature))
    if not alone and not family:
        return False
    signed = f"{_last_lines(text)}\n{signature}"
    return not (
        _hits(BUSINESS, _passages(f"{text}\n{signature}")) or _hits(TITLES, _passages(signed))
    )


def _last_lines(text: str) -> str:
    """Give a last paragraph that only names its author, "" where it ends a sentence."""
    _, apart, last = text.rstrip().rpartition("\n\n")
    return last if apart and not _SENTENCE_END.search(last) else ""


def flags_of(subject: str, text: str) -> frozenset[Flag]:
    """Find what the manager must notice: deadlines, complaints, formal remedies and the like."""
    passages = _passages(f"{subject}\n{text}")
    found = {flag for flag, terms in FLAGS.items() if _hits(terms, passages)}
    if Flag.CONFIDENTIAL in found and _hits(NO_CONFIDENCE_ASKED, passages):
        found.discard(Flag.CONFIDENTIAL)
    if DATED.search(passages[0].folded):
        found.add(Flag.DEADLINE)
    return frozenset(found)


def _passages(text: str) -> tuple[Passage, Passage]:
    return Passage.of(text, "de"), Passage.of(text, "en")


def _speaking(row: Signals, passages: tuple[Passage, Passage]) -> tuple[str, ...]:
    alone = _hits(row.alone, passages)
    words = alone or _combined(row, passages)
    return () if words and _hits(row.unless, passages) else words


def _combined(row: Signals, passages: tuple[Passage, Passage]) -> tuple[str, ...]:
    groups = [_hits(group, passages) for group in row.both]
    if groups and all(groups):
        return tuple(group[0] for group in groups)
    several = _hits(row.two_of, passages)
    return several if len(several) > 1 else ()


def _thanks(passages: tuple[Passage, Passage], subject: str, text: str) -> Intent | None:
    if len(text) > _LONGEST_THANKS or "?" in text or "？" in text or "?" in subject:
        return None
    if praise := _hits(PRAISE, passages):
        return Intent(Action.THANKS, praise)
    words = _hits(THANKS, passages)
    return Intent(Action.THANKS, words) if words and not _hits(REQUESTS, passages) else None


def _hits(terms: Sequence[str], passages: tuple[Passage, Passage]) -> tuple[str, ...]:
    """Give the author's words for each term found; German compounds, or other words' beginnings."""
    german, plain = passages
    likely = {*german.likely(terms, "de"), *plain.likely(terms, "en")}
    spans = (
        next(german.find(term, "de"), None) or next(plain.find(term, "en"), None)
        for term in terms
        if term in likely
    )
    return tuple(dict.fromkeys(span.words for span in spans if span))
