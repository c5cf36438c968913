"""``python -m tests.faults.lethal MOMENT ...``: mailflow, killed as it takes a pushed mail."""

import os
import signal
import sys
from datetime import datetime
from typing import AnyStr

from mailflow import lmtp
from mailflow.cli import main
from mailflow.service import Service

__all__ = ["MOMENTS"]

MOMENTS = ("before the commit", "after the commit", "before the 250", "after the 250")
_STORED = "250 2.0.0 stored"


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _install(moment: str) -> None:
    when, _, what = moment.partition(" the ")
    if what == "commit":
        _around_the_commit(when)
    else:
        _around_the_reply(when)


def _around_the_commit(when: str) -> None:
    store = Service._store_pushed

    def storing(self: Service, raw: bytes, received_at: datetime) -> None:
        if when == "before":
            _die()
        store(self, raw, received_at)
        _die()

    Service._store_pushed = storing  # type: ignore[method-assign]


def _around_the_reply(when: str) -> None:
    push = lmtp._Lmtp.push

    async def pushing(self: lmtp._Lmtp, status: AnyStr) -> None:
        if status != _STORED:
            await push(self, status)
            return
        if when == "before":
            _die()
        await push(self, status)
        _die()

    lmtp._Lmtp.push = pushing  # type: ignore[method-assign]


if __name__ == "__main__":
    _install(sys.argv[1])
    main(sys.argv[2:])
