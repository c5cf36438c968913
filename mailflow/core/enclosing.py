"""Which files of an office's question or interim notice go to the company with its words.

The checks are those of a combined answer (``core.combining``).
"""

from mailflow.core.attachments import is_dangerous, is_mail
from mailflow.core.combining import without_internals
from mailflow.core.drafts import Enclosure
from mailflow.core.known import Policy
from mailflow.core.ticket import PassedOn, Ticket
from mailflow.core.visible import visible

__all__ = ["enclosures_of"]

_LOGO_BYTES = 30_000
_ENDING = 5


def enclosures_of(
    ticket: Ticket, office_id: str, source: str, policy: Policy
) -> tuple[Enclosure, ...]:
    """Give the files of the office's mail with this fingerprint as they may travel."""
    own = {each.sha256 for letter in ticket.letters for each in letter.attachments}
    part = ticket.consultation(office_id)
    return tuple(
        Enclosure(reply.mail_id, each.sha256, _name(each, policy))
        for reply in (part.replies if part else ())
        if reply.fingerprint == source
        for each in reply.attachments
        if each.sha256 not in own and _may_leave(each)
    )


def _may_leave(file: PassedOn) -> bool:
    """Whether a file is neither a program, nor a whole mail, nor a letterhead's picture."""
    is_logo = file.inline and file.size < _LOGO_BYTES
    return not (
        is_logo
        or is_dangerous(file.name, file.content_type)
        or is_mail(file.name, file.content_type)
    )


def _name(file: PassedOn, policy: Policy) -> str:
    """Give a file's name for the company; one that bears anything internal gets another."""
    name = visible(file.name)
    stem, dot, ending = name.rpartition(".")
    if all(without_internals(each, policy) == each for each in (name, stem)):
        return name
    return f"Anlage{dot}{ending}" if ending.isalnum() and len(ending) <= _ENDING else "Anlage"
