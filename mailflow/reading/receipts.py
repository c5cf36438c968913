"""What receipts say: that something arrived, and whatever else every one of them says beside it."""

import re
from collections.abc import Iterable

from mailflow.core.letter import content

__all__ = ["is_titled_receipt", "only_receives", "says_it_is_receipt", "says_no_more"]

_WORDS = 80
_LOOKED_AT = 20_000
_LONGEST = 1_500  # letters of a receipt, for the time it takes to look it through


def _any(rows: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(rows), re.IGNORECASE)


_RECEIPT_SUBJECT = _any(
    (
        r"(?:eingangs|empfangs)bestätigung",
        r"(?:bestätigung|zugang|eingang) ihrer? (?:anfrage|nachricht|e-?mail|mail|anliegen)",
        (
            r"ihre? (?:anfrage|nachricht|e-?mail|mail|anliegen|meldung)\b[^\n]{0,40}"
            r"(?:eingegangen|empfangen|registriert|erfasst|erhalten)"
        ),
        r"wir haben ihre? (?:anfrage|nachricht|e-?mail|mail|anliegen)",
        r"(?:ihr |neues )?ticket\b|\[?ticket\s?[#:]",
        (
            r"your (?:request|ticket|message|e-?mail|enquiry|inquiry)[^\n]{0,40}"
            r"(?:received|created|registered|logged)"
        ),
        r"we(?:'ve| have) received your|acknowledge?ment of receipt|request received",
        r"[^\n]{0,200}(?:wartet auf (?:ihre )?bestätigung|confirmation required|please confirm)",
        r"ontvangstbevestiging|bevestiging van ontvangst|accusé de réception",
    )
)
_RECEIPT_TEXT = _any(
    (
        (
            r"automatisch (?:erstellte?|generierte?|erzeugte?|versandte?|versendete?)[nrs]? "
            r"(?:e-?mail|mail|nachricht|antwort|(?:eingangs|empfangs)?bestätigung|mitteilung)"
        ),
        (
            r"(?:e-?mail|mail|nachricht|antwort|bestätigung) (?:wurde|wird|ist) (?:\w{1,20} )?"
            r"automatisch (?:erstellt|generiert|erzeugt|versandt|versendet|verschickt)"
        ),
        r"automatische (?:eingangs|empfangs)bestätigung",
        (
            r"this is an? (?:automatic(?:ally generated)?|automated|auto-?generated) "
            r"(?:reply|response|message|e-?mail|acknowledge?ment|notification)"
        ),
        (
            r"bitte antworten sie nicht auf diese (?:automatisch\w{0,3} )?(?:\w{1,20} )?"
            r"(?:e-?mail|mail|nachricht)"
        ),
        r"(?:please )?do not reply to this (?:automat\w{1,10} )?(?:e-?mail|message)",
        # challenge-response: a filter asks the sender to prove that he is no machine
        (
            r"(?:klicken sie|bestätigen sie|antworten sie)[^\n]{0,120}damit (?:ihre|die|diese) "
            r"(?:nachricht|e-?mail|mail)[^\n]{0,40}(?:zugestellt|ausgeliefert|durchgelassen)"
        ),
        (
            r"(?:click|confirm|reply)[^\n]{0,120}(?:to (?:have|get) your message delivered|"
            r"so that your message (?:can|will) be delivered|to deliver your (?:message|e-?mail))"
        ),
        r"dit is een automatisch|ceci est un (?:message|e-?mail) automatique",
    )
)
_RECEIVED = _any(
    (
        r"haben ihre (?:nachricht|e-?mail|mail|anfrage|meldung) erhalten",
        (
            r"ihre (?:nachricht|e-?mail|mail|anfrage|meldung) (?:ist|wurde)\b[^\n.]{0,40}"
            r"(?:eingegangen|empfangen)"
        ),
        r"(?:have|'ve) received your (?:message|e-?mail|request|enquiry|inquiry)",
        r"your (?:message|e-?mail|request|enquiry|inquiry) (?:has been|was) received",
    )
)
_MAIL = r"(?:nachricht|e-?mail|mail|anfrage|meldung|anliegen|schreiben|mitteilung)"
_YOURS = rf"(?:ihre[snmr]?|ihr|das|die|den|der|des|dem) {_MAIL}s?"
_FEW = r"(?: [^\s.,:;!?]{1,25}){0,6}?"
_THEN = (
    rf"(?: (?:und|wir) (?:(?:werden |wir )?(?:melden|kümmern|setzen) uns{_FEW}"
    rf"|bearbeiten (?:diese|dieses|sie|es){_FEW}|ihr (?:interesse|vertrauen)))?"
)
# Whole sentences that say that something arrived, or is being looked after.
_STOCK = _any(
    (
        rf"(?:vielen|herzlichen|besten) dank für {_YOURS}{_THEN}",
        rf"(?:wir )?(?:be)?danken? (?:wir )?(?:ihnen |uns )?(?:bei ihnen )?für {_YOURS}{_THEN}",
        rf"wir haben {_YOURS}{_FEW} (?:erhalten|aufgenommen|erfasst|registriert|angelegt){_THEN}",
        (
            rf"{_YOURS} (?:ist|wurde){_FEW} (?:eingegangen|empfangen|erfasst|registriert|angelegt)"
            rf"(?: und wird{_FEW} bearbeitet)?{_THEN}"
        ),
        rf"{_YOURS} wird{_FEW} bearbeitet|{_YOURS} befindet sich{_FEW} bearbeitung",
        rf"wir werden {_YOURS}{_FEW} bearbeiten",
        (
            rf"(?:hiermit )?(?:wir |ich )?bestätigen? (?:wir |ich )?(?:ihnen )?(?:hiermit )?"
            rf"(?:gerne? )?den (?:eingang|empfang|erhalt) {_YOURS}{_THEN}"
        ),
        rf"(?:wir|ich) kümmern? (?:uns|mich){_FEW} (?:darum|um {_YOURS})",
        rf"wir melden uns{_FEW}",
        rf"wir (?:werden|setzen) uns{_FEW} (?:melden|in verbindung(?: setzen)?)",
        rf"wir haben ein(?:en)? (?:ticket|vorgang)(?: für sie)? (?:erstellt|angelegt){_THEN}",
        (
            rf"(?:die|eine) (?:bearbeitung|beantwortung)(?: {_YOURS})? "
            rf"(?:kann|wird){_FEW}{_FEW} dauern"
        ),
        r"thank you for (?:your (?:message|e-?mail|request|enquiry|inquiry)|contacting us)",
        rf"we will (?:get back to you|respond|reply){_FEW}",
        (
            rf"your (?:message|e-?mail|request|enquiry|inquiry) (?:has been|was){_FEW} "
            r"(?:received|registered|logged)"
        ),
    )
)
_BUT = re.compile(
    r"\b(?:nicht|kein\w{0,3}|unvoll\w{1,9}|unles\w{1,9}|fehl\w{1,9}|(?:ver)?spät\w{0,4}|nur|not"
    r"|only)\b",
    re.IGNORECASE,
)
# What stands beside it, and says nothing of a matter either.
_BESIDE = _any(
    (
        r"bitte (?:beachten|nutzen|verwenden|geben) sie\b.{0,160}(?:zeiten|portal|nummer|an)\b.*",
        r"für \w{3,30} nutzen sie bitte\b.{0,80}portal\b.*",
        r"dort finden sie\b.{0,120}(?:formulare|merkblätter|informationen|hinweise)\b.*",
        r"termine? vereinbaren sie\b.*|(?:telefonisch|persönlich) erreichen sie uns\b.*",
        r"(?:unsere |die )?(?:sprech|öffnungs|service)zeiten\b.*",
        r"(?:informationen|hinweise) zum datenschutz\b.*",
        (
            r"bitte sehen sie von\b.{0,60}(?:nach|rück)fragen\b.*|bitte antworten sie nicht\b.*"
            r"|wir (?:bitten|danken)\b.{0,40}(?:geduld|verständnis)\b.{0,40}"
        ),
        r"(?:dies|diese \S{1,20}|das) (?:ist|wurde)\b.{0,30}automatisch.{0,60}",
        r"(?-i:Ihre?(?: [A-ZÄÖÜ][\w-]{1,40}){1,5})",  # who signs
    )
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÄÖÜ])|\n\s*\n|\n(?=Ihre? )")
_AMOUNT = re.compile(r"\d\s?(?:€|euro\b|eur\b|qm\b|m²|m2\b|db\b)", re.IGNORECASE)


def is_titled_receipt(subject: str) -> bool:
    """Tell whether a subject, without its tags, is one that receipts have."""
    return bool(_RECEIPT_SUBJECT.match(subject))


def says_it_is_receipt(new: str) -> bool:
    """Tell whether a text calls itself made by a program."""
    return bool(_RECEIPT_TEXT.search(new[:_LOOKED_AT]))


def only_receives(new: str) -> bool:
    """Tell whether a short text says no more than that something arrived."""
    is_short = len(new) < _LOOKED_AT and len(new.split()) <= _WORDS
    return is_short and "?" not in new and bool(_RECEIVED.search(new))


def says_no_more(new: str) -> bool:
    """Tell whether a text that a program or a rule sent is a receipt and names no more than that.

    Anything else may be what an office says of the matter, if only a rule passed it on.
    """
    text = content(new)
    if len(text) > _LONGEST or _AMOUNT.search(text):
        return False
    return _is_all_stock(text) or (only_receives(new) and not _BUT.search(text))


def _is_all_stock(text: str) -> bool:
    """Tell whether every sentence is one that receipts have, and one says that it is received."""
    sentences = [" ".join(each.split()).rstrip(" .!") for each in _SENTENCE.split(text)]
    others = [each for each in sentences if not _is_stock(each)]
    return len(others) < len(sentences) and all(map(_BESIDE.fullmatch, filter(None, others)))


def _is_stock(sentence: str) -> bool:
    return bool(_STOCK.fullmatch(sentence)) and not _BUT.search(sentence)
