"""Whether words meant for a company still hold a piece of a thread that is not its own."""

import re

__all__ = ["holds_thread"]

_OUR_WORDS = (
    "so antworten sie",
    "was wir von ihnen brauchen",
    "was das unternehmen schreibt",
    "außer ihnen haben wir niemanden gefragt",
    "ebenfalls gefragt:",
    "vermutlich geht es für sie vor allem um",
    "bitte oberhalb dieser zeile antworten",
    "schreibt uns zum ersten mal",
    "mit uns in kontakt seit",
    "how to answer",
    "what we need from you",
    "what the company writes",
    "please reply above this line",
    "for you it is probably above all about",
)
"""Sentences of our own mails to offices: where one stands, more of that mail may stand."""

_SENDER = re.compile(
    r"^[ \t>*]{0,8}(?:von|from|absender)[ \t*]{0,3}:", re.IGNORECASE | re.MULTILINE
)
_SENT = re.compile(
    r"^[ \t>*]{0,8}(?:gesendet|sent|datum|date|an|to|betreff|subject)[ \t*]{0,3}:",
    re.IGNORECASE | re.MULTILINE,
)
_FORWARDED = re.compile(
    r"^[ \t>*]{0,8}-{2,20} ?(?:forwarded message|weitergeleitete nachricht|original message"
    r"|ursprüngliche nachricht|original-nachricht)",
    re.IGNORECASE | re.MULTILINE,
)
# a bar quotes as well; one at both ends is a table's row
_QUOTED = re.compile(
    r"^[ \t]{0,4}(?:>[> \t]{0,20}(.*)|\|[| \t]{0,20}([^\n]{0,990}[^|\s])[ \t]*)$", re.MULTILINE
)


def holds_thread(text: str, own_words: str) -> bool:
    """Tell whether ``text`` quotes anything but what the company itself wrote (``own_words``).

    An inline answer that quotes the company's question is fine; a colleague's line, a mail header
    or a sentence of our forward is not.
    """
    folded = " ".join(text.casefold().split())
    if any(words in folded for words in _OUR_WORDS) or _FORWARDED.search(text):
        return True
    if _SENDER.search(text) and _SENT.search(text):
        return True
    known = _bare(own_words)
    quoted = (_bare(match.group(1) or match.group(2) or "") for match in _QUOTED.finditer(text))
    return any(line and line not in known for line in quoted)


def _bare(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
