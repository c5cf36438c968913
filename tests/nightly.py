"""Cases of a test of which ``make test`` tries some, and ``make faults`` all."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

import pytest

__all__ = ["each_of"]


def each_of(
    name: str,
    cases: Iterable[Any],
    *,
    by_day: Collection[Any],
    ids: Callable[[Any], str] = str,
    indirect: bool = False,
) -> pytest.MarkDecorator:
    """Let a test meet each of these cases under that name; by day only some of them."""
    params = [
        pytest.param(case, id=ids(case), marks=() if case in by_day else (pytest.mark.nightly,))
        for case in cases
    ]
    return pytest.mark.parametrize(name, params, indirect=indirect)
