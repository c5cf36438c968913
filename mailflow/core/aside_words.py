"""How offices speak to each other, and how they write to a company: a row per way of speaking.

The rows are searched in one sentence at a time. What they find is no proof: the mail waits.
"""

import re

from mailflow.core.letter import TO_READER

__all__ = [
    "ADVISES",
    "BEARS",
    "BLAMES",
    "CLAUSE",
    "COUNTED",
    "ENCLOSURES",
    "FOOTER",
    "FORMAL",
    "HANGS_ON",
    "MAY_BLAME",
    "NO_NAMES",
    "NUMBERED",
    "OF_COMPANY",
    "OF_HOUSE",
    "OF_INSIDERS",
    "OF_MATTER",
    "OF_PEOPLE",
    "OF_SOMEBODY",
    "OPINES",
    "OWES",
    "OWN_VIEW",
    "POSTSCRIPT",
    "QUANTITY",
    "SAID_OF_ANYTHING",
    "SPEAKS_TO",
    "SPEAKS_TO_FRIEND",
    "SPOKEN",
    "STANDS",
    "WILL_COME",
]


def _any(*rows: str, flags: int = re.IGNORECASE) -> re.Pattern[str]:
    return re.compile("|".join(rows), flags)


_NOT_YOU = rf"(?:(?!{TO_READER})[^.!?])"
_OBJECT = (
    r"(?:(?-i:das|den|die|ihr|ihm) (?!(?-i:[A-ZÄÖÜ]))|(?:es|denen|mir|mich|uns|mal|bitte|doch)\b)"
)

FORMAL = _any(
    r"\b(?-i:Ihnen|Ihre?[mnrs]?)\b|(?<=\w )(?-i:Sie)\b|(?<=[,;–] )(?-i:Sie)\b",
    r"^\W{0,3}Sie (?:können|dürfen|müssen|sollten|brauchen|benötigen|erhalten|finden|haben)\b",
    r"\b(?:you|your|please)\b",
)
"""That a sentence speaks to its reader as one writes to a company."""

_SHORT = r"(?:geb|schick|denk|find|mach|klär|nehm|frag|meld)['’]?"
_SOMEBODY = (
    r"(?:\w{0,20}(?:nachbar|anwohner|chef|geschäftsführer|inhaber|betreiber|bauherr|antragsteller"
    r"|firma|bürgermeister|dezernent|anwalt|leitung|leiter|stadtrat|kolleg|leute)\w{0,4}"
    r"|(?-i:OB|Rat|Herrn?|Frau)|denen)\b"
)

SPOKEN = _any(
    # the short forms of speech: "ich hab", "glaub ich", "schau mal"; not "geb. 1970", "die Schau"
    r"\b(?-i:[Hh]ab|[Gg]laub|[Ww]ürd)\b(?![.-])",
    rf"\bich {_SHORT}\b|\b{_SHORT} ich\b|^\W{{0,4}}{_SHORT} (?:das|mich|mir|mal|ja)\b",
    r"\b(?:geb|schick)['’]?(?= (?:dir|euch|das|es|die|den|denen|mir|uns|ab|bitte|mal)\b)",
    r"(?<!\bdie )(?<!\bder )(?<!\beine )(?<!\beiner )\b(?-i:schau)\b",
    r"^\W{0,4}schau (?:mal|bitte|dir|doch|es|da|das|nach)\b",
    r"\behrlich gesagt\b|\bnoch was\b|\beh (?:nicht|nur|schon|k\w{2,5})\b|\bmal sehen\b",
    rf"\bübrigens\b(?=[^.!?]{{0,80}}\b{_SOMEBODY})|\b{_SOMEBODY}[^.!?]{{0,80}}\bübrigens\b",
    r"\b(?:hier|da|das|doch|erst|man|einfach|vielleicht|wir) mal\b(?! \d)",
    r"\b(?:ist|sind|war|geht|wird) halt\b|\bhalt (?:so|wieder|mal)\b|\bnix\b",
)
"""That a sentence is spoken rather than written."""

OF_PEOPLE = _any(
    # "die" for people; not "die Unterlagen, die sind vollständig", nor "Betriebe, die wollen, ..."
    r"(?:^|[.!?;:–] |, )\W{0,3}die (?:(?:ja|doch|eh|schon|nur|auch) )?(?:wollen|wissen|meinen"
    rf"|glauben|denken|kriegen|behaupten|versuchen|nerven|tun) (?:{_NOT_YOU}){{3}}",
    r"(?:^|[.!?;:–] )\W{0,3}die haben\b(?! ergeben| gezeigt)"
    rf"{_NOT_YOU}{{0,80}}\b(?!ge(?:golten|nügt|dauert|kostet|zeigt))(?:\w{{0,6}}ge\w{{2,12}}(?:t|en)"
    r"|(?:be|ver|er)\w{3,12}(?:t|en))\W{0,3}$",
    r"\b(?:ob|dass|wenn|weil|da|falls|bis) die (?:überhaupt|ja|das|es|uns|sich|wirklich|schon|da"
    r"|wieder|nur|jetzt|hier|eh)\b(?! (?-i:[a-zäöüß]+(?:en|e)) (?-i:[A-ZÄÖÜ]))",
    r"\b(?:weiß|wissen) (?-i:sie|er)\b (?:(?:davon|darüber|noch|bisher|ja) ){0,3}nichts\b",
)
"""That a sentence speaks of people whom its reader knows, and not to them."""

_CAREFULLY = (
    r"(?:knapp|kurz|vage|allgemein|zurückhaltend|vorsichtig|neutral|diplomatisch|sachlich|bedeckt"
    r"|offen|unverbindlich)(?:er)?"
)
_WOULD = r"(?:wollen|sollten|würden?|möchten)"

ADVISES = _any(
    # how the answer is to be written, by somebody else
    rf"\b(?:also|daher|deshalb|lieber|bitte|nur|eher) (?:(?:sehr|etwas|recht|eher|bitte|möglichst)"
    rf" )?{_CAREFULLY} (?:formulieren|antworten|ausdrücken|bleiben)\b",
    rf"\b(?:also|daher|deshalb|lieber) (?:bitte )?{_CAREFULLY} halten\b",
    # what we had better not say
    rf"\b(?:{_WOULD} (?:wir|ich)|(?:wir|ich) {_WOULD})\b{_NOT_YOU}{{0,40}}"
    rf"\b(?:nichts?|kein\w{{0,2}})\b{_NOT_YOU}{{0,30}}\b(?:sagen|schreiben|versprechen|erwähnen|zusagen|aufmachen|anfassen"
    r"|festlegen)\b",
    r"\blassen wir (?:das |es |den |die |hier |da |mal |lieber |besser ){0,4}(?:weg|raus)\b"
    r"|\bhalten? (?:ich )?mich (?:da |hier |lieber |dabei |aber ){0,2}(?:he)?raus\b",
    r"\bdabei (?:soll|sollte|kann|muss) es (?:auch |ruhig |bitte ){0,2}bleiben\b",
    # what somebody is to do, in the form of "du" or "ihr"
    r"(?:^|[.!?:;,] )\W{0,3}(?:mach|schreib|schick|sag|gib|nimm|frag|ruf|lass|streich|guck) "
    r"(?:das|den|die|ihr|ihm|es|denen|mir|mich|uns|mal|bitte|doch|einfach)\b",
    rf"(?:^|[.!?:;,] )\W{{0,3}}(?:macht|schreibt|schickt|sagt|gebt|nehmt|fragt|ruft|lasst|streicht"
    rf"|guckt|schaut) (?:{_OBJECT})",
    r"(?:^|[.!?:;,] )\W{0,3}(?:nehmt|gebt|lasst|schickt) (?:den|das|die) \w{3,20} (?:vo[nm]|weg"
    r"|raus|wieder|so)\b",
)
"""That a sentence tells a colleague what to do with the answer."""

# What a list asks for: "- Kopie des Ausweises des Geschäftsführers"
_PAPER_LISTED = (
    r"\W{0,3}[-–•*·] (?=[^.!?]{0,60}(?:kopie|ausweis|pass\b|nachweis|vollmacht|unterschrift|auszug"
    r"|erklärung|bescheinigung|zeugnis|vertrag|formular|anschrift|angaben))"
    r"(?:(?-i:[A-ZÄÖÜ\d][\w./-]{0,40}|d(?:er|ie|as|en|em|es)|eine?[nmrs]?|und|oder|sowie|mit|vo[nm]"
    r"|für|zum?|zur|[a-zäöüß]{2,20}e[nmrs]?(?= [A-ZÄÖÜ]))(?:[,;.]? |[,;.]?$)){1,20}$"
)

OF_COMPANY = _any(
    rf"^(?!{_PAPER_LISTED})"
    r"(?:.*?[^\w])??(?:die|der|den|dem|das|des) (?:firm(?:a|en)|unternehmens?"
    r"|antragsteller\w{0,5}|bauherr\w{0,5}|betreiber\w{0,3}|inhaber\w{0,3}|laden"
    r"|geschäftsführer\w{0,3})\b"
)
"""What is ordinary in an answer, and under a colleague's name is said of the company."""

OWES = _any(
    r"\b(?:benötigt|braucht|muss|müssen|darf|dürfen|kann|können|soll|sollen|sollte|erhält)\b"
    r"|\b(?:hat|haben)\b.{0,80}\b(?:\w{2,10}zu\w{3,15}en|zu \w{3,20}en)\b"
)
"""What a rule says of whoever applies."""

_MONTH = r"(?:jan|feb|mär|apr|mai|jun|jul|aug|sep|okt|nov|dez)"
_WILL_DO = (
    r"(?:(?:be|er)?nutz|betreib|(?:er|an|um|aus|auf)?bau|erricht|erweiter|einricht|aufstell"
    r"|änder|eröffn|herstell|verleg|verkauf|lager|beantrag|anbring)\w{0,5}"
)

STANDS = _any(
    rf"\b(?:plant|möchte|beabsichtigt|will)\b(?:.{{0,80}}\b{_WILL_DO}\b|,?$| laut | eine?n? )",
    r"\bkeine (?:alt|bau)last(?:en)?\b|\banspruch auf\b|\b(?:seinen|ihren) sitz\b"
    r"|\b(?:eigentümer|pächter)\w{0,3} ist\b"
    r"|\b(?:wird|werden) (?:(?:noch|zurzeit|derzeit|gerade) )?(?:geprüft|bearbeitet)\b"
    r"|\b(?:bieten|reservieren|erteilen|senden|übersenden) wir\b"
    r"|\bist (?:alles|das|es|dies|die sache) (?:erledigt|geklärt|vollständig|abgeschlossen)\b",
)
"""How a matter of the company stands, which an answer tells in the third person."""

OF_MATTER = _any(
    r"\b\w{0,30}(?:antrag|anträge|bescheid|genehmigung|erlaubnis|anzeige|anmeldung|gebühr|satzung"
    r"|konzession|nachweis|gutachten|konzept|(?<!im )plan|pläne|grundstück|flurstück|gelände"
    r"|gewerbe|unterlagen|formular|urkunde|stellungnahme|vertrag|verträge|gebiet|halle|lager|fläche"
    r"|stellpl[aä]tz|zufahrt|anlage|betriebsstätte|nutzung|vorhaben|verfahren|abnahme|anschluss"
    r"|frist|termin|bereich|zone|straße|baulast|register|pflicht)(?:e?[ns]|e)?\b",
    # a full date, a number; "im Mai" alone tells a story
    rf"\b\d{{1,2}}\. ?(?:\d{{1,2}}\.|{_MONTH})|\b(?:nr\.?|hausnummer|zimmer) ?\d",
)
"""What belongs to a matter: its papers, its place, its dates."""

BEARS = _any(
    r"\b(?:beantragt|angezeigt|angemeldet|eingereicht|gestellt|zurückgezogen|zugestellt|erhalten"
    r"|bekommt|bekommen|erhält|vorgelegt|nachgewiesen|behoben|aufgefordert|eingetragen"
    r"|angeschlossen|veranlagt|verpachtet|gepachtet|gemietet|erteilt|erlassen|ausgestellt"
    r"|verlängert|bewilligt|genehmigt|geprüft|bezahlt|beglichen|eingegangen|versandt|verschickt"
    r"|beigefügt|vollständig|unvollständig|rechtskräftig|wirksam|erledigt|abgeschlossen|verfügbar|frei)\b",
    r"\b(?:liegt|liegen|grenzt|grenzen|befindet|befinden|führt|führen|betreibt|verfügt|entfällt"
    r"|erfolgt|gilt|gelten|bleibt|nutzt|unterliegt|fällt unter|fehlt|fehlen|läuft|dauert|besteht"
    r"|genügt|reicht|betrifft|umfasst|folgt)\b|\bim besitz\b|\bin ?frage\b",
)
"""What is done with such a thing, and how it lies: everyday verbs, which alone tell anything."""

_VERB_SECOND = (
    r"(?:(?:(?-i:[a-zäöüß]{2,20}e[nrms]?) )?(?-i:[A-ZÄÖÜ][\w-]{1,30}) )?"
    r"(?!\w{0,2}einen?\b|(?:ihr|sein)en\b)(?:\w{3,20}(?:en|t)|hat|ist|war|will|weiß)\b(?!\W{0,3}$)"
)
HANGS_ON = re.compile(
    r"\W{0,3}(?:(?:und|aber|nur|auch|erst) )?(?:(?:wenn|falls|sofern|soweit|sobald|solange|bevor"
    r"|damit|um|da|weil|dass|ob|nachdem|obwohl|ohne|sonst|andernfalls|wobei|wofür|wie)\b|(?:(?:in|an|auf|für|mit|von"
    r"|bei|zu) )?(?:die|der|das|den|dem|deren|dessen|denen)\b"
    rf"(?! {_VERB_SECOND}).{{0,200}}"
    r"\b(?:\w{2,30}(?:t|en)|ist|muss|kann|darf|soll|will|wird)\W{0,3}$)",
    re.IGNORECASE,
)
"""How a clause begins that gives another's condition, reason or purpose."""

OF_INSIDERS = _any(
    r"\b(?:\w{0,20}chef\w{0,3}|\w{0,20}bürgermeister\w{0,4}|\w{0,10}dezernent\w{0,5}"
    r"|\w{1,20}leit(?:ung|er\w{0,4})|(?-i:OB|Rat)|stadtrat\w{0,2}|kolleg\w{0,5}|leute|politik"
    r"|presse|konkurrenz|keiner|niemand|jemand|jeder|man|ich|mich|mir|denen)\b"
    r"|\b(?:die|der|dass|weil) (?:ja|eh|das|es|nicht|kein\w{0,2}|nie|wohl)\b"
)
"""Who has no part in the company's matter, and whom colleagues know."""

BLAMES = _any(
    r"\b(?:auffällig|schwierig|dumm|faul|frech|pleite|schwarz|unzuverlässig|säumig|rückstand"
    r"|schulden|angeblich|offenbar|ständig|heimlich|widerrechtlich|\w{0,12}schrien|gedroht"
    r"|belog\w{0,2}|lüg\w{0,2}|beschimpft|getäuscht|drücken|unter druck|vertraulich|diskret"
    r"|übrigens|noch immer|immer noch|von mir|schon (?:zwei|drei|vier|mehr|öfter)\w{0,4})\b",
    r"\b(?:firma|unternehmen|antragsteller|bauherr|betreiber|inhaber|geschäftsführer)(?:in)? gilt\b"
    r"[^,;]{0,40}\bals\b",
    r"\b\w{0,10}(?:ärger|streit|querulant|insolvenz|ermittl|bonität|schlamp|trick"
    r"|bürgermeister|dezernent)",
)
"""What blames the company, whatever is decided beside it."""

MAY_BLAME = _any(
    r"(?<!lasten )(?<!last )\bbekannt\b|\b(?:schlecht\w{0,2}|nie|sowieso|ohnehin|wieder"
    r"|(?:ein|zwei|drei)mal|mehrfach|illegal|falsch\w{0,2}|vergeblich|leider|verweigert"
    r"|(?:ich|wir) gerne? \w{2,20}en|ohne genehmigung|nichts)\b",
    r"\b\w{0,10}(?:bußgeld|straf|mahn|verst[oö]ß|beschwer|anwalt|vorsicht|verwarn|verzug|zu spät)",
    r"(?<!\bbei )(?<!\ban )(?<!\bvon )(?<!\bmit )(?<!\bfür )\buns\b|\bgegen (?:die|den|das)\b",
)
"""What is ordinary in a decision or a rule, and beside them tells what somebody has done."""

OWN_VIEW = _any(
    r"\bmeine (?:einschätzung|meinung|sicht)\b",
    r"(?<!\bist )(?<!nicht )(?<!\bwäre )(?<!\bwar )(?<!\bhier )(?<!\bdann )\bder fall\b"
    r"(?! ist\W{0,3}$)",
)
"""What its author hands to a colleague, whatever it decides."""

OPINES = _any(
    r"\bmeiner (?:einschätzung|meinung) nach\b|\bich (?:glaube|denke|finde|fürchte|vermute)\b",
    r"\bich hoffe\b(?!,? (?:das|es|dies|die (?:angaben|auskunft|informationen)|ich konnte|damit)\b"
    r".{0,40}\b(?:hilft|helfen|geholfen|weiter\w{0,7})\b)",
)
"""What its author thinks, which is for the colleague unless it decides."""

SPEAKS_TO = (
    r"(?:ich|wir|so|bitte|anbei|hier|wenn|passt|könn(?:t\w{0,2}|en)|kann|hab\w{0,3}|vielleicht|hoffe"
    r"|danke|wie besprochen|was|es)\b"
)
SPEAKS_TO_FRIEND = (
    r"(?:kannst|könnt\w{0,3}|magst|machst|hast|passt|schick|nimm|gib|ruf|schreib|sag|du|ihr)\b"
)
"""How a sentence goes on that begins with the name of whom it is for: not with an apposition."""

NO_NAMES = _any(
    r"frau|herrn?|damen|herren|zusammen|dr|prof|dipl|ing|mag|und|liebe[rs]?|geehrte[rs]?|sehr|hallo",
    r"guten|gute|schönen|tag|morgen|abend|moin|ja|nein|nee|danke|bitte|gut|klar|ok|okay|leider|nun",
    r"allerseits|miteinander|alle|firma|fa|gmbh|kg|ag|sie|also|sorry|entschuldigung|ach|so|all|sir",
    r"madam|mr|mrs|ms|everyone|hinweis|achtung|ergebnis|stand|antwort|fazit|kurz|übrigens|natürlich",
    r"gern\w?|zudem|außerdem|ferner|sicher|richtig|falls|grundsätzlich|danach|dann|hier|dort|\w+tags?",
)
"""Words that stand large at the beginning and name nobody."""

OF_SOMEBODY = _any(rf"\b{_SOMEBODY}", r"\b(?:die|den|der) (?:haben|hat|wollen|will)\b")
"""That a line speaks of somebody."""

POSTSCRIPT = _any(
    r"\W{0,4}(?:p\.? ?p?\.? ?s\b|nachtrag|nachsatz|anlagen?\b|anbei|zu \d|hinweis\b|im übrigen\b)"
)
"""How something that belongs to the answer begins below the name."""

OF_HOUSE = _any(
    r"\bintern(?:e[mnrs]?)?\b|\b\w{0,10}(?:vermerk|notiz)\b|\b(?:wv|z\.? ?d\.? ?a|z\.? ?k)\b"
    r"|\b(?-i:AL|Dez|FBL|SGL)\b|\bverteiler\b|\bkopie an\b|\bmitzeichn\w{0,4}|\bablage\b"
    r"|\brückruf\b"
    r"|\brücksprache\b|\b(?:he)?raus(?:ge|schick|send)\w{1,5}|\bliegen ?lassen\b"
    r"|\bhalten\W{0,3}$|\bversion\b|\bentwurf\b|\bkrank\b|\burlaub\b|\bkämmer\w{0,3}"
    r"|\bkonkurren\w{0,3}"
    r"|\bnur (?:an|für) (?:sie|dich|euch)\b|\bunter uns\b|\bwissen d|\bbedenken vo"
    r"|\bentscheidung, ob\b|\bfreigabe\b|\bok(?:ay)?\b",
)
"""That a short line speaks of the desk's work, which no company has a part in."""

SAID_OF_ANYTHING = _any(r"(?:auf|in|im|nach|vor|mit|gegen|trotz|statt) ")
"""How a limit begins, and a story too: only what it names tells them apart."""

COUNTED = _any(
    r"\b(?:ausfertigung|exemplar|person|zufahrt|fahrt|rettungsweg|parkpl[aä]tz|kopie|geschoss)\w{0,3}\b"
    r"|\b(?:euro|prozent|stück|meter|tage?|wochen?|monate?|jahre?)\b",
)
"""What a matter's papers and places are counted by."""

QUANTITY = _any(
    r"(?:eine?|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|beide|two|three|four)"
    r" (?-i:[A-ZÄÖÜa-z])"
)
"""How many of something are meant: an answer in two words."""

CLAUSE = _any(r"falls|wenn|sofern|subject|except|without|unless|only")
"""What begins a condition that has a verb, and one in English."""

ENCLOSURES = _any(r"\W{0,4}anlagen?\W{0,3}$")
"""What heads a list of files."""

NUMBERED = _any(
    r"(?:az|aktenzeichen|(?:unser|mein) zeichen|kassenzeichen)\b.{0,20}\d"
    r"|rückfragen (?:gern\w?|jederzeit|bitte|an|unter)\b"
    r"|siehe (?:\w{1,20} ){0,2}(?:anlage|anhang|merkblatt|bescheid|satzung|seite|§|https?:|www\.)"
)
"""By what number or on what way the company goes on with its matter."""

WILL_COME = _any(
    r"\b(?:schicken|senden|übersenden|reichen) (?:wir|ich)\b|\bfolg(?:t|en)\b|\bliegt bei\b"
    r"|\bliegen bei\b|\bbeigefügt\b|\bper post\b|\banbei\b|^\W{0,4}anlagen?\b",
    r"\bbitte\b.{0,60}\b(?:mitbringen|einreichen|vorlegen|nachreichen|unterschreiben|beifügen|beilegen"
    r"|beachten|überweisen)\b",
)
"""What comes to the company, or what it is to bring."""

FOOTER = _any(
    r"\bdatenschutz\w{0,20}|\bdsgvo\b|\b(?:ausge|aus)?druck(?:t|en)?\b.{0,60}\b(?:wirklich|muss"
    r"|notwendig|nötig|umwelt|papier)|\b(?:umwelt|wirklich|papier)\b.{0,80}\b(?:aus)?druck",
    r"\bdiese (?:e-?mail|mail|nachricht)\b|\bdieser (?:e-?mail|mail|nachricht)\b|\bper e-?mail\b"
    r"|\be-?mail-?\w{0,20}(?:verkehr|adresse|kommunikation|postfach|zugang)\b",
    r"\b(?:besuchen|folgen|abonnieren) sie\b|\b(?:facebook|instagram|linkedin|youtube|mastodon)\b",
    r"\bohne unterschrift (?:rechts)?(?:gültig|wirksam)\b|^pronomen\b",
    r"\b(?:adressat|empfänger)\w{0,3}\b|\brechtsverbindlich\w{0,3}\b|\bzertifiziert\b|\bmitglied\b",
    r"\b(?:öffnungs|sprech|service)zeiten\b|\bwww\.|https?://|\bbarrierefrei\w{0,3}\b",
    r"^\W{0,4}(?:guten|schön\w{0,2}|frohe\w?|bis bald|bleiben sie|danke|vielen dank)\b[^,;:]{0,50}$"
    r"|\b(?:bewerben|stellenangebot\w{0,2}|karriere\w{0,10}|teilzeit|homeoffice|erreich\w{0,4})\b",
    r"\b(?:rathaus|stadthaus|verwaltung|stadtverwaltung|bürgerbüro|büros?|dienststelle)\b.{0,60}"
    r"\bgeschlossen\b|\bvereinbaren sie\b.{0,40}\btermin\b|\bwünsch\w{1,3} (?:wir |ich )?ihnen\b"
    r"|\b(?:ich|wir) (?:ihnen )?(?:gerne? )?(?:jederzeit )?zur verfügung\b",
    r"\b(?:this|the) (?:e-?mail|message)\b|\bintended recipient\b|\bconfidential\b|\bprinting\b",
)
"""What a city prints below every mail."""
