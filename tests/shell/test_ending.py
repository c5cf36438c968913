"""How a process ends that a server, or its own log, keeps from ending."""

import signal
import subprocess
import sys
import time

_HELD_LOG = """
import logging, threading
from mailflow import cli

logging.basicConfig()
(handler,) = logging.root.handlers
held = threading.Event()

def hold():
    handler.acquire()
    held.set()
    threading.Event().wait()

threading.Thread(target=hold, daemon=True).start()
held.wait()
cli._leave()
"""

_REENTERED_LOG = """
import logging
from mailflow import cli

def write(*_):
    raise RuntimeError("reentrant call inside <_io.BufferedWriter>")

logging.lastResort.emit = write
cli._leave()
"""


def _ended(code: str) -> int:
    begun = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], timeout=30, check=False)
    assert time.monotonic() - begun < 10
    return done.returncode


def test_a_log_that_nobody_reads_keeps_no_process_from_ending() -> None:
    """A thread stands in it for ever: the second alarm ends the process all the same."""
    assert _ended(_HELD_LOG) == -signal.SIGALRM


def test_a_log_amid_a_line_keeps_no_process_from_ending_well() -> None:
    """The alarm comes while the main thread writes one, and a second cannot be written within."""
    assert _ended(_REENTERED_LOG) == 0
