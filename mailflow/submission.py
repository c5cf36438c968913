"""Sending over SMTP: the only user of smtplib. Every end of an attempt is an ``Outcome``."""

import base64
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from mailflow.core.address import without_tag
from mailflow.core.retry import Accepted, Deferred, Outcome, Rejected, Unsure
from mailflow.oauth import TokenRefusedError, access_token
from mailflow.secrecy import without_secret
from mailflow.settings.sections import Smtp

__all__ = ["Submission", "SubmissionRefusedError"]

_CONNECT_SECONDS = 30
_REPLY_SECONDS = 300  # RFC 5321 §4.5.3.2: five minutes for the greeting, MAIL and RCPT
_ENVELOPE_SECONDS = 420  # for all replies before the mail's bytes together
_DOT_SECONDS = 600  # RFC 5321 §4.5.3.2.6: wait ten minutes for the reply to the final dot
_MAIL_SECONDS = 890  # for one mail in all: a line that moves less is called dead (service)
_BYE_SECONDS = 5
_KEEP_SECONDS = 60  # a line idle for longer may be dead without a word, and cost minutes
_REPLIES = range(200, 600)  # whatever a server may say, RFC 5321 §4.2.1: the first digit decides
_TAKEN = range(200, 300)
_PERMANENT = range(500, 600)
_REFUSED = range(400, 600)
_CLOSING = 421  # RFC 5321 §3.8: the server ends the connection, whatever it is asked
_DOT = b".\r\n"  # ends a mail; until it has left, the server has accepted nothing
_LOGGED_IN = 235  # RFC 4954 §6

_ON_THE_READER = re.compile(r"5\d\d 5\.(?:1\.(?:[1-6]|10)|2\.\d+)\b")
"""A refusal for a mailbox, its address or its domain (RFC 3463 §3.2 and §3.3, RFC 7505)."""

_NOT_ASCII = (
    "user or password hold letters beyond ASCII, and the server offers no AUTH PLAIN, "
    "which alone can carry them"
)


def _nothing() -> None:
    """Do nothing."""


class SubmissionRefusedError(Exception):
    """The server cannot be used at all just now: no line, no TLS, or a refused login."""


class _Patient(smtplib.SMTP):
    """A line that waits for each reply as long as it may; the connection must come sooner."""

    def __init__(
        self,
        patience: Callable[[], float],
        host: str,
        port: int,
        **more: Any,
    ) -> None:
        self._patience = patience  # set first: the greeting is read while the connection is made
        super().__init__(host, port, timeout=_CONNECT_SECONDS, **more)

    def getreply(self) -> tuple[int, bytes]:
        if self.sock:
            self.sock.settimeout(self._patience())
        code, words = super().getreply()
        if code not in _REPLIES:  # which reply belongs to what is not known on this line any more
            self.close()
            raise smtplib.SMTPException("the server said what is no reply of SMTP")
        return code, words


class _PatientOverTls(_Patient, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


class Submission:
    """A connection to the submission server, opened when needed and kept for many mails."""

    def __init__(self, settings: Smtp, receipt_address: str) -> None:
        self._settings = settings
        self._receipt_address = receipt_address
        self._line: smtplib.SMTP | None = None
        self._taken = ""
        self._secret = settings.password.get_secret_value()
        self._begun = self._used = 0.0
        self._deadline = 0.0
        self._longest = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection politely, if there is one."""
        line, self._line = self._line, None
        if line is None:
            return
        self._longest, self._deadline = _BYE_SECONDS, time.monotonic() + _BYE_SECONDS
        with suppress(smtplib.SMTPException, OSError):
            line.quit()
        line.close()

    def check(self, envelope_from: str, recipient: str) -> tuple[Mapping[str, str], str]:
        """Connect, log in, name sender and recipient and take them back; nothing is sent.

        Gives what the server says it can do, with parameters, and with what words it refused the
        envelope for good, "" where it did not. Raises SubmissionRefusedError.
        """
        self._begin()
        line = self._connected()
        try:
            refused = self._envelope(line, envelope_from, recipient, [], receipt=False)
        except (smtplib.SMTPException, OSError) as error:
            raise SubmissionRefusedError(_words(error)) from None
        self._take_back(line)
        return line.esmtp_features, refused.response if isinstance(refused, Rejected) else ""

    def send(
        self,
        envelope_from: str,
        recipient: str,
        raw: bytes,
        *,
        receipt: bool,
        before_dot: Callable[[], None] = _nothing,
    ) -> Outcome:
        """Send one mail to one recipient, with a copy to ourselves when a receipt is wanted.

        ``before_dot`` is called once all but the final dot has left. What it raises, or anything
        else that nobody foresaw, comes out only while nothing can have been accepted.
        """
        if self._line is not None and time.monotonic() - self._used > _KEEP_SECONDS:
            self.close()
        self._begin()
        outcome = self._try(envelope_from, recipient, raw, receipt=receipt, before_dot=before_dot)
        self._used = time.monotonic()
        return outcome

    def _try(
        self,
        envelope_from: str,
        recipient: str,
        raw: bytes,
        *,
        receipt: bool,
        before_dot: Callable[[], None],
    ) -> Outcome:
        kept = self._line is not None
        try:
            line = self._connected()
            refused = self._opening(line, envelope_from, recipient, raw, receipt=receipt)
            return refused or self._content(line, raw, before_dot)
        except (SubmissionRefusedError, smtplib.SMTPException, OSError) as error:
            self._drop()
            if kept:  # the server closed a line we had kept; nothing of this mail was accepted
                return self._try(
                    envelope_from, recipient, raw, receipt=receipt, before_dot=before_dot
                )
            if isinstance(error, SubmissionRefusedError):
                return Deferred(str(error), server=True)
            # once the server has taken the sender it can be used: what follows is this mail's
            return Deferred(_words(error))
        except ValueError as error:  # smtplib cannot put it into a command, and never will
            self._drop()
            return Rejected(f"553 5.1.3 {recipient!a}: {type(error).__name__}")
        except BaseException:  # half a transaction is no line for the next mail
            self._drop()
            raise

    def _opening(
        self,
        line: smtplib.SMTP,
        envelope_from: str,
        recipient: str,
        raw: bytes,
        *,
        receipt: bool,
    ) -> Outcome | None:
        """Say whatever comes before the mail's bytes; give how that ended, None to go on."""
        options: list[str] = []
        if not (recipient.isascii() and raw.isascii()):
            if not line.has_extn("smtputf8"):  # RFC 6531 §3.2: no silent downgrade
                return Rejected("553 5.6.7 the server takes no international addresses (SMTPUTF8)")
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        refused = self._envelope(line, envelope_from, recipient, options, receipt=receipt)
        if refused:
            if isinstance(refused, Rejected) and self._refuses_all(line, refused):
                raise SubmissionRefusedError(refused.response)
            self._take_back(line)
            return refused
        code, words = line.docmd("DATA")
        if code != 354:  # noqa: PLR2004 - RFC 5321 §4.1.1.4
            self._take_back(line)
            return _refusal(code, words)
        return None

    def _take_back(self, line: smtplib.SMTP) -> None:
        """Take the envelope back; a server that hangs up instead has said what it said."""
        try:
            line.rset()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _envelope(
        self,
        line: smtplib.SMTP,
        envelope_from: str,
        recipient: str,
        options: list[str],
        *,
        receipt: bool,
    ) -> Outcome | None:
        try:
            code, words = line.mail(envelope_from, options)
        except (smtplib.SMTPException, OSError) as error:
            raise SubmissionRefusedError(_words(error)) from None
        except Exception as error:  # noqa: BLE001 - whatever it is, no mail is to blame for it yet
            raise SubmissionRefusedError(_unforeseen(error)) from None
        plain = bool(envelope_from) and not options
        if code not in _TAKEN:
            if plain or code == _CLOSING or not self._takes_plain(line):
                raise SubmissionRefusedError(f"{code} {_text(words)}")
            return _refusal(code, words)
        if plain:
            self._taken = envelope_from
        code, words = line.rcpt(recipient, _wishes(line, envelope_from))
        if code not in _TAKEN:
            return _refusal(code, words)
        if receipt:
            # a refused receipt must not keep the mail from its reader
            line.rcpt(self._receipt_address)
        return None

    def _takes_plain(self, line: smtplib.SMTP) -> bool:
        """Whether a sender was refused for something that only this mail has.

        That can only be the null path, or letters beyond ASCII: every mail has a plain sender, and
        no size is named beside it. So the server is asked about a plain one.
        """
        sender = self._taken or self._receipt_address
        if not sender:
            return False
        with suppress(smtplib.SMTPException, OSError, ValueError):
            line.rset()
            return line.mail(sender)[0] in _TAKEN
        return False

    def _refuses_all(self, line: smtplib.SMTP, refused: Rejected) -> bool:
        """Whether any reader would have been refused like this one: then the server is to blame.

        Many servers say only here what they have against login or sender. Unless its words concern
        the reader's mailbox, it is asked again about our own, which is known to be good, from a
        plain sender. Where it hangs up instead, its first words stand.
        """
        if _ON_THE_READER.match(refused.response) or not self._receipt_address:
            return False
        with suppress(smtplib.SMTPException, OSError):
            line.rset()
            line.mail(self._taken or self._receipt_address)
            code, words = line.rcpt(without_tag(self._receipt_address))
            return code in _PERMANENT and not _ON_THE_READER.match(f"{code} {_text(words)}")
        return False

    def _content(self, line: smtplib.SMTP, raw: bytes, before_dot: Callable[[], None]) -> Outcome:
        """Send the bytes. Once the final dot has left, only the server knows the end."""
        try:
            line.send(_dot_stuffed(raw))
            before_dot()
            line.send(_DOT)  # as it raises, the dot has not left whole
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return Deferred(_words(error))
        try:
            self._longest, self._deadline = _DOT_SECONDS, self._begun + _MAIL_SECONDS
            code, words = line.getreply()
        except Exception as error:  # noqa: BLE001 - whatever it is, the mail may have been taken
            self._drop()
            return Unsure(_words(error))
        if code in _TAKEN:
            return Accepted(f"{code} {_text(words)}")
        if code in _REFUSED:
            return _refusal(code, words)
        self._drop()
        return Unsure(f"{code} {_text(words)}")

    def _begin(self) -> None:
        self._begun = time.monotonic()
        self._longest, self._deadline = _REPLY_SECONDS, self._begun + _ENVELOPE_SECONDS

    def _patience(self) -> float:
        """Give how long to wait for the next reply; raises TimeoutError when time is up."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the server takes too long over one mail")
        return min(self._longest, left)

    def _connected(self) -> smtplib.SMTP:
        if self._line is not None:
            return self._line
        try:
            self._line = self._open()
        except (smtplib.SMTPException, OSError) as error:  # some servers repeat what they refuse
            raise SubmissionRefusedError(_words(error, self._secret)) from None
        except TokenRefusedError as error:
            raise SubmissionRefusedError(str(error)) from None
        except ValueError:  # its words would show a letter of the password
            raise SubmissionRefusedError(
                "host, user or password hold what SMTP cannot carry"
            ) from None
        except SubmissionRefusedError:
            raise
        except Exception as error:  # noqa: BLE001 - nobody knows what else a login meets
            raise SubmissionRefusedError(_unforeseen(error)) from None
        return self._line

    def _open(self) -> smtplib.SMTP:
        settings = self._settings
        host, port = settings.host, settings.port
        line: smtplib.SMTP
        if settings.security == "tls":
            line = _PatientOverTls(self._patience, host, port, context=self._trusting())
        else:
            line = _Patient(self._patience, host, port)
        try:
            # the dot is sent by itself, and must not wait until all before it is acknowledged
            if line.sock:
                line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line.ehlo()
            if settings.security == "starttls":
                line.starttls(context=self._trusting())
                line.ehlo()
            if settings.token_url:
                self._log_in_by_token(line)
            elif settings.user:
                _log_in(line, settings.user, settings.password.get_secret_value())
        except BaseException:
            line.close()
            raise
        return line

    def _trusting(self) -> ssl.SSLContext:
        authority = self._settings.ca_file
        return ssl.create_default_context(cafile=str(authority) if authority else None)

    def _log_in_by_token(self, line: smtplib.SMTP) -> None:
        """Log in by XOAUTH2; to the server's account of a refusal the answer is empty."""
        self._secret = access_token(self._settings)
        words = f"user={self._settings.user}\1auth=Bearer {self._secret}\1\1"
        line.auth("XOAUTH2", lambda challenge=None: "" if challenge else words)

    def _drop(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()


def _log_in(line: smtplib.SMTP, user: str, password: str) -> None:
    """Log in by password. What is not ASCII goes as UTF-8 (RFC 4616), for smtplib knows ASCII."""
    if user.isascii() and password.isascii():
        line.login(user, password)
        return
    if "PLAIN" not in line.esmtp_features.get("auth", "").upper().split():
        raise SubmissionRefusedError(_NOT_ASCII)
    words = base64.b64encode(f"\0{user}\0{password}".encode()).decode("ascii")
    code, reply = line.docmd("AUTH", f"PLAIN {words}")
    if code != _LOGGED_IN:
        raise smtplib.SMTPAuthenticationError(code, reply)


def _wishes(line: smtplib.SMTP, envelope_from: str) -> list[str]:
    """Ask for no report on what goes out from the null path (RFC 3834 §3.3, RFC 3461 §4.1)."""
    return ["NOTIFY=NEVER"] if not envelope_from and line.has_extn("dsn") else []


def _dot_stuffed(raw: bytes) -> bytes:
    """Prepare a mail for DATA: whole lines that end in CRLF, dots doubled (RFC 5321 §4.5.2)."""
    lines = raw if raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r") else _crlf(raw)
    if b"\n." in lines or lines.startswith(b"."):
        lines = (b"\n" + lines).replace(b"\n.", b"\n..")[1:]
    return lines if lines.endswith(b"\n") or not lines else lines + b"\r\n"


def _crlf(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


def _refusal(code: int, words: bytes) -> Outcome:
    """Turn a refusal into data; what is not clearly permanent is temporary."""
    response = f"{code} {_text(words)}"
    return Rejected(response) if code in _PERMANENT else Deferred(response)


def _words(error: Exception, secret: str = "") -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        reply = error.smtp_error
        text = _text(reply, secret) if isinstance(reply, bytes) else str(reply)
        return f"{error.smtp_code} {text}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return without_secret(f"{type(error).__name__}: {error}", secret)


def _unforeseen(error: Exception) -> str:
    """Name an exception without its own words, which may repeat a password."""
    return f"unforeseen {type(error).__name__}"


def _text(words: bytes, secret: str = "") -> str:
    text = without_secret(words.decode("utf-8", "replace"), secret)  # while it is whole
    return " ".join(text.split())[:500]
