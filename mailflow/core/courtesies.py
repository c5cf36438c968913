"""What somebody writes beside an order that changes nothing of it: the closed list.

Thanks, wishes, praise, consent, and where he is himself. A sentence counts only as a whole: what
stands behind a comma must be one of the list, too, or it is "Danke, Satz zwei kürzen".
"""

import re
from collections.abc import Callable

from mailflow.core.letter import greets
from mailflow.core.limits import warns
from mailflow.core.thanks import consents_only, thanks_only

__all__ = ["is_courtesy", "is_farewell", "thanks_or_wishes"]

_DAY = (
    r"(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|wochenende|woche"
    r"|monat|jahr)"
)
_WHEN = rf"(?:dann|dahin|bald|gleich|später|nachher|demnächst|morgen|übermorgen|heute|{_DAY})"
_OCCASION = (
    r"\w{0,12}(?:tag|abend|nachmittag|morgen|nacht|woche|wochenende|zeit|start|rutsch|weihnachten"
    r"|ostern|pfingsten|fest|feiertage|jahr|urlaub|ferien|advent|erholung|besserung|appetit|flug"
    r"|reise|gelingen|nikolaus)"
)
_TAIL = (
    r"(?: (?:noch|heute|morgen|allerseits|zusammen|euch|ihnen|dir|allen|weiterhin|wünsche ich"
    r"|wünscht|wünschen|in (?:die|den|das|der) (?:neuen? )?\w{2,10}|ins (?:neue )?\w{2,10})){0,3}"
)
_FAREWELL = re.compile(
    r"(?:(?:also|dann) )?bis "
    rf"(?:(?:zum|zur|am|nächste[nrs]?|kommende[nrs]?|neue[ns]?) ){{0,2}}{_WHEN}"
    r"(?: (?:früh|mittag|abend|vormittag|nachmittag))?(?: dann)?",
    re.IGNORECASE,
)
_WISHED = re.compile(
    r"(?:(?:ich )?wünschen? |hab(?:t|en sie)? )?(?:(?:noch|ihnen|euch|dir|allen) ){0,3}"
    r"(?:einen? |ein )?"
    r"(?:(?:(?:schön|gut|froh|ruhig|erholsam|angenehm|lang|sonnig|entspannt|gesegnet|besinnlich"
    r"|erfolgreich|stressfrei|frei|neu|verlängert|erst|zweit|dritt|viert)(?:e[nrs]?)|gutes) ){1,3}"
    rf"{_OCCASION}{_TAIL}"
    r"|(?:wünsche |habt )?viel (?:erfolg|spaß|glück|freude|vergnügen|kraft|sonne)"
    r"|(?:have|enjoy) (?:an?|your) (?:\w{1,12} ){0,2}(?:day|evening|weekend|week|time|holidays?)"
    r"|(?:merry|happy) (?:christmas|easter|new year|holidays|weekend|friday)"
    r"|see you (?:soon|later|tomorrow|(?:on )?\w{3,6}day|next week)|bleiben sie gesund|alles gute",
    re.IGNORECASE,
)
_GOOD = (
    r"(?:gut|prima|super|toll|klasse|perfekt|bestens|okay|ok|fein|richtig|rund|in ordnung"
    r"|wunderbar)"
)
_SENDS = (
    r"(?:raus|rausgehen|raus gehen|weg|gehen|(?:verschickt|versendet|versandt|gesendet) werden)"
)
_REMARK = re.compile(
    rf"(?:(?:das|es|so|die antwort|der text) )?(?:kann|darf)"
    rf" (?:(?:so|jetzt|gerne?|dann) ){{0,3}}{_SENDS}"
    r"|(?:bitte )?(?:(?:so|gerne?) ){1,2}(?:raus|rausgeben|rausschicken"
    r"|versenden|verschicken|abschicken|senden)"
    r"|ja(?: bitte| gerne?)?|bitte|(?:bin |damit )?einverstanden"
    r"|(?:sorry|entschuldigung|entschuldige|pardon)"
    r"(?: für (?:die|das|den|meine) (?:(?:späte|verspätete|lange) )?(?:antwort|verspätung"
    r"|verzögerung"
    r"|wartezeit|rückmeldung|durcheinander))"
    r"|(?:(?:das|es|so|alles|die antwort|der text|mir|für mich) )?"
    r"(?:sieht|schaut|klingt|liest sich|ist|finde ich|passt|alles|gefällt)"
    rf"(?: (?:sehr|alles|so|mir|für mich)){{0,3}}(?: {_GOOD})?(?: aus)?(?: so)?"
    rf"|(?:sehr |wirklich )?{_GOOD}e?s?(?: (?:gemacht|arbeit|antwort|job|so))?"
    r"|(?:great|nice|well|good) (?:work|job|done)|looks (?:good|fine)(?: to me)?"
    rf"|von mir aus(?: gerne?| {_GOOD})?|(?:von meiner seite|meinerseits) (?:alles )?{_GOOD}"
    r"|(?:(?:alles|habe?|ich|ist|hab) ){0,3}(?:gelesen|geprüft|durchgesehen|gesehen|erledigt"
    r"|abgestimmt)"
    r"|das war['’]?s(?: (?:für heute|von mir|schon))?"
    r"|(?:von meiner seite |meinerseits )?keine?n? (?:problem|einw[aä]nde?|bedenken|anmerkungen"
    r"|ergänzungen|änderungen)"
    r"|bei (?:rück)?fragen (?:(?:einfach|gerne?|bitte|jederzeit|kurz) ){0,3}(?:melden|anrufen"
    r"|bin ich (?:da|erreichbar))",
    re.IGNORECASE,
)
_GLADLY = r"(?:(?:ihnen|euch|dir|jederzeit|gerne?|auch|natürlich|bitte|einfach|telefonisch) )"
_ON_QUESTIONS = (
    r"(?:(?:bei|für) (?:(?:weiteren?|eventuellen?|etwaigen?|allen?|ihren?) )?(?:rück)?fragen )"
)
_ERRORS = r"(?:(?:tipp|schreib|rechtschreib)?fehler|kürze|knappheit|kurze (?:antwort|form))"
_WRITTEN = r"(?:verfasst|geschrieben|getippt|gesendet|versendet|verschickt|erstellt|diktiert)"
_MOBILE = (
    r"(?:mobil|unterwegs|von|vo[mn]|auf|mit|per|eine[mr]|meine[mr]|dem|mobilen|gerät|\w{0,8}gerät|handy"
    r"|smartphone|iphone|tablet|spracheingabe)"
)
# what stands below every mail of somebody, and says "Sie" to whoever reads it
_OF_EVERY_MAIL = re.compile(
    rf"{_ON_QUESTIONS}(?:stehe ich|stehen wir) {_GLADLY}{{0,4}}zur verfügung"
    rf"|{_ON_QUESTIONS}(?:können|dürfen) sie (?:sich|mich|uns) {_GLADLY}{{0,4}}"
    r"(?:an (?:mich|uns) wenden|(?:bei mir |bei uns )?melden|anrufen|erreichen|kontaktieren)"
    rf"|(?:haben sie (?:noch |weitere )?(?:rück)?fragen\? )?{_ON_QUESTIONS}?(?:rufen|schreiben"
    rf"|kontaktieren) sie (?:mich|uns|mir) (?:{_ON_QUESTIONS}|{_GLADLY}){{0,3}}"
    r"(?:gerne?|jederzeit)(?: an)?"
    rf"|(?:bitte )?(?:entschuldigen|verzeihen) sie (?:bitte )?(?:(?:etwaige|eventuelle|mögliche"
    rf"|kleine|die) ){{0,2}}{_ERRORS}(?: (?:und|oder|sowie) {_ERRORS})?"
    r"(?: (?:dieser|meiner|der) (?:e-?mail|mail|nachricht|antwort))?"
    r"|(?:bitte )?(?:(?:etwaige|eventuelle|mögliche) )?(?:(?:tipp|schreib)fehler|kürze)"
    r" (?:bitte )?(?:zu )?entschuldigen"
    rf"|(?:sie|diese (?:e-?mail|mail|nachricht|antwort)) wurde (?:{_MOBILE} ){{1,5}}{_WRITTEN}"
    rf"|(?:{_MOBILE} ){{1,4}}{_WRITTEN}"
    r"|(?:bitte )?beachten sie (?:bitte )?(?:unsere|meine) (?:(?:neuen|geänderten|aktuellen) )?"
    r"\w{4,10}zeiten",
    re.IGNORECASE,
)
_HOUR = r"\d{1,2}(?:[.:]\d{2})?|\d{1,2}\.\d{1,2}\.(?:\d{2,4})?"
_TIME = (
    rf"(?:{_HOUR}|uhr|ab|bis|von|vom|am|zum|im|in|der|den|die|um|gegen|ca\.|nach|vor|heute|morgen"
    rf"|übermorgen|früh|vormittags?|mittags?|nachmittags?|abends?|{_DAY}s?|nächste[nr]?"
    r"|kommende[nr]?|diese[nr]?|ganze[nr]?|ende|anfang|mitte|zwei|drei|wochen|januar|februar|märz"
    r"|april|mai|juni|juli|august|september|oktober|november|dezember|übrigens|und)"
)
_ALSO = (
    r"(?:wieder|nicht|nur|noch|erst|gerade|jetzt|leider|kurz|gleich|dann|auch|auf|zu|per"
    r"|mail|handy)"
)
_WHERE = (
    r"(?:mobil|telefonisch|erreichbar|erreichen|urlaub|büro|haus|hause|homeoffice|rathaus|außer"
    r"|terminen?|sitzung|besprechung|dienstreise|dienstlich|unterwegs|frei|feierabend|krank|da|weg"
    r"|zurück)"
)
_OF_HIMSELF = re.compile(
    rf"(?:{_TIME} ){{0,6}}(?:ich (?:bin|habe|hab|arbeite|sitze)"
    r"|(?:bin|habe|hab|arbeite|sitze)(?: ich)?)"
    rf"(?: (?:{_TIME}|{_ALSO})){{0,8}} {_WHERE}(?: (?:{_TIME}|{_ALSO}|{_WHERE})){{0,4}}",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?:(?:ganz )?(?:vielen|besten|herzlichen|lieben|schönen|tausend) )?(?:dank|danke|dankeschön"
    r"|thanks|thank you|many thanks|thx|merci)"
    r"(?: (?:schön|sehr|schon ?mal|schon|vorab|im voraus|in advance|nochmals?|dir|euch|ihnen|allen"
    r"|an|alle|alles|vielmals|team|kollegen|zusammen|so much|very much|a lot)){0,5}"
    r"(?P<cause> (?:für (?:alles|das|den|die|ihren?|eure?n?|deinen?|unser\w{0,2})|(?:für['’]?s)"
    r"|for (?:the|your|all))\b.{0,60})?",
    re.IGNORECASE,
)
_READERS = re.compile(
    r"(?:(?:liebe[rs]?|liebes) )?(?:team|kollegen|kolleginnen|kolleg\*?innen|alle|zusammen"
    r"|(?:frau|herr) (?-i:[A-ZÄÖÜ])[\w-]{1,30})",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"(?:[,;.!:]|(?: [–-])) ", re.IGNORECASE)
_AND = re.compile(r" (?:und|and) ", re.IGNORECASE)
_MARKS = " .,!:;–-()"
_Test = Callable[[str], bool]


def is_courtesy(line: str, signs: _Test) -> bool:
    """Tell whether a line only says what changes nothing; ``signs`` knows the author's closings."""
    if greets(line) and not warns(line):
        return True
    parts = [part for each in _BETWEEN.split(line) if (part := each.strip(_MARKS))]
    polite = [each for each in parts if _is_polite(each, signs)]
    others = [each for each in parts if each not in polite]
    if not polite or not (parts[0] in polite or signs(parts[0])):
        return False
    return all(signs(each) or bool(_READERS.fullmatch(each)) for each in others)


def is_farewell(words: str) -> bool:
    """Tell whether words say until when, which beside an order may be its day: "Bis Montag"."""
    return bool(_FAREWELL.search(words))


def thanks_or_wishes(words: str) -> bool:
    """Tell whether words only thank, or wish well for no day of an order's."""
    return bool(_WISHED.fullmatch(words)) or _thanks(words)


def _is_polite(words: str, signs: _Test) -> bool:
    if _is_listed(words):
        return True
    first, *others = _AND.split(words)
    return (
        bool(others)
        and _is_listed(first)
        and all(_is_listed(each) or signs(each) for each in others)
    )


def _is_listed(words: str) -> bool:
    listed = (_FAREWELL, _WISHED, _REMARK, _OF_HIMSELF, _OF_EVERY_MAIL)
    if any(each.fullmatch(words) for each in listed):
        return True
    if _THANKS.fullmatch(words):
        return _thanks(words)
    return thanks_only(words) or consents_only(words)


def _thanks(words: str) -> bool:
    thanks = _THANKS.fullmatch(words)
    return thanks is not None and not (thanks["cause"] and warns(thanks["cause"]))
