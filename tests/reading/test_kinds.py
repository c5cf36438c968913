"""Who is speaking: persons, automatic answers, failures, reports, lists, ourselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.core.message import LANGUAGES, Kind, Message
from mailflow.reading import read
from mailflow.reading.language import _WORDS, language_of

DAEMON = "From: Mail Delivery System <MAILER-DAEMON@mx.example>\nReturn-Path: <>\n"
PERSON = "From: Erika Beispiel <e@firma.example>\nTo: unternehmen@stadt.example\n"
AWAY = "Guten Tag,\n\nich bin bis 30.05. nicht im Büro. Ihre E-Mail wird nicht weitergeleitet.\n"


def mail(headers: str, body: str = "Guten Tag, anbei der Plan.\n") -> Message:
    """Read a mail of these headers and this body."""
    return read(f"{headers}Date: Mon, 18 May 2026 09:12:00 +0200\n\n{body}".encode())


@pytest.mark.parametrize(
    "headers",
    [
        "Auto-Submitted: auto-replied\n",
        'Auto-Submitted: auto-replied; owner-email="a@b"\n',
        "X-Autoreply: yes\n",
        "Precedence: auto_reply\n",
        "Subject: Automatische Antwort: Anfrage\n",
        "Subject: [KAM-7K3Q-9F2M] Automatic reply: request\n",
        "Subject: Out of Office: request\n",
        "Subject: =?utf-8?q?R=C3=A9ponse_automatique?= : x\n",
        "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\nReturn-Path: <>\n",
        "Auto-Submitted: auto-generated\nIn-Reply-To: <a@b>\nSubject: Ihr Ticket 4711\n",
        "From: vacation@firma.example\nReturn-Path: <>\n",
        "Precedence: bulk\nAuto-Submitted: auto-generated\nIn-Reply-To: <a@b>\n",
        "From: autoreply@firma.example\n",
        *(
            f"Subject: {subject}: x\nAuto-Submitted: auto-generated\nIn-Reply-To: <a@b>\n"
            for subject in (
                "Automatická odpověď",
                "Automatická odpoveď",
                "Automatikus válasz",
                "Răspuns automat",
                "Автоматический ответ",
                "Автоматична відповідь",
                "Автоматичен отговор",
                "Automatisk svar",
                "Automatski odgovor",
                "Αυτόματη απάντηση",
            )
        ),
        "Subject: Abwesenheitsnotiz\nReturn-Path: <>\n",
    ],
)
def test_automatic_answers(headers: str) -> None:
    """What says by header or subject that a machine answered is an automatic answer."""
    assert mail(headers + PERSON).kind == Kind.AUTO_REPLY


@pytest.mark.parametrize(
    "body",
    [
        (
            "Ich kehre zurück am 29.05.2026.\n\nHinweis: Dies ist eine automatische Antwort auf "
            'Ihre Nachricht "Halle".\n'
        ),
        'This is an automated response to your message "Hall" sent on 18.05.2026.\n',
        (
            "Vielen Dank für Ihre Anfrage. Wir haben Ihre Nachricht erhalten und melden uns.\n"
            "Diese E-Mail wurde automatisch erstellt.\n"
        ),
    ],
)
def test_automatic_answers_by_their_text(body: str) -> None:
    """What says in its text that a machine answered is one, whatever its subject."""
    assert mail(f"Subject: Re: Halle\n{PERSON}", body).kind == Kind.AUTO_REPLY


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ("Auto-Submitted: no\n", "Der Plan ist da.\n"),
        ("Auto-Submitted: no (typed)\n", "Der Plan ist da.\n"),
        # what a rule in a shared mailbox passed on; its own answers say Auto-Submitted too
        ("X-MS-Exchange-Inbox-Rules-Loop: a@b.example\n", "Der Plan ist da.\n"),
        ("Subject: AW: Automatische Antwort: Anfrage\n", "Der Antrag ist genehmigt.\n"),
        ("Subject: Urlaubsplanung im Bauamt\n", "Wann sind Sie nicht im Büro?\n"),
        ("Subject: Ihre Abwesenheit\n", "Wer vertritt Sie, wenn Sie abwesend sind?\n"),
        ("Subject: Returned goods\n", "Wir senden die Ware zurück.\n"),
        ("Subject: Undeliverable\n", "Können Sie unser Paket annehmen?\n"),
        ("Subject: Gelesen und verstanden\n", "Ich habe alles gelesen.\n"),
        ("Subject: Report\n", "Anbei der Bericht.\n"),
        ("Subject: Gelöscht: unser Eintrag im Register\n", "Bitte stellen Sie ihn wieder her.\n"),
        ("Subject: Read: noise limits at night\n", "Which ones hold for our site?\n"),
        ("Subject: Gelesen: Ihre Satzung\n", "Wann wurde Ihre Satzung gelesen und beschlossen?\n"),
        ("Subject: Lesebestätigung und Frist\n", "Bitte bestätigen Sie die Frist.\n"),
        ("Subject: DMARC report\n", "Your mails fail DMARC, whom may we tell?\n"),
        ("Subject: Abwesenheitsmeldung: wie melden wir Beschäftigte?\n", "Wo geht das?\n"),
        ("Subject: Abwesend: Herr Kern\n", "Wer ist jetzt für die Halle zuständig?\n"),
        ("Subject: Automatic response systems for sprinklers\n", "Must we install them?\n"),
        ("From: vacation@ostsee.example\n", "Wir planen zwölf Ferienwohnungen.\n"),
        ("From: vacation-rentals@ostsee.example\n", "Wir planen zwölf Ferienwohnungen.\n"),
        ("From: autoreply-software@firma.example\n", "Wir suchen ein Grundstück.\n"),
        (
            "From: Mail System GmbH <info@a.example>\nSubject: Fehler bei der Zustellung\n",
            "Ihr Bescheid ging an unsere alte Anschrift.\n",
        ),
        (
            "From: Mail Server Service <mail@a.example>\nSubject: Zustellfehler\n",
            "Ihr Bescheid ging an unsere alte Anschrift.\n",
        ),
        (
            "From: postmaster@a.example\nSubject: Zustellbericht\n",
            "Der Zustellbericht der Post zu Ihrem Bescheid liegt bei.\n",
        ),
        (
            "From: postmaster-office@a.example\nSubject: Mail error\n",
            "The letter from 3 May names the wrong plot.\n",
        ),
        ("Subject: Ticket 7\n", "Mein Ticket ist ungelöst, bitte rufen Sie an.\n"),
        ("List-Id: <bau.stadt.example>\nPrecedence: list\n", "Wer übernimmt?\n"),
        ("X-Auto-Response-Suppress: OOF\n", "Der Plan ist da.\n"),
        # Amazon SES and customer databases put them on single letters
        ("Feedback-ID: 1.eu-central-1.abc=:AmazonSES\n", "Der Plan ist da.\n"),
        ("X-Campaign-Id: 7\n", "Der Plan ist da.\n"),
        (
            "Return-Path: <e@firma.example>\n",
            "Die Mail konnte nicht zugestellt werden, 550 5.1.1\n",
        ),
    ],
)
def test_persons(headers: str, body: str) -> None:
    """A person who speaks of machines, holidays or failures stays a person."""
    assert mail(headers + PERSON, body).kind == Kind.PERSONAL


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        (
            "Eingangsbestätigung für unseren Bauantrag vom 3. November",
            (
                "Bisher haben wir nur eine automatische Eingangsbestätigung erhalten. Wann dürfen "
                "wir mit der Genehmigung rechnen?\n"
            ),
        ),
        (
            "Ticket 4711 Handwerkerparken",
            (
                "Ihr Portal schickt nur: Bitte antworten Sie nicht auf diese E-Mail. Wir brauchen "
                "aber den Parkausweis.\n"
            ),
        ),
        (
            "Abwesend beim Ortstermin",
            "Am Ortstermin 1.12. bin ich nicht im Haus. Bitte neuen Termin vorschlagen.\n",
        ),
        (
            "Gelöscht: Eintrag im Branchenbuch",
            (
                "Ihre Nachricht zum Bauantrag wurde bei uns leider gelöscht. Bitte schicken Sie "
                "den Bescheid noch einmal.\n"
            ),
        ),
        (
            "Ihre Nachricht vom 3.11. haben wir erhalten",
            (
                "Das war eine automatisch erstellte Mitteilung. Wir haben längst bezahlt. Bitte "
                "prüfen Sie das.\n"
            ),
        ),
        (
            "Bestätigung Ihrer Nachricht",
            (
                "Zu Ihrer automatisch erstellten Nachricht: Wir bestätigen den Termin und bitten "
                "um Verlegung des Gehwegs.\n"
            ),
        ),
    ],
)
def test_who_asks_or_wants_something_is_a_person(subject: str, body: str) -> None:
    """A machine's words in subject and text are a person's where he asks for something."""
    message = mail(f"Subject: {subject}\n{PERSON}", body)
    assert (message.kind, message.perhaps_machine) == (Kind.PERSONAL, False)


@pytest.mark.parametrize(
    "headers",
    [
        "Auto-Submitted: auto-replied\n",
        "Return-Path: <>\n",
        "From: autoreply@a.example\n",
    ],
)
def test_whatever_a_stated_machine_asks_it_is_a_machine(headers: str) -> None:
    """Where a header, the path or the address says so, a question makes no person of it."""
    text = "Welche Halle meinen Sie? Wir brauchen den Lageplan. Bitte antworten Sie nicht auf "
    text += "diese automatisch erstellte E-Mail.\n"
    headers = f"{headers}Subject: Ihr Ticket #4711\n{PERSON}"
    assert mail(headers, text).kind in {Kind.AUTO_REPLY, Kind.BULK}


@pytest.mark.parametrize(
    "question",
    [
        "Haben Sie noch Fragen? Rufen Sie uns an.",
        "Wie geht es jetzt weiter? Wir melden uns.",
        "Bitte haben Sie etwas Geduld, wir bitten um Ihr Verständnis.",
        "Bitte senden Sie diese Nachricht nicht noch einmal.",
        "Wir benötigen dafür einige Tage.",
        "Verfolgen können Sie es unter https://x.example/ticket?id=4711&a=b .",
    ],
)
def test_what_every_receipt_says_makes_no_person_of_it(question: str) -> None:
    """A receipt's stock questions and requests are a machine's."""
    text = (
        f"Wir haben Ihre Anfrage erhalten. {question}\nDiese E-Mail wurde automatisch erstellt.\n"
    )
    headers = f"Subject: Eingangsbestätigung\nIn-Reply-To: <a@b>\n{PERSON}"
    assert mail(headers, text).kind == Kind.AUTO_REPLY


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ("Subject: Automatische Antwort: Parkausweis\n", "Was fehlt denn für den Parkausweis?\n"),
        (
            "Subject: Ticket 4711\nIn-Reply-To: <a@b>\n",
            "Welche Halle meinen Sie? Diese E-Mail wurde automatisch erstellt.\n",
        ),
        (
            "Subject: Re: Halle\n",
            (
                "Wir haben Ihre Anfrage erhalten: Der Antrag ist genehmigt. Diese Nachricht wurde "
                "automatisch erstellt.\n"
            ),
        ),
        ("Subject: Re: Halle\n", f"45 dB(A)\n\n{AWAY}"),
        # what a rule passes on is marked like this, too, and what a form sends
        ("Auto-Submitted: auto-generated\nIn-Reply-To: <a@b>\n", "Anbei der Plan.\n"),
        ("X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\n", "Anbei der Plan.\n"),
        (
            "From: noreply@a.example\nSubject: Antrag\n",
            "Hiermit beantragen wir den Ausweis. Diese E-Mail wurde automatisch erstellt.\n",
        ),
    ],
)
def test_who_may_be_person_or_machine_is_told_apart_by_nobody(headers: str, body: str) -> None:
    """A person's words in what looks like a machine's answer are flagged, never dropped."""
    message = mail(f"{headers}{PERSON}", body)
    assert (message.kind, message.perhaps_machine) == (Kind.PERSONAL, True)


@pytest.mark.parametrize("above", ["", "Guten Tag,\n\n", "Automatische Antwort\n\n"])
def test_a_greeting_above_a_note_is_no_answer(above: str) -> None:
    """What stands above every absence note leaves it one."""
    assert mail(f"Subject: Re: Halle\n{PERSON}", f"{above}{AWAY}").kind == Kind.AUTO_REPLY


@pytest.mark.parametrize(
    "headers",
    [
        "List-Unsubscribe: <https://x.example>\n",
        "Precedence: bulk\n",
        "X-Mailing-List: all@x.example\nFeedback-ID: 1:campaign\n",
        "From: no-reply@sns.example\nFeedback-ID: 1.us-west-2.abc=:AmazonSES\n",
        "Auto-Submitted: auto-generated\n",
    ],
)
def test_bulk(headers: str) -> None:
    """Newsletters and what machines send unasked are bulk."""
    assert mail(headers + PERSON).kind == Kind.BULK


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (
            'Content-Type: multipart/report; report-type="disposition-notification"; boundary=x\n',
            "",
        ),
        ("Content-Type: multipart/report; report-type=feedback-report; boundary=x\n", "x"),
        ("Subject: Report Domain: stadt.example Submitter: mail.example\n", "x"),
        ("Subject: Gelesen: Anfrage\nReturn-Path: <>\n", "x"),
        ("Subject: Not read: request\nAuto-Submitted: auto-generated\n", "x"),
        ("Subject: Gelesen: Anfrage\n", ""),
        (
            "Subject: Gelesen: Anfrage\n",
            (
                "Ihre Nachricht\n\n  An: e@firma.example\n  Betreff: Anfrage\n"
                "  Gesendet: 18.05.2026 09:12\n\nwurde am 18.05.2026 09:30 gelesen.\n"
            ),
        ),
        (
            "Subject: Read: request\n",
            (
                "Your message\n\n  To: e@firma.example\n  Subject: request\n\n"
                "was read on 18 May 2026 09:30.\n"
            ),
        ),
        (
            "Subject: Lesebestätigung: Anfrage\n",
            "Dies ist eine Lesebestätigung für die Mail, die Sie gesendet haben.\n",
        ),
    ],
)
def test_reports(headers: str, body: str) -> None:
    """Receipts and reports of machines are reports, even without their parts."""
    assert mail(headers + PERSON, body).kind == Kind.REPORT


@pytest.mark.parametrize(
    ("subject", "notice", "recipient"),
    [
        ("Mail System Error", "<a@b.example>: unknown user\n", "a@b.example"),
        ("Undelivered Mail", "  a@b.example\n    550 5.1.1 User unknown\n", "a@b.example"),
        ("Returned mail", "554 <a@b.example>... Host unknown\n", "a@b.example"),
        ("Failure notice", "Recipient: [a@b.example]\nmailbox full\n", "a@b.example"),
        ("Unzustellbar: X", "Empfänger: a@b.example\nunbekannt\n", "a@b.example"),
        ("Nicht zugestellt: X", "• a@b.example (Postfach voll)\n", "a@b.example"),
        ("Undeliverable", "Your mail to a@b.example was rejected.\n", "a@b.example"),
        ("Delivery failure", "RCPT TO:<a@b.example>\n550 no such user\n", "a@b.example"),
        ("Onbestelbaar: X", "a@b.example\nis niet bezorgd.\n", "a@b.example"),
    ],
)
def test_failures_in_words(subject: str, notice: str, recipient: str) -> None:
    """A mail system's own words name the recipient that failed, in many forms and languages."""
    text = f"This is the mail system.\nFor help write to postmaster@mx.example.\n\n{notice}"
    message = mail(f"{DAEMON}To: us@stadt.example\nSubject: {subject}\n", text)
    assert (message.kind, message.failed_recipients) == (Kind.BOUNCE, (recipient,))


def test_a_notice_that_returns_the_headers_of_a_mail_is_one_whoever_sends_it() -> None:
    """Without a mail system's name, a code or an address, the way of the mail returned tells."""
    text = (
        "Your mail cannot be delivered to the following address(es):\n\n dylan (mail box full)\n\n"
        "---- Header of the source mail attached ----\n\n"
        "Received: from mx.a.example by mail.a.example; Tue, 6 Feb 2001 06:41:26 -0000\n"
    )
    message = mail(f"Subject: Mail Error\n{PERSON}", text)
    assert (message.kind, message.by_words) == (Kind.BOUNCE, True)


def test_words_without_whole_address_are_left_to_the_library() -> None:
    """Where a notice names no whole address, flufl.bounce is asked."""
    text = (
        "Your mail to the following recipients could not be delivered because they are not "
        "accepting mail from us@stadt.example:\n\tscreenname\n"
    )
    headers = "From: MAILER-DAEMON@AOL.com\nTo: us@stadt.example\nSubject: Mail Delivery Problem\n"
    assert mail(headers, text).failed_recipients == ("screenname@aol.com",)


@pytest.mark.parametrize(
    ("status", "kind", "given_up"),
    [
        ("Action: failed\nStatus: 5.1.1", Kind.BOUNCE, True),
        ("Action: failed\nStatus: 4.4.7", Kind.BOUNCE, True),
        ("Action: expired\nStatus: 5.0.0", Kind.BOUNCE, True),
        ("Action: delayed\nStatus: 4.4.1", Kind.DELAY, False),
        ("Action: relayed\nStatus: 2.0.0", Kind.REPORT, False),
    ],
)
def test_delivery_status(status: str, kind: Kind, given_up: bool) -> None:
    """The action says whether anybody tries again, whatever the code."""
    headers = f"{DAEMON}Content-Type: multipart/report; report-type=delivery-status; boundary=x\n"
    body = (
        "--x\n\nNotice\n--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
        f"Original-Recipient: rfc822;a@b.example\nFinal-Recipient: rfc822; c@d.example\n{status}\n"
        "--x--\n"
    )
    message = mail(headers, body)
    assert (message.kind, message.given_up) == (kind, given_up)
    assert message.failed_recipients == (() if kind == Kind.REPORT else ("a@b.example",))


def test_delay_in_words() -> None:
    """A warning that says it will try again is a delay and no failure."""
    text = "Delivery to a@b.example is delayed. You do not need to resend; we will keep trying.\n"
    message = mail(f"{DAEMON}Subject: Warning: message 1 delayed 24 hours\n", text)
    assert (message.kind, message.failed_recipients) == (Kind.DELAY, ("a@b.example",))


def test_given_up_is_no_delay() -> None:
    """A temporary code does not make a delay of what was given up."""
    text = "<a@b.example>:\n451 4.7.1 try later\nThis is a permanent error; I've given up.\n"
    assert mail(f"{DAEMON}Subject: failure notice\n", text).kind == Kind.BOUNCE


def test_own_mail() -> None:
    """Our header together with our form of id is ours; either alone is not."""
    ours = "X-Mailflow-Kind: digest\nMessage-ID: <mailflow.digest.x.y@stadt.example>\n"
    assert (mail(PERSON + ours).kind, mail(PERSON + ours).own_kind) == (Kind.OWN, "digest")
    header, message_id = ours.splitlines(keepends=True)
    assert mail(PERSON + header).kind == Kind.PERSONAL
    assert mail(PERSON + message_id).kind == Kind.PERSONAL


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wann ist die Genehmigung fertig?", "de"),
        ("When will the permit be ready?", "en"),
        ("Wanneer is de vergunning klaar? Met vriendelijke groet", "nl"),
        ("Ruhsat ne zaman hazır olacak? Teşekkür ederim", "tr"),
        ("Quand est-ce que le permis sera prêt? Merci et cordialement", "fr"),
        ("Kiedy będzie gotowe pozwolenie? Pozdrawiam", "pl"),
        ("许可证什么时候能办好?", "zh"),
        ("12345", ""),
        ("", ""),
    ],
)
def test_languages(text: str, language: str) -> None:
    """One sentence is enough to tell a language by its common words."""
    assert language_of(text) == language


def test_all_languages_that_are_told_are_named() -> None:
    """What an operator may write terms for is what a mail can be in: neither more nor less."""
    assert {*_WORDS, "zh"} == set(LANGUAGES)


def test_first_text_that_tells_the_language() -> None:
    """Where the new text does not tell, the whole one is asked."""
    assert language_of("ok", "Wann ist die Genehmigung fertig?") == "de"


@given(st.binary(max_size=400))
def test_reading_never_raises(raw: bytes) -> None:
    """Any bytes are a mail."""
    read(raw)
    read(DAEMON.encode() + b"Subject: Undeliverable\n\n" + raw)
    read(b"Content-Type: multipart/report; boundary=x\n\n--x\n" + raw + b"\n--x\n" + raw)
