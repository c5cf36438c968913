"""Decisions that meet a ticket which has moved on are made again, on fresh facts."""

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from mailflow.store.apply import StaleDecisionError

__all__ = ["on_fresh_facts"]

_TRIES = 5

Result = TypeVar("Result")


def on_fresh_facts(step: Callable[[], Result]) -> Result:
    """Take a step that gathers, decides and applies; again while a ticket moves on in between.

    Raises StaleDecisionError when that has happened five times in a row.
    """
    for _ in range(_TRIES - 1):
        with suppress(StaleDecisionError):
            return step()
    return step()
