"""What strace needs of whoever uses it on a running process."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def await_tracer(pid: int) -> None:
    """Wait until a tracer has hold of the process; raises TimeoutError."""
    status = Path(f"/proc/{pid}/status")
    for _ in range(1000):
        if "TracerPid:\t0" not in status.read_text(encoding="ascii"):
            return
        time.sleep(0.005)
    raise TimeoutError("strace does not attach")


@contextmanager
def let_go(pid: int) -> Iterator[None]:
    """Let a stopped process run for as long as it is waited for.

    Just after it has attached, strace may hold it again, once or several times. SIGCONT says
    nothing to a process that runs.
    """
    over = threading.Event()

    def go_on() -> None:
        while True:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
            if over.wait(0.1):
                return

    waker = threading.Thread(target=go_on)
    waker.start()
    try:
        yield
    finally:
        over.set()
        waker.join()
