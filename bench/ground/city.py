"""What both measurements stand on: a private Dovecot, a sink, and the real service between."""

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from tests.real.processes import free_port
from tests.real.servers import MailWorld
from tests.real.town import Town

SINK = Path(__file__).with_name("sink.py")


class Sink:
    """The sink, as a process of its own."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, str(SINK), str(self.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout
        self._process.stdout.readline()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def taken(self) -> tuple[int, float]:
        """Give how many mails were taken, and when the last was (Unix time, seconds)."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        count, last = self._process.stdout.readline().split()
        return int(count), float(last)


@contextmanager
def city(database: str = "") -> Iterator[tuple[MailWorld, Sink, Town]]:
    """Give Dovecot, sink and a configured mailflow that does not run yet."""
    with (
        MailWorld(mta="relay") as world,
        Sink() as sink,
        TemporaryDirectory(prefix="mailflow-bench-") as folder,
    ):
        changes: dict[str, dict[str, object]] = {
            "smtp": {"port": sink.port, "security": "none", "user": "", "receipts": "none"}
        }
        if database:
            changes["database"] = {"url": database}
        town = Town(world, Path(folder), changes)
        try:
            yield world, sink, town
        finally:
            town.kill()


def memory_of(pid: int) -> float:
    """Give the most memory a process has held so far (resident), in MB; 0 for one that ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        (line,) = (each for each in status.splitlines() if each.startswith("VmHWM:"))
    except (OSError, ValueError):
        return 0.0
    return int(line.split()[1]) / 1000


def children_of(pid: int) -> list[int]:
    """Give the processes a process has started."""
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # a thread that has ended meanwhile
            children += map(int, (task / "children").read_text().split())
    return children


def machine() -> str:
    """Say what it was measured on."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} x {model}, Python {platform.python_version()}, load {load:.1f} before"
