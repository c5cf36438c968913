"""How many answers a ticket may have had: by what was written to the city, not by their words."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Connection, func, or_, select

from mailflow.core.desk_order import DESK_ORDERS
from mailflow.core.ticket import ReplyState, Resolution
from mailflow.schema import consultation, event, hold, mail, raw_mail, reply, ticket
from mailflow.store import Store
from mailflow.store.engine import reading

__all__ = ["beyond_what_was_said", "sent_again"]

_BY_HIS_OWN_WORDS = re.compile(r"antwort|answer", re.IGNORECASE)
_REFERENCE = re.compile(r"[A-Z]+-[0-9A-Z]{4}-[0-9A-Z]{4}")
_PROVEN = "wie ihr Beleg zeigt"
"""What the ticket says of an answer that it lost, and that the company has."""


def beyond_what_was_said(
    store: Store, answers: Mapping[tuple[str, str], set[str]], managers: set[str]
) -> Iterator[str]:
    """Say where a company got more answers than replies and orders have brought about.

    ``answers`` are the Message-IDs of those that reached a reader in a ticket. One answer holds the
    replies of a round; another one needs a reply of its own, the manager's own words, or his order
    to send it again. So the same answer under another name, its words a little other, is one too
    many.
    """
    with reading(store.engine) as connection:
        said = _occasions(connection, store.mailbox_id, managers)
    for (who, reference), names in answers.items():
        if len(names) > said[reference]:
            yield f"{reference} was answered to {who} {len(names)} times, for {said[reference]}"


def sent_again(store: Store) -> Counter[str]:
    """Count, by ticket, what the manager has ordered to be sent again after it had failed."""
    with reading(store.engine) as connection:
        return _ordered_again(connection, store.mailbox_id)


def _occasions(connection: Connection, mailbox_id: int, managers: set[str]) -> Counter[str]:
    """Count, by ticket, what an answer of its own may go out for."""
    counts = _of_replies(connection, mailbox_id)
    counts.update(_ordered_again(connection, mailbox_id))
    counts.update(_in_his_own_words(connection, mailbox_id, managers))
    counts.update(_lost_and_proven(connection, mailbox_id))
    return counts


def _of_replies(connection: Connection, mailbox_id: int) -> Counter[str]:
    """Count answers by the replies in them; one made anew of a receipt bears no number."""
    query = (
        select(ticket.c.reference, func.count(reply.c.answer.distinct()).label("numbered"))
        .add_columns(func.count().filter(reply.c.answer.is_(None)).label("others"))
        .join(consultation, consultation.c.id == reply.c.consultation_id)
        .join(ticket, ticket.c.id == consultation.c.ticket_id)
        .where(ticket.c.mailbox_id == mailbox_id)
        .where(or_(reply.c.answer.is_not(None), reply.c.state == ReplyState.SENT))
        .group_by(ticket.c.reference)
    )
    return Counter({row.reference: row.numbered + row.others for row in connection.execute(query)})


def _ordered_again(connection: Connection, mailbox_id: int) -> Counter[str]:
    query = select(hold.c.reference).where(
        hold.c.mailbox_id == mailbox_id, hold.c.resolution == Resolution.SENT_AGAIN
    )
    return Counter(connection.execute(query).scalars())


def _in_his_own_words(
    connection: Connection, mailbox_id: int, managers: Iterable[str]
) -> Counter[str]:
    """Count, by ticket, the manager's mails and orders that may be an answer of his own."""
    query = (
        select(mail.c.subject, mail.c.text, raw_mail.c.raw)
        .join(mail)
        .where(mail.c.mailbox_id == mailbox_id)
        .where(or_(mail.c.sender.in_(managers), mail.c.message_id.startswith(DESK_ORDERS)))
    )
    counts: Counter[str] = Counter()
    for row in connection.execution_options(yield_per=100).execute(query):
        if _BY_HIS_OWN_WORDS.search(row.text):  # not in what he quotes: a digest has that word
            everything = "\n".join((row.subject, row.text, row.raw.decode("latin-1")))
            counts.update(set(_REFERENCE.findall(everything.upper())))
    return counts


def _lost_and_proven(connection: Connection, mailbox_id: int) -> Counter[str]:
    query = select(event.c.reference).where(
        event.c.mailbox_id == mailbox_id, event.c.text.contains(_PROVEN)
    )
    return Counter(connection.execute(query).scalars())
