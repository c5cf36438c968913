"""A real clamd for tests, private, on a free loopback port, which knows one signature: EICAR's."""

from types import TracebackType
from typing import Self

from tests.real.processes import Server, account, free_port, make_home, remove_home

EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The test file of the European Institute for Computer Antivirus Research, in two halves here:
whole, a scanner on the reader's own machine would take this file away."""


class ClamdServer:
    """A clamd that answers on ``address`` (host:port) between entering and leaving."""

    def __init__(self) -> None:
        port = free_port()
        self.address = f"127.0.0.1:{port}"
        owner = account("nobody")
        self._home = make_home("clamd", owner)
        (self._home / "eicar.ndb").write_text(f"Eicar:0:*:{EICAR.encode().hex()}\n")
        settings = self._home / "clamd.conf"
        settings.write_text(
            f"DatabaseDirectory {self._home}\nTCPSocket {port}\nTCPAddr 127.0.0.1\nForeground yes\n"
        )
        self._server = Server(
            ["/usr/sbin/clamd", "-c", settings],
            ports=[port],
            log=self._home / "clamd.log",
            run_as=owner,
        )

    def __enter__(self) -> Self:
        """Start it; it answers when this returns."""
        try:
            self._server.start()
        except BaseException:
            remove_home(self._home)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it and remove every file."""
        self._server.stop()
        remove_home(self._home)
