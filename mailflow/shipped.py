"""Where the shipped templates, example configuration and units lie, installed or checked out."""

from pathlib import Path

__all__ = ["example_config", "template_directories", "units"]

_HERE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    """Give a shipped folder: inside an installed wheel, or at the top of a source checkout."""
    installed = _HERE / "shipped" / name
    return installed if installed.is_dir() else _HERE.parent / name


def template_directories(override: Path | None) -> list[Path]:
    """Give where templates are looked for, file by file: the operator's folder first."""
    shipped = _folder("templates")
    return [override, shipped] if override else [shipped]


def example_config() -> Path:
    """Give the folder of the example city's configuration."""
    return _folder("config")


def units() -> Path:
    """Give the folder of the systemd units."""
    return _folder("systemd")
