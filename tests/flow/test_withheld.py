"""A mail that the server lists and does not give keeps nothing from being done, and is not lost."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext, suppress
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pytest
from sqlalchemy.exc import OperationalError

from mailflow import one_pass
from mailflow.core.retry import Accepted, Rejected, Unsure
from mailflow.inbox import InboxError
from mailflow.ledger import Difference, rebuild, reconcile
from mailflow.mailbox import Arrived, WithheldError
from mailflow.settings.sections import Imap
from mailflow.store import Store
from tests.flow.city import (
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    city,
    forward_to,
    letter,
    of_kind,
    parse,
    reply_to,
)
from tests.flow.mailbox import MemoryInbox

BAU = "bauaufsicht@stadt.example.org"


class Withholding(MemoryInbox):
    """A mailbox that does not give the mails with these words in them."""

    words = b"Halle 4"
    dated = True

    def arrivals(self, uids: Iterable[int] | None = None) -> Iterator[tuple[int, datetime]]:
        """Give the arrival of all, or not of those either."""
        mails = self.folders[self._selected].mails
        return (
            (uid, received_at)
            for uid, received_at in super().arrivals(uids)
            if self.dated or self.words not in mails[uid][0]
        )

    def __enter__(self) -> Self:
        """Log in."""
        return self

    def __exit__(self, *_: object) -> None:
        """Log out."""

    def fullness(self) -> None:
        """Say nothing of a quota."""

    def fetch(self, uids: Iterable[int]) -> Iterator[Arrived]:
        """Give all but those."""
        return (
            each for each in super().fetch(uids) if not self.words or self.words not in each.raw
        )


def parts_of_a_pass(town: City) -> Any:
    """Give what one full pass needs of a city."""
    settings = SimpleNamespace(
        central=SimpleNamespace(key_file=Path("secret.key")),
        imap=Imap(host="127.0.0.1", port=1),
        smtp=SimpleNamespace(host="127.0.0.1"),
    )
    return SimpleNamespace(
        settings=settings,
        engine=town.store.engine,
        clock=lambda: town.now,
        policy=town.policy,
        deciding=town.deciding,
        intake=town.intake,
        reporting=town.reporting,
        chasing=town.chasing,
        store=town.store,
        dispatch=town.dispatch,
    )


def test_one_pass_works_around_a_withheld_mail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run begins afresh, and yet decides and sends the rest; it ends saying what is wrong."""
    mailbox = Withholding()
    with city(tmp_path, mailbox=mailbox) as town:
        monkeypatch.setattr(one_pass, "Inbox", lambda _: mailbox)
        monkeypatch.setattr(one_pass, "leased", lambda *_: mailbox)
        mailbox.folders["INBOX"].add(letter("Umnutzung Halle 4", TWO_OFFICES), town.now)
        mailbox.folders["INBOX"].add(letter("Stand", ONE_OFFICE), town.now)
        with pytest.raises(InboxError, match="lists mails and does not give"):
            one_pass.run_once(parts_of_a_pass(town))
        assert of_kind([parse(raw) for _, _, raw in town.wire.accepted], "forward")
        assert list(mailbox.folders["INBOX"].mails) == [1]


def test_a_withheld_mail_filed_by_hand_is_read_once_it_is_given(tmp_path: Path) -> None:
    """The folder does not count as known where it lies, and no look counts as done before."""
    mailbox = Withholding()
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        mailbox.file(letter("Umnutzung Halle 4", TWO_OFFICES), town.now)
        mailbox.file(letter("Neue Frage", ONE_OFFICE, sender="chef@zwei.example"), town.now)
        with pytest.raises(WithheldError):
            town.work()
        assert len(town.store.references()) == 2
        mailbox.words = b""
        town.work()
        assert len(town.store.references()) == 3


@pytest.mark.parametrize("stuck", ["a stranger's", "the receipt"])
def test_an_unproven_answer_waits_for_no_withheld_mail_that_proves_nothing(
    tmp_path: Path, stuck: str
) -> None:
    """Its header tells whether it may be the receipt; if not, the answer goes once more."""
    mailbox = Withholding()
    mailbox.words = b"combined-answer" if stuck == "the receipt" else b"Halle 4"
    with city(tmp_path, mailbox=mailbox) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.take_receipts()
        town.wire.outcomes = [Unsure("gone")]
        town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
        receipt = town.wire.unsure[0] if stuck == "the receipt" else None
        mailbox.file(receipt or letter("Umnutzung Halle 4", TWO_OFFICES), town.now)
        before = len(town.wire.accepted)
        for _ in range(3):
            town.wait(minutes=31)
            with pytest.raises(WithheldError):
                town.intake.take_in(mailbox)
            town.dispatch.send_due()
        sent = [parse(raw) for _, _, raw in town.wire.accepted[before:]]
        assert len(of_kind(sent, "combined-answer")) == (stuck != "the receipt")


def _look_for_hours(town: City) -> list[str]:
    """Look three times, and send; give the kinds of what went out."""
    before = len(town.wire.accepted)
    for _ in range(3):
        town.wait(minutes=31)
        with suppress(OSError):
            town.intake.take_in(town.mailbox)
        town.dispatch.send_due()
    return [str(parse(raw)["X-Mailflow-Kind"]) for _, _, raw in town.wire.accepted[before:]]


def _end_unknown(town: City, forward: EmailMessage) -> bytes:
    """Let an office answer, and the server not say whether it took the combined answer."""
    town.wire.outcomes = [Unsure("gone")]
    reply = reply_to(forward, "Die Genehmigung kommt im Juni.")
    town.mailbox.folders["INBOX"].add(reply, town.now)
    for _ in range(3):
        with suppress(OSError):
            town.intake.take_in(town.mailbox)
    town.dispatch.send_due()
    town.wire.outcomes = []
    return town.wire.unsure[0]


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("restarted", [True, False])
def test_an_unproven_answer_waits_for_no_mail_withheld_before_it_was_made(
    tmp_path: Path, *, restarted: bool, dated: bool
) -> None:
    """An old receipt, or a reply that names one of ours, proves nothing of what goes out later.

    Each answer of unknown end waited for it, for as long as it lay there.
    """
    mailbox = Withholding()
    mailbox.words, mailbox.dated = b"acknowledgement", dated
    with city(tmp_path, mailbox=mailbox) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        (receipt,) = town.wire.receipts
        mailbox.file(receipt, town.now)
        _look_for_hours(town)
        town.wait(days=2)
    with city(tmp_path, mailbox=mailbox) if restarted else nullcontext(town) as later:
        later.now = town.now
        for _ in range(17 if restarted and not dated else 0):
            _look_for_hours(later)  # by now it has been there for a day, at least
        _end_unknown(later, forward)
        assert _look_for_hours(later).count("combined-answer") == 1


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("behind", [timedelta(), timedelta(hours=3)])
def test_an_unproven_answer_waits_for_its_withheld_receipt_over_a_restart(
    tmp_path: Path, *, behind: timedelta, dated: bool
) -> None:
    """Also where the mail server's clock is behind, or does not tell when a mail came."""
    mailbox = Withholding()
    mailbox.words, mailbox.dated = b"combined-answer", dated
    with city(tmp_path, mailbox=mailbox) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        mailbox.file(_end_unknown(town, forward), town.now - behind)
        assert "combined-answer" not in _look_for_hours(town)
    with city(tmp_path, mailbox=mailbox) as again:
        again.now = town.now
        assert "combined-answer" not in _look_for_hours(again)
        mailbox.words = b""
        again.wait(hours=1)
        again.work()
        assert "combined-answer" not in _look_for_hours(again)


def test_an_alarm_of_unknown_end_waits_for_no_withheld_mail(tmp_path: Path) -> None:
    """It has no receipt, and whoever is in danger waits: rather twice than late."""
    mailbox = Withholding()
    mailbox.words = b"acknowledgement"
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        (receipt,) = town.wire.receipts
        mailbox.file(receipt, town.now)
        _look_for_hours(town)
        gas = letter(
            "Hilfe", "In unserer Halle riecht es stark nach Gas!", sender="chef@gas.example"
        )
        mailbox.folders["INBOX"].add(gas, town.now)
        with suppress(WithheldError):
            town.intake.take_in(mailbox)
        town.wire.outcomes = [Unsure("gone")]
        town.dispatch.send_due()
        assert parse(town.wire.unsure[0])["X-Mailflow-Kind"] == "alert"
        assert "alert" in _look_for_hours(town)


def test_a_receipt_that_came_by_a_clock_set_right_since_is_one(tmp_path: Path) -> None:
    """The answer was made while our clock was an hour ahead, its receipt came after that."""
    mailbox = Withholding()
    mailbox.words = b"combined-answer"
    with city(tmp_path, mailbox=mailbox) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.wait(hours=1)
        receipt = _end_unknown(town, forward)
        town.now -= timedelta(hours=1)
        mailbox.file(receipt, town.now)
        for _ in range(4):
            assert "combined-answer" not in _look_for_hours(town)


def test_a_server_that_stalls_on_a_date_still_shows_that_a_mail_is_no_receipt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its header is asked for first, and that is enough for a company's letter."""
    mailbox = Withholding()
    with city(tmp_path, mailbox=mailbox) as town:

        def stalls(*_: object) -> None:
            raise TimeoutError("the read operation timed out")

        monkeypatch.setattr(mailbox, "arrivals", stalls)
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.take_receipts()
        mailbox.file(letter("Umnutzung Halle 4", TWO_OFFICES), town.now)
        _end_unknown(town, forward)
        assert "combined-answer" in _look_for_hours(town)


def test_a_start_goes_on_beside_a_withheld_mail(tmp_path: Path) -> None:
    """The comparison takes what it is given, and remembers the rest as withheld."""
    mailbox = Withholding()
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        mailbox.file(letter("Neue Frage", ONE_OFFICE, sender="chef@zwei.example"), town.now)
        mailbox.file(letter("Umnutzung Halle 4", TWO_OFFICES), town.now)
        difference = reconcile(town.store, mailbox, town.intake)
        assert difference is not None
        assert difference.mails == 1
        assert [(gap.first, gap.withheld) for gap in town.intake.folders.gaps(mailbox)] == [
            (4, frozenset({3}))
        ]


@pytest.mark.parametrize("dated", [True, False])
def test_a_rebuild_leaves_what_is_withheld_to_a_later_look(tmp_path: Path, dated: bool) -> None:
    """It is not counted as read, nor its folder as known where it lies; else it was lost."""
    mailbox = Withholding()
    mailbox.words = b""
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES, sender="chef@zwei.example"))
        town.deliver(letter("Neue Frage", ONE_OFFICE, sender="chef@drei.example"))
    (tmp_path / "mailflow.db").unlink()
    mailbox.words, mailbox.dated = b"Halle 4", dated
    with city(tmp_path, mailbox=mailbox) as town:
        read = rebuild(town.store, mailbox, town.intake, ["Processed", "Quarantine", "INBOX"])
        assert read == Difference(mails=2, held=4, withheld=1)
        mailbox.select_inbox()
        assert reconcile(town.store, mailbox, town.intake) is None
        mailbox.words = b""
        assert reconcile(town.store, mailbox, town.intake) == Difference(mails=1, held=3)
        assert len(town.store.references()) == 3


def test_a_pushed_mail_filed_before_a_kill_is_not_filed_again(tmp_path: Path) -> None:
    """The next process finds it where it lies."""
    mailbox = Withholding()
    mailbox.words = b""
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        raw = letter("Umnutzung Halle 4", TWO_OFFICES)
        town.intake.store(raw, town.now, None)
        mailbox.file(raw, town.now)  # and killed
        assert reconcile(town.store, mailbox, town.intake) is None
        town.work()
        assert len(mailbox.folders["Processed"].mails) == 2


def test_a_receipt_after_two_unknown_ends_settles_the_answer(tmp_path: Path) -> None:
    """Nobody knew whether the mail arrived: nothing was stopped, and now it is known."""
    with city(tmp_path) as town:
        town.wire.outcomes = [Unsure("gone"), Unsure("gone")]
        town.deliver(letter("Stand", ONE_OFFICE))
        for _ in range(2):
            town.wait(minutes=31)
            town.wire.outcomes = [Unsure("gone"), Unsure("gone")]
            town.work()
        town.wire.outcomes = []
        town.wait(minutes=31)
        town.work()
        assert not town.ticket().holds
        town.mailbox.folders["INBOX"].add(town.wire.unsure[0], town.now)
        town.work()
        digest = town.reporting.digest()
        assert len(digest.failures) == 1  # of the other one nothing is known still


def test_acknowledgements_of_a_clock_that_was_ahead_count_for_no_other_day(tmp_path: Path) -> None:
    """A company that wrote while the clock was a year ahead is acknowledged today."""
    with city(tmp_path) as town:
        now, town.now = town.now, town.now.replace(year=town.now.year + 1)
        town.deliver(letter("Stand", ONE_OFFICE))
        town.now = now
        out = town.deliver(letter("Neue Frage", ONE_OFFICE))
        assert of_kind(out, "acknowledgement")


def test_what_follows_from_a_refusal_follows_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record after it meets a locked database, and is made later: no second item."""
    with city(tmp_path) as town:
        town.wire.outcomes = [Accepted("250 ok"), Rejected("550 no such user")]
        record, calls = Store.record, []

        def locked_once(self: Store, *given: Any, **more: Any) -> Any:
            calls.append(1)
            if len(calls) == 2:
                raise OperationalError("UPDATE", {}, Exception("database is locked"))
            return record(self, *given, **more)

        monkeypatch.setattr(Store, "record", locked_once)
        with pytest.raises(OperationalError):
            town.deliver(letter("Stand", ONE_OFFICE))
        town.work()
        assert [hold.reason for hold in town.ticket().holds] == ["unreachable"]


class Stalling(Withholding):
    """A mailbox that hangs, and breaks the line, when it is asked for one of these mails."""

    def fetch(self, uids: Iterable[int]) -> Iterator[Arrived]:
        """Give mails up to such a one."""
        for uid in uids:
            if self.words and self.words in self.folders[self._selected].mails[uid][0]:
                raise TimeoutError("the read operation timed out")
            yield from MemoryInbox.fetch(self, [uid])


def _until_done(look: Callable[[], object], tries: int) -> None:
    """Look as the service does, that logs in again after each broken line."""
    for _ in range(tries):
        with suppress(OSError):
            look()


def test_a_mail_that_stalls_at_a_start_keeps_no_other_from_being_read(tmp_path: Path) -> None:
    """A restored database catches up with all the others, and the inbox is read at last."""
    mailbox = Stalling()
    mailbox.words = b""
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        reconcile(town.store, mailbox, town.intake)
        shutil.copy(tmp_path / "mailflow.db", tmp_path / "old.db")
        town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
        town.deliver(letter("Neue Frage", ONE_OFFICE, sender="chef@zwei.example"))
    shutil.copy(tmp_path / "old.db", tmp_path / "mailflow.db")
    mailbox.words = b"Halle 4"
    with city(tmp_path, mailbox=mailbox) as town:

        def start() -> None:
            mailbox.select_inbox()
            reconcile(town.store, mailbox, town.intake)

        _until_done(start, 4)
        assert town.store.frozen()
        assert len(town.store.references()) == 2
        mailbox.words = b""
    with city(tmp_path, mailbox=mailbox) as town:
        reconcile(town.store, mailbox, town.intake)
        assert len(town.store.references()) == 3


def test_an_unproven_answer_waits_for_no_filed_mail_on_which_the_server_stalls(
    tmp_path: Path,
) -> None:
    """Its header shows that it proves nothing: the answer goes once more."""
    mailbox = Stalling()
    with city(tmp_path, mailbox=mailbox) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.take_receipts()
        town.wire.outcomes = [Unsure("gone")]
        mailbox.file(letter("Umnutzung Halle 4", TWO_OFFICES), town.now)
        mailbox.folders["INBOX"].add(reply_to(forward, "Die Genehmigung kommt im Juni."), town.now)
        for _ in range(8):
            _until_done(lambda: town.intake.take_in(mailbox), 1)
            town.dispatch.send_due()
            town.wait(minutes=20)
        answers = of_kind([parse(raw) for _, _, raw in town.wire.accepted], "combined-answer")
        assert len(answers) == 1


def test_a_filed_mail_on_which_the_server_stalled_is_taken_in_once_it_gives_it(
    tmp_path: Path,
) -> None:
    """The company's letter waits for no restart: it is asked for again within the hour."""
    mailbox = Stalling()
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        mailbox.file(letter("Umnutzung Halle 4", TWO_OFFICES), town.now)
        _until_done(lambda: town.intake.take_in(mailbox), 6)
        mailbox.words = b""
        _until_done(lambda: town.intake.take_in(mailbox), 1)
        assert len(town.store.references()) == 1
        town.wait(minutes=61)
        town.intake.take_in(mailbox)
        assert len(town.store.references()) == 2


def test_a_clock_set_back_lets_no_filed_mail_rest_for_longer(tmp_path: Path) -> None:
    """What stalled while the clock was a year ahead is asked for as soon as the clock is right."""
    mailbox = Stalling()
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        mailbox.file(letter("Umnutzung Halle 4", TWO_OFFICES), town.now)
        right = town.now
        town.now = right + timedelta(days=365)
        _until_done(lambda: town.intake.take_in(mailbox), 6)
        mailbox.words = b""
        town.now = right + timedelta(hours=2)
        town.intake.take_in(mailbox)
        assert len(town.store.references()) == 2
