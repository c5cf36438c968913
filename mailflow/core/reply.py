"""What an office's mail back is: an answer, or something that must not be sent as one.

Said explicitly (the word on the first line, or a link of our own mails) it is acted on. What only
the wording suggests is a suspicion, named in one clause, and the manager decides. A few requests
that leave no doubt count as explicit although they are prose; their patterns are narrow, and each
needs a second sign and a short text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from mailflow.core.dates import Mention, mentions

__all__ = ["ReplyKind", "ReplyReading", "read_reply", "thanks_only"]

_MAX_READ = 12_000
_FEW_WORDS = 12
_SHORT_TEXT = 45
_MEDIUM_TEXT = 90


class ReplyKind(StrEnum):
    """What a reply does to its consultation."""

    ANSWER = "answer"
    INTERIM = "interim"
    QUESTION = "question"
    DECLINE = "decline"
    INTERNAL = "internal"


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


# --- explicit words ----------------------------------------------------------------------------

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
_COMMANDS = tuple(
    (
        kind,
        re.compile(
            rf"[\s*_\"'„(\[]{{0,4}}(?:#\s?(?:{words})\b[\s*_\"'“)\]]{{0,4}}[:.!,;–—>→=-]{{0,3}}"
            rf"|(?:{words})[\s*_\"'“)\]]{{0,4}}(?:$|[:.!–—→]|-{{1,2}}>?(?=\s|$)|=>"
            rf"|>))\s{{0,4}}(?P<rest>.*)",
            re.IGNORECASE,
        ),
    )
    for kind, words in _WORDS
)
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
)
_GREETING = re.compile(
    r"(?:sehr geehrte|guten (?:tag|morgen|abend)|hallo|liebe|moin|servus|hi\b|hello|dear"
    r"|good (?:morning|afternoon)"
    r"|werte|tach|mahlzeit|goedendag|merhaba|bonjour)[^.?:;]{0,80}[,.!]?",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:mit (?:freundlich|best|herzlich|kollegial)\w{0,4} gr(?:u|ü|ue)(?:ß|ss)\w{0,3}"
    r"|(?:freundliche|viele|beste|herzliche|schöne|liebe)[nr]?"
    r" gr(?:u|ü)(?:ß|ss)\w{0,2}|gr(?:u|ü)(?:ß|ss)e?|mfg|vg|lg|hochachtungsvoll|im auftrag"
    r"|i\.\s?a\.|i\.\s?v\."
    r"|(?:kind|best|warm)\s?regards|regards|yours (?:sincerely|faithfully)|sincerely|thanks"
    r"|cheers)\b(?:[,.!]|\s.{0,60})?",
    re.IGNORECASE,
)

# --- internal parts ----------------------------------------------------------------------------

_INTERNAL = re.compile(
    r"\b(?:nur|rein|streng|ausschließlich|bitte|lediglich) (?:verwaltungs)?intern\b"
    r"|^\W{0,4}intern(?:es|er|e)?\s?(?:[:–—]|-\s|$)"
    r"|[(\[]intern(?:al)?[)\]:]|(?<=[.!?] )intern\s?[:–—]"
    r"|\bintern(?:er|e|es|en) (?:hinweis|anmerkung|notiz|info|information|vermerk|bemerkung"
    r"|ergänzung)"
    r"|\b(?:nur )?(?:für|zu[mr]) (?:den |die |unsere?n? |ihren? )?(?:internen|dienst)\s?gebrauch"
    r"|\bdienstgebrauch\b|\bvs-nfd\b"
    r"|\b(?:bitte |aber |das |dies |dieses )?nicht (?:an|nach|für"
    r"|zur) [^.!?\n]{0,50}(?:weiter(?:geben|leiten|gabe|zugeben|zuleiten)|geben|bestimmt|gedacht"
    r"|mitteilen|erwähnen)"
    r"|\b(?:bitte|aber|also) (?:das |dies(?:es)? |so )?nicht (?:weiter(?:geben|leiten|sagen"
    r"|zugeben|zuleiten)|erwähnen|kommunizieren)"
    r"|\bnicht (?:zur weitergabe|nach außen|für außen|für dritte|für externe|für das unternehmen"
    r"|für die firma|für den antragsteller)"
    r"|\b(?:darf|dürfen|soll|sollte|sollten) (?:die firma|das unternehmen|der antragsteller"
    r"|der kunde) [^.!?\n]{0,40}nicht (?:wissen|erfahren|erhalten|bekommen)"
    r"|\bunter uns(?: gesagt)?\s?[:,–—]|\bnur (?:für sie|zu ihrer (?:information|kenntnis)"
    r"|zur (?:internen )?kenntnis)\b"
    r"|^\W{0,4}(?:streng )?vertraulich\s?(?:[:–—!]|$)|\bstreng vertraulich\b"
    r"|\binternal(?:ly)? only\b|\bfor internal (?:use|information|purposes)"
    r"|^\W{0,4}internal\s?[:–—-]|\binternal (?:note|remark|comment)"
    r"|\b(?:please )?do not (?:forward|pass (?:this )?on|share|send this)"
    r"|\bnot for (?:the )?(?:company|applicant|customer|distribution|onward)"
    r"|\bbetween (?:us|ourselves)\b|\bfor your (?:eyes|information) only\b|\bfyi only\b"
    r"|^\W{0,4}confidential\s?[:–—-]",
    re.IGNORECASE,
)
_POINTS_UP = re.compile(
    r"\b(?:vorstehend|obig|oben (?:stehend|genannt)|vorherig|das obere|der absatz davor"
    r"|gesamte mail|ganze mail|diese mail|diese e-mail|diese nachricht"
    r"|dieses schreiben|above|this (?:mail|e-?mail|message)|whole (?:mail|message))",
    re.IGNORECASE,
)

# --- what wording suggests ---------------------------------------------------------------------

_OFFICE = r"(?P<office>[^.!?\n]{2,80}?)"
_REFERRALS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        (
            rf"\b(?:hierfür|dafür|hierzu|dazu|für (?:diese|dieses|diesen|das|die|den"
            rf"|solche)\s?[^.,!?\n]{{0,60}}?)\s?(?:ist|sind|wäre|wären)"
            rf"(?: (?:bei uns|bei der stadt|wohl|allein|ausschließlich|nach unserer kenntnis"
            rf"|vielmehr)){{0,2}},? {_OFFICE},? zuständig"
        ),
        (
            rf"\bzuständig(?:keitshalber)? (?:ist|sind|wäre|wären)(?: (?:hier|hierfür|dafür|wohl"
            rf"|bei uns|vielmehr)){{0,2}},? {_OFFICE}(?=[.,;!\n]|$)"
        ),
        (
            rf"\b(?:liegt|läge) (?:die zuständigkeit )?(?:in der zuständigkeit|bei|beim) (?:de[srm] "
            rf"|der )?{_OFFICE}(?=[.,;!\n]|$)"
        ),
        (
            rf"\b(?:fällt|gehört) (?:in die zuständigkeit|in den (?:zuständigkeits)?bereich"
            rf"|zu[mr]?) (?:de[srm] |der )?{_OFFICE}(?=[.,;!\n]|$)"
        ),
        (
            rf"\bbitte (?:direkt )?(?:an|ans|zu[mr]?) (?:das |die |den |dem "
            rf"|der )?{_OFFICE} (?:weiter(?:leiten|geben)|abgeben|schicken|senden|wenden|richten)"
        ),
        (
            rf"\bbitte (?:wenden sie sich|richten sie (?:die|ihre) anfrage) (?:direkt )?(?:an"
            rf"|ans) (?:das |die |den )?{_OFFICE}(?=[.,;!\n]|$)"
        ),
        (
            rf"\b(?:is|lies) (?:the responsibility of|with|handled by"
            rf"|dealt with by) (?:the )?{_OFFICE}(?=[.,;!\n]|$)"
        ),
        (
            rf"\b(?:please )?(?:ask|contact|forward (?:it|this) to|pass (?:it"
            rf"|this) (?:on )?to) the {_OFFICE}(?=[.,;!\n]|$)"
        ),
        rf"(?:^|\n)\s*(?:the )?{_OFFICE} (?:is|are) responsible\b",
    )
)
# "Bitte an den Antragsteller weitergeben" names no office: these words are the company, or us.
_NO_OFFICE = re.compile(
    r"(?:antragsteller|firma|unternehmen|kund|betrieb\b|bauherr|mieter|company|applicant|customer"
    r"|uns\b|mich\b|mir\b|wir\b|ich\b|bebauungsplan)",
    re.IGNORECASE,
)
_OFFICE_WORD = re.compile(
    r"amt(?:s|es)?\b|ämter|behörde|dezernat|fachbereich|abteilung|referat|stelle\b|betriebe?\b|werke?\b"
    r"|verwaltung|kammer|polizei|feuerwehr|aufsicht|agentur|center|regierung|ministerium|förderung"
    r"|\b(?:ihk|hwk|tbz|wbd|gericht|landesbetrieb|kreis|land|bund|stadt|hafen|jobcenter|straßen)"
    r"|office|department|authority|agency|chamber|police|council|team\b|ordnung|planung|denkmal",
    re.IGNORECASE,
)
_RESPONSIBLE = re.compile(r"zuständig|responsib", re.IGNORECASE)
_DECLINES = re.compile(
    r"\bnicht (?:unser(?:e|en|em)? (?:bereich|zuständigkeit|aufgabe|thema|baustelle|ressort|amt"
    r"|sache)|in unsere[rnm]? (?:bereich|zuständigkeit\w{0,12}|aufgaben\w{0,8}))"
    r"|\b(?:wir|hier|unser amt|unsere abteilung)?\s?(?:sind|ist|bin|fühlen uns)?\s?(?:hierfür "
    r"|dafür |leider |hier |dazu )*nicht zuständig\b"
    r"|^\W{0,3}nicht (?:wir|uns|bei uns|meins|unseres|unsers)\W{0,3}$|\bdas sind wir nicht\b"
    r"|\bsind (?:wir|sie hier) (?:leider )?(?:nicht richtig|falsch|die falschen)"
    r"|\b(?:gehört|fällt|liegt) (?:leider )?nicht (?:zu uns|bei uns|in unser)"
    r"|\bkeine zuständigkeit\b|\bunzuständig|\birrläufer|\bfehlläufer|\bfalsch(?:es)? (?:amt"
    r"|adressiert|zugeordnet)"
    r"|\bnot (?:our (?:responsibility|department|area|job|remit)|ours\b|responsible|within our)"
    r"|\bwrong (?:office|department)|\bnot us\b",
    re.IGNORECASE | re.MULTILINE,
)
_NEEDS = re.compile(
    r"\b(?:benötigen|brauchen|fehlen|bräuchten|benötige|brauche|fehlt|benötigten)\b(?: (?:wir"
    r"|uns|ich|hier|dazu|dafür|zur \w{1,30}|für \w{1,30} \w{1,30})){0,2}"
    r" (?:noch|zusätzlich|weitere|ergänzend|vorab|zunächst|außerdem)\b"
    r"|\b(?:es|uns|hierzu|dazu|dafür) fehl(?:en|t)\b|\bnoch (?:nicht vollständig|unvollständig)"
    r"|\bunvollständig\b"
    r"|\bwe (?:still |also )?(?:need|require|lack"
    r"|are missing)\b[^.!?\n]{0,80}(?:from (?:the company|you|the applicant)|still|before we can)"
    r"|\bwe still (?:need|require|lack)\b|\b(?:is|are) (?:still )?missing\b|\bstill outstanding\b",
    re.IGNORECASE,
)
_NOT_NEEDED = re.compile(
    r"\b(?:nicht|keine?|no)\b[^.!?\n]{0,40}\b(?:benötigt|erforderlich|nötig|needed|required"
    r"|missing)\b"
    r"|\b(?:fehlt|fehlen) (?:nichts|keine)|\bnichts\b[^.!?\n]{0,20}\bfehlt",
    re.IGNORECASE,
)
_REQUESTS = re.compile(
    r"\b(?:lassen sie (?:uns|mir)[^.!?\n]{0,60}zukommen|(?:reichen|senden|schicken|legen"
    r"|übersenden|übermitteln|teilen|nennen|geben) sie (?:uns |mir |bitte )?"
    r"|bitte (?:noch )?(?:nachreichen|nachsenden|ergänzen|vorlegen|übersenden|mitteilen|klären)"
    r"|um (?:vorlage|zusendung|übersendung|nachreichung|mitteilung|ergänzung"
    r"|rückmeldung) wird gebeten"
    r"|bitten (?:wir )?(?:sie )?um (?:vorlage|zusendung|übersendung|nachreichung|mitteilung"
    r"|ergänzung)|(?:können|könnten) sie (?:uns |mir |bitte )?"
    r"|bitte (?:so )?(?:an|bei) (?:den|die|das|der|dem) (?:antragsteller\w{0,3}|firma"
    r"|unternehmen|kund\w{0,4}|betrieb|bauherr\w{0,2}) (?:weiter(?:geben|leiten)|erfragen"
    r"|nachfragen|anfordern)"
    r"|(?:please|kindly|could you) (?:send|provide|submit|let us (?:have|know)|tell|ask|supply))",
    re.IGNORECASE,
)
_QUESTION_MARK = re.compile(r"[^.!?\n]{3,200}\?")
_PASS_ON = re.compile(
    r"\bbitte (?:dies |das |es )?(?:so )?(?:an )?(?:die|das|den|dem|der)? ?(?:firma|unternehmen"
    r"|antragsteller\w{0,3}|kund\w{0,4}|betrieb)\s?(?:so )?(?:weiter(?:geben|leiten)|mitteilen"
    r"|ausrichten|informieren)"
    r"|\bbitte (?:so )?weiter(?:geben|leiten) an (?:die|das|den)"
    r"|\bkönnen sie so (?:an die firma )?weitergeben"
    r"|\bplease (?:pass|forward) (?:this|it) (?:on )?to the (?:company|applicant|customer)"
    r"|\bplease tell the company",
    re.IGNORECASE,
)
_STILL_AT_IT = re.compile(
    r"\b(?:wir |ich )?(?:prüfen|klären|brauchen|benötigen|warten|bearbeiten|prüfe|kläre|brauche"
    r"|stimmen|arbeiten)\b[^.!?\n]{0,60}\bnoch\b|\bnoch (?:in (?:der )?)?(?:prüfung|bearbeitung"
    r"|klärung|abstimmung)"
    r"|\b(?:sind|ist|befindet sich|steckt) (?:derzeit |aktuell |noch "
    r"|zurzeit )?in (?:der )?(?:prüfung|bearbeitung|klärung|abstimmung)"
    r"|\bnoch (?:nicht abschließend|keine (?:abschließende|endgültige)|nicht abgeschlossen"
    r"|etwas (?:zeit|geduld))|\bzwischen(?:nachricht|stand|bescheid)"
    r"|\bkönnen wir (?:erst|noch nicht)\b|\berst (?:nach|wenn|sobald)\b[^.!?\n]{0,60}\b(?:sagen"
    r"|beantworten|entscheiden|antworten|beurteilen)"
    r"|\bwe are (?:still )?(?:checking|working on|looking into|reviewing)"
    r"|\bstill (?:being checked|under review|pending|checking)|\bneed (?:more|some more|until)\b",
    re.IGNORECASE,
)
_PROMISES = re.compile(
    r"\b(?:melden uns|melde mich|geben (?:ihnen |wir )?(?:bescheid|rückmeldung)|(?:antwort"
    r"|rückmeldung|stellungnahme|ergebnis|auskunft)\b[^.!?\n]{0,30}\b(?:folgt|kommt|erhalten sie"
    r"|erfolgt)"
    r"|brauchen noch bis|benötigen noch bis|brauchen (?:dafür |dazu "
    r"|hierfür )?(?:noch )?(?:zeit )?bis|nachreichen|liefern wir|reichen wir nach"
    r"|antworten (?:wir )?(?:bis|in|ihnen)"
    r"|(?:will|shall|'ll) (?:get back|let you know|reply|answer|revert|report back|come back)"
    r"|need until|answer will follow|get back to you)",
    re.IGNORECASE,
)
_BY = re.compile(
    r"\b(?:bis|spätestens|in|im|zum|am|ab|by|until|on|within|before)\s?(?:(?:zum|zur|spätestens"
    r"|der|die|den|dem|einschließlich|voraussichtlich|about|the|latest)\s){0,3}$",
    re.IGNORECASE,
)
_ANSWERS = re.compile(
    r"\b(?:wird|werden|wurde|wurden|ist|sind) (?:\w{1,25} ){0,3}(?:erteilt|genehmigt|gewährt"
    r"|bewilligt|vollständig|zulässig|verkauft|möglich|abgelehnt|zugelassen|erlaubt|bestätigt"
    r"|festgesetzt|aufgenommen)"
    r"|\b(?:beträgt|betragen|kostet|kosten|gebühr|richtwert|euro|€)\b|\b(?:ja|nein),"
    r"|\b(?:has been|is|was|were) (?:approved|granted|complete|rejected|permitted)\b",
    re.IGNORECASE,
)


def read_reply(reply_text: str, subject: str, written: date) -> ReplyReading:
    """Read an office's reply: its new text, its mail's subject, the local day it was written.

    Never raises, whatever the text. Every line is in ``text`` or ``internal_text`` afterwards but
    the one of the command word.
    """
    command, lines = _command(reply_text.split("\n"), subject)
    if command is None:
        own, internal = _apart(lines)
        return _suspected("\n".join(own), "\n".join(internal), written)
    kind, rest = command
    if kind is ReplyKind.INTERNAL:
        return _reading(kind, "", _tidy([rest, *lines]))
    own, internal = _apart([rest, *lines] if rest else lines)
    text = _tidy(own)
    return _reading(
        kind,
        text,
        _tidy(internal),
        office=_office(rest, text) if kind is ReplyKind.DECLINE else "",
        until=_promised(text, written) if kind is ReplyKind.INTERIM else None,
    )


def thanks_only(text: str) -> bool:
    """Tell whether a company's mail says thank you and nothing else; then nothing is reopened.

    Every word must be one of thanks: what has any other word may hold a wish, and is not.
    """
    words = [word.casefold() for word in _WORD.findall(_ADDRESSED.sub(" ", _content(text)))]
    return (
        0 < len(words) <= _THANKS_WORDS
        and not _THANKS.isdisjoint(words)
        and all(word in _THANKS or word in _WITH_THANKS for word in words)
        and "?" not in text
    )


_THANKS_WORDS = 30
_WORD = re.compile(r"[^\W_]+")
_ADDRESSED = re.compile(r"\b(?:[Hh]errn?|[Ff]rau|Mr\.?|Ms\.?|Mrs\.?)\s[A-ZÄÖÜ][\w-]{1,40}")
_THANKS = frozenset(
    "dank danke dankeschön merci thx thank thanks bedankt teşekkürler teşekkür dziękuję dziękujemy"
    " danken bedanke bedanken dankend".split()
)
_WITH_THANKS = frozenset(
    "vielen besten herzlichen lieben tausend ganz sehr schön schöne recht nochmals nochmal einmal"
    " super prima perfekt toll wunderbar klasse bestens großartig spitze ok okay alles klar gut"
    " passt erledigt geklärt verstanden angekommen erhalten bekommen hilft geholfen weiter weitergeholfen"
    " für die das der den dem es so ist hat haben habe wir ich uns mich mir ihnen ihr ihre ihren"
    " ihrer ihr euch eure und auch damit dafür bei schnelle schnellen schneller rasche raschen"
    " rascher prompte gute guten freundliche freundlichen kompetente ausführliche hilfreiche"
    " tolle nette zügige antwort rückmeldung nachricht hilfe unterstützung mühe auskunft info"
    " infos information informationen bearbeitung beantwortung erklärung klärung bemühungen"
    " zusammenarbeit schönes schönen wochenende tag abend feierabend woche wünsche wünschen"
    " grüße gruß viele liebe beste freut freuen"
    " you very much so many a lot for your the this that is was quick fast prompt kind help support"
    " reply answer response information great perfect good well all helps helped us me we are"
    " have nice day weekend it again best regards really and to"
    " u je jullie wel zeer hartelijk voor uw snelle reactie antwoord hulp"
    " çok ederiz ederim için cevabınız bardzo za pomoc odpowiedź szybką beaucoup pour votre aide"
    " réponse".split()
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
    if first is not None and _GREETING.fullmatch(lines[first].strip()[:120]):
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


# --- the internal part -------------------------------------------------------------------------


def _apart(lines: list[str]) -> tuple[list[str], list[str]]:
    """Part the lines that may go on from the internal ones.

    An internal part begins with the remark, or with the paragraph that holds it, and reaches to
    the closing: when in doubt more is internal. Where the remark points at what stands above it,
    all of it is.
    """
    own: list[str] = []
    internal: list[str] = []
    at = 0
    while (marked := _next_remark(lines, at)) is not None:
        begin = 0 if _POINTS_UP.search(lines[marked]) else _remark_begin(lines, marked, at)
        if begin < at:  # the remark speaks of all above it, what was parted before included
            own, internal, at = [], [], 0
        own += lines[at:begin]
        end = next((n for n in range(marked + 1, len(lines)) if _closes(lines[n])), len(lines))
        internal += lines[begin:end]
        at = end
    return [*own, *lines[at:]], internal


def _next_remark(lines: Sequence[str], at: int) -> int | None:
    """Find the next line that says something is internal; a quoted one says it of nothing."""
    return next(
        (
            n
            for n in range(at, len(lines))
            if lines[n].strip()
            and lines[n].lstrip()[:1] != ">"
            and _INTERNAL.search(lines[n][:2000])
        ),
        None,
    )


def _remark_begin(lines: Sequence[str], marked: int, at: int) -> int:
    """Find where a remark's part begins: at a heading itself, else with its paragraph."""
    match = _INTERNAL.search(lines[marked][:2000])
    if (
        match
        and not _LETTER.search(lines[marked][: match.start()])
        and _HEADS.search(lines[marked])
    ):
        return marked
    begin = marked
    while begin > at and lines[begin - 1].strip() and lines[begin - 1].lstrip()[:1] != ">":
        begin -= 1
    while begin < marked and _GREETING.fullmatch(lines[begin].strip()[:120]):
        begin += 1
    return begin


_LETTER = re.compile(r"\w")
_HEADS = re.compile(r"[:–—]|\s-\s|^\W{0,4}\w{1,20}(?:\s\w{1,20}){0,4}\W{0,4}$")


def _closes(line: str) -> bool:
    return bool(_CLOSING.fullmatch(line.strip()[:120]))


# --- the wording -------------------------------------------------------------------------------


def _content(text: str) -> str:
    """Give a text without greeting, closing, what stands under it, and quoted lines."""
    kept: list[str] = []
    for line in text[:_MAX_READ].split("\n"):
        stripped = line.strip()
        if kept and _closes(line):
            break
        if stripped and not stripped.startswith(">") and not _GREETING.fullmatch(stripped[:120]):
            kept.append(stripped)
    return "\n".join(kept)


def _suspected(text: str, internal: str, written: date) -> ReplyReading:
    text, internal = text.strip("\n"), internal.strip("\n")
    content = _content(text)
    if not content and internal:
        clause = "die Mail enthält nur einen internen Hinweis"
        return ReplyReading(ReplyKind.INTERNAL, False, clause, text, internal, "", None)
    if not content:
        clause = "die Mail enthält keinen eigenen Text"
        return ReplyReading(ReplyKind.ANSWER, False, clause, text, internal, "", None)
    for judge in (_judge_decline, _judge_question, _judge_interim):
        found = judge(content, written)
        if found:
            kind, explicit, suspicion, office, until = found
            return ReplyReading(kind, explicit, suspicion, text, internal, office, until)
    return ReplyReading(ReplyKind.ANSWER, False, "", text, internal, "", None)


_Judgement = tuple[ReplyKind, bool, str, str, date | None]


def _judge_decline(content: str, _written: date) -> _Judgement | None:
    """A refusal, where it is what the mail is about and not one sentence of a long answer."""
    refusal = _DECLINES.search(content)
    referral = _referral(content)
    count = len(content.split())
    if not (refusal or referral) or count > _MEDIUM_TEXT:
        return None
    office = _clean_office(referral["office"]) if referral else ""
    is_person = bool(re.match(r"(?:frau|herr|kolleg)", office, re.IGNORECASE))
    told = (refusal or referral or [""])[0]
    if _ANSWERS.search(content) or count > _SHORT_TEXT or (is_person and not refusal):
        clause = f"die Mail klingt nach einer Unzuständigkeit („{_excerpt(told)}“)"
        return ReplyKind.DECLINE, False, clause, office, None
    return ReplyKind.DECLINE, True, "", office, None


def _judge_question(content: str, _written: date) -> _Judgement | None:
    need = None if _NOT_NEEDED.search(content) else _NEEDS.search(content)
    request = _REQUESTS.search(content)
    count = len(content.split())
    answers = _ANSWERS.search(content)
    if need and request and count <= _MEDIUM_TEXT and not answers and not _promise(content):
        return ReplyKind.QUESTION, True, "", "", None
    asked = _QUESTION_MARK.search(content)
    if need and (request or count <= _SHORT_TEXT) and not _promise(content):
        clause = f"die Mail klingt nach einer Rückfrage („{_excerpt(need[0])}“)"
        return ReplyKind.QUESTION, False, clause, "", None
    if asked and not answers and count <= _MEDIUM_TEXT:
        clause = f"die Mail stellt eine Frage („{_excerpt(asked[0])}“)"
        return ReplyKind.QUESTION, False, clause, "", None
    return None


def _judge_interim(content: str, written: date) -> _Judgement | None:
    busy, promise = _STILL_AT_IT.search(content), _promise(content)
    if not (busy or promise):
        return None
    until = _promised(content, written)
    count = len(content.split())
    sure = until is not None and count <= _SHORT_TEXT and not _ANSWERS.search(content)
    if sure and busy and (_PASS_ON.search(content) or (promise and count <= _FEW_WORDS * 2)):
        return ReplyKind.INTERIM, True, "", "", until
    if not promise and (_ANSWERS.search(content) or count > _MEDIUM_TEXT):
        return None
    told = (promise or busy or [""])[0]
    clause = f"die Mail klingt nach einer Zwischennachricht („{_excerpt(told)}“)"
    return ReplyKind.INTERIM, False, clause, "", until


def _promise(content: str) -> re.Match[str] | None:
    return _PROMISES.search(content)


def _promised(text: str, written: date) -> date | None:
    """Find the day something is promised for: a date after "bis", "in", "by"; a week's Friday."""
    found = [
        mention
        for mention in mentions(text, written)
        if _BY.search(text[max(0, mention.start - 40) : mention.start])
        or _is_self_dated(text, mention)
    ]
    near = [mention for mention in found if _PROMISES.search(_around(text, mention))] or found
    days = [_workday_end(mention) for mention in near]
    coming = [day for day in days if day >= written]
    return min(coming) if coming else None


def _is_self_dated(text: str, mention: Mention) -> bool:
    return bool(
        re.match(
            r"(?:in|within|innerhalb|next"
            r"|nächste)\b",
            text[mention.start : mention.end],
            re.IGNORECASE,
        )
    )


def _around(text: str, mention: Mention) -> str:
    return text[max(0, mention.start - 90) : mention.end + 60]


def _workday_end(mention: Mention) -> date:
    is_week = mention.last - mention.first == timedelta(days=6)
    return mention.first + timedelta(days=4) if is_week else mention.last


# --- the office a decline names ----------------------------------------------------------------


def _referral(content: str) -> re.Match[str] | None:
    """Find the words that name another office; "liegt bei" alone also says where a pipe lies."""
    for pattern in _REFERRALS:
        match = pattern.search(content)
        if match is None:
            continue
        office = _clean_office(match["office"])
        named = _OFFICE_WORD.search(office) or _RESPONSIBLE.search(match[0])
        if named and not _NO_OFFICE.match(office):
            return match
    return None


def _office(rest: str, text: str) -> str:
    """Give the office named behind the command word, or in the text."""
    named = _clean_office(rest)
    if named and len(named.split()) <= _FEW_WORDS:
        referral = _referral(rest)
        return _clean_office(referral["office"]) if referral else named
    found = _referral(_content(text))
    return _clean_office(found["office"]) if found else ""


def _clean_office(words: str) -> str:
    words = re.sub(r"^[\s\W]+|[\s\W]+$", "", words)
    return re.sub(
        r"^(?:bitte )?(?:an |ans |beim? |zu[mr]? )?(?:das|die|der|den|dem"
        r"|the)\s",
        "",
        words,
        flags=re.IGNORECASE,
    )


def _excerpt(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= 60 else f"{words[:57]}…"  # noqa: PLR2004 -- one line of a digest
