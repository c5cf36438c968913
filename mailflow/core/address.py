"""Addresses: their parts, how a domain is written, and which lead into one mailbox or to nobody."""

import re
import unicodedata

__all__ = [
    "ascii_domain",
    "domain_of",
    "mailbox_of",
    "readable",
    "registrable_domain",
    "with_tag",
    "without_tag",
]

_GMAIL = frozenset({"gmail.com", "googlemail.com"})
_DOTS = re.compile("[.\u3002\uff0e\uff61]")  # what separates labels in any script (RFC 3490 §3.1)
_LONGEST_LABEL = 63
_COUNTRY = 2  # letters
_PUBLIC = frozenset(
    {"ac", "co", "com", "edu", "go", "gob", "gouv", "gov", "gv", "ltd", "mil", "ne", "net"}
    | {"or", "org", "plc", "sch"}
)
"""Second labels below which countries let anybody register: co.uk, com.tr, or.at."""


def domain_of(address: str) -> str:
    """Give an address's domain in lower case; of what has no @, all of it."""
    return address.rpartition("@")[2].lower()


def registrable_domain(domain: str) -> str:
    """Give the part of a domain that somebody registered, as far as that can be told.

    Whoever has it makes as many names below it as he likes. Without a list of public suffixes: two
    labels, or three in a country that has a usual public one. Customers of a host that gives out
    names below its own (onmicrosoft.com) look like one.
    """
    labels = domain.rstrip(".").split(".")
    if domain.startswith("["):  # the number of a machine
        return domain
    public = len(labels) > _COUNTRY == len(labels[-1]) and labels[-2] in _PUBLIC
    return ".".join(labels[-3:] if public else labels[-2:])


def without_tag(address: str) -> str:
    """Give the address without what stands behind a plus (RFC 5233), which its owner may choose.

    A local part that is nothing else stays.
    """
    local, at, domain = address.rpartition("@")
    return f"{local.partition('+')[0] or local}{at}{domain}"


def with_tag(address: str, tag: str) -> str:
    """Give the address with this tag behind a plus; as it is where the tag is empty."""
    local, at, domain = address.rpartition("@")
    return f"{local}+{tag}{at}{domain}" if tag else address


def ascii_domain(address: str) -> str:
    """Give the address with its domain as the DNS knows it (A-labels, RFC 5891); else as it is.

    Python's own codec turns ß into ss, full-width letters into plain ones and invisible letters
    into nothing. This does not: what only looks like a domain must not become it.
    """
    local, at, domain = address.rpartition("@")
    if not at or domain.isascii():
        return address
    try:
        return f"{local}{at}{'.'.join(map(_a_label, _DOTS.split(domain)))}"
    except UnicodeError:
        return address


def readable(address: str) -> str:
    """Give the address with its domain as people write it (U-labels); else as it is."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{'.'.join(map(_u_label, domain.split('.')))}"
    except UnicodeError:
        return address


def _u_label(label: str) -> str:
    if not label.lower().startswith("xn--"):
        return label
    return label[len("xn--") :].encode("ascii").decode("punycode")


def _a_label(label: str) -> str:
    if label.isascii():
        return label
    written = unicodedata.normalize("NFC", label.lower())
    # the Kelvin sign becomes a plain k in lower case: such a label is encoded as it was written
    encoded = (label if written.isascii() else written).encode("punycode").decode("ascii")
    if len(encoded) > _LONGEST_LABEL - len("xn--"):
        raise UnicodeError(label)
    return f"xn--{encoded}"


def mailbox_of(address: str) -> str:
    """Give the mailbox that an address leads to, in lower case; "" where it names nobody clearly.

    What follows a plus is its owner's free choice, and so are the dots at Gmail: whoever counts
    mails of one person must not count these apart. What has blanks or letters that nobody sees in
    it names nobody clearly, though RFC 5322 allows them in quotes.
    """
    plain = address.strip().lower()
    local, _, domain = without_tag(plain).rpartition("@")
    if not local or not domain or plain.count("@") > 1:
        return ""
    if " " in plain or not plain.isprintable():
        return ""
    if domain in _GMAIL:
        return f"{local.replace('.', '') or local}@gmail.com"
    return f"{local}@{domain}"
