"""The tree of a mail's parts, found in one pass per level and within fixed limits (RFC 2046).

The standard library's parser recurses per nesting level and compares every line with every open
boundary; this one looks for the boundary's bytes and stops at ``Limits.depth`` and
``Limits.parts``, keeping what lies below as one opaque part.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailflow.reading.headers import Headers, parse
from mailflow.reading.limits import Limits
from mailflow.reading.parameters import split
from mailflow.reading.transfer import decoded_body

__all__ = ["WITHOUT_PARTS", "Part", "part_of", "walk"]

_ESSENTIAL = tuple(
    re.compile(rb"\n" + name + rb"[ \t]*:", re.IGNORECASE)
    for name in (b"from", b"subject", b"message-id", b"mime-version", b"content-type")
)
_LINE_ENDS = re.compile(rb"[\r\n]*")
# a field, its name perhaps damaged, or the envelope line of an mbox
_LINE = re.compile(rb"[^\s:]{1,200}[ \t]*:(?!//)|>?From ")
_MBOX_LINE = re.compile(rb">?From [^\r\n]*\r?\n")
_LIKELY_BOUNDARY = re.compile(
    rb"^(--[^\s][^\r\n]{0,98}?)[ \t]*\r?\nContent-[A-Za-z-]{1,30}:", re.MULTILINE
)
_GUESSED_WITHIN = 20_000
# what mailers say above a multipart, for readers that do not know it
_MIME_PREAMBLE = re.compile(
    rb"\s{0,20}This is a (?:MIME-encapsulated|multi-part) message", re.IGNORECASE
)
_FOLDED = (b" ", b"\t", b"\r")
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}$")
# Every level looks at its own bytes once; a hostile mail may not multiply that without end.
_PASSES = 12


@dataclass(slots=True)
class Part:
    """One node: its headers, what it says it is, its encoded body and its children."""

    headers: Headers
    content_type: str
    parameters: dict[str, str]
    disposition: str
    disposition_parameters: dict[str, str]
    body: bytes = field(repr=False)
    children: list["Part"] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def main(self) -> str:
        """Give the first half of the content type."""
        return self.content_type.partition("/")[0]

    def content(self) -> bytes:
        """Give the body with its transfer encoding undone; problems are kept on the part."""
        data, problem = decoded_body(self.body, self.headers.text("content-transfer-encoding"))
        if problem and problem not in self.problems:
            self.problems.append(problem)
        return data


WITHOUT_PARTS = "multipart without its parts"
"""The problem of a multipart in which no boundary line stands."""


@dataclass(slots=True)
class _Budget:
    parts: int
    bytes: int
    depth: int


def part_of(raw: bytes, limits: Limits, *, default: str = "text/plain") -> Part:
    """Read a mail (or a part's bytes) into its tree; ``default`` is the type of a silent part."""
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    budget = _Budget(limits.parts, _PASSES * len(raw) + 1_000_000, limits.depth)
    return _read(raw, limits, budget, default)


def walk(part: Part) -> Iterator[Part]:
    """Yield a part and all below it, in the order of the mail."""
    waiting = [part]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(current.children))


def _read(raw: bytes, limits: Limits, root: _Budget, default: str) -> Part:
    top = _single(raw, limits, default, outermost=True)
    waiting = [(top, 0)]
    while waiting:
        part, depth = waiting.pop()
        if not _has_children(part):
            continue
        root.bytes -= len(part.body)
        if depth >= root.depth or root.bytes < 0 or root.parts <= 0:
            part.problems.append("nested too deeply to be read whole")
            continue
        _open(part, limits, root)
        waiting.extend((child, depth + 1) for child in reversed(part.children))
    return top


def _has_children(part: Part) -> bool:
    return part.main == "multipart" or (
        not part.headers.get("content-type") and bool(_MIME_PREAMBLE.match(part.body))
    )


def _open(part: Part, limits: Limits, root: _Budget) -> None:
    """Find the children of a multipart; its own bytes are let go, they live on in them."""
    default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
    pieces = _pieces(part, root.parts)
    root.parts -= len(pieces)
    if not pieces:
        part.problems.append(WITHOUT_PARTS)
        part.content_type = "text/plain"
        return
    if root.parts <= 0:
        part.problems.append("too many parts to be read whole")
    part.content_type = part.content_type if part.main == "multipart" else "multipart/mixed"
    part.children = [_single(piece, limits, default) for piece in pieces]
    part.body = b""


def _pieces(part: Part, maximum: int) -> list[bytes]:
    """Cut a multipart's body at its boundary lines."""
    boundary = part.parameters.get("boundary", "").rstrip()
    body = part.body
    marker = b"--" + boundary.encode("utf-8", "replace")
    pieces = _cut(body, marker, maximum) if boundary else []
    # RFC 2045 §6.4 forbids it: some encode the whole all the same, some only say so
    if not pieces and part.headers.text("content-transfer-encoding").strip().lower() == "base64":
        body = part.content()
        pieces = _cut(body, marker, maximum) if boundary else []
    return pieces or _guessed_pieces(body, maximum)


def _guessed_pieces(body: bytes, maximum: int) -> list[bytes]:
    """Cut at the line that stands where a boundary would, when the declared one is not there."""
    match = _LIKELY_BOUNDARY.search(body[:_GUESSED_WITHIN])
    return _cut(body, match.group(1), maximum) if match else []


def _cut(body: bytes, marker: bytes, maximum: int) -> list[bytes]:
    """Give what stands between the lines that are the marker; a closing one ends the last."""
    tail = rb"(--)?[ \t]{0,200}\r?(?=\n|\Z)"
    first = re.match(re.escape(marker) + tail, body)
    # a pattern that begins with a literal is searched for at the speed of memory
    line = re.compile(re.escape(b"\n" + marker) + tail)
    pieces: list[bytes] = []
    start = first.end() + 1 if first and not first.group(1) else -1
    for match in line.finditer(body, first.end() if first else 0):
        if start >= 0:
            end = match.start() - (body[match.start() - 1 : match.start()] == b"\r")
            pieces.append(body[start : max(start, end)])
        start = -1 if match.group(1) else match.end() + 1
        if len(pieces) >= maximum:
            return pieces
    if 0 <= start <= len(body):
        pieces.append(body[start:])
    return pieces


def _single(raw: bytes, limits: Limits, default: str, *, outermost: bool = False) -> Part:
    block, body, problems = _divided(raw, limits, outermost=outermost)
    headers = parse(block)
    value = headers.get("content-type")
    content_type, parameters = split(value)
    if not _TYPE.match(content_type):
        if value:
            problems.append(f"unreadable content type {content_type[:40]!r}")
        content_type = _repaired(content_type, parameters, default)
    disposition, disposition_parameters = split(headers.get("content-disposition"))
    return Part(
        headers, content_type, parameters, disposition, disposition_parameters,
        body, problems=problems,
    )  # fmt: skip


def _repaired(content_type: str, parameters: dict[str, str], default: str) -> str:
    """Guess what a broken type meant: ``text`` is plain text, a boundary means a multipart."""
    if parameters.get("boundary"):
        return "multipart/mixed"
    main = content_type.partition("/")[0]
    known = {"text": "text/plain", "html": "text/html", "multipart": "multipart/mixed"}
    if main in known:
        return known[main]
    return default if not content_type or main == "plain" else "application/octet-stream"


def _divided(raw: bytes, limits: Limits, *, outermost: bool) -> tuple[bytes, bytes, list[str]]:
    """Part a mail's headers from its body; a line that is no header ends them too."""
    start = _start(raw) if outermost else 0
    if not outermost and raw[:1] in (b"\r", b"\n"):
        return b"", raw[2:] if raw[:2] == b"\r\n" else raw[1:], []
    end, body_start = _blank_line(raw, max(0, start - 1))
    looked_at = end
    if end - start > limits.header:
        cut = raw.rfind(b"\n", start, start + limits.header)
        looked_at = cut if cut > start else start + limits.header
    stray = _first_stray_line(raw, start, looked_at)
    if stray is not None:
        return raw[start:stray], raw[stray:], ["no blank line between headers and body"]
    problems = ["headers too long to be read whole"] if looked_at < end else []
    return raw[start:looked_at], raw[body_start:], problems


def _blank_line(raw: bytes, start: int) -> tuple[int, int]:
    """Give where the first blank line begins and ends; the end of the mail where there is none."""
    found = [(raw.find(form, start), len(form)) for form in (b"\n\n", b"\n\r\n")]
    position, length = min(((at, n) for at, n in found if at >= 0), default=(len(raw), 0))
    carriage = position > start and raw[position - 1 : position] == b"\r"
    return position - carriage, position + length


def _start(raw: bytes) -> int:
    """Give where the headers begin: after blank lines and the ``From `` line of an mbox."""
    blank_lines = _LINE_ENDS.match(raw)
    start = blank_lines.end() if blank_lines else 0
    mbox = _MBOX_LINE.match(raw, start)
    return mbox.end() if mbox else start


def _first_stray_line(raw: bytes, start: int, end: int) -> int | None:
    """Give where the body begins without a blank line, None if it does not.

    A stray line before a field that every mail has is damage in the headers, not the body.
    """
    found = (pattern.search(raw, max(0, start - 1), end) for pattern in _ESSENTIAL)
    position, damaged_until = start, max((each.start() for each in found if each), default=start)
    while position < end:
        line_end = raw.find(b"\n", position, end)
        line_end = line_end if line_end >= 0 else end
        is_field = raw[position : position + 1] in _FOLDED or _LINE.match(raw, position, line_end)
        if not is_field and position >= damaged_until:
            return position
        position = line_end + 1
    return None
