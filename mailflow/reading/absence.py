"""Absence notes: until when somebody is away, and who stands in.

The words are tables by language; the dates come from ``core.dates``. A note is told from a person
by what it does *not* say: notes consist of stock sentences, persons add one of their own.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from mailflow.core.dates import Mention, mentions

__all__ = ["Absence", "absence", "looks_like_absence"]

_MAX_NOTE = 4_000
_BEFORE = 45
_AFTER = 60
_STALE = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away: the last day absent (None: not said), and the deputy as named.

    ``deputy`` is a mail address where one is given, otherwise a name, otherwise ``""``.
    """

    until: date | None
    deputy: str


# A machine's subject. What follows "AW:" is a person's answer to such a note.
_SUBJECT = re.compile(
    r"\s*(?:\[[^\]]{0,60}\]\s*)?(?:"
    r"automatische antwort|automatische rückantwort|automatische rückmeldung"
    r"|auto(?:matische)?[- ]?reply"
    r"|abwesen(?:d|heit|heitsnotiz|heitsmeldung|heitsbenachrichtigung|heitsassistent)\w{0,15}"
    r"|nicht im (?:büro|haus|hause|dienst)\b|außer haus|ausser haus|urlaub\b|im urlaub"
    r"|elternzeit\b"
    r"|out[ -]of[ -](?:the[ -])?office|ooo\b|automatic reply|automated reply|auto[- ]?response"
    r"|autoreply|away from (?:my )?(?:mail|office|desk)|on (?:leave|vacation|holiday)"
    r"|i am (?:currently )?(?:out|away)|vacation (?:reply|response|notice)"
    r"|automatisch antwoord|automatische? (?:reactie|beantwoording)|afwezig\w{0,10}|niet aanwezig"
    r"|otomatik (?:yanıt|cevap)|ofis dışı\w{0,4}|izindeyim"
    r"|réponse automatique|absence\b|absent|message d['’]absence"
    r"|odpowiedź automatyczna|automatyczna odpowiedź|poza biurem|nieobecno\w{0,4}|autoresponder"
    r"|autosvar|automatiskt svar|automatisk svar|risposta automatica|respuesta automática"
    r")",
    re.IGNORECASE,
)
# What says that the writer is away. Each alternative is one language's usual wording.
_AWAY = re.compile(
    r"nicht (?:im|in meinem|am|in der|in unserem) (?:büro|haus|hause|dienst|amt|arbeitsplatz"
    r"|dienststelle)"
    r"|(?:nicht|nur eingeschränkt|schlecht|erst) (?:zu )?(?:erreichbar|erreichen)|außer haus"
    r"|ausser haus"
    r"|nicht (?:vor ort|da|anwesend|zugegen|verfügbar|besetzt)\b|abwesen|(?:im|in"
    r"|auf) (?:\w{0,12}\s)?(?:urlaub|elternzeit"
    r"|mutterschutz|dienstreise|fortbildung|kur|reha|resturlaub|erholungsurlaub)|erkrankt"
    r"|krank\b|dienstfrei"
    r"|urlaubsbedingt|krankheitsbedingt|betriebsferien|geschlossen|wieder (?:für sie )?(?:da|im"
    r"|zu|erreich|zurück|am|für|ab)"
    r"|out of (?:the )?office|on (?:annual |parental |sick |maternity |business )?(?:leave"
    r"|vacation|holiday|trip|travel)"
    r"|away (?:from|until|till|on)|not (?:in|at) (?:the |my )?(?:office|work|desk)|(?:not"
    r"|un)\s?available"
    r"|limited access|back (?:in|on|at)|return(?:ing)? (?:on|to)|office (?:is|will be) closed"
    r"|niet (?:aanwezig|op kantoor|bereikbaar|beschikbaar)|afwezig|met (?:vakantie|verlof)"
    r"|op vakantie|weer (?:terug|aanwezig|bereikbaar)"
    r"|ofiste (?:değil|olmayaca)|ofis dışında|izinde|yıllık izin|tatilde|müsait değil"
    r"|absente?s?\b|en (?:congés?|vacances|déplacement)|pas (?:au bureau|joignable|disponible)"
    r"|de retour|serai absent"
    r"|nieobecn|poza biurem|na urlopie|urlopu|nie ma mnie|jestem na|przebywam na|niedostępn",
    re.IGNORECASE,
)
# Sentences only a note has.
_STOCK = re.compile(
    r"(?:vielen dank|danke|besten dank|herzlichen dank) für ihre (?:nachricht|e-?mail|mail"
    r"|mitteilung|anfrage)"
    r"|ihre (?:nachricht|e-?mail|mail)s? (?:wird|werden|wurde) (?:nicht|in dieser|währenddessen"
    r"|automatisch|nach)"
    r"|nicht (?:automatisch )?(?:weitergeleitet|gelesen|bearbeitet)|in dringenden (?:fällen"
    r"|angelegenheiten)"
    r"|bei dringend|wenden sie sich|in meiner (?:abwesenheit|vertretung)|meine vertretung"
    r"|vertretung|vertreten durch"
    r"|automatisch (?:erstellt|generiert|versand)|diese (?:e-?mail|nachricht) wurde automatisch"
    r"|wieder (?:persönlich )?(?:erreichbar|für sie da|im büro|im dienst|im hause?)"
    r"|schnellstmöglich|nach meiner rückkehr|sobald ich (?:wieder|zurück)|melde mich (?:dann"
    r"|danach|nach)"
    r"|thank(?:s| you) for your (?:e-?mail|message|mail|note)|(?:for |in )?urgent (?:matters"
    r"|cases|issues|requests|enquiries|inquiries)"
    r"|if (?:it is|this is|your (?:request|matter|message) is) urgent|in (?:my|his|her) absence"
    r"|please contact|will (?:reply|respond|get back|answer)"
    r"|not be forwarded|upon my return|when i (?:return|get back|am back)"
    r"|bedankt voor (?:uw|je)|voor dringende|bij dringende|neem contact op"
    r"|tijdens mijn afwezigheid"
    r"|mesajınız için|e-?postanız için|acil (?:durum|konu)|iletişime geç"
    r"|merci (?:pour|de) votre|en cas d['’]urgence|pour toute urgence|veuillez (?:contacter"
    r"|vous adresser)|pendant mon absence"
    r"|dziękuję za (?:wiadomość|kontakt|maila)|w pilnych sprawach|w sprawach pilnych"
    r"|proszę o kontakt|w czasie mojej nieobecności",
    re.IGNORECASE,
)
# What only a person says beside being away: an answer, a question, an arrangement.
_PERSONAL = re.compile(
    r"\baber (?:kurz|schon|trotzdem|gern|dazu|hier)|\beigentlich\b|\btrotzdem\b"
    r"|\bkurz (?:von unterwegs|aus dem)"
    r"|\bhier (?:kurz|schon|vorab)|\bpasst (?:ihnen|es|dir)|\bkönnen wir\b"
    r"|\bschlage(?:n)? (?:ich|wir)? ?vor|\bkönnten sie\b"
    r"|\bbevor ich\b|\bvorher\b|\bim anhang|\banbei\b|\bzu ihrer frage|\bzu frage"
    r"|\bder antrag (?:ist|liegt|wurde)"
    r"|\b(?:passt|geht|klappt|reicht)\b[^.]{0,60}\?|\bwann (?:können|wäre|passt)"
    r"|\bbut (?:quickly|briefly|here|to answer)|\bbefore (?:that|then|i leave)"
    r"|\bcould (?:you|we)\b|\bcan we\b|\battached\b|\bquick answer\b|\bmaar (?:kort|toch)"
    r"|\bmais (?:voici|brièvement)",
    re.IGNORECASE,
)
_INDEFINITE = re.compile(
    r"bis auf weiteres|until further notice|tot nader order"
    r"|jusqu['’]à nouvel ordre",
    re.IGNORECASE,
)

_UNTIL_BEFORE = re.compile(
    r"(?:\bbis(?: und mit| einschl(?:ießlich|iesslich|\.)?| inkl(?:usive|\.)?| voraussichtlich"
    r"| mindestens| zum| einschließlich zum| zu| incl\.?){0,3}"
    r"|\b(?:until|till|til|through|thru|up to)(?: and including| at least| about| the end of)?"
    r"|\bt/m|\btot(?: en met)?|\bjusqu['’](?:au|à|à la|en)|\bdo(?: dnia)?|\bau"
    r"|(?<=\d)\.?\s?[-–—]|\s[-–—])\s*(?:(?:einschl(?:ießlich|\.)?|inkl\.?|den|dem|the|le|dnia"
    r"|and including|zum|zur)\s*){0,3}$",
    re.IGNORECASE,
)
_UNTIL_AFTER = re.compile(
    r"^['’]?\w{0,4}\s?(?:tarihine\s|günü\s|gününe\s)?(?:kadar|dek)\b|^\s?\(?(?:einschließlich"
    r"|inklusive|inclusive)",
    re.IGNORECASE,
)
_FROM_BEFORE = re.compile(
    r"\b(?:ab|am|erst(?: wieder)?(?: ab| am)?|seit|from|on|as of|starting|beginning|vanaf|op|le"
    r"|du|à partir du|dès le|od|dnia|wieder(?: ab| am)?"
    r"|zum|returning|back|retour le|terug op|zurück|wracam|on the)"
    r"\s*(?:(?:dem|den|the|dnia|kommenden|nächsten)\s*)?$",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    r"\bwieder\b|\bzurück\b|\bback\b|\breturn|\bagain\b|\bweer\b|\bterug\b|\bretour\b"
    r"|\bponownie\b|\bz powrotem\b"
    r"|\bwracam\b|\bwrócę\b|\bbędę\b|\btekrar\b|\bdön|\bgeri\b|\brevien|\breprend|\bresume"
    r"|\berreichbar ab\b|\berreichen sie mich ab",
    re.IGNORECASE,
)
_SINGLE_DAY = re.compile(
    r"\b(?:heute|today|am heutigen|vandaag|bugün|aujourd['’]hui|dziś"
    r"|dzisiaj)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_DEPUTY_NEAR = re.compile(
    r"vertret|dringend|wenden|schreiben sie|urgent|contact|kontakt|stellvertret|absence"
    r"|afwezigheid|dringende|acil"
    r"|iletişim|urgence|pilnych|nieobecności|weiterhelfen|zuständig|anlaufstelle|übernimmt"
    r"|kolleg|colleague",
    re.IGNORECASE,
)
_DEPUTY_NAME = re.compile(
    r"(?:vertretung(?:\s(?:übernimmt|ist|hat|erfolgt durch|durch))?|vertritt mich"
    r"|vertreten (?:durch|von)|deputy(?: is)?)\s?:?\s{0,2}"
    r"(?P<name>(?:(?:herrn?|frau|mr\.?|mrs\.?|ms\.?|kollegin"
    r"|kollege)\s)?(?:meine[rn]? kolleg(?:e|in|en)\s)?"
    r"(?-i:[A-ZÄÖÜ][\w.-]{0,40}(?:\s[A-ZÄÖÜ][\w.-]{1,40}){0,3}))",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"(?<=[a-zäöüßğışçé)\d][.!?])\s+(?=[A-ZÄÖÜİŞÇ„\"])|\n\s*\n|\n")


def absence(text: str, subject: str, received: date) -> Absence | None:
    """Read an absence note's last day and deputy; None where nobody is said to be away.

    ``received`` is the local day the mail was received: dates without year are near it.
    """
    note = " ".join(text[:_MAX_NOTE].split())
    if not (_AWAY.search(note) or (_DEPUTY_NEAR.search(note) and _SUBJECT.match(subject))):
        return None
    return Absence(_until(note, received), _deputy(note))


def looks_like_absence(text: str, subject: str) -> bool:
    """Tell whether a mail without a machine's headers is an absence note all the same.

    A person on holiday who answers, or who announces an absence, is a person.
    """
    note = " ".join(text[:_MAX_NOTE].split())
    if not note or len(text) > _MAX_NOTE:
        return False
    sentences = _sentences(text)
    foreign = sum(not _is_stock(sentence) for sentence in sentences)
    announced = bool(_SUBJECT.match(subject))
    if not _AWAY.search(note) or (_PERSONAL.search(note) and not announced) or "?" in note:
        return False
    if announced:
        return foreign <= max(2, len(sentences) // 2)
    return bool(_STOCK.search(note)) and foreign == 0 and len(sentences) >= 1


_COURTESY = re.compile(
    r"(?:sehr geehrte|guten tag|hallo|liebe|dear|hello|hi\b|beste|geachte|bonjour|merhaba|sayın"
    r"|dzień dobry|szanown|moin"
    r"|mit freundlich|freundliche|viele grüße|beste grüße|gruß|kind regards|best regards|regards"
    r"|met vriendelijke"
    r"|cordialement|saygıl|pozdrawiam|z poważaniem|mfg|vg\b|danke|vielen dank|thank)",
    re.IGNORECASE,
)
_SHORT = 4


def _sentences(text: str) -> list[str]:
    parts = (part.strip() for part in _SENTENCES.split(text[:_MAX_NOTE]))
    return [part for part in parts if part]


def _is_stock(sentence: str) -> bool:
    return bool(
        _AWAY.search(sentence)
        or _STOCK.search(sentence)
        or _ADDRESS.search(sentence)
        or _COURTESY.match(sentence)
        or len(sentence.split()) <= _SHORT
    )


def _until(note: str, received: date) -> date | None:
    """Decide on the last day absent from all dates named: an explicit end wins over a return."""
    found = mentions(note, received)
    ends = [day for mention in found if (day := _as_end(note, mention))]
    returns = [day for mention in found if (day := _as_return(note, mention))]
    near = [day for day in ends if day >= received - _STALE]
    if near:
        return max(near) if not returns else min(max(near), max(*near, *returns))
    if returns:
        return max(returns)
    if found and _SINGLE_DAY.search(note) and not _INDEFINITE.search(note):
        return received if any(mention.first == received for mention in found) else None
    return None


def _as_end(note: str, mention: Mention) -> date | None:
    before = note[max(0, mention.start - _BEFORE) : mention.start]
    after = note[mention.end : mention.end + _AFTER]
    if _UNTIL_BEFORE.search(before) or _UNTIL_AFTER.search(after):
        return mention.last
    return None


def _as_return(note: str, mention: Mention) -> date | None:
    before = note[max(0, mention.start - _BEFORE) : mention.start]
    if not _FROM_BEFORE.search(before):
        return None
    around = _clause(note, mention)
    return mention.first - timedelta(days=1) if _AGAIN.search(around) else None


def _clause(note: str, mention: Mention) -> str:
    """Give the words around a date up to the sentences' ends."""
    before = note[max(0, mention.start - 120) : mention.start]
    after = note[mention.end : mention.end + 120]
    left = re.split(r"[.!?;]\s(?=[A-ZÄÖÜ])", before)[-1]
    right = re.split(r"[a-zäöüß)][.!?;](?:\s|$)", after)[0]
    return f"{left} {right}"


def _deputy(note: str) -> str:
    addresses = list(_ADDRESS.finditer(note))
    for match in addresses:
        if _DEPUTY_NEAR.search(note[max(0, match.start() - 160) : match.start()]):
            return match.group().rstrip(".-")
    if addresses:
        return addresses[0].group().rstrip(".-")
    named = _DEPUTY_NAME.search(note)
    return named["name"].strip(" .,") if named else ""
