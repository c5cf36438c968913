"""Every mail of ``tests/mail``: one oddity of the world each, and what must be understood of it."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from mailflow.core.message import Address, Channel, Kind, Message
from mailflow.reading import read

MAIL = Path(__file__).parent.parent / "mail"
OWN_ID = (
    "<mailflow.abcdefghijkl.abcdefghijklmnop.forward.abcdefghij.abcdefghijklmnop@stadt.example.org>"
)
STREET = "Die Straße ist für größere Lkw gesperrt."
ENCRYPTED = "the mail is encrypted and cannot be read"

EXPECTED: dict[str, dict[str, Any]] = {
    "absence-header.eml": {
        "kind": Kind.AUTO_REPLY,
        "absence_until": date(2026, 5, 30),
    },
    "absence-no-header.eml": {"kind": Kind.AUTO_REPLY, "absence_until": date(2027, 1, 4)},
    "absence-person-answers.eml": {"kind": Kind.PERSONAL, "absence_until": None},
    "abuse-report.eml": {
        "kind": Kind.REPORT,
        "original_ids": ("<orig.arf@stadt.example.org>",),
    },
    "addresses-empty-comment.eml": {"to": (), "text": "Text"},
    "alternative-html-first.eml": {"text": "Guten Tag"},
    "alternative-plain-empty.eml": {"text": "Nur hier steht etwas."},
    "base64-with-list-footer.eml": {
        "text": "Die Prüfung läuft.",
        "problems": ("base64 with foreign characters",),
    },
    "challenge-response.eml": {"kind": Kind.AUTO_REPLY},
    "charset-chinese-gb2312.eml": {
        "subject": "工厂选址咨询",
        "text": "您好,我们公司计划在贵市建立工厂,请问需要哪些许可?",
        "language": "zh",
    },
    "charset-latin1-called-utf8.eml": {
        "text": STREET,
        "problems": ("text is not valid utf-8",),
    },
    "charset-latin1-undeclared.eml": {
        "reply_text": "Guten Tag,\n\nwir möchten die Größe der Grundstücke in Köln-Süd wissen."
        "\n\nGrüße\nErika",
        "problems": ("8-bit text without a charset",),
        "language": "de",
    },
    "charset-polish.eml": {"subject": "Pozwolenie na budowę", "language": "pl"},
    "charset-turkish.eml": {"subject": "Ruhsat başvurusu", "language": "tr"},
    "charset-unknown.eml": {
        "text": "Grüße aus Münster",
        "problems": ("unknown charset 'x-unknown'",),
    },
    "charset-utf7-and-nul.eml": {"text": "Grüße  Ende"},
    "charset-utf8-called-latin1.eml": {
        "text": STREET,
        "problems": ("UTF-8 labelled iso-8859-1",),
    },
    "bounce-code-in-plain-words.eml": {"kind": Kind.BOUNCE, "by_words": False},
    "control-room-tells-of-danger.eml": {"kind": Kind.AUTO_REPLY},
    "date-without-zone.eml": {
        "date": datetime(2026, 5, 18, 9, 12, tzinfo=UTC),
        "problems": ("date without a time zone",),
    },
    "delay-postfix.eml": {
        "kind": Kind.DELAY,
        "failed_recipients": ("a@partner.example",),
        "original_ids": ("<orig.delay@stadt.example.org>",),
    },
    "delay-mimecast.eml": {"kind": Kind.DELAY, "failed_recipients": ("a@partner.example",)},
    "delay-postfix-text.eml": {
        "kind": Kind.DELAY,
        "failed_recipients": ("a@partner.example",),
    },
    "delay-sendmail-text.eml": {
        "kind": Kind.DELAY,
        "failed_recipients": ("a@partner.example",),
    },
    "dsn-success.eml": {"kind": Kind.REPORT, "failed_recipients": ()},
    "flowed.eml": {
        "text": "Dies ist ein langer Satz, der umgebrochen wurde.\n"
        "> zitierte Zeile, die weitergeht\n-- \nErika Beispiel"
    },
    "form-sends-an-inquiry.eml": {"kind": Kind.PERSONAL, "perhaps_machine": True},
    "from-address-in-comment.eml": {
        "sender": Address("s.muster@montage.example", "angreifer@evil.example"),
        "authors": ("angreifer@evil.example",),
    },
    "from-group-and-author.eml": {
        "authors": ("s.muster@montage.example", "angreifer@evil.example"),
        "problems": ("several authors",),
    },
    "from-paragraphs-in-quotes.eml": {
        "sender": Address("", '"x. Sofort noetig: Antworten S … @evil.example'),
    },
    "from-twice.eml": {
        "sender": Address("Echte Firma", "echt@firma.example"),
        "authors": ("echt@firma.example", "andere@firma.example"),
        "problems": ("several from fields", "several authors"),
    },
    "from-two-at-signs.eml": {"sender": Address("", "max@firma.example@evil.example")},
    "from-with-nul.eml": {"sender": Address("", "s.mu ster@montage.example")},
    "header-bare-carriage-return.eml": {
        "authors": ("angreifer@evil.example",),
        "authentication_results": (),
        "problems": (),
    },
    "header-damaged-before-from.eml": {"subject": "Beschaedigt", "text": "Text"},
    "headers-without-blank-line.eml": {
        "text": "Hier beginnt der Text gleich.\n\nZweiter Absatz.",
        "problems": ("no blank line between headers and body",),
    },
    "html-table-and-list.eml": {
        "text": "Guten Tag,\n\n- Bauantrag\n- Brandschutz\n\nAmt  Frist\nBauaufsicht  30.05."
        "\n\nGrüße"
    },
    "mail-attached-alone.eml": {
        "reply_text": "From: kunde@firma.example\nSubject: Ladezone\n\nWir brauchen eine Ladezone."
    },
    "mail-attached.eml": {"text": "Bitte kuemmern Sie sich darum."},
    "message-id-in-brackets.eml": {"message_id": "<[2f3@[10.0.0.1]]>"},
    "ndr-barracuda-text.eml": {
        "kind": Kind.BOUNCE,
        "failed_recipients": ("a@partner.example",),
    },
    "ndr-exchange-german.eml": {
        "kind": Kind.BOUNCE,
        "failed_recipients": ("m.mueller@partner.example",),
        "original_ids": (OWN_ID,),
        "return_path": "",
    },
    "multipart-boundary-like-another.eml": {
        "reply_text": '--a--\nContent-Type: multipart/mixed; boundary="a----"\n\n--a----\n'
        "Content-Type: text/plain\n\nBis wann liegt die Genehmigung vor?\n--a----",
        "problems": ("multipart without its parts",),
    },
    "ndr-exchange-german-text.eml": {
        "kind": Kind.BOUNCE,
        "failed_recipients": ("a.alt@partner.example",),
    },
    "ndr-exim.eml": {
        "kind": Kind.BOUNCE,
        "failed_recipients": ("info@partner.example",),
    },
    "ndr-forwarded-by-a-person.eml": {"kind": Kind.PERSONAL, "failed_recipients": ()},
    "ndr-gmx.eml": {
        "kind": Kind.BOUNCE,
        "failed_recipients": ("kunde@gmx.example",),
        "original_ids": ("<orig.gmx@stadt.example.org>",),
    },
    "ndr-google-german.eml": {
        "kind": Kind.BOUNCE,
        "failed_recipients": ("k.kunde@gmail.example",),
    },
    "ndr-notes-german.eml": {
        "kind": Kind.BOUNCE,
        "failed_recipients": ("k.krause@amt.example",),
    },
    "ndr-notes-router-german.eml": {
        "kind": Kind.BOUNCE,
        "failed_recipients": ("k.krause@amt.example",),
    },
    "ndr-qmail.eml": {
        "kind": Kind.BOUNCE,
        "failed_recipients": ("info@partner.example",),
        "original_ids": ("<orig.qmail@stadt.example.org>",),
    },
    "ndr-refused-without-code.eml": {
        "kind": Kind.BOUNCE,
        "failed_recipients": ("a@partner.example",),
    },
    "ndr-temporary-given-up.eml": {
        "kind": Kind.BOUNCE,
        "failed_recipients": ("a@partner.example",),
        "given_up": True,
    },
    "newsletter.eml": {"kind": Kind.BULK},
    "own-mail-returns.eml": {"kind": Kind.OWN, "own_kind": "forward"},
    "person-delay-in-subject.eml": {"kind": Kind.PERSONAL, "perhaps_machine": False},
    "person-quotes-a-bounce.eml": {"kind": Kind.BOUNCE, "by_words": True},
    "person-on-internal-list.eml": {"kind": Kind.PERSONAL},
    "pgp-clear-signed.eml": {
        "text": "Der Termin bleibt.\n-- \nErika",
        "reply_text": "Der Termin bleibt.",
    },
    "pgp-encrypted.eml": {"encrypted": True, "problems": (ENCRYPTED,)},
    "pgp-inline-encrypted.eml": {"encrypted": True, "problems": (ENCRYPTED,)},
    "postmaster-writes-a-letter.eml": {"kind": Kind.PERSONAL},
    "read-receipt.eml": {
        "kind": Kind.REPORT,
        "original_ids": ("<orig.mdn@stadt.example.org>",),
    },
    "receipt-ticket-system.eml": {"kind": Kind.AUTO_REPLY},
    "rule-forwards-a-letter.eml": {"kind": Kind.PERSONAL, "perhaps_machine": True},
    "rule-redirects-a-letter.eml": {
        "kind": Kind.PERSONAL,
        "perhaps_machine": True,
        "no_echo": True,
    },
    "smime-encrypted.eml": {"encrypted": True, "problems": (ENCRYPTED,)},
    "smime-opaque-signed.eml": {"text": "Die Unterlagen sind vollständig.", "encrypted": False},
    "smime-opaque-signed-indefinite.eml": {"text": "Die Unterlagen sind vollständig."},
    "smime-signed.eml": {"text": "Unterschrieben.", "encrypted": False},
    "subject-word-folded-inside.eml": {"subject": "Baustelle vor dem Werkstor nächste Woche"},
    "subject-word-split-in-character.eml": {"subject": "Genehmigung für die Straße"},
    "tokens-everywhere.eml": {
        "return_path": "bau@stadt.example.org",
        "authentication_results": ("mx.stadt.example.org; dmarc=pass",),
    },
    "uuencode.eml": {"text": "Anbei die Liste.\n\n\nViele Gruesse"},
    "winmail.eml": {"text": "Anbei der Lageplan für Halle 4."},
    "winmail-broken.eml": {"problems": ("winmail.dat is cut off",)},
}

# name, content type and whether it is shown inline
ATTACHMENTS: dict[str, list[tuple[str, str, bool]]] = {
    "attachment-names.eml": [
        ("Bebauungsübersicht Süd.pdf", "application/pdf", False),
        ("Grünfläche.pdf", "application/pdf", False),
        ("planfdp.exe", "application/octet-stream", False),
        ("passwd", "application/octet-stream", False),
        ("attachment.jpg", "image/jpeg", False),
    ],
    "calendar-invitation.eml": [("attachment.ics", "text/calendar", False)],
    "mail-attached.eml": [("Halteverbot-Ladezone.eml", "message/rfc822", False)],
    "multipart-never-closed.eml": [("plan.pdf", "application/pdf", False)],
    "multipart-wrong-boundary.eml": [("plan.pdf", "application/pdf", False)],
    "related-inline-image.eml": [("plan.png", "image/png", True)],
    "smime-opaque-signed.eml": [],
    "uuencode.eml": [("liste.txt", "text/plain", False)],
    "winmail.eml": [("Lageplan Süd.pdf", "application/pdf", False)],
}


def mail(name: str) -> Message:
    """Read one of the mails."""
    return read((MAIL / name).read_bytes())


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_mail_is_understood(name: str) -> None:
    """Each mail is read as its oddity asks for."""
    message = mail(name)
    assert {key: getattr(message, key) for key in EXPECTED[name]} == EXPECTED[name]


@pytest.mark.parametrize("name", sorted(ATTACHMENTS))
def test_attachments_are_passed_on(name: str) -> None:
    """Files keep their names as far as these are safe, and say whether they are shown inline."""
    found = [(each.name, each.content_type, each.inline) for each in mail(name).attachments]
    assert found == ATTACHMENTS[name]


def test_every_mail_is_used() -> None:
    """No mail lies about without a test, and the README names every one."""
    names = {file.name for file in MAIL.glob("*.eml")}
    other = {
        "calendar-invitation.eml",
        "from-name-with-comma-and-umlaut.eml",
        "to-groups-and-comments.eml",
    }
    readme = (MAIL / "README.md").read_text(encoding="utf-8")
    assert names == EXPECTED.keys() | ATTACHMENTS.keys() | other
    assert not [name for name in names if f"`{name}`" not in readme]


def test_groups_comments_and_quotes_in_addresses() -> None:
    """A group opens, comments fall away, a quoted comma parts nothing."""
    found = [(each.name, each.address) for each in mail("to-groups-and-comments.eml").to]
    assert found == [
        ("", "bau@stadt.example.org"),
        ("Müller, A.", "a.mueller@stadt.example.org"),
        ("Kontakt", "unternehmen@stadt.example.org"),
    ]


def test_name_with_comma_inside_an_encoded_word() -> None:
    """A comma that was encoded belongs to the name, and raw UTF-8 beside it is read as well."""
    assert mail("from-name-with-comma-and-umlaut.eml").sender.name == "Müller, Jörg"


def test_invitation_is_read_as_text() -> None:
    """A calendar invitation is put into words, with its place and its local times."""
    text = mail("calendar-invitation.eml").text
    assert "Termineinladung: Ortstermin Halle 4\nBeginn: 02.06.2026 10:00" in text
    assert "Ort: Hafenstraße 1\nEingeladen von: Erika Beispiel <e.beispiel@firma.example>" in text


@pytest.mark.parametrize(
    ("field", "people"),
    [
        ("Beispiel, Jörg <j@firma.example>", [("Beispiel, Jörg", "j@firma.example")]),
        (
            "a@b.example, Muster, Eva <e@b.example>",
            [("", "a@b.example"), ("Muster, Eva", "e@b.example")],
        ),
        ("Vertrieb, info@b.example", [("", "info@b.example")]),
        ("Eva <e@b.example>, Max <m@b.example>", [("Eva", "e@b.example"), ("Max", "m@b.example")]),
    ],
)
def test_a_bare_comma_divides_no_name(field: str, people: list[tuple[str, str]]) -> None:
    """Words without an address are a family name where a given name with an address follows."""
    raw = f"From: {field}\nSubject: x\n\nHallo\n".encode()
    message = read(raw)
    found = [(message.sender.name, message.sender.address)]
    assert found == people[:1]
    to = read(raw.replace(b"From:", b"To:")).to
    assert [(each.name, each.address) for each in to] == people


def test_tokens_are_found_in_every_channel() -> None:
    """A token survives in any one of address, reference, subject or quoted body."""
    marks = [(mark.channel, mark.token[0]) for mark in mail("tokens-everywhere.eml").marks]
    assert marks == [
        (Channel.ADDRESS, "a"),
        (Channel.REFERENCE, "b"),
        (Channel.SUBJECT, "c"),
        (Channel.BODY, "d"),
    ]


def test_bounce_carries_the_token_of_what_it_returns() -> None:
    """The Message-ID a bounce quotes names the leg whose mail did not arrive."""
    marks = [mark.token for mark in mail("ndr-exchange-german.eml").marks]
    assert marks == ["abcdefghijkl.abcdefghijklmnop"]
