"""A copy of the database beside the running service."""

import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mailflow.lease import Lease
from mailflow.parts import open_store
from mailflow.store.backup import BackupError, RestoreError, back_up, put_back
from mailflow.store.engine import make_engine
from mailflow.store.ownership import make_for_service
from mailflow.upgrade import knows

NOW = datetime(2026, 5, 22, 5, 30, tzinfo=UTC)


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


def test_a_copy_into_no_folder_names_the_folder(database: Path, tmp_path: Path) -> None:
    """A slip in the path is no fault of the database, and nothing of a draft's name is shown."""
    with pytest.raises(BackupError, match=f"there is no folder {tmp_path}/nix; make it first"):
        back_up(f"sqlite:///{database}", tmp_path / "nix" / "copy.db")


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


def test_two_copies_at_once_to_one_file_are_both_whole(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second run that begins while the first copies takes nothing away from under it."""
    target, connect = tmp_path / "copy.db", sqlite3.connect
    begun: list[Path] = []

    def copy_beside(file: Path) -> sqlite3.Connection:
        opened = connect(file)
        if file != database and not begun:
            begun.append(file)
            monkeypatch.setattr(sqlite3, "connect", connect)
            back_up(f"sqlite:///{database}", target)
            target.rename(tmp_path / "second.db")
        return opened

    monkeypatch.setattr(sqlite3, "connect", copy_beside)
    back_up(f"sqlite:///{database}", target)
    assert begun
    for copy in (target, tmp_path / "second.db"):
        with closing(connect(copy)) as connection:
            assert connection.execute("SELECT count(*) FROM mail").fetchone() == (1000,)
    assert not list(tmp_path.glob("*part*"))


@pytest.mark.parametrize("whole", [True, False])
def test_a_copy_touches_no_file_that_it_did_not_make(
    database: Path, tmp_path: Path, whole: bool
) -> None:
    """Whatever lies beside it belongs to somebody, also when the copy fails."""
    (tmp_path / "copy.db.part").write_text("mine")
    if not whole:
        database.write_bytes(b"no database" * 1000)
    with nullcontext() if whole else pytest.raises(BackupError):
        back_up(f"sqlite:///{database}", tmp_path / "copy.db")
    assert (tmp_path / "copy.db.part").read_text() == "mine"
    assert (tmp_path / "copy.db").exists() == whole


# --- its way back --------------------------------------------------------------------------------

DIES_IN_A_TRANSACTION = """
import os, signal, sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute(f"PRAGMA journal_mode={sys.argv[2]}")
database.execute("PRAGMA cache_size=10")  # so that pages leave for the file before the commit
database.execute("UPDATE mail SET raw = zeroblob(9000)")
if sys.argv[2] == "WAL":
    database.commit()
os.kill(os.getpid(), signal.SIGKILL)
"""


TABLES = """
CREATE TABLE outbox (id INTEGER);
CREATE TABLE alembic_version (version_num TEXT);
INSERT INTO alembic_version VALUES ('0001');
CREATE TABLE mailbox (id INTEGER PRIMARY KEY, address TEXT);
INSERT INTO mailbox (address) VALUES ('kam@stadt.example.org');
CREATE TABLE status (mailbox_id INTEGER, name TEXT, at TEXT, text TEXT,
    PRIMARY KEY (mailbox_id, name));
"""


@pytest.fixture
def copy(database: Path, tmp_path: Path) -> Path:
    """Give a copy of a database that has mailflow's tables, and lies there itself."""
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(TABLES)
    back_up(f"sqlite:///{database}", tmp_path / "copy.db")
    return tmp_path / "copy.db"


@pytest.mark.parametrize("mode", ["PERSIST", "WAL"])
def test_what_a_kill_left_beside_the_database_is_not_played_into_the_copy(
    database: Path, copy: Path, mode: str
) -> None:
    """The restored database is the copy; the one that was there is kept, with all it had."""
    killed = [sys.executable, "-c", DIES_IN_A_TRANSACTION, str(database), mode]
    assert subprocess.run(killed, check=False).returncode == -signal.SIGKILL
    left = {path.name for path in database.parent.glob("mailflow.db-*")}
    assert left
    aside = put_back(f"sqlite:///{database}", copy, NOW, knows)
    assert aside
    assert not list(database.parent.glob("mailflow.db-*"))
    assert {path.name for path in aside.parent.glob("*.replaced-*")} == {
        name.replace("mailflow.db", aside.name) for name in left
    }
    with closing(sqlite3.connect(database)) as restored:
        assert restored.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert restored.execute("SELECT count(*), max(length(raw)) FROM mail").fetchone() == (
            1000,
            10_000,
        )
    assert database.stat().st_mode & 0o777 == 0o600
    assert copy.exists()


def test_a_second_restore_in_one_second_keeps_what_the_first_moved_aside(
    database: Path, copy: Path
) -> None:
    """The mailbox does not know all that was in it; a link that lies in the way is none to take."""
    before = database.read_bytes()
    first = put_back(f"sqlite:///{database}", copy, NOW, knows)
    assert first
    (database.parent / first.name.replace("Z.", "Z.2.")).symlink_to("nowhere")
    second = put_back(f"sqlite:///{database}", copy, NOW, knows)
    assert second
    assert second.name == first.name.replace("Z.", "Z.3.")
    assert first.read_bytes() == before


def test_a_copy_is_put_where_nothing_was(copy: Path, tmp_path: Path) -> None:
    """A new machine has no database yet."""
    assert put_back(f"sqlite:///{tmp_path / 'new.db'}", copy, NOW, knows) is None
    assert (tmp_path / "new.db").stat().st_size == copy.stat().st_size


def test_a_damaged_copy_takes_the_place_of_nothing(database: Path, copy: Path) -> None:
    """What lies there stays, whatever it is worth."""
    raw = bytearray(copy.read_bytes())
    raw[40_000:60_000] = bytes(20_000)
    copy.write_bytes(raw)
    before = database.read_bytes()
    with pytest.raises(RestoreError, match="take another copy"):
        put_back(f"sqlite:///{database}", copy, NOW, knows)
    assert database.read_bytes() == before
    assert {path.name for path in database.parent.iterdir()} == {"mailflow.db", "copy.db"}


@pytest.mark.parametrize(
    ("url", "name", "words"),
    [
        ("postgresql://x:secret@db.example/y", "copy.db", "pg_restore"),
        ("sqlite:///{folder}/mailflow.db", "none.db", "no such file"),
        ("sqlite:///{folder}/mailflow.db", "foreign.db", "no database of mailflow"),
        ("sqlite:///{folder}/mailflow.db", "text.db", "take another copy"),
        ("sqlite:///{folder}/none/mailflow.db", "copy.db", "see to the folder"),
    ],
)
def test_what_cannot_be_put_back_is_said_and_changes_nothing(
    database: Path, copy: Path, url: str, name: str, words: str
) -> None:
    """Another engine, a slip in the name, somebody else's file: one line, without a secret."""
    folder = database.parent
    sqlite3.connect(folder / "foreign.db").execute("CREATE TABLE mail (id)").connection.close()
    (folder / "text.db").write_text("no database")
    before = copy.read_bytes(), database.read_bytes()
    with pytest.raises(RestoreError, match=words) as error:
        put_back(url.format(folder=folder), folder / name, NOW, knows)
    assert "secret" not in str(error.value)
    assert (copy.read_bytes(), database.read_bytes()) == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            "UPDATE alembic_version SET version_num = '9999'",
            "newer mailflow .schema 9999.; install",
        ),
        ("DELETE FROM mail", "no mail in it; .*mailflow rebuild"),
    ],
)
def test_a_copy_that_no_start_could_go_on_with_takes_the_place_of_nothing(
    database: Path, copy: Path, change: str, words: str
) -> None:
    """One of a newer mailflow, or of an empty database: the good one stays where it is."""
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute(change)
        connection.commit()
    before = database.read_bytes()
    with pytest.raises(RestoreError, match=words):
        put_back(f"sqlite:///{database}", copy, NOW, knows)
    assert database.read_bytes() == before
    assert {path.name for path in database.parent.iterdir()} == {"mailflow.db", "copy.db"}


AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")


@AS_ROOT
def test_a_copy_belongs_to_whom_the_database_did(database: Path, copy: Path) -> None:
    """The folder may be root's, writable for a group: the service must open what is put back."""
    os.chown(database, 4711, 4712)
    assert put_back(f"sqlite:///{database}", copy, NOW, knows)
    assert (database.stat().st_uid, database.stat().st_gid) == (4711, 4712)


@AS_ROOT
@pytest.mark.parametrize("there_is", [True, False])
def test_a_copy_in_a_folder_of_the_services_group_is_open_to_the_group(
    database: Path, copy: Path, there_is: bool
) -> None:
    """The folder is root's, and the service works there by its group; only a group that wrote."""
    os.chown(database, 0, 4712)
    os.chown(database.parent, 0, 4712)
    database.chmod(0o660)
    database.parent.chmod(0o2770)
    if not there_is:
        database.unlink()
    put_back(f"sqlite:///{database}", copy, NOW, knows)
    made = database.stat()
    assert (made.st_uid, made.st_gid, made.st_mode & 0o777) == (0, 4712, 0o660)
    lease = Lease(make_engine(f"sqlite:///{database}"), "kam@stadt.example.org", database.parent)
    assert lease.take()
    lease.release()
    assert database.with_suffix(".lock").stat().st_mode & 0o777 == 0o660


@AS_ROOT
def test_root_moves_nothing_away_that_a_link_of_the_services_names(
    database: Path, copy: Path, tmp_path: Path
) -> None:
    """Whom the folder belongs to could have any file of the machine moved; his own he may."""
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "mailflow.db").symlink_to(database)
    os.chown(theirs / "mailflow.db", 4711, 4712, follow_symlinks=False)
    with pytest.raises(RestoreError, match="another user's"):
        put_back(f"sqlite:///{theirs / 'mailflow.db'}", copy, NOW, knows)
    assert not list(tmp_path.glob("*.replaced"))
    os.chown(database, 4711, 4712)
    assert put_back(f"sqlite:///{theirs / 'mailflow.db'}", copy, NOW, knows)


def test_a_lock_that_is_a_link_is_not_followed(database: Path, tmp_path: Path) -> None:
    """As root that would make a file wherever the folder's owner wants one."""
    database.with_suffix(".lock").symlink_to(tmp_path / "made")
    lease = Lease(make_engine(f"sqlite:///{database}"), "kam@stadt.example.org", database.parent)
    with pytest.raises(OSError, match="symbolic link"):
        lease.take()
    assert not (tmp_path / "made").exists()


@AS_ROOT
@pytest.mark.parametrize("there_is", [True, False])
def test_a_lock_of_roots_belongs_to_the_service(database: Path, there_is: bool) -> None:
    """It is the old database's owner who reads the mailbox, or where there is none the folder's."""
    os.chown(database if there_is else database.parent, 4711, 4712)
    if not there_is:
        database.unlink()
    lease = Lease(make_engine(f"sqlite:///{database}"), "kam@stadt.example.org", database.parent)
    assert lease.take()
    lease.release()
    lock = database.with_suffix(".lock").stat()
    assert (lock.st_uid, lock.st_gid) == (4711, 4712)


LEASE_OF_ANOTHER_USER = """
import codecs, os, sys
from pathlib import Path
from mailflow.lease import Lease
from mailflow.store.engine import make_engine
lease = Lease(make_engine("sqlite:///mailflow.db"), "kam@stadt.example.org", Path())
codecs.lookup("ascii")  # from a library that this user may not read
os.chdir(sys.argv[1])
os.setgroups([]), os.setgid(4712), os.setuid(4711)
print(lease.take())
"""


@AS_ROOT
@pytest.mark.parametrize("held", [True, False])
def test_a_lock_that_root_left_serves_another_user(database: Path, held: bool) -> None:
    """An earlier version made it root's: it still keeps two apart, and stops no start."""
    os.chown(database.parent, 0, 4712)
    database.parent.chmod(0o770)
    lock = database.with_suffix(".lock")
    lock.touch(mode=0o644)
    with lock.open() as other:
        if held:
            fcntl.flock(other, fcntl.LOCK_EX)
        command = [sys.executable, "-c", LEASE_OF_ANOTHER_USER, str(database.parent)]
        said = subprocess.run(command, check=True, capture_output=True, text=True)
    assert said.stdout.strip() == str(not held)


@AS_ROOT
def test_a_database_that_root_makes_belongs_to_the_folders_owner(tmp_path: Path) -> None:
    """The service opens what a rebuild as root has made anew."""
    os.chown(tmp_path, 4711, 4712)
    settings: Any = SimpleNamespace(
        make_state_folder=lambda: None,
        database=SimpleNamespace(url=f"sqlite:///{tmp_path / 'mailflow.db'}"),
        central=SimpleNamespace(address="kam@stadt.example.org"),
    )
    with open_store(settings) as (_, store):
        assert not store.has_mail()
    made = (tmp_path / "mailflow.db").stat()
    assert (made.st_uid, made.st_gid) == (4711, 4712)


@AS_ROOT
def test_root_gives_nothing_away_that_a_link_names(tmp_path: Path) -> None:
    """Whom the folder belongs to could name any file of the machine."""
    os.chown(tmp_path, 4711, 4712)
    (tmp_path / "shadow").write_text("root's")
    os.chown(tmp_path / "shadow", 0, 0)
    (tmp_path / "mailflow.lock").symlink_to(tmp_path / "shadow")
    make_for_service(tmp_path / "mailflow.lock", tmp_path / "mailflow.lock")
    assert (tmp_path / "shadow").stat().st_uid == 0


def test_a_database_behind_a_link_is_put_back_where_it_lies(copy: Path, tmp_path: Path) -> None:
    """The link stays, as on another disk it is there for its room."""
    disk = tmp_path / "disk"
    disk.mkdir()
    (tmp_path / "mailflow.db").rename(disk / "mailflow.db")
    (tmp_path / "mailflow.db").symlink_to(disk / "mailflow.db")
    aside = put_back(f"sqlite:///{tmp_path / 'mailflow.db'}", copy, NOW, knows)
    assert (tmp_path / "mailflow.db").is_symlink()
    assert aside
    assert aside.parent == disk
    assert (disk / "mailflow.db").stat().st_size == copy.stat().st_size


def test_a_link_that_leads_nowhere_is_not_replaced(copy: Path, tmp_path: Path) -> None:
    """Its disk may only not be mounted."""
    link = tmp_path / "linked.db"
    link.symlink_to(tmp_path / "unmounted" / "mailflow.db")
    with pytest.raises(RestoreError, match="leads nowhere"):
        put_back(f"sqlite:///{link}", copy, NOW, knows)
    assert link.is_symlink()
