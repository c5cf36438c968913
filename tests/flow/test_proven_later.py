"""The same mail twice: first by a way that leaves its sender in doubt, then vouched for."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from mailflow.ledger import rebuild
from tests.flow.city import (
    COMPANY,
    ONE_OFFICE,
    City,
    body_of,
    city,
    digest_of,
    forward_to,
    letter,
    of_kind,
    reply_to,
)
from tests.flow.mailbox import MemoryInbox
from tests.flow.test_ledger import FOLDERS
from tests.flow.test_question_files import names_of_files, with_file

BAU = "bauaufsicht@stadt.example.org"
OURS = "mx.stadt.example.org"
ANSWER = "Die Genehmigung wurde am 20.11.2026 erteilt."
FAILED = f"Authentication-Results: {OURS}; dmarc=fail\r\n".encode()


def _proven(raw: bytes, domain: str = "stadt.example.org") -> bytes:
    said = f"Authentication-Results: {OURS}; dmarc=pass header.from={domain}\r\n"
    return said.encode() + raw


def _asked(town: City) -> EmailMessage:
    town.deciding._authserv_ids = (OURS,)
    inquiry = _proven(letter("Umnutzung", ONE_OFFICE), "montage.example")
    return forward_to(town.deliver(inquiry), BAU)


def _answers(mails: list[EmailMessage]) -> list[EmailMessage]:
    return of_kind(mails, "combined-answer")


@pytest.mark.parametrize("first", [FAILED, b""])
def test_a_reply_that_is_proven_later_takes_effect(town: City, first: bytes) -> None:
    """The copy that is vouched for answers; the doubt about the first is settled; once only."""
    reply = reply_to(_asked(town), ANSWER, quote=False)
    assert _answers(town.deliver(first + reply)) == []
    assert [hold.reason for hold in town.ticket().holds] == ["authentication"]
    (answer,) = _answers(town.deliver(_proven(reply)))
    assert body_of(answer).count(ANSWER) == 1
    assert town.ticket().holds == ()
    assert town.deliver(_proven(reply)) == []
    assert town.deliver(first + reply) == []
    assert town.ticket().holds == ()


def test_a_file_of_a_question_that_is_proven_later_goes_once(town: City) -> None:
    """Both copies are on record with the file; the company gets it from one of them."""
    words = "Rückfrage\nBitte füllen Sie das Formular aus."
    asked = with_file(reply_to(_asked(town), words, quote=False), "Formular.pdf", b"%PDF form")
    town.deliver(FAILED + asked)
    (question,) = town.deliver(_proven(asked))
    assert names_of_files(question) == ["Formular.pdf"]


def test_a_second_copy_in_doubt_is_only_a_double(town: City) -> None:
    """Nothing is proven by it: the first goes on waiting, until a third copy proves both."""
    reply = reply_to(_asked(town), ANSWER, quote=False)
    town.deliver(FAILED + reply)
    assert town.deliver(reply) == []
    assert len(town.ticket().holds) == 1
    assert len(_answers(town.deliver(_proven(reply)))) == 1


def test_a_reply_that_waits_for_its_words_goes_on_waiting(town: City) -> None:
    """The proof of its sender releases no remark in it; the doubt about him is gone."""
    words = f"{ANSWER}\n\nIntern: Die Firma ist fast pleite."
    reply = reply_to(_asked(town), words, quote=False)
    town.deliver(FAILED + reply)
    assert town.deliver(_proven(reply)) == []
    (hold,) = town.ticket().holds
    assert hold.reason == "internal-part"
    assert "nicht geschickt" not in hold.text


def test_a_reply_proven_after_its_supplement_completes_the_answer(town: City) -> None:
    """Both go to the company in one answer, and nobody is told that no office is left to ask."""
    forward = _asked(town)
    reply = reply_to(forward, ANSWER, quote=False)
    supplement = "Nachtrag: Die Gebühr beträgt 80 Euro."
    town.deliver(FAILED + reply)
    assert town.deliver(_proven(reply_to(forward, supplement, quote=False))) == []
    (answer,) = _answers(town.deliver(_proven(reply)))
    assert ANSWER in body_of(answer)
    assert supplement in body_of(answer)
    assert town.ticket().holds == ()


def test_what_the_manager_has_decided_stays_decided(town: City) -> None:
    """A reply that he has discarded does not come back by its double."""
    reply = reply_to(_asked(town), ANSWER, quote=False)
    town.deliver(FAILED + reply)
    order = reply_to(digest_of(town), f"{town.ticket().reference} verwerfen bauaufsicht")
    town.deliver(_proven(order))
    assert town.ticket().holds == ()
    assert town.deliver(_proven(reply)) == []


def test_what_the_manager_has_released_goes_out_once(town: City) -> None:
    """The double of a reply that he has let go is a double, whatever it proves."""
    reply = reply_to(_asked(town), ANSWER, quote=False)
    town.deliver(FAILED + reply)
    order = reply_to(digest_of(town), f"{town.ticket().reference} freigeben bauaufsicht")
    assert len(_answers(town.deliver(_proven(order)))) == 1
    assert town.deliver(_proven(reply)) == []


def test_an_inquiry_that_is_proven_later_opens_its_ticket(town: City) -> None:
    """What waited outside every ticket waits no more, and is acknowledged as any other."""
    town.deciding._authserv_ids = (OURS,)
    inquiry = letter("Umnutzung", ONE_OFFICE)
    assert of_kind(town.deliver(FAILED + inquiry), "acknowledgement") == []
    out = town.deliver(_proven(inquiry, "montage.example"))
    (receipt,) = of_kind(out, "acknowledgement")
    assert COMPANY in receipt["To"]
    assert town.reporting.digest().pending == ()
    assert town.deliver(_proven(inquiry, "montage.example")) == []


def test_a_rebuild_comes_to_the_same_state(tmp_path: Path) -> None:
    """Read again from the mailbox, the answer went out once and nothing waits."""
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    mailbox = MemoryInbox()
    with city(tmp_path / "first", mailbox=mailbox) as town:
        reply = reply_to(_asked(town), ANSWER, quote=False)
        town.deliver(FAILED + reply)
        town.deliver(_proven(reply))
        town.take_receipts()
        before, now = town.ticket(), town.now
    with city(tmp_path / "second", mailbox=mailbox) as town:
        town.now = now
        town.deciding._authserv_ids = (OURS,)
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        after = town.ticket()
        assert (after.state, after.answers, after.holds) == (before.state, 1, ())
        assert _answers(town.work()) == []
