"""What only a person says, in a mail that otherwise sounds like a machine's.

Receipts and notes ask nothing, want nothing and decide nothing, but for the sentences that all of
them have ("Haben Sie Fragen?", "Wir bitten um Geduld").
"""

import re

__all__ = ["answers", "asks"]

_STOCK_QUESTION = re.compile(
    r"\b(?:rück)?fragen\s?\?|\bwie geht es (?:\w{1,12} ){0,2}weiter\s?\?"
    r"|\bwas passiert (?:jetzt|nun|als nächstes|mit ihrer \w{1,20})\s?\?"
    r"|\b(?:dringend|eilig|notfall|hilfe|unklar)\w{0,3}\s?\?"
    r"|\bnicht (?:mehr )?(?:angezeigt|lesbar|erhalten|angefordert)\s?\?"
    r"|\bquestions?\s?\?|\bwhat happens next\s?\?|\b(?:urgent|help|assistance|emergency)\s?\?",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"\?(?=[\s\"'”“»«)]|$)")
_REQUEST = re.compile(
    r"\bbitte\b[^.!?\n]{0,80}\b(?:prüfen|vorschlagen|mitteilen|zusenden|zuschicken|übersenden"
    r"|verlängern|verschieben|verlegen|korrigieren|berichtigen|ändern|klären|erklären|ausstellen"
    r"|genehmigen|freigeben|wiederherstellen|aushändigen)\b"
    r"|\bbitte (?:\w{1,12} ){0,3}(?:prüfen|schicken|senden|teilen|nennen|schlagen|stellen|klären"
    r"|ändern|verschieben|korrigieren|erklären|sagen|legen) sie\b"
    r"(?! (?:(?:ihre|diese|die) (?:e-?mails?|mails?|nachrichten?|anfragen?)|diese\b|keine\b|nicht\b"
    r"|sicher\b))"
    r"|\bbitten? (?:wir |ich )?(?:sie )?(?:daher |deshalb |also |hiermit )?um "
    r"(?!(?:\w{1,12} ){0,2}(?:verständnis|geduld|nachsicht|beachtung|kenntnisnahme|entschuldigung"
    r"|kontaktaufnahme)\b)"
    r"|\b(?:wir|ich) (?:brauchen?|benötigen?|wollen|beantragen?|planen?|suchen?|vermissen?|warten?)"
    r" (?!(?:dafür |hierfür |dazu )?(?:etwas|einige|ein paar|bis zu|ca|circa|mehr|in der regel)\b)"
    r"|\b(?:hiermit|hierdurch|hierzu) beantrag(?:en wir|e ich)\b"
    r"|\bplease (?:check|advise|propose|suggest|correct|explain|provide us|send (?:me|us)"
    r"|tell (?:me|us))\b"
    r"|\b(?:we|i) (?:need|require|request|are looking|want)\b",
    re.IGNORECASE,
)
_VERDICT = re.compile(
    r"\b(?:genehmigt|zulässig|unzulässig|abgelehnt|zugestimmt|einverstanden)\b"
    r"|\b(?:ist|sind|wurden?|wird|heute) erteilt\b|\bkeine (?:bedenken|einwände|einwendungen)\b"
    r"|\b(?:bescheid|genehmigung|erlaubnis) (?:ging|geht|liegt|ist|wurde|wird|kommt|folgt)\b"
    r"|\bno objections?\b|\b(?:is|was|been) (?:approved|granted|rejected)\b",
    re.IGNORECASE,
)
# what a receipt names of the mail it is about: the words are another's
_NAMED = re.compile(
    r"^[ \t>]{0,9}(?:betreff|subject|an|to|von|from|gesendet|sent|datum|date)\s?:[^\n]*$",
    re.IGNORECASE | re.MULTILINE,
)


def asks(text: str) -> bool:
    """Tell whether a text holds a question or a request that no machine's stock sentence is."""
    own = _NAMED.sub("", text)
    stock = len(_STOCK_QUESTION.findall(own))
    return len(_QUESTION.findall(own)) > stock or bool(_REQUEST.search(own))


def answers(text: str) -> bool:
    """Tell whether a text decides something: what was asked is permitted, refused or sent."""
    return bool(_VERDICT.search(_NAMED.sub("", text)))
