"""A company reads one address of the house, whoever else is named in what an office writes."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.flow.city import (
    CENTRAL,
    COMPANY,
    MANAGER,
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

BAU = "bauaufsicht@stadt.example.org"
COLLEAGUE = "k.neu@stadtwerke.example"
WORDS = "Die Genehmigung kommt im Juni. Fragen dazu bitte an {} richten."
OURS = [
    BAU,
    "bauaufsicht-leitung@stadt.example.org",
    MANAGER,
    "ansiedlung@hafen.example.org",
    "h.meier@stadt.example.org",
    "H.Meier@Stadt.Example.Org",
    "h.meier+akte7@stadt.example.org",
    "h.meier@bauamt.stadt.example.org",
]
OTHERS = [
    COMPANY,
    "planung@beispiel.example",
    "h.meier@hafen.example.org",
    "h.meier@stadt.example.org.example",
    "h.meier@meinestadt.example.org",
    "amt@gmx.de",
]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[City]:
    """Give a city that nobody has written to."""
    with city(tmp_path) as made:
        yield made


def _forward(town: City, sender: str = COMPANY) -> EmailMessage:
    return forward_to(town.deliver(letter("Stand", ONE_OFFICE, sender=sender)), BAU)


def _words_of(mail: EmailMessage) -> str:
    """Give a mail's words in one line, whatever lines they were wrapped into."""
    return " ".join(body_of(mail).split())


def _company_reads(town: City, kind: str, words: str) -> str:
    """Let the office write; give the words of the one mail that the company gets of it."""
    (mail,) = of_kind(town.deliver(reply_to(_forward(town), words)), kind)
    assert to_of(mail) == COMPANY
    return _words_of(mail)


@pytest.mark.parametrize("address", OURS)
def test_an_address_of_the_house_becomes_the_one_address(town: City, address: str) -> None:
    """What an office writes names nobody of the house to a company, configured or not."""
    words = _company_reads(town, "combined-answer", WORDS.format(address))
    assert WORDS.format(CENTRAL) in words


@pytest.mark.parametrize("address", OTHERS)
def test_an_address_of_nobody_of_the_house_stays(town: City, address: str) -> None:
    """The company's own, and whoever else an office names, it reads as they were written."""
    words = _company_reads(town, "combined-answer", WORDS.format(address))
    assert WORDS.format(address) in words


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("question", "Rückfrage\nBitte senden Sie die Pläne an h.meier@stadt.example.org."),
        ("interim", "Zwischennachricht\nWir prüfen noch; Fragen an h.meier@stadt.example.org."),
    ],
)
def test_neither_question_nor_notice_names_one(town: City, kind: str, words: str) -> None:
    """Whatever goes to a company goes through the same sieve as the answer."""
    read = _company_reads(town, kind, words)
    assert CENTRAL in read
    assert "h.meier" not in read


def test_the_managers_own_answer_names_none(town: City) -> None:
    """Words behind ``antwort`` are cleaned as an office's are."""
    _forward(town)
    reference = town.ticket().reference
    order = f"{reference} antwort: Den Termin nennt Ihnen Frau Meier, h.meier@stadt.example.org."
    (mail,) = of_kind(town.deliver(reply_to(digest_of(town), order)), "combined-answer")
    assert f"Den Termin nennt Ihnen Frau Meier, {CENTRAL}." in _words_of(mail)


def test_whom_the_manager_took_up_is_named_to_no_company(town: City) -> None:
    """A colleague elsewhere is of the house from the order on, in that answer and in later ones."""
    forward = _forward(town)
    town.deliver(reply_to(forward, WORDS.format(COLLEAGUE), sender=COLLEAGUE))
    order = f"{town.ticket().reference} aufnehmen"
    (first,) = of_kind(town.deliver(reply_to(digest_of(town), order)), "combined-answer")
    assert WORDS.format(CENTRAL) in _words_of(first)
    other = forward_to(town.deliver(letter("Tor", ONE_OFFICE, sender="post@zweite.example")), BAU)
    (second,) = of_kind(town.deliver(reply_to(other, WORDS.format(COLLEAGUE))), "combined-answer")
    assert WORDS.format(CENTRAL) in _words_of(second)


def test_a_manager_at_a_provider_is_named_to_no_company(tmp_path: Path) -> None:
    """His address is of the house wherever it is; his neighbours' there are anybody's."""
    words = "Die Genehmigung kommt im Juni. Fragen an kam.stadt@gmx.de, nicht an amt@gmx.de."
    with city(tmp_path, manager="kam.stadt@gmx.de") as town:
        read = _company_reads(town, "combined-answer", words)
    assert f"Fragen an {CENTRAL}, nicht an amt@gmx.de." in read


def test_whom_nobody_has_taken_up_is_named(town: City) -> None:
    """Before the manager's order the colleague's address is anybody's."""
    words = _company_reads(town, "combined-answer", WORDS.format(COLLEAGUE))
    assert WORDS.format(COLLEAGUE) in words


def test_a_company_below_the_city_s_domain_reads_its_own_address(town: City) -> None:
    """A municipal company at a name below the city's is a company; its neighbours are the city."""
    trade_fair = "kuehn@messe.stadt.example.org"
    forward = _forward(town, trade_fair)
    words = "Die Genehmigung ging an leitung@messe.stadt.example.org und p.gruen@stadt.example.org."
    (mail,) = of_kind(town.deliver(reply_to(forward, words)), "combined-answer")
    assert to_of(mail) == trade_fair
    assert f"an leitung@messe.stadt.example.org und {CENTRAL}." in _words_of(mail)


def test_an_answer_with_its_author_s_address_waits_for_nobody(town: City) -> None:
    """Most signatures hold one: it is taken out, and the answer goes."""
    words = (
        "Die Genehmigung kommt im Juni.\n\nMit freundlichen Grüßen\nM. Roth\nroth@stadt.example.org"
    )
    assert "roth@" not in _company_reads(town, "combined-answer", words)
