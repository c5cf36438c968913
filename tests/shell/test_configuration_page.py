"""The page about the configuration tells every key, and nothing that is not there."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from mailflow.core.meant import NO_OFFICE
from mailflow.settings import _sections
from mailflow.settings.offices_file import OfficeTable

PAGE = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"
KEY = re.compile(r"`([a-z]+)\.([a-z_]+)`")


@pytest.fixture(scope="module")
def page() -> str:
    """The whole page."""
    return PAGE.read_text(encoding="utf-8")


def test_every_key_is_told(page: str) -> None:
    """A key added without a word about it fails here; passwords have their own paragraph."""
    told = set(KEY.findall(page))
    keys = {(name, key) for name, model in _sections().items() for key in model.model_fields}
    assert keys - told == {("imap", "password"), ("smtp", "password")}


def test_nothing_is_told_that_is_not_there(page: str) -> None:
    """Every `section.key` on the page exists, except the names of files."""
    files = {("mailflow", "toml"), ("offices", "toml"), ("secret", "key"), ("section", "key")}
    keys = {(name, key) for name, model in _sections().items() for key in model.model_fields}
    assert set(KEY.findall(page)) - files <= keys


@pytest.mark.parametrize("key", OfficeTable.model_fields)
def test_every_key_of_an_office_is_told(page: str, key: str) -> None:
    """What an office may say stands on the page, too."""
    assert f"`{key}`" in page or f"office.{key}" in page


@pytest.mark.parametrize("word", sorted(NO_OFFICE))
def test_every_word_that_is_no_office_is_told_and_refused(page: str, word: str) -> None:
    """An order could not name an office of this id: the page says so, and the file is refused."""
    assert f"`{word}`" in page
    with pytest.raises(ValidationError, match=f"{word}-amt"):
        OfficeTable(id=word, name="Amt", address="amt@stadt.example.org")
