"""Why an office's mail must wait for the manager: who writes, when, and what it says."""

from collections.abc import Iterable

from mailflow.core.account import writes_for
from mailflow.core.asides import aside
from mailflow.core.attachments import (
    is_dangerous,
    is_hung_on,
    is_mail,
    is_perhaps_hung_on,
    is_readable,
    names_internal,
)
from mailflow.core.combining import for_company, names_internal_address
from mailflow.core.consulting import bound_addresses
from mailflow.core.guards import sender_doubt
from mailflow.core.known import Known, Mail, Policy
from mailflow.core.letter import content
from mailflow.core.message import Attachment
from mailflow.core.offices import Office
from mailflow.core.other_matters import other_matters
from mailflow.core.own_names import own_names
from mailflow.core.quoted import holds_thread
from mailflow.core.remarks import internal_words, sounds_internal
from mailflow.core.repetition import reply_repeats
from mailflow.core.reply import KIND_WORDS, ReplyKind, ReplyReading
from mailflow.core.sentences import sentence_with
from mailflow.core.ticket import (
    CONSULTATION_MOVES,
    Consultation,
    ConsultationState,
    HoldReason,
    Ticket,
)
from mailflow.core.told_to_desk import called_by_name
from mailflow.core.tracking import Role, leg_of, without_tokens
from mailflow.core.visible import folded

__all__ = ["PERHAPS_MACHINE", "doubt_of", "is_bound", "may_still", "went_to_company"]

PERHAPS_MACHINE = "Ob ein Mensch oder ein Automat diese Mail geschrieben hat, ist nicht sicher."
_NAMED = 3
_QUOTED = 300  # letters of an internal part
_FOUND_BY = 60  # letters by which a sentence is found again
_CHARSETS = ("ascii", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_TARGETS = {
    ReplyKind.ANSWER: ConsultationState.ANSWERED,
    ReplyKind.INTERIM: ConsultationState.INTERIM,
    ReplyKind.QUESTION: ConsultationState.QUESTIONED,
    ReplyKind.DECLINE: ConsultationState.DECLINED,
}


def doubt_of(
    known: Known, ticket: Ticket, office: Office, reading: ReplyReading, policy: Policy
) -> tuple[HoldReason, str] | None:
    """Give why this reply must wait for the manager, None if there is no reason.

    Who writes and when comes first; what it says is named beside it, so that nobody who releases
    a stranger's mail overlooks the quotes in it.
    """
    in_it = _content_doubt(ticket, office, known, reading, policy)
    doubt = _sender_doubt(known, ticket, office, reading)
    if doubt and in_it:
        doubt = doubt[0], f"{doubt[1]} Außerdem: {in_it[1]}"
    doubt = doubt or in_it or _reader_doubt(ticket, reading)
    if doubt and _company_reads(ticket, known.mail, policy):
        return doubt[0], f"{doubt[1]} In Kopie ging sie schon an das Unternehmen."
    return doubt


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


def _content_doubt(
    ticket: Ticket, office: Office, known: Known, reading: ReplyReading, policy: Policy
) -> tuple[HoldReason, str] | None:
    """Give the first reason in what an office's mail says why the manager must see it."""
    name, mail, message = office.short_name, known.mail, known.mail.message
    withheld = ", ".join(each.name for each in message.attachments if _is_withheld(each))[:300]
    says = content(reading.text) and for_company(reading.text, policy)
    empty = not (says or reading.internal_text or message.attachments)
    if message.encrypted:
        return HoldReason.ENCRYPTED, f"Die Mail von {name} ist verschlüsselt."
    if empty and reading.kind not in {ReplyKind.DECLINE, ReplyKind.INTERIM}:
        return HoldReason.EMPTY, f"In der Mail von {name} steht nichts Neues."
    if message.perhaps_machine:
        return HoldReason.CIRCULAR, f"{PERHAPS_MACHINE} Sie kommt von {name}."
    if went_to_company(ticket, mail, policy):  # nothing of it goes on: only its kind matters
        return _kind_doubt(reading)
    if message.quotes_kept or holds_thread(reading.text, _words_of(ticket)):
        return (
            HoldReason.QUOTES,
            f"In der Mail von {name} ist Neues nicht sicher vom Zitat zu trennen.",
        )
    if _tells_token(ticket, mail, reading, policy):
        return HoldReason.QUOTES, f"Die Mail von {name} enthält eine Kennung eines Amtes."
    if others := other_matters(ticket, message, reading, policy, known.companies):
        text = f"In der Mail von {name} geht es auch um {', '.join(others[:_NAMED])}."
        return HoldReason.QUOTES, text
    if withheld:
        return HoldReason.ATTACHMENT, f"{name} schickt Anlagen, die nicht hinausgehen: {withheld}"
    return (
        _kind_doubt(reading)
        or _again(ticket, office, mail, reading)
        or _remark_doubt(name, ticket, reading)
        or _name_doubt(name, mail, reading)
        or _address_doubt(name, ticket, mail, reading, policy)
    )


def _kind_doubt(reading: ReplyReading) -> tuple[HoldReason, str] | None:
    if reading.suspicion and not reading.explicit:
        is_kind = reading.kind is not ReplyKind.ANSWER  # an answer in doubt has no other name
        text = f"Vermutlich {KIND_WORDS[reading.kind]}: {reading.suspicion}" if is_kind else ""
        text = text or reading.suspicion[:1].upper() + reading.suspicion[1:]
        return HoldReason.SUSPECTED, text
    return None


def _again(
    ticket: Ticket, office: Office, mail: Mail, reading: ReplyReading
) -> tuple[HoldReason, str] | None:
    """Give whether an office says what it said before, as a machine does to every mail.

    A further delay, until another day, is new; so is a file that was forgotten.
    """
    part = ticket.consultation(office.id)
    if part is None or reading.kind in {ReplyKind.DECLINE, ReplyKind.INTERNAL}:
        return None
    promised = max((each.until for each in part.replies if each.until), default=None)
    postponed = promised and reading.until and reading.until > promised
    files = [
        each
        for each in mail.message.attachments
        if not is_hung_on(each.name, each.content_type)  # a signature is another each time
    ]
    if postponed or not reply_repeats(reading.text, files, part, ticket):
        return None
    text = f"{office.short_name} schreibt dasselbe wie zuvor; vielleicht antwortet ein Automat."
    return HoldReason.SUSPECTED, text


def _remark_doubt(
    name: str, ticket: Ticket, reading: ReplyReading
) -> tuple[HoldReason, str] | None:
    """Give what of a mail is internal, or may be; of a decline the company reads nothing."""
    if reading.kind is ReplyKind.INTERNAL:
        return None
    goes_on = reading.kind is not ReplyKind.DECLINE
    words = _remark(ticket, reading.text) if goes_on else ""
    remark = sentence_with(reading.text, words)
    if reading.internal_text:
        quoted = _internal_part(reading.internal_text)
        text = (
            f"Die Mail von {name} enthält einen internen Teil{f': „{quoted}“' if quoted else '.'}"
        )
        more = f" Auch im Rest klingt etwas intern: „{remark}“" if remark else ""
        return HoldReason.INTERNAL_PART, text + more
    if remark:
        text = f"In der Mail von {name} ist vielleicht etwas nur intern gemeint: „{remark}“"
        return HoldReason.SUSPECTED, text
    return None


def _internal_part(text: str) -> str:
    """Give so much of an internal part as a reason bears: where it is long, from its remark on."""
    said = " ".join(content(text).split())
    remark = sentence_with(text, internal_words(text)) if len(said) > _QUOTED else ""
    begin = max(0, said.find(remark[:_FOUND_BY]))
    shown = without_tokens(said[begin : begin + _QUOTED]).strip()
    more = " …" if len(said) > begin + _QUOTED else ""
    return f"{'… ' if begin else ''}{shown[:1].upper()}{shown[1:]}{more}"


def _remark(ticket: Ticket, text: str) -> str:
    """Quote what may be meant for the city only, by its words or by how and where it is said."""
    contact = ticket.contact
    called = f"{contact.name} {contact.address} {ticket.account.name}"
    known = own_names(called, _words_of(ticket))
    own = "\n".join(each for each in text.split("\n") if not each.lstrip().startswith(">"))
    called = called_by_name(content(own), known)
    return sounds_internal(text, contact.name) or aside(text, known) or called


def _name_doubt(name: str, mail: Mail, reading: ReplyReading) -> tuple[HoldReason, str] | None:
    """Give the files whose names sound internal, where the company would get them."""
    files = [each.name for each in mail.message.attachments if names_internal(each.name)]
    if not files or reading.kind in {ReplyKind.DECLINE, ReplyKind.INTERNAL}:
        return None
    text = f"{name} schickt Anlagen, deren Namen intern klingen; freigegeben gehen sie hinaus: "
    return HoldReason.ATTACHMENT, text + ", ".join(files)[:300]


def _address_doubt(
    name: str, ticket: Ticket, mail: Mail, reading: ReplyReading, policy: Policy
) -> tuple[HoldReason, str] | None:
    """Give the files in which an internal address is written, where the company would get them."""
    if reading.kind in {ReplyKind.DECLINE, ReplyKind.INTERNAL}:
        return None
    own = {each.sha256 for letter in ticket.letters for each in letter.attachments}
    files = [
        each.name
        for each in mail.message.attachments
        if is_readable(each.name, each.content_type)
        and not (each.sha256 in own or is_hung_on(each.name, each.content_type))
        and names_internal_address(_text_of(each.content), policy)
    ]
    if not files:
        return None
    text = f"{name} schickt Anlagen mit internen Adressen; freigegeben gehen sie hinaus: "
    return HoldReason.ATTACHMENT, text + ", ".join(files)[:300]


def _text_of(content: bytes) -> str:
    """Give a plain file's text as far as addresses need it, whatever program has saved it."""
    content = content.replace(b"\0", b"")  # as Windows' editors save it: two bytes, four bytes
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _sender_doubt(
    known: Known, ticket: Ticket, office: Office, reading: ReplyReading
) -> tuple[HoldReason, str] | None:
    mail = known.mail
    part = ticket.consultation(office.id)
    if doubt := sender_doubt(mail, unauthenticated=office.unauthenticated):
        text = f"Eine Mail mit der Kennung für „{office.short_name}“. {doubt}"
        return HoldReason.AUTHENTICATION, text
    if not is_bound(mail.sender, office, known):
        text = f"{mail.sender} antwortet für „{office.short_name}“, ist dort aber nicht hinterlegt."
        return HoldReason.SENDER, text
    if part is None or ticket.is_over or not may_still(part, reading.kind):
        return HoldReason.LATE, f"{office.short_name} schreibt nach Abschluss seines Teils."
    return None


def _reader_doubt(ticket: Ticket, reading: ReplyReading) -> tuple[HoldReason, str] | None:
    """Say why nothing can go to the company at once: our last mail to it came back."""
    came_back = any(
        hold.reason is HoldReason.UNREACHABLE and not hold.office_id for hold in ticket.holds
    )
    if came_back and reading.kind in {ReplyKind.INTERIM, ReplyKind.QUESTION}:
        what = f"{KIND_WORDS[reading.kind]} für {ticket.contact.address}"
        return HoldReason.UNREACHABLE, f"{what}, wo unsere letzte Mail nicht ankam."
    return None


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
    words = folded(for_company(reading.text, policy))
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
