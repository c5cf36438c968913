"""What waits in doubt is told the manager before the next digest, and not again and again."""

from datetime import UTC, datetime
from email.message import EmailMessage

from tests.faults.trial import BAU, Trial
from tests.flow.city import ONE_OFFICE, body_of, forward_to, of_kind, reply_to

COLLEAGUE = "k.kollege@stadt.example.org"


def at(town: Trial, hour: int, minute: int = 0, day: int = 24) -> list[EmailMessage]:
    """Let the clock stand at a time of a November day in Berlin, do its work; give what goes."""
    town.city.now = datetime(2026, 11, day, hour - 1, minute, tzinfo=UTC)
    town.city.reporting.send_if_due()
    town.city.reporting.tell_of_waiting()
    return town.city.work()


def answered_by_a_colleague(town: Trial) -> str:
    """Let a colleague of the office answer, so that his mail waits; give the ticket's number."""
    forward = forward_to(town.write("Stand", ONE_OFFICE), BAU)
    town.answer(forward, "Ihr Antrag ist genehmigt.", sender=COLLEAGUE)
    return town.city.ticket().reference


def test_what_waits_for_four_working_hours_is_told_once(town: Trial) -> None:
    """A reply that came at nine would else be seen the next morning only."""
    assert of_kind(at(town, 7, 31), "digest")
    at(town, 9)
    reference = answered_by_a_colleague(town)
    assert at(town, 12, 59) == []
    (alert,) = at(town, 13)
    assert alert["X-Mailflow-Kind"] == "alert"
    assert f"{reference} von" in body_of(alert)
    assert COLLEAGUE in body_of(alert)
    assert at(town, 13, 1) == at(town, 16) == []
    assert of_kind(at(town, 7, 31, day=25), "digest")
    assert at(town, 13, day=25) == []
    town.judge(alert="wartet seit vier Stunden")


def test_row_39_a_digest_of_a_clock_ahead_silences_nothing(town: Trial) -> None:
    """The machine's clock was a year ahead when a digest went: the four hours count as ever."""
    town.city.now = datetime(2027, 11, 24, 8, 0, tzinfo=UTC)
    town.city.reporting.send_if_due()
    assert of_kind(town.city.work(), "digest")
    assert of_kind(at(town, 7, 31), "digest")
    at(town, 9)
    answered_by_a_colleague(town)
    assert [each["X-Mailflow-Kind"] for each in at(town, 13)] == ["alert"]
    town.judge()


def test_the_word_on_what_waits_can_be_answered(town: Trial) -> None:
    """The manager releases by answering it, as he answers a digest."""
    at(town, 7, 31)
    at(town, 9)
    reference = answered_by_a_colleague(town)
    (alert,) = at(town, 13)
    out = town.deliver(reply_to(alert, f"{reference} freigeben bauaufsicht"))
    (answer,) = of_kind(out, "combined-answer")
    assert "genehmigt" in body_of(answer)
    town.judge()


def test_what_a_digest_has_named_is_not_told_again(town: Trial) -> None:
    """The manager has it before him; who does not decide is not pushed every four hours."""
    at(town, 9)
    town.city.wait(minutes=1)
    answered_by_a_colleague(town)
    (digest,) = at(town, 8, day=25)
    assert COLLEAGUE in body_of(digest)
    assert at(town, 13, day=25) == []
    town.judge()


def test_what_waits_by_the_citys_own_rules_waits_for_the_digest(town: Trial) -> None:
    """A matter that no office is sure for is everyday work, not a mail in doubt."""
    at(town, 7, 31)
    at(town, 9)
    town.write("Frage", "Guten Tag,\n\nwir haben eine Frage.\n\nSabine Muster\n")
    assert town.city.ticket().holds
    assert at(town, 15) == []
    town.judge()
