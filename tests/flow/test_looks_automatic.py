"""Mails that look like a machine's: what may be a person's, or says something, is never lost."""

from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from mailflow import deciding
from mailflow.core.known import Scan
from tests.flow.city import (
    COMPANY,
    MANAGER,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    body_of,
    digest_of,
    forward_to,
    letter,
    of_kind,
    parse,
    reply_to,
    to_of,
)
from tests.flow.made_anew import lost_after, waiting_in

MAILS = Path(__file__).parent.parent / "mail"
BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"
FORM = "Webformular <webformular@stadt.example.org>"
NOREPLY = "Netzbau <noreply@netzbau.example>"
SIGNED = "\n\nMit freundlichen Grüßen\nSabine Muster\nMontage GmbH\nTel. +49 541 9876-0\n"
GENERATED = "\n\nDiese Nachricht wurde automatisch erstellt.\n"
GAS = "Gasgeruch in Halle 4, ein Mitarbeiter ist verletzt."
RULE = {"X_MS_Exchange_Generated_Message_Source": "Mailbox Rules Agent"}
GENERATED_BY = {"Auto_Submitted": "auto-generated"}
REPLIED = {"Auto_Submitted": "auto-generated", "In_Reply_To": "<a@montage.example>"}


def _on_disk(name: str) -> bytes:
    """Give a mail of the shelf; what a rule forwards comes from an address that is no office's."""
    return (MAILS / name).read_bytes().replace(b"wirtschaft@stadt", b"wirtschaft@alt")


def _with(raw: bytes, headers: dict[str, str]) -> bytes:
    mail = parse(raw)
    for name, value in headers.items():
        del mail[name.replace("_", "-")]
        mail[name.replace("_", "-")] = value
    return mail.as_bytes(policy=SMTP)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Verzögerung Nutzungsänderung Halle 4", "Der Mieter konnte nicht in die 500 qm ziehen."),
        ("Verzögerung beim Bauantrag", "Am 5.12.26 konnte nicht begonnen werden."),
        ("Nicht zugestellt: Bescheid", "Der Bescheid zum Bauantrag wurde uns nicht zugestellt."),
        ("Empfänger unbekannt", "Der Bauantrag kam zurück; 550 Euro Gebühr sind bezahlt."),
        ("Rejected: our application", "Our building permit was rejected. We paid 500 Euro."),
        ("Unzustellbare E-Mail an das Bauamt", "Wohin mit dem Bauantrag? Sie war unzustellbar."),
    ],
)
def test_a_letter_on_what_did_not_arrive_or_is_late_opens_a_ticket(
    town: City, subject: str, text: str
) -> None:
    """Everyday words and a number, a price or a telephone number make no bounce of a letter."""
    out = town.deliver(letter(subject, f"Guten Tag,\n\n{text}{SIGNED}"))
    assert of_kind(out, "acknowledgement")
    assert town.ticket().letters


def test_an_office_s_answer_under_a_subject_of_delay_is_its_answer(town: City) -> None:
    """A valid token, a date and a price: the office has answered, and is not reminded."""
    forward = forward_to(town.deliver(letter("Halle 4", ONE_OFFICE)), BAU)
    text = "Die Genehmigung wird am 5.12.26 erteilt. Die Gebühr beträgt 550 Euro."
    (answer,) = town.deliver(reply_to(forward, text, subject="Verzögerung Halle 4"))
    assert (answer["X-Mailflow-Kind"], to_of(answer)) == ("combined-answer", COMPANY)


@pytest.mark.parametrize(
    "name",
    [
        "person-quotes-a-bounce.eml",
        "rule-redirects-a-letter.eml",
        "rule-forwards-a-letter.eml",
        "form-sends-an-inquiry.eml",
    ],
)
def test_what_may_be_a_person_s_waits_and_opens_a_ticket_at_a_word(town: City, name: str) -> None:
    """Nothing goes out by itself, the digest names it, and the manager's word serves it."""
    assert town.deliver(_on_disk(name)) == []
    (item,) = town.reporting.digest().pending
    assert town.store.references() == []
    town.deliver(reply_to(digest_of(town), f"{item.reference} neu"))
    assert town.ticket().letters


@pytest.mark.parametrize("marked_first", [True, False])
def test_a_letter_that_comes_by_a_rule_and_directly_opens_one_ticket(
    town: City, *, marked_first: bool
) -> None:
    """Sent to the old address and to ours: the direct copy counts, whichever comes first."""
    direct = letter("Halle 4", ONE_OFFICE)
    redirected = b"X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\r\n" + direct
    copies = [redirected, direct] if marked_first else [direct, redirected]
    out = [mail for raw in copies for mail in town.deliver(raw)]
    assert len(of_kind(out, "acknowledgement")) == len(town.store.references()) == 1
    assert town.reporting.digest().pending == ()


def test_a_control_room_s_word_of_danger_is_told_at_once(town: City) -> None:
    """A program that says it is one is heard where it speaks of gas; nobody answers it."""
    (told,) = town.deliver(_on_disk("control-room-tells-of-danger.eml"))
    assert (told["X-Mailflow-Kind"], to_of(told)) == ("alert", MANAGER)
    assert len(town.reporting.digest().pending) == 1


@pytest.mark.parametrize("headers", [RULE, REPLIED, {**RULE, **REPLIED}])
def test_danger_that_a_rule_passes_on_is_told_at_once(town: City, headers: dict[str, str]) -> None:
    """Exchange marks what a rule passes on as made automatically: the gas is real all the same."""
    (told,) = town.deliver(_with(letter("WG: Halle 4", GAS), headers))
    assert (told["X-Mailflow-Kind"], to_of(told)) == ("alert", MANAGER)


@pytest.mark.parametrize("subject", ["Unzustellbar: Gasgeruch", "Verzögerung - Gasgeruch"])
def test_danger_under_a_bounce_s_subject_is_told_at_once(town: City, subject: str) -> None:
    """Whatever the subject sounds like, who smells gas is heard."""
    out = town.deliver(letter(subject, f"{GAS} Die Feuerwehr konnte nicht in die Straße, 500 m."))
    assert [to_of(each) for each in of_kind(out, "alert")] == [MANAGER]


REFUSED = "Der Antrag wurde am 5.11.26 abgelehnt. Die Gebühr von 550 Euro ist bezahlt."
NULL_PATH = b"Return-Path: <>\r\n"


@pytest.mark.parametrize(
    "sender",
    [
        "Systemadministrator <it@kern.example>",
        "Max Kern <postmaster@kern.example>",
        "Bounce <info@bounce.example>",
        "Microsoft Outlook <kern@kern.example>",
    ],
)
@pytest.mark.parametrize("text", [REFUSED, "Wir konnten nicht in die Halle: 500 m Leitung fehlen."])
def test_a_letter_under_a_mail_system_s_name_opens_a_ticket(
    town: City, sender: str, text: str
) -> None:
    """A name that persons bear, everyday words and a date, a price or a length are no bounce."""
    out = town.deliver(letter("Nutzungsänderung", f"{text}{SIGNED}", sender=sender))
    assert of_kind(out, "acknowledgement")
    assert town.ticket().letters


@pytest.mark.parametrize("sender", [f"Sabine Muster <{COMPANY}>", "postmaster@kern.example"])
def test_a_letter_by_the_null_path_that_sounds_like_a_bounce_waits(town: City, sender: str) -> None:
    """A gateway may send a person's letter by it; the manager's word opens its ticket."""
    raw = NULL_PATH + letter("Nutzungsänderung", f"{REFUSED}{SIGNED}", sender=sender)
    assert town.deliver(raw) == []
    (item,) = town.reporting.digest().pending
    town.deliver(reply_to(digest_of(town), f"{item.reference} neu"))
    assert town.ticket().letters


def test_an_office_s_bounce_in_its_own_name_is_no_answer(town: City) -> None:
    """By the null path and in a server's words, with our token: no company reads it."""
    forward = forward_to(town.deliver(letter("Halle 4", ONE_OFFICE)), BAU)
    text = "Die Nutzungsänderung konnte nicht zugestellt werden: 550 Postfach gesperrt."
    assert town.deliver(NULL_PATH + reply_to(forward, text, quote=False)) == []
    assert [each.reason for each in town.ticket().holds] == ["circular"]


@pytest.mark.parametrize(
    ("sender", "path"),
    [
        ("Systemadministrator <it@kern.example>", b""),
        ("Max Kern <postmaster@kern.example>", b""),
        (f"Sabine Muster <{COMPANY}>", NULL_PATH),
    ],
)
def test_a_mail_system_s_name_or_path_under_a_failure_s_subject_waits(
    town: City, sender: str, path: bytes
) -> None:
    """One sign and everyday words: whether a program wrote it, the manager sees."""
    text = f"Der Bescheid konnte nicht zugestellt werden.{SIGNED}"
    assert town.deliver(path + letter("Nicht zugestellt: Bescheid", text, sender=sender)) == []
    (item,) = town.reporting.digest().pending
    assert "Vielleicht hat ein Mensch sie geschrieben" in item.reason


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        (f"Sabine Muster <{COMPANY}>", "Gasgeruch"),
        ("MAILER-DAEMON@kern.example", "Unzustellbar"),
        ("postmaster@kern.example", "Nicht zugestellt: Halle 4"),
    ],
)
def test_danger_in_what_looks_like_a_bounce_is_told_at_once(
    town: City, sender: str, subject: str
) -> None:
    """Whatever path and name it comes by, who smells gas is heard, unless it answers us."""
    text = "Gasgeruch in Halle 4. Die Feuerwehr konnte nicht erreicht werden, 500 m weiter."
    out = town.deliver(NULL_PATH + letter(subject, text, sender=sender))
    assert [to_of(each) for each in of_kind(out, "alert")] == [MANAGER]


def test_an_alert_of_danger_that_comes_back_is_no_new_danger(town: City) -> None:
    """Its bounce, with or without the mail returned, raises no alert in its turn."""
    (told,) = of_kind(town.deliver(letter("Halle 4", GAS)), "alert")
    subject = f"Unzustellbar: {told['Subject']}"
    daemon = "Mail Delivery System <MAILER-DAEMON@stadt.example.org>"
    refused = f"Ihre Nachricht an {MANAGER} wurde nicht zugestellt.\n550 5.1.1 unbekannt\n"
    returned = (
        f"{refused}\nUrsprüngliche Nachricht\nMessage-ID: {told['Message-ID']}\n{body_of(told)}"
    )
    for text in (refused, returned):
        raw = NULL_PATH + letter(subject, text, sender=daemon)
        assert not [each for each in town.deliver(raw) if "Gas" in body_of(each)]


@pytest.mark.parametrize("headers", [RULE, {"Auto_Submitted": "auto-generated"}])
def test_an_office_s_answer_that_a_rule_has_marked_waits_in_its_ticket(
    town: City, headers: dict[str, str]
) -> None:
    """A valid token in what is marked as made automatically is held, and no company reads it."""
    forward = forward_to(town.deliver(letter("Halle 4", ONE_OFFICE)), BAU)
    raw = _with(reply_to(forward, "Eine Nutzungsänderung ist nicht nötig."), headers)
    assert town.deliver(raw) == []
    (hold,) = town.ticket().holds
    assert (hold.reason, hold.office_id) == ("circular", "bauaufsicht")
    order = f"{town.ticket().reference} freigeben als antwort bauaufsicht"
    (answer,) = of_kind(town.deliver(reply_to(digest_of(town), order)), "combined-answer")
    assert "nicht nötig" in body_of(answer)


@pytest.mark.parametrize("threaded", [True, False])
def test_a_companys_word_with_our_token_marked_as_automatic_waits(
    town: City, *, threaded: bool
) -> None:
    """With or without the thread's headers, it is neither passed on nor dropped."""
    (ack,) = of_kind(town.deliver(letter("Halle 4", ONE_OFFICE)), "acknowledgement")
    mail = parse(reply_to(ack, "Es sind zwölf Maschinen."))
    if not threaded:
        del mail["In-Reply-To"]
        del mail["References"]
    raw = _with(mail.as_bytes(policy=SMTP), {"Auto-Submitted": "auto-generated"})
    assert town.deliver(raw) == []
    assert len(town.reporting.digest().pending) == 1


def test_an_automatic_mail_for_which_an_office_is_sure_waits(town: City) -> None:
    """An order system's mail that answers nothing of ours and names an office's matter is held."""
    text = f"Die Nutzungsänderung der Halle 4 ist angezeigt.{GENERATED}"
    assert town.deliver(letter("Nutzungsänderung Halle 4", text, sender=NOREPLY)) == []
    (item,) = town.reporting.digest().pending
    assert "ein Automat" in item.reason


@pytest.mark.parametrize(
    ("subject", "text", "headers"),
    [
        ("Ihre Sendung", f"Ihr Paket kommt am Freitag.{GENERATED}", {}),
        ("Automatische Antwort: Gasgeruch", "Ich bin bis 04.12.2026 nicht im Büro.", {}),
        (
            "AW: Gasgeruch",
            "Ich bin bis 04.12.2026 nicht im Büro.",
            {"Auto_Submitted": "auto-replied"},
        ),
        ("Nutzungsänderung", "Wird versandt.", {**REPLIED, "Precedence": "bulk"}),
    ],
)
def test_what_is_a_machine_s_and_says_nothing_is_an_event(
    town: City, subject: str, text: str, headers: dict[str, str]
) -> None:
    """Receipts, notices and absence notes keep nobody busy, whatever subject they repeat."""
    raw = _with(letter(subject, text, sender=NOREPLY), headers)
    assert town.deliver(raw) == []
    assert town.reporting.digest().pending == ()


ASKS = "Guten Tag,\n\nwir suchen etwas im Süden. Haben Sie etwas für uns?\n\nAlpha GmbH\n"
POSTED = {"List_Unsubscribe": "<https://x.example/u>"}


@pytest.mark.parametrize("headers", [POSTED, GENERATED_BY, {"Precedence": "bulk"}])
def test_a_question_under_one_sign_waits_though_no_office_is_sure(
    town: City, headers: dict[str, str]
) -> None:
    """A customer database or an order system puts the sign on a single letter."""
    assert town.deliver(_with(letter("Suche", ASKS), headers)) == []
    (item,) = town.reporting.digest().pending
    out = town.deliver(reply_to(digest_of(town), f"{item.reference} neu"))
    assert town.ticket().contact.address == COMPANY
    assert len(of_kind(out, "forward")) == 0


@pytest.mark.parametrize("headers", [POSTED, GENERATED_BY, {"Precedence": "bulk"}])
@pytest.mark.parametrize(
    "text",
    [
        f"{ASKS}Abonnieren Sie unseren Newsletter: https://alpha.example\n",
        f"{ASKS}Newsletter | www.alpha.example\n",
        "Wir möchten unser Gewerbe abmelden. Welche Unterlagen brauchen Sie?\nwww.alpha.example",
        "Kann ich hier mein Gewerbe abmelden (siehe https://stadt.example.org)?",
        "Ihr Formular lässt sich nicht im Browser öffnen. Können Sie es uns senden?",
    ],
)
def test_a_question_waits_though_its_words_are_a_newsletter_s(
    town: City, text: str, headers: dict[str, str]
) -> None:
    """A signature that invites to one, or a trade to deregister, is no way to leave a list."""
    assert town.deliver(_with(letter("Suche", text), headers)) == []
    assert len(town.reporting.digest().pending) == 1


@pytest.mark.parametrize(
    "leave",
    [
        "Wenn Sie diesen Newsletter abbestellen möchten, antworten Sie uns.",
        "Sie möchten unseren Newsletter nicht mehr erhalten?",
        "Abmelden: https://x.example/u",
        "Sie können sich jederzeit abmelden:\nhttps://x.example/u",
        "Impressum | Datenschutz\nAbmelden | Im Browser ansehen",
        "Wenn Sie keine E-Mails wünschen, können Sie sich hier abmelden.",
        "Click here to unsubscribe",
    ],
)
def test_what_says_how_to_get_no_more_of_it_keeps_nobody_busy(town: City, leave: str) -> None:
    """A newsletter asks, too, and is an event by its header and its line on how to leave it."""
    assert town.deliver(_with(letter("Angebot", f"{ASKS}\n{leave}\n"), POSTED)) == []
    assert town.reporting.digest().pending == ()


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ("Wir suchen Sie! Interesse? Newsletter abbestellen: https://x.example", POSTED),
        ("Ihr Paket kommt am Freitag. Haben Sie Fragen?", GENERATED_BY),
        (ASKS, {**POSTED, "Precedence": "bulk"}),
    ],
)
def test_a_newsletter_s_question_and_a_stock_one_keep_nobody_busy(
    town: City, text: str, headers: dict[str, str]
) -> None:
    """What says how to get no more of it, bears several signs, or asks what all ask, is none."""
    assert town.deliver(_with(letter("Angebot", text), headers)) == []
    assert town.reporting.digest().pending == ()


def test_a_machine_that_asks_in_answer_to_us_is_an_event(town: City) -> None:
    """Two systems end: a circular in our thread is not held for its question."""
    (ack,) = of_kind(town.deliver(letter("Halle 4", ONE_OFFICE)), "acknowledgement")
    text = "Wie zufrieden waren Sie mit uns?"
    raw = _with(reply_to(ack, text, sender="umfrage@dienst.example"), {"Precedence": "bulk"})
    assert town.deliver(raw) == []
    assert town.reporting.digest().pending == ()


NEWSLETTER = {
    "List_Unsubscribe": "<https://x.example/u>",
    "List_Unsubscribe_Post": "List-Unsubscribe=One-Click",
    "Precedence": "bulk",
    "Feedback_ID": "x",
}


@pytest.mark.parametrize(
    "text",
    [
        "Die Energiekosten sind in den letzten Monaten explodiert. Lesen Sie unsere Tipps.",
        "Ein Radfahrer wurde schwer verletzt. Bramsche: Fliegerbombe entschärft.",
        "Gasgeruch? So verhalten Sie sich richtig. Im Notfall Notruf 112.",
        "Ein Wasserrohrbruch kann teuer werden. Jetzt Angebot sichern!",
        "Es brennt - und nun? Brandschutzhelfer-Schulung, Notruf richtig absetzen.",
    ],
)
def test_a_newsletter_that_writes_about_danger_waits_without_an_alert(
    town: City, text: str
) -> None:
    """What can be unsubscribed from calls nobody from his desk; the digest shows it."""
    assert town.deliver(_with(letter("Newsletter", text, sender=NOREPLY), NEWSLETTER)) == []
    assert len(town.reporting.digest().pending) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Hier riecht es stark nach Gas.",
        "Soeben ist ein Rohrbruch gemeldet worden.",
        "Gasgeruch in Halle 4, bitte kommen Sie sofort.",
    ],
)
def test_who_is_in_danger_is_heard_through_a_newsletter_s_headers(town: City, text: str) -> None:
    """A group's mail system puts them on single letters, and the gas is real all the same."""
    (told,) = town.deliver(_with(letter("Halle 4", text), NEWSLETTER))
    assert (told["X-Mailflow-Kind"], to_of(told)) == ("alert", MANAGER)


@pytest.mark.parametrize(
    "text",
    [
        "Bei Gasgeruch wählen Sie bitte sofort die Störungsnummer 0800 1234.",
        "In dringenden Notfällen wie Wasserrohrbruch oder Gasaustritt: 0800 1234.",
        "Bei Gasgeruch: 112\nIhr Netzbau",
        "Bei Gasgeruch oder Rohrbruch: 0541 2002-0 rund um die Uhr.",
        "Bei Gasaustritt: 112 oder (0541) 2002 (24 Stunden)",
        "Bei Feueralarm und Gasgeruch bitte 112 wählen.",
        "Bei Gasgeruch erreichen Sie uns außerhalb der Zeiten Mo-Fr 8-16 Uhr unter 0800 1234.",
        "Bei Gasgeruch in Ihrem Haus bitte sofort den Notruf 112 wählen.",
    ],
)
def test_whom_to_call_in_danger_in_a_receipt_is_no_danger(town: City, text: str) -> None:
    """Every receipt of a utility names its number; whoever smells gas says more than that."""
    receipt = f"Wir haben Ihre E-Mail erhalten. {text}"
    assert town.deliver(letter("Eingang", receipt + GENERATED, sender=NOREPLY)) == []
    assert town.reporting.digest().pending == ()
    for number, danger in enumerate(
        (GAS, "Bei einem Unfall wurde ein Mitarbeiter schwer verletzt, rufen Sie 0541 1234.")
    ):
        raw = letter(f"Eingang {number}", f"{receipt} {danger}{GENERATED}", sender=NOREPLY)
        assert of_kind(town.deliver(raw), "alert")


@pytest.mark.parametrize(
    "text",
    [
        "Einsatz bei Gasgeruch Hafenstraße 12: 2 Trupps vor Ort.",
        "Einsatz bei Gasgeruch am Hafen: 112 Personen verletzt.",
        "Bei Gasaustritt Halle 4: 3 Verletzte.",
        "Bei Gasaustritt in Halle Nord: 3 Verletzte.",
        "Einsatz bei Gasgeruch in der Hafenstraße, Nachbarn wenden sich an die Leitstelle.",
        "Bei Gasgeruch Halle 4 geräumt, bitte die Leitstelle rufen.",
        "Störmeldung bei Gasstation Nord, Gasgeruch, Techniker erreichen Sie unter 0541 1.",
    ],
)
@pytest.mark.parametrize("footer", [GENERATED, ""])
def test_a_report_of_danger_is_no_advice_on_whom_to_call(
    town: City, text: str, footer: str
) -> None:
    """What names a place, or counts the injured, is told at once, whatever program wrote it."""
    headers = {} if footer else GENERATED_BY
    raw = _with(letter("Meldung", f"{text}{footer}", sender=NOREPLY), headers)
    (told,) = town.deliver(raw)
    assert (told["X-Mailflow-Kind"], to_of(told)) == ("alert", MANAGER)


def test_a_program_that_repeats_its_alarm_is_a_flood_like_others(town: City) -> None:
    """Thirty alarms of one address wait each for itself, the rest under one item; all are told.

    Ten are told one by one, then their number twice, then the flood.
    """
    for number in range(35):
        raw = letter(f"Alarm {number}", f"{GAS} Nr. {number}.{GENERATED}", sender=NOREPLY)
        town.mailbox.folders["INBOX"].add(raw, town.now)
    out = town.work()
    assert len(of_kind(out, "alert")) == 13
    assert len(town.reporting.digest().pending) == 31


def test_an_automat_s_answers_to_us_are_never_held_for_their_words(town: City) -> None:
    """A note or receipt that answers our mail and repeats its matter is an event, as before."""
    forward = forward_to(town.deliver(letter("Halle 4", ONE_OFFICE)), BAU)
    text = f"Wir haben Ihre Nachricht erhalten: Stand der Nutzungsänderung.{GENERATED}"
    assert town.deliver(reply_to(forward, text, quote=False)) == []
    assert town.ticket().holds == ()


RECEIPTS = [
    "Vielen Dank für Ihre Nachricht. Wir kümmern uns schnellstmöglich um Ihr Anliegen.",
    (
        "Vielen Dank für Ihre E-Mail. Ihr Anliegen wird in der Reihenfolge des Eingangs "
        "bearbeitet. Bitte sehen Sie von Rückfragen ab."
    ),
    "Ihr Anliegen wurde unter der Vorgangsnummer 4711 erfasst.\n\nIhr Serviceteam",
    "Wir bestätigen den Eingang Ihrer E-Mail und melden uns in Kürze.",
    (
        "Ihre Nachricht ist bei uns eingegangen und wird schnellstmöglich bearbeitet. Bitte "
        "beachten Sie unsere Sprechzeiten: Mo-Fr 8-12 Uhr. Für Bauanträge nutzen Sie bitte das "
        "Serviceportal der Stadt. Telefonisch erreichen Sie uns unter 0541 323-0."
    ),
]


def _reminders(town: City) -> list[str]:
    """Give whom the next ten days remind."""
    out = [mail for _ in range(10) for mail in _a_day(town)]
    return [to_of(each) for each in of_kind(out, "reminder")]


def _a_day(town: City) -> list[EmailMessage]:
    town.wait(days=1)
    town.chasing.catch_up(town.now)
    return town.work()


@pytest.mark.parametrize("text", RECEIPTS)
@pytest.mark.parametrize("headers", [{**RULE, **GENERATED_BY}, GENERATED_BY])
def test_an_office_s_receipt_is_an_event_whatever_program_sends_it(
    town: City, text: str, headers: dict[str, str]
) -> None:
    """What says no more than that a mail arrived waits for nobody, and ends no reminders."""
    forward = forward_to(town.deliver(letter("Halle 4", ONE_OFFICE)), BAU)
    assert town.deliver(_with(reply_to(forward, text, quote=False), headers)) == []
    assert town.ticket().holds == ()
    assert BAU in _reminders(town)


@pytest.mark.parametrize(
    "text",
    [
        "Vielen Dank für Ihre Nachricht. Die Nutzungsänderung kostet 350 Euro.",
        "Vielen Dank für Ihre Nachricht. Eine Nutzungsänderung ist nicht nötig.",
        "Ihre Anfrage ist unvollständig bei uns eingegangen.",
        "Ihr Anliegen ist zu spät eingegangen.",
        "Vielen Dank für Ihre Nachricht und ja.",
        "Nein.",
    ],
)
def test_a_rule_s_mail_that_says_more_than_a_receipt_waits(town: City, text: str) -> None:
    """One sentence that no receipt has may be the office's answer, whatever stands beside it."""
    forward = forward_to(town.deliver(letter("Halle 4", ONE_OFFICE)), BAU)
    raw = _with(reply_to(forward, text, quote=False), {**RULE, **GENERATED_BY})
    assert town.deliver(raw) == []
    assert [each.reason for each in town.ticket().holds] == ["circular"]


def test_a_rule_s_mail_with_a_file_waits_whatever_it_says(town: City) -> None:
    """What stands in the file may be the office's answer."""
    forward = forward_to(town.deliver(letter("Halle 4", ONE_OFFICE)), BAU)
    mail = parse(_with(reply_to(forward, RECEIPTS[0], quote=False), {**RULE, **GENERATED_BY}))
    mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="Plan.pdf")
    assert town.deliver(mail.as_bytes(policy=SMTP)) == []
    assert len(town.ticket().holds) == 1


@pytest.mark.parametrize("order", ["verwerfen", "freigeben als antwort"])
def test_what_may_be_a_machine_s_stops_neither_reminders_nor_the_answer(
    town: City, order: str
) -> None:
    """It waits for the manager, who may drop it or add it, and nothing else waits for him."""
    forward = forward_to(town.deliver(letter("Halle 4", ONE_OFFICE)), BAU)
    text = "Die Sachbearbeitung hat Frau Grünlich."
    assert town.deliver(_with(reply_to(forward, text, quote=False), RULE)) == []
    assert BAU in _reminders(town)
    out = town.deliver(reply_to(forward, "Die Nutzungsänderung kostet 350 Euro."))
    (answer,) = of_kind(out, "combined-answer")
    assert "350 Euro" in body_of(answer)
    assert "Grünlich" not in body_of(answer)
    said = f"{town.ticket().reference} {order} bauaufsicht"
    out = town.deliver(reply_to(digest_of(town), said))
    texts = [body_of(each) for each in out if to_of(each) == COMPANY]
    assert ["Grünlich" in each for each in texts] == ([] if order == "verwerfen" else [True])
    assert town.ticket().holds == ()


def test_an_office_s_last_word_that_may_be_a_machine_s_keeps_the_answer_waiting(
    town: City,
) -> None:
    """It may put right what the office said before, so the combined answer waits for it."""
    out = town.deliver(letter("Halle 4", TWO_OFFICES))
    bau, umwelt = forward_to(out, BAU), forward_to(out, UMWELT)
    town.deliver(reply_to(bau, "Die Nutzungsänderung kostet 350 Euro."))
    town.wait(hours=1)
    assert town.deliver(_with(reply_to(bau, "Richtig sind 450 Euro.", quote=False), RULE)) == []
    assert of_kind(town.deliver(reply_to(umwelt, "Nachts 45 dB(A).")), "combined-answer") == []
    said = f"{town.ticket().reference} verwerfen bauaufsicht"
    assert of_kind(town.deliver(reply_to(digest_of(town), said)), "combined-answer")


def test_two_systems_that_report_a_failure_in_words_end_at_once(town: City) -> None:
    """A gateway that answers our acknowledgement with a bounce in words only is not answered."""
    (ack,) = of_kind(town.deliver(letter("Halle 4", ONE_OFFICE)), "acknowledgement")
    text = f"550 5.1.1 <{COMPANY}>: konnte nicht zugestellt werden."
    gateway = "Gateway <gateway@montage.example>"
    assert town.deliver(letter(f"Unzustellbar: {ack['Subject']}", text, sender=gateway)) == []
    assert len(town.store.references()) == 1


@pytest.mark.parametrize("later", [Scan.INFECTED, Scan.CLEAN])
def test_what_looks_like_a_machine_s_is_scanned_before_it_goes_on(
    town: City, monkeypatch: pytest.MonkeyPatch, later: Scan
) -> None:
    """A file in a mail that waits for its looks reaches an office only once it was found clean."""
    mail = parse(_on_disk("control-room-tells-of-danger.eml"))
    mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="Plan.pdf")
    town.deliver(mail.as_bytes(policy=SMTP))
    (item,) = town.reporting.digest().pending
    monkeypatch.setattr(deciding, "scan", lambda _address, _raw: later)
    digest = digest_of(town)
    out = town.deliver(reply_to(digest, f"{item.reference} neu"))
    town.wait(days=1)
    order = f"{item.reference} an bauaufsicht"
    out += town.deliver(reply_to(digest_of(town), order)) if town.store.references() else []
    files = [part.get_filename() for each in out for part in each.iter_attachments()]
    assert bool(files) == (later is Scan.CLEAN)


def test_what_waits_for_its_looks_waits_again_after_a_loss(tmp_path: Path) -> None:
    """A database made anew from the mailbox holds the same mails for the same reasons."""

    def story(town: City) -> None:
        for name in ("person-quotes-a-bounce.eml", "control-room-tells-of-danger.eml"):
            town.deliver(_on_disk(name))
        town.deliver(_with(letter("WG: Halle 4", ONE_OFFICE), {**RULE, **REPLIED}))
        assert waiting_in(town).total() == 3

    with lost_after(tmp_path, story) as (_, differs):
        assert differs == []


def test_a_doubtful_reply_and_the_answer_after_it_are_the_same_after_a_loss(
    tmp_path: Path,
) -> None:
    """What stopped neither reminders nor the answer stops them in no database made anew."""

    def story(town: City) -> None:
        forward = forward_to(town.deliver(letter("Halle 4", ONE_OFFICE)), BAU)
        town.deliver(_with(reply_to(forward, "Zuständig ist Frau Grün.", quote=False), RULE))
        assert BAU in _reminders(town)
        out = town.deliver(reply_to(forward, "Die Nutzungsänderung kostet 350 Euro."))
        assert of_kind(out, "combined-answer")
        raw = letter("Form", ASKS, sender=FORM, Reply_To="max@alpha.example", **GENERATED_BY)
        town.deliver(raw)
        assert waiting_in(town).total() == 2

    with lost_after(tmp_path, story) as (_, differs):
        assert differs == []
