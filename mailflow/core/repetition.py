"""Whether somebody writes what he wrote before: two machines that answer each other never end.

A machine without a machine's headers is known by nothing else: it says the same each time, but for
a number or a date. What is only a few words long, people repeat as well.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from mailflow.core.letter import content
from mailflow.core.message import Attachment
from mailflow.core.ticket import Consultation, Letter, ReplyState, Ticket
from mailflow.core.visible import folded

__all__ = ["reply_repeats", "says_nothing_new", "times_written"]

_FEWEST_LETTERS = 25
_LONGEST = 5_000
_AT_ONCE = timedelta(days=1)


def times_written(text: str, files: Iterable[Attachment], ticket: Ticket) -> int:
    """Count the company's letters that say the same, numbers aside; 0 where a file is new."""
    words = _words(text, numbers=False)
    if not words or _has_new(files, ticket):
        return 0
    return sum(words == _words(each.text, numbers=False) for each in ticket.letters)


def says_nothing_new(text: str, files: Iterable[Attachment], ticket: Ticket, at: datetime) -> bool:
    """Whether a company's mail only says once more, to the letter, what it said within a day."""
    words = _words(text)
    return (
        bool(words)
        and not _has_new(files, ticket)
        and any(words == _words(each.text) for each in _recent(ticket, at))
    )


def reply_repeats(
    text: str, files: Iterable[Attachment], part: Consultation, ticket: Ticket
) -> bool:
    """Whether an office has said this in the ticket before, numbers aside, and sends no new file.

    What the manager has discarded was never said.
    """
    words = _words(text, numbers=False)
    before = [
        reply
        for each in ticket.consultations
        if each.office_id == part.office_id
        for reply in each.replies
        if reply.state is not ReplyState.KEPT
    ]
    known = {each.sha256 for reply in before for each in reply.attachments}
    if not words or any(each.sha256 not in known for each in files):
        return False
    return any(words == _words(each.text, numbers=False) for each in before)


def _words(text: str, *, numbers: bool = True) -> str:
    """Give a letter's words as they are compared, "" where there are too few or too many."""
    if len(text) > _LONGEST:
        return ""
    words = "".join(each for each in folded(content(text)) if numbers or not each.isdigit())
    return words if len(words) >= _FEWEST_LETTERS else ""


def _has_new(files: Iterable[Attachment], ticket: Ticket) -> bool:
    known = {each.sha256 for letter in ticket.letters for each in letter.attachments}
    return any(each.sha256 not in known for each in files)


def _recent(ticket: Ticket, at: datetime) -> Iterable[Letter]:
    return (each for each in ticket.letters if at - each.received_at <= _AT_ONCE)
