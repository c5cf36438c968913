"""One realistic draft of every kind and occasion, shared by the tests and by the pictures."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from mailflow.compose import Composer, Sealed
from mailflow.core.digest import Choice, Counts, Digest, Due, OfficeLine, Pending, Traffic
from mailflow.core.drafts import (
    Acknowledgement,
    Alert,
    CombinedAnswer,
    Draft,
    DraftKind,
    Enclosure,
    Escalation,
    Forward,
    Interim,
    Notice,
    NoticeLine,
    Occasion,
    Question,
    Reminder,
    ReportMail,
    Review,
    Section,
)
from mailflow.core.report import MonthLine, OfficeFigures, Promise, Report
from mailflow.core.tracking import Keyring, Role

ROOT: Final = Path(__file__).resolve().parent.parent
ZONE: Final = ZoneInfo("Europe/Berlin")
NOW: Final = datetime(2026, 5, 22, 12, 5, tzinfo=UTC)
CENTRAL: Final = "unternehmen@stadt.example.org"
REFERENCE: Final = "KAM-7K3Q-9F2M"
KEYRING: Final = Keyring({"a": b"a key for tests, thirty-two bytes"}, "a")

COMPANY: Final = "sabine.muster@muster-logistik.example.com"
OFFICE: Final = "bauaufsicht@stadt.example.org"
MANAGER: Final = "kam-leitung@stadt.example.org"
SUBJECT: Final = "Erweiterung unserer Halle am Nordhafen"
WORDS: Final = """Sehr geehrte Damen und Herren,

wir möchten unsere Halle am Nordhafen (Hafenstraße 12) um 1.200 m² erweitern und dafür noch \
in diesem Jahr einen Bauantrag stellen. Vorab drei Fragen:

1. Ist eine Erweiterung nach Süden bis an die Grundstücksgrenze zulässig?
2. Brauchen wir für die zusätzlichen Stellplätze eine Genehmigung der Wasserbehörde?
3. Welche Unterlagen sollen wir mitbringen?

Den Lageplan fügen wir bei.

Mit freundlichen Grüßen
Sabine Muster
Muster Logistik GmbH"""


@cache
def composer(
    *directories: Path, plus_addressing: bool = True, keyed_return_path: bool = False
) -> Composer:
    """Give a composer with the shipped templates, the given folders before them."""
    return Composer(
        central_address=CENTRAL,
        central_name="Key-Account-Management Wirtschaft",
        plus_addressing=plus_addressing,
        keyring=KEYRING,
        timezone=ZONE,
        template_directories=(*directories, ROOT / "templates"),
        default_language="de",
        keyed_return_path=keyed_return_path,
    )


def enclosed(enclosure: Enclosure) -> tuple[str, bytes]:
    """Give made-up content: the type follows the file name."""
    if enclosure.name.endswith(".eml"):
        return "message/rfc822", b"Subject: Enclosed\nFrom: a@example.org\n\nHello\n"
    return "application/pdf", b"%PDF-1.7 " + enclosure.name.encode()


def _company(kind: DraftKind, language: str, context: object, **more: object) -> Draft:
    draft = Draft(
        kind=kind,
        recipient=COMPANY,
        recipient_name="Sabine Muster",
        language=language,
        context=context,  # type: ignore[arg-type] # each sample passes a context of its kind
        names=("sample",),
        reference=REFERENCE,
        role=Role.COMPANY,
        leg=KEYRING.leg(Role.COMPANY, REFERENCE),
        subject=SUBJECT,
        in_reply_to="<c1@muster-logistik.example.com>",
        references=("<c0@muster-logistik.example.com>",),
    )
    return replace(draft, **more)  # type: ignore[arg-type] # as above


def _office(kind: DraftKind, language: str, context: object, **more: object) -> Draft:
    return _company(
        kind,
        language,
        context,
        **{
            "recipient": OFFICE,
            "recipient_name": "Bauaufsicht",
            "role": Role.OFFICE,
            "leg": KEYRING.leg(Role.OFFICE, REFERENCE, "bauaufsicht"),
            "office_id": "bauaufsicht",
            "in_reply_to": "",
            "references": (),
            **more,
        },
    )


def _manager(kind: DraftKind, language: str, context: object, **more: object) -> Draft:
    return _company(
        kind,
        language,
        context,
        **{
            "recipient": MANAGER,
            "recipient_name": "",
            "role": Role.MANAGER,
            "leg": KEYRING.leg(Role.MANAGER, kind.value, "2026-05-22"),
            "in_reply_to": "",
            "references": (),
            "reference": "",
            "subject": "",
            **more,
        },
    )


def forward(**more: object) -> Forward:
    """Give the context of a forward, with fields changed."""
    context = Forward(
        office_name="Bauaufsicht",
        company="Muster Logistik GmbH",
        contact_name="Sabine Muster",
        contact_address=COMPANY,
        known_since=date(2024, 3, 4),
        earlier_tickets=2,
        settling=False,
        subject=SUBJECT,
        words=WORDS,
        attachments=("Lageplan Nordhafen.pdf",),
        asked=("Brauchen wir dafür eine Baugenehmigung?",),
        topics=("Baugenehmigung", "Bauvoranfrage"),
        note="",
        others=("Untere Wasserbehörde",),
        due_on=date(2026, 5, 29),
    )
    return replace(context, **more)  # type: ignore[arg-type] # each sample names real fields


def combined_answer(**more: object) -> CombinedAnswer:
    """Give the context of a combined answer of two offices, with fields changed."""
    context = CombinedAnswer(
        contact_name="Sabine Muster",
        subject=SUBJECT,
        sections=(
            Section(
                "Bauaufsicht",
                "die Erweiterung nach Süden ist nach dem Bebauungsplan 1147 zulässig, wenn die"
                " Abstandsfläche von 3 m eingehalten wird. Bis an die Grenze dürfen Sie nur mit"
                " Zustimmung des Nachbarn bauen.\n\nBitte bringen Sie mit:\n- Lageplan 1:500\n"
                "- Baubeschreibung\n- Nachweis der Stellplätze",
                ("Merkblatt Bauantrag.pdf",),
            ),
            Section(
                "Untere Wasserbehörde",
                "Für die Versickerung des Niederschlagswassers von mehr als 800 m² brauchen Sie"
                " eine wasserrechtliche Erlaubnis. Der Antrag ist formlos möglich.",
            ),
        ),
        pending=(),
        quoted=WORDS,
        quoted_at=datetime(2026, 5, 20, 9, 30, tzinfo=ZONE),
    )
    return replace(context, **more)  # type: ignore[arg-type] # each sample names real fields


def digest(**more: object) -> Digest:
    """Give a full digest, with fields changed."""
    since = datetime(2026, 5, 21, 5, 30, tzinfo=UTC)
    context = Digest(
        day=date(2026, 5, 22),
        since=since,
        pending=(
            Pending(
                REFERENCE,
                "Muster Logistik GmbH",
                SUBJECT,
                "Kein Amt ist eindeutig: Bauaufsicht (0,61), Untere Wasserbehörde (0,58)",
                "wir möchten unsere Halle am Nordhafen (Hafenstraße 12) um 1.200 m² erweitern",
                datetime(2026, 5, 21, 14, 12, tzinfo=UTC),
                (
                    Choice("an Bauaufsicht", f"{REFERENCE} an bauaufsicht"),
                    Choice("an beide", f"{REFERENCE} an bauaufsicht, wasserbehoerde"),
                    Choice("abschließen", f"{REFERENCE} schliessen"),
                ),
            ),
            Pending(
                "KAM-2B4C-6D8E",
                "Café Sonnenschein",
                "Außengastronomie Marktplatz",
                "Die Antwort wartet auf Ihre Freigabe",
                "",
                datetime(2026, 5, 22, 6, 2, tzinfo=UTC),
                (
                    Choice("freigeben", "KAM-2B4C-6D8E freigeben"),
                    Choice("Notiz", "KAM-2B4C-6D8E notiz "),
                ),
            ),
        ),
        overdue=(
            Due(
                "KAM-5F6G-7H8J",
                "Stahlbau Weber KG",
                "Schwertransport über die A-Brücke",
                "Straßenverkehrsbehörde",
                date(2026, 5, 18),
                4,
                "zweimal erinnert",
            ),
        ),
        due_soon=(
            Due(
                "KAM-9K2M-3N4P",
                "Nordlicht Energie AG",
                "Netzanschluss",
                "Amt für Umwelt und Klimaschutz",
                date(2026, 5, 26),
                1,
                "",
            ),
            Due(
                "KAM-9K2M-3N4P",
                "Nordlicht Energie AG",
                "Netzanschluss",
                "Bauaufsicht",
                date(2026, 5, 22),
                0,
                "bis 22.05. abwesend",
            ),
        ),
        traffic=Traffic(5, 3, 2, 14),
        offices=(
            OfficeLine("Bauaufsicht", 5, 0, 4, "V Stadtentwicklung, Mobilität"),
            OfficeLine("Straßenverkehrsbehörde", 3, 1, 9),
            OfficeLine("Amt für Umwelt und Klimaschutz", 2, 0, 4),
        ),
        settling=("Windkraft Twente B.V.",),
        counts=Counts(17, 5, 8, 3, 1, 0),
        counts_total=Counts(412, 96, 241, 61, 12, 2),
        failures=("Weiterleitung KAM-5F6G-7H8J an tiefbau@stadt.example.org: 550 unbekannt",),
        last_poll=datetime(2026, 5, 22, 5, 29, tzinfo=UTC),
        outbox_waiting=1,
    )
    return replace(context, **more)  # type: ignore[arg-type] # each sample names real fields


def quiet_digest() -> Digest:
    """Give the digest of a day on which nothing waits."""
    return digest(
        pending=(),
        overdue=(),
        due_soon=(),
        traffic=Traffic(0, 0, 0, 0),
        offices=(),
        settling=(),
        counts=Counts(0, 0, 0, 0, 0, 0),
        counts_total=Counts(0, 0, 0, 0, 0, 0),
        failures=(),
        outbox_waiting=0,
    )


def report(**more: object) -> Report:
    """Give a report of a quarter, with fields changed."""
    context = Report(
        first=date(2026, 1, 1),
        last=date(2026, 3, 31),
        tickets=214,
        companies=131,
        settling=9,
        regulars=38,
        months=(
            MonthLine(date(2026, 1, 1), 61, 48, 45, 16),
            MonthLine(date(2026, 2, 1), 74, 70, 71, 20),
            MonthLine(date(2026, 3, 1), 79, 80, 78, 21),
        ),
        promises=(
            Promise("acknowledged", 3, 214, 214, (0.982, 1.0), 0.0, 0.0),
            Promise("first-word", 7, 187, 205, (0.865, 0.943), 3.0, 8.0),
            Promise("answered", 10, 0, 0, None, None, None),
        ),
        offices=(
            OfficeFigures("Bauaufsicht", 96, 4.0, 11, 3, 14),
            OfficeFigures("Straßenverkehrsbehörde", 41, 6.0, 9, 1, 2),
            OfficeFigures("Standesamt", 3, None, None, None, None),
        ),
        topics=(("Baugenehmigung", 71), ("Parken", 33), ("Gewerbeanmeldung", 21)),
        languages=(("de", 188), ("en", 19), ("", 7)),
        reopened=12,
        rerouted=9,
        mails_in=1204,
        mails_out=1731,
    )
    return replace(context, **more)  # type: ignore[arg-type] # each sample names real fields


@cache
def drafts(language: str) -> dict[str, Draft]:
    """Give one draft per kind and occasion; the names are those of the pictures."""
    kind = DraftKind
    received = datetime(2026, 5, 20, 9, 30, tzinfo=ZONE)
    answer_by = date(2026, 5, 29)
    offices = ("Bauaufsicht", "Untere Wasserbehörde")
    asked, due = date(2026, 5, 12), date(2026, 5, 19)
    company = "Muster Logistik GmbH"
    acknowledgement = Acknowledgement("Sabine Muster", SUBJECT, received, offices, answer_by, True)
    plan = Enclosure(1, "0" * 64, "Lageplan Nordhafen.pdf")
    leaflet = Enclosure(2, "1" * 64, "Merkblatt Bauantrag.pdf", "Bauaufsicht")
    return {
        "acknowledgement": _company(kind.ACKNOWLEDGEMENT, language, acknowledgement),
        "acknowledgement-emergency": _company(
            kind.ACKNOWLEDGEMENT, language, replace(acknowledgement, offices=(), emergency=True)
        ),
        "acknowledgement-triage": _company(
            kind.ACKNOWLEDGEMENT,
            language,
            replace(acknowledgement, offices=(), first_contact=False, contact_name=""),
            recipient_name="",
        ),
        "combined-answer": _company(
            kind.COMBINED_ANSWER, language, combined_answer(), enclosures=(leaflet,)
        ),
        "combined-answer-part": _company(
            kind.COMBINED_ANSWER,
            language,
            combined_answer(
                sections=combined_answer().sections[1:], pending=("Bauaufsicht",), quoted="Kurz."
            ),
        ),
        "question": _company(
            kind.QUESTION,
            language,
            Question(
                "Sabine Muster",
                SUBJECT,
                "Bauaufsicht",
                "Wie hoch soll die Erweiterung werden, und gibt es schon eine Statik?",
            ),
        ),
        "interim": _company(
            kind.INTERIM,
            language,
            Interim(
                "Sabine Muster",
                SUBJECT,
                "Bauaufsicht",
                "Wir müssen die Abstandsflächen noch mit dem Katasteramt klären.",
                date(2026, 6, 12),
            ),
        ),
        "interim-bare": _company(
            kind.INTERIM, language, Interim("", SUBJECT, "Bauaufsicht", "", None)
        ),
        "interim-question": _company(
            kind.INTERIM,
            language,
            Interim("", SUBJECT, "Bauaufsicht", "", None, (), ("Umweltamt", "Tiefbauamt")),
        ),
        "forward": _office(kind.FORWARD, language, forward(), enclosures=(plan,)),
        "forward-settling": _office(
            kind.FORWARD,
            language,
            forward(
                company="Windkraft Twente B.V.",
                known_since=None,
                earlier_tickets=0,
                settling=True,
                attachments=(),
                others=(),
                note="Bitte vor allem zur Erschließung Stellung nehmen; der Rat fragt nach.",
            ),
        ),
        "forward-further": _office(
            kind.FORWARD, language, forward(occasion=Occasion.FURTHER, words="Noch ein Plan anbei.")
        ),
        "forward-question": _office(
            kind.FORWARD,
            language,
            forward(occasion=Occasion.QUESTION, words="Die Halle wird 9 m hoch."),
        ),
        "forward-deputy": _office(kind.FORWARD, language, forward(occasion=Occasion.DEPUTY)),
        "reminder": _office(
            kind.REMINDER,
            language,
            Reminder("Bauaufsicht", company, SUBJECT, WORDS, asked, due, 3, 2),
        ),
        "reminder-before": _office(
            kind.REMINDER,
            language,
            Reminder("Bauaufsicht", company, SUBJECT, WORDS, asked, date(2026, 5, 26), 0, 1),
        ),
        "escalation": _office(
            kind.ESCALATION,
            language,
            Escalation("Bauaufsicht", company, SUBJECT, WORDS, asked, due, 3),
            recipient="leitung-bau@stadt.example.org",
            recipient_name="",
        ),
        "review": _manager(
            kind.REVIEW,
            language,
            Review(company, "Sabine Muster", SUBJECT, "Alle Ämter haben geantwortet."),
            reference=REFERENCE,
            subject=SUBJECT,
            review_of=("sample",),
        ),
        "digest": _manager(kind.DIGEST, language, digest()),
        "digest-quiet": _manager(kind.DIGEST, language, quiet_digest()),
        "digest-unbalanced": _manager(
            kind.DIGEST, language, digest(counts=Counts(18, 5, 8, 3, 1, 0), pending=())
        ),
        "alert": _manager(
            kind.ALERT,
            language,
            Alert(
                "Eine Mail klingt nach einem Notfall",
                (f"{REFERENCE}: Gasgeruch an der Rampe", "Muster Logistik GmbH, 14:05 Uhr"),
                "Bitte prüfen Sie sofort; die Mail ist an kein Amt weitergegeben.",
            ),
            reference=REFERENCE,
        ),
        "notice": _manager(
            kind.NOTICE,
            language,
            Notice(
                (
                    NoticeLine(
                        f"{REFERENCE} an bauaufsicht",
                        True,
                        "Weitergeleitet an Bauaufsicht, fällig am 29.05.2026.",
                    ),
                    NoticeLine(
                        "KAM-2B4C-6D8E freigebn",
                        False,
                        "Das Wort „freigebn“ kennen wir nicht. Gemeint ist wohl „freigeben“.",
                    ),
                )
            ),
        ),
        "report": _manager(kind.REPORT, language, ReportMail(report())),
    }


@cache
def sealed(name: str, language: str = "de", using: Composer | None = None) -> Sealed:
    """Give a sample composed; a review encloses the sample of the combined answer."""
    chosen = using or composer()
    held = drafts(language)["combined-answer"]
    previews = {held.names: chosen.compose(held, NOW, enclosed)}
    return chosen.compose(drafts(language)[name], NOW, enclosed, previews)
