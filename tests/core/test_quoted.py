"""By what a piece of our own mail, left in an office's reply, is recognised."""

from pathlib import Path

import pytest

from mailflow.core.quoted import OUR_WORDS, holds_our_words

TEMPLATES = Path(__file__).parents[2] / "templates"


@pytest.mark.parametrize("words", OUR_WORDS)
def test_every_sentence_looked_for_stands_in_a_shipped_template(words: str) -> None:
    """A sentence reworded in the templates must be looked for in its new words."""
    found = [each.name for each in TEMPLATES.glob("*.txt") if holds(each, words)]
    assert found
    assert holds_our_words(f"> {words.title()} …")


@pytest.mark.parametrize(
    "line", ["Außer Ihnen ist niemand gefragt.", "For you this is probably mainly about:"]
)
def test_a_line_of_a_forward_is_recognised_as_it_was_sent(line: str) -> None:
    """Its letters may be others when compared (ß), and the English words had been reworded."""
    assert holds_our_words(f"Ja, das geht.\n{line}")


def holds(template: Path, words: str) -> bool:
    """Tell whether a template's text holds words, in any case of letters and however wrapped."""
    return words in " ".join(template.read_text(encoding="utf-8").casefold().split())
