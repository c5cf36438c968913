"""What an office asks of the company before it can answer."""

import re

from mailflow.core.sentences import sentences
from mailflow.core.short_replies import decides

__all__ = ["asked_for"]

_SEND = (
    r"(?:(?:über|zu|nach|ein)?(?:senden|schicken|reichen)|übermitteln|legen|teilen|nennen|lassen"
    r"|geben|beschreiben|ergänzen)"
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
    rf"|\b{_SEND} sie\b{_WITHIN}(?:\bnach(?=\W{{0,3}}$)|{_FIRST})"
    rf"|\bbitte\b[^.!?\n]{{0,80}}?\b(?:noch|{_US})[^.!?\n]{{0,80}}?\b{_SENT}\b"
    rf"|\bbitte\b[^.!?\n]{{0,80}}?\b(?:nachreichen|nachsenden)\b"
    rf"|\bbitte\b[^.!?\n]{{0,80}}?\b{_SENT}\b{_WITHIN}{_FIRST}"
    rf"|\bohne\b{_WITHIN}\b(?:kann|können) (?:ich|wir)\b(?={_WITHIN}(?-i:\bSie\b|\bIhn?e))"
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
    r"|bei (?:bedarf|fragen|änderungen)|nach (?:abschluss|fertigstellung)|bescheid|when|if)\b",
    re.IGNORECASE,
)


def asked_for(words: str) -> str:
    """Quote the request for what is missing, "" where none is or where a text also decides."""
    said = [" ".join(each.split()) for each in sentences(words)]
    asked = [each for each in said if _ASKED.search(each) and not _NOT_NOW.search(each)]
    if not asked or any(decides(_ASKED.sub(" ", each)) for each in said):
        return ""
    return asked[0]
