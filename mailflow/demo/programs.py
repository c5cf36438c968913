"""How people's mail programs write: new letters, and replies with each program's way of quoting.

mailflow never sees who uses what; it must understand all of them. Each function gives the raw mail
as the program would send it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime, formataddr, make_msgid, parseaddr
from html import escape
from textwrap import wrap

__all__ = [
    "Attached",
    "Person",
    "Writes",
    "clicked",
    "letter",
    "mail_of",
    "one_page",
    "outlook_reply",
    "phone_reply",
    "text_of",
    "thunderbird_reply",
]


_MAIL = SMTP.clone(max_line_length=998, cte_type="7bit")
"""Long lines, since the standard library would encode the identifiers of a folded References."""

_FLOWED = 72  # characters

Writes = Callable[["Person", EmailMessage, str, datetime], bytes]
"""How a mail program answers a mail with a text."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the story, with what their mail program puts below every mail."""

    name: str
    address: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file to send along."""

    name: str
    content: bytes
    subtype: str = "pdf"


@dataclass(frozen=True, slots=True)
class _Words:
    """What Outlook calls things, in its user's language."""

    reply: str
    header: tuple[str, str, str, str]


_OUTLOOK = {
    "de": _Words("AW", ("Von", "Gesendet", "An", "Betreff")),
    "en": _Words("RE", ("From", "Sent", "To", "Subject")),
}


def mail_of(raw: bytes) -> EmailMessage:
    """Read a mail as a mail program does."""
    mail = message_from_bytes(raw, policy=default)
    if not isinstance(mail, EmailMessage):
        raise TypeError("the policy makes EmailMessage objects")
    return mail


def text_of(mail: EmailMessage) -> str:
    """Give a mail's plain text."""
    part = mail.get_body(("plain",))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""


def letter(
    sender: Person,
    to: str,
    subject: str,
    text: str,
    now: datetime,
    attached: Sequence[Attached] = (),
) -> bytes:
    """Write a new mail."""
    mail = _headed(sender, to, subject, now)
    mail.set_content(f"{text}\n\n{sender.signature}".rstrip() + "\n")
    return _closed(mail, attached)


def clicked(sender: Person, to: str, subject: str, line: str, now: datetime) -> bytes:
    """Write what a click on a ``mailto:`` link makes: a new mail without thread or quote."""
    mail = _headed(sender, to, subject, now)
    mail.set_content(f"{line}\n\n-- \n{sender.signature}\n")
    return _closed(mail, ())


def outlook_reply(
    sender: Person,
    original: EmailMessage,
    text: str,
    now: datetime,
    attached: Sequence[Attached] = (),
    *,
    language: str = "de",
) -> bytes:
    """Answer as Outlook does: text and HTML, the signature, a block of headers, then everything."""
    words = _OUTLOOK[language]
    mail = _answering(sender, original, f"{words.reply}: {original['Subject']}", now)
    values = (
        str(original["From"]),
        f"{now:%d.%m.%Y %H:%M}" if language == "de" else f"{now:%A, %B %d, %Y %I:%M %p}",
        str(original["To"]),
        str(original["Subject"]),
    )
    block = list(zip(words.header, values, strict=True))
    headers = "\n".join(f"{name}: {value}" for name, value in block)
    mail.set_content(f"{text}\n\n{sender.signature}\n\n{headers}\n\n{text_of(original)}")
    mail.add_alternative(_outlook_html(sender, original, text, block), subtype="html")
    return _closed(mail, attached)


def _outlook_html(
    sender: Person, original: EmailMessage, text: str, block: Sequence[tuple[str, str]]
) -> str:
    headers = "<br>".join(f"<b>{name}:</b> {escape(value)}" for name, value in block)
    return (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta charset="utf-8">'
        "<style>p.MsoNormal{margin:0;font-size:11pt;font-family:Calibri,sans-serif}</style></head>"
        f'<body lang="DE"><div class="WordSection1">{_paragraphs(text)}'
        f'<p class="MsoNormal">&nbsp;</p>{_paragraphs(sender.signature)}'
        '<p class="MsoNormal">&nbsp;</p>'
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
        f'<p class="MsoNormal">{headers}</p></div>{_inner_html(original)}</div></body></html>'
    )


def _paragraphs(text: str) -> str:
    return "".join(
        f'<p class="MsoNormal">{escape(line) or "&nbsp;"}</p>' for line in text.splitlines()
    )


def _inner_html(original: EmailMessage) -> str:
    part = original.get_body(("html",))
    if part is None:
        return _paragraphs(text_of(original))
    inner = re.search(r"<body[^>]*>(.*)</body>", str(part.get_content()), re.DOTALL)
    return inner[1] if inner else ""


def thunderbird_reply(
    sender: Person,
    original: EmailMessage,
    text: str,
    now: datetime,
    attached: Sequence[Attached] = (),
) -> bytes:
    """Answer as Thunderbird does: flowed text (RFC 3676), "Am ... schrieb ...:", then ">" lines."""
    mail = _answering(sender, original, f"Re: {original['Subject']}", now)
    mail["User-Agent"] = "Mozilla Thunderbird"
    name = parseaddr(str(original["From"]))[0]
    quote = f"Am {now:%d.%m.%y} um {now:%H:%M} schrieb {name}:\n{_quoted(original)}"
    mail.set_content(f"{_flowed(text)}\n\n{quote}\n\n-- \n{sender.signature}\n")
    mail.set_param("format", "flowed", replace=True)
    return _closed(mail, attached)


def phone_reply(sender: Person, original: EmailMessage, text: str, now: datetime) -> bytes:
    """Answer as a telephone does: few words, its advertisement, a quote."""
    mail = _answering(sender, original, f"Re: {original['Subject']}", now)
    mail["X-Mailer"] = "iPhone Mail (22B91)"
    name, address = parseaddr(str(original["From"]))
    quote = f"> Am {now:%d.%m.%Y} um {now:%H:%M} schrieb {name} <{address}>:\n> \n"
    mail.set_content(f"{text}\n\nVon meinem iPhone gesendet\n\n{quote}{_quoted(original)}\n")
    return _closed(mail, ())


def _flowed(text: str) -> str:
    """Break long lines softly: a blank at the end says that the next one belongs to it."""
    return "\n".join(" \n".join(wrap(line, _FLOWED)) for line in text.splitlines())


def _quoted(original: EmailMessage) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text_of(original).splitlines())


def _headed(sender: Person, to: str, subject: str, now: datetime) -> EmailMessage:
    mail = EmailMessage(policy=_MAIL)
    mail["From"] = formataddr((sender.name, sender.address))
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = make_msgid(domain=sender.address.partition("@")[2])
    return mail


def _answering(sender: Person, original: EmailMessage, subject: str, now: datetime) -> EmailMessage:
    mail = _headed(sender, str(original["Reply-To"] or original["From"]), subject, now)
    thread = f"{original['References'] or ''} {original['Message-ID']}".split()
    mail["In-Reply-To"] = str(original["Message-ID"])
    mail["References"] = " ".join(thread)
    return mail


def _closed(mail: EmailMessage, attached: Sequence[Attached]) -> bytes:
    for file in attached:
        mail.add_attachment(
            file.content, maintype="application", subtype=file.subtype, filename=file.name
        )
    return mail.as_bytes()


def one_page(title: str, lines: Sequence[str]) -> bytes:
    """Make a small real PDF (ISO 32000-1) of one page that any reader opens."""
    text = "".join(f"({_pdf_text(line)}) Tj 0 -18 Td " for line in ("", *lines))
    page = f"BT /F1 18 Tf 60 780 Td ({_pdf_text(title)}) Tj /F1 11 Tf 0 -24 Td {text}ET"
    stream = page.encode("cp1252", "replace")
    fonts = b"/Resources << /Font << /F1 4 0 R >> >>"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R %s >>" % fonts,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    )
    return _pdf_file(objects)


def _pdf_file(objects: Sequence[bytes]) -> bytes:
    out = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
        + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))
    )


def _pdf_text(line: str) -> str:
    return re.sub(r"([()\\])", r"\\\1", line)
