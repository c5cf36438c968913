"""The word by which an office says what its mail is: on the first line, or in the subject.

The links of our own mails put it there.
"""

import re

from mailflow.core.letter import greets
from mailflow.core.reply import ReplyKind

__all__ = ["command_in", "command_of"]

_TO_COMPANY = (
    r"(?:an (?:das unternehmen|die firma|den antragsteller|die antragstellerin|den bauherrn"
    r"|den betrieb)|to the (?:company|applicant))"
)
_WORDS: tuple[tuple[ReplyKind, str], ...] = (
    (
        ReplyKind.INTERIM,
        (
            r"zwischen(?:nachricht|bescheid|stand|meldung|information|info)"
            rf"(?: {_TO_COMPANY})?"
            r"|interim(?: (?:reply|notice|message|report|answer))?|holding reply"
        ),
    ),
    (
        ReplyKind.QUESTION,
        (
            r"(?:rückfragen?|rueckfragen?|nachforderung(?:en)?|questions?(?: back)?|query)"
            rf"(?: {_TO_COMPANY})?|fragen? {_TO_COMPANY}"
        ),
    ),
    (
        ReplyKind.DECLINE,
        (
            r"unzuständig(?:keit)?|unzustaendig(?:keit)?|nicht zuständig|not ours|not responsible"
            r"|wrong office|decline(?:d)?"
        ),
    ),
    (
        ReplyKind.INTERNAL,
        (
            r"(?:nur |rein )?intern(?:er? (?:hinweis|vermerk|notiz))?"
            r"|internal(?: only| note| remark)?"
        ),
    ),
    (ReplyKind.ANSWER, r"antwort|answer|endgültige antwort|final answer"),
)
# "Unzuständig, Tiefbauamt" names an office; "Antwort, wie besprochen ..." is the text itself.
_COMMANDS = tuple(
    (
        kind,
        re.compile(
            rf"[\s*_\"'„(\[]{{0,4}}(?:#\s?(?:{words})\b[\s*_\"'“)\]]{{0,4}}[:.!,;–—>→=-]{{0,3}}"
            rf"|(?:{words})[\s*_\"'“)\]]{{0,4}}(?:$|[:.!–—→{',' * (kind is ReplyKind.DECLINE)}]"
            rf"|-{{1,2}}>?(?=\s|$)|=>|>))\s{{0,4}}(?P<rest>.*)",
            re.IGNORECASE,
        ),
    )
    for kind, words in _WORDS
)
# No answer: "Antwort:" is what a German Lotus Notes writes before the subject of every reply.
_SUBJECT_COMMANDS = tuple(
    (
        kind,
        re.compile(
            rf"\s*#?(?:{words})\s?(?::"
            rf"|(?=\[))",
            re.IGNORECASE,
        ),
    )
    for kind, words in _WORDS
    if kind is not ReplyKind.ANSWER
)


def command_in(lines: list[str], subject: str) -> tuple[tuple[ReplyKind, str] | None, list[str]]:
    """Take the command word off a mail: (kind, what stands behind it) and the other lines.

    None as the first where neither the first line nor the subject bears one.
    """
    first = next((at for at, line in enumerate(lines) if line.strip()), None)
    if first is not None and greets(lines[first]):
        following = (at for at in range(first + 1, len(lines)) if lines[at].strip())
        first = next(following, first)
    if first is not None:
        found = command_of(lines[first])
        if found:
            return found, [*lines[:first], *lines[first + 1 :]]
    if "[" in subject:
        for kind, pattern in _SUBJECT_COMMANDS:
            if pattern.match(subject[:200]):
                return (kind, ""), lines
    return None, lines


def command_of(line: str) -> tuple[ReplyKind, str] | None:
    """Give what a line says that its mail is, with the words behind it; None for any other."""
    for kind, pattern in _COMMANDS:
        match = pattern.fullmatch(line.strip()[:2000])
        if match:
            return kind, match["rest"].strip() + line.strip()[2000:]
    return None
