"""What stands beside an order's own words may take it back: then nothing is done."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from mailflow.core.meant import number_among
from tests.flow.city import (
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    body_of,
    city,
    digest_of,
    forward_to,
    letter,
    of_kind,
    reply_to,
)

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"
COLLEAGUE, OTHER = "k.neu@stadt.example.org", "r.kurz@stadt.example.org"
LIMITS = (
    *("noch nicht", "bitte noch nicht", "nicht", "erst am Montag", "nur den ersten Satz"),
    *("ohne den letzten Satz", "als antwort", "aber kürzer"),
)


def _told(out: list[EmailMessage]) -> str:
    (notice,) = of_kind(out, "notice")
    return " ".join(body_of(notice).split())


@pytest.mark.parametrize("words", LIMITS)
@pytest.mark.parametrize("verb", ["freigeben", "verwerfen", "aufnehmen"])
def test_an_order_with_a_limit_behind_the_office_does_nothing(
    town: City, verb: str, words: str
) -> None:
    """Half of it done is the opposite of what was said, and nobody can undo it."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.deliver(reply_to(forward, "Der Bescheid kommt im Mai.", sender=COLLEAGUE))
    town.wait(days=1)
    order = f"{town.ticket().reference} {verb} bauaufsicht {words}"
    out = town.deliver(reply_to(digest_of(town), order))
    assert "NICHT ausgeführt" in _told(out)
    assert town.ticket().holds
    assert not of_kind(out, "combined-answer")


@pytest.mark.parametrize("verb", ["verwerfen", "freigeben"])
@pytest.mark.parametrize("words", ["alles außer umwelt", "alle bis auf das Umweltamt"])
def test_all_but_one_is_not_that_one(town: City, verb: str, words: str) -> None:
    """The office that was to be spared was the only one concerned."""
    out = town.deliver(letter("Frage", TWO_OFFICES))
    town.deliver(reply_to(forward_to(out, UMWELT), "Es gelten 45 dB.", sender=COLLEAGUE))
    town.deliver(reply_to(forward_to(out, BAU), "Im Mai.", sender=OTHER))
    town.wait(days=1)
    order = f"{town.ticket().reference} {verb} {words}"
    assert "NICHT ausgeführt" in _told(town.deliver(reply_to(digest_of(town), order)))
    assert len(town.ticket().holds) == 2


@pytest.mark.parametrize(
    "words", ["erinnern nicht", "erinnern erst am Montag", "ansiedlung nein", "bestand nicht"]
)
def test_a_verb_that_takes_no_words_takes_no_limit(town: City, words: str) -> None:
    """Words behind it were not read at all."""
    town.deliver(letter("Stand", ONE_OFFICE))
    town.wait(days=1)
    out = town.deliver(reply_to(digest_of(town), f"{town.ticket().reference} {words}"))
    assert "NICHT ausgeführt" in _told(out)
    assert not of_kind(out, "reminder")


def test_a_reminder_may_be_asked_for_once_more(town: City) -> None:
    """What puts nothing off is no limit."""
    town.deliver(letter("Stand", ONE_OFFICE))
    town.wait(days=1)
    order = f"{town.ticket().reference} erinnern bitte noch einmal"
    assert len(of_kind(town.deliver(reply_to(digest_of(town), order)), "reminder")) == 1


@pytest.mark.parametrize(
    "words",
    [
        *("neu noch nicht", "verwerfen nicht", "zu {ref} noch nicht"),
        *("zu {ref} bauaufsicht noch nicht", "zu {ref} bauaufsicht ohne die Anlage"),
    ],
)
def test_a_limit_behind_an_order_for_a_waiting_mail_lets_it_wait(town: City, words: str) -> None:
    """No ticket is opened, nothing is dropped, and no answer goes."""
    town.deliver(letter("Stand", ONE_OFFICE))
    town.wait(minutes=5)
    reference = town.ticket().reference
    town.deliver(letter("Ohne Kennung", "Der Bescheid kommt im Mai.", sender=BAU))
    town.wait(days=1)
    (item,) = town.reporting.digest().pending
    order = f"{item.reference} {words.format(ref=reference)}"
    out = town.deliver(reply_to(digest_of(town), order))
    assert "NICHT ausgeführt" in _told(out)
    assert [mail["X-Mailflow-Kind"] for mail in out] == ["notice"]
    assert [each.reference for each in town.reporting.digest().pending] == [item.reference]


@pytest.mark.parametrize(
    "form",
    [
        "{n}<tel:{n}>",
        "{n} <tel:{n}>",
        "({n})",
        "#{n}",
        "Nr. {n}",
        "Nummer {n}",
        "No. {n}",
        "{n} bitte",
    ],
)
def test_an_items_number_is_read_as_mail_programs_write_it(town: City, form: str) -> None:
    """Where it names nothing that waits, it never means the other item of that office."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    for words, sender in (("Der Bescheid kommt im Mai.", COLLEAGUE), ("Im Juni.", OTHER)):
        town.deliver(reply_to(forward, words, sender=sender))
        town.wait(minutes=5)
    town.wait(days=1)
    digest, holds = digest_of(town), town.ticket().holds
    first, second = (number_among(each, holds) for each in holds)
    order = f"{town.ticket().reference} verwerfen bauaufsicht {form}"
    assert "NICHT" not in _told(town.deliver(reply_to(digest, order.format(n=first))))
    assert [each.number.startswith(second) for each in town.ticket().holds] == [True]
    town.wait(minutes=5)
    assert "NICHT" in _told(town.deliver(reply_to(digest, order.format(n=first))))
    assert town.ticket().holds


@pytest.mark.parametrize("order", ["freigeben ?", "freigeben 👎", "schliessen ?"])
def test_an_order_with_a_sign_of_doubt_behind_it_does_nothing(tmp_path: Path, order: str) -> None:
    """A question mark behind a blank, or a sign that says no, was dropped: the answer went out."""
    with city(tmp_path, manager_releases=True) as town:
        _wait_for_release(town)
        out = town.deliver(reply_to(digest_of(town), f"{town.ticket().reference} {order}"))
        assert "NICHT ausgeführt" in _told(out)
        assert "Dahinter steht" in _told(out)
        assert not of_kind(out, "combined-answer")
        assert town.ticket().state == "review"


@pytest.mark.parametrize(
    "above", ["Hallo, noch nicht freigeben:", "Hallo zusammen, folgende ohne Firmennamen:"]
)
def test_words_beside_the_greeting_let_nothing_out(tmp_path: Path, above: str) -> None:
    """They stood in the line that greets, which was dropped: the answer went out."""
    with city(tmp_path, manager_releases=True) as town:
        _wait_for_release(town)
        order = f"{above}\n\n{town.ticket().reference} freigeben\n\nGruß"
        out = town.deliver(reply_to(digest_of(town), order))
        assert above in _told(out)
        assert not of_kind(out, "combined-answer")
        assert town.ticket().state == "review"


def _wait_for_release(town: City) -> None:
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
    town.wait(days=1)


@pytest.mark.parametrize("words", ["freigeben, wie besprochen", "freigeben, geprüft von Lindner"])
def test_words_too_many_behind_a_release_are_named(tmp_path: Path, words: str) -> None:
    """The notice spoke of the preview that waits, and not of the words it was refused for."""
    with city(tmp_path, manager_releases=True) as town:
        _wait_for_release(town)
        out = town.deliver(reply_to(digest_of(town), f"{town.ticket().reference} {words}"))
        assert "Dahinter stehen zu viele Worte" in _told(out)
        assert words.partition(" ")[2] in _told(out)
        assert not of_kind(out, "combined-answer")


@pytest.mark.parametrize(
    "words", ["neu an umwelt", "verwerfen, nach Anruf bei Lindner", "schliessen, Anruf bei Lindner"]
)
def test_words_behind_an_order_for_a_waiting_mail_are_not_passed_over(
    town: City, words: str
) -> None:
    """The mail went where its routing said, or was gone, and the words were not read."""
    town.deliver(letter("Frage", ONE_OFFICE, sender=BAU))
    town.wait(days=1)
    (item,) = town.reporting.digest().pending
    out = town.deliver(reply_to(digest_of(town), f"{item.reference} {words}"))
    assert "Dahinter stehen zu viele Worte" in _told(out)
    assert [mail["X-Mailflow-Kind"] for mail in out] == ["notice"]
    assert [each.reference for each in town.reporting.digest().pending] == [item.reference]


def test_a_reminder_of_one_office_is_none_of_all(town: City) -> None:
    """``erinnern`` takes no office: the others were reminded as well."""
    town.deliver(letter("Frage", TWO_OFFICES))
    town.wait(days=1)
    out = town.deliver(reply_to(digest_of(town), f"{town.ticket().reference} erinnern umwelt"))
    assert "Dahinter stehen zu viele Worte: „umwelt“" in _told(out)
    assert not of_kind(out, "reminder")
