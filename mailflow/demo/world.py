"""A whole mail world inside the process: SMTP submission in front of IMAP mailboxes.

Both servers (aiosmtpd, pymap's dict backend) run in one event loop in one background thread, on
free loopback ports, and forget everything when they stop. It is for the demo and for tests that
want speed; the reference for tests is a real Dovecot.
"""

import asyncio
from argparse import Namespace
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, closing, suppress
from datetime import UTC, datetime
from email import message_from_bytes
from threading import Condition, Thread
from types import TracebackType
from typing import Self, TypeVar
from uuid import uuid4

from aiosmtpd.smtp import SMTP, Envelope, Session
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import Config, Identity, Login
from pymap.concurrent import Subsystem
from pymap.context import connection_exit
from pymap.imap import IMAPConnection
from pymap.imap.state import ConnectionState
from pymap.parsing.command.select import SearchCommand
from pymap.parsing.message import AppendMessage
from pymap.parsing.response import CommandResponse
from pymap.parsing.specials import FetchRequirement
from pymap.selected import SelectedMailbox
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

from mailflow.core.address import without_tag

HOST = "127.0.0.1"
START_SECONDS = 10
"""How long the servers may take to listen, and to stop; both take milliseconds."""
SIZE_LIMIT = 50 * 1024 * 1024
"""The largest mail accepted over SMTP, in bytes."""

Result = TypeVar("Result")


def mailbox_of(address: str) -> str:
    """Give the mailbox an address belongs to: lower case, without its plus detail.

    >>> mailbox_of("Stadt+7k3q@Example.org")
    'stadt@example.org'
    """
    return without_tag(address.strip().strip("<>")).lower()


class World:
    """The mailboxes of everybody in the story, with the servers in front of them.

    `users` maps each address to its IMAP password. Inside the `with` block, `imap_port` speaks
    plain IMAP (login by address and password) and `smtp_port` takes mail without login for every
    user, plus addresses included; other recipients are refused with 550, as RFC 5321 §3.6.2 has
    it for a server that relays nothing.
    """

    def __init__(self, users: Mapping[str, str]) -> None:
        self.host = HOST
        self.imap_port = 0
        self.smtp_port = 0
        self._users = {mailbox_of(address): password for address, password in users.items()}
        self._arrived: dict[str, list[bytes]] = {user: [] for user in self._users}
        self._arrival = Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="mail world", daemon=True)
        self._servers: list[asyncio.Server] = []
        self._login: Login | None = None

    def __enter__(self) -> Self:
        """Start both servers; both answer when this returns."""
        self._thread.start()
        try:
            self._run(self._start())
        except BaseException:
            self._stop_thread()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hang up on every client, stop both servers and forget all mail."""
        try:
            self._run(self._stop())
        finally:
            self._stop_thread()

    def deliver(self, raw: bytes, recipient: str) -> None:
        """Put `raw`, byte for byte, into the INBOX of `recipient`.

        Raises KeyError for an address nobody here has.
        """
        self._run(self._deliver(raw, mailbox_of(recipient)))

    def mails(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """Give the raw mails now in a folder of `user`, oldest first; an absent folder is empty.

        Raises KeyError for an address nobody here has.
        """
        return self._run(self._mails(mailbox_of(user), folder))

    def arrived(self, user: str) -> list[bytes]:
        """Give every raw mail ever delivered to `user`, in order, wherever it lies by now."""
        with self._arrival:
            return list(self._arrived[mailbox_of(user)])

    def wait_for(self, user: str, predicate: Callable[[bytes], bool], timeout: float = 10) -> bytes:
        """Give the first mail ever delivered to `user` that fits, waiting for it if need be.

        `timeout` is in seconds. Raises TimeoutError, naming the subjects that did arrive.
        """
        arrived = self._arrived[mailbox_of(user)]

        def fitting() -> bytes | None:
            return next((raw for raw in arrived if predicate(raw)), None)

        with self._arrival:
            found = self._arrival.wait_for(fitting, timeout)
            subjects = [_subject(raw) for raw in arrived]
        if found is None:
            raise TimeoutError(f"no such mail for {user} in {timeout} s; arrived: {subjects}")
        return found

    def reply_to(self, recipient: str) -> str:
        """Give what the SMTP server replies to a recipient: whoever has a mailbox is taken."""
        if mailbox_of(recipient) not in self._users:
            return f"550 5.1.1 <{recipient}> has no mailbox here"
        return "250 2.1.5 OK"

    def _run(self, work: Coroutine[object, object, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(START_SECONDS)

    async def _start(self) -> None:
        config = _configuration()
        self._login = Login(config)
        for user, password in self._users.items():
            await self._identity(user).set(UserMetadata(config, user, password=password))
        imap = _ImapClients(self._login, config)
        smtp = _Submission(self.reply_to, self._deliver)
        await self._listen(
            await asyncio.start_server(imap, HOST, 0),
            await self._loop.create_server(lambda: _smtp_protocol(smtp, self._loop), HOST, 0),
        )

    async def _listen(self, imap: asyncio.Server, smtp: asyncio.Server) -> None:
        self._servers = [imap, smtp]
        self.imap_port, self.smtp_port = (
            server.sockets[0].getsockname()[1] for server in self._servers
        )

    async def _stop(self) -> None:
        for server in self._servers:
            server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)  # closed transports report to their protocols in the next round

    def _stop_thread(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_SECONDS)
        self._loop.close()

    def _identity(self, user: str) -> Identity:
        if self._login is None or user not in self._users:
            raise KeyError(user)
        return Identity(user, self._login, None, frozenset())

    async def _deliver(self, raw: bytes, user: str) -> None:
        async with self._identity(user).new_session() as session:
            await session.append_messages("INBOX", [AppendMessage(raw, datetime.now(UTC))])
        with self._arrival:
            self._arrived[user].append(raw)
            self._arrival.notify_all()

    async def _mails(self, user: str, folder: str) -> list[bytes]:
        async with self._identity(user).new_session() as session:
            with suppress(KeyError):
                mailbox = await session.mailbox_set.get_mailbox(folder)
                return [
                    bytes(await message.load_content(FetchRequirement.CONTENT))
                    async for message in mailbox.messages()
                ]
        return []


class _QuietConfig(Config):
    """pymap's configuration with a greeting that asks no name server who we are."""

    @property
    def greeting(self) -> bytes:
        return b"mailflow demo world"


class _SearchSeesAll(ConnectionState):
    """One client's session, in which SEARCH knows the mails that came since the last command.

    pymap takes `*` from what the client was last told of, and so would miss the newest mail.
    """

    async def do_search(self, cmd: SearchCommand) -> tuple[CommandResponse, SelectedMailbox | None]:
        """Search, after a look for new mail."""
        await self.session.check_mailbox(self.selected)
        return await super().do_search(cmd)


class _ImapClients:
    """Serves IMAP clients, holding on to each connection's task until it ends.

    pymap's own IMAPService keeps no reference, so Python 3.13 collects connections in mid-session.
    """

    def __init__(self, login: Login, config: Config) -> None:
        self._login = login
        self._config = config
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = SocketInfo.get(writer, None, unique_id=uuid4().bytes)
        connection = IMAPConnection(self._config.commands, self._config, reader, writer, peer)
        async with AsyncExitStack() as stack:
            connection_exit.set(stack)
            stack.enter_context(closing(connection))
            await connection.run(_SearchSeesAll(self._login, self._config))


class _Submission:
    """The SMTP side: takes what it can deliver and refuses the rest (aiosmtpd's handler)."""

    def __init__(
        self,
        reply_to: Callable[[str], str],
        deliver: Callable[[bytes, str], Coroutine[object, object, None]],
    ) -> None:
        self._reply_to = reply_to
        self._deliver = deliver

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds its hooks by this name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: Sequence[str],
    ) -> str:
        """Say what the world replies to a recipient."""
        reply = self._reply_to(address)
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(  # noqa: N802 - aiosmtpd finds its hooks by this name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Deliver to each recipient, with the trace headers of a last hop (RFC 5321 §4.4)."""
        content = envelope.original_content or b""
        sender = (envelope.mail_from or "").strip("<>")
        for recipient in envelope.rcpt_tos:
            trace = f"Return-Path: <{sender}>\r\nDelivered-To: {recipient}\r\n"
            await self._deliver(trace.encode() + content, mailbox_of(recipient))
        return "250 2.0.0 delivered"


def _smtp_protocol(handler: _Submission, loop: asyncio.AbstractEventLoop) -> SMTP:
    return SMTP(
        handler,
        data_size_limit=SIZE_LIMIT,
        enable_SMTPUTF8=True,
        hostname="localhost",
        loop=loop,
    )


def _configuration() -> Config:
    return _QuietConfig(
        # the command line pymap would have parsed, as far as it looks at it
        Namespace(passlib_cfg=None, proxy_protocol=None),
        host=HOST,
        port=0,
        tls_enabled=False,
        demo_data=False,
        demo_user="",
        demo_password="",
        invalid_user_sleep=0,
        # made-up passwords need no hash, which would cost a second at start
        hash_context=Cleartext(),
        cpu_subsystem=Subsystem.for_asyncio(),
    )


def _subject(raw: bytes) -> str:
    return str(message_from_bytes(raw)["subject"])
