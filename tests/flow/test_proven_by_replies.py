"""What a reply proves where no receipt does: its mail arrived, and its author is not chased."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from mailflow.ledger import rebuild, thaw
from tests.flow.city import (
    ONE_OFFICE,
    City,
    city,
    forward_to,
    letter,
    of_kind,
    reply_to,
)

BAU = "bauaufsicht@stadt.example.org"
FOLDERS = ["Processed", "Quarantine", "INBOX"]
INTERIM = "Zwischennachricht\nWir prüfen das bis zum 12. Dezember."
THREADED = re.compile(rb"(?m)^(In-Reply-To|References):.*\r\n")


def _replied_to_the_second(town: City) -> None:
    out = town.deliver(letter("Stand", ONE_OFFICE))
    town.wait(hours=2)
    more = reply_to(of_kind(out, "acknowledgement")[0], "Dazu noch: Es geht um das Flurstück 7.")
    out = town.deliver(more)
    town.wait(hours=2)
    town.take_receipts()
    town.deliver(reply_to(forward_to(out, BAU), INTERIM))


def _replied_naming_none(town: City) -> None:
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.wait(hours=2)
    town.deliver(THREADED.sub(b"", reply_to(forward, INTERIM, quote=False)))


def _is_away(town: City) -> None:
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    note = reply_to(forward, "Ich bin bis zum 25.11.2026 nicht im Haus.", subject="Abwesenheit: x")
    town.deliver(b"Auto-Submitted: auto-replied\r\n" + note)


@pytest.mark.parametrize("story", [_replied_to_the_second, _replied_naming_none, _is_away])
def test_a_forward_that_was_replied_to_is_not_sent_again(
    tmp_path: Path, story: Callable[[City], None]
) -> None:
    """With the default receipts nothing else tells that it went out."""
    with city(tmp_path) as town:
        story(town)
        town.take_receipts()
        mailbox, now = town.mailbox, town.now
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        thaw(town.store, town.now, send=True)
        assert of_kind(town.work(), "forward") == []


@pytest.mark.parametrize("chased", [True, False])
def test_a_thaw_chases_nobody_who_has_answered(tmp_path: Path, chased: bool) -> None:
    """Neither what had been sent then, nor what a reading in the order of arrival makes due."""
    with city(tmp_path) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.take_receipts()
        for _ in range(14):
            town.wait(days=1)
            if chased:
                town.chasing.remind()
                town.work()
        town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
        town.take_receipts()
        mailbox, now = town.mailbox, town.now
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        assert town.ticket().consultations[0].reminded
        thaw(town.store, town.now, send=True)
        assert town.work() == []


def test_what_chases_an_office_goes_to_nobody_once_it_has_answered(tmp_path: Path) -> None:
    """Also in daily work: its head is not told that it has not, in the minute in which it has."""
    with city(tmp_path) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.wait(days=14)
        assert town.chasing.remind()
        out = town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
        assert [str(each["X-Mailflow-Kind"]) for each in out] == ["combined-answer"]
