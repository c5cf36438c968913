"""What is shown to people, without a secret: a server's words, and URLs."""

import base64
import re
from urllib.parse import parse_qsl

from mailflow.errors import MASK

__all__ = ["holds_secret", "shown_url", "without_secret"]

_ENCODED = re.compile(r"[A-Za-z0-9+/]{4,}")
_URL = re.compile(
    r"(?P<scheme>(?:[\w+]+://)?)(?:(?P<user>[^:/?]*)(?::(?P<password>[^@]*))?(?P<at>@))?"
    r"(?P<place>[^?]*)(?:\?(?P<query>.*))?",
    re.DOTALL,
)
"""A URL as SQLAlchemy divides it: a password ends at the first @, whatever else stands in it."""
_SECRETS = frozenset(
    {"password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"}
)
"""Which of libpq's words are secrets."""
_PLACES = frozenset({"host", "hostaddr", "port", "service", "sslmode"})
"""Which of them say where a database is, and how it is reached: these are shown."""


def without_secret(words: str, secret: str) -> str:
    """Give a server's words without a password or token: as it is, escaped, or within base64."""
    if not secret:
        return words
    escaped = repr(secret.encode("utf-8", "surrogateescape"))[2:-1]
    for each in (secret, escaped):
        words = re.sub(re.escape(each), "…", words, flags=re.IGNORECASE)
    return _ENCODED.sub(lambda found: "…" if _holds(found[0], secret) else found[0], words)


def shown_url(url: str) -> str:
    """Give a URL for people: no password before the @, and nothing behind the ? but places."""
    found = _URL.fullmatch(url)
    if not found or "@" in found["place"].partition("/")[0]:
        return MASK  # the end of a password with an @ in it would pass for the host
    password = f":{MASK}" if found["password"] else ""
    words = [f"{name}={value}" for name, value in _query(found) if name in _PLACES]
    query = f"?{'&'.join(words)}" if words else ""
    user = f"{found['user']}{password}{found['at']}" if found["at"] else ""
    return f"{found['scheme']}{user}{found['place']}{query}"


def holds_secret(url: str) -> bool:
    """Tell whether a database's URL holds a password, before the @ or among libpq's words."""
    found = _URL.fullmatch(url)
    if not found:
        return True
    return bool(found["password"]) or any(name.lower() in _SECRETS for name, _ in _query(found))


def _query(found: re.Match[str]) -> list[tuple[str, str]]:
    return parse_qsl(found["query"] or "")


def _holds(encoded: str, secret: str) -> bool:
    """Whether a run of letters is what AUTH PLAIN, LOGIN or XOAUTH2 makes of a secret."""
    whole = encoded[: len(encoded) - (len(encoded) % 4 == 1)]
    decoded = base64.b64decode(whole + "=" * (-len(whole) % 4))
    return secret.encode("utf-8", "surrogateescape") in decoded
