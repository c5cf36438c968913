"""The words of our mails: complete in both languages, readable for people and machines."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import jinja2
import pytest
from lxml import etree, html

from mailflow.compose import TemplateError, report_files, template_problems
from mailflow.compose.rendering import mailto, wrap
from mailflow.compose.specimen import CONTEXTS, ROLES
from mailflow.core.commands import commands_in
from mailflow.core.digest import Digest, Traffic
from mailflow.core.drafts import DraftKind
from mailflow.core.reply import ReplyKind
from mailflow.core.reply_reading import read_reply
from mailflow.core.report import OfficeFigures, Report
from mailflow.core.tracking import find
from tests import samples

LANGUAGES = ("de", "en")
CASES = [(name, language) for name in samples.drafts("de") for language in LANGUAGES]
TEMPLATES = samples.ROOT / "templates"


def page(name: str, language: str) -> str:
    """Give the HTML of a sample."""
    message = message_from_bytes(samples.sealed(name, language).raw, policy=policy.default)
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def links(source: str) -> list[str]:
    """Give the targets of all links."""
    return [str(each) for each in html.fromstring(source.encode()).xpath("//a/@href")]


def test_every_kind_has_words_in_german_and_english() -> None:
    """No draft can meet a missing template, in text or HTML."""
    expected = {
        f"{kind}.{language}.{ending}"
        for kind in DraftKind
        for language in LANGUAGES
        for ending in ("txt", "html")
    }
    assert expected <= {path.name for path in TEMPLATES.iterdir()}
    assert set(CONTEXTS) == set(DraftKind)
    assert set(ROLES) <= set(DraftKind)


def test_the_shipped_templates_are_well() -> None:
    """Each renders full and empty, and shows reference and token where replies keep them."""
    assert template_problems(samples.composer()) == ()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Subject: [{{ reference }}] x\n\n{{ nothing }}\n", "line 3"),
        ("Subject: x\n\n{% if %}\n", "line 3"),
        ("no subject\n", "first line"),
        ("Subject: x\n\n{% include 'missing.txt' %}\n", "missing.txt"),
        ("Subject: x\n\nwords\n", "marker"),
        ('Subject: x\n\n{% include "marker.de.txt" %}\n', "[{{ reference }}]"),
        ('Subject: [{{ reference }}]\n\n{% include "marker.de.txt" %}\n', "[{{ token }}]"),
        (b"Subject: \xff\n\n", "question.de.txt"),
    ],
)
def test_a_broken_template_is_named_with_its_fault(
    words: str | bytes, told: str, tmp_path: Path
) -> None:
    """``mailflow check`` says which file is wrong and where, before a mail needs it."""
    kind = "forward" if "token" in told else "question"
    data = words if isinstance(words, bytes) else words.encode()
    (tmp_path / f"{kind}.de.txt").write_bytes(data)
    problems = template_problems(samples.composer(tmp_path))
    assert problems
    assert all(f"{kind}.de.txt" in each or "question" in each for each in problems)
    assert any(told in each for each in problems)
    assert all("\n" not in each for each in problems)


def test_an_operators_template_wins_over_the_shipped_one(tmp_path: Path) -> None:
    """One file in the own folder changes one mail; the rest stays as shipped."""
    (tmp_path / "question.de.txt").write_text(
        'Subject: [{{ reference }}] Frage\n\n{% include "marker.de.txt" %}\nMoin {{ name }}!\n'
    )
    sealed = samples.sealed("question", using=samples.composer(tmp_path))
    assert "Moin Sabine Muster!" in sealed.text
    assert samples.sealed("interim", using=samples.composer(tmp_path)).text.startswith("## Bitte")


def test_a_template_asking_for_too_much_fails_and_never_prints_nothing(tmp_path: Path) -> None:
    """A misspelt name is an error, not an empty space in a mail to a company."""
    (tmp_path / "question.de.txt").write_text("Subject: x\n\n{{ ofice_name }}\n")
    with pytest.raises(TemplateError, match=r"question\.de\.txt, line 3: 'ofice_name'"):
        samples.sealed("question", using=samples.composer(tmp_path))


def test_a_language_without_templates_falls_back_to_the_installations_own() -> None:
    """A Dutch company is answered in the city's language rather than not at all."""
    sealed = samples.sealed("question", "nl")
    assert sealed.text.startswith("## Bitte oberhalb")


@pytest.mark.parametrize(("name", "language"), CASES)
def test_pages_are_accessible_and_reach_nothing_outside(name: str, language: str) -> None:
    """Language and title are set, headings descend; no image, script, style or remote link."""
    source = page(name, language)
    tree = html.fromstring(source.encode())
    assert tree.get("lang") == language
    assert tree.xpath("string(//title)").strip()
    assert not tree.xpath("//img|//script|//link|//iframe|//form|//style")
    assert all(target.startswith("mailto:") for target in links(source))
    assert "url(" not in source
    levels = [int(each.tag[1]) for each in tree.xpath("//h1|//h2|//h3|//h4")]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert not re.search(r"[^-]color:(?!inherit)", source), "colours must follow the reader's own"
    for cell in tree.xpath("//table[not(@role)]//th"):
        assert cell.get("scope") in {"row", "col"}


@pytest.mark.parametrize(("name", "language"), CASES)
def test_text_and_page_say_the_same(name: str, language: str) -> None:
    """Neither version of a mail hides a number, a day, a reference or an address from the other."""
    sealed = samples.sealed(name, language)
    shown = " ".join(html.fromstring(page(name, language).encode()).xpath("//body//text()"))
    # labels of the digest's links stand for the commands that the text spells out
    said = re.sub(
        r"\b(?:KAM-\S+ )(?:an|schliessen|freigeben|notiz|antwort|answer|release).*", "", sealed.text
    )
    facts = re.findall(r"\b(?:KAM-[\w-]{9}|\d{1,2}\. \w+ \d{4}|\S+@stadt\.example\.org)", said)
    for fact in facts:
        assert fact in " ".join(shown.split())


@pytest.mark.parametrize(("name", "language"), CASES)
def test_lines_are_short_and_paragraphs_whole(name: str, language: str) -> None:
    """Plain text fits a narrow window, has no runs of blank lines and no unfilled place."""
    text = samples.sealed(name, language).text
    assert all(len(line) <= 78 or " " not in line for line in text.split("\n"))
    assert "\n\n\n" not in text
    assert not re.search(r"[{}]|\bNone\b|\(\)|  \.|\.\.(?!\.)", text)
    assert not re.search(r" $", text, re.MULTILINE)


@pytest.mark.parametrize("name", ["acknowledgement", "combined-answer", "question", "interim"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_mails_to_companies_are_letters(name: str, language: str) -> None:
    """Salutation with the name, closing with the sender, and no word of a ticket system."""
    text = samples.sealed(name, language).text
    greeting, closing = {
        "de": ("Guten Tag Sabine Muster,\n", "Mit freundlichen Grüßen\n"),
        "en": ("Dear Sabine Muster,\n", "Kind regards\n"),
    }[language]
    assert greeting in text
    assert closing in text
    assert not re.search(r"\b(?:ticket|token|system|mailflow|bearbeiter)\b", text, re.IGNORECASE)


def test_the_acknowledgement_promises_a_day_and_names_what_it_cannot_take() -> None:
    """Whom we asked, until when, how to add something, and that a Widerspruch is not filed here."""
    text = " ".join(samples.sealed("acknowledgement").text.split())
    assert "Gefragt haben wir: Bauaufsicht und Untere Wasserbehörde." in text
    assert "bis Freitag, 29. Mai 2026" in text
    assert "Antworten Sie einfach auf diese E-Mail." in text
    assert "Widerspruch, können Sie über dieses Postfach nicht wirksam einreichen" in text
    assert "Art. 13 DSGVO" in text
    english = " ".join(samples.sealed("acknowledgement", "en").text.split())
    assert "probably by Friday, 29 May 2026" in english


def test_the_data_notice_stands_only_in_the_first_acknowledgement() -> None:
    """Who has read it once is not told again."""
    assert "DSGVO" not in samples.sealed("acknowledgement-triage").text


def test_a_forward_tells_an_office_everything_it_needs() -> None:
    """Who asks, since when, what, who else is asked, by when, and how to answer."""
    text = samples.sealed("forward").text
    for words in (
        "Muster Logistik GmbH\nSabine Muster, sabine.muster@muster-logistik.example.com",
        "Mit uns in Kontakt seit 4. März 2024, 2 frühere Vorgänge.",
        "Ebenfalls gefragt: Untere Wasserbehörde.",
        "bis Freitag, 29. Mai 2026",
        "> wir möchten unsere Halle am Nordhafen (Hafenstraße 12) um 1.200 m²",
        "Anlage des Unternehmens: Lageplan Nordhafen.pdf",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("interim-question", "unsere Rückfragen (Umweltamt und Tiefbauamt)"),
        ("forward-further", "noch einmal geschrieben"),
        ("forward-question", "hat auf Ihre Rückfrage geantwortet"),
        ("forward-deputy", "Die zuständige Stelle (Bauaufsicht) konnten wir nicht erreichen"),
        ("forward-settling", "möchte sich in unserer Stadt ansiedeln"),
        ("reminder-before", "Die Antwort ist bis Dienstag, 26. Mai 2026 erbeten"),
        ("reminder", "seit 3 Arbeitstagen überfällig"),
        ("notice", "von Ihren 2 Anweisungen ist eine ausgeführt:"),
        ("digest-quiet", "keine Entscheidung auf Sie, und nichts ist überfällig"),
        ("digest-unbalanced", "ACHTUNG: Die Zählung der Mails geht nicht auf"),
        ("combined-answer-part", "Eine Antwort steht noch aus: Bauaufsicht."),
    ],
)
def test_each_occasion_has_its_words(name: str, words: str) -> None:
    """An office or manager can tell from the mail why it came."""
    assert words in " ".join(samples.sealed(name).text.split())


KINDS = [ReplyKind.INTERIM, ReplyKind.QUESTION, ReplyKind.DECLINE, ReplyKind.INTERNAL]


@pytest.mark.parametrize("name", ["forward", "reminder", "escalation"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_one_click_says_what_a_reply_is(name: str, language: str) -> None:
    """Each link opens a mail whose first line our own reader takes for exactly that kind."""
    sealed = samples.sealed(name, language)
    replies = [unquote(each) for each in links(page(name, language)) if "body=" in each]
    kinds = []
    for target in replies:
        address, _, query = target.partition("?")
        subject, _, body = query.removeprefix("subject=").partition("&body=")
        assert find(address) == find(sealed.text) == find(subject)
        assert samples.REFERENCE in subject
        reading = read_reply(f"{body}Text", subject, date(2026, 5, 22))
        kinds.append(reading.kind)
        assert reading.explicit
    assert kinds == KINDS


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_listed_for_offices_are_the_words_understood(language: str) -> None:
    """What the text version tells offices to write on the first line works as told."""
    text = samples.sealed("forward", language).text
    words = re.findall(r"^- ([\w ]+):", text, re.MULTILINE)
    read = [read_reply(f"{word}\nText", "", date(2026, 5, 22)).kind for word in words]
    assert read == KINDS
    dated = {"de": "Zwischennachricht: bis 12.06.", "en": "Interim: until 12 June"}[language]
    assert dated in " ".join(text.split())
    assert read_reply(dated, "", date(2026, 5, 22)).until == date(2026, 6, 12)


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_click_in_the_digest_is_a_command(language: str) -> None:
    """Each link's mail goes to the digest's token address and holds the command as its body."""
    sealed = samples.sealed("digest", language)
    targets = [unquote(each) for each in links(page("digest", language)) if "body=" in each]
    digest = samples.digest()
    wanted = [choice.command for item in digest.pending for choice in item.choices]
    assert [each.partition("body=")[2] for each in targets] == wanted
    assert {find(each)[0] for each in targets} == set(find(sealed.text))
    assert all(len(commands_in(each, "KAM")) == 1 for each in wanted)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reviews_command_is_one_we_understand(language: str) -> None:
    """Release and answering oneself are real verbs in both languages."""
    for target in links(page("review", language)):
        if "body=" in target:
            body = unquote(target).partition("body=")[2]
            (command,) = commands_in(f"{body}Text" if body.endswith(": ") else body, "KAM")
            assert command.verb is not None


def test_nothing_of_a_hostile_text_is_markup() -> None:
    """Words of a mail are escaped wherever they stand in a page."""
    evil = '<script>alert(1)</script><img src=x onerror=1>" onclick="x'
    draft = samples.drafts("de")["forward"]
    context = samples.forward(
        company=evil, contact_name=evil, words=evil, others=(evil,), note=evil
    )
    sealed = samples.composer().compose(
        type(draft)(**{f: getattr(draft, f) for f in draft.__slots__} | {"context": context}),
        samples.NOW,
        samples.enclosed,
    )
    message = message_from_bytes(sealed.raw, policy=policy.default)
    part = message.get_body(("html",))
    assert part is not None
    tree = html.fromstring(part.get_content().encode())
    assert not tree.xpath("//script|//img|//@onclick|//@onerror")


@pytest.mark.parametrize(("name", "language"), CASES)
def test_pages_are_well_formed(name: str, language: str) -> None:
    """Every tag is closed: mail programs forgive less than browsers."""
    source = re.sub(r"<(meta|hr|br)([^>]*)>", r"<\1\2/>", page(name, language))
    etree.fromstring(source.removeprefix("<!doctype html>").strip())


def test_a_mailto_link_survives_every_character() -> None:
    """Umlauts, ampersands and line ends arrive as typed (RFC 6068)."""
    link = mailto("a+b.c@x.de", "[A] ä & ? #", "erste Zeile\nzweite & mehr")
    assert link == (
        "mailto:a%2Bb.c@x.de?subject=%5BA%5D%20%C3%A4%20%26%20%3F%20%23"
        "&body=erste%20Zeile%0D%0Azweite%20%26%20mehr"
    )


@pytest.mark.parametrize(
    ("line", "wrapped"),
    [
        ("wort " * 20, ("wort " * 14).strip() + "\n" + ("wort " * 6).strip()),
        ("- " + "wort " * 20, "- " + ("wort " * 14).strip() + "\n  " + ("wort " * 6).strip()),
        ("> " + "wort " * 20, "> " + ("wort " * 14).strip() + "\n> " + ("wort " * 6).strip()),
        ("## " + "wort " * 20, "## " + ("wort " * 20).strip()),
        ("a   b " * 20, ("a   b " * 20).strip()),
        ("x" * 200, "x" * 200),
    ],
)
def test_long_lines_are_wrapped_in_their_shape(line: str, wrapped: str) -> None:
    """Lists hang, quotes stay quoted; the marker, tables and long words stay whole."""
    assert wrap(line) == wrapped


@pytest.mark.parametrize("name", ["report", "digest"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_headings_of_tables_break_on_a_phone(name: str, language: str) -> None:
    """Six columns fit 375 pixels only where no piece of a heading is longer than nine letters."""
    headings = html.fromstring(page(name, language).encode()).xpath("//th[@scope='col']")
    assert headings
    for heading in headings[1:]:
        assert max(map(len, re.split(r"[\s\u00ad]", heading.text_content()))) <= 9


def test_the_digest_names_the_citys_day_and_marks_unfinished_commands() -> None:
    """The evening of the 21st in UTC may be the 22nd in the city."""
    draft = samples.drafts("de")["digest"]
    assert isinstance(draft.context, Digest)
    first, *others = draft.context.pending
    late = datetime(2026, 5, 21, 22, 30, tzinfo=UTC)
    unfinished = replace(first.choices[0], command=f"{first.reference} antwort ")
    item = replace(first, subject="", waiting_since=late, choices=(unfinished,))
    context = replace(draft.context, pending=(item, *others))
    text = samples.composer().compose(
        replace(draft, context=context), samples.NOW, samples.enclosed
    )
    assert "(ohne Betreff) (seit 22.05.)" in text.text
    assert f"{first.reference} antwort …" in text.text


def test_the_companys_reply_is_forwarded_without_the_questions_before() -> None:
    """An office that asked back is shown the reply, not what the first letter asked of it."""
    text = samples.sealed("forward-question").text
    assert "Ihren Bereich" not in text
    assert "Vermutlich" not in text
    assert "Die Halle wird 9 m hoch." in text


def test_the_report_is_written_as_page_text_and_table() -> None:
    """Three files of one name; suppressed figures are empty, German numbers have commas."""
    files = report_files(samples.composer(), samples.report(), "de")
    names = [f"zwischenbilanz-2026-01-01-2026-03-31.{ending}" for ending in ("html", "txt", "csv")]
    assert list(files) == names
    table = files[names[2]].decode("utf-8-sig").split("\r\n")
    assert "office;Standesamt;median_workdays;" in table
    assert "promise;first-word;wilson_low;0,865" in table
    english = report_files(samples.composer(), samples.report(), "en")
    csv = english["interim-report-2026-01-01-2026-03-31.csv"].decode("utf-8-sig")
    assert "promise,first-word,wilson_low,0.865\r\n" in csv


def _report_of_one() -> Report:
    return samples.report(
        tickets=1,
        companies=1,
        settling=1,
        regulars=1,
        offices=(OfficeFigures("Bauaufsicht", 1, 1.0, 1, 0, 1),),
        reopened=1,
        rerouted=1,
        mails_in=1,
        mails_out=1,
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "de",
            (
                "1 Vorgang von 1 Unternehmen; 1 davon möchte sich ansiedeln.",
                "1 Unternehmen hatte mehr als ein Anliegen.",
                "ging 1 Mail ein und 1 hinaus",
            ),
        ),
        (
            "en",
            (
                "1 ticket of 1 company; 1 of them would like to settle.",
                "1 company had more than one request.",
                "1 mail in and 1 out",
            ),
        ),
    ],
)
def test_the_report_speaks_of_one_as_of_one(language: str, said: tuple[str, ...]) -> None:
    """A single ticket, company, mail and question is a singular, in text and page."""
    files = report_files(samples.composer(), _report_of_one(), language)
    page, text = (
        " ".join(next(files[name] for name in files if name.endswith(ending)).decode().split())
        for ending in (".html", ".txt")
    )
    for words in said:
        assert words in text
        assert words in page
    assert not re.search(r"\b1 (?:Vorgänge|Rückfragen|questions|tickets|times)\b", text + page)


@pytest.mark.parametrize(
    ("backlog", "german", "english"),
    [
        (1, "offen ist jetzt 1 Vorgang.", "1 ticket is open now."),
        (0, "offen sind jetzt 0 Vorgänge.", "0 tickets are open now."),
    ],
)
def test_the_digest_counts_what_is_open(backlog: int, german: str, english: str) -> None:
    """One open ticket is one, and a number says of what."""
    digest = samples.digest(traffic=Traffic(0, 0, 0, backlog))
    for language, words in (("de", german), ("en", english)):
        draft = replace(samples.drafts(language)["digest"], context=digest)
        sealed = samples.composer().compose(draft, samples.NOW, samples.enclosed)
        assert words in " ".join(sealed.text.split())


@pytest.mark.parametrize(("name", "language"), CASES)
def test_text_and_page_quote_alike(name: str, language: str) -> None:
    """The quotation marks are the language's own in both; a typewriter's stand in none."""
    text = samples.sealed(name, language).text
    assert not re.search('["»«]', text)
    assert not re.search("[»«]", page(name, language))


def test_the_reports_table_starts_no_formula() -> None:
    """A topic named ``=1+1`` stays words in a spreadsheet."""
    files = report_files(samples.composer(), samples.report(topics=(("=1+1", 9),)), "de")
    assert b"topic;'=1+1;tickets;9" in next(each for name, each in files.items() if "csv" in name)


def test_the_documentation_names_every_mail_filter_and_fact() -> None:
    """docs/mails.md cannot fall behind what templates may use."""
    told = (samples.ROOT / "docs" / "mails.md").read_text()
    environment = samples.composer().rendering.environment
    own = set(environment.filters) - set(jinja2.Environment(autoescape=True).filters)
    for name in [*DraftKind, *own, "reply_subject", "central_name", "title"]:
        assert f"`{name}" in told
