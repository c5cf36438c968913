"""``mailflow do``: the manager's command language at the command line of the machine itself."""

from datetime import UTC, datetime

from mailflow.core.changes import MailOutcome
from mailflow.core.commands import commands_in
from mailflow.core.drafts import NoticeLine
from mailflow.core.manager import act
from mailflow.core.proposal import Proposal
from mailflow.parts import Parts

__all__ = ["do_lines"]


def do_lines(parts: Parts, text: str) -> tuple[NoticeLine, ...]:
    """Do command lines and say of each what became of it; what it sends goes to the outbox.

    Raises StaleDecisionError when a ticket moved on in the same moment: say it again.
    """
    now = datetime.now(UTC)
    known = parts.store.gather_for_commands(text, parts.policy, now, parts.deciding.reread)
    proposal = Proposal(known.tickets, now)
    results = act(commands_in(text, parts.policy.prefix), proposal, known, parts.policy)
    decision = proposal.decision(MailOutcome.EVENT, "Auftrag an der Kommandozeile")
    sealed = parts.composer.compose_all(decision.drafts, now, parts.deciding.enclosed)
    parts.store.apply(decision, sealed, now)
    return results
