"""The wheel alone is enough: templates, example configuration and schema travel inside it."""

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Build the wheel, unpack it alone, and give an environment that finds it before the tree."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    path = os.pathsep.join([str(site), sysconfig.get_path("purelib")])
    return {"PATH": os.environ["PATH"], "PYTHONPATH": path, "SITE": str(site)}


def _mailflow(
    environment: dict[str, str], folder: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "mailflow", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_inspect_needs_nothing_but_the_wheel(installed: dict[str, str], tmp_path: Path) -> None:
    """From an empty directory, without configuration, a mail is read."""
    (tmp_path / "a.eml").write_bytes(b"From: a@b.example\r\nSubject: Hallo\r\n\r\nGuten Tag.\r\n")
    done = _mailflow(installed, tmp_path, "inspect", "a.eml")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["subject"] == "Hallo"


def test_check_finds_the_shipped_templates(installed: dict[str, str], tmp_path: Path) -> None:
    """With only the example configuration beside it, the wheel brings its own templates."""
    shipped = Path(installed["SITE"], "mailflow", "shipped")
    config = tmp_path / "config"
    config.mkdir()
    for name in ("mailflow.toml", "offices.toml"):
        (config / name).write_bytes((shipped / "config" / name).read_bytes())
    for name in ("imap.password", "smtp.password"):
        (config / name).write_text("secret\n")
        (config / name).chmod(0o600)
    done = _mailflow(installed, tmp_path, "check")
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stdout.splitlines() if "templates" in line.lower()]
    assert lines, done.stdout + done.stderr
    assert all(line.startswith("OK") for line in lines)
