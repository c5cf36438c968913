"""Content transfer encodings: base64, quoted-printable, uuencode, as they arrive (RFC 2045 §6)."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Embedded", "decoded_body", "without_uuencode"]

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")
_PADDED = re.compile(rb"=+")
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/=\s]*")
_UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,200})\r?$", re.MULTILINE)
_PIECES = 1_000
_UU_LINES = 400_000


@dataclass(frozen=True, slots=True)
class Embedded:
    """A file that stood in a text: its name as written, and its bytes."""

    name: str
    content: bytes


def decoded_body(body: bytes, encoding: str) -> tuple[bytes, str]:
    """Undo a Content-Transfer-Encoding; give the bytes and what was wrong ("" when nothing)."""
    words = encoding.strip().strip("\"'").lower().split()
    name = words[0].rstrip(";") if words else ""
    if name == "base64":
        return _base64(body)
    if name in ("quoted-printable", "quotedprintable", "qp"):
        return binascii.a2b_qp(body), ""
    if name in ("x-uuencode", "x-uue", "uuencode", "x-uu"):
        files = list(_uuencoded(body))
        return (files[0].content, "") if files else (body, "no uuencoded file where one was named")
    if name in ("", "7bit", "8bit", "binary", "7-bit", "8-bit", "7bits", "8bits", "none"):
        return body, ""
    return body, f"unknown transfer encoding {name[:40]!r}"


def _base64(body: bytes) -> tuple[bytes, str]:
    """Decode base64 with anything between its letters, padded in the middle or not at all.

    Several encoded pieces in a row are all read; prose after the end (a list's footer) is not.
    """
    letters = _NOT_BASE64.sub(b"", body)
    strange = len(letters) < len(body) and not _BASE64_LINE.fullmatch(body)
    pieces = [piece for piece in _PADDED.split(letters, _PIECES) if piece]
    if strange and len(pieces) > 1:
        pieces = pieces[:1]
    data = b"".join(_base64_piece(piece) for piece in pieces)
    return data, "base64 with foreign characters" if strange else ""


def _base64_piece(piece: bytes) -> bytes:
    piece = piece.replace(b"=", b"")
    if len(piece) % 4 == 1:
        piece = piece[:-1]
    return binascii.a2b_base64(piece + b"=" * (-len(piece) % 4))


def without_uuencode(body: bytes) -> tuple[bytes, tuple[Embedded, ...]]:
    """Take uuencoded files out of a text; give the text that is left and the files."""
    if b"begin" not in body:
        return body, ()
    files, kept, position = [], [], 0
    for match in _UU_BEGIN.finditer(body):
        if match.start() < position:
            continue
        found = _uu_file(body, match)
        if found is None:
            continue
        content, end = found
        kept.append(body[position : match.start()])
        files.append(Embedded(match.group(1).decode("utf-8", "replace"), content))
        position = end
    return (b"".join(kept) + body[position:] if files else body), tuple(files)


def _uuencoded(body: bytes) -> Iterator[Embedded]:
    yield from without_uuencode(body)[1]


def _uu_file(body: bytes, begin: re.Match[bytes]) -> tuple[bytes, int] | None:
    """Read the lines after ``begin``; None where they are prose and not uuencoded."""
    position = begin.end() + 1
    chunks: list[bytes] = []
    for _ in range(_UU_LINES):
        end = body.find(b"\n", position)
        line = body[position : end if end >= 0 else len(body)].rstrip(b"\r")
        following = end + 1 if end >= 0 else len(body)
        if line.strip() in (b"end", b"===="):
            return (b"".join(chunks), following) if chunks else None
        try:
            chunks.append(_uu_line(line))
        except (binascii.Error, ValueError):
            return None
        if end < 0:
            break
        position = following
    return None


def _uu_line(line: bytes) -> bytes:
    if not line or line == b"`":
        return b""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Some encoders pad a line beyond what its length byte says.
        count = (((line[0] - 32) & 63) * 4 + 5) // 3
        return binascii.a2b_uu(line[:count])
