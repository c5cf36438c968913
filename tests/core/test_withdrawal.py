"""Whether a company takes its inquiry back."""

import pytest

from mailflow.core.withdrawal import withdraws


@pytest.mark.parametrize(
    "text",
    [
        "hat sich erledigt, wir haben einen anderen Standort.\nBitte nicht weiter bearbeiten.",
        "Hiermit ziehe ich meine Anfrage zurück.",
        "Guten Tag,\n\nwir ziehen unsere Anfrage vom 3. März zurück.\n\nViele Grüße\nS. Muster",
        "Die Sache hat sich inzwischen erledigt, vielen Dank.",
        "Danke, hat sich erledigt.",
        "Erledigt.",
        "Sie brauchen in der Sache nichts weiter zu tun.",
        "Bitte betrachten Sie unser Schreiben als gegenstandslos.",
        "Wir möchten unsere Anfrage zurückziehen.",
        "We would like to withdraw our inquiry.",
        "The matter has been resolved, thank you.",
        "hiermit ziehe ich meine Anfrage zurück, da wir die Halle nun doch nicht anmieten.",
        "die Sache hat sich erledigt, eine Antwort ist nicht nötig.",
        "das hat sich leider erledigt, wir haben den Zuschlag nicht bekommen.",
        "betrachten Sie unsere Anfrage als gegenstandslos, da der Eigentümer nicht verkauft.",
        "Please disregard our inquiry, we are not going to rent the hall.",
        "We withdraw our request since the project will not go ahead.",
        "bitte bearbeiten Sie unsere Anfrage nicht weiter, das Vorhaben kommt nicht zustande.",
        "Die Sache ist erledigt und muss nicht weiterverfolgt werden.",
        "das Vorhaben verfolgen wir nicht weiter, da die Bank noch nicht zugesagt hat.",
        "Wir verfolgen unsere Anfrage nicht weiter.",
        "Das verfolgen wir nicht weiter, vielen Dank.",
        "Wir ziehen unsere Anfrage zurück, wir mieten stattdessen in Duisburg.",
        "Unsere Anfrage zur Halle 4 hat sich erledigt, weil nur noch die Halle 5 frei ist.",
        "bitte stornieren! Wir haben uns für einen anderen Standort entschieden.",
        "wir haben kein Interesse mehr, das Vorhaben ist gestorben.",
        "wir haben uns anders entschieden und benötigen Ihre Auskunft nicht mehr.",
        "Der Umzug ist geplatzt, Sie müssen uns nicht mehr antworten.",
        "Ihre Auskunft brauchen wir nicht mehr.",
        "Korrektur zu unserer Mail: Wir ziehen die Anfrage zurück.",
        "Unsere Anfrage hat sich erledigt. Das Projekt klappt leider nicht.",
        "Wir ziehen unsere Anfrage zurück. Wir möchten uns trotzdem herzlich bedanken.",
        "Die Sache hat sich erledigt. Bitte senden Sie uns nur eine Bestätigung.",
        "Wir warten seit Wochen auf Ihre Antwort und ziehen die Anfrage zurück.",
    ],
)
def test_what_is_taken_back_is_recognised(text: str) -> None:
    """Whatever the words, the sentence that says so is given."""
    assert withdraws(text)


@pytest.mark.parametrize(
    "text",
    [
        "Nachtrag: Es sind 12 Maschinen.",
        "Frage 1 hat sich erledigt, Frage 2 leider nicht.",
        "Die erste Frage hat sich erledigt.",
        "Leider hat sich die Sache noch nicht erledigt.",
        "Können wir die Anfrage zurückziehen, wenn der Antrag gestellt ist?",
        "Hiermit ziehen wir unseren Bauantrag zurück.",
        "Wir melden uns, sobald sich die Sache erledigt hat.",
        "Vielen Dank, das hilft uns weiter.",
        "Die Sache ist noch nicht erledigt.",
        "Unsere Frage ist bisher nicht geklärt. Wir warten seit drei Wochen.",
        "Wir ziehen unsere Anfrage nicht zurück.",
        "Die Sache ist für uns nicht erledigt!",
        "Please do not cancel our request.",
        "Wir ziehen unsere Anfrage nicht zurück, im Gegenteil: wir planen schon.",
        "Wir haben nicht vor, unsere Anfrage zurückzuziehen.",
        "Es stimmt nicht, dass wir unsere Anfrage zurückziehen.",
        "Wir ziehen unsere Anfrage zurück, aber nicht die Frage nach der Zufahrt.",
        "Ihre Rückfrage ist geklärt: Die Halle hat 400 qm.",
        "Wir ziehen im Mai in die neue Halle, zurück bleibt nur das Lager.",
        "die Halle 3 verfolgen wir nicht weiter, uns interessiert nur noch Halle 4.",
        "Die Variante A verfolgen wir nicht weiter.",
        "meine letzte Mail ist hinfällig, richtig ist die Fläche 300 m², nicht 200.",
        "Die Mail von gestern hat sich erledigt, gemeint war Halle 5, nicht Halle 4.",
        "die Frage nach dem Lärm hat sich erledigt, die Altlasten sind noch nicht geklärt.",
        "Das Thema Lärm hat sich erledigt, den Brandschutz haben wir nicht verstanden.",
        "Bitte prüfen Sie die Werbeanlage nicht mehr, nur noch die Halle.",
        "Unsere Anfrage hat sich erledigt. Bitte prüfen Sie stattdessen den Neubau.",
        "Die Anfrage hat sich erledigt, das Halteverbot brauchen wir aber noch.",
        "Die Planung verfolgen wir nicht mehr, jetzt soll es eine Werkstatt werden.",
        "Die Sache ist geklärt; die Zufahrt noch nicht.",
        "kleine Korrektur: Es geht um Halle 5, die Anfrage zu Halle 4 hat sich erledigt.",
        "unser Anliegen hat sich erledigt. Nur die Gebühr wüssten wir gern.",
        "unsere Anfrage ist erledigt, soweit es den Lärm betrifft.",
        "unsere Anfrage ist erledigt; die Genehmigung ist uns wichtig.",
        "die Sache mit dem Parkplatz hat sich erledigt. Der Lärm leider nicht.",
        "wir ziehen die Anfrage zurück und stellen sie neu: Ist das frei, lautet nun die Frage.",
        "unsere Anfrage ist erledigt. Bitte schicken Sie uns trotzdem das Merkblatt.",
        "die Anfrage von Herrn Kruse hat sich erledigt, meine bleibt.",
        "wir verfolgen die Anfrage nicht weiter. Halle 6 wird es, wir rechnen mit Ihrer Antwort.",
        "unsere Frage hat sich erledigt, die Antwort zur Gebühr steht aus.",
        "die Angelegenheit ist geklärt. Bitte senden Sie uns nur den Bescheid in Kopie.",
        "An der Halle 3 haben wir kein Interesse mehr, die Halle 4 möchten wir mieten.",
        "Für die Halle 3 benötigen wir Ihre Auskunft nicht mehr.",
        "Bitte stoppen Sie die Prüfung der Werbeanlage.",
    ],
)
def test_what_goes_on_is_not_taken_back(text: str) -> None:
    """A part, a condition, a question and an application stay with the office."""
    assert withdraws(text) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Diese Frage ist geklärt: Die Halle hat 400 qm.", ""),
        ("Die Sache hat sich erledigt.", ""),
        ("Wir ziehen unsere Anfrage zurück.", "Wir ziehen unsere Anfrage zurück."),
    ],
)
def test_who_was_asked_takes_back_in_plain_words_only(text: str, expected: str) -> None:
    """An answer to an office's question, that something is settled, reaches the office."""
    assert withdraws(text, asked=True) == expected
