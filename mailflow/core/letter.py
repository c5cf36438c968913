"""A letter's parts that say nothing: greeting, closing, what stands under it, what is quoted."""

import re
from collections.abc import Mapping, Sequence

__all__ = [
    "DEVICE",
    "GREETINGS",
    "READ_AT_MOST",
    "TO_READER",
    "below_closing",
    "closes",
    "closes_with_name",
    "closing_says",
    "content",
    "greeting_words",
    "greets",
    "own_lines",
]

READ_AT_MOST = 12_000
"""Characters of its own lines by which a text is judged; of more the rest is unknown."""

TO_READER = r"\b(?-i:Sie|Ihnen|Ihre?[mnrs]?)\b"
"""A word by which a letter speaks to its reader, as one writes to a company; a part of patterns."""

_MAX_LINE = 120

GREETINGS: Mapping[str, tuple[str, ...]] = {
    "de": (
        "hallo",
        "guten tag",
        "guten morgen",
        "guten abend",
        "schönen guten tag",
        "schönen guten morgen",
        "sehr geehrte",
        "sehr geehrter",
        "liebe",
        "lieber",
        "liebes",
        "werte",
        "werter",
        "moin",
        "moinsen",
        "servus",
        "grüß gott",
        "grüss gott",
        "tach",
        "mahlzeit",
    ),
    "en": (
        "hello",
        "hi",
        "hey",
        "dear",
        "good morning",
        "good afternoon",
        "good evening",
        "good day",
        "to whom it may concern",
    ),
    "nl": (
        "beste",
        "geachte",
        "goede",
        "goedendag",
        "goedemorgen",
        "goedemiddag",
        "hoi",
        "dag",
    ),
    "tr": ("merhaba", "sayın", "sayin", "selam", "iyi günler"),
    "fr": ("bonjour", "madame", "monsieur", "cher", "chère", "bonsoir"),
    "pl": ("dzień dobry", "szanowny", "szanowna", "szanowni", "witam", "cześć"),
    "it": ("buongiorno", "gentile", "ciao", "salve", "spettabile"),
    "es": ("hola", "estimado", "estimada", "buenos días"),
    "pt": ("olá", "prezado", "prezada"),
    "da/no/sv": ("hej", "hei", "kære", "kjære"),
    "ru/uk": ("здравствуйте", "добрый день", "доброго дня"),
    "zh": ("您好", "你好", "尊敬的"),
}
"""What a letter begins with, by language. Nobody else keeps a list: they drifted apart."""

_READERS = (
    r"(?:(?:frau|herrn?|damen|kolleg\w*|anwesende|team|firma|stadt|redaktion|nachbarn|freunde"
    r"|mitarbeite\w*|(?:geschäfts)?partner\w*|kund\w*)\b|alle(?=[ \t]*(?:[,!]|$)))"
)
_NAME = r"(?-i:(?!Gr(?:u|ü|ue)(?:ß|ss)|Wünsche)[A-ZÄÖÜ])[\w-]{1,30}"
_NAMES = rf"{_NAME}(?:(?: und)?(?: liebe[rs]?)? {_NAME}){{0,3}}[ \t]*[,!]"
_ONLY_BEFORE = {
    **dict.fromkeys(("liebe", "lieber", "liebes"), rf"(?=[ \t]+(?:{_READERS}|{_NAMES}))"),
    **dict.fromkeys(("werte", "werter"), rf"(?=[ \t]+{_READERS})"),
    "mahlzeit": rf"(?=[ \t]*(?:[,!]|$)|[ \t]+(?:zusammen\b|{_READERS}))",
}
"""These words begin other sentences too ("Werte über 60 dB", "Lieber morgen"): a greeting they are
only before those who can be greeted."""


def greeting_words(*languages: str) -> str:
    """Give a pattern, for any case of letters, of the words that greet in these languages."""
    words = {word for language in languages for word in GREETINGS[language]}
    # the longest first; a letter or hyphen behind makes another word of it: "Hi-Fi", "Tachometer"
    patterns = (
        re.escape(word) + _ONLY_BEFORE.get(word, "")
        for word in sorted(words, key=lambda word: (-len(word), word))
    )
    return rf"(?:{'|'.join(patterns)})(?![a-zß-ÿ\d-])"


# of other languages only words that nothing else begins with: "Beste Lösung" is no Dutch
_HELLO = (
    rf"(?:{greeting_words('de', 'en')}|goedendag\b|merhaba\b|bonjour\b)"
    r"(?:\b(?:dr|prof|dipl|ing|mag)\.|[^.?!:;,]){0,80}"
)
_GREETING = re.compile(rf"{_HELLO}(?:,\s?{_HELLO}){{0,2}}[,.!]?", re.IGNORECASE)
_BY_NAME = re.compile(rf"liebe[rs]?[ \t]+{_NAME}(?: {_NAME})?", re.IGNORECASE)
_ADJECTIVE = r"[a-zäöüß](?-i:[a-zäöüß-]{1,23}(?:en?|em))"
_KIND = rf"(?:vielen?|den|sehr|ganz|und|{_ADJECTIVE})"
_WELL = r"(?:(?:aller)?beste|gute|liebe|herzliche|freundliche)"
_GREETS = r"gr(?:u|ü|ue)(?:ß|ss)"
_THANKS = r"(?:(?:(?:vielen|besten|herzlichen|schönen) )?dank|danke)(?: und|,)[ \t]+"
_ENGLISH_THANKS = r"(?:(?:many |with )?thanks|thank you)(?: and|,)[ \t]+"
_ON_BEHALF = r"(?:i\.\s?[av]\.|gez\.|im auftrag\b|in vertretung\b)"
# Wishes are a closing only where they are good: "Besondere Wünsche" heads a list.
_REGARDS = (
    rf"(?:(?:mit )?(?:{_KIND}[ \t]+){{1,5}}{_GREETS}(?:e?n?|\w{{0,3}})|{_GREETS}e?"
    rf"|(?:mit )?(?:den )?(?:\w{{2,20}}e[nm]? (?:und )?)?{_WELL}n? wünschen?"
    r"|(?-i:Mit)[ \t]+(?:den[ \t]+)?(?-i:[a-zäöüß-]{2,24}en[ \t]+){1,3}wünschen)"
)
# What is wished beside it has no verb: "Viele Grüße und das geht jeden Tag" tells something.
_AND_WISHES = (
    r"(?:[ \t]+und[ \t]+(?:bleiben sie gesund|bis (?:bald|dann|morgen|später)"
    r"|(?:(?:noch|weiterhin|allerseits|alles|viel|ein|einen|ihnen|euch"
    r"|(?-i:[a-zäöüß]{1,14}(?:e[nrs]?)))[ \t]+){1,4}"
    r"(?:\w{0,12}(?:tag|abend|woche|wochenende|zeit|start|erfolg|glück|dank|urlaub|jahr|fest|feiertage"
    r"|weihnachten|ostern|gute|wünsche|grüße))))?"
)
# A name may follow, no more: "Im Auftrag des Nachbarn klagt ..." is no closing.
_CLOSING = re.compile(
    rf"(?:(?:(?:{_THANKS})?{_REGARDS}|(?:herz|freund)lichst"
    r"|mfg|vg|lg|hochachtungsvoll|glück auf|cheers|best(?=,|$)"
    rf"|(?:{_ENGLISH_THANKS})?(?:(?:with )?(?:kind|best|warm|many) )?(?:regards|wishes)"
    r"|yours (?:sincerely|faithfully|truly)|sincerely)\b"
    rf"(?:[ \t]+(?:aus|vom|from)[ \t](?P<place>[^.!?,;:]{{1,40}}))?{_AND_WISHES}"
    rf"[,.!]?(?:\s?{_ON_BEHALF})?|{_ON_BEHALF})"
    r"(?P<name>(?:\s(?-i:[A-ZÄÖÜ])[^\s.,]{0,20}\.?){0,3})[ \t]*[,.!]?",
    re.IGNORECASE,
)
_SHORT_CLOSING = 4
_PROGRAM = (
    r"(?:iphone|ipad|apple|outlook|proton|k-9|fairemail|thunderbird|android|galaxy|samsung|huawei"
    r"|xiaomi|pixel|blackberry|windows|yahoo|gmx|web\.de|mail (?:app|für|for)|app|smartphone|handy"
    r"|mobil\w{0,8}|telefon|phone|tablet)"
)
# "Gesendet mit Einschreiben am 3. Mai: der Bescheid" is the office's: no device, a day, a colon.
_WITH_DEVICE = (
    rf"(?:gesendet (?:von|mit)|sent (?:from|with)) (?=[^\n]{{0,60}}\b\w{{0,10}}{_PROGRAM}\b)"
    r"(?:(?!\d\. )[^:\n]){1,60}"
    r"|(?:gesendet von meine[mr]|sent from my)"
    r"(?: (?!büro|schreibtisch|desk|office|kolleg|sekret|amt)[\w.+-]{1,20}){1,3}"
)
DEVICE = re.compile(
    rf"^(?:von meinem \w{{1,20}} (?:\w{{1,20}} )?gesendet|(?:{_WITH_DEVICE})"
    r"|get outlook for .{0,20}"
    r"|outlook für \w{1,20} (?:beziehen|herunterladen)|diese nachricht wurde von meinem .{0,60}"
    r"|(?:[^\W\d_]{3,20}: ?)?"
    r"\(?dies\w{1,2} (?:schreiben|e-?mail|mail|nachricht|bescheid|dokument|auskunft|antwort)"
    r" (?:wurde|ist) (?:maschinell|automatisch|automatisiert|elektronisch) (?:erstellt|erzeugt"
    r"|generiert|gefertigt)(?:(?:(?!\bbis\b)[^.!?\n\d]){0,60} (?:unterschrift|unterschrieben"
    r"|unterzeichnet)(?: (?:rechts)?(?:gültig|wirksam))?)?\.?\)?)$",
    re.IGNORECASE | re.MULTILINE,
)
"""What a telephone, or an office's program, writes below every mail."""


def greets(line: str) -> bool:
    """Tell whether a line only greets: the one answer for all who ask it of a whole line."""
    line = line.strip()[:_MAX_LINE]
    begins = _GREETING.fullmatch(line) or _BY_NAME.fullmatch(line)
    return bool(begins) and not closes(line)  # "Liebe Grüße,"


def closes(line: str) -> bool:
    """Tell whether a line is a letter's closing, in one language or in two."""
    ways = line.strip()[:_MAX_LINE].split(" / ")
    return all(map(_CLOSING.fullmatch, ways))


def closes_with_name(line: str) -> bool:
    """Tell whether a line is a closing that names its author: "VG P. Maier", but "VG Berlin"."""
    found = _CLOSING.fullmatch(line.strip()[:_MAX_LINE])
    return bool(found and found["name"])


def closing_says(line: str) -> tuple[str, str] | None:
    """Give the name in a closing line, and from where it greets; None where nothing closes."""
    found = [_CLOSING.fullmatch(each) for each in line.strip()[:_MAX_LINE].split(" / ")]
    if not all(found):
        return None
    return _joined(found, "name"), _joined(found, "place")


def _joined(found: Sequence[re.Match[str] | None], group: str) -> str:
    return " ".join((each[group] or "").strip(" .,!") for each in found if each).strip()


def content(text: str) -> str:
    """Give the lines of a text between greeting and closing, without quoted and blank ones.

    Only the first 12,000 characters of them are looked at.
    """
    return "\n".join(_parts(text)[0])


def below_closing(text: str) -> list[str]:
    """Give the lines below a text's closing, names and all, without quoted and blank ones."""
    return _parts(text)[1]


def own_lines(text: str) -> str:
    """Give a text's lines without quoted and blank ones."""
    lines = (line.strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line and not line.startswith(">"))


def _parts(text: str) -> tuple[list[str], list[str]]:
    kept: list[str] = []
    lines = own_lines(text)[:READ_AT_MOST].split("\n")
    for index, line in enumerate(lines):
        if closes(line) and (kept or len(line.split()) <= _SHORT_CLOSING):
            return kept, lines[index + 1 :]
        if line and not greets(line):
            kept.append(line)
    return kept, []
