"""``mailflow do``: the manager's command language at the command line of the machine itself."""

from mailflow.core.changes import MailOutcome
from mailflow.core.commands import commands_in
from mailflow.core.drafts import NoticeLine
from mailflow.core.manager import act
from mailflow.core.proposal import Proposal
from mailflow.errors import MailflowError
from mailflow.parts import Parts
from mailflow.store import StaleDecisionError, on_fresh_facts

__all__ = ["TicketBusyError", "do_lines"]


class TicketBusyError(MailflowError):
    """{ticket} changes all the time, and nothing was done; say it again in a moment."""


def do_lines(parts: Parts, text: str) -> tuple[NoticeLine, ...]:
    """Do command lines and say of each what became of it; what it sends goes to the outbox.

    Raises TicketBusyError when the ticket moved on again and again.
    """
    try:
        return on_fresh_facts(lambda: _done(parts, text))
    except StaleDecisionError as error:
        raise TicketBusyError(ticket=error) from error


def _done(parts: Parts, text: str) -> tuple[NoticeLine, ...]:
    now = parts.clock()
    known = parts.store.gather_for_commands(text, parts.policy, now, parts.deciding.reread)
    proposal = Proposal(known.tickets, now)
    results = act(commands_in(text, parts.policy.prefix), proposal, known, parts.policy)
    decision = proposal.decision(MailOutcome.EVENT, "Auftrag an der Kommandozeile")
    sealed = parts.composer.compose_all(decision.drafts, now, parts.deciding.enclosed)
    parts.store.apply(decision, sealed, now)
    return results
