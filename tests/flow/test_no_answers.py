"""What an office sends that answers nobody does not go to the company as the city's answer."""

from email.message import EmailMessage

import pytest

from tests.flow.city import ONE_OFFICE, TWO_OFFICES, City, forward_to, letter, parse, reply_to

BAU = "bauaufsicht@stadt.example.org"

_ENTRY = (
    "BEGIN:VCALENDAR\r\nMETHOD:{}\r\nBEGIN:VEVENT\r\nSUMMARY:Halle 4\r\n"
    "DTSTART:20261201T090000Z\r\nDESCRIPTION:Vorher mit der Leitung sprechen\r\n"
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bauaufsicht@stadt.example.org\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)


def _calendar(forward: EmailMessage, method: str) -> bytes:
    message = parse(reply_to(forward, "", subject=f"Zugesagt: {forward['Subject']}", quote=False))
    calendar = _ENTRY.format(method)
    message.add_alternative(calendar, subtype="calendar", params={"method": method})
    return message.as_bytes()


@pytest.mark.parametrize("method", ["REPLY", "REQUEST"])
def test_a_calendar_entry_is_no_answer(town: City, method: str) -> None:
    """What Outlook sends for an appointment waits, with the notes in it."""
    forward = forward_to(town.deliver(letter("Umnutzung", ONE_OFFICE)), BAU)
    assert town.deliver(_calendar(forward, method)) == []
    assert [hold.reason for hold in town.ticket().holds] == ["suspected"]


@pytest.mark.parametrize(
    "words",
    [
        '"Bau, Berta" möchte die Nachricht "AW: Umnutzung" zurückrufen.',
        "Korrektur: acht Wochen.\n\nBitte meine erste Mail nicht verwenden.",
    ],
)
def test_what_is_taken_back_is_not_printed_beside_it(town: City, words: str) -> None:
    """A recall, or a correction, stops the answer that it speaks of."""
    out = town.deliver(letter("Umnutzung", TWO_OFFICES))
    forward = forward_to(out, BAU)
    town.deliver(reply_to(forward, "Die Genehmigung braucht sechs Wochen."))
    town.deliver(reply_to(forward, words, quote=False))
    other = forward_to(out, "umweltamt@stadt.example.org")
    assert town.deliver(reply_to(other, "Nachts gelten 45 dB(A).")) == []
    assert [hold.reason for hold in town.ticket().holds] == ["suspected"]


@pytest.mark.parametrize(
    ("name", "kind", "content"),
    [
        ("Maier, Petra.vcf", "text/x-vcard", b"BEGIN:VCARD\r\nEND:VCARD\r\n"),
        ("smime.p7s", "application/pkcs7-signature", b"0" * 1800),
        ("image001.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"x" * 12_000),
    ],
)
def test_a_card_a_signature_or_a_letterhead_answers_nothing(
    town: City, name: str, kind: str, content: bytes
) -> None:
    """What a mail program hangs on by itself makes no answer of two words."""
    forward = forward_to(town.deliver(letter("Umnutzung", ONE_OFFICE)), BAU)
    mail = parse(reply_to(forward, "Wie besprochen.", quote=False))
    maintype, _, subtype = kind.partition("/")
    mail.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
    assert town.deliver(mail.as_bytes()) == []
    assert [hold.reason for hold in town.ticket().holds] == ["suspected"]


def test_what_leaves_nothing_for_the_company_waits(town: City) -> None:
    """A mail whose few words all count as a closing is shown, not sent as an empty answer."""
    forward = forward_to(town.deliver(letter("Umnutzung", ONE_OFFICE)), BAU)
    assert town.deliver(reply_to(forward, "Mit vielen freundlichen Grüßen aus dem Rathaus")) == []
    assert [hold.reason for hold in town.ticket().holds] == ["empty"]
