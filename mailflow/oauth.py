"""Access tokens instead of passwords (RFC 6749 §4.4): the only user of urllib's requests.

Exchange Online takes no passwords over IMAP and SMTP any more. There the program has an identity of
its own: with its id and its secret it asks for a token, and logs in with that (XOAUTH2). A token
is asked for at each login and kept nowhere.
"""

import http.client
import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress

from mailflow.errors import MailflowError
from mailflow.secrecy import shown_url, without_secret
from mailflow.settings.sections import Imap, Smtp

__all__ = ["TokenRefusedError", "access_token"]

_SECONDS = 15
_LARGEST = 1_000_000  # bytes of an answer


class TokenRefusedError(MailflowError):
    """{host} gives no access token: {problem}."""


def access_token(server: Imap | Smtp) -> str:
    """Ask the identity provider for a token with which to log in to this server.

    Raises TokenRefusedError when it refuses (its own word for why, never a secret), OSError when
    it cannot be reached or does not answer as one.
    """
    asked = {
        "grant_type": "client_credentials",
        "client_id": server.client_id,
        "client_secret": server.password.get_secret_value(),
        "scope": server.scope,
    }
    # the address is the operator's own, and settings take https only (or a loopback address)
    request = urllib.request.Request(  # noqa: S310
        server.token_url,
        data=urllib.parse.urlencode(asked).encode("ascii"),
        headers={"Accept": "application/json"},
    )
    context = ssl.create_default_context()
    try:
        return _ask(server, request, context)
    except http.client.HTTPException as error:  # perhaps a proxy's words, and not the provider's
        host = _host(server)
        raise ConnectionError(f"{host} speaks no HTTP: {type(error).__name__}") from None


def _ask(server: Imap | Smtp, request: urllib.request.Request, context: ssl.SSLContext) -> str:
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS, context=context) as answer:  # noqa: S310 - settings take https only
            return _token(server, answer.read(_LARGEST))
    except urllib.error.HTTPError as error:
        with error:
            problem = _field(error.read(_LARGEST), "error") or f"HTTP {error.code}"
        raise _refused(server, problem) from None


def _token(server: Imap | Smtp, answer: bytes) -> str:
    token = _field(answer, "access_token")
    if not token:
        raise _refused(server, "its answer holds none")
    return token


def _field(answer: bytes, name: str) -> str:
    """Give a text of a JSON object, "" where there is none: it comes from outside."""
    with suppress(ValueError, AttributeError, RecursionError):
        value = json.loads(answer).get(name)
        if isinstance(value, str) and value.isascii() and value.isprintable():
            return value
    return ""


def _refused(server: Imap | Smtp, problem: str) -> TokenRefusedError:
    problem = without_secret(problem, server.password.get_secret_value())
    return TokenRefusedError(host=_host(server), problem=problem[:200])


def _host(server: Imap | Smtp) -> str:
    return urllib.parse.urlsplit(server.token_url).hostname or shown_url(server.token_url)
