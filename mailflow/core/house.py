"""Which addresses are the house's: in what goes to a company each becomes the central one.

Those it is known by, at whatever domain, and any other at a domain of the city or below one. An
office's person signs with an address that no configuration names; whoever writes to it writes past
the one address, and nobody counts, chases or answers that mail. Not the company's own.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from mailflow.core.account import writes_for
from mailflow.core.address import ascii_domain, domain_of, readable
from mailflow.core.consulting import bound_addresses
from mailflow.core.known import Policy
from mailflow.core.ticket import ReplyState, Ticket

__all__ = ["House", "house_of", "names_office"]

_BEFORE: Final = r"(?<![\w+-])(?<!\w[.'’])(?P<mark>[_+-]*+)"
"""No other name ends here; what may be a bullet, or underlines, is left as it is."""
_BEHIND: Final = r"(?-i:(?![a-z0-9äöüß]|[.-][a-zäöüß]))"
"""No longer domain begins, which is written small; a sentence without a blank before it does."""
_ANYBODY: Final = r"\w[\w+'’-]*(?:\.[\w+'’-]+)*"
_BELOW: Final = r"(?:[\w-]{1,63}\.){0,8}"
_LONGEST_SEARCHED: Final = 1_000_000  # characters


@dataclass(frozen=True, slots=True)
class House:
    """The one address, those that must not stand beside it, and the reader's own.

    ``addresses`` and ``domains`` in lower case, in both spellings where they have umlauts;
    ``readers`` are addresses and domains of the company.
    """

    central: str
    addresses: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    readers: frozenset[str] = frozenset()

    def without_internal(self, line: str) -> str:
        """Give a line with each address of the house as the central one."""
        if "@" not in line:
            return line
        line = _tagged(self.central).sub(rf"\g<mark>{self.central}", line)
        if self.addresses:
            line = _any_of(self.addresses).sub(rf"\g<mark>{self.central}", line)
        return _any_at(self.domains).sub(self._instead, line) if self.domains else line

    def _instead(self, found: re.Match[str]) -> str:
        address = ascii_domain(found[0].removeprefix(found["mark"]).lower())
        is_readers = address in self.readers or domain_of(address) in self.readers
        return found[0] if is_readers else found["mark"] + self.central


def house_of(ticket: Ticket, policy: Policy) -> House:
    """Give the addresses that this ticket's company must not read.

    Besides those of the configuration: whom the manager let write for an office, and who has
    written or was written to as one here.
    """
    replies = (reply for part in ticket.consultations for reply in part.replies)
    wrote = {reply.sender for reply in replies if reply.state is not ReplyState.HELD}
    asked = {each.address for each in ticket.brought}
    learned = {each for each in ticket.colleagues | wrote | asked if "@" in each}
    own = {each for each in learned if writes_for(each, ticket, policy)}
    company = {ticket.contact.address.lower()}
    if ticket.account.domain and not policy.is_shared(ticket.account.domain):
        company.add(ticket.account.domain)
    return House(
        policy.central_address,
        _spellings(policy.own_addresses() | (learned - own)),
        _spellings(policy.house_domains()),
        frozenset(company),
    )


def names_office(text: str, policy: Policy) -> bool:
    """Tell whether a file's text names an address of ``offices.toml``.

    No other: a leaflet may name any public address of the city. Where the search would take long,
    and one of the domains stands in it, it is taken to name one.
    """
    addresses = _of_offices(policy)
    small = text.casefold()
    if not any(f"@{domain_of(each)}" in small for each in addresses):
        return False
    return len(text) > _LONGEST_SEARCHED or bool(_any_of(addresses).search(text))


def _of_offices(policy: Policy) -> frozenset[str]:
    return _spellings(each for office in policy.offices for each in bound_addresses(office))


def _spellings(names: Iterable[str]) -> frozenset[str]:
    """Give addresses or domains in both spellings of a domain with umlauts."""
    plain = frozenset(names)
    return plain | {readable(each) for each in plain}


@lru_cache(maxsize=8)
def _tagged(central: str) -> re.Pattern[str]:
    """Match the central address with whatever stands behind its plus (RFC 5233)."""
    local, _, domain = central.rpartition("@")
    return re.compile(
        rf"{_BEFORE}{re.escape(local)}(?:\+|%2B)[\w.=-]{{1,200}}@{re.escape(domain)}",
        re.IGNORECASE,
    )


@lru_cache(maxsize=32)
def _any_of(addresses: frozenset[str]) -> re.Pattern[str]:
    """Match any of these addresses as a whole, also with a tag behind a plus."""
    alternatives = []
    for address in sorted(addresses, key=len, reverse=True):
        local, _, domain = address.rpartition("@")
        alternatives.append(rf"{re.escape(local)}(?:\+[\w.=-]{{0,200}})?@{re.escape(domain)}")
    return re.compile(rf"{_BEFORE}(?:{'|'.join(alternatives)}){_BEHIND}", re.IGNORECASE)


@lru_cache(maxsize=8)
def _any_at(domains: frozenset[str]) -> re.Pattern[str]:
    """Match whoever has an address at one of these domains, or below it."""
    ours = "|".join(map(re.escape, sorted(domains, key=len, reverse=True)))
    return re.compile(rf"{_BEFORE}{_ANYBODY}@{_BELOW}(?:{ours}){_BEHIND}", re.IGNORECASE)
