"""The stories of the product with real mails, real servers, a real service, and real trouble."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from mailflow.core.ticket import TicketState
from tests.flow.city import (
    CENTRAL,
    COMPANY,
    MANAGER,
    NO_OFFICE,
    TWO_OFFICES,
    body_of,
    letter,
    reply_to,
)
from tests.nightly import each_of
from tests.real.servers import MailWorld
from tests.real.town import Sections, Town, town_of

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"


@pytest.fixture
def town(mail_world: MailWorld, tmp_path: Path) -> Iterator[Town]:
    """Give a town whose service runs."""
    with town_of(mail_world, tmp_path) as made:
        made.start()
        yield made


# trouble, in the middle of a story


def nothing(_: Town) -> None:
    """Let all go well."""


def restart(town: Town) -> None:
    """Stop the service in good order and start it again."""
    assert town.stop() == 0
    town.start()


def crash(town: Town) -> None:
    """Kill the service and start it again."""
    town.kill()
    town.start()


def lose_dovecot(town: Town) -> None:
    """Kill Dovecot while mailflow waits in IDLE."""
    town.world.kill_dovecot()
    town.world.start_dovecot()


def lose_uids(town: Town) -> None:
    """Let the inbox get a new UIDVALIDITY, with every mail ever read in it again."""
    town.wait_until(lambda: town.lying_in("Processed") > 0, "a mail in the ledger")
    town.world.change_uidvalidity(CENTRAL, bring_back="Processed")


TROUBLES = [nothing, restart, crash, lose_dovecot, lose_uids]
Trouble = Callable[[Town], None]


def with_trouble(*by_day: Trouble) -> pytest.MarkDecorator:
    """Let a story meet every trouble, by day these."""
    return each_of("trouble", TROUBLES, by_day=by_day, ids=lambda trouble: trouble.__name__)


def settle(town: Town, expected: Mapping[tuple[str, str], int]) -> None:
    """Wait for rest; then these mails and no others must have reached anybody.

    The counts balance, every mail lies in the ledger, and of each mail that a crash left without
    a known end the manager has been told.
    """
    unsure = town.await_rest()
    assert town.delivered() == {**expected, **({(MANAGER, "alert"): unsure} if unsure else {})}
    counts = town.counts()
    parts = counts.tickets + counts.joined + counts.events + counts.held + counts.quarantined
    assert (counts.mails_in, counts.unread, counts.quarantined) == (parts, 0, 0)
    # without its index Dovecot counts a folder anew, and the last mails are moved meanwhile
    town.wait_until(lambda: town.lying_in("Processed") >= counts.mails_in, "all in the ledger")
    assert town.fault() == ""


# the stories


def two_offices(town: Town, trouble: Trouble) -> None:
    """Tell the story of two offices and one combined answer."""
    town.write(letter("Umnutzung Halle 4", TWO_OFFICES), COMPANY)
    town.await_mail(COMPANY, "acknowledgement")
    first, second = (town.await_mail(office, "forward") for office in (BAU, UMWELT))
    trouble(town)
    town.write(reply_to(first, "Ja, ein Antrag ist nötig. Sechs Wochen."), BAU)
    trouble(town)
    town.write(reply_to(second, "Nachts gelten 45 dB(A)."), UMWELT)
    text = body_of(town.await_mail(COMPANY, "combined-answer"))
    assert text.index("Sechs Wochen") < text.index("45 dB(A)") < text.index("Halle 4 umnutzen")
    expected = {
        (COMPANY, "acknowledgement"): 1,
        (BAU, "forward"): 1,
        (UMWELT, "forward"): 1,
        (COMPANY, "combined-answer"): 1,
    }
    settle(town, expected)
    (ticket,) = town.tickets()
    assert ticket.state is TicketState.ANSWERED


@with_trouble(crash, lose_dovecot, lose_uids)
def test_two_offices_and_one_combined_answer(town: Town, trouble: Trouble) -> None:
    """One acknowledgement, one forward per office, one combined answer, whatever happens."""
    two_offices(town, trouble)


@with_trouble(restart, lose_uids)
def test_a_question_back(town: Town, trouble: Trouble) -> None:
    """The question reaches the company once, and its reply returns to the office that asked."""
    town.write(letter("Umnutzung Halle 4", TWO_OFFICES), COMPANY)
    forward = town.await_mail(BAU, "forward")
    town.await_mail(UMWELT, "forward")
    trouble(town)
    town.write(reply_to(forward, "Rückfrage\nBitte senden Sie uns einen Lageplan."), BAU)
    question = town.await_mail(COMPANY, "question")
    trouble(town)
    town.write(reply_to(question, "Der Lageplan liegt bei: Flur 3."), COMPANY)
    town.wait_until(lambda: len(town.mails(BAU, "forward")) > 1, "the company's reply")
    expected = {
        (COMPANY, "acknowledgement"): 1,
        (COMPANY, "question"): 1,
        (BAU, "forward"): 2,
        (UMWELT, "forward"): 1,
    }
    settle(town, expected)
    (ticket,) = town.tickets()
    assert ticket.state is TicketState.CONSULTING


@with_trouble(crash)
def test_the_manager_decides_what_nobody_could_route(town: Town, trouble: Trouble) -> None:
    """A mail nobody could route goes where the manager's reply to the digest says, once."""
    town.write(letter("Eine Frage", NO_OFFICE), COMPANY)
    town.await_mail(COMPANY, "acknowledgement")
    trouble(town)
    assert town.stop() == 0
    assert town.command("digest", "--send").returncode == 0
    town.start()
    digest = town.await_mail(MANAGER, "digest")
    (ticket,) = town.tickets()
    assert ticket.reference in body_of(digest)
    trouble(town)
    town.write(reply_to(digest, f"{ticket.reference} an bauaufsicht, umwelt"), MANAGER)
    for office in (BAU, UMWELT):
        town.await_mail(office, "forward")
    town.await_mail(MANAGER, "notice")
    expected = {
        (COMPANY, "acknowledgement"): 1,
        (MANAGER, "digest"): 1,
        (MANAGER, "notice"): 1,
        (BAU, "forward"): 1,
        (UMWELT, "forward"): 1,
    }
    settle(town, expected)


@pytest.mark.parametrize("trouble", [nothing, crash], ids=lambda each: each.__name__)
def test_an_order_at_the_command_line_of_the_running_service(town: Town, trouble: Trouble) -> None:
    """The service files the order, and what it asked for goes out, once."""
    town.write(letter("Eine Frage", NO_OFFICE), COMPANY)
    town.await_mail(COMPANY, "acknowledgement")
    (ticket,) = town.tickets()
    ordered = town.command("do", f"{ticket.reference} an bauaufsicht")
    assert ordered.returncode == 0, ordered.stderr
    trouble(town)
    town.await_mail(BAU, "forward")
    assert town.lying_in("Processed") >= 2
    settle(town, {(COMPANY, "acknowledgement"): 1, (BAU, "forward"): 1})


# the ways to a mail server, and the other database


def lines(world: MailWorld, security: str) -> Sections:
    """Give the configuration for connections of one kind; only plain ones need no login."""
    ports = world.ports
    imap = {"tls": ports.imaps, "starttls": ports.imap, "none": ports.imap}
    smtp = {"tls": ports.submissions, "starttls": ports.submission, "none": ports.smtp}
    user = "" if security == "none" else CENTRAL
    return {
        "imap": {"port": imap[security], "security": security},
        "smtp": {"port": smtp[security], "security": security, "user": user},
    }


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_every_kind_of_line_carries_the_story(
    mail_world: MailWorld, tmp_path: Path, security: str
) -> None:
    """TLS from the first byte, STARTTLS, and neither (on loopback only) do the same."""
    with town_of(mail_world, tmp_path, lines(mail_world, security)) as town:
        town.start()
        two_offices(town, nothing)


def test_a_server_without_idle_is_polled(mail_world: MailWorld, tmp_path: Path) -> None:
    """Where nothing tells of new mail, mailflow looks for itself."""
    with town_of(mail_world, tmp_path, {"imap": {"idle": False, "poll_seconds": 5}}) as town:
        town.start()
        town.write(letter("Umnutzung Halle 4", TWO_OFFICES), COMPANY)
        for reader, kind in ((COMPANY, "acknowledgement"), (BAU, "forward"), (UMWELT, "forward")):
            town.await_mail(reader, kind)


def test_the_story_on_postgresql(mail_world: MailWorld, postgres_url: str, tmp_path: Path) -> None:
    """Changing the URL changes nothing else, crashes included."""
    with town_of(mail_world, tmp_path, {"database": {"url": postgres_url}}) as town:
        town.start()
        two_offices(town, crash)


def test_a_crash_at_any_moment_loses_and_doubles_nothing(town: Town) -> None:
    """Killed again and again while mails pour in, mailflow ends with each matter begun once."""
    companies = [f"post@firma{number}.example" for number in range(8)]
    for number, company in enumerate(companies):
        town.write(letter(f"Halle {number}", TWO_OFFICES, sender=company), company)
        if number % 3 == 2:
            crash(town)
    town.wait_until(lambda: len(town.tickets()) == len(companies), "a ticket for each")
    crash(town)
    expected = {(BAU, "forward"): len(companies), (UMWELT, "forward"): len(companies)}
    expected |= {(company, "acknowledgement"): 1 for company in companies}
    settle(town, expected)
