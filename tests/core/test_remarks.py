"""What of an office's words is for the city only, what may be, and what only sounds like it."""

import time

import pytest

from mailflow.core.remarks import apart, sounds_internal

INTERNAL = [
    "Das ist nicht für die Firma bestimmt.",
    "Der Hinweis ist nicht für Dritte bestimmt.",
    "Verwaltungsintern: der Chef war dagegen.",
    "Hausintern: der Chef war dagegen.",
    "Behördenintern: der Chef war dagegen.",
    "Interne Anm.: der Chef war dagegen.",
    "intern -> der Chef war dagegen.",
    "Nicht an Firma: der Chef war dagegen.",
    "Vermerk für KAM: der Chef war dagegen.",
    "Kommentare für die Kollegen: der Chef war dagegen.",
    "NB (nicht weiterleiten!): der Chef war dagegen.",
    "Intern (bitte löschen): der Chef war dagegen.",
    "I N T E R N: der Chef war dagegen.",
    "I N T E R N der Chef war dagegen.",
    "N U R   I N T E R N: der Chef war dagegen.",
    "Info KAM: der Chef war dagegen.",
    "@KAM: der Chef war dagegen.",
    "@KAM bitte beachten der Chef war dagegen.",
    "KAM: der Chef war dagegen.",
    "Für KAM: der Chef war dagegen.",
    "Bitte vertraulich behandeln: der Chef war dagegen.",
    "P.S. nicht für die Öffentlichkeit: der Chef war dagegen.",
    "2) Intern: der Chef war dagegen.",
    "a) verwaltungsintern – der Chef war dagegen.",
    "- nur hausintern: der Chef war dagegen.",
    "Intern, bitte nicht senden: der Chef war dagegen.",
    "INTERN der Chef war dagegen.",
    "Internvermerk: der Chef war dagegen.",
    "Interner Kommentar: der Chef war dagegen.",
    "Nicht weitergeben: der Chef war dagegen.",
    "nicht weiterleiten! der Chef war dagegen.",
    "(nicht weitergeben) der Chef war dagegen.",
    "Bitte diesen Absatz nicht weitergeben: der Chef war dagegen.",
    "Bitte *nicht* weiterleiten: der Chef war dagegen.",
    "Keinesfalls weiterleiten: der Chef war dagegen.",
    "Vertraulich, der Chef war dagegen.",
    "Vertraulicher Hinweis: der Chef war dagegen.",
    "(vertraulich) der Chef war dagegen.",
    "VERTRAULICH! der Chef war dagegen.",
    "Das bleibt bitte unter uns. der Chef war dagegen.",
    "Im Vertrauen: der Chef war dagegen.",
    "Bitte vor dem Versand löschen: der Chef war dagegen.",
    "Diesen Absatz bitte löschen: der Chef war dagegen.",
    "Das muss die Firma nicht wissen: der Chef war dagegen.",
    "Das geht die Firma nichts an: der Chef war dagegen.",
    "Nur für die Akte: der Chef war dagegen.",
    "Für die Akten: der Chef war dagegen.",
    "Bitte nicht an den Kunden: der Chef war dagegen.",
    "Nicht an den Antragsteller, der Chef war dagegen.",
    "z.K. KAM: der Chef war dagegen.",
    "Hinweis KAM: der Chef war dagegen.",
    "Interna: der Chef war dagegen.",
    "VS - NfD der Chef war dagegen.",
    "Keep this internal: der Chef war dagegen.",
    "Das bitte nicht in die Antwort: der Chef war dagegen.",
    "NB: verwaltungsintern – der Chef war dagegen.",
    "Hinweis (intern): der Chef war dagegen.",
    "Bitte nicht weitersagen der Chef war dagegen.",
    "Bitte nicht\u00a0weitergeben: der Chef war dagegen.",
    "Team-intern: der Chef war dagegen.",
    "intern => der Chef war dagegen.",
    "**Intern** der Chef war dagegen.",
    "*Intern:* der Chef war dagegen.",
    "__Nur intern__ der Chef war dagegen.",
    "Stadtintern; der Chef war dagegen.",
    "Dieser Teil ist nicht für Firma Huber bestimmt.",
    "Die Einschätzung ist nicht für Herrn Huber bestimmt.",
    "Das ist nicht für Außenstehende gedacht: der Chef war dagegen.",
    "Können Sie das bitte nicht weitergeben?",
    "Bitte dem Unternehmen nicht mitteilen.",
    "Bitte nicht dem Antragsteller mitteilen, dass der Nachbar klagt.",
    "Der Firma bitte nicht sagen, dass der Chef dagegen war.",
    "Bitte sagen Sie das der Firma nicht.",
    "Bitte behalten Sie das für sich.",
    "Das Folgende bitte für sich behalten: der Chef war dagegen.",
    "Das bleibt bitte zwischen uns.",
    "Nur zu Ihrer Info: der Chef war dagegen.",
    "Nur zur Info für Sie: der Chef war dagegen.",
    "Für interne Zwecke: der Chef war dagegen.",
    "Zur internen Verwendung: der Chef war dagegen.",
    "Kollegiale Anmerkung: der Chef war dagegen.",
    "Nur unter Kollegen: der Chef war dagegen.",
    "Hinweis an die Wirtschaftsförderung: der Chef war dagegen.",
    "Anm. f. KAM: der Chef war dagegen.",
    "NfD",
    "Nicht öffentlich: der Chef war dagegen.",
    "{intern} der Chef war dagegen.",
    "Bitte Ihre Antwort ohne diesen Absatz.",
    "Bitte ohne diesen Absatz weiterleiten: der Chef war dagegen.",
    "Bitte schicken Sie die Antwort ohne diesen Hinweis raus.",
    "Bitte geben Sie das ohne den letzten Absatz an die Firma weiter.",
    "Geben Sie es ohne diesen Hinweis weiter.",
    "Ohne diesen Teil bitte weitergeben: der Chef war dagegen.",
    "(ohne diesen Hinweis weiterleiten) der Chef war dagegen.",
    "Nicht öffentlich: die Straße wird verlegt.",
    "Das Verfahren ist nicht für die Firma bestimmt.",
    "Die Liste ist nicht für Bürger freigegeben.",
    "Please don't share this with the applicant.",
    "Please do not disclose: the mayor was against it.",
    "Not for external use",
]
SUSPECT = [
    "Vorbehaltlich Freigabe Dezernat",
    "Freigabe AL ausstehend",
    "Freigabe: Dezernent",
    "Rücksprache mit der Amtsleitung",
    "Amtsleitung (noch offen)",
    "Betriebsintern: Sie benennen einen Beauftragten.",
    "Interne Rücksprache: der Chef war dagegen.",
    "Interne Erschließung: Die Zufahrt ist möglich.",
    "Die Abstimmung läuft verwaltungsintern: Sie müssen nichts tun.",
    "Das sollten wir nicht weitergeben.",
    "Diese Auskunft bitte nicht mitschicken.",
    "Das ist vertraulich.",
    "Die Firma weiß davon nichts, bitte diskret.",
    "@Frau Kern: der Chef war dagegen.",
    "Die Liste geht nicht an die Firma.",
    "Nicht an den Antragsteller, sondern an den Eigentümer ging der Bescheid.",
    "Aktenvermerk: Chef dagegen.",
    "Gesprächsnotiz: der Chef war dagegen.",
    "Inoffiziell: der Chef war dagegen.",
    "Bitte behandeln Sie die Zugangsdaten vertraulich.",
    "Hintergrundinfo für Sie: der Chef war dagegen.",
    "Keine Weitergabe erwünscht.",
    "Nicht an die Kollegen vom Verein: der Chef war dagegen.",
    "Das können Sie dem Unternehmen so nicht weitergeben.",
    "Diese Zahlen können Sie nicht weitergeben.",
    "Wir bitten Sie, dass Sie diese Einschätzung vertraulich behandeln.",
    "Wir möchten, dass das vertraulich behandelt wird.",
    "Bitte Ihre Antwort nicht weiterleiten, bevor der Rat entschieden hat.",
    "Bitte ihre Bonität nicht erwähnen.",
    "Ihre Leute sollten das nicht weitersagen.",
    "Die Halle ist nicht für Konzerte gedacht.",
    "Nur für Ihre Akten: der Chef war dagegen.",
    "PS für Sie: der Chef war dagegen.",
    "Kommentar für Sie: der Chef war dagegen.",
    "Randbemerkung: der Chef war dagegen.",
    "Aktenvermerk",
    "An Frau Kluge: der Chef war dagegen.",
    "Entwurf - bitte nicht versenden",
    "Entwurf zur Freigabe durch AL:",
    "Entwurf zur Mitzeichnung",
    "Entwurf für die Amtsleitung:",
    "Bitte noch nicht rausschicken, Herr Meier muss noch darüber sehen.",
    "Bitte streichen, bevor es rausgeht",
    "Diese Auskunft ist noch nicht mit der Amtsleitung abgestimmt.",
    "Bitte formulieren Sie das freundlicher.",
    "Ohne diesen Absatz ist alles gesagt.",
    "Ohne diesen Teil kann das an die Firma.",
    "Ohne diesen Hinweis können Sie die Auskunft weitergeben.",
    "Ohne diesen Teil darf die Firma es lesen.",
    "Bitte alles weiterleiten, nur ohne diesen Hinweis.",
    "Leiten Sie nur den Rest weiter, ohne diesen Teil",
    "Verwenden Sie die Auskunft ohne diesen Hinweis.",
    "Nehmen Sie das ohne diesen Hinweis in die Antwort.",
    "Ohne diesen Teil, sonst erfährt die Firma vom Streit.",
    "Das schreibe ich Ihnen nur zur Information.",
    "Nur zur Information: der Chef war dagegen.",
    "Der Hinweis dient nur zur Information.",
    "Die Karte dient nur zur Information der Leitung.",
    "Die Stellungnahme ist nur für Ihre Akten.",
    "Die Kopie des Vermerks ist nur für Ihre Akten.",
    "Das können Sie für sich behalten.",
    "Die Kopie der Stellungnahme können Sie für sich behalten.",
    "Melden Sie sich bitte, bevor Sie an die Firma schreiben.",
    "Melden Sie sich bitte, bevor Sie das an die Firma geben.",
    "Melden Sie sich bitte, bevor Sie an Dritte weitergeben, was hier steht.",
    "Die Mail bitte erst prüfen, bevor sie an Dritte geht.",
    "Bitte keine Veröffentlichung im Amtsblatt.",
    "Keine Veröffentlichung!",
    "Bitte die Unterlagen noch nicht versenden.",
    "Bitte die Antwort nicht absenden, bevor der Chef sie kennt.",
    "Entwurf: bitte legen Sie den Entwurf dem Chef vor.",
    "Die Mail der Kollegen dient nur zur Information.",
    "Nur für Frau Muster: der Chef war dagegen.",
    "Bitte leiten Sie das so nicht weiter, der Chef war dagegen.",
    "Geben Sie das bitte noch nicht raus.",
    "Leiten Sie diese Mail bitte noch nicht weiter.",
    "Lassen Sie das bitte noch nicht raus.",
    "Ich muss erst noch mit meiner Amtsleitung sprechen, ob das bleibt.",
    "Wir müssen das noch mit dem Kämmerer klären.",
    "Da muss ich erst noch den Dezernenten fragen.",
    "Das ist aber noch nicht öffentlich.",
    "Diese Zahlen sind noch nicht veröffentlicht.",
    "Noch nicht spruchreif.",
    "Geben Sie mir bitte kurz Bescheid, bevor Sie das rausschicken.",
    "Warten Sie mit der Antwort bitte noch, bis der Rat entschieden hat.",
    "Bitte halten Sie die Info zurück, bis der Rat entschieden hat.",
    "Bitte verwenden Sie das noch nicht.",
]
FOR_COMPANY = [
    "Das Grundstück ist nicht für gewerbliche Nutzung bestimmt.",
    "Der Raum ist nicht für Wohnzwecke gedacht.",
    "Die Ausnahme gilt nur für Sie.",
    "Ihre Daten werden nicht an Dritte weitergegeben.",
    "Ihre Unterlagen werden streng vertraulich behandelt.",
    "Der Antrag ist nicht an die Gemeinde, sondern an den Kreis zu richten.",
    "Wir behandeln Ihre Unterlagen vertraulich.",
    "Ihre Unterlagen werden selbstverständlich vertraulich behandelt.",
    "Alle Angaben behandeln wir streng nach DSGVO und vertraulich.",
    "International tätige Firmen erhalten denselben Bescheid.",
    "Internet: Das Formular finden Sie auf unserer Seite.",
    "Internistische Praxis: Die Nutzung ist zulässig.",
    "Internationale Bauausstellung: Termin ist der 3. Mai.",
    "Internat: Die Nutzungsänderung ist genehmigt.",
    "Die interne Revision hat einen Termin am 3. Mai frei.",
    "Die interne Revision hat den Termin bestätigt: 3. Mai, 10 Uhr.",
    "Wir haben das intern mit dem Tiefbauamt abgestimmt.",
    "Der Bescheid wurde nicht weitergeleitet, weil er vollständig ist.",
    "Wir konnten Ihren Antrag noch nicht weiterleiten, da der Lageplan fehlt.",
    "Der Weg ist nicht für die Öffentlichkeit gewidmet.",
    "Ihre Vorgangsnummer ist KAM-7K3Q-9F2M: Bitte stets angeben.",
    "KAM-7K3Q-9F2M: Der Antrag ist vollständig.",
    "Bei Fragen wenden Sie sich an das KAM.",
    "Nicht an Sonn- und Feiertagen zulässig.",
    "Die Zufahrt ist nicht für Lkw über 7,5 t geeignet.",
    "Bitte senden Sie den Antrag nicht per Fax.",
    "Der Antrag ist vollständig (interne Nummer 4711).",
    "Die Interna der Anlage kennen Sie.",
    "Wir haben intern geklärt, dass es so bleibt.",
    "Öffnungszeiten: Mo 8 - 12 Uhr",
    "Bitte löschen Sie den alten Eintrag im Portal.",
    "Die Daten liegen vor. Bitte teilen Sie uns den Termin mit.",
    "Verwaltungsinterne Abstimmungen dauern etwa zwei Wochen.",
    "Interner Ansprechpartner bei Ihnen ist Herr Klein.",
    "Intern haben wir den Vorgang geprüft. Der Antrag ist vollständig.",
    "Der Sitz ist in Kambodscha; kam der Brief an?",
    "Dabei kam heraus: Die Halle ist zu hoch.",
    "Your data are kept confidential.",
    "Bitte reichen Sie die Hinweise der Nachbarn nach.",
    "Vertrauliche Unterlagen geben Sie bitte am Schalter ab.",
    "Wir gehen von einer vertraulichen Geburt nicht aus.",
    "Die Werbung darf nicht blinken, die Tür nicht nach innen aufschlagen.",
    "Hinweis: Die Gebühr beträgt 120 Euro.",
    "Nur für Anlieger frei.",
    "Wir werden Ihre Daten nicht weitergeben.",
    "Bitte reichen Sie den Plan nach, wir behandeln ihn vertraulich.",
    "Wir versichern Ihnen, dass Ihre Daten vertraulich behandelt werden.",
    "Solche Daten dürfen wir Ihnen leider nicht weitergeben.",
    "Wir können Ihre Anfrage ohne Lageplan nicht weiterleiten.",
    "Den Termin können wir Ihnen noch nicht nennen.",
    "Bitte haben Sie Verständnis, dass wir dazu noch nichts sagen können.",
    "Der Vertrag zwischen uns und Ihnen ist wirksam.",
    "Bevor es weitergeht, brauchen wir den Lageplan.",
    "Entwurf des Bebauungsplans: Die Auslegung läuft bis zum 3. Mai.",
    "Die Sitzung ist nicht öffentlich.",
    "Die Unterlagen verbleiben in der Akte.",
    "Zu Ihrer Information: Die Gebühr beträgt 120 Euro.",
    "Ohne diesen Teil des Antrags geht es nicht.",
    "Im Antrag fehlt der Lageplan. Ohne diesen Teil können wir den Antrag nicht genehmigen.",
    "Die Statik gehört in den Antrag. Ohne diesen Teil können wir ihn nicht genehmigen.",
    "Die Fläche liegt im Schutzgebiet. Ohne diesen Hinweis wäre der Antrag unvollständig.",
    "Ohne den folgenden Hinweis gilt der Bescheid nicht: Bitte die Auflagen beachten.",
    "Bitte reichen Sie den Antrag nicht ohne diesen Teil ein.",
    "Wir können den Antrag ohne diesen Teil leider nicht weiterleiten.",
    "Ohne diesen Teil ist der Antrag unvollständig, bitte reichen Sie ihn nach.",
    "Ohne diesen Teil können wir Ihnen keine verbindliche Antwort geben.",
    "Ohne diesen Hinweis können wir keine Haftung übernehmen.",
    "Ohne diesen Teil geht es leider nicht weiter.",
    "Ohne diesen Teil darf der Betrieb nicht öffnen.",
    "Nicht öffentlich: die Straße ist Privatweg.",
    "Die Karte dient nur zur Information und ist nicht verbindlich.",
    "Die Kopie des Bescheids ist nur für Ihre Akten.",
    "Das vereinfachte Verfahren ist nicht für Gewerbebetriebe gedacht.",
    "Der Zugang ist nicht für Bürger geöffnet, nur für Lieferanten.",
    "Melden Sie sich bitte, bevor Sie an Dritte untervermieten.",
    "Die Bauakte enthält Daten, daher keine Veröffentlichung im Amtsblatt.",
    "Bitte den Antrag nicht absenden, bevor alle Felder ausgefüllt sind.",
    "Bitte Ihre Unterlagen noch nicht versenden.",
    "Das Original können Sie für sich behalten, uns genügt eine Kopie.",
    "Entwurf: bitte reichen Sie zunächst einen Entwurf des Lageplans ein.",
    "Entwurf zur Auslegung: Der Plan liegt bis zum 3. Mai aus.",
    "Entwurf zur Änderung des Bebauungsplans",
    "Entwurf zur Freigabe der Straße: Abnahme ist am 3. Mai.",
    "Bitte nennen Sie uns einen Termin.",
    "Please do not send original documents.",
]
ANSWER = "Ja, genehmigt."


@pytest.mark.parametrize("line", INTERNAL)
def test_a_remark_stays_in_the_house(line: str) -> None:
    """Whoever writes unmistakably that something is internal, however, is understood."""
    assert apart([ANSWER, "", line]) == ([ANSWER, ""], [line])


@pytest.mark.parametrize("line", SUSPECT)
def test_what_may_be_a_remark_is_seen_and_not_taken_away(line: str) -> None:
    """Where only the manager can tell, nothing is parted, and the words are named."""
    assert apart([ANSWER, "", line]) == ([ANSWER, "", line], [])
    words = sounds_internal(f"{ANSWER}\n\n{line}")
    assert words
    assert words in line


@pytest.mark.parametrize("line", FOR_COMPANY)
def test_what_is_meant_for_the_company_goes_on(line: str) -> None:
    """Words that resemble a remark and speak to the company hold nothing."""
    assert apart([ANSWER, "", line]) == ([ANSWER, "", line], [])
    assert sounds_internal(f"{ANSWER}\n\n{line}") == ""


def test_a_remark_wrapped_by_the_mail_program_is_one() -> None:
    """A line end between "nicht" and "weiterleiten" hides neither."""
    lines = [ANSWER, "", "Der Nachbar klagt, das bitte auf keinen Fall", "weiterleiten.", "", "B"]
    assert apart(lines) == ([ANSWER, ""], lines[2:])


def test_a_sentence_on_a_missing_paper_may_be_wrapped() -> None:
    """A line that ends with "Ohne diesen Teil" is read with the next one, and goes on."""
    lines = ["Im Antrag fehlt der Lageplan. Ohne diesen Teil", "können wir ihn nicht genehmigen."]
    assert apart(lines) == (lines, [])
    assert sounds_internal("\n".join(lines)) == ""


def test_a_wrap_joins_nothing_across_a_closing() -> None:
    """What stands under the closing is no end of the sentence above it."""
    lines = ["Das ist noch nicht", "Mit freundlichen Grüßen", "Weitergeben"]
    assert apart(lines) == (lines, [])


def test_a_quoted_suspicion_is_not_the_office_s() -> None:
    """What the company called confidential in a quoted line holds no answer."""
    assert sounds_internal("> Das ist vertraulich.\n\nJa.") == ""


@pytest.mark.parametrize(
    "head",
    [
        "Für Frau Muster",
        "An Frau Dr. Muster",
        "Für Frau Erika Muster",
        "für Frau MUSTER",
        "Hinweis an Frau Muster",
    ],
)
@pytest.mark.parametrize("contact", ["Erika Muster", "Muster, Erika"])
def test_what_is_headed_with_the_contact_s_name_is_for_the_company(head: str, contact: str) -> None:
    """The name that heads an answer holds nothing where it is the company's contact."""
    text = f"{head}: die Nutzungsänderung ist genehmigt."
    assert sounds_internal(text, contact) == ""
    assert sounds_internal(f"{head}: das ist vertraulich.", contact) == "vertraulich"


@pytest.mark.parametrize("contact", ["", "Erika Muster", "Kluge-Kern, Eva"])
@pytest.mark.parametrize("head", ["Für Frau Kern", "Für Frau Kern und Frau Muster"])
def test_what_is_headed_with_another_s_name_may_be_for_the_city(head: str, contact: str) -> None:
    """Whoever is named and is not the company's contact may be a colleague."""
    assert sounds_internal(f"{head}: der Chef war dagegen.", contact) == f"{head}:"


TO_DESK = [
    "Herr Krause hat allerdings einen anonymen Hinweis auf Schwarzarbeit bei der Firma.",
    "Es gab anonyme Anzeigen wegen des Lärms.",
    "gegen ihn läuft ein Untersagungsverfahren.",
    "Gegen den Inhaber läuft ein Bußgeldverfahren.",
    "Offiziell sagen wir vier Monate.",
    "Offiziell heißt es drei Monate.",
    "Die sind uns da schon mal aufgefallen.",
    "Im Zweifel gehen wir bis 3,80 Euro runter.",
    "Die Kollegen vom Ordnungsamt wollen da nächste Woche unangekündigt kontrollieren.",
    "Am Freitag kommt dort jemand ohne Ankündigung vorbei.",
    "Die alte Mail bitte aus dem Verkehr ziehen.",
    "Sie will nur nicht, dass es schriftlich rausgeht.",
    "Bei der Firma wäre ich vorsichtig, die hat noch ein offenes Verfahren.",
    "Bitte erst nach der Ratssitzung am 10.12. an die Firma geben.",
    "Bescheid ist noch nicht raus, also bitte noch nichts durchblicken lassen.",
    "Mit der Firma hatten wir schon öfter Ärger.",
    "Die Firma war vor zwei Jahren schon bei uns.",
    "Das Unternehmen steht bei uns unter Beobachtung.",
    "Nach unten haben wir noch etwas Luft.",
    "Zur Not würden wir auch 4 Euro nehmen.",
    "Bitte warten Sie mit dem Weiterleiten, bis der Bescheid zugestellt ist.",
    "Schreiben Sie bitte nicht, dass das von mir kommt.",
    "Sagen Sie das aber lieber am Telefon und nicht per Mail.",
    "Seien Sie bei denen lieber vorsichtig.",
    "Bei der Firma lohnt es sich, zweimal hinzuschauen.",
    "Die halten sich sowieso nie an Auflagen.",
    "Unter 3,90 Euro gehen wir aber auf keinen Fall.",
    "Bitte das erst nach dem Gespräch mit dem Bürgermeister weitergeben.",
    "Mir wäre lieber, wenn Sie das mündlich sagen.",
    "Bitte stimmen Sie die Antwort vor Versand mit 61 ab.",
    "Bitte haltet mich auf dem Laufenden",
    "Please don't mention the pending inspection to them.",
    "Entscheidungsvorschlag: Die Nutzung kann zugelassen werden.",
    "Die Amtsleitung zeichnet noch.",
    "Herr Brandt, brandt@bauordnung.stadt.example.org, intern -4711",
    "Intern wird das Thema noch kontrovers diskutiert.",
    "Wir werden den Betrieb im Mai unangekündigt kontrollieren.",
    r"Die Akte liegt unter \\fileserver\62\Halle 4.",
    "Habt ihr schon was vom Umweltamt gehört?",
    "Bitte schreibt denen, dass die Gebühr fällig ist.",
    "Kannst du das bitte so weitergeben?",
    "Ich schicke dir die Akte per Hauspost.",
    "Für euch zur Info: Herr Muster hat schon einmal schwarz gebaut.",
    "Von mir aus könnt ihr das so rausgeben, aber ohne meinen Namen.",
    "Was meint ihr, sollen wir denen absagen?",
    "Gebt mir bitte Bescheid, wenn die Antwort raus ist.",
    "Hintergrund (nicht für die Antwort): Der Nachbar klagt.",
    "Nur als Hintergrund: Der Inhaber ist schwierig.",
    "Nicht offiziell: Es gibt Bedenken im Rat.",
    "PS für die Kollegin: Die Dame ist am Telefon ausfallend geworden.",
    "Ist intern, aber: Die Firma hat Schulden.",
    "Wichtig für Sie intern, Herr Weber",
    "Wir bitten um vertrauliche Behandlung dieser Information: Die Firma hat Schulden.",
    "Den letzten Satz bitte nicht mitschicken.",
    "Bitte nicht wörtlich übernehmen.",
    "Bitte die folgenden Ausführungen nicht übernehmen.",
    "Bitte vor dem Versand noch mit Herrn Schmitz (Rechtsamt) klären.",
    "Bitte löschen vor Weiterleitung: Streit mit dem Nachbarn Kaul.",
    "Bitte nur den ersten Satz weitergeben.",
    "Ich würde der Firma nur den ersten Absatz schicken.",
    "Den Rest können Sie weglassen: Die Firma hat Schulden.",
    "TODO: Gebühr noch prüfen!!",
    "xxx hier noch Frist einsetzen xxx",
    "Textbaustein 4.2 einsetzen.",
    "zK Leitung: Die Firma hat Schulden.",
    "Soll ich das so schreiben?",
    "Moin Thomas, sag der Firma, sie soll sich gedulden.",
    "Bitte teilen Sie der Firma mit, dass der Antrag vollständig ist.",
    "Richten Sie Frau Muster bitte aus, dass der Antrag vollständig ist.",
    "Antwort an die Firma kann lauten: Der Antrag ist vollständig.",
    "Vorschlag für die Antwort: Der Antrag ist vollständig.",
    'Bitte an die Firma nur: "Antrag ist vollständig."',
    "Bitte erst nach Freigabe durch Herrn Schulz versenden.",
    "Bitte die Antwort noch nicht, erst nach Rücksprache mit Herrn Schulz verschicken.",
    "Bitte vor Versand noch von Herrn Schulz absegnen lassen.",
    "Noch nicht freigegeben.",
    "Achtung: Noch nicht unterschrieben!",
    "Die Genehmigung wird erteilt. Noch nicht freigegeben.",
    "Nicht abgestimmt mit Dezernat V.",
    "Die Firma weiß davon noch nichts.",
    "Das weiß die Firma noch nicht: Die Fläche wird verkauft.",
    "Zu Ihrer Information (die Firma weiß das noch nicht): Die Fläche wird verkauft.",
    "Der Antragsteller ist darüber noch nicht informiert.",
    "Zu Ihrer Kenntnis: Gegen die Firma läuft ein Verfahren.",
    "Mit der Bitte um Vertraulichkeit: Die Fläche wird verkauft.",
    "Für unsere Akten: Herr Muster war am Telefon ausfallend.",
    "Hinweis an Frau Weber: Die Fläche wird verkauft.",
    "Nachricht an das KAM: Die Fläche wird verkauft.",
    "Hinweis für die Sachbearbeitung: Die Fläche wird verkauft.",
    "Nur am Rande für Sie: die Firma hat noch offene Gewerbesteuer.",
    "Am Rande: Die Firma hat noch offene Gewerbesteuer.",
    "Nebenbei bemerkt: die Firma hat noch offene Gewerbesteuer.",
    "Können wir das so schreiben?",
    "Sollen wir das wirklich so schicken?",
    "Bitte prüfen, ob wir das so schreiben können.",
    "Bitte ggf. netter formulieren.",
    "Gerne umformulieren.",
    "Können Sie das bitte in Bürgerdeutsch übersetzen?",
    "Bitte Rechtschreibung prüfen.",
    "Antwortentwurf:",
    "Vorabversion.",
    "Vorgeschlagener Text:",
    "Antwort an Firma:",
    "Folgender Text für die Firma:",
    "Bitte folgendes mitteilen:",
    "Formulierungshilfe: Die Genehmigung ist erteilt.",
]
TO_COMPANY = [
    "Anonyme Anzeigen werden nicht bearbeitet.",
    "Gegen den Bebauungsplan läuft ein Normenkontrollverfahren.",
    "Gegen den Bescheid können Sie Widerspruch einlegen, das Verfahren läuft beim Rechtsamt.",
    "Offiziell ist der Weg als Radweg gewidmet.",
    "Eine Anzeige ist nur nötig, wenn die Firma schon mehr als zehn Beschäftigte hat.",
    "Jede Firma muss diese Werte einhalten, die Firma muss im Handelsregister eingetragen sein.",
    "Die Firma hat nach § 53 KrWG ihre Tätigkeit anzuzeigen.",
    "Die Unterlagen finden Sie im Portal. Die sind dort kostenlos abrufbar.",
    "Die Brandschutzdienststelle ist beteiligt, die hat keine Bedenken.",
    "Es gibt eine Genehmigung, die ist noch gültig.",
    "Bei Verträgen über ein Jahr gehen wir auf 100 Euro herunter.",
    "Beim Preis können wir Ihnen entgegenkommen.",
    "Bei höheren Lasten gehen wir mit zwei Kränen bis auf 70 t hoch.",
    "Im Preis von 6,50 Euro ist die Lagerung für drei Tage mit drin.",
    "Beim Maß der Nutzung haben wir nach § 31 BauGB keinen Spielraum.",
    "Lärmmessungen finden grundsätzlich ohne Ankündigung statt.",
    "Kontrolliert wird unangekündigt, meist im Frühjahr.",
    "Nächste Woche beraten wir ohne Anmeldung im Rathaus.",
    "Bitte reichen Sie den Antrag erst nach der Sitzung am 10. Dezember ein.",
    "Halten Sie das Regenwasser auf dem Grundstück zurück.",
    "Bei der Firma muss ein Beauftragter bestellt sein.",
    "Die Pläne finden Sie im Portal. Die befinden sich dort unter Formulare.",
    "Die Kontrollen erfolgen unangekündigt.",
    "Intern ist das Umweltamt beteiligt.",
    "Das Prüfamt prüft das Gebäude und schreibt uns.",
    "Please do not tell your staff to park there.",
    "Bitte stimmen Sie den Termin mit dem Nachbarn ab.",
    "Die Baustelle ist noch nicht freigegeben.",
    "Die Straße ist gesperrt und noch nicht freigegeben.",
    "noch nicht freigegeben.",
    "Die Ware dürfen Sie erst nach Freigabe durch das Veterinäramt versenden.",
    "Bitte lassen Sie den Vertrag vor dem Versand von Ihrem Geschäftsführer gegenzeichnen.",
    "Bitte versenden Sie die Proben erst nach Freigabe durch den Amtstierarzt.",
    "Der Vertrag ist vom Rat noch nicht unterschrieben.",
    "Die Firma Stahlbau weiß noch nicht, wann sie mit dem Abbruch beginnt.",
    "Der Antragsteller weiß, dass nichts fehlt.",
    "Sie haben sich gegen die Firma entschieden, die den Abbruch machen sollte.",
    "Ihrer Bitte um Vertraulichkeit kommen wir nach.",
    "Für unsere Akten benötigen wir eine Kopie.",
    "Den Hinweis an Frau Weber haben wir erhalten.",
    "Die Nachricht an die Nachbarn: Sie können sie selbst verteilen.",
    "Die Fläche liegt nur am Rande des Gebiets.",
    "Am Rande der Straße, entlang des Gehwegs, gilt Halteverbot.",
    "Können wir so nicht genehmigen.",
    "Ob wir das so genehmigen können, klärt sich am 3. Mai.",
    "Das Schild können Sie gerne anders formulieren.",
    "Der Entwurf der Antwort an die Firma Muster liegt Ihnen vor.",
    "Bitte folgende Unterlagen mitteilen oder vorlegen.",
    "Füllen Sie nur die Seiten 1 bis 3 aus, den Rest können Sie weglassen.",
    "den Rest können Sie weglassen.",
    "Die Firma muss den Antrag selbst unterschreiben.",
    "Der Antragsteller hat nach § 70 BauO NRW die Bauvorlagen einzureichen.",
    "Die Unterlagen, denen der Lageplan beiliegt, sind vollständig.",
    "Den Bestimmungen, nach denen wir prüfen, entspricht Ihr Vorhaben.",
    "Ihr Antrag liegt in der Rue du Port 4 vor, Herr Du Pont.",
    "Originale bitte nicht mitschicken, eine Kopie genügt.",
    "Bitte vor dem Absenden des Antrags alle Angaben prüfen.",
    "Bitte teilen Sie dem Kunden die neue Anschrift mit.",
    "Soll ich Ihnen das Formular zusenden?",
    "Das Umweltamt ist intern beteiligt.",
    "Seid Juni 2026 gilt die neue Satzung.",
    "Im Hintergrund der Halle steht ein Baum.",
    "Wir bitten um vertrauliche Behandlung der Zugangsdaten.",
    "Die Plakette gibt es in Größe XXXL und unter Nummer 0203 xxx-12.",
    "Bitte nur den unteren Teil des Formulars ausfüllen.",
    "Füllen Sie nur die ersten Zeilen aus.",
    "Leiten Sie das Regenwasser nicht in den Kanal weiter.",
    "Bitte geben Sie das Aktenzeichen nicht an Dritte weiter.",
    "Lassen Sie den Hund bitte nicht raus.",
    "Der B-Plan ist noch nicht beschlossen und noch nicht öffentlich ausgelegt.",
    "Diese Straße ist noch nicht freigegeben, das ist noch nicht beschlossen.",
    "Das ist nicht öffentlich zugänglich.",
    "Sie müssen das mit meiner Kollegin Frau Dogan abstimmen.",
    "Wir müssen das nicht mit der Amtsleitung abstimmen.",
    "Prüfen Sie das Formular, bevor Sie es abschicken.",
    "Bitte warten Sie mit dem Baubeginn, verwenden Sie das neue Formular.",
    "Haben Sie uns den Plan geschickt? Ihr könnten sonst Nachteile entstehen.",
]


_SAYS = "der Inhaber ist schwierig"
INTERNAL_TABLES = [
    f"|Frage|Antwort|Intern|\n|---|---|---|\n|Stand|im Juni|{_SAYS}|",
    f"│ Frage │ Antwort │ Intern │\n│ Stand │ im Juni │ {_SAYS} │",
    f"+-------+---------+\n|Antwort|Intern   |\n+-------+---------+\n|im Juni|{_SAYS}|",
    f"Frage;Antwort;Intern\nStand;im Juni;{_SAYS}",
    f"Frage Antwort Antwort intern\nStand im Juni {_SAYS}",
    f"Antwortintern\nim Juni{_SAYS}",
    *(
        f"Frage\tAntwort\t{heading}\nStand\tim Juni\t{{}}".format(says)
        for heading in (
            *("Antwort intern", "Bemerkung intern", "Bemerkung – intern", "Notiz (intern)"),
            *("„intern“", "int.", "Sachstand intern", "Status intern", "Vermerk intern"),
            *("Interne Bewertung", "interne Einschätzung", "Intern", "nur intern"),
            *("Vermerk für KAM", "@KAM", "Nicht für die Firma", "nicht f. Firma", "an KAM"),
            *("Intern¹", "intern 1)", "intern KAM", "intern/KAM", "verw.-intern"),
            *("Interne Rückmeldung", "Rückmeldung intern", "nicht f. d. Firma", "für den KAM"),
        )
        for says in (_SAYS, "säumig", "60 Euro")
    ),
    *(
        f"Frage\tAntwort\t{heading}\nStand\tim Juni\t{_SAYS}"
        for heading in ("Nicht öffentlich", "Für KAM", "Aktenvermerk", "Kosten intern")
    ),
    f"Frage\tAntwort\nfür Firma\tintern\nStand\tim Juni\t{_SAYS}",
    f"Stellungnahme\n\nFrage\tAntwort\tintern\n\nStand\tim Juni\t{_SAYS}",
    f"Frage\tAntwort\nStand\tim Juni\n\nNr.\tBemerkung intern\n1\t{_SAYS}",
    f"Frage\tAntwort\tintern\n(Amt)\nStand\tim Juni\t{_SAYS}",
    f"Frage\tAntwort\tintern\n\nStand\n\nim Juni\n\n{_SAYS}",
    f"extern\tim Juni\nintern\t{_SAYS}",
    "extern\tim Juni\nintern\tsäumig",
    f"Stand\tim Juni\nVermerk\t{_SAYS}",
    "Nr.\tAntwort\tStand\n1\textern\tim Juni\n2\tintern\tsäumig",
    f"Stand\tim Juni\tVermerk für KAM\n{_SAYS}",
    f"Stand\tim Juni\nBewertung\tintern\t{_SAYS}",
    f"Stand\tim Juni\nBewertung\tintern: {_SAYS}",
]
EVERYDAY_TABLES = [
    "Telefon\tintern 12\nZimmer\t214",
    "Ansprechpartner\tKAM\nFrist\t3.12.",
    "Rückmeldung\tbis 3.12.\nZustellung\tan Firma",
    "Stellplätze\tnicht öffentlich\t12",
    "Fläche\töffentlich\tnicht öffentlich\nNord\t12\t4 Stellplätze",
    "Saalmiete: intern\textern",
    "Saalmiete\tKosten intern\tKosten extern\nRathaus\t120 Euro\t350 Euro",
    "Plan\tStand\tVerfahren\nBebauungsplan 571\tEntwurf\tin Aufstellung",
    "Unterlage\tVermerk\nLageplan\tliegt vor\nBaubeschreibung\tfehlt",
    "Termin\tOrt\nSitzung am 3.12.\tnicht öffentlich\nSitzung am 9.12.\tRathaus",
    "Anlage 3  Aktenvermerk vom 12.11.",
    "Frist\t3.12.\nAnsprechpartner\tKAM: Frau Meier",
    "Schritt\tBeteiligung\tDauer\nVorprüfung\tintern\t2 Wochen\nAuslegung\töffentlich\t1 Monat",
    "Beteiligung\tintern (Ämter)\t2 Wochen",
    "Gebühr\t350 Euro\nVerteiler\tintern",
    "Telefon\tintern 4711",
    "Weg;Dauer;Prüfung\nOnline;2 Wochen;intern",
    "Die Prüfung läuft intern; das dauert; Sie erhalten Bescheid.",
]


@pytest.mark.parametrize(
    "remark",
    [
        "Hinweis an Frau Weber: der Inhaber ist ein Freund des OB.",
        "Vermerk: das Budget ist leer.",
        "Am Rande: der Nachbar klagt gern.",
        "Für die Kollegin: Rechnung bitte zu den Akten.",
        "Als Hintergrund für Sie: der Inhaber hat schon einmal schwarz gebaut.",
        "Zur Info an die Leitung: der Fall ist heikel.",
        "Vertraulich: der Nachbar klagt.",
    ],
)
@pytest.mark.parametrize("before", ["", "Eine Nutzungsänderung ist erforderlich. "])
def test_a_remark_s_heading_may_stand_amid_a_line(remark: str, before: str) -> None:
    """Each sentence of a line is read as if it began one."""
    assert sounds_internal(before + remark)


@pytest.mark.parametrize("between", ["\t", "  ", " | ", "\xa0\xa0"])
@pytest.mark.parametrize("heading", ["Intern", "hausintern", "*nur intern*", "Vertraulich"])
def test_a_remark_s_heading_may_head_a_column(heading: str, between: str) -> None:
    """Each cell of a line is read as if it were a heading of its own."""
    head = between.join(("Frage", "Antwort", heading))
    assert sounds_internal(f"{head}\nStand{between}im Juni{between}der Inhaber ist schwierig")


@pytest.mark.parametrize("rows", INTERNAL_TABLES)
def test_an_internal_column_or_row_of_a_table_waits(rows: str) -> None:
    """A cell is a heading where it heads a column or a row, however a program draws the table."""
    assert sounds_internal(f"Guten Tag,\n\n{rows}\n\nMit freundlichen Grüßen\nBauaufsicht")


@pytest.mark.parametrize("rows", EVERYDAY_TABLES)
def test_a_cell_that_heads_nothing_is_a_plain_word(rows: str) -> None:
    """What a table says of a matter holds nothing, though it would be a remark as a heading."""
    assert not sounds_internal(f"Guten Tag,\n\n{rows}\n\nMit freundlichen Grüßen\nBauaufsicht")


@pytest.mark.parametrize("heading", ["Antwort intern", "„intern“", "Interne Bewertung", "Int."])
def test_a_remark_s_heading_may_stand_in_a_line_of_its_own(heading: str) -> None:
    """Cells of a table that were written below each other are headings all the same."""
    assert sounds_internal(f"{heading}\n\nder Inhaber ist schwierig")


def test_rows_of_a_thousand_cells_are_read_in_seconds() -> None:
    """Each cell is looked at once, and not once for every cell that may head it."""
    rows = ("|".join("a" * (998 - number % 2)) for number in range(40))
    began = time.process_time()
    assert not sounds_internal("\nnein\n".join(rows))
    assert time.process_time() - began < 4


def test_a_sentence_that_ends_with_intern_goes_on() -> None:
    """Where a sentence was wrapped, its end is no heading."""
    assert not sounds_internal("Wir klären mit dem Bauamt den\nSachstand intern.")


def test_a_table_without_an_internal_column_goes_on() -> None:
    """Cells that name matters, amounts and inner works hold nothing."""
    rows = "Frage\tAntwort\tFrist\nInterner Umbau\tgenehmigt\tJuni\nGebühr  350 Euro | Bauamt"
    assert sounds_internal(rows) == ""


@pytest.mark.parametrize(
    "hint",
    [
        "Hinweis: Die Unterlagen sind dreifach einzureichen.",
        "Für die Zufahrt: bitte eine Sondernutzung beantragen.",
        "Für Frau Muster: Die Frist endet am 3. Mai.",
        "Nur für Lager: ein Brandschutzkonzept.",
        "Vermerk im Grundbuch: Wegerecht der Stadtwerke.",
    ],
)
def test_a_hint_amid_a_line_goes_on(hint: str) -> None:
    """What is headed for the company, or for a part of its matter, holds nothing."""
    assert sounds_internal(f"Eine Nutzungsänderung ist erforderlich. {hint}", "Eva Muster") == ""


@pytest.mark.parametrize("line", TO_DESK)
def test_what_is_said_to_the_desk_waits(line: str) -> None:
    """Who says "du", or what to tell the company, does not speak to it: the manager looks."""
    assert sounds_internal(line)


@pytest.mark.parametrize("line", TO_COMPANY)
def test_what_an_office_writes_of_a_firm_goes_on(line: str) -> None:
    """An ordinary answer speaks of the firm, of papers and of forms in the same words."""
    assert apart([line]) == ([line], [])
    assert not sounds_internal(line)
