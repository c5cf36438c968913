"""What an office meant for itself reaches no company: files, threads, crossed-out words.

Each was found by somebody who tried to break the product.
"""

import email.policy
import struct
import time
from email.message import EmailMessage

import pytest

from mailflow.core.attachments import is_mail, names_internal
from mailflow.core.quoted import holds_thread
from mailflow.reading.quotes import new_text
from tests.flow.city import (
    ONE_OFFICE,
    City,
    body_of,
    digest_of,
    forward_to,
    letter,
    of_kind,
    parse,
    reply_to,
)

BAU = "bauaufsicht@stadt.example.org"
SECRET = "Die Firma ist fast pleite"
ANSWER = "Guten Tag,\n\ndie Genehmigung kommt im Juni.\n\nMit freundlichen Grüßen\nB. Bau\n"


def _forward(town: City) -> EmailMessage:
    return forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)


def _with_files(forward: EmailMessage, text: str, *files: tuple[str, str, bytes]) -> bytes:
    """Answer a forward with files."""
    reply = EmailMessage(policy=email.policy.SMTP)
    for name in ("From", "To", "Subject"):
        reply[name] = str(forward[{"From": "To", "To": "Reply-To"}.get(name, name)])
    reply["Message-ID"] = "<files@office.example>"
    reply.set_content(text)
    for name, content_type, content in files:
        main, _, sub = content_type.partition("/")
        reply.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return reply.as_bytes()


def _files_of(mails: list[EmailMessage]) -> list[str | None]:
    return [each.get_filename() for mail in mails for each in mail.iter_attachments()]


def _object(level: int, name: int, data: bytes) -> bytes:
    head = struct.pack("<BHHI", level, name, 6, len(data))
    return head + data + struct.pack("<H", sum(data) & 0xFFFF)


def _property(name: int, kind: int, value: bytes) -> bytes:
    padded = value + b"\0" * (-len(value) % 4)
    return struct.pack("<HHII", kind, name, 1, len(value)) + padded


def _text(name: int, value: str) -> bytes:
    return _property(name, 0x1F, f"{value}\0".encode("utf-16-le"))


def _winmail(text: str, subject: str, inner: str) -> bytes:
    """Write a winmail.dat with a text and an attached mail, as Outlook does."""
    start, one = b"\x78\x9f\x3e\x22\x01\x00", struct.pack("<I", 1)
    interface = bytes.fromhex("0703020000000000c000000000000046")
    mail = start + _object(1, 0x9003, one + _text(0x1000, inner))
    file = struct.pack("<I", 2) + _text(0x3001, subject) + _property(0x3701, 0x0D, interface + mail)
    body = _object(1, 0x9003, one + _text(0x1000, text))
    return start + body + _object(2, 0x9002, bytes(14)) + _object(2, 0x9005, file)


# --- files -------------------------------------------------------------------------------------

CARD = f"BEGIN:VCARD\r\nFN:Petra Maier\r\nEMAIL:{BAU}\r\nTEL:+49 541 323\r\nEND:VCARD\r\n".encode()
HUNG_ON = (
    ("Maier, Petra.vcf", "text/x-vcard", CARD),
    ("smime.p7s", "application/pkcs7-signature", b"\x30\x82" + BAU.encode()),
    ("OpenPGP_0x123.asc", "application/pgp-keys", b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n"),
    ("signature.asc", "application/octet-stream", b"-----BEGIN PGP SIGNATURE-----\n"),
)
PLAN = "Plan.pdf", "application/pdf", f"%PDF {BAU}".encode()


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (ANSWER, "combined-answer"),
        ("Rückfrage\nBitte füllen Sie das Formular aus.", "question"),
        ("Zwischennachricht\nbis 18.12.2026, ein Plan liegt bei.", "interim"),
    ],
)
def test_what_mail_programs_hang_on_goes_to_no_company(town: City, words: str, kind: str) -> None:
    """Cards, keys and signatures bear the office's own address; the plan beside them goes."""
    (mail,) = town.deliver(_with_files(_forward(town), words, *HUNG_ON, PLAN))
    assert mail["X-Mailflow-Kind"] == kind
    assert _files_of([mail]) == ["Plan.pdf"]
    assert "Plan.pdf" in body_of(mail)
    assert not any(name in body_of(mail) for name, _, _ in HUNG_ON)


def test_the_signature_of_a_signed_mail_goes_to_no_company(town: City) -> None:
    """An ordinary signed mail (RFC 8551) is answered without its signature."""
    reply = parse(_with_files(_forward(town), ANSWER, HUNG_ON[1]))
    reply.set_param("protocol", "application/pkcs7-signature")
    signed = reply.as_bytes().replace(b"multipart/mixed", b"multipart/signed")
    (mail,) = town.deliver(signed)
    assert _files_of([mail]) == []
    assert "Juni" in body_of(mail)


def test_a_surveyor_s_grid_is_not_taken_for_a_key(town: City) -> None:
    """What is called like a key and is none waits, by name, instead of being left out."""
    grid = "dgm1.asc", "text/plain", b"ncols 100\nnrows 100\n"
    assert town.deliver(_with_files(_forward(town), ANSWER, grid)) == []
    assert "dgm1.asc" in town.ticket().holds[0].text


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("Merkblatt.txt", "text/plain", f"Verteiler: {BAU.upper()}, umweltamt@stadt.example.org"),
        ("Liste.csv", "application/octet-stream", f"Name;Mail\nMaier;{BAU}\n"),
        ("Termin.ics", "text/calendar", f"BEGIN:VCALENDAR\nORGANIZER:mailto:{BAU}\nEND:VCALENDAR"),
    ],
)
@pytest.mark.parametrize("charset", ["utf-8", "utf-16"])
def test_a_plain_file_with_an_internal_address_waits(
    town: City, name: str, kind: str, text: str, charset: str
) -> None:
    """The text is cleaned of such addresses, a file is not: the manager sees its name first."""
    file = name, kind, text.encode(charset)
    assert town.deliver(_with_files(_forward(town), ANSWER, file)) == []
    (hold,) = town.ticket().holds
    assert hold.reason == "attachment"
    assert name in hold.text
    order = f"{town.ticket().reference} freigeben bauaufsicht"
    sent = town.deliver(reply_to(digest_of(town), order))
    assert _files_of(of_kind(sent, "combined-answer")) == [name]


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("Merkblatt.txt", "text/plain", "Fragen an buergerservice@stadt.example.org"),
        ("Termin.ics", "text/calendar", "BEGIN:VCALENDAR\nSUMMARY:Ortstermin\nEND:VCALENDAR"),
        ("Plan.pdf", "application/pdf", f"%PDF {BAU}"),
    ],
)
def test_an_ordinary_file_waits_for_nobody(town: City, name: str, kind: str, text: str) -> None:
    """What names no address that the text would be cleaned of goes, and so does any PDF."""
    (mail,) = town.deliver(_with_files(_forward(town), ANSWER, (name, kind, text.encode())))
    assert _files_of([mail]) == [name]


def test_a_mail_of_which_nothing_would_go_out_is_not_released(town: City) -> None:
    """A signature alone is no answer either when the manager lets it go."""
    assert town.deliver(_with_files(_forward(town), "", HUNG_ON[1])) == []
    order = f"{town.ticket().reference} freigeben bauaufsicht"
    sent = town.deliver(reply_to(digest_of(town), order))
    assert of_kind(sent, "combined-answer") == []


def test_a_mail_inside_winmail_dat_waits(town: City) -> None:
    """A colleague's mail that Outlook packed into its own format is a mail, and no text file."""
    data = _winmail("Die Genehmigung kommt im Juni.", "AW: Firma Muster", SECRET)
    file = "winmail.dat", "application/ms-tnef", data
    assert town.deliver(_with_files(_forward(town), "Die Genehmigung kommt im Juni.", file)) == []
    (hold,) = town.ticket().holds
    assert hold.reason == "attachment"
    assert "AW_ Firma Muster.eml" in hold.text


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("AW Muster", "application/vnd.ms-outlook"),
        ("Vorlage.oft", "application/octet-stream"),
        ("Verlauf.mbox", "application/octet-stream"),
        ("Verlauf", "application/mbox"),
        ("17.emlx", "application/octet-stream"),
        ("AW.eml.txt", "text/plain"),
        ("Postfach.pst", "application/octet-stream"),
        ("winmail.dat", "application/ms-tnef"),
    ],
)
def test_mails_are_known_by_every_name_and_type(name: str, content_type: str) -> None:
    """What a mail program opens as a mail is one, whatever else its name says."""
    assert is_mail(name, content_type)


@pytest.mark.parametrize(
    ("name", "internal"),
    [
        ("Vermerk INTERN - nicht an Firma.pdf", True),
        ("Vermerk_intern.pdf", True),
        ("Interne_Stellungnahme.docx", True),
        ("Aktenvermerk_2026-11-23.pdf", True),
        ("nicht-weitergeben.pdf", True),
        ("Vertraulich.pdf", True),
        ("Lageplan.pdf", False),
        ("Betriebsinterne Wege.pdf", False),
        ("Plan interne Erschließung.pdf", False),
        ("Internetauftritt.pdf", False),
        ("Vertraulichkeitserklärung.pdf", False),
        ("2026-11-24_Stellungnahme.pdf", False),
        ("Entwurf.pdf", False),
        ("Lageplan_Entwurf.pdf", False),
        ("Vermerk.pdf", False),
        ("Antwortvorschlag.docx", False),
    ],
)
def test_file_names_that_say_internal(name: str, *, internal: bool) -> None:
    """The word in a file's name counts as it would in the text; a plan's own words do not."""
    assert names_internal(name) == internal


def test_a_file_named_internal_waits(town: City) -> None:
    """The manager sees the name before the file goes out, and may let it go."""
    file = "Vermerk INTERN - nicht an Firma.pdf", "application/pdf", b"%PDF"
    assert town.deliver(_with_files(_forward(town), ANSWER, file)) == []
    (hold,) = town.ticket().holds
    assert hold.reason == "attachment"
    assert "Vermerk INTERN" in hold.text


def test_a_file_with_an_everyday_name_goes_out(town: City) -> None:
    """A plan beside an answer is enclosed."""
    file = "Lageplan.pdf", "application/pdf", b"%PDF"
    out = town.deliver(_with_files(_forward(town), ANSWER, file))
    assert "Lageplan.pdf" in _files_of(of_kind(out, "combined-answer"))


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "utf-16-be", "utf-32"])
def test_a_token_in_a_text_file_waits(town: City, charset: str) -> None:
    """Our forward saved as text, in whatever letters Windows writes, holds the office's token."""
    forward = _forward(town)
    file = "Verlauf.txt", "text/plain", body_of(forward).encode(charset)
    assert town.deliver(_with_files(forward, "Siehe Anlage.", file)) == []
    assert [hold.reason for hold in town.ticket().holds] == ["quotes"]


# --- threads -----------------------------------------------------------------------------------

NOTES = "Karl Meier/Umwelt/Stadt\n23.11.2026 10:11\n\nAn\nBerta Bau/Bau/Stadt@Stadt\n"
PREVIEW = "Karl Meier---23.11.2026 10:11:12---Hallo Berta, das ist so"


@pytest.mark.parametrize(
    "head",
    [
        f"{NOTES}Kopie\n\nThema\nAntwort: Muster\n",
        "Karl Meier\n23.11.2026 10:11\nAn:     Berta Bau\nKopie:\nThema:  Muster\n",
        f"{PREVIEW}\n\nVon:\tKarl Meier/Umwelt\nAn:\tBerta Bau\nDatum:\t23.11.2026 10:11\n",
        f"Inactive hide details for {PREVIEW}\n",
        "-----Ursprünglicher Termin-----\n",
        "---Ursprüngl. Nachricht---\n",
        "-----Original Appointment-----\n",
    ],
)
def test_quotes_of_notes_and_outlook_are_trimmed(head: str) -> None:
    """What these programs alone write begins a quote: the rest is a colleague's."""
    trimmed = new_text(f"{ANSWER}\n\n{head}\n{SECRET}.\n\nGruß Karl\n", None, subject="AW: x")
    assert trimmed.text == ANSWER.strip()


@pytest.mark.parametrize(
    "head",
    [
        "[10:11] Meier, Karl\n",
        "[23.11.26, 10:11:12] Karl Meier: ",
        "Meier, Karl  10:11\n",
        "Herr Meier schrieb am 23.11.:\n",
        "Karl Meier schreibt:\n",
        "Das Umweltamt schrieb am 23.11.:\n",
        "Herr Meier schreibt zu § 3:\n",
        "Am 23.11.2026 um 10:11 schrieb Karl Meier\n",
        "Notiz von meierk (23.11.2026 10:11):\n",
        "Telefonat mit Meier, 23.11.: ",
        "+++ Karl Meier 23.11. +++\n",
        "______________________________\nKarl Meier, Umweltamt, 23.11.2026\n",
        "---------- Weitergeleitet von Berta Bau/Bau am 24.11.2026 09:00 ----------\n\n",
        "Von: Meier, Karl\nAm: Montag, 23. November 2026 10:11\n\n",
        "Hallo Frau Kluge,\n\nanbei unsere Antwort an die Firma. ",
    ],
)
def test_a_colleagues_words_wait(town: City, head: str) -> None:
    """Where others' words may begin in no program's way, the manager sees them first."""
    text = f"{ANSWER}\n\n{head}{SECRET}.\n"
    assert town.deliver(reply_to(_forward(town), text, quote=False)) == []
    assert [hold.reason for hold in town.ticket().holds] == ["quotes"]


def test_a_note_to_the_manager_above_the_letter_waits(town: City) -> None:
    """Two letters in one mail are two readers', and only one of them is the company."""
    text = f"Hallo Frau Kluge,\n\nanbei der Text. {SECRET}.\n\nViele Grüße\nB. Bau\n\n{ANSWER}"
    assert town.deliver(reply_to(_forward(town), text, quote=False)) == []
    assert [hold.reason for hold in town.ticket().holds] == ["quotes"]


@pytest.mark.parametrize(
    "text",
    [
        ANSWER,
        "Sehr geehrte Frau Muster,\nsehr geehrter Herr Probe,\n\nJuni.\n\nViele Grüße\nBau\n",
        "Guten Tag,\n\n§ 6 BauO schreibt folgende Abstände vor:\n- 3 m zur Grenze\n",
        "Sie schrieben am 23.11.:\n> wie ist der Stand\n\nIm Juni.\n",
        "Nachtzeit:\nBeginn Nachtzeit 22:00\nEnde Nachtzeit 06:00\n\nTermin: Dienstag, 10:00 Uhr\n",
        "Wie im Telefonat mit Ihnen besprochen: der Antrag genügt.\n",
        "Bauamt, Zimmer 12, 24.11.2026\n\nGuten Tag,\n\nim Juni.\n",
        "Der Brandschutz ist zu wahren. § 3 der Bauordnung schreibt dazu:\nAbstände ...\n",
        "Der Bebauungsplan schreibt dazu:\nzwei Geschosse.\n",
        "Rücksprache mit der Feuerwehr: keine Einwände.\n",
        "Gespräch mit dem Brandschutz am 3.12.: bitte bringen Sie den Lageplan mit.\n",
        "Unsere Sprechzeiten:\nMontag, Dienstag 08:30\nDo, Fr 14:00\n",
        "Frau Muster schrieb uns am 3.11., dass die Halle leer steht:\ndann genügt der Antrag.\n",
        "Sehr geehrte Frau Muster,\n\nvielen Dank für Ihre Anfrage.\n\nGuten Tag,\n\nim Juni.\n",
    ],
)
def test_plain_answers_hold_no_thread(text: str) -> None:
    """Greetings, laws, times and calls with the company are everyday words."""
    assert not holds_thread(text, "wie ist der Stand\nSabine Muster")


def test_threads_are_looked_for_in_linear_time() -> None:
    """Hostile lines cost no more than their length."""
    start = time.perf_counter()
    for piece in (
        "schrieb ",
        "A" * 90 + " schrieb ",
        "[10:11] ",
        "+++ 1.1. ",
        "-" * 90 + "\n",
        "9---1",
    ):
        holds_thread(piece * (200_000 // len(piece)), "")
        new_text(piece * (200_000 // len(piece)), None)
    assert time.perf_counter() - start < 20


# --- HTML --------------------------------------------------------------------------------------


def _in_html(forward: EmailMessage, html: str, plain: str = "") -> bytes:
    """Answer a forward in HTML, with or without plain text beside it."""
    reply = EmailMessage(policy=email.policy.SMTP)
    for name in ("From", "To", "Subject"):
        reply[name] = str(forward[{"From": "To", "To": "Reply-To"}.get(name, name)])
    reply["Message-ID"] = "<html@office.example>"
    if plain:
        reply.set_content(plain)
        reply.add_alternative(f"<html><body>{html}</body></html>", subtype="html")
    else:
        reply.set_content(f"<html><body>{html}</body></html>", subtype="html")
    return reply.as_bytes()


@pytest.mark.parametrize("plain", ["", f"Im Juni. {SECRET}"])
@pytest.mark.parametrize(
    "struck",
    [
        f"<del>{SECRET}</del>",
        f"<s>{SECRET}</s>",
        f"<strike>{SECRET}</strike>",
        f'<span style="text-decoration: line-through">{SECRET}</span>',
        f'<span style="color:red;text-decoration-line:underline line-through">{SECRET}</span>',
    ],
)
def test_struck_out_words_stay(town: City, struck: str, plain: str) -> None:
    """What its author took back is not read, also where plain text beside it does not say so."""
    (answer,) = town.deliver(_in_html(_forward(town), f"<p>Im Juni. {struck}</p>", plain))
    assert "Im Juni." in body_of(answer)
    assert SECRET not in body_of(answer)


@pytest.mark.parametrize("label", ["Intern", "<b>nur intern</b>", "Vertraulich"])
def test_an_internal_row_of_a_table_waits(town: City, label: str) -> None:
    """A table's first cell is the heading of its row."""
    rows = f"<tr><td>Extern</td><td>Juni.</td></tr><tr><td>{label}</td><td>{SECRET}</td></tr>"
    assert town.deliver(_in_html(_forward(town), f"<table>{rows}</table>")) == []
    assert town.ticket().holds


@pytest.mark.parametrize("cell", ["{}", "<p>{}</p>"])
@pytest.mark.parametrize(
    "heading", ["intern", "<b>Intern</b>", "Verwaltungsintern", "Vertraulich", "Vermerk für KAM"]
)
def test_an_internal_column_of_a_table_waits(town: City, heading: str, cell: str) -> None:
    """A cell of any column may be the heading of those below it, and no company reads them."""
    rows = [("Frage", "Antwort", heading), ("Stand", "Die Genehmigung kommt im Juni.", SECRET)]
    cells = ("".join(f"<td>{cell.format(each)}</td>" for each in row) for row in rows)
    table = "".join(f"<tr>{row}</tr>" for row in cells)
    assert town.deliver(_in_html(_forward(town), f"<p>Anbei:</p><table>{table}</table>")) == []
    assert town.ticket().holds


def test_words_beside_no_internal_heading_stay_as_they_were(town: City) -> None:
    """Everyday tables go out."""
    rows = "<tr><td>Gebühr</td><td>120 Euro</td></tr><tr><td>Internet</td><td>ja</td></tr>"
    (answer,) = town.deliver(_in_html(_forward(town), f"<table>{rows}</table>"))
    assert {"Gebühr  120 Euro", "Internet  ja"} <= set(body_of(answer).splitlines())


def test_a_name_without_a_closing_reaches_no_company(town: City) -> None:
    """Who wrote an office's answer, and with which telephone, is not sent on with it."""
    said = "Keine Bedenken, das Grundstück liegt in keiner Wasserschutzzone."
    text = f"{said}\n\nHolger Brandt\nBauaufsicht\nVon meinem iPhone gesendet\n"
    reply = reply_to(_forward(town), text, sender=f"Holger Brandt <{BAU}>")
    (answer,) = of_kind(town.deliver(reply), "combined-answer")
    assert said in body_of(answer)
    assert "Brandt" not in body_of(answer)
    assert "iPhone" not in body_of(answer)


@pytest.mark.parametrize(
    "below",
    [
        "Vertraulich",
        "VS-NfD",
        "Noch Entwurf",
        "Interner Vermerk",
        "Zwischennachricht",
        "Vorbehaltlich Freigabe Dezernat",
        "Bauaufsicht\nTelefon 0221 1234\nIntern",
    ],
)
def test_a_remark_below_the_name_keeps_the_mail_in_the_house(town: City, below: str) -> None:
    """One word under the name speaks of all above it, and is no part of the signature."""
    text = f"Der Rat will die Fläche verkaufen.\n\nHolger Brandt\n{below}\n"
    reply = reply_to(_forward(town), text, sender=f"Holger Brandt <{BAU}>")
    assert of_kind(town.deliver(reply), "combined-answer") == []
    assert town.ticket().holds
