"""An order at the command line lies in the mailbox as a mail: what it did is in the ledger."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select

from mailflow.core.commands import commands_in
from mailflow.core.desk_order import DO, OrderHeader, is_desk_order, order_header, order_names
from mailflow.core.known import Scan
from mailflow.core.message import Kind
from mailflow.core.ticket import TicketState
from mailflow.core.tracking import named
from mailflow.desk import MadeGoodError, order_mail
from mailflow.ledger import rebuild, reconcile, thaw
from mailflow.reading import read
from mailflow.schema import mail
from mailflow.store.engine import reading
from mailflow.store.former import BEHIND
from tests.flow.city import (
    CENTRAL,
    COMPANY,
    MANAGER,
    NO_OFFICE,
    ONE_KEY,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    again,
    at_the_desk,
    body_of,
    city,
    forward_to,
    letter,
    of_kind,
    parse,
    parts_of,
    reply_to,
    to_of,
)
from tests.flow.made_anew import lost_after

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"
NOW = datetime(2026, 11, 24, 8, 0, 0, 123456, UTC)
FOLDERS = ["Processed", "Quarantine", "INBOX"]
ALL = tuple(TicketState)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[City]:
    """A city with an empty mailbox."""
    with city(tmp_path) as one:
        yield one


def _orders_in(town: City) -> list[EmailMessage]:
    folder = town.mailbox.folders["Processed"].mails.values()
    return of_kind([parse(raw) for raw, _ in folder], "order")


def _outcomes(town: City) -> list[tuple[str, str]]:
    query = select(mail.c.outcome, mail.c.why).where(mail.c.kind == Kind.OWN)
    with reading(town.store.engine) as connection:
        return [(row.outcome, row.why) for row in connection.execute(query)]


def test_an_order_lies_in_the_mailbox_before_anything_it_brought_about_goes_out(
    town: City,
) -> None:
    """A database lost in between has sent nothing that no mail tells of."""
    town.deliver(letter("Frage", NO_OFFICE))
    (line,) = at_the_desk(town, f"{town.ticket().reference} an umwelt")
    assert line.done
    town.dispatch.send_due()
    assert _orders_in(town) == []
    assert to_of(parse(town.wire.accepted[-1][2])) != UMWELT
    (forward,) = town.work()
    assert to_of(forward) == UMWELT
    (order,) = _orders_in(town)
    assert body_of(order).strip() == f"{town.ticket().reference} an umwelt"
    town.work()
    assert len(_orders_in(town)) == 1


def test_what_an_order_brought_about_waits_for_a_mailbox_ten_minutes_and_no_longer(
    town: City,
) -> None:
    """A mailbox that takes no mail keeps none from going out for good, the manager's not at all."""
    town.deliver(letter("Frage", NO_OFFICE))
    at_the_desk(town, f"{town.ticket().reference} an umwelt")
    town.reporting.alert("x", "Etwas ist geschehen.", "Sehen Sie nach.")
    for minutes, kinds in ((0, ["alert"]), (9, []), (1, ["forward"])):
        town.wait(minutes=minutes)
        before = len(town.wire.accepted)
        town.dispatch.send_due()
        sent = [str(parse(raw)["X-Mailflow-Kind"]) for _, _, raw in town.wire.accepted[before:]]
        assert sent == kinds


def test_a_release_too_waits_until_its_order_lies_in_the_mailbox(tmp_path: Path) -> None:
    """The answer was composed before the order, and lets itself be known by nothing else."""
    with city(tmp_path, manager_releases=True) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.wait(hours=1)
        (review,) = town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
        assert review["X-Mailflow-Kind"] == "review"
        town.wait(hours=1)
        assert at_the_desk(town, f"{town.ticket().reference} freigeben")[0].done
        sent = len(town.wire.accepted)
        town.dispatch.send_due()
        assert len(town.wire.accepted) == sent
        assert of_kind(town.work(), "combined-answer")


@pytest.mark.parametrize("between", ["\x0b", "\x0c", "\x00", "\x1b", "\u2028", "\t"])
def test_words_of_an_order_do_not_run_together(town: City, between: str) -> None:
    """What no mail can hold is a space, as it was on the command line."""
    town.deliver(letter("Frage", NO_OFFICE))
    words = f"Das ist erlaubt.{between}Ein Antrag ist nicht nötig."
    at_the_desk(town, f"{town.ticket().reference} notiz {words}")
    town.work()
    (order,) = _orders_in(town)
    assert "erlaubt. Ein Antrag" in " ".join(body_of(order).split())


def test_an_order_that_was_refused_leaves_no_mail(town: City) -> None:
    """Nothing came of it, so there is nothing to be told again."""
    town.deliver(letter("Frage", NO_OFFICE))
    (line,) = at_the_desk(town, f"{town.ticket().reference} ohne umwelt")
    assert not line.done
    town.work()
    assert _orders_in(town) == []


def test_an_order_lies_before_what_came_in_the_same_second(town: City) -> None:
    """Read again in their order, the mail that came after the order comes after it again."""
    town.deliver(letter("Frage", NO_OFFICE))
    at_the_desk(town, f"{town.ticket().reference} schliessen")
    town.deliver(letter("Danach", NO_OFFICE, sender="post@zweite.example"))
    folder = town.mailbox.folders["Processed"].mails.values()
    assert [str(parse(raw)["Subject"])[:7] for raw, _ in folder] == ["Frage", "Auftrag", "Danach"]


def test_a_mailbox_that_breaks_off_when_an_order_is_filed_still_lets_mails_go(town: City) -> None:
    """The next look moves what is read first, and then tries to file again."""
    town.deliver(letter("Frage", NO_OFFICE))
    at_the_desk(town, f"{town.ticket().reference} notiz angerufen")
    with patch.object(town.mailbox, "file", side_effect=OSError("broken")):
        for left in (1, 0):
            town.mailbox.folders["INBOX"].add(letter("Noch eine", NO_OFFICE), town.now)
            with pytest.raises(OSError, match="broken"):
                town.work()
            assert len(town.mailbox.folders["INBOX"].mails) == left
    town.work()
    assert len(_orders_in(town)) == 1


def _steered(town: City) -> None:
    """Let everything be ordered that can be."""
    town.deliver(letter("Frage", NO_OFFICE))
    first = town.ticket().reference
    at_the_desk(town, f"{first} an umwelt, tiefbau")
    out = town.work()
    town.wait(minutes=5)
    at_the_desk(town, f"{first} ohne tiefbau\n{first} notiz angerufen\n{first} ansiedlung")
    town.work()
    town.wait(hours=1)
    town.deliver(reply_to(forward_to(out, UMWELT), "Vermutlich sind es nachts 40 Dezibel."))
    town.wait(minutes=5)
    at_the_desk(town, f"{first} freigeben")
    town.work()
    town.wait(hours=1)
    town.deliver(letter("Noch etwas", ONE_OFFICE, sender="post@zweite.example"))
    second = next(each for each in town.store.references() if each != first)
    at_the_desk(town, f"{second} frist +9T")
    town.work()
    town.wait(days=1)
    at_the_desk(town, f"{second} erinnern\n{second} antwort: Wir melden uns im Dezember dazu.")
    town.work()
    town.deliver(letter("Hallo", "Ich bin neu hier.", sender="neu@bauaufsicht.example"))
    third = next(each for each in town.store.references() if each not in {first, second})
    at_the_desk(town, f"{third} schliessen")
    town.work()
    (line,) = at_the_desk(town, f"{first} schliessen")
    assert line.done
    town.work()


@contextmanager
def _the_same_after_a_loss(
    folder: Path, story: Callable[[City], None], receipts: str = "company"
) -> Iterator[City]:
    """Give a town whose database was lost after a story, and made anew just as it was."""

    def told(town: City) -> None:
        story(town)
        town.work()

    with lost_after(folder, told, receipts) as (town, differs):
        assert differs == []
        yield town


@pytest.mark.parametrize("receipts", ["none", "company", "all"])
def test_a_ticket_steered_at_the_desk_is_the_same_after_a_loss(
    tmp_path: Path, receipts: str
) -> None:
    """The orders are read again and carried out anew, whatever receipts there are."""
    with _the_same_after_a_loss(tmp_path, _steered, receipts) as town:
        thaw(town.store, town.now, send=False)
        assert town.work() == []


def _let_out(town: City) -> None:
    """Let a flood wait, and a mail that was taken for a code; then let both out, the next day."""
    for number in range(33):
        raw = letter(f"Stand {number}", ONE_OFFICE, sender="post@flut.example")
        town.mailbox.folders["INBOX"].add(raw, town.now)
    town.deliver(letter("Registrierung abschließen geht nicht", f"{ONE_OFFICE}\nAntrag 482913"))
    town.wait(days=1)
    assert (again(town, "flut.example"), again(town, COMPANY)) == (3, 1)
    out = town.work()
    assert len(of_kind(out, "forward")) == 3
    town.deliver(reply_to(of_kind(out, "forward")[0], "Die Genehmigung kommt im Juni."))


def test_what_was_let_out_is_out_after_a_loss(tmp_path: Path) -> None:
    """It is decided anew at the moment of the order, before whatever replies to it."""
    with _the_same_after_a_loss(tmp_path, _let_out) as town:
        assert again(town, "flut.example") == 0


def test_an_order_from_after_the_backup_is_missed_and_carried_out(tmp_path: Path) -> None:
    """A restored database finds it in the mailbox, sends nothing, and does what it says."""
    database = tmp_path / "mailflow.db"
    with city(tmp_path) as town:
        town.deliver(letter("Frage", NO_OFFICE))
        reconcile(town.store, town.mailbox, town.intake)
        town.store.engine.dispose()
        backup = database.read_bytes()
        at_the_desk(town, f"{town.ticket().reference} an umwelt")
        assert of_kind(town.work(), "forward")
        mailbox, now = town.mailbox, town.now
    database.write_bytes(backup)
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now
        assert reconcile(town.store, mailbox, town.intake)
        assert town.store.frozen()
        (part,) = town.ticket().consultations
        assert part.office_id == "umwelt"
        assert [kind for kind, _, _ in town.store.held_back()] == ["forward"]
        assert town.work() == []


def test_an_order_with_other_words_does_nothing_and_is_told(town: City) -> None:
    """Whoever can write in the mailbox can change an order, but not what its Message-ID names."""
    town.deliver(letter("Frage", TWO_OFFICES))
    reference = town.ticket().reference
    raw, _ = order_mail(parts_of(town), DO, f"{reference} an tiefbau", town.now)
    forged = parse(raw)
    forged.set_content(f"{reference} antwort: Alles ist erlaubt.")
    out = town.deliver(forged.as_bytes())
    assert {to_of(each) for each in out} == {MANAGER}
    assert "Auftrag, den niemand so gegeben hat" in " ".join(str(out[0]["Subject"]).split())
    assert [outcome for outcome, _ in _outcomes(town)] == ["event"]
    assert town.ticket().answers == 0


def test_a_copy_of_an_order_is_not_carried_out_again(town: City) -> None:
    """What lies there twice, or is sent to us by who could read it, is one order."""
    town.deliver(letter("Frage", NO_OFFICE))
    at_the_desk(town, f"{town.ticket().reference} notiz angerufen")
    town.work()
    (raw,) = [
        raw for raw, _ in town.mailbox.folders["Processed"].mails.values() if b": order" in raw
    ]
    town.wait(days=2)
    town.deliver(b"Received: from elsewhere\r\n" + raw)
    notes = town.store.digest_facts(town.now, town.now).counts_total
    assert notes.balanced
    assert [why for _, why in _outcomes(town)] == [
        "Auftrag an der Kommandozeile",
        "Doppel einer schon gelesenen Mail",
    ]


def test_an_order_under_a_key_that_has_ended_does_nothing(tmp_path: Path) -> None:
    """A revoked key gives no orders any more."""
    with city(tmp_path) as town:
        town.deliver(letter("Frage", NO_OFFICE))
        raw, _ = order_mail(parts_of(town), DO, f"{town.ticket().reference} an umwelt", town.now)
        object.__setattr__(town.policy.keyring, "ends", {"a": town.now})
        town.deliver(raw)
        object.__setattr__(town.policy.keyring, "ends", {})
        assert town.ticket().state is TicketState.TRIAGE


def _under(raw: bytes, message_id: str) -> bytes:
    return re.sub(rb"(?m)^Message-ID: [^\r]*", f"Message-ID: {message_id}".encode(), raw)


@pytest.mark.parametrize("kind", ["", "X-Mailflow-Kind: order\r\n"])
def test_a_stranger_under_an_orders_name_is_a_stranger(town: City, kind: str) -> None:
    """His mail is scanned, and opens a ticket with a number, as any other."""
    forged = "<mailflow.order.aaaaaaaaaa.abbbbbbbbbbbbbbbb@evil.example>"
    raw = kind.encode() + _under(letter("Frage", ONE_OFFICE), forged)
    assert of_kind(town.deliver(raw), "acknowledgement")
    assert town.ticket().reference.startswith("KAM-")
    scan = patch.object(town.deciding, "_scan", return_value=Scan.INFECTED)
    with scan:
        town.deliver(kind.encode() + _under(letter("Noch eine", ONE_OFFICE), forged))
    assert town.reporting.digest().counts_total.quarantined == 1


def test_a_strangers_pushed_mail_under_an_orders_name_keeps_nothing_waiting(town: City) -> None:
    """Only what a key of ours signed is filed before anything else goes out."""
    raw = _under(letter("Hallo", NO_OFFICE), "<mailflow.order.x@evil.example>")
    town.intake.store(raw, town.now, None)
    town.deciding.decide_all()
    town.wait(seconds=1)
    town.reporting.alert("x", "y", "z")
    town.deciding.decide_all()
    town.dispatch.send_due()
    kinds = {str(parse(raw)["X-Mailflow-Kind"]) for _, _, raw in town.wire.accepted}
    assert "acknowledgement" in kinds


def _other_date(raw: bytes) -> bytes:
    return re.sub(rb"(?m)^Date: [^\r]*", b"Date: Wed, 25 Nov 2026 09:00:00 +0000", raw)


def _other_encoding(raw: bytes) -> bytes:
    mail = parse(raw)
    mail.set_content(body_of(mail), cte="quoted-printable")
    return mail.as_bytes(policy=SMTP)


@pytest.mark.parametrize("changed", [_other_date, _other_encoding])
def test_an_order_in_other_bytes_is_the_same_order(
    town: City, changed: Callable[[bytes], bytes]
) -> None:
    """A server may write anew what is filed, and anybody may have a copy."""
    town.deliver(letter("Frage", NO_OFFICE))
    at_the_desk(town, f"{town.ticket().reference} antwort: Wir melden uns im Dezember.")
    assert of_kind(town.work(), "combined-answer")
    (raw,) = [
        raw for raw, _ in town.mailbox.folders["Processed"].mails.values() if b": order" in raw
    ]
    town.wait(days=2)
    assert town.deliver(changed(raw)) == []
    assert town.ticket().answers == 1


def _written_anew(town: City) -> None:
    town.deliver(letter("Frage", NO_OFFICE))
    file = town.mailbox.file
    writing_anew = lambda raw, at: file(_other_encoding(raw), at)  # noqa: E731 - as the method
    with patch.object(town.mailbox, "file", writing_anew):
        at_the_desk(town, f"{town.ticket().reference} antwort: Wir melden uns im Dezember.")
        town.work()


def test_an_order_that_the_mailbox_wrote_anew_names_the_same_mails(tmp_path: Path) -> None:
    """After a loss the answer bears the Message-ID that it bore."""
    with _the_same_after_a_loss(tmp_path, _written_anew) as town:
        assert town.ticket().answers == 1


def test_an_order_that_nobody_gave_here_does_nothing(town: City) -> None:
    """In daily work each is carried out when it is given: an unknown one is another city's."""
    town.deliver(letter("Frage", NO_OFFICE))
    raw, _ = order_mail(parts_of(town), DO, f"{town.ticket().reference} an umwelt", town.now)
    (told,) = town.deliver(raw)
    assert to_of(told) == MANAGER
    assert town.ticket().consultations == ()


def test_a_line_break_that_was_moved_gives_no_other_order(tmp_path: Path) -> None:
    """What stood in a note is no order, though the words are the same; not after a loss either."""
    with city(tmp_path) as town:
        town.deliver(letter("Frage", NO_OFFICE))
        reference = town.ticket().reference
        words = f"{reference} notiz Herr Muster bat um: {reference} schliessen"
        at_the_desk(town, words)
        town.work()
        folder = town.mailbox.folders["Processed"]
        ((uid, raw, at),) = [
            (uid, raw, at) for uid, (raw, at) in folder.mails.items() if b": order" in raw
        ]
        broken = parse(raw)
        broken.set_content(words.replace("um: ", "um:\n"))
        folder.mails[uid] = broken.as_bytes(policy=SMTP), at
        mailbox, now = town.mailbox, town.now
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        assert town.ticket().state is TicketState.TRIAGE


def _closed_over(town: City) -> None:
    out = town.deliver(letter("Frage", ONE_OFFICE))
    more = reply_to(of_kind(out, "acknowledgement")[0], "Wichtig: Es geht auch um die Halle 5.")
    town.wait(hours=1)
    town.mailbox.folders["INBOX"].add(more, town.now)
    town.wait(minutes=5)
    (line,) = at_the_desk(town, f"{town.ticket().reference} schliessen")
    assert line.done
    town.wait(minutes=5)


def _left_out_over(town: City) -> None:
    out = town.deliver(letter("Frage", TWO_OFFICES))
    town.wait(hours=1)
    town.mailbox.folders["INBOX"].add(reply_to(forward_to(out, UMWELT), "45 Dezibel."), town.now)
    town.wait(minutes=5)
    (line,) = at_the_desk(town, f"{town.ticket().reference} ohne umwelt")
    assert line.done
    town.wait(minutes=5)


def _refused_below(town: City) -> None:
    town.deliver(letter("Frage", NO_OFFICE))
    first = town.ticket().reference
    town.mailbox.folders["INBOX"].add(letter("Andere", NO_OFFICE, sender="a@b.example"), town.now)
    town.wait(minutes=1)
    second = town.policy.keyring.reference("KAM", "not read yet")
    lines = at_the_desk(town, f"{first} notiz angerufen\n{second} schliessen\n{first} frist +2T")
    assert [each.done for each in lines] == [True, False, False]
    at_the_desk(town, f"{first} an umwelt")
    town.work()


@pytest.mark.parametrize("story", [_closed_over, _left_out_over, _refused_below])
def test_an_order_is_carried_out_again_on_what_its_giver_knew(
    tmp_path: Path, story: Callable[[City], None]
) -> None:
    """A mail that had come and was not read yet comes after it; what was refused stays so."""
    with _the_same_after_a_loss(tmp_path, story) as town:
        assert town.work() == []


def test_only_what_was_done_is_kept(town: City) -> None:
    """What was refused for want of a ticket must not be done once there is one."""
    town.deliver(letter("Frage", NO_OFFICE))
    reference = town.ticket().reference
    at_the_desk(town, f"{reference} notiz angerufen\nKAM-2222-2222 schliessen")
    town.work()
    (order,) = _orders_in(town)
    assert body_of(order).strip() == f"{reference} notiz angerufen"


def test_an_order_before_the_comparison_hides_no_work_of_the_clock(tmp_path: Path) -> None:
    """In a restored database the clock goes on where the mailbox was read last."""
    database = tmp_path / "mailflow.db"
    with city(tmp_path) as town:
        forward = forward_to(town.deliver(letter("Frage", ONE_OFFICE)), BAU)
        town.take_receipts()
        (answer,) = town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
        town.take_receipts()
        reconcile(town.store, town.mailbox, town.intake)
        town.store.engine.dispose()
        backup = database.read_bytes()
        town.wait(days=16)
        assert town.chasing.close()
        town.wait(days=31)
        town.deliver(reply_to(answer, "Wie ist es mit der Nutzungsänderung in Halle 9?"))
        references, mailbox, now = set(town.store.references(ALL)), town.mailbox, town.now
    assert len(references) == 2
    database.write_bytes(backup)
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now + timedelta(hours=1)
        assert at_the_desk(town, f"{town.ticket().reference} notiz angerufen")[0].done
        assert reconcile(town.store, mailbox, town.intake)
        assert set(town.store.references(ALL)) == references


def test_nothing_is_ordered_while_mails_are_read_again(town: City) -> None:
    """It would be about a ticket as it was long ago."""
    town.deliver(letter("Frage", NO_OFFICE))
    town.store.set_status(BEHIND, town.now, "3")
    with pytest.raises(MadeGoodError, match="is being made good from the mailbox"):
        at_the_desk(town, f"{town.ticket().reference} notiz angerufen")


def test_an_order_that_lies_in_the_inbox_at_the_start_stops_nothing(town: City) -> None:
    """Dragged there by hand, it is no receipt of a mail that this database never sent."""
    town.deliver(letter("Frage", NO_OFFICE))
    at_the_desk(town, f"{town.ticket().reference} notiz angerufen")
    town.work()
    folder = town.mailbox.folders["Processed"]
    (uid,) = [uid for uid, (raw, _) in folder.mails.items() if b": order" in raw]
    raw, at = folder.mails[uid]
    reconcile(town.store, town.mailbox, town.intake)
    town.mailbox.folders["INBOX"].add(raw, at)
    assert reconcile(town.store, town.mailbox, town.intake) is None
    assert not town.store.frozen()


def _let_out_late(town: City) -> None:
    with patch.object(town.deciding, "_scan", return_value=Scan.INFECTED):
        town.deliver(letter("Frage", ONE_OFFICE))
    town.wait(days=21)
    town.work()
    assert again(town) == 1
    town.work()


def test_what_was_let_out_late_is_asked_of_late_though_its_fault_is_gone(tmp_path: Path) -> None:
    """After a loss the scanner knows better from the start; the office was asked at the order."""
    with _the_same_after_a_loss(tmp_path, _let_out_late) as town:
        assert town.ticket().consultations[0].asked_on == town.policy.today(town.now)


@given(text=st.text(min_size=1, max_size=400))
@example(text="kein UTF-8: \udcff")
def test_whatever_is_ordered_reads_as_it_was_written(text: str) -> None:
    """Its mail bears the name of its own words, and whoever reads it finds the same orders."""
    policy = SimpleNamespace(keyring=ONE_KEY, central_address=CENTRAL, domain=lambda: "x.example")
    parts: Any = SimpleNamespace(
        policy=policy, store=SimpleNamespace(last_mail=lambda _: f"{0:064x}.0")
    )
    line = f"KAM-7K3Q-9F2M notiz {text}"
    raw, order = order_mail(parts, DO, line, NOW)
    again = read(raw)
    assert order_header(raw, ONE_KEY) == OrderHeader(f"{0:064x}.0", lets_out=False)
    assert (again.kind, is_desk_order(again)) == (Kind.OWN, True)
    assert named(again.message_id) == ONE_KEY.name("order", "", order_names(again))
    assert commands_in(again.text, "KAM") == commands_in(order.message.text, "KAM")
    assert commands_in(again.text, "KAM")[0].reference == "KAM-7K3Q-9F2M"


def _one_senders_let_out(town: City) -> None:
    with patch.object(town.deciding, "_scan", return_value=Scan.INFECTED):
        town.deliver(letter("Frage A", NO_OFFICE))
        town.wait(minutes=1)
        town.deliver(letter("Frage B", NO_OFFICE, sender="post@fremd.example"))
    town.wait(hours=1)
    assert again(town, "post@fremd.example") == 1
    town.work()


def test_what_an_order_for_one_sender_left_in_quarantine_is_not_told_as_let_out(
    tmp_path: Path,
) -> None:
    """After a loss the others lie there still, and the reason says what is known of it."""
    with _the_same_after_a_loss(tmp_path, _one_senders_let_out) as town:
        query = select(mail.c.why).where(mail.c.subject == "Frage A")
        with reading(town.store.engine) as connection:
            why = connection.execute(query).scalar_one()
        assert why.startswith("lag schon vor einer Wiederherstellung in Quarantäne")
