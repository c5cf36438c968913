"""The manager gives all offices that still owe a reply a new day; nothing else may stand there."""

import re
from datetime import date, timedelta

from mailflow.core.below_orders import said_below
from mailflow.core.calendar import LONGEST_WAIT
from mailflow.core.dates import mentions
from mailflow.core.matter import Matter, RefusedError

__all__ = ["set_due"]

_IN_DAYS = re.compile(
    r"^\+?\s*(\d{1,3})\s*(?:t|at|tage?n?|arbeitstage?n?|d|days?|workdays?)?$", re.IGNORECASE
)
_GERMAN_DAY = re.compile(r"^(\d{1,2})\.\s?(\d{1,2})(?:\.\s?(\d{4}|\d{2})?)?$")
_UNTIL = re.compile(r"^(?:bis(?: zum)?|auf(?: den)?|zum|am|in|by|until|to|on)\s+", re.IGNORECASE)
_IN_WEEKS = re.compile(r"^\+?\s*([1-9]\d?|eine[rn]?|zwei|drei|vier)\s*wochen?$", re.IGNORECASE)
_WEEKS = {"zwei": 2, "drei": 3, "vier": 4}
_NAMES = (
    r"(mo(?:ntag)?|di(?:enstag)?|mi(?:ttwoch)?|do(?:nnerstag)?|fr(?:eitag)?|sa(?:mstag)?"
    r"|sonnabend|so(?:nntag)?)"
)
_BEFORE_ITS_DATE = re.compile(
    rf"\b{_NAMES}\b[.,]{{0,2}} ?(?:de[nm] )?(?=\d{{1,2}}\.\s?[\da-zä])(?!\d{{1,2}}\.\d\d uhr)",
    re.IGNORECASE,
)
_BEHIND_ITS_DATE = re.compile(rf"(?<=[\d.]),? ?\(?\b{_NAMES}\)?$", re.IGNORECASE)
_WEEKDAYS = ("mo", "di", "mi", "do", "fr", "sa", "so")
_ENDS_WITHOUT_ITS_DOT = re.compile(r"(?<![\d.])\d{1,2}\.\s?\d{1,2}$")
_OF_A_DAY = re.compile(
    r"\b(?:bis|zum|zur|auf|de[mnr]|die|am|an|in|(?:nächste|kommende)[nrs]?|spätestens|neue?r?"
    r"|verlänger[nt]|verschieben|ist|jetzt|bitte|für alle(?: ämter)?|\d{1,2}(?::\d\d)? ?uhr"
    r"|by|until|to|on|the|of|next|new|extend(?:ed)?|please|for all(?: offices)?)\b",
    re.IGNORECASE,
)
"""What stands beside a day and changes nothing of what it means."""


def set_due(matter: Matter) -> str:
    """Set a new day for every office that still owes a reply. Raises RefusedError."""
    today = matter.policy.today(matter.proposal.now)
    day = _day(matter, today)
    parts = matter.ticket.still_working()
    if not parts:
        raise RefusedError("Hier ist kein Amt mehr gefragt.")
    if day < today:
        raise RefusedError("Dieser Tag ist schon vorbei.")
    if day > today + LONGEST_WAIT:
        raise RefusedError("Dieser Tag liegt mehr als zwei Jahre voraus.")
    for part in parts:
        if part.due_on != day:  # the same day once more would take every step of it again
            matter.proposal.update_part(matter.reference, part.office_id, due_on=day, reminded=())
    return f"Neue Frist: {day:%d.%m.%Y}."


def _day(matter: Matter, today: date) -> date:
    """Give the day that is named; raises RefusedError where its weekday is another one's."""
    text = _UNTIL.sub("", matter.argument).rstrip(" !")
    named = _BEFORE_ITS_DATE.search(text) or _BEHIND_ITS_DATE.search(text)
    if named is None:
        return _day_of(matter, text, today)
    day = _day_of(matter, f"{text[: named.start()]}{text[named.end() :]}", today)
    written = named[1].casefold().replace("sonnabend", "samstag")
    if day.weekday() != _WEEKDAYS.index(written[:2]):
        raise RefusedError(f"Der {day:%d.%m.%Y} ist kein „{named[1]}“. Welcher Tag ist gemeint?")
    return day


def _day_of(matter: Matter, text: str, today: date) -> date:
    if in_days := _IN_DAYS.match(text):
        return matter.policy.workdays.add(today, int(in_days.group(1)))
    if in_weeks := _IN_WEEKS.match(text):
        count = in_weeks.group(1).casefold()
        return today + timedelta(weeks=int(count) if count.isdecimal() else _WEEKS.get(count, 1))
    german = _GERMAN_DAY.match(text)
    try:
        if german:
            day, month, year = german.groups()
            found = date(_year(year) if year else today.year, int(month), int(day))
            if not year and found < today - timedelta(days=30):
                found = found.replace(year=today.year + 1)
            return found
        text = _ENDS_WITHOUT_ITS_DOT.sub(r"\g<0>.", text)
        named = mentions(text, today)
        if len(named) != 1:
            return date.fromisoformat(text)
    except ValueError:
        raise RefusedError("Welcher Tag? Zum Beispiel: frist 12.06. oder frist +2T") from None
    _refuse_beside_day(matter, text[: named[0].start], text[named[0].end :])
    return named[0].last


def _refuse_beside_day(matter: Matter, before: str, behind: str) -> None:
    """Raise RefusedError where a day stands among words: it holds for every office at work."""
    said = [each.strip() for each in (before, behind) if _OF_A_DAY.sub("", each).strip(" .,:;()-")]
    if said and said_below(said, matter.known.mail.author):
        raise RefusedError(
            f"Neben dem Tag steht „{' … '.join(said)}“. Die Frist gilt für alle Ämter, die noch"
            " antworten müssen; bitte schreiben Sie hier nur den Tag."
        )


def _year(written: str) -> int:
    return int(written) if len(written) > len("26") else 2000 + int(written)
