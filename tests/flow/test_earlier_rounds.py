"""What waits from a round of an office that is over, while the company has asked it again."""

from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailflow.core.ticket import ConsultationState, HoldReason, TicketState
from tests.flow.city import (
    COMPANY,
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
from tests.flow.test_question_files import names_of_files, with_file

BAU = "bauaufsicht@stadt.example.org"
COLLEAGUE = "k.neu@stadt.example.org"
RECEIPT = (
    "Ihr Vorgang wurde im Fachverfahren unter 4711 angelegt. Der Sachbearbeiter prüft die "
    "Unterlagen zur Halle 4."
)
ANSWER = "Ja, eine Nutzungsänderung ist nötig."
MORE = "Das Formular gibt es im Bürgerbüro."
AGAIN = "Noch eine Frage zum Bauantrag: Brauchen wir einen Architekten?"
SECOND = "Ja, ein Entwurfsverfasser ist nötig."
NOTICE = "Zwischennachricht\nDie Prüfung dauert noch bis zum 18.12.2026."
_A, _S = ConsultationState, TicketState


def _asked_again(town: City, words: str, *, machine: bool = False, file: str = "") -> EmailMessage:
    """Let a mail of the office wait and the office answer; give the forward of the next letter."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.take_receipts()
    town.wait(hours=1)
    raw = reply_to(forward, words, sender="" if machine else COLLEAGUE, quote=False)
    raw = with_file(raw, file, b"%PDF form") if file else raw
    town.deliver(b"Auto-Submitted: auto-generated\r\n" + raw if machine else raw)
    town.wait(hours=1)
    town.deliver(reply_to(forward, ANSWER))
    town.wait(hours=1)
    return _company_asks(town)


def _company_asks(town: City) -> EmailMessage:
    again = letter(f"AW: [{town.ticket().reference}] Stand", AGAIN)
    forward = forward_to(town.deliver(again), BAU)
    town.take_receipts()
    town.wait(hours=1)
    return forward


def _ordered(town: City, order: str) -> list[EmailMessage]:
    town.wait(days=1)
    digest = digest_of(town)
    town.wait(hours=1)
    return town.deliver(reply_to(digest, f"{town.ticket().reference} {order}", quote=False))


def _to_company(mails: list[EmailMessage]) -> list[str]:
    return [str(each["X-Mailflow-Kind"]) for each in mails if to_of(each) == COMPANY]


def _states(town: City) -> list[ConsultationState]:
    return [part.state for part in town.ticket().consultations]


def _answered_twice(town: City) -> list[EmailMessage]:
    forward = _asked_again(town, RECEIPT, machine=True)
    assert [hold.reason for hold in town.ticket().holds] == [HoldReason.CIRCULAR]
    return town.deliver(reply_to(forward, SECOND))


def test_a_receipt_of_an_earlier_round_keeps_no_answer(town: City) -> None:
    """The office has answered since it wrote that receipt, and answers what it was asked next."""
    (answer,) = of_kind(_answered_twice(town), "combined-answer")
    assert SECOND in body_of(answer)
    assert town.ticket().state is _S.ANSWERED


def test_a_receipt_of_an_earlier_round_is_the_same_after_a_loss(tmp_path: Path) -> None:
    """A database made anew comes to the same answers, and to the same that waits."""
    with lost_after(tmp_path, _answered_twice) as (_, differs):
        assert differs == []


def _notice_released(town: City) -> list[EmailMessage]:
    _asked_again(town, NOTICE)
    return _ordered(town, "freigeben")


def test_a_notice_that_an_earlier_round_has_overtaken_is_only_noted(town: City) -> None:
    """What it announced has come; of the office's next answer it says nothing."""
    due_on = date(2026, 12, 1)
    out = _notice_released(town)
    assert _to_company(out) == []
    assert _states(town) == [_A.ANSWERED, _A.ASKED]
    assert town.ticket().consultations[-1].due_on == due_on


def test_a_notice_overtaken_is_the_same_after_a_loss(tmp_path: Path) -> None:
    """A database made anew notes it too, and lets the office owe what it owed."""
    with lost_after(tmp_path, _notice_released) as (town, differs):
        assert differs == []
        assert _states(town) == [_A.ANSWERED, _A.ASKED]


def test_a_refusal_that_an_earlier_round_has_overtaken_is_only_noted(town: City) -> None:
    """A colleague thought it another office's; the office has answered, and is asked again."""
    _asked_again(town, "Unzuständig\nZuständig ist das Umweltamt.")
    out = _ordered(town, "freigeben")
    assert of_kind(out, "forward") == []
    assert _states(town) == [_A.ANSWERED, _A.ASKED]


def _more_released(town: City) -> EmailMessage:
    forward = _asked_again(town, MORE)
    assert "gefragt bleibt" in body_of(of_kind(_ordered(town, "freigeben"), "notice")[0]).lower()
    return forward


def test_an_answer_of_an_earlier_round_answers_no_later_letter(town: City) -> None:
    """It goes out with what the office says to the letter that came since, and ends no wait."""
    forward = _more_released(town)
    assert _states(town) == [_A.ANSWERED, _A.ASKED]
    (answer,) = of_kind(town.deliver(reply_to(forward, SECOND)), "combined-answer")
    assert MORE in body_of(answer)
    assert SECOND in body_of(answer)
    assert town.ticket().state is _S.ANSWERED


def test_an_answer_of_an_earlier_round_is_the_same_after_a_loss(tmp_path: Path) -> None:
    """A database made anew lets the office owe the later letter's answer too."""
    with lost_after(tmp_path, _more_released) as (town, differs):
        assert differs == []
        assert _states(town) == [_A.ANSWERED, _A.ASKED]


def test_an_answer_ends_a_round_that_no_letter_began(town: City) -> None:
    """Asked once more by the manager about the same letter, the office has answered it."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.take_receipts()
    town.wait(hours=1)
    town.deliver(reply_to(forward, ANSWER, sender=COLLEAGUE))
    _ordered(town, "ohne bauaufsicht")
    _ordered(town, "an bauaufsicht")
    assert _states(town) == [_A.WITHDRAWN, _A.ASKED]
    assert _to_company(_ordered(town, "freigeben bauaufsicht")) == ["combined-answer"]
    assert _states(town) == [_A.WITHDRAWN, _A.ANSWERED]


def test_dropping_an_earlier_mail_gives_no_days_to_a_later_round(town: City) -> None:
    """The office was reminded all the while: no reply of this round had waited."""
    _asked_again(town, NOTICE)
    town.wait(days=3)
    town.chasing.remind()
    town.wait(days=4)
    town.chasing.remind()
    before = town.ticket().consultations[-1]
    assert before.reminded
    _ordered(town, "verwerfen bauaufsicht")
    after = town.ticket().consultations[-1]
    assert (after.due_on, after.reminded) == (before.due_on, before.reminded)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Rückfrage\nBitte füllen Sie das Formular aus.", "question"),
        ("Zwischennachricht\nbis 18.12.2026, ein Merkblatt liegt bei.", "interim"),
    ],
)
def test_a_late_mail_s_file_goes_with_its_words(town: City, words: str, kind: str) -> None:
    """Released after the office's part has ended, a question or notice begins a round of its own.

    The file that came with it lies in the round before.
    """
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.take_receipts()
    town.deliver(reply_to(forward, ANSWER))
    town.wait(hours=1)
    assert town.deliver(with_file(reply_to(forward, words), "Formular.pdf", b"%PDF form")) == []
    (mail,) = of_kind(_ordered(town, "freigeben bauaufsicht"), kind)
    assert names_of_files(mail) == ["Formular.pdf"]


def test_an_old_question_s_file_goes_with_it_too(town: City) -> None:
    """A question that waits from the round before is released with the form that came with it."""
    _asked_again(town, "Rückfrage\nBitte füllen Sie das Formular aus.", file="Formular.pdf")
    (mail,) = of_kind(_ordered(town, "freigeben bauaufsicht"), "question")
    assert names_of_files(mail) == ["Formular.pdf"]


def test_an_old_refusal_waits_with_its_words(town: City) -> None:
    """In a round that the manager began, a refusal of the one before can still be an answer."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.take_receipts()
    town.deliver(reply_to(forward, f"Unzuständig\n{MORE}", sender=COLLEAGUE))
    _ordered(town, "ohne bauaufsicht")
    _ordered(town, "an bauaufsicht")
    _ordered(town, "freigeben bauaufsicht")
    assert _states(town) == [_A.WITHDRAWN, _A.DECLINED]
    (hold,) = town.ticket().holds
    assert hold.reason is HoldReason.DECLINED
    assert hold.reply_id
