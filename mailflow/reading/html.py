"""HTML to plain text: what a reader would see, with its lists and tables. The only HTML walker.

Nothing is ever fetched: only the text is looked at. The tree is walked without recursion.
"""

import re
from collections.abc import Iterator
from html import unescape
from itertools import islice

from lxml import etree
from lxml import html as lxml_html

from mailflow.core.remark_words import INTERNAL
from mailflow.reading.charsets import clean

__all__ = ["LARGEST_TREE", "has_struck", "html_text", "parsed", "tree_text", "without_data"]

# Beyond this, tags are cut out instead of understood: the tree would cost more than it tells.
LARGEST_TREE = 1_000_000
_MOST_TAGS = 60_000
_SKIPPED = frozenset(
    {"head", "script", "style", "title", "template", "noscript", "svg", "math", "object", "select"}
)
_SPACED = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre", "hr"}
)
_BLOCKS = _SPACED | {
    *("address", "article", "aside", "body", "caption", "center", "dd", "details", "dir", "div"),
    *("dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "html", "legend"),
    *("li", "main", "menu", "nav", "section", "summary", "tbody", "tfoot", "thead", "tr"),
}
_CELLS = frozenset({"td", "th"})
_SPACE = re.compile(r"[ \t\n\r\f]+")
_HIDDEN = re.compile(
    r"(?:display\s{0,5}:\s{0,5}none|mso-hide\s{0,5}:\s{0,5}all|visibility\s{0,5}:\s{0,5}hidden"
    r"|font-size\s{0,5}:\s{0,5}0(?:\.0{1,5})?(?:px|pt|em|rem|%)?\s{0,5}(?:;|!|$))",
    re.IGNORECASE,
)
# one pixel, beside nothing else: a preview's words, or some that nobody shall see
_TINY = re.compile(
    r"font-size\s{0,5}:\s{0,5}(?:0?\.\d{1,5}|1(?:\.0{1,5})?)px\s{0,5}(?:;|!|$)", re.IGNORECASE
)
_COLOUR = re.compile(
    r"(?:^|;)\s{0,5}(?P<of>color|background(?:-color)?)\s{0,5}:\s{0,5}(?P<colour>[^;!]{1,60})",
    re.IGNORECASE,
)
_RGB = re.compile(r"rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)")
_COLOURS = {"white": "ffffff", "black": "000000"}
_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})")
_LOOKED_BELOW = 50
_STYLING = ("color", "size", "bgcolor", "class")
_STRUCK = re.compile(r"text-decoration(?:-line)?\s{0,5}:[^;]{0,60}line-through", re.IGNORECASE)
_STRUCK_TAG = re.compile(r"<(?:del|s|strike)[\s>]", re.IGNORECASE)
_STRUCK_TAGS = frozenset({"del", "s", "strike"})
_MOST_LINKS, _LONGEST_LINK, _LARGEST_LINK = 4, 300, 50
_TAG = re.compile(r"<[^<>]{0,5000}>")
_BREAKING_TAG = re.compile(r"<\s{0,5}/?(?:br|p|div|tr|li|h[1-6]|table|ul|ol)\b", re.IGNORECASE)
_DATA = re.compile(r"data:[a-zA-Z0-9/.+-]{1,80};base64,[A-Za-z0-9+/=%\s]*")
_LONGEST_LABEL = 40
_BLANK_LINES = re.compile(r"\n{3,}")
_DECLARATION = re.compile(r"^\s{0,100}<\?xml[^>]{0,200}\?>")
# shown to all readers, unlike the conditions inside comments, whose end must not be taken away
_CONDITIONAL = re.compile(r"<!\[(?:if[^\]>]{0,200}|endif)\]>", re.IGNORECASE)


def has_struck(source: str) -> bool:
    """Tell whether an HTML body has words that are struck out: plain text beside it cannot say."""
    return bool(_STRUCK.search(source) or _STRUCK_TAG.search(source))


def without_data(source: str) -> str:
    """Give an HTML body without the images written into it as data: they hold no text."""
    return _DATA.sub("data:,", source) if ";base64," in source else source


def parsed(source: str) -> lxml_html.HtmlElement | None:
    """Give the tree of an HTML body, None where there is nothing to build one of."""
    source = _CONDITIONAL.sub("", _DECLARATION.sub("", source.replace("\0", "")))
    if not source.strip() or len(source) > LARGEST_TREE or source.count("<") > _MOST_TAGS:
        return None
    parser = lxml_html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        tree = lxml_html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    # the parser stops at a depth of its own and drops what follows
    cut = any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log)
    return None if cut else tree


def html_text(source: str) -> str:
    """Give the readable text of an HTML body; ``""`` where there is none."""
    tree = parsed(source)
    return _without_tags(source) if tree is None else tree_text(tree)


def _without_tags(source: str) -> str:
    """Give the text of what is no tree (too large, too broken)."""
    text = _BREAKING_TAG.sub("\n<", source)
    text = unescape(_TAG.sub("", text))
    lines = (_SPACE.sub(" ", line).strip() for line in clean(text).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def tree_text(tree: lxml_html.HtmlElement) -> str:
    """Give the readable text of a tree of elements."""
    page = _Page(_telling_links(tree))
    for event, element in _events(tree):
        if event == "start":
            page.start(element)
            page.text(element.text)
        elif event == "end":
            page.end(element)
        if event != "start":
            page.text(element.tail if element is not tree else None)
    return page.finished()


def _telling_links(tree: lxml_html.HtmlElement) -> set[str]:
    """Give the addresses of links that the reader of the text would miss.

    A letter has few links, and each may be what it is about ("Das Formular finden Sie hier");
    a newsletter has dozens, which only hide its words.
    """
    found = set()
    for link in tree.iter("a"):
        target = (link.get("href") or "").strip()
        if target.startswith(("http://", "https://")) and len(target) <= _LONGEST_LINK:
            host = target.split("/")[2]
            if not _says(link, host):
                found.add(target)
        if len(found) > _MOST_LINKS:
            return set()
    return found


def _says(link: lxml_html.HtmlElement, host: str) -> bool:
    """Tell whether a link's own words show where it leads.

    One that holds much of the page was never closed, and says nothing by itself; to read every
    such link to its end would take the square of the page.
    """
    if next(islice(link.iter(), _LARGEST_LINK, None), None) is not None:
        return True
    words = "".join(link.itertext()).lower()
    return host.lower().removeprefix("www.") in words or not words.strip()


def _events(tree: lxml_html.HtmlElement) -> Iterator[tuple[str, lxml_html.HtmlElement]]:
    """Yield start and end of every element that is shown, ``skip`` for those that are not."""
    waiting: list[tuple[str, lxml_html.HtmlElement]] = [("start", tree)]
    while waiting:
        event, element = waiting.pop()
        if event == "start" and not _is_shown(element):
            yield "skip", element
            continue
        yield event, element
        if event == "start":
            waiting.append(("end", element))
            waiting.extend(("start", child) for child in reversed(element))


def _is_shown(element: lxml_html.HtmlElement) -> bool:
    """Tell whether a reader is meant to read an element: what is struck out was taken back."""
    if not isinstance(element.tag, str) or element.tag in _SKIPPED:
        return False
    if element.get("hidden") is not None:
        return False
    if element.tag in _STRUCK_TAGS:
        return False
    style = (element.get("style") or "")[:2000]
    if not style:
        return True
    return not (_HIDDEN.search(style) or _STRUCK.search(style) or _is_unseen(element, style))


def _is_unseen(element: lxml_html.HtmlElement, style: str) -> bool:
    """Tell whether words are too small to see, or have the colour that they stand on.

    Only where nothing inside it is styled anew, which is not known of what holds too much.
    """
    if not (_TINY.search(style) or _has_own_ground(style)):
        return False
    below = list(islice(element.iter(), 1, _LOOKED_BELOW + 2))
    return len(below) <= _LOOKED_BELOW and not any(map(_is_styled_anew, below))


def _is_styled_anew(element: lxml_html.HtmlElement) -> bool:
    """Tell whether an element sets size or colour, or may: a class says so elsewhere."""
    style = _style(element)
    return "color" in style or "font" in style or any(map(element.get, _STYLING))


def _style(element: lxml_html.HtmlElement) -> str:
    return (element.get("style") or "")[:2000].lower()


def _has_own_ground(style: str) -> bool:
    found = {each["of"].lower()[:5]: _colour(each["colour"]) for each in _COLOUR.finditer(style)}
    return bool(found.get("color")) and found["color"] == found.get("backg")


def _colour(written: str) -> str:
    """Give a colour as six digits, ``""`` for what is written in no simple way."""
    text = written.strip().lower()
    if text in _COLOURS:
        return _COLOURS[text]
    if rgb := _RGB.fullmatch(text):
        return "".join(f"{int(each):02x}" for each in rgb.groups())
    if not _HEX.fullmatch(text):
        return ""
    return text[1:] if len(text) > len("#fff") else "".join(2 * each for each in text[1:])


class _Page:
    """Collects lines: blocks begin new ones, white space collapses outside ``pre``."""

    def __init__(self, links: set[str]) -> None:
        self._telling = links
        self._lines: list[str] = []
        self._line: list[str] = []
        self._gap = False
        self._pre = 0
        self._lists: list[int] = []
        self._links: list[str] = []
        self._rows: list[int] = []

    def start(self, element: lxml_html.HtmlElement) -> None:
        """Enter an element."""
        tag = element.tag
        if tag == "br":
            self._break()
        elif tag in _CELLS:
            self._cell()
        elif tag in _BLOCKS:
            self._block(tag in _SPACED and not (tag in ("ul", "ol", "table") and self._nested(tag)))
        if tag == "pre":
            self._pre += 1
        elif tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ul" else 1)
        elif tag == "li":
            self._item()
        elif tag == "tr":
            self._rows.append(0)
        elif tag == "hr":
            self._line.append("-" * 20)
            self._block(spaced=False)
        elif tag == "a":
            self._links.append(element.get("href") or "")

    def end(self, element: lxml_html.HtmlElement) -> None:
        """Leave an element."""
        tag = element.tag
        if tag == "pre":
            self._pre -= 1
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif tag == "tr" and self._rows:
            self._rows.pop()
        elif tag == "a" and self._links:
            target = self._links.pop().strip()
            if target in self._telling:
                self._line.append(f" <{target}>")
        if tag in _BLOCKS:
            self._block(tag in _SPACED and not (tag in ("ul", "ol", "table") and self._nested(tag)))

    def _nested(self, tag: str) -> bool:
        return bool(self._rows) if tag == "table" else bool(self._lists)

    def text(self, text: str | None) -> None:
        """Add text as it stands between two tags."""
        if not text:
            return
        if self._pre:
            first, *rest = text.replace("\r\n", "\n").split("\n")
            self._line.append(first)
            for line in rest:
                self._break()
                self._line.append(line)
            return
        collapsed = _SPACE.sub(" ", text)
        if collapsed.startswith(" ") and (not self._line or self._line[-1].endswith(" ")):
            collapsed = collapsed[1:]
        if collapsed:
            self._line.append(collapsed)

    def _break(self) -> None:
        self._flush(keep_empty=True)

    def _block(self, spaced: bool) -> None:
        self._flush(keep_empty=False)
        self._gap = self._gap or spaced

    def _cell(self) -> None:
        """Part a row's cells, so that words of two columns do not run together."""
        if self._rows:
            if self._rows[-1] and self._line:
                self._line.append(":  " if self._says_internal() else "  ")
            self._rows[-1] += 1

    def _says_internal(self) -> bool:
        """Tell whether a row's first cell heads the others: "Intern | ..." is "Intern: ..."."""
        label = "".join(self._line[-3:]).strip() if self._rows[-1] == 1 else ""
        return 0 < len(label) <= _LONGEST_LABEL and bool(INTERNAL.search(label))

    def _item(self) -> None:
        depth = max(0, len(self._lists) - 1)
        number = self._lists[-1] if self._lists else 0
        if number:
            self._lists[-1] += 1
        self._line.append("  " * depth + (f"{number}. " if number else "- "))

    def _flush(self, *, keep_empty: bool) -> None:
        line = "".join(self._line)
        self._line = []
        line = line.rstrip() if self._pre else line.rstrip().replace("\xa0", " ").rstrip()
        if not line and not keep_empty:
            return
        if self._gap and self._lines and self._lines[-1]:
            self._lines.append("")
        self._gap = False
        self._lines.append(line)

    def finished(self) -> str:
        """Give the text collected."""
        self._flush(keep_empty=False)
        text = clean("\n".join(self._lines)).replace("\u200b", "").replace("\u00ad", "")
        return _BLANK_LINES.sub("\n\n", text).strip("\n")
