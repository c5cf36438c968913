"""How mailflow logs in to the mailbox, and what it takes for a mail."""

from typing import Any

import pytest
from pydantic import SecretStr

from mailflow.inbox import Inbox, RefusedLoginError
from mailflow.settings.sections import Imap


class Client:
    """A mail server's side of a login, which remembers how it was asked."""

    def __init__(self, *capabilities: str) -> None:
        self.capabilities = capabilities
        self.asked: list[tuple[str, ...]] = []

    def has_capability(self, name: str) -> bool:
        """Say what the server can do."""
        return name in self.capabilities

    def login(self, user: str, password: str) -> None:
        """Take what LOGIN can carry."""
        self.asked.append(("LOGIN", user, password.encode("ascii").decode()))

    def plain_login(self, user: str, password: str) -> None:
        """Take any letters."""
        self.asked.append(("PLAIN", user, password))


def _asked(monkeypatch: pytest.MonkeyPatch, client: Client, password: str) -> Any:
    monkeypatch.setattr(Inbox, "_connect", lambda _: client)
    inbox = Inbox(Imap(host="imap.stadt.example", user="kam", password=SecretStr(password)))
    inbox._log_in()
    return client.asked


@pytest.mark.parametrize(("password", "way"), [("geheim", "LOGIN"), ("geheimß", "PLAIN")])
def test_a_password_beyond_ascii_logs_in(
    monkeypatch: pytest.MonkeyPatch, password: str, way: str
) -> None:
    """LOGIN carries ASCII only; a password with an umlaut goes by AUTHENTICATE PLAIN."""
    asked = _asked(monkeypatch, Client("AUTH=PLAIN"), password)
    assert asked == [(way, "kam", password)]


def test_a_password_that_cannot_be_sent_is_a_refused_login(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the server offers no PLAIN, one line says so, and no letter of the password."""
    with pytest.raises(RefusedLoginError, match="beyond ASCII") as told:
        _asked(monkeypatch, Client(), "geheimß")
    assert "ß" not in str(told.value)


class Forgetful:
    """A mail server that gives a size of each mail, and bytes of none."""

    def fetch(self, uids: list[int], _: list[str]) -> dict[int, dict[bytes, Any]]:
        """Say that the mail with UID 1 is empty, and another is not."""
        return {uid: {b"RFC822.SIZE": 30 * (uid > 1), b"BODY[]": b""} for uid in uids}


def test_a_mail_without_its_bytes_counts_as_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read as an empty mail it would be filed unread; one that really is empty is given."""
    monkeypatch.setattr(Inbox, "_connect", lambda _: Forgetful())
    inbox = Inbox(Imap(host="imap.stadt.example"))
    assert [(each.uid, each.raw) for each in inbox.fetch([1, 2])] == [(1, b"")]
