"""A real PostgreSQL for tests, private, on a free loopback port; as root it runs as `postgres`."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from tests.real.processes import Server, account, free_port, make_home, remove_home
from tests.real.servers import make_certificate

HOST = "127.0.0.1"


class PostgresServer:
    """A private PostgreSQL; `url` names its own database, `database()` makes one for a test."""

    def __init__(self) -> None:
        self.port = free_port()
        self._account = account("postgres")
        self.home = make_home("pg", self._account)
        programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=_major_version)
        self._initdb = programs / "initdb"
        settings = {
            "listen_addresses": HOST,
            "port": str(self.port),
            "unix_socket_directories": str(self.home),
            "fsync": "off",
            "max_connections": "50",
        }
        self._server = Server(
            [
                programs / "postgres",
                "-D",
                self.home / "data",
                *(word for key, value in settings.items() for word in ("-c", f"{key}={value}")),
            ],
            ports=[self.port],
            log=self.home / "postgres.log",
            run_as=self._account,
            stop_signal=signal.SIGINT,  # PostgreSQL's fast shutdown
        )
        self._numbers = iter(range(1, 1_000_000))

    def __enter__(self) -> Self:
        """Make the cluster and start it; it answers queries when this returns."""
        try:
            self._initialise()
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop every process and remove every file."""
        self._server.stop()
        remove_home(self.home)

    @property
    def url(self) -> str:
        """The server's own database, as SQLAlchemy and psycopg take it."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """Give the address of a database on this server."""
        return f"postgresql://postgres@{HOST}:{self.port}/{database}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """Make an empty database; gives its URL, and drops it afterwards whoever still uses it."""
        name = f"test{next(self._numbers)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        try:
            yield self.url_of(name)
        finally:
            self.start()
            self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def copy(self, source: str, target: str) -> None:
        """Let a database hold what another holds; nobody may be connected to that one."""
        self.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
        self.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')

    def encrypt(self, name: str, certificate: Path) -> None:
        """Let the server prove itself as this host, by a certificate that is written there."""
        own, key = self.home / "server.pem", self.home / "server.key"
        make_certificate(own, key, name)
        for file in (own, key):
            file.chmod(0o600)
            if os.geteuid() == 0:
                os.chown(file, self._account.uid, self._account.gid)
        shutil.copyfile(own, certificate)
        for setting in (f"ssl_cert_file = '{own}'", f"ssl_key_file = '{key}'", "ssl = on"):
            self.execute(f"ALTER SYSTEM SET {setting}")
        self.kill()
        self.start()

    def stop(self) -> None:
        """Stop the server in good order; its clients are told."""
        self._server.stop()

    def kill(self) -> None:
        """End the server at once, as a power cut would; committed work survives (SIGKILL)."""
        self._server.kill()

    def crash(self) -> None:
        """End the server without a word to its files, as its "immediate" shutdown (SIGQUIT)."""
        self._server.signal(signal.SIGQUIT)
        deadline = time.monotonic() + 10
        while self._server.running and time.monotonic() < deadline:
            time.sleep(0.02)
        self._server.kill()

    def keep_files(self) -> None:
        """Keep the server's files as a snapshot of its disk would; it runs on afterwards."""
        self._copy_files("data", "snapshot")

    def put_files_back(self) -> None:
        """Let the server run on the files that were kept, as if nothing had happened since."""
        self._copy_files("snapshot", "data")

    def _copy_files(self, source: str, target: str) -> None:
        self.kill()
        shutil.rmtree(self.home / target, ignore_errors=True)
        subprocess.run(["cp", "-a", self.home / source, self.home / target], check=True)
        self.start()

    def start(self) -> None:
        """Start the server (again) on the same data; nothing if it runs."""
        if self._server.running:
            return
        (self.home / "data" / "postmaster.pid").unlink(missing_ok=True)
        self._server.start()
        self._await_queries()

    def _initialise(self) -> None:
        command = [
            str(self._initdb),
            "-D",
            str(self.home / "data"),
            "-U",
            "postgres",
            "-A",
            "trust",
        ]
        speed = ["--no-sync", "--no-instructions", "--locale=C.UTF-8", "--encoding=UTF8"]
        as_root = os.geteuid() == 0
        subprocess.run(
            [*command, *speed],
            check=True,
            capture_output=True,
            cwd="/",
            user=self._account.uid if as_root else None,
            group=self._account.gid if as_root else None,
            extra_groups=[] if as_root else None,
        )

    def _await_queries(self) -> None:
        for _ in range(500):
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:  # "the database system is starting up"
                time.sleep(0.02)
            else:
                return
        raise RuntimeError((self.home / "postgres.log").read_text()[-2000:])

    def execute(self, statement: str) -> None:
        """Let the superuser say something, outside any transaction."""
        with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
            connection.execute(statement.encode())


def _major_version(programs: Path) -> int:
    return int(programs.parent.name)
