"""Which files of an office's question or interim notice go to the company with its words."""

from mailflow.core.combining import file_name, worth_passing
from mailflow.core.drafts import Enclosure
from mailflow.core.known import Policy
from mailflow.core.ticket import Ticket

__all__ = ["enclosures_of"]


def enclosures_of(
    ticket: Ticket, office_id: str, source: str, policy: Policy
) -> tuple[Enclosure, ...]:
    """Give the files of the office's mail with this fingerprint, chosen as for an answer.

    A copy of it that was in doubt may be on record before it.
    """
    found = [each for each in ticket.replies_of(office_id) if each.fingerprint == source]
    return tuple(
        Enclosure(mail_id, each.sha256, file_name(each, ticket, policy))
        for reply in found[-1:]
        for mail_id, each in worth_passing(ticket, reply)
    )
