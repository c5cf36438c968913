"""A town on real servers: mailflow as its operator runs it, and the people who write to it.

The mailbox lies in the private Dovecot, mails go through the private MTA, and mailflow is a
process of its own (``python -m mailflow --config DIR run``), so that it can be killed.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select, update

from mailflow.core.digest import Counts
from mailflow.core.retry import EntryState
from mailflow.core.ticket import Ticket, TicketState
from mailflow.schema import mail, outbox
from mailflow.store import Store
from mailflow.store.engine import make_engine, reading, writing
from tests.flow.city import CENTRAL, MANAGER, OFFICES, parse
from tests.real.servers import MailWorld

SECONDS = 30
_START_SECONDS = 120  # beside whatever else a machine does: this is no test of speed
"""How long to wait for what should take one: an answer to "never", not a measurement."""

Sections = Mapping[str, Mapping[str, Any]]


def write_configuration(folder: Path, world: MailWorld, changes: Sections) -> None:
    """Write both files and the passwords for a mailflow that works on these servers.

    ``changes`` override keys, section by section. Nothing is sent by the clock before the last
    minute of the day: the digest goes out when a test wants it.
    """
    sections: dict[str, dict[str, Any]] = {
        "central": {"address": CENTRAL},
        "imap": {"host": "localhost", "port": world.ports.imaps, "ca_file": str(world.ca_file)},
        "smtp": {
            "host": "localhost",
            "port": world.ports.submission,
            "ca_file": str(world.ca_file),
            "user": CENTRAL,
            "receipts": "all",
        },
        "manager": {"addresses": [MANAGER], "digest_at": "23:59"},
        "trust": {"strangers": 10**6},  # thousands of companies may write at once here
    }
    for name, values in changes.items():
        sections.setdefault(name, {}).update(values)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mailflow.toml").write_text("".join(_table(f"[{n}]", v) for n, v in sections.items()))
    (folder / "offices.toml").write_text(_offices())
    for name in ("imap.password", "smtp.password"):
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(world.password)


def _table(head: str, values: Mapping[str, Any]) -> str:
    # strings, numbers, booleans and lists of them are written alike in JSON and TOML
    lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items())
    return f"{head}\n{''.join(lines)}\n"


def _offices() -> str:
    tables = []
    for office in OFFICES:
        facts = ("id", "name", "address", "deputy", "head", "external", "members", "topics")
        tables.append(_table("[[office]]", {name: getattr(office, name) for name in facts}))
        for language, terms in office.terms.items():
            words = {"strong": terms.strong, "weak": terms.weak}
            tables.append(_table(f"[office.terms.{language}]", words))
    return "".join(tables)


class Town:
    """Everything between a company's mail and the combined answer, for real."""

    def __init__(self, world: MailWorld, folder: Path, changes: Sections | None = None) -> None:
        self.world = world
        self.folder = folder
        self.log = folder / "mailflow.log"
        self.database = f"sqlite:///{folder / 'state' / 'mailflow.db'}"
        self._process: subprocess.Popen[bytes] | None = None
        self.configure(changes or {})

    def configure(self, changes: Sections) -> None:
        """Write the configuration anew."""
        self.database = str(changes.get("database", {}).get("url", self.database))
        write_configuration(self.folder, self.world, changes)

    # mailflow itself

    def start(self) -> None:
        """Start the service; it has said that it is ready when this returns."""
        begin = self.start_only()
        self.wait_until(
            lambda: b"mailflow ready" in self.log.read_bytes()[begin:],
            "ready",
            seconds=_START_SECONDS,
        )

    def start_only(self) -> int:
        """Start the service without waiting for it; gives where its log begins."""
        with self.log.open("ab") as log:
            begin = log.tell()
            self._process = subprocess.Popen(
                self._command("run"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=without_mailflow(),
            )
        return begin

    def stop(self) -> int:
        """Ask the service to end (SIGTERM) and give its exit code; 0 where none runs."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(SECONDS)
        finally:
            process.kill()

    def kill(self) -> None:
        """End the service at once, as a power cut would (SIGKILL)."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(SECONDS)

    @property
    def pid(self) -> int:
        """The service's process id, 0 where none runs."""
        return self._process.pid if self._process else 0

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self._command(*words),
            capture_output=True,
            text=True,
            check=False,
            timeout=110,
            env=without_mailflow(),
        )

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "mailflow", "--config", str(self.folder), "--verbose", *words]

    # people

    def write(self, raw: bytes, sender: str, to: str = CENTRAL) -> None:
        """Let somebody send a mail through the MTA."""
        self.world.submit(raw, to, sender)

    def await_mail(self, user: str, kind: str) -> EmailMessage:
        """Give the first mail of a kind in somebody's mailbox, waiting for it if need be."""
        found: list[EmailMessage] = []

        def came() -> bool:
            found[:] = self.mails(user, kind)
            return bool(found)

        self.wait_until(came, f"a mail of kind {kind} for {user}")
        return found[0]

    def mails(self, user: str, kind: str) -> list[EmailMessage]:
        """Give what of a kind lies in somebody's mailbox now."""
        mails = [parse(raw) for raw in self.world.mails(user)]
        return [each for each in mails if each["X-Mailflow-Kind"] == kind]

    def delivered(self) -> Counter[tuple[str, str]]:
        """Count the mails that the MTA took for everybody but ourselves, by reader and kind."""
        found: Counter[tuple[str, str]] = Counter()
        for path in (self.world.home / "mail").glob("*/*"):
            user = f"{path.name}@{path.parent.name}"
            if user != CENTRAL:
                kinds = (str(parse(raw)["X-Mailflow-Kind"]) for raw in self.world.taken(user))
                found.update((user, kind) for kind in kinds)
        return found

    def lying_in(self, folder: str) -> int:
        """Count the mails in a folder of the central mailbox; an absent folder is empty."""
        with self.world.client(CENTRAL) as client:
            if not client.folder_exists(folder):
                return 0
            return int(client.folder_status(folder, ["MESSAGES"])[b"MESSAGES"])

    # what mailflow knows

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """Give the service's database, beside the service."""
        engine = make_engine(self.database)
        try:
            yield engine
        finally:
            engine.dispose()

    def tickets(self) -> list[Ticket]:
        """Give all tickets."""
        with self.engine() as engine:
            store = Store(engine, CENTRAL)
            return list(store.tickets(store.references(tuple(TicketState))).values())

    def counts(self) -> Counts:
        """Give the counts of the digest, over all time."""
        with self.engine() as engine:
            now = datetime.now(UTC)
            return Store(engine, CENTRAL).digest_facts(now, now).counts_total

    def fault(self) -> str:
        """Say what is wrong with the database or its event chain, "" when all is well."""
        with self.engine() as engine:
            return Store(engine, CENTRAL).integrity_fault()

    def outcomes(self) -> Counter[str]:
        """Count the mails taken in by what became of them."""
        query = select(mail.c.outcome, func.count()).group_by(mail.c.outcome)
        with self.engine() as engine, reading(engine) as connection:
            return Counter({str(row[0]): row[1] for row in connection.execute(query)})

    def await_rest(self) -> int:
        """Wait until nothing is left to do: all read, all sent, every own copy come back.

        Gives how many mails a crash had left without a known end; they had to wait for the half
        hour in which their receipt could still have come.
        """
        self.wait_until(lambda: not self.unfinished(), "rest", lambda: str(self.unfinished()))
        unsure = self._unsure()
        if unsure:
            self._let_half_an_hour_pass()
            self.wait_until(
                lambda: not self.unfinished() and not self._unsure(),
                "rest after half an hour",
                lambda: str(self.unfinished()),
            )
        return unsure

    def unfinished(self) -> list[str]:
        """Say what is still on its way, but for mails whose end only a receipt can tell."""
        lines = [f"{self.lying_in('INBOX')} in the inbox"] if self.lying_in("INBOX") else []
        undecided = select(mail.c.id).where(mail.c.outcome.is_(None))
        unsent = select(outbox).where(
            outbox.c.state != EntryState.SENDING,
            (outbox.c.state != EntryState.ACCEPTED) | outbox.c.receipt_at.is_(None),
        )
        with self.engine() as engine, reading(engine) as connection:
            lines += [f"mail {row.id} is undecided" for row in connection.execute(undecided)]
            lines += [
                f"{row.kind} to {row.recipient}: {row.state}, receipt {row.receipt_at}"
                for row in connection.execute(unsent)
            ]
        return lines

    def _unsure(self) -> int:
        query = select(func.count()).where(outbox.c.state == EntryState.SENDING)
        with self.engine() as engine, reading(engine) as connection:
            return int(connection.execute(query).scalar_one())

    def _let_half_an_hour_pass(self) -> None:
        assert self.stop() == 0
        due = {"next_attempt_at": datetime.now(UTC)}
        unsure = outbox.c.state == EntryState.SENDING
        with self.engine() as engine, writing(engine) as connection:
            connection.execute(update(outbox).where(unsure).values(due))
        self.start()

    def wait_until(
        self,
        holds: Callable[[], bool],
        what: str,
        detail: Callable[[], str] = lambda: "",
        seconds: float = SECONDS,
    ) -> None:
        """Wait for something to become true; raises TimeoutError with mailflow's log."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline or (self._process and self._process.poll() is not None):
                log = self.log.read_text()[-3000:] if self.log.exists() else ""
                raise TimeoutError(f"never came: {what}\n{detail()}\n{log}")
            time.sleep(0.1)


@contextmanager
def town_of(world: MailWorld, folder: Path, changes: Sections | None = None) -> Iterator[Town]:
    """Give a town; its service, if one runs in the end, is killed."""
    town = Town(world, folder, changes)
    try:
        yield town
    finally:
        town.kill()


def without_mailflow() -> dict[str, str]:
    """Give the environment without what would change a configuration."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MAILFLOW_")}
