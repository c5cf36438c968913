"""Shipped files are found in a checkout and in an installed wheel."""

from pathlib import Path

import pytest

from mailflow import shipped
from mailflow.settings import load_offices


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty installation, as site-packages/mailflow."""
    folder = tmp_path / "site-packages" / "mailflow"
    folder.mkdir(parents=True)
    monkeypatch.setattr(shipped, "_PACKAGE", folder)
    return folder


def test_the_example_city_lies_where_it_is_said() -> None:
    """The example configuration holds both files, and its offices can be read."""
    folder = shipped.example_config()
    assert {"mailflow.toml", "offices.toml"} <= {path.name for path in folder.iterdir()}
    assert len(load_offices(folder / "offices.toml")) == 23


def test_a_wheel_is_looked_at_before_a_checkout(package: Path) -> None:
    """Inside a wheel the files lie in the package; a folder beside it is only the second place."""
    (package.parent / "templates").mkdir()
    assert package.parent / "templates" == shipped.shipped("templates")
    (package / "shipped" / "templates").mkdir(parents=True)
    assert package / "shipped" / "templates" == shipped.shipped("templates")


def test_the_operators_templates_come_first(tmp_path: Path) -> None:
    """An override is searched before the shipped folder; without one there is only ours."""
    ours = shipped.shipped("templates")
    assert [tmp_path, ours] == shipped.template_directories(tmp_path)
    assert [ours] == shipped.template_directories(None)


@pytest.mark.usefixtures("package")
def test_an_incomplete_installation_is_named() -> None:
    """A missing folder is an error that says which, where, and what to do."""
    with pytest.raises(shipped.ShippedFilesError, match=r"systemd.*install mailflow anew"):
        shipped.shipped("systemd")
