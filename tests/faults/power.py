"""What a power cut leaves of a process's files, worked out from the system calls it made.

strace writes down every write and every sync. What was synced is sure; of what was written since,
any part may have reached the disk, in any order, and the last page only by half. ``cuts`` plays
the calls again and gives, for moments all along the way, the files that could be found afterwards.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["SYSCALLS", "Cut", "cuts"]

SYSCALLS = "openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink"
_CALL = re.compile(r'^\d+ +(\w+)\((?:AT_FDCWD<[^>]*>, )?(?:\d+<([^>]*)>|"([^"]*)")(.*?)\) = (\d+)')
_WRITTEN = re.compile(r'^, "([^"]*)", \d+(?:, (\d+))?$')
_SECTOR = 512

Files = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class _Write:
    path: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class _Resize:
    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Cut:
    """The files after a power cut, and how many marks the process had made before it."""

    marks: int
    how: str
    files: Files


@dataclass
class _Disk:
    """Files as they are for sure, and what may have happened to them since."""

    sure: dict[str, bytearray] = field(default_factory=dict)
    waiting: list[_Write | _Resize] = field(default_factory=list)
    unnamed: set[str] = field(default_factory=set)

    def sync(self, path: str) -> None:
        """Make everything written to a file sure; for a folder, the names of its files."""
        done = [each for each in self.waiting if each.path == path]
        self.waiting = [each for each in self.waiting if each.path != path]
        for each in done:
            _apply(self.sure, each)
        self.unnamed = {each for each in self.unnamed if str(Path(each).parent) != path}

    def found(self, chance: random.Random) -> Iterator[tuple[str, Files]]:
        """Give what may be found when the power goes now."""
        some = [each for each in self.waiting if chance.random() < 0.5]
        yield "nothing unsynced", self._with([], named=False)
        yield "everything unsynced", self._with(self.waiting)
        yield "some of it", self._with(some)
        if self.waiting and isinstance(last := self.waiting[-1], _Write):
            torn = _Write(last.path, last.offset, last.data[:_SECTOR])
            yield "the last page by half", self._with([*self.waiting[:-1], torn])

    def _with(self, done: list[_Write | _Resize], *, named: bool = True) -> Files:
        files = {path: bytearray(content) for path, content in self.sure.items()}
        for each in done:
            _apply(files, each)
        gone = set() if named else self.unnamed
        return {path: bytes(content) for path, content in files.items() if path not in gone}


def _apply(files: dict[str, bytearray], change: _Write | _Resize) -> None:
    content = files.setdefault(change.path, bytearray())
    if isinstance(change, _Resize):
        del content[change.size :]
        content.extend(bytes(change.size - len(content)))
        return
    end = change.offset + len(change.data)
    content.extend(bytes(max(0, end - len(content))))
    content[change.offset : end] = change.data


def cuts(trace: Path, folder: Path, mark: bytes, seed: int = 1) -> Iterator[Cut]:
    """Give what power cuts all along a trace leave in a folder that was empty before.

    ``mark`` is what the process wrote to its standard output each time it relied on the disk.
    """
    chance = random.Random(seed)  # noqa: S311 - a seeded play, no secret
    disk, marks = _Disk(), 0
    with trace.open(encoding="ascii") as lines:
        for line in lines:
            call = _CALL.match(line)
            if call is None:
                continue
            name, path = call[1], _text(call[2] or call[3])
            if name == "write" and mark in line.encode().replace(b"\\x", b""):
                marks += 1
            elif not path.startswith(str(folder)):
                continue
            elif name in {"fsync", "fdatasync"}:
                yield from (Cut(marks, *found) for found in disk.found(chance))
                disk.sync(path)
            else:
                _note(disk, name, path, call[4])
            if name == "write" or chance.random() < 0.02:
                yield from (Cut(marks, *found) for found in disk.found(chance))


def _note(disk: _Disk, name: str, path: str, rest: str) -> None:
    if name == "openat" and "O_CREAT" in rest and path not in disk.sure:
        disk.sure[path] = bytearray()
        disk.unnamed.add(path)
    elif name == "ftruncate":
        disk.waiting.append(_Resize(path, int(rest.strip(", "))))
    elif name == "unlink":
        disk.sync(path)
        disk.sure.pop(path, None)
    elif written := _WRITTEN.match(rest):
        disk.waiting.append(_Write(path, int(written[2] or 0), _bytes(written[1])))


def _bytes(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


def _text(escaped: str) -> str:
    return _bytes(escaped).decode()
