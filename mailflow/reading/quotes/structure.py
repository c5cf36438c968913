"""Where HTML itself says that a quote begins: one row per mail program.

Each rule leaves a sentinel in the tree; the text made of it then carries ``>`` for what stands
inside a quoting element, and a mark where a program put everything below under a quote.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from mailflow.reading.html import tree_text
from mailflow.reading.quotes.lines import Sentinel

__all__ = ["Annotated", "annotated"]

_MAX_ELEMENTS = 60_000
_MAX_PIECES = 30
_MIN_NAMES = 3


@dataclass(frozen=True, slots=True)
class Annotated:
    """An HTML body's text with ``>`` before quoted lines and sentinels before announcements.

    ``structural`` says whether a mail program's own marks were found.
    """

    text: str
    structural: bool


@dataclass(frozen=True, slots=True)
class _Rule:
    program: str
    mark: str
    applies: Callable[[HtmlElement], bool]


def _has_class(*names: str) -> Callable[[HtmlElement], bool]:
    wanted = frozenset(names)
    return lambda element: not wanted.isdisjoint((element.get("class") or "").split())


def _has_id(*names: str) -> Callable[[HtmlElement], bool]:
    """Outlook on the web prefixes ids with ``x_`` each time a mail is quoted."""
    wanted = frozenset(names)

    def applies(element: HtmlElement) -> bool:
        name = element.get("id") or ""
        while name.startswith("x_"):
            name = name[2:]
        return name in wanted

    return applies


def _is_named(tag: str, **attributes: str) -> Callable[[HtmlElement], bool]:
    return lambda element: (
        element.tag == tag
        and all((element.get(name) or "").casefold() == value for name, value in attributes.items())
    )


_HEAD_NAME = re.compile(r"\W{0,5}[^\s:][^:\n]{0,30}:(?:\s|$)")
_BORDER = re.compile(
    r"border-top(?:-color)?\s{0,3}:[^;]{0,40}"
    r"(?:#e1e1e1|#b5c4df|rgb\(229,\s?229,\s?229\)|#e5e5e5|rgb\(225,\s?225,\s?225\))",
    re.IGNORECASE,
)
_TIME = re.compile(r"\d{1,2}[:.]\d{2}")
_FORWARDED = re.compile(
    r"-{3,}\s{0,3}(?:forwarded|weitergeleitete|doorgestuurd|message transf|iletil|przekazan)",
    re.IGNORECASE,
)


def _beginning(element: HtmlElement) -> list[str]:
    """Give an element's first pieces of text; few, as elements may nest without end."""
    pieces = (str(piece).strip() for piece in islice(element.itertext(), _MAX_PIECES))
    return [piece for piece in pieces if piece]


def _is_bordered_head(element: HtmlElement) -> bool:
    """Outlook draws a line above the header block; its names and time tell it from a table."""
    if element.tag not in {"div", "p"} or not _BORDER.search((element.get("style") or "")[:500]):
        return False
    pieces = _beginning(element)
    names = sum(bool(_HEAD_NAME.match(piece)) for piece in pieces)
    return names >= _MIN_NAMES and any(_TIME.search(piece) for piece in pieces)


def _is_forward(element: HtmlElement) -> bool:
    return bool(_FORWARDED.search(" ".join(_beginning(element))[:400]))


def _gmail_forward(element: HtmlElement) -> bool:
    return _has_class("gmail_quote")(element) and _is_forward(element)


_INDENT = re.compile(
    r"(?:^|;)\s{0,3}margin(?:-left)?\s{0,3}:\s{0,3}"
    r"(?:0(?:px)?\s0(?:px)?\s0(?:px)?\s)?40px\s{0,3}(?:;|$)",
    re.IGNORECASE,
)
_DRAWN = re.compile(r"border(?:-left)?\s{0,3}:\s{0,3}(?!none|0)", re.IGNORECASE)


def _is_indent(element: HtmlElement) -> bool:
    """Tell indented text from a quote: its button writes the same element, but announces nobody.

    Browsers, and with them most mail programs, indent by 40 pixels and draw no line beside it.
    """
    style = (element.get("style") or "")[:500]
    is_indented = bool(_INDENT.search(style)) and not _DRAWN.search(style)
    is_gmail = _has_class("gmail_quote")(element)
    if not (is_gmail or is_indented) or element.get("type") or element.get("cite"):
        return False
    if any(
        _has_class("gmail_quote", "gmail_extra")(above)
        for above in islice(element.iterancestors(), 10)
    ):
        return False
    before = element.getprevious()
    above = "".join(before.itertext()) + (before.tail or "") if before is not None else ""
    if is_gmail:
        return not above.rstrip().endswith(":")
    return not _TIME.search(above[-200:]) and "@" not in above[-200:]


_RULES = (
    _Rule("Gmail", Sentinel.FORWARD, _gmail_forward),
    _Rule("Gmail", Sentinel.ATTRIBUTION, _has_class("gmail_attr")),
    _Rule("Thunderbird", Sentinel.ATTRIBUTION, _has_class("moz-cite-prefix")),
    _Rule("Thunderbird", Sentinel.FORWARD, _has_class("moz-forward-container")),
    _Rule("Thunderbird", Sentinel.SIGNATURE, _has_class("moz-signature")),
    _Rule("Outlook on the web", Sentinel.START, _has_id("divRplyFwdMsg", "appendonsend")),
    _Rule(
        "Outlook mobile",
        Sentinel.START,
        _has_id("mail-editor-reference-message-container", "ms-outlook-mobile-reference-message"),
    ),
    _Rule("Outlook mobile", Sentinel.START, _has_class("ms-outlook-mobile-reference-message")),
    _Rule("Outlook mobile", Sentinel.SIGNATURE, _has_id("ms-outlook-mobile-signature")),
    _Rule("Outlook", Sentinel.START, _has_class("OutlookMessageHeader")),
    _Rule("Outlook", Sentinel.START, _is_bordered_head),
    _Rule("Hotmail", Sentinel.START, _has_id("stopSpelling")),
    _Rule("Zimbra", Sentinel.START, _has_id("zwchr")),
    _Rule("GMX, WEB.DE", Sentinel.QUOTE, _is_named("div", name="quote")),
    _Rule("Yahoo", Sentinel.QUOTE, _has_class("yahoo_quoted")),
    _Rule("Proton", Sentinel.QUOTE, _has_class("protonmail_quote")),
    _Rule("Zoho", Sentinel.QUOTE, _has_class("zmail_extra")),
    _Rule("Tutanota", Sentinel.QUOTE, _has_class("tutanota_quote")),
    _Rule("Roundcube", Sentinel.ATTRIBUTION, _has_id("reply-intro")),
    _Rule(
        "any",
        Sentinel.QUOTE,
        lambda element: element.tag == "blockquote" and not _is_indent(element),
    ),
)
_HINT = re.compile(
    r"blockquote|gmail_|moz-|divRplyFwdMsg|appendonsend|reference-message|OutlookMessageHeader"
    r"|border-top|stopSpelling|zwchr|name=.?quote|yahoo_quoted|protonmail_quote|zmail_extra"
    r"|tutanota_quote|reply-intro|mobile-signature",
    re.IGNORECASE,
)


def annotated(tree: HtmlElement, source: str) -> Annotated:
    """Give the text of an HTML tree with its quotes marked; ``tree`` is changed by it."""
    if not _HINT.search(source):
        return Annotated(tree_text(tree), structural=False)
    found = _mark(tree)
    return Annotated(_prefixed(tree_text(tree)), structural=found)


def _mark(tree: HtmlElement) -> bool:
    found = False
    elements = [element for element in tree.iter() if isinstance(element.tag, str)]
    for element in elements[:_MAX_ELEMENTS]:
        if not element.attrib and element.tag != "blockquote":
            continue
        rule = next((rule for rule in _RULES if rule.applies(element)), None)
        if rule is None or element is tree or element.getparent() is None:
            continue
        found = found or rule.mark != Sentinel.SIGNATURE
        _leave(element, rule.mark)
    return found


def _leave(element: HtmlElement, mark: str) -> None:
    """Put a line with the sentinel before an element, and one behind it for a quote."""
    element.addprevious(_sentinel(mark))
    if mark == Sentinel.QUOTE:
        element.addnext(_sentinel(Sentinel.END))


def _sentinel(mark: str) -> HtmlElement:
    element = HtmlElement()
    element.tag = "div"
    element.text = mark
    return element


def _prefixed(text: str) -> str:
    """Turn quote sentinels into ``>`` before each line between them; keep the others."""
    depth, lines, announced = 0, [], ""
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped == Sentinel.QUOTE:
            depth += 1
        elif stripped == Sentinel.END:
            depth = max(0, depth - 1)
        elif stripped in (Sentinel.START, Sentinel.FORWARD, Sentinel.SIGNATURE):
            lines.append(("> " * depth + stripped) if not depth else "> " * depth)
        elif stripped == Sentinel.ATTRIBUTION:
            announced = stripped
        else:
            lines.append(
                (">" * min(depth, 50) + " " if depth else "")
                + (announced if not depth else "")
                + line
            )
            announced = announced if not stripped else ""
    return "\n".join(lines)
