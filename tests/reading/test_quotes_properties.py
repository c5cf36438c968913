"""Nothing an author writes is lost and nothing a mail holds makes the reader fail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.reading.quotes import new_text

# What quotes, signatures and announcements are made of, in any order.
PIECES = st.sampled_from(
    [
        "> ",
        ">",
        "\n",
        "\n\n",
        "-- \n",
        "Von: KAM <a@b.example>\n",
        "Gesendet: 20. Mai 2026 09:14\n",
        "An: x\n",
        "Am 20.05.2026 um 09:14 schrieb KAM <a@b.example>:\n",
        "## Bitte oberhalb dieser Zeile antworten ##\n",
        "-----Original Message-----\n",
        "---------- Forwarded message ----------\n",
        "Mit freundlichen Grüßen\n",
        "Von meinem iPhone gesendet\n",
        "Tel. 0203 12345\n",
        "Der Antrag ist vollständig.\n",
        "________________\n",
        ">>> KAM 20.05.2026 09:14 >>>\n",
        "\ue0f0",
        "\u200e",
        "a" * 700,
    ]
)
TAGS = st.sampled_from(
    [
        "<blockquote>",
        "</blockquote>",
        "<div class=gmail_quote>",
        "<div class=gmail_attr>",
        "<div id=divRplyFwdMsg>",
        "<div style='border-top:solid #E1E1E1'>",
        "</div>",
        "<div name=quote>",
        "<pre>",
        "<br>",
        "<!--[if mso]>",
        "<![endif]-->",
        "Am 20.05.2026 um 09:14 schrieb KAM:",
        "Ja.",
        "&lt;",
        "\ue0f2",
        "<table><tr><td>",
    ]
)
WORDS = st.sampled_from(
    [
        "der",
        "Antrag",
        "Plan",
        "Halle",
        "ist",
        "liegt",
        "wird",
        "nicht",
        "vollständig",
        "von",
        "bis",
        "an",
        "am",
        "Mai",
        "12.",
        "und",
        "schrieb",
        "Betreff",
        "Datum:",
        "Von:",
        "Ja,",
        "bitte",
        "folgt",
        "(siehe)",
        "100",
        "Euro",
    ]
)
PARAGRAPH = st.lists(WORDS, min_size=3, max_size=15).map(lambda words: " ".join(words) + " so.")
LETTER = st.lists(PARAGRAPH, min_size=1, max_size=5).map("\n\n".join)
QUOTED = (
    "Am 20.05.2026 um 09:14 schrieb KAM <a@b.example>:\n> Guten Tag,\n> wann?",
    "Von: KAM <a@b.example>\nGesendet: Mittwoch, 20. Mai 2026 09:14\nAn: x\nBetreff: y\n\nWann?",
    "-----Ursprüngliche Nachricht-----\nVon: KAM\n\nWann?",
    "## Bitte oberhalb dieser Zeile antworten ##\n\nWann?",
)


@given(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=30))
def test_any_pieces_can_be_read(text: str, subject: str) -> None:
    """No order of announcements, prefixes and tails raises, or empties what has no quote."""
    found = new_text(text, None, subject=subject)
    assert found.text or found.problems or not text.strip("> \n\u200e\ue0f0")


@given(st.lists(TAGS, max_size=40).map("".join))
def test_any_html_can_be_read(html: str) -> None:
    """No order of quoting elements raises, however broken."""
    new_text(None, html)


@given(st.text(), st.text(), st.text())
def test_any_text_can_be_read(plain: str, html: str, subject: str) -> None:
    """No characters at all raise."""
    new_text(plain, html, subject=subject)


@given(LETTER, st.sampled_from(QUOTED))
def test_nothing_written_above_is_lost(letter: str, quoted: str) -> None:
    """Whatever prose stands above a quoted mail, all of it remains and nothing of the quote."""
    assert new_text(f"{letter}\n\n{quoted}", None, subject="AW: y").text == letter


@given(LETTER)
def test_nothing_written_below_is_lost(letter: str) -> None:
    """Whatever prose stands below a quoted mail, all of it remains."""
    assert new_text(f"{QUOTED[0]}\n\n{letter}", None, subject="AW: y").text == letter


@given(LETTER)
def test_a_letter_without_quotes_stays_as_it_is(letter: str) -> None:
    """A mail that quotes nothing is its own new text."""
    assert new_text(letter, None).text == letter


@given(st.lists(PARAGRAPH, min_size=2, max_size=6))
def test_every_inline_answer_stays(answers: list[str]) -> None:
    """Every answer between quoted lines stays, and with it the line it answers."""
    lines = [
        part for n, answer in enumerate(answers) for part in (f"> {n}. Frage?", "", answer, "")
    ]
    text = "Am 20.05.2026 um 09:14 schrieb KAM <a@b.example>:\n" + "\n".join(lines).rstrip()
    found = new_text(text, None).text
    assert all(answer in found for answer in answers)
    assert all(f"> {n}. Frage?" in found for n in range(len(answers)))


@given(LETTER, st.sampled_from(QUOTED))
def test_new_text_is_new_text(letter: str, quoted: str) -> None:
    """Reading the new text again gives the same."""
    once = new_text(f"{letter}\n\n{quoted}", None, subject="AW: y").text
    assert new_text(once, None, subject="AW: y").text == once


@pytest.mark.parametrize(
    "piece",
    [
        ">",
        ">\n",
        "> > > a\n",
        "\n",
        " \t \n",
        "-- \n",
        "-----\n",
        "Von: \n",
        "Am 12.05.2026 um 10:00 schrieb\n",
        "a@b.example <a@b.example>:\n",
        "## Bitte oberhalb\n",
        "Sent from my ",
        "Mit freundlichen Grüßen\n",
        "> a\nb\n",
        "On 1 ",
    ],
)
def test_megabytes_of_anything_end(piece: str) -> None:
    """A megabyte of any one piece is read in time that grows with its length only."""
    text = piece * (1_000_000 // len(piece))
    assert len(new_text(text, None, subject="AW: y").text) <= len(text)


def test_quote_longer_than_what_is_searched_goes() -> None:
    """A quote that goes on beyond the lines looked at one by one is still a quote."""
    text = "Ja.\n\nAm 20.05.2026 um 09:14 schrieb KAM <a@b.example>:\n" + "> Zeile\n" * 20_000
    assert new_text(text, None).text == "Ja."


def test_words_beyond_what_is_searched_stay() -> None:
    """Own words after more lines than are looked at stay, and ``problems`` says why."""
    text = "> Zeile\n" * 20_000 + "Ja, vollständig."
    found = new_text(text, None)
    assert found.text.endswith("Ja, vollständig.")
    assert found.problems


@pytest.mark.parametrize("tag", ["<blockquote>", "<div class=gmail_quote>", "<div name=quote>"])
def test_elements_without_end(tag: str) -> None:
    """Thousands of quoting elements in one another are read."""
    assert "Ja." in new_text(None, f"<p>Ja.</p>{tag * 3_000}x").text
