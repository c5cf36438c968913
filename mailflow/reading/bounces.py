"""Mails that say another mail did not arrive: RFC 3464 and the world's own formats.

The only flufl.bounce. What a delivery status states is believed first, then the fields some
systems add, then the words of the notice (tables in ``bounce_words``), then flufl.bounce.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from email import message_from_bytes

from mailflow.core.message import Address, Kind, Message
from mailflow.reading.addresses import addresses
from mailflow.reading.bodies import Content
from mailflow.reading.bounce_recipients import ADDRESS, named_recipients
from mailflow.reading.bounce_words import (
    DAEMON,
    DELAY_PHRASE,
    DELAY_SUBJECT,
    FAILURE_PHRASE,
    FAILURE_SUBJECT,
    FINAL_PHRASE,
    INTRODUCTION,
    OF_PERSONS,
    ORIGINAL_FOLLOWS,
    STILL_TRIED,
    SUCCESS_PHRASE,
    UNDELIVERED,
)
from mailflow.reading.headers import Headers, decoded, message_ids, parse
from mailflow.reading.mime import Part

__all__ = ["Failure", "failure_of", "original_ids", "says_failure"]

logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)

_LOOKED_AT = 60_000
_BLOCKS = 500
_LONGEST_LINE = 998
_LIBRARY_LOOKS_AT = 100_000
_ADDRESS = re.compile(ADDRESS)
_TYPED = re.compile(r"^\s*[a-z0-9-]{1,20}\s*;\s*", re.IGNORECASE)
_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n")
_TEMPORARY = re.compile(r"\b4\.\d{1,3}\.\d{1,3}\b|(?:^|[\s:;#<(])4[0-9]{2}[ -]", re.MULTILINE)
_PERMANENT = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b|(?:^|[\s:;#<(])5[0-9]{2}[ -]", re.MULTILINE)
# As servers write a code: the one with dots beside it, or first in the line of an address. Alone it
# is a size, a price, a date or a telephone number.
_CODE = re.compile(
    r"\b[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}\b|^[ \t>*<(]{0,10}[45]\d\d[ -][^@\n]{0,300}@",
    re.MULTILINE,
)
_NEAR = 200
_OF_THE_WAY = re.compile(r"^[ \t>]{0,10}(?:Received: from |Return-Path: ?<)", re.MULTILINE)
# What one server says to another (RFC 5321 §3.3).
_SAID = re.compile(r"\b(?:MAIL FROM|RCPT TO): ?<?[^\s<>@]{1,64}@")
_ORIGINAL_ID = re.compile(
    r"^[ \t>]{0,10}(?:original-)?message-?id\s{0,5}:\s{0,9}(<[^<>\s]{1,990}>)",
    re.IGNORECASE | re.MULTILINE,
)
_DELAYED, _ARRIVED = ("delayed", "delay"), ("delivered", "relayed", "expanded", "")
_FINAL_RECIPIENT = re.compile(
    rf"^[ \t>]{{0,10}}(?:final|original)-recipient\s{{0,3}}:[^;\n]{{0,20}};\s{{0,5}}<?({ADDRESS})",
    re.IGNORECASE | re.MULTILINE,
)
_TO_LINE = re.compile(r"^[ \t>]{0,10}to\s{0,3}:[ \t]*([^\n]{1,500})", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Failure:
    """What a bounce or a delay says: recipients as written, and whether the mail is given up.

    ``given_up``: the mail system tries no more, were it for a temporary cause. ``by_words``:
    no more than the mail's words says so, and perhaps a name or a path that persons have, too.
    """

    kind: Kind
    recipients: tuple[str, ...]
    given_up: bool
    by_words: bool = False


def failure_of(raw: bytes, part: Part, content: Content, message: Message) -> Failure | None:
    """Give what a mail says of a delivery that failed or waits, None where it says nothing."""
    notice = _notice(message.text)
    blocks = _statuses(content)
    if blocks:
        return _stated(blocks, lambda: _recipients(raw, content, message, notice))
    if part.headers.get("x-failed-recipients"):
        found = tuple(each.address for each in addresses(part.headers.get("x-failed-recipients")))
        return _spoken(found, message, notice)
    if not _is_notice(content, message, notice):
        return None
    failure = _spoken(_recipients(raw, content, message, notice), message, notice)
    return replace(failure, by_words=not _is_surely(content, message, notice))


def _statuses(content: Content) -> list[Headers]:
    """Give the blocks of the delivery statuses that name an action (RFC 3464 §2)."""
    blocks = (
        parse(block)
        for kind, data in content.reports
        if "delivery-status" in kind
        for block in _BLANK_LINE.split(data)[:_BLOCKS]
    )
    return [block for block in blocks if _action(block)]


def _stated(blocks: list[Headers], otherwise: Callable[[], tuple[str, ...]]) -> Failure | None:
    """Read delivery statuses; an action that is no known one is a failure of its own kind.

    RFC 3464 §2.3.3: "failed" is said by a system that has given up, whatever the status code.
    """
    failed = [block for block in blocks if _action(block) not in (*_DELAYED, *_ARRIVED)]
    if failed:
        return Failure(Kind.BOUNCE, _addresses_of(failed) or otherwise(), given_up=True)
    delayed = [block for block in blocks if _action(block) in _DELAYED]
    if delayed:
        found = _addresses_of(delayed) or otherwise()
        return Failure(Kind.DELAY, found, given_up=False)
    return None


def _action(block: Headers) -> str:
    return block.text("action").lower().partition(" ")[0].strip(";,.")


def _addresses_of(blocks: list[Headers]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for block in blocks for each in _addresses_in(block)))


def _addresses_in(block: Headers) -> list[str]:
    """Prefer the addresses that were written to (RFC 3464 §2.3.1) over what they became.

    Some systems write all recipients into one block.
    """
    original, final = block.all("original-recipient"), block.all("final-recipient")
    for values in (original if len(original) >= len(final) else final, final):
        found = (_ADDRESS.search(_TYPED.sub("", decoded(value))) for value in values)
        usable = [match.group(0) for match in found if match]
        if usable:
            return usable
    return []


def _notice(text: str) -> str:
    """Give what a mail system says itself, without the mail that came back."""
    text = text[:_LOOKED_AT]
    match = ORIGINAL_FOLLOWS.search(text, min(len(text), 20))
    return text[: match.start()] if match else text


def _is_notice(content: Content, message: Message, notice: str) -> bool:
    """Tell whether a mail without a delivery status speaks of a failed delivery.

    A mail system's name alone is not enough (a postmaster may write a letter), nor are its words
    (a person may quote them): two signs of three are. Name and subject are no two: a firm called
    "Mail System" may write of an error in a delivery. Where a person may bear the name, or it is
    none, and the subject or the name alone tells, the failure must be written as only such systems
    do: firms write of what did not arrive, was refused, or is late, and of 500 metres. The null
    path and words are a notice, if a doubtful one: none may go on as somebody's answer.
    """
    subject, is_daemon = _is_titled(message), _is_daemon(message)
    if not (is_daemon or subject):
        return False  # most mails: the patterns below crawl through their whole text
    by_two = is_daemon and (subject or message.return_path == "" or _is_program(message))
    words = bool(FAILURE_PHRASE.search(notice) or DELAY_PHRASE.search(notice))
    final = bool((_PERMANENT if by_two else _CODE).search(notice))
    if SUCCESS_PHRASE.search(notice) and not final:
        return False
    came_back = bool(content.originals) or len(notice) < min(len(message.text), _LOOKED_AT)
    if is_daemon and subject:
        return words or final or came_back or message.return_path == ""
    reported = final or came_back if by_two else _reports(content, message, notice)
    return words and (reported or (is_daemon and _names_undelivered(notice)))


def _is_titled(message: Message) -> bool:
    return bool(FAILURE_SUBJECT.match(message.subject) or DELAY_SUBJECT.match(message.subject))


def _reports(content: Content, message: Message, notice: str) -> bool:
    """Tell whether a notice returns a mail, quotes a server, or lists addresses that failed.

    A person who quotes a mail quotes no headers of its way.
    """
    text = message.text[:_LOOKED_AT]
    returned = content.originals or _OF_THE_WAY.search(text) or _SAID.search(text)
    ends = (match.end() for match in INTRODUCTION.finditer(notice))
    listed = any(_ADDRESS.search(notice[max(0, end - _NEAR) : end + _NEAR]) for end in ends)
    return bool(returned or _CODE.search(notice)) or listed


def _names_undelivered(notice: str) -> bool:
    lines = (line for line in notice.split("\n") if "@" in line)
    return any(UNDELIVERED.search(line) for line in lines)


def says_failure(subject: str) -> bool:
    """Tell whether a subject is that of a failed delivery."""
    return bool(FAILURE_SUBJECT.match(subject))


def _is_surely(content: Content, message: Message, notice: str) -> bool:
    """Tell whether more than words says that a mail system wrote this.

    Administrators write letters, under a display name or from "postmaster", and gateways send
    persons' letters by the null path: each needs a second sign, and the path alone a third.
    """
    if _is_program(message):
        return True
    by_null, titled = message.return_path == "", _is_titled(message)
    reported = _reports(content, message, notice)
    if not _has_daemons_name(message):
        return by_null and titled and reported
    by_address = bool(DAEMON.search(message.sender.address))
    return (by_null and (titled or reported)) or (by_address and reported)


def _is_daemon(message: Message) -> bool:
    by_null = message.return_path == ""
    return by_null or _is_program(message) or _has_daemons_name(message)


def _is_program(message: Message) -> bool:
    """Tell whether a mail comes from or by an address that only a program has."""
    address, path = message.sender.address, message.return_path or ""
    programs = (each for each in (address, path) if not OF_PERSONS.match(each))
    return address == "" or any(DAEMON.search(each) for each in programs)


def _has_daemons_name(message: Message) -> bool:
    sender = message.sender
    return bool(DAEMON.search(sender.address) or DAEMON.search(sender.name))


def _recipients(raw: bytes, content: Content, message: Message, notice: str) -> tuple[str, ...]:
    """Find whom a notice means: stated in its text, named in it, known to flufl, written to."""
    stated = _FINAL_RECIPIENT.findall(message.text[:_LOOKED_AT])
    if stated:
        return tuple(dict.fromkeys(stated))
    own = (message.sender, *message.to, Address("", message.return_path or ""))
    return (
        named_recipients(notice, {each.address for each in own})
        or _known_to_library(raw)
        or _written_to(content, message.text[len(notice) : _LOOKED_AT])
    )


def _with_short_lines(raw: bytes) -> bytes:
    """Cut lines to what RFC 5322 §2.1.1 allows: the library's patterns crawl over longer ones."""
    return b"\n".join(line[:_LONGEST_LINE] for line in raw.split(b"\n"))


def _known_to_library(raw: bytes) -> tuple[str, ...]:
    """Ask flufl.bounce, which knows some forms that name no whole address."""
    from flufl.bounce import scan_message  # noqa: PLC0415 - few mails get here

    try:
        found = scan_message(message_from_bytes(_with_short_lines(raw[:_LIBRARY_LOOKS_AT])))
    except Exception:  # noqa: BLE001 - it and the parser under it raise on broken mails
        return ()
    return tuple(sorted(each.decode("ascii", "replace") for each in found))


def _written_to(content: Content, returned: str) -> tuple[str, ...]:
    """Take whom the returned mail was written to, where that is one address."""
    values = [_header_block(original).joined("to") for original in content.originals]
    values += _TO_LINE.findall(returned)[:1]
    for value in values:
        found = addresses(value)
        if len(found) == 1:
            return (found[0].address,)
    return ()


def _header_block(original: bytes) -> Headers:
    end = _BLANK_LINE.search(original)
    return parse(original[: end.start()] if end else original)


def _spoken(found: tuple[str, ...], message: Message, notice: str) -> Failure:
    """Weigh the words: a delay still tries; only temporary codes may mean a later try helps."""
    given_up = FINAL_PHRASE.search(notice) and not STILL_TRIED.search(notice)
    final = bool(_PERMANENT.search(notice) or given_up)
    if not final and (DELAY_SUBJECT.match(message.subject) or DELAY_PHRASE.search(notice)):
        return Failure(Kind.DELAY, found, given_up=False)
    return Failure(Kind.BOUNCE, found, given_up=final or not _TEMPORARY.search(notice))


def original_ids(content: Content, text: str) -> tuple[str, ...]:
    """Give the Message-IDs of the mails that a bounce, delay or report speaks of."""
    found: dict[str, None] = {}
    for original in content.originals:
        found.update(dict.fromkeys(message_ids(_header_block(original).get("message-id"))))
    for _, report in content.reports:
        found.update(dict.fromkeys(_ORIGINAL_ID.findall(report.decode("utf-8", "replace"))))
    found.update(dict.fromkeys(_ORIGINAL_ID.findall(text[:_LOOKED_AT])))
    return tuple(found)
