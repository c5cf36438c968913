"""The private servers are what the other tests take them for."""

import itertools
import os
import select
import shutil
import smtplib
import ssl
import subprocess
import sys
import threading
from email import message_from_bytes
from pathlib import Path

import psycopg
import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from tests.real import processes
from tests.real.postgres import PostgresServer
from tests.real.servers import MailWorld

CITY = "unternehmen@stadt.example.org"
COMPANY = "chefin@firma.example.com"
OFFICE = "bauaufsicht@stadt.example.org"
RAW = b"From: chefin@firma.example.com\r\nSubject: Anfrage\r\n\r\nGuten Tag\r\n"


def test_a_delivered_mail_lies_in_the_mailbox(mail_world: MailWorld) -> None:
    """LMTP delivery reaches the mailbox behind a plus address, and nobody else's."""
    mail_world.deliver(RAW, "Unternehmen+7k3q@stadt.example.org")
    (mail,) = mail_world.mails(CITY)
    assert mail.endswith(RAW)
    assert mail_world.mails(COMPANY) == []


def test_every_test_begins_without_mail(mail_world: MailWorld) -> None:
    """`reset` forgets the mail of the test before, whichever that was."""
    mail_world.deliver(RAW, CITY)
    mail_world.reset()
    assert mail_world.mails(CITY) == []


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_imap_speaks_tls(mail_world: MailWorld, security: str) -> None:
    """IMAPS and STARTTLS work for a client that verifies the certificate and the host name."""
    port = mail_world.ports.imaps if security == "tls" else mail_world.ports.imap
    tls = mail_world.tls()
    with IMAPClient("localhost", port, ssl=security == "tls", ssl_context=tls, timeout=5) as client:
        if security == "starttls":
            client.starttls(tls)
        client.login(CITY, mail_world.password)
        assert client.select_folder("INBOX")[b"EXISTS"] == 0


def test_a_client_that_does_not_know_the_certificate_refuses_it(mail_world: MailWorld) -> None:
    """The certificate is trusted by `ca_file` only: a test for TLS can fail."""
    stranger = ssl.create_default_context()
    with pytest.raises(ssl.SSLCertVerificationError):
        IMAPClient("localhost", mail_world.ports.imaps, ssl_context=stranger, timeout=5)


def test_a_wrong_password_is_refused_at_once(mail_world: MailWorld) -> None:
    """Dovecot refuses it, without delaying the logins after it."""
    with (
        IMAPClient("localhost", mail_world.ports.imap, ssl=False, timeout=5) as client,
        pytest.raises(LoginError),
    ):
        client.login(CITY, "falsch")
    assert mail_world.mails(CITY) == []


def test_idle_wakes_on_delivery(mail_world: MailWorld) -> None:
    """A client waiting in IDLE hears of a mail well before any poll."""
    with mail_world.client(CITY) as client:
        client.select_folder("INBOX")
        client.idle()
        threading.Timer(0.05, mail_world.deliver, [RAW, CITY]).start()
        heard = select.select([client.socket()], [], [], 10)[0]
        client.idle_done()
    assert heard


def test_submitted_mail_arrives(mail_world: MailWorld) -> None:
    """SMTP, MTA and LMTP lead into the mailbox, with the sender in Return-Path."""
    mail_world.submit(RAW, CITY, COMPANY)
    mail = message_from_bytes(mail_world.wait_for(CITY))
    assert mail["Return-Path"] == f"<{COMPANY}>"


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_submission_wants_tls_and_login(mail_world: MailWorld, security: str) -> None:
    """The submission ports take mail from who logged in under TLS, and from nobody else."""
    tls = mail_world.tls()
    smtp: smtplib.SMTP
    if security == "tls":
        port = mail_world.ports.submissions
        smtp = smtplib.SMTP_SSL("localhost", port, "localhost", context=tls, timeout=10)
    else:
        smtp = smtplib.SMTP("localhost", mail_world.ports.submission, "localhost", timeout=10)
    with smtp:
        if security == "starttls":
            smtp.starttls(context=tls)
        with pytest.raises((smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused)):
            smtp.sendmail(COMPANY, [CITY], RAW)
        smtp.login(CITY, mail_world.password)
        smtp.sendmail(COMPANY, [CITY], RAW)
    assert mail_world.wait_for(CITY)


@pytest.mark.parametrize(("local", "code"), [("unknown", 550), ("busy", 450), ("full", 452)])
def test_names_say_who_is_refused(mail_world: MailWorld, local: str, code: int) -> None:
    """The special local parts get their codes at RCPT."""
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        mail_world.submit(RAW, f"{local}.amt@stadt.example.org")
    assert [reply[0] for reply in refused.value.recipients.values()] == [code]


def test_a_ghost_yields_a_genuine_bounce(mail_world: MailWorld) -> None:
    """Postfix accepts the mail, Dovecot refuses it, and the sender gets an RFC 3464 report."""
    if mail_world.mta != "postfix":
        pytest.skip("only Postfix writes bounces, and it needs root")
    mail_world.make_ghosts(OFFICE)
    mail_world.submit(RAW, OFFICE, COMPANY)
    bounce = message_from_bytes(mail_world.wait_for(COMPANY))
    assert (bounce["Return-Path"], bounce.get_content_type()) == ("<>", "multipart/report")
    assert b"Final-Recipient: rfc822; bauaufsicht@stadt.example.org" in bytes(bounce)
    mail_world.reset()
    mail_world.deliver(RAW, OFFICE)
    assert mail_world.mails(OFFICE)


def test_dovecot_dies_and_comes_back_with_the_mail(mail_world: MailWorld) -> None:
    """A killed Dovecot breaks every session; started again, it has all it had accepted."""
    mail_world.deliver(RAW, CITY)
    with mail_world.client(CITY) as client:
        client.select_folder("INBOX")
        client.idle()
        mail_world.kill_dovecot()
        with pytest.raises((OSError, client.AbortError)):
            client.idle_done()
        mail_world.start_dovecot()
        assert len(mail_world.mails(CITY)) == 1


def test_a_dovecot_killed_at_its_index_leaves_no_lock(mail_world: MailWorld) -> None:
    """What a killed Dovecot was just locking keeps nobody waiting after the next start."""
    mail_world.deliver(RAW, CITY)
    folder = mail_world.mail_folder(CITY)
    (folder / "dovecot.list.index.log").unlink(missing_ok=True)
    (folder / "dovecot.list.index.log.newlock").touch()
    mail_world.kill_dovecot()
    mail_world.start_dovecot()
    assert len(mail_world.mails(CITY)) == 1


@pytest.mark.parametrize("mta", ["relay", "postfix"])
def test_what_the_mta_delivers_twice_was_taken_once(mta: str) -> None:
    """A mail that lies there twice under one number is one; the same mail sent twice is two."""
    if mta == "postfix" and os.geteuid() != 0:
        pytest.skip("Postfix needs root")
    with MailWorld(mta=mta) as world:
        world.submit(RAW, CITY)
        world.wait_for(CITY)
        (file,) = world.mail_folder(CITY).glob("[cn][ue][rw]/*")
        shutil.copy2(file, world.mail_folder(CITY) / "new" / "1700000000.M1.host")
        shutil.chown(file.parent.parent / "new" / "1700000000.M1.host", file.owner(), file.group())
        assert (len(world.mails(CITY)), len(world.taken(CITY))) == (2, 1)
        world.submit(RAW, CITY)
        world.wait_for(CITY, lambda _: len(world.mails(CITY)) == 3)
        assert len(world.taken(CITY)) == 2


@pytest.mark.parametrize("mta", ["relay", "postfix"])
def test_a_mail_to_two_reaches_each_of_them_once(mta: str) -> None:
    """One SMTP transaction with two recipients, as ours with its receipt: a copy for each."""
    if mta == "postfix" and os.geteuid() != 0:
        pytest.skip("Postfix needs root")
    with MailWorld(mta=mta) as world, smtplib.SMTP(world.host, world.ports.smtp) as smtp:
        assert smtp.sendmail(COMPANY, [CITY, OFFICE], RAW) == {}
        for reader in (CITY, OFFICE):
            world.wait_for(reader)
            assert len(world.mails(reader)) == 1


def test_sessions_can_be_broken_while_the_server_stays(mail_world: MailWorld) -> None:
    """`kill_imap_sessions` ends connections; the next login works."""
    with mail_world.client(CITY) as client:
        assert mail_world.kill_imap_sessions() > 0
        with pytest.raises((OSError, client.AbortError)):
            client.noop()
    assert mail_world.mails(CITY) == []


def test_a_frozen_server_answers_again_when_thawed(mail_world: MailWorld) -> None:
    """While Dovecot is frozen a client's read times out; afterwards all is well."""
    with mail_world.client(CITY) as client:
        client.socket().settimeout(0.1)
        mail_world.freeze_dovecot()
        with pytest.raises(TimeoutError):
            client.noop()
        mail_world.thaw_dovecot()
    assert mail_world.mails(CITY) == []


def test_uidvalidity_changes_and_the_mails_stay(mail_world: MailWorld) -> None:
    """A lost index gives a folder another UIDVALIDITY, with the same mails in it."""
    mail_world.deliver(RAW, CITY)
    with mail_world.client(CITY) as client:
        before = client.select_folder("INBOX")[b"UIDVALIDITY"]
    mail_world.change_uidvalidity(CITY)
    with mail_world.client(CITY) as client:
        after = client.select_folder("INBOX")[b"UIDVALIDITY"]
    assert before != after
    assert len(mail_world.mails(CITY)) == 1


def test_a_quota_refuses_what_does_not_fit() -> None:
    """A mail world with a quota refuses a mail beyond it, and says so in its reply."""
    with MailWorld(quota="1k") as world, pytest.raises(smtplib.SMTPDataError) as refused:
        world.deliver(RAW + b"x" * 5000, CITY)
    assert "uota" in str(refused.value.smtp_error)


def test_every_database_begins_empty(postgres: PostgresServer) -> None:
    """Two databases on one server know nothing of each other, and are gone afterwards."""
    with postgres.database() as one, postgres.database() as two:
        with psycopg.connect(one) as connection:
            connection.execute("CREATE TABLE ticket (reference text)")
            connection.execute("INSERT INTO ticket VALUES ('Größe')")
        with psycopg.connect(two) as connection:
            tables = "SELECT count(*) FROM pg_tables WHERE tablename = 'ticket'"
            assert connection.execute(tables).fetchone() == (0,)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(one)


def test_committed_rows_survive_a_killed_database(
    postgres: PostgresServer, postgres_url: str
) -> None:
    """After SIGKILL and a new start, what was committed is there."""
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE ticket (reference text)")
    postgres.kill()
    postgres.start()
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT count(*) FROM ticket").fetchone() == (0,)


UNPRIVILEGED = """
import os, pwd
import psycopg
from tests.real import processes
from tests.real.postgres import PostgresServer
from tests.real.servers import MailWorld

def story():
    with MailWorld(mta="relay") as world:
        world.submit(b"Subject: Anfrage\\r\\n\\r\\n", "unternehmen@stadt.example.org")
        world.wait_for("unternehmen@stadt.example.org")
        world.kill_dovecot()
        world.start_dovecot()
        assert world.mails("unternehmen@stadt.example.org")
    with PostgresServer() as server, server.database() as url:
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)

if os.geteuid() == 0:
    story()  # imports all it needs: where Python is root's own, nobody cannot read it
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)
story()
print("all well as", os.geteuid())
"""


def test_the_servers_need_no_root() -> None:
    """The same worlds run for an ordinary user, with the relay in Postfix' place."""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", UNPRIVILEGED],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.startswith("all well as "), done.stderr
    assert "Warning" not in done.stderr
    assert not done.stdout.endswith(" 0\n")


PICK = """
import sys
from tests.real import processes
processes._candidates = iter([int(sys.argv[1])])
processes.free_port()
"""


def test_two_processes_never_get_one_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that another process has picked is passed over, even while nothing listens on it."""
    monkeypatch.setattr(processes, "_candidates", itertools.count(31_000))
    words = [sys.executable, "-c", PICK, str(processes.free_port())]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert "itertools.count ended" in done.stderr


def test_nothing_is_left_when_a_world_ends() -> None:
    """No process and no file of a mail world outlives it."""
    with MailWorld() as world:
        home = world.home
        world.deliver(RAW, CITY)
    assert not home.exists()
    assert not _processes_mentioning(str(home))


def _processes_mentioning(word: str) -> list[str]:
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = command.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if word in text and command.parent.name != str(os.getpid()):
            found.append(text)
    return found
