"""What a ticket system sends: a receipt tells nobody anything, a person's words reach somebody."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.flow.city import (
    COMPANY,
    ONE_OFFICE,
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
from tests.flow.made_anew import lost_after

BAU = "bauaufsicht@stadt.example.org"
GENERATED = {"Auto-Submitted": "auto-generated"}
BULK = {**GENERATED, "Precedence": "bulk"}
RULE = {"X-MS-Exchange-Generated-Message-Source": "Mailbox Rules Agent"}
TICKET = "Ticket#4711: Nutzungsänderung Halle 4"
FOOTER = "\n\nDiese E-Mail wurde automatisch erstellt."


def _with(raw: bytes, headers: dict[str, str]) -> bytes:
    mail = parse(raw)
    for name, value in headers.items():
        mail[name] = value
    return mail.as_bytes()


def _asked(town: City) -> EmailMessage:
    return forward_to(town.deliver(letter("Halle 4", ONE_OFFICE)), BAU)


def _in_ten_days(town: City) -> list[EmailMessage]:
    out: list[EmailMessage] = []
    for _ in range(10):
        town.wait(days=1)
        town.chasing.catch_up(town.now)
        out += town.work()
    return out


ANSWERS = [
    ("AW: Halle 4", "Die Gebühr beträgt 350 Euro, die Frist läuft bis zum 15.12.2026."),
    (TICKET, "Die Gebühr beträgt 350 Euro, die Frist läuft bis zum 15.12.2026."),
    (TICKET, "Für die Nutzungsänderung brauchen Sie einen Architekten."),
    (
        "AW: Halle 4",
        "Wir haben Ihre Anfrage erhalten. Der Plan lässt Gewerbe zu, er liegt im Rathaus aus.",
    ),
    (
        TICKET,
        (
            "Wir haben Ihre Anfrage erhalten. Bitte beachten Sie, dass die Halle an der Grenze nur "
            "tagsüber genutzt werden darf."
        ),
    ),
    (
        "AW: Halle 4",
        (
            "Ihre Anfrage wird bearbeitet.\n\nMit freundlichen Grüßen\nPetra Grün\n\n"
            "PS: Die Zufahrt liegt an der Nordseite."
        ),
    ),
]


MARKED = [(each, headers) for each in ANSWERS for headers in (GENERATED, BULK)]
NO_HEADERS: dict[str, str] = {}
UNMARKED = [((TICKET, f"{text}{FOOTER}"), NO_HEADERS) for _, text in ANSWERS]


@pytest.mark.parametrize(("said", "headers"), MARKED + UNMARKED)
def test_an_office_s_answer_by_its_ticket_system_waits_and_stops_no_reminder(
    town: City, said: tuple[str, str], headers: dict[str, str]
) -> None:
    """What says more than a receipt is seen by the manager, whatever subject or sign it bears."""
    subject, text = said
    forward = _asked(town)
    assert town.deliver(_with(reply_to(forward, text, subject=subject, quote=False), headers)) == []
    assert [(each.reason, each.office_id) for each in town.ticket().holds] == [
        ("circular", "bauaufsicht")
    ]
    assert BAU in [to_of(each) for each in of_kind(_in_ten_days(town), "reminder")]
    order = f"{town.ticket().reference} freigeben als antwort bauaufsicht"
    (answer,) = of_kind(town.deliver(reply_to(digest_of(town), order)), "combined-answer")
    assert text.partition(".")[0] in body_of(answer)


RECEIPTS = [
    (
        "Ihre Nachricht ist bei uns eingegangen und wird schnellstmöglich bearbeitet. Bitte "
        "beachten Sie unsere Sprechzeiten: Mo-Fr 8-12 Uhr."
    ),
    (
        "herzlichen Dank für Ihre Kontaktaufnahme. Wir setzen uns zeitnah mit Ihnen in "
        "Verbindung.\n\nIhr Team Bauaufsicht"
    ),
    "Ihre Anfrage hat die Nummer 4711. Sie können den Stand jederzeit im Portal einsehen.",
    "Das Ticket 4711 wurde einem Bearbeiter zugewiesen.",
    "Der Status Ihres Tickets hat sich geändert: in Bearbeitung.",
    (
        "Vielen Dank für Ihre E-Mail. Wir haben Ihr Anliegen unter der Vorgangsnummer 4711 erfasst "
        "und kümmern uns darum.\n\nMit freundlichen Grüßen\nIhr Serviceteam\nTel. 0541 323-0"
    ),
]


@pytest.mark.parametrize("text", RECEIPTS)
@pytest.mark.parametrize("headers", [{}, GENERATED, BULK, RULE])
def test_an_office_s_receipt_is_an_event_whether_or_not_a_header_says_so(
    town: City, text: str, headers: dict[str, str]
) -> None:
    """It goes to nobody and waits for nobody, its office is reminded, and its answer goes out."""
    forward = _asked(town)
    assert town.deliver(_with(reply_to(forward, text, quote=False), headers)) == []
    (part,) = town.ticket().consultations
    assert (town.ticket().holds, part.state, part.replies) == ((), "asked", ())
    assert town.reporting.digest().pending == ()
    assert BAU in [to_of(each) for each in of_kind(_in_ten_days(town), "reminder")]
    out = town.deliver(reply_to(forward, "Eine Nutzungsänderung ist nicht nötig."))
    assert "nicht nötig" in body_of(of_kind(out, "combined-answer")[0])


def test_a_receipt_that_no_header_marks_is_noted_in_its_ticket(town: City) -> None:
    """Nobody has to act on it, and whoever looks at the ticket sees that it came."""
    town.deliver(reply_to(_asked(town), RECEIPTS[0], quote=False))
    assert "bestätigt nur den Eingang" in str(town.store.history(town.ticket().reference))


def test_the_digest_says_of_a_late_office_that_it_only_confirms(town: City) -> None:
    """Its receipts answer each reminder, and the manager reads so where it is late."""
    forward = _asked(town)
    town.wait(days=10)
    remarks = [each.remark for each in town.reporting.digest().overdue]
    assert ["bestätigt nur den Eingang" in each for each in remarks] == [False]
    for _ in range(2):
        town.deliver(reply_to(forward, RECEIPTS[0], quote=False))
        town.wait(days=1)
        (late,) = town.reporting.digest().overdue
        assert "bestätigt nur den Eingang" in late.remark


def test_a_receipt_of_an_earlier_round_is_no_remark_on_the_next(town: City) -> None:
    """What the office confirmed before its answer says nothing of what it is asked now."""
    forward = _asked(town)
    town.deliver(reply_to(forward, RECEIPTS[0], quote=False))
    town.wait(days=1)
    (answer,) = town.deliver(reply_to(forward, "Eine Nutzungsänderung ist nicht nötig."))
    town.deliver(reply_to(answer, "Was kostet die Nutzungsänderung sonst?", sender=COMPANY))
    town.wait(days=10)
    (late,) = town.reporting.digest().overdue
    assert "bestätigt" not in late.remark


@pytest.mark.parametrize("text", [RECEIPTS[0], RECEIPTS[3]])
def test_a_receipt_with_a_file_is_not_an_event(town: City, text: str) -> None:
    """The answer may stand in the file."""
    mail = parse(reply_to(_asked(town), text, quote=False))
    mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="Plan.pdf")
    assert town.deliver(mail.as_bytes()) == []
    assert len(town.ticket().holds) == 1


def test_a_receipt_that_its_office_calls_an_interim_notice_goes_on(town: City) -> None:
    """What an office says by a command word is done, however little stands below it."""
    text = "Zwischennachricht\nIhre Anfrage ist eingegangen und wird schnellstmöglich bearbeitet."
    assert of_kind(town.deliver(reply_to(_asked(town), text, quote=False)), "interim")


def test_a_receipt_of_an_unknown_sender_waits(town: City) -> None:
    """Who is not known to write for the office is shown, whatever he says."""
    raw = reply_to(_asked(town), RECEIPTS[0], sender="x@fremd.example", quote=False)
    town.deliver(raw)
    assert [each.reason for each in town.ticket().holds] == ["sender"]


@pytest.mark.parametrize(
    ("subject", "text", "headers"),
    [
        ("AW: Rückfrage", "Wir haben Ihre Nachricht erhalten. Die Halle ist 60 m lang.", GENERATED),
        ("Ticket#99: Halle 4", "Die Halle hat 560 qm.", GENERATED),
        ("AW: Halle 4", "Die Halle hat 560 qm.", BULK),
    ],
)
def test_a_company_s_answer_by_its_ticket_system_waits_and_reaches_the_office_at_a_word(
    town: City, subject: str, text: str, headers: dict[str, str]
) -> None:
    """An office's question is answered, though a program sends the answer."""
    forward = _asked(town)
    asked = town.deliver(reply_to(forward, "Rückfrage\nWie groß wird die Halle?"))
    (question,) = of_kind(asked, "question")
    raw = reply_to(question, text, sender=COMPANY, subject=subject, quote=False)
    assert town.deliver(_with(raw, headers)) == []
    (item,) = town.reporting.digest().pending
    order = f"{item.reference} zu {town.ticket().reference}"
    out = town.deliver(reply_to(digest_of(town), order))
    assert "Die Halle" in body_of(forward_to(out, BAU))
    assert town.ticket().state == "consulting"


@pytest.mark.parametrize("headers", [GENERATED, BULK])
def test_a_company_s_receipt_is_an_event(town: City, headers: dict[str, str]) -> None:
    """Its ticket system confirms our question, and nobody hears of that."""
    asked = town.deliver(reply_to(_asked(town), "Rückfrage\nWie groß wird die Halle?"))
    raw = reply_to(of_kind(asked, "question")[0], RECEIPTS[0], sender=COMPANY, quote=False)
    assert town.deliver(_with(raw, headers)) == []
    assert town.reporting.digest().pending == ()
    assert town.ticket().state == "waiting"


SIGNS = [BULK, {"Precedence": "bulk"}, {"List-Unsubscribe": "<https://stadt.example.org/u>"}]


@pytest.mark.parametrize("headers", SIGNS)
@pytest.mark.parametrize("said", [ANSWERS[1], ANSWERS[4]])
def test_an_office_s_answer_from_its_ticket_system_s_own_address_waits(
    town: City, said: tuple[str, str], headers: dict[str, str]
) -> None:
    """Its token counts, whatever the address: the manager sees it, and it can go out at a word."""
    subject, text = said
    system = "ticket@stadt.example.org"
    raw = reply_to(_asked(town), text, sender=system, subject=subject, quote=False)
    assert town.deliver(_with(raw, headers)) == []
    assert [(each.reason, each.office_id) for each in town.ticket().holds] == [
        ("sender", "bauaufsicht")
    ]
    assert BAU in [to_of(each) for each in of_kind(_in_ten_days(town), "reminder")]
    order = f"{town.ticket().reference} freigeben als antwort bauaufsicht"
    (answer,) = of_kind(town.deliver(reply_to(digest_of(town), order)), "combined-answer")
    assert text.partition(".")[0] in body_of(answer)


@pytest.mark.parametrize("headers", [*SIGNS, {"Auto-Submitted": "auto-replied"}])
def test_a_receipt_from_a_ticket_system_s_own_address_is_an_event(
    town: City, headers: dict[str, str]
) -> None:
    """What says no more than that our mail arrived keeps nobody busy, whoever sends it."""
    raw = reply_to(_asked(town), RECEIPTS[0], sender="ticket@stadt.example.org", quote=False)
    assert town.deliver(_with(raw, headers)) == []
    assert town.reporting.digest().pending == ()


@pytest.mark.parametrize("headers", SIGNS)
def test_a_company_s_answer_from_its_ticket_system_s_own_address_waits(
    town: City, headers: dict[str, str]
) -> None:
    """An office's question is answered, and the manager's word takes the answer to the office."""
    asked = town.deliver(reply_to(_asked(town), "Rückfrage\nWie groß wird die Halle?"))
    (question,) = of_kind(asked, "question")
    text, system = "Die Halle wird 60 m lang.", "helpdesk@montage-holding.example"
    raw = reply_to(question, text, sender=system, subject=TICKET, quote=False)
    assert town.deliver(_with(raw, headers)) == []
    (item,) = town.reporting.digest().pending
    order = f"{item.reference} zu {town.ticket().reference}"
    out = town.deliver(reply_to(digest_of(town), order))
    assert "60 m lang" in body_of(forward_to(out, BAU))


FORMS = (
    "wir haben Ihre Anfrage erhalten. Für Nutzungsänderungsanträge nutzen Sie bitte das "
    "Bauportal. Dort finden Sie alle Formulare und Merkblätter."
)
ASKED_AND_RECEIVED = [
    (
        "ist unser Schreiben vom 3. November zur Nutzungsänderung bei Ihnen eingegangen?",
        "Ihr Schreiben vom 3. November ist bei uns eingegangen und wird derzeit geprüft.",
    ),
    (
        "haben Sie unseren Antrag auf Nutzungsänderung erhalten?",
        "Ihr Schreiben befindet sich in Prüfung.",
    ),
    (
        "wie ist der Stand unseres Schreibens zur Nutzungsänderung?",
        "Ihr Schreiben befindet sich in Prüfung.",
    ),
    (
        "ging unser Bauantrag zur Nutzungsänderung bei Ihnen ein?",
        "Ihr Schreiben ist bei uns eingegangen.",
    ),
    (
        "gibt es zu unserem Bauantrag auf Nutzungsänderung schon etwas Neues?",
        "Ihr Schreiben befindet sich in Prüfung.",
    ),
    (
        "wie lautet das Aktenzeichen unserer Nutzungsänderung?",
        "Ihr Schreiben hat das Aktenzeichen 63-1234/26.",
    ),
    ("wo finden wir das Formular für eine Nutzungsänderung, wo reichen wir es ein?", FORMS),
    (
        "wann sind Ihre Sprechzeiten für Fragen zur Nutzungsänderung?",
        "Ihre Anfrage ist eingegangen. Unsere Sprechzeiten: Mo-Fr 8-12 Uhr.",
    ),
    (
        "der Bescheid zur Nutzungsänderung vom 3. November 2026 fehlt uns.",
        "Ihr Schreiben vom 3.11.2026 ist bei uns eingegangen.",
    ),
    (
        "es geht um die Nutzungsänderung unter dem Zeichen 63-1234/26.",
        "Der Vorgang 63-1234/26 ist bei uns eingegangen.",
    ),
]


def _letter(words: str) -> bytes:
    signed = "Mit freundlichen Grüßen\nSabine Muster\nMustermann Montagetechnik GmbH\n"
    return letter("Nutzungsänderung", f"Guten Tag,\n\n{words}\n\n{signed}")


@pytest.mark.parametrize(("asked", "received"), ASKED_AND_RECEIVED)
def test_what_sounds_like_a_receipt_waits_where_the_company_asked_for_just_that(
    town: City, asked: str, received: str
) -> None:
    """The manager reads both beside each other, nobody is reminded, and his word sends it."""
    text = f"Guten Tag,\n\n{received}\n\nMit freundlichen Grüßen\nPetra Grün"
    forward = forward_to(town.deliver(_letter(asked)), BAU)
    assert town.deliver(reply_to(forward, text)) == []
    (item,) = town.ticket().holds
    assert item.reason == "suspected"
    assert asked in item.text
    assert of_kind(_in_ten_days(town), "reminder") == []
    order = f"{town.ticket().reference} freigeben als antwort bauaufsicht"
    (answer,) = of_kind(town.deliver(reply_to(digest_of(town), order)), "combined-answer")
    assert received[-12:] in " ".join(body_of(answer).split())


@pytest.mark.parametrize(
    ("written", "received"),
    [
        ("was kostet die Nutzungsänderung, und bis wann gilt sie?", RECEIPTS[0]),
        ("wir haben Ihren Bescheid zur Nutzungsänderung erhalten. Gilt er?", RECEIPTS[3]),
        ("wir haben Ihren Bescheid erhalten, bitte nennen Sie die Auflagen.", RECEIPTS[0]),
        ("welche Unterlagen bekommen Sie zur Nutzungsänderung der Halle 47?", RECEIPTS[5]),
        (
            "ist die Nutzungsänderung 2026 nötig?",
            "Ihre E-Mail vom 24. November 2026 wurde erfasst.",
        ),
        ("zur Nutzungsänderung 63-1234/26: Gilt sie auch nachts?", RECEIPTS[2]),
        ("bitte ändern Sie im Gegenstand der Nutzungsänderung die Zeiten.", RECEIPTS[0]),
    ],
)
def test_a_receipt_that_says_nothing_the_company_asked_is_an_event(
    town: City, written: str, received: str
) -> None:
    """An ordinary letter names days, files and offices, too, and its receipts keep nobody busy."""
    forward = forward_to(town.deliver(_letter(written)), BAU)
    assert town.deliver(reply_to(forward, received, quote=False)) == []
    assert town.ticket().holds == ()
    assert BAU in [to_of(each) for each in of_kind(_in_ten_days(town), "reminder")]


def test_a_machine_s_receipt_is_an_event_though_the_company_asked_for_one(town: City) -> None:
    """A header says that nobody looked: what it confirms is our mail."""
    asked, received = ASKED_AND_RECEIVED[0]
    forward = forward_to(town.deliver(_letter(asked)), BAU)
    for headers in (GENERATED, {"Precedence": "bulk"}):
        assert town.deliver(_with(reply_to(forward, received, quote=False), headers)) == []
    assert town.ticket().holds == ()


def test_a_receipt_that_may_answer_waits_after_a_loss_as_well(tmp_path: Path) -> None:
    """What the company had asked by then is known in a database made anew."""

    def story(town: City) -> None:
        asked, received = ASKED_AND_RECEIVED[0]
        forward = forward_to(town.deliver(_letter(asked)), BAU)
        town.deliver(reply_to(forward, received))
        assert len(town.ticket().holds) == 1

    with lost_after(tmp_path, story) as (_, differs):
        assert differs == []


def test_receipts_and_answers_that_wait_are_the_same_after_a_loss(tmp_path: Path) -> None:
    """What a program sent stops in a database made anew what it stopped before, and no more."""

    def story(town: City) -> None:
        forward = _asked(town)
        town.deliver(reply_to(forward, RECEIPTS[0], quote=False))
        assert BAU in [to_of(each) for each in of_kind(_in_ten_days(town), "reminder")]
        subject, text = ANSWERS[1]
        town.deliver(_with(reply_to(forward, text, subject=subject, quote=False), BULK))
        town.wait(hours=1)
        out = town.deliver(reply_to(forward, "Eine Nutzungsänderung ist nicht nötig."))
        assert of_kind(out, "combined-answer")
        assert len(town.ticket().holds) == 1

    with lost_after(tmp_path, story) as (_, differs):
        assert differs == []


def test_what_a_ticket_system_s_own_address_sent_waits_after_a_loss_as_well(tmp_path: Path) -> None:
    """An office's and a company's answer by such an address stop the same in a database anew."""

    def story(town: City) -> None:
        forward = _asked(town)
        subject, text = ANSWERS[1]
        system = "ticket@stadt.example.org"
        raw = reply_to(forward, text, sender=system, subject=subject, quote=False)
        town.deliver(_with(raw, BULK))
        town.wait(hours=1)
        asked = town.deliver(reply_to(forward, "Rückfrage\nWie groß wird die Halle?"))
        (question,) = of_kind(asked, "question")
        system = "helpdesk@montage-holding.example"
        raw = reply_to(question, "Sie wird 60 m lang.", sender=system, subject=TICKET, quote=False)
        town.wait(hours=1)
        town.deliver(_with(raw, BULK))
        assert len(town.reporting.digest().pending) == 2

    with lost_after(tmp_path, story) as (_, differs):
        assert differs == []
