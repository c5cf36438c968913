"""Rows of the fault matrix on a real Dovecot and a real PostgreSQL."""

import os
import smtplib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from imapclient import IMAPClient
from pydantic import SecretStr
from sqlalchemy import Engine

from mailflow import inbox as inbox_module
from mailflow.core.ticket import ConsultationState
from mailflow.inbox import CONNECTION_ERRORS, Inbox
from mailflow.lease import Lease
from mailflow.ledger import reconcile
from mailflow.one_pass import tell_if_full
from mailflow.settings.sections import Imap
from mailflow.store import Store
from mailflow.store.engine import make_engine
from mailflow.trust import server_of
from mailflow.upgrade import upgrade
from mailflow.wake import Wake
from tests.faults.lethal import MOMENTS
from tests.faults.line import Line
from tests.faults.running import parts_of, running, sent, until
from tests.faults.test_rows_content import ODD
from tests.faults.trial import Trial, letter, trial
from tests.faults.verdict import Manifest, Taken, Witness, assert_holds
from tests.flow.city import CENTRAL, MANAGER, ONE_OFFICE, City, body_of
from tests.real.idp import IdentityProvider
from tests.real.postgres import PostgresServer
from tests.real.processes import free_port
from tests.real.servers import MailWorld, dovecot_version
from tests.real.sink import Sink as Submissions
from tests.real.town import Town, town_of

BAU, DEPUTY = "bauaufsicht@stadt.example.org", "bauaufsicht-vertretung@stadt.example.org"

pytestmark = [pytest.mark.nightly, pytest.mark.server]


@pytest.fixture(scope="module")
def servers() -> Iterator[MailWorld]:
    """Give Dovecot, until the last test of this file."""
    with MailWorld() as made:
        yield made


@pytest.fixture
def world(servers: MailWorld) -> MailWorld:
    """Give Dovecot without a mail."""
    servers.reset()
    return servers


@pytest.fixture
def engine(postgres: PostgresServer) -> Iterator[Engine]:
    """Give an empty database of our schema."""
    with postgres.database() as url:
        made = make_engine(url)
        upgrade(made)
        yield made
        made.dispose()


@pytest.fixture
def imap(world: MailWorld) -> Imap:
    """Give the settings of our mailbox."""
    return Imap(
        host="127.0.0.1",
        port=world.ports.imap,
        security="none",
        user=CENTRAL,
        password=SecretStr(world.password),
    )


@pytest.fixture
def bell() -> Iterator[Wake]:
    """Give what nobody rings."""
    made = Wake()
    yield made
    made.close()


def test_a_look_at_the_mailbox_sees_who_vouches_for_senders(world: MailWorld, imap: Imap) -> None:
    """Of each of the newest mails the first result, which the receiving server wrote last."""
    first, second = (
        f"Authentication-Results: {name}; dmarc=pass\r\n".encode()
        for name in ("mx.stadt.example.org", "relay.other.example")
    )
    world.deliver(first + second + letter("Mit Ergebnis", "Hallo"), CENTRAL)
    world.deliver(letter("Ohne", "Hallo"), CENTRAL)
    look = Inbox(imap).look()
    assert [server_of(each) for each in look.results] == ["mx.stadt.example.org"]
    assert "INBOX" in look.folders
    assert look.marks


@pytest.mark.parametrize(
    "moment", ["before it is read", "before it is moved", "after it was moved"]
)
def test_row_08_dovecot_loses_its_index(
    world: MailWorld, imap: Imap, town: Trial, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """paperless#8944, iTop#253 on a real server: new UIDs for the same mails double and skip none.

    The mail is new to us, stored and still in the inbox, or put back into it by the server.
    """
    intake = town.city.intake
    world.deliver(town.inquiry("Stand", ONE_OFFICE), CENTRAL)
    with Inbox(imap) as inbox, monkeypatch.context() as patch:
        before = inbox.uidvalidity
        if moment == "before it is moved":
            patch.setattr(Inbox, "move", _breaks_off)
            with pytest.raises(CONNECTION_ERRORS):
                intake.take_in(inbox)
        elif moment == "after it was moved":
            intake.take_in(inbox)
    back = "Processed" if moment == "after it was moved" else ""
    world.change_uidvalidity(CENTRAL, bring_back=back)
    world.deliver(town.inquiry("Halle", ONE_OFFICE, "post@zweite.example"), CENTRAL)
    with Inbox(imap) as inbox:
        assert inbox.uidvalidity != before
        intake.take_in(inbox)
        assert inbox.uids() == []
    town.city.dispatch.send_due()
    assert len(town.city.store.references()) == 2
    assert len(world.mails(CENTRAL, "Processed")) == 2
    town.judge()


def _breaks_off(*_: object, **__: object) -> None:
    raise ConnectionResetError("the line broke before the mail was moved")


def test_row_28_a_ledger_of_years_is_listed(world: MailWorld, imap: Imap) -> None:
    """160,000 UIDs in one line are more than imaplib takes; they are asked for in windows."""
    with Inbox(imap):
        pass  # makes the folders
    world.fill(CENTRAL, "Processed", letter("Stand", "Hallo"), 160_000)
    with Inbox(imap) as inbox:
        inbox.select("Processed")
        assert inbox.uids() == list(range(1, 160_001))
        assert inbox.uids(159_999) == [159_999, 160_000]
        assert inbox.uids(160_001) == []
    assert "Processed" in Inbox(imap).look().folders


def test_row_09_a_mail_deleted_in_between_shifts_no_other(world: MailWorld, imap: Imap) -> None:
    """osTicket#6979 lost every second mail. Here each UID keeps its mail."""
    for number in range(6):
        world.deliver(letter(f"Nummer {number}", "Hallo"), CENTRAL)
    with Inbox(imap) as inbox, world.client(CENTRAL) as other:
        uids = inbox.uids()
        other.select_folder("INBOX")
        other.delete_messages(uids[1:3])
        other.expunge()
        found = {each.uid: each.raw for each in inbox.fetch(uids)}
        assert sorted(found) == [uids[0], *uids[3:]]
        for place in (0, 3, 4, 5):
            assert f"Nummer {place}".encode() in found[uids[place]]
        inbox.move(uids)
    assert len(world.mails(CENTRAL, "Processed")) == 4


def test_row_10_without_move_each_mail_is_copied_once(
    world: MailWorld, imap: Imap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server of RFC 3501 and UIDPLUS only: COPY, delete, and exactly one of each remains."""
    for number in range(4):
        world.deliver(letter(f"Nummer {number}", "Hallo"), CENTRAL)
    _lacks(monkeypatch, "MOVE")
    with Inbox(imap) as inbox:
        inbox.move(inbox.uids())
        assert inbox.uids() == []
    with world.client(CENTRAL) as other:
        other.select_folder("Processed")
        assert len(other.search("UNDELETED")) == 4


def test_row_10_without_move_and_uidplus_each_mail_is_copied_once(
    world: MailWorld, imap: Imap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server of RFC 3501 only: what was copied stays in the inbox, and no look sees it again."""
    for number in range(4):
        world.deliver(letter(f"Nummer {number}", "Hallo"), CENTRAL)
    _lacks(monkeypatch, "MOVE", "UIDPLUS")
    with Inbox(imap) as inbox:
        for _ in range(3):
            inbox.move(inbox.uids())
        assert inbox.uids() == []
    assert len(world.mails(CENTRAL)) == 4
    with world.client(CENTRAL) as other:
        other.select_folder("Processed")
        assert len(other.search("UNDELETED UNANSWERED")) == 4


def _lacks(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let every line be one to a server that cannot do this."""
    has = IMAPClient.has_capability
    monkeypatch.setattr(
        IMAPClient, "has_capability", lambda client, name: name not in names and has(client, name)
    )


def _copies_and_breaks(client: IMAPClient, *words: Any) -> None:
    client._imap.uid("COPY", ",".join(map(str, words[0])), words[1])
    _breaks_off()


@pytest.mark.parametrize(
    ("command", "lacks"),
    [("copy", ["MOVE"]), ("uid_expunge", ["MOVE"]), ("copy", ["MOVE", "UIDPLUS"])],
)
def test_row_10_a_line_that_breaks_after_the_copy_leaves_one_of_each(
    world: MailWorld,
    imap: Imap,
    town: Trial,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    lacks: list[str],
) -> None:
    """What was copied is marked and taken away by the next line, and what came since is copied."""
    _lacks(monkeypatch, *lacks)
    for subject in ("Halle", "Hof"):
        world.deliver(town.inquiry(subject, ONE_OFFICE, f"post@{subject}.example"), CENTRAL)
    with Inbox(imap) as inbox, monkeypatch.context() as patch:
        patch.setattr(IMAPClient, command, _copies_and_breaks if command == "copy" else _breaks_off)
        with pytest.raises(ConnectionResetError):
            town.city.intake.take_in(inbox)
    world.deliver(town.inquiry("Tor", ONE_OFFICE, "post@tor.example"), CENTRAL)
    with Inbox(imap) as inbox:
        town.city.intake.take_in(inbox)
        assert inbox.uids() == []
    town.city.dispatch.send_due()
    assert len(set(world.mails(CENTRAL, "Processed"))) == 3
    assert len(world.mails(CENTRAL, "Processed")) == 3
    town.judge()


def test_row_10_what_was_copied_before_hides_no_mail_that_was_filed_by_hand(
    world: MailWorld, imap: Imap, town: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger's edge moves over what this look has put there, and over nothing else."""
    _lacks(monkeypatch, "MOVE")
    world.deliver(town.inquiry("Halle", ONE_OFFICE), CENTRAL)
    with Inbox(imap) as inbox, monkeypatch.context() as patch:
        patch.setattr(IMAPClient, "uid_expunge", _breaks_off)
        with pytest.raises(ConnectionResetError):
            town.city.intake.take_in(inbox)
    by_hand = town.inquiry("Tor", ONE_OFFICE, "post@tor.example")
    with Inbox(imap) as inbox, world.client(CENTRAL) as colleague:
        reconcile(town.city.store, inbox, town.city.intake)
        colleague.append("Processed", by_hand)
        town.city.intake.take_in(inbox)
    town.city.dispatch.send_due()
    assert len(town.city.store.references()) == 2
    town.judge()


def test_row_11_a_session_that_ends_in_idle_is_noticed_at_once(
    world: MailWorld, imap: Imap, bell: Wake, town: Trial
) -> None:
    """The idle_check of imapclient spun 225,831 times in 3 s. Here the wait ends with an error."""
    with Inbox(imap) as inbox:
        inbox.uids()
        threading.Timer(2.5, world.kill_imap_sessions).start()
        cpu = time.process_time()
        with pytest.raises(CONNECTION_ERRORS):
            inbox.wait(bell.socket, 100)
        assert time.process_time() - cpu < 2
    world.deliver(town.inquiry("Danach", ONE_OFFICE), CENTRAL)
    with Inbox(imap) as inbox:
        town.city.intake.take_in(inbox)
        assert inbox.uids() == []
    town.city.dispatch.send_due()
    town.judge()


def test_row_12_a_half_open_line_is_noticed(
    world: MailWorld, imap: Imap, bell: Wake, town: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """imapclient#349, stalwart#3299 waited for ever. Here IDLE is renewed, and silence is an error.

    The periods (55 s and 60 s) are shortened; the line carries no byte any more.
    """
    assert inbox_module._IDLE_SECONDS + 2 * inbox_module._READ_SECONDS <= 600  # ten minutes
    monkeypatch.setattr(inbox_module, "_IDLE_SECONDS", 2)
    monkeypatch.setattr(inbox_module, "_READ_SECONDS", 2)
    with Line(world.ports.imap) as line:
        far = imap.model_copy(update={"port": line.port})
        inbox = Inbox(far).__enter__()
        inbox.uids()
        threading.Timer(0.5, line.hush).start()
        with pytest.raises(CONNECTION_ERRORS):
            inbox.wait(bell.socket, 100)
        world.deliver(town.inquiry("Danach", ONE_OFFICE), CENTRAL)
        line.cut()
        line.heal()
        with Inbox(far) as again:
            assert len(again.uids()) == 1
            town.city.intake.take_in(again)
        inbox._client.shutdown()
    town.city.dispatch.send_due()
    town.judge()


def test_row_15_both_lines_down_cost_nothing_but_time(world: MailWorld, tmp_path: Path) -> None:
    """Mailbox and submission server out of reach: all drains afterwards, once, with one alert."""
    with Line(world.ports.imap) as imap_line, Line(world.ports.smtp) as smtp_line:
        plain = {"host": "127.0.0.1", "security": "none"}
        changes: dict[str, dict[str, Any]] = {
            "imap": plain | {"port": imap_line.port},
            "smtp": plain | {"port": smtp_line.port, "user": ""},
        }
        with town_of(world, tmp_path, changes) as town:
            town.start()
            for each in (imap_line, smtp_line):
                each.cut()
            manifest, companies = Manifest(), [f"post@firma{number}.example" for number in range(3)]
            for company in companies:
                raw = letter("Umnutzung", ONE_OFFICE, sender=company)
                world.deliver(manifest.mark(raw, company=company), CENTRAL)
            told = lambda: b"alert mailbox" in town.log.read_bytes()  # noqa: E731 - a name for one look
            town.wait_until(told, "the alert")
            for each in (imap_line, smtp_line):
                each.heal()
            town.wait_until(  # each line tries again once a minute, by now
                lambda: not town.unfinished(), "rest", lambda: str(town.unfinished()), 90
            )
            expected = {(company, "acknowledgement"): 1 for company in companies}
            expected |= {(BAU, "forward"): 3, (MANAGER, "alert"): 1}
            assert town.delivered() == expected
            readers = (*companies, BAU, MANAGER)
            taken = [Taken(who, raw) for who in readers for raw in world.taken(who)]
            with town.engine() as engine:
                store = Store(engine, CENTRAL)
                assert_holds(store, manifest, Witness(taken), alert="Postfach")


def test_row_13_a_fetch_that_stalls_ends_with_an_error(
    world: MailWorld, imap: Imap, town: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """zammad#2321 hung in a fetch. Here the read times out, and the next line finds the mail."""
    monkeypatch.setattr(inbox_module, "_READ_SECONDS", 2)
    world.deliver(town.inquiry("Danach", ONE_OFFICE), CENTRAL)
    inbox = Inbox(imap).__enter__()
    uids = inbox.uids()
    world.freeze_dovecot()
    try:
        with pytest.raises(CONNECTION_ERRORS):
            list(inbox.fetch(uids))
    finally:
        world.thaw_dovecot()
    inbox._client.shutdown()
    with Inbox(imap) as again:
        assert len(list(again.fetch(again.uids()))) == 1
        town.city.intake.take_in(again)
    town.city.dispatch.send_due()
    town.judge()


def test_row_14_a_client_secret_that_has_expired_is_told_and_costs_nothing(
    world: MailWorld, tmp_path: Path, town: Trial
) -> None:
    """osTicket#6455 was silent for ten days. Here the manager reads it, and all comes in later."""
    if dovecot_version() != "2.3":
        pytest.skip("how Dovecot 2.4 asks about tokens is not written in its configuration yet")
    with IdentityProvider(CENTRAL, world.ports.tokens) as provider:
        imap = provider.mailbox(world.ports.imap)
        with running(parts_of(town, tmp_path, imap=imap)) as service:
            until(service._compared.is_set)
            provider.refusal = "invalid_grant"
            world.kill_imap_sessions()
            until(lambda: "alert" in sent(town))
            world.deliver(town.inquiry("Stand", ONE_OFFICE), CENTRAL)
            provider.refusal = ""
            until(lambda: "forward" in sent(town))
    assert sent(town).count("alert") == 1
    town.judge(alert="Postfach")


@pytest.mark.skipif(os.geteuid() != 0, reason="only Postfix, as root, takes a mail and bounces it")
def test_row_20_a_genuine_bounce_of_a_forward_reaches_the_deputy_instead(
    world: MailWorld, tmp_path: Path
) -> None:
    """faveo#150 made tickets of bounces. Here Postfix writes one, and no ticket comes of it."""
    world.make_ghosts(BAU)
    manifest, company = Manifest(), "post@firma.example"
    raw = manifest.mark(letter("Umnutzung", ONE_OFFICE, sender=company), company=company)
    with town_of(world, tmp_path) as town:
        town.start()
        world.deliver(raw, CENTRAL)
        town.await_mail(DEPUTY, "forward")
        town.await_mail(company, "acknowledgement")
        town.wait_until(lambda: town.lying_in("INBOX") == 0, "an empty inbox")
        assert town.delivered() == {(company, "acknowledgement"): 1, (DEPUTY, "forward"): 1}
        assert set(town.outcomes()) == {"ticket", "event"}
        (consultation,) = town.tickets()[0].current()
        assert consultation.state == ConsultationState.ASKED
        taken = [Taken(who, raw) for who in (company, DEPUTY) for raw in world.taken(who)]
        with town.engine() as engine:
            assert_holds(Store(engine, CENTRAL), manifest, Witness(taken))


class LethalTown(Town):
    """A town whose service dies at a moment of taking a pushed mail; it is started again."""

    moment = ""

    def _command(self, *words: str) -> list[str]:
        command = super()._command(*words)
        if words == ("run",) and self.moment:
            command[1:3] = ["-m", "tests.faults.lethal", self.moment]
        return command


@pytest.mark.parametrize("moment", MOMENTS)
def test_row_02_killed_while_a_pushed_mail_is_taken(
    world: MailWorld, tmp_path: Path, moment: str
) -> None:
    """Killed around the commit or our 250, as the MTA sees it: it sends again, and all goes once.

    zammad took a mail and flagged it afterwards; whatever died in between did both, or neither.
    """
    with Submissions() as sink:
        port, company, manifest = free_port(), "post@firma.example", Manifest()
        raw = manifest.mark(letter("Umnutzung", ONE_OFFICE, sender=company), company=company)
        smtp = {"port": sink.port, "security": "none", "user": "", "receipts": "none"}
        town = LethalTown(world, tmp_path, {"lmtp": {"listen": f"127.0.0.1:{port}"}, "smtp": smtp})
        try:
            town.moment = moment
            town.start()
            taken = _pushed_until_dead(town, port, raw)
            town.moment = ""
            town.start()
            if not taken:  # the MTA heard no 250
                _push(port, raw)
            sink.wait_for(2, 30)
            town.wait_until(lambda: town.lying_in("Processed") == 1, "the mail in the ledger")
            witness = Witness(Taken(who[0], mail) for who, mail, _ in sink.taken)
            assert witness.ids.total() == 2
            with town.engine() as engine:
                assert_holds(Store(engine, CENTRAL), manifest, witness)
        finally:
            town.kill()


def _push(port: int, raw: bytes) -> None:
    with smtplib.LMTP("127.0.0.1", port, "localhost", timeout=30) as line:
        line.sendmail("post@firma.example", CENTRAL, raw)


def _pushed_until_dead(town: Town, port: int, raw: bytes) -> bool:
    """Push a mail to a service that dies over it; give whether a 250 was heard before."""
    heard = True
    try:
        _push(port, raw)
    except (smtplib.SMTPServerDisconnected, ConnectionError):
        heard = False
    deadline = time.monotonic() + 30
    while os.path.exists(f"/proc/{town.pid}/exe"):  # noqa: PTH110 - a dead process's link dangles
        assert time.monotonic() < deadline, "it lives on"
        time.sleep(0.05)
    town.kill()
    return heard


def test_row_22_a_mailbox_that_fills_up_is_told(imap: Imap, tmp_path: Path) -> None:
    """A mailbox at nine tenths of its quota is an alert, once, before mails are refused."""
    with MailWorld(mta="relay", quota="100k") as small, trial(tmp_path) as town:
        settings = imap.model_copy(update={"port": small.ports.imap})
        parts: Any = SimpleNamespace(reporting=town.city.reporting)
        with Inbox(settings) as inbox:
            tell_if_full(parts, inbox)
            assert town.city.work() == []
        small.deliver(letter("Groß", "Hallo\n" * 15_000), CENTRAL)
        with Inbox(settings) as inbox:
            assert inbox.fullness() in range(80, 99)
            tell_if_full(parts, inbox)
            tell_if_full(parts, inbox)
        (alert,) = town.city.work()
    assert alert["X-Mailflow-Kind"] == "alert"
    assert "Das Postfach ist zu" in body_of(alert)


def test_row_05_of_two_nodes_one_reads(engine: Engine, tmp_path: Path) -> None:
    """evc-team-relay#115 on PostgreSQL: the lease is one, and goes over when its holder dies."""
    first, second = (Lease(engine, CENTRAL, tmp_path) for _ in range(2))
    assert first.take()
    assert not second.take()
    assert first._connection is not None
    first._connection.invalidate()
    deadline = time.monotonic() + 10
    while not second.take():
        assert time.monotonic() < deadline
    second.release()


@pytest.mark.parametrize("name", ODD)
def test_row_33_odd_charsets_and_nul_are_kept_by_postgresql(
    town: Trial, engine: Engine, name: str
) -> None:
    """FreeScout#5159: PostgreSQL refuses NUL, and the mail was gone. Here it is kept."""
    city = City(Store(engine, CENTRAL), town.city.policy, town.city.now)
    trial = Trial(city)
    head = b"From: post@odd.example\r\nSubject: Halle\r\nMessage-ID: <odd@odd.example>\r\n"
    trial.deliver(head + ODD[name])
    assert city.ticket().letters[0].text.startswith(("Gr", "Hal"))
    trial.judge()
