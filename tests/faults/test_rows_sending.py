"""Rows of the fault matrix about sending: every end of an SMTP transaction, and its echo."""

import logging
import re
import socket
import socketserver
import time
from collections.abc import Callable, Iterator, Sequence
from email.message import EmailMessage
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.smtp import LoginPassword
from pydantic import SecretStr
from sqlalchemy import select

from mailflow import submission as submission_module
from mailflow.compose import TemplateError
from mailflow.core.retry import GIVE_UP, Accepted, Deferred, Outcome, Unsure
from mailflow.core.ticket import HoldReason
from mailflow.deciding import ReaderAwayError
from mailflow.outages import PastOutbox
from mailflow.schema import outbox
from mailflow.settings.sections import Smtp
from mailflow.store.engine import reading
from tests.faults.sink import DROP_ACCEPTED, DROP_REFUSED, RECEIPT, Sink
from tests.faults.trial import BAU, UMWELT, Trial, letter
from tests.faults.verdict import parse
from tests.flow.city import (
    CENTRAL,
    COMPANY,
    MANAGER,
    ONE_OFFICE,
    TWO_OFFICES,
    body_of,
    digest_of,
    forward_to,
    of_kind,
    reply_to,
)

ANSWER = "Die Genehmigung kommt im Juni."


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Give a submission server that takes everything, so far."""
    with Sink() as made:
        yield made


@pytest.fixture
def town(town: Trial, sink: Sink) -> Iterator[Trial]:
    """Give a city that sends over SMTP."""
    with sink.submission() as line:
        connect(town, sink, line)
        yield town


def connect(town: Trial, sink: Sink, line: submission_module.Submission) -> None:
    """Let a city send through this line, and the judge look at what the server took."""
    town.city.dispatch._submission = line
    sink.accepted = town.city.wire.accepted
    town.city.wire.receipts = sink.receipts


def test_row_03_crash_after_250_doubles_no_answer(town: Trial, sink: Sink) -> None:
    """Kobo kpi#7435 sent again what had arrived; here the receipt proves it, and nothing goes."""
    out = town.write("Stand", ONE_OFFICE)
    town.city.take_receipts()
    sink.replies = [DROP_ACCEPTED]
    town.answer(forward_to(out, BAU), ANSWER)
    assert town.city.store.outbox_waiting() == 1
    town.city.take_receipts()
    assert town.city.store.outbox_waiting() == 0
    town.city.wait(hours=2)
    assert town.city.work() == []
    town.judge()


def test_row_04_never_accepted_goes_out_once_more_after_half_an_hour(
    town: Trial, sink: Sink
) -> None:
    """hexclave#1356 called it failed; here it is sent once more, same Message-ID, with an alert."""
    out = town.write("Stand", ONE_OFFICE)
    sink.replies = [DROP_REFUSED]
    assert town.answer(forward_to(out, BAU), ANSWER) == []
    town.city.wait(minutes=31)
    kinds = [mail["X-Mailflow-Kind"] for mail in town.city.work()]
    assert sorted(kinds) == ["alert", "combined-answer"]
    town.city.take_receipts()
    town.judge(alert="ohne Beleg")


def test_row_04_accepted_without_reply_or_receipt_is_the_one_double(
    town: Trial, sink: Sink
) -> None:
    """Taken over, no reply, no receipt: nobody can know. Once more, same Message-ID, and told."""
    out = town.write("Stand", ONE_OFFICE)
    sink.replies = [DROP_ACCEPTED]
    town.answer(forward_to(out, BAU), ANSWER)
    sink.receipts.clear()
    town.city.wait(minutes=31)
    town.city.work()
    town.city.wait(hours=30)
    town.city.work()
    town.judge(alert="ohne Beleg", resent=1)


@pytest.mark.parametrize("answer", [DROP_REFUSED, DROP_ACCEPTED])
def test_row_04_two_unknown_ends_are_told_as_what_they_are(
    town: Trial, sink: Sink, answer: str
) -> None:
    """Twice no answer and no receipt: a third copy goes to nobody, and the manager is to ask."""
    out = town.write("Stand", ONE_OFFICE)
    town.city.take_receipts()
    sink.replies = [answer]
    town.answer(forward_to(out, BAU), ANSWER)
    sink.replies = [answer]
    for _ in range(4):
        sink.receipts.clear()
        town.city.wait(minutes=31)
        town.city.work()
    assert town.city.store.outbox_waiting() == 0
    kept = [parse(raw) for _, _, raw in sink.accepted]
    assert len(of_kind(kept, "combined-answer")) == (2 if answer == DROP_ACCEPTED else 0)
    assert not town.city.ticket().holds  # no failure of delivery: nothing else is stopped
    (failure,) = town.city.reporting.digest().failures
    assert "ob die Mail ankam, ist ungewiss" in failure
    town.judge(alert="Ob die Mail ankam, ist ungewiss", resent=answer == DROP_ACCEPTED)


@pytest.mark.parametrize("taken", ["200 OK queued", "251 2.0.0 taken", "252 2.0.0 taken"])
def test_row_04_the_first_digit_of_the_last_reply_decides(
    town: Trial, sink: Sink, taken: str
) -> None:
    """RFC 5321 §4.2.1: a server that takes mails over with another 2yz than 250 gets each once."""
    sink.replies = [taken] * 3
    out = town.write("Stand", ONE_OFFICE)
    sink.receipts.clear()
    town.answer(forward_to(out, BAU), ANSWER)
    sink.receipts.clear()
    for minutes in (2, 6, 16, 31, 61):
        town.city.wait(minutes=minutes)
        town.city.work()
    assert town.city.store.outbox_waiting() == 0
    assert MANAGER not in {who for _, who, _ in sink.accepted}
    town.judge()


@pytest.mark.parametrize("odd", ["OK taken", "999 taken", "354 taken", "150 taken"])
@pytest.mark.parametrize("proven", [True, False])
def test_row_04_a_last_reply_that_says_neither_is_an_unknown_end(
    town: Trial, sink: Sink, odd: str, *, proven: bool
) -> None:
    """After the final dot no reply is no refusal: the receipt decides, else two copies go out."""
    out = town.write("Stand", ONE_OFFICE)
    town.city.take_receipts()
    sink.replies = [odd, odd]
    town.answer(forward_to(out, BAU), ANSWER)
    for minutes in (0, 2, 6, 16, 31, 31, 61):
        if not proven:
            sink.receipts.clear()
        while sink.receipts:
            town.post(sink.receipts.pop())
        town.city.wait(minutes=minutes)
        town.city.work()
    assert town.city.store.outbox_waiting() == 0
    kept = [parse(raw) for _, _, raw in sink.accepted]
    assert len(of_kind(kept, "combined-answer")) == (1 if proven else 2)
    town.judge(alert="" if proven else "Ob die Mail ankam, ist ungewiss", resent=not proven)


@pytest.mark.parametrize("kills", [1, 3])
def test_row_04_killed_before_the_second_copy_has_left_it_goes_at_the_next_start(
    town: Trial, sink: Sink, monkeypatch: pytest.MonkeyPatch, kills: int
) -> None:
    """It was given up as sent twice, and had arrived nowhere: what never left uses up nothing."""
    out = town.write("Stand", ONE_OFFICE)
    town.city.take_receipts()
    sink.replies = [DROP_REFUSED]
    assert town.answer(forward_to(out, BAU), ANSWER) == []
    for _ in range(kills):
        town.city.wait(minutes=31)
        town.city.intake.take_in(town.city.mailbox)
        with monkeypatch.context() as patch:
            patch.setattr(town.city.dispatch._submission, "_content", _killed)
            with pytest.raises(KeyboardInterrupt):
                town.city.dispatch.send_due()
    town.city.wait(minutes=31)
    assert len(of_kind(town.city.work(), "combined-answer")) == 1
    town.city.take_receipts()
    assert town.city.store.outbox_waiting() == 0
    town.judge(alert="ohne Beleg")


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_row_04_killed_once_the_second_copy_may_have_left_no_third_goes(town: Trial) -> None:
    """From the final dot on it may have been accepted: at most twice, however it ends."""
    city, wire = town.city, town.city.wire
    city.dispatch._submission = wire
    out = town.write("Stand", ONE_OFFICE)
    wire.outcomes = [Unsure("gone")]
    town.answer(forward_to(out, BAU), ANSWER)

    def dying(*_: object, before_dot: Callable[[], None], **__: object) -> Outcome:
        before_dot()
        raise KeyboardInterrupt

    send, wire.send = wire.send, dying  # type: ignore[method-assign, assignment]
    city.wait(minutes=31)
    city.intake.take_in(city.mailbox)
    with pytest.raises(KeyboardInterrupt):
        city.dispatch.send_due()
    wire.send = send  # type: ignore[method-assign]
    for _ in range(3):
        city.wait(minutes=31)
        assert of_kind(city.work(), "combined-answer") == []
    assert city.store.outbox_waiting() == 0
    town.judge(alert="Ob die Mail ankam, ist ungewiss")


def test_row_04_a_refusal_for_now_is_no_unknown_end(town: Trial, sink: Sink) -> None:
    """Unsure, then 451 at the final dot, then unsure: what was refused does not count as sent."""
    out = town.write("Stand", ONE_OFFICE)
    town.city.take_receipts()
    sink.replies = [DROP_REFUSED, "451 4.3.0 try later"]
    town.answer(forward_to(out, BAU), ANSWER)
    for _ in range(6):
        town.city.wait(minutes=31)
        town.city.work()
    town.city.take_receipts()
    assert town.city.store.outbox_waiting() == 0
    town.judge(alert="ohne Beleg")
    assert len(of_kind([parse(raw) for _, _, raw in sink.accepted], "combined-answer")) == 1


@pytest.mark.parametrize("again", ["550 5.7.1 try", "451 4.7.1 later"])
def test_row_04_a_receipt_settles_what_was_refused_the_second_time(
    town: Trial, sink: Sink, again: str
) -> None:
    """The first copy had arrived: until its receipt says so nothing is stopped, then it counts."""
    out = town.write("Stand", ONE_OFFICE)
    town.city.take_receipts()
    sink.replies = [DROP_ACCEPTED]
    town.answer(forward_to(out, BAU), ANSWER)
    receipt = sink.receipts.pop()
    sink.refused = {COMPANY: again}
    start = town.city.now
    while town.city.store.outbox_waiting() and town.city.now - start < GIVE_UP * 1.2:
        town.city.wait(hours=1)
        town.city.work()
    assert not town.city.ticket().holds
    (failure,) = town.city.reporting.digest().failures
    assert again in failure
    assert "ob die Mail ankam, ist ungewiss" in failure
    town.deliver(receipt)
    assert town.city.reporting.digest().failures == ()
    town.judge(alert="Ob die Mail ankam, ist ungewiss")


@pytest.mark.parametrize("then", ["taken", "550 5.1.1 no such user", "unknown again"])
def test_row_38_an_alert_that_cannot_be_composed_keeps_no_mail_waiting(
    town: Trial, sink: Sink, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    """A city's broken template for alerts: an unsure mail goes on, to whatever end it has."""
    out = town.write("Stand", ONE_OFFICE)
    town.city.take_receipts()
    sink.replies = [DROP_REFUSED]
    town.answer(forward_to(out, BAU), ANSWER)
    sink.refused = {COMPANY: then} if then.startswith("550") else {}
    sink.replies = [DROP_REFUSED] if then == "unknown again" else []
    with monkeypatch.context() as patch:
        patch.setattr(town.city.dispatch, "_alert", _broken)
        for _ in range(3):
            town.city.wait(minutes=31)
            town.city.work()
    assert town.city.store.outbox_waiting() == 0
    town.city.take_receipts()
    town.judge()


def _broken(*_: object) -> bool:
    raise LookupError("nothing_of_that_name")


class HalfWay(socketserver.StreamRequestHandler):
    """A server behind a path that breaks in the middle of a mail's bytes."""

    def handle(self) -> None:
        """Take envelope and DATA, read a little, and break the line."""
        self.wfile.write(b"220 hello\r\n")
        for word in self.rfile:
            if word.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                self.rfile.read(20_000)
                self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                return
            self.wfile.write(b"250 fine\r\n")


def test_row_04_broken_before_the_final_dot_is_a_wait_and_not_unsure() -> None:
    """Without its dot no server accepts a mail: it is tried again by the schedule, for days."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), HalfWay) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        settings = Smtp(host="127.0.0.1", port=int(server.server_address[1]), security="none")
        with submission_module.Submission(settings, RECEIPT) as line:
            outcome = line.send(CENTRAL, COMPANY, b"y" * 8_000_000, receipt=False)
        server.shutdown()
    assert isinstance(outcome, Deferred)
    assert not outcome.server


def test_row_16_a_server_that_stalls_on_one_reader_keeps_no_other_waiting(
    town: Trial, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader it stalls on waits by the schedule; everybody else gets the mail."""
    monkeypatch.setattr(submission_module, "_REPLY_SECONDS", 0.3)
    sink.stalls = {BAU}
    town.write("Umnutzung", TWO_OFFICES)
    for _ in range(3):
        town.city.wait(minutes=2)
        town.city.work()
    assert {who for _, who, _ in sink.accepted} == {COMPANY, UMWELT}
    sink.stalls = set()
    town.city.wait(minutes=20)
    town.city.work()
    assert {who for _, who, _ in sink.accepted} == {COMPANY, UMWELT, BAU}
    town.judge()


def test_row_16_a_slow_server_is_given_the_minutes_of_the_standard() -> None:
    """RFC 5321 §4.5.3.2: five minutes a reply and ten after the dot, one mail less than 900 s."""
    assert submission_module._REPLY_SECONDS >= 300
    assert submission_module._DOT_SECONDS >= 600
    # seven replies before DATA, two for the login and DATA itself, at half a minute each
    assert submission_module._ENVELOPE_SECONDS >= 10 * 31
    assert submission_module._MAIL_SECONDS < 900


def test_row_16_one_mail_has_an_end_however_slow_its_replies(
    sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each reply in its time, all of them together too late: the mail waits, and is not unsure."""
    monkeypatch.setattr(submission_module, "_ENVELOPE_SECONDS", 0.5)
    sink.slow = 0.3
    with sink.submission() as line:
        began = time.monotonic()
        outcome = line.send(CENTRAL, COMPANY, b"x", receipt=True)
    assert isinstance(outcome, Deferred)
    assert time.monotonic() - began < 2
    assert sink.accepted == []


def test_row_16_the_time_for_the_final_dot_is_its_own(
    sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server quick to talk and slow to take over is waited for, longer than for other replies."""
    monkeypatch.setattr(submission_module, "_REPLY_SECONDS", 0.3)
    sink.slow_dot = 0.6
    with sink.submission() as line:
        assert isinstance(line.send(CENTRAL, COMPANY, b"x", receipt=False), Accepted)
        monkeypatch.setattr(submission_module, "_DOT_SECONDS", 0.3)
        assert isinstance(line.send(CENTRAL, COMPANY, b"x", receipt=False), Unsure)


def test_row_16_a_line_long_unused_is_not_trusted(
    sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A firewall forgets idle lines without a word; waiting on such a one would cost minutes."""
    with sink.submission() as line:
        line.send(CENTRAL, COMPANY, b"x", receipt=False)
        first = line._line
        line.send(CENTRAL, COMPANY, b"x", receipt=False)
        assert line._line is first
        monkeypatch.setattr(submission_module, "_KEEP_SECONDS", -1)
        line.send(CENTRAL, COMPANY, b"x", receipt=False)
        assert line._line is not first


def test_row_17_greylisting_costs_a_wait_and_one_copy(town: Trial, sink: Sink) -> None:
    """451 four times, then 250: the waits grow, and the mail goes out once."""
    sink.replies = ["451 4.7.1 greylisted"] * 4
    town.write("Stand", ONE_OFFICE)
    assert len(sink.accepted) == 0
    town.city.wait(seconds=30)
    town.city.work()
    assert len(sink.accepted) == 0
    for minutes in (1, 6, 16):
        town.city.wait(minutes=minutes)
        town.city.work()
    assert len(sink.accepted) == 2
    town.judge()


def test_row_18_one_refused_reader_costs_no_other_and_is_told(town: Trial, sink: Sink) -> None:
    """PostHog#66456: one 550 stopped the rest. Here the others get theirs, once, and an alert."""
    begun = town.city.now
    sink.refused = {BAU: "550 5.1.1 no such user"}
    town.write("Umnutzung", TWO_OFFICES)
    town.city.work()
    readers = [who for _, who, _ in sink.accepted]
    assert (readers.count(COMPANY), readers.count(UMWELT), readers.count(BAU)) == (1, 1, 0)
    town.judge(alert=BAU, since=begun)
    assert "550 5.1.1" in body_of(digest_of(town.city))


def test_row_18_a_refused_manager_starts_no_storm_of_alerts(
    town: Trial, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    """An alert that cannot be delivered is not itself alerted about but past the outbox, once."""
    sink.refused = {MANAGER: "550 5.1.1 no such user", BAU: "550 5.1.1 no such user"}
    with Sink() as second:
        ways = [second.submission]
        town.city.dispatch._second_way = PastOutbox(town.city.reporting.alert_mails, ways)
        town.write("Stand", ONE_OFFICE)
        for _ in range(5):
            town.city.wait(hours=1)
            town.city.work()
    assert MANAGER not in {who for _, who, _ in sink.accepted}
    with reading(town.city.store.engine) as connection:
        alerts = select(outbox.c.state).where(outbox.c.kind == "alert")
        assert connection.scalars(alerts).all() == ["failed"]
    assert town.city.store.outbox_waiting() == 0
    assert f"alert to {MANAGER} reached nobody: 550 5.1.1" in caplog.text
    ((_, who, raw),) = second.accepted  # nothing else would have told it
    assert who == MANAGER
    assert "ist nicht zustellbar: 550 5.1.1" in " ".join(body_of(parse(raw)).split())
    town.judge()


def test_row_18_a_crash_while_the_refusal_is_recorded_forgets_nobody(
    town: Trial, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the 550 and before it is recorded: deputy and manager hear of it, once."""
    sink.refused = {BAU: "550 5.1.1 no such user"}
    record = town.city.store.record

    def dying(*words: object, **more: object) -> object:
        if b"550" in str(words).encode():
            raise KeyboardInterrupt
        return record(*words, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(town.city.store, "record", dying)
    with pytest.raises(KeyboardInterrupt):
        town.write("Stand", ONE_OFFICE)
    monkeypatch.undo()
    for _ in range(3):
        town.city.wait(hours=1)
        town.city.work()
    readers = [who for _, who, _ in sink.accepted]
    assert readers.count("bauaufsicht-vertretung@stadt.example.org") == 1
    assert town.city.ticket().current()[0].state == "asked"
    town.judge(alert=BAU)


class Wordless:
    """A composer that fails on whatever is asked of it."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def compose_all(self, drafts: Sequence[object], *_: object) -> list[object]:
        """Compose nothing but nothing."""
        if drafts:
            raise self.error
        return []


@pytest.mark.parametrize(
    "error",
    [
        ReaderAwayError(problem="Cannot allocate memory"),
        TemplateError("forward.de.txt: broken"),
        LookupError("of nobody's making"),
    ],
)
def test_row_18_a_deputy_who_cannot_be_written_to_is_the_managers_to_ask(
    town: Trial, sink: Sink, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """A refusal stands though what follows from it fails: told, an item, and no second copy."""
    begun = town.city.now
    sink.refused = {BAU: "550 5.1.1 no such user"}
    monkeypatch.setattr(town.city.chasing, "_composer", Wordless(error))
    town.write("Stand", ONE_OFFICE)
    sink.refused = {}
    for _ in range(3):
        town.city.wait(minutes=35)
        town.city.work()
    assert {who for _, who, _ in sink.accepted} == {COMPANY, MANAGER}
    (hold,) = town.city.ticket().holds
    assert hold.reason is HoldReason.UNREACHABLE
    assert "die Vertretung ließ sich nicht fragen" in hold.text
    (failure,) = town.city.reporting.digest().failures
    assert "550 5.1.1" in failure
    town.judge(alert="550 5.1.1", since=begun)


def test_row_18_a_refusal_stands_whatever_fails_after_it(
    town: Trial, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where even deciding what follows fails, the refusal is recorded and the manager reads it."""
    begun = town.city.now
    sink.refused = {BAU: "550 5.1.1 no such user"}
    monkeypatch.setattr(town.city.dispatch, "_failed", _broken)
    town.write("Stand", ONE_OFFICE)
    for _ in range(3):
        town.city.wait(minutes=35)
        town.city.work()
    assert {who for _, who, _ in sink.accepted} == {COMPANY, MANAGER}
    (failure,) = town.city.reporting.digest().failures
    assert "550 5.1.1" in failure
    town.judge(alert="550 5.1.1", since=begun)


def test_row_19_five_days_of_451_end_with_an_alert(town: Trial, sink: Sink) -> None:
    """A reader that is never ready is given up after five days, and the manager is told."""
    sink.refused = {BAU: "451 4.2.0 busy"}
    town.write("Stand", ONE_OFFICE)
    start = town.city.now
    while town.city.now - start < GIVE_UP * 1.1:
        town.city.wait(hours=1)
        town.city.work()
    assert town.city.store.outbox_waiting() == 0
    town.judge(alert=BAU)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_row_19_a_wrong_password_for_six_days_gives_no_mail_up(
    town: Trial, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever the server refuses to everybody is no mail's fault: it waits, and all is told."""
    with Sink(login=LoginPassword(b"kam", b"right")) as strict:
        with strict.submission("kam", "wrong") as line:
            connect(town, strict, line)
            town.write("Stand", ONE_OFFICE)
            start = town.city.now
            while town.city.now - start < GIVE_UP * 1.2:
                town.city.wait(hours=3)
                town.city.dispatch.send_due()
        assert strict.accepted == []
        strict.refused = {COMPANY: "451 4.7.1 greylisted"}
        with strict.submission("kam", "right") as line:
            connect(town, strict, line)
            for _ in range(8):  # a mail that only waited has all its own tries before it
                town.city.wait(hours=4)
                town.city.work()
            strict.refused = {}
            town.city.wait(hours=4)
            town.city.work()
    assert {who for _, who, _ in strict.accepted} == {COMPANY, BAU, MANAGER}
    assert town.city.ticket().holds == ()
    town.judge(alert="keine ausgehenden Mails angenommen: 535")
    levels = [each.levelname for each in caplog.records if "535" in each.getMessage()]
    assert levels == ["WARNING", "ERROR"]


def _waits_longer_than_anything_is_tried(town: Trial, sink: Sink) -> None:
    """For six days nothing is taken; once the server takes mails again, all go out."""
    town.write("Stand", ONE_OFFICE)
    start = town.city.now
    while town.city.now - start < GIVE_UP * 1.2:
        town.city.wait(hours=3)
        town.city.dispatch.send_due()
    assert sink.accepted == []
    sink.senders, sink.refused = {}, {}
    for _ in range(2):
        town.city.wait(minutes=2)
        town.city.work()
    assert {who for _, who, _ in sink.accepted} == {COMPANY, BAU, MANAGER}
    assert town.city.ticket().holds == ()


@pytest.mark.parametrize("said", ["530 5.7.0 Authentication required", "452 4.3.1 disk full"])
def test_row_19_a_server_that_takes_no_sender_gives_no_mail_up(
    town: Trial, sink: Sink, said: str
) -> None:
    """For six days nobody may name a sender: all waits, is told, and goes out afterwards."""
    sink.senders = {"": said}
    _waits_longer_than_anything_is_tried(town, sink)
    town.judge(alert=f"keine ausgehenden Mails angenommen: {said}")


@pytest.mark.parametrize(
    "said",
    [
        "553 5.7.1 <unternehmen@stadt.example.org>: Sender address rejected: not owned by user",
        "554 5.7.1 <x@y.example>: Relay access denied",
        "530 5.7.0 Authentication required",
    ],
)
def test_row_19_a_server_that_refuses_every_reader_gives_no_mail_up(
    town: Trial, sink: Sink, said: str
) -> None:
    """Postfix says of login and sender at RCPT only: for six days all waits, and it is told."""
    sink.refused = {"": said}
    _waits_longer_than_anything_is_tried(town, sink)
    town.judge(alert="keine ausgehenden Mails angenommen: 5")


@pytest.mark.parametrize(
    ("said", "everybody"),
    [
        ("550 5.7.1 rejected by policy", False),
        ("550 no such user", False),
        ("550 5.1.1 no such user", True),
        ("552 5.2.2 mailbox full", True),
    ],
)
def test_row_18_a_reader_refused_for_himself_fails_alone(
    town: Trial, sink: Sink, said: str, *, everybody: bool
) -> None:
    """The server takes our own address, or speaks of the mailbox: the refusal is this mail's."""
    sink.refused = {"" if everybody else COMPANY: said}
    town.write("Stand", ONE_OFFICE)
    assert town.city.ticket().holds != ()
    assert (BAU in {who for _, who, _ in sink.accepted}) is not everybody
    town.city.work()
    town.judge(alert="" if everybody else said)


JUERGEN = "jürgen@montage.example"


def _written_by_juergen(town: Trial) -> bytes:
    """Give an inquiry whose writer's address is not ASCII, as a server with SMTPUTF8 stores it."""
    raw = town.inquiry("Stand", ONE_OFFICE, JUERGEN)
    return re.sub(rb"(?m)^From: .*$", f"From: {JUERGEN}\r".encode(), raw, count=1)


def test_an_address_that_the_server_cannot_carry_is_told_and_never_changed(town: Trial) -> None:
    """RFC 6531: no silent downgrade. The mail fails by itself, is told, and the ticket waits."""
    with Sink(international=False) as plain, plain.submission() as line:
        connect(town, plain, line)
        out = town.deliver(_written_by_juergen(town))
        assert town.answer(forward_to(out, BAU), ANSWER) == []
        assert [who for _, who, _ in plain.accepted] == [BAU, MANAGER]
        (hold,) = town.city.ticket().holds
        assert hold.reason is HoldReason.UNREACHABLE
        assert JUERGEN in hold.text
        (failure,) = town.city.reporting.digest().failures
        assert f"{JUERGEN}: 553 5.6.7" in failure
        assert town.city.store.outbox_waiting() == 0
        town.judge(alert=f"{JUERGEN} ist nicht zustellbar: 553 5.6.7")


def test_an_address_beyond_ascii_is_written_to_where_the_server_carries_it(town: Trial) -> None:
    """RFC 6531: SMTPUTF8 is asked for, and receipt and answer go to the address as it is."""
    out = town.deliver(_written_by_juergen(town))
    town.answer(forward_to(out, BAU), ANSWER)
    taken = town.city.wire.accepted
    to_him = [parse(raw) for _, who, raw in taken if who == JUERGEN]
    assert [mail["X-Mailflow-Kind"] for mail in to_him] == ["acknowledgement", "combined-answer"]
    assert {who for _, who, _ in taken} == {JUERGEN, BAU}
    town.judge()


def test_row_18_a_refused_null_path_costs_no_other_mail(town: Trial, sink: Sink) -> None:
    """Where the server takes any other sender, the refusal is the mail's own, and is told."""
    begun = town.city.now
    sink.senders = {"<>": "550 5.1.8 null sender refused"}
    town.write("Stand", ONE_OFFICE)
    town.city.work()
    assert [who for _, who, _ in sink.accepted] == [BAU, MANAGER]
    assert town.city.store.outbox_waiting() == 0
    town.judge(alert="550 5.1.8", since=begun)


def test_row_18_a_mail_too_large_fails_by_itself(town: Trial, sink: Sink) -> None:
    """A server's 552 is said of the bytes, not of the sender: the next mail goes out."""
    begun = town.city.now
    sink.replies = ["552 5.3.4 message too big"]
    town.write("Stand", ONE_OFFICE)
    assert COMPANY in {who for _, who, _ in sink.accepted}
    assert BAU not in {who for _, who, _ in sink.accepted}
    assert town.city.store.outbox_waiting() == 0
    town.judge(alert="552 5.3.4", since=begun)


class NoHttp(socketserver.StreamRequestHandler):
    """What stands before an identity provider and answers in its place, in no HTTP."""

    def handle(self) -> None:
        """Say something."""
        self.request.recv(4000)
        self.wfile.write(b"upstream connect error\r\n\r\n")


def test_row_19_an_identity_provider_that_speaks_no_http_gives_no_mail_up(
    town: Trial, sink: Sink
) -> None:
    """For two hours no login, by an exception nobody foresaw: all waits, nothing is unsure."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), NoHttp) as provider:
        Thread(target=provider.serve_forever, daemon=True).start()
        settings = Smtp(
            host="127.0.0.1",
            port=sink.port,
            security="none",
            user="kam@stadt.example.org",
            password=SecretStr("geheim"),
            token_url=f"http://127.0.0.1:{provider.server_address[1]}/token",
            client_id="x",
            scope="y",
        )
        with submission_module.Submission(settings, RECEIPT) as line:
            connect(town, sink, line)
            town.write("Stand", ONE_OFFICE)
            for _ in range(4):
                town.city.wait(minutes=31)
                town.city.work()
        provider.shutdown()
    assert sink.accepted == []
    with sink.submission() as line:
        connect(town, sink, line)
        town.city.wait(minutes=2)
        out = town.city.work()
    assert sorted(str(mail["X-Mailflow-Kind"]) for mail in out) == [
        "acknowledgement",
        "alert",
        "forward",
    ]
    town.judge(alert="speaks no HTTP: BadStatusLine")


def test_row_19_what_nobody_foresaw_is_recorded_and_is_no_sending(
    town: Trial, caplog: pytest.LogCaptureFixture
) -> None:
    """A mail on which sending fails by an exception waits by the schedule; the others go."""
    city, wire = town.city, town.city.wire
    city.dispatch._submission = wire
    send = wire.send

    def failing(*words: Any, **more: Any) -> Outcome:
        if words[1] == BAU:
            raise RuntimeError("of nobody's making")
        return send(*words, **more)

    wire.send = failing  # type: ignore[method-assign]
    assert of_kind(town.write("Stand", ONE_OFFICE), "acknowledgement")
    for _ in range(3):
        city.wait(minutes=31)
        assert city.work() == []
    assert "could not be tried" in caplog.text
    wire.send = send  # type: ignore[method-assign]
    city.wait(minutes=31)
    assert len(of_kind(city.work(), "forward")) == 1
    town.judge()


def test_row_19_an_outage_is_told_within_five_minutes_in_one_piece(
    town: Trial, caplog: pytest.LogCaptureFixture
) -> None:
    """Two short ones are lines in the log; whatever the server takes or refuses ends one."""
    city, wire = town.city, town.city.wire
    city.dispatch._submission = wire
    wire.outcomes = [Deferred("421 closing", server=True)]
    town.write("Stand", ONE_OFFICE)
    told = []
    for minutes, server in [(3, True), (1, False), (2, True), (3, True), (1, True)]:
        city.wait(minutes=minutes)
        wire.outcomes = [Deferred("421 closing", server=True)]
        if not server:
            wire.outcomes = [Deferred("451 busy"), Deferred("451 busy")]
        city.dispatch.send_due()
        told.append("alert submission" in caplog.text)
    assert told == [False, False, False, False, True]
    city.wait(minutes=5)
    town.judge()


def test_row_27_every_attempt_is_a_sign_of_life(town: Trial) -> None:
    """A long backlog at a slow server is no hang: each mail's beginning and end is told."""
    told: list[int] = []
    town.city.dispatch.after_each = lambda: told.append(len(town.city.wire.accepted))
    town.write("Stand", ONE_OFFICE)
    assert told == [0, 1, 1, 2]
    town.judge()


def dsn(recipient: str, message_id: str) -> bytes:
    """Write what a server writes that could not deliver."""
    return (
        "From: MAILER-DAEMON@mx.example.org\r\nTo: unternehmen@stadt.example.org\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n"
        f"Message-ID: <dsn.{hash(message_id)}@mx.example.org>\r\nMIME-Version: 1.0\r\n"
        "Return-Path: <>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThe mail could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n"
        "--b--\r\n"
    ).encode()


def test_row_20_a_bounced_forward_opens_no_ticket_and_echoes_nothing(town: Trial) -> None:
    """faveo#150 made tickets of bounces; here it is bound to our mail and the deputy is asked."""
    out = town.write("Stand", ONE_OFFICE)
    (again,) = town.deliver(dsn(BAU, forward_to(out, BAU)["Message-ID"]))
    assert again["To"].addresses[0].addr_spec == "bauaufsicht-vertretung@stadt.example.org"
    assert len(town.city.store.references()) == 1
    town.judge()


def test_row_21_a_forged_bounce_is_an_event_without_effect(town: Trial) -> None:
    """A report that quotes no Message-ID of ours, made up or cut short, moves nothing."""
    out = town.write("Stand", ONE_OFFICE)
    real = str(forward_to(out, BAU)["Message-ID"])
    for forged in ("<mailflow.forged@stadt.example.org>", real[:-22] + ">", "<x@y.example>"):
        assert town.deliver(dsn(BAU, forged)) == []
    assert town.city.ticket().current()[0].state == "asked"
    town.judge()


def stripped(mail: EmailMessage, echo: int) -> bytes:
    """Give a mail as a careless autoresponder sends it back: nothing tells what it is."""
    text = f"Vielen Dank für Ihre Nachricht ({echo}).\n\n{body_of(mail)}"
    return letter(f"Ihre Anfrage {echo}", text, sender=COMPANY, to=CENTRAL)


def test_row_23_an_autoresponder_that_hides_gets_no_endless_echo(town: Trial) -> None:
    """FreeScout#3670, #2486 (5,000), #4143 (8,000 in a night): endless. Here a few echoes."""
    out = town.write("Stand", ONE_OFFICE)
    echoes = 0
    for number in range(40):
        company = [mail for mail in out if mail["To"].addresses[0].addr_spec == COMPANY]
        if not company:
            break
        echoes += len(company)
        out = [mail for each in company for mail in town.deliver(stripped(each, number))]
    assert echoes <= 2
    town.judge()


def test_row_24_our_own_mail_back_by_copy_opens_no_ticket(town: Trial) -> None:
    """zammad#2923: the central address in Cc made tickets of its own mails. Here: events."""
    out = town.write("Stand", ONE_OFFICE)
    for mail in out:
        assert town.deliver(mail.as_bytes()) == []
    assert len(town.city.store.references()) == 1
    town.judge()


def test_row_26_a_forged_sender_is_never_acknowledged(town: Trial) -> None:
    """Zendesk 2025 relayed spam by its receipts: no receipt where authentication failed.

    No office works for it either, until the manager says so.
    """
    town.city.deciding._authserv_ids = ("mx.stadt.example.org",)
    mail = town.inquiry(
        "Stand",
        ONE_OFFICE,
        Authentication_Results="mx.stadt.example.org; dmarc=fail header.from=montage.example",
    )
    assert town.deliver(mail) == []
    (item,) = town.city.reporting.digest().pending
    assert "nicht geschickt hat" in item.reason
    town.city.wait(days=1)
    vouched = (
        b"Authentication-Results: mx.stadt.example.org; dmarc=pass header.from=stadt.example.org"
    )
    order = reply_to(digest_of(town.city), f"{item.reference} neu")
    assert of_kind(town.deliver(vouched + b"\r\n" + order), "forward")
    town.judge()


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_row_52_a_refused_login_leaks_no_password(
    town: Trial, caplog: pytest.LogCaptureFixture
) -> None:
    """FreeScout GHSA-7wcq-2qmv-mvcm: the password is in no log, row, response or mail."""
    secret = "Geheimes-Kennwort-4711"
    with Sink(login=LoginPassword(b"kam", b"another")) as strict, caplog.at_level(logging.DEBUG):
        line = strict.submission("kam", secret)
        connect(town, strict, line)
        town.write("Stand", ONE_OFFICE)
        outcome = line.send("", COMPANY, b"x", receipt=False)
    assert isinstance(outcome, Deferred)
    assert outcome.server
    assert secret not in caplog.text
    assert secret not in repr(outcome)
    raw = (town.city.store.engine.url.database or "").encode()
    with open(raw, "rb") as database:  # noqa: PTH123 - the path is bytes
        assert secret.encode() not in database.read()
    assert town.city.store.outbox_waiting() == 2
    town.judge(way_out_shut=True)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_row_52_a_password_beyond_ascii_logs_in(town: Trial) -> None:
    """A password with an umlaut is one like others: every mail failed for good with it."""
    login = LoginPassword(b"kam", "geheimß".encode())
    with Sink(login=login) as strict, strict.submission("kam", "geheimß") as line:
        connect(town, strict, line)
        town.write("Stand", ONE_OFFICE)
    assert {who for _, who, _ in strict.accepted} == {COMPANY, BAU}
    town.judge()


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_row_52_a_password_that_cannot_be_sent_is_blamed_on_no_mail(town: Trial) -> None:
    """A server without AUTH PLAIN cannot take it: everything waits, and no letter of it is told."""
    login = LoginPassword(b"kam", "geheimß".encode())
    with (
        Sink(login=login, without_auth=("PLAIN",)) as strict,
        strict.submission("kam", "geheimß") as line,
    ):
        connect(town, strict, line)
        town.write("Stand", ONE_OFFICE)
        outcome = line.send(CENTRAL, COMPANY, b"x", receipt=False)
        with pytest.raises(submission_module.SubmissionRefusedError, match="beyond ASCII") as told:
            line.check(CENTRAL, COMPANY)
    assert isinstance(outcome, Deferred)
    assert outcome.server
    assert "ß" not in str(told.value) + outcome.response
    assert town.city.store.outbox_waiting() == 2
    assert town.city.ticket().holds == ()
    town.judge(way_out_shut=True)


def test_row_53_a_smuggled_end_of_data_is_one_mail(sink: Sink) -> None:
    """CVE-2023-51764: LF.LF in a body must not end the mail and begin a forged one."""
    smuggled = "Die Antwort.\n.\nMAIL FROM:<x@y.example>\r.\r\nRCPT TO:<z@y.example>"
    sink.accepted.clear()
    line = sink.submission()
    raw = b"Subject: x\n\n" + smuggled.encode() + b"\n.\n\r.\r\nEnde\r\n"
    line.send(CENTRAL, COMPANY, raw, receipt=False)
    line.close()
    assert len(sink.accepted) == 1
    assert parse(sink.accepted[0][2]).get_content().rstrip().endswith("Ende")


def test_row_15_a_server_away_for_six_hours_costs_nothing_but_time(town: Trial) -> None:
    """The line is down for six hours: everything drains afterwards, and goes out once."""
    with Sink() as away:
        line = away.submission()
        connect(town, away, line)
    for number in range(5):
        town.write(f"Stand {number}", ONE_OFFICE, f"post@firma{number}.example")
    for _ in range(12):
        town.city.wait(minutes=30)
        assert town.city.work() == []
    with Sink(port=away.port, accepted=away.accepted, receipts=away.receipts):
        town.city.wait(minutes=2)
        town.city.work()
        line.close()
    assert [who for _, who, _ in away.accepted].count(MANAGER) == 1
    assert len(away.accepted) == 11
    town.judge(alert="keine ausgehenden Mails angenommen: Connection refused")
