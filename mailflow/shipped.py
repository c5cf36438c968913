"""Where the shipped templates, example configuration and systemd units lie.

An installed wheel carries them in ``mailflow/shipped/``; a source checkout has them at its top.
"""

from pathlib import Path

from mailflow.errors import MailflowError

__all__ = ["ShippedFilesError", "example_config", "shipped", "template_directories"]

_PACKAGE = Path(__file__).resolve().parent


class ShippedFilesError(MailflowError):
    """The folder {name} that belongs to mailflow is missing in {places}; install mailflow anew."""


def shipped(name: str) -> Path:
    """Give a shipped folder: ``templates``, ``config`` or ``systemd``.

    Raises ``ShippedFilesError`` when the installation is incomplete.
    """
    places = (_PACKAGE / "shipped" / name, _PACKAGE.parent / name)
    for place in places:
        if place.is_dir():
            return place
    raise ShippedFilesError(name=name, places=" and ".join(map(str, places)))


def template_directories(override: Path | None) -> list[Path]:
    """Give where templates are looked for, in order: the operator's own folder, then ours."""
    return ([override] if override else []) + [shipped("templates")]


def example_config() -> Path:
    """Give the folder with the complete, commented example city."""
    return shipped("config")
