"""A town under trial for every fault. The slow faults run where they are asked for (`-m`)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.trial import Trial, trial


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the slow faults to ``make faults``, which names its markers."""
    if config.option.markexpr:
        return
    here = Path(__file__).parent
    slow = [each for each in items if each.path.is_relative_to(here) and _is_slow(each)]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [each for each in items if each not in slow]


def _is_slow(item: pytest.Item) -> bool:
    return item.get_closest_marker("slow") is not None


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Trial]:
    """Give an empty city on a Tuesday morning, with a manifest of what is written to it."""
    with trial(tmp_path) as made:
        yield made
