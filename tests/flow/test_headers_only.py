"""A mail of which only the headers were read is held, told, and passed on to nobody."""

from collections.abc import Callable

import pytest

from mailflow.core.message import Message
from mailflow.reading import read
from mailflow.reading.limits import Limits
from tests.flow.city import (
    COMPANY,
    NO_OFFICE,
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

BAU = "bauaufsicht@stadt.example.org"
_LIMIT = 20_000
_PLANS = "\n" + f"{'Plan ' * 12}\n" * 500
_ASKS = "Rückfrage\nWie groß wird die Halle?"


class _Small:
    """Reads no mail beyond a limit, but for its headers."""

    def read(self, raw: bytes) -> Message:
        return read(raw, Limits(size=_LIMIT))


@pytest.fixture(autouse=True)
def _small(town: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(town.deciding, "_reader", _Small())


def _inquiry(_: City) -> bytes:
    return letter("Antrag auf Nutzungsänderung", ONE_OFFICE + _PLANS)


def _machine(_: City) -> bytes:
    return letter("Antrag", ONE_OFFICE + _PLANS, Auto_Submitted="auto-replied")


def _answer(town: City) -> bytes:
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    return reply_to(forward, f"Der Bescheid geht am Freitag zur Post.{_PLANS}")


def _to_question(town: City) -> bytes:
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    (question,) = of_kind(town.deliver(reply_to(forward, _ASKS)), "question")
    words = f"Die Halle hat 560 qm.{_PLANS}"
    return reply_to(question, words, sender=f"Sabine Muster <{COMPANY}>")


def _order(town: City) -> bytes:
    town.deliver(letter("Stand", NO_OFFICE))
    return reply_to(digest_of(town), f"{town.ticket().reference} an bauaufsicht\n{_PLANS}")


@pytest.mark.parametrize("written", [_inquiry, _machine, _answer, _to_question, _order])
def test_a_mail_read_from_its_headers_only_goes_nowhere(
    town: City, written: Callable[[City], bytes]
) -> None:
    """Whoever wrote it, it is one alert and one item, and no office or company reads a blank."""
    raw = written(town)
    assert len(raw) > _LIMIT
    waiting = {each.reference for each in town.reporting.digest().pending}
    out = town.deliver(raw)
    (alert,) = of_kind(out, "alert")
    assert out == [alert]
    assert "nur die Kopfzeilen" in str(alert["Subject"])
    pending = town.reporting.digest().pending
    (item,) = (each for each in pending if each.reference not in waiting)
    assert "nur ihre Kopfzeilen" in item.reason
    assert [each.command for each in item.choices] == [f"{item.reference} verwerfen"]
    assert town.reporting.digest().counts_total.balanced


@pytest.mark.parametrize("order", ["neu", "zu {ticket}"])
def test_no_order_passes_on_a_mail_read_from_its_headers_only(town: City, order: str) -> None:
    """The manager is told that it lies in the mailbox; he may drop it, and nothing else."""
    town.deliver(letter("Stand", ONE_OFFICE))
    ticket = town.ticket().reference
    town.deliver(_inquiry(town))
    item = town.reporting.digest().pending[-1]
    digest = digest_of(town)
    said = f"{item.reference} {order.format(ticket=ticket)}"
    (notice,) = town.deliver(reply_to(digest, said))
    assert "lässt sich nicht lesen; sie liegt im Postfach" in " ".join(body_of(notice).split())
    town.deliver(reply_to(digest, f"{item.reference} verwerfen"))
    assert town.reporting.digest().counts_total.held == 0


def test_danger_in_the_subject_of_a_mail_not_read_is_told(town: City) -> None:
    """The little that was read is read for danger, and told at once."""
    out = town.deliver(letter("Gasgeruch in Halle 4!", ONE_OFFICE + _PLANS))
    assert any("Notfall" in str(each["Subject"]) for each in of_kind(out, "alert"))


def test_mails_not_read_are_told_once_a_day(town: City) -> None:
    """A second one the same day is an item of the digest, and no further alert."""
    assert len(town.deliver(_inquiry(town))) == 1
    assert town.deliver(_inquiry(town)) == []
    assert len(town.reporting.digest().pending) == 2


def test_a_copy_of_our_own_mail_counts_though_only_its_headers_were_read(
    town: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its Message-ID is all that a receipt has to show."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    monkeypatch.setattr(_Small, "read", lambda _, raw: read(raw, Limits(size=1000)))
    town.take_receipts()
    assert {to_of(each) for each in out} == {COMPANY, BAU}
    assert town.reporting.digest().pending == ()
