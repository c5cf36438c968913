"""What stands behind "Frau Peters ist krank": more of her and of her desk, or of the matter."""

import re

from mailflow.core.aside_words import BEARS, OF_MATTER

__all__ = ["is_of_desk", "tells_of_matter"]

# Who is away or gone, or who stands in: "Sie kommt am 3. Mai wieder.", "Ihre Nachfolgerin ist ..."
_OF_A_PERSON = re.compile(
    r"^\W{0,3}(?:(?:dann|danach|ab|bis|am|seit|bitte|solange)\b[^,;:.!?\n]{0,40}?\b)?"
    r"(?:sie(?! \w{1,20}en\b)|er|ich|wir|diese|dieser)\b"
    r"|\bwenden sie sich\b|\b(?:frau|herrn?)\b|\b(?:(?:ver|nachver)tr[ae]t|nachfolg|kolleg"
    r"|ansprech|übernimmt|übernehmen|zuständig|sachbearbeit|wiederbesetz|rückkehr|stelle\b)"
    r"|\b(?-i:(?:sein|ihr|mein)(?:e[mnrs]?\b| [A-ZÄÖÜ]))|(?-i:t (?:sie|er))\b"
    r"|\b(?:mir|uns|ich|niemand|keiner)\b",
    re.IGNORECASE,
)
_DESK_THING = (
    r"(?:e-?mails?|nachricht(?:en)?|anfragen?|\w{0,12}postf[aä]ch(?:er)?|\w{0,10}akten?|ordners?"
    r"|archivs?|registratur|schr[aä]nk\w{0,2}|teams?|sekretariats?|vorg[aä]nge?s?|verteilers?"
    r"|telefons?|laufwerke?s?|programme?s?|systeme?s?|\w{0,10}tisch\w{0,2}|büros?)\b"
)
_DESK_FIRST = re.compile(
    r"^\W{0,3}seine?[mnrs]? "
    rf"|^\W{{0,3}}(?:(?:de[rsmn]|die|das|ihre?[nms]?|unsere?|alle) )?{_DESK_THING}",
    re.IGNORECASE,
)
# What the desk has not got to: "Der Antrag bleibt liegen", "Das Verfahren läuft noch".
_OF_DESK = re.compile(
    rf"\b{_DESK_THING}|\b\w{{0,12}}(?:termine?|verfahren|bearbeitung|stellungnahme|auskunft"
    r"|antwort)n?\b"
    r"|\b(?:noch|solange|später|danach|nachher|erst|vorerst|derzeit|zurzeit|momentan|vielleicht"
    r"|wohl|geprüft|bearbeitet|folgt|dauert)\b"
    r"|\bbleib\w{1,2}\b.{0,60}\bliegen\b|\bliegen bleib\w{0,2}\b"
    r"|(?:antrag|anträge|bescheid|genehmigung|erlaubnis|vertrag|konzept|unterlagen|pläne"
    r"|gutachten|nachweise?)\b.{0,60}\b(?:liegt|liegen)\b"
    r"(?!.{0,60}\b(?:vor|aus|bei|bereit)\W{0,3}$)",
    re.IGNORECASE,
)
# A verdict's words in a note to whoever looks for it: "Der Bescheid wurde versandt, an wen, weiß
# keiner.", "Sie finden die Akte bei Herrn Thomas in Zimmer 12."
_IS_NOTE = re.compile(
    r"\b(?:akten?|ordner|pförtner\w?)\b|\bschlüssel\b.{0,30}\b(?:liegt|hängt|hat)\b"
    r"|\b(?:beim|bei de[rm]) (?:\w{0,20}abteilung|poststelle|sekretariat|kolleg\w{0,5})\b"
    r"|\b(?:nirgends|nirgendwo|keine ahnung|noch (?:keiner|niemand))\b"
    r"|\b(?:weiß|wissen|finden?|kennt) (?:\w{1,12} ){0,5}?(?:keiner|niemand)\b"
    r"|\b(?:weiß|wissen|finden?) (?:ich|wir|man) (?:\w{1,12} ){0,4}?(?:nicht|nichts)\b"
    r"|\b(?:keiner|niemand) (?:weiß|kennt)\b"
    r"|\bkann ich (?:\w{1,12} ){0,4}?nicht (?:sagen|beurteilen|finden)\b",
    re.IGNORECASE,
)
# A place, or what is laid out for everybody.
_OF_PLACE = re.compile(
    r"\b\w{0,30}(?:wasser|boden|gebäude|halle|hof|kanal|grundstück|flurstück|gelände|fläche|straße"
    r"|zufahrt|platz|gebiet|denkmal)(?:e?[ns]|e)?\b.{0,80}"
    r"\b(?:ist|sind|war|hat|liegt|liegen|steht|stehen|gehört|gehören|verläuft|kostet)\b"
    r"|\b(?:liegt|liegen)\b.{0,80}\baus\W{0,3}$",
    re.IGNORECASE,
)
_OFFERS = re.compile(
    r"\bSie (?:finden|erhalten|bekommen|brauchen|benötigen|müssen|dürfen|können)\b"
    r"|\b(?i:finden|erhalten|bekommen|brauchen|benötigen|müssen|dürfen|können) Sie\b"
)


def is_of_desk(sentence: str) -> bool:
    """Tell whether a sentence is about a thing of the desk, whatever becomes of that.

    So is one that says where the office has something, or that nobody there knows.
    """
    return bool(_DESK_FIRST.match(sentence) or _IS_NOTE.search(sentence))


def tells_of_matter(sentence: str) -> bool:
    """Tell whether a sentence says of a place, a paper or a right what there is to it."""
    if _OF_A_PERSON.search(sentence) or _OF_DESK.search(sentence):
        return False
    is_told = BEARS.search(sentence) or _OFFERS.search(sentence)
    return bool(_OF_PLACE.search(sentence) or (OF_MATTER.search(sentence) and is_told))
