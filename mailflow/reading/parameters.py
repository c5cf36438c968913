"""``Content-Type`` and ``Content-Disposition``: a value and its parameters (RFC 2045, RFC 2231)."""

import re
from urllib.parse import unquote_to_bytes

from mailflow.reading.charsets import decode
from mailflow.reading.headers import decoded, unfolded

__all__ = ["split"]

_MAXIMUM = 200
_QUOTED = r'"(?:[^"\\]|\\.)*"?'
_PIECE = re.compile(rf"(?:[^;\"]+|{_QUOTED})+", re.DOTALL)
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?$")
# A browser's "Plan (1).pdf" without quotes is no comment.
_COMMENT = re.compile(r"((?:file)?name\s{0,9}=[^;]*)|\([^()]*\)", re.IGNORECASE)
# mail programs escape quotes and backslashes; any other backslash is one of a Windows path
_ESCAPED = re.compile(r'\\(["\\])')


def split(value: str) -> tuple[str, dict[str, str]]:
    """Give the value in lower case and its parameters, names in lower case, values decoded."""
    raw = _without_comment(unfolded(value))
    pieces = _PIECE.findall(raw)
    if not pieces:
        return "", {}
    head = "".join(pieces[0].split()).lower()
    rest = pieces[1:]
    if "=" in head:  # a missing value, or a missing semicolon after it
        head, rest = "", pieces
        words = pieces[0].split(None, 1)
        if "=" not in words[0] and len(words) > 1:
            head, rest = words[0].lower(), [words[1], *pieces[1:]]
    return head.strip('"'), _parameters(rest[:_MAXIMUM])


def _without_comment(value: str) -> str:
    """Drop a comment outside quotes: ``text/plain (see below); charset=...``."""
    if "(" not in value or '"' in value:
        return value
    return _COMMENT.sub(lambda match: match.group(1) or " ", value)


def _parameters(pieces: list[str]) -> dict[str, str]:
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[bool, str]]] = {}
    for piece in pieces:
        name, equals, value = piece.partition("=")
        name = name.strip().lower()
        match = _SECTION.match(name)
        if not equals or not match:
            continue
        base, number, encoded = match.group(1), match.group(2), bool(match.group(3))
        if number is None and not encoded:
            plain.setdefault(base, _bare(value))
        else:
            sections.setdefault(base, {}).setdefault(int(number or 0), (encoded, _bare(value)))
    found = {name: _joined(parts) for name, parts in sections.items()}
    return {name: decoded(value) for name, value in plain.items()} | found


def _bare(value: str) -> str:
    """Take a value out of its quotes; a Windows path keeps its backslashes."""
    value = value.strip()
    if not value.startswith('"'):
        return value.strip("'") if value.startswith("'") and value.endswith("'") else value
    inner = value[1:-1] if value.endswith('"') and len(value) > 1 else value[1:]
    return _ESCAPED.sub(r"\1", inner)


def _charset_and_value(value: str) -> tuple[str, str]:
    """Take apart ``charset'language'value``; a value without its quotes is all value."""
    charset, quote, rest = value.partition("'")
    _, second, text = rest.partition("'")
    return (charset, text) if quote and second else ("", value)


def _joined(parts: dict[int, tuple[bool, str]]) -> str:
    """Join the sections of one parameter (RFC 2231 §3), its charset named by the first."""
    charset, data = "", b""
    for position, number in enumerate(sorted(parts)):
        encoded, value = parts[number]
        if encoded and position == 0:
            charset, value = _charset_and_value(value)
        chunk = value.encode("utf-8", "replace")
        data += unquote_to_bytes(chunk) if encoded else chunk
    text = decode(data, charset)[0]
    return decoded(text) if "=?" in text else text
