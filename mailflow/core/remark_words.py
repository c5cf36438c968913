"""How offices write that something is for the city only: a row per sort of wording.

Adding a wording is adding to a row, and a line to ``tests/core/test_remarks.py``. The rows are
searched in a line as ``remarks`` lays it out: one space between words, no spaced-out letters.
"""

import re
from collections.abc import Iterable

__all__ = ["FOR_COMPANY", "HEADING", "INTERNAL", "PERHAPS_FOR_COMPANY", "PLAIN", "SUSPECT"]


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
    r"(?:\w{0,20}(?:verwaltungs|verw\.|haus|behörden|amts|ämter|dienst|stadt|dezernats|rathaus"
    r"|dezernent|fachbereichs|fachdienst|abteilungs|referats|sachgebiets|team|kam|nur|streng|rein)-?)?"
)
_REMARK = (
    r"(?:hinweis|anmerkung|anm\b|notiz|info\b|infos\b|information|vermerk|bemerkung|ergänzung"
    r"|kommentar|nachtrag|zusatz|randnotiz|aktenvermerk)"
)
_COMPANY = (
    r"(?:firm(?:a|en)|unternehmen|antragsteller\w{0,5}|kund(?:e|en|in|innen)|betriebe?|bauherr\w{0,5}"
    r"|investor\w{0,3}|anfragende\w?|absender\w{0,2}|einsender\w{0,2}|extern\w{0,2}|dritte\w?"
    r"|presse|medien|öffentlichkeit|außen|aussen|draußen|draussen|außenstehend\w{0,2}"
    r"|bürger\w{0,5})\b"
)
_TO_COMPANY = (
    r"(?:der|dem|den|einem|keinem) (?:firm(?:a|en)|unternehmen|antragsteller\w{0,5}|kund(?:en|in)"
    r"|betrieb|bauherr\w{0,5}|investor\w{0,3}|anfragenden|absender|einsender|bürger\w{0,5})\b"
)
_ADDRESSEE = (
    r"(?:firma|unternehmen|antragsteller\w{0,5}|kund(?:en|in)|betrieb|bauherr\w{0,5}"
    r"|anfragenden?|absender\w{0,2}|einsender\w{0,2})\b"
)
_THE_COMPANY = (
    r"(?:die firma|das unternehmen|der antragsteller|die antragstellerin|der kunde|die kundin"
    r"|der betrieb|der bauherr|der investor)"
)
_NOT = r"(?:nicht|keinesfalls|auf (?:gar )?keinen fall|niemals)"
_ONWARD = (
    r"weiter ?(?:geben|leiten|sagen|reichen|schicken|senden|erzählen|verbreiten|zugeben|zuleiten)"
)
# Verbs of telling and of sending; "nicht" stands before them.
_TELL = (
    r"(?:mitteilen|mitzuteilen|offenlegen|offenzulegen|kundtun"
    r"|(?:zu )?(?:sagen|erzählen|verraten|erwähnen|zeigen|nennen|kommunizieren|zitieren))\b"
)
_OUT = (
    r"(?:(?:mit |mit)?(?:(?:he)?raus|hinaus)(?:zu)?(?:schicken|senden|geben|gehen)"
    r"|(?:zu )?(?:versenden|verschicken|zitieren|veröffentlichen)|ab(?:zu)?(?:senden|schicken)"
    r"|weiter(?:zu)?verwenden|an (?:die |den |das )?(?:firma|unternehmen|bürger\w{0,5}|kunden"
    r"|antragsteller\w{0,5})\b)"
)
# "ohne diesen Absatz"; "ohne diesen Teil des Antrags" speaks of the company's paper.
_WITHOUT = (
    r"\bohne (?:diesen|den (?:obigen|folgenden|letzten)) (?:absatz|satz|teil|hinweis)\b"
    r"(?! (?:de[rs]|vo[nm]|im|in(?! die (?:gesamt)?antwort))\b)"
)
_GOES_OUT = (
    rf"{_ONWARD}\b|weiter(?=[.!) ]|$)|(?:he)?raus(?:geben|schicken|senden|gehen)?\b"
    r"|(?:versenden|verschicken|schicken|senden|antworten)\b(?! (?:sie|wir)\b)"
    rf"|an (?:\w{{2,12}} )?{_COMPANY}"
)
# "ohne diesen Teil" may say what becomes of a matter, unless it says what is to be sent.
_BECOMES = (
    r"(?:kann|können|könnten?|darf|dürfen|muss|müssen|ist|sind|wären?|wird|werden|würden?"
    r"|gilt|gelten|fehlt|fehlen|geht|bleibt|bleiben|hat|haben|hätten?|lässt|reicht|liegt)\b"
)
_SENT_LATER = (
    rf"[^.!?:;]{{0,80}}(?<!\bnicht )\b(?:{_GOES_OUT}"
    rf"|(?!der (?!firm|kundin|antragstellerin)){_TO_COMPANY}"
    rf"|(?:die|ihre|unsere) antwort\b|sie [^.!?:;]{{0,40}}(?<!\bnicht )(?:verwenden|übernehmen)\b"
    rf"|{_THE_COMPANY} [^.!?:;]{{0,40}}(?:lesen|sehen|wissen|erfahren|erhalten|bekommen)\b)"
)
# What an office hands to the company, which no one keeps from it.
_PAPER = (
    r"(?:original|kopie|abschrift|durchschrift|zweitschrift|ausfertigung|exemplar|duplikat"
    r"|quittung|beleg)\b"
    r"(?: (?:des|der|vom|von|ihre[sr]) \w{0,20}(?:bescheide?s?|antrag(?:s|es)?|genehmigung"
    r"|formulars|vertrag(?:s|es)?|plan(?:s|es)?|anzeige|bescheinigung|rechnung|erlaubnis)\b)?"
)
# What an office calls its own words, or points at them with.
_WORDS = (
    r"(?:das|dies\w{0,2}|es|hier|folgende\w?|obige\w?|\w{0,20}(?:satz|teil|hinweis|merkung|notiz"
    r"|vermerk|mail|nachricht|schreiben|antwort|auskunft|schätzung|wertung|beurteilung"
    r"|stellungnahme|meinung|info|information|informationen|angaben?|zahlen?))\b"
)
# Those for whom the city reads the central contact's mail.
_DESK = (
    r"(?:kolleg|key.?account|kam\b|leitung\b|wirtschaftsförder|koordin\w{0,10}stelle"
    r"|leitstelle|zentrale\w? (?:stelle|ansprech))"
)
# Words with which an office asks the city; with one of them nothing is a promise to the company.
_ASKING = (
    r"\b(?:bitten?|möchten?|wünschen?|hoffen|hoffentlich|(?-i:Sie)|herrn?|frau"
    r"|(?:der|die|dem|das|den) (?:firma|unternehmen|antragsteller\w{0,5}|kund\w{1,3}"
    r"|betrieb|bauherr\w{0,5}|investor\w{0,3}))\b"
)
_GAP = rf"(?:(?!{_ASKING})[^.!?:;–—])"
# Of our own: the first word of a number such as KAM-7K3Q-9F2M is no address.
_KAM = r"(?-i:KAM)(?!-\w{4}\b)"

# Who sees a draft before it is an answer, and what for.
_DRAFT_FOR = (
    r"(?:freigabe|\w{0,10}zeichnung|unterschrift|durchsicht|abstimmung|korrektur|kenntnis"
    r"|überarbeitung|\w{0,20}leitung|AL|chef\w{0,2}|\w{0,20}dezernent\w{0,3}|rechtsamt"
    r"|\w{0,6}antwort|firma|unternehmen|antragsteller\w{0,3})"
)

# Whom somebody has to ask before his answer may count.
_SUPERIOR = (
    r"(?:(?:amts|fachbereichs|abteilungs|dezernats|haus|team|referats)?-?leit(?:ung|er\w{0,2})"
    r"|amtsleit\w{1,4}|dezern\w{1,8}|kämmer\w{1,4}|chef\w{0,4}|kolleg\w{0,5}|rechtsamt\w{0,2}"
    r"|(?:ober)?bürgermeister\w{0,3}|(?-i:OB))\b"
)
_INFORMATION = (
    r"(?:auskunft|informationen|information|infos?|angaben?|zahlen?|mail|nachricht|stellungnahme"
    r"|antwort|einschätzung|planung(?:en)?|überlegung(?:en)?|entscheidung(?:en)?|absicht(?:en)?)"
)
# The two halves of a verb around "nicht": "Leiten Sie das bitte noch nicht weiter".
_SPLIT_VERB = (
    r"\b(?:leit|geb|gib|schick|send|reich|lass)(?:en?|t)? (?:sie )?(?:bitte )?"
    rf"(?:(?:das|es|dies)\b(?! (?-i:[A-ZÄÖÜ]))|(?:diese|die|meine|unsere) {_INFORMATION}\b)"
    r"[^.!?;]{0,60}\bnicht\b[^.!?;]{0,40}\b"
    r"(?:weiter|(?:he)?raus|hinaus)(?=\W{0,3}(?:$|[.,;:!?)–—]| (?:an|bevor|bis|ehe)\b))"
)

# What an office has for itself, beside what it has for the company: "Antwort intern".
_OWN = (
    r"(?:hinweise?|anmerkung(?:en)?|anm\.|notiz(?:en)?|infos?|information(?:en)?|vermerke?"
    r"|bemerkung(?:en)?|ergänzung(?:en)?|kommentare?|nachtrag|zusatz|antwort(?:en)?|auskunft"
    r"|(?:sach)?stand|status|stellungnahmen?|einschätzung(?:en)?|beurteilung(?:en)?"
    r"|bewertung(?:en)?|meinung|hintergr[uü]nde?|begründung(?:en)?|rückmeldung(?:en)?|text)"
)

HEADING = _any(
    (
        # "Intern¹" is read as "Intern1"
        rf"{_HEAD}{_HOUSE}intern(?:es|er|e|al|a)?(?:\d| ?\d\))?\W{{0,20}}$",
        rf"^\W{{0,20}}(?:nur )?(?:{_HOUSE}intern\W{{1,3}}|(?:an|für) (?:\w{{3}} )?){_KAM}\W*$",
        # without a blank, too, and behind other headings, where a program dropped what parts them
        (
            rf"^\W{{0,20}}(?:(?-i:[A-ZÄÖÜ])\w{{1,20}} ){{0,3}}\w{{0,20}}?{_OWN}\W{{0,4}}"
            rf"(?:nur |rein )?{_HOUSE}intern[^\w.]{{0,20}}$"
        ),
        rf"^\W{{0,20}}{_HOUSE}(?:interne[rsn]?|int\.) {_OWN}[^\w.]{{0,20}}$",
        r"^\W{0,20}int\.\W{0,20}$",
    )
)
"""That what a line or a table's cell heads is internal: "Antwort intern", "Interne Bewertung"."""

PLAIN = re.compile(
    r"^\W{0,20}(?:nicht ?-?öffentlich|entwurf|(?:akten|gesprächs)?(?:vermerk|notiz))\W{0,20}$",
    re.IGNORECASE,
)
"""What a table says of meetings and papers as well: no heading by itself."""

INTERNAL = _any(
    (
        # headings such as "Verwaltungsintern –", "2) nur intern ->" and "Intern (bitte löschen):"
        rf"{_HEAD}{_HOUSE}intern(?:es|er|e|al|ally|a)?\.? ?(?:[:;,–—=*_#~/|>→»!]|-(?:[ >-]|$)|$)",
        rf"{_HEAD}{_HOUSE}intern(?:es|e|al)? ?[(\[][^)\]]{{0,60}}[)\]] ?(?:[:–—-]|$)",
        rf"{_HEAD}{_HOUSE}intern(?:al)? (?:zu|für|an|nur|for|to)\w{{0,2}} [^.!?]{{0,40}}[:–—]",
        r"^\W{0,20}(?-i:[A-ZÄÖÜ]{0,20}INTERN)\b",
        rf"\b(?:nur|rein|streng|ausschließlich|bitte|lediglich) {_HOUSE}intern\b",
        rf"[(\[{{<]{_HOUSE}intern(?:al)? ?[)\]}}>:,;–!]|\bintern(?:al)? ?(?::|-{{1,2}}>|=+>|→)",
        rf"(?<=[.!?] ){_HOUSE}intern ?[:–—]",
        rf"\b{_HOUSE}intern(?:er|e|es|en)[ -]{_REMARK}|{_HEAD}intern[ -]?{_REMARK}",
        # for whom it is
        (
            r"\b(?:für|zu[mr]) (?:den |die |unsere?n? |ihren? )?(?:internen|dienst) ?gebrauch"
            r"|\bdienstgebrauch\b|\b(?-i:NfD)\b|\bn\. ?f\. ?d\.|\bnur für (?:die|unsere) akten?\b"
        ),
        (
            rf"{_HEAD}(?:für|zu[mr]?) (?:rein )?interne[nrm]? "
            r"(?:zwecken?|verwendung|nutzung|information|info|kenntnis|verbleib) ?(?:[:,–—!]|$)"
        ),
        rf"{_HEAD}nicht ?-?öffentlich ?(?:[:–—!]|$)",
        rf"{_HEAD}(?:für die akten?|zu den akten) ?[:–—]",
        (
            r"\bnur (?:für (?:sie|dich|euch)"
            r"|zu (?:ihrer|deiner|eurer) (?:information|info|kenntnis)|zur (?:internen )?kenntnis"
            r"|zur (?:info|information) (?:für|an) (?:sie|dich|euch))\b"
        ),
        (
            r"^\W{0,4}(?:nur |(?:hinweise?|info|information|anmerkung(?:en)?|notiz(?:en)?|vermerke?"
            r"|bemerkung(?:en)?|kommentare?) (?:nur )?)"
            rf"(?:an|für) (?:die |den |das |unsere? |ihre? )?{_DESK}"
        ),
        rf"\bnur (?:an|für|f\.) ?(?:(?:das|die) )?{_KAM}\b",
        rf"{_HEAD}@ ?{_KAM}\b",
        (
            rf"{_HEAD}(?:(?:an|für|nur|f\.) ?)?(?:(?:das|die|den|unser(?:e|en)?) )?{_KAM}\b"
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
            r"\bnicht (?:zur (?:weitergabe|weiterleitung|veröffentlichung)"
            r"|nach außen|für außen|für dritte|für externe|für das unternehmen|für die firma"
            r"|für den antragsteller)"
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
        rf"\bbitte (?:\w{{1,20}} ){{0,4}}{_TO_COMPANY} (?:\w{{1,20}} ){{0,4}}{_NOT} {_TELL}",
        rf"\b(?:bitte {_NOT}|{_HEAD}{_NOT}) {_TO_COMPANY} (?:\w{{1,20}} ){{0,4}}{_TELL}",
        rf"{_HEAD}{_TO_COMPANY} (?:\w{{1,20}} ){{0,4}}{_NOT} {_TELL}",
        rf"\bsagen sie (?:\w{{1,20}} ){{0,4}}{_TO_COMPANY} (?:\w{{1,20}} ){{0,4}}nichts?\b",
        r"\bnicht in die (?:gesamt)?antwort\b",
        (
            rf"\bbitte (?:(?!nicht\b|kein)\w{{1,20}} ){{0,6}}{_WITHOUT}"
            rf"(?: ?(?:[.!:)\]–—]|$)| (?:bitte )?(?:übernehmen\b|{_GOES_OUT}))"
        ),
        (
            rf"(?<!\bnicht ){_WITHOUT} (?:(?:bitte|dann|so|gern) ){{0,2}}"
            rf"(?:an (?:\w{{2,12}} )?{_COMPANY} )?(?:{_GOES_OUT})"
            rf"|{_WITHOUT},? bitte ?(?:[.!:)\]–—]|$)"
        ),
        # between whom it stays
        (
            r"\bunter uns(?: gesagt)? ?[:,–—]|\bunter uns kolleg|\bim vertrauen(?: gesagt)? ?[:–—]"
            r"|\bbleib(?:t|en) (?:(?:bitte|aber|das|dies) ){0,2}(?:unter uns|zwischen uns|intern)\b"
            r"|\b(?:unter uns|zwischen uns|intern) bleiben\b"
        ),
        (
            r"\bbehalt\w{0,3} (?:sie )?(?:(?:das|dies|dieses|es|bitte) ){1,2}"
            r"für (?:sich|dich|euch)\b"
            rf"|\b(?:das|dies|dieses|folgende) bitte für (?:sich|dich) behalten|{_HEAD}"
            r"für (?:sich|dich) behalten"
        ),
        (
            rf"{_HEAD}(?:unter kolleg(?:en|innen)|kollegial gesagt|kollegiale\w? {_REMARK})"
            r" ?[:,–—]"
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
        (
            r"\b(?:do not|don['’]t|never) (?:forward|pass (?:this )?on|share|send this|disclose"
            r"|quote me|(?:tell|send(?: it)? to) (?:the )?(?:company|applicant|customer|client))"
        ),
        (
            r"\bnot for (?:the )?(?:company|applicant|customer|distribution|onward|publication"
            r"|external (?:use|eyes|distribution))"
        ),
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
            r"\b(?:wir|ihre?[nmrs]?|werden|wird|selbstverständlich|natürlich)\b"
            rf"{_GAP}{{0,80}}\b(?:streng )?vertraulich(?: und \w{{1,30}})? "
            r"(?:behandel\w{1,3}|geprüft|verwahrt|aufbewahrt)"
        ),
        (
            rf"\bbehandeln wir {_GAP}{{0,80}}\bvertraulich\b"
            rf"|\bwir behandeln {_GAP}{{0,80}}\bvertraulich\b"
        ),
        r"\b(?:kept|treated|handled|remain|keep your \w{1,20}|treat your \w{1,20}) confidential\b",
        (
            rf"\bihre?n? (?:daten|angaben|unterlagen|adresse)\b{_GAP}{{0,40}}"
            r"\bnicht an dritte weiter\w*"
        ),
        # "Das Grundstück ist nicht für gewerbliche Nutzung bestimmt": a reason
        (
            r"\b(?:ist|sind|war|waren) nicht für (?:\w{1,30} ){0,2}\w{0,30}"
            r"(?:nutzung|zwecke?|verkehr|bebauung|aufenthalt|lagerung|fahrzeuge|lasten)"
            r" (?:bestimmt|gedacht)\b"
            r"|\bgilt nur für sie\b"
        ),
        rf"\bist nicht an {_GAP}{{1,40}}, sondern an {_GAP}{{1,40}}\b(?:zu \w{{2,12}}|gerichtet)",
        # "Wir konnten den Antrag noch nicht weiterleiten": how a matter stands
        (
            rf"\b(?:kann|können|konnten?|werden|dürfen wir) {_GAP}{{0,80}}nicht {_ONWARD}"
            rf"|\b(?:wir|ich)\b {_GAP}{{0,80}}nicht weiter(?:geben|leiten) "
            r"(?:kann|können|konnten?|werden|dürfen)\b"
        ),
        (
            r"\bnicht für die öffentlichkeit (?:zugänglich|gewidmet|freigegeben|nutzbar|geöffnet"
            r"|begehbar)"
            r"|\bnicht für (?:die )?bürger\w{0,5} (?:gewidmet|nutzbar|geöffnet|begehbar)"
        ),
        # "Nicht öffentlich: die Straße ist Privatweg": how a place is
        (
            r"\bnicht ?-?öffentlich ?: (?:der|die|das) \w{0,20}(?:straße|weg|gasse|platz|zufahrt)"
            r" (?:ist|gehört) (?:\w{1,20} ){0,3}privat\w{0,20}"
        ),
        # "Das Formular ist nicht für Gewerbebetriebe gedacht": whom a way is open to
        (
            r"\b(?:verfahren|formulare?|vordrucke?|portal|förderprogramm|förderung|sprechstunde)"
            r" (?:ist|sind) nicht für "
            r"(?!(?:den|die|das|ihren?|fremde|andere|dritte\w?|externe\w?|presse|medien)\b"
            r"|firma|herrn?\b|frau\b|au(?:ß|ss)en|antragsteller\b)"
            r"[^.!?,;:]{1,40} (?:bestimmt|gedacht)\b"
        ),
        # "Die Kopie ist nur für Ihre Akten": what becomes of a paper
        rf"\b{_PAPER} (?:ist|sind|erhalten sie) (?:\w{{1,20}} ){{0,2}}nur für ihre akten?\b",
        rf"\b{_PAPER} (?:können|dürfen) sie (?:\w{{1,20}} ){{0,2}}für sich behalten\b",
        (
            rf"(?:^|(?<=[.!?] ))(?:der|die|das) (?:(?!{_WORDS})\w{{1,20}} )?(?!{_WORDS})\w{{2,30}} "
            r"(?:dient|dienen) nur zur information\b(?! (?:de[rs]|für|an|von|innerhalb|im)\b)"
        ),
        # "Bitte den Antrag nicht absenden, bevor ...": what only the company sends
        (
            r"\bbitte (?:den |das |die |ihren? |diesen |keinen )?(?:\w{1,20} )?"
            r"(?:\w{0,20}(?:antrag|formular|vordruck|anmeldung)|(?-i:Ihre) unterlagen)"
            r" (?:\w{1,20} ){0,2}nicht (?:ab(?:senden|schicken)|versenden|verschicken)\b"
        ),
        (
            r"\bentwurf ?: bitte (?:reichen|legen|fügen|bringen) sie (?:\w{1,20} )?"
            r"(?:einen|ihren) (?:\w{1,20} )?entwurf\b"
        ),
    )
)
"""What sounds like a remark and speaks to the company all the same: it counts for neither."""

PERHAPS_FOR_COMPANY = _any(
    (
        (
            r"\b(?:ist|sind|war|waren) nicht für "
            rf"(?!(?:den|die|das|externe|ihren?|fremde|andere)\b|firma|herrn?\b|frau\b|{_COMPANY})"
            r"[^.!?]{0,50}(?:bestimmt|gedacht)\b"
        ),
        rf"\bihre?n? (?:\w{{1,30}} ){{1,3}}nicht {_ONWARD}",
    )
)
"""What may as well speak to the company: it is not internal beyond doubt, and may be."""

SUSPECT = _any(
    (
        HEADING.pattern,
        # a heading: "Interne Rücksprache:", "Betriebsintern:"; an arrow or brackets behind it
        (
            rf"{_HEAD}\w{{0,20}}intern(?:e[rsnm]?|a|al)?\b[^.!?:]{{0,50}}?"
            r"(?::(?= |$)|->|→|(?<=intern) \()"
        ),
        r"\b\w{1,20}intern ?(?::(?= |$)|->|→)",
        (
            rf"\b{_NOT} {_ONWARD}\b|\bkeine (?:weitergabe|weiterleitung)\b"
            r"|\bkeine veröffentlichung\b(?! im (?:amtsblatt|bundesanzeiger|staatsanzeiger)\b)"
            r"|\bbitte (?:\w{1,20} ){0,4}keine veröffentlichung\b"
            r"|\bohne (?:weitergabe|weiterleitung|mitteilung) an\b"
        ),
        (
            r"\bnicht (?:(?:an|für) (?:\w{2,12} )?|f\. ?(?:d\. ?)?)"
            r"(?:firma|unternehmen|antragsteller|kunden|bauherr|bürger|außenstehende)"
        ),
        r"\bnicht für [^.!?]{0,50}(?:bestimmt|gedacht)\b",
        # who may hear of it, and whether it may go out yet
        (
            rf"\bbitte (?:\w{{1,20}} ){{0,5}}{_NOT} (?:\w{{1,20}} )?{_TELL}"
            rf"|\b{_TO_COMPANY} [^.!?,]{{0,40}}{_NOT} {_TELL}"
        ),
        rf"(?:{_HEAD}|\bbitte (?:\w{{1,20}} ){{0,6}}){_NOT} (?:so |mehr )?{_OUT}",
        (
            r"\bbevor (?:es|das|dies|sie) (?:[^.!?,]{0,40} )?(?:(?:he)?raus|hinaus)geht\b"
            rf"|\bbevor (?:es|das|dies|(?-i:sie)) (?:so )?an (?:\w{{2,12}} )?{_COMPANY}"
            rf"|\bbevor sie (?:es |das |dies )?an (?:die|das|den) {_ADDRESSEE}"
            rf"|\bbevor sie (?:es |das |dies )?an (?:\w{{2,12}} )?{_COMPANY} [^.!?]{{0,30}}"
            r"(?:weiter|schreib|schick|send|antwort|mitteil)"
        ),
        (
            r"\bmit der (?:weitergabe|weiterleitung|antwort) (?:bitte |noch ){0,2}(?:zu)?warten\b"
            r"|\bwarten sie (?:bitte |noch |aber ){0,3}"
            r"mit der (?:weitergabe|weiterleitung|antwort)\b"
            r"|\bbevor (?:sie|du|ihr) (?:das|es|dies|die (?:antwort|mail|auskunft))\b"
            r"[^.!?,]{0,30}\b(?:(?:he)?raus|hinaus|weiter)(?:zu)?(?:schick|send|geb|leit|reich)\w{1,3}\b"
            r"|\b(?:halten|verwenden|benutzen) sie (?:bitte )?(?:das|dies|die (?:info|auskunft"
            r"|information|zahlen?|mail))\b[^.!?,]{0,30}\b(?:noch nicht|zurück)\b"
        ),
        (
            r"\bnoch nicht (?:mit (?:der|dem) \w{0,20}(?:leitung|dezernent\w{0,3}|rechtsamt"
            r"|bürgermeister\w{0,5})|hausintern|intern) (?:abgestimmt|besprochen|freigegeben)"
        ),
        _SPLIT_VERB,
        (
            r"\b(?:ich muss|muss ich|wir müssen|müssen wir)\b(?:(?!\bnicht\b)[^.!?,;]){0,60}"
            rf"\b{_SUPERIOR}(?:(?!\bnicht\b)[^.!?,;]){{0,30}}"
            r"\b(?:ab|be)?(?:zu)?(?:stimmen|sprechen|klären|fragen)\b"
        ),
        # a line without a verb: "Vorbehaltlich Freigabe Dezernat", "Amtsleitung (noch offen)"
        (
            r"^\W{0,4}(?:[\w-]{2,15} ){0,2}(?:freigabe|mitzeichnung|rücksprache|abstimmung"
            rf"|zustimmung) ?:?(?: (?:de[rs]|durch|von|vom|mit|bei|die|den|dem)){{0,2}} "
            rf"(?:{_SUPERIOR}|(?-i:AL)\b)"
            r"(?: (?:noch|fehlt|steht|aus|ausstehend|offen|erforderlich|nötig)){0,3}\W{0,4}$"
            rf"|^\W{{0,4}}(?:{_SUPERIOR}|(?-i:AL)\b) ?[:(-] ?(?:noch )?"
            r"(?:offen|ausstehend|fehlt)\W{0,4}$"
        ),
        # what nobody outside knows yet; "Der Plan ist noch nicht beschlossen" is an answer
        (
            rf"\b(?:das|dies|alles|diese[rs]? {_INFORMATION}|die {_INFORMATION}) (?:ist|sind) "
            r"(?:\w{2,12} ){0,3}(?:nicht (?:öffentlich|offiziell|spruchreif)|noch nicht (?:"
            r"freigegeben|veröffentlicht|bekannt))(?=\W{0,3}(?:$|[.,;:!?)–—]| (?:und|aber)\b))"
            r"|(?:^|[.!?:,;] )\W{0,4}(?:aber )?noch nicht (?:öffentlich|offiziell|spruchreif)\b"
            r"(?=\W{0,3}(?:$|[.,;:!?)–—]))"
        ),
        # "ohne diesen Teil", unless it says what then becomes of the company's matter
        (
            r"\bohne (?:diesen|den (?:obigen|folgenden|letzten)) (?:ab)?satz\b"
            r"(?! (?:de[rs]|vo[nm]|im|in)\b)"
            rf"|(?<!\bnicht )(?!(?-i:O)\w{{3}} [\w ]{{1,25}}$){_WITHOUT}"
            rf"(?! {_BECOMES}(?!{_SENT_LATER})"
            r"| (?:leider |auch )?(?:nicht|kein\w{0,2}"
            r"|un(?:vollständig|wirksam|zulässig|gültig))\b)"
        ),
        rf"{_HEAD}(?:entwurf ?(?:[:,;–—!(]|-(?: |$)|$)|sperrfrist\b|off[ -]?topic\b)",
        # a heading that says for whom, or for what, it is still a draft: "Entwurf zur Freigabe:"
        (
            rf"{_HEAD}entwurf (?:zu[rm]|für|an) (?:\w{{1,20}} )?{_DRAFT_FOR}\b"
            r"(?! (?:de[rs]) )[^.!?:]{0,40}(?::|$)"
        ),
        r"\b(?:bitte noch|noch bitte|bitte) umformulieren\b|\bformulieren sie (?:das|es|dies)\b",
        rf"{_HEAD}(?:text|antwort|formulierungs|entscheidungs)vorschlag\b",
        r"\bnicht (?:an|für) die (?:presse|öffentlichkeit|medien)\b",
        rf"{_HEAD}nicht an [^.!?:]{{1,40}}:(?= |$)",
        r"\b(?:das|dies\w{0,2}(?: \w{3,30})?) (?:bitte |hier )?nicht mit ?(?:schicken|senden)",
        # for whom it may be
        r"\bnur zur info(?:rmation)?\b",
        r"\bzur (?:info|information|kenntnis) an sie\b|\bnur für interne zwecke\b",
        rf"{_HEAD}(?:nur )?für (?:ihre|deine|eure) akten? ?[:–—]|\bnur für ihre akten?\b",
        (
            r"^\W{0,20}(?:ps|p\. ?s\.?|kommentar|(?:rand)?bemerkung|anmerkung|notiz) "
            r"(?:nur )?für (?:sie|dich|euch) ?[:–—]"
        ),
        rf"{_HEAD}(?:an|für) (?:die |den |das )?{_DESK}[^.!?:]{{0,30}}:(?= |$)",
        r"^\W{0,4}(?:nur )?(?:an|für) (?:frau|herrn) [^.!?:]{1,40}:(?= |$)",
        rf"\bkollegial(?: gesagt|e\w? {_REMARK})",
        rf"{_HEAD}verbleib\w{{0,2}} in (?:der|den|unseren?) akten? ?:|{_HEAD}int\. ?:",
        r"\binterne[rnsm]? (?:stellungnahme|einschätzung|beurteilung)\b",
        r"\bvertraulich\b|\bconfidential\b|\bdiskret\b|\binoffiziell\b|\bim vertrauen\b",
        r"\bhinter vorgehaltener hand\b|\bunter der hand\b|\bunter uns\b",
        (
            r"\bfür (?:sich|dich|euch) (?:zu )?behalten\b"
            r"|\bbehalt\w{0,3} [^.!?]{0,40}für (?:sich|dich|euch)\b"
        ),
        r"\bbleibt (?:bitte )?im hause?\b|\bunter kolleg(?:en|innen)\b",
        rf"(?:\bnur |{_HEAD})zwischen uns\b(?! und)",
        rf"{_HEAD}@ ?\w",
        (
            r"\b(?:info|hinweis|kenntnis|z\. ?k\.|fyi|notiz|anmerkung)"
            rf" (?:(?:an|für) )?(?:(?:das|den|die) )?{_KAM}\b"
        ),
        (
            rf"{_HEAD}(?:akten|gesprächs|telefon)?(?:vermerk|notiz)(?: vom [\d.]{{1,10}})? ?(?::|$)"
            rf"|{_HEAD}rand(?:bemerkung|notiz|vermerk)\b|\bz\. ?d\. ?a\."
        ),
        rf"{_HEAD}(?:als )?hintergrund\w{{0,15}} für (?:sie|dich|euch|das team|die leitung)\b",
    )
)
"""That a part may be internal: only the manager can tell."""
