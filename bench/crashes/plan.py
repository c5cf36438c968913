"""Where a run is killed, and what came of many runs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from bench.failpoints import KNOWN

SYSCALLS = ("fsync", "fdatasync", "pwrite64", "unlink", "rename", "connect", "sendto", "recvfrom")
NEVER_CALLED = {"sqlite": {"rename"}, "postgresql": {"rename", "fdatasync", "pwrite64"}}
"""What the process does not call on a database: any other call that is never seen was not counted.
"""
NEVER_SAID = {
    "imap IDLE": "the service waits, a single run does not",
    "imap DONE": "it ends IDLE",
    "imap GETQUOTAROOT": "the service looks at the quota, a single run does not",
    "imap STARTTLS": "the servers in memory speak no TLS",
    "smtp STARTTLS": "the servers in memory speak no TLS",
    "imap AUTHENTICATE": "they know passwords alone",
    "smtp AUTH": "they take mail without a login",
}
"""What no way through the scenario says, and why."""
_WITHOUT_MOVE = {"imap COPY", "imap EXPUNGE"}
_MOST_EARLY = 0.05
"""So many runs may end before their call comes: how often one is made differs a little."""
_TRIES = 3
"""So often such a point is tried: on a busy machine more replies come in pieces, or fewer."""


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
    early: int = 0
    """So many ended before their system call came, as its trace shows: there was none to kill."""
    lost: int = 0
    doubled: int = 0
    other: int = 0
    resent: int = 0
    names: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def add(self, more: "Tally") -> None:
        """Add another tally to this one."""
        for name in ("runs", "killed", "early", "lost", "doubled", "other", "resent"):
            setattr(self, name, getattr(self, name) + getattr(more, name))
        self.names += more.names
        self.faults += more.faults


def tried(play: Callable[[Plan], tuple[Tally, int]], plan: Plan) -> Tally:
    """Play one run until it is killed, three times at most; what was found in any of them stays.

    ``play`` gives what came of a run, and how often it made the plan's call. Where it ended before
    its call came, the next is killed at the last one that did. All of them count as one run, and as
    early only where none was killed.
    """
    whole, made = play(plan)
    for _ in range(_TRIES - 1):
        if not whole.early:
            break
        again, made = play(replace(plan, when=made))
        whole.add(again)
        whole.runs, whole.early = 1, again.early
    return whole


def not_killed(database: str, kind: str, tally: Tally) -> list[str]:
    """Say why the runs of a kind of point prove nothing: nobody was killed in them, or too few."""
    if not tally.runs:
        silent = kind in NEVER_CALLED[database]
        return [] if silent else [f"{kind}: nothing was seen to be killed at"]
    alive = tally.runs - tally.killed - tally.early
    faults = [f"{kind}: {alive} of {tally.runs} runs were not killed"] if alive else []
    if tally.early > max(1, _MOST_EARLY * tally.runs):
        faults.append(f"{kind}: {tally.early} of {tally.runs} runs ended before their call came")
    return faults


def never_passed(names: Iterable[str]) -> set[str]:
    """Give what has a name in the registry, and lies on no way through the scenario."""
    never = KNOWN.difference(names)
    return {each.removesuffix(" before").removesuffix(" after") for each in never}


def not_wrapped(names: Iterable[str], *, move: bool) -> list[str]:
    """Say what of a run to the end was passed over that lies on its way, or lay on it for once."""
    expected = {*NEVER_SAID, *(_WITHOUT_MOVE if move else {"imap MOVE"})}
    differs = never_passed(names) ^ expected
    return [f"points that differ from what the scenario passes: {sorted(differs)}"] * bool(differs)


def share(plans: list[Plan], most: int, part: int, parts: int) -> list[Plan]:
    """Give one worker's part of these: all of them for 0, else at most so many, evenly spread.

    Each worker counts for itself, and sees a few calls more or fewer than another. So where all
    are killed at, they are dealt out by their own number within a run, which is the same for all.
    """
    if not most:
        return [each for each in plans if (each.point + each.when) % parts == part]
    few = min(most, len(plans))
    return [plans[number * len(plans) // few] for number in range(part, few, parts)]
