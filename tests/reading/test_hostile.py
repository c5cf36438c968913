"""Mails made to break a reader: the bench's, at a twentieth of their size, and known crashes."""

import runpy
from pathlib import Path
from typing import Any

import pytest

from mailflow.reading import read

BENCH: dict[str, Any] = runpy.run_path(str(Path(__file__).parents[2] / "bench" / "reading.py"))
HOSTILE = BENCH["hostile"](0.05)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_mail_is_read(name: str) -> None:
    """No mail explodes: each is read, or named as one of which only the headers could be."""
    message = read(HOSTILE[name]())
    assert not [problem for problem in message.problems if "could be read (" in problem]


@pytest.mark.parametrize(
    "header",
    [
        "Message-ID: <[a@b]>",
        "Message-ID: [a@b]",
        "To: (comment only)",
        "From: =?utf-8?q?a=0Ab?= <a@b.example>",
        "Subject: =?utf-8?q?a=0D=0ABcc:_evil@b.example?=",
        "Content-Type: text/plain; name*",
        "Content-Type: text/plain; charset=x-unknown-8bit-of-nothing",
        "Content-Type: text/plain; charset=\0",
        "Content-Disposition: attachment; filename*=",
        "Date: Mon, 00 Foo 0000 99:99:99 +9999",
        "References: " + "<a@b> " * 2000,
    ],
)
def test_crashes_of_the_standard_library(header: str) -> None:
    """Headers over which the standard library's parser raises are read like any other."""
    message = read(f"{header}\nX-After: 1\n\ntext\n".encode())
    text = message.sender.name + message.sender.address + message.subject + message.message_id
    assert "\n" not in text
    assert "\r" not in text
    assert message.text == "text"
