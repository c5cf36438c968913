"""How much of each office's words a mail holds: its claim to the mail, with reasons."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace

from mailflow.core.directory import Office, Offices
from mailflow.core.terms import Passage

__all__ = ["Match", "Score", "scores"]

_STRONG, _WEAK = 3, 1
_SUBJECT_STRONG, _SUBJECT_WEAK = 5, 2
_REASONS = 4  # shown to the manager per office
_LONGEST_SPAN = 600  # characters; a term of several words with gaps is no longer
_LONGEST_ENDING = 3  # letters between a name and its "straße"
_PUNCTUATION = ".,;:!?()\"'-"
_STREET = re.compile(
    r"(?:str|strasse|weg|allee|gasse|platz|ufer|damm|ring)\.?"
    r"(?: \d{1,4} ?[a-z]?(?![a-z0-9])|/\w+str(?:asse|\.)?)"
)
_FIRMS = (
    *("unternehmen", "unternehmens", "unternehmer", "betrieb", "betriebe", "betrieben", "betriebs"),
    *("firma", "firmen", "handel", "handels", "haendler", "hersteller", "dienstleister", "bauer"),
    *("buero", "entsorger", "zulieferer", "anbieter", "spezialist", "branche", "agentur", "verlag"),
    *("spedition", "planer", "techniker", "meister"),
)


@dataclass(frozen=True, slots=True)
class Match:
    """A term found: the author's words, the configured term, and where it stood."""

    words: str
    term: str
    strong: bool
    in_subject: bool

    @property
    def points(self) -> int:
        """What this match is worth."""
        if self.in_subject:
            return _SUBJECT_STRONG if self.strong else _SUBJECT_WEAK
        return _STRONG if self.strong else _WEAK


@dataclass(frozen=True, slots=True)
class Score:
    """One office's claim to a mail, with its reasons, strongest first."""

    office: Office
    matches: tuple[Match, ...]

    @property
    def points(self) -> int:
        """The sum of what was found."""
        return sum(match.points for match in self.matches)

    @property
    def reason(self) -> str:
        """The claim in words for the manager."""
        words = ", ".join(
            f"„{match.words}“" + (" im Betreff" if match.in_subject else "")
            for match in self.matches[:_REASONS]
        )
        points = "1 Punkt" if self.points == 1 else f"{self.points} Punkte"
        return f"{self.office.short_name} ({points}: {words})"


@dataclass(frozen=True, slots=True)
class _Hit:
    office: Office
    match: Match
    start: int
    end: int
    word_end: int


def scores(
    subject: str, body: str, languages: Iterable[str], offices: Offices
) -> tuple[Score, ...]:
    """Score the offices that any term speaks for, best first, with the terms of these languages."""
    hits = [
        hit
        for in_subject, text in ((True, subject), (False, body))
        for language in languages
        for passage in (Passage.of(text, language),)
        for hit in _standing(_hits(passage, language, in_subject, offices), passage)
    ]
    claims = (
        Score(office, _best(hit.match for hit in hits if hit.office is office))
        for office in offices
    )
    found = [score for score in claims if score.matches]
    return tuple(sorted(found, key=lambda score: -score.points))


def _hits(passage: Passage, language: str, in_subject: bool, offices: Offices) -> list[_Hit]:
    return [
        _Hit(office, Match(span.words, term, strong, in_subject), span.start, span.end, word_end)
        for office in offices
        if (terms := office.terms.get(language))
        for strong, words in ((True, terms.strong), (False, terms.weak))
        for term in passage.likely(words, language)
        for span in passage.find(term, language)
        for word_end in (passage.word_end(span.end - 1),)
    ]


def _standing(hits: list[_Hit], passage: Passage) -> list[_Hit]:
    """Drop what a longer term explains better, and weaken the first parts of German compounds.

    The last part says what a thing is: "Liegenschaftskataster" concerns the surveyors, not the
    estates office, a "Gerüstbauer" is a firm, not a scaffold on the pavement, and whoever sits in
    "Hafenstraße 12" need not want the port.
    """
    hits = sorted(hits, key=lambda hit: hit.start)
    starts = [hit.start for hit in hits]
    standing = [
        hit
        for hit in hits
        if not any(
            _covers(other, hit)
            for other in hits[
                bisect_left(starts, hit.start - _LONGEST_SPAN) : bisect_right(starts, hit.start)
            ]
        )
    ]
    in_word: dict[int, list[_Hit]] = {}
    for hit in standing:
        in_word.setdefault(hit.word_end, []).append(hit)
    return [
        _weakened(hit)
        if _names_firm(hit, passage)
        or _names_street(hit, passage)
        or any(_heads(other, hit) for other in in_word[hit.word_end])
        else hit
        for hit in standing
    ]


def _covers(other: _Hit, hit: _Hit) -> bool:
    longer = other.end - other.start > hit.end - hit.start
    inside = other.start <= hit.start and hit.end <= other.end
    return longer and inside and (other.match.strong or not hit.match.strong)


def _heads(other: _Hit, hit: _Hit) -> bool:
    return other.start >= hit.end and other.office is not hit.office and other.match.strong


def _names_firm(hit: _Hit, passage: Passage) -> bool:
    rest = passage.folded[hit.end : hit.word_end].rstrip(_PUNCTUATION)
    return bool(rest) and rest.endswith(_FIRMS)


def _names_street(hit: _Hit, passage: Passage) -> bool:
    """Whether the word is an address, a street with its number, and the term a part of it."""
    return any(
        _STREET.match(passage.folded, at)
        for at in range(hit.end, min(hit.word_end, hit.end + _LONGEST_ENDING) + 1)
    )


def _weakened(hit: _Hit) -> _Hit:
    return replace(hit, match=replace(hit.match, strong=False))


def _best(matches: Iterable[Match]) -> tuple[Match, ...]:
    """Count each term and each of the author's words once, where they are worth most."""
    terms: set[str] = set()
    words: set[str] = set()
    best: list[Match] = []
    for match in sorted(matches, key=lambda match: -match.points):
        if match.term not in terms and match.words.casefold() not in words:
            best.append(match)
        terms.add(match.term)
        words.add(match.words.casefold())
    return tuple(best)
