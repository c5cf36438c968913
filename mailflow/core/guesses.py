"""Guesses at tokens: every false one counts, whatever becomes of the mail that bears it."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from mailflow.core.alerts import alert
from mailflow.core.changes import AddNote, Decision, EventKind
from mailflow.core.known import Known, Leg, Policy
from mailflow.core.proposal import Proposal
from mailflow.core.tracking import Role

__all__ = ["NAME_LENGTH", "named_guesses", "side_of", "with_guesses_counted"]

_GUESSES = 20
"""Different false tokens in an hour from which on it is no accident."""
_CALLED = "falsche Kennung "
_DIGITS = 16
NAME_LENGTH = len(_CALLED) + _DIGITS
"""With so many letters an event begins that tells of a guess: which one, then of whom it came."""


def side_of(leg: Leg) -> tuple[Role, str, str]:
    """Give whose token it is, and in which ticket: what those of one mail must agree in."""
    return leg.role, leg.reference, leg.office_id


def named_guesses(legs: Sequence[Leg], unknown_tokens: Sequence[str]) -> tuple[str, ...]:
    """Give what a mail's false tokens are called in the audit trail; of very many the first.

    False is a token that is unknown, or not valid while no other one of its side is. Its hash tells
    it from others, and is no token: one that was only cut short is nearly a true one.
    """
    proven = {side_of(leg) for leg in legs if leg.valid}
    false = (leg.token for leg in legs if side_of(leg) not in proven)
    different = tuple(dict.fromkeys((*unknown_tokens, *false)))
    return tuple(map(_called, different[:_GUESSES]))


def _called(token: str) -> str:
    return _CALLED + hashlib.sha256(token.encode()).hexdigest()[:_DIGITS]


def with_guesses_counted(
    decision: Decision, known: Known, policy: Policy, now: datetime
) -> Decision:
    """Give a decision that counts a mail's false tokens, too, and tells the manager of many.

    A machine's mail, and one that nobody reads, are as good for guessing as a person's. A double
    tries nothing new, and a flood is told as one.
    """
    mail = known.mail
    guesses = named_guesses(known.legs, known.unknown_tokens)
    flood = policy.is_storm(mail.recent_of_sender, mail.recent_of_domain)
    if known.duplicate or flood or not guesses:
        return decision
    proposal = Proposal({}, now)
    for guess in guesses:
        proposal.record(AddNote("", f"{guess} von {mail.sender}", EventKind.BAD_TOKEN))
    if known.other_guesses + len(guesses) >= _GUESSES:
        _tell(proposal, policy, mail.sender)
    counted = proposal.decision(decision.outcome, decision.why)
    return replace(
        decision,
        changes=(*decision.changes, *counted.changes),
        drafts=(*decision.drafts, *counted.drafts),
    )


def _tell(proposal: Proposal, policy: Policy, sender: str) -> None:
    many = f"Mindestens {_GUESSES} verschiedene falsche Kennungen in einer Stunde"
    alert(
        proposal,
        policy,
        title="Jemand probiert Kennungen aus",
        lines=(f"{many}, zuletzt von {sender}.",),
        remedy="Keine davon hat etwas bewirkt. Halten sie an, sperren Sie den Absender.",
        names=("bad-tokens", f"{proposal.now:%Y-%m-%dT%H}"),
    )
