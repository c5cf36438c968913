"""What the demo leaves behind: every mail as a file to open, and a page that tells the story."""

import shutil
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from mailflow.demo.programs import text_of
from mailflow.demo.stage import Scene, Shown, addresses_of, attachments_of
from mailflow.demo.town import DemoError

__all__ = ["paste", "prepare"]

_MARK = ".mailflow-demo"


def prepare(folder: Path) -> None:
    """Make an empty folder, replacing what an earlier demo left.

    Raises DemoError for a folder that holds anything else.
    """
    if folder.exists() and not (folder / _MARK).is_file() and any(folder.iterdir()):
        raise DemoError(problem=f"{folder} holds something that is not a demo's; move it away")
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / _MARK).write_text("made by mailflow's demo, which replaces this folder\n")


def paste(folder: Path, shown: Sequence[Shown]) -> Path:
    """Write each mail as .eml, .txt and .html, and index.html over them; give the latter."""
    for each in shown:
        for name, content in _files(each).items():
            (folder / name).write_bytes(content)
    index = folder / "index.html"
    index.write_text(_page(shown), encoding="utf-8")
    return index


def _files(shown: Shown) -> dict[str, bytes]:
    stem = _stem(shown)
    files = {f"{stem}.eml": shown.raw, f"{stem}.txt": text_of(shown.mail).encode()}
    html = shown.mail.get_body(("html",))
    if html is not None:
        files[f"{stem}.html"] = str(html.get_content()).encode()
    return files


def _stem(shown: Shown) -> str:
    author = shown.kind or str(addresses_of(shown.mail, "From")[0][1]).partition("@")[0]
    name = "".join(letter if letter.isalnum() else "-" for letter in author)
    return f"{shown.number:02}-{name}"


def _page(shown: Sequence[Shown]) -> str:
    scenes = "".join(
        f"<h2>{scene.number}. {escape(scene.title)}</h2><p>{escape(scene.about)}</p>"
        f"<ol start='{mails[0].number}'>{''.join(map(_entry, mails))}</ol>"
        for scene, mails in ((scene, list(mails)) for scene, mails in _by_scene(shown))
    )
    return _FRAME.replace("{scenes}", scenes)


def _by_scene(shown: Sequence[Shown]) -> Iterator[tuple[Scene, Iterator[Shown]]]:
    return groupby(shown, key=lambda each: each.scene)


def _entry(shown: Shown) -> str:
    whom = " → ".join(
        escape(", ".join(name or address for name, address in addresses_of(shown.mail, header)))
        for header in ("From", "To")
    )
    files = [f"<b>{escape(name)}</b>" for name in attachments_of(shown.mail)]
    subject = " + ".join([escape(str(shown.mail["Subject"])), *files])
    style = "ours" if shown.by_mailflow else "theirs"
    return (
        f"<li class='{style}'><h3>{escape(shown.what)}</h3><p class='whom'>{whom}</p>"
        f"<p class='subject'>{subject}</p>{_preview(shown)}{_links(shown)}</li>"
    )


def _preview(shown: Shown) -> str:
    stem = _stem(shown)
    seen = f"{stem}.html" if f"{stem}.html" in _files(shown) else f"{stem}.txt"
    excerpt = "" if shown.whole else f"<blockquote>{escape(shown.words)}</blockquote>"
    return (
        f"{excerpt}<details{' open' if shown.whole else ''}><summary>the whole mail</summary>"
        f"<iframe sandbox loading='lazy' src='{seen}' title='mail {shown.number}'></iframe>"
        "</details>"
    )


def _links(shown: Shown) -> str:
    links = (f"<a href='{name}'>{name}</a>" for name in _files(shown))
    return f"<p class='links'>{' '.join(links)}</p>"


_FRAME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>mailflow: the demo, mail by mail</title>
<style>
:root { color-scheme: light dark; --line: #8884; --ours: #1a7f4e; --theirs: #2563a8; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.6rem; margin-bottom: .2rem; }
h2 { margin: 2.5rem 0 .2rem; border-top: 2px solid var(--line); padding-top: 1.2rem; }
ol { padding-left: 1.6rem; } li { margin: 0 0 1.6rem; padding-left: .8rem; }
li.ours { border-left: 3px solid var(--ours); } li.theirs { border-left: 3px solid var(--theirs); }
li::marker { font-weight: 700; }
h3 { margin: 0; font-size: 1.05rem; } .ours h3 { color: var(--ours); }
.theirs h3 { color: var(--theirs); }
p { margin: .2rem 0; } .whom, .links { font-size: .85rem; opacity: .8; overflow-wrap: anywhere; }
.subject { font-weight: 600; overflow-wrap: anywhere; }
blockquote { margin: .4rem 0; padding-left: .8rem; border-left: 1px solid var(--line); }
iframe { width: 100%; height: 34rem; border: 1px solid var(--line); background: #fff;
  color-scheme: light; } summary { cursor: pointer; font-size: .9rem; }
</style></head><body>
<h1>mailflow: one mail in, one combined answer out</h1>
<p>Every mail of the demo in the order it was sent; <b style="color:var(--theirs)">blue</b> by
people, <b style="color:var(--ours)">green</b> by mailflow.</p>
{scenes}
</body></html>
"""
