"""What is ordered at the command line of the machine: ``mailflow do`` and ``mailflow again``.

The order is kept as a mail, in the commit that carries it out. The service puts that mail into the
mailbox, before anything goes out that the order brought about: so the ledger tells of it.
"""

import email.policy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from mailflow.core.changes import Decision
from mailflow.core.desk_order import (
    AGAIN,
    DESK_ORDER,
    DO,
    carry_out,
    done_lines,
    order_names,
    order_subject,
)
from mailflow.core.drafts import NoticeLine
from mailflow.core.known import Authentication
from mailflow.core.message import Message
from mailflow.errors import MailflowError
from mailflow.fingerprint import fingerprint
from mailflow.parts import Parts
from mailflow.reading import read
from mailflow.store import Incoming, StaleDecisionError, on_fresh_facts

__all__ = [
    "MadeGoodError",
    "TicketBusyError",
    "decide_again",
    "do_lines",
    "order_mail",
    "refuse_while_behind",
]


_MAILBOX = "the mailbox"

_TRIES = 50
"""So often an order is tried anew: amid a backlog a mail is decided while most of them last."""


class TicketBusyError(MailflowError):
    """{ticket} changes all the time, and nothing was done; say it again in a moment."""


class MadeGoodError(MailflowError):
    """The database is being made good from the mailbox; say it again when the rebuild, or the start of the service, has done that."""  # noqa: E501 - the docstring is the message


@dataclass(frozen=True, slots=True)
class _Order:
    """An order as a mail, what it brings about, and the lines of it that are done."""

    raw: bytes
    mail: Incoming
    decision: Decision
    lines: tuple[NoticeLine, ...]
    kept: str


def do_lines(parts: Parts, text: str) -> tuple[NoticeLine, ...]:
    """Do command lines and say of each what became of it; what it sends goes to the outbox.

    Raises TicketBusyError when the ticket moved on again and again, and MadeGoodError.
    """
    return _on_fresh_facts(parts, DO, text)


def decide_again(parts: Parts, sender: str) -> int:
    """Let quarantined mails be decided anew, or a sender's, a flood's too; give how many.

    Raises MadeGoodError, also where there are none: what is being made good is no quarantine.
    """
    refuse_while_behind(parts)
    count = parts.store.to_decide_again(sender)
    if count:
        _on_fresh_facts(parts, AGAIN, sender)
        parts.deciding.begin_anew()
    return count


def _on_fresh_facts(parts: Parts, what: str, text: str) -> tuple[NoticeLine, ...]:
    try:
        return on_fresh_facts(lambda: _carried_out(parts, what, text), tries=_TRIES)
    except StaleDecisionError as error:
        raise TicketBusyError(ticket=error) from error


def _carried_out(parts: Parts, what: str, text: str) -> tuple[NoticeLine, ...]:
    """Carry an order out and keep it; what was refused is not kept, so that no loss does it."""
    refuse_while_behind(parts)
    order = _decided(parts, what, text)
    lines = order.lines
    if order.kept != text and any(line.done for line in lines):
        order = _decided(parts, what, order.kept)
        lines = _as_done(lines, order.lines)
    if order.decision.changes or any(line.done for line in lines):
        now = order.mail.received_at
        sealed = parts.composer.compose_all(order.decision.drafts, now, parts.deciding.enclosed)
        parts.store.apply_order(order.raw, order.mail, order.decision, sealed, now)
    return lines


def _as_done(first: Sequence[NoticeLine], again: Sequence[NoticeLine]) -> tuple[NoticeLine, ...]:
    """Give an order's lines, those that were kept as they are done without the others.

    Raises StaleDecisionError where one of them is refused now.
    """
    if not all(line.done for line in again):
        raise StaleDecisionError(_MAILBOX)
    kept = iter(again)
    return tuple(next(kept) if line.done else line for line in first)


def _decided(parts: Parts, what: str, text: str) -> _Order:
    """Decide an order on what is known up to the last mail that it names.

    Raises StaleDecisionError where another mail has been decided meanwhile: until this second look,
    not until the order was given, as its facts may be those of a moment later.
    """
    now = parts.clock()
    last = parts.store.last_mail(now)
    raw, mail = _as_incoming(parts, order_subject(what, now, last), text, now)
    known = parts.store.gather(mail, parts.policy, now, parts.deciding.reread)
    if parts.store.last_mail(parts.clock()) != last:
        raise StaleDecisionError(_MAILBOX)
    decision, lines = carry_out(known, parts.policy, now)
    all_done = all(line.done for line in lines)
    kept = text if all_done else done_lines(known, parts.policy, lines)
    return _Order(raw, mail, decision, lines, kept)


def refuse_while_behind(parts: Parts) -> None:
    """Raise MadeGoodError while mails are missing that this should have been about."""
    if parts.store.is_behind():
        raise MadeGoodError


def order_mail(parts: Parts, what: str, text: str, now: datetime) -> tuple[bytes, Incoming]:
    """Give an order of either kind as a mail, bytes and what they say; it is not stored yet."""
    return _as_incoming(parts, order_subject(what, now, parts.store.last_mail(now)), text, now)


def _as_incoming(parts: Parts, subject: str, text: str, now: datetime) -> tuple[bytes, Incoming]:
    raw = _as_mail(parts, subject, text, now)
    order = Incoming(
        id=0,
        fingerprint=fingerprint(raw),
        copy=0,
        received_at=now,
        message=read(raw),
        authentication=Authentication.UNCHECKED,
    )
    return raw, order


def _as_mail(parts: Parts, subject: str, text: str, now: datetime) -> bytes:
    """Give the order as a mail in our own name, whose Message-ID only these words can bear."""
    mail = EmailMessage(email.policy.SMTP)
    mail["From"] = mail["To"] = parts.policy.central_address
    mail["Subject"] = subject
    mail["Date"] = format_datetime(now)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Mailflow-Kind"] = DESK_ORDER
    mail.set_content(_in_lines(text), cte="base64")
    mail["Message-ID"] = _message_id(parts, read(mail.as_bytes()))
    return mail.as_bytes()


def _in_lines(text: str) -> str:
    """Give words as a mail can hold them: a reader would drop what controls are between them."""
    lines = text.encode(errors="replace").decode().splitlines()
    return "\n".join(map(_printable, lines))


def _printable(line: str) -> str:
    return "".join(each if each.isprintable() else " " for each in line)


def _message_id(parts: Parts, order: Message) -> str:
    """Name an order by what a reader finds in its mail, so that he finds the same name."""
    policy = parts.policy
    return policy.keyring.message_id(policy.domain(), DESK_ORDER, order_names(order))
