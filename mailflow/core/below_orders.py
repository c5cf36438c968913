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
    r"|stop|first|don't|please|except)\b|\b\d{1,2}\.\d{1,2}\.(?:\d{2,4})?(?!\S)",
    re.IGNORECASE,
)
# "Danke und den Namen streichen", "Gruß Weber. Den ersten Satz weglassen"
_DEMANDS = re.compile(
    r"(?:[,.!]|\bund) (?!das (?:ist|war|hat)\b)(?:[Dd](?:en|ie|as|em|er)|[Aa]lle|[Bb]itte)\b"
    r".{0,80}\b[a-zäöüß]{2,20}en\W{0,3}$"
)
_NO_NAME = r"(?!(?:Nach|Mit|Bis|Ab|Vor|Den|Dem|Zu|Auf|Bei|Für|Alle)\b)"
# "Amt für Wirtschaft", "Tel.: 0203 123-456", "Weber - Leiterin", and "pw": no verb, no "den Satz"
_NO_SENTENCE = re.compile(
    rf"{_NO_NAME}"
    r"(?:(?:\(?[A-ZÄÖÜ][\w.'&/-]{0,40}\)?[,:]?|[\d+(][\d./()+-]{0,20},?|[-–|·/&]|tel\.?:?|fax:?"
    r"|mobil:?|für|der|die|das|des|und|von|vom|am|im|in|an|zu[rm]?|bei[m]?|\S{1,60}@\S{1,60}"
    r"|(?:www\.|https?://)\S{1,90})(?: |$)){1,12}"
    r"|(?![a-zäöüß]{1,15}(?:en|iert|lich)$|ge[a-zäöüß]{1,12}[^r]t$)[a-zäöüß]{1,15}"
    r"|(?i:(?:(?:kurz )?(?:von|mit) .{1,40}|mobil) gesendet|von unterwegs"
    r"|holen sie sich outlook .{1,20}|gesendet (?:aus|mit|via|über) .{1,40})"
)
_THANKS = re.compile(r"(?:danke|vielen dank|besten dank|thanks|thank you)\b", re.IGNORECASE)
_POSTSCRIPT = re.compile(
    r"\W{0,3}(?:p\.? ?s|pps|n\.? ?b|nachtrag|achtung|wichtig)\b", re.IGNORECASE
)
# What a house prints below every mail, whoever it is from. "Diese Mail bitte erst ..." is an order.
_DISCLAIMER = re.compile(
    r"\W{0,3}(?:(?:wichtig\w{0,2}|achtung|hinweis|vertraulich\w{0,3})(?: hinweis)?\W{1,3})?(?:"
    r"(?:(?:der inhalt|die informationen in) )?diese[rs]? (?:e-?mail|mail|nachricht)"
    r" (?:\w{1,20} ){0,8}?(?:ist|sind|kann|können|könnte|enthält)\b"
    r".{0,300}\b(?:vertraulich\w{0,3}|geschützt\w{0,2}|empfänger\w{0,3}|adressat\w{0,3})\b"
    r"|(?:wenn|sollten|falls) sie (?:nicht der|diese)\b"
    r".{0,300}\b(?:empfänger|adressat|irrtümlich)\w{0,3}\b"
    r"|(?:bitte )?(?:denken|prüfen|schonen) sie\b.{0,100}\b(?:umwelt|(?:aus)?drucken|ausdruck)\b"
    r"|(?:the (?:information|content\w?)|this) .{0,40}\b(?:e-?mail|message|transmission)\b"
    r".{0,300}\b(?:confidential|intended|privileged)\b"
    r"|please consider the environment\b)"
    r"|\W{0,3}(?:wichtig|achtung)\W{1,3}(?:(?:meine|unsere) )?(?:neue|geänderte)[nrs]?"
    r" \w{0,12}(?:nummer|durchwahl|adresse|anschrift|zeiten)\W{0,3}$",
    re.IGNORECASE,
)
_WHEN = (
    r"(?:dann|dahin|bald|gleich|später|nachher|demnächst|morgen|übermorgen|heute|montag|dienstag|mittwoch"
    r"|donnerstag|freitag|samstag|sonntag|woche|wochenende|monat|jahr)"
)
_OCCASION = (
    r"\w{0,12}(?:tag|abend|nachmittag|morgen|nacht|woche|wochenende|zeit|start|rutsch|weihnachten"
    r"|ostern|pfingsten|fest|feiertage|jahr|urlaub|ferien|advent|erholung|besserung)"
)
_TAIL = (
    r"(?: (?:noch|heute|morgen|allerseits|zusammen|euch|ihnen|dir|allen|weiterhin|wünsche ich"
    r"|in (?:die|den|das|der) (?:neuen? )?\w{2,10}|ins (?:neue )?\w{2,10})){0,3}"
)
# What is wished may hold a word of limits: "Bis morgen", "Schönen Tag noch".
_WISHED = re.compile(
    r"(?:(?:also|dann|und) )?bis "
    rf"(?:(?:zum|zur|am|nächste[nrs]?|kommende[nrs]?|neue[ns]?) ){{0,2}}{_WHEN}"
    r"(?: (?:früh|mittag|abend|vormittag|nachmittag))?"
    r"|(?:(?:ich )?wünschen? |hab(?:t|en sie)? )?(?:(?:noch|ihnen|euch|dir|allen) ){0,3}"
    r"(?:einen? |ein )?"
    r"(?:(?:schön|gut|froh|ruhig|erholsam|angenehm|lang|sonnig|entspannt|gesegnet|besinnlich|erfolgreich)"
    rf"(?:e[nrs]?) ){{1,3}}{_OCCASION}{_TAIL}"
    r"|(?:wünsche |habt )?(?:ein(?:en)? )?(?:gut(?:en|es)|frohes|viel) \w{2,15}"
    r"|(?:have|enjoy) (?:an?|your) (?:\w{1,12} ){0,2}(?:day|evening|weekend|week|time|holidays?)"
    r"|(?:merry|happy) \w{2,12}|see you (?:soon|later|tomorrow|(?:on )?\w{3,6}day|next week)"
    r"|(?:sehr |wirklich )?(?:gut|super|toll|prima|klasse|great|nice|well)"
    r" (?:gemacht|arbeit|job|work|done)|das war['’]?s(?: (?:für heute|von mir|schon))?"
    r"|keine?n? (?:problem|einw[aä]nde?|bedenken|anmerkungen|ergänzungen|änderungen)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[,;.!–-] |(?<=\w) und (?=bis |schön|gut|froh|ein|noch )", re.IGNORECASE)
# A picture by its file, or by what it is; "[ohne Namen]" says something.
_PICTURE = re.compile(
    r"[\[<](?:\S{1,90}|[^\]>]{0,60}(?:logo|bild|image|picture|wappen|banner)[^\]>]{0,60})[\]>]"
    r"|<https?://[^>]{1,200}>",
    re.IGNORECASE,
)
# signs that are no letters, but those that say no
_SYMBOLS = re.compile(
    r"(?![\u26a0\u26d4\u2716\u2753-\u2757\u274c\u274e\u270b\U0001F44E\U0001F6AB\U0001F6D1])"
    r"[\u2190-\u2bff\ufe0f\u200d\U0001F000-\U0001FAFF]"
)
_WORD = re.compile(r"[^\W\d_]+")
_SHORT_GREETINGS = frozenset({"mfg", "vg", "lg", "bg", "gruß", "gruss", "danke"})
_ASIDE = re.compile(r" \([^\s()]{1,20}\)$")  # "Petra Weber (mobil)"


def said_below(lines: Sequence[str], author: str = "") -> list[str]:
    """Give the lines that say something: above the signature all but courtesies, then postscripts.

    Whatever else stands below the name is every mail's: an address, a disclaimer. The ``author``
    may write his own name small.
    """
    bare = {line: _bare(line) for line in lines}
    signed = next((at for at, line in enumerate(lines) if _signs(bare[line], author)), len(lines))
    said = [line for line in lines[:signed] if bare[line] and not _is_courtesy(bare[line])]
    below = (line for line in lines[signed:] if _POSTSCRIPT.match(line))
    return said + [line for line in below if not _DISCLAIMER.match(line)]


def _bare(line: str) -> str:
    """Give a line without pictures and symbols, "" where only marks are left."""
    words = " ".join(_SYMBOLS.sub(" ", _PICTURE.sub(" ", line)).split())
    return "" if re.fullmatch(r"[-.,:;!+*~ ]{0,80}", words) else words


def _signs(line: str, author: str) -> bool:
    if closes(line) or DEVICE.search(line) or _DISCLAIMER.match(line):
        return True
    if _is_name_of(line, author):
        return True
    if _LIMITS.search(line) or _DEMANDS.search(line) or _THANKS.match(line) or _is_courtesy(line):
        return False
    return _is_name(_ASIDE.sub("", line)) or bool(_NO_SENTENCE.fullmatch(line))


def _is_name(line: str) -> bool:
    return bool(re.match(_NO_NAME, line) and SIGNED.fullmatch(line))


def _is_name_of(line: str, author: str) -> bool:
    """Whether a line is its author's name, written small or behind a short greeting."""
    known = set(_WORD.findall(author.casefold()))
    words = set(_WORD.findall(line.casefold())) - _SHORT_GREETINGS
    return bool(words) and all(
        word in known or (len(word) == 1 and any(each[0] == word for each in known))
        for word in words
    )


def _is_courtesy(line: str) -> bool:
    if greets(line) or thanks_only(line) or consents_only(line) or _thanks(line):
        return True
    parts = [each.strip(" .,!:;–-") for each in _BETWEEN.split(line)]
    return _is_polite(parts[0]) and all(
        not each or _is_polite(each) or closes(each) or _names_only(each) for each in parts[1:]
    )


def _is_polite(words: str) -> bool:
    wished = _WISHED.fullmatch(words)
    return bool(wished) or thanks_only(words) or consents_only(words) or _thanks(words)


def _thanks(words: str) -> bool:
    return bool(_THANKS.match(words)) and not (_LIMITS.search(words) or _DEMANDS.search(words))


def _names_only(words: str) -> bool:
    """Whether a name stands behind a courtesy: "Danke, Petra"."""
    return not _LIMITS.search(words) and _is_name(words)
