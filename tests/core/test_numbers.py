"""A ticket's number is known as such also where a hand has slipped."""

import pytest

from mailflow.core.numbers import begins_with_number, numbers_in


@pytest.mark.parametrize(
    "written",
    [
        "KAM-4H2D-8T5W",
        "kam-4h2d-8t5w",
        "KAM–4H2D–8T5W",
        "KAM 4H2D 8T5W",
        "kam 4h2d 8t5w",
        "KAM.4H2D.8T5W",
        "KAM-4H2D.8T5W",
        "KAM-4H2D 8T5W",
        "KAM - 4H2D - 8T5W",
        "KAM4H2D8T5W",
        "KAM-4H2D8T5W",
        "KAM_4H2D_8T5W",
        "[KAM-4H2D-8T5W]:",
        "Firma Beta (KAM-4H2D-8T5W)",
    ],
)
def test_a_number_is_read_however_it_is_written(written: str) -> None:
    """Blanks, stops, other hyphens, small letters or none of them make it no other number."""
    assert numbers_in(f"Siehe {written} dazu.", "KAM") == ("KAM-4H2D-8T5W",)


@pytest.mark.parametrize(
    "written", ["KAM-4H2D-8T5", "KAM-4H2D-OT5W", "KAM-4H2D-8T5WX", "KAM-4H2D", "KAM-ABCD-EFG"]
)
def test_a_slip_leaves_it_a_number(written: str) -> None:
    """A letter too few, too many, or one that no number has: somebody's number was meant."""
    assert len(numbers_in(f"{written} antwort Nein.", "KAM")) == 1


@pytest.mark.parametrize(
    "words",
    [
        "Ihr Antrag kam gestern an.",
        "Die Genehmigung kam vor 2019 noch nicht.",
        "Die Frist kam. 3 Tage später war alles klar.",
        "Ihr KAM-Team meldet sich, im KAM 2026 ohnehin.",
        "Die Kammer (IHK) und die Kamera2, Kammer-2026.",
        "Petra Weber, KAM, Zimmer 214, Tel. 0203 2839 99",
        "Akte 61-2026-0034, Flurstück 1234-5678",
    ],
)
def test_other_words_are_no_number(words: str) -> None:
    """The prefix may be a word of the language, and other figures are other figures."""
    assert numbers_in(words, "KAM") == ()


@pytest.mark.parametrize(
    "line", ["4H2D-8T5W antwort Nein.", "4h2d 8t5w freigeben", "KAN-4H2D-8T5W"]
)
def test_a_line_may_begin_with_a_number_that_lacks_its_prefix(line: str) -> None:
    """Without its prefix, or with a slip in it, it still is one at the beginning of a line."""
    assert begins_with_number(line)


@pytest.mark.parametrize(
    "line", ["Der Termin ist am 3.12.", "2026-1234 Euro", "Haus-Nummer 7", "0203 2839", "E-Mail"]
)
def test_a_line_of_words_begins_with_none(line: str) -> None:
    """Figures alone and words alone are no number."""
    assert not begins_with_number(line)
