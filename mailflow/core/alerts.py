"""Telling the manager something at once, and the keys of the mails that do."""

from mailflow.core.changes import AddLeg, AddNote, EventKind
from mailflow.core.drafts import (
    Alert,
    Draft,
    DraftKind,
)
from mailflow.core.known import ACTS_FOR_WORKDAYS, Mail, Policy
from mailflow.core.proposal import Proposal
from mailflow.core.subject import plain_subject
from mailflow.core.tracking import Role

__all__ = ["alert", "alert_emergency", "manager_leg"]

_ALARMS = 10
"""Of so many strangers in ten minutes each is told by itself; beyond, once in ten minutes, and
whenever there are twice as many."""
_TO_NO_OFFICE = "mailflow hat die Mail an kein Amt weitergegeben"


def alert(
    proposal: Proposal,
    policy: Policy,
    *,
    title: str,
    lines: tuple[str, ...],
    remedy: str,
    names: tuple[str, ...],
    reference: str = "",
) -> None:
    """Tell every manager at once, each with a key of his own; the same names tell it only once."""
    for manager in policy.managers:
        proposal.send(
            Draft(
                kind=DraftKind.ALERT,
                recipient=manager,
                recipient_name="",
                language=policy.language,
                context=Alert(title, lines, remedy),
                names=names,
                reference=reference,
                role=Role.MANAGER,
                leg=manager_leg(proposal, policy, manager, *names),
            )
        )


def alert_emergency(
    proposal: Proposal,
    policy: Policy,
    mail: Mail,
    reference: str = "",
    *,
    passed_on: bool = False,
    waits: str = "",
    aside: str = "",
) -> None:
    """Tell the manager of a mail that sounds like danger.

    mailflow calls nobody for help itself, so somebody must read it at once. ``passed_on``: an
    office gets it too. ``waits``: why it is in no ticket, but waits under its own number;
    ``aside``: why it lies in quarantine, under no number.
    """
    if mail.is_stranger:
        proposal.record(AddNote("", f"Gefahr in einer Mail von {mail.sender}", EventKind.DANGER))
        if mail.recent_dangers >= _ALARMS:
            _alert_alarms(proposal, policy, mail)
            return
    offices = "sie geht auch an das Amt, das gefragt hatte" if passed_on else _TO_NO_OFFICE
    waiting = (f"Sie wartet auf Ihre Entscheidung: {waits}",) if waits else ()
    if aside:
        waiting = (f"Sie liegt in Quarantäne: {aside}",)
    named = mail.sender if aside else reference or mail.reference
    text = mail.message.new_text[:500]
    subject = plain_subject(mail.message.subject, policy.prefix)
    alert(
        proposal,
        policy,
        title="Eine Mail klingt nach einem Notfall",
        lines=(f"{named}: {subject}", text, *waiting),
        remedy=f"Bitte prüfen Sie sofort; {offices}.",
        names=("emergency", mail.reference),
        reference=reference,
    )


def _alert_alarms(proposal: Proposal, policy: Policy, mail: Mail) -> None:
    """Tell how many strangers tell of danger, where one alert for each would hide them all."""
    count = mail.recent_dangers + 1
    step = 1 << (count // _ALARMS).bit_length()
    subject = plain_subject(mail.message.subject, policy.prefix)
    alert(
        proposal,
        policy,
        title="Viele Mails klingen nach einem Notfall",
        lines=(
            f"In zehn Minuten waren es {count} von Absendern, die mailflow nicht kennt.",
            f"Zuletzt {mail.reference}, {mail.sender}: {subject}",
        ),
        remedy=(
            "Bitte prüfen Sie sie sofort im Postfach; mailflow hat sie an kein Amt weitergegeben. "
            "Einzeln werden sie nicht mehr gemeldet, bis es weniger werden; wieder gemeldet wird, "
            "wenn es doppelt so viele sind, sonst nach zehn Minuten."
        ),
        names=("emergencies", f"{proposal.now:%Y-%m-%dT%H:%M}"[:-1], str(step)),
    )


def manager_leg(
    proposal: Proposal, policy: Policy, manager: str, *names: str, reference: str = ""
) -> str:
    """Make the key of a mail to the manager; it works for ten workdays."""
    leg = policy.keyring.leg(Role.MANAGER, manager, *names)
    expires = policy.workdays.add(policy.today(proposal.now), ACTS_FOR_WORKDAYS)
    proposal.record(AddLeg(leg, Role.MANAGER, manager, reference, expires))
    return leg
