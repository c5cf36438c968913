"""``inspect``: one JSON object per mail, from files, folders and mbox files."""

import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from mailflow.core.message import Message
from mailflow.reading import ReadingFailed
from mailflow.reading.inspect import _read, objects, run_inspect
from mailflow.reading.mailboxes import Found, mails, total_size

KEYS = (
    "path message_id in_reply_to references from reply_to to cc subject date language kind text "
    "reply_text attachments failed_recipients absence_until tokens problems"
)
FIRST = b"From a@b.example Mon May 18 09:12:00 2026\nSubject: one\n\nFrom here on\n\n"
SECOND = b"From - Mon May 18 09:13:00 2026\r\nSubject: two\r\n\r\nbody\r\n"


def test_keys_are_those_of_the_contract(tmp_path: Path) -> None:
    """Each object has exactly the keys that are promised, in that order."""
    file = tmp_path / "a.eml"
    file.write_bytes(b"From: A <a@b.example>\nDate: Mon, 18 May 2026 09:12:00 +0200\n\ntext\n")
    (found,) = objects([file])
    assert list(found) == KEYS.split()
    assert found["path"] == str(file)
    assert found["from"] == {"name": "A", "address": "a@b.example"}
    assert found["date"] == "2026-05-18T09:12:00+02:00"
    assert found["kind"] == "personal"


def test_folders_in_path_order(tmp_path: Path) -> None:
    """Every file below a folder is a mail, in path order; paths keep the order given."""
    for name in ("b/2.eml", "b/1.eml", "a.eml", "b/c/0", "b/0/9.eml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(f"Subject: {name}\n\n".encode())
    found = [each["subject"] for each in objects([tmp_path / "b", tmp_path / "a.eml"])]
    assert found == ["b/0/9.eml", "b/1.eml", "b/2.eml", "b/c/0", "a.eml"]
    assert total_size([tmp_path]) == sum(len(f"Subject: {name}\n\n") for name in found)


def test_mbox(tmp_path: Path) -> None:
    """The mails of an mbox are numbered; a line that only begins with From parts nothing."""
    file = tmp_path / "all.mbox"
    file.write_bytes(FIRST + SECOND + b"\r\n" + FIRST)
    found = list(mails([file], 1000))
    assert [each.path for each in found] == [f"{file}#{number}" for number in (1, 2, 3)]
    assert [each.raw.split(b"\n")[1][:12] for each in found] == [
        b"Subject: one",
        b"Subject: two",
        b"Subject: one",
    ]
    assert sum(each.size for each in found) == file.stat().st_size


def test_mbox_of_one_mail_keeps_its_name(tmp_path: Path) -> None:
    """A single mail with an envelope line is named like any other file."""
    file = tmp_path / "one.eml"
    file.write_bytes(FIRST)
    assert [each.path for each in mails([file], 1000)] == [str(file)]


def test_no_more_is_held_than_allowed(tmp_path: Path) -> None:
    """Of a mail beyond the limit one byte more than that is taken, and its size counted."""
    lone, mbox = tmp_path / "lone", tmp_path / "mbox"
    lone.write_bytes(b"Subject: a\n\n" + b"x" * 5000)
    mbox.write_bytes(FIRST + b"y\n" * 5000 + b"\n" + SECOND)
    found = list(mails([lone, mbox], 100))
    assert [len(each.raw) for each in found] == [101, 101, len(SECOND)]
    assert [each.size for each in found] == [5012, len(FIRST) + 10_001, len(SECOND)]


def test_unreadable_file_gets_its_object(tmp_path: Path) -> None:
    """A path that cannot be opened is named, and the next one is read."""
    file = tmp_path / "a.eml"
    file.write_bytes(b"Subject: a\n\n")
    missing, found = objects([tmp_path / "none", file])
    assert missing["problems"] == ["cannot be opened: No such file or directory"]
    assert found["subject"] == "a"


def test_mail_that_breaks_the_reader_gets_its_object() -> None:
    """A mail over which the worker dies is shown by its headers, with the reason."""

    def fail(raw: bytes, *, contents: bool) -> Message:
        raise ReadingFailed(problem=f"died over {len(raw)} bytes, {contents}")

    message = _read(SimpleNamespace(read=fail), Found("p", b"Subject: a\n\n", 12))  # type: ignore[arg-type]
    assert message.subject == "a"
    assert message.problems[0] == "died over 12 bytes, False"


@pytest.mark.parametrize("progress", [False, True])
def test_lines_of_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, progress: bool
) -> None:
    """One line per mail goes out, umlauts readable, nothing that steers; the bar goes elsewhere."""
    subject = "Größe \u202eexe.\u2066"
    for number in range(3):
        (tmp_path / f"{number}.eml").write_bytes(f"Subject: {subject}\n\n\u202e".encode())
    out = io.StringIO()
    assert run_inspect([tmp_path], out, progress=progress) == 3
    lines = out.getvalue().splitlines()
    assert [json.loads(line)["subject"] for line in lines] == [subject] * 3
    assert "Größe" in lines[0]
    assert all(line.isprintable() for line in lines)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert ("100%  3 mails" in shown.err) is progress
