"""A mail's fingerprint: equal for two looks at the same mail, whatever way it took."""

import hashlib

__all__ = ["fingerprint"]

_TRACE = frozenset(
    {
        b"received",
        b"return-path",
        b"delivered-to",
        b"x-original-to",
        b"envelope-to",
        b"x-envelope-to",
        b"x-delivered-to",
        b"delivery-date",
        b"authentication-results",
        b"arc-seal",
        b"arc-message-signature",
        b"arc-authentication-results",
        b"received-spf",
        b"x-spam-status",
        b"x-spam-score",
        b"x-spam-level",
        b"x-spam-flag",
        b"x-spam-checker-version",
        b"x-virus-scanned",
        b"status",
        b"x-status",
        b"x-uid",
        b"x-keywords",
    }
)
"""Headers that servers add or change on the way; they say nothing of which mail it is."""


def fingerprint(raw: bytes) -> str:
    """Give the SHA-256 (hex) of a mail without its trace headers and with bare line ends."""
    text = raw.replace(b"\r\n", b"\n")
    head, separator, body = text.partition(b"\n\n")
    digest = hashlib.sha256()
    keep = False
    for line in head.split(b"\n"):
        if not line.startswith((b" ", b"\t")):
            keep = line.partition(b":")[0].strip().lower() not in _TRACE
        if keep:
            digest.update(line.rstrip() + b"\n")
    digest.update(separator)
    digest.update(body.rstrip(b"\n"))
    return digest.hexdigest()
