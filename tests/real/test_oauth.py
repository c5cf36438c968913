"""Logging in with access tokens: an identity provider of our own, a real Dovecot, a submission."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from pydantic import SecretStr

from mailflow.core.retry import Accepted
from mailflow.inbox import Inbox, RefusedLoginError
from mailflow.oauth import TokenRefusedError, access_token
from mailflow.settings.sections import Imap, Smtp
from mailflow.submission import Submission, SubmissionRefusedError
from tests.flow.city import CENTRAL, letter
from tests.real.idp import CLIENT, SCOPE, SECRET, IdentityProvider
from tests.real.processes import free_port
from tests.real.servers import MailWorld, dovecot_version


@pytest.fixture
def provider(mail_world: MailWorld) -> Iterator[IdentityProvider]:
    """Give the identity provider whom Dovecot asks."""
    if dovecot_version() != "2.3":
        pytest.skip("how Dovecot 2.4 asks about tokens is not written in its configuration yet")
    with IdentityProvider(CENTRAL, mail_world.ports.tokens) as made:
        yield made


@pytest.fixture
def imap(mail_world: MailWorld, provider: IdentityProvider) -> Imap:
    """Give the settings of a mailbox that wants a token."""
    return provider.mailbox(mail_world.ports.imap)


def test_a_token_opens_the_mailbox(
    mail_world: MailWorld, provider: IdentityProvider, imap: Imap
) -> None:
    """The client's secret buys a token, and Dovecot lets in whose it is."""
    mail_world.deliver(letter("Stand", "Hallo"), CENTRAL)
    with Inbox(imap) as inbox:
        assert len(inbox.uids()) == 1
    (asked,) = provider.asked
    assert asked == {
        "grant_type": ["client_credentials"],
        "client_id": [CLIENT],
        "client_secret": [SECRET],
        "scope": [SCOPE],
    }


@pytest.mark.parametrize("refusal", ["invalid_grant", "invalid_client", "unauthorized_client"])
def test_a_refused_client_is_told_without_its_secret(
    provider: IdentityProvider, imap: Imap, refusal: str
) -> None:
    """osTicket#6455: an expired secret was silent for ten days. Here it is a refused login."""
    provider.refusal = refusal
    with pytest.raises(RefusedLoginError) as refused:
        Inbox(imap).__enter__()
    assert refusal in str(refused.value)
    assert SECRET not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_revoked_token_is_refused_and_the_next_login_gets_a_new_one(
    provider: IdentityProvider, imap: Imap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No token is kept: one that has become worthless spoils one login only."""
    issue = provider._grant

    def worthless(body: bytes) -> tuple[int, dict[str, Any]]:
        answer = issue(body)
        provider.revoke()
        return answer

    monkeypatch.setattr(provider, "_grant", worthless)
    with pytest.raises(RefusedLoginError):
        Inbox(imap).__enter__()
    monkeypatch.setattr(provider, "_grant", issue)
    with Inbox(imap) as inbox:
        assert inbox.uids() == []


@pytest.mark.parametrize(
    "answer",
    [b"", b"{", b"[]", b'{"access_token": 5}', b'{"access_token": "a\\r\\nb"}', b"[" * 100_000],
)
def test_an_answer_that_holds_no_token_is_refused(
    provider: IdentityProvider, imap: Imap, answer: bytes
) -> None:
    """Whatever the provider says instead of a token is an error of one line, never a crash."""
    provider.answer = answer or b" "
    with pytest.raises(TokenRefusedError, match="its answer holds none"):
        access_token(imap)


def test_a_provider_that_is_away_is_a_broken_line(imap: Imap) -> None:
    """It is tried again like a mail server that is away, and blames no password."""
    away = imap.model_copy(update={"token_url": f"http://127.0.0.1:{free_port()}/token"})
    with pytest.raises(OSError, match="refused"):
        Inbox(away).__enter__()


class _Server:
    """A submission server that takes tokens."""

    def __init__(self, provider: IdentityProvider) -> None:
        self._provider = provider
        self.taken: list[bytes] = []

    async def auth_XOAUTH2(self, server: SMTP, words: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's name
        """Take a token of the provider's, for the central address."""
        import base64  # noqa: PLC0415 - beside its only use

        user, bearer = base64.b64decode(words[1]).decode().strip("\1").split("\1")
        token = bearer.removeprefix("auth=Bearer ")
        if user == f"user={CENTRAL}" and token in self._provider._tokens:
            return AuthResult(success=True)
        await server.push("334 eyJzdGF0dXMiOiI0MDEifQ==")
        await server._reader.readline()
        await server.push("535 5.7.8 refused")
        return AuthResult(success=False, handled=True)

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """Take a mail of who has logged in."""
        assert session.authenticated
        self.taken.append(envelope.original_content or b"")
        return "250 2.0.0 taken"


def test_a_token_lets_mail_out(provider: IdentityProvider, imap: Imap) -> None:
    """The submission server is logged in to by token, too; without one mail waits."""
    handler = _Server(provider)
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), auth_require_tls=False)
    controller.start()
    try:
        smtp = Smtp(
            host="127.0.0.1",
            port=controller.port,
            security="none",
            user=CENTRAL,
            password=SecretStr(SECRET),
            client_id=CLIENT,
            token_url=imap.token_url,
        )
        with Submission(smtp, "") as line:
            raw = letter("Stand", "Hallo")
            outcome = line.send(CENTRAL, "post@firma.example", raw, receipt=False)
            assert isinstance(outcome, Accepted), outcome
        assert len(handler.taken) == 1
        provider.refusal = "invalid_grant"
        begun = time.monotonic()
        with Submission(smtp, "") as line, pytest.raises(SubmissionRefusedError, match="grant"):
            line.check(CENTRAL, CENTRAL)
        assert time.monotonic() - begun < 5
    finally:
        controller.stop()
