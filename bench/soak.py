"""Hours of mail with a fault a minute: what is lost, what is doubled, what grows.

``python -m bench.soak [--minutes N] [--seed N] [--every SECONDS] [--no-kills]``. The service runs
as its operator runs it, on a real Dovecot; companies write, fifty offices answer, the manager
orders something at the command line with each fault, and what mailflow sends goes to a server in
here that plays them all. Then everything drains, and G is applied.
"""

import argparse
import asyncio
import json
import os
import random
import smtplib
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import func, select, update

from bench.desk import Desk
from bench.memory import leaks, length_of, resident_of, slope_of, unit_environment, unjudged
from mailflow.core.retry import EntryState
from mailflow.schema import mail, outbox
from mailflow.store import Store
from mailflow.store.engine import BUSY_MILLISECONDS, make_engine, reading, writing
from tests.faults.verdict import Manifest, Taken, Witness, canary, parse, verdict
from tests.flow.city import CENTRAL, MANAGER, letter, reply_to
from tests.real.processes import free_port
from tests.real.servers import MailWorld
from tests.real.town import Town

OFFICES = 50
COMPANIES = 3000
REPLIES = 0.3
SLOWEST, FASTEST = 2.0, 20.0
DRAIN_SECONDS = 1800.0
CROWDED = 400
"""With more mails than this in the inbox the load falls to its slowest."""
LOCKED_SECONDS = BUSY_MILLISECONDS / 1000 + 10
"""Whoever wants to write in the first ten of them waits in vain; half a minute is left to heal."""
_LETTERS = "bdfgklmnprst"
_RECEIPT = f"{CENTRAL.partition('@')[0]}+receipt@"
_POISON = (b"", b"\x00" * 3000, b"From: (((\r\nContent-Type: multipart/x; boundary=\r\n\r\n--\r\n")


def subject_of(office: int) -> str:
    """Give the made-up word of which one office knows."""
    first, second = divmod(office, len(_LETTERS))
    return f"sachzeichen{_LETTERS[first]}o{_LETTERS[second]}uq"


def office_address(office: int) -> str:
    """Give an office's address."""
    return f"amt{office:02}@stadt.example.org"


def offices_table() -> str:
    """Give ``offices.toml`` with fifty offices."""
    return "\n".join(
        f'[[office]]\nid = "amt{n:02}"\nname = "Amt {n:02}"\naddress = "{office_address(n)}"\n'
        f'[office.terms.de]\nstrong = ["{subject_of(n)}"]\nweak = []\n'
        for n in range(OFFICES)
    )


@dataclass
class People:
    """Everybody but mailflow: takes what it sends, and remembers what there is to answer."""

    witness: Witness = field(default_factory=Witness)
    forwards: deque[bytes] = field(default_factory=deque)
    receipts: deque[bytes] = field(default_factory=deque)
    accepted: int = 0
    mood: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    async def handle_DATA(  # noqa: N802 - aiosmtpd finds its hooks by this name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take a mail over, or do what the mood says."""
        mood = self.mood
        if mood == "slow":
            await asyncio.sleep(1)
        if mood == "busy":
            return "451 4.3.0 try again later"
        if mood != "drops before":
            await asyncio.to_thread(self._take, envelope)
        if mood.startswith("drops"):
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return "250 2.0.0 taken"

    def _take(self, envelope: Envelope) -> None:
        raw = envelope.original_content or b""
        with self.lock:
            for reader in envelope.rcpt_tos:
                if reader.startswith(_RECEIPT):
                    self.receipts.append(raw)
                    continue
                self.accepted += 1
                self.witness.see(Taken(reader, raw))
                if reader.startswith("amt") and b"X-Mailflow-Kind: forward" in raw:
                    self.forwards.append(raw)


class Post:
    """Delivers into the mailbox as an MTA does: what cannot be delivered now is tried again."""

    def __init__(self, world: MailWorld, manifest: Manifest) -> None:
        self._world = world
        self._manifest = manifest
        self._queue: deque[bytes] = deque()
        self._line: smtplib.LMTP | None = None

    def add(self, raw: bytes) -> None:
        """Put a mail on its way."""
        self._queue.append(raw)

    def work(self) -> bool:
        """Deliver what waits; False when the server cannot take it now."""
        while self._queue:
            try:
                self._deliver(self._queue[0])
            except (OSError, smtplib.SMTPException):
                self.close()
                return False
            self._queue.popleft()
        return True

    def _deliver(self, raw: bytes) -> None:
        if self._line is None:
            self._line = smtplib.LMTP(self._world.host, self._world.ports.lmtp, timeout=5)
            self._line.ehlo()
        begun = False
        try:
            self._line.mail("mta@example.org")
            self._line.rcpt(CENTRAL)
            begun = True
            code, words = self._line.data(raw)
        except (OSError, smtplib.SMTPException):
            if begun:
                self._maybe_twice(raw)
            raise
        if code >= 400:
            raise smtplib.SMTPDataError(code, words)

    def _maybe_twice(self, raw: bytes) -> None:
        """Note that this one may lie there already: an MTA that saw no reply sends again."""
        name = raw.partition(b"X-Test-Id: ")[2].partition(b"\r\n")[0].decode()
        if name in self._manifest.delivered:
            self._manifest.delivered[name] += 1

    def close(self) -> None:
        """Hang up."""
        line, self._line = self._line, None
        if line is not None:
            with suppress(OSError, smtplib.SMTPException):
                line.close()


class Soak:
    """The load, the faults, and the reckoning."""

    def __init__(self, world: MailWorld, folder: Path, words: argparse.Namespace) -> None:
        self._random = random.Random(words.seed)  # noqa: S311 - a seeded play, no secret
        self._minutes = float(words.minutes)
        self._kills = not words.no_kills
        self._every = float(words.every)
        self._world = world
        self.manifest = Manifest()
        self.people = People()
        self.post = Post(world, self.manifest)
        self._port = free_port()
        self._controller = self._server()
        smtp = {"host": "127.0.0.1", "port": self._port, "security": "none", "user": ""}
        self.town = Town(world, folder, {"smtp": smtp | {"receipts": "all"}})
        (folder / "offices.toml").write_text(offices_table())
        self.desk = Desk(self.town, random.Random(words.seed), OFFICES)  # noqa: S311 - a play
        self.faults: Counter[str] = Counter()
        self._memory: list[list[tuple[float, float]]] = []
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._lock = threading.Thread()

    def _server(self) -> Controller:
        return Controller(
            self.people,
            hostname="127.0.0.1",
            port=self._port,
            data_size_limit=0,
            enable_SMTPUTF8=True,
        )

    # the load

    def run(self) -> None:
        """Write for so many minutes, with a fault a minute."""
        self._controller.start()
        self._start()
        begun = time.monotonic()
        end, next_word = begun + self._minutes * 60, begun + 10
        next_fault = begun + min(20.0, self._every)
        rate, next_rate, next_mail = 5.0, begun, begun
        while (now := time.monotonic()) < end:
            if now >= next_rate:
                rate, next_rate = self._random.uniform(SLOWEST, FASTEST), now + 10
                if self._crowd() > CROWDED:
                    rate = SLOWEST
            if now >= next_fault:
                self._fault()
                next_fault = now + self._every
            if now >= next_word:
                self._tell(now - begun)
                next_word = now + 10
            self._do_later(now)
            while next_mail <= now:
                self._write()
                next_mail += 1 / rate
            self._receipts()
            self.post.work()
            time.sleep(0.02)
        self._tell(time.monotonic() - begun)

    def _crowd(self) -> int:
        path = self._world.mail_folder(CENTRAL)
        return sum(len(list(path.glob(f"{part}/*"))) for part in ("cur", "new"))

    def _write(self) -> None:
        with self.people.lock:
            forward = self.people.forwards.popleft() if self.people.forwards else None
        if forward is not None and self._random.random() < REPLIES:
            text = f"Das geht in Ordnung, Zeichen {self._random.randrange(10**6)}."
            self.post.add(self.manifest.mark(reply_to(parse(forward), text)))
            return
        if forward is not None:
            self.people.forwards.appendleft(forward)
        self._inquiry(f"post@firma{self._random.randrange(COMPANIES)}.example")

    def _inquiry(self, company: str) -> None:
        offices = self._random.sample(range(OFFICES), self._random.choice((1, 1, 2)))
        wishes = " und ".join(subject_of(each) for each in offices)
        text = (
            f"Guten Tag,\n\nwir haben als Firma eine Frage zu {wishes}. Unser Zeichen: "
            f"{canary(company)}, Anliegen {self._random.randrange(10**9)}.\n\nMit Gruß\n"
        )
        raw = letter(f"Frage zu {subject_of(offices[0])}", text, sender=company)
        self.post.add(self.manifest.mark(raw, company=company))

    def _receipts(self) -> None:
        while self.people.receipts:
            self.post.add(self.people.receipts.popleft())

    # the faults

    def _fault(self) -> None:
        faults = [
            self.dovecot_dies, self.sessions_die, self.dovecot_freezes, self.uidvalidity_changes,
            self.server_busy, self.server_slow, self.server_away, self.server_drops_after,
            self.server_drops_before, self.database_locked, self.mails_again, self.poison,
            self.storm,
        ]  # fmt: skip
        if self._kills:
            faults += [self.killed, self.killed, self.stopped]
        chosen = self._random.choice(faults)
        self.desk.order()  # in the midst of it
        self.faults[chosen.__name__] += 1
        print(f"        fault: {chosen.__name__}", flush=True)
        chosen()

    def _in(self, seconds: float, then: Callable[[], None]) -> None:
        self._later.append((time.monotonic() + seconds, then))

    def _do_later(self, now: float) -> None:
        due = [each for each in self._later if each[0] <= now]
        self._later = [each for each in self._later if each[0] > now]
        for _, then in due:
            then()

    def _end_faults(self) -> None:
        while self._later:
            self._do_later(time.monotonic() + 3600)

    def _start(self) -> None:
        self._end_faults()  # a service that starts waits for its mailbox, and so would this
        self.town.start()
        self._memory.append([])

    def killed(self) -> None:
        """SIGKILL, and a new start."""
        self.town.kill()
        self._start()

    def stopped(self) -> None:
        """SIGTERM, and a new start."""
        code = self.town.stop()
        if code:
            raise SystemExit(f"the service ended with {code}")
        self._start()

    def dovecot_dies(self) -> None:
        """Let Dovecot be killed and away for five seconds."""
        self._world.kill_dovecot()
        self._in(5, self._world.start_dovecot)

    def sessions_die(self) -> None:
        """Break the IMAP connections."""
        self._world.kill_imap_sessions()

    def dovecot_freezes(self) -> None:
        """Let Dovecot answer nothing for twenty seconds."""
        self._world.freeze_dovecot()
        self._in(20, self._world.thaw_dovecot)

    def uidvalidity_changes(self) -> None:
        """Let the inbox lose its index."""
        self._world.change_uidvalidity(CENTRAL)

    def _mood(self, mood: str, seconds: float) -> None:
        self.people.mood = mood
        self._in(seconds, lambda: setattr(self.people, "mood", ""))

    def server_busy(self) -> None:
        """451 for fifteen seconds."""
        self._mood("busy", 15)

    def server_slow(self) -> None:
        """Let each mail take a second longer, for fifteen seconds."""
        self._mood("slow", 15)

    def server_drops_after(self) -> None:
        """Take mails over and hang up before the reply, for three seconds."""
        self._mood("drops after", 3)

    def server_drops_before(self) -> None:
        """Hang up after the final dot without taking the mail, for three seconds."""
        self._mood("drops before", 3)

    def server_away(self) -> None:
        """Refuse connections for fifteen seconds."""
        self._controller.stop()

        def again() -> None:
            self._controller = self._server()
            self._controller.start()

        self._in(15, again)

    def database_locked(self) -> None:
        """Hold the write lock for ten seconds longer than mailflow waits for it."""

        def hold() -> None:
            with closing(sqlite3.connect(self._database_file(), timeout=30)) as other:
                other.isolation_level = None
                other.execute("BEGIN IMMEDIATE")
                time.sleep(LOCKED_SECONDS)
                other.execute("ROLLBACK")

        self._lock = threading.Thread(target=hold, daemon=True)
        self._lock.start()

    def _database_file(self) -> str:
        return self.town.database.removeprefix("sqlite:///")

    def mails_again(self) -> None:
        """Deliver some mails a second time, as a mailing gateway may."""
        company = f"post@firma{self._random.randrange(COMPANIES)}.example"
        raw = letter("Noch einmal", "Guten Tag, das kommt zweimal.", sender=company)
        marked = self.manifest.mark(raw, company=company, copies=2)
        self.post.add(marked)
        self.post.add(marked)

    def poison(self) -> None:
        """Deliver what cannot be read; each other than all before, or it would be the same mail."""
        for raw in _POISON:
            self.post.add(self.manifest.mark(raw + b"\r\n%d" % self._random.randrange(10**9)))

    def storm(self) -> None:
        """Let one sender write a hundred mails at once."""
        for _ in range(100):
            self._inquiry("post@sturm.example")

    # the reckoning

    def _tell(self, seconds: float) -> None:
        resident = resident_of(self.town.pid)
        if resident:
            self._memory[-1].append((seconds, resident))
        words = f"{len(self.manifest.delivered)} in, {self.people.accepted} out, {resident:.0f} MB"
        print(f"{seconds:6.0f} s: {words}", flush=True)

    def drain(self) -> float:
        """Let everything end; give how long it took, in seconds. Raises TimeoutError."""
        begun = time.monotonic()
        self._end_faults()
        if self._lock.is_alive():
            self._lock.join()  # what is written below would wait in vain as well
        self.desk.rest()
        self._world.thaw_dovecot()
        self._world.start_dovecot()
        self.people.mood = ""
        told, left = 0.0, self._left()
        while True:
            self._receipts()
            arrived = self.post.work()
            left = self._left()
            if arrived and not left:
                return time.monotonic() - begun
            now = time.monotonic()
            if now - begun > DRAIN_SECONDS:
                raise TimeoutError(f"not drained: {left}")
            if now - told > 30:
                told = now
                print(f"        draining: {left}", flush=True)
            if left.keys() == {"unsent"} and not self.people.receipts:
                self._hurry()
            time.sleep(3)

    def _left(self) -> dict[str, int]:
        engine = make_engine(self.town.database)
        try:
            with reading(engine) as connection:
                waiting = (EntryState.QUEUED, EntryState.DEFERRED, EntryState.SENDING)
                unsent = select(func.count()).where(outbox.c.state.in_(waiting))
                undecided = select(func.count()).where(mail.c.outcome.is_(None))
                left = {
                    "unsent": connection.execute(unsent).scalar_one(),
                    "undecided": connection.execute(undecided).scalar_one(),
                }
            left["not filed"] = self.desk.not_filed(engine)
        finally:
            engine.dispose()
        left["in the inbox"] = self.town.lying_in("INBOX")
        return {name: count for name, count in left.items() if count}

    def _hurry(self) -> None:
        """Let the waits of the schedule pass: those for a server, and the half hour for a receipt.

        Every receipt there is has been read by now: the inbox is empty.
        """
        engine = make_engine(self.town.database)
        try:
            with writing(engine) as connection:
                waiting = outbox.c.state.in_((EntryState.DEFERRED, EntryState.SENDING))
                connection.execute(
                    update(outbox).where(waiting).values(next_attempt_at=datetime.now(UTC))
                )
        finally:
            engine.dispose()

    def judge(self) -> tuple[list[str], dict[str, object]]:
        """Give what does not hold, and the figures."""
        code = self.town.stop()
        self.post.close()
        self._controller.stop()
        engine = make_engine(self.town.database)
        try:
            store = Store(engine, CENTRAL)
            found = verdict(store, self.manifest, self.people.witness)
            with reading(engine) as connection:
                rows = connection.execute(
                    select(outbox.c.recipient, outbox.c.message_id, outbox.c.state)
                )
                accepted = {(row[0], row[1]) for row in rows if row[2] == EntryState.ACCEPTED}
            processed = self._world.mail_folder(CENTRAL, "Processed")
            difference = self.desk.not_kept(engine, processed)
        finally:
            engine.dispose()
        taken = {key for key in self.people.witness.ids if key[0] != MANAGER}
        claimed = {(who.lower(), own) for who, own in accepted if who != MANAGER}
        difference += [f"sent, not in the outbox: {each}" for each in taken - claimed]
        difference += [f"accepted, never arrived: {each}" for each in claimed - taken]
        difference += self._ledger()
        faults = [*found]
        if code:
            faults.append(f"the service ended with {code}")
        faults += [
            f"memory grew by {slope_of(life)} MB an hour" for life in self._memory if leaks(life)
        ]
        figures: dict[str, object] = {
            "mails in": sum(self.manifest.delivered.values()),
            "mails out": self.people.accepted,
            "faults": dict(self.faults),
            "orders at the command line": dict(self.desk.done),
            "what was said of those not done": self.desk.said,
            "lost": len(found.lost),
            "doubled": len(found.doubled),
            "ledger difference": len(difference),
            "alerts": len(self.people.witness.alerts),
            "memory, MB at most": round(max(self._resident_sizes(), default=0.0)),
            "memory, MB an hour": slope_of(max(self._memory, key=len, default=[])),
            "longest life, min": round(max(map(length_of, self._memory), default=0.0) / 60, 1),
            "memory slope judged": not self.unjudged(),
        }
        return faults + difference, figures

    def unjudged(self) -> str:
        """Say that the memory's growth could not be judged, and what to do; "" where it was."""
        return unjudged(self._memory, kills=self._kills)

    def _ledger(self) -> list[str]:
        """Say which mails do not lie in the mailbox just as often as they were delivered."""
        kept: Counter[str] = Counter()
        for folder in ("Processed", "Quarantine"):
            path = self._world.mail_folder(CENTRAL, folder)
            for file in (*path.glob("cur/*"), *path.glob("new/*")):
                head = file.read_bytes()[:4000]
                name = head.partition(b"X-Test-Id: ")[2].partition(b"\n")[0].strip().decode()
                if name:
                    kept[name] += 1
        delivered = self.manifest.delivered
        return [f"{n} is not in the mailbox" for n in delivered if not kept[n]] + [
            f"{n} lies there {count} times" for n, count in kept.items() if count > delivered[n]
        ]

    def _resident_sizes(self) -> list[float]:
        return [resident for life in self._memory for _, resident in life]


def main() -> None:
    """Read the command line, run, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=float, default=60, help="seconds from fault to fault")
    parser.add_argument("--no-kills", action="store_true", help="let one process live throughout")
    words = parser.parse_args()
    os.environ.update(unit_environment())  # what the allocator keeps depends on it
    with tempfile.TemporaryDirectory(prefix="soak") as folder, MailWorld(mta="relay") as world:
        soak = Soak(world, Path(folder), words)
        try:
            soak.run()
            drained = soak.drain()
            faults, figures = soak.judge()
        finally:
            soak.town.kill()
    figures["drained in, s"] = round(drained)
    print(json.dumps(figures, indent=2))
    if unjudged := soak.unjudged():
        print(unjudged)
    for fault in faults[:40]:
        print(f"    {fault}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
