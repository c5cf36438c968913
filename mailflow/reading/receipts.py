"""What receipts sound like, whatever else may stand in them: ``core.receipts`` reads all of it."""

import re
from collections.abc import Iterable

from mailflow.core.letter import content

__all__ = ["is_titled_receipt", "says_it_arrived", "says_it_is_receipt", "sounds_received"]

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
_BUT = re.compile(
    r"\b(?:nicht|kein\w{0,3}|unvoll\w{1,9}|unles\w{1,9}|fehl\w{1,9}|(?:ver)?spät\w{0,4}|nur|not"
    r"|only)\b",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"\d\s?(?:€|euro\b|eur\b|qm\b|m²|m2\b|db\b)", re.IGNORECASE)


def is_titled_receipt(subject: str) -> bool:
    """Tell whether a subject, without its tags, is one that receipts have."""
    return bool(_RECEIPT_SUBJECT.match(subject))


def says_it_is_receipt(new: str) -> bool:
    """Tell whether a text calls itself made by a program."""
    return bool(_RECEIPT_TEXT.search(new[:_LOOKED_AT]))


def says_it_arrived(new: str) -> bool:
    """Tell whether a short text says that something arrived, whatever it says beside it."""
    is_short = len(new) < _LOOKED_AT and len(new.split()) <= _WORDS
    return is_short and "?" not in new and bool(_RECEIVED.search(new))


def sounds_received(new: str) -> bool:
    """Tell whether a short text says so with neither a restriction nor an amount beside it."""
    text = content(new)
    is_short = len(text) <= _LONGEST and says_it_arrived(new)
    return is_short and not (_AMOUNT.search(text) or _BUT.search(new))
