"""From a tree of parts to what a reader sees: body sections, attachments, reports."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from mailflow.core.message import Attachment
from mailflow.reading import invitations, signed, tnef
from mailflow.reading.charsets import clean, decode
from mailflow.reading.flowed import unflowed
from mailflow.reading.html import LARGEST_TREE, has_struck, html_text, without_data
from mailflow.reading.limits import DEFAULT, Limits
from mailflow.reading.mime import Part, part_of
from mailflow.reading.names import safe_name, suffix_for, type_of
from mailflow.reading.transfer import Embedded, without_uuencode

__all__ = ["Content", "Section", "content_of"]

_ENRICHED = re.compile(r"</?[a-zA-Z-]{1,40}>")
_CHARSET_IN_HTML = re.compile(
    rb"<meta[^>]{0,200}?charset\s{0,5}=\s{0,5}[\"']?([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE
)
_SEPARATORS = re.compile(r"[/\\]")
_REPORTS = frozenset(
    {
        "message/delivery-status",
        "message/global-delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
    }
)
_MAILS = frozenset({"message/rfc822", "message/global", "message/news"})
_HEADERS_ONLY = frozenset(
    {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}
)
_READABLE = frozenset(
    {"text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown"}
)
_SHOWN_FIELDS = ("From", "Subject", "Date", "To")
_MAILS_SHOWN = 20
_MAIL_HEADERS = 65_536
# A text file up to this size is shown with the body as well as passed on.
_FILE_SHOWN = 64 * 1024
_PGP_MESSAGE = "-----BEGIN PGP MESSAGE-----"
_ENCRYPTED = "the mail is encrypted and cannot be read"


@dataclass(slots=True)
class Section:
    """One piece of the body: plain text, HTML, or both as alternatives of each other."""

    plain: str | None = None
    html: str | None = None

    def text(self) -> str:
        """Give the plain text, made from the HTML where there is none."""
        if self.plain is not None and self.plain.strip():
            return self.plain
        return html_text(self.html) if self.html is not None else self.plain or ""

    def is_blank(self) -> bool:
        """Tell whether nothing can be read in it."""
        return not (self.plain or "").strip() and not (self.html or "").strip()


@dataclass(slots=True)
class Content:
    """What a mail holds.

    ``sections`` is the body its author wrote, ``shown`` what can be read besides (attached mails,
    named text files); ``reports`` are (type, bytes) of machine reports, ``originals`` the bytes
    of mails and header blocks that hang on it.
    """

    sections: list[Section] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    reports: list[tuple[str, bytes]] = field(default_factory=list)
    originals: list[bytes] = field(default_factory=list)
    mails: list[Part] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    encrypted: bool = False

    def text(self) -> str:
        """Give the whole readable body."""
        texts = [section.text() for section in self.sections if not section.is_blank()]
        stripped = (text.strip("\n") for text in (*texts, *self.shown))
        return "\n\n".join(text for text in stripped if text.strip())

    def alternatives(self) -> tuple[str | None, str | None]:
        """Give the body as plain text and as HTML, each None where it does not hold all."""
        sections = [section for section in self.sections if not section.is_blank()]
        plain = [section.plain for section in sections if (section.plain or "").strip()]
        html = [section.html for section in sections if (section.html or "").strip()]
        has_html = len(html) == len(sections) and sum(map(len, filter(None, html))) <= LARGEST_TREE
        if not sections:
            return "\n\n".join(self.shown) or None, None
        whole_html = "\n".join(filter(None, html)) if has_html else None
        if len(plain) == len(sections):
            return "\n\n".join(filter(None, plain)), whole_html
        return None if has_html else self.text(), whole_html

    def has_body(self) -> bool:
        """Tell whether something readable was found so far."""
        return any(not section.is_blank() for section in self.sections)

    def take(self, other: "Content") -> None:
        """Add what another content holds, its sections excepted."""
        self.shown += other.shown
        self.attachments += other.attachments
        self.reports += other.reports
        self.originals += other.originals
        self.mails += other.mails
        self.problems += other.problems
        self.encrypted = self.encrypted or other.encrypted


def content_of(part: Part, limits: Limits) -> Content:
    """Gather what a tree holds; ``problems`` names what could not be read."""
    content = Content()
    _gather(part, content, limits)
    if part.content_type != "multipart/report":
        alone = not content.has_body()
        shown = [mail for mail in content.mails if alone or mail.disposition == "inline"]
        content.shown += [_attached_text(mail, limits) for mail in shown[:_MAILS_SHOWN]]
    content.problems = list(dict.fromkeys(content.problems))
    return content


def _attached_text(mail: Part, limits: Limits) -> str:
    """Give an attached mail as it would be read aloud: who wrote it, when, about what, the text.

    Mails attached to it in turn are left to the attachment.
    """
    inner = part_of(mail.content(), limits)
    content = Content()
    _gather(inner, content, limits)
    fields = ((name, inner.headers.text(name.lower())) for name in _SHOWN_FIELDS)
    head = "\n".join(f"{name}: {value}" for name, value in fields if value)
    return f"{head}\n\n{content.text()}".strip()


def _gather(part: Part, content: Content, limits: Limits, *, related: bool = False) -> None:
    kind = part.content_type
    if kind == "multipart/alternative":
        _alternative(part, content, limits)
    elif kind == "multipart/encrypted":
        content.encrypted = True
        content.problems.append(_ENCRYPTED)
        for child in part.children:
            _attach(child, content)
    elif part.main == "multipart":
        is_related = kind == "multipart/related"
        for number, child in enumerate(part.children):
            _gather(child, content, limits, related=is_related and number > 0)
    else:
        _leaf(part, content, limits, related=related)
    content.problems += part.problems


def _alternative(part: Part, content: Content, limits: Limits) -> None:
    """Put what says the same twice into one section, whatever its order."""
    section = Section()
    extra: list[Section] = []
    for child in part.children:
        inner = Content()
        _gather(child, inner, limits)
        content.take(inner)
        for piece in inner.sections:
            if piece.is_blank():
                continue
            if section.plain is None and piece.plain is not None and piece.html is None:
                section.plain = piece.plain
            elif section.html is None and piece.html is not None:
                section.html = piece.html
                section.plain = section.plain or piece.plain
            elif section.plain is None:
                section.plain = piece.plain
            elif child.content_type != "text/enriched" and _adds(piece.plain, section.plain):
                extra.append(piece)
    if section.html is not None and has_struck(section.html):
        section.plain = None
    content.sections += [section, *extra]


def _adds(text: str | None, known: str | None) -> bool:
    """Tell whether a text says something that is not yet known: a fifth of its words are new."""
    words = (text or "").split()
    seen = set((known or "").split())
    return sum(word not in seen for word in words) * 5 > len(words)


def _leaf(part: Part, content: Content, limits: Limits, *, related: bool) -> None:
    reader = _SPECIAL.get(part.content_type)
    if reader is not None:
        reader(part, content, limits)
    elif part.content_type in _MAILS:
        content.originals.append(part.content()[: limits.header])
        content.mails.append(part)
        _attach(part, content)
    elif part.content_type in _HEADERS_ONLY:
        content.originals.append(part.content()[: limits.header])
        _attach(part, content)
    elif part.content_type in _REPORTS:
        content.reports.append((part.content_type, part.content()[: limits.header]))
        _attach(part, content)
    elif _is_body(part, content) and not related:
        _text(part, content, limits)
    else:
        _attach(part, content, inline=related)
        if part.content_type == "text/plain" and part.disposition != "attachment":
            _show(part, content)


def _is_body(part: Part, content: Content) -> bool:
    """Tell whether a part is read as body: a readable type, and no file beside the body."""
    if part.content_type not in _READABLE:
        return False
    if part.disposition == "attachment":
        return not _declared_name(part) and not content.has_body()
    return not (_declared_name(part) and content.has_body())


def _show(part: Part, content: Content) -> None:
    data = part.content()
    if len(data) <= _FILE_SHOWN:
        content.shown.append(clean(decode(data, part.parameters.get("charset", ""))[0]))


def _text(part: Part, content: Content, limits: Limits) -> None:
    data = part.content()
    files: tuple[Embedded, ...] = ()
    if part.content_type != "text/html":
        data, files = without_uuencode(data)
    text, problem = decode(data, _charset(part, data))
    if part.content_type == "text/html":
        text = without_data(text)
    if problem:
        content.problems.append(problem)
    if len(text) > limits.text:
        text = text[: limits.text]
        content.problems.append("text too long to be read whole")
    if part.content_type == "text/html":
        content.sections.append(Section(html=text))
    else:
        content.sections.append(Section(plain=_plain(part, text, content)))
    for file in files:
        content.attachments.append(_unwrapped(file.name, file.content))


def _charset(part: Part, data: bytes) -> str:
    declared = part.parameters.get("charset", "")
    if not declared and part.content_type == "text/html":
        match = _CHARSET_IN_HTML.search(data[:4096])
        return match.group(1).decode("ascii") if match else ""
    return declared


def _plain(part: Part, text: str, content: Content) -> str:
    text = clean(text)
    if part.content_type in ("text/enriched", "text/richtext"):
        return _ENRICHED.sub("", text.replace("<<", "<"))
    if part.parameters.get("format", "").lower() == "flowed":
        text = unflowed(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    if _PGP_MESSAGE in text:
        content.encrypted = True
        content.problems.append(_ENCRYPTED)
    return signed.without_armour(text)


def _calendar(part: Part, content: Content, limits: Limits) -> None:
    text = decode(part.content()[: limits.text], part.parameters.get("charset", ""))[0]
    words, problem = invitations.described(text)
    if words:
        content.sections.append(Section(plain=words))
    if problem:
        content.problems.append(problem)
    _attach(part, content)


def _winmail(part: Part, content: Content, _: Limits) -> None:
    found = tnef.unpacked(part.content())
    if found is None:
        content.problems.append("winmail.dat could not be unpacked")
        _attach(part, content)
        return
    content.problems += found.problems
    section = Section(plain=found.plain, html=found.html)
    if _adds(section.text(), content.text()):
        content.sections.append(section)
    for name, data in found.files:
        content.attachments.append(_unwrapped(name, data))


def _pkcs7(part: Part, content: Content, limits: Limits) -> None:
    """Read a mail signed inside its envelope; one sealed for somebody's key stays a file."""
    inner = signed.signed_content(part.content())
    if inner is not None:
        _gather(part_of(inner, limits), content, limits)
        return
    if part.parameters.get("smime-type", "").lower() != "certs-only":
        content.encrypted = True
        content.problems.append(_ENCRYPTED)
    _attach(part, content)


_SPECIAL: dict[str, Callable[[Part, Content, Limits], None]] = {
    "application/ms-tnef": _winmail,
    "application/vnd.ms-tnef": _winmail,
    "application/pkcs7-mime": _pkcs7,
    "application/x-pkcs7-mime": _pkcs7,
    "text/calendar": _calendar,
}


def _attach(part: Part, content: Content, *, inline: bool = False) -> None:
    data = part.content()
    name = _declared_name(part) or _mail_name(part, data)
    is_inline = part.disposition == "inline" or inline or bool(part.headers.get("content-id"))
    is_inline = is_inline and part.disposition != "attachment" and part.main == "image"
    content.attachments.append(attachment(name, part.content_type, data, inline=is_inline))


def _unwrapped(name: str, data: bytes) -> Attachment:
    """Give a file that came without a type of its own: its name tells."""
    return attachment(name, type_of(name), data)


def attachment(name: str, content_type: str, data: bytes, *, inline: bool = False) -> Attachment:
    """Give a file under a name that is safe to show; a nameless one is named after its type."""
    safe = safe_name(name) or f"attachment{suffix_for(content_type)}"
    digest = sha256(data).hexdigest()
    return Attachment(safe, content_type, len(data), digest, inline, data)


def _declared_name(part: Part) -> str:
    for parameters, name in (
        (part.disposition_parameters, "filename"),
        (part.parameters, "name"),
        (part.disposition_parameters, "name"),
        (part.parameters, "filename"),
    ):
        if parameters.get(name, "").strip():
            return parameters[name]
    return ""


def _mail_name(part: Part, data: bytes) -> str:
    """Name an attached mail after its subject."""
    if part.content_type not in _MAILS:
        return ""
    end = data.find(b"\n\n")
    end = min(end, _MAIL_HEADERS) if end >= 0 else _MAIL_HEADERS
    subject = part_of(data[:end], DEFAULT).headers.text("subject")
    return f"{_SEPARATORS.sub('-', subject[:120])}.eml" if subject else ""
