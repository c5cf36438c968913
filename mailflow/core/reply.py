"""What an office's mail back is, and what of it may go on to the company."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

__all__ = ["KIND_WORDS", "ReplyKind", "ReplyReading"]


class ReplyKind(StrEnum):
    """What a reply does to its consultation."""

    ANSWER = "answer"
    INTERIM = "interim"
    QUESTION = "question"
    DECLINE = "decline"
    INTERNAL = "internal"


KIND_WORDS = {
    ReplyKind.ANSWER: "Antwort",
    ReplyKind.INTERIM: "Zwischennachricht",
    ReplyKind.QUESTION: "Rückfrage",
    ReplyKind.DECLINE: "Unzuständigkeit",
    ReplyKind.INTERNAL: "interne Notiz",
}
"""What the manager calls them."""


@dataclass(frozen=True, slots=True)
class ReplyReading:
    """A reply as understood.

    ``explicit``: said so by its author. ``suspicion``: why it may not be the answer it seems, one
    German clause, ``""`` for what is explicit or plain. ``text`` may go on to the company: without
    the line of the command word and without the internal part, which is ``internal_text``.
    ``office_words`` name the office a decline points to. ``until`` is the day an interim promises.
    """

    kind: ReplyKind
    explicit: bool
    suspicion: str
    text: str
    internal_text: str
    office_words: str
    until: date | None
