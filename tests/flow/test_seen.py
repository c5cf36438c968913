"""An order acts on what the mail it answers could tell, and on nothing that came later."""

from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailflow.ledger import rebuild
from tests.flow.city import (
    COMPANY,
    MANAGER,
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
)

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"


def _words(mails: list[EmailMessage], kind: str = "notice") -> str:
    (mail,) = of_kind(mails, kind)
    return " ".join(body_of(mail).split())


def test_a_stranger_who_came_after_the_digest_is_not_let_in(town: City) -> None:
    """The digest's line for a colleague releases his reply and leaves the stranger's waiting."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.deliver(reply_to(forward, "Zwischennachricht: bis 04.12.", sender="k@stadt.example.org"))
    digest = digest_of(town)
    town.wait(hours=1)
    town.deliver(reply_to(forward, "Abgelehnt. Rufen Sie 0900 an.", sender="x@fremd.example"))
    reference = town.ticket().reference
    out = town.deliver(reply_to(digest, f"{reference} aufnehmen bauaufsicht"))
    assert of_kind(out, "combined-answer") == []
    assert len(of_kind(out, "interim")) == 1
    assert [hold.text.split()[0] for hold in town.ticket().holds] == ["x@fremd.example"]
    again = _words(town.deliver(reply_to(digest, f"{reference} freigeben")))
    assert "Inzwischen kam etwas hinzu: x@fremd.example" in again
    assert len(town.ticket().holds) == 1


def test_an_answer_that_came_after_the_digest_is_not_dropped(town: City) -> None:
    """What is discarded is what the digest told of."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.deliver(reply_to(forward, "gelesen"))
    digest = digest_of(town)
    waiting = town.ticket().holds
    town.wait(hours=1)
    town.deliver(reply_to(forward, "Ja, genehmigt.\n\nIntern: Aktenzeichen 4711.\n"))
    town.deliver(reply_to(digest, f"{town.ticket().reference} verwerfen alles"))
    assert len(town.ticket().holds) == 1
    assert town.ticket().holds[0] not in waiting


def test_a_newer_preview_is_not_released_by_an_older_digest(careful_town: City) -> None:
    """As on the old preview, the order is refused."""
    town = careful_town
    out = town.deliver(letter("Stand", TWO_OFFICES))
    town.deliver(reply_to(forward_to(out, BAU), "Ja, eine Nutzungsänderung ist nötig."))
    town.deliver(reply_to(forward_to(out, UMWELT), "Nachts gelten 45 dB(A)."))
    digest = digest_of(town)
    town.wait(hours=1)
    town.deliver(reply_to(forward_to(out, UMWELT), "Antwort\n\nBerichtigung: 30 dB(A)."))
    order = f"{town.ticket().reference} freigeben"
    if town.ticket().state != "review":  # the correction itself may wait first
        town.deliver(reply_to(digest, f"{order} umwelt"))
    out = town.deliver(reply_to(digest, order))
    assert of_kind(out, "combined-answer") == []


def test_no_ticket_is_closed_over_a_letter_nobody_read(town: City) -> None:
    """The refusal quotes the letter, the next digest shows it, and answering that one closes."""
    out = town.deliver(letter("Frage", NO_OFFICE))
    digest = digest_of(town)
    town.wait(hours=1)
    (receipt,) = of_kind(out, "acknowledgement")
    town.deliver(reply_to(receipt, "Es geht um die Altlast, bis Freitag!", sender=COMPANY))
    reference = town.ticket().reference
    for order in ("schliessen", "antwort Das geht so nicht."):
        assert "Altlast" in _words(town.deliver(reply_to(digest, f"{reference} {order}")))
    assert town.ticket().state == "triage"
    town.wait(days=1)
    later = digest_of(town)
    assert "Altlast" in body_of(later)
    town.deliver(reply_to(later, f"{reference} schliessen"))
    assert town.ticket().state == "closed"


def test_a_mail_program_may_drop_what_is_answered(town: City) -> None:
    """Without In-Reply-To the key in the address still says which mail it was."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    digest = digest_of(town)
    town.wait(hours=1)
    town.deliver(reply_to(forward, "Ja.", sender="x@fremd.example"))
    order = f"{town.ticket().reference} freigeben"
    bare = letter("Auftrag", order, sender=str(digest["To"]), to=str(digest["Reply-To"]))
    assert "Inzwischen" in _words(town.deliver(bare))
    town.wait(days=1)
    digest = digest_of(town)
    bare = letter("Auftrag", order, sender=str(digest["To"]), to=str(digest["Reply-To"]))
    assert of_kind(town.deliver(bare), "combined-answer")


def test_a_database_made_anew_comes_to_the_same(tmp_path: Path) -> None:
    """Of digests no copy lies in the mailbox; what was refused is refused, what was done is."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with city(tmp_path / "a") as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.wait(hours=1)
        town.deliver(reply_to(forward, "Zwischennachricht", sender="k@stadt.example.org"))
        town.wait(minutes=30)
        digest = digest_of(town)
        town.wait(minutes=30)
        town.deliver(reply_to(forward, "Abgelehnt.", sender="x@fremd.example"))
        town.wait(minutes=1)
        town.deliver(reply_to(digest, f"{town.ticket().reference} aufnehmen bauaufsicht"))
        before = [(hold.text, hold.number) for hold in town.ticket().holds]
        assert len(before) == 1
        town.take_receipts()
        mailbox, now = town.mailbox, town.now
    with city(tmp_path / "b", mailbox=mailbox) as town:
        town.now = now
        rebuild(town.store, mailbox, town.intake, ["INBOX", "Processed", "Quarantine"])
        assert [(hold.text, hold.number) for hold in town.ticket().holds] == before


def test_of_two_managers_answers_one_goes_out(tmp_path: Path) -> None:
    """Who answers the same digest second reads when it was answered; a newer one takes it."""
    second = "zweite@stadt.example.org"
    with city(tmp_path) as made:
        town = City(made.store, replace(made.policy, managers=(MANAGER, second)), made.now)
        town.deliver(letter("Frage", NO_OFFICE))
        assert town.reporting.send()
        mine, other = of_kind(town.work(), "digest")
        reference = town.ticket().reference
        town.wait(hours=1)
        yes = town.deliver(reply_to(mine, f"{reference} antwort Ja, das ist möglich."))
        town.wait(hours=1)
        no = town.deliver(reply_to(other, f"{reference} antwort Nein, leider nicht."))
        assert len(of_kind(yes, "combined-answer")) == 1
        assert of_kind(no, "combined-answer") == []
        assert "Schon beantwortet: Am 24.11.2026 um 10:00 Uhr" in _words(no)
        town.wait(days=1)
        assert town.reporting.send()
        later = of_kind(town.work(), "digest")[0]
        more = town.deliver(reply_to(later, f"{reference} antwort Das Formular gilt weiter."))
        assert len(of_kind(more, "combined-answer")) == 1


def test_a_released_answer_counts_from_its_release(careful_town: City) -> None:
    """The preview was there before the digest; that it was let go since, the digest cannot say."""
    town = careful_town
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    (review,) = town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
    town.wait(hours=1)
    digest = digest_of(town)
    town.wait(hours=1)
    reference = town.ticket().reference
    assert of_kind(town.deliver(reply_to(review, f"{reference} freigeben")), "combined-answer")
    out = town.deliver(reply_to(digest, f"{reference} antwort Das dauert noch."))
    assert of_kind(out, "combined-answer") == []


def _waiting_mail(town: City) -> tuple[str, EmailMessage]:
    """Let a stranger's mail wait, and give its number with the digest that tells of it."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    town.wait(minutes=5)
    (receipt,) = of_kind(out, "acknowledgement")
    words = "Guten Tag,\n\nwir brauchen noch Hilfe in einer Sache, können Sie helfen?\n"
    town.deliver(reply_to(receipt, words, sender="Ernst Planer <e@planer.example>"))
    town.wait(hours=1)
    (item,) = town.reporting.digest().pending
    digest = digest_of(town)
    town.wait(hours=1)
    return item.reference, digest


@pytest.mark.parametrize("order", ["an bauaufsicht", "schliessen", "antwort Das geht bis Mai."])
def test_what_an_order_brings_about_is_nothing_new_to_the_next(town: City, order: str) -> None:
    """A second reply to the same digest decides the ticket that the first one opened."""
    reference, digest = _waiting_mail(town)
    town.deliver(reply_to(digest, f"{reference} neu"))
    town.wait(minutes=5)
    town.deliver(reply_to(digest, f"{reference} {order}"))
    assert town.store.tickets([reference])[reference].holds == ()


@pytest.mark.parametrize("order", ["an bauaufsicht", "antwort Das geht bis Mai."])
def test_who_took_the_last_office_away_may_ask_again(town: City, order: str) -> None:
    """The item that nobody is asked any more is of his own making, and no surprise."""
    town.deliver(letter("Stand", ONE_OFFICE))
    digest = digest_of(town)
    reference = town.ticket().reference
    for each in ("ohne bauaufsicht", order):
        town.wait(minutes=5)
        town.deliver(reply_to(digest, f"{reference} {each}"))
    assert town.ticket().holds == ()


def test_what_a_notice_bids_to_say_can_be_said_at_once(town: City) -> None:
    """A mail put into a ticket that then waits is released by a further reply to the digest."""
    town.deliver(letter("Stand", ONE_OFFICE))
    other = "Guten Tag,\n\nwir planen eine weitere Nutzungsänderung der Halle 7, was ist zu tun?"
    reference = town.ticket().reference
    town.deliver(letter("Anderes", other, sender="Otto <o@anders.example>"))
    words = "Liebe Kollegen, bitte nicht an das Unternehmen geben: Die sind pleite."
    town.deliver(letter("Halle", words, sender=f"Bau <{BAU}>"))
    town.wait(hours=1)
    (item,) = town.reporting.digest().pending
    digest = digest_of(town)
    town.wait(hours=1)
    told = _words(town.deliver(reply_to(digest, f"{item.reference} zu {reference} bauaufsicht")))
    assert ". Sagen Sie freigeben oder verwerfen." in told
    town.wait(minutes=5)
    town.deliver(reply_to(digest, f"{reference} verwerfen"))
    assert town.store.tickets([reference])[reference].holds == ()


def test_a_preview_that_an_order_brings_about_is_read_first(careful_town: City) -> None:
    """The answer that his order makes ready is not released by the digest before it."""
    town = careful_town
    out = town.deliver(letter("Stand", TWO_OFFICES))
    town.deliver(reply_to(forward_to(out, BAU), "Ja, eine Nutzungsänderung ist nötig."))
    digest = digest_of(town)
    for order in ("ohne umwelt", "freigeben"):
        town.wait(minutes=5)
        out = town.deliver(reply_to(digest, f"{town.ticket().reference} {order}"))
    assert of_kind(out, "combined-answer") == []
    assert town.ticket().state == "review"


def test_a_database_made_anew_knows_what_was_his_own_making(tmp_path: Path) -> None:
    """Both orders to one digest are done again, and nothing waits."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with city(tmp_path / "a") as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        town.wait(hours=1)
        digest = digest_of(town)
        for order in ("ohne bauaufsicht", "an bauaufsicht"):
            town.wait(minutes=5)
            town.deliver(reply_to(digest, f"{town.ticket().reference} {order}"))
        before = [(part.office_id, part.round, part.state) for part in town.ticket().consultations]
        assert len(before) == 2
        town.take_receipts()
        mailbox, now = town.mailbox, town.now
    with city(tmp_path / "b", mailbox=mailbox) as town:
        town.now = now
        rebuild(town.store, mailbox, town.intake, ["INBOX", "Processed", "Quarantine"])
        after = [(part.office_id, part.round, part.state) for part in town.ticket().consultations]
        assert after == before
        assert town.ticket().holds == ()


def test_no_answer_goes_out_over_a_refusal_nobody_read(town: City) -> None:
    """An office's refusal that came after the digest is told before the company is answered."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    digest = digest_of(town)
    town.wait(hours=1)
    town.deliver(reply_to(forward, "Unzuständig"))
    town.wait(hours=1)
    order = f"{town.ticket().reference} antwort Bitte wenden Sie sich an das Land."
    out = town.deliver(reply_to(digest, order))
    assert "ist nicht zuständig" in _words(out)
    assert of_kind(out, "combined-answer") == []
    town.wait(days=1)
    out = town.deliver(reply_to(digest_of(town), order))
    assert of_kind(out, "combined-answer")
    assert (town.ticket().state, town.ticket().holds) == ("answered", ())


def test_a_letter_while_a_preview_waits_is_quoted(careful_town: City) -> None:
    """No order is named that would be refused; in answer to the next digest, one that works is."""
    town = careful_town
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (receipt,) = of_kind(out, "acknowledgement")
    town.wait(hours=1)
    out = town.deliver(reply_to(forward_to(out, BAU), "Ja, die Nutzungsänderung ist nötig."))
    (preview,) = of_kind(out, "review")
    town.wait(hours=1)
    words = "Guten Tag, noch eine Frage: gilt das auch für Halle 9?"
    town.deliver(reply_to(receipt, words, sender=COMPANY))
    order = f"{town.ticket().reference} freigeben"
    told = _words(town.deliver(reply_to(preview, order)))
    assert "auch für Halle 9?“ Bitte sagen Sie es noch einmal" in told
    town.wait(days=1)
    assert "oder sagen Sie zuerst: verwerfen" in _words(
        town.deliver(reply_to(digest_of(town), order))
    )


def test_no_answer_goes_out_over_an_offices_answer(town: City) -> None:
    """What an office has answered since the digest, held or accepted, is read first."""
    out = town.deliver(letter("Stand", TWO_OFFICES))
    order = f"{town.ticket().reference} antwort: Ja, die Nutzungsänderung wird genehmigt."
    for answer in ("Nein, sie wird abgelehnt.", "Nein, abgelehnt. Das ist vertraulich."):
        town.wait(days=1)
        digest = digest_of(town)
        town.wait(hours=1)
        office = BAU if answer.endswith("abgelehnt.") else UMWELT
        town.deliver(reply_to(forward_to(out, office), answer))
        told = town.deliver(reply_to(digest, order))
        assert of_kind(told, "combined-answer") == []
        assert "Inzwischen kam eine Rückmeldung von" in _words(told)
    town.wait(days=1)
    assert of_kind(town.deliver(reply_to(digest_of(town), order)), "combined-answer")


@pytest.mark.parametrize(
    "said", ["NUR INTERN: Bitte nicht zusagen.", "Antwort\n\nNein, das geht dort nicht."]
)
def test_no_answer_goes_out_over_what_an_office_said_besides(town: City, said: str) -> None:
    """A word to the desk, or straight to the company, is as new as any other."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    digest = digest_of(town)
    town.wait(hours=1)
    raw = reply_to(forward, said)
    if "intern" not in said.lower():
        raw = raw.replace(b"\r\nSubject:", f"\r\nCc: {COMPANY}\r\nSubject:".encode(), 1)
    town.deliver(raw)
    assert town.ticket().consultations[0].replies[0].state == "kept"
    order = f"{town.ticket().reference} antwort Ja, das geht."
    out = town.deliver(reply_to(digest, order))
    assert of_kind(out, "combined-answer") == []


def test_no_office_is_asked_over_a_letter_nobody_read(town: City) -> None:
    """What the company has written since the digest may be that this office is not to know."""
    out = town.deliver(letter("Frage", NO_OFFICE))
    digest = digest_of(town)
    town.wait(hours=1)
    (receipt,) = of_kind(out, "acknowledgement")
    words = "Bitte geben Sie meine Anfrage NICHT an die Bauaufsicht."
    town.deliver(reply_to(receipt, words, sender=COMPANY))
    order = f"{town.ticket().reference} an bauaufsicht"
    out = town.deliver(reply_to(digest, order))
    assert of_kind(out, "forward") == []
    assert "NICHT an die Bauaufsicht" in _words(out)
    town.wait(days=1)
    assert of_kind(town.deliver(reply_to(digest_of(town), order)), "forward")


@pytest.mark.parametrize("order", ["ohne umwelt", "erinnern"])
@pytest.mark.parametrize("said", ["Rückfrage\nWie laut ist es?", "Ja. Das ist vertraulich."])
def test_no_office_is_left_out_or_reminded_that_has_written(
    town: City, order: str, said: str
) -> None:
    """Its question, which the company has by now, or its reply is told before its part ends."""
    out = town.deliver(letter("Stand", TWO_OFFICES))
    town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    digest = digest_of(town)
    town.wait(hours=1)
    town.deliver(reply_to(forward_to(out, UMWELT), said))
    told = town.deliver(reply_to(digest, f"{town.ticket().reference} {order}"))
    assert [mail["X-Mailflow-Kind"] for mail in told] == ["notice"]
    assert "Inzwischen kam eine Rückmeldung von Umweltamt" in _words(told)


def test_an_office_may_be_left_out_while_another_has_written(town: City) -> None:
    """Only what the office itself has written since stands against going on without it."""
    out = town.deliver(letter("Stand", TWO_OFFICES))
    digest = digest_of(town)
    town.wait(hours=1)
    town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    order = f"{town.ticket().reference} ohne umwelt"
    assert of_kind(town.deliver(reply_to(digest, order)), "combined-answer")


def test_a_reply_is_known_from_when_it_was_read(town: City) -> None:
    """What lay in the mailbox when the digest was made, and was read after it, is newer."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.mailbox.folders["INBOX"].add(reply_to(forward, "Nein. Das ist vertraulich."), town.now)
    town.wait(minutes=1)
    assert town.reporting.send()
    town.dispatch.send_due()
    digest = parse(town.wire.accepted[-1][2])
    town.wait(minutes=5)
    town.work()
    out = town.deliver(reply_to(digest, f"{town.ticket().reference} antwort Ja, das geht."))
    assert of_kind(out, "combined-answer") == []
