"""Two decisions on one ticket at the same moment: one waits its turn, neither is lost."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from unittest.mock import Mock

import pytest
from sqlalchemy.exc import IntegrityError

from mailflow.core.changes import AddNote, Decision, MailOutcome
from mailflow.core.ticket import Account, TicketState
from mailflow.store import (
    Sighting,
    StaleDecisionError,
    Store,
    Undecided,
    apply,
    on_fresh_facts,
    proof,
)
from tests.flow.city import (
    TWO_OFFICES,
    City,
    body_of,
    forward_to,
    letter,
    of_kind,
    parse,
    reply_to,
)
from tests.store.matter import NOW, REFERENCE, asking, at_once, decided, opening

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"


def noting(version: int) -> Decision:
    """Give a decision that rests on a version of the ticket."""
    return Decision(
        MailOutcome.JOINED,
        "zum Test",
        changes=(AddNote(REFERENCE, "notiert"),),
        versions=((REFERENCE, version),),
    )


def test_a_decision_on_outdated_facts_is_refused(store: Store) -> None:
    """What was decided on an older version changes nothing and says so."""
    store.apply(decided(opening(), asking("bauaufsicht")), [], NOW)
    store.apply(noting(0), [], NOW)
    history = store.history(REFERENCE)
    with pytest.raises(StaleDecisionError):
        store.apply(noting(0), [], NOW)
    assert store.history(REFERENCE) == history
    store.apply(noting(1), [], NOW)


def test_of_many_decisions_on_one_version_exactly_one_is_carried_out(store: Store) -> None:
    """Eight threads decide on the same facts at the same moment; seven are told."""
    store.apply(decided(opening(), asking("bauaufsicht")), [], NOW)

    def decide(_: int) -> bool:
        try:
            store.apply(noting(0), [], NOW)
        except StaleDecisionError:
            return False
        return True

    assert sum(at_once(8, decide)) == 1
    assert [kind for _, kind, _ in store.history(REFERENCE)].count("note") == 1
    assert store.integrity_fault() == ""


class _Meeting:
    """Lets two deciders meet after both have read their facts and before either acts."""

    def __init__(self, store: Store) -> None:
        self._gather = store.gather
        self._barrier = Barrier(2)
        self._first = 2

    def __call__(self, *arguments: object) -> object:
        known = self._gather(*arguments)  # type: ignore[arg-type]
        if self._first:
            self._first -= 1
            self._barrier.wait(30)
        return known


def _decide(town: City, waiting: list[Undecided], number: int) -> None:
    with ThreadPoolExecutor(1) as thread:
        reading = town.deciding._read(waiting[number], thread)
        town.deciding._decide(waiting[number], reading, None)


def test_two_last_answers_at_once_make_one_combined_answer(
    town: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both offices answer in the same moment: one answer leaves, with both parts in it."""
    out = town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
    replies = (
        reply_to(forward_to(out, BAU), "Ja, ein Antrag ist nötig. Sechs Wochen."),
        reply_to(forward_to(out, UMWELT), "Nachts gelten 45 dB(A)."),
    )
    for uid, raw in enumerate(replies, 100):
        town.intake.store(raw, town.now, Sighting("INBOX", 1, uid))
    waiting = town.store.undecided()
    monkeypatch.setattr(town.store, "gather", _Meeting(town.store))
    at_once(2, partial(_decide, town, waiting))
    town.dispatch.send_due()
    answers = of_kind([parse(raw) for _, _, raw in town.wire.accepted], "combined-answer")
    (answer,) = answers
    assert "Sechs Wochen" in body_of(answer)
    assert "45 dB(A)" in body_of(answer)
    ticket = town.ticket()
    assert (ticket.state, ticket.answers) == (TicketState.ANSWERED, 1)
    assert town.store.integrity_fault() == ""


@pytest.mark.parametrize(
    "database", [pytest.param("postgresql", marks=pytest.mark.server)], indirect=True
)
def test_two_mails_of_one_new_sender_at_once_are_both_decided(
    town: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two nodes meet a person for the first time: one writes him down, the other finds him."""
    for uid, subject in enumerate(("Halle 4", "Stand"), 100):
        raw = letter(subject, TWO_OFFICES, sender="Sabine Muster <s.muster@gmx.de>")
        town.intake.store(raw, town.now, Sighting("INBOX", 1, uid))
    waiting = town.store.undecided()
    account_id, barrier, first = apply._account_id, Barrier(2), [1, 2]

    def meeting(wanted: Account, work: apply._Work) -> int:
        found = account_id(wanted, work)
        if first:
            first.pop()
            barrier.wait(30)
        return found

    monkeypatch.setattr(apply, "_account_id", meeting)
    at_once(2, partial(_decide, town, waiting))
    assert len(town.store.references()) == 2
    assert town.store.integrity_fault() == ""


def test_a_freeze_is_whole_or_not_at_all(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed half way, nothing is frozen, held or remembered: the next start finds it out again."""
    monkeypatch.setattr(proof, "hold_unproven", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        store.freeze("zum Test", NOW, {"behind": "1"})
    assert (store.frozen(), store.status("behind")) == ("", None)
    monkeypatch.undo()
    store.freeze("zum Test", NOW, {"behind": "1"})
    assert (store.frozen(), store.status("behind")) == ("zum Test", (NOW, "1"))


@pytest.mark.parametrize(
    "outdated", [StaleDecisionError("x"), IntegrityError("insert", {}, Exception("is there"))]
)
def test_a_step_is_taken_again_on_fresh_facts(outdated: Exception) -> None:
    """Four stale tries are forgotten, a fifth is told as what it is."""
    tries = iter([outdated] * 4)

    def step() -> str:
        if error := next(tries, None):
            raise error
        return "done"

    assert on_fresh_facts(step) == "done"
    with pytest.raises(type(outdated)):
        on_fresh_facts(Mock(side_effect=outdated))
