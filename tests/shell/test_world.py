"""The embedded mail world behaves like mail servers, as far as mailflow relies on them."""

import gc
import select
import smtplib
import threading
import time
from collections.abc import Iterator

import pytest
from imapclient import IMAPClient

from mailflow.demo.world import World, mailbox_of

CITY = "unternehmen@stadt.example.org"
COMPANY = "chefin@firma.example.com"
RAW = b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\n.\xff\x00\r\nbare\nLF\r\n"


@pytest.fixture
def world() -> Iterator[World]:
    """Two mailboxes, started and stopped for one test."""
    with World({CITY: "geheim", COMPANY: "firma"}) as running:
        yield running


@pytest.fixture
def client(world: World) -> Iterator[IMAPClient]:
    """The city's mailbox, logged in and selected."""
    with IMAPClient(world.host, world.imap_port, ssl=False, timeout=5) as imap:
        imap.login(CITY, "geheim")
        imap.select_folder("INBOX")
        yield imap


def test_delivery_keeps_every_byte(world: World, client: IMAPClient) -> None:
    """A delivered mail is fetched over IMAP exactly as it was, odd bytes included."""
    world.deliver(RAW, CITY)
    (uid,) = client.search(["UID", "1:*"])
    assert client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"] == RAW
    assert world.mails(CITY) == [RAW]


def test_a_submitted_mail_reaches_every_recipient_by_its_plus_address(world: World) -> None:
    """SMTP delivers to the mailbox behind a plus address, with the trace of the last hop on top."""
    with smtplib.SMTP(world.host, world.smtp_port, timeout=5, local_hostname="localhost") as smtp:
        smtp.sendmail("", [CITY.replace("@", "+7k3q@"), COMPANY.upper()], RAW)
    (mail,) = world.mails(CITY)
    trace = b"Return-Path: <>\r\nDelivered-To: unternehmen+7k3q@stadt.example.org\r\n"
    assert mail.startswith(trace)
    assert world.mails(COMPANY)


def test_a_recipient_without_mailbox_is_refused(world: World) -> None:
    """The world relays nothing: an address nobody has gets 550 at RCPT."""
    with (
        smtplib.SMTP(world.host, world.smtp_port, timeout=5, local_hostname="localhost") as smtp,
        pytest.raises(smtplib.SMTPRecipientsRefused) as refused,
    ):
        smtp.sendmail(CITY, ["niemand@firma.example.com"], RAW)
    assert refused.value.recipients["niemand@firma.example.com"][0] == 550


def test_a_wrong_password_is_refused(world: World) -> None:
    """Only the user's own password opens a mailbox."""
    with (
        IMAPClient(world.host, world.imap_port, ssl=False, timeout=5) as imap,
        pytest.raises(Exception, match=r"(?i)invalid"),
    ):
        imap.login(CITY, "firma")


def test_idle_ends_when_a_mail_arrives(world: World, client: IMAPClient) -> None:
    """A client waiting in IDLE hears of a delivery at once."""
    client.idle()
    threading.Timer(0.05, world.deliver, [RAW, CITY]).start()
    # not idle_check: it stumbles over a response that comes in two pieces
    select.select([client.socket()], [], [], 5)
    _, heard = client.idle_done()
    assert (1, b"EXISTS") in heard


def test_a_moved_mail_lies_in_the_other_folder_only(world: World, client: IMAPClient) -> None:
    """MOVE takes a mail out of the INBOX into a folder the client made."""
    world.deliver(RAW, CITY)
    client.create_folder("Processed")
    client.move(client.search(["ALL"]), "Processed")
    assert (world.mails(CITY), world.mails(CITY, "Processed")) == ([], [RAW])
    assert world.arrived(CITY) == [RAW]


def test_waiting_finds_mails_before_and_after(world: World) -> None:
    """`wait_for` gives a mail that came before the call, or the one that comes during it."""
    world.deliver(RAW, CITY)
    assert world.wait_for(CITY, lambda raw: b"bare" in raw) == RAW
    threading.Timer(0.05, world.deliver, [b"later", CITY]).start()
    assert world.wait_for(CITY, lambda raw: raw == b"later") == b"later"


def test_waiting_in_vain_names_what_did_arrive(world: World) -> None:
    """The TimeoutError shows the subjects, so that a broken story explains itself."""
    world.deliver(b"Subject: etwas anderes\r\n\r\n", CITY)
    with pytest.raises(TimeoutError, match="etwas anderes"):
        world.wait_for(CITY, lambda _: False, timeout=0.01)


def test_sessions_survive_garbage_collection(client: IMAPClient) -> None:
    """A connection outlives the collector (Python 3.13 dropped pymap's own tasks)."""
    for _ in range(3):
        gc.collect()
        time.sleep(0.01)
        client.noop()
    assert client.folder_status("INBOX", ["MESSAGES"]) == {b"MESSAGES": 0}


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [("A@B.example", "a@b.example"), ("<a+x+y@b>", "a@b"), ('"a@b"@c', '"a@b"@c')],
)
def test_plus_details_do_not_change_the_mailbox(address: str, mailbox: str) -> None:
    """Case, brackets and plus details lead to the same mailbox."""
    assert mailbox_of(address) == mailbox
