"""A network line between mailflow and a server, which can fall silent, break, or be away."""

import contextlib
import select
import socket
import threading
from types import TracebackType
from typing import Self

from tests.real.processes import free_port

HOST = "127.0.0.1"


class Line:
    """Carries bytes to a server's port, unless told otherwise. Use as a context manager."""

    def __init__(self, server_port: int) -> None:
        self.port = free_port()
        self._server_port = server_port
        self._open = threading.Event()
        self._ended = threading.Event()
        self._sockets: set[socket.socket] = set()
        self._listener: socket.socket | None = None

    def __enter__(self) -> Self:
        self.heal()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self.cut()

    def hush(self) -> None:
        """Let no byte pass any more; both ends believe they are connected."""
        self._open.clear()

    def cut(self) -> None:
        """Break every connection and refuse new ones."""
        self._open.clear()
        listener, self._listener = self._listener, None
        for each in (*self._sockets, *([listener] if listener else [])):
            with contextlib.suppress(OSError):  # one that ends by itself in the same moment
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._sockets.clear()

    def heal(self) -> None:
        """Carry everything again, what was held back included."""
        self._open.set()
        if self._listener is None:
            self._listener = socket.create_server((HOST, self.port))
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the listener is closed when the line is cut
            while True:
                client, _ = listener.accept()
                server = socket.create_connection((HOST, self._server_port))
                self._sockets |= {client, server}
                threading.Thread(target=self._carry, args=(client, server), daemon=True).start()

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        other = {client: server, server: client}
        with contextlib.suppress(OSError, ValueError):  # closed by `cut`, or by one of its ends
            while not self._ended.is_set():
                if not self._open.wait(0.2):
                    continue
                for each in select.select([client, server], [], [], 0.05)[0]:
                    if not self._open.is_set():
                        break
                    data = each.recv(65_536)
                    if not data:
                        raise OSError
                    other[each].sendall(data)
        for each in other:
            each.close()
