"""From bytes to text: charsets, transfer encodings, uuencode, flowed text, safe names."""

import base64
import binascii
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.reading.charsets import clean, decode, usable_charset
from mailflow.reading.flowed import unflowed
from mailflow.reading.names import safe_name, suffix_for
from mailflow.reading.transfer import decoded_body, without_uuencode


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        ("Grüße".encode(), "utf-8", "Grüße"),
        ("Grüße".encode("latin-1"), "iso-8859-1", "Grüße"),
        ("„Grüße“".encode("cp1252"), "iso-8859-1", "„Grüße“"),
        ("Grüße".encode("latin-1"), "", "Grüße"),
        ("Grüße".encode("latin-1"), "us-ascii", "Grüße"),
        ("Grüße".encode("latin-1"), "utf-8", "Grüße"),
        ("Grüße".encode(), "us-ascii", "Grüße"),
        ("Grüße".encode(), "latin1", "Grüße"),
        ("Größe".encode() + b"\xdf", "utf-8", "Größeß"),
        ("щит".encode("koi8-r"), "KOI8-R", "щит"),
        ("日本".encode("iso2022_jp"), "ISO-2022-JP", "日本"),
        ("日本".encode("cp932"), "Shift_JIS", "日本"),
        ("한국".encode("cp949"), "ks_c_5601-1987", "한국"),
        ("ığş".encode("cp1254"), "iso-8859-9", "ığş"),
        ("Grüße".encode("utf-16"), "utf-16", "Grüße"),
        (b"\xef\xbb\xbfTag", "utf-8", "Tag"),
        (b"Tag", "idna", "Tag"),
        (b"Tag", "unicode_escape", "Tag"),
        (b"Tag", "base64", "Tag"),
        (b"Tag", "nul\0", "Tag"),
    ],
)
def test_charsets(data: bytes, declared: str, text: str) -> None:
    """The declared charset, then UTF-8, then Windows-1252; a codec that is no charset is none."""
    assert decode(data, declared)[0] == text


def test_wrong_charsets_are_named() -> None:
    """What was wrong with a charset is said, what was right is not."""
    assert decode(b"a", "x-unknown")[1] == "unknown charset 'x-unknown'"
    assert decode(b"\xfc", "")[1] == "8-bit text without a charset"
    assert decode(b"\xfc", "utf-8")[1] == "text is not valid utf-8"
    assert decode("ä".encode(), "iso-8859-1")[1] == "UTF-8 labelled iso-8859-1"
    assert decode("ä".encode(), "utf-8")[1] == ""
    assert usable_charset("punycode") == ""


@pytest.mark.parametrize("label", ["zlib", "zip", "zlib_codec", "bz2", "bz2_codec", "uu", "hex"])
def test_no_charset_unpacks(label: str) -> None:
    """Python counts zlib and bz2 among its codecs: named as a charset they could be a bomb."""
    assert usable_charset(label) == ""


@given(st.binary(max_size=300), st.text(max_size=30))
def test_decoding_never_raises(data: bytes, declared: str) -> None:
    """Any bytes under any label become text that can be written out again."""
    clean(decode(data, declared)[0]).encode()
    for charset in ("utf-7", "utf-16", "iso-2022-jp", "gb2312", "big5", "hz"):
        decode(data, charset)[0].encode()


@given(st.text(st.characters(codec="cp1252")))
def test_short_german_is_never_guessed_away(text: str) -> None:
    """Windows-1252 text without a label is read as such, unless it happens to be UTF-8."""
    data = text.encode("cp1252")
    try:
        data.decode()
    except UnicodeDecodeError:
        is_mixture = any(len(part) > 1 and not part.isascii() for part in text.split())
        assert is_mixture or decode(data)[0] == text


def test_controls_are_removed() -> None:
    """Control characters go, line ends become line feeds, tabs stay."""
    assert clean("a\0b\x1b[31m\tc\r\nd\re\x85f") == "ab[31m\tc\nd\ne\nf"


@given(st.binary(max_size=500))
def test_base64_round_trip(data: bytes) -> None:
    """Encoded bytes come back, with or without line ends and padding."""
    encoded = base64.encodebytes(data)
    assert decoded_body(encoded, "base64") == (data, "")
    assert decoded_body(encoded.replace(b"\n", b"\r\n"), " BASE64 ") == (data, "")
    assert decoded_body(encoded.rstrip(b"=\n"), "base64")[0] == data


@given(st.binary(max_size=300))
def test_transfer_decoding_never_raises(data: bytes) -> None:
    """Any bytes may claim to be in any encoding."""
    for encoding in ("base64", "quoted-printable", "x-uuencode", "8bit", "x-new", ""):
        decoded_body(data, encoding)


def test_other_encodings() -> None:
    """Quoted-printable is undone, pieces of base64 are joined, unknown encodings are named."""
    text = "Größe = 1\n".encode()
    assert decoded_body(quopri.encodestring(text), "quoted-printable") == (text, "")
    assert decoded_body(b"YQ==\nYg==\n", "base64") == (b"ab", "")
    assert decoded_body(b"a", "x-new") == (b"a", "unknown transfer encoding 'x-new'")
    problem = "no uuencoded file where one was named"
    assert decoded_body(b"a", "x-uuencode") == (b"a", problem)


@given(st.binary(min_size=1, max_size=200))
def test_uuencode_round_trip(data: bytes) -> None:
    """A file in a text is taken out of it, byte for byte."""
    lines = b"".join(binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45))
    body = b"before\nbegin 644 plan.pdf\n" + lines + b"`\nend\nafter\n"
    text, files = without_uuencode(body)
    assert text == b"before\nafter\n"
    assert [(file.name, file.content) for file in files] == [("plan.pdf", data)]


@pytest.mark.parametrize("body", [b"begin 644 a\nprose follows here\nend\n", b"begin 644 a\nend\n"])
def test_prose_is_no_uuencode(body: bytes) -> None:
    """A line that begins like a file but is none stays in the text."""
    assert without_uuencode(body) == (body, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one \ntwo\nthree", "one two\nthree"),
        ("> a \n> b\n>> c", "> a b\n>> c"),
        ("a \n> b", "a \n> b"),
        ("a\n-- \nb", "a\n-- \nb"),
        ("a \n-- \nb", "a \n-- \nb"),
        (" From me", "From me"),
        (">>\n", ">> \n"),
    ],
)
def test_flowed_text(text: str, expected: str) -> None:
    """Soft breaks are joined within a quote depth; signature mark and stuffing are respected."""
    assert unflowed(text) == expected


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Plan Süd.pdf", "Plan Süd.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Temp\\a.txt", "a.txt"),
        ("\u200b.htaccess", "htaccess"),
        ("plan\u202efdp.exe", "planfdp.exe"),
        ("a\r\nb.txt", "a b.txt"),
        ("con", "_con"),
        ("LPT1.txt", "_LPT1.txt"),
        ('a<b>:"c|?*.txt', "a_b___c___.txt"),
        ("..", ""),
        ("/", ""),
        ("a\u0308.txt", "ä.txt"),
    ],
)
def test_safe_names(name: str, safe: str) -> None:
    """Paths, controls, bidi marks and devices are taken out; umlauts are composed."""
    assert safe_name(name) == safe


@given(st.text())
def test_names_are_always_safe(name: str) -> None:
    """No name leads out of a folder, hides itself, or is too long for a file system."""
    safe = safe_name(name)
    assert not set(safe) & set('/\\\0\r\n<>"|?*:\u202e\u200b')
    assert not safe.startswith(".")
    assert len(safe.encode()) <= 240
    assert safe_name(safe) == safe


def test_long_names_keep_their_suffix() -> None:
    """A name that is cut still says what it is."""
    assert safe_name("ä" * 300 + ".pdf").endswith("ä.pdf")


def test_suffixes() -> None:
    """A nameless file is named after its type."""
    assert suffix_for("image/jpeg") == ".jpg"
    assert suffix_for("application/x-never-heard-of") == ".bin"
