"""Which hosts are this machine, and how a database on another one is connected to."""

import ipaddress
from collections.abc import Mapping

__all__ = ["is_loopback", "proving_words", "weak_mode"]

_PROVEN = "verify-full"
"""The only mode of libpq that encrypts, and to nobody but the server that was named."""


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, as far as its name shows."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def proving_words(
    said: Mapping[str, object], environ: Mapping[str, str], authorities: str
) -> dict[str, str]:
    """Give what is to be said beside the words of a connection to PostgreSQL.

    Left alone, libpq asks for encryption, goes on without, and believes whoever answers. So
    another machine has to prove itself, unless its operator has written a mode into the URL or
    the environment. ``authorities`` is the file of certificates by which it does, "" where libpq
    is to look for its user's own.
    """
    if _is_here(said, environ) or _word("sslmode", said, environ) not in ("", _PROVEN):
        return {}
    added = {"sslmode": _PROVEN}
    if authorities and not _word("sslrootcert", said, environ):
        added["sslrootcert"] = authorities
    return added


def weak_mode(said: Mapping[str, object], environ: Mapping[str, str]) -> str:
    """Give the mode by which another machine need not prove itself, "" where it must."""
    mode = _word("sslmode", said, environ)
    return "" if mode == _PROVEN or _is_here(said, environ) else mode


def _is_here(said: Mapping[str, object], environ: Mapping[str, str]) -> bool:
    """Tell whether all that may be connected to is a socket or an address of this machine.

    A service's file is not read: what it names may be anywhere.
    """
    names = [_word(name, said, environ) for name in ("host", "hostaddr")]
    hosts = [host for name in names for host in name.split(",")]
    return not _word("service", said, environ) and all(map(_is_socket_or_loopback, hosts))


def _is_socket_or_loopback(host: str) -> bool:
    return host.startswith(("/", "@")) or not host or is_loopback(host)


def _word(name: str, said: Mapping[str, object], environ: Mapping[str, str]) -> str:
    """Give one of libpq's words, from where it takes it: the connection, or the environment."""
    return str(said.get(name) or environ.get(f"PG{name.upper()}", ""))
