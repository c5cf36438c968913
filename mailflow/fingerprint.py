"""A mail's fingerprint: equal for two looks at the same mail, whatever way it took."""

import hashlib

__all__ = ["fingerprint"]

_WRITTEN = (
    b"from",
    b"sender",
    b"reply-to",
    b"to",
    b"cc",
    b"date",
    b"subject",
    b"message-id",
    b"in-reply-to",
    b"references",
    b"auto-submitted",
    b"content-type",
    b"content-transfer-encoding",
    b"content-disposition",
)
"""Headers that the sender writes. Any other may be added, changed or lost on the way, by filters
whose names nobody can list; two ways through two of them are still one mail."""


def fingerprint(raw: bytes) -> str:
    """Give the SHA-256 (hex) of what the sender wrote: his headers, folded anyhow, and the body.

    Line ends and the lines that end the mail do not count. What is no header, where one should be,
    counts as the body.
    """
    written: dict[bytes, list[bytes]] = {name: [] for name in _WRITTEN}
    kept: list[bytes] | None = None
    lines = raw.replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
    body = len(lines)
    for number, line in enumerate(lines):
        name, colon, words = line.partition(b":")
        if line.startswith((b" ", b"\t")):
            words = line
        elif line.startswith(b"From ") and not number:  # of an mbox
            continue
        elif not colon or len(name.split()) != 1:
            body = number
            break
        else:
            kept = written.get(name.strip().lower())
        if kept is not None:
            kept += words.split()
    digest = hashlib.sha256()
    for name, words_of_it in written.items():
        digest.update(b"%s: %s\n" % (name, b" ".join(words_of_it)))
    digest.update(b"\n".join(lines[body:]))
    return digest.hexdigest()
