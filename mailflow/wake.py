"""Waking a thread that waits on a socket: for new work, or to stop."""

import select
import socket
from contextlib import suppress

__all__ = ["Stop", "Wake"]


class Wake:
    """A bell that ``select`` can hear. Any thread may ring it; one thread waits for it."""

    def __init__(self) -> None:
        self._ear, self._bell = socket.socketpair()
        self._ear.setblocking(False)
        self._bell.setblocking(False)

    @property
    def socket(self) -> socket.socket:
        """What becomes readable when the bell rings."""
        return self._ear

    def ring(self) -> None:
        """Wake the waiting thread, now or at its next wait."""
        with suppress(OSError):  # a full pipe means it is being woken already
            self._bell.send(b".")

    def wait(self, seconds: float) -> None:
        """Wait until the bell rings or the time has passed."""
        select.select([self._ear], [], [], max(0.0, seconds))
        self.quiet()

    def quiet(self) -> None:
        """Forget past ringing."""
        with suppress(OSError):
            while self._ear.recv(4096):
                pass

    def close(self) -> None:
        """Give the sockets back."""
        self._ear.close()
        self._bell.close()


class Stop:
    """The wish that everything end, once and for all. Any number of threads may wait for it.

    A signal handler may utter it: no lock is taken, as ``threading.Event`` takes one that the
    thread it interrupts may hold, and both would wait for ever.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._wake = Wake()

    def is_set(self) -> bool:
        """Whether all is to end."""
        return self._is_set

    def set(self) -> None:
        """Let all end; whoever waits wakes up."""
        self._is_set = True
        self._wake.ring()

    def wait(self, seconds: float) -> bool:
        """Wait until all is to end or the time has passed; say which."""
        if not self._is_set:  # nobody ever makes the bell quiet
            select.select([self._wake.socket], [], [], max(0.0, seconds))
        return self._is_set

    def close(self) -> None:
        """Give the sockets back."""
        self._wake.close()
