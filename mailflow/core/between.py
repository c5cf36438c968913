"""Answers written between the lines of our own mail, where nothing sets its lines off as quoted.

Whoever answers below Outlook's header leaves no mark beside his words. Only our mails tell: what
stands among their lines and in none of them is new.
"""

import re
from dataclasses import replace

from mailflow.core.echo import marker_in
from mailflow.core.message import Message
from mailflow.core.tracking import without_tokens

__all__ = ["may_hold_answers", "with_answers_between"]

_LOOKED_AT = 60_000
_SURELY_OURS = 3  # words; a single one may stand in our mail by chance
_PROBLEM = "answers stand between the lines of our mail: everything was kept"
_WORD = re.compile(r"[^\W_]+")
# what programs add to a quoted line: targets of links, names of pictures
_ADDED = re.compile(r"<[^<>\n]{0,500}>|\[cid:[^\]\n]{0,200}\]|https?://\S{1,500}", re.IGNORECASE)


def may_hold_answers(message: Message) -> bool:
    """Tell whether our mail is quoted whole below what was taken for all that is new."""
    if message.quotes_kept or not message.reply_text:
        return False
    return marker_in(message.text) >= 0 and marker_in(message.reply_text) < 0


def with_answers_between(message: Message, ours: tuple[str, ...]) -> Message:
    """Give the mail with all its text as new where answers would be lost, else as it is.

    ``ours`` are the texts of our mails that it may quote.
    """
    below = message.text[marker_in(message.text) :][:_LOOKED_AT].split("\n")
    known = "\n".join(map(_words, ours))
    kept = set(map(_words, message.reply_text.split("\n")))
    lines = [words for words in map(_words, below) if words.strip()]
    own = [words in known for words in lines]
    last = max(
        (at for at, words in enumerate(lines) if own[at] and len(words.split()) >= _SURELY_OURS),
        default=0,
    )
    if all(own[at] or lines[at] in kept for at in range(last)):
        return message
    problems = (*message.problems, _PROBLEM)
    return replace(message, reply_text=message.text, quotes_kept=True, problems=problems)


def _words(text: str) -> str:
    """Give a text's words alone, each between spaces: wrapping and emphasis do not count.

    Nor do tokens: after a change of keys a mail composed anew bears others.
    """
    return f" {' '.join(_WORD.findall(_ADDED.sub(' ', without_tokens(text)).casefold()))} "
