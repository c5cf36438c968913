"""A copy of the database beside the running service."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from mailflow.store.backup import BackupError, back_up


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Give a database of some megabytes."""
    path = tmp_path / "mailflow.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE mail (id INTEGER PRIMARY KEY, raw BLOB)")
        connection.executemany("INSERT INTO mail (raw) VALUES (?)", [(bytes(10_000),)] * 1000)
        connection.commit()
    return path


def test_a_copy_beside_a_service_that_commits_is_whole(database: Path, tmp_path: Path) -> None:
    """Commits neither end it nor begin it anew, and wait for it."""
    target, stop, commits = tmp_path / "copy.db", threading.Event(), [0]

    def commit() -> None:
        with closing(sqlite3.connect(database, timeout=20)) as connection:
            while not stop.is_set():
                connection.execute("INSERT INTO mail (raw) VALUES (?)", (b"x",))
                connection.commit()
                commits[0] += 1

    service = threading.Thread(target=commit)
    service.start()
    try:
        while not commits[0]:
            stop.wait(0.01)
        size = back_up(f"sqlite:///{database}", target)
    finally:
        stop.set()
        service.join()
    assert size == target.stat().st_size > 10_000_000
    assert target.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT count(*) FROM mail").fetchone()[0] > 1000


def test_a_copy_replaces_no_other(database: Path, tmp_path: Path) -> None:
    """Two backups of one day are a mistake, not a loss."""
    target = tmp_path / "copy.db"
    target.write_text("the only one")
    with pytest.raises(BackupError, match="is there already"):
        back_up(f"sqlite:///{database}", target)
    assert target.read_text() == "the only one"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://x:secret@db.example/y", "pg_dump"),
        ("sqlite:////none/x.db", "there is none"),
    ],
)
def test_what_cannot_be_copied_is_said_without_a_secret(
    tmp_path: Path, url: str, words: str
) -> None:
    """Another engine, or no database at all: one line, and no file."""
    with pytest.raises(BackupError, match=words) as error:
        back_up(url, tmp_path / "copy.db")
    assert "secret" not in str(error.value)
    assert not (tmp_path / "copy.db").exists()


def test_a_copy_that_fails_leaves_no_file(database: Path, tmp_path: Path) -> None:
    """A damaged database, like a full disk: what is there is no backup, so nothing is."""
    database.write_bytes(b"no database" * 1000)
    with pytest.raises(BackupError):
        back_up(f"sqlite:///{database}", tmp_path / "copy.db")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mailflow.db"]
