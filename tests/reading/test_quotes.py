"""What an author newly wrote: every mail in ``tests/mail/replies`` is one mail program's way.

``NAME.txt`` beside ``NAME.eml`` holds the text expected; where there is none it is
``expected.txt``, the one answer most of these mails carry.
"""

import email
import email.policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailflow.reading.quotes import NewText, new_text

FOLDER = Path(__file__).parent.parent / "mail" / "replies"
ANSWER = (FOLDER / "expected.txt").read_text("utf-8").strip("\n")


def _body(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body(preferencelist=(kind,))
    return None if part is None else str(part.get_content())


def _read(path: Path) -> NewText:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    subject = str(message["subject"])
    return new_text(_body(message, "plain"), _body(message, "html"), subject=subject)


def _squeezed(text: str) -> list[str]:
    """Give a text's lines without the blank ones, which HTML does not define."""
    return [line.strip() for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.eml")), ids=lambda path: path.stem)
def test_new_text_of_every_mail_program(path: Path) -> None:
    """Of each mail exactly what its author wrote remains, whatever program quoted the rest."""
    beside = path.with_suffix(".txt")
    expected = beside.read_text("utf-8").strip("\n") if beside.exists() else ANSWER
    found = _read(path).text
    if path.stem.startswith(("html", "both")):
        assert _squeezed(found) == _squeezed(expected)
    else:
        assert found == expected


@pytest.mark.parametrize(
    "name", ["kept-answers-below", "kept-answers-below-greeting", "kept-all-quoted"]
)
def test_doubt_is_named(name: str) -> None:
    """Where everything was kept because the answers may stand below, ``problems`` says so."""
    assert "everything was kept" in " ".join(_read(FOLDER / f"{name}.eml").problems)


@pytest.mark.parametrize("name", ["nothing-written", "nothing-written-quoted"])
def test_nothing_written_is_named(name: str) -> None:
    """A mail that only quotes has no new text, and ``problems`` says so."""
    assert "nothing was written" in " ".join(_read(FOLDER / f"{name}.eml").problems)


def test_plain_wording_is_preferred() -> None:
    """Where both bodies say the same, the plain one's line breaks are the author's."""
    html = (
        "<p>Ja, <b>vollständig</b>.</p><div class=gmail_quote><blockquote>Frage</blockquote></div>"
    )
    plain = "Ja,\nvollständig.\n\nAm 20.05.2026 um 09:14 schrieb KAM <a@b.example>:\n> Frage"
    assert new_text(plain, html).text == "Ja,\nvollständig."


def test_html_that_lost_words_is_not_believed() -> None:
    """An HTML body whose new part is empty does not take the plain body's words away."""
    html = "Am 20.05.2026 um 09:14 schrieb KAM:<blockquote type=cite>Frage</blockquote>"
    assert new_text("Ja, vollständig.", html, subject="AW: y").text == "Ja, vollständig."


def test_html_tells_what_the_plain_text_does_not() -> None:
    """Where only the HTML marks the quote, the quote goes."""
    html = "<p>Ja.</p><div id=divRplyFwdMsg>Wer auch immer</div><p>Frage</p>"
    assert new_text("Ja.\n\nWer auch immer\n\nFrage", html, subject="AW: y").text == "Ja."


@pytest.mark.parametrize(
    "element",
    [
        "<div id=divRplyFwdMsg>",
        "<div id=x_x_divRplyFwdMsg>",
        "<div id=appendonsend></div><div>",
        "<div id=mail-editor-reference-message-container>",
        "<div class=ms-outlook-mobile-reference-message>",
        "<div class=OutlookMessageHeader>",
        "<div name=quote>",
        "<div class=yahoo_quoted>",
        "<div class=protonmail_quote>",
        "<div class=zmail_extra>",
        "<div class=tutanota_quote>",
        "<hr id=stopSpelling><div>",
        "<hr id=zwchr><div>",
        "<blockquote type=cite>",
        "<div class=moz-cite-prefix>Iu skribis:</div><blockquote>",
        "<div class=gmail_quote><div class=gmail_attr>Iu skribis:</div><blockquote>",
        "<p id=reply-intro>Iu skribis:</p><blockquote>",
        (
            "<div style='border-top:solid #E1E1E1 1pt'>"
            "<b>El:</b> K <b>Je:</b> 20.5. 09:14 <b>Al:</b> B</div><div>"
        ),
    ],
)
def test_structure_in_an_unknown_language(element: str) -> None:
    """Each mail program's own HTML marks its quote, whatever the language of the words."""
    assert (
        new_text(None, f"<p>Jes.</p>{element}Demando de la firmao", subject="Re: y").text == "Jes."
    )


def test_nothing_gives_nothing() -> None:
    """A mail without bodies has no new text and no problem."""
    assert new_text(None, None) == NewText("")


@pytest.mark.parametrize(
    "answer", ["ja", "Nein.", "Hello", "👍", "OK – 12.05. um 10:00", "siehe Anlage"]
)
def test_a_word_is_an_answer(answer: str) -> None:
    """The shortest answers stay above a quoted mail."""
    head = "Von: KAM <a@b.example>\nGesendet: Mittwoch, 20. Mai 2026 09:14\nAn: x\nBetreff: y"
    quoted = f"{head}\n\nFrage?"
    assert new_text(f"{answer}\n\n{quoted}", None, subject="AW: y").text == answer


@pytest.mark.parametrize(
    "marker",
    [
        "## Bitte oberhalb dieser Zeile antworten ##",
        "##Bitte oberhalb dieser Zeile antworten##",
        "> ## Bitte oberhalb dieser\n> Zeile antworten ##",
        "# Bitte oberhalb dieser Zeile antworten #",
        "*## Please reply above this line ##*",
        "## Bitte oberhalb dieser Zeile antworten · KAM-7K3Q-9F2M ·\naatr.pv4v ##",
        "Bitte oberhalb dieser Zeile antworten",
        "\\#\\# Bitte oberhalb dieser Zeile antworten \\#\\#",
        "| ## Bitte oberhalb dieser Zeile antworten ##",
        "##- Bitte oberhalb dieser Zeile antworten -##",
        "• [## Bitte oberhalb dieser Zeile antworten ##]",
        "&#35;&#35; Bitte oberhalb dieser Zeile antworten &#35;&#35;",
        "KAM-7K3Q-9F2M · abcdefghijkl.abcdefghijklmnop",
        "KAM-7K3Q-9F2M Â· abcdefghijkl.abcdefghijklmnop",
    ],
)
def test_marker_however_mangled(marker: str) -> None:
    """Our own marker ends the new text, rewrapped, quoted or without its hashes."""
    assert new_text(f"Ja.\n\n{marker}\n> Frage?", None, subject="AW: y").text == "Ja."


@pytest.mark.parametrize(
    "tail",
    [
        "Von meinem iPhone gesendet",
        "Gesendet von Mail für Windows 10",
        "Holen Sie sich Outlook für iOS<https://aka.example/x>",
        "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
        "Gesendet mit der GMX Mail App",
        "Sent from my Verizon Wireless BlackBerry",
        "Get Outlook for Android<https://aka.example/x>",
        "Verstuurd vanaf mijn iPhone",
        "iPhone'umdan gönderildi",
        "Envoyé de mon iPhone",
        "Wysłane z iPhone'a",
        "Diese E-Mail ist vertraulich. Sind Sie nicht der Adressat, vernichten Sie sie bitte.",
        "This email is confidential. If you are not the intended recipient, please delete it.",
        "Bitte denken Sie an die Umwelt, bevor Sie diese E-Mail drucken.",
        "-- \nP. Beispiel\nTel. 0203 000-1234",
        "Outlook für Android<https://aka.example/x> herunterladen",
        "Outlook für iOS<https://aka.example/x> beziehen",
        "Outlook voor iOS<https://aka.example/x> downloaden",
        "Téléchargez Outlook pour iOS<https://aka.example/x>",
        "Pobierz aplikację Outlook dla systemu iOS<https://aka.example/x>",
        "Android için Outlook<https://aka.example/x> uygulamasını edinin",
        "Gesendet von Mail.de",
        "Versendet von meinem iPhone",
        "Sent from Yahoo Mail for iPhone",
        "Get BlueMail for Android",
        "Muss diese E-Mail wirklich ausgedruckt werden?",
        "Think before you print.",
    ],
)
def test_tails_go(tail: str) -> None:
    """Mobile tails, disclaimers and signatures go, in every language of the table."""
    assert new_text(f"Der Antrag ist vollständig.\n\n{tail}", None).text == (
        "Der Antrag ist vollständig."
    )


@pytest.mark.parametrize(
    "line", ["Gesendet mit der Hauspost: zwei Pläne", "Gesendet von uns: der Bescheid"]
)
def test_what_an_office_sent_is_no_telephones_line(line: str) -> None:
    """A list of what goes by post is no device."""
    text = f"Der Antrag ist vollständig.\n\n{line}"
    assert new_text(text, None).text == text


@pytest.mark.parametrize(
    "notice",
    [
        (
            "Elektronische Post an die Stadt: Der Zugang für elektronisch signierte und "
            "verschlüsselte Dokumente ist nur über die Adresse post@stadt.example eröffnet."
        ),
        (
            "Informationen zur Verarbeitung Ihrer personenbezogenen Daten nach Art. 13 DSGVO "
            "finden Sie unter www.stadt.example.org/datenschutz."
        ),
        (
            "Haftungsausschluss: Der Inhalt dieser E-Mail ist nur rechtsverbindlich, wenn er "
            "schriftlich bestätigt wird."
        ),
        (
            "Die Stadt verarbeitet personenbezogene Daten. Hinweise: www.stadt.example.org\n"
            "Bitte prüfen Sie, ob diese Mail wirklich ausgedruckt werden muss!"
        ),
    ],
)
def test_notices_go_below_a_closing_only(notice: str) -> None:
    """A legal notice goes with the address above it; where no letter ended it is the answer."""
    letter = "Ja.\n\nMit freundlichen Grüßen\nP. Beispiel"
    signed = f"{letter}\n\nStadt Duisburg\nTel. 0203 000-1234\n\n{notice}"
    assert new_text(signed, None).text == letter
    assert new_text(f"Guten Tag,\n\n{notice}", None).text.endswith(notice.rsplit(maxsplit=1)[-1])


@pytest.mark.parametrize(
    "words",
    [
        "Bitte behandeln Sie diese Nachricht vertraulich, Empfänger des Plans ist nur Frau Probe.",
        "Informationen zum Datenschutz finden Sie in unserer Satzung, § 4.",
        "Gesendet mit der Post am 3. Mai.",
    ],
)
def test_sentences_like_tails_stay(words: str) -> None:
    """An author's last sentence stays, though it has the words of a notice or a mobile tail."""
    text = f"Guten Tag,\n\nder Plan ist da.\n\n{words}"
    assert new_text(text, None).text == text


def test_rules_in_an_address_do_not_save_it() -> None:
    """An address between two rules goes like one without."""
    text = "Ja.\n\nMit freundlichen Grüßen\n\nP. Beispiel"
    address = "**********\nStadt Duisburg\nBauordnung\nTel. 0203 000-1234\n**********"
    assert new_text(f"{text}\n{address}", None).text == text


@pytest.mark.parametrize(
    "hint",
    [
        "ich habe die Fragen in Ihrer Mail rot beantwortet.",
        "unsere Antworten haben wir direkt hinter die Fragen geschrieben.",
        "meine Antworten habe ich unten eingefügt.",
        "please find my responses below each question.",
        "mijn antwoorden staan hieronder.",
    ],
)
def test_answers_announced_below_are_kept(hint: str) -> None:
    """Whoever says that his answers stand in the quoted mail keeps them, however he says it."""
    head = "Von: KAM <a@b.example>\nGesendet: Mittwoch, 20. Mai 2026 09:14\nAn: x\nBetreff: y"
    text = f"Guten Tag,\n\n{hint}\n\n{head}\n\nGeht das?\nJa, ab 1. Juli."
    assert "Ja, ab 1. Juli." in new_text(text, None, subject="AW: y").text


@pytest.mark.parametrize("answer", ["Ja.", ""])
def test_marker_inside_a_line(answer: str) -> None:
    """Where a program made one line of the whole mail, the marker in it still ends the answer."""
    marker = "## Bitte oberhalb dieser Zeile antworten ## KAM-7K3Q-9F2M Guten Tag, Frage? "
    text = f"Guten Tag, ab Juli.\n\n{answer} {marker * 20}"
    expected = f"Guten Tag, ab Juli.\n\n{answer}".strip()
    assert new_text(text, None, subject="AW: y").text == expected


def test_answers_typed_into_the_quote_are_kept() -> None:
    """Whoever says that he answered inside the quote keeps it, though no word stands below it."""
    quote = "<blockquote type=cite><p>Geht das?</p><p><b>Ja, ab 1. Juli.</b></p></blockquote>"
    found = new_text(None, f"<p>Antworten in Fett im Text.</p>{quote}", subject="AW: y")
    assert "Ja, ab 1. Juli." in found.text
    assert found.kept_all
    assert new_text(None, f"<p>Danke für die Antwort.</p>{quote}", subject="AW: y").text == (
        "Danke für die Antwort."
    )


def test_mobile_tail_in_html() -> None:
    """HTML has no blank line above a mobile tail; a sentence above it is enough."""
    html = "<div>Ja, ab 1. Juli.</div><div>Gesendet mit <a href='https://x.example'>Proton Mail</a>"
    assert new_text(None, f"{html} sicherer E-Mail.</div>").text == "Ja, ab 1. Juli."


def test_indented_html_is_no_quote() -> None:
    """What an author indented with his program's button is his; what a line marks is quoted."""
    indented = "<p>Die Satzung sagt:</p><blockquote style='margin: 0 0 0 40px; border: none'>§ 4"
    assert "§ 4" in new_text(None, f"<p>Nein.</p>{indented}</blockquote>", subject="AW: y").text
    lined = "<blockquote style='margin-left:40px;border-left:2px solid #000'>Frage"
    assert new_text(None, f"<p>Nein.</p>{lined}</blockquote>", subject="AW: y").text == "Nein."


def test_closing_and_name_stay_and_address_goes() -> None:
    """The greeting's name is the author's; the address below it is the signature's."""
    text = "Ja.\n\nMit freundlichen Grüßen\nIm Auftrag\nP. Beispiel"
    address = "Amt für Bauordnung, Zimmer 214\nTelefon 0203 000-1234\nwww.stadt.example.org"
    assert new_text(f"{text}\n{address}", None).text == text


@pytest.mark.parametrize(
    "said",
    [
        "Gebühr: 450 Euro\nFällig am 15.12.2026\nTel. 0203 283-1234",
        "Das gilt nicht für die Halle 5\nTel. 0203 283-1234",
        "Bauordnung\nTel. 0203 283-1234\n\nMit Auflagen",
        "Bauordnung\nTel. 0203 283-1234\nHalbseitig",
        "Bauordnung\nTel. 0203 283-1234\n\nWv. 3 Monate, dann Kontrolle ohne Ankündigung",
        "Bauordnung\nTel. 0203 283-1234\nNur Zimmer 12",
        "nur werktags bis 22 Uhr\nwww.stadt.example.org",
    ],
)
def test_what_is_said_above_a_telephone_number_stays(said: str) -> None:
    """One line of contact below the name makes no address of a fee, a day or a condition."""
    letter = f"Ja, das ist möglich.\n\nMit freundlichen Grüßen\nPetra Maier\n\n{said}"
    assert new_text(letter, None, subject="AW: x").text == letter
