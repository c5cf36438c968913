"""Somebody else's mail below a few words that only hand it over is what the mail is about."""

import pytest

from mailflow.core.message import Address, Message
from mailflow.core.passed_on import may_pass_on
from tests.flow.city import (
    COMPANY,
    ONE_OFFICE,
    City,
    body_of,
    forward_to,
    letter,
    of_kind,
    reply_to,
)

BAU = "bauaufsicht@stadt.example.org"
SIGNED = "\n\nMit freundlichen Grüßen\nP. Maier\n"
STATICS = (
    "Hallo Peter,\n\nder Antrag ist vollständig, die Statik ist geprüft. Gebühr 450 Euro.\n\n"
    "Gruß\nKarin Lenz\n"
)


def _head(sender: str, receiver: str, subject: str) -> str:
    return (
        f"\nVon: {sender}\nGesendet: Dienstag, 24. November 2026 11:02\n"
        f"An: {receiver}\nBetreff: {subject}\n\n"
    )


def _below(subject: str, text: str = STATICS) -> str:
    return _head("Lenz, Karin <k.lenz@stadt.example.org>", "Maier, Peter", f"AW: {subject}") + text


@pytest.mark.parametrize(
    "above",
    [
        "zK und mit der Bitte um Weiterleitung.\n\nGruß Maier\n",
        "fyi\n",
        "Hier die Antwort:\n",
        "Stellungnahme der Statik zur Weiterleitung.\n\nMfG Maier\n",
        f"Sehr geehrte Frau Muster,\n\nunten finden Sie die Auskunft unserer Statik.{SIGNED}",
        "Wie von Frau Lenz geschrieben.\n\nMfG Maier\n",
        "Ich schließe mich der Kollegin an.\n\nMfG Maier\n",
        f"Hallo zusammen,\n\nnachfolgend unsere Antwort.{SIGNED}",
        "Zuständigkeitshalber Frau Lenz:\n",
    ],
)
def test_a_colleagues_answer_below_a_cover_note_waits(town: City, above: str) -> None:
    """The note is not sent as the city's answer; the manager reads what stands below it."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    raw = reply_to(forward, above + _below(str(forward["Subject"])), quote=False)
    assert town.deliver(raw) == []
    (hold,) = town.ticket().holds
    assert hold.reason == "quotes"
    (part,) = town.ticket().consultations
    assert "Gebühr 450 Euro" in part.replies[0].text


def test_a_forwarded_mail_below_a_signature_waits(town: City) -> None:
    """What a program announces as forwarded is no part of the signature above it."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    passed = (
        "\n---------- Forwarded message ---------\nVon: Feuerwehr <fw@stadt.example.org>\n"
        "Date: Di., 24. Nov. 2026 um 10:00 Uhr\nSubject: Halle 4\nTo: Bau\n\nKeine Bedenken.\n"
    )
    raw = reply_to(forward, f"anbei die Stellungnahme der Feuerwehr.{SIGNED}{passed}", quote=False)
    assert town.deliver(raw) == []
    assert [hold.reason for hold in town.ticket().holds] == ["quotes"]


@pytest.mark.parametrize(
    ("answer", "thread"),
    [
        ("Ja, die Anzeige reicht.", STATICS),
        ("Keine Bedenken.", STATICS),
        ("Der Statiker schreibt, die Decke trägt 5 kN/m².", STATICS),
        ("Laut Statik ist die Halle freigegeben.", STATICS),
        ("Die Akte liegt im Archiv.", "Karin, kannst du das bitte beantworten?\n"),
        (
            (
                "Ihr Antrag ist vollständig, die Statik ist geprüft. Die Gebühr beträgt 450 Euro. "
                "Den Bescheid erhalten Sie bis zum 11.12. Für Rückfragen zu diesem Vorhaben und "
                "den nächsten Schritten stehe ich gern zur Verfügung, auch für eine Auskunft."
            ),
            STATICS,
        ),
    ],
)
def test_an_answer_above_a_colleagues_mail_goes_out(town: City, answer: str, thread: str) -> None:
    """Whoever asked a colleague first and then answers himself has answered."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    subject = str(forward["Subject"])
    ours = _head(f"KAM <{forward['Reply-To']}>", BAU, subject) + body_of(forward)
    raw = reply_to(forward, answer + SIGNED + _below(subject, thread) + ours, quote=False)
    assert of_kind(town.deliver(raw), "combined-answer")


def test_our_mail_without_its_marker_is_no_colleagues(town: City) -> None:
    """Our own words below are ours, and so is the company's letter, whatever a gateway cut."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    quoted = body_of(forward).split("\n", 6)[-1]
    head = _head("KAM Wirtschaft", "Bauaufsicht", str(forward["Subject"]))
    raw = reply_to(forward, f"Die Antwort steht im Bescheid.{SIGNED}{head}{quoted}", quote=False)
    assert of_kind(town.deliver(raw), "combined-answer")


@pytest.mark.parametrize(
    "mail",
    [
        (
            "Hier die Angaben von Herrn Beck:\n\n-----Ursprüngliche Nachricht-----\nVon: Karl Beck "
            "<beck@montage.example>\nGesendet: Dienstag, 24. November 2026 12:00\nAn: S. Muster\n"
            "Betreff: AW: Leute\n\n12 Leute, zwei Schichten.\n"
        ),
        "Siehe unten.\n\nAm 24.11.26 um 12:00 schrieb Karl Beck:\n> 12 Leute, zwei Schichten.\n",
    ],
)
def test_what_a_company_passes_on_reaches_the_office(town: City, mail: str) -> None:
    """A colleague's mail below its few words answers the office's question."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    (asked,) = town.deliver(reply_to(forward, "Rückfrage\nWie viele arbeiten dort?"))
    out = town.deliver(reply_to(asked, mail, sender=COMPANY, quote=False))
    (again,) = of_kind(out, "forward")
    assert "12 Leute, zwei Schichten." in body_of(again)


def test_a_companys_thanks_above_its_own_talk_pass_nothing_on() -> None:
    """What the people of a company write among themselves stays theirs."""
    asked = Message(
        reply_text="Vielen Dank!", quoted_head="Von: Chef", quoted_body="Bedanke dich bitte."
    )
    told = Message(
        reply_text="Der Plan liegt bei der Post.",
        sender=Address("", "muster@montage.example"),
        quoted_head="Von: Chef",
        quoted_body="Sabine, schickst du bitte den Plan?",
    )
    assert not may_pass_on(asked)
    assert not may_pass_on(told)
