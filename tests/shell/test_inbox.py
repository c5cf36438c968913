"""How mailflow logs in to the mailbox, and what it takes for a mail."""

from typing import Any

import pytest
from imapclient.exceptions import IMAPClientError
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


class Marking:
    """A mail server that keeps some marks, and may refuse to set one."""

    def __init__(self, kept: tuple[bytes, ...] | None, *, can_move: bool, refuses: bool) -> None:
        self.found: dict[bytes, Any] = {b"EXISTS": 1, b"UIDVALIDITY": 7}
        if kept is not None:
            self.found |= {b"PERMANENTFLAGS": kept}
        self.can_move, self.refuses = can_move, refuses
        self.said: list[object] = []

    def has_capability(self, name: str) -> bool:
        """Say whether mails can be moved."""
        return self.can_move and name == "MOVE"

    def select_folder(self, _: str) -> dict[bytes, Any]:
        """Say which marks are kept."""
        return self.found

    def add_flags(self, uids: list[int], flags: list[bytes], *, silent: bool) -> None:
        """Mark mails."""
        self.said += [(uids, flags, silent)]
        if self.refuses:
            raise IMAPClientError("store failed: NO [NOPERM] Permission denied")

    def search(self, criteria: list[str]) -> list[int]:
        """Find one."""
        self.said.append(criteria)
        return [1]


_ALL = ["ALL", "KEYWORD", "$MailflowRead", "UID", "1:*"]


@pytest.mark.parametrize(
    ("kept", "can_move", "mark", "searched"),
    [
        (None, True, b"$MailflowRead", _ALL),
        ((rb"\Seen", rb"\*"), True, b"$MailflowRead", _ALL),
        ((rb"\Seen", b"$MailflowRead"), True, b"$MailflowRead", _ALL),
        ((rb"\Seen", rb"\Answered"), True, rb"\Answered", ["ALL", "ANSWERED", "UID", "1:*"]),
        ((rb"\Seen", rb"\Answered"), False, None, None),
        ((), True, None, None),
    ],
)
def test_a_mail_bears_a_mark_that_its_server_keeps(
    monkeypatch: pytest.MonkeyPatch,
    kept: tuple[bytes, ...] | None,
    mark: bytes | None,
    searched: list[str] | None,
    *,
    can_move: bool,
) -> None:
    """A keyword where there are any; else, where a moved mail bears no marks, that of an answer."""
    server = Marking(kept, can_move=can_move, refuses=False)
    monkeypatch.setattr(Inbox, "_connect", lambda _: server)
    inbox = Inbox(Imap(host="imap.stadt.example"))
    inbox.select_inbox()
    inbox.mark_read([1])
    assert inbox.marked() == ({1} if mark else set())
    assert server.said == ([([1], [mark], True), searched] if mark else [])


def test_a_mark_that_is_refused_keeps_no_mail_from_being_read(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An account without that right reads on; the log names it."""
    server = Marking(None, can_move=True, refuses=True)
    monkeypatch.setattr(Inbox, "_connect", lambda _: server)
    inbox = Inbox(Imap(host="imap.stadt.example"))
    inbox.select_inbox()
    inbox.mark_read([1])
    assert "does not let mails be marked" in caplog.text
