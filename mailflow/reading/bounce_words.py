"""The words of mail systems that could not deliver: a row per system or language.

Adding a system is adding a row and a mail to ``tests/mail``.
"""

import re
from collections.abc import Iterable

__all__ = [
    "DAEMON",
    "DELAY_PHRASE",
    "DELAY_SUBJECT",
    "FAILURE_PHRASE",
    "FAILURE_SUBJECT",
    "FINAL_PHRASE",
    "INTRODUCTION",
    "OF_PERSONS",
    "ORIGINAL_FOLLOWS",
    "STILL_TRIED",
    "SUCCESS_PHRASE",
    "UNDELIVERED",
]


def _any(rows: Iterable[str], *, start: bool = False) -> re.Pattern[str]:
    joined = "|".join(rows)
    return re.compile(
        rf"^(?:{joined})" if start else rf"(?:{joined})", re.IGNORECASE | re.MULTILINE
    )


# Who writes such mails: whole local parts and display names. "Mail System GmbH" is a firm, and
# "postmaster-service" its department.
_END = r"(?=[+@(<>\\]|[ -]*$)"
DAEMON = _any(
    (
        rf"^mailer[-_. ]?daemon{_END}",
        rf"^poo?st_?master{_END}",  # and as misspelt in the wild
        rf"\bmail[-_. ]?deliver(?:y)?[-_. ]?(?:sub)?system{_END}",
        r"\bmail delivery (?:service|agent|failure)",
        r"^delivery subsystem",
        rf"^mdaemon{_END}",
        rf"^mail[-_. ]?(?:system|administrator|admin|daemon|gateway|server|router){_END}",
        rf"^system[-_. ]?administrator{_END}",
        r"^microsoft outlook$",  # Exchange: MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@
        r"^microsoftexchange[0-9a-f]{32}",
        r"^(?:e\d{3}_)?smtp_mail_service",
        r"\bndr administrator\b",
        r"^bounces?$",
        r"^double-bounce$",
    )
)

# Of those, addresses that persons write from as well.
OF_PERSONS = _any((r"poo?st_?master", r"mail[-_. ]?admin", r"system[-_. ]?admin"), start=True)

FAILURE_SUBJECT = _any(
    (
        # RFC 3464 reporters, Postfix, Sendmail, Exim, qmail, Yahoo
        r"undeliver(?:ed|able)\b",
        r"(?:\S{1,80} )?(?:mail )?delivery (?:has )?failed\b",
        (
            r"(?:\[[\w ]{1,30}\] )?(?:e-?mail |message "
            r"|mail )?delivery (?:status notification ?)?\(?(?:failure|failed|error|problem)"
        ),
        r"delivery status notification",
        r"(?:delivery )?failure (?:notice|delivery)",
        r"failure delivery",
        r"failed mail\b",
        r"returned (?:mail|to sender)",
        r"mail failed, returning",
        r"mail (?:system )?error",
        r"mail (?:could )?not (?:be )?deliver",
        r"mail could not be delivered",
        r"mail delivery (?:failure|problem|error)",
        r"message (?:delivery (?:has )?fail|undeliver|could not be delivered|not delivered)",
        r"message delivery failure",
        r"your message to \S{1,200} could not be delivered",
        r"non-?deliver(?:y|able)",
        r"permanent delivery failure",
        r"could not (?:send|deliver) (?:message|mail)",
        r"there was an error sending your mail",
        r"automatically rejected mail",
        r"warning: \S{1,200} - user unknown",
        r"processing error",
        r"user unknown|unknown user",
        r"nondeliverable mail",
        r"rejected:",
        r"\*{0,3}message you sent (?:was )?blocked",  # Barracuda
        r"your message couldn.t be delivered",
        # German: Exchange, Notes, GMX, WEB.DE, T-Online, Domino
        r"unzustellbar",
        r"(?:(?:ihre )?(?:nachricht|e-?mail|mail) )?(?:nicht zugestellt|nicht zustellbar)",
        r"(?:zustellung|übermittlung) (?:nicht möglich|fehlgeschlagen|gescheitert)",
        r"(?:empfänger|benutzer|adressat)\w{0,3} (?:unbekannt|nicht gefunden|existiert nicht)",
        r"unzustellbarkeits(?:bericht|meldung|nachricht)",
        (
            r"(?:ihre )?(?:e-?mail|mail|nachricht) (?:konnte|kann|wurde)"
            r" nicht (?:an \S{1,200} )?(?:zugestellt|ausgeliefert|übermittelt)"
        ),
        r"zustell(?:ungs?)?(?:fehler|benachrichtigung|bericht|status)",
        r"fehler (?:bei der|beim) (?:zustellung|mail|versand|e-?mail)",
        r"(?:mail|nachrichten)?zustellung fehlgeschlagen",
        r"benachrichtigung (?:über|zum) (?:den )?(?:zustell|übermittlungs)",
        r"übermittlungsstatus|übermittlungsfehler",
        # Dutch, French, Spanish, Italian, Portuguese, Polish, Turkish, Russian, Japanese, Chinese
        r"onbestelbaar|niet bezorgd|kan niet worden bezorgd",
        (
            r"(?:[^\n]{0,200}[ :])?non remis|non[- ]distribu|échec de (?:la )?remise"
            r"|message non remis|courrier non remis|remise impossible"
        ),
        r"utilisateur (?:inconnu|non recens)",
        r"no se puede entregar|no entregado|devuelto|mensaje no entregado",
        r"non recapitabile|mancato recapito",
        r"não entregue|não é possível entregar",
        r"niedostarczon|nie można dostarczyć|zwrot poczty",
        r"teslim edilemedi|iletilemedi",
        r"ваше сообщение не доставлено|недоставлен",
        r"メールエラー|メッセージを配信できません|配信不能",
        r"邮件传输失败|邮件发送失败|退信",
    ),
    start=True,
)

FAILURE_PHRASE = _any(
    (
        (
            r"(?:could|can|did|was|has|have|were|is|are)(?: ?not|n't)(?: been"
            r"| be)?(?: able)?(?: to)?(?: be)? (?:deliver|sent|reach|relay|forward)"
        ),
        r"undeliverable|undelivered",
        r"unable to (?:deliver|relay|send)",
        r"delivery (?:to the following|has failed|failed|failure|errors?|attempts? failed)",
        r"failed (?:permanently|delivery|recipient|to deliver)",
        r"permanent(?:ly)? (?:fatal )?(?:error|failure|failed)",
        r"fatal errors?\b",
        r"returned (?:mail|to (?:you|sender)|message)|returning (?:message|it|to sender)",
        (
            r"(?:user|recipient|mailbox|account|address)(?: \S{1,100})? (?:is "
            r"|was )?(?:unknown|not found|unavailable|disabled|invalid|inactive|suspended"
            r"|full|rejected|does(?: not|n't) exist|not listed|over quota|not exist)"
        ),
        (
            r"(?:unknown|no such|invalid|bad|illegal) (?:user|recipient|address|mailbox"
            r"|local|host|account|domain)"
        ),
        (
            r"(?:mailbox|quota)(?: is| has)? (?:full|exceeded)|over (?:its |their )?quota"
            r"|exceed(?:s|ed|ing)? (?:the |its )?(?:storage|quota|size|limit)"
        ),
        r"(?:doesn't|does not|don't) (?:exist|have an? (?:account|mailbox)|like recipient)",
        r"was rejected|has been rejected|rejected your message|not accepted|refused",
        r"returned mail|this message was created automatically by mail delivery software",
        r"i wasn't able to deliver|this is a permanent error",
        r"did not reach the following recipient|following recipient\(?s?\)? (?:could|did|cannot)",
        r"transcript of session|undelivered message|bounced? (?:address|message)",
        (
            r"nicht (?:an \S{1,200} )?(?:zugestellt|zustellbar|ausgeliefert|übermittelt"
            r"|weitergeleitet)"
        ),
        (
            r"unzustellbar|konnte nicht|nicht (?:bekannt|gefunden)"
            r"|unbekannter? (?:empfänger|benutzer|adressat)"
        ),
        (
            r"(?:empfänger|benutzer|adresse|postfach)(?: \S{1,100})? (?:ist )?(?:unbekannt"
            r"|nicht (?:bekannt|vorhanden|erreichbar)|existiert nicht|voll|überfüllt)"
        ),
        r"fehlgeschlagen|endgültig|abgewiesen|abgelehnt",
        r"niet (?:worden )?(?:bezorgd|afgeleverd)|onbekend",
        r"n'a pas (?:pu|été)|n'a pu être|inconnu|non remis",
        (
            r"no se ha podido|no pudo|desconocid|non è stato possibile"
            r"|impossibile (?:consegnare|recapitare)"
        ),
        r"не (?:может быть|удалось|было) доставлен|не доставлен|не существует",
        r"配信できません|配信不能|届けられません|送信できません|見つかりません|受信できません|宛先|エラー",
        r"无法(?:投递|送达)|退信|无法发送",
        r"delivered to the following|rejected for policy|too many hops|hop count",
        (
            r"not (?:exactly )?match|encountered an? (?:error|delivery)"
            r"|an error (?:has )?occurred|delivery problems"
        ),
        (
            r"was aborted|error was detected|invalid final delivery|no valid recipients"
            r"|users? not known"
        ),
        r"\b[5]\.\d{1,3}\.\d{1,3}\b|(?:^|[\s:;#<(])5[05][0-9][ -]",
    )
)

DELAY_SUBJECT = _any(
    (
        r"(?:delivery status notification )?\(?(?:mail )?(?:delivery )?(?:delay|delayed)\b",
        r"delayed mail|delayed delivery|(?:mail )?delivery warning",
        r"\[[\w ]{1,30}\] (?:e-?mail |message )?delivery delay",  # Mimecast
        r"delivery status notification ?\((?:mail delivery )?delay(?:ed)?\)",
        r"warning: (?:could not send message|message \S{1,100} delayed|message still)",
        r"(?:mail )?delivery delayed|message delayed|your message (?:is|was) delayed",
        r"(?:\S{1,100} )?warning: message ",
        r"verzögert|zustellung verzögert|verzögerung|nachricht verzögert|übermittlung verzögert",
        r"vertraagd|retardé|retard de|opóźni",
    ),
    start=True,
)

DELAY_PHRASE = _any(
    (
        r"(?:has|have) not yet been (?:delivered|sent)|not yet (?:been )?delivered",
        r"still (?:being )?(?:trying|retried|queued|undelivered|on the queue|in the queue)",
        r"will (?:continue|keep|be) (?:to )?(?:try|trying|retr|attempt|be retried)",
        r"you do not need to (?:resend|take any action)|do not (?:need to )?resend",
        r"no action is required",
        r"this is a warning message only|this is (?:only |just )?a warning",
        r"(?:delivery|message|mail) (?:is|has been|was) delayed|delayed (?:by|for|delivery)",
        r"temporarily (?:deferred|unable)",
        r"noch nicht (?:zugestellt|übermittelt|ausgeliefert)",
        (
            r"(?:zustellung|übermittlung|nachricht) (?:hat sich |ist |wurde "
            r"|wird )?(?:verzögert|weiterhin versucht)"
        ),
        r"weitere zustellversuche|wird weiter(?:hin)? versucht",
    )
)

# What a mail system says on the line that names an address.
UNDELIVERED = _any(
    (r"nicht (?:zugestellt|ausgeliefert|zustellbar)", r"not (?:be|been) delivered|undeliverable")
)

# It is still tried, however long it has been in vain.
STILL_TRIED = _any(
    (
        r"this is a warning (?:message )?only|this is (?:only|just) a warning",
        r"(?:it|message|mail|delivery) will be (?:retried|attempted)|will keep trying",
        r"delivery attempts will continue",
        r"weitere (?:zustell|übermittlungs)versuche|wird weiter(?:hin)? versucht",
    )
)

# Nothing more will be tried.
FINAL_PHRASE = _any(
    (
        r"permanent(?:ly)? (?:fatal )?(?:error|fail)",
        r"(?:i've |i have )?given up|giving up",
        (
            r"not going to try again|(?:will not|won't) be (?:retried|attempted)"
            r"|no further (?:attempts|deliver)"
        ),
        (
            r"(?:has been|was) (?:in the queue too long|removed from the mail queue)"
            r"|could not be delivered (?:for|within|after)"
        ),
        r"endgültig|keine weiteren zustellversuche|wird nicht (?:erneut|weiter) versucht",
    )
)

# Words that stand right before the list of the addresses that failed.
INTRODUCTION = _any(
    (
        (
            r"could not be delivered to[ \t]{0,9}\r?\n[ \t]{0,9}<?[^\s@<>]{1,64}@[^\s@<>]{1,255}>?"
            r"[ \t]{0,9}$"
        ),
        (
            r"(?:did|could|can)(?: ?not|n't) (?:reach|be delivered to|be reached?)"
            r"[^\n]{0,60}(?:recipients?|address(?:es)?|users?|groups?)[^\n]{0,40}:"
        ),
        (
            r"(?:following|these|this)[^\n]{0,40}(?:recipients?|address(?:es|\(es\))?"
            r"|users?|groups?)[^\n]{0,80}:"
        ),
        (
            r"following (?:recipients?|address(?:es)?)[^\n]{0,60}(?:failed|fatal errors?"
            r"|did not receive)[^\n]{0,40}"
        ),
        (
            r"(?:folgenden?|diese[nr]?)[^\n]{0,40}(?:empfängern?|adress(?:en|aten)|personen"
            r"|gruppen)[^\n]{0,80}:?"
        ),
        r"fehler bei der zustellung[^\n]{0,60}:",
        r"(?:zugestellt|übermittelt) werden an:",  # Notes
    )
)

# A relay's "I took it" or "it was delivered": nothing failed.
SUCCESS_PHRASE = _any(
    (
        (
            r"(?:was|were|has been|have been) (?:successfully )?(?:delivered|relayed)"
            r"(?: successfully)? to (?:the following|these|one)"
        ),
        r"successfully (?:delivered|relayed)",
        r"erfolgreich (?:zugestellt|übermittelt|weitergeleitet)",
        (
            r"delivery to (?:these|the following) recipients or (?:groups"
            r"|distribution lists) is complete"
        ),
        r"die zustellung an (?:diese|folgende) empfänger (?:ist|wurde) abgeschlossen",
    )
)

# Where the notice ends and the mail that came back begins.
ORIGINAL_FOLLOWS = _any(
    (
        r"below this line is a copy of the (?:message|mail)",
        r"^[ \t]{0,9}the (?:first|last) \d{1,4} lines of (?:your|the) original message follow",
        (
            r"^[ \t>*|#=+_-]{0,80}(?:the )?(?:header of the |start of "
            r"|headers? of )?(?:original|old|unsent|undelivered|returned|failed) (?:message"
            r"|mail|header|text)s?\b(?! was received)[^\n@]{0,60}$"
        ),
        (
            r"^[ \t>*|#=+_-]{1,80}[ \t]*(?:this is|below|here is|following is"
            r"|what follows is)(?! a warning)[^\n]{0,40}(?:copy|original|message)[^\n]{0,60}$"
        ),
        (
            r"^[ \t]{0,9}(?:-{2,80} ?)?(?:below this line is a copy"
            r"|this is a copy of (?:the|your) message|here is (?:a copy|your original))"
            r"[^\n]{0,80}$"
        ),
        (
            r"^[ \t]{0,9}(?:your|the|text of|a copy of (?:the"
            r"|your)) ?(?:original )?(?:message|mail|e-?mail)(?: headers?| body"
            r"| text)? (?:follows|was(?! received)|is attached|reads|begins|is below)[^\n]{0,60}$"
        ),
        (
            r"^[ \t>*|#=-]{0,80}(?:ursprüngliche|originale?|unzustellbare"
            r"|die zurückgewiesene|original)[ -]?(?:nachricht|mail|e-mail|kopfzeilen?"
            r"|nachrichtenkopf(?:zeilen)?)\b[^\n@]{0,60}$"
        ),
        (
            r"^[ \t>*|#=-]{0,80}(?:hier folgt|es folgt|nachfolgend|im folgenden|kopie)"
            r"[^\n@]{0,80}(?:nachricht|mail|kopie)[^\n@]{0,60}$"
        ),
        r"^[ \t]{0,9}message headers? follows?[^\n]{0,20}$",
        (
            r"^[ \t]{0,9}-{3,60} (?:returned mail follows|message header follows"
            r"|unsent message below|rejected message|message text follows|retained headers?)"
            r"[^\n]{0,30}$"
        ),
        r"^[ \t]{0,9}={3,60} ?(?:original|message|header)[^\n]{0,60}$",
        r"^\|-{0,9} ?message log",
        r"^(?:>?Received: (?:from|by|\()|Return-Path: <|X-Envelope-From: )",
        r"^(?:Message-ID|MIME-Version|X-Mailer): ",
    )
)
