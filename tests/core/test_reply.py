"""What an office's mail is, and what of it may go on to the company."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.core.reply import ReplyKind, ReplyReading
from mailflow.core.reply_reading import read_reply
from mailflow.core.thanks import consents_only, thanks_only

WRITTEN = date(2026, 5, 20)  # a Wednesday
SUBJECT = "AW: [KAM-7K3Q-9F2M] Halle 4"
CASES = Path(__file__).parents[3] / "shared" / "domain" / "cases.jsonl"


def _read(text: str, subject: str = SUBJECT, written: date = WRITTEN) -> ReplyReading:
    return read_reply(text, subject, written)


EXPLICIT = [
    (
        "Zwischennachricht\n\nWir prüfen noch, Antwort bis 5. Juni.",
        ReplyKind.INTERIM,
        "2026-06-05",
        "",
    ),
    ("#zwischennachricht: wir brauchen bis KW 23", ReplyKind.INTERIM, "2026-06-05", ""),
    ("ZWISCHENNACHRICHT - Antwort folgt bis Freitag", ReplyKind.INTERIM, "2026-05-22", ""),
    (
        ("Guten Tag,\n\nZwischenbescheid: Die Prüfung dauert noch bis Ende Juni."),
        ReplyKind.INTERIM,
        "2026-06-30",
        "",
    ),
    ("Rückfrage: Wie groß ist die Halle?", ReplyKind.QUESTION, "", ""),
    ("Rückfrage\nWie groß ist die Halle?", ReplyKind.QUESTION, "", ""),
    ("rueckfrage:\nWie groß ist die Halle?", ReplyKind.QUESTION, "", ""),
    ("Unzuständig -> Tiefbauamt", ReplyKind.DECLINE, "", "Tiefbauamt"),
    ("Unzuständig: Tiefbauamt", ReplyKind.DECLINE, "", "Tiefbauamt"),
    ("Unzuständig. Bitte an das Umweltamt.", ReplyKind.DECLINE, "", "Umweltamt"),
    ("unzuständig", ReplyKind.DECLINE, "", ""),
    ("unzuständig, Tiefbauamt", ReplyKind.DECLINE, "", "Tiefbauamt"),
    ("Unzuständigkeit: Untere Denkmalbehörde", ReplyKind.DECLINE, "", "Untere Denkmalbehörde"),
    ("#unzuständig Straßenverkehrsamt", ReplyKind.DECLINE, "", "Straßenverkehrsamt"),
    ("not ours -> roads office", ReplyKind.DECLINE, "", "roads office"),
    ("Not ours: please ask the harbour authority.", ReplyKind.DECLINE, "", "harbour authority"),
    ("Intern: Bitte warten, der Bürgermeister klärt das noch.", ReplyKind.INTERNAL, "", ""),
    ("Intern\n\nBitte warten.", ReplyKind.INTERNAL, "", ""),
    ("Nur intern: Der Nachbar klagt.", ReplyKind.INTERNAL, "", ""),
    (
        "interim\nWe are still checking and will reply by 5 June.",
        ReplyKind.INTERIM,
        "2026-06-05",
        "",
    ),
    ("Interim: answer will follow next week.", ReplyKind.INTERIM, "2026-05-29", ""),
    ("question: how large is the hall?", ReplyKind.QUESTION, "", ""),
    ("internal: please wait.", ReplyKind.INTERNAL, "", ""),
    (
        "Wir prüfen das noch und melden uns bis Ende nächster Woche.",
        ReplyKind.INTERIM,
        "2026-05-29",
        "",
    ),
    ("Wir benötigen noch den Lageplan. Bitte reichen Sie ihn nach.", ReplyKind.QUESTION, "", ""),
    ("Dafür sind wir nicht zuständig.", ReplyKind.DECLINE, "", ""),
    ("Das liegt in der Zuständigkeit des Umweltamts.", ReplyKind.DECLINE, "", "Umweltamts"),
    (
        "Zuständig ist das Amt für Umwelt und Grün.",
        ReplyKind.DECLINE,
        "",
        "Amt für Umwelt und Grün",
    ),
    ("Bitte an das Tiefbauamt weiterleiten.", ReplyKind.DECLINE, "", "Tiefbauamt"),
    (
        ("This is not our responsibility, please contact the Environmental Office."),
        ReplyKind.DECLINE,
        "",
        "Environmental Office",
    ),
    (
        (
            "Die Fläche ist noch in Prüfung. Ergebnis folgt in zwei Wochen. Bitte so "
            "an das Unternehmen weitergeben."
        ),
        ReplyKind.INTERIM,
        "2026-06-03",
        "",
    ),
]
PLAIN = [
    "wir korrigieren unsere Auskunft vom Montag: Es sind vier statt drei Stellplätze nachzuweisen.",
    "ich berichtige meine Antwort vom 3. Mai: Die Gebühr beträgt 300 Euro.",
    "Es fehlt nichts mehr. Bitte teilen Sie uns nur den Baubeginn mit.",
    ("Rückfragen beantwortet Ihnen Herr Muster unter Tel. 123. Der Antrag ist genehmigt."),
    "Intern haben wir den Vorgang geprüft. Der Antrag ist vollständig.",
    "Interne Abstimmung läuft, die Genehmigung wird im Juni erteilt.",
    "Questions are answered by Mr Example. The application is complete.",
    "ja",
    "Die Gebühr beträgt 120 Euro.",
    (
        "Für die Genehmigung benötigen Sie einen Lageplan und eine Statik. Die "
        "Gebühr beträgt 120 Euro, die Bearbeitung dauert vier Wochen."
    ),
    "Das macht bei uns Frau Müller, Tel. 123.",
    (
        "Der Antrag ist vollständig.\n\nBitte nicht an die Firma weitergeben: Der "
        "Nachbar klagt.\n\nViele Grüße\nB"
    ),
    "Die Genehmigung wird bis Ende Juni erteilt.",
    ("Der Antrag ist vollständig. Mit der Genehmigung ist bis Ende Juni zu rechnen."),
    "Anbei der Bescheid.",
    "Der Kanal liegt bei 3,20 m Tiefe. Die Pläne liegen bei.",
    ("Das gehört zum Bebauungsplan 1190. Zulässig ist dort ein Gewerbebetrieb bis 800 m²."),
    "Die Zuständigkeit liegt bei uns. Die Sperrung wird genehmigt.",
    "Wenden Sie sich bei Fragen gern an mich. Die Erlaubnis wird erteilt.",
    "Die Erlaubnis wird erteilt. Ab Montag bin ich nicht im Hause, dann hilft Frau Kern.",
    "Ja. Bei Fragen rufen Sie mich gerne an.",
    "Sie müssen das erst mit der Feuerwehr abstimmen.",
    "Ihr Antrag ist am 3. Mai eingegangen, es fehlt nichts.",
    "Ihr Antrag wird unter dem Aktenzeichen 63-1 geführt, die Genehmigung wird erteilt.",
    "Die Korrektur der Pläne genügt.",
    "Den Bescheid haben Sie schon per E-Mail erhalten.",
    "Diese Mail ersetzt unsere schriftliche Stellungnahme nicht; die Halle ist zu hoch.",
    "Sie erreichen uns unter der Rufnummer 4711, dort wird Ihr Antrag bearbeitet.",
    "45 dB(A)",
    "Termin: Dienstag, 10 Uhr, vor der Halle.",
    "Die Unterlagen haben wir erhalten. Der Bescheid geht diese Woche in die Post.",
    "Dem Antrag ist nicht zu entnehmen, wie hoch die Halle wird; zulässig sind 12 m.",
    "Vielen Dank für Ihre Nachricht. Zuständig für die Abnahme sind wir, sie kostet 80 Euro.",
]
SUSPECTED = [
    ("meine Mail von gestern nehme ich zurück. Eine Stundung ist nicht möglich.", ReplyKind.ANSWER),
    ("Ich nehme meine Auskunft zurück. Eine Stundung ist nicht möglich.", ReplyKind.ANSWER),
    ("wir korrigieren unsere Auskunft vom Montag: Die Zahlen folgen.", ReplyKind.ANSWER),
    (
        "Ich bin vom 23.11. bis 04.12.2026 nicht erreichbar, Post macht Frau Kern.",
        ReplyKind.INTERNAL,
    ),
    ("Während meiner Abwesenheit hilft Ihnen Frau Kern.", ReplyKind.INTERNAL),
    (
        (
            "Bitte haben Sie noch etwas Geduld, die Stellungnahme des Gutachters "
            "liegt noch nicht vor."
        ),
        ReplyKind.INTERIM,
    ),
    ("Um welches Flurstück geht es?", ReplyKind.QUESTION),
    ("Danke, wird erledigt.", ReplyKind.INTERIM),
    ("Liebe Kollegin, ich leite das an Herrn Maier weiter.", ReplyKind.INTERIM),
    ("We will look into it.", ReplyKind.INTERIM),
    ("Zuständig ist Frau Müller vom Umweltamt.", ReplyKind.DECLINE),
    (
        (
            "Ihr Antrag ist genehmigt. Für die Abfallentsorgung sind die "
            "Wirtschaftsbetriebe zuständig."
        ),
        ReplyKind.DECLINE,
    ),
]


NO_ANSWERS = [
    "Ihre Anfrage ist bei uns eingegangen und wird unter dem Zeichen 63-1 bearbeitet.",
    "Ihre Anfrage wurde unter der Nummer #4711 erfasst und wird so schnell wie möglich bearbeitet.",
    "Vielen Dank für Ihre E-Mail. Wir werden Ihr Anliegen schnellstmöglich bearbeiten.",
    "Ihre Mail haben wir erhalten und unter Nummer 4711 aufgenommen.",
    "Your request has been received and logged as ticket 4711.",
    "Die Vorgangsnummer zu Ihrer Anfrage lautet 4711.",
    "Das Ticket 4711 wurde einem Bearbeiter zugewiesen.",
    "Vielen Dank für Ihre Kontaktaufnahme. Wir setzen uns mit Ihnen in Verbindung.\n\nIhr Team Bau",
    "Ihre Nachricht ist eingegangen. Bitte beachten Sie unsere Sprechzeiten: Mo-Fr 8-12 Uhr.",
    "Vielen Dank für Ihre E-Mail, die wir erhalten haben. Wir werden diese in Kürze bearbeiten.",
    "Ihre E-Mail ist bei der Stadt eingegangen. Sie wird an die zuständige Stelle weitergeleitet.",
    "Danke für Ihre Mail an das Bauamt. Ihr Anliegen ist uns wichtig. Wir bearbeiten es bald.",
    "Ihre Nachricht ist eingegangen. Besuchen Sie auch unsere Website www.stadt.example.",
    "Ihre E-Mail ist eingegangen. In dringenden Fällen wählen Sie bitte 0541 323-0.",
    "Bitte meine Mail von eben ignorieren.",
    "Sorry, falscher Empfänger!",
    "Ich muss das erst mit der Amtsleitung klären.",
    "Die angehängte Datei kann ich nicht öffnen, bitte erneut senden.",
    "Bitte rufen Sie mich zurück, Tel. 4711.",
    "Bitte um Rückruf.",
    "Frau Kluge, das können Sie so nicht rausgeben.",
    "Gesendet von Outlook für Android",
    "Von meinem iPhone gesendet",
    ".",
    "\N{THUMBS UP SIGN}",
    "gelesen",
    "Zur Kenntnis genommen.",
    "Vielen Dank!",
    "Antwort auf eine Termineinladung: Ortstermin\nAntwort: zugesagt",
    "Termineinladung: Ortstermin\nBeschreibung: Vorher mit der Leitung sprechen.",
    'Meier, Karl möchte die Nachricht "AW: [KAM-7K3Q-9F2M] Halle 4" zurückrufen.',
    'Meier, Karl would like to recall the message, "AW: Halle 4".',
    "Korrektur: Die Gebühr beträgt 120 Euro. Bitte die erste Mail nicht verwenden.",
    "Meine Antwort von gestern war leider falsch. Die Gebühr beträgt 120 Euro.",
    "Diese Auskunft ersetzt meine Mail vom 3. Mai. Die Gebühr beträgt 120 Euro.",
]


NO_QUESTIONS = [
    "Das Formular: https://www.stadt.example.org/formular.php?id=4711",
    "Please use the online form: https://www.stadt.example.org/form?lang=en",
    'Siehe unsere FAQ "Brauche ich eine Genehmigung?" auf der Seite. Für Sie gilt: nein.',
    "Haben Sie noch Fragen? Dann melden Sie sich gern. Der Antrag ist durch.",
    "Any questions? Just call. The change needs no procedure.",
    "ein Termin ist am Donnerstag, 3. Dezember um 10 Uhr in Raum 312 möglich. Passt Ihnen das?",
    "Sie benötigen noch eine Abnahme durch den Schornsteinfeger.",
    "Sie brauchen zusätzlich zur Genehmigung eine Erlaubnis nach § 34 GewO.",
    "Hierzu fehlt eine gesetzliche Grundlage, daher ist keine Gebühr fällig.",
    "Es fehlt noch die Unterschrift; Herr Kröger ist informiert und holt sie nach.",
    "der Antrag ist unvollständig. Die Nachforderung ging am 12.11. an Ihren Architekten.",
]
STILL_QUESTIONS = [
    "Ist die Halle schon genehmigt, und wenn ja, von wem?",
    "Kostet der Umbau mehr als 50.000 Euro?",
    "Sind Ladesäulen oder eine Photovoltaikanlage geplant? Falls ja, mit welcher Leistung?",
    "Werden in der Halle Lösemittel gelagert? Wenn nein, was sonst?",
    "Wir benötigen von Ihnen noch die Zustimmung der Amtsleitung.",
    "Uns fehlt noch der Lageplan.",
    "Wir benötigen noch den Lageplan.",
    "Es fehlt noch die Unterschrift.",
    "Wie groß ist die Halle? Siehe https://www.stadt.example.org/form?id=1",
    "Haben Sie einen Lageplan? Haben Sie noch Fragen?",
]
ASKED_BESIDE_AN_ANSWER = [
    "400 kW gehen. Können wir die Kosten über euer Budget laufen lassen?",
    "Die Gebühr beträgt 20 Euro. Kann das über euren Etat abgerechnet werden?",
    "Die Gebühr beträgt 450 Euro. Können Sie mir sagen, wer den Termin mit dem Investor macht?",
    "Der Antrag ist genehmigt. Haben Sie die Stellungnahme vom Umweltamt schon?",
    "Der Antrag ist genehmigt. Können Sie uns noch die Zahl der Stellplätze nennen? Danke!",
    "Hat die Kämmerei schon geantwortet? Die Gebühr beträgt 450 Euro.",
    "Die Gebühr beträgt 20 Euro. Wissen Sie, ob der OB schon zugesagt hat?",
    "Die Gebühr beträgt 20 Euro. Wie groß ist die Fläche?",
]
ASKED_BY_THE_WAY = [
    "Die Abnahme ist am 8.12. möglich und kostet 20 Euro, passt Ihnen das?",
    "Sind Ladesäulen geplant? Falls ja, melden Sie diese bitte gesondert an.",
    "Wollen Sie mehr als 400 kW? Wenn ja, dauert es zwölf Monate, sonst neun.",
    "Ist eine Stellungnahme vom Prüfstatiker erforderlich? Nein, das ist hier entbehrlich.",
    "Die Abnahme findet am 8.12. um 10 Uhr statt. Passt Ihnen das?",
    "Eine Nutzungsänderung ist erforderlich. Können wir sonst noch etwas für Sie tun?",
    (
        "Eine Nutzungsänderung ist erforderlich. Haben Sie schon einen Entwurfsverfasser? Wenn"
        " nicht, hilft die Architektenkammer."
    ),
    "Die Gebühr beträgt 20 Euro. Können Sie den Termin nicht halten? Dann rufen Sie bitte an.",
    "Haben Sie bereits eine Genehmigung? Dann beträgt die Gebühr 20 Euro.",
    "Die Gebühr beträgt 20 Euro. Haben Sie Interesse?",
    "Der Antrag ist genehmigt. Haben Sie noch Fragen? Rufen Sie uns an.",
    "Was muss die Firma tun? Einen Antrag stellen. Was kostet das? Die Gebühr beträgt 20 Euro.",
]
ASKED_OF_THE_DESK = [
    "Es fehlt noch die Unterschrift des Dezernenten. Bitte legen Sie ihm den Vorgang vor.",
    "Uns fehlt noch die Anlage zur Mail der Firma. Bitte senden Sie uns die Mail noch einmal.",
    (
        "Wir benötigen noch die Stellungnahme des Umweltamtes zu dieser Firma. Bitte senden Sie"
        " uns diese zu."
    ),
    "Wir benötigen noch die Telefonnummer der Firma. Bitte teilen Sie uns diese mit.",
    "Es fehlt die Stellungnahme der Feuerwehr. Bitte klären.",
    "Wir brauchen noch einen Termin beim Dezernenten. Können Sie uns den machen?",
    "Wir brauchen zunächst die Bauakte. Bitte schicken Sie uns diese mit der Hauspost.",
    "Wir benötigen noch die Freigabe von Frau Lenz. Können Sie bitte nachfassen?",
]
ASKED_OF_THE_COMPANY = [
    "Es fehlt noch die Unterschrift des Bauherrn. Bitte reichen Sie den Antrag neu ein.",
    "Es fehlt noch die Unterschrift von Herrn Muster. Bitte reichen Sie sie nach.",
    "Wir benötigen noch die Zustimmung des Eigentümers. Bitte legen Sie sie vor.",
    "Es fehlt noch die Unterschrift des Bauleiters. Bitte senden Sie uns den Plan neu.",
    "Wir benötigen noch eine Bescheinigung des Finanzamtes. Bitte reichen Sie sie nach.",
    "Uns fehlt noch der Name der Firma, die den Abbruch macht. Bitte nennen Sie ihn uns.",
    "Wir benötigen noch Angaben. Bitte an die Firma weitergeben.",
    "Uns fehlt noch die Vollmacht. Bitte legen Sie Ihr Original vor.",
    "Uns fehlt noch der Lageplan. Bitte legen Sie dem Antrag einen bei.",
    "Zur Bauakte fehlt noch der Lageplan. Bitte reichen Sie ihn nach.",
    "Es fehlt noch ein Lageplan für die Akte. Bitte reichen Sie ihn nach.",
    "Uns fehlt noch eine Anlage zu Ihrer Mail. Bitte senden Sie uns den Plan noch einmal.",
    "Uns fehlt noch der Zeitplan. Bitte teilen Sie uns mit, wie viel Zeit der Umbau braucht.",
]
NOTHING_SAID_YET = [
    (
        "Um was für einen Betrieb handelt es sich? Ohne diese Angaben ist keine Aussage möglich.",
        ReplyKind.QUESTION,
    ),
    ("Eine Bearbeitung ist uns momentan leider nicht möglich.", ReplyKind.ANSWER),
    ("Zurzeit können hierzu keine Auskünfte erteilt werden.", ReplyKind.ANSWER),
    ("Eine Beurteilung ist anhand dieser Angaben nicht möglich.", ReplyKind.ANSWER),
]
POSSIBLE = [
    "Ohne eine Prüfung der Statik ist der Abbruch nicht möglich.",
    "Nach der Prüfung ist ein Umbau erst im zweiten Abschnitt möglich.",
    "Grundsätzlich ja, eine verbindliche Aussage ist aber erst nach Vorlage der Pläne möglich.",
    "Eine Auskunft ist gegen eine Gebühr von 20 Euro möglich.",
    "Die Prüfung ist abgeschlossen.",
]
PROMISED_IN_OTHER_WORDS = [
    (
        "Ihr Schreiben vom 24.11. habe ich erhalten und zur Prüfung an die Sachbearbeitung gegeben."
        " Von dort erhalten Sie weitere Nachricht."
    ),
    (
        "Ihre Anfrage liegt mir vor. Aufgrund der hohen Zahl an Anträgen bitte ich um etwas Geduld;"
        " Sie erhalten unaufgefordert Nachricht."
    ),
    "Wir haben die Bauleitung um eine Stellungnahme gebeten und kommen unaufgefordert auf Sie zu.",
    "Nach Abschluss der Prüfung unterrichten wir Sie.",
    "Wegen Personalmangels kann die Prüfung noch einige Wochen in Anspruch nehmen.",
    "Die alte Genehmigung ist nicht auffindbar. Sobald ich mehr weiß, gebe ich Bescheid.",
    "Sobald uns die Rückmeldung der Stadtwerke vorliegt, informieren wir Sie unverzüglich.",
    "Ihr Schreiben ist hier eingetroffen und wird zugeleitet. Von dort erhalten Sie Nachricht.",
    "Über den Fortgang halten wir Sie auf dem Laufenden.",
    "Sobald von dort etwas kommt, hören Sie von mir.",
    "Wir sind an der Sache dran und werden uns zu gegebener Zeit äußern.",
]
LIES_ELSEWHERE = [
    (
        "Der Vorgang liegt derzeit zur Abstimmung bei der Bezirksregierung. Sobald uns deren"
        " Stellungnahme vorliegt, kommen wir unaufgefordert auf Sie zu. Wir bitten um Geduld."
    ),
    "Der Antrag liegt zur Stellungnahme bei der Bezirksregierung. Danach hören Sie von uns.",
    "Der Bauantrag befindet sich noch bei der Feuerwehr. Wir kommen auf Sie zu.",
    "Hierzu läuft noch die Abstimmung mit dem Dezernat.",
    "Die Angelegenheit liegt derzeit bei der Bezirksregierung.",
    "Die Mitzeichnung durch das Dezernat läuft.",
]
TOLD_OF_AN_OFFICE = [
    "Der Lageplan liegt beim Tiefbauamt aus. Danach hören Sie von uns.",
    "Der Antrag liegt bei der Bezirksregierung. Sie erhalten Nachricht, die Gebühr ist 20 Euro.",
    "Die Bezirksregierung hat zugestimmt.",
    "Das ist der Bauaufsicht anzuzeigen.",
    "Das muss der Gewerbeaufsicht gemeldet werden.",
    "Ohne Zustimmung der Denkmalbehörde geht es nicht.",
]
PROMISED_BESIDE_AN_ANSWER = [
    "Der Gehweg ist ab Montag frei. Danach hören Sie von uns wegen der Entschädigung.",
    "Nach Prüfung gilt: 45 dB(A). Sie erhalten noch eine Nachricht per Post.",
    "Die Gebühr beträgt 120 Euro. Sobald die Zahlung da ist, unterrichten wir Sie.",
    "Wir informieren Sie gern über Fördermittel, dienstags von 8 bis 12 Uhr.",
    "Sie erhalten Ihren Bescheid am Freitag.",
    "Nach der Abnahme erhalten Sie den Bescheid.",
    "Die Zufahrt bleibt offen, Sie erhalten vorher Nachricht, wenn sich das ändert.",
]
WANTS_TIME = [
    "Wir brauchen noch mehr Zeit. Bitte geben Sie uns Aufschub bis Freitag.",
    "Uns fehlt noch Personal. Können Sie uns bitte Fristverlängerung geben? Bitte um Aufschub.",
]
NO_INTERIMS = [
    "Die Arbeiten ruhen derzeit, weil die Stadtwerke noch eine Leitung umlegen müssen.",
    "wir kümmern uns um die Beschilderung, sie steht ab Montag.",
    "Bitte geben Sie das Aktenzeichen nicht an Dritte weiter.",
    "Die Angrenzer werden beteiligt, Ihre Betriebsbeschreibung geben wir dabei nicht weiter.",
    "Ihr Antrag ist in Bearbeitung, die Unterlagen sind komplett, Bescheid wohl am 10.12.",
    "Der Antrag ist in Bearbeitung. Die Genehmigung wird voraussichtlich in der 50. KW erteilt.",
    "Die Mahnung ist gegenstandslos, der Betrag ist eingegangen.",
    "Der Fall ist erledigt, die Zahlung ist eingegangen.",
]
NOT_ONLY_DECLINED = [
    "eine Genehmigung brauchen Sie nicht. Für den Lärmschutz ist das Umweltamt zuständig.",
    "nachts gelten 45 dB(A), tags 60. Für die Halle ist das Amt für Bauordnung zuständig.",
    (
        "Für die Gewerbeanmeldung sind wir nicht zuständig. Die Nutzungsänderung selbst ist"
        " genehmigungspflichtig; den Antrag stellen Sie bitte bei uns."
    ),
    (
        "Es besteht keine Zuständigkeit der Denkmalbehörde, das Gebäude steht nicht in der Liste."
        " Sie können umbauen."
    ),
    (
        "Für die Prüfung der Statik ist das Ingenieurbüro Krause zuständig, das wir beauftragt"
        " haben. Das Ergebnis kommt am 4.12."
    ),
    (
        "Bitte wenden Sie sich an die IHK, die berät Gründer kostenlos. Eine Gewerbeanmeldung"
        " müssen Sie trotzdem bei uns machen."
    ),
    "Dafür ist das Umweltamt zuständig; das Schild ist genehmigt.",
]
PERHAPS_DECLINED = [
    (
        "für Stellplatzfragen ist nicht das Bauordnungsamt, sondern das Tiefbauamt zuständig. Ich"
        " bitte daher, die Anfrage dorthin abzugeben."
    ),
    "Da sind Sie bei mir leider falsch. Frau Albers von der Bauaufsicht macht das.",
    "Da sind wir der falsche Ansprechpartner. Probieren Sie es bei der IHK.",
    "Dieser Vorgang wird beim Kreis geführt, nicht bei uns.",
    "Wir sind nur für genehmigungsbedürftige Anlagen da, der Rest ist Sache des Ordnungsamts.",
    "Landesstraße, da haben wir keine Aktien drin.",
    "Hier sind Sie bei uns an der falschen Adresse.",
    "Mit Wasserrecht haben wir hier nichts zu schaffen.",
    "Das gehört nicht hierher.",
    "Für diese Frage wäre die IHK der richtige Ansprechpartner.",
    "Zuständigkeitshalber an die Wirtschaftsbetriebe weitergeleitet.",
    "Für Gehwege ist das Tiefbauamt Ansprechpartner, nicht die Verkehrsbehörde.",
    "Zuständig ist die Wasser- und Bodengenossenschaft.",
]
SAID_OF_WHOEVER_DOES_IT = [
    "Die Kollegin, die dafür zuständig ist, ist krank.",
    "Die Anfrage ist bei uns angekommen. Die Kollegin, die dafür zuständig ist, ist im Urlaub.",
    "Der Kollege, der zuständig ist, meldet sich bei Ihnen.",
    "Wer bei uns zuständig ist, weiß ich gerade nicht.",
    "Ich weiß nicht, ob er zuständig ist, vielleicht hilft das Umweltamt.",
    "Das Umweltamt, das hierfür zuständig ist, ist informiert.",
    "Zuständig ist momentan niemand.",
    "Zuständig ist, soweit ich weiß, noch keiner.",
]
DECLINES_NOTHING = [
    (
        "Die Anerkennung ist der erste Schritt; zuständig ist dafür die IHK FOSA in Nürnberg."
        " Danach können Sie bei uns das Verfahren beantragen."
    ),
    (
        "Zuständig für die Plakette ist nicht das Ordnungsamt, sondern das Umweltamt. Das"
        " Halteverbot kostet 45 Euro."
    ),
    "Das Grundstück liegt beim Kreisverkehr am Finanzamt.",
    "Die Halle liegt bei der Landstraße.",
    "Die Reinigung ist Sache des Mieters.",
    "Der Brandschutz ist Sache der Feuerwehr. Eine Erlaubnis brauchen Sie nicht.",
    "Das Schild ist falsch. Wir tauschen es am Montag.",
    "Nicht die Höhe, sondern die Fläche ist entscheidend.",
    "Die Gewässer werden vom Kreis überwacht, nicht vom Bund.",
    "Ihr Ansprechpartner ist Herr Lohmann.",
    "Bei uns sind Sie richtig, die Gebühr beträgt 20 Euro.",
]
REFERRED_AND_TOLD = [
    "Das wird vom Tiefbauamt bis Freitag erledigt.",
    "Das macht das Tiefbauamt am Freitag.",
    "Das prüft das Umweltamt am Donnerstag um 10 Uhr bei Ihnen vor Ort.",
    "Das regelt das Tiefbauamt bis zum 12.12.",
    "Das prüft die Feuerwehr bei der Abnahme.",
    "Das erledigt das Tiefbauamt mit.",
    "Das macht das Umweltamt in der nächsten Woche.",
    "Dafür ist das Umweltamt zuständig, es kommt am 3.12. zu Ihnen.",
    "Die Halle liegt beim Hafenamt.",
]
NO_REFERRALS = [
    "Ihr Bescheid liegt beim Umweltamt zur Abholung bereit.",
    "Ihr Bescheid liegt bei der Infostelle im Stadthaus zur Abholung bereit.",
    "Der Plan liegt beim Tiefbauamt aus.",
    "Der Plan liegt beim Tiefbauamt im Flur aus, bis Ende des Monats.",
    "Die Rechnung war falsch adressiert und wurde neu ausgestellt.",
    "Keine Betroffenheit unserer Belange.",
    "der Antrag liegt beim Tiefbauamt zur Stellungnahme; wir rechnen damit bis Ende des Monats.",
    "Die Planung liegt beim Tiefbauamt zur Prüfung, sie steht am Montag.",
    "Der Vorgang liegt beim Umweltamt. Danach erteilen wir die Genehmigung.",
    (
        "Ihr Antrag wurde versehentlich falsch zugeordnet. Er ist jetzt beim richtigen"
        " Sachbearbeiter und wird bis 4.12. entschieden."
    ),
    "Der Antrag war falsch adressiert, liegt uns aber nun vor. Der Bescheid ergeht diese Woche.",
    "Zuständig ist bei uns Frau Becker (Tel. 4455). Der Antrag ist noch nicht da.",
]
ONLY_DECLINED = [
    ("hier ist nicht das Ordnungsamt zuständig, sondern das Tiefbauamt.", "Tiefbauamt"),
    ("dafür sind nicht wir zuständig, sondern das Tiefbauamt.", "Tiefbauamt"),
    ("Zuständig ist hier nicht die Bauaufsicht, sondern das Umweltamt.", "Umweltamt"),
    ("Hierfür ist das Umweltamt zuständig. Wir haben nicht weitergeleitet.", "Umweltamt"),
    ("vielen Dank für die Anfrage. Irrläufer, gehört zum Tiefbauamt.", "Tiefbauamt"),
    ("Für Straßen sind wir nicht zuständig, das macht das Tiefbauamt.", "Tiefbauamt"),
    ("Sie sind bei uns falsch.\nBitte das Umweltamt fragen.", "Umweltamt"),
    ("Damit haben wir nichts zu tun. Bei Rückfragen: Tel. 4711.", ""),
    ("Die Zuständigkeit liegt beim Umweltamt.", "Umweltamt"),
    ("Das macht das Amt für Umwelt und Grün.", "Amt für Umwelt und Grün"),
    ("Zuständig ist der Fachbereich Umwelt im Dezernat V.", "Fachbereich Umwelt im Dezernat V"),
    ("Die Anfrage war falsch adressiert.", ""),
    ("Die Prüfung liegt in der Zuständigkeit des Umweltamts.", "Umweltamts"),
    ("Die Baustelle gehört leider nicht zu uns.", ""),
    ("Ihr Schreiben gehört zum Tiefbauamt.", "Tiefbauamt"),
    ("Der Antrag gehört in den Bereich des Umweltamts.", "Umweltamts"),
]
NOT_ALL_IT_SAYS = [
    "Der Bescheid geht Ihnen nächste Woche zu. Bei Fragen rufen Sie mich bitte an.",
    "Eine Nutzungsänderung brauchen Sie hier nicht. Für Fragen rufen Sie uns bitte an: 0511 12-34.",
    "Eine Nutzungsänderung ist nicht nötig, bei Rückfragen rufen Sie mich bitte an.",
    "Nicht nötig\nBitte rufen Sie mich an.\nKarl Meier",
    (
        "Eine Nutzungsänderung ist erforderlich. Ich muss Sie aber darauf hinweisen, dass die"
        " Feuerwehr den Brandschutz prüfen muss. Bitte reichen Sie dazu einen Bauantrag ein."
    ),
    "Für die Halle braucht es einen neuen Antrag, denn wir müssen den Brandschutz neu prüfen.",
    (
        "Die Nutzungsänderung ist genehmigungspflichtig. Die Statik müssen wir nicht prüfen, nur"
        " den Brandschutz."
    ),
    (
        "Ob eine Befreiung nötig ist, müssen wir im Verfahren prüfen. Den Antrag stellen Sie bitte"
        " über das Serviceportal; das Formular heißt Bauantrag Sonderbau."
    ),
    "Bitte vereinbaren Sie einen Termin, wir müssen die Halle vor Ort prüfen.",
    (
        "Ihre Anfrage haben wir erhalten. Für die Nutzungsänderung brauchen Sie einen Bauantrag"
        " nach § 63 der Bauordnung."
    ),
    "Ihre Anfrage ist bei uns eingegangen. Für Halle 4 gilt Bestandsschutz.",
    "Vielen Dank für Ihre Anfrage. Weitere Informationen finden Sie unter www.stadt.example/halle.",
    "Das Aktenzeichen Ihrer Baugenehmigung ist 63-4711.",
    "Ihre Anfrage kann nur schriftlich bearbeitet werden, bitte per Post.",
    "Ihre Nachricht ist eingegangen. Die Zulassungsstelle erreichen Sie unter 0541 323-99.",
    (
        "wir haben Ihre Nachricht erhalten. Die Sondernutzung können Sie unter"
        " www.stadt.example.org beantragen."
    ),
    "Bitte reichen Sie den Antrag mit Lageplan ein; wir werden ihn umgehend bearbeiten.",
    "Bitte reichen Sie den Antrag mit Lageplan ein, wir werden ihn umgehend bearbeiten.",
    "Die Anlage 3 fehlt im Antrag; ohne sie gilt er als nicht eingereicht.",
    "Die Dokumente fehlen nicht, es ist alles da; der Bescheid ergeht in KW 50.",
    "Auf dem Foto ist der Rettungsweg nicht zu erkennen, daher ist der Antrag abzulehnen.",
    (
        "Der Bebauungsplan ist unter www.stadt.example.org/plan abrufbar. Falls sich der Link nicht"
        " öffnen lässt, hilft der Browser Firefox."
    ),
    "Unsere Auskunft vom Mai ist überholt: seit Oktober ist keine Nutzungsänderung mehr nötig.",
    "Der neue Bescheid ersetzt unsere frühere Stellungnahme vom Mai.",
    (
        "Die Berichtigung zu Ihrem Antrag liegt vor.\nBerichtigung zu Blatt 3: die Halle misst"
        " 1200 qm."
    ),
    "Das vereinfachte Verfahren ist nicht für Sie gedacht, nehmen Sie den Bauantrag.",
    "Eine Nutzungsänderung ist nicht nötig. Ab Montag bin ich nicht im Büro, dann hilft Frau Kern.",
]
ALL_IT_SAYS = [
    "Vielen Dank für Ihre Anfrage.\n\nBitte rufen Sie mich an.\n\nKarl Meier\nTel. 0511 12-34",
    "Bitte rufen Sie mich an, dann klären wir das direkt: 0511 1234.",
    "Das kann ich so nicht entscheiden. Ich muss das erst mit der Amtsleitung klären.",
    "Ob das nötig ist, müssen wir klären.",
    (
        "Vielen Dank für Ihre Nachricht. Ihre Anfrage ist bei uns eingegangen und wird unter der\n"
        "Vorgangsnummer 4711 geführt. Die Bearbeitung kann einige Tage in Anspruch nehmen.\n"
        "Bitte geben Sie diese Nummer bei Rückfragen an. Wir bitten um etwas Geduld."
    ),
    "Ihre Anfrage wurde erfasst.\nTicket: 4711\nBetreff: Halle 4\nSie erhalten bald eine Antwort.",
    "Bitte rufen Sie mich zurück.\n\nKarl Meier\nBauaufsicht\nTel. 0511 1234",
    "Ich habe Ihre Mail an die Kollegin Kern weitergeleitet. Sie meldet sich.",
    "Ihre E-Mail ist bei uns eingegangen. Sie wird an die Kollegen geleitet und dort bearbeitet.",
    "Your request has been received. Ticket number: 4711. We will look into it.",
    "In Ihrer Mail fehlt der Anhang.",
    "Der Anhang fehlt. Bitte noch einmal als PDF schicken.",
    "Ihre Mail kam ohne Anhang an. Bitte noch einmal schicken, danke.",
    "Die Datei lässt sich nicht öffnen, bitte reichen Sie sie erneut ein.",
    "Die Mail von eben war nicht für Sie bestimmt.",
    "Korrektur zu meiner Mail von eben: die Gebühr beträgt 120 Euro.",
    "Unsere Auskunft vom 18. Mai war falsch. Die Gebühr beträgt 120 Euro.",
    "Dies ersetzt meine Auskunft von gestern. Die Gebühr beträgt 120 Euro.",
]


@pytest.mark.parametrize("text", NOT_ALL_IT_SAYS)
def test_a_phrase_beside_an_answer(text: str) -> None:
    """A mail that decides, asks for or explains something is an answer, whatever else it says."""
    found = _read(text)
    assert (found.kind, found.suspicion, found.text) == (ReplyKind.ANSWER, "", text)


@pytest.mark.parametrize("text", ALL_IT_SAYS)
def test_a_phrase_and_no_answer(text: str) -> None:
    """Thanks, numbers, names and other courtesies around a phrase make it no answer."""
    assert _read(text).suspicion


@pytest.mark.parametrize(
    "text",
    [
        "Ich würde sagen, ein Antrag ist nötig, müsste aber meine Amtsleitung noch fragen.",
        "So aus dem Bauch heraus: nachts 45 dB(A). Nageln Sie mich darauf nicht fest.",
        "Nachts gelten vermutlich 45 dB(A), das müsste ich aber noch einmal nachlesen.",
        "Vorbehaltlich der Zustimmung meines Chefs: Die Sondernutzung wird genehmigt.",
        "Ein Bauantrag ist nötig, ja. Mein Chef sieht das anders, aber der ist nächste Woche weg.",
        "Ein Bauantrag ist erforderlich, glaube ich. Ich bin da selbst nicht ganz sicher.",
        "Die Sperrung ist möglich. Hundertprozentig sicher bin ich mir nicht.",
        "Die Nutzung ist zulässig. Das Rechtsamt hat noch Bedenken, aber das kriegen wir hin.",
        "Zur ersten Frage: ja, ein Antrag ist nötig. Den Rest schicke ich nächste Woche nach.",
        "Ein Bauantrag ist nötig. Die Angaben zum Brandschutz liefere ich in zwei Wochen nach.",
        "Ein Bauantrag ist nötig. Zu den Stellplätzen kommt die Antwort von Herrn Thiel.",
        "Der Anbau ist zulässig. Den zweiten Teil beantworte ich, sobald ich im Büro bin.",
        "anbei der Entwurf unserer Stellungnahme. Nachts gelten 45 dB(A).",
        "Nachts gelten 45 dB(A). Die Abteilungsleitung muss noch gegenzeichnen.",
        "Platz 3 ist frei, genau weiß ich es erst nach Rücksprache mit dem Hafenmeister.",
        "Der Preis beträgt 85 Euro, vorher darf ich dazu nichts sagen.",
        "Das muss erst in die nichtöffentliche Sitzung. Der Preis beträgt 85 Euro.",
    ],
)
def test_half_an_answer_waits(text: str) -> None:
    """Who is not sure, has to ask his head, or sends a part, has not given the answer yet."""
    assert _read(text).suspicion


@pytest.mark.parametrize(
    "text",
    [
        "Meine Amtsleitung hat der Befreiung zugestimmt, ein Antrag ist nicht nötig.",
        "Meine Abteilungsleiterin und ich haben es geprüft: Ein Antrag ist nicht nötig.",
        "Ich würde Ihnen empfehlen, die Bauberatung zu nutzen. Ein Bauantrag ist nötig.",
        "Ein Bauantrag ist nötig. Da würde ich zunächst eine Bauvoranfrage stellen.",
        "Ein Antrag ist nicht nötig. Ich rate Ihnen zu einem Gutachten.",
        "Ein Antrag ist nötig. Den Rettungsweg müssten Sie mit der Feuerwehr klären.",
        "Ihr Anschluss ist möglich. Unsere Druckleitung liegt dort noch nicht tief genug.",
        "Ein Bauantrag ist nicht nötig. Das Merkblatt schicke ich Ihnen per Post nach.",
        "Zu Ihrer zweiten Frage: Stellplätze sind nicht nötig. Die Gebühr beträgt 300 Euro.",
        "Der Entwurf des Vertrags liegt bei. Der Preis beträgt 85 Euro.",
        "Der Geschäftsführer muss den Antrag noch unterschreiben. Die Gebühr beträgt 20 Euro.",
        "Der Verkauf wird in nichtöffentlicher Sitzung beschlossen. Der Preis beträgt 85 Euro.",
    ],
)
def test_a_whole_answer_in_the_same_words_goes_on(text: str) -> None:
    """A head who agreed, advice, and a paper that follows leave an answer as it is."""
    found = _read(text)
    assert (found.kind, found.suspicion) == (ReplyKind.ANSWER, "")


@pytest.mark.parametrize("text", NO_ANSWERS)
def test_no_answer(text: str) -> None:
    """What answers nobody, or takes back what was said, waits for the manager."""
    found = _read(text)
    assert found.suspicion
    assert not found.explicit


@pytest.mark.parametrize("text", [*NO_QUESTIONS, *NO_INTERIMS])
def test_neither_a_question_nor_a_notice(text: str) -> None:
    """A link, a courtesy, what the company still needs and what is done ask and promise nothing."""
    found = _read(text)
    assert (found.kind, found.suspicion) == (ReplyKind.ANSWER, "")


@pytest.mark.parametrize("text", STILL_QUESTIONS)
def test_still_a_question(text: str) -> None:
    """What the office itself needs, and a question beside a link or a courtesy, still wait."""
    found = _read(text)
    assert (found.kind, found.explicit) == (ReplyKind.QUESTION, False)


@pytest.mark.parametrize("text", ASKED_BESIDE_AN_ANSWER)
def test_a_question_beside_an_answer_waits(text: str) -> None:
    """Who wants to hear something is heard, also where the mail decides something as well."""
    found = _read(text)
    assert (found.kind, found.explicit) == (ReplyKind.QUESTION, False)


@pytest.mark.parametrize("text", ASKED_BY_THE_WAY)
def test_a_question_that_answers_itself_goes_on(text: str) -> None:
    """A courtesy, a condition and a question that the next sentence answers ask nobody."""
    assert _read(text).kind is ReplyKind.ANSWER


@pytest.mark.parametrize("text", ASKED_OF_THE_DESK)
def test_what_the_desk_is_asked_for_waits(text: str) -> None:
    """What a colleague has to give, or a file of the house, is not asked of the company at once."""
    found = _read(text)
    assert (found.kind, found.explicit) == (ReplyKind.QUESTION, False)
    assert "wohl nicht das Unternehmen" in found.suspicion


@pytest.mark.parametrize("text", ASKED_OF_THE_COMPANY)
def test_what_the_company_has_is_asked_at_once(text: str) -> None:
    """A signature, a consent or a paper that the company has to bring is still asked for."""
    found = _read(text)
    assert (found.kind, found.explicit) == (ReplyKind.QUESTION, True)


@pytest.mark.parametrize(("text", "kind"), NOTHING_SAID_YET)
def test_what_an_office_cannot_say_is_no_verdict(text: str, kind: ReplyKind) -> None:
    """That no statement is possible decides nothing about the company's matter, and waits."""
    found = _read(text)
    assert (found.kind, found.explicit, bool(found.suspicion)) == (kind, False, True)


@pytest.mark.parametrize("text", POSSIBLE)
def test_what_is_possible_after_a_check_is_a_verdict(text: str) -> None:
    """A check named beside what the company may do, or one that is done, takes no answer away."""
    assert (_read(text).kind, _read(text).suspicion) == (ReplyKind.ANSWER, "")


@pytest.mark.parametrize("text", PROMISED_IN_OTHER_WORDS)
def test_a_promise_in_any_order_and_person(text: str) -> None:
    """That somebody will be told later is no answer, whoever says so and in whichever order."""
    found = _read(text)
    assert (found.explicit, bool(found.suspicion)) == (False, True)


@pytest.mark.parametrize("text", LIES_ELSEWHERE)
def test_where_a_matter_lies_is_no_answer(text: str) -> None:
    """That another office has a matter, or is asked about it, tells the company nothing yet."""
    assert _read(text).suspicion


@pytest.mark.parametrize("text", TOLD_OF_AN_OFFICE)
def test_what_another_office_has_said_or_wants_is_an_answer(text: str) -> None:
    """An office's consent, and what it is to be told, go on, as does a place or a figure."""
    found = _read(text)
    assert (found.kind, found.suspicion) == (ReplyKind.ANSWER, "")


@pytest.mark.parametrize("text", PROMISED_BESIDE_AN_ANSWER)
def test_a_promise_beside_an_answer(text: str) -> None:
    """A verdict, a figure or a thing told beside such a promise goes on at once."""
    assert (_read(text).kind, _read(text).suspicion) == (ReplyKind.ANSWER, "")


@pytest.mark.parametrize("text", WANTS_TIME)
def test_who_wants_more_time_asks_the_desk(text: str) -> None:
    """A wish for more time is no question to the company, although it says what is missing."""
    found = _read(text)
    assert (found.kind, found.explicit) == (ReplyKind.INTERNAL, False)
    assert "bittet um mehr Zeit" in found.suspicion


def test_a_notice_beside_an_answer_waits() -> None:
    """A notice with a day is not acted on where another question is answered beside it."""
    asked = (
        "Frage 1: Wie ist der Stand?\nDer Antrag ist in der Prüfung, das Ergebnis kommt am 28.5."
    )
    answered = f"{asked}\n\nFrage 2: Fehlt etwas?\nNein."
    assert _read(asked).explicit
    assert (_read(answered).kind, _read(answered).explicit) == (ReplyKind.INTERIM, False)
    also = "Wir prüfen das noch und melden uns bis Freitag. Eine Anzeige ist nötig."
    assert not _read(also).explicit


@pytest.mark.parametrize("text", NOT_ONLY_DECLINED)
def test_a_refusal_beside_an_answer_waits(text: str) -> None:
    """A mail that also answers is no refusal to act on: its words are kept for the manager."""
    found = _read(text)
    assert (found.kind, found.explicit, found.text) == (ReplyKind.DECLINE, False, text)
    assert found.suspicion


@pytest.mark.parametrize("text", REFERRED_AND_TOLD)
def test_who_does_it_and_when_is_told_to_the_company_perhaps(text: str) -> None:
    """Where a sentence names an office and also a day or a place, the manager sees its words."""
    found = _read(text)
    assert (found.kind, found.explicit, found.text) == (ReplyKind.DECLINE, False, text)
    assert found.suspicion


@pytest.mark.parametrize("text", PERHAPS_DECLINED)
def test_what_sounds_like_a_refusal_waits(text: str) -> None:
    """A refusal in another person or order is kept with its words, and moves nothing by itself."""
    found = _read(text)
    assert (found.kind, found.explicit, found.text) == (ReplyKind.DECLINE, False, text)
    assert found.suspicion


@pytest.mark.parametrize("text", SAID_OF_WHOEVER_DOES_IT)
def test_how_a_sentence_goes_on_is_no_office(text: str) -> None:
    """What is said of whoever is responsible waits, and names no office to go to."""
    found = _read(text)
    assert found.suspicion
    assert (found.kind is ReplyKind.DECLINE, found.office_words) == (False, "")


def test_a_refusal_in_a_clause_hides_no_office_behind_it() -> None:
    """Where a clause says why, the office is the one that the sentence asks to be asked."""
    found = _read("Da wir nicht zuständig sind, bitte das Umweltamt fragen.")
    assert (found.explicit, found.office_words) == (True, "Umweltamt")


@pytest.mark.parametrize("text", DECLINES_NOTHING)
def test_what_only_resembles_a_refusal(text: str) -> None:
    """Whose duty a thing is beside a verdict, and what is wrong or not so, refuse nothing."""
    assert (_read(text).kind, _read(text).suspicion) == (ReplyKind.ANSWER, "")


@pytest.mark.parametrize("text", NO_REFERRALS)
def test_where_a_file_lies_refers_nobody(text: str) -> None:
    """Who has the file to comment on, or once had it in error, is not who is responsible."""
    found = _read(text)
    assert (found.kind, found.suspicion) == (ReplyKind.ANSWER, "")


@pytest.mark.parametrize(("text", "office"), ONLY_DECLINED)
def test_a_refusal_and_courtesies(text: str, office: str) -> None:
    """Beside courtesies a refusal is still acted on, with the office it names."""
    found = _read(text)
    assert (found.kind, found.explicit, found.office_words) == (ReplyKind.DECLINE, True, office)


def test_a_phrase_across_two_lines() -> None:
    """What a mail program wrapped reads as what was written in one line."""
    wrapped = (
        "für die Straßen außerhalb der geschlossenen Ortschaften sind wir leider nicht\nzuständig."
    )
    assert _read(wrapped).kind is ReplyKind.DECLINE
    notice = (
        "Ihre Anfrage haben wir an die Fachleute gegeben, wir prüfen das, und wir melden\nuns bald."
    )
    assert _read(notice).kind is ReplyKind.INTERIM


def test_nothing_to_do_with_it() -> None:
    """An office that has nothing to do with a matter declines it."""
    assert _read("Damit haben wir nichts zu tun.").kind is ReplyKind.DECLINE


@pytest.mark.parametrize(("text", "kind", "until", "office"), EXPLICIT)
def test_explicit(text: str, kind: ReplyKind, until: str, office: str) -> None:
    """The word on the first line, or prose that leaves no doubt, is acted on."""
    found = _read(text)
    assert (found.kind, found.explicit, found.suspicion) == (kind, True, "")
    if until:
        assert found.until == date.fromisoformat(until)
    assert found.office_words == office


@pytest.mark.parametrize("text", PLAIN)
def test_plain_answers(text: str) -> None:
    """An ordinary answer is one: words that only resemble a command or a refusal do not hold it."""
    found = _read(text)
    assert (found.kind, found.suspicion, found.internal_text.strip()) == (
        ReplyKind.ANSWER,
        "",
        found.internal_text.strip(),
    )
    assert found.text or found.internal_text


@pytest.mark.parametrize(("text", "kind"), SUSPECTED)
def test_suspected(text: str, kind: ReplyKind) -> None:
    """What only sounds like something else is held, and the suspicion named in German."""
    found = _read(text)
    assert (found.kind, found.explicit) == (kind, False)
    assert found.suspicion.startswith("die Mail ")


def test_command_line_is_taken_off() -> None:
    """The command word goes; what stands behind it and below stays."""
    found = _read("Guten Tag,\n\nRückfrage: Wie groß?\nUnd wie hoch?\n\nGruß\nB")
    assert found.text == "Wie groß?\nGuten Tag,\n\nUnd wie hoch?\n\nGruß\nB"


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("Zwischennachricht: [KAM-7K3Q-9F2M] Halle 4", ReplyKind.INTERIM),
        ("Rückfrage [KAM-7K3Q-9F2M] Halle 4", ReplyKind.QUESTION),
        ("Unzuständig: [KAM-7K3Q-9F2M] Halle 4", ReplyKind.DECLINE),
        ("Intern: [KAM-7K3Q-9F2M] Halle 4", ReplyKind.INTERNAL),
        ("AW: [KAM-7K3Q-9F2M] Rückfrage: Grundsteuer", ReplyKind.ANSWER),
        ("AW: Rückfrage: [KAM-7K3Q-9F2M] Halle 4", ReplyKind.ANSWER),
    ],
)
def test_subject_of_a_link(subject: str, kind: ReplyKind) -> None:
    """A link's word before our tag is explicit; a company's subject behind it is not."""
    assert _read("Die Gebühr beträgt 100 Euro.", subject).kind is kind


@pytest.mark.parametrize("prefix", ["Antwort:", "Answer:", "Antwort: AW:"])
def test_reply_prefix_is_no_command(prefix: str) -> None:
    """The word a mail program writes before every reply's subject makes nothing an answer."""
    found = _read("Dafür sind wir nicht zuständig.", f"{prefix} [KAM-7K3Q-9F2M] Halle 4")
    assert found.kind is ReplyKind.DECLINE


INTERNAL_PARTS = [
    ("NUR INTERN: Der Nachbar klagt.", True),
    ("--- intern ---\nDer Nachbar klagt.", True),
    ("===== INTERN =====\nDer Nachbar klagt.", True),
    ("PS intern: Der Nachbar klagt.", True),
    ("Intern zur Info: Der Nachbar klagt.", True),
    ("Hinweis intern: Der Nachbar klagt.", True),
    ("Internal\nThe neighbour sues.", True),
    ("Wir haben intern geklärt, dass es so bleibt.", False),
    ("Die Interna der Anlage kennen Sie.", False),
    ("Intern: Der Nachbar klagt.", True),
    ("(intern) Der Nachbar klagt.", True),
    ("Interner Hinweis: Der Nachbar klagt.", True),
    ("Bitte nicht an die Firma weitergeben: Der Nachbar klagt.", True),
    ("Das bitte nicht weiterleiten, der Nachbar klagt.", True),
    ("Nicht für die Firma bestimmt: Der Nachbar klagt.", True),
    ("Nur für den Dienstgebrauch: Der Nachbar klagt.", True),
    ("Unter uns: Der Nachbar klagt.", True),
    ("Vertraulich: Der Nachbar klagt.", True),
    ("Der Nachbar klagt (bitte nicht weitergeben).", True),
    ("Internal only: the neighbour sues.", True),
    ("Please do not forward this to the company: the neighbour sues.", True),
    ("Wir haben das intern mit dem Tiefbauamt abgestimmt.", False),
    ("Der Bescheid wurde nicht weitergeleitet, weil er vollständig ist.", False),
    ("Die interne Erschließung des Grundstücks ist möglich.", False),
    ("International tätige Firmen erhalten denselben Bescheid.", False),
]


@pytest.mark.parametrize(("remark", "internal"), INTERNAL_PARTS)
def test_internal_part(remark: str, internal: bool) -> None:
    """An internal remark is parted from the answer; talk of internal things is not one."""
    found = _read(f"Der Antrag ist vollständig.\n\n{remark}\n\nMehr dazu.\n\nGruß\nB")
    assert found.kind is ReplyKind.ANSWER
    assert (remark in found.internal_text) is internal
    assert (remark in found.text) is not internal
    assert found.text.startswith("Der Antrag ist vollständig.")
    assert found.text.endswith("Gruß\nB")


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("Bitte intern behandeln.", "die Mail enthält nur einen internen Hinweis"),
        (
            "Flächen sind frei, 95 Euro je m². Bis 85 Euro gingen wir mit, aber nur intern.",
            "der ganze Text steht bei einem internen Hinweis",
        ),
    ],
)
def test_an_answer_beside_a_remark_is_not_called_one(text: str, clause: str) -> None:
    """Where the answer stands in the remark's paragraph the manager learns of it."""
    found = _read(text)
    assert (found.kind, found.suspicion) == (ReplyKind.INTERNAL, clause)


def test_internal_command_keeps_all_back() -> None:
    """Nothing of a mail that begins with the word "Intern" goes on."""
    found = _read("Intern: Bitte warten.\n\nDer Nachbar klagt.")
    assert (found.kind, found.text) == (ReplyKind.INTERNAL, "")
    assert found.internal_text == "Bitte warten.\n\nDer Nachbar klagt."


def test_very_long_mail_is_held() -> None:
    """A mail too long to be searched for internal remarks is never passed on by itself."""
    assert _read("Der Antrag ist vollständig.\n" * 20_000).suspicion


def test_more_is_internal_in_doubt() -> None:
    """What follows an internal remark up to the closing is internal as well."""
    found = _read("Ja.\n\nNUR INTERN:\n\nDer Nachbar klagt.\n\nEr ist Stadtrat.\n\nGruß\nB")
    assert found.text == "Ja.\n\nGruß\nB"
    assert "Stadtrat" in found.internal_text


def test_remark_on_what_stands_above() -> None:
    """A remark that speaks of the text above makes that internal."""
    found = _read("Der Nachbar klagt.\n\nDas Vorstehende bitte nicht weitergeben.")
    assert found.text == ""
    assert (found.kind, found.explicit) == (ReplyKind.INTERNAL, False)


def test_two_remarks() -> None:
    """A second remark, below the closing, does not slip through."""
    found = _read("Ja.\n\nIntern: eins.\n\nGruß\nB\n\nPS: nur intern: zwei.")
    assert "eins" not in found.text
    assert "zwei" not in found.text


def test_quoted_remark_is_not_the_office_s() -> None:
    """What the company called internal in a quoted line does not hold the answer."""
    found = _read("> Intern: wer prüft?\n\nJa.")
    assert found.internal_text == ""


def test_empty_text_is_held() -> None:
    """A mail without words of its own is never passed on as an answer by itself."""
    assert _read("").suspicion
    assert _read("Guten Tag,\n\nMit freundlichen Grüßen\nB").suspicion


# --- the cases of the domain -------------------------------------------------------------------


def _case(name: str) -> dict[str, str]:
    rows = [json.loads(line) for line in CASES.read_text("utf-8").splitlines()]
    found: dict[str, str] = next(row for row in rows if row["id"] == name)
    return found


@pytest.mark.parametrize(
    ("name", "kind", "explicit", "suspected"),
    [
        ("R01", ReplyKind.ANSWER, False, False),
        ("R02", ReplyKind.ANSWER, False, False),
        ("R03", ReplyKind.INTERIM, False, True),
        ("R04", ReplyKind.QUESTION, True, False),
        ("R05", ReplyKind.DECLINE, True, False),
        ("R06", ReplyKind.DECLINE, True, False),
        ("R09", ReplyKind.INTERIM, True, False),
        ("R10", ReplyKind.ANSWER, False, False),
        ("R11", ReplyKind.ANSWER, False, False),
        ("R12", ReplyKind.ANSWER, False, False),
    ],
)
def test_cases_of_the_domain(name: str, kind: ReplyKind, explicit: bool, suspected: bool) -> None:
    """The office replies R01-R12 come out as the domain says (R07, R08 are machines')."""
    case = _case(name)
    own = case["body"].split("\nVon: Key-Account-Management")[0]
    found = _read(own, case["subject"], date(2025, 5, 14))
    assert (found.kind, found.explicit, bool(found.suspicion)) == (kind, explicit, suspected)


def test_details_of_the_cases() -> None:
    """The day promised, the office named and the internal part of R03, R05, R09 and R10."""
    read = {
        name: _read(_case(name)["body"], "", date(2025, 5, 14))
        for name in ("R03", "R05", "R09", "R10")
    }
    assert read["R03"].until == date(2025, 5, 23)
    assert read["R05"].office_words == "Bezirksregierung, Dezernat 53"
    assert read["R09"].until == date(2025, 5, 23)
    assert "zweiten Interessenten" in read["R10"].internal_text
    assert "zweiten Interessenten" not in read["R10"].text
    assert "Richtwert 95 Euro" in read["R10"].text


# --- properties --------------------------------------------------------------------------------

LINES = st.lists(
    st.sampled_from(
        [
            "",
            "Guten Tag,",
            "Der Antrag ist vollständig.",
            "Intern: Der Nachbar klagt.",
            "bitte nicht weitergeben",
            "Das Vorstehende ist nur intern.",
            "> Frage?",
            "Mit freundlichen Grüßen",
            "P. Beispiel",
            "nicht wir",
            "Wir melden uns bis 30. Mai.",
        ]
    )
    | st.text(alphabet=st.characters(exclude_characters="\n"), max_size=30),
    max_size=12,
)


@given(LINES, st.text(max_size=30), st.dates())
def test_every_line_is_kept(lines: list[str], subject: str, written: date) -> None:
    """Text and internal part together hold every line but the command's, each once."""
    found = read_reply("\n".join(lines), subject, written)
    kept = (found.text + "\n" + found.internal_text).split("\n")
    written_lines = [line for line in lines if line.strip("\n")]
    lost = [line for line in set(written_lines) if kept.count(line) < written_lines.count(line)]
    assert len(lost) <= (1 if found.explicit else 0)


@given(LINES, st.dates())
def test_what_may_go_on_stays_as_it_is(lines: list[str], written: date) -> None:
    """Reading what may go on to the company again finds nothing internal in it."""
    found = read_reply("\n".join(lines), SUBJECT, written)
    assert read_reply(found.text, SUBJECT, written).internal_text == ""


@given(st.text(), st.text(), st.dates())
def test_any_reply_can_be_read(text: str, subject: str, written: date) -> None:
    """No text, no subject and no day raise."""
    read_reply(text, subject, written)
    thanks_only(text)


# --- thanks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Vielen Dank!",
        "Danke, das hilft uns sehr weiter.\n\nViele Grüße\nMax",
        "Guten Tag,\n\nherzlichen Dank für die schnelle Antwort.\n\nMit freundlichen Grüßen\nX",
        "Super, danke!",
        "Danke, Herr Muster!",
        "Thank you very much for your help.",
        "Teşekkürler",
        "Dank je wel",
        "Alles klar, besten Dank und ein schönes Wochenende!",
        "Vielen Dank für die Eingangsbestätigung.",
        "thanks a lot, much appreciated",
        "Vielen Dank, damit hat sich alles geklärt.",
        "Habe ich zur Kenntnis genommen, danke.",
        "Danke Ihnen vielmals!",
        "Danke, das war sehr hilfreich.",
        "Prima, dann wissen wir Bescheid. Danke!",
        "Vielen Dank für die schnelle und unkomplizierte Hilfe.",
        "Herzlichen Dank an alle Beteiligten!",
        "Besten Dank für Ihre Bemühungen und frohe Weihnachten!",
        "Thank you, very helpful!",
        "Danke für die Rückmeldung, ich wünsche Ihnen ein schönes Wochenende.",
        "Wir wünschen frohe Weihnachten und danken für die gute Zusammenarbeit und Hilfe.",
        "Vielen Dank für die Antwort und wünsche einen schönen Tag!",
    ],
)
def test_thanks(text: str) -> None:
    """A mail of thanks reopens nothing."""
    assert thanks_only(text)


@pytest.mark.parametrize(
    "text",
    [
        "Ok",
        "Perfekt!",
        "Guten Tag,\n\nalles klar.\n\nMfG Muster",
        "Ok, dann wissen wir Bescheid.",
        "Alles klar, haben wir erhalten.",
        "Ok, Nachricht erhalten.",
    ],
)
def test_consent(text: str) -> None:
    """Who only says that all is well asks for nothing."""
    assert consents_only(text)
    assert not thanks_only(text)


@pytest.mark.parametrize("said", ["Ok.", "Danke!"])
@pytest.mark.parametrize(
    "below",
    [
        "PS: Bitte auch den Bescheid für Halle 5 schicken.",
        "Bitte noch den Bescheid für Halle 5",
        "Der Bescheid für Halle 5 fehlt noch.",
    ],
)
def test_a_wish_below_the_name_is_heard(said: str, below: str) -> None:
    """What stands below the closing and is no name is no part of the thanks."""
    text = f"{said}\n\nGruß\nSabine\n\n{below}"
    assert not thanks_only(text)
    assert not consents_only(text)


@pytest.mark.parametrize(
    "signature",
    [
        "Sabine Muster\nMontage Muster GmbH\nHafenstraße 12\n40213 Düsseldorf\nTel. 0211 12-34",
        "Sabine Muster\n\nMontage Muster GmbH | Hafenstraße 12 | 40213 Düsseldorf | HRB 1234 | Bau",
        "Sabine Muster\nVerein Hafen e. V.",
    ],
)
def test_thanks_above_a_signature(signature: str) -> None:
    """A company's signature says nothing, however long its lines."""
    assert thanks_only(f"Danke!\n\nViele Grüße\n{signature}")


@pytest.mark.parametrize(
    "text",
    [
        "ja",
        "Ok, wir kommen.",
        "Passt das?",
        "Gut, am Montag.",
        "Ok, Bescheid an alle Beteiligten.",
        "Ok, dann bekommen wir so die Bestätigung.",
        "Ok, dann bekommen wir das so.",
        "Alles klar, eine schnelle Rückmeldung.",
    ],
)
def test_more_than_consent(text: str) -> None:
    """Any other word may be an answer, or a wish."""
    assert not consents_only(text)


@pytest.mark.parametrize(
    "text",
    [
        "Danke, aber wann kommt der Bescheid?",
        "Vielen Dank im Voraus",
        "Danke. Die Halle ist leider zu klein.",
        "Vielen Dank. Wir reichen den Plan am Montag ein.",
        "Danke, wir nehmen das Angebot an.",
        "Vielen Dank, wir ziehen den Antrag zurück.",
        "Vielen Dank?",
        "Danke, ich wünsche eine Rückmeldung.",
        "Eine schnelle Antwort wünschen wir uns. Danke!",
        "Vielen Dank! Wir wünschen Ihnen ein schönes Wochenende und eine Bestätigung.",
        "Danke, Info an mich.",
        "Danke, Info an alle.",
        "Danke, dann bekommen wir so die Bestätigung.",
        "Dank für die Nachricht, Bescheid bei Klärung an uns.",
        "ja",
        "",
    ],
)
def test_more_than_thanks(text: str) -> None:
    """Any word beside the thanks may be a wish, and is read."""
    assert not thanks_only(text)


@pytest.mark.parametrize("command", ["", "Antwort: "])
def test_what_is_too_long_to_be_judged_whole_waits(command: str) -> None:
    """Behind twelve thousand letters a remark in no plain words would be read by nobody."""
    sentence = "Die Halle darf als Lager genutzt werden. "
    long = read_reply(f"{command}{sentence * 400}", "AW: Halle", date(2026, 5, 4))
    assert (long.explicit, long.kind) == (False, ReplyKind.ANSWER)
    assert "lang" in long.suspicion
    quoted = "> Wir möchten eine Halle nutzen.\n" * 500
    assert read_reply(f"{quoted}{sentence}", "AW: Halle", date(2026, 5, 4)).suspicion == ""


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Zwischenmeldung", ReplyKind.INTERIM),
        ("Rückfrage", ReplyKind.QUESTION),
        ("(Unzuständig)", ReplyKind.DECLINE),
    ],
)
def test_a_command_word_as_the_last_line_makes_the_mail_wait(line: str, kind: ReplyKind) -> None:
    """Below the name it says what the mail is as well as above, if less surely."""
    found = _read(f"Der Antrag liegt vollständig vor.\n\nViele Grüße\nKlein\n\n{line}\n")
    assert (found.kind, found.explicit) == (kind, False)
    assert line in found.suspicion
    assert _read("Der Antrag liegt vollständig vor.\n\nRückfragen: Zimmer 12").suspicion == ""


@pytest.mark.parametrize(
    "text",
    [
        "bitte übersenden Sie uns noch einen Lageplan, damit wir Ihre Anfrage prüfen können.",
        "reichen Sie bitte den Lageplan nach.",
        "bitte senden Sie mir die Grundrisse zu, dann kann ich Ihnen Auskunft geben.",
        "ohne Angaben zur Lagermenge kann ich Ihnen leider keine Auskunft geben.",
        "Bitte nennen Sie uns die genaue Anschrift der Halle.",
        "Damit wir Ihre Frage beantworten können, senden Sie uns bitte den Grundriss zu.",
        "Wir benötigen die Flurstücksnummer. Bitte teilen Sie uns diese mit.",
        "Bitte teilen Sie uns noch mit, wie viele Fahrzeuge Sie dort abstellen wollen.",
        "bitte teilen Sie uns noch mit, wann die Baustelle beginnt und wie lange sie dauert.",
        "bitte teilen Sie uns noch mit, wie oft am Tag Lkw anliefern.",
        "bitte schicken Sie uns noch die Stellungnahme Ihres Brandschutzgutachters.",
        "Bitte senden Sie uns noch den Lageplan mit der Zufahrt für die Feuerwehr.",
        "bitte nennen Sie uns noch das Aktenzeichen des Bescheids vom Umweltamt.",
        "Bitte nennen Sie uns noch einen Termin für eine Besprechung.",
        "Uns fehlt noch die Bescheinigung vom Finanzamt. Bitte reichen Sie sie nach.",
        "Wir benötigen noch den Lageplan vom Katasteramt. Bitte schicken Sie ihn uns.",
        "Bitte nennen Sie uns noch die Fläche, damit wir das Umweltamt beteiligen können.",
        "Bitte senden Sie uns noch die Liste der Firmen, die auf der Baustelle arbeiten.",
        "Bitte senden Sie uns das Schallgutachten zu, sobald es vorliegt.",
        "Bitte reichen Sie uns den Nachweis ein, sobald die Bank ihn ausgestellt hat.",
        "Bitte senden Sie uns eine Kopie des Passes.",
        "Bitte teilen Sie uns Ihr Kassenzeichen mit, dann können wir den Vorgang zuordnen.",
        "Wir benötigen von Ihnen noch die Zählernummer und das ausgefüllte Anmeldeformular.",
        "Wir brauchen von Ihnen noch die Kundennummer.",
        "Rückfrage an das Unternehmen:\n\nWie hoch wird das Lagergut gestapelt?",
        "Frage an die Firma: Wie hoch wird das Lagergut gestapelt?",
    ],
)
def test_a_request_for_what_is_missing_is_a_question(text: str) -> None:
    """Without any sentence that decides, the office still waits for it."""
    found = read_reply(text, "Re: Halle", WRITTEN)
    assert (found.kind, found.explicit) == (ReplyKind.QUESTION, True)


@pytest.mark.parametrize("greeting", ["Hallo Frau Weber,", "Sehr geehrte Damen und Herren,"])
@pytest.mark.parametrize(
    "text",
    [
        "bitte geben Sie uns noch zwei Wochen.",
        "bitte lassen Sie uns noch bis Freitag Zeit.",
        "bitte lassen Sie uns das noch intern klären.",
        "bitte teilen Sie uns noch mit, ob das Dezernat das auch so sieht.",
        "Bitte nennen Sie uns noch den Ansprechpartner im Dezernat.",
        "bitte senden Sie uns die Anfrage nochmals, damit wir sie erfassen können.",
        "ohne Akte kann ich Ihnen nichts sagen.",
        "Ohne Rücksprache mit dem Dezernenten kann ich Ihnen keine Auskunft geben.",
        "Bitte legen Sie uns den Entwurf der Antwort noch vor.",
        "senden Sie uns bitte den Antwortentwurf, dann kann die Amtsleitung zustimmen.",
        "bitte geben Sie uns noch Bescheid, ob die Politik davon weiß.",
        "bitte teilen Sie mir mit, ob Sie das Umweltamt schon beteiligt haben.",
        "bitte nennen Sie mir noch den Termin der nächsten Ämterrunde, dann bringe ich ihn mit.",
        "Bitte schicken Sie mir die Telefonnummer der Firma, dann rufe ich dort an.",
        "bitte geben Sie mir noch die Liste der anderen Bewerber für die Fläche am Südkai.",
        "Bitte teilen Sie mir mit, bis wann Sie das brauchen.",
        "bitte senden Sie uns das Angebot des Mitbewerbers, damit wir es vergleichen können.",
        (
            "bitte übermitteln Sie mir noch die Kontaktdaten des Investors, ich möchte das vorher"
            " telefonisch klären."
        ),
        "bitte senden Sie uns die Angebote der Mitbewerber, sobald sie vorliegen.",
        "bitte senden Sie mir noch die Rechnung für unseren Messestand.",
        "bitte senden Sie mir noch die Unterlagen vom Bauamt.",
        "lassen Sie mir bitte die Liste der Betriebe zukommen, bei denen Sie schon waren.",
        "bitte senden Sie uns noch die Bewertung der Nachbarbeschwerden mit dem Zeitraum.",
        "ohne den Lageplan aus der Registratur kann ich Ihnen keine Auskunft geben.",
        "bitte schicken Sie mir die Präsentation mit den Zahlen der Betriebe.",
        "bitte teilen Sie mir mit, wann die Sitzung beginnt.",
        "Uns fehlt noch das Angebot des Mitbewerbers. Bitte senden Sie es uns.",
        "Wir benötigen noch die Unterlagen vom Bauamt, bitte nachreichen.",
        "Bitte senden Sie uns noch den Lageplan. Bitte nennen Sie uns auch die anderen Bewerber.",
        "Die Fläche kostet 4 Euro je m². Bitte nennen Sie mir noch die anderen Bewerber.",
    ],
)
def test_a_request_for_what_no_company_has_waits(greeting: str, text: str) -> None:
    """An office also asks the desk that wrote to it, for time, a word or a paper of the house."""
    found = read_reply(f"{greeting}\n\n{text}", "Re: Halle", WRITTEN)
    assert found.suspicion
    assert not found.explicit


@pytest.mark.parametrize(
    "purpose",
    [
        ", dann können wir prüfen, ob eine Absenkung möglich ist.",
        ". Dann können wir sagen, ob eine Anzeige nötig ist.",
        ", damit wir prüfen können, ob die Nutzung zulässig ist.",
        ", damit wir beurteilen können, welche Genehmigung erforderlich ist.",
        ". Ob eine Erlaubnis nötig ist, sagen wir Ihnen dann.",
    ],
)
def test_what_a_request_is_for_decides_nothing(purpose: str) -> None:
    """What an office will find out with a paper is no verdict: its request is a question."""
    found = read_reply(f"bitte senden Sie uns noch eine Skizze{purpose}", "Re: Halle", WRITTEN)
    assert (found.kind, found.explicit) == (ReplyKind.QUESTION, True)


@pytest.mark.parametrize(
    "text",
    [
        "Das Halteverbot ordnen wir an; bitte nennen Sie uns den Fahrer.",
        "Die Halle können wir für 4 Euro je m² anbieten. Bitte nennen Sie uns noch Ihre Anschrift.",
        "Wie besprochen ist der Umbau genehmigt. Bitte senden Sie uns noch die Rechnung.",
        "Die Ausnahme genehmigen wir. Bitte nennen Sie uns noch das Kennzeichen.",
        "Bitte senden Sie uns den Bauantrag in dreifacher Ausfertigung.",
        "Eine Nutzungsänderung ist erforderlich. Bitte senden Sie uns noch den Lageplan.",
        "Bitte teilen Sie uns den Baubeginn eine Woche vorher mit.",
        "Bitte reichen Sie den Lageplan mit dem Antrag ein.",
        "Eine Absenkung ist möglich. Bitte senden Sie uns den Lageplan zu, sobald er vorliegt.",
        (
            "Die Anforderungen richten sich nach der Industriebaurichtlinie. Bitte senden Sie uns"
            " das Brandschutzkonzept zu, sobald es vorliegt."
        ),
        "Für den Bauantrag benötigen wir von Ihnen den Lageplan und eine Vollmacht.",
    ],
)
def test_a_request_beside_an_answer_is_part_of_it(text: str) -> None:
    """An application is the way itself, and what is wanted some day asks nothing now."""
    assert read_reply(text, "Re: Halle", WRITTEN).kind is ReplyKind.ANSWER
