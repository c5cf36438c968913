"""Points at which a process can be killed: around every commit, and every word to a mail server.

Installed from outside, in the process that is to die; mailflow itself knows nothing of them. A
point has a name from ``KNOWN``; one that has none ends the process with a message, so that no new
kind of input or output stays untested.
"""

import imaplib
import mmap
import os
import re
import signal
import smtplib
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.engine.default import DefaultDialect

from mailflow.reading import Reader

__all__ = ["KNOWN", "Points", "UnknownPointError", "install"]

_MOMENTS = ("before", "after")
_SMTP = ("EHLO", "MAIL", "RCPT", "DATA", "content", "RSET", "QUIT", "STARTTLS", "AUTH")
_IMAP = (
    *("CAPABILITY", "LOGIN", "LIST", "CREATE", "STATUS", "SELECT", "SEARCH", "FETCH", "MOVE"),
    *("COPY", "STORE", "EXPUNGE", "APPEND", "literal", "NOOP", "IDLE", "DONE", "LOGOUT"),
    *("STARTTLS", "AUTHENTICATE", "GETQUOTAROOT"),
)
KNOWN = frozenset(
    {f"database commit {moment}" for moment in _MOMENTS}
    | {f"reader {moment}" for moment in _MOMENTS}
    | {"smtp reply heard", "smtp content half"}
    | {f"smtp {verb} {moment}" for verb in _SMTP for moment in _MOMENTS}
    | {f"imap {verb} {moment}" for verb in _IMAP for moment in _MOMENTS}
)
"""Every point there is: before and after each word that mailflow says to a server, and the rest."""

_TAGGED = re.compile(rb"[A-Z]{4}\d+ (?:UID )?([A-Za-z]+)")
_WORD = re.compile(r"([A-Za-z]{4,8})(?: |$|\r)")


class UnknownPointError(BaseException):
    """An input or output that has no name in ``KNOWN``; no ``except Exception`` may hide it."""


class Points:
    """Counts the points passed, in memory that outlives the process, and kills it at the n-th."""

    def __init__(self, counter: Path, kill_at: int, names: Path | None = None) -> None:
        with counter.open("r+b") as file:
            self._count = mmap.mmap(file.fileno(), 8)
        self._kill_at = kill_at
        self._names = names

    def reach(self, name: str) -> None:
        """Pass a point, or die at it."""
        if name not in KNOWN:
            raise UnknownPointError(name)
        (count,) = struct.unpack("q", self._count[:8])
        self._count[:8] = struct.pack("q", count + 1)
        if self._names:
            with self._names.open("a", encoding="ascii") as file:
                file.write(f"{name}\n")
        if count + 1 == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


def install(points: Points) -> None:
    """Let this process pass these points from now on."""
    _around(DefaultDialect, "do_commit", lambda *_: "database commit", points)
    _around(Reader, "read", lambda *_: "reader", points)
    _around(imaplib.IMAP4, "send", lambda _, data: f"imap {_imap_verb(bytes(data))}", points)
    _smtp(points)


def _around(owner: Any, name: str, what: Callable[..., str], points: Points) -> None:
    original = getattr(owner, name)

    def wrapped(self: Any, *words: Any, **more: Any) -> Any:
        named = what(self, *words)
        points.reach(f"{named} before")
        result = original(self, *words, **more)
        points.reach(f"{named} after")
        return result

    setattr(owner, name, wrapped)


def _imap_verb(data: bytes) -> str:
    match = _TAGGED.match(data)
    if match:
        return match[1].decode("ascii").upper()
    return "DONE" if data.startswith(b"DONE") else "literal"


def _smtp(points: Points) -> None:
    """Wrap the two ways on which smtplib talks to the server: what it says, and what it hears."""
    send, getreply = smtplib.SMTP.send, smtplib.SMTP.getreply

    def sending(self: smtplib.SMTP, s: Any) -> None:
        match = _WORD.match(s) if isinstance(s, str) else None
        if match:
            points.reach(f"smtp {match[1].upper()} before")
            send(self, s)
            points.reach(f"smtp {match[1].upper()} after")
            return
        points.reach("smtp content before")
        send(self, s[: len(s) // 2])
        points.reach("smtp content half")
        send(self, s[len(s) // 2 :])
        points.reach("smtp content after")

    def hearing(self: smtplib.SMTP) -> tuple[int, bytes]:
        reply = getreply(self)
        points.reach("smtp reply heard")
        return reply

    smtplib.SMTP.send = sending  # type: ignore[method-assign]
    smtplib.SMTP.getreply = hearing  # type: ignore[method-assign]
