"""A submission server that misbehaves on command, and remembers what it took over."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr

from mailflow.settings.sections import Smtp
from mailflow.submission import Submission
from tests.real.processes import free_port

HOST = "127.0.0.1"
RECEIPT = "unternehmen+receipt@stadt.example.org"

DROP_ACCEPTED = "drop after taking over"
DROP_REFUSED = "drop before the final dot is believed"


@dataclass
class Sink:
    """Takes every mail, unless ``replies`` (to DATA, in turn) or ``refused`` (at RCPT) differ.

    Taken over is whatever is not refused by 4yz or 5yz, also where the reply says it in odd words.

    ``senders`` gives the reply to MAIL for a sender, "<>" being the null path, or "" for all; in
    ``refused``, too, "" is everybody.

    ``accepted`` is shaped as in ``tests.flow.city``; copies to ourselves go to ``receipts``.
    ``slow`` seconds pass before each reply, ``slow_dot`` more before that to the final dot.
    ``international``: it offers SMTPUTF8, and takes addresses beyond ASCII from who asks for it.
    """

    replies: list[str] = field(default_factory=list)
    refused: Mapping[str, str] = field(default_factory=dict)
    senders: Mapping[str, str] = field(default_factory=dict)
    slow: float = 0.0
    slow_dot: float = 0.0
    stalls: set[str] = field(default_factory=set)
    login: LoginPassword | None = None
    without_auth: tuple[str, ...] = ()
    international: bool = True
    accepted: list[tuple[str, str, bytes]] = field(default_factory=list)
    receipts: list[bytes] = field(default_factory=list)
    port: int = field(default_factory=free_port)

    def __enter__(self) -> Self:
        self._controller = Controller(
            self,
            hostname=HOST,
            port=self.port,
            authenticator=self._authenticate,
            auth_require_tls=False,
            auth_required=self.login is not None,
            auth_exclude_mechanism=self.without_auth,
            enable_SMTPUTF8=self.international,
        )
        self._controller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._controller.stop()

    def submission(self, user: str = "", password: str = "") -> Submission:
        """Give mailflow's own client of this server."""
        settings = Smtp(
            host=HOST, port=self.port, security="none", user=user, password=SecretStr(password)
        )
        return Submission(settings, RECEIPT)

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _method: str, given: object
    ) -> AuthResult:
        return AuthResult(success=given == self.login, handled=False)

    async def handle_MAIL(  # noqa: N802 - as below
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str | None,
        options: list[str],
    ) -> str:
        """Refuse the sender if told to."""
        reply = self.senders.get("") or self.senders.get(address or "<>")
        if reply:
            return reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 fine"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds its hooks by this name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        """Refuse who is to be refused, and stall where told to."""
        await asyncio.sleep(self.slow)
        if address in self.stalls:
            await asyncio.sleep(3600)
        reply = self.refused.get("") or self.refused.get(address)
        if reply:
            return reply
        if not (address.isascii() or envelope.smtp_utf8):
            return "553 5.6.7 SMTPUTF8 was not asked for"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(  # noqa: N802 - as above
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take the mail over, or do what the next reply says."""
        await asyncio.sleep(self.slow + self.slow_dot)
        reply = self.replies.pop(0) if self.replies else "250 2.0.0 taken"
        if not reply.startswith(("4", "5")) and reply != DROP_REFUSED:
            self._take(envelope)
        if reply in {DROP_ACCEPTED, DROP_REFUSED}:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return reply

    def _take(self, envelope: Envelope) -> None:
        raw = envelope.original_content or b""
        for address in envelope.rcpt_tos:
            if address == RECEIPT:
                self.receipts.append(raw)
            else:
                self.accepted.append((envelope.mail_from or "", address, raw))
