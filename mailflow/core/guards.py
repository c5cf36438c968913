"""What is kept away from tickets and offices: foreign services' codes, and storms of mail."""

import re
from datetime import datetime

from mailflow.core.changes import Decision, MailOutcome
from mailflow.core.consulting import alert
from mailflow.core.known import Known, Mail, Policy, Scan
from mailflow.core.proposal import Proposal
from mailflow.core.ticket import HoldReason

__all__ = ["flooded", "guarded", "is_verification", "tell_of_forgery", "unscanned"]

_NOBODY = re.compile(
    r"^(?:no[-_.]?reply\w*|do[-_.]?not[-_.]?reply|verify|verification|signup)(?:[-_.+].*)?@",
    re.IGNORECASE,
)
_PASSING_ON = (
    r"verification (?:code|link)|one[- ]time (?:code|password|link)|sign[- ]?in (?:code|link)"
    r"|login code|security code|activation (?:link|code)|magic link|bestätigungs(?:code|link)"
    r"|sicherheitscode|einmal(?:code|kennwort|passwort)|aktivierungs(?:link|code)|anmeldecode"
)
_VERIFICATION = re.compile(
    r"verify (?:your|this)|confirm your (?:e-?mail|account|address)|activate your"
    r"|reset your password|bestätigen sie ihre (?:e-?mail|anmeldung|adresse|registrierung)"
    r"|(?:passwort|kennwort) zurücksetzen|" + _PASSING_ON,
    re.IGNORECASE,
)
_SECRET = re.compile(_PASSING_ON, re.IGNORECASE)
_CODE = re.compile(r"(?<!\d)\d{4,8}(?!\d)|https?://\S{20,}")
_LOOKED_AT = 4000


def is_verification(sender: str, subject: str, text: str) -> bool:
    """Whether a mail hands out a code or link that proves who reads this mailbox.

    Strangers sign up elsewhere with a city's address and read the code out of what is passed on
    ("Ticket Trick"): such a mail is never shown to anybody but the manager.
    """
    words = f"{subject}\n{text[:_LOOKED_AT]}"
    if not _VERIFICATION.search(words):
        return False
    return bool(_NOBODY.match(sender)) or bool(_SECRET.search(subject) and _CODE.search(words))


def unscanned(known: Known, now: datetime) -> Decision | None:
    """Give the decision on a mail that carries malware, or that nobody could scan."""
    mail = known.mail
    if mail.scan is Scan.INFECTED:
        why = "Der Virenscanner hat in dieser Mail Schadsoftware gefunden."
        return Proposal({}, now).decision(MailOutcome.QUARANTINED, why)
    if mail.scan is Scan.UNAVAILABLE:
        proposal = Proposal({}, now)
        why = "Der Virenscanner antwortet nicht; die Anlagen sind ungeprüft."
        proposal.hold(mail.reference, HoldReason.SCAN, why, mail_id=mail.id)
        return proposal.decision(MailOutcome.HELD, why)
    return None


def guarded(known: Known, policy: Policy, now: datetime) -> Decision | None:
    """Give the decision on a mail that must not become a ticket, None for an ordinary one."""
    mail = known.mail
    message = mail.message
    if is_verification(mail.sender, message.subject, message.text):
        why = "Bestätigungsmail eines fremden Dienstes; sie wird niemandem weitergegeben."
        return Proposal({}, now).decision(MailOutcome.QUARANTINED, why)
    return flooded(known, policy, now)


def flooded(known: Known, policy: Policy, now: datetime) -> Decision | None:
    """Give the decision on a mail that comes in a flood, token or not, None for any other."""
    mail = known.mail
    if mail.recent_of_sender >= policy.storm_of_sender:
        return _storm(known, policy, now, mail.sender)
    if mail.recent_of_domain >= policy.storm_of_domain:
        return _storm(known, policy, now, mail.sender.rpartition("@")[2])
    return None


def tell_of_forgery(proposal: Proposal, policy: Policy, mail: Mail) -> None:
    """Tell the manager, once a day, that somebody with a valid token is not who he says."""
    alert(
        proposal,
        policy,
        title="Eine Mail mit gültiger Kennung kommt nicht von ihrem Absender",
        lines=(f"Der Mailserver sagt, dass {mail.sender} sie nicht geschickt hat.",),
        remedy="Sie hat nichts bewirkt und wartet auf Ihre Entscheidung.",
        names=("forged", policy.today(proposal.now).isoformat()),
    )


def _storm(known: Known, policy: Policy, now: datetime, who: str) -> Decision:
    """Store a storm's mails, tell the manager once, acknowledge nothing and forward nothing."""
    proposal = Proposal({}, now)
    text = f"Von {who} kommen ungewöhnlich viele Mails; sie werden nur noch aufbewahrt."
    if not known.mail.storm_is_known:
        _announce(proposal, policy, known.mail, who, text)
    return proposal.decision(MailOutcome.HELD, text)


def _announce(proposal: Proposal, policy: Policy, mail: Mail, who: str, text: str) -> None:
    proposal.hold(mail.reference, HoldReason.STORM, text, mail_id=mail.id, suggestion=who)
    alert(
        proposal,
        policy,
        title=f"Mailflut von {who}",
        lines=(text, "Es gehen keine Eingangsbestätigungen und keine Weiterleitungen hinaus."),
        remedy="Prüfen Sie die Mails im Postfach; danach hilft: mailflow again --sender " + who,
        names=("storm", who, policy.today(proposal.now).isoformat()),
    )
