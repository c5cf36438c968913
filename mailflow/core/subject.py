"""A company's subject, as it stands on every mail of its matter."""

import re

from mailflow.core.tracking import reference_pattern, without_tokens

__all__ = ["plain_subject"]

_REPLIES = re.compile(r"^(?:\s*(?:re|aw|antw|sv|wg|fwd?|tr)\s*:)*", re.IGNORECASE)


def plain_subject(subject: str, prefix: str) -> str:
    """Give a subject without reply prefixes and numbers that would stack up, and no token.

    A token would travel on to every reader of the subject, whose reply then bore it.
    """
    subject = without_tokens(subject).replace("[…]", "")
    number = rf"\[?{reference_pattern(prefix).pattern}\]?"
    subject = re.sub(number, "", subject, flags=re.IGNORECASE)
    subject = _REPLIES.sub("", subject)
    return " ".join(subject.split())
