"""What a company writes later: taken back, thanked for, objected to, or another's matter."""

import pytest

from mailflow.core.retry import Deferred
from tests.flow.city import (
    COMPANY,
    NO_OFFICE,
    ONE_OFFICE,
    City,
    at_the_desk,
    body_of,
    digest_of,
    forward_to,
    letter,
    of_kind,
    reply_to,
)

BAU = "bauaufsicht@stadt.example.org"
SIGNED = "\n\nMit freundlichen Grüßen\nSabine Muster\nMustermann Montagetechnik GmbH"


@pytest.mark.parametrize(
    "words",
    [
        "hat sich erledigt, wir haben einen anderen Standort. Nicht weiter bearbeiten. Danke!",
        "Hiermit ziehe ich meine Anfrage zurück.",
        "Danke, hat sich erledigt.",
    ],
)
def test_an_inquiry_that_is_taken_back_waits_for_the_manager(town: City, words: str) -> None:
    """No office is sent it, nothing is closed by itself, and the digest suggests to close."""
    (ack,) = of_kind(town.deliver(letter("Stand", ONE_OFFICE)), "acknowledgement")
    assert town.deliver(reply_to(ack, f"{words}{SIGNED}")) == []
    assert town.ticket().state == "consulting"
    (item,) = town.reporting.digest().pending
    assert "zieht sein Anliegen wohl zurück" in item.reason
    assert item.reason.endswith("sagen Sie: schliessen")
    reference = town.ticket().reference
    town.deliver(reply_to(digest_of(town), f"{reference} schliessen"))
    assert (town.ticket().state, town.ticket().holds) == ("closed", ())


def test_an_inquiry_taken_back_after_the_answer_asks_no_office_again(town: City) -> None:
    """The manager looks at it; nobody is asked what the company no longer wants to know."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (answer,) = town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    assert town.deliver(reply_to(answer, f"Hiermit ziehe ich meine Anfrage zurück.{SIGNED}")) == []
    assert len(town.reporting.digest().pending) == 1


def test_the_office_reads_on_the_managers_word_what_was_taken_for_taken_back(town: City) -> None:
    """Where he reads more in it, the order that the digest offers passes it on."""
    (ack,) = of_kind(town.deliver(letter("Stand", ONE_OFFICE)), "acknowledgement")
    town.deliver(reply_to(ack, f"Hiermit ziehe ich meine Anfrage zurück.{SIGNED}"))
    order = f"{town.ticket().reference} an bauaufsicht"
    out = town.deliver(reply_to(digest_of(town), order))
    assert "ziehe ich meine Anfrage" in body_of(forward_to(out, BAU))


@pytest.mark.parametrize(
    "words",
    [
        "Ok, alles klar, dann machen wir das so. Schönes Wochenende!",
        "Alles klar, wir gehen dann so vor.",
        "Ok, then we will do that.",
    ],
)
def test_consent_to_do_as_told_reopens_nothing(town: City, words: str) -> None:
    """Who only says that he will do so asks nobody anything."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (answer,) = town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    assert town.deliver(reply_to(answer, f"{words}{SIGNED}")) == []
    assert town.ticket().state == "answered"


@pytest.mark.parametrize(
    "words",
    [
        "Ok, dann machen wir das so, brauchen aber noch den Plan.",
        "Ok, dann machen wir einen Termin.",
        "Ok, dann warten wir auf Ihre Antwort.",
        "Passt so nicht.",
        "Alles klar. Und das gilt auch nachts?",
    ],
)
def test_consent_with_a_wish_is_heard(town: City, words: str) -> None:
    """One word more than consent, and the office reads it."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (answer,) = town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    assert of_kind(town.deliver(reply_to(answer, f"{words}{SIGNED}")), "forward")


def test_an_objection_in_a_further_letter_is_flagged(town: City) -> None:
    """What the manager must notice in an inquiry he notices in any later letter; once each."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (answer,) = town.deliver(reply_to(forward_to(out, BAU), "Nein, das wird nicht genehmigt."))
    words = "Hiermit legen wir Widerspruch gegen Ihre Auskunft ein."
    out = town.deliver(reply_to(answer, f"{words}{SIGNED}"))
    assert words in body_of(forward_to(out, BAU))
    assert town.ticket().flags == ("remedy",)


def test_thanks_raise_no_flag(town: City) -> None:
    """A second word of thanks repeats no inquiry."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (answer,) = town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    town.deliver(reply_to(answer, "Thanks again!"))
    assert town.ticket().flags == ()


def test_the_digest_names_the_ticket_that_a_new_one_names(town: City) -> None:
    """A stranger with another's number opens a ticket of his own, and the manager reads of both."""
    town.deliver(letter("Stand", ONE_OFFICE))
    (known,) = town.store.references()
    subject = f"Sachstand zu {known}"
    town.deliver(letter(subject, ONE_OFFICE, sender="Peter Pfiff <pp@pfiff.example>"))
    (new,) = set(town.store.references()) - {known}
    town.wait(days=1)
    digest = digest_of(town)
    told = f"{new}: Die Mail nennt {known}, ohne dort dazuzugehören."
    assert told in " ".join(body_of(digest).split())
    assert "einen anderen nennen" in digest.as_string()


def test_an_office_that_never_got_the_first_letter_reads_of_no_second(town: City) -> None:
    """After a ticket was closed with its forward unsent, the office reads both as an inquiry."""
    (ack,) = of_kind(town.deliver(letter("Frage", NO_OFFICE)), "acknowledgement")
    reference = town.ticket().reference
    town.wire.outcomes = [Deferred("451 4.3.2 try again later")]
    at_the_desk(town, f"{reference} an umwelt")
    town.work()
    at_the_desk(town, f"{reference} schliessen")
    town.wait(hours=4)
    more = "Wir haben noch eine Frage zum Lärm."
    town.deliver(reply_to(ack, more, quote=False, sender=COMPANY))
    at_the_desk(town, f"{reference} an umwelt")
    (forward,) = of_kind(town.work(), "forward")
    words = " ".join(body_of(forward).split())
    assert "noch einmal geschrieben" not in words
    assert "weiterhelfen" in words
    assert "Frage zum Lärm" in words
