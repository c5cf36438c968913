"""An order concerns one item, and what the orders beside it in one mail do to each other."""

from pathlib import Path

import pytest

from mailflow.core.meant import name_of, number_among
from mailflow.core.offices import Office, Offices
from mailflow.core.ticket import Hold, HoldReason, Ticket, TicketState
from tests.flow.city import (
    COMPANY,
    NO_OFFICE,
    OFFICES,
    ONE_OFFICE,
    City,
    body_of,
    city,
    digest_of,
    forward_to,
    letter,
    of_kind,
    reply_to,
    to_of,
)
from tests.flow.test_machines import _bounce as bounce

BAU = "bauaufsicht@stadt.example.org"
STRANGER, COLLEAGUE = "x@fremd.example", "k.neu@stadt.example.org"


def _said_to(town: City, *orders: str) -> str:
    """Let the manager answer a digest; give what became of it, in one line of words."""
    town.wait(days=1)
    lines = "\n".join(f"{town.ticket().reference} {order}" for order in orders)
    (notice,) = of_kind(town.deliver(reply_to(digest_of(town), lines)), "notice")
    return " ".join(body_of(notice).split())


def _numbers(town: City) -> list[str]:
    """Give, of what waits, the numbers by which the digest's orders name it."""
    holds = town.ticket().holds
    return [number_among(each, holds) for each in holds]


def _colleague_and_stranger(town: City) -> None:
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.deliver(reply_to(forward, "Zwischennachricht: bis 04.12.", sender=COLLEAGUE))
    town.wait(minutes=5)
    town.deliver(reply_to(forward, "Abgelehnt. Rufen Sie 0900 an.", sender=STRANGER))


def test_the_lines_of_two_items_of_one_office_differ(town: City) -> None:
    """Each line that the digest offers for either of them bears its number."""
    _colleague_and_stranger(town)
    first, second = town.reporting.digest().pending
    assert not {each.command for each in first.choices} & {each.command for each in second.choices}
    assert {each.command.rsplit(" ", 1)[1] for each in second.choices} == {_numbers(town)[1]}


def test_a_stranger_is_not_let_in_beside_a_colleague(town: City) -> None:
    """Each of two orders does what it says to one of them."""
    _colleague_and_stranger(town)
    town.wait(days=1)
    reference = town.ticket().reference
    known, unknown = _numbers(town)
    lines = (
        f"{reference} aufnehmen bauaufsicht {known}\n{reference} verwerfen bauaufsicht {unknown}"
    )
    out = town.deliver(reply_to(digest_of(town), lines))
    assert of_kind(out, "combined-answer") == []
    assert len(of_kind(out, "interim")) == 1
    assert town.ticket().holds == ()
    town.deliver(
        reply_to(
            forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU), "Nein.", sender=STRANGER
        )
    )
    assert [
        hold.reason
        for each in town.store.tickets(town.store.references()).values()
        for hold in each.holds
    ] == ["sender"]


def test_the_bare_order_is_refused_where_several_are_meant(town: City) -> None:
    """It does nothing and names the orders for each, with what each is about."""
    _colleague_and_stranger(town)
    first, second = _numbers(town)
    for order in ("aufnehmen bauaufsicht", "freigeben", "verwerfen bauaufsicht"):
        said = _said_to(town, order)
        verb = order.split(" ", maxsplit=1)[0]
        assert f"{verb} bauaufsicht {first} ({COLLEAGUE}" in said
        assert f"{verb} bauaufsicht {second} ({STRANGER}" in said
    assert len(town.ticket().holds) == 2


def test_a_number_stays_when_another_is_settled(town: City) -> None:
    """The second item keeps its number for ever, and the first one's is nobody else's."""
    _colleague_and_stranger(town)
    first, second = _numbers(town)
    _said_to(town, f"verwerfen bauaufsicht {first}")
    assert "wartet hier nichts" in _said_to(town, f"aufnehmen bauaufsicht {first}")
    (left,) = town.ticket().holds
    assert left.number.startswith(second)
    _said_to(town, f"verwerfen bauaufsicht {second}")
    assert town.ticket().holds == ()


def test_as_an_answer_lets_no_second_reply_out(town: City) -> None:
    """What the digest offers for the second one leaves the first one, a note, where it is."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.deliver(reply_to(forward, "Das bitte vertraulich behandeln: Die Firma stört uns.\n"))
    town.deliver(reply_to(forward, "Der Antrag ist unvollständig; es fehlt der Lageplan.\n"))
    first, _ = town.ticket().holds
    _, second = town.reporting.digest().pending
    (order,) = [each.command for each in second.choices if "als antwort" in each.command]
    town.wait(days=1)
    out = town.deliver(reply_to(digest_of(town), order))
    assert not any("stört" in body_of(mail) for mail in of_kind(out, "combined-answer"))
    assert [hold.number for hold in town.ticket().holds] == [first.number]


def test_a_number_in_an_offices_name_is_none_of_an_item(tmp_path: Path) -> None:
    """Where an office is called "Amt 61", a number behind that is one of its items'."""
    offices = Offices(
        tuple(
            each
            if each.id != "bauaufsicht"
            else Office(id="amt-61", name="Amt 61", address=BAU, terms=each.terms)
            for each in OFFICES
        )
    )
    with city(tmp_path, offices=offices) as town:
        _colleague_and_stranger(town)
        first, second = _numbers(town)
        assert f"amt-61 {first}" in _said_to(town, "verwerfen Amt 61")
        _said_to(town, f"verwerfen Amt 61 {second}")
        assert [hold.number[:5] for hold in town.ticket().holds] == [first]


OFFICES_WORDS, OWN_WORDS = "im Juni", "Ja, das geht."
REFUSED_BEFORE = "weil die Anweisung davor nicht ausgeführt wurde"


@pytest.mark.parametrize(
    ("orders", "sent", "told", "state"),
    [
        (
            ("freigeben", "schliessen"),
            [OFFICES_WORDS],
            ["Die Gesamtantwort geht", "Geschlossen."],
            "closed",
        ),
        (
            ("freigeben", "schliessen", "notiz erledigt"),
            [OFFICES_WORDS],
            ["Die Gesamtantwort geht", "Geschlossen.", "Notiert"],
            "closed",
        ),
        (
            ("freigeben", f"antwort: {OWN_WORDS}"),
            [OFFICES_WORDS, OWN_WORDS],
            ["Die Gesamtantwort geht", "Ihre Antwort geht"],
            "answered",
        ),
        (
            (f"antwort: {OWN_WORDS}", "freigeben"),
            [OWN_WORDS],
            ["Ihre Antwort geht", "Hier wartet nichts auf eine Freigabe."],
            "answered",
        ),
        (
            (f"antwort: {OWN_WORDS}", "schliessen"),
            [OWN_WORDS],
            ["Ihre Antwort geht", "Geschlossen."],
            "closed",
        ),
        (
            ("an umwelt", "freigeben"),
            [],
            ["Weitergeleitet an", "Hier wartet nichts auf eine Freigabe."],
            "consulting",
        ),
        (
            ("freigeben", "an umwelt"),
            [OFFICES_WORDS],
            ["Die Gesamtantwort geht", "Weitergeleitet an"],
            "consulting",
        ),
        (
            ("schliessen", "freigeben"),
            [],
            ["Geschlossen. Es ging keine weitere Mail", "Hier wartet nichts auf eine Freigabe."],
            "closed",
        ),
        (("verwerfen", "schliessen"), [], ["Hier wartet", REFUSED_BEFORE], "review"),
        (
            ("freigeben bauaufsicht", "schliessen"),
            [],
            ["Das lässt sich nicht freigeben", REFUSED_BEFORE],
            "review",
        ),
        (
            ("freigeben bauaufsicht", "notiz später", "schließen"),
            [],
            ["Das lässt sich nicht freigeben", "Notiert", REFUSED_BEFORE],
            "review",
        ),
        (
            ("freigebn", "schliessen"),
            [],
            ["Dieses Wort kennen wir nicht", REFUSED_BEFORE],
            "review",
        ),
    ],
)
def test_the_company_gets_what_the_notice_says(
    careful_town: City, orders: tuple[str, ...], sent: list[str], told: list[str], state: str
) -> None:
    """Of orders in one mail about an answer that waits, none takes back what an earlier one did."""
    town = careful_town
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.deliver(reply_to(forward, f"Die Genehmigung kommt {OFFICES_WORDS}."))
    town.wait(days=1)
    lines = "\n".join(f"{town.ticket().reference} {order}" for order in orders)
    out = town.deliver(reply_to(digest_of(town), lines))
    (notice,) = of_kind(out, "notice")
    town.wait(hours=5)
    answers = of_kind([*out, *town.work()], "combined-answer")
    assert [to_of(each) for each in answers] == [COMPANY] * len(sent)
    assert all(words in body_of(each) for words, each in zip(sent, answers, strict=True))
    said = " ".join(body_of(notice).split())
    places = [said.find(each) for each in told]
    assert -1 not in places
    assert places == sorted(places)
    assert town.ticket().state == state


def _slip_in(reference: str) -> str:
    return reference[:-1] + ("2" if reference[-1] != "2" else "3")


def test_a_slip_in_the_number_of_a_release_does_not_cost_the_answer(tmp_path: Path) -> None:
    """A matter with something open is not closed behind an order whose number nobody knows."""
    with city(tmp_path, manager_releases=True) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
        town.wait(days=1)
        reference = town.ticket().reference
        orders = f"{_slip_in(reference)} freigeben\n{reference} schliessen"
        (notice,) = of_kind(town.deliver(reply_to(digest_of(town), orders, quote=False)), "notice")
        assert "vielleicht war sie für diesen Vorgang" in " ".join(body_of(notice).split())
        assert town.ticket().state == "review"
        said = _said_to(town, "freigeben", "schliessen")
        assert "Geschlossen." in said
        assert town.ticket().answers == 1


def test_what_is_done_is_closed_behind_any_slip(tmp_path: Path) -> None:
    """An answered ticket has nothing to lose."""
    with city(tmp_path) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
        town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
        town.wait(days=1)
        reference = town.ticket().reference
        orders = f"{_slip_in(reference)} freigeben\n{reference} schliessen"
        town.deliver(reply_to(digest_of(town), orders, quote=False))
        assert town.ticket().state == "closed"


def test_a_slip_elsewhere_closes_what_it_cannot_have_meant(tmp_path: Path) -> None:
    """A morning's orders: one number with a slip is refused, and no other order because of it."""
    with city(tmp_path) as town:
        for number in range(3):
            raw = letter(f"Frage {number}", NO_OFFICE, sender=f"post@firma{number}.example")
            town.deliver(raw)
        town.wait(hours=1)
        tickets = town.store.references((TicketState.TRIAGE,))
        orders = [
            f"{_slip_in(tickets[0])} notiz Anruf",
            *(f"{each} schliessen" for each in tickets),
        ]
        town.deliver(reply_to(digest_of(town), "\n".join(orders), quote=False))
        assert town.store.references((TicketState.TRIAGE,)) == [tickets[0]]


def test_settling_one_item_leaves_the_others_number(tmp_path: Path) -> None:
    """Two acknowledgements to a dead address: each order means the mail that its digest showed."""
    with city(tmp_path) as town:
        acknowledged = []
        for subject in ("Eins", "Zwei"):
            out = town.deliver(letter(subject, NO_OFFICE))
            acknowledged += of_kind(out, "acknowledgement")
            town.take_receipts()
            town.wait(days=1)
        for number, mail in enumerate(acknowledged):
            town.deliver(bounce(COMPANY, mail["Message-ID"], own_id=f"dsn{number}"))
            town.wait(minutes=5)
        held = town.store.tickets(town.store.references())
        (ticket,) = (each for each in held.values() if len(_failed(each)) == 2)
        first, second = _failed(ticket)
        town.wait(days=1)
        digest = digest_of(town)
        town.wait(minutes=5)
        town.deliver(reply_to(digest, f"{ticket.reference} verwerfen {name_of(first)}"))
        (left,) = _failed(town.store.tickets([ticket.reference])[ticket.reference])
        assert left.number == second.number
        town.wait(minutes=5)
        town.deliver(reply_to(digest, f"{ticket.reference} verwerfen {name_of(second)}"))
        assert not _failed(town.store.tickets([ticket.reference])[ticket.reference])


def _failed(ticket: Ticket) -> list[Hold]:
    return [each for each in ticket.holds if each.reason is HoldReason.UNREACHABLE]
