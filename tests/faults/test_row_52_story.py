"""Row 52 on a whole story, as it is configured and run: no secret in a row, a mail, or the log."""

import base64
import logging
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from sqlalchemy import Engine, MetaData, select

from mailflow.demo.world import World
from mailflow.one_pass import SubmissionUnusableError, run_once
from mailflow.parts import Parts, assemble
from mailflow.settings import load
from mailflow.shipped import example_config
from mailflow.store.engine import reading
from tests.faults.databases import Database, on_both
from tests.faults.sink import Sink
from tests.faults.trial import BAU
from tests.faults.verdict import Manifest, assert_holds, canary, parse, witness_of, words_of
from tests.flow.city import (
    CENTRAL,
    COMPANY,
    MANAGER,
    ONE_OFFICE,
    Reader,
    forward_to,
    letter,
    reply_to,
)
from tests.real.idp import CLIENT, SCOPE, SECRET, IdentityProvider

IMAP_PASSWORD, SMTP_PASSWORD = "Birnbaum-Postfach-4711", "Versand-Kennwort-0815"
ANSWER = "Die Genehmigung kommt im Juni."
_PIECE = 16
"""Whoever finds so many letters of a secret, in whatever form, has found it."""


def _forms(secret: bytes) -> Iterator[bytes]:
    """Give a secret as it may be written down: as it is, for a URL, as hex, within base64."""
    yield from (secret, quote(secret).encode(), quote_plus(secret).encode())
    yield from (secret.hex().encode(), secret.hex().upper().encode())
    for before in range(3):
        first, end = -(-before * 8 // 6), (before + len(secret)) * 8 // 6
        plain = base64.b64encode(bytes(before) + secret)[first:end]
        yield from (plain, plain.replace(b"+", b"-").replace(b"/", b"_"))


def _holds(written: bytes, secret: bytes) -> bool:
    """Whether any piece of any form of a secret stands in what was written."""
    return any(
        form[at : at + _PIECE] in written
        for form in _forms(secret)
        for at in range(0, max(1, len(form) - _PIECE + 1), 4)
    )


@pytest.mark.parametrize("before", ["", "\0kam\0", "user=kam\1auth=Bearer "])
def test_row_52_the_search_finds_a_secret_in_what_a_login_says(before: str) -> None:
    """It would be found in AUTH PLAIN, LOGIN or XOAUTH2, cut off, and never where it is not."""
    said = base64.b64encode(f"{before}{SMTP_PASSWORD}".encode())
    assert _holds(b"535 refused: " + said[:-5] + b" ...", SMTP_PASSWORD.encode())
    assert _holds(repr(SMTP_PASSWORD)[:20].encode(), SMTP_PASSWORD.encode())
    assert not _holds(said, IMAP_PASSWORD.encode())


@dataclass
class Parrot(Sink):
    """A submission server that refuses the first logins and repeats them, before it lets in."""

    refusals: int = 3
    heard: list[bytes] = field(default_factory=list)

    async def auth_PLAIN(self, _server: SMTP, words: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's name
        """Hear a password."""
        return self._answer(words[1])

    async def auth_XOAUTH2(self, _server: SMTP, words: list[str]) -> AuthResult:  # noqa: N802 - as above
        """Hear a token."""
        return self._answer(words[1])

    def _answer(self, encoded: str) -> AuthResult:
        given = base64.b64decode(encoded)
        self.heard.append(given)
        if len(self.heard) > self.refusals:
            return AuthResult(success=True)
        shown = given.decode().replace("\0", " ").replace("\1", " ")
        message = f"535 5.7.8 refused: {shown} {encoded}"
        return AuthResult(success=False, handled=False, message=message)


def _parrot() -> Parrot:
    """Give one that wants a login, and to which LOGIN is no second way in."""
    return Parrot(login=LoginPassword(b"", b""), without_auth=("LOGIN",))


class Story:
    """A mailflow as its operator configures it, with a clock in the test's hand."""

    def __init__(self, parts: Parts, world: World, sink: Parrot, clock: list[datetime]) -> None:
        self.parts = parts
        self.sink = sink
        self.manifest = Manifest()
        self._world = world
        self._clock = clock

    def deliver(self, raw: bytes, company: str = "") -> None:
        """Let a mail arrive, and everything follow."""
        self._world.deliver(self.manifest.mark(raw, company=company), CENTRAL)
        run_once(self.parts)

    def play(self) -> None:
        """Let a company write while no login is taken, an office answer, and the digest go out."""
        raw = letter("Stand", f"Unser Zeichen: {canary(COMPANY)}.\n\n{ONE_OFFICE}")
        self._world.deliver(self.manifest.mark(raw, company=COMPANY), CENTRAL)
        for _ in range(self.sink.refusals):
            with pytest.raises(SubmissionUnusableError):
                run_once(self.parts)
            self._clock[0] += timedelta(minutes=3)
        run_once(self.parts)
        sent = [parse(taken) for _, _, taken in self.sink.accepted]
        self.deliver(reply_to(forward_to(sent, BAU), ANSWER))
        self.parts.reporting.send()
        while self.sink.receipts:
            self._world.deliver(self.sink.receipts.pop(0), CENTRAL)
        run_once(self.parts)

    def written(self) -> bytes:
        """Give all that is left of it: every value of every row, every file, every mail."""
        mails = [raw for _, _, raw in self.sink.accepted]
        words = [" ".join(words_of(parse(raw))).encode() for raw in mails]
        folder = self.parts.settings.paths.state
        files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
        return b"\n".join([*_values(self.parts.engine), *files, *mails, *words])


def _values(engine: Engine) -> Iterator[bytes]:
    """Give every value of a database."""
    tables = MetaData()
    tables.reflect(engine)
    with reading(engine) as connection:
        for table in tables.sorted_tables:
            for row in connection.execute(select(table)):
                yield from (each if isinstance(each, bytes) else str(each).encode() for each in row)


@pytest.fixture
def keys() -> list[bytes]:
    """Give the keys of a key file: one from before, and the one that signs."""
    return [secrets.token_bytes(32), secrets.token_bytes(32)]


@contextmanager
def _story(
    folder: Path, database: Database, keys: list[bytes], smtp: dict[str, str]
) -> Iterator[Story]:
    """Give the example city on this database, in front of a mailbox that wants its password."""
    config, clock = folder / "config", [datetime.now(UTC)]
    shutil.copytree(example_config(), config)
    key_file = config / "secret.key"
    key_file.touch(mode=0o600)
    old, new = (each.hex() for each in keys)
    key_file.write_text(f"a {old} until {clock[0].date() + timedelta(days=9)}\nb {new}\n")
    with World({CENTRAL: IMAP_PASSWORD}) as world, _parrot() as sink:
        given = {
            "database.url": database.url,
            "imap.port": str(world.imap_port),
            "imap.security": "none",
            "imap.password": IMAP_PASSWORD,
            "smtp.port": str(sink.port),
            "smtp.security": "none",
            "smtp.user": CENTRAL,
            "smtp.receipts": "all",
            **{f"smtp.{name}": value for name, value in smtp.items()},
        }
        environ = {f"MAILFLOW_{k.replace('.', '__').upper()}": v for k, v in given.items()}
        settings = load(config, environ)
        with assemble(settings, Reader(), lambda: clock[0], reads_mailbox=True) as parts:
            yield Story(parts, world, sink, clock)


def _judge(story: Story, log: str, secret: dict[str, bytes]) -> None:
    """Pass G, and look for every secret in everything that was written down."""
    taken = [(who, str(parse(raw)["X-Mailflow-Kind"])) for _, who, raw in story.sink.accepted]
    assert {(COMPANY, "acknowledgement"), (COMPANY, "combined-answer"), (BAU, "forward")} <= {
        *taken
    }
    assert {(MANAGER, "alert"), (MANAGER, "digest")} <= {*taken}
    witness = witness_of(story.sink.accepted)
    told = "keine ausgehenden Mails angenommen: 535 5.7.8 refused"
    assert_holds(story.parts.store, story.manifest, witness, alert=told)
    written = story.written()
    assert canary(COMPANY).encode() in written  # it looks where things are
    assert "535 5.7.8 refused" in log
    found = [name for name, each in secret.items() if _holds(written + log.encode(), each)]
    assert found == []


@on_both
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_row_52_a_whole_story_leaves_no_password_and_no_key(
    tmp_path: Path, database: Database, keys: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    """FreeScout GHSA-7wcq-2qmv-mvcm: neither database, nor mail, nor log; whatever was repeated."""
    with (
        caplog.at_level(logging.DEBUG, "mailflow"),
        _story(tmp_path, database, keys, {"password": SMTP_PASSWORD}) as story,
    ):
        story.play()
        assert all(SMTP_PASSWORD.encode() in each for each in story.sink.heard)
        passwords = {"imap": IMAP_PASSWORD.encode(), "smtp": SMTP_PASSWORD.encode()}
        _judge(story, caplog.text, passwords | {"old key": keys[0], "key": keys[1]})


@on_both
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_row_52_a_whole_story_leaves_no_token_and_no_clients_secret(
    tmp_path: Path, database: Database, keys: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    """The same where mails go out by an access token: it is kept nowhere, and its price neither."""
    with caplog.at_level(logging.DEBUG, "mailflow"), IdentityProvider(CENTRAL) as provider:
        smtp = {"password": SECRET, "client_id": CLIENT, "scope": SCOPE}
        smtp |= {"token_url": provider.token_url}
        with _story(tmp_path, database, keys, smtp) as story:
            story.play()
            tokens = {each.partition(b"Bearer ")[2].strip(b"\1") for each in story.sink.heard}
            assert len(tokens) == len(story.sink.heard)
            secret = {"client": SECRET.encode(), "old key": keys[0], "key": keys[1]}
            secret |= {f"token {number}": each for number, each in enumerate(tokens)}
            _judge(story, caplog.text, secret)
