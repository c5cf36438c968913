"""The sentences of a reply, and the one that is to be shown."""

import pytest

from mailflow.core.sentences import sentence_with

LONG = "Die Prüfung dauert, " + "wie schon im letzten Jahr, " * 30


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("Ja. Das gebt ihr bitte so weiter, er zahlt nie. Danke.", "gebt ihr", "Das gebt ihr"),
        ("Ja.\nDas gebt\nihr bitte so weiter, er zahlt nie.", "gebt ihr", "Das gebt"),
        ("Ja. Das ist *i n t e r n* gemeint, er zahlt nie.", "intern", "Das ist"),
        (f"{LONG} gebt ihr weiter, er zahlt nie.", "gebt ihr", "… "),
    ],
)
def test_the_whole_sentence_around_words_is_shown(text: str, words: str, shown: str) -> None:
    """However the words were read, their sentence is shown, and a very long one around them."""
    found = sentence_with(text, words)
    assert found.startswith(shown)
    assert "er zahlt nie" in found
    assert len(found) <= 310


def test_words_that_no_sentence_holds_are_shown_themselves() -> None:
    """Nothing is lost where the text was read in another way."""
    assert sentence_with("Ja, das geht.", "gebt ihr") == "gebt ihr"
    assert sentence_with("Ja, das geht.", "") == ""
