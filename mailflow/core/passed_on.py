"""Somebody else's mail passed on below a few words: "Hier die Antwort der Statik:".

A quote says nothing new as a rule. Where it is none of our mails, and what stands above it only
hands it over, it is what the mail is about. A full answer above a colleague's mail is the answer.
"""

import re
from dataclasses import replace

from mailflow.core.answer import without_courtesies
from mailflow.core.between import added_above_closing, share_of_ours
from mailflow.core.echo import marker_in
from mailflow.core.letter import content
from mailflow.core.message import Message
from mailflow.core.quoted import holds_our_words
from mailflow.core.sentences import sentences
from mailflow.core.short_replies import decides, no_answer, tells
from mailflow.core.signatures import names_author
from mailflow.core.thanks import thanks_only

__all__ = ["may_pass_on", "with_quote_added", "with_quote_kept"]

_FEW_WORDS = 40
_OURS = 0.5  # of a quoted mail's words: then it is ours, if mangled, or holds the company's letter
_PROBLEM = "what was passed on below may be the answer: everything was kept"
_ADDED = "what was passed on below was added to the rest"

_MAIL = r"(?:e-?mails?|nachricht)"
_SAID = (
    r"(?:antwort(?!en\b)|auskunft|auskünfte|stellungnahmen?|rückmeldung|äußerung|einschätzung"
    rf"|ausführungen|angaben|zahlen|daten|infos?|{_MAIL})"
)
# Without what stands below, such words say nothing, whatever verdict stands beside them.
_POINTS_BELOW = re.compile(
    r"\b(?:unten|untenstehend\w*|s\. ?u\.|below|schlie(?:ß|ss)e\w? mich)(?!\w)|:\s*$"
    r"|\b(?:siehe|vgl\.|beachten sie|entnehmen sie|hier|anbei|beigefügt\w*|anliegend\w*"
    rf"|(?:nach|an)?folgend\w*|nachstehend\w*|attached)\b[^.!?\n,;:]{{0,40}}\b{_SAID}\b",
    re.IGNORECASE,
)
# What speaks of other words than its own, but may as well stand in an answer.
_HANDS_OVER = re.compile(
    r"(?<!ihre )(?<!ihrer )\b(?:antwort(?!en\b)|auskunft|auskünfte|stellungnahmen?|rückmeldung"
    r"|äußerung|einschätzung|ausführungen)\b"
    rf"|\b(?:die|der|diese[rn]?|obige[rn]?|weitergeleitete[rn]?) {_MAIL}\b(?!-)"
    rf"|\b{_MAIL} (?:von|vom|des|der) "
    r"|\b(?:angaben|zahlen|daten|infos?) (?:von|vom|des|der|unsere[rs])\b"
    r"|\b(?:nachfolgend\w*|nachstehend\w*|anbei|beigefügt\w*|siehe|fyi"
    r"|weiterleitung|weiterzuleiten|kenntnis\w*|zuständigkeitshalber"
    r"|attached|forward\w*)\b|\bz\. ?k\b|\bzk\b|\b(?:kolleg\w+|herr|frau) [^.!?\n]{0,60}"
    r"\b(?:schr\w+|geschrieben|geantwortet|mitgeteilt|sagt)\b",
    re.IGNORECASE,
)
_REPORTS = re.compile(r"\b(?:dass|ob)\b(.*)", re.IGNORECASE | re.DOTALL)
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

    They are one where they tell the company something, as any short mail is judged, and where
    what they stand above asks for them.
    """
    if not own or _POINTS_BELOW.search(own):
        return True
    said = [each for each in sentences(own) if decides(each) or not names_author(each)]
    notes = [each for each in said if _HANDS_OVER.search(each)]
    if notes:
        beside = [each for each in said if each not in notes]
        return not (any(map(tells, beside)) or any(map(_says_itself, notes)))
    is_own = message.sender.address.lower() in message.quoted_head.lower()
    asks = (
        bool(_ASKS.search(message.quoted_body)) and len(message.quoted_body.split()) <= _FEW_WORDS
    )
    return not (is_own or asks or no_answer(own) is None)


def _says_itself(note: str) -> bool:
    """Tell whether a sentence that mentions another's words decides, or reports what they say."""
    reported = _REPORTS.search(note)
    return decides(note) or bool(reported and tells(reported[1].strip()))


def with_quote_kept(message: Message, ours: tuple[str, ...], central: str) -> Message:
    """Give an office's mail with the mail that it hands over below its own words, else as it is.

    It is held, and the manager sees both; what stands further down goes nowhere. ``ours`` are the
    texts of our mails that it may quote, ``central`` is our address.
    """
    own = _above_quote(message)
    if not may_pass_on(own) or _is_ours(message, ours, central):
        return message
    both = (without_courtesies(each) for each in (own.reply_text, message.quoted_body))
    text = "\n\n".join(each for each in both if each)
    problems = (*message.problems, _PROBLEM)
    return replace(message, reply_text=text, quotes_kept=True, problems=problems)


def _above_quote(message: Message) -> Message:
    """Give a mail in which all was kept with what stands above its first quote alone.

    Where anything stands between marked lines, nothing is above alone.
    """
    lines = message.reply_text.split("\n")
    head = message.quoted_head.partition("\n")[0]
    begins = (n for n, each in enumerate(lines) if each.strip() == head or each.startswith(">"))
    at = next(begins, 0)
    marked = lines[at][:1] != ">" or all(each[:1] == ">" for each in lines[at:] if each.strip())
    if not (message.quotes_kept and at and marked):
        return message
    return replace(message, reply_text="\n".join(lines[:at]).rstrip(), quotes_kept=False)


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
