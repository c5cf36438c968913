"""Asking a virus scanner: clamd's INSTREAM over a socket. Without an answer nothing is clean."""

import socket
import struct
from contextlib import closing

from mailflow.core.known import Scan

__all__ = ["answers", "scan"]

_SECONDS = 30
_CHUNK = 1_000_000
_LONGEST_ANSWER = 4096


def scan(address: str, raw: bytes) -> Scan:
    """Give the verdict on a mail's bytes; ``address`` is a socket's path, or host:port.

    Any failure is UNAVAILABLE, which holds the mail: the scanner fails closed.
    """
    if not address:
        return Scan.OFF
    try:
        with closing(_connect(address)) as line:
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(raw), _CHUNK):
                chunk = raw[start : start + _CHUNK]
                line.sendall(struct.pack("!I", len(chunk)) + chunk)
            line.sendall(struct.pack("!I", 0))
            return _verdict(_answer(line))
    except OSError:
        return Scan.UNAVAILABLE


def answers(address: str) -> bool:
    """Tell whether the scanner is there."""
    try:
        with closing(_connect(address)) as line:
            line.sendall(b"zPING\0")
            return _answer(line) == b"PONG"
    except OSError:
        return False


def _connect(address: str) -> socket.socket:
    if address.startswith("/"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(_SECONDS)
        try:
            line.connect(address)
        except OSError:
            line.close()
            raise
        return line
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=_SECONDS)


def _answer(line: socket.socket) -> bytes:
    answer = b""
    while b"\0" not in answer and len(answer) < _LONGEST_ANSWER:
        part = line.recv(_LONGEST_ANSWER)
        if not part:
            break
        answer += part
    return answer.partition(b"\0")[0].strip()


def _verdict(answer: bytes) -> Scan:
    if answer == b"stream: OK":
        return Scan.CLEAN
    return Scan.INFECTED if answer.endswith(b" FOUND") else Scan.UNAVAILABLE
