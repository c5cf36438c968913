"""Addresses: which of them lead into one mailbox, and which name nobody."""

__all__ = ["mailbox_of"]

_GMAIL = frozenset({"gmail.com", "googlemail.com"})


def mailbox_of(address: str) -> str:
    """Give the mailbox that an address leads to, in lower case; "" where it names nobody clearly.

    What follows a plus is its owner's free choice, and so are the dots at Gmail: whoever counts
    mails of one person must not count these apart.
    """
    local, _, domain = address.strip().lower().rpartition("@")
    if not local or not domain or "@" in local:
        return ""
    local = local.partition("+")[0] or local
    if domain in _GMAIL:
        return f"{local.replace('.', '') or local}@gmail.com"
    return f"{local}@{domain}"
