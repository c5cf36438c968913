"""Whom an office's mail names beside the company, and what only resembles a name."""

import time

import pytest

from mailflow.core.own_names import own_names
from mailflow.core.third_parties import third_parties

OWN = own_names(
    "Petra Lindner p.lindner@rheinwerk.example Rheinwerk Metallbau GmbH",
    "Wie lange dauert das? In Halle 4 und im Lager wird immer, weder tags noch nachts, gemessen.",
)


def _named(text: str) -> list[str]:
    return list(third_parties(f"Guten Tag Frau Lindner,\n\n{text}\n\nViele Grüße\nKern", OWN))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Für die Bäckerei Morgenrot haben wir darauf auch verzichtet.", "Bäckerei Morgenrot"),
        ("Die Firma Krause GmbH hat bereits 78 Euro geboten.", "Firma Krause"),
        ("Die Fa. Demir hat den Lärm gemeldet.", "Firma Demir"),
        ("Ihr Nachbar, die Autolackiererei Demir, beschwert sich.", "Autolackiererei Demir"),
        ("Anders als bei der Schmitz Bau GmbH geht es ohne Gutachten.", "Schmitz Bau GmbH"),
        ("Die Müller & Sohn KG hat das gleiche Problem.", "Die Müller & Sohn KG"),
        ("Der Beschwerdeführer ist Herr Kowalski aus Nr. 9.", "Kowalski"),
        ("Der Anzeigenerstatter, Herr Dr. Yildiz, wohnt nebenan.", "Yildiz"),
        ("Die Anzeigeerstatterin, Frau Petrova, wohnt nebenan.", "Petrova"),
        ("Einwender Kowalski hat Klage erhoben.", "Einwender Kowalski"),
        ("Frau Kluge hat sich beschwert.", "Frau Kluge"),
        ("Die KRAUSE GMBH hat bereits geboten.", "KRAUSE GMBH"),
        ("Die Hafenlogistik Schmitz GmbH hat bereits geboten.", "Hafenlogistik Schmitz"),
        ("Die Verkehrstechnik Lehmann GmbH hat bereits geboten.", "Verkehrstechnik Lehmann"),
        ("Die Verkehrsplanung Otto GmbH hat bereits geboten.", "Verkehrsplanung Otto"),
        ("Die Wohnungsbau Krause GmbH hat geklagt.", "Wohnungsbau Krause"),
        (
            "Bei der Firma Krause haben wir es abgelehnt, Sie können es aber beantragen.",
            "Firma Krause",
        ),
        ("Zum Beispiel hat die Krause GmbH 90 Euro geboten.", "Krause GmbH"),
        ("Gegenüber dem Hotel Adler haben wir das abgelehnt.", "Hotel Adler"),
        ("Es liegt eine Beschwerde der Familie Krüger vor.", "Familie Krüger"),
        ("Frau Schneider von nebenan hat sich am 3.5. über Sie beklagt.", "Frau Schneider"),
        ("Ein Nachbar (Herr Özdemir) hat dagegen Klage erhoben.", "Herr Özdemir"),
        ("Beschwert hat sich Frau Kluge aus Nr. 9.", "Frau Kluge"),
        ("Der Nachbar Kowalski hat geklagt.", "Nachbar Kowalski"),
        ("Gegen den Nachbarn Yilmaz läuft ein Verfahren.", "Nachbarn Yilmaz"),
        ("Es gibt einen Interessenten, die Logistikgruppe Hansen, die 90 Euro bietet.", "Hansen"),
        ("Es gibt weitere Bewerber: Meyer Logistik und Krone Fleisch.", "Meyer Logistik"),
        ("Der Vorpächter, Herr Aydin, hatte Steuerschulden.", "Herr Aydin"),
        ("Die Firma Krause führt nebenan Abbrucharbeiten ohne Genehmigung durch.", "Krause"),
        ('Die Gaststätte "Zum Anker" wurde geschlossen.', "Anker"),
        ("Für die Bäckerei Sommer haben wir darauf auch verzichtet.", "Bäckerei Sommer"),
        ("Die Firma Weber hat bereits geboten.", "Firma Weber"),
        ("Die Firma Lange hat bereits geboten.", "Firma Lange"),
        ("Die Firma Haller hat bereits geboten.", "Firma Haller"),
        ("Die Hallenbau Krüger GmbH hat bereits geboten.", "Hallenbau Krüger"),
        ("Die Anzeige kam von Herrn Kowalski.", "Herrn Kowalski"),
        ("Die Beschwerde von Herrn Kowalski wird derzeit geprüft.", "Kowalski"),
        ("Der Hinweis von Frau Meyer wurde geprüft.", "Meyer"),
        ("Über die Anzeige von Frau Meyer entscheiden wir im Januar.", "Meyer"),
        ("Frau Kowalski hat Anzeige erstattet und wird von uns betreut.", "Kowalski"),
        ("Die Klage wurde von Frau Kluge erhoben und wird geprüft.", "Kluge"),
        ("Ihrem Vorgänger, der Schulze Logistik GmbH, wurde die Erlaubnis entzogen.", "Schulze"),
        ("Ihr Vormieter, die Krause GmbH, hat die Halle verseucht hinterlassen.", "Krause"),
        ("Ihr Vermieter, die Krause GmbH, schuldet der Stadt noch Grundsteuer.", "Krause"),
        ("Ihre Vorgängerin, die Krause GmbH, hatte mehrere Bußgelder.", "Krause"),
        ("Bis 1998 gehörte das der Thyssen AG, die Firma Krause hat dort Altöl.", "Krause"),
        ("Das Werk betrieb bis 2005 die Orth GmbH, die dort Fässer vergraben hat.", "Orth"),
        ("Gegenüber, etwa bei der Orth GmbH, haben wir Mängel gefunden.", "Orth"),
        ("Der Bebauungsplan wurde für die Krause GmbH erstellt, die insolvent ging.", "Krause"),
        ("Die Arbeiten führt die Krause GmbH aus, die schon mehrfach zu spät kam.", "Krause"),
        (
            "Die Anlage, z. B. bei der Krause GmbH, ist alt, weil sie gegen Auflagen verstößt.",
            "Krause",
        ),
        ("Die Mai GmbH hat dort 2023 ohne Genehmigung gebaut.", "Mai GmbH"),
        ("Die Firma August hat sich beworben.", "Firma August"),
        ("Die Bäckerei Freitag hat sich beschwert.", "Bäckerei Freitag"),
        ("Ihr Vorgänger in der Halle, Schulte Stahlbau, hat sie nie beantragt.", "Schulte"),
        ("Reserviert, die Nordlicht Logistik hat bisher nicht unterschrieben.", "Nordlicht"),
        ("Wie beim Metallbau Hansen nebenan, der schon zweimal zu laut war.", "Hansen"),
        ("Der Brinkmann Tiefbau hat dort im Sommer Pfusch abgeliefert.", "Brinkmann"),
        ("Ritter Straßenbau hatte dort nie eine Erlaubnis.", "Ritter"),
        ("Der Vorbesitzer Elektro Wiesner hat dort Öl verloren.", "Wiesner"),
        ("Herr Aydin aus der Nachbarschaft hat schon zweimal angerufen.", "Aydin"),
        ("Herr Wolters, Hallenweg 9, misst jede Nacht selbst.", "Wolters"),
        ("Herr Patel, der den gleichen Antrag gestellt hat, wurde abgelehnt.", "Patel"),
        ("Frau Kumari mit demselben Antrag wurde im Mai abgelehnt.", "Kumari"),
        ("Familie Lohse, Am Kamp 7, hat uns schon mit dem Anwalt gedroht.", "Lohse"),
    ],
)
def test_another_firm_and_who_complained_are_found(text: str, name: str) -> None:
    """A name behind a trade, before a legal form or beside a complaint is somebody else's."""
    assert any(name in each for each in _named(text))


@pytest.mark.parametrize(
    "text",
    [
        "Den Anschluss beantragen Sie bei der Stadtwerke Musterstadt GmbH.",
        "Die Netzgesellschaft Rheinland mbH liest den Zähler ab.",
        "Die Deutsche Telekom AG verlegt dort Glasfaser.",
        "Container bestellen Sie bei der Firma Remondis.",
        "Den Schlüssel holen Sie bitte bei Firma Krause ab.",
        "Die Arbeiten führt die Firma Strabag AG aus.",
        "Die Firma Rheinwerk braucht einen Antrag, die Rheinwerk Metallbau GmbH auch.",
        "Die Firma Rheinwerck braucht einen Antrag.",
        "Wir haben der Firma Bescheid gegeben.",
        "Bei einer GmbH genügt der Auszug, bei der Rechtsform GmbH auch.",
        "Die Lagerräume UG und die Halle KG sind zulässig.",
        "Ein Restaurant braucht Stellplätze, eine Bäckerei nicht.",
        "Bewerber Nr. 3 sind Sie. Der Beschwerdeführer hat nichts mehr eingewandt.",
        "Frau Lindner hat sich beschwert.",
        "Die Messung macht eine Stelle (z. B. TÜV Rheinland, Müller-BBM GmbH).",
        "Die Schilder stellt ein Fachbetrieb auf, z. B. die Firma Zeppelin Rental.",
        "Die Abfuhr ist Ihre Sache, zum Beispiel durch die Remondis GmbH oder die Schönmackers KG.",
        "Es beraten Sie zum Beispiel die Volksbank Rhein-Ruhr eG und die ZENIT GmbH.",
        "Ihr Vermieter, die Aurelis Real Estate GmbH, muss dem zustimmen.",
        "Das von Ihnen eingereichte Konzept der Planung Halfkann GmbH ist vollständig.",
        "Die Fläche liegt direkt neben dem Hotel Mercure.",
        "Die Haltestelle am Autohaus Sternberg entfällt.",
        "Den Bebauungsplan hat das Büro Post + Welters Architekten GmbH erarbeitet.",
        "Das Gelände gehörte bis 1998 der Thyssen Stahl AG.",
        "Die Erlaubnis für Hotel Garni kostet 50 Euro. Für ein Hotel Garni brauchen Sie zwei.",
        "Für ein Restaurant Vollbetrieb gilt das nicht.",
        "Partner des Programms sind die IHK, die Handwerkskammer und die ZENIT GmbH.",
        "Sie haben den Nachbarn Schallschutzfenster anzubieten.",
        "Nötig ist die Zustimmung der Nachbarn Flurstück 12.",
        "Der Nachbar Flurstück 12 muss zustimmen.",
        "Die Firma Ihres Unternehmens ist einzutragen.",
        "Frau Hoffmann bearbeitet den gleichen Antrag wie Herr Kleine.",
        "Frau Hoffmann hat Ihnen zum selben Vorhaben geschrieben.",
        "Den Bescheid erhält die Firma Ende März.",
        "Das geht über die Spedition Ihrer Wahl.",
        "Die Städtische Wohnungsbaugesellschaft mbH vermietet dort.",
        "Ihr Widerspruch wird von Frau Meyer bearbeitet.",
        "Den Widerspruch können Sie bei Frau Meyer einlegen.",
        "Die Kämmerei Musterstadt stimmt zu.",
        "Ihr Widerspruch wurde von Herrn Meyer geprüft.",
        "Ihr Architekt, die Planung Halfkann GmbH, hat den Lageplan eingereicht.",
        "Ihr Vermieter, die Aurelis GmbH, hat zugestimmt.",
        "Die Leerung, die wöchentlich erfolgt, übernimmt die Remondis GmbH.",
        "Die Arbeiten führt die Strabag AG aus, die Straße ist im Mai wieder frei.",
        "Den Bescheid erhält die Firma Mai 2027.",
        "Den Bescheid erhält die Firma Freitag, den 4. Dezember.",
        "Der Fachdienst Hochbau hat zugestimmt, das Amt für Hochbau Musterstadt auch.",
        "Die Abteilung Tiefbau Nord hat keine Bedenken.",
        "Im Gewerbepark Logistik Nord haben wir noch Flächen frei.",
        "Der Ausbau Hansastraße hat begonnen, beim Neubau Kita Nord war es ebenso.",
        "Der Straßenbau Bramscher Straße war im Mai fertig.",
        "Die Heitkamp Tiefbau hat die Arbeiten im Mai begonnen.",
        "Ihre Baufirma, die Hansen Tiefbau, hat die Anordnung bereits erhalten.",
        "Für die Elektro Altgeräte haben Sie eine Rücknahmepflicht.",
        "Zuständig ist Bezirksschornsteinfeger Herr Müller, Hauptstraße 3.",
        "Frau Koch, Marktstraße 4, nimmt die Erklärung entgegen.",
        "Herr Architekt Lange, Dielinger Straße 3, hat für Sie eingereicht.",
    ],
)
def test_public_bodies_and_the_company_itself_are_ordinary(text: str) -> None:
    """Whom the company is sent to, who works for the city, and common nouns name nobody."""
    assert _named(text) == []


@pytest.mark.parametrize(
    ("called", "written"),
    [
        ("Peter Mueller", "Müller"),
        ("Ute Müller", "Mueller"),
        ("Jan Groß", "Gross"),
        ("Ida Boehm", "Böhm"),
        ("Jo Jäkel", "Jaekel"),
        ("Jo Ruess", "Rüß"),
    ],
)
def test_an_umlaut_is_spelt_in_two_ways(called: str, written: str) -> None:
    """Mail addresses and foreign keyboards spell a name with two letters for one."""
    own = own_names(called)
    assert not list(third_parties(f"Herr {written} hat Widerspruch eingelegt.", own))
    assert list(third_parties("Herr Kowalski hat Widerspruch eingelegt.", own))


def test_a_signature_names_nobody() -> None:
    """What stands below the closing is the office's own block."""
    text = "Ja, das geht.\n\nViele Grüße\nIda Kern\nVermessung Krause GmbH\n"
    assert list(third_parties(text, OWN)) == []


@pytest.mark.parametrize(
    "below",
    [
        "PS: Anders als die Bäckerei Morgenrot brauchen Sie keine Abnahme.",
        "Nachtrag: Die Meyer Logistik GmbH hat für dieselbe Fläche 90 Euro geboten.",
    ],
)
def test_a_postscript_is_looked_at(below: str) -> None:
    """What goes out below the name is read as what stands above it."""
    assert list(third_parties(f"Ja, das geht.\n\nViele Grüße\nIda Kern\n\n{below}", OWN))


def test_many_firms_beside_a_long_letter_are_compared_at_once() -> None:
    """A letter as long as a book and hundreds of firms cost no more than to read both."""
    letter = " ".join(f"Wort{at:06}" for at in range(100_000))
    text = ". ".join(f"Die Firma Ware{at:06} wartet" for at in range(300))
    start = time.perf_counter()
    assert len(list(third_parties(text, own_names("Rheinwerk", letter)))) == 300
    assert time.perf_counter() - start < 5


def test_names_are_looked_for_in_linear_time() -> None:
    """Hostile lines cost no more than their length."""
    start = time.perf_counter()
    for piece in ("Firma ", "Aa ", "Aa-", "Aa & ", "Frau A ", "Anzeige ", "arbeiten führt ", "a"):
        list(third_parties(piece * (12_000 // len(piece)), OWN))
    assert time.perf_counter() - start < 10
