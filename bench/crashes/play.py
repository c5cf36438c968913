"""One run of the scenario, and a death in between.

Two companies write, three offices answer, one of them asked at the command line, too; two combined
answers and the digest go out. The submission server has no time for one of the offices at first.
"""

import os
import signal
import struct
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from bench.crashes.plan import Plan, Tally
from bench.crashes.tracer import await_tracer, let_go
from bench.crashes.zygote import Zygote
from mailflow.core.desk_order import DESK_ORDER
from mailflow.demo.world import World, mailbox_of
from mailflow.store import Store
from mailflow.store.engine import make_engine
from tests.faults.verdict import Manifest, Taken, Witness, canary, parse, verdict
from tests.flow.city import CENTRAL, MANAGER, OFFICES, letter, reply_to
from tests.real.town import _offices as offices_table

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=31)
ROUNDS = 12
ORDERED, BETWEEN = 100, 0.15
"""The number of the run in which the manager orders something, and the minute: after the first."""
PASSWORD = "geheim"  # noqa: S105 - of a mail world that ends with the run
FIRST, SECOND = "post@erste.example", "post@zweite.example"
BAU, UMWELT, TIEFBAU = (
    f"{name}@stadt.example.org" for name in ("bauaufsicht", "umweltamt", "tiefbau")
)
READERS = (FIRST, SECOND, BAU, UMWELT, TIEFBAU, MANAGER)
EXPECTED = Counter(
    {
        (company, kind): 1
        for company in (FIRST, SECOND)
        for kind in ("acknowledgement", "combined-answer")
    }
    | {(UMWELT, "forward"): 1, (TIEFBAU, "forward"): 1, (BAU, "forward"): 2}
    | {(MANAGER, "digest"): 1}
)
TEXTS = {
    FIRST: "Brauchen wir für Halle 4 eine Nutzungsänderung, und welche Lärmgrenzwerte gelten?",
    SECOND: "Wann endet die Baustelle auf dem Gehweg vor unserem Laden?",
}


class Busy(World):
    """A mail world whose server has no time for one office when it is first written to."""

    _asked = False

    def reply_to(self, recipient: str) -> str:
        """Refuse it for now (greylisting, RFC 6647), once."""
        if mailbox_of(recipient) == UMWELT and not self._asked:
            self._asked = True
            return "450 4.7.1 try again later"
        return super().reply_to(recipient)


class Play:
    """One run of the scenario, killed where the plan says."""

    def __init__(
        self,
        zygote: Zygote,
        folder: Path,
        database: str,
        plan: Plan,
        *,
        count: str = "",
        move: bool = True,
    ) -> None:
        self._zygote = zygote
        self._folder = folder
        self._database = database
        self._plan = plan
        self._count = count
        self._move = move
        self.counts: dict[int, int] = {}
        self.killed = False
        self.early = False
        self.made = 0
        self.points = 0
        self.broken: list[str] = []
        self._manifest = Manifest()
        self._answered: set[str] = set()
        self._now = START
        (folder / "counter").write_bytes(bytes(8))

    def play(self) -> Tally:
        """Play to the end and judge."""
        users = dict.fromkeys((CENTRAL, *READERS), PASSWORD)
        users |= {each.deputy: PASSWORD for each in OFFICES if each.deputy}
        users |= {each.head: PASSWORD for each in OFFICES if each.head}
        with Busy(users) as world:
            self._world = world
            _configure(self._folder, world, self._database)
            for company, text in TEXTS.items():
                body = f"Guten Tag,\n\n{text}\n\nUnser Zeichen: {canary(company)}\n\nMit Gruß\n"
                raw = letter("Eine Frage", body, sender=company)
                world.deliver(self._manifest.mark(raw, company=company), CENTRAL)
            for number in range(1, ROUNDS + 1):
                self._offices(late=number > 1)
                self._once(number, "run", "--once")
                if number == 1:
                    self._once(ORDERED, "do", f"{self._second_ticket()} an bauaufsicht")
                if number > 2 and self._at_rest():
                    break
                if number > 1:
                    self._now += HALF_AN_HOUR
            (self.points,) = struct.unpack("q", (self._folder / "counter").read_bytes())
            return self._judge()

    def _offices(self, *, late: bool) -> None:
        """Let offices answer what they have got; the second of a pair takes its time."""
        for office in (BAU, TIEFBAU, *([UMWELT] if late else [])):
            for raw in self._world.mails(office):
                mail = parse(raw)
                own_id = str(mail["Message-ID"])
                if mail["X-Mailflow-Kind"] == "forward" and own_id not in self._answered:
                    self._answered.add(own_id)
                    text = f"Das sagt {office.partition('@')[0]} dazu: bis Ende Mai."
                    raw_reply = self._manifest.mark(reply_to(mail, text))
                    self._world.deliver(raw_reply, CENTRAL)

    def _second_ticket(self) -> str:
        with self._store() as store:
            (reference,) = store.open_for(SECOND)
            return reference

    def _once(self, number: int, *command: str) -> None:
        """Run mailflow once; again, as systemd and the manager would, if it was killed."""
        code = self._start(number, command)
        if code == -signal.SIGKILL:
            self.killed = True
            for _ in range(50):
                code = self._start(0, command)
                if code == 0:
                    break
                time.sleep(0.1)  # PostgreSQL takes a moment to see that the dead one is dead
        if code:
            log = (self._folder / "log").read_text(errors="replace")[-600:]
            self.broken.append(f"run {number} ended with {code}: {log}")

    def _start(self, number: int, command: Sequence[str]) -> int:
        plan = self._plan
        injected = bool(plan.syscall) and number == plan.round
        counted = bool(self._count) and number > 0
        moment = BETWEEN if number == ORDERED else number / 10
        order = {
            "folder": str(self._folder),
            "command": command,
            "log": str(self._folder / "log"),
            "now": (self._now + timedelta(minutes=moment)).isoformat(),
            "counter": str(self._folder / "counter"),
            "kill_at": plan.point,
            "names": str(self._folder / "names") if plan == Plan() else "",
            "stopped": injected or counted,
            "move": self._move,
        }
        pid = self._zygote.start(order)
        if not order["stopped"]:
            return self._zygote.wait()
        if counted:
            code, self.counts[number] = self._traced(pid, self._count)
            return code
        inject = f"inject={plan.syscall}:signal=KILL:when={plan.when}"
        code, self.made = self._traced(pid, plan.syscall, "-e", inject)
        self.early = code == 0 and 0 < self.made < plan.when
        return code

    def _traced(self, pid: int, name: str, *inject: str) -> tuple[int, int]:
        """Let a stopped process run under strace; give how it ended, and its calls of this name."""
        trace = self._folder / "trace"
        what = ["-qq", "-e", f"trace={name}", *inject]
        words = ["strace", *what, "-o", str(trace), "-p", str(pid)]
        with subprocess.Popen(words, stderr=subprocess.DEVNULL) as tracer:  # noqa: S603 - strace
            try:
                await_tracer(pid)
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)  # else it would stay stopped for ever
                raise
            with let_go(pid):
                code = self._zygote.wait()
            tracer.wait(10)
        lines = trace.read_text(errors="replace").splitlines()
        return code, sum(line.startswith(f"{name}(") for line in lines)

    @contextmanager
    def _store(self) -> Iterator[Store]:
        engine = make_engine(self._database)
        try:
            yield Store(engine, CENTRAL)
        finally:
            engine.dispose()

    def _at_rest(self) -> bool:
        with self._store() as store:
            waiting = store.outbox_waiting() + len(store.undecided())
        return not waiting and not self._world.mails(CENTRAL) and self._complete()

    def _complete(self) -> bool:
        return self._reached() >= EXPECTED

    def _reached(self) -> Counter[tuple[str, str]]:
        return Counter((who, str(parse(raw)["X-Mailflow-Kind"])) for who, raw in self._delivered())

    def _delivered(self) -> list[tuple[str, bytes]]:
        return [(who, raw) for who in READERS for raw in self._world.mails(who)]

    def _judge(self) -> Tally:
        with self._store() as store:
            witness = Witness(Taken(who, raw) for who, raw in self._delivered())
            found = verdict(store, self._manifest, witness)
        reached = self._reached()
        missing = [f"missing: {key}" for key in EXPECTED if reached[key] < EXPECTED[key]]
        more = [f"too many: {key}" for key in EXPECTED if reached[key] > EXPECTED[key]]
        ledger = self._world.mails(CENTRAL, "Processed")
        kept = Counter(name for raw in ledger for name in self._names_in(raw))
        missing += [
            f"{name} is not in the ledger" for name in self._manifest.delivered if not kept[name]
        ]
        more += [
            f"{name} is in the ledger {count} times" for name, count in kept.items() if count > 1
        ]
        orders = Counter(str(mail["Message-ID"]) for mail in map(parse, ledger) if _is_order(mail))
        more += ["an order is in the ledger twice" for count in orders.values() if count > 1]
        missing += [] if orders else ["the order is not in the ledger"]
        lost, doubled = (*found.lost, *missing), (*found.doubled, *more)
        other = (*found.leaked, *found.unsound, *found.silent, *found.left, *self.broken)
        faults = [f"{self._plan}: {words}" for words in (*lost, *doubled, *other)]
        alerts = reached[MANAGER, "alert"]
        return Tally(
            runs=1,
            killed=self.killed,
            early=self.early,
            lost=len(lost),
            doubled=len(doubled),
            other=len(other),
            resent=alerts,
            faults=faults,
        )

    def _names_in(self, raw: bytes) -> list[str]:
        return [name for name in self._manifest.delivered if f"X-Test-Id: {name}\r".encode() in raw]

    def passed(self) -> list[str]:
        """Give the names of the points passed, in order; only of an unkilled run."""
        return (self._folder / "names").read_text(encoding="ascii").splitlines()


def _is_order(mail: EmailMessage) -> bool:
    return str(mail["X-Mailflow-Kind"]) == DESK_ORDER


def _configure(folder: Path, world: World, database: str) -> None:
    imap = f'host = "127.0.0.1"\nport = {world.imap_port}\nsecurity = "none"'
    smtp = f'host = "127.0.0.1"\nport = {world.smtp_port}\nsecurity = "none"'
    lines = [
        f'[central]\naddress = "{CENTRAL}"',
        f'[imap]\n{imap}\nuser = "{CENTRAL}"',
        f'[smtp]\n{smtp}\nreceipts = "all"',
        f'[manager]\naddresses = ["{MANAGER}"]\ndigest_at = "07:30"',
        f'[database]\nurl = "{database}"',
    ]
    (folder / "mailflow.toml").write_text("\n\n".join(lines))
    (folder / "offices.toml").write_text(offices_table())
    for name in ("imap.password", "smtp.password"):
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(PASSWORD)
