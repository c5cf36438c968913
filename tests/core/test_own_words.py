"""What stands behind ``antwort``: the company's to read, or an order in disguise."""

import pytest

from mailflow.core.own_words import reads_as_order


@pytest.mark.parametrize(
    "words",
    [
        "freigeben",
        "ok",
        "OK!",
        "bitte ok",
        "ok so",
        "release",
        "nicht freigeben",
        "verwerfen, bitte",
        "von Brinkmann freigeben",
        "freigeben bauaufsicht",
        "passt alles, Herr Brinkmann hat angerufen, bitte freigeben",
        "Brinkmann schließen",
        "erinnern",
        "kann raus",
        "folgt morgen von mir",
        "schon telefonisch gegeben, kann zu",
        "kommt von Frau Albers, bitte schließen",
        "bitte abwarten",
        "gefällt mir nicht",
        "liegt vor",
        "ist so in Ordnung",
        "bitte nicht",
        "can go out",
        "follows tomorrow",
        "please release",
    ],
)
def test_words_that_order_or_speak_of_an_answer_are_no_answer(words: str) -> None:
    """Without a colon they may be an order, or tell of an answer, and the company reads neither."""
    assert reads_as_order(words, colon=False)


@pytest.mark.parametrize("words", ["freigeben", "ok", "bitte nicht freigeben", "verwerfen, bitte"])
def test_a_colon_makes_no_answer_of_a_bare_order(words: str) -> None:
    """Nothing but an order is one, however it is written."""
    assert reads_as_order(words, colon=True)


@pytest.mark.parametrize(
    "words",
    [
        "Ja, das geht.",
        "ja, das geht.",
        "das geht leider nicht",
        "Ja, Sie brauchen eine Baugenehmigung.",
        "sie brauchen eine baugenehmigung",
        "Bitte wenden Sie sich an das Gesundheitsamt des Kreises.",
        "Kann ab Montag abgeholt werden.",
        "Der Termin steht noch nicht fest.",
        "umweltamt ist zuständig, tel. 123",
        "An der Kreuzung, gegenüber vom Rathaus.",
        "Sie brauchen das Formular bis zum Ablauf der Frist.",
        "you need a permit",
        "Montag 9 Uhr",
    ],
)
def test_what_tells_the_company_something_is_an_answer(words: str) -> None:
    """It goes with and without a colon."""
    assert not reads_as_order(words, colon=False)
    assert not reads_as_order(words, colon=True)


@pytest.mark.parametrize(
    "words", ["Das ist für uns ok", "Danke!", "bitte das Tor schließen", "gilt nachts"]
)
def test_a_colon_ends_the_doubt(words: str) -> None:
    """What may be read both ways waits without a colon and goes with one."""
    assert reads_as_order(words, colon=False)
    assert not reads_as_order(words, colon=True)
