"""The whole service, run by a test beside it on a city in memory."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mailflow.service import Service
from mailflow.settings.sections import Alerts, Central, Imap
from tests.faults.trial import Trial
from tests.flow.city import CENTRAL, parse

__all__ = ["parts_of", "running", "sent", "until"]


def parts_of(town: Trial, folder: Path, **more: Any) -> Any:
    """Give what a service works with, around the city in memory."""
    given: dict[str, Any] = {
        "imap": Imap(host="127.0.0.1", port=1),
        "lmtp": SimpleNamespace(address=None),
        **more,
    }
    settings = SimpleNamespace(
        central=Central(address=CENTRAL),
        alerts=Alerts(),
        paths=SimpleNamespace(state=folder),
        database=SimpleNamespace(url="sqlite"),
        reading=SimpleNamespace(max_bytes=1_000_000),
        **given,
    )
    return SimpleNamespace(
        settings=settings,
        clock=lambda: town.city.now,
        policy=town.city.policy,
        deciding=town.city.deciding,
        intake=town.city.intake,
        reporting=town.city.reporting,
        store=town.city.store,
        chasing=town.city.chasing,
        dispatch=town.city.dispatch,
        engine=town.city.store.engine,
        submission=SimpleNamespace(close=lambda: None),
    )


@contextmanager
def running(parts: Any, ready: Callable[[], None] = lambda: None) -> Iterator[Service]:
    """Let a service run beside the test."""
    service = Service(parts, ready)
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        yield service
    finally:
        service.stop()
        thread.join()


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, ten seconds at most."""
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.05)


def sent(town: Trial) -> list[str]:
    """Give the kinds of what went out."""
    return [str(parse(raw)["X-Mailflow-Kind"]) for _, _, raw in town.city.wire.accepted]
