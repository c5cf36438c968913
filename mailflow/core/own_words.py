"""Whether what stands behind ``antwort`` is for the company, or says what to do with an answer.

"Antwort freigeben" is an order in which the word is a noun; sent on, the company would read
"freigeben" as the city's answer. What is refused here costs one mail: a colon ends every doubt.
"""

import re

__all__ = ["FEW_WORDS", "reads_as_order"]

FEW_WORDS = 5
"""So few words may speak of a reply that waits: "Antwort gut so, danke"."""


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
# Not "an", "zu", "neu", "Frist" or "Bestand": answers begin and end with those.
_ORDERS = _words(
    "freigeben freigegeben freigabe ok okay release released aufnehmen accept schliessen schließen"
    " close verwerfen discard erinnern remind"
)
_BESIDE = _words(
    "bitte nicht so mal noch jetzt dann gleich auch nun gerne gern danke dankeschön"
    " please not now then thanks"
)
"""Words that stand beside an order and change nothing of its being one."""

# What nobody begins an answer with in small letters: a verb without its subject, or what belongs
# to the noun: "antwort kann raus", "antwort von Brinkmann ist da", "antwort schon gegeben".
_OF_A_NOUN = _words(
    "kann können könnte soll sollte sollen darf muss müsste wird würde werde will wollen wäre war"
    " ist sind hat hatte haben habe gibt geht ging gehört kommt kam folgt liegt lag steht bleibt"
    " passt stimmt reicht fehlt klingt sieht wartet genügt gefällt brauche braucht brauchen"
    " lassen lass mache machen schicke schicken sende senden warten abwarten prüfen ändern"
    " von vom aus an ans auf bei beim mit nach seit zu zum zur über für ohne durch wegen laut per"
    " vor unter um bis in im als wie"
    " schon bereits noch erst bald nachher später heute morgen gestern gleich jetzt eben gerade"
    " bitte mal doch wohl nur auch nicht so wieder oder aber und"
    " can could should may must will would is are was has have looks seems sounds follows comes"
    " goes needs waits fits from by after with without for to on at please already later soon"
    " today tomorrow not only still just or but and"
)
_VERB = re.compile(r"\w{3,}(?<!am)t")
"""An ending of verbs, and of few nouns in small letters."""


def reads_as_order(words: str, *, colon: bool) -> bool:
    """Tell whether words behind ``antwort`` may be an order, or speak of an answer.

    Behind a ``colon`` they are for the company, unless nothing but an order is left of them.
    """
    said = _WORD.findall(words)
    bare = [word for word in map(str.casefold, said) if word not in _BESIDE]
    if colon:
        return bool(bare) and all(word in _ORDERS for word in bare)
    ends = {*bare[:1], *bare[-1:]}
    return not bare or not _ORDERS.isdisjoint(ends) or _is_of_a_noun(said[0])


def _is_of_a_noun(first: str) -> bool:
    """Tell whether a first word in small letters makes a noun of the "antwort" before it."""
    return not first[0].isupper() and (first in _OF_A_NOUN or bool(_VERB.fullmatch(first)))
