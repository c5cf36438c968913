"""The manager steers by mail: what he may say, and what keeps others from saying it."""

import textwrap
from datetime import date

import pytest

from tests.flow.city import (
    COMPANY,
    NO_OFFICE,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    body_of,
    digest_of,
    forward_to,
    letter,
    of_kind,
    reply_to,
    to_of,
)

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"


def test_release_sends_exactly_the_mail_that_was_shown(careful_town: City) -> None:
    """The manager gets the very mail, says freigeben, and that mail goes to the company once."""
    town = careful_town
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (review,) = town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    assert review["X-Mailflow-Kind"] == "review"
    assert "kommt im Juni" in body_of(review)
    assert town.ticket().state == "review"
    out = town.deliver(reply_to(review, f"{town.ticket().reference} freigeben"))
    (answer,) = of_kind(out, "combined-answer")
    assert to_of(answer) == COMPANY
    assert "kommt im Juni" in body_of(answer)
    assert town.ticket().state == "answered"
    again = town.deliver(reply_to(review, f"{town.ticket().reference} freigeben"))
    assert of_kind(again, "combined-answer") == []


def test_an_internal_part_waits_and_never_leaves(town: City) -> None:
    """A remark marked internal holds the answer; released, it goes without the remark."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    text = (
        "Das Grundstück kann verkauft werden, 95 Euro je m².\n\n"
        "NUR INTERN – bitte nicht weitergeben: Es gibt einen zweiten Interessenten.\n"
    )
    assert town.deliver(reply_to(forward_to(out, BAU), text)) == []
    digest = digest_of(town)
    out = town.deliver(reply_to(digest, f"{town.ticket().reference} freigeben"))
    (answer,) = of_kind(out, "combined-answer")
    assert "95 Euro" in body_of(answer)
    assert "Interessenten" not in answer.as_string()


@pytest.mark.parametrize("word", ["", "Antwort\n", "Zwischennachricht\n", "Rückfrage\n"])
def test_what_may_be_internal_waits_with_its_words(town: City, word: str) -> None:
    """Words that only sound internal are parted by nobody: the manager sees them first."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    text = f"{word}Ja, genehmigt.\n\nInterne Rücksprache: der Chef war dagegen."
    assert town.deliver(reply_to(forward, text)) == []
    (hold,) = town.ticket().holds
    assert hold.reason == "suspected"
    assert "„Interne Rücksprache: der Chef war dagegen.“" in hold.text


def test_what_is_surely_and_what_may_be_internal_are_both_told(town: City) -> None:
    """A remark that is parted does not cover a second one that is not."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    text = "Das ist vertraulich. Ja, genehmigt.\n\nHausintern: der Chef war dagegen."
    assert town.deliver(reply_to(forward, text)) == []
    (hold,) = town.ticket().holds
    assert hold.reason == "internal-part"
    assert "„Das ist vertraulich.“" in hold.text


def test_an_internal_part_is_quoted_where_its_reply_waits(town: City) -> None:
    """The manager reads in the digest what the company will not, beside the rest that it will."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    text = (
        "Ein Antrag ist nötig.\n\nnur intern: gegen den Inhaber läuft\nein Verfahren.\n\nGruß Bau"
    )
    assert town.deliver(reply_to(forward, text)) == []
    (hold,) = town.ticket().holds
    assert hold.text.endswith("internen Teil: „Nur intern: gegen den Inhaber läuft ein Verfahren.“")
    assert "läuft ein Verfahren" in " ".join(body_of(digest_of(town)).split())


def test_a_long_internal_part_is_quoted_from_its_remark_on(town: City) -> None:
    """So that the words in question are seen, the quote begins with their sentence and is cut."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    talk = "Die Halle ist groß genug. " * 20
    remark = "Beim Preis ist das bitte vertraulich zu behandeln, nur intern. "
    text = f"Ein Antrag ist nötig.\n\n{talk}{remark}{talk}\n\nGruß Bau"
    assert town.deliver(reply_to(forward, text)) == []
    (hold,) = town.ticket().holds
    assert "internen Teil: „… Beim Preis ist das bitte vertraulich" in hold.text
    assert hold.text.endswith("…“")
    assert len(hold.text) < 400


def test_a_stranger_with_a_valid_token_waits_and_may_be_taken_in(town: City) -> None:
    """A colleague's private address is held once; taken in, it speaks for the office from then."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    forward = forward_to(out, BAU)
    clerk = "m.beispiel@stadt.example.org"
    assert town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni.", sender=clerk)) == []
    (hold,) = town.ticket().holds
    assert hold.reason == "sender"
    out = town.deliver(reply_to(digest_of(town), f"{town.ticket().reference} aufnehmen"))
    (answer,) = of_kind(out, "combined-answer")
    town.wait(hours=1)
    (again,) = town.deliver(reply_to(answer, "Was kostet das?"))
    (second,) = town.deliver(reply_to(again, "900 Euro.", sender=clerk))
    assert second["X-Mailflow-Kind"] == "combined-answer"


def test_an_address_with_a_blank_in_it_is_taken_in_by_nobody(town: City) -> None:
    """It may hold whole sentences, so it is no clear sender: the mail waits outside the ticket."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    clerk = '"max meier"@stadt.example.org'
    assert town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni.", sender=clerk)) == []
    digest = digest_of(town)
    assert "keinen eindeutigen Absender" in body_of(digest)
    (notice,) = town.deliver(reply_to(digest, f"{town.ticket().reference} aufnehmen"))
    assert "geändert wurde nichts" in body_of(notice)


def test_an_office_mail_without_token_is_assigned_by_the_manager(town: City) -> None:
    """Nothing is guessed: the candidate is shown, and one line assigns the mail."""
    town.deliver(letter("Stand", ONE_OFFICE))
    reference = town.ticket().reference
    lone = letter("Nutzungsänderung Halle 4", "Die Genehmigung kommt im Juni.", sender=BAU)
    assert town.deliver(lone) == []
    digest = digest_of(town)
    held = next(
        line.split()[0] for line in body_of(digest).splitlines() if f"zu {reference}" in line
    )
    out = town.deliver(reply_to(digest, f"{held} zu {reference}"))
    (answer,) = of_kind(out, "combined-answer")
    assert "kommt im Juni" in body_of(answer)


def test_only_a_manager_with_the_key_of_that_mail_may_act(town: City) -> None:
    """Neither the key in other hands nor the manager's name without the key does anything."""
    town.deliver(letter("Eine Frage", NO_OFFICE))
    digest = digest_of(town)
    order = f"{town.ticket().reference} an bauaufsicht"
    assert town.deliver(reply_to(digest, order, sender="fremder@example.net")) == []
    keyless = letter("Auftrag", order, sender="kam-leitung@stadt.example.org")
    assert town.deliver(keyless) == []
    assert town.ticket().state == "triage"


def test_quoted_commands_do_nothing(town: City) -> None:
    """A reply that only quotes the digest acts on none of the commands the digest offers."""
    town.deliver(letter("Eine Frage", NO_OFFICE))
    digest = digest_of(town)
    everything = letter(
        f"AW: {digest['Subject']}",
        f"Guten Morgen,\n\nwas meinen Sie?\n\n{body_of(digest)}",
        sender="kam-leitung@stadt.example.org",
        to=str(digest["Reply-To"]),
    )
    (notice,) = town.deliver(everything)
    assert notice["X-Mailflow-Kind"] == "notice"
    assert town.ticket().state == "triage"


def test_every_line_is_answered_with_done_or_why_not(town: City) -> None:
    """One wrong line leaves the others alone, and each is answered; only closing waits for it."""
    town.deliver(letter("Eine Frage", NO_OFFICE))
    reference = town.ticket().reference
    orders = ("notiz Anruf am Montag", "an sternwarte", "an hafen", "close")
    lines = "\n".join(f"{reference} {order}" for order in orders)
    out = town.deliver(reply_to(digest_of(town), lines))
    (notice,) = of_kind(out, "notice")
    text = body_of(notice)
    assert "sternwarte" in text
    assert "bauaufsicht" in text
    assert text.count("Erledigt:") == 2
    assert len(of_kind(out, "forward")) == 1
    assert town.ticket().state == "consulting"


def test_the_managers_own_words_lose_no_offices_answer(town: City) -> None:
    """He writes while one office has answered: his words go now, the office's part later."""
    out = town.deliver(letter("Umnutzung", TWO_OFFICES))
    town.deliver(reply_to(forward_to(out, BAU), "Ja, ein Antrag ist nötig."))
    order = f"{town.ticket().reference} antwort Wir melden uns bis Freitag."
    (own,) = of_kind(town.deliver(reply_to(digest_of(town), order)), "combined-answer")
    assert "bis Freitag" in body_of(own)
    assert "Antrag ist nötig" not in body_of(own)
    (answer,) = town.deliver(reply_to(forward_to(out, UMWELT), "Nachts gelten 45 dB(A)."))
    assert "Antrag ist nötig" in body_of(answer)
    assert answer["Message-ID"] != own["Message-ID"]


def test_what_is_kept_back_begins_as_a_sentence(town: City) -> None:
    """Parted from its salutation, an internal text is not shown from a small letter on."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    talk = "bis zu 5.200 m² sind frei. Beim Preis ist das bitte intern zu behandeln."
    town.deliver(reply_to(forward, f"Lieber Herr Becker,\n\n{talk}\n\nViele Grüße\nPeters"))
    assert town.reporting.digest().pending[0].excerpt.startswith("Bis zu 5.200 m²")


def test_a_note_released_as_internal_is_told_as_noted(town: City) -> None:
    """The manager does not read that something internal is let go when nothing goes out."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.deliver(reply_to(forward, "Das ist bitte intern zu behandeln."))
    order = f"{town.ticket().reference} freigeben als intern"
    (notice,) = town.deliver(reply_to(digest_of(town), order))
    said = " ".join(body_of(notice).split())
    assert "Zur Kenntnis genommen; es geht nichts hinaus." in said


def test_a_note_that_held_the_answer_is_told_with_it(town: City) -> None:
    """Where its release completes the answer, the manager reads that the answer goes out."""
    out = town.deliver(letter("Umnutzung", TWO_OFFICES))
    forward, other = forward_to(out, BAU), forward_to(out, UMWELT)
    town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
    town.deliver(reply_to(forward, "Noch etwas.\n\nNUR INTERN: Der Nachbar klagt.\n"))
    town.deliver(reply_to(other, "Nachts gelten 45 dB(A)."))
    order = f"{town.ticket().reference} freigeben als intern"
    out = town.deliver(reply_to(digest_of(town), order))
    (notice,) = of_kind(out, "notice")
    assert of_kind(out, "combined-answer")
    said = " ".join(body_of(notice).split())
    assert "genommen. Die Gesamtantwort geht jetzt an das Unternehmen." in said


def test_a_late_note_released_as_internal_sends_nothing(town: City) -> None:
    """After the answer an office adds something internal: noted, and no empty mail goes out."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    forward = forward_to(out, BAU)
    town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
    town.deliver(reply_to(forward, "Übrigens war der Antrag lückenhaft."))
    order = f"{town.ticket().reference} freigeben als intern"
    out = town.deliver(reply_to(digest_of(town), order))
    assert [mail["X-Mailflow-Kind"] for mail in out] == ["notice"]


def test_a_late_addition_goes_out_when_released(town: City) -> None:
    """What an office adds after the answer is held, and sent alone on release."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    forward = forward_to(out, BAU)
    town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
    town.deliver(reply_to(forward, "Nachtrag: Die Gebühr beträgt 900 Euro."))
    out = town.deliver(reply_to(digest_of(town), f"{town.ticket().reference} freigeben"))
    (answer,) = of_kind(out, "combined-answer")
    assert "900 Euro" in body_of(answer)
    assert "im Juni" not in body_of(answer)


def test_a_long_answer_arrives_whole(town: City) -> None:
    """His mail program wraps the line; the company reads every word, down to the full stop."""
    town.deliver(letter("Eine Frage", NO_OFFICE))
    words = "Wir haben Ihr Anliegen geprüft, und " * 6 + "der Termin ist am Montag."
    wrapped = "\n".join(textwrap.wrap(f"{town.ticket().reference} antwort {words}", 72))
    out = town.deliver(reply_to(digest_of(town), wrapped))
    (answer,) = of_kind(out, "combined-answer")
    assert words in " ".join(body_of(answer).split())


def test_half_an_answer_is_refused(town: City) -> None:
    """Only the greeting stands on the line: nothing goes out, and the manager learns why."""
    town.deliver(letter("Eine Frage", NO_OFFICE))
    order = f"{town.ticket().reference} antwort Sehr geehrte Frau Muster,\n\nder Termin steht."
    (notice,) = town.deliver(reply_to(digest_of(town), order))
    assert "nur ein Anfang" in body_of(notice)


def test_an_answer_in_two_paragraphs_is_refused_as_a_whole(town: City) -> None:
    """The company never reads the first half alone; the manager reads how to write it."""
    town.deliver(letter("Eine Frage", NO_OFFICE))
    order = f"{town.ticket().reference} antwort Der Termin kann stattfinden."
    out = town.deliver(reply_to(digest_of(town), f"{order}\n\nBitte bringen Sie den Plan mit."))
    (notice,) = out
    assert "in einem Absatz, ohne Leerzeile" in " ".join(body_of(notice).split())
    assert "geändert wurde nichts" in body_of(notice)


@pytest.mark.parametrize(
    "words",
    [
        "Antwort freigeben",
        "Antwort ok",
        "antwort: ok",
        "Antwort kann raus",
        "antwort nicht freigeben",
        "Antwort verwerfen, bitte",
        "Antwort von Brinkmann freigeben",
        "Antwort gut so, danke",
        "answer release",
        "bitte Antwort freigeben",
    ],
)
def test_no_company_reads_an_order_as_the_citys_answer(town: City, words: str) -> None:
    """An order behind "antwort" is refused, and the manager reads both ways to write it."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    held = "Ja, sie ist nötig.\nBitte noch mit Amt 61 abstimmen, bevor das rausgeht."
    assert town.deliver(reply_to(forward, held)) == []
    reference = town.ticket().reference
    (notice,) = town.deliver(reply_to(digest_of(town), f"{reference} {words}"))
    told = " ".join(body_of(notice).split())
    assert f"zum Beispiel: {reference} freigeben." in told
    assert "Was das Unternehmen lesen soll" in told
    assert [hold.reason for hold in town.ticket().holds] == ["suspected"]


@pytest.mark.parametrize(
    "words",
    [
        "antwort Umweltamt abwarten",
        "Antwort der Bauaufsicht fehlt noch, bitte dort anrufen",
        "Antwort wurde telefonisch gegeben",
        "antwort: noch warten",
        "Antwort: bitte von Bauaufsicht einholen",
        "Antworten: bitte die Bauaufsicht anmahnen",
        "Antwort: Bauaufsicht kommt noch",
        "answer: wait for building control",
    ],
)
def test_no_company_reads_a_note_about_an_answer(town: City, words: str) -> None:
    """Where nothing waits, a note behind "antwort" is quoted back, with a way to answer."""
    town.deliver(letter("Frage", ONE_OFFICE))
    reference = town.ticket().reference
    (notice,) = town.deliver(reply_to(digest_of(town), f"{reference} {words}"))
    told = " ".join(body_of(notice).split())
    assert f"„{words.split(maxsplit=1)[1]}“ kann ein Auftrag sein" in told
    assert f"als ganzen Satz an das Unternehmen: {reference} antwort: …" in told
    assert town.ticket().answers == 0


def test_few_words_beside_a_reply_that_waits_go_with_a_colon(town: City) -> None:
    """What may speak of the held reply is the company's to read once a colon says so."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.deliver(reply_to(forward, "Ja.\nBitte noch mit Amt 61 abstimmen, bevor das rausgeht."))
    reference, digest = town.ticket().reference, digest_of(town)
    (notice,) = town.deliver(reply_to(digest, f"{reference} antwort Ja, das geht."))
    assert f"{reference} antwort: …" in " ".join(body_of(notice).split())
    out = town.deliver(reply_to(digest, f"{reference} antwort: Ja, das geht."))
    (answer,) = of_kind(out, "combined-answer")
    assert "Ja, das geht." in body_of(answer)


def _two_companies(town: City) -> tuple[str, str]:
    """Let two companies ask something; give the numbers of their tickets."""
    references = []
    for sender in ("Anna Eins <a.eins@alpha.example>", "Bert Zwei <b.zwei@beta.example>"):
        town.deliver(letter("Frage", NO_OFFICE.replace("Sabine Muster", "X Y"), sender=sender))
        known = set(town.store.references())
        references += [each for each in known if each not in references]
        town.wait(minutes=5)
    first, second = references
    return first, second


@pytest.mark.parametrize("lead", ["b) ", "Zu ", "→ "])
def test_two_companies_read_each_their_own_answer(town: City, lead: str) -> None:
    """A second order that is led in by a letter, a word or an arrow goes to its own company."""
    first, second = _two_companies(town)
    order = f"{first} antwort Ja, das ist frei.\n{lead}{second}: antwort Nein, leider nicht."
    out = of_kind(town.deliver(reply_to(digest_of(town), order)), "combined-answer")
    read = {to_of(mail): body_of(mail) for mail in out}
    assert "leider nicht" not in read["a.eins@alpha.example"]
    assert "leider nicht" in read["b.zwei@beta.example"]


@pytest.mark.parametrize(
    "order",
    [
        "{first} antwort Ja, das ist frei.\n{slip} antwort Nein, Beta ist insolvent.",
        "{first} antwort Ja, das ist frei. {second} antwort Nein, Beta ist insolvent.",
        "{first} antwort Ja, das ist frei. {slip} antwort Nein, Beta ist insolvent.",
    ],
)
def test_no_company_reads_what_names_anothers_number(town: City, order: str) -> None:
    """With a slip in the number or in one line, nothing goes out, and the manager learns why."""
    first, second = _two_companies(town)
    said = order.format(first=first, second=second, slip=second[:-1])
    (notice,) = town.deliver(reply_to(digest_of(town), said))
    assert notice["X-Mailflow-Kind"] == "notice"
    assert "Vorgangsnummer" in body_of(notice)


@pytest.mark.parametrize("named", ["{own}", "KAM 4H2D 8T5W"])
def test_an_answer_may_name_the_numbers_that_the_company_knows(town: City, named: str) -> None:
    """Its own number, and one that it has named itself, tell it nothing of anybody else."""
    town.deliver(letter("Frage", f"Es geht auch um KAM-4H2D-8T5W.\n\n{NO_OFFICE}"))
    own = town.ticket().reference
    order = f"{own} antwort Bitte nennen Sie {named.format(own=own)}."
    out = town.deliver(reply_to(digest_of(town), order))
    assert of_kind(out, "combined-answer")


@pytest.mark.parametrize(
    "day", ["12.12.", "12.12", "12. 12. 2026", "12.12.26", "bis zum 12.12.", "2026-12-12"]
)
def test_a_day_may_be_written_as_people_do(town: City, day: str) -> None:
    """With and without the last stop, the year, and a little word before it."""
    town.deliver(letter("Stand", ONE_OFFICE))
    town.deliver(reply_to(digest_of(town), f"{town.ticket().reference} frist {day}"))
    assert town.ticket().consultations[0].due_on == date(2026, 12, 12)


def test_a_day_may_be_counted_in_words(town: City) -> None:
    """Three workdays from Tuesday is Friday."""
    town.deliver(letter("Stand", ONE_OFFICE))
    town.deliver(reply_to(digest_of(town), f"{town.ticket().reference} frist in 3 Tagen"))
    assert town.ticket().consultations[0].due_on == date(2026, 11, 27)


def test_a_number_is_known_in_brackets(town: City) -> None:
    """The subject of a mail shows it so, and so it may be copied."""
    town.deliver(letter("Stand", ONE_OFFICE))
    reference = town.ticket().reference
    town.deliver(letter("Halle 4", "Die Genehmigung kommt im Juni.", sender=BAU))
    (item,) = town.reporting.digest().pending
    out = town.deliver(reply_to(digest_of(town), f"{item.reference} zu [{reference}]."))
    assert of_kind(out, "combined-answer")


@pytest.mark.parametrize("days", [14, 15, 20])
def test_an_order_under_an_old_digest_does_nothing_and_says_so(town: City, days: int) -> None:
    """A digest's key acts for ten workdays, counted in full; then it is answered "abgelaufen"."""
    town.deliver(letter("Eine Frage", NO_OFFICE))
    digest, reference = digest_of(town), town.ticket().reference
    town.wait(days=days)
    out = town.deliver(reply_to(digest, f"{reference} an bauaufsicht"))
    (notice,) = of_kind(out, "notice")
    assert bool(of_kind(out, "forward")) == (days == 14)
    assert ("abgelaufen" in body_of(notice)) == (days > 14)
    assert (town.ticket().state == "triage") == (days > 14)


def test_a_release_with_an_old_key_releases_nothing(careful_town: City) -> None:
    """The key of a shown answer ends as well: it is shown again, never sent upon an old mail."""
    town = careful_town
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (review,) = town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    town.wait(days=20)
    out = town.deliver(reply_to(review, f"{town.ticket().reference} freigeben"))
    assert of_kind(out, "combined-answer") == []
    (notice,) = of_kind(out, "notice")
    assert "abgelaufen" in body_of(notice)
    assert town.ticket().state == "review"
