"""Decisions that meet a ticket which has moved on are made again, on fresh facts."""

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from sqlalchemy.exc import IntegrityError

from mailflow.store.apply import StaleDecisionError

__all__ = ["on_fresh_facts"]

_TRIES = 5

Result = TypeVar("Result")


def on_fresh_facts(step: Callable[[], Result], *, tries: int = _TRIES) -> Result:
    """Take a step that gathers, decides and applies; again while a ticket moves on in between.

    So it is where the database refuses a row, which may be that of a node that was quicker: both
    met one new sender, say. Raises StaleDecisionError, or IntegrityError, the last time.
    """
    for _ in range(tries - 1):
        with suppress(StaleDecisionError, IntegrityError):
            return step()
    return step()
