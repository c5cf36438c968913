"""The city's own contact form writes for companies: the manager says whom to answer."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from mailflow.core.ticket import TicketState
from mailflow.schema import account
from tests.flow.city import (
    CENTRAL,
    COMPANY,
    MANAGER,
    NO_OFFICE,
    ONE_OFFICE,
    City,
    body_of,
    digest_of,
    forward_to,
    letter,
    of_kind,
    reply_to,
    to_of,
)
from tests.flow.made_anew import lost_after

BAU = "bauaufsicht@stadt.example.org"
FORM = "Webformular <webformular@stadt.example.org>"
_GENERATED = "\n\nDiese E-Mail wurde automatisch generiert."
ALPHA, BETA = "max@alpha.example", "eva@beta.example"


def _form(
    company: str, address: str, *, sender: str = FORM, subject: str = "Kontaktformular"
) -> bytes:
    """Write what a form sends that somebody has filled in."""
    words = f"Firma: {company}\nE-Mail: {address}\nNachricht: Was kostet eine Nutzungsänderung?"
    return letter(subject, words, sender=sender, Reply_To=address)


def _ordered(town: City, order: str) -> list[EmailMessage]:
    """Say the same of all that waits; give what goes out."""
    waiting = [each.reference for each in town.reporting.digest().pending]
    said = "\n".join(f"{each} {order}" for each in waiting)
    return town.deliver(reply_to(digest_of(town), said))


def _accounts(town: City) -> list[tuple[str, str]]:
    with town.store.engine.connect() as connection:
        rows = connection.execute(select(account.c.name, account.c.domain).order_by(account.c.id))
        return [(row.name, row.domain) for row in rows]


@pytest.mark.parametrize("sender", [FORM, "dienst@www.stadt.example.org", f"Webseite <{CENTRAL}>"])
def test_a_forms_mail_waits_with_its_reply_address_named(town: City, sender: str) -> None:
    """Anybody may have typed that address: nobody is acknowledged, and no office is asked."""
    assert town.deliver(_form("Alpha GmbH", ALPHA, sender=sender)) == []
    (item,) = town.reporting.digest().pending
    assert item.reason.endswith(f"Ein neuer Vorgang antwortet dorthin: <{ALPHA}>.")


def test_a_form_that_writes_in_our_own_name_is_answered_where_it_says(town: City) -> None:
    """Many form programs write from the address they write to; nobody answers himself."""
    town.deliver(_form("Alpha GmbH", ALPHA, sender=f"Webseite <{CENTRAL}>"))
    out = _ordered(town, "neu")
    assert [to_of(each) for each in of_kind(out, "acknowledgement")] == [ALPHA]
    assert town.ticket().contact.address == ALPHA


def test_a_mail_in_our_own_name_that_names_nobody_opens_no_ticket(town: City) -> None:
    """Its acknowledgement and its answer would come back to us, and be told as sent."""
    town.deliver(letter("Kontaktformular", ONE_OFFICE, sender=f"Webseite <{CENTRAL}>"))
    out = _ordered(town, "neu")
    assert not of_kind(out, "acknowledgement")
    assert town.store.references() == []
    (notice,) = of_kind(out, "notice")
    assert "unsere eigene Adresse" in body_of(notice)


@pytest.mark.parametrize(
    ("sender", "subject", "footer", "headers"),
    [
        (FORM, "Kontaktformular", "", {"Auto_Submitted": "auto-generated"}),
        (FORM, "Kontaktformular", "", {"Precedence": "bulk"}),
        (
            FORM,
            "Kontaktformular",
            "",
            {"Auto_Submitted": "auto-generated", "Precedence": "bulk"},
        ),
        ("noreply@stadt.example.org", "Kontaktformular", _GENERATED, {}),
        (FORM, "Ticket #123: Kontaktformular", _GENERATED, {}),
        (FORM, "Ihre Anfrage ist eingegangen", _GENERATED, {}),
    ],
)
def test_a_form_that_says_a_program_wrote_waits_and_opens_a_ticket_at_a_word(
    town: City, sender: str, subject: str, footer: str, headers: dict[str, str]
) -> None:
    """Whatever header, address or subject says so, a company has filled it in."""
    words = f"Firma: Alpha GmbH\nNachricht: Interesse an 5000 qm. Rückruf 0541 1234.{footer}"
    raw = letter(subject, words, sender=sender, Reply_To=ALPHA, **headers)
    assert town.deliver(raw) == []
    (item,) = town.reporting.digest().pending
    assert ALPHA in item.reason
    _ordered(town, "neu")
    assert town.ticket().contact.address == ALPHA


@pytest.mark.parametrize("sender", [FORM, "noreply@stadt.example.org"])
@pytest.mark.parametrize("subject", ["Kontaktformular", "Ihre Anfrage ist eingegangen"])
def test_a_form_in_which_somebody_tells_when_he_is_away_waits(
    town: City, sender: str, subject: str
) -> None:
    """A company's holiday in its message makes no automatic reply of the form's mail."""
    words = "Ich bin ab 20.12.2026 bis 06.01.2027 im Urlaub. Interesse an 5000 qm, Rückruf vorher."
    raw = letter(subject, f"{words}{_GENERATED}", sender=sender, Reply_To=ALPHA)
    assert town.deliver(raw) == []
    (item,) = town.reporting.digest().pending
    assert ALPHA in item.reason


_UNSUBSCRIBE = {"List_Unsubscribe": "<https://x.example/u>"}


@pytest.mark.parametrize("more", [{}, {"List_Unsubscribe_Post": "x"}, {"Feedback_ID": "x"}])
def test_a_form_that_a_mail_service_sends_waits(town: City, more: dict[str, str]) -> None:
    """The service adds its own headers to whatever it sends, though nobody has subscribed to it."""
    words = "Firma: Alpha GmbH\nNachricht: Interesse an 5000 qm."
    raw = letter("Kontaktformular", words, sender=FORM, Reply_To=ALPHA, **_UNSUBSCRIBE, **more)
    assert town.deliver(raw) == []
    (item,) = town.reporting.digest().pending
    assert ALPHA in item.reason


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-generated"},
        {"Precedence": "bulk"},
        {"X_Auto_Response_Suppress": "All"},
        {"Return_Path": "<>"},
        _UNSUBSCRIBE,
    ],
)
def test_who_filled_in_a_form_is_acknowledged_at_a_word_whatever_sent_it(
    town: City, headers: dict[str, str]
) -> None:
    """He gets number and token, once, by the null path; the program that sent it gets nothing."""
    words = "Firma: Alpha GmbH\nNachricht: Was kostet eine Nutzungsänderung?"
    raw = letter("Kontaktformular", words, sender=FORM, Reply_To=ALPHA, **headers)
    assert town.deliver(raw) == []
    (received,) = of_kind(_ordered(town, "neu"), "acknowledgement")
    assert to_of(received) == ALPHA
    assert received["Auto-Submitted"] == "auto-replied"
    assert [each for each, to, _ in town.wire.accepted if ALPHA in to] == [""]
    echo = reply_to(received, "Wir haben Ihre Nachricht erhalten.", sender=ALPHA)
    assert town.deliver(b"Auto-Submitted: auto-replied\r\n" + echo) == []


@pytest.mark.parametrize(
    ("headers", "footer"),
    [
        ({"Auto_Submitted": "auto-replied", "In_Reply_To": "<a@b.example>"}, ""),
        ({**_UNSUBSCRIBE, "Precedence": "bulk"}, ""),
        ({**_UNSUBSCRIBE, "Feedback_ID": "x"}, "Newsletter abbestellen: https://x.example/u"),
    ],
)
def test_a_machine_of_the_city_that_answers_or_writes_to_many_is_no_form(
    town: City, headers: dict[str, str], footer: str
) -> None:
    """A note and the city's own newsletter stay events, wherever replies to them go."""
    words = f"Diese Nachricht wurde automatisch erstellt.\n{footer}"
    raw = letter("Aktuelles", words, sender=FORM, Reply_To=ALPHA, **headers)
    assert town.deliver(raw) == []
    assert town.reporting.digest().pending == ()


@pytest.mark.parametrize("sender", [FORM, f"Webseite <{CENTRAL}>"])
def test_a_form_by_the_null_path_that_sounds_like_a_bounce_waits(town: City, sender: str) -> None:
    """What a company wrote of a refusal, and a date, make no bounce of the form's mail."""
    words = "Nachricht: Unser Antrag wurde am 5.11.26 abgelehnt. Was tun?"
    raw = letter("Kontaktformular", words, sender=sender, Reply_To=ALPHA)
    assert town.deliver(b"Return-Path: <>\r\n" + raw) == []
    (item,) = town.reporting.digest().pending
    assert ALPHA in item.reason


def test_companies_that_use_one_form_are_answered_each_at_its_own_address(town: City) -> None:
    """Released, each is acknowledged and named to the office; they share no account."""
    town.deliver(_form("Alpha GmbH", ALPHA))
    town.deliver(_form("Beta GmbH", BETA))
    out = _ordered(town, "neu")
    assert sorted(map(to_of, of_kind(out, "acknowledgement"))) == [BETA, ALPHA]
    assert sorted(map(to_of, out)) == sorted([ALPHA, BETA, BAU, BAU, MANAGER])
    assert _accounts(town) == [("Alpha GmbH", "alpha.example"), ("Beta GmbH", "beta.example")]


def test_whoever_was_answered_upon_a_form_writes_on_as_any_company(town: City) -> None:
    """The answer goes to the address of the form, and a reply from there joins the ticket."""
    town.deliver(_form("Beta GmbH", BETA))
    forward = forward_to(_ordered(town, "neu"), BAU)
    (answer,) = town.deliver(reply_to(forward, "Die Nutzungsänderung kostet 350 Euro."))
    assert to_of(answer) == BETA
    assert town.ticket().state is TicketState.ANSWERED
    again = reply_to(answer, "Was kostet die Nutzungsänderung von Halle 5?", sender=BETA)
    assert of_kind(town.deliver(again), "forward")
    assert len(town.ticket().letters) == 2


@pytest.mark.parametrize("address", [COMPANY, BETA])
def test_a_forms_mail_put_into_a_ticket_is_the_companys(town: City, address: str) -> None:
    """Never an office's reply, though it comes from the city's domain: offices read it."""
    town.deliver(letter("Stand", ONE_OFFICE))
    ticket = town.ticket().reference
    town.deliver(_form("Montage GmbH", address))
    out = _ordered(town, f"zu {ticket}")
    assert [to_of(each) for each in out if each["X-Mailflow-Kind"] != "notice"] == [BAU]
    assert len(town.ticket().letters) == 2


def test_a_reply_address_in_a_form_joins_no_ticket(town: City) -> None:
    """Neither the number in the subject nor the token of the company it names lets it in."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (received,) = of_kind(out, "acknowledgement")
    ticket = town.ticket().reference
    assert town.deliver(_form("Montage GmbH", COMPANY, subject=f"[{ticket}] Stand")) == []
    words = "Bitte senden Sie alles an mich, wegen der Nutzungsänderung."
    form = reply_to(received, words, sender=FORM)
    assert town.deliver(f"Reply-To: {COMPANY}\r\n".encode() + form) == []
    assert len(town.ticket().letters) == 1
    assert len(town.reporting.digest().pending) == 2


def test_the_citys_domain_makes_no_account(town: City) -> None:
    """Two colleagues, and two companies under one address of the city, are no one company."""
    for who, company in [("a", "Alpha GmbH"), ("b", "Beta GmbH"), ("a", "Gamma GmbH")]:
        text = f"{ONE_OFFICE}\n\nFirma: {company}\n"
        town.deliver(letter("Stand", text, sender=f"{who}@stadt.example.org"))
    assert _accounts(town) == [("Alpha GmbH", ""), ("Beta GmbH", ""), ("Gamma GmbH", "")]


def test_an_office_and_a_manager_are_no_form(town: City) -> None:
    """Whoever writes with an office's token, or a manager's key, may be answered elsewhere."""
    town.deliver(letter("Stand", NO_OFFICE))
    order = f"{town.ticket().reference} an bauaufsicht"
    sent = reply_to(digest_of(town), order)
    forward = forward_to(town.deliver(b"Reply-To: chef@zuhause.example\r\n" + sent), BAU)
    reply = reply_to(forward, "Die Nutzungsänderung kostet 350 Euro.")
    assert of_kind(town.deliver(b"Reply-To: b@zuhause.example\r\n" + reply), "combined-answer")


def test_a_forms_ticket_is_the_same_after_a_loss(tmp_path: Path) -> None:
    """Made anew from the mailbox, the order still answers the address of the form."""

    def story(town: City) -> None:
        town.deliver(_form("Alpha GmbH", ALPHA))
        town.deliver(_form("Beta GmbH", BETA))
        _ordered(town, "neu")

    with lost_after(tmp_path, story, "all") as (town, differs):
        assert differs == []
        assert _accounts(town) == [("Alpha GmbH", "alpha.example"), ("Beta GmbH", "beta.example")]
