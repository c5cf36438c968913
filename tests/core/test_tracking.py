"""Tokens, references and Message-IDs: findable, unforgeable, and the same for ever."""

import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.core.tracking import (
    Keyring,
    Role,
    find,
    find_references,
    named,
    number_in,
    without_tokens,
)

NOW = datetime(2026, 11, 28, 5, 40, tzinfo=UTC)
KEYS = Keyring({"a": b"k" * 32, "b": b"q" * 32}, "b")
LEG = KEYS.leg(Role.OFFICE, "KAM-7K3Q-9F2M", "bauaufsicht")
TOKEN = KEYS.token(Role.OFFICE, LEG, "bau@stadt.example.org")
NAMES = st.text(min_size=1, max_size=30)


@given(NAMES, NAMES)
def test_a_token_verifies_for_its_own_leg_only(name: str, recipient: str) -> None:
    """Whatever the names, the token verifies for its role and recipient, and for no other."""
    token = KEYS.token(Role.COMPANY, KEYS.leg(Role.COMPANY, name), recipient)
    assert KEYS.verify(token, Role.COMPANY, recipient, NOW)
    assert not KEYS.verify(token, Role.OFFICE, recipient, NOW)
    assert not KEYS.verify(token, Role.COMPANY, recipient + "x", NOW)


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from(string.ascii_lowercase + "234567"))
def test_one_changed_letter_breaks_a_token(place: int, letter: str) -> None:
    """No single change of a token yields another valid one."""
    changed = TOKEN[:place] + letter + TOKEN[place + 1 :]
    assert KEYS.verify(changed, Role.OFFICE, "bau@stadt.example.org", NOW) == (changed == TOKEN)


@pytest.mark.parametrize("cut", range(1, len(TOKEN)))
def test_a_truncated_token_is_none(cut: int) -> None:
    """Every shortening is refused: the length is exact, there is no legacy format."""
    assert not KEYS.verify(TOKEN[:cut], Role.OFFICE, "bau@stadt.example.org", NOW)
    assert find(TOKEN[:cut]) == ()


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_token_is_found_in_any_surroundings(before: str, after: str) -> None:
    """Between other words, and in any case of letters, the token is found in lower case."""
    assert TOKEN in find(f"{before} <{TOKEN.upper()}> {after}")


@given(st.text(max_size=500))
def test_finding_never_fails(text: str) -> None:
    """Any text may be searched."""
    find(text)
    find_references(text, "KAM")


def test_an_old_key_still_verifies() -> None:
    """After a rotation the tokens in people's mailboxes go on working."""
    old = Keyring({"a": b"k" * 32}, "a").token(Role.OFFICE, LEG, "bau@stadt.example.org")
    assert KEYS.verify(old, Role.OFFICE, "bau@stadt.example.org", NOW)
    assert TOKEN[0] == "b"


def test_names_do_not_change_when_keys_rotate() -> None:
    """References, legs and the names in Message-IDs are the oldest key's: they hold for ever."""
    before = Keyring({"a": b"k" * 32}, "a")
    assert before.reference("KAM", "f") == KEYS.reference("KAM", "f")
    assert before.leg(Role.OFFICE, "x") == KEYS.leg(Role.OFFICE, "x")
    ids = [ring.message_id("d", "forward", ["x"]) for ring in (before, KEYS)]
    assert named(ids[0]) == named(ids[1]) != ""
    assert all(KEYS.is_ours(each, NOW) for each in ids)


def test_a_key_verifies_what_arrived_before_its_end() -> None:
    """A mail is judged by the moment it arrived: what a revoked key made counts until then."""
    revoked = Keyring(KEYS.keys, "b", {"a": NOW})
    old = Keyring({"a": KEYS.keys["a"]}, "a")
    token = old.token(Role.OFFICE, LEG, "bau@stadt.example.org")
    own = old.message_id("d", "forward", ["x"], token)
    for moment, holds in ((NOW - timedelta(seconds=1), True), (NOW, False)):
        assert revoked.verify(token, Role.OFFICE, "bau@stadt.example.org", moment) == holds
        assert revoked.is_ours(own, moment) == holds
    assert revoked.was_ours(own)


def test_a_stolen_oldest_key_makes_no_message_id_after_its_end() -> None:
    """Whoever holds the key that names, and it alone, cannot put another key's letter before it."""
    revoked = Keyring(KEYS.keys, "b", {"a": NOW})
    stolen = Keyring({"a": KEYS.keys["a"]}, "a").message_id("d", "forward", ["x"])
    mac = stolen.rpartition(".a")[2]
    forged = f"{stolen.removesuffix(f'.a{mac}')}.b{mac}"
    assert named(forged) == named(revoked.message_id("d", "forward", ["x"]))
    assert not revoked.is_ours(stolen, NOW)
    assert not revoked.was_ours(forged)


@given(st.lists(NAMES, max_size=4), st.sampled_from(["forward", "combined-answer"]))
def test_our_own_message_ids_are_recognised(names: list[str], kind: str) -> None:
    """An id of ours is known without a database; a changed one is nobody's."""
    own = KEYS.message_id("stadt.example.org", kind, names, TOKEN)
    assert KEYS.is_ours(own, NOW)
    assert find(own) == (TOKEN,)
    assert not KEYS.is_ours(own.replace(kind, "digest"), NOW)
    assert not Keyring({"a": b"z" * 32}, "a").is_ours(own, NOW)


@given(NAMES)
def test_a_reference_is_found_again(fingerprint: str) -> None:
    """A reference survives any case, brackets and neighbours."""
    reference = KEYS.reference("KAM", fingerprint)
    assert find_references(f"AW: [{reference.lower()}] x", "KAM") == (reference,)
    assert find_references(f"X{reference}", "KAM") == ()


def test_names_cannot_be_shifted_into_each_other() -> None:
    """("a|b", "c") and ("a", "b|c") name different things."""
    assert KEYS.leg(Role.OFFICE, "a|b", "c") != KEYS.leg(Role.OFFICE, "a", "b|c")


def test_the_keys_do_not_show() -> None:
    """Printing a keyring reveals no key."""
    assert "kkkk" not in repr(KEYS)


def test_a_token_in_a_pasted_link_is_left_out() -> None:
    """Our own mailto links encode what stands before a token; it is left out there, too."""
    link = f"mailto:unternehmen%2B{TOKEN}@stadt.example.org?subject=%5B{TOKEN}%5D"
    assert without_tokens(link) == "mailto:unternehmen%2B…@stadt.example.org?subject=%5B…%5D"


@pytest.mark.parametrize("number", [0, 27_000, 32**4 - 1])
def test_a_message_id_tells_its_number(number: int) -> None:
    """What a digest's name tells of its second is read again without a key; too large is cut."""
    own = KEYS.message_id("stadt.example.org", "digest", ["x"], TOKEN, number)
    assert number_in(own) == number
    assert KEYS.was_ours(own)
    assert KEYS.message_id("d", "digest", ["x"], TOKEN, 32**4 + 7) == KEYS.message_id(
        "d", "digest", ["x"], TOKEN, 32**4 - 1
    )
    assert number_in("<other@sender.example>") == 0
