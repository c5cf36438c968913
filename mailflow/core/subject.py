"""A company's subject, as it stands on every mail of its matter."""

import re

from mailflow.core.tracking import reference_pattern, without_tokens

__all__ = ["plain_subject", "without_reply_prefixes"]

_REPLIES = re.compile(
    r"^(?:\s*(?:re|aw|antw|antwort|fwd?|wg|tr|sv)(?:\s*\[\d{1,3}\])?\s*:)*\s*", re.IGNORECASE
)


def without_reply_prefixes(subject: str) -> str:
    """Give a subject without the ``Re:``, ``AW[2]:``, ``WG:`` and the like at its beginning."""
    return _REPLIES.sub("", subject)


def plain_subject(subject: str, prefix: str) -> str:
    """Give a subject without reply prefixes and numbers that would stack up, and no token.

    A token would travel on to every reader of the subject, whose reply then bore it.
    """
    subject = without_tokens(subject).replace("[…]", "")
    number = rf"\[?{reference_pattern(prefix).pattern}\]?"
    subject = re.sub(number, "", subject, flags=re.IGNORECASE)
    return " ".join(without_reply_prefixes(subject).split())
