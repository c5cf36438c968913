"""Who is a company to G: whoever outside the house wrote, or got anything; and who belongs to it.

Each address is a company of its own, save where its mails show that it belongs to another one: a
test says for whom somebody writes, or a colleague with an address at the company's own domain has
written with the token that only the company was given.
"""

import re

from mailflow.core.address import domain_of
from mailflow.core.tracking import find
from mailflow.free_mail import FREE_MAIL

__all__ = ["Companies", "is_outside", "sender_of"]

HOUSE = ("stadt.example.org", "hafen.example.org")
"""The domains of the offices, of the managers and of the central address."""

_HEADERS = 65_536
_END = re.compile(rb"\r?\n\r?\n")
_FROM = re.compile(rb"^From:(.*(?:\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"[^\s<>()\",:;]+@[\w.-]+")


def is_outside(address: str) -> bool:
    """Whether an address is nobody's of the house."""
    domain = domain_of(address)
    of_house = any(domain == each or domain.endswith(f".{each}") for each in HOUSE)
    return "@" in address and not of_house


def sender_of(raw: bytes) -> str:
    """Give the address that a mail says it is from, in lower case; "" where it names none."""
    head = _END.split(raw[:_HEADERS].lstrip(b"\r\n"), maxsplit=1)[0]
    line = _FROM.search(head)
    found = _ADDRESS.findall(line[1].decode("utf-8", "replace")) if line else ()
    return str(found[-1]).lower() if found else ""


class Companies:
    """Those who wrote from outside, and what shows to whom they belong."""

    def __init__(self) -> None:
        self.addresses: set[str] = set()
        self._for: dict[str, set[str]] = {}
        self._shown: dict[str, set[str]] = {}

    def wrote(self, raw: bytes, company: str = "") -> set[str]:
        """Take note of who wrote a mail, for the company where one is named; give both."""
        sender = sender_of(raw)
        found = {company.lower()} if company else set()
        if is_outside(sender):
            found.add(sender)
            self._shown.setdefault(sender, set()).update(find(raw.decode("latin-1")))
            if company:
                self._for.setdefault(company.lower(), set()).add(sender)
        self.addresses |= found
        return found

    def with_readers(self, readers: set[str]) -> set[str]:
        """Give the companies, and whoever outside got a mail without ever having written."""
        return self.addresses | {who for who in readers if is_outside(who)}

    def of(self, reader: str, tokens: dict[str, set[str]]) -> set[str]:
        """Give whose words somebody may read; ``tokens`` are those that each was given."""
        groups = (self._members(company, tokens.get(company, set())) for company in self.addresses)
        return {reader}.union(*(members for members in groups if reader in members))

    def _members(self, company: str, given: set[str]) -> set[str]:
        """Give a company and those who write for it."""
        domain = domain_of(company)
        joined = {
            who
            for who, shown in self._shown.items()
            if domain_of(who) == domain and domain not in FREE_MAIL and shown & given
        }
        return {company} | joined | self._for.get(company, set())
