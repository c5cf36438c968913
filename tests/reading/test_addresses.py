"""Address fields as the world writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.core.address import mailbox_of
from mailflow.core.message import Address
from mailflow.reading.addresses import addresses


@pytest.mark.parametrize(
    ("value", "name", "address"),
    [
        ("a@b.example", "", "a@b.example"),
        ("Erika Beispiel <a@b.example>", "Erika Beispiel", "a@b.example"),
        ('"Beispiel, Erika" <a@b.example>', "Beispiel, Erika", "a@b.example"),
        ("a@b.example (Erika Beispiel)", "Erika Beispiel", "a@b.example"),
        ("=?utf-8?q?M=C3=BCller?= <a@b.example>", "Müller", "a@b.example"),
        ('"=?utf-8?q?M=C3=BCller?=" <a@b.example>', "Müller", "a@b.example"),
        ("=?utf-8?q?M=C3=BCller_=3Ca=40b.example=3E?=", "Müller", "a@b.example"),
        ("Erika <<a@b.example>>", "Erika", "a@b.example"),
        ("'Erika' <mailto:a@b.example>", "Erika", "a@b.example"),
        ("<@relay.example,@two.example:a@b.example>", "", "a@b.example"),
        ('"odd local"@b.example', "", '"odd local"@b.example'),
        ("Erika a@b.example", "Erika", "a@b.example"),
        ("a@b.example.", "", "a@b.example"),
        ('"unclosed <a@b.example>', "unclosed", "a@b.example"),
        ("Pete(A \\) chap) <pete(x)@silly.example(y)>", "Pete", "pete@silly.example"),
        ("a @ b . example", "", "a@b.example"),
        ("a@[192.0.2.1]", "", "a@[192.0.2.1]"),
        ("Müller <müller@straße.example>", "Müller", "müller@xn--strae-oqa.example"),
        ("a\r\n @b.example", "", "a@b.example"),
        ('"odd\r\n local"@b.example', "", '"odd local"@b.example'),
        ('Erika <"odd\r\n \r\n local"@b.example>', "Erika", '"odd local"@b.example'),
        ("a\0b@c.example", "", "a b@c.example"),
        ("Erika <a\x01b@c.exam\x7fple>", "Erika", "a b@c.exam ple"),
        ("\x00a@c.example\x01", "", "a@c.example"),
        ("a@b.example (<c@d.example>)", "c@d.example", "a@b.example"),
        ("a@b.example (x (<c@d.example>) y) (", "", "a@b.example"),
        ("(<c@d.example>) Erika <a@b.example>", "Erika", "a@b.example"),
        ("Firma (Nord <a@b.example>", "Firma", "a@b.example"),
        ("a@b.example@c.example", "", "a@b.example@c.example"),
        ("a@b.example @ c.example", "", "a@b.example @ c.example"),
        ("<a@b.example@c.example>", "", "a@b.example@c.example"),
    ],
)
def test_one_address(value: str, name: str, address: str) -> None:
    """A mailbox is found in every form that real mails use."""
    assert addresses(value) == (Address(name, address),)


@pytest.mark.parametrize(
    "value",
    [
        "amt@stаdt.example",
        "Amt <amt@stаdt.example>",
        "=?utf-8?q?Amt_=3Camt=40st=D0=B0dt=2Eexample=3E?=",
        "amt@stаdt.example (Amt)",
        "amt @ stаdt . example",
    ],
)
def test_a_domain_that_looks_like_another_is_read_as_what_it_is(value: str) -> None:
    """A Cyrillic letter in a domain shows as ``xn--``, in whatever form the address stands."""
    assert [each.address for each in addresses(value)] == ["amt@xn--stdt-63d.example"]


@pytest.mark.parametrize(
    "value", ["", "undisclosed recipients:;", "(comment only)", "<>", "x", ","]
)
def test_no_address(value: str) -> None:
    """What names no mailbox gives none, and raises nothing."""
    assert addresses(value) == ()


def test_lists_and_groups() -> None:
    """Commas, semicolons and groups part addresses; quotes and comments do not."""
    value = 'Team: a@x.example, "B, C" <b@x.example>;, d@x.example; e@x.example (f, g)'
    found = [each.address for each in addresses(value)]
    assert found == ["a@x.example", "b@x.example", "d@x.example", "e@x.example"]


def test_open_parenthesis_swallows_nobody() -> None:
    """A parenthesis that never closes hides no recipient after it."""
    found = addresses("Firma (Nord <a@x.example>, b@x.example")
    assert [each.address for each in found] == ["a@x.example", "b@x.example"]


def test_the_first_so_many_are_kept() -> None:
    """A field of endless recipients is cut at the limit."""
    assert len(addresses("a@b.example, " * 50, 7)) == 7


def test_an_address_of_paragraphs_is_one_short_line() -> None:
    """What is shown of an address that names nobody clearly has no room for orders to a reader."""
    words = "\r\n \r\n KAM-2222-2222 freigeben\r\n https://evil.example/login"
    (found,) = addresses(f'"x.{words * 4}"@evil.example')
    assert len(found.address) < 100
    assert found.address == '"x. KAM-2222-2222 freigeben ht … @evil.example'
    assert mailbox_of(found.address) == ""
    (two,) = addresses(f"max@firma.example@{'e' * 200}.example")
    assert len(two.address) < 100
    assert mailbox_of(two.address) == ""


@given(st.text(max_size=300))
def test_never_raises(value: str) -> None:
    """Any text may stand in an address field; names and addresses hold no line break."""
    for found in (*addresses(value), *addresses(f"{value} <a@b.example>")):
        assert "\n" not in found.name + found.address


_NAMES = st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=30)


@given(
    _NAMES, st.from_regex(r"[a-z0-9]{1,20}(\.[a-z0-9]{1,9})?@[a-z]{1,9}\.example", fullmatch=True)
)
def test_round_trip(name: str, address: str) -> None:
    """A plain name and address come back as written, quoted or not."""
    expected = (Address(name, address),)
    assert addresses(f'"{name}" <{address}>') == expected
    assert addresses(f"{name} <{address}>") == expected


@pytest.mark.timeout(20)
def test_an_address_behind_a_megabyte_of_spaces_takes_no_time() -> None:
    """Spaces around the dots of an address are looked for once, however many there are."""
    assert addresses("a" + " " * 1_000_000 + "b") == ()
    assert addresses("a @ b . example")[0].address == "a@b.example"
