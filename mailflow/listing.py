"""Tickets as a person or a program at the command line sees them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from mailflow.core.offices import Offices
from mailflow.core.ticket import Consultation, Ticket

__all__ = ["for_terminal", "list_line", "ticket_lines", "ticket_row"]


def ticket_row(
    ticket: Ticket, offices: Offices, history: Sequence[tuple[datetime, str, str]] = ()
) -> dict[str, Any]:
    """Give a ticket as plain values for JSON; times are ISO 8601 in UTC."""
    return {
        "reference": ticket.reference,
        "state": ticket.state,
        "company": ticket.account.name,
        "account_status": ticket.account.status,
        "contact": {"name": ticket.contact.name, "address": ticket.contact.address},
        "subject": ticket.subject,
        "language": ticket.language,
        "flags": list(ticket.flags),
        "opened_at": ticket.opened_at.isoformat(),
        "answered_at": ticket.answered_at.isoformat() if ticket.answered_at else None,
        "closed_at": ticket.closed_at.isoformat() if ticket.closed_at else None,
        "answers": ticket.answers,
        "letters": len(ticket.letters),
        "consultations": [_part(part, offices) for part in ticket.consultations],
        "holds": [{"reason": hold.reason, "text": hold.text} for hold in ticket.holds],
        "history": [
            {"at": at.isoformat(), "kind": kind, "text": text} for at, kind, text in history
        ],
    }


def _part(part: Consultation, offices: Offices) -> dict[str, Any]:
    office = offices.by_id(part.office_id)
    return {
        "office": part.office_id,
        "name": office.name if office else part.office_id,
        "round": part.round,
        "state": part.state,
        "open": part.state.is_open,
        "asked_on": part.asked_on.isoformat(),
        "due_on": part.due_on.isoformat(),
        "replies": [{"kind": each.kind, "state": each.state} for each in part.replies],
    }


def for_terminal(text: str) -> str:
    """Give a text whose characters a terminal shows in their order, and obeys none of."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def list_line(row: dict[str, Any]) -> str:
    """Give a ticket as one line of a list for a terminal."""
    working = ", ".join(part["office"] for part in row["consultations"] if part["open"])
    matter = f"{row['company'][:30]:30}  {row['subject'][:40]:40}"
    return for_terminal(f"{row['reference']}  {row['state']:10}  {matter}  {working}".rstrip())


def ticket_lines(row: dict[str, Any], zone: ZoneInfo) -> Iterator[str]:
    """Give a ticket as lines for a terminal, without anything that could steer it."""
    for line in _lines(row, zone):
        yield for_terminal(line)


def _lines(row: dict[str, Any], zone: ZoneInfo) -> Iterable[str]:
    yield f"{row['reference']}  {row['state']}  {row['subject']}"
    contact = row["contact"]
    yield f"{row['company']} ({row['account_status']}), {contact['name']} <{contact['address']}>"
    if row["flags"]:
        yield f"Hinweise: {', '.join(row['flags'])}"
    for part in row["consultations"]:
        days = f"gefragt {part['asked_on']}, Frist {part['due_on']}"
        yield f"  {part['name']}: {part['state']}, {days}"
    for hold in row["holds"]:
        yield f"  Zur Entscheidung: {hold['text']}"
    for event in row["history"]:
        at = datetime.fromisoformat(event["at"]).astimezone(zone)
        yield f"  {at:%d.%m.%Y %H:%M}  {event['kind']}: {event['text']}"
