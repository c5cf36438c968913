"""A mail that looks like a machine's, and may be a person's, or say something, all the same.

Groups, customer databases and ticket systems put a circular's headers on single letters. Forms and
control rooms write from addresses that take no reply. And firms write of what did not arrive. An
event, of which nobody hears, is only what is surely a machine's and surely says nothing.
"""

import re
from itertools import pairwise, starmap

from mailflow.core.bulk import is_senders
from mailflow.core.intents import Action
from mailflow.core.known import Known, Leg, Policy
from mailflow.core.message import Kind, Message
from mailflow.core.offices import Routing, route
from mailflow.core.receipts import only_receives
from mailflow.core.subject import without_reply_prefixes
from mailflow.core.ticket import TicketState
from mailflow.core.tracking import Role, find_references, named

__all__ = ["is_alarm", "is_forms", "may_be_persons", "says_something"]

_CIRCULAR = "precedence"
_POSTED = {"list-unsubscribe", "list-unsubscribe-post"}
"""RFC 8058 §3.1: who sends the second sends the first."""
_POSTED_BY_SERVICE = {*_POSTED, "feedback-id"}
_UNSUBSCRIBED = "list-unsubscribe"
_LISTED = {_UNSUBSCRIBED, "x-mailing-list"}
_LEAVING = r"\b(?:abmeld|abbestell|abzu(?:melden|bestellen)|austragen|auszutragen)"
_LEAVE = re.compile(
    r"\bunsubscribe\b|\bview [^\n.!?]{0,40}\bin (?:your|a|the) browser"
    r"|\bim browser (?:ansehen|anzeigen|betrachten)\b"
    rf"|\bnewsletter\b[^\n.!?]{{0,40}}(?:{_LEAVING}|\bnicht (?:mehr|länger)\b)"
    rf"|{_LEAVING}[^\n.!?]{{0,40}}\bnewsletter\b"
    rf"|^\W{{0,5}}(?:hier |jetzt )?{_LEAVING}\w{{0,3}} ?(?:$|[|·•:<\[(-])"
    rf"|\bsich hier {_LEAVING}|\bklick[^\n.!?]{{0,40}}{_LEAVING}",
    re.IGNORECASE,
)
"""How to get no more of them, in words of no single letter.

One may invite to a newsletter below its signature, or ask how to deregister a trade.
"""
_LEAVE_BY_LINK = re.compile(_LEAVING, re.IGNORECASE)
_OF_SOMETHING = re.compile(
    rf"\b(?!newsletter|e-?mails?|hier|sie\b)(?-i:[A-ZÄÖÜ])[\w-]{{2,40}} {_LEAVING}", re.IGNORECASE
)
_LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)
_NOW = re.compile(
    r"\b(?:soeben|in diesem moment|(?:vor|seit) wenigen minuten|right now|at this moment"
    r"|just now|(?:muss|müssen|bitte|kommen sie)\b[^.!?\n]{0,40}\bsofort|sofort (?:jemand|kommen)"
    r"|sofortige hilfe|(?:hier|bei uns) (?:riecht|brennt)|immediate help)\b|\bhilfe!",
    re.IGNORECASE,
)
"""What those say who are in danger, and nobody who writes about it."""
_ADVICE = re.compile(
    r"\b(?:bei|im falle? (?:von|eines|einer)|in (?:dringenden )?notfällen wie) (?:\w{1,20}\s)?"
    r"(?:gas|(?:wasser)?rohrbr|brand|feuer|notf|stör|strom|gefahr|unf)"
    r"(?!-?(?:station|leitung|melde|sensor|anlage))\w{0,20}\b"
    r"(?:(?!\b(?:wurden?|ist|sind|hat|haben|kam|droht|gab|gibt)\b)[^.!?]){0,80}"
    r"(?:\b(?:wählen|rufen|wenden|erreichen|verständigen)\b"
    r"|: ?[+(]?(?:\d[ /()-]{0,2}){3}(?:[\d /()-]|oder){0,30}"
    r"(?:rund um die uhr|\([^()\n]{0,40}\))?(?= ?(?:[.,;!?\n]|$)))",
    re.IGNORECASE,
)
"""Whom to call if it happens: in a utility's every receipt and absence note.

A figure behind a colon is a telephone number if nothing follows it in its clause: elsewhere it
counts the injured.
"""
_PLACE = re.compile(
    r"\w{2}(?:straße|strasse|str\b)"
    r"|\b(?-i:[A-ZÄÖÜ])[\w-]{2,40} (?!11[0256]\b)[1-9]\d{0,2}[a-z]?\b"
    r"(?! ?\d|(?:[\d :-]|bis){0,12} ?(?:uhr|h\b|stunden))",
    re.IGNORECASE,
)
"""A street, a house's or a hall's number: it has happened there."""
_BY_WORDS = (
    "Nur ihren Worten nach meldet diese Mail, dass etwas nicht ankam, und von uns nennt sie keine. "
    "Vielleicht hat ein Mensch sie geschrieben."
)
_AUTOMAT = "Vermutlich schrieb ein Automat, aber keine Antwort an uns, vielleicht eine Anfrage."


def may_be_persons(known: Known, policy: Policy) -> bool:
    """Whether somebody who holds a token of ours may write by himself, by a doubtful sign only.

    His mail is one that he or a machine may have written, and waits where it belongs. What ticket
    systems send for somebody bears the signs of what they send by themselves: but for receipts,
    only the words tell them apart.
    """
    message = known.mail.message
    valid = [leg for leg in known.legs if leg.valid]
    if message.by_words:
        return any(is_senders(leg, known, policy) for leg in valid)
    if not message.by_program or message.return_path == "":
        return False
    answers = any(is_senders(leg, known, policy) or _is_awaited(leg, known) for leg in valid)
    return answers and not only_receives(message)


def _is_awaited(leg: Leg, known: Known) -> bool:
    """Whether we wait for an answer with this token: a ticket system has an address of its own.

    Of a company we do while an office's question is open. Else what comes into its thread from
    elsewhere, and calls itself a circular, is a survey.
    """
    ticket = known.tickets.get(leg.reference)
    if ticket is None or leg.role is Role.MANAGER:
        return False
    is_asked = bool(known.asked_by) or ticket.state is TicketState.WAITING
    return leg.role is Role.OFFICE or is_asked


def is_forms(known: Known) -> bool:
    """Whether the city's own form sends what somebody filled in, though a program says it wrote it.

    It answers nothing, neither of ours nor anybody's, and nobody has subscribed to it. When
    somebody is away is what he typed into it.
    """
    mail, message = known.mail, known.mail.message
    by_program = message.by_words or message.kind in {Kind.AUTO_REPLY, Kind.BULK}
    answers = known.legs or message.in_reply_to or message.references or _answers_us(known)
    return bool(by_program and mail.on_behalf_of) and not (answers or _is_listed(message))


def _is_listed(message: Message) -> bool:
    """Whether a mail goes to subscribers: more than a mail service's own headers say so."""
    signs = set(message.bulk_signs)
    by_service = _POSTED_BY_SERVICE.issuperset(signs) and not _can_be_left(message)
    return not (_LISTED.isdisjoint(signs) or by_service)


def _can_be_left(message: Message) -> bool:
    """Whether a mail says how to get no more of its kind, by a header and by a line of its text."""
    lines = (*message.text.split("\n"), "")
    return _UNSUBSCRIBED in message.bulk_signs and any(starmap(_leaves, pairwise(lines)))


def _leaves(line: str, below: str) -> bool:
    linked = _LEAVE_BY_LINK.search(line) and (_LINK.search(line) or _LINK.match(below.lstrip()))
    return bool(_LEAVE.search(line) or (linked and not _OF_SOMETHING.search(line)))


def says_something(known: Known, policy: Policy) -> str:
    """Say why a mail that looks like a machine's must not pass unseen, "" if it may.

    Danger is heard whoever speaks of it, but for advice on whom to call then, and for what a bounce
    quotes in its subject. An office that is
    sure makes it perhaps an inquiry, but neither of what answers a mail of ours, nor of what bears
    several signs: a newsletter, or an automatic reply that is marked as one of many, too.
    """
    mail, message = known.mail, known.mail.message
    if not mail.sender or policy.is_central(mail.sender):
        return ""
    if message.by_words:
        return "" if known.caused_by else _BY_WORDS
    if message.kind is Kind.BULK:
        return _in_bulk(known, policy)
    if policy.is_manager(mail.sender) or _answers_us(known):
        return ""
    is_bounce = message.kind in {Kind.BOUNCE, Kind.DELAY}
    subject = "" if is_bounce else _own_subject(message, policy)
    routing = _routing(known, subject, policy)
    is_inquiry = _is_sure(routing) and not (is_bounce or _CIRCULAR in message.bulk_signs)
    return f"{_AUTOMAT} {routing.why}" if is_inquiry or _is_danger(routing) else ""


def is_alarm(message: Message) -> bool:
    """Whether danger in a mail is told at once: not where a newsletter only writes about it.

    A newsletter can be unsubscribed from, and bears more signs than the two that belong together.
    """
    signs = message.bulk_signs
    is_newsletter = message.kind is Kind.BULK and _UNSUBSCRIBED in signs
    if not is_newsletter or _POSTED.issuperset(signs):
        return True
    return bool(_NOW.search(f"{message.subject}\n{message.new_text}"))


def _in_bulk(known: Known, policy: Policy) -> str:
    message, signs = known.mail.message, known.mail.message.bulk_signs
    routing = _routing(known, message.subject, policy)
    is_single = len(signs) == 1 or _POSTED.issuperset(signs)
    is_asked = message.asks and not (_answers_us(known) or _can_be_left(message))
    is_inquiry = is_single and (_is_sure(routing) or is_asked)
    if not (is_inquiry or _is_danger(routing)):
        return ""
    named_by = ", ".join(signs)
    return f"Laut Kopfzeile ({named_by}) ein Rundschreiben, vielleicht eine Anfrage. {routing.why}"


def _answers_us(known: Known) -> bool:
    """Whether a mail answers one of ours: by a token, or by a Message-ID that it names."""
    message = known.mail.message
    ids = (message.in_reply_to, *message.references, *message.original_ids)
    valid = any(leg.valid for leg in known.legs)
    return valid or bool(known.caused_by) or any(map(named, ids))


def _own_subject(message: Message, policy: Policy) -> str:
    """Give the subject, but "" where it may be that of the mail to which a machine replies."""
    subject = message.subject
    is_reply = bool(message.in_reply_to or message.references or message.original_ids)
    is_reply = is_reply or without_reply_prefixes(subject) != subject.lstrip()
    of_another = is_reply or bool(find_references(subject, policy.prefix))
    return "" if of_another or message.kind is Kind.REPORT else subject


def _routing(known: Known, subject: str, policy: Policy) -> Routing:
    mail = known.mail
    return route(
        subject,
        _ADVICE.sub(_of_a_place, mail.message.new_text),
        mail.message.language or policy.language,
        policy.offices,
        policy.routing,
        known_company=mail.account is not None,
        generated=True,
    )


def _of_a_place(advice: re.Match[str]) -> str:
    """Give what sounds like advice and names a place, "" for advice: that holds anywhere."""
    return advice[0] if _PLACE.search(advice[0]) else ""


def _is_sure(routing: Routing) -> bool:
    return routing.action is Action.ROUTE and bool(routing.offices or routing.confirm)


def _is_danger(routing: Routing) -> bool:
    return routing.action is Action.EMERGENCY
