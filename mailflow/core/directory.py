"""The offices behind the one address: who they are, and who may speak for them."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from mailflow.core.address import domain_of
from mailflow.core.terms import fold

__all__ = ["Office", "Offices", "Release", "Terms", "names_of"]

_SHORTEST_STEM = 4  # letters; shorter parts of names say too little
_SHORTEST_WORD = 3
_NEARLY = 0.8  # of difflib's ratio: a letter or two beside the name
_GENERIC = frozenset(
    re.findall(
        r"\w+",
        """amt aemter abteilung stadt untere unteren zentrale service unternehmen dezernat fachamt
        behoerde stelle fuer und der die das den dem des an bei von zum zur office department the
        for city kommunale gmbh aoer team leitung bereich sachgebiet referat frau herr ist""",
    )
)
_ORDERED = frozenset(
    re.findall(
        r"\w+",
        """bitte danke vielen herzlichen dank mal gern gerne weiter weiterleiten weitergeben ans am
        im in vom zur zum stellungnahme kenntnis bearbeitung pruefung beantwortung herrn kollege
        kollegin kollegen please thanks""",
    )
)
"""Words beside an office's name that change nothing of what an order means."""

_ANY_DASH = r"\s{0,3}[-/\u2010-\u2015\u2212]\s{0,3}"
_DASHED = re.compile(_ANY_DASH)
_ADDRESSED = re.compile(r"\b(?:frau|herrn?|mrs?\.?|ms\.?) (?:dr\.? )?[\w-]{2,40}")
_OFFICE_ENDINGS = (
    "saemter",
    "aemter",
    "samt",
    "amt",
    "sbehoerde",
    "behoerde",
    "sstelle",
    "stelle",
    "sabteilung",
    "abteilung",
    "verwaltung",
)


class Release(StrEnum):
    """Whether an office's reply goes into the combined answer by itself; "" asks ``[answers]``."""

    INHERIT = ""
    AUTO = "auto"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Terms:
    """An office's words in one language, as described in ``core.terms``."""

    strong: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Office:
    """One office as ``offices.toml`` describes it; addresses in lower case."""

    id: str
    name: str
    address: str
    department: str = ""
    members: tuple[str, ...] = ()
    deputy: str = ""
    head: str = ""
    external: bool = False
    unauthenticated: bool = False
    release: Release = Release.INHERIT
    reply_workdays: int | None = None
    topics: tuple[str, ...] = ()
    terms: Mapping[str, Terms] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def short_name(self) -> str:
        """The name up to its first explanation: "Tiefbauamt – Straßen" is the "Tiefbauamt"."""
        return self.name.split(" – ")[0].split(" (")[0].strip()


def names_of(offices: Iterable[Office]) -> str:
    """Give the names of one office or more as a sentence lists them: ``A, B und C``."""
    *others, last = (office.short_name for office in offices)
    return f"{', '.join(others)} und {last}" if others else last


@dataclass(frozen=True, slots=True)
class Offices:
    """All offices in the configured order, which is the order of sections in a combined answer."""

    all: tuple[Office, ...] = ()

    def __iter__(self) -> Iterator[Office]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def by_id(self, office_id: str) -> Office | None:
        """Give the office with exactly this id."""
        return next((office for office in self.all if office.id == office_id), None)

    def domains(self, *, external: bool = True) -> frozenset[str]:
        """Give the domains of the offices' own addresses, in lower case; external ones if asked."""
        offices = (office for office in self.all if external or not office.external)
        return frozenset(domain_of(office.address) for office in offices)

    def addresses(self) -> frozenset[str]:
        """Give every address that writes for an office, in lower case."""
        people = ({each.address, *each.members, each.deputy, each.head} for each in self.all)
        return frozenset[str]().union(*people) - {""}

    def by_address(self, address: str) -> Office | None:
        """Give the office this address writes for: as office, member, deputy, head, in that order.

        A deputy or head may serve several offices; then the first in the configured order is given,
        and whoever holds a token asks ``doubts.is_bound`` instead.
        """
        wanted = address.strip().lower()
        if not wanted:
            return None
        ranks = (
            lambda office: office.address == wanted,
            lambda office: wanted in office.members,
            lambda office: office.deputy == wanted,
            lambda office: office.head == wanted,
        )
        return next((office for rank in ranks for office in self.all if rank(office)), None)

    def named(self, words: str) -> Office | None:
        """Give the one office these words name, or None when none or several may be meant.

        Takes an id, a name or its distinctive part, the address, or what people call it, such as
        "Tiefbauamt" or "die Untere Denkmalbehörde, Frau Muster"; case and umlauts do not matter.
        """
        wanted = _plain(words)
        for office in self.all:
            if wanted in _names_in_full(office):
                return office
        found = (offices for offices in self._of_stems(wanted) if len(offices) == 1)
        return next((offices[0] for offices in found), None)

    def nearly(self, words: str) -> tuple[Office, ...]:
        """Give whom these words may mean where ``named`` gives none: several, or one misspelt."""
        wanted = _plain(words)
        several = next((offices for offices in self._of_stems(wanted) if offices), None)
        if several:
            return tuple(several)
        spelt = {
            name: office
            for office in reversed(self.all)
            for name in (*_names_in_full(office), *map(_stem, _words(fold(office.name))))
        }
        close = get_close_matches(wanted, spelt, 3, _NEARLY) or get_close_matches(
            _stem(wanted), spelt, 3, _NEARLY
        )
        return tuple({spelt[name].id: spelt[name] for name in close}.values())

    def _of_stems(self, wanted: str) -> Iterator[list[Office]]:
        """Give the offices of the whole name's stem, then those of its words' stems."""
        for stems in ([_stem(wanted)], [_stem(word) for word in _words(wanted)]):
            found = {office.id: office for stem in stems for office in self._with_stem(stem)}
            yield list(found.values())

    def with_ids(self, words: str) -> str:
        """Give words in which each office that is named in full is named by its id.

        A name may hold what stands between two offices: "Amt für Rechnungswesen und Steuern".
        """
        ids = {name: each.id for each in reversed(self.all) for name in _names_in_full(each)[1:]}
        names = tuple(sorted(filter(None, ids), key=len, reverse=True))
        written = unicodedata.normalize("NFC", words)
        folded = list(map(fold, written))
        at = [place for place, letters in enumerate(folded) for _ in letters] + [len(written)]
        told, end = "", 0
        for match in _names_written(names).finditer("".join(folded)) if names else ():
            told += written[end : at[match.start()]] + ids[names[(match.lastindex or 1) - 1]]
            end = at[match.end()]
        return told + written[end:]

    def words_beside(self, words: str, office: Office) -> tuple[str, ...]:
        """Give the words that belong neither to this office's name nor to a plain order for it.

        "umwelt bitte" has none, "umwelt bitte noch nicht" has two that mean something.
        """
        wanted = _plain(words)
        if wanted in _names_in_full(office) or _stem(wanted) in _stems_of_terms(office):
            return ()
        left = re.findall(r"\w+", _ADDRESSED.sub(" ", wanted))
        left = [each for each in left if each not in _GENERIC | _ORDERED]
        return tuple(each for each in left if not _is_name_of(each, office))

    def _with_stem(self, stem: str) -> list[Office]:
        if len(stem) < _SHORTEST_WORD:
            return []
        ranks: tuple[list[Office], ...] = (
            [office for office in self.all if stem in {office.id, _stem(office.id)}],
            [
                office
                for office in self.all
                if stem in {_stem(word) for word in _words(fold(office.name))}
            ],
            [
                office
                for office in self.all
                if len(stem) >= _SHORTEST_STEM
                and (stem in fold(office.name) or office.id.startswith(stem))
            ],
            [
                office
                for office in self.all
                if any(
                    stem in {_stem(term) for term in terms.strong}
                    for terms in office.terms.values()
                )
            ],
        )
        return next((found for found in ranks if found), [])


def _plain(words: str) -> str:
    return fold(words).strip(" .,;:!?\"'»«„“")


def _names_in_full(office: Office) -> tuple[str, ...]:
    return office.id, fold(office.name), fold(office.short_name), office.address


@lru_cache(maxsize=8)
def _names_written(names: tuple[str, ...]) -> re.Pattern[str]:
    """Give the pattern of these names, a group for each, where they stand for themselves."""
    written = "|".join(f"({_as_written(name)})" for name in names)
    return re.compile(rf"(?<![\w@.-])(?:{written})(?![\w@-]|\.\w)")


def _as_written(name: str) -> str:
    """Give the pattern of a folded name, with whatever dashes, blanks and outer marks."""
    parts = (re.escape(each).replace(r"\ ", r"\s{1,3}") for each in _DASHED.split(name.rstrip(")")))
    return _ANY_DASH.join(parts) + r"\)?" * name.endswith(")")


def _is_name_of(word: str, office: Office) -> bool:
    """Whether an office is found by this word; one amid a term is none ("noch nicht genehmigt")."""
    stem = _stem(word)
    whole = {office.id, _stem(office.id), *map(_stem, _words(fold(office.name)))}
    amid = stem in fold(office.name) or office.id.startswith(stem)
    return stem in whole | _stems_of_terms(office) or (len(stem) >= _SHORTEST_STEM and amid)


def _stems_of_terms(office: Office) -> frozenset[str]:
    return frozenset(_stem(fold(term)) for each in office.terms.values() for term in each.strong)


def _words(folded: str) -> list[str]:
    parts = "".join(letter if letter.isalnum() else " " for letter in folded).split()
    return [word for word in parts if len(word) >= _SHORTEST_WORD and word not in _GENERIC]


def _stem(word: str) -> str:
    """Cut what all offices' names share: "tiefbauamt" and "tiefbau" are the same office."""
    for ending in _OFFICE_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_WORD:
            return word.removesuffix(ending)
    return word
