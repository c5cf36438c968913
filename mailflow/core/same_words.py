"""Which words of two mails are the same: however wrapped, and whatever days one made anew names.

After a loss our mails are composed again as of their letters' arrival. What was read a day later
had named a later day to its office, and that is the one its reply quotes.
"""

import re
from functools import lru_cache

from mailflow.core.tracking import without_tokens

__all__ = ["WORD", "end_behind", "end_here", "folded", "shown", "with_days_open", "words_of"]

_WEEKDAY, _NUMBER, _MONTH, _YEAR, _WORKDAYS = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004"
"""What stands in a mail of ours for a word that may be another: these are no letters anywhere."""

# Gateways write "?" or a pair of other signs for an umlaut: those are parts of its word.
WORD = re.compile("(?:[^\\W_]|[?\u0080-\u009f\u00a1-\u00bf\ufffd\ue000-\ue004])+")
_UMLAUT = re.compile("[\\x00-/:-`{-\u036f\ufffd]|ae|oe|ue|ss")
# what programs add to a quoted line: targets of links, names of pictures
_ADDED = re.compile(r"<[^<>\n]{0,500}>|\[cid:[^\]\n]{0,200}\]|https?://\S{1,500}", re.IGNORECASE)

_WEEKDAYS = (
    "montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag"
    "|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
)
_MONTHS = (
    "januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember"
    "|january|february|march|may|june|july|october|december"
)
_COUNTED = "arbeitstag|arbeitstage|arbeitstagen|day|days"
_GAP = r"(?:\s|<[^<>]{0,200}>){1,20}"


def _wrapped(pattern: str) -> re.Pattern[str]:
    """Give a pattern in which words stand apart however a line or a page breaks them."""
    return re.compile(pattern.replace(" ", _GAP), re.IGNORECASE)


_DATE = rf"(?:{_WEEKDAYS}), \d{{1,2}}\.? (?:{_MONTHS}) \d{{4}}\b"
_OPEN_DATE = rf"\1{_WEEKDAY} {_NUMBER} {_MONTH} {_YEAR}"
_UNTIL = r"\b((?:antwort|war|ist|zwar|voraussichtlich) bis |(?:answer|due|probably) by )"
_OPEN = (
    (rf"{_UNTIL}{_DATE}", _OPEN_DATE),
    (rf"\b((?:am|on) ){_DATE}(?= (?:haben wir|we asked))", _OPEN_DATE),
    (r"\b((?:seit|antwort) )\d{1,3} arbeitstage?n?\b", rf"\1{_NUMBER} {_WORKDAYS}"),
    (r"\b((?:now|arrived,) )\d{1,3} working days?\b", rf"\1{_NUMBER} working {_WORKDAYS}"),
)
_OUR_DAYS = tuple((_wrapped(pattern), signs) for pattern, signs in _OPEN)
"""Days and counts in sentences of our templates; those in the words of others stay as they are."""

_SIGNS = {
    folded_word: sign
    for names, sign in ((_WEEKDAYS, _WEEKDAY), (_MONTHS, _MONTH), (_COUNTED, _WORKDAYS))
    for folded_word in (_UMLAUT.sub("", each) for each in names.split("|"))
}
_DIGITS = {1: _NUMBER, 2: _NUMBER, 3: _NUMBER, 4: _YEAR}
_BESIDE_DAYS = 4
"""So many words beside days are our sentence; fewer may be an office's own."""


def words_of(text: str) -> str:
    """Give a text's words alone, each between spaces: wrapping and emphasis do not count.

    Nor do umlauts, however they are written, nor tokens: after a change of keys a mail composed
    anew bears others.
    """
    return f" {' '.join(filter(None, map(folded, WORD.findall(shown(text)))))} "


def shown(text: str) -> str:
    """Give a text without what its readers do not see, and without tokens."""
    return _ADDED.sub(" ", without_tokens(text))


@lru_cache(maxsize=4096)  # the same words stand in every mail of ours and below every reply
def folded(word: str) -> str:
    """Give a word in small letters and without umlauts."""
    return _UMLAUT.sub("", word.casefold())


def with_days_open(text: str) -> str:
    """Give a mail of ours so that the days which its own sentences name may be any others."""
    for days, signs in _OUR_DAYS:
        text = days.sub(signs, text)
    return text


def end_here(words: str, ours: str, at: int) -> int:
    """Give where words end that go on in our mail right at ``at``, -1 if they do not."""
    if ours.startswith(words, at):
        return at + len(words) - 1
    pattern = _of_any_days(words, ours)
    found = pattern.match(ours, at) if pattern else None
    return found.end() - 1 if found else -1


def end_behind(words: str, ours: str, at: int) -> int:
    """Give where words end that stand in our mail anywhere behind ``at``, -1 if they do not."""
    found = ours.find(words, at)
    if found >= 0:
        return found + len(words) - 1
    pattern = _of_any_days(words, ours)
    named = pattern.search(ours, at) if pattern and _beside_days(words) >= _BESIDE_DAYS else None
    return named.end() - 1 if named else -1


def _of_any_days(words: str, ours: str) -> re.Pattern[str] | None:
    """Give the pattern of words that hold a day, None where our mail leaves none open.

    Nor is there one where what stands beside the days is not ours: most lines are known by that.
    """
    signs = [(each, _sign_of(each)) for each in words.split()]
    if _WEEKDAY not in ours or not any(sign for _, sign in signs):
        return None
    beside = " ".join(sign or each for each, sign in signs)
    longest = max(re.split("[\ue000-\ue004]", beside), key=len).strip()
    if longest not in ours:
        return None
    return re.compile(f" {' '.join(_either(each, sign) for each, sign in signs)} ")


def _either(word: str, sign: str) -> str:
    return f"(?:{re.escape(word)}|{sign})" if sign else re.escape(word)


def _sign_of(word: str) -> str:
    """Give the sign that stands for words such as this one in a mail of open days, "" for none."""
    return _DIGITS.get(len(word), "") if word.isdecimal() else _SIGNS.get(word, "")


def _beside_days(words: str) -> int:
    return sum(not _sign_of(each) for each in words.split())
