"""What no person wrote is an event: never an answer, and never answered."""

from contextlib import nullcontext
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from unittest.mock import Mock

import pytest

from mailflow.compose import Composer, TemplateError
from mailflow.core.retry import Rejected, Unsure
from mailflow.outages import PastOutbox
from tests.flow.city import (
    CENTRAL,
    COMPANY,
    MANAGER,
    NO_OFFICE,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    Wire,
    body_of,
    city,
    digest_of,
    forward_to,
    letter,
    of_kind,
    parse,
    reply_to,
    to_of,
)

BAU, DEPUTY = "bauaufsicht@stadt.example.org", "bauaufsicht-vertretung@stadt.example.org"
UMWELT = "umweltamt@stadt.example.org"
SECOND = "kam-vertretung@stadt.example.org"


def _bounce(
    recipient: str,
    message_id: str,
    status: str = "5.1.1",
    *,
    to: str = CENTRAL,
    own_id: str = "dsn",
    action: str = "failed",
) -> bytes:
    return (
        f"From: MAILER-DAEMON@mx.example.org\r\nTo: {to}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n"
        f"Message-ID: <{own_id}@mx.example.org>\r\nMIME-Version: 1.0\r\nReturn-Path: <>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThe mail could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n"
        "--b--\r\n"
    ).encode()


def test_a_bounced_forward_goes_to_the_deputy(town: City) -> None:
    """A final failure bound to our mail asks the deputy; a second one is shown to the manager."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    forward = forward_to(out, BAU)
    (again,) = town.deliver(_bounce(BAU, forward["Message-ID"]))
    assert to_of(again) == DEPUTY
    assert town.deliver(_bounce(DEPUTY, again["Message-ID"])) == []
    (part,) = town.ticket().current()
    assert part.state == "failed"
    assert [hold.reason for hold in town.ticket().holds] == ["unreachable"]


def test_a_bounced_forward_is_shown_though_the_deputy_has_it(town: City) -> None:
    """Nothing waits for the manager, and his digest says all the same whom our mail did not reach.

    The next one does not say it again.
    """
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    (again,) = town.deliver(_bounce(BAU, forward["Message-ID"]))
    assert to_of(again) == DEPUTY
    digest = digest_of(town)
    page = digest.get_body(("html",))
    assert page is not None
    for shown in (body_of(digest), str(page.get_content())):
        assert f"unzustellbar an {BAU}" in " ".join(shown.split())
    town.wait(days=1)
    assert "unzustellbar" not in body_of(digest_of(town))


def test_who_has_given_up_has_failed_whatever_the_code(town: City) -> None:
    """RFC 3464 §2.3.3: "failed" with 4.4.7 (queue expired) is final, "delayed" has no effect."""
    out = town.deliver(letter("Umnutzung", TWO_OFFICES))
    forward, other = forward_to(out, BAU)["Message-ID"], forward_to(out, UMWELT)
    assert town.deliver(_bounce(BAU, forward, "4.4.1", action="delayed", own_id="later")) == []
    (again,) = town.deliver(_bounce(BAU, forward, "4.4.7"))
    assert to_of(again) == DEPUTY
    (question,) = town.deliver(reply_to(other, "Rückfrage\nWelche Halle?"))
    town.deliver(_bounce(COMPANY, question["Message-ID"], "4.4.7", own_id="company"))
    assert [hold.reason for hold in town.ticket().holds] == ["unreachable"]


@pytest.mark.parametrize(
    "failed",
    ["e.kollegin@anderswo.example", "e.kollegin@stadt.example.org, f.kollege@stadt.example.org"],
)
def test_a_failure_behind_a_group_address_is_told_and_fails_nothing(
    town: City, failed: str
) -> None:
    """One of a group's mailboxes is full: the others have the mail, and the office stays asked."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    forward = forward_to(out, BAU)["Message-ID"]
    between = "\r\nAction: failed\r\nStatus: 5.2.2\r\n\r\nFinal-Recipient: rfc822; "
    blocks = failed.replace(", ", between)
    (told,) = town.deliver(_bounce(blocks, forward, "5.2.2"))
    assert told["X-Mailflow-Kind"] == "alert"
    assert failed in " ".join(body_of(told).split())
    assert town.deliver(_bounce(blocks, forward, "5.2.2", own_id="again")) == []
    (part,) = town.ticket().current()
    assert (part.state, part.recipient) == ("asked", BAU)
    assert town.ticket().holds == ()


@pytest.mark.parametrize(
    "failed",
    [
        "Bauaufsicht@Stadt.example.org",
        "bauaufsicht+mailflow@stadt.example.org",
        "e.kollegin@stadt.example.org",
        "bauaufsicht@exchange.stadt.example",
        "e.kollegin@anderswo.example\r\nOriginal-Recipient: rfc822;bauaufsicht@stadt.example.org",
        "",
        "nobody",
    ],
)
def test_a_rewritten_address_is_still_the_one_we_wrote_to(town: City, failed: str) -> None:
    """Case, a plus, an alias in the same domain, the same name elsewhere, no name: it failed."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (again,) = town.deliver(_bounce(failed, forward_to(out, BAU)["Message-ID"]))
    assert to_of(again) == DEPUTY


def test_a_second_report_on_the_same_mail_is_no_second_failure(town: City) -> None:
    """Some systems report twice: the manager sees it once, and the deputy stays asked."""
    out = town.deliver(letter("Umnutzung", TWO_OFFICES))
    forward = forward_to(out, UMWELT)
    (question,) = town.deliver(reply_to(forward_to(out, BAU), "Rückfrage\nWelche Halle?"))
    for own_id in ("first", "second"):
        town.deliver(_bounce(UMWELT, forward["Message-ID"], own_id=f"{own_id}.office"))
        town.deliver(_bounce(COMPANY, question["Message-ID"], own_id=f"{own_id}.company"))
    assert [hold.reason for hold in town.ticket().holds] == ["unreachable"]
    assert [part.state for part in town.ticket().current()] == ["questioned", "asked"]


def test_a_report_without_our_message_id_is_known_by_the_return_path(town: City) -> None:
    """The token in its address and the failed recipient name the mail; a false token does not."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    path = str(forward_to(out, BAU)["Reply-To"])
    forged = path.replace(path[-30:-24], "aaaaaa")
    assert town.deliver(_bounce(BAU, "", to=forged, own_id="forged")) == []
    assert town.deliver(_bounce(UMWELT, "", to=path, own_id="other")) == []
    (again,) = town.deliver(_bounce(BAU, "", to=path))
    assert to_of(again) == DEPUTY


def test_a_company_s_token_reports_no_office_s_mail(town: City) -> None:
    """Nor an office's the company's: who holds the one token knows nothing of the other's way."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    forward, (ack,) = forward_to(out, BAU), of_kind(out, "acknowledgement")
    assert town.deliver(_bounce(BAU, "", to=str(ack["Reply-To"]), own_id="1")) == []
    assert town.deliver(_bounce(COMPANY, "", to=str(forward["Reply-To"]), own_id="2")) == []
    assert town.ticket().holds == ()
    assert town.deliver(_bounce(COMPANY, "", to=str(ack["Reply-To"]), own_id="3")) == []
    assert [hold.reason for hold in town.ticket().holds] == ["unreachable"]


def test_a_report_by_the_return_path_is_never_about_what_is_still_held(tmp_path: Path) -> None:
    """An answer that waits for its release cannot have come back: it stays held."""
    with city(tmp_path, manager_releases=True) as town:
        out = town.deliver(letter("Stand", ONE_OFFICE))
        forward = forward_to(out, BAU)
        (question,) = town.deliver(reply_to(forward, "Rückfrage\nWelcher Platz?"))
        path = str(question["Reply-To"])
        town.deliver(reply_to(question, "Der Markt."))
        town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
        held = town.ticket().held_entries
        assert held
        town.deliver(_bounce(COMPANY, "", to=path))
        assert town.ticket().held_entries == held


def test_the_deputy_may_answer(town: City) -> None:
    """What the deputy replies is the office's answer."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (again,) = town.deliver(_bounce(BAU, forward_to(out, BAU)["Message-ID"]))
    (answer,) = town.deliver(reply_to(again, "Die Genehmigung kommt im Juni."))
    assert answer["X-Mailflow-Kind"] == "combined-answer"


def test_a_forged_bounce_has_no_effect(town: City) -> None:
    """A failure report that quotes no mail of ours changes nothing."""
    town.deliver(letter("Stand", ONE_OFFICE))
    assert town.deliver(_bounce(BAU, "<mailflow.forged@stadt.example.org>")) == []
    assert town.ticket().current()[0].state == "asked"


@pytest.mark.parametrize("word", ["Zwischennachricht", "Rückfrage"])
def test_a_companys_bounce_stops_further_mail_there(town: City, word: str) -> None:
    """It is shown, and what an office has for the company waits until the manager has looked."""
    out = town.deliver(letter("Umnutzung", TWO_OFFICES))
    (question,) = town.deliver(reply_to(forward_to(out, BAU), "Rückfrage\nWelche Halle?"))
    town.deliver(_bounce(COMPANY, question["Message-ID"]))
    assert [hold.reason for hold in town.ticket().holds] == ["unreachable"]
    reply = reply_to(forward_to(out, UMWELT), f"{word}\nWir brauchen noch etwas Zeit.")
    assert town.deliver(reply) == []
    order = f"{town.ticket().reference} freigeben"
    kinds = [mail["X-Mailflow-Kind"] for mail in town.deliver(reply_to(digest_of(town), order))]
    assert kinds[0] in {"interim", "question"}


def test_a_companys_bounce_stops_its_other_matters_too(town: City) -> None:
    """What came back in one ticket would come back in the next: the manager sees each of them."""
    first = town.deliver(letter("Umnutzung", TWO_OFFICES))
    second = town.deliver(letter("Stand auf dem Markt", ONE_OFFICE))
    (question,) = town.deliver(reply_to(forward_to(first, BAU), "Rückfrage\nWelche Halle?"))
    town.deliver(_bounce(COMPANY, question["Message-ID"]))
    assert town.deliver(reply_to(forward_to(second, BAU), "Die Genehmigung kommt im Juni.")) == []
    tickets = town.store.tickets(town.store.references()).values()
    assert [[hold.reason for hold in each.holds] for each in tickets] == [["unreachable"]] * 2


def test_a_refused_company_stops_its_other_matters_too(town: City) -> None:
    """The same when the server refuses the mail at once."""
    first = town.deliver(letter("Umnutzung", TWO_OFFICES))
    town.deliver(letter("Stand auf dem Markt", ONE_OFFICE))
    town.wire.outcomes = [Rejected("550 5.1.1 unknown")]
    town.deliver(reply_to(forward_to(first, BAU), "Rückfrage\nWelche Halle?"))
    tickets = town.store.tickets(town.store.references()).values()
    assert [[hold.reason for hold in each.holds] for each in tickets] == [["unreachable"]] * 2


def test_a_lost_receipt_copy_says_nothing_of_the_reader(town: City) -> None:
    """A report on our own copy alone (full mailbox, no plus addressing) fails no mail."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (answer,) = town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    town.deliver(_bounce(CENTRAL.replace("@", "+receipt@"), answer["Message-ID"]))
    assert town.ticket().holds == ()


def test_an_absence_note_is_no_answer(town: City) -> None:
    """An office's automatic reply leaves its part open; a long absence asks the deputy."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    forward = forward_to(out, BAU)
    note = letter(
        f"Automatische Antwort: {forward['Subject']}",
        "Ich bin bis einschließlich 18.12.2026 nicht im Hause.",
        sender=BAU,
        to=str(forward["Reply-To"]),
        Auto_Submitted="auto-replied",
    )
    (again,) = town.deliver(note)
    assert to_of(again) == DEPUTY
    (part,) = town.ticket().current()
    assert part.state == "asked"
    assert part.absent_until is not None


@pytest.mark.parametrize("who", [DEPUTY, "bauaufsicht-leitung@stadt.example.org"])
def test_who_stands_above_an_office_is_not_the_office(town: City, who: str) -> None:
    """A deputy who is reminded too, or a head, is away: the office is not."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    note = letter(
        "Automatische Antwort: Abwesenheit",
        "Ich bin bis einschließlich 18.12.2026 nicht im Hause.",
        sender=who,
        to=str(forward_to(out, BAU)["Reply-To"]),
        Auto_Submitted="auto-replied",
    )
    assert town.deliver(note) == []
    (part,) = town.ticket().current()
    assert (part.recipient, part.absent_until) == (BAU, None)
    history = town.store.history(town.ticket().reference)
    assert any(f"{who} (" in text and "bis 18.12.2026 abwesend" in text for _, _, text in history)


@pytest.mark.parametrize(
    "text",
    [
        (
            "Vielen Dank für Ihre E-Mail. Ich bin vom 23.11. bis 04.12.2026 nicht erreichbar. In "
            "dringenden Fällen wenden Sie sich bitte an Frau Kern."
        ),
        (
            "Guten Tag,\n\nderzeit bin ich nicht am Arbeitsplatz. Ab dem 07.12.2026 stehe ich "
            "Ihnen wieder zur Verfügung.\n\nMit freundlichen Grüßen\nPetra Grün"
        ),
        # in words no table knows
        "Ich bin bis 04.12.2026 nicht im Hause; die Post macht derweil Frau Kern.",
    ],
)
def test_an_absence_note_without_headers_is_no_answer(town: City, text: str) -> None:
    """A note that only its words tell, in a reply with a token, never reaches the company."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    out = town.deliver(reply_to(forward, text))
    assert [to_of(mail) for mail in out if to_of(mail) == COMPANY] == []
    (part,) = town.ticket().current()
    assert part.state == "asked"


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("vacation-rentals@ostsee.example", "Stand"),
        ("info@a.example", "Gelöscht: unser Eintrag im Gewerberegister"),
        ("info@a.example", "Read: noise limits at night"),
        ("info@a.example", "Lesebestätigung und Frist"),
        ("info@a.example", "Abwesenheitsmeldung: wie melden wir Beschäftigte?"),
        ("Mail System GmbH <info@a.example>", "Fehler bei der Zustellung Ihres Bescheids"),
    ],
)
def test_one_word_makes_no_machine(town: City, sender: str, subject: str) -> None:
    """An inquiry with a machine's word in its subject or address opens a ticket."""
    assert of_kind(town.deliver(letter(subject, ONE_OFFICE, sender=sender)), "acknowledgement")
    assert town.ticket().state in {"consulting", "triage"}


def test_no_automat_is_ever_acknowledged(town: City) -> None:
    """Newsletters, absence notes and receipts open nothing and are answered by nobody."""
    machines = [
        letter("Abwesend", ONE_OFFICE, Auto_Submitted="auto-replied"),
        letter(
            "Angebote", ONE_OFFICE, List_Unsubscribe="<mailto:x@example.net>", Precedence="bulk"
        ),
        letter("Sammelmail", ONE_OFFICE, Precedence="bulk", List_Id="<x.example.net>"),
    ]
    assert [town.deliver(mail) for mail in machines] == [[], [], []]
    assert town.store.references() == []


_SES = {"Feedback_ID": "1.eu-central-1.abc=:1.eu-central-1.abc=:AmazonSES"}
_LISTED = {"List_Unsubscribe": "<mailto:x@example.net>"}
_BULK = {"Precedence": "bulk", **_LISTED, **_SES}
_GAS = "Hier riecht es stark nach Gas, bitte sofort kommen!"


def _with(raw: bytes, headers: dict[str, str]) -> bytes:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return lines.encode() + raw


def test_what_a_big_sender_sends_is_an_inquiry(town: City) -> None:
    """Amazon SES and WorkMail put Feedback-ID on every letter: a ticket is opened."""
    assert forward_to(town.deliver(letter("Stand", ONE_OFFICE, **_SES)), BAU)


@pytest.mark.parametrize("headers", [_SES, _LISTED, {"Precedence": "bulk"}, _BULK])
def test_who_holds_our_token_is_a_person_whatever_list_he_writes_through(
    town: City, headers: dict[str, str]
) -> None:
    """An office's answer, a company's word and a manager's order count with a bulk header, too."""
    out = town.deliver(letter("Umnutzung", TWO_OFFICES))
    (ack,) = of_kind(out, "acknowledgement")
    further = town.deliver(_with(reply_to(ack, "Nachtrag: zwölf Maschinen.", quote=False), headers))
    assert "zwölf Maschinen" in body_of(forward_to(further, BAU))
    town.deliver(_with(reply_to(forward_to(out, BAU), "Ein Antrag ist nötig."), headers))
    states = {part.office_id: part.state for part in town.ticket().current()}
    assert states == {"bauaufsicht": "answered", "umwelt": "asked"}
    order = reply_to(digest_of(town), f"{town.ticket().reference} ohne umwelt")
    kinds = {str(mail["X-Mailflow-Kind"]) for mail in town.deliver(_with(order, headers))}
    assert kinds == {"notice", "combined-answer"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied", **_LISTED},
        {"Auto_Submitted": "auto-generated", "Precedence": "bulk"},
        {"Precedence": "bulk", "X_Autoreply": "yes"},
        {"Precedence": "bulk", "Return_Path": "<>"},
    ],
)
def test_a_token_makes_no_person_of_a_machine(town: City, headers: dict[str, str]) -> None:
    """What says that it was made automatically is an event, to whomever its token belongs."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (ack,) = of_kind(out, "acknowledgement")
    for mail in (ack, forward_to(out, BAU)):
        assert town.deliver(_with(reply_to(mail, "Wird bearbeitet.", quote=False), headers)) == []
    assert [part.state for part in town.ticket().current()] == ["asked"]
    assert len(town.ticket().letters) == 1
    assert town.ticket().holds == ()


def test_a_managers_automat_gets_no_notice(town: City) -> None:
    """An answer to the digest that holds no order is no order, if a bulk header stands on it."""
    town.deliver(letter("Stand", NO_OFFICE))
    away = reply_to(digest_of(town), "Ich lese hier wieder ab Montag.", quote=False)
    assert town.deliver(_with(away, {"Precedence": "bulk"})) == []


_ONE_SIGN = [
    _LISTED,
    {**_LISTED, "List_Unsubscribe_Post": "List-Unsubscribe=One-Click"},  # RFC 8058: both or none
    {"Precedence": "bulk"},
    {"Auto_Submitted": "auto-generated"},
]


@pytest.mark.parametrize("headers", _ONE_SIGN)
def test_an_inquiry_with_one_bulk_sign_waits(town: City, headers: dict[str, str]) -> None:
    """Groups, customer databases and forms: nothing goes out by itself, nothing is lost."""
    assert town.deliver(letter("Stand", ONE_OFFICE, **headers)) == []
    (item,) = town.reporting.digest().pending
    assert "vielleicht eine Anfrage" in item.reason
    out = town.deliver(reply_to(digest_of(town), f"{item.reference} neu"))
    assert forward_to(out, BAU)
    assert of_kind(out, "acknowledgement") == []


@pytest.mark.parametrize("headers", [*_ONE_SIGN, _BULK])
def test_danger_in_a_circular_is_told_at_once(town: City, headers: dict[str, str]) -> None:
    """Whoever smells gas and writes through a list is heard, however many signs it bears."""
    (told,) = town.deliver(letter("Gasgeruch", _GAS, **headers))
    assert (told["X-Mailflow-Kind"], to_of(told)) == ("alert", MANAGER)


@pytest.mark.parametrize(
    ("subject", "text", "headers"),
    [
        ("Angebote im November", "Alles für Ihr Büro, jetzt günstig.", _LISTED),
        ("Rundbrief", ONE_OFFICE, _BULK),
        (
            "Rundbrief",
            ONE_OFFICE,
            {**_LISTED, "List_Unsubscribe_Post": "List-Unsubscribe=One-Click", **_SES},
        ),
        ("Stand", ONE_OFFICE, {"Precedence": "bulk", "Auto_Submitted": "auto-generated"}),
    ],
)
def test_a_newsletter_is_an_event(
    town: City, subject: str, text: str, headers: dict[str, str]
) -> None:
    """What bears several signs, or speaks of no office's matter, keeps nobody busy."""
    assert town.deliver(letter(subject, text, **headers)) == []
    assert town.reporting.digest().pending == ()
    assert town.reporting.digest().counts_total.events == 1


def test_circulars_that_may_be_inquiries_are_a_flood_like_others(town: City) -> None:
    """Thirty of one sender wait each for itself, the rest under one item."""
    for number in range(35):
        raw = letter(f"Stand {number}", ONE_OFFICE, Precedence="bulk")
        town.mailbox.folders["INBOX"].add(raw, town.now)
    (told,) = town.work()
    assert "Mailflut" in str(told["Subject"])
    assert len(town.reporting.digest().pending) == 31


_AWAY = "Ich bin bis 04.12.2026 nicht im Büro. Ihre E-Mail wird nicht weitergeleitet."


def test_an_answer_above_an_absence_note_waits_with_its_ticket(town: City) -> None:
    """An office that answers in a word above its note is heard once the manager says so."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    assert town.deliver(reply_to(forward, f"45 dB(A)\n\n{_AWAY}", quote=False)) == []
    (hold,) = town.ticket().holds
    assert hold.reason == "circular"
    order = f"{town.ticket().reference} freigeben als antwort bauaufsicht"
    (answer,) = of_kind(town.deliver(reply_to(digest_of(town), order)), "combined-answer")
    assert "45 dB(A)" in body_of(answer)


def test_who_may_be_a_companys_automat_waits(town: City) -> None:
    """With a token or without, its mail is neither passed on nor acknowledged, nor dropped."""
    (ack,) = of_kind(town.deliver(letter("Stand", ONE_OFFICE)), "acknowledgement")
    subject = f"Automatische Antwort: {ack['Subject']}"
    question = "Welche Halle meinen Sie?"
    assert town.deliver(reply_to(ack, question, subject=subject)) == []
    assert town.deliver(letter("Automatische Antwort: Parkausweis", question)) == []
    waiting = [each for each in town.reporting.digest().pending if "ein Automat" in each.reason]
    assert len(waiting) == 2
    assert len(town.ticket().letters) == 1


def test_who_may_be_a_managers_automat_gets_no_notice(town: City) -> None:
    """An answer to the digest that may be a machine's is answered by nobody."""
    town.deliver(letter("Stand", NO_OFFICE))
    digest = digest_of(town)
    subject = f"Automatische Antwort: {digest['Subject']}"
    assert town.deliver(reply_to(digest, "Was ist zu tun?", subject=subject)) == []


def test_our_own_mail_coming_back_is_a_receipt(town: City) -> None:
    """A copy of our mail settles its entry and opens no ticket."""
    town.deliver(letter("Stand", ONE_OFFICE))
    (receipt,) = town.wire.receipts
    assert town.deliver(receipt) == []
    assert len(town.store.references()) == 1


def test_a_lost_reply_of_the_server_is_settled_by_the_receipt(town: City) -> None:
    """Accepted, but the line broke before 250: the receipt proves it, and nothing goes twice."""
    town.deliver(letter("Stand", ONE_OFFICE))
    forward = forward_to([*map(_parse, town.wire.accepted)], BAU)
    town.wire.outcomes = [Unsure("line broke")]
    assert town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni.")) == []
    (lost,) = town.wire.unsure
    town.deliver(lost)
    town.wait(hours=2)
    assert of_kind(town.work(), "combined-answer") == []


def test_after_a_standstill_the_receipt_is_read_before_anything_goes_again(town: City) -> None:
    """Killed after the final dot, started hours later: the sending line waits for the mailbox."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    town.wire.outcomes = [Unsure("line broke")]
    town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    (answer,) = town.wire.unsure
    town.mailbox.folders["INBOX"].add(answer, town.now)
    town.wait(hours=3)
    before = len(town.wire.accepted)
    town.dispatch.send_due()
    assert len(town.wire.accepted) == before
    assert town.work() == []


def test_a_receipt_that_comes_by_lmtp_is_waited_for_as_long_as_an_mta_may_keep_it(
    town: City,
) -> None:
    """After a standstill the MTA's next try is an hour away: until then nothing goes twice."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    town.wire.outcomes = [Unsure("killed after the dot")]
    town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    town.wait(minutes=40)
    town.intake.reachable_since = town.now
    for _ in range(2):
        assert of_kind(town.work(), "combined-answer") == []
        assert town.reporting.digest().last_poll == town.now  # the mailbox is read all the same
        town.wait(minutes=30)
    town.intake.store(town.wire.unsure[0], town.now, None)
    town.wait(hours=1)
    assert of_kind(town.work(), "combined-answer") == []


def test_who_was_reachable_by_lmtp_for_long_waits_no_longer(town: City) -> None:
    """No receipt in seventy minutes: there is none, and the answer goes once more."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    town.wire.outcomes = [Unsure("killed after the dot")]
    town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    town.intake.reachable_since = None
    town.wait(hours=2)
    assert of_kind(town.work(), "combined-answer") == []
    town.intake.reachable_since = town.now
    town.wait(minutes=71)
    assert len(of_kind(town.work(), "combined-answer")) == 1


def test_an_unsure_mail_without_receipt_goes_out_once_more(town: City) -> None:
    """No receipt in thirty minutes: the same mail once more, same Message-ID, and an alert."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    town.wire.outcomes = [Unsure("line broke")]
    assert town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni.")) == []
    town.wait(minutes=20)
    assert town.work() == []
    town.wait(minutes=11)
    out = town.work()
    assert [mail["X-Mailflow-Kind"] for mail in out] == ["combined-answer", "alert"]
    town.wait(hours=5)
    assert town.work() == []


def test_one_refused_mail_holds_up_no_other(town: City) -> None:
    """5xx fails that mail and asks the deputy, the manager reads it, and the rest goes out."""
    town.wire.outcomes = [Rejected("550 no such user")]
    out = town.deliver(letter("Stand", ONE_OFFICE))
    kinds = sorted(str(mail["X-Mailflow-Kind"]) for mail in out)
    assert kinds == ["acknowledgement", "alert", "forward"]
    assert to_of(of_kind(out, "forward")[0]) == DEPUTY
    digest = digest_of(town)
    assert "550 no such user" in str(digest.get_body(("plain",)).get_content())  # type: ignore[union-attr]


def test_a_copy_in_the_same_folder_is_counted_and_decided_once(town: City) -> None:
    """The same mail twice in the mailbox opens one ticket; both mails are accounted for."""
    mail = letter("Stand", ONE_OFFICE)
    assert len(town.deliver(mail)) == 2
    assert town.deliver(mail) == []
    counts = town.reporting.digest().counts_total
    assert (counts.mails_in, counts.tickets, counts.events) == (2, 1, 1)
    assert counts.balanced


def test_a_mail_taken_out_of_quarantine_by_hand_is_read(
    town: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person drags it back into the inbox, or a gateway delivers it again: nobody had read it."""
    with monkeypatch.context() as faulty:
        error = TemplateError("forward.txt is faulty")
        faulty.setattr(Composer, "compose_all", Mock(side_effect=error))
        assert town.deliver(letter("Stand", ONE_OFFICE)) == []
    ((raw, _),) = town.mailbox.folders["Quarantine"].mails.values()
    town.mailbox.folders["Quarantine"].mails.clear()
    town.wait(hours=2)
    assert sorted(mail["X-Mailflow-Kind"] for mail in town.deliver(raw)) == [
        "acknowledgement",
        "forward",
    ]
    assert town.deliver(raw) == []


@pytest.mark.parametrize("days", [2, 300])
def test_the_same_words_of_a_web_form_days_later_wait(town: City, days: int) -> None:
    """Without Date and Message-ID they may be a new inquiry, but not within three days."""
    raw = (
        f"From: Sabine Muster <{COMPANY}>\r\nTo: {CENTRAL}\r\nSubject: Rueckruf\r\n\r\n"
        "Bitte rufen Sie uns wegen unseres Bauantrags zurueck, 0123 456.\r\n"
    ).encode()
    assert town.deliver(raw)
    town.wait(days=days)
    assert town.deliver(raw) == []
    assert "Webformular" in body_of(digest_of(town)) or days == 2


def test_the_central_address_in_copy_opens_no_ticket_for_our_own_mail(town: City) -> None:
    """A mail that claims to come from ourselves is held, not answered."""
    assert town.deliver(letter("x", ONE_OFFICE, sender=CENTRAL)) == []
    assert town.store.references() == []


def _acknowledged(town: City, *mails: bytes) -> list[bool]:
    return [bool(of_kind(town.deliver(mail), "acknowledgement")) for mail in mails]


OUTLOOK = (
    "\n-----Ursprüngliche Nachricht-----\nVon: KAM <unternehmen@stadt.example.org>\n"
    "Gesendet: Dienstag, 24. November 2026 09:00\nAn: Sabine Muster\nBetreff: Stand\n\n"
)


def _sent_back(mail: EmailMessage, above: str = "", below: str = "") -> bytes:
    return letter(f"WG: {mail['Subject']}", f"{above}{OUTLOOK}{body_of(mail)}{below}")


def test_an_address_that_forwards_back_to_us_starts_nothing(town: City) -> None:
    """Each of our mails comes back as the company's: no office is asked because of it."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (ack,) = of_kind(out, "acknowledgement")
    assert town.deliver(_sent_back(ack)) == []
    (answer,) = town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    assert town.deliver(_sent_back(answer)) == []
    assert town.ticket().state == "answered"
    assert len(town.ticket().letters) == 1


@pytest.mark.parametrize("where", ["above", "below"])
def test_a_word_beside_our_mail_is_a_letter(town: City, where: str) -> None:
    """Whatever somebody wrote above or below the mail he sends back is passed on."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (ack,) = of_kind(out, "acknowledgement")
    raw = _sent_back(ack, **{where: "\nBitte auch Halle 5 prüfen.\n"})
    (further,) = town.deliver(raw)
    assert further["X-Mailflow-Kind"] == "forward"
    assert "Halle 5" in body_of(further)


@pytest.mark.parametrize("size", [9_000, 90_000])
@pytest.mark.parametrize("frame", ["", OUTLOOK])
def test_a_picture_pasted_above_our_mail_is_an_answer(town: City, size: int, frame: str) -> None:
    """Who is asked for a photo and sends nothing else back has answered, in whatever size."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    asked = "Rückfrage\nBitte schicken Sie uns ein Foto der Halle."
    (question,) = of_kind(town.deliver(reply_to(forward, asked)), "question")
    mail = parse(reply_to(question, ""))
    mail.set_content(f"{frame}{body_of(question)}")
    photo = b"\x89PNG\r\n\x1a\n" + b"x" * size
    mail.add_attachment(
        photo, maintype="image", subtype="png", filename="image001.png", disposition="inline"
    )
    (further,) = of_kind(town.deliver(mail.as_bytes(policy=SMTP)), "forward")
    assert photo in [part.get_payload(decode=True) for part in further.walk()]
    assert town.ticket().state == "consulting"


def test_a_stranger_gets_one_acknowledgement_a_day(town: City) -> None:
    """Who has proven nothing gets one, so that a forged sender hears of it once; all are served."""
    mails = [letter(f"Stand {n}", ONE_OFFICE) for n in range(3)]
    assert _acknowledged(town, *mails) == [True, False, False]
    assert len(town.store.references()) == 3
    town.wait(days=1)
    assert _acknowledged(town, letter("Stand 4", ONE_OFFICE)) == [True]


def test_who_has_written_back_gets_two_a_day(town: City) -> None:
    """A reply into a ticket shows that the sender reads what is sent to him."""
    (ack,) = of_kind(town.deliver(letter("Stand", ONE_OFFICE)), "acknowledgement")
    town.deliver(reply_to(ack, "Nachtrag: Halle 5 auch."))
    mails = [letter(f"Stand {n}", ONE_OFFICE) for n in range(3)]
    assert _acknowledged(town, *mails) == [True, False, False]


def test_nothing_automatic_goes_upon_the_null_path_or_to_a_list(town: City) -> None:
    """RFC 3834 §2: such mails open tickets like others, and nobody answers them by himself."""
    for number, headers in enumerate(
        (
            {"Return_Path": "<>"},
            {"List_Id": "<verteiler.example>"},
            {"List_Post": "<mailto:verteiler@x.example>"},
            {"Precedence": "list"},
            {"X_Auto_Response_Suppress": "DR, OOF, AutoReply"},
            {"X_Loop": "helpdesk"},
        )
    ):
        sender = f"person@verein{number}.example"
        assert _acknowledged(town, letter("Stand", ONE_OFFICE, sender=sender, **headers)) == [False]
    assert len(town.store.references()) == 6


def test_a_mail_that_says_it_is_not_automatic_is_a_persons(town: City) -> None:
    """RFC 3834 §5: the word may bear a comment."""
    assert _acknowledged(town, letter("x", ONE_OFFICE, Auto_Submitted="no (by hand)")) == [True]


def _parse(sent: tuple[str, str, bytes]) -> EmailMessage:
    from tests.flow.city import parse  # noqa: PLC0415 - beside its only use

    return parse(sent[2])


_ = SMTP


@pytest.mark.parametrize("refused", [False, True])
def test_what_only_a_lost_digest_named_the_next_one_names(town: City, *, refused: bool) -> None:
    """A digest that its one reader's server refuses or sends back has told nobody of anything."""
    code = "Your verification code is 483920"
    town.deliver(letter("Ihr Bestätigungscode", code, sender="no-reply@dienst.example"))
    if refused:
        town.wire.outcomes = [Rejected("550 5.1.1 unknown")]
        assert town.reporting.send()
        town.work()
    else:
        digest = digest_of(town)
        assert "dienst.example" in body_of(digest)
        town.deliver(_bounce(MANAGER, str(digest["Message-ID"])))
    named = []
    for _ in range(2):
        town.wait(days=1)
        named.append("dienst.example" in body_of(digest_of(town)))
    assert named == [True, False]


def test_a_digest_that_one_manager_got_has_named_what_it_named(town: City) -> None:
    """Of two readers one is lost: what the other has read is not news the next day."""
    _with_two_managers(town)
    code = "Your verification code is 483920"
    town.deliver(letter("Ihr Bestätigungscode", code, sender="no-reply@dienst.example"))
    assert town.reporting.send()
    digest = of_kind(town.work(), "digest")[0]
    town.deliver(_bounce(MANAGER, str(digest["Message-ID"])))
    town.wait(days=1)
    assert town.reporting.send()
    assert not any("dienst.example" in body_of(each) for each in of_kind(town.work(), "digest"))


@pytest.mark.parametrize("kind", ["digest", "alert"])
def test_what_comes_back_from_a_manager_is_told_past_him(
    town: City, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    """His full mailbox is an error in the log, and the other manager and the second way have it.

    Once a day, and never by the mailbox that sends everything back.
    """
    _with_two_managers(town)
    second = Wire()
    town.dispatch._second_way = PastOutbox(
        town.reporting.alert_mails,
        [lambda: nullcontext(second)],  # type: ignore[list-item, return-value]
    )
    told = []
    for number in range(1 if kind == "digest" else 2):
        if kind == "digest":
            town.reporting.send()
        else:
            town.reporting.alert(f"trial {number}", "Etwas ist zu sehen.")
        (sent,) = [each for each in of_kind(town.work(), kind) if to_of(each) == MANAGER]
        told += town.deliver(_bounce(MANAGER, str(sent["Message-ID"])))
    assert [to_of(each) for each in told] == [SECOND]
    assert f"Eine Mail an {MANAGER} ist nicht zustellbar" in " ".join(
        str(told[0]["Subject"]).split()
    )
    assert f"{kind} to {MANAGER} reached nobody" in caplog.text
    assert [who for _, who, _ in second.accepted] == [MANAGER, SECOND]


def _with_two_managers(town: City) -> None:
    town.policy = replace(town.policy, managers=(MANAGER, SECOND))
    for part in (town.deciding, town.reporting, town.chasing):
        part._policy = town.policy
