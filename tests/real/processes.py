"""Private server processes: free ports, a home, a start that waits, a stop that ends all."""

import contextlib
import grp
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

START_SECONDS = 20
"""How long a server may take until it accepts connections; on an idle machine under a second."""
STOP_SECONDS = 10

# below the ephemeral range, so that no client's port is in the way, and apart for each process
_candidates = itertools.count(12_000 + os.getpid() * 61 % 18_000)


class Account(NamedTuple):
    """The operating system's user a server runs as."""

    name: str
    group: str
    uid: int
    gid: int


def account(when_root: str) -> Account:
    """Give the running user, or `when_root` when that is root: servers here never run as root."""
    entry = pwd.getpwnam(when_root) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    group = grp.getgrgid(entry.pw_gid).gr_name
    return Account(entry.pw_name, group, entry.pw_uid, entry.pw_gid)


def free_port() -> int:
    """Give a loopback port nobody listens on, each time another one.

    No other process gets it from here while this one lives: a server may be down for a moment.
    """
    for port in _candidates:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if _reserve(port):
            return port
    raise AssertionError("itertools.count ended")


def _reserve(port: int) -> bool:
    """Take a name for a port that one process has at a time and that ends with it (unix(7))."""
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0mailflow-tests-{port}")
    except OSError:
        name.close()
        return False
    name.detach()  # stays open, and the name taken, until this process ends
    return True


def make_home(prefix: str, owner: Account) -> Path:
    """Make a folder for one server. Its path is short: a socket's may have 108 bytes only."""
    home = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    home.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(home, owner.uid, owner.gid)
    return home


def remove_home(home: Path) -> None:
    """Remove a server's folder; a file its last processes still write does not matter."""
    shutil.rmtree(home, ignore_errors=True)
    if home.exists():
        time.sleep(0.2)
        shutil.rmtree(home, ignore_errors=True)


class Server:
    """A program with all its children, in a process group of their own."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        ports: Iterable[int],
        log: Path,
        run_as: Account | None = None,
        environment: Mapping[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self._command = [str(word) for word in command]
        self._ports = list(ports)
        self._log = log
        self._run_as = run_as if os.geteuid() == 0 else None
        self._environment = {**os.environ, **(environment or {})}
        self._stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether the program has been started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the program; every port answers when this returns. Raises RuntimeError if not."""
        with self._log.open("ab") as log:
            if self._run_as:
                os.chown(self._log, self._run_as.uid, self._run_as.gid)
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=self._environment,
                cwd="/",
                user=self._run_as.uid if self._run_as else None,
                group=self._run_as.gid if self._run_as else None,
                extra_groups=[] if self._run_as else None,
            )
        deadline = time.monotonic() + START_SECONDS
        for port in self._ports:
            self._await(port, deadline)

    def stop(self) -> None:
        """End the program and its children in good order, by force if that takes too long."""
        if self._process is None:
            return
        if self.running:
            self.signal(signal.SIGCONT)
            self._process.send_signal(self._stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End the program and all its children at once, as a power cut would."""
        if self._process is not None:
            # again and again: a child may be born while its brothers die, and one that still lives
            # holds its sockets, so that the next start would find them answering
            deadline = time.monotonic() + STOP_SECONDS
            while self.signal(signal.SIGKILL) and time.monotonic() < deadline:
                time.sleep(0.01)
            self._process.wait(STOP_SECONDS)
            self._process = None

    def signal(self, number: signal.Signals, only: Iterable[str] = ()) -> int:
        """Send a signal to every process of the group, or only to those of these program names.

        Gives how many got it.
        """
        wanted = set(only)
        pids = [pid for pid, name in self._members() if not wanted or name in wanted]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return len(pids)

    def _members(self) -> list[tuple[int, str]]:
        if self._process is None:
            return []
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                pid, _, rest = stat.read_text(errors="replace").partition(" (")
            except OSError:  # it ended while we looked
                continue
            name, _, fields = rest.rpartition(") ")
            state, _, group = fields.split()[:3]
            if int(group) == self._process.pid and state != "Z":
                found.append((int(pid), name))
        return found

    def _await(self, port: int, deadline: float) -> None:
        while self.running and time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", port), 1):
                    return
            except OSError:
                time.sleep(0.01)
        words = self._log.read_text(errors="replace")[-3000:]
        self.kill()
        raise RuntimeError(f"{self._command[0]} does not answer on port {port}; its log:\n{words}")
