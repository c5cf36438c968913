"""Kill mailflow at every point of its work, start it again, and see what was lost or doubled.

``python -m bench.crashes [--points N] [--database sqlite|postgresql|both] [--jobs N]``. Two
companies write, three offices answer, the manager orders something at the command line, the digest
goes out. A run is killed (SIGKILL) once: at a
logical point (around each commit, each IMAP and SMTP verb, half way through a mail), or at the n-th
system call of a kind (by strace). Then it is started again and plays to the end, and the criterion
G is applied. A run in which nobody was killed proves nothing, and fails. ``--points`` limits the
points of each kind, evenly spread; 0 means all of them.
"""

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from bench.crashes.plan import SYSCALLS, Tally, never_passed, not_killed, not_wrapped, share
from bench.crashes.stage import Databases, Stage, quick_folder
from bench.crashes.zygote import Zygote


def main() -> None:
    """Read the command line and do the work."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=0, help="at most so many of each kind")
    parser.add_argument("--database", default="both", choices=["sqlite", "postgresql", "both"])
    parser.add_argument("--jobs", type=int, default=2 * (os.cpu_count() or 1))
    parser.add_argument("--kinds", default=",".join(("logical", *SYSCALLS)))
    parser.add_argument("--without-move", action="store_true", help="a server that cannot MOVE")
    parser.add_argument("--shard", default="", help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.shard:
        shard(words)
        return
    kinds = ["sqlite", "postgresql"] if words.database == "both" else [words.database]
    held = [database(words, kind) for kind in kinds]
    sys.exit(0 if all(held) else 1)


def shard(words: argparse.Namespace) -> None:
    """Do one part of the work, and print what came of it as a line of JSON for each kind."""
    part, parts = map(int, words.shard.split("/"))
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns of the dead, who are many here
    zygote = Zygote()
    with ExitStack() as stack:
        stack.callback(zygote.close)
        home = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="crashes", dir=quick_folder()))
        )
        databases = Databases(words.database, stack, home)
        stage = Stage(zygote, databases, move=not words.without_move)
        for kind, plans in stage.plans(words.kinds.split(",")):
            tally = Tally(names=sorted(stage.passed))
            mine = share(plans, words.points, part, parts)
            for number, plan in enumerate(mine, start=1):
                tally.add(stage.kill(plan))
                if sys.stderr.isatty():
                    done = f"{kind}: {number} of {len(mine)}, worker {part}"
                    print(done, end="\r", file=sys.stderr, flush=True)
            line = {"kind": kind, "all": len(plans), **asdict(tally)}
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
    command += ["--kinds", words.kinds, *(["--without-move"] if words.without_move else [])]
    begun = time.monotonic()
    workers = [
        subprocess.Popen(  # noqa: S603 - this very program
            [*command, "--shard", f"{number}/{words.jobs}"], stdout=subprocess.PIPE, text=True
        )
        for number in range(words.jobs)
    ]
    found: dict[str, Tally] = {}
    sizes: dict[str, int] = {}
    for each in workers:
        for text in each.stdout or ():
            line = json.loads(text)
            name = line.pop("kind")
            sizes[name] = line.pop("all")
            found.setdefault(name, Tally()).add(Tally(**line))
        if each.wait():
            raise SystemExit("a worker failed")
    whole = Tally()
    for name, tally in found.items():
        tally.faults += not_killed(kind, name, tally)
        whole.add(tally)
        _tell(f"{kind}, {name} ({tally.runs} of {sizes[name]} points)", tally)
    _tell(f"{kind}, all, in {time.monotonic() - begun:.0f} s", whole)
    if whole.names:
        never = ", ".join(sorted(never_passed(whole.names)))
        print(f"    points that this scenario never passes: {never}")
        whole.faults += not_wrapped(whole.names, move=not words.without_move)
    for fault in whole.faults[:40]:
        print(f"    {fault}")
    return not whole.faults


def _tell(what: str, tally: Tally) -> None:
    early = f", {tally.early} ended before their call came" if tally.early else ""
    print(
        f"{what}: {tally.killed} killed of {tally.runs} runs{early}; mails lost {tally.lost}, "
        f"doubled {tally.doubled}, other faults {tally.other}; told to the manager {tally.resent}",
        flush=True,
    )


if __name__ == "__main__":
    main()
