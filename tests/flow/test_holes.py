"""A mail that is never given is a hole: it costs itself alone, and each such mail is told."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from mailflow import one_pass
from mailflow.core.tracking import without_tokens
from mailflow.inbox import InboxError
from mailflow.ledger import Difference, rebuild, reconcile, thaw
from mailflow.ledger_folders import MissedError
from mailflow.mailbox import Arrived
from mailflow.store.backup import back_up, put_back
from mailflow.upgrade import knows
from tests.flow.city import (
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
from tests.flow.test_withheld import Withholding, parts_of_a_pass

BAU = "bauaufsicht@stadt.example.org"
HOLE = letter("Umnutzung Halle 4", TWO_OFFICES, sender="chef@halle.example")


class _KilledError(BaseException):
    """Ends a process."""


class Counting(Withholding):
    """A mailbox that counts the mails of ``Processed`` it is asked for, and may break once."""

    words, breaks_at = b"Halle 4", b""
    header_stalls = False

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int] = []

    def fetch(self, uids: Iterable[int]) -> Iterator[Arrived]:
        """Give mails up to the one at which the line breaks, once."""
        uids = list(uids)
        if self._selected == "Processed":
            self.asked += uids
        for each in super().fetch(uids):
            if self.breaks_at and self.breaks_at in each.raw:
                self.breaks_at = b""
                raise ConnectionResetError("the line broke")
            yield each

    def header(self, uid: int) -> bytes:
        """Give a header, unless the server stalls on it as well."""
        if self.header_stalls and self.words in self.folders[self._selected].mails[uid][0]:
            raise TimeoutError("the read operation timed out")
        return super().header(uid)

    def asked_at(self, look: Callable[[], object]) -> list[int]:
        """Give which mails of ``Processed`` a look asks for; after one that broke off, anew."""
        self.asked = []
        self.select_inbox()
        with suppress(OSError):
            look()
        return self.asked


def _post(town: City, *companies: str) -> None:
    for each in companies:
        mail = letter("Neue Frage", ONE_OFFICE, sender=f"chef@{each}.example")
        town.mailbox.folders["INBOX"].add(mail, town.now)


def _look(town: City, mailbox: Counting, times: int = 1) -> list[list[int]]:
    """Look so often, a minute apart; give what of ``Processed`` each look asked for."""
    asked = []
    for _ in range(times):
        asked.append(mailbox.asked_at(lambda: town.intake.take_in(mailbox)))
        town.wait(minutes=1)
    return asked


@contextmanager
def _made_anew(folder: Path, mailbox: Counting, now: datetime) -> Iterator[City]:
    """Give the city on a database made anew from the mailbox, what it holds dropped."""
    with city(folder, mailbox=mailbox) as town:
        town.now = now
        rebuild(town.store, mailbox, town.intake, ["Processed", "Quarantine", "INBOX"])
        mailbox.select_inbox()
        thaw(town.store, town.now, send=False)
        yield town


@contextmanager
def _killed_at_once(town: City) -> Iterator[None]:
    """End a process before it decides anything."""
    with (
        patch.object(town.deciding, "decide_all", side_effect=_KilledError),
        suppress(_KilledError),
    ):
        yield


def _alerts(town: City) -> list[str]:
    town.dispatch.send_due()
    sent = of_kind([parse(raw) for _, _, raw in town.wire.accepted], "alert")
    return [" ".join(body_of(each).split()) for each in sent]


def test_a_broken_line_beside_a_withheld_filed_mail_strands_no_mail_of_the_inbox(
    tmp_path: Path,
) -> None:
    """What was at hand when the line broke is read by the next look, hole or no hole."""
    mailbox = Counting()
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        mailbox.file(HOLE, town.now)
        _post(town, "zwei", "drei", "vier")
        mailbox.breaks_at = b"chef@zwei.example"
        _look(town, mailbox, 2)
        assert len(town.store.references()) == 4
        assert not mailbox.folders["INBOX"].mails


def test_of_several_withheld_mails_in_the_inbox_each_is_asked_for_alone(tmp_path: Path) -> None:
    """One look gets past all of them to the mail that the broken line had left behind them."""
    mailbox = Counting()
    with city(tmp_path, mailbox=mailbox) as town:
        for _ in range(3):
            mailbox.folders["INBOX"].add(HOLE, town.now)
        _look(town, mailbox, 2)
        _post(town, "zwei", "drei")
        mailbox.breaks_at = b"chef@zwei.example"
        _look(town, mailbox, 2)
        assert len(town.store.references()) == 2
        assert list(mailbox.folders["INBOX"].mails) == [1, 2, 3]


def test_a_header_on_which_the_server_stalls_keeps_no_mail_waiting(tmp_path: Path) -> None:
    """It is asked for once an hour; the looks between read what the inbox holds."""
    mailbox = Counting()
    mailbox.header_stalls = True
    with city(tmp_path, mailbox=mailbox) as town:
        mailbox.file(HOLE, town.now)
        _look(town, mailbox, 2)
        _post(town, "zwei")
        mailbox.breaks_at = b"chef@zwei.example"
        _look(town, mailbox, 2)
        assert len(town.store.references()) == 1


@pytest.fixture
def rebuilt(tmp_path: Path) -> Iterator[tuple[City, Counting]]:
    """Give a city whose database was rebuilt beside one withheld mail, UID 2 of ``Processed``."""
    mailbox = Counting()
    mailbox.words = b""
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        town.deliver(HOLE)
        for number in range(8):
            town.deliver(letter("Stand", ONE_OFFICE, sender=f"chef@firma{number}.example"))
    (tmp_path / "mailflow.db").unlink()
    mailbox.words = b"Halle 4"
    with city(tmp_path, mailbox=mailbox) as town:
        rebuild(town.store, mailbox, town.intake, ["Processed", "Quarantine", "INBOX"])
        mailbox.select_inbox()
        yield town, mailbox


def test_a_look_asks_for_the_hole_alone_and_once_an_hour_in_the_end(
    rebuilt: tuple[City, Counting],
) -> None:
    """Nothing of the folder that is known is fetched again, nor by the next process."""
    town, mailbox = rebuilt
    assert _look(town, mailbox, 6) == [[2], [2], [2], [], [], []]
    town.wait(minutes=61)
    assert _look(town, mailbox, 2) == [[2], []]


def test_a_start_beside_a_hole_asks_for_nothing_else(
    rebuilt: tuple[City, Counting], tmp_path: Path
) -> None:
    """The hole is in the database, and the edge beyond it."""
    _, mailbox = rebuilt
    with city(tmp_path, mailbox=mailbox) as town:
        start = mailbox.asked_at(lambda: reconcile(town.store, mailbox, town.intake))
        assert start == [2]
        assert _look(town, mailbox, 3) == [[2], [2], []]


def test_a_hole_that_is_given_after_a_restart_is_read(tmp_path: Path) -> None:
    """The edge went over it, with mails filed by hand and with our own, and it is not forgotten."""
    mailbox = Counting()
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        mailbox.file(HOLE, town.now)
        mailbox.file(letter("Frage", ONE_OFFICE, sender="chef@zwei.example"), town.now)
        _look(town, mailbox, 5)
        _post(town, "drei", "vier")
        _look(town, mailbox)
        assert town.intake.folders.gaps(mailbox)[0].first == 6
        assert len(town.store.references()) == 4
    with city(tmp_path, mailbox=mailbox) as town:
        assert reconcile(town.store, mailbox, town.intake) is None
        _post(town, "fuenf")
        _look(town, mailbox, 4)
    mailbox.words = b""
    with city(tmp_path, mailbox=mailbox) as town:
        found = reconcile(town.store, mailbox, town.intake)
        assert found is not None
        assert found.mails == 1
        assert len(town.store.references()) == 6
        assert not town.intake.folders.gaps(mailbox)


def test_a_hole_that_is_given_within_the_hour_is_late_and_no_more(tmp_path: Path) -> None:
    """The running service takes it in, and nothing is held for it."""
    mailbox = Counting()
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        mailbox.file(HOLE, town.now)
        _look(town, mailbox, 5)
        mailbox.words = b""
        town.wait(minutes=61)
        assert _look(town, mailbox, 2) == [[2], []]
        assert len(town.store.references()) == 2
        assert not town.store.frozen()
        assert not town.intake.folders.gaps(mailbox)


def test_a_mail_filed_behind_a_hole_is_not_taken_as_known(tmp_path: Path) -> None:
    """A colleague files one while the hole rests, and mailflow its own beside it: both are read."""
    mailbox = Counting()
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        mailbox.file(HOLE, town.now)
        _look(town, mailbox, 5)
        mailbox.file(letter("Frage", ONE_OFFICE, sender="chef@zwei.example"), town.now)
        _post(town, "drei")
        _look(town, mailbox)
        assert len(town.store.references()) == 3
        assert [(gap.first, gap.withheld) for gap in town.intake.folders.gaps(mailbox)] == [
            (5, frozenset({2}))
        ]


def test_a_hole_that_vanishes_is_one_no_more(tmp_path: Path) -> None:
    """Somebody deletes what cannot be saved: each look is whole again, and nobody is told."""
    mailbox = Counting()
    with city(tmp_path, mailbox=mailbox) as town:
        mailbox.file(HOLE, town.now)
        _look(town, mailbox, 5)
        told = len(_alerts(town))
        mailbox.folders["Processed"].mails.clear()
        town.wait(days=1)
        town.intake.take_in(mailbox)
        assert not town.intake.folders.gaps(mailbox)
        _look(town, mailbox, 5)
        assert len(_alerts(town)) == told


def test_a_folder_made_anew_has_no_holes_of_old(tmp_path: Path) -> None:
    """A new UIDVALIDITY gives the UIDs to other mails: all are compared, and the hole is new."""
    mailbox = Counting()
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        mailbox.file(HOLE, town.now)
        _look(town, mailbox, 5)
        folder = mailbox.folders["Processed"]
        folder.uidvalidity, folder.uidnext = 8, 1
        mails = [letter("Frage", ONE_OFFICE, sender=f"chef@{n}.example") for n in ("zwei", "drei")]
        folder.mails.clear()
        for raw in (*mails, HOLE):
            folder.add(raw, town.now)
        assert _look(town, mailbox, 2) == [[1, 2, 3], [3]]
        assert len(town.store.references()) == 3


def test_what_the_filing_of_an_order_left_in_doubt_waits_for_no_hole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is looked through for what may lie there already, and the hole ends no look."""
    mailbox = Counting()
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        mailbox.file(HOLE, town.now)
        town.intake.store(letter("Frage", ONE_OFFICE, sender="chef@zwei.example"), town.now, None)

        def breaks(*_: object) -> None:
            monkeypatch.undo()
            raise ConnectionResetError("the line broke")

        monkeypatch.setattr(mailbox, "file", breaks)
        _look(town, mailbox)
        _post(town, "drei")
        _look(town, mailbox, 2)
        assert len(town.store.references()) == 3
        assert not town.store.pushed(1)


def test_each_withheld_mail_is_told_by_its_place_and_by_what_its_header_tells(
    tmp_path: Path,
) -> None:
    """A later one is told within the hour, all of them again the next day, and none once given."""
    mailbox = Counting()
    with city(tmp_path, mailbox=mailbox) as town:
        mailbox.file(HOLE, town.now)
        _look(town, mailbox, 5)
        assert len(_alerts(town)) == 1
        assert "Processed, UID 1 (chef@halle.example, „Umnutzung Halle 4“)" in _alerts(town)[0]
        _look(town, mailbox, 90)
        assert len(_alerts(town)) == 1
        later = letter("Halle 4b", TWO_OFFICES, sender="chef@zwei.example")
        mailbox.folders["INBOX"].add(later, town.now)
        _look(town, mailbox, 5)
        assert len(_alerts(town)) == 2
        assert "INBOX, UID 1 (chef@zwei.example, „Halle 4b“); Processed, UID 1" in _alerts(town)[1]
        town.wait(days=1)
        _look(town, mailbox, 5)
        assert len(_alerts(town)) == 3
        mailbox.words = b""
        town.wait(days=1)
        _look(town, mailbox, 5)
        assert len(_alerts(town)) == 3
        assert len(town.store.references()) == 2


def test_what_an_alert_quotes_of_a_withheld_reply_holds_no_token(tmp_path: Path) -> None:
    """The manager's answer to the alert would bear it, and speak for the office."""
    mailbox = Counting()
    mailbox.words = b"wird nicht gegeben"
    with city(tmp_path, mailbox=mailbox) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        reply = reply_to(forward, "wird nicht gegeben", quote=False)
        mailbox.folders["INBOX"].add(reply, town.now)
        _look(town, mailbox, 5)
        (alert,) = _alerts(town)
        assert str(forward["Subject"])[:12] in alert
        assert without_tokens(alert) == alert


class SetBack(Counting):
    """An inbox that was set back gives UIDs anew; MOVE of one that has vanished is no error."""

    def move(self, uids: Iterable[int], *, quarantine: bool = False) -> int:
        """Count what was asked for, as ``Inbox`` counts it."""
        asked = list(uids)
        there = self.folders["INBOX"].mails
        super().move([uid for uid in asked if uid in there], quarantine=quarantine)
        return len(asked)


def test_a_mail_under_anothers_uid_that_is_not_given_at_once_is_not_filed_unread(
    tmp_path: Path,
) -> None:
    """The inbox was set back to a snapshot: the row of the UID says nothing of this mail."""
    mailbox = SetBack()
    mailbox.words = b"\0none"
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        town.deliver(letter("Stand", ONE_OFFICE, sender="chef@eins.example"))
        mailbox.folders["INBOX"].uidnext = 2
        mailbox.words = b"Umnutzung Halle 4"
        new = letter("Umnutzung Halle 4", ONE_OFFICE, sender="chef@halle.example")
        mailbox.folders["INBOX"].add(new, town.now)
        _look(town, mailbox)
        assert list(mailbox.folders["INBOX"].mails) == [2]
        mailbox.words = b"\0none"
        _look(town, mailbox)
        assert len(town.store.references()) == 3


def test_one_that_shows_no_header_is_told_by_its_place(tmp_path: Path) -> None:
    """What is known of it is that the server gives nothing."""
    mailbox = Counting()
    mailbox.header_stalls = True
    with city(tmp_path, mailbox=mailbox) as town:
        mailbox.folders["INBOX"].add(HOLE, town.now)
        _look(town, mailbox, 5)
        (alert,) = _alerts(town)
        assert "INBOX, UID 1 (auch keinen Kopf)" in alert


def test_a_mail_that_is_withheld_for_a_moment_is_told_nobody(tmp_path: Path) -> None:
    """Looks follow each other within seconds where mails come in bursts."""
    mailbox = Counting()
    with city(tmp_path, mailbox=mailbox) as town:
        mailbox.folders["INBOX"].add(HOLE, town.now)
        for _ in range(5):
            with suppress(OSError):
                town.intake.take_in(mailbox)
        mailbox.words = b""
        town.work()
        assert not _alerts(town)
        assert len(town.store.references()) == 1


def test_one_pass_tells_what_it_was_not_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process asks twice and ends, from cron as by hand."""
    mailbox = Counting()
    with city(tmp_path, mailbox=mailbox) as town:
        monkeypatch.setattr(one_pass, "Inbox", lambda _: mailbox)
        monkeypatch.setattr(one_pass, "leased", lambda *_: mailbox)
        mailbox.folders["INBOX"].add(HOLE, town.now)
        with pytest.raises(InboxError, match="does not give them: INBOX 1"):
            one_pass.run_once(parts_of_a_pass(town))
        (alert,) = _alerts(town)
        assert "INBOX, UID 1 (chef@halle.example" in alert


def test_a_rebuild_beside_holes_gives_the_same_once_they_are_given(
    rebuilt: tuple[City, Counting], tmp_path: Path
) -> None:
    """The next start reads them as what a backup lacks, and the folder is known throughout."""
    _, mailbox = rebuilt
    mailbox.words = b""
    with city(tmp_path, mailbox=mailbox) as town:
        found = reconcile(town.store, mailbox, town.intake)
        assert isinstance(found, Difference)
        assert found.mails == 1
        assert len(town.store.references()) == 10
        assert not town.intake.folders.gaps(mailbox)
        assert town.store.status("ledger_edge")[1] == "7:11"  # type: ignore[index]


def test_a_hole_of_a_lost_database_is_read_by_a_comparison_alone(
    rebuilt: tuple[City, Counting],
) -> None:
    """What the lost one sent for it goes to no office twice: it waits until somebody has looked."""
    town, mailbox = rebuilt
    thaw(town.store, town.now, send=False)
    assert reconcile(town.store, mailbox, town.intake) is None
    _look(town, mailbox, 5)
    assert len(_alerts(town)) == 1
    before = len(town.wire.accepted)
    mailbox.words = b""
    town.wait(minutes=61)
    with pytest.raises(MissedError, match="Processed gives a mail at last, UID 2"):
        town.intake.take_in(mailbox)
    assert len(town.store.references()) == 9
    assert reconcile(town.store, mailbox, town.intake) == Difference(mails=1, held=3)
    assert len(town.store.references()) == 10
    town.work()
    sent = [parse(raw) for _, _, raw in town.wire.accepted[before:]]
    assert not of_kind(sent, "forward")
    assert not of_kind(sent, "acknowledgement")


def test_a_hole_keeps_what_it_was_over_later_looks_and_starts(
    rebuilt: tuple[City, Counting], tmp_path: Path
) -> None:
    """One that the rebuild missed stays so beside our own filing, one of daily work stays late."""
    town, mailbox = rebuilt
    mailbox.file(HOLE, town.now)
    _look(town, mailbox, 2)
    _post(town, "zwei")
    _look(town, mailbox, 2)
    with city(tmp_path, mailbox=mailbox) as town:
        assert reconcile(town.store, mailbox, town.intake) is None
        (gap,) = town.intake.folders.gaps(mailbox)
        assert (gap.withheld, gap.missed) == (frozenset({2, 11}), frozenset({2}))


def _put_back(mailbox: Counting, *, arrived: datetime, made_anew: bool) -> None:
    """Let the mail server's administrator put the withheld mail back, as a copy."""
    folder = mailbox.folders["Processed"]
    del folder.mails[2]
    mailbox.words = b""
    if made_anew:
        there = [mail for _, mail in sorted(folder.mails.items())]
        folder.mails.clear()
        folder.uidvalidity, folder.uidnext = 8, 1
        for raw, at in there:
            folder.add(raw, at)
    folder.add(HOLE, arrived)


@pytest.mark.parametrize("made_anew", [False, True])
@pytest.mark.parametrize("keeps_arrival", [False, True])
@pytest.mark.parametrize("gone_for_a_while", [False, True])
def test_a_hole_of_a_lost_database_is_known_under_another_uid(
    rebuilt: tuple[City, Counting], *, made_anew: bool, keeps_arrival: bool, gone_for_a_while: bool
) -> None:
    """Put back from a backup of the mail server it lies at the folder's end, or in a new folder.

    It was read as filed by hand, and its offices were asked a second time.
    """
    town, mailbox = rebuilt
    thaw(town.store, town.now, send=False)
    _look(town, mailbox, 5)
    arrived = mailbox.folders["Processed"].mails[2][1]
    if gone_for_a_while:
        del mailbox.folders["Processed"].mails[2]
        town.wait(days=1)
        _look(town, mailbox, 2)
        assert not town.intake.folders.gaps(mailbox)
        mailbox.folders["Processed"].mails[2] = (b"", arrived)
    before = len(town.wire.accepted)
    town.wait(hours=2)
    _put_back(mailbox, arrived=arrived if keeps_arrival else town.now, made_anew=made_anew)
    with pytest.raises(MissedError, match="Processed gives a mail at last"):
        town.intake.take_in(mailbox)
    assert len(town.store.references()) == 9
    found = reconcile(town.store, mailbox, town.intake)
    assert found is not None
    assert found.mails == 1
    assert len(town.store.references()) == 10
    town.work()
    sent = [parse(raw) for _, _, raw in town.wire.accepted[before:]]
    assert not of_kind(sent, "forward")
    assert not of_kind(sent, "acknowledgement")


def test_what_is_filed_by_hand_after_such_a_comparison_is_late_and_no_more(
    rebuilt: tuple[City, Counting],
) -> None:
    """The lost database cannot have read what was written when it was gone."""
    town, mailbox = rebuilt
    thaw(town.store, town.now, send=False)
    town.wait(days=1)
    new = letter("Frage", ONE_OFFICE, sender="chef@zwei.example")
    mailbox.file(new.replace(b"Tue, 24 Nov", b"Wed, 25 Nov"), town.now)
    _look(town, mailbox)
    assert len(town.store.references()) == 10
    assert not town.store.frozen()


def test_a_plain_restart_beside_an_old_hole_makes_no_later_mail_one_of_a_lost_database(
    rebuilt: tuple[City, Counting], tmp_path: Path
) -> None:
    """The moment is the rebuild's, and stays it while the same mail is not given."""
    town, mailbox = rebuilt
    thaw(town.store, town.now, send=False)
    with city(tmp_path, mailbox=mailbox) as again:
        again.now = town.now + timedelta(days=2)
        assert reconcile(again.store, mailbox, again.intake) is None
        again.wait(hours=1)
        new = letter("Frage", ONE_OFFICE, sender="chef@zwei.example")
        mailbox.file(new.replace(b"Tue, 24 Nov", b"Wed, 25 Nov"), again.now)
        _look(again, mailbox)
        assert len(again.store.references()) == 10


@pytest.mark.parametrize("killed", [True, False])
def test_a_mail_that_a_rebuild_did_not_even_see_is_known_when_it_is_put_back(
    tmp_path: Path, *, killed: bool
) -> None:
    """A company's further letter, gone from the folder with the database, went to its office once.

    No acknowledgement tells of it. The start may have ended a rebuild that was killed.
    """
    mailbox = Counting()
    mailbox.words = b""
    with city(tmp_path, mailbox=mailbox) as town:
        out = town.deliver(letter("Stand", ONE_OFFICE))
        (acknowledgement,) = of_kind(out, "acknowledgement")
        town.take_receipts()
        more = reply_to(acknowledgement, "Noch etwas: Wir brauchen auch eine Zufahrt.")
        assert of_kind(town.deliver(more), "forward")
        now = town.now
    (tmp_path / "mailflow.db").unlink()
    folder = mailbox.folders["Processed"]
    (uid,) = [uid for uid, (raw, _) in folder.mails.items() if raw == more]
    _, arrived = folder.mails.pop(uid)
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now
        with _killed_at_once(town) if killed else nullcontext():
            rebuild(town.store, mailbox, town.intake, ["Processed", "Quarantine", "INBOX"])
    mailbox.select_inbox()
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now + timedelta(hours=1)
        assert (reconcile(town.store, mailbox, town.intake) is not None) is killed
        thaw(town.store, town.now, send=False)
        town.wait(days=1)
        folder.add(more, arrived)
        mailbox.select_inbox()
        with pytest.raises(MissedError):
            town.intake.take_in(mailbox)


def test_a_days_mails_that_were_lost_with_a_restored_database_are_known_when_put_back(
    tmp_path: Path,
) -> None:
    """One disk held both, and both are yesterday's; a week later the day's mails are found.

    Their offices were asked a second time, and nobody was told.
    """
    url = f"sqlite:///{tmp_path}/mailflow.db"
    mailbox = Counting()
    mailbox.words = b""
    folder = mailbox.folders["Processed"]
    with city(tmp_path, mailbox=mailbox) as town:
        reconcile(town.store, mailbox, town.intake)
        town.deliver(letter("Stand", ONE_OFFICE))
        town.take_receipts()
        back_up(url, tmp_path / "copy.db")
        first, then = folder.uidnext, dict(folder.mails)
        town.wait(hours=2)
        town.deliver(HOLE)
        town.take_receipts()
        lost = [mail for uid, mail in folder.mails.items() if uid >= first]
        now = town.now
    folder.mails, folder.uidnext = then, first
    put_back(url, tmp_path / "copy.db", now, knows)
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now + timedelta(hours=5)
        reconcile(town.store, mailbox, town.intake)
        thaw(town.store, town.now, send=False)
        town.wait(days=7)
        for mail in lost:
            folder.add(*mail)
        mailbox.select_inbox()
        with pytest.raises(MissedError):
            town.intake.take_in(mailbox)
        assert reconcile(town.store, mailbox, town.intake) is not None
        assert not of_kind(town.work(), "forward")


@pytest.mark.parametrize("into", ["INBOX", "Processed"])
@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("dated", [True, False])
def test_a_mail_that_a_lost_database_acknowledged_waits_wherever_it_turns_up(
    tmp_path: Path, into: str, *, listed: bool, dated: bool
) -> None:
    """One disk held mails and database: what is put back after the rebuild was answered before.

    Its offices were asked a second time, and nobody was told. Now the manager says what becomes of
    it.
    """
    date = b"Date: Tue, 24 Nov 2026 08:00:00 +0000\r\n"
    raw = HOLE if dated else HOLE.replace(date, b"")
    mailbox = Counting()
    mailbox.words = b""
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(raw)
        town.take_receipts()
        now = town.now
    (tmp_path / "mailflow.db").unlink()
    folder = mailbox.folders["Processed"]
    mailbox.words = b"From: chef@halle.example"
    if not listed:
        del folder.mails[1]
    with _made_anew(tmp_path, mailbox, now) as town:
        town.wait(hours=2)
        _look(town, mailbox, 3)
        folder.mails.pop(1, None)
        mailbox.words = b""
        town.wait(minutes=61)
        mailbox.folders[into].add(raw, town.now)
        before = len(town.wire.accepted)
        with suppress(MissedError):
            town.intake.take_in(mailbox)
        assert reconcile(town.store, mailbox, town.intake) or not town.store.frozen()
        mailbox.select_inbox()
        town.work()
        sent = [parse(raw) for _, _, raw in town.wire.accepted[before:]]
        assert not of_kind(sent, "forward")
        assert not of_kind(sent, "acknowledgement")
        if not town.store.frozen():
            assert "schon einmal gelesen und bestätigt" in body_of(digest_of(town))


@pytest.mark.parametrize("receipts", ["all", "company"])
def test_a_mail_that_a_lost_database_did_not_acknowledge_waits_too(
    tmp_path: Path, receipts: str
) -> None:
    """Of a day's second inquiry the copy of its forward tells, or that of its answer.

    Put back into the inbox, its offices were asked a second time.
    """
    second = letter("Neue Frage", ONE_OFFICE, sender="chef@halle.example")
    mailbox = Counting()
    mailbox.words = b""
    with city(tmp_path, mailbox=mailbox) as town:
        town.dispatch._receipts = receipts
        town.deliver(letter("Stand", ONE_OFFICE, sender="chef@halle.example"))
        sent = town.deliver(second)
        assert not of_kind(sent, "acknowledgement")
        if receipts == "company":
            answer = reply_to(forward_to(sent, BAU), "Die Genehmigung kommt im Juni.")
            assert of_kind(town.deliver(answer), "combined-answer")
        town.take_receipts()
        now = town.now
    (tmp_path / "mailflow.db").unlink()
    mails = mailbox.folders["Processed"].mails
    del mails[next(uid for uid, (raw, *_) in mails.items() if raw == second)]
    with _made_anew(tmp_path, mailbox, now) as town:
        town.wait(hours=2)
        assert not town.deliver(second)
        assert "schon einmal gelesen und bestätigt oder" in body_of(digest_of(town))


def test_the_manager_lets_a_mail_out_that_was_acknowledged_before(tmp_path: Path) -> None:
    """He has asked the offices, who never got it: one order, and it is an inquiry as any other."""
    mailbox = Counting()
    mailbox.words = b""
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(HOLE)
        town.take_receipts()
        now = town.now
    (tmp_path / "mailflow.db").unlink()
    del mailbox.folders["Processed"].mails[1]
    with _made_anew(tmp_path, mailbox, now) as town:
        town.deliver(HOLE)
        digest = digest_of(town)
        (order,) = re.findall(r"KAM-\S+ neu", body_of(digest))
        out = town.deliver(reply_to(digest, order))
        assert len(of_kind(out, "forward")) == 2


def test_what_is_filed_by_hand_freezes_once_for_one_loss(tmp_path: Path) -> None:
    """A colleague files each day what came the day before: late, and no sign of a loss each time.

    Each such freeze had moved the moment up to which mails count as a lost database's.
    """
    mailbox = Counting()
    mailbox.words = b""
    with city(tmp_path, mailbox=mailbox) as town:
        town.deliver(letter("Stand", ONE_OFFICE))
        now = town.now
    (tmp_path / "mailflow.db").unlink()
    with _made_anew(tmp_path, mailbox, now) as town:
        froze = []
        for day in range(24, 28):
            town.wait(days=1)
            new = letter("Frage", ONE_OFFICE, sender=f"chef@nr{day}.example")
            mailbox.file(new.replace(b"Tue, 24 Nov", b"Tue, %d Nov" % day), town.now)
            with suppress(MissedError):
                town.intake.take_in(mailbox)
            froze.append(reconcile(town.store, mailbox, town.intake) is not None)
            mailbox.select_inbox()
            thaw(town.store, town.now, send=True)
        assert froze == [True, False, False, False]
        assert len(town.store.references()) == 5


def test_a_mail_that_never_left_the_inbox_opens_its_ticket_in_a_rebuild(tmp_path: Path) -> None:
    """It was answered before, of course: what follows from it is held, and its office's reply fits.

    The server had refused to move it.
    """
    mailbox = Counting()
    mailbox.words = b""
    with city(tmp_path, mailbox=mailbox) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.take_receipts()
        town.wait(days=1)
        now = town.now
    (tmp_path / "mailflow.db").unlink()
    mailbox.folders["INBOX"].mails[1] = mailbox.folders["Processed"].mails.pop(1)
    with _made_anew(tmp_path, mailbox, now) as town:
        out = town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
        assert of_kind(out, "combined-answer")
