"""What is said beside an answer, to a colleague or of the company, and what only resembles it."""

import time

import pytest

from mailflow.core.asides import aside
from mailflow.core.own_names import own_names
from mailflow.core.told_to_desk import called_by_name

KNOWN = own_names(
    "Sabine Muster Mustermann Montagetechnik GmbH", "Guten Tag, wie lange dauert das alles?"
)
ANSWER = "Ja, das geht.\n\nViele Grüße\nKarl Klein\n\n"


@pytest.mark.parametrize(
    "below",
    [
        "Klaus, passt das? Wenn ja, schick ab. Bernd",
        "Der Inhaber hat hier schon Hausverbot bekommen.",
        "Das Rechtsamt sieht das kritischer, aber sei's drum.",
        "Ich hatte mit dem Dezernenten gesprochen, er will das so.",
        "Tel. 0203 283-1234\n\nDer Inhaber hat hier schon Hausverbot bekommen.",
        "PS: Der Chef kennt den Geschäftsführer vom Golf.",
        "PS: Haben Sie schon die Stellungnahme vom Umweltamt?",
        "Die Leitung will davon nichts hören und hat das auch dem Rat so\ngesagt, leider.",
    ],
)
def test_a_sentence_below_the_closing_waits(below: str) -> None:
    """What follows a letter's end in whole sentences is seldom for its reader."""
    assert aside(f"{ANSWER}{below}", KNOWN)


@pytest.mark.parametrize(
    "below",
    [
        "P.S. Die Unterlagen schicken wir per Post.",
        "PS: Bitte denken Sie an den Lageplan.",
        "PS: Nachts gelten dort übrigens 45 dB(A), tags 60.",
        "Anlage: Merkblatt zur Nutzungsänderung von Lagerhallen.",
        "zu 2: nachts gelten 45 dB(A), tags 60 dB(A)",
        "Gebühr: 450 Euro\nFällig am 15.12.2026",
        "Leiterin des Amtes für öffentliche Ordnung\nstellvertretende Amtsleiterin",
        "Informationen zum Datenschutz finden Sie auf unserer Seite.",
        "Bitte denken Sie an die Umwelt, bevor Sie diese E-Mail ausdrucken.",
        "Besuchen Sie uns auch auf Facebook und Instagram!",
        "Schönes Wochenende und bis bald!",
        "Jörg Maier (er/ihm)\nSachgebietsleiter Bauaufsicht Nord\nDurchwahl -4455, Mo-Do 9-15 Uhr",
        "Petra Lindner (sie/ihr)\nUmweltamt\n\n#musterstadt2030 #klima",
        "Tel. 0203 283-1234\nMusterstadt. Hier lebt Zukunft, hier lebt die Wirtschaft.",
        "Please consider the environment before printing this e-mail.",
        "> Der Inhaber hat hier schon Hausverbot bekommen.",
    ],
)
def test_a_postscript_and_a_footer_go_on(below: str) -> None:
    """What speaks to the company, what will come, and what stands below every mail hold nothing."""
    assert aside(f"{ANSWER}{below}", KNOWN) == ""


@pytest.mark.parametrize("apart", ["", "\n"])
@pytest.mark.parametrize(
    "below",
    [
        "Verteiler: Frau Kowalski, Herr Krause",
        "Kopie an: Frau Kowalski (Rechtsamt)",
        "cc: Frau Kowalski, Rechtsamt",
        "Abdruck: Staatsanwaltschaft Duisburg",
        "Ablage: Querulanten",
        "Status: Problemfall",
        "Freigabe: Kowalski",
        "Schlusszeichnung: AL 62",
        "Wiedervorlage: Mai",
        "Kostenstelle: 4711",
        "Wv. 3 Monate",
        "Mitzeichnung 61 Kowalski",
    ],
)
def test_a_heading_or_a_figure_below_the_name_waits(below: str, apart: str) -> None:
    """What is no part of the name, and limits nothing that is decided, is for the house."""
    assert aside(f"Ja, das geht.\n\nViele Grüße\nKarl Klein\n{apart}{below}", KNOWN)


@pytest.mark.parametrize(
    "below",
    [
        "Querulant",
        "Vorsicht Querulant",
        "Abdruck Staatsanwaltschaft",
        "Zur Kenntnis Kämmerei",
        "Ungern",
        "Unfreundlich",
        "Zwei Nachbarn",
        "Z.d.A.",
        "Anlagen\nLageplan\n\nProblemfirma",
    ],
)
def test_two_words_apart_from_the_name_wait(below: str) -> None:
    """Across a blank line a word that limits nothing may be a remark."""
    assert aside(f"{ANSWER}{below}", KNOWN)


@pytest.mark.parametrize("apart", ["", "\n"])
@pytest.mark.parametrize(
    "below",
    [
        "Unter Auflagen",
        "Widerruflich",
        "Ohne Halle 5",
        "Befristet auf 2 Jahre",
        "Ausnahme: Kaltlager",
        "Halle 5: Nein",
        "Frist: Ende Januar",
        "Vorbehaltlich Zustimmung der Feuerwehr",
        "Zwei Stellplätze",
        "Nur werktags",
        "Gebühr: 450 Euro\nFällig am 15.12.2026\nTel. 0203 283-1234",
        "Az: 62-BA-2026-0412",
        "Lageplan fehlt",
        "Anlage: Merkblatt",
        "Anlagen\nLageplan\nGrundriss",
        "Bitte den Lageplan beilegen",
        "Servicezeit: Mo-Fr 8-12",
        "Raum 12",
        "Abteilung: Bauaufsicht",
        "-Sachbearbeiterin-",
        "Erreichbar: Mo-Do 8-16 Uhr",
        "Tel. 0203 283-1234\n\nMusterstadt bewegt",
    ],
)
def test_a_condition_or_a_signature_below_the_name_goes_on(below: str, apart: str) -> None:
    """What limits the answer, numbers the matter or says where somebody is holds nothing."""
    assert aside(f"Ja, das geht.\n\nViele Grüße\nKarl Klein\n{apart}{below}", KNOWN) == ""


CONTACT = "Amt für Bauordnung\nTel. 0203 283-2210\np.klein@stadt.example.org\n\n"


@pytest.mark.parametrize(
    "below",
    [
        "Verteiler: Kowalski, Thiel, Brandt",
        "schwieriger Fall, Bußgeld läuft",
        "noch nicht mit AL abgestimmt",
        "zdA nach Versand, Kostenstelle 4711",
        "Wv. 3 Monate, dann Kontrolle ohne Ankündigung",
        "z.K. Dez. III",
        "Firma zahlt schlecht",
        "Hansen, Möller, Wirtz zur Mitzeichnung",
        "Gespräch OB Montag",
        "Stadt haftet hier mit",
    ],
)
def test_a_telephone_number_excuses_no_line_below_it(below: str) -> None:
    """How somebody is reached proves what stands above it and amid it, not a remark below."""
    assert aside(f"{ANSWER.rstrip()}\n{CONTACT}{below}", KNOWN)


@pytest.mark.parametrize(
    "below",
    [
        "Gemeinsam Zukunft gestalten",
        "Osnabrück. Die Friedensstadt.",
        "„Lebenswert, weltoffen, grün“",
        "Eine Stadt. Viele Möglichkeiten.",
        "Wir suchen Verstärkung!",
        "Wir stellen ein!",
        "Hafenfest vom 5. bis 7. Juni 2027",
        "Fahrradfreundlicher Arbeitgeber",
        "Hafengesellschaft Musterstadt mbH\nGeschäftsführer: Dr. Uwe Harms",
        "IBAN DE12 3456 7890 1234 5678 90\nBIC NOLADE22XXX",
        "Wir machen Osnabrück. Jeden Tag.",
        "Osnabrück - Die Friedensstadt",
        "Ein herzlicher Gruß aus der Verwaltung, die für Sie da ist",
        "Stark für die Region",
        "Für Rückfragen stehe ich Ihnen gerne zur Verfügung.",
        "Unser Rathaus ist vom 24.12. bis 1.1. geschlossen.",
        "49074 Osnabrück\n\nOsnabrück bewegt.",
    ],
)
@pytest.mark.parametrize("contact", ["", CONTACT])
def test_what_a_city_prints_below_every_mail_goes_on(below: str, contact: str) -> None:
    """A motto, an advertisement and a bank's number hold nothing, with a telephone or without."""
    assert aside(f"{ANSWER.rstrip()}\n{contact or chr(10)}{below}", KNOWN) == ""


@pytest.mark.parametrize(
    "beside",
    [
        "Notruf 112",
        "(sie/ihr)",
        "er/ihm",
        "Aufsichtsratsvorsitzende: Katharina Pott",
        "Office hours: Mon-Thu 9 am - 3 pm",
        "Zentrale 323-0",
        "Eingang über den Innenhof",
        "Parken im Parkhaus Nikolaiort",
        "Schichtführer Wachabteilung B",
        "Dr. rer. nat. Eva Brinkmann",
    ],
)
def test_a_line_among_those_that_say_how_somebody_is_reached_goes_on(beside: str) -> None:
    """What no list knows belongs to the address it stands in, unless it speaks of anything."""
    signature = f"{CONTACT.rstrip()}\n{beside}"
    assert aside(f"{ANSWER.rstrip()}\n{signature}", KNOWN) == ""


@pytest.mark.parametrize(
    "beside",
    [
        "Zahlungsmoral dort schlecht",
        "Laut Polizei drei Anzeigen",
        "Presse fragt auch schon",
        "Hauptsache Ruhe",
        "Kollege Pohl dagegen",
        "Mahnung läuft",
    ],
)
def test_a_remark_among_those_lines_waits(beside: str) -> None:
    """It speaks of people, of blame or of a matter, which no address does."""
    assert aside(f"{ANSWER.rstrip()}\n{CONTACT.rstrip()}\n{beside}", KNOWN)


@pytest.mark.parametrize(
    "below",
    [
        "Drei Mahnungen offen",
        "Zwei Bußgelder letztes Jahr",
        "Drei Widersprüche anhängig",
        "Trotz Bedenken vom Stadtrat",
        "Ohne Unterschrift vom Dezernenten noch liegen lassen",
        "Gegen Höchstgebot, Konkurrenz bietet 40 Euro",
        "Bis Montag bei Ihnen halten",
        "Ab Montag krank, bitte nicht mehr fragen",
        "Nach Anhörung Wolters",
        "Ihre Entscheidung, ob das so rausgeht",
        "Ihre Version gefällt mir besser",
        "Vermerk für Frau Weber folgt",
        "Messbericht folgt intern",
        "Rechnung folgt erst nach Ihrem Okay",
        "Rückfragen von Frau Weber gern, von der Firma lieber nicht",
        "siehe Vermerk Kollege Thiel",
    ],
)
def test_what_only_begins_as_a_limit_waits(below: str) -> None:
    """A limit names things of the matter; a verb, a person or the desk's work makes it a remark."""
    assert aside(f"{ANSWER}{below}", KNOWN)


def test_a_court_is_no_closing_to_stand_below() -> None:
    """A court's abbreviation, in the middle of a sentence, ends no letter."""
    text = "Klage ist möglich beim\n\nVG Düsseldorf\nBastionstraße 39\n\nDie Frist ist ein Monat."
    assert aside(text, KNOWN) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Frau Sander, ich hoffe das passt so. Ein Antrag ist nötig.",
        "Frau Kollegin Sander, anbei die Antwort: Antrag nötig.",
        "Ein Antrag ist nötig.\nClaudia, kannst das so lassen.",
        "Sehr geehrte Frau Sander,\n\nein Antrag ist nötig. Die Antragstellerin ist schwierig.",
        "Liebe Kollegin,\n\nanbei meine Einschätzung: Antrag nötig, politisch heikel.",
        "Hallo Thomas,\n\nfür die Firma: Antrag nötig. Sonst sehe ich schwarz für den Laden.",
        "Liebe Frau Lange,\n\nich denke, der Inhaber spielt auf Zeit.",
        "Hallo Claudia,\n\nich glaub, die Halle ist genehmigt, schauen Sie mal.",
    ],
)
def test_who_speaks_to_a_colleague_is_heard(text: str) -> None:
    """A name that nothing of the company's bears, and talk of the company, are a colleague's."""
    assert aside(text, KNOWN)


@pytest.mark.parametrize(
    "words",
    [
        "Die Baugenehmigung ist am 18.11. erteilt und der Firma heute zugestellt worden.",
        "Das Unternehmen ist im Besitz einer Genehmigung nach BImSchG vom 4.5.2011.",
        "Das Grundstück grenzt direkt an das Gelände der Firma.",
        "Das Unternehmen möchte die Halle künftig zur Montage nutzen.",
        "Der Bauherr plant laut Lageplan eine zweite Zufahrt.",
        "Der Betreiber hat den Wechsel am 3.11. angezeigt, damit ist alles erledigt.",
        "Der Antragsteller bekommt die Erlaubnis diese Woche per Post.",
        "Im Umfeld der Firma sind keine Altlasten bekannt.",
        "Zum Grundstück der Firma ist keine Altlast bekannt.",
        "Die Firma kann gegen den Bescheid Klage erheben.",
        "Die Firma muss uns leider bis zum 1.12. den Plan vorlegen, sonst wird es zu knapp.",
        "Der Firma bieten wir gern das Grundstück an der Hafenstraße an.",
        "Der Bauherr muss nichts weiter veranlassen, da die Nutzung gleich bleibt.",
        "Das Unternehmen hat den Antrag eingereicht, er wird zurzeit geprüft.",
        "Die Firma hat Anspruch auf eine Ausnahme.",
        "Meiner Einschätzung nach ist das Vorhaben verfahrensfrei.",
        "Ich denke, ein Bauantrag ist hier nötig.",
        "Ich hoffe, die Angaben helfen weiter: Hebesatz 510 v. H.",
        "Dies ist hier nicht der Fall.",
        "Erforderlich sind:\n- Kopie des Personalausweises des Geschäftsführers\n- Auszug.\n",
    ],
)
def test_how_a_matter_stands_is_told_in_the_third_person(words: str) -> None:
    """Under a colleague's name a paper, a date or a place of the company's is an answer."""
    assert aside(f"Sehr geehrter Herr Becker,\n\n{words} Gebühr 20 Euro.", KNOWN) == ""


@pytest.mark.parametrize(
    "words",
    [
        "Die Firma hatte schon im Mai Ärger mit der Gewerbeaufsicht.",
        "Der Geschäftsführer hat am 3.5. am Schalter herumgeschrien.",
        "Das Unternehmen hat uns am 4.3. den falschen Plan vorgelegt.",
        "Der Inhaber hat die Halle nie angemeldet.",
        "Die Firma möchte uns unter Druck setzen.",
        "Der Antrag liegt vor, die Firma ist eine Zumutung.",
        "Ich glaube, der Antrag wird am Nachbarn scheitern.",
        "Der Fall ist heikel.",
        "Die Firma hat ihre Unterlagen eingereicht, aber der Chef ist ein Trinker.",
        "Die Firma befindet sich in Liquidation, das weiß noch keiner.",
        "Der Inhaber der Firma befindet sich in Untersuchungshaft.",
        "Die Firma führt Schwarzgeldkonten, sagt die Steuerfahndung.",
        "Das Grundstück der Firma wollen wir am 3. Mai selbst kaufen.",
        "Die Firma betreibt das seit Jahren so, wir drücken da ein Auge zu.",
        "Ich glaube, der Antrag wird abgelehnt, weil der Dezernent die nicht mag.",
        "Ich denke, ein Bauantrag ist nötig, aber der Chef sieht das anders.",
        "Die Firma führt die Behörden an der Nase herum.",
        "Das Unternehmen betreibt ein doppeltes Spiel.",
        "Bei der Firma liegt einiges im Argen.",
        "Der Betreiber bekommt sein Geld nicht zusammen.",
        "Die Firma verfügt kaum noch über Eigenkapital.",
        "Der Antragsteller hat den Bescheid erhalten und war am Telefon unverschämt.",
        "Die Firma nutzt die Halle heimlich schon.",
        "Die Unterlagen der Firma sind eine Zumutung.",
        "Die Firma gilt bei der Polizei als einschlägig.",
        "Der Betreiber ist schon dreimal beim Antrag durchgefallen.",
        "Die Genehmigung ist der Firma zugestellt worden, die klagen jetzt bestimmt.",
        "Den Antrag des Unternehmens hat der Bürgermeister durchgewinkt.",
    ],
)
def test_what_blames_the_company_waits(words: str) -> None:
    """A story or a complaint waits, whatever date or paper is in it, and so does a bare view."""
    assert aside(f"Sehr geehrter Herr Becker,\n\nGebühr 20 Euro. {words}", KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "Hallo Frau Sander,\n\ndie Nutzung ist genehmigungspflichtig, Dauer acht Wochen.",
        "Liebe Kolleginnen und Kollegen,\n\ndie Zufahrt ist ab Montag wieder frei.",
        "Sehr geehrte Frau Kluge,\n\nder Antragsteller benötigt eine Baugenehmigung.",
        "Sehr geehrte Frau Mutser,\n\nder Inhaber der Erlaubnis sind Sie.",
        "Sehr geehrte Frau Mustermann,\n\nder Inhaber der Erlaubnis sind Sie.",
        "Sehr geehrte Damen und Herren,\n\nder Inhaber der Erlaubnis sind Sie.",
        "Hallo zusammen,\n\nder Inhaber der Erlaubnis sind Sie.",
        "Frau Albers, Zimmer 110, ist Ihre Ansprechpartnerin.",
        "Frau Muster, ich habe den Antrag geprüft: er ist vollständig.",
        "Lageplan, Grundriss und Betriebsbeschreibung, bitte dreifach.",
    ],
)
def test_a_greeting_alone_holds_nothing(text: str) -> None:
    """A plain answer goes on whoever of the desk it greets; so does a name with a wrong letter."""
    assert aside(text, KNOWN) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Antrag nötig. Macht das bitte ihr, ich hab keine Zeit.",
        "50 dB(A). Ich glaub aber, das misst keiner nach.",
        "Fertig am 11.12. Ehrlich gesagt glaubt hier keiner an den Termin.",
        "Bis 11.12.\nP.S. Den Anwohnern haben wir übrigens was anderes gesagt.",
        "Antrag nötig. Aber erst mal abwarten, ob die überhaupt ernst machen.",
        "Noch was: die haben letztes Jahr falsche Angaben gemacht.",
        "Antrag nötig. Die wollen nur Zeit gewinnen.",
        "Antrag nötig. Vom Einspruch des Nachbarn weiß sie nichts.",
        "Antrag nötig, daher bitte zurückhaltend formulieren.",
        "Antrag nötig. Wir wollen da aber kein Fass aufmachen, also bitte knapp halten.",
        "Antrag nötig. Dort wurde zweimal kontrolliert, das lassen wir hier mal weg.",
        "Genehmigungsfähig, aber der Amtsleiter ist dagegen. Ich halte mich da raus.",
        "Antrag nötig. Lass den Stellplatz weg.",
        "Kann so raus, nehmt den Text von Februar.",
    ],
)
def test_the_tone_among_colleagues_waits(text: str) -> None:
    """Speech, advice on the answer and "die" for people are not how one writes to a company."""
    assert aside(text, KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "Übrigens können Sie den Antrag auch online stellen.",
        "Die Halle ist übrigens 40 m lang.",
        "Schauen Sie doch mal auf unsere Seite.",
        "Die haben Sie bereits im März erhalten.",
        "Die Unterlagen, die sind vollständig.",
        "Betriebe, die nachts arbeiten wollen, brauchen eine Ausnahme.",
        "Ob die Nutzung zulässig ist, steht im Bebauungsplan.",
        "Die Schau am Markt ist angemeldet, Herr Klein, geb. 3.4.1970, auch.",
        "Das zweite Mal ist gebührenfrei, zwei mal im Jahr.",
        "Die Beschreibung bitte kurz halten.",
        "Wir lassen den alten Bordstein weg.",
        "Gibt das Gutachten nichts anderes vor, gelten 45 dB(A). Macht das Vorhaben Lärm, nicht.",
        "Ich würde Ihnen empfehlen, nicht vor acht zu kommen; mehr möchte ich Ihnen nicht sagen.",
        "Search me, and find me here.",
    ],
)
def test_plain_words_to_the_company_go_on(text: str) -> None:
    """The same words in a sentence to the company are courtesy or matter."""
    assert aside(text, KNOWN) == ""


def test_asides_are_looked_for_in_linear_time() -> None:
    """Hostile lines cost no more than their length."""
    start = time.perf_counter()
    for piece in ("die haben ", "Hallo A ", "Frau A ", "wir wollen nicht ", "a.\n", "übrigens OB "):
        aside(piece * (100_000 // len(piece)), own_names("xy" * 20 + " " + "Muster " * 20_000))
        aside(ANSWER + piece * (100_000 // len(piece)), KNOWN)
    assert time.perf_counter() - start < 20


@pytest.mark.parametrize(
    ("words", "called"),
    [
        ("Frau Weber, rufen Sie mich dazu bitte kurz an.", "Frau Weber, rufen Sie"),
        ("Herr Dr. Lange, bitte halten Sie mich auf dem Laufenden.", "Herr Dr. Lange, bitte"),
        ("Claudia, ruf mich bitte an.", "Claudia, ruf"),
        ("Frau Muster, rufen Sie mich bitte an.", ""),
        ("Frau Weber, die Ihren Antrag bearbeitet, ist ab Montag da.", ""),
        ("Danach, bitte erst dann, rufen Sie an.", ""),
    ],
)
def test_who_is_called_by_name_amid_an_answer(words: str, called: str) -> None:
    """Words to somebody whom nothing of the company's names are found behind a sentence, too."""
    found = called_by_name(f"Ein Halteverbot ist möglich. {words}", KNOWN)
    assert list(found) == ([called] if called else [])
