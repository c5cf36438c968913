"""Two machines that answer each other come to an end, and people who repeat themselves are read."""

import email
import email.policy
from email.message import EmailMessage

from tests.flow.city import (
    COMPANY,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    forward_to,
    letter,
    of_kind,
    reply_to,
    to_of,
)

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"
_MACHINE = "Vielen Dank für Ihre E-Mail. Ihr Anliegen {} wird schnellstmöglich bearbeitet."


def _first(mails: list[EmailMessage], kind: str) -> EmailMessage | None:
    return next(iter(of_kind(mails, kind)), None)


def _answers(town: City, out: list[EmailMessage], company: list[str], office: str) -> int:
    """Let company and office answer each other; give how many answers the company got."""
    count = 0
    forward: EmailMessage | None = forward_to(out, BAU)
    for words in company:
        if forward is None:
            break
        answer = _first(town.deliver(reply_to(forward, office.format(count))), "combined-answer")
        if answer is None:
            break
        count += 1
        town.wait(minutes=20)
        forward = _first(town.deliver(reply_to(answer, words, quote=False)), "forward")
    return count


def test_a_company_s_machine_reopens_a_ticket_once(town: City) -> None:
    """The same words a second time, with another number, wait for the manager."""
    machine = [_MACHINE.format(f"Nr. {number}") for number in range(4711, 4717)]
    out = town.deliver(letter("Umnutzung", ONE_OFFICE))
    assert _answers(town, out, machine, "Juni, wie gesagt ({}).") == 2
    (hold,) = town.ticket().holds
    assert "derselbe Text" in hold.text


def test_a_machine_with_other_words_each_time_comes_to_an_end(town: City) -> None:
    """After two rounds in a day the manager looks at the third."""
    words = [f"Vielen Dank. {'sehr ' * number}gern geschehen, bis bald." for number in range(1, 9)]
    out = town.deliver(letter("Umnutzung", ONE_OFFICE))
    assert _answers(town, out, words, "Juni, wie gesagt ({}).") <= 3
    assert town.ticket().holds


def test_an_office_s_machine_answers_once(town: City) -> None:
    """An office that says the same again, but for a number, has perhaps a machine."""
    office = "Sehr geehrte Damen und Herren, Ihr Schreiben hat uns erreicht, Vorgang {}."
    out = town.deliver(letter("Umnutzung", ONE_OFFICE))
    words = ["Und wann genau im Juni kommt die Genehmigung?", "Und was kostet die Genehmigung?"]
    assert _answers(town, out, words, office) <= 1
    assert [hold.reason for hold in town.ticket().holds] == ["suspected"]


def test_an_interim_notice_may_be_repeated_with_a_later_day(town: City) -> None:
    """An office that needs longer once more is passed on in the same words."""
    forward = forward_to(town.deliver(letter("Umnutzung", ONE_OFFICE)), BAU)
    for day in ("04.12.2026", "11.12.2026"):
        words = f"Zwischennachricht\nWir prüfen das noch und melden uns bis {day}."
        assert of_kind(town.deliver(reply_to(forward, words)), "interim")


def test_a_letter_sent_twice_is_forwarded_once(town: City) -> None:
    """What the offices know to the letter they do not get again; nothing waits for that."""
    out = town.deliver(letter("Umnutzung", TWO_OFFICES))
    (ack,) = of_kind(out, "acknowledgement")
    more = "Die Halle ist 9,50 m hoch und hat zwei Tore nach Norden."
    assert len(of_kind(town.deliver(reply_to(ack, more)), "forward")) == 2
    town.wait(minutes=2)
    assert town.deliver(reply_to(ack, more)) == []
    assert not town.ticket().holds
    town.wait(days=3)
    assert len(of_kind(town.deliver(reply_to(ack, more)), "forward")) == 2


def test_the_same_words_answer_the_questions_of_two_offices(town: City) -> None:
    """A company that says to both what both have asked is passed on to both."""
    out = town.deliver(letter("Umnutzung", TWO_OFFICES))
    asked = [
        town.deliver(reply_to(forward_to(out, office), f"Rückfrage\nWie hoch ist {what}?"))[0]
        for office, what in ((BAU, "die Halle"), (UMWELT, "der Schornstein"))
    ]
    for question, office in zip(asked, (BAU, UMWELT), strict=True):
        assert to_of(question) == COMPANY
        words = "Die Halle ist 9,50 m hoch, der Schornstein ist 12 m hoch."
        (passed,) = town.deliver(reply_to(question, words))
        assert to_of(passed) == office


def test_a_forgotten_file_may_follow_in_the_same_words(town: City) -> None:
    """An office that sends its mail once more, now with the file, is no machine."""
    out = town.deliver(letter("Umnutzung", TWO_OFFICES))
    raw = reply_to(forward_to(out, BAU), "Anbei erhalten Sie unsere Stellungnahme zur Umnutzung.")
    assert town.deliver(raw) == []
    town.wait(minutes=5)
    again = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(again, EmailMessage)
    again.replace_header("Message-ID", "<again@office.example>")
    again.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="S.pdf")
    assert town.deliver(again.as_bytes(policy=email.policy.SMTP)) == []
    assert not town.ticket().holds
