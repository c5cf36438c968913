"""What a reader sees of a text, and what is left of it whatever stands between its letters.

A character nobody sees inside a token, an address or the word "intern" would hide it from what
looks for it, and be gone when the mail is composed.
"""

import json
import re
import unicodedata

__all__ = ["folded", "shown_as_json", "visible"]

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]?|[@-Z\\-_])?")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\u2028\u2029]")
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
_FILLERS = frozenset(
    [
        *(0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0),
        *range(0x180B, 0x1810),
        *range(0xFE00, 0xFE10),
        *range(0xE0000, 0xE1000),
    ]
)


class _Visible(dict[int, int | None]):
    """A table for ``str.translate`` that judges a character when it is first met."""

    def __missing__(self, code: int) -> int | None:
        unseen = code in _FILLERS or unicodedata.category(chr(code)) in _UNSEEN
        self[code] = None if unseen else code
        return self[code]


_TABLE = _Visible({0x09: 0x09, 0x0A: 0x0A})


def visible(text: str) -> str:
    r"""Give a text without escape sequences and characters nobody sees; lines end in ``\n``."""
    return _ESCAPE.sub("", _LINE_ENDS.sub("\n", text)).translate(_TABLE)


class _Escaped(dict[int, int | str]):
    """A table for ``str.translate`` that writes what nobody sees, or what steers, as its escape."""

    def __missing__(self, code: int) -> int | str:
        letter = chr(code)
        steers = code in _FILLERS or not letter.isprintable()
        self[code] = json.dumps(letter)[1:-1] if steers else code
        return self[code]


_ESCAPED = _Escaped({0x0A: 0x0A, 0x7F: "\\u007f"})


def shown_as_json(value: object, indent: int | None = None) -> str:
    """Give a value as JSON for a terminal or a file: readable, and nothing in it steers or hides.

    A program that reads it gets the very same values.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    return text.translate(_ESCAPED)


def folded(text: str) -> str:
    """Give a text's letters and digits alone, wide and other forms as plain ones, small."""
    plain = unicodedata.normalize("NFKC", visible(text)).casefold()
    return "".join(letter for letter in plain if letter.isalnum())
