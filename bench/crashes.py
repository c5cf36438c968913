"""Kill mailflow at every point of its work, start it again, and see what was lost or doubled.

``python -m bench.crashes [--points N] [--database sqlite|postgresql|both] [--jobs N]``. Two
companies write, three offices answer, the digest goes out. A run is killed (SIGKILL) once: at a
logical point (around each commit, each IMAP and SMTP verb, half way through a mail), or at the n-th
system call of a kind (by strace). Then it is started again and plays to the end, and the criterion
G is applied. ``--points`` limits the points of each kind, evenly spread; 0 means all of them.
"""

import argparse
import json
import logging
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from bench.failpoints import Points, install
from mailflow import compose
from mailflow import parts as parts_module
from mailflow.cli import main as mailflow
from mailflow.demo.world import World
from mailflow.reading import worker
from mailflow.store import Store
from mailflow.store.engine import make_engine
from mailflow.upgrade import upgrade
from tests import samples
from tests.faults.verdict import Manifest, Taken, Witness, canary, parse, verdict
from tests.flow.city import CENTRAL, MANAGER, OFFICES, letter, reply_to
from tests.real.town import _offices as offices_table

SYSCALLS = ("fsync", "fdatasync", "pwrite64", "unlink", "rename", "connect", "sendto", "recvfrom")
START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=31)
ROUNDS = 12
MEMORY = Path("/dev/shm")  # noqa: S108 - tempfile makes a folder of our own in it
"""Where runs write: what SIGKILL leaves behind is the same there, and a disk would only be slow."""
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
    | {(office, "forward"): 1 for office in (BAU, UMWELT, TIEFBAU)}
    | {(MANAGER, "digest"): 1}
)
TEXTS = {
    FIRST: "Brauchen wir für Halle 4 eine Nutzungsänderung, und welche Lärmgrenzwerte gelten?",
    SECOND: "Wann endet die Baustelle auf dem Gehweg vor unserem Laden?",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a run is killed: at a logical point (from 1), or at a system call of a round's run."""

    point: int = 0
    syscall: str = ""
    round: int = 0
    when: int = 0

    def __str__(self) -> str:
        if self.syscall:
            return f"{self.syscall} {self.when} of run {self.round}"
        return f"point {self.point}"


@dataclass
class Tally:
    """What came of many runs."""

    runs: int = 0
    killed: int = 0
    lost: int = 0
    doubled: int = 0
    other: int = 0
    resent: int = 0
    names: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, more: "Tally") -> None:
        """Add another tally to this one."""
        for name in ("runs", "killed", "lost", "doubled", "other", "resent"):
            setattr(self, name, getattr(self, name) + getattr(more, name))
        self.names.update(more.names)
        self.faults += more.faults


class Zygote:
    """A process that has loaded mailflow and forks one that runs it: a start in milliseconds.

    It is made before any thread is; each run is a process of its own, killed as any other.
    """

    def __init__(self) -> None:
        here, there = os.pipe(), os.pipe()
        if os.fork() == 0:
            os.close(here[1])
            os.close(there[0])
            with os.fdopen(here[0]) as orders, os.fdopen(there[1], "w") as answers:
                _serve(orders, answers)
            os._exit(0)
        os.close(here[0])
        os.close(there[1])
        self._orders = os.fdopen(here[1], "w", buffering=1)
        self._answers = os.fdopen(there[0])

    def start(self, order: dict[str, Any]) -> int:
        """Start a run; give its process id."""
        self._orders.write(json.dumps(order) + "\n")
        return int(self._answers.readline())

    def wait(self) -> int:
        """Give how the run ended: its exit code, or the negative number of the signal."""
        return int(self._answers.readline())

    def close(self) -> None:
        """End it."""
        self._orders.close()
        self._answers.close()


def _serve(orders: IO[str], answers: IO[str]) -> None:
    # what every run would load, compile and try again is loaded, compiled and tried once
    import_module("psycopg")
    problems = compose.template_problems(samples.composer())
    compose.template_problems = lambda composer: problems  # noqa: ARG005 - the same for all
    for line in orders:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _run(order)
        answers.write(f"{child}\n")
        answers.flush()
        answers.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        answers.flush()


class ForkedWorker:
    """The process that reads mails, forked with all it needs loaded; to mailflow it is a Popen."""

    def __init__(self, command: Sequence[str], **_: object) -> None:
        source, sink = os.pipe(), os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.dup2(source[0], 0)
            os.dup2(sink[1], 1)
            os.closerange(3, 256)  # else it would keep what its parent held: the database, a line
            worker.main(list(command[5:]))
            os._exit(0)
        os.close(source[0])
        os.close(sink[1])
        self.stdin, self.stdout = os.fdopen(source[1], "wb"), os.fdopen(sink[0], "rb")
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Give how it ended, None while it runs."""
        if self.returncode is None and os.waitpid(self.pid, os.WNOHANG)[0]:
            self.returncode = 0
        return self.returncode

    def wait(self, timeout: float = 0) -> int:  # noqa: ARG002 - it ends with its input
        """Wait for its end."""
        if self.returncode is None:
            os.waitpid(self.pid, 0)
            self.returncode = 0
        return self.returncode

    def kill(self) -> None:
        """End it."""
        os.kill(self.pid, signal.SIGKILL)


def _run(order: dict[str, Any]) -> None:
    """Be the process under test: `mailflow run --once`, at another time, with points to die at."""
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    begun, start = time.time(), datetime.fromisoformat(order["now"])
    assemble: Any = parts_module.assemble
    assemble.__wrapped__.__defaults__ = (lambda: start + timedelta(seconds=time.time() - begun),)
    worker.subprocess.Popen = ForkedWorker  # type: ignore[attr-defined]
    names = Path(order["names"]) if order["names"] else None
    install(Points(Path(order["counter"]), order["kill_at"], names))
    if order["stopped"]:
        os.kill(os.getpid(), signal.SIGSTOP)
    code = 1
    try:
        mailflow(["--config", order["folder"], "--verbose", "run", "--once"], standalone_mode=False)
        code = 0
    except BaseException as error:  # noqa: BLE001 - whatever it was, the log says it, and we end
        print(f"{type(error).__name__}: {error}", flush=True)
    finally:
        os._exit(code)


class Play:
    """One run of the scenario, killed where the plan says."""

    def __init__(
        self, zygote: Zygote, folder: Path, database: str, plan: Plan, *, count: str = ""
    ) -> None:
        self._zygote = zygote
        self._folder = folder
        self._database = database
        self._plan = plan
        self._count = count
        self.counts: dict[int, int] = {}
        self.killed = False
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
        with World(users) as world:
            self._world = world
            _configure(self._folder, world, self._database)
            for company, text in TEXTS.items():
                body = f"Guten Tag,\n\n{text}\n\nUnser Zeichen: {canary(company)}\n\nMit Gruß\n"
                raw = letter("Eine Frage", body, sender=company)
                world.deliver(self._manifest.mark(raw, company=company), CENTRAL)
            for number in range(1, ROUNDS + 1):
                self._offices(late=number > 1)
                self._once(number)
                if number > 2 and self._at_rest():
                    break
                if number > 2:
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

    def _once(self, number: int) -> None:
        """Run mailflow once; again, as systemd would, if it was killed."""
        code = self._start(number)
        if code == -signal.SIGKILL:
            self.killed = True
            for _ in range(50):
                code = self._start(0)
                if code == 0:
                    break
                time.sleep(0.1)  # PostgreSQL takes a moment to see that the dead one is dead
        if code:
            log = (self._folder / "log").read_text(errors="replace")[-600:]
            self.broken.append(f"run {number} ended with {code}: {log}")

    def _start(self, number: int) -> int:
        plan = self._plan
        injected = bool(plan.syscall) and number == plan.round
        counted = bool(self._count) and number > 0
        order = {
            "folder": str(self._folder),
            "log": str(self._folder / "log"),
            "now": (self._now + timedelta(minutes=number / 10)).isoformat(),
            "counter": str(self._folder / "counter"),
            "kill_at": plan.point,
            "names": str(self._folder / "names") if plan == Plan() else "",
            "stopped": injected or counted,
        }
        pid = self._zygote.start(order)
        if not order["stopped"]:
            return self._zygote.wait()
        name = plan.syscall if injected else self._count
        inject = ["-e", f"inject={name}:signal=KILL:when={plan.when}"] if injected else []
        trace = self._folder / "trace"
        command = [
            "strace",
            "-qq",
            "-e",
            f"trace={name}",
            *inject,
            "-o",
            str(trace),
            "-p",
            str(pid),
        ]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as tracer:  # noqa: S603 - strace
            _await_tracer(pid)
            with _let_go(pid):
                code = self._zygote.wait()
            tracer.wait(10)
        if counted:
            lines = trace.read_text(errors="replace").splitlines()
            self.counts[number] = sum(line.startswith(f"{name}(") for line in lines)
        return code

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
        return all(self._reached()[key] >= count for key, count in EXPECTED.items())

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
        lost, doubled = (*found.lost, *missing), (*found.doubled, *more)
        other = (*found.leaked, *found.unsound, *found.silent, *self.broken)
        faults = [f"{self._plan}: {words}" for words in (*lost, *doubled, *other)]
        alerts = reached[MANAGER, "alert"]
        return Tally(1, self.killed, len(lost), len(doubled), len(other), alerts, faults=faults)

    def _names_in(self, raw: bytes) -> list[str]:
        return [name for name in self._manifest.delivered if f"X-Test-Id: {name}\r".encode() in raw]

    def passed(self) -> list[str]:
        """Give the names of the points passed, in order; only of an unkilled run."""
        return (self._folder / "names").read_text(encoding="ascii").splitlines()


def _await_tracer(pid: int) -> None:
    status = Path(f"/proc/{pid}/status")
    for _ in range(1000):
        if "TracerPid:\t0" not in status.read_text(encoding="ascii"):
            return
        time.sleep(0.005)
    raise TimeoutError("strace does not attach")


@contextmanager
def _let_go(pid: int) -> Iterator[None]:
    """Let a stopped process run for as long as it is waited for.

    Just after it has attached, strace may hold it again, once or several times. SIGCONT says
    nothing to a process that runs.
    """
    over = threading.Event()

    def go_on() -> None:
        while True:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
            if over.wait(0.1):
                return

    waker = threading.Thread(target=go_on)
    waker.start()
    try:
        yield
    finally:
        over.set()
        waker.join()


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


class Databases:
    """Gives every run an empty database of its own, its schema made once."""

    def __init__(self, kind: str, stack: ExitStack, home: Path) -> None:
        self._kind = kind
        self._home = home
        self._number = 0
        if kind == "sqlite":
            self._template = home / "template.db"
            self._migrate(f"sqlite:///{self._template}")
            return
        from tests.real.postgres import PostgresServer  # noqa: PLC0415 - needs a PostgreSQL

        self._server = stack.enter_context(PostgresServer())
        self._server._execute("CREATE DATABASE template_mailflow TEMPLATE template0")  # noqa: SLF001 - the server's owner here
        self._migrate(self._server.url_of("template_mailflow"))

    def _migrate(self, url: str) -> None:
        engine = make_engine(url)
        upgrade(engine)
        engine.dispose()

    @contextmanager
    def fresh(self, folder: Path) -> Iterator[str]:
        """Give the URL of an empty database, gone afterwards."""
        if self._kind == "sqlite":
            shutil.copy(self._template, folder / "mailflow.db")
            yield f"sqlite:///{folder}/mailflow.db"
            return
        self._number += 1
        name = f"run{self._number}"
        self._server._execute(f"CREATE DATABASE {name} TEMPLATE template_mailflow")  # noqa: SLF001 - as above
        try:
            yield self._server.url_of(name)
        finally:
            self._server._execute(f"DROP DATABASE {name} WITH (FORCE)")  # noqa: SLF001 - as above


class Stage:
    """Where runs are played, one after the other."""

    def __init__(self, zygote: Zygote, databases: Databases) -> None:
        self._zygote = zygote
        self._databases = databases

    def play(self, plan: Plan, *, count: str = "") -> tuple[Play, Tally]:
        """Play a run from an empty mailbox and database to the end."""
        folder = Path(tempfile.mkdtemp(prefix="crash", dir=_quick()))
        try:
            (folder / "state").mkdir()
            with self._databases.fresh(folder) as url:
                play = Play(self._zygote, folder, url, plan, count=count)
                tally = play.play()
                if plan == Plan() and not count:
                    tally.names.update(play.passed())
                return play, tally
        finally:
            shutil.rmtree(folder)

    def plans(self, kinds: Sequence[str]) -> Iterator[tuple[str, list[Plan]]]:
        """Give, for each kind of point, every place where a run can be killed."""
        for kind in kinds:
            if kind == "logical":
                play, tally = self.play(Plan())
                if tally.faults:
                    raise SystemExit(f"not even an undisturbed run holds: {tally.faults}")
                yield kind, [Plan(point=n) for n in range(1, play.points + 1)]
                continue
            play, _ = self.play(Plan(), count=kind)
            yield (
                kind,
                [
                    Plan(syscall=kind, round=number, when=n)
                    for number, most in play.counts.items()
                    for n in range(1, most + 1)
                ],
            )


def _quick() -> str | None:
    return str(MEMORY) if MEMORY.is_dir() else None


def spread(plans: list[Plan], most: int) -> list[Plan]:
    """Give at most so many of these, evenly spread; all of them for 0."""
    if not most or len(plans) <= most:
        return plans
    return [plans[number * len(plans) // most] for number in range(most)]


def shard(words: argparse.Namespace) -> None:
    """Do one part of the work, and print what came of it as a line of JSON for each kind."""
    part, parts = map(int, words.shard.split("/"))
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns of the dead, who are many here
    zygote = Zygote()
    with ExitStack() as stack:
        stack.callback(zygote.close)
        home = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="crashes", dir=_quick()))
        )
        stage = Stage(zygote, Databases(words.database, stack, home))
        for kind, plans in stage.plans(words.kinds.split(",")):
            chosen = spread(plans, words.points)
            tally = Tally()
            mine = chosen[part::parts]
            for number, plan in enumerate(mine, start=1):
                tally.add(stage.play(plan)[1])
                if sys.stderr.isatty():
                    done = f"{kind}: {number} of {len(mine)}, worker {part}"
                    print(done, end="\r", file=sys.stderr, flush=True)
            line = {"kind": kind, "all": len(plans), "chosen": len(chosen), **asdict(tally)}
            print(json.dumps(line), flush=True)


def database(words: argparse.Namespace, kind: str) -> bool:
    """Do all of the work on one kind of database; give whether everything held."""
    command = [
        sys.executable,
        "-m",
        "bench.crashes",
        "--points",
        str(words.points),
        "--database",
        kind,
    ]
    command += ["--kinds", words.kinds]
    begun = time.monotonic()
    workers = [
        subprocess.Popen(  # noqa: S603 - this very program
            [*command, "--shard", f"{number}/{words.jobs}"], stdout=subprocess.PIPE, text=True
        )
        for number in range(words.jobs)
    ]
    found: dict[str, Tally] = {}
    sizes: dict[str, tuple[int, int]] = {}
    for each in workers:
        for text in each.stdout or ():
            line = json.loads(text)
            name = line.pop("kind")
            sizes[name] = (line.pop("all"), line.pop("chosen"))
            line["names"] = Counter(line["names"])
            found.setdefault(name, Tally()).add(Tally(**line))
        if each.wait():
            raise SystemExit("a worker failed")
    whole = Tally()
    for name, tally in found.items():
        whole.add(tally)
        _tell(f"{kind}, {name} ({sizes[name][1]} of {sizes[name][0]} points)", tally)
    _tell(f"{kind}, all, in {time.monotonic() - begun:.0f} s", whole)
    for fault in whole.faults[:40]:
        print(f"    {fault}")
    return not whole.faults


def _tell(what: str, tally: Tally) -> None:
    print(
        f"{what}: {tally.killed} killed of {tally.runs} runs; mails lost {tally.lost}, "
        f"doubled {tally.doubled}, other faults {tally.other}; told to the manager {tally.resent}",
        flush=True,
    )


def main() -> None:
    """Read the command line and do the work."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=0, help="at most so many of each kind")
    parser.add_argument("--database", default="both", choices=["sqlite", "postgresql", "both"])
    parser.add_argument("--jobs", type=int, default=2 * (os.cpu_count() or 1))
    parser.add_argument("--kinds", default=",".join(("logical", *SYSCALLS)))
    parser.add_argument("--shard", default="", help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.shard:
        shard(words)
        return
    kinds = ["sqlite", "postgresql"] if words.database == "both" else [words.database]
    held = [database(words, kind) for kind in kinds]
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
