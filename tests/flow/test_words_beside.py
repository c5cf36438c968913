"""What stands beside an order's own words may take it back: then nothing is done."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailflow.core.commands import commands_in
from mailflow.core.meant import number_among
from mailflow.core.offices import Offices, Terms
from mailflow.core.reasons import CONSENTS, REASONS
from tests.flow.city import (
    NO_OFFICE,
    OFFICES,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    at_the_desk,
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


@pytest.fixture(scope="module")
def two_offices_asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """Give one city with a ticket at which two offices work, for orders that change nothing."""
    with city(tmp_path_factory.mktemp("asked")) as town:
        town.deliver(letter("Frage", TWO_OFFICES))
        yield town


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
    "order",
    [
        *("an umwelt, nicht tiefbau", "an umwelt, tiefbau nicht", "an umwelt noch nicht"),
        *("an umwelt, ohne bauaufsicht", "an alle außer umwelt", "an umwelt nach Rücksprache"),
        *("to umwelt, not tiefbau", "to umwelt once we know", "an umwelt am Freitag"),
    ],
)
def test_an_office_that_is_not_to_be_asked_is_not_asked(tmp_path: Path, order: str) -> None:
    """A limit beside an office's name refuses the order, whatever words its terms hold."""
    terms = {"de": Terms(("noch nicht genehmigt", "ohne * anlage", "kein am freitag nach"))}
    offices = Offices(tuple(replace(each, terms=terms) for each in OFFICES))
    with city(tmp_path, offices=offices) as town:
        town.deliver(letter("Frage", NO_OFFICE))
        town.wait(days=1)
        out = town.deliver(reply_to(digest_of(town), f"{town.ticket().reference} {order}"))
        assert "NICHT ausgeführt" in _told(out)
        assert of_kind(out, "forward") == []


@pytest.mark.parametrize(
    "order",
    [
        *("ohne umwelt nicht", "ohne umwelt, nicht bauaufsicht", "ohne umwelt erst am Montag"),
        *("frist 11.12. nur umwelt", "frist 11.12., nicht bauaufsicht", "frist nicht 11.12."),
        *("frist 11.12. umwelt, bauaufsicht 18.12.", "frist 3. Dezember außer umwelt"),
        *("erinnern am Freitag", "erinnern nicht mehr", "erinnern nicht mehr nötig"),
        *("remind tomorrow", "remind after 12 December", "erinnern nach Ostern"),
    ],
)
def test_a_limit_refuses_each_order_on_offices_at_work(town: City, order: str) -> None:
    """Nobody is written to or left out, and no day is moved, where words limit the order."""
    town.deliver(letter("Frage", TWO_OFFICES))
    before = town.ticket().consultations
    town.wait(days=1)
    out = town.deliver(reply_to(digest_of(town), f"{town.ticket().reference} {order}"))
    assert "NICHT ausgeführt" in _told(out)
    assert [mail["X-Mailflow-Kind"] for mail in out] == ["notice"]
    assert [(each.state, each.due_on) for each in town.ticket().consultations] == [
        (each.state, each.due_on) for each in before
    ]


@pytest.mark.parametrize(
    "words",
    [
        *("bis auf umwelt", "außer umwelt", "ausgenommen Umweltamt", "nur umwelt", "für umwelt"),
        *("ohne Umweltamt", "umwelt", "umwelt erledigt", "Umweltamt ist erledigt", "zur Hälfte"),
        *("nach Antwort Umweltamt", "am Freitag", "Freitagnachmittag", "ab 12.12.", "zum 1.1."),
        *(
            "frühestens Montag",
            "nächste Woche",
            "in zwei Wochen",
            "zum Monatsende",
            "bei Gelegenheit",
        ),
        *(
            "wenn erledigt",
            "sobald beantwortet",
            "falls erledigt",
            "nachdem geklärt",
            "am 12.12. erledigt",
        ),
        *(
            "teilweise erledigt",
            "noch nicht erledigt",
            "nicht erledigt",
            "fast fertig",
            "unerledigt",
        ),
        *("nein", "auf keinen Fall", "bitte nachfragen ob ok", "in Absprache mit Frau Seidel"),
        *("muss geklärt werden", "wird telefonisch geklärt", "soll erledigt sein", "oder warten"),
        *("ob erledigt, unklar", "ist das erledigt?", "an umwelt", "freigeben", "Frist läuft"),
        *("tomorrow", "when umwelt has answered", "after 12 December", "once answered"),
        *("if done", "unless answered", "on Friday", "next week", "except umwelt", "partly done"),
        *("as soon as done", "later", "not done", "by phone first"),
        *("Mitte Januar, wie besprochen", "Ende der Woche, wie besprochen", "nicht mehr"),
        *("am 12. Dezember, wie besprochen", "heute Abend, wie besprochen"),
        *("zum Jahresende, so besprochen", "in 14 Tagen, so mit der Firma besprochen"),
        *("Frage zum Lärm erledigt, Nutzungsänderung läuft weiter", "Rest läuft, erledigt"),
        *("Lärm erledigt, Rest bitte weiter", "Punkt 1 ist erledigt, Punkt 2 läuft"),
        *("und der Firma mitteilen, dass es erledigt ist", "lassen, wie besprochen"),
        *("Firma bitte Bescheid geben: Anfrage ist beantwortet", "besprochen: Ämter antworten"),
        *("mit Antwort: Ihre Anfrage ist erledigt", "wie besprochen auf Wiedervorlage"),
        *("mit Frau Muster besprochen, sie schickt Unterlagen nach", "ist das erledigt"),
    ],
)
@pytest.mark.parametrize("verb", ["schliessen", "schließen:", "close,"])
def test_a_matter_is_not_closed_where_words_may_limit_it(
    two_offices_asked: City, verb: str, words: str
) -> None:
    """Closing withdraws every office, so whatever limits or postpones it refuses, and is quoted."""
    town = two_offices_asked
    (line,) = at_the_desk(town, f"{town.ticket().reference} {verb} {words}")
    assert not line.done, line
    assert words.split(maxsplit=1)[0] in line.result
    assert [each.state for each in town.ticket().consultations] == ["asked", "asked"]


@pytest.mark.parametrize(
    "words",
    [
        *("", ".", "!", ", danke", ", vielen Dank!", " bitte", " bitte, danke", " - danke Ihnen!"),
        *(", danke und Gruß, Petra Weber", " LG Petra", " VG Weber", "\n\nGruß\nPetra Weber"),
        *(": telefonisch erledigt", " hat sich erledigt", ", ist erledigt. Danke", " (Dublette)"),
        *(" - mit der Firma besprochen", ", nicht mehr nötig", ": kein Bedarf mehr", " erledigt"),
        *(", wird nicht mehr benötigt", " weil zurückgezogen", ", duplicate", ": done by phone"),
        *(", ist nur Werbung", " Spam", ", no longer needed", "\n\nBeste Grüße"),
        *(": Dublette", ", wie besprochen", ", da telefonisch mit Herrn Dr. Roth geklärt"),
        *(". Habe mit Frau Muster telefoniert", ", die Firma hat die Anfrage zurückgezogen"),
        *(" bitte, alles erledigt", ", keine Antwort nötig", ", Firma hat kein Interesse mehr"),
    ],
)
def test_a_matter_is_closed_with_a_courtesy_or_a_reason(town: City, words: str) -> None:
    """An ordinary order, with thanks, a signature or why the matter is over, is carried out."""
    town.deliver(letter("Frage", TWO_OFFICES))
    town.wait(days=1)
    digest = digest_of(town)
    order = f"{town.ticket().reference} schliessen{words}"
    sender = f"Petra Weber <{digest['To']}>"
    out = town.deliver(reply_to(digest, order, sender=sender))
    assert "NICHT" not in _told(out)
    assert town.ticket().state == "closed"


@pytest.mark.parametrize(
    "words",
    [
        *("11.12. LG Petra", "verlängern bis 11.12. bitte", "11.12. 12 Uhr", "by 11 December"),
        *("auf Freitag, den 11.12. verlängern", "11.12. für alle Ämter, danke"),
        *("Freitag 11.12.", "bis Freitag, 11.12.", "11.12. (Freitag)", "Fr, 11.12.", "Fr. 11.12."),
        *("verlängern auf den 11.12.", "Freitag, 11. Dezember"),
    ],
)
def test_a_day_with_a_courtesy_is_a_new_day(town: City, words: str) -> None:
    """What stands around a day in ordinary orders, and says nothing else, refuses none."""
    town.deliver(letter("Frage", TWO_OFFICES))
    town.wait(days=1)
    digest = digest_of(town)
    order = f"{town.ticket().reference} frist {words}"
    town.deliver(reply_to(digest, order, sender=f"Petra Weber <{digest['To']}>"))
    assert {each.due_on.isoformat() for each in town.ticket().consultations} == {"2026-12-11"}


@pytest.mark.parametrize(
    "words",
    [
        *("Donnerstag 11.12.", "bis Montag, den 11.12.", "11.12. (Donnerstag)", "Do, 11.12."),
        *("1 Woche verlängern", "0 Wochen", "Sonnabend 11.12."),
        "auf Donnerstag, den 11.12. verlängern",
    ],
)
def test_a_day_of_another_weekday_moves_nothing(two_offices_asked: City, words: str) -> None:
    """One of the two is a slip, and which is not ours to guess."""
    town = two_offices_asked
    before = [each.due_on for each in town.ticket().consultations]
    (line,) = at_the_desk(town, f"{town.ticket().reference} frist {words}")
    assert not line.done, line
    assert [each.due_on for each in town.ticket().consultations] == before


@pytest.mark.parametrize("words", ["2 Wochen", "zwei Wochen", "in zwei Wochen", "+2 Wochen"])
def test_weeks_are_counted_from_today(town: City, words: str) -> None:
    """As the workdays of "5 Tage" are."""
    town.deliver(letter("Frage", TWO_OFFICES))
    at_the_desk(town, f"{town.ticket().reference} frist {words}")
    day = town.now.date() + timedelta(weeks=2)
    assert {each.due_on for each in town.ticket().consultations} == {day}


@pytest.mark.parametrize(
    "words", ["umwelt/tiefbau", "umwelt + tiefbau", "umwelt & tiefbau", "umwelt sowie tiefbau"]
)
def test_two_offices_may_be_joined_in_any_usual_way(town: City, words: str) -> None:
    """They were found, named in the refusal, and not asked."""
    town.deliver(letter("Frage", NO_OFFICE))
    (line,) = at_the_desk(town, f"{town.ticket().reference} an {words}")
    assert line.done, line
    assert {each.office_id for each in town.ticket().consultations} == {"umwelt", "tiefbau"}


@pytest.mark.parametrize(
    ("order", "is_done"),
    [
        *(("schliessen am Freitag", False), ("verwerfen am Freitag", False)),
        *(("verwerfen nach Rücksprache", False), ("discard tomorrow", False)),
        *(("neu am Montag", False), ("neu nach Rücksprache", False)),
        *(("verwerfen, ist nur Werbung", True), ("verwerfen, hat sich erledigt", True)),
        *(("verwerfen Bettelbrief", False), ("schliessen Spam", True), ("neu bitte", True)),
    ],
)
def test_what_waits_outside_every_ticket_is_not_decided_before_its_time(
    town: City, order: str, is_done: bool
) -> None:
    """A held mail goes on waiting where the order for it is limited or put off."""
    town.deliver(letter("Ohne Kennung", "Der Bescheid kommt im Mai.", sender=BAU))
    (item,) = town.reporting.digest().pending
    (line,) = at_the_desk(town, f"{item.reference} {order}")
    assert line.done == is_done, line


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
        assert "Dahinter steh" in _told(out)
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
    assert "Dahinter steh" in _told(out)
    assert [mail["X-Mailflow-Kind"] for mail in out] == ["notice"]
    assert [each.reference for each in town.reporting.digest().pending] == [item.reference]


def test_a_reminder_of_one_office_is_none_of_all(town: City) -> None:
    """``erinnern`` takes no office: the others were reminded as well."""
    town.deliver(letter("Frage", TWO_OFFICES))
    town.wait(days=1)
    out = town.deliver(reply_to(digest_of(town), f"{town.ticket().reference} erinnern umwelt"))
    assert "Dahinter stehen zu viele Worte: „umwelt“" in _told(out)
    assert not of_kind(out, "reminder")


SAID_OF_ONE = """
passt|passt so|passt mir|passt für mich|passt alles|das passt|es passt so|alles passt|ist ok
ist in Ordnung|das ist gut|so|alles klar|all good|sehr gut|so ok|ok|okay|gut|fine|good|in Ordnung
prima|super|perfekt|bestens|einverstanden|klar|gut so|ok für mich|gut von mir aus|für mich
für mich ok|von mir|von mir aus|von meiner Seite|meinerseits|from me|by me|with me|for me
from my side|keine Einwände|ich habe keine Bedenken|keine Anmerkungen mehr|keine Änderungen
keine Fragen|keine Ergänzungen von mir|kein Einwand|kein Problem|no objections|no comments
looks good|looks fine to me|ja|yes|erledigt|gelesen|geprüft|kann raus|kann so raus
das darf rausgehen|Werbung|nur Werbung|ist nur Werbung|das ist ja nur Spam|Werbemail|Newsletter
Rundschreiben|Rundmail|Phishing|Irrläufer|Dublette|doppelt|ist doppelt|privat|ist privat
advertising|ad|duplicate|keine Firma|kein Unternehmen|kein Kunde|ist keine Anfrage|kein Vorgang
no company|not a customer|nicht für uns|ist nicht für uns|ist nichts für uns bestimmt
not for us|betrifft uns nicht|nicht relevant|ist nicht relevant|nicht zuständig
sind wir nicht zuständig|ist erledigt|hat sich erledigt|schon erledigt|bereits beantwortet
telefonisch erledigt|ist schon beantwortet|done|done by phone|resolved|i.O.|o.k.|hiermit erteilt
kein Bedarf|kein Interesse mehr|keine Änderungen nötig
"""


def _phrases() -> list[str]:
    return [each for line in SAID_OF_ONE.split("\n") for each in line.split("|") if each]


@pytest.fixture(scope="module")
def two_replies_wait(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """Give one city with a ticket in which two offices' replies wait for the manager."""
    with city(tmp_path_factory.mktemp("waiting")) as town:
        forwards = town.deliver(letter("Frage", TWO_OFFICES))
        for office, sender in ((UMWELT, COLLEAGUE), (BAU, OTHER)):
            town.deliver(reply_to(forward_to(forwards, office), "Im Mai.", sender=sender))
        yield town


def test_each_phrase_is_a_consent_or_a_reason() -> None:
    """The tables that are left out behind an order are what the next test goes through."""
    assert [e for e in _phrases() if not (CONSENTS.fullmatch(e) or REASONS.fullmatch(e))] == []


@pytest.mark.parametrize("verb", ["verwerfen", "freigeben", "aufnehmen"])
def test_what_is_said_of_one_office_does_the_order_to_no_two(
    two_replies_wait: City, verb: str
) -> None:
    """No consent or reason behind the second of two offices does the order to both."""
    town = two_replies_wait
    reference, holds = town.ticket().reference, town.ticket().holds
    for said in _phrases():
        names = "bauaufsicht, umwelt" if len(said) % 2 else "umwelt und bauaufsicht"
        (line,) = at_the_desk(town, f"{reference} {verb} {names} {said}")
        assert not line.done, line
    assert town.ticket().holds == holds


@pytest.mark.parametrize("verb", ["verwerfen", "freigeben", "aufnehmen", "an", "ohne"])
def test_such_words_refuse_an_order_however_they_are_joined(verb: str) -> None:
    """Which mark or blank stands before them, and which office comes first, changes nothing."""
    pairs = ("bauaufsicht, umwelt", "umwelt und bauaufsicht", "tiefbau; umwelt", "hafen/umwelt")
    for names in pairs:
        for said in _phrases():
            for joint in (" ", ": ", " - ", ", ", " ("):
                order = f"KAM-7K3Q-9F2M {verb} {names}{joint}{said}"
                assert all(each.refusal for each in commands_in(order, "KAM")), order


@pytest.mark.parametrize("tail", ["alles klar", "alles gut", "alles erledigt", "alles, klar"])
def test_all_is_discarded_by_that_word_alone(two_replies_wait: City, tail: str) -> None:
    """Of "alles klar" the word "alles" was left, and whatever waited was discarded."""
    town = two_replies_wait
    (line,) = at_the_desk(town, f"{town.ticket().reference} verwerfen, {tail}")
    assert not line.done
    assert len(town.ticket().holds) == len(("bauaufsicht", "umwelt"))
