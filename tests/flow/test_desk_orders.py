"""An order at the command line lies in the mailbox as a mail: what it did is in the ledger."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select

from mailflow.core.commands import commands_in
from mailflow.core.desk_order import DO, is_desk_order, order_names
from mailflow.core.message import Kind
from mailflow.core.ticket import TicketState
from mailflow.core.tracking import named
from mailflow.desk import order_mail
from mailflow.ledger import rebuild, reconcile, thaw
from mailflow.reading import read
from mailflow.schema import mail
from mailflow.store.engine import reading
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
from tests.flow.made_anew import waiting_in
from tests.flow.picture import differences, picture_of

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"
NOW = datetime(2026, 11, 24, 8, 0, 0, 123456, UTC)
FOLDERS = ["Processed", "Quarantine", "INBOX"]


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


@pytest.mark.parametrize("receipts", ["none", "company", "all"])
def test_a_ticket_steered_at_the_desk_is_the_same_after_a_loss(
    tmp_path: Path, receipts: str
) -> None:
    """The orders are read again and carried out anew, whatever receipts there are."""
    with city(tmp_path) as town:
        town.dispatch._receipts = receipts
        _steered(town)
        town.take_receipts()
        before, waits = picture_of(town.store), waiting_in(town)
        mailbox, now = town.mailbox, town.now
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        assert differences(before, picture_of(town.store)) == []
        assert waiting_in(town) == waits
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
    with city(tmp_path) as town:
        _let_out(town)
        town.take_receipts()
        before, waits = picture_of(town.store), waiting_in(town)
        mailbox, now = town.mailbox, town.now
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now
        rebuild(town.store, mailbox, town.intake, FOLDERS)
        assert differences(before, picture_of(town.store)) == []
        assert waiting_in(town) == waits
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
    assert "verändert" in str(out[0]["Subject"])
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


@given(text=st.text(min_size=1, max_size=400))
@example(text="kein UTF-8: \udcff")
def test_whatever_is_ordered_reads_as_it_was_written(text: str) -> None:
    """Its mail bears the name of its own words, and whoever reads it finds the same orders."""
    policy = SimpleNamespace(keyring=ONE_KEY, central_address=CENTRAL, domain=lambda: "x.example")
    line = f"KAM-7K3Q-9F2M notiz {text}"
    raw, order = order_mail(SimpleNamespace(policy=policy), DO, line, NOW)  # type: ignore[arg-type]
    again = read(raw)
    assert (again.kind, is_desk_order(again)) == (Kind.OWN, True)
    assert named(again.message_id) == ONE_KEY.name("order", "", order_names(again))
    assert commands_in(again.text, "KAM") == commands_in(order.message.text, "KAM")
    assert commands_in(again.text, "KAM")[0].reference == "KAM-7K3Q-9F2M"
