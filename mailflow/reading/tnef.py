"""``winmail.dat``: Outlook's own wrapping of body and attachments (MS-OXTNEF).

Read here and not by tnefparse: a count of four billion properties in a file of forty bytes keeps
that library busy for an hour. Every loop here consumes bytes, so a container costs its size.
"""

import struct
from base64 import encodebytes
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.header import Header

from mailflow.reading.charsets import clean, decode
from mailflow.reading.rtf import decompressed, rtf_body

__all__ = ["Unpacked", "unpacked"]

_SIGNATURE = b"\x78\x9f\x3e\x22"
_FIRST_OBJECT = 6
_OBJECTS, _DEPTH = 20_000, 5
_OBJECT = struct.Struct("<BHHI")
_CHECKSUM = 2
_UINT = struct.Struct("<I")

# what the container is made of, by MS-OXTNEF §2.1.3
_BODY, _CODEPAGE, _MESSAGE = 0x800C, 0x9007, 0x9003
_NEW_FILE, _FILE_TITLE, _FILE_DATA, _FILE = 0x9002, 0x8010, 0x800F, 0x9005

# what its messages and files are described by, from MS-OXPROPS
_TEXT, _RTF, _HTML, _TEXT_CODEPAGE = 0x1000, 0x1009, 0x1013, 0x3FDE
_NAMES = (0x3707, 0x3704, 0x3001)  # long name, short name, display name
_DATA, _TYPE = 0x3701, 0x370E
_NAMED, _MANY = 0x8000, 0x1000
_OBJECT_TYPE, _STRING, _UNICODE, _BINARY = 0x0D, 0x1E, 0x1F, 0x102
_SIZES = {
    **dict.fromkeys((0x00, 0x01), 0),
    **dict.fromkeys((0x02, 0x0B), 2),
    **dict.fromkeys((0x03, 0x04, 0x0A), 4),
    **dict.fromkeys((0x05, 0x06, 0x07, 0x14, 0x40), 8),
    0x48: 16,
}
# Objects begin with the id of their interface: this one, for a message in its own container.
_INTERFACE = 16
_MESSAGE_INTERFACE = bytes.fromhex("0703020000000000c000000000000046")
_WESTERN = "cp1252"
_CODEPAGES = {20127: "us-ascii", 20866: "koi8-r", 28591: _WESTERN, 65001: "utf-8"}


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What was inside: the body in its forms, and the files as (name, bytes)."""

    plain: str | None
    html: str | None
    files: tuple[tuple[str, bytes], ...]
    problems: tuple[str, ...]


@dataclass(slots=True)
class _Container:
    charset: str = _WESTERN
    body: bytes = b""
    properties: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    files: list[dict[int, tuple[int, bytes]]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def unpacked(data: bytes) -> Unpacked | None:
    """Unpack a winmail.dat; None where it is none or holds nothing."""
    if not data.startswith(_SIGNATURE):
        return None
    found = _unpacked(data, _DEPTH)
    return found if found.files or found.plain or found.html else None


def _unpacked(data: bytes, depth: int) -> Unpacked:
    container = _Container()
    for level, name, value in _objects(data, container.problems):
        _take(container, level, name, value)
    plain, html = _body(container)
    files = [file for found in container.files for file in _files(container, found, depth)]
    return Unpacked(plain, html, tuple(files), tuple(container.problems))


def _objects(data: bytes, problems: list[str]) -> Iterator[tuple[int, int, bytes]]:
    """Yield level, name and value of the container's objects."""
    position = _FIRST_OBJECT
    for _ in range(_OBJECTS):
        if position + _OBJECT.size > len(data):
            return
        level, name, _, length = _OBJECT.unpack_from(data, position)
        start = position + _OBJECT.size
        position = start + length + _CHECKSUM
        if position > len(data):
            problems.append("winmail.dat is cut off")
        yield level, name, data[start : start + length]
    problems.append("winmail.dat has too many objects to be read whole")


def _take(container: _Container, level: int, name: int, value: bytes) -> None:
    if name == _CODEPAGE and len(value) >= _UINT.size:
        container.charset = _charset(value)
    elif name == _BODY:
        container.body = value
    elif name == _MESSAGE and level == 1:
        container.properties.update(_properties(value))
    elif name == _NEW_FILE:
        container.files.append({})
    elif name in (_FILE_TITLE, _FILE_DATA, _FILE):
        file = container.files[-1] if container.files else {}
        if not container.files:
            container.files.append(file)
        if name == _FILE_TITLE:
            file.setdefault(_NAMES[1], (_STRING, value))
        elif name == _FILE_DATA:
            file.setdefault(_DATA, (_BINARY, value))
        else:
            file.update(_properties(value))


def _properties(data: bytes) -> dict[int, tuple[int, bytes]]:
    """Read a list of properties as far as it goes: id to type and value, the first of many."""
    found: dict[int, tuple[int, bytes]] = {}
    position = _UINT.size
    while position + 4 <= len(data):
        kind, name = struct.unpack_from("<HH", data, position)
        position += 4
        try:
            if name >= _NAMED:
                position = _after_name(data, position)
            value, position = _value(data, position, kind)
        except (struct.error, KeyError):
            break
        found.setdefault(name, (kind & ~_MANY, value))
    return found


def _after_name(data: bytes, position: int) -> int:
    """Step over the name of a named property: a GUID, then a number or a text."""
    (form,) = _UINT.unpack_from(data, position + 16)
    position += 16 + _UINT.size
    (length,) = _UINT.unpack_from(data, position)
    return position + _UINT.size + (_padded(length) if form else 0)


def _value(data: bytes, position: int, kind: int) -> tuple[bytes, int]:
    """Read a property's value, of several the first; raises where there is no such type."""
    many, kind = bool(kind & _MANY), kind & ~_MANY
    count, varies = 1, kind in (_OBJECT_TYPE, _STRING, _UNICODE, _BINARY)
    if many or varies:
        (count,) = _UINT.unpack_from(data, position)
        position += _UINT.size
    if not varies:
        size = _SIZES[kind]
        return data[position : position + size], position + _padded(size * count)
    first = b""
    for number in range(count):
        (length,) = _UINT.unpack_from(data, position)
        position += _UINT.size
        if number == 0:
            first = data[position : position + length]
        position += _padded(length)
    return first, position


def _padded(size: int) -> int:
    return size + -size % 4


def _charset(value: bytes) -> str:
    (page,) = _UINT.unpack_from(value)
    return _CODEPAGES.get(page, f"cp{page}")


def _text(container: _Container, found: tuple[int, bytes] | None) -> str | None:
    if found is None:
        return None
    kind, value = found
    if kind == _UNICODE:
        text = value.decode("utf-16-le", "replace").encode("utf-8", "replace").decode()
    else:
        text = decode(value, container.charset)[0]
    return clean(text).strip("\n") or None


def _body(container: _Container) -> tuple[str | None, str | None]:
    properties = container.properties
    page = properties.get(_TEXT_CODEPAGE)
    plain = _text(container, properties.get(_TEXT)) or _text(container, (_STRING, container.body))
    html_container = _Container(charset=_charset(page[1])) if page else container
    html = _text(html_container, properties.get(_HTML))
    if not html and not plain and _RTF in properties:
        source = decompressed(properties[_RTF][1])
        if source is not None:
            return rtf_body(source)
        container.problems.append("the body of winmail.dat could not be unpacked")
    return plain, html


def _files(
    container: _Container, file: dict[int, tuple[int, bytes]], depth: int
) -> list[tuple[str, bytes]]:
    """Give a file, or for a message in its own container that mail and its files."""
    names = (_text(container, file.get(name)) for name in _NAMES)
    name = next(filter(None, names), "")
    kind, data = file.get(_DATA, (_BINARY, b""))
    if kind == _OBJECT_TYPE:
        interface, data = data[:_INTERFACE], data[_INTERFACE:]
        if interface == _MESSAGE_INTERFACE and data.startswith(_SIGNATURE) and depth:
            return _embedded(name, data, depth)
    return [(name, data)] if name or data else []


def _embedded(name: str, data: bytes, depth: int) -> list[tuple[str, bytes]]:
    """Give an attached mail as the mail it is, so that nobody takes it for a plain text file."""
    inner = _unpacked(data, depth - 1)
    if inner.plain or inner.html or inner.files:
        return [(f"{name or 'message'}.eml", _mail(name, inner)), *inner.files]
    return [(name or "message.dat", data)]


def _mail(subject: str, inner: Unpacked) -> bytes:
    """Write what is known of an attached mail as one that every mail program opens."""
    kind, text = ("plain", inner.plain) if inner.plain else ("html", inner.html or "")
    head = (
        f"Subject: {Header(' '.join(subject.split()), 'utf-8').encode()}\nMIME-Version: 1.0\n"
        f"Content-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    )
    return head.encode("ascii") + encodebytes(text.encode("utf-8", "replace"))
