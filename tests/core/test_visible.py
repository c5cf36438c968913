"""Characters nobody sees hide nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.core.visible import folded, shown_as_json, visible

TOKEN = "a23yrwso65qs.jwpn5fv47gsbebfg"


@pytest.mark.parametrize(
    "between",
    [
        *("\u200b", "\u00ad", "\u2060", "\ufe0f", "\u034f", "\ufeff", "\u202e", "\x01", "\x7f"),
        *("\x85", "\ufff9", "\U000e0041", "\U000e0100", "\u3164", "\u115f", "\x1b[0m", "\x1bM"),
    ],
)
def test_what_nobody_sees_is_gone(between: str) -> None:
    """Between any two letters of a token: the token is whole again."""
    assert visible(between.join(TOKEN)) == TOKEN


@given(st.text(alphabet="Grüße aus Köln – 100 € ✓ ß\n\t", max_size=80))
def test_what_is_read_stays(text: str) -> None:
    """Words, signs, tabs and lines of ordinary letters are not touched."""
    assert visible(text) == text


@pytest.mark.parametrize("how", [" ", "\n", "-", "\uff0e", "\u2028"])
def test_folded_letters_stand_side_by_side(how: str) -> None:
    """Whatever stands between, and in whatever form they are written."""
    wide = "".join(chr(ord(each) + 0xFEE0) for each in TOKEN[13:])
    assert folded(f"Az {TOKEN[:12]}{how}{wide.upper()}") == f"az{TOKEN.replace('.', '')}"


_STEERING = "aß\n\t\x1b\x7f\x9b\u202e\u2066\u200b\u3164\ud800\ufe0f\U000e0041😀"


@pytest.mark.parametrize("indent", [None, 2])
@given(text=st.text(alphabet=_STEERING, max_size=40))
def test_json_steers_no_terminal_and_loses_nothing(indent: int | None, text: str) -> None:
    """What turns letters around, or nobody sees, is an escape; a program reads the same values."""
    shown = shown_as_json({"a": text}, indent)
    assert json.loads(shown) == {"a": text}
    assert all(letter.isprintable() or letter == "\n" for letter in shown)
    assert not set(shown) & {"\u3164", "\ufe0f"}
    assert ("ß" in shown) is ("ß" in text)
    assert indent or "\n" not in shown
