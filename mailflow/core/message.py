"""What mailflow understood of a mail: frozen values, made by ``mailflow.reading``."""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["LANGUAGES", "Address", "Attachment", "Channel", "Kind", "Mark", "Message"]

LANGUAGES = ("de", "en", "nl", "tr", "fr", "pl", "es", "it", "zh")
"""The codes a message's ``language`` may have, beside "" where it is not told."""


class Kind(StrEnum):
    """Who is speaking in a mail (the contract's ``kind``)."""

    PERSONAL = "personal"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    DELAY = "delay"
    REPORT = "report"
    BULK = "bulk"
    OWN = "own"


class Channel(StrEnum):
    """Where in a mail a token was found; any one of them may survive the sender's mail program."""

    ADDRESS = "address"
    REFERENCE = "reference"
    SUBJECT = "subject"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox of a header: display name (decoded, may be empty) and address as written."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A token as found, in lower case, unverified; see ``core.tracking.find``."""

    channel: Channel
    token: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is passed on as a file. ``name`` is safe to show; ``size`` counts bytes."""

    name: str
    content_type: str
    size: int
    sha256: str
    inline: bool = False
    content: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Message:
    r"""One mail as a clerk would understand it.

    ``text`` is the whole readable body, ``reply_text`` what the author newly wrote; both plain
    text with ``\\n`` line ends. ``date`` is aware or None. ``sender`` is the first author;
    ``authors`` are the different addresses in From, in lower case, but for those in names in quotes
    and in comments; more than one leave it open who wrote. ``recipients`` are all addresses the
    mail names as having reached us (Delivered-To, X-Original-To, Envelope-To ... besides To and
    Cc). ``original_ids`` are the Message-IDs a bounce, delay or report quotes as its cause.
    ``given_up``: of a bounce, that nobody tries any more. ``by_words``: of a bounce or a delay,
    that too little beside its words says it is one.
    ``headers_only``: too large, or too broken, for anything else to be read.
    ``authentication_results`` are the raw header values in order, to the letter, believed by nobody
    until ``[trust]`` says so. ``problems`` names whatever could not be read.
    ``kind_otherwise``: of a mail of kind OWN, what it is if that claim is false.
    ``perhaps_machine``: of a mail of kind PERSONAL, that its words may be a machine's.
    ``by_program``: of a mail of kind AUTO_REPLY or BULK, that a program sent it, and may have sent
    what somebody wrote, as ticket systems do: nothing says that it answered by itself.
    ``asks``: of a mail of kind BULK, that it asks or wants something, beside stock sentences.
    ``no_echo``: it came by a mailing list or asks machines for silence; only people answer it.
    ``bulk_signs``: the headers for which a mail is of kind BULK, or would be beside others.
    ``quotes_kept``: quoted lines may stand in ``reply_text``, since nothing was to be lost.
    ``quoted_head`` and ``quoted_body``: the first mail quoted in ``text``, and what announces it.
    """

    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    sender: Address = Address("", "")
    authors: tuple[str, ...] = ()
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    recipients: tuple[str, ...] = ()
    return_path: str | None = None
    subject: str = ""
    date: dt.datetime | None = None
    language: str = ""
    kind: Kind = Kind.PERSONAL
    text: str = ""
    reply_text: str = ""
    quotes_kept: bool = False
    quoted_head: str = ""
    quoted_body: str = ""
    attachments: tuple[Attachment, ...] = ()
    failed_recipients: tuple[str, ...] = ()
    given_up: bool = False
    by_words: bool = False
    original_ids: tuple[str, ...] = ()
    absence_until: dt.date | None = None
    marks: tuple[Mark, ...] = ()
    own_kind: str = ""
    kind_otherwise: Kind = Kind.PERSONAL
    authentication_results: tuple[str, ...] = ()
    encrypted: bool = False
    headers_only: bool = False
    perhaps_machine: bool = False
    by_program: bool = False
    asks: bool = False
    no_echo: bool = False
    bulk_signs: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def new_text(self) -> str:
        """What the author newly wrote; the whole text where nothing of it is known to be new."""
        return self.reply_text or self.text
