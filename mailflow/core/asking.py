"""What an office asks of the company before it can answer."""

import re
from collections.abc import Sequence

from mailflow.core.sentences import is_phrase, sentences
from mailflow.core.short_replies import decides, tells

__all__ = ["asked_for", "is_of_company", "is_of_others"]

_SEND = (
    r"(?:(?:über|zu|nach|ein)?(?:senden|schicken|reichen)|übermitteln|legen|teilen|nennen|geben"
    r"|beschreiben|ergänzen)"
)
_SENT = (
    r"(?:(?:nach|zu|über)(?:senden|schicken|reichen|mitteln)|mitteilen|ergänzen|vorlegen|nennen"
    r"|angeben)"
)
_FIRST = (
    r"(?:damit (?:wir|ich)\b|(?:,|und) dann (?:kann|können|prüfen?|melden?|beantworten?)\b"
    r"|,? um [^.!?\n]{3,80} (?:prüfen|beurteilen|beantworten|sagen) zu können\b)"
)
_US = r"(?:uns|mir)\b"
_WITHIN = r"[^.!?\n]{0,120}?"
_TELL = (
    r"(?:auskunft|aussage|einschätzung|beurteilung|antwort|sagen|beurteilen|prüfen|beantworten"
    r"|bearbeiten|einschätzen|weiterhelfen|helfen)\b"
)
_NEEDED = (
    r"\b(?:benötig|brauch|bräucht)\w{1,3} (?:(?:wir|ich|dafür|dazu|hierfür|hierzu) ){0,2}"
    r"(?:noch von (?-i:Ihnen)|von (?-i:Ihnen) (?:\w{1,20} ){0,2}?noch)\b"
)
"""What is still needed "von Ihnen" is asked for, also where no verb asks."""

_ASKED = re.compile(
    rf"\b{_SEND} sie (?:bitte )?(?:(?:ihn|es|sie|diese[ns]?|das) )?(?:{_US}|noch\b)"
    rf"|\blassen sie (?:bitte )?{_US}"
    rf"|{_NEEDED}"
    rf"|\b{_SEND} sie\b{_WITHIN}(?:\bnach(?=\W{{0,3}}$)|{_FIRST})"
    rf"|\bbitte\b[^.!?\n]{{0,80}}?\b(?:noch|{_US})[^.!?\n]{{0,80}}?\b{_SENT}\b"
    rf"|\bbitte\b[^.!?\n]{{0,80}}?\b(?:nachreichen|nachsenden)\b"
    rf"|\bbitte\b[^.!?\n]{{0,80}}?\b{_SENT}\b{_WITHIN}{_FIRST}"
    rf"|\bohne\b{_WITHIN}\b(?:kann|können) (?:ich|wir)\b(?={_WITHIN}(?-i:\bSie\b|\bIh[nr]e))"
    rf"{_WITHIN}\b(?:keine\w?|nicht|nichts)\b"
    rf"{_WITHIN}\b{_TELL}"
    rf"|\bplease (?:send|provide|submit|tell) (?:us|me)\b"
    rf"|\bplease\b{_WITHIN}\bso (?:that )?we can\b",
    re.IGNORECASE,
)
_STILL_NEEDED = re.compile(_NEEDED, re.IGNORECASE)
# An application is the way itself, and what is wanted some day asks nothing now.
_APPLICATION = re.compile(
    r"\b\w{0,20}(?:antrag|anträge|anzeige|anmeldung|formular|vordruck|erlaubnis|genehmigung)\w{0,2}\b",
    re.IGNORECASE,
)
_SOME_DAY = re.compile(
    r"\b(?:vorher|spätestens|rechtzeitig|vor (?:dem |der )?\w{0,10}beginn|sobald|wenn|falls|sofern"
    r"|bei (?:bedarf|fragen|änderungen)|nach (?:abschluss|fertigstellung)|(?<!noch )bescheid"
    r"|when|if)\b",
    re.IGNORECASE,
)
_ONCE_THERE = re.compile(
    r",? (?:sobald|wenn) (?:(?-i:Sie|Ihnen)|es|er|sie|das|die|der|diese[rs]?)\b[^.!?;]{0,60}?"
    r"\b(?:vorlieg\w{1,2}|da (?:ist|sind)|haben|hat|fertig\w{0,8} (?:ist|sind|wurde)"
    r"|(?:vorhanden|verfügbar|erstellt|ausgestellt) (?:ist|sind|wurde))(?=\W{0,3}$|[,;])",
    re.IGNORECASE,
)
# What its writer will do himself, or why: "…, ich möchte das vorher klären" puts nothing off.
_OWN_PART = re.compile(r", (?:ich|wir|dann|denn|da|weil)\b[^;]*", re.IGNORECASE)
# "wann die Sitzung beginnt" asks the desk.
_OF_THE_HOUSE = r"(?:besprechung|sitzung|tagung|prüfung|bearbeitung|verfahren|messe|wahl)\b"
# With or without "Sie": "wie oft am Tag Lkw anliefern", "wann die Baustelle beginnt".
_DOING = (
    r"(?:beginn|anfang|liefer|arbeit|lager|produzi|herstell|hergestellt|schweiß|lackier|betreib|betrieb"
    r"|nutz|aufstell|aufgestellt|gebaut|bauen|erricht|installi|verkauf|anfall|anfällt|entsteh"
    r"|einleit|abstell|park|fahren|öffn|verwend|einsetz|umschl[aä]g|verlad|beschäftig|dauer|lkw"
    r"|person|gäste|tiere|kran|baustelle|halle|regal|gerüst|waren|güter)"
)
# What a company has of its own: papers, places, figures, persons.
_OF_COMPANY = re.compile(
    r"\b[\w-]{0,30}(?:pl[aä]n|riss|zeichnung|skizze|schnitt|ansicht|beschreibung|adresse|anschrift"
    r"|angabe|daten|informationen|nummer|aktenzeichen|maße?|größe|höhe|breite|länge|fläche|menge"
    r"|anzahl|zahl|auszug|auszüge|nachweis|bescheinigung|erklärung|berechnung|gutachte[nr]|konzept"
    r"|unterlagen|dokument|vertrag|verträge|(?:kassen|steuer|buchungs)zeichen|pass|pässe|vollmacht|urkunde|foto|bild|ausweis|schein|liste"
    r"|messung|prognose|karte|nutzung|räume?|betrieb|statik|\w{4,20}(?<!w)ort|zeugnis|protokoll|bericht|rechnung|angebot|datenblatt|datenblätter|formel|zweck|dauer"
    r"|zeitraum|termin|uhrzeit|zeiten|datum|beginn|standort|flurstück|gemarkung|grundstück"
    r"|rechtsform|geburts\w{3,6}|mitarbeiterzahl|beschäftigte|fahrzeug|kennzeichen|fahrer|inhaber"
    r"|eigentümer|vermieter|verfasser|architekt|ansprechpartner|bauherr|stoffe?|maschine|anlage)"
    r"(?:in|innen|e?[nrs]|e)?\b"
    r"|\b(?-i:Ort|Art|Lage)\b"
    r"|\b(?:ob|wie|wo|wofür|wozu|welche\w?|was|wann|wer)\b"
    r"(?: \w{1,20}){0,3} (?-i:Sie|Ihre?[nmrs]?)\b"
    r"|\b(?:ob|wie|wo|wofür|wozu|welche\w?|was|wann|wer)\b"
    rf"(?! (?:lange )?(?:das|es|dies)\b)(?![^.!?\n]{{0,60}}\b{_OF_THE_HOUSE})"
    rf"[^.!?\n]{{0,100}}?\b\w{{0,14}}{_DOING}\w{{0,6}}\b"
    r"|\b(?:plans?|drawings?|descriptions?|address|figures?|documents?|details|extract|proof|size"
    r"|area|number|date|permit|contract|certificate|statement)\b",
    re.IGNORECASE,
)
# What lies in the house, and what only its desks give each other.
_OF_DESK = re.compile(
    r"\b\w{0,20}(?:anfrage|nachricht|mail|antwort|entwurf|stellungnahme|akte|vorgang|ticket|postfach"
    r"|einschätzung|meinung|votum|rückmeldung|freigabe|zustimmung|entscheidung|rücksprache|frist"
    r"|wochen?|auskunft|vermerk|beschluss)(?:e?[ns]|e)?\b(?! (?-i:Ihre[rs]))|\bzeit\b",
    re.IGNORECASE,
)
_OF_INSIDERS = re.compile(
    r"\b(?:\w{0,12}dezern\w{2,8}|\w{0,6}bürgermeister\w{0,3}|(?:haus)?intern\w{0,2}"
    r"|(?:amts|dezernats|fachbereichs|abteilungs|referats|team|sachgebiets)-?leit\w{2,5}"
    r"|kolleg\w{0,5}|chef\w{0,2}|rats\w{3,25}|stadtrat\w{0,2}|rathausspitze|verwaltungsvorstand\w?|fachbereich\w{0,2}|abteilung\w{0,2}|kämmerei)\b",
    re.IGNORECASE,
)
# Whose papers no company has: another's, and those of the city's own work. What the desk did or
# shall do is told to nobody, and who calls the company "die Firma" speaks to somebody else.
_OF_OTHERS = re.compile(
    r"(?<!\bihr )(?<!\bihre )(?<!\bihre[nmrs] )"
    r"\b(?:(?:mit|wett)bewerb\w{0,6}|konkurren\w{1,6}|bewerber\w{0,4}|(?:mit)?bieter[ns]?"
    r"|(?:kauf|miet)?interessent\w{0,5}|investor\w{0,3}|einwend\w{2,6}|\w{0,16}beschwerde\w{0,12}"
    r"|(?:anderen|weiteren|übrigen|sonstigen) (?:firm|betrieb|unternehm|anbiet|antragstell)\w{1,5}"
    r"|(?:der|aller|den) (?:firmen|betrieben?)\b(?!,)"
    r"|other (?:applicants|bidders|companies|firms)|competitors?)\b",
    re.IGNORECASE,
)
_OF_THE_CITY = re.compile(
    r"\b(?:\w{0,12}akquise|(?:ämter|gesprächs|dienst)?runden?|\w{0,16}sitzung\w{0,10}|jour fixe"
    r"|unternehmerfrühstücks?|wirtschaftsförderung|gewerbesteuer|kostenstelle|registratur"
    r"|(?:im|aus dem|in den) schrank|laufwerke?s?|ablage|intranet|vom empfang)\b"
    r"|\bunsere?[mnrs]? \w{0,20}(?:stand|empfang|feier|messe|veranstaltung|besuch|treffen)\w{0,2}\b"
    r"|\b(?:die|der|dieser) firma\b(?!,? (?:die|der|welche|(?-i:[A-ZÄÖÜ]))"
    r"| (?:so )?(?:weiter|erfragen|nachfragen|anfordern|mitteilen|ausrichten|informieren))"
    r"|\b(?:den?|dem|diese[mn]) antragstell\w{2,4}\b"
    r"|\b\w{0,12}(?:telefon|handy|mobil|mail)\w{0,12} (?:des|der|vom) "
    r"(?:geschäftsführ|inhaber|chef)"
    r"|\b(?:fortbildung|dienstreise|(?<!durch )(?<!in )die stadt)\b|\bSie (?-i:denen|ihnen|ihm)\b"
    r"|\bIhnen (?:das|die|der) (?!vermiet|eigentüm|architekt|herstell|verkäuf|liefer)\w{3,30} "
    r"(?:geschickt|gesandt|gegeben|übermittelt|vorgelegt)\b"
    r"|\bSie (?:das|es|die antwort|unsere \w{1,20}) (?:brauchen|benötigen)\b"
    r"|\bSie\b[^.!?\n]{0,80}\b(?:zugesagt|versprochen|geantwortet|antworten|verblieben"
    r"|weitergeleitet|in aussicht gestellt|(?:schon|bereits|zuletzt) waren)\b",
    re.IGNORECASE,
)
_OF_OFFICES = re.compile(
    r"(?<!für )(?<!an )\b(?:vo[nm]|de[rs]|das|die|welche[srn]?) (?!kataster|grundbuch|vermessung)"
    r"(?:\w{0,30}(?:amt(?:e?s)?|ämtern?|behörden?)|\w{3,30}aufsicht|\w{0,15}ministeriums?|politik)\b",
    re.IGNORECASE,
)
# What offices give to companies, and what is called the reader's own.
_ISSUED = re.compile(
    r"\b\w{0,30}(?:auszug|auszüge|bescheinigung|bestätigung|genehmigung|bescheid|zulassung|nachweis"
    r"|zeugnis|zeichen|steuernummer|registrierung|abnahme)(?:e?[ns]|e)?\b"
    r"|\b(?-i:Ihre?[nmrs]?)\b",
    re.IGNORECASE,
)
_WHAT_WAS_NAMED = re.compile(r"\b(?:ihn|es|sie|[Dd]iese[ns]?)\b")
_PURPOSE = re.compile(rf"(?:{_FIRST}|\b(?:kann|können) (?:ich|wir)\b)[^,;]*", re.IGNORECASE)
_WHAT_FOR = re.compile(rf"{_FIRST}[^,;]*", re.IGNORECASE)
# "…, ob eine Absenkung möglich ist" leaves it open, whoever is to find out.
_LEFT_OPEN = re.compile(
    r"(?:^\W{0,3}|[,–] ?(?:und |oder )?)(?:ob|inwie(?:weit|fern))\b[^,;:–]*"
    r"|, (?:und |oder )?(?:welche\w?|wie|was|wann|wo|wer)\b[^,;:–]*",
    re.IGNORECASE,
)


def asked_for(words: str) -> str:
    """Quote the request for what is missing, "" where none is or where a text also decides.

    Of several the one for what is another's is given, which no answer beside it may take along.
    """
    said = [" ".join(each.split()) for each in sentences(words)]
    asked = [each for each in said if _ASKED.search(each) and _is_wanted_now(each)]
    asked = asked or _wanted_once_there(said)
    if asked and any(map(_decides_beside, said)):
        asked = list(filter(_OF_OTHERS.search, asked))
    return next(filter(is_of_others, asked), asked[0] if asked else "")


def _is_wanted_now(sentence: str) -> bool:
    """Tell whether it is asked for now; what another has is asked of the desk whenever."""
    if _OF_OTHERS.search(sentence):
        return True
    wanted = _OWN_PART.sub(" ", _without_purpose(sentence))
    is_way = _APPLICATION.search(wanted) and not _STILL_NEEDED.search(wanted)
    return not (is_way or _SOME_DAY.search(wanted))


def _wanted_once_there(said: Sequence[str]) -> list[str]:
    """Give what is asked for as soon as it exists, where a text tells nothing else.

    "Bitte senden Sie uns das Gutachten, sobald es vorliegt" asks nothing beside an answer; alone
    it says that the office waits for it.
    """
    asked = [each for each in said if _ASKED.search(_ONCE_THERE.sub("", each))]
    once = [each for each in asked if _ONCE_THERE.search(each)]
    told = (each for each in said if each not in asked and not is_phrase(each))
    if not once or any(map(tells, told)):
        return []
    return [each for each in once if _is_wanted_now(_ONCE_THERE.sub("", each))]


def _decides_beside(sentence: str) -> bool:
    """Tell whether a sentence decides, beside what it asks for and what that is wanted for."""
    return decides(_ASKED.sub(" ", _without_purpose(sentence)))


def _without_purpose(sentence: str) -> str:
    return _LEFT_OPEN.sub(" ", _WHAT_FOR.sub(" ", sentence))


def is_of_company(words: str, asked: str) -> bool:
    """Tell whether what is asked for lies with the company, and nobody of the house is named.

    What the office will do with it ("damit wir Ihre Anfrage prüfen können") is not asked for.
    """
    wanted = _PURPOSE.sub(" ", asked)
    if _WHAT_WAS_NAMED.search(wanted):
        before = sentences(" ".join(words.split()).partition(asked)[0])
        wanted = " ".join([*before[-1:], wanted])
    if _OF_INSIDERS.search(words) or _OF_DESK.search(wanted) or is_of_others(wanted):
        return False
    return bool(_OF_COMPANY.search(wanted))


def is_of_others(asked: str) -> bool:
    """Tell whether what is asked for is another's, or the city's own, and not the company's."""
    wanted = _PURPOSE.sub(" ", asked)
    if _OF_OTHERS.search(wanted) or _OF_THE_CITY.search(wanted):
        return True
    return bool(_OF_OFFICES.search(wanted)) and not _ISSUED.search(wanted)
