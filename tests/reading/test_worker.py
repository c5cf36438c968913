"""The reading process: a mail that breaks it costs that mail only."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from io import BytesIO
from pathlib import Path
from threading import Thread

import pytest

from mailflow.core.message import Message
from mailflow.reading import Limits, Reader, ReadingFailed, read
from mailflow.reading.frames import answer, message_of

MAIL = Path(__file__).parent.parent / "mail"
ATTACHED = (
    b"Subject: a\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\ntext\n--x\n"
    b"Content-Type: application/pdf; name=a.pdf\n\n%PDF-\x00\xff\n--x--\n"
)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """A reader for mails that do no harm."""
    with Reader() as one:
        yield one


def _worker_of(reader: Reader) -> int:
    assert reader._worker is not None
    return reader._worker.pid


def test_same_as_in_process(reader: Reader) -> None:
    """Every field of every mail comes through the pipe unchanged."""
    files = sorted(MAIL.glob("*.eml"))
    assert len(files) > 60
    for file in files:
        raw = file.read_bytes()
        assert reader.read(raw) == read(raw), file.name


def test_contents_on_request(reader: Reader) -> None:
    """Attachments come with their bytes, or without where these are not wanted."""
    (with_bytes,) = reader.read(ATTACHED).attachments
    (without,) = reader.read(ATTACHED, contents=False).attachments
    assert with_bytes.content == b"%PDF-\x00\xff"
    assert without == replace(with_bytes, content=b"")


def test_dead_worker_is_replaced() -> None:
    """A worker that died between two mails is not even noticed."""
    with Reader() as reader:
        os.kill(_worker_of(reader), signal.SIGKILL)
        reader._worker.wait()  # type: ignore[union-attr]
        assert reader.read(b"Subject: next\n\n").subject == "next"


def test_worker_that_dies_costs_one_mail() -> None:
    """A worker that dies over a mail fails that mail; the next is read."""
    with Reader(memory=100 << 20) as reader:
        assert reader.read(b"Subject: before\n\n").subject == "before"
        with pytest.raises(ReadingFailed, match="the reading process ended"):
            reader.read(b"Subject: large\n\n" + b"x" * (48 << 20))
        assert reader.read(b"Subject: next\n\n").subject == "next"


def test_worker_that_hangs_costs_one_mail() -> None:
    """A worker that stands still is ended after its time; the next mail is read."""
    with Reader(seconds=0.3) as reader:
        assert reader.read(b"Subject: before\n\n").subject == "before"
        os.kill(_worker_of(reader), signal.SIGSTOP)
        with pytest.raises(ReadingFailed, match=r"reading took longer than 0\.3 seconds"):
            reader.read(b"Subject: hangs\n\n")
        assert reader.read(b"Subject: next\n\n").subject == "next"


def test_limits_reach_the_worker() -> None:
    """The worker reads by the limits its reader was given."""
    with Reader(Limits(size=20)) as reader:
        problems = reader.read(b"Subject: a\n\n" + b"b" * 20).problems
    assert problems[0] == "larger than 20 bytes: only its headers were read"


@pytest.mark.parametrize("limit", [each.name for each in fields(Limits)])
def test_each_limit_is_the_one_that_was_given(limit: str) -> None:
    """No limit takes another's place on its way: a mail beyond all is cut as in this process."""
    limits = replace(Limits(), **{limit: 2})
    raw = (
        b"To: a@x.example, b@x.example, c@x.example\nSubject: "
        + b"subject " * 400
        + ATTACHED.partition(b"\n")[2].replace(b"text", b"many words " * 20)
    )
    with Reader(limits) as reader:
        assert reader.read(raw) == read(raw, limits)


def test_threads_share_a_reader(reader: Reader) -> None:
    """Several threads at once each get the answer to their own mail."""
    found: dict[int, str] = {}

    def ask(number: int) -> None:
        found[number] = reader.read(f"Subject: {number}\n\n".encode()).subject

    threads = [Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: str(number) for number in range(8)}


def test_worker_knows_no_secret(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of our environment reaches the worker."""
    monkeypatch.setenv("MAILFLOW_IMAP__PASSWORD", "geheim")
    reader.close()
    reader.read(b"x: y\n\n")
    environment = Path(f"/proc/{_worker_of(reader)}/environ")
    if environment.exists():
        assert environment.read_bytes() == b"LANG=C.UTF-8\0"


@pytest.mark.parametrize(
    "deed",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import socket; socket.getaddrinfo('example.org', 80)",
        "import os; os.system('true')",
        "import subprocess; subprocess.run(['true'])",
        "open('written', 'w').write('x' * 9)",
    ],
)
def test_worker_may_do_nothing_but_read(deed: str, tmp_path: Path) -> None:
    """After confining itself the worker can neither connect, nor run, nor write."""
    code = f"from mailflow.reading.worker import _confine; _confine(1 << 30)\n{deed}"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, cwd=tmp_path
    )
    assert run.returncode != 0
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\0\0\0\0\0\0\0\1",
        b"\0\0\0\0\0\0\0\2{}",
        b"\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\0\0\0\0\0\0\0\2[]",
    ],
)
def test_nonsense_from_a_worker_is_refused(sent: bytes) -> None:
    """What a worker sends is believed no more than a mail."""
    with pytest.raises((EOFError, ValueError, KeyError, TypeError)):
        message_of(BytesIO(sent), 100)


def test_wrong_types_and_sizes_from_a_worker_are_refused() -> None:
    """A field of the wrong type, or more bytes than may be, is no answer."""
    pieces = answer(read(ATTACHED), contents=True)
    assert message_of(BytesIO(b"".join(pieces)), 7) == read(ATTACHED)
    with pytest.raises(ValueError, match="7"):
        message_of(BytesIO(b"".join(pieces)), 6)
    for old, new in ((b'"subject": "a"', b'"subject": [1]'), (b'"a.pdf"', b"1234567")):
        with pytest.raises(TypeError):
            message_of(BytesIO(b"".join(pieces).replace(old, new)), 100)


def test_message_has_no_field_that_is_left_behind() -> None:
    """A field added to Message must be added to the frames: every one makes the journey."""
    message = Message(
        message_id="<a@b>",
        subject="x",
        own_kind="x",
        language="de",
        text="x",
        return_path="",
        encrypted=True,
        given_up=True,
        problems=("p",),
        original_ids=("<a@b>",),
    )
    assert message_of(BytesIO(b"".join(answer(message, contents=True))), 0) == message
    sent = answer(message, contents=False)[1]
    assert not [name for name in Message.__slots__ if f'"{name}"'.encode() not in sent]
