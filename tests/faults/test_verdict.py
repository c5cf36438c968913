"""G fails where a town is broken: each of its clauses, on the state it is there for."""

import email
import email.policy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from mailflow.core.drafts import DraftKind
from mailflow.core.retry import Deferred
from mailflow.core.ticket import ConsultationState
from mailflow.schema import consultation, hold, outbox, outbox_bytes
from tests.faults.trial import BAU, Trial, letter, trial
from tests.flow.city import CENTRAL, COMPANY, NO_OFFICE, ONE_OFFICE, forward_to


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Trial]:
    """Give a city that nobody has written to."""
    with trial(tmp_path) as made:
        yield made


def _do(town: Trial, *statements: Any) -> None:
    """Break the database behind mailflow's back."""
    with town.city.store.engine.begin() as connection:
        for each in statements:
            assert connection.execute(each).rowcount


def _without_entries(town: Trial, *kinds: DraftKind) -> None:
    """Lose all mails of some kinds, whether they were sent or not."""
    lost = outbox.c.kind.in_(kinds)
    ids = select(outbox.c.id).where(lost)
    _do(town, delete(outbox_bytes).where(outbox_bytes.c.outbox_id.in_(ids)))
    _do(town, delete(outbox).where(lost))


def _fails(town: Trial, words: str, **more: Any) -> None:
    with pytest.raises(AssertionError, match=words):
        town.judge(**more)


def _held(town: Trial) -> None:
    """Let a mail be held that is in no ticket: its token is false."""
    address = CENTRAL.replace("@", "+abcdefghijkl.abcdefghijklmnop@")
    town.deliver(letter("Frage", "Hallo.\n\nWas?", to=address), company=COMPANY)


def test_a_held_mail_without_an_item_fails(town: Trial) -> None:
    """Nobody decides on what no digest and no command shows."""
    _held(town)
    town.judge()
    _do(town, delete(hold))
    _fails(town, "is held, and no item tells of it")


def test_an_item_that_no_digest_shows_fails(town: Trial) -> None:
    """An item may be there, and bound to nothing by which the digest finds it."""
    town.write("Frage", NO_OFFICE)
    town.judge()
    _do(town, update(hold).values(ticket_id=None, mail_id=None))
    _fails(town, "is in no digest")


def test_a_ticket_of_which_nobody_was_told_fails(town: Trial) -> None:
    """At least once: a company's mail is more than a row and a ticket."""
    town.post(town.inquiry("Stand", ONE_OFFICE))
    town.city.intake.take_in(town.city.mailbox)
    _without_entries(town, *DraftKind)
    _fails(town, "opened KAM-.*, and nobody was written to")


def test_an_office_that_is_asked_without_a_forward_fails(town: Trial) -> None:
    """The company has its acknowledgement, and the office never hears of it."""
    town.post(town.inquiry("Stand", ONE_OFFICE))
    town.city.intake.take_in(town.city.mailbox)
    _without_entries(town, DraftKind.FORWARD)
    _fails(town, "bauaufsicht is asked in KAM-.*, and was never written to")


def test_a_ticket_that_is_answered_without_an_answer_fails(town: Trial) -> None:
    """What the ticket says of itself is not what the company has got."""
    forward = forward_to(town.write("Stand", ONE_OFFICE), BAU)
    town.answer(forward, "Die Genehmigung kommt im Juni.")
    town.judge()
    _without_entries(town, DraftKind.COMBINED_ANSWER)
    _fails(town, "is answered, and there is no answer")


def test_a_ticket_that_waits_for_nobody_fails(town: Trial) -> None:
    """No office owes anything, nothing waits for the manager, and it is not over."""
    town.write("Stand", ONE_OFFICE)
    town.judge()
    _do(town, update(consultation).values(state=ConsultationState.WITHDRAWN))
    _fails(town, "is consulting, and waits for nobody")


def test_a_mail_that_is_left_in_the_outbox_fails(town: Trial) -> None:
    """A way out that is open again has been taken; one that is shut to the end, the test names."""
    town.city.wire.outcomes = [Deferred("451 busy"), Deferred("451 busy")]
    town.write("Stand", ONE_OFFICE)
    _fails(town, f"forward to {BAU} is deferred, and nobody waits for it")
    town.judge(way_out_shut=True)
    town.city.wait(minutes=1)
    town.judge()


def test_a_mail_that_is_held_for_no_item_fails(tmp_path: Path) -> None:
    """What waits for a release that nobody is asked for never goes, shut or not."""
    with trial(tmp_path, manager_releases=True) as town:
        town.answer(forward_to(town.write("Stand", ONE_OFFICE), BAU), "Im Juni.")
        town.judge()
        _do(town, delete(hold))
        _fails(town, f"combined-answer to {COMPANY} is held", way_out_shut=True)


def test_a_mail_that_was_taken_and_never_arrived_fails(town: Trial) -> None:
    """That a server took it is mailflow's word: G looks at who got it."""
    town.write("Stand", ONE_OFFICE)
    town.judge()
    town.arrivals.pop()
    _fails(town, "was taken for .*, and never arrived")


def test_one_forward_under_two_names_fails(town: Trial) -> None:
    """An office that reads the same letter twice answers twice, or takes it for two matters."""
    town.write("Stand", ONE_OFFICE)
    path, reader, raw = next(each for each in town.arrivals if each[1] == BAU)
    town.judge()
    message = email.message_from_bytes(raw, policy=email.policy.SMTP)
    message.replace_header("Message-ID", "<another@stadt.example.org>")
    town.arrivals.append((path, reader, message.as_bytes()))
    _fails(town, f"forward KAM-.* reached {BAU} under 2 Message-IDs")
