"""That a matter is not an office's own: how it says so, and which other office it names."""

import re

from mailflow.core.sentences import is_phrase, sentences
from mailflow.core.short_replies import clauses_beside, tells
from mailflow.core.wording import PROMISED_LATER, PROMISES, STILL_AT_IT

__all__ = [
    "DECLINES",
    "KEEPS_PART",
    "PERHAPS_DECLINES",
    "clean_office",
    "names_office",
    "only_declines",
    "referral",
]

_OFFICE = r"(?P<office>[^.!?\n]{2,80}?)"
# "Der Antrag liegt beim Tiefbauamt zur Stellungnahme" says where it is, not whose it is; so do
# "liegt beim Tiefbauamt aus" and "liegt beim Umweltamt zur Abholung bereit".
_FOR_ITS_WORD = (
    r"\b(?:zu[rm] (?:stellungnahme|prüfung|mitzeichnung|unterschrift|entscheidung|abholung"
    r"|einsicht\w{0,5}|ansicht)|bereit|aus)\b"
)
_FOR_THIS = r"(?:hier|dafür|hierfür|dazu|da)"
_NOT_WHO = r"(?:(?:das|die|der) [^.!?,;\n]{2,60}?|wir)"
_REFERRALS = tuple(
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        (
            rf"\b(?:hierfür|dafür|hierzu|dazu|für (?:diese|dieses|diesen|das|die|den"
            rf"|solche)\s?[^.,!?\n]{{0,60}}?)\s?(?:ist|sind|wäre|wären)"
            rf"(?: (?:bei uns|bei der stadt|wohl|allein|ausschließlich|nach unserer kenntnis"
            rf"|vielmehr)){{0,2}},? {_OFFICE},? zuständig"
        ),
        (
            rf"\bzuständig(?:keitshalber)? (?:ist|sind|wäre|wären)(?: (?:hier|hierfür|dafür|wohl"
            rf"|bei uns|vielmehr)){{0,2}},? {_OFFICE}(?=[.,;!\n]|$)"
        ),
        (
            r"(?<!antrag )(?<!vorgang )(?<!akte )(?<!unterlagen )(?<!entscheidung )"
            rf"\b(?:liegt|läge) (?![^.!?\n]{{0,80}}{_FOR_ITS_WORD})"
            rf"(?:die zuständigkeit )?(?:in der zuständigkeit|bei|beim) (?:de[srm] "
            rf"|der )?{_OFFICE}(?=[.,;!\n]|$)"
        ),
        (
            rf"\b(?:fällt|gehört) (?:in die zuständigkeit|in den (?:zuständigkeits)?bereich"
            rf"|zu[mr]?) (?:de[srm] |der )?{_OFFICE}(?=[.,;!\n]|$)"
        ),
        (
            rf"\bbitte (?:direkt )?(?:an|ans|zu[mr]?) (?:das |die |den |dem "
            rf"|der )?{_OFFICE} (?:weiter(?:leiten|geben)|abgeben|schicken|senden|wenden|richten)"
        ),
        (
            rf"\bbitte (?:wenden sie sich|richten sie (?:die|ihre) anfrage) (?:direkt )?(?:an"
            rf"|ans) (?:das |die |den )?{_OFFICE}(?=[.,;!\n]|$)"
        ),
        (
            rf"\b(?:is|lies) (?:the responsibility of|with|handled by"
            rf"|dealt with by) (?:the )?{_OFFICE}(?=[.,;!\n]|$)"
        ),
        (
            rf"\b(?:please )?(?:ask|contact|forward (?:it|this) to|pass (?:it"
            rf"|this) (?:on )?to) the {_OFFICE}(?=[.,;!\n]|$)"
        ),
        rf"(?:^|\n)\s{{0,4}}(?:the )?{_OFFICE} (?:is|are) responsible\b",
        (
            r"\b(?:das|dies|es) (?:macht|bearbeitet|erledigt|regelt|prüft|entscheidet|obliegt"
            r"|(?:läuft|geht) über|ist (?:sache|aufgabe))(?: (?:nur|immer|hier|jetzt))? "
            rf"(?:das|die|de[nmrs]) {_OFFICE}(?=[.,;!\n]|$)"
        ),
        (
            rf"\b(?:das|dies|es) wird vo(?:m|n der|n dem) {_OFFICE} (?:bearbeitet|erledigt"
            rf"|geregelt|entschieden)\b"
        ),
        rf"\b(?:dafür|dazu|hierfür) ist (?:das|die|der) {_OFFICE} da(?=[.,;!\n]|$)",
        rf"\bdazu kann nur (?:das|die|der) {_OFFICE} (?:etwas |was )?sagen\b",
        (
            rf"\bbitte (?:fragen sie )?(?:beim? |bei der |im |das |die )?{_OFFICE}"
            rf" (?:nach|an)?fragen\b"
        ),
        (
            rf"\bfragen sie (?:bitte )?(?:beim?|bei der|im|das|die) {_OFFICE}(?: nach)?"
            rf"(?=[.,;!\n]|$)"
        ),
        (
            rf"^\W{{0,3}}(?:{_FOR_THIS} (?:ist|sind) (?:leider )?nicht {_NOT_WHO} zuständig"
            rf"|zuständig (?:ist|sind) (?:{_FOR_THIS} )?nicht {_NOT_WHO})"
            rf", sondern (?:das|die|der) {_OFFICE}(?=[.,;!\n]|$)"
        ),
        rf"\bmüss(?:t)?en sie sich an (?:das|die|den) {_OFFICE} wenden\b",
    )
)
# "Bitte an den Antragsteller weitergeben" names no office: these words are the company, or us.
_NO_OFFICE = re.compile(
    r"(?:antragsteller|firma|unternehmen|kund|betrieb\b|bauherr|mieter|company|applicant|customer"
    r"|uns\b|mich\b|mir\b|wir\b|ich\b|bebauungsplan)",
    re.IGNORECASE,
)
_OFFICE_WORD = re.compile(
    r"amt(?:s|es)?\b|ämter|behörde|dezernat|fachbereich|abteilung|referat|stelle\b|betriebe?\b"
    r"|werke?\b"
    r"|verwaltung|kammer|polizei|feuerwehr|aufsicht|agentur|center|regierung|ministerium|förderung"
    r"|\b(?!\w{3,30}(?:verkehr|stra(?:ß|ss)e|graben|becken|weg|brücke|tor|grenze|gebiet)\b)"
    r"(?:ihk|hwk|tbz|wbd|gericht|landesbetrieb|kreis|land|bund|stadt|hafen|jobcenter|straßen)"
    r"|office|department|authority|agency|chamber|police|council|team\b|ordnung|planung|denkmal",
    re.IGNORECASE,
)
# "Kreisverkehr am Finanzamt" is a place, "Amt für Umwelt am Hafen" an office
_WHERE = re.compile(r" (?:am|an|neben|vor|hinter|gegenüber|unter|über|auf)\b", re.IGNORECASE)
_RESPONSIBLE = re.compile(r"zuständig|responsib", re.IGNORECASE)
# "Die Kollegin, die dafür zuständig ist, ist krank" and "Wer zuständig ist, weiß ich nicht"
_HANGS = re.compile(
    r"(?:^|[,.!?\n])\s{0,3}(?:d(?:ie|er|as|en)|wer|was|welche[rs]?|dass|ob|wenn|weil|da|wo|falls)\b"
    r"[^.!?,\n]{0,60}$",
    re.IGNORECASE,
)
_ENDS_CLAUSE = re.compile(r"zuständig(?:keitshalber)? (?:ist|sind|wäre|wären),", re.IGNORECASE)
_SAYS_SOMETHING = re.compile(
    r"(?:ist|sind|war|hat|haben|wird|kann|können|muss|weiß|wissen|meldet|bitte|vielleicht|soweit"
    r"|hilft|niemand|keine?r?|momentan|unklar|offen|nicht|sich|noch immer)\b",
    re.IGNORECASE,
)
"""A verb or an adverb, with which no office's name begins."""

DECLINES = re.compile(
    r"\bnicht (?:(?:mein|unser(?:e|en|em)?) (?:bereich|gebiet|zuständigkeit|aufgabe|thema|baustelle"
    r"|ressort|amt|sache)|in unsere[rnm]? (?:bereich|zuständigkeit\w{0,12}|aufgaben\w{0,8}))"
    r"|\b(?:wir|hier|unser amt|unsere abteilung)?\s?(?:sind|ist|bin|fühlen uns)?\s?(?:hierfür "
    r"|dafür |leider |hier |dazu ){0,4}nicht zuständig\b"
    r"|^\W{0,3}(?:(?:sorry|leider|nein),? )?nicht (?:wir|uns|bei uns|meins|unseres|unsers)\W{0,3}$"
    r"|\bdas sind wir nicht\b"
    r"|\bsind (?:wir|sie hier) (?:leider )?(?:nicht richtig|falsch|die falschen)"
    r"|\b(?:gehört|fällt|liegt) (?:leider )?nicht (?:zu uns|bei uns|in unser)"
    r"|\bkeine zuständigkeit\b|\bunzuständig|\birrläufer|\bfehlläufer|\bfalsch(?:es)? (?:amt"
    r"|(?:adressiert|zugeordnet)(?![^?\n]{0,80}\b(?:jetzt|nun|neu|storniert|berichtigt"
    r"|korrigiert)\b))"
    r"|\bhabe?n? (?:wir|ich) (?:(?:leider|hier|gar|überhaupt|aber) ){0,2}nichts zu tun\b"
    r"|\bnichts mit (?:uns|mir|unserem amt) zu tun\b|\bnichts mit am hut\b"
    r"|\b(?:sind sie|seid ihr) (?:(?:da|hier|bei uns|leider) ){0,3}falsch\b"
    r"|^\W{0,3}bei uns falsch\b|\bsie sind (?:(?:hier|bei uns|leider) ){1,3}falsch\b"
    r"|\bnicht die richtigen\b|\b(?:wir sind|bin ich|sind wir) (?:da |hier )?raus\b"
    r"|\b(?:betrifft|tangiert) (?:uns|mich) nicht\b|\bgeht uns nichts an\b"
    r"|\bkeine betroffenheit\b(?! (?:der|des|von|unserer))|\bwir sind (?:davon )?nicht betroffen\b"
    r"|\bfür (?:uns|mich) nicht relevant\b|\bwe are not affected\b"
    r"|\bnot (?:our (?:responsibility|department|area|job|remit)|ours\b|responsible|within our)"
    r"|\bwrong (?:office|department)|\bnot us\b",
    re.IGNORECASE | re.MULTILINE,
)

KEEPS_PART = re.compile(
    r"\b(?:(?:können|müssen|dürfen|sollten|brauchen|stellen|beantragen|erhalten|bekommen|reichen"
    r"|vereinbaren) (?-i:Sie)|(?-i:Sie) (?:können|müssen|dürfen|sollten|stellen|beantragen|erhalten"
    r"|bekommen|reichen))\b(?![^.!?\n]{0,120}\b(?:nicht|kein\w{0,2}|melden|fragen|falsch)\b)"
    r"[^.!?\n]{0,80}\bbei uns\b",
    re.IGNORECASE,
)
"""That the company has a step to take here as well, whoever else has his part in it."""

_HERE = r"(?:bei )?(?:uns|mir|hier)"
_SOFTLY = r"(?:(?:da|hier|leider|wohl|damit|dafür|hierfür|dort|ganz) ){0,3}"
_WRONG = (
    r"(?:falsch|verkehrt|nicht richtig|an der falschen (?:adresse|stelle)"
    r"|(?:der|die|das) (?:falsche|verkehrte)n? (?:ansprechpartner\w*|adress\w{1,4}|stelle|amt))"
)
_ELSE = r"[^.!?,;\n]{2,60}"
PERHAPS_DECLINES = re.compile(
    rf"\b(?:sind|seid|bist|wären) (?:sie|ihr|du) {_SOFTLY}{_HERE} {_SOFTLY}{_WRONG}"
    rf"|\b(?:sie|ihr|du) (?:sind|seid|bist) {_SOFTLY}{_HERE} {_SOFTLY}{_WRONG}"
    rf"|\b(?:sind wir|bin ich|wir sind|ich bin) {_SOFTLY}{_WRONG}"
    rf"|\bnicht (?:das|die|der|den|dem|beim|bei der) {_ELSE}, sondern (?:das|die|der|den|dem|beim"
    rf"|bei der) {_ELSE} (?:zuständig|verantwortlich|angesiedelt|da)\b"
    rf"|\b(?:wird|werden) (?:bei|beim|von|vom) {_ELSE}, nicht (?:bei|von|durch) (?:uns|mir|hier)\b"
    r"|\b(?:ist|wäre) (?:sache|angelegenheit|aufgabe) (?:de[srm]|vo[mn]) [^.!?,;\n]{0,40}"
    r"(?:amt(?:e?s)?|behörde|regierung|aufsicht|kreises|bundes|landes|polizei|kammer|agentur|dezernats"
    r"|feuerwehr)\b"
    r"|\b(?:haben wir|habe ich|wir haben|ich habe)\b[^.!?\n]{0,30}"
    r"\b(?:nichts zu (?:tun|schaffen)|keine aktien)\b"
    r"|\b(?:gehört|passt) (?:leider )?nicht (?:hierher|hierhin|zu (?:mir|uns))\b"
    r"|\bzuständigkeitshalber\b[^.!?\n]{0,80}\b(?:weitergeleitet|weitergegeben|weitergereicht"
    r"|abgegeben|übersandt|verwiesen)\b|\bansprechpartner\w{0,3}, nicht (?:das|die|der|wir)\b"
    rf"|\b(?:ist|wäre) (?:das|die|der) {_ELSE} (?:der|die|das) (?:richtige|bessere)"
    r" (?:ansprechpartner\w*|stelle|adresse)\b",
    re.IGNORECASE,
)
"""What sounds like a refusal in any person, and may be an answer: only the manager can tell."""


# "Das macht das Tiefbauamt am Freitag" may be all that the company wants to know.
_DAY_OR_PLACE = re.compile(
    r"\b(?:mon|diens|donners|frei|sams|sonn)tags?\b|\bmittwochs?\b|\b\d{1,2}\. ?\d{1,2}\b"
    r"|\b\d{1,2}(?::\d\d)? uhr\b|\b(?:über)?morgen\b|\b(?:kw|wochen?|monat\w{0,2})\b"
    r"|\bvor ort\b|\b(?:bei|zu) ihnen\b"
    r"|\b(?:januar|februar|märz|april|mai|juni|juli|august|september|oktober|november"
    r"|dezember)\b",
    re.IGNORECASE,
)
_BESIDE_ITS_NAME = re.compile(
    r"\b(?:zu[rm]|bis|um|ab|vor|nach|bei[m]?|mit|auch|schon|bereits|gerade|derzeit|selbst"
    r"|am(?! (?:main|rhein|neckar|see)\b))\b",
    re.IGNORECASE,
)
_MATTER_LIES = re.compile(
    r"^\W{0,3}(?:der|die|das|ihre?|unsere?) "
    r"(?!(?:zuständig|verantwort|federführ|aufgab|thema|sache|anfrage|anliegen|angelegenheit"
    r"|antwort|antrag|schreiben|e-?mail|mail|nachricht|entscheidung|bearbeitung|vorgang|fall\b|frage|meldung"
    r"|beschwerde))\w{3,40} "
    r"(?:liegt|gehört|fällt) (?!(?:leider |wohl |jedoch )?nicht\b|in (?:der|die) zuständigkeit)",
    re.IGNORECASE,
)
"""What "Die Halle liegt beim Hafenamt" says of a thing; of a duty it would refuse."""


def only_declines(words: str) -> bool:
    """Tell whether no sentence says more than that it is not the office's own, and whose it is.

    Who promises something, or is still at it, keeps the matter.
    """
    for sentence in sentences(words):
        found = [match for match in (DECLINES.search(sentence), referral(sentence)) if match]
        keeps = any(sign.search(sentence) for sign in (PROMISES, PROMISED_LATER, STILL_AT_IT))
        if _also_tells(sentence, found) if found else keeps or not is_phrase(sentence):
            return False
    return True


def _also_tells(sentence: str, refusals: list[re.Match[str]]) -> bool:
    """Tell whether a refusal also says when or where, or something of the company's matter."""
    if _DAY_OR_PLACE.search(sentence) or _MATTER_LIES.match(sentence):
        return True
    offices = (each["office"] for each in refusals if "office" in each.groupdict())
    if any(map(_BESIDE_ITS_NAME.search, offices)):
        return True
    return any(map(tells, clauses_beside(sentence, refusals)))


def referral(content: str) -> re.Match[str] | None:
    """Find the words that name another office; "liegt bei" alone also says where a pipe lies."""
    found = (match for pattern in _REFERRALS for match in pattern.finditer(content))
    return next(filter(_refers, found), None)


def _refers(match: re.Match[str]) -> bool:
    """Tell whether such words name an office, and not how a sentence goes on."""
    office = clean_office(match["office"])
    if _ENDS_CLAUSE.match(match[0]) and _HANGS.search(match.string[: match.start()][-80:]):
        return False
    named = names_office(_WHERE.split(office, maxsplit=1)[0]) or _RESPONSIBLE.search(match[0])
    return bool(named and not _NO_OFFICE.match(office) and not _SAYS_SOMETHING.match(office))


def names_office(words: str) -> bool:
    """Tell whether words are surely an office's name; "Zuständig ist Frau Meyer" has none."""
    return bool(_OFFICE_WORD.search(words))


def clean_office(words: str) -> str:
    """Give an office's name without article, preposition and punctuation."""
    words = re.sub(r"^[\s\W]+|[\s\W]+$", "", words)
    return re.sub(
        r"^(?:bitte )?(?:an |ans |beim? |zu[mr]? )?(?:das|die|der|den|dem"
        r"|the)\s",
        "",
        words,
        flags=re.IGNORECASE,
    )
