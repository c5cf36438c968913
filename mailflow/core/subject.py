"""A company's subject, as it stands on every mail of its matter."""

import re

from mailflow.core.tracking import find_references, without_tokens

__all__ = ["plain_subject"]

_REPLY = re.compile(r"^\s*(?:re|aw|antw|sv|wg|fwd?|tr)\s*:\s*", re.IGNORECASE)


def plain_subject(subject: str, prefix: str) -> str:
    """Give a subject without reply prefixes and numbers that would stack up, and no token.

    A token would travel on to every reader of the subject, whose reply then bore it.
    """
    subject = without_tokens(subject).replace("[…]", "")
    for number in find_references(subject, prefix):
        subject = re.sub(rf"\[?{re.escape(number)}\]?", "", subject, flags=re.IGNORECASE)
    while (shorter := _REPLY.sub("", subject)) != subject:
        subject = shorter
    return " ".join(subject.split())
