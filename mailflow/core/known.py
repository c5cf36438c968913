"""What is known when a decision is made: the policy of the city, and the facts about one mail."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

from mailflow.core.address import domain_of, mailbox_of, registrable_domain, without_tag
from mailflow.core.calendar import Targets, Workdays
from mailflow.core.changes import Readmission
from mailflow.core.drafts import DraftKind
from mailflow.core.message import Address, Message
from mailflow.core.offices import Office, Offices, RoutingPolicy
from mailflow.core.retry import EntryState
from mailflow.core.seen import Seen
from mailflow.core.ticket import Account, Contact, Hold, Ticket
from mailflow.core.tracking import Keyring, Role

__all__ = [
    "ACTS_FOR_WORKDAYS",
    "STRANGERS",
    "Authentication",
    "Entry",
    "Held",
    "Known",
    "Leg",
    "Mail",
    "Policy",
    "Scan",
]

STRANGERS = "*"
"""The source of a flood of many strangers, as it is let out at the command line."""
_UNLIMITED = 10**9

ACTS_FOR_WORKDAYS = 10
"""How many workdays the key of a mail to the manager acts."""


class Authentication(StrEnum):
    """What trusted Authentication-Results say of a sender (RFC 8601); UNCHECKED: none asked."""

    PASS = "pass"  # noqa: S105 - the standard's word, no secret
    FAIL = "fail"
    NONE = "none"
    UNCHECKED = "unchecked"

    def suffices(self, *, unauthenticated: bool = False) -> bool:
        """Whether the sender may be believed; ``unauthenticated``: even where no result is."""
        if self is Authentication.NONE:
            return unauthenticated
        return self is not Authentication.FAIL


class Scan(StrEnum):
    """What a virus scanner says of a mail; OFF: none is asked, or there is nothing to scan."""

    OFF = "off"
    CLEAN = "clean"
    INFECTED = "infected"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Policy:
    """How this city wants it: from settings and offices, the same for every decision."""

    central_address: str
    prefix: str
    language: str
    zone: ZoneInfo
    managers: tuple[str, ...]  # whom mailflow writes to
    offices: Offices
    routing: RoutingPolicy
    workdays: Workdays
    targets: Targets
    keyring: Keyring
    as_they_come: bool = False
    manager_releases: bool = False
    free_mail: frozenset[str] = frozenset()
    unauthenticated_companies: bool = False
    storm_of_sender: int = 30
    storm_of_domain: int = 150
    storm_of_strangers: int = 300
    codes_wait: bool = False
    former_managers: frozenset[str] = frozenset()  # whose orders count, and who is not written to

    def knows(self, office_id: str) -> bool:
        """Whether this office is configured."""
        return self.offices.by_id(office_id) is not None

    def office(self, office_id: str) -> Office:
        """Give an office; one that has left the configuration keeps its id as its name."""
        return self.offices.by_id(office_id) or Office(office_id, office_id, "")

    def today(self, now: datetime) -> date:
        """Give the day in the city's zone."""
        return now.astimezone(self.zone).date()

    def due(self, office: Office, now: datetime) -> date:
        """Give the day by which an office asked now should have answered."""
        return self.due_after(office, self.today(now))

    def due_after(self, office: Office, day: date) -> date:
        """Give the day by which an office asked on a day should have answered."""
        return self.workdays.add(day, office.reply_workdays or self.targets.office_reply)

    def is_manager(self, address: str) -> bool:
        """Whether this address is a key account manager's, or was when his mail came."""
        return address.lower() in {*self.managers, *self.former_managers}

    def is_central(self, address: str) -> bool:
        """Whether this is the central address, with or without something behind a plus."""
        return without_tag(address).lower() == self.central_address.lower()

    def is_of_city(self, address: str) -> bool:
        """Whether somebody writes from a domain of the city, or of an office it works with."""
        return domain_of(address) in self.own_domains()

    def own_domains(self) -> frozenset[str]:
        """Give the domains of the city, and of the offices it works with."""
        return frozenset({self.domain(), *self.offices.domains()}) - self.free_mail - {""}

    def own_addresses(self) -> frozenset[str]:
        """Give the addresses of all that work for the city, at whatever domain."""
        own = {self.central_address.lower(), *self.managers, *self.former_managers}
        return self.offices.addresses() | own

    def on_behalf_of(self, message: Message) -> Address | None:
        """Give for whom the city's own contact form writes, None for any other mail.

        It writes from a domain of the city, perhaps in the central address's own name, and names
        somebody elsewhere for replies. No office and no manager does: they write for themselves.
        """
        sender = message.sender.address
        if not self._is_at_home(sender) or self.is_manager(sender):
            return None
        if self.offices.by_address(sender):
            return None
        clear = (each for each in message.reply_to if mailbox_of(each.address))
        return next((each for each in clear if not self._is_at_home(each.address)), None)

    def _is_at_home(self, address: str) -> bool:
        """Whether an address is the city's own, an external office's, or of a machine's below."""
        domain = self.domain() if self.domain() not in self.free_mail else ""
        below = bool(domain) and domain_of(address).endswith(f".{domain}")
        return below or self.is_of_city(address)

    def is_of_house(self, address: str) -> bool:
        """Whether somebody writes from a domain of the city itself: no company's, then."""
        return domain_of(address) in self.house_domains()

    def house_domains(self) -> frozenset[str]:
        """Give the domains of the city itself, without those of offices outside it."""
        own = {self.domain(), *self.offices.domains(external=False)}
        return frozenset(own) - self.free_mail - {""}

    def is_shared(self, address: str) -> bool:
        """Whether people of many companies write from this domain: a provider's, or the city's."""
        return domain_of(address) in self.free_mail or self.is_of_house(address)

    def is_storm(self, of_sender: int, of_domain: int) -> bool:
        """Whether so many mails in ten minutes are a flood."""
        return of_sender >= self.storm_of_sender or of_domain >= self.storm_of_domain

    def is_stranger(self, address: str) -> bool:
        """Whether an address that no ticket knows is none of the city's, of whatever role."""
        if self.is_manager(address) or self.is_of_city(address) or self.is_central(address):
            return False
        return self.offices.by_address(address) is None

    def counted_domain(self, address: str) -> str:
        """Give the domain whose mails are counted together; "" where each address counts alone.

        Names below a domain cost its owner nothing. Neither customers of one provider nor
        colleagues in an office are counted as one; the city's own domains are each one.
        """
        domain = domain_of(address)
        if domain in self.free_mail or self.offices.by_address(address):
            return ""
        return domain if self.is_of_city(address) else registrable_domain(domain)

    def readmitting(self, readmission: Readmission) -> Self:
        """Give the same policy for a mail that is decided anew: no flood keeps it any more."""
        if not readmission:
            return self
        return replace(
            self,
            storm_of_sender=_UNLIMITED,
            storm_of_domain=_UNLIMITED,
            storm_of_strangers=_UNLIMITED,
            codes_wait=readmission is Readmission.LET_OUT,
        )

    def digest_leg(self, manager: str, day: date) -> str:
        """Give the leg of a day's digest to one manager."""
        return self.keyring.leg(Role.MANAGER, manager, "digest", day.isoformat())

    def digest_names(self, manager: str, day: date, at: datetime, *last: str) -> tuple[str, ...]:
        """Give what names a day's digest: when it was made, and the ``last`` mail it knew.

        Both can be found again from its name. Older versions named no mail.
        """
        return manager, day.isoformat(), _second(at), *last

    def waiting_names(self, manager: str, at: datetime, *last: str) -> tuple[str, ...]:
        """Give what names an alert of what waits, likewise."""
        return "waiting", manager, _second(at), *last

    def begin(self, day: date) -> datetime:
        """Give the moment at which a day begins in the city's zone."""
        return datetime.combine(day, time(), tzinfo=self.zone).astimezone(UTC)

    def seconds_into(self, day: date, at: datetime) -> int:
        """Give how many seconds after the beginning of a day a moment was."""
        return max(0, int((at - self.begin(day)).total_seconds()))

    def domain(self) -> str:
        """Give the central address's domain, in lower case."""
        return domain_of(self.central_address)


def _second(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"


@dataclass(frozen=True, slots=True)
class Leg:
    """A token that was found, looked up: whose it is, and whether the MAC holds."""

    token: str
    role: Role
    reference: str
    office_id: str
    recipient: str
    valid: bool
    expired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An outbox entry as far as a decision needs it; ``unknown``: nobody knows if it arrived."""

    id: int
    kind: DraftKind
    reference: str
    office_id: str
    recipient: str
    message_id: str
    state: EntryState
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Flood:
    """A flood that waits for the manager under one item: whose mails it keeps.

    ``source`` is a mailbox or a domain, "" for mails that name no clear sender, ``STRANGERS`` for
    those of many. A ``doubted`` one,
    which no server vouches for, is kept apart from a proven one of the same name, so that dropping
    it drops no genuine mail.
    """

    hold_id: int
    source: str
    doubted: bool


@dataclass(frozen=True, slots=True)
class Mail:
    """One received mail: its row, what was read in it, and who its sender is to us.

    ``reference`` is the one a ticket opened by it would bear (deterministic, free).
    ``received_at`` is the mailbox's time (UTC), not the mail's own ``Date``. ``recent_of_sender``
    and ``recent_of_domain`` count the mails of the ten minutes before it that are personal, bulk or
    held and of which the trusted servers say the same. ``is_stranger``: no ticket knows the sender,
    he is none of the city's, and nobody vouches for him; ``among_many_strangers``: so many of these
    wrote in those minutes that it is a flood; ``recent_dangers`` counts those of their mails that
    sounded like danger. ``known_floods`` are the floods that wait for the manager. ``proven``: the
    sender has written back into a ticket before, so he reads what is sent to this address.
    ``on_behalf_of``: for whom a form of the city wrote it; of him tell contact, account,
    acknowledgements and ``proven``.
    """

    id: int
    message: Message
    received_at: datetime
    reference: str
    fingerprint: str = ""
    contact: Contact | None = None
    account: Account | None = None
    account_tickets: int = 0
    acknowledged_today: int = 0
    proven: bool = False
    recent_of_sender: int = 0
    recent_of_domain: int = 0
    is_stranger: bool = False
    among_many_strangers: bool = False
    recent_dangers: int = 0
    known_floods: tuple[Flood, ...] = ()
    on_behalf_of: Address | None = None
    authentication: Authentication = Authentication.UNCHECKED
    scan: Scan = Scan.OFF

    @property
    def sender(self) -> str:
        """The author's address in lower case, on one line; From decides, never Reply-To."""
        return " ".join(self.message.sender.address.lower().split())

    @property
    def author(self) -> str:
        """The names under which the sender writes: as the mail calls him, and his address's."""
        return f"{self.message.sender.name} {self.sender.partition('@')[0]}"

    @property
    def answered(self) -> Address:
        """Who would be answered: the author, or for whom a form of the city wrote."""
        who = self.on_behalf_of or self.message.sender
        return Address(who.name.strip(), " ".join(who.address.lower().split()))


@dataclass(frozen=True, slots=True)
class Held:
    """A mail that waits outside every ticket, with everything needed to decide it now."""

    hold: Hold
    mail: Mail
    asked_by: tuple[str, ...] = ()  # offices whose question this mail answers
    readable: bool = True  # else the mail is empty here, and can only be discarded


@dataclass(frozen=True, slots=True)
class Known:
    """The facts about one mail, gathered before it is decided."""

    mail: Mail
    legs: tuple[Leg, ...] = ()
    unknown_tokens: tuple[str, ...] = ()
    tickets: Mapping[str, Ticket] = field(default_factory=dict)
    held: Mapping[str, Held] = field(default_factory=dict)
    receipt_of: Entry | None = None
    of_another: bool = False  # another mailflow composed what bears our entry's name
    seen: Seen | None = None  # what the manager's mail could tell that this one answers
    of_former_manager: bool = False  # read again after a loss: its sender was one when it came
    restoring: bool = False  # nothing goes out: the database is made good from the mailbox
    readmitted: bool = False  # an order that a rebuild could not carry out, let out of quarantine
    to_company: tuple[Entry, ...] = ()  # of its ticket, for the receipt of a lost or failed row
    caused_by: tuple[Entry, ...] = ()
    asked_by: tuple[str, ...] = ()  # offices whose question this mail answers
    other_guesses: int = 0  # different false tokens of the last hour that this mail does not bear
    candidates: tuple[str, ...] = ()  # tickets an office's mail without token may belong to
    bound_senders: Mapping[str, str] = field(default_factory=dict)  # learned address -> office id
    duplicate: bool = False
    unread: bool = False  # every earlier copy was quarantined, or taken for a machine's
    let_out: bool = False  # such a mail, of which a copy was quarantined
    doubted: tuple[Hold, ...] = ()  # under which its earlier copies wait for a better copy
    written_again: bool = False  # a double, days later, of a mail that names no day and no id
    twin: bool = False  # a mail of this sender with this Message-ID came before, in other bytes
    answered_before: bool = False  # by a database that is lost: only copies of that are left
    companies: tuple[str, ...] = ()  # with tickets that are not closed, for an office's mail
    our_words: tuple[str, ...] = ()  # of our last mails into its ticket, where it may echo one
