"""How domains are written, and which addresses lead into one mailbox."""

import pytest

from mailflow.core.address import (
    ascii_domain,
    domain_of,
    mailbox_of,
    readable,
    registrable_domain,
    with_tag,
    without_tag,
)


@pytest.mark.parametrize(
    ("domain", "registered"),
    [
        ("firma.example", "firma.example"),
        ("s17.a.firma.de", "firma.de"),
        ("firma.de.", "firma.de"),
        ("mail.firma.co.uk", "firma.co.uk"),
        ("mail.firma.com.tr", "firma.com.tr"),
        ("amt.wien.gv.at", "wien.gv.at"),
        ("a.com.de", "a.com.de"),
        ("co.uk", "co.uk"),
        ("a.co.example", "co.example"),
        ("localhost", "localhost"),
        ("[192.0.2.1]", "[192.0.2.1]"),
        ("", ""),
    ],
)
def test_the_registrable_part_of_a_domain(domain: str, registered: str) -> None:
    """Two labels, or three where a country's second one is public; names below it are free."""
    assert registrable_domain(domain) == registered


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


@pytest.mark.parametrize(
    "address",
    [
        "",
        "niemand",
        "@firma.example",
        "a@",
        '"a@b"@c.example',
        '"a b"@c.example',
        "a b@c.example",
        "a@b c.example",
        "a\x01b@c.example",
        "a\u200bb@c.example",
    ],
)
def test_what_names_nobody_is_one_and_the_same(address: str) -> None:
    """Mails without a clear sender are told apart by nothing that their writer chooses."""
    assert mailbox_of(address) == ""


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("Info@Firma.Example", "firma.example"),
        ('"a@b"@c.example', "c.example"),
        ("firma.example", "firma.example"),
        ("", ""),
    ],
)
def test_a_domain_is_what_stands_behind_the_last_at(address: str, domain: str) -> None:
    """Servers name a bare domain where others name an address; both are compared."""
    assert domain_of(address) == domain


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        ("Amt+abc@Stadt.example", "Amt@Stadt.example"),
        ("amt+a+b@stadt.example", "amt@stadt.example"),
        ("amt@stadt.example", "amt@stadt.example"),
        ("+17@firma.example", "+17@firma.example"),
        ("amt+abc", "amt+abc"),
        ("", ""),
    ],
)
def test_a_tag_is_what_stands_behind_the_first_plus(address: str, plain: str) -> None:
    """The rest stays as it is written, and an empty tag changes nothing."""
    assert without_tag(address) == plain
    assert with_tag(plain, "") == plain


def test_a_tag_is_set_behind_a_plus() -> None:
    """So the mailbox stays the same."""
    assert with_tag("amt@stadt.example", "k7") == "amt+k7@stadt.example"


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("Info@Firma.example", "Info@Firma.example"),
        ("info@Müller-Bau.example", "info@xn--mller-bau-q9a.example"),
        ("info@mu\u0308ller-bau.example", "info@xn--mller-bau-q9a.example"),
        ("info@xn--mller-bau-q9a.example", "info@xn--mller-bau-q9a.example"),
        ("info@büro。example", "info@xn--bro-hoa.example"),
        ("jörg@firma.example", "jörg@firma.example"),
        ("info@straße.example", "info@xn--strae-oqa.example"),
        ("amt@stаdt.example", "amt@xn--stdt-63d.example"),
        ("amt@[192.0.2.1]", "amt@[192.0.2.1]"),
        ("müller", "müller"),
        (f"amt@{'ü' * 80}.example", f"amt@{'ü' * 80}.example"),
    ],
)
def test_a_domain_is_written_in_ascii(address: str, written: str) -> None:
    """One domain has one spelling, that of the DNS; what has none there stays as it is."""
    assert ascii_domain(address) == written


@pytest.mark.parametrize("domain", ["ｓtadt.example", "stadt\u200b.example", "ban\u212a.example"])
def test_no_other_letters_become_a_domain_of_ascii(domain: str) -> None:
    """Full-width, invisible and odd letters lead to no honest domain: it shows that they differ."""
    assert ascii_domain(f"amt@{domain}").startswith("amt@xn--")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("bau@xn--mllheim-n2a.de", "bau@müllheim.de"),
        ("bau@amt.xn--mllheim-n2a.de", "bau@amt.müllheim.de"),
        ("bau@stadt.example", "bau@stadt.example"),
        ("bau@xn--\u00e4.de", "bau@xn--\u00e4.de"),
        ("xn--mller-bau-q9a.de", "müller-bau.de"),
    ],
)
def test_a_domain_is_shown_as_people_write_it(address: str, shown: str) -> None:
    """A-labels become letters again; what is no A-label stays."""
    assert readable(address) == shown
