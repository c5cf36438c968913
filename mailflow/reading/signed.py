"""Signed mails: the text inside an S/MIME envelope (RFC 8551 §3.5.2) or a PGP clear signature.

Signatures are not verified here: mailflow trusts tokens, not signatures; it only has to read.
"""

import re
from collections.abc import Iterator

__all__ = ["signed_content", "without_armour"]

_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_DATA = bytes.fromhex("06092a864886f70d010701")
_OCTETS, _OCTETS_CONSTRUCTED, _EXPLICIT = 0x04, 0x24, 0xA0
_INDEFINITE, _LENGTH_BYTES = 0x80, 6
_DEPTH = 8

_BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_END = "-----END PGP SIGNATURE-----"
_HASH_LINE = re.compile(r"(?:Hash|Charset|Comment|Version|NotDashEscaped):.*")


def signed_content(data: bytes) -> bytes | None:
    """Give the mail part inside a CMS SignedData, None where there is none (it is encrypted).

    The content is found by its object identifiers, so that any BER form the world writes
    (definite or indefinite lengths, octets in pieces) is read.
    """
    outer = data.find(_SIGNED_DATA, 0, 64)
    if outer < 0:
        return None
    inner = data.find(_DATA, outer + len(_SIGNED_DATA), outer + 512)
    if inner < 0:
        return None
    position = inner + len(_DATA)
    header = _header(data, position)
    if header is None or header[0] != _EXPLICIT:
        return None
    return b"".join(_octets(data, header[1], header[2], 0)) or None


def _header(data: bytes, position: int) -> tuple[int, int, int] | None:
    """Read one BER header: tag, start and end of the value (-1 for an indefinite length)."""
    if position + 2 > len(data):
        return None
    tag, length = data[position], data[position + 1]
    start = position + 2
    if length == _INDEFINITE:
        return tag, start, -1
    if length > _INDEFINITE:
        count = length - _INDEFINITE
        if count > _LENGTH_BYTES or start + count > len(data):
            return None
        length = int.from_bytes(data[start : start + count])
        start += count
    return tag, start, min(start + length, len(data))


def _octets(data: bytes, position: int, end: int, depth: int) -> Iterator[bytes]:
    """Yield the pieces of an octet string, simple or constructed."""
    limit = end if end >= 0 else len(data)
    while position < limit and depth < _DEPTH:
        header = _header(data, position)
        if header is None or header[0] == 0:
            return
        tag, start, stop = header
        if tag == _OCTETS and stop >= 0:
            yield data[start:stop]
        elif tag == _OCTETS_CONSTRUCTED:
            yield from _octets(data, start, stop, depth + 1)
        if stop < 0:
            return
        position = stop


def without_armour(text: str) -> str:
    """Give a text without the frame of a PGP clear signature (RFC 9580 §7)."""
    begin = text.find(_BEGIN)
    signature = text.find(_SIGNATURE, begin + len(_BEGIN)) if begin >= 0 else -1
    if signature < 0:
        return text
    head, body = text[:begin], text[begin + len(_BEGIN) : signature]
    end = text.find(_END, signature)
    tail = text[end + len(_END) :] if end >= 0 else ""
    lines = body.lstrip("\n").split("\n")
    while lines and _HASH_LINE.fullmatch(lines[0]):
        lines.pop(0)
    undashed = "\n".join(line.removeprefix("- ") for line in lines)
    return f"{head}{undashed.strip(chr(10))}\n{tail}".strip("\n")
