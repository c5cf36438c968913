"""The cells of the tables in a text, each with what it may head: beside it and below it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from mailflow.core.letter import closes

__all__ = ["Cell", "cells", "tells"]

_STROKE = re.compile(r"[|│┃¦]")
_TAB = re.compile(r"\t+")
# As programs write tables out, "Frage;Antwort": in a sentence a blank follows, and none leads.
_SEMICOLON = re.compile(r";(?=\S)|\s;\s")
_BLANKS = re.compile(r"\s{2,}|[\u2002\u2003]")
_RULE = re.compile(r"\s*(?=\S)[\W_]+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_FEWEST_WORDS = 3
_LONGEST_LINE = 2_000
_MOST_LOOKED_AT = 50
_LARGEST_HEAD = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table, with what it may head: only a cell in the table's head heads a column.

    ``is_first``: in its row, behind a number perhaps. ``is_beside``: anything stands behind it in
    its row; ``is_above``: anything below it, or perhaps, as in a table whose other cells came out
    as lines of their own. ``tells_beside`` and ``tells_below``: whole words do.
    """

    words: str
    is_first: bool
    is_beside: bool
    is_above: bool
    tells_beside: bool
    tells_below: bool


@dataclass(frozen=True, slots=True)
class _Row:
    """A line's cells, and which of them tell something: looked at once, whatever heads them."""

    cells: tuple[str, ...]
    tells: tuple[bool, ...]
    is_any: bool

    def __len__(self) -> int:
        return len(self.cells)


def tells(words: str) -> bool:
    """Tell whether a cell says something in words, rather than to give a figure or a name."""
    return len(_WORD.findall(words)) >= _FEWEST_WORDS


def cells(lines: Sequence[str]) -> Iterator[Cell]:
    """Give the cells of all tables in these lines.

    A table's head reaches to its first row of full width. An empty line, or one with a single cell,
    parts two tables or the rows of one: what follows is below the head before it all the same.
    """
    own = (line for line in _above_closing(lines) if not _RULE.fullmatch(line[:_LONGEST_LINE]))
    rows = list(map(_row, own))
    at = 0
    for is_table, group in groupby(rows, lambda row: len(row) > 1):
        table = list(group)
        if is_table:
            head = _head(table)
            for number, row in enumerate(table, 1):
                following = rows[at + number : at + number + _MOST_LOOKED_AT]
                yield from _of_row(row, following if number <= head else [])
        at += len(table)


def _above_closing(lines: Sequence[str]) -> Sequence[str]:
    end = next((at for at, line in enumerate(lines) if closes(line)), len(lines))
    return lines[:end]


def _row(line: str) -> _Row:
    parted = tuple(_parted(line))
    return _Row(parted, tuple(map(tells, parted)), any(parted))


def _parted(line: str) -> Iterator[str]:
    """Part a line by the one sort of separator that it has."""
    text = line[:_LONGEST_LINE]
    if _STROKE.search(text):
        parts = _STROKE.split(text.strip("|│┃¦ \t"))
    elif "\t" in text.strip():
        parts = _TAB.split(text.strip())
    elif len(_SEMICOLON.findall(text)) > 1:
        parts = _SEMICOLON.split(text)
    else:
        parts = _BLANKS.split(text.strip())
    return (each.strip() for each in parts)


def _head(table: list[_Row]) -> int:
    """Give how many rows a table's head may have: one above another where cells are joined."""
    widths = list(map(len, table))
    return min(widths.index(max(widths)) + 1, _LARGEST_HEAD)


def _of_row(row: _Row, below: Sequence[_Row]) -> Iterator[Cell]:
    is_above, tells_below = any(each.is_any for each in below), _tell_below(row, below)
    is_first = True
    for column, words in enumerate(row.cells):
        beside = slice(column + 1, column + _MOST_LOOKED_AT)
        if words:
            is_beside, tells_beside = any(row.cells[beside]), any(row.tells[beside])
            yield Cell(words, is_first, is_beside, is_above, tells_beside, tells_below[column])
        is_first = is_first and not _WORD.search(words)


def _tell_below(row: _Row, below: Sequence[_Row]) -> list[bool]:
    """Tell of each column whether a cell in it tells something, or any where columns do not match.

    A line with a single cell is no row.
    """
    alike = [each.tells for each in below if len(each) == len(row)]
    unlike = any(any(each.tells) for each in below if len(each) not in {1, len(row)})
    return [unlike or any(column) for column in zip(*alike, strict=True)] or [unlike] * len(row)
