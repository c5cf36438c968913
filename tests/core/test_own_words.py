"""What stands behind ``antwort``: the company's to read, or an order in disguise."""

import pytest

from mailflow.core.own_words import reads_as_order

_OFFICES = frozenset({"bauaufsicht", "umweltamt", "tiefbauamt", "feuerwehr", "finanzamt"})

NOTES = """
Umweltamt abwarten
bitte von Bauaufsicht einholen
noch warten
wurde telefonisch gegeben
Wurde telefonisch gegeben
bitte die Bauaufsicht anmahnen
folgt
kommt nächste Woche
Kommt nächste Woche
liegt bei Frau Roth
steht noch aus
Steht noch aus
bitte nochmal anmahnen
Bitte nochmal anmahnen!
nicht nötig, habe mit der Firma telefoniert
ist schon raus
Ist schon raus
erledigt
durch Herrn Kunz
noch nicht
kann raus
Kann so raus
Umweltamt
Herr Kunz
fehlt noch
Bauaufsicht fehlt noch
Bauaufsicht kommt morgen
Umweltamt liegt noch nicht vor
der Bauaufsicht fehlt noch, bitte dort anrufen
Stellungnahme Bauaufsicht abwarten, danke
abwarten
Erst Umweltamt abwarten, dann freigeben
Umweltamt fragen
mit Herrn Kunz telefoniert
Bauaufsicht angemahnt
an Umweltamt weitergeleitet
Habe mit der Firma telefoniert.
noch warten!
noch warten, Umweltamt ist dran
Ja, das geht. Bitte Bauaufsicht informieren.
bitte das Tor schließen
erst nach Rücksprache mit OB
wait
please wait
still pending
please chase building control
Wait for the building office
was given by phone
follows
sent by phone
please ask the building office
please remind them
Frau Roth anrufen
wie besprochen
Rücksprache mit Herrn Kunz halten
telefonisch erledigt
von der Bauaufsicht einholen
bitte bei Bauaufsicht nachfragen und dann schließen
siehe Mail von gestern
noch warten, wir haben nichts von der Bauaufsicht
Bauaufsicht anrufen, wir brauchen das bis Freitag
Antwort: der Bauaufsicht fehlt noch
Bauaufsicht hat noch nicht geantwortet
ich warte noch auf Umweltamt
warte auf Umweltamt
kommt von Frau Roth
Bitte Rücksprache
bitte um Rücksprache
bitte erst mit mir besprechen
bitte mit mir abstimmen
macht Frau Roth
geht heute raus
an die Bauaufsicht geben
zurückstellen bis Montag
Bauaufsicht nochmal erinnern
bitte prüfen lassen
keine
nichts schicken
nicht senden!
Nicht rausschicken, bevor Umweltamt zugestimmt hat.
liegt noch bei Umweltamt, bitte anmahnen
awaiting building office
not yet
please do not send
do not send
don't send yet
hold
Hold until the building office replies
ask building to reply
missing from Umweltamt
to follow
still missing
call Ms Roth
per Post raus
"""
"""Of an answer, or of what somebody here is to do about one."""

ANSWERS = """
Ja, das ist möglich.
Nein, leider nicht.
Die Gebühr beträgt 250 Euro.
Bitte wenden Sie sich an Frau Roth, Tel. 0203 283-1.
Der Antrag ist genehmigt.
Yes, that is fine.
Bitte reichen Sie die Pläne ein.
Ja.
Nein.
Ja, gern.
Leider nein.
Leider nicht möglich.
Die Gebühr entfällt.
Keine Bedenken.
Keine Genehmigung nötig.
Genehmigung erteilt.
Antrag genehmigt.
Die Unterlagen fehlen.
Die Unterlagen fehlen noch, bitte reichen Sie sie nach.
Bitte den Lageplan nachreichen.
Der Termin ist am 12. Juni um 10 Uhr.
Montag 9 Uhr
Montag 9 Uhr, Rathaus, Zimmer 12
Das Tor muss nachts geschlossen sein.
Wir melden uns bis Freitag.
Wir warten noch auf die Stellungnahme der Bauaufsicht.
Die Stellungnahme der Bauaufsicht fehlt noch.
Die Stellungnahme des Umweltamts steht noch aus, wir melden uns.
Der Antrag liegt beim Tiefbauamt zur Stellungnahme.
Das Umweltamt prüft Ihren Antrag und meldet sich bis Freitag bei Ihnen.
Die Feuerwehr kommt am 3. Juni zur Begehung.
Bitte rufen Sie bei der Bauaufsicht an, Frau Roth hilft Ihnen weiter.
Für die Nutzungsänderung ist ein Bauantrag erforderlich.
Das Grundstück ist noch frei; ein Exposé können Sie bei uns anfordern.
Sie können die Halle ab Mai nutzen, ohne einen neuen Antrag zu stellen.
Um das Gelände zu nutzen, brauchen Sie eine Erlaubnis.
Parken ist dort montags bis freitags verboten.
Dort gilt absolutes Halteverbot.
Zuständig ist das Finanzamt Duisburg-Süd.
Das Formular finden Sie auf duisburg.de unter Gewerbe.
Das ist leider nicht zulässig, weil die Fläche im Außenbereich liegt.
Nach Auskunft der Bauaufsicht ist dafür keine Genehmigung nötig.
Von der Gebühr sind Sie befreit.
In diesem Fall genügt eine formlose Anzeige.
Über den Antrag entscheidet der Rat im Mai.
Bei weiteren Fragen hilft Frau Roth unter 0203 283-1 weiter.
Es bleibt bei der Auskunft vom 3. Mai.
Die Straße wird im Juni gesperrt; Umleitungen sind ausgeschildert.
Bis Ende Mai können Einwendungen erhoben werden.
Ab Montag ist die Zufahrt wieder offen.
Die Pläne liegen im Rathaus aus.
Der Antrag wurde an die Feuerwehr weitergeleitet.
Vielen Dank, das genügt uns.
Vielen Dank für die Unterlagen, damit ist alles vollständig.
Einverstanden, wir sehen uns am Montag.
Erforderlich sind: Lageplan, Grundrisse, Ansichten und eine Baubeschreibung.
Die Anlage ist nach dem Gesetz anzuzeigen.
Wir bitten Sie, den Antrag neu zu stellen.
Das Amt für Bauordnung hat Ihren Antrag am 2. Juni genehmigt.
Wie besprochen, senden wir Ihnen die Unterlagen zu.
Für Lärm ist das Umweltamt zuständig, für den Bau die Bauaufsicht.
Der Bescheid geht Ihnen per Post zu.
Die Antwort auf Ihre zweite Frage lautet: ja.
Nein, das Grundstück ist verkauft.
Das wissen wir noch nicht, wir fragen nach.
Kann ab Montag abgeholt werden.
Ist das Gelände schon gemietet, brauchen wir den Vertrag.
No, unfortunately not.
Yes.
No permit is required.
The fee is 250 euros.
Please submit the plans.
Please contact Ms Roth, 0203 283-1.
Please send us the site plan.
You need a permit.
The application has been approved.
We will get back to you by Friday.
That is not possible in this area.
Please ask us again in May.
The building office has approved your plans.
It takes about two weeks.
Wir haben Ihre Anfrage an das Umweltamt gegeben und melden uns.
Ihr Antrag ist vollständig.
Bitte fragen Sie das Finanzamt.
Bitte gedulden Sie sich.
Wir haben das Amt gefragt und melden uns.
Bitte wenden Sie sich an das Land.
Bitte wenden Sie sich an das Finanzamt.
Ja, die Nutzungsänderung wird genehmigt.
Alles ist erlaubt.
Wir melden uns im Dezember dazu.
Ja, das ist frei.
Der Termin steht noch nicht fest.
Das geht bis Mai.
Das dauert noch.
Das geht so nicht.
Ja, das geht.
ja, das geht.
das geht leider nicht
Ja, Sie brauchen eine Baugenehmigung.
sie brauchen eine baugenehmigung
umweltamt ist zuständig, tel. 123
An der Kreuzung, gegenüber vom Rathaus.
Sie brauchen das Formular bis zum Ablauf der Frist.
you need a permit
Der Termin kann stattfinden.
Der Termin ist am 3. Dezember.
Sobald die Nachbarn zustimmen, können Sie bauen.
Genehmigt.
Approved.
Not possible.
Wenn die Pläne vorliegen, melden wir uns.
Wie telefonisch besprochen, ist der Antrag vollständig.
Ihre Anlage liegt im Wasserschutzgebiet, daher ist eine Erlaubnis nötig.
Der Betreiber muss die Anlage abnehmen lassen.
Anträge sind schriftlich einzureichen.
Für die Umnutzung reicht eine Anzeige.
Die Frist endet am Montag.
Die Halle darf nachts nicht beliefert werden.
"""
"""What a city tells a company in few words."""


def _reads(words: str, *, colon: bool) -> bool:
    return reads_as_order(words, lambda word: word.casefold() in _OFFICES, colon=colon)


def _lines(table: str) -> list[str]:
    return table.strip().split("\n")


@pytest.mark.parametrize(
    "words",
    [
        "freigeben",
        "ok",
        "OK!",
        "bitte ok",
        "ok so",
        "release",
        "nicht freigeben",
        "verwerfen, bitte",
        "von Brinkmann freigeben",
        "freigeben bauaufsicht",
        "passt alles, Herr Brinkmann hat angerufen, bitte freigeben",
        "Brinkmann schließen",
        "erinnern",
        "kann raus",
        "folgt morgen von mir",
        "schon telefonisch gegeben, kann zu",
        "kommt von Frau Albers, bitte schließen",
        "bitte abwarten",
        "gefällt mir nicht",
        "liegt vor",
        "ist so in Ordnung",
        "bitte nicht",
        "can go out",
        "follows tomorrow",
        "please release",
    ],
)
def test_words_that_order_or_speak_of_an_answer_are_no_answer(words: str) -> None:
    """Without a colon they may be an order, or tell of an answer, and the company reads neither."""
    assert _reads(words, colon=False)


@pytest.mark.parametrize("words", ["freigeben", "ok", "bitte nicht freigeben", "verwerfen, bitte"])
def test_a_colon_makes_no_answer_of_a_bare_order(words: str) -> None:
    """Nothing but an order is one, however it is written."""
    assert _reads(words, colon=True)


@pytest.mark.parametrize(
    "words",
    [
        "Ja, das geht.",
        "ja, das geht.",
        "das geht leider nicht",
        "Ja, Sie brauchen eine Baugenehmigung.",
        "sie brauchen eine baugenehmigung",
        "Bitte wenden Sie sich an das Gesundheitsamt des Kreises.",
        "Kann ab Montag abgeholt werden.",
        "Der Termin steht noch nicht fest.",
        "umweltamt ist zuständig, tel. 123",
        "An der Kreuzung, gegenüber vom Rathaus.",
        "Sie brauchen das Formular bis zum Ablauf der Frist.",
        "you need a permit",
        "Montag 9 Uhr",
    ],
)
def test_what_tells_the_company_something_is_an_answer(words: str) -> None:
    """It goes with and without a colon."""
    assert not _reads(words, colon=False)
    assert not _reads(words, colon=True)


@pytest.mark.parametrize("words", ["Das ist für uns ok", "Danke!", "gilt nachts"])
def test_a_colon_ends_the_doubt(words: str) -> None:
    """What may be read both ways waits without a colon and goes with one."""
    assert _reads(words, colon=False)
    assert not _reads(words, colon=True)


@pytest.mark.parametrize("colon", [True, False])
@pytest.mark.parametrize("words", _lines(NOTES))
def test_a_note_about_an_answer_is_none(words: str, *, colon: bool) -> None:
    """What tells of an answer, or what somebody here is to do, goes out with no colon either."""
    assert _reads(words, colon=colon)


@pytest.mark.parametrize("colon", [True, False])
@pytest.mark.parametrize("words", _lines(ANSWERS))
def test_an_ordinary_answer_is_one(words: str, *, colon: bool) -> None:
    """A sentence to the company goes out, however short, whatever office it names."""
    assert not _reads(words, colon=colon)


@pytest.mark.parametrize(
    "words",
    [
        "der Bauaufsicht fehlt noch",
        "des Umweltamtes ist da",
        "von Herrn Kunz ist gut",
        "an Frau Muster geht heute per Post raus",
        "of the building office is missing",
        "Bitte schließen Sie nachts das Tor.",
    ],
)
def test_what_belongs_to_the_noun_before_it_needs_a_colon(words: str) -> None:
    """Without one it speaks of an answer, or may be an order."""
    assert _reads(words, colon=False)


def test_an_infinitive_goes_out_as_a_sentence() -> None:
    """Whoever is told that his words are none has a way to say them."""
    assert _reads("bitte das Tor schließen", colon=True)
    assert not _reads("Bitte schließen Sie das Tor.", colon=True)
