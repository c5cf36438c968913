"""Answers written between the lines of our mail, below a mail program's header, are not lost."""

import email.policy
import textwrap
from email.message import EmailMessage

import pytest

from tests.flow.city import ONE_OFFICE, City, body_of, forward_to, letter, of_kind, reply_to

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
