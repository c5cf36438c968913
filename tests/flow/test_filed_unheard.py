"""An order that the mailbox took while the line broke: found there, and nothing is held for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mailflow import one_pass
from mailflow.ledger import reconcile
from tests.flow.city import (
    NO_OFFICE,
    City,
    at_the_desk,
    body_of,
    city,
    letter,
    of_kind,
    parse,
)
from tests.flow.test_withheld import Withholding, parts_of_a_pass


def _files_and_hears_nothing(town: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the mailbox take the next order, and the line break before it says so."""
    file = town.mailbox.file

    def filing(raw: bytes, received_at: datetime) -> None:
        file(raw, received_at)
        monkeypatch.setattr(town.mailbox, "file", file)
        raise OSError("timed out")

    monkeypatch.setattr(town.mailbox, "file", filing)


def test_an_order_filed_unheard_in_a_pass_freezes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pass compares a second time, and what it was filing itself is no restored backup's."""
    mailbox = Withholding()
    with city(tmp_path, mailbox=mailbox) as town:
        monkeypatch.setattr(one_pass, "Inbox", lambda _: mailbox)
        monkeypatch.setattr(one_pass, "leased", lambda *_: mailbox)
        town.deliver(letter("Frage", NO_OFFICE))
        town.take_receipts()
        one_pass.run_once(parts_of_a_pass(town))
        assert at_the_desk(town, f"{town.ticket().reference} an umwelt")[0].done
        _files_and_hears_nothing(town, monkeypatch)
        before = len(town.wire.accepted)
        one_pass.run_once(parts_of_a_pass(town))
        assert not town.store.frozen()
        sent = [parse(raw) for _, _, raw in town.wire.accepted[before:]]
        assert len(of_kind(sent, "forward")) == 1
        filed = [parse(raw) for raw, _ in mailbox.folders["Processed"].mails.values()]
        assert len([each for each in filed if "Auftrag" in each["Subject"]]) == 1


@contextmanager
def _started_after(minutes: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    """Give the city of a process that was killed amid the filing of an order, so much later."""
    mailbox = Withholding()
    with city(folder, mailbox=mailbox) as town:
        town.deliver(letter("Frage", NO_OFFICE))
        town.take_receipts()
        reconcile(town.store, mailbox, town.intake)
        at_the_desk(town, f"{town.ticket().reference} an umwelt")
        _files_and_hears_nothing(town, monkeypatch)
        with pytest.raises(OSError, match="timed out"):
            town.intake.take_in(mailbox)
        now = town.now
    with city(folder, mailbox=mailbox) as town:
        town.now = now + timedelta(minutes=minutes)
        one_pass.compare_ledger(parts_of_a_pass(town), mailbox)
        yield town


def test_a_process_killed_amid_filing_goes_on_where_it_starts_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody puts a backup back within minutes: what waited for the order goes, once."""
    with _started_after(2, tmp_path, monkeypatch) as town:
        assert not town.store.frozen()
        assert len(of_kind([*town.work(), *town.work()], "forward")) == 1


def test_a_freeze_over_an_order_alone_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Started late, a process killed amid filing may be a backup put back: nothing was missed."""
    with _started_after(30, tmp_path, monkeypatch) as town:
        (alert,) = of_kind(town.work(), "alert")
        words = " ".join(body_of(alert).split())
        assert "lag schon im Postfach" in words
        assert "1 ausgehende Mails" in words
        assert "hinter dem Postfach zurück" not in words
