"""What an office's mail back is: an answer, or something that must not be sent as one.

Said explicitly (the word on the first line, or a link of our own mails) it is acted on. What only
the wording suggests is a suspicion, named in one clause, and the manager decides. A few requests
that leave no doubt count as explicit although they are prose; their patterns are narrow, and each
needs a second sign and a short text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from mailflow.core.asking import asked_for, is_of_company
from mailflow.core.declines import (
    DECLINES,
    PERHAPS_DECLINES,
    clean_office,
    names_office,
    only_declines,
    referral,
)
from mailflow.core.letter import READ_AT_MOST, content, greets, own_lines
from mailflow.core.remarks import apart
from mailflow.core.sentences import is_phrase, only_phrases, sentences, unwrapped, without_device
from mailflow.core.short_replies import Meaning, decides, no_answer
from mailflow.core.thanks import thanks_only
from mailflow.core.visible import folded
from mailflow.core.wording import (
    ANSWERS_QUESTION,
    ASKED_ALREADY,
    ASKS_HOUSE,
    AWAY,
    CALENDAR,
    CALL_BACK,
    FIRST,
    HAVE_TO_CHECK,
    NEEDS,
    NOT_NEEDED,
    NOT_OF_THE_COMPANY,
    NOTED,
    PASS_ON,
    PROMISES,
    QUESTIONS,
    RECALLS,
    REGISTERED,
    REQUESTS,
    SAYS_MORE,
    STILL_AT_IT,
    STOCK_QUESTIONS,
    TAKEN_ON,
    TO_MANAGER,
    UNREADABLE,
    WANTS_WORD,
    WRONG_READER,
    answers,
    promised,
)

__all__ = ["KIND_WORDS", "ReplyKind", "ReplyReading", "read_reply"]

_LONGEST = 100_000  # characters; to judge them takes a second or two, and nobody writes more
_UNREAD = "die Mail ist ungewöhnlich lang und wurde nicht ganz geprüft"
_FEW_WORDS = 12
_ONE_SENTENCE = 24
_LINE = 60
_OF_OUR_OWN = re.compile(r"\bbei uns\b", re.IGNORECASE)
_PERSON = re.compile(r"(?:frau|herr|kolleg)", re.IGNORECASE)
_YES_OR_NO = re.compile(r"(?:^|[.!?] )(?:ja|nein)[.,!]", re.IGNORECASE | re.MULTILINE)
_LINK = re.compile(r"https?://\S+")
_SHORT_TEXT = 45
_MEDIUM_TEXT = 90


_ANY_LENGTH = 10**6


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


_WORDS: tuple[tuple[ReplyKind, str], ...] = (
    (
        ReplyKind.INTERIM,
        (
            r"zwischen(?:nachricht|bescheid|stand|meldung|information|info)"
            r"|interim(?: (?:reply|notice|message|report|answer))?|holding reply"
        ),
    ),
    (
        ReplyKind.QUESTION,
        (
            r"rückfragen?|rueckfragen?|nachforderung(?:en)?|questions?(?: back)?"
            r"|query"
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


def read_reply(
    reply_text: str, subject: str, written: date, *, has_files: bool = False
) -> ReplyReading:
    """Read an office's reply: its new text, its mail's subject, the local day it was written.

    With a file, few words may be enough for an answer. Never raises, whatever the text. Every
    line is in ``text`` or ``internal_text`` afterwards but the one of the command word.
    """
    if len(reply_text) > _LONGEST:
        return ReplyReading(ReplyKind.ANSWER, False, _UNREAD, reply_text, "", "", None)
    reading = _read(reply_text, subject, written, has_files=has_files)
    if len(own_lines(reply_text)) <= READ_AT_MOST or reading.kind is ReplyKind.INTERNAL:
        return reading
    return replace(reading, explicit=False, suspicion=reading.suspicion or _UNREAD)


def _read(reply_text: str, subject: str, written: date, *, has_files: bool) -> ReplyReading:
    command, lines = _command(reply_text.split("\n"), subject)
    if command is None:
        own, internal = apart(lines)
        return _suspected("\n".join(own), "\n".join(internal), written, has_files=has_files)
    kind, rest = command
    if kind is ReplyKind.INTERNAL:
        return _reading(kind, "", _tidy([rest, *lines]))
    own, internal = apart([rest, *lines] if rest else lines)
    text = _tidy(own)
    return _reading(
        kind,
        text,
        _tidy(internal),
        office=_office(rest, text) if kind is ReplyKind.DECLINE else "",
        until=promised(text, written) if kind is ReplyKind.INTERIM else None,
    )


def _reading(
    kind: ReplyKind, text: str, internal: str, *, office: str = "", until: date | None = None
) -> ReplyReading:
    return ReplyReading(kind, True, "", text, internal, office, until)


def _tidy(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n")


# --- the command word --------------------------------------------------------------------------


def _command(lines: list[str], subject: str) -> tuple[tuple[ReplyKind, str] | None, list[str]]:
    """Take the command word off the text: (kind, what stands behind it) and the other lines."""
    first = next((at for at, line in enumerate(lines) if line.strip()), None)
    if first is not None and greets(lines[first]):
        following = (at for at in range(first + 1, len(lines)) if lines[at].strip())
        first = next(following, first)
    if first is not None:
        found = _word(lines[first])
        if found:
            return found, [*lines[:first], *lines[first + 1 :]]
    if "[" in subject:
        for kind, pattern in _SUBJECT_COMMANDS:
            if pattern.match(subject[:200]):
                return (kind, ""), lines
    return None, lines


def _word(line: str) -> tuple[ReplyKind, str] | None:
    for kind, pattern in _COMMANDS:
        match = pattern.fullmatch(line.strip()[:2000])
        if match:
            return kind, match["rest"].strip() + line.strip()[2000:]
    return None


# --- the wording -------------------------------------------------------------------------------


_Sign = tuple[ReplyKind, str, int, re.Pattern[str]]
_NO_ANSWERS: tuple[_Sign, ...] = (
    (ReplyKind.INTERNAL, "die Mail ist ein Kalendereintrag", _ANY_LENGTH, CALENDAR),
    (ReplyKind.ANSWER, "die Mail nimmt eine frühere zurück", _ANY_LENGTH, RECALLS),
    (ReplyKind.INTERNAL, "die Mail ist wohl nicht für uns", _SHORT_TEXT, WRONG_READER),
    (ReplyKind.INTERNAL, "die Mail gilt wohl nur Ihnen", _MEDIUM_TEXT, TO_MANAGER),
)
_ASKING_US: tuple[_Sign, ...] = (
    (ReplyKind.INTERNAL, "die Mail bittet um einen Anruf", _ONE_SENTENCE, CALL_BACK),
    (ReplyKind.QUESTION, "die Mail sagt, etwas war nicht zu lesen", _ONE_SENTENCE, UNREADABLE),
)
"""What is no answer: what it is then, why, how many words it may have, and its wording."""


@dataclass(frozen=True, slots=True)
class _Judgement:
    kind: ReplyKind
    suspicion: str = ""
    office: str = ""
    until: date | None = None


def _suspected(text: str, internal: str, written: date, *, has_files: bool) -> ReplyReading:
    """Judge a reply without a command word by its wording."""
    text, internal = text.strip("\n"), internal.strip("\n")
    words = unwrapped(content(text))
    found = _judged(words, internal, written) or _named_below(text)
    found = found or _short(words, written, has_files=has_files)
    found = found or _Judgement(ReplyKind.ANSWER)
    explicit = found.kind is not ReplyKind.ANSWER and not found.suspicion
    return ReplyReading(
        found.kind, explicit, found.suspicion, text, internal, found.office, found.until
    )


def _judged(words: str, internal: str, written: date) -> _Judgement | None:
    if not words and internal:
        return _Judgement(ReplyKind.INTERNAL, _kept_back(internal))
    if not folded(without_device(words)):
        return _Judgement(ReplyKind.ANSWER, "die Mail enthält keinen eigenen Text")
    found = _listed(words, _NO_ANSWERS) or _nothing_said(words)
    found = found or _decline(words) or _more_time(words) or _question(words) or _asking_us(words)
    return found or _interim(words, written) or _receipt(words) or _absence(words)


def _named_below(text: str) -> _Judgement | None:
    """Judge a mail whose last line is nothing but a command word, as below its author's name."""
    last = text.rstrip().rsplit("\n", 1)[-1]
    kind, rest = _word(last) or (ReplyKind.ANSWER, "")
    if rest or kind is ReplyKind.ANSWER:
        return None
    return _Judgement(
        kind, f"die Mail nennt sich in der letzten Zeile so ({_quoted(last.strip())})"
    )


def _kept_back(internal: str) -> str:
    """Say why all of a mail is internal: an answer may stand in its remark's paragraph."""
    if len(sentences(content(internal))) > 1:
        return "der ganze Text steht bei einem internen Hinweis"
    return "die Mail enthält nur einen internen Hinweis"


def _listed(words: str, signs: Sequence[_Sign]) -> _Judgement | None:
    """Judge by a table of wordings; where only short texts count, an answer beside one wins."""
    count = len(words.split())
    for kind, clause, longest, pattern in signs:
        found = pattern.search(words) if count <= longest else None
        if found and (longest == _ANY_LENGTH or not answers(words)):
            return _Judgement(kind, f"{clause} ({_excerpt(found)})")
    return None


def _asking_us(words: str) -> _Judgement | None:
    """Judge a mail that asks us for a call, or for a file again, and says nothing else."""
    if len(words.split()) > _ONE_SENTENCE or not only_phrases(words):
        return None
    return _listed(words, _ASKING_US)


def _nothing_said(words: str) -> _Judgement | None:
    """Judge a mail of thanks, or one by which somebody only says that he has seen ours."""
    said = without_device(words).strip()
    if thanks_only(said) or NOTED.fullmatch(said):
        return _Judgement(ReplyKind.INTERNAL, "die Mail dankt nur oder bestätigt den Empfang")
    return None


def _receipt(words: str) -> _Judgement | None:
    """Judge a short text that says something arrived and bears a number: that answers nothing."""
    found = REGISTERED.search(words)
    if not found or len(words.split()) > _SHORT_TEXT or answers(REGISTERED.sub("", words)):
        return None
    if not only_phrases(words):
        return None
    clause = f"die Mail klingt nach einer Eingangsbestätigung ({_excerpt(found)})"
    return _Judgement(ReplyKind.INTERIM, clause)


def _decline(words: str) -> _Judgement | None:
    """Judge a refusal, where it is what the mail is about and not one sentence of an answer."""
    refusal, pointed = DECLINES.search(words), referral(words)
    count = len(words.split())
    if not (refusal or pointed) or count > _MEDIUM_TEXT:
        return _perhaps_declined(words)
    office = clean_office(pointed["office"]) if pointed else ""
    is_person = bool(_PERSON.match(office))
    if is_person and pointed and not refusal and _OF_OUR_OWN.search(pointed[0]):
        return None
    says_more = answers(words) or count > _SHORT_TEXT or not only_declines(words)
    is_sure = refusal or (names_office(office) and not is_person)
    if is_sure and not says_more:
        return _Judgement(ReplyKind.DECLINE, office=office)
    told = _excerpt(refusal or pointed)
    return _Judgement(
        ReplyKind.DECLINE, f"die Mail klingt nach einer Unzuständigkeit ({told})", office
    )


def _perhaps_declined(words: str) -> _Judgement | None:
    """Judge a short text that sounds like a refusal: it waits, unless a sentence beside decides."""
    found = PERHAPS_DECLINES.search(words)
    if not found or len(words.split()) > _SHORT_TEXT:
        return None
    beside = (each for each in sentences(words) if not PERHAPS_DECLINES.search(each))
    if any(map(decides, beside)):
        return None
    clause = f"die Mail klingt nach einer Unzuständigkeit ({_excerpt(found)})"
    return _Judgement(ReplyKind.DECLINE, clause)


def _question(words: str) -> _Judgement | None:
    """Judge a request to the company: documents that are missing, or a plain question."""
    wanted = asked_for(words) if len(words.split()) <= _MEDIUM_TEXT else ""
    if wanted and (is_of_company(words, wanted) or not NEEDS.search(words)):
        return _Judgement(ReplyKind.QUESTION, _asked_of_us(words) or _perhaps_of_us(words, wanted))
    if PROMISES.search(words):
        return None
    need = None if NOT_NEEDED.search(words) else NEEDS.search(words)
    request, answered = REQUESTS.search(words), answers(words)
    count = len(words.split())
    if need and not request and ASKED_ALREADY.search(words):
        return None
    if need and request and not answered and count <= _MEDIUM_TEXT:
        return _Judgement(ReplyKind.QUESTION, _asked_of_us(words))
    if need and (request or count <= _SHORT_TEXT):
        clause = f"die Mail klingt nach einer Rückfrage ({_excerpt(need)})"
        return _Judgement(ReplyKind.QUESTION, clause)
    questions = QUESTIONS.finditer(words)
    asked = next((each for each in questions if not STOCK_QUESTIONS.search(each[0])), None)
    beside = (_LINK.sub("", each) for each in sentences(words) if not QUESTIONS.search(each))
    is_answered = answered or any(map(decides, beside))
    if asked and not is_answered and count <= _MEDIUM_TEXT:
        return _Judgement(ReplyKind.QUESTION, f"die Mail stellt eine Frage ({_excerpt(asked)})")
    return _asked_beside(words) if asked else None


def _asked_beside(words: str) -> _Judgement | None:
    """Judge a question beside an answer: it waits where its writer wants to hear something.

    That is one to the desk, or one behind which nothing more is said; a courtesy, an offer and
    what the next sentence answers go on with the answer.
    """
    said = sentences(words)
    for at, each in enumerate(said):
        if not each.rstrip(')"“ ').endswith("?") or STOCK_QUESTIONS.search(each):
            continue
        is_last = all(map(is_phrase, said[at + 1 :]))
        is_answered = any(map(ANSWERS_QUESTION.match, said[at + 1 : at + 2]))
        asks_house = ASKS_HOUSE.search(each) and not is_answered
        if asks_house or (is_last and WANTS_WORD.search(each)):
            return _Judgement(ReplyKind.QUESTION, f"die Mail stellt eine Frage ({_quoted(each)})")
    return None


def _asked_of_us(words: str) -> str:
    """Say why a request may not be one to the company, "" where nothing says so."""
    found = NOT_OF_THE_COMPANY.search(words)
    return f"die Mail fragt wohl nicht das Unternehmen ({_excerpt(found)})" if found else ""


def _perhaps_of_us(words: str, wanted: str) -> str:
    """Say why a request may be one to the desk that wrote to the office, "" where it is not."""
    if is_of_company(words, wanted):
        return ""
    return f"die Mail fragt vielleicht nicht das Unternehmen ({_quoted(wanted)})"


def _more_time(words: str) -> _Judgement | None:
    """Judge a wish for more time before a question: "Uns fehlt noch Zeit" asks no company."""
    found = None if PROMISES.search(words) else no_answer(words)
    if found is None or found.meaning is not Meaning.MORE_TIME:
        return None
    kind, clause = _SHORT[found.meaning]
    return _Judgement(kind, f"{clause} ({_quoted(found.words)})")


def _interim(words: str, written: date) -> _Judgement | None:
    """Judge a notice that the answer is still to come, with the day it promises."""
    busy, promise = STILL_AT_IT.search(words) or _to_check(words), PROMISES.search(words)
    until = promised(words, written)
    count, answered = len(words.split()), answers(words)
    if not (busy or promise):
        short = count <= _ONE_SENTENCE and not answered and only_phrases(words)
        taken = TAKEN_ON.search(words) if short else None
        clause = f"die Mail klingt nach einer Zwischennachricht ({_excerpt(taken)})"
        return _Judgement(ReplyKind.INTERIM, clause, until=until) if taken else None
    answers_too = answered or SAYS_MORE.search(words) or _YES_OR_NO.search(words)
    sure = until is not None and not answers_too and count <= _SHORT_TEXT
    if sure and busy and (PASS_ON.search(words) or (promise and count <= _ONE_SENTENCE)):
        return _Judgement(ReplyKind.INTERIM, until=until)
    if not promise and (answered or count > _MEDIUM_TEXT):
        return None
    clause = f"die Mail klingt nach einer Zwischennachricht ({_excerpt(promise or busy)})"
    return _Judgement(ReplyKind.INTERIM, clause, until=until)


def _to_check(words: str) -> re.Match[str] | None:
    """Find that its writer must ask or look first, where the text gives no answer beside it."""
    found = HAVE_TO_CHECK.search(words)
    if not found or SAYS_MORE.search(words):
        return None
    return found if FIRST.search(found[0]) or only_phrases(words) else None


def _absence(words: str) -> _Judgement | None:
    """Judge a short text that says its writer is away: a note is for whoever asked, no answer."""
    away = AWAY.search(words)
    answered = answers(words) or SAYS_MORE.search(words)
    if not away or answered or len(words.split()) > _MEDIUM_TEXT:
        return None
    clause = f"die Mail klingt nach einer Abwesenheitsnotiz ({_excerpt(away)})"
    return _Judgement(ReplyKind.INTERNAL, clause)


_SHORT = {
    Meaning.MORE_TIME: (ReplyKind.INTERNAL, "die Mail bittet um mehr Zeit"),
    Meaning.ELSEWHERE: (ReplyKind.INTERNAL, "die Mail verweist auf eine andere Auskunft"),
    Meaning.AWAY: (ReplyKind.INTERNAL, "die Mail klingt nach einer Abwesenheitsnotiz"),
    Meaning.LATER: (ReplyKind.INTERIM, "die Mail klingt nach einer Zwischennachricht"),
    Meaning.UNKNOWN: (ReplyKind.INTERNAL, "die Mail ist vielleicht keine Antwort"),
    Meaning.ASKS: (ReplyKind.QUESTION, "die Mail klingt nach einer Rückfrage"),
    Meaning.NO_MATTER: (ReplyKind.ANSWER, "die Mail ist vielleicht keine Antwort"),
}
"""What a short mail that tells the company nothing is, and why it waits."""


def _short(words: str, written: date, *, has_files: bool) -> _Judgement | None:
    """Judge a short text that tells nothing; where it names no matter, a file beside it may."""
    found = no_answer(words)
    if found is None or (has_files and found.meaning is Meaning.NO_MATTER):
        return None
    kind, clause = _SHORT[found.meaning]
    until = promised(words, written) if kind is ReplyKind.INTERIM else None
    return _Judgement(kind, f"{clause} ({_quoted(found.words)})", until=until)


def _office(rest: str, text: str) -> str:
    """Give the office named behind the command word, or in the text."""
    named = clean_office(rest)
    pointed = referral(rest if named else content(text))
    if pointed:
        return clean_office(pointed["office"])
    return named if len(named.split()) <= _FEW_WORDS else ""


def _excerpt(found: re.Match[str] | None) -> str:
    """Quote what was found, no longer than a line of the digest bears."""
    return _quoted(" ".join(found[0].split()) if found else "")


def _quoted(words: str) -> str:
    return f"„{words if len(words) <= _LINE else words[: _LINE - 1] + '…'}“"
