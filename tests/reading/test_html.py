"""HTML as readable text: what a reader sees, nothing he does not, nothing fetched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.reading import read
from mailflow.reading.html import LARGEST_TREE, html_text, without_data


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>one<p>two", "one\n\ntwo"),
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("one<br>two<br/><br>three", "one\ntwo\n\nthree"),
        ("<b>bo</b>ld and<i> it</i>alic", "bold and italic"),
        ("a &amp; b&nbsp;c &uuml; &#8211;", "a & b c ü –"),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>", "- a\n  - b\n- c"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c<td>d</table>", "a  b\nc  d"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<h1>Head</h1>text", "Head\n\ntext"),
        ("a<hr>b", "a\n\n--------------------\n\nb"),
        ("<title>no</title><style>no</style><script>no</script>yes", "yes"),
        ('a<span style="display: none">no</span>b', "ab"),
        ('a<span style="background:black;color:black">no</span>b', "ab"),
        ('a<span style="color: #FFF; background-color: white">no</span>b', "ab"),
        ('a<span style="color:rgb(255, 255,255);background:#ffffff">no</span>b', "ab"),
        ('a<span style="font-size:1px">no</span>b', "ab"),
        ('a<span style="font-size: 0.5px;">no</span>b', "ab"),
        ('a<span style="font-size:1px"><b style="font-size:12px">yes</b></span>b', "ayesb"),
        ('<div style="font-size:1px"><font size="3">yes</font></div>', "yes"),
        ('<div style="font-size:1px"><p class="a">yes</p></div>', "yes"),
        ('<div style="background:#fff;color:#fff"><font color="#000">yes</font></div>', "yes"),
        ('<table style="background:#fff;color:#fff"><tr bgcolor="#000"><td>yes</table>', "yes"),
        ('a<span style="font-size:11px">yes</span>b', "ayesb"),
        ('a<span style="font-size:1.5em">yes</span>b', "ayesb"),
        ('a<span style="color:black;background:white">yes</span>b', "ayesb"),
        ('a<span style="color:#ffffff">yes</span>b', "ayesb"),
        ("a<!-- no -->b<![if !mso]>c<![endif]>", "abc"),
        ("a<!--[if gte mso 9]><xml>no</xml><![endif]-->b", "ab"),
        ("a<!--[if !mso]><!-->b<!--<![endif]-->c", "abc"),
        ("<o:p></o:p>a<st1:place>b</st1:place>", "ab"),
        ("plain text only", "plain text only"),
        ('<a href="http://x.example/a">here</a>.', "here <http://x.example/a>."),
        ('<a href="http://www.x.example/a">x.example</a>', "x.example"),
        ('<a href="http://x.example/a"><img></a>', ""),
        ('<a href="javascript:x">here</a> <a href="mailto:a@b">mail</a>', "here mail"),
        ("<p>a</p>\n\n\n<p>b</p>", "a\n\nb"),
        ("soft\u00adhyphen and\u200bnothing", "softhyphen andnothing"),
        ("<?xml version='1.0' encoding='utf-16'?><p>ä</p>", "ä"),
        ("", ""),
        ("<>", "<>"),
    ],
)
def test_what_a_reader_sees(source: str, text: str) -> None:
    """Blocks, lists, tables, breaks and entities become lines of text."""
    assert html_text(source) == text


def test_a_large_wrapper_hides_nothing() -> None:
    """Where its colours may be set anew further below than is looked, all of it is read."""
    page = f"{'<p>a</p>' * 60}<p style='color:#000'>yes</p>"
    assert html_text(f'<body style="background:#fff;color:#fff">{page}</body>').endswith("yes")


@given(st.text(max_size=300))
def test_never_raises(source: str) -> None:
    """Any text may claim to be HTML."""
    html_text(source)
    html_text(f"<div {source}><p>{source}<table><tr>{source}<td>")


def test_links_of_a_newsletter_are_left_out() -> None:
    """Many links only hide the words between them."""
    source = "".join(f'<a href="http://x.example/{number}">w</a> ' for number in range(9))
    assert html_text(source) == "w w w w w w w w w"


def test_deep_html_is_read() -> None:
    """A tree deeper than the interpreter's stack does no harm."""
    assert html_text("<div>" * 20_000 + "deep") == "deep"


def test_huge_html_loses_its_tags_only() -> None:
    """Beyond the limit the text is kept, cut out of its tags."""
    source = "<p>Zeile &uuml;</p>\n" * (LARGEST_TREE // 18)
    text = html_text(source)
    assert text.startswith("Zeile ü\n")
    assert text.count("Zeile ü") == LARGEST_TREE // 18
    assert "<" not in text


def test_images_written_as_data_take_no_room() -> None:
    """An image inside the HTML neither counts as text nor pushes the text out."""
    image = "data:image/png;base64," + "iVBORw0KGgo" * 300_000
    source = f'<p>before</p><img src="{image}"><p>after</p>'
    assert len(without_data(source)) < 100
    raw = b"Content-Type: text/html\n\n" + source.encode()
    assert read(raw).text == "before\n\nafter"
