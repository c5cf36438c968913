"""What hangs under an author's text: signatures, mobile tails, disclaimers, list footers."""

import re
from collections.abc import Callable, Iterable, Sequence

from mailflow.core.letter import GREETINGS, greeting_words, greets
from mailflow.core.signatures import begins_condition, below_name, says_something
from mailflow.reading.quotes.languages import LANGUAGES
from mailflow.reading.quotes.lines import Line, Sentinel
from mailflow.reading.quotes.starts import is_rule

__all__ = ["asks_to_look_below", "is_closing", "is_greeting", "without_tail"]

_MAX_SIGNATURE = 20
_MAX_ADDRESS = 32
_MAX_NAME_LINES = 4
_MAX_SHORT = 90
_MAX_TAIL_LINE = 160
_CONTACT_WORDS = 7
_REACHED = "Telefon 1"  # whatever a line says of how somebody is reached
_MAX_NOTICE = 400
_MAX_NOTICE_BELOW = 700
# A tail is looked for in so many last lines, and taken off in so many steps.
_MAX_TAIL = 120
_MAX_CUTS = 12


def _words(field: str) -> list[str]:
    return [word for language in LANGUAGES for word in getattr(language, field)]


def _pattern(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _device(template: str) -> str:
    """Turn a row's ``gesendet von meinem *`` into a pattern; ``*`` is one to six words."""
    words = r"(?:[^\s,;.!?]|\.(?=\w)){1,40}(?:\s[^\s,;!?]{1,40}){0,5}"
    return re.escape(template).replace(r"\*", words).replace(r"\ ", r"\s{1,3}")


_SENT_FROM = re.compile(
    r"[\[(<*_-]{0,3}\s?(?:"
    + "|".join(_device(t) for t in sorted(_words("sent_from"), key=len, reverse=True))
    + r")\s?[\])>*_.-]{0,3}",
    re.IGNORECASE,
)
# Outlook's own line holds a link: Outlook für iOS<https://aka.ms/x> herunterladen.
_LINK = re.compile(r"\s?[<(\[]\s?https?://[^\s<>()\[\]]{1,500}\s?[>)\]]")
# "Sent from my desk, is much easier than ..." is a sentence: a device is not a place or a verb.
_NO_DEVICE = re.compile(
    r"\b(?:is|are|was|desk|ist|sind|und|and|haben|nicht|bitte|frau|herrn?|amt|kolleg\w{1,4}"
    r"|\w{0,20}post|fax|bote|boten)\b|:\s",
    re.IGNORECASE,
)
_PRODUCT = re.compile(
    r"\b(?:iphone|ipad|outlook|proton ?mail|k-9|thunderbird|android|galaxy|samsung|huawei|gmx"
    r"|web\.de|blackberry|yahoo|bluemail|windows)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-ZÄÖÜ][\w.'-]{0,30}(?:\s[A-ZÄÖÜ][\w.'-]{0,30}){0,3}")
_DASHES = re.compile(r"(?:-{2,3}|—|–|_{2,3})\s?")
_CLOSING = re.compile(
    rf"(?:{_pattern(_words('closings'))})(?:\s(?:aus|from|und|and|nach|uit)\s.{{1,60}})?\s?[,.!]?",
    re.IGNORECASE,
)
_CLOSING_WITH_NAME = re.compile(
    rf"(?:{_pattern(w for w in _words('closings') if len(w) > 1)})[,.]?\s\S.{{0,40}}", re.IGNORECASE
)
_ON_BEHALF = re.compile(
    r"(?:im auftrag|in vertretung|i\.\s?[av]\.|ppa\.?"
    r"|gez\.?).{0,60}",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"@|https?://|\bwww\.|\b(?:tel|telefon|phone|fon|fax|mobil|mobile|handy|durchwahl|tel\.:)\b"
    r"|\+\d{2}|\b0\d{2,5}[\s/-]\d|\b(?:d-)?\d{5}\s[A-ZÄÖÜ]|\bzimmer\b|\bhrb\b|\bust-?id"
    r"|(?:straße|strasse|str\.|platz|allee|weg)\s\d|geschäftsführ|amtsgericht|servicezeiten"
    r"|öffnungszeiten|sprechzeiten|handelsregister|registergericht|der oberbürgermeister"
    r"|die oberbürgermeisterin|postfach|\b[tmf]:\s",
    re.IGNORECASE,
)
_KEPT_AFTER_CLOSING = re.compile(
    r"(?:p\.?\s?s\b|ps:|nb\b|n\.b\.|anlagen?\b|anhang\b|nachtrag|hinweis\b|anbei|attachment"
    r"|verteiler"
    r"|nur intern|intern\b)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[a-zäöüß]{3}[.!?:]$|\?$")
_SENTENCE_WORDS = 4
_MAIL_WORD = re.compile(
    r"\b(?:e-?mail|email|mail|nachricht|message|messaggio|bericht|wiadomość|e-?posta|mesaj"
    r"|courriel"
    r"|communication|correo|mensaje|bestanden|attachments?|anhänge)\b",
    re.IGNORECASE,
)
_SECRET_WORD = re.compile(
    r"vertraulich|geschützt|privilegiert|confidential|privileged|vertrouwelijk|poufn|gizli"
    r"|riservat"
    r"|confidentiel|confidencial|urheberrechtlich|legally protected|proprietary",
    re.IGNORECASE,
)
_STRANGER_WORD = re.compile(
    r"irrtümlich|irrtum|adressat|empfänger|vernichten|unbefugt|intended|recipient|in error"
    r"|mistake|unauthori[sz]ed|disclos|geadresseerde|ontvang|adresat|alıcı|destinat|errore|erreur"
    r"|weitergabe|löschen sie|delete",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"(?:bitte )?(?:denken sie an die umwelt|der umwelt zuliebe|prüfen sie.{0,40}umwelt)"
    r"|schont die umwelt|please consider the environment|before printing|denk aan het milieu"
    r"|(?:virenfrei|virus-?free)\.|auf viren (?:über)?geprüft|checked (?:for viruses|by (?:avast"
    r"|avg))"
    r"|scanned (?:for viruses|by)|avast\.com|pensez à l['’]environnement"
    r"|(?:muss|müssen|sollte|ob) (?:sie )?diese (?:e-?)?mail (?:wirklich |tatsächlich )?"
    r"(?:aus)?(?:ge)?druck|think before (?:you print|printing)|moet u deze e-?mail",
    re.IGNORECASE,
)
# What a city or a company has written under every mail; above a closing it may be the answer.
_NOTICE_BELOW_CLOSING = re.compile(
    r"informationen zum datenschutz|datenschutzhinweise?\b|datenschutzerklärung"
    r"|personenbezogene[rn]? daten|\bds-?gvo\b|\bgdpr\b|privacy (?:policy|notice|statement)"
    r"|elektronisch signiert|verschlüsselte (?:dokumente|e-?mails|nachrichten)|de-mail"
    r"|haftungsausschluss|rechtsverbindlich|rechtlich (?:nicht )?verbindlich|disclaimer"
    r"|wirklich (?:aus)?gedruckt|(?:folgen|besuchen) sie uns|follow us",
    re.IGNORECASE,
)
# Without a closing above, a paragraph is a disclaimer only if it speaks to whom it went astray.
_ASTRAY = re.compile(
    r"irrtümlich|irrtum|versehentlich|(?:sind|sollten|wenn|falls) sie (?:diese\b.{0,40})?nicht"
    r"|nicht (?:der|die|für sie) |if you (?:are not|have received|received)|not (?:the|an) "
    r"|intended|in error|mistake|unauthori[sz]ed|unbefugt|adressaten|geadresseerde|onterecht"
    r"|ten onrechte|par erreur|por error|errore|yanlışlıkla|omyłk|jeśli nie|adresata",
    re.IGNORECASE,
)
_LIST_FOOTER = re.compile(
    r"mailing list|mailman/listinfo|listinfo|unsubscribe|you are receiving this|you received this"
    r"|reply to this email directly|view it on github|abmelden|google groups|austragen",
    re.IGNORECASE,
)
# Wider than ``greets``: a quoted letter may be in any language, and nothing is dropped by it.
_SALUTATION = re.compile(
    rf"{greeting_words(*GREETINGS)}(?:\s[^.!?:;]{{0,80}})?[,.!]?", re.IGNORECASE
)
_BELOW = re.compile(rf"(?<!\w)(?:{_pattern(_words('below'))})(?!\w)", re.IGNORECASE)


def is_greeting(text: str) -> bool:
    """Tell whether a line only greets, as a letter begins; a lone "Hello" may be all there is."""
    is_address = text.endswith((",", "!")) or " " in text
    return is_address and (greets(text) or bool(_SALUTATION.fullmatch(text)))


def is_closing(text: str) -> bool:
    """Tell whether a line is a letter's closing."""
    return len(text) <= _MAX_SHORT and bool(_CLOSING.fullmatch(text))


def asks_to_look_below(text: str) -> bool:
    """Tell whether an author says that the answers stand under or inside what is quoted."""
    return bool(_BELOW.search(text))


def without_tail(lines: Sequence[Line]) -> list[Line]:
    """Take off what hangs under a text; the closing and the author's name stay.

    Everything that might be the author's own words stays: only what is recognised goes, and never
    all of it.
    """
    text = _stripped(lines)
    head, kept = text[:-_MAX_TAIL], text[-_MAX_TAIL:]
    for _ in range(_MAX_CUTS):
        shorter = kept
        for cut in _CUTS:
            shorter = _stripped(cut(shorter))
        if not (shorter or head) or len(shorter) == len(kept):
            break
        kept = shorter
    return _stripped([*head, *kept])


def _stripped(lines: Sequence[Line]) -> list[Line]:
    """Drop blank lines at both ends."""
    first, last = 0, len(lines)
    while first < last and not lines[first].raw.strip():
        first += 1
    while last > first and not lines[last - 1].raw.strip():
        last -= 1
    return list(lines[first:last])


def _last_paragraph(lines: Sequence[Line]) -> int:
    at = len(lines)
    while at and lines[at - 1].raw.strip():
        at -= 1
    return at


def _cut_rule(lines: list[Line]) -> list[Line]:
    """Drop rules at the very end."""
    end = len(lines)
    while end and (is_rule(lines[end - 1]) or not lines[end - 1].raw.strip()):
        end -= 1
    return lines[:end]


def _cut_sent_from(lines: list[Line]) -> list[Line]:
    """Drop "Von meinem iPhone gesendet" and its kind, also with the dashes above it.

    Such a line stands by itself; within a paragraph the same words are the author's.
    """
    if not lines:
        return lines
    text, end = _LINK.sub("", lines[-1].text[:600]).strip(), len(lines) - 1
    if len(text) > _MAX_TAIL_LINE or not _SENT_FROM.fullmatch(text) or _NO_DEVICE.search(text):
        return lines
    if end and _DASHES.fullmatch(lines[end - 1].text):
        return lines[: end - 1]
    above = lines[end - 1] if end else None
    if above is None or above.is_blank or is_rule(above) or _NAME.fullmatch(above.text):
        return lines[:end]
    if _PRODUCT.search(text) and text[0].isupper() and above.text.endswith((".", "!", "?")):
        return lines[:end]  # HTML has no blank lines
    closing = _closing(lines)
    is_near = closing is not None and end - closing <= _MAX_NAME_LINES
    return lines[:end] if is_near else lines


def _cut_disclaimer(lines: list[Line]) -> list[Line]:
    """Drop a last paragraph that speaks of the mail, of secrets and of wrong recipients."""
    at = _last_paragraph(lines)
    text = " ".join(line.raw for line in lines[at:])[:4000]
    closed = _closed(lines[:at])
    is_disclaimer = all(
        pattern.search(text) for pattern in (_MAIL_WORD, _SECRET_WORD, _STRANGER_WORD)
    ) and (closed or _ASTRAY.search(text))
    is_notice = (len(text) < _MAX_NOTICE and _NOTICE.search(text)) or (
        closed and len(text) < _MAX_NOTICE_BELOW and _NOTICE_BELOW_CLOSING.search(text)
    )
    is_all = all(not line.raw.strip() or is_greeting(line.text) for line in lines[:at])
    return lines[:at] if (is_disclaimer or is_notice) and not is_all else lines


def _closed(lines: Sequence[Line]) -> bool:
    """Tell whether a letter has ended above: by a closing, or by the mark of a signature."""
    last = lines[-_MAX_SIGNATURE:]
    return _closing(lines) is not None or any(line.raw.strip() == "--" for line in last)


def _cut_list_footer(lines: list[Line]) -> list[Line]:
    """Drop what a list server writes under a rule."""
    for at in range(len(lines) - 1, max(-1, len(lines) - 8), -1):
        if is_rule(lines[at]) or lines[at].text in {"__", "—", "--"}:
            below = " ".join(line.text for line in lines[at + 1 :])
            return lines[:at] if _LIST_FOOTER.search(below) else lines
    return lines


def _cut_signature(lines: list[Line]) -> list[Line]:
    """Drop what stands under "-- " (RFC 3676 §4.3), if it is no longer than a signature is."""
    for at in range(len(lines) - 1, max(-1, len(lines) - _MAX_SIGNATURE - 1), -1):
        line = lines[at]
        if line.mark == Sentinel.SIGNATURE or line.raw.strip() in {"--", "—"}:
            below = [other for other in lines[at + 1 :] if other.text]
            if line.mark or (line.raw.startswith(("-- ", "--")) and _is_signature(below)):
                return lines[:at]
            return lines
    return lines


def _is_signature(lines: Sequence[Line]) -> bool:
    if any(_KEPT_AFTER_CLOSING.match(line.text) for line in lines):
        return False
    sentences = sum(_is_sentence(line.text) for line in lines)
    return sentences * 3 <= len(lines) or all(_is_contact(line) for line in lines)


def _is_sentence(text: str) -> bool:
    return len(text.split()) >= _SENTENCE_WORDS and bool(_SENTENCE_END.search(text[-20:]))


def _is_contact(line: Line) -> bool:
    return bool(_CONTACT.search(line.text))


def _cut_address(lines: list[Line]) -> list[Line]:
    """Drop the sender's address under closing and name, if it is nothing but one.

    What may be a limit or a remark amid it or below it stays, and so does the address with it.
    """
    closing = _closing(lines)
    if closing is None:
        return lines
    name_end = _name_end(lines, closing)
    below = [line for line in lines[name_end:] if line.raw.strip() and not is_rule(line)]
    contacts = sum(map(_is_contact, below))
    is_address = 0 < len(below) <= _MAX_ADDRESS and contacts * 4 >= len(below) and contacts
    if not is_address or any(map(_is_said, below)):
        return lines
    tail = [_REACHED if _is_contact(each) else each.text for each in lines[closing + 1 :]]
    is_limited = any(begins_condition(each.text) for each in below)
    return lines if is_limited or below_name(tail) else lines[:name_end]


def _is_said(line: Line) -> bool:
    """Tell whether a line under a closing is something its author says there, not his address."""
    text = line.text
    if _KEPT_AFTER_CLOSING.match(text) or not text or len(text) > _MAX_TAIL_LINE:
        return True
    if says_something(text):
        return True
    if _is_contact(line):
        return len(text.split()) > _CONTACT_WORDS and text.endswith((".", "!", "?"))
    begins_small = text[0].islower() and not _ON_BEHALF.fullmatch(text)
    return begins_small or len(text) > _MAX_SHORT or _is_sentence(text)


def _closing(lines: Sequence[Line]) -> int | None:
    for at in range(len(lines) - 1, max(-1, len(lines) - _MAX_ADDRESS - 8), -1):
        text = lines[at].text
        if len(text) <= _MAX_SHORT and (
            _CLOSING.fullmatch(text) or (len(text) < 60 and _CLOSING_WITH_NAME.fullmatch(text))  # noqa: PLR2004
        ):
            if _ON_BEHALF.fullmatch(text) and at and not _CLOSING.fullmatch(lines[at - 1].text):
                return at
            if not _ON_BEHALF.fullmatch(text):
                return at
    return None


def _name_end(lines: Sequence[Line], closing: int) -> int:
    """Find the end of the name under a closing: "Im Auftrag", a name, nothing that is contact."""
    at, names = closing + 1, 0
    while at < len(lines) and names < 1 and at - closing <= _MAX_NAME_LINES + 2:
        text = lines[at].text
        if text and _is_contact(lines[at]):
            break
        if text and not _ON_BEHALF.fullmatch(text):
            names += 1
        at += 1
    return at


_CUTS: tuple[Callable[[list[Line]], list[Line]], ...] = (
    _cut_rule,
    _cut_sent_from,
    _cut_disclaimer,
    _cut_list_footer,
    _cut_signature,
    _cut_address,
)
