"""Row 52: no secret and no token in a line of the log, whatever goes wrong."""

import base64
import io
import logging
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from mailflow import keys
from mailflow.core.tracking import Keyring, Role
from mailflow.errors import MailflowError
from mailflow.inbox import Inbox
from mailflow.logs import set_up_logging
from mailflow.oauth import TokenRefusedError, access_token
from mailflow.secrecy import without_secret
from mailflow.settings.sections import Imap, Smtp
from mailflow.submission import Submission
from tests.faults.trial import BAU, Trial
from tests.flow.city import ONE_OFFICE, forward_to

RING = Keyring({"a": b"K" * 32, "b": b"L" * 32}, "b")
TOKEN = RING.token(Role.OFFICE, RING.leg(Role.OFFICE, "KAM-2222-2222", "bauaufsicht"), BAU)
SECRET = "Geheimes-Kennwort-4711"
log = logging.getLogger("mailflow.test")


@pytest.fixture
def lines() -> Iterator[Callable[[], str]]:
    """Give what our log, set up as the service does, has written so far."""
    root = logging.getLogger("mailflow")
    before = root.handlers[:], root.level, root.propagate
    set_up_logging(verbose=True)
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    handler.setStream(written)
    yield written.getvalue
    root.handlers[:], root.level, root.propagate = before


def _logged(error: Exception) -> None:
    log.error("mail %d could not be decided", 1, exc_info=error)


@pytest.mark.parametrize("words", ["{}", "x {} y", "<mailflow.{}.forward.x@y>", "a\n{}", "+{}@x"])
def test_row_52_a_token_in_an_errors_text_is_not_logged(
    lines: Callable[[], str], words: str
) -> None:
    """Whatever an exception quotes, and in whatever case, the log leaves the token out."""
    _logged(ValueError(words.format(TOKEN)))
    log.warning("wrong: %s", words.format(TOKEN.upper()))
    written = lines()
    assert written.count("…") == 2
    assert TOKEN[-16:] not in written.lower()


LIBRARIES = """
import logging, sys
from mailflow.logs import set_up_logging
set_up_logging(verbose=False)
for library in ("apscheduler.executors.default", "mail.log", "asyncio"):
    try:
        raise LookupError(sys.argv[1])
    except LookupError:
        logging.getLogger(library).exception("unrecognised: %s", sys.argv[1])
"""


def test_row_52_what_a_library_logs_is_one_line_without_a_token() -> None:
    """A job that fails, a stranger's line at the LMTP port: no traceback, nothing forged."""
    words = f"Stand \x1b[31mrot\rGEFÄLSCHT {TOKEN}\nzweite Zeile"
    ran = subprocess.run(
        [sys.executable, "-c", LIBRARIES, words], check=True, capture_output=True, text=True
    )
    lines = ran.stderr.split("\n")
    assert [line.count("GEFÄLSCHT") for line in lines] == [2, 2, 2, 0]
    assert not {"\x1b", "\r"} & set(ran.stderr)
    assert TOKEN not in ran.stderr
    assert "Traceback" not in ran.stderr


def test_row_52_an_error_of_the_database_names_no_mail(
    town: Trial, lines: Callable[[], str]
) -> None:
    """What the database refuses is logged without the row: no subject, no words, no token."""
    forward = forward_to(town.write("Stand", ONE_OFFICE), BAU)
    with town.city.store.engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER bad BEFORE INSERT ON outbox "
                "BEGIN SELECT raise(ABORT, 'a constraint of a later version'); END"
            )
        )
    town.write("Ein vertraulicher Betreff", ONE_OFFICE, "post@andere.example")
    town.answer(forward, "Ein vertraulicher Satz.")
    written = lines()
    assert "a constraint of a later version" in written
    assert "vertraulich" not in written
    assert "andere.example" not in written
    with town.city.store.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER bad"))
    town.city.work()
    town.judge()


def test_row_52_the_key_is_in_no_line(tmp_path: Path, lines: Callable[[], str]) -> None:
    """Neither a keyring that is shown nor a damaged key file shows a byte of a key."""
    _logged(ValueError(f"{RING} {RING!r} {[RING]}"))
    path = tmp_path / "secret.key"
    path.write_text(f"a {'5e' * 32}\na {'6f' * 32}\n")
    path.chmod(0o600)
    with pytest.raises(MailflowError) as damaged:
        keys.load(path)
    _logged(damaged.value)
    written = lines()
    assert "damaged" in written
    for key in ("KKKK", "LLLL", "4b4b", "4c4c", "5e5e", "6f6f"):
        assert key not in written


@contextmanager
def _server(
    greeting: bytes = b"* OK ready\r\n", answer: Callable[[bytes], bytes] | None = None
) -> Iterator[int]:
    """Serve one session, by default of a mailbox that refuses the login; give the port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk() -> None:
            connection, _ = listening.accept()
            with connection, connection.makefile("rwb", buffering=0) as line:
                line.write(greeting)
                while asked := line.readline():
                    line.write((answer or _refused_login)(asked))

        thread = Thread(target=talk, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(5)


def _refused_submission(asked: bytes) -> bytes:
    """Refuse every login, and repeat it as it came and decoded."""
    if asked.upper().startswith(b"EHLO"):
        return b"250-here\r\n250 AUTH PLAIN\r\n"
    plain = base64.b64decode(asked.split()[-1]).replace(b"\0", b" ") if b"AUTH" in asked else b""
    return b"535-5.7.8 refused: " + plain + b"\r\n535 5.7.8 " + asked.strip() + b"\r\n"


def _refused_login(asked: bytes) -> bytes:
    tag, _, command = asked.strip().partition(b" ")
    if command.upper().startswith(b"LOGIN"):
        return tag + b" NO refused: " + command + b"\r\n"
    known = b"* CAPABILITY IMAP4rev1\r\n" if command.upper() == b"CAPABILITY" else b""
    return known + tag + b" OK done\r\n"


def test_row_52_a_server_that_repeats_the_password_is_not_repeated(
    lines: Callable[[], str],
) -> None:
    """A mailbox that refuses the login and quotes it: the log says so without the password."""
    with _server() as port:
        settings = Imap(
            host="127.0.0.1", port=port, security="none", user="kam", password=SecretStr(SECRET)
        )
        with pytest.raises(MailflowError) as refused, Inbox(settings):
            pass
    _logged(refused.value)
    log.warning("%s %r", settings, settings)
    written = lines()
    assert "refuses the login of kam" in written
    assert SECRET not in written


@pytest.mark.parametrize("secret", [SECRET, "Kennwört 'x'"])
def test_row_52_a_submission_server_that_repeats_the_login_is_not_repeated(secret: str) -> None:
    """What becomes a row and an alert holds the refusal, neither the password nor its base64."""
    with _server(b"220 here\r\n", _refused_submission) as port:
        settings = Smtp(
            host="127.0.0.1", port=port, security="none", user="kam", password=SecretStr(secret)
        )
        with Submission(settings, "") as line:
            outcome = line.send("x@stadt.example.org", "y@firma.example", b"x", receipt=False)
    assert outcome.response == "535 5.7.8 refused: kam … 5.7.8 AUTH PLAIN …"


@pytest.mark.parametrize("before", ["", "\0kam\0", "user=kam\1auth=Bearer "])
def test_row_52_no_form_of_a_secret_is_repeated(before: str) -> None:
    """As AUTH PLAIN, LOGIN or XOAUTH2 carry it, as it is, or as the picture of bytes."""
    secret = "Geheimß'\\4711"
    raw = (before + secret).encode()
    encoded = base64.b64encode(raw).decode().rstrip("=")
    assert without_secret(f"NO <{encoded}==> {raw!r} x", secret).count("…") == 2
    assert encoded not in without_secret(f"NO {encoded} x", secret)
    assert without_secret("535 refused", "") == without_secret("535 refused", secret)


class _RefusedToken(BaseHTTPRequestHandler):
    """An identity provider that repeats the secret it refuses."""

    def do_POST(self) -> None:
        """Refuse."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(400)
        self.end_headers()
        self.wfile.write(b'{"error": "invalid_client ' + SECRET.encode() + b'"}')

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _identity_provider() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), _RefusedToken) as server:
        Thread(target=server.handle_request, daemon=True).start()
        yield server.server_port


def test_row_52_the_clients_secret_is_not_repeated_either(lines: Callable[[], str]) -> None:
    """An identity provider that refuses, and quotes the secret, is told of without it."""
    with _identity_provider() as port:
        settings = Imap(
            host="127.0.0.1",
            user="kam",
            password=SecretStr(SECRET),
            client_id="kam",
            scope="x",
            token_url=f"http://127.0.0.1:{port}/token",
        )
        with pytest.raises(TokenRefusedError) as refused:
            access_token(settings)
    _logged(refused.value)
    written = lines()
    assert "invalid_client" in written
    assert SECRET not in written
