"""Answers that are none yet: their author is not sure, has to ask his head, or sends a part.

Only what he says of himself counts. "Vermutlich genügt eine Prognose" may be all there is to say.
"""

import re

from mailflow.core.letter import TO_READER
from mailflow.core.sentences import sentences

__all__ = ["rest_later", "unsure"]

_YOU = re.compile(TO_READER)
_HEAD = (
    r"\b(?:(?:[Mm]ein|[Uu]nser)(?:e[mnrs]?)? (?:Chef\w{0,4}|Vorgesetzt\w{1,2}|Vorstand\w{0,2}"
    r"|(?:Amts|Abteilungs|Fachbereichs|Fachdienst|Dezernats|Team|Referats|Sachgebiets|Bereichs)-?"
    r"[Ll]eit(?:ung|er\w{0,3})|Dezernent\w{0,3}|Geschäftsführ\w{2,5})|[Mm]einer? Leitung)\b"
)
_NOT_SETTLED = (
    r"\b(?:noch|erst|fragen|klären|sieht|meint|findet|will|möchte|hingelegt|nicht|anders|weg"
    r"|skeptisch)\b|(?<!nichts )\bdagegen\b"
)
_LOOK = (
    r"(?:nach(?:lesen|schauen|sehen|fragen|schlagen|rechnen|prüfen|hören)|fragen|klären|abklären"
    r"|absprechen|abstimmen|rückversichern|rücksprechen|prüfen lassen)"
)
_SIGNS = r"(?:(?:gegen|unter|ab|mit)?zeichnen|unterschreiben|absegnen|zustimmen|freigeben)"
_BY_HEAD = re.compile(
    # a draft of its own, or a head who has still to sign
    r"\b[Ee]ntwurf (?:unserer|meiner|der) (?:Stellungnahme|Antwort|Auskunft|Rückmeldung)\b"
    r"|\b(?:[Uu]nsere|[Mm]eine|[Dd]ie) (?:Stellungnahme|Antwort|Auskunft|Rückmeldung) im Entwurf\b"
    r"|\b(?:[Dd]ie|[Dd]er) (?:Amts|Abteilungs|Fachbereichs|Fachdienst|Dezernats|Team|Referats"
    r"|Sachgebiets|Bereichs)?-?(?:[Ll]eit(?:ung|er\w{0,3})|Dezernent\w{0,3}|Vorstand)"
    rf" muss (?:\w{{1,8}} ){{0,3}}(?:noch|erst)\b[^,;:]{{0,60}}?\b{_SIGNS}\b"
    rf"|{_HEAD}[^,;:]{{0,120}}?(?:{_NOT_SETTLED})|\b[Vv]orbehaltlich\b.{{0,40}}?{_HEAD}"
    rf"|(?:{_NOT_SETTLED})[^,;:]{{0,80}}?{_HEAD}"
    r"|\b(?:Rechtsamt|Amtsleitung|Dezernent\w{0,3}|Dezernat|Kämmer\w{1,4}|Oberbürgermeister\w{0,2})"
    r" .{0,40}?\b(?:Bedenken|skeptisch|anders|Bauchschmerzen|(?<!nichts )dagegen)\b"
    # what somebody would do or have to do; a recommendation is for the company
    r"|\bmüsste ich\b|\bwäre ich (?:da |hier |eher |sehr |etwas )?(?:vorsichtig|skeptisch|nicht)\b"
    r"|\b(?:würde ich|[Ii]ch würde)\b.{0,80}?\b(?:nicht|kein\w{0,2}|lieber|ungern|eher|genehmigen"
    r"|ablehnen|zustimmen|antworten)\b"
)
_UNSURE = re.compile(
    r"\bweiß (?:ich )?(?:es |das |dies |aber |genau |sicher ){0,4}erst "
    r"(?:nach (?:\w{1,8} )?(?:Rücksprache|Absprache|Rückfrage|Klärung|Gespräch)"
    r"|(?:wenn|sobald) ich)\b"
    r"|\b(?:darf|möchte|will) ich (?:dazu |hierzu |Ihnen |noch |aber |vorher ){0,4}nichts "
    r"(?:dazu )?sagen\b"
    r"|\b(?:muss|müssen|geht|gehen|kommt|kommen) (?:\w{1,12} ){0,4}(?:erst|noch|zunächst|vorher)\b"
    r".{0,40}?\b[Nn]icht-?öffentlich"
    r"|\b[Ii]ch würde (?:mal |jetzt |einfach )?(?:sagen|meinen|schätzen|denken|vermuten|tippen)\b"
    r"|\baus dem Bauch\b|\b(?:[Nn]ageln|[Ll]egen) Sie mich\b.{0,30}?\bnicht\b"
    r"|(?<!amit )\b(?:glaube|denke|schätze|vermute|meine) ich\b(?! nicht)(?=\W{0,3}$|,)"
    r"|\b[Ii]ch (?:tippe|glaube)\b"
    rf"|\b(?:müssten? (?:ich|wir)\b|müsste (?:aber|das|es|noch|mich|erst)\b).{{0,60}}?\b{_LOOK}\b"
    r"|\b(?:bin|bin ich) (?:mir )?(?:(?:da|selbst|dabei|aber|noch|auch|hier) ){0,4}"
    r"(?:nicht (?:ganz |so |völlig |hundertprozentig )?sicher|unsicher|überfragt)\b"
    r"|\bsicher bin ich (?:mir )?(?:\w{1,12} ){0,3}nicht\b"
    r"|\b(?:sattelfest|auf die Schnelle|ins Blaue)\b"
    r"|\bwenn ich (?:das|mich|es) .{0,20}?\b(?:im Kopf habe|erinnere|entsinne)\b"
    r"|\b(?:weiß|kenne) ich (?:aber |leider |jetzt |gerade ){0,3}(?:nur )?"
    r"(?:aus dem Kopf|auswendig)"
    r"|\bhabe (?:ich )?(?:die|den|das) (?:Akten?|Pläne|Plan|Vorgang|Unterlagen|Satzung)\b.{0,30}?"
    r"\bnicht (?:da|hier|vor mir|zur Hand|vorliegen)\b"
)
_PART = (
    r"(?:Rest|Übrige[ns]?|[Aa]ndere[ns]?|Angaben?|Antwort(?:en)?|Zahlen|Auskunft|Teil|Fragen?"
    r"|Punkte?)"
)
_REST = re.compile(
    rf"\b{_PART}\b.{{0,60}}?\b(?:schick|reich|liefer|send|trag|geb)e?n? (?:ich|wir)\b"
    r".{0,60}?\bnach(?=\W{0,3}$|[,;])"
    rf"|\b(?:ich|wir) (?:schick|reich|liefer|send|trag|geb)en?\b.{{0,60}}?\b{_PART}\b"
    r".{0,60}?\bnach(?=\W{0,3}$|[,;])"
    r"|^\W{0,3}(?:Zu[rm]?|Wegen|Was) \w.{1,60}?\b(?:kommt|folgt) (?:(?:noch|dann|später) )?"
    r"(?:die|eine|noch) (?:\w{1,20} )?(?:Antwort|Auskunft|Rückmeldung|Stellungnahme|was)\b"
    rf"|^\W{{0,3}}(?:Zu[rm]?|Wegen) (?:\w{{1,20}} ){{0,4}}{_PART}\b.{{0,40}}?"
    r"\b(?:melde|schreibe|komme|sage)n? (?:ich|wir)\b"
    r"|\b(?:zweite|dritte|letzte|andere|übrige|restliche)[nrs]? (?:Teile?|Fragen?|Punkte?)\b"
    r".{0,40}?\b(?:beantwort|klär|bearbeit|prüf|schreib)en? (?:ich|wir)\b"
    r"|^\W{0,3}(?:Der|Das) (?:Rest|Übrige) (?:kommt|folgt)\b"
)


def unsure(words: str) -> re.Match[str] | None:
    """Find where an author says that he is not sure, or that his head has not agreed."""
    for each in sentences(words):
        by_head = None if _YOU.search(each) else _BY_HEAD.search(each)
        if found := _UNSURE.search(each) or by_head:
            return found
    return None


def rest_later(words: str) -> re.Match[str] | None:
    """Find where an author says that a part of the answer is still to come."""
    found = map(_REST.search, sentences(words))
    return next((each for each in found if each), None)
