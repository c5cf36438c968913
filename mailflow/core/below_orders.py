"""What a manager writes below his orders: words that may limit them, or how his mail is signed."""

import re
from collections.abc import Sequence

from mailflow.core.letter import DEVICE, closes, greets
from mailflow.core.thanks import consents_only, thanks_only

__all__ = ["SIGNED", "said_below"]

SIGNED = re.compile(
    r"(?i:(?:danke|vielen dank|besten dank|thanks|thank you)\b.{0,40}"
    r"|(?:gesendet von|sent from|i\. ?[av]\.) .{0,60}"
    r"|bis (?:dann|bald|später)[,.!]?(?: \w+)?"
    r"|[^.?!]{0,30}\b(?:gr(?:u|ü|ue)(?:ß|ss)|wünsche|regards|wishes)\w{0,3}\b.{0,40})"
    r"|.{1,100} [·|] .{1,100}"
    r"|(?:(?:Dr|Prof|Dipl)\.(?:-\w+\.?)* ){0,3}"
    r"(?:(?:(?:von|van|der|de|zu|zur) ){0,2}(?:[A-ZÄÖÜ]\.|[A-ZÄÖÜ][\w'-]{1,30},?)(?: |$)){1,4}"
)
"""A line that signs a mail: a word of thanks, a wish, a device, a name, an imprint."""

# One of them makes a line no name, however it is written: "Nein", "Erst Montag", "Ohne Namen".
_LIMITS = re.compile(
    r"\b(?:aber|jedoch|nicht|nein|kein\w{0,2}|nie|nichts|ohne|nur|erst|wenn|falls|sofern|sobald"
    r"|bevor|doch|statt|sondern|lieber|vorher|zuvor|zuerst|noch|außer|bitte|stopp?|halt|moment"
    r"|warten?|später|morgen|\w{3,7}tags?|mittwochs?|but|not|no|without|only|if|unless|until|wait"
    r"|stop|first|don't|please|except)\b",
    re.IGNORECASE,
)
# "Amt für Wirtschaft", "Tel.: 0203 123-456", "Weber - Leiterin", and "pw": no verb, no "den Satz"
_NO_SENTENCE = re.compile(
    r"(?!(?:Nach|Mit|Bis|Ab|Vor|Den|Dem|Zu|Auf|Bei|Für|Alle)\b)"
    r"(?:(?:\(?[A-ZÄÖÜ][\w.'&/-]{0,40}\)?[,:]?|[\d+(][\d./()+-]{0,20},?|[-–|·/&]|tel\.?:?|fax:?"
    r"|mobil:?|für|der|die|das|des|und|von|vom|am|im|in|an|zu[rm]?|bei[m]?|\S{1,60}@\S{1,60}"
    r"|(?:www\.|https?://)\S{1,90})(?: |$)){1,12}"
    r"|(?![a-zäöüß]{1,15}en$)[a-zäöüß]{1,15}"
    r"|(?i:(?:kurz )?(?:von|mit) .{1,40} gesendet|holen sie sich outlook .{1,20})"
)
_THANKS = re.compile(r"(?:danke|vielen dank|besten dank|thanks|thank you)\b", re.IGNORECASE)
_WEEKEND = re.compile(r"\W{0,3}schöne[nsr]? \w{3,12}\W{0,3}", re.IGNORECASE)
_POSTSCRIPT = re.compile(
    r"\W{0,3}(?:p\.? ?s|pps|n\.? ?b|nachtrag|achtung|wichtig)\b", re.IGNORECASE
)


def said_below(lines: Sequence[str]) -> list[str]:
    """Give the lines that say something: above the signature all but courtesies, then postscripts.

    Whatever else stands below the name is every mail's: an address, a disclaimer.
    """
    signed = next((at for at, line in enumerate(lines) if _signs(line)), len(lines))
    said = [line for line in lines[:signed] if line and not _is_courtesy(line)]
    return said + [line for line in lines[signed:] if _POSTSCRIPT.match(line)]


def _signs(line: str) -> bool:
    if closes(line) or DEVICE.search(line):
        return True
    if _LIMITS.search(line) or _THANKS.match(line) or _is_courtesy(line):
        return False
    return bool(SIGNED.fullmatch(line) or _NO_SENTENCE.fullmatch(line))


def _is_courtesy(line: str) -> bool:
    if greets(line) or thanks_only(line) or consents_only(line) or _WEEKEND.fullmatch(line):
        return True
    return bool(_THANKS.match(line)) and not _LIMITS.search(line)
