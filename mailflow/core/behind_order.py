"""What stands behind an order in its line: courtesies change nothing, a sign may say no."""

import re

__all__ = ["doubt_in", "without_courtesy"]

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_MARKS = " :,.;!-*\"'“”„«»()[]"
_NOTHING = re.compile(r"[-\s.,:;!*\"'“”„«»()\[\]{}…_=~/\\|+<>#&·•]*")
"""Plain marks, and "..." of a digest's example that was left so."""
_COURTESY = re.compile(
    r"(?:^|[\s,;.!-])[\s,;.!-]{0,5}(?:(?:vielen|besten|herzlichen|lieben) )?(?:danke?|bitte|thanks"
    r"|thank you|please)(?: (?:schön|sehr|ihnen|im voraus))?[\s.,;!]{0,5}$",
    re.IGNORECASE,
)
"""One behind an order: "freigeben, danke"."""

# ticks, thumbs up, smiles, with the colour of a hand and the marks that choose a sign's form
_FRIENDLY = re.compile(
    "[\u2611\u263a\u2705\u2713\u2714\u2764\ufe0e\ufe0f\u200d\U0001f389\U0001f3fb-\U0001f3ff\U0001f44b-\U0001f44d\U0001f44f"
    "\U0001f4aa\U0001f5f8\U0001f600-\U0001f60a\U0001f642\U0001f64f\U0001f680]"
)
_DOUBTFUL = re.compile(
    "[?¿\u061f\uff1f\u2047-\u2049\u2300-\u2bff\U0001f000-\U0001faff]|[:;]-?[(/|]{1,9}$"
)
_LETTER = re.compile(r"[^\W_]")
_IN_DOUBT = (
    "Dahinter steht „{}“. Das kann eine Frage sein oder ein Nein; deshalb ist nichts geschehen. "
    "Soll der Auftrag gelten, schicken Sie ihn bitte noch einmal ohne dieses Zeichen."
)
_QUOTED = 300


def without_courtesy(words: str) -> str:
    """Give what is left of the words behind an order, "" where they are only marks and thanks.

    Of words in doubt nothing is left out.
    """
    words = _FRIENDLY.sub("", words.translate(_DASHES)).strip()
    if _DOUBTFUL.search(words):
        return words
    words = _COURTESY.sub("", words).strip(_MARKS)
    return "" if _NOTHING.fullmatch(words) else words


def doubt_in(words: str) -> str:
    """Say why an order is not done behind which a question mark or such a sign stands, else ""."""
    if words and (_DOUBTFUL.search(words) or not _LETTER.search(words)):
        return _IN_DOUBT.format(words[:_QUOTED])
    return ""
