"""Tell what an author newly wrote from what is quoted, signed and appended.

Two rules stand above all others: what the author wrote is never lost (when unsure, everything is
kept and ``problems`` says so), and the result is never empty where something was written.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailflow.reading.html import html_text, parsed
from mailflow.reading.quotes.announcements import Start, StartKind
from mailflow.reading.quotes.blocks import shared_line, unquoted
from mailflow.reading.quotes.languages import LANGUAGES
from mailflow.reading.quotes.lines import Line, Sentinel, read_lines
from mailflow.reading.quotes.starts import find_start, is_marker
from mailflow.reading.quotes.structure import annotated
from mailflow.reading.quotes.tails import asks_to_look_below, is_greeting, without_tail
from mailflow.reading.quotes.top import NOTHING_QUOTED, QuotedMail, top_quote

__all__ = ["NewText", "new_text"]

_PROBLEM_BELOW = "the answers may stand inside the quoted text: everything was kept"
_PROBLEM_ALL_QUOTED = "everything in this mail looks quoted: everything was kept"
_PROBLEM_NOTHING = "nothing was written above the quoted mail"
_PROBLEM_LONG = "the text is too long to be searched for quotes to its end: the rest was kept"
_SHORT_TEXT = 40
_FEW_WORDS = 12


@dataclass(frozen=True, slots=True)
class NewText:
    """What an author newly wrote; ``problems`` says where that could not be told for sure.

    ``quoted`` is the first mail quoted beside it, whoever wrote that.
    """

    text: str
    problems: tuple[str, ...] = ()
    quoted: QuotedMail = NOTHING_QUOTED

    @property
    def kept_all(self) -> bool:
        """Whether quoted lines may stand in the text, because nothing was to be lost."""
        return any(problem.endswith("was kept") for problem in self.problems)


@dataclass(frozen=True, slots=True)
class _Trimmed:
    text: str
    problems: tuple[str, ...] = ()
    found: bool = False
    quoted: QuotedMail = NOTHING_QUOTED


def _pattern(field: str) -> str:
    words = {word for language in LANGUAGES for word in getattr(language, field)}
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_FORWARD_SUBJECT = re.compile(
    rf"\s*(?:\[[^\]]{{0,60}}\]\s*){{0,3}}(?:{_pattern('forward_prefixes')})\s?:",
    re.IGNORECASE,
)
_REPLY_SUBJECT = re.compile(
    rf"\s*(?:\[[^\]]{{0,60}}\]\s*)?(?:{_pattern('reply_prefixes')})\s?(?:\[\d\])?\s?:",
    re.IGNORECASE,
)
_PREFIX = re.compile(
    rf"\s*(?:(?:{_pattern('reply_prefixes')}|{_pattern('forward_prefixes')})\s?(?:\[\d\])?\s?:"
    rf"|\[[^\]]{{0,60}}\])",
    re.IGNORECASE,
)
_TOKENS = re.compile(r"[^\W_]+")


def new_text(plain: str | None, html: str | None, *, subject: str = "") -> NewText:
    """Give what the author of a mail newly wrote.

    ``plain`` and ``html`` are the mail's two bodies (either may be missing), ``subject`` its
    subject: a forwarded mail keeps what was forwarded. The HTML's own structure decides where it
    marks a quote; the plain text's wording is preferred where both say the same. Never raises for
    any text; the work is linear in its length.
    """
    from_plain = _trim(*read_lines(_tidy(plain)), subject) if plain and plain.strip() else None
    from_html = _trim_html(html, subject, needed=from_plain is None) if html else None
    chosen = _choose(from_plain, from_html)
    return NewText(chosen.text, chosen.problems, chosen.quoted)


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _trim_html(html: str, subject: str, *, needed: bool) -> _Trimmed | None:
    """Trim an HTML body; None where its structure says nothing and the plain text is there."""
    source = html.translate(dict.fromkeys(map(ord, Sentinel.ALL)))
    tree = parsed(source)
    if tree is None:
        return _trim(*read_lines(html_text(source)), subject) if needed else None
    body = annotated(tree, source)
    if not (body.structural or needed):
        return None
    return _trim(*read_lines(body.text, marked=True), subject)


def _choose(plain: _Trimmed | None, html: _Trimmed | None) -> _Trimmed:
    """Prefer the HTML where its structure found a quote, but never what lost words."""
    if plain is None or html is None:
        return html or plain or _Trimmed("")
    if not html.found or not html.text.strip():
        return plain
    ours, theirs = set(_TOKENS.findall(plain.text)), set(_TOKENS.findall(html.text))
    if theirs <= ours and (plain.found or len(ours) <= len(theirs)):
        return plain
    return html if plain.text.strip() else plain


# --- one text ----------------------------------------------------------------------------------


def _trim(lines: list[Line], rest: list[str], subject: str) -> _Trimmed:
    has_marker = any("#" in line.text and is_marker(lines, at) for at, line in enumerate(lines))
    if _FORWARD_SUBJECT.match(subject[:300]) and not has_marker:
        return _Trimmed(_text(lines, rest).strip("\n"))
    starts, forwarded, cut = _starts(lines)
    if cut is not None:
        own = [*lines[: cut.first], *shared_line(cut)]
        trimmed = _above(own, lines, rest, starts, cut, subject)
    else:
        trimmed = _marked(lines, rest, starts, subject)
    return replace(trimmed, quoted=top_quote(lines, [*starts, *forwarded]))


def _marked(lines: list[Line], rest: list[str], starts: Sequence[Start], subject: str) -> _Trimmed:
    """Trim a text in which no quote without marks reaches to the end."""
    kept = unquoted(lines, starts)
    if not any(line.text or line.raw.strip() for line in kept):
        return _nothing_own(lines, rest, starts, subject)
    found = len(kept) < len(lines)
    if found and _answers_inside(kept, lines):
        return _Trimmed(_text(lines, rest).strip("\n"), (_PROBLEM_BELOW,), found=True)
    tail, problems = _rest(lines, kept, rest)
    trimmed = without_tail(kept) if not tail else kept
    return _Trimmed(_text(trimmed, tail).strip("\n"), problems, found)


def _text(lines: Sequence[Line], rest: Sequence[str] = ()) -> str:
    return "\n".join([*(line.raw for line in lines if line.mark not in _BARE), *rest])


_BARE = frozenset({Sentinel.START, Sentinel.FORWARD, Sentinel.SIGNATURE})


def _rest(
    lines: Sequence[Line], kept: Sequence[Line], rest: list[str]
) -> tuple[list[str], tuple[str, ...]]:
    """Decide on the lines beyond those looked at: a quote that goes on goes, all else stays."""
    if not rest:
        return [], ()
    ends_quoted = bool(lines) and bool(lines[-1].depth) and (not kept or kept[-1] is not lines[-1])
    if ends_quoted and not any(line and line[0] != ">" and line.strip() for line in rest):
        return [], ()
    return rest, (_PROBLEM_LONG,)


def _starts(lines: Sequence[Line]) -> tuple[list[Start], list[Start], Start | None]:
    """Find the announcements outside quotes, and the first that reaches to the end.

    That of a forwarded mail, behind which nothing is looked for, is given apart.
    """
    starts: list[Start] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        start = find_start(lines, at) if (line.raw or line.mark) and not line.depth else None
        if start is None:
            at += 1
            continue
        if start.kind is StartKind.FORWARD:
            return starts, [start], None
        starts.append(start)
        if start.flat and not _is_set_off(lines, start):
            return starts, [], start
        at = start.end
    return starts, [], None


def _is_set_off(lines: Sequence[Line], start: Start) -> bool:
    """Tell whether the announced quote carries ``>`` and may be followed by own words."""
    following = next((line for line in lines[start.end : start.end + 6] if not line.is_blank), None)
    return following is not None and bool(following.depth) and start.kind is not StartKind.MARKER


# --- a quote to the end ------------------------------------------------------------------------


def _above(
    own: list[Line],
    lines: list[Line],
    rest: list[str],
    starts: list[Start],
    cut: Start,
    subject: str,
) -> _Trimmed:
    """Trim what stands above a quote that reaches to the end; look below where that is nothing."""
    kept = unquoted(own, [start for start in starts if start is not cut])
    written = without_tail(kept)
    words = " ".join(line.text for line in written if line.text and not is_greeting(line.text))
    if words and not _answers_below(words, lines[cut.end :]):
        return _Trimmed(_text(written).strip("\n"), (), found=True)
    if words:
        return _Trimmed(_text(lines, rest).strip("\n"), (_PROBLEM_BELOW,))
    if not written and _is_whole_letter(lines[cut.first :], starts, cut, subject) and not rest:
        return _Trimmed("", (_PROBLEM_NOTHING,), found=True)
    return _Trimmed(_text(lines, rest).strip("\n"), (_PROBLEM_BELOW,))


def _answers_inside(kept: Sequence[Line], lines: Sequence[Line]) -> bool:
    """Tell whether the few words above a quote that goes to the end say: the answers are in it."""
    words = " ".join(line.text for line in kept)
    last = next((line for line in reversed(lines) if line.text), None)
    if last is None or not last.depth or len(words.split()) > _SHORT_TEXT:
        return False
    return asks_to_look_below(words) and bool(_SPEAKS_OF_ANSWERS.search(words))


_SPEAKS_OF_ANSWERS = re.compile(
    r"antwort|answer|anmerkung|kommentar|comment|repl(?:y|ies)|response|antwoord|cevap|yanıt"
    r"|odpowied|réponse|respuesta|rispost",
    re.IGNORECASE,
)


def _answers_below(words: str, below: Sequence[Line]) -> bool:
    """Tell whether the words above send the reader below, or marked answers stand there."""
    count = len(words.split())
    if count <= _SHORT_TEXT and asks_to_look_below(words):
        return True
    return count <= _FEW_WORDS and any(_MARKED_ANSWER.match(line.text) for line in below)


# "[PB] Ja.", "[Probe, Petra] Ja.", "Antwort: ja", "--> ja": how answers are marked inside a quote
# that has no ">".
_MARKED_ANSWER = re.compile(
    r"\[(?-i:[A-ZÄÖÜ]{2,4}|[A-ZÄÖÜ][\w.-]{1,30},?(?:\s[A-ZÄÖÜ][\w.-]{0,30}){1,3})\]:?\s"
    r"|(?:antwort|answer|antwoord|cevap)(?:\s[\w.]{1,30}){0,3}\s?:|[-=]{1,3}>\s",
    re.IGNORECASE,
)


def _is_whole_letter(
    below: Sequence[Line], starts: Sequence[Start], cut: Start, subject: str
) -> bool:
    """Tell whether all below is one quoted letter, ended as letters end, with nothing added.

    Only a mail that answers the very subject quoted is taken for one; a memo's head is not.
    """
    subjects = [start.subject for start in starts if start.subject]
    subjects += [start.subject for start in _inner_heads(below) if start.subject]
    answers_it = cut.kind is StartKind.MARKER or any(
        _bare(quoted) == _bare(subject) for quoted in subjects
    )
    written = [line for line in below if line.text]
    salutations = sum(is_greeting(line.text) for line in written)
    last = written[-1].text if written else ""
    ends_named = len(last.split()) <= 6 and not last.endswith((".", "!", "?", ":", ","))  # noqa: PLR2004
    is_reply = bool(_REPLY_SUBJECT.match(subject[:300]))
    return is_reply and answers_it and salutations <= 1 and ends_named


def _inner_heads(below: Sequence[Line]) -> list[Start]:
    found = (find_start(below, at) for at in range(min(len(below), 4)) if below[at].text)
    return [start for start in found if start]


def _bare(subject: str) -> str:
    """Give a subject without prefixes, brackets and spacing."""
    text = subject[:500]
    for _ in range(10):
        match = _PREFIX.match(text)
        if not match:
            break
        text = text[match.end() :]
    return " ".join(re.sub(r"\[[^\]]{0,80}\]", " ", text).casefold().split())


def _nothing_own(
    lines: Sequence[Line], rest: Sequence[str], starts: Sequence[Start], subject: str
) -> _Trimmed:
    """Decide on a mail in which every line is quoted: an announced quote, or all there is."""
    first = next((at for at, line in enumerate(lines) if line.raw.strip()), 0)
    announced = any(start.first == first for start in starts)
    if announced and not rest and _REPLY_SUBJECT.match(subject[:300]):
        return _Trimmed("", (_PROBLEM_NOTHING,), found=True)
    problems = (_PROBLEM_ALL_QUOTED,) if lines and any(line.text for line in lines) else ()
    return _Trimmed(_text(lines, rest).strip("\n"), problems)
