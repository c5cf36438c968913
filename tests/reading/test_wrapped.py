"""Mails in wrappings: winmail.dat, rich text, signatures, calendars."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from mailflow.reading import read
from mailflow.reading.invitations import described
from mailflow.reading.rtf import decompressed, rtf_body
from mailflow.reading.signed import signed_content, without_armour
from mailflow.reading.tnef import unpacked

# the example of MS-OXRTFCP §4.1.1
COMPRESSED = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c0900"
    "20627705b06c647d0a800fa0"
)


def test_compressed_rich_text() -> None:
    """The example of Microsoft's own specification is unpacked as it says."""
    text = b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert decompressed(COMPRESSED) == text
    assert decompressed(struct.pack("<IIII", 16, 4, 0x414C454D, 0) + b"{abc}") == b"{abc"
    assert decompressed(b"short") is None
    assert decompressed(bytes(16)) is None


def test_rich_text_grows_no_further_than_its_limit() -> None:
    """Twenty megabytes are unpacked, what says that it becomes more is not, and none becomes more.

    A few kilobytes of "once more the same" grow nine times; nothing else that is read grows so.
    """

    def packed(becomes: int, runs: int = 1) -> bytes:
        data = b"\0abcdefgh" + b"\xff" + b"\x00\x0f" * 8 * runs
        return struct.pack("<II4sI", len(data) + 12, becomes, b"LZFu", 0) + data

    assert decompressed(packed(20_000_000)) is not None
    assert decompressed(packed(20_000_001)) is None
    assert decompressed(packed(2**32 - 1)) is None
    assert len(decompressed(packed(100)) or b"") == 100


@given(st.binary(max_size=200))
def test_compressed_rich_text_never_raises(data: bytes) -> None:
    """Any bytes may claim to be compressed rich text, or rich text."""
    decompressed(struct.pack("<II4sI", len(data) + 12, 10_000, b"LZFu", 0) + data)
    rtf_body(data)
    rtf_body(b"{\\rtf1\\fromhtml1 " + data)


def test_rich_text_as_text() -> None:
    """Paragraphs, code pages, Unicode and silent groups are read."""
    source = (
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator x;}\pard Gr\'fc\'dfe"
        rb"\par \u8222?a\u8220? \{b\}\line c\tab d}"
    )
    assert rtf_body(source) == ("Grüße\n„a“ {b}\nc\td", None)


def test_html_wrapped_in_rich_text() -> None:
    """HTML that Outlook wrapped comes out as HTML (MS-OXRTFEX)."""
    source = (
        rb"{\rtf1\ansi\ansicpg1252\fromhtml1 {\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Gr\'fc\'dfe"
        rb"\htmlrtf }\htmlrtf0 {\*\htmltag72 </p>}}"
    )
    assert rtf_body(source) == (None, "<p>Grüße</p>")


def _tnef(*objects: bytes) -> bytes:
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(objects)


def _object(level: int, name: int, kind: int, data: bytes) -> bytes:
    header = struct.pack("<BHHI", level, name, kind, len(data))
    return header + data + struct.pack("<H", sum(data) & 0xFFFF)


def test_winmail_that_is_none() -> None:
    """What cannot be unpacked is None, and the mail keeps the file and says so."""
    assert unpacked(b"no tnef") is None
    message = read(b"Content-Type: application/ms-tnef; name=winmail.dat\n\nno tnef")
    assert [each.name for each in message.attachments] == ["winmail.dat"]
    assert "winmail.dat could not be unpacked" in message.problems


def test_winmail_of_endless_objects() -> None:
    """A container of a million objects is given up before it costs anything."""
    assert unpacked(_tnef(_object(1, 0x8008, 7, b"") * 200_000)) is None


def test_winmail_of_too_many_objects_is_read_up_to_twenty_thousand() -> None:
    """What stands behind them is left, and the mail says so; what stands before them is read."""
    body, nothing = _object(1, 0x800C, 1, b"Anbei."), _object(1, 0x8008, 7, b"")
    named = _object(2, 0x9002, 6, b"") + _object(2, 0x8010, 1, b"plan.pdf")
    whole = unpacked(_tnef(body, nothing * 19_000, named))
    cut = unpacked(_tnef(body, nothing * 20_000, named))
    assert whole
    assert cut
    assert (whole.plain, [name for name, _ in whole.files]) == ("Anbei.", ["plan.pdf"])
    assert (cut.plain, cut.files) == ("Anbei.", ())
    assert not whole.problems
    assert cut.problems == ("winmail.dat has too many objects to be read whole",)


def _nested(depth: int) -> bytes:
    """Give a container with a mail in it, which has a mail in it, and so on."""
    inner = _nested(depth - 1) if depth else b""
    mail = bytes.fromhex("0703020000000000c000000000000046") + inner
    file = struct.pack("<IHHII", 1, 0x0D, 0x3701, 1, len(mail)) + mail + bytes(-len(mail) % 4)
    body = _object(1, 0x800C, 1, b"Mail %d" % depth)
    attached = _object(2, 0x9002, 6, b"") + _object(2, 0x9005, 6, file)
    return _tnef(body, attached) if depth else _tnef(body)


def test_winmail_in_winmail_is_opened_five_deep() -> None:
    """A sixth mail stays the container it is: what nests without end costs no stack."""
    opened = ["message.eml"] * 5
    for depth, left in ((5, []), (6, [_nested(0)]), (300, [_nested(294)])):
        found = unpacked(_nested(depth))
        assert found
        assert [name for name, _ in found.files] == opened + [""] * len(left)
        assert [data for _, data in found.files[5:]] == left


@given(st.binary(max_size=300))
def test_winmail_never_raises(data: bytes) -> None:
    """Any bytes may claim to be a winmail.dat."""
    unpacked(_tnef(data))
    unpacked(_tnef(_object(1, 0x9003, 6, data), _object(2, 0x9002, 6, b""), data))


@given(st.binary(max_size=300))
def test_signed_content_never_raises(data: bytes) -> None:
    """Any bytes may claim to be a signed envelope."""
    oids = bytes.fromhex("06092a864886f70d010702"), bytes.fromhex("06092a864886f70d010701")
    signed_content(data)
    signed_content(b"0\x80" + oids[0] + data[:20] + oids[1] + b"\xa0\x80" + data)


def test_armour() -> None:
    """The frame of a clear signature goes, what stands around it stays."""
    begin, middle, end = (
        "-----BEGIN PGP SIGNED MESSAGE-----",
        "-----BEGIN PGP SIGNATURE-----",
        "-----END PGP SIGNATURE-----",
    )
    text = f"before\n{begin}\nHash: SHA256\n\n- -dashed\ntext\n{middle}\nx\n{end}\nafter"
    assert without_armour(text) == "before\n-dashed\ntext\n\nafter"
    assert without_armour(f"{begin}\nno end") == f"{begin}\nno end"


CALENDAR = """BEGIN:VCALENDAR
METHOD:{method}
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20260602
SUMMARY:Begehung
ATTENDEE;PARTSTAT={answer}:mailto:a@b.example
END:VEVENT
END:VCALENDAR
"""


def test_answers_to_invitations() -> None:
    """An answer to an invitation says what was answered, a day without a time has none."""
    source = CALENDAR.format(method="REPLY", answer="DECLINED").replace("\n", "\r\n")
    lines = "Antwort auf eine Termineinladung: Begehung\nBeginn: 02.06.2026\nAntwort: abgesagt"
    assert described(source) == (lines, "")


def test_broken_calendars() -> None:
    """A calendar that is none, or too large, is named and costs nothing."""
    assert described("BEGIN:VCALENDAR\nnonsense")[1] == "calendar entry could not be read"
    assert described("BEGIN:VCALENDAR\nEND:VCALENDAR")[1] == "calendar entry without an event"
    assert described("x" * 300_000)[1] == "calendar entry too large to be read"


@given(st.text(max_size=300))
def test_calendars_never_raise(text: str) -> None:
    """Any text may claim to be a calendar."""
    described(text)
    described(CALENDAR.format(method=text, answer="ACCEPTED"))
