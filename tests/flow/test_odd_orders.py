"""Mails and orders in an order nobody planned: nothing is lost, nothing stuck, nothing leaks.

Each was found by somebody who tried to break the product.
"""

from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from mailflow.core.quoted import holds_thread
from tests.flow.city import (
    NO_OFFICE,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
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

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"


def _say(town: City, *orders: str) -> list[EmailMessage]:
    """Let the manager answer a digest of a new day."""
    town.wait(days=1)
    lines = "\n".join(f"{town.ticket().reference} {order}" for order in orders)
    return town.deliver(reply_to(digest_of(town), lines))


def test_an_afterthought_of_an_office_that_has_answered_waits(town: City) -> None:
    """A question after the answer, while another still works, is held and breaks nothing."""
    out = town.deliver(letter("Umnutzung", TWO_OFFICES))
    town.deliver(reply_to(forward_to(out, BAU), "Ja, ein Antrag ist nötig."))
    assert town.deliver(reply_to(forward_to(out, BAU), "Rückfrage\nWelche Halle?")) == []
    assert [hold.reason for hold in town.ticket().holds] == ["late"]
    assert town.reporting.digest().counts_total.quarantined == 0


def test_a_preview_taken_back_can_be_made_and_released_again(careful_town: City) -> None:
    """Ask another office, withdraw it again: the same answer comes back and can be released."""
    town = careful_town
    out = town.deliver(letter("Stand", ONE_OFFICE))
    town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    _say(town, "an umwelt")
    _say(town, "ohne umwelt")
    assert town.ticket().state == "review"
    out = _say(town, "freigeben")
    assert len(of_kind(out, "combined-answer")) == 1


def test_the_managers_own_name_may_stand_small_below_his_order(careful_town: City) -> None:
    """He is known by the name he writes under; the same words from a nameless mailbox refuse."""
    town = careful_town
    out = town.deliver(letter("Stand", ONE_OFFICE))
    town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    town.wait(days=1)
    digest, order = digest_of(town), f"{town.ticket().reference} freigeben\n\npetra weber"
    assert of_kind(town.deliver(reply_to(digest, order)), "combined-answer") == []
    named = reply_to(digest, order, sender=f"Petra Weber <{digest['To']}>")
    assert len(of_kind(town.deliver(named), "combined-answer")) == 1


def test_a_last_reply_released_as_internal_lets_the_others_go(town: City) -> None:
    """When the last blocking item turns out internal, the waiting answers are sent."""
    out = town.deliver(letter("Umnutzung", TWO_OFFICES))
    forward = forward_to(out, BAU)
    town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
    town.deliver(reply_to(forward, "Noch etwas.\n\nNUR INTERN: Der Nachbar klagt.\n"))
    assert town.deliver(reply_to(forward_to(out, UMWELT), "Nachts gelten 45 dB(A).")) == []
    out = _say(town, "freigeben als intern")
    (answer,) = of_kind(out, "combined-answer")
    assert "im Juni" in body_of(answer)
    assert "Nachbar" not in body_of(answer)


def test_a_letter_during_review_is_not_overlooked(careful_town: City) -> None:
    """Releasing the preview is refused while a new letter waits, with the way out."""
    town = careful_town
    out = town.deliver(letter("Stand", ONE_OFFICE))
    town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    town.deliver(letter(f"Re: [{town.ticket().reference}] Stand", "Und was kostet das?"))
    out = _say(town, "freigeben")
    assert of_kind(out, "combined-answer") == []
    (notice,) = of_kind(out, "notice")
    assert "noch einmal geschrieben" in body_of(notice)


def test_a_late_mail_on_a_closed_ticket_is_shown(town: City) -> None:
    """What an office adds after closing stands in the digest and can be settled."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    forward = forward_to(out, BAU)
    town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
    _say(town, "schliessen")
    town.deliver(reply_to(forward, "Nachtrag: 900 Euro."))
    assert len(town.reporting.digest().pending) == 1
    _say(town, "verwerfen")
    assert town.reporting.digest().pending == ()


def test_two_questions_of_one_office_are_two_mails(town: City) -> None:
    """Each question is named by its own mail, so that none is taken for the other."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    forward = forward_to(out, BAU)
    (first,) = town.deliver(reply_to(forward, "Rückfrage\nWelche Halle?"))
    (second,) = town.deliver(reply_to(forward, "Rückfrage\nWelches Baujahr?"))
    assert first["Message-ID"] != second["Message-ID"]


def test_nobody_left_means_the_manager(town: City) -> None:
    """Without the only office the ticket does not vanish from sight."""
    town.deliver(letter("Stand", ONE_OFFICE))
    _say(town, "ohne bauaufsicht")
    assert [hold.reason for hold in town.ticket().holds] == ["unrouted"]


def test_a_mail_kept_back_outlives_the_office_it_would_have_gone_to(town: City) -> None:
    """Going on without the office decides about its part, not about what the company wrote."""
    town.deliver(letter("Stand", ONE_OFFICE))
    again = f"Re: [{town.ticket().reference}] Stand"
    town.deliver(letter(again, "Ich verlange Auskunft nach Art. 15 DSGVO."))
    _say(town, "ohne bauaufsicht")
    (hold,) = town.ticket().holds
    assert "Datenschutz" in hold.text
    assert town.ticket().still_working() == ()


def test_discarding_a_strangers_reply_answers_nobody(town: City) -> None:
    """A discarded reply is not taken for one that went to the company directly."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    town.deliver(reply_to(forward_to(out, BAU), "Ja.", sender="x@example.net"))
    _say(town, "verwerfen", "ohne bauaufsicht")
    assert town.ticket().state != "answered"


def test_an_attached_mail_never_travels_on(town: City) -> None:
    """An office that attaches our own forward does not send its token to the company."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    forward = forward_to(out, BAU)
    reply = parse(reply_to(forward, "Siehe Anlage, die Genehmigung kommt im Juni."))
    reply.add_attachment(forward)
    assert town.deliver(reply.as_bytes(policy=SMTP.clone(refold_source="none"))) == []
    out = _say(town, "freigeben")
    (answer,) = of_kind(out, "combined-answer")
    assert list(answer.iter_attachments()) == []


@pytest.mark.parametrize(
    ("said", "due"),
    [
        ("frist 12.06.", "2027-06-12"),
        ("frist 12.06", "2027-06-12"),
        ("frist 04.12.", "2026-12-04"),
        ("frist bis zum 12.1.2027", "2027-01-12"),
        ("frist 2026-12-11", "2026-12-11"),
        ("frist +3T", "2026-11-30"),
        ("frist 3. Dezember", "2026-12-03"),
        ("due by 3 December 2026", "2026-12-03"),
    ],
)
def test_a_new_day_is_taken_as_people_write_it(town: City, said: str, due: str) -> None:
    """The command works as the digest's help and the handbook write it, full stop included."""
    town.deliver(letter("Stand", ONE_OFFICE))
    _say(town, said)
    (part,) = town.ticket().current()
    assert part.due_on.isoformat() == due


def test_a_day_in_the_far_future_is_refused(town: City) -> None:
    """One absurd date must not stop the reminders of everybody else."""
    town.deliver(letter("Stand", ONE_OFFICE))
    out = _say(town, "frist 31.12.9999")
    (notice,) = of_kind(out, "notice")
    assert "zwei Jahre" in body_of(notice)


def test_a_mail_without_a_sender_waits(town: City) -> None:
    """Nobody can be answered: the manager sees it, no office is troubled."""
    raw = letter("Stand", ONE_OFFICE).replace(
        b"From: Sabine Muster <s.muster@montage.example>", b"X: y"
    )
    assert town.deliver(raw) == []
    assert town.reporting.digest().counts_total.held == 1


def test_a_short_yes_to_a_question_reaches_the_office(town: City) -> None:
    """A bare "Danke, passt so." answers the question; it is no mere courtesy then."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    asked = reply_to(forward_to(out, BAU), "Rückfrage\nGenügt Ihnen ein Termin im Mai?")
    (question,) = town.deliver(asked)
    (passed,) = town.deliver(reply_to(question, "Danke, passt so."))
    assert to_of(passed) == BAU


def test_what_is_quoted_is_told_from_what_is_asked() -> None:
    """The company's own question may be quoted; a colleague, a header or our forward may not."""
    own = "Wann kommt die Genehmigung?"
    assert not holds_thread(f"> {own}\nIm Juni.", own)
    assert holds_thread("> Kollege: die sind schwierig\nIm Juni.", own)
    assert holds_thread("Im Juni.\n\nVon: Chef <c@x>\nGesendet: heute\nAn: mich\n", own)
    assert holds_thread("Was wir von Ihnen brauchen\nBitte ...\n", own)
    assert not holds_thread("Guten Tag,\nim Juni.\n", own)


def _contradiction(town: City) -> None:
    """Let an office's reply to one forward bear the subject of another office's."""
    out = town.deliver(letter("Umnutzung", TWO_OFFICES))
    mixed = f"AW: {forward_to(out, UMWELT)['Subject']}"
    (told,) = town.deliver(reply_to(forward_to(out, BAU), "Im Juni.", subject=mixed))
    assert told["X-Mailflow-Kind"] == "alert"


def test_a_held_mails_token_does_not_lock_the_manager_out(town: City) -> None:
    """The digest shows the subject of a held mail without its token, so a reply to it acts."""
    _contradiction(town)
    digest = digest_of(town)
    (item,) = town.reporting.digest().pending
    reference = town.ticket().reference
    out = town.deliver(reply_to(digest, f"{item.reference} zu {reference}"))
    assert of_kind(out, "notice")
    assert town.reporting.digest().pending == ()


@pytest.mark.parametrize(
    "orders",
    [
        ("{mail} zu {ticket}", "{mail} zu {ticket}"),
        ("{mail} neu", "{mail} neu"),
        ("{mail} zu {ticket}", "{mail} verwerfen"),
        ("{mail} neu", "{mail} zu {ticket}"),
        ("{mail} verwerfen", "{mail} zu {ticket}"),
    ],
)
def test_a_mail_is_decided_once_and_the_other_orders_count(
    town: City, orders: tuple[str, ...]
) -> None:
    """Who says it twice, or two things of one mail, gets the first done and the rest answered."""
    _contradiction(town)
    (item,) = town.reporting.digest().pending
    reference = town.ticket().reference
    lines = [each.format(mail=item.reference, ticket=reference) for each in orders]
    out = town.deliver(reply_to(digest_of(town), "\n".join((*lines, f"{reference} erinnern"))))
    (notice,) = of_kind(out, "notice")
    assert body_of(notice).count("NICHT ausgeführt") == 1
    assert of_kind(out, "reminder")


def test_a_ticket_made_of_a_held_mail_bears_no_token(town: City) -> None:
    """Its subject goes to offices; a foreign token in it would make their replies conflict."""
    _contradiction(town)
    (item,) = town.reporting.digest().pending
    town.deliver(reply_to(digest_of(town), f"{item.reference} neu"))
    assert "." not in town.store.tickets([item.reference])[item.reference].subject


def test_settling_one_thing_never_hides_a_ticket(town: City) -> None:
    """The last office declines and the manager drops that note: the ticket comes back to him."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    town.deliver(reply_to(forward_to(out, BAU), "Unzuständig"))
    _say(town, "verwerfen")
    assert [hold.reason for hold in town.ticket().holds] == ["unrouted"]
    assert len(town.reporting.digest().pending) == 1


def test_an_emergency_in_a_further_mail_is_told_at_once(town: City) -> None:
    """Gas smells in a reply, too: the manager is alerted, and no office gets it by itself."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (received,) = of_kind(out, "acknowledgement")
    out = town.deliver(reply_to(received, "In unserer Halle riecht es nach Gas!"))
    assert [mail["X-Mailflow-Kind"] for mail in out] == ["alert"]
    assert [hold.reason for hold in town.ticket().holds] == ["unrouted"]
    out = _say(town, "an bauaufsicht")
    assert "riecht es nach Gas" in body_of(forward_to(out, BAU))


def test_an_emergency_in_a_reply_to_a_question_is_told_and_passed_on(town: City) -> None:
    """The office that asked gets its reply, and the manager is alerted beside it."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (question,) = town.deliver(reply_to(forward_to(out, BAU), "Rückfrage\nWelche Halle?"))
    out = town.deliver(reply_to(question, "Halle 4, dort riecht es gerade nach Gas!"))
    assert sorted(str(mail["X-Mailflow-Kind"]) for mail in out) == ["alert", "forward"]


def test_a_right_claimed_in_a_follow_up_reaches_no_office(town: City) -> None:
    """What would not be routed as a first mail is not forwarded as a later one."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (answer,) = town.deliver(reply_to(forward_to(out, BAU), "Im Juni."))
    town.wait(hours=1)
    assert town.deliver(reply_to(answer, "Ich verlange Auskunft nach Art. 15 DSGVO.")) == []
    assert "Datenschutz" in town.ticket().holds[0].text


def test_a_follow_up_about_another_offices_matter_is_not_guessed(town: City) -> None:
    """The office that answered is not asked about noise; the manager is offered the right one."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (answer,) = town.deliver(reply_to(forward_to(out, BAU), "Im Juni."))
    town.wait(hours=1)
    assert town.deliver(reply_to(answer, "Danke. Welche Lärmgrenzwerte gelten nachts?")) == []
    (item,) = town.reporting.digest().pending
    assert item.choices[0].command.endswith("an umwelt")


def test_nobody_waits_for_the_company_once_its_questioner_is_gone(town: City) -> None:
    """Without the office that had asked, the company's clock runs again."""
    out = town.deliver(letter("Umnutzung", TWO_OFFICES))
    town.deliver(reply_to(forward_to(out, BAU), "Rückfrage\nWelche Halle?"))
    assert town.ticket().state == "waiting"
    _say(town, "ohne bauaufsicht")
    assert town.ticket().state == "consulting"


def test_a_reply_to_a_question_reaches_its_office_during_review(tmp_path: Path) -> None:
    """One part waits for its release as another office asks: its reply is not held up by that."""
    with city(tmp_path, as_they_come=True, manager_releases=True) as town:
        out = town.deliver(letter("Umnutzung", TWO_OFFICES))
        town.deliver(reply_to(forward_to(out, BAU), "Ja, ein Antrag ist nötig."))
        asked = reply_to(forward_to(out, UMWELT), "Rückfrage\nWelche Maschine?")
        (question,) = of_kind(town.deliver(asked), "question")
        (passed,) = of_kind(town.deliver(reply_to(question, "Eine Presse.")), "forward")
        assert to_of(passed) == UMWELT


def test_an_open_question_is_still_waited_for_after_a_release(tmp_path: Path) -> None:
    """The released part goes out, and the ticket waits for the company again."""
    with city(tmp_path, as_they_come=True, manager_releases=True) as town:
        out = town.deliver(letter("Umnutzung", TWO_OFFICES))
        town.deliver(reply_to(forward_to(out, BAU), "Ja, ein Antrag ist nötig."))
        town.deliver(reply_to(forward_to(out, UMWELT), "Rückfrage\nWelche Maschine?"))
        assert of_kind(_say(town, "freigeben"), "combined-answer")
        assert town.ticket().state == "waiting"


def test_what_is_to_go_out_as_it_comes_is_not_taken_back(tmp_path: Path) -> None:
    """Another office declines or is asked: the part shown can be released, with who is due."""
    with city(tmp_path, as_they_come=True, manager_releases=True) as town:
        out = town.deliver(letter("Umnutzung", TWO_OFFICES))
        town.deliver(reply_to(forward_to(out, BAU), "Ja, ein Antrag ist nötig."))
        out = town.deliver(reply_to(forward_to(out, UMWELT), "Unzuständig -> Tiefbauamt"))
        (review,) = of_kind(out, "review")
        assert "Eine Antwort steht noch aus: Tiefbauamt." in body_of(review)
        assert "Alle Ämter haben geantwortet" not in body_of(review)
        (answer,) = of_kind(_say(town, "freigeben"), "combined-answer")
        assert "Ja, ein Antrag" in body_of(answer)
        assert "Tiefbauamt" in body_of(answer)


def test_nothing_is_released_that_changed_in_the_same_mail(tmp_path: Path) -> None:
    """First another office, then freigeben: the new preview must be seen before it goes out."""
    with city(tmp_path, as_they_come=True, manager_releases=True) as town:
        out = town.deliver(letter("Umnutzung", TWO_OFFICES))
        town.deliver(reply_to(forward_to(out, BAU), "Ja, ein Antrag ist nötig."))
        out = _say(town, "an hafen", "freigeben")
        assert of_kind(out, "combined-answer") == []
        assert "eben geändert" in body_of(of_kind(out, "notice")[0])
        (answer,) = of_kind(_say(town, "freigeben"), "combined-answer")
        assert "Hafengesellschaft" in body_of(answer)


def test_a_late_reply_and_the_answer_are_released_one_after_the_other(careful_town: City) -> None:
    """The late part makes a new preview; both parts reach the company once that is released."""
    town = careful_town
    out = town.deliver(letter("Stand", ONE_OFFICE))
    forward = forward_to(out, BAU)
    town.deliver(reply_to(forward, "Im Juni."))
    town.deliver(reply_to(forward, "Nachtrag.\n\nNUR INTERN: Der Nachbar klagt.\n"))
    out = _say(town, "freigeben bauaufsicht", "freigeben")
    assert of_kind(out, "combined-answer") == []
    (answer,) = of_kind(_say(town, "freigeben"), "combined-answer")
    assert "Im Juni." in body_of(answer)
    assert "Nachtrag." in body_of(answer)


@pytest.mark.parametrize(
    "order",
    [
        "an umwelt bitte noch nicht",
        "an umwelt aber erst morgen",
        "an umwelt frist 3 tage",
        "an umwelt mit der Bitte um Eile: Frau Muster wartet",
        "schliessen nicht",
        "schliessen, aber erst morgen",
    ],
)
def test_an_order_with_words_that_change_it_is_refused(town: City, order: str) -> None:
    """What stands behind an order is never passed over: nothing happens, and he reads why."""
    town.deliver(letter("Bitte um Hilfe", NO_OFFICE))
    (notice,) = _say(town, order)
    assert "NICHT ausgeführt" in body_of(notice)
    assert town.ticket().state == "triage"


@pytest.mark.parametrize(
    "order",
    [
        "an umwelt bitte",
        "an Frau Grün vom Umweltamt",
        "an das Amt für Umwelt",
        "an Umwelt-Amt zur Stellungnahme",
        "an umweltamt@stadt.example.org und bauaufsicht",
    ],
)
def test_a_polite_order_is_done(town: City, order: str) -> None:
    """Courtesies and articles beside an office's name change nothing."""
    town.deliver(letter("Bitte um Hilfe", NO_OFFICE))
    assert of_kind(_say(town, order), "forward")


def test_the_digest_shows_what_a_remark_in_the_same_paragraph_took_with_it(town: City) -> None:
    """Of an answer that went apart with its remark, the manager reads the answer, not a closing."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    said = "Der Antrag ist vollständig, Gebühr 450 Euro. Unter uns: die Firma nervt."
    raw = reply_to(
        forward, f"Guten Tag,\n\n{said}\n\nMit freundlichen Grüßen\nIm Auftrag\nB. Bau\n"
    )
    assert town.deliver(raw) == []
    assert "Gebühr 450 Euro" in body_of(digest_of(town))


def test_an_office_reads_the_answer_to_its_own_question_alone(town: City) -> None:
    """What the company replied to another office's question does not stand under its own."""
    out = town.deliver(letter("Halle", TWO_OFFICES))
    asked = "Rückfrage: Ist die Halle denkmalgeschützt?"
    (first,) = town.deliver(reply_to(forward_to(out, BAU), asked))
    town.wait(hours=1)
    asked = "Rückfrage: Läuft die Anlage nachts?"
    (second,) = town.deliver(reply_to(forward_to(out, UMWELT), asked))
    town.wait(hours=1)
    (told,) = town.deliver(reply_to(first, "Nein."))
    assert to_of(told) == BAU
    town.wait(hours=1)
    (told,) = town.deliver(reply_to(second, "Ja, ab 22 Uhr."))
    assert to_of(told) == UMWELT
    assert "Ja, ab 22 Uhr." in body_of(told)
    assert "Nein." not in body_of(told)
