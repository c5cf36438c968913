"""Short mails of an office: the one that answers in few words, and the one that tells nothing.

A short answer names a matter ("Das Grundstück ist verkauft"), gives a verdict, a figure or a place,
or says what the company may or must do. A short mail that names only persons, offices and the
office's own work ("Akte angefordert") is for us; the company learns nothing from it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mailflow.core.behind_absence import is_of_desk, tells_of_matter
from mailflow.core.house_talk import asks_colleague, main_clauses, stated, talks
from mailflow.core.sentences import is_phrase, sentences
from mailflow.core.wording import (
    COURTESIES,
    LABELS,
    NAMES,
    PROMISED_LATER,
    SAYS_MORE,
    answers,
    without_own_acts,
)

__all__ = ["Meaning", "NoAnswer", "clauses_beside", "decides", "no_answer", "tells"]

_FEW_WORDS = 14
_SHORT_TEXT = 60


class Meaning(StrEnum):
    """What a short mail says that tells the company nothing."""

    MORE_TIME = "more time"
    ELSEWHERE = "elsewhere"
    AWAY = "away"
    LATER = "later"
    UNKNOWN = "unknown"
    ASKS = "asks"
    NO_MATTER = "no matter"


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """What a mail says instead of an answer, and the words that told so."""

    meaning: Meaning
    words: str


_LONGER = r"(?:fristverlängerung|verlängerung|aufschub|(?:mehr|etwas) zeit)"
_COLLEAGUE = r"(?:frau|herrn?|kolleg\w{0,5}|sachbearbeiter\w{0,4})"
_PERSON = rf"(?:ich|wir|{_COLLEAGUE}|amtsleit\w{{1,4}}|chef\w{{0,2}}|mitarbeiter\w{{0,4}})"
# A date's dots end no sentence.
_WITHIN = r"(?:[^.!?\n]|(?<=\d)\.)"
_OUR_PART = r"(?:stellungnahme|(?:be)?antwort|rückmeldung|\w{0,4}prüfung|bearbeitung|klärung|frist)"
_WANTS_FOR = rf"\b(?:keine?[nr]?|nur|nicht)\b|\bfür (?:den|die|das) (?!{_OUR_PART})"
"""More time for the company's own matter, or time that nobody needs, is none that an office
wants."""

_ABSENT = r"(?:krank|im urlaub|in elternzeit)"
_BACK = r"wieder (?:da|im büro|am \w{4,12} da)"
_THINGS = rf"(?:den|die|ihren?|eine?n?) (?!{_OUR_PART}|schaff|nächst|kommend)\w{{4,40}}"
_AWAITED = r"(?:stellungnahme|rückmeldung|antwort|auskunft|akten?)"
_FACTS = r"\w{0,25}(?:angaben?|informationen|infos|nummer|anschrift|adresse|zeichen|flurstück)"
_ROWS = {
    Meaning.MORE_TIME: re.compile(
        rf"\b(?:bitten?|(?<!sie )(?:brauchen?|bräuchten?|benötigen?))\b"
        rf"(?:(?!{_WANTS_FOR}){_WITHIN}){{0,40}}\b{_LONGER}\b"
        r"(?![^!?\n]{0,60}\b(?:einreichen|beantragen|stellen)\b)"
        rf"|\bbitte\b[^.!?\n]{{0,20}}\bfrist\b(?:(?!\bnicht\b){_WITHIN}){{0,30}}\bverlängern\b"
        r"|\b(?:die frist|\w{1,6}tag) ist (?:mir |uns |leider )?zu (?:kurz|knapp)\b"
        rf"|(?:^|[,;] )\W{{0,3}}(?!{_THINGS})[^.!?\n,;]{{0,60}}\bschaffen? (?:wir|ich)\b"
        r"[^.!?\n]{0,50}\bnicht\b"
        rf"|\bum (?:noch )?{_LONGER} bitten?\b|\bbitten? (?:wir|ich) (?:noch )?um {_LONGER}\b"
        rf"|\b(?:wir|ich) schaffen?\b(?! {_THINGS})[^.!?\n]{{0,50}}\bnicht\b"
        r"|\bkommen? (?:\w{1,12} ){0,4}nicht dazu\b|\b(?:ich|wir) brauchen? (?:noch )?bis\b"
        r"|\bunterbesetzt\b",
        re.IGNORECASE,
    ),
    Meaning.ELSEWHERE: re.compile(
        r"\bsiehe (?:meine|unsere|letzte|vorige)\b[^.!?\n]{0,20}\b(?:mail|e-mail|nachricht"
        r"|antwort)\b|\bsiehe telefonat\b"
        r"|\b(?:der|die) firma\b[^.!?\n]{0,40}\b(?:geantwortet|geschrieben|angerufen"
        r"|gesprochen|besprochen|telefoniert|informiert)\b"
        r"|\bmit (?:frau|herrn)\b[^.!?\n]{0,40}\b(?:telefoniert|gesprochen|besprochen"
        r"|geklärt)\b"
        r"|\b(?:schon|bereits)\b[^.!?\n]{0,30}\b(?:beantwortet|geantwortet|geschickt|gesagt)\b"
        r"|\bhatten wir schon\b|\bhat sich erledigt\b",
        re.IGNORECASE,
    ),
    Meaning.AWAY: re.compile(
        rf"(?:\b{_PERSON}\b[^.!?\n,;]{{0,40}}\s|^\W{{0,3}}(?:(?:sie|er) )?)(?:ist|bin|sind)\b"
        rf"[^!?\n]{{0,40}}\b(?:{_ABSENT}|{_BACK})\b"
        rf"|\b(?:ist|bin)\b(?:(?!\bnicht\b)[^!?\n]){{0,40}}\b{_ABSENT}\W{{0,3}}$"
        rf"|\b{_COLLEAGUE}\b[^.!?\n,;]{{0,40}}, (?:die|der)\b[^.!?\n,;]{{0,40}}\b{_ABSENT} ist\b"
        rf"|\bbin\b[^!?\n]{{0,40}}\b{_BACK}\b"
        r"|\b(?:habe|hat) (?:\w{1,12} ){0,3}urlaub\b"
        rf"|\b{_COLLEAGUE}\b[^!?\n]{{0,80}}\bkommt (?:erst|noch nicht|nicht vor)\b[^!?\n]{{0,30}}"
        r"\bzurück\b",
        re.IGNORECASE,
    ),
    Meaning.LATER: re.compile(
        rf"\b{_COLLEAGUE}\b[^.!?\n,;]{{0,30}}\s(?:antwortet|beantwortet|meldet|kümmert)\b"
        rf"|\b{_COLLEAGUE}\b[^.!?\n]{{0,30}}\bwird\b[^.!?\n]{{0,30}}\b(?:antworten|melden)\b"
        rf"|\b{_COLLEAGUE}\b[^.!?\n]{{0,40}}\b(?:erinnert|gebeten)\b|\bich erinnere\b"
        r"|\bmache\b[^.!?\n]{0,30}\bdruck\b|\bbin (?:schon |noch |jetzt )?dran\b"
        r"|\b(?:setze mich|arbeite)\b[^.!?\n]{0,30}\bd(?:r|a)ran\b"
        r"|\bin (?:arbeit|bearbeitung|prüfung)\W{0,3}$|\bdauert(?: noch| etwas)?\W{0,3}$"
        r"|\bakten? (?:\w{1,12} ){0,2}angefordert\b|\bwird (?:gemacht|erledigt)\W{0,3}$"
        r"|\b(?:mache|kläre|prüfe|schicke|gebe|leite) ich\b"
        r"|\bich (?:frage|kläre|prüfe|kümmere)\b|\bwir (?:prüfen|klären)(?: das| es)?\W{0,3}$"
        r"|\b(?:rückmeldung|stellungnahme|antwort) (?:ab|bis|im|am|kommt|folgt)\b"
        r"|\bauf (?:meiner|der) liste\b|\bauf dem (?:schreib)?tisch\b"
        r"|\b(?:ich|wir) warten? (?:noch |derzeit |hier )?auf "
        r"(?![^.!?\n]*(?-i:\bSie\b|\bIhre?[nmrs]?\b))"
        rf"|(?<!ihre )(?<!ihrer )\b{_AWAITED}\b[^.!?\n]{{0,60}}\b(?:steht|stehen|liegt|liegen)\b"
        r"[^.!?\n]{0,20}\bnoch (?:aus|nicht vor)\b"
        r"|\bakten? (?:ist|sind|wurden?) [^.!?\n]{0,30}\bbestellt\b"
        r"|\bakten? (?:kommt|kommen|muss|müssen)\b[^.!?\n]{0,30}\barchiv\b"
        r"|\bakten? (?:noch )?ziehen\b"
        r"|\bmuss\b[^.!?\n]{0,20}\b(?:chef\w{0,2}|leitung|dezernent\w{0,2})\b|\bchefsache\b"
        r"|\bbei(?:m|r| de[rmn]) (?:kolleg\w{0,5}|amtsleit\w{1,4}|chef\w{0,2})\b"
        r"|\bwarten sie (?:(?:bitte|das|es|noch|erst|etwas|weiter) ){0,4}ab\b|\bi am on it\b"
        r"|\b(?:prüft|klärt) (?:(?:das|es) )?(?:gerade|noch|derzeit|zurzeit|aktuell|momentan)\b"
        r"|^\W{0,3}(?:(?:das|es|die antwort) )?(?:bekommen|erhalten|kriegen|hören) sie"
        r"(?: (?:heute|morgen|noch|bald|gleich|zeitnah|diese|nächste|woche|am|\w{4,6}tag|mittwoch"
        r"|bis|von|mir|uns)){1,6}\W{0,3}$"
        r"|\b(?:forwarded|passed|sent)(?: (?:it|this|on))* to (?:my|our|a|the|another)"
        r" (?:colleague|team|office|department)"
        r"|^\W{0,3}(?:i|we)(?: wi|.)ll (?:check|ask|see|look into)\b"
        r"|\bcolleague will (?:answer|reply|contact)\b",
        re.IGNORECASE,
    ),
    Meaning.UNKNOWN: re.compile(
        r"\bich habe keine (?:unterlagen|akte)\b|\b(?:weiß|wissen) (?:ich|wir) nicht\b"
        r"|\bkeine ahnung\b|\bno idea\b|\bnot sure\b|\b(?:i|we) (?:do not|don.t) know\b"
        r"|\bkann ich\b[^.!?\n]{0,30}\bnicht beurteilen\b|\bliegt (?:mir|uns) nicht vor\W{0,3}$"
        r"|\banfrage\b[^.!?\n]{0,20}\b(?:nicht verständlich|unklar)\b|\baus dem verteiler\b"
        r"|^\W{0,3}test\W{0,3}$"
        r"|\b(?:ich (?:bin|arbeite)|(?:frau|herr) [\w-]{2,30} (?:ist|arbeitet)) (?:\w{1,12} ){0,3}"
        r"nicht mehr (?:bei|im|in|dort|hier|für)\b"
        r"|\b(?:ich|frau|herr)\b[^.!?\n]{0,40}\bim ruhestand\b"
        r"|^\W{0,3}bitte (?:anfragen |e-?mails |mails )?künftig (?:nur )?an\b"
        r"|\bjour fixe\b|^\W{0,3}bitte (?:das |es )?auf die tagesordnung\b",
        re.IGNORECASE,
    ),
    Meaning.ASKS: re.compile(
        r"^\W{0,3}(?:um|für|auf|in|zu|bei|an) welche[rsnm]? [\w-]{2,30} (?:geht|handelt|ist"
        r"|bezieht|betrifft)\b[^,]{0,30}$|^\W{0,3}welche[rsnm]? [\w-]{2,30}\W{0,3}$"
        r"|^\W{0,3}(?:wer|was) (?:ist|sind|will|wollen|möchte|soll) (?:die|der|das|sie|damit)\b"
        r"[^,]{0,40}$"
        r"|\b(?:brauche|bräuchte|benötige)n? (?:ich|wir) (?:noch |erst |bitte )?(?:mehr|weitere"
        rf"|nähere|genauere|die|das|eine) {_FACTS}\b(?! von ihnen)"
        rf"|\bohne (?:die |das |eine |weitere |nähere )?{_FACTS}\b[^.!?\n]{{0,15}}\b(?:kann ich"
        r"|können wir)\b[^.!?\n]{0,30}\bnichts?\b[^.!?\n]{0,10}\b(?:sagen|beurteilen|zuordnen"
        r"|finden|helfen|prüfen)\b"
        r"|\bfehl(?:t|en) (?:leider |wohl |noch |aber )?(?:der anhang|die anhänge)\b",
        re.IGNORECASE,
    ),
    # last: a file that is there makes good for it, for nothing of the rest
    Meaning.NO_MATTER: re.compile(
        r"^\W{0,3}(?:siehe|s\.|vgl\.?) (?:die |den )?(?:anlagen?|anhang|anhänge)\W{0,3}$",
        re.IGNORECASE,
    ),
}
"""What a short mail says to us instead of answering."""

# What is done to a matter, in the form of the word: "geleert", "verlängert", "repariert". What an
# office does with a mail ("geprüft", "besprochen") has the same form, and answers nothing.
_OFFICE_DOES = (
    r"(?:weiter|nachge|erinner|informier)\w{0,20}|(?:\w{0,6}ge|über)prüft|\w{0,5}(?:geklärt|gefragt"
    r"|gefordert|gesucht|arbeitet|geplant|geleitet)|gemacht|erledigt|beurteilt|gelesen"
    r"|abgestimmt|bestimmt"
    r"|(?:be|ge|abge|durchge)sprochen|beantwortet|geantwortet|gesagt|gesehen|gegeben|abgegeben"
    r"|übergeben|genommen|notiert|vorgemerkt|(?:an|ab|vorge|über)(?:ge)?legt|veranlasst|beauftragt"
    r"|mitgeteilt|verteilt|gewartet|erwartet|bekannt|erfasst|registriert|überlastet|beschäftigt"
    r"|verhindert|erkrankt|besetzt|unterbesetzt|vergessen|gekümmert|überhaupt|eskaliert|diskutiert"
    r"|ver(?:zwickt|trackt|worren)|kompliziert|koordiniert|gebeten|(?:zurück)?gemeldet|nicht|jetzt"
    r"|(?:an|ein)gekommen|eingetroffen"
)
_SENDS = r"\w{0,10}(?:schickt|sandt|sendet)"
_FORM = (
    r"(?:\w{0,10}ge\w{2,20}t|(?:be|ver|ent|er|zer|über|unter)\w{2,20}t|\w{2,20}iert"
    r"|\w{0,10}ge\w{3,15}en|(?:ver|ab)\w{0,2}schoben|abgerissen)"
)
_DONE = rf"(?-i:(?!(?:{_OFFICE_DOES}|{_SENDS})\b){_FORM})"
_GAP = r"(?:(?!(?:noch|gerade|derzeit|zurzeit|intern|hier)\b)[\w.-]{1,20} ){0,6}"
_STEP = (
    r"(?!(?:über)?morgen|oben|neben|innen|außen|gegen|wochen|(?:ab)?warten"
    r"|gedulden|verlängern|entschuldigen|vergessen|\w{0,6}(?:leiten|fragen|wenden"
    r"|senden|schicken|rufen|mahnen|melden|geben|prüfen|klären|fordern|nehmen|sprechen|merken"
    r"|stimmen|suchen|schauen|sehen|schließen|machen)\b|streichen|löschen|ignorieren|\w{0,6}erinnern"
    r"|informieren|mitteilen|\w{0,3}richten|antworten|beantworten|bearbeiten|erledigen|lassen"
    r"|notieren|kontaktieren|einschalten|beteiligen|anschreiben|\w{0,5}sprochen)[a-zäöüß]{4,20}en"
)
"""A step for the company, not one that an office asks of us or of its colleagues."""

_MEASURE = (
    r"(?:maximal|mindestens|höchstens|nur(?! (?:zu[rm]? |kurz|noch|so\b|intern|ich\b|wir\b|frau "
    r"|herr|de[rnm] kolleg|die kolleg|teilweise)))"
)
_VERDICT = re.compile(
    rf"\b(?:muss|müssen|kann|können|sollt?e?n?) {_GAP}{_DONE} (?:werden|sein)\b"
    rf"|\b(?:wird|werden|ist|sind) {_GAP}{_DONE}(?=\W{{0,3}}$|,)"
    r"|\b(?:muss|müssen|kann|können|kommt|fällt) (?:(?!liegen)\w{1,12} ){0,2}(?:weg|bleiben)\b"
    r"|\b(?:ist|sind) [^.!?,\n]{0,60}\b(?:anzuzeigen|anzumelden|zu melden|zu beantragen)\W{0,3}$"
    r"|\bmuss [^.!?,\n]{0,60}\b(?:an)?gemeldet werden\b"
    r"|\b(?:ordnen wir|wir ordnen)\b[^.!?,;\n]{0,60}\ban(?=\W{0,3}$|[,;])"
    r"|(?<!auskunft )(?<!auskünfte )\b(?:erteilen|genehmigen|bewilligen|gestatten) wir\b"
    r"|(?:rat|regierung|ausschuss|behörde|aufsicht|kammer|feuerwehr|amt)\b[^.!?,\n]{0,20}\bhat "
    r"(?!noch )(?:[\w.]{1,20} ){0,4}zugestimmt\b"
    r"|\bläuft (?:[\w.]{1,12} ){0,4}(?:aus|ab)\b|\bändert sich (?:\w{1,12} ){0,3}nichts?\b"
    rf"|(?:^|: )\W{{0,3}}{_MEASURE} \w"
    r"|^\W{0,3}(?:(?:das|es|ist|leider|viel|etwas|deutlich) ){0,4}zu"
    r" (?-i:(?!kurz|knapp|viel|wenig|hause)[a-zäöüß]{2,14})(?<!en)(?<!uns)(?<!mir)\W{0,3}$"
    rf"|^\W{{0,3}}bitte (?-i:(?:(?!uns |mich |mir )[a-zäöüß]{{2,15}} ){{0,3}}{_STEP})\W{{0,3}}$"
    r"|(?<!rücksprache )(?<!abstimmung )(?<!klärung )(?<!prüfung )(?<!zeit )\bnötig\b"
    r"|(?<!ich )(?<!bin )(?<!wir )(?:nicht|ist|sind|kaum|auch) betroffen\b"
    r"|(?<=[\w,] )ok(?:ay)?\b|\bok(?:ay)? (?:für|von|so|mit)\b"
    r"|\b(?:approved|granted|rejected|refused|permitted|allowed|required|necessary|expired|possible"
    r"|free of charge|fine (?:with|by|for) (?:us|me))\b"
    r"|(?<!\bich )(?<!\bwir )\bgern\b"
    r"|(?:^|[,:;–] )\W{0,3}ja\b|\bja(?=\W{0,2}$|[.,;:!?)–])"
    r"|\b(?:nein|yes|einverstanden|kostenlos|gültig|abgelaufen|entfällt|entfallen"
    r"|werktags|täglich"
    r"|gesperrt|verjährt|aufgehoben|beendet|wöchentlich|monatlich|jährlich"
    r"|geht|passt|reicht|genügt|gilt|gelten|dürfen|darf"
    r"|erlaubt|verboten|(?:un)?möglich|(?:un)?zulässig|genehmigt|abgelehnt|bewilligt|gewährt"
    r"|erteilt|freigegeben|reserviert|vergeben|wieder offen|ab sofort|online|in ordnung|unverändert"
    r"|zu spät(?! (?:gesehen|gelesen|bemerkt))|\w{3,20}(?:frei|pflichtig|fähig)"
    r"|nichts (?:dagegen|entgegen)"
    r"|kein(?:e[nr]?)? (?:\w{1,20} )?(?:\w{0,12}bedarf|anlass|veranlassung|grund|hindernis\w{0,3}"
    r"|auflagen?|mängel|pflicht|verstoß)|fehlt nichts|kein problem|siehe oben|vollständig|komplett"
    r"|abgeschlossen|stimmen (?:\w{1,20} ){1,4}zu"
    rf"|wurden? (?:[\w.]{{1,20}} ){{0,4}}(?!(?:{_OFFICE_DOES})\b)\w{{3,20}}t"
    r")\b",
    re.IGNORECASE,
)
_MONTH = r"(?:januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember)"
_DATE = re.compile(
    r"\b(?:bis|ab|am|zum|seit|vor|nach)(?: (?:zum|etwa|ca\.|spätestens|einschließlich)){0,2}"
    rf" \d{{1,2}}\.\s?\d|(?<!vom )\b\d{{1,2}}\.\s?{_MONTH}\b|\bkw ?\d|\b\d{{1,2}}\. kw\b"
    rf"|\b(?:im|ab|bis|seit|ende|mitte|anfang|\d\.)(?: (?:zum|in den|ende|mitte|anfang|kommenden"
    rf"|nächsten|laufe des)){{0,2}} {_MONTH}\b|^\W{{0,3}}{_MONTH}\b",
    re.IGNORECASE,
)
"""A day, week or month. A month alone ("der Text von Februar") tells of no time to come."""

_MATTER = re.compile(
    r"\b(?!fehlanzeige)\w{0,30}(?:antrag|anträge|bescheid|genehmigung|erlaubnis|anzeige"
    r"|anmeldung|gebühr|kosten"
    r"|satzung|bebauungsplan|grundstück|unterlagen|formular)(?:e?[ns]|en|e)?\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(
    r"§|https?://|\bwww\.|@|\b\d[\d.,]{0,12}\s?(?:€|%|m²|m³|(?:euro|prozent|db|qm|c?m|km|meter|uhr)"
    r"\b)|\b(?:zimmer|raum|tempo|hausnummer) \d|\b\d{1,2}\. kw\b"
    r"|\b(?:mon|diens|donners|frei|sams|sonn)tags\b|\bmittwochs\b"
    r"|\bdn ?\d"
    r"|^\W{0,3}(?:(?:in|about|after|within|up to) ){0,2}(?:\d{1,3}|one|two|three|four|five|six"
    r"|eight|ten|twelve) (?:days?|weeks?|months?)\W{0,3}$"
    r"|\bdauert (?:\w{1,20} ){1,4}(?:tage|wochen|monate|jahre)\b"
    r"|\b(?:\d{1,3}|zwei|drei|vier|fünf|sechs|acht|zehn|zwölf) (?:tage|wochen|monate) dauer(?:t|n)"
    r"\b"
    r"|^\W{0,3}(?:(?:in|nach|vor|bis|etwa|rund|ca\.|ungefähr) ){0,3}(?:\d{1,3}|zwei|drei|vier|fünf"
    r"|sechs|acht|zehn|zwölf) (?:tagen?|wochen|monaten?)\W{0,3}$",
    re.IGNORECASE,
)
_TO_COMPANY = re.compile(
    r"\bSie (?:können|dürfen|müssen|brauchen|benötigen|haben|erhalten|bekommen|sollten|finden)\b"
    r"|\b(?i:können|dürfen|müssen|brauchen|erhalten|bekommen|finden|kommen|nehmen) Sie\b"
    r"|\bruft Sie\b|\b(?i:rufen) Sie (?:bitte )?(?:Herrn|Frau)\b"
    r"|\bIhr(?:e[mnrs]?)? (?!Anfrage|Eingabe|E-?Mail|Mail|Nachricht|Schreiben|Anliegen|Frage|Frist)"
    r"[A-ZÄÖÜ]"
    r"|\b(?i:bitte)\b[^.!?\n]{0,50}\b(?:einreichen|vorlegen|stellen|beantragen|mitbringen|anmelden"
    r"|abholen|beachten)\b"
)
_NOUN = re.compile(r"(?<=[\w,;:/\"“„-] )[A-ZÄÖÜ][\w-]{2,40}")
_FIRST_NOUN = re.compile(
    r"\W{0,3}(?:([A-ZÄÖÜ][\w-]{2,40}) (?:ist|sind|wird|werden|wurden?|kann|können|darf|dürfen|muss"
    r"|müssen|bleib\w{1,2}|liegt|liegen|steht|stehen|endet|beginnt|besteht|bestehen|nur|erst|nicht"
    r"|bis|ab|am|erfolgt|entfällt|fehlt|reicht)\b"
    rf"|([A-ZÄÖÜ][\w-]{{2,40}})(?:: ?\w| (?:geprüft|(?!(?:{_OFFICE_DOES})\b){_FORM}|{_STEP})"
    r"\W{0,3}$)"
    r"|([A-ZÄÖÜ][\w-]{3,40}(?:ung|heit|keit|ion|schaft))\b)"
)
_NAMED = re.compile(r"\b(?:[Ff]rau|[Hh]errn?|[Kk]olleg\w{0,5}) [A-ZÄÖÜ][\w-]{1,40}")
_OWN_WORK = re.compile(
    r"\w{0,30}(?:amt(?:e?s)?|ämter|akten?|fristen?|verlängerung|leit(?:er|ung|erin)|mail"
    r"|zuständigkeit|meldung|nachricht|verteiler|besprechung|behörde|regierung|aufsicht"
    r"|ausschuss(?:es)?|abstimmung|mitzeichnung)|(?:fach)?abteilung|fachbereich|dezernate?s?|team"
    r"|(?:\w{3,15}s)?kammer|kämmerei|landes\w{0,10}ministerium"
    r"|tiefbau|\w{0,12}runde|kolleg\w{0,5}|frau|herrn?|sachbearbeiter\w{0,4}|chef\w{0,2}|firma|anfragen?"
    r"|anliegen|angelegenheit|eingabe|sachstand|arbeit|bearbeitung|prüfung|vorg[aä]nge?|fall|stelle|rückkehr|sache|thema|bereich|aufgabe"
    r"|status|notiz|vermerk|kommentar|fehlanzeige|rücksprache|rückfragen?|ticket"
    r"|sachverhalt|ansprechpartner\w{0,3}|zuständige[nr]?"
    r"|rückruf|anruf|weitergabe|information|personal|personalmangel\w?|beantwortung|verzögerung|aufkommen|verständnis|geduld"
    r"|bin|habe?n?|kann|können|muss|müssen|wird|werden|wurden?|ist|sind|war|liegt|steht|weiß|bitte"
    r"|jetzt|dann|wenn|aktuell|derzeit|zurzeit|momentan|gerade|zuständig|intern"
    r"|liste|tisch|erinnerung|telefon|telefonat|zeit|aufschub|anmerkungen|ahnung"
    r"|wochen?|tage?|monate?|urlaub|elternzeit|\w{0,10}vertretung|homeoffice|wiedervorlage|system"
    r"|stellungnahme|antwort|auskunft|hinweis"
    r"|kenntnis|druck|richtige[nr]?|frage|büro|haus|info|\w{4,6}tag|mittwoch|dank|sicht|seite|moment"
    r"|ich|wir|man|wer|was|mir|uns|nun|gut|nur|wie|sie|ihnen|ihre?[mnrs]?|das|die|der|dies|hier|dort|dafür|dazu"
    r"|damit|auch|noch|leider|gestern"
    r"|heute|morgen|schon|bereits|weitere?s?|nichts|alles",
    re.IGNORECASE,
)
"""Words for who works on it and how, and those that are written large for other reasons."""

_LIES_WITH = re.compile(
    r"\b(?:liegt|liegen|befinde[nt]|ist|sind|läuft)\b(?![^.!?\n]{0,80}\b(?:aus|bereit|abholung"
    r"|einsicht\w{0,5})\b)[^.!?\n]{0,50}\b(?:beim?|mit) (?:de[rm] )?(?:[\w-]{1,20} ){0,2}"
    r"[\w-]{0,30}(?:amt|behörde|regierung|kammer|aufsicht|ausschuss|dezernat|ministerium|abteilung"
    r"|kreis|kämmerei|feuerwehr|kolleg\w{0,5})\b",
    re.IGNORECASE,
)
"""With which office something lies: while its word is waited for, that tells nothing."""

_CLAUSE = re.compile(r"[^,;:–]+")
_POINTS = re.compile(r"\W{0,3}(?:das|dies|es) (?-i:[a-zäöüß])", re.IGNORECASE)
# Whoever passes something on has these words as well: "geht gern so an Sie", "die Mail vom 3. Mai".
_OF_COVER_NOTES = re.compile(
    r"\bgern\b|\bgeht\b|\bsiehe oben\b|\bkein problem\b|[^\s@]{0,64}@\S*"
    r"|\b\d{1,2}\. ?[a-zä]{3,9}\b",
    re.IGNORECASE,
)
# Without large nouns nothing tells what an English mail is about.
_ENGLISH = re.compile(
    r"\b(?:the|and|is|are|we|you|your|our|please|no|yes|of|to|for|approved|granted"
    r"|rejected|refused|permitted|allowed|required|necessary|expired|possible|us)\b",
    re.IGNORECASE,
)


def no_answer(words: str) -> NoAnswer | None:
    """Give what a short mail says instead of an answer; None where it answers, or is not short."""
    said = _said(words) if len(words.split()) <= _SHORT_TEXT else []
    if _tell(said) or all(_is_label(each) for each in said):
        return None
    found = [row for each in said if (row := _row(each))]
    if found:
        return min(found, key=lambda row: row.meaning is Meaning.NO_MATTER)
    promise = PROMISED_LATER.search(words)
    if promise:
        return NoAnswer(Meaning.LATER, " ".join(promise[0].split()))
    return None if _ENGLISH.search(words) else NoAnswer(Meaning.NO_MATTER, " ".join(words.split()))


def _said(words: str) -> list[str]:
    """Give a text's sentences, and what stands behind "ist krank, deshalb von mir:" by itself."""
    parted = (each.partition(": ") for each in sentences(words))
    return [
        part
        for head, colon, rest in parted
        for part in ([head, rest] if rest and _is_away(head) else [f"{head}{colon}{rest}"])
    ]


def _is_away(sentence: str) -> bool:
    row = _row(sentence)
    return row is not None and row.meaning is Meaning.AWAY


def _tell(said: Sequence[str]) -> bool:
    """Tell whether sentences tell the company something.

    "Das ist ein Mischgebiet" does, "Das ist ein heißes Eisen" beside talk of the house does not.
    """
    telling = list(filter(tells, _before_absence(said)))
    if any(map(PROMISED_LATER.search, said)):
        telling = [each for each in telling if decides(each) or not _LIES_WITH.search(each)]
    sure = (each for each in telling if decides(each) or not _POINTS.match(each))
    return any(sure) or (bool(telling) and not any(map(talks, said)))


def _before_absence(said: Sequence[str]) -> list[str]:
    """Give sentences without those that only go on with who is away, or no longer there.

    "Nachfolgerin ist Frau Sommer" answers nothing; what decides does, and what is said of the
    matter.
    """
    rows = [_row(each) for each in said]
    gone = {Meaning.UNKNOWN, Meaning.AWAY}
    first = next((at for at, row in enumerate(rows) if row and row.meaning in gone), len(said))
    return [*said[:first], *filter(_tells_beside_absence, said[first:])]


def _tells_beside_absence(sentence: str) -> bool:
    if decides(sentence):
        return not is_of_desk(sentence)
    return _row(sentence) is None and tells_of_matter(sentence)


def tells(sentence: str) -> bool:
    """Tell whether a sentence tells the company something about its matter."""
    if _decides(sentence) or _gives_figure(sentence):
        return True
    if _row(sentence) or asks_colleague(sentence):
        return False
    if is_phrase(sentence):
        return _is_told_beside(sentence)
    if _gives_verdict(sentence) or _TO_COMPANY.search(sentence):
        return True
    return any(_names_matter(each, sentence) for each in stated(sentence))


def _is_told_beside(sentence: str) -> bool:
    """Tell whether a promise, or a courtesy of many words, stands beside something told.

    "Wir bitten um Verständnis, dass die Halle geschlossen bleibt" tells it.
    """
    promise, courtesy = PROMISED_LATER.search(sentence), COURTESIES.search(sentence)
    if promise:
        alone = main_clauses(sentence)
        beside = [each for each in clauses_beside(sentence, [promise]) if each in alone]
        return any(tells(each) for each in beside if not is_phrase(each))
    if courtesy is None or len(sentence.split()) <= _FEW_WORDS or talks(sentence):
        return False
    beside = [each for each in clauses_beside(sentence, [courtesy]) if not is_phrase(each)]
    return any(_names_matter(each, sentence) for each in beside)


def _gives_figure(sentence: str) -> bool:
    """Tell whether a figure is in a sentence; what hangs on talk of the house gives none."""
    if not talks(sentence):
        return bool(_FIGURE.search(sentence))
    return any(map(_FIGURE.search, main_clauses(sentence)))


def decides(sentence: str) -> bool:
    """Tell whether a sentence gives a verdict or a figure, also one that mentions another mail."""
    words = _OF_COVER_NOTES.sub(" ", sentence)
    return _decides(words) or bool(_FIGURE.search(words) or _gives_verdict(words))


def _decides(sentence: str) -> bool:
    return answers(sentence) or bool(SAYS_MORE.search(sentence))


def _gives_verdict(sentence: str) -> bool:
    return bool(_VERDICT.search(without_own_acts(sentence)))


def _is_label(sentence: str) -> bool:
    """Tell whether a sentence is only a number or a name: what was asked for, if nothing else."""
    return bool(LABELS.fullmatch(sentence) or NAMES.fullmatch(sentence))


def _row(sentence: str) -> NoAnswer | None:
    """Find what a sentence says to us; with a verdict, or what came of a talk, it is an answer."""
    for meaning, pattern in _ROWS.items():
        found = pattern.search(sentence)
        if not found or _decides(sentence):
            continue
        if meaning is Meaning.ELSEWHERE and _says_what(sentence, found):
            continue
        return NoAnswer(meaning, " ".join(found[0].split()))
    return None


def _says_what(sentence: str, talk: re.Match[str]) -> bool:
    """Tell whether a sentence about a talk also says what came of it."""
    if _gives_verdict(sentence) or _MATTER.search(sentence):
        return True
    return any(map(tells, clauses_beside(sentence, [talk])))


def clauses_beside(sentence: str, found: Sequence[re.Match[str]]) -> list[str]:
    """Give the clauses of a sentence that none of its matches touches."""
    return [
        clause[0].strip()
        for clause in _CLAUSE.finditer(sentence)
        if all(clause.end() <= each.start() or clause.start() >= each.end() for each in found)
    ]


def _names_matter(words: str, sentence: str) -> bool:
    """Tell whether a day is in it, or a noun beside persons, offices and the office's own work."""
    if not sentence.lstrip().startswith(words):
        words = f", {words}"  # within a sentence only a noun begins with a capital
    if _MATTER.search(words) or _DATE.search(words):
        return True
    unnamed = _NAMED.sub("", words)
    first = _FIRST_NOUN.match(unnamed)
    nouns = [*_NOUN.findall(unnamed), *(filter(None, first.groups()) if first else ())]
    return any(not _OWN_WORK.fullmatch(noun) for noun in nouns)
