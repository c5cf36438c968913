"""Answers written between the lines of our own mail, where nothing sets its lines off as quoted.

Whoever answers below Outlook's header leaves no mark beside his words. Only a comparison with our
mails tells: what stands among their lines, but in none of them, is new. What stands below the end
of our mail, such as a signature, a notice or an older mail, is nobody's answer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mailflow.core.echo import marker_in
from mailflow.core.letter import closes
from mailflow.core.message import Message
from mailflow.core.same_words import WORD, end_behind, end_here, folded, shown, words_of

__all__ = [
    "added_above_closing",
    "may_hold_answers",
    "share_of_ours",
    "with_answers_added",
    "with_answers_between",
    "without_our_mails",
]

_LOOKED_AT = 60_000
_SURELY_OURS = 3  # words of a line; fewer may stand in our mail by chance
_CLOSINGS = ("Mit freundlichen Grüßen", "Kind regards")  # of our own mails
_MOST_LINES = 3_000  # below an answer that are compared with our mails
_COMPARED = 50  # lines that tell which of our mails is quoted
_LONGEST_RUN = 40
_A_RUN = 4  # words of ours within a line that is not ours otherwise
_NEARBY = 200  # letters a short line may be off, after a line that a gateway changed
_MOST_ASKED = 3  # lines of the company's letter that are kept above what answers them
_FOREIGN_AT_MOST = 3  # one foreign line of so many; with more, our mail itself was changed
_WHOLE = 0.9  # of our words: if so many are there, our mail is unchanged, however much is new
_PROBLEM = "answers stand between the lines of our mail: everything was kept"
_ADDED_THEM = "answers stand between the lines of our mail: they were added to the rest"
_MARKER = re.compile(" (?:bitte oberhalb dieser zeile antworten|please reply above this line) ")
_MARKS = "> \t"
_QUOTE = re.compile(
    r"[ \t]{0,4}>|[ \t*]{0,8}(?:#{2,} |(?:von|from|absender)[ \t*]{0,3}:)", re.IGNORECASE
)
"""Where something quoted may begin."""
_BESIDE = " \t>|*?!.,:;\"'“”)]"


@dataclass(frozen=True, slots=True)
class _Mail:
    """One of our mails, as words up to the end of its closing; ``closing`` is where that begins."""

    words: str
    closing: int


@dataclass(frozen=True, slots=True)
class _Line:
    """A quoted line that holds words: ``end`` is where it ends in our mail, -1 if it is not ours.

    ``extends``: our mail surely goes on as far as here.
    """

    text: str
    end: int
    extends: bool


def may_hold_answers(message: Message) -> bool:
    """Tell whether our mail is quoted whole below what was taken for all that is new."""
    if message.quotes_kept or not message.reply_text:
        return False
    return marker_in(message.text) >= 0 and marker_in(message.reply_text) < 0


def with_answers_between(message: Message, ours: tuple[str, ...], central: str) -> Message:
    """Give an office's mail with our mail quoted in it as new where answers would be lost.

    It is held, and a person sees what is whose. ``ours`` are the texts of our mails that it may
    quote; they end with the address ``central``.
    """
    if not _answers(message, ours, central):
        return message
    problems = (*message.problems, _PROBLEM)
    text = f"{message.reply_text}\n\n{message.text[marker_in(message.text) :]}"
    kept = replace(message, reply_text=text, quotes_kept=True, problems=problems)
    return without_our_mails(kept, ours, central)


def without_our_mails(message: Message, ours: tuple[str, ...], central: str) -> Message:
    """Give an office's mail without the lines of our mails that were kept in it; it is held.

    Of the company's letter in them stays what is answered right below it, marked as quoted. What
    stands below very many lines stays as it is.
    """
    lines = message.reply_text.split("\n")
    start = next((at for at, line in enumerate(lines) if _QUOTE.match(line)), len(lines))
    known = "".join(map(words_of, ours))
    mails = tuple(_mails(known, words_of(central)))
    if not (mails and start < len(lines)):
        return message
    end = start + _MOST_LINES
    below = lines[start:end]
    worded = [line for line in below if words_of(line).strip()]
    theirs = iter(_theirs(_read(worded, _quoted_of(worded, mails)), _letters(ours)))
    rest = [next(theirs) if words_of(line).strip() else line.strip(_MARKS) for line in below]
    kept = (line for line in rest if line is not None)
    text = "\n".join([*lines[:start], *kept, *lines[end:]])
    return replace(message, reply_text=text.strip("\n"), quotes_kept=True)


def _letters(ours: tuple[str, ...]) -> str:
    """Give the words of the company's letters, which our mails quote with marks."""
    lines = (line for text in ours for line in text.splitlines() if line.startswith(">"))
    return "".join(map(words_of, lines))


def _theirs(lines: list[_Line], letters: str) -> list[str | None]:
    """Give each line that is not ours, and the company's question above one; None for the rest."""
    kept: list[str | None] = []
    room = 0
    for line in reversed(lines):
        words = words_of(line.text)
        if line.end < 0:
            kept.append(line.text)
            room = _MOST_ASKED
        elif room and words in letters and _is_long(words):
            kept.append(f"> {line.text.lstrip(_MARKS)}")
            room -= 1
        else:
            kept.append(None)
            room = 0
    return kept[::-1]


def with_answers_added(message: Message, ours: tuple[str, ...], central: str) -> Message:
    """Give a company's mail with its answers between our lines added to what it wrote on top.

    Nobody looks at the mail before offices read it: no word of our mail may travel with it.
    """
    answers = _answers(message, ours, central)
    if not answers:
        return message
    text = added_above_closing(message.reply_text, "\n".join(answers))
    return replace(message, reply_text=text, problems=(*message.problems, _ADDED_THEM))


def added_above_closing(letter: str, words: str) -> str:
    """Give a letter with these words above its closing: what is below one says nothing."""
    lines = letter.split("\n")
    end = next((at for at, line in enumerate(lines) if closes(line)), len(lines))
    return "\n".join((*lines[:end], "", words, "", *lines[end:])).rstrip()


def _answers(message: Message, ours: tuple[str, ...], central: str) -> list[str]:
    """Give what stands between the lines of our mails and in none of them."""
    known = "".join(map(words_of, ours))
    mails = tuple(_mails(known, words_of(central)))
    kept = set(map(words_of, message.reply_text.split("\n")))
    new = [text for span in _spans(message.text) for text in _new(span, mails)]
    if not new:
        return []
    ours_in_threes = _threes(known.split())
    parts = [part for text in new for part in _without_ours(text, ours_in_threes)]
    return [part for part in parts if words_of(part) not in kept]


def _mails(known: str, central: str) -> Iterator[_Mail]:
    """Give each of our mails in each of its forms, from its marker to the end of its closing.

    What stands below that, such as the company's own letter, ends no later.
    """
    starts = [found.start() for found in _MARKER.finditer(known)]
    for start, end in zip(starts, [*starts[1:], len(known)], strict=True):
        words = known[start : min(end, start + _LOOKED_AT)]
        at = words.rfind(central)
        words = words[: at + len(central)] if at >= 0 else words
        closing = max(words.rfind(each) for each in map(words_of, _CLOSINGS))
        yield _Mail(words, closing if closing >= 0 else len(words))


def _spans(text: str) -> Iterator[list[str]]:
    """Give the lines with words below each marker, up to the next one."""
    rest = text[max(marker_in(text), 0) :][:_LOOKED_AT]
    while rest:
        first, _, below = rest.partition("\n")
        following = marker_in(below)
        body = below if following < 0 else below[:following]
        yield [line for line in (first, *body.split("\n")) if words_of(line).strip()]
        rest = "" if following < 0 else below[following:]


def _new(span: list[str], mails: tuple[_Mail, ...]) -> list[str]:
    """Give the lines of one quoted mail that are not ours, nothing where the quote was changed."""
    if not mails:
        return []
    lines = _read(span, mail := _quoted_of(span, mails))
    last = max((at for at, line in enumerate(lines) if line.extends), default=0)
    lines = [line for line in lines[:last] if not _says_nothing(line)]
    new = [line.text for line in lines if line.end < 0]
    return [] if _is_changed(lines, len(new), mail) else new


def _quoted_of(lines: list[str], mails: tuple[_Mail, ...]) -> _Mail:
    """Give the mail of ours that most of these lines are from."""
    known = [words_of(line) for line in lines if _is_long(words_of(line))][:_COMPARED]

    def there(mail: _Mail) -> int:
        return sum(end_behind(words, mail.words, 0) >= 0 for words in known)

    return max(mails, key=there)


def _is_changed(lines: list[_Line], new: int, mail: _Mail) -> bool:
    """Tell whether a quote differs from our mail in more than what was written into it."""
    if new * _FOREIGN_AT_MOST <= len(lines):
        return False
    ours = [line for line in lines if line.end >= 0]
    there = sum(len(words_of(line.text)) - 1 for line in ours)
    reached = min(max((line.end for line in ours), default=0), mail.closing)
    return there < _WHOLE * reached


def _says_nothing(line: _Line) -> bool:
    return line.end < 0 and closes(line.text.strip(_BESIDE))


def _read(span: list[str], mail: _Mail) -> list[_Line]:
    """Find lines in one of our mails, each behind the one before."""
    lines: list[_Line] = []
    at, lost = 0, False
    for text in span:
        end = _end(text, mail.words, at, lost=lost)
        long = _is_long(words_of(text))
        inside = end <= mail.closing or end == len(mail.words) - 1
        lines.append(_Line(text, end, extends=end >= 0 and long and inside))
        at, lost = (end, False) if end >= 0 else (at, True)
    return lines


def _end(text: str, ours: str, at: int, *, lost: bool) -> int:
    """Give where a line ends in our mail if it stands there behind ``at``, else -1.

    A short line or a closing formula must go on right there, or close by where ``lost``.
    """
    words = words_of(text)
    end = end_here(words, ours, at)
    if end >= 0:
        return end
    if _is_long(words) and not closes(text.strip(_BESIDE)):
        return end_behind(words, ours, at)
    found = ours.find(words, at, at + _NEARBY) if lost else -1
    return found + len(words) - 1 if found >= 0 else -1


def _without_ours(text: str, ours: frozenset[str]) -> list[str]:
    """Give what is left of a line when whole runs of our words are taken out of it.

    ``ours`` are our words, three by three.
    """
    text = shown(text)
    words = [(word, each) for each in WORD.finditer(text) if (word := folded(each[0]))]
    left: list[str] = []
    start = at = 0
    while at < len(words):
        size = _run([word for word, _ in words[at : at + _LONGEST_RUN]], ours)
        if size >= _A_RUN or size == len(words):
            left.append(text[start : words[at][1].start()])
            start = words[at + size - 1][1].end()
            at += size
        else:
            at += 1
    left.append(text[start:])
    return [part for each in left if words_of(part := each.lstrip(_BESIDE).rstrip()).strip()]


def share_of_ours(text: str, ours: tuple[str, ...]) -> float:
    """Give how much of a text, three words at a time, stands in one of these mails of ours."""
    known = _threes("".join(map(words_of, ours)).split())
    found = _threes(words_of(text[:_LOOKED_AT]).split())
    return len(found & known) / len(found) if found else 0.0


def _run(words: list[str], ours: frozenset[str]) -> int:
    """Give how many words at the beginning are ours in this order, 0 for fewer than three."""
    size = 0
    while size + 3 <= len(words) and " ".join(words[size : size + 3]) in ours:
        size += 1
    return size + 2 if size else 0


def _threes(words: list[str]) -> frozenset[str]:
    return frozenset(map(" ".join, zip(words, words[1:], words[2:], strict=False)))


def _is_long(words: str) -> bool:
    """Tell whether a line has too many words to stand in our mail by chance."""
    return words.count(" ") > _SURELY_OURS
