"""``winmail.dat``: Outlook's own wrapping of body and attachments. The only tnefparse."""

import logging
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mailflow.reading.charsets import clean, decode
from mailflow.reading.rtf import decompressed, rtf_body

__all__ = ["Unpacked", "unpacked"]

# tnefparse copies the rest of the data for every object: this bounds the product.
_WORK = 4_000_000_000
_FIRST_OBJECT = 6
_SIGNATURE = b"\x78\x9f\x3e\x22"
_HTML_BODY, _RTF_BODY = 0x1013, 0x1009
_ATTACH_LONG_NAME, _ATTACH_NAME, _DISPLAY_NAME = 0x3707, 0x3704, 0x3001

logging.getLogger("tnefparse").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What was inside: the body in its forms, and the files as (name, bytes)."""

    plain: str | None
    html: str | None
    files: tuple[tuple[str, bytes], ...]
    problems: tuple[str, ...]


def unpacked(data: bytes) -> Unpacked | None:
    """Unpack a winmail.dat; None where it cannot be read."""
    if not data.startswith(_SIGNATURE) or not _is_bounded(data):
        return None
    from tnefparse import TNEF  # noqa: PLC0415 - few mails need it

    try:
        container = TNEF(data, do_checksum=False)
    except Exception:  # noqa: BLE001 - the library promises no closed set of errors on hostile input
        return None
    problems = [] if _ends_well(data) else ["winmail.dat is cut off"]
    plain, html = _body(container, problems)
    return Unpacked(plain, html, tuple(_files(container)), tuple(problems))


def _ends(data: bytes) -> Iterator[int]:
    """Yield where each object ends: level, name, type and length (11 bytes with the checksum)."""
    position = _FIRST_OBJECT
    while position + 11 < len(data):
        (length,) = struct.unpack_from("<I", data, position + 5)
        position += length + 11
        yield position


def _is_bounded(data: bytes) -> bool:
    """Tell whether the number of objects times the size stays within reason."""
    return all(number * len(data) <= _WORK for number, _ in enumerate(_ends(data)))


def _ends_well(data: bytes) -> bool:
    return max(_ends(data), default=_FIRST_OBJECT) <= len(data)


def _body(container: Any, problems: list[str]) -> tuple[str | None, str | None]:
    codepage = str(container.codepage or "cp1252")
    plain = _text(container.body, codepage)
    html = _text(container.htmlbody, codepage)
    compressed = getattr(container, "_rtfbody", None)
    if isinstance(compressed, bytes) and not html and not plain:
        source = decompressed(compressed)
        if source is None:
            problems.append("the body of winmail.dat could not be unpacked")
        else:
            plain, html = rtf_body(source)
    return plain, html


def _text(value: object, codepage: str) -> str | None:
    if isinstance(value, bytes):
        value = decode(value.rstrip(b"\0"), codepage)[0]
    return clean(str(value)) or None if value else None


def _files(container: Any) -> list[tuple[str, bytes]]:
    files = []
    for attached in container.attachments:
        data = attached.data if isinstance(attached.data, bytes) else b""
        embedded = getattr(attached, "embed", None)
        if embedded is not None:
            files += _embedded(attached, embedded)
            continue
        files.append((_name(attached), data))
    return files


def _embedded(attached: Any, embedded: Any) -> list[tuple[str, bytes]]:
    """Give an attached Outlook message as its text and its own files."""
    plain, html = _body(embedded, [])
    name = _name(attached)
    found: list[tuple[str, bytes]] = []
    if plain:
        found.append((f"{name}.txt", plain.encode()))
    elif html:
        found.append((f"{name}.html", html.encode()))
    return found + _files(embedded)


def _name(attached: Any) -> str:
    for read in (attached.long_filename, lambda: attached.name, lambda: attached._name):  # noqa: SLF001
        try:
            value = read()
        except (UnicodeError, AttributeError, IndexError):
            continue
        text = _text(value, str(attached.codepage or "cp1252"))
        if text:
            return text
    return ""
