"""A receipt is known by all its sentences; one that says more makes it something else."""

import pytest

from mailflow.core.receipts import says_no_more

SAYS_NO_MORE = [
    "Vielen Dank für Ihre Nachricht.",
    "Wird bearbeitet.",
    "Vielen Dank für Ihre Anfrage. Wir haben ein Ticket erstellt und melden uns bald.",
    "Vielen Dank für Ihre Nachricht. Wir kümmern uns schnellstmöglich um Ihr Anliegen.",
    "Wir bestätigen den Eingang Ihrer E-Mail vom 12.11.2026 und melden uns in Kürze.",
    "Ihre Anfrage wurde an die zuständige Fachabteilung weitergeleitet. Sie erhalten eine Antwort.",
    "Danke für Ihre Mail, wir melden uns. Eine Antwort folgt in Kürze.",
    "Die Vorgangsnummer zu Ihrer Anfrage lautet 4711. Status: In Bearbeitung",
    "Wir haben Ihre E-Mail vom 3. März erhalten. Sie erreichen uns bis 12 Uhr unter 0541 4711.",
    (
        "Ihre E-Mail ist bei uns eingegangen. Die Bearbeitung kann einige Tage dauern. Dies ist "
        "eine automatisch generierte E-Mail. Bitte antworten Sie nicht auf diese E-Mail."
    ),
    "Ihre Anfrage ist eingegangen.\nÖffnungszeiten: Mo-Do 8:00-16:00 Uhr, Fr 8-12 Uhr",
    "Ihre Anfrage wird bearbeitet.\n\nMit freundlichen Grüßen\nPetra Grün\nAmt für Bauordnung",
    "Ticketnummer: 4711\nIhre Anfrage wurde erfasst. Für Bauanträge nutzen Sie das Serviceportal.",
    "Wir haben Ihre Nachricht erhalten: Stand der Nutzungsänderung in Halle 4.",
    "Ihre Mail mit dem Betreff „Halle 4“ ist eingegangen und wird an das Team weitergeleitet.",
    "Your request has been received and logged as ticket 4711.",
]


@pytest.mark.parametrize("text", SAYS_NO_MORE)
def test_what_only_says_that_something_arrived_says_no_more(text: str) -> None:
    """Thanks, arrival, a number, that somebody looks after it, hours and who signs."""
    assert says_no_more(text)


SAYS_MORE = [
    "",
    "Nein.",
    "Vielen Dank für Ihre Nachricht und ja.",
    "Ihre Meldung wurde erfasst.",
    "Aktenzeichen: 63-4711",
    "Es hat die Nummer 4711.",
    "Vielen Dank für Ihre Nachricht. Für Bauanträge nutzen Sie bitte das Serviceportal der Stadt.",
    "Wir haben Ihre Nachricht erhalten: Ja.",
    "Wir haben Ihre Nachricht erhalten: Ablehnung der Nutzungsänderung.",
    "Wir haben Ihre Nachricht erhalten: 350 Euro.",
    "Wir haben Ihre Anfrage erhalten: Mischgebiet.",
    "Ihre Anfrage ist eingegangen: Außenbereich.",
    "Ihre Anfrage ist eingegangen: Antrag genehmigt.",
    "Wir haben Ihre Nachricht erhalten: die Nutzungsänderung ist zulässig.",
    "In Bearbeitung.",
    "Wir haben Ihre Anfrage erhalten. Der Bebauungsplan lässt Gewerbe zu.",
    "Wir haben Ihre Nachricht erhalten. Bitte beachten Sie die Auflage zur Nummer 4: kein Lager.",
    "Ihre Anfrage ist eingegangen. Bitte beachten Sie, dass die Halle an der Grenze steht.",
    "Ihre Anfrage ist unvollständig bei uns eingegangen.",
    "Ihre Anfrage wird bearbeitet. Die Bearbeitung wird bis Mitte Januar dauern.",
    "Ihre Anfrage wurde weitergeleitet.",
    "Ihre Anfrage wurde an das Umweltamt weitergeleitet.",
    "Vielen Dank für Ihre Anfrage. Wir melden uns bis Freitag.",
    "Wir werden Ihr Anliegen erst nach Zahlung bearbeiten.",
    "Ihr Antrag ist am 3. Mai eingegangen.",
    "Ihre Anfrage wurde geprüft: zulässig.",
    "Ihr Ticket wurde geschlossen.",
    "Ihre Anfrage ist eingegangen. Öffnungszeiten: nur werktags 6-22 Uhr",
    "Ihre Anfrage wird bearbeitet.\n\nMit freundlichen Grüßen\nPetra Grün\n\nPS: Gebühr 350 Euro.",
    "Ihre Anfrage wird bearbeitet.\n\nMit freundlichen Grüßen\nPetra Grün\n\nUnter Auflagen",
]


@pytest.mark.parametrize("text", SAYS_MORE)
def test_one_sentence_that_no_receipt_has_says_more(text: str) -> None:
    """A verdict, a day, a condition, a postscript, or what thanks alone introduce."""
    assert not says_no_more(text)
