"""Row 6 of the fault matrix: the power goes, and the disk holds only what was synced to it."""

import ast
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.day import HELD, MARK
from tests.faults.power import SYSCALLS, Cut, cuts

ROOT = Path(__file__).parents[2]
_SAID = re.compile(rf"^{MARK} (\(.*\))$", re.MULTILINE)


def play(folder: Path, trace: Path) -> list[tuple[int, ...]]:
    """Play the day under strace; give what the database held after each commit."""
    folder.mkdir()
    done = subprocess.run(
        ["strace", "-f", "-y", "-xx", "-s", "200000", "-e", f"trace={SYSCALLS}", "-o", str(trace),
         sys.executable, "-m", "tests.faults.day", str(folder)],
        check=True, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    return [ast.literal_eval(held) for held in _SAID.findall(done.stdout)]


def after(cut: Cut, folder: Path, place: Path) -> tuple[int, ...]:
    """Give what the database holds when the machine is on again; it must be whole."""
    place.mkdir()
    for path, content in cut.files.items():
        (place / Path(path).relative_to(folder)).write_bytes(content)
    with closing(sqlite3.connect(place / "mailflow.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",), cut.how
        held: tuple[int, ...] = database.execute(HELD).fetchone()
    return held


@pytest.mark.nightly
def test_row_06_every_committed_row_survives_a_power_cut(tmp_path: Path) -> None:
    """WAL with NORMAL forgot commits. Here each one is there, whatever the disk did not finish."""
    folder = tmp_path / "state"
    held = play(folder, tmp_path / "trace")
    assert len(held) > 20
    looked_at = 0
    for number, cut in enumerate(cuts(tmp_path / "trace", folder, MARK.encode().hex().encode())):
        if cut.marks:
            found = after(cut, folder, tmp_path / f"cut{number}")
            assert found in held[cut.marks - 1 : cut.marks + 1], (cut.how, cut.marks)
            looked_at += 1
    assert looked_at > 500
