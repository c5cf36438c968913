"""What keeps a mail away from tickets and offices: malware, foreign codes, a sender in doubt.

And that nobody could read it.
"""

from datetime import datetime

from mailflow.core.address import mailbox_of
from mailflow.core.alerts import alert
from mailflow.core.changes import Decision, MailOutcome
from mailflow.core.known import Authentication, Known, Mail, Policy, Scan
from mailflow.core.proposal import Proposal
from mailflow.core.ticket import HoldReason
from mailflow.core.tracking import Role
from mailflow.core.verification import hands_out, is_announced

__all__ = [
    "foreign_code",
    "infected",
    "of_headers_only",
    "sender_doubt",
    "spoken_for",
    "tell_of_forgery",
    "unscanned",
]


def infected(known: Known, now: datetime) -> Decision | None:
    """Give the decision on a mail that carries malware, None for any other."""
    if known.mail.scan is not Scan.INFECTED:
        return None
    why = "Der Virenscanner hat in dieser Mail Schadsoftware gefunden."
    return Proposal({}, now).decision(MailOutcome.QUARANTINED, why)


def unscanned(known: Known, policy: Policy, now: datetime) -> Decision | None:
    """Give the decision on a mail that nobody could scan, None for any other."""
    mail = known.mail
    if mail.scan is not Scan.UNAVAILABLE:
        return None
    proposal = Proposal({}, now)
    why = f"Der Virenscanner antwortet nicht; die Anlagen sind ungeprüft. {sender_doubt(mail)}"
    why = why.rstrip()
    valid = [leg for leg in known.legs if leg.valid]
    proposal.hold(
        mail.reference,
        HoldReason.SCAN,
        why,
        mail_id=mail.id,
        office_id=spoken_for(known),
        suggestion=next((leg.reference for leg in valid), ""),
    )
    if valid and mail.authentication is Authentication.FAIL:
        tell_of_forgery(proposal, policy, mail)
    return proposal.decision(MailOutcome.HELD, why)


def of_headers_only(known: Known, policy: Policy, now: datetime) -> Decision:
    """Give the decision on a mail of which only the headers were read, whoever wrote it.

    Its words are missing, not empty: passed on, it would reach an office or a company as a blank.
    """
    proposal = Proposal({}, now)
    mail = known.mail
    ticket = next((leg.reference for leg in known.legs if leg.valid and leg.reference), "")
    text = (
        "Die Mail ist zu groß oder fehlerhaft gebaut: mailflow hat nur ihre Kopfzeilen gelesen. "
        f"Sie liegt im Postfach und ging an niemanden weiter. {sender_doubt(mail)}"
    ).rstrip()
    if ticket:
        text += f" Sie trägt eine Kennung aus {ticket}."
    proposal.hold(
        mail.reference,
        HoldReason.ENCRYPTED,
        text,
        mail_id=mail.id,
        office_id=spoken_for(known),
        suggestion=ticket,
    )
    alert(
        proposal,
        policy,
        title="Von einer Mail ließen sich nur die Kopfzeilen lesen",
        lines=(f"{mail.reference}: {mail.sender}", text),
        remedy=(
            "Bitte lesen Sie sie im Postfach, und schreiben Sie dem Absender. Weiteren Mails kann "
            "es ebenso ergehen; dies wird heute nicht noch einmal gemeldet."
        ),
        names=("headers-only", policy.today(now).isoformat()),
    )
    return proposal.decision(MailOutcome.HELD, text)


def spoken_for(known: Known) -> str:
    """Give the office whose token a mail bears, genuine or not; "" for none."""
    return next((leg.office_id for leg in known.legs if leg.role is Role.OFFICE), "")


def foreign_code(known: Known, policy: Policy, now: datetime) -> Decision | None:
    """Give the decision on a mail that hands out a foreign service's code, None for any other.

    Where only its text sounds so, or somebody has let it out of quarantine, the manager decides.
    """
    mail = known.mail
    message = mail.message
    announced = is_announced(mail.sender, message.subject, message.text)
    if not announced and not hands_out(message.subject, message.text):
        return None
    if announced and not policy.codes_wait:
        why = "Bestätigungsmail eines fremden Dienstes; sie wird niemandem weitergegeben."
        return Proposal({}, now).decision(MailOutcome.QUARANTINED, why)
    proposal = Proposal({}, now)
    why = "Klingt nach dem Code oder Link eines fremden Dienstes; sie ging an niemanden weiter."
    why = f"{why} {sender_doubt(mail)}".rstrip()
    suggestion = next(iter(known.tickets), "")
    proposal.hold(mail.reference, HoldReason.CODE, why, mail_id=mail.id, suggestion=suggestion)
    return proposal.decision(MailOutcome.HELD, why)


def sender_doubt(mail: Mail, *, unauthenticated: bool = False) -> str:
    """Give, for the manager to read, why the sender is in doubt; "" where he is not."""
    if mail.authentication.suffices(unauthenticated=unauthenticated):
        return ""
    if mail.authentication is Authentication.FAIL:
        return f"Der Mailserver sagt, dass {mail.sender} sie nicht geschickt hat."
    return f"Der Mailserver bestätigt nicht, dass sie von {mail.sender} kommt."


def tell_of_forgery(proposal: Proposal, policy: Policy, mail: Mail) -> None:
    """Tell the manager, once a day, of a name under which a forger writes with a valid token."""
    alert(
        proposal,
        policy,
        title="Eine Mail mit gültiger Kennung kommt nicht von ihrem Absender",
        lines=(f"Der Mailserver sagt, dass {mail.sender} sie nicht geschickt hat.",),
        remedy="Sie hat nichts bewirkt und wartet auf Ihre Entscheidung.",
        names=("forged", mailbox_of(mail.sender), policy.today(proposal.now).isoformat()),
    )
