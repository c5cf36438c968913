"""An office's reply as the company may read it: nothing internal in it, nothing lost from it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.core.answer import (
    clean,
    of_one_paragraph,
    section_text,
    without_courtesies,
)
from mailflow.core.house import House
from mailflow.core.signatures import without_signature
from mailflow.core.tracking import Keyring, Role, find

CENTRAL = "unternehmen@stadt.example.org"
OFFICES = frozenset({"bauaufsicht@stadt.example.org", "leitung-60@stadt.example.org"})
HOUSE = House(CENTRAL, OFFICES)
KEYRING = Keyring({"a": b"a key for tests, thirty-two bytes"}, "a")
TOKEN = KEYRING.token(Role.OFFICE, KEYRING.leg(Role.OFFICE, "x"), "bauaufsicht@stadt.example.org")


def section(text: str) -> str:
    """Give a text as a section of the combined answer."""
    return section_text(text, HOUSE)


def cleaned(text: str) -> str:
    """Give a text without what is internal."""
    return clean(text, HOUSE)


def test_a_letter_becomes_its_substance() -> None:
    """Salutation, closing and name go; what stands between stays word for word."""
    letter = """Sehr geehrte Frau Muster,

das Vorhaben ist zulässig.

  - Lageplan
  - Statik

Mit freundlichen Grüßen
i. A. Karl Klein
Bauaufsicht, Zimmer 12
"""
    assert section(letter) == "Das Vorhaben ist zulässig.\n\n  - Lageplan\n  - Statik"


@pytest.mark.parametrize(
    "salutation",
    [
        "Sehr geehrte Frau Dr. Muster-Schmidt,",
        "Sehr geehrte Damen und Herren,",
        "Sehr geehrte Frau Muster,\nsehr geehrter Herr Meier,",
        "Guten Tag Herr von der Heide,",
        "Guten Tag!",
        "Hallo zusammen,",
        "Liebe Kolleginnen und Kollegen,",
        "Dear Ms. Muster,",
        "Moin",
    ],
)
def test_salutations_are_left_out(salutation: str) -> None:
    """Several offices do not each greet the company anew."""
    assert section(f"{salutation}\n\nJa, das geht.") == "Ja, das geht."


@pytest.mark.parametrize(
    "closing",
    [
        "Mit freundlichen Grüßen\nKarl Klein",
        "Mit freundlichem Gruß\n\ni.A. Klein\nBauaufsicht",
        "Viele Grüße aus dem Rathaus\nKarl",
        "MfG",
        "Freundliche Grüße,\nDr. Klein",
        "Kind regards\nKarl Klein\nBuilding Office",
        "Mit freundlichen Gruessen",
    ],
)
def test_closings_and_the_name_below_are_left_out(closing: str) -> None:
    """The letter has one closing: that of the central contact."""
    assert section(f"Ja, das geht.\n\n{closing}\n") == "Ja, das geht."


@pytest.mark.parametrize(
    "text",
    [
        "Werte der Anlage, siehe Seite 3.",
        "Liebe zum Detail zeigt der Entwurf, gut so.",
        "Guten Tag zu wünschen ist üblich, aber nicht nötig.",
        "Das Amt grüßt.\nMit freundlichen Grüßen hat das nichts zu tun, sagen wir.",
        "Hallenbau Meier, Hafenstraße 12: zulässig.",
        "Hi-Fi-Anlagen, Lautsprecher: genehmigungsfrei.",
    ],
)
def test_sentences_that_only_look_like_courtesies_stay(text: str) -> None:
    """What might be substance is never taken for a greeting."""
    assert section(text) == text


def test_what_follows_on_the_line_of_the_greeting_stays() -> None:
    """``Guten Tag, das geht.`` loses two words, not the answer."""
    assert section("Guten Tag, das geht.") == "Das geht."


def test_a_postscript_below_the_name_stays() -> None:
    """Whatever is a sentence below the closing belongs to the answer."""
    text = "Ja.\n\nViele Grüße\nKarl Klein\n\nPS: Der Plan liegt bei.\nBitte unterschreiben."
    assert section(text) == "Ja.\n\nPS: Der Plan liegt bei.\nBitte unterschreiben."


def test_a_short_postscript_is_no_name() -> None:
    """A line that says what it is stays, however short."""
    assert section("Ja.\n\nViele Grüße\nKarl Klein\nPS: Plan folgt") == "Ja.\n\nPS: Plan folgt"


@pytest.mark.parametrize(
    "below", ["Gebühr 85 Euro\nZahlbar bis 15.12.2026", "Abnahme am 9. Dezember", "85,00 €"]
)
def test_an_amount_or_a_date_below_the_name_stays(below: str) -> None:
    """What stands apart from the name and bears a figure is substance without a full stop."""
    letter = f"Ja.\n\nFreundliche Grüße\nPetra Lindner\n\n{below}"
    assert section(letter) == f"Ja.\n\n{below}"


@pytest.mark.parametrize(
    "below",
    [
        "Aber nur bis 22 Uhr und nur werktags",
        "Das gilt nicht für die Halle 5",
        "zu 2: nachts gelten 45 dB(A), tags 60 dB(A)",
        "Nur werktags",
        "Montag, 10 Uhr\nStadthaus, Zimmer 214",
        "Donnerstag, 3. Dezember 2026, 10 Uhr\nStadthaus, Zimmer 214",
        "Gebühr: 450 Euro\nFällig am 15.12.2026\nTel. 0203 283-1234",
    ],
)
@pytest.mark.parametrize("apart", ["\n", "\n\n"])
def test_a_condition_below_the_name_stays(below: str, apart: str) -> None:
    """What has a verb, an adverb, an hour or an amount is no name, though no full stop ends it."""
    letter = f"Ja.\n\nMit freundlichen Grüßen\nPetra Maier{apart}{below}"
    assert section(letter) == f"Ja.\n\n{below}"


@pytest.mark.parametrize(
    "below",
    [
        "Ausnahme: Kaltlager",
        "Unter Vorbehalt",
        "Unter Auflagen",
        "Befristet auf 2 Jahre",
        "Widerruflich",
        "Ohne Halle 5",
        "Halle 5: Nein",
        "Vorbehaltlich Zustimmung der Feuerwehr",
        "Frist: Ende Januar",
        "Auf Widerruf",
        "Mit Auflagen",
        "Vorbehalt Brandschutz",
        "Vorausgesetzt Statik",
        "In Abstimmung mit Polizei",
        "Samstags Ruhe",
        "Vorläufig",
        "Halbseitig",
        "Tagsüber",
        "Erdgeschoss",
        "Vorab",
        "Nur Zimmer 12",
        "Rohbau",
        "Teilbaugenehmigung",
        "Rechtsbehelf: Widerspruch innerhalb eines Monats",
    ],
)
@pytest.mark.parametrize(
    "apart", ["\n", "\n\n", "\n\nStadt Musterstadt\n", "\nBauordnung\nTel. 0203 283-12\n"]
)
def test_a_condition_of_two_words_below_the_name_stays(below: str, apart: str) -> None:
    """What names no office, no rank and no address changes the answer's meaning."""
    letter = f"Ja.\n\nMit freundlichen Grüßen\nPetra Maier{apart}{below}"
    assert section(letter) == f"Ja.\n\n{below}"


def test_a_thing_apart_from_the_name_stays() -> None:
    """Without a word of a condition only the blank line tells it from a title."""
    assert section("Ja.\n\nViele Grüße\nPetra Maier\n\nZwei Stellplätze") == (
        "Ja.\n\nZwei Stellplätze"
    )


@pytest.mark.parametrize(
    "name",
    [
        (
            "J. Maier\n\nStadt Musterstadt\nDer Oberbürgermeister\nAmt für Bauordnung\nAm Markt 3\n"
            "47051 Musterstadt\nTel.: 0203 283-4455\nFax: 0203 283-4456\nwww.stadt.example.org"
        ),
        "Lindner\n\nStadtverwaltung\nFachbereich 5 - Umwelt\nHaus am See\nTel. 0203 283-12",
        "Lindner\n\nMusterstädter Stadtentwässerung\nTel. 0203 283-12",
        "Petra Lindner\nProkuristin",
        "Ihr Bauamt\n\nPetra Lindner",
        "Petra Lindner\nPlanen, Bauen, Wohnen",
        "Petra Lindner\nStabsstelle Klimaresilienz",
        "Petra Lindner\nQuartiersbüro Rheinhausen\nSozialraum\nTel. 0203 283-12",
        "Petra Lindner\nVermessung und Geoinformation\n\nGemeinsam Zukunft gestalten",
        "Stadt Musterstadt\n\nLindner",
        "Petra Lindner\n-------------\nUntere Wasserbehörde\nHafenstraße 3",
        "Klein\n\nStellv. Abteilungsleiterin\nAbteilung Verkehr",
    ],
)
def test_a_long_signature_is_left_out_whole(name: str) -> None:
    """However many lines say who and where somebody is, none is part of the answer."""
    assert section(f"Ja.\n\nMit freundlichen Grüßen\n{name}") == "Ja."


@pytest.mark.parametrize(
    "below",
    [
        "Leiterin des Amtes für öffentliche Ordnung\nstellvertretende Amtsleiterin",
        "Sprechzeiten: Mo-Fr 8-12 Uhr und nach Vereinbarung",
        "Sprechzeiten\nMo und Di 8 bis 12 Uhr\nDo 8-12 und 14-18 Uhr",
        "Fachbereich Umwelt und technische Dienste\nTelefon 0203 283-1234",
        "i. A. Dr. von der Heyden\nStadt Musterstadt, Der Oberbürgermeister",
        "p.maier@stadt.example.org\nwww.stadt.example.org",
        "Raum 12\nGebäude C",
        "-Sachbearbeiterin-",
        "Erreichbar: Mo-Do 8-16 Uhr",
    ],
)
def test_titles_and_addresses_are_names(below: str) -> None:
    """What an office prints under a name stays away from the company."""
    assert section(f"Ja.\n\nMit freundlichen Grüßen\nPetra Maier\n\n{below}") == "Ja."


def test_a_signature_with_figures_is_left_out() -> None:
    """A telephone's digits, a room or the hours of opening are neither amount nor date."""
    name = "Lindner\n\nAmt 61, Zimmer 3.12\nTel. 0201 88.12.34\nMo-Fr 8-12, 40213 Düsseldorf"
    assert section(f"Ja.\n\nViele Grüße\n{name}") == "Ja."


NO_OBJECTIONS = "Keine Bedenken von Seiten der Wasserbehörde."


@pytest.mark.parametrize(
    ("author", "block"),
    [
        ("Holger Brandt", "Holger Brandt\nUmweltamt\nVon meinem iPhone gesendet"),
        ("Brandt, Holger (Umweltamt)", "Holger Brandt\nUmweltamt, Zimmer 12\nTel. 0203 283-12"),
        ("Dr. Holger Brandt", "Dr. Brandt\n\nGesendet von Outlook für iOS"),
        ("Brandt, Holger", "Brandt"),
        ("Brandt, Holger", "H. Brandt\nSachbearbeiter Umwelt"),
        ("Brandt, Holger", "Brandt, Umweltamt"),
    ],
)
def test_a_signature_without_a_closing_is_left_out(author: str, block: str) -> None:
    """Below a blank line the author's own name, and what stands under it, tells nothing."""
    assert without_signature(f"{NO_OBJECTIONS}\n\n{block}\n", author) == NO_OBJECTIONS


@pytest.mark.parametrize(
    "text",
    [
        f"{NO_OBJECTIONS}\n\nHolger Brandt\nGebühr 50 Euro",
        f"{NO_OBJECTIONS}\n\nHolger Brandt\nUmweltamt\nZimmer 12\nStadthaus\nMusterstadt",
        f"{NO_OBJECTIONS}\n\nPetra Lindner\nTiefbauamt",
        f"{NO_OBJECTIONS}\nHolger Brandt\nUmweltamt",
        "Ihr Ansprechpartner ist:\n\nHolger Brandt\nUmweltamt",
        "Holger Brandt\nUmweltamt",
        f"{NO_OBJECTIONS}\n\nHolger Brandt\nVertraulich",
        f"{NO_OBJECTIONS}\n\nHolger Brandt, vertraulich",
        f"{NO_OBJECTIONS}\n\nBrandt\nUmweltamt\nTelefon 0203 283-12\nZwischennachricht",
        f"{NO_OBJECTIONS}\n\nHolger Brandt\nUnter Auflagen",
        "Ihr Ansprechpartner in dieser Sache ist\n\nHolger Brandt\nZimmer 12\nTel. 0203 283-12",
        f"{NO_OBJECTIONS}\n\nHolger Brandt\nDE12 3456 7890 1234 5678 90",
        "Noch zu beteiligen sind zwei Stellen.\n\nHolger Brandt\nUmweltamt\nTiefbauamt",
    ],
)
def test_only_the_authors_own_name_is_a_signature(text: str) -> None:
    """Another name, a fee below it, or what a sentence announces stays in the answer."""
    assert without_signature(text, "Holger Brandt") == text


def test_a_list_of_offices_is_no_signature_of_one_of_them() -> None:
    """Of its own name and another's an office makes a list, and no signature."""
    text = "Folgende Stellen sind noch zu beteiligen.\n\nBauordnung\nUmweltamt\nTiefbauamt"
    assert without_signature(text, "Amt für Bauordnung") == text


IMPRINT = (
    "Stadt Musterstadt · Amt für Verkehr\nTel.: 0203 283-1111 · Fax -1112\nv@stadt.example.org"
)


@pytest.mark.parametrize("rule", ["_" * 32, "-" * 20])
@pytest.mark.parametrize("name", ["", "\n\nHolger Brandt", "\n\nViele Grüße\nBrandt"])
def test_an_imprint_below_a_rule_is_left_out(name: str, rule: str) -> None:
    """What an office prints below a line says who and where it is, with a name above or without."""
    text = without_signature(f"{NO_OBJECTIONS}{name}\n\n{rule}\n{IMPRINT}", "Holger Brandt")
    assert section(text) == NO_OBJECTIONS


def test_a_table_below_a_rule_stays() -> None:
    """A rule alone makes no imprint of what stands below it."""
    text = f"{NO_OBJECTIONS}\n\n{'-' * 20}\nGrenzwert: 45 dB(A)\nTel. 0203 283-12"
    assert without_signature(text, "Holger Brandt") == text


@pytest.mark.parametrize("closing", ["", "\n\nViele Grüße\nHolger Brandt"])
@pytest.mark.parametrize(
    "line",
    [
        "Von meinem iPhone gesendet",
        "Gesendet mit der GMX Mail App",
        "Gesendet von Outlook für iOS",
        "Gesendet von meinem Xperia 10",
        "Sent from my Galaxy S21",
        "Sent with Proton Mail secure email.",
    ],
)
def test_a_telephones_line_is_left_out(closing: str, line: str) -> None:
    """No company reads with what an office wrote its mail."""
    assert section(f"Ja.{closing}\n\n{line}\n") == "Ja."


@pytest.mark.parametrize(
    "line",
    [
        "(Dieses Schreiben wurde maschinell erstellt und ist ohne Unterschrift gültig.)",
        "Dieses Dokument wurde elektronisch erstellt und trägt daher keine Unterschrift.",
        "Diese Nachricht wurde automatisch erzeugt.",
        "Hinweis: Diese Nachricht wurde elektronisch erstellt und ist ohne Unterschrift gültig.",
    ],
)
def test_what_a_program_prints_at_the_end_is_left_out(line: str) -> None:
    """That a letter bears no signature says nothing to the company of its matter."""
    assert section(f"Ja.\n\nMit freundlichen Grüßen\nIm Auftrag\n\ngez. Neumann\n{line}") == "Ja."


@pytest.mark.parametrize(
    "line",
    [
        "Gesendet mit Einschreiben am 3. Mai 2026: der Bescheid",
        "Gesendet mit Anlagen per Post an Ihr Büro.",
        "Sent with separate letter on 3 May: the site plan.",
        "Sent from our archive to your office by courier.",
        "gesendet mit der Post am 3. Mai.",
        "Gesendet von meinem Kollegen am Montag",
        "Dieser Bescheid wurde automatisch erstellt und ist bis 15.12. zu bezahlen.",
        "Dieses Schreiben wurde maschinell erstellt. Die Gebühr ist fällig.",
        "Diese Auskunft wurde elektronisch erstellt und ist bis Jahresende gültig.",
    ],
)
def test_what_tells_more_than_who_printed_it_stays(line: str) -> None:
    """A sentence of the matter at the end is part of the answer."""
    assert section(f"Ja.\n\n{line}") == f"Ja.\n\n{line}"


def test_an_inline_answer_keeps_the_lines_it_answers() -> None:
    """Quoted questions stay where the office answered between them."""
    text = "> 1. Geht das?\nJa.\n> 2. Wann?\nIm Mai."
    assert section(text) == text


def test_internal_addresses_become_the_central_one() -> None:
    """The company learns one address only, also from signatures and pasted headers."""
    text = "Fragen an Bauaufsicht@Stadt.example.org oder <leitung-60+x.y@stadt.example.org>."
    assert section(text) == f"Fragen an {CENTRAL} oder <{CENTRAL}>."


@pytest.mark.parametrize(
    "address",
    [
        "abauaufsicht@stadt.example.org",
        "bauaufsicht@stadt.example.org.example",
        "bauaufsicht@stadt.example.organisation",
        "x.bauaufsicht@stadt.example.org",
    ],
)
def test_other_addresses_stay_whole(address: str) -> None:
    """An address that merely contains an internal one is somebody else's."""
    assert section(f"Schreiben Sie an {address}!") == f"Schreiben Sie an {address}!"


@pytest.mark.parametrize(
    "written",
    [
        TOKEN,
        f"[{TOKEN}]",
        f"unternehmen+{TOKEN}@stadt.example.org",
        f"Unternehmen+{TOKEN.upper()}@Stadt.example.org",
        f"mailto:unternehmen%2B{TOKEN}@stadt.example.org?subject=%5B{TOKEN}%5D",
        f"<https://filter.example/?u=unternehmen%2b{TOKEN}%40stadt.example.org>",
        f"AW: [KAM-7K3Q-9F2M] Halle [{TOKEN}]",
    ],
)
def test_tokens_never_reach_the_company(written: str) -> None:
    """The secret of an office's leg is taken out in every shape mail programs give it."""
    text = section(f"Ja, siehe {written} unten.")
    assert TOKEN not in text.lower()
    assert text.startswith("Ja, siehe ")
    assert text.endswith(" unten.")


def test_our_marker_goes_with_its_second_line() -> None:
    """A reply written below the marker does not carry it on."""
    marker = "## Bitte oberhalb dieser Zeile antworten ##"
    text = (
        f"Oben.\n> {marker}\n> KAM-7K3Q-9F2M · {TOKEN}\n{marker}\nKAM-7K3Q-9F2M · {TOKEN}\nUnten."
    )
    assert section(text) == "Oben.\nUnten."


def test_a_list_or_a_line_of_dashes_is_no_leftover() -> None:
    """Only lines that lost something may vanish."""
    text = "Maße\n-----\n3 m\n***\n(KAM-7K3Q-9F2M)"
    assert cleaned(text) == text


WORDS = st.lists(
    st.sampled_from(
        ["Ja,", "das", "geht.", "3 m²", "Größe", "–", "§ 34", "a@b.example", "[1]", "x:y"]
    ),
    max_size=8,
).map(" ".join)
SECRETS = st.sampled_from(
    [
        TOKEN,
        TOKEN.upper(),
        f"[{TOKEN}]",
        f"<unternehmen+{TOKEN}@stadt.example.org>",
        *OFFICES,
        "bauaufsicht+ab@stadt.example.org",
    ]
)


@given(st.lists(st.tuples(WORDS, SECRETS, WORDS, st.sampled_from(["\n", " ", "\n\n", "\r\n"]))))
def test_the_canary_no_secret_survives_and_no_word_is_lost(
    parts: list[tuple[str, str, str, str]],
) -> None:
    """Wherever secrets stand between words, all secrets go and all words stay in their order."""
    text = "".join(f"{before} {secret} {after}{gap}" for before, secret, after, gap in parts)
    result = cleaned(text)
    assert find(result) == ()
    assert TOKEN not in result.lower()
    assert not any(address in result.lower() for address in OFFICES)
    words = " ".join(f"{before} {after}" for before, _, after, _ in parts).split()
    left = [word for word in result.split() if word.strip("[]<>") not in {"", CENTRAL}]
    assert [word for word in left if re.search(r"\w", word)] == [
        word for word in words if re.search(r"\w", word)
    ]


@given(st.text())
def test_any_text_comes_out_without_an_error(text: str) -> None:
    """The world's text never raises, and cleaning twice changes nothing more."""
    once = cleaned(text)
    assert cleaned(once) == once
    without_courtesies(text)


@pytest.mark.parametrize(
    "text",
    ["-" * 200_000, "> " * 100_000, f"{TOKEN}" + "a" * 100_000, "a.b@" * 50_000, "Hallo " * 30_000],
)
def test_hostile_texts_take_no_longer_than_their_length_allows(text: str) -> None:
    """No pattern is quadratic: a hundred kilobytes of provocation end long before the timeout."""
    assert len(section(text)) <= len(text)


@pytest.mark.parametrize(
    "closing",
    [
        "MfG Maier",
        "Gruß Maier",
        "Gruß, Maier",
        "VG P. Maier",
        "LG Peter",
        "Viele Grüße Peter Maier",
        "Mit freundlichen Grüßen, Peter Maier",
        "Freundliche Grüße i. A. Maier",
        "Mit freundlichen Grüßen Ihr Team Bauaufsicht",
        "i.A. Maier",
        "gez. Maier",
        "Im Auftrag\nMaier",
        "Mit freundlichen Grüßen\nIm Auftrag\n\nPeter Maier",
        "Kind regards Peter",
        "Best,\nPeter",
        "Cheers\nPeter",
        "Glück auf\nPeter Maier",
    ],
)
def test_a_closing_with_the_name_on_its_line_is_left_out(closing: str) -> None:
    """However short an office signs, no name stands amid the combined answer."""
    assert section(f"Guten Tag,\n\nder Antrag ist vollständig.\n\n{closing}") == (
        "Der Antrag ist vollständig."
    )


@pytest.mark.parametrize(
    "text",
    [
        "Zuständig ist das\nVG Düsseldorf",
        (
            "Klage ist möglich beim\n\nVG Düsseldorf\nBastionstraße 39\n40213 Düsseldorf\n\n"
            "Die Frist beträgt einen Monat."
        ),
        "Liebe Grüße aus dem Rathaus, die Genehmigung ist da.",
        "Die Halle ist frei.\nSchöne Grüße vom Bauhof, der Schlüssel liegt am Empfang",
        "Bitte sagen Sie es Herrn Klein:\nGrüßen Sie Herrn Maier",
        "Geklagt hat ein Nachbar.\n\nIm Auftrag des Nachbarn klagt Frau Klein",
        "Wir wünschen Ihnen viel Erfolg und grüßen Sie herzlich.",
    ],
)
def test_words_that_begin_like_a_closing_stay(text: str) -> None:
    """A court, a sentence: what goes on is no closing."""
    assert section(text) == text


def test_a_greeting_by_first_name_is_left_out() -> None:
    """The company is greeted once."""
    assert section("Liebe Sabine,\n\nja, das geht.") == "Ja, das geht."
    assert section("Liebe Grüße richten wir aus.") == "Liebe Grüße richten wir aus."


@pytest.mark.parametrize("closing", ["Viele Grüße Petra Weber", "MfG Weber", "Mit besten Grüßen"])
def test_one_paragraph_loses_its_courtesies(closing: str) -> None:
    """What is written in one line greets and closes in it."""
    text = f"Sehr geehrte Frau Muster, wir rufen Sie morgen an. Danke! {closing}"
    assert of_one_paragraph(text) == "Wir rufen Sie morgen an. Danke!"
    assert of_one_paragraph("Grüße gehen an alle. Das Amt ist zu.") == (
        "Grüße gehen an alle. Das Amt ist zu."
    )
