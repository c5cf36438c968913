"""The demo from curtain to curtain: build the town, play the stories, check the outcome."""

import shutil
import sys
from pathlib import Path

from rich.console import Console

from mailflow.demo import album
from mailflow.demo.reckoning import reckon
from mailflow.demo.stage import Stage
from mailflow.demo.stories import (
    COMPANIES,
    OFFICES,
    a_question_back,
    nobody_could_route,
    two_offices,
)
from mailflow.demo.telling import Telling
from mailflow.demo.town import town

__all__ = ["play"]

_STORIES = (two_offices, a_question_back, nobody_could_route)


def _command() -> str:
    """Give what to type for mailflow here: the virtual environment may not be on the path."""
    beside = Path(sys.executable).with_name("mailflow")
    if shutil.which("mailflow") or not beside.exists():
        return "mailflow"
    here = Path.cwd()
    return str(beside.relative_to(here) if beside.is_relative_to(here) else beside)


def play(folder: Path, console: Console | None = None) -> bool:
    """Tell the stories, leave the mails in a folder, and say whether all was as it should be.

    Raises DemoError when something expected did not happen.
    """
    telling = Telling(console)
    telling.opening()
    album.prepare(folder)
    with town(folder, COMPANIES, OFFICES) as built:
        stage = Stage(built, telling.scene, telling.mail)
        try:
            for story in _STORIES:
                story(stage)
            built.settle()
            findings = reckon(built, stage.shown)
        finally:
            index = album.paste(folder, stage.shown)
    telling.findings(findings)
    telling.closing(
        (
            ("the story", str(index)),
            ("every mail", f"{folder}/*.eml, *.html, *.txt"),
            ("the tickets", f"{_command()} --config {folder}/config tickets"),
        )
    )
    return all(finding.right for finding in findings)
