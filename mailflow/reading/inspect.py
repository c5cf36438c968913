"""What mailflow reads in mails, as the JSON objects of ``mailflow inspect``."""

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from mailflow.core.message import Address, Message
from mailflow.core.visible import shown_as_json
from mailflow.reading.limits import DEFAULT, Limits
from mailflow.reading.mail import read_headers
from mailflow.reading.mailboxes import Found, mails, total_size
from mailflow.reading.worker import Reader, ReadingFailed

__all__ = ["described", "objects", "run_inspect"]

_BAR = 30
_EVERY = 0.1


def objects(paths: Sequence[Path], limits: Limits = DEFAULT) -> Iterator[dict[str, Any]]:
    """Yield the contract's JSON object for every mail below the paths, in path order.

    Each mail is read in a worker process: one that breaks or stops it still gets its object,
    with its headers and the problem named.
    """
    for _, described_mail in _inspected(paths, limits):
        yield described_mail


def run_inspect(paths: Sequence[Path], out: TextIO, *, progress: bool) -> int:
    """Write one JSON object per line to ``out``; give how many.

    ``progress`` shows a bar on standard error: for a terminal, not for a pipe.
    """
    bar = _Bar(total_size(paths)) if progress else None
    count = 0
    for found, described_mail in _inspected(paths, DEFAULT):
        out.write(shown_as_json(described_mail) + "\n")
        count += 1
        if bar:
            bar.step(found.size)
    if bar:
        bar.done()
    return count


def _inspected(paths: Sequence[Path], limits: Limits) -> Iterator[tuple[Found, dict[str, Any]]]:
    with Reader(limits) as reader:
        for found in mails(paths, limits.size):
            yield found, described(found.path, _read(reader, found))


def _read(reader: Reader, found: Found) -> Message:
    if found.problem:
        return Message(problems=(found.problem,))
    try:
        return reader.read(found.raw, contents=False)
    except ReadingFailed as error:
        return read_headers(found.raw, str(error))


def described(path: str, message: Message) -> dict[str, Any]:
    """Give the contract's object of one mail; ``path`` names where it was found."""
    return {
        "path": path,
        "message_id": message.message_id,
        "in_reply_to": message.in_reply_to,
        "references": list(message.references),
        "from": _address(message.sender),
        "reply_to": [_address(each) for each in message.reply_to],
        "to": [_address(each) for each in message.to],
        "cc": [_address(each) for each in message.cc],
        "subject": message.subject,
        "date": message.date.isoformat() if message.date else None,
        "language": message.language,
        "kind": message.kind.value,
        "text": message.text,
        "reply_text": message.reply_text,
        "attachments": [
            {
                "name": each.name,
                "content_type": each.content_type,
                "size": each.size,
                "sha256": each.sha256,
                "inline": each.inline,
            }
            for each in message.attachments
        ],
        "failed_recipients": list(message.failed_recipients),
        "absence_until": message.absence_until.isoformat() if message.absence_until else None,
        "tokens": list(dict.fromkeys(mark.token for mark in message.marks)),
        "problems": list(message.problems),
    }


def _address(address: Address) -> dict[str, str]:
    return {"name": address.name, "address": address.address}


class _Bar:
    """A progress bar on standard error, by bytes."""

    def __init__(self, total: int) -> None:
        self._total = max(1, total)
        self._done = 0
        self._mails = 0
        self._shown = 0.0

    def step(self, size: int) -> None:
        """Count a mail of ``size`` bytes."""
        self._done += size
        self._mails += 1
        if time.monotonic() - self._shown > _EVERY:
            self._shown = time.monotonic()
            self._show()

    def _show(self) -> None:
        share = min(1.0, self._done / self._total)
        filled = round(share * _BAR)
        bar = "#" * filled + "." * (_BAR - filled)
        sys.stderr.write(f"\r[{bar}] {share:4.0%}  {self._mails} mails ")
        sys.stderr.flush()

    def done(self) -> None:
        """Draw the last state and end the line."""
        self._show()
        sys.stderr.write("\n")
