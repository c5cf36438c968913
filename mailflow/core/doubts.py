"""Why an office's mail must wait for the manager: who writes, when, and what it says."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeAlias

from mailflow.core.account import writes_for
from mailflow.core.asides import asides
from mailflow.core.attachments import (
    is_dangerous,
    is_hung_on,
    is_mail,
    is_perhaps_hung_on,
    is_readable,
    names_internal,
)
from mailflow.core.combining import for_company
from mailflow.core.consulting import bound_addresses
from mailflow.core.guards import sender_doubt
from mailflow.core.house import names_office
from mailflow.core.known import Known, Mail, Policy
from mailflow.core.letter import content
from mailflow.core.message import Attachment
from mailflow.core.offices import Office
from mailflow.core.other_matters import other_matters
from mailflow.core.own_names import own_names
from mailflow.core.quoted import holds_thread
from mailflow.core.remarks import internal_words, perhaps_internal
from mailflow.core.repetition import reply_repeats
from mailflow.core.reply import KIND_WORDS, ReplyKind, ReplyReading
from mailflow.core.sentences import sentence_with, sentences_with
from mailflow.core.ticket import (
    CONSULTATION_MOVES,
    Consultation,
    ConsultationState,
    HoldReason,
    Ticket,
)
from mailflow.core.told_to_desk import called_by_name
from mailflow.core.tracking import Role, leg_of, without_tokens
from mailflow.core.visible import folded, visible

__all__ = [
    "PERHAPS_MACHINE",
    "as_an_answer",
    "doubt_of",
    "is_bound",
    "may_still",
    "went_to_company",
]

PERHAPS_MACHINE = "Ob ein Mensch oder ein Automat diese Mail geschrieben hat, ist nicht sicher."
_NAMED = 3
_LISTED = 10  # files
_MOST_REMARKS = 5
_LONGEST_SHOWN = 400
_QUOTED = 300  # letters of an internal part
_FOUND_BY = 60  # letters by which a sentence is found again
_CHARSETS = ("ascii", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_ENDED = re.compile(r"[.!?…]“?$")
_TARGETS = {
    ReplyKind.ANSWER: ConsultationState.ANSWERED,
    ReplyKind.INTERIM: ConsultationState.INTERIM,
    ReplyKind.QUESTION: ConsultationState.QUESTIONED,
    ReplyKind.DECLINE: ConsultationState.DECLINED,
}
_KEPT = {ReplyKind.DECLINE, ReplyKind.INTERNAL}
"""Of such replies the company reads nothing."""

_Doubt: TypeAlias = tuple[HoldReason, str]


@dataclass(frozen=True, slots=True)
class _Given:
    """An office's mail with all that may speak against it."""

    known: Known
    ticket: Ticket
    office: Office
    reading: ReplyReading
    policy: Policy

    @property
    def mail(self) -> Mail:
        """The mail itself."""
        return self.known.mail

    @property
    def name(self) -> str:
        """What the manager calls the office."""
        return self.office.short_name

    @property
    def goes_on(self) -> bool:
        """Whether the company reads of it what it has not read yet."""
        is_kept = self.reading.kind in _KEPT
        return not (is_kept or went_to_company(self.ticket, self.mail, self.policy))


def doubt_of(
    known: Known, ticket: Ticket, office: Office, reading: ReplyReading, policy: Policy
) -> tuple[HoldReason, str] | None:
    """Give why this reply must wait for the manager, None if there is no reason.

    Who writes and when comes first. All else that makes it wait is named beside it, and so is what
    would have made it wait as an answer: his order may make one of it, and he may know of it no
    more than he reads here.
    """
    given = _Given(known, ticket, office, reading, policy)
    causes = list(_causes(given))
    if not causes:
        return None
    if not given.goes_on:
        causes += _as_an_answer(given)
    text = _joined(causes)
    if _company_reads(ticket, known.mail, policy):
        text += " In Kopie ging sie schon an das Unternehmen."
    return causes[0][0], text


def as_an_answer(
    known: Known, ticket: Ticket, office: Office, reading: ReplyReading, policy: Policy
) -> str:
    """Give what the manager must know of a mail before he makes an answer of it, "" for nothing."""
    causes = _as_an_answer(_Given(known, ticket, office, reading, policy))
    return _joined(causes) if causes else ""


def _as_an_answer(given: _Given) -> list[_Doubt]:
    answer = replace(given, reading=replace(given.reading, kind=ReplyKind.ANSWER))
    return [*_foreign_doubts(answer), *_own_doubts(answer)]


def _joined(causes: Iterable[_Doubt]) -> str:
    *others, last = dict.fromkeys(text for _, text in causes)
    ended = (each if _ENDED.search(each) else f"{each}." for each in others)
    return " Außerdem: ".join((*ended, last))


def _causes(given: _Given) -> Iterator[_Doubt]:
    """Give all for which a mail waits; of one that the company has, only its kind matters."""
    is_direct = went_to_company(given.ticket, given.mail, given.policy)
    yield from _sender_doubts(given)
    yield from _form_doubts(given)
    yield from () if is_direct else _foreign_doubts(given)
    yield from _kind_doubts(given.reading)
    yield from () if is_direct else _own_doubts(given)
    yield from _reader_doubts(given)


def went_to_company(ticket: Ticket, mail: Mail, policy: Policy) -> bool:
    """Whether an office has answered the company itself, so that nothing is to be sent again.

    It has if the one who asked reads it, or if it is addressed to somebody of the company and not
    to us. A colleague in copy is not enough: who asked would never be answered.
    """
    to = {each.address.lower() for each in mail.message.to}
    if ticket.contact.address.lower() in to | {each.address.lower() for each in mail.message.cc}:
        return True
    return _is_of_company(to, ticket, policy) and not any(map(policy.is_central, to))


def _company_reads(ticket: Ticket, mail: Mail, policy: Policy) -> bool:
    """Whether anybody of the company is among the readers of an office's mail."""
    readers = {each.address.lower() for each in (*mail.message.to, *mail.message.cc)}
    return ticket.contact.address.lower() in readers or _is_of_company(readers, ticket, policy)


def _is_of_company(addresses: Iterable[str], ticket: Ticket, policy: Policy) -> bool:
    """Whether one of these is of the company; never one of the city, should both share a domain."""
    return any(
        writes_for(each, ticket, policy) and not policy.is_of_city(each) for each in addresses
    )


def _listed(names: Sequence[str], most: int) -> str:
    """Name so many of these, and how many more there are."""
    shown = ", ".join(each[:_LONGEST_SHOWN] for each in names[:most])
    return f"{shown} und {len(names) - most} weitere" if len(names) > most else shown


def _form_doubts(given: _Given) -> Iterator[_Doubt]:
    """Give why nobody can tell what a mail says, or whether anybody has said it."""
    reading, message = given.reading, given.mail.message
    says = content(reading.text) and for_company(reading.text, given.ticket, given.policy)
    empty = not (says or reading.internal_text or message.attachments)
    if message.encrypted:
        yield HoldReason.ENCRYPTED, f"Die Mail von {given.name} ist verschlüsselt."
    elif empty and reading.kind not in {ReplyKind.DECLINE, ReplyKind.INTERIM}:
        yield HoldReason.EMPTY, f"In der Mail von {given.name} steht nichts Neues."
    if message.perhaps_machine:
        yield HoldReason.CIRCULAR, f"{PERHAPS_MACHINE} Sie kommt von {given.name}."


def _foreign_doubts(given: _Given) -> Iterator[_Doubt]:
    """Give what a mail holds that somebody else wrote, or that concerns somebody else."""
    name, message, reading = given.name, given.mail.message, given.reading
    if message.quotes_kept or holds_thread(reading.text, _words_of(given.ticket)):
        text = f"In der Mail von {name} ist Neues nicht sicher vom Zitat zu trennen."
        yield HoldReason.QUOTES, text
    if _tells_token(given.ticket, given.mail, reading, given.policy):
        yield HoldReason.QUOTES, f"Die Mail von {name} enthält eine Kennung eines Amtes."
    others = other_matters(given.ticket, message, reading, given.policy, given.known.companies)
    if others:
        text = f"In der Mail von {name} geht es auch um {_listed(others, _NAMED)}."
        yield HoldReason.QUOTES, text
    if withheld := [each.name for each in message.attachments if _is_withheld(each)]:
        text = f"{name} schickt Anlagen, die nicht hinausgehen: {_listed(withheld, _LISTED)}"
        yield HoldReason.ATTACHMENT, text


def _kind_doubts(reading: ReplyReading) -> Iterator[_Doubt]:
    if reading.suspicion and not reading.explicit:
        is_kind = reading.kind is not ReplyKind.ANSWER  # an answer in doubt has no other name
        text = f"Vermutlich {KIND_WORDS[reading.kind]}: {reading.suspicion}" if is_kind else ""
        text = text or reading.suspicion[:1].upper() + reading.suspicion[1:]
        yield HoldReason.SUSPECTED, text


def _own_doubts(given: _Given) -> Iterator[_Doubt]:
    """Give what an office says, or sends, as it may not go on to the company."""
    yield from _again(given)
    if given.reading.kind is not ReplyKind.INTERNAL:
        yield from _remark_doubts(given)
    if given.reading.kind not in _KEPT:
        yield from _name_doubts(given)
        yield from _address_doubts(given)


def _again(given: _Given) -> Iterator[_Doubt]:
    """Give whether an office says what it said before, as a machine does to every mail.

    A further delay, until another day, is new; so is a file that was forgotten.
    """
    reading, part = given.reading, given.ticket.consultation(given.office.id)
    if part is None or reading.kind in _KEPT:
        return
    promised = max((each.until for each in part.replies if each.until), default=None)
    postponed = promised and reading.until and reading.until > promised
    files = [
        each
        for each in given.mail.message.attachments
        if not is_hung_on(each.name, each.content_type)  # a signature is another each time
    ]
    if not postponed and reply_repeats(reading.text, files, part, given.ticket):
        text = f"{given.name} schreibt dasselbe wie zuvor; vielleicht antwortet ein Automat."
        yield HoldReason.SUSPECTED, text


def _remark_doubts(given: _Given) -> Iterator[_Doubt]:
    """Give what of a mail is internal, or may be; of a decline the company reads nothing."""
    name, reading = given.name, given.reading
    goes_on = reading.kind is not ReplyKind.DECLINE
    remarks = _remarks(given.ticket, reading.text) if goes_on else []
    quotes = _listed([f"„{each}“" for each in remarks], _MOST_REMARKS)
    if reading.internal_text:
        quoted = _internal_part(reading.internal_text)
        text = (
            f"Die Mail von {name} enthält einen internen Teil{f': „{quoted}“' if quoted else '.'}"
        )
        more = f" Auch im Rest klingt etwas intern: {quotes}" if quotes else ""
        yield HoldReason.INTERNAL_PART, text + more
    elif quotes:
        text = f"In der Mail von {name} ist vielleicht etwas nur intern gemeint: {quotes}"
        yield HoldReason.SUSPECTED, text


def _internal_part(text: str) -> str:
    """Give so much of an internal part as a reason bears: where it is long, from its remark on."""
    said = " ".join(content(text).split())
    remark = sentence_with(text, internal_words(text)) if len(said) > _QUOTED else ""
    begin = max(0, said.find(remark[:_FOUND_BY]))
    shown = without_tokens(said[begin : begin + _QUOTED]).strip()
    more = " …" if len(said) > begin + _QUOTED else ""
    return f"{'… ' if begin else ''}{shown[:1].upper()}{shown[1:]}{more}"


def _remarks(ticket: Ticket, text: str) -> list[str]:
    """Quote what may be meant for the city only, by its words or by how and where it is said."""
    contact = ticket.contact
    called = f"{contact.name} {contact.address} {ticket.account.name}"
    known = own_names(called, _words_of(ticket))
    own = "\n".join(each for each in text.split("\n") if not each.lstrip().startswith(">"))
    told = called_by_name(content(own), known)
    return sentences_with(
        text, chain(perhaps_internal(text, contact.name), asides(text, known), told)
    )


def _name_doubts(given: _Given) -> Iterator[_Doubt]:
    """Give the files whose names sound internal, where the company would get them."""
    files = [
        each.name
        for each in given.mail.message.attachments
        if names_internal(each.name) and not _is_withheld(each)
    ]
    if files:
        what = "Anlagen, deren Namen intern klingen; freigegeben gehen sie hinaus"
        yield HoldReason.ATTACHMENT, f"{given.name} schickt {what}: {_listed(files, _LISTED)}"


def _address_doubts(given: _Given) -> Iterator[_Doubt]:
    """Give the files in which an internal address is written, where the company would get them."""
    own = {each.sha256 for letter in given.ticket.letters for each in letter.attachments}
    files = [
        each.name
        for each in given.mail.message.attachments
        if is_readable(each.name, each.content_type)
        and not (each.sha256 in own or is_hung_on(each.name, each.content_type))
        and not _is_withheld(each)
        and names_office(visible(_text_of(each.content)), given.policy)
    ]
    if files:
        what = "Anlagen mit internen Adressen; freigegeben gehen sie hinaus"
        yield HoldReason.ATTACHMENT, f"{given.name} schickt {what}: {_listed(files, _LISTED)}"


def _text_of(content: bytes) -> str:
    """Give a plain file's text as far as addresses need it, whatever program has saved it."""
    content = content.replace(b"\0", b"")  # as Windows' editors save it: two bytes, four bytes
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _sender_doubts(given: _Given) -> Iterator[_Doubt]:
    office, sender = given.office, given.mail.sender
    part = given.ticket.consultation(office.id)
    if doubt := sender_doubt(given.mail, unauthenticated=office.unauthenticated):
        text = f"Eine Mail mit der Kennung für „{office.short_name}“. {doubt}"
        yield HoldReason.AUTHENTICATION, text
    if not is_bound(sender, office, given.known):
        text = f"{sender} antwortet für „{office.short_name}“, ist dort aber nicht hinterlegt."
        yield HoldReason.SENDER, text
    if part is None or given.ticket.is_over or not may_still(part, given.reading.kind):
        yield HoldReason.LATE, f"{office.short_name} schreibt nach Abschluss seines Teils."


def _reader_doubts(given: _Given) -> Iterator[_Doubt]:
    """Say why nothing can go to the company at once: our last mail to it came back."""
    came_back = any(
        hold.reason is HoldReason.UNREACHABLE and not hold.office_id for hold in given.ticket.holds
    )
    if came_back and given.reading.kind in {ReplyKind.INTERIM, ReplyKind.QUESTION}:
        what = f"{KIND_WORDS[given.reading.kind]} für {given.ticket.contact.address}"
        yield HoldReason.UNREACHABLE, f"{what}, wo unsere letzte Mail nicht ankam."


def is_bound(sender: str, office: Office, known: Known) -> bool:
    """Whether this address is configured for the office, or the manager let it write for it."""
    return sender in bound_addresses(office) or known.bound_senders.get(sender) == office.id


def may_still(part: Consultation, kind: ReplyKind) -> bool:
    """Whether a mail of this kind fits where the office's part stands."""
    target = _TARGETS.get(kind, part.state)
    if part.state is ConsultationState.WITHDRAWN:
        return False
    return target is part.state or target in CONSULTATION_MOVES[part.state]


def _is_withheld(file: Attachment) -> bool:
    kind = file.name, file.content_type
    return is_dangerous(*kind) or is_mail(*kind) or is_perhaps_hung_on(*kind, file.content)


def _tells_token(ticket: Ticket, mail: Mail, reading: ReplyReading, policy: Policy) -> bool:
    """Whether an office's token is left where it could not be taken out: cut up, or in a file."""
    ring = policy.keyring
    secrets = [
        ring.token(Role.OFFICE, part.leg, part.recipient, kid)[-16:]
        for part in ticket.consultations
        for kid in ring.keys
    ]
    legs = {part.leg for part in ticket.consultations}  # also made for an address of before a loss
    secrets += [each.token[-16:] for each in mail.message.marks if leg_of(each.token) in legs]
    words = folded(for_company(reading.text, ticket, policy))
    files = [each.content.lower() for each in mail.message.attachments]
    return any(
        secret in words or any(_written_in(secret, content) for content in files)
        for secret in secrets
    )


def _written_in(secret: str, content: bytes) -> bool:
    """Whether a file holds these letters, in one byte each or as Windows' editors save them."""
    return any(secret.encode(charset) in content for charset in _CHARSETS)


def _words_of(ticket: Ticket) -> str:
    return "\n".join(letter.text for letter in ticket.letters)
