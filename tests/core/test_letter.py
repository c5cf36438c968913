"""What a greeting line is, for everybody who asks."""

import pytest

from mailflow.core.answer import section_text
from mailflow.core.commands import commands_in
from mailflow.core.gist import Gist
from mailflow.core.letter import GREETINGS, content, greets
from mailflow.core.quoted import holds_thread
from mailflow.reading.quotes.tails import is_greeting

ORDER = "KAM-7K3Q-9F2M an bauaufsicht"
SAID = "Die Genehmigung ist erteilt."
OF_THE_HOUSE = [word for language in ("de", "en") for word in GREETINGS[language]]
ELSEWHERE = [word for words in GREETINGS.values() for word in words if word not in OF_THE_HOUSE]


def _answer(text: str) -> str:
    return section_text(text, internal_addresses=frozenset(), central_address="a@b.example")


@pytest.mark.parametrize("word", OF_THE_HOUSE)
@pytest.mark.parametrize("line", ["{} Frau Roth,", "{} Kollegen,", "{} Herr Dr. Roth"])
def test_every_greeting_is_one_to_everybody(word: str, line: str) -> None:
    """A line that greets says nothing to the orders, the answer, the routing and the reading."""
    line = line.format(word.capitalize())
    text = f"{line}\n\n{SAID}"
    assert greets(line)
    assert len(commands_in(f"{line}\n\n{ORDER}", "KAM")) == 1
    assert _answer(text) == content(text) == Gist.made_of(text).body == SAID


@pytest.mark.parametrize("word", [*OF_THE_HOUSE, *ELSEWHERE])
def test_a_letter_in_any_language_is_seen_to_begin(word: str) -> None:
    """Whoever trims a quoted letter knows the greetings of all the languages it may be in."""
    assert is_greeting(f"{word.capitalize()} Frau Roth,")


@pytest.mark.parametrize(
    "line", ["Grüß Gott,", "Servus,", "Hey,", "Mahlzeit,", "Good morning,", "Werte Kollegen,"]
)
def test_no_courtesy_keeps_an_order_from_being_read(line: str) -> None:
    """Each of these made the orders below it unread."""
    assert len(commands_in(f"{line}\n\n{ORDER}", "KAM")) == 1


@pytest.mark.parametrize(
    "line",
    [
        "Werte über 60 dB(A) sind nachts unzulässig.",
        "Werte unter 60 dB(A) sind nachts zulässig!",
        "Werte Lärmpegel, Erschütterung und Staub: siehe Anlage.",
        "Werte",
        "Mahlzeiten sind frei.",
        "Mahlzeit 5 Euro, Getränke 2 Euro.",
        "Liebend gern.",
        "Lieber morgen, heute geht es nicht.",
        "Liebe Grüße an alle sind bestellt.",
        "Hi-Fi-Anlagen sind erlaubt.",
        "Tachographen sind Pflicht.",
        "Heyder und Söhne dürfen das.",
        "Guten Tag wünscht niemand: siehe oben.",
    ],
)
def test_no_words_of_an_office_are_taken_for_a_greeting(line: str) -> None:
    """What only begins like a greeting stays in the answer, and in what is understood of it."""
    text = f"{line}\n\n{SAID}"
    assert not greets(line)
    assert _answer(text) == text
    assert content(text) == f"{line}\n{SAID}"


@pytest.mark.parametrize("line", ["Liebe Greta,", "Lieber Max, liebe Anna,", "Liebe Anna Roth!"])
def test_dear_greets_whoever_has_a_name(line: str) -> None:
    """A first name and a comma are enough, also where the name begins as regards do."""
    assert greets(line)
    assert _answer(f"{line}\n\n{SAID}") == SAID


@pytest.mark.parametrize("closing", ["Liebe Grüße,", "Liebe Grüße!", "Lieben Gruß,"])
def test_a_closing_is_no_second_greeting(closing: str) -> None:
    """An answer that ends with dear regards and a comma holds one letter, not two."""
    assert not holds_thread(f"Guten Tag,\n\n{SAID}\n\n{closing}\nAnna", "")
