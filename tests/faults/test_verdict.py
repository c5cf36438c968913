"""G fails where a town is broken: each of its clauses, on the state it is there for."""

import email
import email.policy
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from mailflow.core.drafts import DraftKind
from mailflow.core.retry import Deferred
from mailflow.core.ticket import ConsultationState
from mailflow.schema import consultation, event, hold, mail, outbox, outbox_bytes
from tests.faults.test_rows_sending import dsn
from tests.faults.trial import BAU, Trial, letter, trial
from tests.faults.verdict import canary
from tests.flow.city import (
    CENTRAL,
    COMPANY,
    MANAGER,
    NO_OFFICE,
    ONE_OFFICE,
    at_the_desk,
    body_of,
    digest_of,
    forward_to,
    of_kind,
    parse,
    reply_to,
)

OTHER = "post@zweite.example"


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


def _arrived(town: Trial, reader: str, kind: str) -> tuple[str, str, bytes]:
    """Give a mail as it reached its reader."""
    name = f"X-Mailflow-Kind: {kind}\r".encode()
    return next(each for each in town.arrivals if each[1] == reader and name in each[2])


def _answered(town: Trial) -> EmailMessage:
    """Let an office be asked, and answer; give its forward."""
    forward = forward_to(town.write("Stand", ONE_OFFICE), BAU)
    assert of_kind(town.answer(forward, "Die Genehmigung kommt im Juni."), "combined-answer")
    return forward


def test_a_mail_without_a_row_fails(town: Trial) -> None:
    """Whoever wrote it waits, and nobody in the house has ever heard of it."""
    town.write("Stand", ONE_OFFICE)
    town.judge()
    town.manifest.mark(letter("Noch etwas", ONE_OFFICE))
    _fails(town, "t2 has no row")


def test_a_mail_without_a_state_fails(town: Trial) -> None:
    """Stored is not decided: a mail that no decision follows lies there for ever."""
    town.write("Stand", ONE_OFFICE)
    town.judge()
    _do(town, update(mail).values(outcome=None))
    _fails(town, "t1 has no state")


def test_a_mail_in_more_rows_than_it_came_fails(town: Trial) -> None:
    """A mail that was delivered once is read once; each of two rows may bring an answer about."""
    town.write("Stand", ONE_OFFICE)
    town.judge()
    raw = town.inquiry("Danke", "Guten Tag,\n\nvielen Dank.\n")
    town.deliver(raw)
    town.deliver(raw.replace(b"vielen Dank", b"herzlichen Dank"))
    _fails(town, "t2: 2 rows, delivered 1 times")


def test_a_mail_that_reached_its_reader_twice_fails(town: Trial) -> None:
    """Unless the test says that one may be sent once more, and then the manager has to be told."""
    town.write("Stand", ONE_OFFICE)
    town.judge()
    town.arrivals.append(_arrived(town, COMPANY, "acknowledgement"))
    _fails(town, f"reached {COMPANY} 2 times")
    _fails(town, "a mail was sent once more without an alert", resent=1)


def test_one_answer_in_other_words_under_another_name_fails(town: Trial) -> None:
    """It is the second answer of one round: no office said anything else, and nobody ordered it."""
    _answered(town)
    town.judge()
    path, reader, raw = _arrived(town, COMPANY, "combined-answer")
    message = parse(raw)
    message.replace_header("Message-ID", "<another@stadt.example.org>")
    town.arrivals.append((path, reader, message.as_bytes().replace(b"Juni", b"Jumi")))
    _fails(town, f"KAM-.* was answered to {COMPANY} 2 times, for 1")


def test_answers_of_two_rounds_of_the_manager_and_a_correction_hold(town: Trial) -> None:
    """Each was brought about by words of its own, however alike they are."""
    forward = _answered(town)
    reference = town.city.ticket().reference
    town.answer(forward, "Die Genehmigung kommt im Juli.")
    town.city.wait(minutes=1)
    at_the_desk(town.city, f"{reference} freigeben")
    assert of_kind(town.city.work(), "combined-answer")
    (answer,) = of_kind([parse(raw) for _, _, raw in town.arrivals], "combined-answer")[:1]
    further = reply_to(answer, "Und wann kommt die Nutzungsänderung?", sender=COMPANY)
    again = forward_to(town.deliver(further, company=COMPANY), BAU)
    assert of_kind(town.answer(again, "Die Genehmigung kommt im Mai."), "combined-answer")
    at_the_desk(town.city, f"{reference} antwort Die Genehmigung kommt im Mai, wie gesagt.")
    assert of_kind(town.city.work(), "combined-answer")
    town.judge()


def test_an_answer_that_the_manager_sends_again_holds(town: Trial) -> None:
    """It came back, and goes once more under a name of its own: in the same words, on purpose."""
    _answered(town)
    came_back = parse(_arrived(town, COMPANY, "combined-answer")[2])
    town.deliver(dsn(COMPANY, came_back["Message-ID"]))
    town.city.wait(days=1)
    order = f"{town.city.ticket().reference} freigeben zustellung"
    out = town.deliver(reply_to(digest_of(town.city), order))
    (again,) = of_kind(out, "combined-answer")
    assert again["Message-ID"] != came_back["Message-ID"]
    town.judge()
    path, reader, _ = _arrived(town, COMPANY, "combined-answer")
    again.replace_header("Message-ID", "<another@stadt.example.org>")
    town.arrivals.append((path, reader, again.as_bytes()))
    _fails(town, f"reached {COMPANY} under 3 Message-IDs")
    _fails(town, f"KAM-.* was answered to {COMPANY} 3 times, for 2")


def _also_reads(town: Trial, reader: str, word: str) -> None:
    """Let one mail more reach somebody, with a word in it."""
    message = EmailMessage()
    message["From"], message["Subject"] = CENTRAL, f"Re: {word}"
    message["Message-ID"] = f"<another.{len(town.arrivals)}@stadt.example.org>"
    town.arrivals.append((CENTRAL, reader, message.as_bytes()))


def _leaks(town: Trial, reader: str) -> None:
    _fails(town, f"{reader} read what another company wrote")


def test_a_word_of_another_company_fails(town: Trial) -> None:
    """Whoever reads what another one wrote reads its business."""
    town.write("Stand", ONE_OFFICE)
    town.write("Frage", ONE_OFFICE, OTHER)
    town.judge()
    _also_reads(town, OTHER, canary(COMPANY))
    _leaks(town, OTHER)


def test_a_word_of_another_company_fails_for_one_that_no_test_named(town: Trial) -> None:
    """Whoever writes from outside is a company of its own, whether a test says so or not."""
    town.write("Stand", ONE_OFFICE)
    town.deliver(letter("Frage", ONE_OFFICE, sender=f"Otto Zweite <{OTHER.title()}>"))
    _also_reads(town, OTHER, canary(OTHER))
    town.judge()
    _also_reads(town, OTHER, canary(COMPANY))
    _leaks(town, OTHER)


def test_a_word_of_a_company_that_no_test_named_fails_at_another(town: Trial) -> None:
    """A plain letter from outside bears its writer's word, and no other company reads it."""
    town.write("Stand", ONE_OFFICE)
    forward = forward_to(town.deliver(letter("Frage", ONE_OFFICE, sender=OTHER)), BAU)
    assert canary(OTHER) in body_of(forward)
    town.judge()
    _also_reads(town, COMPANY, canary(OTHER))
    _leaks(town, COMPANY)


def test_a_word_of_a_company_fails_at_somebody_who_never_wrote(town: Trial) -> None:
    """A mail to an address outside that nobody wrote from went to the wrong one."""
    town.write("Stand", ONE_OFFICE)
    town.judge()
    _also_reads(town, "niemand@fremd.example", canary(COMPANY))
    _leaks(town, "niemand@fremd.example")


def test_what_the_house_reads_is_no_leak(town: Trial) -> None:
    """Offices and managers write, and are no companies for it: they read what companies wrote."""
    town.answer(forward_to(town.write("Stand", ONE_OFFICE), BAU), "Das geht bald los.")
    town.deliver(reply_to(digest_of(town.city), "hilfe"))
    for reader in (BAU, MANAGER, CENTRAL):
        _also_reads(town, reader, canary(COMPANY))
    town.judge()


@pytest.mark.parametrize(("domain", "belongs"), [("firma.example", True), ("gmx.de", False)])
def test_a_colleague_reads_once_he_has_shown_the_companys_token(
    town: Trial, domain: str, belongs: bool
) -> None:
    """One domain is not enough, and where anybody gets an address, a token is not either."""
    company, colleague = f"post@{domain}", f"kollege@{domain}"
    (received,) = of_kind(town.write("Stand", ONE_OFFICE, company), "acknowledgement")
    town.write("Frage", ONE_OFFICE, colleague)
    town.judge()
    _also_reads(town, colleague, canary(company))
    _leaks(town, colleague)
    town.deliver(reply_to(received, "Hier bin ich.", sender=colleague))
    if belongs:
        town.judge()
    else:
        _leaks(town, colleague)


def test_a_stranger_with_the_companys_token_fails(town: Trial) -> None:
    """A token may be stolen: whoever shows it from another domain belongs to nobody by it."""
    (received,) = of_kind(town.write("Stand", ONE_OFFICE), "acknowledgement")
    town.deliver(reply_to(received, "Ich auch.", sender=OTHER))
    town.judge()
    _also_reads(town, OTHER, canary(COMPANY))
    _leaks(town, OTHER)


def test_who_is_said_to_write_for_a_company_reads_its_words(town: Trial) -> None:
    """A company that has moved to a new domain: the test knows, and says so with its mail."""
    town.write("Stand", ONE_OFFICE)
    town.deliver(letter("Frage", ONE_OFFICE, sender=OTHER), company=COMPANY)
    _also_reads(town, OTHER, canary(COMPANY))
    town.judge()


def test_a_token_of_the_house_at_a_company_fails(town: Trial) -> None:
    """Who has an office's token can write in its name."""
    town.write("Stand", ONE_OFFICE)
    town.judge()
    path, _, raw = _arrived(town, BAU, "forward")
    town.arrivals.append((path, COMPANY, raw))
    _fails(town, f"{COMPANY} read a token of the house")


def test_an_event_that_was_altered_fails(town: Trial) -> None:
    """What was done to a ticket is written down once, and nobody writes it anew."""
    town.write("Stand", ONE_OFFICE)
    town.judge()
    _do(town, update(event).where(event.c.id == 1).values(text="anders"))
    _fails(town, "event 1 of the audit trail does not follow")


def test_a_digest_that_does_not_balance_fails(town: Trial) -> None:
    """The manager adds up: what came in is what became of it."""
    town.write("Stand", ONE_OFFICE)
    town.judge()
    _do(town, update(mail).values(outcome=None, decided_at=None))
    _fails(town, "the digest does not balance")


def test_a_manager_who_was_not_told_fails(town: Trial) -> None:
    """Neither a fault that nobody tells of, nor one that is told too late, is a fault told."""
    town.write("Stand", ONE_OFFICE)
    fault = town.city.now
    _fails(town, "no alert says 'Postfach'", alert="Postfach")
    town.city.wait(minutes=6)
    town.city.reporting.alert("mailbox", "Das Postfach ist voll.")
    town.city.work()
    town.judge(alert="Postfach")
    town.judge(alert="Postfach", since=fault + timedelta(minutes=1))
    _fails(town, "did not come within", alert="Postfach", since=fault)
