"""Floods of mail: kept, told once, and neither acknowledged nor forwarded."""

from datetime import datetime

from mailflow.core.address import mailbox_of
from mailflow.core.alerts import alert
from mailflow.core.changes import AddHold, Decision, JoinFlood, MailOutcome
from mailflow.core.guards import sender_doubt
from mailflow.core.known import STRANGERS, Flood, Known, Mail, Policy
from mailflow.core.proposal import Proposal
from mailflow.core.ticket import HoldReason
from mailflow.core.tracking import without_tokens

__all__ = ["flooded", "let_out_by", "unreadable_flood", "way_out"]


def let_out_by(source: str) -> str:
    """Give the order at the command line that lets the mails of a flood's source out."""
    return f"mailflow again --sender {repr(source) if source == STRANGERS else source}"


def way_out(decision: Decision, mail: Mail) -> str:
    """Give what lets one mail of a flood out: its sender, unless all others wait under it."""
    for change in decision.changes:
        if isinstance(change, JoinFlood):
            return f" Diese holt heraus: {let_out_by(mail.sender)}"
        if isinstance(change, AddHold) and change.reason is HoldReason.STORM:
            return f" Diese und alle anderen holt heraus: {let_out_by(change.suggestion)}"
    return ""


def flooded(known: Known, policy: Policy, now: datetime) -> Decision | None:
    """Give the decision on a mail that comes in a flood, token or not, None for any other."""
    mail = known.mail
    mailbox = mailbox_of(mail.sender)
    doubted, sources = bool(sender_doubt(mail)), []
    if mail.recent_of_domain >= policy.storm_of_domain:
        sources.append(policy.counted_domain(mail.sender))
    if mail.recent_of_sender >= policy.storm_of_sender:
        sources.append(mailbox)
    if mail.among_many_strangers and not _is_expected(known):
        sources.append(STRANGERS)
    if not sources:
        return None
    for flood in mail.known_floods:
        if flood.source in sources and flood.doubted == doubted:
            return _joined(known, now, flood)
    return _begun(known, policy, now, sources[0])


def _is_expected(known: Known) -> bool:
    """Whether somebody writes back to us: a stranger's mail bears no token of ours."""
    return any(leg.valid for leg in known.legs)


def unreadable_flood(count: int, policy: Policy, now: datetime) -> Decision | None:
    """Give the decision to tell of many mails that could not be read; None where there are few.

    ``count`` are those of the last ten minutes. Of an unread mail no sender is known: they count
    together. It is told once a day.
    """
    if count < policy.storm_of_sender:
        return None
    proposal = Proposal({}, now)
    alert(
        proposal,
        policy,
        title="Viele Mails lassen sich nicht lesen",
        lines=(f"In zehn Minuten waren es {count}; sie liegen in Quarantäne.",),
        remedy="Prüfen Sie die Mails im Postfach; danach hilft: mailflow again",
        names=("unreadable", policy.today(now).isoformat()),
    )
    return proposal.decision(MailOutcome.EVENT, "viele unlesbare Mails")


def _joined(known: Known, now: datetime, flood: Flood) -> Decision:
    """Keep a mail under its flood's item, which has been told: nobody hears of it again."""
    proposal = Proposal({}, now)
    proposal.record(JoinFlood(known.mail.id, flood.hold_id))
    return proposal.decision(MailOutcome.HELD, _words(flood.source, known.mail))


def _begun(known: Known, policy: Policy, now: datetime, who: str) -> Decision:
    """Keep a flood's first mail, and tell of it; acknowledge and forward nothing.

    ``who`` is "" for mails that name no clear sender: they count as one's.
    """
    proposal = Proposal({}, now)
    text = _words(who, known.mail)
    _announce(proposal, policy, known.mail, who, text)
    return proposal.decision(MailOutcome.HELD, text)


def _words(who: str, mail: Mail) -> str:
    """Give what a flood's item says."""
    source = f"Von {who} kommen" if who else "Ohne eindeutigen Absender kommen"
    if who == STRANGERS:
        source = "Von vielen verschiedenen, bisher unbekannten Absendern kommen"
    text = f"{source} ungewöhnlich viele Mails; sie werden nur noch aufbewahrt."
    if sender_doubt(mail) and who == STRANGERS:
        text += " Der Mailserver bestätigt diese Absender nicht."
    elif sender_doubt(mail):
        text += " Der Mailserver bestätigt diesen Absender nicht."
    return without_tokens(text)


def _announce(proposal: Proposal, policy: Policy, mail: Mail, who: str, text: str) -> None:
    proposal.hold(mail.reference, HoldReason.STORM, text, mail_id=mail.id, suggestion=who)
    title = f"Mailflut von {who}" if who else "Mailflut ohne eindeutigen Absender"
    alert(
        proposal,
        policy,
        title="Mailflut von vielen Absendern" if who == STRANGERS else title,
        lines=(text, "Es gehen keine Eingangsbestätigungen und keine Weiterleitungen hinaus."),
        remedy=(
            f"Prüfen Sie die Mails im Postfach; danach hilft: {let_out_by(who)}"
            if who
            else "Prüfen Sie die Mails im Postfach; von hier gehen sie nicht weiter."
        ),
        names=("storm", who, mail.reference),
    )
