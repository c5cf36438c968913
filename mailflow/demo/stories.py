"""The three stories of the demo: who writes what to whom, and what must come of it."""

import re
from email.message import EmailMessage
from html import unescape
from urllib.parse import parse_qs, unquote, urlsplit

from mailflow.demo.programs import (
    Attached,
    Person,
    clicked,
    letter,
    one_page,
    outlook_reply,
    phone_reply,
    text_of,
    thunderbird_reply,
)
from mailflow.demo.stage import Stage
from mailflow.demo.town import DemoError

__all__ = [
    "COMPANIES",
    "INTERNAL",
    "LEAFLET",
    "OFFICES",
    "a_question_back",
    "nobody_could_route",
    "two_offices",
]

OFFICES = ("bauaufsicht", "umwelt", "wirtschaftsfoerderung", "kataster")
KESSLER = Person(
    "Miriam Kessler",
    "m.kessler@kessler-metallbau.example",
    "Mit freundlichen Grüßen\nMiriam Kessler\nKessler Metallbau GmbH\nTelefon 0221 4710 140",
)
VISSER = Person(
    "Bram Visser",
    "b.visser@twentewind.example",
    "Kind regards\nBram Visser\nTwente Wind Services B.V.",
)
AYDIN = Person(
    "Deniz Aydin",
    "laden@baeckerei-morgenrot.example",
    "Viele Grüße\nDeniz Aydin\nBäckerei Morgenrot e. K.",
)
COMPANIES = (KESSLER.address, VISSER.address, AYDIN.address)

INTERNAL = ("Bußgeld", "4710 471", "4710 382", "4710 118", "iPhone", "Was wir von Ihnen")
"""Offices' words for the city only, their signatures, our words to them: for no company's eyes."""

LEAFLET = Attached(
    "Merkblatt Nutzungsänderung.pdf",
    one_page(
        "Merkblatt Nutzungsänderung",
        (
            "Diese Unterlagen brauchen wir in zweifacher Ausfertigung:",
            "1. Antragsformular",
            "2. Lageplan und Grundriss",
            "3. Betriebsbeschreibung mit Betriebszeiten",
            "4. Nachweis der Stellplätze",
        ),
    ),
)
_SITE_PLAN = Attached(
    "Lageplan Halle 4.pdf", one_page("Lageplan Halle 4", ("Ziegeleistraße 12, Flur 3",))
)


def two_offices(stage: Stage) -> None:
    """Ask two offices, which answer in their own ways; the company gets one answer."""
    stage.scene(
        "Two offices, one answer",
        "A company asks two things in one mail. It need not know whom to ask.",
    )
    town = stage.town
    stage.posts(
        KESSLER,
        letter(
            KESSLER, town.central, "Umnutzung unserer Halle 4", _KESSLER, town.now(), [_SITE_PLAN]
        ),
        "A company writes, as it would to a person",
        "Lagerhalle 4",
    )
    stage.gets(KESSLER.address, "acknowledgement", "It hears at once what happens next", "Gefragt")
    to_building = stage.gets(
        town.office("bauaufsicht"),
        "forward",
        "The building office is asked for its part",
        "Wir bitten",
    )
    to_environment = stage.gets(
        town.office("umwelt"), "forward", "The environment office for its own", "Lärmgrenzwerte"
    )
    _environment_answers(stage, to_environment)
    _building_answers(stage, to_building)
    stage.gets(
        KESSLER.address,
        "combined-answer",
        "ONE answer goes out: both parts in the city's order, nothing internal",
        "sechs Wochen",
        whole=True,
    )


def _environment_answers(stage: Stage, forward: EmailMessage) -> None:
    town = stage.town
    rohde = Person(
        "Anke Rohde", town.office("umwelt"), "Anke Rohde\nUmweltamt\nTelefon 0221 4710 382"
    )
    stage.posts(
        rohde,
        thunderbird_reply(rohde, forward, _FOR_THE_CITY, town.now()),
        'A word to the city only: "Intern" on the first line is enough',
        "Bußgeld",
    )
    stage.posts(
        rohde,
        thunderbird_reply(rohde, forward, _ENVIRONMENT, town.now()),
        "The environment office simply replies (Thunderbird)",
        "45 dB(A)",
    )


def _building_answers(stage: Stage, forward: EmailMessage) -> None:
    town = stage.town
    falk = Person(
        "Jürgen Falk",
        town.office("bauaufsicht"),
        "Mit freundlichen Grüßen\nIm Auftrag\nJürgen Falk\nAmt für Bauordnung\nTel. 0221 4710 471",
    )
    stage.posts(
        falk,
        outlook_reply(falk, forward, _BUILDING, town.now(), [LEAFLET]),
        "The building office replies (Outlook), with a leaflet",
        "sechs Wochen",
    )


def a_question_back(stage: Stage) -> None:
    """Let an office ask the company first; the company's reply returns to that office."""
    stage.scene(
        "A question back, in English",
        "An office needs to know more before it can answer. Nobody has to pass anything on.",
    )
    berg = Person(
        "Nora Berg",
        stage.town.office("wirtschaftsfoerderung"),
        "Kind regards\nNora Berg\nWirtschaftsförderung\nPhone +49 221 4710 118",
    )
    question = _office_asks_back(stage, berg)
    _office_answers_after_all(stage, berg, question)


def _office_asks_back(stage: Stage, berg: Person) -> EmailMessage:
    """Give the question as the company gets it."""
    town, subject = stage.town, "Looking for a site for our service centre"
    stage.posts(
        VISSER,
        letter(VISSER, town.central, subject, _VISSER, town.now()),
        "A company from abroad writes in English",
        "service centre",
    )
    stage.gets(VISSER.address, "acknowledgement", "It is answered in its language", "We have asked")
    forward = stage.gets(berg.address, "forward", "Business development is asked", "Wir bitten")
    stage.posts(
        berg,
        outlook_reply(berg, forward, _QUESTION, town.now()),
        'The office needs to know more: "Rückfrage" on the first line',
        "square metres",
    )
    return stage.gets(VISSER.address, "question", "The company is asked at once", "square metres")


def _office_answers_after_all(stage: Stage, berg: Person, question: EmailMessage) -> None:
    town = stage.town
    stage.posts(
        VISSER,
        outlook_reply(VISSER, question, _DETAILS, town.now(), language="en"),
        "It replies",
        "8,000",
    )
    further = stage.gets(
        berg.address, "forward", "Its reply returns to the office that asked", "8,000"
    )
    stage.posts(
        berg,
        outlook_reply(berg, further, _SITES, town.now()),
        "Now the office can answer",
        "plots would suit",
    )
    stage.gets(
        VISSER.address, "combined-answer", "And the answer goes out", "plots would suit", whole=True
    )


def nobody_could_route(stage: Stage) -> None:
    """Leave it to the manager, who decides with one click in the digest; nothing is guessed."""
    stage.scene(
        "A mail nobody could route",
        "mailflow does not guess. The manager decides by answering the daily digest.",
    )
    town = stage.town
    stage.posts(
        AYDIN,
        letter(AYDIN, town.central, "Eine Frage zu unserem Hof", _AYDIN, town.now()),
        "A mail that names no office's matter",
        "wem sie gehört",
    )
    ack = stage.gets(
        AYDIN.address, "acknowledgement", "It is acknowledged like every other", "Vorgangsnummer"
    )
    reference = str(ack["X-Mailflow-Ticket"])
    town.send_digest()
    digest = stage.gets(
        town.manager,
        "digest",
        "The manager's daily digest shows what waits",
        "Zu entscheiden",
        whole=True,
    )
    _manager_decides(stage, digest, reference)
    forward = stage.gets(
        town.office("kataster"), "forward", "The office the manager chose is asked", "Wir bitten"
    )
    stage.gets(town.manager, "notice", "And the manager reads what was done", "an kataster")
    lang = Person("Petra Lang", town.office("kataster"))
    stage.posts(
        lang,
        phone_reply(lang, forward, _LAND_REGISTER, town.now()),
        "The office answers on the way, by telephone",
        "Erbengemeinschaft",
    )
    stage.gets(
        AYDIN.address, "combined-answer", "The answer goes out", "Erbengemeinschaft", whole=True
    )


def _manager_decides(stage: Stage, digest: EmailMessage, reference: str) -> None:
    address, subject, line = _link(digest, f"{reference} an kataster")
    manager = Person("Claudia Stern", stage.town.manager, "Claudia Stern")
    stage.posts(
        manager,
        clicked(manager, address, subject, line, stage.town.now()),
        "One click on a link in it, and send",
        reference,
    )


def _link(digest: EmailMessage, line: str) -> tuple[str, str, str]:
    """Find the mailto: link that writes this line (RFC 6068): its address, subject and body."""
    part = digest.get_body(("html",))
    html = str(part.get_content()) if part else text_of(digest)
    for found in re.findall(r'href="(mailto:[^"]+)"', html):
        target = urlsplit(unescape(found))
        fields = {name: values[0] for name, values in parse_qs(target.query).items()}
        if fields.get("body", "").strip() == line:
            return unquote(target.path), fields.get("subject", ""), line
    raise DemoError(problem=f'the digest has no link that says "{line}"')


def _prose(text: str) -> str:
    """Undo the line breaks of this file: mail programs send a paragraph as one line."""
    return re.sub(r"(?<=[^\n])\n(?!\n|\d\. )", " ", text)


_KESSLER = _prose("""\
Guten Tag,

wir möchten unsere Lagerhalle 4 an der Ziegeleistraße 12 künftig als Montagehalle nutzen, auch in
einer Spätschicht bis 22 Uhr. Dazu haben wir zwei Fragen:

1. Brauchen wir dafür eine Nutzungsänderung, und wie lange dauert das Verfahren?
2. Welche Lärmgrenzwerte gelten abends zu den Wohnhäusern hin?

Den Lageplan habe ich beigefügt.""")

_FOR_THE_CITY = _prose("""\
Intern

Gegen den Betrieb gab es 2019 ein Bußgeld wegen Lärms. Bitte nicht erwähnen, es ist bezahlt.""")

_ENVIRONMENT = _prose("""\
Guten Tag,

die Wohnhäuser gegenüber liegen in einem Mischgebiet. Tags, also von 6 bis 22 Uhr, gelten dort
60 dB(A), nachts 45 dB(A). Eine Spätschicht bis 22 Uhr ist damit möglich, wenn die Tore ab 20 Uhr
geschlossen bleiben.

Freundliche Grüße""")

_BUILDING = _prose("""\
Guten Tag Frau Kessler,

ja, der Wechsel von Lager zu Montage ist eine Nutzungsänderung und braucht eine Genehmigung.
Vollständige Anträge bearbeiten wir in etwa sechs Wochen. Welche Unterlagen wir brauchen, steht
im Merkblatt im Anhang.""")

_VISSER = _prose("""\
Dear Sir or Madam,

we maintain wind turbines in the east of the Netherlands and would like to open a service centre
in your city. Which industrial plots are available near the motorway, and at what price?""")

_QUESTION = _prose("""\
Rückfrage

Dear Mr Visser,

how many square metres do you need, and will you build or would you rather rent?""")

_DETAILS = _prose("""\
Dear Ms Berg,

we need about 8,000 square metres, and we will build ourselves.""")

_SITES = _prose("""\
Dear Mr Visser,

two plots would suit you: 8,400 m² in Gewerbepark Nord, two minutes from the motorway, and
9,100 m² at Gewerbepark Süd. Both cost 95 euros per square metre. I will gladly show you both.""")

_AYDIN = _prose("""\
Hallo,

unser Nachbar zieht im Sommer aus, und seine Hälfte vom Hof stünde dann leer. Wir würden sie gern
mitbenutzen, wissen aber nicht, wem sie gehört. Wer kann uns da weiterhelfen?""")

_LAND_REGISTER = _prose("""\
Guten Tag, der Hof gehört einer Erbengemeinschaft, nicht der Stadt. Namen dürfen wir bei
berechtigtem Interesse nennen; das Formular dafür liegt an der Auskunft in Zimmer 12.""")
