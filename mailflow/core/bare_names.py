"""Names that no word such as "Firma" or "Beschwerde" marks: known by a trade, or by an address.

"Schulte Stahlbau" and "Fachdienst Tiefbau" are written alike, and so are a neighbour and a
surveyor with their streets: either counts only where the sentence tells of it what no answer needs.
"""

import re
from collections.abc import Iterator

__all__ = ["LARGE", "PERSON", "residents", "traders"]

LARGE = r"(?!(?:Ihre?[mnrs]?|Ihnen|Sie)\b)[A-ZÄÖÜ][\w&-]{1,40}"
_TITLE = r"(?:Herrn?|Frau|Familie|Eheleuten?)"
PERSON = rf"{_TITLE} (?:(?:Dr|Prof)\. ){{0,2}}(?P<name>{LARGE}(?: {LARGE})?)"

_TRADE = (
    r"(?:(?!(?:An|Um|Aus|Ab|Auf|Rück|Ein|Neu|Vor|Wieder)bau\b)(?:[A-ZÄÖÜ][a-zäöüß]{1,15})?"
    r"(?:[Bb]au|[Ll]ogistik|[Tt]echnik|[Hh]andel|[Tt]ransporte?|[Uu]mschlag|[Mm]ontagen?"
    r"|[Rr]ecycling|[Ee]ntsorgung|[Ii]mmobilien|[Rr]eisen)"
    r"|Elektro|Sanitär|Catering|Dachdecker|Malerbetrieb|Reifen|Holz)"
)
_TOLD = (
    r"(?=[^.!?]{0,80}?\b(?:hat|hatten?|haben|war|waren|musste|wollte|will|wurde|zahl(?:t|en))\b"
    r"(?! Sie\b))"
)
_TRADERS = (
    re.compile(rf"\b(?P<name>{LARGE}) {_TRADE}\b{_TOLD}"),
    re.compile(rf"\b{_TRADE} (?P<name>{LARGE})\b(?! (?:Str|Weg|Platz|Allee|Ring)){_TOLD}"),
)
_NO_FIRM = re.compile(
    r"\b[\w-]{0,30}(?:bereich|dienst|betrieb|gebiet|park|zentrum|campus|messe|schule|areal|gelände"
    r"|thema|branche|gewerke?|amt|amtes|team|referat|dezernat|abteilung|stelle|sparte|gruppe|straße"
    r"|weg|platz|allee|ring|brücke|süd|nord|west|ost|stadt)s?|amt für|herrn?|frau|familie"
    r"|(?-i:[A-ZÄÖÜ]{2,6}|Wegen|Auch|Beim?|Fragen?)",
    re.IGNORECASE,
)
"""A department or a place, which trades are written beside: "Gewerbepark Logistik"."""

_LAST_WORD = re.compile(r"(?:amt für|[\w-]{1,40}) $", re.IGNORECASE)
_AT_WORK = re.compile(
    r"\b(?:\w{0,20}[Aa]rbeiten|[Aa]uftrag|Baustelle|Maßnahme|Kran|Anlage)\b[^.!?]{0,60}"
    r"\b(?:begonnen|beendet|abgeschlossen|erhalten|bekommen|übernommen|ausgeführt|geprüft)\b"
)
"""What one who works for the city has done, which is not his own affair."""

_FROM_NEARBY = (
    r"(?:aus der Nachbarschaft|aus de[mr] (?:Nachbar|Neben|Hinter)\w{2,12}|aus Nr\. \d{1,3}"
    r"|von (?:nebenan|gegenüber)|(?:nebenan|gegenüber) (?:hat|hatte|will|war|ruft|droht))"
)
_NEIGHBOUR = re.compile(rf"\b{PERSON},? {_FROM_NEARBY}\b")
_STREET = r"[A-ZÄÖÜ][\w.-]{1,30}(?: [A-ZÄÖÜ][\w.-]{2,20})? \d{1,4} ?[a-z]?\b"
_RESIDENT = re.compile(
    rf"(?:^|[.!?,;:] |\b(?:und|aber|dass|weil|da) )\W{{0,3}}{PERSON}"
    rf"(?:,| \(| aus der) {_STREET}\)?,? (?=[a-zäöüß])"
)
_AGAINST_IT = re.compile(
    r"\b(?:uns|jede[nmrs]?|ständig|dauernd|dagegen|hat|hatte|möchte|will|droht|ruft|klagt|misst"
    r"|filmt|fotografiert)\b"
)
_IN_OFFICE = re.compile(
    r"\b(?:zuständig|Ansprechpartner|Kolleg|Sachverständig|Gutacht|Prüf|Schornstein|Notar|Vermess"
    r"|Architekt|Ingenieur|Planer|berät|beglaubigt)|\b(?:für Sie|Ihnen)\b"
    r"|\b(?:durch|ab|vor|aus|entgegen)\W{0,3}$"
)


def traders(sentence: str) -> Iterator[re.Match[str]]:
    """Find names beside a trade of whom something is told that is not their work for the city."""
    if _AT_WORK.search(sentence):
        return
    for pattern in _TRADERS:
        for found in pattern.finditer(sentence):
            before = _LAST_WORD.search(sentence[max(0, found.start() - 60) : found.start()])
            is_body = before and _NO_FIRM.fullmatch(before[0].strip())
            if not (is_body or _NO_FIRM.fullmatch(found["name"])):
                yield found


def residents(sentence: str) -> Iterator[re.Match[str]]:
    """Find neighbours, and who is named with an address and does something about the matter."""
    yield from _NEIGHBOUR.finditer(sentence)
    if _AGAINST_IT.search(sentence) and not _IN_OFFICE.search(sentence):
        yield from _RESIDENT.finditer(sentence)
