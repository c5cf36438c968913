"""What holds for every test: no connection leaves the machine, and no test is timed."""

import gc
import os
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from tests.shared_statements import share_compiled_statements

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder of its own in it
ENOUGH = 4 * 2**30
FIRST = ("real", "faults", "shell")

# how fast an example runs says nothing on a machine that others use as well
settings.register_profile("mailflow", deadline=None)
settings.load_profile("mailflow")


class OutsideConnectionError(RuntimeError):
    """A test tried to reach another machine; tests talk to 127.0.0.1 and to sockets in files."""


def pytest_configure() -> None:
    """Forbid connections to other machines, and let tests write into memory where there is room.

    Each commit waits for the disk, and thousands of tests wait with it: on a disk they take twice
    as long, and prove the same. What a power cut leaves is worked out in ``tests/faults/power.py``.
    """
    sys.addaudithook(_stay_inside)
    share_compiled_statements()
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what waits for servers: at the end one process would be busy, and others idle.

    What is for the night runs where markers are named (``-m``), as ``make faults`` does.
    """
    items.sort(key=lambda item: not set(FIRST).intersection(item.path.parts))
    if config.option.markexpr:
        return
    night = [item for item in items if item.get_closest_marker("nightly")]
    if night:
        config.hook.pytest_deselected(items=night)
        items[:] = [item for item in items if not item.get_closest_marker("nightly")]


def pytest_collection_finish() -> None:
    """Look for garbage among what tests make only: ten thousand of them are kept to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real mails beside the repository; without it, tests of it are skipped."""
    if not CORPUS.is_dir():
        pytest.skip(f"no mail corpus at {CORPUS}")
    return CORPUS


def _stay_inside(event: str, arguments: tuple[object, ...]) -> None:
    if event != "socket.connect":
        return
    address = arguments[1]
    host = address[0] if isinstance(address, tuple) else ""
    if host and not str(host).startswith("127.") and host not in ("localhost", "::1"):
        raise OutsideConnectionError(str(host))
