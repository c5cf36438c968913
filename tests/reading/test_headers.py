"""Headers: fields, encoded words, ids, dates, parameters."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta, timezone
from email.header import Header

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailflow.reading import read
from mailflow.reading.headers import date, decoded, message_ids, parse, unfolded
from mailflow.reading.parameters import split


def test_fields_keep_order_and_folds() -> None:
    """Fields are found by name in any case, folded ones whole, repeated ones in order."""
    headers = parse(b"Received: one\r\nSubject: a\r\n b\r\nRECEIVED : two\r\nno field here\r\n")
    assert headers.all("received") == ("one", "two")
    assert headers.text("subject") == "a b"
    assert "subject" in headers
    assert "x-missing" not in headers


def test_empty_field_gives_way_to_the_next() -> None:
    """Where a field stands twice, the one that says something counts."""
    assert parse(b"Subject:\nSubject: here").text("subject") == "here"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        ("=?utf-8?B?R3LDvMOfZQ?=", "Grüße"),
        ("=?iso-8859-1?q?Stra=DFe_1?= (Tor)", "Straße 1 (Tor)"),
        ("=?utf-8*de?q?Tag?=", "Tag"),
        ("=?x-none?q?Stra=DFe?=", "Straße"),
        ("=?utf-8?q?is it?ok?=", "is it?ok"),
        ("=?utf-8?q?half", "=?utf-8?q?half"),
        ("=?utf-8?q?a=0D=0ABcc:_x?=", "a Bcc: x"),
        ("Tor 4 \u202e", "Tor 4 \u202e"),
    ],
)
def test_encoded_words(value: str, text: str) -> None:
    """Words are read as they were meant, and never smuggle in a line break."""
    assert decoded(value) == text


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=120))
@example("Größe")
def test_encoded_words_round_trip(text: str) -> None:
    """What the standard library encodes is read back, whatever the text."""
    value = "\n ".join(
        f"=?utf-8?b?{b64encode(text[at : at + 10].encode()).decode()}?="
        for at in range(0, len(text), 10)
    )
    assert decoded(value).split() == text.replace("\ufeff", "").split()
    assert decoded(Header(text, "utf-8").encode()).split() == text.replace("\ufeff", "").split()


@given(st.text(max_size=300))
def test_decoding_never_raises(value: str) -> None:
    """Any text may stand in a header."""
    assert "\n" not in decoded(value)
    assert "\n" not in decoded(f"=?{value}?q?{value}?= =?utf-8?b?{value}?=")
    message_ids(value)
    date(value)


def test_long_blanks_cost_their_length() -> None:
    """Two hundred thousand blanks in a field are read at once; found by fuzzing."""
    assert unfolded("a" + " " * 200_000 + "b") == "a" + " " * 200_000 + "b"
    assert unfolded("a" + " \t" * 100_000 + "\r\n b") == "a b"


def test_encoded_ids() -> None:
    """A mail program that encodes a long id as text does not lose the thread."""
    value = "=?utf-8?q?=3Cmailflow=2Eaatrx4mzz4e4=2Epv4vr?=\r\n =?utf-8?q?qz5=40b=2Eexample=3E?="
    assert message_ids(value) == ("<mailflow.aatrx4mzz4e4.pv4vrqz5@b.example>",)


def test_ids() -> None:
    """Ids are taken in brackets; without any, bare ones are."""
    assert message_ids("<a@b> <c@d>\n <a@b>") == ("<a@b>", "<c@d>")
    assert message_ids("a@b c@d") == ("<a@b>", "<c@d>")
    assert message_ids("nothing") == ()


@pytest.mark.parametrize(
    ("value", "when", "problem"),
    [
        (
            "Mon, 18 May 2026 09:12:00 +0200",
            datetime(2026, 5, 18, 9, 12, tzinfo=timezone(timedelta(hours=2))),
            "",
        ),
        ("18 May 26 09:12 GMT", datetime(2026, 5, 18, 9, 12, tzinfo=UTC), ""),
        ("2026-05-18T09:12:00Z", datetime(2026, 5, 18, 9, 12, tzinfo=UTC), ""),
        ("18 May 2026 09:12", datetime(2026, 5, 18, 9, 12, tzinfo=UTC), "date without a time zone"),
        ("yesterday", None, "unreadable date 'yesterday'"),
        ("Mon, 18 May 99999 09:12:00 +0200", None, None),
        ("Mon, 18 May 2026 09:12:60 +9999", None, None),
        ("", None, "no date"),
    ],
)
def test_dates(value: str, when: datetime | None, problem: str | None) -> None:
    """A date is aware or missing; what is wrong with it is named."""
    found, said = date(value)
    assert found == when
    assert said == problem if problem is not None else said


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('text/plain; charset="utf-8"', ("text/plain", {"charset": "utf-8"})),
        ("TEXT / HTML ; Charset = UTF-8", ("text/html", {"charset": "UTF-8"})),
        ("text/plain;; format=flowed;", ("text/plain", {"format": "flowed"})),
        ("text/plain (comment); a=b", ("text/plain", {"a": "b"})),
        ("boundary=x", ("", {"boundary": "x"})),
        ('a/b; name="x;y=\\"z\\".txt"', ("a/b", {"name": 'x;y="z".txt'})),
        ('a/b; name="C:\\Temp\\x.txt"', ("a/b", {"name": "C:\\Temp\\x.txt"})),
        ("a/b; name=two words.txt", ("a/b", {"name": "two words.txt"})),
        ("a/b (c); name=Plan (1).pdf", ("a/b", {"name": "Plan (1).pdf"})),
        ("a/b; name*=iso-8859-1'de'Gr%FC%DFe.pdf", ("a/b", {"name": "Grüße.pdf"})),
        ("a/b; name*1=b; name*0=a; name*10=k; name*2=c", ("a/b", {"name": "abck"})),
        ("a/b; name*0*=utf-8''%C3; name*1*=%A4.txt", ("a/b", {"name": "ä.txt"})),
        ("a/b; name=old; name*=utf-8''new", ("a/b", {"name": "new"})),
        ("a/b; name*", ("a/b", {})),
        ("a/b; name*0*=x'y", ("a/b", {"name": "x'y"})),
        ('a/b; name="=?utf-8?q?=C3=A4?="', ("a/b", {"name": "ä"})),
        ("", ("", {})),
    ],
)
def test_parameters(value: str, expected: tuple[str, dict[str, str]]) -> None:
    """Values, quotes, RFC 2231 sections and the world's variations on them are read."""
    assert split(value) == expected


@given(st.text(max_size=300))
def test_parameters_never_raise(value: str) -> None:
    """Any text may stand in a parameter."""
    split(value)
    split(f"a/b; name*0*={value}; name*1={value}")


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zs", "Zl", "Zp"]), min_size=1))
def test_file_names_round_trip(name: str) -> None:
    """A name written as RFC 2231 asks comes back as it was."""
    encoded = "".join(f"%{byte:02X}" for byte in name.encode())
    assert split(f"a/b; filename*=utf-8''{encoded}")[1] == {"filename": name}


def test_no_subject_is_longer_than_a_page() -> None:
    """What lies beyond a thousand letters is cut, and named among the problems."""
    message = read(b"From: a@b.example\nSubject: " + b"a " * 50_000 + b"\n\ntext\n")
    assert len(message.subject) == 1_000
    assert "subject of 99999 letters cut" in message.problems


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_bare_carriage_return_begins_no_field(end: bytes) -> None:
    """Mail servers see one line there, so a second From or a false header would be ours alone."""
    lines = (
        b"X-A: b\rFrom: max@firma.example",
        b"From: a@evil.example",
        b"Subject: a\rb",
        b"",
        b"x",
    )
    message = read(end.join(lines))
    assert (message.sender.address, message.authors) == ("a@evil.example", ("a@evil.example",))
    assert message.subject == "a b"


@pytest.mark.parametrize(
    "value",
    [
        '"x" <a@evil.example> <max@firma.example>',
        "<max@firma.example>a@evil.example",
        "<max@firma.example> a@evil.example",
        "a@evil.example <max@firma.example>",
        "a@evil.example<max@firma.example>",
        "Max a@evil.example Muster <max@firma.example>",
        '"a"@evil.example <max@firma.example>',
        "<max@firma.example> (x) a@evil.example",
        "max@firma.example a@evil.example",
        "a@evil.example: <max@firma.example>;",
        "b@firma.example <max@firma.example>",
        '"Max" <max@firma.example> on behalf of "Eva" <eva@andere.example>',
        "<a@evil.example> (<x@y.example>) <max@firma.example>",
        "a@" + "e" * 200 + ".example <max@firma.example>",
    ],
)
def test_an_address_beside_another_is_an_author_too(value: str) -> None:
    """A server may read the one where we read the other, and vouch for it."""
    message = read(f"From: {value}\nSubject: x\n\nx\n".encode())
    assert len(message.authors) == 2
    assert "several authors" in message.problems


@pytest.mark.parametrize(
    "value",
    [
        "max@firma.example <max@firma.example>",
        "MAX@Firma.example <max@firma.example>",
        '"max@firma.example" <max@firma.example>',
        "'max@firma.example' <max@firma.example>",
        '"Max Muster (max@firma.example)" <max@firma.example>',
        "Max Muster (max@firma.example) <max@firma.example>",
        "max@firma.example <mailto:max@firma.example>",
        "Firma GmbH (www.firma.example, info@andere.example) <max@firma.example>",
        '"kontakt@andere.example via Liste" <max@firma.example>',
        "\"'kontakt@andere.example' via Liste\" <max@firma.example>",
        "=?utf-8?q?kontakt=40andere=2Eexample?= <max@firma.example>",
        "=?utf-8?q?kontakt@andere.example?= <max@firma.example>",
        "Max Muster/Firma/DE@Firma <max@firma.example>",
        "Vertrieb@firma <max@firma.example>",
        "Max @ Firma <max@firma.example>",
        "Max [max@firma.example] <max@firma.example>",
        "Max <<max@firma.example>>",
        "<max@firma.example> Max",
        "Muster, Max <max@firma.example>",
        "max@firma.example (Max)",
        "Max <@relay.example,@two.example:max@firma.example>",
        "Max <max@firma.example.>",
        "max@firma.example! <max@firma.example>",
        "«max@firma.example» <max@firma.example>",
        "*max@firma.example* <max@firma.example>",
        "=?utf-8?Q?Max M=C3=BCller max@firma.example?= <max@firma.example>",
        "max @ firma . example",
    ],
)
def test_a_name_that_holds_an_address_is_no_author(value: str) -> None:
    """What programs and lists write into names, and one address twice, leave nobody in doubt."""
    message = read(f"From: {value}\nSubject: x\n\nx\n".encode())
    assert message.authors == ("max@firma.example",)


@pytest.mark.parametrize(
    "value", ["+49203123@fax.example", "Muster +49203123@fax.example <+49203123@fax.example>"]
)
def test_a_mark_of_the_address_itself_makes_no_second_author(value: str) -> None:
    """A telephone number before the @ begins with a plus, which is part of the address."""
    message = read(f"From: {value}\nSubject: x\n\nx\n".encode())
    assert message.authors == ("+49203123@fax.example",)


def test_a_mail_whose_lines_all_end_in_carriage_returns_is_read() -> None:
    """Where there is no line feed at all, it is how this mailbox ends its lines."""
    message = read(b"From: a@b.example\rSubject: eins\r zwei\r\rText\rmehr\r")
    assert (message.sender.address, message.subject) == ("a@b.example", "eins zwei")
    assert message.text == "Text\nmehr"
