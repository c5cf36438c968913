"""Words that may limit an order, or say what is still to be done before it."""

import re

__all__ = ["changes", "concerns", "demands", "limit_in", "warns"]

_DAYS = (
    r"(?:mon|diens|donners|frei|sams|sonn)tag\w*|mittwoch\w*|sonnabend\w*"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day\w*|\d{1,2}\.\s?\d{1,2}"
    r"|in \w+ (?:stunden?|tagen?|wochen?|monat\w*|hours?|days?|weeks?|months?)"
)
# "noch einmal" and "once more" only repeat; "no. 4711" names an item
_LIMITS_ORDER = re.compile(
    r"\b(?:nicht|nein|keine?[mnrs]?|nur|ohne|außer|ausser|ausgenommen|bis auf|statt|anstatt|sondern"
    r"|aber|jedoch|lieber|sonst|teil(?:s|weise)"
    r"|noch(?! ?(?:ein)?mal)|erst|wenn|sobald|sofern|falls|solange|bevor|ehe|nachdem|bis|ab|nach"
    r"|vor|(?:über)?morgen|später|nachher|danach|dann|demnächst|frühestens|spätestens|vorher|zuvor"
    r"|zuerst|zunächst|(?:ab)?warten?|(?:nächste|kommende)[mnrs]?"
    r"|not|don't|no(?!\.? ?\d)|only|without|except|but|instead|partly|later|when"
    r"|once(?! (?:more|again))|if|soon|after|before|until|till|unless|tomorrow|next|wait|first|then"
    rf"|{_DAYS})\b",
    re.IGNORECASE,
)
_LIMITS = re.compile(
    r"\b(?:aber|jedoch|nicht|nein|kein\w{0,2}|nie|nichts|ohne|nur|erst|wenn|falls|sofern|sobald"
    r"|bevor|doch|statt|sondern|lieber|vorher|zuvor|zuerst|noch|außer|bitte|stopp?|halt|moment"
    r"|warten?|später|morgen|\w{3,7}tags?|mittwochs?|but|not|no|without|only|if|unless|until|wait"
    r"|stop|first|don't|please|except)\b|\b\d{1,2}\.\d{1,2}\.(?:\d{2,4})?(?!\S)",
    re.IGNORECASE,
)
# What an answer is made of, what is done to it, and who must agree: no name begins so.
_CHANGES = re.compile(
    r"\b(?:streich|gestrichen|kürz|gekürzt|(?:um|ab)?änder|geändert|\w{0,5}formulier|weg(?:lassen|nehmen)?\b"
    r"|raus(?:nehmen|lassen)?\b|fehl|falsch|verkehrt|korrekt|korrig|ergänz|entfern|entfällt|lösch"
    r"|absprache|anonym|schwärz|abwart|zurück|rück(?:sprache|frage|ruf)|vorbehalt|zustimm|zugestimmt|freigabe"
    r"|genehmigung\b|verschieb|verschoben|prüf(?:en|t|ung)?\b|klär(?:en|t|ung)?\b|klärung|anruf|nach(?:frage|bessern|trag)"
    r"|gemeint|ander\w{1,2}\b|verteiler|kopie|cc\b|entwurf|frist|betrag|beträge|ab(?:satz|sätze)"
    r"|satz\b|sätze|zeile|seite|punkt\b|preis|gebühr|anrede|betreff|anlage|anhang|anhänge"
    r"|(?:firmen|nach|vor)?namen?\b|hausnummer|durchwahl|ausnahme|auflage|bedingung|voraussetz"
    r"|unter\b|gegen\b|trotz\b|solange|bis\b|dass\b|sonst|vergess|irrtum|irrtümlich|abgelehnt"
    r"|versand\b|versenden|verschicken|(?:zu)?senden|schicken|nimm\b|mach\b|lass\b|schreib"
    r"|eilt|termin|wichtig|achtung|nachtrag|p\.? ?s\b|pps\b|n\.? ?b\b"
    r"|delete|remov|skip|chang|correct|fix\b|wrong|hold|drop|omit|add\b|leave\b|replac|edit\b"
    r"|paragraph|attach|sentence|price|fee\b|cancel|later|after\b|before|missing|send|subject)\w*",
    re.IGNORECASE,
)
# "Danke und den Namen streichen", "Den Absender nennen"
_DEMANDS = re.compile(
    r"(?:^|[,.!]|\bund) ?(?:[Dd](?:en|ie|as|em|er)|[Aa]lle)\b.{0,80}\b[a-zäöüß]{2,20}en\W{0,3}$"
)
# no motto of a house speaks of them
_CONCERNS = re.compile(
    r"\b(?:herrn?|frau|firma|ob|chef\w{0,2}|dezernent\w{0,2}|kolleg\w{1,5}|antwort|vorgang|ticket"
    r"|ein(?:wand|wänd)\w{0,2}|bedenken|intern\w{0,2}|ruft|meldet|melde|betr\.?|betrifft|stimmt"
    r"|fragt|wartet|unklar|offen|strittig|halle|bauantrag|auskunft|unvollständig"
    r"|\w{0,20}(?:amt|aufsicht|dezernat))\b|\?",
    re.IGNORECASE,
)


def limit_in(words: str) -> str:
    """Quote the first word that takes an order back, puts it off or limits it, "" for none."""
    found = _LIMITS_ORDER.search(words)
    return found[0] if found else ""


def concerns(words: str) -> bool:
    """Tell whether words speak of a person or a matter, which a motto does not."""
    return bool(_CONCERNS.search(words))


def warns(words: str) -> bool:
    """Tell whether words hold a limit, a change or a demand."""
    return bool(_LIMITS.search(words)) or changes(words) or demands(words)


def changes(words: str) -> bool:
    """Tell whether words speak of what an answer is made of, or of what is done to it."""
    return bool(_CHANGES.search(words))


def demands(words: str) -> bool:
    """Tell whether words say what is to be done with something: "Den Namen nennen"."""
    return bool(_DEMANDS.search(words))
