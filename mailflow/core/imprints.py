"""What every mail of a house bears below its author's name: addresses, functions, disclaimers."""

import re
from collections.abc import Sequence

from mailflow.core.limits import changes, demands, warns

__all__ = ["disclaims", "holds_contact", "is_imprint", "is_label", "names_function", "parts_of"]

_KEY = (
    r"(?:\(?(?:telefon|tel|phone|fon|telefax|fax|mobil\w{0,8}|mobile|handy|e-?mail|mail|web\w{0,4}"
    r"|internet|durchwahl|dw|home\w{0,4}|t|f|m|e|i|w)\)?[.:]{0,2} ?)"
)
_STREET = (
    r"(?-i:[A-ZÄÖÜ][\w.-]{0,30}(?:[ -][A-ZÄÖÜ][\w.-]{1,20}){0,2}"
    r"|(?:Am|An de[rmn]|Im|In der|Zu[mr]|Auf de[rm])"
    r" [A-ZÄÖÜ][\w-]{2,30}) \d{1,4} ?[a-z]?"
)
_TIMES = (
    r"(?:(?:meine )?(?:sprech|öffnungs|service|geschäfts|büro|arbeits|präsenz)(?:zeit|tage?|stunde)"
    r"\w{0,2}|home-?office|teilzeit|erreichbar):?"
    r"(?: ?(?:mo|di|mi|do|fr|\w{3,7}tags?|mittwochs?|bis|und|von|uhr|nach vereinbarung|ganztägig"
    r"|\d{1,2}(?:[.:]\d\d)?|[-–,.:])\b ?[-–,.:]?){1,20}"
)
_CONTACT = re.compile(
    rf"{_KEY}?(?:\(?[+0][\d()/ .–-]{{4,28}}|\S{{1,60}}@\S{{1,60}}|<?(?:https?://|www\.)\S{{1,120}})"
    rf"|{_KEY}\+?[\d(][\d()/ .–-]{{2,28}}|\d{{5}} (?-i:[A-ZÄÖÜ])[\w. -]{{1,40}}"
    r"|postfach [\d ]{2,12}"
    r"|(?:raum|zimmer|zi\.?|etage|gebäude|büro)(?: nr\.?)?"
    r" (?-i:[A-Z]{0,2}[ .-]?\d[\w./-]{0,7}|[A-Z]{1,2}\b)"
    r"|[\w.-]{3,40}\.(?:de|com|org|eu|net)(?:/\S{0,60})?"
    rf"|{_TIMES}",
    re.IGNORECASE,
)
_ADDRESS = re.compile(_STREET, re.IGNORECASE)
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)
_BETWEEN = re.compile(
    r" ?[|·•;] ?|, |\s[-–/]\s|\s(?=(?:telefon|tel|telefax|fax|mobil|e-?mail|fon)\b[.:]?)",
    re.IGNORECASE,
)
# "Geschäftsführerin: Dr. Eva Beispiel"; behind a heading of another kind stands what is to be done
_HEADING = re.compile(
    r"(?:geschäftsführ\w{2,5}|vorstand|vorsitz\w{0,5}|sitz|handelsregister|registergericht|iban|bic"
    r"|bankverbindung|ust-?\w{0,6}\.?|steuernummer|(?:besuch\w{0,4}|post|haus|liefer|dienst)"
    r"(?:anschrift|adresse)|anschrift|standort)(?:: | (?=DE\d))",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r" ?\((?:mo|di|mi|do|fr|bis|und|mobil|[-–., \d]|uhr|zentrale|direkt){1,12}\)", re.IGNORECASE
)
_INVITES = re.compile(
    r"(?:besuchen|folgen|finden|treffen) sie uns|(?:mehr|weitere) (?:infos?|informationen)\b"
    r"|jetzt abonnieren"
    r"|(?:unser |zum )?newsletter|(?:visit|follow|find) us",
    re.IGNORECASE,
)
_HASHTAGS = re.compile(r"(?i:(?!.{0,150}(?:nicht|kein|stop|halt)))(?:#\w{3,40} ?){1,4}")
_SMALL = frozenset(
    {"für", "der", "die", "das", "des", "und", "von", "vom", "am", "im", "in", "an", "zu", "zum"}
    | {"zur", "bei", "beim", "of", "and", "for", "the", "i.a.", "i.v.", "&", "e.v."}
)
_ADJECTIVE = re.compile(r"(?:stellv\w*\.?|\w{3,20}(?:isch|lich|end|al|ell|ig|er)e[rnsm]?)")
_FUNCTION = re.compile(
    r"\w{0,30}(?:amt|amtes|ämter|leit(?:ung|er|erin)|stadt|kreis|gemeinde|dezernat|bereich"
    r"|abteilung|referat|referent|referentin|team|stab|stelle|büro|förderung|manage(?:ment|r|rin)"
    r"|service|dienste?|gmbh|verwaltung|meister(?:in)?|dezernent(?:in)?|beauftragte[rn]?|assistenz"
    r"|sekretariat|(?:sach)?bearbeit(?:ung|er|erin)|koordinat(?:ion|or|orin)|jurist(?:in)?"
    r"|ingenieur(?:in)?|vorzimmer|sprecher(?:in)?|haus|zentrum|betriebe?|berater(?:in)?|betreuer(?:in)?|betreuung|wirtschaft"
    r"|\w{0,10}bürgermeister(?:in)?|dipl\.?|wirt(?:in)?|gebiet|gruppe|pflege|gericht|rat|rätin|direktor(?:in)?|development|city|office|department"
    r"|municipality)",
    re.IGNORECASE,
)
_FIGURES = re.compile(r"\d[\d./-]{0,20}[a-z]?")
_MOST_WORDS = 9
_LEAST_PARTS, _MOST_LINES = 3, 12
_DISCLAIMER = re.compile(
    r"\W{0,3}(?:(?:wichtig\w{0,2}|achtung|hinweis|vertraulich\w{0,3})(?: hinweis)?\W{1,3})?(?:"
    r"(?:(?:der inhalt|die informationen in) )?diese[rs]? (?:e-?mail|mail|nachricht)"
    r" (?:\w{1,20} ){0,8}?(?:ist|sind|kann|können|könnte|enthält)\b"
    r".{0,300}\b(?:vertraulich\w{0,3}|geschützt\w{0,2}|empfänger\w{0,3}|adressat\w{0,3})\b"
    r"|(?:wenn|sollten|falls) sie (?:nicht der|diese)\b"
    r".{0,300}\b(?:empfänger|adressat|irrtümlich)\w{0,3}\b"
    r"|(?:bitte )?(?:denken|prüfen|schonen) sie\b.{0,100}"
    r"\b(?:umwelt|(?:aus)?ge?druck\w{0,3}|drucken|ausdruck)\b"
    r"|(?:the (?:information|content\w?)|this) .{0,40}\b(?:e-?mail|message|transmission)\b"
    r".{0,300}\b(?:confidential|intended|privileged)\b"
    r"|(?:informationen|infos?|hinweise) (?:zum|zur) (?:datenschutz|verarbeitung)\b.{0,200}"
    r"|please consider the environment\b)"
    r"|\W{0,3}(?:wichtig|achtung)\W{1,3}(?:(?:meine|unsere) )?(?:neue|geänderte)[nrs]?"
    r" \w{0,12}(?:nummer|durchwahl|adresse|anschrift|zeiten)\W{0,3}$",
    re.IGNORECASE,
)
_OF_THE_MAIL = re.compile(
    r"\b(?:e-?mails?|mail|nachricht|empfänger|adressat|absender|vertraulich\w*|irrtümlich|weitergabe"
    r"|unbefugt\w*|vernichten|kopieren|datenschutz\w*|umwelt|ausdruck\w*|ausgedruckt|drucken|papier"
    r"|viren|empfang|mitteilung\w*|signatur|elektronisch\w*|recipient|sender|confidential|message|disclos\w*|unauthori[sz]ed|copying)",
    re.IGNORECASE,
)
# "Diese Mail ist vertraulich. Diese Mail erst am Montag senden." ends with an order
_OF_THE_ANSWER = re.compile(
    r"\b(?:erst|(?:ver)?senden|verschicken|freigeben|streichen|ändern|kürzen|ohne den|ohne die"
    r"|austauschen|anpassen|ergänzen|korrigieren|entfernen|weglassen|nennen"
    r"|firma|montag|dienstag|mittwoch|donnerstag|freitag|morgen|antwort|absatz|satz|namen?)\b",
    re.IGNORECASE,
)
_OF_NOTHING_ELSE = 3
"""So many words on mail as such, and the sentence is one that every mail bears."""

_SENTENCES = re.compile(r"(?<=[.!?]) ")


def _begins_disclaimer(first: str, paragraph: str) -> bool:
    if _DISCLAIMER.match(first) or _DISCLAIMER.match(paragraph):
        return True
    return (
        not changes(first)
        and len({each.casefold() for each in _OF_THE_MAIL.findall(first)}) >= _OF_NOTHING_ELSE
    )


def parts_of(line: str) -> list[str]:
    """Give what a line of an imprint holds, between its bars and commas."""
    parts = (_ASIDE.sub("", _HEADING.sub("", each)) for each in _BETWEEN.split(line))
    return [part for each in parts if (part := each.strip(" ,()"))]


def holds_contact(line: str) -> bool:
    """Tell whether a line only says where somebody is reached, beside names and functions."""
    if _INVITES.match(line) and _LINK.search(line):
        return not warns(line)
    parts = parts_of(line)
    is_headed = any(map(_HEADING.match, _BETWEEN.split(line)))
    is_contact = is_headed or any(map(_CONTACT.fullmatch, parts))
    return is_contact and all(map(is_label, parts))


def names_function(part: str) -> bool:
    """Tell whether words name an office, an organisation or what somebody is there."""
    if _HASHTAGS.fullmatch(part):
        return True
    return _is_large(part) and any(map(_FUNCTION.fullmatch, re.split(r"[ /-]", part)))


def is_label(part: str) -> bool:
    """Tell whether words may stand on a door: large, few, and none of them limits or changes."""
    if _CONTACT.fullmatch(part) or _HASHTAGS.fullmatch(part):
        return True
    return _is_large(part) or (bool(_ADDRESS.fullmatch(part)) and not warns(part))


def is_imprint(paragraph: Sequence[str]) -> bool:
    """Tell whether lines below no name are offices and addresses, and nothing beside."""
    if len(paragraph) > _MOST_LINES:
        return False
    parts = [part for line in paragraph for part in parts_of(line)]
    return (
        len(parts) >= _LEAST_PARTS
        and any(map(names_function, parts))
        and any(map(_CONTACT.fullmatch, parts))
        and all(map(is_label, parts))
    )


def _is_large(part: str) -> bool:
    words = part.split()
    return (
        0 < len(words) <= _MOST_WORDS
        and not part.endswith(("!", "?", ":"))
        and all(_is_of_door(each.strip('()"„“')) for each in words)
        and ":" not in part
        and words[0].casefold() not in _SMALL - {"der", "die"}
        and not _limits(part)
    )


def _is_of_door(word: str) -> bool:
    return (
        word[:1].isupper()
        or bool(_FIGURES.fullmatch(word))
        or word.casefold() in _SMALL
        or bool(_ADJECTIVE.fullmatch(word))
        or not word
    )


def _limits(part: str) -> bool:
    """Tell whether words warn beside those that name an office ("Genehmigungsbehörde")."""
    return warns(" ".join(each for each in part.split() if not _FUNCTION.fullmatch(each)))


def disclaims(paragraph: str) -> bool:
    """Tell whether a paragraph is what a house prints below every mail, whoever it is from.

    Each of its sentences is, or speaks of the mail itself; a word on the answer ends that.
    """
    first, *others = _SENTENCES.split(paragraph[:3_000])
    sentences = [first, *others]
    return (
        _begins_disclaimer(first, paragraph[:600])
        and not any(_OF_THE_ANSWER.search(each) for each in sentences)
        and all(_OF_THE_MAIL.search(each) and not demands(each) for each in others)
    )
