"""Mails as the audience sees them: who wrote to whom, what it is, the first sensible words."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses

from mailflow.demo.programs import Person, mail_of, text_of
from mailflow.demo.town import DemoError, Town

__all__ = ["Scene", "Shown", "Stage", "attachments_of", "letter_text", "passage"]

_LONGEST, _HEADING = 230, 40  # characters
_GREETING = re.compile(r"^(?:Guten (?:Tag|Morgen)|Dear|Hello)[^\n]{0,80},$", re.MULTILINE)
_CLOSING = re.compile(r"^(?:Mit freundlichen Grüßen|Kind regards|Yours sincerely)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Scene:
    """One of the stories: its number, title, and what to look out for."""

    number: int
    title: str
    about: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One mail on stage. ``words`` is the part of it worth reading, ``whole`` when it is all."""

    number: int
    scene: Scene
    what: str
    words: str
    whole: bool
    raw: bytes
    mail: EmailMessage

    @property
    def by_mailflow(self) -> bool:
        """Whether mailflow wrote it."""
        return "X-Mailflow-Kind" in self.mail

    @property
    def kind(self) -> str:
        """The kind mailflow gives it, "" for a person's mail."""
        return str(self.mail["X-Mailflow-Kind"] or "")


class Stage:
    """Where the stories happen: people post and get mails, and the audience sees each of them."""

    def __init__(
        self, town: Town, tell_scene: Callable[[Scene], None], tell_mail: Callable[[Shown], None]
    ) -> None:
        self.town = town
        self.shown: list[Shown] = []
        self._tell_scene = tell_scene
        self._tell_mail = tell_mail
        self._scene = Scene(0, "", "")

    def scene(self, title: str, about: str) -> None:
        """Begin the next story."""
        self._scene = Scene(self._scene.number + 1, title, about)
        self._tell_scene(self._scene)

    def posts(self, sender: Person, raw: bytes, what: str, words: str) -> None:
        """Let a person send a mail; ``words`` is a phrase from the passage to show."""
        self.town.post(sender, raw)
        self._show(raw, what, words, whole=False)

    def gets(
        self, address: str, kind: str, what: str, words: str, *, whole: bool = False
    ) -> EmailMessage:
        """Wait for the mail of this kind that must come next; it must hold the phrase ``words``.

        Raises DemoError when it does not come, or does not say it.
        """
        return self._show(self.town.receive(address, kind), what, words, whole=whole).mail

    def _show(self, raw: bytes, what: str, words: str, *, whole: bool) -> Shown:
        mail = mail_of(raw)
        text = text_of(mail)
        found = passage(text, words)
        excerpt = letter_text(text) if whole else found
        shown = Shown(len(self.shown) + 1, self._scene, what, excerpt, whole, raw, mail)
        self.shown.append(shown)
        if not found:
            raise DemoError(problem=f'mail {shown.number}, "{mail["Subject"]}", lacks "{words}"')
        self._tell_mail(shown)
        return shown


def passage(text: str, phrase: str) -> str:
    r"""Give the paragraph that holds a phrase, on one line and not too long; "" if none does.

    >>> passage("Guten Tag,\n\n> nachts gelten\n> 45 dB(A)\n", "gelten 45")
    'nachts gelten 45 dB(A)'
    """
    for paragraph in re.split(r"\n(?:>[ \t]*)?\n", text):
        lines = [re.sub(r"^> ?", "", line).strip() for line in paragraph.strip().splitlines()]
        found = " ".join(lines[1:] if _is_heading(lines) else lines)
        if phrase in found:
            return _shortened(found, phrase)
    return ""


def _shortened(words: str, phrase: str) -> str:
    """Cut a long paragraph, but never the phrase it is shown for.

    >>> _shortened("Guten Tag. " * 30 + "Es geht um Lärm.", "Lärm")
    '… Es geht um Lärm.'
    """
    place = words.find(phrase)
    if place + len(phrase) > _LONGEST:
        words = f"… {words[words.rfind('. ', 0, place) + 2 :]}"
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST].rsplit(' ', 1)[0]} …"


def _is_heading(lines: list[str]) -> bool:
    """Tell whether the first of these lines is a heading over the others."""
    if len(lines) < 2 or ":" in lines[0]:  # noqa: PLR2004 - a heading stands over something
        return False
    return len(lines[0]) < _HEADING and lines[1][:1].isupper()


def letter_text(text: str) -> str:
    r"""Give what stands between greeting and closing.

    >>> letter_text("Guten Tag Frau Roth,\n\nja, gern.\n\nMit freundlichen Grüßen\nA. Berg\n")
    'ja, gern.'
    """
    start = _GREETING.search(text)
    begin = start.end() if start else 0
    end = _CLOSING.search(text, begin)
    return text[begin : end.start() if end else None].strip()


def attachments_of(mail: EmailMessage) -> list[str]:
    """Give the names of the attached files."""
    return [part.get_filename() or "?" for part in mail.iter_attachments()]


def addresses_of(mail: EmailMessage, header: str) -> list[tuple[str, str]]:
    """Give (name, address) of everybody in a header.

    Names are decoded here: the standard library leaves a blank between the halves of a long one.
    """
    source = next((str(value) for name, value in mail.raw_items() if name == header), "")
    return [
        (str(make_header(decode_header(name))), address) for name, address in getaddresses([source])
    ]
