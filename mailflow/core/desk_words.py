"""How offices speak to whoever sends their answer on, rather than to the company.

The rows are searched as those of ``remark_words`` are. What they find is no proof: the mail waits.
"""

import re

__all__ = ["TO_DESK"]

_DESK = r"(?:leitung|dezern\w*|amtsleit\w*|kolleg\w*|teamleit\w*|rechtsamt)\b"
_FIRM = (
    r"(?:der firma|dem unternehmen|dem antragsteller|der antragstellerin|dem bauherrn"
    r"|den herrschaften|den leuten)\b"
)
_THE_FIRM = (
    r"(?:die firma|das unternehmen|der antragsteller|die antragstellerin|der bauherr|der inhaber)"
)
_NOTE = r"(?:hinweis|nachricht|info|mitteilung|anmerkung|notiz)"
_NOT_YOU = r"(?:(?!\b(?-i:Sie|Ihre?[mnrs]?)\b)[^.!?])"
_SEND = (
    r"(?:(?:ver|ab)(?:senden|schicken)|(?:he)?raus(?:geben|schicken|senden)|weiter(?:leiten|geben))"
)
_SAY = r"(?:schreiben|schicken|sagen|mitteilen|antworten|formulieren|(?:he)?rausgeben)"
_PART = r"(?:ab)?(?:satz|sätze|schnitt|schnitte|teile?|zeilen?|passagen?)"

_ROWS = (
    # who says "du" or "ihr" does not speak to the company: "Kannst du das so weitergeben?"
    (
        r"\b(?:kannst|könntest|könntet|könnt|habt|hättet|wollt|seid|dürft|müsst|magst|weißt) "
        r"(?:du|ihr|mir|uns|das|es|denen|bitte)\b|\b(?:du|ihr) (?:kannst|könnt|habt|wollt|seid)\b"
        r"|\b\w{2,20}st du\b|\b(?:meint|denkt|wisst|findet|braucht) ihr\b"
        r"|(?-i:\b(?:dir|dich|euch|eure|euren|eurem|eurer)\b)|^für euch\b"
        r"|(?:^\W{0,4}|[.!?:] |\bbitte )(?:haltet|gebt|lasst|nehmt|sagt|schickt|schaut|fragt"
        r"|prüft|klärt|ruft|schreibt) (?:mich|mir|uns|bitte|doch|das|es|ihn|mal)\b"
    ),
    # "denen" for the company; not "die Unterlagen, denen zu entnehmen ist"
    (
        r"\b(?:sagt?|schreibt?|schickt?|gebt|gib|teilt|antwortet|wir|bitte) denen\b"
        r"|\b(?:wir|ich) \w{2,20} denen\b"
    ),
    # what is to be told to the company, by somebody else
    (
        r"\b(?:sagt?|schreibt?|schreiben sie|sagen sie|teilen sie|antworten sie) (?:das |es )?"
        rf"(?:bitte )?{_FIRM}|^\W{{0,4}}{_FIRM} bitte (?:sagen|schreiben|mitteilen|ausrichten)\b"
        rf"|\b(?:können|könnten) sie {_FIRM} (?:bitte )?(?:schreiben|sagen|mitteilen|antworten)\b"
        rf"|\bsie können {_FIRM} (?:schreiben|sagen|mitteilen|antworten)\b"
        rf"|\bkönntet ihr {_FIRM}"
        rf"|\brichten sie (?:bitte )?(?:frau|herrn|{_FIRM})[^.!?,]{{0,40}}\baus\b"
        r"|\bantwort an (?:die|das|den) (?:firma|unternehmen|antragsteller\w{0,2}) "
        r"(?:kann|könnte|soll|sollte)\b|^\W{0,20}vorschlag für (?:die|eine|unsere) antwort\b"
        r"|\ban (?:die|das|den) (?:firma|unternehmen|antragsteller\w{0,2}) (?:bitte )?nur\b ?:"
    ),
    # what is said of the company, which it is not to read
    (
        rf"\b{_THE_FIRM} weiß (?:\w{{1,12}} ){{0,4}}nichts\b"
        rf"|\b(?:weiß|wissen) {_THE_FIRM} (?:(?:das|davon|noch|bisher) ){{0,3}}(?:nicht|nichts)\b"
        rf"(?!,)|\b{_THE_FIRM} weiß (?:das|es) (?:noch |bisher )?nicht\b(?!,)"
        rf"|\b{_THE_FIRM} ist (?:\w{{1,12}} ){{0,3}}nicht (?:informiert|unterrichtet)\b"
        r"|\bgegen (?:die firma|das unternehmen|den (?:antragsteller|inhaber))"
        r" (?:läuft|laufen|wird ermittelt)\b"
        r"|^\W{0,4}(?:nur )?am rande(?: (?:bemerkt|erwähnt|gesagt|für (?:sie|dich|euch)))? ?:"
        r"|^\W{0,4}nebenbei(?: (?:bemerkt|erwähnt|gesagt))? ?[:,]"
    ),
    # headings and words that keep something from the answer
    (
        r"\bnicht für die (?:gesamt)?antwort\b|^\W{0,20}nicht offiziell\b ?[:,;–—]"
        r"|^\W{0,20}(?:nur )?als hintergrund ?:|\bnicht für die akten?\b"
        r"|^\W{0,20}(?:p\.? ?s\.?|anmerkung|hinweis|notiz) für (?:die|den|unsere) kolleg\w{0,5}"
        r"|^\W{0,20}(?:das )?ist intern\b ?[,:;.!–—]|\bfür sie intern\b"
        r"|(?<!ihrer )(?<!ihre )\bbitte um (?:strenge |strikte )?vertraulichkeit\b"
        r"|^\W{0,20}für unsere akten? ?[:–—]"
        rf"|^\W{{0,20}}{_NOTE} an (?:frau|herrn) [^.!?:]{{1,40}}:(?= |$)"
        rf"|^\W{{0,20}}{_NOTE} (?:an|für) (?:das kam|die sachbearbeitung)\b[^.!?:]{{0,20}}:(?= |$)"
        rf"|^\W{{0,20}}z\.? ?k\.? (?:an )?(?:die |den |der )?{_DESK}|^\W{{0,4}}frau kollegin,"
        r"|\bbitt(?:en|e) (?:wir |ich )?um (?:streng )?vertrauliche behandlung\b"
        r"(?! (?:ihrer|der (?:zugangsdaten|daten)))"
    ),
    # what of it is to go out, and what is not
    (
        rf"\b{_PART} (?:bitte )?nicht (?:mit|weiter|heraus|raus)?"
        r"(?:schicken|senden|leiten|geben|übernehmen)\b"
        r"|\bausführungen (?:bitte )?nicht übernehmen\b"
        r"|\bnicht (?:wört|wortwört)lich (?:so )?(?:übernehmen|weitergeben|zitieren|weiterleiten)\b"
        r"|\bnur (?:den|die|meinen) (?:ersten?|zweiten?|dritten?|letzten?|oberen?|unteren?) "
        rf"{_PART} (?:bitte )?(?:weiter|schick|senden|mitteil|übernehm|rausge|herausge|verwend)"
        r"|(?:(?-i:^\W{0,4}Den)|[.!?] den) rest (?:können sie |bitte ){0,2}weglassen\b"
        r"|\bden rest (?:bitte )?kannst du weglassen\b"
    ),
    # what is to be done before it goes out
    (
        r"\bvor (?:dem |der )?(?:versand|versenden|absenden|abschicken|weiterleitung|weitergabe)"
        r" (?:bitte )?(?:noch )?(?:mit|bei) (?:herrn|frau|dem|der|unserem|unserer|\d{2,3})\b"
        r"|\b(?:löschen|streichen|entfernen) vor (?:der |dem )?(?:weiter|versand|absend)"
        rf"|\bbitte (?:(?:das|dies|es|die antwort|den text|so|noch nicht|erst),? ){{0,4}}nach "
        rf"(?:freigabe|rücksprache|abstimmung|zustimmung)\b{_NOT_YOU}{{0,60}}\b{_SEND}\b"
        rf"|\bvor (?:dem |der )?(?:versand|versenden|absenden|abschicken)\b{_NOT_YOU}{{0,50}}"
        r"\b(?:absegnen|gegenzeichnen|gegenlesen|drüber ?schauen|querlesen)\b"
        r"|(?:^|[.!?:] )\W{0,4}(?-i:Noch nicht) (?:freigegeben|unterschrieben|gezeichnet"
        r"|abgestimmt|final)\b\W{0,4}(?:$|[.!])"
        r"|(?:^|[.!?:] )\W{0,4}(?-i:Nicht|Noch nicht) abgestimmt mit\b"
        r"|^\W{0,4}unter vorbehalt, (?:die|der) \w{0,20}(?:leitung|dezernent\w{0,2}) hat\b"
    ),
    # what the house is about to do or has not settled, and where its files are
    (
        r"\b(?:wir|ich|kolleg\w{0,3}) (?:werden?|kommen?|wollen|prüfen|kontrollieren)\b[^.!?]{0,80}"
        r"\bunangekündigt\b|\bwerden? (?:wir|ich)\b[^.!?]{0,80}\bunangekündigt\b"
        r"|(?:^|[.!?:] )\W{0,3}(?-i:Intern) (?:wird|werden|ist|sind|gibt|gilt|läuft)\b"
        r"(?![^.!?]{0,80}\b(?:weitergeleitet|beteiligt|zugeordnet|zuständig)\b)"
        rf"|\b{_DESK} (?:unter|gegen)?zeichnet (?:das |es |hier )?noch\b|\\\\\w[\w.-]{{0,40}}\\"
        r"|(?<![\w/])[a-z]:\\\w|[,(] ?intern:? ?[-–]?\d{3,6}\b"
        r"|\bplease (?:do not|don['’]t|never) (?:mention|reveal|say|tell)\b[^.!?]{0,60}"
        r"\b(?:them|they|the (?:company|applicant|client|customer))\b"
    ),
    # what is not finished
    (
        r"(?-i:\bTO-?DO\b)|(?<![\w/-])x{3,}(?![\w/-])(?= \w)|\btextbaustein\b"
        r"|\bhier (?:noch |bitte ){0,2}(?:die |das |den )?\w{0,20}"
        r"(?:frist|datum|betrag|gebühr|name|termin) (?:einsetzen|ergänzen|nachtragen)\b"
        r"|\bsoll (?:ich|man) (?:das|es|dies|denen) (?:so |jetzt |wirklich ){0,2}"
        r"(?:schreiben|formulieren|antworten|(?:he)?rausgeben|weitergeben|absagen)\b"
        r"|\b(?:können|sollen|dürfen|wollen) wir (?:das|es|dies) (?:wirklich |jetzt )?so "
        rf"{_SAY}\b|\bob (?:wir|ich|man) (?:das|es|dies) (?:wirklich |jetzt )?so {_SAY} "
        r"(?:können|kann|sollen|soll|dürfen|darf|wollen)\b"
        r"|\bbitte (?:(?:ggf|evtl)\.? |das |noch |etwas ){0,3}(?:netter|höflicher|freundlicher"
        r"|verständlicher) formulieren\b|\bgerne? umformulieren\b|\bbürgerdeutsch\b"
        r"|\bbitte (?:noch )?(?:die )?rechtschreibung (?:prüfen|korrigieren)\b"
        r"|^\W{0,4}text bitte anpassen\b"
        r"|^\W{0,4}(?:antwort-?|text-?)entwurf\b ?(?:[:,;–—!(]|$)|^\W{0,4}vorabversion\b"
        r"|^\W{0,4}(?:vorgeschlagener|folgender|unser) text\b[^.!?:]{0,40}:(?= |$)"
        r"|^\W{0,4}(?:antwort|text) (?:an|für) (?:die |das |den )?"
        r"(?:firma|unternehmen|antragsteller\w{0,2}) ?:|^\W{0,4}formulierungshilfe ?:"
        r"|^\W{0,4}bitte folgendes (?:mitteilen|schreiben|antworten|weitergeben)\b"
    ),
)

TO_DESK = re.compile("|".join(_ROWS), re.IGNORECASE)
"""That a part may be said to the desk alone: only the manager can tell."""
