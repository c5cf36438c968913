"""What the clock does by itself: reminders, closing, and one digest a day."""

from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from mailflow.core.offices import Offices
from mailflow.core.retry import Deferred, Outcome
from mailflow.interim_report import make_report
from tests.flow.city import (
    COMPANY,
    MANAGER,
    NO_OFFICE,
    OFFICES,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    body_of,
    city,
    digest_of,
    forward_to,
    letter,
    of_kind,
    reply_to,
    to_of,
)

BAU = "bauaufsicht@stadt.example.org"


def _mornings(town: City, days: int) -> list[tuple[str, str, str]]:
    """Let days pass; give (day, kind, recipient) of what the clock sent."""
    seen: list[tuple[str, str, str]] = []
    for _ in range(days):
        town.wait(days=1)
        town.chasing.remind()
        seen += [
            (f"{town.now:%d.%m.}", str(mail["X-Mailflow-Kind"]), to_of(mail))
            for mail in town.work()
        ]
    return seen


def test_the_ladder_reminds_the_office_then_the_deputy_then_the_head(town: City) -> None:
    """Asked on a Tuesday: reminded after 3 and 5 workdays, the head after 8, nobody twice."""
    town.deliver(letter("Stand", ONE_OFFICE))
    assert _mornings(town, 20) == [
        ("27.11.", "reminder", BAU),
        ("01.12.", "reminder", BAU),
        ("01.12.", "reminder", "bauaufsicht-vertretung@stadt.example.org"),
        ("04.12.", "escalation", "bauaufsicht-leitung@stadt.example.org"),
    ]


def _no_route(*_: object, **__: object) -> Outcome:
    return Deferred("no route to host", server=True)


def test_an_office_is_reminded_of_what_it_has_been_sent(town: City) -> None:
    """The server is away for nine workdays: the ladder begins when it takes the forward."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(town.wire, "send", _no_route)
        town.deliver(letter("Stand", ONE_OFFICE))
        assert _mornings(town, 14) == []
    town.wait(minutes=2)
    assert to_of(forward_to(town.work(), BAU)) == BAU
    assert _mornings(town, 14) == [
        ("11.12.", "reminder", BAU),
        ("15.12.", "reminder", BAU),
        ("15.12.", "reminder", "bauaufsicht-vertretung@stadt.example.org"),
        ("18.12.", "escalation", "bauaufsicht-leitung@stadt.example.org"),
    ]


def test_a_day_that_the_manager_named_stays_after_an_outage(town: City) -> None:
    """Who is sent its forward late is reminded by the day that was named, not by a later one."""
    send = town.wire.send

    def busy(sender: str, reader: str, *more: bytes, **how: Any) -> Outcome:
        return Deferred("451 busy") if reader == BAU else send(sender, reader, *more, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(town.wire, "send", busy)
        town.deliver(letter("Stand", ONE_OFFICE))
        town.deliver(reply_to(digest_of(town), f"{town.ticket().reference} frist 02.12."))
        assert _mornings(town, 2) == []
    town.wait(hours=5)
    assert of_kind(town.work(), "forward")
    assert [day for day, _, _ in _mornings(town, 6)] == ["30.11.", "02.12.", "02.12."]


def test_a_letter_that_still_waits_stops_no_ladder(town: City) -> None:
    """The office has the matter: only a first forward that has not left is waited for."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (ack,) = of_kind(out, "acknowledgement")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(town.wire, "send", _no_route)
        town.deliver(reply_to(ack, "Noch etwas: Die Halle hat 400 m².", sender=COMPANY))
        town.wait(days=3)
        assert town.chasing.remind() == 1


def test_a_new_day_begins_a_new_ladder(town: City) -> None:
    """After the head was told, the manager's later day is kept after like the first one."""
    town.deliver(letter("Stand", ONE_OFFICE))
    assert len(_mornings(town, 10)) == 4
    town.deliver(reply_to(digest_of(town), f"{town.ticket().reference} frist 18.12."))
    assert _mornings(town, 20) == [
        ("16.12.", "reminder", BAU),
        ("18.12.", "reminder", BAU),
        ("18.12.", "reminder", "bauaufsicht-vertretung@stadt.example.org"),
        ("23.12.", "escalation", "bauaufsicht-leitung@stadt.example.org"),
    ]


def test_the_same_day_once_more_reminds_nobody_again(town: City) -> None:
    """The day that holds already changes nothing, and no step of it is taken for taken again."""
    town.deliver(letter("Stand", ONE_OFFICE))
    _mornings(town, 7)
    before = town.ticket().current()
    day = f"{before[0].due_on:%d.%m.%Y}"
    town.deliver(reply_to(digest_of(town), f"{town.ticket().reference} frist {day}"))
    assert town.ticket().current() == before


def test_each_order_to_remind_sends_a_reminder(town: City) -> None:
    """A second order on one day is carried out, too; the same mail read twice sends one."""
    town.deliver(letter("Stand", ONE_OFFICE))
    digest = digest_of(town)
    for _ in range(2):
        town.wait(minutes=5)
        order = reply_to(digest, f"{town.ticket().reference} erinnern")
        (reminder,) = of_kind(town.deliver(order), "reminder")
        assert to_of(reminder) == BAU
    assert town.deliver(order) == []


def test_who_has_written_is_not_reminded_while_his_reply_waits(town: City) -> None:
    """The manager holds it up, not the office: once he has discarded it the ladder begins anew."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.deliver(reply_to(forward, "Welche Halle meinen Sie denn?"))
    assert _mornings(town, 20) == []
    digest = digest_of(town)
    assert "Rückmeldung wartet auf Sie" in body_of(digest)
    town.deliver(reply_to(digest, f"{town.ticket().reference} verwerfen bauaufsicht"))
    assert _mornings(town, 1) == [("15.12.", "reminder", BAU)]


def test_a_stranger_under_its_token_does_not_silence_an_office(town: City) -> None:
    """Whose mail it is nobody knows: the office itself has said nothing, and is reminded."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.deliver(reply_to(forward, "Ist erteilt.", sender="fremd@anderswo.example"))
    assert town.ticket().holds[0].reason == "sender"
    assert ("27.11.", "reminder", BAU) in _mornings(town, 4)


def test_an_answered_question_begins_the_ladder_anew(town: City) -> None:
    """Reminded before it asked, the office is reminded again when the new day has come."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    assert len(_mornings(town, 8)) == 3
    (question,) = town.deliver(reply_to(forward, "Rückfrage\nWelche Halle?"))
    town.deliver(reply_to(question, "Halle 4."))
    assert {kind for _, kind, _ in _mornings(town, 10)} == {"reminder", "escalation"}


def test_a_question_back_that_nobody_answers_is_told_after_two_weeks(town: City) -> None:
    """The company is silent and no office is late: the manager decides how it goes on."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.deliver(reply_to(forward, "Rückfrage\nBitte senden Sie uns einen Lageplan."))
    town.wait(days=13)
    assert town.reporting.digest().pending == ()
    town.wait(days=1)
    (item,) = town.reporting.digest().pending
    assert "Rückfrage von Amt für Bauordnung nicht geantwortet" in item.reason
    assert "Lageplan" in item.excerpt
    town.deliver(reply_to(digest_of(town), item.choices[0].command))
    assert town.reporting.digest().pending != (item,)


def test_a_promise_for_a_distant_year_puts_off_no_reminder(town: City) -> None:
    """A slip of the pen is no due day: the office is kept after as if it had named none."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    text = "Zwischennachricht\nWir warten auf ein Gutachten und melden uns bis 18.12.2062."
    (interim,) = of_kind(town.deliver(reply_to(forward, text)), "interim")
    assert body_of(interim).count("2062") == 1  # the office's own words
    assert ("27.11.", "reminder", BAU) in _mornings(town, 5)


def test_a_promised_day_begins_the_ladder_anew(town: City) -> None:
    """Reminded twice, the office names a day; when that is past, it is reminded again."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    assert len(_mornings(town, 8)) == 3
    assert of_kind(town.deliver(reply_to(forward, "Zwischennachricht\nbis 18.12.2026")), "interim")
    assert [each[:2] for each in _mornings(town, 25)] == [
        ("16.12.", "reminder"),
        ("18.12.", "reminder"),
        ("18.12.", "reminder"),
        ("23.12.", "escalation"),
    ]


def _away(town: City, until: str) -> None:
    """Let the building office be asked, and its machine say that nobody is there."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    note = letter(
        f"Automatische Antwort: {forward['Subject']}",
        f"Ich bin bis einschließlich {until} nicht im Hause.",
        sender=BAU,
        to=str(forward["Reply-To"]),
        Auto_Submitted="auto-replied",
    )
    town.deliver(note)


def test_the_deputy_is_reminded_while_the_office_is_away(town: City) -> None:
    """Whoever was asked instead is on the ladder, and the head hears of it in time."""
    _away(town, "18.12.2026")
    deputy = "bauaufsicht-vertretung@stadt.example.org"
    assert _mornings(town, 12) == [
        ("27.11.", "reminder", deputy),
        ("01.12.", "reminder", deputy),
        ("04.12.", "escalation", "bauaufsicht-leitung@stadt.example.org"),
    ]


def test_a_short_absence_lets_the_reminders_rest(town: City) -> None:
    """Back before the due day: the office is reminded then, not before."""
    _away(town, "30.11.2026")
    assert _mornings(town, 8) == [
        ("01.12.", "reminder", BAU),
        ("01.12.", "reminder", "bauaufsicht-vertretung@stadt.example.org"),
    ]


@pytest.mark.parametrize("until", ["18.12.2026", "31.12.2050"], ids=["holidays", "for good"])
def test_an_absence_beyond_the_due_day_is_told_the_head_where_nobody_stands_in(
    tmp_path: Path, until: str
) -> None:
    """A slip in the year, a retirement, or only holidays: the company's matter is missed."""
    lonely = Offices(tuple(replace(each, deputy="") for each in OFFICES))
    with city(tmp_path, offices=lonely) as town:
        _away(town, until)
        assert _mornings(town, 12) == [
            ("27.11.", "reminder", BAU),
            ("01.12.", "reminder", BAU),
            ("04.12.", "escalation", "bauaufsicht-leitung@stadt.example.org"),
        ]


def test_a_reminder_can_be_answered_like_the_forward(town: City) -> None:
    """Reply to a reminder and the answer is home."""
    town.deliver(letter("Stand", ONE_OFFICE))
    town.wait(days=3)
    town.chasing.remind()
    (reminder,) = town.work()
    (answer,) = town.deliver(reply_to(reminder, "Die Genehmigung kommt im Juni."))
    assert answer["X-Mailflow-Kind"] == "combined-answer"


def test_a_reminder_shows_the_letters_apart_and_no_token(town: City) -> None:
    """A token the company wrote into its words is its own, and no office's."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (acknowledgement,) = of_kind(out, "acknowledgement")
    address = str(acknowledgement["Reply-To"])
    town.deliver(reply_to(acknowledgement, f"Das hatten wir an {address} geschrieben."))
    town.wait(days=3)
    town.chasing.remind()
    text = body_of(town.work()[-1])
    assert "Das hatten wir an" in text
    assert "> – – –" in text
    assert address.partition("@")[0].partition("+")[2] not in text


def test_an_office_that_waits_for_the_company_is_not_reminded(town: City) -> None:
    """The clock stops with a question back and runs again with the company's reply."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    asked = reply_to(forward_to(out, BAU), "Rückfrage\nWelche Halle ist gemeint?")
    (question,) = town.deliver(asked)
    assert _mornings(town, 9) == []
    town.deliver(reply_to(question, "Es geht um Halle 4."))
    (part,) = town.ticket().current()
    assert part.due_on.isoformat() == "2026-12-10"


def test_an_office_gets_back_the_days_it_had_when_it_asked(town: City) -> None:
    """Five workdays left when it first asked are five after the reply, three weeks later."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.deliver(reply_to(forward, "Rückfrage\nWelche Halle ist gemeint?"))
    town.wait(days=2)
    (question,) = town.deliver(reply_to(forward, "Rückfrage\nUnd welches Baujahr hat sie?"))
    town.wait(days=18)
    town.deliver(reply_to(question, "Halle 4, von 1987."))
    (part,) = town.ticket().current()
    assert part.due_on.isoformat() == "2026-12-21"


def test_an_earlier_question_gives_no_days_back_again(town: City) -> None:
    """Three workdays left when it asked a second time are three, not the more of its first."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    (question,) = town.deliver(reply_to(forward, "Rückfrage\nWelche Halle ist gemeint?"))
    town.wait(days=2)
    town.deliver(reply_to(question, "Halle 4."))
    town.wait(days=4)
    (question,) = town.deliver(reply_to(forward, "Rückfrage\nUnd welches Baujahr hat sie?"))
    town.wait(days=9)
    town.deliver(reply_to(question, "Von 1987."))
    (part,) = town.ticket().current()
    assert part.due_on.isoformat() == "2026-12-14"


def test_a_promise_moves_the_ladder(town: City) -> None:
    """An interim notice until the 18th means: no reminder in the first week of December."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    town.deliver(reply_to(forward_to(out, BAU), "Zwischennachricht\nWir melden uns bis 18.12."))
    assert _mornings(town, 10) == []


def test_an_answered_ticket_closes_by_itself(town: City) -> None:
    """Two weeks after the answer, and nobody wrote: closed. A new mail within 30 days reopens."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (answer,) = town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    town.wait(days=13)
    assert town.chasing.close() == 0
    town.wait(days=2)
    assert town.chasing.close() == 1
    assert town.ticket().state == "closed"
    (again,) = town.deliver(reply_to(answer, "Und was kostet das?"))
    assert to_of(again) == BAU
    assert town.ticket().state == "consulting"


def test_a_mail_that_came_in_time_reopens_however_late_it_is_read(town: City) -> None:
    """A mailbox that was away for two days makes no second matter of it."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (answer,) = town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    town.wait(days=15)
    town.chasing.close()
    town.wait(days=29)
    raw = reply_to(answer, "Wie ist der Stand der Nutzungsänderung heute?")
    town.mailbox.folders["INBOX"].add(raw, town.now)
    town.wait(days=2)
    town.work()
    assert town.ticket().state == "consulting"


def test_a_mail_long_after_closing_opens_a_new_ticket(town: City) -> None:
    """After 30 days a reply to the old answer is a new matter of the same company."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (answer,) = town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    town.wait(days=15)
    town.chasing.close()
    town.wait(days=31)
    out = town.deliver(reply_to(answer, "Wie ist der Stand der Nutzungsänderung heute?"))
    assert len(of_kind(out, "acknowledgement")) == 1
    references = town.store.references(("closed", "consulting", "triage"))
    assert len(references) == 2
    accounts = {ticket.account.id for ticket in town.store.tickets(references).values()}
    assert len(accounts) == 1


@pytest.mark.parametrize(
    ("moment", "sent"),
    [
        ("2026-11-24T06:29", False),  # 07:29 in Berlin, a Tuesday
        ("2026-11-24T06:30", True),
        ("2026-11-24T22:00", True),  # started late: the day's digest still comes
        ("2026-11-28T08:00", False),  # a Saturday
        ("2026-12-25T08:00", False),  # a holiday
        ("2026-06-15T05:30", True),  # 07:30 in summer
        ("2026-06-15T05:29", False),
    ],
)
def test_the_digest_comes_on_workdays_from_its_hour_on(
    town: City, moment: str, *, sent: bool
) -> None:
    """The city's clock decides, in winter and in summer."""
    town.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert town.reporting.send_if_due() is sent


def test_the_digest_comes_once_a_day_also_across_restarts(tmp_path: Path) -> None:
    """However often the clock ticks and the service restarts: one a day, and it goes out once."""
    sent: list[int] = []
    for _ in range(3):
        with city(tmp_path) as town:
            town.now = datetime(2026, 11, 24, 6, 45, tzinfo=UTC)
            sent += [town.reporting.send_if_due() for _ in range(4)]
            sent.append(len(of_kind(town.work(), "digest")))
    assert sent == [True, False, False, False, 1, *([False] * 4 + [0]) * 2]


@pytest.mark.parametrize("first", ["2026-03-27", "2026-10-23"])
def test_clock_changes_neither_skip_nor_double_a_digest(town: City, first: str) -> None:
    """Over both changes of the clocks, minute by minute: one digest per workday."""
    town.now = datetime.fromisoformat(first).replace(tzinfo=UTC)
    count = 0
    for _ in range(5 * 24 * 4):
        town.wait(minutes=15)
        count += town.reporting.send_if_due()
    assert count == 3


def test_the_digest_shows_what_a_mail_says_without_its_courtesies(town: City) -> None:
    """Salutation and closing cost the manager's one screen, and say nothing."""
    words = "Guten Tag zusammen,\n\nwem gehört das Stück am See?\n\nViele Grüße\nDeniz Aydin"
    town.deliver(letter("Frage", words))
    text = " ".join(body_of(digest_of(town)).split())
    assert "„wem gehört das Stück am See?“" in text
    assert "Viele Grüße" not in text


def test_a_past_days_digest_names_no_newcomer_of_today(town: City) -> None:
    """The digest of a day tells of that day, and of who wrote until then."""
    text = "We would like to open a branch in your city and are looking for an industrial plot."
    town.deliver(letter("New site", text, sender="B. Visser <b@twente.example>"))
    assert town.reporting.digest().settling
    assert not town.reporting.digest(date(2026, 5, 22)).settling


def test_a_past_days_digest_calls_nothing_late_that_is_late_now(town: City) -> None:
    """It tells what came and went then, and says that today's tells what waits."""
    town.deliver(letter("Frage", NO_OFFICE))
    town.deliver(letter("Stand", ONE_OFFICE))
    town.wait(days=10)
    digest = town.reporting.digest(date(2026, 12, 2))
    assert (digest.pending, digest.overdue, digest.due_soon, digest.offices) == ((), (), (), ())
    text = " ".join(town.reporting.draft(digest).text.split())
    assert "nichts ist überfällig" not in text
    assert "Was heute wartet, sagt die heutige." in text


def _monday(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 30, hour, minute, tzinfo=UTC)


def test_a_past_days_digest_silences_no_alert_of_four_hours(town: City) -> None:
    """It names nothing of what waits, so it does not count as having named it."""
    town.now = _monday(6, 30)
    assert town.reporting.send_if_due()
    town.now = _monday(8)
    out = town.deliver(letter("Frage", ONE_OFFICE))
    forward = forward_to(out, BAU)
    town.deliver(reply_to(forward, "Im Juni.", sender="fremd@gmx.example"))
    assert town.reporting.send(date(2026, 11, 29))
    town.now = _monday(13)
    assert town.reporting.tell_of_waiting()


def test_a_past_days_digest_takes_nothing_from_the_next_one(town: City) -> None:
    """Monday's covers the weekend though Sunday's was asked for on Monday morning."""
    town.now = datetime(2026, 11, 27, 6, 30, tzinfo=UTC)
    assert town.reporting.send_if_due()
    town.now = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
    town.deliver(letter("Stand", ONE_OFFICE))
    town.now = _monday(5)
    assert town.reporting.send(date(2026, 11, 29))
    assert not town.reporting.send(date(2026, 11, 29))
    assert not town.reporting.send(date(2026, 11, 27))  # Friday's has been sent
    town.now = _monday(6, 30)
    assert town.reporting.digest().counts.mails_in == 1


def test_the_digest_shows_what_is_late(town: City) -> None:
    """Overdue parts stand in it with office and company, and the counts balance."""
    town.deliver(letter("Stand", ONE_OFFICE))
    town.wait(days=10)
    digest = town.reporting.digest()
    (late,) = digest.overdue
    assert (late.office_name, late.workdays) == ("Amt für Bauordnung", 3)
    assert digest.counts.balanced
    assert "Mustermann Montagetechnik" in body_of(_sent(town))


def test_the_interim_report_goes_to_the_manager_once(town: City) -> None:
    """Asked for twice on a day, it is sent once, with the period's figures."""
    town.deliver(letter("Stand", ONE_OFFICE))
    for _ in range(2):
        day = town.now.date()
        town.reporting.send_report(make_report(town.store, town.policy, day, day, town.now))
    (mail,) = town.work()
    assert mail["X-Mailflow-Kind"] == "report"
    assert to_of(mail) == MANAGER
    assert "1 Vorg" in body_of(mail)


def _sent(town: City) -> EmailMessage:
    town.reporting.send()
    (mail,) = of_kind(town.work(), "digest")
    return mail


def test_an_office_may_have_its_own_target(tmp_path: Path) -> None:
    """Asked on a Tuesday: ten workdays for one office, the city's five for the other."""
    offices = Offices(
        tuple(
            replace(each, reply_workdays=10) if each.id == "bauaufsicht" else each
            for each in OFFICES
        )
    )
    with city(tmp_path, offices=offices) as town:
        town.deliver(letter("Stand", TWO_OFFICES))
        dues = {part.office_id: part.due_on for part in town.ticket().consultations}
        assert dues == {"bauaufsicht": date(2026, 12, 8), "umwelt": date(2026, 12, 1)}


def test_the_digest_names_an_offices_department(tmp_path: Path) -> None:
    """The manager sees under whom an office that owes something stands, where that is set."""
    offices = Offices(
        tuple(
            replace(each, department="V Bauen") if each.id == "bauaufsicht" else each
            for each in OFFICES
        )
    )
    with city(tmp_path, offices=offices) as town:
        town.deliver(letter("Stand", TWO_OFFICES))
        text = body_of(digest_of(town))
        assert "- Amt für Bauordnung (V Bauen): 1 offen" in text
        assert "- Umweltamt: 1 offen" in text


def test_a_mail_that_waited_over_the_digest_is_new_in_the_next(town: City) -> None:
    """It reached the mailbox a minute before, and was read after it: each ticket is told once."""
    arrived = town.now
    town.wait(minutes=1)
    assert "0 neu," in body_of(digest_of(town))
    town.wait(minutes=1)
    town.intake.store(letter("Halle", ONE_OFFICE), arrived, None)
    town.work()
    town.wait(days=1)
    assert "1 neu," in body_of(digest_of(town))
