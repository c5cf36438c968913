"""The virus scanner is asked over its socket, and fails closed."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mailflow.core.known import Scan
from mailflow.scan import scan


@contextmanager
def _clamd(answer: bytes) -> Iterator[str]:
    """Answer one INSTREAM like clamd, after everything was received."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _ = server.accept()
        with line:
            received = b""
            while not received.endswith(b"\0\0\0\0"):
                received += line.recv(65536)
            line.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"127.0.0.1:{server.getsockname()[1]}"
    finally:
        thread.join()
        server.close()


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (b"stream: OK\0", Scan.CLEAN),
        (b"stream: Eicar-Test-Signature FOUND\0", Scan.INFECTED),
        (b"INSTREAM size limit exceeded. ERROR\0", Scan.UNAVAILABLE),
        (b"", Scan.UNAVAILABLE),
    ],
)
def test_the_scanners_words_decide(answer: bytes, verdict: Scan) -> None:
    """OK is clean, FOUND is infected, and anything else counts as unscanned."""
    with _clamd(answer) as address:
        assert scan(address, b"mail " * 1000) is verdict


def test_no_scanner_there_means_unscanned() -> None:
    """A scanner that is configured and away holds the mail."""
    assert scan("127.0.0.1:1", b"x") is Scan.UNAVAILABLE
    assert scan("/nonexistent/clamd.ctl", b"x") is Scan.UNAVAILABLE


def test_no_scanner_configured_scans_nothing() -> None:
    """Without [scan] nothing is asked."""
    assert scan("", b"x") is Scan.OFF
