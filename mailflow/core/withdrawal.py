"""A company takes its inquiry back: whether anybody goes on is then the manager's to decide."""

import re

from mailflow.core.letter import content
from mailflow.core.sentences import sentences

__all__ = ["withdraws"]

_LONGEST = 90  # words; whoever writes more usually asks something, too
# Not "Antrag": to take back an application is a matter for its office.
_MATTER = (
    r"(?:anfragen?|anliegen|fragen?|bitte|angelegenheit|sache|vorgang|thema|e-?mail|mail|schreiben"
    r"|nachricht)"
)
_WHOLE = rf"(?:{_MATTER}|vorhaben|projekt|pläne|planung(?:en)?)\b"
_NO_MORE = r"nicht (?:mehr )?(?:weiter|mehr|länger)"
_OURS = r"(?:mein|unser|dies|d)(?:e|en|er|es|as|ie)?"
_DEAD = r"(?:gestorben|geplatzt|abgesagt|vom tisch|zerschlagen|gescheitert|aufgegeben|begraben)"
_WORD = r"(?:antwort|auskunft|auskünfte|rückmeldung|stellungnahme|informationen|hilfe)"
_TAKES_BACK = re.compile(
    rf"\b(?:ziehen?|nehmen?|zogen?)\b.{{0,30}}\b{_OURS} (?:\w{{1,20}} )?{_MATTER}\b"
    r".{0,40}\bzurück\b"
    rf"|\b{_MATTER}\b.{{0,40}}\bzurück(?:zu)?(?:ziehen|nehmen)\b"
    r"|\b(?:nicht|nichts) (?:mehr )?(?:weiter(?:hin)?|mehr) ?(?:zu ?)?"
    r"(?:bearbeiten|verfolgen|prüfen|unternehmen|tun|veranlassen)\b"
    rf"|(?:\b{_WHOLE}.{{0,20}} |(?:^|[,;:] )\W{{0,4}}(?:das|dies|es) )verfolgen? (?:wir|ich)\b"
    rf".{{0,40}}\b{_NO_MORE}\b"
    r"|\b(?:bitte (?:bearbeiten|verfolgen|prüfen) sie|verfolgen? (?:wir|ich)"
    r"|(?:wir|ich) verfolgen?)"
    rf" (?:.{{0,20}}\b{_WHOLE}.{{0,40}}|(?:das|dies|es) .{{0,20}})\b{_NO_MORE}\b"
    r"|\bbetrachten sie\b.{0,60}\bals (?:erledigt|gegenstandslos|hinfällig)\b"
    rf"|\b{_OURS} {_MATTER} (?:bitte )?(?:stornieren|schließen|einstellen|löschen)\b"
    r"|^\W{0,3}bitte (?:alles |das |dies |es )?(?:stornieren|stoppen|abbrechen|einstellen)"
    r"(?=[,;:]|\W{0,3}$)"
    r"|(?:^|[,;:] |\bund )\W{0,3}(?:(?:leider|inzwischen|mittlerweile) )?"
    r"(?:(?:wir|ich) haben?|(?:haben?|es besteht) (?:wir|ich)?) ?"
    r"(?:(?!an\b|am\b|für\b)\w{1,12} ){0,3}"
    r"kein(?:en|e)? (?:interesse|bedarf) mehr\b(?! (?:an|für) )"
    rf"|\b{_WHOLE} (?:ist|sind|hat|haben|wurden?)\b.{{0,25}}\b{_DEAD}\b"
    rf"|\b(?:der|unser) umzug (?:ist|wurde)\b.{{0,20}}\b{_DEAD}\b"
    rf"|\b(?:brauchen?|benötigen?) (?:(?:wir|ich) )?(?:\w{{1,12}} ){{0,3}}{_WORD} (?:also |daher )?"
    r"nicht (?:mehr|länger)\b"
    rf"|(?:^|[,;:] )\W{{0,3}}(?:ihre|eine|die) {_WORD} (?:brauchen?|benötigen?) (?:wir|ich) "
    r"(?:also |daher )?nicht mehr\b"
    r"|\bsie (?:müssen|brauchen) (?:uns |mir |dazu ){0,2}nichts? mehr (?:zu )?(?:be)?antworten\b"
    r"|\b(?:withdraw|take back|cancel) (?:my|our|this|the) (?:\w{1,20} )?"
    r"(?:inquiry|enquiry|request|question|matter|e-?mail)\b"
    r"|\bno longer (?:need|require) (?:an? )?(?:answer|reply|help|information)\b"
    r"|\b(?:please )?disregard (?:my|our|this) (?:\w{1,20} )?(?:inquiry|enquiry|request|e-?mail)\b",
    re.IGNORECASE,
)
_IS_OVER = re.compile(
    rf"\b{_MATTER}\b.{{0,20}}\b(?:ist|wird|hat sich|haben sich|sind)\b.{{0,25}}"
    r"\b(?:erledigt|hinfällig|gegenstandslos|gelöst|geklärt)\b"
    r"|(?:^|^\W{0,4}(?:es|das|das ganze|alles|bei uns|inzwischen|mittlerweile) |[,–-] )"
    r"(?:hat|haben) sich .{0,25}\berledigt\b|^\W{0,4}(?:schon |bereits )?erledigt\W{0,4}$"
    r"|\b(?:matter|inquiry|enquiry|request|question|this) (?:is|has been|has) (?:already )?"
    r"(?:resolved|settled|sorted)\b",
    re.IGNORECASE,
)
# "nicht weiter bearbeiten" takes back; any other "nicht" in its clause says that nothing is
_NOT = re.compile(
    r"\b(?:nicht|nie|niemals|weder|mitnichten|keinen (?:grund|anlass)|keinesfalls"
    r"|keineswegs|not|never|don't)\b"
    r"(?! (?:mehr )?(?:weiter|mehr\b|länger\b))",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"(?:[^\s,;:–—]|\s(?!-\s|(?:und|and|since|because|as)\b))+", re.IGNORECASE)
# "Wir haben nicht vor, ..." and "Es stimmt nicht, dass ..." deny the clause behind them
_HANGS_ON = re.compile(r"^\W{0,3}dass\b|\bzurückzu(?:ziehen|nehmen)\b", re.IGNORECASE)
# "Frage 1 hat sich erledigt" leaves others; "wenn es sich erledigt hat" and "nicht" say no such.
_NOT_ALL = re.compile(
    r"\?|\b(?:wenn|falls|sofern|sobald|ob|bevor|solange|if|unless|whether|when)\b"
    r"|, (?:aber|jedoch|allerdings|but|though) (?:nicht|not)\b"
    r"|\bdie (?:fragen? )?(?:nach|zu[rm]?|über|wegen)\b|\bthema (?-i:[A-ZÄÖÜ])"
    r"|\b(?:letzte|vorige|gestrige|heutige)[nrs]? (?:e-?mail|mail|nachricht|schreiben)\b"
    r"|^\W{0,3}(?:für|zu[rm]?) (?:(?:die|den|das) )?(?!projekt|vorhaben)[\w-]{2,30} (?:\d{1,3} )?"
    r"(?:brauch|benötig)"
    r"|\bteilweise\b|\bsoweit\b|\bwas\b.{0,40}\b(?:angeht|betrifft)\b|\bihre (?:rück)?fragen?\b"
    r"|\b(?:frage|punkt|teil|nr\.?|nummer|ziffer|anfrage) \d"
    r"|\b(?:erste|zweite|dritte|letzte|andere|eine|ein)[nr]? (?:frage|punkt|teil)\b",
    re.IGNORECASE,
)
# What is still wanted, open or put right: then the mail corrects, and its office must read it.
_WANTS = r"(?:bitte|prüf|interessier|brauch|benötig|geht es|gilt|relevant|wichtig|offen)"
# What is wished beside it all the same, and wants no answer: "möchten trotzdem danken".
_FAREWELL = (
    r".{0,40}\b(?:(?:be)?dank|verständnis|entschuldig|lösch|bestätig|grüß|nicht\b|zurück|(?:ab)?schließ"
    r"|stornier|einstell|beend)"
)
_GOES_ON = re.compile(
    rf"^\W{{0,3}}(?:bitte )?nur noch\b|\bnur noch\b.{{0,40}}\b{_WANTS}"
    rf"|\b{_WANTS}.{{0,40}}\bnur noch\b"
    rf"|\bstattdessen\b.{{0,60}}\b{_WANTS}|\b{_WANTS}.{{0,60}}\bstattdessen\b"
    r"|\bsondern\b|\b(?:jetzt|nun|stattdessen) (?:soll|interessier|brauch|benötig)"
    r"|^\W{0,3}(?:richtig|korrekt|gemeint)$|\b(?:nicht|statt) \d"
    r"|\b(?:richtig|korrekt|gemeint|maßgeblich) (?:ist|sind|war|waren|wäre|muss)\b"
    r"|\b(?:(?:uns|mich) interessier|geht es (?:uns|mir|nun|jetzt)\b.{0,20}\bum\b)"
    r"|\boffen (?:ist|sind|bleibt|bleiben)\b|\b(?:noch|weiterhin|aber) offen\b"
    r"|\bfehl(?:t|en)\b.{0,20}\bnoch\b"
    r"|\b(?:(?:wir|ich) (?:br[aä]uch\w{1,4}|benötigen?)"
    r"|(?:br[aä]uch\w{1,4}|benötigen?) (?:wir|ich))\b"
    r".{0,30}\b(?:noch|weiterhin|trotzdem)\b(?!.{0,20}\bzeit\b)|\bwarten?\b.{0,30}\bnoch auf\b"
    r"|\bbitte (?:nur|prüfen|klären|beantworten|bearbeiten|nennen|sagen|berücksichtigen)\b"
    rf"(?!.{{0,80}}\b{_NO_MORE}\b)"
    r"|\bnoch (?:nicht|keine?n?)\b.{0,40}\b(?:geklärt|beantwortet|erledigt|gekommen|da|erhalten"
    r"|klar|bekommen|gelöst|verstanden|alle|antwort|auskunft)\b"
    r"|\bnicht (?:verstanden|beantwortet)\b|\b(?:noch|aber) nicht\W{0,3}$"
    # "Der Lärm leider nicht.", "meine bleibt", "Nur die Gebühr wüssten wir gern."
    r"|^\W{0,3}(?:der|die|das|den|dem) [\w-]{2,40} (?:leider|aber|dagegen|jedoch|hingegen)"
    r" nicht\W{0,3}$"
    r"|^\W{0,3}(?:(?:auf|und|aber|nur) ){0,2}(?:meine|unsere|die andere|die zweite)r? (?:anfrage )?"
    r"(?:bleib\w{1,2}|gilt|warten?|läuft)\b"
    r"|\bwüssten? (?:wir|ich)\b.{0,20}\bgern|\b(?:wir|ich) wüssten?\b.{0,40}\bgern"
    r"|\b(?:ist|sind|bleib\w{1,2}) (?:uns|mir) (?:(?!nicht)\w{1,12} ){0,2}wichtig\b"
    rf"|\b(?:bitte|möchten?|wollen|brauchen?|bitten)\b(?!{_FAREWELL}).{{0,40}}"
    rf"\b(?:trotzdem|dennoch)\b(?!{_FAREWELL})"
    r"|\bbitte (?:senden|schicken|mailen) sie\b.{0,20}\b(?:nur|aber|lediglich|jedoch)\b"
    rf"(?!{_FAREWELL})"
    r"|\bbitten (?:wir|ich) (?:sie )?weiter(?:hin)? zu\b"
    rf"|\b(?:rechnen?|warten? (?:weiter(?:hin)?|noch))\b(?:(?!\bnicht\b|\bkein).){{0,20}}"
    rf"\b(?:mit|auf) (?:ihrer?|eine[rn]?|die) {_WORD}\b"
    rf"|\b{_WORD} (?:zu[rm]?|auf|über|für)\b.{{0,40}}"
    rf"\b(?:(?:steht|stehen) (?:noch )?aus|fehlt noch)\b"
    r"|\blaute[tn]\b.{0,20}\bfragen?\b|\bfragen?\b.{0,20}\blaute[tn]\b"
    r"|\b(?:instead|now) (?:we|please|it)\b|\b(?:we|i) (?:meant|still)\b|\bcorrect (?:is|figure)\b"
    r"|\bstill (?:open|need|waiting|interested|unclear|unanswered)\b",
    re.IGNORECASE,
)
_CORRECTS = re.compile(
    r"\b(?:korrektur|berichtigung|richtigstellung)\b.{0,60}"
    r"\b(?:es (?:geht|handelt sich)|gemeint|richtig|statt)\b",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\W{0,3}(?:(?:und|and) )?(?:da|weil|denn|nachdem|since|because|as)\b", re.IGNORECASE
)


def withdraws(text: str, *, asked: bool = False) -> str:
    """Quote the sentence by which a company takes back what it asked, "" where none does.

    Who was ``asked`` something himself may say that this is settled; only plain words take his own
    inquiry back then.
    """
    words = content(text)
    if len(words.split()) > _LONGEST or "?" in words:
        return ""
    said = [" ".join(each.split()) for each in sentences(words)]
    if any(map(_goes_on, said)):
        return ""
    return next((each for each in said if _in_one(each, asked=asked)), "")


def _in_one(sentence: str, *, asked: bool) -> bool:
    takes_back = _TAKES_BACK.search(sentence) or (not asked and _IS_OVER.search(sentence))
    if not takes_back or _NOT_ALL.search(sentence):
        return False
    return not any(map(_NOT.search, _clauses_of(sentence, takes_back)))


def _goes_on(sentence: str) -> bool:
    """Whether a clause of it, other than a reason, names what is still wanted or open."""
    if _CORRECTS.search(sentence):
        return True
    clauses = (each[0] for each in _CLAUSE.finditer(sentence))
    return any(_GOES_ON.search(each) for each in clauses if not _REASON.match(each))


def _clauses_of(sentence: str, found: re.Match[str]) -> list[str]:
    """Give the clauses that a match touches, and the one on which they hang: not the reason."""
    clauses = list(_CLAUSE.finditer(sentence))
    touched = [
        at
        for at, each in enumerate(clauses)
        if each.start() < found.end() and found.start() < each.end()
    ]
    begin, end = touched[0], touched[-1] + 1
    if any(_HANGS_ON.search(each[0]) for each in clauses[begin:end]):
        begin = max(0, begin - 1)
    return [each[0] for each in clauses[begin:end]]
