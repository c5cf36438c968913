"""Any one of the four marks brings a reply home; what does not fit is held."""

from collections.abc import Callable
from email.message import EmailMessage

import pytest

from mailflow.core.tracking import find_references
from tests.flow.city import (
    CENTRAL,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    body_of,
    forward_to,
    letter,
    of_kind,
    reply_to,
)

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"
ANSWER = "Die Genehmigung kommt im Juni."


def _by_address(forward: EmailMessage) -> bytes:
    return letter("Genehmigung", ANSWER, sender=BAU, to=str(forward["Reply-To"]))


def _by_thread(forward: EmailMessage) -> bytes:
    return letter("Genehmigung", ANSWER, sender=BAU, In_Reply_To=str(forward["Message-ID"]))


def _by_references(forward: EmailMessage) -> bytes:
    references = f"<other@example.org> {forward['Message-ID']}"
    return letter("Genehmigung", ANSWER, sender=BAU, References=references)


def _by_subject(forward: EmailMessage) -> bytes:
    return letter(f"Antw: {forward['Subject']}", ANSWER, sender=BAU)


def _by_marker(forward: EmailMessage) -> bytes:
    return letter("Genehmigung", f"{ANSWER}\n\n{body_of(forward)}", sender=BAU)


def _mangled(forward: EmailMessage) -> bytes:
    subject = str(forward["Subject"])[:40]
    return letter(
        subject.upper(),
        ANSWER,
        sender=BAU,
        to=CENTRAL,
        In_Reply_To="<gateway.4711@exchange.example>",
        References=str(forward["Message-ID"]).upper(),
    )


def test_a_token_behind_a_hundred_others_contradicts_the_first(town: City) -> None:
    """However many marks stand before it, another office's token in a mail is seen."""
    out = town.deliver(letter("Umnutzung", TWO_OFFICES))
    forward, other = forward_to(out, BAU), forward_to(out, UMWELT)
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    strange = (f"{a}{b}{'a' * 10}.{'b' * 16}" for a in alphabet for b in alphabet)
    text = "\n".join([ANSWER, *strange, str(other["Reply-To"])])
    (told,) = town.deliver(letter("Re", text, sender=BAU, to=str(forward["Reply-To"])))
    assert "nicht zusammengehören" in str(told["Subject"])
    assert {part.state for part in town.ticket().current()} == {"asked"}


@pytest.mark.parametrize("domain", ["osnanet.de", "vodafonemail.de", "htp-tel.de", "pm.me"])
def test_customers_of_one_provider_are_companies_of_their_own(town: City, domain: str) -> None:
    """Two firms at a regional provider's domain neither share an account nor read each other."""
    text = "Brauchen wir eine Baugenehmigung?\n\nBäckerei Korn GmbH\n"
    first = town.deliver(letter("Backofen", text, sender=f"A <baeckerei.korn@{domain}>"))
    (reference,) = town.store.references()
    second = f"B <schlosser.eisen@{domain}>"
    town.deliver(letter("Halle", "Brauche ich eine Baugenehmigung?\n", sender=second))
    town.deliver(letter(f"AW: [{reference}]", "Unser Umsatz ist 12345 Euro.", sender=second))
    assert len(town.store.references()) == 3
    (answer,) = of_kind(town.deliver(_by_address(forward_to(first, BAU))), "combined-answer")
    assert "12345" not in body_of(answer)


@pytest.mark.parametrize(
    "survives", [_by_address, _by_thread, _by_references, _by_subject, _by_marker, _mangled]
)
def test_any_one_mark_is_enough(town: City, survives: Callable[[EmailMessage], bytes]) -> None:
    """A reply that kept a single mark becomes the office's answer."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (answer,) = town.deliver(survives(forward_to(out, BAU)))
    assert answer["X-Mailflow-Kind"] == "combined-answer"
    assert ANSWER in body_of(answer)


def test_contradicting_tokens_are_held(town: City) -> None:
    """Two offices' tokens in one mail speak for neither; the manager is told."""
    out = town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
    first, second = forward_to(out, BAU), forward_to(out, UMWELT)
    mixed = letter(
        "Genehmigung",
        ANSWER,
        sender=BAU,
        to=str(first["Reply-To"]),
        In_Reply_To=str(second["Message-ID"]),
    )
    assert [mail["X-Mailflow-Kind"] for mail in town.deliver(mixed)] == ["alert"]
    assert {part.state for part in town.ticket().current()} == {"asked"}


def test_a_forged_token_is_held(town: City) -> None:
    """A token with one letter changed is no token; the manager is told."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    address = str(forward_to(out, BAU)["Reply-To"])
    head, _, tail = address.partition("@")
    forged = f"{head[:-1]}{'a' if head[-1] != 'a' else 'b'}@{tail}"
    out = town.deliver(letter("Genehmigung", ANSWER, sender=BAU, to=forged))
    assert [each["X-Mailflow-Kind"] for each in out] == ["alert"]
    assert town.ticket().state == "consulting"


def test_a_known_contact_joins_by_number_and_a_stranger_does_not(town: City) -> None:
    """The public number opens nothing by itself: only the account's own contacts join by it."""
    town.deliver(letter("Stand", ONE_OFFICE))
    reference = town.ticket().reference
    (further,) = town.deliver(letter(f"Re: [{reference}] Stand", "Nachtrag: Halle 5 auch."))
    assert further["X-Mailflow-Kind"] == "forward"
    stranger = letter(
        f"Re: [{reference}] Stand", "Was steht da drin?", sender="neugier@example.net"
    )
    out = town.deliver(stranger)
    assert [mail["X-Mailflow-Kind"] for mail in of_kind(out, "forward")] == []
    assert len(town.store.references(("consulting", "triage"))) == 2


def test_office_and_company_tokens_are_different_roles(town: City) -> None:
    """A company that got hold of an office's token cannot speak for the office."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    forward = forward_to(out, BAU)
    assert town.deliver(letter("x", ANSWER, to=str(forward["Reply-To"]))) == []
    (hold,) = town.ticket().holds
    assert hold.reason == "sender"


@pytest.mark.parametrize("hyphen", ["-", "\u2011"])
def test_an_answer_to_two_tickets_waits(town: City, hyphen: str) -> None:
    """What an office says of another company's ticket never goes to this company by itself."""
    forward = forward_to(town.deliver(letter("Umnutzung", ONE_OFFICE)), BAU)
    other = letter("Bauantrag", ONE_OFFICE, sender="Bert B <b@firma-b.example>")
    town.wait(minutes=5)
    (ack,) = of_kind(town.deliver(other), "acknowledgement")
    (number,) = find_references(str(ack["Subject"]), "KAM")
    shown = number.replace("-", hyphen)
    answer = f"{ANSWER}\n\nZu {shown} (Firma B): wird wegen Altlasten abgelehnt."
    assert town.deliver(reply_to(forward, answer)) == []
    (named,) = find_references(str(forward["Subject"]), "KAM")
    (hold,) = town.store.tickets([named])[named].holds
    assert (hold.reason, number in hold.text) == ("quotes", True)


def test_an_answer_that_names_its_own_ticket_goes_out(town: City) -> None:
    """The number of the ticket itself is no other company's affair."""
    forward = forward_to(town.deliver(letter("Umnutzung", ONE_OFFICE)), BAU)
    (answer,) = town.deliver(reply_to(forward, f"Zu {town.ticket().reference}: {ANSWER}"))
    assert ANSWER in body_of(answer)


def test_a_number_that_the_company_named_itself_may_be_named(town: City) -> None:
    """A company that quotes an older number of its own is answered under it."""
    asked = ONE_OFFICE.replace("wie ist", "zu Ihrem Zeichen KAM-7K3Q-9F2M: wie ist")
    forward = forward_to(town.deliver(letter("Stand", asked)), BAU)
    out = town.deliver(reply_to(forward, "Zu KAM-7K3Q-9F2M: die Genehmigung kommt im Juni."))
    assert of_kind(out, "combined-answer")
