"""Where a run is killed, and what came of many runs."""

from dataclasses import dataclass, field

SYSCALLS = ("fsync", "fdatasync", "pwrite64", "unlink", "rename", "connect", "sendto", "recvfrom")


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
    names: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def add(self, more: "Tally") -> None:
        """Add another tally to this one."""
        for name in ("runs", "killed", "lost", "doubled", "other", "resent"):
            setattr(self, name, getattr(self, name) + getattr(more, name))
        self.names += more.names
        self.faults += more.faults


def spread(plans: list[Plan], most: int) -> list[Plan]:
    """Give at most so many of these, evenly spread; all of them for 0."""
    if not most or len(plans) <= most:
        return plans
    return [plans[number * len(plans) // most] for number in range(most)]
