"""Whether what stands behind ``antwort`` is for the company, or says what to do with an answer.

"Antwort freigeben" is an order in which the word is a noun, and "Antwort: noch warten" a note; sent
on, the company would read them as the city's answer. What is refused here costs one mail: a whole
sentence to the company ends every doubt.
"""

import re
from collections.abc import Callable, Sequence

from mailflow.core.sentences import sentences

__all__ = ["FEW_WORDS", "how_to_answer", "reads_as_order"]

FEW_WORDS = 5
"""So few words may speak of a reply that waits, "Antwort gut so, danke", or be no sentence."""


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
# Not "an", "zu", "neu", "Frist" or "Bestand": answers begin and end with those.
_ORDERS = _words(
    "freigeben freigegeben freigabe ok okay release released aufnehmen accept schliessen schließen"
    " close verwerfen discard erinnern remind"
)
_THANKS = _words("bitte gerne gern danke dankeschön please thanks")
_BESIDE = _THANKS | _words("nicht so mal noch jetzt dann gleich auch nun not now then")
"""Words that stand beside an order and change nothing of its being one."""

# What becomes of an answer: "antwort: kommt noch von Brinkmann", "antwort kann raus".
_OF_AN_ANSWER = _words(
    "kann können könnte soll sollte sollen muss müsste wird würde werde wurde wurden wäre war ist"
    " sind hat hatte haben habe hab geht geh ging gehört kommt kam folgt liegt lag steht bleibt"
    " fehlt wartet warte warten abwarten macht"
    " was is has have follows comes goes needs waits wait"
)
# What nobody begins an answer with in small letters: a verb without its subject, or what belongs
# to the noun: "antwort von Brinkmann ist da", "antwort schon gegeben".
_OF_A_NOUN = _OF_AN_ANSWER | _words(
    "darf werden will wollen hatten gibt passt stimmt reicht klingt sieht genügt gefällt brauche"
    " braucht brauchen lassen lass mache machen schicke schicken sende senden prüfen ändern"
    " der des dem den eines einer"
    " von vom aus an ans auf bei beim mit nach seit zu zum zur über für ohne durch wegen laut per"
    " vor unter um bis in im als wie"
    " schon bereits noch erst bald nachher später heute morgen gestern gleich jetzt eben gerade"
    " bitte mal doch wohl nur auch nicht so wieder oder aber und"
    " can could should may must will would are looks seems sounds fits of"
    " from by after with without for to on at please already later soon"
    " today tomorrow not only still just or but and"
)
_VERB = re.compile(r"\w{3,}(?<!am)t")
"""An ending of verbs, and of few nouns in small letters."""

_DONE = _words(
    "raus rausgegangen gegeben erledigt beantwortet verschickt versandt geschickt abgeschickt"
    " gesendet abgesendet rausgeschickt weitergeleitet telefoniert besprochen abgesprochen geklärt"
    " angemahnt angefordert nachgefragt eingeholt angerufen informiert"
)
"""What was done with an answer, or for one: "Bauaufsicht angemahnt"."""
_NOTES = (
    (_OF_A_NOUN - _words("werden will gibt passt stimmt reicht"))
    | _BESIDE
    | _DONE
    | _words(
        "telefonisch mündlich persönlich schriftlich vorab offen da fertig nötig keine mir"
        " woche nächste nächster nächsten diese dieser ich post mail telefon"
        " einholen anmahnen anrufen nachfragen warten ausstehend ausständig unterwegs"
        " pending given sent done phone missing open yet chase call ask out"
    )
)
"""Of nothing but these words no company learns anything: "telefonisch gegeben", "noch warten"."""

_READER = re.compile(
    r"\b(?:Sie|Ihnen|Ihr(?:e[mnrs]?)?|[Ww]ir|[Uu]ns|[Uu]nser(?:e[mnrs]?)?"
    r"|[Yy]ours?|[Yy]ou|[Ww]e|[Uu]s|[Oo]ur)\b"
)
"""Who so speaks, speaks to the company."""
_FIGURE = re.compile(r"\d")
_VERDICTS = _words(
    "ja nein leider gern gerne danke vielen selbstverständlich natürlich einverstanden möglich"
    " unmöglich zulässig unzulässig erforderlich nötig notwendig verboten kostenlos kostenfrei frei"
    " kein keine keinen keinerlei genehmigt abgelehnt aufgehoben vergeben unverändert"
    " genehmigungsfähig genehmigungspflichtig genehmigungsfrei"
    " possible impossible required necessary approved granted refused free"
    " yes no sorry unfortunately sure please thanks thank"
)
"""With one of these a company is told something though no verb is there."""
_FINITE = _words(
    "ist sind war waren wird wurde wurden kann können konnte könnte darf dürfen durfte muss müssen"
    " müsste soll sollen sollte will wollte hat haben hatte hatten gibt geht gehen gilt gelten"
    " werden liegen stehen kommen bleiben finden brauchen fehlen reichen genügen entfallen wäre"
    " bestehen folgen sei habe"
    " is are was were will can cannot may must has have had do does did should would could isn t s"
    " applies needs takes costs means"
)
_NO_VERBS = _DONE | _words(
    "nicht jetzt erst fast laut meist sonst selbst weit zuletzt damit seit dort bereit samt statt"
    " direkt komplett unbekannt leicht recht echt bekannt zunächst möglichst vielleicht schlecht"
    " hoffentlich demnächst rest next just last best must"
)
"""They end as verbs do, and tell nothing."""

_INFINITIVE = re.compile(r"[a-zäöüß]\w*(?:en|ern|eln)|tun")
_WITH_ZU = re.compile(r"\w{2,12}zu\w{4,}")
_PARTICIPLE = re.compile(r"\w{0,20}ge\w{3,}en")
_NO_INFINITIVES = _words(
    "morgen übermorgen gestern offen eben neben oben unten hinten außen innen drinnen draußen"
    " selten willkommen zusammen wegen gegen dagegen hingegen kosten verboten entschieden"
    " den einen keinen seinen allen beiden anderen meinen unseren gern ihnen denen deren inzwischen"
    " vorgesehen mindestens zwischen trocken"
    " fehlen reichen genügen gelten folgen bestehen vorliegen entfallen passen stimmen liegen"
    " stehen open when then often even seven ten between given written taken"
)
"""They end as infinitives do, or are also said of many: "Die Pläne fehlen"."""
_OF_THE_READER = _words(
    "einreichen nachreichen mitbringen ausfüllen überweisen beachten parken freihalten"
)
"""What only the company can do: "Bitte den Lageplan nachreichen"."""
_CLAUSE_ENDS = re.compile(r"[,;:.!?…()–—]+(?:\s|$)|\s[-–—/]\s")

_SUBORDINATE = _words(
    "wenn sobald falls da weil solange nachdem bevor ehe damit ob um ohne statt anstatt sofern"
    " soweit während dass wo wie"
)
"""What follows them is no order: "Sobald die Nachbarn zustimmen, …"."""

_ARTICLES = _words("Der Die Das Ein Eine Dieser Diese Dieses The A")
_FIRST_WORDS = 4
_STANDS_OUT = _words(
    "fehlt kommt folgt liegt steht antwortet wartet meldet ruft prüft schreibt is has"
)
_OF_THE_HOUSE = _words("abwarten anmahnen einholen anrufen nachfragen nachhaken geantwortet chase")
"""What the desk does about an office, and waits for."""
_ORDERED = re.compile(
    r"(?:please |then |just |still |not |bitte ){0,3}"
    r"(?:(?:a?wait(?:ing)?|chase|remind|hold|obtain|ask|call|check|forward)"
    r"|(?:do not|don['’]t) (?:send|release|close|reply|answer))\b",
    re.IGNORECASE,
)
"""How an English note begins, where it does not say you or us."""


_SHOWN = 80


def how_to_answer(words: str, reference: str) -> str:
    """Say that these words behind ``antwort`` were not sent, and how an answer is written."""
    return (
        f"„{words[:_SHOWN]}“ kann ein Auftrag sein oder von einer Antwort sprechen und ging nicht"
        " hinaus. Einen Auftrag schreiben Sie ohne das Wort „antwort“, zum Beispiel:"
        f" {reference} freigeben. Was das Unternehmen lesen soll, schreiben Sie mit Doppelpunkt und"
        f" als ganzen Satz an das Unternehmen: {reference} antwort: … (statt „Pläne schicken“ also"
        " „Bitte schicken Sie die Pläne.“)"
    )


def reads_as_order(words: str, is_office: Callable[[str], bool], *, colon: bool) -> bool:
    """Tell whether words behind ``antwort`` may be an order, or speak of an answer.

    Behind a ``colon`` they are for the company, unless nothing but an order is left of them or
    they may be a note. ``is_office`` tells whether a word names one of the city's offices.
    """
    said = _WORD.findall(words)
    bare = [word for word in map(str.casefold, said) if word not in _BESIDE]
    if _is_note(words, said, is_office):
        return True
    if colon:
        only_orders = bool(bare) and all(word in _ORDERS for word in bare)
        return only_orders or said[0] in _OF_AN_ANSWER
    ends = {*bare[:1], *bare[-1:]}
    return not bare or not _ORDERS.isdisjoint(ends) or _is_of_a_noun(said[0])


def _is_of_a_noun(first: str) -> bool:
    """Tell whether a first word in small letters makes a noun of the "antwort" before it."""
    return not first[0].isupper() and (first in _OF_A_NOUN or bool(_VERB.fullmatch(first)))


def _is_note(words: str, said: Sequence[str], is_office: Callable[[str], bool]) -> bool:
    """Tell whether words tell no company anything, or what somebody here is to do."""
    folded = {word.casefold() for word in said}
    if folded <= _NOTES and not folded <= _THANKS:
        return True
    if len(said) <= FEW_WORDS and not _tells(words, said):
        return True
    return any(map(_asks_for, _CLAUSE_ENDS.split(words))) or any(
        _begins_with_order(each) or (not _READER.search(each) and _is_of_the_house(each, is_office))
        for each in sentences(words)
    )


def _is_of_the_house(sentence: str, is_office: Callable[[str], bool]) -> bool:
    return _instructs(sentence) or _reports(sentence) or _speaks_of_office(sentence, is_office)


def _tells(words: str, said: Sequence[str]) -> bool:
    """Whether few words are a sentence, or an answer without one: "Montag 9 Uhr"."""
    folded = {word.casefold() for word in said}
    if _READER.search(words) or _FIGURE.search(words):
        return True
    return bool(folded & (_VERDICTS | _OF_THE_READER)) or _has_verb(said)


def _has_verb(said: Sequence[str]) -> bool:
    return any(
        word.casefold() in _FINITE
        or (word[0].islower() and word not in _NO_VERBS and bool(_VERB.fullmatch(word)))
        for word in said
    )


def _begins_with_order(sentence: str) -> bool:
    """Whether its first part is an infinitive to nobody: "Noch warten, wir haben noch nichts"."""
    first = _CLAUSE_ENDS.split(sentence)[0]
    said = _WORD.findall(first)
    if not said or said[0].casefold() in _SUBORDINATE or _READER.search(first):
        return False
    return not _has_verb(said) and _ends_in_infinitive(first)


def _instructs(sentence: str) -> bool:
    """Whether it is an order in English, or has no verb but an infinitive at a part's end."""
    if _ORDERED.match(sentence) and not _FIGURE.search(sentence):
        return True
    has_verb = _has_verb(_WORD.findall(sentence))
    return not has_verb and any(map(_ends_in_infinitive, _CLAUSE_ENDS.split(sentence)))


def _asks_for(clause: str) -> bool:
    """Whether it says "bitte" and an infinitive to nobody: "bitte dort anrufen"."""
    asked = "bitte" in map(str.casefold, _WORD.findall(clause))
    return asked and not _READER.search(clause) and _ends_in_infinitive(clause)


def _ends_in_infinitive(clause: str) -> bool:
    said = _WORD.findall(clause)
    asked = "bitte" in map(str.casefold, said)
    while said and said[-1].casefold() in _BESIDE:
        said.pop()
    last = said[-1] if said else ""
    if not _INFINITIVE.fullmatch(last) or last in _NO_INFINITIVES | _OF_THE_READER | _DONE:
        return False
    of_another_verb = said[-2:-1] == ["zu"] or _WITH_ZU.fullmatch(last)
    return not of_another_verb and (asked or not _PARTICIPLE.fullmatch(last))


def _reports(sentence: str) -> bool:
    """Whether a part of it says, of nobody, what was done: "Habe mit der Firma telefoniert"."""
    return any(
        said[0].casefold() in {"habe", "hab"} or (said[-1] in _DONE and _is_of_nobody(said))
        for said in map(_WORD.findall, _CLAUSE_ENDS.split(sentence))
        if said and said[0].casefold() not in _SUBORDINATE
    )


def _is_of_nobody(said: Sequence[str]) -> bool:
    first = said[0].casefold()
    return first in _OF_AN_ANSWER or not any(word.casefold() in _FINITE for word in said)


def _speaks_of_office(sentence: str, is_office: Callable[[str], bool]) -> bool:
    """Whether it says what the desk does about an office, or, as notes do, what that does."""
    said = _WORD.findall(sentence)
    if not _OF_THE_HOUSE.isdisjoint(said):
        return any(map(is_office, said))
    starts = said[0] not in _ARTICLES and not _FIGURE.search(sentence)
    short = starts and not _STANDS_OUT.isdisjoint(said)
    return short and any(map(is_office, said[:_FIRST_WORDS]))
