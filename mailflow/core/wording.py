"""What the wording of a reply suggests: refusals, requests, promises, each a table of phrases.

German first, as offices write it, then English. A phrase here is only a sign;
``core.judgement`` says what several of them in one text amount to.
"""

import re
from datetime import date, timedelta

from mailflow.core.calendar import LONGEST_WAIT
from mailflow.core.dates import Mention, mentions

__all__ = [
    "ANSWERS",
    "ANSWERS_QUESTION",
    "ASKED_ALREADY",
    "ASKS_HOUSE",
    "AWAY",
    "CALENDAR",
    "CALL_BACK",
    "CORRECTS",
    "COURTESIES",
    "FIRST",
    "HAVE_TO_CHECK",
    "LABELS",
    "NAMES",
    "NEEDS",
    "NOTED",
    "NOT_NEEDED",
    "NOT_OF_THE_COMPANY",
    "PASS_ON",
    "PROMISED_LATER",
    "PROMISES",
    "QUESTIONS",
    "RECALLS",
    "REGISTERED",
    "REQUESTS",
    "SAYS_MORE",
    "STILL_AT_IT",
    "STOCK_QUESTIONS",
    "TAKEN_ON",
    "TO_MANAGER",
    "UNREADABLE",
    "WANTS_WORD",
    "WRONG_READER",
    "answers",
    "promised",
    "without_own_acts",
]

NEEDS = re.compile(
    r"(?<!\bsie )\b(?:benötigen|brauchen|fehlen|bräuchten|benötige|brauche|fehlt|benötigten)\b"
    r"(?: (?:wir|uns|ich|hier|dazu|dafür|von ihnen|zur \w{1,30}|für \w{1,30} \w{1,30})){0,3}"
    r" (?:noch|zusätzlich|weitere|ergänzend|vorab|zunächst|außerdem)\b"
    r"|\b(?:es|uns|hierzu|dazu|dafür) fehl(?:en|t)\b"
    r"(?! eine (?:gesetzliche |rechtliche )?grundlage)"
    r"|\bnoch (?:nicht vollständig|unvollständig)"
    r"|\bunvollständig\b"
    r"|\bwe (?:still |also )?(?:need|require|lack"
    r"|are missing)\b[^.!?\n]{0,80}(?:from (?:the company|you|the applicant)|still|before we can)"
    r"|\bwe still (?:need|require|lack)\b|\b(?:is|are) (?:still )?missing\b|\bstill outstanding\b",
    re.IGNORECASE,
)
NOT_NEEDED = re.compile(
    r"\b(?:nicht|keine?|no)\b[^.!?\n]{0,40}\b(?:benötigt|erforderlich|nötig|needed|required"
    r"|missing)\b"
    r"|\b(?:fehlt|fehlen) (?:nichts|keine)|\bnichts\b[^.!?\n]{0,20}\bfehlt",
    re.IGNORECASE,
)
ASKED_ALREADY = re.compile(
    r"\bnachforderung (?:ging|erging|wurde)\b|\bist informiert\b", re.IGNORECASE
)
"""That whoever has to send what is missing has been told already."""

REQUESTS = re.compile(
    r"\b(?:lassen sie (?:uns|mir)[^.!?\n]{0,60}zukommen|(?:reichen|senden|schicken|legen"
    r"|übersenden|übermitteln|teilen|nennen|geben) sie (?:uns |mir |bitte )?"
    r"|bitte (?:noch )?(?:nachreichen|nachsenden|ergänzen|vorlegen|übersenden|mitteilen|klären)"
    r"|um (?:vorlage|zusendung|übersendung|nachreichung|mitteilung|ergänzung"
    r"|rückmeldung) wird gebeten"
    r"|bitten (?:wir )?(?:sie )?um (?:vorlage|zusendung|übersendung|nachreichung|mitteilung"
    r"|ergänzung)|(?:können|könnten) sie (?:uns |mir |bitte )?"
    r"|bitte (?:so )?(?:an|bei) (?:den|die|das|der|dem) (?:antragsteller\w{0,3}|firma"
    r"|unternehmen|kund\w{0,4}|betrieb|bauherr\w{0,2}) (?:weiter(?:geben|leiten)|erfragen"
    r"|nachfragen|anfordern)"
    r"|(?:please|kindly|could you) (?:send|provide|submit|let us (?:have|know)|tell|ask|supply))",
    re.IGNORECASE,
)
_COLLEAGUE = (
    r"(?:\w{0,30}(?:amte?s?|behörde|feuerwehr|aufsicht)"
    r"|(?:(?:amts|dezernats|fachbereichs|abteilungs|referats|team)-?)?leit(?:ung|ers?|erin)"
    r"|dezern\w{0,8}|fachbereichs?|abteilung|kolleg\w{0,5}|chefs?|chefin|bürgermeister\w{0,3})\b"
)
NOT_OF_THE_COMPANY = re.compile(
    r"\b(?:stellungnahme|unterschrift|freigabe|zustimmung|mitzeichnung|rückmeldung|einschätzung"
    r"|entscheidung|votum) (?:vo[mn]|de[sr]|durch|aus|bei[m]?) (?:de[rms] |das |unsere[mrs] )?"
    rf"{_COLLEAGUE}"
    r"|\b(?:stellungnahme|freigabe|mitzeichnung|rückmeldung|einschätzung) (?:vo[mn]|durch) "
    r"(?:frau|herrn)\b"
    rf"|\btermin (?:beim|bei der|mit dem|mit der) {_COLLEAGUE}"
    r"|(?<!für )(?<!in )\b(?:die|unsere|eure) (?:bau|haus|alt|vor)?akte\b"
    r"|\blegen sie (?:bitte )?(?:(?-i:ihm|ihr)|herrn|frau)\b"
    r"|\b(?:die|eure|deine) mail (?:noch ?(?:ein)?mal|erneut)\b"
    r"|\b(?:die|der|dieser) firma\b(?!, |(?-i: [A-ZÄÖÜ])"
    r"| (?:so )?(?:weiter|erfragen|nachfragen|anfordern|mitteilen|ausrichten|informieren))"
    r"|\bdiese[sm] unternehmens?\b",
    re.IGNORECASE,
)
"""What a colleague has to give, or speaks of the company: whoever asks for it asks us."""

# The mark in a link, or in a title that is cited, asks nothing; nor does a courtesy.
QUESTIONS = re.compile(r"[^.!?\n]{3,200}\?(?=[\s)]|$)", re.MULTILINE)
STOCK_QUESTIONS = re.compile(r"\bfragen\s?\?|\bquestions\s?\?", re.IGNORECASE)
WANTS_WORD = re.compile(
    r"^\W{0,3}(?:(?:und|aber|noch eine frage):? )?(?:(?:können|könnten|würden) sie (?:mir|uns)\b"
    r"|(?:wissen|haben|hatten) sie\b(?! (?:\w{1,12} ){0,2}(?:interesse|bedarf|fragen)\b)"
    r"|(?:(?:an|auf|aus|bei|für|in|mit|seit|um|von|zu) )?(?:wie (?:viel\w{0,2}|groß|hoch|lange"
    r"|schwer|oft|ist|sind|soll)|welche[mnrs]?|wer|wen|wem|wann|wo|was|wozu|wofür)\b)",
    re.IGNORECASE,
)
"""A question whose writer wants to know; "Passt Ihnen das?" only offers."""

ANSWERS_QUESTION = re.compile(
    r"\W{0,3}(?:ja|nein|dann|in der regel|(?:falls|wenn) (?:ja|nein|nicht)|yes|no|if (?:so|not))\b",
    re.IGNORECASE,
)
"""How a sentence begins that answers the question above it."""

ASKS_HOUSE = re.compile(
    r"^\W{0,3}(?:(?:und|aber) )?(?:hat|haben|hatte|ist|sind|war|wurde|wer|wissen|können|gibt"
    r"|soll|kann)\b[^?]{0,100}\b(?:(?-i:OB|euer|eure[nmrs]?|dein(?:e[nmrs]?)?)|(?:ober)?bürgermeister\w{0,3}|dezern\w{1,8}|kämmer\w{1,4}"
    r"|amtsleit\w{1,4}|investor\w{0,2}|stellungnahme vo[mn]|die firma|der antragsteller)\b",
    re.IGNORECASE,
)
"""A question that only the desk can answer."""
PASS_ON = re.compile(
    r"\bbitte (?:dies |das |es )?(?:so )?(?:an )?(?:die|das|den|dem|der)? ?(?:firma|unternehmen"
    r"|antragsteller\w{0,3}|kund\w{0,4}|betrieb)\s?(?:so )?(?:weiter(?:geben|leiten)|mitteilen"
    r"|ausrichten|informieren)"
    r"|\bbitte (?:so )?weiter(?:geben|leiten) an (?:die|das|den)"
    r"|\bkönnen sie so (?:an die firma )?weitergeben"
    r"|\bplease (?:pass|forward) (?:this|it) (?:on )?to the (?:company|applicant|customer)"
    r"|\bplease tell the company",
    re.IGNORECASE,
)
STILL_AT_IT = re.compile(
    r"(?<!\bsie )\b(?:wir |ich )?(?:prüfen|klären|brauchen|benötigen|warten|bearbeiten|prüfe|kläre"
    r"|brauche|stimmen|(?-i:arbeiten))\b[^.!?\n]{0,60}\bnoch\b|\bnoch (?:in (?:der )?)?(?:prüfung"
    r"|bearbeitung|klärung|abstimmung)"
    r"|\b(?:sind|ist|befindet sich|steckt) (?:derzeit |aktuell |noch "
    r"|zurzeit )?in (?:der )?(?:prüfung|bearbeitung|klärung|abstimmung)"
    r"|\bnoch (?:nicht abschließend|keine (?:abschließende|endgültige)|nicht abgeschlossen"
    r"|etwas (?:zeit|geduld))|\bzwischen(?:nachricht|stand|bescheid)"
    r"|\bkönnen wir (?:erst|noch nicht)\b|\berst (?:nach|wenn|sobald)\b[^.!?\n]{0,60}\b(?:sagen"
    r"|beantworten|entscheiden|antworten|beurteilen)"
    r"|\bwe are (?:still )?(?:checking|working on|looking into|reviewing)"
    r"|\bstill (?:being checked|under review|pending|checking)|\bneed (?:more|some more|until)\b",
    re.IGNORECASE,
)
# "... müssen wir nicht prüfen" and "ich muss sagen, dass die Feuerwehr es prüft" are answers.
HAVE_TO_CHECK = re.compile(
    r"\b(?:ich muss|wir müssen|muss ich|müssen wir)\b(?:(?!\b(?:nicht|keine?n?)\b)[^.!?\n,]){0,80}"
    r"\b(?:klären|abklären|prüfen|nachsehen|abstimmen|besprechen|nachfragen|rücksprache halten"
    r"|erkundigen)\b",
    re.IGNORECASE,
)
FIRST = re.compile(r"\b(?:erst|zuerst|zunächst|noch|vorher|selbst)\b", re.IGNORECASE)
"""What says, beside ``HAVE_TO_CHECK``, that the answer waits for the check."""

PROMISES = re.compile(
    r"\b(?:melden uns|melde mich|geben (?:ihnen |wir )?(?:bescheid|rückmeldung)|(?:antwort"
    r"|rückmeldung|stellungnahme|ergebnis|auskunft)\b[^.!?\n]{0,30}\b(?:folgt|kommt|erhalten sie"
    r"|erfolgt)"
    r"|brauchen noch bis|benötigen noch bis|brauchen (?:dafür |dazu "
    r"|hierfür )?(?:noch )?(?:zeit )?bis|nachreichen|liefern wir|reichen wir nach"
    r"|antworten (?:wir )?(?:bis|in|ihnen)"
    r"|(?:will|shall|'ll) (?:get back|let you know|reply|answer|revert|report back|come back)"
    r"|need until|answer will follow|get back to you)",
    re.IGNORECASE,
)
_WE = r"(?:ich|wir|man)"
# "Sie erhalten den Bescheid" promises a paper
_WORD = (
    r"(?:nachricht|rückmeldung|antwort|auskunft"
    r"|(?<!den )(?<!ihr )(?<!ein )(?<!ihren )(?<!einen )(?<!neuen )bescheid)"
)
_TELL = r"(?:informier|unterricht|benachrichtig|verständig|kontaktier)"
_ONCE = (
    r"\b(?:sobald|danach|dann|sodann|unaufgefordert|unverzüglich|umgehend|zu gegebener zeit|später"
    r"|nach (?:abschluss|klärung|prüfung|eingang|vorliegen|rückkehr|rücksprache)"
    r"|über (?:das|den|die) (?:ergebnis|fortgang|ausgang|(?:weitere[ns]? )?(?:vorgehen|verlauf)))\b"
)
_WITHIN = r"(?:[^.!?\n]|(?<=\d)\.)"
_PROMISED = (
    rf"\bkommen? (?:{_WE} )?{_WITHIN}{{0,40}}\bauf sie zu(?:rück)?\b",
    r"\bauf sie zu(?:rück)?(?:zu)?kommen\b",
    rf"\bgeben? {_WE} (?:ihnen )?(?:\w{{1,20}} )?{_WORD}\b",
    rf"\b(?:hören|erhalten|bekommen) sie {_WITHIN}{{0,40}}\b(?:{_WORD}|vo[nm] (?:uns|mir|hier))\b",
    rf"\bsie (?:hören|erhalten|bekommen) {_WITHIN}{{0,40}}\b(?:{_WORD}|vo[nm] (?:uns|mir|hier))\b",
    rf"\bwerden sie {_WITHIN}{{0,40}}\b{_TELL}t\b|\bsie werden {_WITHIN}{{0,40}}\b{_TELL}t\b",
    rf"\bmelden? (?:{_WE} (?:mich|uns|sich)|(?:mich|uns) )",
    rf"\bwerden? (?:{_WE} )?{_WITHIN}{{0,40}}\b(?:äußern|melden|in verbindung setzen)\b",
    rf"\bhalten? (?:{_WE} )?sie {_WITHIN}{{0,30}}\bauf dem laufenden\b",
    rf"\b{_TELL}en? (?:{_WE} sie|sie)\b(?={_WITHIN}{{0,90}}{_ONCE})",
    rf"{_ONCE}{_WITHIN}{{0,90}}\b{_TELL}en? {_WE} sie\b",
    rf"{_ONCE}{_WITHIN}{{0,90}}\b{_WE} (?:werden? )?sie {_WITHIN}{{0,20}}\b{_TELL}en\b",
)
PROMISED_LATER = re.compile("|".join(_PROMISED), re.IGNORECASE)
"""A promise in any order and person. Not sure enough to hold a text that also tells something."""

_BY = re.compile(
    r"\b(?:bis|spätestens|in|im|zum|am|ab|by|until|on|within|before)\s?(?:(?:zum|zur|spätestens"
    r"|der|die|den|dem|einschließlich|voraussichtlich|about|the|latest)\s){0,3}$",
    re.IGNORECASE,
)
TAKEN_ON = re.compile(
    r"\b(?:wird|werden) (?:umgehend |sofort |hier |gerne? )?(?:erledigt|bearbeitet|geprüft)"
    r"|\b(?:leite|leiten|gebe|geben|reiche|reichen)\b(?! sie\b)(?:(?!\bnicht\b)[^.!?\n]){0,60}"
    r"\bweiter\b"
    r"|\b(?:habe|haben)\b[^.!?\n]{0,60}\b(?:weitergeleitet|weitergegeben)\b"
    r"|\bwerden? (?:wir )?(?:ihre?|das|dies|es|die|den)\b[^.!?\n]{0,60}\b(?:bearbeiten|prüfen"
    r"|beantworten)\b"
    r"|\b(?:schnellstmöglich|(?:so schnell|so bald|so rasch) wie möglich|umgehend|zeitnah|in kürze)"
    r"(?: \w{1,20}){0,3} (?:bearbeitet|beantwortet|melden|zurück|bearbeiten|beantworten)\b"
    r"|\bkümmer[en]\w{0,2} (?:mich|uns)\b(?![^.!?\n]{0,60}, (?:er|sie|es) (?:steht|ist|wird)\b)"
    r"|(?<!betrag )(?<!zahlung )\b(?:ist|sind) (?:hier )?eingegangen\b"
    r"|\b(?:will|I'll|we'll) (?:take care|look into|pass (?:it|this) on)"
    r"|\b(?:have|has been) (?:passed (?:it |this )?on|forwarded)\b",
    re.IGNORECASE,
)
ANSWERS = re.compile(
    r"\b(?:wird|werden|wurde|wurden|ist|sind) (?:(?!ob\b|wenn\b|falls\b)[\w.]{1,25},? ){0,10}"
    r"(?:erteilt|genehmigt|gewährt|bewilligt|vollständig|komplett|zulässig|verkauft"
    r"|(?<!wie )möglich|abgelehnt|zugelassen|erlaubt|bestätigt|festgesetzt|aufgenommen)"
    r"|\b(?:beträgt|betragen|kostet|kosten|gebühr|richtwert|euro|€)\b|\b(?:ja|nein),"
    r"|\b(?:lehnen? (?:wir|ich)|(?:wir|ich) lehnen?)\b(?![^.!?\n]{0,40}zuständigkeit)"
    r"[^.!?\n]{0,40}\bab\b"
    r"|\b(?:has been|is|was|were) (?:approved|granted|complete|rejected|permitted)\b",
    re.IGNORECASE,
)
_ACT = (
    r"(?:aussagen?|auskunft|auskünfte|(?:be)?antwort(?:ung)?|beurteilung|bewertung|einschätzung"
    r"|stellungnahme|prüfung|bearbeitung|rückmeldung)"
)
# "ohne eine Prüfung ist der Abbruch nicht möglich" speaks of the demolition
_OWN_ACTS = re.compile(
    r"(?<!ohne )(?<!für )(?<!durch )(?<!auf )(?<!nach )(?<!über )(?<!bis )(?:"
    rf"\bkeine(?: \w{{1,25}}){{0,2}} {_ACT}\b[^.!?,;\n]{{0,60}}"
    rf"|(?:\b(?:eine|die|diese|unsere) (?:\w{{1,25}} ){{0,2}}|(?:^|(?<=[.!?,;:] ))){_ACT}"
    r"\b[^.!?,;\n]{0,80}"
    r"\b(?:nicht|erst|kaum)\b[^.!?,;\n]{0,60}) ?"
    r"\b(?:möglich|erteilt|gegeben|getroffen|abgegeben|abgeschlossen|gewährt)\b",
    re.IGNORECASE | re.MULTILINE,
)
"""That the office itself can say or do nothing: no verdict on the company's matter."""

SAYS_MORE = re.compile(
    r"\b(?:brauchen|benötigen|bedürfen) sie\b|\bbraucht (?:es|man|ihr)\b|\bbestandsschutz\b"
    r"|\bkeine (?:\w{1,20} )?(?:bedenken|einwände|einwendungen)\b"
    r"|\bgenehmigungs(?:pflichtig|frei)\b"
    r"|\b(?:ist|sind|wird|werden|nicht) (?:\w{1,25} ){0,3}(?:nötig|notwendig|erforderlich"
    r"|entbehrlich)\b(?! (?:ist|sind|wird|werden)\b)"
    r"|\bbescheid\b[^.!?\n]{0,30}\b(?:ergeht|geht|kommt|folgt)\b|\babzulehnen\b"
    r"|\b(?:reichen|stellen|vereinbaren|füllen|beantragen|legen|bringen|nutzen|verwenden|holen"
    r"|beachten) sie\b",
    re.IGNORECASE,
)
"""What decides something, or asks the company for a step: no sentence with it is a mere phrase."""

COURTESIES = re.compile(
    r"^\W{0,3}(?:(?:vielen|besten|herzlichen) dank|danke|(?:many )?thanks|thank you)\b"
    r"[^,;:]{0,90}$"
    r"|\b(?:rück|nach)fragen\b|\b(?:bei|für|zu) (?:\w{1,20} )?fragen\b"
    r"|\b(?:geduld|verständnis|entschuldig\w{1,10}|sorry|tut (?:mir|uns) (?:sehr )?leid)\b"
    r"|\bautomatisch\w{0,2} (?:\w{1,20} )?(?:erzeugt|erstellt|generiert|versandt|nachricht|antwort"
    r"|e-?mail|bestätigung)\b|\bantworten sie (?:bitte )?nicht auf\b"
    r"|\bsie (?:erhalten|bekommen|hören)\b[^.!?\n]{0,60}\b(?:antwort|rückmeldung|nachricht|uns)\b"
    r"|\b(?:bearbeitung\w{0,8}|prüfung|klärung|beantwortung)\b[^.!?\n]{0,60}\bin anspruch\b"
    r"|\bbearbeitung\w{0,8}\b[^.!?\n]{0,60}\b(?:dauer\w{0,2}|anspruch|erfolgt|läuft)\b"
    r"|\b(?:sie|er|man) (?:meldet sich|wird\b[^.!?\n]{0,60}\b(?:melden|bearbeitet|geleitet))\b"
    r"|\bprüfung (?:läuft|dauert an)\b|\b(?:vielzahl|hohen? (?:aufkommens?|arbeitsaufkommens?))\b"
    r"|\bkann (?:ich|man)\b[^.!?\n]{0,40}\bnicht (?:\w{1,15} )?(?:sagen|entscheiden|beantworten"
    r"|beurteilen)\b|\bkönnen wir\b[^.!?\n]{0,40}\bnicht (?:\w{1,15} )?(?:sagen|entscheiden"
    r"|beantworten|beurteilen)\b"
    r"|\bbitte [^.!?\n,]{0,60}\b(?:erneut|nochmals?|noch einmal|als pdf|anderen format)\b"
    r"|^\W{0,3}(?:guten|schönen?|frohe[ns]?) (?:tag|morgen|abend|woche|wochenende|feierabend)\b"
    r"[^,;:]{0,30}$",
    re.IGNORECASE,
)
"""A sentence that adds nothing: with a phrase beside it, the mail still says only the phrase."""

LABELS = re.compile(
    r"\W{0,3}(?:(?:(?:meine|unsere|meiner|unserer|unter|durchwahl|tel|telefon|telefonnummer|mobil"
    r"|handy|rufnummer|fax|nummer|nr|az)\b[\s.:]{0,3}){1,4}[\d\s/+().-]{2,30}|[\d\s/+().-]{2,30}"
    r"|(?:ticket|vorgang|aktenzeichen|geschäftszeichen|betreff|status|datum|eingang|absender"
    r"|zeichen)(?:\w{0,10}| number)\s?:.{0,120}"
    r"|(?:ticket|vorgang)\w{0,10} (?:number|nummer)?:? ?[\d-]{1,20}"
    r"|[^\W\d_]{3,20}(?:amt|aufsicht|behörde|förderung|ämter|verwaltung))\W{0,3}",
    re.IGNORECASE,
)
"""A number to call, or a line of a receipt."""

# "Kein Bestandsschutz" is no name; a sentence ends in a full stop.
NAMES = re.compile(
    r"(?!(?:Kein|Nicht|Nein|Ja|Nur|Welch)\w{0,3}\b)[A-ZÄÖÜ](?:\w{1,20}(?:-\w{1,20})?|\.)"
    r"(?: [A-ZÄÖÜ](?:\w{1,20}(?:-\w{1,20})?|\.)){1,3}"
)

_MAIL = r"(?:anfrage|e-?mail|nachricht|anliegen|schreiben|meldung|eingabe|zuschrift)"
REGISTERED = re.compile(
    rf"\bihre? (?:\w{{1,20}} )?{_MAIL}\b[^.!?\n]{{0,60}}\b(?:(?:bei uns|hier) eingegangen|erfasst"
    r"|registriert|angelegt|aufgenommen|weitergeleitet|wird\b[^.!?\n]{0,60}\bbearbeitet)\b"
    rf"|\bihre? (?:\w{{1,20}} )?{_MAIL}\b{_WITHIN}{{0,40}}\bhabe?n? (?:wir|ich)\b[^.!?\n]{{0,40}}"
    r"\berhalten\b"
    rf"|\bhabe?n? ihre? (?:\w{{1,20}} )?{_MAIL}\b[^.!?\n]{{0,40}}\berhalten\b"
    r"|\bunter (?:der |dem |ihrem |unserem )?(?:(?:vorgangs|ticket|eingangs|bearbeitungs|akten"
    r"|geschäfts)?(?:nummer|nr|zeichen)|az|ticket)\b[^!?\n]{0,60}\b(?:eingegangen|erfasst"
    r"|registriert|angelegt|aufgenommen|bearbeitet|geführt)\b"
    rf"|\bihre? (?:\w{{1,20}} )?{_MAIL}\b{_WITHIN}{{0,40}}\b(?:liegt (?:mir|uns|hier)"
    r"(?: \w{1,12})? vor|ist (?:hier )?eingetroffen|ist (?:hier|bei (?:mir|uns)) angekommen)\b"
    r"|\byour (?:request|message|e-?mail|enquiry|inquiry)\b[^.!?\n]{0,80}\b(?:received|registered"
    r"|logged|recorded)\b",
    re.IGNORECASE,
)
"""That something arrived and has a number, as receipts say."""

NOTED = re.compile(
    r"(?:(?:ich|wir|es|ist|habe?n?|wird|wurde|alles|hiermit) ){0,3}(?:(?:zur )?kenntnis(?:nahme"
    r"| genommen)?|gelesen|gesehen|erhalten|angekommen|eingegangen|notiert|vorgemerkt|abgelegt"
    r"|eingang bestätigt|z\.? ?k\.?|z\.? ?d\.? ?a\.?|read|received|seen|noted)\W{0,5}",
    re.IGNORECASE,
)
"""All that somebody says who only tells that he has seen it."""

# What an office said "im Mai", or in another year, is no mail that it has just sent.
_LONG_AGO = (
    r" (?:vom|von|aus|im)(?: (?:dem|letzten|vergangenen|jahre?)){0,3} (?:jan|feb|mär|apr|mai|jun"
    r"|jul|aug|sep|okt|nov|dez|früh|sommer|herbst|winter|jahr|\d{4}\b)"
)
_SAID = rf"(?:mail|e-mail|nachricht|antwort|(?:auskunft|stellungnahme)\b(?!{_LONG_AGO}))"
_EARLIER = r"(?:meine[rn]?|unsere[rn]?|letzten?|vorigen?|vorherigen?|ersten?|früheren?)"
CORRECTS = re.compile(
    rf"\b(?:korrigiere|berichtige)n? (?:(?:ich|wir|hiermit) ){{0,2}}(?:meine|unsere) "
    rf"(?:\w{{1,15}} )?{_SAID}\b(?:[^.!?:\n]|(?<=\d)\.){{0,60}}: ?(?P<now>[^\n]{{1,400}})",
    re.IGNORECASE,
)
"""That a mail puts an earlier one right, with the new words behind a colon."""

RECALLS = re.compile(
    r"\bmöchten? die nachricht\b[^\n]{0,300}\bzurückrufen\b"
    r"|\bwould like to recall the message\b"
    rf"|\bbitte\b[^.!?\n]{{0,20}}\b{_EARLIER} (?:\w{{1,15}} )?{_SAID}\b[^.!?\n]{{0,60}}"
    r"\b(?:ignorieren|vergessen|löschen|nicht (?:mehr )?(?:verwenden|beachten|berücksichtigen"
    r"|benutzen))\b"
    rf"|\b(?:ignorieren|vergessen|löschen) sie (?:bitte )?(?:die )?{_EARLIER} (?:\w{{1,15}} )?"
    rf"{_SAID}\b"
    rf"|\b{_EARLIER} (?:\w{{1,15}} )?{_SAID}\b(?:[^.!?\n]|(?<=\d)\.){{0,60}}"
    r"\b(?:gegenstandslos|hinfällig|überholt|ungültig|falsch|nicht richtig|fehlerhaft)\b"
    rf"|(?<!bescheid )\bersetzt {_EARLIER} (?:\w{{1,15}} )?{_SAID}\b(?![^.!?\n]{{0,60}}\bnicht\b)"
    r"|^\W{0,5}(?:kleine |eine )?(?:korrektur|berichtigung|richtigstellung|correction)"
    r"(?:$|[:!.]| (?:(?:zu|von|to|of) )?(?:meine[rnm]?|unsere[rnm]?|my|our)\b"
    rf"| zu[rm]? (?:\w{{1,15}} )?{_SAID}\b)"
    r"|\b(?:korrigiere|berichtige|widerrufe)n? (?:ich |wir |hiermit ){0,2}(?:meine|unsere)\b"
    rf"|\b{_EARLIER} (?:\w{{1,15}} )?{_SAID}\b[^.!?\n]{{0,40}}\b(?:nehme|ziehe)n? (?:ich|wir)"
    r"(?: hiermit)? zurück\b"
    rf"|\b(?:nehme|ziehe)n? (?:(?:ich|wir|hiermit) ){{0,2}}{_EARLIER} (?:\w{{1,15}} )?{_SAID}\b"
    r"[^.!?\n]{0,40}\bzurück\b"
    r"|\bplease (?:ignore|disregard|delete) (?:my|our|the (?:last|previous|earlier|first))\b",
    re.IGNORECASE | re.MULTILINE,
)
"""That an earlier mail shall not count, or not as it stands."""

WRONG_READER = re.compile(
    r"\bfalsche[rn]? (?:empfänger\w{0,2}|adressat\w{0,2}|verteiler)\b"
    r"|\b(?:war|(?:mail|nachricht|antwort)\b[^.!?\n]{0,20}\bist)"
    r" (?:leider |wohl |gar )?nicht für (?:sie|dich|euch) (?:bestimmt|gedacht)\b"
    r"|\bwrong (?:recipient|addressee|person)\b|\b(?:sent|replied) (?:\w{1,12} ){0,2}"
    r"(?:in error|by mistake)\b",
    re.IGNORECASE,
)
UNREADABLE = re.compile(
    r"\b(?:anlagen?|anhang|anhänge|datei(?:en)?|pdf|dokumente?|foto|bild|link|mail|e-mail)\b"
    r"[^.!?\n]{0,60}\b(?:(?:nicht|nichts) (?:zu )?(?:öffnen|lesen|lesbar|öffenbar|geöffnet|gelesen"
    r"|angezeigt)|lässt sich nicht|lassen sich nicht|war nicht dabei|beschädigt|defekt"
    r"|unleserlich)\b"
    r"|\bihrer? (?:mail|e-mail|nachricht|anfrage)\b[^.!?\n]{0,40}\bfehl(?:t|en)\b(?! nicht)"
    r"|\b(?:der anhang|die anhänge) fehl(?:t|en)\b(?! nicht)|\bohne (?:anhang|anhänge)\b"
    r"|\b(?:bitte|nochmals?|noch einmal|erneut)\b[^.!?\n]{0,30}\b(?:erneut|nochmals?|noch einmal)"
    r" (?:\w{1,15} )?(?:senden|schicken|zusenden|übersenden|zuschicken|hochladen)\b"
    r"|\bcan(?:not|'t|’t| not) (?:open|read)\b",
    re.IGNORECASE,
)
CALL_BACK = re.compile(
    r"\brufen sie (?:mich|uns) (?:bitte |doch |kurz |mal |einmal ){0,3}(?:zurück|an)\b"
    r"|\bbitte (?:um )?(?:kurzen? )?(?:rückruf|anruf)\b|\bplease call (?:me|us)\b",
    re.IGNORECASE,
)
TO_MANAGER = re.compile(
    r"\b(?:können|dürfen|sollten|würde)\b[^.!?\n]{0,20}\bso nicht (?:raus|heraus|hinaus|weiter)"
    r"(?:geben|gehen|schicken|senden|lassen|leiten)\b"
    r"|\bso (?:darf|kann|sollte) das nicht (?:raus|heraus|hinaus)\b",
    re.IGNORECASE,
)
"""What only whoever sends the answer out can be told."""

CALENDAR = re.compile(
    r"^(?:termineinladung|terminabsage|antwort auf eine termineinladung|gegenvorschlag zu einem"
    r" termin):",
    re.IGNORECASE | re.MULTILINE,
)
"""An invitation as ``mailflow.reading`` puts it into words."""

# What was not read as an absence note may still be one; or it is how an answer ends.
AWAY = re.compile(
    r"\b(?:ich|wir)\b(?! vertreten?\b)[^!?\n]{0,90}"
    r"\b(?:nicht (?:erreichbar|verfügbar|anwesend|am arbeitsplatz)"
    r"|nicht (?:im|in meinem) (?:büro|hause?|dienst|amt)|außer haus|im urlaub|abwesend|erkrankt)\b"
    r"|\b(?:meiner|unserer) abwesenheit\b|\bout of (?:the )?office\b",
    re.IGNORECASE,
)


def answers(text: str) -> bool:
    """Tell whether something is decided or costs something, beside what the office cannot do."""
    return bool(ANSWERS.search(without_own_acts(text)))


def without_own_acts(text: str) -> str:
    """Give a text without the clauses that say what the office cannot tell, check or work on."""
    return _OWN_ACTS.sub(" ", text)


def promised(text: str, written: date) -> date | None:
    """Find the day something is promised for: a date after "bis", "in", "by"; a week's Friday.

    A day more than two years ahead is no promise: it would put off every reminder.
    """
    found = [
        mention
        for mention in mentions(text, written)
        if _BY.search(text[max(0, mention.start - 40) : mention.start])
        or _is_self_dated(text, mention)
    ]
    near = [mention for mention in found if PROMISES.search(_around(text, mention))] or found
    days = [_workday_end(mention) for mention in near]
    coming = [day for day in days if written <= day <= written + LONGEST_WAIT]
    return min(coming) if coming else None


def _is_self_dated(text: str, mention: Mention) -> bool:
    return bool(
        re.match(
            r"(?:in|within|innerhalb|next"
            r"|nächste)\b",
            text[mention.start : mention.end],
            re.IGNORECASE,
        )
    )


def _around(text: str, mention: Mention) -> str:
    return text[max(0, mention.start - 90) : mention.end + 60]


def _workday_end(mention: Mention) -> date:
    is_week = mention.last - mention.first == timedelta(days=6)
    return mention.first + timedelta(days=4) if is_week else mention.last
