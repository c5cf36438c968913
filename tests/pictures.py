"""Make a picture of every mail, to be looked at by a person.

Usage: ``python tests/pictures.py OUT [NAME ...]``. Needs Chromium; reaches no network. Each sample
is shown as HTML at 700 and 375 pixels and as plain text, in German and English.
"""

import html
import shutil
import subprocess
import sys
import tempfile
from email import message_from_bytes, policy
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests import samples

WIDTHS = (700, 375)
PAGE = '<!doctype html><meta charset="utf-8"><pre style="font:14px/1.4 monospace">{}</pre>'


def _picture(page: Path, target: Path, width: int, height: int, *more: str) -> None:
    browser = shutil.which("chromium") or "chromium"
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                browser,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--hide-scrollbars",
                "--disable-background-networking",
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
                f"--user-data-dir={profile}",
                f"--window-size={width},{height}",
                "--virtual-time-budget=2000",
                f"--screenshot={target}",
                *more,
                page.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=60,
        )


def _pages(name: str, language: str, folder: Path) -> None:
    sealed = samples.sealed(name, language)
    message = message_from_bytes(sealed.raw, policy=policy.default)
    body = message.get_body(("html",))
    text = folder / f"{name}.{language}.text.html"
    text.write_text(PAGE.format(html.escape(f"Subject: {sealed.subject}\n\n{sealed.text}")))
    lines = sealed.text.count("\n") + 8
    _picture(text, text.with_suffix(".png"), 700, lines * 20)
    if body is not None:
        page = folder / f"{name}.{language}.html"
        page.write_text(body.get_content())
        for width in WIDTHS:
            target = folder / f"{name}.{language}.{width}.png"
            _picture(page, target, width, 1600 if width > 500 else 2400)


def main(arguments: list[str]) -> None:
    """Write pages and pictures into the folder named first."""
    folder = Path(arguments[0]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for name in arguments[1:] or samples.drafts("de"):
        for language in ("de", "en"):
            _pages(name, language, folder)
            sys.stdout.write(f"{name}.{language}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
