"""Many mails of many whom nobody knows are a flood, too, and its alarms are counted."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailflow.core.digest import Pending
from mailflow.ledger import rebuild
from tests.flow.city import (
    COMPANY,
    ONE_OFFICE,
    City,
    again,
    body_of,
    city,
    digest_of,
    forward_to,
    letter,
    of_kind,
    reply_to,
)

BAU = "bauaufsicht@stadt.example.org"
OURS = "mx.stadt.example.org"
GAS = "Gasgeruch in Halle 4, ein Mitarbeiter ist verletzt!"
_FEW = 20


@pytest.fixture
def few(town: City) -> City:
    """Give a city for which twenty mails of strangers in ten minutes are enough."""
    town.deciding._policy = replace(town.policy, storm_of_strangers=_FEW)
    return town


def _strangers(count: int, text: str = ONE_OFFICE, *, first: int = 0) -> Iterator[bytes]:
    for number in range(first, first + count):
        yield letter(f"Stand {number}", text, sender=f"Max <max@firma{number}.example>")


def _bomb(town: City, mails: Iterator[bytes], *, seconds: int = 1) -> list[EmailMessage]:
    """Let mails arrive one after the other, and be read together afterwards."""
    for raw in mails:
        town.mailbox.folders["INBOX"].add(raw, town.now)
        town.wait(seconds=seconds)
    return town.work()


def _kinds(mails: list[EmailMessage]) -> Counter[str]:
    return Counter(str(each["X-Mailflow-Kind"]) for each in mails)


def _items(town: City) -> list[Pending]:
    waiting = town.reporting.digest().pending
    return [each for each in waiting if "bisher unbekannten Absendern" in each.reason]


def test_mails_of_many_strangers_are_a_flood(few: City) -> None:
    """From the limit on none is acknowledged or forwarded; one alert, and one item that counts."""
    out = _bomb(few, _strangers(45))
    assert _kinds(out) == {"acknowledgement": _FEW, "forward": _FEW, "alert": 1}
    (alert,) = of_kind(out, "alert")
    assert "Mailflut von vielen Absendern" in str(alert["Subject"])
    assert "mailflow again --sender '*'" in " ".join(body_of(alert).split())
    (item,) = _items(few)
    assert item.reason.endswith("Bisher sind es 25.")
    assert few.reporting.digest().counts_total.balanced


def test_how_many_strangers_are_a_flood(town: City) -> None:
    """Three hundred in ten minutes: more than a city gets in a day."""
    assert town.policy.storm_of_strangers == 300


def test_a_backlog_of_strangers_is_none(few: City) -> None:
    """What gathered in hours while nothing was read is counted by when it came."""
    out = _bomb(few, _strangers(45), seconds=60)
    assert _kinds(out) == {"acknowledgement": 45, "forward": 45}


def test_who_is_known_or_vouched_for_is_heard_among_strangers(few: City) -> None:
    """A company with a ticket, whoever has our token, an office and a proven stranger go on."""
    few.deciding._authserv_ids = (OURS,)
    proven = f"Authentication-Results: {OURS}; dmarc=pass header.from=".encode()
    begun = few.deliver(proven + b"montage.example\r\n" + letter("Stand", ONE_OFFICE))
    few.wait(hours=1)
    _bomb(few, _strangers(45))
    known = proven + b"montage.example\r\n" + letter("Neues", ONE_OFFICE)
    assert of_kind(few.deliver(known), "forward")
    assert of_kind(few.deliver(letter("Altes", ONE_OFFICE, sender=COMPANY)), "forward")
    reply = reply_to(forward_to(begun, BAU), "Die Nutzungsänderung kostet 350 Euro.")
    assert of_kind(few.deliver(proven + b"stadt.example.org\r\n" + reply), "combined-answer")
    new = letter("Halle", ONE_OFFICE, sender="neu@neu.example")
    assert of_kind(few.deliver(proven + b"neu.example\r\n" + new), "forward")


@pytest.mark.parametrize(("source", "count"), [("*", 25), ("max@firma30.example", 1)])
def test_a_flood_of_strangers_can_be_let_out(few: City, source: str, count: int) -> None:
    """All of it, or one sender's mail, which is then decided like any other."""
    _bomb(few, _strangers(45))
    assert again(few, source) == count
    few.deciding._policy = few.policy
    assert len(of_kind(few.work(), "forward")) == count
    assert few.reporting.digest().counts_total.held == 25 - count


def test_a_flood_of_strangers_is_dropped_whole(few: City) -> None:
    """The manager's one word drops all of it; a single mail cannot be taken out by its number."""
    _bomb(few, _strangers(45))
    (item,) = _items(few)
    assert [each.command for each in item.choices] == [f"{item.reference} verwerfen"]
    digest = digest_of(few)
    (notice,) = few.deliver(reply_to(digest, f"{item.reference} neu"))
    assert "mailflow again --sender '*'" in " ".join(body_of(notice).split())
    few.deliver(reply_to(digest, f"{item.reference} verwerfen"))
    assert few.reporting.digest().counts_total.held == 0


def test_alarms_of_many_strangers_are_counted_in_one(town: City) -> None:
    """Ten are told one by one; of sixty from sixty domains three more alerts say how many."""
    out = _bomb(town, _strangers(60, GAS))
    subjects = [str(each["Subject"]) for each in of_kind(out, "alert")]
    assert ["Viele Mails klingen" in each for each in subjects] == [False] * 10 + [True] * 3
    last = of_kind(out, "alert")[-1]
    assert "Viele Mails klingen nach einem Notfall" in str(last["Subject"])
    assert "In zehn Minuten waren es 40" in " ".join(body_of(last).split())


def test_danger_among_many_strangers_is_told(few: City) -> None:
    """In their flood an honest stranger may smell gas: told at once, and how to get it out."""
    _bomb(few, _strangers(30))
    out = _bomb(few, _strangers(1, GAS, first=30))
    (alert,) = of_kind(out, "alert")
    words = " ".join(body_of(alert).split())
    assert "Notfall" in str(alert["Subject"])
    assert "mailflow again --sender max@firma30.example" in words
    assert again(few, "max@firma30.example") == 1


def test_who_begins_a_flood_with_danger_is_let_out_with_all_others(few: City) -> None:
    """All others wait under the flood's first mail, so that no order lets it out alone."""
    _bomb(few, _strangers(_FEW))
    out = _bomb(few, _strangers(1, GAS, first=_FEW))
    (alert,) = (each for each in of_kind(out, "alert") if "Notfall" in str(each["Subject"]))
    words = " ".join(body_of(alert).split())
    assert "--sender max@" not in words
    assert "mailflow again --sender '*'" in words
    _bomb(few, _strangers(5, first=30))
    assert again(few, "*") == 6


@pytest.mark.parametrize(
    "sender", ["kollege{}@stadt.example.org", "rat{}@hafen.example.org", "kam@posteo.example"]
)
def test_the_city_s_own_are_no_strangers(few: City, sender: str) -> None:
    """However many mails its staff, its offices and its managers write, a stranger is heard."""
    few.deciding._policy = replace(few.deciding._policy, managers=("kam@posteo.example",))
    _bomb(
        few,
        (
            letter(f"Hinweis {number}", "Nur ein Hinweis.", sender=sender.format(number))
            for number in range(_FEW)
        ),
    )
    assert of_kind(few.deliver(letter("Stand", ONE_OFFICE, sender="neu@neu.example")), "forward")


def test_a_second_wave_of_alarms_is_told(town: City) -> None:
    """Of nineteen that come after quiet ten are told one by one, and an alert counts the others."""
    _bomb(town, _strangers(12, GAS))
    town.wait(minutes=20)
    told = of_kind(_bomb(town, _strangers(19, GAS, first=100)), "alert")
    subjects = [str(each["Subject"]) for each in told]
    assert ["Viele Mails klingen" in each for each in subjects] == [False] * 10 + [True]


def test_a_flood_of_strangers_is_the_same_after_a_loss(tmp_path: Path) -> None:
    """By arrival the same mails are kept, in the same item."""
    with city(tmp_path) as town:
        town.deciding._policy = town.policy = replace(town.policy, storm_of_strangers=_FEW)
        _bomb(town, _strangers(30))
        before = town.reporting.digest().counts_total
        mailbox, now, (item,) = town.mailbox, town.now, _items(town)
    assert before.held == 10
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now
        town.deciding._policy = town.policy = replace(town.policy, storm_of_strangers=_FEW)
        rebuild(town.store, mailbox, town.intake, ["Processed", "Quarantine", "INBOX"])
        assert [each.reference for each in _items(town)] == [item.reference]
        assert town.reporting.digest().counts_total.held == before.held
