"""Whether a receipt may be the answer all the same: the company asked for what it says.

"Ihr Schreiben ist eingegangen" says nothing of a matter, unless somebody asked whether it is.
"""

import re
from datetime import date

from mailflow.core.dates import mentions
from mailflow.core.letter import content
from mailflow.core.sentences import sentences
from mailflow.core.ticket import Ticket
from mailflow.core.tracking import without_tokens

__all__ = ["perhaps_answered"]

_LOOKED_AT = 20_000
_LONGEST = 1_000  # letters of a sentence, for the time it takes to look it through
_SHOWN = 200
_FEWEST_DIGITS = 3  # "Halle 4" names no file
_NUMBER = re.compile(r"(?<![\w.,/#-])\d[\w./-]{1,40}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_QUOTED = re.compile(r"[\"„][^\"“”]{1,120}[\"“”]")
"""A subject that a receipt repeats, which says nothing that the letter did not say."""


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_ASKS = _words(
    r"\?|\b(?:bitte|ob|benötigen|brauchen|suchen|erkundigen|auskunft|(?:nach|an)?fragen?"
    r"|wissen|wüssten?|hätten?|gerne?|(?:teilen|nennen|bestätigen) sie"
    r"|please|whether|would like)\b"
)
_WRITING = _words(r"nachricht|mail\b|anfrage|anliegen|schreiben|mitteilung|eingabe|vorgang")
_STATE = _words(
    r"\b(?:sach|bearbeitungs|verfahrens)?stand\b|status|bearbeitet|geprüft"
    r"|\b(?:in|zur) (?:bearbeitung|prüfung)|\bwie weit\b|\bwas ist aus\b|\bneuigkeiten\b"
    r"|\bgibt es\b.*\bneues\b"
)
_OF_STATE = _words(r"schreiben|eingabe|mitteilung|geprüft|prüfung")
"""Ticket systems say the rest of our own mail, whatever it asks."""
_ASKED_AND_SAID = (
    (
        _words(
            r"eingegangen|ein(?:zu)?gehen|angekommen|eingetroffen|zugegangen|vorlieg"
            r"|\b(?:haben sie|hat|ob)\b.*\b(?:erhalten|bekommen)\b|\bliegt\b.*\bvor\b"
            r"|\bkam(?:en)?\b.*\ban\b|\bging(?:en)?\b.*\bein\b"
            r"|\b(?:eingang|erhalt|empfang) (?:unser|mein|eine?[rs]\b|vo[mn]\b)"
            r"|\breceived\b|\barrived\b"
        ),
        _words(r"\w"),  # whatever a receipt says of it: what is looked at has arrived
    ),
    (
        _words(r"(?:zeichen|nummer|\bnr\.?|kennung|number)\b(?!:? ?\W?\d)|telefon|erreichbar"),
        _words(r"(?:zeichen|nummer|nr\.?|id|kennung|telefon(?:isch)?|vorgang|ticket|number)\b.*\d"),
    ),
    (
        _words(
            r"formular|vordruck|merkbl[aä]tt|portal|online|\bform\b|\bwo(?:hin)?\b|\bwhere\b"
            r"|einreichen|einzureichen|\breich\w+\b.*\bein\b"
        ),
        _words(r"formular|merkblätter|portal|https?:|www\.|online"),
    ),
    (
        _words(r"(?:öffnungs|sprech|service|geschäfts|büro)zeiten|geöffnet|\btermin"),
        _words(r"zeiten\b|termin|\buhr\b"),
    ),
    (_words(r"\bwer\b|zuständig|ansprechp|bearbeiter"), _words(r"bearbeiter(?:in)?:")),
    (_words(r"wie lange|dauer|\bwann\b"), _words(r"dauern|in anspruch|verzögern")),
)


def perhaps_answered(said: str, ticket: Ticket, today: date) -> str:
    """Quote the sentence of a letter that a receipt may answer, "" where it answers none.

    It does by what was asked, or by a day or a number that both name.
    """
    own = _QUOTED.sub(" ", content(said))
    named = _named(own, today)
    written = [ticket.subject] if "?" in ticket.subject else []
    written += [content(letter.text[:_LOOKED_AT]) for letter in ticket.letters]
    for sentence in (each[:_LONGEST] for text in written for each in sentences(text)):
        if named & _named(sentence, today) or _is_asked(sentence, own):
            return without_tokens(" ".join(sentence.split()))[:_SHOWN]
    return ""


def _is_asked(sentence: str, said: str) -> bool:
    if not _ASKS.search(sentence):
        return False
    answered = any(
        asked.search(sentence) and answer.search(said) for asked, answer in _ASKED_AND_SAID
    )
    return answered or (bool(_STATE.search(sentence)) and _tells_state(sentence, said))


def _tells_state(sentence: str, said: str) -> bool:
    """Whether a receipt says how a writing stands that the letter asks about, and not our mail."""
    asked, told = (set(_WRITING.findall(each.casefold())) for each in (sentence, said))
    return bool(asked & told or _OF_STATE.search(said))


def _named(text: str, today: date) -> set[object]:
    """Give the days and the numbers that a text names; a year alone is neither."""
    spans = ((text[each.start : each.end], each) for each in mentions(text, today))
    days = {(each.first, each.last) for words, each in spans if any(map(str.isdigit, words))}
    numbers = (each.rstrip("./-").casefold() for each in _NUMBER.findall(text))
    return days | {each for each in numbers if _is_long(each)}


def _is_long(number: str) -> bool:
    digits = sum(map(str.isdigit, number))
    return digits >= _FEWEST_DIGITS and not _YEAR.fullmatch(number)
