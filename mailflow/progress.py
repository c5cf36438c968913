"""How far long work is, on a terminal: one line that counts."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from mailflow.parts import Parts

__all__ = ["counting"]

_EVERY = 0.1  # seconds
_WHAT = ("read", "decided")


@contextmanager
def counting(parts: Parts, out: TextIO) -> Iterator[None]:
    """Count what these parts read and decide; nothing is written unless ``out`` is a terminal."""
    if not out.isatty():
        yield
        return
    line = _Line(out)
    parts.intake.after_each = line.counter("read")
    parts.deciding.after_each = line.counter("decided")
    try:
        yield
    finally:
        line.end()


class _Line:
    """The line, drawn ten times a second at most."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._counts = dict.fromkeys(_WHAT, 0)
        self._drawn = 0.0

    def counter(self, what: str) -> Callable[[], None]:
        """Give what counts one more of a thing."""

        def count() -> None:
            self._counts[what] += 1
            if time.monotonic() - self._drawn > _EVERY:
                self._draw()

        return count

    def _draw(self) -> None:
        self._drawn = time.monotonic()
        self._out.write("\r{read} mails read, {decided} decided ".format(**self._counts))
        self._out.flush()

    def end(self) -> None:
        """Draw the last state and end the line; where nothing was done there is none."""
        if any(self._counts.values()):
            self._draw()
            self._out.write("\n")
