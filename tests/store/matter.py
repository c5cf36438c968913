"""Small true decisions to put into the database: a ticket, its offices, a mail on its way out."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier
from typing import TypeVar

from mailflow.compose import Sealed
from mailflow.core.changes import AddConsultation, Decision, MailOutcome, OpenTicket
from mailflow.core.drafts import Alert, Draft, DraftKind
from mailflow.core.known import Authentication
from mailflow.core.message import Message
from mailflow.core.ticket import Account, AccountStatus, Contact
from mailflow.core.tracking import Keyring
from mailflow.fingerprint import fingerprint
from mailflow.store import Incoming, Sighting, Store, Stored

KEYRING = Keyring({"a": b"k" * 32}, "a")
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
REFERENCE = "KAM-7K3Q-9F2M"
RAW = b"From: s.muster@montage.example\r\nSubject: Halle 4\r\n\r\nGuten Tag\r\n"
Given = TypeVar("Given")


def decided(*changes: object, sealed: tuple[Sealed, ...] = ()) -> Decision:
    """Give a decision with these changes."""
    return Decision(
        MailOutcome.TICKET,
        "zum Test",
        changes=changes,  # type: ignore[arg-type]
        drafts=tuple(each.draft for each in sealed),
    )


def opening(reference: str = REFERENCE, subject: str = "Halle 4", company: str = "x") -> OpenTicket:
    """Give the change that opens a ticket."""
    status = AccountStatus.EXISTING
    return OpenTicket(
        reference=reference,
        account=Account(0, company, f"{reference.lower()}.example", status),
        contact=Contact(0, 0, f"post@{reference.lower()}.example", company, NOW),
        leg=reference.lower().replace("-", "")[:11],
        subject=subject,
        language="de",
        flags=(),
        topics=(),
        opened_at=NOW,
    )


def asking(office_id: str, reference: str = REFERENCE) -> AddConsultation:
    """Give the change that asks an office."""
    day = date(2026, 11, 24)
    leg = f"{office_id}{reference.lower()}".replace("-", "")[:11]
    return AddConsultation(reference, office_id, leg, "amt@stadt.example.org", 1, day, day)


def sealed(number: int, reference: str = "") -> Sealed:
    """Give a mail on its way to the manager."""
    draft = Draft(
        kind=DraftKind.ALERT,
        recipient="kam-leitung@stadt.example.org",
        recipient_name="",
        language="de",
        context=Alert("Achtung", (), ""),
        names=("alert", str(number)),
        reference=reference,
    )
    return Sealed(
        draft=draft,
        message_id=KEYRING.message_id("stadt.example.org", draft.kind, draft.names),
        envelope_from="",
        recipient=draft.recipient,
        subject="Achtung",
        raw=b"Subject: Achtung\r\n\r\nx\r\n",
        text="x",
    )


def stored(store: Store, raw: bytes, seen: Sighting | None) -> Stored:
    """Store a mail as the intake does."""
    return store.store_raw(raw, fingerprint(raw), NOW, NOW, seen)


def incoming(row: Stored, message: Message, raw: bytes = RAW) -> Incoming:
    """Give a stored mail as it is decided."""
    return Incoming(
        id=row.id,
        fingerprint=fingerprint(raw),
        copy=0,
        received_at=NOW,
        message=message,
        authentication=Authentication.UNCHECKED,
    )


def at_once(count: int, work: Callable[[int], Given]) -> list[Given]:
    """Let threads do the same thing at the same moment; gives what each got, in order."""
    barrier = Barrier(count)

    def one(number: int) -> Given:
        barrier.wait(30)
        return work(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(one, range(count)))
