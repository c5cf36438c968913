"""A submission server that takes everything and keeps it: what left mailflow, byte for byte.

``python -m tests.real.sink PORT`` runs it as a process of its own that only counts.
"""

import asyncio
import sys
import threading
import time
from types import TracebackType
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.real.processes import free_port

HOST = "127.0.0.1"


class Sink:
    """Accept every mail; ``taken`` holds recipients and bytes, and when each was accepted."""

    def __init__(self, port: int = 0, *, keep: bool = True) -> None:
        self.port = port or free_port()
        self.taken: list[tuple[list[str], bytes, float]] = []
        self._keep = keep
        self._news = threading.Condition()
        self._controller = Controller(
            self, hostname=HOST, port=self.port, enable_SMTPUTF8=True, data_size_limit=0
        )

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._controller.stop()

    async def handle_DATA(  # noqa: N802 - aiosmtpd finds its hooks by this name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Accept a mail."""
        content = envelope.original_content or b""
        with self._news:
            self.taken.append(
                (list(envelope.rcpt_tos), content if self._keep else b"", time.time())
            )
            self._news.notify_all()
        return "250 2.0.0 taken"

    def wait_for(self, count: int, seconds: float) -> None:
        """Wait until so many mails were taken; raises TimeoutError."""
        with self._news:
            if not self._news.wait_for(lambda: len(self.taken) >= count, seconds):
                raise TimeoutError(f"{len(self.taken)} of {count} mails in {seconds} s")


def main(port: int) -> None:
    """Run until the standard input ends."""
    with Sink(port, keep=False):
        asyncio.run(asyncio.to_thread(sys.stdin.read))


if __name__ == "__main__":
    main(int(sys.argv[1]))
