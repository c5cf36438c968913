"""The mailbox over IMAP: the only user of imapclient. One connection, one thread."""

import imaplib
import logging
import select
import socket
import ssl
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from typing import Any, Self

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError, ProtocolError

from mailflow.copies import Copies, Shape
from mailflow.errors import MailflowError
from mailflow.mailbox import Arrived
from mailflow.oauth import TokenRefusedError, access_token
from mailflow.secrecy import without_secret
from mailflow.settings.sections import Imap

__all__ = ["CONNECTION_ERRORS", "Inbox", "InboxError", "RefusedLoginError", "is_refusal"]

log = logging.getLogger(__name__)

CONNECTION_ERRORS = (IMAPClientError, imaplib.IMAP4.error, OSError, ProtocolError)
"""What ends a connection: log in again (imaplib's abort is an error, TLS an OSError)."""

_CONNECT_SECONDS = 15
_READ_SECONDS = 60
_IDLE_SECONDS = 55
"""IDLE is renewed long before the 29 minutes of RFC 2177, so that half-open lines are noticed."""

_FIRST_IDLE_SECONDS = 1
"""The first IDLE is short, as mails come in bursts: one that the server tells of in the very packet
that begins an IDLE is heard only when that IDLE ends."""

_PART = 500
"""How many mails are named in one command: servers do not take lines of any length."""

_WINDOW = 50_000
"""How many UIDs one search asks for where a folder is large: its answer is one line, and imaplib
takes none of more than a million bytes."""

_MOVED = [rb"\Deleted", rb"\Answered"]
_NOT_MOVED = ["OR", "UNDELETED", "UNANSWERED"]
"""The marks of a mail that was copied and could not be taken away. Deleted alone would not say so:
people set it, and mailflow for a moment, to see whether it may."""

_READ, _ANSWERED = b"$MailflowRead", rb"\Answered"
"""The mark of a mail that mailflow has stored: a keyword, or, where a server keeps none (Exchange),
what a person who answers from this mailbox sets as well (RFC 9051 §2.3.2)."""

_REMOVING = ("MOVE", "UIDPLUS")
"""A server needs one of these so that mails can leave the inbox."""

_BATCH_BYTES = 8_000_000
_BATCH_MAILS = 100


_NOT_ASCII = (
    "user or password hold letters beyond ASCII, and the server offers no AUTH=PLAIN, "
    "which alone can carry them"
)

_NEWEST = 50
_MESSAGE_ID = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"
_RESULTS = "BODY.PEEK[HEADER.FIELDS (AUTHENTICATION-RESULTS)]"


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at the mailbox showed; ``fullness`` in percent, None where it is not told.

    ``results`` are the first Authentication-Results of the newest mails that bear any, ``newest``
    is when the last of them arrived, by the server's clock (UTC). ``filed`` names the folders of
    the ledger that hold mails. ``marks``: whether the inbox keeps a mark of what was read.
    """

    folders: Sequence[str]
    capabilities: Sequence[str]
    fullness: int | None
    results: Sequence[str]
    newest: datetime | None = None
    filed: Sequence[str] = ()
    marks: bool = True


class InboxError(MailflowError):
    """The mailbox at {host} cannot be used: {problem}; {remedy}."""


class RefusedLoginError(InboxError):
    """The mail server {host} refuses the login of {user}: {problem}; {remedy}."""


class Inbox:
    """A logged-in connection with the inbox selected. Use as a context manager."""

    def __init__(self, settings: Imap) -> None:
        self._settings = settings
        self._client = self._connect()
        self.uidvalidity = 0
        self._can_idle = False
        self._next = self._ends = 0
        self._mark: bytes | None = None
        self._copies = Copies(first_new=0)

    def __enter__(self) -> Self:
        try:
            self._log_in()
            self._prepare_folders()
            self.select_inbox()
            self._copies = Copies(first_new=self._next)
        except BaseException:
            self._client.shutdown()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(*CONNECTION_ERRORS):
            self._client.logout()
            return
        with suppress(OSError):  # a dead line cannot say goodbye
            self._client.shutdown()

    def _connect(self) -> IMAPClient:
        settings = self._settings
        context = ssl.create_default_context(
            cafile=str(settings.ca_file) if settings.ca_file else None
        )
        client = IMAPClient(
            settings.host,
            port=settings.port,
            ssl=settings.security == "tls",
            ssl_context=context,
            timeout=SocketTimeout(_CONNECT_SECONDS, _READ_SECONDS),
        )
        client.normalise_times = False
        if settings.security == "starttls":
            try:
                client.starttls(context)
            except BaseException:
                client.shutdown()
                raise
        return client

    def _log_in(self) -> None:
        settings = self._settings
        secret = settings.password.get_secret_value()
        try:
            if settings.token_url:
                secret = access_token(settings)
                self._client.oauth2_login(settings.user, secret)
            else:
                self._log_in_by_password(settings.user, secret)
        except (LoginError, TokenRefusedError) as error:
            words = "client_id and secret" if settings.token_url else "imap.user and the password"
            raise RefusedLoginError(
                host=settings.host,
                user=settings.user,
                problem=without_secret(_words(error), secret),  # some repeat what they refuse
                remedy=f"check {words} in imap.password_file",
            ) from None
        self._can_idle = self._settings.idle and self._client.has_capability("IDLE")

    def _log_in_by_password(self, user: str, password: str) -> None:
        """Log in. What is not ASCII goes as UTF-8 (RFC 4616): LOGIN has no way to carry it."""
        if user.isascii() and password.isascii():
            self._client.login(user, password)
        elif self._client.has_capability("AUTH=PLAIN"):
            self._client.plain_login(user, password)
        else:
            raise LoginError(_NOT_ASCII)

    def filed(self) -> Sequence[str]:
        """Log in, change nothing, hang up; give which folders of the ledger hold mails."""
        try:
            self._log_in()
            return tuple(self._filed([str(name) for _, _, name in self._client.list_folders()]))
        finally:
            self.__exit__()

    def look(self) -> Look:
        """Log in, change nothing, hang up; give what there is to see."""
        try:
            self._log_in()
            folders = [str(name) for _, _, name in self._client.list_folders()]
            words = [word.decode("ascii") for word in self._client.capabilities()]
            full = self.fullness() if self._settings.inbox in folders else None
            ours = [self._settings.processed, self._settings.inbox]
            found = [each for name in ours if name in folders for each in self._newest(name)]
            results = [each for each, _ in found if each]
            newest = max((at for _, at in found), default=None)
            filed = tuple(self._filed(folders))
            marks = self._settings.inbox not in folders or self._keeps_marks()
            return Look(folders, words, full, results, newest, filed, marks)
        finally:
            self.__exit__()

    def _keeps_marks(self) -> bool:
        self.select_inbox()  # for reading only, a server would name no mark as kept
        return self._mark is not None

    def _filed(self, folders: Sequence[str]) -> Iterator[str]:
        """Give which folders of the ledger hold mails."""
        for name in (self._settings.processed, self._settings.quarantine):
            if name in folders and self._client.folder_status(name, ["MESSAGES"])[b"MESSAGES"]:
                yield name

    def _newest(self, folder: str) -> list[tuple[str, datetime]]:
        """Give the first Authentication-Results of a folder's newest mails, and their arrival."""
        count = int(self._client.select_folder(folder, readonly=True)[b"EXISTS"])
        newest = self._client.search([f"{max(1, count - _NEWEST + 1)}:*"]) if count else []
        found = self._client.fetch(newest, [_RESULTS, "INTERNALDATE"]) if newest else {}
        return [(_results(each), _utc(each.get(b"INTERNALDATE"))) for each in found.values()]

    def fullness(self) -> int | None:
        """Give how full the mailbox is, in percent of its quota (RFC 9208); None if not told."""
        if not self._client.has_capability("QUOTA"):
            return None
        # a server may have no quota for this mailbox, or say OK and nothing else
        with suppress(IMAPClientError, LookupError, ValueError):
            quotas = self._client.get_quota(self._settings.inbox)
            return max(
                (100 * each.usage // each.limit for each in quotas if each.limit), default=None
            )
        return None

    def _prepare_folders(self) -> None:
        for folder in (self._settings.processed, self._settings.quarantine):
            if not self._client.folder_exists(folder):
                self._client.create_folder(folder)

    def select_inbox(self) -> None:
        """Look into the inbox."""
        self.uidvalidity = self.select(self._settings.inbox)

    def select(self, folder: str) -> int:
        """Look into another folder from now on; give its UIDVALIDITY."""
        found = self._client.select_folder(folder)
        following = found.get(b"UIDNEXT")  # some servers do not say
        self._next = int(following or sys.maxsize)
        self._ends = int(following or 0) if found[b"EXISTS"] > _WINDOW else 0
        self._mark = self._mark_kept(found.get(b"PERMANENTFLAGS"))
        return int(found[b"UIDVALIDITY"])

    def _mark_kept(self, flags: Sequence[bytes] | None) -> bytes | None:
        """Give the mark that the folder at hand keeps; all are kept where the server names none.

        Where no mail can be taken away, the fallback is half of what says that one was moved.
        """
        if flags is None or rb"\*" in flags or _bears(flags, _READ):
            return _READ
        return _ANSWERED if _bears(flags, _ANSWERED) and self._can_remove else None

    def edge(self, *, quarantine: bool = False) -> tuple[int, int]:
        """Give UIDVALIDITY and UIDNEXT of a folder of the ledger: where it ends."""
        folder = self._settings.quarantine if quarantine else self._settings.processed
        found = self._client.folder_status(folder, ["UIDVALIDITY", "UIDNEXT"])
        return int(found[b"UIDVALIDITY"]), int(found[b"UIDNEXT"])

    def uids(self, first: int = 1) -> list[int]:
        """Give the UIDs of all mails in the folder at hand, or those from one on; oldest first."""
        self._client.noop()  # some servers show a SEARCH only what they have told of before
        self._has_been_told()  # whatever it told so far, this look sees
        found = (uid for window in self._windows(first) for uid in self._client.search(window))
        return sorted({uid for uid in found if uid >= first})  # n:* gives one below n, too

    def _windows(self, first: int) -> Iterator[list[str]]:
        """Give what to search for: everything from a UID on, in parts where the folder is large."""
        which = ["ALL"] if self._can_remove else _NOT_MOVED
        start = first
        while start + _WINDOW < self._ends:
            yield [*which, "UID", f"{start}:{start + _WINDOW - 1}"]
            start += _WINDOW
        yield [*which, "UID", f"{start}:*"]

    @property
    def _can_remove(self) -> bool:
        """Whether the server can take single mails out of a folder, by one way or another."""
        return any(self._client.has_capability(name) for name in _REMOVING)

    def mark(self, uids: Iterable[int]) -> None:
        """Mark mails of the inbox as stored; where the server refuses that, they have no mark."""
        for part in _parts(list(uids)) if self._mark else ():
            try:
                self._client.add_flags(part, [self._mark], silent=True)
            except CONNECTION_ERRORS as error:
                if not is_refusal(error):
                    raise
                log.warning("the mailbox does not let mails be marked: %s", _words(error))

    def marked(self, uids: Iterable[int], *, surely: bool = False) -> set[int]:
        """Give which of these mails of the folder at hand bear mailflow's mark.

        ``surely``: one that nobody else sets. The flags are fetched: some servers find no keyword,
        or refuse to look for one.
        """
        marks = {_READ} if surely else {_READ, self._mark or _READ}
        return {
            uid
            for part in _parts(list(uids))
            for uid, item in self._client.fetch(part, ["FLAGS"]).items()
            if any(_bears(item.get(b"FLAGS", ()), mark) for mark in marks)
        }

    def arrivals(self, uids: Iterable[int] | None = None) -> Iterator[tuple[int, datetime]]:
        """Give UID and arrival (UTC) of every mail in the folder at hand, or of these."""
        for part in _parts(self.uids() if uids is None else list(uids)):
            found = self._client.fetch(part, ["INTERNALDATE"])
            for uid in part:
                if uid in found:
                    yield uid, _utc(found[uid].get(b"INTERNALDATE"))

    def fetch(self, uids: Iterable[int]) -> Iterator[Arrived]:
        """Give mails with all their bytes, without marking them read; a vanished one is absent.

        So is one that has bytes, by its size, of which the server gives none.
        """
        for batch in self._batches(list(uids)):
            found = self._client.fetch(
                batch, ["BODY.PEEK[]", "INTERNALDATE", "RFC822.SIZE", "FLAGS"]
            )
            for uid in batch:
                item = found.get(uid, {})
                raw = item.get(b"BODY[]")
                is_empty = raw == b"" and not item.get(b"RFC822.SIZE")
                if raw or is_empty:
                    marked = _bears(item.get(b"FLAGS", ()), _READ)
                    yield Arrived(uid, raw, _utc(item.get(b"INTERNALDATE")), marked)

    def header(self, uid: int) -> bytes:
        """Give a mail's header without the rest of it; nothing of a vanished one."""
        found = self._client.fetch([uid], ["BODY.PEEK[HEADER]"])
        return bytes(found.get(uid, {}).get(b"BODY[HEADER]") or b"")

    def message_ids(self, uids: Iterable[int]) -> Iterator[str]:
        """Give the Message-IDs of mails without fetching the mails; some mails have none."""
        for part in _parts(list(uids)):
            for each in self._client.fetch(part, [_MESSAGE_ID]).values():
                header = b"".join(_texts(each))
                # one with bytes beyond ASCII is no text yet, and none of ours
                yield from map(str, message_from_bytes(header).get_all("Message-ID", []))

    def shapes(self, uids: Iterable[int]) -> dict[int, Shape]:
        """Give size and Message-ID of mails without fetching the mails."""
        return {
            uid: (int(item.get(b"RFC822.SIZE", 0)), b"".join(_texts(item)).strip())
            for part in _parts(list(uids))
            for uid, item in self._client.fetch(part, ["RFC822.SIZE", _MESSAGE_ID]).items()
        }

    def sizes(self, uids: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Give UID and length in bytes, as the server tells it, of mails of the folder at hand."""
        for part in _parts(list(uids)):
            found = self._client.fetch(part, ["RFC822.SIZE"])
            for uid in part:
                if uid in found:
                    yield uid, int(found[uid].get(b"RFC822.SIZE", 0))

    def _batches(self, uids: list[int]) -> Iterator[list[int]]:
        batch: list[int] = []
        size = 0
        for uid, length in self.sizes(uids):
            if batch and (size + length > _BATCH_BYTES or len(batch) >= _BATCH_MAILS):
                yield batch
                batch, size = [], 0
            batch.append(uid)
            size += length
        if batch:
            yield batch

    def move(self, uids: Iterable[int], *, quarantine: bool = False) -> int:
        """Move mails out of the inbox (RFC 6851, or COPY and UID EXPUNGE by RFC 4315).

        Gives how many were put into the other folder: fewer, where a copy of one lay there.

        A server that has neither could only expunge whatever anybody has marked as deleted. There
        mails are copied, stay where they are, and bear two marks by which they are known.
        """
        target = self._settings.quarantine if quarantine else self._settings.processed
        return sum(self._move_part(part, target) for part in _parts(list(uids)))

    def _move_part(self, uids: list[int], target: str) -> int:
        if self._client.has_capability("MOVE"):
            self._client.move(uids, target)
            return len(uids)
        there = self._copies.among(self, uids, target)
        missing = [uid for uid in uids if uid not in there]
        self._try_deleting(uids)
        if missing:
            self._copy(missing, target)
        self._take_away(uids, target)
        return len(missing)

    def _copy(self, uids: list[int], target: str) -> None:
        try:
            self._client.copy(uids, target)
        except CONNECTION_ERRORS:
            self._copies.doubt()
            raise

    def _take_away(self, uids: list[int], target: str) -> None:
        """Take copied mails out of the inbox, or mark them where none can be taken out."""
        try:
            self._client.add_flags(uids, _MOVED, silent=True)
            if self._can_remove:
                self._client.uid_expunge(uids)
        except CONNECTION_ERRORS:
            self._copies.remember(self, uids, target)
            raise

    def _try_deleting(self, uids: list[int]) -> None:
        """Make sure that mails may be deleted here before they are copied.

        Where they may not, each look at the mailbox would add a copy of each of them.
        """
        self._client.add_flags(uids, [rb"\Deleted"], silent=True)
        self._client.remove_flags(uids, [rb"\Deleted"], silent=True)

    def file(self, raw: bytes, received_at: datetime) -> None:
        """Put a mail that did not come over IMAP into the processed folder: it is the ledger."""
        self._client.append(self._settings.processed, raw, msg_time=received_at)

    def wait(self, wake: socket.socket, seconds: float) -> None:
        """Wait for new mail (IDLE where the server can), for ``wake``, or for the time to pass.

        imapclient's own ``idle_check`` spins on a closed line and breaks on split ones, so only
        its begin and end are used, with a select between.
        """
        if not self._can_idle:
            select.select([wake], [], [], seconds)
            return
        for most in (_FIRST_IDLE_SECONDS, _IDLE_SECONDS):
            self._client.noop()  # what came meanwhile is told now, not in the IDLE's first packet
            if self._has_been_told():
                return
            self._client.idle()
            heard = self._hears(wake, min(seconds, most))
            self._client.idle_done()
            if heard:
                return

    def _has_been_told(self) -> bool:
        """Whether the server has told of new mail since the last look, beside another answer.

        It says so once (RFC 3501 §5.2), and not again in the IDLE that follows.
        """
        told: list[bytes | None] = self._client._imap.response("EXISTS")[1]  # noqa: SLF001 - imapclient keeps what it was told to itself
        return told != [None]

    def _hears(self, wake: socket.socket, seconds: float) -> bool:
        line = self._client.socket()
        pending = getattr(line, "pending", None)
        if pending and pending():
            return True
        return bool(select.select([line, wake], [], [], seconds)[0])


def is_refusal(error: Exception) -> bool:
    """Whether the server has said NO or BAD to one command, and the line stands."""
    broken = imaplib.IMAP4.abort | ProtocolError
    return isinstance(error, imaplib.IMAP4.error) and not isinstance(error, broken)


def _parts(uids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(uids), _PART):
        yield uids[start : start + _PART]


def _words(error: Exception) -> str:
    """Give the server's words, which imaplib passes on as Python writes bytes (``b'...'``)."""
    return str(error).removeprefix("b'").removesuffix("'")


def _bears(flags: Iterable[bytes], mark: bytes) -> bool:
    """Whether a mark is among flags, which a server may write in its own way (RFC 9051 §2.3.2)."""
    return mark.lower() in (each.lower() for each in flags)


def _texts(item: Mapping[bytes, Any]) -> Iterator[bytes]:
    """Give what a server gave of a mail that is text, whatever it calls it."""
    return (each for each in item.values() if isinstance(each, bytes))


def _results(item: Mapping[bytes, Any]) -> str:
    """Give the first Authentication-Results among what a server gave of a mail, "" for none."""
    header = b"".join(_texts(item))
    return str(message_from_bytes(header).get("Authentication-Results") or "")


def _utc(moment: datetime | None) -> datetime:
    if moment is None:
        return datetime.now(UTC)
    return moment.astimezone(UTC)
