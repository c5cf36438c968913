"""An order given at the command line, as the mail under which the ledger keeps it.

What nobody wrote in a mail no rebuild could read again. So the order lies in the mailbox like any
other mail, in our own name: its Message-ID is a keyed hash of its subject and its words, and no
other words can stand under it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mailflow.core.alerts import alert
from mailflow.core.changes import DecideAgain, Decision, MailOutcome
from mailflow.core.commands import commands_in
from mailflow.core.drafts import NoticeLine
from mailflow.core.known import Known, Policy
from mailflow.core.manager import act
from mailflow.core.message import Kind, Message
from mailflow.core.proposal import Proposal
from mailflow.core.tracking import Keyring, kind_named, named

__all__ = [
    "AGAIN",
    "DESK_ORDER",
    "DESK_ORDERS",
    "DO",
    "UNDONE",
    "OrderHeader",
    "carry_out",
    "desk_order",
    "done_lines",
    "is_desk_order",
    "order_header",
    "order_names",
    "order_subject",
]

DESK_ORDER = "order"
"""What such a mail's ``X-Mailflow-Kind`` and its Message-ID say."""

DO, AGAIN = "Auftrag an der Kommandozeile", "Mails neu entscheiden"
"""How their subjects begin: of commands, and of a word whose mails are decided anew ("" of all)."""

UNDONE = "vor einem Verlust der Datenbank gegeben, danach nicht wieder ausgeführt"
"""How it begins why an order is an event of which something was left undone: the digest tells it.
"""

DESK_ORDERS = f"<mailflow.{DESK_ORDER}."
"""How their Message-IDs begin."""

_SUBJECT = re.compile(r"(?mi)^subject:(.*)$")
_MESSAGE_ID = re.compile(r"(?mi)^message-id:(.*)$")
_AFTER = re.compile(r", nach ([0-9a-f]{64}\.\d{1,6})$")
_FOLD = re.compile(r"\n[ \t]+")
_HEADER = 4_000

_OTHER_WORDS = "Auftrag mit anderen Worten, als seine Message-ID sagt; ohne Wirkung"
_UNKNOWN = "Auftrag, den mailflow nicht kennt; ohne Wirkung"


def order_subject(what: str, now: datetime, last: str) -> str:
    """Give an order's subject: what it is, when it is given, and the last mail known by then."""
    return f"{what}, {now.isoformat()}, nach {last or 'keiner'}"


def order_names(message: Message) -> tuple[str, ...]:
    """Give what names an order: its subject, and its words line by line."""
    return message.subject, *(" ".join(line.split()) for line in message.text.strip().splitlines())


def is_desk_order(message: Message) -> bool:
    """Whether a mail says that it is an order; only of one of our own that is true."""
    return message.kind is Kind.OWN and kind_named(message.message_id) == DESK_ORDER


@dataclass(frozen=True, slots=True)
class OrderHeader:
    """What an order's header tells before the order is read: its place among the mails.

    ``after`` names the last mail known when it was given, "" where none was. What came later was
    read later, even if it had come before the order: so it comes after it. ``lets_out``: mails are
    to be decided anew.
    """

    after: str
    lets_out: bool


def order_header(raw: bytes, keyring: Keyring) -> OrderHeader | None:
    """Give what the header of an order tells; None of a mail whose name no key of ours made.

    Anybody may write such a header, and its mail would come too early, and the clock's work too.
    """
    header = _FOLD.sub(" ", _header_of(raw))
    message_id, subject = (_field(each, header) for each in (_MESSAGE_ID, _SUBJECT))
    if kind_named(message_id) != DESK_ORDER or not keyring.was_ours(message_id):
        return None
    after = _AFTER.search(subject)
    return OrderHeader(after[1] if after else "", subject.startswith(AGAIN))


def _header_of(raw: bytes) -> str:
    """Give a mail's header as far as an order's may reach; "" of what can be no order."""
    start = raw[:_HEADER].replace(b"\r\n", b"\n")
    may_be = DESK_ORDERS.encode() in start
    return start.partition(b"\n\n")[0].decode("ascii", "replace") if may_be else ""


def _field(pattern: re.Pattern[str], header: str) -> str:
    found = pattern.search(header)
    return found[1].strip() if found else ""


def desk_order(known: Known, policy: Policy, now: datetime) -> Decision:
    """Decide an order that is read in the mailbox: carried out are those that a loss has undone.

    In daily work each is carried out in the commit that keeps it: another one is nobody's. One that
    a rebuild had to set aside is told: carried out days later, it may mean something else.
    """
    if not _is_genuine(known.mail.message, policy.keyring):
        return _refused(policy, now, _OTHER_WORDS)
    if known.readmitted and not known.restoring:
        words = " ".join(known.mail.message.text.split()) or AGAIN
        return Decision(MailOutcome.EVENT, f"{UNDONE}, denn er lag in Quarantäne: „{words}“.")
    if not known.restoring:
        return _refused(policy, now, _UNKNOWN)
    decision, lines = carry_out(known, policy, now)
    undone = [f"„{line.line}“: {line.result}" for line in lines if not line.done]
    return replace(decision, why=f"{UNDONE}: {' '.join(undone)}") if undone else decision


def carry_out(
    known: Known, policy: Policy, now: datetime
) -> tuple[Decision, tuple[NoticeLine, ...]]:
    """Do what an order says; give the decision, and line by line what became of it."""
    proposal = Proposal(known.tickets, now)
    text = known.mail.message.text
    if known.mail.message.subject.startswith(AGAIN):
        proposal.record(DecideAgain(text.strip()))
        return proposal.decision(MailOutcome.EVENT, AGAIN), ()
    commands = commands_in(text, policy.prefix)
    lines = act(commands, proposal, known, policy)
    reference = next((each.reference for each in commands), "")
    return proposal.decision(MailOutcome.EVENT, DO, reference), lines


def _is_genuine(message: Message, keyring: Keyring) -> bool:
    name = keyring.name(DESK_ORDER, "", order_names(message))
    return name == named(message.message_id)


def done_lines(known: Known, policy: Policy, lines: Sequence[NoticeLine]) -> str:
    """Give the lines of an order that were done: what was refused must not be done after a loss.

    Where they would read otherwise without the others, all of them.
    """
    text = known.mail.message.text
    commands = commands_in(text, policy.prefix)
    done = tuple(each for each, line in zip(commands, lines, strict=True) if line.done)
    kept = "\n".join(each.line for each in done)
    return kept if commands_in(kept, policy.prefix) == done else text


def _refused(policy: Policy, now: datetime, why: str) -> Decision:
    """Ignore an order that nobody gave so, and tell the manager, once a day."""
    proposal = Proposal({}, now)
    alert(
        proposal,
        policy,
        title="Im Postfach liegt ein Auftrag, den niemand so gegeben hat",
        lines=(f"Er nennt sich ein Auftrag von der Kommandozeile. {why}.",),
        remedy="Bitte lassen Sie prüfen, wer im Postfach schreiben kann.",
        names=("false-order", policy.today(now).isoformat()),
    )
    return proposal.decision(MailOutcome.EVENT, why)
