"""What is asked of the submission server, word by word."""

import smtplib
from collections.abc import Sequence

import pytest

from mailflow.core.retry import Accepted
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
    monkeypatch.setattr(submission, "_line", line)
    outcome = submission.send(envelope_from, "s.muster@montage.example", RAW, receipt=True)
    assert isinstance(outcome, Accepted)
    assert line.asked == [("s.muster@montage.example", wishes), ("copy@stadt.example.org", [])]
