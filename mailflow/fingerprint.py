"""A mail's fingerprint: equal for two looks at the same mail, whatever way it took."""

import hashlib
from collections.abc import Iterator, Sequence

__all__ = ["added_on_the_way", "fingerprint"]

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
    lines = _lines(raw)
    body = 0
    for name, words in _head(lines):
        body += 1
        if name in written:
            written[name] += words.split()
    digest = hashlib.sha256()
    for name, words_of_it in written.items():
        digest.update(b"%s: %s\n" % (name, b" ".join(words_of_it)))
    digest.update(b"\n".join(lines[body:]))
    return digest.hexdigest()


def added_on_the_way(raw: bytes) -> frozenset[bytes]:
    """Give the names of a mail's headers that others than its sender may have put there."""
    return frozenset(name for name, _ in _head(_lines(raw)) if name and name not in _WRITTEN)


def _lines(raw: bytes) -> list[bytes]:
    return raw.replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")


def _head(lines: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Give for each line above the body the header it is of, and its words."""
    name = b""
    for number, line in enumerate(lines):
        begins, colon, words = line.partition(b":")
        if line.startswith((b" ", b"\t")):
            yield name, line
        elif line.startswith(b"From ") and not number:  # of an mbox
            yield b"", b""
        elif not colon or len(begins.split()) != 1:
            return
        else:
            name = begins.strip().lower()
            yield name, words
