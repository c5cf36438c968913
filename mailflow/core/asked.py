"""What of a letter is asked of one office: the sentences in which its own words stand."""

import re
from functools import lru_cache

from mailflow.core.directory import Office
from mailflow.core.gist import Gist
from mailflow.core.terms import Passage

__all__ = ["asked_of"]

_SENTENCE = re.compile(r"(?<=[^\d][.?!])\s+(?=[A-ZÄÖÜ0-9\"„(])")
_MARK = re.compile(r"(?:[-*•]|\d{1,2}[.)])\s+(?=\S)")
_MOST, _LONGEST, _LOOKED_AT = 3, 300, 20_000


def asked_of(office: Office, text: str, language: str) -> tuple[str, ...]:
    """Give up to three sentences or list items that speak of this office's matters, as written.

    Those with one of its strong words; where there is none, those with a weak one. Empty where
    the manager, not the words, chose the office.
    """
    body = Gist.of(text[:_LOOKED_AT]).body
    tables = [
        (code, terms)
        for code, terms in office.terms.items()
        if code in {language, "de"} or not language
    ]
    for strength in ("strong", "weak"):
        speaking = {
            place
            for code, terms in tables
            for place in _places(body, getattr(terms, strength), code)
        }
        if speaking:
            sentences = _sentences(body)
            return tuple(sentences[place] for place in sorted(speaking)[:_MOST])
    return ()


def _places(text: str, terms: tuple[str, ...], language: str) -> list[int]:
    """Give which of a text's sentences hold one of these terms."""
    likely = Passage.of(text, language).likely(terms, language)
    if not likely:
        return []
    passages = _passages(text, language)
    return [
        place
        for place, passage in enumerate(passages)
        if any(passage.has(term, language) for term in likely)
    ]


@lru_cache(maxsize=4)
def _passages(text: str, language: str) -> tuple[Passage, ...]:
    """Prepare a text's sentences once for all offices that are asked about it."""
    return tuple(Passage.made_of(sentence, language) for sentence in _sentences(text))


@lru_cache(maxsize=4)
def _sentences(text: str) -> tuple[str, ...]:
    """Split prose into sentences; a paragraph's lines belong together, a list's items do not."""
    sentences: list[str] = []
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*•]|\d{1,2}[.)])\s)", text):
        words = " ".join(block.split())
        sentences += [each.strip() for each in _SENTENCE.split(words) if each.strip()]
    sentences = [_MARK.sub("", each) for each in sentences]
    return tuple(
        each if len(each) <= _LONGEST else f"{each[: _LONGEST - 2]} …" for each in sentences
    )
