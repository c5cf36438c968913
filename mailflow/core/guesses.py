"""Guesses at tokens: every mail that bears a false one counts, whatever becomes of it."""

from dataclasses import replace
from datetime import datetime

from mailflow.core.alerts import alert
from mailflow.core.changes import AddNote, Decision, EventKind
from mailflow.core.known import Known, Leg, Policy
from mailflow.core.proposal import Proposal
from mailflow.core.tracking import Role

__all__ = ["side_of", "with_guess_counted"]

_GUESSES = 20
"""Bad tokens in an hour from which on it is no accident."""


def side_of(leg: Leg) -> tuple[Role, str, str]:
    """Give whose token it is, and in which ticket: what those of one mail must agree in."""
    return leg.role, leg.reference, leg.office_id


def with_guess_counted(decision: Decision, known: Known, policy: Policy, now: datetime) -> Decision:
    """Give a decision that counts a mail's false token, too, and tells the manager of many.

    A machine's mail, and one that nobody reads, are as good for guessing as a person's. A double
    tries nothing new, and a flood is told as one.
    """
    mail = known.mail
    flood = policy.is_storm(mail.recent_of_sender, mail.recent_of_domain)
    if known.duplicate or flood or not _is_guess(known):
        return decision
    proposal = Proposal({}, now)
    proposal.record(AddNote("", f"falsche Kennung von {mail.sender}", EventKind.BAD_TOKEN))
    if known.bad_tokens + 1 >= _GUESSES:
        _tell(proposal, policy, mail.sender)
    counted = proposal.decision(decision.outcome, decision.why)
    return replace(
        decision,
        changes=(*decision.changes, *counted.changes),
        drafts=(*decision.drafts, *counted.drafts),
    )


def _is_guess(known: Known) -> bool:
    """Whether a token is unknown, or not valid, and no other one of its side is."""
    proven = {side_of(leg) for leg in known.legs if leg.valid}
    return bool(known.unknown_tokens) or not proven.issuperset(map(side_of, known.legs))


def _tell(proposal: Proposal, policy: Policy, sender: str) -> None:
    alert(
        proposal,
        policy,
        title="Jemand probiert Kennungen aus",
        lines=(f"{_GUESSES} falsche Kennungen in einer Stunde, zuletzt von {sender}.",),
        remedy="Keine davon hat etwas bewirkt. Halten sie an, sperren Sie den Absender.",
        names=("bad-tokens", f"{proposal.now:%Y-%m-%dT%H}"),
    )
