"""How offices write that something is for the city only: a row per sort of wording.

Adding a wording is adding to a row, and a line to ``tests/core/test_remarks.py``. The rows are
searched in a line as ``remarks`` lays it out: one space between words, no spaced-out letters.
"""

import re
from collections.abc import Iterable

__all__ = ["FOR_COMPANY", "INTERNAL", "SUSPECT"]


def _any(rows: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(rows), re.IGNORECASE)


# What may stand before a heading: a dash, a number, "PS", "Hinweis", "Nur".
_HEAD = (
    r"^\W{0,20}(?:\w{1,2}[.)]\W{1,3})?"
    r"(?:(?:ps|p\. ?s|pps|nb|n\. ?b|nur|rein|noch|hier|achtung|wichtig|zusatz|nachtrag"
    r"|hinweis|anmerkung|anm|info|information|fyi|zur (?:info|kenntnis)|z\. ?k|bitte"
    r"|nochmal|ganz)\b\W{0,3}){0,3}"
)
# "verwaltungsintern", "hausintern"; what is "betriebsintern" is the company's.
_HOUSE = (
    r"(?:\w{0,20}(?:verwaltungs|haus|behörden|amts|ämter|dienst|stadt|dezernats|rathaus|dezernent"
    r"|fachbereichs|fachdienst|abteilungs|referats|sachgebiets|team|kam|nur|streng|rein)-?)?"
)
_REMARK = (
    r"(?:hinweis|anmerkung|anm\b|notiz|info\b|infos\b|information|vermerk|bemerkung|ergänzung"
    r"|kommentar|nachtrag|zusatz|randnotiz|aktenvermerk)"
)
_COMPANY = (
    r"(?:firm(?:a|en)|unternehmen|antragsteller\w{0,5}|kund(?:e|en|in|innen)|betriebe?|bauherr\w{0,5}"
    r"|investor\w{0,3}|anfragende\w?|absender\w{0,2}|einsender\w{0,2}|extern\w{0,2}|dritte\w?"
    r"|presse|medien|öffentlichkeit|außen|aussen|draußen|draussen)\b"
)
_THE_COMPANY = (
    r"(?:die firma|das unternehmen|der antragsteller|die antragstellerin|der kunde|die kundin"
    r"|der betrieb|der bauherr|der investor)"
)
_NOT = r"(?:nicht|keinesfalls|auf (?:gar )?keinen fall|niemals)"
_ONWARD = (
    r"weiter ?(?:geben|leiten|sagen|reichen|schicken|senden|erzählen|verbreiten|zugeben|zuleiten)"
)
# Of our own: the first word of a number such as KAM-7K3Q-9F2M is no address.
_KAM = r"(?-i:KAM)(?!-\w{4}\b)"

INTERNAL = _any(
    (
        # headings such as "Verwaltungsintern –", "2) nur intern ->" and "Intern (bitte löschen):"
        rf"{_HEAD}{_HOUSE}intern(?:es|er|e|al|ally|a)?\.? ?(?:[:;,–—=*_#~/|>→»!]|-(?:[ >-]|$)|$)",
        rf"{_HEAD}{_HOUSE}intern(?:es|e|al)? ?[(\[][^)\]]{{0,60}}[)\]] ?(?:[:–—-]|$)",
        rf"{_HEAD}{_HOUSE}intern(?:al)? (?:zu|für|an|nur|for|to)\w{{0,2}} [^.!?]{{0,40}}[:–—]",
        r"^\W{0,20}(?-i:[A-ZÄÖÜ]{0,20}INTERN)\b",
        rf"\b(?:nur|rein|streng|ausschließlich|bitte|lediglich) {_HOUSE}intern\b",
        rf"[(\[]{_HOUSE}intern(?:al)? ?[)\]:,;–!]|\bintern(?:al)? ?(?::|-{{1,2}}>|=+>|→)",
        rf"(?<=[.!?] ){_HOUSE}intern ?[:–—]",
        rf"\b{_HOUSE}intern(?:er|e|es|en)[ -]{_REMARK}|{_HEAD}intern[ -]?{_REMARK}",
        # for whom it is
        (
            r"\b(?:für|zu[mr]) (?:den |die |unsere?n? |ihren? )?(?:internen|dienst) ?gebrauch"
            r"|\bdienstgebrauch\b|\bvs\W{0,3}nfd\b|\bnur für die akten?\b"
        ),
        rf"{_HEAD}(?:für die akten?|zu den akten) ?[:–—]",
        (
            r"\bnur (?:für (?:sie|dich|euch)|zu ihrer (?:information|kenntnis)"
            r"|zur (?:internen )?kenntnis)\b"
        ),
        (
            r"^\W{0,4}(?:nur |(?:hinweis|info|information|anmerkung|notiz|bemerkung) )"
            r"(?:an|für) (?:die |den |das |unsere? |ihre? )?(?:kolleg|key.?account|kam\b|leitung\b)"
        ),
        rf"{_HEAD}@ ?{_KAM}\b",
        (
            rf"{_HEAD}(?:(?:an|für|nur) )?(?:(?:das|die|den|unser(?:e|en)?) )?{_KAM}\b"
            r"[^.!?:]{0,25}(?::(?= |$)|[–—→]|->)"
        ),
        # to whom it may not go
        (
            rf"\b(?:bitte |aber |das |dies |dieses )?{_NOT} (?:an|nach|für|zur) [^.!?]{{0,50}}"
            rf"(?:{_ONWARD}|weitergabe|geben|bestimmt|gedacht|mitteilen|erwähnen)"
        ),
        (
            rf"\b(?:bitte|aber|also) (?:(?!ihre?n?\b)\w{{1,20}} ){{0,4}}{_NOT} "
            rf"(?:{_ONWARD}|erwähnen|kommunizieren)"
        ),
        rf"{_HEAD}(?:(?:das|dies(?:es)?|aber|so) )?{_NOT} {_ONWARD}",
        rf"[(\[](?:bitte )?{_NOT} {_ONWARD}|\b{_NOT} {_ONWARD} ?[!)\]:–—]",
        (
            r"\bnicht (?:zur weitergabe|nach außen|für außen|für dritte|für externe"
            r"|für das unternehmen|für die firma|für den antragsteller)"
        ),
        (
            rf"{_HEAD}nicht (?:an|für|nach)(?: \w{{2,12}})? {_COMPANY}"
            r"(?:,(?! sondern)|[^.!?:]{0,20}(?:[:–—!)\]]|$))"
        ),
        rf"[(\[](?:bitte )?nicht (?:an|für|nach)(?: \w{{2,12}})? {_COMPANY}",
        (
            rf"\b(?:darf|dürfen|soll|sollte|sollten|muss|müssen|braucht|brauchen) {_THE_COMPANY} "
            r"[^.!?]{0,40}nichts? (?:davon |zu )?(?:wissen|erfahren|erhalten|bekommen)"
        ),
        (
            rf"\b{_THE_COMPANY} (?:darf|soll|sollte|muss|braucht) [^.!?]{{0,40}}nichts? "
            r"[^.!?]{0,20}(?:wissen|erfahren)"
        ),
        rf"\bgeht {_THE_COMPANY} (?:gar )?nichts an\b",
        r"\bnicht in die (?:gesamt)?antwort\b",
        # between whom it stays
        (
            r"\bunter uns(?: gesagt)? ?[:,–—]|\bunter uns kolleg|\bim vertrauen(?: gesagt)? ?[:–—]"
            r"|\bbleib(?:t|en) (?:(?:bitte|aber|das|dies) ){0,2}(?:unter uns|intern)\b"
            r"|\b(?:unter uns|intern) bleiben\b"
        ),
        # how it is to be handled
        rf"{_HEAD}(?:(?:streng|absolut|höchst) )?vertraulich ?(?:[:;,–—!(/&-]|$)",
        rf"{_HEAD}(?:(?:streng|absolut|höchst) )?vertrauliche?[rs]? {_REMARK}",
        rf"{_HEAD}(?:(?:das|dies|dieses|alles) )?(?:bitte )?vertraulich (?:zu )?behandeln",
        r"[(\[](?:bitte |streng )?vertraulich\b|\bstreng vertraulich\b",
        (
            r"\bvor (?:\w{2,6} )?(?:versand|versenden|absenden|abschicken|weiter\w{2,10})"
            r" [^.!?]{0,30}(?:lösch|streich|entfern|heraus|raus|wegl)"
        ),
        r"[(\[](?:bitte )?(?:wieder )?(?:löschen|streichen|entfernen|rausnehmen|weglassen)\b",
        r"\bdiesen (?:absatz|satz|teil|hinweis) (?:bitte )?(?:löschen|streichen|entfernen)",
        # English
        (
            r"\binternal(?:ly)? only\b|\bfor internal (?:use|information|purposes)"
            r"|\binternal (?:note|remark|comment)"
        ),
        r"\b(?:please )?do not (?:forward|pass (?:this )?on|share|send this)",
        r"\bnot for (?:the )?(?:company|applicant|customer|distribution|onward)",
        r"\bnot to be (?:forwarded|passed on|shared)\b|\boff the record\b",
        r"\bkeep (?:this|it|that) (?:strictly )?(?:internal|confidential|between|to yourself)",
        r"\bbetween (?:us|ourselves)\b|\bfor your (?:eyes|information) only\b|\bfyi only\b",
        rf"{_HEAD}(?:strictly )?confidential ?[:,–—!-]",
    )
)
"""That a part is internal, beyond doubt: it stays."""

FOR_COMPANY = _any(
    (
        # "Ihre Unterlagen werden vertraulich behandelt": a promise
        (
            r"\b(?:wir|ihre?[nmrs]?|werden|wird|selbstverständlich|natürlich)\b[^.!?]{0,80}"
            r"\b(?:streng )?vertraulich(?: und \w{1,30})? "
            r"(?:behandel\w{1,3}|geprüft|verwahrt|aufbewahrt)"
        ),
        r"\bbehandeln wir [^.!?]{0,80}\bvertraulich\b|\bwir behandeln [^.!?]{0,80}\bvertraulich\b",
        r"\b(?:kept|treated|handled|remain|keep your \w{1,20}|treat your \w{1,20}) confidential\b",
        r"\bihre?n? (?:daten|angaben|unterlagen|adresse)\b[^.!?]{0,40}\bnicht an dritte weiter\w*",
        # "Das Grundstück ist nicht für gewerbliche Nutzung bestimmt": a reason
        (
            r"\b(?:ist|sind|war|waren) nicht für (?!(?:den|die|das|dritte|außen|externe)\b)"
            r"[^.!?]{0,50}(?:bestimmt|gedacht)\b|\bgilt nur für sie\b"
            r"|\bist nicht an [^.!?,]{1,40}, sondern an [^.!?]{1,40}\b(?:zu \w{2,12}|gerichtet)"
        ),
        # "Wir konnten den Antrag noch nicht weiterleiten": how a matter stands
        (
            rf"\b(?:kann|können|konnten?|werden|dürfen wir) [^.!?]{{0,80}}nicht {_ONWARD}"
            r"|\bnicht weiter(?:geben|leiten) (?:kann|können|konnten?|werden|dürfen)\b"
        ),
        rf"\bihre?n? (?:\w{{1,30}} ){{1,3}}nicht {_ONWARD}",
        (
            r"\bnicht für die öffentlichkeit (?:zugänglich|gewidmet|freigegeben|nutzbar|geöffnet"
            r"|begehbar)"
        ),
    )
)
"""What sounds like a remark and speaks to the company all the same."""

SUSPECT = _any(
    (
        # a heading: "Interne Rücksprache:", "Betriebsintern:"; an arrow or brackets behind it
        (
            rf"{_HEAD}\w{{0,20}}intern(?:e[rsnm]?|a|al)?\b[^.!?:]{{0,50}}?"
            r"(?::(?= |$)|->|→|(?<=intern) \()"
        ),
        r"\b\w{1,20}intern ?(?::(?= |$)|->|→)",
        rf"\b{_NOT} {_ONWARD}\b|\bkeine weitergabe\b",
        r"\bnicht (?:an|für) (?:\w{2,12} )?(?:firma|unternehmen|antragsteller|kunden|bauherr)",
        r"\bnicht (?:an|für) die (?:presse|öffentlichkeit|medien)\b",
        rf"{_HEAD}nicht an [^.!?:]{{1,40}}:(?= |$)",
        r"\b(?:das|dies\w{0,2}(?: \w{3,30})?) (?:bitte |hier )?nicht mit ?(?:schicken|senden)",
        r"\bvertraulich\b|\bconfidential\b|\bdiskret\b|\binoffiziell\b|\bim vertrauen\b",
        r"\bhinter vorgehaltener hand\b|\bunter der hand\b|\bunter uns\b",
        r"\bbleibt (?:bitte )?im hause?\b",
        rf"{_HEAD}@ ?\w",
        (
            r"\b(?:info|hinweis|kenntnis|z\. ?k\.|fyi|notiz|anmerkung)"
            rf" (?:(?:an|für) )?(?:(?:das|den|die) )?{_KAM}\b"
        ),
        rf"{_HEAD}(?:akten|gesprächs|telefon)?(?:vermerk|notiz) ?:|\bz\. ?d\. ?a\.",
        rf"{_HEAD}hintergrund\w{{0,15}} für (?:sie|dich|euch|das team|die leitung)\b",
    )
)
"""That a part may be internal: only the manager can tell."""
