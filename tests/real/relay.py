"""SMTP in front of a real Dovecot where there is no root to run a Postfix with (aiosmtpd)."""

import asyncio
import itertools
import re
import smtplib
import ssl
import time
from collections.abc import Sequence
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

NAME = "mail.example.org"
REFUSALS = (
    (re.compile(r"unknown", re.IGNORECASE), "550 5.1.1 No such user here"),
    (re.compile(r"busy", re.IGNORECASE), "450 4.2.1 Try again later"),
    (re.compile(r"full", re.IGNORECASE), "452 4.2.2 Mailbox full"),
)
"""Who is refused at RCPT, by local part: the same as in conf/postfix-refused."""


_PATIENCE = 5.0
"""For how many seconds a mail whose delivery broke off is delivered again, as by an MTA's queue."""
_QUEUED = 60.0
"""The same once another recipient has it: refused by then, the whole mail would come again."""
_numbers = itertools.count(1)


class Relay:
    """Hands each mail to Dovecot's LMTP while the client waits, and passes its verdict on.

    Like a Postfix it numbers what it takes: a mail may be delivered twice under its number, where
    Dovecot died before its reply.
    """

    def __init__(self, lmtp_port: int, *, login_required: bool) -> None:
        self._lmtp_port = lmtp_port
        self._login_required = login_required

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds its hooks by this name
        self,
        _server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        _options: Sequence[str],
    ) -> str:
        """Accept a recipient, unless the name says it is to be refused."""
        if self._login_required and not session.authenticated:
            return "530 5.7.0 Authentication required"
        for pattern, refusal in REFUSALS:
            if pattern.match(address):
                return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd finds its hooks by this name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Deliver over LMTP."""
        return await asyncio.to_thread(self._deliver, envelope)

    def _deliver(self, envelope: Envelope) -> str:
        """Deliver to one after the other, each once; what the first one is refused all are.

        One reply stands for all of them: once one has the mail, the refusal of a later one has
        none. A Postfix would bounce it.
        """
        number = f"Received: by {NAME} (relay) with ESMTP id {next(_numbers)}\r\n"
        content = number.encode() + (envelope.original_content or b"")
        sender, patience = (envelope.mail_from or "").strip("<>"), _PATIENCE
        for recipient in envelope.rcpt_tos:
            refusal = self._refusal(sender, recipient, content, patience)
            if refusal and patience == _PATIENCE:
                return refusal
            patience = _QUEUED
        return "250 2.0.0 delivered"

    def _refusal(self, sender: str, recipient: str, content: bytes, patience: float) -> str:
        """Deliver to one recipient; give Dovecot's refusal, "" if there is none."""
        deadline = time.monotonic() + patience
        while True:
            try:
                self._hand_over(sender, recipient, content)
            except smtplib.SMTPRecipientsRefused as refused:
                code, words = refused.recipients[recipient]
                return f"{code} {words.decode(errors='replace').splitlines()[0]}"
            except (OSError, smtplib.SMTPException):
                if time.monotonic() > deadline:
                    return "451 4.3.0 The mailbox server does not answer"
                time.sleep(0.1)
            else:
                return ""

    def _hand_over(self, sender: str, recipient: str, content: bytes) -> None:
        # one recipient a transaction: of several smtplib hears one reply, and takes the next for
        # that to its QUIT
        with smtplib.LMTP("127.0.0.1", self._lmtp_port, "localhost") as lmtp:
            lmtp.sendmail(sender, [recipient], content)


class RelayPorts:
    """The three ports a Postfix would have: relay, submission (STARTTLS), submissions (TLS)."""

    def __init__(
        self, ports: tuple[int, int, int], lmtp_port: int, tls: ssl.SSLContext, password: str
    ) -> None:
        def authenticate(
            _server: SMTP, _session: Session, _envelope: Envelope, _method: str, data: object
        ) -> AuthResult:
            right = isinstance(data, LoginPassword) and data.password == password.encode()
            return AuthResult(success=right, handled=False)

        def listen(port: int, *, login_required: bool = True, **security: Any) -> Controller:
            return Controller(
                Relay(lmtp_port, login_required=login_required),
                hostname="127.0.0.1",
                port=port,
                server_hostname=NAME,
                enable_SMTPUTF8=True,
                authenticator=authenticate,
                **security,
            )

        plain, submission, submissions = ports
        self._controllers = [
            listen(plain, login_required=False, tls_context=tls),
            listen(submission, tls_context=tls, require_starttls=True),
            # aiosmtpd counts STARTTLS only; here all is TLS from the first byte
            listen(submissions, ssl_context=tls, auth_require_tls=False),
        ]

    def start(self) -> None:
        """Listen on all three ports."""
        for controller in self._controllers:
            controller.start()

    def stop(self) -> None:
        """Stop listening."""
        for controller in self._controllers:
            controller.stop(no_assert=True)
