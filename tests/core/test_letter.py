"""What a greeting line is, for everybody who asks."""

import pytest

from mailflow.core.answer import section_text
from mailflow.core.commands import commands_in
from mailflow.core.gist import Gist
from mailflow.core.house import House
from mailflow.core.letter import GREETINGS, closes, closes_with_name, content, greets
from mailflow.core.quoted import holds_thread
from mailflow.reading.quotes.tails import is_greeting

ORDER = "KAM-7K3Q-9F2M an bauaufsicht"
SAID = "Die Genehmigung ist erteilt."
OF_THE_HOUSE = [word for language in ("de", "en") for word in GREETINGS[language]]
ELSEWHERE = [word for words in GREETINGS.values() for word in words if word not in OF_THE_HOUSE]


def _answer(text: str) -> str:
    return section_text(text, House("a@b.example"))


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


@pytest.mark.parametrize(
    "closing",
    [
        "Mit kameradschaftlichen Grüßen",
        "Mit kameradschaftlichem Gruß Vogel",
        "Viele Grüße und einen schönen Tag",
        "Schöne Grüße und noch eine gute Woche!",
        "Freundliche Grüße und ein erholsames Wochenende",
        "Viele Grüße und bis bald",
        "Danke und Gruß",
        "Danke und viele Grüße Karin",
        "Vielen Dank und freundliche Grüße",
        "Besten Dank, viele Grüße",
        "Herzlichst",
        "Herzlichst Ihr Karl Klein",
        "Mit den besten Wünschen",
        "Mit weihnachtlichen Wünschen",
        "Mit weihnachtlichen Grüßen",
        "Weihnachtliche und sonnige Grüße aus dem Rathaus",
        "Best",
        "Thanks and best regards",
        "Many thanks, kind regards",
        "Thank you and best wishes",
        "Mit freundlichen Grüßen / Kind regards",
    ],
)
def test_a_closing_in_any_kind_words_closes(closing: str) -> None:
    """Whatever adjective stands before the regards, neither they nor the name are sent on."""
    assert closes(closing)
    assert _answer(f"{SAID}\n\n{closing}\nKarl Klein") == SAID


@pytest.mark.parametrize(
    "line",
    [
        "Viele Grüße und das geht jeden Tag",
        "Viele Grüße und ein Antrag ist nötig",
        "Viele Grüße und es reicht bis morgen",
        "Viele Grüße und keine Bedenken",
        "Besondere Wünsche",
        "mit den besonderen Wünschen",
        "Danke und Antrag genehmigt",
        "Grüße und Wünsche sind bestellt",
        "Vielen Dank und die Genehmigung ist erteilt",
        "Herzlichst willkommen sind alle",
        "Mit neuen Grüßen rechnen wir nicht",
        "Best before 3 May",
        "Thanks and please send the plan",
        "Viele Grüße / Gebühr 50 Euro",
    ],
)
def test_no_sentence_is_taken_for_a_closing(line: str) -> None:
    """What tells something beside kind words stays in the answer."""
    assert not closes(line)
    assert _answer(f"{SAID}\n\n{line}") == f"{SAID}\n\n{line}"


def test_a_closing_may_name_its_author() -> None:
    """Only the name counts as one, not the wishes before it."""
    assert closes_with_name("Danke und Gruß Karin")
    assert not closes_with_name("Viele Grüße und einen schönen Tag")
