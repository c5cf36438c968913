"""The demo tells its stories to the end, and notices when they end otherwise."""

import io
import os
import re
import subprocess
import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailflow.demo import __main__ as command
from mailflow.demo import album, play, programs, reckoning, stage, stories, telling, town
from mailflow.errors import MailflowError
from mailflow.reading import read

NOW = datetime(2026, 11, 24, 8, 12, tzinfo=UTC)
CLERK = programs.Person("Jürgen Falk", "bauaufsicht@stadt.example.org", "Jürgen Falk\nTel. 4711")


class Ran:
    """One run of the demo as a user starts it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        done = subprocess.run(
            [sys.executable, "-m", "mailflow.demo"],
            cwd=folder,
            env={**os.environ, "PYTHONWARNINGS": "error::ResourceWarning"},
            capture_output=True,
            timeout=60,
            check=False,
        )
        self.status = done.returncode
        self.output = done.stdout.decode()
        self.complaints = done.stderr.decode()


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Run the demo once for all tests that look at its outcome."""
    return Ran(tmp_path_factory.mktemp("demo"))


@pytest.mark.slow
def test_it_ends_well_by_itself(ran: Ran) -> None:
    """The demo exits 0 without a word on stderr, every finding right."""
    assert (ran.status, ran.complaints) == (0, "")
    assert ran.output.count("✓") == 8
    assert "✗" not in ran.output


@pytest.mark.slow
def test_all_three_stories_are_told_to_their_answers(ran: Ran) -> None:
    """Each story ends in its combined answer, shown with the offices' own words."""
    assert len(re.findall(r"^ \d  \w.* ─", ran.output, re.MULTILINE)) == 3
    for words in ("sechs Wochen", "45 dB(A)", "plots would suit you", "Erbengemeinschaft"):
        assert ran.output.count(words) >= 2, words


@pytest.mark.slow
def test_in_a_pipe_it_is_plain_text(ran: Ran) -> None:
    """Nothing steers a terminal when the output is none."""
    assert "\x1b" not in ran.output


@pytest.mark.slow
def test_every_mail_told_lies_as_files_to_open(ran: Ran) -> None:
    """Each numbered mail is an .eml, linked from the page; it is read as who wrote it."""
    folder = ran.folder / "demo-output"
    told = re.findall(r"^ {1,2}(\d+)  \w.* \d+\.\d s$", ran.output, re.MULTILINE)
    mails = sorted(folder.glob("*.eml"))
    assert [path.name[:2] for path in mails] == [f"{int(number):02}" for number in told]
    page = (folder / "index.html").read_text(encoding="utf-8")
    for path in mails:
        assert path.name in page
        ours = "X-Mailflow-Kind:" in path.read_text()
        assert read(path.read_bytes()).kind == ("own" if ours else "personal")


@pytest.mark.slow
def test_the_tickets_can_be_looked_at_afterwards(ran: Ran) -> None:
    """The folder holds a configuration with which the command line shows the demo's tickets."""
    config = ran.folder / "demo-output" / "config"
    done = subprocess.run(
        [sys.executable, "-m", "mailflow", "--config", config, "tickets"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert len(re.findall(r"^KAM-\S+  answered ", done.stdout, re.MULTILINE)) == 3


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a demo in this process may leave its mails."""
    return tmp_path / "demo-output"


@pytest.mark.slow
def test_a_mail_that_says_something_else_ends_the_demo_with_one_clear_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The mail that lacks what it must say is named, the exit status is 1, the mails are kept."""
    writer = stories.KESSLER

    def disappointed(acting: stage.Stage) -> None:
        raw = programs.letter(writer, acting.town.central, "Frage", "Wer hilft uns?", NOW)
        acting.posts(writer, raw, "a question", "Wer hilft")
        acting.gets(writer.address, "acknowledgement", "a promise", "Konfetti")

    monkeypatch.setattr(play, "_STORIES", (disappointed,))
    assert command.main(folder) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("mailflow demo: The demo did not go as it should: mail 2")
    assert line.endswith('lacks "Konfetti".')
    assert (folder / "02-acknowledgement.eml").exists()


@pytest.mark.slow
def test_a_mail_that_does_not_come_ends_the_demo(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody waits for ever; what was expected, and what came instead, is named."""

    def hopeful(acting: stage.Stage) -> None:
        acting.gets(stories.COMPANIES[0], "combined-answer", "nobody asked", "anything")

    monkeypatch.setattr(play, "_STORIES", (hopeful,))
    monkeypatch.setattr(town, "_PATIENCE", 0.5)
    monkeypatch.setattr(town, "_running", lambda _: nullcontext())
    assert command.main(folder) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "waiting for a mail of the kind combined-answer" in line


@pytest.mark.slow
def test_a_wrong_finding_fails_the_demo(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A leak into a company's mail is found at the end, shown, and makes the exit status 1."""
    monkeypatch.setattr(play, "_STORIES", (stories.two_offices,))
    monkeypatch.setattr(reckoning, "INTERNAL", ("sechs Wochen",))
    assert command.main(folder) == 1
    assert "✗ no company got" in capsys.readouterr().out


def test_a_folder_that_is_not_the_demos_is_left_alone(tmp_path: Path) -> None:
    """What the user keeps in demo-output is not deleted."""
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(town.DemoError, match="not a demo's"):
        album.prepare(tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "precious"


def test_an_earlier_demo_is_replaced(tmp_path: Path) -> None:
    """The second run begins with an empty folder."""
    album.prepare(tmp_path / "out")
    (tmp_path / "out" / "01-old.eml").write_text("old")
    album.prepare(tmp_path / "out")
    assert not (tmp_path / "out" / "01-old.eml").exists()


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Claim it."""
        return True


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_colours_are_for_terminals_that_want_them(
    monkeypatch: pytest.MonkeyPatch, no_color: str, *, coloured: bool
) -> None:
    """On a terminal there are colours, unless NO_COLOR is set (no-color.org)."""
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    telling.Telling(telling.console_for(stream)).scene(stage.Scene(1, "Titel", "Worum es geht"))
    assert "Titel" in stream.getvalue()
    assert ("\x1b[" in stream.getvalue()) is coloured


def test_a_mail_cannot_steer_the_terminal() -> None:
    """Control characters of a mail are left out on the way to the screen."""
    raw = programs.letter(CLERK, "a@stadt.example.org", "Frage", "rot \x1b[31m und \x07laut", NOW)
    shown = stage.Shown(
        1, stage.Scene(1, "", ""), "was", "rot \x1b[31m", False, raw, programs.mail_of(raw)
    )
    stream = io.StringIO()
    telling.Telling(telling.console_for(stream)).mail(shown)
    assert "rot [31m" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize(
    "write", [programs.outlook_reply, programs.thunderbird_reply, programs.phone_reply]
)
def test_the_mail_programs_thread_and_quote_as_real_ones_do(write: programs.Writes) -> None:
    """What each program makes is matched by all its threads and read down to the new words."""
    forward = programs.letter(
        programs.Person("KAM", "unternehmen@stadt.example.org"),
        CLERK.address,
        "[KAM-7K3Q-9F2M] Umnutzung",
        "Wer fragt\nKessler Metallbau GmbH",
        NOW,
    )
    original = programs.mail_of(forward)
    original.replace_header("Message-ID", f"<mailflow.{'7k3q' * 18}@stadt.example.org>")
    message = read(write(CLERK, original, "Ja, das geht.", NOW))
    assert message.in_reply_to == message.references[-1] == original["Message-ID"]
    assert message.reply_text.startswith("Ja, das geht.")
    assert "Kessler" not in message.reply_text
    assert "Kessler" in message.text


def test_the_leaflet_is_a_real_pdf() -> None:
    """The cross-reference table points at the objects (ISO 32000-1 §7.5.4)."""
    pdf = programs.one_page("Titel (1)", ("Zeile \\ zwei",))
    table = int(re.findall(rb"startxref\n(\d+)", pdf)[0])
    assert pdf[table:].startswith(b"xref")
    places = [int(place) for place in re.findall(rb"(\d{10}) 00000 n", pdf)]
    assert [pdf[place:].split()[0] for place in places] == [b"1", b"2", b"3", b"4", b"5"]


def test_a_digest_without_the_link_stops_the_story() -> None:
    """The manager can only click what the digest really offers."""
    mail = programs.mail_of(programs.letter(CLERK, "a@b.example", "Übersicht", "nichts", NOW))
    with pytest.raises(MailflowError, match="no link"):
        stories._link(mail, "KAM-7K3Q-9F2M an kataster")
