"""Templates become words: Jinja2 with Babel's dates, an operator's folder before the shipped one.

A text template looks like the mail it makes: ``Subject:`` line, blank line, body. A paragraph is
one line there and is wrapped afterwards, so that a long company name never ruins the shape.
"""

import itertools
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import jinja2
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from jinja2.bccache import Bucket
from jinja2.ext import Extension
from jinja2.runtime import Context
from markupsafe import Markup, escape

from mailflow.compose.plain import one_line
from mailflow.errors import MailflowError

__all__ = ["Rendered", "Rendering", "TemplateError", "mailto", "wrap"]

WIDTH: Final = 72
_LOCALES: Final = {"de": "de_DE", "en": "en_GB"}
_LONG_DAY: Final = {"de": "EEEE, d. MMMM y", "en": "EEEE, d MMMM y"}
_SHORT_DAY: Final = {"de": "dd.MM.", "en": "d MMM"}
_MOMENT: Final = {"de": "EEEE, d. MMMM y, HH:mm 'Uhr'", "en": "EEEE, d MMMM y, HH:mm"}
_HANGING: Final = re.compile(r"(?:> ?|[ ]*(?:[-•·*]|\d{1,3}[.)]) +|[ ]+)+")
_TAGS_ONLY: Final = re.compile(r"\s*(?:\{[%#](?:(?![%#]\}).)*[%#]\}\s*)+$")
_UNDERLINED: Final = re.compile(r"(?<=>)([^<>\n]{1,200})<br>\n={3,72}(</p>|<br>)")
_QUOTE: Final = "margin:0 0 12px;padding:0 0 0 12px;border-left:2px solid #8a8a8a"
_TABULAR: Final = re.compile(r"\S(?:[ ]{3}|\t)")


class TemplateError(MailflowError):
    """{problem}

    A template is missing, cannot be read or asks for something its mail does not have.
    """  # noqa: D400 - the problem is a sentence of its own

    def __init__(self, problem: str) -> None:
        super().__init__(problem=problem)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's words; ``html`` is "" where there is no such template, ``text`` not yet wrapped."""

    subject: str
    text: str
    html: str
    language: str


def mailto(address: str, subject: str, body: str = "") -> str:
    """Give a link that opens a new mail, subject and first lines filled in (RFC 6068)."""
    fields = [("subject", subject)]
    if body:
        fields.append(("body", body.replace("\n", "\r\n")))
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields)
    return f"mailto:{quote(address, safe='@')}?{query}"


class _LineEnds(Extension):
    """Let a line of tags alone vanish, and a line that only ends with a tag keep its line end.

    Jinja2's ``trim_blocks`` takes the line end after every tag; who edits a template expects
    this only where the tags are all there is.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002 - the interface is Jinja2's
        """Switch trimming off (``+%}``) at the ends of lines with words; line numbers stay."""
        return "\n".join(
            f"{line[:-2]}+%}}" if line.endswith("%}") and not _TAGS_ONLY.match(line) else line
            for line in source.split("\n")
        )


class _Compiled(jinja2.BytecodeCache):
    """What templates compile to, kept for the life of the process, whoever asks for them again."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was kept; the bucket refuses what another source was compiled to."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED: Final = _Compiled()


class Rendering:
    """The templates of an installation; ``zone`` is the city's, for times of day."""

    def __init__(
        self, directories: Sequence[Path], zone: tzinfo, default_language: str = "de"
    ) -> None:
        self.default_language = default_language
        self._zone = zone
        self.environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader([str(each) for each in directories]),
            autoescape=jinja2.select_autoescape(["html"], default=False),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
            bytecode_cache=_COMPILED,
            extensions=[_LineEnds],
        )
        self.environment.filters.update(
            day=_day,
            date=_date,
            short_day=self._short_day,
            moment=self._moment,
            listed=_listed,
            line=one_line,
            number=_number,
            percent=_percent,
            month=_month,
            language_name=_language_name,
            quoted=_quoted,
            paragraphs=_paragraphs,
            letter=_letter,
            underlined=_underlined,
        )

    def render(self, kind: str, language: str, facts: Mapping[str, Any]) -> Rendered:
        """Give the words of a mail in the language asked for, or in the installation's own.

        Raises TemplateError, naming the template and the line.
        """
        chosen = self.language(kind, language)
        known = {**facts, "language": chosen}
        subject, text = _divide(self._words(f"{kind}.{chosen}.txt", known), kind)
        name = f"{kind}.{chosen}.html"
        html = self._words(name, {**known, "title": subject}) if self._has(name) else ""
        return Rendered(subject, text, html, chosen)

    def language(self, kind: str, language: str) -> str:
        """Give the language this mail can be written in: the one asked for, ours, or English."""
        for each in (language[:2].lower(), self.default_language, "en", "de"):
            if self._has(f"{kind}.{each}.txt"):
                return each
        raise TemplateError(f"there is no template {kind}.{self.default_language}.txt")

    def languages(self, kind: str) -> tuple[str, ...]:
        """Give the languages there are templates in for a kind of mail."""
        names = (name.split(".") for name in self.environment.list_templates(extensions=["txt"]))
        return tuple(parts[1] for parts in names if len(parts) == 3 and parts[0] == kind)  # noqa: PLR2004 - kind.language.txt

    def _has(self, name: str) -> bool:
        try:
            self.environment.get_template(name)
        except jinja2.TemplateNotFound as missing:
            if missing.name != name:
                raise TemplateError(f"template {name} needs {missing.name}: not found") from missing
            return False
        except (jinja2.TemplateSyntaxError, UnicodeDecodeError) as fault:
            raise TemplateError(_told(name, fault)) from fault
        return True

    def _words(self, name: str, facts: Mapping[str, Any]) -> str:
        try:
            return self.environment.get_template(name).render(facts)
        except Exception as fault:  # a template may call anything; the mail is held, others go on
            raise TemplateError(_told(name, fault)) from fault

    @jinja2.pass_context
    def _short_day(self, context: Context, value: date) -> str:
        """Write ``29.05.``, for days that are near; a time is a day of the city."""
        language = context["language"]
        day = value.astimezone(self._zone).date() if isinstance(value, datetime) else value
        return format_date(day, _SHORT_DAY.get(language, "short"), locale=_locale(language))

    @jinja2.pass_context
    def _moment(self, context: Context, value: datetime) -> str:
        language = context["language"]
        local = value.astimezone(self._zone)
        pattern = _MOMENT.get(language, "full")
        return format_datetime(local, pattern, tzinfo=self._zone, locale=_locale(language))


def _told(name: str, fault: Exception) -> str:
    line = getattr(fault, "lineno", None)
    traceback = fault.__traceback__
    while line is None and traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if file.endswith((".txt", ".html")):
            name, found = Path(file).name, traceback.tb_lineno
            if traceback.tb_next is None or not _in_template(traceback.tb_next):
                line = found
        traceback = traceback.tb_next
    where = f"{name}, line {line}" if line else name
    return f"template {where}: {fault}"


def _in_template(traceback: Any) -> bool:
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename.endswith((".txt", ".html")):
            return True
        traceback = traceback.tb_next
    return False


def _divide(rendered: str, kind: str) -> tuple[str, str]:
    first, _, rest = rendered.partition("\n")
    name, colon, subject = first.partition(":")
    if name != "Subject" or not colon or not subject.strip():
        raise TemplateError(f"template {kind}: the first line must be 'Subject: ...'")
    return " ".join(subject.split()), re.sub(r"\n{3,}", "\n\n", rest.strip("\n")) + "\n"


def wrap(text: str) -> str:
    """Give a text whose long lines are broken at spaces; marks, tables and short lines stay."""
    return "\n".join(_wrap_line(line) for line in text.split("\n"))


@lru_cache(maxsize=64)
def _wrap_line(line: str) -> str:
    """Break a line; a company's paragraphs go to several offices and are broken once."""
    if len(line) <= WIDTH + 6 or line.startswith("## ") or _TABULAR.search(line):
        return line.rstrip()
    match = _HANGING.match(line)
    lead = match.group(0)[: WIDTH // 2] if match else ""
    hanging = re.sub(r"[^> ]", " ", lead)
    return textwrap.fill(
        line[len(lead) :],
        WIDTH,
        initial_indent=lead,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _locale(language: str) -> str:
    return _LOCALES.get(language, language)


@jinja2.pass_context
def _day(context: Context, value: date) -> str:
    """Write ``Freitag, 29. Mai 2026``; a time must have become a day of the city before."""
    language = context["language"]
    return format_date(value, _LONG_DAY.get(language, "full"), locale=_locale(language))


@jinja2.pass_context
def _date(context: Context, value: date) -> str:
    """Write ``29. Mai 2026``, for days long past whose weekday says nothing."""
    return format_date(value, "long", locale=_locale(context["language"]))


@jinja2.pass_context
def _listed(context: Context, values: Sequence[str]) -> str:
    """Join names as the language does: ``A, B und C``."""
    return str(format_list(list(values), locale=_locale(context["language"])))


@jinja2.pass_context
def _number(context: Context, value: float, digits: int = 0) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(value, format=pattern, locale=_locale(context["language"])))


@jinja2.pass_context
def _percent(context: Context, value: float) -> str:
    return str(format_percent(value, locale=_locale(context["language"])))


@jinja2.pass_context
def _month(context: Context, value: date) -> str:
    """Write ``Mai 2026``."""
    return format_date(value, "MMMM y", locale=_locale(context["language"]))


@jinja2.pass_context
def _language_name(context: Context, code: str) -> str:
    """Write ``Deutsch`` for ``de``; what is no language's code stays as it is."""
    try:
        name = Locale.parse(code).get_display_name(_locale(context["language"]))
    except (ValueError, UnknownLocaleError):
        return code
    return name or code


def _quoted(text: str) -> str:
    """Put every line behind ``> ``, as mail programs quote."""
    return "\n".join(f"> {line}".rstrip() for line in text.strip("\n").split("\n"))


def _underlined(text: str) -> str:
    return f"{text}\n{'=' * min(len(text), WIDTH)}"


def _paragraphs(text: str, style: str = "margin:0 0 12px") -> Markup:
    """Give plain text as HTML paragraphs: blank lines divide them, line ends are kept."""
    blocks = (block for block in re.split(r"\n[ \t]*\n", text.strip()) if block.strip())
    shape = Markup('<p style="{}">{}</p>')
    return Markup("\n").join(
        shape.format(style, Markup("<br>\n").join(escape(line) for line in block.split("\n")))
        for block in blocks
    )


def _letter(text: str) -> Markup:
    """Give a plain-text mail of ours as HTML: its underlined headings bold, its quotes set off."""
    parts: list[Markup] = []
    runs = itertools.groupby(text.strip("\n").split("\n"), key=lambda line: line.startswith(">"))
    for quoted, lines in runs:
        if quoted:
            inner = _letter("\n".join(line[1:].removeprefix(" ") for line in lines))
            parts.append(Markup('<blockquote style="{}">{}</blockquote>').format(_QUOTE, inner))
        else:
            body = str(_paragraphs("\n".join(lines)))
            parts.append(Markup(_UNDERLINED.sub(r"<strong>\1</strong>\2", body)))  # noqa: S704 - escaped before
    return Markup("\n").join(parts)
