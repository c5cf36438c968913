"""The end of a matter by the manager's word: when it is refused, and what it takes back."""

import re
from collections.abc import Collection, Mapping
from operator import ne

from mailflow.core.changes import TakeBack
from mailflow.core.commands import Command, Verb
from mailflow.core.consulting import withdraw_review
from mailflow.core.limits import limit_in
from mailflow.core.matter import Matter, RefusedError
from mailflow.core.offices import names_of
from mailflow.core.reasons import settles
from mailflow.core.ticket import ConsultationState, Resolution, Ticket, TicketState
from mailflow.core.waiting_mail import discard

__all__ = ["close", "refusal_to_close", "refuse_limited", "take_back"]

_SLIP = 2
_NOT_CLOSED = "Nicht geschlossen, weil die Anweisung davor nicht ausgeführt wurde."
_PERHAPS_MEANT = (
    "Nicht geschlossen: Eine Anweisung davor nennt eine Nummer, die es hier nicht gibt; vielleicht "
    "war sie für diesen Vorgang. Sonst sagen Sie es bitte noch einmal allein."
)
_SHOWN = 300


def refuse_limited(matter: Matter) -> None:
    """Raise RefusedError where words behind an order take it back, put it off or limit it.

    For orders that take at most the name of what they mean: "neu noch nicht" is no "neu".
    """
    if found := limit_in(matter.argument):
        raise RefusedError(
            f"Dahinter steht „{found}“; so ist nichts geschehen. Der Auftrag steht bitte allein"
            " in seiner Zeile, nur mit dem, was er meint."
        )


def _refuse_unsettled(matter: Matter) -> None:
    """Raise RefusedError where behind the word stands more than a courtesy, a name or a reason.

    Closing takes every office's part back; whatever names one may mean that one only.
    """
    words = matter.argument
    named = re.findall(r"[\w-]+", matter.policy.offices.with_ids(words).casefold())
    if words and (not settles(words) or any(map(matter.policy.knows, named))):
        raise RefusedError(
            f"Dahinter steht „{words[:_SHOWN]}“. Soll der Vorgang jetzt und für alle Ämter"
            " geschlossen werden, schreiben Sie nur: schliessen. Einen Grund hält eine notiz fest."
        )


def refusal_to_close(
    command: Command,
    refused: Collection[str],
    tickets: Mapping[str, Ticket],
    numbers: Collection[str],
) -> str:
    """Say why a matter is not closed behind what was refused; "" where nothing would be lost.

    ``refused`` are the numbers of the orders before that were not carried out, ``numbers`` all that
    there are here.
    """
    if command.verb is not Verb.CLOSE:
        return ""
    if command.reference in refused:
        return _NOT_CLOSED
    ticket = tickets.get(command.reference)
    astray = any(_is_slip_of(each, command.reference) for each in refused if each not in numbers)
    is_done = ticket is not None and ticket.is_over and not ticket.holds
    return _PERHAPS_MEANT if astray and not is_done else ""


def _is_slip_of(number: str, meant: str) -> bool:
    """Whether one or two letters are wrong: two numbers that chance made share hardly one."""
    return len(number) == len(meant) and sum(map(ne, number, meant)) <= _SLIP


def close(matter: Matter) -> str:
    """Close a ticket, or discard a waiting mail; give the notice's words. Raises RefusedError."""
    _refuse_unsettled(matter)
    if matter.reference not in matter.proposal.tickets:
        return discard(matter)
    ticket, proposal = matter.ticket, matter.proposal
    if ticket.state is TicketState.CLOSED:
        raise RefusedError("Der Vorgang ist schon geschlossen.")
    matter.refuse_over_new_answer()
    matter.refuse_over_new_mail()
    matter.refuse_over_letters()
    matter.refuse_over(ticket.holds)
    matter.refuse_over_replies()
    withdraw_review(proposal, matter.reference)
    for part in ticket.still_working():
        proposal.move_part(matter.reference, part.office_id, ConsultationState.WITHDRAWN)
    for hold in matter.ticket.holds:
        proposal.resolve(matter.reference, hold, Resolution.CLOSED)
    proposal.move(matter.reference, TicketState.CLOSED)
    on_its_way = take_back(matter, [each.office_id for each in ticket.being_sent])
    return f"Geschlossen. {on_its_way or 'Es ging keine weitere Mail hinaus.'}"


def take_back(matter: Matter, office_ids: Collection[str]) -> str:
    """Let no mail go out any more to these offices; say of what is too late to stop."""
    being_sent = matter.ticket.being_sent
    known = frozenset(each.id for each in being_sent)
    matter.proposal.record(TakeBack(matter.reference, known))
    to = dict.fromkeys(each.office_id for each in being_sent if each.office_id in office_ids)
    if not to:
        return ""
    names = names_of(map(matter.policy.office, to))
    return f"Eine Mail an {names} ist vielleicht schon unterwegs; eine weitere geht nicht hinaus."
