"""Row 7 on real servers: a database of yesterday, and one that is lost, made good from Dovecot."""

from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from mailflow.core.drafts import TO_COMPANY
from mailflow.core.retry import Cause, EntryState
from mailflow.schema import outbox
from mailflow.store import Store
from mailflow.store.engine import reading
from tests.faults.databases import Database
from tests.faults.verdict import Manifest, Taken, Witness, assert_holds, canary
from tests.flow.city import (
    CENTRAL,
    MANAGER,
    ONE_OFFICE,
    TWO_OFFICES,
    body_of,
    letter,
    reply_to,
    to_of,
)
from tests.flow.picture import Picture, differences, picture_of
from tests.nightly import each_of
from tests.real.servers import MailWorld
from tests.real.town import Town, town_of

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"
FIRST, SECOND, THIRD = (f"post@{name}.example" for name in ("erste", "zweite", "dritte"))
TOLD = "hinter dem Postfach"
KINDS = ("sqlite", "postgresql")

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def servers() -> Iterator[MailWorld]:
    """Give Dovecot and an MTA, until the last test of this file."""
    with MailWorld() as made:
        yield made


class Story:
    """Three companies and two offices, in a town on real servers with the default receipts."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.manifest = Manifest()
        self.expected: Counter[tuple[str, str]] = Counter()
        """What must have reached everybody by now, and nothing else."""

    def write(self, company: str, text: str) -> None:
        """Let a company write, with the word that only it may read again."""
        text = text.replace("\n\n", f"\n\nUnser Zeichen: {canary(company)}.\n\n", 1)
        raw = letter("Halle 4", text, sender=company)
        self.town.write(self.manifest.mark(raw, company=company), company)

    def answer(self, mail: EmailMessage, text: str) -> None:
        """Let the reader of a mail answer it."""
        self.town.write(self.manifest.mark(reply_to(mail, text)), to_of(mail))

    def await_mails(self, *mails: tuple[str, str]) -> None:
        """Wait until these came to whom they are for, and all is quiet."""
        self.expected.update(mails)
        self.town.wait_until(
            lambda: not self._restless() and self.town.delivered() == self.expected,
            "rest",
            lambda: f"{self.town.delivered()}, not {self.expected}; {self._restless()}",
        )

    def _restless(self) -> list[str]:
        """Say what is not yet read, or sent, or has a receipt that is still to come."""
        found = [f"{self.town.lying_in('INBOX')} unread"] if self.town.lying_in("INBOX") else []
        accepted = outbox.c.state == EntryState.ACCEPTED
        proven = outbox.c.receipt_at.is_not(None) | outbox.c.kind.not_in(TO_COMPANY)
        dropped = outbox.c.cause == Cause.DROPPED
        open_ = select(outbox.c.kind, outbox.c.state).where(~((accepted & proven) | dropped))
        with self.town.engine() as engine, reading(engine) as connection:
            return found + [f"{row.kind} {row.state}" for row in connection.execute(open_)]

    def picture(self) -> Picture:
        """Give what must survive."""
        with self.town.engine() as engine:
            return picture_of(Store(engine, CENTRAL))

    def command(self, *words: str) -> str:
        """Run a command that succeeds; give what it says."""
        done = self.town.command(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def judge(self) -> None:
        """End the service, and pass the verdict G on all that ever reached anybody."""
        assert self.town.stop() == 0
        assert self.town.delivered() == self.expected
        readers = {reader for reader, _ in self.expected}
        world = self.town.world
        witness = Witness(Taken(who, raw) for who in readers for raw in world.taken(who))
        with self.town.engine() as engine:
            assert_holds(Store(engine, CENTRAL), self.manifest, witness, alert=TOLD)


@pytest.fixture
def story(servers: MailWorld, tmp_path: Path, database: Database) -> Iterator[Story]:
    """Give a town that nobody has written to; its service runs."""
    servers.reset()
    changes = {"database": {"url": database.url}, "smtp": {"receipts": "company"}}
    with town_of(servers, tmp_path, changes) as town:
        town.start()
        yield Story(town)


def _yesterday(story: Story) -> None:
    story.write(FIRST, TWO_OFFICES)
    story.await_mails((FIRST, "acknowledgement"), (BAU, "forward"), (UMWELT, "forward"))


def _today(story: Story) -> None:
    """An answer, a question that is answered, a last answer; and another company's matter."""
    (bau,), (umwelt,) = (story.town.mails(office, "forward") for office in (BAU, UMWELT))
    story.answer(bau, "Ja, ein Antrag ist nötig. Sechs Wochen.")
    story.answer(umwelt, "Rückfrage\nBitte senden Sie uns einen Lageplan.")
    story.await_mails((FIRST, "question"))
    story.answer(story.town.mails(FIRST, "question")[0], "Der Plan liegt bei: Flur 3.")
    story.await_mails((UMWELT, "forward"))
    story.answer(story.town.mails(UMWELT, "forward")[-1], "Nachts gelten 45 dB(A).")
    story.write(SECOND, ONE_OFFICE)
    story.await_mails((FIRST, "combined-answer"), (SECOND, "acknowledgement"), (BAU, "forward"))


def _thawed(story: Story) -> None:
    """Let the manager drop what is held, and the matters go on from where they were."""
    assert "1 Mail ist verworfen" in story.command("thaw", "--drop")
    (asked,) = (
        mail for mail in story.town.mails(BAU, "forward") if canary(SECOND) in body_of(mail)
    )
    story.answer(asked, "Der Bescheid kommt im Juni.")
    story.await_mails((SECOND, "combined-answer"), (THIRD, "acknowledgement"), (BAU, "forward"))


def _told(story: Story) -> None:
    """Let the manager be told what has happened; nobody else gets anything."""
    story.town.await_mail(MANAGER, "alert")
    story.expected[MANAGER, "alert"] += 1
    assert story.town.delivered() == story.expected


def _third_writes_and_nothing_goes_out(story: Story) -> None:
    story.write(THIRD, ONE_OFFICE)
    story.town.wait_until(lambda: len(story.town.tickets()) == 3, "a third matter")
    assert story.town.delivered() == story.expected


@each_of("database", KINDS, by_day=["postgresql"], indirect=True)
def test_row_07_a_database_of_yesterday_is_made_good_from_dovecot(
    story: Story, database: Database
) -> None:
    """The start notices, reads again and tells; until the manager thaws nothing goes, nor twice."""
    _yesterday(story)
    assert story.town.stop() == 0
    database.back_up()
    story.town.start()
    _today(story)
    assert story.town.stop() == 0
    before = story.picture()
    database.put_back()
    story.town.start()
    _told(story)
    after = story.picture()
    assert differences(before, after) == []
    assert after.held() == [("forward", BAU)]
    _third_writes_and_nothing_goes_out(story)
    _thawed(story)
    story.judge()


@each_of("database", KINDS, by_day=["sqlite"], indirect=True)
def test_row_07_a_lost_database_is_rebuilt_from_dovecot(story: Story, database: Database) -> None:
    """The start refuses; a rebuild gives the same tickets and tokens, and they go on working."""
    _yesterday(story)
    _today(story)
    assert story.town.stop() == 0
    before = story.picture()
    database.lose()
    refused = story.town.command("run", "--once")
    assert refused.returncode != 0
    assert "mailflow rebuild" in refused.stderr
    story.command("rebuild")
    after = story.picture()
    assert differences(before, after) == []
    assert after.held() == [("forward", BAU)]
    story.town.start()
    _told(story)
    _third_writes_and_nothing_goes_out(story)
    _thawed(story)
    story.judge()
