"""An identity provider on loopback: gives access tokens to a client, and says whose they are."""

import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr

from mailflow.settings.sections import Imap

CLIENT, SECRET = "mailflow-client", "the client's secret & more"
SCOPE = "https://outlook.example/.default"


class IdentityProvider:
    """Answers RFC 6749 §4.4 at ``token_url`` and RFC 7662 beside it. Use as a context manager.

    ``refusal`` is the error it gives from now on; ``answer`` bytes it gives instead of a token.
    ``revoke`` makes every token given so far worthless.
    """

    def __init__(self, user: str, port: int = 0) -> None:
        self.user = user
        self.refusal = ""
        self.answer = b""
        self.asked: list[dict[str, list[str]]] = []
        self._tokens: set[str] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def token_url(self) -> str:
        """Where tokens are asked for."""
        return f"http://127.0.0.1:{self._server.server_port}/token"

    def mailbox(self, port: int) -> Imap:
        """Give the settings of the user's mailbox on this host, which wants a token from here."""
        return Imap(
            host="127.0.0.1",
            port=port,
            security="none",
            user=self.user,
            password=SecretStr(SECRET),
            client_id=CLIENT,
            scope=SCOPE,
            token_url=self.token_url,
        )

    def revoke(self) -> None:
        """Let no token be good any more."""
        self._tokens.clear()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                """Give a token, or a reason."""
                length = int(self.headers["Content-Length"])
                self._say(*provider._grant(self.rfile.read(length)))

            def do_GET(self) -> None:
                """Say whether a token is good, and whose it is."""
                token = parse_qs(urlsplit(self.path).query).get("token", [""])[0]
                good = token in provider._tokens
                self._say(200, {"active": good, "user": provider.user} if good else {})

            def _say(self, code: int, words: dict[str, Any]) -> None:
                body = provider.answer or json.dumps(words).encode()
                self.send_response(code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler

    def _grant(self, body: bytes) -> tuple[int, dict[str, Any]]:
        asked = parse_qs(body.decode())
        self.asked.append(asked)
        if self.refusal:
            return 400, {"error": self.refusal, "error_description": f"not {SECRET}"}
        if (asked.get("client_id"), asked.get("client_secret")) != ([CLIENT], [SECRET]):
            return 401, {"error": "invalid_client"}
        token = secrets.token_urlsafe(120)
        self._tokens.add(token)
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": 3599}
