"""Mails as a city gets them: short ones, HTML ones, and some with a large plan attached."""

import random
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP

CENTRAL = "unternehmen@stadt.example.org"
MIX = ((0.6, 2_000, False, 0), (0.3, 15_000, True, 0), (0.1, 2_000, False, 500_000))
"""Share of all mails, bytes of text, whether with HTML, bytes of the attachment."""

_MATTER = (
    "Guten Tag,\n\nwir möchten unsere Halle umnutzen. Brauchen wir eine Nutzungsänderung, und "
    "welche Lärmgrenzwerte gelten nachts?\n\n"
)
_WORDS = (
    "Unser Betrieb liegt am Nordhafen und arbeitet in zwei Schichten",
    "Die Halle hat eine Fläche von etwa zwölfhundert Quadratmetern",
    "Für den Winter planen wir den Einbau einer neuen Anlage",
    "Die Pläne hat unser Architekt im vergangenen Jahr erstellt",
    "Über einen Termin in den kommenden Wochen würden wir uns freuen",
)
_CLOSE = "\nMit freundlichen Grüßen\nSabine Muster\nMontagetechnik GmbH\n"


def mixed(count: int, seed: int = 1) -> Iterator[bytes]:
    """Give mails in the proportions of ``MIX``, shuffled, each of another company."""
    chance = random.Random(seed)  # noqa: S311 - the same mails every time
    kinds = [kind for kind in MIX for _ in range(round(kind[0] * count))]
    kinds += [MIX[0]] * (count - len(kinds))
    chance.shuffle(kinds)
    for number, (_, size, html, attached) in enumerate(kinds):
        yield one(number, size, chance, html=html, attached=attached)


def one(
    number: int, size: int, chance: random.Random, *, html: bool = False, attached: int = 0
) -> bytes:
    """Give a company's mail that two offices are asked about."""
    text = _MATTER
    while len(text) < (size // 3 if html else size):
        text += f"{chance.choice(_WORDS)} ({chance.randrange(1000)}). "
    text += _CLOSE
    mail = EmailMessage()
    mail["From"] = f"Sabine Muster <post@firma{number}.example>"
    mail["To"] = CENTRAL
    mail["Subject"] = f"Umnutzung Halle {number}"
    mail["Date"] = "Tue, 24 Nov 2026 08:00:00 +0000"
    mail["Message-ID"] = f"<bench.{number}.{chance.randrange(1 << 40)}@firma{number}.example>"
    mail.set_content(text, cte="8bit")
    if html:
        mail.add_alternative(_as_html(text), subtype="html", cte="8bit")
    if attached:
        plan = chance.randbytes(attached)
        mail.add_attachment(plan, maintype="application", subtype="pdf", filename="Lageplan.pdf")
    return mail.as_bytes(policy=SMTP)


def _as_html(text: str) -> str:
    cells = "".join(
        f'<p class="MsoNormal"><span style="font-family:Arial">{line}</span></p>'
        for line in text.split(". ")
    )
    return f"<html><head><style>p{{margin:0}}</style></head><body>{cells}</body></html>"
