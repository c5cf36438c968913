"""What an office tells the desk: of the company, or of how far its words may go.

A table of wordings (``desk_words``) knows phrases. Here a sentence is read as a whole: an answer
says "Sie" to the company, so a sentence without it that speaks of the firm, of a price still open
or of a visit nobody is to expect has another reader. It is no proof: the mail waits.
"""

import re
from collections.abc import Iterator

from mailflow.core.aside_words import NO_NAMES, SPEAKS_TO, SPEAKS_TO_FRIEND
from mailflow.core.letter import TO_READER
from mailflow.core.own_names import OwnNames, knows
from mailflow.core.sentences import sentences

__all__ = ["called_by_name", "told_to_desk"]

_YOU = re.compile(TO_READER)

# "Die Firma muss eingetragen sein" is a rule, "die Firma, die baut" and "die Firma Meyer" another.
_THAT_FIRM = (
    r"\b(?:[Dd]ie|[Dd]as|[Dd]e[rnms]|[Dd]iese[rmns]?) (?:Firma|Unternehmen|Laden|Leuten?|Truppe)\b"
    r"(?: dort| da| hier)?"
    r"(?! (?-i:[A-ZÄÖÜ„\"])|, d(?:ie|as|er|en|em)\b)"
)
_WE = r"\b(?:[Ii]ch|[Ww]ir|uns|mir|man)\b"
_SINCE = (
    r"\b(?:noch|schon|bereits|immer|wieder|nie|öfter|mehrfach|bekannt|einfach|keine?n?|mal"
    r"|letzte[sn]? (?:Jahr|Mal|Woche)|weg|krank)\b"
)
_OF_FIRM = re.compile(
    rf"^\W{{0,3}}(?:Bei|Mit|Von) {_THAT_FIRM} (?!(?:muss|müssen|ist|sind|gilt|gelten|kann|können"
    r"|darf|soll|wird|werden)\b)\w"
    rf"|\b(?:[Bb]ei|[Mm]it|[Vv]on|[Üü]ber|[Gg]egen) {_THAT_FIRM}.{{0,200}}?"
    rf"(?:{_WE}|{_SINCE}|\bbitte\b)"
    rf"|{_WE} .{{0,80}}?\b(?:bei|mit|über|gegen) {_THAT_FIRM}"
    rf"|{_THAT_FIRM} (?:würden?|wären?|sollten?|hatten?|haben) (?:allerdings )?(?:ich|wir|man)\b"
    rf"|{_THAT_FIRM} \w{{2,12}} (?:bei|mit|von) uns\b"
    rf"|(?:{_THAT_FIRM}|\bDer (?:Geschäftsführer|Inhaber|Chef)) (?:gilt als\b"
    rf"|(?:hat|hatten?|haben|ist|war|wurde|bekam)\b.{{0,60}}?{_SINCE})"
)
_IF = re.compile(r"\W{0,3}(?:Wenn|Falls|Sobald|Sofern|Ob|Je|Solange|Hat|Ist)\b")
"""How a rule begins: "Wenn die Firma schon eingetragen ist"."""

# "die" for a firm or a man, with the verb next to it as people say it, not at the clause's end.
_DOES = (
    r"(?:ha(?:t|ben|tten?)|ist|sind|war(?:en)?|wollen|will|kenn(?:t|en)|weiß|zahl(?:t|en)"
    r"|mach(?:t|en)|muss(?:te)?n?|wurden?)"
)
_THOSE = re.compile(
    rf"(?P<whom>\w{{1,40}}),(?: aber| und)? (?:die|der) {_DOES} (?:[\w.]{{1,20}} ){{0,6}}?"
    rf"(?:(?!kein){_SINCE}|mehr\b(?! als))"
    r"|(?P<who>\w{1,40}), die [a-zäöü]{3,12}en (?:[\w.]{1,20} ){0,4}?"
    r"(?:ab|an|auf|aus|ein|mit|zu)\W{0,3}$"
    rf"|^\W{{0,3}}(?:Die|Der) (?:{_DOES}|[a-zäöü]{{3,12}}(?:en|t) sich) (?:\w{{1,20}} ){{0,6}}?"
    r"(?:uns|mir|mal|ja|einfach|sowieso|nie|immer wieder|schon wieder|letztes Mal)\b"
)
_OTHERS = re.compile(
    r".{0,40}(?:amt|ämter|werken?|stelle|behörde|kammer|aufsicht|betriebe?|wehr|polizei|ausschuss"
    r"|rat|kreis|land|bund|ung|ungen|heit|keit|tät|ion|last|frist|anlage|halle|fläche|straße|gesetz"
    r"|plan)",
    re.IGNORECASE,
)
"""What else "die" may mean: "Das weiß das Katasteramt, die haben auch Pläne"."""

_ONWARD = (
    r"(?:(?:(?:he)?raus|weiter)(?:zu)?(?:geben|schicken|senden|leiten|gehen|sagen)"
    r"|an (?:die Firma|das Unternehmen|de[nr] (?:Antragsteller|Bauherrn|Investor|Kunden)\w{0,2})"
    r" (?:geben|schicken|senden|leiten))"
)
_HOW_FAR = re.compile(
    rf"\b[Bb]itte (?:das |dies |es )?(?:erst|frühestens|nicht vor|noch nicht|noch nichts)\b"
    rf".{{0,80}}?\b{_ONWARD}\b"
    r"|\b[Bb]itte (?:\w{1,20} ){0,3}noch nichts?\b.{0,40}?"
    r"\b(?:sagen|mitteilen|verraten|erzählen|erwähnen|schreiben)\b"
    r"|\b[Ll]eiten Sie (?:bitte )?(?:das|dies|es|\w{1,5} (?:Mail|Nachricht|Antwort|Auskunft))\b"
    r".{0,30}?\b(?:erst|nicht vor|noch nicht|frühestens)\b.{0,60}?\bweiter\b"
    r"|\b[Ww]arten Sie (?:bitte |noch |aber ){0,3}mit "
    r"(?:der (?:Nachricht|Auskunft|Mitteilung|Info)|dem (?:Weiter|Ver|Ab)\w{4,8})\b"
    r"|\b(?:[Ss]chreiben|[Ss]agen|[Vv]erraten|[Ee]rwähnen) Sie (?:bitte |aber |das |es |nur ){0,3}"
    r"nicht(?:, (?:dass|wer|wie|warum|von wem)|$|[.!])"
    r"|\b(?:brauch|müss|soll|darf|dürf|muss)(?:en|t)?e?n? (?:sie|die|er|man) .{0,20}?"
    r"\bnichts? (?:zu )?(?:wissen|erfahren)\b"
    r"|^\W{0,3}(?:(?:Ganz|Mal|Jetzt mal) )?(?:[Ee]hrlich|[Oo]ffen)(?: gesagt)?[:,]"
    r"|\b(?:[Ee]hrlich|[Oo]ffen) gesagt\b"
    r"|^\W{0,3}Bei denen\b(?!,)|(?<!,)(?<!\bund)(?<!\boder) (?:bei|von|gegen) denen\b(?!,)"
    r"|\bhaben Sie (?:aber |bitte )?nicht von (?:mir|uns)\b"
    r"|\bdurch(?:blicken|sickern)\b|\bverlauten lassen\b|\baus dem Verkehr ziehen\b"
    r"|\b(?:dass|ob|wenn|bevor|bis) (?:es|das|dies)\b.{0,40}?\b(?:he)?raus(?:geht|gehen|gegeben)\b"
    r"|\b(?:[Hh]alten|[Bb]ehalten) Sie (?:bitte )?(?:(?:das|dies|es)\b(?! [A-ZÄÖÜ])"
    r"|(?:die|meine) (?:Auskunft|Mail|Nachricht|Info|Antwort)\b)"
    r".{0,80}?\b(?:zurück|für sich)\b"
    r"|\b(?:[Ss]agen|[Gg]eben) Sie (?:das|es|dies)\b.{0,40}?"
    r"\b(?:lieber|besser|nur) (?:am Telefon|telefonisch|mündlich)\b"
    r"|\bwenn Sie (?:das|es|dies)\b.{0,30}?\b(?:am Telefon|telefonisch|mündlich)\b"
    r"|\b[Bb]itte (?:das |es |dies )?(?:lieber |besser |nur )(?:am Telefon|telefonisch|mündlich)"
    r" (?:sagen|mitteilen|weitergeben)\b"
)
_MONEY = r"(?:Euro|€|EUR\b|Prozent|%|Preis|Miete)"
_HOW_LOW = re.compile(
    rf"{_MONEY}.{{0,60}}?\brunter\w{{0,8}}\b|\b[Mm]ein(?:e|em)? (?:Limit|Untergrenze|Obergrenze)\b"
    r"|\b(?:[Ss]chmerz|[Pp]reisunter)grenze\b|\b[Vv]erhandlungsspielraum\b"
)
_PERHAPS_LOWER = re.compile(
    rf"\b[Uu]nter .{{0,15}}?{_MONEY}.{{0,20}}?\bgehen (?:wir|ich)\b"
    rf"|{_MONEY}.{{0,60}}?\b(?:nachgeben|entgegenkommen)\b|{_MONEY} drin\b"
    rf"|\b(?:könnten?|würden?) (?:ich|wir)\b.{{0,60}}?{_MONEY}.{{0,20}}?\bgehen\b"
    rf"|\b(?:[Ii]m Zweifel|[Nn]otfalls|[Zz]ur Not|[Ää]ußerstenfalls)\b.{{0,80}}?{_MONEY}.{{0,40}}?"
    r"\b(?:rauf|hoch|mit|machen|nehmen)\b"
    r"|\b(?:haben wir|wir haben)\b(?! kein).{0,40}?(?<!keinen )\bSpielraum\b"
    r"|\b[Nn]ach (?:oben|unten)\b.{0,40}?\bLuft\b|\bLuft nach (?:oben|unten)\b"
)
# Who does not know of it: "gegen ihn läuft ein Verfahren", "ein anonymer Hinweis auf …"
_BLAMED = re.compile(
    r"\b[Gg]egen (?:ihn|sie|denen|(?:d(?:en|ie)|dessen|deren) (?:\w{1,20} )?"
    r"(?:Inhaber|Geschäftsführer|Betreiber|Eigentümer|Antragsteller|Bauherr|Vor|Firma\b|Unternehmen\b|Chef)\w{0,12}"
    r"|(?:Herrn|Frau) [A-ZÄÖÜ][\w-]{1,30})\b.{0,30}?"
    r"\b(?:läuft|laufen|lief|liefen|liegt|liegen|wird|wurde|gibt|gab)\b.{0,60}?"
    r"(?:[Vv]erfahren|[Ee]rmittlung|[Aa]nzeige|[Kk]lage|[Ee]rmittelt|[Vv]erdacht)"
    r"|\b(?:hat|haben|hatten?|gab|gibt|liegt|liegen|kam|kamen|bekamen?|erhielt\w{0,2}|wurde)\b.{0,60}?"
    r"\b[Aa]nonyme[nrs]? (?:Hinweis|Anzeige|Beschwerde|Tipp|Anruf|Brief|Schreiben)"
    r"|\b[Aa]nonyme[nrs]? (?:Hinweise?|Anzeigen?|Beschwerden?|Tipps?|Anrufe?|Briefe?) "
    r"(?:liegt|liegen|kam|kamen|auf|gegen|über|von|hat|erreichte)\b"
    # what is said outside is not what is known inside
    r"|^\W{0,3}[Oo]ffiziell (?:sagen|heißt|heißen|nennen|geben|sprechen|reden)\b(?! Sie\b)"
)
_CALLED = re.compile(
    r"\W{0,3}(?:(?:Frau|Herr) (?P<person>(?:[A-ZÄÖÜ][\w.-]{1,40} ?){1,3})[,!:][ \t]+"
    rf"(?:{SPEAKS_TO}|[a-zäöü]{{3,15}}e?n Sie\b)"
    rf"|(?P<friend>[A-ZÄÖÜ][\w-]{{1,40}})[,!][ \t]+{SPEAKS_TO_FRIEND})"
)
_RULE = re.compile(
    r"\b(?:grundsätzlich|jederzeit|regelmäßig|in der Regel|können|kann|dürfen|darf|stichprobenartig"
    r"|finden|erfolgen)\b"
)
_UNEXPECTED = re.compile(
    r"\b(?:unan(?:gekündig|gemelde)t\w{0,2}|ohne (?:Vor)?(?:[Aa]nkündigung|[Ww]arnung)"
    r"|Razzia|Durchsuchung)\b"
)
_SOME_DAY = re.compile(
    r"\b(?:[Nn]ächste|[Dd]iese|[Kk]ommende)[nrs]? (?:Woche|Tage|Monat|Jahr)"
    r"|\b(?:(?:über)?morgen|demnächst|bald)\b"
    r"|\b(?:wollen|will|mal)\b|\b[Aa]m \d|tag\b"
    r"|\b[Ii]m (?:Jan|Feb|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez)"
)


def told_to_desk(sentence: str) -> re.Match[str] | None:
    """Find by what a sentence speaks of the company to somebody else."""
    found = _HOW_FAR.search(sentence) or _HOW_LOW.search(sentence)
    if found or _YOU.search(sentence):
        return found
    if blamed := _BLAMED.search(sentence):
        return blamed
    of_firm = None if _IF.match(sentence) else _OF_FIRM.search(sentence)
    of_firm = of_firm or _PERHAPS_LOWER.search(sentence)
    return of_firm or _those(sentence) or _visit(sentence)


def called_by_name(text: str, known: OwnNames) -> Iterator[str]:
    """Quote where sentences speak to somebody by name whom nothing of the company's names."""
    for found in filter(None, map(_CALLED.match, sentences(text))):
        names = (found["person"] or found["friend"]).replace(".", " ").split()
        names = [each for each in names if not NO_NAMES.fullmatch(each)]
        if names and not knows(known, names):
            yield found[0].strip()


def _those(sentence: str) -> re.Match[str] | None:
    """Find "die" for people, unless a public body or a thing stands before it."""
    found = _THOSE.search(sentence)
    meant = (found["whom"] or found["who"] or "") if found else ""
    return None if _OTHERS.fullmatch(meant) else found


def _visit(sentence: str) -> re.Match[str] | None:
    """Find a visit that nobody is to expect; that such visits are usual is a rule."""
    if _RULE.search(sentence) or not _SOME_DAY.search(sentence):
        return None
    return _UNEXPECTED.search(sentence)
