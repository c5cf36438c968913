"""Which lines are ours although a mail made anew names another day than the one that went out."""

import re
from pathlib import Path

import pytest

from mailflow.core.between import with_answers_between
from mailflow.core.message import Message
from mailflow.core.same_words import end_behind, end_here, with_days_open, words_of

TEMPLATES = Path(__file__).parents[2] / "templates"
KINDS = ("forward", "reminder", "escalation")
DAYS = {"de": "Mittwoch, 2. Dezember 2026", "en": "Wednesday, 2 December 2026"}
CENTRAL = "kam@stadt.example.org"
OURS = (
    "## Bitte oberhalb dieser Zeile antworten ##\n"
    "Guten Tag,\n\n"
    "die Firma hat sich mit einem Anliegen an die Stadt gewandt. Wir bitten Sie (Amt 61) um Antwort"
    " bis Mittwoch, 2. Dezember 2026. Ihre Antwort geht über uns an das Unternehmen.\n\n"
    "Was das Unternehmen schreibt\n"
    "> Wir brauchen 20 Stellplätze bis Freitag, 4. Dezember 2026 an der Halle.\n"
    "> Der Ortstermin ist am Freitag, 4. Dezember 2026 bei uns am Tor.\n\n"
    f"Mit freundlichen Grüßen\nKAM\n{CENTRAL}\n"
)
AS_SENT = OURS.replace("Mittwoch, 2.", "Donnerstag, 3.")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", DAYS)
@pytest.mark.parametrize("form", ["txt", "html"])
def test_every_day_that_a_mail_to_an_office_names_may_be_another(
    kind: str, language: str, form: str
) -> None:
    """Whoever words a template anew learns where its due day is not known as one any more."""
    source = (TEMPLATES / f"{kind}.{language}.{form}").read_text(encoding="utf-8")
    one = re.sub(r"{% if overdue == 1 %}(.*?){% else %}.*?{% endif %}", r"\1", source)
    said = re.sub(r"{{ \w+ \| day }}", DAYS[language], one).replace("{{ overdue }}", "12")
    said = re.sub(r"{%.*?%}", "", said)
    assert DAYS[language] in said
    left = with_days_open(said)
    assert DAYS[language] not in left
    assert not re.search(r"\b12\b", left)


@pytest.mark.parametrize("width", range(20, 100, 7))
def test_our_sentence_is_ours_whatever_day_it_names_and_however_it_is_wrapped(width: int) -> None:
    """Each line goes on where the one before it ended, days broken in the middle too."""
    ours = words_of(with_days_open(OURS))
    at = 0
    sentence = AS_SENT[: AS_SENT.index("Was das")]
    words = sentence.split()
    while words:
        count = max(1, width // 7)
        at = end_here(words_of(" ".join(words[:count])), ours, at)
        assert at > 0
        words = words[count:]


@pytest.mark.parametrize(
    "line",
    [
        "Wir brauchen 30 Stellplätze bis Freitag, 4. Dezember 2026 an der Halle.",
        "Der Ortstermin ist am Montag, 7. Dezember 2026 bei uns am Tor.",
        "Wir bitten Sie (Amt 62) um Antwort bis Mittwoch, 2. Dezember 2026.",
        "Antwort bis Freitag, 4. Dezember 2026",
        "Donnerstag, 3. Dezember 2026",
        "seit 3 Arbeitstagen",
    ],
)
def test_a_line_with_other_numbers_is_not_ours(line: str) -> None:
    """Only the days of our own sentences are open: a letter's are not, nor is any number."""
    assert end_behind(words_of(line), words_of(with_days_open(OURS)), 0) == -1


def test_a_mail_that_names_days_as_it_was_made_is_taken_at_its_word() -> None:
    """Where nothing was made anew, another day in our line is somebody's doing, and waits."""
    assert end_here(words_of(AS_SENT), words_of(OURS), 0) == -1


@pytest.mark.parametrize("answer", ["Das geht nicht.", "Montag, 7. Dezember 2026 um 10 Uhr"])
def test_an_answer_between_the_lines_of_a_mail_made_anew_waits(answer: str) -> None:
    """Open days hide nothing that stands among our lines, and our own lines are left out."""
    quoted = AS_SENT.replace("Tor.\n", f"Tor.\n{answer}\n")
    message = Message(text=f"Gern.\n\nVon: KAM\n\n{quoted}", reply_text="Gern.")
    kept = with_answers_between(message, (with_days_open(OURS),), CENTRAL)
    assert kept.quotes_kept
    assert answer in kept.reply_text
    assert "Wir bitten Sie" not in kept.reply_text
    whole = Message(text=f"Gern.\n\nVon: KAM\n\n{AS_SENT}", reply_text="Gern.")
    assert with_answers_between(whole, (with_days_open(OURS),), CENTRAL) is whole
