"""A company's mail that only says thank you."""

import re

from mailflow.core.letter import below_closing, content
from mailflow.core.signatures import names_author

__all__ = ["asks_for_consent", "consents", "consents_only", "thanks_only"]


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_THANKS_WORDS = 30
_WORD = re.compile(r"[^\W_]+")
_ADDRESSED = re.compile(r"\b(?:[Hh]errn?|[Ff]rau|Mr\.?|Ms\.?|Mrs\.?)\s[A-ZÄÖÜ][\w-]{1,40}")
_THANKS = _words(
    "dank danke dankeschön merci thx thank thanks bedankt teşekkürler teşekkür dziękuję dziękujemy"
    " danken bedanke bedanken dankend"
)
_WITH_THANKS = _words(
    "vielen besten herzlichen lieben tausend ganz sehr schön schöne recht nochmals nochmal einmal"
    " super prima perfekt toll wunderbar klasse bestens großartig spitze ok okay alles klar gut"
    " passt erledigt geklärt verstanden angekommen erhalten bekommen hilft geholfen weiter"
    " weitergeholfen"
    " für die das der den dem es so ist hat haben habe wir ich uns mich mir ihnen ihr ihre ihren"
    " ihrer euch eure und auch damit dafür bei schnelle schnellen schneller rasche raschen"
    " rascher prompte gute guten freundliche freundlichen kompetente ausführliche hilfreiche"
    " tolle nette zügige antwort rückmeldung nachricht hilfe unterstützung mühe auskunft info"
    " infos information informationen bearbeitung beantwortung erklärung klärung bemühungen"
    " zusammenarbeit schönes schönen wochenende tag abend feierabend woche wünsche wünschen"
    " grüße gruß viele liebe beste freut freuen"
    " ein eine einen sich vielmals eingangsbestätigung bestätigung zur kenntnis genommen hilfreich"
    " unkomplizierte unbürokratische netten nett top service dann wissen bescheid an alle"
    " beteiligten war frohe weihnachten feiertage gutes neues jahr rutsch ins"
    " appreciated helpful quick"
    " you very much many a lot for your the this that is was fast prompt kind help"
    " support"
    " reply answer response great perfect good well all helps helped us me we are"
    " have nice day weekend it again best regards really and to"
    " u je jullie wel zeer hartelijk voor uw snelle reactie antwoord hulp"
    " çok ederiz ederim için cevabınız bardzo za pomoc odpowiedź szybką beaucoup pour votre aide"
    " réponse"
)


_CONSENT = _words(
    "ok okay perfekt prima super top klasse wunderbar alles klar gut passt verstanden bestens"
    " great perfect fine noted"
)


_AGREED = _WITH_THANKS | _words(
    "dann also machen machen's handhaben verfahren gehen vor so das es dies wir ich werden werde"
    " uns bleiben bleibt dabei einverstanden in ordnung fein prima genau ja gern gerne jawohl"
    " then we will do so that this agreed understood sounds"
)
"""What may stand beside consent, and asks for nothing."""

_WORD_WANTED = (
    r"\b(?:rückmeldung|antwort|nachricht|auskunft|infos?|information(?:en)?|(?:eingangs)?bestätigung"
    r"|bescheid|erklärung|klärung|bearbeitung|beantwortung|hilfe|unterstützung)\b"
)
_NO_THANKS = r"(?:(?!\bfür\b|\bdank)[^.!?,]){0,200}"
# every word of it may be one of thanks: "Danke, ich wünsche eine Rückmeldung.", "Info an mich."
_WISHES = re.compile(
    rf"\bwünschen?\b(?:(?!\bfür\b|\bdank)[^.!?]){{0,200}}{_WORD_WANTED}"
    rf"|(?:^|[.!?,]){_NO_THANKS}{_WORD_WANTED}[^.!?,]{{0,200}}"
    r"\b(?:wünschen?|an (?:mich|mir|uns|alle))\b|\b(?:bekommen|erhalten) wir\b",
    re.IGNORECASE | re.MULTILINE,
)
# Beside consent it is a wish ("Ok, Bescheid an alle."), but in "Ok, dann wissen wir Bescheid."
_AWAITS = re.compile(
    rf"(?<!\bwissen wir )(?<!\bwissen ){_WORD_WANTED}"
    r"(?! (?:ist )?(?:erhalten|bekommen|angekommen)\b)",
    re.IGNORECASE,
)
_PROPOSES = re.compile(
    r"\?|bestätig|rückmeld|rückantwort|einverstanden|\bpasst\b|vorschl[aä]g|anbieten"
    r"|\bschlagen\b[^.!?\n]{0,80}\bvor\b"
    r"|\b(?:geben|sagen)\b[^.!?\n]{0,40}\bbescheid\b|\bconfirm",
    re.IGNORECASE,
)
# in one long line: "Montage GmbH | Hafenstraße 12 | 12345 Musterstadt"
_SIGNATURE = re.compile(r"[|•·@]|\bwww\.|\bHRB\b|\bTel\b")


def consents_only(text: str) -> bool:
    """Tell whether a company's mail only says that all is well: "Ok", "Alles klar!".

    That it will do as it was told asks for nothing: "Ok, dann machen wir das so."
    """
    words = _said(text)
    return (
        0 < len(words) <= _THANKS_WORDS
        and words[0] in _CONSENT
        and all(word in _CONSENT or word in _AGREED for word in words)
        and not _says_more(text)
        and not _WISHES.search(content(text))
        and not _AWAITS.search(content(text))
    )


def consents(text: str) -> bool:
    """Tell whether a company's mail holds a word of consent, which may reply to a proposal."""
    return not _CONSENT.isdisjoint(_said(text))


def asks_for_consent(text: str) -> bool:
    """Tell whether an office's answer asks or proposes, so that "Passt." is a reply to it."""
    return bool(_PROPOSES.search(text))


def _said(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(_ADDRESSED.sub(" ", content(text)))]


def _says_more(text: str) -> bool:
    """Tell whether a mail asks, or says something below its closing that is no signature."""
    return "?" in text or any(
        not names_author(line) and not _SIGNATURE.search(line) for line in below_closing(text)
    )


def thanks_only(text: str) -> bool:
    """Tell whether a company's mail says thank you and nothing else; then nothing is reopened.

    Every word must be one of thanks: any other word may be part of a wish. Nor may the words of
    thanks wish for word.
    """
    words = _said(text)
    return (
        0 < len(words) <= _THANKS_WORDS
        and not _THANKS.isdisjoint(words)
        and all(word in _THANKS or word in _WITH_THANKS for word in words)
        and not _says_more(text)
        and not _WISHES.search(content(text))
    )
