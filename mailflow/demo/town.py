"""A town that lasts as long as the demo: mail servers, the example city, and the real service."""

import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from time import monotonic, sleep
from zoneinfo import ZoneInfo

from mailflow.core.retry import Accepted
from mailflow.demo.programs import Person, mail_of
from mailflow.demo.world import World
from mailflow.errors import MailflowError
from mailflow.parts import Parts, assemble
from mailflow.reading import Limits, Reader
from mailflow.service import Service
from mailflow.settings import Settings, load
from mailflow.settings.sections import Smtp
from mailflow.shipped import example_config
from mailflow.submission import Submission

__all__ = ["DemoError", "Town", "town"]

_PASSWORD = "demo"  # noqa: S105 - opens mailboxes that live for seconds inside this process
_PATIENCE = 15.0
"""Seconds to wait for any one thing: a hundred times what it takes on a quiet machine."""


class DemoError(MailflowError):
    """The demo did not go as it should: {problem}."""


class Town:
    """The people's side of the mail world, and the parts of the running mailflow."""

    def __init__(self, world: World, parts: Parts, letter_box: Submission) -> None:
        self.parts = parts
        self.central = parts.settings.central.address
        self.manager = parts.settings.manager.addresses[0]
        self._world = world
        self._letter_box = letter_box
        self._opened: set[str] = set()

    def now(self) -> datetime:
        """Give the time on the town hall's clock."""
        return datetime.now(self.parts.settings.central.zone)

    def office(self, office_id: str) -> str:
        """Give the address of an office."""
        office = self.parts.settings.offices.by_id(office_id)
        if office is None:
            raise DemoError(problem=f"the example city has no office {office_id}")
        return office.address

    def post(self, sender: Person, raw: bytes) -> None:
        """Send a person's mail over SMTP; raises DemoError when it is not accepted."""
        recipient = parseaddr(str(mail_of(raw)["To"]))[1]
        outcome = self._letter_box.send(sender.address, recipient, raw, receipt=False)
        if not isinstance(outcome, Accepted):
            raise DemoError(problem=f"the mail server refused a mail: {outcome.response}")

    def receive(self, address: str, kind: str) -> bytes:
        """Give the next mail of a kind that somebody gets; raises DemoError if none comes."""

        def fits(raw: bytes) -> bool:
            mail = mail_of(raw)
            return mail["X-Mailflow-Kind"] == kind and mail["Message-ID"] not in self._opened

        try:
            raw = self._world.wait_for(address, fits, timeout=_PATIENCE)
        except TimeoutError as error:
            raise DemoError(problem=f"waiting for a mail of the kind {kind}: {error}") from error
        self._opened.add(str(mail_of(raw)["Message-ID"]))
        return raw

    def send_digest(self) -> None:
        """Let the digest go out now, as ``mailflow digest --send`` does."""
        if not self.parts.reporting.send():
            raise DemoError(problem="today's digest had gone out before it was asked for")
        self.parts.deciding.after_each()  # the outbox need not wait for its next round

    def arrived(self, address: str) -> list[EmailMessage]:
        """Give every mail somebody ever got."""
        return [mail_of(raw) for raw in self._world.arrived(address)]

    def lying_in(self, folder: str) -> int:
        """Count the mails in a folder of the central mailbox."""
        return len(self._world.mails(self.central, folder))

    def settle(self) -> None:
        """Wait until nothing moves any more: all sent, all own copies read, the inbox empty."""
        patience = monotonic() + _PATIENCE
        while not self._settled():
            if monotonic() > patience:
                raise DemoError(problem="mails still wait in the inbox or the outbox at the end")
            sleep(0.02)

    def _settled(self) -> bool:
        inbox = self.parts.settings.imap.inbox
        idle = not self.parts.store.outbox_waiting() and not self.parts.store.undecided()
        return idle and not self.lying_in(inbox) and not self.parts.store.outbox_waiting()


@contextmanager
def town(folder: Path, people: Iterable[str], offices: Iterable[str]) -> Iterator[Town]:
    """Build the town in a folder, with mailboxes for these addresses, and let mailflow run.

    Raises DemoError when mailflow does not get ready, or did not stop well.
    """
    config = folder / "config"
    shutil.copytree(example_config(), config)
    plain = load(config, {}, secrets=False)
    known = [office.address for office in plain.offices if office.id in set(offices)]
    users = [plain.central.address, *plain.manager.addresses, *people, *known]
    with World(dict.fromkeys(users, _PASSWORD)) as world:
        settings = load(config, _environment(world, plain.central.zone))
        line = Smtp(host=world.host, port=world.smtp_port, security="none")
        with _parts(settings) as parts, Submission(line, "") as letter_box, _running(parts):
            yield Town(world, parts, letter_box)


def _environment(world: World, zone: ZoneInfo) -> dict[str, str]:
    """Say through the environment, as an operator may, what differs from the example city."""
    return {
        "MAILFLOW_IMAP__HOST": world.host,
        "MAILFLOW_IMAP__PORT": str(world.imap_port),
        "MAILFLOW_IMAP__SECURITY": "none",
        "MAILFLOW_IMAP__PASSWORD": _PASSWORD,
        "MAILFLOW_SMTP__HOST": world.host,
        "MAILFLOW_SMTP__PORT": str(world.smtp_port),
        "MAILFLOW_SMTP__SECURITY": "none",
        # on a closed day no digest leaves by itself: the story says when
        "MAILFLOW_CENTRAL__CLOSED_DAYS": ", ".join(_today(zone)),
    }


def _today(zone: ZoneInfo) -> Iterable[str]:
    """Give the day of the demo, and the next where it may end after midnight."""
    now = datetime.now(zone)
    return sorted({f"{now + timedelta(minutes=minutes):%Y-%m-%d}" for minutes in (0, 10)})


@contextmanager
def _parts(settings: Settings) -> Iterator[Parts]:
    limits = Limits(size=settings.reading.max_bytes)
    with (
        Reader(limits, seconds=settings.reading.seconds) as reader,
        assemble(settings, reader) as parts,
    ):
        yield parts


@contextmanager
def _running(parts: Parts) -> Iterator[None]:
    ready, failures = threading.Event(), list[Exception]()
    service = Service(parts, ready.set)

    def run() -> None:
        try:
            service.run()
        except Exception as error:  # noqa: BLE001 - told by the thread that waits
            failures.append(error)
        ready.set()

    thread = threading.Thread(target=run, name="mailflow")
    thread.start()
    try:
        if not ready.wait(_PATIENCE):
            raise DemoError(problem=f"mailflow was not ready in {_PATIENCE:g} seconds")
        if not failures:
            yield
    finally:
        service.stop()
        thread.join()
    if failures:
        raise DemoError(problem=f"mailflow ended early: {failures[0]}") from failures[0]
