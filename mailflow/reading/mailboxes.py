"""Mails out of files, folders and mbox files of any size, one at a time, in path order."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

__all__ = ["Found", "mails", "total_size"]

# The first line of a mail in an mbox (RFC 4155): sender and a date that ends in the year.
_SEPARATOR = re.compile(rb"From \S{1,500} .{0,200}\d\d:\d\d.{0,40}\b\d{4}\b.{0,12}$", re.DOTALL)
_LINE = 1 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """A mail as found: where (``file#2`` for the second of an mbox), its bytes, why there are none.

    ``raw`` holds at most one byte more than the size asked for; ``size`` counts all it has.
    """

    path: str
    raw: bytes
    size: int
    problem: str = ""


def total_size(paths: Sequence[Path]) -> int:
    """Give the bytes of all files below the paths."""
    return sum(_size(file) for path in paths for file in _files(path))


def mails(paths: Sequence[Path], largest: int) -> Iterator[Found]:
    """Yield every mail, in path order; of one larger than ``largest`` bytes, its beginning."""
    for path in paths:
        for file in _files(path):
            try:
                with file.open("rb") as stream:
                    yield from _in_file(str(file), stream, largest)
            except OSError as error:
                yield Found(str(file), b"", 0, f"cannot be opened: {error.strerror}")


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    found = (Path(folder, name) for folder, _, names in os.walk(path) for name in names)
    yield from sorted(file for file in found if file.is_file())


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _in_file(path: str, stream: BinaryIO, largest: int) -> Iterator[Found]:
    first = stream.readline(_LINE)
    if not _SEPARATOR.match(first.rstrip()):
        raw = first + stream.read(max(0, largest + 1 - len(first)))
        yield Found(path, raw, _whole_size(stream, len(raw)))
        return
    yield from _numbered(path, _in_mbox(first, stream, largest))


def _whole_size(stream: BinaryIO, read: int) -> int:
    try:
        return os.fstat(stream.fileno()).st_size or read
    except OSError:
        return read


def _numbered(path: str, found: Iterator[tuple[bytes, int]]) -> Iterator[Found]:
    """Give the mails of an mbox their numbers, unless there is one only."""
    waiting = next(found, None)
    number = 1
    while waiting is not None:
        following = next(found, None)
        alone = number == 1 and following is None
        yield Found(path if alone else f"{path}#{number}", *waiting)
        waiting, number = following, number + 1


def _in_mbox(line: bytes, stream: BinaryIO, largest: int) -> Iterator[tuple[bytes, int]]:
    lines, size, after_blank = [line], len(line), False
    while line := stream.readline(_LINE):
        if after_blank and line.startswith(b"From ") and _SEPARATOR.match(line.rstrip()):
            yield b"".join(lines)[: largest + 1], size
            lines, size = [], 0
        if size <= largest:
            lines.append(line)
        size += len(line)
        after_blank = line in (b"\n", b"\r\n")
    yield b"".join(lines)[: largest + 1], size
