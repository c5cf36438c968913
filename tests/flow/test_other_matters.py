"""What an office says of another company's matter does not go to this one."""

import re
from email.message import EmailMessage

import pytest

from mailflow.core.ticket import TicketState
from tests.flow.city import (
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

ONE = "Eine Nutzungsänderung ist erforderlich."
BAU = "bauaufsicht@stadt.example.org"


@pytest.mark.parametrize(
    "words",
    [
        "Und zum anderen Vorgang (Bäckerei Morgenrot): dort haben wir den Vorbescheid abgelehnt.",
        "Siehe meine Antwort im Fall Bäckerei Morgenrot, gleiche Rechtslage.",
        "So haben wir es auch im Fall der Firma Peters gehalten.",
        "Im Vorgang Spedition Krause haben wir 45 dB(A) festgesetzt.",
        "Der anderen Firma haben wir 45 dB(A) genehmigt.",
        "Beim anderen Fall, Spedition Krause, waren es 45 dB(A).",
    ],
)
def test_another_matter_without_a_number_waits(town: City, words: str) -> None:
    """Another case, called so or by a name the company never wrote, is for the manager to see."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    assert town.deliver(reply_to(forward, f"Eine Nutzungsänderung ist erforderlich. {words}")) == []
    (hold,) = town.ticket().holds
    assert "geht es auch um „" in hold.text


@pytest.mark.parametrize(
    "words",
    [
        "Im anderen Fall, dass Sie nachts arbeiten, gelten 45 dB(A).",
        "Im Fall einer Nutzungsänderung brauchen Sie einen Antrag, im Falle Ihrer Halle nicht.",
        "In Ihrem anderen Antrag fehlt nichts, im Fall Mustermann Montagetechnik auch nicht.",
        "In anderen Fällen genügt eine Anzeige.",
        "Im Vorgang Baulast Flur 3 ist alles vollständig.",
        "Zum anderen Punkt: ein Stellplatz reicht.",
    ],
)
def test_the_company_s_own_matters_go_on(town: City, words: str) -> None:
    """A case in general, or one of this company, is no other's."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    out = town.deliver(reply_to(forward, f"Eine Nutzungsänderung ist erforderlich. {words}"))
    assert of_kind(out, "combined-answer")


def _beside(town: City, name: str, text: str = ONE_OFFICE) -> EmailMessage:
    """Let another company have a ticket, then this one; give this one's forward."""
    bread = f"Guten Tag,\n\nunser Bauantrag?\n\nViele Grüße\nIda Korn\n{name}\n"
    town.deliver(letter("Backstube", bread, sender="Ida Korn <i.korn@korn.example>"))
    town.wait(minutes=7)
    return forward_to(town.deliver(letter("Stand", text)), BAU)


def _reply(town: City, forward: EmailMessage, words: str) -> list[EmailMessage]:
    return of_kind(town.deliver(reply_to(forward, f"{ONE} {words}")), "combined-answer")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Bäckerei Morgenrot GmbH", "Der Bäckerei Morgenrot haben wir abgesagt."),
        ("Spedition Krause & Co. KG", "Nachts 45 dB(A), wie bei Spedition  Krause."),
        ("Strabau GmbH", "Die Firma Strabau hat zu lange gewartet."),
        ("Strabau GmbH", "Anders als die Strabau GmbH dürfen Sie das."),
        ("iTec Systems GmbH", "Die Halle 7 ist schon an iTec Systems vergeben."),
        ("iTec GmbH", "Die Halle 7 ist schon an die Firma iTec vergeben."),
        ("e-motion Technik GmbH", "Das haben wir auch e-motion Technik geschrieben."),
        ("mobau wirtz GmbH", "Das haben wir auch der mobau wirtz geschrieben."),
        ("Spedition Krause GmbH", "Das haben wir auch der spedition krause geschrieben."),
        ("krause logistik GmbH", "Das haben wir auch der Krause Logistik geschrieben."),
    ],
)
def test_another_company_with_a_ticket_is_known_by_its_name(
    town: City, name: str, words: str
) -> None:
    """Whose ticket is not closed is looked for by two words of its name, or one and its form."""
    assert not _reply(town, _beside(town, name), words)
    held = [
        hold for each in town.store.references(tuple(TicketState)) for hold in _holds(town, each)
    ]
    assert [name in hold for hold in held] == [True]


def _holds(town: City, reference: str) -> list[str]:
    return [hold.text for hold in town.store.tickets([reference])[reference].holds]


@pytest.mark.parametrize(
    ("name", "words", "text"),
    [
        ("Bäckerei Morgenrot GmbH", "Eine Bäckerei ist Gastgewerbe.", ONE_OFFICE),
        ("Strabau GmbH", "Strabau, der Neubau der Straße, läuft.", ONE_OFFICE),
        ("Montagetechnik GmbH", "Die Firma Montagetechnik darf das.", ONE_OFFICE),
        ("Halle 4 Betriebs GmbH", "Die Halle 4 ist zulässig.", f"Zu Halle 4. {ONE_OFFICE}"),
        ("Amt für Bauordnung", "Das Amt für Bauordnung hat keine Bedenken.", ONE_OFFICE),
        (
            "Bäckerei Morgenrot",
            "Die Bäckerei Morgenrot ist der Nachbar.",
            f"Morgenrot, Bäckerei. {ONE_OFFICE}",
        ),
    ],
)
def test_a_common_word_is_no_company_s_name(town: City, name: str, words: str, text: str) -> None:
    """One word alone, an office's name and the company's own words keep no answer waiting."""
    assert _reply(town, _beside(town, name, text), words)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Für die Müller GmbH", "Das gilt für die Nutzungsänderung."),
        ("Mit freundlichen Grüßen Ihre Müller GmbH", "Mit freundlichen Grüßen\nSander"),
        ("Im Auftrag der Müller GmbH", "Mit freundlichen Grüßen\nIm Auftrag\nSander"),
        ("Sie können uns vertrauen: Müller GmbH", "Sie können uns vertrauen."),
        ("Neue Wege GmbH", "Dazu sind neue Wege nötig."),
        ("Wir freuen uns auf Sie Müller GmbH", "Wir freuen uns auf Sie."),
    ],
)
def test_a_sentence_beside_a_legal_form_is_no_company_s_name(
    town: City, name: str, words: str
) -> None:
    """What a company writes above its name keeps no other company's answer waiting."""
    assert _reply(town, _beside(town, name), words)


@pytest.mark.parametrize("words", ["wie bei der Müller GmbH", "wie bei Firma Müller"])
def test_a_name_is_found_behind_a_closing(town: City, words: str) -> None:
    """The closing on the same line hides no company."""
    beside = _beside(town, "Mit freundlichen Grüßen Ihre Müller GmbH")
    assert not _reply(town, beside, f"Nachts 45 dB(A), {words}.")


def test_a_waiting_mail_that_is_assigned_names_no_other_company(town: City) -> None:
    """An office's mail without token is looked at as any other once the manager has placed it."""
    forward = _beside(town, "Bäckerei Morgenrot GmbH")
    (reference,) = set(re.findall(r"KAM-\w{4}-\w{4}", str(forward["Subject"])))
    words = f"{ONE} Der Bäckerei Morgenrot haben wir abgesagt."
    assert town.deliver(letter("Stand", words, sender=BAU)) == []
    (waiting,) = set(re.findall(r"KAM-\w{4}-\w{4}", body_of(digest_of(town)))) - set(
        town.store.references(tuple(TicketState))
    )
    (told,) = at_the_desk(town, f"{waiting} zu {reference} bauaufsicht")
    assert "Morgenrot" in told.result


@pytest.mark.parametrize(
    "words",
    ["Bei der Bäckerei Morgenrot ging das auch.", "Beschwerdeführer ist Herr Kowalski aus Nr. 9."],
)
def test_somebody_who_has_no_ticket_is_no_news_for_the_company(town: City, words: str) -> None:
    """A firm or a neighbour that the company never named waits, with the name, for the manager."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    assert town.deliver(reply_to(forward, f"{ONE} {words}")) == []
    (hold,) = town.ticket().holds
    assert "Morgenrot" in hold.text or "Kowalski" in hold.text
