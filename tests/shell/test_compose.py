"""The bytes of our mails: headers, structure, tokens, attachments, and hostile input."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.compose import Sealed
from mailflow.compose.composer import AUTO_SUBMITTED
from mailflow.compose.letter import Part, as_composed, assemble, message_ids
from mailflow.compose.plain import clean_subject, one_line, person, prose
from mailflow.core.drafts import Acknowledgement, Draft, DraftKind, Enclosure, Question, Review
from mailflow.core.tracking import Role, find
from tests import samples

COMPOSER = samples.composer()
DRAFTS = samples.drafts("de")


def parsed(raw: bytes) -> EmailMessage:
    """Read a mail as the world would."""
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def compose(draft: Draft) -> Sealed:
    """Compose a draft with the samples' clock and attachments."""
    return COMPOSER.compose(draft, samples.NOW, samples.enclosed)


def body(message: EmailMessage, kind: str) -> str:
    """Give the text of the part of this subtype."""
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize("name", DRAFTS)
def test_every_mail_is_seven_bit_with_crlf_and_short_lines(name: str) -> None:
    """Nothing on the way needs 8BITMIME, and no line breaks RFC 5322 §2.1.1."""
    raw = samples.sealed(name).raw
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("name", DRAFTS)
def test_a_mail_that_came_back_is_given_as_it_left(name: str) -> None:
    """What servers on the way added is left out, every header of ours stays, to the byte."""
    raw = samples.sealed(name).raw
    trace = b"Return-Path: <>\r\nReceived: from a.intern\r\n\tby b.intern; today\r\n"
    head, end, body = raw.partition(b"\r\n\r\n")
    assert as_composed(trace + head + b"\r\nX-Spam: no" + end + body) == raw
    assert as_composed(raw.replace(b"\r\n", b"\n")) == raw


@pytest.mark.parametrize("name", DRAFTS)
def test_every_mail_says_who_what_and_about_which_ticket(name: str) -> None:
    """The contract's headers are there, and only once each."""
    sealed = samples.sealed(name)
    message = parsed(sealed.raw)
    assert message["From"] == f"Key-Account-Management Wirtschaft <{samples.CENTRAL}>"
    assert message["To"].addresses[0].addr_spec == sealed.recipient
    assert message["X-Mailflow-Kind"] == sealed.draft.kind
    assert message["X-Mailflow-Ticket"] == (sealed.draft.reference or None)
    assert message["Message-ID"] == sealed.message_id
    assert message["Subject"] == sealed.subject
    assert parsedate_to_datetime(message["Date"]) == samples.NOW
    assert len({key.lower() for key in message}) == len(message.keys())
    assert not message.defects


@pytest.mark.parametrize("name", DRAFTS)
def test_the_token_is_in_every_place_a_reply_may_keep(name: str) -> None:
    """Reply-To, Message-ID and the top of both bodies carry the leg's token and no other."""
    sealed = samples.sealed(name)
    draft, message = sealed.draft, parsed(sealed.raw)
    assert draft.role is not None
    token = samples.KEYRING.token(draft.role, draft.leg, draft.recipient)
    assert message["Reply-To"].addresses[0].addr_spec == COMPOSER.reply_address(token)
    assert find(sealed.message_id) == (token,)
    assert find(sealed.text) == (token,)
    assert find(body(message, "html")) == (token,)
    first, second, *_ = sealed.text.split("\n")
    assert first == "## Bitte oberhalb dieser Zeile antworten ##"
    assert second.endswith(token)


def test_the_subject_names_the_ticket_and_to_an_office_the_token() -> None:
    """To the company ``[REF] subject``, to an office the token beside it."""
    assert samples.sealed("question").subject == f"[{samples.REFERENCE}] {samples.SUBJECT}"
    forward = samples.sealed("forward")
    assert forward.subject == f"[{samples.REFERENCE}] {samples.SUBJECT} [{find(forward.text)[0]}]"


def test_the_token_may_be_bound_to_another_address_than_the_recipient() -> None:
    """A head of office answers on the office's leg."""
    draft = replace(DRAFTS["escalation"], bound_to=samples.OFFICE)
    (token,) = find(compose(draft).subject)
    assert samples.KEYRING.verify(token, Role.OFFICE, samples.OFFICE, samples.NOW)


def test_without_plus_addressing_the_reply_goes_to_the_central_address() -> None:
    """A mailbox without subaddresses still gets its replies, matched by the other marks."""
    composer = samples.composer(plus_addressing=False)
    sealed = samples.sealed("forward", using=composer)
    message = parsed(sealed.raw)
    assert message["Reply-To"] == samples.CENTRAL
    assert f"mailto:{samples.CENTRAL}?subject=" in body(message, "html")


def test_a_mail_nobody_answers_has_no_reply_address_and_no_marker() -> None:
    """Without a leg there is no token anywhere."""
    sealed = compose(replace(DRAFTS["alert"], role=None, leg=""))
    assert parsed(sealed.raw)["Reply-To"] is None
    assert find(sealed.raw.decode()) == ()
    assert "##" not in sealed.text


def test_composing_again_gives_the_same_bytes() -> None:
    """A mail composed after a crash is the same mail (deterministic names)."""
    assert samples.sealed("combined-answer").raw == samples.sealed("combined-answer").raw


def test_the_message_id_follows_the_names_and_nothing_else() -> None:
    """Time and words do not change the identity of a mail, its names do."""
    draft = DRAFTS["question"]
    later = COMPOSER.compose(draft, samples.NOW + timedelta(days=1), samples.enclosed)
    assert later.message_id == compose(draft).message_id
    assert compose(replace(draft, names=("other",))).message_id != later.message_id
    assert samples.KEYRING.is_ours(later.message_id, samples.NOW)


def test_automatic_mails_say_so_and_those_with_human_words_do_not() -> None:
    """RFC 3834 §5: the header stands exactly on what no person wrote."""
    for draft in DRAFTS.values():
        message = parsed(samples.sealed(next(k for k, v in DRAFTS.items() if v is draft)).raw)
        automatic = AUTO_SUBMITTED[draft.kind]
        assert message["Auto-Submitted"] == (automatic or None)
        assert (message["X-Auto-Response-Suppress"] is None) == (not automatic)
    assert set(AUTO_SUBMITTED) == set(DraftKind)


def test_only_the_acknowledgement_leaves_from_the_null_path() -> None:
    """RFC 3834 §3.3; every other mail's bounce must come back to us."""
    paths = {draft.kind: samples.sealed(name).envelope_from for name, draft in DRAFTS.items()}
    assert paths.pop(DraftKind.ACKNOWLEDGEMENT) == ""
    assert set(paths.values()) == {samples.CENTRAL}


def test_a_keyed_return_path_names_the_leg() -> None:
    """A report that quotes nothing of our mail then still says by its address what it is about."""
    keyed = samples.composer(keyed_return_path=True)
    sealed = keyed.compose(DRAFTS["forward"], samples.NOW, samples.enclosed)
    assert sealed.envelope_from == parsed(sealed.raw)["Reply-To"]
    acknowledgement = keyed.compose(DRAFTS["acknowledgement"], samples.NOW, samples.enclosed)
    assert acknowledgement.envelope_from == ""


def test_long_identifiers_stay_whole_in_references() -> None:
    """The standard library would encode ids as long as Outlook's, and threads would break."""
    long_id = f"<{'A1b2' * 40}@EUR02-AM0-obe.outbound.protection.example.com>"
    draft = replace(DRAFTS["question"], in_reply_to=long_id, references=("<a@b.example>", long_id))
    raw = compose(draft).raw
    assert f"\r\nIn-Reply-To: {long_id}\r\n".encode() in raw
    assert f"\r\nReferences: <a@b.example>\r\n {long_id}\r\n".encode() in raw


def test_what_is_no_identifier_is_left_out_of_the_thread() -> None:
    """A hostile Message-ID cannot become a header of ours."""
    hostile = "<x@y>\r\nBcc: <evil@example.org>"
    raw = compose(replace(DRAFTS["question"], in_reply_to=hostile, references=(hostile,))).raw
    assert b"evil" not in raw
    assert b"In-Reply-To" not in raw


def test_a_very_long_thread_keeps_its_first_and_last_mails() -> None:
    """References stay bounded however long the conversation."""
    ids = message_ids("<parent@x>", [f"<{n}@x>" for n in range(500)]).split()
    assert (len(ids), ids[0], ids[-1]) == (50, "<0@x>", "<parent@x>")


HOSTILE = st.text(
    alphabet=st.one_of(
        st.sampled_from('\r\n\t\0\x1b\x7f\x85\u202e\u2066\u200b\ufeff\u2028<>"\\,;:=?_@[]{}%#'),
        st.characters(),
    ),
    max_size=120,
)


@settings(max_examples=60, deadline=None)
@given(subject=HOSTILE, name=HOSTILE, text=HOSTILE)
def test_no_text_from_outside_becomes_a_header(subject: str, name: str, text: str) -> None:
    """Whatever subject, name and words hold, the headers are ours and the mail is well formed."""
    draft = replace(
        DRAFTS["question"],
        subject=subject,
        recipient_name=name,
        context=Question(name, subject, name, text),
    )
    sealed = compose(draft)
    expected = compose(DRAFTS["question"])
    message = parsed(sealed.raw)
    assert message.keys() == parsed(expected.raw).keys()
    assert message["To"].addresses[0].addr_spec == samples.COMPANY
    assert len(message["To"].addresses) == 1
    assert sealed.raw.isascii()
    assert not set(sealed.subject + sealed.text.replace("\n", "")) & set(
        "\r\0\x1b\u202e\u2066\u200b"
    )
    assert body(message, "plain").rstrip() == sealed.text.rstrip()


def test_an_encoded_word_from_outside_is_shown_and_not_decoded() -> None:
    """``=?utf-8?...`` in a subject that could not be decoded stays harmless text."""
    word = "=?utf-8?q?x=0D=0ABcc:_evil@example.org?="
    message = parsed(compose(replace(DRAFTS["question"], subject=word)).raw)
    assert message["Bcc"] is None
    assert "= ?utf-8?q?x=0D=0ABcc:_evil@example.org?=" in message["Subject"]


@pytest.mark.parametrize(
    "recipient",
    [
        "a b@example.org",
        "jörg@example.org",
        "x",
        "",
        "a@b@c",
        "<a>@x.de\r\nBcc: e@x.de",
        "@",
        "a@-ü",
    ],
)
def test_an_impossible_recipient_breaks_nothing(recipient: str) -> None:
    """A sender with a strange address does not stop the mail; the mail server refuses it."""
    sealed = compose(replace(DRAFTS["question"], recipient=recipient))
    message = parsed(sealed.raw)
    assert message["Bcc"] is None
    assert "\n" not in sealed.recipient


def test_a_domain_with_umlauts_is_written_in_ascii() -> None:
    """The envelope and the header name the same, sendable address (RFC 5891)."""
    sealed = compose(replace(DRAFTS["question"], recipient="info@müller.example"))
    assert sealed.recipient == "info@xn--mller-kva.example"
    assert parsed(sealed.raw)["To"].addresses[0].addr_spec == sealed.recipient


NAMES = [
    "Plan.pdf",
    "Übersichtsplan (Größe 3).pdf",
    'a"b\\c.pdf',
    "報告書.pdf",
    "sehr-" * 25 + "langer Name mit Ümläuten.pdf",
]


@pytest.mark.parametrize("name", NAMES)
def test_attachments_keep_name_type_and_bytes(name: str) -> None:
    """RFC 2231 names survive, also long ones; the content is byte for byte the same."""
    content = bytes(range(256)) * 40
    raw = assemble([("Subject", "x")], "text", "", [Part(name, "application/pdf", content)])
    (attachment,) = parsed(raw).iter_attachments()
    assert attachment.get_filename() == name
    assert attachment.get_content_type() == "application/pdf"
    assert attachment.get_content() == content
    assert raw.isascii()


def test_an_attachment_carries_the_office_before_its_name() -> None:
    """Two offices may each enclose a ``Merkblatt.pdf``."""
    (attachment,) = parsed(samples.sealed("combined-answer").raw).iter_attachments()
    assert attachment.get_filename() == "Bauaufsicht - Merkblatt Bauantrag.pdf"


def test_a_content_type_from_outside_cannot_open_a_part_or_a_header() -> None:
    """What is no plain type becomes application/octet-stream."""
    for claimed in ("text/plain\r\nX-Evil: 1", "multipart/mixed", "message/partial", "", "pdf"):
        raw = assemble([("Subject", "x")], "t", "", [Part("a", claimed, b"--x\r\n")])
        (attachment,) = parsed(raw).iter_attachments()
        assert attachment.get_content_type() == "application/octet-stream"
        assert b"X-Evil" not in raw


@pytest.mark.parametrize(
    ("inner", "content_type"),
    [
        (b"Subject: a\r\n\r\nplain\r\n", "message/rfc822"),
        (
            "Subject: a\nContent-Type: text/plain; charset=utf-8\n\nGrüße\n".encode(),
            "message/rfc822",
        ),
        ("Subject: a\n\nno charset: Grüße\n".encode(), "application/octet-stream"),
        (b"Subject: a\n\n" + b"x" * 2000 + b"\n", "application/octet-stream"),
        (b"Subject: a\n\nnul \0 byte\n", "application/octet-stream"),
    ],
)
def test_an_enclosed_mail_stays_a_mail_where_it_can(inner: bytes, content_type: str) -> None:
    """message/rfc822 allows no encoding (RFC 2046 §5.2.1): encoded anew inside, or a file."""
    raw = assemble([("Subject", "x")], "t", "", [Part("a.eml", "message/rfc822", inner)])
    (attachment,) = parsed(raw).iter_attachments()
    assert attachment.get_content_type() == content_type
    assert raw.isascii()
    if content_type == "message/rfc822":
        assert attachment.get_content()["Subject"] == "a"
    else:
        assert attachment.get_content() == inner


def test_a_boundary_never_occurs_inside_a_part() -> None:
    """An enclosed mail of the same headers cannot end our part."""
    headers = [("Subject", "x")]
    inner = assemble(headers, "t", "<p>t</p>", [Part("a", "application/pdf", b"1")])
    raw = assemble(headers, "t", "<p>t</p>", [Part("a.eml", "message/rfc822", inner)])
    (attachment,) = parsed(raw).iter_attachments()
    assert attachment.get_content_type() == "message/rfc822"


def test_a_review_encloses_the_mail_that_goes_out_without_the_companys_token() -> None:
    """The manager sees every word, and none of the company's secret."""
    review, held = samples.sealed("review"), samples.sealed("combined-answer")
    (company_token,) = find(held.text)
    attachment = next(parsed(review.raw).iter_attachments())
    copy = attachment.get_content()
    words = held.text.partition("\n\n")[2]
    assert body(copy, "plain").rstrip() == words.rstrip()
    assert company_token not in str(copy)
    assert company_token not in review.raw.decode()
    context = review.draft.context
    assert isinstance(context, Review)
    assert context.preview.replace(">", "").split() == words.replace(">", "").split()


def test_a_review_without_its_mail_is_still_composed() -> None:
    """When the held mail is not at hand, the manager is asked all the same."""
    assert samples.REFERENCE in compose(DRAFTS["review"]).text


@pytest.mark.parametrize(
    ("subject", "cleaned"),
    [
        ("AW: Re: WG: Halle", "Halle"),
        ("Re[2]: [KAM-7K3Q-9F2M] Halle", "Halle"),
        ("Halle [aacf5qxaxbv7.75nmy5pdi2ouqlkm]", "Halle"),
        ("Reise: Regeln", "Reise: Regeln"),
        ("a\r\nBcc: x", "a Bcc: x"),
        ("x" * 500, "x" * 149 + "…"),
    ],
)
def test_subjects_lose_prefixes_and_our_own_tags(subject: str, cleaned: str) -> None:
    """The tag is put on anew each time and never piles up."""
    assert clean_subject(subject, "KAM-7K3Q-9F2M", find(subject)) == cleaned


@pytest.mark.parametrize(
    ("name", "addressed"),
    [
        ("Sabine Muster", "Sabine Muster"),
        ("Muster, Sabine", "Sabine Muster"),
        ("'Jürgen Öz'", "Jürgen Öz"),
        ("", ""),
        ("info@firma.example", ""),
        ("Muster Logistik GmbH", ""),
        ("Muster, Dr., Sabine", ""),
        ("Win now www.example.org", ""),
        ("click example.org", ""),
        ("x" * 80, ""),
        ("Agnes Agerer", "Agnes Agerer"),
        ("Info", ""),
        ("Team Vertrieb", ""),
        ("Hausmeister", ""),
        ("Geschäftsführung", ""),
        ("laden", ""),
        ("sabine muster", "sabine muster"),
        ("Sabine Post", "Sabine Post"),
        ("Dr. Karl-Heinz von der Lippe-Muster", "Dr. Karl-Heinz von der Lippe-Muster"),
        ("d'Angelo, Chiara", "Chiara d'Angelo"),
        ("Łukasz Żak", "Łukasz Żak"),
        ("王小明", "王小明"),
        ("أحمد الرشيد", "أحمد الرشيد"),
        ("Herr Dr. Klaus Gewinner, bitte 4711 anrufen", ""),
        ("Herr Gewinner bitte anrufen", ""),
        ("rufen sie jetzt an", ""),
        ("Sie Haben Heute Noch Etwas Zu Gewinnen", ""),
        ("Ihr Konto ist gesperrt!", ""),
    ],
)
def test_only_a_persons_name_is_greeted(name: str, addressed: str) -> None:
    """A salutation carries no company, no mailbox's function, no address, no advertisement."""
    assert person(name) == addressed


@pytest.mark.parametrize(("kind", "told"), [("acknowledgement", False), ("question", True)])
def test_no_acknowledgement_delivers_a_strangers_words(kind: str, told: bool) -> None:
    """What stands for a name beside a forged address reaches its owner in no automatic mail."""
    name = "Dr. Klaus Gewinner, bitte 4711 anrufen"
    draft = DRAFTS[kind]
    assert isinstance(draft.context, Acknowledgement | Question)
    context = replace(draft.context, contact_name=name)
    raw = compose(replace(draft, recipient_name=name, context=context)).raw
    assert (b"4711" in raw) is told


@given(st.text())
def test_one_line_is_one_printable_line(text: str) -> None:
    """Whatever goes in, one short line without controls comes out."""
    line = one_line(text, 80)
    assert len(line) <= 80
    assert line == " ".join(line.split())
    assert "\x1b" not in line


def test_terminal_escapes_are_taken_out_of_prose() -> None:
    """Colours and cursor moves of a mail never reach the manager's terminal."""
    assert prose("a\x1b[31mred\x1b[0m\x1b]0;t\x07\r\nb\rc\u2028d") == "ared0;t\nb\nc\nd"


def test_characters_that_reorder_or_hide_text_are_taken_out() -> None:
    """``gpj.exe`` cannot be shown as ``exe.jpg``, and nothing invisible is passed on."""
    hidden = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f\u061c"
    hidden += "\ufeff\u2060\U000e0041\ud800\x00\x08\x7f\x9b"
    assert prose(f"a{hidden}b") == "ab"
    assert prose("👩\u200d🔧 ja\tnein") == "👩\u200d🔧 ja\tnein"


def test_the_enclosures_bytes_are_asked_for_by_enclosure() -> None:
    """Composing reads nothing itself: content and type come from the caller."""
    asked: list[Enclosure] = []

    def enclosed(enclosure: Enclosure) -> tuple[str, bytes]:
        asked.append(enclosure)
        return "text/plain", b"x"

    COMPOSER.compose(DRAFTS["forward"], samples.NOW, enclosed)
    assert tuple(asked) == DRAFTS["forward"].enclosures
