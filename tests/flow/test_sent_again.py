"""What reached nobody can be sent again, and a mail too large is the mail's fault, no reader's."""

from email.message import EmailMessage

from sqlalchemy import select

from mailflow.core.drafts import TO_COMPANY
from mailflow.core.retry import Rejected, is_too_large
from mailflow.schema import outbox
from mailflow.store.engine import reading
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

BAU, TIEF = "bauaufsicht@stadt.example.org", "tiefbau@stadt.example.org"
TOO_LARGE = Rejected("552 5.3.4 Message size exceeds fixed limit")
STREET = "Guten Tag,\n\nunser Gehweg ist abgesackt, wann kommt die Baustelle?\n"


def _our_ids(town: City) -> list[str]:
    """Give the Message-IDs of our mails to the company, oldest first."""
    query = select(outbox.c.message_id).where(outbox.c.kind.in_(TO_COMPANY)).order_by(outbox.c.id)
    with reading(town.store.engine) as connection:
        return [str(each) for each in connection.execute(query).scalars()]


def _answer_refused(town: City, outcome: Rejected) -> None:
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.wire.outcomes = [outcome]
    town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
    town.work()


def test_size_is_told_from_a_full_mailbox() -> None:
    """RFC 3463: 5.3.4 and 5.2.3 are about the mail, 5.2.2 is about its reader."""
    assert is_too_large("552 5.3.4 Message size exceeds fixed limit")
    assert is_too_large("550 5.2.3 too long")
    assert is_too_large("552 message size exceeds maximum")
    assert not is_too_large("552 5.2.2 mailbox full")
    assert not is_too_large("550 5.1.1 unknown user")


def test_an_answer_too_large_can_be_sent_again(town: City) -> None:
    """The company counts as reachable; the digest's line sends the answer under another name."""
    _answer_refused(town, TOO_LARGE)
    assert [hold.reason for hold in town.ticket().holds] == ["unsent"]
    (item,) = town.reporting.digest().pending
    order = item.choices[0].command
    first = _our_ids(town)[-1]
    town.wait(days=1)
    (answer,) = of_kind(town.deliver(reply_to(digest_of(town), order)), "combined-answer")
    assert to_of(answer) == COMPANY
    assert "im Juni" in body_of(answer)
    assert answer["Message-ID"] not in {first, None}
    assert answer["Message-ID"] == _our_ids(town)[-1]
    assert "25 Nov 2026" in str(answer["Date"])
    assert town.ticket().holds == ()
    town.deliver(reply_to(answer, "Und was kostet die Nutzungsänderung?", sender=COMPANY))
    assert len(town.ticket().letters) == 2


def test_each_copy_that_fails_can_be_sent_again(town: City) -> None:
    """It waits anew, under a name of its own."""
    unknown = Rejected("550 5.1.1 unknown user")
    _answer_refused(town, unknown)
    order = f"{town.ticket().reference} freigeben zustellung"
    town.wait(days=1)
    digest = digest_of(town)
    town.wire.outcomes = [unknown, unknown]
    town.deliver(reply_to(digest, order))
    assert [hold.reason for hold in town.ticket().holds] == ["unreachable"]
    town.wire.outcomes = []
    town.wait(days=1)
    out = town.deliver(reply_to(digest_of(town), order))
    assert len(of_kind(out, "combined-answer")) == 1
    assert len(set(_our_ids(town))) == len(_our_ids(town)) == 4


def test_an_office_that_was_not_reached_is_asked_again(town: City) -> None:
    """REF erinnern, as the manual says, sends it the matter, and its reply goes on."""
    town.wire.outcomes = [Rejected("550 5.1.1 unknown user")]
    town.deliver(letter("Gehweg", STREET))
    town.work()
    assert [part.state for part in town.ticket().current()] == ["failed"]
    (item,) = town.reporting.digest().pending
    assert item.choices[0].command.endswith(" erinnern")
    town.wait(days=1)
    out = town.deliver(reply_to(digest_of(town), item.choices[0].command))
    forward = forward_to(out, TIEF)
    assert "abgesackt" in body_of(forward)
    assert town.ticket().holds == ()
    (answer,) = town.deliver(reply_to(forward, "Sie beginnt am 7. Dezember."))
    assert "7. Dezember" in body_of(answer)


def test_a_supplement_too_large_fails_no_office(town: City) -> None:
    """It has the matter and works on it: its answer goes out without any order."""
    out = town.deliver(letter("Gehweg", STREET))
    (receipt,) = of_kind(out, "acknowledgement")
    town.wire.outcomes = [TOO_LARGE]
    town.deliver(reply_to(receipt, "Hier die Fotos dazu.", sender=COMPANY))
    town.work()
    assert [part.state for part in town.ticket().current()] == ["asked"]
    assert [hold.reason for hold in town.ticket().holds] == ["unsent"]
    out = town.deliver(reply_to(forward_to(out, TIEF), "Sie beginnt am 7. Dezember."))
    assert len(of_kind(out, "combined-answer")) == 1


def _unreached_and_written_to(town: City) -> City:
    """Let an office not be reached, and the company write a second letter."""
    town.wire.outcomes = [Rejected("550 5.1.1 unknown user")]
    (receipt,) = of_kind(town.deliver(letter("Gehweg", STREET)), "acknowledgement")
    town.work()
    town.wait(hours=1)
    town.deliver(reply_to(receipt, "Der Gehweg vor Haus 9 gehört dazu.", sender=COMPANY))
    town.wait(days=1)
    return town


def test_the_letter_that_goes_with_a_second_request_waits_no_more(town: City) -> None:
    """Its item is settled by the order that sends it, and the finished answer goes out."""
    _unreached_and_written_to(town)
    assert [hold.reason for hold in town.ticket().holds] == ["unreachable", "unrouted"]
    out = town.deliver(reply_to(digest_of(town), f"{town.ticket().reference} erinnern"))
    forward = forward_to(out, TIEF)
    assert "Haus 9" in body_of(forward)
    assert town.ticket().holds == ()
    (answer,) = town.deliver(reply_to(forward, "Sie beginnt am 7. Dezember."))
    assert answer["X-Mailflow-Kind"] == "combined-answer"


def test_a_letter_newer_than_the_order_still_waits(town: City) -> None:
    """It goes with the request, but the manager has not read it: he still decides about it."""
    town.wire.outcomes = [Rejected("550 5.1.1 unknown user")]
    (receipt,) = of_kind(town.deliver(letter("Gehweg", STREET)), "acknowledgement")
    town.work()
    town.wait(days=1)
    digest = digest_of(town)
    town.wait(hours=1)
    town.deliver(reply_to(receipt, "Der Gehweg vor Haus 9 gehört dazu.", sender=COMPANY))
    town.wait(hours=1)
    town.deliver(reply_to(digest, f"{town.ticket().reference} erinnern"))
    assert [hold.reason for hold in town.ticket().holds] == ["unrouted"]
    out = _order(town, "an tiefbau")
    assert of_kind(out, "forward") == []
    assert "Tiefbauamt hat schon alles." in body_of(*of_kind(out, "notice"))
    assert town.ticket().holds == ()


def test_two_orders_for_one_office_bring_it_each_letter_once(town: City) -> None:
    """What the first order of a mail sends, the second one does not send again."""
    _unreached_and_written_to(town)
    reference = town.ticket().reference
    orders = f"{reference} erinnern\n{reference} an tiefbau"
    out = town.deliver(reply_to(digest_of(town), orders))
    (forward,) = of_kind(out, "forward")
    assert "Haus 9" in body_of(forward)
    assert "2 Anweisungen sind ausgeführt" in body_of(*of_kind(out, "notice"))


def test_a_right_claimed_meanwhile_is_not_settled_by_asking_again(town: City) -> None:
    """The request goes out once more; the claim still waits for the manager's own decision."""
    town.wire.outcomes = [Rejected("550 5.1.1 unknown user")]
    (receipt,) = of_kind(town.deliver(letter("Gehweg", STREET)), "acknowledgement")
    town.work()
    town.wait(hours=1)
    claim = "Ich verlange Auskunft nach Art. 15 DSGVO über die Daten zu mir."
    town.deliver(reply_to(receipt, claim, sender=COMPANY))
    assert [hold.reason for hold in town.ticket().holds] == ["unreachable", "unrouted"]
    assert len(of_kind(_order(town, "erinnern"), "forward")) == 1
    assert [hold.reason for hold in town.ticket().holds] == ["unrouted"]


def _order(town: City, order: str) -> list[EmailMessage]:
    """Let the manager answer a digest of a new day."""
    town.wait(days=1)
    return town.deliver(reply_to(digest_of(town), f"{town.ticket().reference} {order}"))
