"""What the digest offers can be said as it stands, and settles the item it stands beside."""

from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from mailflow.core.changes import MailOutcome
from mailflow.core.commands import commands_in
from mailflow.core.digest import Pending
from mailflow.core.manager import act
from mailflow.core.offices import Offices
from mailflow.core.proposal import Proposal
from mailflow.core.retry import Rejected
from mailflow.core.ticket import Ticket, TicketState
from tests.flow.city import (
    NO_OFFICE,
    OFFICES,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    body_of,
    city,
    digest_of,
    forward_to,
    known_for,
    letter,
    of_kind,
    parse,
    reply_to,
    to_of,
)

BAU, UMWELT = "bauaufsicht@stadt.example.org", "umweltamt@stadt.example.org"
Story = Callable[[City], object]


def _with_file(raw: bytes) -> bytes:
    message = parse(raw)
    message.add_attachment(b"MZ", maintype="application", subtype="x-msdownload", filename="a.exe")
    return message.as_bytes(policy=SMTP.clone(refold_source="none"))


def _replied(town: City, *texts: str, sender: str = "") -> None:
    """Let the only office asked write one mail after the other."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    for text in texts:
        town.deliver(reply_to(forward, text, sender=sender))


def _contradicting(town: City) -> None:
    out = town.deliver(letter("Umnutzung", TWO_OFFICES))
    mixed = f"AW: {forward_to(out, UMWELT)['Subject']}"
    town.deliver(reply_to(forward_to(out, BAU), "Im Juni.", subject=mixed))


def _afterthought(town: City) -> None:
    forward = forward_to(town.deliver(letter("Umnutzung", TWO_OFFICES)), BAU)
    town.deliver(reply_to(forward, "Im Juni."))
    town.deliver(reply_to(forward, "Rückfrage\nWelche Halle?"))


def _withdrawn(town: City) -> None:
    forward = forward_to(town.deliver(letter("Umnutzung", TWO_OFFICES)), BAU)
    _order(town, f"{town.ticket().reference} ohne bauaufsicht")
    town.deliver(reply_to(forward, "Doch noch: im Juni."))


def _without_token(town: City) -> None:
    _replied(town)
    town.deliver(letter("Halle", "Ja.", sender=BAU))


def _two_of_one(town: City) -> None:
    out = town.deliver(_with_file(letter("Umnutzung", TWO_OFFICES)))
    town.deliver(reply_to(forward_to(out, BAU), "Welche Halle meinen Sie?"))
    town.deliver(reply_to(forward_to(out, UMWELT), "45 dB(A).\n\nNUR INTERN: Beschwerden.\n"))


def _silent(town: City) -> None:
    _replied(town, "Rückfrage\nWelche Halle?")
    town.wait(days=14)


def _refused(town: City, response: str, *texts: str) -> None:
    """Let the server refuse what follows the last of these replies of the office, twice."""
    _replied(town, *texts[:-1])
    town.wire.outcomes = [Rejected(response)] * 2
    reference = next(iter(town.store.references()))
    part = town.store.tickets([reference])[reference].consultations[0]
    forward = next(each for each in town.wire.accepted if part.forward_ids[0].encode() in each[2])
    town.deliver(reply_to(parse(forward[2]), texts[-1]))
    town.work()
    town.wire.outcomes = []


def _forward_refused(town: City) -> None:
    town.wire.outcomes = [Rejected("550 5.1.1 unknown user")]
    town.deliver(letter("Gehweg", "Wann kommt die Baustelle am Gehweg? Wir GmbH"))
    town.work()


STORIES: dict[str, Story] = {
    "unrouted": lambda town: town.deliver(letter("Eine Frage", NO_OFFICE)),
    "a file": lambda town: town.deliver(_with_file(letter("Eine Frage", NO_OFFICE))),
    "external": lambda town: town.deliver(letter("Umschlag", ONE_OFFICE + "Und die Kaianlage?")),
    "only external": lambda town: town.deliver(letter("Kaianlage", "Dürfen wir löschen? Wir GmbH")),
    "declined": lambda town: _replied(town, "Unzuständig"),
    "declined in words": lambda town: _replied(town, "Für das Schild sind wir nicht zuständig."),
    "perhaps declined": lambda town: _replied(
        town, "Das Schild ist frei. Für den Lärm ist das Umweltamt zuständig."
    ),
    "perhaps no answer": lambda town: _replied(town, "Kommt morgen."),
    "unknown sender": lambda town: _replied(town, "Im Juni.", sender="x@fremd.example"),
    "suspected": lambda town: _replied(town, "Welche Halle meinen Sie?"),
    "internal part": lambda town: _replied(town, "Im Juni.\n\nNUR INTERN: Der Nachbar klagt."),
    "late": lambda town: _replied(town, "Im Juni.", "Nachtrag: 900 Euro."),
    "late question": lambda town: _replied(town, "Im Juni.", "Rückfrage\nWelche Halle?"),
    "late notice": lambda town: _replied(town, "Im Juni.", "Zwischennachricht\nNoch etwas folgt."),
    "late refusal": lambda town: _replied(town, "Im Juni.", "Unzuständig"),
    "question after the answer": _afterthought,
    "answer of a withdrawn office": _withdrawn,
    "empty": lambda town: _replied(town, ""),
    "conflict": _contradicting,
    "unmatched": _without_token,
    "spam": lambda town: town.deliver(letter("SEO", "Mit SEO auf Seite 1 bei Google!")),
    "several": _two_of_one,
    "a silent company": _silent,
    "office not reached": _forward_refused,
    "company not reached": lambda town: _refused(town, "550 5.1.1 unknown", "Im Juni."),
    "answer too large": lambda town: _refused(town, "552 5.3.4 too big", "Im Juni."),
    "two of one office": lambda town: _replied(town, "Halle 4?", "Im Juni.\n\nNUR INTERN: X."),
}


def _order(town: City, *lines: str) -> list[EmailMessage]:
    town.wait(days=1)
    return town.deliver(reply_to(digest_of(town), "\n".join(lines)))


def _said(town: City, text: str) -> tuple[bool, dict[str, Ticket]]:
    """Try orders on what is known now: whether all are done, and the tickets as they would be."""
    known = known_for(town, text)
    proposal = Proposal(known.tickets, town.now)
    lines = act(commands_in(text, "KAM"), proposal, known, town.policy)
    proposal.decision(MailOutcome.EVENT, "")
    return bool(lines) and all(line.done for line in lines), proposal.tickets


def _complete(command: str, town: City) -> str:
    """Add what an order leaves open."""
    known = next(iter(town.store.references()), "")
    more = {"an": "umwelt", "antwort:": "Der Termin ist am Montag.", "zu": known}
    return f"{command.strip()} {more.get(command.rsplit(maxsplit=1)[-1], '')}".strip()


def _waits(item: Pending, tickets: dict[str, Ticket]) -> bool:
    ticket = tickets.get(item.reference)
    return ticket is not None and any(hold.text == item.reason for hold in ticket.holds)


@pytest.mark.parametrize("story", STORIES)
def test_every_choice_of_the_digest_works_as_it_stands(town: City, story: str) -> None:
    """Each order offered is done, and settles its item or lets the manager write himself."""
    STORIES[story](town)
    items = town.reporting.digest().pending
    assert items
    for item in items:
        settled = 0
        for choice in item.choices:
            order = _complete(choice.command, town)
            if order.endswith(" zu"):
                continue  # no ticket there is to join
            done, tickets = _said(town, order)
            assert done, order
            settled += not _waits(item, tickets)
            others = [each for each in items if each is not item]
            if "verwerfen" in order:
                kept = [each for each in others if each.reference in tickets]
                assert all(_waits(each, tickets) for each in kept), order
            for ticket in tickets.values():
                over = ticket.state in {TicketState.ANSWERED, TicketState.CLOSED}
                assert over or ticket.still_working() or ticket.holds, order
        assert settled


def test_discarding_one_of_several_things_must_say_which(town: City) -> None:
    """A bare verwerfen names what waits; "alles" drops everything."""
    _two_of_one(town)
    reference = town.ticket().reference
    (notice,) = _order(town, f"{reference} verwerfen")
    assert "verwerfen anlage" in " ".join(body_of(notice).split())
    assert len(town.ticket().holds) == 3
    _order(town, f"{reference} verwerfen umwelt", f"{reference} discard attachment")
    assert [hold.office_id for hold in town.ticket().holds] == ["bauaufsicht"]
    _order(town, f"{reference} verwerfen alles")
    assert town.ticket().holds == ()


def test_asking_one_office_leaves_another_external_one_waiting(town: City) -> None:
    """What the manager does not decide still stands in the next digest."""
    STORIES["external"](town)
    _order(town, f"{town.ticket().reference} an umwelt")
    assert [hold.suggestion for hold in town.ticket().holds] == ["hafen"]


def test_a_released_question_of_an_office_that_was_done_comes_back_to_it(town: City) -> None:
    """The company's reply reaches the office that asked, and its later answer goes out."""
    _afterthought(town)
    (question,) = of_kind(
        _order(town, f"{town.ticket().reference} freigeben bauaufsicht"), "question"
    )
    (passed,) = town.deliver(reply_to(question, "Halle 4."))
    assert to_of(passed) == BAU
    town.deliver(reply_to(passed, "Für Halle 4 gilt Klasse 2."))
    assert town.ticket().state == "consulting"


def test_an_empty_reply_is_never_sent(town: City) -> None:
    """There is nothing to release in it, and the refusal says what to do."""
    STORIES["empty"](town)
    out = _order(town, f"{town.ticket().reference} freigeben")
    assert of_kind(out, "combined-answer") == []
    assert "nichts, das hinausgehen" in " ".join(body_of(out[0]).split())


def test_a_reply_of_a_dissolved_office_stays_an_offices_reply(tmp_path: Path) -> None:
    """An office that left the configuration is not taken for the company when it is assigned."""
    with city(tmp_path) as town:
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    left = Offices(tuple(each for each in OFFICES if each.id != "bauaufsicht"))
    with city(tmp_path, offices=left, mailbox=town.mailbox) as town:
        town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
        (item,) = town.reporting.digest().pending
        reference = town.ticket().reference
        _order(town, f"{item.reference} zu {reference}")
        assert len(town.ticket().letters) == 1
        (item,) = town.reporting.digest().pending
        (answer,) = of_kind(_order(town, item.choices[0].command), "combined-answer")
        assert "kommt im Juni" in body_of(answer)


def _held_notice(town: City, *, offices: str) -> EmailMessage:
    """Let an office's notice wait that sounds like one; give the forward it answers."""
    forward = forward_to(town.deliver(letter("Halle", offices)), BAU)
    town.deliver(
        reply_to(
            forward,
            "Vielen Dank für Ihre Anfrage. Wir prüfen das Grundbuch noch und melden uns bald.",
        )
    )
    assert town.ticket().holds
    town.wait(hours=1)
    return forward


def test_a_notice_released_behind_its_answer_asks_nobody_again(town: City) -> None:
    """What it announced has come: it is noted, and the answer goes at last."""
    forward = _held_notice(town, offices=ONE_OFFICE)
    town.deliver(reply_to(forward, "Eine Nutzungsänderung ist nicht nötig."))
    town.wait(hours=20)
    order = f"{town.ticket().reference} freigeben bauaufsicht"
    out = town.deliver(reply_to(digest_of(town), order))
    assert not of_kind(out, "interim")
    (answer,) = of_kind(out, "combined-answer")
    assert "ist nicht nötig" in body_of(answer)
    assert "Grundbuch" not in body_of(answer)
    assert town.ticket().state is TicketState.ANSWERED
    town.wait(days=20)
    assert not of_kind(town.work(), "reminder")


def test_a_notice_released_before_any_answer_goes_to_the_company(town: City) -> None:
    """The office is still waited for."""
    _held_notice(town, offices=ONE_OFFICE)
    town.wait(hours=20)
    order = f"{town.ticket().reference} freigeben bauaufsicht"
    out = town.deliver(reply_to(digest_of(town), order))
    assert len(of_kind(out, "interim")) == 1
    assert town.ticket().state is TicketState.CONSULTING
