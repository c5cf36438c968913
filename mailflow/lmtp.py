"""Taking mail straight from an MTA: the only aiosmtpd server (LMTP, RFC 2033).

250 is said only after the commit; when the database is away, or not compared with the mailbox yet,
the MTA hears 451 and keeps the mail.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import AnyStr

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy.exc import SQLAlchemyError

from mailflow.core.address import without_tag

__all__ = ["LmtpServer", "NotYetError"]

log = logging.getLogger(__name__)

_LATER = "451 4.3.0 cannot store just now, please try again"
_NOT_YET = "451 4.3.2 no mail is taken yet, please try again"
_LINE_BYTES = 1 << 20
_GO_ON = "354"


class NotYetError(Exception):
    """No mail may be stored yet: the sending server is to keep it."""


class _Handler:
    """Accept mail for one address and its subaddresses."""

    def __init__(self, central_address: str, store: Callable[[bytes, datetime], None]) -> None:
        self._central_address = central_address.lower()
        self._store = store

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,  # noqa: ARG002 - aiosmtpd's signature
        session: Session,  # noqa: ARG002 - aiosmtpd's signature
        envelope: Envelope,
        address: str,
        rcpt_options: list[str],  # noqa: ARG002 - aiosmtpd's signature
    ) -> str:
        """Refuse whatever is not for the central contact."""
        if without_tag(address.lower()) != self._central_address:
            return "550 5.1.1 only the central contact lives here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,  # noqa: ARG002 - aiosmtpd's signature
        session: Session,  # noqa: ARG002 - aiosmtpd's signature
        envelope: Envelope,
    ) -> str:
        """Store the mail, then answer for it."""
        raw = _with_trace(envelope)
        try:
            await asyncio.to_thread(self._store, raw, datetime.now(UTC))
        except NotYetError:
            log.info("the sending server keeps its mail: the mailbox has not been compared yet")
            return _NOT_YET
        except (SQLAlchemyError, OSError) as error:
            log.error("the sending server keeps its mail: %s", type(error).__name__)  # noqa: TRY400 - no traceback: expected
            return _LATER
        return "250 2.0.0 stored"

    async def handle_exception(self, error: Exception) -> str:
        """Answer a surprise: it is our fault, so the mail is to be sent again."""
        log.error("LMTP failed", exc_info=error)
        return _LATER


def _with_trace(envelope: Envelope) -> bytes:
    """Note the envelope in the mail, as the last hop must (RFC 5321 §4.4)."""
    content = envelope.content
    body = content if isinstance(content, bytes) else str(content or "").encode()
    sender = (envelope.mail_from or "").encode("ascii", "replace")
    delivered = [b"Delivered-To: " + to.encode("ascii", "replace") for to in envelope.rcpt_tos]
    return b"\r\n".join([b"Return-Path: <" + sender + b">", *delivered, body])


class LmtpServer:
    """A listening server in a thread of its own."""

    def __init__(
        self,
        host: str,
        port: int,
        central_address: str,
        store: Callable[[bytes, datetime], None],
        *,
        max_bytes: int,
    ) -> None:
        handler = _Handler(central_address, store)
        self._controller = _Controller(handler, hostname=host, port=port)
        self._controller.max_bytes = max_bytes

    def start(self) -> None:
        """Listen; raises OSError when the port is taken. What failed is not started again."""
        try:
            self._controller.start()
        except BaseException:  # else each further try would keep a thread, or open files
            if self._controller.loop.is_running():
                self._controller.stop(no_assert=True)
            else:
                self._controller.loop.close()
            raise

    def stop(self) -> None:
        """Finish what is being received and stop listening."""
        self._controller.stop()


class _Lmtp(LMTP):
    """aiosmtpd's LMTP, as RFC 2033 §4.2 has it: after the final dot, one reply per recipient."""

    line_length_limit = _LINE_BYTES  # many a program writes longer lines than RFC 5321 allows

    _replies = 1

    async def push(self, status: AnyStr) -> None:
        """Send a reply, as often as recipients wait for it."""
        if isinstance(status, str) and status.startswith(_GO_ON):
            await super().push(status)
            self._replies = len(self.envelope.rcpt_tos) if self.envelope else 1
            return
        replies, self._replies = self._replies, 1
        for _ in range(replies):
            await super().push(status)


class _Controller(Controller):
    """aiosmtpd's threaded server, speaking LMTP."""

    max_bytes = 0

    def factory(self) -> LMTP:
        return _Lmtp(self.handler, data_size_limit=self.max_bytes, enable_SMTPUTF8=True)
