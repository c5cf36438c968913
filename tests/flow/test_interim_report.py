"""The interim report of a small town, counted by hand."""

from datetime import date, timedelta
from pathlib import Path

from mailflow.compose import report_files
from mailflow.core.report import Report
from mailflow.interim_report import make_report
from tests import samples
from tests.flow.city import COMPANY, TWO_OFFICES, City, forward_to, letter, reply_to

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"


def report(town: City) -> Report:
    """Give the report on the town's month."""
    today = town.policy.today(town.now)
    first = today.replace(day=1) - timedelta(days=40)
    return make_report(town.store, town.policy, first, today, town.now)


def test_one_story_is_counted_from_receipt_to_answer(town: City) -> None:
    """Two offices, one question back, one answer: every figure follows from the story."""
    out = town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
    town.now += timedelta(days=1)
    question = town.deliver(reply_to(forward_to(out, BAU), "Rückfrage\nWie hoch ist die Halle?"))
    town.deliver(reply_to(question[0], "Neun Meter."))
    town.deliver(reply_to(forward_to(out, BAU), "Ja, ein Antrag ist nötig."))
    town.now += timedelta(days=1)
    town.deliver(reply_to(forward_to(out, UMWELT), "Nachts gelten 45 dB(A)."))
    told = report(town)
    assert (told.tickets, told.companies, told.regulars) == (1, 1, 0)
    assert {each.name: (each.met, each.total, each.median) for each in told.promises} == {
        "acknowledged": (1, 1, 0),
        "first-word": (1, 1, 1),
        "answered": (1, 1, 2),
        "office": (2, 2, 1),
    }
    assert [(each.name, each.consultations) for each in told.offices] == [
        ("Amt für Bauordnung", 1),
        ("Umweltamt", 1),
    ]
    assert told.months[-1].answered == 1
    assert told.months[-1].backlog == 0
    assert told.mails_in == 5
    assert told.mails_out == 6


def test_what_is_late_and_open_breaks_the_promise(town: City) -> None:
    """An office that says nothing is not left out of the figures."""
    town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
    town.now += timedelta(days=30)
    told = {each.name: each for each in report(town).promises}
    assert (told["answered"].met, told["answered"].total) == (0, 1)
    assert (told["office"].met, told["office"].total) == (0, 2)
    assert told["office"].median is None
    assert told["acknowledged"].met == 1


def test_another_period_sees_nothing_of_it(town: City) -> None:
    """The report of a past year does not count this week."""
    town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
    past = make_report(town.store, town.policy, date(2020, 1, 1), date(2020, 12, 31), town.now)
    assert (past.tickets, past.offices, past.mails_in, past.mails_out) == (0, (), 0, 0)
    assert len(past.months) == 12


def test_the_files_name_no_company(town: City, tmp_path: Path) -> None:
    """What goes to the council holds offices and counts, nobody's name or address."""
    town.deliver(letter("Umnutzung Halle 4", TWO_OFFICES))
    files = report_files(samples.composer(), report(town), "de")
    assert len(files) == 3
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        text = content.decode()
        assert COMPANY not in text
        assert "Halle 4" not in text
        assert "montage" not in text.lower()
