"""Which offices a mail concerns: the directory, the words, and what must not be routed.

The inquiries in ``inquiries.jsonl`` were written for this project in five rounds, each before the
words of ``config/offices.toml`` had seen it; the figures of the rounds are in
``docs/configuration.md``. They, and the city's own cases beside the repository, keep the bars.
"""

import json
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.core.directory import Office, Offices, Terms
from mailflow.core.gist import Gist
from mailflow.core.intents import flags_of, intent_of, may_be_private
from mailflow.core.offices import Action, Flag, Routing, RoutingPolicy, route
from mailflow.core.terms import Passage, fold
from mailflow.settings import load_offices
from mailflow.shipped import example_config

ROOT = Path(__file__).resolve().parents[2]
INQUIRIES = ROOT / "tests" / "core" / "inquiries.jsonl"
SHARED = ROOT.parent / "shared" / "domain" / "cases.jsonl"
CITY = load_offices(example_config() / "offices.toml")
Case = Mapping[str, Any]


def _office(name: str, strong: str = "", weak: str = "", **facts: Any) -> Office:
    def words(text: str) -> tuple[str, ...]:
        return tuple(text.split(";")) if text else ()

    terms = {"de": Terms(words(strong), words(weak))}
    return Office(name, name.title(), f"{name}@stadt.example.org", terms=terms, **facts)


BUILDING = _office("bau", "bauantrag;halle * erweiter", "neubau;anbau;dach")
WASTE = _office("abfall", "müll;gebühr", "container;tonne")
ROADS = _office("tiefbau", "gerüst;kanal", "gehweg")
SURVEY = _office("kataster", "kataster")
ESTATES = _office("liegenschaften", "liegenschaft")
PORT = _office("hafen", "umschlagplatz", external=True)
TOWN = Offices((BUILDING, WASTE, ROADS, SURVEY, ESTATES, PORT))


def _routed(subject: str, text: str = "", language: str = "de", **facts: Any) -> Routing:
    return route(subject, text, language, TOWN, **facts)


def _ids(offices: tuple[Office, ...]) -> list[str]:
    return [office.id for office in offices]


# Terms


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        pytest.param("bauantrag", "Unsere BAUANTRÄGE", "", id="another word"),
        pytest.param("bauanträg", "Unsere BAUANTRÄGE!", "BAUANTRÄGE", id="case and umlaut"),
        pytest.param("bauantraeg", "Bauanträge", "Bauanträge", id="folded term"),
        pytest.param("antrag", "die Bauantragsmappe", "Bauantragsmappe", id="inside a compound"),
        pytest.param("ihk", "Die IHK sagt", "IHK", id="short whole word"),
        pytest.param("ihk", "Technikhkurs", "", id="short, not inside"),
        pytest.param("kita", "Kitaplätze", "Kitaplätze", id="four letters begin a word"),
        pytest.param("kita", "Betriebskita", "", id="four letters, not inside"),
        pytest.param("|kanal", "ein Vertriebskanal", "", id="a bar in front"),
        pytest.param("frist|", "kurzfristig", "", id="a bar behind"),
        pytest.param("frist|", "die Mahnfrist läuft", "Mahnfrist", id="a bar behind, found"),
        pytest.param(
            "städtisches grundstück",
            "der städtischen Grundstücke",
            "städtischen Grundstücke",
            id="endings",
        ),
        pytest.param(
            "gewerbe * anmeld",
            "mein Gewerbe bei Ihnen anmelden",
            "Gewerbe bei Ihnen anmelden",
            id="star",
        ),
        pytest.param(
            "gewerbe * anmeld", "Gewerbe, danach anmelden", "", id="star stays in a clause"
        ),
        pytest.param("blaue karte", "eine Blaue\nKarte", "Blaue Karte", id="over a line break"),
        pytest.param(
            "nutzungsänderung", "Nutzungs-\nänderung", "Nutzungsänderung", id="hyphenated"
        ),
        pytest.param("baurecht", "Bau\u00adrecht", "Bau\u00adrecht", id="soft hyphen"),
    ],
)
def test_what_a_german_term_finds(term: str, text: str, found: str) -> None:
    """Each rule of the terms, by what it finds in the author's own words."""
    spans = [span.words for span in Passage.of(text).find(term)]
    assert ([found] if found else []) == spans


def test_other_languages_match_where_words_begin() -> None:
    """English "port" is not in "support", nor Turkish "izin" in "benzinci"; accents are none."""
    assert not Passage.of("support", "en").has("port area", "en")
    assert not Passage.of("benzinci", "tr").has("izin", "tr")
    assert Passage.of("gürültü sınırı", "tr").has("gurultu", "tr")


def test_chinese_matches_anywhere() -> None:
    """Chinese has no spaces between its words."""
    assert Passage.of("我们需要营业执照。", "zh").has("营业执照", "zh")


def test_german_and_other_umlauts_fold_differently() -> None:
    """German ä is ae, elsewhere it is a; Turkish dots do not matter."""
    assert (fold("Ärger Straße"), fold("ärger", "tr")) == ("aerger strasse", "arger")
    assert fold("İZMİR ışık", "tr") == "izmir isik"


@given(st.text(max_size=300))
def test_folding_twice_is_folding_once(text: str) -> None:
    """Folded text stays as it is, so terms may be written either way."""
    assert fold(fold(text)) == fold(text)


@given(word=st.text(string.ascii_lowercase, min_size=5, max_size=20), around=st.text(max_size=60))
def test_a_word_is_found_wherever_it_stands(word: str, around: str) -> None:
    """Whatever surrounds a word with spaces, its term finds it."""
    assert Passage.of(f"{around}\n {word} {around}").has(word)


# Gist


@pytest.mark.parametrize(
    "letter",
    [
        "Guten Tag,\n\nder Müll liegt da.\n\nMit freundlichen Grüßen\nBau GmbH",
        "Hallo,\nder Müll liegt da.\n\nBeste Grüße aus Duisburg\nA. Bau",
        "Sehr geehrte Damen und Herren, der Müll liegt da.\n\nBau AG",
        "Moin,\nder Müll liegt da.\n\nBau e. K.",
        "Dear team,\nder Müll liegt da.\n\nKind regards\nBau Ltd.",
        "> alte Mail über Bau\nder Müll liegt da.\n\nGruß, Bau",
        "Hallo,\nder Müll liegt da.\nMfG\nBau",
    ],
)
def test_only_what_is_said_counts(letter: str) -> None:
    """Salutation, closing, signature, company name and quotes are no part of the matter."""
    assert Gist.of(letter).body == "der Müll liegt da."


@pytest.mark.parametrize(
    ("letter", "kept"),
    [
        ("Gruß aus Essen", "Gruß aus Essen"),
        ("Frage?\nViele Grüße\nA. B.\nPS: Und der Müll?", "Frage?\nPS: Und der Müll?"),
        (
            "Wer hilft uns weiter?\n\nWir suchen:\n- eine Halle",
            "Wer hilft uns weiter?\n\nWir suchen:\n- eine Halle",
        ),
        ("Hallo, wann kommt der Müllwagen?", "Hallo, wann kommt der Müllwagen?"),
    ],
)
def test_nothing_said_is_lost(letter: str, kept: str) -> None:
    """A mail of one line, a postscript, a list at the end and a question in the salutation stay."""
    assert kept == Gist.of(letter).body


def test_who_the_author_is_does_not_count() -> None:
    """What a company is by trade must not send its mail to the office of that trade."""
    gist = Gist.of("Wir sind ein Müllentsorger mit Sitz hier und planen einen Neubau.")
    assert "Müll" not in gist.matter
    assert "Neubau" in gist.matter


@pytest.mark.timeout(20)
@pytest.mark.parametrize("filling", ["\n", " \n", "Hallo,\n", "a\n", "Gruß\n", "a " * 50 + "\n"])
def test_a_letter_of_two_megabytes_has_a_gist_in_no_time(filling: str) -> None:
    """Every line is looked at once, however many say nothing: one mail must not stop the others."""
    gist = Gist.made_of("Hallo,\n" + filling * (2_000_000 // len(filling)) + "der Müll liegt da.")
    assert len(gist.body) <= 2_000_100


@given(st.text(max_size=400))
def test_any_text_has_a_gist(text: str) -> None:
    """Body and signature are parts of the text, whatever it is."""
    gist = Gist.of(text)
    for line in (gist.body + "\n" + gist.signature).splitlines():
        assert line in text


# The directory


@pytest.mark.parametrize(
    ("words", "office_id"),
    [
        ("bauaufsicht", "bauaufsicht"),
        ("BAUAUFSICHT", "bauaufsicht"),
        ("Bauordnungsamt", "bauaufsicht"),
        ("Tiefbauamt", "tiefbau"),
        ("das Tiefbauamt", "tiefbau"),
        ("Umweltamt", "umwelt"),
        ("Umweltbehörde", "umwelt"),
        ("Ordnungsamt", "ordnung"),
        ("Gewerbeamt", "ordnung"),
        ("Steueramt", "steuern"),
        ("Auslaenderbehoerde", "auslaender"),
        ("Ausländeramt", "auslaender"),
        ("Straßenverkehrsamt", "verkehr"),
        ("Strassenverkehrsbehörde", "verkehr"),
        ("Katasteramt", "kataster"),
        ("Liegenschaftsamt", "liegenschaften"),
        ("Jugendamt", "jugend"),
        ("Gesundheitsamt", "verbraucherschutz"),
        ("Feuerwehr", "brandschutz"),
        ("Wirtschaftsförderung", "wirtschaftsfoerderung"),
        ("Denkmalbehörde, Frau Muster", "denkmal"),
        ("die Bezirksregierung, Dezernat 53", "bezirksregierung"),
        ("Stadtwerke", "versorger"),
        ("IHK", "ihk"),
        ("Handwerkskammer", "hwk"),
        ("Vergabestelle", "vergabe"),
        ("Planungsamt", "stadtplanung"),
        ("umweltamt@stadt.example.org", "umwelt"),
        ("Zulassungsstelle", "verkehr"),
    ],
)
def test_an_office_is_known_by_what_people_call_it(words: str, office_id: str) -> None:
    """Ids, names, parts of names and everyday German names find the one office meant."""
    office = CITY.named(words)
    assert office is not None
    assert office_id == office.id


@pytest.mark.parametrize(
    "words", ["", "Amt", "Standesamt", "die Stadt", "Bauaufsicht und Umweltamt", "   "]
)
def test_an_unclear_name_names_nobody(words: str) -> None:
    """No office, or more than one, is no answer: nothing is guessed."""
    assert CITY.named(words) is None


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("bauaufsiht", ("bauaufsicht",)),
        ("tiefbaumt", ("tiefbau",)),
        ("Wirtschaftsförderng", ("wirtschaftsfoerderung",)),
        ("Strasenverkehrsamt", ("verkehr",)),
        ("Bauaufsicht und Umweltamt", ("bauaufsicht", "umwelt")),
        ("raumfahrt", ()),
        ("amt", ()),
        ("", ()),
    ],
)
def test_a_name_that_is_nearly_one_is_recognised(words: str, meant: tuple[str, ...]) -> None:
    """A slip of a letter or two, or more than one office: those that may be meant are given."""
    assert CITY.named(words) is None
    assert tuple(sorted(office.id for office in CITY.nearly(words))) == meant


@given(st.text(max_size=60))
def test_any_words_may_be_asked(words: str) -> None:
    """A name from an office's mail is any text; it names an office of the city or none."""
    assert CITY.named(words) in (None, *CITY)
    assert set(map(id, CITY.nearly(words))) <= set(map(id, CITY))


def test_every_office_is_found_by_its_own_names() -> None:
    """Id, name, short name and address of each of the city's offices lead to it."""
    for office in CITY:
        for words in (office.id, office.name, office.short_name, office.address):
            assert office is CITY.named(words), words


@pytest.mark.parametrize(
    ("words", "with_ids"),
    [
        ("das Amt für Rechnungswesen und Steuern bitte", "das steuern bitte"),
        ("AMT FUER RECHNUNGSWESEN UND STEUERN", "steuern"),
        ("Amt fu\u0308r Rechnungswesen und Steuern, umwelt", "steuern, umwelt"),
        ("Umweltamt (Immissionsschutz, Boden, Wasser, Natur", "umwelt"),
        ("Umweltamt (Immissionsschutz, Boden, Wasser, Natur) und Tiefbauamt", "umwelt und tiefbau"),
        ("Tiefbauamt - Straßen, Sondernutzung, Baustellen", "tiefbau"),
        ("Straßenverkehrsbehörde und Kfz- Zulassung", "verkehr"),
        ("Jobcenter/Arbeitgeber-Service", "jobcenter"),
        ("Umweltamt@stadt.example.org und verkehr", "umwelt und verkehr"),
        ("Umweltamtsleitung, Jugendamt-Nord, x.umweltamt@stadt.example.org", ""),
        ("Rechnungswesen und Steuern", ""),
        ("", ""),
    ],
)
def test_a_name_in_full_becomes_the_offices_id(words: str, with_ids: str) -> None:
    """What is written as an office's whole name is that office; nothing else is touched."""
    assert CITY.with_ids(words) == (with_ids or words)


@given(st.text(max_size=60), st.sampled_from(CITY.all), st.text(max_size=60))
def test_words_around_a_name_in_full_stay(before: str, office: Office, behind: str) -> None:
    """Whatever stands around a name, it is found, and every other word stays as written."""
    plain = replace(office, name="Amt für A und B", address="")
    told = Offices((plain,)).with_ids(f"{before} ; {plain.name} ; {behind}")
    assert f" ; {office.id} ; " in told


_NO_NAMES = (
    "nicht noch erst nur ohne außer auf statt kein keine nein wenn falls sobald später morgen"
    " heute Montag Freitag nach vor bis bevor aber doch halt stopp warten sonst frist tage alle"
    " beide zuerst dann rest teil entwurf anonym not only without except until tomorrow after"
    " before when once if wait first later gibt es einen darf man was org stadt example"
)


@pytest.mark.parametrize("office", CITY.all, ids=lambda office: office.id)
def test_a_word_amid_an_offices_terms_is_no_name_of_it(office: Office) -> None:
    """What finds an office's matters in a letter does not excuse a limit beside its name."""
    for word in _NO_NAMES.split():
        beside = CITY.words_beside(f"{office.id} {word}", office)
        assert beside == (() if word == "stadt" else (fold(word),)), word


def test_a_whole_strong_term_names_an_office() -> None:
    """By what an office was found, that is no word beside its name."""
    for words in ("Bauantrag", "b-plan", "Start-up", "Zulassungsstelle"):
        office = CITY.named(words)
        assert office
        assert CITY.words_beside(words, office) == ()


def test_an_address_belongs_to_office_member_deputy_or_head() -> None:
    """All four may speak for an office, in any case; nobody else may."""
    office = replace(BUILDING, members=("m@x.example",), deputy="d@x.example", head="h@x.example")
    offices = Offices((WASTE, office))
    for address in (" BAU@Stadt.example.org ", "M@x.example", "d@x.example", "h@x.example"):
        assert office is offices.by_address(address)
    assert offices.by_address("x@x.example") is None
    assert offices.by_address("") is None


def test_an_offices_own_address_wins_over_another_offices_head() -> None:
    """A head who is another office's address writes as that office first."""
    office = replace(BUILDING, head=WASTE.address)
    assert WASTE is Offices((office, WASTE)).by_address(WASTE.address)


# Routing


def test_a_strong_term_makes_an_office_sure() -> None:
    """One strong term routes, and the reason shows the author's words."""
    found = _routed("Frage", "Wo reichen wir unsere Bauantragsunterlagen ein?")
    assert (found.action, _ids(found.offices)) == (Action.ROUTE, ["bau"])
    assert found.why == "Bau (3 Punkte: „Bauantragsunterlagen“)."


def test_a_single_weak_term_only_suggests() -> None:
    """One weak word leaves the decision to the manager, with the office suggested."""
    found = _routed("Anfrage", "Was ist mit unserem Neubau?")
    assert (found.action, found.offices, _ids(found.suggestions)) == (Action.TRIAGE, (), ["bau"])
    assert found.why.startswith("Kein Amt ist sicher zu erkennen. Am ehesten: Bau")


def test_several_weak_terms_far_ahead_are_sure() -> None:
    """Three different weak words for one office and none for another are enough."""
    assert _ids(_routed("Frage", "Neubau oder Anbau, und das Dach?").offices) == ["bau"]


def test_several_weak_terms_with_a_rival_are_not() -> None:
    """A second office with more than half as many words makes it unsure again."""
    found = _routed("Frage", "Neubau oder Anbau, und das Dach? Container, Tonne?")
    assert (found.action, _ids(found.suggestions)) == (Action.TRIAGE, ["bau", "abfall"])


def test_the_subject_counts_more() -> None:
    """The same word is worth five points in the subject and three in the text."""
    assert _routed("Müll", "Wer holt das ab?").scores[0].points == 5
    assert _routed("Frage", "Wer holt den Müll ab?").scores[0].points == 3


def test_repeating_a_word_proves_nothing_more() -> None:
    """Ten times the same word is one match."""
    assert _routed("Frage", "Müll! " * 10 + "?").scores[0].points == 3


def test_offices_come_in_the_configured_order() -> None:
    """Whatever scores higher, forwards and sections follow offices.toml."""
    found = _routed("Müll, Gebühr", "Und der Bauantrag?")
    assert (_ids(found.offices), _ids(found.suggestions)) == (["bau", "abfall"], ["abfall", "bau"])


def test_too_many_offices_are_the_managers_matter() -> None:
    """With one office allowed, two sure ones are none."""
    found = _routed("Müll", "Und der Bauantrag?", policy=RoutingPolicy(max_offices=1))
    assert (found.action, found.offices) == (Action.TRIAGE, ())
    assert "Mehr als 1 Ämter" in found.why


def test_a_higher_bar_asks_for_more_words() -> None:
    """With min_score 4 one strong word in the text is not enough."""
    assert (
        _routed("Frage", "Wer holt den Müll?", policy=RoutingPolicy(min_score=4)).action
        is Action.TRIAGE
    )


def test_an_external_office_waits_for_the_manager() -> None:
    """An external office is proposed for confirmation and never asked by itself."""
    found = _routed("Frage", "Gibt es einen Umschlagplatz?")
    assert (found.action, found.offices, _ids(found.confirm)) == (Action.TRIAGE, (), ["hafen"])
    both = _routed("Frage", "Gibt es einen Umschlagplatz, und wer holt den Müll?")
    assert (_ids(both.offices), _ids(both.confirm)) == (["abfall"], ["hafen"])


def test_the_last_part_of_a_compound_decides() -> None:
    """The Liegenschaftskataster is the surveyors' matter, a Gerüstbauer no scaffold."""
    assert _ids(_routed("Frage", "Auszug aus dem Liegenschaftskataster?").offices) == ["kataster"]
    assert _routed("Frage", "Unser Gerüstbauer fragt nach Ihnen?").offices == ()


@pytest.mark.parametrize("street", ["Hafenstraße 12", "Hafenstr. 3a", "Hafenstraße/Ringstraße"])
def test_an_address_is_no_matter(street: str) -> None:
    """Whoever sits in the Hafenstraße 12 need not want the port; who asks for the port does."""
    town = Offices((_office("hafen", "|hafen"), BUILDING))
    found = route("Bauantrag", f"Betrieb in der {street}, was fehlt?", "de", town)
    assert _ids(found.offices) == ["bau"]
    assert _ids(route("", "Ist im Hafen 12 m Kai frei?", "de", town).offices) == ["hafen"]


def test_a_longer_term_explains_a_shorter_one() -> None:
    """Where one office's term holds another's, only the longer one counts."""
    sewers = _office("abwasser", "kanalanschluss")
    found = route("", "Wo ist der Kanalanschluss?", "de", Offices((ROADS, sewers)))
    assert _ids(found.offices) == ["abwasser"]


def test_confidential_mail_is_not_spread() -> None:
    """Who asks for confidence is read by the manager first."""
    found = _routed("Vertraulich", "Wo reichen wir den Bauantrag ein?")
    assert (found.action, found.offices) == (Action.TRIAGE, ())
    assert Flag.CONFIDENTIAL in found.flags


def test_a_lone_person_is_not_a_company() -> None:
    """Someone who only says "I" and shows no business waits, unless the company is known."""
    text = "Wo reiche ich meinen Bauantrag ein?"
    assert _routed("Frage", text).action is Action.TRIAGE
    assert _routed("Frage", text, known_company=True).action is Action.ROUTE
    assert _routed("Frage", f"{text}\n\nBau GmbH").action is Action.ROUTE


def test_a_language_without_terms_is_never_sure() -> None:
    """A French mail that happens to hold a known word is shown with a suggestion."""
    found = _routed("Bauantrag", "Où déposer notre Bauantrag?", "fr")
    assert (found.action, _ids(found.suggestions)) == (Action.TRIAGE, ["bau"])


def test_an_unknown_language_is_tried_as_the_citys_own() -> None:
    """A mail too short to tell its language is read as German here."""
    assert _ids(_routed("Bauantrag", "", "").offices) == ["bau"]


@given(
    subject=st.text(max_size=80),
    text=st.text(max_size=500),
    language=st.sampled_from(["de", "en", "", "xx"]),
)
def test_any_mail_can_be_routed(subject: str, text: str, language: str) -> None:
    """No text crashes routing; only ROUTE names offices, and every decision has its reason."""
    found = route(subject, text, language, CITY)
    assert bool(found.offices) == (found.action is Action.ROUTE)
    assert not any(office.external for office in found.offices)
    assert found.why


def test_a_megabyte_of_terms_is_routed_from_its_beginning() -> None:
    """A hostile mail of nothing but terms costs no more than its first 20,000 characters."""
    words = [term for office in CITY for term in office.terms["de"].strong]
    long, short = " ".join(words * 60), " ".join(words * 60)[:20_000]
    assert route("", long, "de", CITY).scores == route("", short, "de", CITY).scores


# What must not be routed, and what must be seen


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (Action.GDPR, "Welche Daten haben Sie über mich gespeichert? (Art. 15 DSGVO)"),
        (Action.GDPR, "Please delete my personal data."),
        (Action.IFG, "Ich beantrage Akteneinsicht nach dem IFG."),
        (Action.PRESS, "Für unsere Zeitung bitten wir um eine Stellungnahme zum Bauantrag."),
        (Action.SPAM, "Mit SEO kommt Ihr Bauamt auf Seite 1 bei Google!"),
        (Action.SPAM, "Unsere Produkte mit 20 % Rabatt, jetzt bestellen."),
        (Action.NOT_BUSINESS, "Wo beantrage ich meinen Personalausweis?"),
        (Action.NOT_BUSINESS, "Hiermit bewerbe ich mich beim Tiefbauamt."),
        (Action.EMERGENCY, "In der Halle riecht es nach Gas!"),
        (Action.EMERGENCY, "Gerade ist Diesel ausgelaufen."),
        (Action.THANKS, "Vielen Dank für die schnelle Hilfe."),
        (Action.THANKS, "Wir möchten uns beim Tiefbauamt bedanken."),
        (Action.AUTO, "Automatische Antwort: Ich bin im Urlaub."),
        (Action.TRIAGE, "Mein Mitbewerber baut ohne Genehmigung."),
        (Action.TRIAGE, "In der Werkstatt kippt man Altöl weg. Mein Name soll nicht fallen."),
        (Action.TRIAGE, "Schauen Sie sich die Halle an, die ohne Baugenehmigung entstand."),
        (Action.TRIAGE, "Als Abgeordnete interessieren mich Ihre Bauanträge."),
        (Action.TRIAGE, "Die FDP bittet um die Zahl der Gewerbeanmeldungen."),
        (Action.TRIAGE, "Die Bezirksvertretung bittet um Auskunft zur Baustelle."),
        (Action.NOT_BUSINESS, "Wir wohnen hier und finden keinen Parkplatz."),
        (Action.NOT_BUSINESS, "Darf die Linde vor unserem Reihenhaus gefällt werden?"),
        (Action.PRESS, "Wie viele Gewerbeanmeldungen gab es? dpa, Landesbüro"),
        (Action.GDPR, "Woher haben Sie meine Adresse?"),
        (
            Action.GDPR,
            "Teilen Sie mir mit, welche Daten Sie über unsere Firma und mich gespeichert haben.",
        ),
        (Action.GDPR, "Welche Daten haben Sie von uns gespeichert?"),
        (Action.GDPR, "Welche Daten speichern Sie von mir?"),
        (Action.GDPR, "Was für Daten über unser Unternehmen sind bei Ihnen gespeichert?"),
        (Action.GDPR, "What data do you hold about us?"),
        (Action.GDPR, "Which data about our company are stored?"),
        (Action.EMERGENCY, "Ein Lkw ist umgekippt, Öl fließt auf die Straße."),
    ],
)
def test_what_is_no_ordinary_inquiry(action: Action, text: str) -> None:
    """One sentence of each kind is recognised, with the words that say so."""
    intent = intent_of("", text)
    assert intent is not None
    assert action is intent.action
    assert intent.words


@pytest.mark.parametrize(
    "text",
    [
        "Wir brauchen Einsicht in die Bauakte unserer Halle.",
        "Vielen Dank im Voraus: Wo stellen wir den Antrag?",
        "Bei jedem Regen ist unser Hof überflutet, der Gully läuft über.",
        "Unsere Mitarbeiter bekommen Strafzettel vor der Filiale.",
        "Welche Daten benötigen Sie für den Antrag?",
        "Wir planen einen Batteriespeicher. Welche Daten benötigen Sie von uns für den Antrag?",
        "Welche Daten brauchen Sie von uns, und wo werden sie gespeichert?",
        "Die Daten über unsere Firma stehen im Antrag; der Energiespeicher steht in Halle 4.",
        "Für das Energiespeicher-Projekt schicken wir Ihnen die Daten zu unserem Unternehmen.",
        "Wir wollen Strom speichern und legen die Daten zu unserer Firma bei.",
        "We want to build a store. Which data do you need about our company?",
        "Please find the data about us attached; we will hold the meeting in May.",
        "Gibt es Auflagen für Rauchabzug und Feuerlöscher?",
        "Unsere Transporter brauchen einen Parkausweis.",
        "Der Stadtrat hat den Bebauungsplan beschlossen. Was dürfen wir bauen?",
        "Dürfen wir das Schild ohne Genehmigung anbringen? Für einen Hinweis danken wir.",
        "Auf unserem Hof wird illegal Müll abgelegt. Wer holt ihn ab?",
        "Wir bauen ein Wohnheim für unsere Monteure.",
    ],
)
def test_what_only_sounds_like_it_is_an_inquiry(text: str) -> None:
    """Ordinary questions of companies are not taken for something else."""
    assert intent_of("", text) is None


def test_the_press_is_known_by_its_signature() -> None:
    """An editor's signature makes an innocent question a press question."""
    intent = intent_of("Frage", "Wie viele Läden stehen leer?", "A. Feder\nRedaktion Lokales")
    assert intent is not None
    assert intent.action is Action.PRESS


@pytest.mark.parametrize(
    ("flag", "text"),
    [
        (Flag.DEADLINE, "Bitte antworten Sie bis zum 3. Mai."),
        (Flag.DEADLINE, "Der Transport ist in KW 23."),
        (Flag.DEADLINE, "Wir brauchen das bis Donnerstag."),
        (Flag.DEADLINE, "Please answer by Friday."),
        (Flag.DEADLINE, "Die Frist läuft ab."),
        (Flag.COMPLAINT, "Das ist eine Zumutung."),
        (Flag.COMPLAINT, "Wann wird die Straße endlich gereinigt?"),
        (Flag.REMEDY, "Wir legen Widerspruch gegen den Bescheid ein."),
        (Flag.URGENT, "Es ist dringend."),
        (Flag.REPEAT, "Wir haben noch immer keine Antwort."),
        (Flag.CONFIDENTIAL, "Bitte behandeln Sie das vertraulich."),
        (Flag.CONFIDENTIAL, "Ich möchte nicht, dass mein Name genannt wird."),
    ],
)
def test_what_the_manager_must_see(flag: Flag, text: str) -> None:
    """One sentence for each flag."""
    assert flag in flags_of("", text)


@pytest.mark.parametrize(
    "text",
    [
        "Wir suchen kurzfristig eine Halle für unser Pflegeheim.",
        "Diese E-Mail enthält vertrauliche und rechtlich geschützte Informationen.",
        "Wir haben Montag bis Freitag geöffnet.",
    ],
)
def test_what_is_no_flag(text: str) -> None:
    """Parts of other words and mail disclaimers raise no flag."""
    assert flags_of("", text) == frozenset()


def test_a_private_person_is_suspected_only_without_a_business() -> None:
    """Saying "I", or speaking of home, counts only while no business shows."""
    assert may_be_private("Ich habe eine Frage.")
    assert may_be_private("Wir sind mit den Kindern hergezogen.")
    assert not may_be_private("Ich habe ein Café.")
    assert not may_be_private("Ich habe eine Frage.", "Muster GmbH")
    assert not may_be_private("Wir haben eine Frage.")
    assert not may_be_private("Mein Chef bittet mich, nach dem Bauantrag zu fragen.")
    assert not may_be_private("Ich habe eine Frage.", "Assistentin der Geschäftsführung")
    assert may_be_private("Wir haben eine Frage.", "Fam. Krüger")
    assert not may_be_private("Ich habe eine Frage.\n\nAnna Klein\nProkuristin")
    assert not may_be_private("Ich bin Geschäftsführerin und habe eine Frage.")
    assert not may_be_private("Ich suche Geschäftsräume.")
    assert not may_be_private("Wir haben eine Frage zum Hotel.", "Fam. Krüger")


@pytest.mark.parametrize(
    "text",
    [
        "Mein Chef zahlt mir den Lohn nicht, und ich möchte meine Wohnung umbauen.",
        "Ich baue mir ein Haus. Das Sekretariat der Schule liegt nebenan.",
        "Mein Nachbar, Geschäftsführer eines Vereins, macht Lärm. Ich kann nicht schlafen.",
        "Hallo,\n\nmein Nachbar ist Geschäftsführer\neines Vereins und macht Lärm.",
    ],
)
def test_a_title_in_a_private_letter_is_no_company(text: str) -> None:
    """A boss or a title that the letter speaks of does not show that a company writes."""
    assert may_be_private(text, "Anna Klein")


# The bars, on inquiries


@dataclass
class _Tally:
    mails: int = 0
    routable: int = 0
    forwards: int = 0
    wrong: int = 0
    suggested: int = 0
    found: int = 0
    wanted: int = 0
    spread: tuple[str, ...] = ()
    unflagged: tuple[str, ...] = ()


def _tally(cases: Iterator[Case]) -> _Tally:
    tally = _Tally()
    for case in cases:
        found = route(case["subject"], case["body"], case["lang"], CITY)
        wanted, optional = set(case.get("offices", [])), set(case.get("optional", []))
        asked = set(_ids(found.offices))
        tally.mails += 1
        if set(case.get("flags", [])) - set(found.flags):
            tally.unflagged += (case["id"],)
        if case["action"] != "route":
            tally.spread += (case["id"],) if asked else ()
            continue
        tally.routable += 1
        tally.forwards += len(asked)
        tally.wrong += len(asked - wanted - optional)
        tally.suggested += bool(wanted & set(_ids(found.suggestions)))
        tally.found += len(wanted & (asked | set(_ids(found.confirm))))
        tally.wanted += len(wanted)
    return tally


def _cases(path: Path) -> Iterator[Case]:
    for line in path.read_text(encoding="utf-8").splitlines():
        case: Case = json.loads(line)
        if case.get("type", "inquiry") == "inquiry":
            yield case


@pytest.mark.parametrize("path", [INQUIRIES, SHARED], ids=["ours", "the city's"])
def test_the_bars_of_routing_hold(path: Path) -> None:
    """No mail goes where it must not, under 5 % of forwards err, 90 % of suggestions are right."""
    if not path.is_file():
        pytest.skip(f"no inquiries at {path}")
    tally = _tally(_cases(path))
    assert tally.spread == ()
    assert tally.wrong < 0.05 * tally.forwards
    assert tally.suggested >= 0.9 * tally.routable
    assert tally.found >= 0.85 * tally.wanted
    assert len(tally.unflagged) <= 0.02 * tally.mails
