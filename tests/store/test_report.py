"""The interim report of a seeded database, every figure counted by hand on a calendar."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, Table, insert

from mailflow.cli import main
from mailflow.core.calendar import Workdays
from mailflow.core.changes import (
    AddConsultation,
    EventKind,
    MoveConsultation,
    MoveTicket,
    UpdateConsultation,
)
from mailflow.core.report import Promise, Report
from mailflow.core.ticket import ConsultationState, TicketState
from mailflow.interim_report import EmptyPeriodError, make_report
from mailflow.schema import account, consultation, contact, mail, outbox, reply, ticket
from mailflow.shipped import example_config
from mailflow.store import Store, events
from mailflow.store.engine import make_engine, writing
from mailflow.store.events import Event
from mailflow.upgrade import upgrade
from tests.flow.city import CENTRAL, City, city
from tests.real.postgres import PostgresServer
from tests.store.conftest import ENGINES
from tests.store.matter import decided

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
SOON, LATE = datetime(2026, 4, 1, 6, tzinfo=UTC), datetime(2026, 10, 1, 6, tzinfo=UTC)

STOOD = {
    "bauaufsicht": ConsultationState.ASKED,
    "umwelt": ConsultationState.QUESTIONED,
    "tiefbau": ConsultationState.DECLINED,
    "hafen": ConsultationState.FAILED,
}
OVERDUE_AND_DECLINED = [(5, 0), (0, 0), (0, 5), (0, 0)]


def at(day: int, hour: int = 9, month: int = 3) -> datetime:
    """Give an hour of 2026, UTC; in March the city is an hour ahead until the 29th."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


class Books:
    """Writes rows as the store would have written them in the past."""

    def __init__(self, connection: Connection, mailbox_id: int) -> None:
        self._connection = connection
        self._mailbox = mailbox_id
        self._tickets: dict[str, int] = {}
        self._mails = 0

    def company(self, number: int, *, settling: bool = False) -> None:
        """Write a company with one contact, both under this number."""
        status = "settling" if settling else "existing"
        self._add(account, id=number, name=f"F{number}", status=status, created_at=at(1))
        address = f"c{number}@firma.example"
        self._add(contact, id=number, account_id=number, address=address, first_seen=at(1))

    def ticket(
        self,
        name: str,
        company: int,
        opened_at: datetime,
        *moves: tuple[str, datetime],
        language: str = "de",
        topics: tuple[str, ...] = (),
    ) -> None:
        """Write a ticket that went through these states; all its days follow from them."""
        states = ["new", "consulting", *(state for state, _ in moves)]
        when = dict(moves)
        row: dict[str, Any] = {
            "reference": name,
            "account_id": company,
            "contact_id": company,
            "leg": name,
            "language": language,
            "state": states[-1],
            "opened_at": opened_at,
            "answered_at": when.get("answered"),
            "closed_at": when.get("closed"),
            "topics": list(topics),
        }
        self._tickets[name] = self._add(ticket, **row)
        self._event(opened_at, Event(name, EventKind.TICKET, "", state="consulting"))
        for state, moment in moves:
            self._event(moment, Event(name, EventKind.TICKET, "", state=state))

    def _event(self, moment: datetime, told: Event) -> None:
        events.append(self._connection, self._mailbox, moment, [told])

    def sent(self, name: str, kind: str, accepted_at: datetime, state: str = "accepted") -> None:
        """Write a mail of ours that the server accepted."""
        self._mails += 1
        self._add(
            outbox,
            kind=kind,
            reference=name,
            recipient="c@firma.example",
            message_id=f"<{self._mails}@stadt.example.org>",
            name=str(self._mails),
            state=state,
            next_attempt_at=accepted_at,
            created_at=accepted_at,
            accepted_at=accepted_at,
        )

    def part(
        self,
        name: str,
        office_id: str,
        asked: datetime,
        *replies: tuple[str, datetime],
        state: str = "answered",
        settled: datetime | None = None,
        round_: int = 1,
    ) -> None:
        """Write an office's part, due seven days after it was asked, with its replies."""
        part = self._add(
            consultation,
            mailbox=False,
            ticket_id=self._tickets[name],
            office_id=office_id,
            round=round_,
            leg=f"{name}{office_id}{round_}"[:16],
            recipient=f"{office_id}@stadt.example.org",
            state=state,
            asked_on=asked.date(),
            due_on=asked.date() + timedelta(days=7),
            asked_at=asked,
            settled_at=settled or (replies[-1][1] if state == "answered" else None),
        )
        steps = [({"question": "questioned"}.get(kind, "answered"), at) for kind, at in replies]
        self._part_events(name, office_id, round_, asked, *steps, (state, settled or asked))
        for kind, received_at in replies:
            row = {"consultation_id": part, "mail_id": self.mail(received_at), "kind": kind}
            self._add(reply, mailbox=False, **row, state="accepted", received_at=received_at)

    def _part_events(
        self,
        name: str,
        office_id: str,
        round_: int,
        asked: datetime,
        *steps: tuple[str, datetime],
    ) -> None:
        due_on = asked.date() + timedelta(days=7)
        of_part = partial(Event, name, text="", office_id=office_id, round=round_)
        self._event(asked, of_part(EventKind.ASKED, state="asked", due_on=due_on))
        before = "asked"
        for target, moment in steps:
            if target != before:
                self._event(moment, of_part(EventKind.CONSULTATION, state=target))
            before = target

    def mail(self, received_at: datetime, kind: str = "personal") -> int:
        """Write a mail that came in."""
        self._mails += 1
        return self._add(
            mail,
            fingerprint=f"{self._mails}",
            received_at=received_at,
            stored_at=received_at,
            size=1,
            kind=kind,
        )

    def _add(self, table: Table, *, mailbox: bool = True, **values: Any) -> int:
        values |= {"mailbox_id": self._mailbox} if mailbox else {}
        row = insert(table).values(**values).returning(table.c.id)
        number: int = self._connection.execute(row).scalar_one()
        return number


@pytest.fixture(name="town")
def town_without_holidays(town: City) -> City:
    """A city on an empty database, in a year in which every weekday is a workday."""
    town.policy = replace(town.policy, workdays=Workdays())
    return town


@pytest.fixture(scope="module", params=ENGINES)
def march(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[City]:
    """A city with the month that the tests below count by hand; they only read."""
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("march")
        town = stack.enter_context(city(folder))
        if request.param == "postgresql":
            server: PostgresServer = request.getfixturevalue("postgres")
            engine = make_engine(stack.enter_context(server.database()))
            stack.callback(engine.dispose)
            upgrade(engine)
            town = City(Store(engine, CENTRAL), town.policy, town.now)
        town.policy = replace(town.policy, workdays=Workdays())
        write_march(town)
        yield town


def report(town: City, now: datetime = SOON, first: date = FIRST, last: date = LAST) -> Report:
    """Give the city's report."""
    return make_report(town.store, town.policy, first, last, now)


@contextmanager
def writing_books(town: City) -> Iterator[Books]:
    """Give the books of a city, written in one transaction."""
    with writing(town.store.engine) as connection:
        yield Books(connection, town.store.mailbox_id)


def write_march(town: City) -> None:
    """Write tickets done, tickets open, and what lies beside the month and must not count."""
    with writing_books(town) as books:
        for number in range(1, 8):
            books.company(number, settling=number == 2)
        _tickets_done(books)
        _tickets_open(books)
        _tickets_beside(books)


def _tickets_done(books: Books) -> None:
    # in the night to Monday the 2nd, already Monday in the city: 0, 3 and 3 workdays
    books.ticket("T1", 1, at(1, 23), ("answered", at(5)), topics=("bauaufsicht",))
    books.sent("T1", "acknowledgement", at(2))
    books.sent("T1", "combined-answer", at(5))
    books.part("T1", "bauaufsicht", at(2), ("answer", at(4)))
    # the acknowledgement came back; a question on day 4 is the first sign; 10 days in all
    books.ticket("T2", 1, at(4), ("waiting", at(10)), ("consulting", at(12)), ("answered", at(18)))
    books.sent("T2", "acknowledgement", at(4), state="failed")
    books.sent("T2", "question", at(10))
    books.sent("T2", "combined-answer", at(18))
    books.part("T2", "bauaufsicht", at(4), ("question", at(10)), ("answer", at(17)))
    books.part("T2", "umwelt", at(4), state="declined", settled=at(9))
    books.part("T2", "tiefbau", at(9), ("answer", at(18)))
    # acknowledged after 4 days, closed by the manager after 5, without a word
    books.ticket("T5", 4, at(10), ("closed", at(17)), language="nl")
    books.sent("T5", "acknowledgement", at(16))


def _tickets_open(books: Books) -> None:
    books.ticket("T3", 2, at(9))
    books.sent("T3", "acknowledgement", at(9))
    books.part("T3", "bauaufsicht", at(9), state="asked")
    books.ticket("T4", 3, at(30))
    books.sent("T4", "acknowledgement", at(30))
    # answered, asked again, and answered for good when March was over
    again = (("answered", at(25)), ("consulting", at(26)), ("answered", at(2, month=4)))
    books.ticket("T6", 5, at(24), *again)
    books.sent("T6", "acknowledgement", at(24))
    books.sent("T6", "combined-answer", at(25))
    books.part("T6", "bauaufsicht", at(24), ("answer", at(25)))
    books.part("T6", "bauaufsicht", at(26), ("answer", at(2, month=4)), round_=2)


def _tickets_beside(books: Books) -> None:
    answered = ("answered", at(26, month=2))
    books.ticket("T7", 6, at(20, month=2), answered, ("closed", at(13)))
    books.ticket("T8", 7, at(5, month=1), ("closed", at(8, month=1)))
    books.ticket("T9", 7, at(31, 22))  # half past midnight of the first of April in the city
    books.mail(at(28, 22, month=2))
    books.mail(at(28, 23, month=2))
    books.mail(at(31, 22))
    books.mail(at(12), kind="own")
    books.mail(at(12), kind="bounce")


def promise(told: Report, name: str) -> Promise:
    """Pick one promise."""
    return next(each for each in told.promises if each.name == name)


def test_only_tickets_opened_in_the_period_are_counted_by_the_citys_midnight(march: City) -> None:
    """23:00 UTC on the 1st is Monday the 2nd; 22:00 UTC on the 31st is April."""
    told = report(march)
    assert (told.tickets, told.companies, told.regulars, told.settling) == (6, 5, 1, 1)


def test_the_promises_count_kept_broken_and_open(march: City) -> None:
    """Counted on a calendar: a bounce is no acknowledgement, a closed ticket no first word."""
    told = report(march)
    kept = {each.name: (each.met, each.total, each.target) for each in told.promises}
    assert kept == {
        "acknowledged": (4, 6, 3),  # 0 0 0 0 | 4 4
        "first-word": (3, 4, 7),  # 3 4 1 | 16 open; 1 open and 5 closed say nothing yet
        "answered": (3, 4, 10),  # 3 10 5 | 16 open; 1 and 5 open say nothing yet
        "office": (3, 5, 5),  # 2 4 1 | 7, 16 open; 3 declined and 3 open say nothing
    }


def test_the_median_takes_open_tickets_into_account(march: City) -> None:
    """Of 1+ 3 5 5+ 10 16+ the curve falls to 4/5, 3/5 and 3/10: half are done within 10 days."""
    answered = promise(report(march), "answered")
    assert (answered.median, answered.percentile_90) == (10, None)


def test_the_month_counts_what_was_open_on_its_last_day(march: City) -> None:
    """A ticket asked again is open again; one of February that was closed in March is closed."""
    (month,) = report(march).months
    assert (month.opened, month.answered, month.closed, month.backlog) == (6, 2, 2, 3)


def test_reopened_and_rerouted_are_counted_per_ticket(march: City) -> None:
    """One company asked again; one office declined and another one was asked for it."""
    told = report(march)
    assert (told.reopened, told.rerouted) == (1, 1)


def test_mails_are_counted_without_our_own_copies(march: City) -> None:
    """Five replies, a bounce, and the mail of the first minute came in; ten of ours went out."""
    told = report(march)
    assert told.mails_in == 7
    assert told.mails_out == 10


def test_the_report_on_march_is_the_same_in_october(march: City) -> None:
    """The day on which it is made changes nothing in it."""
    assert report(march, SOON) == report(march, LATE)


@pytest.mark.parametrize(
    "later",
    [
        lambda name: UpdateConsultation(name, "bauaufsicht", 1, due_on=date(2026, 5, 1)),
        lambda name: _moved(name, "bauaufsicht", ConsultationState.QUESTIONED),
        lambda name: _moved(name, "umwelt", ConsultationState.ASKED),
        lambda name: _moved(name, "tiefbau", ConsultationState.ANSWERED),
        lambda name: _moved(name, "hafen", ConsultationState.ANSWERED),
        lambda name: MoveTicket(name, TicketState.ANSWERED, TicketState.CONSULTING),
    ],
    ids=["due later", "asks back", "is answered", "answers after all", "is back", "is reopened"],
)
def test_what_happens_in_april_changes_nothing_in_march(
    town: City, later: Callable[[str], object]
) -> None:
    """A new due day, a question, a reply to one, an answer after all: March stays as it was."""
    with writing_books(town) as books:
        for number in range(1, 6):
            name = f"T{number}"
            books.company(number)
            books.ticket(name, number, at(2), ("answered", at(20)))
            books.part(name, "bauaufsicht", at(2), state="asked")
            books.part(name, "umwelt", at(2), ("question", at(3)), state="questioned")
            books.part(name, "tiefbau", at(2), state="declined", settled=at(4))
            books.part(name, "hafen", at(2), state="failed", settled=at(5))
    told = report(town)
    assert [(each.overdue, each.declined) for each in told.offices] == OVERDUE_AND_DECLINED
    changes = [later(f"T{number}") for number in range(1, 6)]
    town.store.apply(decided(*changes), [], at(2, month=4))
    assert report(town, LATE) == told


def test_a_ticket_opened_again_in_march_counts_as_open_for_ever(town: City) -> None:
    """Closed in February, open at the end of March, answered in April: it was open."""
    with writing_books(town) as books:
        books.company(1)
        moves = (("closed", at(20, month=2)), ("consulting", at(20)))
        books.ticket("T1", 1, at(10, month=2), *moves)
    (month,) = report(town).months
    assert month.backlog == 1
    answered = MoveTicket("T1", TicketState.CONSULTING, TicketState.ANSWERED)
    town.store.apply(decided(answered), [], at(10, month=4))
    assert report(town, LATE).months == (month,)


def test_a_step_of_the_first_round_is_not_taken_for_one_of_the_second(town: City) -> None:
    """Asked in February and again in March, an office declines the first: March knows nothing."""
    with writing_books(town) as books:
        for number in range(1, 6):
            books.company(number)
            books.ticket(f"T{number}", number, at(20, month=2))
            books.part(f"T{number}", "bauaufsicht", at(20, month=2), state="asked")
            books.part(f"T{number}", "bauaufsicht", at(2), state="asked", round_=2)
    of_first = [_moved(f"T{n}", "bauaufsicht", ConsultationState.DECLINED) for n in range(1, 6)]
    town.store.apply(decided(*of_first), [], at(3))
    (office,) = report(town).offices
    assert (office.overdue, office.declined) == (5, 0)


@pytest.mark.parametrize(
    ("step", "overdue_and_declined"),
    [
        (lambda name: UpdateConsultation(name, "bauaufsicht", 1, reminded=("soon",)), (5, 0)),
        (lambda name: UpdateConsultation(name, "bauaufsicht", 1, due_on=date(2026, 5, 1)), (0, 0)),
        (lambda name: _moved(name, "bauaufsicht", ConsultationState.DECLINED), (0, 5)),
    ],
    ids=["reminded", "due later", "declined"],
)
def test_the_report_reads_what_the_store_writes_of_a_part(
    town: City, step: Callable[[str], object], overdue_and_declined: tuple[int, int]
) -> None:
    """Asked by a decision, an office is overdue until another day or a refusal; not by a nudge."""
    names = [f"T{number}" for number in range(1, 6)]
    with writing_books(town) as books:
        for number, name in enumerate(names, start=1):
            books.company(number)
            books.ticket(name, number, at(2))
    days = date(2026, 3, 2), date(2026, 3, 9)
    asked = [AddConsultation(each, "bauaufsicht", each, "a@b.example", 1, *days) for each in names]
    town.store.apply(decided(*asked), [], at(2))
    town.store.apply(decided(*map(step, names)), [], at(3))
    (office,) = report(town).offices
    assert (office.overdue, office.declined) == overdue_and_declined


def test_the_report_reads_what_the_store_writes_of_a_ticket(town: City) -> None:
    """A decision of the 4th closes a ticket: on the last day of March none is open."""
    with writing_books(town) as books:
        books.company(1)
        books.ticket("T1", 1, at(2))
    closed = MoveTicket("T1", TicketState.CONSULTING, TicketState.CLOSED)
    town.store.apply(decided(closed), [], at(4))
    (month,) = report(town).months
    assert (month.closed, month.backlog) == (1, 0)


def _moved(name: str, office_id: str, target: ConsultationState) -> MoveConsultation:
    """Give the change that an office's part goes on from where it stood in March."""
    return MoveConsultation(name, office_id, 1, STOOD[office_id], target)


def test_in_the_middle_of_the_period_open_tickets_have_lasted_until_today(town: City) -> None:
    """On the 11th, a ticket of the 9th has waited two workdays, which breaks no promise yet."""
    with writing_books(town) as books:
        books.company(1)
        books.ticket("T1", 1, at(9))
        books.part("T1", "umwelt", at(2), state="asked")
    told = report(town, at(11))
    assert (promise(told, "answered").total, promise(told, "office").total) == (0, 1)
    assert promise(report(town), "answered").total == 1


def test_an_office_is_shown_with_five_companies_and_hidden_with_four(town: City) -> None:
    """Fewer than five companies would name them, so only the number of times asked is told."""
    with writing_books(town) as books:
        for number in range(1, 6):
            books.company(number)
            books.ticket(f"T{number}", number, at(2), topics=("bauaufsicht",))
            books.part(f"T{number}", "bauaufsicht", at(2), ("answer", at(2 + number)))
        for number in range(1, 5):
            books.part(f"T{number}", "umwelt", at(2), state="asked")
        books.part("T1", "bauaufsicht", at(9), state="questioned", round_=2)
    shown, hidden = report(town).offices
    assert (shown.name, shown.consultations, shown.median_workdays) == ("Amt für Bauordnung", 6, 3)
    assert (shown.overdue, shown.declined, shown.questions) == (0, 0, 0)
    assert (hidden.name, hidden.consultations, hidden.median_workdays) == ("Umweltamt", 4, None)
    assert (hidden.overdue, hidden.declined, hidden.questions) == (None, None, None)
    assert report(town).topics == (("Amt für Bauordnung", 5),)


def test_a_topic_is_the_office_that_took_the_matter_not_the_one_that_declined(town: City) -> None:
    """Five times one office said it was not theirs, and five times another one was asked."""
    with writing_books(town) as books:
        for number in range(1, 6):
            books.company(number)
            books.ticket(f"T{number}", number, at(2), topics=("umwelt",))
            books.part(f"T{number}", "umwelt", at(2), state="declined", settled=at(3))
            books.part(f"T{number}", "tiefbau", at(3), state="asked")
    told = report(town)
    assert told.topics == (("Tiefbauamt", 5),)
    assert told.rerouted == 5
    declined = {each.name: each.declined for each in told.offices}
    assert declined == {"Umweltamt": 5, "Tiefbauamt": 0}


def test_an_office_that_waits_for_the_company_is_not_overdue(town: City) -> None:
    """It asked back in time; that its day has passed meanwhile is not its fault."""
    with writing_books(town) as books:
        for number in range(1, 6):
            books.company(number)
            books.ticket(f"T{number}", number, at(2))
            books.part(f"T{number}", "umwelt", at(2), ("question", at(3)), state="questioned")
            books.part(f"T{number}", "tiefbau", at(2), state="asked")
    told = {each.name: (each.overdue, each.questions) for each in report(town).offices}
    assert told == {"Umweltamt": (0, 5), "Tiefbauamt": (5, 0)}


def test_a_mailbox_whose_clock_is_ahead_makes_no_negative_days(town: City) -> None:
    """Accepted before it was received, by two clocks: that took no workday, not minus one."""
    with writing_books(town) as books:
        books.company(1)
        books.ticket("T1", 1, at(3))
        books.sent("T1", "acknowledgement", at(2))
    assert promise(report(town), "acknowledged").median == 0


def test_a_ticket_answered_by_the_office_itself_is_answered(town: City) -> None:
    """No mail of ours says so, only the ticket's state; the company knows all the same."""
    with writing_books(town) as books:
        books.company(1)
        books.ticket("T1", 1, at(2), ("answered", at(4)))
    told = report(town)
    assert [(each.name, each.met, each.median) for each in told.promises[:3]] == [
        ("acknowledged", 1, 2),
        ("first-word", 1, 2),
        ("answered", 1, 2),
    ]


def test_a_period_that_ends_before_it_begins_is_refused_in_one_line(town: City) -> None:
    """The operator reads which two days to exchange."""
    with pytest.raises(EmptyPeriodError, match="2026-03-01 lies before its first day 2026-03-31"):
        report(town, first=LAST, last=FIRST)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The shipped example city in a folder of its own."""
    folder = tmp_path / "config"
    folder.mkdir()
    for path in example_config().glob("*.toml"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_the_command_writes_a_page_a_text_and_a_table(example: Path, tmp_path: Path) -> None:
    """`mailflow report` works on a new installation, and names the files it wrote."""
    arguments = ["--config", str(example), "report", "--from", "2026-03-01", "--to", "2026-03-31"]
    result = CliRunner().invoke(main, [*arguments, "--out", str(tmp_path / "new" / "folder")])
    assert result.exit_code == 0, result.output
    written = [Path(line) for line in result.stdout.splitlines()]
    assert {path.suffix for path in written} == {".html", ".txt", ".csv"}
    assert "0 Vorgänge von 0 Unternehmen" in written[1].read_text()


def test_the_command_refuses_an_empty_period_without_a_traceback(
    example: Path, tmp_path: Path
) -> None:
    """One clear line on stderr, and exit 1."""
    arguments = ["--config", str(example), "report", "--from", "2026-03-31", "--to", "2026-03-01"]
    result = CliRunner().invoke(main, [*arguments, "--out", str(tmp_path)])
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("mailflow: The report's last day")
