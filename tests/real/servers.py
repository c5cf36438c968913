"""Real mail servers for tests: Dovecot and Postfix, private, on free loopback ports.

Everything lives in one short folder and ends with it. Dovecot never runs as root: where the tests
do, it runs as `nobody`. Postfix needs root for its master; without it a small relay stands in for
it (`relay.py`).
"""

import os
import re
import shutil
import signal
import smtplib
import ssl
import subprocess
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template
from types import TracebackType
from typing import Self

from imapclient import IMAPClient

from tests.real.processes import Account, Server, account, free_port, make_home, remove_home
from tests.real.relay import NAME, RelayPorts

CONF = Path(__file__).parent / "conf"
HOST = "127.0.0.1"
PASSWORD = "geheim"
SBIN = "/usr/sbin"
POSTFIX_MASTER = Path("/usr/lib/postfix/sbin/master")
UNLIMITED = "1T"
_QUEUE_NUMBER = re.compile(
    rb"\bby " + re.escape(NAME.encode()) + rb" \((?:Postfix|relay)\) with \w+ id (\w+)"
)
GHOST_SECONDS = 1.1
"""Dovecot looks at most once a second whether its list of users has changed."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a mail world listens, all on 127.0.0.1."""

    imap: int
    imaps: int
    lmtp: int
    smtp: int
    submission: int
    submissions: int
    tokens: int
    """Where Dovecot asks whether an access token is good (`idp.py`)."""

    @classmethod
    def free(cls) -> Self:
        """Pick ports nobody uses."""
        return cls(*(free_port() for _ in cls.__slots__))


class MailWorld:
    """A Dovecot in which every address has a mailbox, and a Postfix that delivers into it.

    The password is `password` for all. IMAP: `ports.imap` (plain and STARTTLS), `ports.imaps`.
    SMTP: `ports.smtp` (no login, STARTTLS and AUTH offered), `ports.submission` (STARTTLS and
    login required), `ports.submissions` (TLS and login required). LMTP: `ports.lmtp`.
    `ca_file` is the certificate to trust for all of them (localhost, 127.0.0.1).

    Special recipients: local parts beginning `unknown` get 550, `busy` 450 and `full` 452 at RCPT.
    Addresses given to `make_ghosts` are accepted by Postfix and refused by Dovecot, so that the
    sender gets a genuine DSN. `mta` is `postfix`, or `relay` where there is no root; the relay
    refuses ghosts at once. `quota` limits every mailbox (Dovecot's notation: `100k`).
    """

    def __init__(self, *, mta: str = "", quota: str = UNLIMITED) -> None:
        self.host = HOST
        self.password = PASSWORD
        self.mta = mta or ("postfix" if os.geteuid() == 0 else "relay")
        self.ports = Ports.free()
        self._account = account("nobody")
        self.home = make_home("mw", self._account)
        self.ca_file = self.home / "server.crt"
        self._quota = quota
        self._dovecot = self._prepare_dovecot()
        self._mta = self._prepare_postfix() if self.mta == "postfix" else None
        self._relay: RelayPorts | None = None

    def __enter__(self) -> Self:
        """Start both servers; all ports answer when this returns."""
        try:
            self._dovecot.start()
            self.start_mta()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop every process and remove every file."""
        self.stop_mta()
        self._dovecot.stop()
        remove_home(self.home)

    # -- mail in and out -------------------------------------------------------------------

    def deliver(self, raw: bytes, recipient: str, sender: str = "sender@example.com") -> None:
        """Put a mail into the mailbox of `recipient` by LMTP, as an MTA would."""
        with smtplib.LMTP(self.host, self.ports.lmtp, "localhost", timeout=10) as lmtp:
            lmtp.sendmail(sender, [recipient], raw)

    def fill(self, user: str, folder: str, raw: bytes, count: int) -> None:
        """Put a mail many times into a folder of `user`, as links; one more lies in the inbox."""
        self.deliver(raw, user)
        self.wait_for(user)
        first = next(self.mail_folder(user).glob("[cn][ue][rw]/*"))
        target = self.mail_folder(user, folder) / "new"
        owner = target.stat()
        for number in range(count):
            if number % 60_000 == 0:  # ext4 takes 65,000 links to a file
                source = self.home / f"source{number}"
                shutil.copy(first, source)
                if os.geteuid() == 0:
                    os.chown(source, owner.st_uid, owner.st_gid)
            os.link(source, target / f"{1_700_000_000 + number}.M{number}.host")

    def submit(self, raw: bytes, recipient: str, sender: str = "sender@example.com") -> None:
        """Send a mail by SMTP, through the MTA."""
        with smtplib.SMTP(self.host, self.ports.smtp, "localhost", timeout=10) as smtp:
            smtp.sendmail(sender, [recipient], raw)

    def mails(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """Give the raw mails in a folder of `user`, oldest first; an absent folder is empty."""
        with self.client(user) as client:
            if not client.folder_exists(folder):
                return []
            client.select_folder(folder, readonly=True)
            uids = client.search(["ALL"])
            fetched = client.fetch(uids, ["BODY.PEEK[]"]) if uids else {}
            # one that was moved in between is absent
            return [fetched[uid][b"BODY[]"] for uid in uids if uid in fetched]

    def taken(self, user: str) -> list[bytes]:
        """Give the raw mails that the MTA took for `user` and has delivered, oldest first.

        Each once, by the number the MTA gave it: where Dovecot dies between a delivery and its
        reply, the MTA delivers the mail again, and nobody who sent it can know or prevent that.
        """
        found: dict[bytes, bytes] = {}
        for raw in self.mails(user):
            number = _QUEUE_NUMBER.search(raw)
            found.setdefault(number[1] if number else raw, raw)
        return list(found.values())

    def wait_for(
        self,
        user: str,
        predicate: Callable[[bytes], bool] = lambda _: True,
        timeout: float = 15,
        folder: str = "INBOX",
    ) -> bytes:
        """Give the first mail of a folder that fits, waiting up to `timeout` seconds for it.

        Raises TimeoutError, with the MTA's log, when none comes.
        """
        deadline = time.monotonic() + timeout
        while True:
            for raw in self.mails(user, folder):
                if predicate(raw):
                    return raw
            if time.monotonic() > deadline:
                raise TimeoutError(f"no such mail for {user} in {timeout} s\n{self.log()[-2000:]}")
            time.sleep(0.05)

    @contextmanager
    def client(self, user: str) -> Iterator[IMAPClient]:
        """Give a logged-in IMAP client for the mailbox of `user`."""
        with IMAPClient(self.host, self.ports.imap, ssl=False, timeout=10) as client:
            client.login(user, self.password)
            yield client

    def tls(self) -> ssl.SSLContext:
        """Give a client's TLS context that trusts this world only."""
        return ssl.create_default_context(cafile=str(self.ca_file))

    def log(self) -> str:
        """Give what Dovecot and Postfix have logged so far."""
        logs = [self.home / name for name in ("dovecot.log", "postfix.log")]
        return "\n".join(log.read_text(errors="replace") for log in logs if log.exists())

    # -- faults ----------------------------------------------------------------------------

    def make_ghosts(self, *addresses: str) -> None:
        """Let Dovecot know nobody at these addresses from now on, and everybody else."""
        self._write_ghosts(addresses)
        time.sleep(GHOST_SECONDS)

    def _write_ghosts(self, addresses: Collection[str]) -> None:
        path = self.home / "ghosts"
        path.write_text("".join(f"{address.lower()}:x\n" for address in addresses))
        # Dovecot takes a file for changed by its size and its time in whole seconds
        later = path.stat().st_mtime + next(self._ticks)
        os.utime(path, (later, later))
        self._ghosts = bool(addresses)

    def kill_dovecot(self) -> None:
        """End Dovecot with all its sessions at once (SIGKILL).

        Lock files it was just holding are removed: the next Dovecot would wait three minutes for
        a process that is dead before it took them over.
        """
        self._dovecot.kill()
        for lock in (self.home / "mail").rglob("dovecot*lock"):
            lock.unlink(missing_ok=True)

    def stop_dovecot(self) -> None:
        """Stop Dovecot in good order; its clients are told."""
        self._dovecot.stop()

    def start_dovecot(self) -> None:
        """Start Dovecot again, on the same ports and mailboxes; nothing if it runs."""
        if not self._dovecot.running:
            self._dovecot.start()

    def freeze_dovecot(self) -> None:
        """Let Dovecot hang: connections stay open, nothing answers."""
        self._dovecot.signal(signal.SIGSTOP)

    def thaw_dovecot(self) -> None:
        """Let Dovecot go on after `freeze_dovecot`."""
        self._dovecot.signal(signal.SIGCONT)

    def kill_imap_sessions(self) -> int:
        """Break every logged-in IMAP connection while the server stays up; gives how many."""
        return self._dovecot.signal(signal.SIGKILL, only=["imap"])

    def stop_mta(self) -> None:
        """Stop the MTA; connections to it are refused."""
        if self._mta:
            self._mta.stop()
        if self._relay:
            self._relay.stop()
            self._relay = None

    def start_mta(self) -> None:
        """Start the MTA (again), on the same ports."""
        if self._mta:
            self._mta.start()
            return
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.ca_file, self.home / "server.key")
        ports = (self.ports.smtp, self.ports.submission, self.ports.submissions)
        self._relay = RelayPorts(ports, self.ports.lmtp, context, self.password)
        self._relay.start()

    def change_uidvalidity(self, user: str, folder: str = "INBOX", *, bring_back: str = "") -> None:
        """Let a folder lose its index: the mails stay and get new UIDs under a new UIDVALIDITY.

        Dovecot is down meanwhile: a session that lives on with the lost index would go on hiding
        mails from all others. Mails of the folder `bring_back` are moved into this one first:
        nobody sees them there under the old UIDVALIDITY, where they would be new mails.
        """
        self.kill_dovecot()
        path = self.mail_folder(user, folder)
        if bring_back:
            for mail in self.mail_folder(user, bring_back).glob("[cn][ue][rw]/*"):
                mail.rename(path / "new" / mail.name.partition(":")[0])
        for name in (
            "dovecot-uidlist",
            "dovecot.index",
            "dovecot.index.log",
            "dovecot.index.cache",
        ):
            (path / name).unlink(missing_ok=True)
        self.start_dovecot()

    def mail_folder(self, user: str, folder: str = "INBOX") -> Path:
        """Give where a folder of `user` lies as Maildir."""
        local, _, domain = user.lower().rpartition("@")
        root = self.home / "mail" / domain / local / "Maildir"
        return root if folder == "INBOX" else root / f".{folder.replace('/', '.')}"

    def reset(self) -> None:
        """Forget every mail, ghost and fault: as new, for the next test."""
        self.thaw_dovecot()
        self.start_dovecot()
        self.kill_imap_sessions()
        if self._mta:
            self._clear_queue()
        shutil.rmtree(self.home / "mail", ignore_errors=True)
        self._make_mail_root()
        if self._ghosts:
            self.make_ghosts()

    # -- set-up ----------------------------------------------------------------------------

    def _prepare_dovecot(self) -> Server:
        make_certificate(self.ca_file, self.home / "server.key")
        self._ticks = iter(range(1, 1_000_000))
        self._make_mail_root()
        self._write_ghosts(())
        self._configure("oauth2.conf", "oauth2.conf")
        configuration = self._configure(f"dovecot-{dovecot_version()}.conf", "dovecot.conf")
        for file in (configuration, self.home / "server.key"):
            if os.geteuid() == 0:
                os.chown(file, self._account.uid, self._account.gid)
        return Server(
            [f"{SBIN}/dovecot", "-F", "-c", configuration],
            ports=[self.ports.imap, self.ports.imaps, self.ports.lmtp],
            log=self.home / "dovecot.log",
            run_as=self._account,
        )

    def _prepare_postfix(self) -> Server:
        postfix = account("postfix") if os.geteuid() == 0 else self._account
        (self.home / "postfix").mkdir()
        for name in ("main.cf", "master.cf", "refused"):
            self._configure(f"postfix-{name}", f"postfix/{name}")
        make_queue(self.home / "queue", postfix)
        (self.home / "data").mkdir(mode=0o700)
        os.chown(self.home / "data", postfix.uid, postfix.gid)
        return Server(
            [POSTFIX_MASTER, "-d", "-c", self.home / "postfix"],
            ports=[self.ports.smtp, self.ports.submission, self.ports.submissions],
            log=self.home / "postfix.out",
            environment={"MAIL_CONFIG": str(self.home / "postfix")},
        )

    def _configure(self, template: str, target: str) -> Path:
        path = self.home / target
        words = Template((CONF / template).read_text()).substitute(
            home=self.home,
            user=self._account.name,
            group=self._account.group,
            certificate=self.ca_file,
            key=self.home / "server.key",
            ghosts=self.home / "ghosts",
            password=self.password,
            quota=self._quota,
            **{f"{name}_port": getattr(self.ports, name) for name in Ports.__slots__},
        )
        path.write_text(words)
        # Postfix waits two seconds for a main.cf of this moment to settle
        an_hour_ago = time.time() - 3600
        os.utime(path, (an_hour_ago, an_hour_ago))
        return path

    def _make_mail_root(self) -> None:
        root = self.home / "mail"
        root.mkdir(mode=0o755, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(root, self._account.uid, self._account.gid)

    def _clear_queue(self) -> None:
        for folder in ("incoming", "active", "deferred", "defer", "bounce"):
            for path in (self.home / "queue" / folder).rglob("*"):
                if path.is_file():
                    path.unlink(missing_ok=True)


def dovecot_version() -> str:
    """Give the version whose configuration language the installed Dovecot speaks: 2.3 or 2.4."""
    words = subprocess.run(
        [f"{SBIN}/dovecot", "--version"], check=True, capture_output=True, text=True
    ).stdout
    found = re.match(r"2\.(\d+)", words)
    return "2.4" if found and int(found[1]) >= 4 else "2.3"


def make_certificate(certificate: Path, key: Path, name: str = "localhost") -> None:
    """Make a self-signed certificate for a host that a strict client accepts as its CA."""
    subject = ["-subj", f"/CN={name}", "-days", "30", "-nodes"]
    extensions = [
        "-addext",
        f"subjectAltName=DNS:{name},IP:127.0.0.1",
        "-addext",
        "keyUsage=critical,digitalSignature,keyCertSign",
    ]
    algorithm = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(
        ["openssl", "req", "-x509", *algorithm, *files, *subject, *extensions],
        check=True,
        capture_output=True,
    )


def make_queue(queue: Path, postfix: Account) -> None:
    """Make Postfix's queue folders, which its own start script takes two seconds to check."""
    private = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming")
    queue.mkdir(mode=0o755)
    for name in (*private, "private", "saved", "trace"):
        (queue / name).mkdir(mode=0o700)
        os.chown(queue / name, postfix.uid, postfix.gid)
    (queue / "pid").mkdir(mode=0o755)
    for name, mode in (("maildrop", 0o730), ("public", 0o710)):
        (queue / name).mkdir()
        shutil.chown(queue / name, postfix.uid, "postdrop")
        (queue / name).chmod(mode)
