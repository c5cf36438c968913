"""Logging to stderr, one line an event, without anything a mail could forge or a secret leak."""

import logging
import sys
from types import TracebackType

from mailflow.core.tracking import without_tokens

__all__ = ["set_up_logging"]

_ExceptionInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class _OneLine(logging.Formatter):
    """Escape what could break the line or steer a terminal, and leave every token out."""

    def format(self, record: logging.LogRecord) -> str:
        text = without_tokens(super().format(record))  # before escapes add letters to them
        return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)

    def formatException(self, ei: _ExceptionInfo) -> str:  # noqa: N802 - logging's name
        """Name the error and where it arose; a traceback's values may hold secrets."""
        kind, error, trace = ei
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
        return f"[{kind.__name__ if kind else '?'} at {where}] {error}"


def set_up_logging(*, verbose: bool) -> None:
    """Send our log to stderr: warnings, or every step when verbose; of the libraries warnings."""
    one_line = _OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s")
    if logging.lastResort:  # where Python writes what nobody listens to
        logging.lastResort.setFormatter(one_line)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(one_line)
    root = logging.getLogger("mailflow")
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO if verbose else logging.WARNING)
    root.propagate = False
