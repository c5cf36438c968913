"""A short mail of an office: an answer goes on at once, and what tells nothing waits."""

from datetime import date

import pytest

from mailflow.core.reply import ReplyKind, ReplyReading
from mailflow.core.reply_reading import read_reply

WRITTEN = date(2026, 11, 24)


def _read(text: str, *, has_files: bool = False) -> ReplyReading:
    letter = f"Sehr geehrte Frau Muster,\n\n{text}\n\nMit freundlichen Grüßen\nP. Maier"
    return read_reply(letter, "AW: [KAM-7K3Q-9F2M] Halle 4", WRITTEN, has_files=has_files)


ANSWERS = """
Wir warten auf Ihren Lageplan.
Wir warten auf die Unterlagen, die Sie uns angekündigt haben.
Ihre Stellungnahme steht noch aus.
Ihre Unterlagen liegen uns noch nicht vor.
Die Akte können Sie im Archiv einsehen.
Die Tafeln sind bestellt.
Das entscheidet der Rat am 3.12.
Die Halle ist nicht mehr bei uns gemeldet.
Ohne Lageplan können wir den Bauantrag nicht genehmigen.
Dafür brauchen wir einen Lageplan von Ihnen.
Die Gebühr steht in der Satzung, siehe Anlage 2 der Satzung.
Wir bitten um Verständnis, dass die Bearbeitung derzeit acht bis zehn Wochen dauert.
Welche Unterlagen nötig sind, steht im Merkblatt.
Wer bauen will, braucht eine Genehmigung.
Müllabfuhr dienstags.
Abholung mittwochs.
Leider vergeben.
Nicht genehmigungsfähig.
Einfach online anmelden.
Seit gestern wieder offen.
Ab sofort.
Wurde gestern repariert.
Die Plakate dürfen ab Montag hängen.
Keine Einwände.
Dafür brauchen Sie nichts.
Das Gesundheitsamt kommt am 3.12. zur Abnahme.
Rechnung kommt Ende des Monats.
Ja, das ist möglich.
Die Genehmigung wurde am 3.11. erteilt.
Der Antrag ist vollständig.
Keine Bedenken.
Sie brauchen keine Genehmigung.
Gebühr 450 Euro
Nein.
Ja, gerne.
Das geht leider nicht.
Das ist so in Ordnung.
Passt so.
Genehmigt.
Kein Problem.
Bitte stellen Sie einen Antrag über das Serviceportal.
Die Straße wird am Montag wieder freigegeben.
Der Bescheid kommt am 4.12.
Der Bescheid ist raus.
Bescheid ging am 20.11. per Post an Sie.
Das Grundstück ist bereits verkauft.
Die Fläche ist noch verfügbar.
Zulässig sind dort nicht störende Gewerbebetriebe.
Nachts gelten 45 dB(A).
Termin am Dienstag um 10 Uhr in Zimmer 312.
Sie können mit den Arbeiten beginnen.
Eine Anzeige genügt.
Ein Brandschutzkonzept ist nicht nötig.
Die Frist läuft am 15.12. ab.
Fristverlängerung bis 31.01. wird gewährt.
Die Stundung wird gewährt, Bescheid folgt.
Die Abfuhr erfolgt jeden zweiten Mittwoch.
Der Container darf dort bis Freitag stehen.
Herr Schulte, Zimmer 214
0203 283-2000
Montag bis Donnerstag 8-16 Uhr, Freitag 8-12 Uhr.
Siehe Bescheid vom 3.11.
Das Formular finden Sie auf unserer Internetseite.
Die Entscheidung fällt am 4.12. im Bauausschuss.
Der Zuschuss ist bewilligt; Auszahlung im Januar.
Die Frist ist leider abgelaufen.
Widerspruch ist nicht eingegangen.
Das ist verfahrensfrei.
Halteverbot ist eingerichtet.
Die Halle steht nicht unter Denkmalschutz.
Baulasten sind nicht eingetragen.
Wir haben den Schaden heute behoben.
Wir stimmen dem Vorhaben zu.
Von unserer Seite spricht nichts dagegen.
Aus Sicht des Umweltamts bestehen keine Einwände.
Wir beheben den Schaden in dieser Woche.
Leider haben wir zurzeit keine freien Flächen.
Die Gewerbeanmeldung ist am 12.11. eingegangen.
Es fehlt nichts.
Alles in Ordnung, Sie müssen nichts tun.
Ihr Antrag wird am 4.12. entschieden.
Bitte bringen Sie Ihren Ausweis mit.
Dafür gilt § 62 BauO NRW.
In der 50. KW.
Etwa acht Wochen.
Bis Ende Januar.
Siehe oben.
Ok für uns.
Das ist so ok.
Die Baustelle endet am 18.12.
Dort ist Parken erlaubt.
Die Ampel ist wieder in Betrieb.
Laut Bebauungsplan ist dort Gewerbe zulässig.
Unterlagen sind komplett.
Wasseranschluss ist vorhanden.
Fernwärme liegt in der Straße.
The permit was issued on 20 November.
No objections.
Yes, that is possible.
No permit is needed.
Please use the online form.
Your application is complete.
Wir kommen am Donnerstag um 9 Uhr vorbei.
Die Sondernutzung kostet 120 Euro.
Hausnummer 14a ist zugeteilt.
Die Bearbeitung dauert sechs Wochen.
Ladenöffnung bis 22 Uhr, sonntags geschlossen.
Eine Ausnahme ist nicht vorgesehen.
Der Gehweg bleibt frei, die Zufahrt ist möglich.
Das haben wir heute genehmigt.
Die Kita hat ab August zwei freie Plätze.
Für Sonntage brauchen Sie eine Ausnahmegenehmigung.
Das Schild ist zu groß.
Maximal 8 Meter Höhe.
Gewerbesteuerhebesatz: 505 Prozent.
Der Steuerbescheid wird korrigiert.
Bauantrag ist nötig.
Nutzungsänderung erforderlich.
Eine Baulast reicht aus.
Der Plan liegt aus im Rathaus, Raum 5.
Altlasten sind nicht bekannt.
Kampfmittelverdacht besteht nicht.
Grundwasser steht bei etwa drei Metern an.
Die Bäume dürfen nicht gefällt werden.
Fällung erst ab Oktober erlaubt.
Bitte den Antrag vier Wochen vorher einreichen.
Am besten per Mail an gewerbe@stadt.example.org.
Zimmer 12, Frau Kern.
Unsere Zustimmung liegt bei.
Wir haben keine Einwände.
Einverstanden.
Das ist genehmigungsfrei.
Das dürfen Sie.
Nein, leider nicht.
Dafür ist es zu spät.
Die Förderung ist ausgeschöpft.
Neue Anträge sind ab Januar möglich.
Das Verfahren ist eingestellt.
Die Kreuzung wird im Frühjahr umgebaut.
Die Laterne ist repariert.
Mülltonnen werden morgen geleert.
Wir liefern die Tonnen am Montag.
Der Markt findet statt.
Stand 14 ist für Sie reserviert.
Die Konzession gilt bis 2028.
Wir haben den Bescheid aufgehoben.
Die Sperrzeit beginnt um 5 Uhr.
Außengastronomie bis 22 Uhr.
Nur mit Voranmeldung.
Der Anschluss kostet etwa 3.000 €.
Glasfaser wird 2027 verlegt.
Die Einfahrt muss 3,50 m breit sein.
Rettungsweg ist ausreichend.
Das Gutachten genügt.
Wir raten zu einer Bauvoranfrage.
Mit der Genehmigung können Sie im Dezember rechnen.
Ihr Antrag ist leider abgelehnt.
Der Stand ist unverändert.
Unverändert.
In der Zone sind keine Werbeanlagen erlaubt.
Gewerbe ja, Wohnen nein.
Der Vertrag kann verlängert werden.
Pachtzins 2,10 Euro je Quadratmeter.
Dem Antrag wird stattgegeben.
Die Ausnahme ist erteilt.
Der Fahrradständer wird versetzt.
Die Prüfung ist abgeschlossen, alles gut.
Gern, kommen Sie vorbei.
Wird so gemacht, ab Montag gilt Tempo 30.
Fehlanzeige: auf dem Grundstück sind keine Altlasten bekannt.
Der Baum ist krank und muss gefällt werden.
Die Kastanie vor Ihrem Haus ist krank, wir fällen sie im Januar.
Der Hausmeister ist im Urlaub, den Schlüssel bekommen Sie am Empfang im Rathaus.
Sie brauchen keine Verlängerung.
Wir brauchen für die Verlängerung nur Ihre Unterschrift.
Wir benötigen für die Straßensperrung mehr Zeit als geplant, sie dauert bis 18.12.
Die Frist ist zu kurz, deshalb lehnen wir ab.
Bitte warten Sie den Bescheid ab, bevor Sie bauen.
Bitte warten Sie die Genehmigung ab.
Die Abfuhr schaffen wir vor Weihnachten nicht mehr.
Mit Frau Krause von der Feuerwehr haben wir gesprochen, die Zufahrt ist breit genug.
Mit Herrn Weber geklärt: Tor bleibt offen.
Das Wasser ist ab Montag wieder da.
Approved.
Granted until June.
Not possible.
Not required.
Two weeks.
Fine with us.
Free of charge.
Muss neu beantragt werden.
Wird am Freitag geleert.
Wird verlängert.
Wird nächste Woche repariert.
Wird abgerissen.
Kostenlos.
Entfällt seit 2024.
Ist noch gültig.
Ist abgelaufen.
Läuft am 31.12. aus.
Zu laut.
Das ist zu laut.
Nur werktags.
Nur mit Begleitung.
Maximal zwei.
Bitte abkochen.
Nur abgekocht verwenden.
Wurde am 20.11. abgeschickt.
Steuerlich ändert sich nichts.
Ist bezahlt.
Kann bleiben.
Muss weg.
Links vom Eingang.
Der Termin ist am Freitag.
Die Linde ist nicht krank.
Muss vorher angemeldet werden.
Aufgehoben.
Bis auf Weiteres gesperrt.
Not necessary.
Expired.
Personalausweis mitbringen.
Meisterbrief nötig.
Statik geprüft.
Abnahme am 4.12.
Abnahme erfolgt.
Toilettenwagen: mindestens zwei.
Grundwasser: nicht betroffen.
Die Leitung ist DN 150.
Die Akte kann eingesehen werden.
"""
MORE_TIME = """
bitte um Fristverlängerung bis 10.12., die Kollegin ist krank.
Wir schaffen das bis Dienstag nicht.
Bitte Frist verlängern, Kollege ist krank.
Ich brauche bis nächste Woche.
Komme diese Woche nicht dazu.
Wir sind unterbesetzt, das dauert.
Ich bitte um Aufschub bis zum 15.12.
Wir bitten um Verlängerung der Frist.
Die Frist ist zu kurz.
Dienstag ist zu knapp.
Bitte die Frist um eine Woche verlängern.
Schaffe ich diese Woche nicht mehr.
Die Stellungnahme schaffen wir diese Woche nicht.
Wir benötigen für die Prüfung mehr Zeit.
Bitte Frist bis 15.12. verlängern.
Wir bräuchten bis zum 10.12. mehr Zeit.
"""
ELSEWHERE = """
siehe meine Mail von gestern
Habe der Firma direkt geantwortet.
Ist schon erledigt, habe mit Frau Muster telefoniert.
hatte ich schon beantwortet
Habe ich Frau Muster gestern schon am Telefon gesagt.
Hat Frau Kern schon beantwortet.
Habe ich schon letzte Woche geschickt.
Mit der Firma ist alles besprochen.
Wir haben die Firma schon angerufen.
Habe gerade mit der Firma gesprochen.
Das habe ich bereits mit Herrn Muster geklärt.
Hat sich erledigt.
Siehe Telefonat.
Das hatten wir schon.
Mit Herrn Weber geklärt, alles gut.
"""
AWAY = """
Kollegin ist im Urlaub, Antwort ab 7.12.
Der zuständige Kollege ist erst am 7.12. wieder da.
Frau Becker ist bis 7.12. krank, danach.
Ich habe Urlaub bis 7.12.
Die Kollegin ist wieder am Montag da.
Ich bin erst Montag wieder im Büro.
Frau Kern ist in Elternzeit.
Sie ist im Januar wieder da.
Der Hausmeister ist im Urlaub.
Müller ist krank.
"""
LATER = """
Bin dran.
Sachstand: in Arbeit.
Akte angefordert.
Frau Lenz antwortet Ihnen heute noch, ich habe sie daran erinnert.
Dauert noch.
Ok, mache ich.
Das bearbeitet bei uns die Abteilung 3, habe ich weitergeleitet.
Erinnerung erhalten, ist in Arbeit.
Alles klar, wird gemacht.
Ich frage nach.
Ich kläre das.
Mache ich morgen.
Schicke ich Ihnen morgen.
Das hat Herr Kröger auf dem Tisch.
Steht auf meiner Liste.
Wird erledigt.
Bitte warten Sie noch ab.
Frau Lenz kümmert sich.
Herr Kröger meldet sich bei Ihnen.
Der Kollege wird Ihnen antworten.
Die Stellungnahme folgt.
In Bearbeitung.
Vorgang liegt noch beim Amtsleiter zur Unterschrift.
Leite ich weiter.
I am on it.
My colleague will answer you.
Der Fall liegt jetzt beim Kollegen.
Gebe ich an die Leitung.
Muss der Chef entscheiden.
Ich prüfe.
Wir prüfen das.
Rückmeldung kommt.
Melden uns.
Arbeite daran.
Ich erinnere Frau Lenz.
Ich habe Frau Lenz gebeten, heute zu antworten.
Der Sachbearbeiter wurde erinnert.
Ich kümmere mich persönlich darum.
Ich mache der Kollegin Druck.
Das prüft gerade die Statik.
Bekommen Sie morgen von mir.
Forwarded to my colleague.
Sent to my colleague.
We will check.
Bekommen Sie bis Freitag.
Wir warten auf die Rückmeldung der Feuerwehr.
Ich warte noch auf Akten aus dem Archiv.
Die Stellungnahme der Feuerwehr steht noch aus.
Die Stellungnahme des Umweltamtes liegt mir noch nicht vor.
Die Akte ist im Archiv bestellt.
Dazu müsste ich erst die Akte ziehen.
Das muss der Dezernent entscheiden.
Das ist Chefsache.
"""
UNKNOWN = """
Ich arbeite nicht mehr bei der Bauaufsicht.
Ich bin seit Oktober im Ruhestand.
Frau Maier ist nicht mehr bei uns.
Bitte Anfragen künftig an das Funktionspostfach.
Das sollten wir am Jour fixe besprechen.
Ich habe keine Unterlagen dazu.
Test
Kann ich nicht beurteilen.
Weiß ich nicht.
Keine Ahnung.
Liegt mir nicht vor.
Die Anfrage ist nicht verständlich.
Bitte aus dem Verteiler nehmen.
No idea.
"""
ASKS = """
Dazu brauche ich mehr Angaben.
Dafür brauche ich die Flurstücksnummer.
Ohne Flurstücksnummer kann ich nichts sagen.
Ohne Aktenzeichen können wir das nicht zuordnen.
Da fehlt der Anhang.
Um welche Halle geht es
Welches Flurstück
Wer ist die Firma überhaupt
"""
NO_MATTER = """
siehe Anlage
s. Anhang
Die Anfrage wurde weitergeleitet.
Ich bin nur die Vertretung.
Bin im Homeoffice.
Habe ich auf Wiedervorlage.
Bei uns liegt nichts vor.
M. E. Amt 61.
eher was für Amt 61
Ich setze mich morgen dran.
Die Akte liegt bei Frau Lenz.
Keine Anmerkungen.
Wir haben hierzu nichts beizutragen.
Unser System ist gerade ausgefallen.
Nächste Woche.
Wir tangiert das nicht.
Wie besprochen.
Verstanden.
Gut, danke für den Hinweis.
Bitte zur Kenntnis nehmen.
Fehlanzeige.
Fehlanzeige bei uns.
Frau Krause ist dafür die Richtige.
ok
Muss noch besprochen werden.
Kann noch nicht beantwortet werden.
Wird intern abgestimmt.
Wird heute nicht.
Ist veranlasst.
Nur zur Info.
Bin nur die Vertretung.
Wurde bereits besprochen.
Wird nachgereicht.
Wird noch eingeholt.
Zu klären.
Zu knapp.
Bitte abwarten.
Bitte nachfragen.
Rücksprache nötig.
Kommt morgen.
Kann nicht beurteilt werden.
Bitte weiterleiten.
Muss erst gelesen werden.
Urlaubsvertretung: Frau Lenz.
Muss liegen bleiben.
Rückruf erfolgt.
Nur zur Information.
Zu spät gesehen.
Rücksprache gehalten.
Kollege informiert.
Stadtkämmerei fragen.
In progress.
Not yet.
"""
NOT_OURS = [
    ("Das macht das Umweltamt.", "Umweltamt"),
    ("Das läuft über das Umweltamt.", "Umweltamt"),
    ("Da sind Sie bei uns leider falsch.", ""),
    ("Keine Betroffenheit.", ""),
    ("Betrifft uns nicht.", ""),
    ("Bitte Amt 61 fragen.", "Amt 61"),
    ("wir sind hier raus, das macht das Umweltamt", "Umweltamt"),
    ("Wir sind nicht die Richtigen.", ""),
    ("Da seid ihr bei uns falsch.", ""),
    ("Bei uns falsch, bitte Tiefbau.", ""),
    ("Haben wir nichts mit am Hut.", ""),
    ("Da müssten Sie sich an das Umweltamt wenden.", "Umweltamt"),
    ("Sorry, nicht wir.", ""),
    ("Das ist Sache des Tiefbauamts.", "Tiefbauamts"),
    ("Für mich nicht relevant.", ""),
    ("Aus Sicht des Umweltamts: keine Betroffenheit.", ""),
    ("Das bearbeitet das Tiefbauamt.", "Tiefbauamt"),
    ("Zuständigkeit liegt beim Umweltamt.", "Umweltamt"),
    ("Dazu kann nur das Umweltamt etwas sagen.", "Umweltamt"),
    ("Bitte beim Tiefbauamt nachfragen.", "Tiefbauamt"),
    ("Nicht unser Thema.", ""),
    ("Nicht mein Bereich.", ""),
    ("Das ist nicht mein Gebiet.", ""),
    ("Da bin ich raus.", ""),
    ("Das geht uns nichts an.", ""),
    ("Wir sind nicht betroffen.", ""),
    ("We are not affected.", ""),
    ("Please ask the roads office.", "roads office"),
    ("Dafür ist das Umweltamt da.", "Umweltamt"),
    ("Das wird vom Tiefbauamt bearbeitet.", "Tiefbauamt"),
    ("Bitte ans Tiefbauamt wenden.", "Tiefbauamt"),
    ("Dies obliegt dem Umweltamt.", "Umweltamt"),
    ("Fragen Sie bitte im Umweltamt nach.", "Umweltamt"),
]


HOUSE_TALK = """
Wir haben den Gutachter nochmals angeschrieben. Eine Antwort lag bis heute nicht vor.
Da müsste man mal mit 61 reden, die haben den Plan gemacht.
Das ist ein heißes Eisen. Solange der Rat nicht entschieden hat, würde ich die Füße stillhalten.
Bitte zur Kenntnis. Meines Erachtens sollten wir da auf Zeit spielen, bis der B-Plan durch ist.
Kann so raus wie beim letzten Mal, nehmt den Text von Februar.
Claudia, ruf mich mal bitte an, das will ich nicht schreiben.
Das Thema liegt bei den Kollegen vom Verkehr.
Akte kommt aus dem Archiv, dauert 2 Wochen.
Bin mir nicht sicher, ob 50 oder 45 dB(A), schau bitte selbst im B-Plan nach.
Derzeit kann ich noch keinen Termin nennen, wann wir dazu kommen. Ich bitte um Nachsicht.
Der Kollege, der das bearbeitet, kommt erst am 7.12. zurück.
Ich habe das mal an Frau Berg gegeben, die kennt sich mit Fettabscheidern aus.
Der Plan hängt noch beim Vermesser, vorher sage ich dazu nichts.
Bei dem Thema würde ich gern erst mit dem Dezernenten sprechen, bevor wir uns festlegen.
Frau Roth hatte den Betrieb damals betreut. Die müsste die Unterlagen noch im Schrank haben.
Nimm den Baustein vom letzten Jahr, der passt.
Das Verfahren ist komplex, sodass wir noch um etwas Zeit bitten.
Das muss in die nächste Dezernentenrunde.
Mein Vorgänger hat dazu nichts hinterlassen.
Eine abschließende Aussage ist derzeit nicht möglich, da das Gutachten noch aussteht.
"""
SAID_BESIDE = """
Kein Handlungsbedarf aus unserer Sicht.
Kein Anlass für Auflagen.
Laut Bauzeitenplan Fertigstellung KW 51.
Ich war gestern vor Ort. Der Zaun steht auf Ihrem Grundstück und nicht auf dem Gehweg.
Ich habe die Bauleitung gebeten, den Zugang frei zu halten. Die Bohlen liegen bereits.
Die Nachbarn haben wir angeschrieben, Einwände kamen keine.
Der Kollege Weber hat die Tonnen heute tauschen lassen.
Das ist ein reines Wohngebiet.
Das zahlt der Eigentümer.
Wir könnten Ihnen die Halle am Kai zur Zwischenmiete anbieten.
Ich kann Ihnen die Parzelle 12 anbieten, sie hat einen Gleisanschluss.
Zwei Bäume als Ersatz.
Juni, wie gesagt.
Wir rechnen damit bis Freitag, 18. Dezember 2026.
Wir bitten um Verständnis, dass die Halle zu bleibt, bis der Wasserschaden im Keller behoben ist.
Die Adresse lautet künftig Am Speicher 12.
Die Sache ist entschieden. Ich habe nachgesehen, es sind 50 dB(A).
"""


def _lines(table: str) -> list[str]:
    return table.strip().split("\n")


@pytest.mark.parametrize("text", _lines(ANSWERS))
def test_short_answer(text: str) -> None:
    """An ordinary answer of few words goes on at once, whichever office gives it."""
    found = _read(text)
    assert (found.kind, found.suspicion) == (ReplyKind.ANSWER, "")


@pytest.mark.parametrize(
    ("text", "kind", "clause"),
    [
        (text, kind, clause)
        for table, kind, clause in (
            (MORE_TIME, ReplyKind.INTERNAL, "bittet um mehr Zeit"),
            (ELSEWHERE, ReplyKind.INTERNAL, "verweist auf eine andere Auskunft"),
            (AWAY, ReplyKind.INTERNAL, "klingt nach einer Abwesenheitsnotiz"),
            (LATER, ReplyKind.INTERIM, "klingt nach einer Zwischennachricht"),
            (UNKNOWN, ReplyKind.INTERNAL, "ist vielleicht keine Antwort"),
            (ASKS, ReplyKind.QUESTION, "klingt nach einer Rückfrage"),
            (NO_MATTER, ReplyKind.ANSWER, "ist vielleicht keine Antwort"),
        )
        for text in _lines(table)
    ],
)
def test_tells_the_company_nothing(text: str, kind: ReplyKind, clause: str) -> None:
    """A short mail about the office's own work waits, and the manager reads what it says."""
    found = _read(text)
    assert (found.kind, found.explicit) == (kind, False)
    assert clause in found.suspicion


@pytest.mark.parametrize("text", _lines(HOUSE_TALK))
def test_talk_of_the_house_is_no_answer(text: str) -> None:
    """What people of a house think, want or ask of each other waits, whatever thing it names."""
    assert _read(text).suspicion


@pytest.mark.parametrize("text", _lines(SAID_BESIDE))
def test_a_thing_told_beside_such_talk(text: str) -> None:
    """A clause of its own that names a thing is an answer, whoever speaks and of what else."""
    found = _read(text)
    assert (found.kind, found.suspicion) == (ReplyKind.ANSWER, "")


@pytest.mark.parametrize(("text", "office"), NOT_OURS)
def test_not_ours_in_few_words(text: str, office: str) -> None:
    """An office that says who does it instead, or that it is not concerned, declines."""
    found = _read(text)
    assert (found.kind, found.explicit, found.office_words) == (ReplyKind.DECLINE, True, office)


def test_few_words_with_a_file() -> None:
    """Few words beside a file are an answer: the file says it."""
    assert _read("wie besprochen.").suspicion
    assert not _read("wie besprochen.", has_files=True).suspicion


@pytest.mark.parametrize("text", ["Bin dran.", "Bitte um Fristverlängerung.", "Bin im Urlaub."])
def test_a_file_makes_no_answer_of_a_delay(text: str) -> None:
    """Who says that he is still at it, or away, has not answered, whatever hangs on the mail."""
    assert _read(text, has_files=True).suspicion


def test_something_told_beside_it() -> None:
    """One sentence for the company makes a mail an answer, whatever stands beside it."""
    assert not _read("Bin dran. Das Grundstück ist noch zu haben.").suspicion
    assert _read("Bin dran. Die Akte ist angefordert.").suspicion


@pytest.mark.parametrize(
    "text",
    [
        (
            "Ich bin ab 1.4. nicht mehr in der Lebensmittelüberwachung, bitte nehmen Sie mich aus"
            " dem Verteiler. Nachfolgerin ist Frau Dr. Sommer."
        ),
        "Herr Vogel ist im Ruhestand. Neue Leiterin ist Frau Sommer, Telefonliste im Intranet.",
    ],
)
def test_what_follows_an_absence_tells_nothing(text: str) -> None:
    """Behind who is away, or no longer there, only a verdict or a figure is an answer."""
    assert _read(text).suspicion
    assert not _read(f"{text} Die Erlaubnis ist erteilt.").suspicion
    assert not _read("Der Anschluss liegt in der Straße. Frau Kern ist im Urlaub.").suspicion


def test_a_talk_with_the_company() -> None:
    """A talk elsewhere is named, and the verdict in the same sentence is still an answer."""
    said = "wie heute telefonisch mit Frau Muster besprochen, reicht eine formlose Anzeige."
    assert not _read(said).suspicion


def test_long_texts_are_not_judged_by_their_words() -> None:
    """Only a text of up to 60 words must tell something: a longer one is read as before."""
    text = "da müsste man mal mit den anderen reden, die haben das ja damals so gemacht. "
    assert _read(text * 3).suspicion
    assert not _read(text * 5).suspicion


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Frau Peters ist krank, ich vertrete sie. Das Formular liegt im Foyer aus.", True),
        ("Herr Schulz ist nicht mehr bei uns. Die Halle liegt im Außenbereich.", True),
        ("Frau Grün ist in Elternzeit. Das Grundwasser steht dort bei zwei Metern an.", True),
        ("Frau Grün ist in Elternzeit. Sie finden den Plan im Foyer des Rathauses.", True),
        ("Herr Schulz ist nicht mehr bei uns. Nachfolgerin ist Frau Sommer.", False),
        ("Frau Peters ist krank. Sie kommt am Montag wieder.", False),
        ("Frau Grün ist in Elternzeit. Die Vertretung macht das Team Nord.", False),
        ("Herr Schulz ist krank. Das Halteverbot ordnen wir an.", True),
        ("Herr Schulz ist krank. Ihr Bauantrag ist am 3.11. eingegangen.", True),
        ("Frau Grün ist im Urlaub. Das Merkblatt liegt im Bürgerbüro aus.", True),
        ("Herr Schulz ist krank. E-Mails werden zurzeit nicht gelesen.", False),
        ("Herr Schulz ist krank. Vor Januar wird das nichts.", False),
        ("Herr Schulz ist im Ruhestand. Seine Fälle sind verwaist.", False),
        ("Herr Schulz ist krank. Der Ordner ist verschlossen.", False),
        ("Frau Meier ist krank. Der Rest des Teams ist überlastet.", False),
        ("Frau Meier ist krank. Ein Termin ist nicht absehbar.", False),
        ("Frau Meier ist in Elternzeit. Die Mail geht an den Teamleiter.", False),
        ("Herr Schulz ist im Urlaub. Der Antrag liegt auf seinem Tisch.", False),
        ("Herr Schulz ist im Urlaub. Alles Weitere dann im Januar.", False),
        (
            "Frau Grün ist in Elternzeit. Der Bescheid wurde versandt, an wen, steht nirgends.",
            False,
        ),
        ("Herr Schulz ist krank. Der Vertrag ist bei der Rechtsabteilung eingegangen.", False),
        ("Herr Schulz ist krank. Die Pläne sind geprüft, mehr weiß hier keiner.", False),
        ("Frau Grün ist krank. Sie finden die Pläne in Zimmer 2, der Schlüssel liegt dort.", False),
        ("Frau Grün ist krank. Sie finden die Akte bei Herrn Thomas in Zimmer 12.", False),
        ("Ich bin bis 10.12. im Urlaub. Das Gebäude steht auf meiner Liste.", False),
        ("Ich vertrete Frau Grün, die im Urlaub ist. Die Akte liegt auf ihrem Tisch.", False),
        ("Ich vertrete Frau Grün, die im Urlaub ist. Ihre Halle liegt im Außenbereich.", True),
        ("Frau Grün ist krank, deshalb von mir: Eine Anzeige beim Gewerbeamt genügt.", True),
        ("Frau Grün ist krank, deshalb von mir: Auf dem Grundstück liegt keine Baulast.", True),
        ("Frau Grün ist krank, deshalb von mir: Die Akte liegt auf ihrem Tisch.", False),
        ("Herr Schulz ist nicht mehr bei uns. Das Postfach wird demnächst gelöscht.", False),
        ("Ich habe keine Unterlagen. Die Bauakte ist im Archiv verschollen.", False),
        ("Die Firma kenne ich nicht, weiß ich nicht. Vielleicht hat das Archiv etwas.", False),
    ],
)
def test_what_is_said_behind_an_absence(text: str, *, told: bool) -> None:
    """What goes on with the person tells nothing; what is said of the matter answers."""
    found = read_reply(text, "Re: Halle", date(2026, 5, 20))
    assert (found.suspicion == "") == told
