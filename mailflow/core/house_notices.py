"""What stands below a house's mails on hours, days of presence and appointments.

A line is one only if each of its words is: a day, an hour and a little word, or an appointment and
how it is made. One word of anything else ("erst", "senden", a name), and it may be a limit.
"""

import re

__all__ = ["offers_appointments", "tells_presence"]

_WORDS = re.compile(r"[^\s,;.:()/|–-]+")
_LINK = re.compile(r"(?:https?://|www\.)\S{1,120}", re.IGNORECASE)
_WEEKDAY = r"(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag)"
_PART = r"(?:vormittag|mittag|nachmittag|morgen|abend)"
_DAY = re.compile(rf"{_WEEKDAY}{_PART}?(?:s|e|en)?|mo|di|mi|do|fr|sa|(?:werk|wochen|arbeits)tags?")
# what is so every week; "Mittwoch" alone is a day to wait for
_ALWAYS = re.compile(
    rf"{_WEEKDAY}{_PART}?s|{_WEEKDAY}{_PART}|{_PART}s|werktags|wochentags|täglich|ganztags|ganztägig"
    r"|immer|jeden|grundsätzlich"
)
_LITTLE = re.compile(
    r"\d{1,2}|ab|am|an|arbeite|auch|außer|bin|bis|der|dienst|e|für|geraden?|h|haus|home|ich|im|in"
    r"|jeweils|mail|meist|mich|mobil|nach|nicht|nur|oder|office|per|persönlich|regel|sie|sind|sowie"
    r"|telefonisch|uhr|und|ungeraden?|vereinbarung|von|wir|wochen|zu"
)
_PRESENT = re.compile(
    r"abwesend|anwesend|büro|da|erreich(?:bar|en)|frei|geöffnet|geschlossen|homeoffice|teilzeit"
)
_AWAY = re.compile(r"\b(?:nicht im (?:haus|dienst|büro)|außer haus|home[ -]office)\b")
_LABEL = re.compile(
    r"(?:(?:meine|unsere) )?(?:kern|arbeits|büro|dienst|präsenz|anwesenheits|sprech|öffnungs"
    r"|service|telefon|geschäfts|besuchs)-?(?:zeit(?:en)?|tage?|stunden?)\b"
)
_HOURS = re.compile(r"\d{1,2}(?:[.:]\d\d)?(?: uhr)? ?(?:-|–|bis) ?\d{1,2}(?:[.:]\d\d)? (?:uhr|h)\b")
_SEVERAL = 2

_MADE = r"(?:online)?termin(?:vergabe|vereinbarung(?:en)?|buchung|absprache|portal|kalender)"
_MAKING = re.compile(_MADE)
_APPOINTMENT = re.compile(rf"(?:online|beratungs?|besuchs?|gesprächs?)?termine?n?|{_MADE}")
_VISIT = re.compile(r"besuche?|gespräche|vorsprachen?|einlass|zutritt|beratung(?:en)?")
_BOOKS = re.compile(r"buchen|vereinbaren|reservieren|nutzen|buchbar")
_AROUND = re.compile(
    r"absprache|anmeldung|auch|außerhalb|bei|bequem|bitte|bürgerbüro|der|direkt|bitten|ein(?:en)?|einfach"
    r"|für|gebeten|gerne?|hier|ihr(?:e[mn]?)?|im|ins?|jetzt|können|mir|mit|möglich|nach|nur|oder|öffnungszeiten"
    r"|online|per|persönliche?r?|portal|rathaus|sie|sprechzeiten|telefon|telefonische?r?|über|um|und|uns"
    r"|unser(?:e[nr]?)?|unter|vereinbarung|vor|vorheriger?|wir|wird"
)
_BY_AGREEMENT = re.compile(
    r"\bnach (?:\w{3,15} ){0,2}(?:(?:termin)?vereinbarung|absprache|anmeldung)\b"
)
_TO_READER = re.compile(
    r"\b(?:buchen|vereinbaren|reservieren|nutzen) sie\b|\bwir bitten um\b|\bwird gebeten\b"
)


def tells_presence(line: str) -> bool:
    """Tell whether a line only says at what hours or on which days somebody is there."""
    said = line.lower()
    label = _LABEL.match(said)
    words = _WORDS.findall(said[label.end() :] if label else said)
    if not all(map(_is_of_presence, words)):
        return False
    days = [each for each in words if _DAY.fullmatch(each)]
    is_limited = bool({"nicht", "nur"} & set(words))
    if label or len(days) >= _SEVERAL:
        told = _HOURS.search(said) or (label and days)
        if told and not is_limited:
            return True
    is_every_week = len(days) >= _SEVERAL or any(map(_ALWAYS.fullmatch, words))
    is_present = is_every_week and any(map(_PRESENT.fullmatch, words))
    return is_present or bool(_AWAY.search(said) and (days or is_every_week))


def _is_of_presence(word: str) -> bool:
    return any(each.fullmatch(word) for each in (_LITTLE, _DAY, _ALWAYS, _PRESENT))


def offers_appointments(line: str) -> bool:
    """Tell whether a line only tells its reader how an appointment is made.

    "Bitte vorher Termin vereinbaren" may be asked of whoever reads the order.
    """
    said = _LINK.sub("", line.lower())
    words = _WORDS.findall(said)
    meant = [each for each in words if _APPOINTMENT.fullmatch(each)]
    if not meant or not all(each in meant or _is_of_appointments(each) for each in words):
        return False
    by_agreement = _BY_AGREEMENT.search(said) and "termin" not in meant
    is_made = any(_BOOKS.fullmatch(each) or _MAKING.fullmatch(each) for each in words)
    is_visit = "mit" in words and any(map(_VISIT.fullmatch, words))
    is_booked = is_made and "online" in words
    return bool(by_agreement or is_visit or is_booked or _TO_READER.search(said))


def _is_of_appointments(word: str) -> bool:
    return any(each.fullmatch(word) for each in (_AROUND, _BOOKS, _VISIT))
