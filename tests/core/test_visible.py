"""Characters nobody sees hide nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.core.visible import folded, visible

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
