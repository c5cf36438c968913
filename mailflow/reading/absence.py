"""Absence notes: until when somebody is away.

The words are tables by language; the dates come from ``core.dates``. A note is told from a person
by what it does *not* say: notes consist of stock sentences, persons add one of their own.
"""

import re
from datetime import date, timedelta

from mailflow.core.dates import Mention, mentions
from mailflow.reading.absence_words import phrases

__all__ = ["absent_until", "answers_first", "looks_like_absence"]

_MAX_NOTE = 4_000
_BEFORE = 45
_AFTER = 60
_STALE = timedelta(days=62)
_FORTNIGHT = timedelta(days=14)
_WEEKS = timedelta(weeks=7)
_WEEK_NUMBER = re.compile(r"\d")


# A machine's subject. What follows "AW:" is a person's answer to such a note.
_SUBJECT = phrases("subjects", before=r"\s*(?:\[[^\]]{0,60}\]\s*)?")
_AWAY = phrases("away")
_ABSENT = phrases("absent")
_STOCK = phrases("stock")
_PERSONAL = phrases("personal")
_COURTESY = phrases("courtesy")
# "3.–14.8." and "18.05. - 29.05.": a dash is "until" as well.
_UNTIL_BEFORE = phrases("until", after=r"\s?:?\s*$", also=(r"(?<=\d)\.?\s?[-–—]", r"\s[-–—]"))
_UNTIL_AFTER = phrases("until_after", before=r"^\s?")
_FROM_BEFORE = phrases("since", after=r"\s?:?\s*$")
_FROM_AFTER = phrases("since_after", before=r"^\s?")
_AGAIN = phrases("again")
# "Montag bis Mittwoch" are somebody's working days.
_WEEKDAYS = re.compile(
    r"\b(?:(?:mon|diens|donners|frei|sams|sonn)tags?|mittwochs?)\s(?:bis|-|–)\s$", re.IGNORECASE
)
_ON_BEFORE = phrases("on", after=r"\s*$")
_TODAY = phrases("today")
_DEPUTY_NEAR = phrases("deputy")
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
# "Herr Kern ist bis Freitag nicht im Haus": notes speak of their owners as "I".
_ANOTHER = re.compile(
    r"\b(?:frau|herr|kollege|kollegin|mr\.?|mrs\.?|ms\.?|mevrouw|de heer|madame|monsieur|pan|pani)"
    r"\s(?-i:[A-ZÄÖÜ])[\w.-]{0,40}\s(?:ist|befindet|war|is|est|jest)\b",
    re.IGNORECASE,
)
# "Die Halle ist genehmigt.", "Das kostet 120 Euro.": short, and yet an answer.
_STATES = re.compile(
    r"\b(?:ist|sind|wird|werden|wurden?|hat|haben|gilt|gelten|kostet|beträgt|liegt|kommt|geht"
    r"|reicht|genügt|darf|dürfen|kann|können|is|are|was|will|has|costs?|may)\b",
    re.IGNORECASE,
)
# The dot of "04.12.", "24. Dezember" and "einschl." ends no sentence, and no pattern within one.
_DOT_INSIDE = re.compile(
    r"(\d)\.(?=\S|\s[a-zäöüß\d(–-]"
    r"|\s(?:Jan|Feb|Mär|Maer|Mar|Apr|Mai|May|Jun|Jul|Aug|Sep|Okt|Oct|Nov|Dez|Dec))"
    r"|\b(Mo|Di|Mi|Do|Fr|Sa|So|Jan|Feb|Mär|Apr|Aug|Sept?|Okt|Oct|Nov|Dez|Dec"
    r"|ca|einschl|inkl|incl|evtl|voraussichtl|vorauss|bzw|ggf)\."
)
_SENTENCES = re.compile(
    r"(?<=[a-zäöüßğışçé)\d][.!?])\s+(?=[A-ZÄÖÜİŞÇ„\"])"
    r"(?!(?:Jan|Feb|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez))|\n\s*\n|\n"
)


def absent_until(text: str, subject: str, received: date) -> date | None:
    """Read an absence note's last day; None where it names none, or nobody is said to be away.

    ``received`` is the local day the mail was received: dates without year are near it.
    """
    note = " ".join(text[:_MAX_NOTE].split())
    if not (_AWAY.search(note) or (_DEPUTY_NEAR.search(note) and _SUBJECT.match(subject))):
        return None
    return _until(note, received)


def looks_like_absence(text: str, subject: str) -> bool:
    """Tell whether a mail without a machine's headers is an absence note all the same.

    A person on holiday who answers, or who announces an absence, is a person.
    """
    note = _DOT_INSIDE.sub(r"\1\2", " ".join(text[:_MAX_NOTE].split()))
    if not note or len(text) > _MAX_NOTE:
        return False
    announced = bool(_SUBJECT.match(subject))
    if "?" in note or not _AWAY.search(note) or (_PERSONAL.search(note) and not announced):
        return False
    sentences = _sentences(text)
    if not announced and (not _ABSENT.search(note) or any(map(_is_of_another, sentences))):
        return False
    foreign = sum(not _is_stock(sentence) for sentence in sentences)
    if announced:
        return foreign <= max(2, len(sentences) // 2)
    return bool(_STOCK.search(note)) and foreign == 0 and len(sentences) >= 1


_SHORT = 4


def answers_first(text: str, subject: str) -> bool:
    """Tell whether words stand above a note that its subject does not announce as one.

    "45 dB(A)", then until when somebody is away: that is an answer, unless it is a name. Greetings
    and headings are none.
    """
    if _SUBJECT.match(subject) or not looks_like_absence(text, subject):
        return False
    sentences = _sentences(text)
    for number, sentence in enumerate(sentences):
        if _AWAY.search(sentence) or _STOCK.search(sentence):
            above = sentences[:number]
            return any(not (_COURTESY.match(each) or _SUBJECT.match(each)) for each in above)
    return False


def _sentences(text: str) -> list[str]:
    sentences: list[str] = []
    for part in (part.strip() for part in _SENTENCES.split(text[:_MAX_NOTE])):
        # "vom 18.05. bis 29.05. Betriebsferien." is one sentence
        if sentences and sentences[-1][-2:-1].isdigit() and 0 < len(part.split()) < _SHORT:
            sentences[-1] += " " + part
        elif part:
            sentences.append(part)
    return sentences


def _is_of_another(sentence: str) -> bool:
    """Tell whether a sentence says that somebody else is away: a person tells it."""
    return bool(_ANOTHER.search(sentence) and _AWAY.search(sentence))


def _is_stock(sentence: str) -> bool:
    """Tell whether a note may say this; a few words may be a name or a number, or an answer."""
    return bool(
        _AWAY.search(sentence)
        or _STOCK.search(sentence)
        or _ADDRESS.search(sentence)
        or _COURTESY.match(sentence)
        or (len(sentence.split()) <= _SHORT and not _STATES.search(sentence))
    )


def _until(note: str, received: date) -> date | None:
    """Decide on the last day absent from all dates named: an explicit end wins over a return."""
    found = mentions(note, received)
    ends = [mention for mention in found if _is_end(note, mention)]
    away = [mention for mention in ends if _AWAY.search(_clause(note, mention))] or ends
    days = [mention.last for mention in away if mention.last >= received - _STALE]
    if days:
        return max(days)
    returns = [mention.first - timedelta(days=1) for mention in found if _is_return(note, mention)]
    if returns:
        return max(returns)
    single = [mention.last for mention in found if _is_single(note, mention)]
    return max(single) if single else None


def _before(note: str, mention: Mention) -> str:
    return note[max(0, mention.start - _BEFORE) : mention.start]


def _after(note: str, mention: Mention) -> str:
    return note[mention.end : mention.end + _AFTER]


def _is_end(note: str, mention: Mention) -> bool:
    before = _before(note, mention)
    if _WEEKDAYS.search(before):
        return False
    return bool(_UNTIL_BEFORE.search(before) or _UNTIL_AFTER.search(_after(note, mention)))


def _is_return(note: str, mention: Mention) -> bool:
    is_from = _FROM_BEFORE.search(_before(note, mention)) or _FROM_AFTER.search(
        _after(note, mention)
    )
    return bool(is_from and _AGAIN.search(_clause(note, mention)))


def _is_single(note: str, mention: Mention) -> bool:
    """Tell whether somebody is away on just this day, or in just these weeks."""
    clause = _clause(note, mention)
    words = note[mention.start : mention.end]
    today = _TODAY.search(words)
    if today and _AWAY.search(_AGAIN.split(_sentence_after(note, mention))[0]):
        return True  # "today, and back tomorrow"
    named = today or _ON_BEFORE.search(_before(note, mention))
    longest = _WEEKS if _WEEK_NUMBER.search(words) else _FORTNIGHT
    is_short = mention.last - mention.first < longest and not _AGAIN.search(clause)
    return bool(named and is_short and _AWAY.search(clause))


def _clause(note: str, mention: Mention) -> str:
    """Give the words around a date up to the sentences' ends."""
    before = note[max(0, mention.start - 120) : mention.start]
    left = re.split(r"[.!?;]\s(?=[A-ZÄÖÜ])", before)[-1]
    return f"{left} {_sentence_after(note, mention)}"


def _sentence_after(note: str, mention: Mention) -> str:
    after = note[mention.end : mention.end + 120]
    return re.split(r"(?<=[a-zäöüß)])[.!?;](?:\s|$)", after)[0]
