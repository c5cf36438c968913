"""A real clamd for tests, private, on a free loopback port, which knows one signature: EICAR's."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.real.processes import Server, account, free_port, make_home, remove_home

EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The test file of the European Institute for Computer Antivirus Research, in two halves here:
whole, a scanner on the reader's own machine would take this file away."""


@contextmanager
def real_clamd() -> Iterator[str]:
    """Give the address (host:port) of a clamd that answers as long as the context lasts."""
    port = free_port()
    owner = account("nobody")
    home = make_home("clamd", owner)
    (home / "eicar.ndb").write_text(f"Eicar:0:*:{EICAR.encode().hex()}\n")
    settings = home / "clamd.conf"
    settings.write_text(
        f"DatabaseDirectory {home}\nTCPSocket {port}\nTCPAddr 127.0.0.1\nForeground yes\n"
    )
    command = ["/usr/sbin/clamd", "-c", str(settings)]
    server = Server(command, ports=[port], log=home / "clamd.log", run_as=owner)
    try:
        server.start()
        yield f"127.0.0.1:{port}"
    finally:
        server.stop()
        remove_home(home)
