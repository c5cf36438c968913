"""What an office writes for the city only, apart from what may go on to the company."""

import re
from collections.abc import Sequence

from mailflow.core.letter import closes, greets

__all__ = ["apart"]

_INTERNAL = re.compile(
    r"\b(?:nur|rein|streng|ausschließlich|bitte|lediglich) (?:verwaltungs)?intern\b"
    r"|^\W{0,20}(?:(?:ps|p\.\s?s\.|nb|n\.\s?b\.)\W{0,3})?"
    r"intern(?:es|er|e|al)?\s{0,2}(?:[:–—=*_#~/|]|-[\s-]|$)"
    r"|^\W{0,20}intern(?:al)?\s(?:zu|für|an|nur|for|to)\w{0,2}\s[^.!?\n]{0,40}[:–—]"
    r"|[(\[]intern(?:al)?[)\]:]|\bintern(?:al)?\s?:|(?<=[.!?] )intern\s?[–—]"
    r"|\bintern(?:er|e|es|en) (?:hinweis|anmerkung|notiz|info|information|vermerk|bemerkung"
    r"|ergänzung)"
    r"|\b(?:nur )?(?:für|zu[mr]) (?:den |die |unsere?n? |ihren? )?(?:internen|dienst)\s?gebrauch"
    r"|\bdienstgebrauch\b|\bvs-nfd\b"
    r"|\b(?:bitte |aber |das |dies |dieses )?nicht (?:an|nach|für"
    r"|zur) [^.!?\n]{0,50}(?:weiter(?:geben|leiten|gabe|zugeben|zuleiten)|geben|bestimmt|gedacht"
    r"|mitteilen|erwähnen)"
    r"|\b(?:bitte|aber|also) (?:das |dies(?:es)? |so )?nicht (?:weiter(?:geben|leiten|sagen"
    r"|zugeben|zuleiten)|erwähnen|kommunizieren)"
    r"|\bnicht (?:zur weitergabe|nach außen|für außen|für dritte|für externe|für das unternehmen"
    r"|für die firma|für den antragsteller)"
    r"|\b(?:darf|dürfen|soll|sollte|sollten) (?:die firma|das unternehmen|der antragsteller"
    r"|der kunde) [^.!?\n]{0,40}nicht (?:wissen|erfahren|erhalten|bekommen)"
    r"|\bunter uns(?: gesagt)?\s?[:,–—]|\bnur (?:für sie|zu ihrer (?:information|kenntnis)"
    r"|zur (?:internen )?kenntnis)\b"
    r"|^\W{0,4}(?:streng )?vertraulich\s?(?:[:–—!]|$)|\bstreng vertraulich\b"
    r"|^\W{0,4}(?:nur |(?:hinweis|info|information|anmerkung|notiz|bemerkung) )"
    r"(?:an|für) (?:die |den |das |unsere? |ihre? )?(?:kolleg|key.?account|kam\b|leitung\b)"
    r"|\binternal(?:ly)? only\b|\bfor internal (?:use|information|purposes)"
    r"|^\W{0,4}internal\s?[:–—-]|\binternal (?:note|remark|comment)"
    r"|\b(?:please )?do not (?:forward|pass (?:this )?on|share|send this)"
    r"|\bnot for (?:the )?(?:company|applicant|customer|distribution|onward)"
    r"|\bbetween (?:us|ourselves)\b|\bfor your (?:eyes|information) only\b|\bfyi only\b"
    r"|^\W{0,4}confidential\s?[:–—-]",
    re.IGNORECASE,
)
_POINTS_UP = re.compile(
    r"\b(?:vorstehend|obig|oben (?:stehend|genannt)|vorherig|das obere|der absatz davor"
    r"|gesamte mail|ganze mail|diese mail|diese e-mail|diese nachricht"
    r"|dieses schreiben|above|this (?:mail|e-?mail|message)|whole (?:mail|message))",
    re.IGNORECASE,
)
_LETTER = re.compile(r"\w")
_HEADS = re.compile(r"[:–—]|\s-\s|^\W{0,20}\w{1,20}(?:\s\w{1,20}){0,4}\W{0,20}$")


def apart(lines: list[str]) -> tuple[list[str], list[str]]:
    """Part the lines that may go on from the internal ones.

    An internal part begins with the remark, or with the paragraph that holds it, and reaches to
    the closing: when in doubt more is internal. Where the remark points at what stands above it,
    all of it is.
    """
    own: list[str] = []
    internal: list[str] = []
    at = 0
    while (marked := _next_remark(lines, at)) is not None:
        begin = 0 if _POINTS_UP.search(lines[marked]) else _remark_begin(lines, marked, at)
        if begin < at:  # the remark speaks of all above it, what was parted before included
            own, internal, at = [], [], 0
        own += lines[at:begin]
        end = next((n for n in range(marked + 1, len(lines)) if closes(lines[n])), len(lines))
        internal += lines[begin:end]
        at = end
    return [*own, *lines[at:]], internal


def _next_remark(lines: Sequence[str], at: int) -> int | None:
    """Find the next line that says something is internal; a quoted one says it of nothing."""
    return next(
        (
            n
            for n in range(at, len(lines))
            if lines[n].strip()
            and lines[n].lstrip()[:1] != ">"
            and _INTERNAL.search(lines[n][:2000])
        ),
        None,
    )


def _remark_begin(lines: Sequence[str], marked: int, at: int) -> int:
    """Find where a remark's part begins: at a heading itself, else with its paragraph."""
    match = _INTERNAL.search(lines[marked][:2000])
    if (
        match
        and not _LETTER.search(lines[marked][: match.start()])
        and _HEADS.search(lines[marked])
    ):
        return marked
    begin = marked
    while begin > at and lines[begin - 1].strip() and lines[begin - 1].lstrip()[:1] != ">":
        begin -= 1
    while begin < marked and greets(lines[begin]):
        begin += 1
    return begin
