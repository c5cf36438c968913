"""What our own mails say is true of the matter they are about."""

import pytest

from tests.flow.city import (
    City,
    body_of,
    forward_to,
    letter,
)

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"
TIEFBAU = "tiefbau@stadt.example.org"
NOTHING_TO_DO = "Sie müssen nichts tun."


def _words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("sender", "shown"),
    [
        ("info@hotel-krone.example", "Wer fragt\nHotel-krone\ninfo@hotel-krone.example\n"),
        ("krone77@gmx.de", "Wer fragt\nkrone77@gmx.de\n"),
    ],
)
def test_an_office_is_told_no_contact_whom_nobody_named(
    town: City, sender: str, shown: str
) -> None:
    """A mail without a display name names no person, least of all the office itself."""
    asked = "wie ist der Stand unseres Antrags auf Nutzungsänderung?"
    forward = forward_to(town.deliver(letter("Stand", asked, sender=sender)), BAU)
    assert shown in body_of(forward).replace("\r\n", "\n")
    page = forward.get_body(("html",))
    assert page is not None
    fact = page.get_content().partition("Ansprechperson")[2].partition("</tr>")[0]
    assert "Amt für Bauordnung" not in fact
    assert (sender in fact) == ("hotel" in sender)
