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

    def __init__(self, kept: tuple[bytes, ...] | None, *, can_move: bool = True) -> None:
        self.found: dict[bytes, Any] = {b"EXISTS": 1, b"UIDVALIDITY": 7}
        if kept is not None:
            self.found |= {b"PERMANENTFLAGS": kept}
        self.can_move, self.refuses = can_move, False
        self.flags: dict[int, set[bytes]] = {1: set(), 2: {rb"\Seen"}}

    def has_capability(self, name: str) -> bool:
        """Say whether mails can be moved."""
        return self.can_move and name == "MOVE"

    def select_folder(self, _: str, *, readonly: bool = False) -> dict[bytes, Any]:
        """Say which marks are kept; of a folder for reading only none is."""
        return self.found | ({b"PERMANENTFLAGS": (), b"EXISTS": 0} if readonly else {})

    def list_folders(self) -> list[tuple[tuple[bytes, ...], bytes, str]]:
        """Name the inbox alone."""
        return [((), b"/", "INBOX")]

    def capabilities(self) -> tuple[bytes, ...]:
        """Name none but the oldest."""
        return (b"IMAP4rev1",)

    def login(self, *_: str) -> None:
        """Let everybody in."""

    def logout(self) -> None:
        """Say goodbye."""

    def add_flags(self, uids: list[int], flags: list[bytes], *, silent: bool) -> None:
        """Mark mails."""
        assert silent
        if self.refuses:
            raise IMAPClientError("store failed: NO [NOPERM] Permission denied")
        for uid in uids:
            self.flags[uid].update(flags)

    def fetch(self, uids: list[int], _: list[str]) -> dict[int, dict[bytes, Any]]:
        """Give the flags, in letters of its own."""
        return {uid: {b"FLAGS": tuple(map(bytes.upper, self.flags[uid]))} for uid in uids}


def _marking(monkeypatch: pytest.MonkeyPatch, server: Marking) -> Inbox:
    monkeypatch.setattr(Inbox, "_connect", lambda _: server)
    inbox = Inbox(Imap(host="imap.stadt.example"))
    inbox.select_inbox()
    return inbox


@pytest.mark.parametrize(
    ("kept", "can_move", "mark"),
    [
        (None, True, b"$MailflowRead"),
        ((rb"\Seen", rb"\*"), True, b"$MailflowRead"),
        ((rb"\Seen", b"$mailflowread"), True, b"$MailflowRead"),
        ((rb"\SEEN", rb"\ANSWERED"), True, rb"\Answered"),
        ((rb"\Seen", rb"\Answered"), False, None),
        ((), True, None),
    ],
)
def test_a_mail_bears_a_mark_that_its_server_keeps(
    monkeypatch: pytest.MonkeyPatch,
    kept: tuple[bytes, ...] | None,
    mark: bytes | None,
    *,
    can_move: bool,
) -> None:
    """A keyword where there are any; else, where a moved mail bears no marks, that of an answer."""
    server = Marking(kept, can_move=can_move)
    inbox = _marking(monkeypatch, server)
    inbox.mark([1])
    assert server.flags[1] == ({mark} if mark else set())
    assert inbox.marked([1, 2]) == ({1} if mark else set())


def test_a_mark_that_is_refused_keeps_no_mail_from_being_read(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An account without that right reads on; the log names it."""
    server = Marking(None)
    server.refuses = True
    _marking(monkeypatch, server).mark([1])
    assert "does not let mails be marked" in caplog.text


@pytest.mark.parametrize(("kept", "marks"), [((), False), ((rb"\*",), True)])
def test_a_look_tells_whether_marks_are_kept(
    monkeypatch: pytest.MonkeyPatch, kept: tuple[bytes, ...], *, marks: bool
) -> None:
    """So `mailflow check` says before a loss that it would leave more in doubt."""
    monkeypatch.setattr(Inbox, "_connect", lambda _: Marking(kept))
    assert Inbox(Imap(host="imap.stadt.example")).look().marks is marks


def test_a_mark_is_seen_where_none_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a loss the account may look only: what was marked before is known all the same."""
    server = Marking(())
    server.flags[1].add(b"$MailflowRead")
    assert _marking(monkeypatch, server).marked([1, 2]) == {1}


def test_an_answer_by_hand_is_no_mark_where_keywords_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever answers from the mailbox himself keeps no mail from being read."""
    server = Marking((rb"\*", rb"\Answered"))
    server.flags[1].add(rb"\Answered")
    assert _marking(monkeypatch, server).marked([1, 2]) == set()
