"""One mail in, one combined answer out: the stories of the product."""

from dataclasses import replace
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailflow.core.offices import Offices, Release
from tests.flow.city import (
    COMPANY,
    MANAGER,
    NO_OFFICE,
    OFFICES,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    body_of,
    city,
    digest_of,
    forward_to,
    letter,
    of_kind,
    reply_to,
    to_of,
)

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"
TIEFBAU = "tiefbau@stadt.example.org"


def test_two_offices_and_one_combined_answer(town: City) -> None:
    """A company's mail is acknowledged, goes to two offices, and comes back as one answer."""
    out = town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
    (ack,) = of_kind(out, "acknowledgement")
    assert to_of(ack) == COMPANY
    assert {to_of(mail) for mail in of_kind(out, "forward")} == {BAU, UMWELT}
    first, second = forward_to(out, BAU), forward_to(out, UMWELT)
    assert town.deliver(reply_to(first, "Ja, ein Antrag ist nötig. Sechs Wochen.")) == []
    (answer,) = town.deliver(reply_to(second, "Nachts gelten 45 dB(A)."))
    assert answer["X-Mailflow-Kind"] == "combined-answer"
    assert to_of(answer) == COMPANY
    text = body_of(answer)
    assert text.index("Sechs Wochen") < text.index("45 dB(A)") < text.index("Halle 4 umnutzen")
    assert town.ticket().state == "answered"


def test_a_question_back_goes_out_at_once_and_its_reply_returns_to_the_office(town: City) -> None:
    """The company is asked without waiting for the others; only the office that asked hears."""
    out = town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
    asked = reply_to(forward_to(out, BAU), "Rückfrage\nBitte senden Sie uns einen Lageplan.")
    (question,) = town.deliver(asked)
    assert question["X-Mailflow-Kind"] == "question"
    assert to_of(question) == COMPANY
    assert "Lageplan" in body_of(question)
    assert town.ticket().state == "waiting"
    (passed,) = town.deliver(reply_to(question, "Der Lageplan liegt bei: Flur 3."))
    assert passed["X-Mailflow-Kind"] == "forward"
    assert to_of(passed) == BAU
    assert "Flur 3" in body_of(passed)
    assert town.ticket().state == "consulting"


def test_the_manager_routes_by_replying_to_the_digest(town: City) -> None:
    """A mail nobody could route waits, is shown in the digest, and goes where the manager says."""
    (ack,) = town.deliver(letter("Eine Frage", NO_OFFICE))
    assert ack["X-Mailflow-Kind"] == "acknowledgement"
    ticket = town.ticket()
    assert ticket.state == "triage"
    digest = digest_of(town)
    assert to_of(digest) == MANAGER
    assert ticket.reference in body_of(digest)
    out = town.deliver(reply_to(digest, f"{ticket.reference} an bauaufsicht, umwelt"))
    assert {to_of(mail) for mail in of_kind(out, "forward")} == {BAU, UMWELT}
    (notice,) = of_kind(out, "notice")
    assert to_of(notice) == MANAGER
    assert town.ticket().state == "consulting"


def test_a_decline_that_names_an_office_moves_the_matter_on(town: City) -> None:
    """An office that says it is another's matter is answered for by asking that other."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (forward,) = town.deliver(reply_to(forward_to(out, BAU), "Unzuständig -> Tiefbauamt"))
    assert to_of(forward) == "tiefbau@stadt.example.org"
    states = {part.office_id: part.state for part in town.ticket().current()}
    assert states == {"bauaufsicht": "declined", "tiefbau": "asked"}


def test_a_decline_without_a_name_waits_for_the_manager(town: City) -> None:
    """A terse refusal never reaches the company; the manager decides who else is asked."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    assert town.deliver(reply_to(forward_to(out, BAU), "unzuständig")) == []
    (hold,) = town.ticket().holds
    assert hold.reason == "declined"
    assert town.ticket().state == "consulting"


def test_a_refusal_is_shown_in_the_office_s_words_and_may_be_an_answer(town: City) -> None:
    """The digest shows what the office wrote, and one word of the manager makes it the answer."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    said = "Für das Schild an der Halle sind wir nicht zuständig."
    assert town.deliver(reply_to(forward_to(out, BAU), said)) == []
    (item,) = town.reporting.digest().pending
    assert item.excerpt == said
    (order,) = [each.command for each in item.choices if "als antwort" in each.command]
    mails = town.deliver(reply_to(digest_of(town), order))
    (answer,) = of_kind(mails, "combined-answer")
    assert said in body_of(answer)
    assert town.ticket().state == "answered"


def test_asking_another_office_settles_a_refusal_in_words(town: City) -> None:
    """The refusal no longer waits once somebody else is asked, and its words are not sent."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    town.deliver(reply_to(forward_to(out, BAU), "Für das Schild sind wir nicht zuständig."))
    reference = town.ticket().reference
    out = town.deliver(reply_to(digest_of(town), f"{reference} an umwelt"))
    assert town.ticket().holds == ()
    mails = town.deliver(reply_to(forward_to(out, UMWELT), "Das Schild ist zulässig."))
    (answer,) = of_kind(mails, "combined-answer")
    assert "nicht zuständig" not in body_of(answer)


def test_a_head_who_names_somebody_else_answers_nothing(town: City) -> None:
    """A head's word that a colleague will answer waits, and the ticket stays open."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    said = "Frau Lenz antwortet Ihnen heute noch, ich habe sie daran erinnert."
    assert town.deliver(reply_to(forward_to(out, BAU), said)) == []
    assert [hold.reason for hold in town.ticket().holds] == ["suspected"]
    assert town.ticket().state == "consulting"


def test_an_interim_notice_is_passed_on_and_moves_the_due_day(town: City) -> None:
    """The company hears that it takes longer, and until when; the office is not reminded early."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    text = "Zwischennachricht\nWir warten auf ein Gutachten und melden uns bis 18.12.2026."
    (interim,) = town.deliver(reply_to(forward_to(out, BAU), text))
    assert interim["X-Mailflow-Kind"] == "interim"
    assert to_of(interim) == COMPANY
    (part,) = town.ticket().current()
    assert (part.state, part.due_on.isoformat()) == ("interim", "2026-12-18")


def test_a_further_mail_reaches_the_offices_still_working(town: City) -> None:
    """What the company adds joins its ticket and goes only to whom it still helps."""
    out = town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
    town.deliver(reply_to(forward_to(out, BAU), "Ja, ein Antrag ist nötig."))
    (ack,) = of_kind(out, "acknowledgement")
    (forward,) = town.deliver(reply_to(ack, "Nachtrag: Es sind 12 Maschinen."))
    assert to_of(forward) == UMWELT
    assert "12 Maschinen" in body_of(forward)


def test_thanks_reopen_nothing(town: City) -> None:
    """A company's thanks join the ticket and start no new round."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (answer,) = town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    assert town.deliver(reply_to(answer, "Vielen Dank!")) == []
    assert town.ticket().state == "answered"


@pytest.mark.parametrize(
    "answer",
    [
        "Die Genehmigung wird erteilt. Passt Ihnen für die Abnahme der 9. Dezember um 10 Uhr?",
        "Die Genehmigung wird erteilt. Abnahme ist am 9.12., bitte bestätigen Sie den Termin.",
    ],
)
@pytest.mark.parametrize("consent", ["Passt.", "Danke, passt!"])
def test_a_consent_that_was_asked_for_reaches_the_office(
    town: City, answer: str, consent: str
) -> None:
    """Where the answer proposes something, the company's "Passt." is the reply to it."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (sent,) = town.deliver(reply_to(forward_to(out, BAU), answer))
    town.wait(hours=3)
    (again,) = town.deliver(reply_to(sent, consent))
    assert to_of(again) == BAU
    assert consent in body_of(again)


def test_a_consent_that_nobody_asked_for_reopens_nothing(town: City) -> None:
    """Who is told how it is and writes "Ok" wants nothing."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (sent,) = town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    assert town.deliver(reply_to(sent, "Ok")) == []
    assert town.ticket().state == "answered"


def test_a_further_question_opens_a_new_round_with_those_who_answered(town: City) -> None:
    """A follow-up goes to the offices of the first answer, and a second answer comes back."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (answer,) = town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    town.wait(hours=3)
    (again,) = town.deliver(reply_to(answer, "Und was kostet uns das?"))
    assert to_of(again) == BAU
    assert "was kostet" in body_of(again)
    (second,) = town.deliver(reply_to(again, "Etwa 900 Euro."))
    assert second["X-Mailflow-Kind"] == "combined-answer"
    assert "900 Euro" in body_of(second)
    assert "kommt im Juni" not in body_of(second)
    assert second["Message-ID"] != answer["Message-ID"]


def test_an_answer_given_directly_is_not_sent_twice(town: City) -> None:
    """An office that writes to the company itself, with us in copy, settles its part."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    forward = forward_to(out, BAU)
    direct = letter(
        f"AW: {forward['Subject']}",
        "Guten Tag, die Genehmigung kommt im Juni.",
        sender=BAU,
        to=COMPANY,
        Cc=str(forward["Reply-To"]),
        In_Reply_To=str(forward["Message-ID"]),
    )
    assert town.deliver(direct) == []
    assert town.ticket().state == "answered"


def _in_copy(forward: EmailMessage, text: str) -> bytes:
    return b"Cc: " + COMPANY.encode() + b"\r\n" + reply_to(forward, text)


def test_an_answer_given_to_a_colleague_at_the_company_is_not_sent_twice(town: City) -> None:
    """Whom of the company an office writes to is its affair: the company has its answer."""
    forward = forward_to(town.deliver(letter("Umnutzung", ONE_OFFICE)), BAU)
    answer = letter(
        str(forward["Subject"]),
        "Die Genehmigung kommt im Juni.",
        sender=BAU,
        to="chef@montage.example",
        Cc=str(forward["Reply-To"]),
        In_Reply_To=str(forward["Message-ID"]),
    )
    assert town.deliver(answer) == []
    assert town.ticket().state == "answered"


def test_who_asked_is_answered_though_a_colleague_has_a_copy(town: City) -> None:
    """An office that answers us and copies a colleague of hers has not answered Sabine Muster."""
    forward = forward_to(town.deliver(letter("Umnutzung", ONE_OFFICE)), BAU)
    raw = b"Cc: meister@montage.example\r\n" + reply_to(forward, "Die Genehmigung kommt im Juni.")
    (answer,) = of_kind(town.deliver(raw), "combined-answer")
    assert to_of(answer) == COMPANY


def test_the_city_is_not_the_company_where_both_have_one_domain(town: City) -> None:
    """A municipal company's answer goes out, although our own address is of its domain."""
    inquiry = letter("Umnutzung", ONE_OFFICE, sender="Eva Eigen <e.eigen@stadt.example.org>")
    forward = forward_to(town.deliver(inquiry), BAU)
    answers = town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
    assert [to_of(mail) for mail in answers] == ["e.eigen@stadt.example.org"]


def test_a_refusal_in_copy_to_the_company_is_referred_on(town: City) -> None:
    """The office named is asked as it would be without the copy; the company gets nothing."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    (referred,) = town.deliver(_in_copy(forward, "Unzuständig: Tiefbauamt"))
    assert (to_of(referred), referred["X-Mailflow-Kind"]) == (TIEFBAU, "forward")
    states = {part.office_id: part.state for part in town.ticket().current()}
    assert states == {"bauaufsicht": "declined", "tiefbau": "asked"}


def test_a_refusal_in_copy_that_names_nobody_waits(town: City) -> None:
    """Whom to ask instead is the manager's to say, whoever else read the refusal."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    assert town.deliver(_in_copy(forward, "Unzuständig")) == []
    assert [hold.reason for hold in town.ticket().holds] == ["declined"]


def test_an_interim_notice_in_copy_to_the_company_moves_the_due_day(town: City) -> None:
    """The part takes the day the company has read already, and no second notice goes out."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    text = "Zwischennachricht\nDie Prüfung dauert noch bis zum 18.12.2026."
    assert town.deliver(_in_copy(forward, text)) == []
    (part,) = town.ticket().current()
    assert (part.state, part.due_on) == ("interim", date(2026, 12, 18))


def test_one_click_is_enough_for_an_interim_notice(town: City) -> None:
    """The word alone tells the company that it takes longer, with or without a signature."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    for text in ("Zwischennachricht", "Zwischennachricht\n\nMit freundlichen Grüßen\nB. Bau"):
        (notice,) = town.deliver(reply_to(forward_to(out, BAU), text))
        assert notice["X-Mailflow-Kind"] == "interim"


def test_a_question_without_words_waits(town: City) -> None:
    """A click and a signature ask nothing: no mail goes to the company."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    text = "Rückfrage\n\nMit freundlichen Grüßen\nB. Bau"
    assert town.deliver(reply_to(forward_to(out, BAU), text)) == []
    assert [hold.reason for hold in town.ticket().holds] == ["empty"]


def test_one_part_to_be_released_holds_the_whole_answer(tmp_path: Path) -> None:
    """An office that needs no release does not let out another's part that does."""
    offices = Offices(
        tuple(
            replace(each, release=Release.AUTO) if each.id == "bauaufsicht" else each
            for each in OFFICES
        )
    )
    with city(tmp_path, manager_releases=True, offices=offices) as town:
        out = town.deliver(letter("Umnutzung", TWO_OFFICES))
        assert town.deliver(reply_to(forward_to(out, BAU), "Ja, ein Antrag ist nötig.")) == []
        (review,) = town.deliver(reply_to(forward_to(out, UMWELT), "Nachts gelten 45 dB(A)."))
        assert review["X-Mailflow-Kind"] == "review"
        town.wait(hours=1)
        out = town.deliver(letter("Stand", ONE_OFFICE))
        (answer,) = town.deliver(reply_to(forward_to(out, BAU), "Im Juni."))
        assert answer["X-Mailflow-Kind"] == "combined-answer"
