"""Receipts: a text that says that something arrived, or is looked after, and surely no more.

Each row is a whole sentence, and what may stand in it is listed. A word that is in no list may be
what somebody says of the matter: then the text is no receipt, and is seen.
"""

import re
from collections.abc import Iterable
from functools import cached_property

from mailflow.core.letter import below_closing, content
from mailflow.core.message import Message
from mailflow.core.sentences import sentences
from mailflow.core.short_replies import decides
from mailflow.core.signatures import is_of_signature, names_author, without_signature
from mailflow.core.visible import visible
from mailflow.core.wording import answers

__all__ = ["may_be_receipt", "only_receives", "says_no_more"]

_LONGEST = 1_500  # letters of a receipt, for the time it takes to look it through


class _Rows:
    """Sentences as patterns, compiled for the first text that is looked at.

    That takes longer than all that a command does which reads no mail.
    """

    def __init__(self, rows: Iterable[str]) -> None:
        self._rows = tuple(rows)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(self._rows), re.IGNORECASE)

    def is_all_of(self, text: str) -> bool:
        """Whether a row is the whole text."""
        return bool(self._pattern.fullmatch(text))

    def is_in(self, text: str) -> bool:
        """Whether a row stands somewhere in the text."""
        return bool(self._pattern.search(text))

    def taken_out_of(self, text: str) -> str:
        """Give the text with a space wherever a row stood."""
        return self._pattern.sub(" ", text)


_MAIL = (
    r"(?:(?:nachricht|e-?mail|mail|(?:kontakt)?anfrage|anliegen|schreiben|mitteilung"
    r"|eingabe)s?)"
)
_NUMBER = r"#?[\w/.:-]{0,20}\d[\w/.:-]{0,20}"
_CASE = (
    r"(?:(?:vorgangs?|tickets?|eingangs|bearbeitungs|fall|anfrage)-?"
    r"(?:nummer|nr\.?|id|zeichen|kennung)|nummer|tickets?|vorgangs?|aktenzeichen)"
)
_NUMBERED = rf"(?:der |dem |die |den |das |folgender |folgende |ihre |ihrer )?{_CASE}:? ?{_NUMBER}"
_MAILED = (
    rf"(?:(?:ihre[snmr]?|ihr|das|die|den|der|des|dem) {_MAIL}"
    r"(?: vom \d{1,2}\. ?(?:\d{1,2}\.|[a-zä]{3,9})(?: ?\d{2,4})?)?"
    rf"(?: \({_NUMBERED}\)| (?:(?:mit dem |zum )?betreff:? )?[\"„][^\"“”]{{1,120}}[\"“”])?)"
)
_YOURS = rf"(?:{_MAILED}|sie|es|diese[sr]?)"
_DECIDED = (
    r"(?:ja|nein|kein|abl|absage|zustimm|zusage|freigabe|genehmig|erlaubnis|erteil|wider|euro?\b)"
)
_TITLE = (
    rf": (?:(?:sach)?stand|(?:an|nach)?fragen?|antrag)(?: (?!{_DECIDED})"
    r"(?-i:[A-ZÄÖÜ\d][\w-]{0,40}|de[rsmn]|die|das|zu[rm]?|für|und|i[nm]|an|am|auf|bei|vo[nm]|wegen)\b){0,10}"
)
_SOMEBODY = (
    r"(?:(?:den|der|die|das|unsere[rnm]?|eine[rnm]?|einen|zur|zum) )?"
    r"(?:(?:zuständigen?|nächsten?|weiteren) )?"
    r"(?:bearbeitung|(?:fach)?abteilung|fachbereich|sachgebiet|(?:sach)?bearbeiter(?:in)?|sachbearbeitung"
    r"|kolleg(?:en|in|innen)|mitarbeiter(?:in|n|innen)?|team|mitarbeitenden)"
)
_HOW = (
    r"(?:so (?:schnell|bald|rasch|zeitnah) (?:wie|als) (?:nur )?möglich"
    r"|in (?:kürze|bälde|den nächsten (?:tagen|wochen))"
    r"|(?:in|nach) (?:der )?reihenfolge (?:des|ihres) eingangs"
    rf"|(?:unter|mit) {_NUMBERED}"
    r"|(?:hier|bei uns|von uns|im (?:system|hause?)|in unserem (?:ticket-?)?(?:system|hause?))"
    rf"|(?:bei|mit) ihnen|an sie|(?:(?:an|durch|von|bei) )?{_SOMEBODY}"
    r"|(?:mit )?(?:vielen )?dank|dankend|schnellst ?möglich|baldmöglichst|umgehend|zeitnah"
    r"|unverzüglich|baldigst|bald|kurzfristig|demnächst|gerne?|nun|jetzt|derzeit|aktuell|zurzeit"
    r"|momentan|dann|daraufhin|anschließend|ordnungsgemäß|erfolgreich|bereits|automatisch"
    r"|persönlich|wieder|schnell|sorgfältig|heute|soeben|gerade|sicher|diesbezüglich|hierzu|dazu"
    r"|unaufgefordert|damit|darum|für sie)"
)
_FILL = rf"(?: {_HOW}){{0,5}}"
_BUSY = rf"(?:bearbeitet|geprüft|an {_SOMEBODY} weitergeleitet|beantwortet|weiterbearbeitet)"
_LOOKS_AFTER = (
    rf"(?:melden{_FILL} uns{_FILL}|kümmern uns{_FILL}(?: um {_YOURS})?"
    rf"|setzen uns{_FILL} in verbindung|kommen{_FILL} auf sie zu(?:rück)?"
    rf"|bearbeiten {_YOURS}{_FILL}|werden (?:uns|{_YOURS}){_FILL}(?: um {_YOURS})?"
    r" (?:melden|kümmern|bearbeiten|prüfen|beantworten|weiterleiten|in verbindung setzen))"
)
_ARRIVED = (
    r"(?:eingegangen|eingetroffen|angekommen|übermittelt|empfangen|erhalten|erfasst|registriert|angelegt"
    rf"|aufgenommen|an {_SOMEBODY} weitergeleitet|übernommen|zugewiesen|zugeordnet)"
)
_AND_THEN = rf"(?:(?:,|,? und)(?: wird{_FILL} {_BUSY}| (?:wir )?{_LOOKS_AFTER}))?"
_VAGUELY = (
    r"(?:(?:etwas|einige|ein paar|mehrere) (?:zeit|(?:arbeits|werk)?tage|wochen)(?: dauern"
    r"| in anspruch nehmen)|etwas (?:länger dauern|verzögern))"
)
_RECEIVED = _Rows(
    (
        rf"(?:wir|ich) haben? {_YOURS}{_FILL} {_ARRIVED}(?:{_AND_THEN}|{_TITLE})",
        rf"{_YOURS} haben (?:wir|uns){_FILL} (?:erhalten|erreicht){_AND_THEN}",
        rf"{_YOURS} (?:ist|wurde){_FILL} {_ARRIVED}(?:{_AND_THEN}|{_TITLE})",
        (
            rf"{_YOURS} (?:wird{_FILL} {_BUSY}|(?:ist|befindet sich){_FILL} in (?:der )?"
            rf"(?:bearbeitung|prüfung)){_AND_THEN}"
        ),
        rf"wird{_FILL} {_BUSY}",
        (
            rf"(?:hiermit )?(?:wir |ich )?bestätigen? (?:wir |ich )?(?:ihnen )?(?:hiermit )?"
            rf"(?:gerne? )?den (?:eingang|empfang|erhalt) {_YOURS}{_AND_THEN}"
        ),
        (
            rf"wir {_LOOKS_AFTER}(?: und {_LOOKS_AFTER})?"
            rf"|ich (?:kümmere mich{_FILL}(?: um {_YOURS})?|melde mich{_FILL})"
        ),
        (
            rf"sie hören{_FILL} von uns{_FILL}|eine (?:antwort|rückmeldung) (?:er)?folgt{_FILL}"
            rf"|sie (?:erhalten|bekommen){_FILL} (?:eine )?(?:antwort|rückmeldung|nachricht)"
            r"(?: von uns)?"
        ),
        (
            rf"(?:wir haben )?(?:ein|einen|es wurde ein|ihr|das|der) (?:neue[rns]? )?{_CASE}"
            rf"(?: {_NUMBER})?(?: (?:ist|wurde))?(?: (?:zu|für) {_YOURS})?{_FILL}"
            rf" (?:erstellt|eröffnet|aktualisiert|{_ARRIVED}){_AND_THEN}"
        ),
        (
            rf"(?:der )?status (?:{_YOURS}|ihres {_CASE}|des {_CASE})(?: {_NUMBER})?"
            r" (?:hat sich geändert|wurde geändert|ist|lautet):? ?(?:auf )?[\"„']?(?:in bearbeitung"
            r"|in prüfung|offen|neu|zugewiesen)?[\"“”']?"
        ),
        rf"(?:ihr|der|das) {_CASE}(?: {_NUMBER})? wird{_FILL} {_BUSY}",
        rf"{_MAILED} (?:hat|trägt|erhält|erhielt|bekommt|läuft unter) {_NUMBERED}",
        rf"(?:ihre |die )?{_CASE} (?:zu|für) {_MAILED}(?: (?:lautet|ist))? ?:? ?{_NUMBER}",
        r"(?:automatische )?(?:eingangs|empfangs)bestätigung|status: in (?:bearbeitung|prüfung)",
        (
            rf"we have received your (?:{_MAIL}|message|request|enquiry|inquiry)"
            r"(?: and will (?:get back to you|respond|reply)(?: (?:shortly|soon"
            r"|as soon as possible))?)?"
        ),
        (
            rf"your (?:message|{_MAIL}|request|enquiry|inquiry) (?:has been|was) (?:successfully )?"
            rf"(?:received|registered|logged)(?: and (?:registered|logged))?"
            r"(?: (?:as|under|with) (?:ticket|number|case)"
            rf"(?: number)? {_NUMBER})?"
        ),
        (
            r"we will (?:get back to you|respond|reply|contact you)"
            r"(?: (?:shortly|soon|as soon as possible))?"
        ),
        rf"an? (?:new )?(?:ticket|case)(?: {_NUMBER})? has been (?:created|opened)(?: for you)?",
    )
)
_THANKS = _Rows(
    (
        (
            rf"(?:(?:vielen|herzlichen|besten) dank|danke|wir (?:be)?danken ihnen|wir bedanken uns)"
            rf" für (?:{_YOURS}|(?:ihre|die) (?:kontaktaufnahme|nachfrage)"
            r"|ihr (?:interesse|vertrauen))"
            rf"(?:,? und ihr (?:interesse|vertrauen))?{_AND_THEN}"
        ),
        r"thank you for (?:your (?:message|e-?mail|request|enquiry|inquiry)|contacting us)",
    )
)
_DAY = (
    r"(?:mo(?:ntags?)?|di(?:enstags?)?|mi(?:ttwochs?)?|do(?:nnerstags?)?|fr(?:eitags?)?"
    r"|sa(?:mstags?)?|so(?:nntags?)?)"
)
_HOURS = (
    rf"(?:[\s,;:./–-]{{1,3}}(?:{_DAY}|\d{{1,2}}(?:[.:]\d\d)?|uhr|und|bis|von|sowie|täglich"
    r"|geschlossen|nach (?:termin)?vereinbarung)\b\.?){1,40}"
)
_URL = r"(?:https?://|www\.)[^\s,;]{3,120}"
_PHONE = r"(?:tel(?:efon)?\.?:? ?)?(?:\+|\()?\d[\d\s/()-]{4,25}"
_PORTAL = (
    r"(?:(?:das|unser|dem|unserem|im|unter) )?(?:[a-z]{0,20}portal(?: der (?:stadt|verwaltung))?"
    rf"|{_URL})"
)
_WAY = rf"(?:(?:unter|über|per) (?:der )?(?:(?:telefon|ruf)?nummer )?(?:{_PHONE}|{_URL})|online)"
# What stands beside it, and says nothing of a matter either.
_BESIDE = _Rows(
    (
        (
            r"(?:bitte (?:beachten|nutzen) sie (?:auch )?|sie erreichen uns (?:zu|während) )?"
            r"(?:unseren?|die|den|folgende) (?:sprech|öffnungs|service|geschäfts|büro)zeiten"
            rf"(?: (?:sind|lauten))?(?:{_HOURS})?"
        ),
        rf"(?:ihre |die )?{_CASE}(?: (?:lautet|ist))? ?:? ?{_NUMBER}",
        rf"(?:sprech|öffnungs|service|geschäfts|büro)zeiten(?:{_HOURS})?|{_DAY}{_HOURS}",
        r"(?:und )?nach (?:termin)?vereinbarung|(?:sach)?bearbeiter(?:in)?: [\w-]{1,30}",
        r"(?:bitte )?beachten sie (?:bitte )?(?:auch )?unsere datenschutz(?:hinweise|erklärung)",
        (
            rf"für [a-zäöüß]{{3,30}}(?:anträge|anfragen|anliegen|meldungen) nutzen sie (?:bitte )?"
            rf"(?:auch )?{_PORTAL}"
        ),
        (
            r"dort finden sie (?:auch |alle |weitere |viele |unsere ){0,2}(?:formulare|merkblätter"
            r"|informationen|hinweise)(?: und (?:formulare|merkblätter|informationen|hinweise))?"
        ),
        (
            rf"termine vereinbaren sie (?:bitte )?{_WAY}|(?:telefonisch |sie ){{1,2}}erreichen "
            rf"(?:sie )?uns(?: auch)?(?: telefonisch)?(?:{_HOURS})? {_WAY}(?:{_HOURS})?"
        ),
        (
            rf"bitte (?:geben|nennen) sie (?:bei (?:rück|nach)fragen |stets |immer ){{0,2}}"
            rf"(?:diese|die|folgende|ihre) {_CASE}(?: {_NUMBER})?"
            r"(?: (?:bei|für) (?:rück|nach)fragen)?(?: an)?"
        ),
        (
            rf"(?:sie können )?den (?:aktuellen )?(?:stand|status|bearbeitungsstand)(?: {_YOURS})?"
            rf"(?: können sie)? (?:jederzeit )?{_PORTAL}(?: jederzeit)?"
            r" (?:einsehen|verfolgen|abrufen)"
        ),
        rf"(?:informationen|hinweise) zum datenschutz(?: finden sie)?(?: unter)?:? ?(?:{_URL})?",
        (
            r"bitte sehen sie von (?:telefonischen |weiteren )?(?:(?:rück|nach)fragen|anrufen)"
            r"(?: zum sachstand)? ab"
        ),
        (
            r"(?:bitte )?antworten sie (?:bitte )?nicht auf diese (?:automatisch \w{3,12} )?"
            rf"{_MAIL}|please do not reply to this (?:e-?mail|message)"
        ),
        (
            r"wir (?:bitten|danken)(?: ihnen)? (?:um|für) (?:etwas |ihre? ){0,2}"
            r"(?:geduld|verständnis)|bitte haben sie (?:noch )?(?:etwas )?(?:geduld|verständnis)"
        ),
        (
            rf"(?:die|eine) (?:bearbeitung|beantwortung)(?: {_YOURS})? kann(?: sich)?(?: derzeit)?"
            r"(?: aufgrund (?:der|des) (?:\w{1,12} )?(?:vielzahl|aufkommens|anfragen))?"
            rf" {_VAGUELY}"
        ),
        (
            rf"(?:dies|das|diese {_MAIL}) (?:ist|wurde|wird) (?:eine )?automatisch "
            r"(?:erstellt|erzeugt|generiert|versandt|versendet|verschickt)"
            rf"(?:e (?:{_MAIL}|antwort|(?:eingangs|empfangs)bestätigung))?"
        ),
        r"this is an automatic(?:ally generated)? (?:e-?mail|message|reply)",
        (
            r"(?:bei (?:rück)?fragen )?stehen wir (?:ihnen )?(?:gerne? |jederzeit ){0,2}"
            r"zur verfügung|bei (?:rück)?fragen (?:wenden sie sich|melden sie sich) "
            r"(?:bitte |gerne? |jederzeit ){0,2}(?:an|bei) uns"
        ),
        # who signs
        (
            r"(?-i:Ihre?|Das) [\w-]{0,30}(?:team|service|support|verwaltung|(?<!bau)stelle"
            r"|aufsicht|amt|center|büro)(?-i:(?: (?:der |des |für )?[A-ZÄÖÜ][\w-]{1,40}){0,4})"
        ),
    )
)


_PERHAPS = _Rows(
    (
        (
            rf"\b(?:ihre?[snmr]?|deine?[snmr]?|eure?[snmr]?) {_MAIL} (?:ist|wird|wurde)\b"
            rf"[^.!?\n]{{0,60}}\b(?:{_ARRIVED}|{_BUSY}|weitergeleitet)\b"
        ),
        rf"\b{_MAIL}, die wir erhalten haben\b",
        rf"\b(?:eingang|empfang|erhalt) (?:ihre[snmr]?|deine[snmr]?) {_MAIL}\b",
        (
            r"\bwir (?:bearbeiten (?:es|sie|diese)\b(?! (?-i:[A-ZÄÖÜ]))|werden (?:es|sie|diese)\b"
            r"[^.!?\n]{0,40}\b(?:bearbeiten|prüfen|beantworten)\b)"
        ),
    )
)
# What stands beside a receipt, and may be meant as more.
_PERHAPS_BESIDE = _Rows(
    (
        r"\b(?:sprech|öffnungs|service|geschäfts|büro)zeiten\b|\berreichen sie uns\b",
        r"\b(?:weitere )?(?:informationen|hinweise|antworten)\b[^.!?\n]{0,60}\bfinden sie\b",
        r"\bbesuchen sie\b|\bbeachten sie (?:bitte )?(?:auch )?(?:die|unsere) (?:faq|hinweise)\b",
        r"^(?:(?:vielen|herzlichen|besten) )?danke?\b[^.!?,;:\n]{0,60}$",
        r"\bin dringenden fällen\b|\bliegt uns am herzen\b|\bist uns (?:sehr )?wichtig\b",
        r"^\W{0,3}(?:sie|diese[sr]?|es) (?:wird|wurde)\b[^.!?\n]{0,60}\bweitergeleitet\b",
    )
)


def only_receives(message: Message) -> bool:
    """Whether a mail is a receipt and no more, with no file in which something may stand."""
    if any(not each.inline for each in message.attachments):
        return False
    return says_no_more(without_signature(visible(message.new_text), visible(message.sender.name)))


def says_no_more(text: str) -> bool:
    """Whether a text says that something arrived or is looked after, and each sentence no more.

    What stands beside thanks alone may be meant as the answer: "Bitte nutzen Sie das Portal."
    """
    if len(text) > _LONGEST or not _only_signed(below_closing(text)):
        return False
    said = _said(text)
    beside = [each for each in said if not _RECEIVED.is_all_of(each)]
    if len(beside) == len(said):
        return bool(said) and all(map(_THANKS.is_all_of, said))
    return all(_THANKS.is_all_of(each) or _BESIDE.is_all_of(each) for each in beside)


def may_be_receipt(text: str) -> bool:
    """Whether a short text sounds like a receipt, and each sentence like one that receipts have."""
    said = _said(text) if len(text) <= _LONGEST else []
    others = [each for each in said if not _sounds_received(each)]
    return len(others) < len(said) and all(map(_sounds_beside, others))


def _sounds_received(sentence: str) -> bool:
    if _RECEIVED.is_all_of(sentence):
        return True
    return _PERHAPS.is_in(sentence) and not decides(_PERHAPS.taken_out_of(sentence))


def _sounds_beside(sentence: str) -> bool:
    if _BESIDE.is_all_of(sentence):
        return True
    return _PERHAPS_BESIDE.is_in(sentence) and not answers(sentence)


def _said(text: str) -> list[str]:
    return [" ".join(each.split()).rstrip(" .!:") for each in sentences(content(text))]


def _only_signed(lines: list[str]) -> bool:
    """Whether below the closing stand only a name, who and where that is, and what says nothing."""
    below = lines[1:] if lines and names_author(lines[0]) else lines
    return all(is_of_signature(each) or _BESIDE.is_all_of(each.rstrip(" .!")) for each in below)
