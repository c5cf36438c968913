"""The two kinds of database that a town can live on, and the backup of it that is put back."""

import shutil
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy.engine import make_url

from tests.real.postgres import PostgresServer

__all__ = ["Database", "PostgresDatabase", "PostgresFiles", "SqliteDatabase", "on_both"]

on_both = pytest.mark.parametrize(
    "database",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.server)],
    indirect=True,
)
"""Lets a test of a town run on each kind; without it the town lives on SQLite."""


class Database(Protocol):
    """An empty database, and at most one backup of it. Nobody is connected meanwhile."""

    @property
    def url(self) -> str:
        """How mailflow's configuration names it."""

    def back_up(self) -> None:
        """Keep what it holds now."""

    def put_back(self) -> None:
        """Let it hold what it held then."""

    def lose(self) -> None:
        """Let it hold nothing, not even tables."""


class SqliteDatabase:
    """A file."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "mailflow.db"
        self._backup = folder / "yesterday.db"
        self.url = f"sqlite:///{self._file}"

    def back_up(self) -> None:
        """Copy the file."""
        shutil.copy(self._file, self._backup)

    def put_back(self) -> None:
        """Copy it back."""
        shutil.copy(self._backup, self._file)

    def lose(self) -> None:
        """Delete the file."""
        self._file.unlink()


class PostgresDatabase:
    """A database on a server that runs for all of them."""

    def __init__(self, server: PostgresServer, url: str) -> None:
        self._server = server
        self._name = str(make_url(url).database)
        self._backup = f"{self._name}_yesterday"
        self.url = url

    def back_up(self) -> None:
        """Copy it on the server."""
        self._server.copy(self._name, self._backup)

    def put_back(self) -> None:
        """Copy it back."""
        self._server.copy(self._backup, self._name)

    def lose(self) -> None:
        """Drop it, and make an empty one."""
        self._server.copy("template0", self._name)


class PostgresFiles(PostgresDatabase):
    """A database on such a server, set back with all its files, as by a snapshot of the disk."""

    def back_up(self) -> None:
        """Keep the server's files."""
        self._server.keep_files()

    def put_back(self) -> None:
        """Let the server run on those."""
        self._server.put_files_back()
