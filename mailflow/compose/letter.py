"""RFC 5322 bytes from headers, texts and attachments: 7 bit, CRLF, the same input the same bytes.

It is put together here and not by ``email.generator``, because that keeps the bytes of enclosed
mails and of identifiers, and is many times faster for large attachments.
"""

import base64
import binascii
import email
import email.generator
import email.policy
import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from typing import Final
from urllib.parse import quote

__all__ = ["Part", "address_header", "as_composed", "assemble", "message_ids", "renewed"]

_ID: Final = re.compile(r"<[^<>\s]{1,900}>")
_PLAIN_ADDRESS: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9.-]+", re.ASCII)
_CONTENT_TYPE: Final = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,100}", re.ASCII)
_MAX_BODY_LINE: Final = 998  # RFC 5322 §2.1.1
_MAX_REFERENCES: Final = 50


_DATE: Final = re.compile(rb"^Date:[^\r\n]*", re.MULTILINE | re.IGNORECASE)
_LINE: Final = 76
_ADDRESSES: Final = frozenset({"From", "To", "Reply-To"})
# the standard library encodes identifiers of more than 70 letters (3.11 to 3.13), which breaks
# threads; they are written one a line as they are (RFC 5322 §3.6.4)
_IDENTIFIERS: Final = frozenset({"References", "In-Reply-To", "Message-ID"})
_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_NEXT_HEADER: Final = re.compile(rb"\r\n(?![ \t])")
_OURS: Final = frozenset(
    (
        b"from to reply-to subject date message-id in-reply-to references auto-submitted"
        b" x-auto-response-suppress x-mailflow-kind x-mailflow-ticket content-language"
        b" mime-version content-type content-transfer-encoding"
    ).split()
)
"""The headers that a mail of ours has when it leaves the house."""


@dataclass(frozen=True, slots=True)
class Part:
    """An attachment to be: safe file name, content type and content."""

    name: str
    content_type: str
    content: bytes


def renewed(raw: bytes, old_id: str, new_id: str, now: datetime) -> bytes:
    """Give a mail of ours as another one, made ``now``: the same but for Message-ID and date."""
    head, end, body = raw.partition(b"\r\n\r\n")
    head = head.replace(old_id.encode(), new_id.encode(), 1)
    date = f"Date: {format_datetime(now)}".encode()
    return _DATE.sub(lambda _: date, head, count=1) + end + body


def as_composed(raw: bytes) -> bytes:
    """Give a mail of ours that came back as it left: without what servers on its way added.

    Their headers name hosts and addresses that its reader has no business with.
    """
    head, _, body = _LINE_END.sub(b"\r\n", raw).partition(b"\r\n\r\n")
    headers = [
        each
        for each in _NEXT_HEADER.split(head)
        if each.partition(b":")[0].strip().lower() in _OURS
    ]
    return b"\r\n".join(headers) + b"\r\n\r\n" + body


def message_ids(in_reply_to: str, references: Sequence[str]) -> str:
    """Give the References header: the parent's references and the parent (RFC 5322 §3.6.4).

    Whatever is no identifier is left out; of a very long chain the first and the last ones stay.
    """
    found = dict.fromkeys(each for each in (*references, in_reply_to) if _ID.fullmatch(each))
    ids = list(found)
    if in_reply_to in found:
        ids.remove(in_reply_to)
        ids.append(in_reply_to)
    if len(ids) > _MAX_REFERENCES:
        ids = [ids[0], *ids[1 - _MAX_REFERENCES :]]
    return " ".join(ids)


def address_header(name: str, address: str) -> str:
    """Give ``name <address>`` for a header, whatever the address.

    An address that is not ASCII stays as it is and needs SMTPUTF8 (RFC 6532); one that is none
    cannot break the header, and it is the mail server that refuses it.
    """
    if not _PLAIN_ADDRESS.fullmatch(address):
        address = "".join(
            letter for letter in address if letter.isprintable() and letter not in "<>"
        )
    elif not name:
        return address
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    shown = f'"{escaped}"' if name.isascii() else _encoded(name)
    gap = "\r\n " if len(shown) + len(address) > _LINE - 14 else " "
    return f"{shown}{gap}<{address}>" if name else f"<{address}>"


def assemble(
    headers: Sequence[tuple[str, str]], text: str, html: str, attachments: Sequence[Part]
) -> bytes:
    """Give the whole mail: text, the same as HTML unless that is empty, and the attachments."""
    seed = "".join(f"{name}:{value}\n" for name, value in headers)
    body = _text_part("plain", text)
    if html:
        body = _multipart("alternative", seed, [body, _text_part("html", html)])
    if attachments:
        body = _multipart("mixed", seed, [body, *map(_attachment, attachments)])
    head = "".join(_header(name, value) for name, value in headers if value)
    return head.encode("utf-8") + b"MIME-Version: 1.0\r\n" + body


def _header(name: str, value: str) -> str:
    if name in _IDENTIFIERS:
        value = "\r\n ".join(value.split())
    elif name not in _ADDRESSES and (not value.isascii() or len(name) + len(value) > _LINE - 2):
        value = _encoded(value, name)
    return f"{name}: {value}\r\n"


def _encoded(words: str, header: str = "") -> str:
    """Give words folded, and encoded where they are not ASCII (RFC 2047)."""
    charset = "us-ascii" if words.isascii() else "utf-8"
    return Header(words, charset, maxlinelen=_LINE, header_name=header or None).encode(
        linesep="\r\n"
    )


def _text_part(subtype: str, text: str) -> bytes:
    data = text.rstrip("\n").encode("utf-8") + b"\n"
    quoted = binascii.b2a_qp(data, istext=True).replace(b"\n", b"\r\n")
    encoding, body = b"quoted-printable", quoted
    if len(quoted) > len(data) * 4 // 3 + 100:
        encoding, body = b"base64", _base64(data.replace(b"\n", b"\r\n"))
    head = b"Content-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: %s\r\n\r\n"
    return head % (subtype.encode("ascii"), encoding) + body


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def _multipart(subtype: str, seed: str, parts: Sequence[bytes]) -> bytes:
    boundary = _boundary(f"{subtype}\n{seed}", parts)
    inner = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    head = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary.decode()}"\r\n\r\n'
    return head.encode("ascii") + inner + b"--" + boundary + b"--\r\n"


def _boundary(seed: str, parts: Sequence[bytes]) -> bytes:
    """Give a line that occurs in no part; ``=_`` cannot occur in either encoding of ours."""
    while True:
        seed = hashlib.sha256(seed.encode("utf-8", "replace")).hexdigest()
        boundary = f"=_{seed[:24]}".encode("ascii")
        if not any(boundary in part for part in parts):
            return boundary


def _attachment(part: Part) -> bytes:
    disposition = f"Content-Disposition: attachment{_file_name(part.name)}\r\n".encode("ascii")
    content_type = part.content_type if _CONTENT_TYPE.fullmatch(part.content_type) else ""
    maintype = content_type.partition("/")[0].lower()
    if content_type.lower() == "message/rfc822":
        enclosed = _enclosed_mail(part.content)
        if enclosed is not None:
            return b"Content-Type: message/rfc822\r\n" + disposition + b"\r\n" + enclosed
    if not content_type or maintype in ("message", "multipart"):
        content_type = "application/octet-stream"
    head = f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: base64\r\n"
    return head.encode("ascii") + disposition + b"\r\n" + _base64(part.content)


def _file_name(name: str) -> str:
    """Give the parameter for a file name, in pieces where it is long (RFC 2231 §3, §4)."""
    if name.isascii() and len(name) <= _LINE - 16:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f';\r\n filename="{escaped}"'
    pieces = re.findall(r"(?:%..|[^%]){1,50}", quote(name, safe=""))
    if len(pieces) == 1:
        return f";\r\n filename*=utf-8''{pieces[0]}"
    pieces[0] = f"utf-8''{pieces[0]}"
    return "".join(f";\r\n filename*{i}*={piece}" for i, piece in enumerate(pieces))


def _enclosed_mail(raw: bytes) -> bytes | None:
    """Give a mail fit for message/rfc822, or None: no encoding is allowed there (RFC 2046 §5.2.1).

    A mail that is not 7 bit is encoded anew inside; where that fails it travels as a file.
    """
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", raw)
    if _travels(lines):
        return lines
    try:
        message = email.message_from_bytes(raw)
        target = io.BytesIO()
        policy = email.policy.compat32.clone(cte_type="7bit", linesep="\r\n")
        email.generator.BytesGenerator(target, mangle_from_=False, policy=policy).flatten(message)
    except Exception:  # noqa: BLE001 - whatever the world's mail does to the parser, it still travels
        return None
    return target.getvalue() if _travels(target.getvalue()) else None


def _travels(data: bytes) -> bool:
    return (
        data.isascii()
        and b"\0" not in data
        and all(len(line) <= _MAX_BODY_LINE for line in data.split(b"\r\n"))
    )
