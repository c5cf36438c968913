"""Who writes for which company: as known, by the sender's domain, or as the signature says."""

import re
from dataclasses import replace
from itertools import pairwise

from mailflow.core.address import domain_of, readable
from mailflow.core.gist import Gist
from mailflow.core.known import Mail, Policy
from mailflow.core.legal_forms import LEGAL_FORM
from mailflow.core.ticket import Account, AccountStatus, Contact, Ticket

__all__ = ["account_of", "belongs", "is_of_company", "writes_for"]

_NAME = 80
_IS_NAME = re.compile(r"[^\W\d_][^@:/0-9]{2,60}$")
_LABEL = re.compile(r"^(?:firma|unternehmen|company) ?: ?", re.IGNORECASE)  # of a form's field
_SETTLING = re.compile(
    r"ansiedl|niederlassung|standortsuche|neuer? standort|neues? werk|suche.{0,40}fl[aä]che|"
    r"plot of land|industrial plot|new site|set(?:ting)? up a branch|vestig|yeni tesis"
)
"""What a settling company writes; in lower case only, since ignoring case would be ten times
slower."""


def account_of(mail: Mail, policy: Policy) -> tuple[Account, Contact]:
    """Give who writes for whom: as known, by the company's domain, or new.

    From an address of the city anybody may write, so each company named in its mails is another.
    """
    who = mail.answered
    contact = mail.contact or Contact(0, 0, who.address, who.name, mail.received_at)
    domain = "" if policy.is_shared(who.address) else domain_of(who.address)
    named = _company_name(mail.message.text, who.name, domain)
    is_another = policy.is_of_house(who.address) and bool(named)
    if mail.account and not (is_another and named != mail.account.name):
        return mail.account, replace(contact, account_id=mail.account.id)
    text, name = mail.message.new_text, named or who.name or who.address
    settling = bool(_SETTLING.search(f"{mail.message.subject}\n{text[:5000]}".casefold()))
    status = AccountStatus.SETTLING if settling else AccountStatus.EXISTING
    return Account(0, name, domain, status), contact


def belongs(mail: Mail, ticket: Ticket, policy: Policy) -> bool:
    """Whether the sender is the ticket's contact, or someone of the same company."""
    if mail.contact and mail.contact.account_id == ticket.account.id:
        return True
    return writes_for(mail.answered.address, ticket, policy)


def writes_for(address: str, ticket: Ticket, policy: Policy) -> bool:
    """Whether an address is that of the ticket's contact, or of the same company's domain.

    A domain that was added to the list of mail providers since then is no longer the company's,
    and the city's never is.
    """
    of_contact = address == ticket.contact.address.lower()
    return of_contact or (is_of_company(address, ticket) and not policy.is_shared(address))


def is_of_company(address: str, ticket: Ticket) -> bool:
    """Whether an address is that of the ticket's contact, or of the account's own domain."""
    domain = domain_of(address)
    of_domain = bool(domain) and domain == ticket.account.domain
    return of_domain or address == ticket.contact.address.lower()


def _company_name(text: str, author: str, domain: str) -> str:
    """Give the company as its signature writes it, else the name in its domain."""
    lines = [" ".join(line.split()) for line in text[:20_000].splitlines()[-40:]]
    for line in reversed(lines):
        if len(line) <= _NAME and LEGAL_FORM.search(line) and line[-1] not in "?!":
            return _LABEL.sub("", line.split(" | ")[0].split(" – ")[0].strip(" ,-*_"))
    signature = [line for line in Gist.of(text[:20_000]).signature.splitlines() if line.strip()]
    for name, below in pairwise(signature):
        if author and name.strip().casefold() == author.casefold() and _IS_NAME.match(below):
            return " ".join(below.split()).strip(" ,-*_")
    return readable(domain).removeprefix("www.").split(".")[0].capitalize() if domain else ""
