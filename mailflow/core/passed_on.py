"""Somebody else's mail passed on below a few words: "Hier die Antwort der Statik:".

A quote says nothing new as a rule. Where it is none of our mails, and what stands above it only
hands it over, it is what the mail is about. A full answer above a colleague's mail is the answer.
"""

import re
from dataclasses import replace

from mailflow.core.between import added_above_closing, share_of_ours
from mailflow.core.echo import marker_in
from mailflow.core.letter import content
from mailflow.core.message import Message
from mailflow.core.quoted import holds_our_words
from mailflow.core.thanks import thanks_only
from mailflow.core.wording import ANSWERS, SAYS_MORE

__all__ = ["may_pass_on", "with_quote_added", "with_quote_kept"]

_FEW_WORDS = 40
_A_NOTE = 20  # words; a longer decision may speak of a mail as well
_OURS = 0.5  # of a quoted mail's words: then it is ours, if mangled, or holds the company's letter
_PROBLEM = "what was passed on below may be the answer: everything was kept"
_ADDED = "what was passed on below was added to the rest"

# What speaks of other words than its own; "Ihre Nachricht" is the one that is answered.
_HANDS_OVER = re.compile(
    r"(?<!ihre )(?<!ihrer )\b(?:antwort(?!en\b)|auskunft|auskünfte|stellungnahmen?|rückmeldung"
    r"|äußerung|einschätzung|ausführungen|mail|e-?mail|nachricht)\b"
    r"|\b(?:angaben|zahlen|daten|infos?) (?:von|vom|des|der|unsere[rs])\b"
    r"|\b(?:unten|untenstehend\w*|(?:nach|an)?folgend\w*|anbei|beigefügt\w*|siehe|fyi|s\. ?u\."
    r"|weiterleitung|weiterzuleiten|kenntnis\w*|zuständigkeitshalber|schlie(?:ß|ss)e\w? mich"
    r"|below|attached|forward\w*)\b|\bz\. ?k\b|\bzk\b|\b(?:kolleg\w+|herr|frau) [^.!?\n]{0,60}"
    r"\b(?:schr\w+|geschrieben|geantwortet|mitgeteilt|sagt)\b|\bs\. ?u\.|:\s*$",
    re.IGNORECASE,
)
# A figure or a verdict, but no word that a cover note has as well ("geht an Sie", "gern").
_DEFINITE = re.compile(
    r"\b\d[\d.,]{0,12}\s?(?:€|%|m²|m³|(?:euro|prozent|db|kn|qm|c?m|km|meter)\b)"
    r"|\b(?:(?:un)?zulässig|erlaubt|verboten|genehmigt|abgelehnt|bewilligt|freigegeben|erteilt)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\?|\b(?:bitte|kannst|könntest|magst|übernimm\w*|übernehmen|zuständigkeitshalber|please"
    r"|z\. ?w\. ?v|zur (?:weiteren )?(?:bearbeitung|veranlassung|beantwortung|kenntnis))\b",
    re.IGNORECASE,
)


def may_pass_on(message: Message) -> bool:
    """Tell whether a mail may hand over what somebody else wrote, whoever that is."""
    head, body = message.quoted_head, message.quoted_body
    if message.quotes_kept or not head or not body or body in message.reply_text:
        return False
    own = content(message.reply_text)
    if marker_in(body) >= 0 or holds_our_words(body) or thanks_only(message.reply_text):
        return False
    return len(own.split()) <= _FEW_WORDS and _only_hands_over(own, message)


def _only_hands_over(own: str, message: Message) -> bool:
    """Tell whether a few words above a quoted mail are no answer themselves.

    They are an answer where they decide something, or where the quoted mail asks for them.
    """
    decides = bool(ANSWERS.search(own) or SAYS_MORE.search(own) or _DEFINITE.search(own))
    if not own or (_HANDS_OVER.search(own) and not (decides and len(own.split()) > _A_NOTE)):
        return True
    is_own = message.sender.address.lower() in message.quoted_head.lower()
    asks = (
        bool(_ASKS.search(message.quoted_body)) and len(message.quoted_body.split()) <= _FEW_WORDS
    )
    return not (is_own or asks or decides)


def with_quote_kept(message: Message, ours: tuple[str, ...], central: str) -> Message:
    """Give an office's mail with all its text as new where it hands over another's, else as it is.

    It is held, and the manager sees what is whose. ``ours`` are the texts of our mails that it may
    quote, ``central`` is our address.
    """
    if not may_pass_on(message) or _is_ours(message, ours, central):
        return message
    problems = (*message.problems, _PROBLEM)
    return replace(message, reply_text=message.text, quotes_kept=True, problems=problems)


def with_quote_added(message: Message, ours: tuple[str, ...], central: str) -> Message:
    """Give a company's mail with the mail that it hands over below its own words."""
    if not may_pass_on(message) or _is_ours(message, ours, central):
        return message
    passed = f"{message.quoted_head}\n\n{message.quoted_body}"
    text = added_above_closing(message.reply_text, passed)
    return replace(message, reply_text=text, problems=(*message.problems, _ADDED))


def _is_ours(message: Message, ours: tuple[str, ...], central: str) -> bool:
    """Tell whether the mail quoted is ours, or the company's letter that ours held."""
    local, _, domain = central.lower().partition("@")
    head = message.quoted_head.lower()
    sender = head.split("\nan:")[0].split("\nto:")[0]
    by_us = re.search(rf"\b{re.escape(local)}(?:\+[\w.=-]{{1,200}})?@{re.escape(domain)}", sender)
    return bool(by_us) or share_of_ours(message.quoted_body, ours) >= _OURS
