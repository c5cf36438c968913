"""Why an order is given, in words that change nothing of it: consents, reasons, purposes."""

import re

__all__ = ["CONSENTS", "MADE", "ONCE_MORE", "PURPOSES", "REASONS", "settles"]

_GOOD = (
    r"(?:ok|okay|gut|fine|good|in ordnung|prima|super|perfekt|bestens|einverstanden|klar"
    r"|i\. ?o\.?|o\. ?k\.?)"
)
_FOR_ME = (
    r"(?:für mich|von mir(?: aus)?|von meiner seite|meinerseits|(?:from|by|with|for) me"
    r"|from my side)"
)
_NO_MORE = (
    r"(?:(?:ich habe |habe |hab )?keine (?:einw[äa]nde|bedenken|anmerkungen|ergänzungen|änderungen"
    r"|fragen)(?: mehr)?(?: (?:nötig|notwendig|erforderlich))?|kein (?:einwand|problem)"
    r"|no (?:objections?|concerns|comments|changes|problem))"
)
CONSENTS = re.compile(
    rf"(?:(?:das |es |so |alles )?(?:passt|ist(?= ))"
    rf"(?: so| mir| alles| {_GOOD}| {_FOR_ME}){{0,2}}|so"
    rf"|(?:alles |all |sehr |so )?{_GOOD}(?: so)?(?: {_FOR_ME})?|{_FOR_ME}(?: {_GOOD})?"
    rf"|{_NO_MORE}(?: {_FOR_ME})?|looks (?:good|fine)(?: to me)?|gerne?|ja|yes|erledigt"
    r"|gelesen|geprüft|(?:hiermit )?erteilt"
    r"|(?:das |es )?(?:kann|darf) (?:so )?(?:raus|gehen|rausgehen))",
    re.IGNORECASE,
)
"""Behind what lets something go: that it may."""

_JUST = (
    r"(?:(?:das |es |hier )?(?:ist|war|is|this is|it's|its) )?"
    r"(?:(?:ja|doch|nur|bloß|reine?|wohl|just|only|an?|eine?) ){0,3}"
)
REASONS = re.compile(
    rf"(?:{_JUST}(?:werbung|werbemails?|spam|newsletter|rundschreiben|rundmail|phishing|irrläufer"
    r"|dublette|doppelt|doublette|privat|advert(?:ising|isement)|ads?|duplicate)"
    rf"|{_JUST}(?:kein(?:e)? (?:unternehmen|firma|anfrage|kunde|betrieb|anliegen|vorgang)"
    r"|no(?:t a)? (?:company|inquiry|customer))"
    rf"|(?:(?:das |es )?(?:ist |betrifft |is )?(?:nicht|nichts|not|nothing) (?:für|for) (?:uns|us)"
    r"(?: bestimmt)?|betrifft uns nicht|(?:ist )?nicht relevant|(?:is )?not relevant"
    r"|(?:wir sind |sind wir )?nicht zuständig)"
    r"|(?!(?:ist|hat) (?:das|es) )"
    r"(?:(?:das |es |ist |hat |schon |sich |bereits |telefonisch ){0,4}(?:erledigt|beantwortet))"
    r"|done(?: by phone)?|resolved"
    r"|(?:es besteht )?kein (?:bedarf|interesse)(?: mehr)?"
    rf"|passt(?: so)?|{_GOOD}|so|ja|yes|{_NO_MORE})",
    re.IGNORECASE,
)
"""Behind what ends something: why, where that limits nothing."""

ONCE_MORE = re.compile(
    r"(?:bitte )?(?:noch ?(?:ein)?mal|nochmals?|erneut|wieder|jetzt|sofort|alle|again|once more"
    r"|all)",
    re.IGNORECASE,
)
"""Behind what writes to those who owe: that it does so."""

_WORK = r"(?:stellungnahme|prüfung|bearbeitung|beantwortung|rückmeldung|antwort|kenntnis(?:nahme)?)"
PURPOSES = re.compile(
    rf"z\. ?k\.?|zur {_WORK}|(?:mit der )?bitte um {_WORK}"
    r"|bitte (?:prüfen|beantworten|bearbeiten|stellung nehmen)",
    re.IGNORECASE,
)
"""Behind the one office that is asked: what for, in words that every forward says."""

MADE = re.compile(r"(?:bitte )?anlegen(?: bitte)?", re.IGNORECASE)
"""Behind what opens a ticket: that it does so."""

# Why a matter is over: each word of such a line is one of these, since what stands beside
# "besprochen" may be a day, one part of the matter, or what is still to do.
_MATTER = (
    r"(?:(?:die|der|das|diese[rs]?|unsere?|the) )?"
    r"(?:anfrage|angelegenheit|sache|vorgang|thema|anliegen|fall|mail|inquiry|matter|case)"
)
_COMPANY = (
    r"(?:(?:der|die|dem|das|the) )?(?:firma|unternehmen|kund(?:en?|in)|betrieb|company|customer)"
    r"|(?:frau|herrn?) (?-i:[A-ZÄÖÜ][\w-]{1,30})"
)
_HOW = (
    rf"(?:schon|bereits|inzwischen|mittlerweile|heute|gestern|eben|gerade|telefonisch|mündlich"
    rf"|schriftlich|persönlich|direkt|selbst|anderweitig|vor ort|am telefon|per (?:mail|telefon)"
    rf"|so|damit|already|by (?:phone|mail)|(?:mit|von|durch|with|by) (?:{_COMPANY}))"
)
_DONE = (
    r"(?:erledigt|geklärt|beantwortet|gelöst|abgeschlossen|besprochen|telefoniert|mitgeteilt"
    r"|entschieden|zurückgezogen|zurückgenommen|hinfällig|überholt|gegenstandslos|unnötig|doppelt"
    r"|done|settled|solved|resolved|answered|discussed|withdrawn|obsolete)"
)
_IS = r"(?:ist|sind|war|hat|haben|habe|hat sich|wurde|is|was|has been)"
_WHO = rf"(?:das|es|alles|alle|ich|wir|this|it|all|we|{_MATTER}|{_COMPANY})"
_NEEDED = r"(?:benötigt|gebraucht|gewünscht|nötig|notwendig|erforderlich|aktuell|relevant)"
_INTEREST = r"(?:bedarf|handlungsbedarf|klärungsbedarf|interesse|anlass|fragen|rückfragen)"
_REPLY = r"(?:antwort|rückmeldung|reaktion)"
_WHY = (
    rf"(?:(?:{_WHO} )?(?:{_IS} )?(?:(?:{_MATTER}) )?(?:{_HOW} ){{0,4}}{_DONE}"
    rf"(?: (?:{_HOW})){{0,2}}(?: {_IS})?"
    rf"|(?:{_WHO} )?(?:(?:ist|sind|wird|werden) )?nicht mehr {_NEEDED}"
    r"(?: (?:ist|sind|wird|werden))?"
    rf"|(?:{_WHO} )?(?:(?:ist|hat|besteht) )?keine? (?:weiterer? )?"
    rf"(?:{_INTEREST}(?: mehr)?|{_REPLY} (?:mehr )?{_NEEDED})"
    rf"|(?:{_WHO} )?(?:is )?no longer (?:needed|required|wanted|relevant)"
    r"|(?:(?:das|es) )?(?:(?:ist|war|is|was) )?(?:(?:nur|reine?|eine?|only|an?) )?(?:werbung|spam"
    r"|dublette|doublette|duplikat|irrläufer|duplicate|advertising))"
)
_SETTLED = re.compile(rf"(?:(?:da|weil|denn|wie|so|as) ){{0,2}}{_WHY}", re.IGNORECASE)
_ASKS = re.compile(rf"(?:{_IS}) (?:das|es|alles|{_MATTER}|{_COMPANY}|this|it)\b", re.IGNORECASE)
_PARTS = re.compile(r"[,;.:()!]|\s[-–]\s|\s(?:und|and)\s", re.IGNORECASE)
_TITLE = re.compile(r"\b(?:Dr|Prof)\. ?")


def settles(words: str) -> bool:
    """Tell whether words behind an order say why a matter is over, and not one word else."""
    told = _PARTS.split(_TITLE.sub("", words))
    bare = (part.strip(" -–") for part in told)
    parts = [each for each in bare if each.casefold() not in {"", "bitte"}]
    return bool(parts) and all(_SETTLED.fullmatch(each) and not _ASKS.match(each) for each in parts)
