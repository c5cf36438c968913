"""What an office asks of the company before it can answer."""

import re

from mailflow.core.sentences import sentences
from mailflow.core.short_replies import decides

__all__ = ["asked_for", "is_of_company"]

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
_ASKED = re.compile(
    rf"\b{_SEND} sie (?:bitte )?(?:(?:ihn|es|sie|diese[ns]?|das) )?(?:{_US}|noch\b)"
    rf"|\blassen sie (?:bitte )?{_US}"
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
# An application is the way itself, and what is wanted some day asks nothing now.
_NOT_NOW = re.compile(
    r"\b\w{0,20}(?:antrag|anträge|anzeige|anmeldung|formular|vordruck|erlaubnis|genehmigung)\w{0,2}\b"
    r"|\b(?:vorher|spätestens|rechtzeitig|vor (?:dem |der )?\w{0,10}beginn|sobald|wenn|falls|sofern"
    r"|bei (?:bedarf|fragen|änderungen)|nach (?:abschluss|fertigstellung)|(?<!noch )bescheid"
    r"|when|if)\b",
    re.IGNORECASE,
)
# What a company has of its own: papers, places, figures, persons.
_OF_COMPANY = re.compile(
    r"\b[\w-]{0,30}(?:pl[aä]n|riss|zeichnung|skizze|schnitt|ansicht|beschreibung|adresse|anschrift"
    r"|angabe|daten|informationen|nummer|aktenzeichen|maße?|größe|höhe|breite|länge|fläche|menge"
    r"|anzahl|zahl|auszug|auszüge|nachweis|bescheinigung|erklärung|berechnung|gutachten|konzept"
    r"|unterlagen|dokument|vertrag|verträge|vollmacht|urkunde|foto|bild|ausweis|schein|liste"
    r"|messung|prognose|karte|nutzung|räume?|betrieb|statik|\w{4,20}(?<!w)ort|zeugnis|protokoll|bericht|rechnung|angebot|datenblatt|datenblätter|formel|zweck|dauer"
    r"|zeitraum|termin|uhrzeit|zeiten|datum|beginn|standort|flurstück|gemarkung|grundstück"
    r"|rechtsform|geburts\w{3,6}|mitarbeiterzahl|beschäftigte|fahrzeug|kennzeichen|fahrer|inhaber"
    r"|eigentümer|vermieter|verfasser|architekt|ansprechpartner|bauherr|stoffe?|maschine|anlage)"
    r"(?:in|innen|e?[nrs]|e)?\b"
    r"|\b(?-i:Ort|Art|Lage)\b"
    r"|\b(?:ob|wie|wo|wofür|wozu|welche\w?|was|wann|wer)\b"
    r"(?: \w{1,20}){0,3} (?-i:Sie|Ihre?[nmrs]?)\b"
    r"|\b(?:plans?|drawings?|descriptions?|address|figures?|documents?|details|extract|proof|size"
    r"|area|number|date|permit|contract|certificate|statement)\b",
    re.IGNORECASE,
)
# What lies in the house, and what only its desks give each other.
_OF_DESK = re.compile(
    r"\b\w{0,20}(?:anfrage|nachricht|mail|antwort|entwurf|stellungnahme|akte|vorgang|ticket|postfach"
    r"|einschätzung|meinung|votum|rückmeldung|freigabe|zustimmung|entscheidung|rücksprache|frist"
    r"|wochen?|auskunft|vermerk|beschluss)(?:e?[ns]|e)?\b|\bzeit\b",
    re.IGNORECASE,
)
_OF_INSIDERS = re.compile(
    r"\b(?:\w{0,12}dezern\w{2,8}|\w{0,6}bürgermeister\w{0,3}|(?:haus)?intern\w{0,2}"
    r"|(?:amts|dezernats|fachbereichs|abteilungs|referats|team|sachgebiets)-?leit\w{2,5}"
    r"|kolleg\w{0,5}|chef\w{0,2}|rats\w{3,25}|stadtrat\w{0,2}|rathausspitze|verwaltungsvorstand\w?|fachbereich\w{0,2}|abteilung\w{0,2}|kämmerei)\b",
    re.IGNORECASE,
)
_WHAT_WAS_NAMED = re.compile(r"\b(?:ihn|es|sie|[Dd]iese[ns]?)\b")
_PURPOSE = re.compile(rf"(?:{_FIRST}|\b(?:kann|können) (?:ich|wir)\b)[^,;]*", re.IGNORECASE)


def asked_for(words: str) -> str:
    """Quote the request for what is missing, "" where none is or where a text also decides."""
    said = [" ".join(each.split()) for each in sentences(words)]
    asked = [each for each in said if _ASKED.search(each) and not _NOT_NOW.search(each)]
    if not asked or any(decides(_ASKED.sub(" ", each)) for each in said):
        return ""
    return asked[0]


def is_of_company(words: str, asked: str) -> bool:
    """Tell whether what is asked for lies with the company, and nobody of the house is named.

    What the office will do with it ("damit wir Ihre Anfrage prüfen können") is not asked for.
    """
    wanted = _PURPOSE.sub(" ", asked)
    if _WHAT_WAS_NAMED.search(wanted):
        before = sentences(" ".join(words.split()).partition(asked)[0])
        wanted = " ".join([*before[-1:], wanted])
    if _OF_INSIDERS.search(words) or _OF_DESK.search(wanted):
        return False
    return bool(_OF_COMPANY.search(wanted))
