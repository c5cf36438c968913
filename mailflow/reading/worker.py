"""Reading in a process of its own, so that no mail can stop, slow or take over mailflow.

``python -m mailflow.reading.worker`` reads one mail after the other from its standard input.
It knows no secret (its environment is empty), may open no connection and start no program, and
lives under limits of memory and time. A mail that breaks it costs that mail only.
"""

import os
import resource
import signal
import subprocess
import sys
import threading
from dataclasses import astuple
from types import TracebackType
from typing import Any, BinaryIO, Self

from mailflow.core.message import Message
from mailflow.errors import MailflowError
from mailflow.reading.frames import answer, message_of, request, requested
from mailflow.reading.limits import DEFAULT, Limits
from mailflow.reading.mail import read

__all__ = ["Reader", "ReadingFailed", "serve"]

SECONDS = 10.0
# A mail of 50 MB takes 350 MB to read (measured): raw, cut, decoded, answered. Twice that is room.
MEMORY = 768 * 1024 * 1024
# The worker ends itself a little after it should have been ended, should nobody be left to do it.
_GRACE = 5
# A busy machine may take its time to start a process; the first mail is not to blame.
_STARTING = 30
_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.remove",
    "os.rename",
    "ftplib.",
    "http.",
    "urllib.",
    "smtplib.",
)


class ReadingFailed(MailflowError):  # noqa: N818 - it names what happened to one mail
    """{problem}

    A mail could not be read: the worker died over it, or took longer than it may.
    """  # noqa: D400 - the problem ends the sentence


class Reader:
    """Reads mails in a worker process; a context manager, usable from several threads.

    ``seconds`` a mail may take, ``memory`` bytes the worker may hold; ``limits`` as for ``read``.
    """

    def __init__(
        self, limits: Limits = DEFAULT, *, seconds: float = SECONDS, memory: int = MEMORY
    ) -> None:
        self._limits = limits
        self._seconds = seconds
        self._memory = memory
        self._lock = threading.Lock()
        self._worker: subprocess.Popen[bytes] | None = None
        self._is_fresh = True

    def __enter__(self) -> Self:
        with self._lock:
            self._started()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the worker; a later ``read`` starts a new one."""
        with self._lock:
            self._end()

    def read(self, raw: bytes, *, contents: bool = True) -> Message:
        """Understand a mail as ``mailflow.reading.read`` does, attachments' bytes if wanted.

        Raises ReadingFailed for this mail; the next one finds a fresh worker.
        """
        with self._lock:
            worker = self._started()
            too_long = threading.Event()
            allowed = self._seconds + (_STARTING if self._is_fresh else 0)
            timer = threading.Timer(allowed, _kill, (worker, too_long))
            timer.start()
            try:
                message = self._exchange(worker, raw, contents=contents)
            except (OSError, EOFError, ValueError, KeyError, TypeError, RecursionError) as error:
                self._end()
                problem = self._reason(worker, error, late=too_long.is_set())
                raise ReadingFailed(problem=problem) from error
            finally:
                timer.cancel()
            self._is_fresh = False
            if too_long.is_set():
                self._end()
            return message

    def _exchange(self, worker: subprocess.Popen[bytes], raw: bytes, *, contents: bool) -> Message:
        stdin, stdout = _pipe(worker.stdin), _pipe(worker.stdout)
        for piece in request(raw, contents=contents):
            stdin.write(piece)
        stdin.flush()
        return message_of(stdout, 2 * self._limits.size)

    def _reason(self, worker: subprocess.Popen[bytes], error: Exception, *, late: bool) -> str:
        if late:
            return f"reading took longer than {self._seconds:g} seconds"
        if isinstance(error, (OSError, EOFError)):
            return f"the reading process ended (exit {worker.returncode})"
        return f"the reading process gave no proper answer ({type(error).__name__})"

    def _started(self) -> subprocess.Popen[bytes]:
        if self._worker is None or self._worker.poll() is not None:
            self._end()
            self._is_fresh = True
            settings = (self._memory, int(self._seconds) + _GRACE, *astuple(self._limits))
            self._worker = subprocess.Popen(  # noqa: S603 - our own module, no word from outside
                [sys.executable, "-I", "-B", "-m", __name__, *map(str, settings)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"LANG": "C.UTF-8"},
                cwd="/",
                start_new_session=True,
            )
        return self._worker

    def _end(self) -> None:
        worker, self._worker = self._worker, None
        if worker is None:
            return
        worker.kill()
        worker.wait()
        _pipe(worker.stdout).close()
        try:
            _pipe(worker.stdin).close()
        except BrokenPipeError:
            return


def _kill(worker: subprocess.Popen[bytes], too_long: threading.Event) -> None:
    too_long.set()
    worker.kill()


def _pipe(stream: Any) -> BinaryIO:
    pipe: BinaryIO = stream
    return pipe


def serve(source: BinaryIO, sink: BinaryIO, limits: Limits, seconds: int) -> None:
    """Answer requests until the source ends; each within ``seconds``, or the process ends."""
    while True:
        try:
            raw, contents = requested(source)
        except EOFError:
            return
        signal.alarm(seconds)
        sink.writelines(answer(read(raw, limits), contents=contents))
        sink.flush()
        signal.alarm(0)


def _confine(memory: int) -> None:
    """Give up what reading a mail never needs: memory without end, files, network, programs."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith(_FORBIDDEN) or (event == "open" and _writes(arguments[-1])):
        raise PermissionError(event)


def _writes(flags: object) -> bool:
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def main(arguments: list[str]) -> None:
    """Run as the worker process: memory, seconds, then the limits, all numbers."""
    memory, seconds, *numbers = map(int, arguments)
    _confine(memory)
    serve(sys.stdin.buffer, sys.stdout.buffer, Limits(*numbers), seconds)


if __name__ == "__main__":
    main(sys.argv[1:])
