"""Offices in the manager's orders, by each of their names, alone and among others."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailflow.core.consulting import ask
from mailflow.core.offices import Office
from mailflow.core.proposal import Proposal
from mailflow.settings import load_offices
from mailflow.shipped import example_config
from tests.flow.city import (
    NO_OFFICE,
    City,
    at_the_desk,
    body_of,
    city,
    digest_of,
    forward_to,
    known_for,
    letter,
    of_kind,
    reply_to,
    to_of,
)
from tests.nightly import each_of

SHIPPED = load_offices(example_config() / "offices.toml")
STRANGER = "k.neu@stadt.example.org"
each_office = each_of("office", SHIPPED.all, by_day=SHIPPED.all[::4], ids=lambda office: office.id)


@pytest.fixture
def shipped(tmp_path: Path) -> Iterator[City]:
    """Give a city with the shipped offices and a ticket that concerns none of them yet."""
    with city(tmp_path, offices=SHIPPED) as town:
        town.deliver(letter("Frage", NO_OFFICE))
        yield town


def _names(office: Office) -> list[str]:
    """Give an office's id, its name in full, and as digests and notices print it."""
    return list(dict.fromkeys((office.id, office.name, office.short_name)))


def _forms(office: Office) -> list[str]:
    """Give the ways to name an office alone, politely, and twice."""
    said = [office.address, f"das {office.name.upper()} bitte"]
    return [*_names(office), *said, f"{office.short_name}, {office.id} und {office.name}"]


def _ordered(town: City, order: str) -> None:
    (line,) = at_the_desk(town, f"{town.ticket().reference} {order}")
    assert line.done, line


def _reply_that_waits(town: City, office: Office) -> None:
    """Ask an office, and let somebody whom nobody knows reply for it."""
    _ordered(town, f"an {office.id}")
    forward = forward_to(town.work(), office.address)
    town.deliver(reply_to(forward, "Der Bescheid kommt im Mai.", sender=STRANGER))
    assert [hold.office_id for hold in town.ticket().holds if hold.reply_id] == [office.id]


def _leave_out(town: City, office: Office) -> None:
    if office.id in {part.office_id for part in town.ticket().still_working()}:
        _ordered(town, f"ohne {office.id}")
        town.work()


@each_office
def test_each_office_is_asked_and_left_out_by_each_of_its_names(
    shipped: City, office: Office
) -> None:
    """However an order names an office, also twice, it asks this one, once, and leaves it out."""
    for form in _forms(office):
        _ordered(shipped, f"an {form}")
        assert [to_of(mail) for mail in of_kind(shipped.work(), "forward")] == [office.address]
        assert [part.office_id for part in shipped.ticket().still_working()] == [office.id]
        _ordered(shipped, f"ohne {form}")
        shipped.work()
        assert shipped.ticket().still_working() == ()


@pytest.mark.parametrize("verb", ["verwerfen", "freigeben als intern", "aufnehmen"])
@each_office
def test_what_waits_of_each_office_is_named_by_each_of_its_names(
    shipped: City, office: Office, verb: str
) -> None:
    """However an order names an office, it means the one reply that waits of this office."""
    for name in [office.name] if verb == "aufnehmen" else _names(office):
        _reply_that_waits(shipped, office)
        _ordered(shipped, f"{verb} {name}")
        assert not [hold for hold in shipped.ticket().holds if hold.reply_id]
        _leave_out(shipped, office)


@each_office
def test_a_waiting_mail_becomes_the_reply_of_each_office_by_its_names(
    shipped: City, office: Office
) -> None:
    """However the order names the office behind the ticket, the mail is this office's reply."""
    reference = shipped.ticket().reference
    _ordered(shipped, f"an {office.id}")
    shipped.work()
    for number, name in enumerate(_names(office), 1):
        shipped.wait(minutes=5)
        words = f"Der Bescheid Nr. {number} kommt im Mai."
        shipped.deliver(letter("Ohne Kennung", words, sender=office.address))
        pending = shipped.reporting.digest().pending
        (item,) = [each for each in pending if each.reference != reference]
        (line,) = at_the_desk(shipped, f"{item.reference} zu {reference} {name}")
        assert line.done, line
        parts = [part for part in shipped.ticket().consultations if part.replies]
        assert [(part.office_id, len(part.replies)) for part in parts] == [(office.id, number)]


def test_two_offices_that_are_named_twice_are_two(shipped: City) -> None:
    """Each is asked once, in the order of the words, and told once."""
    said = (
        "an Amt für Rechnungswesen und Steuern, umwelt, Umweltamt (Immissionsschutz, Boden, Wasser,"
        " Natur) und das Amt für Rechnungswesen\nund Steuern"
    )
    shipped.wait(days=1)
    order = f"{shipped.ticket().reference} {said}"
    out = shipped.deliver(reply_to(digest_of(shipped), order))
    asked = [to_of(mail) for mail in of_kind(out, "forward")]
    assert sorted(asked) == ["steuern@stadt.example.org", "umweltamt@stadt.example.org"]
    (notice,) = of_kind(out, "notice")
    told = " ".join(body_of(notice).split())
    assert "Weitergeleitet an Amt für Rechnungswesen und Steuern und Umweltamt." in told


def test_whoever_asks_an_office_twice_asks_it_once(shipped: City) -> None:
    """One office's part in a matter is opened once, whatever gives it twice."""
    reference = shipped.ticket().reference
    known = known_for(shipped, f"{reference} an umwelt")
    proposal = Proposal(known.tickets, shipped.now)
    umwelt = shipped.policy.office("umwelt")
    ask(proposal, shipped.policy, reference, [umwelt, umwelt])
    assert [each.office_id for each in proposal.tickets[reference].consultations] == ["umwelt"]


def test_an_order_beside_one_that_names_an_office_twice_is_carried_out(shipped: City) -> None:
    """A manager's mail is decided as a whole: no order of it may break the others."""
    reference = shipped.ticket().reference
    shipped.deliver(letter("Andere", NO_OFFICE, sender="Otto Otto <otto@andere.example>"))
    (other,) = set(shipped.store.references()) - {reference}
    shipped.wait(days=1)
    orders = f"{other} schliessen\n{reference} an umwelt, Umweltamt"
    out = shipped.deliver(reply_to(digest_of(shipped), orders))
    assert [to_of(mail) for mail in of_kind(out, "forward")] == ["umweltamt@stadt.example.org"]
    assert shipped.store.tickets([other])[other].state == "closed"
    assert shipped.reporting.digest().counts_total.quarantined == 0


@pytest.mark.parametrize(
    "orders",
    [
        ("an umwelt", "an umwelt"),
        ("an umwelt", "an Umweltamt und verkehr"),
        ("an umwelt", "ohne umwelt", "an umwelt"),
        ("an umwelt, verkehr", "ohne umwelt", "an verkehr, umwelt", "ohne verkehr"),
    ],
)
def test_several_orders_of_one_mail_name_an_office_again(
    shipped: City, orders: tuple[str, ...]
) -> None:
    """Whatever the orders before it did, each office works at it once, and no mail is lost."""
    shipped.wait(days=1)
    lines = "\n".join(f"{shipped.ticket().reference} {order}" for order in orders)
    out = shipped.deliver(reply_to(digest_of(shipped), lines))
    assert shipped.reporting.digest().counts_total.quarantined == 0
    working = [part.office_id for part in shipped.ticket().still_working()]
    assert len(working) == len(set(working)) >= 1
    asked = [to_of(mail) for mail in of_kind(out, "forward")]
    assert len(asked) == len(set(asked)) == len(working)
