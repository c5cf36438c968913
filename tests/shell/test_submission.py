"""What is asked of the submission server, word by word."""

import smtplib
import socketserver
from collections.abc import Sequence
from threading import Thread

import pytest

from mailflow.core.retry import Accepted, Deferred, Outcome, Rejected, Unsure
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


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
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
        ("MAIL", 451, True),
        ("MAIL", 550, True),
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


@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
@pytest.mark.parametrize("code", [200, 251, 252])
def test_whatever_begins_with_two_takes_sender_and_reader(
    monkeypatch: pytest.MonkeyPatch, command: str, code: int
) -> None:
    """RFC 5321 §4.2.1: "cannot verify, but will take it" (252) is no refusal."""
    assert isinstance(_sent(monkeypatch, command, code), Accepted)


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
@pytest.mark.parametrize("code", [-1, 300, 666, 999])
def test_what_is_no_reply_refuses_nobody_for_good(
    monkeypatch: pytest.MonkeyPatch, command: str, code: int
) -> None:
    """Before the mail's bytes nothing was accepted: what cannot be understood is a wait."""
    outcome = _sent(monkeypatch, command, code)
    assert isinstance(outcome, Deferred)
    assert not outcome.server


class Babbles(socketserver.StreamRequestHandler):
    """A server that says a line too many after RCPT, and takes everything."""

    def handle(self) -> None:
        """Greet, then agree to whatever is said."""
        self.wfile.write(b"220 hello\r\n")
        for word in self.rfile:
            if word.upper().startswith(b"RCPT"):
                self.wfile.write(b"by the way\r\n")
            self.wfile.write(b"250 fine\r\n")


def test_after_what_is_no_reply_the_line_is_not_used_again() -> None:
    """Each later reply on it may be an earlier one's: the next mail could be taken for accepted."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Babbles) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        settings = Smtp(host="127.0.0.1", port=int(server.server_address[1]), security="none")
        with Submission(settings, "") as submission:
            outcome = submission.send("x@y.example", "z@y.example", RAW, receipt=False)
            assert submission._line is None
        server.shutdown()
    assert isinstance(outcome, Deferred)


class Broken(Line):
    """A line on which one command fails as nobody foresaw."""

    def __init__(self, command: str) -> None:
        super().__init__()
        self.command, self.closed = command, False

    def _or_fails(self, command: str, code: int = 250) -> tuple[int, bytes]:
        if command == self.command:
            raise RuntimeError("of nobody's making")
        return code, b"ok"

    def mail(self, sender: str, options: Sequence[str] = ()) -> tuple[int, bytes]:  # noqa: ARG002
        """Take the sender, or fail."""
        return self._or_fails("MAIL")

    def rcpt(self, recip: str, options: Sequence[str] = ()) -> tuple[int, bytes]:  # noqa: ARG002
        """Take the recipient, or fail."""
        return self._or_fails("RCPT")

    def docmd(self, cmd: str, args: str = "") -> tuple[int, bytes]:  # noqa: ARG002
        """Agree, or fail."""
        return self._or_fails(cmd, 354)

    def close(self) -> None:
        """Be dropped."""
        self.closed = True


def test_what_nobody_foresaw_up_to_the_sender_is_the_servers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No mail loses a try by it, whether there is no line yet or the sender is not taken."""
    submission = Submission(Smtp(), "copy@stadt.example.org")
    for fails in (lambda: Broken("MAIL"), lambda: Broken("")._or_fails("")):
        monkeypatch.setattr(submission, "_open", fails)
        outcome = submission.send("", "s.muster@montage.example", RAW, receipt=True)
        assert outcome == Deferred("unforeseen RuntimeError", server=True)


@pytest.mark.parametrize("command", ["RCPT", "DATA", "before the dot"])
def test_what_nobody_foresaw_later_comes_out_and_ends_the_line(
    monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Nothing was accepted, and no other mail is sent into half a transaction."""
    line, submission = Broken(command), Submission(Smtp(), "copy@stadt.example.org")
    monkeypatch.setattr(submission, "_open", lambda: line)

    def before_dot() -> None:
        line._or_fails("before the dot")

    with pytest.raises(RuntimeError):
        submission.send("", "x@montage.example", RAW, receipt=True, before_dot=before_dot)
    assert line.closed
    assert submission._line is None


@pytest.mark.parametrize("pieces", [0, 1, 2])
def test_only_from_the_final_dot_on_is_an_end_unknown(
    monkeypatch: pytest.MonkeyPatch, pieces: int
) -> None:
    """The line breaks at the mail's bytes, at its dot, or while the reply to that is awaited."""
    line, submission = Line(), Submission(Smtp(), "copy@stadt.example.org")
    monkeypatch.setattr(submission, "_open", lambda: line)
    left: list[object] = []

    def send(words: object) -> None:
        if len(left) == pieces:
            raise smtplib.SMTPServerDisconnected("gone")
        left.append(words)

    def getreply() -> tuple[int, bytes]:
        raise RuntimeError("of nobody's making")

    monkeypatch.setattr(line, "send", send)
    monkeypatch.setattr(line, "getreply", getreply)
    outcome = submission.send("", "x@montage.example", RAW, receipt=False)
    assert left == [RAW, b".\r\n"][:pieces]
    assert isinstance(outcome, Unsure if pieces == 2 else Deferred)


def test_what_the_login_cannot_carry_is_the_servers_deferral() -> None:
    """Any text that cannot be put into a login defers all mails; it fails none of them."""
    settings = Smtp(host="x" * 70 + ".example", user="kam")  # no label of a name is so long
    outcome = Submission(settings, "").send("", "s.muster@montage.example", RAW, receipt=False)
    assert isinstance(outcome, Deferred)
    assert outcome.server
