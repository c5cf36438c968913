"""What was kept back for the manager reaches an office by his order alone, by no other way."""

import pytest

from tests.flow.city import (
    COMPANY,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    body_of,
    digest_of,
    forward_to,
    letter,
    of_kind,
    reply_to,
)

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"
CLAIM = "Ich verlange Auskunft nach Art. 15 DSGVO über das, was Herr Kluge zu mir gespeichert hat."


def _claimed(town: City) -> str:
    """Let a company claim what the law on data protection gives it; give the ticket's number."""
    acknowledgement = of_kind(town.deliver(letter("Stand", ONE_OFFICE)), "acknowledgement")[0]
    town.wait(hours=1)
    town.deliver(reply_to(acknowledgement, CLAIM, sender=COMPANY))
    return town.ticket().reference


def test_no_step_of_the_ladder_quotes_what_was_kept_back(town: City) -> None:
    """Office, deputy and head read what the office was asked, and not the claim against it."""
    _claimed(town)
    sent = []
    for _ in range(16):
        town.wait(days=1)
        town.chasing.remind()
        sent += town.work()
    assert {mail["X-Mailflow-Kind"] for mail in sent} == {"reminder", "escalation"}
    assert all("Stand unseres Antrags" in body_of(mail) for mail in sent)
    assert not any("DSGVO" in body_of(mail) for mail in sent)


def test_a_reminder_by_order_quotes_nothing_that_was_discarded(town: City) -> None:
    """What the manager has discarded is still kept from the office when he reminds it."""
    reference = _claimed(town)
    for order in ("verwerfen", "erinnern"):
        town.wait(days=1)
        out = town.deliver(reply_to(digest_of(town), f"{reference} {order}"))
    (reminder,) = of_kind(out, "reminder")
    assert "Stand unseres Antrags" in body_of(reminder)
    assert "DSGVO" not in body_of(reminder)


def test_an_office_asked_anew_does_not_get_what_was_discarded(town: City) -> None:
    """An office that has everything else is sent the last letter it may see, and he is told."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    answered = town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    (answer,) = of_kind(answered, "combined-answer")
    town.wait(hours=1)
    town.deliver(reply_to(answer, CLAIM, sender=COMPANY))
    reference = town.ticket().reference
    for order in ("verwerfen", "an bauaufsicht"):
        town.wait(days=1)
        out = town.deliver(reply_to(digest_of(town), f"{reference} {order}"))
    forward = forward_to(out, BAU)
    assert "Stand unseres Antrags" in body_of(forward)
    assert "DSGVO" not in body_of(forward)
    (notice,) = of_kind(out, "notice")
    assert "verworfen haben, ging nicht mit" in " ".join(body_of(notice).split())


@pytest.mark.parametrize("order", ["", "erinnern"])
def test_a_reminder_does_not_quote_the_answer_to_another_offices_question(
    town: City, order: str
) -> None:
    """What one office asked and was told is not read by the next in its reminder."""
    out = town.deliver(letter("Umnutzung", TWO_OFFICES))
    asked = town.deliver(reply_to(forward_to(out, BAU), "Rückfrage\n\nWie hoch ist die Halle?"))
    (question,) = of_kind(asked, "question")
    town.deliver(reply_to(question, "Sie ist acht Meter hoch.", sender=COMPANY))
    town.wait(days=3)
    if order:
        told = reply_to(digest_of(town), f"{town.ticket().reference} {order}")
        sent = of_kind(town.deliver(told), "reminder")
    else:
        town.chasing.remind()
        sent = of_kind(town.work(), "reminder")
    to_umwelt = [mail for mail in sent if UMWELT in str(mail["To"])]
    assert to_umwelt
    assert not any("acht Meter" in body_of(mail) for mail in to_umwelt)
    assert all("Lärmgrenzwerte" in body_of(mail) for mail in to_umwelt)
