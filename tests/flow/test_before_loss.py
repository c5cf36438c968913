"""After a loss the receipts say what has gone out, also where nobody can replay why.

Such as an order at the desk whose mail the mailbox never took.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.message import EmailMessage
from functools import partial
from pathlib import Path

from sqlalchemy import select

from mailflow.core.offices import Offices
from mailflow.core.retry import Accepted, Rejected
from mailflow.core.ticket import TicketState
from mailflow.ledger import rebuild, thaw
from mailflow.schema import hold
from mailflow.store.engine import reading
from tests.flow.city import (
    CENTRAL,
    COMPANY,
    NO_OFFICE,
    OFFICES,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    body_of,
    city,
    digest_of,
    forward_to,
    in_no_mailbox,
    letter,
    of_kind,
    parse,
    reply_to,
    to_of,
)
from tests.flow.test_machines import _bounce

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"
TWO_AUTHORS = f"{COMPANY}, chef@montage.example"
DEPUTY = "umweltamt-vertretung@stadt.example.org"
FOLDERS = ["Processed", "Quarantine", "INBOX"]


@contextmanager
def _lost_after(
    story: Callable[[City], EmailMessage | None],
    folder: Path,
    offices: Offices = OFFICES,
    *,
    released: tuple[bool, bool] = (False, False),
    as_they_come: bool = False,
    send: bool = False,
) -> Iterator[City]:
    """Give a town whose database was lost after a story and made anew, with these offices.

    ``released``: whether answers wait for the manager, before the loss and since. ``send``: what
    nothing proves to be out goes out now.
    """
    before, since = released
    with city(folder, manager_releases=before, as_they_come=as_they_come) as town:
        town.dispatch._receipts = "all"
        story(town)
        town.take_receipts()
        mailbox, now = town.mailbox, town.now
    (folder / "mailflow.db").unlink()
    kind = partial(city, folder, manager_releases=since, as_they_come=as_they_come)
    with kind(mailbox=mailbox, offices=offices) as town:
        town.dispatch._receipts = "all"
        town.now = now
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        thaw(town.store, town.now, send=send)
        assert send or town.work() == []
        yield town


def _answered_by_a_colleague(town: City) -> None:
    out = town.deliver(letter("Lärm", "Welche Grenzwerte für Lärm gelten nachts an der Halle?"))
    town.take_receipts()
    town.wait(hours=1)
    reply = reply_to(forward_to(out, UMWELT), "40 Dezibel.", sender="p.gruen@stadt.example.org")
    assert of_kind(town.deliver(reply), "combined-answer")


def test_an_answer_whose_reply_waits_now_is_not_sent_once_more(tmp_path: Path) -> None:
    """Its author is no longer of the office; the answer's name tells that he was heard."""
    strict = Offices(tuple(replace(each, members=()) for each in OFFICES))
    with _lost_after(_answered_by_a_colleague, tmp_path, strict, send=True) as town:
        assert of_kind(town.work(), "combined-answer") == []
        assert (town.ticket().state, town.ticket().holds) == (TicketState.ANSWERED, ())


def _answered_by_the_deputy(town: City) -> None:
    town.wire.outcomes = [Rejected("550 5.1.1 nobody")]
    out = town.deliver(letter("Halle", ONE_OFFICE)) + town.work()
    (forward,) = [each for each in of_kind(out, "forward") if "vertretung" in to_of(each)]
    town.take_receipts()
    town.wait(hours=1)
    reply = reply_to(forward, "Die Genehmigung kommt im Juni.")
    assert of_kind(town.deliver(reply), "combined-answer")


def test_a_deputy_asked_after_a_refusal_is_known_by_the_receipt(tmp_path: Path) -> None:
    """The refusal stands in no mail; its reply counts."""
    with _lost_after(_answered_by_the_deputy, tmp_path) as town:
        assert town.ticket().state is TicketState.ANSWERED
        assert town.ticket().holds == ()


def _answered_at_the_desk(town: City) -> None:
    town.deliver(letter("Frage", NO_OFFICE))
    town.take_receipts()
    town.wait(hours=1)
    in_no_mailbox(town, f"{town.ticket().reference} antwort: Bitte fragen Sie das Finanzamt.")
    assert of_kind(town.work(), "combined-answer")


def test_a_ticket_answered_at_the_desk_is_answered_after_a_loss(tmp_path: Path) -> None:
    """The order was in no mail, but the company has its answer: nobody is told to answer again."""
    with _lost_after(_answered_at_the_desk, tmp_path) as town:
        ticket = town.ticket()
        assert (ticket.state, ticket.answers, ticket.holds) == (TicketState.ANSWERED, 1, ())


OTHERWISE = "Noch eine andere Frage: Wer hilft uns bei der Suche nach einer Wohnung?"


def _order(town: City, words: str) -> list[EmailMessage]:
    """Let the manager answer today's digest, an hour later."""
    digest = digest_of(town)
    town.wait(hours=1)
    return town.deliver(reply_to(digest, words, quote=False))


def _waits(town: City, reason: str) -> list[str]:
    """Give the texts of the items that wait for this reason."""
    return [each.text for each in town.ticket().holds if each.reason == reason]


def _acknowledged(town: City, **headers: str) -> EmailMessage:
    """Let a company write what no office is found for."""
    out = town.deliver(letter("Frage", NO_OFFICE, **headers))
    town.take_receipts()
    town.wait(hours=1)
    return of_kind(out, "acknowledgement")[0]


def _written_before_the_receipt(town: City) -> None:
    ack = _acknowledged(town)
    in_no_mailbox(town, f"{town.ticket().reference} antwort: Bitte fragen Sie das Finanzamt.")
    assert of_kind(town.work(), "combined-answer")
    town.wait(seconds=30)
    town.deliver(reply_to(ack, OTHERWISE, quote=False, sender=COMPANY))
    town.wait(seconds=30)


def test_a_letter_newer_than_the_answer_waits(tmp_path: Path) -> None:
    """What the answer did not know of is not settled by it: the ticket goes on."""
    with _lost_after(_written_before_the_receipt, tmp_path) as town:
        ticket = town.ticket()
        (item,) = ticket.holds
        assert (ticket.state, ticket.answers) == (TicketState.CONSULTING, 1)
        assert (item.reason, item.mail_id) == ("unrouted", ticket.letters[-1].mail_id)


def _without_ids(town: City) -> None:
    raw = letter("Frage", NO_OFFICE)
    town.deliver(_without_id(raw))
    town.take_receipts()
    town.wait(hours=1)
    in_no_mailbox(town, f"{town.ticket().reference} antwort: Bitte fragen Sie das Finanzamt.")
    assert of_kind(town.work(), "combined-answer")
    town.wait(seconds=30)
    again = letter(f"AW: Frage [{town.ticket().reference}]", OTHERWISE)
    town.deliver(_without_id(again))
    town.wait(seconds=30)


def _without_id(raw: bytes) -> bytes:
    return b"\r\n".join(each for each in raw.split(b"\r\n") if not each.startswith(b"Message-ID"))


def test_an_answer_that_names_no_letter_settles_what_came_before_its_date(tmp_path: Path) -> None:
    """The company's mails bear no Message-ID; the answer's own date parts them."""
    with _lost_after(_without_ids, tmp_path) as town:
        (item,) = town.ticket().holds
        assert item.mail_id == town.ticket().letters[-1].mail_id


def _sent_again(town: City) -> None:
    ack = _acknowledged(town)
    reference = town.ticket().reference
    out = _order(town, f"{reference} antwort: Bitte fragen Sie das Finanzamt.")
    (answer,) = of_kind(out, "combined-answer")
    town.take_receipts()
    town.wait(hours=1)
    town.deliver(_bounce(COMPANY, answer["Message-ID"]))
    town.wait(hours=1)
    town.deliver(reply_to(ack, OTHERWISE, quote=False, sender=COMPANY))
    town.wait(hours=1)
    in_no_mailbox(town, f"{reference} freigeben")
    assert of_kind(town.work(), "combined-answer")


def test_an_old_answer_sent_again_settles_only_its_failure(tmp_path: Path) -> None:
    """The newer letter waits, the failed answer no longer does, and one answer is counted."""
    with _lost_after(_sent_again, tmp_path) as town:
        assert [each.reason for each in town.ticket().holds] == ["unrouted"]
        assert town.ticket().answers == 1


def _refused_and_sent_again(town: City) -> None:
    _acknowledged(town)
    town.wire.outcomes = [Accepted("250 ok"), Rejected("550 5.1.1 nobody")]
    reference = town.ticket().reference
    _order(town, f"{reference} antwort: Bitte fragen Sie das Finanzamt.")
    assert _waits(town, "unreachable")
    town.take_receipts()
    town.wait(hours=1)
    in_no_mailbox(town, f"{reference} freigeben")
    assert of_kind(town.work(), "combined-answer")


def test_what_was_refused_and_sent_again_goes_out_no_third_time(tmp_path: Path) -> None:
    """The refusal stands in no mail; the receipt of the second sending tells of both."""
    with _lost_after(_refused_and_sent_again, tmp_path, send=True) as town:
        assert of_kind(town.work(), "combined-answer") == []
        assert town.ticket().state is TicketState.ANSWERED


def _deputy_bounced(town: City) -> None:
    town.wire.outcomes = [Rejected("550 5.1.1 nobody")]
    out = town.deliver(letter("Halle", ONE_OFFICE)) + town.work()
    (forward,) = [each for each in of_kind(out, "forward") if "vertretung" in to_of(each)]
    town.take_receipts()
    town.wait(minutes=10)
    town.deliver(_bounce(to_of(forward), forward["Message-ID"]))


def test_an_office_whose_deputy_got_nothing_waits_for_the_manager(tmp_path: Path) -> None:
    """The receipt names its reader, and so does the report on it."""
    with _lost_after(_deputy_bounced, tmp_path) as town:
        assert _waits(town, "unreachable")


def _reminded(town: City) -> EmailMessage:
    town.deliver(letter("Stand", ONE_OFFICE))
    town.take_receipts()
    town.wait(hours=1)
    in_no_mailbox(town, f"{town.ticket().reference} frist +1T")
    out = []
    for _ in range(2):
        town.wait(days=1)
        town.chasing.remind()
        out += town.work()
        town.take_receipts()
    (reminder,) = [each for each in of_kind(out, "reminder") if "vertretung" in to_of(each)]
    return reminder


def test_a_reminder_that_did_not_reach_the_deputy_says_nothing_of_the_office(
    tmp_path: Path,
) -> None:
    """The office itself has the matter, and nobody else is asked."""
    kept = []
    with _lost_after(lambda town: kept.append(_reminded(town)), tmp_path) as town:
        town.wait(minutes=20)
        out = town.deliver(_bounce(to_of(kept[0]), kept[0]["Message-ID"]))
        assert of_kind(out, "forward") == []
        assert town.ticket().still_working()


def _asked_at_the_desk(town: City) -> EmailMessage:
    _acknowledged(town)
    in_no_mailbox(town, f"{town.ticket().reference} an umwelt")
    forward = forward_to(town.work(), UMWELT)
    town.take_receipts()
    town.wait(hours=1)
    return forward


def test_an_office_asked_at_the_desk_is_asked_after_a_loss(tmp_path: Path) -> None:
    """Its forward's receipt tells; what waited says so, and ordering it again sends nothing."""
    with _lost_after(_asked_at_the_desk, tmp_path) as town:
        assert [each.office_id for each in town.ticket().still_working()] == ["umwelt"]
        assert "ging die Anfrage an Umweltamt hinaus." in _waits(town, "unrouted")[0]
        out = _order(town, f"{town.ticket().reference} an umwelt")
        assert of_kind(out, "forward") == []
        assert town.ticket().holds == ()
        out = town.deliver(letter(f"AW: Frage [{town.ticket().reference}]", "Auch nachts?"))
        assert "weiterhelfen" not in body_of(forward_to(out, UMWELT))


def test_the_answer_of_an_office_asked_at_the_desk_counts_after_a_loss(tmp_path: Path) -> None:
    """It lay in the mailbox, and its token is known by the receipt before it."""

    def story(town: City) -> None:
        forward = _asked_at_the_desk(town)
        reply = reply_to(forward, "Nachts gelten 40 Dezibel.")
        assert of_kind(town.deliver(reply), "combined-answer")

    with _lost_after(story, tmp_path) as town:
        ticket = town.ticket()
        assert ticket.state is TicketState.ANSWERED
        assert [each.state for each in ticket.consultations[0].replies] == ["sent"]


def test_a_bounce_of_what_was_asked_at_the_desk_is_heard_after_a_loss(tmp_path: Path) -> None:
    """The deputy is asked."""
    kept = []
    with _lost_after(lambda town: kept.append(_asked_at_the_desk(town)), tmp_path) as town:
        out = town.deliver(_bounce(UMWELT, kept[0]["Message-ID"]))
        assert [to_of(each) for each in of_kind(out, "forward")] == [DEPUTY]


def test_a_reminder_of_what_was_asked_at_the_desk_tells_of_what(tmp_path: Path) -> None:
    """It quotes the letter, and stands in the forward's thread."""
    kept = []
    with _lost_after(lambda town: kept.append(_asked_at_the_desk(town)), tmp_path) as town:
        out = []
        for _ in range(6):
            town.wait(days=1)
            town.chasing.remind()
            out += town.work()
        reminder = of_kind(out, "reminder")[0]
        assert "weiterhelfen" in body_of(reminder)
        assert kept[0]["Message-ID"] in reminder["References"]


def _written_before_the_forwards_receipt(town: City) -> None:
    ack = _acknowledged(town)
    in_no_mailbox(town, f"{town.ticket().reference} an umwelt")
    assert forward_to(town.work(), UMWELT)
    town.wait(seconds=10)
    town.wire.outcomes = [Rejected("452 4.3.1 full")]
    town.deliver(reply_to(ack, "Auch nachts?", quote=False, sender=COMPANY))
    town.wait(seconds=10)


def test_a_letter_newer_than_the_forward_goes_to_the_office_after_a_loss(tmp_path: Path) -> None:
    """Nobody had asked the office when the letter was read again; it goes on alone."""
    with _lost_after(_written_before_the_forwards_receipt, tmp_path, send=True) as town:
        forward = forward_to(town.work(), UMWELT)
        assert "Auch nachts?" in body_of(forward)
        assert "weiterhelfen" not in body_of(forward)


def _taken_up_at_the_desk(town: City) -> EmailMessage:
    town.deliver(letter("Lager", NO_OFFICE, sender=TWO_AUTHORS))
    ((reference, _),) = _outside(town)
    in_no_mailbox(town, f"{reference} an umwelt")
    forward = forward_to(town.work(), UMWELT)
    town.take_receipts()
    town.wait(hours=1)
    return forward


def _outside(town: City) -> list[tuple[str, str]]:
    """Give reference and reason of what waits outside every ticket."""
    query = select(hold.c.reference, hold.c.reason).where(hold.c.ticket_id.is_(None))
    with reading(town.store.engine) as connection:
        return [(row.reference, row.reason) for row in connection.execute(query)]


def test_a_forward_from_before_its_ticket_is_the_tickets_once_it_is_ordered_again(
    tmp_path: Path,
) -> None:
    """Who wrote was in doubt, so that only an order opens the ticket: its office has the letter."""
    kept = []
    with _lost_after(lambda town: kept.append(_taken_up_at_the_desk(town)), tmp_path) as town:
        ((reference, _),) = _outside(town)
        assert of_kind(_order(town, f"{reference} an umwelt"), "forward") == []
        assert {each[0] for each in town.ticket().forwarded} == {"umwelt"}
        out = town.deliver(_bounce(UMWELT, kept[0]["Message-ID"]))
        assert [to_of(each) for each in of_kind(out, "forward")] == [DEPUTY]


_TRACE = (
    b"Return-Path: <x@relay.intern.stadt.example.org>\r\n"
    b"Delivered-To: unternehmen+receipt@stadt.example.org\r\n"
    b"Received: from app7.intern.stadt.example.org (10.3.4.5) by mx;\r\n"
    b"\tTue, 24 Nov 2026 09:00:01 +0000\r\n"
)


def test_what_is_sent_again_bears_nothing_of_the_receipts_way(tmp_path: Path) -> None:
    """The company gets the mail as it was made, and a report on it comes to us."""
    kept = []

    def story(town: City) -> None:
        _acknowledged(town)
        in_no_mailbox(town, f"{town.ticket().reference} antwort: Bitte fragen Sie das Finanzamt.")
        kept.extend(of_kind(town.work(), "combined-answer"))
        town.wire.receipts = [_TRACE + each for each in town.wire.receipts]

    with _lost_after(story, tmp_path) as town:
        town.wait(minutes=30)
        town.deliver(_bounce(COMPANY, kept[0]["Message-ID"]))
        before = len(town.wire.accepted)
        _order(town, f"{town.ticket().reference} freigeben")
        (sent,) = [each for each in town.wire.accepted[before:] if each[1] == COMPANY]
        envelope_from, _, raw = sent
        assert envelope_from == CENTRAL
        assert {*parse(raw).keys()} == {*kept[0].keys()}
        assert body_of(parse(raw)) == body_of(kept[0])


def _left_out_at_the_desk(town: City) -> EmailMessage:
    out = town.deliver(letter("Umnutzung", TWO_OFFICES))
    town.take_receipts()
    town.wait(hours=1)
    town.deliver(reply_to(forward_to(out, UMWELT), "Nachts gelten 40 Dezibel."))
    town.take_receipts()
    town.wait(hours=1)
    in_no_mailbox(town, f"{town.ticket().reference} ohne bauaufsicht")
    assert of_kind(town.work(), "combined-answer")
    return forward_to(out, BAU)


def test_words_that_went_out_do_not_go_out_with_the_next_answer(tmp_path: Path) -> None:
    """The answer's name tells which replies it was made of."""
    kept = []
    with _lost_after(lambda town: kept.append(_left_out_at_the_desk(town)), tmp_path) as town:
        town.wait(hours=3)
        out = town.deliver(reply_to(kept[0], "Die Genehmigung kommt im Juni."))
        (answer,) = of_kind(out, "combined-answer")
        assert "40 Dezibel" not in body_of(answer)


def _released(town: City) -> None:
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.take_receipts()
    town.wait(hours=1)
    (review,) = of_kind(town.deliver(reply_to(forward, "Sie kommt im Juni.")), "review")
    town.wait(minutes=5)
    words = f"{town.ticket().reference} freigeben"
    assert of_kind(town.deliver(reply_to(review, words, quote=False)), "combined-answer")


def test_an_answer_once_released_is_not_sent_as_one_that_needs_no_release(tmp_path: Path) -> None:
    """``release`` has been changed since: the same replies make an answer of another name."""
    with _lost_after(_released, tmp_path, released=(True, False), send=True) as town:
        assert of_kind(town.work(), "combined-answer") == []
        assert (town.ticket().state, town.ticket().answers) == (TicketState.ANSWERED, 1)


def _answered(town: City) -> None:
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.take_receipts()
    town.wait(hours=1)
    out = town.deliver(reply_to(forward, "Sie kommt im Juni."))
    assert of_kind(out, "combined-answer")


def test_an_answer_that_needed_no_release_does_not_wait_for_one(tmp_path: Path) -> None:
    """``release`` has been changed since, the other way round."""
    with _lost_after(_answered, tmp_path, released=(False, True), send=True) as town:
        assert of_kind(town.work(), "combined-answer") == []
        ticket = town.ticket()
        assert (ticket.state, ticket.holds) == (TicketState.ANSWERED, ())


def _closed_after_the_desk(town: City) -> None:
    _acknowledged(town)
    digest = digest_of(town)
    town.wait(minutes=30)
    in_no_mailbox(town, f"{town.ticket().reference} an umwelt")
    assert forward_to(town.work(), UMWELT)
    town.take_receipts()
    town.wait(hours=1)
    town.deliver(reply_to(digest, f"{town.ticket().reference} schliessen", quote=False))


def test_an_order_read_again_acts_on_what_a_receipt_said_more_of(tmp_path: Path) -> None:
    """The digest it answers showed the item, so the ticket that was closed is closed."""
    with _lost_after(_closed_after_the_desk, tmp_path) as town:
        assert town.ticket().state is TicketState.CLOSED


def _taken_in_after_the_desk(town: City) -> None:
    out = town.deliver(letter("Stand", ONE_OFFICE))
    town.take_receipts()
    town.wait(minutes=30)
    stranger = "k.neu@stadt.example.org"
    town.deliver(reply_to(forward_to(out, BAU), "Sie kommt im Juni.", sender=stranger))
    town.wait(minutes=30)
    reference, digest = town.ticket().reference, digest_of(town)
    town.wait(minutes=10)
    in_no_mailbox(town, f"{reference} antwort: Wir haben das Amt gefragt und melden uns.")
    assert of_kind(town.work(), "combined-answer")
    town.take_receipts()
    town.wait(hours=1)
    out = town.deliver(reply_to(digest, f"{reference} aufnehmen", quote=False))
    assert of_kind(out, "combined-answer")


def test_a_sender_taken_in_is_taken_in_after_a_loss(tmp_path: Path) -> None:
    """A receipt in between said more of the item, which stayed as old as it was."""
    with _lost_after(_taken_in_after_the_desk, tmp_path) as town:
        assert town.ticket().state is TicketState.ANSWERED


def _asked_and_answered_at_the_desk(town: City) -> None:
    _acknowledged(town)
    in_no_mailbox(town, f"{town.ticket().reference} an umwelt")
    town.wait(seconds=5)
    in_no_mailbox(town, f"{town.ticket().reference} antwort: Bitte gedulden Sie sich.")
    town.work()
    town.wait(seconds=20)


def test_an_answer_settles_what_the_receipt_of_a_forward_said_more_of(tmp_path: Path) -> None:
    """Both went out at the desk, and both receipts came after both orders."""
    with _lost_after(_asked_and_answered_at_the_desk, tmp_path) as town:
        assert _waits(town, "unrouted") == []


def _released_with_a_strangers(town: City) -> None:
    out = town.deliver(letter("Umnutzung", TWO_OFFICES))
    town.take_receipts()
    town.wait(hours=1)
    town.deliver(reply_to(forward_to(out, UMWELT), "Nachts gelten 40 Dezibel."))
    stranger = "k.neu@stadt.example.org"
    town.deliver(reply_to(forward_to(out, BAU), "Sie kommt im Juni.", sender=stranger))
    town.wait(hours=1)
    in_no_mailbox(town, f"{town.ticket().reference} freigeben")
    assert of_kind(town.work(), "combined-answer")
    town.wait(seconds=20)


def test_a_reply_released_at_the_desk_has_gone_out_with_the_accepted_one(tmp_path: Path) -> None:
    """The answer's name tells of both; nothing waits, and none of it can go out once more."""
    with _lost_after(_released_with_a_strangers, tmp_path) as town:
        ticket = town.ticket()
        replies = [each.state for part in ticket.consultations for each in part.replies]
        assert (ticket.state, ticket.answers, ticket.holds) == (TicketState.ANSWERED, 1, ())
        assert (replies, ticket.still_working()) == (["sent", "sent"], ())


def _written_after_it_was_left_out(town: City) -> None:
    forward = _left_out_at_the_desk(town)
    town.wait(seconds=20)
    town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
    town.wait(seconds=20)


def test_of_an_answer_made_anew_only_what_is_new_goes_out(tmp_path: Path) -> None:
    """Of what had gone and another reply a rebuild, which knew no order, made one answer."""
    with _lost_after(_written_after_it_was_left_out, tmp_path, send=True) as town:
        (answer,) = of_kind(town.work(), "combined-answer")
        assert "Juni" in body_of(answer)
        assert "40 Dezibel" not in body_of(answer)
        assert (town.ticket().state, town.ticket().answers) == (TicketState.ANSWERED, 2)


def _preview_replaced(town: City) -> None:
    out = town.deliver(letter("Umnutzung", TWO_OFFICES))
    town.take_receipts()
    town.wait(hours=1)
    town.deliver(reply_to(forward_to(out, UMWELT), "Nachts gelten 40 Dezibel."))
    town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    town.take_receipts()
    town.wait(hours=1)
    in_no_mailbox(town, f"{town.ticket().reference} freigeben")
    assert of_kind(town.work(), "combined-answer")
    town.wait(seconds=20)
    town.deliver(reply_to(forward_to(out, BAU), "Ergänzung: Es wird wohl doch der 3. Juli."))
    town.wait(seconds=5)


def test_what_a_released_preview_showed_is_in_no_later_one(tmp_path: Path) -> None:
    """A second reply replaced the preview in a rebuild, before the receipt was read."""
    with _lost_after(_preview_replaced, tmp_path, released=(True, True)) as town:
        assert town.ticket().state is TicketState.REVIEW
        (answer,) = of_kind(_order(town, f"{town.ticket().reference} freigeben"), "combined-answer")
        assert "Juli" in body_of(answer)
        assert "40 Dezibel" not in body_of(answer)
        assert town.ticket().answers == 2


def _released_while_another_works(town: City) -> None:
    out = town.deliver(letter("Umnutzung", TWO_OFFICES))
    town.take_receipts()
    town.wait(hours=1)
    town.deliver(reply_to(forward_to(out, UMWELT), "Nachts gelten 40 Dezibel."))
    in_no_mailbox(town, f"{town.ticket().reference} freigeben")
    assert of_kind(town.work(), "combined-answer")
    town.wait(seconds=20)
    town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))


def test_what_was_released_while_another_office_worked_is_known_when_it_does_not(
    tmp_path: Path,
) -> None:
    """Its receipt came when both had answered: only the second one's words still wait."""
    story = _released_while_another_works
    released = (True, True)
    with _lost_after(story, tmp_path, released=released, as_they_come=True) as town:
        assert town.ticket().state is TicketState.REVIEW
        (answer,) = of_kind(_order(town, f"{town.ticket().reference} freigeben"), "combined-answer")
        assert "Juni" in body_of(answer)
        assert "40 Dezibel" not in body_of(answer)


def _put_in_and_answered(town: City) -> None:
    ack = _acknowledged(town)
    town.deliver(reply_to(ack, "Ich bin die Planerin.", sender="wer@anderswo.example"))
    town.wait(hours=1)
    ((loose, _),) = _outside(town)
    _order(town, f"{loose} zu {town.ticket().reference}")
    town.take_receipts()
    town.wait(hours=1)
    in_no_mailbox(town, f"{town.ticket().reference} antwort: Bitte fragen Sie das Finanzamt.")
    assert of_kind(town.work(), "combined-answer")
    town.wait(seconds=20)


def test_a_strangers_letter_put_in_before_the_answer_is_not_newer(tmp_path: Path) -> None:
    """The answer replies to the company's own last letter, not to what stands behind it."""
    with _lost_after(_put_in_and_answered, tmp_path) as town:
        ticket = town.ticket()
        assert len(ticket.letters) == 2
        assert (ticket.state, ticket.holds) == (TicketState.ANSWERED, ())


def test_what_an_item_advises_asks_no_office_again(tmp_path: Path) -> None:
    """The office asked at the desk answers first; then its answer goes out, and nothing else."""
    kept = []
    with _lost_after(lambda town: kept.append(_asked_at_the_desk(town)), tmp_path) as town:
        out = town.deliver(reply_to(kept[0], "Nachts gelten 40 Dezibel."))
        assert of_kind(out, "combined-answer") == []
        _, advice = _waits(town, "unrouted")[0].split("Genügt das, sagen Sie: ")
        town.wait(hours=1)
        out = _order(town, f"{town.ticket().reference} {advice}")
        assert of_kind(out, "forward") == []
        assert "40 Dezibel" in body_of(of_kind(out, "combined-answer")[0])
        assert town.ticket().state is TicketState.ANSWERED


def test_what_an_item_advises_leaves_the_office_asked(tmp_path: Path) -> None:
    """The manager follows it before the office answers, whose answer then goes out by itself."""
    kept = []
    with _lost_after(lambda town: kept.append(_asked_at_the_desk(town)), tmp_path) as town:
        _, advice = _waits(town, "unrouted")[0].split("Genügt das, sagen Sie: ")
        assert of_kind(_order(town, f"{town.ticket().reference} {advice}"), "forward") == []
        assert [each.office_id for each in town.ticket().still_working()] == ["umwelt"]
        out = town.deliver(reply_to(kept[0], "Nachts gelten 40 Dezibel."))
        assert "40 Dezibel" in body_of(of_kind(out, "combined-answer")[0])
