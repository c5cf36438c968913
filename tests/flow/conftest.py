"""A town for every story."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flow.city import City, city


@pytest.fixture
def town(tmp_path: Path) -> Iterator[City]:
    """Give an empty city on a Tuesday morning."""
    with city(tmp_path) as made:
        yield made


@pytest.fixture
def careful_town(tmp_path: Path) -> Iterator[City]:
    """Give a city whose manager releases every combined answer."""
    with city(tmp_path, manager_releases=True) as made:
        yield made
