"""G, the global pass criterion: what must hold after every fault, whatever it was.

``verdict`` looks at what was written to the city, at the database, and at every mail that reached
anybody. It trusts nothing that mailflow says of itself where it can look for itself.
"""

import email
import email.policy
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

from sqlalchemy import select

from mailflow.core.changes import MailOutcome
from mailflow.core.digest import Counts
from mailflow.core.tracking import find
from mailflow.schema import mail, raw_mail
from mailflow.store import Store
from mailflow.store.engine import reading
from tests.faults.addresses import addresses_in, central_of, is_of_house, named_in, told
from tests.faults.answers import beyond_what_was_said, sent_again
from tests.faults.attended import taken_by_a_server, unattended
from tests.faults.companies import Companies

__all__ = [
    "Manifest",
    "Taken",
    "Verdict",
    "Witness",
    "assert_holds",
    "canary",
    "verdict",
    "witness_of",
]

TEST_ID = "X-Test-Id"
_EFFECTIVE = {MailOutcome.TICKET, MailOutcome.JOINED, MailOutcome.HELD}
_TEST_ID = re.compile(rb"^X-Test-Id: (\S+)\r?$", re.MULTILINE)
_CANARY = re.compile(r"Kanarie[0-9a-f]{12}")
_HEADERS = 65_536
_AT_ONCE = timedelta(minutes=5)
_LATER = datetime.now(UTC) + timedelta(days=3660)
_ONCE = {"acknowledgement", "combined-answer", "question", "interim", "forward"}
"""What nobody gets in the same words twice in one ticket, under whatever names."""
_TO_MANAGERS = {"digest", "review", "notice", "alert"}


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that a server accepted for somebody, with the address it was accepted for.

    ``at``: by the city's clock, where the test knows it.
    """

    recipient: str
    raw: bytes
    at: datetime | None = None


@dataclass
class Manifest:
    """What was written to the city: how often each test mail was delivered into the mailbox."""

    delivered: Counter[str] = field(default_factory=Counter)
    companies: Companies = field(default_factory=Companies)
    named: dict[str, set[str]] = field(default_factory=dict)
    """Which addresses each company wrote itself: an answer quotes its words."""

    def mark(self, raw: bytes, *, company: str = "", copies: int = 1) -> bytes:
        """Number a mail before it is sent; ``company`` is for whom its sender writes.

        It need not be said: whoever writes from outside is a company.
        """
        name = f"t{len(self.delivered) + 1}"
        self.delivered[name] = copies
        for each in self.companies.wrote(raw, company):
            self.named.setdefault(each, set()).update(addresses_in(raw.decode("latin-1")))
        return f"{TEST_ID}: {name}\r\n".encode() + raw


@dataclass(frozen=True, slots=True)
class Verdict:
    """What does not hold, one line each; nothing anywhere when all is well."""

    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    leaked: tuple[str, ...] = ()
    unsound: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[str]:
        """Give every line."""
        yield from (*self.lost, *self.doubled, *self.leaked)
        yield from (*self.unsound, *self.silent, *self.left)

    def __bool__(self) -> bool:
        return not any(self)


def canary(company: str) -> str:
    """Give the word that only this company's mails hold, and only it may ever read."""
    return f"Kanarie{hashlib.sha256(company.lower().encode()).hexdigest()[:12]}"


class Witness:
    """Remembers of every mail that reached anybody what the verdict needs, and no more."""

    def __init__(self, taken: Iterable[Taken] = ()) -> None:
        self.ids: Counter[tuple[str, str]] = Counter()
        self.texts: dict[tuple[str, str, str], set[str]] = {}
        self.answers: dict[tuple[str, str], set[str]] = {}
        self.managers: set[str] = set()
        self.alerts: list[tuple[str, datetime | None]] = []
        self.reply_tokens: dict[str, set[str]] = {}
        self.tokens: dict[str, set[str]] = {}
        self.canaries: dict[str, set[str]] = {}
        self.house: set[str] = set()
        self.addresses: dict[str, set[str]] = {}
        for each in taken:
            self.see(each)

    def see(self, mail: Taken) -> None:
        """Take note of a mail that reached its reader."""
        message, reader = parse(mail.raw), mail.recipient.lower()
        words = words_of(message)
        everything = "\n".join((mail.raw.decode("latin-1"), *words))
        kind, own_id = str(message["X-Mailflow-Kind"]), str(message["Message-ID"])
        self.ids[reader, own_id] += 1
        if kind in _ONCE:
            text = hashlib.sha256(" ".join(words).encode()).hexdigest()
            what = f"{kind} {message['X-Mailflow-Ticket']}"
            self.texts.setdefault((reader, what, text), set()).add(own_id)
        if kind == "combined-answer":
            key = (reader, str(message["X-Mailflow-Ticket"]))
            self.answers.setdefault(key, set()).add(own_id)
        if kind in _TO_MANAGERS:
            self.managers.add(reader)
        if kind == "alert":
            self.alerts.append((" ".join(words), mail.at))
        self.reply_tokens.setdefault(reader, set()).update(find(str(message["Reply-To"] or "")))
        self.tokens.setdefault(reader, set()).update(find(everything))
        self.canaries.setdefault(reader, set()).update(_CANARY.findall(everything))
        self.addresses.setdefault(reader, set()).update(named_in(message))
        if is_of_house(kind):
            self.house.add(reader)


def assert_holds(
    store: Store,
    manifest: Manifest,
    witness: Witness,
    *,
    alert: str = "",
    since: datetime | None = None,
    resent: int = 0,
    way_out_shut: bool = False,
) -> None:
    """Fail the test, saying what, unless G holds."""
    found = verdict(
        store,
        manifest,
        witness,
        alert=alert,
        since=since,
        resent=resent,
        way_out_shut=way_out_shut,
    )
    assert found, found


def verdict(
    store: Store,
    manifest: Manifest,
    witness: Witness,
    *,
    alert: str = "",
    since: datetime | None = None,
    resent: int = 0,
    way_out_shut: bool = False,
) -> Verdict:
    """Judge a run. ``alert`` are words the manager must have been told.

    ``since`` is the moment of the fault, where the test names it: then they must have reached him
    within five minutes of it.

    ``resent`` says how many mails may have gone out twice, each with the same Message-ID and told
    to the manager: those accepted by a server that gave neither a reply nor a receipt.

    ``way_out_shut``: the fault that keeps mails in the outbox lasts until the test ends.
    """
    lost, twice = _accounted(store, manifest)
    facts = store.digest_facts(_LATER, _LATER)
    return Verdict(
        lost=tuple(lost),
        doubled=(
            *twice,
            *_doubled(witness, resent, sent_again(store)),
            *beyond_what_was_said(store, witness.answers, witness.managers),
        ),
        leaked=(
            *_leaked(manifest, witness),
            *_named_to_companies(manifest, witness, central_of(store)),
        ),
        unsound=tuple(_unsound(store, facts.counts_total)),
        silent=tuple(_silent(witness, alert, since, resent)),
        left=(
            *unattended(store, facts, way_out_shut=way_out_shut),
            *_never_arrived(store, witness),
        ),
    )


def _accounted(store: Store, manifest: Manifest) -> tuple[list[str], list[str]]:
    """Every mail delivered is in exactly one row with exactly one state; copies are known as such.

    A mail that was delivered n times fills at most n rows, all but one of them known as copies, and
    takes effect in one at most: a machine's or one set aside may come once more as a person's.
    """
    rows: dict[str, list[tuple[str | None, bool]]] = {}
    query = select(mail.c.outcome, mail.c.copy, raw_mail.c.raw).join(raw_mail)
    with reading(store.engine) as connection:
        query = query.where(mail.c.mailbox_id == store.mailbox_id)
        for row in connection.execution_options(yield_per=100).execute(query):
            match = _TEST_ID.search(row.raw[:_HEADERS])
            if match:
                rows.setdefault(match[1].decode(), []).append((row.outcome, row.copy > 0))
    lost = [f"{name} has no row" for name in manifest.delivered if name not in rows]
    lost += [f"{name} has no state" for name, found in rows.items() if None in dict(found)]
    twice = []
    for name, found in rows.items():
        firsts = sum(not is_copy for _, is_copy in found)
        acted = sum(outcome in _EFFECTIVE for outcome, _ in found)
        if len(found) > manifest.delivered[name] or firsts > 1 or acted > 1:
            twice.append(f"{name}: {len(found)} rows, delivered {manifest.delivered[name]} times")
    return lost, twice


def _doubled(witness: Witness, resent: int, again: Counter[str]) -> Iterator[str]:
    """At most one copy of each of our mails for each reader, and no words in two mails.

    ``again`` counts, by ticket, what the manager has ordered to be sent again.
    """
    more = {key: count - 1 for key, count in witness.ids.items() if count > 1}
    if sum(more.values()) > resent:
        yield from (f"{own_id} reached {who} {1 + n} times" for (who, own_id), n in more.items())
    for (who, what, _), names in witness.texts.items():
        if len(names) > 1 + again[what.rpartition(" ")[2]]:
            yield f"{what} reached {who} under {len(names)} Message-IDs"


def _leaked(manifest: Manifest, witness: Witness) -> Iterator[str]:
    """No company reads another's word, and none an office's or the manager's token."""
    companies = manifest.companies.with_readers(set(witness.tokens))
    house = [tokens for who, tokens in witness.reply_tokens.items() if who not in companies]
    internal = set().union(*house)
    for reader in companies & witness.tokens.keys():
        others = witness.canaries[reader] - {canary(reader)}
        if others and others - _own_words(reader, manifest, witness):
            yield f"{reader} read what another company wrote"
        if witness.tokens[reader] & internal:
            yield f"{reader} read a token of the house"


def _own_words(reader: str, manifest: Manifest, witness: Witness) -> set[str]:
    """Give the words of the company that a reader writes for."""
    return {canary(each) for each in manifest.companies.of(reader, witness.reply_tokens)}


def _named_to_companies(manifest: Manifest, witness: Witness, central: str) -> Iterator[str]:
    """No company reads an address of the house but the central one, save those it wrote itself."""
    companies = manifest.companies.with_readers(set(witness.addresses))
    house = witness.house - companies
    for reader in companies & witness.addresses.keys():
        found = witness.addresses[reader] - manifest.named.get(reader, set()) - {reader}
        for each in told(found, house, central):
            yield f"{reader} read the address {each}"


def _never_arrived(store: Store, witness: Witness) -> Iterator[str]:
    """What a server is said to have taken over has reached its reader."""
    for who, own_id in taken_by_a_server(store):
        if not witness.ids[who, own_id]:
            yield f"{own_id} was taken for {who}, and never arrived"


def _unsound(store: Store, counts: Counts) -> Iterator[str]:
    """The database is whole, its events follow from each other, and the digest's counts balance."""
    fault = store.integrity_fault()
    if fault:
        yield fault
    if not counts.balanced or counts.unread:
        yield f"the digest does not balance: {counts}"


def _silent(witness: Witness, alert: str, since: datetime | None, resent: int) -> Iterator[str]:
    told = [at for words, at in witness.alerts if alert in words]
    if alert and not told:
        yield f"no alert says {alert!r}"
    elif alert and since and not any(at and since <= at <= since + _AT_ONCE for at in told):
        yield f"the alert that says {alert!r} did not come within {_AT_ONCE}"
    if sum("ohne Beleg" in words for words, _ in witness.alerts) < resent:
        yield "a mail was sent once more without an alert"


def parse(raw: bytes) -> EmailMessage:
    """Read a mail as a mail program does."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def words_of(message: EmailMessage) -> list[str]:
    """Give every readable word of a mail: its subject and all its parts, decoded."""
    words = [str(message["Subject"])]
    for part in message.walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            words.append(content.decode("utf-8", "replace"))
    return " ".join(words).split()


def witness_of(accepted: Iterable[tuple[str, str, bytes]]) -> Witness:
    """Give the witness of what the wire of ``tests.flow.city`` accepted."""
    return Witness(Taken(recipient, raw) for _, recipient, raw in accepted)
