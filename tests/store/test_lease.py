"""The lease: one lock for one database, by whatever name a process knows it."""

import os
from pathlib import Path

import pytest

from mailflow.lease import Lease
from mailflow.store.engine import make_engine


def _lease(database: Path) -> Lease:
    return Lease(make_engine(f"sqlite:///{database}"), "kam@stadt.example.org", database.parent)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Give a database on a disk of its own."""
    (tmp_path / "disk").mkdir()
    database = tmp_path / "disk" / "mailflow.db"
    database.touch()
    return database


@pytest.fixture
def link(database: Path, tmp_path: Path) -> Path:
    """Give a link to that database."""
    (tmp_path / "link.db").symlink_to(database)
    return tmp_path / "link.db"


@pytest.mark.parametrize("link_first", [True, False])
def test_a_database_behind_a_link_has_one_lock(
    database: Path, link: Path, *, link_first: bool
) -> None:
    """One process knows it by the link, another by the file itself: only one of them works."""
    first, second = _lease(link), _lease(database)
    if not link_first:
        first, second = second, first
    assert first.take()
    assert not second.take()
    first.release()
    assert second.take()
    second.release()


def test_a_link_that_leads_nowhere_has_its_lock_beside_it(link: Path, database: Path) -> None:
    """Its disk may not be mounted, and then it is another line that says so."""
    database.unlink()
    database.parent.rmdir()
    lease = _lease(link)
    assert lease.take()
    lease.release()
    assert link.with_suffix(".lock").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_no_lock_is_made_beside_another_users_file(link: Path, database: Path) -> None:
    """The service's account could have root make a file in any folder; all take the same place."""
    os.chown(link, 4711, 4712, follow_symlinks=False)
    lease = _lease(link)
    assert lease.take()
    lease.release()
    assert not database.with_suffix(".lock").exists()
    assert link.with_suffix(".lock").exists()
