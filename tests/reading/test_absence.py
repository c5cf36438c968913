"""Absence notes: the last day absent, and who is a person all the same."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.reading.absence import absent_until, looks_like_absence

RECEIVED = date(2026, 5, 21)  # a Thursday

NOTES = [
    ("Montag bis Mittwoch erreichbar, sonst außer Haus.", None),
    ("Ich bin im Urlaub. Bis zum 30.05.!", "2026-05-30"),
    ("In KW 22 und 23 nicht im Haus", "2026-06-07"),
    ("Ich bin bis zum Ende des Jahres in Elternzeit.", "2026-12-31"),
    ("İzindeyim, 2 Haziran'da döneceğim", "2026-06-01"),
    ("Wracam do biura 2 czerwca, jestem na urlopie.", "2026-06-01"),
    ("Ich bin bis einschließlich 30. Mai nicht im Büro.", "2026-05-30"),
    (("Ich bin bis zum 30.05.2026 im Urlaub und ab 1. Juni wieder erreichbar."), "2026-05-30"),
    ("Ich bin vom 18.05. bis 29.05. nicht im Hause.", "2026-05-29"),
    (
        (
            "Ich bin vom 18. Mai bis einschl. 29. Mai 2026 abwesend. Ab dem 1. Juni "
            "2026 bin ich wieder für Sie da."
        ),
        "2026-05-29",
    ),
    ("Ich bin erst am 02.06.2026 wieder im Büro.", "2026-06-01"),
    (
        ("Ich bin derzeit nicht im Büro. Sie erreichen mich wieder ab Dienstag, den 26. Mai."),
        "2026-05-25",
    ),
    ("Wegen Urlaubs bin ich ab dem 8. Juni wieder erreichbar.", "2026-06-07"),
    ("Ich befinde mich bis zum 12.6. in Elternzeit.", "2026-06-12"),
    ("bis 12.6 abwesend", "2026-06-12"),
    ("Ich bin bis Ende Mai nicht erreichbar.", "2026-05-31"),
    ("Ich bin bis Ende der Woche krank.", "2026-05-22"),
    ("Ich bin heute nicht im Büro.", "2026-05-21"),
    ("Ich bin bis Freitag nicht im Büro.", "2026-05-22"),
    ("Ich bin ab Montag wieder im Büro.", "2026-05-24"),
    ("Ich bin morgen wieder im Büro.", None),
    ("Ich bin ab morgen wieder im Büro.", "2026-05-21"),
    ("Ich bin nächste Woche wieder erreichbar.", None),
    (
        (
            "In der Zeit vom 20.05.2026 – 05.06.2026 bin ich nicht im Dienst. Ihre "
            "E-Mail wird nicht weitergeleitet."
        ),
        "2026-06-05",
    ),
    (
        ("Ich bin in den Kalenderwochen 21 und 22 nicht im Haus, ab KW 23 bin ich wieder da."),
        "2026-05-31",
    ),
    ("Ich bin bis einschließlich KW 22 im Urlaub.", "2026-05-31"),
    ("Das Büro ist vom 23.12. bis 02.01. geschlossen.", "2027-01-02"),
    ("I am out of the office until 29 May.", "2026-05-29"),
    ("I will be out of office from May 18 to May 29 and back on June 1.", "2026-05-29"),
    ("I am on annual leave returning on Monday 1 June 2026.", "2026-05-31"),
    ("I am currently out of the office and will return on June 2nd.", "2026-06-01"),
    (
        (
            "I'm away until Monday, June 1st, 2026. For urgent matters, please "
            "contact desk@x.example."
        ),
        "2026-06-01",
    ),
    ("Out of office through 5/29/2026.", "2026-05-29"),
    (
        (
            "Ik ben afwezig tot en met 29 mei. Voor dringende zaken kunt u contact "
            "opnemen met balie@x.example."
        ),
        "2026-05-29",
    ),
    ("Ik ben op vakantie en op 1 juni weer aanwezig.", "2026-05-31"),
    (
        (
            "30 Mayıs'a kadar izinde olacağım. Acil durumlarda lütfen info@x.example "
            "ile iletişime geçin."
        ),
        "2026-05-30",
    ),
    ("18 Mayıs - 29 Mayıs tarihleri arasında ofiste olmayacağım.", "2026-05-29"),
    (
        (
            "Je suis absent du 18 au 29 mai inclus. En cas d'urgence, veuillez "
            "contacter x@y.example."
        ),
        "2026-05-29",
    ),
    ("Je suis absente jusqu'au 29 mai 2026. De retour le 1er juin.", "2026-05-29"),
    (
        (
            "Jestem na urlopie do 29 maja włącznie. W pilnych sprawach proszę o "
            "kontakt z biuro@x.example."
        ),
        "2026-05-29",
    ),
    ("Przebywam na urlopie, wracam 1 czerwca.", "2026-05-31"),
    (("Vielen Dank für Ihre Nachricht. Ich bin bis auf Weiteres nicht im Dienst."), None),
    (
        (
            "Sehr geehrte Damen und Herren,\nich bin bis voraussichtlich 05.06. nicht "
            "im Haus.\nIn dringenden Fällen wenden Sie sich bitte an meine "
            "Vertretung, Frau Probe (probe@stadt.example.org, Tel. 0203 1234).\nMit "
            "freundlichen Grüßen\nP. Beispiel"
        ),
        "2026-06-05",
    ),
    (
        (
            "Ich bin bis zum 7. Juni 2026 nicht zu erreichen. Anträge für das Fest "
            "am 20. Juni bitte bis 10. Juni an fest@stadt.example.org."
        ),
        "2026-06-07",
    ),
    ("Ich habe Urlaub vom 11.05.26 bis zum 29.05.26.", "2026-05-29"),
    ("Ich bin bis Montag, 1. Juni 2026, 8:00 Uhr nicht im Büro.", "2026-06-01"),
    ("Mein Postfach wird bis 31.5. nicht gelesen.", "2026-05-31"),
    ("Abwesend bis 30.05.", "2026-05-30"),
    ("Ich bin zurück am 02. Juni 2026.", "2026-06-01"),
    ("Rückkehr: 02.06.2026", "2026-06-01"),
    ("Ich bin noch bis Donnerstag, 28.05.2026 auf Dienstreise", "2026-05-28"),
    ("Ich bin am 21. und 22. Mai nicht im Büro.", "2026-05-22"),
    ("Ich bin am 22.05.2026 nicht im Dienst.", "2026-05-22"),
    ("Ich bin bis September in Elternzeit.", "2026-09-30"),
    ("Ich bin ab dem 18.05.2026 für drei Wochen im Urlaub.", None),
    ("In KW 21 bis 23 bin ich nicht im Haus.", "2026-06-07"),
    ("Ich bin in KW 21/22 nicht da.", "2026-05-31"),
    ("Ich bin bis Ende KW 22 nicht erreichbar.", "2026-05-31"),
    ("Ich bin ab der 23. Kalenderwoche wieder erreichbar.", "2026-05-31"),
    ("Ich bin heute außer Haus und morgen wieder erreichbar.", "2026-05-21"),
    ("Ich bin diese Woche nicht im Büro.", "2026-05-24"),
    ("Die ganze nächste Woche bin ich noch im Urlaub.", "2026-05-31"),
    ("Mein letzter Urlaubstag ist der 05.06.2026.", "2026-06-05"),
    ("Ich bin im Urlaub. Mein erster Arbeitstag ist der 08.06.2026.", "2026-06-07"),
    ("Ich bin zwischen dem 18.05. und dem 05.06.2026 nicht im Büro.", "2026-06-05"),
    ("Ich bin im Urlaub. Wieder erreichbar am: 08.06.2026", "2026-06-07"),
    ("Derzeit abwesend. Wieder im Büro: Montag, 08.06.2026", "2026-06-07"),
    ("Abwesend vom: 18.05.2026 bis: 05.06.2026", "2026-06-05"),
    ("Montag, 8. Juni, bin ich wieder im Büro.", "2026-06-07"),
    ("I am out of office, returning June 8.", "2026-06-07"),
    ("We are closed from May 18 through June 5.", "2026-06-05"),
    ("Out of the office starting 18.05.2026. I will not return until 08.06.2026.", "2026-06-07"),
    ("My last day of leave is 5 June 2026.", "2026-06-05"),
    ("I am on leave between 18 May and 5 June.", "2026-06-05"),
    ("Ik ben met verlof. Maandag 8 juni ben ik weer op kantoor.", "2026-06-07"),
    ("Ik ben afwezig tussen 18 mei en 5 juni.", "2026-06-05"),
    ("İzindeyim. 8 Haziran Pazartesi günü ofiste olacağım.", "2026-06-07"),
    ("18 Mayıs ile 5 Haziran arasında ofis dışındayım.", "2026-06-05"),
    ("Actuellement absent, je serai de retour lundi 8 juin.", "2026-06-07"),
    ("Le bureau est fermé du 24 décembre au 2 janvier.", "2027-01-02"),
    ("W dniach 18.05-05.06.2026 jestem nieobecny.", "2026-06-05"),
    ("Urlaubsbedingt kann ich Ihre E-Mail erst ab dem 08.06.2026 beantworten.", "2026-06-07"),
    ("Ich bin abwesend und kann erst nach dem 05.06.2026 antworten.", "2026-06-05"),
    ("Ich habe bis einschließlich kommenden Freitag Urlaub.", "2026-05-22"),
    ("Nächster Arbeitstag: 26.05.2026. Ich bin nicht im Büro.", "2026-05-25"),
    ("Ich werde am 2. Juni ins Büro zurückkehren.", "2026-06-01"),
    ("Mein Urlaub endet am 29.05.2026.", "2026-05-29"),
    ("Ich bin vom 20.05. mittags bis 22.05. nicht erreichbar.", "2026-05-22"),
    ("I will be out of the office from 05/18/2026 to 06/05/2026.", "2026-06-05"),
    ("I am out on PTO until Tuesday, May 26th.", "2026-05-26"),
    ("Our office is closed and will reopen on June 8.", "2026-06-07"),
    ("Jestem na urlopie. Wracam do pracy w poniedziałek 8 czerwca.", "2026-06-07"),
]
NO_END = "Ich bin bis auf Weiteres nicht im Dienst."


@pytest.mark.parametrize(("note", "until"), NOTES)
def test_last_day_absent(note: str, until: str | None) -> None:
    """The last day absent is read from what notes say, with years and weeks near the mail's day."""
    expected = date.fromisoformat(until) if until else None
    assert absent_until(note, "Abwesenheitsnotiz", RECEIVED) == expected


@pytest.mark.parametrize(
    ("received", "until"),
    [
        (date(2026, 12, 21), date(2027, 1, 4)),
        (date(2027, 1, 3), date(2027, 1, 4)),
        (date(2026, 1, 2), date(2026, 1, 4)),
    ],
)
def test_year_of_return_is_the_next_one(received: date, until: date) -> None:
    """A day without year is the first one to come, across the turn of the year too."""
    assert absent_until("Ab 05.01. bin ich wieder im Büro.", "Abwesend", received) == until


@pytest.mark.parametrize(
    "text",
    [
        "Ihre Anfrage ist bei uns eingegangen und wird unter der Nummer 4711 bearbeitet.",
        "Der Antrag ist vollständig, der Bescheid folgt bis 30. Mai.",
        "",
    ],
)
def test_other_mails_are_no_absence(text: str) -> None:
    """A mail in which nobody is away gives no absence, whatever dates it names."""
    assert absent_until(text, "AW: Halle 4", RECEIVED) is None


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        (
            (
                "Vielen Dank für Ihre Nachricht. Ich bin derzeit nicht im Büro und ab "
                "Montag wieder erreichbar."
            ),
            "AW: Halle",
        ),
        ("Ich bin bis 30. Mai im Urlaub. Ihre Mail wird nicht weitergeleitet.", "Re: Halle"),
        (
            (
                "Thank you for your email. I am out of the office until 29 May. For "
                "urgent matters please contact x@y.example."
            ),
            "Re: hall",
        ),
        ("vom 3.–14.8. im Urlaub. Vertretung: Frau Probe, Tel. -4321.", "Abwesend: Halle 4"),
        ("Bis auf Weiteres erkrankt. Das Postfach wird nicht gelesen.", "Automatische Antwort: x"),
        ("Danke für Ihre E-Mail. Ich bin ab dem 1. Juni wieder für Sie da.", "AW: Halle"),
        ("Vielen Dank für Ihre E-Mail. Unser Büro ist bis 29.05. geschlossen.", "AW: Halle"),
        ("Thank you for your message. Our office is closed until 29 May.", "Re: hall"),
        ("Merci pour votre message. Je serai de retour lundi.", "Re: halle"),
        ("Ich bin nicht im Haus.", "Erika Beispiel/Amt32/Stadt ist außer Haus"),
        (
            (
                "Vielen Dank für Ihre E-Mail. Unser Betrieb hat vom 18.05. bis 29.05. "
                "Betriebsferien. Ihre Nachricht wird danach bearbeitet."
            ),
            "Betriebsferien",
        ),
    ],
)
def test_notes_without_headers(text: str, subject: str) -> None:
    """A mail that only says what notes say is one, though no header says so."""
    assert looks_like_absence(text, subject)


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Ich bin bis 30. Mai im Urlaub. Der Antrag ist aber vollständig.", "AW: Halle"),
        ("Bin im Urlaub, Antwort ab Montag. Gruß M", "AW: Halle"),
        (
            (
                "Guten Tag,\n\nich bin bis 30. Mai im Urlaub und kann erst danach "
                "antworten.\n\nGruß\nB"
            ),
            "AW: Halle",
        ),
        (
            (
                "Unser Werk ist vom 1. bis 14. August geschlossen. Bitte planen Sie die "
                "Sperrung danach."
            ),
            "Betriebsferien",
        ),
        (
            (
                "Wir haben Betriebsferien vom 1.-14.8. Brauchen wir für den Baukran in "
                "dieser Zeit eine Genehmigung?"
            ),
            "Kran",
        ),
        (
            (
                "Ich bin ab 1. Juni in Elternzeit, meine Nachfolgerin ist Frau Probe. "
                "Bitte ändern Sie die Ansprechpartnerin für unseren Vorgang."
            ),
            "Ansprechpartnerin",
        ),
        (
            "Ich bin eigentlich bis 30. Mai im Urlaub, aber kurz: Der Antrag ist vollständig.",
            "AW: Halle 4",
        ),
        ("Danke für den Hinweis, dann schicke ich es an die Vertretung.", "AW: Abwesend: Halle 4"),
        (
            (
                "Guten Tag,\n\nab Montag bin ich drei Wochen nicht da, klären wir das vorher: "
                "Passt Ihnen Freitag 10 Uhr?"
            ),
            "Terminvorschlag",
        ),
        (
            (
                "Guten Tag,\n\nich antworte in Vertretung von Frau Probe, die bis 29.05. nicht im "
                "Haus ist: Die Zone wird eingerichtet."
            ),
            "AW: Halle 4",
        ),
        (
            (
                "Frau Probe ist bis 29.05. im Urlaub. In ihrer Vertretung teile ich mit: "
                "Die Zone ist genehmigt."
            ),
            "AW: Halle 4",
        ),
        (
            (
                "Vielen Dank für Ihre Nachricht. Herr Kern ist bis Freitag nicht im Haus, "
                "ich frage ihn dann."
            ),
            "AW: Halle 4",
        ),
        ("Bin bis Montag im Urlaub, melde mich dann.", "AW: Halle 4"),
        ("Danke für Ihre Mail. Ich rufe Sie am Montag zurück.", "AW: Halle 4"),
        ("Vielen Dank für Ihre Nachricht. Den Plan schicke ich bis Freitag zurück.", "AW: Halle 4"),
        ("Vielen Dank für Ihre Nachricht. Wir kommen bis Freitag auf Sie zurück.", "AW: Halle 4"),
        ("Vielen Dank für Ihre E-Mail. Die Straße ist bis 29.05. geschlossen.", "AW: Halle 4"),
        ("Thank you for your message. I will get back to you by Friday.", "Re: hall"),
        ("Thank you for your email. The road is closed until 29 May.", "Re: hall"),
        ("Bedankt voor uw bericht. De weg is gesloten tot 29 mei.", "Re: hal"),
        ("Merci pour votre message. La rue est fermée jusqu'au 29 mai.", "Re: halle"),
        ("Dziękuję za wiadomość. Ulica jest zamknięta do 29 maja.", "Odp: hala"),
        ("Mesajınız için teşekkürler. Yol 29 Mayıs'a kadar kapalıdır.", "Ynt: salon"),
        ("Nieobecność dokumentu to problem. Proszę o kontakt do 29 maja.", "Odp: hala"),
        ("Der Antrag ist vollständig.", "AW: Halle 4"),
        ("", ""),
    ],
)
def test_persons_are_persons(text: str, subject: str) -> None:
    """Who answers from a holiday, announces one or speaks of one is a person."""
    assert not looks_like_absence(text, subject)


DATED_NOTES = [
    (
        "Vielen Dank für Ihre E-Mail. Ich bin bis 04.12.2026 nicht erreichbar. Ihre Mail wird "
        "nicht weitergeleitet. In dringenden Fällen wenden Sie sich bitte an Frau Kern."
    ),
    (
        "Vielen Dank für Ihre E-Mail. Ich bin vom 23.11. bis 04.12.2026 nicht erreichbar. In "
        "dringenden Fällen wenden Sie sich bitte an Frau Kern (0228 12345)."
    ),
    (
        "Guten Tag,\n\nderzeit bin ich nicht am Arbeitsplatz. Ab dem 07.12.2026 stehe ich "
        "Ihnen wieder zur Verfügung.\n\nMit freundlichen Grüßen\nPetra Grün"
    ),
    (
        "Guten Tag, vielen Dank für Ihre Nachricht. Ab dem 07.12.2026 stehe ich Ihnen wieder "
        "gerne zur Verfügung."
    ),
    (
        "Ich bin vom 23. November bis einschl. 4. Dezember 2026 nicht zu erreichen. Eine "
        "Weiterleitung Ihrer E-Mail erfolgt nicht."
    ),
    (
        "Sehr geehrte Damen und Herren,\n\nich bin bis Fr. 04.12. nicht verfügbar. Ihre "
        "E-Mail wird nicht weitergeleitet.\n\nMit freundlichen Grüßen\ni. A. Petra "
        "Grün\nBauaufsicht"
    ),
    (
        "Ich habe bis zum 04.12.2026 keinen Zugriff auf mein Postfach. In dringenden Fällen: "
        "Frau Kern, Tel. 12 34."
    ),
    (
        "Ich bin am 04.12. nicht erreichbar. Ihre Nachricht wird nicht gelesen. Ich bitte um "
        "Ihr Verständnis."
    ),
    (
        "Vielen Dank für Ihre E-Mail. Wir sind vom 24.12. bis 02.01. nicht erreichbar. Ab "
        "4.1. stehen wir Ihnen wieder zur Verfügung."
    ),
    (
        "Thank you for your message. I am not available until 4.12.2026. In urgent cases "
        "please contact Ms Kern."
    ),
]
DATED_ANSWERS = [
    (
        "Ja, genehmigt. Ich bin bis 04.12.2026 nicht erreichbar. In dringenden Fällen wenden "
        "Sie sich an Frau Kern."
    ),
    (
        "Genehmigt. Ich bin bis Freitag nicht erreichbar. In dringenden Fällen wenden Sie "
        "sich an Frau Kern."
    ),
    (
        "Die Gebühr beträgt 120 Euro. Ich bin bis 04.12.2026 nicht erreichbar, wenden Sie "
        "sich sonst an Frau Kern."
    ),
    (
        "Das kostet 120 Euro. Ich bin bis 04.12. nicht erreichbar. In dringenden Fällen "
        "wenden Sie sich an Frau Kern."
    ),
    "Der Stellplatz steht ab 07.12.2026 wieder zur Verfügung. Vielen Dank für Ihre Nachricht.",
    "Der Saal ist bis 04.12.2026 geschlossen. Ab dem 07.12.2026 steht er wieder zur Verfügung.",
    "Die Frist läuft bis 04.12.2026. Danach bin ich nicht erreichbar.",
    (
        "Vielen Dank für Ihre Anfrage. Die Stellplätze sind ab 07.12. wieder verfügbar. Bei "
        "Rückfragen stehe ich gern zur Verfügung."
    ),
    "Vielen Dank für Ihre Anfrage. Herr Kern ist bis 04.12. nicht im Haus. Er meldet sich danach.",
    (
        "Vielen Dank für Ihre E-Mail. Die Strecke ist vom 23.11. bis 04.12. gesperrt. Für "
        "Fragen stehen wir wieder zur Verfügung."
    ),
    "Vielen Dank für Ihre Nachricht. Der Bescheid ist ab 07.12.2026 bei uns im Rathaus abholbar.",
]


@pytest.mark.parametrize("text", DATED_NOTES)
def test_the_dots_of_a_date_hide_no_note(text: str) -> None:
    """Neither "04.12.2026" nor "einschl." ends the sentence that says who is away."""
    assert looks_like_absence(text, "AW: Halle 4")


@pytest.mark.parametrize("text", DATED_ANSWERS)
def test_an_answer_beside_an_absence_is_a_person_s(text: str) -> None:
    """A sentence that answers, however short, makes a person of whoever is away."""
    assert not looks_like_absence(text, "AW: Halle 4")


@given(
    st.lists(
        st.sampled_from(
            [note for note, _ in NOTES] + ["bis ", "ab ", "KW 99", "31.02.", "99.99.9999", "a@b.de"]
        ),
        max_size=6,
    ).map(" ".join)
    | st.text(),
    st.text(max_size=20),
    st.dates(),
)
def test_any_note_can_be_read(text: str, subject: str, received: date) -> None:
    """No text, no subject and no day raise."""
    absent_until(text, subject, received)
    looks_like_absence(text, subject)
