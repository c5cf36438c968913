"""A city in memory that keeps a manifest of what it was sent, to be judged in the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from tests.faults.companies import is_outside
from tests.faults.verdict import Manifest, Taken, Witness, assert_holds, canary
from tests.flow.city import COMPANY, ONE_OFFICE, City, city, reply_to
from tests.flow.city import letter as plain_letter
from tests.flow.mailbox import MemoryInbox

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"


def letter(subject: str, text: str, *, sender: str = COMPANY, **more: str) -> bytes:
    """Write a mail as a person would; one from outside holds the word that only he may read."""
    address = parseaddr(sender)[1]
    if is_outside(address):
        mark = f"Unser Zeichen: {canary(address)}.\n\n"
        greeting, gap, words = text.partition("\n\n")
        text = f"{greeting}{gap}{mark}{words}" if gap else mark + text
    return plain_letter(subject, text, sender=sender, **more)


class Arrivals(list[tuple[str, str, bytes]]):
    """What reached people, and when each of the mails first did, by the city's clock."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.first: dict[bytes, datetime] = {}
        self._clock = clock

    def append(self, mail: tuple[str, str, bytes]) -> None:
        """Take note of a mail."""
        self.first.setdefault(mail[2], self._clock())
        super().append(mail)


class Trial:
    """A city, and everything ever written to it."""

    def __init__(self, town: City, manifest: Manifest | None = None) -> None:
        self.city = town
        self.manifest = manifest or Manifest()
        self.arrivals = Arrivals(lambda: town.now)
        town.wire.accepted = self.arrivals
        self.earlier: list[tuple[str, str, bytes]] = []
        """What reached people before the database was made or restored."""

    def inquiry(self, subject: str, text: str, company: str = COMPANY, **headers: str) -> bytes:
        """Write a company's mail, with the word that only it may read again."""
        raw = letter(subject, text, sender=company, **headers)
        return self.manifest.mark(raw, company=company)

    def post(self, raw: bytes) -> None:
        """Let a mail arrive; nobody looks yet."""
        self.city.mailbox.folders["INBOX"].add(raw, self.city.now)

    def deliver(self, raw: bytes, *, company: str = "") -> list[EmailMessage]:
        """Let a mail of anybody's arrive and everything follow; give what went out."""
        if b"X-Test-Id: " not in raw[:2000]:
            raw = self.manifest.mark(raw, company=company)
        return self.city.deliver(raw)

    def write(self, subject: str, text: str, company: str = COMPANY) -> list[EmailMessage]:
        """Let a company write; give what went out."""
        return self.deliver(self.inquiry(subject, text, company))

    def answer(self, mail: EmailMessage, text: str, **more: Any) -> list[EmailMessage]:
        """Let the reader of a mail answer it; give what went out."""
        return self.deliver(reply_to(mail, text, **more))

    def take_back(self) -> None:
        """Take the city back from a service that was stopped: nothing stops it any more."""
        self.city.deciding.stopping = lambda: False
        self.city.deciding.after_each = lambda: None

    def judge_after(self) -> None:
        """Let a company write, now that all trouble is over, and be served; pass the verdict G."""
        self.take_back()
        out = self.write("Danach", ONE_OFFICE, "post@danach.example")
        assert {"acknowledgement", "forward"} <= {str(each["X-Mailflow-Kind"]) for each in out}
        self.judge()

    def judge(
        self,
        *,
        alert: str = "",
        since: datetime | None = None,
        resent: int = 0,
        way_out_shut: bool = False,
    ) -> None:
        """Pass the verdict G on everything that happened; the inbox must be empty.

        A service that was stopped may have left what its next start sends: that goes out first,
        unless the way out is shut until the test ends. It says nothing of a city that nobody wrote
        to: a test of that has nothing to be judged.
        """
        assert self.manifest.delivered, "nothing was written: nothing could be lost or doubled"
        if not way_out_shut:
            self.city.dispatch.send_due()
        taken = [*self.earlier, *self.city.wire.accepted]
        witness = Witness(Taken(who, raw, self.arrivals.first.get(raw)) for _, who, raw in taken)
        assert not self.city.mailbox.folders["INBOX"].mails
        assert_holds(
            self.city.store,
            self.manifest,
            witness,
            alert=alert,
            since=since,
            resent=resent,
            way_out_shut=way_out_shut,
        )


@contextmanager
def trial(
    folder: Path,
    *,
    mailbox: MemoryInbox | None = None,
    manifest: Manifest | None = None,
    manager_releases: bool = False,
    database: str = "",
) -> Iterator[Trial]:
    """Give a city under trial; its database is a file in the folder, or where told."""
    with city(
        folder, mailbox=mailbox, manager_releases=manager_releases, database=database
    ) as town:
        yield Trial(town, manifest)
