"""What an order means and whether it is done, told and sent once, also after a loss."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from mailflow.compose import Composer, TemplateError
from mailflow.core.before_loss import _tell
from mailflow.core.changes import MailOutcome
from mailflow.core.meant import number_among
from mailflow.core.proposal import Proposal
from mailflow.core.retry import Outcome, Rejected
from mailflow.core.ticket import ConsultationState, Hold, HoldReason, ReplyState
from mailflow.ledger import rebuild, reconcile, thaw
from mailflow.missed_mails import ORDER_FOUND
from tests.flow.city import (
    NO_OFFICE,
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
    reply_to,
)
from tests.flow.made_anew import lost_after

TIEFBAU, UMWELT = "tiefbau@stadt.example.org", "umweltamt@stadt.example.org"
GOOD = "Der Gehweg kann ab Mai gesperrt werden."
BAD = "Die Baustelle geht erst ab Juni, weil die Firma Schulz noch nicht bezahlt hat."
ASKED = "Guten Tag,\n\nwann darf der Gehweg vor der Baustelle gesperrt werden?\n\nSabine Muster\n"
FOLDERS = ["Processed", "Quarantine", "INBOX"]
UNDONE = "Auftrag an der Kommandozeile"
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[City]:
    """A city with an empty mailbox."""
    with city(tmp_path) as one:
        yield one


def _two_replies_after_a_refusal(town: City) -> tuple[str, str]:
    """Let two replies wait beside what a server's refusal left; give their numbers."""
    _refuse_once(town, TIEFBAU)
    town.deliver(letter("Gehweg", ASKED))
    town.take_receipts()
    town.wait(hours=1)
    at_the_desk(town, f"{town.ticket().reference} erinnern")
    forward = forward_to(town.work(), TIEFBAU)
    for words, who in ((GOOD, "k.lang"), (BAD, "r.kurz")):
        town.wait(hours=2)
        town.deliver(reply_to(forward, words, sender=f"{who}@stadt.example.org"))
    town.wait(hours=1)
    holds = town.ticket().holds
    good, bad = (number_among(each, holds) for each in holds)
    return f"tiefbau {good}", f"tiefbau {bad}"


def _refuse_once(town: City, address: str) -> None:
    send, left = town.wire.send, [Rejected("550 5.1.1 unknown")]

    def sending(envelope_from: str, recipient: str, raw: bytes, **more: object) -> Outcome:
        if recipient == address and left:
            return left.pop()
        return send(envelope_from, recipient, raw, **more)  # type: ignore[arg-type]

    town.wire.send = sending  # type: ignore[method-assign]


def _by_desk(town: City) -> None:
    good, bad = _two_replies_after_a_refusal(town)
    reference = town.ticket().reference
    assert at_the_desk(town, f"{reference} freigeben {good}")[0].done
    town.wait(hours=1)
    assert at_the_desk(town, f"{reference} verwerfen {bad}")[0].done
    town.work()


def _by_mail(town: City) -> None:
    good, bad = _two_replies_after_a_refusal(town)
    reference, digest = town.ticket().reference, digest_of(town)
    town.wait(minutes=5)
    lines = f"{reference} freigeben {good}\n{reference} verwerfen {bad}"
    assert f"verwerfen {bad}" in body_of(digest)
    town.deliver(reply_to(digest, lines))


@pytest.mark.parametrize("story", [_by_desk, _by_mail])
@pytest.mark.parametrize("receipts", ["none", "company", "all"])
def test_a_numbered_order_means_the_same_reply_after_a_loss(
    tmp_path: Path, story: Callable[[City], None], receipts: str
) -> None:
    """What was thrown away stays so, though an item of no mail had waited before it."""
    with lost_after(tmp_path, story, receipts) as (town, _):
        (part,) = [each for each in town.ticket().consultations if each.replies]
        states = {each.text: each.state for each in part.replies}
        assert states[BAD] is ReplyState.KEPT
        assert states[GOOD] in {ReplyState.ACCEPTED, ReplyState.SENT}
        thaw(town.store, town.now, send=True)
        assert not any("Schulz" in body_of(each) for each in town.work())


def test_numbers_are_as_long_as_tells_two_items_apart() -> None:
    """An order for either of two items whose numbers begin alike means that one alone."""
    first, second = (
        Hold(each, "KAM-7K3Q-9F2M", HoldReason.LATE, "", NOW, office_id="umwelt", number=number)
        for each, number in ((1, "123456789012"), (2, "123457789012"))
    )
    assert number_among(first, [first]) == ""
    assert number_among(first, [first, second]) == "123456"
    assert number_among(second, [first, second]) == "123457"


def test_an_order_with_too_few_digits_means_nothing(town: City) -> None:
    """What is no number of ours, such as one of an older version, meets no item by chance."""
    _two_replies_after_a_refusal(town)
    (one, _) = (hold.number for hold in town.ticket().holds)
    for number in (one[:1], one[:4]):
        (line,) = at_the_desk(town, f"{town.ticket().reference} verwerfen tiefbau {number}")
        assert not line.done
        assert "wartet hier nichts" in line.result
    assert at_the_desk(town, f"{town.ticket().reference} verwerfen tiefbau {one[:7]}")[0].done


def test_words_added_to_an_item_leave_its_number(town: City) -> None:
    """What a receipt of before a loss tells beside an item makes no other item of it."""
    _two_replies_after_a_refusal(town)
    ticket = town.ticket()
    first, second = ticket.holds
    proposal = Proposal({ticket.reference: ticket}, town.now)
    _tell(proposal, first, "Es ging schon eine Antwort hinaus.")
    town.store.apply(proposal.decision(MailOutcome.EVENT, ""), [], town.now)
    told = {hold.number: hold.text for hold in town.ticket().holds}
    assert told.keys() == {first.number, second.number}
    assert "ging schon" in told[first.number]


def _drops_what_no_mail_tells(town: City) -> None:
    """Let the manager drop what the server's refusal of a forward had left, and note something."""
    _refuse_once(town, TIEFBAU)
    town.deliver(letter("Gehweg", ASKED))
    town.wait(hours=1)
    reference = town.ticket().reference
    lines = at_the_desk(town, f"{reference} verwerfen tiefbau\n{reference} notiz angerufen")
    assert all(line.done for line in lines)
    town.work()


def test_the_digest_tells_once_which_lines_a_rebuild_has_not_done(tmp_path: Path) -> None:
    """A kept order that means nothing in the database made anew is not lost in silence."""
    with lost_after(tmp_path, _drops_what_no_mail_tells) as (town, _):
        thaw(town.store, town.now, send=False)
        reference = town.ticket().reference
        for told in (1, 0):
            town.wait(days=1)
            words = " ".join(body_of(digest_of(town)).split())
            assert words.count(f"„{reference} verwerfen tiefbau“") == told
            assert "notiz angerufen" not in words
        assert "angerufen" in str(town.store.history(reference))


def test_an_order_that_a_rebuild_has_carried_out_is_not_told(tmp_path: Path) -> None:
    """The digest speaks only of what was left undone."""

    def noted(town: City) -> None:
        town.deliver(letter("Frage", NO_OFFICE))
        assert at_the_desk(town, f"{town.ticket().reference} notiz angerufen")[0].done
        town.work()

    with lost_after(tmp_path, noted) as (town, differs):
        assert differs == []
        town.wait(days=1)
        assert UNDONE not in " ".join(body_of(digest_of(town)).split())


def test_an_order_set_aside_by_a_rebuild_is_told_and_no_alarm(tmp_path: Path) -> None:
    """A template broken meanwhile makes no forgery of it: the manager may give it again."""
    with city(tmp_path) as town:
        town.deliver(letter("Frage", NO_OFFICE))
        order = f"{town.ticket().reference} an umwelt"
        at_the_desk(town, order)
        assert of_kind(town.work(), "forward")
        mailbox, now = town.mailbox, town.now
    (tmp_path / "mailflow.db").unlink()
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now + timedelta(hours=1)
        _rebuild_with_a_broken_forward(town)
        thaw(town.store, town.now, send=False)
        town.wait(hours=1)
        assert again(town) == 1
        assert of_kind(town.work(), "alert") == []
        assert f"„{order}“" in " ".join(body_of(digest_of(town)).split())
        assert at_the_desk(town, order)[0].done
        assert town.ticket().consultation("umwelt")


def _rebuild_with_a_broken_forward(town: City) -> None:
    compose = Composer.compose_all

    def composing(self: Composer, drafts: Any, *more: Any) -> Any:
        if any(each.kind == "forward" for each in drafts):
            raise TemplateError("forward.de.txt: broken")
        return compose(self, drafts, *more)

    with patch.object(Composer, "compose_all", composing):
        rebuild(town.store, town.mailbox, town.intake, FOLDERS)


def _asked_and_one_reply_unread(town: City) -> str:
    """Let two offices be asked, and one's reply lie in the inbox; give the ticket's number."""
    out = town.deliver(letter("Frage", TWO_OFFICES))
    town.take_receipts()
    town.wait(hours=1)
    reply = reply_to(forward_to(out, UMWELT), "Nachts gelten 45 Dezibel.")
    town.mailbox.folders["INBOX"].add(reply, town.now)
    town.wait(seconds=5)
    return town.ticket().reference


def _reply_is_read_amid_an_order(town: City) -> None:
    reference, last_mail = _asked_and_one_reply_unread(town), town.store.last_mail

    def then_read(now: datetime) -> str:
        name = last_mail(now)
        town.intake.take_in(town.mailbox)  # by the service, in another process
        return name

    with patch.object(town.store, "last_mail", then_read):
        at_the_desk(town, f"{reference} schliessen")
    town.wait(hours=1)
    town.work()


def _reply_is_read_behind_an_order(town: City) -> None:
    """Let a reply be decided a moment after the order is given, before its facts are read."""
    reference, gather = _asked_and_one_reply_unread(town), town.store.gather

    def gathering(*given: Any) -> Any:
        with patch.object(town.store, "gather", gather):
            town.wait(seconds=1)
            town.intake.take_in(town.mailbox)
        return gather(*given)

    with patch.object(town.store, "gather", gathering):
        at_the_desk(town, f"{reference} schliessen\n{reference} frist 1.1.2020")
    town.wait(hours=1)
    town.work()


@pytest.mark.parametrize("story", [_reply_is_read_amid_an_order, _reply_is_read_behind_an_order])
def test_an_order_names_the_last_mail_that_it_knew(
    tmp_path: Path, story: Callable[[City], None]
) -> None:
    """One decided between two looks at the database is before the order, as it was."""
    with lost_after(tmp_path, story) as (_, differs):
        assert differs == []


def test_an_order_amid_a_backlog_is_carried_out(tmp_path: Path) -> None:
    """Each look may find another last mail, twenty times in a row; the manager is heard."""
    with city(tmp_path) as town:
        town.deliver(letter("Frage", NO_OFFICE))
        reference, gather, looks = town.ticket().reference, town.store.gather, []

        def gathering(*given: Any) -> Any:
            looks.append(given)
            if len(looks) <= 20:
                with patch.object(town.store, "gather", gather):
                    more = letter("Frage", NO_OFFICE, sender=f"a{len(looks)}@b{len(looks)}.example")
                    town.mailbox.folders["INBOX"].add(more, town.now)
                    town.intake.take_in(town.mailbox)
            return gather(*given)

        with patch.object(town.store, "gather", gathering):
            assert at_the_desk(town, f"{reference} notiz angerufen")[0].done


def test_an_order_is_not_told_done_where_it_was_refused_in_the_end(tmp_path: Path) -> None:
    """A reply that comes while a line beside it is taken out changes what is told, too."""
    with city(tmp_path) as town:
        reference = _asked_and_one_reply_unread(town)
        gather, looks = town.store.gather, []

        def gathering(*given: Any) -> Any:
            looks.append(given)
            if len(looks) == len(("first", "second")):
                with patch.object(town.store, "gather", gather):
                    town.intake.take_in(town.mailbox)
            return gather(*given)

        with patch.object(town.store, "gather", gathering):
            lines = at_the_desk(town, f"{reference} ohne umwelt\n{reference} frist 1.1.2020")
        assert [line.done for line in lines] == [False, False]
        part = town.ticket().consultation("umwelt")
        assert part
        assert part.state is ConsultationState.ANSWERED


def test_a_line_beside_a_refused_one_is_told_as_it_was_done(tmp_path: Path) -> None:
    """Each line has its own result, in the order in which they were given."""
    with city(tmp_path) as town:
        town.deliver(letter("Frage", NO_OFFICE))
        reference = town.ticket().reference
        lines = at_the_desk(
            town, f"{reference} notiz eins\n{reference} ohne umwelt\n{reference} notiz zwei"
        )
        assert [line.done for line in lines] == [True, False, True]
        assert [line.line.split()[-1] for line in lines] == ["eins", "umwelt", "zwei"]


@pytest.mark.parametrize("goes_on", [True, False])
def test_nothing_goes_twice_after_a_backup_between_order_and_filing(
    tmp_path: Path, *, goes_on: bool
) -> None:
    """An order found filed has let go what waits for it here: that is held, not sent again."""
    database = tmp_path / "mailflow.db"
    with city(tmp_path) as town:
        town.deliver(letter("Frage", NO_OFFICE))
        town.take_receipts()
        reconcile(town.store, town.mailbox, town.intake)
        at_the_desk(town, f"{town.ticket().reference} an umwelt")
        town.store.engine.dispose()
        backup = database.read_bytes()
        if goes_on:
            assert of_kind(town.work(), "forward")
        mailbox, now = town.mailbox, town.now
    database.write_bytes(backup)
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now + timedelta(minutes=30)
        reconcile(town.store, mailbox, town.intake)
        assert town.store.frozen() == ORDER_FOUND * goes_on
        assert [kind for kind, _, _ in town.store.held_back()] == ["forward"] * goes_on
        assert bool(of_kind(town.work(), "forward")) is not goes_on


def test_a_restored_order_that_brought_about_no_mail_holds_nothing(tmp_path: Path) -> None:
    """A note is filed once more without anybody's word: nothing can have gone out for it."""
    database = tmp_path / "mailflow.db"
    with city(tmp_path) as town:
        town.deliver(letter("Frage", NO_OFFICE))
        town.take_receipts()
        reconcile(town.store, town.mailbox, town.intake)
        at_the_desk(town, f"{town.ticket().reference} notiz angerufen")
        town.store.engine.dispose()
        backup = database.read_bytes()
        town.work()
        mailbox, now = town.mailbox, town.now
    database.write_bytes(backup)
    with city(tmp_path, mailbox=mailbox) as town:
        town.now = now + timedelta(minutes=5)
        assert reconcile(town.store, mailbox, town.intake) is None
