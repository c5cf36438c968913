"""How fast mails are read: the hostile ones that must end within 2 s each, and a folder of them.

Run ``python bench/reading.py [FOLDER]``; a folder gives mails per second through the worker.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from mailflow.reading import Reader, read
from mailflow.reading.mailboxes import mails

_HEAD = b"From: a@example.org\r\nSubject: x\r\nMessage-ID: <1@example.org>\r\n"
_MIB = 1 << 20


def _nested(depth: int, closed: bool) -> bytes:
    opening = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n)
        for n in range(depth)
    )
    closing = b"".join(b"\r\n--b%d--\r\n" % n for n in reversed(range(depth)))
    return _HEAD + opening + b"Content-Type: text/plain\r\n\r\ndeep" + (closing if closed else b"")


def _mails_in_mails(depth: int) -> bytes:
    return _HEAD + b"Content-Type: message/rfc822\r\n\r\n" * depth + b"\r\ndeep"


def _text(body: bytes, content_type: bytes = b"text/plain") -> bytes:
    return _HEAD + b"Content-Type: " + content_type + b"; charset=utf-8\r\n\r\n" + body


def _part(body: bytes) -> bytes:
    return _HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n" + body


def hostile(share: float = 1) -> dict[str, Callable[[], bytes]]:
    """Give the makers of the hostile mails by name; ``share`` makes all of them smaller."""

    def n(count: int) -> int:
        return max(600, round(count * share))

    return {
        "headers of 50 MB, one line": lambda: _HEAD + b"X: " + b"a" * n(49 * _MIB),
        "headers of 50 MB, many lines": lambda: (
            _HEAD + b"X-Y: z\r\n" * n(49 * _MIB // 8) + b"\r\nbody"
        ),
        "headers of 50 MB, folded": lambda: (
            _HEAD + b"X:" + b" y\r\n" * n(49 * _MIB // 4) + b"\r\nbody"
        ),
        "headers of stray lines": lambda: b"stray\r\n" * n(49 * _MIB // 7) + _HEAD,
        "20,000 recipients": lambda: (
            _HEAD + b"To: " + b"Name <a@b.example>,\r\n " * n(20_000) + b"\r\n\r\nx"
        ),
        "20,000 encoded words": lambda: (
            _HEAD + b"To: " + b"=?utf-8?q?=C3=A4?=\r\n " * n(20_000) + b"\r\n"
        ),
        "unclosed encoded words": lambda: (
            _HEAD + b"Subject: z" + b"=?a?b?" * n(170_000) + b"\r\n\r\n"
        ),
        "unclosed quotes": lambda: _HEAD + b'To: "' + b'\\"' * n(500_000) + b"\r\n\r\n",
        "open comments": lambda: _HEAD + b"To: " + b"(" * n(1_000_000) + b"\r\n\r\n",
        "open angles": lambda: _HEAD + b"To: " + b"<" * n(1_000_000) + b"\r\n\r\n",
        "dots and blanks in To": lambda: _HEAD + b"To: " + b" . @" * n(250_000) + b"\r\n\r\n",
        "parameters": lambda: (
            _HEAD + b"Content-Type: text/plain" + b"; a*0*=b" * n(100_000) + b"\r\n\r\n"
        ),
        "5,000 nested parts": lambda: _nested(n(5_000), closed=True),
        "5,000 nested parts, open": lambda: _nested(n(5_000), closed=False),
        "5,000 mails in mails": lambda: _mails_in_mails(n(5_000)),
        "nested parts around 40 MB": lambda: _nested(60, closed=False) + b"z\r\n" * n(13 * _MIB),
        "1,000,000 parts": lambda: _part(b"\r\n--b\r\n\r\nx" * n(1_000_000)),
        "boundaries that are none": lambda: _part(b"\n--bx" * n(9 * _MIB)),
        "50 MB of blank lines": lambda: _text(b"\n" * (n(50 * _MIB) - 500)),
        "50 MB before the headers": lambda: b"\n" * (n(50 * _MIB) - 500) + _HEAD,
        "50 MB of >": lambda: _text(b">" * (n(50 * _MIB) - 500)),
        "3 MB of > lines": lambda: _text(b"> \n" * n(_MIB)),
        "3 MB of blanks": lambda: _text(b" " * n(3 * _MIB)),
        "one line of 50 MB": lambda: _text(b"a" * (n(50 * _MIB) - 500)),
        "attribution lines": lambda: _text(b"Am 1.1.2026 um 10:00 schrieb A B " * n(60_000)),
        "links never closed": lambda: _text(
            b'<p>a <a href="http://x.example Form</a><p>b<br>c<p>\n<p>d <a href="http://x.example/y">'
            * n(1_000),
            b"text/html",
        ),
        "lines that begin an announcement": lambda: _text(
            b'To: <talk@firma.example> KAM" <a@b.example>\n' * n(20_000)
        ),
        "broken UTF-8": lambda: _text(b"\xff\xfe" * n(20 * _MIB)),
        "flowed": lambda: _text(b"a \n" * n(_MIB), b"text/plain; format=flowed; delsp=yes"),
        "uuencode heads": lambda: _text(b"begin 644 a\n" * n(200_000)),
        "uuencode": lambda: _text(b"begin 644 a\n" + b"M" + b"!" * 60 + b"\n" * n(100_000)),
        "HTML, deep": lambda: _text(b"<div>" * n(200_000) + b"x", b"text/html"),
        "HTML, unclosed tags": lambda: _text(b"<p" * n(1_000_000), b"text/html"),
        "HTML, 7 MB of cells": lambda: _text(b"<tr><td>x" * n(750_000), b"text/html"),
        "HTML, 7 MB of lists": lambda: _text(b"<ul><li>" * n(900_000), b"text/html"),
        "HTML, 20 MB": lambda: _text(b"<b>x</b> " * n(2 * _MIB), b"text/html"),
        "HTML, as many tags as are understood": lambda: _text(
            b"<b>x</b> " * n(29_900), b"text/html"
        ),
        "HTML, as many cells as are understood": lambda: _text(
            b"<tr><td>x" * n(29_900), b"text/html"
        ),
        "HTML, comments": lambda: _text(b"<!--" * n(1_000_000), b"text/html"),
        "HTML, entities": lambda: _text(b"&lt;" * n(1_000_000), b"text/html"),
        "calendar": lambda: _text(b"BEGIN:VCALENDAR\n" * n(12_000), b"text/calendar"),
        "winmail.dat of objects": lambda: (
            _HEAD
            + b"Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22\x01\x00"
            + b"\x01\x08\x80\x07\x00\x00\x00\x00\x00\x00\x00" * n(2 * _MIB)
        ),
        "base64 noise": lambda: (
            _HEAD
            + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + b"=A" * n(20 * _MIB)
        ),
        "quoted-printable noise": lambda: (
            _HEAD
            + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
            + b"=\n" * n(20 * _MIB)
        ),
        "bounce words": lambda: b"Return-Path: <>\r\n" + _text(b"not be deliver " * n(200_000)),
        "bounce addresses": lambda: (
            b"Return-Path: <>\r\nSubject: Undelivered Mail\r\n"
            + _text(b"<a@b.example>: 550 5.1.1 no\n" * n(100_000))
        ),
        "statuses": lambda: (
            _HEAD
            + b"Content-Type: message/delivery-status\r\n\r\n"
            + b"Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\n\r\n" * n(100_000)
        ),
    }


def _hostile() -> bool:
    slow = False
    for name, make in hostile().items():
        raw = make()
        start = time.perf_counter()
        message = read(raw)
        seconds = time.perf_counter() - start
        slow = slow or seconds > 2
        mark = "SLOW" if seconds > 2 else "    "
        print(
            f"{mark} {seconds:6.2f} s  {len(raw) / _MIB:6.1f} MiB  {name}  {message.problems[:2]}"
        )
    return slow


def _speed(folder: Path) -> None:
    with Reader() as reader:
        found = [each.raw for each in mails([folder], 50 * _MIB)]
        reader.read(found[0])
        start = time.perf_counter()
        for raw in found:
            reader.read(raw, contents=False)
        seconds = time.perf_counter() - start
    print(f"{len(found)} mails, {len(found) / seconds:.0f} a second")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _speed(Path(sys.argv[1]))
    sys.exit(_hostile())
