"""What an office's mail is where it does not say so: judged by its wording.

What only the wording suggests is a suspicion, named in one clause, and the manager decides. A few
requests that leave no doubt count as explicit although they are prose; their patterns are narrow,
and each needs a second sign and a short text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mailflow.core.asking import asked_for, is_of_company, is_of_others
from mailflow.core.command_word import command_of
from mailflow.core.declines import (
    DECLINES,
    KEEPS_PART,
    PERHAPS_DECLINES,
    clean_office,
    names_office,
    only_declines,
    referral,
)
from mailflow.core.half_answers import rest_later, unsure
from mailflow.core.letter import content
from mailflow.core.receipts import may_be_receipt
from mailflow.core.reply import ReplyKind
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
    CORRECTS,
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

__all__ = ["Judgement", "judged"]

_ONE_SENTENCE = 24
_LINE = 60
_OF_OUR_OWN = re.compile(r"\bbei uns\b", re.IGNORECASE)
_PERSON = re.compile(r"(?:frau|herr|kolleg)", re.IGNORECASE)
_YES_OR_NO = re.compile(r"(?:^|[.!?] )(?:ja|nein)[.,!]", re.IGNORECASE | re.MULTILINE)
_INSTEAD = re.compile(r"\b(?:an)?statt\b|\bnicht\b.{1,80}\bsondern\b", re.IGNORECASE)
_STATED_FIRST = re.compile(
    r"\W{0,3}(?:d(?:er|ie|as)|ihre?|eine?|unsere?|wir|ich|es)\b[^?]{3,200}(?=, )", re.IGNORECASE
)
_LINK = re.compile(r"https?://\S+")
_SHORT_TEXT = 45
_MEDIUM_TEXT = 90
_ANY_LENGTH = 10**6


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
class Judgement:
    """What a mail is by its wording, and why it may not be; the office or day that it names."""

    kind: ReplyKind
    suspicion: str = ""
    office: str = ""
    until: date | None = None


def judged(text: str, internal: str, written: date, *, has_files: bool) -> Judgement:
    """Judge what may go on of a mail without a command word, beside its internal part.

    ``written``: the local day of the mail, from which "Friday" is counted.
    """
    words = unwrapped(content(text))
    found = _by_wording(words, internal, written) or _named_below(text)
    found = found or _short(words, written, has_files=has_files) or _half(words, written)
    return found or Judgement(ReplyKind.ANSWER)


def _by_wording(words: str, internal: str, written: date) -> Judgement | None:
    if not words and internal:
        return Judgement(ReplyKind.INTERNAL, _kept_back(internal))
    if not folded(without_device(words)):
        return Judgement(ReplyKind.ANSWER, "die Mail enthält keinen eigenen Text")
    found = _listed(_as_corrected(words), _NO_ANSWERS) or _nothing_said(words)
    found = found or _decline(words) or _more_time(words) or _question(words) or _asking_us(words)
    return found or _interim(words, written) or _receipt(words) or _absence(words)


def _named_below(text: str) -> Judgement | None:
    """Judge a mail whose last line is nothing but a command word, as below its author's name."""
    last = text.rstrip().rsplit("\n", 1)[-1]
    kind, rest = command_of(last) or (ReplyKind.ANSWER, "")
    if rest or kind is ReplyKind.ANSWER:
        return None
    return Judgement(kind, f"die Mail nennt sich in der letzten Zeile so ({_quoted(last.strip())})")


def _half(words: str, written: date) -> Judgement | None:
    """Judge an answer of which its author is not sure, or that is only a part of it."""
    if part := rest_later(words):
        clause = f"die Mail klingt nach einer Zwischennachricht ({_excerpt(part)})"
        return Judgement(ReplyKind.INTERIM, clause, until=promised(words, written))
    doubt = unsure(words)
    clause = f"die Mail klingt nicht sicher ({_excerpt(doubt)})"
    return Judgement(ReplyKind.ANSWER, clause) if doubt else None


def _kept_back(internal: str) -> str:
    """Say why all of a mail is internal: an answer may stand in its remark's paragraph."""
    if len(sentences(content(internal))) > 1:
        return "der ganze Text steht bei einem internen Hinweis"
    return "die Mail enthält nur einen internen Hinweis"


def _listed(words: str, signs: Sequence[_Sign]) -> Judgement | None:
    """Judge by a table of wordings; where only short texts count, an answer beside one wins."""
    count = len(words.split())
    for kind, clause, longest, pattern in signs:
        found = pattern.search(words) if count <= longest else None
        if found and (longest == _ANY_LENGTH or not answers(words)):
            return Judgement(kind, f"{clause} ({_excerpt(found)})")
    return None


def _as_corrected(words: str) -> str:
    """Give a text, of one that puts an earlier mail right only what holds now.

    "Wir korrigieren unsere Auskunft: Es sind vier statt drei" is an answer; without the new words
    behind the colon nobody knows what holds.
    """
    found = CORRECTS.search(words)
    if found is None or not (decides(found["now"]) or _INSTEAD.search(found["now"])):
        return words
    return words[: found.start()] + words[found.start("now") :]


def _asking_us(words: str) -> Judgement | None:
    """Judge a mail that asks us for a call, or for a file again, and says nothing else."""
    if len(words.split()) > _ONE_SENTENCE or not only_phrases(words):
        return None
    return _listed(words, _ASKING_US)


def _nothing_said(words: str) -> Judgement | None:
    """Judge a mail of thanks, or one by which somebody only says that he has seen ours."""
    said = without_device(words).strip()
    if thanks_only(said) or NOTED.fullmatch(said):
        return Judgement(ReplyKind.INTERNAL, "die Mail dankt nur oder bestätigt den Empfang")
    return None


def _receipt(words: str) -> Judgement | None:
    """Judge a short text that says something arrived, or bears a number: that answers nothing."""
    found = REGISTERED.search(words)
    said = _excerpt(found) if found else _quoted(" ".join(words.split()))
    clause = f"die Mail klingt nach einer Eingangsbestätigung ({said})"
    if may_be_receipt(words):
        return Judgement(ReplyKind.INTERIM, clause)
    if not found or len(words.split()) > _SHORT_TEXT or answers(REGISTERED.sub("", words)):
        return None
    return Judgement(ReplyKind.INTERIM, clause) if only_phrases(words) else None


def _decline(words: str) -> Judgement | None:
    """Judge a refusal, where it is what the mail is about and not one sentence of an answer."""
    refusal, pointed = DECLINES.search(words), referral(words)
    count = len(words.split())
    if not (refusal or pointed) or count > _MEDIUM_TEXT:
        return _perhaps_declined(words)
    office = clean_office(pointed["office"]) if pointed else ""
    is_person = bool(_PERSON.match(office))
    is_rule = pointed and "zuständig" in pointed[0].casefold() and not refusal
    if is_rule and any(map(KEEPS_PART.search, sentences(words))):
        return None
    if is_person and pointed and not refusal and _OF_OUR_OWN.search(pointed[0]):
        return None
    says_more = answers(words) or count > _SHORT_TEXT or not only_declines(words)
    is_sure = refusal or (names_office(office) and not is_person)
    if is_sure and not says_more:
        return Judgement(ReplyKind.DECLINE, office=office)
    told = _excerpt(refusal or pointed)
    return Judgement(
        ReplyKind.DECLINE, f"die Mail klingt nach einer Unzuständigkeit ({told})", office
    )


def _perhaps_declined(words: str) -> Judgement | None:
    """Judge a short text that sounds like a refusal: it waits, unless a sentence beside decides."""
    found = PERHAPS_DECLINES.search(words)
    if not found or len(words.split()) > _SHORT_TEXT:
        return None
    beside = (each for each in sentences(words) if not PERHAPS_DECLINES.search(each))
    if any(map(decides, beside)):
        return None
    clause = f"die Mail klingt nach einer Unzuständigkeit ({_excerpt(found)})"
    return Judgement(ReplyKind.DECLINE, clause)


def _question(words: str) -> Judgement | None:
    """Judge a request to the company: documents that are missing, or a plain question."""
    wanted = asked_for(words) if len(words.split()) <= _MEDIUM_TEXT else ""
    if wanted and (is_of_company(words, wanted) or not NEEDS.search(words)):
        return Judgement(ReplyKind.QUESTION, _asked_of_us(words) or _perhaps_of_us(words, wanted))
    if PROMISES.search(words):
        return None
    need = None if NOT_NEEDED.search(words) else NEEDS.search(words)
    request, answered = REQUESTS.search(words), answers(words)
    count = len(words.split())
    if need and not request and ASKED_ALREADY.search(words):
        return None
    if need and request and not answered and count <= _MEDIUM_TEXT:
        return Judgement(ReplyKind.QUESTION, _asked_of_us(words))
    if need and (request or count <= _SHORT_TEXT):
        clause = f"die Mail klingt nach einer Rückfrage ({_excerpt(need)})"
        return Judgement(ReplyKind.QUESTION, clause)
    questions = QUESTIONS.finditer(words)
    asked = next((each for each in questions if not STOCK_QUESTIONS.search(each[0])), None)
    if asked and not _answers_beside_questions(words) and count <= _MEDIUM_TEXT:
        return Judgement(ReplyKind.QUESTION, f"die Mail stellt eine Frage ({_excerpt(asked)})")
    return _asked_beside(words) if asked else None


def _answers_beside_questions(words: str) -> bool:
    """Tell whether something is decided beside a question, or goes on from the question above it.

    "Falls ja, mit welcher Leistung?" decides nothing, being asked itself.
    """
    beside = [_LINK.sub("", _stated(each)) for each in sentences(words)]
    return any(answers(each) or ANSWERS_QUESTION.match(each) or decides(each) for each in beside)


def _stated(sentence: str) -> str:
    """Give a sentence, of a question only what it states first: "Der Weg ist frei, passt das?"."""
    if not QUESTIONS.search(sentence):
        return sentence
    first = _STATED_FIRST.match(sentence)
    return first[0] if first else ""


def _asked_beside(words: str) -> Judgement | None:
    """Judge a question beside an answer: it waits where its writer wants to hear something.

    That is one to the desk, or one behind which nothing more is said; a courtesy, an offer and
    what the next sentence answers go on with the answer.
    """
    said = sentences(words)
    for at, each in enumerate(said):
        if not each.rstrip(')"“ ').endswith("?") or STOCK_QUESTIONS.search(each):
            continue
        is_last = all(map(is_phrase, said[at + 1 :]))
        behind = (after for after in said[at + 1 : at + 2] if not QUESTIONS.search(after))
        is_answered = any(map(ANSWERS_QUESTION.match, behind))
        asks_house = ASKS_HOUSE.search(each) and not is_answered
        if asks_house or (is_last and WANTS_WORD.search(each)):
            return Judgement(ReplyKind.QUESTION, f"die Mail stellt eine Frage ({_quoted(each)})")
    return None


def _asked_of_us(words: str) -> str:
    """Say why a request may not be one to the company, "" where nothing says so."""
    found = NOT_OF_THE_COMPANY.search(words)
    if found:
        return f"die Mail fragt wohl nicht das Unternehmen ({_excerpt(found)})"
    wishes = (each for each in sentences(words) if NEEDS.search(each) or REQUESTS.search(each))
    of_others = next(filter(is_of_others, wishes), "")
    return (
        f"die Mail fragt vielleicht nicht das Unternehmen ({_quoted(of_others)})"
        if of_others
        else ""
    )


def _perhaps_of_us(words: str, wanted: str) -> str:
    """Say why a request may be one to the desk that wrote to the office, "" where it is not."""
    if is_of_company(words, wanted):
        return ""
    return f"die Mail fragt vielleicht nicht das Unternehmen ({_quoted(wanted)})"


def _more_time(words: str) -> Judgement | None:
    """Judge a wish for more time before a question: "Uns fehlt noch Zeit" asks no company."""
    found = None if PROMISES.search(words) else no_answer(words)
    if found is None or found.meaning is not Meaning.MORE_TIME:
        return None
    kind, clause = _SHORT[found.meaning]
    return Judgement(kind, f"{clause} ({_quoted(found.words)})")


def _interim(words: str, written: date) -> Judgement | None:
    """Judge a notice that the answer is still to come, with the day it promises."""
    busy, promise = STILL_AT_IT.search(words) or _to_check(words), PROMISES.search(words)
    until = promised(words, written)
    count, answered = len(words.split()), answers(words)
    if not (busy or promise):
        short = count <= _ONE_SENTENCE and not answered and only_phrases(words)
        taken = TAKEN_ON.search(words) if short else None
        clause = f"die Mail klingt nach einer Zwischennachricht ({_excerpt(taken)})"
        return Judgement(ReplyKind.INTERIM, clause, until=until) if taken else None
    answers_too = answered or SAYS_MORE.search(words) or _YES_OR_NO.search(words)
    sure = until is not None and not answers_too and count <= _SHORT_TEXT
    if sure and busy and (PASS_ON.search(words) or (promise and count <= _ONE_SENTENCE)):
        return Judgement(ReplyKind.INTERIM, until=until)
    if not promise and (answered or count > _MEDIUM_TEXT):
        return None
    clause = f"die Mail klingt nach einer Zwischennachricht ({_excerpt(promise or busy)})"
    return Judgement(ReplyKind.INTERIM, clause, until=until)


def _to_check(words: str) -> re.Match[str] | None:
    """Find that its writer must ask or look first, where the text gives no answer beside it."""
    found = HAVE_TO_CHECK.search(words)
    if not found or SAYS_MORE.search(words):
        return None
    return found if FIRST.search(found[0]) or only_phrases(words) else None


def _absence(words: str) -> Judgement | None:
    """Judge a short text that says its writer is away: a note is for whoever asked, no answer."""
    away = AWAY.search(words)
    answered = answers(words) or SAYS_MORE.search(words)
    if not away or answered or len(words.split()) > _MEDIUM_TEXT:
        return None
    clause = f"die Mail klingt nach einer Abwesenheitsnotiz ({_excerpt(away)})"
    return Judgement(ReplyKind.INTERNAL, clause)


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


def _short(words: str, written: date, *, has_files: bool) -> Judgement | None:
    """Judge a short text that tells nothing; where it names no matter, a file beside it may."""
    found = no_answer(words)
    if found is None or (has_files and found.meaning is Meaning.NO_MATTER):
        return None
    kind, clause = _SHORT[found.meaning]
    until = promised(words, written) if kind is ReplyKind.INTERIM else None
    return Judgement(kind, f"{clause} ({_quoted(found.words)})", until=until)


def _excerpt(found: re.Match[str] | None) -> str:
    """Quote what was found, no longer than a line of the digest bears."""
    return _quoted(" ".join(found[0].split()) if found else "")


def _quoted(words: str) -> str:
    return f"„{words if len(words) <= _LINE else words[: _LINE - 1] + '…'}“"
