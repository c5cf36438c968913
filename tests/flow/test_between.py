"""Answers written between the lines of our mail, below a mail program's header, are not lost."""

import email.policy
import textwrap
import time
from email.message import EmailMessage

import pytest

from mailflow.core.between import with_answers_added
from mailflow.core.message import Message
from tests.flow.city import (
    COMPANY,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    body_of,
    forward_to,
    letter,
    of_kind,
    reply_to,
)

BAU = "bauaufsicht@stadt.example.org"
POLITE = "Guten Tag,\n\ngern beantworten wir die Fragen.\n\nMit freundlichen Grüßen\nB. Bau\n"
ASKED = "auf Nutzungsänderung?"


def _forward(town: City) -> EmailMessage:
    return forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)


def _head(mail: EmailMessage) -> str:
    return (
        f"\nVon: KAM <{mail['Reply-To']}>\nGesendet: Dienstag, 24. November 2026 09:00\n"
        f"An: {mail['To']}\nBetreff: {mail['Subject']}\n\n"
    )


def _below(mail: EmailMessage, text: str, quoted: str) -> bytes:
    """Answer as Outlook does: a header, and the mail under it without any mark."""
    return reply_to(mail, text + _head(mail) + quoted, quote=False)


def _in_html(mail: EmailMessage, text: str, *, change: tuple[str, str] = ("", "")) -> bytes:
    """Answer in HTML alone, with the HTML of our mail below."""
    part = mail.get_body(("html",))
    assert part is not None
    quoted = str(part.get_content()).replace(*change) if change[0] else str(part.get_content())
    above = "".join(f"<p>{line}</p>" for line in (text + _head(mail)).split("\n") if line)
    reply = EmailMessage(policy=email.policy.SMTP)
    for name, value in (("From", mail["To"]), ("To", mail["Reply-To"])):
        reply[name] = str(value)
    reply["Subject"] = f"AW: {mail['Subject']}"
    reply["Message-ID"] = "<html@office.example>"
    reply.set_content(f"<html><body>{above}{quoted}</body></html>", subtype="html")
    return reply.as_bytes()


@pytest.mark.parametrize("answer", ["\nIm Juni.", " Im Juni.", "\nNein"])
def test_an_offices_answer_between_our_lines_waits(town: City, answer: str) -> None:
    """Polite words on top are not all: the manager sees the mail before anything goes out."""
    forward = _forward(town)
    quoted = body_of(forward).replace(ASKED, ASKED + answer)
    assert town.deliver(_below(forward, POLITE, quoted)) == []
    (hold,) = town.ticket().holds
    assert hold.reason == "quotes"


def test_an_answer_between_the_lines_of_our_html_waits(town: City) -> None:
    """Outlook quotes the HTML of our mail, and answers stand in that as well."""
    raw = _in_html(_forward(town), POLITE, change=(ASKED, f"{ASKED}<p>Im Juni.</p>"))
    assert town.deliver(raw) == []
    assert [hold.reason for hold in town.ticket().holds] == ["quotes"]


def test_a_companys_answer_between_our_lines_reaches_the_office(town: City) -> None:
    """What an office asked is answered below the question itself: all of it goes on."""
    question = "Wie hoch wird die Halle?"
    (asked,) = town.deliver(reply_to(_forward(town), f"Rückfrage\n{question}"))
    quoted = body_of(asked).replace(question, f"{question}\n9,50 m")
    out = town.deliver(_below(asked, POLITE, quoted))
    assert "9,50 m" in body_of(forward_to(out, BAU))


@pytest.mark.parametrize("width", [0, *range(48, 78, 2)])
def test_our_mail_quoted_as_it_was_holds_nothing_new(town: City, width: int) -> None:
    """However its lines are wrapped, and whatever hangs below it, the answer goes out."""
    forward = _forward(town)
    lines = body_of(forward).split("\n")
    wrapped = [part for line in lines for part in (textwrap.wrap(line, width or 10_000) or [""])]
    quoted = "\n".join(wrapped).replace(BAU, f"{BAU}<mailto:{BAU}>")
    out = town.deliver(_below(forward, "Im Juni.", f"{quoted}\n\nDiese Mail wurde geprüft.\n"))
    assert of_kind(out, "combined-answer")


def test_our_html_quoted_as_it_was_holds_nothing_new(town: City) -> None:
    """Our mail reads otherwise in HTML, and is ours all the same."""
    assert of_kind(town.deliver(_in_html(_forward(town), "Im Juni.")), "combined-answer")


SIGNATURE = "\n\nVertrieb\nSabine Muster\nMustermann Montagetechnik GmbH\nTel. 0511 99\n"
NOTICE = "\nBitte beachten Sie unsere Hinweise.\nMit freundlichen Grüßen\nIm Auftrag\nK. Meier\n"


def _combined(town: City) -> EmailMessage:
    out = town.deliver(letter("Stand", TWO_OFFICES))
    town.deliver(reply_to(forward_to(out, BAU), "Eine Nutzungsänderung ist nicht nötig."))
    umwelt = forward_to(out, "umweltamt@stadt.example.org")
    (combined,) = of_kind(
        town.deliver(reply_to(umwelt, "Nachts gelten 45 dB(A).")), "combined-answer"
    )
    return combined


@pytest.mark.parametrize("changed", [("", ""), ("Nachts gelten", "Ist das viel?\nNachts gelten")])
def test_no_office_reads_our_answer_as_the_companys_words(
    town: City, changed: tuple[str, str]
) -> None:
    """Whatever hangs below or stands within the quote, only what the company wrote goes on."""
    combined = _combined(town)
    quoted = body_of(combined).replace(*changed) if changed[0] else body_of(combined)
    above = "Gilt die Nutzungsänderung auch für Halle 6?"
    sender = f"Sabine Muster <{COMPANY}>"
    mail = reply_to(
        combined, above + _head(combined) + quoted + SIGNATURE, sender=sender, quote=False
    )
    forwards = [body_of(each) for each in of_kind(town.deliver(mail), "forward")]
    assert forwards
    for body in forwards:
        assert above in body
        assert ("Ist das viel?" in body) == bool(changed[0])
        assert "Nachts gelten" not in body
        assert "Gesendet:" not in body
        assert body.count("Bitte oberhalb") == 1


@pytest.mark.parametrize("below", [NOTICE, SIGNATURE, "\n\nMit freundlichen Grüßen\nK. Meier\n"])
def test_what_hangs_below_our_mail_is_no_answer(town: City, below: str) -> None:
    """A signature or a notice below the quote holds no plain answer."""
    forward = _forward(town)
    out = town.deliver(_below(forward, "Im Juni.", body_of(forward) + below))
    assert of_kind(out, "combined-answer")


def test_two_of_our_mails_below_one_another_hold_nothing_new(town: City) -> None:
    """The header between a reminder and the forward is no answer."""
    forward = _forward(town)
    town.wait(days=3)
    town.chasing.remind()
    (reminder,) = town.work()
    quoted = body_of(reminder) + _head(forward) + body_of(forward)
    assert of_kind(town.deliver(_below(reminder, "Im Juni.", quoted)), "combined-answer")


@pytest.mark.parametrize("umlauts", ["????", "\ufffd" * 4])
def test_umlauts_a_gateway_lost_hold_nothing_new(town: City, umlauts: str) -> None:
    """Our mail is ours in whatever letters it comes back."""
    forward = _forward(town)
    quoted = body_of(forward).translate(str.maketrans("äöüß", umlauts))
    assert of_kind(town.deliver(_below(forward, "Im Juni.", quoted)), "combined-answer")


def test_umlauts_written_as_two_letters_hold_nothing_new(town: City) -> None:
    """Nor does a mail program change our words that knows no umlauts."""
    forward = _forward(town)
    letters = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
    quoted = body_of(forward).translate(letters)
    assert of_kind(town.deliver(_below(forward, "Im Juni.", quoted)), "combined-answer")


def test_answers_are_looked_for_in_linear_time() -> None:
    """Hostile quotes of long mails of ours cost no more than their length."""
    marker = "## Bitte oberhalb dieser Zeile antworten ##\n"
    ours = tuple(3 * f"{marker}{'an das Amt ' * 9_000}\n{end}" for end in "abc")
    start = time.perf_counter()
    for piece in ("an das\n", "an das Amt x\n", "x\n", "das Amt an y\n", "? ", "an das Amt an z "):
        text = marker + piece * (60_000 // len(piece)) + "\nan das Amt an das Amt\n"
        with_answers_added(Message(text=text, reply_text="Ja."), ours, "kam@stadt.example")
    assert time.perf_counter() - start < 30
