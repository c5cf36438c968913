"""An office's mail back, read: an answer, or something that must not be sent as one.

Said explicitly (``core.command_word``) it is acted on; else its wording is judged
(``core.judgement``).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from mailflow.core.command_word import command_in
from mailflow.core.declines import (
    clean_office,
    referral,
)
from mailflow.core.judgement import judged
from mailflow.core.letter import READ_AT_MOST, content, own_lines
from mailflow.core.remarks import apart
from mailflow.core.reply import ReplyKind, ReplyReading
from mailflow.core.wording import (
    promised,
)

__all__ = ["read_reply"]

_LONGEST = 100_000  # characters; to judge them takes a second or two, and nobody writes more
_UNREAD = "die Mail ist ungewöhnlich lang und wurde nicht ganz geprüft"
_FEW_WORDS = 12


def read_reply(
    reply_text: str, subject: str, written: date, *, has_files: bool = False
) -> ReplyReading:
    """Read an office's reply: its new text, its mail's subject, the local day it was written.

    With a file, few words may be enough for an answer. Never raises, whatever the text. Every
    line is in ``text`` or ``internal_text`` afterwards but the one of the command word.
    """
    if len(reply_text) > _LONGEST:
        return ReplyReading(ReplyKind.ANSWER, False, _UNREAD, reply_text, "", "", None)
    reading = _read(reply_text, subject, written, has_files=has_files)
    if len(own_lines(reply_text)) <= READ_AT_MOST or reading.kind is ReplyKind.INTERNAL:
        return reading
    return replace(reading, explicit=False, suspicion=reading.suspicion or _UNREAD)


def _read(reply_text: str, subject: str, written: date, *, has_files: bool) -> ReplyReading:
    command, lines = command_in(reply_text.split("\n"), subject)
    if command is None:
        own, internal = apart(lines)
        return _suspected("\n".join(own), "\n".join(internal), written, has_files=has_files)
    kind, rest = command
    if kind is ReplyKind.INTERNAL:
        return _reading(kind, "", _tidy([rest, *lines]))
    own, internal = apart([rest, *lines] if rest else lines)
    text = _tidy(own)
    return _reading(
        kind,
        text,
        _tidy(internal),
        office=_office(rest, text) if kind is ReplyKind.DECLINE else "",
        until=promised(text, written) if kind is ReplyKind.INTERIM else None,
    )


def _reading(
    kind: ReplyKind, text: str, internal: str, *, office: str = "", until: date | None = None
) -> ReplyReading:
    return ReplyReading(kind, True, "", text, internal, office, until)


def _tidy(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n")


def _suspected(text: str, internal: str, written: date, *, has_files: bool) -> ReplyReading:
    """Judge a reply without a command word by its wording."""
    text, internal = text.strip("\n"), internal.strip("\n")
    found = judged(text, internal, written, has_files=has_files)
    explicit = found.kind is not ReplyKind.ANSWER and not found.suspicion
    return ReplyReading(
        found.kind, explicit, found.suspicion, text, internal, found.office, found.until
    )


def _office(rest: str, text: str) -> str:
    """Give the office named behind the command word, or in the text."""
    named = clean_office(rest)
    pointed = referral(rest if named else content(text))
    if pointed:
        return clean_office(pointed["office"])
    return named if len(named.split()) <= _FEW_WORDS else ""
