"""A mail that a header calls a circular, from somebody who answers us all the same."""

from mailflow.core.account import belongs
from mailflow.core.commands import commands_in
from mailflow.core.doubts import is_bound
from mailflow.core.known import Known, Leg, Policy
from mailflow.core.message import Kind
from mailflow.core.tracking import Role

__all__ = ["is_persons", "is_senders"]

_AUTOMATIC = "auto-submitted"


def is_persons(known: Known, policy: Policy) -> bool:
    """Whether a bulk mail bears a token bound to its sender: then somebody answers us.

    Not if it says that it was made automatically, or came by the null path: a person's mail does
    neither (RFC 3834 §5), and two machines must not talk to each other.
    """
    message = known.mail.message
    if message.kind is not Kind.BULK or message.return_path == "":
        return False
    if _AUTOMATIC in message.bulk_signs:
        return False
    return any(is_senders(leg, known, policy) for leg in known.legs if leg.valid)


def is_senders(leg: Leg, known: Known, policy: Policy) -> bool:
    """Whether a valid token was made for the one who writes."""
    mail = known.mail
    if leg.role is Role.MANAGER:  # a machine's answer to a digest holds no order
        ours = policy.is_manager(mail.sender) and mail.sender == leg.recipient.lower()
        return ours and bool(commands_in(mail.message.reply_text, policy.prefix))
    if leg.role is Role.OFFICE:
        return is_bound(mail.sender, policy.office(leg.office_id), known)
    ticket = known.tickets.get(leg.reference)
    return ticket is not None and belongs(mail, ticket, policy)
