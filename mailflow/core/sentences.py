"""A reply's sentences, and which of them are mere phrases."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import islice, pairwise

from mailflow.core.letter import DEVICE
from mailflow.core.thanks import thanks_only
from mailflow.core.visible import folded
from mailflow.core.wording import (
    AWAY,
    CALL_BACK,
    COURTESIES,
    HAVE_TO_CHECK,
    LABELS,
    NAMES,
    NOTED,
    PROMISED_LATER,
    PROMISES,
    REGISTERED,
    SAYS_MORE,
    STILL_AT_IT,
    TAKEN_ON,
    UNREADABLE,
)

__all__ = [
    "is_phrase",
    "only_phrases",
    "sentence_with",
    "sentences",
    "sentences_with",
    "unwrapped",
    "without_device",
]

_MOST_QUOTED = 50
_LONGEST_SHOWN = 300
_BEFORE = 100
"""So much of a long sentence is shown, and so much of that before the words in question."""

# A wrapped line ends no sentence; a short line does, and so does one with a full stop.
_WRAPPED = re.compile(
    r"(?<=[^\n]{50}[^\n.!?;:])\n|(?<=[^\n]{20}[^\n.!?;:])\n(?=[a-zäöüß])", re.DOTALL
)
_SENTENCE_END = re.compile(
    r"\n|(?<=[!?;])[ \t]+|(?<!\bTel\.)(?<!\bNr\.)(?<!\bAz\.)(?<!\bDr\.)(?<!\bFr\.)(?<!\bHr\.)"
    r"(?<!\bca\.)(?<!\bbzw\.)(?<!\b[^\W\d_]\.)(?:(?<=[^\d\s]\.)[ \t]+(?!\d)|(?<=\d\.)[ \t]+"
    r"(?!Jan|Feb|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez|KW\b|Kalenderw)(?=[A-ZÄÖÜ]))"
)
_PHRASES = (
    CALL_BACK,
    REGISTERED,
    TAKEN_ON,
    STILL_AT_IT,
    HAVE_TO_CHECK,
    PROMISES,
    PROMISED_LATER,
    AWAY,
    COURTESIES,
)


def without_device(words: str) -> str:
    """Give a text without the line that a telephone writes below it."""
    return DEVICE.sub("", words)


def unwrapped(words: str) -> str:
    """Give a text with the lines joined that a mail program wrapped."""
    return _WRAPPED.sub(" ", words)


def sentences(words: str) -> list[str]:
    """Give a text's sentences, without blank ones and a telephone's line."""
    whole = unwrapped(without_device(words))
    return [said for each in _SENTENCE_END.split(whole) if folded(said := each.strip())]


def sentence_with(text: str, words: str) -> str:
    """Give the sentence of a text that holds these words, cut around them where it is very long.

    The words may have been read across a wrapped line or without marks of emphasis, and then
    stand nowhere to the letter; where no sentence holds them, they are given themselves.
    """
    return next(iter(sentences_with(text, [words])), words)


def sentences_with(text: str, quotes: Iterable[str]) -> list[str]:
    """Give for each of these words the sentence that holds them, then others that do so, too."""
    single = [(_letters(said := " ".join(each.split())), said) for each in sentences(text)]
    double = [(one + other, f"{said} {more}") for (one, said), (other, more) in pairwise(single)]
    first, further = [], []
    for words in islice(dict.fromkeys(quotes), _MOST_QUOTED):
        wanted = _letters(words)
        whole = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)")
        found = (said for letters, said in (*single, *double) if wanted and wanted in letters)
        first.append(_around(words, next(found, words)))
        further += [_around(words, said) for _, said in single if whole.search(said)]
    return list(dict.fromkeys((*first, *further)))


def _letters(words: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKC", words) if each.isalnum())


def _around(words: str, sentence: str) -> str:
    """Give so much of a sentence as can be shown, with these words in it."""
    begin = max(0, min(sentence.find(words) - _BEFORE, len(sentence) - _LONGEST_SHOWN))
    end = begin + _LONGEST_SHOWN
    shown = sentence[begin:end].strip()
    return f"{'… ' if begin else ''}{shown}{' …' if end < len(sentence) else ''}"


def only_phrases(words: str) -> bool:
    """Tell whether no sentence states, decides, demands or explains anything.

    A phrase makes a mail wait only then: beside an answer it is a courtesy.
    """
    return all(is_phrase(sentence) for sentence in sentences(words))


def is_phrase(sentence: str) -> bool:
    """Tell whether a sentence is a courtesy, a name, a number to call, a receipt or a promise."""
    if NAMES.fullmatch(sentence) or LABELS.fullmatch(sentence):
        return True
    if UNREADABLE.search(sentence) or thanks_only(sentence) or NOTED.fullmatch(sentence):
        return True
    return not SAYS_MORE.search(sentence) and any(phrase.search(sentence) for phrase in _PHRASES)
