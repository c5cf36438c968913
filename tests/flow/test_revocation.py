"""A stolen key: from its revocation on it opens nothing, and what came before stays as it was."""

from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from mailflow.core.retry import EntryState, Unsure
from mailflow.core.tracking import Keyring
from mailflow.ledger import rebuild
from mailflow.schema import outbox
from tests.faults.test_rows_sending import dsn
from tests.flow.city import ONE_KEY, ONE_OFFICE, City, city, forward_to, letter, of_kind, reply_to

BAU = "bauaufsicht@stadt.example.org"
START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
REVOKED = Keyring({**ONE_KEY.keys, "b": b"l" * 32}, "b", {"a": START})
LETTER = letter("Stand", ONE_OFFICE)


@pytest.fixture
def stolen(tmp_path: Path) -> list[EmailMessage]:
    """Give what a thief makes of the oldest key and a letter he knows: our mails as he names them.

    The same mailflow under the stolen key alone: references, legs and names come out the same.
    """
    (tmp_path / "thief").mkdir()
    with city(tmp_path / "thief", keyring=ONE_KEY) as twin:
        return twin.deliver(LETTER)


def _state_of_forward(town: City) -> str:
    with town.store.engine.connect() as connection:
        query = select(outbox.c.state).where(outbox.c.kind == "forward")
        return str(connection.execute(query).scalar_one())


def _unsure(town: City) -> None:
    """Let the letter arrive, and the line break after each of the two mails."""
    town.wire.outcomes = [Unsure("line lost")] * 2
    assert town.deliver(LETTER) == []
    assert _state_of_forward(town) == EntryState.SENDING


def test_the_thief_names_our_mails_and_that_proves_nothing(
    tmp_path: Path, stolen: list[EmailMessage]
) -> None:
    """A receipt under the revoked key is kept as an event; the mail goes out once more."""
    with city(tmp_path, keyring=REVOKED) as town:
        _unsure(town)
        assert town.deliver(forward_to(stolen, BAU).as_bytes()) == []
        assert _state_of_forward(town) == EntryState.SENDING
        assert town.reporting.digest().pending == ()
        town.wait(minutes=31)
        assert forward_to(town.work(), BAU)


def test_a_report_under_a_revoked_key_has_no_effect(
    tmp_path: Path, stolen: list[EmailMessage]
) -> None:
    """The forward arrived; who has the old key cannot say that it did not."""
    with city(tmp_path, keyring=REVOKED) as town:
        town.deliver(LETTER)
        assert town.deliver(dsn(BAU, str(forward_to(stolen, BAU)["Message-ID"]))) == []
        assert town.ticket().current()[0].recipient == BAU
        assert _state_of_forward(town) == EntryState.ACCEPTED


def test_a_reply_to_a_name_under_a_revoked_key_proves_nothing(
    tmp_path: Path, stolen: list[EmailMessage]
) -> None:
    """A stranger's mail that refers to a mail on its way does not count it as received."""
    with city(tmp_path, keyring=REVOKED) as town:
        _unsure(town)
        forged = reply_to(forward_to(stolen, BAU), "Danke.", sender="x@evil.example", quote=False)
        town.deliver(forged)
        assert _state_of_forward(town) == EntryState.SENDING


def test_a_mail_on_its_way_at_the_revocation_arrives_once(tmp_path: Path) -> None:
    """It was composed under the old key: it goes out, and its copy that returns bothers nobody."""
    with city(tmp_path, keyring=ONE_KEY) as town:
        town.intake.store(LETTER, town.now, None)
        town.deciding.decide_all()
        mailbox = town.mailbox
    with city(tmp_path, keyring=REVOKED, mailbox=mailbox) as town:
        assert len(of_kind(town.work(), "forward")) == 1
        town.wait(minutes=31)
        town.take_receipts()
        assert town.work() == []
        assert town.reporting.digest().pending == ()


@pytest.mark.parametrize("since", [1, 5])
def test_what_came_before_the_revocation_is_rebuilt_as_it_was(tmp_path: Path, since: int) -> None:
    """Each mail counts by the keys of its day: replies before it are taken, those after wait."""
    with city(tmp_path) as town:
        forward = forward_to(town.deliver(LETTER), BAU)
        town.take_receipts()
        town.wait(hours=2)
        town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
        town.take_receipts()
        before, mailbox = town.ticket(), town.mailbox
    (tmp_path / "mailflow.db").unlink()
    ended = START.replace(hour=START.hour + since)
    with city(tmp_path, mailbox=mailbox, keyring=replace(REVOKED, ends={"a": ended})) as town:
        town.wait(hours=9)
        held = rebuild(town.store, mailbox, town.intake, ["Processed", "INBOX"]).held
        assert held == (2 if since == 1 else 0)  # the forward and the alert about the reply
        after = town.ticket()
        assert (after.state == before.state) == (since == 5)
        assert bool(town.reporting.digest().pending) == (since == 1)
