"""The process under test: forked from one that has loaded everything, so that it starts at once."""

import gc
import json
import os
import signal
import ssl
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from imapclient import IMAPClient

from bench.failpoints import Points, install
from mailflow import compose
from mailflow import parts as parts_module
from mailflow.cli import main as mailflow
from mailflow.reading import worker
from tests import samples
from tests.flow.city import TWO_OFFICES, city, letter, of_kind, reply_to


class Zygote:
    """A process that has loaded mailflow and forks one that runs it: a start in milliseconds.

    It is made before any thread is; each run is a process of its own, killed as any other.
    """

    def __init__(self) -> None:
        here, there = os.pipe(), os.pipe()
        if os.fork() == 0:
            os.close(here[1])
            os.close(there[0])
            with os.fdopen(here[0]) as orders, os.fdopen(there[1], "w") as answers:
                _serve(orders, answers)
            os._exit(0)
        os.close(here[0])
        os.close(there[1])
        self._orders = os.fdopen(here[1], "w", buffering=1)
        self._answers = os.fdopen(there[0])

    def start(self, order: dict[str, Any]) -> int:
        """Start a run; give its process id."""
        self._orders.write(json.dumps(order) + "\n")
        return int(self._answers.readline())

    def wait(self) -> int:
        """Give how the run ended: its exit code, or the negative number of the signal."""
        return int(self._answers.readline())

    def close(self) -> None:
        """End it."""
        self._orders.close()
        self._answers.close()


def _serve(orders: IO[str], answers: IO[str]) -> None:
    # what every run would load, compile and try again is loaded, compiled and tried once
    for name in ("psycopg", "mailflow.service", "mailflow.listing"):
        import_module(name)
    problems = compose.template_problems(samples.composer())
    compose.template_problems = lambda composer: problems  # noqa: ARG005 - the same for all
    context = ssl.create_default_context()  # which reads all certificates of the machine
    ssl.create_default_context = lambda **_: context  # no server here speaks TLS
    _read_once()
    gc.collect()
    gc.freeze()  # what is here stays, and no run looks through it, which would copy its memory
    gc.disable()  # a run takes a second, and what it leaves behind ends with it
    for line in orders:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _run(order)
        answers.write(f"{child}\n")
        answers.flush()
        answers.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        answers.flush()


def _read_once() -> None:
    """Let a city in memory read a letter and the offices' replies, as every run would first."""
    with TemporaryDirectory() as folder, city(Path(folder)) as town:
        for forward in of_kind(town.deliver(letter("Eine Frage", TWO_OFFICES)), "forward"):
            town.deliver(reply_to(forward, "Der Bescheid kommt bis Ende Mai."))


class ForkedWorker:
    """The process that reads mails, forked with all it needs loaded; to mailflow it is a Popen."""

    def __init__(self, command: Sequence[str], **_: object) -> None:
        source, sink = os.pipe(), os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.dup2(source[0], 0)
            os.dup2(sink[1], 1)
            os.closerange(3, 256)  # else it would keep what its parent held: the database, a line
            worker.main(list(command[5:]))
            os._exit(0)
        os.close(source[0])
        os.close(sink[1])
        self.stdin, self.stdout = os.fdopen(source[1], "wb"), os.fdopen(sink[0], "rb")
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Give how it ended, None while it runs."""
        if self.returncode is None and os.waitpid(self.pid, os.WNOHANG)[0]:
            self.returncode = 0
        return self.returncode

    def wait(self, timeout: float = 0) -> int:  # noqa: ARG002 - it ends with its input
        """Wait for its end."""
        if self.returncode is None:
            os.waitpid(self.pid, 0)
            self.returncode = 0
        return self.returncode

    def kill(self) -> None:
        """End it."""
        os.kill(self.pid, signal.SIGKILL)


def _forget_move() -> None:
    """Let the mail server be one that cannot MOVE: it is told to copy, mark and expunge."""
    has_capability = IMAPClient.has_capability

    def without_move(client: IMAPClient, name: str) -> bool:
        return name != "MOVE" and bool(has_capability(client, name))

    IMAPClient.has_capability = without_move


def _run(order: dict[str, Any]) -> None:
    """Be the process under test: mailflow, run once at another time, with points to die at."""
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    begun, start = time.time(), datetime.fromisoformat(order["now"])
    assemble: Any = parts_module.assemble
    assemble.__wrapped__.__defaults__ = (lambda: start + timedelta(seconds=time.time() - begun),)
    worker.subprocess.Popen = ForkedWorker  # type: ignore[attr-defined]
    names = Path(order["names"]) if order["names"] else None
    install(Points(Path(order["counter"]), order["kill_at"], names))
    if not order["move"]:
        _forget_move()
    if order["stopped"]:
        os.kill(os.getpid(), signal.SIGSTOP)
    code = 1
    try:
        words = ["--config", order["folder"], "--verbose", *order["command"]]
        mailflow(words, standalone_mode=False)
        code = 0
    except BaseException as error:  # noqa: BLE001 - whatever it was, the log says it, and we end
        print(f"{type(error).__name__}: {error}", flush=True)
    finally:
        os._exit(code)
