"""Whom an office's mail names beside the company: another firm, or who complained of it.

A firm is known by the word before its name ("Firma", "Spedition") or by its legal form behind it,
a person by what he did; ``bare_names`` finds those without such a word. What the company wrote
itself, a public body, and whom the company is sent to are ordinary in an answer.
"""

import re
from collections.abc import Iterator

from mailflow.core.answer import without_courtesies
from mailflow.core.aside_words import BEARS, MAY_BLAME, OF_MATTER
from mailflow.core.bare_names import LARGE, PERSON, residents, traders
from mailflow.core.legal_forms import LEGAL_FORM
from mailflow.core.own_names import OwnNames, knows
from mailflow.core.sentences import sentences, unwrapped

__all__ = ["third_parties"]

_MAX_READ = 100_000
_LONGEST_WORD = 60
_NAME = rf"{LARGE}(?:(?: & | ){LARGE}){{0,3}}"
_CRAFT = (
    r"(?:[Bb]äck|[Mm]etzg|[Ff]leisch|[Ss]chrein|[Tt]ischl|[Ss]chloss|[Ll]ackier|[Dd]ruck|[Bb]rau"
    r"|[Gg]ärtn|[Ww]äsch|[Ss]pengl|[Mm]olk|[Zz]immer|[Gg]ieß)(?:er)?ei"
)
_HOUSE = (
    rf"(?:[\w-]{{0,20}}{_CRAFT}|Konditorei|Autohaus|Möbelhaus|Gaststätte|Gasthaus|Restaurant"
    r"|Pizzeria|Café|Hotel|Apotheke)"
)
_TRADE = rf"(?:{_HOUSE}|Firma|Spedition|Kanzlei|Reederei)"
_TITLE = r"(?:Herrn?|Frau|Familie|Eheleuten?)"
_NEIGHBOUR = r"\b(?:Nachbar|Anwohner)(?:in|innen|n|s)?"
_ROLE = (
    r"\b(?:Beschwerdeführer|Anzeigen?erstatter|Hinweisgeber|Einwender|Mitbewerber|Bewerber"
    r"|Nachbar|Anwohner|Interessent(?:en)?|Vor(?:pächter|mieter|besitzer|nutzer))(?:in|innen|n|s)?"
)
_WITHIN = r"(?:[^.!?]|(?<=\d)\.)"
_COMPLAINT = r"(?:Beschwerde|Einwendung|Einspruch|Widerspruch|Klage|Anzeige)"
_COMPLAINED = (
    rf"(?:{_COMPLAINT}\w{{0,2}} (?:eingelegt|erhoben|eingereicht|erstattet)|(?:ge)?klagt"
    rf"|sich (?:[\w.,()]{{1,20}} ){{0,6}}be(?:schwer|klag)t|be(?:schwer|klag)t sich"
    r"|Beschwerdeführer)\b"
)
_FIRMS = (
    re.compile(rf"\b{_TRADE} [„“»›\"']?(?P<name>{_NAME})"),
    re.compile(rf"\b(?P<name>{_NAME})(?: & Co\.?)? (?:{LEGAL_FORM.pattern}|GMBH\b)"),
    re.compile(rf"(?!{_NEIGHBOUR}){_ROLE} (?P<name>(?!Nr\b|{_TITLE} ){_NAME})"),
    re.compile(
        rf"\b(?:Mitbewerber|Bewerber|Interessent)\w{{0,4}}, (?:die|der|den|dem) (?P<name>{_NAME})"
    ),
    re.compile(rf"\b(?:weitere|andere)[rn]? (?:Bewerber|Interessent)\w{{0,4}}:? (?P<name>{_NAME})"),
    # "den Nachbarn Schallschutz anbieten": only who does something is called by his name
    re.compile(
        rf"{_NEIGHBOUR},? (?P<name>(?!{_TITLE} ){_NAME}),? (?:hat|hatte|haben|ist|war|will|möchte"
        r"|klagt|wehrt|beschwert|verlangt|fordert|wurde|läuft|liegt|steht|wohnt|baut|nutzt|betreibt)\b"
    ),
)
_SAME = r"(?:[Gg]leiche|[Ss]elbe|[Ää]hnliche|[Vv]ergleichbare)[nmrs]?"
_CASE = r"(?:Antrag|Anliegen|Fall|Vorhaben|Wunsch|Problem|Genehmigung|Erlaubnis|Nutzung)"
_HIS_CASE = (
    rf"(?:(?:de[nmr]|das|die|eine[nmr]?) {_SAME}|d(?:as|en|em|ie|er)selbe[nmr]?)"
    rf"(?: {_CASE}| (?=gewollt|wollte|beantragt|versucht|vorhatte))"
)
_PERSONS = (
    re.compile(rf"{_ROLE},? (?:(?:ist|sind|war|waren|heißt|hier|auch) ){{0,3}}\(?{PERSON}"),
    re.compile(rf"\b{PERSON}\b{_WITHIN}{{0,60}}\b{_COMPLAINED}"),
    re.compile(rf"\b(?:[Bb]e(?:schwer|klag)t|[Gg]eklagt)\b[^.!?,;]{{0,30}}\b{PERSON}"),
    re.compile(rf"\b(?:{_COMPLAINT}|Hinweis)\b{_WITHIN}{{0,30}}\bvon {PERSON}"),
    # another's case: "Herr Patel, der den gleichen Antrag gestellt hat, wurde abgelehnt"
    re.compile(
        rf"\b{PERSON}\b(?:(?!\bSie\b|\bIh[nr]|\b(?:bearbeite|prüf|betreu|stell)t\b)[^.!?]){{0,40}}\b{_HIS_CASE}"
    ),
    re.compile(rf"\b{_COMPLAINT}\w{{0,2}} (?:de[rs]|durch|seitens(?: de[rs])?) {PERSON}"),
)
_BY_AGENT = re.compile(r"\b(?:wird|werden|wurden?)\b[^,;]{0,40}\bvon \w+\b")
_WORKS_ON_IT = re.compile(
    r"(?:(?!und\b)[^,;.!?]){0,40}"
    r"\b(?:bearbeitet|geprüft|entschieden|entgegengenommen|beantwortet|betreut)\b"
)
"""That a person deals with a complaint for the city: "wird von Frau Meyer bearbeitet"."""

_LEADS = re.compile(
    r"die|der|das|den|dem|des|bei|für|auch|von|mit|an|als|eine[rnms]?|unsere?[rnms]?"
    r"|wie|nur|und|zum|zur|firma|unternehmen|büro|ist|dr|prof"
    r"|(?:antragsteller|eigentümer|betreiber|mieter|pächter|inhaber|nachbar)\w{0,3}|bauherr\w{0,3}",
    re.IGNORECASE,
)
"""What may be written large before a name."""

_COMMON = re.compile(
    r"[\w-]{0,30}(?:ung(?:en)?|heit|keit|form|schaft|antrag|bescheid|frist|zeit|auskunft|geld|recht"
    r"|raum|räumen?|keller|geschoss|lager|halle|wohnung|grundriss|plan|zimmer|küche|plätzen?"
    r"|terrasse|unterlagen|gebühr|erlaubnis|gmbh|ag|ug|stück|garni|fenster|tag|woche|monat)(?:e?[sn])?"
    r"|anfang|mitte|ende",
    re.IGNORECASE,
)
"""What stands beside "Firma" or a legal form and names nobody: "der Firma Bescheid geben"."""

_CALENDAR = re.compile(
    r"januar|februar|märz|april|mai|juni|juli|august|(?:sept|nov|dez)ember|oktober"
    r"|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch",
    re.IGNORECASE,
)
"""Months and days, which are people's names too: "die Mai GmbH", "Bäckerei Freitag"."""

_BEFORE_MONTH = re.compile(r"anfang|mitte|ende", re.IGNORECASE)
_DATED = re.compile(r",? ?(?:den )?\d")

_INSTITUTION = (
    r"(?:gesellschaft|genossenschaft|betriebe?n?|werke?n?|bank|verbund|verband|agentur|verwaltung"
    r"|wirtschaft|förderung|anstalt|reinigung|entwässerung|marketing|zentrum|netze?)"
)
_PUBLIC = re.compile(
    r"[\w-]{0,20}(?:stadtwerke?n?|netze?|wasserwerke?|sparkasse|volksbank|kammer|verband|ministerium)"
    r"|(?:netz|verkehrs?|wirtschafts|entsorgungs|abfall|förder|hafen|landes|bundes|autobahn|bahn"
    rf"|wohnungs|stadt)(?:[\w-]{{0,15}}{_INSTITUTION})?"
    r"|deutsche[nr]?|telekom|vodafone|tüv|dekra|db|kfw|nrw|ihk|hwk|rwe",
    re.IGNORECASE,
)
"""Public bodies and networks, which have a legal form as firms do."""

_STORY = re.compile(
    r"\b(?:haben wir|hatten wir|wir haben|hat|hatte|wurden?|waren?|bekam|bekommt)\b"
)
"""That something is told of a firm, rather than where to go or whom to ask."""

_EXAMPLE = re.compile(
    r"\b(?:[Zz]\. ?B\.|[Zz]um Beispiel|[Bb]eispielsweise|[Ee]twa|[Uu]\. ?a\.),?"
    r"(?: (?:[A-ZÄÖÜ][^\s!?;]{0,40}|und|oder|sowie|durch|beim?|vo[nm]|an|die|der|den|dem|das"
    r"|eine[rnm]?|eG|e\.V\.),?){0,16} ?$"
)
_OF_COMPANY = re.compile(
    r"\bIhr(?:e[mnrs]?)? (?!Nachbar|Anwohner|Mitbewerber|Konkurren"
    r"|Vor(?:gäng|miet|pächt|besitz|nutz|eigentüm)|Nach(?:miet|pächt|folg))[A-ZÄÖÜ]\w{2,30},?"
    r"(?: (?:die|der|das|den|dem))? $"
    r"|\bvon Ihnen \w{4,20} [A-ZÄÖÜ]\w{2,40} (?:de[rs]|vo[nm]) $"
)
_PLACE = re.compile(
    r"\b(?:(?:[Nn]eben|[Gg]egenüber|[Hh]inter|[Vv]or|[Aa]n|[Zz]wischen|[Nn]ahe)(?: (?:dem|der))?"
    r"|[Aa]m|(?:direkt|gleich|unmittelbar) (?:beim|bei der)) $"
)
_ANY = re.compile(r"\beine?[nmrs]? $")
_BESIDE = re.compile(r"\b(?P<whom>[\w-]{2,40}),? (?:und|oder|sowie) (?:(?:die|der|das|den|dem) )?$")
_AT_HOUSE = re.compile(_HOUSE)
_LONG_AGO = re.compile(
    r"\b(?:gehörten?|betrieb(?:en)?|nutzten?|produzierten?)\b[^,;!?]{0,60}\b(?:19\d\d|200\d)\b"
)

_CLAUSE_END = re.compile(r"[,;:](?=\s)")
_RELATIVE = re.compile(
    r"\s(?:(?:in|an|auf|für|mit|von|bei|gegen) )?"
    r"(?:(?:die|der|das|den|dem|deren|dessen) (?![A-ZÄÖÜ])"
    r"|(?:die|der|das|deren|dessen) .{0,200}\b(?:hat|hatte|ist|war|wird|wurde)\W{0,3}$)"
)
"""A clause that hangs on the name before it, and no sentence that begins with an article."""

_OWN_AFFAIR = re.compile(
    r"\b(?:schuld(?:et|en)?\b|insolven|zahlungsunfähig|pleite|verseucht|stillgelegt|entzogen"
    r"|verurteilt|gekündigt|rückstand|rückständig|vollstreck)",
    re.IGNORECASE,
)
"""What a firm owes, has lost or has done, which concerns nobody else."""

_CONSENTS = re.compile(r"\b(?:zugestimmt|eingewilligt|bestätigt)\b")
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
    r"|\b(?:führt|übernimmt|erledigt|beauftragt)\b[^!?]{0,120}\b(?:\w{0,20}arbeiten|leerung|abfuhr)\b"
    r"|\b(?:bebauungs|rahmen|flächennutzungs|master|aktions)plan\b[^!?]{0,120}"
    r"\b(?:erarbeitet|erstellt|verfasst|entworfen|gefertigt)\b",
    re.IGNORECASE,
)
"""That somebody works for the city, as those on its building sites do."""

_WORKS = re.compile(
    r"\b(?:führt|übernimmt|erledigt|\w{3,12}geführt|beauftragt|erarbeitet|erstellt|verfasst|entworfen"
    r"|gefertigt)\b"
)
_FOR_IT = re.compile(r"\bfür (?:(?:die|den|das) )?$")


def third_parties(text: str, own: OwnNames) -> Iterator[str]:
    """Give the names of firms and of those who complained, in whole words of what goes out.

    ``own`` are the names of the company, of whom its letters name, and of the offices.
    """
    lines = without_courtesies(text[:_MAX_READ]).split("\n")
    said = "\n".join(each.strip() for each in lines if not each.lstrip().startswith(">"))
    for sentence in sentences(unwrapped(said).replace("Fa. ", "Firma ")):
        yield from _firms(sentence, own)
        yield from _persons(sentence, own)


def _firms(sentence: str, own: OwnNames) -> Iterator[str]:
    marked = (found for pattern in _FIRMS for found in pattern.finditer(sentence))
    for found in marked:
        behind = sentence[found.end("name") :]
        if _is_strange(found["name"], behind, own) and not _is_ordinary(sentence, found):
            yield found[0]
    for found in traders(sentence):  # the company may stand before: "Rheinwerk Metallbau Nord"
        before = sentence[max(0, found.start() - _LONGEST_WORD) : found.start()].split()[-1:]
        is_own = knows(own, before) or _is_of_company(sentence, found)
        is_strange = not is_own and _is_strange(found["name"], "", own)
        if is_strange and not _is_ordinary(sentence, found):
            yield found[0]


def _is_of_company(sentence: str, found: re.Match[str]) -> bool:
    """Tell whether a firm is called the company's, and nothing of its own affairs is told."""
    before = sentence[: found.start()][-200:]
    return bool(_OF_COMPANY.search(before)) and not _OWN_AFFAIR.search(sentence)


def _persons(sentence: str, own: OwnNames) -> Iterator[str]:
    for found in (each for pattern in _PERSONS for each in pattern.finditer(sentence)):
        works = _BY_AGENT.search(found[0]) and _WORKS_ON_IT.match(sentence, found.end())
        if not (works or knows(own, found["name"].split())):
            yield found[0]
    for found in residents(sentence):
        if not knows(own, found["name"].split()):
            yield found[0].strip(" ,.;:")


def _is_strange(name: str, behind: str, own: OwnNames) -> bool:
    """Tell whether a firm is called by a word that is nobody's common one and not the company's."""
    words = re.findall(r"[^\W_]{2,40}", name)
    if any(map(_PUBLIC.fullmatch, words)):
        return False
    is_day = bool(_DATED.match(behind))
    while words and _is_common(words[0], is_day=is_day):
        is_day = is_day or bool(_BEFORE_MONTH.fullmatch(words[0]))
        words = words[1:]
    return bool(words) and not knows(own, words[:1])


def _is_common(word: str, *, is_day: bool) -> bool:
    if _CALENDAR.fullmatch(word):
        return is_day
    return bool(_LEADS.fullmatch(word) or _COMMON.fullmatch(word))


def _is_ordinary(sentence: str, found: re.Match[str]) -> bool:
    """Tell whether a firm is named as answers do: to go there, as an example or a place.

    What is told of it in the same clause, or in one that hangs on it, is its own affair.
    """
    before = sentence[: found.start()][-200:]
    behind = _CLAUSE_END.split(sentence[found.end() :], maxsplit=1)[0]
    clause = f"{_CLAUSE_END.split(before)[-1]} {behind}"
    hanging = _hanging_on(sentence[found.end() :])
    told = f"{clause} {hanging}"
    is_blamed = bool(MAY_BLAME.search(told) or _OWN_AFFAIR.search(told))
    is_long_ago = _LONG_AGO.search(clause) and not _STORY.search(hanging)
    if not is_blamed and (is_long_ago or _is_at_work(sentence, clause, before)):
        return True
    if _OF_COMPANY.search(before):
        return not is_blamed and _is_of_matter(told)
    is_told_of = bool(_STORY.search(clause))
    if _BEFORE_IT.search(before[-60:]) and _SENT_TO.search(
        clause if is_told_of else before + behind
    ):
        return True
    if is_told_of or _OWN_AFFAIR.search(told):
        return False
    is_house = _AT_HOUSE.match(found[0]) and (_PLACE.search(before) or _ANY.search(before))
    beside = _BESIDE.search(before)
    is_beside_public = beside and _PUBLIC.fullmatch(beside["whom"])
    is_example = _EXAMPLE.search(before) and not (is_blamed or _STORY.search(hanging))
    return bool(is_house or is_beside_public or is_example)


def _hanging_on(behind: str) -> str:
    """Give what goes on about a name: all behind a comma next to it, else a relative clause."""
    if behind.startswith(","):
        return behind
    clauses = _CLAUSE_END.split(behind, maxsplit=2)
    return clauses[1] if len(clauses) > 1 and _RELATIVE.match(clauses[1]) else ""


def _is_at_work(sentence: str, clause: str, before: str) -> bool:
    """Tell whether a firm does the city's work: what was made for it is its own."""
    return bool(_AT_WORK.search(sentence) and _WORKS.search(clause) and not _FOR_IT.search(before))


def _is_of_matter(told: str) -> bool:
    """Tell whether a firm of the company's has its part in the matter: no story, or a paper's."""
    of_paper = OF_MATTER.search(told) and BEARS.search(told)
    return not _STORY.search(told) or bool(of_paper or _CONSENTS.search(told))
