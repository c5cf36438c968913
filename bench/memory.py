"""What a process keeps in memory over hours: read from the kernel, and judged (row 28)."""

import os
from pathlib import Path

UNIT = Path(__file__).parents[1] / "systemd" / "mailflow.service"
_SETTING = "Environment="
WARM_UP = 900.0
"""What is kept for the next mail (words, patterns, statements) is bounded, and fills up during the
first thousands of mails: until then memory grows in any process."""
HALF_AN_HOUR = 1800.0
LONG_ENOUGH = WARM_UP + HALF_AN_HOUR
"""A life of the service that is shorter tells nothing of its memory."""


def unit_environment(unit: Path = UNIT) -> dict[str, str]:
    """Give the environment that the unit sets, one ``Environment=NAME=value`` a line."""
    lines = unit.read_text(encoding="utf-8").splitlines()
    settings = (each.removeprefix(_SETTING) for each in lines if each.startswith(_SETTING))
    return dict(each.split("=", 1) for each in settings)


def resident_of(pid: int) -> float:
    """Give what of a process lies in memory now, in megabytes; 0 where there is none."""
    try:
        words = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
    except OSError:
        return 0.0
    return int(words[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def slope_of(life: list[tuple[float, float]]) -> float | None:
    """Give the growth of a life of the service after its warm-up, in MB an hour.

    ``life`` are seconds and megabytes; None for one too short to tell.
    """
    points = [each for each in life if each[0] - life[0][0] > WARM_UP]
    if len(points) < 30:
        return None
    seconds = [each[0] for each in points]
    middle, mean = sum(seconds) / len(points), sum(each[1] for each in points) / len(points)
    above = sum((s - middle) * (m - mean) for s, m in points)
    return round(above / sum((s - middle) ** 2 for s in seconds) * 3600, 2)


def length_of(life: list[tuple[float, float]]) -> float:
    """Give how long a life of the service was looked at, in seconds."""
    return life[-1][0] - life[0][0] if life else 0.0


def leaks(life: list[tuple[float, float]]) -> bool:
    """Whether a life of the service, long enough to tell, grew by over 1 MB an hour (row 28)."""
    return length_of(life) > LONG_ENOUGH and (slope_of(life) or 0.0) > 1.0


def unjudged(lives: list[list[tuple[float, float]]], *, kills: bool) -> str:
    """Say that no life of the service was long enough to tell, and what to do; "" if one was."""
    if max(map(length_of, lives), default=0.0) > LONG_ENOUGH:
        return ""
    life = f"no life of the service lasted {LONG_ENOUGH / 60:.0f} minutes"
    remedy = "run with --no-kills" if kills else "run longer, with --minutes"
    return f"memory slope: not judged, {life}; {remedy}"
