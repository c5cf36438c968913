"""One mail in, one combined answer out: the stories of the product."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flow.city import COMPANY, City, body_of, city, letter, of_kind, reply_to

TWO_OFFICES = (
    "Guten Tag,\n\nwir möchten unsere Halle 4 umnutzen. Brauchen wir eine Nutzungsänderung, "
    "und welche Lärmgrenzwerte gelten nachts?\n\nMit freundlichen Grüßen\nSabine Muster\n"
    "Mustermann Montagetechnik GmbH\n"
)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[City]:
    """Give an empty city."""
    with city(tmp_path) as made:
        yield made


def test_two_offices_and_one_combined_answer(town: City) -> None:
    """A company's mail is acknowledged, goes to two offices, and comes back as one answer."""
    out = town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
    (ack,) = of_kind(out, "acknowledgement")
    forwards = of_kind(out, "forward")
    assert ack["To"].addresses[0].addr_spec == COMPANY
    assert {mail["To"].addresses[0].addr_spec for mail in forwards} == {
        "bauaufsicht@stadt.example.org",
        "umweltamt@stadt.example.org",
    }
    first, second = forwards
    assert town.deliver(reply_to(first, "Ja, ein Antrag ist nötig. Sechs Wochen.")) == []
    (answer,) = town.deliver(reply_to(second, "Nachts gelten 45 dB(A)."))
    assert answer["X-Mailflow-Kind"] == "combined-answer"
    text = body_of(answer)
    assert "Sechs Wochen" in text
    assert "45 dB(A)" in text
    assert "Halle 4 umnutzen" in text
    assert town.ticket().state == "answered"
