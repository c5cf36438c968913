"""What our own mails say is true of the matter they are about."""

from dataclasses import replace
from pathlib import Path

import pytest

from mailflow.core.offices import Offices, Release
from tests.flow.city import (
    OFFICES,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    body_of,
    city,
    digest_of,
    forward_to,
    letter,
    of_kind,
    reply_to,
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


def test_an_interim_notice_reminds_of_an_open_question(town: City) -> None:
    """While an office waits for the company's answer, nobody tells it that it need do nothing."""
    out = town.deliver(letter("Umnutzung", TWO_OFFICES))
    (question,) = town.deliver(reply_to(forward_to(out, BAU), "Rückfrage\nWelche Halle?"))
    text = "Zwischennachricht\nWir messen noch nach und melden uns bis 18.12.2026."
    (interim,) = town.deliver(reply_to(forward_to(out, UMWELT), text))
    assert NOTHING_TO_DO not in _words(body_of(interim))
    assert "unsere Rückfrage (Amt für Bauordnung)" in _words(body_of(interim))
    town.deliver(reply_to(question, "Halle 4."))
    again = "Zwischennachricht\nDie Messung ist am Montag."
    (interim,) = town.deliver(reply_to(forward_to(out, UMWELT), again))
    assert NOTHING_TO_DO in _words(body_of(interim))


def test_an_office_that_wrote_is_not_told_that_it_did_not(town: City) -> None:
    """After an interim notice the reminder still says only that the answer is not there."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    town.deliver(reply_to(forward_to(out, BAU), "Zwischennachricht: bis 18.12."))
    town.wait(days=22)
    town.chasing.remind()
    (reminder,) = of_kind(town.work(), "reminder")
    assert "18. Dezember 2026 erbeten; sie liegt uns noch nicht vor." in _words(body_of(reminder))


@pytest.mark.parametrize(
    "line", ["bis 18.12.", "bis Freitag, 18. Dezember", "spätestens zum 18.12.2026", "bis KW 51"]
)
def test_an_interim_notice_does_not_say_its_day_twice(town: City, line: str) -> None:
    """Of the form that we recommend, the day becomes our sentence and leaves no stump below it."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (interim,) = town.deliver(reply_to(forward_to(out, BAU), f"Zwischennachricht: {line}"))
    assert "Wir rechnen damit bis Freitag, 18. Dezember 2026." in _words(body_of(interim))
    assert "Die Mitteilung dazu" not in body_of(interim)


def test_an_interim_notice_keeps_what_is_said_beside_its_day(town: City) -> None:
    """A reason beside the day is the office's own word, and the company reads it."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    line = "Zwischennachricht: bis 18.12., das Gutachten fehlt noch"
    (interim,) = town.deliver(reply_to(forward_to(out, BAU), line))
    assert "das Gutachten fehlt noch" in body_of(interim)


def test_an_office_asked_later_is_not_told_that_nobody_wrote_before(town: City) -> None:
    """With two letters below, the company does not write for the first time; who is out, is out."""
    (receipt,) = of_kind(town.deliver(letter("Umnutzung", TWO_OFFICES)), "acknowledgement")
    town.deliver(reply_to(receipt, "Die Halle ist übrigens 40 m lang."))
    reference = town.ticket().reference
    town.deliver(reply_to(digest_of(town), f"{reference} ohne umwelt"))
    town.wait(days=1)
    out = town.deliver(reply_to(digest_of(town), f"{reference} an tiefbau"))
    text = _words(body_of(forward_to(out, TIEFBAU)))
    assert "zum ersten Mal" not in text
    assert "Ebenfalls gefragt: Amt für Bauordnung." in text


@pytest.mark.parametrize("everywhere", [True, False])
def test_a_preview_says_who_has_answered_and_why_it_waits(
    tmp_path: Path, *, everywhere: bool
) -> None:
    """One office is not "all", and the manager reads which setting asks for the release."""
    own = tuple(
        replace(each, release=Release.INHERIT if everywhere else Release.MANAGER)
        for each in OFFICES
    )
    with city(tmp_path, manager_releases=everywhere, offices=Offices(own)) as town:
        out = town.deliver(letter("Stand", ONE_OFFICE))
        (review,) = town.deliver(reply_to(forward_to(out, BAU), "Der Bescheid ist unterwegs."))
        text = _words(body_of(review))
        assert "Geantwortet hat: Amt für Bauordnung." in text
        assert "Alle" not in text
        assert 'release = "manager"' in text
        assert ("bei Amt für Bauordnung" in text) != everywhere


def test_one_office_that_is_at_work_is_one(town: City) -> None:
    """Asked a second time, the manager reads of the one office that works on it already."""
    town.deliver(letter("Stand", ONE_OFFICE))
    order = f"{town.ticket().reference} an bauaufsicht"
    (notice,) = town.deliver(reply_to(digest_of(town), order))
    assert "Amt für Bauordnung arbeitet schon daran." in _words(body_of(notice))
