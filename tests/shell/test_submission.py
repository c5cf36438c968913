"""What is asked of the submission server, word by word."""

import smtplib
from collections.abc import Sequence

import pytest

from mailflow.core.retry import Accepted, Deferred, Outcome, Rejected
from mailflow.settings.sections import Smtp
from mailflow.submission import Submission

RAW = b"Subject: x\r\n\r\nx\r\n"


class Line(smtplib.SMTP):
    """A server that takes everything and remembers what was asked for each recipient."""

    def __init__(self, *extensions: str) -> None:
        super().__init__()
        self.esmtp_features = dict.fromkeys(extensions, "")
        self.asked: list[tuple[str, list[str]]] = []

    def mail(self, sender: str, options: Sequence[str] = ()) -> tuple[int, bytes]:  # noqa: ARG002
        """Take the sender."""
        return 250, b"ok"

    def rcpt(self, recip: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        """Remember what was asked."""
        self.asked.append((recip, list(options)))
        return 250, b"ok"

    def docmd(self, cmd: str, args: str = "") -> tuple[int, bytes]:  # noqa: ARG002
        """Agree."""
        return 354, b"go on"

    def send(self, s: object) -> None:
        """Take the bytes."""

    def getreply(self) -> tuple[int, bytes]:
        """Accept."""
        return 250, b"ok"


@pytest.mark.parametrize(
    ("extensions", "envelope_from", "wishes"),
    [
        (("dsn",), "", ["NOTIFY=NEVER"]),
        (("dsn",), "unternehmen@stadt.example.org", []),
        ((), "", []),
    ],
)
def test_nobody_reports_on_what_left_from_the_null_path(
    monkeypatch: pytest.MonkeyPatch,
    extensions: tuple[str, ...],
    envelope_from: str,
    wishes: list[str],
) -> None:
    """RFC 3834 §3.3 and RFC 3461 §4.1: NOTIFY=NEVER where the server knows it; else nothing."""
    line, submission = Line(*extensions), Submission(Smtp(), "copy@stadt.example.org")
    monkeypatch.setattr(submission, "_open", lambda: line)
    outcome = submission.send(envelope_from, "s.muster@montage.example", RAW, receipt=True)
    assert isinstance(outcome, Accepted)
    assert line.asked == [("s.muster@montage.example", wishes), ("copy@stadt.example.org", [])]


class Moody(Line):
    """A server that answers one command as told, and then hangs up."""

    def __init__(self, command: str, code: int | None) -> None:
        super().__init__()
        self.command, self.code = command, code

    def _or_gone(self, command: str) -> tuple[int, bytes]:
        if command != self.command:
            return 250, b"ok"
        if self.code is None:
            raise smtplib.SMTPServerDisconnected("gone")
        return self.code, b"go away"

    def mail(self, sender: str, options: Sequence[str] = ()) -> tuple[int, bytes]:  # noqa: ARG002
        """Answer MAIL."""
        return self._or_gone("MAIL")

    def rcpt(self, recip: str, options: Sequence[str] = ()) -> tuple[int, bytes]:  # noqa: ARG002
        """Answer RCPT."""
        return self._or_gone("RCPT")

    def docmd(self, cmd: str, args: str = "") -> tuple[int, bytes]:  # noqa: ARG002
        """Answer DATA."""
        return (354, b"go on") if cmd != self.command else self._or_gone(cmd)

    def rset(self) -> tuple[int, bytes]:
        """Be gone."""
        raise smtplib.SMTPServerDisconnected("gone")


def _sent(monkeypatch: pytest.MonkeyPatch, command: str, code: int | None) -> Outcome:
    submission = Submission(Smtp(), "copy@stadt.example.org")
    monkeypatch.setattr(submission, "_open", lambda: Moody(command, code))
    return submission.send("", "s.muster@montage.example", RAW, receipt=True)


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_hangs_up_after_its_refusal_has_refused(
    monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """What was said before the line broke stands: a 550 is not tried again for five days."""
    assert _sent(monkeypatch, command, 550) == Rejected("550 go away")


@pytest.mark.parametrize(
    ("command", "code", "server"),
    [
        ("MAIL", None, True),
        ("MAIL", 421, True),
        ("MAIL", 451, False),
        ("RCPT", None, False),
        ("RCPT", 421, False),
        ("DATA", None, False),
    ],
)
def test_a_broken_line_is_blamed_on_whom_it_concerns(
    monkeypatch: pytest.MonkeyPatch, command: str, code: int | None, server: bool
) -> None:
    """Before the sender is taken, the server cannot be used; later it may be this mail's fault."""
    outcome = _sent(monkeypatch, command, code)
    assert isinstance(outcome, Deferred)
    assert outcome.server is server


def test_what_the_login_cannot_carry_is_the_servers_deferral() -> None:
    """Any text that cannot be put into a login defers all mails; it fails none of them."""
    settings = Smtp(host="x" * 70 + ".example", user="kam")  # no label of a name is so long
    outcome = Submission(settings, "").send("", "s.muster@montage.example", RAW, receipt=False)
    assert isinstance(outcome, Deferred)
    assert outcome.server
