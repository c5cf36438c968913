"""A database made anew knows what a manager had seen by the order of decisions, not by clocks."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailflow.core.digest import Digest
from mailflow.core.drafts import Draft
from mailflow.core.retry import Rejected
from mailflow.ledger import rebuild, reconcile
from mailflow.report import Reporting
from tests.flow.city import (
    COMPANY,
    NO_OFFICE,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    again,
    at_the_desk,
    body_of,
    city,
    digest_of,
    forward_to,
    letter,
    of_kind,
    parse,
    reply_to,
)
from tests.flow.picture import differences, picture_of

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"
FOLDERS = ["Processed", "Quarantine", "INBOX"]
MORE = "Dazu noch: Auf dem Grundstück liegt offenbar Asbest, was ist zu tun?"


def _arrives(town: City, raw: bytes, ahead: int = 0) -> None:
    """Let a mail lie in the inbox unread, dated by a server whose clock is ahead."""
    town.mailbox.folders["INBOX"].add(raw, town.now + timedelta(seconds=ahead))


def _told(town: City, kind: str = "digest") -> EmailMessage:
    """Let the digest, or the alert of what waits, go out while nothing is read."""
    before = len(town.wire.accepted)
    assert town.reporting.send() if kind == "digest" else town.reporting.tell_of_waiting()
    town.dispatch.send_due()
    (mail,) = of_kind([parse(raw) for _, _, raw in town.wire.accepted[before:]], kind)
    return mail


def _ordered(town: City, digest: EmailMessage, order: str) -> list[EmailMessage]:
    """Let the manager answer an hour later, in a minute's reading."""
    town.wait(seconds=1)
    town.work()
    town.wait(hours=1)
    out = town.deliver(reply_to(digest, f"{town.ticket().reference} {order}"))
    town.take_receipts()
    return out


@contextmanager
def _lost(folder: Path, tell: Callable[[City], None], storm: int = 30) -> Iterator[City]:
    """Tell a story, lose the database, and say that what is made anew is as it was."""
    with city(folder) as town:
        town.deciding._policy = replace(town.policy, storm_of_sender=storm)
        tell(town)
        before, mailbox, now = picture_of(town.store), town.mailbox, town.now
    (folder / "mailflow.db").unlink()
    with city(folder, mailbox=mailbox) as town:
        town.now = now
        town.deciding._policy = replace(town.policy, storm_of_sender=storm)
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        assert differences(before, picture_of(town.store)) == []
        yield town


def _unread_letter(town: City) -> None:
    (receipt,) = of_kind(town.deliver(letter("Frage", NO_OFFICE)), "acknowledgement")
    town.wait(hours=22, minutes=29, seconds=59)
    _arrives(town, reply_to(receipt, MORE, sender=COMPANY))
    town.wait(seconds=1)
    out = _ordered(town, _told(town), "schliessen")
    assert "Asbest" in body_of(out[0])


def test_what_came_a_second_before_the_digest_and_was_read_after_it_is_news(
    tmp_path: Path,
) -> None:
    """The order was refused over a letter nobody had read, and is refused in the rebuild."""
    with _lost(tmp_path, _unread_letter) as town:
        assert town.ticket().state == "triage"


def test_an_offices_answer_read_after_the_digest_is_news_after_a_loss(tmp_path: Path) -> None:
    """The manager's own answer was refused over it, and goes to nobody in the rebuild."""

    def tell(town: City) -> None:
        out = town.deliver(letter("Stand", TWO_OFFICES))
        town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
        town.take_receipts()
        town.wait(hours=22, minutes=29, seconds=59)
        _arrives(town, reply_to(forward_to(out, UMWELT), "Nachts gelten 40 Dezibel."))
        town.wait(seconds=1)
        out = _ordered(town, _told(town), "antwort: Das kann dauern, bitte warten Sie.")
        assert of_kind(out, "combined-answer") == []

    with _lost(tmp_path, tell) as town:
        assert town.ticket().answers == 1


@pytest.mark.parametrize("lost", ["the digest's row", "only what came after it"])
def test_what_was_refused_is_refused_in_a_restored_backup(tmp_path: Path, lost: str) -> None:
    """What came before the backup is of the living service, and the letter is not."""
    database, backup = tmp_path / "mailflow.db", tmp_path / "old.db"
    with city(tmp_path) as town:
        (receipt,) = of_kind(town.deliver(letter("Frage", NO_OFFICE)), "acknowledgement")
        town.wait(hours=20)
        shutil.copy(database, backup)
        town.wait(hours=2, minutes=29, seconds=59)
        _arrives(town, reply_to(receipt, MORE, sender=COMPANY))
        town.wait(seconds=1)
        digest = _told(town)
        if lost != "the digest's row":
            shutil.copy(database, backup)
        _ordered(town, digest, "schliessen")
        before, mailbox, now = picture_of(town.store), town.mailbox, town.now
    shutil.copy(backup, database)
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now
        reconcile(town.store, mailbox, town.intake)
        assert differences(before, picture_of(town.store)) == []
        assert town.ticket().state == "triage"


def test_orders_are_carried_out_again_where_the_servers_clock_is_ahead(tmp_path: Path) -> None:
    """The digest showed the letter, whatever date the mailbox gives it."""

    def tell(town: City) -> None:
        town.wait(hours=22, minutes=29)
        _arrives(town, letter("Stand", NO_OFFICE), ahead=90)
        town.work()
        town.wait(minutes=1)
        digest = _told(town)
        town.wait(hours=1)
        _arrives(town, reply_to(digest, f"{town.ticket().reference} an umwelt"), ahead=90)
        assert forward_to(town.work(), UMWELT)
        town.take_receipts()

    with _lost(tmp_path, tell) as town:
        assert town.ticket().state == "consulting"


def test_what_the_desk_brought_about_before_the_digest_is_seen(tmp_path: Path) -> None:
    """No mail came between the order at the desk and the digest: our own clock orders them."""

    def tell(town: City) -> None:
        town.deliver(letter("Stand", ONE_OFFICE))
        town.take_receipts()
        town.wait(hours=22)
        at_the_desk(town, f"{town.ticket().reference} ohne bauaufsicht")
        town.work()
        assert town.ticket().holds
        town.wait(minutes=30)
        assert forward_to(_ordered(town, _told(town), "an umwelt"), UMWELT)

    with _lost(tmp_path, tell) as town:
        assert town.ticket().holds == ()


def test_what_the_desk_brought_about_after_the_digest_is_news(tmp_path: Path) -> None:
    """Also where the last mail before the digest is dated, by its server's clock, after both."""

    def tell(town: City) -> None:
        town.deliver(letter("Stand", ONE_OFFICE))
        town.take_receipts()
        town.wait(hours=22, minutes=30)
        _arrives(town, letter("Angebote", "Greifen Sie zu!", Precedence="bulk"), ahead=90)
        town.work()
        town.wait(seconds=5)
        digest = _told(town)
        town.wait(seconds=5)
        at_the_desk(town, f"{town.ticket().reference} ohne bauaufsicht")
        town.work()
        out = _ordered(town, digest, "an umwelt")
        assert of_kind(out, "forward") == []

    with _lost(tmp_path, tell) as town:
        assert len(town.ticket().holds) == 1


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_letter_let_out_of_a_flood_is_known_from_then(tmp_path: Path, minutes: int) -> None:
    """Let out before the digest it is seen, after it it is news; so it is after a loss."""

    def tell(town: City) -> None:
        (receipt,) = of_kind(town.deliver(letter("Frage", NO_OFFICE)), "acknowledgement")
        town.take_receipts()
        town.wait(hours=20)
        for word in ("Dazu", "Ferner", "Und noch"):
            _arrives(town, reply_to(receipt, MORE.replace("Dazu", word), sender=COMPANY), ahead=90)
        town.work()
        town.wait(seconds=5 if minutes > 0 else 7200)
        if minutes < 0:
            assert again(town, COMPANY) == 1
            town.work()
            town.wait(minutes=-minutes)
        digest = _told(town)
        if minutes > 0:
            town.wait(minutes=minutes)
            assert again(town, COMPANY) == 1
            town.work()
        _ordered(town, digest, "schliessen")
        assert town.ticket().state == ("closed" if minutes < 0 else "triage")

    with _lost(tmp_path, tell, storm=2):
        pass


def test_an_alert_of_what_waits_names_what_it_knew_as_a_digest_does(tmp_path: Path) -> None:
    """A letter that came before the alert and was read after it is news to who answers that."""

    def tell(town: City) -> None:
        out = town.deliver(letter("Stand", ONE_OFFICE))
        forward = forward_to(out, BAU)
        (receipt,) = of_kind(out, "acknowledgement")
        town.take_receipts()
        words = "Die Genehmigung kommt im Juni."
        town.deliver(reply_to(forward, words, sender="fremd@fremd.example"))
        town.wait(hours=4, seconds=59)
        _arrives(town, reply_to(receipt, MORE, sender=COMPANY))
        town.wait(seconds=1)
        out = _ordered(town, _told(town, "alert"), "schliessen")
        assert "Asbest" in body_of(of_kind(out, "notice")[0])

    with _lost(tmp_path, tell) as town:
        assert town.ticket().state == "consulting"


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_digest_whose_last_mail_is_gone_still_tells_its_second(
    tmp_path: Path, minutes: int
) -> None:
    """Somebody has deleted the advertisement that was the last mail before the digest."""
    with city(tmp_path) as town:
        (receipt,) = of_kind(town.deliver(letter("Frage", NO_OFFICE)), "acknowledgement")
        town.wait(hours=22)
        more = reply_to(receipt, MORE, sender=COMPANY)
        if minutes < 0:
            town.deliver(more)
            town.wait(minutes=1)
        town.deliver(letter("Angebote", "Greifen Sie zu!", Precedence="bulk"))
        advertisement = max(town.mailbox.folders["Processed"].mails)
        town.wait(minutes=5)
        digest = _told(town)
        if minutes > 0:
            town.wait(minutes=5)
            town.deliver(more)
        _ordered(town, digest, "schliessen")
        before, mailbox, now = town.ticket().state, town.mailbox, town.now
    assert before == ("closed" if minutes < 0 else "triage")
    (tmp_path / "mailflow.db").unlink()
    del mailbox.folders["Processed"].mails[advertisement]
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        assert town.ticket().state == before


def _named_as_before(self: Reporting, manager: str, digest: Digest, now: datetime, _: str) -> Draft:
    return replace(_draft(self, manager, digest, now, ""), names=_names(digest, manager, now))


_draft = Reporting._draft


def _names(digest: Digest, manager: str, now: datetime) -> tuple[str, ...]:
    return manager, digest.day.isoformat(), f"{now:%Y-%m-%dT%H:%M:%S}"


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_digest_of_an_older_version_is_still_known_by_its_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    """It names no mail; what came up to its second is seen, what came after it is news."""

    def older(*given: object) -> Draft:
        return replace(_named_as_before(*given), number=None)  # type: ignore[arg-type]

    def tell(town: City) -> None:
        (receipt,) = of_kind(town.deliver(letter("Frage", NO_OFFICE)), "acknowledgement")
        town.wait(hours=22)
        more = reply_to(receipt, MORE, sender=COMPANY)
        if minutes < 0:
            town.deliver(more)
            town.wait(minutes=5)
        with monkeypatch.context() as before:
            before.setattr(Reporting, "_draft", older)
            digest = _told(town)
        if minutes > 0:
            town.wait(minutes=5)
            town.deliver(more)
        _ordered(town, digest, "schliessen")
        assert town.ticket().state == ("closed" if minutes < 0 else "triage")

    with _lost(tmp_path, tell):
        pass


def test_a_refusal_of_a_server_before_the_digest_is_seen_in_a_restored_backup(
    tmp_path: Path,
) -> None:
    """Such an item is no mail's: it is dated by our own clock, like the digest."""
    database, backup = tmp_path / "mailflow.db", tmp_path / "old.db"
    with city(tmp_path) as town:
        town.wire.outcomes = [Rejected("550 no such user")]
        town.deliver(letter("Frage", NO_OFFICE))
        town.wait(minutes=1)
        shutil.copy(database, backup)
        assert town.ticket().holds
        town.wait(hours=22)
        _ordered(town, _told(town), "schliessen")
        before, mailbox, now = picture_of(town.store), town.mailbox, town.now
    shutil.copy(backup, database)
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now
        reconcile(town.store, mailbox, town.intake)
        assert differences(before, picture_of(town.store)) == []


def test_two_digests_of_one_day_bear_two_names(town: City) -> None:
    """What knew another mail, or was made in another second, is another mail."""
    digest, now = town.reporting.digest(date(2026, 11, 24)), town.now
    ids = {town.reporting.draft(digest).message_id for _ in range(2)}
    assert len(ids) == 1
    town.deliver(letter("Frage", NO_OFFICE))
    ids.add(town.reporting.draft(digest).message_id)
    town.wait(seconds=1)
    ids.add(town.reporting.draft(digest).message_id)
    assert len(ids) == 3
    town.now = now
    assert digest_of(town)["Message-ID"] in ids
