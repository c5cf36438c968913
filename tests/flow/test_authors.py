"""Who wrote a mail that names several authors, or one that two readers read in two ways."""

from dataclasses import replace

import pytest

from mailflow.core.offices import Offices
from tests.flow.city import (
    CENTRAL,
    COMPANY,
    MANAGER,
    OFFICES,
    ONE_OFFICE,
    City,
    body_of,
    digest_of,
    forward_to,
    letter,
    of_kind,
    reply_to,
    to_of,
)

OURS = "mx.stadt.example.org"
BAU = "bauaufsicht@stadt.example.org"
EVIL = "angreifer@evil.example"
_TRUE_OF_EVIL = (
    f"Authentication-Results: {OURS}; dmarc=pass (p=reject) header.from=evil.example;"
    " dkim=pass header.d=evil.example\r\n"
)
_TRUE_OF_SOMEBODY = (
    f"Authentication-Results: {OURS}; dmarc=pass (p=none dis=none); spf=pass"
    " smtp.mailfrom=evil.example\r\n"
)
_WAYS = {
    "in a comment": "From: {evil} (<{known}>)",
    "two authors": "From: {known}, {evil}",
    "two fields": "From: {known}\r\nFrom: {evil}",
    "in a group": "From: G:{known};,{evil}",
    "two at signs": "From: {known}@evil.example",
    "after a bare carriage return": "X-A: b\rFrom: {known}\r\nFrom: {evil}",
    "two in angles": 'From: "x" <{evil}> <{known}>',
    "behind the angle": "From: <{known}>{evil}",
    "before the angle": "From: {evil} <{known}>",
    "as the name": 'From: "{evil}" <{known}>',
}


def _written_as(raw: bytes, way: str, known: str, word: str = _TRUE_OF_EVIL) -> bytes:
    """Give a mail with a forger's From, and our server's true word on him."""
    head = way.format(evil=EVIL, known=known)
    before, _, after = raw.partition(b"From: PLATZ@x.example\r\n")
    return f"{word}{head}\r\n".encode() + before + after


@pytest.fixture
def guarded(town: City) -> City:
    """Give a city that believes what its own mail server says of senders."""
    town.deciding._authserv_ids = (OURS,)
    said = f"{OURS}; dmarc=pass header.from={COMPANY.partition('@')[2]}"
    town.deliver(letter("Umnutzung", ONE_OFFICE, Authentication_Results=said))
    return town


@pytest.mark.parametrize("way", _WAYS.values(), ids=_WAYS.keys())
def test_a_forger_writes_for_no_company_that_he_names_beside_himself(
    guarded: City, way: str
) -> None:
    """His own domain's honest pass opens no ticket in another's account, however From is cut."""
    (known,) = guarded.store.references(("consulting", "triage"))
    raw = letter("Abbruch", ONE_OFFICE.replace("Stand", "Ende"), sender="PLATZ@x.example")
    guarded.deliver(_written_as(raw, way, COMPANY))
    tickets = guarded.store.tickets(guarded.store.references(("consulting", "triage")))
    of_company = [each.reference for each in tickets.values() if each.contact.address == COMPANY]
    assert of_company == [known]


@pytest.mark.parametrize("way", _WAYS.values(), ids=_WAYS.keys())
def test_a_pass_that_names_nobody_lets_no_forger_into_a_ticket(guarded: City, way: str) -> None:
    """A server that does not say whom it read vouches for nobody whom another may have read."""
    reference = guarded.ticket().reference
    raw = letter(f"[{reference}] Umnutzung", "Halle 5 auch.", sender="PLATZ@x.example")
    guarded.deliver(_written_as(raw, way, COMPANY, _TRUE_OF_SOMEBODY))
    assert len(guarded.store.tickets([reference])[reference].letters) == 1


@pytest.mark.parametrize("way", _WAYS.values(), ids=_WAYS.keys())
def test_a_forger_answers_for_no_office_that_lets_in_what_bears_no_result(
    town: City, way: str
) -> None:
    """``unauthenticated`` is for internal mail without a result, not for another's result."""
    offices = Offices(tuple(replace(each, unauthenticated=True) for each in OFFICES))
    town.deciding._policy = replace(town.policy, offices=offices)
    town.deciding._authserv_ids = (OURS,)
    said = f"{OURS}; dmarc=pass header.from={COMPANY.partition('@')[2]}"
    out = town.deliver(letter("Umnutzung", ONE_OFFICE, Authentication_Results=said))
    answer = reply_to(
        forward_to(out, BAU), "Der Antrag wird abgelehnt.", sender="PLATZ@x.example", quote=False
    )
    out = town.deliver(_written_as(answer, way, BAU))
    assert [each for each in out if each["X-Mailflow-Kind"] != "alert"] == []
    assert town.ticket().state == "consulting"


@pytest.mark.parametrize("known", [COMPANY, BAU, "kam-leitung@stadt.example.org", "x@neu.example"])
def test_a_mail_of_several_authors_waits_and_names_them(town: City, known: str) -> None:
    """Nobody asks a server here: that two are named is enough not to guess which of them wrote."""
    raw = letter("Frage", ONE_OFFICE, sender=f"{known}, {EVIL}")
    assert town.deliver(raw) == []
    (item,) = town.reporting.digest().pending
    assert f"mehrere Absender: {known}, {EVIL}" in item.reason


_ORDERS = (
    b'From: "x.\r\n \r\n Sofort noetig: Antworten Sie mit\r\n \r\n KAM-2222-2222 freigeben\r\n'
    b' \r\n Ihr Rechenzentrum, https://evil.example/login\r\n \r\n y"@evil.example\r\n'
)


@pytest.mark.parametrize("false_token", [False, True])
def test_no_sender_writes_paragraphs_into_our_mails(town: City, *, false_token: bool) -> None:
    """An address folded inside its quotes is one short line, and no clear sender."""
    to = CENTRAL.replace("@", "+aaaaaaaaaaaa.aaaaaaaaaaaaaaaa@") if false_token else CENTRAL
    raw = letter("Hallo", "Guten Tag, eine Frage.", to=to, sender="PLATZ@x.example")
    out = town.deliver(raw.replace(b"From: PLATZ@x.example\r\n", _ORDERS))
    (item,) = town.reporting.digest().pending
    assert item.reason.startswith("Die Mail nennt keinen eindeutigen Absender.")
    for mail in (*out, digest_of(town)):
        assert "KAM-2222-2222" not in body_of(mail)
        assert "https://evil.example/login" not in body_of(mail)


def test_one_author_named_twice_is_one(town: City) -> None:
    """The same address in two fields, in other letters, leaves nobody in doubt."""
    raw = letter("Frage", ONE_OFFICE, sender=f"Sabine Muster <{COMPANY}>")
    out = town.deliver(f"From: {COMPANY.upper()}\r\n".encode() + raw)
    assert of_kind(out, "forward")


@pytest.mark.parametrize(
    ("trusted", "joined"), [((), True), ((OURS,), False)], ids=["no server named", "a server named"]
)
def test_who_forges_a_contact_and_knows_a_number_joins_where_no_server_is_named(
    town: City, trusted: tuple[str, ...], *, joined: bool
) -> None:
    """SECURITY.md says so: the price of naming no server; the forger himself gets nothing."""
    town.deliver(letter("Umnutzung", ONE_OFFICE))
    reference = town.ticket().reference
    town.deciding._authserv_ids = trusted
    town.wait(minutes=5)
    out = town.deliver(letter(f"[{reference}] Umnutzung", "Halle 5 auch."))
    assert (len(town.store.tickets([reference])[reference].letters) == 2) is joined
    assert {to_of(each) for each in out} <= {BAU, COMPANY, MANAGER}
