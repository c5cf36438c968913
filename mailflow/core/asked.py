"""What of a letter is asked of one office: the sentences in which its own words stand."""

import re

from mailflow.core.directory import Office
from mailflow.core.gist import Gist
from mailflow.core.terms import Passage

__all__ = ["asked_of"]

_SENTENCE = re.compile(r"(?<=[^\d][.?!])\s+(?=[A-ZÄÖÜ0-9\"„(])")
_MOST, _LONGEST, _LOOKED_AT = 3, 300, 20_000


def asked_of(office: Office, text: str, language: str) -> tuple[str, ...]:
    """Give up to three sentences or list items that speak of this office's matters, as written.

    Those with one of its strong words; where there is none, those with a weak one. Empty where
    the manager, not the words, chose the office.
    """
    sentences = _sentences(Gist.of(text[:_LOOKED_AT]).body)
    tables = [
        (code, terms)
        for code, terms in office.terms.items()
        if code in {language, "de"} or not language
    ]
    for strength in ("strong", "weak"):
        found = [
            sentence
            for sentence in sentences
            if any(_speaks(sentence, getattr(terms, strength), code) for code, terms in tables)
        ]
        if found:
            return tuple(found[:_MOST])
    return ()


def _speaks(sentence: str, terms: tuple[str, ...], language: str) -> bool:
    passage = Passage.of(sentence, language)
    return any(passage.has(term, language) for term in passage.likely(terms, language))


def _sentences(text: str) -> list[str]:
    """Split prose into sentences; a paragraph's lines belong together, a list's items do not."""
    sentences: list[str] = []
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*•]|\d{1,2}[.)])\s)", text):
        words = " ".join(block.split())
        sentences += [each.strip() for each in _SENTENCE.split(words) if each.strip()]
    return [each if len(each) <= _LONGEST else f"{each[: _LONGEST - 2]} …" for each in sentences]
