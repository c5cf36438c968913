"""What a manager writes below his orders: words that may limit them, or how his mail is signed.

Only what is positively a signature counts as one: a closing, his own name, his office, how he is
reached, a device, a disclaimer, and the closed list of courtesies. Everything else is told.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from mailflow.core.courtesies import is_courtesy
from mailflow.core.house_notices import offers_appointments, tells_presence
from mailflow.core.imprints import (
    disclaims,
    holds_contact,
    is_imprint,
    is_label,
    names_function,
    parts_of,
)
from mailflow.core.letter import DEVICE
from mailflow.core.limits import concerns, warns
from mailflow.core.own_signature import Author, author_of

__all__ = ["SIGNED", "bare", "is_footer", "said_below"]

SIGNED = re.compile(
    r"(?i:(?:danke|vielen dank|besten dank|thanks|thank you)\b.{0,40}"
    r"|(?:gesendet von|sent from|i\. ?[av]\.) .{0,60}"
    r"|bis (?:dann|bald|später)[,.!]?(?: \w+)?"
    r"|[^.?!]{0,30}\b(?:gr(?:u|ü|ue)(?:ß|ss)|wünsche|regards|wishes)\w{0,3}\b.{0,40})"
    r"|.{1,100} [·|] .{1,100}"
    r"|(?:(?:Dr|Prof|Dipl)\.(?:-\w+\.?)* ){0,3}"
    r"(?:(?:(?:von|van|der|de|zu|zur) ){0,2}(?:[A-ZÄÖÜ]\.|[A-ZÄÖÜ][\w'-]{1,30},?)(?: |$)){1,4}"
)
"""A line that ends the words of an answer: a thanks, a wish, a device, a name, an imprint."""

_FOOTER = re.compile(
    r"(?:(?:kurz )?(?:von|mit) (?:meinem |meiner |dem |der )?(?:\w{1,20} ){0,3}(?:iphone|ipad|handy"
    r"|smartphone|mobiltelefon|telefon|tablet|unterwegs|app|android\S*|outlook)(?: \w{1,20}){0,2}"
    r" gesendet|mobil gesendet|von unterwegs(?: gesendet)?|outlook für (?:ios|android) .{1,20}"
    r"|holen sie sich outlook .{1,20}|get outlook for .{1,40}"
    r"|unterwegs geschrieben|diese e-?mail wurde (?:mobil|unterwegs) (?:versendet|verschickt)"
    r"|gesendet (?:aus|mit|via|über|von) (?:[\w.]{1,20} ){0,3}(?:outlook|mail|app|iphone|ipad|handy"
    r"|smartphone|android|mobil\w{0,8})(?: (?:app|mobile|für (?:ios|android)))?)"
    r"(?:[,.;–-]{0,2} ?(?:bitte )?(?:tippfehler|schreibfehler|kürze|rechtschreibfehler)"
    r"(?: (?:bitte |zu )?(?:entschuldigen|verzeihen))?)?[.!]?",
    re.IGNORECASE,
)
# A picture by its file, or by what it is; "[STOPP]" says something.
_PICTURE = re.compile(
    r"[\[<](?:\S{0,60}[.:/@]\S{1,90}|[^\]>]{0,60}(?:logo|bild|image|picture|wappen|banner)"
    r"[^\]>]{0,60})[\]>]",
    re.IGNORECASE,
)
# signs that are no letters, but those that say no, or wait
_SYMBOLS = re.compile(
    r"(?![\u231a\u231b\u23e9-\u23fa\u26a0\u26d4\u2612\u2702\u2715-\u2718\u2753-\u2757\u274c\u274e\u270b"
    r"\U0001F44E\U0001F534\U0001F590\U0001F645\U0001F6A7\U0001F6AB\U0001F6D1\U0001F5F4-\U0001F5F7\U0001F914\U0001F937])"
    r"[\u2190-\u2bff\ufe0f\u200d\U0001F000-\U0001FAFF]"
)
_MARKS_ONLY = re.compile(r"[-.,:;+*~=_# ]{0,80}")
_DELIMITER = re.compile(r"--|[-_=*]{3,80}")


class _Stage(IntEnum):
    """How much of a signature has been read."""

    NONE = 0
    POLITE = 1
    CLOSED = 2
    SIGNED = 3
    COMPLETE = 4


@dataclass(frozen=True, slots=True)
class _Mail:
    """The lines below an order without their marks, and whose they are.

    ``last_contact`` and ``last_name`` say where they last hold an address, and his name or closing.
    """

    lines: Sequence[str]
    author: Author
    last_contact: int
    last_name: int

    def paragraph(self, at: int) -> Sequence[str]:
        """Give a line and those right below it."""
        ends = (each for each in range(at, len(self.lines)) if not self.lines[each])
        return self.lines[at : next(ends, len(self.lines))]


def said_below(lines: Sequence[str], author: str = "") -> list[str]:
    """Give the lines below an order that are no signature and no courtesy of its ``author``."""
    mail = _mail(lines, author_of(author))
    said: list[str] = []
    stage, begin = _Stage.NONE, 0
    for at, line in enumerate(mail.lines):
        if _DELIMITER.fullmatch(lines[at]):
            stage = _Stage.COMPLETE
        if at < begin or not line:
            continue
        if disclaims(" ".join(mail.paragraph(at))):
            begin = at + len(mail.paragraph(at))
        elif (read := _stage_after(mail, at, stage)) is None:
            said.append(lines[at])
        else:
            stage = read
    return said


def _mail(lines: Sequence[str], author: Author) -> _Mail:
    plain = [bare(line) for line in lines]
    contacts = [at for at, line in enumerate(plain) if holds_contact(line)]
    names = [at for at, line in enumerate(plain) if author.is_named(line) or author.closes(line)]
    return _Mail(plain, author, max(contacts, default=-1), max(names, default=-1))


def bare(line: str) -> str:
    """Give a line without pictures and symbols, "" where only marks are left."""
    words = " ".join(_SYMBOLS.sub(" ", _PICTURE.sub(" ", line)).replace("*", "").split())
    return "" if _MARKS_ONLY.fullmatch(words) else words


def _stage_after(mail: _Mail, at: int, stage: _Stage) -> _Stage | None:
    """Give how much of a signature is read with this line; None for a line that says something."""
    line, author = mail.lines[at], mail.author
    if is_footer(line):
        return stage
    if author.closes(line):
        return max(stage, _Stage.CLOSED)
    may_sign = stage in {_Stage.POLITE, _Stage.CLOSED} and author.may_sign(line)
    if may_sign or author.is_named(line):
        return max(stage, _Stage.SIGNED)
    if is_courtesy(line, author.signs):
        return max(stage, _Stage.POLITE)
    if stage < _Stage.CLOSED and is_imprint(mail.paragraph(at)):
        return _Stage.COMPLETE
    return _below_name(mail, at, stage)


def is_footer(line: str) -> bool:
    """Whether a device or a program wrote a line, and nobody went on with it."""
    if _FOOTER.fullmatch(line.strip("() ")):
        return True
    return bool(DEVICE.fullmatch(line)) and (line.startswith("Dies") or not warns(line))


def _below_name(mail: _Mail, at: int, stage: _Stage) -> _Stage | None:
    """Give the same for what stands below a name, or beside it: "Weber - Wirtschaftsförderung"."""
    line = mail.lines[at]
    parts = parts_of(line)
    is_label_only = all(map(is_label, parts))
    is_beside = len(parts) > 1 and is_label_only and mail.author.signs(parts[0])
    if stage < _Stage.CLOSED and not is_beside:
        return None
    if holds_contact(line):
        return _Stage.COMPLETE
    if is_beside or (is_label_only and any(map(names_function, parts))):
        return max(stage, _Stage.SIGNED)
    beside = " ".join(each for each in line.split(" | ") if not holds_contact(each))
    if stage >= _Stage.SIGNED and tells_presence(beside):
        return stage
    is_every_mails = stage is _Stage.COMPLETE or _is_amid_block(mail, at, is_label=is_label_only)
    is_harmless = offers_appointments(line) or not (warns(line) or concerns(line))
    return stage if is_every_mails and is_harmless else None


def _is_amid_block(mail: _Mail, at: int, *, is_label: bool) -> bool:
    """Whether an address stands below, and no name that begins another block: a label, a motto."""
    if mail.last_name > at or mail.last_contact < at:
        return False
    return is_label or any(map(holds_contact, mail.paragraph(at)))
