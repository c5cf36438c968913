"""A city in memory: a mailbox, a submission server and a clock that the test sets."""

import email
import email.policy
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from mailflow.chasing import Chasing
from mailflow.compose import Composer
from mailflow.core.calendar import Targets, Workdays
from mailflow.core.desk_order import DO
from mailflow.core.drafts import NoticeLine
from mailflow.core.known import Known, Policy
from mailflow.core.message import Message
from mailflow.core.offices import Office, Offices, RoutingPolicy, Terms
from mailflow.core.retry import Accepted, Outcome, Unsure
from mailflow.core.ticket import Ticket, TicketState
from mailflow.core.tracking import Keyring
from mailflow.deciding import Deciding
from mailflow.desk import decide_again, do_lines, order_mail
from mailflow.dispatch import Dispatch
from mailflow.free_mail import FREE_MAIL
from mailflow.intake import Intake
from mailflow.reading import read
from mailflow.report import Reporting
from mailflow.shipped import template_directories
from mailflow.store import Store
from tests.flow.mailbox import MemoryInbox
from tests.fresh_database import opened

CENTRAL = "unternehmen@stadt.example.org"
MANAGER = "kam-leitung@stadt.example.org"
COMPANY = "s.muster@montage.example"

OFFICES = Offices(
    (
        Office(
            id="bauaufsicht",
            name="Amt für Bauordnung",
            address="bauaufsicht@stadt.example.org",
            deputy="bauaufsicht-vertretung@stadt.example.org",
            head="bauaufsicht-leitung@stadt.example.org",
            topics=("Baugenehmigung", "Nutzungsänderung"),
            terms={"de": Terms(("nutzungsaender", "baugenehmig", "bauantrag"), ("umbau",))},
        ),
        Office(
            id="umwelt",
            name="Umweltamt",
            address="umweltamt@stadt.example.org",
            members=("p.gruen@stadt.example.org",),
            deputy="umweltamt-vertretung@stadt.example.org",
            head="umweltamt-leitung@stadt.example.org",
            topics=("Lärm", "Boden"),
            terms={"de": Terms(("laerm", "altlast"), ("umwelt",))},
        ),
        Office(
            id="tiefbau",
            name="Tiefbauamt",
            address="tiefbau@stadt.example.org",
            terms={"de": Terms(("gehweg", "baustelle"), ())},
        ),
        Office(
            id="hafen",
            name="Hafengesellschaft",
            address="ansiedlung@hafen.example.org",
            external=True,
            terms={"de": Terms(("kaianlage", "umschlag"), ())},
        ),
    )
)


ONE_KEY = Keyring({"a": b"k" * 32}, "a")


class Reader:
    """Reads in this process: what a worker process does is proven elsewhere."""

    def read(self, raw: bytes) -> Message:
        """Give the message."""
        return read(raw)


@dataclass
class Wire:
    """A submission server that keeps what it accepted; ``outcomes`` are given first."""

    accepted: list[tuple[str, str, bytes]] = field(default_factory=list)
    receipts: list[bytes] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    unsure: list[bytes] = field(default_factory=list)

    def send(
        self,
        envelope_from: str,
        recipient: str,
        raw: bytes,
        *,
        receipt: bool,
        before_dot: Callable[[], None] = lambda: None,
    ) -> Outcome:
        """Accept, unless an outcome is waiting to be given."""
        outcome = self.outcomes.pop(0) if self.outcomes else Accepted("250 ok")
        if isinstance(outcome, Accepted | Unsure):
            before_dot()
        if isinstance(outcome, Unsure):
            self.unsure.append(raw)
        if isinstance(outcome, Accepted):
            self.accepted.append((envelope_from, recipient, raw))
            if receipt:
                self.receipts.append(raw)
        return outcome


class City:
    """Everything between the mailbox and the wire, with a clock in the test's hand."""

    def __init__(
        self, store: Store, policy: Policy, now: datetime, mailbox: MemoryInbox | None = None
    ) -> None:
        self.now = now
        self.store = store
        self.policy = policy
        self.wire = Wire()
        self.mailbox = mailbox or MemoryInbox()
        composer = Composer(
            central_address=CENTRAL,
            central_name="Key-Account-Management Wirtschaft",
            plus_addressing=True,
            keyring=policy.keyring,
            timezone=policy.zone,
            template_directories=template_directories(None),
        )
        self.deciding = Deciding(store, Reader(), composer, policy, clock=lambda: self.now)
        self.reporting = Reporting(store, composer, policy, time(7, 30), lambda: self.now)
        self.intake = Intake(
            store,
            self.deciding,
            policy.keyring,
            domain=policy.domain(),
            folder="INBOX",
            alert=self.reporting.alert,
            clock=lambda: self.now,
        )
        self.chasing = Chasing(store, composer, policy, self.deciding.enclosed, lambda: self.now)
        self.deciding.meanwhile = self.chasing.catch_up
        self.dispatch = Dispatch(
            store,
            self.wire,
            receipts="company",
            alert=self.reporting.alert,
            failed=self.chasing.unreachable,
            clock=lambda: self.now,
        )
        self.deciding.bounced = self.dispatch.bounced

    def deliver(self, raw: bytes) -> list[EmailMessage]:
        """Let a mail arrive, and everything follow; give the mails that went out."""
        self.mailbox.folders["INBOX"].add(raw, self.now)
        return self.work()

    def work(self) -> list[EmailMessage]:
        """Read the mailbox and send what is due; give the mails that went out."""
        before = len(self.wire.accepted)
        self.intake.take_in(self.mailbox)
        self.dispatch.send_due()
        return [parse(raw) for _, _, raw in self.wire.accepted[before:]]

    def take_receipts(self) -> None:
        """Let the copies of our own mails arrive."""
        while self.wire.receipts:
            self.mailbox.folders["INBOX"].add(self.wire.receipts.pop(0), self.now)
        self.work()

    def wait(self, **time_: int) -> None:
        """Let time pass."""
        self.now += timedelta(**time_)

    def ticket(self) -> Ticket:
        """Give the only ticket."""
        (reference,) = self.store.references(tuple(TicketState))
        return self.store.tickets([reference])[reference]


@contextmanager
def city(
    folder: Path,
    *,
    manager_releases: bool = False,
    as_they_come: bool = False,
    mailbox: MemoryInbox | None = None,
    offices: Offices = OFFICES,
    keyring: Keyring = ONE_KEY,
    database: str = "",
    manager: str = MANAGER,
) -> Iterator[City]:
    """Give a city on a Tuesday morning; its database is a file in the folder, or where told."""
    engine = opened(database or f"sqlite:///{folder}/mailflow.db")
    policy = Policy(
        central_address=CENTRAL,
        prefix="KAM",
        language="de",
        zone=ZoneInfo("Europe/Berlin"),
        managers=(manager,),
        offices=offices,
        routing=RoutingPolicy(),
        workdays=Workdays(frozenset({date(2026, 12, 25)})),
        targets=Targets(),
        keyring=keyring,
        as_they_come=as_they_come,
        manager_releases=manager_releases,
        free_mail=FREE_MAIL,
    )
    start = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    try:
        yield City(Store(engine, CENTRAL), policy, start, mailbox)
    finally:
        engine.dispose()


def parse(raw: bytes) -> EmailMessage:
    """Read a mail as a mail program does."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


_NUMBERS = itertools.count(1)


def letter(
    subject: str,
    text: str,
    *,
    sender: str = f"Sabine Muster <{COMPANY}>",
    to: str = CENTRAL,
    **headers: str,
) -> bytes:
    """Write a mail as a person would."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = "Tue, 24 Nov 2026 08:00:00 +0000"
    message["Message-ID"] = f"<letter.{next(_NUMBERS)}@sender.example>"
    message.set_content(text)
    # written by hand: the standard library would encode a long Message-ID, mail programs do not
    own = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return own.encode() + message.as_bytes(policy=email.policy.SMTP)


def reply_to(
    mail: EmailMessage, text: str, *, sender: str = "", subject: str = "", quote: bool = True
) -> bytes:
    """Answer a mail as a mail program does: Reply-To, threading, subject and quote below."""
    body = text
    if quote:
        quoted = "\n".join(f"> {line}" for line in body_of(mail).splitlines())
        body = f"{text}\n\nAm 24.11.2026 um 09:00 schrieb {mail['From']}:\n{quoted}\n"
    return letter(
        subject or f"AW: {mail['Subject']}",
        body,
        sender=sender or str(mail["To"]),
        to=str(mail["Reply-To"] or mail["From"]),
        In_Reply_To=str(mail["Message-ID"]),
        References=str(mail["Message-ID"]),
    )


def body_of(mail: EmailMessage) -> str:
    """Give a mail's plain text."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def of_kind(mails: list[EmailMessage], kind: str) -> list[EmailMessage]:
    """Pick the mails of one kind."""
    return [mail for mail in mails if mail["X-Mailflow-Kind"] == kind]


TWO_OFFICES = (
    "Guten Tag,\n\nwir möchten unsere Halle 4 umnutzen. Brauchen wir eine Nutzungsänderung, "
    "und welche Lärmgrenzwerte gelten nachts?\n\nMit freundlichen Grüßen\nSabine Muster\n"
    "Mustermann Montagetechnik GmbH\n"
)
ONE_OFFICE = (
    "Guten Tag,\n\nwie ist der Stand unseres Antrags auf Nutzungsänderung?\n\n"
    "Mit freundlichen Grüßen\nSabine Muster\nMustermann Montagetechnik GmbH\n"
)
NO_OFFICE = "Hallo,\n\nkönnen Sie mir in einer Sache weiterhelfen?\n\nViele Grüße\nSabine Muster\n"


def to_of(mail: EmailMessage) -> str:
    """Give a mail's one recipient."""
    (address,) = mail["To"].addresses
    return str(address.addr_spec)


def forward_to(mails: list[EmailMessage], address: str) -> EmailMessage:
    """Pick the forward that went to an office."""
    (mail,) = [each for each in of_kind(mails, "forward") if to_of(each) == address]
    return mail


def digest_of(town: City) -> EmailMessage:
    """Let the manager get today's digest."""
    assert town.reporting.send()
    (digest,) = of_kind(town.work(), "digest")
    return digest


def parts_of(town: City) -> Any:
    """Give what the command line, and a start's comparison, need of a city."""
    return SimpleNamespace(
        store=town.store,
        clock=lambda: town.now,
        policy=town.policy,
        composer=town.deciding._composer,
        deciding=town.deciding,
        intake=town.intake,
        reporting=town.reporting,
    )


def at_the_desk(town: City, line: str) -> tuple[NoticeLine, ...]:
    """Order something with ``mailflow do``, as another process would; no two at one moment."""
    town.now += timedelta(microseconds=1)
    return do_lines(parts_of(town), line)


def again(town: City, sender: str = "") -> int:
    """Let quarantined mails be decided anew, or a sender's, with ``mailflow again``."""
    return decide_again(parts_of(town), sender)


def in_no_mailbox(town: City, line: str) -> tuple[NoticeLine, ...]:
    """Order something at the desk, and let the mailbox never take the order's mail."""
    results = at_the_desk(town, line)
    for mail_id, _ in town.store.pushed():
        town.store.mark_filed(mail_id)
    return results


def known_for(town: City, line: str) -> Known:
    """Give what an order at the command line may need, which is not carried out."""
    _, order = order_mail(parts_of(town), DO, line, town.now)
    return town.store.gather(order, town.policy, town.now, town.deciding.reread)


def fails(*_: object, **__: object) -> None:
    """Stand in for something that is broken."""
    raise RuntimeError("a template is broken")
