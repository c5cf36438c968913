"""An office reads at once which of the company's questions are its own."""

from hypothesis import given
from hypothesis import strategies as st

from mailflow.core.asked import asked_of
from mailflow.core.offices import Office, Terms

BAU = Office("bau", "Bauamt", "bau@x.example", terms={"de": Terms(("nutzungsaender",), ("umbau",))})
UMWELT = Office("umwelt", "Umweltamt", "u@x.example", terms={"de": Terms(("laerm",), ())})
LETTER = (
    "Guten Tag,\n\nwir möchten Halle 4 umnutzen. Dazu zwei Fragen:\n"
    "1. Brauchen wir eine Nutzungsänderung, und wie\n   lange dauert das?\n"
    "2. Welche Lärmgrenzwerte gelten nachts?\n\nMit freundlichen Grüßen\nLärmschutz Muster GmbH\n"
)


def test_each_office_is_shown_its_own_question() -> None:
    """The question with the office's word, whole, without its number, and not the other's."""
    assert asked_of(BAU, LETTER, "de") == (
        "Brauchen wir eine Nutzungsänderung, und wie lange dauert das?",
    )
    assert asked_of(UMWELT, LETTER, "de") == ("Welche Lärmgrenzwerte gelten nachts?",)


def test_weak_words_count_where_no_strong_one_stands() -> None:
    """A weak word points out a sentence only if nothing better does."""
    assert asked_of(BAU, "Wir planen einen Umbau. Und Lärm.", "de") == ("Wir planen einen Umbau.",)


def test_an_office_chosen_by_hand_is_shown_nothing_special() -> None:
    """Without any of its words there is nothing to point at."""
    assert asked_of(BAU, "Können Sie mir helfen?", "de") == ()


@given(st.text(max_size=400), st.sampled_from(["de", "en", "", "zh"]))
def test_any_text_can_be_searched(text: str, language: str) -> None:
    """Never raises, and points out at most three sentences."""
    assert len(asked_of(UMWELT, text, language)) <= 3
