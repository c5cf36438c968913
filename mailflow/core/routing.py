"""Where a mail belongs: its words, asked of the offices."""

from mailflow.core.known import Mail, Policy
from mailflow.core.offices import Routing, route

__all__ = ["route_mail"]


def route_mail(mail: Mail, language: str, policy: Policy) -> Routing:
    """Give where a mail belongs by what its author newly wrote, in the language of its matter."""
    message = mail.message
    text = message.new_text
    return route(
        message.subject,
        text,
        language,
        policy.offices,
        policy.routing,
        known_company=mail.account is not None,
    )
