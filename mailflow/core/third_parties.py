"""Whom an office's mail names beside the company: another firm, or who complained of it.

A firm is known by the word before its name ("Firma", "Spedition") or by its legal form behind it,
a person by what he did. What the company wrote itself, a public body, and whom the company is sent
to are ordinary in an answer.
"""

import re
from collections.abc import Iterator

from mailflow.core.legal_forms import LEGAL_FORM
from mailflow.core.letter import content
from mailflow.core.own_names import OwnNames, knows
from mailflow.core.sentences import sentences, unwrapped

__all__ = ["third_parties"]

_LARGE = r"[A-ZÄÖÜ][\w&-]{1,40}"
_NAME = rf"{_LARGE}(?:(?: & | ){_LARGE}){{0,3}}"
_CRAFT = (
    r"(?:[Bb]äck|[Mm]etzg|[Ff]leisch|[Ss]chrein|[Tt]ischl|[Ss]chloss|[Ll]ackier|[Dd]ruck|[Bb]rau"
    r"|[Gg]ärtn|[Ww]äsch|[Ss]pengl|[Mm]olk|[Zz]immer|[Gg]ieß)(?:er)?ei"
)
_TRADE = (
    rf"(?:Firma|Spedition|[\w-]{{0,20}}{_CRAFT}|Konditorei|Autohaus|Möbelhaus|Gaststätte|Gasthaus"
    r"|Restaurant|Pizzeria|Café|Hotel|Apotheke|Kanzlei|Reederei)"
)
_TITLE = r"(?:Herrn?|Frau|Familie|Eheleuten?)"
_PERSON = rf"{_TITLE} (?:(?:Dr|Prof)\. ){{0,2}}(?P<name>{_LARGE}(?: {_LARGE})?)"
_ROLE = (
    r"\b(?:Beschwerdeführer|Anzeigenerstatter|Hinweisgeber|Einwender|Mitbewerber|Bewerber"
    r"|Nachbar|Anwohner)(?:in|innen|n|s)?"
)
_COMPLAINED = (
    r"(?:(?:Beschwerde|Einwendung|Einspruch|Widerspruch)\w{0,2} (?:eingelegt|erhoben)"
    r"|Anzeige erstattet|sich beschwert|beschwert sich|Beschwerdeführer)"
)
_FIRMS = (
    re.compile(rf"\b{_TRADE} (?P<name>{_NAME})"),
    re.compile(rf"\b(?P<name>{_NAME})(?: & Co\.?)? {LEGAL_FORM.pattern}"),
    re.compile(rf"{_ROLE} (?P<name>(?!Nr\b|{_TITLE} ){_NAME})"),
)
_PERSONS = (
    re.compile(rf"{_ROLE},? (?:(?:ist|sind|war|waren|heißt|hier|auch) ){{0,3}}{_PERSON}"),
    re.compile(rf"\b{_PERSON}\b[^.!?]{{0,60}}\b{_COMPLAINED}"),
    re.compile(rf"\b(?:Beschwerde|Anzeige|Hinweis|Einwendung)\b[^.!?]{{0,30}}\bvon {_PERSON}"),
)
_LEADS = re.compile(
    r"die|der|das|den|dem|des|bei|für|auch|von|mit|an|als|eine[rnms]?|ihre?[rnms]?|unsere?[rnms]?"
    r"|wie|nur|und|zum|zur|firma|unternehmen|ist|dr|prof"
    r"|(?:antragsteller|eigentümer|betreiber|mieter|pächter|inhaber|nachbar)\w{0,3}|bauherr\w{0,3}",
    re.IGNORECASE,
)
"""What may be written large before a name."""

_COMMON = re.compile(
    r"[\w-]{0,30}(?:ung(?:en)?|heit|keit|form|schaft|antrag|bescheid|frist|zeit|auskunft|geld|recht"
    r"|raum|räumen?|keller|geschoss|lager|halle|wohnung|grundriss|plan|zimmer|küche|plätzen?"
    r"|terrasse|unterlagen|gebühr|erlaubnis|gmbh|ag|ug)(?:e?[sn])?",
    re.IGNORECASE,
)
"""What stands beside "Firma" or a legal form and names nobody: "der Firma Bescheid geben"."""

_PUBLIC = re.compile(
    r"[\w-]{0,20}(?:stadtwerke?n?|netze?|wasserwerke?|sparkasse|kammer|verband|ministerium)"
    r"|(?:netz|verkehrs|wirtschafts|entsorgungs|abfall|förder|hafen|landes|bundes|autobahn|bahn"
    r"|wohnungs)\w{0,25}|deutsche[nr]?|telekom|vodafone|tüv|dekra|db|kfw|nrw|ihk|hwk|rwe|stadt\w{0,20}",
    re.IGNORECASE,
)
"""Public bodies and networks, which have a legal form as firms do."""

_BEFORE_IT = re.compile(
    r"\b(?:an|beim?|über|durch|mit|vo[nm]|ist|sind|wäre)(?: (?:die|der|den|dem|das))?"
    r"(?: zum Beispiel)? ?$"
)
_SENT_TO = re.compile(
    r"\b(?:beantrag\w{1,3}|wenden|anmelden|bestell\w{1,3}|erfragen|fragen|ansprechpartner\w{0,3}"
    r"|zuständig|einholen|holen sie|abholen|vereinbar\w{1,3}|kontakt\w{0,6}|richten sie|melden sie"
    r"|nachfragen|erhältlich|(?:erhalten|bekommen) sie|beauftragen sie)\b",
    re.IGNORECASE,
)
_AT_WORK = re.compile(
    r"\b(?:\w{0,20}arbeiten|leerung|abfuhr|winterdienst|reinigung|im auftrag der stadt)\b"
    r"[^!?]{0,120}"
    r"\b(?:führt|übernimmt|erledigt|ausgeführt|durchgeführt|beauftragt)\b"
    r"|\b(?:führt|übernimmt|erledigt|beauftragt)\b[^!?]{0,120}\b(?:\w{0,20}arbeiten|leerung|abfuhr)\b",
    re.IGNORECASE,
)
"""That somebody works for the city, as those on its building sites do."""


def third_parties(text: str, own: OwnNames) -> Iterator[str]:
    """Give the names of firms and of those who complained, in whole words of the mail.

    ``own`` are the names of the company, of whom its letters name, and of the offices.
    """
    for sentence in sentences(unwrapped(content(text)).replace("Fa. ", "Firma ")):
        for pattern in _FIRMS:
            for found in pattern.finditer(sentence):
                if _is_strange(found["name"], own) and not _is_pointed_to(sentence, found):
                    yield found[0]
        for pattern in _PERSONS:
            for found in pattern.finditer(sentence):
                if not knows(own, [each.casefold() for each in found["name"].split()]):
                    yield found[0]


def _is_strange(name: str, own: OwnNames) -> bool:
    """Tell whether a firm is called by a word that is nobody's common one and not the company's."""
    words = re.findall(r"[^\W_]{2,40}", name)
    while words and _LEADS.fullmatch(words[0]):
        words = words[1:]
    if not words or _COMMON.fullmatch(words[0]) or any(map(_PUBLIC.fullmatch, words)):
        return False
    return not knows(own, [words[0].casefold()])


def _is_pointed_to(sentence: str, found: re.Match[str]) -> bool:
    """Tell whether the company is sent to a firm, or the firm works for the city."""
    before = sentence[: found.start()]
    is_sent = _BEFORE_IT.search(before[-60:]) and _SENT_TO.search(sentence)
    return bool(is_sent or _AT_WORK.search(sentence))
