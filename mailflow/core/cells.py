"""The cells of the tables in a text, each with what it may head: beside it and below it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from mailflow.core.letter import closes

__all__ = ["Cell", "cells"]

_STROKE = re.compile(r"[|│┃¦]")
_TAB = re.compile(r"\t+")
# As programs write tables out, "Frage;Antwort": in a sentence a blank follows, and none leads.
_SEMICOLON = re.compile(r";(?=\S)|\s;\s")
_BLANKS = re.compile(r"\s{2,}|[\u2002\u2003]")
_RULE = re.compile(r"\s*(?=\S)[\W_]+")
_WORD = re.compile(r"[^\W\d_]{2}")
_LONGEST_LINE = 2_000
_MOST_LOOKED_AT = 50
_LARGEST_HEAD = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table. Only where it is in the table's head there is anything ``below`` it.

    ``is_followed``: or may be, as of a table whose other cells came out as lines of their own;
    ``is_first``: in its row, behind a number perhaps.
    """

    words: str
    is_first: bool
    is_followed: bool
    beside: tuple[str, ...]
    below: tuple[str, ...]


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


def _row(line: str) -> list[str]:
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
    return [each.strip() for each in parts]


def _head(table: list[list[str]]) -> int:
    """Give how many rows a table's head may have: one above another where cells are joined."""
    widths = list(map(len, table))
    return min(widths.index(max(widths)) + 1, _LARGEST_HEAD)


def _of_row(row: list[str], below: list[list[str]]) -> Iterator[Cell]:
    for column, words in enumerate(row):
        if words:
            under = (each for other in below for each in _under(column, row, other))
            beside = filter(None, row[column + 1 : column + _MOST_LOOKED_AT])
            is_first = not any(map(_WORD.search, row[:column]))
            yield Cell(words, is_first, any(map(any, below)), tuple(beside), tuple(under))


def _under(column: int, row: list[str], other: list[str]) -> list[str]:
    """Give what another row has in this column: any of it, where the columns do not match.

    A line with a single cell is no row.
    """
    if len(other) == 1:
        return []
    return list(filter(None, other[column : column + 1] if len(other) == len(row) else other))
