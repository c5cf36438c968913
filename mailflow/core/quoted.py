"""Whether words meant for a company still hold a piece of a thread that is not its own."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from mailflow.core.letter import closes, greets

__all__ = ["OUR_WORDS", "holds_our_words", "holds_thread", "without_heads"]

OUR_WORDS = (
    "so antworten sie",
    "was wir von ihnen brauchen",
    "was das unternehmen schreibt",
    "ausser ihnen ist niemand gefragt",
    "ebenfalls gefragt:",
    "vermutlich geht es für sie vor allem um",
    "bitte oberhalb dieser zeile antworten",
    "schreibt uns zum ersten mal",
    "mit uns in kontakt seit",
    "how to answer",
    "what we need from you",
    "what the company writes",
    "please reply above this line",
    "for you this is probably mainly about",
    "nobody else is asked.",
    "writes to us for the first time",
    "in contact with us since",
)
"""Sentences of our own mails to offices: where one stands, more of that mail may stand.

As ``str.casefold`` gives them ("ausser"), and as the templates have them, which a test compares.
"""

_SENDER = re.compile(
    r"^[ \t>*]{0,8}(?:von|from|absender)[ \t*]{0,3}:", re.IGNORECASE | re.MULTILINE
)
_SENT = re.compile(
    r"^[ \t>*]{0,8}(?:gesendet|sent|datum|date|am|an|to|betreff|subject|thema)[ \t*]{0,3}:",
    re.IGNORECASE | re.MULTILINE,
)
_HEAD = re.compile(
    r"[ \t>*]{0,8}(?:von|from|absender|gesendet|sent|datum|date|am|an|to|cc|kopie|betreff|subject"
    r"|thema|antwort an|reply-to|wichtigkeit|importance)[ \t*]{0,3}:",
    re.IGNORECASE,
)
_WITH_ADDRESS = re.compile(r"[ \t>*]{0,8}(?:von|from)[ \t*]{0,3}:[^\n]{0,200}@", re.IGNORECASE)
_WROTE_AT = re.compile(
    r"[ \t>*]{0,8}(?:am|on) [^\n]{0,30}\d[^\n]{0,80} (?:schrieb|wrote)\b[^\n]{0,160}:\s*$",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"^[ \t>*]{0,8}-{2,40} ?(?:forwarded message|weitergeleitete nachricht|weitergeleitet von"
    r"|forwarded by|original message|original appointment|original-nachricht"
    r"|ursprüngl(?:iche|icher|\.) (?:nachricht|mail|e-mail|termin))",
    re.IGNORECASE | re.MULTILINE,
)
_NAME = r"[A-ZÄÖÜ][\w.'-]{1,30}"
_CLOCK = r"\d{1,2}[:.]\d{2}(?::\d{2})?"
_DAY = r"\d{1,2}\.[ ]?\d{1,2}\.(?:\d{2,4})?"
_WEEKDAY = (
    r"(?:(?:Mon|Diens|Donners|Frei|Sams|Sonn)tag|Mittwoch|Sonnabend|Mo|Di|Mi|Do|Fr|Sa|So)s?\b"
)
_OTHERS_WORDS = (
    # chats, such as "[10:11] Meier, Karl" and "[23.11.26, 10:11:12] Karl Meier:"
    rf"\[(?:{_DAY},? {{1,2}})?{_CLOCK}\] {{0,2}}{_NAME}",
    rf"(?!{_WEEKDAY}){_NAME}, {_NAME}[ \t]{{1,8}}{_CLOCK}[ \t]*$",
    rf"(?i:am|on) [^\n]{{6,40}}{_CLOCK}[^\n]{{0,20}} (?i:schrieb) {_NAME}[^\n.,]{{0,60}}$",
    # notes of a program ("Notiz von meierk (23.11.2026 10:11):") and of a telephone call
    (
        r"(?i:notiz|vermerk|kommentar|anmerkung|nachricht|e-?mail) von (?i:(?!ihnen|ihre))"
        rf"[^\n:]{{2,40}}{_DAY}[^\n:]{{0,20}}(?::\d{{2}}[^\n:]{{0,5}})?:"
    ),
    r"(?i:telefonat|telefonnotiz) mit (?i:(?!ihnen|ihre))[^\n:]{2,60}:",
    # "+++ Karl Meier 23.11. +++", and a rule above a name, an office and a date
    rf"\+{{2,5}} [^\n+]{{2,80}} {_DAY}[^\n+]{{0,20}}\+{{2,5}}[ \t]*$",
    rf"[-_=*]{{8,90}}[ \t]*\n{_NAME}[^\n,]{{0,40}}, [^\n,]{{2,40}}, {_DAY}[ \t]*:?[ \t]*$",
)
_COLLEAGUE = re.compile(
    r"^[ \t*]{0,8}(?:" + "|".join(_OTHERS_WORDS) + ")",
    re.MULTILINE,
)
"""How people and programs that are no mail program put others' words into a mail."""

# "Herr Meier schrieb am 23.11.:", unless a quoted line follows, which is looked at for itself
_WROTE = re.compile(
    r"^[ \t*]{0,8}([^\n:>]{2,100})\b(?:schr(?:ieb|eibt)|wrote|writes)\b([^\n:]{0,60}):"
    r"[ \t]*$(?!\n{1,3}[ \t]{0,4}>)",
    re.IGNORECASE | re.MULTILINE,
)
_PERSON = re.compile(rf"\b(?:Herrn?|Frau) (?:{_NAME} )?({_NAME})")
_LAW = re.compile(
    r"[^\n:]{0,99}§ ?\d+\w? (?:(?:der|des|Abs\. ?\d+) )?\w+\s*$|(?:das|der|die) [\w ]{0,40}"
    r"(?:gesetz|gesetzgeber|verordnung|landesbauordnung|satzung|richtlinie|plan|norm)\s*$",
    re.IGNORECASE,
)

# a bar quotes as well; one at both ends is a table's row
_QUOTED = re.compile(
    r"^[ \t]{0,4}(?:>[> \t]{0,20}(.*)|\|[| \t]{0,20}([^\n]{0,990}[^|\s])[ \t]*)$", re.MULTILINE
)

_THANKS = re.compile(
    r"(?:(?:vielen|herzlichen|besten) dank|danke) für (?:ihre?|die|das) "
    r"(?:anfrage|nachricht|schreiben|anliegen|e-?mail)[.,!]?",
    re.IGNORECASE,
)

_MOST_COMPARED = 200_000_000
"""Quoted lines times letters of the company. More would take seconds; then a person looks."""


def holds_thread(text: str, own_words: str) -> bool:
    """Tell whether ``text`` holds anybody's words beside its author's and the company's own.

    An inline answer that quotes the company's question (of ``own_words``) is fine; a colleague's
    line, a mail header, a sentence of our forward or a second letter beside the first is not. Where
    that would take too long, the text is taken to hold some.
    """
    if holds_our_words(text) or _FORWARDED.search(text):
        return True
    if _SENDER.search(text) and _SENT.search(text):
        return True
    if _COLLEAGUE.search(text) or _somebody_wrote(text, own_words) or _holds_two_letters(text):
        return True
    known = _bare(own_words)
    quoted = {_bare(match.group(1) or match.group(2) or "") for match in _QUOTED.finditer(text)}
    quoted -= {_bare(line) for line in own_words.split("\n")} | {""}
    too_many = len(quoted) * len(known) > _MOST_COMPARED
    return too_many or any(line not in known for line in quoted)


def holds_our_words(text: str) -> bool:
    """Tell whether a sentence of our mails to offices stands in a text."""
    folded = " ".join(text.casefold().split())
    return any(words in folded for words in OUR_WORDS)


def without_heads(text: str) -> str:
    """Give a text without what announces a quoted mail, and without sentences of our forwards."""
    has_ours = holds_our_words(text)
    kept = [
        line
        for line in _without_blocks(text.split("\n"))
        if not (_FORWARDED.match(line) or _WROTE_AT.match(line) or _WITH_ADDRESS.match(line))
        and not (has_ours and holds_our_words(line))
    ]
    return "\n".join(kept)


def _without_blocks(lines: Sequence[str]) -> Iterator[str]:
    """Give the lines that do not stand among others of a mail's head, one naming a sender."""
    for is_head, run in groupby(lines, key=lambda line: bool(_HEAD.match(line))):
        block = tuple(run)
        if not (is_head and len(block) > 1 and any(map(_SENDER.match, block))):
            yield from block


def _somebody_wrote(text: str, own_words: str) -> bool:
    """Tell whether words are announced that are neither a law's nor the company's own."""
    own = frozenset(re.findall(r"\w+", own_words))
    for found in _WROTE.finditer(text):
        person = _PERSON.search(found[1])
        if person is None and (_LAW.match(found[1]) or re.search(r"\bvor$", found[2])):
            continue
        if person is None or person[1] not in own:
            return True
    return False


def _holds_two_letters(text: str) -> bool:
    """Tell whether somebody is greeted again below a letter's words: a note to us beside it.

    Thanks for a mail do not count as words: they may stand above a letter that was pasted in.
    """
    begun = written = False
    for line in filter(None, map(str.strip, text.split("\n"))):
        if greets(line) and line.endswith((",", "!")):
            if written:
                return True
            begun = True
        elif (begun and not _THANKS.fullmatch(line)) or closes(line):
            written = True
    return False


def _bare(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
