"""Calendar invitations as text. The only icalendar."""

from datetime import date, datetime
from typing import Any

__all__ = ["described"]

_LARGEST = 200_000
_EVENTS = 20
_METHODS = {
    "REQUEST": "Termineinladung",
    "CANCEL": "Terminabsage",
    "REPLY": "Antwort auf eine Termineinladung",
    "COUNTER": "Gegenvorschlag zu einem Termin",
    "PUBLISH": "Termin",
}
_ANSWERS = {"ACCEPTED": "zugesagt", "DECLINED": "abgesagt", "TENTATIVE": "mit Vorbehalt zugesagt"}


def described(source: str) -> tuple[str, str]:
    """Give an invitation in words, and what was wrong with it ("" when nothing).

    Times stay in the zone the invitation names. Written in German, the city's language.
    """
    if len(source) > _LARGEST:
        return "", "calendar entry too large to be read"
    try:
        lines = list(_lines(source))
    except Exception:  # noqa: BLE001 - the library promises no closed set of errors on hostile input
        return "", "calendar entry could not be read"
    return "\n".join(lines), "" if lines else "calendar entry without an event"


def _lines(source: str) -> "list[str]":
    import icalendar  # noqa: PLC0415 - takes longer to import than most mails take to read

    lines: list[str] = []
    for calendar in icalendar.Calendar.from_ical(source, multiple=True):
        method = str(calendar.get("METHOD", "PUBLISH")).upper()
        for event in calendar.walk("VEVENT")[:_EVENTS]:
            lines.append(f"{_METHODS.get(method, 'Termin')}: {event.get('SUMMARY', '')}".strip())
            lines += _details(event, method)
    return lines


def _details(event: Any, method: str) -> list[str]:
    details = [
        ("Beginn", _moment(event.get("DTSTART"))),
        ("Ende", _moment(event.get("DTEND"))),
        ("Ort", str(event.get("LOCATION") or "")),
        ("Eingeladen von", _person(event.get("ORGANIZER"))),
        ("Antwort", _answer(event) if method == "REPLY" else ""),
        ("Beschreibung", str(event.get("DESCRIPTION") or "").strip()),
    ]
    return [f"{label}: {value}" for label, value in details if value]


def _moment(value: Any) -> str:
    moment = getattr(value, "dt", None)
    if isinstance(moment, datetime):
        zone = moment.tzname() or ""
        return f"{moment:%d.%m.%Y %H:%M} {zone}".strip()
    return f"{moment:%d.%m.%Y}" if isinstance(moment, date) else ""


def _person(value: Any) -> str:
    if value is None:
        return ""
    address = str(value).removeprefix("mailto:").removeprefix("MAILTO:")
    name = str(getattr(value, "params", {}).get("CN", ""))
    return f"{name} <{address}>" if name and name != address else address


def _answer(event: Any) -> str:
    attendees = event.get("ATTENDEE") or []
    attendees = attendees if isinstance(attendees, list) else [attendees]
    states = [str(who.params.get("PARTSTAT", "")).upper() for who in attendees]
    return ", ".join(_ANSWERS[state] for state in states if state in _ANSWERS)
