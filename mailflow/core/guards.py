"""What is kept away from tickets and offices: foreign services' codes, and storms of mail."""

import re
from datetime import datetime

from mailflow.core.address import mailbox_of
from mailflow.core.alerts import alert
from mailflow.core.changes import Decision, MailOutcome
from mailflow.core.known import Authentication, Known, Mail, Policy, Scan
from mailflow.core.proposal import Proposal
from mailflow.core.ticket import HoldReason
from mailflow.core.tracking import Role, without_tokens

__all__ = [
    "flooded",
    "foreign_code",
    "infected",
    "is_verification",
    "sender_doubt",
    "spoken_for",
    "tell_of_forgery",
    "unreadable_flood",
    "unscanned",
    "without_codes",
]

_NOBODY = re.compile(
    r"^(?:[\w.+-]{0,40}?(?:no[-_.]?reply|do[-_.]?not[-_.]?reply)\w*|verify|verification|signup"
    r"|accounts?|security|notifications?)(?:[-_.+].*)?@",
    re.IGNORECASE,
)
_THING = r"[- ]?(?:code|link|number|pin)\b"
_PASSING_ON = (
    rf"(?:verification|confirmation|activation|security|access|reset|recovery){_THING}"
    rf"|(?:sign[- ]?(?:in|up)|log[- ]?in|magic|registration|registrierungs|login|anmelde){_THING}"
    r"|one[- ]time (?:code|password|link)|code for signing in|passcode|\b2fa\b|two[- ]factor"
    r"|(?:bestätigungs|sicherheits|aktivierungs|zugangs|freischalt|verifizierungs)[- ]?"
    r"(?:code|link)|einmal(?:code|kennwort|passwort)|zwei-faktor|(?:ihre|sms|mobile)[- ]?tan\b"
)
_VERIFICATION = re.compile(
    r"verify (?:your|this|my|email)|confirm your (?:e-?mail|account|address|registration)"
    r"|activate (?:your|my)|reset (?:your|my) password|password reset|confirmation instructions"
    r"|(?:have been|were|are) invited to join|invited you to join"
    r"|bestätigen sie ihre (?:e-?mail|anmeldung|adresse|registrierung)"
    r"|(?:e-?mail-?adresse|registrierung|konto) (?:zu )?(?:bestätigen|verifizieren|aktivieren"
    r"|abschließen)|(?:passwort|kennwort) zurück|" + _PASSING_ON,
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?<!\d)\d{3} ?\d{3}(?!\d)|(?<!\d)\d{4,8}(?!\d)|https?://\S{20,}"
    r"|\b[A-Z0-9]{3}-[A-Z0-9]{3}\b"
)
_LOOKED_AT = 4000
# what only their service's code for *you* is called; a site's access code is an inquiry's matter
_YOUR_CODE = (
    r"\b(?:your|this) (?:[\w-]{1,20} ){0,2}?(?:verification|confirmation|activation|security"
    r"|one[- ]time|sign[- ]?in|log[- ]?in|reset|recovery)[- ](?:code|pin|passcode|password)\b"
    r"|\b(?:ihr|dein)e? (?:[\w-]{1,20} ){0,2}?(?:bestätigungs|sicherheits|aktivierungs|freischalt"
    r"|verifizierungs|einmal|anmelde|registrierungs|login)[- ]?(?:code|pin|kennwort|passwort)\b"
)
_DIGITS = r"(?<!\d)\d{3}[ -]?\d{3}(?!\d)|(?<!\d)\d{4,8}(?!\d)|\b(?-i:[A-Z0-9]{3}-[A-Z0-9]{3})\b"
_YOUR_ACCOUNT = (
    r"\b(?:verify|confirm|activate) (?:your|this) (?:new )?(?:e-?mail|account|registration)\b"
    r"|\breset your password\b|\bbestätigen sie (?:bitte )?(?:jetzt )?ihre?n? "
    r"(?:e-?mail|mail|konto|account|benutzerkonto|registrierung)\b"
    r"|\bihre?n? (?:e-?mail(?:-?adresse)?|konto|benutzerkonto|account|registrierung) (?:zu )?"
    r"(?:bestätigen|verifizieren|aktivieren|freischalten)"
    r"|\bbestätigung (?:ihrer|deiner) (?:neuen )?(?:e-?mail-?adresse|mailadresse|registrierung)\b"
    r"|\bbestätige (?:bitte )?(?:jetzt |noch )?deine?n? (?:neue )?"
    r"(?:e-?mail|mail|konto|account|benutzerkonto|registrierung|anmeldung|adresse)"
    r"|\bum (?:ihre|deine) (?:registrierung|anmeldung) (?:abzuschließen|zu bestätigen)"
    r"|\b(?:sie|du) ha(?:ben|st) ein neues (?:passwort|kennwort) angefordert"
    r"|\bum (?:ihr|dein) (?:passwort|kennwort) (?:neu zu setzen|zurückzusetzen|zu ändern)"
    r"|\bfinish signing up\b"
    r"|\b(?:finish setting up|complete) your (?:account|registration|sign-?up)\b"
    r"|\b(?:click|tap|use|follow) [^.\n]{0,40}to (?:sign|log)[- ]?in\b"
    r"|\baccept (?:the |your |this )?invit(?:ation|e)\b|\beinladung annehmen\b"
)
# "your code" and no more: by six digits, since gates have fewer; a place's or paper's is none
_SIX_DIGITS = r"(?<!\d)(?:\d{3}[ -]?\d{3}|\d{6,8})(?!\d)"
_OF_A_SERVICE = (
    r"(?:(?!(?:post|zip|plz|access|area|building|site|gate|door|entry|key|project|customer|order"
    r"|tax|tariff|qr|bar|country|file|plan|plot|reference|vat|zugang|zutritt|tor|schranke|baustelle"
    r"|gelände|schlüssel|objekt|projekt|kunde|branche|wz|eori|nace|cpv))[\w.&]{1,20}[- ])"
)
_YOUR_BARE_CODE = rf"\b(?:your|dein|ihr) {_OF_A_SERVICE}{{0,2}}?code\b"
_TO_SIGN_IN = (
    r"(?:sign[- ]?(?:in|up)|log[- ]?in|(?:verify|confirm|complete|finish|reset|activate) your)\b"
)
_TYPE_THIS_CODE = (
    r"\benter (?:this|the(?: following)?) code (?:(?:in|on|into|at) (?:the|your|our) (?:form|page"
    rf"|screen|app|browser|window|field|website)\b|to {_TO_SIGN_IN})"
    r"|\b(?:gib|geben sie) (?:bitte )?(?:diesen|(?:den )?folgenden) code "
    r"(?:ein, um (?:dich|sich|dein|ihr)"
    r"|(?:in|auf) (?:der|die|das|dem) (?:app|seite|webseite|website|formular|browser)\b)"
    r"|\btemporary (?:log[- ]?in|sign[- ]?(?:in|up)) code\b"
)
_YOUR_PIN = (
    r"\b(?:ihre|deine|your) (?:[\w-]{1,20} ){0,2}?(?:[a-z]{1,8}-?)?(?:pin|tan)(?: lautet| ist| is)?"
)
_SECRET = re.compile(rf"(?:https?://|www\.)\S+|{_DIGITS}|\d{{4,}}", re.IGNORECASE)
_HANDED_OUT = re.compile(
    rf"(?:{_YOUR_CODE}).{{0,60}}?(?:{_DIGITS}|https?://)"
    rf"|(?:{_DIGITS}) (?:is|ist) {_YOUR_BARE_CODE}"
    rf"|{_YOUR_BARE_CODE}(?: lautet| is| ist)?:?\s{{1,3}}{_SIX_DIGITS}"
    rf"|{_YOUR_PIN}:?\s{{1,3}}{_SIX_DIGITS}"
    rf"|(?:{_TYPE_THIS_CODE}).{{0,60}}?(?:{_DIGITS}|\b[a-z]{{3,12}}(?:-[a-z]{{3,12}}){{2,3}}\b)"
    rf"|\buse (?:(?:the |this )?code )?(?:{_DIGITS}) (?:to|for) {_TO_SIGN_IN}"
    rf"|\bmit (?:dem code )?(?:{_DIGITS}) (?:anmelden|einloggen|registrieren)\b"
    rf"|(?:{_DIGITS}) (?:is|ist) (?:{_YOUR_CODE})"
    rf"|(?:{_YOUR_ACCOUNT}).{{0,200}}?https?://\S{{12,}}",
    re.IGNORECASE | re.DOTALL,
)
_SHORT = 1200
"""Letters; who hands out a code says little else, and who writes a letter says more."""


def is_verification(sender: str, subject: str, text: str) -> bool:
    """Whether a mail hands out a code or link that proves who reads this mailbox.

    Strangers sign up elsewhere with a city's address and read the code out of what is passed on
    ("Ticket Trick"): such a mail is never shown to anybody but the manager. In the text of a
    sender like any other only "your code" beside a code counts, or "your account" beside a link.
    """
    return _is_announced(sender, subject, text) or _hands_out(subject, text)


def _is_announced(sender: str, subject: str, text: str) -> bool:
    """Whether already the sender or the subject says that a mail hands out a code."""
    words = f"{subject}\n{text[:_LOOKED_AT]}"
    if _NOBODY.match(sender) and (_VERIFICATION.search(words) or _hands_out(subject, text)):
        return True
    return bool(_VERIFICATION.search(subject) and _CODE.search(words))


def _hands_out(subject: str, text: str) -> bool:
    words = f"{subject}\n{text[:_LOOKED_AT]}"
    return len(text.strip()) <= _SHORT and bool(_HANDED_OUT.search(words))


def without_codes(text: str) -> str:
    """Give a text in which every link, and all that may be a code, is left out."""
    return _SECRET.sub("…", text)


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


def spoken_for(known: Known) -> str:
    """Give the office that a mail may speak for by a token of it, true or false; "" for none."""
    return next((leg.office_id for leg in known.legs if leg.role is Role.OFFICE), "")


def foreign_code(known: Known, policy: Policy, now: datetime) -> Decision | None:
    """Give the decision on a mail that hands out a foreign service's code, None for any other.

    Where only its text sounds so, or somebody has let it out of quarantine, the manager decides.
    """
    mail = known.mail
    message = mail.message
    announced = _is_announced(mail.sender, message.subject, message.text)
    if not announced and not _hands_out(message.subject, message.text):
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


def flooded(known: Known, policy: Policy, now: datetime) -> Decision | None:
    """Give the decision on a mail that comes in a flood, token or not, None for any other."""
    mail = known.mail
    mailbox = mailbox_of(mail.sender)
    sources = []
    if mail.recent_of_domain >= policy.storm_of_domain:
        sources.append(mailbox.rpartition("@")[2])
    if mail.recent_of_sender >= policy.storm_of_sender:
        sources.append(mailbox)
    if not sources:
        return None
    known_ones = (each for each in sources if _flood_words(each, mail) in mail.known_floods)
    return _storm(known, policy, now, next(known_ones, sources[0]))


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


def _storm(known: Known, policy: Policy, now: datetime, who: str) -> Decision:
    """Keep a storm's mails under one item, tell of it once, acknowledge and forward nothing.

    ``who`` is "" for mails that name no clear sender: they count as one's.
    """
    proposal = Proposal({}, now)
    text = _flood_words(who, known.mail)
    if text not in known.mail.known_floods:
        _announce(proposal, policy, known.mail, who, text)
    return proposal.decision(MailOutcome.HELD, text)


def _flood_words(who: str, mail: Mail) -> str:
    """Give what a flood's item says; by these words its mails are found.

    A forged flood is another than a true one of the same name: dropped together they may not be.
    """
    source = f"Von {who} kommen" if who else "Ohne eindeutigen Absender kommen"
    text = f"{source} ungewöhnlich viele Mails; sie werden nur noch aufbewahrt."
    if sender_doubt(mail):
        text += " Der Mailserver bestätigt diesen Absender nicht."
    return without_tokens(text)


def _announce(proposal: Proposal, policy: Policy, mail: Mail, who: str, text: str) -> None:
    proposal.hold(mail.reference, HoldReason.STORM, text, mail_id=mail.id, suggestion=who)
    alert(
        proposal,
        policy,
        title=f"Mailflut von {who}" if who else "Mailflut ohne eindeutigen Absender",
        lines=(text, "Es gehen keine Eingangsbestätigungen und keine Weiterleitungen hinaus."),
        remedy=(
            "Prüfen Sie die Mails im Postfach; danach hilft: mailflow again --sender " + who
            if who
            else "Prüfen Sie die Mails im Postfach; von hier gehen sie nicht weiter."
        ),
        names=("storm", who, mail.reference),
    )
