"""Who signed our mails in a mailbox: whether a key is missing, or a stranger wrote a name."""

from datetime import UTC, datetime

import pytest

from mailflow.core.signers import signers
from mailflow.core.tracking import Keyring

DOMAIN = "stadt.example.org"
KEYS = {letter: letter.encode() * 32 for letter in "abc"}
ALL = Keyring(KEYS, "c", {"a": datetime(2026, 1, 1, tzinfo=UTC)})


def ids(letters: str, domain: str = DOMAIN) -> list[str]:
    """Give Message-IDs, one for each letter, signed with that key; ``z``: with nobody's."""
    strange = Keyring({**KEYS, "z": b"z" * 32}, "z")
    return [
        strange.signing_with(letter).message_id(domain, "forward", (str(number),))
        for number, letter in enumerate(letters)
    ]


@pytest.mark.parametrize(
    ("letters", "at_hand", "lost"),
    [
        ("aabbcc", "abc", ""),
        ("aaabbbc", "ab", "c"),  # one mail since the last rotation
        ("abbb", "b", "a"),
        ("abbbcc", "ac", "b"),
        ("aabbccc", "b", "a, c"),
        ("aa", "b", "a"),
        ("aazaa", "a", ""),
        ("azaza", "a", ""),
        ("azzza", "a", "z"),
        ("", "a", ""),
    ],
)
def test_a_key_is_missing_whose_time_is_unproven(letters: str, at_hand: str, lost: str) -> None:
    """A run of mails that no key signed, or what stands first or last; one amid ours is none."""
    ring = Keyring({letter: KEYS[letter] for letter in at_hand}, at_hand[-1])
    found = signers(ids(letters), ring, DOMAIN)
    assert found.lost == lost
    assert found.total == len(letters)
    assert found.unproven == sum(letter not in at_hand for letter in letters)


def test_an_ended_key_is_not_missing() -> None:
    """A key that was revoked, or is older than 400 days, stands in the file and signs no more."""
    assert signers(ids("aaabbb"), ALL, DOMAIN).unproven == 0


def test_another_key_under_the_same_letter_is_missed() -> None:
    """A file lost and written anew begins with the letter a again."""
    assert signers(ids("aaa"), Keyring({"a": b"x" * 32}, "a"), DOMAIN).lost == "a"


@pytest.mark.parametrize(
    "others", [ids("zzz", "kreis.example"), ["<CAF-1@mail.example>", "<x.z@stadt.example.org>"] * 2]
)
def test_another_mailflows_names_do_not_count(others: list[str]) -> None:
    """Nor do those that have not the form of ours; the domain may have been another once."""
    assert signers(others, ALL, DOMAIN).total == 0
    found = signers([*ids("aa", "alt.example"), *others], ALL, DOMAIN)
    assert (found.total, found.missing) == (2, ())
