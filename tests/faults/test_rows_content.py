"""Rows of the fault matrix about what is in a mail: broken, huge, hostile."""

import io
import logging
import os
import re
import socket
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from sqlalchemy.exc import OperationalError

from mailflow.compose import Composer, TemplateError
from mailflow.core.ticket import TicketState
from mailflow.logs import set_up_logging
from mailflow.reading.worker import Reader
from mailflow.shipped import template_directories
from mailflow.store import Store
from tests.faults.databases import on_both
from tests.faults.trial import BAU, Trial, letter
from tests.faults.verdict import words_of
from tests.flow.city import (
    CENTRAL,
    COMPANY,
    ONE_OFFICE,
    TWO_OFFICES,
    again,
    body_of,
    digest_of,
    forward_to,
    of_kind,
    parse,
    reply_to,
    to_of,
)
from tests.real.clamd import EICAR, real_clamd

MAILS = Path(__file__).parents[1] / "mail"
RLO = "\u202e"


@pytest.fixture
def guarded(town: Trial) -> Iterator[Trial]:
    """Give a city that reads mails as the service does: in a process of its own, with limits."""
    with Reader() as reader:
        town.city.deciding._reader = reader
        yield town


def test_row_29_poison_blocks_nothing(guarded: Trial) -> None:
    """zammad#1877, #2754, osTicket#6710: one broken mail stopped the queue. Here it never does."""
    for path in sorted(MAILS.glob("*.eml")):
        guarded.post(guarded.manifest.mark(path.read_bytes(), copies=2))
    for raw in (b"", b"\x00" * 2000, b"\r\n" * 500, b"From: " + b"(" * 3000 + b"\r\n\r\nx"):
        guarded.post(guarded.manifest.mark(raw))
    guarded.city.work()
    out = guarded.write("Stand", ONE_OFFICE)
    assert of_kind(out, "forward")
    guarded.judge()


def test_row_29_a_mail_that_kills_its_reader_is_quarantined(town: Trial) -> None:
    """The reading process dies over one mail: that mail is set aside, the next one is read."""
    with Reader(seconds=2, memory=200 * 1024 * 1024) as reader:
        town.city.deciding._reader = reader
        town.post(town.manifest.mark(b"Subject: big\r\n\r\n" + b"a" * 150_000_000))
        town.post(town.inquiry("Stand", ONE_OFFICE))
        out = town.city.work()
        assert of_kind(out, "forward")
        assert town.city.reporting.digest().counts_total.quarantined == 1
        town.judge()


def test_row_30_an_oversize_mail_waits_for_the_manager_and_blocks_nothing(guarded: Trial) -> None:
    """Zammad skipped it and reported an error each run. Here 60 MB block nothing."""
    mail = guarded.inquiry("Stand unseres Antrags auf Nutzungsänderung", ONE_OFFICE)
    guarded.post(mail + b"x" * 60_000_000)
    guarded.post(guarded.inquiry("Stand", ONE_OFFICE, "post@zweite.example"))
    out = guarded.city.work()
    assert [to_of(each) for each in of_kind(out, "forward")] == [BAU]
    assert guarded.city.reporting.digest().counts_total.held == 1
    guarded.judge()


def _cost_of(town: Trial, work: Callable[[], object]) -> float:
    """Give the seconds of the processor that this process and the one that reads take for it.

    The one that reads must live on. Time by the clock would judge the machine, which does other
    things beside this.
    """
    reader = town.city.deciding._reader
    assert isinstance(reader, Reader)
    reader.read(b"")  # it has started
    worker = reader._worker
    assert worker
    begun = _processor_time(worker.pid)
    work()
    assert reader._worker is worker
    return _processor_time(worker.pid) - begun


def _processor_time(reading: int) -> float:
    fields = Path(f"/proc/{reading}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() + sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def nested(depth: int) -> bytes:
    """Write a mail of multiparts in multiparts."""
    parts = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n)
        for n in range(depth)
    )
    head = b"From: Tief <post@tief.example>\r\nSubject: tief\r\nMessage-ID: <tief@tief.example>\r\n"
    return head + parts + b"Content-Type: text/plain\r\n\r\nBitte um Nutzungs\xc3\xa4nderung"


@pytest.mark.parametrize(
    "raw",
    [
        nested(5000),
        b"From: a@tief.example\r\nSubject: x\r\n"
        + b"Content-Type: message/rfc822\r\n\r\n" * 5000
        + b"tief",
    ],
    ids=["multipart", "rfc822"],
)
def test_row_31_depth_is_cut_not_followed(guarded: Trial, raw: bytes) -> None:
    """Dovecot CVE-2020-12100 fell into nested parts. Here the depth is cut, in two seconds."""
    assert _cost_of(guarded, lambda: guarded.deliver(raw)) < 2
    assert guarded.city.reporting.digest().counts_total.quarantined == 0
    assert of_kind(guarded.write("Stand", ONE_OFFICE), "forward")
    guarded.judge()


def test_row_32_twenty_thousand_addresses_and_endless_headers_are_capped(guarded: Trial) -> None:
    """Dovecot CVE-2024-23184 and -23185: headers ate the processor. Here they are capped.

    Of 60,000 addresses 50,000 are read, of three megabytes of headers one; 50 MB wait for the
    manager, the others are letters. To read any of them takes two seconds at most.
    """
    many, more = (
        b"To: " + b",\r\n ".join(b"%d@a.b" % n for n in range(count)) for count in (20_000, 60_000)
    )
    endless = b"\r\n".join(b"X-%d: %042d" % (n, n) for n in range(1_000_000))
    assert len(endless) > 50_000_000
    mails = [
        b"From: A <post@viele%d.example>\r\nSubject: viele\r\n%b\r\n\r\nHallo\r\n" % each
        for each in enumerate((many, more, endless[:3_000_000], endless))
    ]
    reader = guarded.city.deciding._reader
    read: list[Any] = []
    for mail in mails:
        cost = _cost_of(guarded, lambda: read.append(reader.read(mail)))  # noqa: B023 - done by then
        assert cost < 2
    assert [len(each.to) for each in read] == [20_000, 50_000, 0, 0]
    cut = ["headers" in " ".join(each.problems) for each in read]
    assert cut == [False, False, True, True]
    for mail in mails:
        guarded.post(guarded.manifest.mark(mail))
    guarded.city.work()
    counts = guarded.city.reporting.digest().counts_total
    assert (counts.tickets, counts.held, counts.quarantined) == (3, 1, 0)
    assert of_kind(guarded.write("Stand", ONE_OFFICE), "forward")
    guarded.judge()


ODD = {
    "unknown": b"Content-Type: text/plain; charset=x-unknown\r\n\r\nGr\xfc\xdfe zur Halle",
    "utf7": b"Content-Type: text/plain; charset=utf-7\r\n\r\nGr+APwA3w-e zur Halle",
    "nul": b"Content-Type: text/plain; charset=utf-8\r\n\r\nHal\x00le 4\x00",
    "surrogate": b"Content-Type: text/plain; charset=utf-8\r\n\r\nHalle \xed\xa0\x80 4",
}


@pytest.mark.parametrize("name", ODD)
def test_row_33_odd_charsets_and_nul_are_kept(town: Trial, name: str) -> None:
    """FreeScout#5159: a NUL ended in a database error. Here the words are kept."""
    head = b"From: post@odd.example\r\nSubject: Halle\r\nMessage-ID: <odd@odd.example>\r\n"
    town.deliver(head + ODD[name])
    assert town.city.ticket().letters[0].text.startswith(("Gr", "Hal"))
    town.judge()


def _same_id(subject: str, text: str, **more: str) -> bytes:
    """Write a mail with a Message-ID that another bears as well."""
    head, _, tail = letter(subject, text, **more).partition(b"<letter.")
    return head + b"<same@sender.example>" + tail.partition(b">")[2]


@on_both
def test_row_34_a_reused_message_id_loses_no_mail(town: Trial) -> None:
    """FreeScout marks it as seen and returns. Here the second waits, flagged, for one word."""
    for text in ("Wie ist der Stand zu Halle 4?", "Wie ist der Stand zu Halle 5?"):
        town.deliver(_same_id("Stand", text), company=COMPANY)
    (item,) = [each for each in town.city.reporting.digest().pending if each.company == COMPANY]
    assert "derselben Message-ID" in item.reason
    town.deliver(reply_to(digest_of(town.city), f"{item.reference} neu"))
    assert len(town.city.store.references(("triage", "consulting"))) == 2
    town.judge()


def test_row_34_one_mail_by_two_ways_is_answered_once(town: Trial) -> None:
    """A gateway marks the subject of one of the two: the words are the same, the bytes are not."""
    first = town.deliver(_same_id("Stand", ONE_OFFICE), company=COMPANY)
    assert len(of_kind(first, "forward")) == 1
    assert town.deliver(_same_id("[EXTERN] Stand", ONE_OFFICE), company=COMPANY) == []
    town.judge()


def test_row_34_a_message_id_binds_nobody_else(town: Trial) -> None:
    """Who knows a Message-ID cannot keep its owner's mail waiting by using it first."""
    thief = "dieb@evil.example"
    town.deliver(_same_id("Vorab", "Wie spät ist es?", sender=thief), company=thief)
    assert of_kind(town.deliver(_same_id("Stand", ONE_OFFICE), company=COMPANY), "forward")
    town.judge()


_ADDED = (
    b"List-Unsubscribe: <mailto:x@stadt.example.org>\r\nPrecedence: bulk\r\n",
    b"X-Autoreply: yes\r\n",
    b"X-OTRS-Loop: yes\r\n",
    b"X-Failed-Recipients: a@b.example\r\n",
)


@pytest.mark.parametrize("added", _ADDED)
def test_row_34_what_a_list_or_filter_made_a_machines_is_read_when_it_comes_directly(
    town: Trial, added: bytes
) -> None:
    """The added header made it an event; the same mail without it is the first one read, once."""
    raw = town.inquiry("Stand", ONE_OFFICE)
    assert [town.deliver(added + raw) for _ in range(2)] == [[], []]
    forward = forward_to(town.deliver(raw), BAU)
    assert [town.deliver(mail) for mail in (raw, added + raw)] == [[], []]
    answer = town.manifest.mark(reply_to(forward, "Die Genehmigung kommt im Juni.", quote=False))
    # with a token of its own, an answer through a list is a person's: the null path is a machine's
    assert town.deliver(b"Return-Path: <>\r\n" + added + answer) == []
    assert of_kind(town.deliver(answer), "combined-answer")
    assert town.deliver(answer) == []
    town.manifest.delivered["t1"], town.manifest.delivered["t2"] = 5, 3
    town.judge()


def test_row_34_what_waits_as_perhaps_a_circular_is_settled_by_its_direct_copy(town: Trial) -> None:
    """The manager has nothing to decide any more; had he dropped it, it would stay dropped."""
    raw, other = (town.inquiry(subject, ONE_OFFICE) for subject in ("Stand", "Lage"))
    for mail in (raw, other):
        assert town.deliver(b"Precedence: bulk\r\n" + mail) == []
    digest, (item, second) = digest_of(town.city), town.city.reporting.digest().pending
    assert town.deliver(b"Precedence: bulk\r\n" + raw) == []
    assert forward_to(town.deliver(raw), BAU)
    assert [each.reference for each in town.city.reporting.digest().pending] == [second.reference]
    town.deliver(reply_to(digest, f"{second.reference} verwerfen"))
    assert [town.deliver(mail) for mail in (raw, other)] == [[], []]
    assert item.reference not in town.city.store.references(tuple(TicketState))
    town.manifest.delivered["t1"], town.manifest.delivered["t2"] = 4, 2
    town.judge()


def test_row_34_an_order_through_a_list_is_carried_out_once(town: Trial) -> None:
    """It is an event of a bulk mail, and was read all the same: its double orders nothing."""
    town.write("Umnutzung", TWO_OFFICES)
    reference = town.city.ticket().reference
    digest = digest_of(town.city)
    orders = [
        town.manifest.mark(reply_to(digest, f"{reference} {word} tiefbau"))
        for word in ("an", "ohne")
    ]
    for order in orders:
        assert of_kind(town.deliver(b"Precedence: bulk\r\n" + order), "notice")
    assert town.deliver(orders[0]) == []
    asked = {part.office_id for part in town.city.ticket().current() if part.state.is_open}
    assert asked == {"bauaufsicht", "umwelt"}
    town.manifest.delivered["t2"] = 2
    town.judge()


@pytest.mark.parametrize("way", ["by hand", "by a gateway"])
def test_row_34_what_came_out_of_quarantine_is_not_let_out_once_more(
    town: Trial, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """``mailflow again`` leaves the copy in quarantine that was read when it came once more."""
    raw = town.inquiry("Stand", ONE_OFFICE)
    with monkeypatch.context() as faulty:
        faulty.setattr(Composer, "compose_all", Mock(side_effect=TemplateError("faulty")))
        assert town.deliver(raw) == []
    if way == "by hand":
        town.city.mailbox.folders["Quarantine"].mails.clear()
    town.city.wait(hours=1)
    assert of_kind(town.deliver(raw), "forward")
    assert [again(town.city, sender) for sender in ("", COMPANY)] == [0, 0]
    assert town.city.work() == []
    town.manifest.delivered["t1"] = 2
    town.judge()


def test_row_34_a_copy_that_was_no_more_than_a_machines_keeps_nothing_in_quarantine(
    town: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has read either of them: the one in quarantine is decided when it is let out."""
    raw = town.inquiry("Stand", ONE_OFFICE)
    with monkeypatch.context() as faulty:
        faulty.setattr(Composer, "compose_all", Mock(side_effect=TemplateError("faulty")))
        assert town.deliver(raw) == []
    assert town.deliver(_ADDED[0] + raw) == []
    assert again(town.city) == 1
    assert of_kind(town.city.work(), "forward")
    assert town.deliver(raw) == []
    town.manifest.delivered["t1"] = 3
    town.judge()


@pytest.mark.parametrize(
    "piece", ["On a at b ", "> ", "Am 1.1. schrieb ", "-----", "_" * 40, "<a@b.c> ", "\u00a0\u200b"]
)
def test_row_35_a_body_made_to_stop_the_quote_finder_does_not(guarded: Trial, piece: str) -> None:
    """talon#168, crisp#39: " on … at …" held the queue. Here each costs less than two seconds.

    On a slow machine four times the body may take longer, but not sixteen times as long.
    """
    small, large = (
        letter("Stand", piece * count, sender=f"post@redos{count}.example")
        for count in (10_000, 40_000)
    )
    quarter = _cost_of(guarded, lambda: guarded.deliver(small))
    assert _cost_of(guarded, lambda: guarded.deliver(large)) < max(2, 8 * quarter)
    assert of_kind(guarded.write("Stand", ONE_OFFICE), "forward")
    guarded.judge()


@on_both
def test_row_38_a_broken_template_holds_its_mail_only(town: Trial, tmp_path: Path) -> None:
    """zulip#780: one undefined name stopped the digest for all. Here that mail waits, alone."""
    own = tmp_path / "own"
    own.mkdir()
    shipped = template_directories(None)[0]
    for name in ("acknowledgement.de.txt", "acknowledgement.de.html"):
        if (shipped / name).exists():
            (own / name).write_text("Subject: x\n\n{{ nothing_of_that_name.at_all }}\n")
    composer, broken = town.city.deciding._composer, _composer(town, own)
    town.city.deciding._composer = broken
    town.write("Stand", ONE_OFFICE)
    (text,) = [each for each in town.city.reporting.digest().failures if "Vorlage" in each]
    assert "nothing_of_that_name" in text
    town.city.deciding._composer = composer
    assert of_kind(town.write("Stand", ONE_OFFICE, "post@zweite.example"), "forward")
    town.judge()


def test_row_38_what_fails_on_every_mail_is_told_at_once(
    town: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A template or mailflow itself fails: one alert a day and cause, and one for each danger."""
    gas = "In unserer Halle riecht es stark nach Gas, zwei Leute sind umgekippt!"
    causes: list[Exception] = [TemplateError("template forward.de.txt, line 3: x"), LookupError()]
    told = []
    for cause in causes:
        monkeypatch.setattr("mailflow.deciding.decide", _raising(cause))
        for number in range(2):
            told += town.write("Stand", ONE_OFFICE, f"post@firma{number}.example")
            told += town.write("Gasgeruch", gas, f"post@werk{number}{len(told)}.example")
    texts = [" ".join(body_of(mail).split()) for mail in told]
    assert [mail["X-Mailflow-Kind"] for mail in told] == ["alert"] * 6
    assert ["forward.de.txt" in text for text in texts].count(True) == 3
    assert ["LookupError" in text for text in texts].count(True) == 3
    assert ["riecht es stark nach Gas" in text for text in texts].count(True) == 4
    town.city.wait(days=1)
    (again,) = town.write("Stand", ONE_OFFICE)
    assert "ließ sich nicht bearbeiten" in " ".join(str(again["Subject"]).split())
    town.judge(alert="Quarantäne")


def test_row_38_a_failure_that_cannot_be_told_is_told_at_the_next_try(
    town: Trial, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The database goes away before the alert is stored: the mail is not set aside unsaid."""
    away = OperationalError("insert", {}, Exception("away"))
    monkeypatch.setattr("mailflow.deciding.decide", _raising(LookupError()))
    with monkeypatch.context() as patch:
        patch.setattr(Store, "apply", _raising(away))
        with pytest.raises(OperationalError):
            town.write("Stand", ONE_OFFICE)
    (alert,) = town.city.work()
    assert alert["X-Mailflow-Kind"] == "alert"
    monkeypatch.setattr(Composer, "compose_all", _raising(TemplateError("alert.de.txt")))
    assert town.write("Stand", ONE_OFFICE) == []
    assert "cannot be told of mail" in caplog.text
    town.judge(alert="LookupError")


def _raising(error: Exception) -> Callable[..., Any]:
    def fail(*_: object) -> None:
        raise error

    return fail


def _composer(town: Trial, own: Path) -> Composer:
    return Composer(
        central_address=CENTRAL,
        central_name="KAM",
        plus_addressing=True,
        keyring=town.city.policy.keyring,
        timezone=town.city.policy.zone,
        template_directories=template_directories(own),
    )


_POLYGLOT = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}${7*7}javascript:/*"


def test_row_46_markup_is_shown_never_run(town: Trial) -> None:
    """Zammad CVE-2018-1000154, FreeScout CVE-2026-32754: markup in a subject ran. Here it shows."""
    text = f"Bitte um Stand der Nutzungsänderung.\n\n{_POLYGLOT}\n\nSabine Muster"
    out = town.write(_POLYGLOT, text)
    further = "Hallo, " + text.replace("Nutzungsänderung", "Sache")
    out += town.write("Eine Frage " + _POLYGLOT, further)
    mails = [*out, digest_of(town.city)]
    pages = pages_of(mails)
    assert {kind for kind, _ in pages} == {"acknowledgement", "forward", "digest"}
    assert {kind for kind, html in pages if "&lt;script" in html} >= {"forward", "digest"}
    for _, html in pages:
        assert "<script" not in html.casefold()
        assert "<img" not in html.casefold()
    for mail in mails:
        subject = re.sub(r"\[#.*?\]|KAM-\S+", "", str(mail["Subject"]))  # a reference may bear it
        assert "49" not in subject
    town.judge()


def pages_of(mails: list[EmailMessage]) -> list[tuple[str, str]]:
    """Give the kind and the HTML of each mail; all of mailflow's mails to people have one."""
    found = []
    for mail in mails:
        page = mail.get_body(("html",))
        assert page is not None
        found.append((str(mail["X-Mailflow-Kind"]), str(page.get_content())))
    return found


@contextmanager
def watched() -> Iterator[list[str]]:
    """Note every connection and name look-up while it lasts; SQLite and files are neither."""
    seen: list[str] = []
    active = [True]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if active and event in {"socket.connect", "socket.getaddrinfo", "urllib.Request"}:
            seen.append(f"{event} {arguments}")

    sys.addaudithook(hook)
    try:
        yield seen
    finally:
        active.clear()


_LOADING = (
    '<img src="http://169.254.169.254/latest"><img src="php://filter/x">'
    '<link rel=stylesheet href="//evil.example/x.css"><body background="http://evil.example/b">'
    '<iframe src="file:///etc/passwd"></iframe>'
)


class _Page(HTMLParser):
    """What a mail program makes of a page: what it shows, and what it would load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.shown, self.loads = "", ["url()"] * html.casefold().count("url(")
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag fetches."""
        fetched = [name for name, _ in attrs if name in {"src", "srcset", "background", "data"}]
        self.loads += [f"{tag} {name}" for name in fetched]
        if tag in {"link", "iframe", "object", "script"}:
            self.loads.append(tag)

    def handle_data(self, data: str) -> None:
        """Note what is read."""
        self.shown += data


@pytest.mark.parametrize("where", ["page", "words"])
def test_row_47_nothing_outside_is_ever_fetched(town: Trial, where: str) -> None:
    """OsTicket CVE-2026-22200, CVE-2020-24881: an image in a mail made the server fetch.

    Neither mailflow fetches anything, nor whoever reads its mails: markup that stands in the words
    is shown.
    """
    html = EmailMessage()
    words = _LOADING if where == "words" else ""
    html["From"], html["To"], html["Message-ID"] = COMPANY, CENTRAL, "<bild@montage.example>"
    html["Subject"] = f"Nutzungsänderung{words}"
    html.set_content(f"Wie ist der Stand? {words}")
    html.add_alternative(f"<p>Nutzungsänderung?</p>{_LOADING}", subtype="html")
    with watched() as seen:
        out = town.deliver(html.as_bytes(policy=SMTP), company=COMPANY)
        digest = digest_of(town.city)
    assert seen == []
    pages = {kind: _Page(html) for kind, html in pages_of([*out, digest])}
    assert pages.keys() == {"acknowledgement", "forward", "digest"}
    assert {kind: page.loads for kind, page in pages.items() if page.loads} == {}
    assert (_LOADING in pages["forward"].shown) == bool(words)
    assert (_LOADING[:20] in pages["acknowledgement"].shown) == bool(words)
    town.judge()


def named(name: str) -> bytes:
    """Write a mail with a file of this name, every byte of it encoded (RFC 2231)."""
    message = parse(letter("Stand", ONE_OFFICE))
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="NAME")
    quoted = "".join(f"%{byte:02X}" for byte in name.encode())
    return message.as_bytes(policy=SMTP).replace(
        b'filename="NAME"', f"filename*=utf-8''{quoted}".encode()
    )


@pytest.mark.parametrize(
    ("name", "arrives"),
    [
        ("../../etc/passwd", "passwd"),
        ("\u200b.htaccess", "htaccess"),
        (f"Plan{RLO}gpj.pdf", "Plangpj.pdf"),
        ("a\r\nBcc: x@y.example.pdf", "a Bcc_ x@y.example.pdf"),
        ("C:\\Windows\\plan.pdf", "plan.pdf"),
        ("." * 300, "attachment.pdf"),
        ("CON", "_CON"),
        ("\x1b[31mrot.pdf", "[31mrot.pdf"),
    ],
)
def test_row_48_an_attachment_name_is_only_a_name(town: Trial, name: str, arrives: str) -> None:
    """FreeScout CVE-2026-28289: a name took over the server. Here it is cleaned, then judged."""
    forward = forward_to(town.deliver(named(name), company=COMPANY), BAU)
    assert [part.get_filename() for part in forward.iter_attachments()] == [arrives]
    assert forward["Bcc"] is None
    town.judge()


def test_row_48_a_name_without_end_fits_into_a_file_system(town: Trial) -> None:
    """A name of a thousand letters keeps its ending and has 255 bytes at most, as a file may."""
    forward = forward_to(town.deliver(named("ä" * 1000 + ".pdf"), company=COMPANY), BAU)
    (given,) = [str(part.get_filename()) for part in forward.iter_attachments()]
    assert given.startswith("ä" * 50)
    assert given.endswith("ä.pdf")
    assert len(given.encode()) <= 255
    town.judge()


def test_row_48_a_program_behind_a_turned_name_is_held(town: Trial) -> None:
    """A name that reads ``Planexe.pdf`` and ends in ``.exe``: no office gets it, and it shows."""
    raw = named(f"Plan{RLO}fdp.exe")
    out = town.deliver(raw, company=COMPANY)
    forward = forward_to(out, BAU)
    assert [part.get_filename() for part in forward.iter_attachments()] == []
    (hold,) = town.city.ticket().holds
    assert hold.reason == "attachment"
    assert "Planfdp.exe" in hold.text
    town.judge()


@contextmanager
def clamd(answer: bytes) -> Iterator[str]:
    """Give the address of a scanner that always says the same; b"" hangs up instead."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve() -> None:
            while True:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                with line:
                    while chunk := line.recv(65536):
                        if chunk.endswith(b"\0\0\0\0"):
                            break
                    line.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def with_zip(raw: bytes) -> bytes:
    """Attach a zip that unpacks to a gigabyte of nothing."""
    message = parse(raw)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        for number in range(10):
            bomb.writestr(f"{number}.bin", bytes(10_000_000))
    message.add_attachment(
        packed.getvalue(), maintype="application", subtype="zip", filename="plan.zip"
    )
    return message.as_bytes(policy=SMTP)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (b"stream: Eicar-Test-Signature FOUND\0", "quarantined"),
        (b"stream: OK\0", "tickets"),
        (b"", "held"),
        (b"INSTREAM size limit exceeded. ERROR\0", "held"),
    ],
)
def test_row_49_the_scanner_fails_closed_and_nothing_is_unpacked(
    town: Trial, answer: bytes, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """42.zip, EICAR, clamd down or over its limit: what is not surely clean is not passed on."""
    raw = with_zip(letter("Stand", ONE_OFFICE))
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with clamd(answer) as address:
        town.city.deciding._scanner = address
        town.deliver(raw, company=COMPANY)
    assert getattr(town.city.reporting.digest().counts_total, state) == 1
    town.judge()


def test_row_49_a_real_scanner_finds_eicar_and_lets_other_files_pass(town: Trial) -> None:
    """Clamd takes the mail as mailflow hands it over, and finds what is encoded in it."""
    infected = _with_file(letter("Stand", ONE_OFFICE), EICAR.encode())
    clean = _with_file(letter("Stand 2", ONE_OFFICE), b"%PDF-1.7 Lageplan")
    with real_clamd() as address:
        town.city.deciding._scanner = address
        town.deliver(infected, company=COMPANY)
        out = town.deliver(clean, company=COMPANY)
    counts = town.city.reporting.digest().counts_total
    assert (counts.quarantined, counts.tickets) == (1, 1)
    assert [each.get_filename() for each in forward_to(out, BAU).iter_attachments()] == ["plan.pdf"]
    town.judge()


def _with_file(raw: bytes, data: bytes) -> bytes:
    message = parse(raw)
    message.add_attachment(data, maintype="application", subtype="pdf", filename="plan.pdf")
    return message.as_bytes(policy=SMTP)


@pytest.mark.parametrize("where", ["subject", "name", "text"])
def test_row_50_no_header_and_no_log_line_can_be_forged(
    town: Trial, where: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """OsTicket took a recipient out of a user's name. Here an encoded line break breaks nothing."""
    trick = "=?utf-8?q?x=0D=0ABcc=3A_opfer=40evil=2Eexample=0D=0A=1B[31m?="
    body = ONE_OFFICE + ("\r\nBcc: opfer@evil.example\x1b[31m" if where == "text" else "")
    raw = letter("SUBJECT", body, sender="NAME")
    name, subject = ("Sabine", trick) if where == "subject" else (trick, "Stand")
    raw = raw.replace(b"SUBJECT", subject.encode())
    raw = raw.replace(b"From: NAME", f"From: {name} <{COMPANY}>".encode())
    set_up_logging(verbose=True)
    try:
        out = town.deliver(raw, company=COMPANY)
        mails = [*out, digest_of(town.city)]
    finally:
        logging.getLogger("mailflow").handlers[:] = []
        logging.getLogger("mailflow").propagate = True
    for mail in mails:
        assert mail["Bcc"] is None
        assert "\x1b" not in " ".join(words_of(mail))
    assert {who for _, who, _ in town.city.wire.accepted} <= {
        COMPANY, BAU, "kam-leitung@stadt.example.org",
    }  # fmt: skip
    log = capfd.readouterr().err
    assert "\x1b" not in log
    assert not any(line.startswith("Bcc") for line in log.splitlines())
    town.judge()


def test_row_51_what_looks_like_another_is_shown_as_it_is(town: Trial) -> None:
    """U+202E turns a name round, a Cyrillic domain passes for Latin: stripped, and punycode."""
    raw = letter("Stand", ONE_OFFICE, sender="NAME")
    spoof = f'"{RLO}gro.tdats@rhi" <chef@xn--pypal-4ve.example>'.encode()
    out = town.deliver(raw.replace(b"From: NAME", b"From: " + spoof))
    mails = [*out, digest_of(town.city)]
    for mail in mails:
        assert RLO not in " ".join(words_of(mail)) + str(mail["To"])
    shown = body_of(forward_to(mails, BAU))
    assert "xn--pypal-4ve.example" in shown
    town.judge()


def test_row_51_a_foreign_letter_in_a_domain_is_seen_by_the_office(town: Trial) -> None:
    """A company's domain with a Cyrillic letter, sent raw: the forward shows ``xn--``."""
    raw = letter("Stand", ONE_OFFICE, sender="NAME").replace(
        b"From: NAME", "From: Chef <chef@pаypal.example>".encode()
    )
    out = town.deliver(raw, company="chef@xn--pypal-4ve.example")
    shown = body_of(forward_to(out, BAU))
    assert "chef@xn--pypal-4ve.example" in shown
    assert "pаypal" not in shown
    town.judge()


def test_row_51_a_foreign_letter_in_an_offices_domain_is_seen_by_the_manager(town: Trial) -> None:
    """Who forges an office by a Cyrillic letter is held, and the digest shows the forgery."""
    forward = forward_to(town.write("Stand", ONE_OFFICE), BAU)
    forged = reply_to(forward, "Ist erteilt.", sender="NAME").replace(
        b"From: NAME", "From: bauaufsicht@stаdt.example.org".encode()
    )
    assert town.deliver(forged) == []
    (hold,) = town.city.ticket().holds
    assert hold.reason == "sender"
    assert "bauaufsicht@xn--stdt-63d.example.org" in hold.text
    shown = body_of(digest_of(town.city))
    assert "bauaufsicht@xn--stdt-63d.example.org" in shown
    assert "stаdt" not in shown
    town.judge()


def test_row_51_an_honest_domain_with_umlauts_goes_on_working(town: Trial) -> None:
    """Mails from either spelling are one company's; what goes to it goes to the DNS's spelling."""
    head, _, tail = letter("Stand", ONE_OFFICE, sender="NAME").partition(b"From: NAME")
    raw = head + "From: Jo Müller <jo@Müller-Bau.example>".encode() + tail
    out = town.deliver(raw, company="jo@xn--mller-bau-q9a.example")
    (ack,) = of_kind(out, "acknowledgement")
    assert to_of(ack) == "jo@xn--mller-bau-q9a.example"
    raw = reply_to(ack, "Die Halle ist nun doch größer, und zwar um NUMBER Meter.", sender="NAME")
    for number, who in enumerate(("jo@müller-bau.example", "ina@xn--mller-bau-q9a.example")):
        joined = raw.replace(b"From: NAME", f"From: {who}".encode())
        joined = joined.replace(b"<letter.", f"<letter.{number}.".encode())
        joined = joined.replace(b"NUMBER", (b"zwei", b"drei")[number])
        assert of_kind(town.deliver(joined, company="jo@xn--mller-bau-q9a.example"), "forward")
    (answer,) = of_kind(town.answer(forward_to(out, BAU), "Ja, erteilt."), "combined-answer")
    assert to_of(answer) == "jo@xn--mller-bau-q9a.example"
    assert town.city.ticket().state == "answered"
    town.judge()
