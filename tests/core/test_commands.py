"""The manager's language: read at the top of a mail, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.core.commands import VERBS, Verb, commands_in

REF = "KAM-7K3Q-9F2M"
FULL_SIGNATURE = [
    *("Mit freundlichen Grüßen", "Petra Weber", "", "Stadt Musterhausen - Der Oberbürgermeister"),
    *(
        "Leitung Key-Account-Management",
        "Rathausplatz 1, 49074 Musterhausen",
        "Tel.: 0541 323-1000",
    ),
]


@pytest.mark.parametrize(
    ("line", "verb", "argument"),
    [
        (f"{REF} an bauaufsicht, umwelt", Verb.ASK, "bauaufsicht, umwelt"),
        (f"{REF} to bauaufsicht", Verb.ASK, "bauaufsicht"),
        (f"{REF.lower()}: freigeben", Verb.RELEASE, ""),
        (f"  {REF}   RELEASE  ", Verb.RELEASE, ""),
        (f"{REF} schließen", Verb.CLOSE, ""),
        (f"{REF} schliessen.", Verb.CLOSE, ""),
        (f"{REF} schliessen!", Verb.CLOSE, ""),
        (f"{REF} close", Verb.CLOSE, ""),
        (f"{REF} notiz Anruf am Montag", Verb.NOTE, "Anruf am Montag"),
        (f"{REF} frist +2T", Verb.DUE, "+2T"),
        (f"{REF} antwort …", Verb.ANSWER, ""),
        (f"{REF} antwort ...", Verb.ANSWER, ""),
        (f"{REF} an …", Verb.ASK, ""),
        (f"{REF} antwort Ja.", Verb.ANSWER, "Ja."),
        (f"- {REF} freigeben", Verb.RELEASE, ""),
        (f"2. [{REF}]: an umwelt.", Verb.ASK, "umwelt"),
        (f"„{REF} freigeben“", Verb.RELEASE, ""),
        ("KAM\u20117K3Q\u20119F2M\u00a0freigeben", Verb.RELEASE, ""),
        (f"{REF} antwort Der Termin ist am Montag.", Verb.ANSWER, "Der Termin ist am Montag."),
        (f"{REF} bitte freigeben", Verb.RELEASE, ""),
        (f"{REF}: Bitte, an umwelt und tiefbau", Verb.ASK, "umwelt und tiefbau"),
        (f"{REF} please release", Verb.RELEASE, ""),
        (f"{REF} bitte freigeben, danke", Verb.RELEASE, ""),
        (f"{REF} freigeben - Danke!", Verb.RELEASE, ""),
        (f"{REF} an umwelt, tiefbau – vielen Dank im Voraus", Verb.ASK, "umwelt, tiefbau"),
        (f"{REF} an umwelt bitte noch nicht", Verb.ASK, "umwelt bitte noch nicht"),
        (f"{REF} freigeben, danke, aber ohne Satz 2", Verb.RELEASE, "danke, aber ohne Satz 2"),
        (f"{REF} bitte nicht freigeben", None, "freigeben"),
        (f"{REF} bitte", None, ""),
        (f"{REF} antworten: Ja.", Verb.ANSWER, "Ja."),
        (f"{REF} antwort : Ja.", Verb.ANSWER, "Ja."),
        (f"{REF} antworten Ja.", None, "Ja"),
        (f"{REF} tanze", None, ""),
        (REF, None, ""),
    ],
)
def test_one_line_one_command(line: str, verb: Verb | None, argument: str) -> None:
    """German and English words, in any case, with or without punctuation."""
    (command,) = commands_in(line, "KAM")
    assert (command.reference, command.verb, command.argument) == (REF, verb, argument)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("lines", "argument"),
    [
        (
            [
                f"{REF} an wirtschaftsfoerderung, wirtschaftsbetriebe, umwelt und",
                "verbraucherschutz",
            ],
            "wirtschaftsfoerderung, wirtschaftsbetriebe, umwelt und verbraucherschutz",
        ),
        ([f"{REF} an umwelt,", "tiefbau", "Danke"], "umwelt, tiefbau"),
        ([f"{REF} antwort Der Termin", "ist am", "Montag.", "Viele Grüße"], None),
        ([f"{REF} antwort Der Termin ist am Montag.", "", "Petra Leiter"], None),
        ([f"{REF} antwort Der Termin ist am Montag.", "Am 3.6. schrieb Anna:", "Intern!"], None),
        ([f"{REF} antwort Der Termin ist am Montag.", "> Intern!"], None),
        ([f"{REF} notiz Der Termin ist am", "Montag.", f"{REF} freigeben"], None),
        ([f"{REF} an umwelt", "Danke"], "umwelt"),
    ],
)
def test_what_a_mail_program_wrapped_is_one_order(
    lines: list[str], argument: str | None, end: str
) -> None:
    """Words to be sent go on to the end of their paragraph, others where the line was full."""
    command = commands_in(end.join(lines), "KAM")[0]
    assert command.argument == (argument or "Der Termin ist am Montag.")


def test_a_greeting_may_stand_above() -> None:
    """Courtesy is no obstacle."""
    assert len(commands_in(f"Guten Morgen,\n\n{REF} freigeben", "KAM")) == 1


def test_reading_ends_at_the_first_other_line() -> None:
    """A signature ends the orders; what is quoted below it can never act."""
    text = f"{REF} freigeben\n\nMit freundlichen Grüßen\n{REF} schliessen"
    assert [command.verb for command in commands_in(text, "KAM")] == [Verb.RELEASE]


@pytest.mark.parametrize(
    ("below", "unread"),
    [
        (["Bitte rasch.", f"{REF} schliessen"], f"Bitte rasch. {REF} schliessen"),
        (["Bitte rasch.", f"- {REF} an tiefbau", "Viele Grüße", "P. Leiter"], f"{REF} an tiefbau"),
        (["Bitte rasch, der Rat fragt nach."], "Bitte rasch, der Rat fragt nach."),
        (["Danke", "", "Viele Grüße", f"{REF} schliessen"], ""),
        (["Danke", "", "Am 3.6. schrieb Anna:", f"{REF} schliessen"], ""),
        (["Danke", f"> {REF} schliessen"], ""),
    ],
)
def test_an_order_below_other_words_is_quoted(below: list[str], unread: str) -> None:
    """It is not carried out, and is the last command, with no word of ours and no reference."""
    first, *rest = commands_in("\n".join([f"{REF} an umwelt", *below]), "KAM")
    assert first.verb is Verb.ASK
    assert [(each.reference, each.verb) for each in rest] == [("", None)] * bool(unread)
    assert all(unread in each.line for each in rest)


@pytest.mark.parametrize(
    ("below", "unread"),
    [
        (["", "Bitte den Lageplan mitbringen."], "Bitte den Lageplan mitbringen."),
        (["", "Bitte den Lageplan", "mitbringen.", "", "Gruß"], "Bitte den Lageplan mitbringen."),
        (["", "Petra Leiter"], ""),
        (["", "P. Leiter", "Wirtschaftsförderung"], ""),
        (["", "Dr. Max Muster"], ""),
        (["", "Prof. Dr. Anna Schmidt-Lang"], ""),
        (["", "Dipl.-Ing. Max Muster"], ""),
        (["", "Max von der Heide"], ""),
        (["", "Bis dann", "Max"], ""),
        (["", "Stadt Beispiel · Wirtschaftsförderung · Rathausplatz 1"], ""),
        (["", "Bis dann brauchen wir den Lageplan."], "Bis dann brauchen wir den Lageplan."),
        (["", "Vielen Dank!"], ""),
        (["", "Danke", "", "Petra Leiter", "Bitte denken Sie an die Umwelt."], ""),
        (
            ["", "Danke für Ihre Geduld.", "", "Der Lageplan fehlt noch."],
            "Danke für Ihre Geduld. Der Lageplan fehlt noch.",
        ),
        (["", "Schöne Grüße aus dem Rathaus", "Petra"], ""),
        (["", "Gesendet von meinem Telefon"], ""),
        (["", "Mit freundlichen Grüßen", "Petra Leiter"], ""),
    ],
)
def test_an_answer_with_a_second_paragraph_is_refused(below: list[str], unread: str) -> None:
    """Half an answer is refused and the rest told; a signature is no part of it."""
    text = "\n".join([f"{REF} antwort Montag 9 Uhr.", *below])
    first, *rest = commands_in(text, "KAM")
    assert first.argument == "Montag 9 Uhr."
    assert bool(first.refusal) == bool(unread)
    assert [each.line for each in rest] == [unread] * bool(unread)


@pytest.mark.parametrize(
    ("order", "below"),
    [
        ("freigeben", ["Aber bitte ohne den Namen der Firma."]),
        ("freigeben", ["ACHTUNG: nur wenn Lenz zugestimmt hat."]),
        ("freigeben", ["nein, doch nicht"]),
        ("freigeben", ["Nein"]),
        ("freigeben", ["", "Aber bitte erst am Montag senden!"]),
        ("freigeben", ["Den Namen Müller-BBM streichen."]),
        ("freigeben", ["", "Danke, aber ohne den ersten Satz."]),
        ("freigeben", ["", "Hallo Team,", "den ersten Satz weglassen."]),
        ("freigeben", ["Mit freundlichen Grüßen", "Weber", "PS: bitte ohne den Firmennamen."]),
        ("freigeben", [f"{REF}: aber ohne den Namen"]),
        ("verwerfen", ["Nein, doch freigeben."]),
        ("schliessen", ["Erst nach der Sitzung."]),
        ("freigeben", ["erst am Montag senden"]),
        ("freigeben", ["morgen früh"]),
        ("freigeben", ["Bis Montag warten"]),
        ("freigeben", ["Bis morgen! Den Namen streichen."]),
        ("freigeben", ["Schönen Tag noch, aber ohne den Namen"]),
        ("freigeben", ["Danke. Den Namen der Firma streichen"]),
        ("freigeben", ["[ohne den Namen]"]),
        ("freigeben", ["anonymisiert"]),
        ("freigeben", ["12.12.2026"]),
        ("freigeben", ["", "Gruß", "Weber", "Wichtig: bitte ohne den Namen"]),
        ("freigeben", ["Wichtig: Diese Mail erst am Montag senden."]),
        ("freigeben", ["Bitte prüfen Sie die Empfänger."]),
        ("freigeben", ["", "Viele Grüße", "Petra Weber", "", "Halt, doch nicht!"]),
        ("schliessen", ["", "Petra Weber", "", "Stopp, Seidel ruft gerade an"]),
        ("freigeben", ["LG Petra", "", "Bitte den letzten Satz streichen"]),
        ("freigeben", ["LG Petra", "", "Herr Kröger hat Einwände"]),
        ("freigeben", [*FULL_SIGNATURE, "", "Firmennamen bitte schwärzen"]),
        ("freigeben", [*FULL_SIGNATURE, "", "Herr Kröger hat Einwände"]),
        ("freigeben", ["Gruß", "Weber", "Diese Mail ist vertraulich. Den Empfänger austauschen."]),
        *(
            ("freigeben", ["", each])
            for each in ("Danke, Satz zwei kürzen", "Gruß Petra, Preis raus")
        ),
        *(
            ("freigeben", ["", each])
            for each in ("Schöne Grüße, Anrede ändern", "Danke, Anlage fehlt")
        ),
        *(
            ("freigeben", ["", each])
            for each in ("Gruß Frist Montag", "Liebe Grüße vom Amt ohne Plan")
        ),
        ("schliessen", ["", "Beste Grüße, Firma wartet auf Anruf"]),
        ("freigeben", ["Thanks, remove phone number"]),
        *(("freigeben", ["", each]) for each in ("Vorbehaltlich OB", "Absatz Zwei Streichung")),
        *(("schliessen", ["", each]) for each in ("Rücksprache Lindner", "Gemeint: Halle 5")),
        *(("verwerfen", ["", each]) for each in ("Falsche Nummer", "Kopie an Dezernat")),
        ("freigeben", ["Klaus Sander"]),
        ("freigeben", ["Kann so raus, sobald die Gebühr stimmt"]),
        ("freigeben", ["Bin im Termin, mit dem Versenden warten"]),
        ("freigeben", ["Gesendet von meinem iPhone, aber ohne Anlage"]),
        *(("freigeben", [each]) for each in ("[STOPP]", "**Halt, ohne Preis**", "An: Dezernat")),
        ("freigeben", ["--", "Halt, doch nicht"]),
        ("freigeben", ["LG Petra", "", "Absprache Rechtsamt"]),
        ("freigeben", [*FULL_SIGNATURE, "", "Gebäude falsch"]),
        ("freigeben", ["LG Petra", "", "Empfänger: Mitteilung, elektronische Signatur fehlt"]),
        ("freigeben", ["LG Petra", "", "Seidel ruft gerade an", "", *FULL_SIGNATURE]),
    ],
)
def test_words_below_an_order_that_nobody_can_undo_refuse_it(order: str, below: list[str]) -> None:
    """They may limit it; the notice quotes them."""
    mail = "\n".join([f"{REF} {order}", *below])
    first, *rest = commands_in(mail, "KAM", "Weber, Petra")
    told = below[2] if below[3:] == ["", *FULL_SIGNATURE] else below[-1]
    assert told[-9:] in first.refusal
    assert [each.verb for each in rest] == [None]


@pytest.mark.parametrize(
    "below",
    [
        ["", "Danke!"],
        ["Passt so.", "Schönes Wochenende!"],
        ["", "Petra Weber", "Amt für Wirtschaft", "Bitte denken Sie an die Umwelt."],
        ["Weber"],
        ["pw"],
        ["", "Weber - Wirtschaftsförderung", "Tel.: 0203 123-456"],
        ["", "Viele Grüße", "", "P. Weber", "Diese Mail ist nur für den Empfänger bestimmt."],
        ["Gruß Weber", "", "Am 3.6. schrieb Anna:", "Aber ohne Namen."],
        ["Von unterwegs gesendet"],
        ["KAM-4H2D-8T5 verwerfen"],
        *([each] for each in ("Bis morgen!", "Bis später", "Bis Montag!", "Bis nächste Woche")),
        *([each] for each in ("Schönen Tag noch", "Schönes langes Wochenende!", "Have a nice day")),
        *([each] for each in ("Frohe Weihnachten und einen guten Rutsch!", "Danke und bis Montag")),
        *([each] for each in ("super, danke für die schnelle Arbeit!", "Bis morgen, Petra")),
        *([each] for each in ("👍", "[Stadtlogo]", "[cid:image001.png@01DB]", "Petra 🙂")),
        *([each] for each in ("Petra Weber (mobil)", "petra weber", "mfg p. weber")),
        *([each] for each in ("Gesendet aus Outlook Mobile", "Get Outlook for iOS<https://a.b>")),
        ["Diese E-Mail kann vertrauliche Informationen enthalten. Wenn Sie nicht", "der Adressat"],
        ["Gruß", "Weber", "", "Wichtig: Diese Mail ist vertraulich."],
        ["Gruß", "Weber", "", "ACHTUNG: Neue Telefonnummer!"],
        *([each, "Petra"] for each in ("Passt so, gute Arbeit!", "Einen schönen dritten Advent!")),
        *(
            [each, "P. Weber"]
            for each in ("Bis Donnerstag dann", "Kann so raus.", "Ich bin bis 16 Uhr da.")
        ),
        *([each, "", "Weber"] for each in ("Bin ab morgen im Urlaub.", "Sieht gut aus.")),
        *([each] for each in ("Bin bis Freitag auf Dienstreise.", "Danke fürs Dranbleiben!")),
        FULL_SIGNATURE,
        [*FULL_SIGNATURE, "", "Gemeinsam für unsere Stadt", "www.stadt.example"],
        [*FULL_SIGNATURE, "Sprechzeiten: Mo-Fr 8-12 Uhr und nach Vereinbarung", "Zimmer 204"],
        ["Freundliche Grüße | Petra Weber | Stadt Musterhausen", "#musterhausen"],
        ["Liebe Grüße", "Ihre Petra", "", "Geschäftsführerin: Dr. Eva Beispiel", "Amtsgericht Ort"],
        ["Gruß", "Weber", "", "Bevor Sie diese E-Mail ausdrucken, denken Sie an die Umwelt."],
        ["Gruß", "Weber", "Besucheranschrift: Stadthaus 1, 3. OG", "*Tel.* 0541 323-1 (Mo.-Do.)"],
        ["Gruß", "Weber", "Dipl.-Verwaltungswirtin (FH)", "Meine Arbeitszeiten: Mo-Do 8-14 Uhr"],
        ["Freundliche Grüße", "", "i. A. Klaus Sander", "(Sachbearbeitung)"],
        ["Gruß", "Weber", "--", "Stadt Musterhausen", "Die Oberbürgermeisterin"],
        ["Gruß", "Weber", "", "Wirtschaft stärken. Zukunft gestalten.", "Tel. 0541 323-1000"],
        [
            "Diese E-Mail ist vertraulich. Sind Sie nicht der Adressat,",
            "löschen Sie bitte die Mail.",
        ],
    ],
)
def test_a_signature_below_an_order_refuses_nothing(below: list[str]) -> None:
    """A name, an office, a telephone number and a courtesy stand below most mails."""
    mail = "\n".join([f"{REF} freigeben", *below])
    assert commands_in(mail, "KAM", "Weber, Petra")[0].refusal == ""


@pytest.mark.parametrize(
    ("last", "is_refused"),
    [
        *(
            (each, False)
            for each in (
                "Mittwochs nicht im Büro",
                "Montags und freitags außer Haus",
                "Kernzeit: 9 bis 15 Uhr",
                "Montag bis Mittwoch 8.00 - 15.00 Uhr",
                "Sie erreichen mich montags bis donnerstags von 8 bis 16 Uhr.",
                "Termine nur nach Vereinbarung",
                "Außerhalb der Sprechzeiten Termine nach Vereinbarung",
                "Mobil 0170 1234567 | Mittwochs nicht im Büro",
                "Um Terminvereinbarung wird gebeten.",
                "Einlass ins Rathaus nur mit Termin",
                "Buchen Sie Ihren Termin online",
                "Bitte nutzen Sie unsere Online-Terminvergabe",
                "Diese Mail wurde mobil verfasst, bitte entschuldigen Sie Tippfehler.",
                "Für Rückfragen stehe ich gern zur Verfügung.",
                "Haben Sie noch Fragen? Rufen Sie mich gerne an!",
                "Bitte beachten Sie unsere Sprechzeiten.",
            )
        ),
        *(
            (each, True)
            for each in (
                "Erst Mittwoch",
                "Nicht vor Montag",
                "Bitte ohne Anlage",
                "Erst Montag im Büro",
                "Bis Montag im Haus",
                "Freitag frei",
                "Montag 9 bis 12 Uhr",
                "Nicht Montag bis Mittwoch 8 bis 12 Uhr",
                "Sprechzeiten nicht nennen",
                "Nur nach Vereinbarung",
                "Mobil 0170 1234567 | erst Mittwoch",
                "Um Terminvereinbarung bitten",
                "Termin nach Absprache",
                "Bitte vorher einen Termin vereinbaren",
                "Bitte vereinbaren Sie mit der Firma einen Termin",
                "Bitte beachten Sie die Frist",
                "Für Rückfragen stehe ich bereit, bis dahin nicht senden",
                "Bitte entschuldigen Sie, doch nicht freigeben",
            )
        ),
    ],
)
def test_what_every_mail_ends_with_is_no_limit(last: str, *, is_refused: bool) -> None:
    """Hours, appointments and courtesies below an address refuse no order; a limit there does."""
    below = ["Mit freundlichen Grüßen", "Petra Weber", "Key-Account-Management"]
    mail = "\n".join([f"{REF} freigeben", "", *below, "Tel. 0541 323-1000", last])
    assert bool(commands_in(mail, "KAM", "Weber, Petra")[0].refusal) is is_refused


@pytest.mark.parametrize("author", ["kam-leitung", "KAM-Leitung kam", "pweber", ""])
@pytest.mark.parametrize(
    ("below", "is_refused"),
    [
        (["Viele Grüße", "Klaus Sander"], False),
        (["Danke!", "Petra Weber"], False),
        (["P. Weber"], False),
        (["Petra Weber", "Stadt Musterhausen", "Tel. 0541 323-1000"], False),
        (["Rücksprache Lindner"], True),
        (["Klaus Sander"], True),
    ],
)
def test_a_nameless_mailbox_signs_below_a_courtesy(
    author: str, below: list[str], is_refused: bool
) -> None:
    """Whose mails name nobody signs with any name below a closing, and with none alone."""
    mail = "\n".join([f"{REF} freigeben", "", *below])
    assert bool(commands_in(mail, "KAM", author)[0].refusal) is is_refused


def test_a_name_that_is_a_word_of_limits_signs_only_with_another() -> None:
    """Alone below an order "Montag" is a day, whoever bears the name."""
    alone, both = (
        commands_in(f"{REF} freigeben\n\n{each}", "KAM", "Eva Montag")[0]
        for each in ("Montag", "Eva Montag")
    )
    assert alone.refusal
    assert not both.refusal


def test_prose_above_means_no_orders() -> None:
    """A mail that begins with words of its own orders nothing."""
    assert commands_in(f"Was meinen Sie dazu?\n{REF} freigeben", "KAM") == ()


PROSE = st.text(max_size=40) | st.sampled_from(["", "> Von: x", "Danke!", "Gruß", "- 2. Punkt:"])
ORDERS = st.builds("{} {} {}".format, st.just(REF), st.sampled_from([*VERBS, "tu"]), PROSE)


@given(order=ORDERS, below=st.lists(ORDERS | PROSE, max_size=6))
def test_orders_are_read_whatever_stands_below_them(order: str, below: list[str]) -> None:
    """Never raises; an order on top is read; what names no reference is last and does nothing."""
    commands = commands_in("\n".join([order, *below]), "KAM")
    assert (commands[0].reference, commands[0].verb) == (REF, VERBS.get(order.split(" ")[1]))
    assert all(each.reference.startswith("KAM-") for each in commands[:-1])
    assert commands[-1].reference or commands[-1].verb is None


@given(above=st.text(min_size=1, max_size=300), below=st.lists(ORDERS, max_size=2))
def test_any_text_can_be_read(above: str, below: list[str]) -> None:
    """Never raises, whatever stands above the orders."""
    for command in commands_in("\n".join([above, *below]), "KAM"):
        assert command.reference or command.verb is None


OTHER = "KAM-4H2D-8T5W"


@pytest.mark.parametrize("verb", ["antwort", "notiz"])
@pytest.mark.parametrize(
    "lead",
    ["b)", "B.", "(2)", "→", "-->", "=>", "✓", "Zu", "zum Vorgang", "Und dann:", "Nr.", "and"],
)
def test_an_order_may_be_led_in(verb: str, lead: str) -> None:
    """A letter, an arrow or a little word before the number leave the line an order of its own."""
    first, second = commands_in(f"{REF} {verb} Ja.\n{lead} {OTHER}: antwort Nein.", "KAM")
    assert (first.argument, first.refusal) == ("Ja.", "")
    assert (second.reference, second.verb, second.argument) == (OTHER, Verb.ANSWER, "Nein.")


def test_the_first_order_may_be_led_in() -> None:
    """What is read below another order is read at the top, too."""
    (command,) = commands_in(f"Zu {REF}: freigeben", "KAM")
    assert command.verb is Verb.RELEASE


@pytest.mark.parametrize("verb", ["antwort", "notiz"])
@pytest.mark.parametrize(
    "below",
    [
        "KAM-4H2D-8T5 antwort Nein, weil Beta insolvent ist.",
        "KAM 4H2D 8T5W antwort Nein.",
        "KAM-4H2D.8T5W antwort Nein.",
        "KAM-4H2D-OT5W antwort Nein.",
        "b) KAM-4H2D-8T5 antwort Nein.",
        "4H2D-8T5W antwort Nein.",
        "Zu 4H2D-8T5W: antwort Nein.",
        "KAN-4H2D-8T5W antwort Nein.",
        f"Firma Beta ({OTHER}): antwort Nein.",
        f"Zu {OTHER}: Nein, weil Beta insolvent ist.",
        f"{OTHER} antwrot Nein.",
        f"Bei Stahlbau Nord, {OTHER}, bitte verwerfen",
        f"Die Sache {REF} schliessen",
        f"Zu {OTHER} · Beta · antwort Nein.",
    ],
)
def test_a_line_with_a_number_is_no_rest_of_an_order(verb: str, below: str) -> None:
    """What may be another company's is not sent to this one, and neither is what stands above."""
    first, *rest = commands_in(f"{REF} {verb} Ja, das geht.\n{below}\n\nPetra Weber", "KAM")
    assert first.argument == "Ja, das geht."
    assert "vielleicht nur ein Anfang" in first.refusal
    assert [each.verb for each in rest] == [None]
    assert below[-9:] in rest[0].line


@pytest.mark.parametrize(
    "text",
    [
        f"{REF} antwort Bitte geben Sie die Nummer {REF} an.",
        f"{REF} antwort Bitte geben Sie die\nNummer {REF} an.",
        f"{REF} antwort Bitte geben Sie die\nNummer {REF} immer an.",
        f"{REF} antwort Bitte geben Sie die\nNummer KAM 7K3Q 9F2M an.",
    ],
)
def test_an_answer_may_name_its_own_number(text: str) -> None:
    """The company is told its number, wherever a mail program has wrapped the line."""
    (command,) = commands_in(text, "KAM")
    assert command.refusal == ""
    assert command.argument.startswith("Bitte geben Sie die Nummer KAM")


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("Bitte wenden Sie sich unter Angabe der Nummer", f"{REF} an die Bauaufsicht."),
        ("Bitte wenden Sie sich", f"zu {REF} an die Bauaufsicht."),
        ("Bitte geben Sie die Nummer", f"{REF} immer an."),
        ("Ja, das geht", f"Danach {REF} schliessen"),
    ],
)
def test_a_wrapped_number_is_no_order(above: str, below: str) -> None:
    """Where the own number may stand amid a sentence, neither half is sent nor carried out."""
    first, *rest = commands_in(f"{REF} antwort {above}\n{below}", "KAM")
    assert first.refusal
    assert [each.verb for each in rest] == [None]


@pytest.mark.parametrize(
    "above", ["Ja, das geht", "Ja, das geht, und zwar schon am nächsten Montag um neun Uhr."]
)
def test_two_orders_for_one_matter_are_two(above: str) -> None:
    """Below a short line or a whole sentence the own number begins another order."""
    first, second = commands_in(f"{REF} antwort {above}\n{REF} schliessen", "KAM")
    assert (first.argument, first.refusal, second.verb) == (above, "", Verb.CLOSE)


def test_an_order_without_free_text_is_done_above_a_slip() -> None:
    """A slip in the next number takes nothing from an order that is whole, and is told."""
    first, second = commands_in(f"{REF} an umwelt,\nKAM-4H2D-8T5 an tiefbau", "KAM")
    assert (first.argument, first.refusal) == ("umwelt", "")
    assert (second.verb, second.line) == (None, "KAM-4H2D-8T5 an tiefbau")


def test_a_number_below_a_closing_says_nothing() -> None:
    """A signature that bears a number is none of the manager's orders."""
    (command,) = commands_in(f"{REF} antwort Ja.\n\nViele Grüße\nzu {OTHER}", "KAM")
    assert command.refusal == ""
