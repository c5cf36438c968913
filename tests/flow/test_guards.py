"""What is kept away from offices and companies: storms, foreign codes, dangerous files."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from mailflow import deciding as deciding_module
from mailflow.core.attachments import is_dangerous
from mailflow.core.digest import Pending
from mailflow.core.drafts import DraftKind
from mailflow.core.known import Scan
from mailflow.core.message import Message
from mailflow.core.offices import Office, Offices, Terms
from mailflow.core.ticket import HoldReason
from mailflow.core.verification import is_verification
from mailflow.reading import ReadingFailed
from mailflow.schema import outbox
from mailflow.store.engine import reading
from tests.flow.city import (
    CENTRAL,
    COMPANY,
    MANAGER,
    NO_OFFICE,
    ONE_OFFICE,
    City,
    again,
    body_of,
    city,
    digest_of,
    fails,
    forward_to,
    letter,
    of_kind,
    parse,
    reply_to,
    to_of,
)
from tests.flow.made_anew import lost_after

LINK = "https://service.example/confirm/0123456789abcdef"
BAU = "bauaufsicht@stadt.example.org"
_BUILDING = {"de": Terms(("nutzungsaender",))}


def _with_file(raw: bytes, name: str, data: bytes = b"MZ" * 20) -> bytes:
    """Attach a file to a mail."""
    message = parse(raw)
    message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes(policy=SMTP.clone(refold_source="none"))


def test_a_flood_of_mails_is_stored_and_told_once(town: City) -> None:
    """From the thirty-first mail in ten minutes on: kept, no echo, no forward, one alert."""
    kinds: list[str] = []
    for number in range(60):
        out = town.deliver(letter(f"Stand {number}", ONE_OFFICE))
        kinds += [str(mail["X-Mailflow-Kind"]) for mail in out]
    assert kinds.count("acknowledgement") == 1
    assert kinds.count("forward") == 30
    assert kinds.count("alert") == 1
    counts = town.reporting.digest().counts_total
    assert (counts.mails_in, counts.tickets, counts.held) == (60, 30, 30)
    assert again(town, COMPANY) == 30
    town.work()
    counts = town.reporting.digest().counts_total
    assert (counts.tickets, counts.held) == (60, 0)


def _bomb(town: City, mails: Iterable[bytes]) -> list[EmailMessage]:
    """Let many mails arrive at once; give what went out."""
    for raw in mails:
        town.mailbox.folders["INBOX"].add(raw, town.now)
    return town.work()


def _floods(out: list[EmailMessage]) -> list[str]:
    """Give the subjects of the alerts that tell of a flood."""
    alerts = of_kind(out, "alert")
    return [str(mail["Subject"]) for mail in alerts if "Mailflut" in str(mail["Subject"])]


_FALSE = CENTRAL.replace("@", "+aaaaaaaaaaaa.bbbbbbbbbbbbbbbb@")
_WAYS_IN: dict[str, Callable[[int], bytes]] = {
    "a false token": lambda n: letter(f"Stand {n}", ONE_OFFICE, to=_FALSE),
    "an office without token": lambda n: letter(f"Stand {n}", ONE_OFFICE, sender=BAU),
    "our own address": lambda n: letter(f"Stand {n}", ONE_OFFICE, sender=CENTRAL),
    "our address with a plus": lambda n: letter(
        f"Stand {n}", ONE_OFFICE, sender=CENTRAL.replace("@", f"+x{n}@")
    ),
    "the manager without key": lambda n: letter(f"Stand {n}", ONE_OFFICE, sender=MANAGER),
    "no sender": lambda n: letter(f"Stand {n}", ONE_OFFICE, sender=f"x <nobody>, a{n}"),
    "an unclear sender": lambda n: letter(f"Stand {n}", ONE_OFFICE, sender=f'"a{n}@b"@c.example'),
    "unscanned": lambda n: _with_file(letter(f"Stand {n}", ONE_OFFICE), "Plan.pdf"),
    "a foreign code": lambda n: letter(f"Your verification code {n}", "482913", sender="no@x.y"),
}


@pytest.mark.parametrize("way", _WAYS_IN)
def test_a_bomb_is_a_flood_by_whatever_way_it_comes(
    town: City, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Of mails that would wait one by one, thirty do; the rest is one item and one alert."""
    monkeypatch.setattr(deciding_module, "scan", lambda _address, _raw: Scan.UNAVAILABLE)
    out = _bomb(town, map(_WAYS_IN[way], range(45)))
    assert len(_floods(out)) == 1
    waiting = town.reporting.digest().pending
    assert len(waiting) <= 31
    assert sum("ungewöhnlich viele Mails" in each.reason for each in waiting) == 1


def test_mails_without_a_clear_sender_are_a_flood_of_nobody(town: City) -> None:
    """The manager reads that nobody is named, and is shown no order that could not work."""
    out = _bomb(town, map(_WAYS_IN["no sender"], range(31)))
    assert any("ohne eindeutigen Absender" in each for each in _floods(out))
    (told,) = (mail for mail in of_kind(out, "alert") if "Mailflut" in str(mail["Subject"]))
    assert "Ohne eindeutigen Absender kommen" in body_of(told)
    assert "mailflow again" not in body_of(told)


def test_a_flood_is_offered_to_no_ticket(town: City) -> None:
    """Who sends a flood is no ticket's number: the digest does not offer to join it."""
    _bomb(town, (letter(f"Stand {n}", ONE_OFFICE) for n in range(31)))
    (flood,) = (
        each for each in town.reporting.digest().pending if "ungewöhnlich viele" in each.reason
    )
    assert COMPANY not in " ".join(each.command for each in flood.choices)


def _flood(town: City, sender: str, count: int = 8) -> list[EmailMessage]:
    """Let mails of one sender arrive at once in a city that calls a sixth one a flood."""
    town.deciding._policy = replace(town.policy, storm_of_sender=5)
    return _bomb(town, [letter(f"S {n}", ONE_OFFICE, sender=sender) for n in range(count)])


def _items(town: City) -> list[Pending]:
    """Give the items that stand for a flood."""
    waiting = town.reporting.digest().pending
    return [each for each in waiting if "ungewöhnlich viele Mails" in each.reason]


def test_the_digest_says_how_many_mails_a_flood_has(town: City) -> None:
    """One item stands for all of them, and what comes later is counted in it."""
    _flood(town, COMPANY, 6)
    assert _items(town)[0].reason.endswith("Bisher ist es eine.")
    _flood(town, COMPANY, 4)
    (item,) = _items(town)
    assert item.reason.endswith("Bisher sind es 5.")
    assert town.reporting.digest().counts_total.held == 5


def test_a_dropped_flood_is_dropped_whole(town: City) -> None:
    """None of its mails is left waiting where nobody sees it; another flood is left alone."""
    _flood(town, COMPANY)
    _flood(town, "x@andere.example")
    mine, other = _items(town)
    order = reply_to(digest_of(town), f"{mine.reference} verwerfen")
    (notice,) = of_kind(town.deliver(order), "notice")
    assert "mit allen Mails dieser Flut" in " ".join(body_of(notice).split())
    digest = town.reporting.digest()
    assert (digest.counts_total.held, digest.counts_total.events) == (3, 4)
    assert digest.counts_total.balanced
    assert [each.reference for each in _items(town)] == [other.reference]


def test_a_second_flood_of_a_day_is_told_like_the_first(town: City) -> None:
    """Once the first is decided, its sender's next one is an alert and an item of its own."""
    assert len(_floods(_flood(town, COMPANY))) == 1
    (first,) = _items(town)
    town.deliver(reply_to(digest_of(town), f"{first.reference} verwerfen"))
    town.wait(hours=3)
    assert len(_floods(_flood(town, COMPANY))) == 1
    (second,) = _items(town)
    assert second.reason.endswith("Bisher sind es 3.")


def test_a_flood_of_tomorrow_has_an_item_of_its_own(town: City) -> None:
    """Both floods are told while nobody decides, and dropping one leaves the other."""
    _flood(town, COMPANY)
    town.wait(days=2)
    assert len(_floods(_flood(town, COMPANY, 7))) == 1
    first, second = _items(town)
    assert (first.reason[-2:], second.reason[-2:]) == ("3.", "2.")
    town.deliver(reply_to(digest_of(town), f"{first.reference} verwerfen"))
    assert [each.reference for each in _items(town)] == [second.reference]
    assert town.reporting.digest().counts_total.held == 2


def test_a_flood_becomes_no_ticket_of_one_mail(town: City) -> None:
    """To take one mail out would hide the others: the manager reads what he can say."""
    _flood(town, COMPANY)
    (flood,) = _items(town)
    assert [each.command for each in flood.choices] == [f"{flood.reference} verwerfen"]
    order = reply_to(digest_of(town), f"{flood.reference} neu")
    (notice,) = of_kind(town.deliver(order), "notice")
    assert "Das ist eine Mailflut" in body_of(notice)
    assert _items(town)[0].reference == flood.reference


def test_a_domains_flood_stays_visible_without_one_of_its_senders(town: City) -> None:
    """Whoever is let through, the mail under whose number the others wait goes on waiting."""
    town.deciding._policy = replace(town.policy, storm_of_domain=5)
    _bomb(town, [letter(f"S {n}", "x", sender=f"x{n % 4}@viele.example") for n in range(12)])
    assert again(town, "x1@viele.example") == 1
    town.work()
    (flood,) = _items(town)
    assert flood.reason.endswith("Bisher sind es 6.")
    assert again(town, "viele.example") == 6


OURS = "mx.stadt.example.org"


def _said(result: str, raw: bytes) -> bytes:
    """Give a mail as our mail server stores it, with what it says of the sender."""
    return f"Authentication-Results: {OURS}; {result}\r\n".encode() + raw


_FORGED = "dmarc=fail header.from=stadt.example.org"
_TRUE = "dmarc=pass header.from=stadt.example.org"


@pytest.mark.parametrize("result", [_FORGED, "none"])
def test_forged_mails_silence_nobody_who_is_vouched_for(town: City, result: str) -> None:
    """Forgeries are a flood of their own: the office's reply and the company's mail are heard."""
    town.deciding._authserv_ids = (OURS,)
    town.deciding._policy = replace(town.policy, storm_of_sender=5)
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    forged = [letter(f"S {n}", "x", sender=who) for n in range(8) for who in (BAU, COMPANY)]
    assert len(_floods(_bomb(town, [_said(result, raw) for raw in forged]))) == 2
    out = town.deliver(_said(_TRUE, reply_to(forward, "Die Genehmigung kommt im Juni.")))
    assert of_kind(out, "combined-answer")
    company = COMPANY.partition("@")[2]
    again = _said(f"dmarc=pass header.from={company}", letter("Neue Frage", ONE_OFFICE))
    assert of_kind(town.deliver(again), "forward")


def test_many_mails_of_who_is_vouched_for_are_a_flood(town: City) -> None:
    """That the sender is true makes a loop no better."""
    town.deciding._authserv_ids = (OURS,)
    town.deciding._policy = replace(town.policy, storm_of_sender=5)
    out = _bomb(town, [_said(_TRUE, letter(f"S {n}", "x", sender=BAU)) for n in range(8)])
    assert len(_floods(out)) == 1
    assert _items(town)[0].reason.endswith("Bisher sind es 3.")


@pytest.mark.parametrize(
    ("result", "heard"), [(_TRUE, True), (_FORGED, False), ("none", False), ("", False)]
)
def test_an_offices_vouched_reply_is_heard_in_a_flood_of_its_own(
    town: City, result: str, *, heard: bool
) -> None:
    """A clerk who works off a pile is no flood; who only holds a token is."""
    town.deciding._authserv_ids = (OURS,) if result else ()
    town.deciding._policy = replace(town.policy, storm_of_sender=5)
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    mails = [letter(f"S {n}", "x", sender=BAU) for n in range(8)]
    _bomb(town, [_said(result, raw) if result else raw for raw in mails])
    reply = reply_to(forward, "Die Genehmigung kommt im Juni.")
    out = town.deliver(_said(result, reply) if result else reply)
    assert bool(of_kind(out, "combined-answer")) == heard


def test_a_vouched_office_has_a_bound_of_its_own(town: City) -> None:
    """An office's mailbox in wrong hands does not write to a company without end."""
    town.deciding._authserv_ids = (OURS,)
    town.deciding._policy = replace(town.policy, storm_of_sender=5, storm_of_domain=12)
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    words = "Zwischennachricht: Wir prüfen noch, Lauf"
    out = _bomb(town, [_said(_TRUE, reply_to(forward, f"{words} {n}.")) for n in range(20)])
    assert len(of_kind(out, "interim")) == 12
    assert len(_floods(out)) == 1


def test_a_flood_from_an_address_like_a_token_is_dropped_whole(town: City) -> None:
    """What the item leaves out of its words does not part it from its mails."""
    sender = "abcdefghijkl.abcdefghijklmnop@evil.example"
    _bomb(town, [letter(f"S {n}", ONE_OFFICE, sender=sender) for n in range(34)])
    (flood,) = (each for each in _items(town) if "Bisher sind es" in each.reason)
    town.deliver(reply_to(digest_of(town), f"{flood.reference} verwerfen"))
    assert town.reporting.digest().counts_total.held == 0


def test_an_order_for_a_single_mail_of_a_flood_says_what_helps(town: City) -> None:
    """The refusal names the command as it works for this sender."""
    _bomb(town, [letter(f"S {n}", ONE_OFFICE) for n in range(34)])
    (flood,) = (each for each in _items(town) if "Bisher sind es" in each.reason)
    out = town.deliver(reply_to(digest_of(town), f"{flood.reference} neu"))
    assert f"mailflow again --sender {COMPANY}" in " ".join(body_of(out[0]).split())


def test_a_managers_order_is_obeyed_in_a_flood_under_his_name(town: City) -> None:
    """Whoever forges the manager's address forty times does not silence the manager."""
    town.deliver(letter("Stand", NO_OFFICE))
    digest = digest_of(town)
    _bomb(town, (letter(f"x {n}", "x", sender=MANAGER) for n in range(40)))
    order = f"{town.ticket().reference} an bauaufsicht"
    assert forward_to(town.deliver(reply_to(digest, order)), BAU)


def test_an_old_key_is_no_way_through_a_flood(town: City) -> None:
    """Forty mails with the key of a digest long past are a flood: thirty notices, one item."""
    town.deliver(letter("Stand", NO_OFFICE))
    digest = digest_of(town)
    town.wait(days=20)
    order = f"{town.ticket().reference} an bauaufsicht"
    out = _bomb(town, (reply_to(digest, order, subject=f"x {n}") for n in range(40)))
    assert len(of_kind(out, "notice")) == 30
    assert len(_floods(out)) == 1
    assert of_kind(out, "forward") == []


def test_how_many_mails_are_a_flood(town: City) -> None:
    """Thirty of one sender or 150 of one domain; one fewer is none."""
    assert not town.policy.is_storm(29, 149)
    assert town.policy.is_storm(30, 0)
    assert town.policy.is_storm(0, 150)


def test_machines_below_the_citys_domain_silence_no_colleague(tmp_path: Path) -> None:
    """The city's own domain counts alone, where it is a registered one too: "stadt.example"."""
    offices = Offices((Office("bau", "Bauamt", "bau@stadt.example", terms=_BUILDING),))
    with city(tmp_path, offices=offices) as town:
        town.deciding._policy = replace(town.policy, storm_of_domain=35)
        forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), "bau@stadt.example")
        _bomb(town, (letter(f"S {n}", "x", sender=f"x{n}@fach.stadt.example") for n in range(40)))
        reply = reply_to(forward, "Die Genehmigung kommt im Juni.", sender="k@stadt.example")
        assert _floods(town.deliver(reply)) == []
        reference = str(forward["X-Mailflow-Ticket"])
        (hold,) = town.store.tickets([reference])[reference].holds
        assert hold.reason is HoldReason.SENDER


@pytest.mark.parametrize(
    ("sender", "domain"),
    [
        (lambda n: f"x{n}@viele.example", "viele.example"),
        (lambda n: f"x@s{n}.viele.example", "viele.example"),
        (lambda n: f"x{n}@a.s{n}.viele.co.uk", "viele.co.uk"),
        (lambda n: f"x{n}@s{n}.gmail.com", "gmail.com"),
    ],
)
def test_many_senders_of_one_domain_are_a_flood_of_that_domain(
    town: City, sender: Callable[[int], str], domain: str
) -> None:
    """From the domain's bound on, whatever is below it: one item, one alert, no more echo."""
    town.deciding._policy = replace(town.policy, storm_of_domain=35)
    out = _bomb(town, (letter(f"S {n}", ONE_OFFICE, sender=sender(n)) for n in range(45)))
    assert len(of_kind(out, "acknowledgement")) == 35
    (flood,) = _floods(out)
    assert flood.endswith(f"Mailflut von {domain}")
    for other in ("post@andere.example", "post@andere.co.uk", "post@gmail.com"):
        raw = letter("Stand", ONE_OFFICE, sender=other)
        assert of_kind(town.deliver(raw), "acknowledgement")
    one = sender(40).rpartition("@")[2]
    assert one == domain or again(town, one) == 1
    assert again(town, domain) == (10 if one == domain else 9)


def test_forged_colleagues_silence_no_office(town: City) -> None:
    """A flood from made-up addresses of the city's own domain: an office's reply is still heard."""
    town.deciding._policy = replace(town.policy, storm_of_domain=35)
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    out = _bomb(town, (letter(f"S {n}", "x", sender=f"x{n}@stadt.example.org") for n in range(40)))
    assert "stadt.example.org" in _floods(out)[0]
    out = town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
    assert of_kind(out, "combined-answer")


class _Broken:
    """A reader that can read nothing."""

    def read(self, raw: bytes) -> Message:  # noqa: ARG002 - whatever it is
        """Fail as a worker does that died over a mail."""
        raise ReadingFailed(problem="the worker died")


def test_a_flood_of_mails_that_nobody_can_read_is_told_once(town: City) -> None:
    """Thirty in ten minutes are one alert a day; a few are told by the digest alone."""
    town.deciding._reader = _Broken()
    assert _bomb(town, (letter(f"S {n}", ONE_OFFICE) for n in range(29))) == []
    town.wait(minutes=11)
    out = _bomb(town, (letter(f"T {n}", ONE_OFFICE, sender=f"x{n}@y.z") for n in range(40)))
    (told,) = of_kind(out, "alert")
    assert "nicht lesen" in str(told["Subject"])
    assert town.reporting.digest().counts_total.quarantined == 69


_OF_ONE_MAILBOX: list[Callable[[int], str]] = [
    lambda n: f"opfer+{n}@gmail.com",
    lambda n: f"opfer+{n}@firma.example",
    lambda n: f"{('opfer', 'o.pfer', 'o.p.f.e.r')[n % 3]}@{('gmail', 'googlemail')[n % 2]}.com",
]


@pytest.mark.parametrize("address", _OF_ONE_MAILBOX)
def test_one_mailbox_under_many_addresses_gets_one_acknowledgement(
    town: City, address: Callable[[int], str]
) -> None:
    """Whoever forges opfer+1, opfer+2 and so on fills nobody's mailbox, and is one flood."""
    out = _bomb(town, (letter(f"S {n}", ONE_OFFICE, sender=address(n)) for n in range(40)))
    assert len(of_kind(out, "acknowledgement")) == 1
    assert len(_floods(out)) == 1
    assert again(town, address(5)) == 10


def test_free_mail_is_no_flood_of_one_domain(town: City) -> None:
    """Many people write from one free-mail domain: they are not one sender."""
    town.deciding._policy = replace(town.policy, storm_of_domain=35)
    out = _bomb(town, (letter(f"S {n}", ONE_OFFICE, sender=f"x{n}@gmail.com") for n in range(40)))
    assert _floods(out) == []


def test_who_is_in_danger_is_told_to_call_112(town: City) -> None:
    """The acknowledgement of an emergency sends to the rescue service, and nobody away from it."""
    text = "In unserer Halle riecht es stark nach Gas, zwei Leute sind umgekippt!"
    out = town.deliver(letter("Gasgeruch", text))
    (acknowledgement,) = of_kind(out, "acknowledgement")
    words = " ".join(body_of(acknowledgement).split())
    assert "rufen Sie bitte sofort die 112 an" in words
    assert "niemanden sonst" not in words
    assert of_kind(out, "alert")
    other = letter("Frage", ONE_OFFICE, sender="post@andere.example")
    (ordinary,) = of_kind(town.deliver(other), "acknowledgement")
    assert "112" not in body_of(ordinary)


def test_an_emergency_is_acknowledged_after_an_ordinary_mail_of_the_day(town: City) -> None:
    """The one acknowledgement of a stranger's day is no reason not to say whom to call."""
    assert of_kind(town.deliver(letter("Stand", ONE_OFFICE)), "acknowledgement")
    text = "In unserer Halle riecht es stark nach Gas, zwei Leute sind umgekippt!"
    (acknowledgement,) = of_kind(town.deliver(letter("Gasgeruch", text)), "acknowledgement")
    assert "112" in body_of(acknowledgement)


def test_a_foreign_services_code_reaches_nobody(town: City) -> None:
    """A stranger who signs up elsewhere with the city's address never gets the code to see."""
    mail = letter(
        "Your verification code",
        "Your code is 483920. If you did not sign up, ignore this mail.",
        sender="Example Chat <no-reply@chat.example.net>",
    )
    assert town.deliver(mail) == []
    assert town.store.references() == []
    assert town.reporting.digest().counts_total.quarantined == 1


@pytest.mark.parametrize(
    ("sender", "subject", "text"),
    [
        ("feedback@chat.example", "Chat confirmation code: ABC-DEF", "Enter ABC-DEF."),
        ("no-reply@call.example", "Code for signing in", "Your code is 123456"),
        ("support@forge.example", "[Forge] Please verify your email address", f"{LINK}"),
        ("konto@laden.example", "E-Mail-Adresse bestätigen", f"Bitte hier: {LINK}"),
        ("konto@laden.example", "Registrierung abschließen", f"Bitte hier: {LINK}"),
        ("account-noreply@laden.example", "Willkommen", f"Ihr Login-Link: {LINK}"),
        ("noreply@laden.example", "Ihr Zugangscode", "Ihr Code: 4711"),
        ("service@laden.example", "Setzen Sie Ihr Passwort zurück", f"{LINK}"),
        ("invite@team.example", "You have been invited to join Stadt", f"Join: {LINK}"),
    ],
)
def test_codes_and_links_of_foreign_services_reach_nobody(
    town: City, sender: str, subject: str, text: str
) -> None:
    """However such a service words it, in German or English."""
    assert town.deliver(letter(subject, text, sender=sender)) == []
    assert town.reporting.digest().counts_total.quarantined == 1


@pytest.mark.parametrize(
    ("sender", "subject", "text"),
    [
        (
            "info@portal.example",
            "Ihr Konto beim Altlast-Portal",
            "Ihr Freischaltcode lautet 482913.",
        ),
        ("welcome@service.example", "Willkommen", "Ihr Bestätigungscode lautet 4711-22."),
        ("welcome@service.example", "Willkommen", "Ihr persönlicher Sicherheitscode:\n\n482 913"),
        ("feedback@service.example", "Your sign-up", "Your verification code is 482913."),
        ("feedback@service.example", "Hello", "482913 is your Example verification code."),
        ("hello@notion.example", "Welcome to Notion", f"Please verify your email address: {LINK}"),
        ("team@trello.example", "Finish setting up", f"Click to verify your account {LINK}"),
        ("info@portal.example", "Hallo", f"Bitte bestätigen Sie Ihre E-Mail-Adresse: {LINK}"),
        ("info@portal.example", "Hallo", f"Um Ihr Konto zu aktivieren, klicken Sie hier: {LINK}"),
        (
            "security@mail.instagram.example",
            "123456 ist dein Instagram-Code",
            "Hallo, jemand hat versucht, sich anzumelden.",
        ),
        ("hallo@dienst.example", "Anmeldung", "Dein Code lautet: 483920"),
        ("hallo@dienst.example", "Anmeldung", "Ihr Code lautet 483920."),
        ("hallo@dienst.example", "Anmeldung", "Gib diesen Code in der App ein:\n\n4839"),
        ("hallo@dienst.example", "Willkommen", "Mit 483920 anmelden"),
        ("gitlab@mg.gitlab.example", "Welcome", "please enter this code in the form:\n483920"),
        ("gitlab@mg.gitlab.example", "Confirmation instructions", f"Welcome!\n{LINK}"),
        ("notify@mail.notion.example", "Hi", "Paste the temporary login code: gale-lucid-swift"),
        ("notify@mail.notion.example", "Your sign up code", "Here it is: 483920"),
        ("team@service.example", "Hi", "483920 is your code"),
        ("team@service.example", "Hi", "Your Example code: 483-920"),
        ("team@service.example", "Hi", "Use 483920 to sign in."),
        ("team@service.example", "Hi", "Use code 4839 to verify your number."),
        ("info@d.example", "Bestätigung Ihrer E-Mail-Adresse", f"Bitte klicken Sie hier: {LINK}"),
        ("info@d.example", "Bestätigung Ihrer Registrierung", f"Klicken Sie hier: {LINK}"),
        ("info@d.example", "Willkommen", f"Um Ihre Registrierung abzuschließen: {LINK}"),
        ("info@d.example", "Willkommen", f"Bitte bestätige deine E-Mail-Adresse: {LINK}"),
        ("info@d.example", "Nur noch ein Klick", f"Bestätige jetzt deine Anmeldung: {LINK}"),
        ("team@d.example", "Finish setting up your account", f"The link: {LINK}"),
        ("team@d.example", "Hello", f"Click the link to finish signing up: {LINK}"),
        ("team@d.example", "Sign in to Dienst", f"Click here to sign in: {LINK}"),
        ("hello@d.example", "Join Acme on D", f"Anna has invited you. Accept invitation: {LINK}"),
        ("hello@d.example", "Zum Arbeitsbereich", f"Einladung annehmen: {LINK}"),
        ("support@d.example", "Hallo", f"Sie haben ein neues Passwort angefordert: {LINK}"),
        ("support@d.example", "Passwort ändern", f"Um Ihr Passwort neu zu setzen: {LINK}"),
        ("support@d.example", "Für Ihre Anmeldung", "Ihre PIN lautet 482913"),
        ("support@d.example", "TAN 482913", "Ihre SMS-TAN: 482913"),
    ],
)
def test_a_code_in_the_text_alone_is_a_code(subject: str, sender: str, text: str) -> None:
    """Whatever the sender and subject: your code beside a code, your account beside a link."""
    assert is_verification(sender, subject, text)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Bestätigung", "Wir brauchen eine Bestätigung der Stadt für unser Konto 48291355."),
        ("Permit", "Please verify whether our permit 482913 is still valid."),
        ("Permit", f"Please confirm your decision of 2026, see {LINK}"),
        ("Baustelle", "Der Zugangscode zum Gelände lautet 1234, der Bauleiter wartet am Tor."),
        ("Baustelle", "Ihr Zugangscode zum Gelände lautet 1234."),
        ("Portal", "Der Bestätigungscode Ihres Portals kommt bei uns nicht an, Antrag 482913."),
        ("Portal", "Wir können uns nicht anmelden: Ihr Freischaltcode ist nie angekommen."),
        ("Steuer", f"Bitte bestätigen Sie Ihre Aussage zum Gewerbe, siehe {LINK}"),
        ("Akte", "Ihr Aktenzeichen lautet 483920, unser Zeichen ist 4711."),
        ("Kunde", "Ihr Kundencode lautet 483920, Ihr Projekt-Code ist 483921."),
        ("Tor", "Ihr Code für die Schranke am Tor 3 lautet 4711, bitte geben Sie diesen Code ein."),
        ("Tor", "Ihr Zugangs-Code lautet 483920; Ihr Code lautet 4711."),
        ("Gate", "Enter this code at the gate: 483920. Use 4711 to open the door."),
        ("Site", "Your site access code: 483920. Your access code is 4711."),
        ("Address", "Our postal code is 45127, your postal code is 483920."),
        ("Plan", "Building plan 483920 is your copy; use 483920 to find it, code of 2018."),
        ("Zoning", "The building code of 2018, plan 483920, is your code of reference."),
        ("Portal", f"Die Mail zur Bestätigung der E-Mail-Adresse kommt nicht an, siehe {LINK}"),
        ("Portal", f"Wir brauchen ein neues Passwort und können es nicht ändern: {LINK}"),
        ("Seminar", f"Danke für die Bestätigung Ihrer Anmeldung, das Programm: {LINK}"),
        ("Tor", "Ihre PIN für die Schranke lautet 4711, die Pin am Tor ist 482913."),
        ("Termin", f"Wir nehmen die Einladung gern an, die Anfahrt: {LINK}"),
        ("Login", f"We cannot use the portal to sign up for the tender, see {LINK}"),
        ("B-Plan", "Im Bebauungsplan 483920 ist Ihr Grundstück als Gewerbegebiet ausgewiesen."),
    ],
)
def test_an_inquiry_about_a_code_is_an_inquiry(subject: str, text: str) -> None:
    """A confirmation, a permit's number, a site's access code: companies write of them."""
    assert not is_verification(COMPANY, subject, text)


_ABOUT_A_PORTAL = (
    'Guten Tag,\n\nim Serviceportal der Stadt steht "Bitte bestätigen Sie Ihre E-Mail-Adresse", '
    "aber https://portal.stadt.example.org/bestaetigen meldet einen Fehler. Bis Freitag müssen "
    "wir die Nutzungsänderung einreichen!\n\nSabine Muster\n"
)


def test_what_sounds_like_a_code_by_its_text_alone_waits(town: City) -> None:
    """An inquiry about a link is one word away from its office; of itself nothing goes out."""
    assert town.deliver(letter("Portal geht nicht", _ABOUT_A_PORTAL)) == []
    (item,) = town.reporting.digest().pending
    out = town.deliver(reply_to(digest_of(town), f"{item.reference} neu"))
    assert "Serviceportal der Stadt" in body_of(forward_to(out, BAU))


def test_a_code_that_waits_can_be_dropped_and_is_shown_to_nobody(town: City) -> None:
    """Neither code nor link stands in the digest: who clicks by mistake would sign up."""
    text = f"Your verification code is 482913. Or click to verify your account: {LINK}"
    assert town.deliver(letter("Welcome 482 913", text, sender="hello@service.example")) == []
    (item,) = town.reporting.digest().pending
    digest = digest_of(town)
    assert "Your verification code is …" in item.excerpt
    assert not re.search(r"482 ?913|https://service", str(item) + body_of(digest))
    (notice,) = town.deliver(reply_to(digest, f"{item.reference} verwerfen"))
    assert notice["X-Mailflow-Kind"] == "notice"
    counts = town.reporting.digest().counts_total
    assert (counts.held, counts.quarantined, counts.balanced) == (0, 0, True)


@pytest.mark.parametrize("who", [COMPANY, COMPANY.partition("@")[2]])
def test_who_was_taken_for_a_service_can_be_let_out(town: City, who: str) -> None:
    """``mailflow again --sender``: the mail waits for the manager, whose word makes it a ticket."""
    text = f"{ONE_OFFICE}\nAntrag 482913"
    assert town.deliver(letter("Registrierung abschließen geht nicht", text)) == []
    assert town.reporting.digest().counts_total.quarantined == 1
    assert again(town) == 1
    assert town.work() == []
    assert town.reporting.digest().counts_total.quarantined == 1
    assert again(town, who) == 1
    assert town.work() == []
    (item,) = town.reporting.digest().pending
    out = town.deliver(reply_to(digest_of(town), f"{item.reference} neu"))
    assert of_kind(out, "acknowledgement")
    assert forward_to(out, BAU)


def test_a_mail_let_out_stays_so_over_a_failed_try(
    town: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is locked at its decision: the next try still knows what was wanted."""
    town.deliver(letter("Your verification code", "It is 483920", sender="no-reply@x.example"))
    assert again(town, "no-reply@x.example") == 1
    with monkeypatch.context() as patch:
        patch.setattr(type(town.store), "apply_to_mail", _locked)
        with pytest.raises(OperationalError):
            town.deciding.decide_all()
    town.deciding._begun.clear()
    town.deciding.decide_all()
    (item,) = town.reporting.digest().pending
    assert "fremden Dienstes" in item.reason


def _locked(*_: object) -> None:
    raise OperationalError("UPDATE", {}, Exception("database is locked"))


def test_danger_beside_a_code_is_told_without_the_code(town: City) -> None:
    """The alert shows no more of such a mail than the digest does."""
    text = "Es riecht stark nach Gas, zwei Leute sind umgekippt! Ihr Sicherheitscode lautet 483920."
    (told,) = of_kind(town.deliver(letter("Gasgeruch", text)), "alert")
    assert "umgekippt" in body_of(told)
    assert "483920" not in body_of(told)


def test_a_code_let_out_of_a_flood_stays_a_code(town: City) -> None:
    """Who lets a flood through has not seen each mail of it: the code goes into quarantine."""
    town.deciding._policy = replace(town.policy, storm_of_sender=2)
    mails = [letter(f"S {n}", ONE_OFFICE) for n in range(3)]
    mails.append(letter("Your verification code", "It is 482913.", sender=COMPANY))
    _bomb(town, mails)
    assert again(town, COMPANY) == 2
    town.work()
    counts = town.reporting.digest().counts_total
    assert (counts.tickets, counts.held, counts.quarantined) == (3, 0, 1)


def test_a_service_let_out_reaches_nobody_of_itself(town: City) -> None:
    """Whoever names a service lets the manager decide, and tells the code to no office."""
    sender = "no-reply@chat.example.net"
    town.deliver(letter("Your verification code", "Your code is 483920.", sender=sender))
    assert again(town, sender) == 1
    assert town.work() == []
    assert town.store.references() == []
    assert "483920" not in body_of(digest_of(town))


@pytest.mark.parametrize(
    ("name", "dangerous"),
    [
        ("lauf.sh", True),
        ("Setup.appinstaller", True),
        ("Bau.Application.2026.pdf", False),
        ("Stand.Mar.2026.pdf", False),
        ("Rechnung.exe.pdf", True),
        ("Rechnung.shtml", True),
        ("Rechnung.svgz", True),
        ("Rechnung.shtml.pdf", True),
        ("Verbindung.udl", True),
        ("Abfrage.oqy", True),
        ("Zusatz.ppa", True),
        ("Vertrag.PPA.2026.pdf", False),
        ("Lageplan.pdf", False),
        ("Antrag.docx", False),
        ("Kosten.xlsx", False),
        ("Flurkarte.dwg", False),
    ],
)
def test_some_endings_count_only_at_the_end(name: str, *, dangerous: bool) -> None:
    """A word that ends a program's name may stand in the middle of an honest one."""
    assert is_dangerous(name, "application/octet-stream") == dangerous


@pytest.mark.parametrize("name", ["", "Plan", "Plan.pdf"])
@pytest.mark.parametrize(
    "content_type",
    [
        "application/vnd.microsoft.portable-executable",
        "application/xhtml+xml",
        "application/x-javascript",
        "application/x-msi",
        "application/x-bat",
        "application/x-ms-shortcut",
        "application/x-iso9660-image",
        "application/vnd.ms-cab-compressed",
        "text/vbscript",
        "Application/vnd.ms-Excel.Sheet.macroEnabled.12",
        "application/vnd.ms-excel.sheet.binary.macroenabled.12",
        "application/vnd.ms-powerpoint.addin.macroEnabled.12",
    ],
)
def test_what_runs_is_known_by_its_type_as_well(name: str, content_type: str) -> None:
    """A harmless name, or none, carries nothing past that its type says would run."""
    assert is_dangerous(name, content_type)


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("Plan.pdf", "application/pdf"),
        ("Plan.dwg", "application/octet-stream"),
        ("Plan.zip", "application/x-zip-compressed"),
        ("Antrag.doc", "application/msword"),
        ("Antrag.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("Liste.xls", "application/vnd.ms-excel"),
        ("Lage.jpg", "image/jpeg"),
        ("Lärm.csv", "text/csv"),
        ("brief", "message/rfc822"),
    ],
)
def test_what_companies_send_goes_on(name: str, content_type: str) -> None:
    """Plans, letters, tables and pictures are passed on."""
    assert not is_dangerous(name, content_type)


def _codes(town: City, first: int, count: int) -> None:
    """Let so many services send a code each."""
    for n in range(first, first + count):
        sender = f"no-reply@dienst{n}.example"
        town.deliver(letter(f"Your verification code, no. {n}", "It is 483920.", sender=sender))


def _named(town: City) -> list[str]:
    """Give the services whose mails in quarantine the digest of the day names, as it stands."""
    return re.findall(r"no-reply@dienst(\d+)\.example", body_of(digest_of(town)))


def test_what_one_digest_has_no_room_for_the_next_one_names(town: City) -> None:
    """The newest come first, it is said how many more there are, and each is named once."""
    _codes(town, 0, 23)
    (more,) = (each for each in town.reporting.digest().failures if "weitere" in each)
    assert more == "… und 3 weitere in Quarantäne. Die nächste Übersicht nennt sie."
    assert _named(town) == [str(n) for n in range(22, 2, -1)]
    town.wait(days=1)
    _codes(town, 23, 1)
    assert _named(town) == ["23", "2", "1", "0"]
    town.wait(days=1)
    assert _named(town) == []


def test_a_digest_printed_once_more_says_the_same(town: City) -> None:
    """Whoever prints today's digest after it was sent reads what was in it."""
    _codes(town, 0, 2)
    before = town.reporting.digest().failures
    digest_of(town)
    town.wait(hours=1)
    assert town.reporting.digest().failures == before


def test_a_mail_in_quarantine_is_named_with_sender_and_subject(town: City) -> None:
    """In one line, cut short, and in the page as text and no markup."""
    subject = f"Your verification code <b>{'x' * 90}"
    town.deliver(letter(subject, "It is 483920.", sender="no-reply@c.d"))
    (line,) = town.reporting.digest().failures
    assert f"no-reply@c.d („{subject[:79]}…“)" in line
    page = digest_of(town).get_body(("html",))
    assert page is not None
    assert "&lt;b&gt;xxx" in page.get_content()


def test_a_companys_dangerous_file_is_named_and_not_passed_on(town: City) -> None:
    """The office gets the mail without the program, and both it and the manager read why."""
    out = town.deliver(_with_file(letter("Stand", ONE_OFFICE), "Rechnung.pdf.exe"))
    forward = forward_to(out, BAU)
    assert [part.get_filename() for part in forward.iter_attachments()] == []
    assert "Rechnung.pdf.exe (zurückgehalten)" in body_of(forward)
    assert "Rechnung.pdf.exe" in body_of(digest_of(town))
    (answer,) = town.deliver(reply_to(forward, "Die Genehmigung kommt im Juni."))
    assert answer["X-Mailflow-Kind"] == "combined-answer"


def test_an_offices_dangerous_file_waits_and_never_leaves(town: City) -> None:
    """The manager releases the words; the file stays here."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    reply = reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni.")
    assert town.deliver(_with_file(reply, "formular.docm")) == []
    out = town.deliver(reply_to(digest_of(town), f"{town.ticket().reference} freigeben"))
    (answer,) = of_kind(out, "combined-answer")
    assert list(answer.iter_attachments()) == []


def test_a_good_file_travels_both_ways(town: City) -> None:
    """A plan reaches the office, the office's plan reaches the company, bytes unchanged."""
    out = town.deliver(_with_file(letter("Stand", ONE_OFFICE), "Lageplan Übersicht.pdf"))
    forward = forward_to(out, BAU)
    (plan,) = forward.iter_attachments()
    assert isinstance(plan, EmailMessage)
    assert plan.get_filename() == "Lageplan Übersicht.pdf"
    assert plan.get_content() == b"MZ" * 20
    reply = _with_file(reply_to(forward, "Siehe Anlage."), "Bescheid.pdf", b"%PDF-1.7 Bescheid")
    (answer,) = town.deliver(reply)
    (notice,) = answer.iter_attachments()
    assert isinstance(notice, EmailMessage)
    assert notice.get_filename() == "Bescheid.pdf"
    assert notice.get_content() == b"%PDF-1.7 Bescheid"


@pytest.mark.parametrize(
    ("author", "headers", "at_first"),
    [
        pytest.param("", {}, ["nicht echt"], id="a person"),
        pytest.param("", {"Auto_Submitted": "auto-replied"}, [], id="a machine"),
        pytest.param(", b@c.example", {}, [], id="two authors"),
    ],
)
def test_twenty_guessed_tokens_raise_an_alert(
    town: City, author: str, headers: dict[str, str], at_first: list[str]
) -> None:
    """Nineteen in an hour are accidents, twenty are told as guessing, whatever mails bear them."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    local, _, domain = str(forward_to(out, BAU)["Reply-To"]).partition("@")
    false = [f"{local[:-2]}{each}a@{domain}" for each in "abcdefghijklmnopqrstuvwxyz"]
    alerts: list[tuple[EmailMessage, str]] = []
    for number, guess in enumerate(each for each in false if not each.startswith(local)):
        sender = f"x{number}@evil.example{author}"
        sent = town.deliver(letter("Re", "Ja.", sender=sender, to=guess, **headers))
        told = ["probiert Kennungen aus"] if number + 1 == 20 else at_first if not number else []
        assert len(sent) == len(told), number + 1
        alerts += zip(sent, told, strict=True)
    assert all(words in str(mail["Subject"]) for mail, words in alerts)
    assert all(mail["X-Mailflow-Kind"] == "alert" for mail, _ in alerts)
    assert town.ticket().state == "consulting"


def _false_tokens(town: City, count: int) -> list[str]:
    """Open a ticket, and give so many false tokens of its office's leg, as addresses."""
    local, _, domain = str(
        forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)["Reply-To"]
    ).partition("@")
    ends = (f"{first}{last}" for first in "abcdefgh" for last in "ijklmnop")
    false = [f"{local[:-2]}{each}@{domain}" for each in ends if not local.endswith(each)]
    return false[:count]


def _guess(town: City, tokens: list[str], *, inside: bool = False) -> list[str]:
    """Send a mail with these tokens, in its addresses or in its words; give what is told of it."""
    number = len(town.mailbox.folders["Processed"].mails)
    sender = f"x{number}@evil{number}.example"
    to, text = (CENTRAL, " ".join(tokens)) if inside else (", ".join(tokens), "")
    sent = town.deliver(letter(f"Re {number}", f"Ja. {text}", sender=sender, to=to))
    return [str(each["Subject"]) for each in sent if "probiert" in str(each["Subject"])]


@pytest.mark.parametrize("inside", [False, True], ids=["in addresses", "in words"])
def test_tokens_are_counted_not_mails(town: City, inside: bool) -> None:
    """Nineteen guesses in one mail are accidents, a twentieth in the next one is told, once."""
    false = _false_tokens(town, 60)
    assert _guess(town, false[:19], inside=inside) == []
    (told,) = _guess(town, false[19:20], inside=inside)
    assert "probiert Kennungen aus" in told
    assert _guess(town, false[20:], inside=inside) == []


def test_the_same_false_token_is_no_guess_the_second_time(town: City) -> None:
    """Of a token that a mail program cut short come many mails: nobody is guessing."""
    false = _false_tokens(town, 20)
    for _ in range(25):
        assert _guess(town, false[:1]) == []
    assert _guess(town, false[1:19]) == []
    assert len(_guess(town, false[19:])) == 1


def test_guesses_are_counted_for_an_hour(town: City) -> None:
    """Nineteen, and one after 61 minutes, are accidents; one within the hour is the twentieth."""
    false = _false_tokens(town, 39)
    assert _guess(town, false[:19]) == []
    town.wait(minutes=61)
    assert _guess(town, false[19:20]) == []
    assert _guess(town, false[20:38]) == []
    town.wait(minutes=59)
    assert len(_guess(town, false[38:])) == 1


def test_guesses_within_a_flood_are_told_as_the_flood(town: City) -> None:
    """Thirty guesses of one sender at once: he is told of once, not as two troubles."""
    town.deciding._policy = replace(town.policy, storm_of_sender=5)
    guesses = _false_tokens(town, 30)
    bomb = [letter("Re", "Ja.", sender="x@evil.example", to=each) for each in guesses]
    told = _bomb(town, bomb)
    assert [each for each in told if "probiert" in str(each["Subject"])] == []
    assert len(_floods(told)) == 1


def _guessed_at(town: City) -> None:
    """Guess nineteen times, once after the hour, and then so often that the last is told."""
    false = _false_tokens(town, 39)
    for guesses, minutes in ((false[:19], 61), (false[19:20], 0), (false[20:38], 59)):
        _guess(town, guesses)
        town.wait(minutes=minutes)
    _guess(town, false[38:])


def test_a_rebuild_counts_the_guesses_of_their_hour(tmp_path: Path) -> None:
    """After a loss the same guesses were told as such as before, and no others."""
    with lost_after(tmp_path, _guessed_at) as (town, differs):
        alerts = select(outbox.c.subject).where(outbox.c.kind == DraftKind.ALERT)
        with reading(town.store.engine) as connection:
            told = sorted(connection.execute(alerts).scalars())
    assert differs == []
    assert ["probiert" in each for each in told] == [False, True]  # the day's first one, and many


def test_nothing_internal_ever_reaches_a_company(town: City) -> None:
    """Office tokens, office addresses and quoted history are in no mail to the company."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    forward = forward_to(out, BAU)
    token = str(forward["Reply-To"]).partition("+")[2].partition("@")[0]
    text = f"Die Genehmigung kommt im Juni. Fragen an {BAU} oder {forward['Reply-To']}, {token}."
    (answer,) = town.deliver(reply_to(forward, text))
    everything = answer.as_string() + body_of(answer)
    assert "kommt im Juni" in body_of(answer)
    for secret in (BAU, token, "So antworten Sie", "bauaufsicht-vertretung"):
        assert secret not in everything


def test_an_answer_that_may_hold_quotes_waits(town: City) -> None:
    """Where new and quoted words cannot be told apart, nothing quoted slips to the company."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    forward = forward_to(out, BAU)
    quoted = "\n".join(f"> {line}" for line in body_of(forward).splitlines())
    assert town.deliver(reply_to(forward, quoted, quote=False)) == []
    assert town.ticket().state == "consulting"
    assert len(town.ticket().holds) == 1


def _called_ours(raw: bytes, number: int = 0, **headers: str) -> bytes:
    """Put the headers of one of our own forwards on a mail."""
    message = parse(raw)
    message.replace_header("Message-ID", f"<mailflow.x{number}@evil.example>")
    message["X-Mailflow-Kind"] = "forward"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return message.as_bytes(policy=SMTP.clone(refold_source="none"))


def test_who_calls_his_mail_ours_is_scanned_all_the_same(
    town: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our headers on a foreign mail take it past no scanner."""
    monkeypatch.setattr(deciding_module, "scan", lambda _address, _raw: Scan.INFECTED)
    mail = _called_ours(_with_file(letter("Stand", ONE_OFFICE), "Plan.pdf"))
    assert town.deliver(mail) == []
    assert town.store.references() == []


def test_who_calls_his_mails_ours_is_a_flood_all_the_same(town: City) -> None:
    """Our headers on foreign mails take them past no breaker: after thirty nothing goes out."""
    mails = [_called_ours(letter(f"Stand {n}", ONE_OFFICE), n) for n in range(35)]
    kinds = [[str(mail["X-Mailflow-Kind"]) for mail in town.deliver(mail)] for mail in mails]
    assert sum(each.count("forward") for each in kinds) == 30
    assert sum(each.count("alert") for each in kinds) == 1


def test_an_automat_that_calls_its_mail_ours_is_an_automat(town: City) -> None:
    """RFC 3834 is read whatever else a mail claims."""
    mail = _called_ours(letter("Stand", ONE_OFFICE), Auto_Submitted="auto-replied")
    assert town.deliver(mail) == []
    assert town.store.references() == []


def test_another_citys_forward_is_a_persons_letter(town: City) -> None:
    """What another mailflow passes on was written by somebody, and is answered."""
    out = town.deliver(_called_ours(letter("Stand", ONE_OFFICE)))
    assert sorted(str(mail["X-Mailflow-Kind"]) for mail in out) == ["acknowledgement", "forward"]


SECOND = "kam-vertretung@stadt.example.org"


def _with_two_managers(town: City) -> None:
    town.policy = replace(town.policy, managers=(MANAGER, SECOND))
    for part in (town.deciding, town.reporting, town.chasing):
        part._policy = town.policy


def test_every_manager_is_told_of_danger(town: City) -> None:
    """An emergency reaches the second manager, too: the first one's mailbox may be full."""
    _with_two_managers(town)
    danger = "Hilfe, es riecht stark nach Gas in der Halle, Explosionsgefahr!\n\nMuster GmbH"
    alerts = of_kind(town.deliver(letter("Gasgeruch", danger)), "alert")
    assert [to_of(each) for each in alerts] == [MANAGER, SECOND]
    assert len({each["Reply-To"] for each in alerts}) == 2


@pytest.mark.parametrize("who", [0, 1])
def test_every_manager_may_release_what_he_was_shown(careful_town: City, who: int) -> None:
    """Each gets the preview with a key of his own; who answers first lets the answer go."""
    town = careful_town
    _with_two_managers(town)
    forward = of_kind(town.deliver(letter("Stand", ONE_OFFICE)), "forward")[0]
    reviews = of_kind(town.deliver(reply_to(forward, "Ja, im Juni.")), "review")
    assert [to_of(each) for each in reviews] == [MANAGER, SECOND]
    order = f"{town.ticket().reference} freigeben"
    out = town.deliver(reply_to(reviews[who], order))
    assert to_of(of_kind(out, "combined-answer")[0]) == COMPANY
    town.wait(minutes=5)
    out = town.deliver(reply_to(reviews[1 - who], order))
    assert [each["X-Mailflow-Kind"] for each in out] == ["notice"]


def test_what_was_written_once_more_is_let_out_of_quarantine(
    town: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A form's words without Date and Message-ID, answered months ago, are a new inquiry."""
    lines = letter("Stand", ONE_OFFICE).split(b"\r\n")
    raw = b"\r\n".join(each for each in lines if not each.startswith((b"Date:", b"Message-ID:")))
    assert of_kind(town.deliver(raw), "forward")
    town.take_receipts()
    town.wait(days=60)
    with monkeypatch.context() as faulty:
        faulty.setattr(deciding_module, "decide", fails)
        town.deliver(raw)
    assert again(town) == 1
