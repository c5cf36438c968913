"""Which addresses lead into one mailbox."""

import pytest

from mailflow.core.address import mailbox_of


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("S.Muster@Montage.example", "s.muster@montage.example"),
        ("opfer+17@firma.example", "opfer@firma.example"),
        ("opfer+1+2@firma.example", "opfer@firma.example"),
        ("o.p.f.e.r+17@gmail.com", "opfer@gmail.com"),
        ("Op.Fer@googlemail.com", "opfer@gmail.com"),
        ("vor.name@gmx.example", "vor.name@gmx.example"),
        ("+17@firma.example", "+17@firma.example"),
        ("...@gmail.com", "...@gmail.com"),
    ],
)
def test_addresses_of_one_mailbox_are_one(address: str, mailbox: str) -> None:
    """A plus part and, at Gmail, dots are their owner's free choice; nothing else is."""
    assert mailbox_of(address) == mailbox
    assert mailbox_of(mailbox) == mailbox


@pytest.mark.parametrize("address", ["", "niemand", "@firma.example", "a@", '"a@b"@c.example'])
def test_what_names_nobody_is_one_and_the_same(address: str) -> None:
    """Mails without a clear sender are told apart by nothing that their writer chooses."""
    assert mailbox_of(address) == ""
