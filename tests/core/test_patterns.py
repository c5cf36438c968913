"""No pattern of the core takes the square of a text: one mail must not stop the others.

A pattern is asked twice, the second time about a text four times as long. Processor time is
compared with processor time, so that a busy machine changes nothing.
"""

import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass

import pytest

import mailflow.core

_PIECES = (
    *("wir-", "wurde Frau ", "kann ich noch nicht ", "danke info ", "die der ", "bis zum 1.1. "),
    *("-\n", "\n", " ", "a", "a,", "(a ", "A ", "A-", "@", "a@", "1.", "0", "> ", ". "),
)
_SHORT, _LONG, _LONGER = 400, 1_600, 6_400  # letters
_NOTHING = 0.002  # seconds: what takes less has no growth to speak of
_HOPELESS = 0.3  # seconds: nothing that is read once takes so long for so little
_PERHAPS, _SURELY = 7, 10  # times as long for four times the letters; a square takes sixteen

_OF_ALL_OF_IT: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "attachments._APPOINTMENT",
            "attachments._HUNG_ON",
            "attachments._PICTURE_NAME",
            "attachments._READABLE",
        ),
        "a file's name or type",
    ),
    "answer._MARKER": "a line",
    "answer._PERHAPS_COURT": "a line that closes, which has at most 120 letters",
    "aside_words.NO_NAMES": "a word",
    "meant._NUMBERED": "the name of an item",
    **dict.fromkeys(
        (
            "own_words._INFINITIVE",
            "own_words._PARTICIPLE",
            "own_words._VERB",
            "own_words._WITH_ZU",
        ),
        "a word",
    ),
    "command_word._COMMANDS": "the first 2,000 letters of a line",
    "command_word._SUBJECT_COMMANDS": "the first 200 letters of a subject",
    "tracking._BROKEN": "what stands behind the plus of an address",
}
"""Patterns that are asked about all of something, or its beginning, and never searched for."""

_Asked = Callable[[str], object]


def _patterns(value: object) -> Iterator[re.Pattern[str]]:
    """Give the patterns in a value of a module: it, or in its tables."""
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
        return
    inside: Iterable[object] = ()
    if isinstance(value, Mapping):
        inside = value.values()
    elif isinstance(value, tuple | list | set | frozenset):
        inside = value
    elif is_dataclass(value) and not isinstance(value, type):
        inside = [getattr(value, each.name) for each in fields(value)]
    for each in inside:
        yield from _patterns(each)


def _all_patterns() -> dict[str, re.Pattern[str]]:
    """Give every pattern of the core by its module's name, its own and its place in a table."""
    found: dict[re.Pattern[str], str] = {}
    for module in pkgutil.iter_modules(mailflow.core.__path__):
        for name, value in vars(importlib.import_module(f"mailflow.core.{module.name}")).items():
            for at, pattern in enumerate(_patterns(value)):
                found.setdefault(pattern, f"{module.name}.{name}.{at}")
    return {name: pattern for pattern, name in found.items()}


def _asking(name: str, pattern: re.Pattern[str]) -> _Asked:
    if name.rpartition(".")[0] in _OF_ALL_OF_IT:
        return pattern.fullmatch
    return lambda text: sum(1 for _ in pattern.finditer(text))


def _taken(ask: _Asked, piece: str, length: int) -> float:
    """Measure one look at a text of so many letters that ends otherwise than it goes on."""
    text = piece * (length // len(piece)) + "\0"
    before = time.process_time()
    ask(text)
    return time.process_time() - before


def _takes_the_square(ask: _Asked, piece: str) -> bool:
    first = min(_taken(ask, piece, _SHORT) for _ in range(2))
    then = _taken(ask, piece, _LONG) if first < _HOPELESS else first
    if then >= _HOPELESS:
        return True
    if then < _NOTHING or then < _PERHAPS * first:
        return False
    first = min(_taken(ask, piece, _LONG) for _ in range(2))
    then = min(_taken(ask, piece, _LONGER) for _ in range(2))
    return then > _SURELY * first


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", _PIECES)
def test_no_pattern_takes_the_square_of_a_text(piece: str) -> None:
    """Four times the letters take no pattern of the core sixteen times as long."""
    slow = {
        name
        for name, pattern in _all_patterns().items()
        if _takes_the_square(_asking(name, pattern), piece)
    }
    assert not slow
