"""Where runs are played, one after the other, each on an empty mailbox and database."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.crashes.plan import Plan, Tally, tried
from bench.crashes.play import Play
from bench.crashes.zygote import Zygote
from mailflow.store.engine import make_engine
from mailflow.upgrade import upgrade

MEMORY = Path("/dev/shm")  # noqa: S108 - tempfile makes a folder of our own in it
"""Where runs write: what SIGKILL leaves behind is the same there, and a disk would only be slow."""


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
        self._server.execute("CREATE DATABASE template_mailflow TEMPLATE template0")
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
        self._server.execute(f"CREATE DATABASE {name} TEMPLATE template_mailflow")
        try:
            yield self._server.url_of(name)
        finally:
            self._server.execute(f"DROP DATABASE {name} WITH (FORCE)")


class Stage:
    """Where runs are played, one after the other."""

    def __init__(self, zygote: Zygote, databases: Databases, *, move: bool = True) -> None:
        self._zygote = zygote
        self._move = move
        self.passed: set[str] = set()  # the names of the points on the way
        self._databases = databases

    def play(self, plan: Plan, *, count: str = "") -> tuple[Play, Tally]:
        """Play a run from an empty mailbox and database to the end."""
        folder = Path(tempfile.mkdtemp(prefix="crash", dir=quick_folder()))
        try:
            (folder / "state").mkdir()
            with self._databases.fresh(folder) as url:
                play = Play(self._zygote, folder, url, plan, count=count, move=self._move)
                tally = play.play()
                if plan == Plan() and not count:
                    self.passed.update(play.passed())
                return play, tally
        finally:
            shutil.rmtree(folder)

    def kill(self, plan: Plan) -> Tally:
        """Play a run that is killed where the plan says, or at its last call of that kind."""

        def play(plan: Plan) -> tuple[Tally, int]:
            played, tally = self.play(plan)
            return tally, played.made

        return tried(play, plan)

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


def quick_folder() -> str | None:
    """Give a folder in memory, None where there is none: then the ordinary one is used."""
    return str(MEMORY) if MEMORY.is_dir() else None
