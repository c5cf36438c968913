"""G's clause on addresses: of the house a company reads the central one, and no other."""

import re
from collections.abc import Iterator
from email.message import EmailMessage

from sqlalchemy import select

from mailflow.core.address import domain_of, without_tag
from mailflow.core.drafts import TO_MANAGER, TO_OFFICES
from mailflow.schema import mailbox
from mailflow.store import Store
from mailflow.store.engine import reading

__all__ = ["addresses_in", "central_of", "is_of_house", "named_in", "told"]

_ADDRESS = re.compile(r"[\w.+'’-]+@[\w-]+(?:\.[\w-]+)+")
_NAMING = ("From", "Sender", "To", "Cc", "Reply-To", "Subject")


def addresses_in(text: str) -> set[str]:
    """Give every address that a text names, without its tag."""
    return {without_tag(each).lower() for each in _ADDRESS.findall(text)}


def named_in(message: EmailMessage) -> set[str]:
    """Give the addresses that a mail's reader sees: who writes, to whom, and in its words.

    What stands in a file is not looked at: it goes as the office made it.
    """
    text = [str(message[name] or "") for name in _NAMING]
    for part in message.walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and part.get_content_disposition() is None:
            text.append(content.decode("utf-8", "replace"))
    return addresses_in("\n".join(text))


def is_of_house(kind: str) -> bool:
    """Whether who gets a mail of this kind is an office's or a manager."""
    return kind in TO_OFFICES | TO_MANAGER


def central_of(store: Store) -> str:
    """Give the one address."""
    query = select(mailbox.c.address).where(mailbox.c.id == store.mailbox_id)
    with reading(store.engine) as connection:
        return str(connection.execute(query).scalar_one())


def told(found: set[str], house: set[str], central: str) -> Iterator[str]:
    """Give those that should not stand there: whom we write to in the house, or at its domain."""
    for each in sorted(found - {central}):
        domain, own = domain_of(each), domain_of(central)
        if each in house or domain == own or domain.endswith(f".{own}"):
            yield each
