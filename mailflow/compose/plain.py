"""Texts from outside made safe to show: no control, escape or reordering characters.

What a mail carries may be shown on a terminal, in a header or in a page; each of these reads some
characters as orders. They are taken out of every string of a draft before a template sees it.
"""

import dataclasses
import re
from functools import lru_cache
from typing import Any, Final

from mailflow.core.drafts import Context
from mailflow.core.legal_forms import LEGAL_FORM_ANYHOW
from mailflow.core.subject import without_reply_prefixes

__all__ = ["clean_subject", "disarm", "one_line", "person", "prose"]

MAX_LINE: Final = 300
MAX_REASON: Final = 900  # why something waits may quote sentences, which are read whole
MAX_SUBJECT: Final = 150
MAX_PROSE: Final = 200_000

# fields that hold paragraphs; every other text is a single line
_PROSE_FIELDS: Final = frozenset(
    {"words", "text", "quoted", "preview", "note", "excerpt", "remedy", "result", "lines"}
)

_ANSI: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]?|[@-Z\\-_])?")
_LINE_ENDS: Final = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_DROPPED: Final = dict.fromkeys(
    [
        *(code for code in range(0x20) if code not in (0x09, 0x0A)),
        *range(0x7F, 0xA0),
        0x061C,  # Arabic letter mark
        0x200B,  # zero width space
        0x200E,  # left-to-right mark
        0x200F,  # right-to-left mark
        *range(0x202A, 0x202F),  # embeddings and overrides
        *range(0x2060, 0x2070),  # invisible operators, isolates
        0xFEFF,  # byte order mark
        *range(0xFFF9, 0xFFFC),  # interlinear annotation
        *range(0xD800, 0xE000),  # lone surrogates
        *range(0xE0000, 0xE0080),  # tags: text nobody can see
    ]
)

_LINK_LIKE: Final = re.compile(r"[@/\\<>\[\]{}]|\bwww\.|[a-z0-9-]\.[a-z]{2}", re.IGNORECASE)
_FUNCTION: Final = re.compile(
    r"\b(?:info|kontakt|contact|anfragen?|service|kundenservice|support|team|sekretariat|b(?:ü|ue)ro"
    r"|office|empfang|presse|pressestelle|redaktion|marketing|hausmeister|zentrale|vertrieb|sales|einkauf|verwaltung|buchhaltung|personalabteilung"
    r"|gesch(?:ä|ae)fts(?:f(?:ü|ue)hrung|leitung|stelle)|poststelle|posteingang|webmaster|admin"
    r"|no-?reply)\b",
    re.IGNORECASE,
)
_MAX_NAME: Final = 60
_MOST_WORDS: Final = 6
_IN_SMALL: Final = 2
_NO_NAME: Final = re.compile(r"[\d()!?:;%€$§&=*#+_|~…]")
_SMALL: Final = frozenset(
    re.findall(
        r"\w+",
        """von van vom zu zur zum der den dem de da das do dos d del della di du la le l el al bin
        ibn und y e ter ten te tot af av dr prof dipl ing""",
    )
)
"""Words in lower case that stand in names."""


@lru_cache(maxsize=32)
def prose(text: str, limit: int = MAX_PROSE) -> str:
    """Give a text of several lines without orders to a terminal; line feeds end its lines."""
    shortened = _ANSI.sub("", _LINE_ENDS.sub("\n", text)).translate(_DROPPED)
    return shortened if len(shortened) <= limit else shortened[: limit - 1].rstrip() + "…"


def one_line(text: str, limit: int = MAX_LINE) -> str:
    """Give a text as one line of at most ``limit`` characters, white space folded."""
    folded = " ".join(prose(text).split())
    return folded if len(folded) <= limit else folded[: limit - 1].rstrip() + "…"


def clean_subject(subject: str, reference: str, tokens: tuple[str, ...]) -> str:
    """Give a subject without ``Re:`` and the like, without our own tag and without tokens.

    The tag is put before it again when the mail is composed, so that it never piles up.
    """
    text = one_line(subject)
    for own in (
        f"[{reference}]" if reference else "",
        *(f"[{token}]" for token in tokens),
        *tokens,
    ):
        if own:
            text = re.sub(re.escape(own), " ", text, flags=re.IGNORECASE)
    return one_line(without_reply_prefixes(text), MAX_SUBJECT)


def person(name: str) -> str:
    """Give a display name fit for a salutation, or "" when it is no person's name.

    ``Muster, Sabine`` is turned round. Addresses, companies, functions ("Info") and anything that
    could carry a link are refused, and so is what may be a sentence: an acknowledgement must not
    deliver a stranger's advertisement.
    """
    text = one_line(name, MAX_LINE).strip("'\" ")
    if (
        not text
        or len(text) > _MAX_NAME
        or _LINK_LIKE.search(text)
        or LEGAL_FORM_ANYHOW.search(text)
    ):
        return ""
    if _FUNCTION.search(text) or (text.islower() and " " not in text):  # a mailbox, no person
        return ""
    if not _is_plainly_name(text):
        return ""
    family, comma, given = (part.strip() for part in text.partition(","))
    if comma and given and "," not in given:
        return f"{given} {family}"
    return "" if comma else text


def _is_plainly_name(text: str) -> bool:
    """Whether these are few words, all written as names are, or all in lower case."""
    words = re.findall(r"\w[^\s,]*", text)
    first = (re.split("['’.-]", each)[0] for each in words)
    small = [each for each in first if each[:1].islower() and each not in _SMALL]
    few = len(words) <= _MOST_WORDS and not _NO_NAME.search(text)
    return few and (not small or (len(small) == len(words) and len(words) <= _IN_SMALL))


def disarm(context: Context) -> Context:
    """Give the same context with every text in it made safe; paragraphs stay paragraphs."""
    disarmed: Context = _disarm(context, "")
    return disarmed


def _disarm(value: Any, field: str) -> Any:
    if isinstance(value, str):
        if field in _PROSE_FIELDS:
            return prose(value)
        # a command may end in a blank, behind which the manager goes on writing
        limit = MAX_REASON if field == "reason" else MAX_LINE
        return one_line(value, limit) + " " * (field == "command" and value.endswith(" "))
    if isinstance(value, tuple):
        return tuple(_disarm(each, field) for each in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return dataclasses.replace(
            value, **{each.name: _disarm(getattr(value, each.name), each.name) for each in fields}
        )
    return value
