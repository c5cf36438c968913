"""Every mail of the corpus at once: what the world really sends, through the whole of mailflow."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from mailflow.core.drafts import DraftKind
from mailflow.fingerprint import fingerprint
from mailflow.schema import letter, mail, outbox, ticket
from mailflow.store.engine import reading
from tests.conftest import CORPUS
from tests.flow.city import CENTRAL
from tests.real.servers import MailWorld
from tests.real.sink import Sink
from tests.real.town import Town, town_of

MAILS = 1190
MACHINES = {"auto_reply", "bounce", "bulk", "delay", "report"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@dataclass(frozen=True, slots=True)
class Specimen:
    """A mail of the corpus; ``machine`` when its manifest says that no person wrote it."""

    name: str
    path: Path
    machine: bool


def specimens() -> list[Specimen]:
    """Give all mails of all manifests; fails when the corpus is not there."""
    if not CORPUS.is_dir():
        pytest.fail(f"there is no mail corpus at {CORPUS}: this test needs it", pytrace=False)
    found = []
    for manifest in sorted(CORPUS.rglob("manifest.jsonl")):
        for line in manifest.read_text().splitlines():
            row = json.loads(line)
            found.append(
                Specimen(row["id"], manifest.parent / row["file"], _by_machine(row["expected"]))
            )
    return found


def _by_machine(expected: dict[str, object]) -> bool:
    facts = ("is_bounce", "is_auto_reply", "is_auto_generated")
    return any(expected.get(fact) for fact in facts) or expected.get("kind") in MACHINES


def fill(world: MailWorld, mails: list[Specimen]) -> None:
    """Lay the mails into the inbox, byte for byte, as a delivery would."""
    with world.client(CENTRAL) as client:
        client.select_folder("INBOX")  # Dovecot makes the folders
    new = world.mail_folder(CENTRAL) / "new"
    owner = new.stat()
    for number, each in enumerate(mails):
        target = new / f"{1_700_000_000 + number}.M{number}.corpus"
        target.write_bytes(each.path.read_bytes())
        if os.geteuid() == 0:
            os.chown(target, owner.st_uid, owner.st_gid)


@pytest.fixture(scope="module")
def mails() -> list[Specimen]:
    """Every mail of the corpus."""
    found = specimens()
    assert len(found) == MAILS
    return found


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    """A submission server that takes everything and passes nothing on."""
    with Sink() as made:
        yield made


@pytest.fixture(scope="module")
def town(
    mail_servers: MailWorld,
    tmp_path_factory: pytest.TempPathFactory,
    sink: Sink,
    mails: list[Specimen],
) -> Iterator[Town]:
    """A town whose inbox held the corpus, and which has made one pass over it."""
    mail_servers.reset()
    fill(mail_servers, mails)
    changes = {"smtp": {"port": sink.port, "security": "none", "user": "", "receipts": "none"}}
    with town_of(mail_servers, tmp_path_factory.mktemp("corpus"), changes) as made:
        assert made.lying_in("INBOX") == MAILS
        done = made.command("run", "--once")
        assert done.returncode == 0, done.stderr[-3000:]
        yield made


def test_every_mail_ends_in_exactly_one_state(town: Town) -> None:
    """Nothing is left unread, nothing is counted twice, and the counts of the digest balance."""
    counts = town.counts()
    parts = counts.tickets + counts.joined + counts.events + counts.held + counts.quarantined
    assert (counts.mails_in, parts, counts.unread) == (MAILS, MAILS, 0)
    assert town.outcomes().total() == MAILS
    assert town.fault() == ""


def test_the_ledger_holds_every_mail(town: Town) -> None:
    """The inbox is empty, and the folders hold what was in it."""
    lying = {name: town.lying_in(name) for name in ("INBOX", "Processed", "Quarantine")}
    assert lying["INBOX"] == 0
    assert lying["Processed"] + lying["Quarantine"] == MAILS
    assert lying["Quarantine"] == town.outcomes()["quarantined"]


def test_no_machine_is_acknowledged(town: Town, mails: list[Specimen]) -> None:
    """No acknowledgement goes to a mail that a manifest calls a bounce, a report, a list ..."""
    machines: dict[str, str] = {
        fingerprint(each.path.read_bytes()): each.name for each in mails if each.machine
    }
    assert len(machines) > 390
    acknowledged = (
        select(mail.c.fingerprint)
        .join(letter, letter.c.mail_id == mail.c.id)
        .join(ticket, ticket.c.id == letter.c.ticket_id)
        .join(outbox, outbox.c.reference == ticket.c.reference)
        .where(outbox.c.kind == DraftKind.ACKNOWLEDGEMENT)
    )
    with town.engine() as engine, reading(engine) as connection:
        found = set(connection.execute(acknowledged).scalars())
    assert found, "no person was acknowledged either"
    assert sorted(machines[each] for each in found & machines.keys()) == []


def test_a_second_pass_finds_nothing_new(town: Town, sink: Sink) -> None:
    """Running again changes no mail's state and sends nothing more."""
    before, sent = town.outcomes(), len(sink.taken)
    done = town.command("run", "--once")
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0)
    assert town.outcomes() == before
    assert len(sink.taken) == sent


def test_the_same_mails_under_new_uids_are_known(town: Town, sink: Sink) -> None:
    """After the whole mailbox was put back under a new UIDVALIDITY, nothing happens again."""
    before, sent = town.outcomes(), len(sink.taken)
    with town.world.client(CENTRAL) as client:
        client.select_folder("Processed")
        client.move(client.search("ALL"), "INBOX")
    town.world.change_uidvalidity(CENTRAL)
    done = town.command("run", "--once")
    assert done.returncode == 0, done.stderr[-3000:]
    assert town.outcomes() == before
    assert town.lying_in("INBOX") == 0
    assert len(sink.taken) == sent


def test_what_left_is_what_was_decided(town: Town, sink: Sink) -> None:
    """Every mail of the outbox reached the server once, but for those it can never take."""
    with town.engine() as engine, reading(engine) as connection:
        states = Counter(connection.execute(select(outbox.c.state)).scalars())
    assert states["accepted"] == len(sink.taken)
    assert set(states) <= {"accepted", "failed", "held"}
