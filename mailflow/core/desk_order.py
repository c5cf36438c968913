"""An order given at the command line, as the mail under which the ledger keeps it.

What nobody wrote in a mail no rebuild could read again. So the order lies in the mailbox like any
other mail, in our own name: its Message-ID is a keyed hash of its subject and its words, and no
other words can stand under it.
"""

from datetime import datetime

from mailflow.core.alerts import alert
from mailflow.core.changes import DecideAgain, Decision, MailOutcome
from mailflow.core.commands import commands_in
from mailflow.core.drafts import NoticeLine
from mailflow.core.known import Known, Policy
from mailflow.core.manager import act
from mailflow.core.message import Message
from mailflow.core.proposal import Proposal
from mailflow.core.tracking import Keyring, kind_named, named

__all__ = [
    "AGAIN",
    "DESK_ORDER",
    "DESK_ORDERS",
    "DO",
    "carry_out",
    "desk_order",
    "is_desk_order",
    "order_names",
]

DESK_ORDER = "order"
"""What such a mail's ``X-Mailflow-Kind`` and its Message-ID say."""

DO, AGAIN = "Auftrag an der Kommandozeile", "Mails neu entscheiden"
"""How their subjects begin: of commands, and of a word whose mails are decided anew ("" of all)."""

DESK_ORDERS = f"<mailflow.{DESK_ORDER}."
"""How their Message-IDs begin."""

_OTHER_WORDS = "Auftrag mit anderen Worten, als seine Message-ID sagt; ohne Wirkung"


def order_names(message: Message) -> tuple[str, ...]:
    """Give what names an order: its subject, which says when it was given, and its words.

    Where its lines are broken is left to whoever carries a mail.
    """
    return message.subject, " ".join(message.text.split())


def is_desk_order(message: Message) -> bool:
    """Whether one of our own mails says that it is an order."""
    return kind_named(message.message_id) == DESK_ORDER


def desk_order(known: Known, policy: Policy, now: datetime) -> Decision:
    """Decide an order that is read: new to this database, or made anew from the mailbox."""
    if not _is_genuine(known.mail.message, policy.keyring):
        return _refused(policy, now)
    return carry_out(known, policy, now)[0]


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


def _refused(policy: Policy, now: datetime) -> Decision:
    """Ignore an order whose words were changed, and tell the manager, once a day."""
    proposal = Proposal({}, now)
    alert(
        proposal,
        policy,
        title="Ein Auftrag im Postfach wurde verändert",
        lines=("Er nennt sich ein Auftrag von der Kommandozeile; seine Worte sind andere.",),
        remedy="Er hat nichts bewirkt. Bitte lassen Sie prüfen, wer im Postfach schreiben kann.",
        names=("changed-order", policy.today(now).isoformat()),
    )
    return proposal.decision(MailOutcome.EVENT, _OTHER_WORDS)
