"""What a server said, without the secret it may have repeated."""

import base64
import re

__all__ = ["without_secret"]

_ENCODED = re.compile(r"[A-Za-z0-9+/]{4,}")


def without_secret(words: str, secret: str) -> str:
    """Give a server's words without a password or token: as it is, escaped, or within base64."""
    if not secret:
        return words
    escaped = repr(secret.encode("utf-8", "surrogateescape"))[2:-1]
    for each in (secret, escaped):
        words = re.sub(re.escape(each), "…", words, flags=re.IGNORECASE)
    return _ENCODED.sub(lambda found: "…" if _holds(found[0], secret) else found[0], words)


def _holds(encoded: str, secret: str) -> bool:
    """Whether a run of letters is what AUTH PLAIN, LOGIN or XOAUTH2 makes of a secret."""
    whole = encoded[: len(encoded) - (len(encoded) % 4 == 1)]
    decoded = base64.b64decode(whole + "=" * (-len(whole) % 4))
    return secret.encode("utf-8", "surrogateescape") in decoded
