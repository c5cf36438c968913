"""The tree of a mail's parts: broken, nested, endless."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.reading import Limits, read
from mailflow.reading.mime import part_of, walk

LIMITS = Limits()


def test_headers_and_body_part_at_the_blank_line() -> None:
    """The first blank line ends the headers, whatever its line ends."""
    for end in (b"\n", b"\r\n", b"\r"):
        part = part_of(end.join([b"Subject: a", b"", b"body", b"more"]), LIMITS)
        assert part.headers.text("subject") == "a"
        assert part.body.split() == [b"body", b"more"]


@pytest.mark.parametrize(
    "start", [b"From a@b Mon May 18 09:12:00 2026\n", b"\r\n\r\n", b">From x\n"]
)
def test_envelope_line_and_blank_lines_before_the_headers(start: bytes) -> None:
    """What an mbox or a careless program puts before the headers is passed over."""
    assert part_of(start + b"Subject: a\n\nbody", LIMITS).headers.text("subject") == "a"


def test_parts_in_order() -> None:
    """All parts are found, in order, preamble and epilogue left out."""
    raw = (
        b'Content-Type: multipart/mixed; boundary="a b"\n\npreamble\n--a b\n\n1\n--a b  \n'
        b"Content-Type: multipart/mixed; boundary=c\n\n--c\n\n2\n--c--\nepilogue\n--a b--\nend"
    )
    assert [part.body for part in walk(part_of(raw, LIMITS)) if not part.children] == [b"1", b"2"]


def test_boundary_that_begins_like_another() -> None:
    """A line is a boundary only when it is the whole line."""
    raw = b"Content-Type: multipart/mixed; boundary=ab\n\n--ab\n\n--abc\n --ab\n--ab--\n"
    assert [part.body for part in part_of(raw, LIMITS).children] == [b"--abc\n --ab"]


def test_multipart_that_says_base64() -> None:
    """A multipart may call itself base64, which is forbidden, and yet be none."""
    head = b"Content-Type: multipart/mixed; boundary=x\nContent-Transfer-Encoding: base64\n\n"
    for body in (b"--x\n\none\n--x--\n", b"LS14CgpvbmUKLS14LS0K"):
        assert [part.body for part in part_of(head + body, LIMITS).children] == [b"one"]


def test_digest_defaults_to_mails() -> None:
    """A silent part of a digest is a mail (RFC 2046 §5.1.5)."""
    raw = b"Content-Type: multipart/digest; boundary=x\n\n--x\n\nSubject: a\n\nb\n--x--\n"
    assert part_of(raw, LIMITS).children[0].content_type == "message/rfc822"


@pytest.mark.parametrize(
    ("value", "content_type"),
    [
        (b"text", "text/plain"),
        (b"html", "text/html"),
        (b"a; b; c", "application/octet-stream"),
        (b"; boundary=x", "text/plain"),
        (b"text/html charset=utf-8", "text/html"),
    ],
)
def test_broken_content_types(value: bytes, content_type: str) -> None:
    """A broken type is taken for what it most likely meant."""
    assert part_of(b"Content-Type: " + value + b"\n\nx", LIMITS).content_type == content_type


def test_deep_nesting_ends_at_the_limit() -> None:
    """Below the allowed depth a multipart stays one piece, and the problem is named."""
    raw = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (level, level)
        for level in range(3000)
    )
    assert "nested too deeply to be read whole" in read(raw + b"\n\ndeep").problems


def test_many_parts_end_at_the_limit() -> None:
    """Of endless parts the first are read, and the problem is named."""
    raw = b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\na\n" * 50
    message = read(raw, Limits(parts=10))
    assert message.text.count("a") == 10
    assert "too many parts to be read whole" in message.problems


def test_long_headers_end_at_the_limit() -> None:
    """Of endless headers the first are read, the body all the same."""
    raw = b"Subject: a\n" + b"X-Y: z\n" * 1000 + b"\nbody"
    message = read(raw, Limits(header=500))
    assert (message.subject, message.text) == ("a", "body")
    assert "headers too long to be read whole" in message.problems


def test_oversize_mail_is_read_from_its_headers() -> None:
    """A mail beyond the size limit keeps its headers, its kind and the reason."""
    raw = b"X-Mailflow-Kind: digest\nMessage-ID: <mailflow.x@y>\nSubject: a\n\n" + b"z" * 1000
    message = read(raw, Limits(size=500))
    assert (message.subject, message.text, message.kind.value) == ("a", "", "own")
    assert message.problems[0] == "larger than 500 bytes: only its headers were read"


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=200),
    st.lists(
        st.tuples(
            st.from_regex(r"[a-zA-ZäöüÄÖÜß0-9]{1,20}", fullmatch=True), st.binary(max_size=60)
        ),
        max_size=3,
    ),
)
def test_mails_of_the_standard_library_round_trip(
    text: str, files: list[tuple[str, bytes]]
) -> None:
    """What the standard library composes is understood: text, file names and bytes."""
    mail = EmailMessage()
    mail["Subject"] = "a"
    mail.set_content(text)
    for name, data in files:
        mail.add_attachment(data, maintype="application", subtype="pdf", filename=f"{name}.pdf")
    message = read(mail.as_bytes())
    assert message.text.split() == text.replace("\ufeff", "").split()
    found = [(each.name, each.content) for each in message.attachments]
    assert found == [(f"{name}.pdf", data) for name, data in files]
