"""What absence notes say, one row per language. Adding a language is adding a row and a test.

Every field holds regular expressions without line ends; case does not matter.
"""

import re
from dataclasses import dataclass

__all__ = ["WORDINGS", "Wording", "phrases"]


@dataclass(frozen=True, slots=True)
class Wording:
    """One language's wording of absence notes."""

    code: str
    subjects: tuple[str, ...] = ()
    """How a machine's subject begins."""
    away: tuple[str, ...] = ()
    """That the writer is away; said in a note, its other meanings need not be feared."""
    absent: tuple[str, ...] = ()
    """That the writer is away, where nothing else says that it is a note: persons write "I will
    call you back" and "the road is closed"."""
    stock: tuple[str, ...] = ()
    """Sentences only a note has: thanks for the message, whom to ask, what becomes of the mail."""
    personal: tuple[str, ...] = ()
    """What only a person says beside being away: an answer, a question, an arrangement."""
    courtesy: tuple[str, ...] = ()
    """How greetings and closings begin."""
    until: tuple[str, ...] = ()
    """Right before the last day absent."""
    until_after: tuple[str, ...] = ()
    """Right behind it."""
    since: tuple[str, ...] = ()
    """Right before the day of return."""
    since_after: tuple[str, ...] = ()
    """Right behind it."""
    again: tuple[str, ...] = ()
    """In the same sentence as the day of return."""
    on: tuple[str, ...] = ()
    """Right before a single day."""
    today: tuple[str, ...] = ()
    deputy: tuple[str, ...] = ()
    """Before the deputy's address."""


WORDINGS = (
    Wording(
        "de",
        subjects=(
            r"automatische (?:antwort|rückantwort|rückmeldung)",
            r"abwesend\b|abwesenheits\w{3,15}|abwesenheit:",
            r"nicht im (?:büro|haus|hause|dienst)\b",
            r"(?:außer|ausser) haus",
            r"(?:im )?(?:urlaub|elternzeit)\s?(?::|$)",
            r"[^:?]{3,80}\sist (?:außer haus|abwesend|nicht im (?:büro|haus))\b",  # Notes
        ),
        away=(
            r"nicht (?:im|in meinem|am|in der|in unserem) (?:büro|hause?|dienst|amt|arbeitsplatz)",
            r"nicht (?:im|in meinem|am|in der|in unserem) (?:dienststelle|rathaus|dienstgebäude)",
            r"(?:nicht|nur eingeschränkt|schlecht|erst) (?:zu )?(?:erreichbar|erreichen)",
            r"nicht (?:vor ort|da|anwesend|zugegen|verfügbar|besetzt|gelesen)\b",
            r"(?:außer|ausser) haus",
            r"abwesen",
            r"(?:im|in|auf) (?:\w{0,12}\s)?(?:urlaub|elternzeit|mutterschutz|dienstreise)",
            r"(?:im|in|auf) (?:\w{0,12}\s)?(?:fortbildung|kur|reha|\w{4,10}urlaub)\b",
            r"\burlaub\b|urlaubsbedingt|krankheitsbedingt|betriebsferien|dienstfrei",
            r"erkrankt|krank\b|geschlossen|zurück\b|rückkehr",
            r"wieder (?:persönlich )?(?:für sie )?(?:da|im|zu|erreich|zurück|am|für|ab)",
            r"wieder (?:\w{1,12} ){1,2}zur verfügung|keinen (?:regelmäßigen )?zugriff auf",
        ),
        absent=(
            r"nicht (?:im|in meinem|am|in der|in unserem) (?:büro|hause?|dienst|amt|arbeitsplatz)",
            r"nicht (?:im|in meinem|am|in der|in unserem) (?:dienststelle|rathaus|dienstgebäude)",
            (
                r"\b(?:ich|wir|mich|uns)\b[^.!?]{0,80}(?:nicht|eingeschränkt|schlecht|erst)"
                r" (?:zu )?(?:erreichbar|erreichen)"
            ),
            r"\b(?:ich|wir)\b[^.!?]{0,80}nicht (?:vor ort|da|anwesend|zugegen|verfügbar)\b",
            r"\b(?:postfach|mails?|nachrichten)\b[^.!?]{0,60}nicht gelesen",
            r"(?:außer|ausser) haus|abwesend|abwesenheit",
            r"(?:im|in|auf) (?:\w{0,12}\s)?(?:urlaub|elternzeit|mutterschutz|dienstreise)",
            r"(?:im|in|auf) (?:\w{0,12}\s)?(?:fortbildung|kur|reha|\w{4,10}urlaub)\b",
            r"habe[^.!?]{0,40} urlaub\b|urlaubsbedingt|krankheitsbedingt|betriebsferien|erkrankt",
            (
                r"\b(?:büro|amt|rathaus|betrieb|praxis|kanzlei|geschäftsstelle|verwaltung|wir)\b"
                r"[^!?]{0,60}geschlossen"
            ),
            (
                r"\b(?:ich|wir|mich|uns)\b[^!?]{0,80}\bwieder (?:persönlich )?"
                r"(?:erreich|für sie|im|zu erreich|da\b)"
            ),
            r"\bstehen? (?:ich|wir)\b[^.!?]{0,60} wieder (?:\w{1,12} ){0,2}zur verfügung",
            r"\b(?:ich|wir) stehen?\b[^.!?]{0,60} wieder (?:\w{1,12} ){0,2}zur verfügung",
            r"\bkeinen (?:regelmäßigen )?zugriff auf (?:mein|meine) (?:e-?mails|mails|postfach)",
        ),
        stock=(
            r"dank(?:e)? für ihre (?:nachricht|e-?mail|mail|mitteilung|anfrage)",
            r"ihre (?:nachricht|e-?mail|mail)s? (?:wird|werden|wurde)\b",
            r"nicht (?:automatisch )?(?:weitergeleitet|gelesen|bearbeitet)",
            r"in dringenden (?:fällen|angelegenheiten)|bei dringend|wenden sie sich",
            r"in meiner (?:abwesenheit|vertretung)|vertretung|vertreten durch",
            r"automatisch (?:erstellt|generiert|versand)",
            r"wieder (?:persönlich )?(?:erreichbar|für sie da|im büro|im dienst|im hause?)",
            r"\bwieder (?:\w{1,12} ){0,2}zur verfügung",
            r"\bbitten? um (?:ihr |etwas )?(?:verständnis|geduld)",
            r"keine weiterleitung|weiterleitung (?:ihrer|der|dieser|erfolgt|findet)",
            r"keinen (?:regelmäßigen )?zugriff auf|unregelmäßig (?:gelesen|abgerufen)",
            r"(?:rückmeldung|beantwortung|antwort|bearbeitung)[^.!?]{0,40}verzöger",
            r"schnellstmöglich|nach meiner rückkehr|sobald ich (?:wieder|zurück)",
            r"melde mich (?:dann|danach|nach)",
        ),
        personal=(
            r"\baber\b|\beigentlich\b|\btrotzdem\b|\bkurz (?:von unterwegs|aus dem)",
            r"\bhier (?:kurz|schon|vorab)|\bkönnen wir\b|\bschlagen? (?:ich|wir)? ?vor\b",
            r"\bkönnten sie\b|\bbevor ich\b|\bvorher\b|\bim anhang|\banbei\b",
            r"\bzu (?:ihrer )?frage|\bder antrag (?:ist|liegt|wurde)|\bbitte (?:planen|ändern)",
            r"\b(?:ja|nein|genehmigt|zulässig|erteilt|abgelehnt|einverstanden)\b",
            r"\bkeine (?:bedenken|einwände|einwendungen)\b",
            r"\bin vertretung (?:von|für)\b",
            r"\bin (?:ihrer|seiner|deren|dessen) vertretung (?:teile|darf)",
            r"(?:^|[.,!:]\s)bin\b",
            r"\b(?:rufe|schicke|sende|bringe|prüfe|kläre|frage|rufen sie mich dann|mich dann an)\b",
        ),
        courtesy=(
            r"sehr geehrte|guten tag|hallo|lieber?\b|moin|danke|vielen dank",
            r"mit (?:freundlich|best)|(?:freundliche|viele|beste|schöne) grüße",
            r"gruß|mfg|vg\b|i\. ?a\.",
        ),
        until=(
            (
                r"\bbis(?: (?:und mit|einschl(?:ießlich|iesslich|\.)?|inkl(?:usive|\.)?|incl\.?"
                r"|zum?|voraussichtlich|mindestens)){0,3}(?: den| dem)?"
                r"(?: kommenden| nächsten| diesen)?"
            ),
            r"\bzwischen\b.{3,40}\bund(?: dem)?",
            r"\berst (?:wieder )?nach dem",
            r"\b(?:urlaub|abwesenheit|elternzeit) endet(?: voraussichtlich)?(?: am)?",
            (
                r"\bletzter (?:urlaubs|ferien|abwesenheits|kranken)tag(?: ist)?"
                r"(?: voraussichtlich)?:?(?: der)?"
            ),
        ),
        until_after=(r"\(?(?:einschließlich|inklusive|einschl\.|inkl\.)",),
        since=(
            (
                r"\b(?:ab|am|zum|seit|wieder|zurück|erst)(?: (?:wieder|ab|am)){0,2}"
                r"(?: dem| den| der)?"
                r"(?: kommenden| nächsten)?"
            ),
            r"\brückkehr(?: ist)?:?(?: am)?",
            r"\bwieder (?:erreichbar|da|anwesend|zurück|(?:im|am) \w{2,12})(?: ab| am)?",
            r"\b(?:erster|nächster) (?:arbeits|dienst)tag(?: ist)?(?: wieder)?:?(?: der)?",
        ),
        since_after=(r",?\s?(?:bin|sind|stehe|stehen) (?:ich|wir)\b[^.!?]{0,40}\bwieder\b",),
        again=(
            r"\bwieder\b|\bzurück(?:kehren?|kommen?|sein)?\b|\brückkehr\b",
            r"\berreich(?:bar|en sie mich) ab\b|\berst (?:ab|am)\b",
            r"\b(?:erster|nächster) (?:arbeits|dienst)tag\b",
        ),
        on=(r"\b(?:am|und|in)(?: den| der)?",),
        today=(r"\bheute\b|\bam heutigen\b|\bdiese woche\b|\bin dieser woche\b|\bnächste woche\b",),
        deputy=(
            r"vertret|dringend|wenden|schreiben sie|kontakt|weiterhelfen|zuständig|anlaufstelle",
            r"übernimmt|kolleg",
        ),
    ),
    Wording(
        "en",
        subjects=(
            r"out[ -]of[ -](?:the[ -])?office|ooo\b|auto(?:matic|mated)?[- ]?(?:reply|response)",
            r"away from (?:my )?(?:mail|office|desk)|on (?:\w{1,9} )?(?:leave|vacation|holiday)",
            r"[^:?]{3,80}\sis out of (?:the )?office\b",
            r"i am (?:currently )?(?:out|away)|vacation (?:reply|response|notice)|autoresponder",
        ),
        away=(
            r"out of (?:the )?office|\bclosed\b|not (?:in|at) (?:the |my )?(?:office|work|desk)",
            r"on (?:\w{1,9} )?(?:leave|vacation|holiday|trip|travel)|away (?:from|until|till|on)",
            r"(?:not |un)available|limited access|office (?:is|will be) closed",
            r"\bback\b|return(?:ing)? (?:on|to)|out until|\bof (?:my )?(?:leave|vacation)\b",
            r"\bpto\b|\bout (?:sick|today|this week)\b",
        ),
        absent=(
            r"out of (?:the )?office|\bi(?:'m| am)\b[^.!?]{0,40}\baway\b|limited access",
            r"\b(?:i|we)\b[^.!?]{0,60}not (?:in|at) (?:the |my )?(?:office|work|desk)",
            r"\b(?:i|we)\b[^.!?]{0,60}(?:not |un)available|\bout until|\bpto\b",
            r"on (?:\w{1,9} )?(?:leave|vacation|holiday)",
            r"\b(?:offices?|we)\b[^.!?]{0,60}\bclosed\b",
            r"\b(?:i|we)\b[^.!?]{0,60}\bbe back\b|\b(?:i|we)\b[^.!?]{0,60}\breturning on",
        ),
        stock=(
            r"thank(?:s| you) for your (?:e-?mail|message|mail|note)",
            r"urgent (?:matters|cases|issues|requests|e?i?nquiries)|\bis urgent",
            r"in (?:my|his|her) absence|please contact|will (?:reply|respond|get back|answer)",
            r"not be forwarded|upon my return|when i (?:return|get back|am back)",
        ),
        personal=(
            r"\bbut\b|\bbefore (?:that|then|i leave)|\b(?:could|can) (?:you|we)\b|\battached\b",
            r"\bquick answer\b",
        ),
        courtesy=(r"dear|hello|hi\b|thank|(?:kind |best )?regards|sincerely",),
        until=(
            (
                r"(?<!return )(?<!be back )\b(?:until|till|til|through|thru|up to)"
                r"(?: and including| at least| about){0,2}(?: the)?"
            ),
            r"\bfrom\b.{3,30}\bto(?: the)?",
            r"\bbetween\b.{3,30}\band(?: the)?",
            r"\blast day (?:of (?:my )?)?(?:leave|absence|vacation|holidays?)(?: is|:)(?: on)?",
        ),
        until_after=(r"\(?inclusive",),
        since=(
            (
                r"\b(?:from|on|as of|starting|return(?:ing)?|back)(?: to (?:the )?(?:office|work))?"
                r"(?: on)?(?: the)?"
            ),
            r"\b(?:return|back) (?:until|till)(?: the)?",  # "will not return until", Notes
        ),
        again=(r"\bback\b|\breturn|\bagain\b|\bresume|\breopen",),
        on=(r"\b(?:on|and)(?: the)?",),
        today=(r"\btoday\b|\b(?:this|next) week\b",),
        deputy=(r"urgent|contact|absence|deputy|colleague|reach out",),
    ),
    Wording(
        "nl",
        subjects=(r"automatisch(?:e)? (?:antwoord|reactie)|afwezig\w{0,10}|niet aanwezig",),
        away=(
            r"niet (?:aanwezig|op kantoor|bereikbaar|beschikbaar)|afwezig|op vakantie",
            r"met (?:vakantie|verlof)|\bgesloten\b|weer (?:terug|aanwezig|bereikbaar)",
        ),
        absent=(
            r"\b(?:ik|wij|we)\b[^.!?]{0,60}niet (?:aanwezig|op kantoor|bereikbaar|beschikbaar)",
            r"afwezig|op vakantie|met (?:vakantie|verlof)|\bkantoor\b[^.!?]{0,60}gesloten",
        ),
        stock=(
            r"bedankt voor (?:uw|je)|(?:voor|bij) dringende|neem contact op|contact opnemen",
            r"tijdens mijn afwezigheid",
        ),
        personal=(r"\bmaar\b",),
        courtesy=(r"beste|geachte|met vriendelijke|groet",),
        until=(r"\bt/m|\btot(?: en met)?", r"\btussen\b.{3,30}\ben"),
        since=(r"\b(?:vanaf|op|terug op)",),
        since_after=(r",?\s?(?:ben|zijn) (?:ik|wij|we)\b[^.!?]{0,30}\b(?:weer|terug)\b",),
        again=(r"\bweer\b|\bterug\b",),
        on=(r"\bop",),
        today=(r"\bvandaag\b|\bdeze week\b",),
        deputy=(r"dringende|contact|afwezigheid|vervanger",),
    ),
    Wording(
        "tr",
        subjects=(r"otomatik (?:yanıt|cevap)|ofis dışı\w{0,4}|izindeyim",),
        away=(
            r"ofiste (?:değil|olmayaca)|ofis dışında|izinde|izinli|yıllık izin|tatilde",
            r"müsait değil|kapalı(?:dır|yız)",
        ),
        absent=(
            r"ofiste (?:değil|olmayaca)|ofis dışında|izindeyi|izinliyi|izinde olaca|yıllık izinde",
            r"tatildeyi|müsait değilim|ofisimiz[^.!?]{0,60}kapalı",
        ),
        stock=(r"(?:mesaj|e-?posta)\w{0,4} için|acil (?:durum|konu)|iletişime geç",),
        personal=(r"\bama\b|\bfakat\b",),
        courtesy=(r"merhaba|sayın|saygıl|iyi çalışmalar",),
        until_after=(
            r"['’]?\w{0,4}\s?(?:tarihine |günü |gününe )?(?:kadar|dek)\b",
            r"\s?(?:tarihleri |günleri )?arasında\b",
        ),
        since_after=(
            r"['’]?(?:da|de|ta|te|den|dan|ten|tan|nde|nda)\b",
            (
                r"\s?(?:(?:pazartesi|salı|çarşamba|perşembe|cuma|cumartesi|pazar) )?"
                r"(?:günü|tarihinde|tarihinden|itibar[iı]yla|itibaren)\b"
            ),
        ),
        again=(r"\btekrar\b|\bdön|\bgeri\b|\bofiste olaca|\bişbaşı|\biş başı",),
        today=(r"\bbugün\b|\bbu hafta\b",),
        deputy=(r"acil|iletişim|vekil",),
    ),
    Wording(
        "fr",
        subjects=(r"réponse automatique|message d['’]absence|absente?\b|absence\b",),
        away=(
            r"absente?s?\b|en (?:congés?|vacances|déplacement)|de retour",
            r"pas (?:au bureau|joignable|disponible)|\bfermée?s?\b",
        ),
        absent=(
            r"\b(?:je|nous)\b[^.!?]{0,40}\babsente?s?\b|en (?:congés?|vacances|déplacement)",
            r"\b(?:je|nous)\b[^.!?]{0,60}(?:de retour|pas (?:au bureau|joignable|disponible))",
            r"\bbureaux?\b[^.!?]{0,60}\bferm",
        ),
        stock=(
            r"merci (?:pour|de) votre|en cas d['’]urgence|pour toute urgence|pendant mon absence",
            r"veuillez (?:contacter|vous adresser)",
        ),
        personal=(r"\bmais\b|\bci-joint",),
        courtesy=(r"bonjour|madame|monsieur|cordialement|bien à vous",),
        until=(r"\bjusqu['’](?:au|à la|à|en)(?: le)?", r"\bau", r"\bentre le\b.{3,30}\bet(?: le)?"),
        until_after=(r"\(?inclus",),
        since=(r"\b(?:le|dès le|à partir du|(?:de )?retour(?: le)?)",),
        again=(r"\bretour\b|\brevien|\breprend",),
        on=(r"\b(?:le|et)",),
        today=(r"\baujourd['’]hui\b|\bcette semaine\b",),
        deputy=(r"urgence|contact|adresser|remplac",),
    ),
    Wording(
        "pl",
        subjects=(r"odpowiedź automatyczna|automatyczna odpowiedź|poza biurem|nieobecno\w{0,4}",),
        away=(
            r"nieobecn(?:y|a|i|e)\b|mojej nieobecności|poza biurem",
            r"na urlopie|urlopu|nie ma mnie|jestem na|przebywam na",
            r"niedostępn|zamknięt",
        ),
        absent=(
            r"nieobecn(?:y|a|i|e)\b|mojej nieobecności|poza biurem|na urlopie|nie ma mnie",
            r"\bbiuro\b[^.!?]{0,60}zamknięt",
        ),
        stock=(
            r"dziękuję za (?:wiadomość|kontakt|maila)|w pilnych sprawach|w sprawach pilnych",
            r"proszę o kontakt|w czasie mojej nieobecności",
        ),
        personal=(r"\bale\b",),
        courtesy=(r"dzień dobry|szanown|pozdrawiam|z poważaniem",),
        until=(r"\bdo(?: dnia)?", r"\b(?:po)?między\b.{3,30}\ba"),
        until_after=(r"\(?włącznie",),
        since=(r"\b(?:od|dnia|(?:wracam|wrócę)(?: do (?:biura|pracy))?)(?: dnia| we?)?",),
        again=(r"\bponownie\b|\bz powrotem\b|\bwracam\b|\bwrócę\b|\bbędę\b",),
        on=(r"\b(?:w dniu|i)",),
        today=(r"\bdzi(?:ś|siaj)\b|\bw tym tygodniu\b",),
        deputy=(r"pilnych|kontakt|nieobecności|zastęp",),
    ),
    Wording(
        "it/es/sv",
        subjects=(r"risposta automatica|respuesta automática|autosvar|automatis[kt]t? svar",),
        away=(r"fuori (?:ufficio|sede)|fuera de la oficina|de vacaciones|in ferie|semester",),
        absent=(r"fuori (?:ufficio|sede)|fuera de la oficina|de vacaciones|in ferie|semester",),
        until=(r"\bfino al?", r"\bhasta el", r"\bt\.?o\.?m\.?"),
        since=(r"\b(?:dal|el|från|den)",),
        again=(r"\brientro|\bde vuelta|\btillbaka",),
    ),
)


def phrases(
    field: str, *, before: str = "", after: str = "", also: tuple[str, ...] = ()
) -> re.Pattern[str]:
    """Compile one field of all rows, with what stands before and after any of its phrases."""
    rows = [phrase for row in WORDINGS for phrase in getattr(row, field) if phrase]
    return re.compile(f"{before}(?:{'|'.join([*rows, *also])}){after}", re.IGNORECASE)
