"""What passes between mailflow and its reading worker: JSON and the attachments' raw bytes.

No pickle: the worker handles hostile bytes, so whatever it sends is checked like anything else
from outside, and sizes and hashes are taken again on this side.
"""

import json
import struct
from collections.abc import Callable
from datetime import date, datetime
from hashlib import sha256
from typing import Any, BinaryIO

from mailflow.core.message import Address, Attachment, Channel, Kind, Mark, Message

__all__ = ["answer", "message_of", "read_exactly", "request", "requested"]

_REQUEST = struct.Struct(">?Q")
_LENGTH = struct.Struct(">Q")
_LARGEST_JSON = 200_000_000
_ADDRESSES = ("reply_to", "to", "cc")
_TEXTS = ("authors", "references", "recipients", "failed_recipients", "original_ids",
          "authentication_results", "bulk_signs", "problems")  # fmt: skip
_PLAIN = ("message_id", "in_reply_to", "return_path", "subject", "language", "text", "reply_text",
          "given_up", "by_words", "own_kind", "encrypted", "headers_only", "no_echo",
          "perhaps_machine", "by_program", "asks", "quotes_kept", "quoted_head",
          "quoted_body")  # fmt: skip


def read_exactly(stream: BinaryIO, size: int) -> bytes:
    """Give the next ``size`` bytes; raises EOFError where the stream ends before."""
    chunks: list[bytes] = []
    while size > 0:
        chunk = stream.read(min(size, 1 << 20))
        if not chunk:
            raise EOFError
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)


def request(raw: bytes, *, contents: bool) -> tuple[bytes, bytes]:
    """Give the two pieces that ask for a mail to be read, attachments' bytes wanted or not."""
    return _REQUEST.pack(contents, len(raw)), raw


def requested(stream: BinaryIO) -> tuple[bytes, bool]:
    """Take the next request in the worker: the mail, and whether attachments' bytes are wanted."""
    contents, length = _REQUEST.unpack(read_exactly(stream, _REQUEST.size))
    return read_exactly(stream, length), contents


def answer(message: Message, *, contents: bool) -> list[bytes]:
    """Give the pieces of a worker's answer."""
    described = json.dumps(_described(message, contents=contents)).encode("ascii")
    files = [each.content for each in message.attachments] if contents else []
    return [_LENGTH.pack(len(described)), described, *files]


def _described(message: Message, *, contents: bool) -> dict[str, Any]:
    return {
        **{name: getattr(message, name) for name in (*_PLAIN, *_TEXTS)},
        **{name: [_pair(each) for each in getattr(message, name)] for name in _ADDRESSES},
        "sender": _pair(message.sender),
        "kind": message.kind.value,
        "kind_otherwise": message.kind_otherwise.value,
        "date": message.date.isoformat() if message.date else None,
        "absence_until": message.absence_until.isoformat() if message.absence_until else None,
        "marks": [[mark.channel.value, mark.token] for mark in message.marks],
        "attachments": [
            [each.name, each.content_type, each.size, each.sha256, each.inline]
            for each in message.attachments
        ],
        "contents": contents,
    }


def _pair(address: Address) -> list[str]:
    return [address.name, address.address]


def message_of(stream: BinaryIO, largest: int) -> Message:
    """Take a worker's answer; attachments may hold ``largest`` bytes in all.

    Raises EOFError where the worker died, ValueError, KeyError or TypeError where what it sent
    is no such answer.
    """
    (length,) = _LENGTH.unpack(read_exactly(stream, _LENGTH.size))
    if length > _LARGEST_JSON:
        raise ValueError(length)
    found = json.loads(read_exactly(stream, length))
    fields: dict[str, Any] = {
        **{name: _typed(found[name], str, bool, type(None)) for name in _PLAIN},
        **{name: tuple(_typed(each, str) for each in found[name]) for name in _TEXTS},
        **{name: tuple(_address(each) for each in found[name]) for name in _ADDRESSES},
        "kind": Kind(found["kind"]),
        "kind_otherwise": Kind(found["kind_otherwise"]),
        "date": _parsed(datetime.fromisoformat, found["date"]),
        "absence_until": _parsed(date.fromisoformat, found["absence_until"]),
        "marks": tuple(Mark(Channel(place), _typed(token, str)) for place, token in found["marks"]),
        "attachments": _attachments(stream, found, largest),
    }
    return Message(sender=_address(found["sender"]), **fields)


def _parsed(parse: Callable[[str], date], value: str | None) -> date | None:
    return parse(value) if value else None


def _typed(value: Any, *types: type) -> Any:
    if not isinstance(value, types):
        raise TypeError(type(value))
    return value


def _address(value: Any) -> Address:
    name, address = value
    return Address(_typed(name, str), _typed(address, str))


def _attachments(stream: BinaryIO, found: dict[str, Any], largest: int) -> tuple[Attachment, ...]:
    attachments = []
    for name, content_type, size, digest, inline in found["attachments"]:
        largest -= _typed(size, int)
        if size < 0 or largest < 0:
            raise ValueError(size)
        content = read_exactly(stream, size) if found["contents"] else b""
        digest_here = sha256(content).hexdigest() if found["contents"] else _typed(digest, str)
        kind = _typed(content_type, str)
        attachments.append(
            Attachment(_typed(name, str), kind, size, digest_here, bool(inline), content)
        )
    return tuple(attachments)
