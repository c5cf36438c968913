"""What stands in an office's signature: what offices, their parts and their people are called.

A line is part of a signature only where it is positively one of these. A limit of two words
("Halbseitig", "Vorbehalt Brandschutz") looks like a title, and no list could name every limit.
"""

import re
from typing import Final

__all__ = [
    "ENGLISH_OFFICE",
    "HEADS",
    "LIMITS",
    "MOTTO",
    "OFFICE",
    "OF_NAMES",
    "OF_OTHERS",
    "PART",
    "PLACE",
    "REACHED",
    "STANDING",
    "SUBJECT",
    "WHICH",
]

REACHED: Final = re.compile(
    r"@|\bwww\.|https?://|\b(?:tel|telefon|fon|fax|mobil|durchwahl|zimmer|postfach|e-?mail)\b"
    r"|\bnotruf\b.{0,12}\d{3}|\b(?:office|opening) hours?\b|\bzentrale:? \d{3}"
    r"|\bzi\. ?\d|\b(?:sprech|öffnungs|service|geschäfts|büro)zeit(?:en)?\b"
    r"|^(?:raum|gebäude|etage) \w[\w.]{0,5}$"
    r"|^(?:erreichbar|besuch\w{0,20}|anschrift|(?:dienst)?sitz|dienstgebäude|standort): "
    r"|\b\d{5} [A-ZÄÖÜ]|\b0\d{2,5}[ /-]\d|\+\d{2} ?\d"
    r"|(?:straße|strasse|str\.|(?<!stell)(?<!park)platz|allee|weg) \d|^(?:mo|di|mi|do|fr)\b",
    re.IGNORECASE,
)
"""How, when and where somebody is reached."""

OF_NAMES: Final = re.compile(
    r"(?:vo[nmr]|van|de[rmns]?|die|das|zu[rm]?|für|und|im|in|am|an|auf|bei|aus|of|and|for|the|at|ihre?"
    r"|i|a|v|e|m|w|d|gez|ppa|stellv|geb|dipl|med|jur|phil|rer|nat|pol|oec|habil|h|c"
    r"|\w{2,20}(?:isch|lich|end|al|ell|ig|er)e[rnsm]?)"
)
OFFICE: Final = re.compile(
    r"[\w-]{0,40}(?:amt(?:es)?|ämter|behörde|aufsicht|verwaltung)|[\w-]{3,40}(?:förderung|planung)"
    r"|feuerwehr|polizei|bau(?:ordnung|betriebshof|hof)|[\w-]{0,20}dienste"
    r"|(?:fach|gesundheits|sozial)dienst|(?:melde|geschäfts|leit|zulassungs|vergabe)stelle",
    re.IGNORECASE,
)
PART: Final = re.compile(
    r"abteilung|abt|sachgebiet|sg|(?!außen|innen|nah)[\w-]{0,10}bereich|fb|dezernat|referat|team|fachgruppe"
    r"|(?!innen|alt|süd|nord)[\w-]{0,30}stadt|gemeinde|(?:land)?kreis|(?!treppen|hinter)[\w-]{0,10}haus"
    r"|sekretariat|vorzimmer|[\w-]{0,30}(?:leiter|bearbeiter|meister|inspektor|ingenieur|wirt"
    r"|direktor|dezernent|referent|planer|assistent|sekretär|architekt|prüfer|kontrolleur|jurist"
    r"|berater|techniker|koordinator|sprecher|vertreter|betreuer|mitarbeiter|sachverständiger?"
    r"|r[aä]t)(?:in|innen)?|(?:amts|abteilungs|team|sachgebiets|bereichs|büro|projekt)leitung"
    r"|[\w-]{0,20}beauftragte[r]?|beigeordnete[r]?|dipl(?:om)?[\w-]{0,40}|stv|stellv",
    re.IGNORECASE,
)
"""Parts of an administration, and what those who work there are called."""

HEADS: Final = re.compile(
    r"fd|fg|dez|welcome|stabs?stelle|stab|büro|zentrum|servicecenter|stadtwerke|untere|obere"
    r"|bezirksregierung|landesbetrieb|[\w-]{0,20}niederlassung|ihk|hwk|handwerkskammer|kanzlei"
    r"|[\w-]{0,20}direktion"
    r"|bauleitung|eigenbetrieb|institut|kompetenzzentrum|geschäftsbereich|amtsgericht"
    r"|registergericht|sparkasse|volksbank|iban|bic|gläubiger-id|ust-id\w{0,3}|umsatzsteuer\w{0,20}"
    r"|steuernummer|hrb|geschäftsführ(?:er|erin|ung)|vorstand|[\w-]{0,30}vorsitzende[rs]?|(?:der|die)"
    r" (?:ober)?bürgermeister(?:in)?|#\w{3,40}",
    re.IGNORECASE,
)
"""Behind these the name of a part, a bank or a register follows, which nobody could list."""

SUBJECT: Final = re.compile(
    r"(?!(?:roh|rück|um|an|neu|aus|ab)bau|(?:teil|sonder|ausnahme)\w{0,3}genehmigung|löschwasser)[\w-]{0,30}(?:gesellschaft|betriebe?|werke?|wesen|wirtschaft|entwicklung|entwässerung"
    r"|management|marketing|vertrieb|service|vertretung|rat|agentur|zentrum|center|leitung|aufsicht"
    r"|planung|ordnung|recht|verkehr|technik|schutz|pflege|anpassung|vermessung|geoinformation"
    r"|kataster|beratung|beseitigung|unterhaltung|reinigung|angelegenheiten|gewerbe|gaststätten|altlasten|energie"
    r"|beschäftigung|gefahrenabwehr|widrigkeiten|netz|dienst|flächen|assistenz|verständige|kapitän|steuerung|controlling|vergabe|einkauf|genehmigung(?:en)?|kommunikation"
    r"|liegenschaften|immobilien|finanzen|bau|hochbau|tiefbau|abfall|wasser|boden|immission(?:en)?"
    r"|umwelt|klima|natur|landschaft|grün|forsten|straßen|brücken|kanal|kanäle|baustellen|akquise"
    r"|verfahren|kontrolle|sonderbauten|syndikus|reinhaltung|signalanlagen|beleuchtung"
    r"|sondernutzungen|aufgrabungen|manager|planen|bauen|wohnen|lenkung|überwachung|prüfung|betriebshof|friedhöfe|forst|kämmerei|steuern|abgaben"
    r"|wahlen|statistik|presse|schule|zentrale|disposition|empfang|prokurist|praktikant|volontär|trainee"
    r"|(?<!bau)(?<!kosten)(?<!eng)(?<!halte)(?<!gefahren)(?<!feuer)stelle|(?:werk)?student|referendar"
    r"|development|sales|relations|planning|affairs|services?|business|(?-i:IT)|ansiedlung|nachhaltigkeit|sicherheit|soziales|jugend|gesundheit|kultur|sport|bildung|personal"
    r"|architektur|digitalisierung|mobilität|archiv|kasse|sachbearbeitung|projektleitung|hafen"
    r"|umschlag|(?:er|ist|ent|är|ör|dar|kant)in|angestellte[r]?|kaufmann|kauffrau|auszubildende[r]?|anwärter(?:in)?|amtfrau|amtmann)",
    re.IGNORECASE,
)
"""What an office is for, and what its people do: all words of a line are such, or names of it."""

STANDING: Final = re.compile(
    r"(?:(?:ust-?id|umsatzsteuer|steuernummer|gläubiger-id|iban|bic|hrb|(?:amts|register)gericht)\b"
    r"|(?:sparkasse|volksbank)\b).{0,30}(?<!\w)[A-Z\d]{2}[A-Z\d ]{2,34}|bic:? [A-Z\d]{8,11}"
    r"|(?:sprech|öffnungs|service|geschäfts|büro)zeiten ?:|haltestelle\b.{3,50}"
    r"|(?:mo|di|mi|do|fr)\b.{0,6}geschlossen|gesendet (?:vom|von meinem|mit) [\w -]{3,30}"
    r"|(?:(?:m|b|ll)\. ?(?:sc|a|eng|m)\.|dipl\.-[\w.-]{2,20})(?: ?\(fh\))?(?: [\w-]{3,30}){0,2}"
    r"|(?:technisch|neu|alt)es rathaus\b.{0,30}"
    r"|(?:(?:(?-i:[A-ZÄÖÜ])[\w.-]{0,30}|und|für|der|des|&) ){1,6}"
    r"(?-i:g?GmbH|mbH|AöR|KdöR|AG|eG|e\. ?V\.)",
    re.IGNORECASE,
)
"""Whole lines by which an organisation is registered, paid and visited."""

ENGLISH_OFFICE: Final = re.compile(
    r"office|department|division|unit|authority|officer|manager|master", re.IGNORECASE
)
WHICH: Final = re.compile(
    r"(?:nord|süd|ost|west|mitte)\w{0,4}|(?-i:[IVX]{1,4}|[A-Z]{3,4})", re.IGNORECASE
)
"""Which of several offices or parts is meant."""

LIMITS: Final = re.compile(
    r"auflage|vorbehalt|zustimmung|bedingung|setzung|gesetzt|widerruf|befrist|frist\b|bestimmung"
    r"|abstimmung|einvernehmen|ausnahme|ausgenommen|entwurf|pflicht\b|verbot|\bruhe\b|geschoss"
    r"|\b(?:mo|diens|donners|frei|sams|sonn|feier|werk)n?tags|\b(?:nacht|tag|mittwoch|abend)s\b"
    r"|(?:seitig|spurig|malig|weise|läufig|monate?|wochen)\b|\bhalle \d|abnahme|nachweis|\bprobe"
    r"|\bstatik|\bja\b|\bnein\b|\bentfällt|vorab|zunächst|tagsüber|innenbereich|außenbereich|innenstadt|löschwasser|\bdagegen\b",
    re.IGNORECASE,
)
"""What limits an answer, wherever it stands: amid an address, too."""

PLACE: Final = re.compile(
    r"(?:\b(?:\d{5}|[Ss]tadt) (?=[A-ZÄÖÜ])|\bwww\.|@)(?P<place>[^\W\d_][\w-]{2,30})"
)
"""Where an address names the city: behind its number, and as its page is called."""

_BESIDE: Final = (
    r"(?:(?-i:[A-ZÄÖÜ\d][\w-]{0,30})|der|die|das|den|dem|des|und|für|mit|in|im|am|an|auf|zur?|zum|vom|von"
    r"|bis|seit|aus|als|mehr|hier|gemeinsam|eine?[nr]?|wir|ist|echt|schön|leben|lebt|erleben|arbeiten"
    r"|wohnen|gestalten|bewegen|bewegt|verbinde[nt]|wachsen|wächst|entdecken|beginnt|bauen|machen"
    r"|[a-zäöüß]{2,20}(?:e[mnrs]?(?= [A-ZÄÖÜ])|lich|schön|wert|offen|haltig|neutral|grün|stark))"
    r"[.,!:–]?"
)
_DASH: Final = r"(?:[–-] )?"
MOTTO: Final = re.compile(
    r"[„\"“»][^„\"“”«»]{3,80}[”\"“«]"
    r"|wir (?:suchen|stellen|bilden|feiern|gestalten|machen|bewegen|leben) (?:[\w-]{1,20} ){0,4}"
    r"(?:verstärkung|nachwuchs|fachkräfte|dich|ein|aus|zukunft|\w{0,20}stadt)[.!]?"
    r"|(?-i:[A-ZÄÖÜ][\w-]{2,20}[.!]) ?(?-i:[A-ZÄÖÜ][\w-]{2,20}[.!]) ?(?-i:[A-ZÄÖÜ][\w-]{2,20})[.!]?"
    rf"|(?:{_BESIDE} {_DASH}){{0,4}}(?:(?:(?-i:[A-ZÄÖÜ])[\w-]{{0,20}})?stadt"
    r"|zukunft|heimat|vielfalt"
    r"|lebenswert|weltoffen|bürgernah|lebensqualität|(?:familien|fahrrad|kinder)freundlich\w{0,2}"
    r"|arbeitgeber|ausgezeichnet|fairtrade|fair trade|metropole|hanse|kulturhauptstadt|jubiläum"
    r"|willkommen|möglichkeiten|innovation|perspektiven|ideen|klimaneutral"
    r"|[\w-]{0,20}(?:fest|messe|festival|gartenschau|weihnachtsmarkt))"
    rf"[.!,–:]?(?: {_DASH}{_BESIDE}){{0,6}}"
    r"|(?:stark|nah|mitten) (?:im|am|in|an|für) [\w ]{3,30}\.?|ihr partner [\w ]{3,40}\.?"
    r"|(?:ein(?:en)? )?(?:herzliche|freundliche|schöne)\w{0,2} gr(?:uß|üße) aus [\w-]{3,30}"
    r"(?: [\w ,-]{3,50})?[.!]?"
    r"|wir (?:machen|gestalten|bewegen|leben|sind|lieben) (?-i:[A-ZÄÖÜ])[\w-]{2,30}[.!]?"
    r"(?: (?:jeden tag|gemeinsam|für sie|mit herz)[.!]?)?"
    r"|wir (?:sind )?für sie(?: da)?[.!]?|komm\w? (?:ins|in unser) team!"
    r"|jetzt [\w ]{3,30}(?:bewerben|abonnieren)!?|teilzeit\b.{0,40}"
    r"|termine? (?:nur )?nach vereinbarung\.?|[\w -]{3,30} geht uns alle an[.!]?",
    re.IGNORECASE,
)
"""What a city says of itself, and of nobody else: below a name it tells the company nothing."""

OF_OTHERS: Final = re.compile(
    r"\b(?:firma|frau|herrn?|nachbar\w{0,2}|querulant\w{0,2}|pleite|kasse|problem\w{0,10}|fall)\b",
    re.IGNORECASE,
)
"""What no city says of itself."""
