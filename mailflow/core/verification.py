"""Foreign services' codes and links that prove who reads this mailbox: how they are recognised."""

import re

__all__ = ["hands_out", "is_announced", "is_verification", "without_codes"]

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
    return is_announced(sender, subject, text) or hands_out(subject, text)


def is_announced(sender: str, subject: str, text: str) -> bool:
    """Whether already the sender or the subject says that a mail hands out a code."""
    words = f"{subject}\n{text[:_LOOKED_AT]}"
    if _NOBODY.match(sender) and (_VERIFICATION.search(words) or hands_out(subject, text)):
        return True
    return bool(_VERIFICATION.search(subject) and _CODE.search(words))


def hands_out(subject: str, text: str) -> bool:
    """Whether a short text hands out a code, or a link into an account, to whoever reads it."""
    words = f"{subject}\n{text[:_LOOKED_AT]}"
    return len(text.strip()) <= _SHORT and bool(_HANDED_OUT.search(words))


def without_codes(text: str) -> str:
    """Give a text in which every link, and all that may be a code, is left out."""
    return _SECRET.sub("…", text)
