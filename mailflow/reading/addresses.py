"""Address fields: ``Name <box@domain>, box@domain (Name), Group: a@b, c@d;`` and worse.

The standard library's parser raises on some fields of real mails and takes seconds for 20,000
recipients; this one is a single pass over pieces.
"""

import re
from collections.abc import Iterator
from itertools import accumulate

from mailflow.core.address import ascii_domain, domain_of, mailbox_of
from mailflow.core.message import Address
from mailflow.reading.headers import decoded

__all__ = ["addresses", "bare_addresses"]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|<[^<>]*>?|\\.|[,;:()]|[^"<,;:()\\]+|\\', re.DOTALL)
_ADDRESS = re.compile(
    r"[^\s<>,;:\"()\[\]@]{1,320}@(?:\[[^\]\s]{1,100}\]|[^\s<>,;:\"()\[\]@]{1,255})"
)
_QUOTED_LOCAL = re.compile(r'"(?:[^"\\]|\\.){0,320}"@[^\s<>,;:"()]{1,255}')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# No mailbox with its name is longer; what is, is an attack on the patterns.
_LONGEST = 4_000
_COMMENT = re.compile(r"\([^()]*\)")
_AROUND_DOTS = re.compile(r"(?:(?<!\s)\s+)?([@.])\s*")
_SPACE = re.compile(r"\s+")
_EDGES = re.compile(r"^[^\w\"]+|[^\w\"]+$")
_ENCODED = re.compile(r"=\?[^?\s]+\?[bq]\?[^?\s]*\?=", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufeff]")
_SHOWN = 30


def addresses(value: str, maximum: int = 50_000) -> tuple[Address, ...]:
    """Give the mailboxes of a raw address field, names decoded, groups opened.

    Domains come in ASCII, so that a letter that looks like another is seen (``xn--``). A piece
    without any address is left out, unless it stands where one must (``<>`` is none).
    """
    found: list[Address] = []
    for pieces in _with_family_names(_entries(value)):
        address = _address(pieces)
        if address:
            found.append(address)
            if len(found) >= maximum:
                break
    return tuple(found)


def bare_addresses(value: str) -> Iterator[str]:
    """Give every address of a raw field that stands in no quotes, comment or encoded word.

    Of two that share an entry (``a@b.example <c@d.example>``), programs read the one or the other.
    What has no dot behind its @ is a name (``Muster/Firma@Firma``).
    """
    found = [*map(_box, _bare(value))]
    told = (ascii_domain(_as_told(each, found)) for each in found)
    return (each for each in told if "." in domain_of(each))


def _as_told(address: str, others: list[str]) -> str:
    """Give an address without the marks around it, if it stands there without them, too."""
    inner = _EDGES.sub("", address)
    return inner if inner in others else address


def _bare(value: str) -> Iterator[str]:
    """Give what may be an address: what stands in angles, and each word with an @."""
    before = ""
    pieces = _TOKEN.findall(value)
    for piece, hidden in zip(pieces, _in_comments(pieces), strict=True):
        if hidden:
            continue
        if piece.startswith("<"):
            yield _inside(piece)
        elif not piece.startswith('"'):
            local = before if before.startswith('"') and piece.startswith("@") else ""
            first, *rest = _ENCODED.sub(" ", piece).split() or [""]
            yield from (word for word in (local + first, *rest) if "@" in word)
        before = piece


def _inside(angle: str) -> str:
    return _COMMENT.sub("", angle).strip("<> \t\r\n")


def _entries(value: str) -> Iterator[list[str]]:
    """Split at the commas, semicolons and group colons outside quotes, angles and comments."""
    entry: list[str] = []
    depth = 0
    pieces = _TOKEN.findall(value)
    # a parenthesis that never closes is no comment: it would swallow all that follows
    comments = pieces.count("(") == pieces.count(")")
    for piece in pieces:
        if piece == "(" and comments:
            depth += 1
        elif piece == ")" and depth:
            depth -= 1
        elif not depth and piece in ",;":
            yield entry
            entry = []
            continue
        elif not depth and piece == ":" and not _is_mailto(entry):
            entry = []
            continue
        entry.append(piece)
    yield entry


def _with_family_names(entries: Iterator[list[str]]) -> Iterator[list[str]]:
    """Join what a bare comma divides: ``Beispiel, Jörg <j@firma.example>``, against RFC 5322 §3.4.

    Words without an address are a family name where a given name with an address follows.
    """
    family: list[str] = []
    for entry in entries:
        bare = not any("@" in piece for piece in entry)
        given = not bare and not entry[0].startswith("<") and any(map(_is_angle, entry))
        yield [*family, ",", *entry] if family and given and entry[0].strip() else entry
        family = entry if bare and any(map(str.strip, entry)) else []


def _is_angle(piece: str) -> bool:
    return piece.startswith("<") and "@" in piece


def _is_mailto(entry: list[str]) -> bool:
    return bool(entry) and entry[-1].strip().lower() == "mailto"


def _address(pieces: list[str]) -> Address | None:
    # an address in a comment is nobody's: no server looks there, a forger hopes that we do
    angle = next(
        (
            piece
            for piece, hidden in zip(reversed(pieces), reversed(_in_comments(pieces)), strict=True)
            if piece.startswith("<") and not hidden
        ),
        None,
    )
    if angle is not None:
        box = _box(_inside(angle))
        if box:
            others = [piece for piece in pieces if piece is not angle]
            return Address(_name(others) or _comment(pieces), ascii_domain(box))
    text = "".join(_outside_comments(pieces))
    box = _box(text)
    if not box:
        text = _AROUND_DOTS.sub(r"\1", text)
        box = _box(text)
    if not box:
        return _address_inside_word(text)
    name = _comment(pieces) or _name([_without(text, box).replace("<", " ")])
    return Address(name, ascii_domain(box))


def _in_comments(pieces: list[str]) -> list[bool]:
    """Say of each piece whether it stands in a comment that is closed (RFC 5322 §3.2.2)."""
    opened: list[int] = []
    steps = [0] * len(pieces)
    for at, piece in enumerate(pieces):
        if piece == "(":
            opened.append(at)
        elif piece == ")" and opened:
            steps[opened.pop()], steps[at] = 1, -1
    return [depth > 0 for depth in accumulate(steps)]


def _outside_comments(pieces: list[str]) -> Iterator[str]:
    depth = 0
    for piece in pieces:
        depth += (piece == "(") - (piece == ")" and depth > 0)
        if not depth and piece != ")":
            yield piece


def _address_inside_word(text: str) -> Address | None:
    """Read a field whose name and address were encoded together, against RFC 2047 §5."""
    if "=?" not in text:
        return None
    plain = decoded(text)
    box = _box(plain)
    return Address(_tidy(_without(plain, box)), ascii_domain(box)) if box else None


def _without(text: str, box: str) -> str:
    """Give what stands beside an address; nothing where it does not stand as it is read."""
    return text.replace(box, " ", 1) if box in text else ""


def _box(text: str) -> str:
    text = text[:_LONGEST].strip()
    if text[:7].lower() == "mailto:":
        text = text[7:]
    if text.startswith("@") and ":" in text:  # a source route, RFC 5322 §4.4
        text = text.rpartition(":")[2]
    match = _QUOTED_LOCAL.search(text) or _ADDRESS.search(text)
    if not match:
        return ""
    before, after = text[: match.start()].rstrip(), text[match.end() :].lstrip()
    if before.endswith("@") or after.startswith("@"):  # whose it is, two readers read in two ways
        return _short(_on_one_line(text))
    return _short(_on_one_line(match.group(0)).rstrip(".").strip("'"))


def _on_one_line(address: str) -> str:
    """Give an address without its folds, which are no part of it (RFC 5322 §3.2.4).

    A control inside it becomes a blank: without it, it would be another's address.
    """
    return _SPACE.sub(" ", _CONTROL.sub(" ", address)).strip()


def _short(address: str) -> str:
    """Give an address cut where it names nobody clearly, and could be a text; it stays unclear."""
    if len(address) <= 2 * _SHOWN or mailbox_of(address):
        return address
    return f"{address[:_SHOWN]} … @{domain_of(address)[-_SHOWN:]}"


def _name(pieces: list[str]) -> str:
    plain = (
        _ESCAPED.sub(r"\1", piece.strip('"')) if piece.startswith('"') else piece
        for piece in _outside_comments(pieces)
    )
    return _tidy(decoded("".join(plain)))


def _comment(pieces: list[str]) -> str:
    """Give the last comment in parentheses, where old programs put the name."""
    comments: list[list[str]] = []
    depth = 0
    for piece in pieces:
        if piece == "(":
            depth += 1
            if depth == 1:
                comments.append([])
                continue
        elif piece == ")" and depth:
            depth -= 1
        if depth:
            comments[-1].append(piece)
    return _tidy(decoded("".join(comments[-1]))) if comments else ""


def _tidy(name: str) -> str:
    name = _SPACE.sub(" ", name).strip(" <>")
    if len(name) > 1 and name[0] == name[-1] and name[0] in "\"'":
        name = name[1:-1].strip()
    return name if any(char.isalnum() for char in name) else ""
