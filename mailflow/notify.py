"""Telling systemd how we are (sd_notify(3)); without systemd it tells nobody."""

import os
import socket
from contextlib import suppress

__all__ = ["ask_for_time", "notify", "watchdog_seconds"]


def notify(state: str) -> None:
    """Send a state such as ``READY=1`` to the service manager, if there is one that listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC
    with suppress(OSError), socket.socket(socket.AF_UNIX, kind) as line:
        line.connect(address)
        line.sendall(state.encode())


def ask_for_time(seconds: int) -> None:
    """Keep systemd for so long from ending a start that waits, or takes long (TimeoutStartSec)."""
    notify(f"EXTEND_TIMEOUT_USEC={seconds * 1_000_000}")


def watchdog_seconds() -> float:
    """Give how often the watchdog wants to hear from us, 0.0 if it does not."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0.0
    return int(os.environ.get("WATCHDOG_USEC", "0")) / 1_000_000
