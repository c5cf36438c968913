"""What an office encloses with a question or an interim notice reaches the company."""

import email
import email.policy
from email.message import EmailMessage

import pytest

from tests.flow.city import ONE_OFFICE, City, body_of, digest_of, forward_to, letter, reply_to

BAU = "bauaufsicht@stadt.example.org"


def with_file(
    raw: bytes, name: str, content: bytes, content_type: str = "application/pdf"
) -> bytes:
    """Enclose a file with a mail."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    main, _, sub = content_type.partition("/")
    message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes(policy=email.policy.SMTP)


def names_of_files(mail: EmailMessage) -> list[str]:
    """Give the names of a mail's files."""
    return [str(each.get_filename()) for each in mail.iter_attachments()]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Rückfrage\nBitte füllen Sie das Formular aus.", "question"),
        ("Zwischennachricht\nbis 18.12.2026, ein Merkblatt liegt bei.", "interim"),
    ],
)
def test_a_file_travels_with_the_words(town: City, words: str, kind: str) -> None:
    """The form that a question asks to be filled in is enclosed, and named in the text."""
    forward = forward_to(town.deliver(letter("Umnutzung", ONE_OFFICE)), BAU)
    (mail,) = town.deliver(with_file(reply_to(forward, words), "Formular.pdf", b"%PDF form"))
    assert mail["X-Mailflow-Kind"] == kind
    assert names_of_files(mail) == ["Formular.pdf"]
    assert "Formular.pdf" in body_of(mail)


@pytest.mark.parametrize("words", ["Rückfrage\nWelches Geschoss?", "Zwischennachricht\nbis 18.12."])
def test_a_file_that_sounds_internal_waits_here_too(town: City, words: str) -> None:
    """Its name is read by the company, whatever the mail is that it comes with."""
    forward = forward_to(town.deliver(letter("Umnutzung", ONE_OFFICE)), BAU)
    file = "Vermerk INTERN.pdf"
    assert town.deliver(with_file(reply_to(forward, words), file, b"%PDF note")) == []
    assert file in town.ticket().holds[0].text


def test_the_company_s_own_file_does_not_come_back(town: City) -> None:
    """What the company sent itself, and the office's program sent along, is left out."""
    inquiry = with_file(letter("Umnutzung", ONE_OFFICE), "Plan.pdf", b"%PDF plan")
    forward = forward_to(town.deliver(inquiry), BAU)
    asked = reply_to(forward, "Rückfrage\nWelches Geschoss ist das?")
    (mail,) = town.deliver(with_file(asked, "Plan.pdf", b"%PDF plan"))
    assert names_of_files(mail) == []


def test_a_question_released_by_the_manager_keeps_its_safe_files(town: City) -> None:
    """A program in a held question goes nowhere, the form beside it does."""
    forward = forward_to(town.deliver(letter("Umnutzung", ONE_OFFICE)), BAU)
    asked = with_file(reply_to(forward, "Rückfrage\nBitte Formular ausfüllen."), "a.exe", b"MZ")
    assert town.deliver(with_file(asked, "Formular.pdf", b"%PDF form")) == []
    order = reply_to(digest_of(town), f"{town.ticket().reference} freigeben bauaufsicht")
    questions = [mail for mail in town.deliver(order) if mail["X-Mailflow-Kind"] == "question"]
    assert [names_of_files(mail) for mail in questions] == [["Formular.pdf"]]
