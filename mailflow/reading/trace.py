"""Where a mail came from and arrived, by the fields that mail servers add on its way."""

import re
from datetime import datetime

from mailflow.core.message import Address
from mailflow.reading.addresses import addresses
from mailflow.reading.headers import Headers, date, unfolded

__all__ = ["arrival", "recipients", "return_path"]

# Fields that name whom a mail reached, most reliable first.
_ENVELOPE = (
    "delivered-to",
    "x-original-to",
    "x-delivered-to",
    "envelope-to",
    "x-envelope-to",
    "x-rcpt-to",
    "x-forwarded-to",
    "x-forwarded-for",
    "apparently-to",
    "original-recipient",
    "resent-to",
    "resent-cc",
    "bcc",
)
_FOR = re.compile(r"\bfor\s{1,5}<?([^\s<>;@]{1,320}@[^\s<>;]{1,255})>?")
_HOPS = 30


def recipients(headers: Headers, *named: tuple[Address, ...]) -> tuple[str, ...]:
    """Give every address the mail names as having reached, envelope first, each once."""
    found: dict[str, None] = {}
    for name in _ENVELOPE:
        for value in headers.all(name):
            found.update(dict.fromkeys(each.address for each in addresses(value)))
    for hop in headers.all("received")[:_HOPS]:
        found.update(dict.fromkeys(_FOR.findall(unfolded(hop[:4000]))))
    for group in named:
        found.update(dict.fromkeys(each.address for each in group))
    return tuple(found)


def return_path(headers: Headers) -> str | None:
    """Give the envelope sender, ``""`` for the null path, None where no server wrote it down."""
    for name in ("return-path", "x-envelope-from", "envelope-from"):
        if name in headers:
            found = addresses(headers.get(name))
            return found[0].address if found else ""
    return None


def arrival(headers: Headers) -> datetime | None:
    """Give the aware time at which the last server took the mail, None where none says so."""
    last = next(iter(headers.all("received")), "")
    return date(last.rpartition(";")[2])[0]
