"""A remark beside a good answer that no row names waits for the manager, through the whole way."""

import pytest

from tests.flow.city import ONE_OFFICE, City, body_of, forward_to, letter, of_kind, reply_to

BAU = "bauaufsicht@stadt.example.org"
GOOD = (
    "Sehr geehrte Frau Muster,\n\nein Bauantrag ist erforderlich.\n\nMit freundlichen Grüßen\nBau"
)


@pytest.mark.parametrize(
    "text",
    [
        f"{GOOD}\n\nFrau Sander, das passt so. Der OB hat auch schon nachgefragt.",
        f"{GOOD}\n\nKlaus, passt das? Wenn ja, schick ab. Bernd",
        "Sehr geehrte Frau Sander,\n\nein Bauantrag ist nötig. Die Antragstellerin ist schwierig.",
        "Ein Bauantrag ist nötig. Erst mal abwarten, ob die überhaupt ernst machen.",
    ],
)
def test_a_remark_that_no_row_names_waits(town: City, text: str) -> None:
    """Nothing goes out, and the manager reads in the item what sounds internal."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    assert town.deliver(reply_to(forward, text)) == []
    (hold,) = town.ticket().holds
    assert "vielleicht etwas nur intern gemeint" in hold.text


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"{GOOD}\n\nP.S. Die Unterlagen schicken wir per Post.",
        "Hallo Frau Sander,\n\nein Bauantrag ist erforderlich.\n\nGruß\nBau",
    ],
)
def test_a_plain_answer_goes_out_whomever_it_greets(town: City, text: str) -> None:
    """A postscript to the company, or a greeting to the desk, keeps no answer waiting."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    (answer,) = of_kind(town.deliver(reply_to(forward, text)), "combined-answer")
    assert "Sander" not in body_of(answer)
